"""When jobs end, by their time or as steered, and the two workers that train."""
import queue
import re
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

from ..util.language import translate
from . import contract
from .timed import LONGEST_END, steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple, Union
    from .store import Store

#: Trainings that are worked on at once; the others wait.
WORKERS = 2
#: Seconds that a look at a job which is due to end waits for its worker.
LONGEST_WORK = 60.0
#: Seconds of a training unless told otherwise.
DEFAULT_SECONDS = 0.5
HELD = 'held'
_LOOKS = re.compile(r'after (\d{1,6}) looks?\Z')


def pace_of(training: "Any") -> "Tuple[Optional[float], Optional[int]]":
    """Return (seconds, looks) that a training takes, one of them None.

    :raises ValueError: it is neither seconds nor ``after N looks``.
    """
    looks = _LOOKS.match(str(training))
    if looks:
        return None, int(looks.group(1))
    with suppress(TypeError, ValueError):
        if 0 <= float(training) < float('inf'):
            return float(training), None
    raise ValueError(translate('`training` is {!r}; give seconds, "after 3 looks" or "{}"',
                               training, HELD))


class Trainings(object):
    """When jobs end; may be steered at any time, from any thread.

    :param training: how long: seconds, ``after 3 looks`` (the fourth sees it done), or ``held``.
    :param initial_share: share of that in which a job is in state 0, from 0 to 1.
    """

    def __init__(self, training: "Union[float, str]" = DEFAULT_SECONDS,
                 initial_share: float = 0.0) -> None:
        if not 0 <= initial_share <= 1:
            raise ValueError(translate('`initial_share` is {!r}; give a number from 0 to 1',
                                       initial_share))
        self._start = (training, initial_share)
        self._live = {}  # type: Dict[int, Any]
        #: Set at a stop: no training ends any more, since its photos may go away.
        self.closing = threading.Event()  # type: threading.Event
        self.reset()

    def reset(self) -> None:
        """Go back to the arguments of the constructor."""
        #: (seconds, looks) of new trainings, one of them None.
        self.pace = (0.0, None)  # type: Tuple[float | None, int | None]
        self.mode = self._start[0]
        self.initial_share = self._start[1]  # type: float
        self._live.clear()

    @property
    def mode(self) -> "Union[float, str, None]":
        """The pace of new trainings: seconds, ``after N looks`` or ``held``; may be set."""
        seconds, looks = self.pace
        return HELD if self._held else seconds if looks is None else 'after {} looks'.format(looks)

    @mode.setter
    def mode(self, training: "Union[float, str]") -> None:
        if training != HELD:
            self.pace = pace_of(training)
        self._held = training == HELD

    def hold(self) -> None:
        """Let no job end, whatever its time, until :meth:`release`."""
        self._held = True

    def release(self) -> None:
        """Let jobs end again; those whose time is over end at once."""
        self._held = False

    def finish(self, job: "Any") -> None:
        """End a job now, whether it is held or not: the next look sees its result.

        :param job: its id, or the answer that has it as ``job_id``.
        :raises ValueError: there is no such job, or it has ended.
        """
        row = self._running(job)
        self._live_of(row).is_finished = True
        self._awaited(row)

    def fail(self, job: "Any", error: "Any" = 'train_weights') -> None:
        """End a job now in state 3.

        :param error: a name of ``contract.ERRORS`` or (status, code, message).
        :raises ValueError: there is no such job or error, or the job has ended.
        """
        message = contract.error_named(error)[2]
        self._end(self._running(job)['id'], contract.FAILED, message)

    def _running(self, job: "Any") -> "Any":
        number = getattr(job, 'job_id', job)
        row = self._store.job(id=number) if type(number) is int else None
        if row is None or self.state(row) in (contract.SUCCEEDED, contract.FAILED):
            running = [str(other['id']) for other in self._store.jobs(state=None)]
            raise ValueError('`job` is {!r}; {}; running: {}'.format(
                number, 'it has ended' if row else 'there is no such job',
                ', '.join(running) or 'none'))
        return row

    # states

    def state(self, row: "Any", is_look: bool = False) -> int:
        """Return a job's state, final once it has ended; ``is_look`` counts for ``looks``."""
        if row['state'] is not None:
            return int(row['state'])
        live = self._live_of(row)
        had, whole = steady() - live.began, row['seconds']
        if row['looks'] is not None:
            had, whole = live.looks, row['looks']
        live.looks += is_look
        if (had < whole or self._held) and not live.is_finished:
            is_early = had < whole * self.initial_share
            return contract.INITIALISED if is_early else contract.RUNNING
        if is_look and row['looks'] is not None:
            row = self._awaited(row) or row
        if row['outcome'] is None:
            return contract.RUNNING
        ended = contract.FAILED if row['message'] else contract.SUCCEEDED
        return self._end(row['id'], ended, row['message'])

    def _end(self, job_id: int, state: int, message: "Optional[str]") -> int:
        self._live.pop(job_id, None)
        return self._store.end_job(job_id, state, message)

    def _live_of(self, row: "Any") -> "Any":
        """Return when a job began, its looks, and whether it was finished early."""
        # By the wall clock at first: the job may be from before a restart.
        return self._live.setdefault(row['id'], SimpleNamespace(
            began=steady() - max(0.0, time.time() - row['created']), looks=0, is_finished=False))

    def _awaited(self, row: "Any") -> "Any":
        """Wait for the worker of a job that is due to end; return its row, None if forgotten."""
        end = steady() + LONGEST_WORK
        while row and row['outcome'] is None and steady() < end and not self.closing.wait(0.01):
            row = self._store.job(id=row['id'])
        return row

    # workers

    def open(self, store: "Store", work: "Callable[[int], None]") -> None:
        """Start the workers, also on jobs that a stop interrupted; ``work`` takes a job's id."""
        self._store, self._work = store, work
        # Only of jobs that the store has: a new store gives the ids of others again.
        self._live = dict((row['id'], self._live_of(row)) for row in store.jobs(state=None))
        self.closing.clear()
        self._queue = queue.Queue()  # type: queue.Queue[Optional[int]]
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()
        for row in store.jobs(state=None, outcome=None):
            self.submit(row['id'])

    def submit(self, job_id: int) -> None:
        # Begin to count by a clock that no test stops, unless a reset has removed the job.
        for row in self._store.jobs(id=job_id):
            self._live_of(row)
        self._queue.put(job_id)

    def _run(self) -> None:
        for job_id in iter(self._queue.get, None):
            if self.closing.is_set():
                return
            self._work(job_id)

    def close(self) -> None:
        """Stop within ``timed.LONGEST_END`` s; :meth:`open` takes up again what is not done."""
        end = steady() + LONGEST_END
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(max(0.0, end - steady()))
