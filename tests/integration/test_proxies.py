"""Proxies, of the configuration and of the environment: who carries a call, who sees what."""
import base64
import hashlib
import socket
import threading

import pytest
import urllib3
from calls import TOKEN, check, client_of, each, job, train, trusting
from fault_server import FaultServer, answer, raw, server_context, unused_port

from ai_service_python_sdk import ApiConnectionError, ApiException
from ai_service_python_sdk.client.transport import session
from ai_service_python_sdk.util.sign import create_sign


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A hostile environment: a proxy, a bundle and a netrc for everything."""
    with FaultServer(answer(b'from the proxy')) as trap:
        for name in ('HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY',
                     'all_proxy'):
            monkeypatch.setenv(name, trap.host)
        for name in ('NO_PROXY', 'no_proxy', 'REQUEST_METHOD'):
            monkeypatch.delenv(name, raising=False)
        netrc = tmp_path / 'netrc'
        netrc.write_text('machine 127.0.0.1 login mallory password secret\n'
                         'machine localhost login mallory password secret\n')
        monkeypatch.setenv('NETRC', str(netrc))
        monkeypatch.setenv('HOME', str(tmp_path))
        yield trap


@each([train, check, job])
def test_proxies_and_netrc_of_the_environment_move_and_replace_nothing(call, environment):
    with FaultServer() as server:
        assert call(client_of(server.host)).code == 'OK'
        assert server.requests[0].headers['authorization'].startswith('app:')
    assert not environment.connections


def test_the_environment_is_read_when_asked_for(environment):
    with FaultServer() as server:
        client = client_of(server.host, lambda configuration: setattr(configuration, 'trust_env',
                                                                      True))
        with pytest.raises(ApiException):
            train(client)
        assert environment.requests[0].path.startswith(server.host) and not server.connections
        assert environment.requests[0].headers['authorization'].startswith('app:')


@pytest.mark.parametrize('form', ['http://127.0.0.1:{}', '127.0.0.1:{}', 'http://127.0.0.1:{}/'])
def test_a_proxy_of_the_configuration_carries_the_call(form):
    with FaultServer() as proxy:
        client = client_of('http://service.test', lambda configuration: setattr(
            configuration, 'proxy', form.format(proxy.port)))
        assert train(client).code == 'OK'
        request, = proxy.requests
    assert request.path == 'http://service.test/api/v1/aigc_images/train'
    assert request.headers['host'] == 'service.test'
    text = '\n'.join(['POST', hashlib.md5(request.body).hexdigest(), '/api/v1/aigc_images/train'])
    assert request.headers['authorization'] == 'app:' + create_sign(text, TOKEN)


def test_the_password_of_a_proxy_goes_to_the_proxy_alone():
    with FaultServer(answer(b'', '407 Auth')) as proxy:
        client = client_of('http://service.test', lambda configuration: setattr(
            configuration, 'proxy', 'http://me:pr0xy-pw@127.0.0.1:{}'.format(proxy.port)))
        with pytest.raises(ApiException) as caught:
            train(client)
        expected = 'Basic ' + base64.b64encode(b'me:pr0xy-pw').decode('ascii')
        assert proxy.requests[0].headers['proxy-authorization'] == expected
    assert 'pr0xy-pw' not in str(caught.value) + repr(caught.value) + repr(client.configuration)


@each([train, job])
def test_a_dead_proxy_is_an_error_that_names_it_and_no_direct_call_is_made(call):
    with FaultServer() as server:
        client = client_of(server.host, lambda configuration: setattr(
            configuration, 'proxy', 'http://127.0.0.1:{}'.format(unused_port())), repeats=0)
        with pytest.raises(urllib3.exceptions.HTTPError):
            call(client)
        assert not server.connections


class Tunnel(object):
    """A proxy that knows CONNECT."""

    def __init__(self, answer=b'HTTP/1.1 200 Connection established\r\n\r\n', tls=None):
        self.answer = answer
        self.tls = tls
        self.heads = []
        self.listener = socket.socket()
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(8)
        self.url = '{}://localhost:{}'.format('https' if tls else 'http',
                                              self.listener.getsockname()[1])
        thread = threading.Thread(target=self._run)
        thread.daemon = True
        thread.start()

    def _run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.tls:
                client = self.tls.wrap_socket(client, server_side=True)
            head = b''
            while b'\r\n\r\n' not in head:
                head += client.recv(1000)
            self.heads.append(head.decode('latin-1'))
            client.sendall(self.answer)
            if b' 200 ' not in self.answer:
                client.close()
                continue
            target = socket.create_connection(('127.0.0.1', int(
                head.split(b' ')[1].rsplit(b':', 1)[1])))
            for pair in ((client, target), (target, client)):
                thread = threading.Thread(target=self._pump, args=pair)
                thread.daemon = True
                thread.start()

    @staticmethod
    def _pump(source, target):
        try:
            for data in iter(lambda: source.recv(65536), b''):
                target.sendall(data)
        except OSError:
            pass
        for sock in (source, target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def test_a_tunnel_carries_tls_and_sees_neither_path_nor_signature(secure, bundle):
    tunnel = Tunnel()
    client = client_of(secure.host, trusting(bundle, proxy=tunnel.url))
    assert [train(client).code, job(client).code] == ['OK', 'OK']
    assert len(tunnel.heads) == 1 and tunnel.heads[0].startswith('CONNECT localhost:')
    assert 'app:' not in tunnel.heads[0] and 'aigc' not in tunnel.heads[0]
    assert [request.path[:8] for request in secure.requests] == ['/api/v1/'] * 2


#: Older ones do not get along with proxies that speak TLS.
KNOWS_TLS_PROXIES = [int(part) for part in urllib3.__version__.split('.')[:2]] >= [1, 26]


@pytest.mark.skipif(not KNOWS_TLS_PROXIES, reason='needs urllib3 1.26')
def test_a_proxy_that_speaks_tls_forwards_calls_to_plain_hosts(secure, bundle):
    client = client_of('http://upstream.test', trusting(bundle, proxy=secure.host))
    assert train(client).code == 'OK'
    assert secure.requests[0].path == 'http://upstream.test/api/v1/aigc_images/train'
    with pytest.raises(ApiException):
        train(client_of('http://upstream.test',
                        lambda configuration: setattr(configuration, 'proxy', secure.host)))
    assert len(secure.requests) == 1
    client.configuration.ssl_ca_cert = None
    with pytest.raises(ApiException):
        train(client)
    assert len(secure.requests) == 1


@pytest.mark.skipif(not KNOWS_TLS_PROXIES, reason='needs urllib3 1.26')
def test_a_proxy_that_speaks_tls_opens_tunnels(authority, secure, bundle):
    tunnel = Tunnel(tls=server_context(authority.issue_cert('localhost')))
    assert train(client_of(secure.host, trusting(bundle, proxy=tunnel.url))).code == 'OK'
    assert tunnel.heads[0].startswith('CONNECT localhost:')


@pytest.mark.parametrize('host', ['http://upstream.test', 'https://upstream.test'])
def test_a_proxy_that_speaks_tls_is_refused_where_urllib3_is_too_old(
        host, secure, bundle, monkeypatch):
    monkeypatch.setattr(session, '_version', min(session._version, [1, 25]))
    with pytest.raises(ValueError, match='install urllib3 1.26'):
        train(client_of(host, trusting(bundle, proxy=secure.host)))
    assert not secure.connections


@pytest.mark.parametrize('rest', ['\r\n', 'Content-Length: 9\r\n\r\n<p>no</p>'],
                         ids=['bare', 'with a page'])
@pytest.mark.parametrize('line', ['403 Forbidden', '407 Proxy Authentication Required',
                                  '502 Bad Gateway'])
def test_a_tunnel_that_is_refused_is_an_api_exception(line, rest, secure, bundle):
    tunnel = Tunnel('HTTP/1.1 {}\r\n{}'.format(line, rest).encode('ascii'))
    with pytest.raises(ApiException) as caught:
        train(client_of(secure.host, trusting(bundle, proxy=tunnel.url), repeats=0))
    assert isinstance(caught.value, urllib3.exceptions.HTTPError) and not secure.connections
    assert line[:3] in str(caught.value)


@pytest.mark.parametrize('proxy', ['http://', 'http://:1', 'ftp://a.test:1', 'http://[a', 'a:port',
                                   'http://me:pr0xy-pw@', 'http://a.test:99999', 'nonsense'
                                   '://a.test'], ids=repr)
@pytest.mark.parametrize('host', ['http://a.test', 'https://a.test'])
def test_a_proxy_that_is_no_address_is_named_without_its_password(proxy, host):
    with pytest.raises(ValueError) as caught:
        train(client_of(host, lambda settings: setattr(settings, 'proxy', proxy)))
    assert '`proxy`' in str(caught.value) and 'pr0xy-pw' not in repr(caught.value)


@pytest.mark.parametrize('said', [b'HTTP/1.1 200 OK\r\n\r\nmore',
                                  b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'])
def test_a_proxy_that_says_more_than_that_the_tunnel_is_open_gets_nothing(said):
    with FaultServer(raw(said)) as proxy:
        client = client_of('https://service.test', lambda configuration: setattr(
            configuration, 'proxy', proxy.host), repeats=0)
        with pytest.raises(ApiConnectionError):
            train(client)
    assert [request.method for request in proxy.requests] == ['CONNECT']
