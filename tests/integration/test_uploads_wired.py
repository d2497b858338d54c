"""Photos of this computer wherever URLs go: studio, asyncio and prompt, to bucket and emulator."""
import asyncio
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading

import pytest
import requests
from support import PHOTOS, ROOT
from support.oss_server import BUCKET, Refused

from ai_service_python_sdk import (
    ApiClient, ApiException, ImageCheckError, JobFailedError, JobTimeoutError, PortraitStudio)
from ai_service_python_sdk.cli import main
from ai_service_python_sdk.client.errors.ledger import InDoubtError
from ai_service_python_sdk.ledger import Ledger
from ai_service_python_sdk.uploads import OssUploads, UploadError, clean
from ai_service_python_sdk.util.language import set_language
from ai_service_python_sdk.util.photo_file import PhotoFileError

pytestmark = pytest.mark.usefixtures('oss')
PATHS = [os.path.join(PHOTOS, 'collins_{}.jpg'.format(index)) for index in range(5)]
COFFEE = os.path.join(PHOTOS, 'noface_coffee.jpg')
SMALL = os.path.join(PHOTOS, 'exactly512.jpg')
TEMPLATE = os.path.join(PHOTOS, 'template_single_hopper.jpg')
PLACE = 'oss://' + BUCKET + '/people'
TRAIN, CREATE = 'train', 'create'


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """English, and a home and a folder of the test's own."""
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    monkeypatch.setenv('AI_SERVICE_LANG', 'en')
    monkeypatch.chdir(tmp_path)
    set_language('en')
    yield
    set_language(None)


@pytest.fixture
def service(own_emulator):
    return own_emulator(training_seconds=0.1)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(str(tmp_path / 'own.sqlite')) as opened:
        yield opened


@pytest.fixture
def client(service):
    with ApiClient(service.host, service.app_id, service.token) as opened:
        yield opened


@pytest.fixture
def studio(client, ledger):
    return PortraitStudio(client, ledger=ledger, uploads=OssUploads(PLACE), interval=0.05)


def sent(service, path):
    return len([1 for each in service.requests if each.operation == path])


def puts(oss):
    return len([line for line in oss.requests if line[0] == 'PUT'])


# the studio

def test_a_folder_becomes_a_portrait_each_photo_is_put_once_and_nothing_stays(
        studio, oss, ledger, service):
    with open(PATHS[0], 'rb') as stream:
        photos = [stream, pathlib.Path(PATHS[1])] + PATHS[2:]
        portrait = studio.portrait(photos, pathlib.Path(TEMPLATE), person='collins')
    assert portrait.size == (768, 900) and puts(oss) == 6
    assert not oss.objects and not ledger.uploads() and not studio.uploaded
    assert ledger.trainings()[0].photos[0][0] == PATHS[0]
    assert ledger.creations()[0].template[0] == TEMPLATE


def test_photos_are_removed_when_the_training_has_ended_and_before_the_creation(
        studio, oss, monkeypatch):
    there, create = [], studio.create
    monkeypatch.setattr(studio, 'create', lambda *args, **how: (
        there.append(len(oss.objects)), create(*args, **how))[1])
    studio.portrait(PATHS, TEMPLATE)
    assert there == [1] and not oss.objects


def test_urls_and_paths_stand_side_by_side_and_several_persons_too(studio, oss, service):
    hopper = [os.path.join(PHOTOS, 'hopper_{}.jpg'.format(index)) for index in range(4)]
    hopper += [service.url('hopper_4.jpg')]
    two = service.url('template_two.jpg')
    assert studio.portrait([PATHS, hopper], two).size
    assert puts(oss) == 9 and not oss.objects


def test_photos_of_a_training_in_doubt_stay_and_are_named(studio, oss, ledger, service):
    service.faults.drop(after=True, operation='train')
    with pytest.raises(ApiException) as caught:
        studio.train(PATHS, key='k')
    assert len(oss.objects) == len(ledger.uploads()) == len(caught.value.left) == 5
    assert sent(service, 'train') == 1


@pytest.mark.parametrize('ends', [KeyboardInterrupt, ZeroDivisionError])
def test_photos_of_a_training_that_was_interrupted_on_its_way_stay_and_no_cleaning_takes_them(
        studio, oss, ledger, ends):
    def interrupted(response, **named):
        response.close()
        raise ends()
    with requests.Session() as session:
        session.hooks['response'].append(interrupted)
        studio._client.configuration.session = session
        with pytest.raises(ends) as caught:
            studio.train(PATHS, key='k')
    assert len(oss.objects) == len(caught.value.left) == 5
    assert len(clean(ledger, OssUploads(PLACE), age=0)) == 0 and len(oss.objects) == 5


def test_photos_stay_where_a_proxy_gave_a_training_up_and_go_where_it_was_refused(
        studio, oss, ledger, service):
    service.faults.answer(504, b'<html>Gateway Time-out</html>', operation='train')
    with pytest.raises(ApiException) as caught:
        studio.train(PATHS)
    assert caught.value.is_in_doubt
    assert len(oss.objects) == len(caught.value.left) == 5
    assert len(clean(ledger, OssUploads(PLACE), age=0)) == 0 and len(oss.objects) == 5
    oss.objects.clear()
    service.faults.fail('quota', operation='train')
    with pytest.raises(ApiException) as caught:
        studio.train(PATHS)
    assert not caught.value.is_in_doubt and not oss.objects


def test_photos_stay_where_an_odd_answer_names_a_job_until_its_end_is_known(
        studio, oss, ledger, service):
    service.faults.answer(200, json.dumps({
        'request_id': 'r', 'code': 'ODD', 'data': {'job_id': 7, 'model_id': 'm'}}).encode(),
        operation='train')
    with pytest.raises(ApiException) as caught:
        studio.train(PATHS)
    assert caught.value.is_in_doubt
    assert len(oss.objects) == len(caught.value.left) == 5
    assert clean(ledger, OssUploads(PLACE), age=0) == [] and len(oss.objects) == 5
    ledger.finished(7, 'succeeded')
    assert clean(ledger, OssUploads(PLACE), age=0) == [] and not oss.objects


def test_a_url_that_is_none_is_taken_back(client, ledger):
    there = []

    class Uploads(object):
        def put(self, path):
            there.append('s3://bucket/photo')
            return there[-1]

        def discard(self, url):
            there.remove(url)
    with pytest.raises(ValueError, match='uploads.put'):
        PortraitStudio(client, ledger=ledger, uploads=Uploads()).train(PATHS)
    assert not there


def test_a_wait_that_ends_early_names_the_photos_that_stay(studio, oss, service):
    service.trainings.hold()
    model = studio.train(PATHS, wait=False)
    with pytest.raises(JobTimeoutError) as caught:
        studio.wait(model, timeout=0.2)
    assert len(oss.objects) == len(caught.value.left) == 5
    service.trainings.release()
    studio.wait(model)
    assert not oss.objects


@pytest.mark.parametrize('url', [None, b'http://a.test/0.jpg', '/tmp/0.jpg'])
def test_what_is_no_url_of_a_photo_is_not_trained_with(client, service, url):
    class Odd(object):
        def put(self, path):
            return url

        def discard(self, url):
            pass
    with pytest.raises(ValueError, match='uploads.put'):
        PortraitStudio(client, uploads=Odd()).train(PATHS)
    assert not sent(service, 'train')


def test_each_step_takes_paths(studio, oss):
    assert studio.check(PATHS).check_results[1].url == PATHS[1]
    assert not oss.objects
    model = studio.train(PATHS)
    assert not oss.objects
    assert studio.create(model, TEMPLATE).size and not oss.objects
    with open(TEMPLATE, 'rb') as stream:
        results = list(studio.create_many([(model, TEMPLATE), (model, stream)]))
    assert all(result.ok for result in results) and not oss.objects


def test_photos_of_a_training_that_goes_on_stay_until_it_is_seen_to_have_ended(
        studio, oss, ledger, service):
    service.trainings.hold()
    first, second = studio.train(PATHS, wait=False), studio.train(PATHS, wait=False)
    assert len(oss.objects) == len(ledger.uploads()) == 10
    assert clean(ledger, OssUploads(PLACE), age=0) == [] and len(oss.objects) == 10
    service.trainings.release()
    studio.wait(first)
    assert len(oss.objects) == 5
    other = PortraitStudio(studio._client, ledger=ledger, uploads=OssUploads(PLACE), interval=0.05)
    other.wait(second.model_id)
    assert not oss.objects and not ledger.uploads()


def test_a_wait_that_ends_early_leaves_and_names_what_the_training_needs(
        studio, oss, service, caplog):
    service.trainings.hold()
    with pytest.raises(JobTimeoutError) as caught:
        studio.train(PATHS, timeout=0.2)
    assert len(caught.value.left) == len(oss.objects) == 5
    assert 'still uploaded' in caplog.text and 'signature' not in caplog.text
    service.trainings.release()
    studio.wait(caught.value.model_id)
    assert not oss.objects


def test_a_training_that_fails_removes_its_photos(studio, oss, service):
    service.trainings.hold()
    model = studio.train(PATHS, wait=False)
    service.trainings.fail(model.job_id)
    with pytest.raises(JobFailedError):
        studio.look(model)
    assert not oss.objects and not studio.uploaded


def test_photos_that_a_check_refuses_are_named_as_they_were_given(studio, oss):
    with pytest.raises(ImageCheckError) as caught:
        studio.portrait(PATHS[:4] + [pathlib.Path(COFFEE)], TEMPLATE)
    assert [failure.url for failure in caught.value.failures] == [COFFEE]
    assert COFFEE in str(caught.value) and caught.value.to_dict()['photos'][0]['url'] == COFFEE
    with pytest.raises(ImageCheckError) as caught:
        studio.portrait(PATHS, COFFEE)
    assert COFFEE in str(caught.value)
    assert not oss.objects


@pytest.mark.parametrize('photos, template, error, told', [
    (PATHS[:4], TEMPLATE, ValueError, 'holds 4 photos'),
    (PATHS + PATHS[:1], TEMPLATE, ValueError, 'twice'),
    (PATHS[:4] + [pathlib.Path(PATHS[0])], TEMPLATE, PhotoFileError, 'the same photo'),
    (PATHS[:4] + [SMALL], TEMPLATE, PhotoFileError, 'larger than 512'),
    (PATHS, SMALL, PhotoFileError, SMALL),
    (PATHS, 'missing.jpg', PhotoFileError, 'No such file'),
    ([PATHS, PATHS[:4] + [SMALL]], TEMPLATE, PhotoFileError, SMALL),
    (PATHS[0], TEMPLATE, ValueError, 'single string or path'),
    (io.BytesIO(), TEMPLATE, ValueError, 'single string or path'),
    (PATHS[:4] + ['data:image/png;base64,AAAA'], TEMPLATE, ValueError, 'URLs only')],
    ids=['too few', 'twice', 'the same pixels', 'too small', 'a small template',
         'a missing template', 'the second person', 'one path', 'one file', 'data'])
def test_what_would_be_refused_is_told_before_a_byte_travels(
        photos, template, error, told, studio, oss, service):
    with pytest.raises(error) as caught:
        studio.portrait(photos, template)
    assert told in str(caught.value)
    assert not oss.requests and not service.requests


def test_without_uploads_a_path_is_refused_and_the_error_names_them(client, oss):
    for photos in (PATHS, [io.BytesIO()] * 5, [pathlib.Path(path) for path in PATHS]):
        with pytest.raises(ValueError) as caught:
            PortraitStudio(client).train(photos)
        assert 'uploads=OssUploads(' in str(caught.value)
    assert not oss.requests


def test_what_is_done_is_not_uploaded_again_even_if_the_photos_are_gone(
        studio, oss, ledger, service, tmp_path):
    photos = [shutil.copy(path, str(tmp_path)) for path in PATHS]
    portrait = studio.portrait(photos, TEMPLATE, person='c', key='order')
    portrait.save(str(tmp_path / 'p.jpg'))
    assert puts(oss) == 6
    renamed = [shutil.move(path, path + '.jpeg') for path in photos]
    assert studio.train(renamed, person='c', again=False).model_id == portrait.models[0].model_id
    for path in renamed:
        os.remove(path)
    assert studio.portrait(photos, TEMPLATE, key='order').size == portrait.size
    assert studio.train(photos, key='order').model_id == portrait.models[0].model_id
    assert studio.create(portrait.models, TEMPLATE, key='order').size == portrait.size
    assert puts(oss) == 6 and sent(service, TRAIN) == sent(service, CREATE) == 1


def test_what_is_in_doubt_is_not_uploaded(studio, oss, ledger):
    ledger.begin('train', photos=PATHS, key='order')
    ledger.begin('create', key='order')
    for call in (lambda: studio.train(PATHS, key='order'),
                 lambda: studio.train(PATHS, again=False),
                 lambda: studio.create('m', TEMPLATE, key='order'),
                 lambda: studio.portrait(PATHS, TEMPLATE, key='order')):
        with pytest.raises(InDoubtError):
            call()
    assert not oss.requests


def test_the_same_photos_are_known_by_their_content_whatever_their_urls_were(
        studio, oss, ledger):
    model = studio.train(PATHS)
    row = ledger.same_training(reversed(PATHS))
    assert row.model_id == model.model_id and row.photos[0][0] == PATHS[0]
    streams = [open(path, 'rb') for path in PATHS]
    first = studio.train(streams, person='s')
    for stream in streams:
        stream.seek(0)
    assert studio.train(streams, person='s', again=False).model_id == first.model_id
    for stream in streams:
        stream.close()
    assert not oss.objects and ledger.trainings()[0].photos[0][0] == PATHS[0]


def test_what_is_kept_stays(client, oss, ledger):
    studio = PortraitStudio(client, ledger=ledger, uploads=OssUploads(PLACE), keep_uploads=True,
                            interval=0.05)
    studio.portrait(PATHS, TEMPLATE)
    assert len(oss.objects) == 6 and not ledger.uploads()


BAD_DAYS = {
    'unknown key': (lambda oss: oss.keys.clear(), 'OSS_ACCESS_KEY_ID'),
    'wrong region': (lambda oss: oss.buckets.update({BUCKET: 'cn-beijing'}), 'OSS_REGION'),
    'full in the middle': (
        lambda oss: setattr(oss, 'room', 3 * os.path.getsize(PATHS[0])), 'make room'),
    'half a photo': (lambda oss: oss.faults.extend([None, None] + ['cut'] * 9), 'the network'),
    'refused': (lambda oss: oss.faults.extend([Refused(403, 'AccessDenied', 'no')] * 9), '403'),
    'the template': (lambda oss: oss.faults.extend([None] * 5 + ['lost'] * 9), 'the network')}


@pytest.mark.parametrize('day', sorted(BAD_DAYS))
def test_when_a_photo_cannot_be_put_nothing_is_trained_and_nothing_is_left(
        day, studio, oss, service, ledger):
    break_it, told = BAD_DAYS[day]
    break_it(oss)
    with pytest.raises(UploadError) as caught:
        studio.portrait(PATHS, TEMPLATE)
    assert told in str(caught.value) and caught.value.left == []
    assert not sent(service, TRAIN) and not oss.objects
    assert not ledger.calls() and not ledger.uploads()


def test_when_the_network_goes_what_stays_is_named_and_in_the_ledger(studio, oss, ledger, service):
    check = studio._check

    def check_and_lose(uploaded, *more):
        check(uploaded, *more)
        oss.deaf = True
    studio._check = check_and_lose
    with pytest.raises(UploadError) as caught:
        studio.portrait(PATHS, TEMPLATE)
    # The template may be there: its answer was lost.
    assert caught.value.left and set(caught.value.left) >= set(ledger.uploads())
    assert len(ledger.uploads()) >= 5 and len(oss.objects) == 5
    oss.deaf = False
    clean(ledger, OssUploads(PLACE), age=0)
    assert not oss.objects and not sent(service, TRAIN) and not ledger.uploads()


@pytest.mark.parametrize('step', ['check', 'train', 'create'])
def test_ctrl_c_in_a_call_removes_the_photos(step, studio, oss, monkeypatch):
    def interrupted(*args, **how):
        assert oss.objects
        raise KeyboardInterrupt
    monkeypatch.setattr(studio._api, 'aigc_images_' + step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        studio.portrait(PATHS, TEMPLATE)
    assert not oss.objects and not studio.uploaded


def test_a_service_that_refuses_leaves_nothing(studio, oss, service):
    service.faults.fail('quota', operation='train')
    with pytest.raises(Exception) as caught:
        studio.portrait(PATHS, TEMPLATE)
    assert caught.value.code == 'EXCEEDED_QUOTA_ERROR'
    assert not oss.objects


def test_a_batch_whose_deadline_has_passed_names_the_photos_that_stay(
        client, ledger, oss, service, caplog):
    service.trainings.hold()
    studio = PortraitStudio(client, ledger=ledger, uploads=OssUploads(PLACE), interval=0.05,
                            timeout=0.2)
    result, = studio.batch([dict(person='Grace', photos=PATHS, template=TEMPLATE)], 'out')
    assert result.error.job_id and sorted(result.error.left) == sorted(ledger.uploads(lent_age=0))
    assert len(oss.objects) == 5 and 'still uploaded' in caplog.text


# asyncio

async def _awaited(service, **options):
    from ai_service_python_sdk import aio
    async with aio.ApiClient(service.host, service.app_id, service.token) as client:
        studio = aio.PortraitStudio(client, uploads=OssUploads(PLACE), interval=0.05)
        return await options.pop('body')(studio, **options)


def test_asyncio_takes_paths_too(service, oss):
    async def body(studio):
        portrait = await studio.portrait(PATHS, TEMPLATE)
        await studio.check(PATHS)
        await studio.create(portrait.models[0], TEMPLATE)
        return portrait.size, [result.ok async for result in studio.create_many(
            [(portrait.models[0], TEMPLATE)])]
    assert asyncio.run(_awaited(service, body=body)) == ((768, 900), [True])
    assert not oss.objects


def test_a_cancelled_portrait_asks_nothing_and_removes_the_photos_that_are_there(service, oss):
    async def body(studio):
        loop, begun, gate = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
        put = studio.plain._uploads.put

        def put_and_tell(path):
            url = put(path)
            loop.call_soon_threadsafe(begun.set)
            gate.wait(30)
            return url
        studio.plain._uploads.put = put_and_tell
        task = asyncio.ensure_future(studio.portrait(PATHS, TEMPLATE))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        gate.set()
    asyncio.run(_awaited(service, body=body))
    assert puts(oss) and not oss.objects and not service.requests


def test_a_cancelled_wait_keeps_what_the_training_needs_until_a_later_wait(service, oss):
    async def body(studio):
        service.trainings.hold()
        task = asyncio.ensure_future(studio.portrait(PATHS, TEMPLATE))
        while not studio.trainings:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while len(oss.objects) > 5:
            await asyncio.sleep(0.01)
        service.trainings.release()
        await studio.wait(studio.trainings[0])
    asyncio.run(_awaited(service, body=body))
    assert puts(oss) == 6 and not oss.objects


# the prompt

@pytest.fixture
def run(capfd, service, monkeypatch):
    """Run a command line with a bucket; return (exit code, stdout, stderr)."""
    monkeypatch.setenv('AI_SERVICE_HOST', service.host)
    monkeypatch.setenv('AI_SERVICE_APP_ID', service.app_id)
    monkeypatch.setenv('AI_SERVICE_TOKEN', service.token)

    def call(*words):
        code = main(list(words))
        out, err = capfd.readouterr()
        return code, out, err
    return call


UPLOAD = ['--upload', PLACE]
RUN = ['run'] + PATHS + ['--template', TEMPLATE, '--interval', '0.05']


def own_ledger(tmp_path):
    return Ledger(str(tmp_path / 'data' / 'ai-portrait' / 'ledger-local.sqlite'))


def nothing_is_known(ended):
    return ended[0] == 0 and 'ledger-local.sqlite knows of no photo' in ended[1]


def test_the_prompt_leads_from_a_folder_to_a_portrait(run, oss, tmp_path, service):
    folder = tmp_path / 'me'
    folder.mkdir()
    for path in PATHS:
        shutil.copy(path, str(folder))
    code, out, err = run('run', str(folder), '--template', TEMPLATE, '--interval', '0.05', *UPLOAD)
    assert code == 0 and not err, (out, err)
    assert 'fits     ' + str(folder / 'collins_0.jpg') in out
    assert (tmp_path / 'portrait.jpg').exists() and puts(oss) == 6 and not oss.objects
    code, out, err = run(*RUN + UPLOAD)
    assert code == 10 and puts(oss) == 6 and sent(service, TRAIN) == 1
    assert nothing_is_known(run('uploads'))


def test_the_variable_stands_for_the_option(run, oss, monkeypatch):
    monkeypatch.setenv('AI_SERVICE_UPLOAD', PLACE)
    code, out, _ = run('check', PATHS[0], COFFEE)
    assert code == 3 and 'rejected ' + COFFEE in out
    assert puts(oss) == 2 and not oss.objects
    code, out, _ = run('check', '--emulator', PATHS[0])
    assert code == 0 and puts(oss) == 2


def test_no_wait_keeps_the_photos_and_a_later_wait_removes_them(run, oss, tmp_path):
    code, out, _ = run('train', '--no-wait', *PATHS + UPLOAD)
    assert code == 0 and len(oss.objects) == 5
    code, out, _ = run('uploads')
    assert code == 0 and len(out.split()) == 5 and 'signature' not in out
    code, out, err = run('wait', '--interval', '0.05', *UPLOAD)
    assert code == 0 and not oss.objects, err
    assert run('create', own_ledger(tmp_path).trainings()[0].model_id, '--template', TEMPLATE,
               *UPLOAD)[0] == 0
    assert puts(oss) == 6 and not oss.objects


def test_photos_of_a_training_in_doubt_stay_at_the_prompt(run, oss, service):
    service.faults.drop(after=True, operation='train')
    code, _, err = run('train', *PATHS + UPLOAD)
    assert code == 9 and 'ai-portrait history' in err and len(oss.objects) == 5
    assert run('uploads', '--clean', *UPLOAD)[0] == 0 and len(oss.objects) == 5


def test_a_look_that_sees_a_training_end_removes_its_photos(run, oss, service):
    assert run('train', '--no-wait', *PATHS + UPLOAD)[0] == 0 and len(oss.objects) == 5
    code, out = 0, ''
    while 'succeeded' not in out and code == 0:
        code, out, _ = run('job', '1', *UPLOAD)
    assert code == 0 and not oss.objects


def test_a_ledger_that_is_not_there_has_no_list_of_uploads(run, tmp_path):
    code, _, err = run('uploads', '--ledger', 'typo.sqlite')
    assert code == 2 and 'typo.sqlite' in err and not (tmp_path / 'typo.sqlite').exists()


def test_a_batch_keeps_its_uploads_if_told(run, oss, tmp_path):
    (tmp_path / 'o.csv').write_text('person,photos,template\ncollins,{},{}\n'.format(
        '|'.join(PATHS), TEMPLATE))
    assert run('batch', 'o.csv', '--yes', '--keep-uploads', '--interval', '0.05', *UPLOAD)[0] == 0
    assert len(oss.objects) >= 6


def test_what_is_to_be_kept_stays_at_the_prompt(run, oss):
    assert run(*RUN + UPLOAD + ['--keep-uploads'])[0] == 0
    assert len(oss.objects) == 6
    assert nothing_is_known(run('uploads'))


def test_a_deadline_names_the_line_that_goes_on_with_the_same_bucket(
        run, oss, service, caplog):
    service.trainings.hold()
    code, out, err = run(*RUN + UPLOAD + ['--timeout', '0.2'])
    assert code == 8 and re.search(
        'ai-portrait wait [0-9]+ --upload ' + PLACE, err)
    assert len(oss.objects) == 5 and 'still uploaded' in caplog.text
    service.trainings.release()
    assert run('wait', '--interval', '0.05', *UPLOAD)[0] == 0 and not oss.objects


@pytest.mark.parametrize('day', sorted(BAD_DAYS))
def test_at_the_prompt_too_nothing_is_trained_and_nothing_is_left(day, run, oss, service):
    break_it, told = BAD_DAYS[day]
    break_it(oss)
    code, out, err = run(*RUN + UPLOAD)
    assert code == 2 and told in err and 'Traceback' not in err, err
    assert not sent(service, TRAIN) and not oss.objects
    oss.faults[:] = []
    assert nothing_is_known(run('uploads'))


def test_the_prompt_lists_what_stays_and_cleans_it_later(run, oss, caplog):
    check = oss.check
    oss.check = lambda method, *more: (
        refuse() if method == 'DELETE' else check(method, *more))

    def refuse():
        raise Refused(403, 'AccessDenied', 'no')
    code, out, err = run('check', *PATHS[:2] + UPLOAD)
    assert code == 0 and caplog.text.count('cannot be discarded') == 2
    code, out, _ = run('uploads', '--json')
    assert code == 0 and len(json.loads(out)['uploads']) == len(oss.objects) == 2
    assert run('uploads', '--clean')[0] == 2
    code, out, err = run('uploads', '--clean', *UPLOAD)
    assert code == 1 and len(out.split()) == 2
    oss.check = check
    code, out, err = run('uploads', '--clean', *UPLOAD)
    assert nothing_is_known((code, out)) and not oss.objects


@pytest.mark.parametrize('words, told', [
    (RUN, '--upload oss://bucket/prefix'),
    (RUN + ['--upload', 'bucket'], "`--upload` is 'bucket'; give oss://bucket/prefix\n"),
    (['check'] + PATHS + [SMALL] + UPLOAD, 'larger than 512'),
    (['check', 'missing*.jpg'] + UPLOAD, 'no file matches'),
    (RUN[:4] + RUN[6:] + UPLOAD, 'holds 3 photos')],
    ids=['no bucket', 'no place', 'too small', 'no file', 'too few'])
def test_what_is_wrong_is_told_at_the_prompt_before_a_byte_travels(words, told, run, oss, service):
    code, _, err = run(*words)
    assert code == 2 and told in err
    assert not oss.requests and not service.requests


@pytest.mark.skipif(os.name != 'posix', reason='needs signals')
@pytest.mark.parametrize('number, stay', [(signal.SIGINT, 0), (signal.SIGKILL, 2)],
                         ids=['Ctrl-C', 'kill -9'])
def test_a_command_that_is_ended_while_it_uploads_leaves_nothing_that_cannot_be_cleaned(
        number, stay, run, oss, service):
    program = (
        'import os, signal, sys; sys.path.insert(0, {!r})\n'
        'signal.signal(signal.SIGINT, signal.default_int_handler)\n'
        'from ai_service_python_sdk import cli, uploads\n'
        'put, calls = uploads.OssUploads.put, []\n'
        'def put_and_end(self, path):\n'
        '    if len(calls) == 2: os.kill(os.getpid(), {}); signal.pause()\n'
        '    calls.append(1)\n'
        '    return put(self, path)\n'
        'uploads.OssUploads.put = put_and_end\n'
        'sys.exit(cli.main(sys.argv[1:]))\n').format(ROOT, int(number))
    process = subprocess.run([sys.executable, '-c', program] + RUN + UPLOAD, timeout=60,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.returncode == (130 if number == signal.SIGINT else -9), process.stderr
    assert len(oss.objects) == stay and not service.requests
    assert run('uploads', '--clean', *UPLOAD)[0] == 0 and not oss.objects
