"""A request on its way: what is refused and in which words, where a redirect may take it."""
import pytest

from ai_service_python_sdk.client.timeouts import limits_of
from ai_service_python_sdk.client.address import Address, Outgoing, encode_request, redirected


def headers_of(**headers):
    named = dict((name.replace('_', '-'), value) for name, value in headers.items())
    return Outgoing('POST', 'http://h/x', b'12', lambda path: dict(named, Path=path)).headers()


def refusal(call, *arguments, **options):
    with pytest.raises((TypeError, ValueError)) as caught:
        call(*arguments, **options)
    return str(caught.value)


# headers

def test_headers_are_made_for_the_path_with_the_length_of_the_body():
    assert headers_of(X_Mine=7, Accept='a') == {
        'X-Mine': '7', 'Accept': 'a', 'Path': '/x', 'Content-Length': '2'}
    assert Outgoing('GET', 'https://h/x?a=1', None, lambda path: {'P': path}).headers() == {
        'P': '/x?a=1'}
    assert Outgoing('GET', 'http://h/pre/x', None, None, signed_path='/x').path == '/x'
    assert not Outgoing('GET', 'http://h/x', None, None).repeatable


@pytest.mark.parametrize('name', ['X Mine', 'X\nMine', 'X:', '', 'X\x00', u'X\u4e2d', 'Accept '])
def test_a_header_name_that_is_none_is_refused(name):
    assert refusal(headers_of, **{name: '1'}) == (
        'the header name {!r} is no text, or holds a blank, a line break or the like; give '
        'letters, digits and hyphens'.format(name))


@pytest.mark.parametrize('value', ['a\nb', 'a\rb', b'a\nb', '\n'])
@pytest.mark.parametrize('name', ['Accept', 'Mine'])
def test_a_header_value_that_would_break_its_line_is_refused(name, value):
    assert refusal(headers_of, **{name: value}) == (
        'the value of header `{}` holds a line break; remove it'.format(name))


def test_a_header_name_may_be_bytes():
    headers = Outgoing('GET', 'http://h/x', None, lambda path: {b'X-Mine': '1'}).headers()
    assert headers == {b'X-Mine': '1'}
    problem = refusal(Outgoing('GET', 'http://h/x', None, lambda path: {b'X \xff': '1'}).headers)
    assert problem.startswith('the header name ')


@pytest.mark.parametrize('name, shown, more', [
    ('X-Mine', u'\u4e2d', ''), ('Cookie', '***', ''),
    ('Authorization', '***', ', or `appid`,')])
def test_a_header_value_beyond_latin_1_is_refused_and_a_secret_one_not_shown(name, shown, more):
    with pytest.raises(UnicodeEncodeError) as caught:
        headers_of(**{name: u'\u4e2d'})
    error = caught.value
    assert (error.encoding, error.object, error.start, error.end) == (
        'latin-1', shown, 0, len(shown))
    assert error.reason == ('the value of header `{}`{} has a character that HTTP cannot carry; '
                            'give latin-1'.format(name, more))


# addresses

@pytest.mark.parametrize('host, url', [
    ('h', 'http://h/p'), ('http://h.', 'http://h./p'), ('http://h/a%zz', 'http://h/a%25zz/p'),
    ('http://h/%e4%b8%ad', 'http://h/%E4%B8%AD/p'),
    ('http://' + 'a' * 63, 'http://' + 'a' * 63 + '/p'),
    ('h:8080/pre', 'http://h:8080/pre/p'), ('HTTPS://h', 'https://h/p'),
    ('http://h/a%20b/', 'http://h/a%20b/p'), (u'http://h/\u4e2d', 'http://h/%E4%B8%AD/p'),
    ("http://h/!$&'()*+,:;=@[]~", "http://h/!$&'()*+,:;=@%5B%5D~/p"),
    (u'http://\u4f8b\u3048.jp:81', 'http://xn--r8jz45g.jp:81/p'), ('http://h//', 'http://h//p')])
def test_an_address_is_read_as_it_was_meant(host, url):
    assert Address(host).url('/p') == url


@pytest.mark.parametrize('host, problem', [
    ('ftp://h', "has the scheme 'ftp'"), ('http://me:pw@h', 'holds a user name or password'),
    ('http://h?a=1', 'has a query or fragment'), ('http://h#a', 'has a query or fragment'),
    ('http://h/a b', 'holds a blank or control character'),
    ('http://h/\x7f', 'holds a blank or control character'),
    ('http://h\\x', 'holds a blank or control character'),
    ('http://', 'is no URL with a name and a valid port'),
    ('http://' + 'a' * 64, 'is no URL with a name and a valid port'),
    ('http://a..b', 'is no URL with a name and a valid port'),
    ('http://.h', 'is no URL with a name and a valid port'),
    ('http://h:0', 'is no URL with a name and a valid port'),
    ('http://h:99999', 'is no URL with a name and a valid port'), ('http://[::1', 'is no URL'),
    (u'http://a..\u4e2d', 'is no URL')])
def test_an_address_that_is_none_is_refused_with_its_problem(host, problem):
    assert refusal(Address, host) == (
        '`host` {}; give for instance http://service.example.com'.format(problem))


@pytest.mark.parametrize('host, kind', [(7, 'int'), (b'http://h', 'bytes')])
def test_an_address_of_another_type_is_refused_with_its_type(host, kind):
    assert refusal(Address, host) == (
        '`host` is a {}; give text such as http://service.example.com'.format(kind))


# redirects

def follow(location, url='http://h/pre/api/x', status=307, signed='/api/x'):
    target = redirected(Outgoing('POST', url, b'{}', None, True, signed), status, location)
    return target and (target.url, target.path)


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
    target = follow(new + '/y', old + '/x', signed='')
    assert (target is not None) is is_followed
    assert not target or target == (new + '/y', '/y')


# the generic call

def test_a_method_that_nobody_knows_is_refused_with_those_that_are():
    assert refusal(encode_request, 'BREW', 'http://h', None, None, None, None) == (
        "`method` is 'BREW'; must be one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE")


def test_a_body_and_a_form_together_are_refused():
    assert refusal(encode_request, 'POST', 'http://h', None, None, {}, [('a', 1)]) == (
        '`body` and `post_params` were both given; a request has one of them')


def test_a_body_that_its_type_cannot_carry_is_refused():
    assert refusal(encode_request, 'POST', 'http://h', None, {'Content-Type': 'text/plain'},
                   {'a': 1}, None) == (
        'a body of type dict cannot be sent as text/plain; give bytes or text')


@pytest.mark.parametrize('url, query, sent', [
    ('http://h', None, 'http://h/'), ('http://h?a=1', None, 'http://h/?a=1'),
    ('h/x', [('b', 2)], 'http://h/x?b=2'), ('http://h/x#part', None, 'http://h/x'),
    ('http://h/x?a=1', {'b': '2 3'}, 'http://h/x?a=1&b=2+3'),
    ('http://h:81/a?b=[]', None, 'http://h:81/a?b=%5B%5D')])
def test_the_url_of_a_generic_call_is_completed(url, query, sent):
    assert encode_request('GET', url, query, None, None, None) == (
        sent, {'Content-Type': 'application/json'}, None)


@pytest.mark.parametrize('url', [None, 7, '', 'http://', 'ftp://h/x', 'http://me:pw@h/x'])
def test_a_url_that_leads_nowhere_is_refused_by_that_name(url):
    assert refusal(encode_request, 'GET', url, None, None, None, None).startswith('`url` ')


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_a_number_that_json_lacks_is_refused_in_a_generic_body_too(value):
    assert refusal(encode_request, 'POST', 'http://h', None, None, {'a': value}, None)


@pytest.mark.parametrize('body, form, sent', [
    ({'a': '1 2'}, None, b'a=1+2'), (None, [('a', 1)], b'a=1'), (None, None, b'')])
def test_a_form_may_be_given_as_fields_or_as_a_body(body, form, sent):
    kind = {'Content-Type': 'application/x-www-form-urlencoded'}
    assert encode_request('post', 'http://h', None, kind, body, form) == ('http://h/', kind, sent)


@pytest.mark.parametrize('kind', ['application/json', 'application/vnd.x+JSON; charset=utf-8'])
def test_json_of_any_name_is_sent_as_json(kind):
    given = {'Content-Type': kind}
    assert encode_request('POST', 'http://h', None, given, ['a'], None)[2] == b'["a"]'
    assert given == {'Content-Type': kind}


# time-outs

@pytest.mark.parametrize('value, limits', [
    (1, (1, 1, 1)), (0.0, (None, None, None)), (0.001, (0.001, 0.001, 0.001)),
    (999999999.5, (999999999.5,) * 3), ((None, None), (None, None, None)),
    ((0.001, 1), (0.001, 1, None))])
def test_a_time_out_at_the_edge_is_read(value, limits):
    assert limits_of(value) == limits


@pytest.mark.parametrize('value', [1e9, -0.001, (1, 0), (-1, 1), (1, 2, 3), (1,), (), 'x'])
def test_a_time_out_over_the_edge_is_refused_with_what_to_give(value):
    assert refusal(limits_of, value) == (
        '`_request_timeout` or `configuration.timeout` is {!r}: give seconds as one number for '
        'the whole call, a tuple (connect, read), or None for no limit'.format(value))
