"""The emulator's control routes: what they take and answer, as described, and for whom."""
import io
import json
import os
import socket
import time

import pytest
import requests
from support import ROOT
from helpers import person

from ai_service_python_sdk import AIGCImagesApi, ApiClient
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.emulator import Emulator
from ai_service_python_sdk.util.sign import authorization

pytestmark = pytest.mark.usefixtures('emulator')
CHECK = '/api/v1/aigc_images/check'
QUOTA = {'action': 'error', 'value': 'quota'}


def write(service, path, wanted=None, method='POST', **headers):
    headers = dict({'Content-Type': 'application/json', 'X-Emulator-Key': service.control_key},
                   **{name.replace('_', '-'): value for name, value in headers.items()})
    return requests.request(method, service.host + path, data=json.dumps(wanted or {}),
                            headers={name: value for name, value in headers.items() if value})


def read(service, path):
    return requests.get(service.host + path).json()


def api_of(service):
    return AIGCImagesApi(ApiClient(service.host, service.app_id, service.token))


def signed(service, path, body, **headers):
    headers['Authorization'] = authorization(service.app_id, service.token, 'POST', path, body)
    return requests.post(service.host + path, data=body, headers=headers)


# the document

@pytest.fixture(scope='module')
def document():
    yaml = pytest.importorskip('yaml')
    with io.open(os.path.join(ROOT, 'docs', 'openapi-emulator.yaml'), encoding='utf-8') as stream:
        return yaml.safe_load(stream)


def test_the_control_routes_are_a_valid_openapi_document(document):
    pytest.importorskip('openapi_spec_validator').validate(document)


def problems(document, value, schema):
    jsonschema = pytest.importorskip('jsonschema')
    whole = dict(schema, components=document['components'])
    return [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(value)]


def test_every_read_answers_as_described(document, own_emulator):
    service = own_emulator(training_seconds=0)
    api = api_of(service)
    training = api.aigc_images_train(person(service, 'collins'))
    service.trainings.finish(training)
    api.aigc_images_create(training.model_id, service.url('template_single_hopper.jpg'))
    api.aigc_images_check([service.url('exactly512.jpg'), service.url('absent.jpg')])
    service.faults.photo(5, url='x.jpg')
    service.faults.answer(502, b'<html>', operation='create', times=None)
    for path, item in document['paths'].items():
        if 'get' not in item or path == '/':
            continue
        answer = requests.get(service.host + path.replace(
            '{id}', service.portraits[-1]['id']))
        content = item['get']['responses']['200']['content']
        kind, = content
        assert (answer.status_code, answer.headers['Content-Type']) == (200, kind), path
        if kind == 'application/json':
            assert problems(document, answer.json(), content[kind]['schema']) == [], path
    state = read(service, '/control/state')
    assert [photo['code'] for photo in state['jobs'][0]['photos']] == [1] * 5
    assert state['portraits'][0]['model_ids'] == [training.model_id]
    assert len(state['requests']) == 3 and len(state['pending']) == 2


def test_the_document_names_what_the_code_takes(document):
    from ai_service_python_sdk.emulator import contract, control, faults
    schemas = document['components']['schemas']
    assert sorted(schemas['Fault']['properties']['action']['enum']) == sorted(faults.ACTIONS)
    assert set(schemas['Fault']['properties']) == set(faults.FIELDS)
    assert schemas['Operation']['examples'] == sorted(contract.OPERATIONS)
    assert sorted(option['properties']['action']['const']
                  for option in schemas['Steering']['oneOf']) == sorted(control.STEERING)


def test_health_is_for_containers(own_emulator):
    service = own_emulator()
    from ai_service_python_sdk import __version__
    assert read(service, '/health') == {'status': 'ok', 'version': __version__}
    assert requests.head(service.host + '/health').status_code == 200
    assert len(service.requests) == 0


# writing

def test_faults_are_set_seen_and_cleared_over_http(own_emulator):
    service = own_emulator()
    assert write(service, '/control/faults', dict(QUOTA, operation='check')).status_code == 200
    pending, = read(service, '/control/faults')['pending']
    assert (pending['operation'], pending['happened']) == (CHECK, 0)
    with pytest.raises(exceptions.QuotaExceededError):
        api_of(service).aigc_images_check(person(service, 'collins')[:1])
    assert read(service, '/control/faults') == {'faults': [], 'pending': []}
    write(service, '/control/faults', {'action': 'delay', 'value': 60})
    write(service, '/control/faults', {'action': 'answer', 'value': [200, 'x']})
    assert write(service, '/control/faults', method='DELETE').status_code == 200
    assert service.faults.all == []


@pytest.mark.parametrize('script, listed', [
    ({}, 'drop_after'), ([], 'JSON object'), ({'action': 'x'}, 'drop_after'),
    ({'action': ['x']}, 'drop_after'), (dict(QUOTA, value='x'), 'train_weights'),
    (dict(QUOTA, times='x'), '`times`'), (dict(QUOTA, every=0), '`every`'),
    (dict(QUOTA, tims=1), '`tims` is unknown'), (dict(QUOTA, operation='chekc'), 'check'),
    ({'action': 'photo', 'value': 7}, '2, 3, 4, 5, 6'),
    ({'action': 'answer', 'value': [200]}, '[status, body]')], ids=str)
def test_a_wrong_fault_is_refused_with_what_exists(own_emulator, script, listed):
    service = own_emulator()
    answer = write(service, '/control/faults', script or None)
    if script == []:
        answer = requests.post(service.host + '/control/faults', data='[]', headers={
            'Content-Type': 'application/json', 'X-Emulator-Key': service.control_key})
    assert answer.status_code == 400 and listed in answer.json()['problem']
    assert service.faults.all == []


def test_trainings_are_steered_over_http(own_emulator):
    service = own_emulator()

    def steer(**wanted):
        return write(service, '/control/trainings', wanted)

    assert steer(action='hold').status_code == 200
    first = api_of(service).aigc_images_train(person(service, 'collins')).job_id
    second = api_of(service).aigc_images_train(person(service, 'hopper')).job_id
    assert steer(action='finish', job=first).status_code == 200
    assert steer(action='fail', job=second, error='train_template').status_code == 200
    states = {job['id']: job['state'] for job in read(service, '/control/state')['jobs']}
    assert states == {first: 2, second: 3}
    assert steer(action='mode', value='after 3 looks').status_code == 200
    assert service.trainings.mode == 'after 3 looks'
    assert steer(action='release').status_code == 200
    for wrong, listed in (({'action': 'stop'}, 'finish, hold'), ({'action': 'finish'}, 'job'),
                          ({'action': 'finish', 'job': first}, 'it has ended'),
                          ({'action': 'finish', 'job': [1]}, 'running: '),
                          ({'action': 'fail', 'job': {}}, 'running: '),
                          ({'action': 'hold', 'job': 1}, 'job'), ({}, 'release'),
                          ({'action': 'mode', 'value': 'x'}, 'after 3 looks')):
        answer = steer(**wrong)
        assert answer.status_code == 400 and listed in answer.json()['problem'], wrong


@pytest.mark.parametrize('body', [b'{', b'\xff', b'[' * 60000, b'5'])
def test_a_body_that_is_not_json_is_refused(own_emulator, body):
    service = own_emulator()
    answer = requests.post(service.host + '/control/faults', data=body, headers={
        'Content-Type': 'application/json', 'X-Emulator-Key': service.control_key})
    assert answer.status_code == 400 and answer.json()['problem']


def test_an_unknown_control_path_names_those_there_are(own_emulator):
    answer = requests.get(own_emulator().host + '/control/nothing')
    assert answer.status_code == 404 and '/control/requests' in answer.json()['problem']


# for whom

@pytest.mark.parametrize('headers, status', [
    ({'X_Emulator_Key': None}, 403), ({'X_Emulator_Key': 'wrong'}, 403),
    ({'X_Emulator_Key': '\xe9'}, 403), ({'Content_Type': 'text/plain'}, 415),
    ({'Content_Type': None}, 415), ({'Origin': 'http://evil.example'}, 403),
    ({'Origin': 'null'}, 403), ({'Host': 'evil.example'}, 403),
    ({'Host': 'evil.example:80', 'Origin': 'http://evil.example:80'}, 403)], ids=str)
@pytest.mark.parametrize('method, path', [
    ('POST', '/control/faults'), ('DELETE', '/control/faults'), ('DELETE', '/control/state'),
    ('POST', '/control/trainings')])
def test_a_web_page_of_others_cannot_steer(own_emulator, method, path, headers, status):
    service = own_emulator()
    service.faults.fail('quota')
    wanted = QUOTA if path.endswith('faults') else {'action': 'hold'}
    answer = write(service, path, wanted, method, **headers)
    assert answer.status_code == status
    assert len(service.faults.all) == 1 and service.trainings.mode != 'held'


@pytest.mark.parametrize('host', ['evil.example', 'evil.example:8765', '192.0.2.1', '[::2]:80',
                                  'localhost.evil.example', '[', '127.0.0.1.evil.example'])
@pytest.mark.parametrize('path', ['/', '/health', '/control/state', '/files/collins_0.jpg', CHECK])
def test_a_name_that_is_rebound_to_this_computer_reads_nothing(emulator, host, path):
    answer = requests.get(emulator.host + path, headers={'Host': host})
    assert (answer.status_code, answer.json()['message']) == (403, 'host not allowed')
    assert '--name' in answer.json()['emulated_reason']


@pytest.mark.parametrize('host', ['localhost', 'LOCALHOST:80', '127.9.9.9:8765',
                                  '[::1]:8765', 'service.test', 'Service.Test:8765'])
def test_the_names_of_this_computer_and_those_it_was_told_are_taken(own_emulator, host):
    service = own_emulator(names=['service.test'])
    assert requests.get(service.host + '/health', headers={'Host': host}).status_code == 200


def test_one_name_may_be_given_as_a_text(own_emulator):
    service = own_emulator(names='service.test')
    for host, status in (('service.test', 200), ('s', 403)):
        answer = requests.get(service.host + '/health', headers={'Host': host})
        assert answer.status_code == status


def test_a_foreign_origin_may_not_call_the_service_either_and_its_own_may(own_emulator):
    service = own_emulator()
    body = b'{"action": "AIGCImageCheck", "images": []}'
    assert signed(service, CHECK, body, Origin='http://evil.example').status_code == 403
    assert signed(service, CHECK, body, Origin=service.host).status_code == 462


def test_beyond_this_computer_the_public_token_is_refused_and_another_warned_of(
        own_emulator, caplog):
    for public in ({}, {'token': ''}):
        with pytest.raises(ValueError, match='demo token'):
            own_emulator(host='0.0.0.0', **public)
    with caplog.at_level('WARNING', 'ai_service_python_sdk.emulator'):
        service = own_emulator(host='0.0.0.0', token='a-token-of-my-own')
    assert 'whoever reaches this computer can call' in caplog.text
    assert service.host.startswith('http://127.0.0.1:')
    assert read(service, '/health')['status'] == 'ok'


def test_a_large_body_of_an_unknown_app_id_is_refused_before_it_is_sent(emulator):
    with socket.create_connection(('127.0.0.1', emulator.port), 5) as sock:
        sock.sendall('POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: nobody:x\r\n'
                     'Content-Length: 50000000\r\n\r\n'.format(CHECK).encode('ascii'))
        assert b'not found appid' in sock.recv(65536)


def test_too_many_headers_are_refused(emulator):
    head = ''.join('X-{}: x\r\n'.format(number) for number in range(200))
    with socket.create_connection(('127.0.0.1', emulator.port), 5) as sock:
        sock.sendall('GET /health HTTP/1.1\r\nHost: localhost\r\n{}\r\n'.format(
            head).encode('ascii'))
        assert sock.recv(65536).startswith(b'HTTP/1.1 400')


@pytest.mark.parametrize('start', [
    b'GET /health HTTP/1.1\r\n',
    b'POST /api/v1/text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n'])
def test_a_request_that_drips_is_given_up(own_emulator, monkeypatch, start):
    from ai_service_python_sdk.emulator import contract
    monkeypatch.setattr(contract, 'MOST_ARRIVAL_SECONDS', 0.5)
    service = own_emulator()
    with socket.create_connection(('127.0.0.1', service.port), 30) as sock:
        sock.sendall(start)
        sock.settimeout(0.1)
        ended = False
        for _ in range(200):
            try:
                sock.sendall(b'x')
                ended = sock.recv(1) == b''
            except socket.timeout:
                continue
            except OSError:
                ended = True
            if ended:
                break
    assert ended


def test_the_state_survives_odd_bodies(own_emulator):
    service = own_emulator()
    bodies = [b'\xff\xfe', b'{"action": 5}', b'5', b'"\\ud800"']
    bodies += [start * depth + end * depth for start, end in ((b'[', b']'), (b'{"a":', b'}'))
               for depth in list(range(300, 1000, 20)) + [3000]]
    bodies += [b'{"action": "AIGCImageSD", "configure": {"task": ' + b'[' * depth + b']' * depth
               + b'}}' for depth in range(30, 1000, 100)]
    for body in bodies:
        path = '/api/v1/aigc_images/sd' if b'SD' in body else CHECK
        assert signed(service, path, body).status_code in (200, 404, 462)
        assert read(service, '/control/state')['requests']


def test_a_pictures_body_is_not_kept_whole(own_emulator):
    service = own_emulator()
    signed(service, '/api/v1/images', json.dumps({
        'action': 'ImageQA', 'image': 'A' * 2000000}).encode('ascii'))
    assert len(json.dumps(read(service, '/control/requests'))) < 10000


def test_calls_in_a_row_are_answered_while_the_page_looks(own_emulator):
    service = own_emulator()
    began = time.time()
    for _ in range(50):
        read(service, '/control/state')
        api_of(service).aigc_images_check(['x'])
    assert len(service.requests) == 50 and time.time() - began < 60


@pytest.mark.parametrize('path, wanted', [
    ('/control/faults', {'action': 'error', 'value': 'quota', 'self': 1}),
    ('/control/trainings', {'action': 'finish', 'job': 2 ** 70}),
    ('/control/trainings', {'action': 'mode', 'value': 10 ** 400})])
def test_what_no_control_call_takes_is_refused_and_no_bug(own_emulator, path, wanted):
    answer = write(own_emulator(), path, wanted)
    assert answer.status_code == 400 and answer.json()['problem']


def test_the_state_is_json_whatever_was_sent_and_bounded(own_emulator):
    service = own_emulator()
    signed(service, CHECK, b'{"action": "AIGCImageCheck", "x": NaN}')
    for large in ({'images': ['data:' + 'x' * 10 ** 6] * 30}, {'x' * 10 ** 6: 1},
                  dict((str(number), number) for number in range(10 ** 5))):
        signed(service, CHECK, json.dumps(large).encode('ascii'))
    text = requests.get(service.host + '/control/state').text
    assert 'NaN' in text and len(text) < 40000
    json.loads(text, parse_constant=lambda name: 1 / 0)


def test_the_page_knows_a_key_of_any_characters(own_emulator):
    page = requests.get(own_emulator(control_key='a"b<&amp;').host).text
    assert '<meta name="emulator-key" content="a&quot;b&lt;&amp;amp;">' in page


def test_a_folder_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValueError, match='`files`: '):
        Emulator(files='/no/such')


def test_no_signature_of_a_url_is_shown_without_a_key_and_the_journal_of_a_test_has_it_whole(
        own_emulator):
    service = own_emulator(training_seconds=0)
    api = api_of(service)
    photos = [url + '?Expires=9&Signature=S1GNED' for url in person(service, 'collins')]
    template = service.url('template_single_hopper.jpg') + '?Signature=S1GNED'
    training = api.aigc_images_train(photos)
    service.trainings.finish(training)
    api.aigc_images_create(training.model_id, template)
    api.aigc_images_check(photos)
    service.faults.photo(5, url=photos[0])
    for path in ('/control/state', '/control/requests', '/control/faults'):
        text = requests.get(service.host + path).text
        assert 'S1GNED' not in text and 'collins_0.jpg' in text, path
    service.requests.assert_sent('train', images=photos)
