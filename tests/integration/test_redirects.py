"""Redirects: followed within the service, signed anew, and nothing goes elsewhere."""
import hashlib

import pytest
from calls import PAID, TOKEN, check, client_of, each, job, train
from fault_server import FaultServer, ok, redirect

from ai_service_python_sdk import ApiException
from ai_service_python_sdk.util.sign import create_sign


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
