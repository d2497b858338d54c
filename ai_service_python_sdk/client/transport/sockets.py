"""What is overridden of ``http.client`` and urllib3, with the promise that each override keeps.

Paid calls need more than those give: a limit on the whole call, the end of an answer for certain,
and whether a failed request had left. A request's time-out, its :class:`Flight`, carries all this.
"""
import functools
import io
import socket
import time
from http import client as http_client

from urllib3 import connection, connectionpool
from urllib3.poolmanager import PoolManager
from urllib3.response import HTTPResponse
from urllib3.util.timeout import Timeout

from ..address import count_addresses
from ..doubles import genuine
from ..errors.raised import BadAnswer
from ..log import log
from ..timeouts import NO_LIMITS

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from ..timeouts import Limits

#: Bytes of all heads of an answer, interim ones too; digits of the length of its body.
MOST_HEAD, MOST_DIGITS = 1024 * 1024, 18
#: Seconds to connect: without a limit, and at least, since 0 would not wait at all.
FOREVER, SHORTEST = 1e6, 0.001

# Refused at import, before we derive anything from them: the doubles of a test.
list(map(genuine, (http_client.HTTPResponse, PoolManager, HTTPResponse, Timeout)))

_PLAIN = 'each wait has a limit of its own; every failure is in doubt'
#: What is overridden or set without being documented for it: owner, name, promise, and what holds
#: without it. All are looked for at import. (The hooks of requests' adapter are documented.)
OVERRIDDEN = [
    (http_client.HTTPResponse, 'begin', 'interim answers are skipped, conflicting lengths refused',
     'http.client decides'),
    (connection.HTTPConnection, 'connect', 'all addresses of a host share the time to connect',
     'each address has all of it'),
    (connection.HTTPConnection, 'send', 'the limit of the call, known what never left', _PLAIN),
    (connection.HTTPConnection, 'response_class', 'the same limit while reading', _PLAIN),
    (connectionpool.HTTPConnectionPool, 'ConnectionCls', 'all of the above', 'plain connections'),
    (PoolManager(), 'pool_classes_by_scheme', 'all of the above', 'the plain pools of urllib3'),
    (Timeout, 'connect_timeout', 'all of the above', _PLAIN),
    (Timeout, 'clone', 'all of the above', _PLAIN),
    (HTTPResponse(b''), '_decoder', 'packed answers that end early are refused',
     'only JSON that ends early is'),
]  # type: List[Tuple[Any, str, str, str]]


class _ConnectLimit(float):
    """Seconds to connect, which bring their flight to the connection."""

    flight = None  # type: Optional[Flight]


class Flight(Timeout):
    """One attempt of a request: what it may take, and whether its bytes have left.

    :param deadline: moment of :func:`time.monotonic` at which the call is over; None for no limit.
    """

    #: Whether its sending has begun; whether it is certain that no byte of it has left.
    sent = is_unsent = False
    #: Whether the head of its answer has come; a further one is that of another request.
    is_answered = False
    #: The headers of the request, by which its answer is known.
    headers = None  # type: Any

    def __init__(self, limits: "Limits" = NO_LIMITS, deadline: "Optional[float]" = None) -> None:
        connect = limits[0]
        self.silence = limits[1]  # type: Optional[float]
        super(Flight, self).__init__(connect=connect, read=self.silence)
        self.begun = time.monotonic()  # type: float
        self.deadline = deadline
        self._seconds = FOREVER if connect is None else connect  # type: float
        if deadline is not None:
            self._seconds = min(self._seconds, max(SHORTEST, deadline - self.begun))

    @property
    def connect_timeout(self) -> "Any":
        """Seconds to connect; urllib3 hands them to the connection of each request."""
        seconds = _ConnectLimit(self._seconds)
        seconds.flight = self
        return seconds

    def clone(self) -> "Flight":
        """Return this: the request stays the same, also when urllib3 repeats it."""
        return self

    def start_connect(self) -> float:
        return self.begun

    def limit(self) -> "Optional[float]":
        """Return the seconds that the next wait may take.

        :raises socket.timeout: the time is up.
        """
        if self.deadline is None:
            return self.silence
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout('timed out')
        return left if self.silence is None else min(left, self.silence)


class _Source(io.RawIOBase):
    """The bytes that a socket gives, under the limits of a flight; ``http.client`` takes it for
    that socket."""

    #: Whether the other end has closed; whether the answer is complete, so that no more is read.
    is_over = has_ended = False
    head_left = MOST_HEAD

    def __init__(self, sock: "Any", flight: Flight) -> None:
        self.sock, self.flight = sock, flight
        self._raw = sock.makefile('rb', 0)

    def makefile(self, *args: "Any", **kwargs: "Any") -> "_Stream":
        return _Stream(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Any") -> "Optional[int]":
        if self.has_ended:
            return 0
        if self.flight.deadline is not None:
            self.sock.settimeout(self.flight.limit())
        count = self._raw.readinto(buffer)  # type: Optional[int]
        self.is_over = not count
        self.head_left -= 0 if self.flight.is_answered else count or 0
        if self.head_left < 0:
            raise BadAnswer('endless headers')
        return count

    def close(self) -> None:
        self._raw.close()
        io.RawIOBase.close(self)


class _Stream(io.BufferedReader):
    """The bytes of one answer; any that follow belong to no request, and break the connection."""

    def close(self) -> None:
        source = self.raw  # type: Any
        try:
            source.has_ended = True
            if self.peek(1) or hasattr(source.sock, 'pending') and source.sock.pending():
                source.sock.shutdown(socket.SHUT_RDWR)
        except Exception:  # gone, closed before, or the socket of a double, which lacks one
            pass
        io.BufferedReader.close(self)


class _Answer(http_client.HTTPResponse):
    """An answer that is read under limits, and whose end is certain."""

    def __init__(self, flight: Flight, sock: "Any", *args: "Any", **kwargs: "Any") -> None:
        self._flight = flight
        self._source = _Source(sock, flight)
        super(_Answer, self).__init__(self._source, *args, **kwargs)  # type: ignore[arg-type]

    def begin(self, *args: "Any", **kwargs: "Any") -> None:
        while self.headers is None:  # else begun before
            super(_Answer, self).begin(*args, **kwargs)
            if self._source.is_over:
                raise BadAnswer('it was cut off before its body')
            if 100 <= self.status < 200 and self.status != 101:
                vars(self)['headers'] = None
        if self.status == 101:
            self.will_close = True  # another protocol follows
        self._flight.is_answered = True
        named = self.headers.get_all('content-length', ())
        if named == [str(self.length)]:
            return
        lengths = set(part.strip() for line in named for part in line.split(','))
        if len(lengths) > 1 or not all(
                part.isdecimal() and len(part) <= MOST_DIGITS for part in lengths):
            raise BadAnswer('conflicting Content-Length: ' + ', '.join(sorted(lengths)))
        if lengths and self.length is None and not self.chunked:
            self.length = int(lengths.pop())


class _Limited(object):
    """What plain and TLS connections share."""

    #: Off here: where an application sets it for ``http.client``, the signature is printed.
    debuglevel = 0
    _seconds = None  # type: Any
    _flight = None  # type: Any

    @property
    def timeout(self) -> "Any":
        """Seconds; set by urllib3 for each request, and with them its flight."""
        return self._seconds

    @timeout.setter
    def timeout(self, seconds: "Any") -> None:
        self._seconds = seconds
        flight = getattr(seconds, 'flight', None)
        if flight is not None or self._flight is None or self._flight.is_answered:
            # Else urllib3 sets it to wait for the answer to the same request.
            self._flight = flight or Flight()

    def response_class(self, *args: "Any", **kwargs: "Any") -> _Answer:
        return _Answer(self._flight, *args, **kwargs)

    def connect(self: "Any") -> None:
        """Open the connection; the bytes of a handshake or a tunnel are not the request's."""
        flight, seconds = self._flight, self._seconds
        had_sent, is_open = flight.sent, False
        try:
            if isinstance(seconds, _ConnectLimit) and seconds < FOREVER:
                is_socks = type(self).__bases__[-1].__module__ != connection.__name__
                self._seconds = seconds / count_addresses(self.host, self.port, is_socks)
            super(_Limited, self).connect()  # type: ignore[misc]
            is_open = True
        finally:
            self._seconds = seconds
            flight.sent, flight.is_unsent = had_sent, not (had_sent or is_open)

    def send(self: "Any", data: "Any", *args: "Any", **kwargs: "Any") -> None:
        """Send under the limits of the flight."""
        if not self.sock and hasattr(super(_Limited, self), 'connect'):
            self.connect()
        flight = self._flight
        flight.is_unsent = not flight.sent
        if self.sock:
            self.sock.settimeout(flight.limit())  # not that for connecting, as urllib3 would
        flight.sent, flight.is_unsent = True, False
        super(_Limited, self).send(data, *args, **kwargs)  # type: ignore[misc]


@functools.lru_cache(maxsize=None)
def _limited(plain: "Any") -> "Any":
    return type(plain.__name__, (_Limited, plain), {'__module__': __name__})


@functools.lru_cache(maxsize=None)
def limited_pool(plain: "Any") -> "Any":
    """Derive a pool from one of urllib3; its connections are ours, or what vcrpy has put there."""
    if hasattr(plain, 'is_ours'):
        return plain

    def chosen(pool: "Any") -> "Any":
        current = plain.ConnectionCls
        return _limited(current) if current.__module__.startswith('urllib3.') else current
    return type(plain.__name__, (plain,), {
        '__module__': __name__, 'ConnectionCls': property(chosen), 'is_ours': True})


for _owner, *_row in OVERRIDDEN:
    if not hasattr(_owner, _row[0]):
        log.warning('`%s` is missing below the SDK; not kept: %s; instead: %s', *_row)
