"""What is paid for: written down before it leaves, settled by its answer, named on every error."""
import contextlib
import errno
import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from multiprocessing.pool import ThreadPool

import pytest
from support.service import HOST, JPEG, TWO

from ai_service_python_sdk import (
    AIGCImageCreateResponse, AIGCImagesApi, AiServiceTextApi, AlreadyPaidError, ApiClient,
    ApiException, CheckResult, ImageCheckError, InDoubtError, JobFailedError, Ledger, LedgerError,
    PortraitStudio, QuotaExceededError, SignatureError, TrainedModel,
    WaitInterrupted, results)
from ai_service_python_sdk.client.job_waiter import FinishedJob
from ai_service_python_sdk.inputs import check_photos, check_url
from ai_service_python_sdk.ledger import (
    ACCEPTED, FAILED, SUCCEEDED, UNSETTLED)
from ai_service_python_sdk.portrait import CreateTask
from ai_service_python_sdk.util import kept
from ai_service_python_sdk.util.language import set_language

pytestmark = pytest.mark.usefixtures('in_english')

PHOTOS = ['http://a.test/{}.jpg?Expires=1&Signature=s3cret'.format(i) for i in range(5)]
TEMPLATE = 'http://t.test/t.jpg'
HTML = '<html><h1>Bad Gateway</h1></html>'
QUOTA = 400, {'code': 'EXCEEDED_QUOTA_ERROR', 'message': 'exceeded quota'}
GATEWAY = {'code': 'RequestTimeout', 'message': 'Request Timeout'}
NOTES = pytest.mark.skipif(sys.version_info < (3, 11), reason='errors take notes from 3.11 on')


@pytest.fixture
def line(service):
    with ApiClient(HOST, 'app', 'token') as client:
        yield client


@pytest.fixture
def studio(line, ledger):
    return PortraitStudio(line, ledger=ledger, interval=0.0, longest_interval=0.0)


def states(ledger):
    return [(row.operation, row.state) for row in
            reversed(sorted(ledger.trainings() + ledger.creations(), key=lambda row: -row.id))]


# A client with a ledger


def test_a_paid_call_of_a_client_is_in_the_ledger_before_it_leaves(line, service, ledger):
    seen = []
    send = line.rest_client.POST
    line.rest_client.POST = lambda *a, **o: seen.append(ledger.unsettled()) or send(*a, **o)
    line.ledger = ledger
    AIGCImagesApi(line).aigc_images_train(PHOTOS)
    row, = seen[0]
    assert row.operation == 'aigc_images_train' and row.photos[0][0] == 'http://a.test/0.jpg'
    row, = ledger.trainings()
    assert (row.state, row.job_id, row.model_id, row.request_id) == (ACCEPTED, 11, 'm-11', 'r')


def test_what_may_be_repeated_is_not_in_the_ledger(line, service, ledger):
    line.ledger = ledger
    AIGCImagesApi(line).aigc_images_check(PHOTOS)
    assert ledger._rows('1') == []


@pytest.mark.parametrize('options', [
    {}, {'_return_http_data_only': True}, {'async_req': True}], ids=str)
def test_whichever_way_it_is_called_its_answer_settles_it(line, service, ledger, options):
    from ai_service_python_sdk import AIGCTrainRequest
    line.ledger = ledger
    api = AIGCImagesApi(line)
    found = api.aigc_images_train_with_http_info(
        AIGCTrainRequest('AIGCImageTrain', PHOTOS), **options)
    found = found.get(10) if options.get('async_req') else found
    assert (found[0] if isinstance(found, tuple) else found).job_id == 11
    assert states(ledger) == [('aigc_images_train', ACCEPTED)]


class Own(ApiClient):
    def call_api(self, *args, **options):
        return ApiClient.call_api(self, *args, **options)

    def request(self, *args, **options):
        return ApiClient.request(self, *args, **options)


class Double(ApiClient):
    def call_api(self, *args, **options):
        return {'job_id': 11, 'model_id': 'm-11'}


@pytest.mark.parametrize('kind', [Own, Double])
def test_an_override_of_the_path_is_written_down_as_well(service, ledger, kind):
    with kind(HOST, 'app', 'token') as client:
        client.ledger = ledger
        AIGCImagesApi(client).aigc_images_train(PHOTOS)
    assert [(row.state, row.job_id) for row in ledger.trainings()] == [(ACCEPTED, 11)]


def test_other_operations_have_their_own_kind(line, mocked, ledger):
    mocked.add('POST', HOST + '/api/v1/text', json={'code': 'OK', 'data': {}})
    line.ledger = ledger
    AiServiceTextApi(line).ner_text('x')
    assert [row.operation for row in ledger._rows('1')] == ['text']


@pytest.mark.parametrize('answer, state', [
    (QUOTA, FAILED), ((200, QUOTA[1]), FAILED), (500, UNSETTLED), (429, FAILED),
    ((462, {'code': 'error', 'message': 'Image process error. Please check the images.'}), FAILED),
    ((200, {'nothing': 1}), UNSETTLED), (ConnectionResetError('x'), UNSETTLED),
    (KeyboardInterrupt(), UNSETTLED), (SystemExit(3), UNSETTLED)], ids=repr)
def test_a_refusal_is_a_failure_and_all_else_is_in_doubt(line, service, ledger, answer, state):
    service.answers['train'] = answer
    line.ledger = ledger
    with pytest.raises((ApiException, KeyboardInterrupt, SystemExit)):
        AIGCImagesApi(line).aigc_images_train(PHOTOS).raise_for_code()
    row, = ledger.trainings()
    assert row.state == state and row.message


@pytest.mark.parametrize('name', ['train', 'create'])
@pytest.mark.parametrize('is_kept', [True, False], ids=['with a ledger', 'without one'])
def test_an_answer_that_is_none_of_the_service_leaves_a_doubt_and_a_refusal_does_not(
        line, service, ledger, name, is_kept):
    studio = PortraitStudio(line, ledger=ledger if is_kept else None)

    def error_of(answer):
        service.answers[name] = answer
        with pytest.raises(ApiException) as caught:
            studio.train(PHOTOS) if name == 'train' else studio.create('m', TEMPLATE)
        return caught.value

    for answer in [(500, HTML), (502, HTML), (504, HTML), (200, HTML), (200, '')] + [
            (status, GATEWAY) for status in (307, 408, 409, 423, 425, 499, 502)]:
        error = error_of(answer)
        assert error.is_in_doubt and not error.safe_to_repeat, answer
        assert 'before you pay a second time' in error.hint and error.hint in str(error)
        assert error.to_dict()['is_in_doubt'] and pickle.loads(pickle.dumps(error)).is_in_doubt
    assert [row.state for row in ledger.calls()] == [UNSETTLED] * 12 * is_kept
    refusals = [QUOTA, 429, 403, 404, 422, 469, (462, {
        'code': 'error', 'message': 'Image process error. Please check the images.'})]
    refusals += [(status, GATEWAY) for status in (406, 410, 411, 412, 417, 431, 451)]
    for answer in refusals:
        assert not error_of(answer).is_in_doubt, answer
    assert [row.state for row in ledger.calls()][:14] == [FAILED] * 14 * is_kept


@pytest.mark.parametrize('status, message', [
    (462, "Roop image decord error. Pleace check the user's lora is trained or not."),
    (462, 'Prompts get error. Please check the model_id.')])
def test_a_model_that_was_trained_and_is_gone_is_to_be_trained_again(
        studio, service, ledger, status, message):
    model = studio.train(PHOTOS, wait=False)
    service.answers['create'] = status, {'code': 'error', 'message': message}
    for is_trained in (False, True):
        with pytest.raises(ApiException) as caught:
            studio.create(model, TEMPLATE)
        assert ('not know m-11 any more; train again' in caught.value.hint) == is_trained
        assert ('train again' in ledger.calls()[0].message) == is_trained
        studio.wait(model)
    row = ledger.begin('train', photos=PHOTOS[:4])
    ledger.settle(row, job_id=12, model_id='m-12', state=SUCCEEDED)
    with pytest.raises(ApiException) as caught:
        studio.create([model, 'm-12'], TEMPLATE)
    assert 'not know one of m-11, m-12 any more' in caught.value.hint and caught.value.is_gone


def test_a_training_in_the_background_is_written_down_as_it_is_sent(line, service, ledger):
    line.ledger = ledger
    api, photos, calls = AIGCImagesApi(line), [], []
    line.pool = ThreadPool(1)
    is_free = threading.Event()
    line.pool.apply_async(is_free.wait)
    for person in 'ab':
        photos[:] = [url.replace('a.test', person + '.test') for url in PHOTOS]
        calls.append(api.aigc_images_train(photos, async_req=True))
    is_free.set()
    for call in calls:
        call.get(10)
    sent = [body['images'] for name, body in service.asked if name == 'train']
    assert [images[0][:10] for images in sent] == ['http://a.t', 'http://b.t']
    assert [row.photos[0][0][:10] for row in ledger.trainings()[::-1]] == [
        'http://a.t', 'http://b.t']
    line.pool.terminate()


def test_ctrl_c_before_the_line_is_open_leaves_no_doubt(line, service, ledger, monkeypatch):
    line.ledger = ledger

    def interrupted(self):
        raise KeyboardInterrupt
    monkeypatch.setattr(type(line.rest_client), '_opened', interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        AIGCImagesApi(line).aigc_images_train(PHOTOS)
    assert not getattr(caught.value, 'is_in_doubt', False)
    assert [row.state for row in ledger.trainings()] == [FAILED]


def test_a_key_is_not_paid_again_after_a_gateway_gave_up(studio, service):
    service.answers['create'] = 408, GATEWAY
    for kind in (ApiException, InDoubtError, InDoubtError):
        with pytest.raises(kind):
            studio.create('m', TEMPLATE, key='k')
    assert service.names() == ['create']


@pytest.mark.parametrize('name', ['train', 'create'])
def test_an_error_in_doubt_says_so_in_the_background_without_a_ledger_too(line, service, name):
    def error_of(answer):
        service.answers[name] = answer
        api = AIGCImagesApi(line)
        with pytest.raises(ApiException) as caught:
            (api.aigc_images_train(PHOTOS, async_req=True) if name == 'train' else
             api.aigc_images_create('m', TEMPLATE, async_req=True)).get(60)
        return caught.value

    for answer in ((502, HTML), (500, ''), (200, HTML)):
        error = error_of(answer)
        assert error.is_in_doubt and not error.safe_to_repeat, answer
        assert 'before you pay a second time' in error.hint
    assert not error_of(QUOTA).is_in_doubt and not error_of(429).is_in_doubt


@pytest.mark.parametrize('name', ['train', 'create'])
@pytest.mark.parametrize('body', ['{}', '{"nothing": 1}', '{"code": "ok", "data": {"job_id": 7}}'])
def test_a_success_whose_envelope_is_odd_is_in_doubt_in_its_error_as_in_the_ledger(
        studio, service, ledger, name, body):
    service.answers[name] = 200, body
    with pytest.raises(ApiException) as caught:
        studio.train(PHOTOS) if name == 'train' else studio.create('m', TEMPLATE)
    row, = ledger.calls()
    assert row.state == UNSETTLED and caught.value.is_in_doubt


def test_a_wrong_argument_is_refused_before_anything_is_written(line, service, ledger):
    line.ledger = ledger
    api = AIGCImagesApi(line)
    for options in ({'_request_timeout': 'soon'}, {'_request_timeout': -1}):
        with pytest.raises(ValueError):
            api.aigc_images_train(PHOTOS, **options)
    line.set_default_header('X-Odd', 'a\nb')
    with pytest.raises(ValueError):
        api.aigc_images_train(PHOTOS)
    assert ledger.unsettled() == [] and not service.asked


def test_a_call_that_the_ledger_does_not_take_is_not_sent(line, service, ledger):
    ledger.close()
    line.ledger = ledger
    with pytest.raises(LedgerError):
        AIGCImagesApi(line).aigc_images_train(PHOTOS)
    with pytest.raises(LedgerError):
        AIGCImagesApi(line).aigc_images_train_post(
            __import__('ai_service_python_sdk').AIGCTrainRequest('AIGCImageTrain', PHOTOS),
            async_req=True).get(10)
    assert not service.asked


def test_an_answer_that_the_ledger_does_not_take_is_not_lost(line, service, ledger, caplog,
                                                             monkeypatch):
    def full(*args, **kwargs):
        raise LedgerError(ledger.path, 'database or disk is full')
    line.ledger = ledger
    monkeypatch.setattr(ledger, 'settle', full)
    monkeypatch.setattr(ledger, 'finished', full)
    assert AIGCImagesApi(line).aigc_images_train(PHOTOS).job_id == 11
    assert 'job 11, model m-11' in caplog.text and ledger.path in caplog.text
    assert PortraitStudio(line, interval=0.0).train(PHOTOS).model_id == 'm-11'


# A studio with a ledger


def test_a_studio_writes_once_also_over_a_client_with_a_ledger(
        studio, line, service, ledger, tmp_path):
    studio.portrait(PHOTOS, TEMPLATE, person='collins')
    assert states(ledger) == [('aigc_images_train', SUCCEEDED), ('aigc_images_create', SUCCEEDED)]
    assert line.ledger is None and ledger.model('collins').model_id == 'm-11'
    AIGCImagesApi(line).aigc_images_train(PHOTOS)
    assert len(states(ledger)) == 2
    other = Ledger(str(tmp_path / 'other.sqlite'))
    line.ledger = other
    studio.train(PHOTOS, person='smith')
    assert len(states(ledger)) == 3 and states(other) == []
    PortraitStudio(line, interval=0.0).train(PHOTOS, person='smith')
    assert [row.person for row in other.trainings()] == ['smith'] and len(states(ledger)) == 3


def test_a_key_that_succeeded_gives_its_model_and_sends_nothing(studio, service):
    first = studio.train(PHOTOS, key='order-17', wait=False)
    assert studio.train(PHOTOS, key='order-17') == first
    assert service.names() == ['train', 'job']
    assert studio.train(PHOTOS, key='order-17') == first and len(service.asked) == 2


def test_a_key_that_failed_may_go_again(studio, service, ledger):
    service.states = [3, 2]
    with pytest.raises(JobFailedError):
        studio.train(PHOTOS, key='k')
    assert ledger.trainings()[0].state == FAILED
    studio.train(PHOTOS, key='k')
    service.answers['create'] = [QUOTA, service.answers['create']]
    with pytest.raises(QuotaExceededError):
        studio.create('m', TEMPLATE, key='k')
    studio.create('m', TEMPLATE, key='k')
    assert service.names() == ['train', 'job', 'train', 'job', 'create', 'create']


def test_a_key_in_doubt_is_refused_with_its_row(studio, service, ledger):
    service.answers['train'] = 500
    with pytest.raises(ApiException):
        studio.train(PHOTOS, key='k')
    with pytest.raises(InDoubtError) as caught:
        studio.train(PHOTOS, key='k')
    assert caught.value.row.key == 'k' and service.names() == ['train']
    twin = pickle.loads(pickle.dumps(caught.value))
    assert twin.row.id == caught.value.row.id and not twin.safe_to_repeat and twin.is_in_doubt
    assert json.dumps(twin.to_dict()) and 'may be paid' in twin.summary
    assert '可能已计费' in twin.to_dict('zh')['meaning']


def test_the_same_photos_are_the_same_order_if_the_caller_says_so(studio, service):
    first = studio.train(PHOTOS, person='collins')
    assert studio.train(PHOTOS, person='collins', again=False) == first
    studio.train(PHOTOS, person='collins')
    assert service.names().count('train') == 2


def test_the_photos_of_another_user_are_other_photos_although_only_the_query_says_so(
        studio, service):
    for user in (17, 18, 17):
        photos = ['http://a.test/{}.jpg?user={}'.format(number, user) for number in range(5)]
        studio.train(photos, wait=False, again=False)
    assert [body['images'][0][-2:] for _, body in service.asked] == ['17', '18']


def test_a_creation_that_was_paid_comes_from_where_it_was_saved(studio, service, ledger, tmp_path):
    path = tmp_path / 'p.jpg'
    studio.create('m', TEMPLATE, key='k').save(str(path))
    again = studio.create('m', TEMPLATE, key='k')
    assert again.image_bytes == JPEG and again.cost_time == 3.5 and service.names() == ['create']
    for spoil in (lambda: path.write_bytes(b'text'), lambda: os.remove(str(path))):
        spoil()
        with pytest.raises(AlreadyPaidError, match='paid.*p.jpg') as caught:
            studio.create('m', TEMPLATE, key='k')
        assert not caught.value.is_in_doubt
    assert service.names() == ['create']


def test_a_whole_job_with_a_key_goes_on_where_it_ended(studio, service, tmp_path):
    service.states = [1, KeyboardInterrupt(), 2]
    with pytest.raises(WaitInterrupted):
        studio.portrait(PHOTOS, TEMPLATE, key='k')
    studio.portrait(PHOTOS, TEMPLATE, key='k').save(str(tmp_path / 'p.jpg'))
    assert service.names().count('train') == 1
    count = len(service.asked)
    assert studio.portrait(PHOTOS, TEMPLATE, key='k').image_bytes == JPEG
    assert len(service.asked) == count


def test_several_persons_have_a_key_and_a_name_each(studio, service, ledger):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'a'}, {'job_id': 12, 'model_id': 'b'}]
    studio.portrait([PHOTOS, PHOTOS], TWO, person=['ann', 'bob'], key='k')
    assert [(row.key, row.person) for row in ledger.trainings()] == [
        ('k [2]', 'bob'), ('k [1]', 'ann')]


def test_a_key_with_a_number_behind_it_is_not_that_of_one_of_several_persons(
        studio, service, ledger):
    others = [photo.replace('a.test', 'b.test') for photo in PHOTOS]
    service.answers['train'] = [{'job_id': job, 'model_id': name}
                                for job, name in ((11, 'a'), (12, 'b'), (11, 'c'))]
    studio.portrait([PHOTOS, PHOTOS], TWO, key='2024')
    assert [row.key for row in ledger.trainings()] == ['2024 [2]', '2024 [1]']
    studio.portrait(others, TEMPLATE, key='2024/1')
    assert service.asked[-1][1]['model_id'] == 'c' and ledger.trainings()[0].key == '2024/1'


def test_a_name_is_missed_before_anything_is_sent(studio, service):
    with pytest.raises(ValueError, match='`person`.*1 names for 2|`person`.*3 names for 2'):
        studio.portrait([PHOTOS, PHOTOS], TEMPLATE, person=['ann', 'bob', 'eve'])
    assert not service.asked


def test_a_job_that_failed_without_a_word_is_a_failure(studio, service, ledger):
    model = studio.train(PHOTOS, wait=False)
    service.answers['job'] = {'job': {'id': 11, 'state': 3, 'message': ''}}
    for call in (studio.look, studio.wait):
        with pytest.raises(JobFailedError):
            call(model)
        assert ledger.trainings()[0].state == FAILED


def test_a_task_has_its_key_in_the_ledger(studio, service, ledger):
    tasks = [CreateTask('m', TEMPLATE, key=7), ('m', TEMPLATE)]
    assert all(result.ok for result in studio.create_many(tasks))
    assert sorted(str(row.key) for row in ledger.creations()) == ['7', 'None']
    result, = studio.create_many(tasks[:1])
    assert isinstance(result.error, AlreadyPaidError) and len(service.asked) == 2


def test_a_key_without_a_ledger_is_refused(line, service):
    studio = PortraitStudio(line)
    for call in (lambda: studio.train(PHOTOS, key='k'),
                 lambda: studio.create('m', TEMPLATE, key='k'),
                 lambda: studio.portrait(PHOTOS, TEMPLATE, key='k')):
        with pytest.raises(ValueError, match='`key`.*ledger'):
            call()
    assert not service.asked


def test_people_are_found_by_name(studio, service, ledger):
    studio.train(PHOTOS, person='collins', wait=False)
    assert studio.wait('collins') == TrainedModel('m-11', 11) and studio.look('m-11').state == 2
    studio.create(['collins', 'm-5'], TEMPLATE)
    assert service.asked[-1][1]['model_ids'] == ['m-11', 'm-5']
    studio.create(ledger.model('collins'), TEMPLATE)
    assert service.asked[-1][1]['model_id'] == 'm-11'


def test_one_look_raises_the_class_of_a_failed_job(studio, service, ledger):
    model = studio.train(PHOTOS, wait=False)
    service.states = [1, 3]
    assert studio.look(model).state == 1 and ledger.trainings()[0].state == ACCEPTED
    with pytest.raises(JobFailedError) as caught:
        studio.look(model)
    assert type(caught.value).__name__ == 'TrainingWeightsError'
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-11')
    assert ledger.trainings()[0].state == FAILED
    with pytest.raises(ValueError, match='job_id'):
        studio.look('m-5')


def test_how_long_a_training_took_is_kept_only_if_its_end_was_seen(studio, service, ledger):
    service.states = [1, 2]
    studio.train(PHOTOS)
    assert 0 < ledger.seconds_of_trainings()[0] < 60
    studio.wait(studio.train(PHOTOS, wait=False))
    assert len(ledger.seconds_of_trainings()) <= 1


# Ids on every error


def test_a_creation_that_fails_names_the_training_in_its_first_line(line, service):
    service.answers['create'] = (401, {'code': 'PARAMETER_ERROR', 'message': 'sign error'})
    with pytest.raises(SignatureError) as caught:
        PortraitStudio(line, interval=0.0).portrait(PHOTOS, TEMPLATE)
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-11')
    first = str(caught.value).splitlines()[0]
    assert 'job id: 11' in first and 'model id: m-11' in first
    assert not caught.value.safe_to_repeat


def test_an_error_of_several_persons_names_all(line, service):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'a'}, {'job_id': 12, 'model_id': 'b'}]
    service.answers['create'] = (401, {'code': 'PARAMETER_ERROR', 'message': 'sign error'})
    with pytest.raises(SignatureError) as caught:
        PortraitStudio(line, interval=0.0).portrait([PHOTOS, PHOTOS], TWO)
    first = str(caught.value).splitlines()[0]
    assert 'job 11 model a' in first and 'job 12 model b' in first
    assert [model.model_id for model in pickle.loads(pickle.dumps(caught.value)).models] == [
        'a', 'b']


@pytest.mark.parametrize('failing', ['train', 'create'])
def test_an_error_of_several_persons_names_the_one_training_that_is_paid_and_is_not_repeated(
        line, service, failing):
    refusal = 401, {'code': 'PARAMETER_ERROR', 'message': 'sign error'}
    accepted = [{'job_id': number, 'model_id': 'm'} for number in (11, 12)]
    service.answers.update(train=accepted, create=refusal)
    if failing == 'train':
        accepted[1] = refusal
    with pytest.raises(SignatureError) as caught:
        PortraitStudio(line, interval=0.0).portrait([PHOTOS, PHOTOS], TWO)
    assert 'job 11 model m' in str(caught.value).splitlines()[0]
    assert 'job 11 model m' in caught.value.summary and not caught.value.safe_to_repeat


@NOTES
@pytest.mark.parametrize('error', [ZeroDivisionError('x'), SystemExit(3)], ids=repr)
def test_an_error_of_others_gets_the_ids_as_a_note(line, service, error, capsys):
    def stop(job):
        raise error
    with pytest.raises(type(error)) as caught:
        PortraitStudio(line).train(PHOTOS, on_progress=stop)
    assert sum("job_id=11" in note for note in caught.value.__notes__) == 1
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-11')


RUN = '''
import signal, sys, os
sys.path[:0] = [{root!r}, {tests!r}]
import responses
from support.service import HOST, Service
from ai_service_python_sdk import *
from ai_service_python_sdk.util.language import set_language
set_language('en')
PHOTOS = ['http://a.test/%d.jpg?Expires=1&Signature=s3cret' % i for i in range(5)]
mock = responses.RequestsMock()
mock.start()
service = Service(mock)
client = ApiClient(HOST, 'app', 'token')
studio = PortraitStudio(client, interval=0.0)
'''.format(root=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
           tests=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def stderr_of(code):
    done = subprocess.run([sys.executable, '-c', RUN + code], stderr=subprocess.PIPE, timeout=60)
    assert done.returncode
    return done.stderr.decode()


@pytest.mark.parametrize('code', [
    'studio.train(PHOTOS, on_progress=lambda job: 1 / 0)',
    'studio.portrait(PHOTOS, "http://t/t.jpg", on_progress=lambda job: 1 / 0)',
    'studio.train(PHOTOS, on_progress=lambda job: sys.exit(3))',
    'studio.wait(TrainedModel("m-11", 11), on_progress=lambda job: 1 / 0)'])
def test_without_logging_set_up_the_ids_are_on_stderr_once(code):
    pytest.importorskip('responses')
    lines = stderr_of('import traceback; traceback.print_exc = None\n' + code).splitlines()
    beside = [line for line in lines if 'm-11' in line and 'Traceback' not in line
              and not line.startswith('    ') and 'studio.' not in line]
    # Once by us; the traceback of 3.11 and newer shows the note too.
    assert 1 <= len(beside) <= 2 and beside[0].startswith('ended early')
    assert len([line for line in lines if line.startswith('ended early')]) <= 2
    assert 's3cret' not in '\n'.join(lines)


@pytest.mark.parametrize('error', ['KeyboardInterrupt()', 'SystemExit(3)', 'ZeroDivisionError()'])
def test_what_ends_a_call_that_is_on_its_way_says_that_it_may_be_paid(error):
    pytest.importorskip('responses')
    said = stderr_of('service.answers["train"] = {}\nstudio.train(PHOTOS)'.format(error))
    assert 'aigc_images_train' in said and 'may be paid for' in said
    assert 'http://a.test/0.jpg' in said and 's3cret' not in said


def test_a_signal_while_a_training_is_on_its_way_leaves_a_row_in_doubt(
        line, service, ledger, caplog):
    class Enough(Exception):
        pass

    def handler(*args):
        raise Enough()

    line.ledger = ledger
    send = line.rest_client.request

    def slowly(*args, **options):
        try:
            return send(*args, **options)
        finally:
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(1)
    before = signal.signal(signal.SIGUSR1, handler)
    line.rest_client.request = slowly
    try:
        with pytest.raises(Enough):
            AIGCImagesApi(line).aigc_images_train(PHOTOS)
    finally:
        signal.signal(signal.SIGUSR1, before)
    row, = ledger.unsettled()
    assert 'Enough' in row.message and 'row {}'.format(row.id) in caplog.text


def test_a_wrong_argument_of_a_call_is_not_said_to_be_paid_for(line, service, caplog):
    line.set_default_header('X-Odd', 'a\nb')
    with pytest.raises(ValueError):
        AIGCImagesApi(line).aigc_images_train(PHOTOS)
    assert 'paid' not in caplog.text


# Refused before it is paid for


@pytest.mark.parametrize('photos, words', [
    (['me/0.jpg'] + PHOTOS[1:], "me/0.jpg.*http"), ([b'\xff\xd8'] + PHOTOS, 'bytes.*http'),
    (['file:///me.jpg'] + PHOTOS, 'file:///me.jpg.*http'), ([None] + PHOTOS, 'None.*http'),
    (PHOTOS[:4], '4 photos.*5 to 20'), (['http://h/{}'.format(i) for i in range(21)], '21 photos'),
    (PHOTOS + PHOTOS[:1], 'twice')], ids=['path', 'bytes', 'file', 'None', '4', '21', 'twice'])
def test_photos_that_cannot_be_trained_are_refused_in_both_languages(studio, service, photos,
                                                                     words):
    for call in (lambda: studio.train(photos), lambda: studio.portrait(photos, TEMPLATE)):
        with pytest.raises(ValueError, match='`photos`.*' + words):
            call()
        set_language('zh')
        with pytest.raises(ValueError, match=u'`photos`.*[一-龥]'):
            call()
        set_language('en')
    assert not service.asked


def test_paths_are_refused_as_photos_and_as_templates(studio, service, tmp_path):
    for photos in ([tmp_path / 'me.jpg'] + PHOTOS, tmp_path / 'me.jpg', str(tmp_path)):
        for call in (studio.train, studio.check, lambda p: studio.portrait(p, TEMPLATE)):
            with pytest.raises(ValueError, match='URL'):
                call(photos)
    for template in (tmp_path / 't.jpg', 't.jpg', b'x', None):
        for call in (lambda: studio.create('m', template),
                     lambda: studio.portrait(PHOTOS, template)):
            with pytest.raises(ValueError, match='`template`.*http'):
                call()
    assert not service.asked


def test_what_only_begins_like_a_url_is_refused_and_blanks_and_chinese_in_a_path_are_not(
        studio, service):
    for url in ('http://h/a.jpg\n', ' http://h/a', 'http:///a.jpg', 'http://C:\\me\\a.jpg',
                'http://[h/a.jpg', 'http://h/a\x00.jpg'):
        for call in (lambda: studio.train(PHOTOS[:4] + [url]), lambda: studio.check([url]),
                     lambda: studio.create('m', url)):
            with pytest.raises(ValueError, match='URL'):
                call()
    assert not service.asked
    photos = PHOTOS[:3] + ['http://h/my photo.jpg', u'http://h/\u7167\u7247/1.jpg']
    studio.train(photos, wait=False)
    assert service.asked[0][1]['images'] == photos


@pytest.mark.parametrize('again', ['?Expires=1&Signature=another', '#top', ''])
def test_a_photo_with_another_signature_or_fragment_is_the_same_photo_twice(
        studio, service, again):
    with pytest.raises(ValueError, match='twice'):
        studio.train(PHOTOS + ['http://a.test/0.jpg' + again])
    assert not service.asked


def test_photos_are_told_apart_by_their_query_and_by_what_follows_a_hash_in_the_name_of_a_file():
    check_photos(['http://a.test/p?id=1', 'http://a.test/p?id=2'], 'photos', True)
    check_photos(['a#1.jpg', 'a#2.jpg'], 'photos', True)
    with pytest.raises(ValueError, match='twice'):
        check_photos(['http://a.test/p?id=1#a', 'http://a.test/p?id=1#b'], 'photos', True)


@pytest.mark.parametrize('url', [
    'https://u:p3ss@b.test/a.jpg?name=a b.jpg&Signature=p3ss', 'https://b.test/a.jpg?x="1"&s=p3ss',
    "https://b.test/a.jpg?x='1'&s=p3ss#p3ss", 'https://u:p3 ss"\'@b.test/a.jpg',
    'https://b.test/a.jpg?\nSignature=p3ss'], ids=repr)
@pytest.mark.parametrize('before', ['', ' ', '\t'], ids=repr)
def test_no_message_about_a_url_shows_what_opens_it(url, before):
    with pytest.raises(ValueError, match='URL') as broken:
        check_url(before + url + '\n', 'photos')
    with pytest.raises(ValueError, match='twice') as twice:
        check_photos([url] * 2, 'photos', True)
    for said in (str(broken.value), str(twice.value)):
        assert 'https://b.test/a.jpg' in said and 'p3' not in said


@pytest.mark.parametrize('timeout', ['abc', -1, (1, 2, 3)], ids=repr)
def test_a_time_out_that_is_not_one_leaves_no_doubt(line, service, capsys, timeout):
    with pytest.raises((TypeError, ValueError)) as caught:
        AIGCImagesApi(line).aigc_images_train(PHOTOS, _request_timeout=timeout)
    assert not getattr(caught.value, 'is_in_doubt', False) and not capsys.readouterr().err
    assert not service.names()


def test_any_number_of_photos_goes_if_the_caller_says_so(studio, service):
    studio.train(PHOTOS[:2], any_count=True)
    studio.portrait(PHOTOS[:2], TEMPLATE, any_count=True)
    assert service.names().count('train') == 2


def test_a_file_that_holds_something_is_replaced_only_if_the_caller_says_so(studio, service,
                                                                            tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('{"mine": 1}')
    with pytest.raises(OSError, match='overwrite=True'):
        studio.train(PHOTOS, save_to=str(path), key='k')
    assert not service.asked and path.read_text() == '{"mine": 1}'
    model = studio.train(PHOTOS, save_to=path, overwrite=True, key='k')
    with pytest.raises(OSError):
        studio.train(PHOTOS, save_to=path)
    # The order that made it may be delivered again.
    assert studio.train(PHOTOS, save_to=path, key='k') == model == TrainedModel.load(path)
    assert service.names().count('train') == 1
    with pytest.raises(OSError):
        studio.train(PHOTOS, save_to='')


def test_a_template_that_does_not_fit_is_refused_before_the_training(studio, service):
    fits = service.answers['check']
    bad = {'check_results': [{'code': 3, 'message': 'two', 'url': TEMPLATE}]}
    service.answers['check'] = [fits, bad]
    with pytest.raises(ImageCheckError, match='template.*check_template=False') as caught:
        studio.portrait(PHOTOS, TEMPLATE)
    assert '模板' in caught.value.to_dict('zh')['summary']
    assert service.names() == ['check', 'check']
    service.answers['check'] = fits
    studio.portrait(PHOTOS, TEMPLATE, check_template=False)
    assert service.names().count('check') == 3


def test_a_template_of_several_persons_is_refused_where_it_cannot_be_theirs(studio, service):
    fits = service.answers['check']
    unreadable = {'check_results': [{'code': 2, 'message': 'broken', 'url': 'u'}]}
    for looks_so, words in ((fits, '2 persons'), (unreadable, 'downloaded or decoded')):
        service.answers['check'] = [fits, fits, looks_so]
        with pytest.raises(ImageCheckError, match=words):
            studio.portrait([PHOTOS, PHOTOS], TEMPLATE)
    assert service.names() == ['check'] * 6
    service.answers['check'] = fits
    studio.portrait([PHOTOS, PHOTOS], TWO)
    assert service.names().count('check') == 9 and service.names().count('train') == 2


def test_an_error_of_a_template_of_one_face_speaks_of_the_template_and_of_no_photo(
        studio, service):
    with pytest.raises(ImageCheckError) as caught:
        studio.portrait([PHOTOS, PHOTOS], TEMPLATE)
    said = str(caught.value) + repr(caught.value) + json.dumps(caught.value.to_dict('en'))
    assert 'does not show the faces of 2 persons' in said and 'photo(s)' not in said
    assert caught.value.photos() == [] and 'train' not in service.names()


def test_a_photo_that_may_be_too_small_gets_the_size():
    photo, = ImageCheckError([CheckResult({'url': 'u', 'code': 4})]).photos()
    assert '512' in photo['remedy']


# Seen


def test_a_wait_is_seen_as_lines_in_a_log(studio, service, ledger, capsys, monkeypatch):
    pytest.importorskip('tqdm', reason='the extra "cli" brings it')
    service.states, told = [0, 1, 2], []
    studio.train(PHOTOS, progress=True, on_progress=lambda job: told.append(job.state))
    said = capsys.readouterr().err.splitlines()
    assert told == [0, 1, 2] and len(said) == 3 and '/ 1560 s' in said[1]
    assert 'running' in said[1] and '\r' not in ''.join(said)
    service.states = [1, 2]
    ledger.finished(11, SUCCEEDED, seconds=100)
    studio.wait('m-11', progress=True)
    assert '/ 100 s' in capsys.readouterr().err


def test_without_tqdm_one_sentence_says_what_is_missing(studio, service, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tqdm.auto', None)
    studio.train(PHOTOS, progress=True)
    assert capsys.readouterr().err.count('[cli]') == 1


def test_a_notebook_keeps_an_answer_without_its_base64():
    class Printer(list):
        text = list.append
    printer = Printer()
    answer = AIGCImageCreateResponse('r', 'OK', '', {'image': 'A' * 100000, 'cost_time': 1})
    answer._repr_pretty_(printer, False)
    assert len(printer[0]) < 300 and '100000 characters' in printer[0] and len(str(answer)) > 9e4


def test_a_job_prints_in_one_short_line(studio, service, capsys):
    service.states = [3]
    with pytest.raises(JobFailedError):
        studio.train(PHOTOS, on_progress=print)
    assert capsys.readouterr().out == 'job 11: failed, Training - Not get lora weight\n'


# To and from JSON


def test_results_become_json_and_models_come_back(studio, service):
    portrait = studio.portrait(PHOTOS, TEMPLATE)
    shown = json.loads(json.dumps(portrait.to_dict()))
    assert shown['size'] == [640, 480] and 'image' not in shown
    assert [TrainedModel.from_dict(model) for model in shown['models']] == portrait.models
    check = CheckResult({'url': 'u', 'code': 3})
    assert CheckResult(json.loads(json.dumps(check.to_dict()))) == check
    service.answers['create'] = [service.answers['create'], QUOTA]
    good, bad = sorted(studio.create_many([('m', TEMPLATE)] * 2, 1), key=lambda r: r.index)
    assert json.loads(json.dumps(good.to_dict()))['portrait']['cost_time'] == 3.5
    assert json.loads(json.dumps(bad.to_dict()))['error']['code'] == 'EXCEEDED_QUOTA_ERROR'
    odd, = studio.create_many([('m',)])
    assert json.loads(json.dumps(odd.to_dict()))['error']['class'] == 'TypeError'
    finished = FinishedJob(11, None, bad.error)
    assert json.loads(json.dumps(finished.to_dict()))['error']['class'] == 'QuotaExceededError'


BAR = '''
import fcntl, struct, termios

fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
service.states = [1, 1, 2]
studio.train(PHOTOS, progress=True, interval=0.6, chance=lambda: 0.0)
'''


def seen_in_a_terminal(code):
    """Run code after RUN at a terminal of its own; return its exit status and what it showed."""
    pty = pytest.importorskip('pty', reason='terminals as on POSIX')
    pytest.importorskip('responses')
    pytest.importorskip('tqdm', reason='the extra "cli" brings it')
    process, terminal = pty.fork()
    if not process:
        os.execv(sys.executable, [sys.executable, '-c', RUN + code])
    seen = b''
    with contextlib.suppress(OSError):  # the other end was closed
        for piece in iter(lambda: os.read(terminal, 4096), b''):
            seen += piece
    os.close(terminal)
    return os.waitpid(process, 0)[1], seen


def test_a_wait_is_seen_as_a_bar_in_a_terminal():
    status, seen = seen_in_a_terminal(BAR)
    assert status == 0, seen
    assert seen.count(b'\rtraining: running') >= 2 and b'100%' in seen


def test_a_terminal_that_says_it_has_no_columns_ends_no_wait_in_chinese():
    status, seen = seen_in_a_terminal(
        'signal.alarm(30); set_language("zh")' + BAR.replace('24, 80', '24, 0'))
    assert status == 0, seen


def test_a_bar_of_a_notebook_moves_in_steps(monkeypatch):
    from ai_service_python_sdk import progress

    class tqdm_notebook(object):
        shown, n = [], 0

        def __init__(self, total, **options):
            self.total = total

        def update(self, more):
            self.n += more

        def set_description_str(self, text, refresh):
            self.shown.append((text, self.n))

        def close(self):
            self.shown.append(self.n)

    module = type(sys)('tqdm.auto')
    module.tqdm = tqdm_notebook
    monkeypatch.setitem(sys.modules, 'tqdm.auto', module)
    naps = []
    bar = progress.Bar(naps.append, 100)
    bar.sleep(1.2)
    bar.close(True)
    assert len(naps) == 3 and len(tqdm_notebook.shown) == 4 and tqdm_notebook.shown[-1] == 100


def test_a_key_gets_the_name_that_comes_later_and_is_refused_for_another_person(
        client, service, ledger):
    studio = PortraitStudio(client, ledger=ledger)
    first = studio.train(PHOTOS, wait=False, key='k')
    assert studio.train(PHOTOS, wait=False, key='k', person='Grace').model_id == first.model_id
    assert ledger.model('Grace').model_id == first.model_id
    with pytest.raises(ValueError, match="'k' is that of 'Grace', not of 'Alan'"):
        studio.train(PHOTOS, wait=False, key='k', person='Alan')
    assert service.names().count('train') == 1


def test_a_key_is_refused_for_another_person_also_if_that_one_was_trained_at_the_same_moment(
        studio, service, ledger, monkeypatch):
    def begin(*args, **options):
        monkeypatch.undo()
        studio.train(PHOTOS, wait=False, key='k', person='Grace')  # while photos are uploaded
        return ledger.begin(*args, **options)
    monkeypatch.setattr(ledger, 'begin', begin)
    with pytest.raises(ValueError, match="'k' is that of 'Grace', not of 'Alan'"):
        studio.train(PHOTOS, wait=False, key='k', person='Alan')
    assert service.names() == ['train'] and ledger.find('k').person == 'Grace'


def test_a_portrait_whose_creation_is_paid_trains_nobody(client, service, ledger, tmp_path):
    studio = PortraitStudio(client, ledger=ledger)
    studio.create('m-1', TEMPLATE, key='other')
    with pytest.raises(ValueError, match='other models'):  # no training of this key is known
        studio.portrait(PHOTOS, TEMPLATE, key='other')
    assert service.names() == ['create']
    made = studio.portrait(PHOTOS, TEMPLATE, key='order')
    made.save(str(tmp_path / 'p.jpg'))
    count = len(service.asked)
    assert studio.portrait(PHOTOS, TEMPLATE, key='order').image_bytes == made.image_bytes
    os.remove(str(tmp_path / 'p.jpg'))
    with pytest.raises(AlreadyPaidError):
        studio.portrait(PHOTOS, TEMPLATE, key='order')
    assert len(service.asked) == count


@pytest.mark.parametrize('code', ['ok', None])
def test_an_odd_code_beside_ids_is_no_refusal(client, service, ledger, code):
    service.answers['train'] = [(200, {'request_id': 'r', 'code': code, 'message': '',
                                       'data': {'job_id': 7, 'model_id': 'm'}})]
    studio = PortraitStudio(client, ledger=ledger)
    with pytest.raises(ApiException):
        studio.train(PHOTOS, key='k', wait=False)
    row = ledger.find('k')
    assert (row.state, row.job_id, row.model_id) == (UNSETTLED, 7, 'm')
    with pytest.raises(InDoubtError):
        studio.train(PHOTOS, key='k', wait=False)
    assert service.names().count('train') == 1


def test_ctrl_c_while_an_answer_is_written_down_loses_no_ids(client, service, tmp_path):
    class Slow(Ledger):
        interrupts = [KeyboardInterrupt]

        def settle(self, *args, **named):
            if self.interrupts:
                raise self.interrupts.pop()
            return Ledger.settle(self, *args, **named)
    with Slow(str(tmp_path / 'l.sqlite')) as ledger:
        with pytest.raises(KeyboardInterrupt):
            PortraitStudio(client, ledger=ledger).train(PHOTOS, key='k', wait=False)
        row = ledger.find('k')
        assert row.state == ACCEPTED and row.job_id and row.model_id


@pytest.mark.parametrize('is_late', [False, True], ids=['before it is there', 'after'])
def test_ctrl_c_while_a_portrait_is_saved_costs_no_portrait(
        studio, service, ledger, tmp_path, monkeypatch, is_late):
    def interrupted(*arguments):
        monkeypatch.undo()
        if is_late:
            results.write_whole(*arguments)
        raise KeyboardInterrupt()
    monkeypatch.setattr(results, 'write_whole', interrupted)
    with pytest.raises(KeyboardInterrupt):
        studio.create('m-1', TEMPLATE, key='k', save_to=tmp_path / 'p.jpg')
    assert (tmp_path / 'p.jpg').read_bytes() == JPEG
    assert studio.create('m-1', TEMPLATE, key='k').image_bytes == JPEG
    assert service.names() == ['create'] and ledger.find('k').saved == str(tmp_path / 'p.jpg')


def test_ctrl_c_twice_while_a_portrait_is_saved_leaves_no_paid_call_in_doubt(
        studio, ledger, tmp_path, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt()
    monkeypatch.setattr(results, 'write_whole', interrupted)  # as into a pipe that nobody reads
    with pytest.raises(KeyboardInterrupt):
        studio.create('m-1', TEMPLATE, key='k', save_to=tmp_path / 'p.jpg')
    assert ledger.find('k').state == SUCCEEDED


@pytest.mark.parametrize('is_later', [False, True], ids=['save_to', 'save'])
def test_a_portrait_that_another_call_replaces_at_once_is_not_that_of_this_key(
        studio, ledger, tmp_path, is_later):
    place, name = tmp_path / 'p.jpg', 'saved' if is_later else 'settle'
    write = getattr(ledger, name)

    def replaced(*args, **named):
        place.write_bytes(b'the portrait of somebody else')
        return write(*args, **named)
    setattr(ledger, name, replaced)
    portrait = studio.create('m-1', TEMPLATE, key='k', save_to=None if is_later else place)
    if is_later:
        portrait.save(place)
    with pytest.raises(AlreadyPaidError):
        studio.create('m-1', TEMPLATE, key='k', save_to=place)


def test_a_ledger_that_is_removed_during_a_call_costs_no_ids(client, service, ledger, caplog):
    studio = PortraitStudio(client, ledger=ledger)
    ledger.settle = lambda *args, **named: {}['gone']
    model = studio.train(PHOTOS, key='k', wait=False)
    assert model.model_id in caplog.text


def test_texts_of_errors_hold_no_signature_of_a_url(client, service, ledger):
    with pytest.raises(ValueError) as caught:
        PortraitStudio(client).train(PHOTOS[:4] + PHOTOS[:1])
    failure = CheckResult({'url': PHOTOS[0], 'code': 3, 'message': 'no'})
    error = ImageCheckError([failure])
    for text in (str(caught.value), str(error), json.dumps(error.to_dict())):
        assert 'http://a.test/0.jpg' in text and 's3cret' not in text


def test_a_file_that_holds_another_portrait_now_is_not_handed_out_for_the_earlier_key(
        client, service, ledger, tmp_path):
    studio, path = PortraitStudio(client, ledger=ledger), str(tmp_path / 'p.jpg')
    for number in (17, 18):
        studio.create('m-1', TEMPLATE, key='order-{}'.format(number)).save(path)
    assert studio.create('m-1', TEMPLATE, key='order-18').image_bytes == JPEG
    with pytest.raises(AlreadyPaidError):
        studio.create('m-1', TEMPLATE, key='order-17')
    assert service.names() == ['create', 'create']


def test_a_file_that_holds_another_picture_than_the_one_that_was_saved_is_not_handed_out(
        studio, service, ledger, tmp_path):
    first, second = tmp_path / 'first.jpg', tmp_path / 'second.jpg'
    studio.create('m-1', TEMPLATE, key='first', save_to=first)
    studio.create(['m-1', 'm-2'], TEMPLATE, key='second').save(second)
    for key, path, models in (('first', first, ['m-1']), ('second', second, ['m-1', 'm-2'])):
        assert ledger.find(key).picture == hashlib.sha256(JPEG).hexdigest()
        assert studio.create(models, TEMPLATE, key=key).models == list(map(TrainedModel, models))
        path.write_bytes(JPEG + b'of another person')
        with pytest.raises(AlreadyPaidError, match=path.name):
            studio.create(models, TEMPLATE, key=key)
    assert service.names() == ['create', 'create']


def test_a_portrait_that_was_moved_to_where_it_is_wanted_is_found_there(
        studio, service, tmp_path):
    kept, wanted = tmp_path / 'kept.jpg', tmp_path / 'wanted.jpg'
    studio.create('m-1', TEMPLATE, key='k', save_to=kept)
    kept.rename(wanted)
    with pytest.raises(AlreadyPaidError):
        studio.create('m-1', TEMPLATE, key='k')
    assert studio.create('m-1', TEMPLATE, key='k', save_to=wanted).image_bytes == JPEG
    wanted.write_bytes(b'of another person')
    with pytest.raises(AlreadyPaidError):
        studio.create('m-1', TEMPLATE, key='k', save_to=wanted, overwrite=True)
    assert service.names() == ['create']


def test_a_key_is_not_handed_the_face_of_somebody_else(studio, service, ledger, tmp_path):
    studio.create('m-1', TEMPLATE, key='first', save_to=tmp_path / 'first.jpg')
    with pytest.raises(ValueError, match='first.*other models.*m-1'):
        studio.create('m-2', TEMPLATE, key='first')
    studio.portrait(PHOTOS, TEMPLATE, person='anna', key='whole', save_to=tmp_path / 'whole.jpg')
    with pytest.raises(ValueError, match="'whole' is that of 'anna', not of 'grace'"):
        studio.portrait(PHOTOS, TEMPLATE, person='grace', key='whole')
    assert service.names().count('create') == 2 and service.names().count('train') == 1


def test_a_whole_job_with_a_place_and_a_key_gives_its_portrait_after_the_program_has_ended(
        studio, service, ledger, tmp_path):
    made = studio.portrait(PHOTOS, TEMPLATE, key='order', save_to=tmp_path / 'p.jpg')
    again = studio.portrait(PHOTOS, TEMPLATE, key='order', save_to=tmp_path / 'p.jpg')
    assert again.image_bytes == made.image_bytes == (tmp_path / 'p.jpg').read_bytes()
    assert ledger.find('order', 'create').saved == str(tmp_path / 'p.jpg')
    with pytest.raises(FileExistsError):
        studio.portrait(PHOTOS, TEMPLATE, save_to=tmp_path / 'p.jpg')
    assert service.names().count('create') == service.names().count('train') == 1


def test_a_key_is_not_handed_the_face_of_another_customer_of_the_same_name(
        studio, service, ledger, tmp_path):
    place = str(tmp_path / 'p.jpg')
    for number, photos in ((1, PHOTOS), (2, [url.replace('a.', 'b.') for url in PHOTOS])):
        row = ledger.begin('aigc_images_train', photos=photos, person='ann')
        ledger.settle(row, job_id=10 + number, model_id='m{}'.format(number), state=SUCCEEDED)
    studio.create('m1', TEMPLATE, key='k', save_to=place)
    with pytest.raises(ValueError, match='`key`.*other models'):
        studio.create('m2', TEMPLATE, key='k', save_to=place)
    assert service.names().count('create') == 1


def test_a_task_with_a_place_and_a_key_gives_its_portrait_after_the_program_has_ended(
        studio, service, ledger, tmp_path):
    tasks = [('m-1', TEMPLATE, None, 'a', tmp_path / 'a.jpg'),
             CreateTask('m-1', TEMPLATE, key='b', save_to=tmp_path / 'b.jpg')]
    for series in (studio.create_many(tasks), studio.create_many(tasks)):
        assert sorted((result.key, result.ok) for result in series) == [('a', True), ('b', True)]
    assert service.names() == ['create', 'create']
    assert (tmp_path / 'a.jpg').read_bytes() == (tmp_path / 'b.jpg').read_bytes() == JPEG


def test_a_look_that_fails_names_the_training(studio, service, ledger):
    model = studio.train(PHOTOS, wait=False)
    service.answers['job'] = [(500, {'code': 'error', 'message': 'x'})] * 9
    with pytest.raises(ApiException) as caught:
        studio.look(model)
    assert (caught.value.job_id, caught.value.model_id) == (model.job_id, model.model_id)


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='pipes as on POSIX')
def test_a_pipe_that_took_a_portrait_is_not_opened_to_read_it_again(
        studio, service, ledger, tmp_path, monkeypatch):
    def opened(*args, **named):
        raise AssertionError('it would wait for ever')
    row = ledger.begin('aigc_images_create', template=TEMPLATE, model_ids=['m'], key='k')
    os.mkfifo(str(tmp_path / 'pipe'))
    for module in (kept, results):
        monkeypatch.setattr(module, 'open', opened, raising=False)
    assert ledger.settle(row, saved=tmp_path / 'pipe').saved == str(tmp_path / 'pipe')
    assert ledger.saved(row, tmp_path / 'pipe').picture is None
    with pytest.raises(AlreadyPaidError):
        studio.create('m', TEMPLATE, key='k')


def test_a_portrait_that_cannot_be_saved_is_kept_once_and_its_error_has_it(
        studio, service, ledger, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    portrait, notes = studio.create('m', TEMPLATE, key='k'), []
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            portrait.save(str(tmp_path / 'no' / 'p.jpg'))
        assert caught.value.portrait is portrait
        notes += getattr(caught.value, '__notes__', [])
    place, = (tmp_path / 'data' / 'ai-portrait').iterdir()
    assert place.read_bytes() == JPEG and ledger.find('k').saved == str(place)
    assert caplog.text.count(str(place)) == 2
    assert sys.version_info < (3, 11) or [str(place) in note for note in notes] == [True] * 2
    assert studio.create('m', TEMPLATE, key='k').image_bytes == JPEG


@pytest.mark.parametrize('way', ['made for a file', 'saved before', 'from the ledger'])
def test_a_portrait_that_is_safe_is_not_kept_again_where_a_further_saving_fails(
        studio, service, ledger, tmp_path, monkeypatch, caplog, way):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    path = tmp_path / 'p.jpg'
    portrait = studio.create('m', TEMPLATE, key='k',
                             save_to=path if way == 'made for a file' else None)
    if way != 'made for a file':
        portrait.save(path)
    if way == 'from the ledger':
        portrait = studio.create('m', TEMPLATE, key='k')
    with pytest.raises(OSError) as caught:
        portrait.save(str(tmp_path / 'no' / 'p.jpg'))
    assert caught.value.portrait is portrait
    assert not (tmp_path / 'data').exists() and 'is kept in {};'.format(path) in caplog.text
    assert ledger.find('k').saved == str(path)
    # But once that file is gone it is safe nowhere.
    path.unlink()
    with pytest.raises(OSError):
        portrait.save(str(tmp_path / 'no' / 'p.jpg'))
    place, = (tmp_path / 'data' / 'ai-portrait').iterdir()
    assert ledger.find('k').saved == str(place) and place.read_bytes() == JPEG


def test_a_portrait_that_is_kept_nowhere_is_in_its_error_and_kept_once_there_is_room(
        studio, service, ledger, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))

    def full(**named):
        raise OSError(errno.ENOSPC, 'full')
    portrait, path = studio.create('m', TEMPLATE, key='k'), tmp_path / 'p.jpg'
    with monkeypatch.context() as patch:
        patch.setattr('tempfile.NamedTemporaryFile', full)
        with pytest.raises(OSError) as caught:
            portrait.save(str(tmp_path / 'no' / 'p.jpg'))
    assert caught.value.portrait is portrait and 'is kept in error.portrait' in caplog.text
    assert ledger.find('k').saved is None
    # There is room again.
    with pytest.raises(OSError):
        portrait.save(str(tmp_path / 'no' / 'p.jpg'))
    copy, = (tmp_path / 'data' / 'ai-portrait').iterdir()
    assert ledger.find('k').saved == str(copy)
    portrait.save(path)
    assert path.read_bytes() == copy.read_bytes() == JPEG
    assert ledger.find('k').saved == str(path)


def test_without_logging_the_place_of_a_portrait_that_could_not_be_saved_is_on_stderr(
        tmp_path, monkeypatch):
    pytest.importorskip('responses')
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    said = stderr_of('studio.create("m", "http://t/t.jpg").save(os.path.join("no", "such", "p"))')
    place, = (tmp_path / 'data' / 'ai-portrait').iterdir()
    assert 'the portrait is kept in {}'.format(place) in said and place.read_bytes() == JPEG


def test_a_file_that_came_while_a_call_was_under_way_is_not_replaced(
        client, service, ledger, tmp_path):
    studio, path = PortraitStudio(client, ledger=ledger), tmp_path / 'p.jpg'
    send = client.rest_client.POST

    def slow(*args, **named):
        path.write_bytes(b'the portrait of another call')
        return send(*args, **named)
    client.rest_client.POST = slow
    with pytest.raises(FileExistsError) as caught:
        studio.create('m-1', TEMPLATE, save_to=path)
    assert path.read_bytes() == b'the portrait of another call'
    assert caught.value.portrait.image_bytes == JPEG
    studio.create('m-1', TEMPLATE, save_to=path, overwrite=True)
    assert path.read_bytes() == JPEG


def test_ids_of_another_training_that_came_meanwhile_are_not_replaced(
        client, service, ledger, tmp_path, monkeypatch):
    studio, path = PortraitStudio(client, ledger=ledger), tmp_path / 'ids.json'
    other = TrainedModel('m-other', 5)
    trained = AIGCImagesApi.aigc_images_train

    def slow(self, *args, **named):
        other.save(path)
        return trained(self, *args, **named)
    monkeypatch.setattr(AIGCImagesApi, 'aigc_images_train', slow)
    with pytest.raises(FileExistsError) as caught:
        studio.train(PHOTOS, wait=False, save_to=path)
    assert TrainedModel.load(path) == other and caught.value.model_id == 'm-11'


def test_the_name_of_a_person_is_kept_without_the_blanks_around_it(studio, service, ledger):
    studio.train(PHOTOS, wait=False, person=' anna ')
    assert ledger.model('anna').person == 'anna' and ledger.model('anna\t').model_id == 'm-11'
    assert studio.wait('anna').job_id == 11
    studio.train(PHOTOS, wait=False, person='anna', again=False)
    studio.train(PHOTOS, wait=False, person=' ')
    assert ledger.trainings()[0].person is None and service.names().count('train') == 2


def test_a_number_is_a_job_and_a_text_the_person_who_is_called_so(studio, service, ledger):
    for job_id, person in ((11, None), (12, '11')):
        row = ledger.begin('train', photos=PHOTOS, person=person)
        ledger.settle(row, job_id=job_id, model_id='m-{}'.format(job_id))
    for word, job_id in ((11, 11), ('11', 12)):
        model = studio.wait(word)
        assert (model.job_id, model.model_id) == (job_id, 'm-{}'.format(job_id))
        assert service.asked[-1] == ('job', job_id)


def test_a_name_with_its_accent_written_apart_is_that_of_the_key(client, service, ledger):
    studio = PortraitStudio(client, ledger=ledger)
    for person in ('Zo\u00eb', 'Zoe\u0308'):
        assert studio.train(PHOTOS, wait=False, key='k', person=person).model_id == 'm-11'
    assert ledger.model('Zoe\u0308').person == 'Zo\u00eb'
    assert service.names() == ['train']


def test_what_an_emulator_has_done_is_not_taken_for_paid_nor_the_other_way_round(
        client, service, ledger, tmp_path):
    ledger.serve('http://127.0.0.1:8100', is_paid=True)
    studio = PortraitStudio(client, ledger=ledger)
    for call in (lambda: studio.train(PHOTOS, wait=False, key='k'), lambda: studio.look('Grace'),
                 lambda: studio.create('m', TEMPLATE), lambda: studio.batch([])):
        with pytest.raises(LedgerError, match='calls of an emulator.*give another file'):
            call()
    client.ledger = ledger
    with pytest.raises(LedgerError, match='calls of an emulator'):
        AIGCImagesApi(client).aigc_images_train(PHOTOS)
    assert not service.asked and not ledger.calls()
    with Ledger(str(tmp_path / 'paid.sqlite')) as paid:
        paid.serve(HOST, is_paid=True)
        with Ledger(paid.path) as again, pytest.raises(LedgerError, match='calls of the service'):
            again.serve('localhost')
        PortraitStudio(client, ledger=paid).train(PHOTOS, wait=False)


def test_a_portrait_that_was_paid_before_is_saved_where_it_is_wanted_now(
        client, service, ledger, tmp_path):
    studio, first, second = PortraitStudio(client, ledger=ledger), tmp_path / 'a', tmp_path / 'b'
    for path in (first, second, second):
        assert studio.create('m', TEMPLATE, key='k', save_to=path).image_bytes == JPEG
        assert path.read_bytes() == JPEG
    second.write_bytes(b'mine')
    with pytest.raises(FileExistsError):
        studio.create('m', TEMPLATE, key='k', save_to=second)
    assert ledger.find('k').saved == str(first) and service.names() == ['create']


def test_what_is_no_model_and_what_are_no_parameters_are_refused(client, service):
    studio, model = PortraitStudio(client), TrainedModel('m-1', 7)
    for models in (None, 17, '', {}, [], [None]):
        with pytest.raises(ValueError, match='`models?(_id)?` is'):
            studio.create(models, TEMPLATE)
    for configure in ('sharp_ratio=1', [1], 5):
        with pytest.raises(ValueError, match='`configure` is a'):
            studio.create(model, TEMPLATE, configure)
    for photos in (None, 5):
        with pytest.raises(ValueError, match='`photos` is .*; pass a list'):
            studio.train(photos)
    for job_id in (None, ''):
        with pytest.raises(ValueError, match='no job_id'):
            studio.wait(TrainedModel('m-1', job_id))
    with pytest.raises(ValueError, match='`model_id` is None'):
        TrainedModel.from_dict({})
    assert not service.asked
