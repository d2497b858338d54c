"""When the next of many calls may start, by what the service answered to those before it."""
from ..util.language import translate
from .errors.service import NotSentError, QuotaExceededError, ThrottledError
from .log import log
from .retry import PATIENCE

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Callable, Optional, Tuple

#: Times that a call is sent at most while the service answers "too many calls".
MOST_TRIES = 10
#: Seconds: the upper end of the first pause, and of any; each is twice as long as the one before.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: Part of a pause that chance takes away, so that several programs do not start again in step.
JITTER = 0.5


class Brake(object):
    """Slows all calls of a series down while the service says 429, and stops them without quota.

    Used by one thread: the one that starts the calls and hears how they ended.

    :param clock: gives seconds that only grow; :param chance: gives 0 to 1.
    """

    def __init__(self, clock: "Callable[[], float]", chance: "Callable[[], float]") -> None:
        self._clock = clock
        self._chance = chance
        self._until = clock()
        #: The upper end of the next pause.
        self._longest = FIRST_PAUSE
        self._stopped = None  # type: Optional[Tuple[str, Exception]]

    def left(self) -> float:
        """Return the seconds until the next call may start; 0 for now."""
        return max(0.0, self._until - self._clock())

    def refusal(self) -> "Optional[NotSentError]":
        """Return why no call may start any more; None while calls may."""
        if self._stopped is None:
            return None
        refusal = NotSentError(self._stopped[0])
        refusal.__cause__ = self._stopped[1]
        return refusal

    def stop(self, why: str, cause: Exception) -> None:
        """Let no call start any more; the first reason is the one that is told."""
        self._stopped = self._stopped or (why, cause)

    def asks_again(self, error: "Optional[Exception]", tries: int) -> bool:
        """Note how a call ended; whether it was surely not done and is to be sent again.

        :param tries: times that it has been sent.
        """
        if isinstance(error, ThrottledError):
            self._slow_down(error)
            return tries < MOST_TRIES
        if isinstance(error, QuotaExceededError):
            self.stop(translate('not sent: the quota is used up, as the service said to an '
                                'earlier call (request id {})', error.request_id), error)
        elif error is None:
            self._longest = FIRST_PAUSE
        return False

    def _slow_down(self, error: "ThrottledError") -> None:
        pause = min(error.retry_after or 0.0, PATIENCE)
        if not self.left():
            # Calls that were under way together are refused together: that is one pause.
            pause = max(pause, self._longest * (1 - JITTER * self._chance()))
            self._longest = min(LONGEST_PAUSE, self._longest * 2)
            log.warning('too many calls, says the service; no new one for %.1f s', pause)
        self._until = max(self._until, self._clock() + pause)
