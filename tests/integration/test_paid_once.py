"""Paid calls, counted at the server: once, or not at all with an error that says so."""
import importlib.util
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from unittest import mock

import pytest
import requests
import urllib3
from calls import check, client_of, create, train
from fault_server import (
    FaultServer, answer, error, late, lost, ok, ok_then_close, raw, redirect, reset, unused_port)
from support import ROOT, untraced

from ai_service_python_sdk import ApiClient, ApiException, LedgerError, ThrottledError

DEAD = 'http://127.0.0.1:{}'.format(unused_port())


class Nested(object):
    """What a program does in the middle of a training, as a hook, a session or an adapter."""

    def __init__(self, act):
        self.act = act

    def hook(self, response, **kwargs):
        self.act()

    def session(self):
        act = self.act

        class Session(requests.Session):
            def send(self, request, **kwargs):
                response = requests.Session.send(self, request, **kwargs)
                act()
                return response
        return Session()

    def adapter(self):
        act = self.act

        class Adapter(requests.adapters.HTTPAdapter):
            def send(self, request, **kwargs):
                response = requests.adapters.HTTPAdapter.send(self, request, **kwargs)
                act()
                return response
        session = requests.Session()
        session.mount('http://', Adapter())
        return session

    def hooked(self):
        session = requests.Session()
        session.hooks['response'].append(self.hook)
        return session


def dead_check():
    check(client_of(DEAD))


def swallowed():
    try:
        dead_check()
    except ApiException:
        pass


def swallowed_then(failure):
    def act():
        swallowed()
        raise failure
    act.__name__ = 'swallowed, then ' + type(failure).__name__
    return act


def raising(failure):
    def act():
        raise failure
    act.__name__ = type(failure).__name__
    return act


def plain_request():
    requests.get(DEAD)


def plain_urllib3():
    urllib3.PoolManager().request('GET', DEAD, retries=False)


def proxied_check():
    def by_proxy(configuration):
        configuration.proxy = DEAD
    check(client_of('http://service.example.com', by_proxy))


def unsent_certificate():
    def broken(configuration):
        configuration.ssl_ca_cert = '/nonexistent/file.pem'
    check(client_of('https://127.0.0.1:9', broken))


def unusable_proxy():
    def broken(configuration):
        configuration.proxy = 'ftp://a.test'
    check(client_of('http://service.example.com', broken))


ACTS = [dead_check, plain_request, plain_urllib3, proxied_check, unsent_certificate,
        unusable_proxy, raising(LedgerError('calls.sqlite', 'no room')),
        swallowed_then(requests.ConnectionError('no')),
        swallowed_then(requests.ConnectTimeout('no')),
        swallowed_then(ConnectionRefusedError(111, 'no')),
        raising(ApiException(status=503, reason='no')), raising(ApiException(status=0)),
        raising(requests.exceptions.ProxyError('no')), raising(requests.exceptions.SSLError('no')),
        raising(requests.exceptions.InvalidURL('no')),
        raising(requests.exceptions.MissingSchema()),
        raising(urllib3.exceptions.NewConnectionError(None, 'no')),
        raising(urllib3.exceptions.ClosedPoolError(None, 'no')),
        raising(urllib3.exceptions.MaxRetryError(None, '/', OSError('no'))),
        raising(urllib3.exceptions.LocationParseError('no')), raising(ConnectionResetError()),
        raising(TimeoutError()), raising(BrokenPipeError()), raising(OSError('no')),
        raising(ValueError('no')), raising(KeyError('no')), raising(RuntimeError('no')),
        raising(MemoryError()), raising(StopIteration()), raising(UnicodeError('no'))]


@pytest.mark.parametrize('act', ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize('place', ['hooked', 'session', 'adapter'])
@pytest.mark.parametrize('call', [train, create], ids=['train', 'create'])
def test_what_a_program_does_in_the_middle_never_sends_a_paid_call_again(call, act, place):
    with FaultServer() as server:
        client = client_of(server.host, repeats=3)
        client.configuration.session = getattr(Nested(act), place)()
        with pytest.raises(Exception) as caught:
            call(client)
        client.configuration.session.close()
    assert len(server.requests) == 1
    raised = caught.value.with_traceback(None)
    del caught  # its frames hold the answer, which nobody reads
    assert raised.is_in_doubt and not getattr(raised, 'never_left', False)
    if isinstance(raised, ApiException):
        assert not raised.safe_to_repeat
        assert 'Nothing was sent' not in str(raised)


@pytest.mark.parametrize('place', ['hooked', 'session', 'adapter'])
def test_a_failure_that_the_program_swallows_in_the_middle_changes_nothing(place):
    with FaultServer() as server:
        client = client_of(server.host)
        client.configuration.session = getattr(Nested(swallowed), place)()
        assert train(client).job_id == 11
        client.configuration.session.close()
    assert len(server.requests) == 1


def test_a_call_in_the_middle_of_one_that_is_refused_does_not_make_that_one_sent():
    with FaultServer() as other:
        class Session(requests.Session):
            def send(self, request, **kwargs):
                check(client_of(other.host))
                return requests.Session.send(self, request, **kwargs)
        client = client_of(DEAD, repeats=1)
        client.configuration.session = Session()
        with pytest.raises(ApiException) as caught:
            train(client)
        client.configuration.session.close()
    # Its connections are requests' own: what they did is not known, so it is not tried again.
    assert len(other.requests) == 1 and not caught.value.safe_to_repeat


def test_calls_inside_of_calls_of_one_client_are_judged_each_on_its_own():
    with FaultServer() as server:
        client = client_of(server.host)
        depth = []

        def hook(response, **kwargs):
            if len(depth) < 3:
                depth.append(1)
                train(client)
        session = requests.Session()
        session.hooks['response'].append(hook)
        client.configuration.session = session
        train(client)
        session.close()
    assert len(server.requests) == 4


@pytest.mark.parametrize('call', [train, create], ids=['train', 'create'])
@pytest.mark.parametrize('action', [
    lost, reset, raw(b'\x00' * 30), raw(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'),
    raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n'),
    raw(b'HTTP/1.1 103 Early'), raw(b'HTTP/1.1 103 Hints\r\n\r\n'), error(500), error(502),
    error(504)],
    ids=['lost', 'reset', 'garbage', 'cut', 'negative chunk', 'half a line', 'interim only',
         '500', '502', '504'])
def test_whatever_the_server_does_with_a_paid_call_it_gets_it_once(call, action):
    with FaultServer(action) as server:
        with pytest.raises(ApiException) as caught:
            call(client_of(server.host, repeats=3))
    assert len(server.requests) == 1
    assert not caught.value.safe_to_repeat


@pytest.mark.parametrize('moment', ['idle', 'as it leaves'])
def test_a_kept_connection_that_is_closed_costs_no_second_payment(moment):
    actions = [ok_then_close if moment == 'idle' else ok] + [lost] + [ok]
    with FaultServer(*actions) as server:
        client = client_of(server.host, repeats=3)
        check(client)
        if moment == 'idle':
            time.sleep(0.05)
            server.actions[1] = ok
            train(client)
        else:
            with pytest.raises(ApiException) as caught:
                train(client)
            assert caught.value.is_in_doubt and not caught.value.safe_to_repeat
        client.close()
    assert len(server.requests) == 2


def test_a_refused_connection_is_certain_and_says_so():
    with pytest.raises(ApiException) as caught:
        train(client_of(DEAD, repeats=1))
    assert caught.value.never_left and caught.value.safe_to_repeat
    assert not caught.value.is_in_doubt


def test_a_client_closed_in_another_thread_in_the_middle_lets_the_call_end():
    with FaultServer(late(0.3)) as server:
        client = client_of(server.host, repeats=3)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(train(client)))
        thread.start()
        while not server.requests:
            time.sleep(0.005)
        client.close()
        thread.join(10)
    assert [one.job_id for one in answers] == [11] and len(server.requests) == 1


def test_clients_closed_again_and_again_while_others_call_lose_and_double_nothing():
    with FaultServer() as server:
        client = client_of(server.host, repeats=3)
        failures, done = [], []

        def work():
            for _ in range(40):
                try:
                    done.append(train(client).job_id)
                except Exception as failure:
                    failures.append(failure)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            client.rest_client.close()
            time.sleep(0.001)
        for thread in threads:
            thread.join()
        client.close()
    assert failures == [] and len(done) == 160 == len(server.requests)


def test_closing_a_client_closes_its_connections_though_an_answer_is_kept():
    closed = threading.Event()

    def until_closed(conversation, request):
        ok(conversation, request)
        conversation.sock.settimeout(5)
        if conversation.sock.recv(1) == b'':
            closed.set()
    with FaultServer(until_closed) as server:
        client = client_of(server.host)
        answer = train(client)
        client.close()
        assert closed.wait(4) and client.last_response and answer.job_id == 11


def test_a_request_of_the_programs_own_over_our_pools_has_its_own_limits():
    with FaultServer(ok, late(0.4)) as server:
        client = client_of(server.host)
        check(client, _request_timeout=0.3)
        manager = client.rest_client.pool_manager
        answer = manager.request('GET', server.host + '/x', retries=False, timeout=3.0)
        assert answer.status == 200
        client.close()
    assert server.connections == 1


@pytest.mark.skipif(not hasattr(__import__('os'), 'fork'), reason='needs fork')
@pytest.mark.filterwarnings('ignore:.*fork:DeprecationWarning')
def test_a_fork_in_the_middle_of_a_training_sends_it_once_and_the_child_can_call():
    import os
    with FaultServer(late(0.2), ok) as server:
        client = client_of(server.host)
        children = []

        class Session(requests.Session):
            def send(self, request, **kwargs):
                response = requests.Session.send(self, request, **kwargs)
                if not children:
                    child = os.fork()
                    if child == 0:
                        code = 1
                        try:
                            code = 0 if check(client_of(server.host)) else 2
                        finally:
                            os._exit(code)
                    children.append(child)
                    assert os.waitpid(child, 0)[1] == 0
                return response
        client.configuration.session = Session()
        assert train(client).job_id == 11
        client.configuration.session.close()
        client.configuration.session = None
        assert train(client).job_id == 11
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if train(client).job_id == 11 else 2
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        assert train(client).job_id == 11
        client.close()
    assert [one.path.rsplit('/')[-1] for one in server.requests].count('train') == 4


GREEN = '''
import sys
sys.path.insert(0, {root!r})
{setup}
from ai_service_python_sdk import AIGCImagesApi, ApiClient, ApiException, RetryPolicy
def client(host):
    made = ApiClient(host, 'app', 't')
    made.configuration.retry_policy = RetryPolicy(first_delay=0.0, longest_delay=0.0)
    made.configuration.timeout = 5
    return made
def dead():
    try:
        AIGCImagesApi(client({dead!r})).aigc_images_check(['x'])
    except ApiException:
        pass
def paid(shared):
    try:
        print('id', AIGCImagesApi(shared).aigc_images_train(['x']).job_id)
    except ApiException as error:
        print(type(error).__name__, error.safe_to_repeat)
shared = client({host!r})
paid(shared)
{run}
'''
GREENS = {
    'gevent': ('from gevent import monkey; monkey.patch_all(thread=False); import gevent',
               'gevent.joinall([gevent.spawn(job) for _ in range(4) for job in '
               '(lambda: paid(shared), dead)], timeout=20)'),
    'gevent, threads too': ('from gevent import monkey; monkey.patch_all(); import gevent',
                            'gevent.joinall([gevent.spawn(job) for _ in range(4) for job in '
                            '(lambda: paid(shared), dead)], timeout=20)'),
    'eventlet': ('import warnings; warnings.simplefilter("ignore"); import eventlet; '
                 'eventlet.monkey_patch(thread=False)',
                 'pool = eventlet.GreenPool()\nfor _ in range(4):\n'
                 '    pool.spawn(paid, shared)\n    pool.spawn(dead)\npool.waitall()'),
}


@pytest.mark.parametrize('name', sorted(GREENS))
@pytest.mark.parametrize('action', [late(0.1), lost], ids=['answered', 'lost'])
def test_greenlets_that_share_a_thread_pay_each_once(name, action):
    # Not imported here: eventlet warns of every fork after that.
    if importlib.util.find_spec(name.split(',')[0]) is None:
        pytest.skip('the extra "test" brings it')
    setup, run = GREENS[name]
    with FaultServer(ok, action) as server:
        script = GREEN.format(root=ROOT, setup=setup, run=run, host=server.host, dead=DEAD)
        done = subprocess.run([sys.executable, '-c', script], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, env=untraced())
        assert done.returncode == 0, done.stderr.decode('utf-8')
    told = done.stdout.decode('utf-8').splitlines()
    expected = 'ConnectionDroppedError False' if action is lost else 'id 11'
    assert told == ['id 11'] + [expected] * 4
    assert len(server.requests) == 5


FIRST_CALL = '''
import sys, unittest.mock as mock
sys.path.insert(0, {root!r})
from ai_service_python_sdk import AIGCImagesApi, ApiClient
def paid():
    with ApiClient({host!r}, 'app', 't') as client:
        client.configuration.timeout = 5
        return AIGCImagesApi(client).aigc_images_train(['x'])
seen = []
with mock.patch({target!r}{how}) as double:
    try:
        paid()
    except Exception as error:
        seen.append(type(error).__name__)
for _ in range(2):
    assert paid().job_id == 11
print('as before')
'''


@pytest.mark.parametrize('target, how, inside', [
    ('requests.Session', '', None), ('requests.sessions.Session', '', None),
    ('requests.adapters.HTTPAdapter', '', None), ('requests.sessions.HTTPAdapter', '', None),
    ('requests.PreparedRequest', '', None), ('requests.models.Response', '', None),
    ('requests.Session.send', '', 0), ('requests.adapters.HTTPAdapter.send', '', 0),
    ('urllib3.HTTPConnectionPool', '', None), ('urllib3.PoolManager', '', None),
    ('urllib3.connectionpool.HTTPConnectionPool', '', None),
    ('urllib3.connection.HTTPConnection', '', None),
    ('urllib3.connectionpool.HTTPConnectionPool.urlopen', '', 0),
    ('http.client.HTTPConnection', '', None), ('http.client.HTTPResponse', '', None),
    ('socket.socket', '', 0), ('socket.create_connection', '', None),
    ('time.sleep', '', 1), ('time.monotonic', ', return_value=1.0', 1),
    ('time.time', ', return_value=1.0', 1)])
def test_a_first_call_inside_a_patch_spoils_no_later_one(target, how, inside):
    with FaultServer() as server:
        script = FIRST_CALL.format(root=ROOT, host=server.host, target=target, how=how)
        done = subprocess.run([sys.executable, '-c', script], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, env=untraced())
        assert done.returncode == 0, done.stderr.decode('utf-8')
    assert done.stdout == b'as before\n'
    assert len(server.requests) - 2 in ((0, 1) if inside is None else (inside,))


def with_hook(client, hook):
    client.configuration.session = requests.Session()
    client.configuration.session.hooks['response'].append(hook)
    return client


@pytest.mark.parametrize('status', ['429 Too Many', '404 Not Found', '503 Busy'])
def test_the_answer_of_another_server_that_a_hook_calls_is_not_that_of_a_training(status):
    with FaultServer(answer(b'', status)) as metrics, FaultServer() as server:
        def hook(response, **kwargs):
            response.close()
            requests.post(metrics.host).raise_for_status()
        with pytest.raises(ApiException) as caught:
            train(with_hook(client_of(server.host), hook))
    assert len(server.requests) == 1
    assert caught.value.is_in_doubt and not caught.value.safe_to_repeat
    assert caught.value.status == 0


def test_a_hook_that_raises_for_the_status_of_a_training_leaves_its_error():
    with FaultServer(answer(b'', '429 Too Many')) as server:
        def hook(response, **kwargs):
            response.raise_for_status()
        with pytest.raises(ThrottledError):
            train(with_hook(client_of(server.host, repeats=0), hook))


class _Copying(requests.adapters.HTTPAdapter):
    """Adds a header to a copy of each request."""

    def send(self, request, **kwargs):
        request = request.copy()
        request.headers = dict(request.headers, Trace='7')
        return requests.adapters.HTTPAdapter.send(self, request, **kwargs)


def test_a_refusal_keeps_its_class_where_an_adapter_copies_the_request():
    def hook(response, **kwargs):
        response.raise_for_status()
    with FaultServer(answer(b'', '429 Too Many')) as server:
        client = with_hook(client_of(server.host, repeats=0), hook)
        client.configuration.session.mount('http://', _Copying())
        with pytest.raises(ThrottledError) as caught:
            train(client)
    assert not caught.value.is_in_doubt and len(server.requests) == 1


def test_an_error_with_an_answer_of_another_kind_is_marked_and_raised():
    class Foreign(Exception):
        response = SimpleNamespace(ok=False, raw='text', status_code=429)

    def hook(response, **kwargs):
        response.close()
        raise Foreign()
    with FaultServer() as server:
        with pytest.raises(Foreign) as caught:
            train(with_hook(client_of(server.host), hook))
    assert caught.value.is_in_doubt


class _Texts(ApiClient):
    """Copies the headers as text on their way."""

    def request(self, method, url, query_params=None, headers=None, **named):
        return super(_Texts, self).request(method, url, query_params=query_params, headers=dict(
            (name, '{}'.format(headers[name])) for name in headers), **named)


def _by_setting(client):
    client.configuration.api_key['Authorization'] = 'app:gateway'
    return client


def _by_header(client):
    client.set_default_header('Authorization', 'app:gateway')
    return client


def _by_override(client):
    client.__class__ = _Texts
    return client


@pytest.mark.parametrize('is_async', [False, True])
@pytest.mark.parametrize('change', [client_of, _by_setting, _by_header, _by_override])
def test_an_error_of_others_after_a_training_has_left_is_marked_whoever_authorizes(
        change, is_async):
    def hook(response, **kwargs):
        response.close()
        raise KeyError('a hook')
    with FaultServer() as server:
        client = client_of(server.host)
        client = with_hook(client if change is client_of else change(client), hook)
        with pytest.raises(KeyError) as caught:
            call = train(client, async_req=is_async)
            call.get(20)
    assert len(server.requests) == 1 and caught.value.is_in_doubt


def _repeating(client, name):
    """Let a method of a client be called once more when it fails."""
    def again(self, *args, **kwargs):
        try:
            return getattr(ApiClient, name)(self, *args, **kwargs)
        except ApiException:
            return getattr(ApiClient, name)(self, *args, **kwargs)
    client.__class__ = type('Again', (ApiClient,), {name: again})


@pytest.mark.parametrize('repeats', ['request', 'call_api'])
@pytest.mark.parametrize('is_last_refused', [True, False])
def test_a_training_that_an_override_repeats_is_in_doubt_however_the_last_one_ends(
        repeats, is_last_refused, ledger):
    def last(conversation, request):
        server.__exit__()

    with FaultServer(lost if is_last_refused else last,
                     error(400, 'PARAMETER_ERROR', 'not found appid')) as server:
        client = client_of(server.host)
        _repeating(client, repeats)
        client.ledger = ledger
        with pytest.raises(ApiException) as caught:
            train(client)
    assert caught.value.is_in_doubt and not caught.value.safe_to_repeat
    assert not caught.value.never_left and len(ledger.unsettled()) == 1


@pytest.mark.parametrize('repeats', ['request', 'call_api'])
@pytest.mark.parametrize('status', [401, 403, 429])
def test_a_creation_that_an_override_repeats_after_a_refusal_leaves_no_doubt(
        repeats, status, ledger):
    with FaultServer(error(status)) as server:
        client = client_of(server.host)
        _repeating(client, repeats)
        client.ledger = ledger
        with pytest.raises(ApiException) as caught:
            create(client)
    assert not caught.value.is_in_doubt and not caught.value.is_repeated
    assert len(server.requests) == 2 and not ledger.unsettled()


def test_an_override_that_cannot_read_a_training_of_the_background_marks_its_error():
    class Reader(ApiClient):
        def deserialize(self, response, response_type):
            raise KeyError('mine')
    with FaultServer() as server:
        with pytest.raises(KeyError) as caught:
            train(Reader(server.host, 'a', 't'), async_req=True).get(20)
    assert caught.value.is_in_doubt


def test_a_header_that_is_refused_settles_the_row(ledger):
    with FaultServer() as server:
        client = client_of(server.host)
        client.ledger = ledger
        client.set_default_header('X-A', 'a\nb')
        with pytest.raises(ValueError):
            train(client)
    assert not server.requests and not ledger.unsettled()


def test_a_hook_that_finds_no_key_settles_the_row(ledger):
    def hook(configuration):
        raise KeyError('the vault is down')
    with FaultServer() as server:
        client = client_of(server.host)
        client.ledger, client.configuration.refresh_api_key_hook = ledger, hook
        with pytest.raises(KeyError):
            train(client)
    assert not server.requests and not ledger.unsettled()


@pytest.mark.parametrize('name, value', [
    ('proxy', 'ftp://a.test'), ('proxy', 7), ('ssl_ca_cert', ['a.pem']), ('cert_file', 7),
    ('session', 'mine'), ('connection_pool_maxsize', 2.5)], ids=repr)
def test_a_setting_that_cannot_be_used_settles_the_row(ledger, name, value):
    with FaultServer() as server:
        client = client_of(server.host.replace('http:', 'https:'))
        client.ledger = ledger
        setattr(client.configuration, name, value)
        with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
            train(client)
    assert not server.connections and not ledger.unsettled()
    assert not getattr(caught.value, 'is_in_doubt', False)


class _Guard(socket.socket):
    def __new__(cls, *args, **named):
        raise RuntimeError('no sockets in tests')


def test_a_guard_of_sockets_leaves_no_doubt(ledger):
    with FaultServer() as server:
        client = client_of(server.host)
        client.ledger = ledger
        client.rest_client.pool_manager  # the wire is loaded outside of the patch
        with mock.patch('socket.socket', _Guard):
            with pytest.raises(RuntimeError) as caught:
                train(client)
    assert not server.requests and not ledger.unsettled()
    assert not getattr(caught.value, 'is_in_doubt', False)


def test_ctrl_c_in_the_pause_of_a_repeat_of_what_never_left_leaves_no_doubt(ledger, monkeypatch):
    def interrupted(seconds):
        raise KeyboardInterrupt()
    client = client_of('http://127.0.0.1:{}'.format(unused_port()))
    client.ledger = ledger
    client.rest_client.pool_manager
    monkeypatch.setattr('ai_service_python_sdk.client.transport.exchange.time', SimpleNamespace(
        monotonic=time.monotonic, sleep=interrupted))
    with pytest.raises(KeyboardInterrupt) as caught:
        train(client)
    assert not ledger.unsettled() and not getattr(caught.value, 'is_in_doubt', False)


def test_a_training_that_is_lost_behind_a_redirect_is_in_doubt(ledger):
    with FaultServer(redirect('/elsewhere'), lost) as server:
        client = client_of(server.host, repeats=0)
        client.ledger = ledger
        with pytest.raises(ApiException):
            train(client)
    assert len(ledger.unsettled()) == 1


def test_what_gevent_raises_in_a_thread_of_the_background_is_an_error_of_ours_in_doubt():
    kind = type('error', (Exception,), {'__module__': 'greenlet'})

    def hook(response, **kwargs):
        response.close()
        raise kind('Cannot switch to a different thread')
    with FaultServer() as server:
        with pytest.raises(ApiException) as caught:
            train(with_hook(client_of(server.host), hook), async_req=True).get(20)
    assert len(server.requests) == 1 and caught.value.is_in_doubt
