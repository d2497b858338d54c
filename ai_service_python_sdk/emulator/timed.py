"""A clock that tests leave be, and reading from a peer within a limit of its time."""
import io
import socket
import time

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional

#: Seconds that a peer may send nothing.
IDLE_SECONDS = 60.0


def steady() -> float:
    """Return seconds of a clock that nobody sets back and that frozen clocks of tests leave be."""
    if hasattr(time, 'clock_gettime'):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class Arriving(io.RawIOBase):
    """What a peer sends until a deadline; ``socket.timeout`` then.

    :param seconds: from now to the deadline, or from the first byte on if ``is_idle``.
    """

    def __init__(self, sock: "Any", seconds: float, is_idle: bool = False) -> None:
        self._sock = sock
        self._seconds = seconds
        #: None before the first byte.
        self.deadline = None if is_idle else steady() + seconds  # type: Optional[float]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Any") -> int:
        left = IDLE_SECONDS if self.deadline is None else self.deadline - steady()
        if left <= 0:
            raise socket.timeout('it took too long to arrive')
        self._sock.settimeout(min(left, IDLE_SECONDS))
        count = self._sock.recv_into(buffer)  # type: int
        if self.deadline is None:
            self.deadline = steady() + self._seconds
        return count
