"""The signature, held against values that md5sum and openssl gave for the same bytes."""
import hashlib
import sys

import pytest

from ai_service_python_sdk.util import sign

TOKEN, PATH, BODY = 'tok-secret', '/api/v1/text', b'{"job_id": 11}'
BODY_MD5 = 'efef7f5879454191110e71c2e2da151f'
SIGNATURE = '51ab3267f948bd4ee15e353e43970307508eba26498caed17c6f722bc2bafc3b'


def test_method_md5_of_the_body_and_path_are_signed_line_by_line():
    text = sign.build_sign_string('POST', PATH, BODY)
    assert text == 'POST\n' + BODY_MD5 + '\n/api/v1/text'
    assert sign.create_sign(text, TOKEN) == SIGNATURE
    assert sign.authorization('app', TOKEN, 'POST', PATH, BODY) == 'app:' + SIGNATURE


def test_no_body_is_signed_as_the_md5_of_nothing():
    assert sign.authorization('app', TOKEN, 'GET', '/api/v1/async_jobs/11', '') == (
        'app:9c407e08146f20da8ec6984dfd650f0deeca8b863477507bd0e6513467a06ac7')


def test_text_is_signed_as_its_utf_8_bytes():
    text, token = u'\u4e2d\u6587', u'\u4ee4\u724c'
    assert sign.md5(text) == sign.md5(text.encode('utf-8')) == 'a7bac2239fcdcb3a067903d8077c4a07'
    signature = '82d31145fe1691f20a957c4e60f88edd87cacc211a06a8f4a364f260774c6a37'
    assert sign.create_sign(text[0], token) == signature
    assert sign.create_sign(text[0].encode('utf-8'), token.encode('utf-8')) == signature


def test_a_token_that_was_copied_in_part_is_named_and_not_shown():
    with pytest.raises(ValueError) as caught:
        sign.create_sign('text', u'tok-secret\ud83d')
    assert str(caught.value) == (
        '`token` has a character that UTF-8 cannot carry; copy it again')


@pytest.mark.parametrize('body', [BODY, BODY.decode('ascii')])
def test_the_explanation_names_every_step_and_hides_the_token(body):
    assert sign.explain('app', TOKEN, 'POST', PATH, body) == [
        ('method', 'POST'), ('path', PATH), ('body bytes', '14'), ('body md5', BODY_MD5),
        ('string to sign', 'POST\n' + BODY_MD5 + '\n/api/v1/text'), ('token', '*** (10 bytes)'),
        ('signature', SIGNATURE), ('authorization', 'app:' + SIGNATURE)]


def test_a_verifying_server_accepts_the_same_value_and_nothing_else():
    expected = 'app:' + SIGNATURE
    assert sign.same_signature(expected, expected)
    for given in (None, '', expected[:-1], expected.upper(), u'\u4e2d'):
        assert not sign.same_signature(given, expected)


@pytest.mark.skipif(sys.version_info < (3, 9), reason='hashlib has no usedforsecurity')
def test_a_machine_in_fips_mode_is_told_that_md5_guards_nothing(monkeypatch):
    plain = hashlib.md5

    def fips_md5(data, usedforsecurity=True):
        if usedforsecurity:
            raise ValueError('[digital envelope routines] unsupported')
        return plain(data)
    monkeypatch.setattr(hashlib, 'md5', fips_md5)
    assert sign.md5(BODY) == BODY_MD5


def test_a_python_whose_md5_takes_no_option_signs_all_the_same(monkeypatch):
    plain = hashlib.md5
    monkeypatch.setattr(hashlib, 'md5', lambda data: plain(data))
    assert sign.md5(BODY) == BODY_MD5
