"""Failures below HTTP; each is an ``ApiException`` and the urllib3 error the old SDK let through."""
import socket
import ssl

import requests
from urllib3 import exceptions as urllib3_errors

from ..errors.base import ApiException
from ..errors.service import ResponseError
from .sockets import BadAnswer

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Sequence, Tuple, Type, Union
    Kinds = Union[Type[BaseException], Tuple[Type[BaseException], ...]]

#: Packages whose errors are failures of the wire, whatever their class.
BELOW = frozenset(('http', 'urllib3', 'requests', 'ssl', 'socket', 'selectors', 'zlib', 'gzip',
                   'email', 'encodings', 'idna', 'brotli', 'zstandard', 'compression'))
#: Errors inside of errors that are looked at.
MOST_CAUSES = 10


_NOTHING_SENT = ('Nothing was sent. ', '请求未发出。')
_CHECK_NETWORK = ('Check the host, your network and proxy settings.',
                  '请检查服务地址、网络和代理设置。')
_LOOK_FIRST = ('Whether the service received the request is not known: look for its effect before '
               'you pay a second time.',
               '无法确定服务是否已收到请求；付费操作重试前请先确认其是否已生效。')


class ApiConnectionError(ApiException, urllib3_errors.HTTPError):
    """The service could not be reached, or the connection broke."""

    meaning_en = 'The service could not be reached.'
    meaning_zh = '无法连接到服务。'
    hint_en, hint_zh = _LOOK_FIRST
    #: What to do where it is certain that nothing was sent.
    hint_unsent_en, hint_unsent_zh = _CHECK_NETWORK
    #: What urllib3's classes have; no pool, since it holds sockets.
    pool = None  # type: Any
    url = None  # type: Any

    def __init__(self, reason: "Any", never_left: bool = False) -> None:
        ApiException.__init__(self, status=0, reason=reason)
        self.never_left = never_left
        self.is_in_doubt = not never_left  # type: bool
        if never_left:
            self.hint_en, self.hint_zh = (_NOTHING_SENT[0] + type(self).hint_unsent_en,
                                          _NOTHING_SENT[1] + type(self).hint_unsent_zh)


class ConnectFailedError(ApiConnectionError, urllib3_errors.MaxRetryError):
    """No connection: refused, no route, or no such name."""


class TlsError(ApiConnectionError, urllib3_errors.MaxRetryError, urllib3_errors.SSLError):
    """TLS failed: a certificate that is not trusted, a wrong name, a broken handshake."""

    meaning_en = 'TLS failed.'
    meaning_zh = 'TLS 握手或证书校验失败。'
    hint_unsent_en = ('Check the certificate: ssl_ca_cert for a CA of your own, assert_hostname '
                      'for another name.')
    hint_unsent_zh = '请检查证书：自建 CA 请设置 ssl_ca_cert，证书域名不同请设置 assert_hostname。'
    # A certificate does not get better by asking again.
    worth_repeating = False


class ProxyConnectionError(ApiConnectionError, urllib3_errors.MaxRetryError,
                           urllib3_errors.ProxyError):
    """The proxy could not be reached, or refused."""

    hint_unsent_en = 'Check configuration.proxy.'
    hint_unsent_zh = '请检查 configuration.proxy。'


class ConnectionDroppedError(ApiConnectionError, urllib3_errors.ProtocolError):
    """The connection broke before an answer: whether the service acted is not known."""

    meaning_en = 'The connection broke before an answer.'
    meaning_zh = '连接在收到响应前中断。'


class QueryDroppedError(ConnectionDroppedError, urllib3_errors.MaxRetryError):
    """The same for a GET, where the old SDK raised ``MaxRetryError``."""


class ApiTimeoutError(ApiConnectionError, urllib3_errors.ReadTimeoutError):
    """No answer in time; the service may be at work nevertheless."""

    meaning_en = 'No answer came in time.'
    meaning_zh = '未在限定时间内收到响应。'
    hint_en = ('The service may have received the request. Give more time by _request_timeout or '
               'configuration.timeout (seconds).')
    hint_zh = '服务可能已收到请求。可通过 _request_timeout 或 configuration.timeout（秒）延长等待时间。'
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
    """The answer breaks HTTP: conflicting lengths, endless headers."""

    is_in_doubt = True


class TruncatedAnswerError(ResponseError, urllib3_errors.ProtocolError):
    """The answer was cut off; what came of it is not used."""

    is_in_doubt = True


class QueryTruncatedError(TruncatedAnswerError, urllib3_errors.MaxRetryError):
    """The same for a GET, where the old SDK raised ``MaxRetryError``."""

    #: What urllib3's class has; no pool, since it holds sockets.
    pool = None  # type: Any
    url = None  # type: Any


class DecodeAnswerError(ResponseError, urllib3_errors.DecodeError):
    """The answer's compression is broken."""


def is_of_the_wire(error: BaseException) -> bool:
    """Whether an error came from the layers below, not from a hook or double of the user.

    By its class, or else by the module that raised it: ``http.client`` raises plain ValueErrors.
    """
    if isinstance(error, (requests.RequestException, urllib3_errors.HTTPError, OSError,
                          ApiException)):
        return True  # also of a call that a hook has made: it tells nothing of this one
    if not isinstance(error, Exception):
        return False
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    raised_in = step.tb_frame.f_globals.get('__name__', '') if step else ''
    return raised_in.split('.')[0] in BELOW or raised_in.startswith(__name__.rpartition('.')[0])


def error_of_sending(error: BaseException, method: str, never_left: bool,
                     has_left: bool = False) -> ApiException:
    """Translate an error raised while a request was sent; nothing of the request hangs on it.

    :param never_left: whether it is certain that no byte of the request has left.
    :param has_left: whether it is certain that one has.
    """
    chain = list(_causes(error))
    kind = _kind_of(chain, method, never_left, has_left)
    reason = _reason_of(chain)
    if issubclass(kind, ResponseError):
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
                                  requests.exceptions.ContentDecodingError))
    why = 'the encoding of the answer is broken' if is_decoding else 'the answer was cut off'
    truncated = QueryTruncatedError if method == 'GET' else TruncatedAnswerError
    failure = (DecodeAnswerError if is_decoding else truncated)(
        status=raw.status, reason=raw.reason, why='{}: {}'.format(why, _reason_of(chain)))
    failure.headers = raw.headers
    return failure


_TIMEOUTS = (socket.timeout, urllib3_errors.TimeoutError, requests.Timeout)
_TLS = (ssl.SSLError, ssl.CertificateError, urllib3_errors.SSLError, requests.exceptions.SSLError)
_PROXY = (urllib3_errors.ProxyError, requests.exceptions.ProxyError,
          requests.exceptions.InvalidProxyURL)
_CONNECT_TIMEOUTS = (urllib3_errors.ConnectTimeoutError, requests.ConnectTimeout)
_ADDRESS = (urllib3_errors.NewConnectionError, urllib3_errors.LocationValueError,
            requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)


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


def _reason_of(chain: "List[BaseException]") -> "Any":
    """Return urllib3's own error, or the innermost one, without ties to frames and requests."""
    if isinstance(chain[0], ApiException):
        return 'a hook or a double raised {}: {}'.format(type(chain[0]).__name__, chain[0].summary)
    ours = [error for error in chain if isinstance(error, urllib3_errors.HTTPError)
            and not isinstance(error, urllib3_errors.MaxRetryError)]
    reason = (ours or [chain[-1]])[0]
    for error in chain:
        error.__traceback__ = error.__context__ = error.__cause__ = None
    if isinstance(reason, requests.RequestException):
        return str(reason)
    return reason
