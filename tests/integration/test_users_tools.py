"""The tools that users point at requests and urllib3 still see the calls, and change them."""
import threading
from unittest import mock

import pytest
import requests
import urllib3
from calls import check, client_of, train, trusting
from fault_server import FaultServer, answer

from ai_service_python_sdk import TlsError
from ai_service_python_sdk.client.headers import Headers

CHECK_URL = 'http://service.test/api/v1/aigc_images/check'
TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'


def test_a_tracer_of_requests_sees_each_call_and_adds_its_header(monkeypatch):
    seen = []
    send = requests.Session.send

    def traced(session, request, **options):
        request.headers['traceparent'] = TRACE
        response = send(session, request, **options)
        seen.append((request.method, request.url, response.status_code, response.reason,
                     response.headers['content-TYPE'], response.elapsed.total_seconds() > 0))
        return response

    monkeypatch.setattr(requests.Session, 'send', traced)
    reply = answer(headers=[('Content-Type', 'application/json')])
    with FaultServer(reply) as server, client_of(server.host) as client:
        assert train(client).job_id == 11
        assert seen == [('POST', server.host + '/api/v1/aigc_images/train', 200, 'OK',
                         'application/json', True)]
        assert server.requests[0].headers['traceparent'] == TRACE


def test_a_tracer_of_urllib3_sees_each_call_and_adds_its_header(monkeypatch):
    seen = []
    urlopen = urllib3.connectionpool.HTTPConnectionPool.urlopen

    def traced(pool, method, url, body=None, headers=None, **options):
        headers = dict(headers, traceparent=TRACE)
        response = urlopen(pool, method, url, body=body, headers=headers, **options)
        seen.append((method, url, response.status))
        return response

    monkeypatch.setattr(urllib3.connectionpool.HTTPConnectionPool, 'urlopen', traced)
    with FaultServer() as server, client_of(server.host) as client:
        assert train(client).job_id == 11
        assert seen == [('POST', '/api/v1/aigc_images/train', 200)]
        assert server.requests[0].headers['traceparent'] == TRACE


@pytest.fixture
def traced_manager(monkeypatch):
    """urllib3's manager with a plain wrapper; the URLs that it saw."""
    seen, urlopen = [], urllib3.PoolManager.urlopen

    def traced(manager, method, url, *args, **options):
        seen.append(url)
        return urlopen(manager, method, url, *args, **options)

    monkeypatch.setattr(urllib3.PoolManager, 'urlopen', traced)
    return seen


def test_a_wrapper_of_urllib3s_manager_leaves_the_proxy_of_the_configuration(traced_manager):
    with FaultServer() as proxy:
        client = client_of('http://service.test',
                           lambda configuration: setattr(configuration, 'proxy', proxy.host))
        with client:
            assert check(client).ok
        assert [request.path for request in proxy.requests] == [CHECK_URL]
    assert traced_manager == [CHECK_URL]


def test_a_wrapper_of_urllib3s_manager_leaves_the_settings_of_tls(traced_manager, secure, bundle):
    with client_of(secure.host, trusting(bundle)) as client:
        assert check(client).ok
    with client_of(secure.host, repeats=0) as client:
        with pytest.raises(TlsError):
            check(client)
    assert len(secure.requests) == 1 and len(traced_manager) == 2


@pytest.mark.parametrize('change', [{'ssl_ca_cert': None}, {'assert_hostname': 'elsewhere.test'}],
                         ids=repr)
def test_a_wrapper_of_urllib3s_manager_leaves_no_trust_that_is_taken_back(
        change, traced_manager, secure, bundle):
    with client_of(secure.host, trusting(bundle), repeats=0) as client:
        assert check(client).ok
        vars(client.configuration).update(change)
        with pytest.raises(TlsError):
            check(client)
    assert len(secure.requests) == 1 and len(traced_manager) == 2


def test_a_wrapper_of_urllib3s_manager_leaves_one_connection_for_ten_calls_and_its_end(
        traced_manager):
    closed = threading.Event()

    def until_closed(conversation, request):
        answer()(conversation, request)
        if conversation.sock.recv(1) == b'':
            closed.set()

    with FaultServer(*[answer()] * 9 + [until_closed]) as server:
        client = client_of(server.host)
        for _ in range(10):
            assert check(client).ok
        assert server.connections == 1 and len(traced_manager) == 10 and not closed.is_set()
        assert client.last_response  # which holds the pool
        client.close()
        assert closed.wait(5)


def test_a_line_break_that_a_tool_adds_is_refused_and_nothing_is_sent(monkeypatch):
    send = requests.Session.send

    def broken(session, request, **options):
        request.headers['User-Agent'] = 'agent\r\nInjected: yes'
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, 'send', broken)
    with FaultServer() as server, client_of(server.host) as client:
        with pytest.raises(Exception) as caught:
            check(client)
        assert 'Invalid header value' in str(caught.value) and not server.requests


def test_responses_sees_a_call_and_its_headers_in_any_case():
    responses = pytest.importorskip('responses')
    with responses.RequestsMock() as mock:
        mock.add(responses.POST, CHECK_URL, json={'code': 'OK'})
        assert check(client_of('http://service.test')).ok
        assert mock.calls[0].request.headers['authorization'].startswith('app:')


def test_requests_mock_sees_a_call_and_its_headers_in_any_case():
    requests_mock = pytest.importorskip('requests_mock')
    with requests_mock.Mocker() as mock:
        mock.post(CHECK_URL, json={'code': 'OK'})
        assert check(client_of('http://service.test')).ok
        assert mock.last_request.headers['AUTHORIZATION'].startswith('app:')


def test_headers_of_a_request_are_found_and_changed_in_any_case():
    headers = Headers({'Accept': 'a', 'Content-Type': 'b'})
    assert headers['accept'] == headers.get('ACCEPT') == 'a' and 'content-type' in headers
    assert headers.get('absent') is None and headers.get('absent', 1) == 1
    headers['ACCEPT'] = 'c'
    headers.update({'content-TYPE': 'd'}, other='e')
    assert sorted(headers.items()) == [('ACCEPT', 'c'), ('content-TYPE', 'd'), ('other', 'e')]
    assert headers.setdefault('Other', 'f') == 'e' and headers.setdefault('New', 'g') == 'g'
    del headers['new']
    assert headers.pop('OTHER') == 'e' and headers.pop('OTHER', None) is None
    assert headers.copy()['accept'] == 'c'
    assert 'secret' not in repr(Headers({'Authorization': 'secret', 'cookie': 'secret'}))
    with pytest.raises(KeyError):
        headers['absent']
    with pytest.raises(KeyError):
        del headers['absent']


def test_a_manager_that_its_owner_clears_opens_connections_anew():
    with FaultServer() as server:
        client = client_of(server.host)
        for number in (1, 1, 2):
            if number == 2:
                client.rest_client.pool_manager.clear()
            train(client)
            assert server.connections == number
        client.close()


class _Socket(object):
    """The socket of a tool such as HTTPretty, which refuses with an error of its own what it does
    not play."""

    def __init__(self, sock):
        self._sock = sock

    def __getattr__(self, name):
        if name in ('pending', 'shutdown'):
            raise RuntimeError('Failed to socket.{}: a real socket does not exist'.format(name))
        return getattr(self._sock, name)


def test_an_answer_over_the_socket_of_a_tool_is_whole(monkeypatch):
    # urllib3 from 2.3 on asks for `shutdown` itself, where such a tool does not work any more.
    made = urllib3.connection.HTTPConnection._new_conn
    with FaultServer() as server, client_of(server.host, repeats=0) as client:
        train(client)
        monkeypatch.setattr(urllib3.connection.HTTPConnection, '_new_conn', lambda connection: (
            _Socket(made(connection))))
        client.close()
        if hasattr(urllib3.response.HTTPResponse, 'shutdown'):
            monkeypatch.setattr(_Socket, 'shutdown', None, raising=False)
        assert train(client).job_id == 11 and len(server.requests) == 2


def test_what_a_program_sends_through_the_manager_alone_has_the_settings_of_tls(secure, bundle):
    with client_of(secure.host, trusting(bundle)) as client:
        assert client.rest_client.pool_manager.request('GET', secure.host + '/a').status == 200
        assert train(client).job_id == 11
    with client_of(secure.host, trusting(None)) as client:
        with pytest.raises(urllib3.exceptions.HTTPError):
            client.rest_client.pool_manager.request('GET', secure.host + '/a', retries=False)
    for bundle in ('absent.pem', ['absent.pem']):
        with FaultServer() as server, client_of(
                server.host, trusting(bundle, assert_hostname=False)) as client:
            assert client.rest_client.pool_manager.request('GET', server.host).status == 200
            assert train(client).job_id == 11
    assert len(secure.requests) == 2


@pytest.mark.filterwarnings('ignore:Unverified HTTPS request')
@pytest.mark.parametrize('own', [{'cert_reqs': 'CERT_NONE'}, {'ca_certs': None}])
def test_what_a_program_trusts_through_our_manager_other_clients_do_not(own, secure, bundle):
    own = {name: value or bundle for name, value in own.items()}
    with client_of(secure.host) as client:
        client.rest_client.pool_manager.connection_pool_kw.update(own)
        assert client.rest_client.pool_manager.request('GET', secure.host + '/a').status == 200
    with client_of(secure.host) as other, pytest.raises(TlsError):
        train(other)


def test_a_pool_class_that_a_program_gives_our_manager_is_used(secure, bundle):
    made = []

    class Pool(urllib3.HTTPSConnectionPool):
        def __init__(self, *args, **kwargs):
            made.append(self)
            super(Pool, self).__init__(*args, **kwargs)

    with client_of(secure.host, trusting(bundle)) as client:
        client.rest_client.pool_manager.pool_classes_by_scheme['https'] = Pool
        client.rest_client.pool_manager.connection_pool_kw['maxsize'] = 3
        assert train(client).job_id == 11 and len(made) == 1


def test_a_call_trusts_no_file_that_was_trusted_when_a_program_took_our_manager(
        secure, bundle, tmp_path):
    with client_of(secure.host, trusting(bundle)) as client:
        assert client.rest_client.pool_manager is client.rest_client.pool_manager
        client.configuration.ssl_ca_cert = str(tmp_path)
        with pytest.raises(TlsError):
            train(client)


def test_a_spy_of_urllib3s_manager_takes_no_setting_from_the_client(secure, bundle):
    with mock.patch('urllib3.PoolManager', wraps=urllib3.PoolManager) as spy:
        client = client_of(secure.host, trusting(bundle))
        assert train(client).job_id == 11
    with client:
        assert train(client).job_id == 11 and spy.called
