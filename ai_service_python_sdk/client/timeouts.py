"""What a time-out given by the user means: (connect, silence, whole call), in seconds."""
from numbers import Real

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    #: Seconds to connect, without a byte, and for the whole call.
    Limits = Tuple[Optional[float], Optional[float], Optional[float]]

NO_LIMITS = (None, None, None)  # type: Limits
#: Seconds, 23 days: sockets count 32 bits of milliseconds, and begin anew after them.
LONGEST = 2e6


def limits_of(timeout: "Any") -> "Limits":
    """Read a time-out: a number for the whole call, (connect, read), None or 0 for no limit.

    ``read`` limits each wait for a byte, so a call may take longer as long as bytes come.

    :raises ValueError: it is anything else.
    """
    if timeout is None:
        return NO_LIMITS
    if isinstance(timeout, tuple) and len(timeout) == 2:
        if all(part is None or _is_limit(part) and part for part in timeout):
            # Sockets take no number but Python's own.
            connect, silence = [part and min(float(part), LONGEST) for part in timeout]
            return connect, silence, None
    elif _is_limit(timeout):
        number = timeout  # type: Any
        seconds = min(float(number), LONGEST) or None
        return seconds, seconds, seconds
    raise ValueError('`_request_timeout` or `configuration.timeout` is {!r}: give seconds as one '
                     'number for the whole call, a tuple (connect, read), or None for no limit'
                     .format(timeout))


def _is_limit(value: "Any") -> bool:
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    number = value  # type: Any
    return bool(0 <= number < 1e9)
