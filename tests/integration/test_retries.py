"""What is sent again and what never is, counted at the server."""
import email.utils
import threading
import time

import pytest
import urllib3
from calls import PAID, QUERIES, batch, check, client_of, each, job, train
from fault_server import (
    FaultServer, answer, error, late, lost, ok, ok_then_close, raw, reset, unused_port)

from ai_service_python_sdk import ApiConnectionError, ApiException, ApiTimeoutError, RetryPolicy

TRUNCATED = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code":"OK"}')
IN_DOUBT = [('a lost answer', lost), ('a reset', reset), ('a late answer', late(0.6)),
            ('a truncated answer', TRUNCATED), ('500', error(500)), ('502', error(502)),
            ('503', error(503)), ('504', error(504)), ('429', error(429)),
            ('half a head', raw(b'HTTP/1.1 200 OK\r\nContent-')),
            ('a 503 that says when', error(503, headers=[('Retry-After', '0')]))]


@pytest.mark.parametrize('fault', [row[1] for row in IN_DOUBT], ids=[row[0] for row in IN_DOUBT])
@each(PAID)
def test_a_paid_call_that_may_have_arrived_is_never_sent_again(call, fault):
    with FaultServer(fault, ok) as server:
        with pytest.raises(ApiException):
            call(client_of(server.host), _request_timeout=0.4)
        time.sleep(0.05)
        assert len(server.requests) == 1


@each(PAID)
def test_a_kept_connection_that_takes_the_bytes_and_dies_repeats_no_paid_call(call):
    with FaultServer(ok, lost, ok) as server:
        client = client_of(server.host)
        job(client)
        with pytest.raises(ApiConnectionError):
            call(client)
        assert len(server.requests) == 2


@each(PAID + QUERIES)
def test_a_kept_connection_that_the_server_had_closed_costs_nothing(call):
    with FaultServer(ok_then_close, ok) as server:
        client = client_of(server.host)
        job(client)
        time.sleep(0.1)
        call(client)
        assert len(server.requests) == 2 and server.connections == 2


@each(PAID + QUERIES)
def test_a_refused_connection_is_tried_again_for_every_operation(call):
    port = unused_port()
    with pytest.raises(ApiConnectionError) as caught:
        call(client_of('http://127.0.0.1:{}'.format(port)))
    assert caught.value.never_left
    client = client_of('http://127.0.0.1:{}'.format(port))
    client.configuration.retry_policy = RetryPolicy(repeats=8, first_delay=0.3,
                                                    longest_delay=0.3)
    box = {}

    def listen():
        time.sleep(0.1)
        box['server'] = FaultServer(port=port).__enter__()

    thread = threading.Thread(target=listen)
    thread.start()
    call(client)
    thread.join()
    assert len(box['server'].requests) == 1
    box['server'].__exit__()


@pytest.mark.parametrize('fault', [lost, reset, TRUNCATED, error(502), error(503), error(504),
                                   error(429)],
                         ids=['lost', 'reset', 'truncated', '502', '503', '504', '429'])
@each(QUERIES)
def test_a_query_survives_one_failure(call, fault):
    with FaultServer(fault, ok) as server:
        assert call(client_of(server.host)).code == 'OK'
        assert len(server.requests) == 2
        first, second = server.requests
        assert (first.body, first.path) == (second.body, second.path)
        assert first.headers['authorization'] == second.headers['authorization']


@each(QUERIES)
def test_a_query_gives_up_after_two_repeats(call):
    with FaultServer(lost) as server:
        with pytest.raises(ApiConnectionError) as caught:
            call(client_of(server.host))
        assert len(server.requests) == 3
        assert caught.value.is_in_doubt


@pytest.mark.parametrize('status', [400, 401, 404, 462, 469, 500, 501])
def test_an_answer_that_says_no_is_not_asked_again(status):
    with FaultServer(error(status)) as server:
        with pytest.raises(ApiException):
            check(client_of(server.host))
        assert len(server.requests) == 1


def test_a_time_out_is_not_repeated():
    with FaultServer(late(1), ok) as server:
        with pytest.raises(ApiTimeoutError):
            job(client_of(server.host), _request_timeout=0.2)
        assert len(server.requests) == 1


@pytest.mark.parametrize('repeats', [0, 1, 4])
def test_the_number_of_repeats_is_the_users(repeats):
    with FaultServer(error(503)) as server:
        with pytest.raises(ApiException) as caught:
            job(client_of(server.host, repeats=repeats))
        assert len(server.requests) == repeats + 1 and caught.value.status == 503


@pytest.mark.parametrize('value', ['0', '1', ' 1 '])
def test_a_short_retry_after_is_honoured(value):
    with FaultServer(error(503, headers=[('Retry-After', value)]), ok) as server:
        begun = time.monotonic()
        assert job(client_of(server.host)).code == 'OK'
        assert time.monotonic() - begun >= float(value) * 0.9
        assert len(server.requests) == 2


def test_a_retry_after_as_a_date_is_honoured():
    when = email.utils.formatdate(time.time() + 1, usegmt=True)
    with FaultServer(error(503, headers=[('Retry-After', when)]), ok) as server:
        assert job(client_of(server.host)).code == 'OK'
        assert len(server.requests) == 2


@pytest.mark.parametrize('value', ['3600', '86400', '99999999999999999999', '11',
                                   'Wed, 21 Oct 2099 07:28:00 GMT'])
def test_a_long_retry_after_puts_nobody_to_sleep(value):
    with FaultServer(error(503, headers=[('Retry-After', value)]), ok) as server:
        with pytest.raises(ApiException) as caught:
            job(client_of(server.host))
        assert len(server.requests) == 1
        assert caught.value.headers['retry-after'] == value


@pytest.mark.parametrize('value', ['soon', '', '-5', '1e9', 'NaN', '٣', '²', '0x10', '1;2'])
def test_an_unreadable_retry_after_is_as_good_as_none(value):
    header = value.encode('utf-8').decode('latin-1')
    with FaultServer(error(503, headers=[('Retry-After', header)]), ok) as server:
        assert job(client_of(server.host)).code == 'OK'
        assert len(server.requests) == 2


def test_the_limit_of_the_call_holds_over_all_tries():
    with FaultServer(error(503)) as server:
        client = client_of(server.host, repeats=50, first_delay=0.2, longest_delay=0.2)
        begun = time.monotonic()
        with pytest.raises(ApiException):
            job(client, _request_timeout=1)
        assert time.monotonic() - begun < 4 and len(server.requests) < 51


def test_the_seconds_of_all_repeats_are_bounded():
    def busy(conversation, request):
        conversation.wait(0.2)
        return error(503)(conversation, request)

    with FaultServer(busy) as server:
        with pytest.raises(ApiException):
            job(client_of(server.host, longest_total=0.1, repeats=9))
        assert len(server.requests) == 1


def test_an_outage_uses_up_the_quota_and_calls_that_succeed_give_it_back():
    with FaultServer(error(503)) as server:
        client = client_of(server.host, repeats=200)
        with pytest.raises(ApiException):
            job(client)
        assert len(server.requests) == 101
        with pytest.raises(ApiException):
            job(client)
        assert len(server.requests) == 102
        server.actions = [ok]
        for _ in range(10):
            job(client)
        count = len(server.requests)
        server.actions = [error(503)]
        with pytest.raises(ApiException):
            job(client)
        assert len(server.requests) == count + 3


def test_a_repeat_is_signed_for_the_same_bytes_even_if_the_dict_changed_meanwhile():
    configure = {'a': 1}
    with FaultServer(lost, ok) as server:
        client = client_of(server.host, first_delay=0.5, longest_delay=0.5)
        from ai_service_python_sdk import AIGCImagesApi
        running = AIGCImagesApi(client).aigc_images_check(['u'], '', configure, async_req=True)
        while not server.requests:
            time.sleep(0.01)
        configure['a'] = 2
        running.get(5)
        assert [request.json['configure'] for request in server.requests] == [{'a': 1}, {'a': 1}]
        client.close()


BROKEN = {'lost': lost, 'reset': reset, 'truncated': TRUNCATED, 'late': late(1),
          'cut in a chunk': raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{'),
          'garbage': raw(b'garbage\r\n\r\n'),
          'a great header': raw(b'HTTP/1.1 200 OK\r\nX: ' + b'x' * 99999 + b'\r\n\r\n'),
          'two lengths': raw(b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
          'no gzip': answer(b'no', headers=[('Content-Encoding', 'gzip')])}


@pytest.mark.parametrize('name', sorted(BROKEN) + ['refused'])
@pytest.mark.parametrize('verb, call', [('POST', train), ('GET', batch)])
def test_a_failure_is_still_the_urllib3_error_that_the_old_sdk_let_through(verb, call, name):
    with FaultServer(BROKEN.get(name, ok)) as server:
        host = server.host if name in BROKEN else 'http://127.0.0.1:%d' % unused_port()
        with pytest.raises(urllib3.exceptions.HTTPError) as of_urllib3:
            urllib3.PoolManager().request(verb, host + '/', timeout=0.3, retries=0)
        with pytest.raises(type(of_urllib3.value)) as ours:
            call(client_of(host, repeats=0), _request_timeout=0.3)
    assert isinstance(ours.value, ApiException)
    if verb == 'POST' and name in BROKEN:
        return
    assert isinstance(ours.value, urllib3.exceptions.MaxRetryError) or name in (
        'two lengths', 'no gzip')


def test_two_answers_in_one_packet_never_serve_two_calls():
    from fault_server import OK_BODY, head
    extra = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"code":"NO"}'
    whole = head('Content-Length: %d' % len(OK_BODY)) + OK_BODY + extra
    with FaultServer(raw(whole, keep=True), answer()) as server:
        client = client_of(server.host)
        assert [train(client).code, train(client).code] == ['OK', 'OK']
        assert len(server.requests) == 2 and server.connections == 2
