"""What the sockets themselves must bear: odd heads, bytes too many, full buffers."""
import contextlib
import socket
import threading

import pytest
import requests
import urllib3
from calls import batch, check, client_of, job, train
from fault_server import OK_BODY, FaultServer, answer, head, ok, raw, server_context
from support.clock import Clock

from ai_service_python_sdk import ApiException, ApiTimeoutError
from ai_service_python_sdk.client.transport import sockets
from ai_service_python_sdk.client.rest import RESTClientObject


WHOLE = head('Content-Length: %d' % len(OK_BODY)) + OK_BODY


def test_a_switch_to_another_protocol_is_an_error_and_ends_the_connection():
    switch = raw(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n', keep=True)
    with FaultServer(switch, ok) as server:
        client = client_of(server.host, lambda configuration: setattr(
            configuration, 'timeout', (5, 5)))
        with pytest.raises(ApiException) as caught:
            train(client)
        assert caught.value.status == 101
        assert train(client).ok and server.connections == 2


def test_a_hundred_interim_answers_are_borne():
    with FaultServer(raw(b'HTTP/1.1 102 Processing\r\n\r\n' * 100 + WHOLE)) as server:
        assert train(client_of(server.host)).ok and len(server.requests) == 1


@pytest.mark.parametrize('lines, shown', [
    (('Content-Length: 13', 'Content-Length: 300'), '13, 300'),
    (('Content-Length: 14, 13',), '13, 14'), (('Content-Length: -1',), '-1')], ids=repr)
def test_lengths_that_conflict_are_told(lines, shown):
    with FaultServer(raw(head(*lines) + b'{"code":"OK"}')) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host))
    assert 'Content-Length: ' + shown in str(caught.value)


def test_the_same_length_twice_in_one_line_is_no_conflict():
    line = 'Content-Length: {0}, {0}'.format(len(OK_BODY))
    with FaultServer(raw(head(line) + OK_BODY)) as server:
        assert train(client_of(server.host)).ok


def test_a_head_request_reads_no_body_whatever_length_is_promised():
    with FaultServer(raw(head('Content-Length: 500'), keep=True)) as server:
        wire = client_of(server.host).rest_client
        for _ in range(2):
            answered = wire.HEAD(server.host + '/x', _request_timeout=3)
            assert (answered.data, answered.getheader('content-length')) == (b'', '500')
        assert server.connections == 1


def test_bytes_after_the_end_that_tls_still_holds_never_answer_the_next_call(tmp_path):
    trustme = pytest.importorskip('trustme', reason='the extra "test" brings it')
    authority, bundle = trustme.CA(), tmp_path / 'authority.pem'
    authority.cert_pem.write_to_path(str(bundle))
    extra = head('Content-Length: 13') + b'{"code":"NO"}'
    # One record of TLS holds up to 16 KiB, twice what is read at once.
    body = OK_BODY + b' ' * (8192 - len(WHOLE) - 2)
    first = head('Content-Length: %d' % len(body)) + body
    context = server_context(authority.issue_cert('localhost'))
    with FaultServer(raw(first + extra, keep=True), ok, tls=context) as server:
        client = client_of(server.host, lambda configuration: setattr(
            configuration, 'ssl_ca_cert', str(bundle)))
        assert [job(client).code for _ in range(3)] == ['OK'] * 3
        assert len(server.requests) == 3 and server.connections == 2


def test_bytes_after_the_end_and_a_reset_leave_the_answer_whole():
    gone = threading.Event()

    def extra_then_reset(conversation, request):
        conversation.send(WHOLE + b'garbage')
        conversation.wait(0.2)
        conversation.reset()
        gone.set()
        return False
    with FaultServer(extra_then_reset, ok) as server:
        client = client_of(server.host)
        unread = job(client, _preload_content=False)
        assert gone.wait(5)
        assert unread.read() == OK_BODY
        assert job(client).code == 'OK'


def test_a_body_left_unread_is_read_on_when_its_call_is_over():
    over = threading.Event()

    def in_two_parts(conversation, request):
        conversation.send(WHOLE[:-20])
        over.wait(5)
        conversation.send(WHOLE[-20:])
        return True
    with FaultServer(in_two_parts) as server:
        unread = job(client_of(server.host), _preload_content=False, _request_timeout=5)
        over.set()
        assert unread.read() == OK_BODY


@pytest.mark.parametrize('limit', [0.3, (3, 0.3)], ids=str)
def test_a_service_that_takes_no_bytes_ends_the_call_in_time(limit):
    with FaultServer(greeting=lambda conversation, _: conversation.wait(8)) as server:
        with pytest.raises(ApiTimeoutError):
            check(client_of(server.host), configure={'long': 'x' * 30000000},
                  _request_timeout=limit)
        assert not server.requests


def test_the_words_of_the_status_line_are_kept():
    odd = answer(OK_BODY, '203 Not Quite Mine')
    with FaultServer(odd, answer(b'', '418 Short And Stout')) as server:
        client = client_of(server.host)
        assert train(client).ok and client.last_response.reason == 'Not Quite Mine'
        with pytest.raises(ApiException) as caught:
            train(client)
        assert caught.value.reason == 'Short And Stout'


@pytest.mark.parametrize('call, kind', [(batch, 'QueryTimeoutError'), (job, 'ApiTimeoutError')])
def test_a_body_that_stops_in_the_middle_is_a_time_out_of_its_verb(call, kind):
    half = raw(head('Content-Length: 500') + b'{"code":', then=lambda talk: talk.wait(8))
    with FaultServer(half) as server:
        with pytest.raises(ApiTimeoutError) as caught:
            call(client_of(server.host), _request_timeout=0.3)
    assert type(caught.value).__name__ == kind


@pytest.mark.parametrize('place', ['configuration', 'argument'])
def test_as_many_connections_are_kept_as_were_asked_for(place):
    together = threading.Barrier(12)

    def at_once(conversation, request):
        together.wait(10)
        return ok(conversation, request)
    with FaultServer(at_once) as server:
        client = client_of(server.host)
        client.configuration.connection_pool_maxsize = 12 if place == 'configuration' else 1
        if place == 'argument':
            client.rest_client = RESTClientObject(client.configuration, maxsize=12)
        for _ in range(3):
            threads = [threading.Thread(target=job, args=(client,)) for _ in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
        assert (len(server.requests), server.connections) == (36, 12)


def test_a_client_that_has_called_more_hosts_than_it_keeps_can_call_each_again():
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(FaultServer()) for _ in range(12)]
        client = client_of(servers[0].host, repeats=0)
        for server in servers[:11] + [servers[9], servers[5], servers[11], servers[0]]:
            client.host = server.host
            assert job(client).code == 'OK'
        client.close()
    assert sum(len(server.requests) for server in servers) == 15


@pytest.mark.parametrize('size', [1, 65000, 66000, 300000])
def test_a_body_of_any_size_follows_its_headers_whole(size):
    with FaultServer() as server:
        client = client_of(server.host)
        for _ in range(2):
            assert check(client, configure={'long': 'x' * size}).ok
        for request in server.requests:
            assert len(request.json['configure']['long']) == size
            assert request.headers['content-length'] == str(len(request.body))
        assert server.connections == 1


def patched(monkeypatch, change):
    """Let a tool change each request of requests before it leaves."""
    send = requests.Session.send

    def changed(session, request, **options):
        change(request)
        return send(session, request, **options)
    monkeypatch.setattr(requests.Session, 'send', changed)


@pytest.mark.parametrize('name', ['User-Agent', 'X-Mine'])
@pytest.mark.parametrize('value', ['a\nX: 1', 'a\rX: 1', '\n'], ids=repr)
def test_a_line_break_that_a_tool_puts_into_a_header_never_leaves(monkeypatch, name, value):
    patched(monkeypatch, lambda request: request.headers.update({name: value}))
    with FaultServer() as server:
        with pytest.raises(Exception, match='Invalid header value'):
            check(client_of(server.host))
        assert not server.requests


def test_a_tool_may_give_a_header_as_bytes_or_ask_to_leave_it_out(monkeypatch):
    skip = getattr(urllib3.util, 'SKIP_HEADER', None)
    patched(monkeypatch, lambda request: request.headers.update(
        {'User-Agent': skip or 'mine', 'Accept': b'text/plain'}))
    with FaultServer() as server:
        assert check(client_of(server.host)).ok
        headers = server.requests[0].headers
    assert headers['accept'] == 'text/plain' and headers.get('user-agent') == (
        None if skip else 'mine')


def test_a_tool_may_read_an_answer_before_the_sdk_does(monkeypatch):
    seen, send = [], requests.Session.send

    def read(session, request, **options):
        response = send(session, request, **options)
        seen.append((response.json()['code'], response.text[:1], response.history, response.ok,
                     response.url, response.request is request, len(response.cookies)))
        return response
    monkeypatch.setattr(requests.Session, 'send', read)
    with FaultServer() as server:
        client = client_of(server.host)
        assert train(client).job_id == train(client).job_id == 11
        url = server.host + '/api/v1/aigc_images/train'
        assert seen == [('OK', '{', [], True, url, True, 0)] * 2
        assert server.connections == 1


# Python itself leaves its socket open where the reset comes before it looks for the other end.
@pytest.mark.filterwarnings('ignore:unclosed <ssl.SSLSocket:ResourceWarning')
def test_a_connection_that_breaks_while_tls_begins_is_tried_once_for_each_repeat():
    with FaultServer(greeting=lambda conversation, _: conversation.reset()) as server:
        with pytest.raises(ApiException):
            train(client_of(server.host.replace('http:', 'https:'), repeats=0))
        assert server.connections == 1


def test_a_certificate_that_the_users_own_session_refuses_is_a_tls_error_too():
    trustme = pytest.importorskip('trustme', reason='the extra "test" brings it')
    context = server_context(trustme.CA().issue_cert('localhost'))
    with FaultServer() as plain, FaultServer(tls=context) as server:
        client = client_of(plain.host)
        assert train(client).ok
        client.host, client.configuration.session = server.host, requests.Session()
        with pytest.raises(ApiException) as caught:
            train(client)
        assert type(caught.value).__name__ == 'TlsError' and not server.requests


def test_a_folder_without_authorities_vouches_for_nobody(tmp_path):
    trustme = pytest.importorskip('trustme', reason='the extra "test" brings it')
    context = server_context(trustme.CA().issue_cert('localhost'))
    with FaultServer(tls=context) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host, lambda configuration: setattr(
                configuration, 'ssl_ca_cert', str(tmp_path))))
        assert type(caught.value).__name__ == 'TlsError' and not server.requests


@pytest.mark.parametrize('deadline, silence, wait', [
    (None, None, None), (None, 5, 5), (1010.0, None, 10.0), (1010.0, 5, 5), (1003.0, 5, 3.0),
    (1000.5, None, 0.5)])
def test_the_next_wait_takes_no_longer_than_silence_and_the_whole_call_allow(
        monkeypatch, deadline, silence, wait):
    monkeypatch.setattr(sockets, 'time', Clock(1000.0))
    flight = sockets.Flight((None, silence, None), deadline)
    assert flight.limit() == wait


@pytest.mark.parametrize('deadline', [1000.0, 999.5])
def test_a_call_whose_time_is_up_waits_no_more(monkeypatch, deadline):
    monkeypatch.setattr(sockets, 'time', Clock(1000.0))
    flight = sockets.Flight(deadline=deadline)
    with pytest.raises(socket.timeout, match='^timed out$'):
        flight.limit()


def test_an_answer_is_read_under_the_limit_of_its_own_call():
    with FaultServer(ok, answer()) as server:
        client = client_of(server.host)
        assert job(client, _request_timeout=3).code == 'OK'
        assert job(client, _request_timeout=None).code == 'OK'
        assert server.connections == 1
