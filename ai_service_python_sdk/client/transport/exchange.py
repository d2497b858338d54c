"""The exchange of a request for its answer: send, repeat, follow, read."""
import io
import os
import re
import threading
import time
from functools import partial

import requests

from ..address import redirect_target
from ..background import is_given_up
from ..errors.base import ApiException
from ..errors.connection import error_of_reading, error_of_sending, is_of_the_wire
from ..errors.service import error_of_response
from ..log import DEBUG, debug, log
from ..rest import RESTResponse
from ..retry import RetryPolicy, RetryQuota
from . import session as sessions
from .sockets import BadAnswer, Flight, check_unpacked

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional
    from ..configuration import Configuration
    from ..rest import Request
    from ..timeouts import Limits

#: Redirects that are followed in one call.
MOST_REDIRECTS = 5
#: Bytes of an answer that are read at once where its size is not known, packed or not.
PIECE, PACKED_PIECE = 1024 * 1024, 16 * 1024
#: Bytes of an answer that are made room for at once because it claims to be so long.
MOST_AT_ONCE = 64 * 1024 * 1024

_default_policy = RetryPolicy()
_REQUEST_ID = re.compile(br'"request_id"\s*:\s*"([\w-]{1,64})"')


class Exchange(object):
    """Sends requests of one configuration over kept connections, from any number of threads.

    :param pool_size: connections that are kept; may be raised at any time.
    """

    def __init__(self, configuration: "Configuration", pool_size: int) -> None:
        self.pool_size = pool_size
        #: A ``urllib3.PoolManager`` that the user has put in the place of our session.
        self.pool_manager = None  # type: Any
        self._configuration = configuration
        self._quota = RetryQuota()
        self._session = None  # type: Optional[sessions.Session]
        self._lock = threading.Lock()

    def send(self, request: "Request", limits: "Limits", preload: bool) -> "Any":
        """Send until there is an answer or nothing may be repeated; raise unless it is 2xx.

        :return: urllib3's answer and its body, which is left unread (None) unless ``preload``.
        """
        started = time.monotonic()
        deadline = None if limits[2] is None else started + limits[2]
        attempt = 0
        while True:
            try:
                answer = self._follow(request, limits, deadline, preload)
                if self._quota.is_touched:
                    self._quota.give_back(attempt)
                return answer
            except ApiException as error:
                pause = self._pause(error, attempt, request, started, deadline)
                if pause is None:
                    raise
                log.warning('%s %s failed (%s); sending again in %.1f s', request.method,
                            request.path, type(error).__name__, pause)
                time.sleep(pause)
                if is_given_up():
                    raise
            attempt += 1

    def close(self) -> None:
        """Close the connections of our own session; a later call opens new ones."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _pause(self, error: "ApiException", attempt: int, request: "Request", started: float,
               deadline: "Optional[float]") -> "Optional[float]":
        """Return the seconds to wait before sending again, None to give up."""
        policy = self._configuration.retry_policy or _default_policy
        now = time.monotonic()
        pause = policy.pause(error, attempt, request.repeatable, now - started)
        if pause is None or not self._quota.take():
            return None
        return None if deadline is not None and now + pause > deadline else pause

    def _follow(self, request: "Request", limits: "Limits", deadline: "Optional[float]",
                preload: bool) -> "Any":
        hops_left = MOST_REDIRECTS
        while True:
            flight = Flight(limits, deadline)
            response = self._attempt(request, flight)
            raw = response.raw
            is_success = 200 <= raw.status < 300
            if is_success and not preload:
                # urllib3 before 2 lets an answer end early when it is read bit by bit.
                raw.decode_content = raw.enforce_content_length = True
                return raw, None
            data = self._read(request, response, flight)
            if is_success:
                return raw, data
            target = redirect_target(request.url, request.path, raw.status,
                                     raw.headers.get('Location'))
            if not target or not hops_left:
                raise error_of_response(RESTResponse(raw, data))
            request, hops_left = request.moved_to(*target), hops_left - 1

    def _attempt(self, request: "Request", flight: Flight) -> "Any":
        """Send once; return the response, its body not read yet."""
        try:
            return self._line(request, flight)()
        except BaseException as error:
            # A hook that raises for the status has the answer, which says more.
            answered = getattr(error, 'response', None)  # type: Any
            if getattr(answered, 'raw', None) is not None and not answered.ok:
                return answered
            failure = error
            if is_of_the_wire(error):
                failure = error_of_sending(error, request.method, flight.never_left, flight.sent)
            elif not isinstance(error, Exception):
                # Ctrl-C and the like: the frames below hold the bytes of the head.
                error.__traceback__ = error.__context__ = None
        # Outside of the except block: what was caught holds the headers of the request.
        self._note(request, flight, type(failure).__name__, b'')
        try:
            raise failure
        finally:
            del failure

    def _line(self, request: "Request", flight: Flight) -> "Callable[[], Any]":
        """Return the call that sends: over our session, or what the user has put in its place."""
        if self.pool_manager is not None:
            return partial(_send_by, self.pool_manager, request, flight)
        own = self._configuration.session  # type: Any
        options = {}  # type: Dict[str, Any]
        prepared = sessions.PreparedRequest(request)  # type: Any
        if own is not None:
            prepared.prepare_hooks(own.hooks)
            prepared.register_hook('response', sessions.hide_redirect)
        else:
            own = self._own_session()
            options['proxies'] = sessions.proxies_of(self._configuration, request.url)
        return partial(own.send, prepared, stream=True, timeout=flight, allow_redirects=False,
                       **options)

    @property
    def poolmanager(self) -> "Any":
        """urllib3's manager of the connections that are neither TLS nor over a proxy."""
        return self.pool_manager or self._own_session().adapter.poolmanager

    def _own_session(self) -> "sessions.Session":
        # After a fork the parent's connections are left alone: they are the parent's.
        # Those of a smaller pool end with the calls that use them.
        session, wanted = self._session, (os.getpid(), self.pool_size)
        if session is None or session.made_for != wanted:
            with self._lock:
                session = self._session
                if session is None or session.made_for != wanted:
                    session = self._session = sessions.Session(self._configuration, wanted)
        return session

    def _read(self, request: "Request", response: "Any", flight: Flight) -> bytes:
        """Return the whole body.

        :raises ResponseError: it was cut off, is too large, or its encoding is broken.
        """
        raw, data, failure = response.raw, b'', None
        try:
            data = self._body(response, flight)
        except Exception as error:
            failure = error_of_reading(error, request.method, raw)
        if failure is None:
            raw.release_conn()
            self._note(request, flight, raw.status, data)
            return data
        raw.close()
        raise failure

    def _body(self, response: "Any", flight: Flight) -> bytes:
        raw, limit = response.raw, self._configuration.answer_limit
        at_once = MOST_AT_ONCE if limit is None else min(limit, MOST_AT_ONCE)
        if raw.closed:
            return _read_before(response)
        is_packed, size = 'content-encoding' in raw.headers, raw.length_remaining
        if not is_packed and size is not None and size <= at_once:
            return raw.read() or b''
        raw.enforce_content_length = True
        whole = io.BytesIO()
        for piece in raw.stream(PACKED_PIECE if is_packed else PIECE, decode_content=True):
            whole.write(piece)
            if limit is not None and whole.tell() > limit:
                raise BadAnswer('it has more than {} bytes; raise `configuration.answer_limit'
                                '` for more'.format(limit))
            if is_packed:
                flight.limit()  # unpacking takes time without any wait
        check_unpacked(raw)
        return whole.getvalue()

    def _note(self, request: "Request", flight: Flight, result: object, data: bytes) -> None:
        if self._configuration.is_in_debug or log.isEnabledFor(DEBUG):
            found = _REQUEST_ID.search(data)
            debug('%s %s -> %s in %.0f ms, request id %s', request.method, request.path, result,
                  (time.monotonic() - flight.begun) * 1000,
                  found.group(1).decode('ascii') if found else '-')


def _read_before(response: "Any") -> bytes:
    """Return the body that a session, hook or tool of the user's has read, or of a double."""
    found = b''
    for owner, name in ((response.raw, 'data'), (response, 'content')):
        try:
            found = found or getattr(owner, name)
        except ValueError:  # read and closed, or made of bytes, so that there is no stream
            pass
    return found or b''


def _send_by(manager: "Any", request: "Request", flight: Flight) -> "requests.Response":
    """Send over a pool manager of the user's."""
    response = requests.Response()
    response.raw = manager.request(
        request.method, request.url, body=request.body, headers=request.headers, timeout=flight,
        preload_content=False, redirect=False, retries=False)
    return response
