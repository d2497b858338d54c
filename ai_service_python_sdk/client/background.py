"""Calls in the background: ``async_req=True`` gives an :class:`AsyncCall`.

Not ``multiprocessing.pool`` as in the old SDK: its threads start with the client, its end joins
them, and a forgotten client keeps the interpreter alive. Here the threads start with the first
call, are daemons, and leave when nobody holds the client any more.
"""
import os
import threading
from collections import deque

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Deque, Generic, Optional, TypeVar
    Answer = TypeVar('Answer')
else:
    # Generic for type checkers, a plain class for the programs of any Python.
    Generic, Answer = {None: object}, None


class AsyncCall(Generic[Answer]):
    """A call that runs in the background; as the old SDK's ``ApplyResult``."""

    def __init__(self, call: "Callable[[], Answer]") -> None:
        self._call = call  # type: Optional[Callable[[], Answer]]
        self._done = threading.Event()
        self._value = None  # type: Any
        self._error = None  # type: Optional[BaseException]

    def run(self) -> None:
        """Make the call; its error is kept for :meth:`get`."""
        call, self._call = self._call, None
        done = self._done
        try:
            self._value = call and call()
        except BaseException as error:
            self._error = error
            # The frame of an error that this call keeps must not keep the call.
            self = call = None  # type: ignore[assignment]
        done.set()

    def get(self, timeout: "Optional[float]" = None) -> "Answer":
        """Return what the call gave, or raise what it raised.

        :param timeout: seconds to wait; None for as long as it takes.
        :raises multiprocessing.TimeoutError: it is not done in time; it goes on nevertheless.
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
        self.unfinished = 0
        self.threads = 0
        self.idle = 0
        self.is_closed = False
        self.pid = os.getpid()


def _work(queue: "_Queue") -> None:
    while True:
        with queue.changed:
            queue.idle += 1
            while not queue.waiting and not queue.is_closed:
                queue.changed.wait()
            queue.idle -= 1
            if not queue.waiting:
                queue.threads -= 1
                return
            call = queue.waiting.popleft()
        call.run()
        # Before anything blocks: the call may hold the last reference to the client.
        del call
        with queue.changed:
            queue.unfinished -= 1
            queue.changed.notify_all()


class AsyncCalls(object):
    """Runs calls in at most ``width`` daemon threads, started when needed."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._lock = threading.Lock()
        self._queue = _Queue()

    def submit(self, call: "Callable[[], Answer]") -> "AsyncCall[Answer]":
        """Run a call as soon as a thread is free."""
        result = AsyncCall(call)
        with self._lock:
            if self._queue.pid != os.getpid() or self._queue.is_closed:
                # A fork has the parent's queue but none of its threads.
                self._queue = _Queue()
            queue = self._queue
        with queue.changed:
            queue.waiting.append(result)
            queue.unfinished += 1
            needs_thread = len(queue.waiting) > queue.idle and queue.threads < self._width
            queue.threads += needs_thread
            queue.changed.notify()
        if needs_thread:
            thread = threading.Thread(target=_work, args=(queue,), name='ai-service-async')
            thread.daemon = True
            thread.start()
        return result

    def close(self) -> None:
        """Wait for the calls that were accepted, then end the threads."""
        queue = self._queue
        with queue.changed:
            while queue.unfinished and queue.pid == os.getpid():
                queue.changed.wait()
        self.__del__()

    def __del__(self) -> None:
        queue = self.__dict__.get('_queue')
        if queue is not None:
            with queue.changed:
                queue.is_closed = True
                queue.changed.notify_all()
