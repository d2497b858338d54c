"""Turns methods that block into methods that are awaited: twins, tasks in threads, streams."""
import asyncio
import inspect
import sys
import threading
from concurrent.futures import wait
from contextvars import copy_context
from functools import partial, update_wrapper
from types import SimpleNamespace

from .client.background import WAKING_INTERVAL, end_of, told_at_exit
from .client.paid import warn
from .client.retry import awaited_by, is_given_up
from .util.language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, AsyncIterator, Callable, Coroutine, Counter, Dict, Generator,
                        Iterable, Iterator, Optional, Tuple, TypeVar)
    from typing_extensions import Concatenate, ParamSpec
    from .aio import ApiClient
    from .batch import Batch, BatchResult
    from .plan import Plan
    Given = ParamSpec('Given')
    Result = TypeVar('Result')
    Call = Coroutine[Any, Any, Result]

#: Kinds of work, each with threads of its own. Only calls, and waits that begin with a call such
#: as a training, may have to be paid for.
CALLS, CHECKS, QUERIES, WAITS, CLOSING = 'calls', 'checks', 'queries', 'waits', 'closing'


class Cancelled(BaseException):
    """Ends a call of several steps in its thread once nobody awaits it any more."""


def pause(seconds: float) -> None:
    """Sleep; :raises Cancelled: nobody awaits the call any more."""
    if awaited_by.get()[0].wait(seconds):
        raise Cancelled()


class Task(object):
    """One call: once awaited it runs in a thread, and gives its end to a future of the loop."""

    def __init__(self, client: "ApiClient", call: "Callable[[], Any]", lane: str, is_paid: bool,
                 stop: "Optional[threading.Event]") -> None:
        self.name = name_of(call)  # type: str
        self.lane = lane  # type: str
        self.has_begun = False  # type: bool
        self.future = None  # type: Any
        self._client = client
        self._call = call
        self._is_paid = is_paid
        self._stop = stop or threading.Event()

    def _begin(self) -> None:
        self.future = asyncio.get_running_loop().create_future()
        self.future.add_done_callback(self._stop_if_cancelled)
        self._client.under_way.add(self)
        try:
            self._client.lanes[self.lane].submit(self.run)
        except BaseException as error:
            if self.lane == CLOSING and isinstance(error, RuntimeError):
                # No thread can start: close here. The calls that run do not need the loop to end.
                return copy_context().run(self.run)
            self._client.under_way.discard(self)
            raise

    def __await__(self) -> "Generator[Any, Any, Any]":
        self._begin()
        try:
            return (yield from self.future)
        except (asyncio.CancelledError, GeneratorExit):
            # Its end may have come in the same turn of the loop, and now reaches nobody.
            if self.future.done() and not self.future.cancelled():
                self._leave(*end_of(self.future.result))
            raise

    def _stop_if_cancelled(self, future: "Any") -> None:
        if future.cancelled():
            self._stop.set()

    def run(self) -> None:
        """Make the call in this thread and give its result or error to the loop."""
        self.has_begun = True
        if self.future.cancelled():
            return self._client.under_way.discard(self)
        awaited_by.set((self._stop, self.future.get_loop()))  # in the context of this call alone
        result, error = end_of(partial(told_at_exit, self._call, SimpleNamespace(
            path=self.name, repeatable=not self._is_paid, has_left=True)))
        self._client.under_way.discard(self)
        loop = self.future.get_loop()
        # A loop that stands still may never turn again.
        is_left = self.future.cancelled() and not loop.is_running()
        if is_left or not _soon(loop, self._settle, result, error):
            self._leave(result, error)

    def cancel(self) -> None:
        """Cancel the call, from any thread."""
        self._stop.set()
        _soon(self.future.get_loop(), self.future.cancel)

    def _settle(self, result: "Any", error: "Optional[BaseException]") -> None:
        if isinstance(error, Cancelled):
            self.future.cancel()
        elif isinstance(error, StopIteration):  # a future refuses it, and would never end
            error = RuntimeError('the call raised StopIteration')
        if self.future.done():
            self._leave(result, error)
        elif error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def _leave(self, result: "Any", error: "Optional[BaseException]") -> None:
        """Report a paid call that nobody awaits any more, and hand over what it brought."""
        if self._is_paid:
            # A call that ended between its requests has reported its doubt itself.
            if getattr(error, 'is_in_doubt', False) and not isinstance(error, Cancelled):
                warn(translate('{} was cancelled, and whether the service did it is not known: {}',
                               self.name, getattr(error, 'summary', error)))
            content = result[0] if isinstance(result, tuple) and result else result
            found = [content, getattr(error, 'portrait', None)]
            for each in found + list(getattr(error, 'models', ())):
                if each is not None:
                    self._client.hand_over(each)


def name_of(call: "Any") -> str:
    named = call if hasattr(call, '__name__') else getattr(call, 'func', call)
    return str(getattr(named, '__name__', 'a call'))


def _soon(loop: "asyncio.AbstractEventLoop", call: "Callable[..., Any]", *args: "Any") -> bool:
    """Call something in the loop; return False if the loop is closed."""
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        return False
    return True


def log_ids(result: "Any") -> None:
    """Log the ids in a result that nobody awaits."""
    found = (result, getattr(result, 'portrait', None))
    ids = dict((name, getattr(each, name)) for each in found for name in (
        'job_id', 'batch_id', 'model_id', 'request_id', 'key', 'path')
        if getattr(each, name, None))  # type: Any
    if getattr(result, 'portrait', result) is not None:  # not for an order that failed
        warn(translate('a call was cancelled after it had left; the service answered {!r}',
                       ids or type(result).__name__))


def awaited(method: "Callable[Concatenate[Any, Given], Result]", lane: str = CALLS
            ) -> "Callable[Concatenate[Any, Given], Call[Result]]":
    """Make the awaitable twin of a method of a plain class.

    :param lane: the threads in which it runs. A method that waits for jobs runs among the waits,
        unless a call says ``wait=False`` or ``timeout=0``.
    """
    signature = inspect.signature(method)

    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        call, given = _bound(self.plain, method, args, kwargs)
        timeout = given.get('timeout', getattr(self.plain, 'waiting', {}).get('timeout'))
        is_wait = 'waiting' in signature.parameters and given.get('wait', True) and timeout != 0
        return self._client.run(call, WAITS if is_wait else lane, lane == CALLS)

    return update_wrapper(call, method)  # type: ignore[return-value]


def streamed(method: "Callable[Concatenate[Any, Given], Iterator[Result]]", is_paid: bool,
             kind: "Any" = None) -> "Callable[Concatenate[Any, Given], AsyncIterator[Result]]":
    """Make the twin of a method that yields: a stream, which is over once a step is cancelled."""
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        call, _ = _bound(self.plain, method, args, kwargs)
        return (kind or _Stream)(self._client, call(), is_paid, method)

    return update_wrapper(call, method)  # type: ignore[return-value]


def streamed_batch(method: "Callable[Concatenate[Any, Given], Batch]"
                   ) -> "Callable[Concatenate[Any, Given], BatchStream]":
    """Make the twin of :meth:`.PortraitStudio.batch`, whose plan is awaited too."""
    return streamed(method, True, BatchStream)  # type: ignore[return-value]


def _bound(plain: "Any", method: "Any", args: "Any",
           kwargs: "Any") -> "Tuple[Callable[[], Any], Dict[str, Any]]":
    """Return a call that ends between its steps once nobody awaits it, and its arguments."""
    signature = inspect.signature(method)
    # An awaited studio sets `sleep` for all its waits: a double of a method gets what was given.
    if 'waiting' in signature.parameters and not hasattr(plain, 'waiting'):
        kwargs.setdefault('sleep', pause)
    bound = signature.bind(plain, *args, **kwargs)
    given = bound.arguments
    if 'tasks' in given:
        given['tasks'] = _while_wanted(given['tasks'])
    if given.get('on_progress') is not None:
        given['on_progress'] = in_loop(given['on_progress'])
    # Looked up by name: a program may have put a test double in the method's place.
    return partial(getattr(plain, method.__name__), *bound.args[1:], **bound.kwargs), given


def _while_wanted(tasks: "Iterable[Any]") -> "Iterator[Any]":
    for task in tasks:
        yield task
        if is_given_up():  # before the next one is asked for, which may take for ever
            return


def in_loop(on_progress: "Callable[..., Any]") -> "Callable[..., None]":
    """Make a callback whose coroutine, if it gives one, is awaited in the loop of the call."""
    def tell(job: "Any") -> None:
        told = on_progress(job)
        stop, loop = awaited_by.get()
        if loop is not None and inspect.isawaitable(told):
            running = asyncio.run_coroutine_threadsafe(asyncio.wait_for(told, None), loop)
            while not running.done() and not stop.is_set():
                wait([running], WAKING_INTERVAL)
            if stop.is_set():
                running.cancel()
                raise Cancelled()
            running.result()

    return tell


class _Stream(object):
    """An async iterator over a plain one that blocks; its calls have the name of ``method``."""

    def __init__(self, client: "ApiClient", items: "Iterator[Any]", is_paid: bool,
                 method: "Any") -> None:
        self._client = client
        self._method = method
        self._items = items  # type: Any
        self._stop = threading.Event()
        self._is_paid = is_paid
        #: The loop in which results are handed over; None if there are none to come.
        self._loop = None  # type: Any
        client.streams.add(self)

    def __aiter__(self) -> "Any":
        return self

    def __anext__(self) -> "Call[Any]":
        step = update_wrapper(partial(self._next), self._method)
        return self._client.run(step, WAITS, self._is_paid, self._stop)

    def _next(self) -> "Any":
        self._loop = awaited_by.get()[1]
        item = None if self._stop.is_set() else next(self._items, None)
        if self._stop.is_set():
            self._drain()()
        elif item is None:
            self._loop = None  # nothing is left to hand over
        if item is None:
            raise StopAsyncIteration()
        return item

    def _drain(self) -> "Callable[[], None]":
        """Begin nothing more; return a call that hands over what is under way, and does not hold
        this stream."""
        self._stop.set()
        # Only a batch has stop(): it then reads no more orders, and forgets no ledger rows.
        getattr(self._items, 'stop', bool)()
        items = self._items if self._is_paid and self._loop else ()
        return partial(_hand_over, self._client, items, self._stop, self._loop)

    def aclose(self) -> "Call[Any]":
        """Begin nothing more; what is still under way goes to ``on_unclaimed``."""
        return self._client.run(update_wrapper(self._drain(), self._method), WAITS, False)

    def leave(self) -> None:
        """Do as :meth:`aclose`, from any thread and without waiting."""
        rest = self._drain()
        # A thread that is started while the interpreter ends never runs.
        if self._loop and not sys.is_finalizing():
            self._client.lanes[WAITS].submit(rest)

    def __del__(self) -> None:
        try:
            self.leave()
        except Exception:
            # The constructor failed, or the interpreter ends.
            pass


class BatchStream(_Stream):
    """The results of a batch, its plan and its counts."""

    if TYPE_CHECKING:
        def __aiter__(self) -> "AsyncIterator[BatchResult]": ...

    def plan(self) -> "Call[Plan]":
        """Say what there is to do, in calls; see :meth:`.Batch.plan`."""
        return self._client.run(self._items.plan, WAITS, False)

    @property
    def counts(self) -> "Counter[str]":
        """How many orders have ended in each state."""
        return self._items.counts  # type: ignore[no-any-return]


def _hand_over(client: "ApiClient", items: "Iterable[Any]", stop: "threading.Event",
               loop: "Any") -> None:
    """Hand over the rest of a stream that nobody iterates any more."""
    awaited_by.set((stop, loop))
    try:
        for item in items:
            is_news = item.tries and (item.portrait or getattr(item.error, 'is_in_doubt', False))
            if is_news and not _soon(loop, client.hand_over, item):
                client.hand_over(item)
    except (Exception, Cancelled):
        # Calls that had not begun are not made, and nobody awaits an error of the tasks' source.
        pass
