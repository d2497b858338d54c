"""What a time-out means, and what one attempt of a request may take and has done."""
import time

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    #: Seconds to connect, without a byte, and for the whole call.
    Limits = Tuple[Optional[float], Optional[float], Optional[float]]

NO_LIMITS = (None, None, None)  # type: Limits
#: Seconds to connect where there is no limit (a float that carries a flight cannot be None), and
#: at least: 0 would mean not to wait at all.
FOREVER, SHORTEST = 1e6, 0.001


def limits_of(timeout: "Any") -> "Limits":
    """Read a time-out: a number for the whole call, (connect, read), None or 0 for no limit.

    ``read`` limits each wait for a byte, so a call may take longer as long as bytes come.

    :raises ValueError: it is anything else.
    """
    if isinstance(timeout, tuple) and len(timeout) == 2:
        connect, silence = timeout
        if all(part is None or _is_limit(part) and part > 0 for part in timeout):
            return connect, silence, None
    elif timeout is None or _is_limit(timeout) and timeout == 0:
        return NO_LIMITS
    elif _is_limit(timeout):
        seconds = timeout  # type: Any
        return seconds, seconds, seconds
    raise ValueError('`_request_timeout` or `configuration.timeout` is {!r}: give seconds as one '
                     'number for the whole call, a tuple (connect, read), or None for no limit'
                     .format(timeout))


def _is_limit(value: "Any") -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value < 1e9


class Flight(object):
    """One attempt of a request: what it may take, and whether its bytes have left.

    :param deadline: moment of :func:`time.monotonic` at which the call is over; None for no limit.
    """

    def __init__(self, limits: "Limits" = NO_LIMITS,
                 deadline: "Optional[float]" = None) -> None:
        self.connect, self.silence, _ = limits
        self.deadline = deadline
        #: Whether one of our connections was asked, and whether it took a byte of the request.
        self.tried = self.sent = False
        #: Whether the head of its answer has come: what the connection does next is another's.
        self.is_answered = False
        #: Moment at which it began, for the log.
        self.begun = time.monotonic()

    @property
    def never_left(self) -> bool:
        """Whether it is certain that no byte of the request has left."""
        return self.tried and not self.sent

    def limit(self) -> "Optional[float]":
        """Return the seconds that the next wait may take.

        :raises socket.timeout: there are none left.
        """
        if self.deadline is None:
            return self.silence
        left = self.deadline - time.monotonic()
        if left <= 0:
            import socket
            raise socket.timeout('timed out')
        return left if self.silence is None else min(left, self.silence)

    def timeout(self) -> "Tuple[ConnectLimit, Optional[float]]":
        """Return (seconds to connect, seconds of silence) as requests and urllib3 want them."""
        limit = FOREVER if self.connect is None else self.connect
        if self.deadline is not None:
            limit = min(limit, max(SHORTEST, self.deadline - self.begun))
        seconds = ConnectLimit(limit)
        seconds.flight = self
        return seconds, self.silence


class ConnectLimit(float):
    """Seconds to connect, which carry the flight that they belong to: urllib3 hands them to its
    connection for each request."""

    flight = None  # type: Optional[Flight]
