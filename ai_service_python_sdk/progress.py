"""Progress of a wait: a bar in a terminal or a notebook, else lines on stderr."""
import os
import sys
import time
from contextlib import suppress

from .client.exceptions import LedgerError
from .client.models.job import STATE_MEANINGS
from .client.paid import say
from .util.extras import how_to_install
from .util.language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from .client.models.job import Job
    from .ledger import Ledger

#: Seconds of a training if nothing is known of earlier ones: the guide's sample took 26 minutes.
TYPICAL_SECONDS = 1560.0
#: Seconds between two movements of a bar, and between two lines.
STEP, LINE_STEP = 0.5, 60.0
#: The bar stops short of its end until the job has ended.
_MOST_OF_IT = 0.99


def usual_seconds(ledger: "Optional[Ledger]") -> float:
    """Return the seconds that a training takes: the median of those in the ledger."""
    known = []  # type: List[float]
    with suppress(LedgerError):
        known = sorted(ledger.seconds_of_trainings() if ledger else [])
    return known[len(known) // 2] if known else TYPICAL_SECONDS


class Count(object):
    """Shows how much of something is done, the time it has taken, and how long it may take."""

    def __init__(self, total: float) -> None:
        self._total, self._began = total, time.monotonic()
        #: When the first one was begun: the time of the trainings before says nothing of the pace.
        self._since = self._shown = self._began
        self._bar = _bar(total)

    def show(self, done: float, label: str, is_due: bool = False,
             expected: "Optional[float]" = None) -> None:
        """Show the count, unless it was shown a moment ago and nothing ``is_due``.

        :param expected: seconds that the whole will take; None to estimate them by the pace.
        """
        now = time.monotonic()
        self._since = self._since if done else now
        if not is_due and now - self._shown < (LINE_STEP if self._bar is None else STEP / 2):
            return
        self._shown = now
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
            self._bar.set_description_str(label, refresh=True)
        else:
            if done and expected is None:
                expected = self._since - self._began + (now - self._since) * self._total / done
            say('{}, {:.0f} s{}'.format(label, now - self._began, (
                '' if expected is None else ' / {:.0f} s'.format(expected))))

    def close(self, is_done: bool = False) -> None:
        """Leave the bar as it is, full if all went well, and go to the next line."""
        if self._bar is not None:
            self._bar.n = self._bar.total if is_done else self._bar.n
            self._bar.close()


class Bar(Count):
    """Shows the wait for one training: its state, the time so far, the seconds it may take."""

    def __init__(self, sleep: "Callable[[float], Any]", expected: float) -> None:
        Count.__init__(self, expected)
        self._sleep, self._state = sleep, ''

    def sleep(self, seconds: float) -> None:
        """Sleep in small steps, and show the wait at each."""
        while seconds > 0:
            self._sleep(min(STEP, seconds))
            seconds -= STEP
            self._show(self._bar is not None)

    def progress(self, job: "Job") -> None:
        """Show that a job's state has changed."""
        self._state = translate(STATE_MEANINGS.get(job.state, '?'))
        self._show(True)

    def _show(self, is_due: bool) -> None:
        self.show(min(time.monotonic() - self._began, self._total * _MOST_OF_IT),
                  translate('training: {}', self._state), is_due, self._total)


def has_no_size() -> bool:
    """Whether the terminal says that it has no columns: tqdm trims Chinese to that for ever."""
    with suppress(AttributeError, OSError, ValueError):
        return 0 in os.get_terminal_size(sys.stderr.fileno())
    return False


def _bar(expected: float) -> "Any":
    """Return a bar of tqdm; None without tqdm, or where stderr is no terminal or notebook."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        say(translate('a bar of progress needs the extra cli: {}', how_to_install('cli')))
        return None
    is_notebook = any(kind.__name__ == 'tqdm_notebook' for kind in tqdm.__mro__)
    if not is_notebook and (not (sys.stderr and sys.stderr.isatty()) or has_no_size()):
        return None
    return tqdm(total=expected, file=sys.stderr, dynamic_ncols=True,
                bar_format='{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}')
