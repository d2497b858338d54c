"""The wire: one session, time limits, repeats, redirects; answers as :class:`RESTResponse`."""
import io
import logging
import os
import re
import threading
import time
from functools import partial

from .configuration import LOGGER, default_pool_size
from .error_base import ApiException
from .exceptions import error_of_response
from .limits import limits_of
from .outgoing import Outgoing, encode_request, redirected
from .retry import RetryPolicy, RetryQuota

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Tuple
    from .configuration import Configuration
    from .limits import Limits

__all__ = ['ApiException', 'RESTClientObject', 'RESTResponse']

#: Redirects that are followed in one call.
MOST_REDIRECTS = 5
#: Connections kept at least, unless the configuration names a number: as many as async calls run.
LEAST_POOL_SIZE = 32

_log = logging.getLogger(LOGGER)
_default_policy = RetryPolicy()
_REQUEST_ID = re.compile(br'"request_id"\s*:\s*"([\w-]{1,64})"')


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

    def getheaders(self) -> "Mapping[str, str]":
        """Return all headers; names are found in any case."""
        headers = self.urllib3_response.headers  # type: Mapping[str, str]
        return headers

    def getheader(self, name: str, default: "Optional[str]" = None) -> "Optional[str]":
        """Return one header, or the default."""
        return self.getheaders().get(name, default)


def _with_body(method: str) -> "Any":
    """Make the method of a verb that takes a body or form fields."""
    def send(self: "RESTClientObject", url: str, headers: "Any" = None, query_params: "Any" = None,
             post_params: "Any" = None, body: "Any" = None, _preload_content: bool = True,
             _request_timeout: "Any" = None) -> "Any":
        return self.request(method, url, query_params, headers, body, post_params,
                            _preload_content, _request_timeout)
    send.__name__ = method
    send.__doc__ = 'Send a {}; see :meth:`request`.'.format(method)
    return send


class RESTClientObject(object):
    """Sends requests of one configuration over kept connections, from any number of threads."""

    def __init__(self, configuration: "Configuration", pools_size: int = 4,
                 maxsize: "Optional[int]" = None) -> None:
        self.configuration = configuration
        self.quota = RetryQuota()  # type: RetryQuota
        self._maxsize = maxsize
        self._transport = None  # type: Any
        self._session = None  # type: Any
        self._session_pid = 0
        self._lock = threading.Lock()

    @property
    def pool_size(self) -> int:
        """Connections that are kept, and async calls that run at once."""
        size = self._maxsize or self.configuration.connection_pool_maxsize
        return max(size, LEAST_POOL_SIZE) if size == default_pool_size() else size

    def request(self, method: str, url: str, query_params: "Any" = None, headers: "Any" = None,
                body: "Any" = None, post_params: "Any" = None, _preload_content: bool = True,
                _request_timeout: "Any" = None) -> "Any":
        """Send one request that is not signed; raise unless its answer is 2xx.

        :raises ApiException: the service refused, or could not be reached.
        :raises ValueError: unknown method, or both ``body`` and ``post_params``.
        """
        url, final, data = encode_request(method, url, query_params, headers, body, post_params)
        timeout = _request_timeout if _request_timeout is not None else self.configuration.timeout
        outgoing = Outgoing(method.upper(), url, data, lambda path: dict(final))
        return self.exchange(outgoing, limits_of(timeout), _preload_content)

    def exchange(self, outgoing: "Outgoing", limits: "Limits", preload: bool = True) -> "Any":
        """Send until there is an answer or nothing may be repeated; raise unless it is 2xx.

        :return: a :class:`RESTResponse`, or urllib3's own response unless ``preload``.
        """
        from .connection import flight
        connect, flight.silence, whole = limits
        started = time.monotonic()
        flight.deadline = None if whole is None else started + whole
        try:
            return self._exchange(outgoing, (connect, flight.silence), preload, started)
        finally:
            flight.deadline = None

    def close(self) -> None:
        """Close the connections of our own session; a later call opens new ones."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def __del__(self) -> None:
        # The attribute is absent when the constructor failed.
        if self.__dict__.get('_session') is not None:
            self._session.close()

    def _exchange(self, outgoing: "Outgoing", timeout: "Any", preload: bool,
                  started: float) -> "Any":
        attempt = 0
        while True:
            try:
                answer = self._follow(outgoing, timeout, preload)
                self.quota.give_back(attempt)
                return answer
            except ApiException as error:
                pause = self._pause(error, attempt, outgoing, started)
                if pause is None:
                    raise
                _log.warning('%s %s failed (%s); sending again in %.1f s', outgoing.method,
                             outgoing.path, type(error).__name__, pause)
            time.sleep(pause)
            attempt += 1

    def _pause(self, error: "ApiException", attempt: int, outgoing: "Outgoing",
               started: float) -> "Optional[float]":
        """Return the seconds to wait before sending again, None to give up."""
        from .connection import flight
        policy = self.configuration.retry_policy or _default_policy
        pause = policy.pause(error, attempt, outgoing.repeatable, time.monotonic() - started)
        if pause is None or not self.quota.take():
            return None
        is_late = flight.deadline is not None and time.monotonic() + pause > flight.deadline
        return None if is_late else pause

    def _follow(self, outgoing: "Outgoing", timeout: "Any", preload: bool) -> "Any":
        hops_left = MOST_REDIRECTS
        while True:
            raw, read = self._send(outgoing, timeout)
            is_success = 200 <= raw.status < 300
            if is_success and not preload:
                raw.decode_content = True
                return raw
            answer = RESTResponse(raw, read())
            if is_success:
                return answer
            target = redirected(outgoing, raw.status, raw.headers.get('Location'))
            if not target or not hops_left:
                raise error_of_response(answer)
            outgoing, hops_left = target, hops_left - 1

    def _send(self, outgoing: "Outgoing", timeout: "Any") -> "Tuple[Any, Any]":
        """Send once; return urllib3's response and the function that reads its body."""
        from .connection_errors import CAUGHT, error_of_transport
        from .connection import flight
        session, options = self._session_and_options(outgoing.url)
        headers = outgoing.headers()
        request = self._transport.PreparedRequest(outgoing.method, outgoing.url,
                                                  headers, outgoing.body)
        flight.sent = flight.tried = False
        begun = time.monotonic()
        failure = response = None
        try:
            response = session.send(request, stream=True, timeout=timeout, allow_redirects=False,
                                    **options)
        except CAUGHT as error:
            failure = error_of_transport(error, outgoing.method, flight)
        if failure is not None:
            # Outside of the except block: what was caught holds the headers of the request.
            self._note(outgoing, type(failure).__name__, begun, b'')
            raise failure
        answer = response  # type: Any
        return answer.raw, partial(self._read, outgoing, answer, begun)

    def _read(self, outgoing: "Outgoing", response: "Any", begun: float) -> bytes:
        """Return the whole body.

        :raises ResponseError: it was cut off, or its encoding is broken.
        """
        from .connection_errors import CAUGHT, error_of_reading
        failure, data = None, b''
        raw = response.raw
        try:
            # A hook of the user's session may have read it already.
            data = response.content if response._content_consumed else raw.read(
                decode_content=True)
        except CAUGHT as error:
            failure = error_of_reading(error, outgoing.method, raw)
        if failure is not None:
            raw.close()
            raise failure
        raw.release_conn()
        self._note(outgoing, raw.status, begun, data)
        return data

    def _note(self, outgoing: "Outgoing", result: "Any", begun: float, data: bytes) -> None:
        if _log.isEnabledFor(logging.DEBUG):
            found = _REQUEST_ID.search(data)
            request_id = found.group(1).decode('ascii') if found else '-'
            _log.debug('%s %s -> %s in %.0f ms, request id %s', outgoing.method, outgoing.path,
                       result, (time.monotonic() - begun) * 1000, request_id)

    def _session_and_options(self, url: str) -> "Tuple[Any, Dict[str, Any]]":
        if self._transport is None:
            from . import transport
            self._transport = transport
        configuration = self.configuration
        if configuration.session is not None:
            return configuration.session, {}
        if self._session is None or self._session_pid != os.getpid():
            self._open_session()
        return self._session, {'proxies': self._transport.proxies_of(configuration, url)}

    def _open_session(self) -> None:
        with self._lock:
            if self._session is None or self._session_pid != os.getpid():
                # After a fork the parent's connections are left alone: they are the parent's.
                self._session = self._transport.Session(self.configuration, self.pool_size)
                self._session_pid = os.getpid()

    # the methods of the old SDK, one for each verb

    def GET(self, url: str, headers: "Any" = None, query_params: "Any" = None,
            _preload_content: bool = True, _request_timeout: "Any" = None) -> "Any":
        """Send a GET; see :meth:`request`."""
        return self.request('GET', url, query_params, headers, None, None, _preload_content,
                            _request_timeout)

    def HEAD(self, url: str, headers: "Any" = None, query_params: "Any" = None,
             _preload_content: bool = True, _request_timeout: "Any" = None) -> "Any":
        """Send a HEAD; see :meth:`request`."""
        return self.request('HEAD', url, query_params, headers, None, None, _preload_content,
                            _request_timeout)

    def DELETE(self, url: str, headers: "Any" = None, query_params: "Any" = None,
               body: "Any" = None, _preload_content: bool = True,
               _request_timeout: "Any" = None) -> "Any":
        """Send a DELETE; see :meth:`request`."""
        return self.request('DELETE', url, query_params, headers, body, None, _preload_content,
                            _request_timeout)

    OPTIONS = _with_body('OPTIONS')
    POST = _with_body('POST')
    PUT = _with_body('PUT')
    PATCH = _with_body('PATCH')
