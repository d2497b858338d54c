"""The tasks of :meth:`.PortraitStudio.create_many`, how each ended, and the loop over them."""
from collections import deque, namedtuple
from functools import partial

from .client.background import each_as_it_ends
from .client.brake import Brake
from .client.errors.base import dict_of
from .client.paid import warn
from .util.language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, Callable, Deque, Dict, Iterable, Iterator, NamedTuple, Optional, Set,
                        Tuple)
    from .client.job_waiter import JobWaiter
    from .client.models.request import Configure
    from .payments import AnyModels
    from .portrait import Portrait
    from .util.files import Path
    Task = Tuple[Any, ...]
    _Fields = NamedTuple('_Fields', [('models', Any), ('template', str), ('configure', Any),
                                     ('key', Any), ('save_to', Any)])
else:
    _Fields = namedtuple('_Fields', 'models template configure key save_to')


class CreateTask(_Fields):
    """One task of :meth:`.PortraitStudio.create_many`; a tuple in this order is one as well.

    :ivar models: as for :meth:`.PortraitStudio.create`.
    :ivar template: URL of the template picture; :ivar configure: a dict, or None.
    :ivar key: your own name for the task, of any type; it is not sent, and comes back with the
        result. With a ledger it is also the ``key`` of :meth:`.PortraitStudio.create`, as text.
    :ivar save_to: file that gets the picture the moment it comes; a later run with the same key
        finds the portrait there.
    """

    __slots__ = ()

    def __new__(cls, models: "AnyModels", template: str, configure: "Configure" = None,
                key: "Any" = None, save_to: "Optional[Path]" = None) -> "CreateTask":
        return super(CreateTask, cls).__new__(cls, models, template, configure, key, save_to)


class CreateResult(object):
    """What became of one task of :meth:`.PortraitStudio.create_many`.

    :ivar index: its place in the input, from 0; :ivar task: the task itself.
    :ivar portrait: None after an error; :ivar error: None for a success.
    :ivar tries: times that it was sent: 0 if it never was, more than 1 after a 429.
    """

    def __init__(self, index: int, task: "Task") -> None:
        self.index = index
        self.task = task
        self.portrait = None  # type: Optional[Portrait]
        self.error = None  # type: Optional[Exception]
        self.tries = 0

    @property
    def key(self) -> "Any":
        """The task's own key; None if it has none."""
        # The key has place 3; a plain tuple may end before it.
        return self.task[3] if isinstance(self.task, (tuple, list)) and self.task[3:] else None

    @property
    def ok(self) -> bool:
        """Whether there is a portrait."""
        return self.error is None

    def to_dict(self) -> "Dict[str, Any]":
        """Return all but the picture and the task as plain data, as JSON takes it."""
        return {'index': self.index, 'key': self.key, 'ok': self.ok, 'tries': self.tries,
                'portrait': self.portrait and self.portrait.to_dict(),
                'error': dict_of(self.error)}

    def __repr__(self) -> str:
        return 'CreateResult({}, {!r})'.format(self.index, self.portrait or self.error)


class Series(object):
    """Makes the portraits of tasks; the waiter has ``clock``, ``sleep`` and ``chance``."""

    def __init__(self, create: "Callable[..., Portrait]", tasks: "Iterable[Task]",
                 waiter: "JobWaiter") -> None:
        self._create = create
        self._fresh = (CreateResult(index, task) for index, task in enumerate(tasks))
        self._again = deque()  # type: Deque[CreateResult]
        self._under_way = set()  # type: Set[CreateResult]
        self._brake = Brake(clock=waiter.clock, chance=waiter.chance)
        self._sleep = waiter.sleep  # type: Callable[[float], Any]

    def results(self, concurrency: int) -> "Iterator[CreateResult]":
        """Yield them as they end; see :meth:`.PortraitStudio.create_many`."""
        ends = each_as_it_ends(self._starts(), concurrency, self._sleep)
        try:
            while True:
                try:
                    result = next(ends, None)
                except Exception:
                    # The source of tasks broke: tasks that got a 429 end with that error.
                    yield from self._again
                    raise
                if result is None:
                    return
                self._under_way.discard(result)
                if self._brake.asks_again(result.error, result.tries):
                    self._again.append(result)
                else:
                    yield result
        finally:
            # Calls are still under way after Ctrl-C, or if nobody iterates any more.
            left = sorted(result.index for result in list(self._under_way))
            if left:
                warn(translate('creations were on their way and may be paid for: tasks {}',
                               ', '.join(map(str, left))))

    def _starts(self) -> "Iterator[Any]":
        """Say what may start and when, for :func:`.each_as_it_ends`."""
        while True:
            next_one = self._again.popleft() if self._again else next(self._fresh, None)
            while next_one and self._brake.left() and not self._brake.refusal():
                yield self._brake.left()
            yield next_one and partial(self._finish, next_one, self._brake.refusal())

    def _finish(self, result: CreateResult, refusal: "Optional[Exception]") -> CreateResult:
        """Create a portrait, unless there is a reason to send nothing any more."""
        result.error = refusal
        if refusal is None:
            self._under_way.add(result)
            result.tries += 1
            try:
                result.portrait = self._create(_task(result.task))
            except Exception as error:
                result.error = error
            except BaseException as error:
                # A stream of asyncio that was abandoned ends the call before it is sent.
                if not getattr(error, 'is_in_doubt', False):
                    self._under_way.discard(result)
                raise
        return result


def _task(given: "Any") -> CreateTask:
    if isinstance(given, (str, bytes)):
        raise TypeError(translate('a task is a single string; give (models, template)'))
    return CreateTask(*given)
