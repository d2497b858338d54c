"""The exchange of a request for its answer: send, repeat, follow, read."""
import io
import itertools
import os
import time
from operator import is_

import requests
import urllib3

from .. import doubles
from ..address import hide_redirect, redirect_target
from ..errors.base import ApiException
from ..errors.connection import (
    check_unpacked, error_of_reading, error_of_sending, hide_request, is_of_the_wire)
from ..errors.raised import BadAnswer
from ..log import DEBUG, debug, log, request_id_in
from ..retry import DEFAULT_POLICY, RetryQuota, is_given_up
from ...util.later import unforked
from . import session as sessions
from .sockets import Flight

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
    from ..configuration import Configuration
    from ..rest import Request
    from ..timeouts import Limits

MOST_REDIRECTS = 5  #: that are followed in one call
#: Bytes that are read at once where the size of an answer is not known, or is that of packed data.
PIECE = 16 * 1024
#: Bytes of an answer that are read at once if its Content-Length says that it has them.
MOST_AT_ONCE = 64 * 1024 * 1024


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

    def send(self, request: "Request", limits: "Limits", preload: bool) -> "Any":
        """Send until there is an answer or nothing may be repeated; raise unless it is 2xx.

        :return: urllib3's answer and its body, which is left unread (None) unless ``preload``.
        """
        started = time.monotonic()
        deadline = None if limits[2] is None else started + limits[2]
        for attempt in itertools.count():
            try:
                answer = self._follow(request, limits, deadline, preload)
                if self._quota.spent:
                    self._quota.give_back(attempt)
                return answer
            except ApiException as error:
                if not self._waits_to_repeat(error, attempt, request, started, deadline):
                    raise

    def close(self) -> None:
        """Close the connections of our own session; a later call opens new ones."""
        with unforked:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _waits_to_repeat(self, error: "ApiException", attempt: int, request: "Request",
                         started: float, deadline: "Optional[float]") -> bool:
        """Wait until the request may go again; False if it may not, or nobody awaits the call."""
        policy = self._configuration.retry_policy or DEFAULT_POLICY
        now = time.monotonic()
        pause = policy.pause(error, attempt, request.repeatable, now - started)
        if pause is None or deadline is not None and now + pause > deadline or (
                not self._quota.take()):
            return False
        log.warning('%s %s failed (%s); sending again in %.1f s', request.method, request.path,
                    type(error).__name__, pause)
        time.sleep(pause)
        return not is_given_up()

    def _follow(self, request: "Request", limits: "Limits", deadline: "Optional[float]",
                preload: bool) -> "Any":
        for hops_left in range(MOST_REDIRECTS, -1, -1):
            flight = Flight(limits, deadline)
            response = self._attempt(request, flight)
            request.has_left = True
            raw = response.raw
            # urllib3 before 2 lets an answer end early when it is read bit by bit.
            raw.decode_content = raw.enforce_content_length = True
            is_success = 200 <= raw.status < 300
            if is_success and not preload:
                return raw, None
            data = self._read(request, response, flight)
            if is_success:
                return raw, data
            target = redirect_target(request.url, request.path, raw.status,
                                     raw.headers.get('Location'))
            if not target or not hops_left:
                raise request.refused(raw, data)
            request = request.moved_to(*target)

    def _attempt(self, request: "Request", flight: Flight) -> "Any":
        """Send once; return the response, its body not read yet."""
        try:
            return self._send(request, flight)
        except BaseException as error:
            # A hook that raises for the status has the answer, or that to a request of its own.
            answered = getattr(error, 'response', None)  # type: Any
            asked = getattr(answered, 'request', None)  # type: Any
            if asked is not None and not answered.ok and (asked.headers is flight.headers or (
                    asked.method, asked.url) == (request.method, request.url)):
                return answered
            failure = error
            if is_of_the_wire(error):
                failure = error_of_sending(error, request.method, flight.is_unsent, flight.sent)
            else:  # Ctrl-C, or an error of a hook: the frames below hold the headers
                hide_request(error)
                flight.is_unsent = vars(error).pop('never_left', flight.is_unsent)
        # Outside of the except block: what was caught holds the headers of the request.
        if not (flight.is_unsent or getattr(failure, 'never_left', False)):
            request.has_left = True
        self._note(request, flight, type(failure).__name__, b'')
        try:
            raise failure
        finally:
            del failure

    def _send(self, request: "Request", flight: Flight) -> "Any":
        """Send over our session, or what the user has put in its place."""
        flight.is_unsent = True  # until it is handed over, below
        given, manager = self._configuration.session, self.pool_manager
        session = self._own_session() if given is None else given  # type: Any
        if manager is None and given is None:
            # Tests put doubles in the place of the manager, its class or one of its methods.
            usual, kind = session.adapter.poolmanager, urllib3.PoolManager
            is_own = type(usual) is kind and doubles.WAYS_OUT.isdisjoint(vars(usual)) and (
                all(map(is_, doubles.ways_out(kind), doubles.OWN))
                or doubles.are_own(*doubles.ways_out(kind)))
            if not is_own:
                manager = session.adapter.double_for(request.url)
        if manager is not None:
            response = requests.Response()
            flight.is_unsent = False
            response.raw = doubles.answer_of(manager, request, flight)
            return response
        options = dict(stream=True, timeout=flight, allow_redirects=False)  # type: Dict[str, Any]
        prepared = sessions.prepared(request)
        flight.headers = prepared.headers
        if given is None:
            options['proxies'] = sessions.proxies_of(self._configuration, request.url)
        else:
            prepared.prepare_hooks(session.hooks)
            prepared.register_hook('response', hide_redirect)
        flight.is_unsent = False
        return session.send(prepared, **options)

    @property
    def poolmanager(self) -> "Any":
        """urllib3's manager of the connections that are neither TLS nor over a proxy."""
        return self.pool_manager or self._own_session().adapter.manager()

    def _own_session(self) -> "sessions.Session":
        # Made anew after a fork, and for more connections: the old one ends with its calls.
        session, wanted = self._session, (os.getpid(), self.pool_size)
        if session is None or session.made_for != wanted:
            with unforked:
                session = self._session
                if session is None or session.made_for != wanted:
                    session = self._session = sessions.Session(self._configuration, wanted)
        return session

    def _read(self, request: "Request", response: "Any", flight: Flight) -> bytes:
        """Return the whole body.

        :raises ResponseError: it was cut off, is too large, or its encoding is broken.
        """
        raw = response.raw
        try:
            data = self._body(response, flight)
        except Exception as error:
            caught = error
        else:
            self._note(request, flight, raw.status, data)
            return data
        raw.close()
        raise error_of_reading(caught, request.method, raw)  # not kept here: a cycle

    def _body(self, response: "Any", flight: Flight) -> bytes:
        raw, limit = response.raw, self._configuration.answer_limit
        if raw.closed:
            return doubles.read_before(response)
        is_packed = 'content-encoding' in raw.headers
        size = None if is_packed else raw.length_remaining
        if size is not None and size <= MOST_AT_ONCE and (limit is None or size <= limit):
            return raw.read() or b''
        whole = io.BytesIO()
        for piece in raw.stream(PIECE, decode_content=True):
            whole.write(piece)
            if limit is not None and whole.tell() > limit:
                raise BadAnswer('it has more than {} bytes; raise `configuration.answer_limit'
                                '` for more'.format(limit))
            if is_packed:
                flight.limit()  # raises when the time is up: unpacking takes some too
        check_unpacked(raw)
        return whole.getvalue()

    def _note(self, request: "Request", flight: Flight, result: object, data: bytes) -> None:
        if self._configuration.is_in_debug or log.isEnabledFor(DEBUG):
            debug('%s %s -> %s in %.0f ms, request id %s', request.method, request.path, result,
                  (time.monotonic() - flight.begun) * 1000, request_id_in(data))
