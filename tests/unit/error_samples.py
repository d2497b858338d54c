"""Errors of every kind, made as the package makes them, and the answers that they come of."""
import json

import urllib3

from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors import connection as connection_errors
from ai_service_python_sdk.client.errors.jobs import error_of_job
from ai_service_python_sdk.client.errors.service import error_of_response
from ai_service_python_sdk.client.errors.table import DOCUMENTED
from ai_service_python_sdk.client.models.check_result import CheckResult

SIGNATURE = 'app:' + 'ab' * 32
#: Every documented cause with each of its messages.
ROWS = [(cls, message) for cls in DOCUMENTED for message in cls.messages]
REJECTED = [CheckResult({'url': 'http://h/3.jpg', 'code': 3, 'message': 'two faces'}),
            CheckResult({'url': 'http://h/9.jpg', 'code': 9, 'message': 'new'})]


class Answer(object):
    """An answer as the wire hands it over."""

    def __init__(self, status, body, reason='', headers=None):
        self.status, self.data, self.reason = status, body, reason
        self._headers = headers

    def getheaders(self):
        return self._headers


def envelope(cls, message):
    return {'request_id': 'r-1', 'code': cls.error_code, 'message': message}


def answered(status, code, message, reason='Reason', headers=None):
    """Return the error of an answer with an envelope."""
    body = json.dumps({'request_id': 'r-1', 'code': code, 'message': message}).encode('ascii')
    return error_of_response(Answer(status, body, reason, headers))


def connection_error_instances():
    reason = urllib3.exceptions.ProtocolError('broken', ConnectionResetError(104, 'reset'))
    for name in dir(connection_errors):
        cls = getattr(connection_errors, name)
        if isinstance(cls, type) and issubclass(cls, connection_errors.ApiConnectionError):
            yield cls(reason)


def every_error():
    for cls, message in ROWS:
        yield error_of_response(
            Answer(cls.http_status, json.dumps(envelope(cls, message)).encode('ascii')))
        yield error_of_job(3, message, 'm')
    yield error_of_job(3, 'an unknown message')
    yield exceptions.ApiException(5, 'why')
    yield exceptions.ResponseError(http_resp=Answer(200, b'<html>'), why='it is HTML')
    yield exceptions.JobTimeoutError(11, 1, 'm-1', 5.0)
    yield exceptions.JobStateError(11, 9, 'm-1')
    yield exceptions.ImageCheckError(REJECTED, 'r-1')
    for error in connection_error_instances():
        yield error
