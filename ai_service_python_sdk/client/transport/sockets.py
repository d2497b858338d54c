"""Sockets that keep a whole call's time limit and hand over whole, single answers only.

What the classes of ``http.client`` and urllib3 leave open and an SDK for paid calls must close:
a limit on the whole call even while bytes keep dripping; interim answers (102, 103) that would be
read as the answer; conflicting lengths; bytes after the end that would answer the next call; and
whether a request that failed had left at all.
"""
import io
import socket
import threading
from http import client as http_client
from time import monotonic

from urllib3 import connectionpool
from urllib3.connection import HTTPConnection as _HTTPConnection
from urllib3.connection import HTTPSConnection as _HTTPSConnection
from urllib3.exceptions import HTTPError

from .header_lines import with_our_parser

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

#: Interim answers before the answer; more is no service but an attack.
MOST_INTERIM = 20
#: Bytes of an answer that are made room for because it claims to be so long.
MOST_CLAIMED = 64 * 1024 * 1024
#: Digits of a length; urllib3 takes parts for the whole where it is beyond 2 GiB (Python < 3.10).
MOST_DIGITS = 9
#: Bytes of a body that leaves together with its headers; copying more costs more than a packet.
MOST_SENT_TOGETHER = 65536


class Flight(threading.local):
    """What the running call of this thread may take, and whether its bytes have left."""

    #: Moment of :func:`monotonic` at which the call is over; None for no limit.
    deadline = None  # type: Optional[float]
    #: Seconds without a byte; None for no limit.
    silence = None  # type: Optional[float]
    #: Whether one of our connections was tried, and whether it took a byte of the request.
    tried = False
    sent = False
    #: Moment at which it began, for the log.
    begun = 0.0  # type: float

    def limit(self) -> "Optional[float]":
        """Return the seconds that the next wait may take.

        :raises socket.timeout: there are none left.
        """
        if self.deadline is None:
            return self.silence
        left = self.deadline - monotonic()
        if left <= 0:
            raise socket.timeout('timed out')
        return left if self.silence is None else min(left, self.silence)


flight = Flight()  # type: Flight


_begin = with_our_parser(http_client.HTTPResponse.begin)
#: Headers that every call has, as their lines begin; :class:`.Outgoing` has checked them.
_USUAL = dict((name, name.encode('ascii') + b': ') for name in (
    'Accept', 'Content-Type', 'Authorization', 'User-Agent',
    'Content-Length'))  # type: Dict[str, bytes]


class BadAnswer(http_client.HTTPException):
    """The answer breaks HTTP in a way that leaves its end in doubt."""


class _Reader(io.RawIOBase):
    """The reading side of a socket, under the limits of the call."""

    def __init__(self, sock: "Any") -> None:
        self._sock = sock
        self._raw = sock.makefile('rb', 0)
        self._ended = False
        #: Whether the other end has closed.
        self.is_over = False

    def makefile(self, mode: str) -> "io.BufferedReader":
        """Return the buffered file that ``http.client`` asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Any") -> "Optional[int]":
        if self._ended:
            return 0
        if flight.deadline is not None:
            self._sock.settimeout(flight.limit())
        count = self._raw.readinto(buffer)  # type: Optional[int]
        self.is_over = not count
        return count

    def end(self, buffered: "Any") -> None:
        """Break the connection if anything follows the answer: it belongs to no request."""
        self._ended = True
        pending = getattr(self._sock, 'pending', None)
        try:
            if buffered.peek(1) or (pending and pending()):
                self._sock.shutdown(socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass

    def close(self) -> None:
        self._raw.close()
        io.RawIOBase.close(self)


class _Answer(http_client.HTTPResponse):
    """An answer that is read under limits, and whose end is certain."""

    def __init__(self, sock: "Any", *args: "Any", **kwargs: "Any") -> None:
        self._wire = _Reader(sock)
        http_client.HTTPResponse.__init__(self, self._wire, *args, **kwargs)  # type: ignore

    def _read_status(self) -> "Tuple[str, int, str]":
        for _ in range(MOST_INTERIM + 1):
            line = http_client.HTTPResponse._read_status(self)  # type: ignore[attr-defined]
            if not 100 <= line[1] < 200 or line[1] == 101:
                return line  # type: ignore[no-any-return]
            http_client.parse_headers(self.fp)
        raise BadAnswer('more than {} interim answers'.format(MOST_INTERIM))

    def begin(self) -> None:
        _begin(self)
        if self._wire.is_over:
            raise BadAnswer('it was cut off before its body')
        if self.status == 101:
            self.will_close = True
        lengths = set(part.strip() for line in self.headers.get_all('content-length', ())
                      for part in line.split(','))
        if len(lengths) > 1 or not all(
                length.isdecimal() and len(length) <= MOST_DIGITS for length in lengths):
            raise BadAnswer('conflicting Content-Length: ' + ', '.join(sorted(lengths)))

    def _safe_read(self, amt: int) -> bytes:
        parts = []
        while amt > MOST_CLAIMED:
            parts.append(self._part(MOST_CLAIMED))
            amt -= MOST_CLAIMED
        return b''.join(parts + [self._part(amt)])

    def _part(self, amount: int) -> bytes:
        return http_client.HTTPResponse._safe_read(self, amount)  # type: ignore

    def _close_conn(self) -> None:
        self._wire.end(self.fp)
        http_client.HTTPResponse._close_conn(self)  # type: ignore[attr-defined]


def _addresses_of(name: str, port: int) -> "List[str]":
    """Return the addresses behind a name; none where urllib3 has to say why there are none."""
    try:
        found = socket.getaddrinfo(name.strip('[]'), port, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for _, _, _, _, address in found]


class _Limited(object):
    """What plain and TLS connections share."""

    response_class = _Answer  # type: Any
    #: That of an application would print the signature, see ``http.client``.
    debuglevel = 0
    #: Whether the next bytes are headers whose body follows, and the headers that wait for it.
    _is_head_next = False
    _head = b''

    def connect(self) -> None:
        """Open the connection; the bytes of a handshake or a tunnel are not the request's."""
        self._is_head_next, self._head = False, b''
        flight.tried = True
        try:
            super(_Limited, self).connect()  # type: ignore[misc]
        finally:
            flight.sent = False

    def _new_conn(self) -> "Any":
        connect = super(_Limited, self)._new_conn  # type: ignore[misc]
        if flight.deadline is None:
            return connect()
        sock = self._connected_in_time(connect)
        try:
            # The TLS handshake has what connecting left of the whole call, not as much again.
            sock.settimeout(flight.limit())
        except OSError:
            sock.close()
            raise
        return sock

    def _connected_in_time(self, connect: "Any") -> "Any":
        """Try the addresses of the host; urllib3 would give each of them the whole limit."""
        connection = self  # type: Any
        name = getattr(connection, '_dns_host', connection.host)
        addresses = _addresses_of(name, connection.port)
        try:
            for address in addresses[:-1]:
                connection.host, connection.timeout = address, flight.limit()
                try:
                    return connect()
                except HTTPError:
                    pass
            connection.host, connection.timeout = (addresses or [name])[-1], flight.limit()
            return connect()
        finally:
            connection.host = name

    def putheader(self, header: "Any", *values: "Any") -> None:
        """Put a header; the usual ones without the checks that they have passed already."""
        start, value = _USUAL.get(header), values[0]
        # What a tool may have put in: line breaks; or urllib3's word for leaving a header out.
        if (start is None or type(value) is not str or '\n' in value or '\r' in value
                or value[:1] == '@'):
            super(_Limited, self).putheader(header, *values)  # type: ignore[misc]
            return
        connection = self  # type: Any
        connection._output(start + value.encode('latin-1'))
        if header == 'Content-Length' and value != '0':
            self._is_head_next = True

    def send(self, data: "Any") -> None:
        """Send under the limits of the call; headers leave with a small body as one packet."""
        connection = self  # type: Any
        is_head, self._is_head_next = self._is_head_next, False
        if connection.sock is None and connection.auto_open:
            self.connect()
        if is_head:
            self._head = data
            return
        head, self._head = self._head, b''
        if head and len(data) <= MOST_SENT_TOGETHER:
            head, data = b'', head + data
        sock = connection.sock  # type: Any
        # Not the limit for connecting, which urllib3 would use.
        sock.settimeout(flight.limit())
        flight.sent = True
        for part in (head, data) if head else (data,):
            super(_Limited, self).send(part)  # type: ignore[misc]

    def getresponse(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Return the answer; headers that still wait for a body had theirs among them."""
        if self._head:
            self.send(b'')
        return super(_Limited, self).getresponse(*args, **kwargs)  # type: ignore[misc]


class HTTPConnection(_Limited, _HTTPConnection):
    """A plain connection."""


class HTTPSConnection(_Limited, _HTTPSConnection):
    """A TLS connection."""


class HTTPConnectionPool(connectionpool.HTTPConnectionPool):
    """Plain connections to one origin."""

    ConnectionCls = HTTPConnection  # type: Any


class HTTPSConnectionPool(connectionpool.HTTPSConnectionPool):
    """TLS connections to one origin."""

    ConnectionCls = HTTPSConnection  # type: Any
