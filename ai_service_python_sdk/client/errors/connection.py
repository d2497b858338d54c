"""Failures below HTTP; each is an ``ApiException`` and the urllib3 error the old SDK let through.

Loaded with the transport, since the classes need urllib3.
"""
from urllib3 import exceptions as urllib3_errors

from .base import ApiException
from .service import ResponseError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Tuple


class ApiConnectionError(ApiException, urllib3_errors.HTTPError):
    """The service could not be reached, or the connection broke."""

    meaning_en = 'The service could not be reached.'
    meaning_zh = '无法连接到服务。'
    hint_en = ('Whether the service received the request is not known: look for its effect before '
               'you pay a second time.')  # type: str
    hint_zh = '无法确定服务是否已收到请求；付费操作重试前请先确认其是否已生效。'  # type: str
    #: What to do where it is certain that nothing was sent, in English and Chinese.
    hints_unsent = ('Check the host, your network and proxy settings.',
                    '请检查服务地址、网络和代理设置。')  # type: Tuple[str, str]
    #: What urllib3's classes have; no pool, since it holds sockets.
    pool = None  # type: Any
    url = None  # type: Any

    def __init__(self, reason: "Any", never_left: bool = False) -> None:
        ApiException.__init__(self, status=0, reason=reason)
        self.never_left = never_left
        self.is_in_doubt = not never_left  # type: bool
        if never_left:
            self.hint_en = 'Nothing was sent. ' + self.hints_unsent[0]
            self.hint_zh = '请求未发出。' + self.hints_unsent[1]


class ConnectFailedError(ApiConnectionError, urllib3_errors.MaxRetryError):
    """No connection: refused, no route, or no such name."""


class TlsError(ApiConnectionError, urllib3_errors.MaxRetryError, urllib3_errors.SSLError):
    """TLS failed: a certificate that is not trusted, a wrong name, a broken handshake."""

    meaning_en = 'TLS failed.'
    meaning_zh = 'TLS 握手或证书校验失败。'
    hints_unsent = ('Check the certificate: ssl_ca_cert for a CA of your own, assert_hostname '
                    'for another name.',
                    '请检查证书：自建 CA 请设置 ssl_ca_cert，证书域名不同请设置 '
                    'assert_hostname。')  # type: Tuple[str, str]
    # A certificate does not get better by asking again.
    worth_repeating = False


class ProxyConnectionError(ApiConnectionError, urllib3_errors.MaxRetryError,
                           urllib3_errors.ProxyError):
    """The proxy could not be reached, or refused."""

    hints_unsent = ('Check configuration.proxy.',
                    '请检查 configuration.proxy。')  # type: Tuple[str, str]


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
