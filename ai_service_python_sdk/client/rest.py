"""The line to the service by the names of the old SDK: one method a verb; the wire is below it."""
import threading

from .answer import RESTResponse
from .configuration import pool_size_of
from .errors.base import ApiException
from .timeouts import limits_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional
    from .configuration import Configuration
    from .timeouts import Limits
    from .address import Outgoing
    from .transport.exchange import Wire

__all__ = ['ApiException', 'RESTClientObject', 'RESTResponse']


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
        self._maxsize = maxsize
        self._wire = None  # type: Optional[Wire]
        self._lock = threading.Lock()

    @property
    def pool_size(self) -> int:
        """Connections that are kept, and async calls that run at once."""
        return pool_size_of(self.configuration, self._maxsize)

    def request(self, method: str, url: str, query_params: "Any" = None, headers: "Any" = None,
                body: "Any" = None, post_params: "Any" = None, _preload_content: bool = True,
                _request_timeout: "Any" = None) -> "Any":
        """Send one request that is not signed; raise unless its answer is 2xx.

        :raises ApiException: the service refused, or could not be reached.
        :raises ValueError: unknown method, or both ``body`` and ``post_params``.
        """
        from .address import Outgoing, encode_request
        url, final, data = encode_request(method, url, query_params, headers, body, post_params)
        timeout = _request_timeout if _request_timeout is not None else self.configuration.timeout
        outgoing = Outgoing(method.upper(), url, data, lambda path: dict(final))
        return self.exchange(outgoing, limits_of(timeout), _preload_content)

    def exchange(self, outgoing: "Outgoing", limits: "Limits", preload: bool) -> "Any":
        """Send until there is an answer or nothing may be repeated; see :class:`.Wire`."""
        return (self._wire or self._open_wire()).exchange(outgoing, limits, preload)

    def _open_wire(self) -> "Wire":
        # At the first call: importing requests takes longer than all the rest of the SDK.
        from .transport.exchange import Wire
        with self._lock:
            if self._wire is None:
                self._wire = Wire(self.configuration, self._maxsize)
            return self._wire

    def close(self) -> None:
        """Close the connections of our own session; a later call opens new ones."""
        if self._wire is not None:
            self._wire.close()

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
