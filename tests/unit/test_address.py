"""A host as given, its escapes, and where a redirect may lead."""
import pytest

from ai_service_python_sdk.client.address import base_of, complete, redirect_target


def refusal(call, *arguments, **options):
    with pytest.raises((TypeError, ValueError)) as caught:
        call(*arguments, **options)
    return str(caught.value)


# addresses

@pytest.mark.parametrize('host, url', [
    ('h', 'http://h/p'), ('http://h.', 'http://h./p'), ('http://h/a%zz', 'http://h/a%25zz/p'),
    ('http://h/%e4%b8%ad', 'http://h/%E4%B8%AD/p'),
    ('http://' + 'a' * 63, 'http://' + 'a' * 63 + '/p'),
    ('h:8080/pre', 'http://h:8080/pre/p'), ('HTTPS://h', 'https://h/p'),
    ('http://h/a%20b/', 'http://h/a%20b/p'), (u'http://h/\u4e2d', 'http://h/%E4%B8%AD/p'),
    ("http://h/!$&'()*+,:;=@[]~", "http://h/!$&'()*+,:;=@%5B%5D~/p"),
    (u'http://\u4f8b\u3048.jp:81', 'http://xn--r8jz45g.jp:81/p'), ('http://h//', 'http://h//p'),
    ('http://[::1]:81', 'http://[::1]:81/p'), ('[fe80::1%25eth0]', 'http://[fe80::1%25eth0]/p')])
def test_an_address_is_read_as_it_was_meant(host, url):
    assert base_of(host) + '/p' == url


@pytest.mark.parametrize('host', [
    'ftp://h', 'http://me:pw@h', 'http://h?a=1', 'http://h#a', 'http://h/a b', 'http://h/\x7f',
    'http://h\\x', 'http://', 'http://' + 'a' * 64, 'http://a..b', 'http://.h', 'http://h:0',
    'http://h:65536', 'http://h:99999', 'http://[::1', u'http://a..\u4e2d',
    'http://[1::2::3]', 'http://[1:2]', 'http://[::1%25]', 'http://[::1%eth0]'])
def test_an_address_that_cannot_be_called_is_refused(host):
    assert refusal(base_of, host) == (
        '`host` cannot be called; give for instance http://service.example.com')


@pytest.mark.parametrize('url, kind', [(7, 'int'), (b'http://h', 'bytes'), (['h'], 'list')])
def test_an_address_of_another_type_is_refused_with_its_type(url, kind):
    assert refusal(complete, url) == (
        '`url` is a {}; give text such as http://service.example.com'.format(kind))


@pytest.mark.parametrize('url, completed', [
    ('http://h', 'http://h/'), ('http://h?a=1', 'http://h/?a=1'), ('h/x#part', 'http://h/x'),
    ('http://h:81/a?b=[]', 'http://h:81/a?b=%5B%5D')])
def test_a_url_is_completed(url, completed):
    assert complete(url) == completed


# redirects

def follow(location, url='http://h/pre/api/x', status=307, signed='/api/x'):
    return redirect_target(url, signed, status, location)


@pytest.mark.parametrize('status, is_followed', [
    (300, False), (301, True), (302, True), (303, False), (304, False), (307, True), (308, True),
    (309, False)])
def test_only_a_redirect_that_keeps_method_and_body_is_followed(status, is_followed):
    assert follow('/y', status=status) == (('http://h/y', '/y') if is_followed else None)


@pytest.mark.parametrize('location, target', [
    ('/y#part', ('http://h/y', '/y')), ('http://h', ('http://h/', '/')),
    ('/y?a=b?c&d=[]', ('http://h/y?a=b?c&d=%5B%5D', '/y?a=b?c&d=%5B%5D')),
    ('?a=1', ('http://h/pre/api/x?a=1', '/api/x?a=1')), ('//h/y', ('http://h/y', '/y')),
    ('/pre/api/y?a=1', ('http://h/pre/api/y?a=1', '/api/y?a=1')),
    ('/prefix/y', ('http://h/prefix/y', '/prefix/y')), ('/pre', ('http://h/pre', '/pre')),
    ("/a%20b!$&'()*+,:;=@[]~", ("http://h/a%20b!$&'()*+,:;=@%5B%5D~",
                                "/a%20b!$&'()*+,:;=@%5B%5D~")),
    (u'/\u4e2d', ('http://h/%E4%B8%AD', '/%E4%B8%AD')),
    ('https:/y', None), ('/y z', None), ('/y\\z', None)])
def test_a_redirect_is_read_as_it_was_meant(location, target):
    assert follow(location) == target


def test_a_redirect_of_a_request_with_a_query_keeps_the_prefix_apart():
    assert follow('/pre/api/y', 'http://h/pre/api/x?a=1', signed='/api/x?a=1') == (
        'http://h/pre/api/y', '/api/y')


@pytest.mark.parametrize('old, new, is_followed', [
    ('http://h', 'http://h:80', True), ('https://h', 'https://h:443', True),
    ('http://h:80', 'https://h', True), ('http://h', 'https://h:443', True),
    ('http://h:8080', 'https://h:8080', False), ('http://h:8080', 'https://h', False),
    ('http://h', 'https://h:8443', False), ('http://h', 'http://h:81', False),
    ('https://h', 'https://h:444', False), ('https://h', 'http://h', False),
    ('https://h:80', 'http://h:443', False), ('https://h:443', 'http://h:80', False),
    ('http://h', 'http://H', True), ('http://h', 'ftp://h:80', False)])
def test_a_redirect_stays_with_name_port_and_a_scheme_as_safe(old, new, is_followed):
    target = follow(new + '/y', old + '/x', signed='/x')
    assert (target is not None) is is_followed
    assert not target or target == (new + '/y', '/y')
