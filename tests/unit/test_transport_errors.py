"""Failures of the wire, as urllib3 and requests raise them, and the errors they become."""
import os
import shutil
import socket
import ssl
import subprocess
import sys

import pytest
import requests
from error_samples import SIGNATURE, connection_error_instances
from support import ROOT
from urllib3 import exceptions as urllib3_errors

from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors import connection as connection_errors
from ai_service_python_sdk.client.errors.connection import (
    ApiConnectionError, error_of_reading, error_of_sending)
from ai_service_python_sdk.client.errors.raised import BadAnswer

#: Whether it is certain that nothing, or that something has left.
NOT_SENT, UNKNOWN, SENT = (True, False), (False, False), (False, True)
REFUSED = urllib3_errors.NewConnectionError(None, 'refused')
BROKEN = urllib3_errors.ProtocolError('broken', ConnectionResetError(104, 'reset'))


def test_what_kills_a_greenlet_is_not_of_the_wire():
    greenlet = pytest.importorskip('greenlet', reason='comes with gevent, from Python 3.9 on')
    assert connection_errors.is_of_the_wire(greenlet.error('x'))
    assert not connection_errors.is_of_the_wire(greenlet.GreenletExit())


def wrapped(error):
    """As it comes out of requests: in urllib3's MaxRetryError, in requests' own."""
    return requests.ConnectionError(urllib3_errors.MaxRetryError(None, '/x', error))


@pytest.mark.parametrize('error, state, names, never_left, in_doubt', [
    (wrapped(REFUSED), NOT_SENT, 'ConnectFailedError', True, False),
    (requests.exceptions.InvalidURL('no host'), NOT_SENT, 'ConnectFailedError', True, False),
    (wrapped(urllib3_errors.ProxyError('no proxy', OSError('refused'))), NOT_SENT,
     'ProxyConnectionError', True, False),
    (requests.exceptions.ProxyError('no proxy'), SENT, 'ProxyConnectionError', False, True),
    (requests.exceptions.InvalidSchema('no PySocks'), NOT_SENT, 'ConnectFailedError', True, False),
    (socket.timeout('late'), NOT_SENT, 'ConnectTimeoutError', True, False),
    (socket.timeout('late'), SENT, 'QueryTimeoutError ApiTimeoutError', False, True),
    (requests.ReadTimeout('late'), SENT, 'QueryTimeoutError ApiTimeoutError', False, True),
    (requests.ConnectTimeout('late'), SENT, 'ConnectTimeoutError', False, True),
    (wrapped(urllib3_errors.ConnectTimeoutError(None, 'late')), NOT_SENT, 'ConnectTimeoutError',
     True, False),
    (wrapped(REFUSED), SENT, 'ConnectFailedError', False, True),
    (wrapped(urllib3_errors.SSLError('no trust')), NOT_SENT, 'TlsError', True, False),
    (requests.exceptions.SSLError('no trust'), UNKNOWN, 'TlsError', False, True),
    (ssl.CertificateError('wrong name'), NOT_SENT, 'TlsError', True, False),
    (requests.exceptions.SSLError('bad record'), SENT,
     'QueryDroppedError ConnectionDroppedError', False, True),
    (wrapped(BROKEN), SENT, 'QueryDroppedError', False, True),
    (requests.ConnectionError(BROKEN), SENT, 'QueryDroppedError ConnectionDroppedError', False,
     True),
    (wrapped(BROKEN), NOT_SENT, 'ConnectFailedError', True, False),
    (OSError('odd'), SENT, 'QueryDroppedError ConnectionDroppedError', False, True),
    (wrapped(urllib3_errors.ProtocolError('x', BadAnswer('two lengths'))), SENT, 'BadAnswerError',
     False, True)], ids=lambda value: type(value).__name__)
def test_a_failure_of_the_wire_becomes_the_error_that_says_whether_it_may_be_repeated(
        error, state, names, never_left, in_doubt):
    # No literal: what callers give is equal to the names of the verbs, not the same objects.
    for method, name in (('get'.upper(), names.split()[0]), ('POST', names.split()[-1]),
                         ('DELETE', names.split()[-1]), ('HEAD', names.split()[-1])):
        failure = error_of_sending(error, method, *state)
        assert type(failure).__name__ == name
        assert (failure.status, failure.never_left, failure.is_in_doubt) == (
            0, never_left, in_doubt)
        assert failure.reason is not None


def test_the_reason_is_urllib3s_own_error_whatever_wraps_it():
    failure = error_of_sending(wrapped(BROKEN), 'POST', *NOT_SENT)
    assert failure.reason is BROKEN


def test_of_two_errors_of_urllib3_the_outer_one_is_the_reason():
    outer = urllib3_errors.ProxyError('no proxy', REFUSED)
    assert error_of_sending(wrapped(outer), 'POST', *NOT_SENT).reason is outer


def test_an_error_that_nobody_says_more_of_leaves_the_request_in_doubt():
    made = ApiConnectionError('broken')
    assert (made.never_left, made.is_in_doubt) == (False, True)


def test_the_reason_is_what_began_it_where_urllib3_has_no_error_of_its_own():
    inner = OSError('no route')
    failure = error_of_sending(urllib3_errors.MaxRetryError(None, '/x', inner), 'POST', *NOT_SENT)
    assert failure.reason is inner


def test_an_error_of_requests_is_kept_as_text_since_it_holds_the_request():
    failure = error_of_sending(requests.ReadTimeout('late'), 'POST', *NOT_SENT)
    assert failure.reason == 'late'


def test_no_part_of_a_failure_holds_a_frame():
    try:
        try:
            raise ConnectionResetError(104, 'reset')
        except OSError as inner:
            raise urllib3_errors.ProtocolError('broken', inner)
    except urllib3_errors.HTTPError as error:
        failure = error_of_sending(error, 'POST', *NOT_SENT)
    for part in (failure.reason, failure.reason.args[1]):
        assert (part.__traceback__, part.__context__, part.__cause__) == (None, None, None)


def test_a_cause_that_is_said_by_from_alone_holds_no_frame_either():
    try:
        try:
            raise socket.gaierror(-2, 'unknown name')
        except OSError as inner:
            raise urllib3_errors.NewConnectionError(None, 'no such host') from inner
    except urllib3_errors.HTTPError as error:
        cause = error.__cause__  # later releases keep it in an attribute of their own
        failure = error_of_sending(error, 'POST', *NOT_SENT)
    assert type(failure).__name__ == 'ConnectFailedError' and cause.__traceback__ is None


def test_errors_that_name_each_other_as_their_reason_come_to_an_end():
    one, two = OSError('one'), OSError('two')
    one.reason, two.reason = two, one
    failure = error_of_sending(one, 'POST', *NOT_SENT)
    assert type(failure).__name__ == 'ConnectFailedError'


def test_a_bad_answer_says_what_is_bad_about_it():
    bad = BadAnswer('conflicting Content-Length: 1, 2')
    for error in (bad, wrapped(urllib3_errors.ProtocolError('Connection aborted.', bad))):
        failure = error_of_sending(error, 'POST', *SENT)
        lines = str(failure).splitlines()
        assert lines[0] == '(0)' and 'conflicting Content-Length: 1, 2' in lines[1]
        assert lines[2] == 'Problem: conflicting Content-Length: 1, 2'


class Raw(object):
    """An answer whose head has come."""

    status, reason, headers = 200, 'OK', {'X-Id': '7'}


@pytest.mark.parametrize('error, name, why', [
    (BROKEN, 'TruncatedAnswerError', 'the answer was cut off: ' + str(BROKEN)),
    (OSError('gone'), 'TruncatedAnswerError', 'the answer was cut off: gone'),
    (urllib3_errors.DecodeError('no gzip'), 'DecodeAnswerError',
     'the encoding of the answer is broken: no gzip'),
    (requests.exceptions.ContentDecodingError('no gzip'), 'DecodeAnswerError',
     'the encoding of the answer is broken: no gzip')], ids=lambda value: type(value).__name__)
def test_what_breaks_in_a_body_is_told_with_the_head_that_came(error, name, why):
    failure = error_of_reading(error, 'POST', Raw)
    assert (type(failure).__name__, failure.why) == (name, why)
    assert (failure.status, failure.reason, failure.headers) == (200, 'OK', {'X-Id': '7'})
    assert failure.is_in_doubt is (name == 'TruncatedAnswerError')


@pytest.mark.parametrize('method, name', [
    ('get'.upper(), 'QueryTimeoutError'), ('POST', 'ApiTimeoutError'),
    ('DELETE', 'ApiTimeoutError'), ('HEAD', 'ApiTimeoutError')])
def test_a_body_that_comes_too_late_is_a_time_out(method, name):
    late = urllib3_errors.ReadTimeoutError(None, None, 'late')
    failure = error_of_reading(late, method, Raw)
    assert type(failure).__name__ == name and failure.reason is late


def test_errors_of_the_wire_belong_to_both_families():
    family = urllib3_errors
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
    error = error_of_sending(
        requests.ConnectionError('odd', request=request), 'POST', *UNKNOWN)
    assert type(error) is connection_errors.ConnectionDroppedError
    assert SIGNATURE not in repr(vars(error)) and not error.never_left
    timeout = error_of_sending(
        socket.timeout('late'), 'POST', *UNKNOWN)
    assert type(timeout) is connection_errors.ApiTimeoutError


def test_a_tls_failure_after_the_request_left_is_a_dropped_connection_in_doubt():
    broken = error_of_sending(ssl.SSLError('bad record'), 'POST', *SENT)
    assert type(broken) is connection_errors.ConnectionDroppedError and broken.is_in_doubt
    refused = error_of_sending(ssl.SSLError('no trust'), 'POST', *NOT_SENT)
    assert type(refused) is connection_errors.TlsError and not refused.is_in_doubt


def test_frames_of_a_program_are_kept_wherever_the_package_is_vendored(tmp_path):
    top = tmp_path / 'myclient'
    (top / 'client').mkdir(parents=True)
    for folder in (top, top / 'client'):
        (folder / '__init__.py').write_text('')
    shutil.copytree(os.path.join(ROOT, 'ai_service_python_sdk'),
                    str(top / 'client' / 'ai_service_python_sdk'))
    (top / 'tasks.py').write_text('''
import sys, traceback
from myclient.client.ai_service_python_sdk.client.errors.connection import hide_request
def mine():
    raise KeyError('a bug of mine')
try:
    mine()
except KeyError as error:
    hide_request(error)
    print([frame[2] for frame in traceback.extract_tb(error.__traceback__)])
''')
    done = subprocess.run([sys.executable, '-m', 'myclient.tasks'], cwd=str(tmp_path),
                          stdout=subprocess.PIPE, universal_newlines=True, check=True)
    assert sys.version_info < (3, 7) or 'mine' in done.stdout
