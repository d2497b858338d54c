"""Waiting for jobs: every wait, for one job or a thousand, is made of looks (``Watch.look``)."""
import heapq
import itertools
import time
from numbers import Real
from random import random

from ..util.language import translate
from .background import checked_concurrency, each_as_it_ends
from .errors.base import ApiException, dict_of
from .errors.jobs import JobStateError, JobTimeoutError, WaitInterrupted, error_of_job
from .errors.service import ResponseError, check_answer
from .log import log
from .models.job import FINISHED, UNFINISHED, JobState
from .retry import PATIENCE

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Union
    from typing_extensions import TypedDict
    from .api.ai_service_job_api import AiServiceJobApi
    from .models.async_job_response import AsyncBatchJobResponse, AsyncJobResponse
    from .models.job import Job
    JobId = Union[int, str]
    Progress = Callable[[Job], Any]
    #: Options of one wait beside its time limit and callback.
    Waiting = TypedDict('Waiting', {
        'interval': float, 'longest_interval': float, 'tolerated_failures': int,
        'clock': Callable[[], float], 'sleep': Callable[[float], Any],
        'chance': Callable[[], float]}, total=False)

#: Seconds that a wait takes at most; the guide's sample training took 26 minutes.
DEFAULT_TIMEOUT = 3600.0
#: Seconds between two looks, at the start and at most; the factor from one pause to the next.
DEFAULT_INTERVAL, DEFAULT_LONGEST_INTERVAL, GROWTH = 10.0, 30.0, 1.25
#: Part of a pause that chance takes away, so that a fleet does not ask in step.
JITTER = 0.2
#: Looks in a row that may fail, if the failure may pass: see :func:`_is_transient`.
DEFAULT_TOLERATED_FAILURES = 5
#: Jobs that are asked for at the same time.
DEFAULT_CONCURRENCY = 8
#: Seconds of one look, at least and at most, whatever the deadline says.
SHORTEST_LOOK, LONGEST_LOOK = 1.0, 60.0
_NEVER = float('inf')


class FinishedJob(object):
    """One of many jobs that has come to its end.

    :ivar job_id: its id as given; :ivar response: its last answer, None if no look succeeded.
    :ivar error: why it did not succeed; None for a success.
    """

    def __init__(self, job_id: "JobId", response: "Optional[AsyncJobResponse]",
                 error: "Optional[Exception]") -> None:
        self.job_id = job_id
        self.response = response
        self.error = error

    @property
    def ok(self) -> bool:
        """Whether the job has succeeded."""
        return self.error is None

    def to_dict(self) -> "Dict[str, Any]":
        """Return it as plain data, as JSON takes it."""
        return {'job_id': self.job_id, 'ok': self.ok, 'error': dict_of(self.error),
                'response': self.response and self.response.to_dict()}

    def __repr__(self) -> str:
        return 'FinishedJob({!r}, {})'.format(
            self.job_id, 'succeeded' if self.ok else type(self.error).__name__)


class JobWaiter(object):
    """Waits for jobs through one :class:`.AiServiceJobApi`.

    :param jobs: the API to ask through.
    :param timeout: seconds for a wait; None for no limit, 0 for a single look.
    :param interval: seconds between two looks at the start; they grow up to ``longest_interval``.
    :param tolerated_failures: looks in a row that may fail on the way: lost connections, 429, 5xx,
        answers of a proxy; each repeats by itself as the client's retry policy says.
    :param on_progress: called with a :class:`.Job` whenever its state or message has changed.
    :param clock: gives seconds that only grow; None for ``time.monotonic``.
    :param sleep: takes seconds; None for ``time.sleep``; :param chance: gives 0 to 1.
    :raises ValueError: an option that is negative or not a number.
    """

    def __init__(self, jobs: "AiServiceJobApi", timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                 interval: float = DEFAULT_INTERVAL,
                 longest_interval: float = DEFAULT_LONGEST_INTERVAL,
                 tolerated_failures: int = DEFAULT_TOLERATED_FAILURES,
                 on_progress: "Optional[Progress]" = None,
                 clock: "Optional[Callable[[], float]]" = None,
                 sleep: "Optional[Callable[[float], Any]]" = None,
                 chance: "Optional[Callable[[], float]]" = None) -> None:
        for name, call in (('on_progress', on_progress), ('clock', clock), ('sleep', sleep),
                           ('chance', chance)):
            if call is not None and not callable(call):
                raise ValueError(translate('`{}` is {!r}; give a function', name, call))
        self.timeout = (timeout if timeout is None
                        else _number('timeout', timeout))  # type: Optional[float]
        self.interval = _number('interval', interval)  # type: float
        self.longest_interval = max(_number('longest_interval', longest_interval),
                                    self.interval)  # type: float
        self.tolerated_failures = int(
            _number('tolerated_failures', tolerated_failures))  # type: int
        self.on_progress = on_progress  # type: Optional[Progress]
        # Looked up now: at the import of this file a test may have had doubles in their places.
        self.clock = clock or time.monotonic  # type: Callable[[], float]
        self.sleep = sleep or time.sleep  # type: Callable[[float], Any]
        self.chance = chance or random  # type: Callable[[], float]
        self._jobs = jobs

    def wait_for_async_job(self, job_id: "JobId",
                           model_id: "Optional[str]" = None) -> "AsyncJobResponse":
        """Return the answer in which the job has succeeded.

        :param model_id: named in errors, so that it is not lost.
        :raises JobFailedError: the job failed; of the documented class of its message too.
        :raises JobTimeoutError: it did not end in time; it goes on.
        :raises JobStateError: the service gave a state that nobody documents.
        :raises WaitInterrupted: Ctrl-C; the job goes on.
        :raises ApiException: the service refused, or could not be reached time after time.
        """
        return self._wait(self.watch(job_id, model_id))  # type: ignore[no-any-return]

    def wait_for_batch_job(self, batch_id: "JobId") -> "AsyncBatchJobResponse":
        """Return the answer in which every job of the batch has ended, also those that failed.

        Errors as in :meth:`wait_for_async_job`, but for ``JobFailedError``: look at the jobs'
        states. A batch without jobs has not begun.
        """
        watch = Watch(self, self._jobs.get_batch_job, batch_id, is_batch=True)
        return self._wait(watch)  # type: ignore[no-any-return]

    def wait_for_async_jobs(self, job_ids: "Iterable[JobId]",
                            concurrency: int = DEFAULT_CONCURRENCY) -> "Iterator[FinishedJob]":
        """Yield the jobs as they end, whichever way; a failed job does not stop the others.

        :param concurrency: how many are asked for at the same time, each over one connection.
        :raises ValueError: ``concurrency`` is not a whole number from 1 to 10,000.
        """
        concurrency = checked_concurrency(concurrency)
        client = getattr(self._jobs, 'api_client', None)
        if client is not None:
            client._expect(concurrency)
        return self._each([self.watch(job_id) for job_id in job_ids], concurrency)

    def watch(self, job_id: "JobId", model_id: "Optional[str]" = None) -> "Watch":
        """Return what is known of one job, for a loop that waits for more than jobs."""
        return Watch(self, self._jobs.get_async_job, job_id, model_id)

    def _wait(self, watch: "Watch") -> "Any":
        try:
            while not watch.look().is_over:
                self.sleep(max(0.0, watch.due - self.clock()))
        except KeyboardInterrupt:
            raise WaitInterrupted(watch.job_id, watch.model_id)
        if watch.error is None:
            return watch.response
        raise watch.error

    def _each(self, watches: "List[Watch]", concurrency: int) -> "Iterator[FinishedJob]":
        order = itertools.count()
        waiting = [(watch.due, next(order), watch) for watch in watches]
        heapq.heapify(waiting)
        for watch in each_as_it_ends(self._due(waiting), concurrency, self.sleep):
            if watch.is_over:
                yield FinishedJob(watch.job_id, watch.response, watch.error)
            else:
                heapq.heappush(waiting, (watch.due, next(order), watch))

    def _due(self, waiting: "List[Tuple[float, int, Watch]]") -> "Iterator[Any]":
        """Give looks when they are due; until then the seconds that are left."""
        while True:
            left = waiting[0][0] - self.clock() if waiting else None
            yield left if left is None or left > 0 else heapq.heappop(waiting)[2].look


class Watch(object):
    """What is known of one thing that is waited for.

    :ivar due: the moment of the next look, by the waiter's clock.
    :ivar failure: why the latest look gave no answer; None if it gave one.
    """

    def __init__(self, waiter: JobWaiter, ask: "Callable[..., Any]", job_id: "JobId",
                 model_id: "Optional[str]" = None, is_batch: bool = False) -> None:
        self.job_id = job_id  # type: JobId
        self.model_id = model_id  # type: Optional[str]
        self.response = None  # type: Any
        self.error = None  # type: Optional[Exception]
        self.failure = None  # type: Optional[Exception]
        self.is_over = False  # type: bool
        self._waiter = waiter
        self._ask = ask
        self._is_batch = is_batch
        self._failures = 0
        self._seen = {}  # type: Dict[Any, Any]
        self._interval = waiter.interval
        self.due = waiter.clock()  # type: float
        self._deadline = _NEVER if waiter.timeout is None else self.due + waiter.timeout

    def look(self) -> "Watch":
        """Ask once; the wait may be over then, with :attr:`response` or :attr:`error`."""
        pause, self.failure = 0.0, None
        try:
            left = self._deadline - self._waiter.clock()
            response = self._ask(self.job_id, _request_timeout=min(
                LONGEST_LOOK, max(SHORTEST_LOOK, left)))
            check_answer(response)
            self.response, self._failures = response, 0
            self.is_over = self._is_finished()
        except Exception as error:
            for name in ('job_id', 'model_id'):
                if getattr(error, name, None) is None:
                    vars(error)[name] = getattr(self, name)  # some errors refuse setattr()
            self.failure = error
            self._failures += 1
            if not _is_transient(error) or self._failures > self._waiter.tolerated_failures:
                self.error = error
            else:
                pause = min(getattr(error, 'retry_after', None) or 0.0, PATIENCE)
                log.warning('job %s: a look at it failed (%s); looking again', self.job_id,
                            type(error).__name__)
        self.is_over = self.is_over or self.error is not None or not self._schedule(pause)
        return self

    def _is_finished(self) -> bool:
        """Tell of what has changed; whether all has ended. It raises for what cannot end well."""
        jobs = self.response.jobs if self._is_batch else [self.response.job]
        for place, job in enumerate(jobs):
            now = (job.state, job.message)
            if self._seen.get(place) != now:
                self._seen[place] = now
                if self._waiter.on_progress:
                    self._waiter.on_progress(job)
        states = set(job.state for job in jobs)
        unknown = states - UNFINISHED - FINISHED
        if unknown:
            raise JobStateError(self.job_id, unknown.pop(), self.model_id)
        if JobState.FAILED in states and not self._is_batch:
            raise error_of_job(self.job_id, jobs[0].message, self.model_id)
        return bool(states) and states <= FINISHED

    def _schedule(self, pause: float) -> bool:
        """Set the moment of the next look, at the latest the deadline; False if that is past."""
        now = self._waiter.clock()
        if now >= self._deadline:
            states = [state for state, _ in self._seen.values()]
            self.error = JobTimeoutError(self.job_id, min(states) if states else None,
                                         self.model_id, self._waiter.timeout)
            return False
        pause = max(pause, self._interval * (1 - JITTER * self._waiter.chance()))
        self._interval = min(self._waiter.longest_interval, self._interval * GROWTH)
        self.due = min(now + pause, self._deadline)
        return True


def _is_transient(error: Exception) -> bool:
    """Whether another look may go better: the network or a gateway failed, nobody refused."""
    from .errors.connection import ApiConnectionError, TlsError
    if isinstance(error, (ApiConnectionError, ResponseError)):
        return not isinstance(error, TlsError)
    status = error.status or 0 if isinstance(error, ApiException) else 0
    return status == 429 or status >= 500


def _number(name: str, value: "Any") -> float:
    number = value if isinstance(value, Real) and not isinstance(value, bool) else -1  # type: Any
    if not 0 <= number < _NEVER:
        raise ValueError(translate('`{}` is {!r}; give seconds or a count from 0 up', name, value))
    return float(value)
