"""The same classes for asyncio: every method returns a coroutine (Python 3.8 or newer).

::

    async with aio.ApiClient(host, app_id, token) as client:
        studio = aio.PortraitStudio(client)
        model = await studio.train(photos)
        async for done in aio.AiServiceJobApi(client).wait_for_async_jobs(ids): ...

Each call runs the method of the plain class in a thread, once it is awaited or made a task. Job
queries, checks, waits and all other calls have threads of their own, so that a short query never
queues behind a long call. A call that is cancelled before it left is not sent. One that has left
cannot be called back: its result goes to ``on_unclaimed``, since it may be paid for. A cancelled
wait asks no more; a cancelled call of several steps does not begin the next one.
"""
import asyncio
import inspect
import sys
import threading
import time
import weakref
from contextvars import copy_context
from functools import partial

from . import portrait as _plain
from .awaited import (
    CALLS, CHECKS, CLOSING, QUERIES, WAITS, Cancelled, Task, awaited, in_loop, log_ids, pause,
    streamed, streamed_batch)
from .client import api
from .client.api.ai_service_llm_api import LlmEvaluation as PlainEvaluation
from .client.api_client import ApiClient as PlainClient
from .client.background import MOST_AT_ONCE, AsyncCalls
from .client.job_waiter import DEFAULT_TIMEOUT
from .client.log import log
from .client.retry import awaited_by, is_given_up

if sys.version_info < (3, 8):
    raise ImportError('ai_service_python_sdk.aio needs Python 3.8 or newer')

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, List, Optional, Set, TypeVar
    from typing_extensions import Final, Unpack
    from .awaited import Call
    from .client.configuration import Configuration
    from .client.job_waiter import Progress, Waiting
    from .ledger import Ledger
    Result = TypeVar('Result')
    Unclaimed = Callable[[Any], Any]

__all__ = ['AIGCImagesApi', 'AiServiceAiCreationApi', 'AiServiceImageApi', 'AiServiceImageTextApi',
           'AiServiceJobApi', 'AiServiceLlmApi', 'AiServiceTextApi', 'AiServiceVideoApi',
           'ApiClient', 'PortraitStudio']

#: Calls of one client that run at the same time, of each kind: queries, checks, others.
DEFAULT_CONCURRENCY = 16
#: Waits and streams of one client that run beside them.
DEFAULT_WAITS = 64
# The twins below are Final, because type checkers infer the type of a Final attribute only. The
# ``arg-type`` that mypy is told to ignore is its belief that ``**waiting`` could hold ``self``.
_Images, _Jobs, _Studio = api.AIGCImagesApi, api.AiServiceJobApi, _plain.PortraitStudio


class _Client(PlainClient):
    """Ends a call that nobody awaits any more before it is sent; see :class:`.Cancelled`."""

    def client_create_sign(self, *args: "Any", **kwargs: "Any") -> str:
        """Sign; every call does so before it is written down or sent."""
        if is_given_up():
            raise Cancelled()
        return PlainClient.client_create_sign(self, *args, **kwargs)


class ApiClient(object):
    """:class:`ai_service_python_sdk.ApiClient` for asyncio; the arguments are the same.

    :param concurrency: calls of each kind (job queries, checks, all others) at the same time.
    :param waits: trainings, waits and streams that run beside them.
    :param on_unclaimed: called with an answer, :class:`.TrainedModel`, :class:`.Portrait` or
        :class:`.CreateResult` that may be paid for and that nobody awaits any more. It is called
        in the loop, which awaits what it returns; in a thread if the loop does not run. Without
        it, or when it fails, the ids are logged at WARNING, or printed on stderr.
    """

    def __init__(self, host: str, appid: str, token: str,
                 configuration: "Optional[Configuration]" = None,
                 concurrency: int = DEFAULT_CONCURRENCY, waits: int = DEFAULT_WAITS,
                 on_unclaimed: "Optional[Unclaimed]" = None) -> None:
        #: The client that does the work; its settings may be changed.
        self.plain = _Client(host, appid, token, configuration)  # type: PlainClient
        self.on_unclaimed = on_unclaimed  # type: Optional[Unclaimed]
        #: The threads of each kind of call.
        self.lanes = dict((lane, AsyncCalls(concurrency))
                          for lane in (CALLS, CHECKS, QUERIES))  # type: Dict[str, AsyncCalls]
        self.lanes.update({WAITS: AsyncCalls(waits), CLOSING: AsyncCalls(MOST_AT_ONCE)})
        #: Calls that have not ended.
        self.under_way = set()  # type: Set[Task]
        #: Streams that somebody holds.
        self.streams = weakref.WeakSet()  # type: Any
        self._hooks = set()  # type: Set[Any]
        self.plain._expect(3 * concurrency + waits)

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

    @property
    def ledger(self) -> "Optional[Ledger]":
        """The ledger of :attr:`plain`, which keeps every paid call; None without one."""
        return self.plain.ledger

    @ledger.setter
    def ledger(self, ledger: "Optional[Ledger]") -> None:
        self.plain.ledger = ledger

    def run(self, call: "Callable[[], Result]", lane: str = CALLS, is_paid: bool = True,
            stop: "Optional[threading.Event]" = None) -> "Call[Result]":
        """Return a coroutine that runs a call in a thread of this client, once it is awaited.

        Where no thread can start, awaiting it raises RuntimeError, and the call is not made.

        :param lane: which threads: :data:`CALLS`, :data:`CHECKS`, :data:`QUERIES`, :data:`WAITS`.
        :param is_paid: whether a result that nobody awaits goes to ``on_unclaimed``.
        :param stop: set once nobody awaits the call any more; None for an event of its own.
        """
        task = Task(self, call, lane, is_paid, stop)
        # Python 3.4 has no `async def`; wait_for() without a limit does nothing but await.
        made = asyncio.wait_for(task, None)  # type: Any
        made.__name__ = made.__qualname__ = task.name
        return made  # type: ignore[no-any-return]

    def hand_over(self, result: "Any") -> None:
        """Give a result that nobody awaits to ``on_unclaimed``, or log its ids."""
        copy_context().run(self._hand_over, result)

    def _hand_over(self, result: "Any") -> None:
        awaited_by.set((threading.Event(), None))  # the hook may make calls: they are not given up
        more = None  # type: Any
        try:
            if self.on_unclaimed is None:
                return log_ids(result)
            more = self.on_unclaimed(result)
            if inspect.isawaitable(more):
                hook = asyncio.ensure_future(more)
                # The loop itself holds its tasks weakly.
                self._hooks.add(hook)
                hook.add_done_callback(self._hooks.discard)
        except Exception:
            # There is no loop for a coroutine, which warns if it is not closed.
            getattr(more, 'close', bool)()
            log.exception('on_unclaimed failed')
            log_ids(result)

    def close(self, timeout: "Optional[float]" = None) -> "Call[List[str]]":
        """Stop the waits, wait for the calls that run, then close the connections.

        A wait that is still awaited raises ``CancelledError``; its jobs go on in the service.

        :param timeout: seconds for the calls that run; None for no limit. Calls that have not
            begun by then are cancelled and never sent; the results of those that go on are
            returned where they are awaited, or go to ``on_unclaimed``.
        :return: the names of the calls that go on; empty if all have ended.
        """
        return self.run(partial(self._close, timeout), CLOSING, False)

    def _close(self, timeout: "Optional[float]") -> "List[str]":
        deadline = time.monotonic() + (float('inf') if timeout is None else timeout)
        for stream in list(self.streams):
            stream.leave()
        for task in list(self.under_way):
            if task.lane == WAITS:
                task.cancel()
        for lane in (CALLS, CHECKS, QUERIES, WAITS):
            self.lanes[lane].close(deadline - time.monotonic())
        others = [task for task in list(self.under_way) if task.lane != CLOSING]
        for task in others:
            if not task.has_begun:
                self.under_way.discard(task)
                task.cancel()
        going_on = [task.name for task in others if task.has_begun]
        if going_on:
            log.warning('closed while calls go on: %s', ', '.join(going_on))
        self.plain.close()
        self.lanes[CLOSING].close(0)
        return going_on

    def __aenter__(self) -> "Awaitable[ApiClient]":
        entered = asyncio.get_running_loop().create_future()
        entered.set_result(self)
        return entered

    def __aexit__(self, *exc_info: "Any") -> "Call[List[str]]":
        return self.close()


class _Api(object):
    """An API class over an :class:`ApiClient`; methods that have no twin here are awaited too."""

    _kind = None  # type: Any
    _lane = CALLS

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
            partial(method, *args, **kwargs), lane, lane == CALLS)


class AIGCImagesApi(_Api):
    """:class:`ai_service_python_sdk.AIGCImagesApi`, awaited."""
    _kind = api.AIGCImagesApi

    aigc_images_check = awaited(_Images.aigc_images_check, CHECKS)  # type: Final
    aigc_images_train = awaited(_Images.aigc_images_train)  # type: Final
    aigc_images_create = awaited(_Images.aigc_images_create)  # type: Final
    aigc_images_create_by_multi_model_ids = awaited(
        _Images.aigc_images_create_by_multi_model_ids)  # type: Final
    aigc_images_sd = awaited(_Images.aigc_images_sd)  # type: Final


class AiServiceJobApi(_Api):
    """:class:`ai_service_python_sdk.AiServiceJobApi`, awaited."""
    _kind = api.AiServiceJobApi
    _lane = QUERIES

    get_async_job = awaited(_Jobs.get_async_job, QUERIES)  # type: Final
    get_batch_job = awaited(_Jobs.get_batch_job, QUERIES)  # type: Final
    wait_for_async_job = awaited(
        _Jobs.wait_for_async_job, QUERIES)  # type: Final  # type: ignore[arg-type]
    wait_for_batch_job = awaited(
        _Jobs.wait_for_batch_job, QUERIES)  # type: Final  # type: ignore[arg-type]
    wait_for_async_jobs = streamed(
        _Jobs.wait_for_async_jobs, is_paid=False)  # type: Final  # type: ignore[arg-type]


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

    create = awaited(PlainEvaluation.create)  # type: Final


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
                 on_progress: "Optional[Progress]" = None, ledger: "Optional[Ledger]" = None,
                 uploads: "Any" = None, keep_uploads: bool = False,
                 **waiting: "Unpack[Waiting]") -> None:
        self._client = client
        waiting.setdefault('sleep', pause)
        #: The studio that does the work.
        self.plain = _plain.PortraitStudio(
            client.plain, model_name, timeout, on_progress and in_loop(on_progress), ledger,
            uploads, keep_uploads, **waiting)  # type: _plain.PortraitStudio

    @property
    def trainings(self) -> "List[_plain.TrainedModel]":
        """The trainings that this studio has started; see the plain one."""
        return self.plain.trainings

    check = awaited(_Studio.check, CHECKS)  # type: Final
    train = awaited(_Studio.train)  # type: Final
    wait = awaited(_Studio.wait, QUERIES)  # type: Final
    look = awaited(_Studio.look, QUERIES)  # type: Final
    create = awaited(_Studio.create)  # type: Final
    portrait = awaited(_Studio.portrait)  # type: Final
    create_many = streamed(_Studio.create_many, is_paid=True)  # type: Final
    batch = streamed_batch(_Studio.batch)  # type: Final
