"""The error tree: every documented cause finds its class, however it is delivered."""
import copy
import json
import pickle
import socket
import ssl

import pytest
import requests
import urllib3

from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors.jobs import error_of_job
from ai_service_python_sdk.client.errors.service import error_of_response
from ai_service_python_sdk.client.errors.table import documented_errors
from ai_service_python_sdk.client.transport import errors as connection_errors
from ai_service_python_sdk.client.models import AsyncJobResponse, Response
from ai_service_python_sdk.util.language import set_language

SIGNATURE = 'app:' + 'ab' * 32
ROWS = [(cls, message) for cls in documented_errors() for message in cls.messages]


class Answer(object):
    """An answer as the wire hands it over."""

    def __init__(self, status, body, reason='', headers=None):
        self.status, self.data, self.reason = status, body, reason
        self._headers = headers or {'Content-Type': 'application/json'}

    def getheaders(self):
        return self._headers


def envelope(cls, message):
    return {'request_id': 'r-1', 'code': cls.error_code, 'message': message}


def connection_error_instances():
    reason = urllib3.exceptions.ProtocolError('broken', ConnectionResetError(104, 'reset'))
    for name in dir(connection_errors):
        cls = getattr(connection_errors, name)
        if isinstance(cls, type) and issubclass(cls, connection_errors.ApiConnectionError):
            yield cls(reason)


@pytest.mark.parametrize('cls, message', ROWS, ids=[row[1][:40] for row in ROWS])
def test_a_documented_cause_finds_its_class_in_all_three_deliveries(cls, message):
    body = json.dumps(envelope(cls, message)).encode('ascii')
    by_status = error_of_response(Answer(cls.http_status, body))
    with pytest.raises(cls) as by_code:
        Response('r-1', cls.error_code, message).raise_for_code()
    assert type(by_status) is type(by_code.value) is cls
    for error in (by_status, by_code.value):
        assert (error.code, error.message, error.request_id) == (cls.error_code, message, 'r-1')
        assert cls.hint_en in str(error).splitlines()[0]
    if cls.error_code == 'error':
        by_state = error_of_job(11, message, 'm-1')
        assert isinstance(by_state, cls) and isinstance(by_state, exceptions.JobFailedError)
        assert by_state.job_id == 11 and by_state.hint == cls.hint_en


def test_there_are_the_24_documented_causes_with_texts_in_both_languages():
    assert len(ROWS) == 24
    for cls, _ in ROWS:
        assert cls.meaning_en and cls.meaning_zh and cls.hint_en and cls.hint_zh
        assert any(ord(sign) > 0x4e00 for sign in cls.hint_zh + cls.meaning_zh)


def test_the_message_whose_first_letter_the_guide_lost_is_known_with_it_too():
    message = 'Image not provided. Please check the template_image.'
    body = json.dumps({'code': 'error', 'message': message}).encode('ascii')
    assert type(error_of_response(Answer(462, body))) is exceptions.TemplateMissingError


@pytest.mark.parametrize('status, family', [
    (400, 'BadRequestError'), (401, 'UnauthorizedError'), (403, 'ForbiddenError'),
    (404, 'NotFoundError'), (429, 'ThrottledError'), (462, 'InvalidInputError'),
    (469, 'ProcessingError'), (500, 'ServiceError'), (502, 'ServiceError'),
    (599, 'ServiceError'), (418, 'ApiException'), (302, 'ApiException')])
def test_an_unknown_cause_falls_to_the_family_of_its_status_and_keeps_the_old_text(status, family):
    error = error_of_response(Answer(status, b'{"code":"NEW","message":"new"}', 'Why'))
    assert type(error).__name__ == family
    lines = str(error).splitlines()
    assert lines[:2] == ['({})'.format(status), 'Reason: Why']
    assert 'Code: NEW' in lines and 'Message: new' in lines


@pytest.mark.parametrize('cls, status, code, message', [
    ('SignatureError', 401, 'PARAMETER_ERROR', 'sign error'),
    ('UnauthorizedError', 401, 'OTHER', 'sign error'),
    ('BadRequestError', 400, 'PARAMETER_ERROR', 'sign error'),
    ('QuotaExceededError', 403, 'EXCEEDED_QUOTA_ERROR', 'whatever')])
def test_status_code_and_message_decide_together(cls, status, code, message):
    body = json.dumps({'code': code, 'message': message}).encode('ascii')
    assert type(error_of_response(Answer(status, body))).__name__ == cls


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
    assert '(2100000 bytes in all)' in str(error)
    assert len(error.body) == 2100000


def test_headers_bodies_and_reasons_show_no_secret():
    headers = {'Authorization': SIGNATURE, 'Set-Cookie': 'sid=1', 'X': 'saw ' + SIGNATURE}
    body = ('you sent ' + SIGNATURE).encode('ascii')
    error = error_of_response(Answer(400, body, 'Bad ' + SIGNATURE, headers))
    assert 'ab' * 32 not in str(error) and 'sid=1' not in str(error)


def test_the_hint_follows_the_chosen_language():
    error = error_of_response(
        Answer(401, b'{"code":"PARAMETER_ERROR","message":"sign error"}'))
    try:
        set_language('zh')
        assert error.hint == exceptions.SignatureError.hint_zh
        assert exceptions.SignatureError.hint_zh in str(error)
    finally:
        set_language(None)


def every_error():
    for cls, message in ROWS:
        yield error_of_response(
            Answer(cls.http_status, json.dumps(envelope(cls, message)).encode('ascii')))
        yield error_of_job(3, message, 'm')
    yield error_of_job(3, 'an unknown message')
    yield exceptions.ApiException(5, 'why')
    yield exceptions.ResponseError(http_resp=Answer(200, b'<html>'), why='it is HTML')
    yield exceptions.JobTimeoutError(11, 1, 'm-1', 5.0)
    yield exceptions.ImageCheckError([], 'r-1')
    for error in connection_error_instances():
        yield error


@pytest.mark.parametrize('keep', [copy.copy, copy.deepcopy,
                                  lambda error: pickle.loads(pickle.dumps(error)),
                                  lambda error: pickle.loads(pickle.dumps(error, 2))])
def test_every_error_survives_copying_and_pickling_with_all_it_says(keep):
    for error in every_error():
        twin = keep(error)
        assert type(twin).__name__ == type(error).__name__
        assert isinstance(twin, type(error).__mro__[1])
        assert str(twin) == str(error)
        for name in ('status', 'body', 'code', 'message', 'request_id', 'hint', 'data',
                     'status_code'):
            assert getattr(twin, name) == getattr(error, name), name
        for name in ('job_id', 'model_id', 'state', 'never_left'):
            assert getattr(twin, name, None) == getattr(error, name, None)


def test_errors_of_the_wire_belong_to_both_families():
    family = urllib3.exceptions
    for error in connection_error_instances():
        assert isinstance(error, exceptions.ApiException) and isinstance(error, family.HTTPError)
    for cls, parent in (('ConnectFailedError', 'MaxRetryError'), ('TlsError', 'MaxRetryError'),
                        ('TlsError', 'SSLError'), ('ProxyConnectionError', 'ProxyError'),
                        ('ConnectionDroppedError', 'ProtocolError'),
                        ('QueryDroppedError', 'MaxRetryError'),
                        ('ApiTimeoutError', 'ReadTimeoutError'),
                        ('QueryTimeoutError', 'MaxRetryError'),
                        ('ConnectTimeoutError', 'ConnectTimeoutError'),
                        ('TruncatedAnswerError', 'ProtocolError'),
                        ('QueryTruncatedError', 'MaxRetryError'),
                        ('BadAnswerError', 'InvalidHeader'),
                        ('DecodeAnswerError', 'DecodeError')):
        assert issubclass(getattr(connection_errors, cls), getattr(family, parent))


def test_an_error_of_an_unknown_kind_is_a_dropped_connection_and_holds_no_request():
    request = requests.PreparedRequest()
    request.headers = {'Authorization': SIGNATURE}
    error = connection_errors.error_of_sending(
        requests.ConnectionError('odd', request=request), 'POST', never_left=False)
    assert type(error) is connection_errors.ConnectionDroppedError
    assert SIGNATURE not in repr(vars(error)) and not error.never_left
    timeout = connection_errors.error_of_sending(
        socket.timeout('late'), 'POST', never_left=False)
    assert type(timeout) is connection_errors.ApiTimeoutError


def test_a_failed_job_raises_its_cause():
    job = AsyncJobResponse('r', 'OK', 'success', {'job': {
        'id': 11, 'state': 3, 'message': 'Image process error'}}).job
    error = error_of_job(job.id, job.message)
    assert isinstance(error, exceptions.PhotoProcessError)
    assert 'job id: 11' in str(error)


def test_a_tls_failure_after_the_request_left_is_a_dropped_connection_in_doubt():
    broken = connection_errors.error_of_sending(ssl.SSLError('bad record'), 'POST', False, True)
    assert type(broken) is connection_errors.ConnectionDroppedError and broken.is_in_doubt
    refused = connection_errors.error_of_sending(ssl.SSLError('no trust'), 'POST', True)
    assert type(refused) is connection_errors.TlsError and not refused.is_in_doubt
