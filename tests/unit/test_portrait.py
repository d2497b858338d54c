"""The studio over a scripted service: ids are kept, results are whole, nothing is paid twice."""
import base64
import io
import json
import os
import struct
import threading
from types import MappingProxyType

import pytest
from support.freed import is_gone_when_let_go
from support.service import HOST, JPEG, TWO

from ai_service_python_sdk import (
    ApiClient, ImageCheckError, JobFailedError, JobTimeoutError, Portrait, PortraitStudio,
    QuotaExceededError, ResponseError, SignatureError, ThrottledError, TrainedModel,
    WaitInterrupted)
from ai_service_python_sdk.client.background import NotSentError
from ai_service_python_sdk.ledger import Ledger
from ai_service_python_sdk.portrait import CreateTask
from ai_service_python_sdk.util.picture import size_of

PNG = b'\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR' + struct.pack('>II', 30, 20)
PHOTOS = ['http://a.test/{}.jpg'.format(i) for i in range(5)]


@pytest.fixture
def studio(service):
    with ApiClient(HOST, 'app', 'token') as client:
        yield PortraitStudio(client, interval=0.0, longest_interval=0.0)


FAILED = {'check_results': [{'code': 1, 'message': 'success', 'url': 'u1'},
                            {'code': 3, 'message': 'no', 'url': 'u2'}]}


def test_a_check_that_passes_gives_the_typed_results(studio):
    assert studio.check(PHOTOS).check_results[0].passed


def test_a_check_that_fails_raises_with_the_photo_the_reason_and_the_remedy(studio, service):
    service.answers['check'] = FAILED
    with pytest.raises(ImageCheckError) as caught:
        studio.check(PHOTOS)
    assert [failure.url for failure in caught.value.failures] == ['u2']
    assert 'u2' in str(caught.value) and 'this person alone' in str(caught.value)
    assert len(studio.check(PHOTOS, raise_failures=False).failures) == 1


def test_a_check_without_results_is_no_pass(studio, service):
    service.answers['check'] = {'check_results': []}
    with pytest.raises(ResponseError):
        studio.check(PHOTOS)


def test_a_training_gives_its_ids_when_it_has_succeeded(studio, service):
    service.states = [0, 1, 2]
    seen = []
    model = studio.train(PHOTOS, on_progress=lambda job: seen.append(job.state))
    assert (model.model_id, model.job_id) == ('m-11', 11)
    assert seen == [0, 1, 2] and service.names() == ['train', 'job', 'job', 'job']


def test_a_training_is_not_waited_for_if_not_wanted(studio, service):
    assert studio.train(PHOTOS, wait=False) == TrainedModel('m-11', 11)
    assert service.names() == ['train']


@pytest.mark.parametrize('states, kind, options', [
    ([3], JobFailedError, {}), ([1], JobTimeoutError, {'timeout': 0}),
    ([KeyboardInterrupt()], WaitInterrupted, {})], ids=['failed', 'late', 'Ctrl-C'])
def test_the_ids_survive_a_wait_that_fails(studio, service, tmp_path, states, kind, options):
    service.states = states
    path = tmp_path / 'person.json'
    with pytest.raises(kind) as caught:
        studio.train(PHOTOS, save_to=str(path), **options)
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-11')
    assert studio.trainings == [TrainedModel('m-11', 11)]
    assert TrainedModel.load(str(path)) == TrainedModel('m-11', 11)


@pytest.mark.parametrize('options, waiting', [
    ({'timeout': -1}, {}), ({}, {'intervall': 3}), ({}, {'interval': 'soon'}),
    ({'save_to': os.path.join('no', 'such', 'person.json')}, {}), ({'save_to': '.'}, {})], ids=str)
def test_what_would_break_the_wait_is_refused_before_the_training_is_paid_for(
        service, options, waiting):
    with pytest.raises((ValueError, TypeError, OSError)):
        studio = PortraitStudio(ApiClient(HOST, 'app', 'token'), **waiting)
        studio.train(PHOTOS, **options)
    assert not service.asked


def test_the_whole_job_refuses_a_wrong_deadline_before_it_asks_anything(studio, service):
    with pytest.raises(ValueError, match='`timeout`'):
        studio.portrait(PHOTOS, 'http://t.test/t.jpg', timeout=float('nan'))
    assert not service.asked


@pytest.mark.parametrize('call', ['check', 'train', 'portrait'])
def test_one_address_where_a_list_belongs_is_refused_before_it_costs(studio, service, call):
    more = ['http://t.test/t.jpg'] if call == 'portrait' else []
    with pytest.raises(ValueError, match='list'):
        getattr(studio, call)(PHOTOS[0], *more)
    assert not service.asked


def test_photos_may_come_from_a_generator(studio, service):
    studio.portrait((photo for photo in PHOTOS), 'http://t.test/t.jpg')
    assert service.asked[0][1]['images'] == service.asked[2][1]['images'] == PHOTOS


def broken(job):
    raise ZeroDivisionError('in the callback')


def test_a_callback_that_breaks_loses_no_ids(studio, caplog):
    with pytest.raises(ZeroDivisionError) as caught:
        studio.train(PHOTOS, on_progress=broken)
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-11')
    assert studio.trainings == [TrainedModel('m-11', 11)]


def test_a_refused_look_names_the_ids_of_the_training(studio, service):
    service.answers['job'] = (401, {'code': 'PARAMETER_ERROR', 'message': 'sign error'})
    with pytest.raises(SignatureError) as caught:
        studio.train(PHOTOS)
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-11')
    assert 'model id: m-11' in str(caught.value).lower()


@pytest.mark.parametrize('answer', [
    {'image': ''}, (400, {'code': 'EXCEEDED_QUOTA_ERROR', 'message': 'exceeded quota'})], ids=str)
def test_a_creation_that_fails_leaves_the_paid_ids_in_the_log(studio, service, caplog, answer):
    service.answers['create'] = answer
    with pytest.raises((ResponseError, QuotaExceededError)):
        studio.portrait(PHOTOS, 'http://t.test/t.jpg')
    assert caplog.records[-1].levelname == 'WARNING' and 'm-11' in caplog.text


def test_several_paid_ids_are_all_in_the_log_when_the_first_wait_ends_early(studio, service,
                                                                            caplog):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'a'}, {'job_id': 12, 'model_id': 'b'}]
    service.states = [KeyboardInterrupt()]
    with pytest.raises(WaitInterrupted):
        studio.portrait([PHOTOS, PHOTOS], TWO)
    assert "TrainedModel('a', job_id=11)" in caplog.text
    assert "TrainedModel('b', job_id=12)" in caplog.text


def test_ids_that_cannot_be_kept_in_the_file_are_in_the_log(studio, caplog, monkeypatch):
    def full(*args):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(TrainedModel, 'save', full)
    with pytest.raises(OSError):
        studio.train(PHOTOS, save_to='person.json')
    assert "TrainedModel('m-11', job_id=11)" in caplog.text


def test_a_file_that_cannot_be_written_is_named_as_the_user_named_it(tmp_path):
    path = str(tmp_path / 'no' / 'person.json')
    with pytest.raises(OSError) as caught:
        TrainedModel('m').save(path)
    assert caught.value.filename == path


def test_a_wait_can_go_on_with_a_model_from_a_file(studio, service, tmp_path):
    path = str(tmp_path / 'person.json')
    TrainedModel('m-12', 12).save(path)
    assert studio.wait(TrainedModel.load(path)).model_id == 'm-12'
    assert service.asked == [('job', 12)]
    with pytest.raises(ValueError, match='job_id'):
        studio.wait(TrainedModel('m-12'))


def test_blanks_around_the_id_of_an_answer_lose_no_training(studio, service):
    service.answers['train'] = {'job_id': 11, 'model_id': 'm-11\n'}
    assert studio.train(PHOTOS) == TrainedModel('m-11', 11)


@pytest.mark.parametrize('model_id', [None, ' '])
def test_a_training_answer_without_a_model_is_an_error_that_names_the_job(
        studio, service, model_id):
    service.answers['train'] = {'job_id': 11, 'model_id': model_id}
    with pytest.raises(ResponseError, match='11'):
        studio.train(PHOTOS)


@pytest.mark.parametrize('double, call', [
    ('aigc_images_create', lambda studio: studio.create('a', 'http://t.test/t.jpg')),
    ('', lambda studio: studio.create('a', 'http://t.test/t.jpg')),
    ('', lambda studio: studio.train(PHOTOS))],
    ids=['nothing at all', 'no picture', 'no model'])
def test_the_error_of_an_answer_without_what_was_paid_for_is_gone_when_it_is_let_go(
        studio, service, monkeypatch, double, call):
    service.answers.update(create={'image': ''}, train={'job_id': 11})
    if double:
        monkeypatch.setattr(studio._api, double, lambda *args, **kwargs: None)
    # A circle would keep the photos and their open files.
    assert is_gone_when_let_go(ResponseError, lambda: call(studio))


@pytest.mark.parametrize('text', [
    '', '{', '[]', '{"model_id": "m"}', '{"format": "x"}', '{"format": "ai-portrait-model"}',
    '{"format": "ai-portrait-model", "model_id": 5}'])
def test_a_file_that_holds_no_model_is_refused_by_name(tmp_path, text):
    path = tmp_path / 'person.json'
    path.write_text(text)
    with pytest.raises(ValueError, match='person.json'):
        TrainedModel.load(str(path))


def test_a_file_that_an_editor_has_marked_as_unicode_is_read_all_the_same(tmp_path):
    path = tmp_path / 'person.json'
    path.write_bytes(b'\xef\xbb\xbf{"format": "ai-portrait-model", "model_id": "m"}')
    assert TrainedModel.load(str(path)) == TrainedModel('m')


@pytest.mark.parametrize('model_id', [None, '', 7, ' ', 'm-1\n', ' m-1', {'model_id': 'm-1'}])
def test_a_model_has_an_id(model_id):
    with pytest.raises(ValueError, match='model_id'):
        TrainedModel(model_id)


def test_models_compare_by_their_ids():
    assert TrainedModel('m', 1) == TrainedModel('m', 1) != TrainedModel('m', 2)
    assert len(set([TrainedModel('m', 1), TrainedModel('m', 1)])) == 1
    assert repr(TrainedModel('m', 1)) == "TrainedModel('m', job_id=1)"


def test_one_person_goes_out_as_model_id_and_several_as_a_list(studio, service):
    studio.create('a', 'http://t.test/t.jpg', {'sharp_ratio': 0.1})
    studio.create([TrainedModel('a')], 'http://t.test/t.jpg')
    studio.create([TrainedModel('a'), 'b'], 'http://t.test/t.jpg')
    sent = [(body.get('model_id'), body.get('model_ids')) for _, body in service.asked]
    assert sent == [('a', None), ('a', None), (None, ['a', 'b'])]
    assert service.asked[0][1]['configure'] == {'sharp_ratio': 0.1}


@pytest.mark.parametrize('models', [[], ()])
def test_nobody_is_no_portrait(studio, service, models):
    with pytest.raises(ValueError, match='`models`'):
        studio.create(models, 'http://t.test/t.jpg')
    assert not service.asked


@pytest.mark.parametrize('models', [
    TrainedModel('m-1', 1).to_dict(), MappingProxyType({'m-1': 1}), [{'model_id': 'm-1'}],
    b'\x01', 'm-1\n', ' ', ['m-1', 'm-2 ']])
@pytest.mark.parametrize('has_ledger', [False, True])
def test_what_is_no_id_of_a_model_goes_out_with_no_paid_call(
        service, tmp_path, models, has_ledger):
    ledger = Ledger(str(tmp_path / 'l.sqlite')) if has_ledger else None
    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, ledger=ledger)
        with pytest.raises(ValueError, match='`model_id` is'):
            studio.create(models, 'http://t.test/t.jpg')
    assert not service.asked


def test_a_portrait_has_bytes_kind_size_and_cost(studio, tmp_path):
    portrait = studio.create('a', 'http://t.test/t.jpg')
    assert portrait.image_bytes == JPEG and portrait.media_type == 'image/jpeg'
    assert portrait.size == (640, 480) and portrait.cost_time == 3.5
    assert portrait._repr_jpeg_() == JPEG and portrait._repr_png_() is None
    portrait.save(str(tmp_path / 'p.jpg'))
    assert (tmp_path / 'p.jpg').read_bytes() == JPEG and os.listdir(str(tmp_path)) == ['p.jpg']
    stream = io.BytesIO()
    portrait.save(stream)
    assert stream.getvalue() == JPEG
    assert 'size=(640, 480)' in repr(portrait)


def test_an_answer_without_a_picture_is_an_error_with_its_request_id(studio, service):
    service.answers['create'] = {'image': ''}
    with pytest.raises(ResponseError, match='answer r'):
        studio.create('a', 'http://t.test/t.jpg')


@pytest.mark.parametrize('picture, size', [
    (JPEG, (640, 480)), (PNG, (30, 20)), (JPEG[:12], None), (PNG[:18], None), (b'GIF89a', None),
    (b'', None), (b'\xff\xd8\xff\xda\x00\x02x', None)], ids=repr)
def test_the_size_is_read_from_the_file_itself(picture, size):
    assert size_of(picture) == size


def test_a_picture_becomes_a_pillow_image_and_an_array():
    Image = pytest.importorskip('PIL.Image', reason='the extra "images" brings it')
    pytest.importorskip('numpy', reason='the extra "images" brings it')
    stream = io.BytesIO()
    Image.new('RGB', (7, 5), (255, 0, 0)).save(stream, 'PNG')
    portrait = made_of(stream.getvalue())
    assert portrait.to_pillow().size == portrait.size == (7, 5)
    assert portrait.to_numpy().shape == (5, 7, 3) and portrait.to_numpy()[0, 0].tolist() == [
        255, 0, 0]


@pytest.mark.parametrize('missing', ['PIL', 'numpy'])
def test_without_the_extra_one_sentence_names_it(missing, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, missing, None)
    with pytest.raises(ImportError, match='images'):
        made_of(PNG).to_numpy()


def made_of(picture):
    from ai_service_python_sdk import AIGCImageCreateResponse
    text = base64.b64encode(picture).decode('ascii')
    return Portrait(AIGCImageCreateResponse('r', 'OK', '', {'image': text}), [])


def test_the_whole_job_is_one_call(studio, service):
    portrait = studio.portrait(PHOTOS, 'http://t.test/t.jpg')
    assert service.names() == ['check', 'check', 'train', 'job', 'create']
    assert portrait.models == studio.trainings == [TrainedModel('m-11', 11)]


def test_several_persons_are_all_checked_before_the_first_is_paid_for(studio, service):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'a'}, {'job_id': 12, 'model_id': 'b'}]
    portrait = studio.portrait([PHOTOS, PHOTOS], TWO)
    assert service.names() == ['check'] * 3 + ['train', 'train', 'job', 'job', 'create']
    assert [model.model_id for model in portrait.models] == ['a', 'b']


def test_a_second_training_that_is_refused_loses_nothing_of_the_first(studio, service):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'a'}, (400, {
        'code': 'EXCEEDED_QUOTA_ERROR', 'message': 'exceeded quota'})]
    with pytest.raises(QuotaExceededError):
        studio.portrait([PHOTOS, PHOTOS], TWO)
    assert studio.trainings == [TrainedModel('a', 11)]


def test_photos_that_do_not_fit_are_not_paid_for(studio, service):
    service.answers['check'] = FAILED
    with pytest.raises(ImageCheckError):
        studio.portrait(PHOTOS, 'http://t.test/t.jpg')
    assert service.names() == ['check']


def test_no_photos_are_refused_before_anything_is_sent(studio, service):
    with pytest.raises(ValueError, match='`photos`'):
        studio.portrait([], 'http://t.test/t.jpg')
    assert not service.asked


def test_an_error_inside_the_envelope_is_raised(studio, service):
    service.answers['create'] = (200, {'code': 'PARAMETER_ERROR', 'message': 'sign error'})
    with pytest.raises(SignatureError):
        studio.create('a', 'http://t.test/t.jpg')


def test_many_portraits_come_with_their_places_and_their_own_errors(studio, service):
    tasks = [('a', 'http://t.test/{}.jpg'.format(i)) for i in range(20)]
    tasks[7] = ([], 'http://t.test/7.jpg')
    tasks[9] = 'no task'
    results = list(studio.create_many(tasks, concurrency=3))
    assert sorted(result.index for result in results) == list(range(20))
    assert all(result.task is tasks[result.index] for result in results)
    failed = dict((result.index, type(result.error)) for result in results if not result.ok)
    assert failed == {7: ValueError, 9: TypeError}
    templates = sorted(body['template_image'] for _, body in service.asked)
    assert templates == sorted(task[1] for i, task in enumerate(tasks) if i not in (7, 9))
    assert 'CreateResult(7, ValueError' in repr(sorted(results, key=lambda r: r.index)[7])


def test_tasks_are_read_no_further_ahead_than_portraits_are_made(studio):
    read = []

    def tasks():
        for i in range(50):
            read.append(i)
            yield 'a', 'http://t.test/t.jpg'

    for count, result in enumerate(studio.create_many(tasks(), concurrency=3), 1):
        assert len(read) <= count + 3
    assert len(read) == 50


@pytest.fixture
def ending():
    """Wait for calls that nobody iterates for any more: the next test has another service."""
    before = threading.enumerate()
    yield
    for thread in threading.enumerate():
        if thread not in before:
            thread.join(10)


def test_creations_that_are_left_while_under_way_are_named(studio, monkeypatch, caplog, ending):
    begun, gate, create = threading.Event(), threading.Event(), studio.create

    def held(models, template, *args, **named):
        if template == 'http://slow':
            begun.set()
            gate.wait(10)
        return create(models, template, *args, **named)
    monkeypatch.setattr(studio, 'create', held)
    results = studio.create_many([('m', 'http://quick'), ('m', 'http://slow')], concurrency=2)
    next(results)
    assert begun.wait(10)
    results.close()
    gate.set()
    assert 'may be paid for: tasks 1' in caplog.text


def test_a_source_of_tasks_that_breaks_is_heard_of_after_the_paid_portraits(studio):
    def tasks():
        for i in range(5):
            yield 'a', 'http://t.test/t.jpg'
        raise IOError('disk')

    seen = []
    with pytest.raises(IOError, match='disk'):
        for result in studio.create_many(tasks(), concurrency=3):
            seen.append(result.ok)
    assert seen == [True] * 5


@pytest.mark.parametrize('value', [0, -1, 1.5, None, 10 ** 7])
def test_a_wrong_concurrency_is_refused_at_once(studio, value):
    with pytest.raises(ValueError, match='`concurrency`'):
        studio.create_many([], concurrency=value)


# the brake of create_many

SLOW = 429, {'code': 'error', 'message': 'too many calls'}
USED_UP = 400, {'code': 'EXCEEDED_QUOTA_ERROR', 'message': 'exceeded quota'}


@pytest.fixture
def quick(service):
    """A studio whose pauses take no time, and are noted."""
    clock = [0.0]

    def sleep(seconds):
        clock.append(clock[-1] + seconds)

    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, clock=lambda: clock[-1], sleep=sleep, chance=lambda: 0.0)
        studio.slept = clock
        yield studio


def good(service):
    return service.answers['create']


def templates(count):
    return [('m', 'http://t.test/{}.jpg'.format(number)) for number in range(count)]


def test_429_slows_a_series_down_and_loses_no_portrait(quick, service):
    service.answers['create'] = [SLOW] * 20 + [good(service)] * 24
    results = list(quick.create_many(templates(24), concurrency=4))
    assert all(result.ok for result in results) and len(results) == 24
    assert len(service.asked) == 44 and quick.slept[-1] == 1 + 2 + 4 + 8 + 16
    assert sum(result.tries for result in results) == 44


def test_what_was_refused_with_429_is_told_before_an_error_of_the_source_of_tasks(quick, service):
    def tasks():
        yield from templates(2)
        raise IOError('disk')

    service.answers['create'] = SLOW
    seen = []
    with pytest.raises(IOError, match='disk'):
        for result in quick.create_many(tasks(), concurrency=3):
            seen.append(type(result.error))
    assert seen == [ThrottledError] * 2


def test_an_exception_that_is_thrown_into_a_series_comes_out(quick, service, ending):
    service.answers['create'] = [good(service)] + [SLOW] * 9
    results = quick.create_many(templates(4), concurrency=2)
    next(results)
    with pytest.raises(ZeroDivisionError):
        results.throw(ZeroDivisionError())


def test_429_for_ever_ends_each_task_with_its_error(quick, service):
    service.answers['create'] = SLOW
    results = list(quick.create_many(templates(2), concurrency=1))
    assert [type(result.error) for result in results] == [ThrottledError] * 2
    assert [result.tries for result in results] == [10, 10]
    assert len(service.asked) == 20


def test_after_the_quota_is_used_up_nothing_more_is_sent(quick, service):
    service.answers['create'] = [good(service), USED_UP] + [good(service)] * 22
    results = list(quick.create_many(iter(templates(24)), concurrency=1))
    assert len(service.asked) == 2 and len(results) == 24 and results[0].ok
    assert isinstance(results[1].error, QuotaExceededError)
    assert [type(result.error) for result in results[2:]] == [NotSentError] * 22
    assert [result.tries for result in results] == [1, 1] + [0] * 22
    assert 'quota' in str(results[-1].error)


def test_a_task_that_was_throttled_is_not_sent_once_the_quota_is_used_up(quick, service):
    service.answers['create'] = [SLOW, USED_UP]
    first, second = sorted(quick.create_many(templates(2), 1), key=lambda result: result.index)
    assert sorted([type(first.error).__name__, type(second.error).__name__]) == [
        'NotSentError', 'QuotaExceededError'] and len(service.asked) == 2


def test_an_error_in_doubt_is_not_sent_again(quick, service):
    service.answers['create'] = [(500, {'code': 'error', 'message': 'no'}), good(service)]
    results = list(quick.create_many(templates(2), concurrency=1))
    assert [result.ok for result in results] == [False, True] and len(service.asked) == 2


@pytest.mark.parametrize('task, key', [
    (CreateTask('m', 'http://t.test/t.jpg', key='order 7'), 'order 7'),
    (('m', 'http://t.test/t.jpg', None, 7), 7), (('m', 'http://t.test/t.jpg'), None),
    (CreateTask('m', 'http://t.test/t.jpg'), None), ('four', None)], ids=repr)
def test_a_task_has_a_place_for_a_key_of_its_own(studio, service, task, key):
    result, = studio.create_many([task])
    assert result.key == key and result.ok == (task != 'four')
    assert all('key' not in body for _, body in service.asked)


def test_the_client_keeps_as_many_connections_as_portraits_are_made_at_once(studio, monkeypatch):
    expected = []
    monkeypatch.setattr(ApiClient, '_expect', lambda client, number: expected.append(number))
    assert list(studio.create_many([], concurrency=64)) == [] and expected == [64]


def test_context_variables_travel_to_the_calls_of_a_series(studio, monkeypatch):
    contextvars = pytest.importorskip('contextvars', reason='needs Python 3.7')
    name, seen = contextvars.ContextVar('name', default='lost'), []
    monkeypatch.setattr(studio, 'create', lambda *args, **options: seen.append(name.get()))
    name.set('order 7')
    list(studio.create_many(templates(5), concurrency=2))
    assert seen == ['order 7'] * 5


def test_a_long_series_takes_no_more_memory_than_a_short_one(studio, monkeypatch):
    tracemalloc = pytest.importorskip('tracemalloc')
    monkeypatch.setattr(studio, 'create', lambda *args, **options: object())

    def peak(count):
        tracemalloc.start()
        assert sum(1 for _ in studio.create_many((('m', 't') for _ in range(count)), 8)) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(5000) < 2 * peak(100) + 200000


# where options go

def test_the_time_limit_of_the_studio_holds_unless_a_wait_has_its_own(service):
    service.states = [1]
    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, timeout=0)
        with pytest.raises(JobTimeoutError):
            studio.train(PHOTOS)
        with pytest.raises(JobTimeoutError):
            studio.wait(studio.trainings[0])
        service.states = [1, 2]
        assert studio.wait(studio.trainings[0], timeout=None, interval=0.0)


def test_options_of_one_wait_hold_for_that_wait(service):
    service.states, naps = [1, 2], []
    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, interval=7, chance=lambda: 0.0, sleep=naps.append)
        model = studio.train(PHOTOS, interval=5)
        service.states = [1, 2]
        studio.wait(model, interval=4, on_progress=lambda job: None)
        service.states = [1, 2]
        studio.portrait(PHOTOS, 'http://t.test/t.jpg', interval=3)
        service.states = [1, 2]
        studio.wait(model)
    assert [round(nap) for nap in naps] == [5, 4, 3, 7]


def test_an_option_that_does_not_exist_is_refused_by_name(studio):
    with pytest.raises(TypeError, match="'intervall'"):
        PortraitStudio(ApiClient(HOST, 'app', 'token'), intervall=3)
    with pytest.raises(TypeError, match="'intervall'"):
        studio.wait(TrainedModel('m', 11), intervall=3)


def test_a_creation_takes_a_time_limit_of_its_own(studio, monkeypatch):
    seen = []
    for name in ('aigc_images_create', 'aigc_images_create_by_multi_model_ids'):
        monkeypatch.setattr(studio._api, name, lambda *args, **options: seen.append(options))
    for models in ('a', ['a', 'b']):
        for options in ({}, {'timeout': 5}, {'timeout': (3, 60)}):
            with pytest.raises(ResponseError, match='is empty; the call may be paid for'):
                studio.create(models, 'http://t.test/t.jpg', **options)
    assert seen == [{}, {'_request_timeout': 5}, {'_request_timeout': (3, 60)}] * 2


def test_a_studio_remembers_its_latest_trainings_only(studio, monkeypatch):
    monkeypatch.setattr('ai_service_python_sdk.portrait.TRAININGS_KEPT', 2)
    trainings = studio.trainings
    for number in range(4):
        model = studio.train(PHOTOS, wait=False)
    assert trainings is studio.trainings and trainings == [model] * 2
    studio.trainings = []
    assert studio.trainings == [studio.train(PHOTOS, wait=False)]


def test_paths_may_be_objects(studio, tmp_path):
    path = tmp_path / 'person.json'
    model = studio.train(PHOTOS, save_to=path)
    assert TrainedModel.load(path) == model
    model.save(tmp_path / 'again.json')
    studio.create(model, 'http://t.test/t.jpg').save(tmp_path / 'p.jpg')
    assert (tmp_path / 'p.jpg').read_bytes() == JPEG


def test_an_error_after_a_training_carries_the_models_that_are_paid_for(studio, monkeypatch):
    with pytest.raises(ZeroDivisionError) as caught:
        studio.train(PHOTOS, on_progress=broken)
    assert caught.value.models == [TrainedModel('m-11', 11)]
