"""The old SDK's ``rest_client``: one method for each verb, which makes, signs and sends bytes."""
import io
import sys

from ..util.later import Later, hold_forks, unforked
from .configuration import Configuration, pool_size_of
from .errors.base import ApiException
from .timeouts import NO_LIMITS, limits_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from . import doubles, paid
    from . import headers as header_rules
    from . import serialization
    from .errors import service as service_errors
    from typing import Any, Dict, List, Mapping, Optional, Tuple, Union
    from .api_client import ApiClient
    from .configuration import Timeout
    from .timeouts import Limits
    from .transport.exchange import Exchange
    Headers = Optional[Mapping[str, Any]]
    Query = Optional[List[Tuple[str, Any]]]
else:
    serialization = Later(__name__, '.serialization')
    header_rules = Later(__name__, '.headers')
    service_errors = Later(__name__, '.errors.service')
    doubles = Later(__name__, '.doubles')
    paid = Later(__name__, '.paid')

__all__ = ['ApiException', 'RESTClientObject', 'RESTResponse']

#: Whether a request has left that an override took over: no code of ours has seen its bytes.
PERHAPS = 'perhaps'


class Signature(str):
    """The Authorization header of one request, and what is known of that request.

    It is text to whoever reads or copies it, but its repr hides it. :meth:`over` makes it anew
    for the bytes that leave: an override of the user may have changed them on the way.
    """

    client = None  # type: Any
    #: What is signed: a method, a path as the service sees it (without what a gateway in front
    #: adds), and bytes.
    method = ''
    path = ''
    data = b''
    #: Whether the operation may reach the service twice.
    repeatable = False
    #: Whether a request with it may have left; None until `call_api` has it, :data:`PERHAPS`
    #: while an override may be sending it.
    has_left = None  # type: Union[None, bool, str]
    #: What the bytes were made of.
    body = None  # type: Any

    @classmethod
    def of(cls, client: "ApiClient", method: str, path: str, body: "Any",
           repeatable: bool = False) -> "Signature":
        """Sign a request; a body that is a model is signed as its JSON, None as :meth:`.ApiClient
        .client_create_sign` has it.

        :raises ValueError: the body holds what JSON cannot, or the token cannot sign.
        """
        is_final = body is None or isinstance(body, bytes)
        data = body if is_final else serialization.to_json(body)
        sign = client.client_create_sign(client.configuration, path, method, data, None)
        made = cls(client.configuration.appid + ':' + sign)
        made.client, made.repeatable, made.body = client, repeatable, body
        made.method, made.path, made.data = method, path, data or b''
        return made

    def over(self, method: str, path: str, body: bytes) -> "Signature":
        """Return the signature of exactly these bytes."""
        if (self.method, self.path, self.data) == (method, path, body):
            return self
        return Signature.of(self.client, method, path, body, self.repeatable)

    def __repr__(self) -> str:
        return "'***'"

    def __deepcopy__(self, memo: "Any") -> "Signature":
        return self  # a program may copy the headers and change the body all the same

    def __reduce__(self) -> "Any":
        return str, (str(self),)


class Request(object):
    """One request whose bytes are final; it is signed over them."""

    def __init__(self, method: str, url: str, headers: "Dict[str, Any]",
                 body: "Optional[bytes]", path: str = '') -> None:
        self.method = method
        self.url = url
        self.body = body
        self.headers = headers
        signature = headers.get('Authorization')
        #: The path as the service sees it.
        self.path = path or url[url.find('/', 8):]  # type: str
        #: Whether the operation may reach the service twice.
        self.repeatable = False  # type: bool
        #: Whether it may have left; set by whoever sends it.
        self.has_left = False
        if isinstance(signature, Signature):
            self.path = path or signature.path
            self.repeatable = signature.repeatable
            headers['Authorization'] = signature.over(method, self.path, body or b'')

    def moved_to(self, url: str, path: str) -> "Request":
        """Return the same request to another address of the service, signed for it."""
        return Request(self.method, url, dict(self.headers), self.body, path)

    @staticmethod
    def refused(raw: "Any", data: bytes) -> ApiException:
        """Return the error of an answer outside of 200 to 299."""
        return service_errors.error_of_response(RESTResponse(raw, data))


class RESTResponse(io.IOBase):
    """An answer that has been read."""

    def __init__(self, resp: "Any", data: "Optional[bytes]" = None) -> None:
        #: The answer of urllib3 underneath.
        self.urllib3_response = resp
        #: HTTP status.
        self.status = resp.status  # type: int
        #: HTTP reason phrase.
        self.reason = resp.reason  # type: str
        #: The body; None when it was larger than ``configuration.last_response_limit``.
        self.data = resp.data if data is None else data  # type: Optional[bytes]
        #: Whether it was read from the service just now.
        self.is_read = data is not None  # type: bool

    def getheaders(self) -> "Mapping[str, str]":
        """Return all headers; names are found in any case."""
        return doubles.headers_of(self.urllib3_response)

    def getheader(self, name: str, default: "Optional[str]" = None) -> "Optional[str]":
        """Return one header, or the default."""
        return self.getheaders().get(name, default)


def _with_body(method: str) -> "Any":
    """Make the method of a verb that takes a body or form fields."""
    def send(self: "RESTClientObject", url: str, headers: "Headers" = None,
             query_params: "Query" = None, post_params: "Any" = None, body: "Any" = None,
             _preload_content: bool = True, _request_timeout: "Timeout" = None) -> "Any":
        return self.request(method, url, query_params=query_params, headers=headers, body=body,
                            post_params=post_params, _preload_content=_preload_content,
                            _request_timeout=_request_timeout)
    send.__name__ = method
    send.__doc__ = 'Send a {}; see :meth:`request`.'.format(method)
    return send


def _without_body(method: str) -> "Any":
    """Make the method of a verb that reads."""
    def send(self: "RESTClientObject", url: str, headers: "Headers" = None,
             query_params: "Query" = None, _preload_content: bool = True,
             _request_timeout: "Timeout" = None) -> "Any":
        return self.request(method, url, query_params=query_params, headers=headers,
                            _preload_content=_preload_content, _request_timeout=_request_timeout)
    send.__name__ = method
    send.__doc__ = 'Send a {}; see :meth:`request`.'.format(method)
    return send


def _settles(error: BaseException, had_left: bool) -> bool:
    """Whether it is known from an error what became of its call.

    If an override sent it before (``had_left``), the error is marked: it tells of this time only.
    """
    if not isinstance(error, ApiException):
        return False
    if had_left:
        error.never_left, error.is_repeated = False, True
    return paid.is_answer(error)


class RESTClientObject(object):
    """Sends requests of one configuration over kept connections, from any number of threads."""

    # On the class, for a subclass whose `__init__` does not call this one.
    configuration = None  # type: Any
    _maxsize = None  # type: Optional[int]
    _expected = 0
    #: The last time-out that was given, and what it means.
    _limits = None, NO_LIMITS  # type: Tuple[Timeout, Limits]
    _exchange = None  # type: Optional[Exchange]

    def __init__(self, configuration: "Configuration", pools_size: int = 4,
                 maxsize: "Optional[int]" = None) -> None:
        self.configuration = configuration
        self._maxsize = maxsize
        # A mock that stands here while a test makes its client answers afterwards too.
        proxy = getattr(configuration, 'proxy', None)
        name, named = ('ProxyManager', {'proxy_url': proxy}) if proxy else ('PoolManager', {})
        kind = getattr(sys.modules.get('urllib3'), name, None)  # type: Any
        made = kind(num_pools=pools_size, **named) if hasattr(kind, 'mock_calls') else None
        # What a spy makes is urllib3's own, without our settings of TLS and our limits.
        if made is not None and not type(made).__module__.startswith('urllib3.'):
            self.pool_manager = made

    @property
    def pool_size(self) -> int:
        """Connections that are kept, and async calls that run at once."""
        return pool_size_of(self.configuration, self._maxsize, self._expected)

    def expect(self, calls: int) -> None:
        """Keep a connection for each of ``calls`` at once; a configured number stays."""
        self._expected = max(self._expected, calls)
        if self._exchange is not None:
            self._exchange.pool_size = self.pool_size

    @property
    def pool_manager(self) -> "Any":
        """The ``urllib3.PoolManager`` that carries requests; put another one here to use that."""
        return self._opened().poolmanager

    @pool_manager.setter
    def pool_manager(self, manager: "Any") -> None:
        self._opened().pool_manager = manager

    @pool_manager.deleter
    def pool_manager(self) -> None:
        self._opened().pool_manager = None

    def request(self, method: str, url: str, query_params: "Query" = None,
                headers: "Headers" = None, body: "Any" = None, post_params: "Any" = None,
                _preload_content: bool = True, _request_timeout: "Timeout" = None) -> "Any":
        """Send one request; raise unless its answer is 2xx.

        The :class:`Signature` of an operation's request is made anew for the bytes that leave.
        Any other request leaves with the headers that it was given.

        :param _request_timeout: seconds for the whole call, (connect, read), 0 for no limit; None
            for ``configuration.timeout``.
        :return: a :class:`RESTResponse`, or urllib3's own answer unless ``_preload_content``.
        :raises ApiException: the service refused, or could not be reached.
        :raises ValueError: unknown method, or both ``body`` and ``post_params``.
        """
        given = (headers or {}).get('Authorization')
        signature = given if isinstance(given, Signature) else Signature()
        had_left = signature.has_left is True
        signature.has_left = had_left
        exchange = self._exchange or self._opened()
        timeout = self.configuration.timeout if _request_timeout is None else _request_timeout
        known, limits = self._limits
        if timeout is not known:
            limits = limits_of(timeout)
            self._limits = timeout, limits
        request = Request(method.upper(), *serialization.encode_request(
            method, url, query_params, headers, body, post_params,
            is_operation=signature is given))
        header_rules.check_headers(request.headers)
        if request.body is not None:
            request.headers['Content-Length'] = str(len(request.body))
        signature.has_left = True
        try:
            raw, data = exchange.send(request, limits, _preload_content)
        except BaseException as error:
            is_settled = _settles(error, had_left and not signature.repeatable)
            signature.has_left = had_left or request.has_left and not is_settled
            raise
        return RESTResponse(raw, data) if _preload_content else raw

    def _opened(self) -> "Exchange":
        # The one lazy door: importing requests takes longer than all the rest of the SDK.
        hold_forks()
        with unforked:
            from .transport.exchange import Exchange
            self.configuration = self.configuration or Configuration('', '', '')
            if self._exchange is None:
                self._exchange = Exchange(self.configuration, self.pool_size)
            return self._exchange

    def close(self) -> None:
        """Close the connections of our own session; a later call opens new ones."""
        if self._exchange is not None:
            self._exchange.close()

    GET = _without_body('GET')
    HEAD = _without_body('HEAD')
    OPTIONS = _with_body('OPTIONS')
    POST = _with_body('POST')
    PUT = _with_body('PUT')
    PATCH = _with_body('PATCH')

    def DELETE(self, url: str, headers: "Headers" = None, query_params: "Query" = None,
               body: "Any" = None, _preload_content: bool = True,
               _request_timeout: "Timeout" = None) -> "Any":
        """Send a DELETE; see :meth:`request`."""
        return self.request('DELETE', url, query_params=query_params, headers=headers, body=body,
                            _preload_content=_preload_content, _request_timeout=_request_timeout)


#: The methods here that a body passes, where no double stands.
STEPS = RESTClientObject.POST, RESTClientObject.request
