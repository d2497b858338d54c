"""What a header of a request may hold, and how it is refused."""
import re

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
    assert re.match('the value of header `{}`.* holds a line break or another control '
                    'character, or one beyond latin-1; remove it'.format(name),
                    refusal({name: value}))


def test_a_header_without_a_value_is_refused():
    assert 'None' in refusal({'X-Mine': None})


@pytest.mark.parametrize('name', ['X-Mine', 'Cookie', 'Authorization'])
def test_a_header_value_beyond_latin_1_is_refused_and_not_shown(name):
    said = refusal({name: u'\u4e2d'})
    assert 'beyond latin-1' in said and u'\u4e2d' not in said
