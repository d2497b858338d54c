"""Bad day 5: redirects, proxies and TLS: nothing of a call reaches another place."""
import base64
import hashlib
import socket
import threading

import pytest
import urllib3
from bad_day import PAID, TOKEN, check, client_of, each, job, train
from fault_server import OK_BODY, FaultServer, answer, ok, server_context, unused_port

from ai_service_python_sdk import ApiException, Configuration, ApiClient, TlsError
from ai_service_python_sdk.util.sign import create_sign

trustme = pytest.importorskip('trustme', reason='the extra "test" brings it')
UNVERIFIED = pytest.mark.filterwarnings('ignore:Unverified HTTPS request')


def redirect(location, status=307):
    return answer(b'', '{} Moved'.format(status), [('Location', location)])


# redirects

@pytest.mark.parametrize('status', [301, 302, 307, 308])
@each([train, check, job])
def test_a_redirect_to_the_same_service_is_followed_with_method_and_body_and_signed_anew(
        call, status):
    with FaultServer(redirect('/other/place', status), ok) as server:
        assert call(client_of(server.host)).code == 'OK'
        first, second = server.requests
    assert (second.method, second.body, second.path) == (first.method, first.body, '/other/place')
    text = '\n'.join([second.method, _md5(second.body), second.path])
    assert second.headers['authorization'] == 'app:' + create_sign(text, TOKEN)
    assert second.headers['authorization'] != first.headers['authorization']


def _md5(data):
    return hashlib.md5(data).hexdigest()


ELSEWHERE = ['http://127.0.0.1:{other}/x', '//127.0.0.1:{other}/x', 'http://localhost:{port}/x',
             'http://127.0.0.1:{port}@127.0.0.1:{other}/', 'ftp://127.0.0.1:{port}/x',
             'file:///etc/passwd', 'javascript:alert(1)', 'http://127.0.0.1:{port}.evil.test/x',
             'http:///x', 'http://[::1/x', 'http://127.0.0.1:{port}\\@127.0.0.1:{other}/', '',
             'http://user:pw@127.0.0.1:{port}/x', 'http://127.0.0.1:99999/x', '/a b', '/a\tb']


@pytest.mark.parametrize('location', ELSEWHERE)
@pytest.mark.parametrize('call', [train, check], ids=['train', 'check'])
def test_a_redirect_elsewhere_raises_with_its_location_and_nothing_goes_there(location, call):
    with FaultServer() as other:
        with FaultServer(ok) as server:
            where = location.format(port=server.port, other=other.port)
            server.actions = [redirect(where), ok]
            with pytest.raises(ApiException) as caught:
                call(client_of(server.host, repeats=0))
            assert len(server.requests) == 1 and not other.connections
    assert caught.value.status == 307 and caught.value.headers['location'] == where


@pytest.mark.parametrize('status', [300, 303, 304, 305, 306])
def test_a_redirect_that_would_make_it_a_get_or_another_raises(status):
    with FaultServer(redirect('/other', status), ok) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host))
        assert len(server.requests) == 1 and caught.value.status == status


@each(PAID)
def test_a_circle_of_redirects_ends(call):
    with FaultServer(redirect('/round')) as server:
        with pytest.raises(ApiException):
            call(client_of(server.host))
        assert len(server.requests) < 12


def test_a_path_prefix_survives_a_redirect_and_is_not_signed():
    with FaultServer(redirect('/gateway/new'), ok) as server:
        train(client_of(server.host + '/gateway'))
        text = '\n'.join(['POST', _md5(server.requests[1].body), '/new'])
        assert server.requests[1].headers['authorization'] == 'app:' + create_sign(text, TOKEN)


# proxies

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
    text = '\n'.join(['POST', _md5(request.body), '/api/v1/aigc_images/train'])
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


# TLS

@pytest.fixture(scope='module')
def authority():
    return trustme.CA()


@pytest.fixture(scope='module')
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp('tls') / 'authority.pem'
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def secure(authority):
    certificate = authority.issue_cert('localhost', '127.0.0.1')
    with FaultServer(tls=server_context(certificate)) as server:
        yield server


def trusting(bundle, **settings):
    def configure(configuration):
        configuration.ssl_ca_cert = bundle
        for name, value in settings.items():
            setattr(configuration, name, value)
    return configure


@each([train, check, job])
def test_a_certificate_of_the_given_authority_is_trusted(call, secure, bundle):
    assert call(client_of(secure.host, trusting(bundle))).code == 'OK'
    assert secure.requests[0].path.startswith('/api/v1/')


@each([train, check, job])
def test_a_certificate_nobody_vouches_for_is_refused_and_nothing_is_sent(call, secure):
    with pytest.raises(ApiException) as caught:
        call(client_of(secure.host))
    assert isinstance(caught.value, urllib3.exceptions.MaxRetryError)
    assert caught.value.status == 0 and caught.value.hint
    assert not secure.requests and secure.connections == 1


@UNVERIFIED
def test_verify_ssl_off_trusts_anybody(secure):
    client = client_of(secure.host, lambda configuration: setattr(configuration, 'verify_ssl',
                                                                  False))
    assert train(client).code == 'OK'


def test_a_certificate_for_another_name_is_refused(authority, bundle):
    context = server_context(authority.issue_cert('elsewhere.test'))
    with FaultServer(tls=context) as server:
        with pytest.raises(ApiException):
            train(client_of(server.host, trusting(bundle)))
        assert not server.requests


@pytest.mark.parametrize('name', ['elsewhere.test', False])
def test_assert_hostname_names_the_expected_name_or_none(name, authority, bundle):
    context = server_context(authority.issue_cert('elsewhere.test'))
    with FaultServer(tls=context) as server:
        assert train(client_of(server.host, trusting(bundle, assert_hostname=name))).ok


def test_assert_hostname_refuses_the_wrong_name_too(secure, bundle):
    with pytest.raises(ApiException):
        train(client_of(secure.host, trusting(bundle, assert_hostname='elsewhere.test')))
    assert not secure.requests


def test_a_client_certificate_is_shown_when_the_server_asks(authority, bundle, tmp_path):
    mine = authority.issue_cert('me@client.test')
    key, certificate = str(tmp_path / 'me.key'), str(tmp_path / 'me.pem')
    mine.private_key_pem.write_to_path(key)
    mine.cert_chain_pems[0].write_to_path(certificate)
    context = server_context(authority.issue_cert('localhost'), authority)
    with FaultServer(tls=context) as server:
        assert train(client_of(server.host, trusting(bundle, cert_file=certificate,
                                                     key_file=key))).ok
        with pytest.raises(ApiException):
            train(client_of(server.host, trusting(bundle), repeats=0))
        assert len(server.requests) == 1


@pytest.mark.parametrize('settings', [{'ssl_ca_cert': '/no/such/file'},
                                      {'cert_file': '/no/such/file'}])
def test_a_missing_certificate_file_is_an_error_before_anything_is_sent(settings, secure, bundle):
    with pytest.raises((ApiException, OSError)):
        train(client_of(secure.host, trusting(bundle, **settings)
                        if 'ssl_ca_cert' not in settings else trusting('/no/such/file')))
    assert not secure.requests


@pytest.mark.parametrize('variable', ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'])
def test_a_bundle_of_the_environment_is_not_trusted_unless_asked_for(
        variable, secure, bundle, monkeypatch):
    for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, bundle)
    with pytest.raises(ApiException):
        train(client_of(secure.host))
    assert not secure.requests
    if variable != 'SSL_CERT_FILE':
        assert train(client_of(secure.host, lambda configuration: setattr(
            configuration, 'trust_env', True))).ok


def test_a_bundle_of_the_environment_replaces_none_that_was_given(secure, bundle, tmp_path,
                                                                  monkeypatch):
    other = tmp_path / 'other.pem'
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv('REQUESTS_CA_BUNDLE', str(other))
    assert train(client_of(secure.host, trusting(bundle))).ok


def test_plain_http_on_a_tls_port_and_the_reverse_are_api_exceptions(secure):
    with pytest.raises(ApiException):
        train(client_of(secure.host.replace('https', 'http'), repeats=0))
    with FaultServer() as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host.replace('http', 'https'), repeats=0), _request_timeout=1)
        assert isinstance(caught.value, urllib3.exceptions.MaxRetryError)
        # The greeting of TLS may hold a line break and pass for a request line.
        assert not any(request.body or 'api' in request.path for request in server.requests)


def test_a_redirect_from_https_to_http_is_not_followed(authority, bundle):
    with FaultServer() as plain:
        context = server_context(authority.issue_cert('localhost'))
        action = redirect('http://localhost:{}/x'.format(plain.port))
        with FaultServer(action, tls=context) as server:
            with pytest.raises(ApiException):
                train(client_of(server.host, trusting(bundle)))
        assert not plain.connections


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


@pytest.mark.skipif(not KNOWS_TLS_PROXIES, reason='needs urllib3 1.26')
def test_a_proxy_that_speaks_tls_opens_tunnels(authority, secure, bundle):
    tunnel = Tunnel(tls=server_context(authority.issue_cert('localhost')))
    assert train(client_of(secure.host, trusting(bundle, proxy=tunnel.url))).code == 'OK'
    assert tunnel.heads[0].startswith('CONNECT localhost:')


@pytest.mark.skipif(KNOWS_TLS_PROXIES, reason='needs urllib3 before 1.26')
@pytest.mark.parametrize('host', ['http://upstream.test', 'https://upstream.test'])
def test_a_proxy_that_speaks_tls_is_refused_where_urllib3_is_too_old(host, secure, bundle):
    with pytest.raises(ValueError, match='install urllib3 1.26'):
        train(client_of(host, trusting(bundle, proxy=secure.host)))
    assert not secure.connections


@pytest.mark.parametrize('line', ['403 Forbidden', '407 Proxy Authentication Required',
                                  '502 Bad Gateway'])
def test_a_tunnel_that_is_refused_is_an_api_exception(line, secure, bundle):
    tunnel = Tunnel('HTTP/1.1 {}\r\n\r\n'.format(line).encode('ascii'))
    with pytest.raises(ApiException) as caught:
        train(client_of(secure.host, trusting(bundle, proxy=tunnel.url), repeats=0))
    assert isinstance(caught.value, urllib3.exceptions.HTTPError) and not secure.connections


def test_two_clients_of_different_trust_do_not_share_it(secure, bundle):
    trusting_client, other = client_of(secure.host, trusting(bundle)), client_of(secure.host)
    assert train(trusting_client).ok
    with pytest.raises(ApiException):
        train(other)
    assert train(trusting_client).ok


def test_settings_changed_before_the_first_call_count(secure, bundle):
    configuration = Configuration(secure.host, 'app', TOKEN)
    client = ApiClient(secure.host, 'app', TOKEN, configuration)
    configuration.ssl_ca_cert = bundle
    assert train(client).ok


def test_a_tls_answer_cut_in_the_middle_is_no_answer_and_no_paid_call_is_repeated(
        authority, bundle):
    from fault_server import raw
    cut = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n' + OK_BODY)
    context = server_context(authority.issue_cert('localhost'))
    with FaultServer(cut, tls=context) as server:
        with pytest.raises(ApiException):
            train(client_of(server.host, trusting(bundle)))
        assert len(server.requests) == 1


@pytest.mark.parametrize('fault', ['lost', 'reset'])
def test_a_connection_lost_under_tls_after_the_request_repeats_only_queries(
        fault, authority, bundle):
    import fault_server
    context = server_context(authority.issue_cert('localhost'))
    action = getattr(fault_server, fault)
    for call, count in ((train, 1), (job, 2)):
        with FaultServer(action, ok, tls=context) as server:
            client = client_of(server.host, trusting(bundle))
            try:
                call(client)
            except ApiException as error:
                assert error.is_in_doubt and not isinstance(error, urllib3.exceptions.SSLError)
            assert len(server.requests) == count


def test_cookies_are_not_kept_and_not_sent():
    with FaultServer(answer(headers=[('Set-Cookie', 'sid=1; Path=/')])) as server:
        client = client_of(server.host)
        for _ in range(3):
            train(client)
        assert not any('cookie' in request.headers for request in server.requests)


# the user's own session

@pytest.fixture(params=[False, True], ids=['our session', 'own session'])
def session_client(request):
    """A function that makes a client over our session, or over the user's own."""
    import requests
    with requests.Session() as session:
        yield lambda host: client_of(host, lambda settings: setattr(
            settings, 'session', session if request.param else None))


AWKWARD = ['/a%e4%b8%ad', '/a?x=%e4', '/a?x=é', '/a[b]', '/a?x=[1]', '/a%zz', '/a%', '/%2e%2e/b',
           '/a|b', '/a?x={1}|2', '/a;b=c,d:e@f', '?only=query', 'relative', '/é', '//', '/a#b']


@pytest.mark.parametrize('location', AWKWARD)
def test_the_path_of_a_redirect_is_signed_exactly_as_it_leaves(location, session_client):
    with FaultServer(redirect(location), ok) as server:
        try:
            assert train(session_client(server.host)).code == 'OK'
        except ApiException:  # an address of another kind
            assert len(server.requests) == 1 and location == '//'
            return
        second = server.requests[1]
    text = '\n'.join(['POST', _md5(second.body), second.path])
    assert second.headers['authorization'] == 'app:' + create_sign(text, TOKEN)


@pytest.mark.parametrize('location', [
    'http://[bad/x', 'http://127.0.0.1:99999/x', 'ftp://127.0.0.1/x', 'javascript:alert(1)',
    'http://', '/a b', 'http://é.test/x', '//127.0.0.1:9/x', 'data:,x', ''])
def test_a_redirect_to_no_place_of_the_service_raises_with_its_status(location, session_client):
    with FaultServer(redirect(location), ok) as server:
        with pytest.raises(ApiException) as caught:
            train(session_client(server.host))
        assert caught.value.status == 307 and len(server.requests) == 1
    assert caught.value.headers['Location'] == location


# settings

@UNVERIFIED
@pytest.mark.parametrize('change', [{'verify_ssl': True}, {'ssl_ca_cert': None},
                                    {'assert_hostname': 'elsewhere.test'}], ids=repr)
def test_trust_that_is_taken_back_after_a_call_is_no_longer_given(change, secure, bundle):
    client = client_of(secure.host, trusting(bundle), repeats=0)
    if 'verify_ssl' in change:
        client.configuration.__dict__.update(verify_ssl=False, ssl_ca_cert=None)
    train(client)
    client.configuration.__dict__.update(change)
    with pytest.raises(TlsError):
        train(client)
    assert len(secure.requests) == 1


def test_trust_that_is_given_after_a_failure_is_used(secure, bundle):
    client = client_of(secure.host, repeats=0)
    with pytest.raises(TlsError):
        train(client)
    client.configuration.ssl_ca_cert = bundle
    assert train(client).job_id == 11


@pytest.mark.parametrize('name', ['ssl_ca_cert', 'cert_file', 'key_file'])
@pytest.mark.parametrize('content', [None, '', 'garbage'], ids=repr)
def test_a_certificate_file_that_is_none_is_named_and_leaves_nothing_in_doubt(
        name, content, secure, bundle, tmp_path):
    path = tmp_path / 'file.pem'
    if content is not None:
        path.write_text(content)
    files = {'cert_file': bundle} if name == 'key_file' else {}
    client = client_of(secure.host, trusting(bundle, **dict(files, **{name: str(path)})))
    with pytest.raises(TlsError) as caught:
        job(client)
    assert secure.connections == 0 and not caught.value.is_in_doubt
    assert '`{}`'.format(name if content is None else name.replace('key', 'cert')
                         ) in str(caught.value)


@pytest.mark.parametrize('proxy', ['http://', 'http://:1', 'ftp://a.test:1', 'http://[a', 'a:port',
                                   'http://me:pr0xy-pw@', 'http://a.test:99999', 'nonsense'
                                   '://a.test'], ids=repr)
@pytest.mark.parametrize('host', ['http://a.test', 'https://a.test'])
def test_a_proxy_that_is_no_address_is_named_without_its_password(proxy, host):
    with pytest.raises(ValueError) as caught:
        train(client_of(host, lambda settings: setattr(settings, 'proxy', proxy)))
    assert '`proxy`' in str(caught.value) and 'pr0xy-pw' not in repr(caught.value)
