"""A wait that is seen: a bar in a terminal or a notebook, lines in a log."""
import sys
import time
from collections import deque

from .client.models.job import STATE_MEANINGS
from .client.paid import say
from .util.extras import how_to_install
from .util.language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Deque, Tuple
    from .client.models.job import Job

#: Seconds of a training if nothing is known of earlier ones: the guide's sample took 26 minutes.
TYPICAL_SECONDS = 1560.0
#: Seconds between two movements of a bar, and between two lines of a log.
STEP, LINE_STEP = 0.5, 60.0
#: Lines that an estimate looks back on.
PACE = 10
#: The bar stops short of its end until the job has ended.
_MOST_OF_IT = 0.99


class Bar(object):
    """Shows one wait: its state, the time it has taken, and the seconds that are expected."""

    def __init__(self, sleep: "Callable[[float], Any]", expected: float) -> None:
        self._sleep, self._expected = sleep, expected
        self._began = self._said = time.monotonic()
        self._state = ''
        self._bar = _bar(expected)

    def sleep(self, seconds: float) -> None:
        """Sleep in small steps, at each of which the wait is shown."""
        while seconds > 0:
            self._sleep(min(STEP, seconds))
            seconds -= STEP
            self._show(time.monotonic() - self._said >= LINE_STEP)

    def progress(self, job: "Job") -> None:
        """Show that a job's state has changed."""
        self._state = choose(*STATE_MEANINGS.get(job.state or 0, ('?', '?')))
        self._show(True)

    def close(self, is_done: bool) -> None:
        """Leave the bar as it is, full if all went well, and go to the next line."""
        if self._bar is not None:
            self._bar.n = self._bar.total if is_done else self._bar.n
            self._bar.close()

    def _show(self, is_due: bool) -> None:
        elapsed = time.monotonic() - self._began
        label = choose('training: {}', '模型训练：{}').format(self._state)
        if self._bar is not None:
            self._bar.n = min(elapsed, self._expected * _MOST_OF_IT)
            self._bar.set_description_str(label, refresh=True)
        elif is_due:
            self._said = time.monotonic()
            say('{}, {:.0f} s / {:.0f} s'.format(label, elapsed, self._expected))


class Count(object):
    """Shows how many of many are done, and the time that the rest may take."""

    def __init__(self, total: int) -> None:
        self._total, self._began = total, time.monotonic()
        self._shown = self._began
        #: When how many were done, lately: the trainings before the first say nothing of the pace.
        self._pace = deque([], PACE)  # type: Deque[Tuple[float, int]]
        self._bar = _bar(total)

    def show(self, done: int, label: str) -> None:
        """Show it, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._shown < (LINE_STEP if self._bar is None else STEP / 2):
            return
        self._shown = now
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
            self._bar.set_description_str(label, refresh=True)
        else:
            if not done:
                self._pace.clear()
            self._pace.append((now, done))
            then, before = self._pace[0]
            left = (now - then) * (self._total - done) / (done - before) if done > before else 0
            say('{}, {:.0f} s{}'.format(label, now - self._began, choose(
                ', about {:.0f} s to go', '，预计还需 {:.0f} 秒').format(left) if left else ''))

    def close(self) -> None:
        """Leave the bar as it is, and go to the next line."""
        if self._bar is not None:
            self._bar.close()


def _bar(expected: float) -> "Any":
    """Return a bar where one can move; None where lines are wanted."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        say(choose('a bar of progress needs the extra cli: {}', '显示进度条需安装可选依赖 cli：{}')
            .format(how_to_install('cli')))
        return None
    is_notebook = any(kind.__name__ == 'tqdm_notebook' for kind in tqdm.__mro__)
    if not is_notebook and not (sys.stderr and sys.stderr.isatty()):
        return None
    return tqdm(total=expected, file=sys.stderr, dynamic_ncols=True,
                bar_format='{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}')
