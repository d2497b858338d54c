"""The emulator and requests that no SDK sends: every one is answered, with an envelope."""
import json
import socket
import uuid

import pytest
import requests

from ai_service_python_sdk.util.sign import authorization

CHECK, JOB, BATCH = '/api/v1/aigc_images/check', '/api/v1/async_jobs/1', '/api/v1/batch_jobs/1'


def signed(service, method, path, body=b''):
    headers = {'Authorization': authorization(service.app_id, service.token, method, path, body)}
    return requests.request(method, service.host + path, data=body, headers=headers)


def raw(service, request):
    """Send bytes; return status and envelope of the answer."""
    with socket.create_connection(('127.0.0.1', service.port), 5) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile('rb') as stream:
            head, _, body = stream.read().partition(b'\r\n\r\n')
    assert b'Content-Type: application/json' in head
    return int(head.split()[1]), json.loads(body.decode('utf-8'))


@pytest.mark.parametrize('path, wanted', [(CHECK, 'POST'), (JOB, 'POST'), (BATCH, 'GET')])
@pytest.mark.parametrize('method', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE',
                                    'QUERY', 'SING'])
def test_a_method_that_a_path_does_not_take_is_named_with_the_one_it_takes(emulator, path, wanted,
                                                                           method):
    answer = signed(emulator, method, path)
    if method == wanted:
        assert answer.status_code != 405 and 'Allow' not in answer.headers
        return
    assert (answer.status_code, answer.headers['Allow']) == (405, wanted)
    assert answer.json()['message'] == 'method not allowed'


@pytest.mark.parametrize('request_, status', [
    (b'SING /api/v1/text HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
    (b'nonsense\r\n\r\n', 400),
    (b'GET /api/v1/text HTTP/7.0\r\n\r\n', 400),
    (b'POST /api/v1/text HTTP/x\r\n\r\n', 400),
    (b'POST\t/api/v1/text\tHTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
    (b'POST /' + b'x' * 70000 + b' HTTP/1.1\r\n\r\n', 400),
    (b'POST /api/v1/text HTTP/1.1\r\nX: ' + b'x' * 70000 + b'\r\n\r\n', 400),
    (b'POST /api/v1/text HTTP/1.1\r\nContent-Length: x\r\n\r\n', 411),
    (b'POST /api/v1/text HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n', 413)],
    ids=['method', 'words', 'version', 'no-version', 'tabs', 'long-line', 'long-header', 'length',
         'size'])
def test_what_is_hardly_a_request_is_refused_with_an_envelope(emulator, request_, status):
    found, envelope = raw(emulator, request_)
    assert found == status
    assert envelope['code'] == 'PARAMETER_ERROR' and envelope['message']
    assert uuid.UUID(envelope['request_id'])


@pytest.mark.parametrize('model', [{}, {'model': None}, {'model': 5}])
def test_a_judge_without_a_name_is_refused(emulator, model):
    body = dict({'action': 'LLMEvalJudger', 'messages': [{'role': 'user'}]}, **model)
    answer = signed(emulator, 'POST', '/api/v1/llm/eval_judger', json.dumps(body).encode('ascii'))
    assert (answer.status_code, answer.json()['message']) == (462, 'Invalid input data')


@pytest.mark.parametrize('host', ['photos.example.com', 'localhost.example.com', 'a' * 300])
def test_a_host_that_is_not_allowed_is_not_even_looked_up(emulator, monkeypatch, host):
    asked = []
    monkeypatch.setattr(socket, 'getaddrinfo', lambda name, *args: asked.append(name) or [])
    from ai_service_python_sdk.emulator.photos import PhotoError, Photos
    with pytest.raises(PhotoError, match='allow-host'):
        Photos(None).picture('http://{}/a.jpg'.format(host))
    assert asked == []
