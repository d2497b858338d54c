"""What is sent again, how often and when: *decide* and *delay* as two functions of one value."""
import threading
from numbers import Real
from random import random

try:
    from contextvars import ContextVar
    #: Of the call that runs here: an event that is set once nobody awaits it, and its loop; set in
    #: ``awaited.py``. The default is for calls that no loop awaits.
    awaited_by = ContextVar('awaited_by', default=(threading.Event(), None))  # type: Any
except ImportError:  # before Python 3.7
    awaited_by = None

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

#: Times that a request is sent again.
DEFAULT_REPEATS = 2
#: Seconds: the upper end of the first pause, and of any.
DEFAULT_FIRST_DELAY, DEFAULT_LONGEST_DELAY = 0.5, 8.0
#: Seconds of a Retry-After that is waited for; a longer one is the caller's to decide.
DEFAULT_LONGEST_RETRY_AFTER = 10.0
#: Seconds of a Retry-After that a wait or a series of calls keeps to at most.
PATIENCE = 600.0
#: Digits of a Retry-After that are read: 31 years, which every clock takes.
MOST_DIGITS = 9
#: Times that a pause doubles; more than any limit needs, and no float overflows.
MOST_DOUBLINGS = 30
#: Seconds after which nothing is sent again.
DEFAULT_LONGEST_TOTAL = 60.0
#: Statuses that say "not now"; repeated only where the operation may be.
REPEATED_STATUSES = (429, 502, 503, 504)
#: What a client may spend on repeats: each costs 5, each call that succeeds at once gives back 1.
QUOTA, COST, REFUND = 500, 5, 1


def is_given_up() -> bool:
    """Whether nobody awaits the call that runs here any more, so that it is not repeated."""
    return awaited_by is not None and bool(awaited_by.get()[0].is_set())


class RetryPolicy(object):
    """When a failed request is sent again.

    A request that surely never left is repeated for every operation. One that may have arrived
    is repeated only if its operation is declared repeatable. Time-outs are never repeated.

    :param repeats: times; 0 for never.
    :param first_delay: seconds, the upper end of the first pause; it doubles from pause to pause.
    :param longest_delay: seconds, the upper end of every pause.
    :param longest_retry_after: seconds of a Retry-After header that are waited for.
    :param longest_total: seconds after which nothing is sent again.
    :raises ValueError: a setting that is negative or not a number.
    """

    def __init__(self, repeats: int = DEFAULT_REPEATS, first_delay: float = DEFAULT_FIRST_DELAY,
                 longest_delay: float = DEFAULT_LONGEST_DELAY,
                 longest_retry_after: float = DEFAULT_LONGEST_RETRY_AFTER,
                 longest_total: float = DEFAULT_LONGEST_TOTAL) -> None:
        self.repeats = repeats
        self.first_delay = first_delay
        self.longest_delay = longest_delay
        self.longest_retry_after = longest_retry_after
        self.longest_total = longest_total
        for name, value in self.__dict__.items():
            is_number = isinstance(value, Real) and not isinstance(value, bool)
            if not is_number or not float(value) >= 0:
                raise ValueError('`{}` is {!r}; give a number from 0 up'.format(name, value))

    def decide(self, error: "Any", attempt: int, repeatable: bool, elapsed: float) -> bool:
        """Say whether a request that failed is sent again.

        :param error: the :class:`.ApiException`; :param attempt: repeats so far.
        :param repeatable: whether the operation may reach the service twice.
        :param elapsed: seconds since the call began.
        """
        if attempt >= self.repeats or elapsed >= self.longest_total or not error.worth_repeating:
            return False
        if error.never_left:
            return True
        return repeatable and (error.is_in_doubt or error.status in REPEATED_STATUSES)

    def delay(self, attempt: int, retry_after: "Optional[float]" = None,
              chance: "Callable[[], float]" = random) -> "Optional[float]":
        """Return the seconds to wait, None if the service asks for more than is waited."""
        if retry_after is not None:
            return retry_after if retry_after <= self.longest_retry_after else None
        longest = min(self.longest_delay, self.first_delay * 2.0 ** min(attempt, MOST_DOUBLINGS))
        return chance() * longest

    def pause(self, error: "Any", attempt: int, repeatable: bool,
              elapsed: float) -> "Optional[float]":
        """Return the seconds to wait before sending again, None for giving up."""
        if not self.decide(error, attempt, repeatable, elapsed):
            return None
        return self.delay(attempt, error.retry_after)

    def __repr__(self) -> str:
        pairs = sorted(self.__dict__.items())
        return 'RetryPolicy({})'.format(', '.join('{}={!r}'.format(*pair) for pair in pairs))


#: For a configuration without a policy of its own.
DEFAULT_POLICY = RetryPolicy()


def seconds_of(retry_after: "Optional[str]") -> "Optional[float]":
    """Read a Retry-After header: seconds or a date; None for what cannot be read.

    The service may ask for years: whoever waits has to set a limit.
    """
    text = (retry_after or '').strip()
    if text.isdecimal():
        return float(text[:MOST_DIGITS])
    from email.utils import mktime_tz, parsedate_tz
    import time
    try:
        parsed = parsedate_tz(text)
        return max(0.0, mktime_tz(parsed) - time.time()) if parsed else None
    except (TypeError, ValueError, OverflowError):
        return None


class RetryQuota(object):
    """What one client may spend on repeats, so that an outage is not made worse."""

    def __init__(self) -> None:
        #: What was taken of it and not given back yet.
        self.spent = 0  # type: int
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take the price of one repeat; False when it is used up."""
        with self._lock:
            if self.spent + COST > QUOTA:
                return False
            self.spent += COST
            return True

    def give_back(self, attempts: int) -> None:
        """Note a call that succeeded after this number of repeats."""
        with self._lock:
            self.spent = max(0, self.spent - (COST if attempts else REFUND))
