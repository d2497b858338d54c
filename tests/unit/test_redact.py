"""What is masked before anything is printed, and what is left as it is."""
import random
import re

import pytest

from ai_service_python_sdk.util import redact
from ai_service_python_sdk.util.redact import (
    bare_name, bare_urls, mask_headers, mask_text)

HEX = '0123456789abcdef'


@pytest.mark.parametrize('text, shown', [
    ('', ''), ('plain', 'plain'), ('a' * 63, 'a' * 63), ('a' * 64, '***'),
    ('z' + '0' * 64, 'z***'), ('Authorization: app:secret', 'Authorization: ***'),
    ("'authorization': 'x'", "'authorization': '***'"),
    ('COOKIE=a; b', 'COOKIE=***'), ('Set-Cookie: a\nnext', 'Set-Cookie: ***\nnext'),
    ('Proxy-Authorization: Basic x', 'Proxy-Authorization: ***'),
    ('http://u:p@h/x', 'http://***@h/x'), ('http://u:p/q@h/x', 'http://***@h/x'),
    ('mail me@home', 'mail me@home'),
    ('cookies are fine', 'cookies are fine')])
def test_a_text_loses_its_secrets_and_nothing_else(text, shown):
    assert mask_text(text) == shown


@pytest.mark.parametrize('before', range(70))
def test_a_signature_is_found_wherever_it_begins(before):
    signature = ''.join(random.Random(before).choice(HEX) for _ in range(64))
    text = 'z' * before + signature + 'z' * 9
    assert mask_text(text) == 'z' * before + '***' + 'z' * 9
    assert mask_text(text.replace(signature, signature[:63] + 'z')).count('***') == 0


def test_the_guards_of_the_expressions_change_no_result():
    chance = random.Random(7)
    parts = ['Authorization: x', 'cookie=1', 'http://u:p@h/', 'ab' * 32, 'ab' * 31, ' ', '\n', '@',
             '//', '"', u'\u4e2d', 'x', '0', 'Set-Cookie', 'authorization']
    for _ in range(3000):
        text = ''.join(chance.choice(parts) for _ in range(chance.randrange(9)))
        plain = re.sub(redact._SIGNATURE, '***', text)
        plain = re.sub(redact._HEADER_LINE, r'\1\2***', plain)
        assert mask_text(text) == re.sub(redact._PASSWORD, '***@', plain)


def test_a_long_text_without_a_url_is_read_to_its_end():
    text = 'ab' * 100000  # a hang is the failure: its square would take minutes
    assert bare_urls(text) == text


@pytest.mark.parametrize('scheme', ['http', 'x', 'web+photos', 'a' * 30])
def test_a_url_loses_password_and_query_whatever_its_scheme(scheme):
    shown = bare_urls('see {}://me:pw@h.test/a.jpg?Signature=s#f, please'.format(scheme))
    assert shown == 'see {}://h.test/a.jpg please'.format(scheme)


@pytest.mark.parametrize('text, shown', [
    ("https://h.test/a.jpg?who=O'Brien&Signature=SECRET", 'https://h.test/a.jpg'),
    ("'https://h.test/O'Brien.jpg?token=SECRET'", "'https://h.test/O'Brien.jpg'"),
    ("['https://h.test/a?sig=SECRET', 'https://h.test/b?sig=SECRET']",
     "['https://h.test/a', 'https://h.test/b']"),
    ('(https://h.test/a?Policy=SECRET).', '(https://h.test/a).'),
    ("https://h.test/a?name=O'%20Brien&key=SECRET", 'https://h.test/a'),
    ("https://h.test/a?f=UTF-8''a.jpg&key=SECRET b", 'https://h.test/a b'),
    ('{"url":"https://h.test/a?X-Amz-Signature=SECRET","code":2}',
     '{"url":"https://h.test/a","code":2}'),
    ('b.oss.test/a.jpg?Signature=SECRET', 'b.oss.test/a.jpg'),
    ('https://h.test/my photo.jpg?auth=SECRET', 'https://h.test/my photo.jpg'),
    ('见 https://h.test/a?sig=SECRET，然后重试', '见 https://h.test/a，然后重试'),
    ("（'https://h.test/a?sig=SECRET'）失败", "（'https://h.test/a'）失败"),
    ('照片 b.oss.test/a.jpg?Expires=1&OSSAccessKeyId=ID！', '照片 b.oss.test/a.jpg！'),
    ('为什么?模板=2，好吗', '为什么?模板=2，好吗'), ('photos/what?x=1.jpg', 'photos/what?x=1.jpg'),
    ('[https://h.test/a?sig=SECRET](y)', '[https://h.test/a](y)'),
    ('token=None, and `sig=` is wrong', 'token=None, and `sig=` is wrong'),
    ('`sig=SECRET78`', '`sig=***`'),
    ('https://me:pa/ss@h.test/a', 'https://h.test/a'),
    ('http://h.test:80/me@home', 'http://h.test:80/me@home'),
    ('http://[::1]:80/me@home', 'http://[::1]:80/me@home'),
    ('a=1, what? x=2', 'a=1, what? x=2')])
def test_the_query_of_a_url_goes_to_its_end_and_the_text_around_it_stays(text, shown):
    assert bare_urls(text) == shown


@pytest.mark.parametrize('name', ['Signature', 'sig', 'x-oss-signature', 'X-Amz-Signature',
                                  'x-oss-security-token', 'q-signature', 'access_token'])
def test_what_signs_is_masked_also_where_a_blank_has_torn_it_off_its_url(name):
    text = "https://h.test/a.jpg?who=Ann B&{0}=SECRET and \\u0026{0}=SECRET".format(name)
    assert 'SECRET' not in bare_urls(text) and bare_urls(text).count('***') == 2


@pytest.mark.parametrize('end', [')', "'", 'sig=', '?a=', 'x-', '//a:', '](', '@'])
def test_a_long_query_is_read_to_its_end(end):
    assert bare_urls('https://h.test/a?' + end * 50000 + ' x').endswith(' x')


def test_a_path_is_shown_as_it_is_and_a_url_without_its_query():
    assert bare_name("photos/what's #1.jpg") == "photos/what's #1.jpg"
    assert bare_name('photos/who?a=b c.jpg') == 'photos/who?a=b c.jpg'
    assert bare_name('https://me:pa/ss@h.test/a b.jpg') == 'https://h.test/a b.jpg'
    assert bare_name('https://me:pw@h.test/a b.jpg?x="1 2"#f') == 'https://h.test/a b.jpg'


def test_headers_are_masked_by_name_and_by_value():
    assert mask_headers([('Authorization', 'a'), ('COOKIE', 'b'), ('X', 'ab' * 32), ('N', 7)]) == {
        'Authorization': '***', 'COOKIE': '***', 'X': '***', 'N': '7'}
