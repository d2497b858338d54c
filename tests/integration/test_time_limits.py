"""Time-outs of every kind, over real sockets that stall, drip and never shake hands."""
import socket
import time
from fractions import Fraction

import pytest
import requests
import urllib3
from calls import PAID, QUERIES, batch, check, client_of, each, job, name_of, train
from fault_server import FaultServer, answer, drip, late, ok, raw, stall

from ai_service_python_sdk import ApiException, ApiTimeoutError

#: Seconds: a limit that the tests give, and what a call may take at most that has it.
LIMIT, AT_MOST = 0.3, 4.0
SLOW_HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n'
HALF = SLOW_HEAD + b'{"request_id":'
GIVEN = [1, LIMIT, (LIMIT, LIMIT), (None, LIMIT), (1, LIMIT)]


def fails_in_time(call, client, limit):
    begun = time.monotonic()
    with pytest.raises(ApiTimeoutError) as caught:
        call(client, _request_timeout=limit)
    # Not a measurement: an endless wait is what this tells from a limit.
    assert time.monotonic() - begun < AT_MOST
    assert isinstance(caught.value, ApiException)
    assert isinstance(caught.value, urllib3.exceptions.TimeoutError)
    return caught.value


@each(PAID + QUERIES)
def test_a_silent_service_ends_the_call_and_nothing_is_sent_twice(call):
    with FaultServer(stall) as server:
        fails_in_time(call, client_of(server.host), LIMIT)
        assert len(server.requests) == 1


@pytest.mark.parametrize('limit', GIVEN, ids=str)
def test_every_form_of_a_limit_per_call_is_honoured(limit):
    with FaultServer(stall) as server:
        fails_in_time(train, client_of(server.host), limit)


@pytest.mark.parametrize('limit', GIVEN, ids=str)
def test_every_form_of_a_default_limit_is_honoured(limit):
    with FaultServer(stall) as server:
        client = client_of(server.host)
        client.configuration.timeout = limit
        with pytest.raises(ApiTimeoutError):
            train(client)


@pytest.mark.parametrize('limit', [Fraction(5), (Fraction(5), Fraction(5))], ids=str)
def test_a_limit_of_another_kind_of_number_reaches_the_sockets(limit):
    with FaultServer() as server, client_of(server.host) as client:
        assert train(client, _request_timeout=limit).job_id == 11


@pytest.mark.parametrize('script', [
    drip(SLOW_HEAD + b' ' * 400), raw(HALF, then=lambda conversation: conversation.wait(8)),
    drip(b'HTTP/1.1 100 Continue\r\n\r\n' * 100)], ids=['dripping', 'half a body', 'interim'])
@pytest.mark.parametrize('limit', [LIMIT, 1], ids=str)
def test_one_number_limits_the_whole_call_even_when_bytes_keep_coming(script, limit):
    with FaultServer(script) as server:
        fails_in_time(check, client_of(server.host), limit)


def test_dripping_headers_end_with_the_whole_limit_too():
    with FaultServer(drip(b'HTTP/1.1 200 OK\r\n' + b'X-Long: 1\r\n' * 50)) as server:
        fails_in_time(job, client_of(server.host), LIMIT)


def test_a_pair_limits_the_silence_and_lets_a_slow_answer_finish():
    text = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"code":"OK"}'
    with FaultServer(drip(text, pause=0.02)) as server:
        assert check(client_of(server.host), _request_timeout=(1, 0.5)).code == 'OK'


@pytest.mark.parametrize('limit', [3.5, 4294967.3, (5, 4294967.3)], ids=str)
def test_a_limit_that_is_not_reached_changes_nothing(limit):
    with FaultServer(late(0.2)) as server:
        assert train(client_of(server.host), _request_timeout=limit).ok


@pytest.mark.parametrize('limit', [None, 0], ids=str)
def test_no_limit_waits(limit):
    with FaultServer(late(0.5)) as server:
        client = client_of(server.host)
        client.configuration.timeout = 0
        assert train(client, _request_timeout=limit).ok


def test_the_limit_of_a_call_wins_over_the_default():
    with FaultServer(late(0.5)) as server:
        client = client_of(server.host)
        client.configuration.timeout = 0.1
        assert train(client, _request_timeout=3).ok


@pytest.fixture
def nobody():
    """A port with a full queue: a further connection is neither taken nor refused."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for sock in waiting:
            sock.close()


@pytest.mark.parametrize('call', [train, check, job], ids=name_of)
def test_connecting_has_its_limit(call, nobody):
    client = client_of('http://127.0.0.1:{}'.format(nobody), repeats=0)
    error = fails_in_time(call, client, (LIMIT, 5))
    assert isinstance(error, urllib3.exceptions.MaxRetryError)


def test_all_addresses_of_a_host_share_the_limit_of_the_call(nobody, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, 'getaddrinfo', lambda name, *args, **options: resolve(
        '127.0.0.1', *args, **options) * (20 if name == 'many.test' else 1))
    client = client_of('http://many.test:{}'.format(nobody), repeats=0)
    error = fails_in_time(train, client, LIMIT)
    assert isinstance(error, urllib3.exceptions.MaxRetryError)


def test_an_address_that_is_dead_is_followed_by_the_next_of_the_host(monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, 'getaddrinfo', lambda name, *args, **options: [
        found for address in (['127.0.0.9', '127.0.0.1'] if name == 'two.test' else [name])
        for found in resolve(address, *args, **options)])
    with FaultServer() as server:
        client = client_of(server.host.replace('127.0.0.1', 'two.test'), repeats=0)
        assert train(client, _request_timeout=5).job_id == 11
        assert server.requests[0].headers['host'] == 'two.test:{}'.format(server.port)


def test_connecting_after_a_redirect_has_what_is_left_of_the_call(monkeypatch):
    def slow(conversation, request):
        conversation.wait(LIMIT)
        # Told, so that the client does not meet the close with the next request on its way.
        headers = [('Location', '/b'), ('Connection', 'close')]
        return answer(b'', '307 Moved', headers, keep=False)(conversation, request)

    def connect(self):
        limits.append(self.timeout)
        return made(self)
    limits, made = [], urllib3.connection.HTTPConnection._new_conn
    monkeypatch.setattr(urllib3.connection.HTTPConnection, '_new_conn', connect)
    with FaultServer(slow, ok) as server:
        train(client_of(server.host), _request_timeout=5)
    assert len(limits) == 2 and limits[1] <= limits[0] - LIMIT


@pytest.mark.parametrize('limit', [LIMIT, (5, LIMIT)], ids=str)
def test_a_session_of_the_users_own_has_the_limit_for_each_wait_too(limit):
    with FaultServer(stall) as server:
        client = client_of(server.host, repeats=0)
        client.configuration.session = requests.Session()
        fails_in_time(train, client, limit)


@pytest.mark.parametrize('limit', [LIMIT, (LIMIT, LIMIT)], ids=str)
def test_a_tls_handshake_that_never_comes_ends_in_time(limit):
    with FaultServer(greeting=lambda conversation, _: conversation.wait(8)) as server:
        client = client_of(server.host.replace('http:', 'https:'), repeats=0)
        fails_in_time(train, client, limit)


@pytest.mark.parametrize('limit', [LIMIT, 1, (LIMIT, LIMIT)], ids=str)
def test_an_async_call_has_the_same_limits(limit):
    with FaultServer(stall) as server:
        client = client_of(server.host)
        running = check(client, async_req=True, _request_timeout=limit)
        begun = time.monotonic()
        with pytest.raises(ApiTimeoutError):
            running.get(AT_MOST)
        assert time.monotonic() - begun < AT_MOST
        client.close()


@pytest.mark.parametrize('value', ['1', b'1', [], [1], (1,), (1, 2, 3), True, -1, (1, -1),
                                   float('nan'), float('inf'), {}, object(), ('1', 2), 1 + 0j],
                         ids=lambda value: 'object()' if type(value) is object else repr(value))
def test_anything_else_is_refused_aloud_before_anything_is_sent(value):
    with FaultServer() as server:
        with pytest.raises((TypeError, ValueError)) as caught:
            train(client_of(server.host), _request_timeout=value)
        assert 'timeout' in str(caught.value) and not server.connections


def test_the_client_works_after_a_time_out():
    with FaultServer(late(0.6), answer()) as server:
        client = client_of(server.host)
        with pytest.raises(ApiTimeoutError):
            train(client, _request_timeout=LIMIT)
        assert train(client).job_id == 11 and len(server.requests) == 2


def test_a_get_that_times_out_is_also_what_the_old_sdk_raised():
    with FaultServer(stall) as server:
        with pytest.raises(urllib3.exceptions.MaxRetryError):
            batch(client_of(server.host, repeats=0), _request_timeout=LIMIT)


def test_a_call_that_a_hook_makes_takes_no_limit_away_from_the_call_around_it():
    with FaultServer(drip(SLOW_HEAD + b' ' * 300)) as server, FaultServer() as keys:
        helper, client = client_of(keys.host), client_of(server.host)
        client.configuration.refresh_api_key_hook = lambda settings: train(helper)
        fails_in_time(train, client, LIMIT)
        assert keys.requests
