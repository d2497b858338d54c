"""What a header of a request may hold, and how it is refused."""
import pytest

from ai_service_python_sdk.client.headers import check_headers


def checked(headers):
    check_headers(headers)
    return headers


def refusal(headers):
    with pytest.raises((TypeError, ValueError)) as caught:
        check_headers(headers)
    return str(caught.value)


def test_values_become_text():
    assert checked({'X-Mine': 7, 'Accept': b'a', 'T': 'a\tb'}) == {
        'X-Mine': '7', 'Accept': 'a', 'T': 'a\tb'}


@pytest.mark.parametrize('name', ['X Mine', 'X\nMine', 'X:', '', 'X\x00', u'X\u4e2d', 'Accept '])
def test_a_header_name_that_http_does_not_know_is_refused(name):
    assert refusal({name: '1'}) == (
        'the header name {!r} is not text, or holds a blank, a line break or the like; give '
        'letters, digits and hyphens'.format(name))


@pytest.mark.parametrize('value', ['a\nb', 'a\rb', b'a\nb', '\n', 'a\x00', '\x01', '\x1f', '\x7f',
                                   b'\x0b'])
@pytest.mark.parametrize('name', ['Accept', 'Mine', 'Authorization', 'Cookie', 'User-Agent'])
def test_a_header_value_with_a_control_character_is_refused_and_not_shown(name, value):
    assert refusal({name: value}) == ('the value of header `{}` holds a line break or another '
                                      'control character; remove it'.format(name))


def test_a_header_without_a_value_is_refused():
    assert 'None' in refusal({'X-Mine': None})


@pytest.mark.parametrize('name, shown, more', [
    ('X-Mine', u'\u4e2d', ''), ('Cookie', '***', ''),
    ('Authorization', '***', ', or `appid`,')])
def test_a_header_value_beyond_latin_1_is_refused_and_a_secret_one_not_shown(name, shown, more):
    with pytest.raises(UnicodeEncodeError) as caught:
        check_headers({name: u'\u4e2d'})
    error = caught.value
    assert (error.encoding, error.object, error.start, error.end) == (
        'latin-1', shown, 0, len(shown))
    assert error.reason == ('the value of header `{}`{} has a character that HTTP cannot carry; '
                            'give latin-1'.format(name, more))
