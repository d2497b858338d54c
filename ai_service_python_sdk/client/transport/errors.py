"""From the errors of requests, urllib3 and the sockets to ours."""
import socket
import ssl
from http.client import HTTPException

import requests
from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors

from ..errors.base import ApiException
from ..errors.connection import (
    ApiTimeoutError, BadAnswerError, ConnectFailedError, ConnectionDroppedError,
    ConnectTimeoutError, DecodeAnswerError, ProxyConnectionError, QueryDroppedError,
    QueryTimeoutError, QueryTruncatedError, TlsError, TruncatedAnswerError)
from .sockets import BadAnswer, NoWayError, OurPool

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Sequence, Tuple, Type, Union
    Kinds = Union[Type[BaseException], Tuple[Type[BaseException], ...]]

#: Packages whose errors are failures of the wire, whatever their class.
BELOW = frozenset(('http', 'urllib3', 'requests', 'ssl', 'socket', 'selectors', 'zlib', 'gzip',
                   'email', 'encodings', 'idna', 'brotli', 'zstandard', 'compression'))
#: Errors inside of errors that are looked at.
MOST_CAUSES = 10


def is_of_the_wire(error: BaseException) -> bool:
    """Whether an error came from the layers below, not from a hook or double of the user.

    By its class, or else by the module that raised it: ``http.client`` raises plain ValueErrors.
    """
    if isinstance(error, (requests.RequestException, urllib3_errors.HTTPError, HTTPException,
                          OSError, ApiException)):
        return True  # also of a call that a hook has made: it tells nothing of this one
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    raised_in = step.tb_frame.f_globals.get('__name__', '') if step else ''
    return isinstance(error, Exception) and raised_in.split('.')[0] in BELOW


def error_of_sending(error: BaseException, method: str, never_left: bool,
                     has_left: bool = False) -> ApiException:
    """Translate an error raised while a request was sent; nothing of the request hangs on it.

    :param never_left: whether it is certain that no byte of the request has left.
    :param has_left: whether it is certain that one has.
    """
    chain = list(_causes(error))
    never_left = never_left or isinstance(chain[0], NoWayError) or _is_closed_pool(chain)
    kind = _kind_of(chain, method, never_left, has_left)
    reason = _reason_of(chain)
    if kind is BadAnswerError:
        return BadAnswerError(status=0, reason=reason, why=str(chain[-1]))
    failure = kind(reason, never_left)  # type: ApiException
    return failure


def error_of_reading(error: BaseException, method: str, raw: "Any") -> ApiException:
    """Translate an error raised while the body of an answer was read."""
    chain = list(_causes(error))
    if _is_any(chain, _TIMEOUTS):
        kind = QueryTimeoutError if method == 'GET' else ApiTimeoutError
        return kind(_reason_of(chain))
    is_decoding = _is_any(chain, (urllib3_errors.DecodeError,
                                  requests_errors.ContentDecodingError))
    why = 'the encoding of the answer is broken' if is_decoding else 'the answer was cut off'
    truncated = QueryTruncatedError if method == 'GET' else TruncatedAnswerError
    failure = (DecodeAnswerError if is_decoding else truncated)(
        status=raw.status, reason=raw.reason, why='{}: {}'.format(why, _reason_of(chain)))
    failure.headers = raw.headers
    return failure


_TIMEOUTS = (socket.timeout, urllib3_errors.TimeoutError, requests.Timeout)
_TLS = (ssl.SSLError, ssl.CertificateError, urllib3_errors.SSLError, requests_errors.SSLError)
# Before 2.19 requests has no name for a proxy's URL that cannot be read.
_PROXY = (urllib3_errors.ProxyError, requests_errors.ProxyError,
          getattr(requests_errors, 'InvalidProxyURL', requests_errors.ProxyError))
_CONNECT_TIMEOUTS = (urllib3_errors.ConnectTimeoutError, requests.ConnectTimeout)
_ADDRESS = (urllib3_errors.NewConnectionError, urllib3_errors.LocationValueError,
            requests_errors.InvalidURL, requests_errors.InvalidSchema)


def _kind_of(chain: "Sequence[BaseException]", method: str, never_left: bool,
             has_left: bool) -> "Type[Any]":
    is_query = method == 'GET'
    if _is_any(chain, _PROXY):
        return ProxyConnectionError
    if _is_any(chain, _ADDRESS):
        return ConnectFailedError
    if _is_any(chain, _TIMEOUTS):
        if never_left or _is_any(chain, _CONNECT_TIMEOUTS):
            return ConnectTimeoutError
        return QueryTimeoutError if is_query else ApiTimeoutError
    if _is_any(chain, _TLS) and not has_left:
        return TlsError
    if never_left:
        return ConnectFailedError
    if _is_any(chain, BadAnswer):
        return BadAnswerError
    return QueryDroppedError if is_query else ConnectionDroppedError


def _is_closed_pool(chain: "Sequence[BaseException]") -> bool:
    """Whether a pool of ours was closed, by another thread, before it gave a connection."""
    return any(isinstance(error, urllib3_errors.ClosedPoolError)
               and isinstance(error.pool, OurPool) for error in chain)


def _is_any(chain: "Sequence[BaseException]", kinds: "Kinds") -> bool:
    return any(isinstance(error, kinds) for error in chain)


def _causes(error: "Any") -> "Iterator[BaseException]":
    """Walk from what was raised to what began it: requests wraps urllib3, which wraps sockets."""
    seen = 0
    while isinstance(error, BaseException) and seen < MOST_CAUSES:
        yield error
        inner = getattr(error, 'reason', None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        error, seen = inner, seen + 1


def _reason_of(chain: "List[Any]") -> "Any":
    """Return urllib3's own error, or the innermost one, without ties to frames and requests."""
    if isinstance(chain[0], ApiException):
        return 'another call, made by a hook or a double, ended in {}: {}'.format(
            type(chain[0]).__name__, chain[0].reason)
    ours = [error for error in chain if isinstance(error, urllib3_errors.HTTPError)
            and not isinstance(error, urllib3_errors.MaxRetryError)]
    reason = (ours or [chain[-1]])[0]
    for error in chain:
        error.__traceback__ = error.__context__ = error.__cause__ = None
    if isinstance(reason, requests.RequestException):
        return str(reason)
    return reason
