"""The same classes for asyncio: every method gives an awaitable (Python 3.8 or newer).

::

    async with aio.ApiClient(host, app_id, token) as client:
        studio = aio.PortraitStudio(client)
        model = await studio.train(photos)
        async for done in aio.AiServiceJobApi(client).wait_for_async_jobs(ids): ...

A thin layer: each call runs the method of the plain class in one of a bounded number of threads.
Job queries, checks, waits and all other calls have threads of their own, so that a query of a
tenth of a second stands behind nothing that takes longer.
A call that is cancelled before it left is not sent. One that has left cannot be called back: its
result is handed to ``on_unclaimed``, since it may be paid for. A wait that is cancelled asks no
more, and of several steps those that had not begun are not made.
"""
import asyncio
import copy
import inspect
import sys
import threading
import time
from concurrent.futures import wait
from functools import partial, update_wrapper

from . import portrait as _plain
from .client import api
from .client.api.ai_service_llm_api import LlmEvaluation as PlainEvaluation
from .client.api_client import ApiClient as PlainClient
from .client.background import WAKING_INTERVAL, AsyncCalls
from .client.job_waiter import DEFAULT_TIMEOUT
from .client.log import log

if sys.version_info < (3, 8):
    raise ImportError('ai_service_python_sdk.aio needs Python 3.8 or newer')

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, AsyncIterator, Awaitable, Callable, Iterator, List, Optional, Set,
                        TypeVar)
    from typing_extensions import Concatenate, ParamSpec, Unpack
    from .client.configuration import Configuration
    from .client.job_waiter import Progress, Waiting
    Given = ParamSpec('Given')
    Result = TypeVar('Result')
    Unclaimed = Callable[[Any], Any]

__all__ = ['AIGCImagesApi', 'AiServiceAiCreationApi', 'AiServiceImageApi', 'AiServiceImageTextApi',
           'AiServiceJobApi', 'AiServiceLlmApi', 'AiServiceTextApi', 'AiServiceVideoApi',
           'ApiClient', 'PortraitStudio']

#: Calls of one client that run at the same time, of each kind: queries, checks, others.
DEFAULT_CONCURRENCY = 16
#: Waits and streams of one client that run beside them.
DEFAULT_WAITS = 64
#: How the methods begin that a wait of several steps calls.
_STEPS = ('aigc_images_', 'get_')
#: What runs in threads of its own. Only calls and what begins with them may have to be paid for.
CALLS, CHECKS, QUERIES, WAITS = 'calls', 'checks', 'queries', 'waits'
# Mypy takes a ``self`` for a name that ``**waiting`` could hold: hence what it is told to ignore.
_Images, _Jobs, _Studio = api.AIGCImagesApi, api.AiServiceJobApi, _plain.PortraitStudio


class _Cancelled(BaseException):
    """Ends a wait in its thread once nobody awaits it any more."""


class _Task(object):
    """One awaited call: what runs in a thread, and what becomes of its end in the loop."""

    def __init__(self, client: "ApiClient", call: "Callable[[], Any]", lane: str, is_paid: bool,
                 stop: "Optional[threading.Event]") -> None:
        self.name = getattr(getattr(call, 'func', call), '__name__', 'a call')
        self.lane = lane
        self.has_begun = False
        self.loop = asyncio.get_running_loop()
        self.future = self.loop.create_future()  # type: Any
        self._client = client
        self._call = call
        self._is_paid = is_paid
        self._stop = stop or threading.Event()
        self.future.add_done_callback(self._stop_if_cancelled)

    def _stop_if_cancelled(self, future: "Any") -> None:
        if future.cancelled():
            self._stop.set()

    def run(self) -> None:
        """Make the call in this thread and hand its end over to the loop."""
        result = error = None
        self.has_begun = True
        try:
            if self._stop.is_set():
                raise _Cancelled()
            result = self._call()
        except BaseException as caught:
            error = caught
        self._client.under_way.discard(self)
        self._soon(self._settle, result, error)

    def cancel(self) -> None:
        """From any thread: cancel it, as who awaits it may do."""
        self._stop.set()
        self._soon(self._settle, None, _Cancelled())

    def _soon(self, settle: "Callable[..., None]", *end: "Any") -> None:
        try:
            self.loop.call_soon_threadsafe(settle, *end)
        except RuntimeError:
            # The loop was closed while the call was on its way.
            self._leave(*end)

    def _settle(self, result: "Any", error: "Optional[BaseException]") -> None:
        if self.future.done():
            self._leave(result, error)
        elif isinstance(error, _Cancelled):
            self.future.cancel()
            self._leave(result, error)
        elif error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def _leave(self, result: "Any", error: "Optional[BaseException]") -> None:
        """Hand over what nobody awaits any more."""
        if getattr(error, 'is_in_doubt', False):
            log.warning('%s was cancelled, and whether the service did it is not known: %s',
                        self.name, str(error).split('\n')[0])
        if self._is_paid:
            for each in [result] + getattr(error, 'models', []):
                if each is not None:
                    self._client.hand_over(each)


class ApiClient(object):
    """:class:`ai_service_python_sdk.ApiClient` for asyncio; the arguments are the same.

    :param concurrency: calls of each kind (job queries, checks, all others) that run at the same
        time; more wait for their turn.
    :param waits: trainings, waits and streams that run beside them.
    :param on_unclaimed: called with the result of a call that may have been paid for and that
        nobody awaits any more: an answer, a :class:`.TrainedModel`, a :class:`.Portrait` or a
        :class:`.CreateResult`. It is called in the loop, or in a thread once the loop is closed;
        an awaitable that it returns is awaited. Without it the ids are logged at WARNING.
    """

    def __init__(self, host: str, appid: str, token: str,
                 configuration: "Optional[Configuration]" = None,
                 concurrency: int = DEFAULT_CONCURRENCY, waits: int = DEFAULT_WAITS,
                 on_unclaimed: "Optional[Unclaimed]" = None) -> None:
        #: The client that does the work; its settings may be changed.
        self.plain = PlainClient(host, appid, token, configuration)  # type: PlainClient
        self.on_unclaimed = on_unclaimed
        self._lanes = dict((lane, AsyncCalls(waits if lane == WAITS else concurrency))
                           for lane in (CALLS, CHECKS, QUERIES, WAITS))
        #: Calls that have not ended.
        self.under_way = set()  # type: Set[_Task]
        self._hooks = set()  # type: Set[Any]
        self.plain.expect(3 * concurrency + waits)

    @classmethod
    def from_env(cls, configuration: "Optional[Configuration]" = None,
                 concurrency: int = DEFAULT_CONCURRENCY, waits: int = DEFAULT_WAITS,
                 on_unclaimed: "Optional[Unclaimed]" = None) -> "ApiClient":
        """Make a client from the environment; see the plain one."""
        found = PlainClient.from_env(configuration)
        return cls(found.host, found.configuration.appid, found.configuration.token,
                   configuration, concurrency, waits, on_unclaimed)

    @property
    def configuration(self) -> "Configuration":
        """The settings of :attr:`plain`."""
        return self.plain.configuration

    def run(self, call: "Callable[[], Result]", stop: "Optional[threading.Event]" = None,
            lane: str = CALLS, is_paid: bool = True) -> "Awaitable[Result]":
        """Run a call in a thread of this client.

        :param stop: for a wait: an event that is set once nobody awaits it any more.
        :param lane: which threads: :data:`CALLS`, :data:`CHECKS`, :data:`QUERIES`, :data:`WAITS`.
        :param is_paid: whether a result that nobody awaits goes to ``on_unclaimed``.
        :raises RuntimeError: there is no thread for it, and it is never made.
        """
        task = _Task(self, call, lane, is_paid, stop)
        self.under_way.add(task)
        try:
            self._lanes[lane].submit(task.run)
        except BaseException:
            self.under_way.discard(task)
            raise
        future = task.future  # type: Awaitable[Result]
        return future

    def run_unheard(self, call: "Callable[[], Any]") -> None:
        """Run something beside the waits whose end nobody awaits."""
        self._lanes[WAITS].submit(call)

    def hand_over(self, result: "Any") -> None:
        """Give a result that nobody awaits to ``on_unclaimed``, or log its ids."""
        try:
            if self.on_unclaimed is None:
                return _log_ids(result)
            more = self.on_unclaimed(result)
            if inspect.isawaitable(more):
                hook = asyncio.ensure_future(more)
                # The loop itself holds its tasks weakly.
                self._hooks.add(hook)
                hook.add_done_callback(self._hooks.discard)
        except Exception:
            log.exception('on_unclaimed failed')
            _log_ids(result)

    def close(self, timeout: "Optional[float]" = None) -> "Awaitable[List[str]]":
        """Stop the waits, wait for the calls that run, then close the connections.

        Who still awaits a wait gets ``CancelledError``; its jobs go on in the service.

        :param timeout: seconds for the calls that run. Those that have not begun by then are
            cancelled and never sent; the results of those that go on are handed over to who
            awaits them, or else to ``on_unclaimed``.
        :return: the names of the calls that go on; empty if all have ended.
        """
        ended = asyncio.get_running_loop().create_future()  # type: Any
        closing = partial(self._close, timeout, ended)
        try:
            # A daemon of its own: the loop's executor would be waited for when the program ends.
            threading.Thread(target=closing, daemon=True, name='ai-service-close').start()
        except RuntimeError:
            # There is no thread for it; the calls that run do not need the loop to end.
            closing()
        return ended  # type: ignore[no-any-return]

    def _close(self, timeout: "Optional[float]", ended: "Any") -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        for task in list(self.under_way):
            if task.lane == WAITS:
                task.cancel()
        for lane in self._lanes.values():
            lane.close(None if deadline is None else max(0.0, deadline - time.monotonic()))
        going_on = []
        for task in list(self.under_way):
            if task.has_begun:
                going_on.append(task.name)
            else:
                self.under_way.discard(task)
                task.cancel()
        if going_on:
            log.warning('closed while calls go on: %s', ', '.join(going_on))
        self.plain.close()
        try:
            ended.get_loop().call_soon_threadsafe(_end, ended, going_on)
        except RuntimeError:
            # The loop was closed, and nobody listens.
            pass

    def __aenter__(self) -> "Awaitable[ApiClient]":
        entered = asyncio.get_running_loop().create_future()
        entered.set_result(self)
        return entered

    def __aexit__(self, *exc_info: "Any") -> "Awaitable[List[str]]":
        return self.close()

    def __repr__(self) -> str:
        return 'aio.' + repr(self.plain)


def _end(future: "Any", result: "Any") -> None:
    if not future.done():
        future.set_result(result)


def _log_ids(result: "Any") -> None:
    result = getattr(result, 'portrait', None) or result
    ids = dict((name, getattr(result, name)) for name in ('job_id', 'model_id', 'request_id')
               if getattr(result, name, None))
    if ids:
        log.warning('a call was cancelled after it had left; the service answered %r', ids)


def _named(call: "Any", method: "Any") -> "Any":
    # Of any type: what the twins take and give is said by the functions that make them.
    return update_wrapper(call, method)


def _awaited(method: "Callable[Concatenate[Any, Given], Result]", lane: str = CALLS
             ) -> "Callable[Concatenate[Any, Given], Awaitable[Result]]":
    """Make the awaitable twin of a method of a plain class."""
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        # Looked up now: a program may have put a double in its place.
        plain = getattr(self.plain, method.__name__)
        return self._client.run(partial(plain, *args, **kwargs), None, lane, lane == CALLS)

    return _named(call, method)  # type: ignore[no-any-return]


def _awaited_wait(method: "Callable[Concatenate[Any, Given], Result]", otherwise: str
                  ) -> "Callable[Concatenate[Any, Given], Awaitable[Result]]":
    """The same for a method that waits for jobs: it stops asking when it is cancelled.

    :param otherwise: where it runs if it is told not to wait.
    """
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        stop = threading.Event()
        bound = _bound(self, method, args, kwargs, stop)
        timeout = bound.arguments.get('timeout', self._own_timeout)
        is_wait = bound.arguments.get('wait', True) and timeout != 0
        return self._client.run(_call_of(method, bound), stop,
                                WAITS if is_wait else otherwise, otherwise == CALLS)

    return _named(call, method)  # type: ignore[no-any-return]


def _streamed(method: "Callable[Concatenate[Any, Given], Iterator[Result]]", is_paid: bool
              ) -> "Callable[Concatenate[Any, Given], AsyncIterator[Result]]":
    """The same for a method that yields; a stream whose step is cancelled is over."""
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        stop = threading.Event()
        bound = _bound(self, method, args, kwargs, stop)
        return _Stream(self._client, _call_of(method, bound)(), stop, is_paid)

    return _named(call, method)  # type: ignore[no-any-return]


def _bound(twin: "Any", method: "Any", args: "Any", kwargs: "Any",
           stop: "threading.Event") -> "inspect.BoundArguments":
    """Bind the arguments of a wait to an object that asks no more once ``stop`` is set."""
    plain, more = twin._until(stop)
    bound = inspect.signature(method).bind(plain, *args, **dict(kwargs, **more))
    told = bound.arguments.get('on_progress')
    if told is not None:
        bound.arguments['on_progress'] = _in_loop(told, stop)
    return bound


def _call_of(method: "Any", bound: "inspect.BoundArguments") -> "Callable[[], Any]":
    # Looked up now: a program may have put a double in its place.
    return partial(getattr(bound.args[0], method.__name__), *bound.args[1:], **bound.kwargs)


def _in_loop(on_progress: "Callable[..., Any]",
             stop: "threading.Event") -> "Callable[..., None]":
    """Make a callback whose coroutine, if it gives one, is awaited in the loop of now."""
    loop = asyncio.get_running_loop()

    def tell(job: "Any") -> None:
        told = on_progress(job)
        if inspect.iscoroutine(told):
            running = asyncio.run_coroutine_threadsafe(told, loop)
            while not running.done() and not stop.is_set():
                wait([running], WAKING_INTERVAL)
            if stop.is_set():
                running.cancel()
                raise _Cancelled()
            running.result()

    return tell


class _Stream(object):
    """An async iterator over a plain one that blocks."""

    def __init__(self, client: ApiClient, items: "Iterator[Any]", stop: "threading.Event",
                 is_paid: bool) -> None:
        self._client = client
        self._items = items
        self._stop = stop
        self._is_paid = is_paid
        self._loop = None  # type: Any

    def __aiter__(self) -> "_Stream":
        return self

    def __anext__(self) -> "Awaitable[Any]":
        self._loop = asyncio.get_running_loop()
        return self._client.run(self._next, self._stop, WAITS, self._is_paid)

    def _next(self) -> "Any":
        for item in self._items:
            if self._stop.is_set():
                self._drain()()
            return item
        self._loop = None
        raise StopAsyncIteration()

    def _drain(self) -> "Callable[[], None]":
        return partial(_drain, self._client, self._items, self._is_paid, self._loop)

    def __del__(self) -> None:
        try:
            self._stop.set()
            if self._is_paid and self._loop is not None:
                self._client.run_unheard(self._drain())
        except Exception:
            # The constructor failed, or the interpreter ends.
            pass


def _drain(client: ApiClient, items: "Iterator[Any]", is_paid: bool, loop: "Any") -> None:
    """Hand over what is still under way in a stream that nobody steps on any more."""
    try:
        for item in items:
            if is_paid and getattr(item, 'portrait', None) is not None:
                loop.call_soon_threadsafe(client.hand_over, item)
    except RuntimeError:
        client.hand_over(item)
    except _Cancelled:
        # What had not begun is not made.
        pass


def _sleep(stop: "threading.Event", seconds: float) -> None:
    if stop.wait(seconds):
        raise _Cancelled()


def _unless(stop: "threading.Event", method: "Callable[..., Any]", *args: "Any",
            **kwargs: "Any") -> "Any":
    if stop.is_set():
        raise _Cancelled()
    return method(*args, **kwargs)


def _stopping(plain: "Any", stop: "threading.Event") -> "Any":
    """Return a twin of an API object that makes no more calls once ``stop`` is set."""
    twin = copy.copy(plain)
    for name in dir(plain):
        if name.startswith(_STEPS):
            setattr(twin, name, partial(_unless, stop, getattr(plain, name)))
    return twin


class _Api(object):
    """An API class over an :class:`ApiClient`; what has no row here is awaited all the same."""

    _kind = None  # type: Any
    _lane = CALLS
    _own_timeout = DEFAULT_TIMEOUT  # type: Optional[float]

    def __init__(self, api_client: ApiClient) -> None:
        self._client = api_client
        #: The object that does the work.
        self.plain = self._kind(api_client.plain)  # type: Any

    def __getattr__(self, name: str) -> "Any":
        if name.startswith('_') or name == 'plain':
            raise AttributeError(name)
        lane = CHECKS if '_check' in name else self._lane
        method = getattr(self.plain, name)
        return lambda *args, **kwargs: self._client.run(
            partial(method, *args, **kwargs), None, lane, lane == CALLS)

    def _until(self, stop: "threading.Event") -> "Any":
        return _stopping(self.plain, stop), {'sleep': partial(_sleep, stop)}


class AIGCImagesApi(_Api):
    """:class:`ai_service_python_sdk.AIGCImagesApi`, awaited."""

    _kind = api.AIGCImagesApi

    aigc_images_check = _awaited(_Images.aigc_images_check, CHECKS)
    aigc_images_train = _awaited(_Images.aigc_images_train)
    aigc_images_create = _awaited(_Images.aigc_images_create)
    aigc_images_create_by_multi_model_ids = _awaited(_Images.aigc_images_create_by_multi_model_ids)
    aigc_images_sd = _awaited(_Images.aigc_images_sd)


class AiServiceJobApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceJobApi`, awaited."""

    _kind = api.AiServiceJobApi
    _lane = QUERIES

    get_async_job = _awaited(_Jobs.get_async_job, QUERIES)
    get_batch_job = _awaited(_Jobs.get_batch_job, QUERIES)
    wait_for_async_job = _awaited_wait(_Jobs.wait_for_async_job, QUERIES)
    wait_for_batch_job = _awaited_wait(_Jobs.wait_for_batch_job, QUERIES)
    wait_for_async_jobs = _streamed(_Jobs.wait_for_async_jobs, is_paid=False)


class AiServiceAiCreationApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceAiCreationApi`, awaited."""

    _kind = api.AiServiceAiCreationApi


class AiServiceImageApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceImageApi`, awaited."""

    _kind = api.AiServiceImageApi


class AiServiceImageTextApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceImageTextApi`, awaited."""

    _kind = api.AiServiceImageTextApi


class LlmEvaluation(_Api):
    """``llm_evaluation`` of :class:`AiServiceLlmApi`, awaited."""

    _kind = PlainEvaluation

    create = _awaited(PlainEvaluation.create)


class AiServiceLlmApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceLlmApi`, awaited."""

    _kind = api.AiServiceLlmApi

    def __init__(self, api_client: ApiClient) -> None:
        _Api.__init__(self, api_client)
        self.llm_evaluation = LlmEvaluation(api_client)  # type: LlmEvaluation


class AiServiceTextApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceTextApi`, awaited."""

    _kind = api.AiServiceTextApi


class AiServiceVideoApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceVideoApi`, awaited."""

    _kind = api.AiServiceVideoApi


class PortraitStudio(object):
    """:class:`ai_service_python_sdk.PortraitStudio`, awaited; the arguments are the same."""

    def __init__(self, client: ApiClient, model_name: "Optional[str]" = '',
                 timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                 on_progress: "Optional[Progress]" = None, **waiting: "Unpack[Waiting]") -> None:
        self._client = client
        #: The studio that does the work.
        self.plain = _plain.PortraitStudio(
            client.plain, model_name, timeout, on_progress=on_progress,
            **waiting)  # type: _plain.PortraitStudio

    @property
    def trainings(self) -> "List[_plain.TrainedModel]":
        """The trainings that this studio has started; see the plain one."""
        return self.plain.trainings

    @property
    def _own_timeout(self) -> "Optional[float]":
        timeout = self.plain.waiting['timeout']  # type: Optional[float]
        return timeout

    def _until(self, stop: "threading.Event") -> "Any":
        # A twin with the same list of trainings, whose waits end with this very call.
        twin = copy.copy(self.plain)  # type: Any
        twin.waiting = dict(twin.waiting, sleep=partial(_sleep, stop))
        if twin.waiting['on_progress'] is not None:
            twin.waiting['on_progress'] = _in_loop(twin.waiting['on_progress'], stop)
        twin._api, twin._jobs = _stopping(twin._api, stop), _stopping(twin._jobs, stop)
        return twin, {}

    check = _awaited(_Studio.check, CHECKS)
    train = _awaited_wait(_Studio.train, CALLS)
    wait = _awaited_wait(_Studio.wait, QUERIES)
    create = _awaited(_Studio.create)
    portrait = _awaited_wait(_Studio.portrait, CALLS)
    create_many = _streamed(_Studio.create_many, is_paid=True)
