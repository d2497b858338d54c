"""The wire: one session, time limits, repeats, redirects, reading; loaded with the first call."""
import logging
import os
import re
import threading
from time import monotonic, sleep

from . import session as transport
from ..answer import RESTResponse
from ..configuration import pool_size_of
from .sockets import flight
from .errors import CAUGHT, check_unpacked, error_of_reading, error_of_transport
from ..errors.base import ApiException
from ..errors.service import error_of_response
from ..log import log
from ..address import redirected
from ..retry import RetryPolicy, RetryQuota

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
    from ..configuration import Configuration
    from ..timeouts import Limits
    from ..address import Outgoing

#: Redirects that are followed in one call.
MOST_REDIRECTS = 5

_default_policy = RetryPolicy()
_REQUEST_ID = re.compile(br'"request_id"\s*:\s*"([\w-]{1,64})"')


class Wire(object):
    """Sends requests of one configuration over kept connections, from any number of threads."""

    def __init__(self, configuration: "Configuration", maxsize: "Optional[int]" = None) -> None:
        self._configuration = configuration
        self._maxsize = maxsize
        self._quota = RetryQuota()
        self._session = None  # type: Any
        self._session_pid = 0
        self._lock = threading.Lock()

    def exchange(self, outgoing: "Outgoing", limits: "Limits", preload: bool) -> "Any":
        """Send until there is an answer or nothing may be repeated; raise unless it is 2xx.

        :return: a :class:`.RESTResponse`, or urllib3's own response unless ``preload``.
        """
        # A hook of the user may make a call in the middle of another one.
        outer = flight.silence, flight.deadline
        connect, silence, whole = limits
        started = monotonic()
        flight.silence, flight.deadline = silence, None if whole is None else started + whole
        try:
            return self._exchange(outgoing, (connect, silence), preload, started)
        finally:
            flight.silence, flight.deadline = outer

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
                self._quota.give_back(attempt)
                return answer
            except ApiException as error:
                pause = self._pause(error, attempt, outgoing, started)
                if pause is None:
                    raise
                log.warning('%s %s failed (%s); sending again in %.1f s', outgoing.method,
                            outgoing.path, type(error).__name__, pause)
            sleep(pause)
            attempt += 1

    def _pause(self, error: "ApiException", attempt: int, outgoing: "Outgoing",
               started: float) -> "Optional[float]":
        """Return the seconds to wait before sending again, None to give up."""
        policy = self._configuration.retry_policy or _default_policy
        pause = policy.pause(error, attempt, outgoing.repeatable, monotonic() - started)
        if pause is None or not self._quota.take():
            return None
        is_late = flight.deadline is not None and monotonic() + pause > flight.deadline
        return None if is_late else pause

    def _follow(self, outgoing: "Outgoing", timeout: "Any", preload: bool) -> "Any":
        hops_left = MOST_REDIRECTS
        while True:
            response = self._send(outgoing, timeout)
            raw = response.raw
            is_success = 200 <= raw.status < 300
            if is_success and not preload:
                # urllib3 before 2 lets an answer end early when it is read bit by bit.
                raw.decode_content = raw.enforce_content_length = True
                return raw
            answer = RESTResponse(raw, self._read(outgoing, response))
            if is_success:
                return answer
            target = redirected(outgoing, raw.status, raw.headers.get('Location'))
            if not target or not hops_left:
                raise error_of_response(answer)
            outgoing, hops_left = target, hops_left - 1

    def _send(self, outgoing: "Outgoing", timeout: "Any") -> "Any":
        """Send once; return the response, its body not read yet."""
        session, options = self._session_and_options(outgoing.url)
        request = transport.PreparedRequest(outgoing.method, outgoing.url, outgoing.headers(),
                                            outgoing.body)  # type: Any
        own = self._configuration.session
        if own is not None:
            request.prepare_hooks(own.hooks)
            request.register_hook('response', transport.hide_redirect)
        flight.sent = flight.tried = False
        flight.begun = monotonic()
        try:
            return session.send(request, stream=True, timeout=timeout, allow_redirects=False,
                                **options)
        except CAUGHT as error:
            # A hook that raises for the status has the answer, which says more.
            answered = getattr(error, 'response', None)
            if answered is not None and not answered.ok:
                return answered
            failure = error_of_transport(error, outgoing.method, flight)
        # Outside of the except block: what was caught holds the headers of the request. And no
        # frame of the error may hold the password of a proxy.
        del options
        self._note(outgoing, type(failure).__name__, b'')
        raise failure

    def _read(self, outgoing: "Outgoing", response: "Any") -> bytes:
        """Return the whole body.

        :raises ResponseError: it was cut off, or its encoding is broken.
        """
        raw = response.raw
        try:
            # The user's session, or a hook of it, may have read it already.
            data = response.content if response._content_consumed else raw.read(
                decode_content=True)  # type: bytes
            if getattr(raw, '_decoder', None) is not None:
                check_unpacked(raw)
        except CAUGHT as error:
            failure = error_of_reading(error, outgoing.method, raw)
        else:
            raw.release_conn()
            self._note(outgoing, raw.status, data)
            return data
        raw.close()
        raise failure

    @staticmethod
    def _note(outgoing: "Outgoing", result: "Any", data: bytes) -> None:
        if log.isEnabledFor(logging.DEBUG):
            found = _REQUEST_ID.search(data)
            request_id = found.group(1).decode('ascii') if found else '-'
            log.debug('%s %s -> %s in %.0f ms, request id %s', outgoing.method, outgoing.path,
                      result, (monotonic() - flight.begun) * 1000, request_id)

    def _session_and_options(self, url: str) -> "Tuple[Any, Dict[str, Any]]":
        configuration = self._configuration
        if configuration.session is not None:
            return configuration.session, {}
        session = self._session
        if session is None or self._session_pid != os.getpid():
            session = self._open_session()
        return session, {'proxies': transport.proxies_of(configuration, url)}

    def _open_session(self) -> "Any":
        with self._lock:
            if self._session is None or self._session_pid != os.getpid():
                # After a fork the parent's connections are left alone: they are the parent's.
                size = pool_size_of(self._configuration, self._maxsize)
                self._session = transport.Session(self._configuration, size)
                self._session_pid = os.getpid()
            return self._session
