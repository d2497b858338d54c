"""A clock that tests do not fake, and reading from a peer within a time limit."""
import io
import socket
import time

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional

#: Seconds that a peer may send nothing, and that a stop waits for running work.
IDLE_SECONDS, LONGEST_END = 60.0, 1.5


def steady() -> float:
    """Return seconds of a clock that is never set back, and that tests do not fake."""
    if hasattr(time, 'clock_gettime'):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class Arriving(io.RawIOBase):
    """A stream of what a peer sends; ``socket.timeout`` so many seconds after its first byte.

    :param deadline: by :func:`steady`; None before the first byte, for which there is
        :data:`IDLE_SECONDS`.
    """

    def __init__(self, sock: "Any", seconds: float = 0.0,
                 deadline: "Optional[float]" = None) -> None:
        self._sock, self._seconds, self.deadline = sock, seconds, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Any") -> int:
        left = IDLE_SECONDS if self.deadline is None else self.deadline - steady()
        if left <= 0:
            raise socket.timeout('it took too long to arrive')
        self._sock.settimeout(left)
        count = self._sock.recv_into(buffer)  # type: int
        if self.deadline is None:
            self.deadline = steady() + self._seconds
        return count
