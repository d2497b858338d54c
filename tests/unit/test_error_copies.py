"""An error comes out of a pickle or a copy as it went in."""
import copy
import pickle
import socket
import ssl
import threading

import pytest
import urllib3
from error_samples import every_error

from ai_service_python_sdk.client import exceptions

family = urllib3.exceptions


def pickled(error):
    return pickle.loads(pickle.dumps(error))


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


@pytest.mark.parametrize('reason', [
    family.ProtocolError('broken', ConnectionResetError(104, 'reset')),
    family.NewConnectionError(None, 'refused'), family.ReadTimeoutError(None, '/x', 'late'),
    family.MaxRetryError(None, '/x', family.SSLError('no trust')), family.HTTPError(),
    family.ConnectTimeoutError(None, 'late'), family.LocationParseError('h:x'),
    socket.timeout('timed out'), ssl.SSLError(1, 'bad record'), OSError(9, 'bad', 'f'),
    UnicodeDecodeError('utf-8', b'x', 0, 1, 'why')], ids=lambda reason: type(reason).__name__)
@pytest.mark.parametrize('keep', [pickled, copy.copy, copy.deepcopy])
def test_a_reason_that_is_an_exception_keeps_its_class_and_its_text(keep, reason):
    error = exceptions.ApiConnectionError(reason)
    twin = keep(error)
    assert type(twin.reason) is type(reason) and str(twin.reason) == str(reason)
    assert repr(twin) == repr(error) and twin.args[1] is twin.reason
    assert str(pickled(twin)) == str(error)


def test_a_reason_that_holds_a_lock_leaves_it_behind():
    reason = family.ProtocolError('broken')
    reason.lock = threading.Lock()
    twin = pickled(exceptions.ApiException(0, reason))
    assert type(twin.reason) is family.ProtocolError and str(twin.reason) == 'broken'
    assert not hasattr(twin.reason, 'lock')


def test_a_pickled_error_keeps_a_reason_that_is_no_exception_as_it_is():
    twin = pickled(exceptions.ApiException(5, ('why', 7)))
    assert twin.reason == ('why', 7) and twin.args == (5, ('why', 7))


def test_a_copy_has_attributes_of_its_own():
    error = exceptions.ApiException(5, 'why')
    twin = copy.copy(error)
    twin.job_id = 11
    assert error.job_id is None


def test_what_was_noted_on_an_error_travels_along():
    error = exceptions.JobTimeoutError(11, 1, 'm-1', 5.0)
    error.order = 17
    assert pickled(error).order == 17
