# -*- coding: utf-8 -*-
"""What an error prints, word for word, and what it says when a part of it cannot be printed."""
import pytest
from error_samples import SIGNATURE, Answer, answered

from ai_service_python_sdk import Response
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors.service import error_of_envelope, error_of_response
from ai_service_python_sdk.client.errors.table import DOCUMENTED, class_of
from ai_service_python_sdk.util.language import set_language

pytestmark = pytest.mark.usefixtures('in_english')


def test_a_documented_error_says_it_all_in_its_first_line():
    error = answered(401, 'PARAMETER_ERROR', 'sign error', 'Unauthorized', {'X-Id': '7'})
    assert str(error) == (
        '(401) The signature is not accepted. '
        '[code: PARAMETER_ERROR; message: sign error; request id: r-1] '
        'Copy the Token again; if it is right, look for something on the way that changes body '
        'or path.\n'
        'Reason: Unauthorized\n'
        "HTTP response headers: {'X-Id': '7'}\n"
        'HTTP response body: ' + repr(error.body) + '\n')
    assert error.meaning == 'The signature is not accepted.'
    set_language('zh')
    assert error.meaning == exceptions.SignatureError.meaning_zh


def test_any_other_error_says_it_line_by_line():
    error = answered(400, 'NEW', 'something new', 'Bad Request')
    assert str(error) == (
        '(400)\n'
        'Reason: Bad Request\n'
        'Code: NEW\n'
        'Message: something new\n'
        'Request id: r-1\n'
        'Hint: Check the arguments against the message.\n'
        'HTTP response body: ' + repr(error.body) + '\n')
    assert error.meaning is None and not error.is_documented


def test_an_error_without_an_answer_has_two_lines():
    error = exceptions.ApiException(5, 'why')
    assert str(error) == '(5)\nReason: why\n' and repr(error) == "ApiException(5, 'why')"
    assert (error.body, error.headers, error.hint, error.data) == (None, None, None, None)


@pytest.mark.parametrize('cls', [exceptions.ApiException] + DOCUMENTED)
def test_a_text_in_the_place_of_the_status_is_shown(cls):
    error = cls('x')
    assert 'x' in str(error) and 'x' in error.summary and not error.is_documented


def test_an_answer_that_is_no_envelope_says_what_is_wrong_with_it():
    error = exceptions.ResponseError(200, 'OK', why='the answer is no JSON object')
    assert str(error) == (
        '(200)\n'
        'Reason: OK\n'
        'Problem: the answer is no JSON object\n'
        'Hint: Check the host and what stands between you and the service, such as a proxy.\n')


def test_an_error_in_the_middle_of_a_job_names_job_and_model():
    error = exceptions.ApiException(5, 'why')
    error.job_id, error.model_id = 11, 'm-1'
    assert str(error) == '(5)\nReason: why\nJob id: 11\nModel id: m-1\n'


def test_a_problem_that_nobody_told_has_no_line():
    assert 'Problem' not in str(exceptions.ResponseError(200, 'OK'))


def test_an_error_made_of_an_answer_by_hand_reads_its_envelope_too():
    error = exceptions.ApiException(http_resp=Answer(400, b'{"code": "NEW"}', 'Bad', {'A': 'b'}))
    assert (error.status, error.reason, error.code) == (400, 'Bad', 'NEW')
    assert error.headers == {'A': 'b'} and error.args == (400, 'Bad')


def test_a_code_that_is_not_ok_raises_with_status_200_and_the_message_as_reason():
    with pytest.raises(exceptions.PhotoProcessError) as caught:
        Response('r-1', 'error', 'Image process error', {'a': 1}).raise_for_code()
    error = caught.value
    assert (error.status, error.reason, error.data) == (200, 'Image process error', {'a': 1})
    assert str(error).startswith('(200) The photos failed in preprocessing. [code: error; ')


@pytest.mark.parametrize('code, message, kind', [
    ('EXCEEDED_QUOTA_ERROR', 'whatever', 'QuotaExceededError'),
    ('error', 'sign error', 'ApiException'), ('error', None, 'ApiException'),
    ('PARAMETER_ERROR', 'whatever', 'ApiException')])
def test_under_200_too_code_and_message_decide_together(code, message, kind):
    with pytest.raises(exceptions.ApiException) as caught:
        Response('r-1', code, message).raise_for_code()
    assert type(caught.value).__name__ == kind


@pytest.mark.parametrize('status, kind', [
    (None, 'PhotoProcessError'), (199, 'ApiException'), (200, 'PhotoProcessError'),
    (299, 'PhotoProcessError'), (300, 'ApiException'), (461, 'ApiException'),
    (462, 'PhotoProcessError'), (463, 'ApiException'), (499, 'ApiException'),
    (500, 'ServiceError'), (0, 'ApiException'), (1, 'ApiException')])
def test_a_message_counts_under_its_status_and_under_any_success(status, kind):
    assert class_of(status, 'error', 'Image process error').__name__ == kind


@pytest.mark.parametrize('message', ['SIGN  ERROR', ' sign-error.', 'Sign error!'])
def test_a_message_is_known_whatever_its_case_and_punctuation(message):
    assert class_of(401, 'PARAMETER_ERROR', message) is exceptions.SignatureError


@pytest.mark.parametrize('length, shown', [
    (1000, 'x' * 1000), (1001, 'x' * 1000 + '... (1001 characters in all)')])
def test_a_long_reason_is_cut_and_says_how_long_it_was(length, shown):
    assert str(exceptions.ApiException(5, 'x' * length)) == '(5)\nReason: ' + shown + '\n'


@pytest.mark.parametrize('length, shown', [
    (1997, repr(b'x' * 1997)), (1998, "b'" + 'x' * 1998 + '... (2001 characters in all)')])
def test_a_long_body_is_cut_and_says_how_long_it_was(length, shown):
    error = error_of_response(Answer(418, b'x' * length, 'Teapot'))
    assert str(error).endswith('HTTP response body: ' + shown + '\n')


@pytest.mark.parametrize('body', [
    b'', b'<html>', b'\xff\xfe\x00', b'[1]', b'null', b'"x"', b'[' * 200000,
    b'{"code": {"a": [1]}, "message": 5, "request_id": null}', b'\xef\xbb\xbf{"code": "x"}',
    b'{"code": ' + b'9' * 5000 + b'}', None], ids=lambda body: repr(body)[:20])
def test_an_odd_body_is_an_error_that_can_be_read_and_printed(body):
    error = error_of_response(Answer(400, body))
    assert error.body == body
    assert str(error).startswith('(400)')
    assert repr(error) and error.code in (None, "{'a': [1]}", 'x', '9' * 5000)


def test_two_megabytes_of_html_stay_readable_and_say_how_much_there_was():
    error = error_of_response(Answer(502, b'<p>' * 700000, 'Bad Gateway'))
    assert len(str(error)) < 10000
    assert '(2100003 characters in all)' in str(error)
    assert len(error.body) == 2100000


def test_headers_bodies_and_reasons_show_no_secret():
    headers = {'Authorization': SIGNATURE, 'Set-Cookie': 'sid=1', 'X': 'saw ' + SIGNATURE}
    body = ('you sent ' + SIGNATURE).encode('ascii')
    error = error_of_response(Answer(400, body, 'Bad ' + SIGNATURE, headers))
    assert 'ab' * 32 not in str(error) and 'sid=1' not in str(error)


@pytest.mark.parametrize('place', range(1900, 2080, 9))
def test_a_signature_at_the_place_where_a_long_body_is_cut_shows_no_digit(place):
    secret = '0123456789abcdef' * 4
    body = ('x' * (place - 20) + ' you sent ' + secret + ' ' + 'y' * 500).encode('ascii')
    error = error_of_response(Answer(400, body))
    assert '0123' not in str(error)
    error = answered(400, 'NEW', 'z' * (place - 1000) + secret + ' ' + 'y' * 1500)
    assert '01234567' not in error.summary and '01234567' not in error.to_dict()['message']


@pytest.mark.parametrize('body', [{'code': 1}, 7, ['x'], object(), bytearray(b'ab')], ids=[
    'a dict', 'a number', 'a list', 'an object', 'a bytearray'])
def test_an_error_with_the_body_of_a_double_is_printed_all_the_same(body):
    error = exceptions.ApiException(500, 'x')
    error.body, error.headers = body, {1: 'one', None: 'none'}
    assert str(error).startswith('(500)') and repr(body)[:20] in str(error)


@pytest.mark.parametrize('kind', ['ApiTimeoutError', 'TruncatedAnswerError', 'BadAnswerError',
                                  'ConnectionDroppedError', 'ServiceError'])
def test_a_paid_call_in_doubt_speaks_of_the_payment_first_and_once(kind):
    error = getattr(exceptions, kind)(None, 'x')
    own = error.hint
    was_in_doubt = error.is_in_doubt
    error.doubt()
    error.doubt()
    assert error.hint.startswith('The service may have done it: look for its effect before ')
    assert error.hint.count('second time') == 1
    assert not was_in_doubt or error.hint.endswith(' ' + own)
    set_language('zh')
    assert error.hint.startswith('服务可能已执行该调用；再次付费前') and error.is_in_doubt


def test_an_answer_that_was_cut_off_is_not_said_to_come_from_elsewhere():
    for kind in (exceptions.TruncatedAnswerError, exceptions.BadAnswerError):
        error = kind(None, 'x')
        assert 'did not come from the service' not in str(error) + error.meaning


def test_the_hint_follows_the_chosen_language():
    error = error_of_response(
        Answer(401, b'{"code":"PARAMETER_ERROR","message":"sign error"}'))
    try:
        set_language('zh')
        assert error.hint == exceptions.SignatureError.hint_zh
        assert exceptions.SignatureError.hint_zh in str(error)
    finally:
        set_language(None)
