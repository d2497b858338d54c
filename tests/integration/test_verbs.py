"""Every verb of the lowest layer over real sockets: limits, and bodies left unread."""
import gzip
import io

import pytest
from calls import client_of
from fault_server import FaultServer, answer, late

from ai_service_python_sdk import ApiTimeoutError
from ai_service_python_sdk.client.rest import RESTResponse

VERBS = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH']


def packed(data):
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode='wb') as archive:
        archive.write(data)
    return stream.getvalue()


@pytest.mark.parametrize('verb', VERBS)
def test_a_verb_has_the_limit_of_the_configuration_and_one_of_its_own(verb):
    with FaultServer(late(0.5)) as server:
        client = client_of(server.host)
        send = getattr(client.rest_client, verb)
        with pytest.raises(ApiTimeoutError):
            send(server.host + '/x', _request_timeout=0.1)
        with pytest.raises(ValueError, match='`configuration.timeout` is -1'):
            send(server.host + '/x', _request_timeout=-1)
        client.configuration.timeout = 0.1
        with pytest.raises(ApiTimeoutError):
            send(server.host + '/x')
        assert [request.method for request in server.requests] == [verb, verb]


@pytest.mark.parametrize('verb', [verb for verb in VERBS if verb != 'HEAD'])
def test_a_body_may_be_left_unread_and_is_decompressed_when_it_is_read(verb):
    one, two = [answer(packed(body), headers=[('Content-Encoding', 'gzip')])
                for body in (b'{"a": 1}', b'{"b": 2}')]
    with FaultServer(one, two) as server:
        send = getattr(client_of(server.host).rest_client, verb)
        raw = send(server.host + '/x', _preload_content=False)
        assert (raw.status, raw.headers['content-encoding']) == (200, 'gzip')
        assert raw.read() == b'{"a": 1}' and not isinstance(raw, RESTResponse)
        answered = send(server.host + '/x')
        assert answered.data == b'{"b": 2}' and isinstance(answered, RESTResponse)


def test_a_head_has_headers_and_no_body():
    with FaultServer(answer(b'', headers=[('X-Id', '7')])) as server:
        for preload in (True, False):
            answered = client_of(server.host).rest_client.HEAD(server.host + '/x',
                                                               _preload_content=preload)
            raw = answered.urllib3_response if preload else answered
            assert (raw.status, raw.headers['X-ID']) == (200, '7')
            assert isinstance(answered, RESTResponse) is preload
