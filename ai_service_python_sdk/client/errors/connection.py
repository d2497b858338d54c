"""Failures below HTTP, and how one of requests, urllib3 or a socket becomes one of them.

Each is an ``ApiException`` and the urllib3 error the old SDK let through; so this module is loaded
with the transport, or when one of the names is first asked for.
"""
from contextlib import suppress
from types import TracebackType

from urllib3 import exceptions as urllib3_errors

from .base import ApiException
from .service import ResponseError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, List, Set, Type
    Failing = Callable[..., ApiException]


class ApiConnectionError(ApiException, urllib3_errors.HTTPError):
    """The service could not be reached, or the connection broke."""

    meaning_en = 'The service could not be reached.'
    hint_en = 'Whether the service received the request is not known.'  # type: str
    #: What to do where it is certain that nothing was sent.
    hint_unsent = ('Nothing was sent. '
                   'Check the host, your network and proxy settings.')  # type: str
    #: What urllib3's classes have; no pool, since it holds sockets.
    pool = None  # type: Any
    url = None  # type: Any

    def __init__(self, reason: "Any", never_left: bool = False) -> None:
        ApiException.__init__(self, status=0, reason=reason)
        self.never_left = never_left
        self.is_in_doubt = not never_left  # type: bool
        if never_left:
            self.hint_en = self.hint_unsent


class ConnectFailedError(ApiConnectionError, urllib3_errors.MaxRetryError):
    """No connection: refused, no route, or no such name."""


class TlsError(ApiConnectionError, urllib3_errors.MaxRetryError, urllib3_errors.SSLError):
    """TLS failed: a certificate that is not trusted, a wrong name, a broken handshake."""

    meaning_en = 'TLS failed.'
    hint_unsent = ('Nothing was sent. Check the certificate: ssl_ca_cert for a CA of your own, '
                   'assert_hostname for another name.')  # type: str
    # A certificate does not get better by asking again.
    worth_repeating = False


class ProxyConnectionError(ApiConnectionError, urllib3_errors.MaxRetryError,
                           urllib3_errors.ProxyError):
    """The proxy could not be reached, or refused."""

    hint_unsent = 'Nothing was sent. Check configuration.proxy.'  # type: str


class ConnectionDroppedError(ApiConnectionError, urllib3_errors.ProtocolError):
    """The connection broke before an answer: whether the service acted is not known."""

    meaning_en = 'The connection broke before an answer.'


class QueryDroppedError(ConnectionDroppedError, urllib3_errors.MaxRetryError):
    """The same for a GET, where the old SDK raised ``MaxRetryError``."""


class ApiTimeoutError(ApiConnectionError, urllib3_errors.ReadTimeoutError):
    """No answer in time; the service may be at work nevertheless."""

    meaning_en = 'No answer came in time.'
    hint_en = ('The service may have received the request. Give more time by _request_timeout or '
               'configuration.timeout (seconds).')
    # The time is up: sending again would only take more of it.
    worth_repeating = False


class QueryTimeoutError(ApiTimeoutError, urllib3_errors.MaxRetryError):
    """The same for a GET, where the old SDK raised ``MaxRetryError``."""


class ConnectTimeoutError(ApiTimeoutError, urllib3_errors.MaxRetryError,
                          urllib3_errors.ConnectTimeoutError):
    """No connection in time; nothing was sent."""

    def __init__(self, reason: "Any", never_left: bool = True) -> None:
        ApiTimeoutError.__init__(self, reason, never_left)


class BadAnswerError(ResponseError, urllib3_errors.ProtocolError, urllib3_errors.InvalidHeader):
    """The answer breaks HTTP, or is too large: conflicting lengths, endless headers."""

    is_in_doubt = True
    meaning_en = 'The answer breaks the rules of HTTP, or is larger than the limit.'
    hint_en = ('Check what stands between you and the service, such as a proxy; take a larger '
               'answer by `configuration.answer_limit`.')


class TruncatedAnswerError(ResponseError, urllib3_errors.ProtocolError):
    """The answer was cut off; the part that arrived is not used."""

    is_in_doubt = True
    meaning_en = 'The answer was cut off on its way.'
    hint_en = 'Check the network and what stands between you and the service, such as a proxy.'


class QueryTruncatedError(TruncatedAnswerError, urllib3_errors.MaxRetryError):
    """The same for a GET, where the old SDK raised ``MaxRetryError``."""

    pool = None  # type: Any
    url = None  # type: Any


class DecodeAnswerError(ResponseError, urllib3_errors.DecodeError):
    """The answer's compression is broken."""


#: Errors inside of errors that are looked at.
MOST_CAUSES = 10
# Their classes are told by name: whoever asks for an error need not load requests.
_OF_THE_WIRE = {'RequestException', 'HTTPError', 'HTTPException', 'OSError', 'ApiException'}
_PROXY = {'ProxyError', 'InvalidProxyURL'}
_ADDRESS = {'NewConnectionError', 'LocationValueError', 'InvalidURL', 'InvalidSchema'}
_TIMEOUT = {'timeout', 'Timeout', 'TimeoutError'}
_CONNECT_TIMEOUT = {'ConnectTimeoutError', 'ConnectTimeout'}
_TLS = {'SSLError', 'CertificateError'}
_DECODING = {'DecodeError', 'ContentDecodingError'}
#: The classes that a GET has of its own.
_OF_A_QUERY = {ApiTimeoutError: QueryTimeoutError, ConnectionDroppedError: QueryDroppedError,
               TruncatedAnswerError: QueryTruncatedError}


def is_of_the_wire(error: BaseException) -> bool:
    """Whether an error is one of the layers below, not of a hook or double of the user.

    One of ours is of a call that a hook has made: it tells nothing of this one.
    """
    # gevent without its threads refuses to wait in a thread of the background. (What kills a
    # greenlet is not an Exception.)
    return bool(_OF_THE_WIRE & _names([error])) or (
        isinstance(error, Exception) and type(error).__module__ == 'greenlet')


def error_of_sending(error: BaseException, method: str, never_left: bool,
                     has_left: bool = False) -> ApiException:
    """Translate an error raised while a request was sent; nothing of the request hangs on it.

    :param never_left: whether it is certain that no byte of the request has left.
    :param has_left: whether it is certain that one has.
    """
    chain = _causes(error)
    never_left = never_left or 'NoWayError' in _names(chain[:1]) or any(
        # Closed by another thread before it gave a connection.
        getattr(getattr(cause, 'pool', None), 'is_ours', False) for cause in chain
        if isinstance(cause, urllib3_errors.ClosedPoolError))
    names = _names(chain)
    kind = _kind_of(names, never_left, has_left)
    reason = _reason_of(chain)
    if kind is BadAnswerError:
        return BadAnswerError(status=0, reason=reason, why=str(chain[-1]))
    # A double may raise for a POST what the old SDK let through for a GET.
    return _class_for('GET' if 'MaxRetryError' in names else method, kind)(reason, never_left)


def error_of_reading(error: BaseException, method: str, raw: "Any") -> ApiException:
    """Translate an error raised while the body of an answer was read."""
    chain = _causes(error)
    names, reason = _names(chain), _reason_of(chain)
    if names & _TIMEOUT:
        return _class_for(method, ApiTimeoutError)(reason)
    if 'BadAnswer' in names:
        too_large = BadAnswerError(status=raw.status, reason=raw.reason, why=str(chain[-1]))
        too_large.worth_repeating = False  # it will be as large again
        return too_large
    is_decoding = names & _DECODING
    kind = DecodeAnswerError if is_decoding else _class_for(method, TruncatedAnswerError)
    why = 'the encoding of the answer is broken' if is_decoding else 'the answer was cut off'
    failure = kind(status=raw.status, reason=raw.reason, why='{}: {}'.format(why, reason))
    failure.headers = raw.headers
    return failure


def check_unpacked(raw: "Any") -> None:
    """Refuse gzip and deflate that end early, which urllib3 takes for whole."""
    decoder = getattr(getattr(raw, '_decoder', None), '_obj', None)
    if raw.tell() and not getattr(decoder, 'eof', True):
        raise urllib3_errors.DecodeError('the packed data ends early')


def _class_for(method: str, kind: "Type[Any]") -> "Failing":
    return _OF_A_QUERY.get(kind, kind) if method == 'GET' else kind


def _kind_of(names: "Set[str]", never_left: bool, has_left: bool) -> "Type[Any]":
    if names & _PROXY:
        return ProxyConnectionError
    if names & _ADDRESS:
        return ConnectFailedError
    if names & (_TIMEOUT | _CONNECT_TIMEOUT):
        unsent = never_left or names & _CONNECT_TIMEOUT
        return ConnectTimeoutError if unsent else ApiTimeoutError
    if names & _TLS and not has_left:
        return TlsError
    if never_left:
        return ConnectFailedError
    return BadAnswerError if 'BadAnswer' in names else ConnectionDroppedError


def _names(chain: "List[BaseException]") -> "Set[str]":
    return set(kind.__name__ for error in chain for kind in type(error).__mro__)


def _causes(error: "Any") -> "List[BaseException]":
    """Walk from what was raised to what began it: requests wraps urllib3, which wraps sockets."""
    chain = []  # type: List[BaseException]
    while isinstance(error, BaseException) and len(chain) < MOST_CAUSES:
        chain.append(error)
        inner = getattr(error, 'reason', None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        error = inner
    return chain


def _reason_of(chain: "List[Any]") -> "Any":
    """Return urllib3's own error, or the innermost one, without ties to frames and requests."""
    if isinstance(chain[0], ApiException):
        return 'another call, made by a hook or a double, ended in {}: {}'.format(
            type(chain[0]).__name__, chain[0].reason)
    ours = [error for error in chain if isinstance(error, urllib3_errors.HTTPError)
            and not isinstance(error, urllib3_errors.MaxRetryError)]
    reason = (ours or [chain[-1]])[0]
    for error in chain + [each.__cause__ for each in chain if each.__cause__ is not None]:
        error.__traceback__ = error.__context__ = error.__cause__ = None
    return str(reason) if 'RequestException' in _names([reason]) else reason


#: Packages whose frames hold the bytes of a request, with their signature; and this one.
_PACKAGES = ('http.', 'urllib3.', 'requests.', 'ssl', __name__[:-len('client.errors.connection')])


def hide_request(error: "Any") -> None:
    """Take the frames that hold the bytes of a request off an error of others and its causes."""
    seen = []  # type: List[Any]
    while error is not None and not any(error is each for each in seen):
        seen.append(error)
        error.__traceback__ = frames_of_others(error.__traceback__)
        error.__context__ = None
        error = error.__cause__


def frames_of_others(trace: "Any") -> "Any":
    """Return a traceback without the frames that hold the bytes of a request; None before 3.7."""
    kept, frames = None, []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    with suppress(TypeError):
        for each in reversed(frames):
            if not str(each.tb_frame.f_globals.get('__name__')).startswith(_PACKAGES):
                kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return kept
