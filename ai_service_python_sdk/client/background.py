"""Calls in the background: ``async_req=True``, the pool, and the one loop over many calls.

Not ``multiprocessing.pool``, as in the old SDK: there a forgotten client keeps the interpreter
alive. These threads start with the first call, and leave when nobody holds the client any more.
"""
import atexit
import operator
import os
import threading
import time
from collections import Counter, deque
from functools import partial
from queue import Empty, Queue

from ..util.language import translate
from .errors.service import NotSentError
from .log import log
from .paid import warn

try:
    from contextvars import copy_context
except ImportError:  # before Python 3.7
    copy_context = None  # type: ignore[assignment]

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, Callable, Deque, Dict, Generic, Iterable, Iterator, List,
                        Optional, Sequence, Set, Tuple, TypeVar, Union)
    Answer = TypeVar('Answer')
    Start = Union[None, float, Callable[[], Answer]]
else:
    # Generic for type checkers, a plain class for the programs of any Python.
    Generic, Answer = {None: object}, None

#: Seconds after which whoever waits for a call wakes up, so that Ctrl-C is seen on every system.
WAKING_INTERVAL = 0.5
#: Calls under way at once that make sense: each has a thread and a connection.
MOST_AT_ONCE = 10000
#: Process and signature of each paid call that runs at this moment.
_paid = {}  # type: Dict[int, Any]


class AsyncCall(Generic[Answer]):
    """A call that runs in the background; as the old SDK's ``ApplyResult``."""

    def __init__(self, call: "Callable[[], Answer]") -> None:
        self._call = call  # type: Any
        self._done = threading.Event()
        self._value = None  # type: Any
        self._error = None  # type: Optional[BaseException]

    def run(self) -> None:
        """Make the call; its error is kept for :meth:`get`."""
        self._value, self._error = end_of(self._call)
        # The frames of an error that this call keeps must not keep it, and a client with it.
        self._call, done, self = None, self._done, None  # type: ignore[assignment]
        done.set()

    def drop(self) -> None:
        """End a call that has not begun: it is never made, and :meth:`get` says so."""
        self._call = None
        self._error = NotSentError(translate('not sent: its client was closed before its turn'))
        self._done.set()

    def get(self, timeout: "Optional[float]" = None) -> "Answer":
        """Return what the call gave, or raise what it raised.

        :param timeout: seconds to wait; None for as long as it takes.
        :raises multiprocessing.TimeoutError: it is not done in time, and goes on.
        :raises NotSentError: the client was closed with a limit before the call's turn.
        """
        if not self._done.wait(timeout):
            from multiprocessing import TimeoutError
            raise TimeoutError('no answer within {} s'.format(timeout))
        if self._error is not None:
            try:
                raise self._error
            finally:
                self = None  # type: ignore[assignment]
        value = self._value  # type: Answer
        return value

    def wait(self, timeout: "Optional[float]" = None) -> None:
        """Wait until the call is done, at most ``timeout`` seconds."""
        self._done.wait(timeout)

    def ready(self) -> bool:
        """Whether the call is done."""
        return self._done.is_set()

    def successful(self) -> bool:
        """Whether it is done without an error.

        :raises ValueError: it is not done yet.
        """
        if not self.ready():
            raise ValueError('the call is not done; wait() for it first')
        return self._error is None


class _Queue(object):
    """What the threads of a client share; they hold this and never the client."""

    def __init__(self) -> None:
        # Reentrant: a client may be collected, and say so here, while this thread holds it.
        self.changed = threading.Condition(threading.RLock())
        self.waiting = deque()  # type: Deque[AsyncCall[Any]]
        #: Threads that run a call at this moment, by their identity.
        self.busy = set()  # type: Set[int]
        self.threads = 0
        self.is_closed = False
        self.pid = os.getpid()

    def accept(self, call: "AsyncCall[Any]", width: int) -> None:
        """Queue a call; :raises RuntimeError: no thread is there for it, and none can start."""
        with self.changed:
            self.is_closed = False
            idle = self.threads - len(self.busy)
            if len(self.waiting) >= idle and self.threads < width:
                thread = threading.Thread(target=_work, args=(self,), name='ai-service-async')
                thread.daemon = True
                try:
                    thread.start()
                    self.threads += 1
                except RuntimeError:
                    if self.threads < 1:
                        raise
                    # A limit on threads: the call waits for one of those that run.
            # Only now: a call is never made if its thread cannot start, or Ctrl-C comes first.
            self.waiting.append(call)
            self.changed.notify()

    def finish(self, timeout: "Optional[float]") -> bool:
        """Wait for all calls that were accepted; whether they have ended in time."""
        until = time.monotonic() + (float('inf') if timeout is None else timeout)
        with self.changed:
            # A call that closes its own client would wait for itself.
            while (self.waiting or self.busy) and threading.get_ident() not in self.busy:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self.changed.wait(min(left, WAKING_INTERVAL))
        return True

    def close(self, drops: bool = False) -> None:
        """Let the threads end once no call waits; ``drops`` ends those that wait."""
        if self.pid == os.getpid():  # the lock of a fork's copy may be held for ever
            with self.changed:
                self.is_closed = True
                while drops and self.waiting:
                    self.waiting.popleft().drop()
                self.changed.notify_all()


def _work(queue: "_Queue") -> None:
    me = threading.get_ident()
    while True:
        with queue.changed:
            queue.busy.discard(me)
            queue.changed.notify_all()
            while not queue.waiting and not queue.is_closed:
                queue.changed.wait()
            if not queue.waiting:
                queue.threads -= 1
                return
            call = queue.waiting.popleft()
            queue.busy.add(me)
        call.run()
        # Before anything blocks: the call may hold the last reference to the client.
        del call


class AsyncCalls(object):
    """Runs calls in at most ``width`` daemon threads; as the old SDK's ``ApiClient.pool``."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._queue = _Queue()

    def submit(self, call: "Callable[[], Answer]") -> "AsyncCall[Answer]":
        """Run a call as soon as a thread is free, with the context variables of this moment.

        :raises RuntimeError: no thread runs and none can start; the call is never made.
        """
        result = AsyncCall(call if copy_context is None else partial(copy_context().run, call))
        if self._queue.pid != os.getpid():
            # A fork has the parent's queue but none of its threads.
            self._queue = _Queue()
        self._queue.accept(result, self._width)
        return result

    def apply_async(self, func: "Callable[..., Answer]", args: "Sequence[Any]" = (),
                    kwds: "Optional[Dict[str, Any]]" = None,
                    callback: "Optional[Callable[[Answer], Any]]" = None,
                    error_callback: "Optional[Callable[[Exception], Any]]" = None
                    ) -> "AsyncCall[Answer]":
        """Run ``func(*args, **kwds)``; a callback is called in the thread of the call."""
        return self.submit(partial(_with_callbacks, partial(func, *args, **(kwds or {})), callback,
                                   error_callback))

    def map(self, func: "Callable[..., Answer]", iterable: "Iterable[Any]",
            chunksize: "Optional[int]" = None) -> "List[Answer]":
        """Run ``func`` with each item; return what it gives, in their order."""
        return [call.get() for call in [self.apply_async(func, (item,)) for item in iterable]]

    def close(self, timeout: "Optional[float]" = None) -> bool:
        """Wait for the calls that were accepted, then end the threads; say whether all ended.

        :param timeout: seconds; calls that have not begun by then are never made
            (:class:`NotSentError`), those that run go on.
        """
        queue = self._queue
        has_ended = queue.pid != os.getpid() or queue.finish(timeout)
        queue.close(drops=not has_ended)
        return has_ended

    def join(self) -> None:
        """Wait for the calls that were accepted."""
        self.close()

    def terminate(self) -> None:
        """End the calls that have not begun, and the threads; wait for nothing."""
        self._queue.close(drops=True)

    def __del__(self) -> None:
        try:
            self._queue.close()
        except Exception:
            # The interpreter ends and its names are gone, or the constructor failed.
            pass


def _with_callbacks(call: "Callable[[], Any]", callback: "Optional[Callable[[Any], Any]]",
                    error_callback: "Optional[Callable[[Any], Any]]") -> "Any":
    """Make a call, and hand its result or error to a callback."""
    result, error = end_of(call)
    try:
        if error is None and callback:
            callback(result)
        elif isinstance(error, Exception) and error_callback:
            error_callback(error)
    except Exception:
        log.exception('a callback of a background call failed')
    if error is not None:
        try:
            raise error
        finally:  # see AsyncCall.run
            del error
            del call
    return result


def told_at_exit(call: "Callable[[], Any]", what: "Any") -> "Any":
    """Make a call; if it may be paid for and the program ends in the middle of it, that is said.

    :param what: has ``path``, ``repeatable`` and ``has_left``, as a signature does.
    """
    if getattr(what, 'repeatable', True):
        return call()
    _paid[id(what)] = os.getpid(), what
    try:
        return call()
    finally:
        _paid.pop(id(what), None)


@atexit.register
def _tell_of_paid_calls() -> None:
    left = Counter(what.path for process, what in list(_paid.values())
                   if what.has_left and process == os.getpid())
    for path, number in sorted(left.items()):
        warn(translate('{} ({}) was on its way when the program ended: it may be paid for', path,
                       number))


def end_of(call: "Callable[[], Any]") -> "Tuple[Any, Optional[BaseException]]":
    """Make a call; return what it gave and None, or None and what it raised."""
    try:
        return call(), None
    except BaseException as error:
        call = bool  # see AsyncCall.run
        return None, error


# many calls

def checked_concurrency(value: "Any") -> int:
    """Return how many calls may be under way at once.

    :raises ValueError: it is not a whole number from 1 to :data:`MOST_AT_ONCE`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if not 1 <= number <= MOST_AT_ONCE:
        raise ValueError(translate('`concurrency` is {!r}; give a whole number from 1 to {}',
                                   value, MOST_AT_ONCE))
    return number


def each_as_it_ends(starts: "Iterable[Start[Answer]]", concurrency: int,
                    sleep: "Callable[[float], Any]" = time.sleep) -> "Iterator[Answer]":
    """Yield what calls return, in the order in which they end.

    :param starts: read only when one more call may start. It gives the next call, or the seconds
        in which none may start, or None until another has ended; None while none is under way,
        or its end, ends the loop.
    :param sleep: what to sleep with while nothing is under way.

    Once ``starts`` or a call has raised, nothing starts any more; what is under way is yielded as
    it ends, then the error is raised. Whoever stops iterating loses what is under way.
    """
    source = iter(starts)
    ends = Queue()  # type: Queue[Any]
    threads, under_way = AsyncCalls(concurrency), 0
    failure = None  # type: Optional[BaseException]
    try:
        while True:
            pause = None  # type: Optional[float]
            while under_way < concurrency and failure is None:
                try:
                    start = next(source, None)
                    if not callable(start):
                        pause = start
                        break
                    threads.submit(partial(_put_end, start, ends))
                    under_way += 1
                except Exception as error:
                    failure = error
            if under_way:
                try:
                    answer, end = ends.get(timeout=min(WAKING_INTERVAL, pause or WAKING_INTERVAL))
                except Empty:
                    continue
                under_way -= 1
                if end is None:
                    yield answer
                failure = failure or end
            elif pause is not None:
                sleep(pause)
            else:
                break
    finally:
        threads.terminate()
    if failure is not None:
        raise failure


def _put_end(call: "Callable[[], Any]", ends: "Queue[Any]") -> None:
    ends.put(end_of(call))
