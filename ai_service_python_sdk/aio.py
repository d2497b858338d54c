"""The same classes for asyncio: every method gives an awaitable (Python 3.8 or newer).

::

    async with aio.ApiClient(host, app_id, token) as client:
        studio = aio.PortraitStudio(client)
        model = await studio.train(photos)
        async for done in aio.AiServiceJobApi(client).wait_for_async_jobs(ids): ...

A thin layer: each call runs the method of the plain class in one of a bounded number of threads;
waits have threads of their own, so that no call stands behind a training of half an hour.
A call that is cancelled before it left is not sent. One that has left cannot be called back: its
answer is logged at WARNING with its ids, since it may be paid for. A wait that is cancelled asks
no more, and of several steps those that had not begun are not made.
"""
import asyncio
import copy
import sys
import threading
from functools import partial, update_wrapper

from . import portrait as _plain
from .client import api
from .client.api.ai_service_llm_api import LlmEvaluation as PlainEvaluation
from .client.api_client import ApiClient as PlainClient
from .client.background import AsyncCalls
from .client.log import log

if sys.version_info < (3, 8):
    raise ImportError('ai_service_python_sdk.aio needs Python 3.8 or newer')

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, AsyncIterator, Awaitable, Callable, Iterator, List, Optional, TypeVar
    from typing_extensions import Concatenate, ParamSpec
    from .client.configuration import Configuration
    Given = ParamSpec('Given')
    Result = TypeVar('Result')
    Ended = TypeVar('Ended')
    Twin = Callable[[Callable[..., Any]], Callable[Concatenate[Any, Given], Ended]]

__all__ = ['AIGCImagesApi', 'AiServiceAiCreationApi', 'AiServiceImageApi', 'AiServiceImageTextApi',
           'AiServiceJobApi', 'AiServiceLlmApi', 'AiServiceTextApi', 'AiServiceVideoApi',
           'ApiClient', 'PortraitStudio']

#: Calls of one client that run at the same time.
DEFAULT_CONCURRENCY = 16
#: Waits and streams of one client that run beside them.
DEFAULT_WAITS = 64
# Mypy takes a ``self`` for a name that ``**waiting`` could hold: hence what it is told to ignore.
_Images, _Jobs, _Studio = api.AIGCImagesApi, api.AiServiceJobApi, _plain.PortraitStudio


class _Cancelled(BaseException):
    """Ends a wait in its thread once nobody awaits it any more."""


class ApiClient(object):
    """:class:`ai_service_python_sdk.ApiClient` for asyncio; the arguments are the same.

    :param concurrency: calls that run at the same time; more wait for their turn.
    :param waits: trainings, waits and streams that run beside them.
    """

    def __init__(self, host: str, appid: str, token: str,
                 configuration: "Optional[Configuration]" = None,
                 concurrency: int = DEFAULT_CONCURRENCY, waits: int = DEFAULT_WAITS) -> None:
        #: The client that does the work; its settings may be changed.
        self.plain = PlainClient(host, appid, token, configuration)  # type: PlainClient
        self._calls = AsyncCalls(concurrency)
        self._waits = AsyncCalls(waits)

    @classmethod
    def from_env(cls, configuration: "Optional[Configuration]" = None,
                 concurrency: int = DEFAULT_CONCURRENCY,
                 waits: int = DEFAULT_WAITS) -> "ApiClient":
        """Make a client from the environment; see the plain one."""
        found = PlainClient.from_env(configuration)
        return cls(found.host, found.configuration.appid, found.configuration.token,
                   configuration, concurrency, waits)

    def run(self, call: "Callable[[], Result]",
            stop: "Optional[threading.Event]" = None) -> "Awaitable[Result]":
        """Run a call in a thread of this client; ``stop`` of a wait is set if it is cancelled."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()  # type: Any
        if stop is not None:
            future.add_done_callback(lambda done: stop.set() if done.cancelled() else None)
        threads = self._calls if stop is None else self._waits
        threads.submit(partial(_run, loop, future, call))
        return future  # type: ignore[no-any-return]

    def close(self) -> "Awaitable[None]":
        """Wait for the calls that run, then close the connections."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(None, self._close)

    def _close(self) -> None:
        self._calls.close()
        self._waits.close()
        self.plain.close()

    def __aenter__(self) -> "Awaitable[ApiClient]":
        entered = asyncio.get_running_loop().create_future()
        entered.set_result(self)
        return entered

    def __aexit__(self, *exc_info: "Any") -> "Awaitable[None]":
        return self.close()

    def __repr__(self) -> str:
        return 'aio.' + repr(self.plain)


def _run(loop: "Any", future: "Any", call: "Callable[[], Any]") -> None:
    """Make a call in this thread and hand its end over to the loop."""
    if future.cancelled():
        return
    result = error = None
    try:
        result = call()
    except BaseException as caught:
        error = caught
    try:
        loop.call_soon_threadsafe(_settle, future, result, error)
    except RuntimeError:
        # The loop was closed while the call was on its way.
        _lament(result)


def _settle(future: "Any", result: "Any", error: "Optional[BaseException]") -> None:
    if future.cancelled():
        _lament(result)
    elif error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


def _lament(result: "Any") -> None:
    result = getattr(result, 'portrait', None) or result
    ids = dict((name, getattr(result, name)) for name in ('job_id', 'model_id', 'request_id')
               if getattr(result, name, None))
    if ids:
        log.warning('a call was cancelled after it had left; the service answered %r', ids)


def _in_place_of_a_row(twin: "Any") -> "Any":
    # Rows are decorated functions: type checkers infer the same of those, not of assignments.
    return lambda row: twin


def _awaited(method: "Callable[Concatenate[Any, Given], Result]"
             ) -> "Twin[Given, Awaitable[Result]]":
    """Make the awaitable twin of a method of a plain class."""
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        return self._client.run(partial(method, self.plain, *args, **kwargs))

    twin = _in_place_of_a_row(update_wrapper(call, method))  # type: Twin[..., Any]
    return twin


def _awaited_wait(method: "Callable[Concatenate[Any, Given], Result]"
                  ) -> "Twin[Given, Awaitable[Result]]":
    """The same for a method that waits for jobs: it stops asking when it is cancelled."""
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        stop = threading.Event()
        return self._client.run(partial(method, self._stopping(stop, kwargs), *args, **kwargs),
                                stop)

    twin = _in_place_of_a_row(update_wrapper(call, method))  # type: Twin[..., Any]
    return twin


def _streamed(method: "Callable[Concatenate[Any, Given], Iterator[Result]]"
              ) -> "Twin[Given, AsyncIterator[Result]]":
    """The same for a method that yields; a stream whose step is cancelled is over."""
    def call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        stop = threading.Event()
        return _Stream(self._client, method(self._sleeping(stop, kwargs), *args, **kwargs), stop)

    twin = _in_place_of_a_row(update_wrapper(call, method))  # type: Twin[..., Any]
    return twin


class _Stream(object):
    """An async iterator over a plain one that blocks."""

    def __init__(self, client: ApiClient, items: "Iterator[Any]", stop: "threading.Event") -> None:
        self._client = client
        self._items = items
        self._stop = stop

    def __aiter__(self) -> "_Stream":
        return self

    def __anext__(self) -> "Awaitable[Any]":
        return self._client.run(self._next, self._stop)

    def _next(self) -> "Any":
        if not self._stop.is_set():
            for item in self._items:
                return item
        raise StopAsyncIteration()

    def __del__(self) -> None:
        self._stop.set()


def _sleep(stop: "threading.Event", seconds: float) -> None:
    if stop.wait(seconds):
        raise _Cancelled()


class _UntilStopped(object):
    """An API class that makes no more calls once ``stop`` is set."""

    def __init__(self, plain: "Any", stop: "threading.Event") -> None:
        self._plain = plain
        self._stop = stop

    def __getattr__(self, name: str) -> "Any":
        if self._stop.is_set():
            raise _Cancelled()
        return getattr(self._plain, name)


class _Api(object):
    """An API class over an :class:`ApiClient`; what has no row here is awaited all the same."""

    _kind = None  # type: Any

    def __init__(self, api_client: ApiClient) -> None:
        self._client = api_client
        #: The object that does the work.
        self.plain = self._kind(api_client.plain)  # type: Any

    def _sleeping(self, stop: "threading.Event", kwargs: "Any") -> "Any":
        kwargs['sleep'] = partial(_sleep, stop)
        return self.plain

    _stopping = _sleeping

    def __getattr__(self, name: str) -> "Any":
        if name.startswith('_') or name == 'plain':
            raise AttributeError(name)
        method = getattr(self.plain, name)
        return lambda *args, **kwargs: self._client.run(partial(method, *args, **kwargs))


class AIGCImagesApi(_Api):
    """:class:`ai_service_python_sdk.AIGCImagesApi`, awaited."""

    _kind = api.AIGCImagesApi

    @_awaited(_Images.aigc_images_check)
    def aigc_images_check(self) -> None:
        """Await it."""

    @_awaited(_Images.aigc_images_train)
    def aigc_images_train(self) -> None:
        """Await it."""

    @_awaited(_Images.aigc_images_create)
    def aigc_images_create(self) -> None:
        """Await it."""

    @_awaited(_Images.aigc_images_create_by_multi_model_ids)
    def aigc_images_create_by_multi_model_ids(self) -> None:
        """Await it."""

    @_awaited(_Images.aigc_images_sd)
    def aigc_images_sd(self) -> None:
        """Await it."""


class AiServiceJobApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceJobApi`, awaited."""

    _kind = api.AiServiceJobApi

    @_awaited(_Jobs.get_async_job)
    def get_async_job(self) -> None:
        """Await it."""

    @_awaited(_Jobs.get_batch_job)
    def get_batch_job(self) -> None:
        """Await it."""

    @_awaited_wait(_Jobs.wait_for_async_job)  # type: ignore[arg-type]
    def wait_for_async_job(self) -> None:
        """Await it."""

    @_awaited_wait(_Jobs.wait_for_batch_job)  # type: ignore[arg-type]
    def wait_for_batch_job(self) -> None:
        """Await it."""

    @_streamed(_Jobs.wait_for_async_jobs)  # type: ignore[arg-type]
    def wait_for_async_jobs(self) -> None:
        """Await it."""


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

    @_awaited(PlainEvaluation.create)
    def create(self) -> None:
        """Await it."""


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
                 **waiting: "Any") -> None:
        self._client = client
        #: The studio that does the work.
        self.plain = _plain.PortraitStudio(client.plain, model_name,
                                           **waiting)  # type: _plain.PortraitStudio

    @property
    def trainings(self) -> "List[_plain.TrainedModel]":
        """Every training that this studio has started."""
        return self.plain.trainings

    def _sleeping(self, stop: "threading.Event", kwargs: "Any") -> "_plain.PortraitStudio":
        # A twin with the same list of trainings, whose waits end with this very call.
        twin = copy.copy(self.plain)
        twin.waiting = dict(twin.waiting, sleep=partial(_sleep, stop))
        return twin

    def _stopping(self, stop: "threading.Event", kwargs: "Any") -> "_plain.PortraitStudio":
        twin = self._sleeping(stop, kwargs)  # type: Any
        twin._api, twin._jobs = _UntilStopped(twin._api, stop), _UntilStopped(twin._jobs, stop)
        studio = twin  # type: _plain.PortraitStudio
        return studio

    @_awaited(_Studio.check)
    def check(self) -> None:
        """Await it."""

    @_awaited_wait(_Studio.train)
    def train(self) -> None:
        """Await it."""

    @_awaited_wait(_Studio.wait)
    def wait(self) -> None:
        """Await it."""

    @_awaited(_Studio.create)
    def create(self) -> None:
        """Await it."""

    @_awaited_wait(_Studio.portrait)
    def portrait(self) -> None:
        """Await it."""

    @_streamed(_Studio.create_many)
    def create_many(self) -> None:
        """Await it."""
