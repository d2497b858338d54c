"""A night's work: many orders planned, checked, trained, created, saved; run again, it goes on.

::

    studio = PortraitStudio(client, ledger=Ledger('orders.sqlite'))
    for result in studio.batch('orders.csv', 'portraits'):
        print(result.order.person, result.state, result.path)
"""
import heapq
import itertools
import os
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial

from .client.background import WAKING_INTERVAL, each_as_it_ends
from .client.brake import Brake
from .client.exceptions import (
    ImageCheckError, JobFailedError, NotSentError, QuotaExceededError, ThrottledError)
from .client.paid import FAILED, SUCCEEDED, UNSETTLED
from .orders import REPORT
from .plan import BatchResult, Known, Plan, forget, model_state, naming_left, unfinished
from .results import TrainedModel
from .util.files import check_place
from .util.language import choose
from .util.photo_file import PhotoFileError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, Callable, Deque, Dict, Iterator, List, Optional, Sequence, Set,
                        Tuple)
    from .client.job_waiter import JobWaiter, Watch
    from .ledger import Ledger, Row
    from .orders import Order, Orders
    from .plan import Found, Identity
    from .portrait import PortraitStudio
    from .results import Portrait

__all__ = ['Batch', 'BatchResult', 'Plan']

#: Kinds of calls, in the order in which the next one is chosen.
LANES = ('look', 'create', 'train')
#: Orders that are read ahead, and wait for a model or their turn.
AHEAD = 2000
SHORTEST_PAUSE = 0.001  # seconds


class _Person(object):
    """A person on the way to a model, and the orders that wait for it."""

    def __init__(self, identity: "Identity", photos: "Sequence[Any]") -> None:
        self.identity, self.photos = identity, photos
        self.orders = []  # type: List[BatchResult]
        self.tries = 0
        self.is_checked = False
        #: Templates whose look could not be made; whoever wants one later looks again.
        self.unseen = {}  # type: Dict[Any, Exception]
        self.model = None  # type: Any
        self.watch = None  # type: Any


class Batch(object):
    """The orders of :meth:`.PortraitStudio.batch`: iterate for results, or :meth:`plan` first."""

    def __init__(self, studio: "PortraitStudio", ledger: "Ledger", orders: "Orders", out: str,
                 limits: "Dict[str, int]", waiter: "JobWaiter",
                 look_at: "Optional[Callable[[Any], Any]]", begin: "Callable[..., Any]",
                 ended: "Callable[..., Any]", again_unsettled: bool) -> None:
        self._studio, self._ledger, self._out = studio, ledger, out
        self._limits, self._waiter, self._look_at = limits, waiter, look_at
        self._begin, self._ended = begin, ended
        self._known = Known(ledger, orders, out, again_unsettled)
        #: Keys and files of the orders on the way, see :meth:`.Known.twice`.
        self._seen = {}  # type: Dict[bytes, Tuple[int, int]]
        #: Makes URLs, or what else the studio takes, of the words of an order.
        self.locate = list  # type: Callable[[Sequence[Any]], List[Any]]
        #: Called with this object about twice a second, and with every result.
        self.on_tick = None  # type: Optional[Callable[[Batch], Any]]
        #: How many orders have ended in each state.
        self.counts = Counter()  # type: Counter[str]
        #: People on the way to a model.
        self.people = {}  # type: Dict[Identity, _Person]
        self._brake = Brake(clock=waiter.clock, chance=waiter.chance)
        self._queues = dict((lane, deque()) for lane in LANES)  # type: Dict[str, Deque[Any]]
        self._busy = Counter()  # type: Counter[str]
        self._running = set()  # type: Set[Any]
        self._parked, self._is_closed = 0, False
        self._due = []  # type: List[Tuple[float, int, _Person]]
        # Of those that are due at the same moment, the first to wait is the first.
        self._numbers, self._turns = itertools.count(), itertools.count()
        self._failed = {}  # type: Dict[Identity, Exception]
        #: Models of people who were given up while they trained.
        self._left = []  # type: List[TrainedModel]
        self._templates = {}  # type: Dict[Any, Optional[Exception]]
        self._done = deque()  # type: Deque[BatchResult]
        self._results = self._run()  # type: Any

    def __iter__(self) -> "Batch":
        return self

    def __next__(self) -> BatchResult:
        try:
            return next(self._results)  # type: ignore[no-any-return]
        except BaseException:
            self._is_closed = True
            raise

    def stop(self) -> None:
        """Begin no more calls and read no more orders; what is under way still comes out."""
        self._is_closed = True

    def close(self) -> None:
        """Begin no more calls; those under way go on in their threads, see :meth:`settle`."""
        self.stop()
        with suppress(ValueError):  # it runs, in another thread or below a signal handler
            self._results.close()

    def plan(self) -> Plan:
        """Say what there is to do, in calls; nothing is sent, and the orders are read once."""
        return self._known.plan(self._look_at is not None)

    # the loop

    def _run(self) -> "Iterator[BatchResult]":
        os.makedirs(self._out or '.', exist_ok=True)
        check_place(os.path.join(self._out, REPORT))
        calls = each_as_it_ends(self._starts(), sum(self._limits.values()) + 1,
                                self._waiter.sleep)
        with naming_left(self.people, self._left, self._studio.uploaded):
            for lane, item, value, error in calls:
                self._busy[lane] -= 1
                if lane and self._brake.asks_again(error, item.tries):
                    self._queues[lane].appendleft(item)
                elif lane:
                    getattr(self, '_after_' + lane)(item, value, error)
                while self._done:
                    result = self._done.popleft()
                    self.counts[result.state] += 1
                    self._tick()
                    yield result

    def _tick(self) -> None:
        if self.on_tick:
            self.on_tick(self)

    def _starts(self) -> "Iterator[Any]":
        """Say what may start and when, for :func:`.each_as_it_ends`."""
        found = (each for order in self._known.orders
                 for each in self._known.looked_up([order]))
        try:
            while True:
                self._tick()
                refusal = self._refusal()
                if refusal is not None:
                    self._give_up(refusal)
                lane = self._free_lane(found)
                if lane or self._done:
                    item = self._queues[lane].popleft() if lane else None
                    self._busy[lane] += 1
                    yield partial(self._call, lane, item)
                else:
                    yield self._pause()
        finally:  # also if the source of orders breaks: what is checked then is not trained
            self._is_closed = True

    def _free_lane(self, found: "Iterator[Found]") -> str:
        """Return the kind of the next call, ``''`` for none; reads orders until there is one, or
        enough wait."""
        while not self._brake.left() or self._brake.refusal():
            while self._due and self._due[0][0] <= self._waiter.clock():
                self._queues['look'].append(heapq.heappop(self._due)[2])
            free = [lane for lane in LANES if self._busy[lane] < self._limits[lane]]
            for lane in free:
                if self._queues[lane]:
                    return lane
            is_enough = self._parked + len(self._queues['create']) >= AHEAD
            is_enough = is_enough or self._is_closed or bool(self._done) or not free
            order = None if is_enough else next(found, None)
            if order is None:
                break
            self._take(*order)
        return ''

    def _pause(self) -> "Optional[float]":
        """Return the seconds until something may start; None if only an end can tell."""
        waits = [self._brake.left()] if any(self._queues.values()) else []
        waits += [self._due[0][0] - self._waiter.clock()] if self._due else []
        # One whose moment has come since the look around starts at the next look.
        return max(SHORTEST_PAUSE, min(waits + [WAKING_INTERVAL])) if waits else None

    def _call(self, lane: str, item: "Any") -> "Tuple[str, Any, Any, Optional[Exception]]":
        """Make one call, in a thread: the one place where anything is sent."""
        self._running.add(item)
        try:
            if not lane:
                return lane, item, None, None
            item.tries += 1
            return lane, item, getattr(self, '_' + lane)(item), None
        except Exception as error:
            return lane, item, None, error
        finally:
            self._running.discard(item)

    def settle(self, seconds: float) -> bool:
        """Wait for the calls that are under way after an early end; whether all have ended.

        What ends in time is saved and settled; the ledger has the rest as unsettled.
        """
        until = time.monotonic() + seconds
        while self._running and time.monotonic() < until:
            time.sleep(WAKING_INTERVAL / 10)
        return not self._running

    # an order, and the model that it needs

    def _take(self, order: "Order", identity: "Identity", row: "Optional[Row]",
              training: "Optional[Row]") -> None:
        """Say at once what becomes of an order, or let it go on."""
        result = BatchResult(next(self._numbers), order)
        error = order.error or self._known.twice(order, self._seen, result.index)  # type: Any
        is_new = identity not in self.people
        if error is None:
            result.path, error = self._known.standing(order, row)
        if error is None and result.path is None:
            error = self._failed.get(identity) or (
                self._known.obstacle(order, training) if is_new else None)
        if error is not None or result.path is not None:
            self._known.found(row, result.path)
            self._end(result, error)
            return
        for old in (row, training) if is_new else (row,):
            if old is not None and old.state == UNSETTLED:
                self._ledger.forget(old)
        self._let_in(result, identity, training)

    def _let_in(self, result: BatchResult, identity: "Identity",
                training: "Optional[Row]") -> None:
        """Put an order where its model is, or will be."""
        if identity not in self.people:
            model = None if training is None or training.state == UNSETTLED else TrainedModel(
                training.model_id or '', training.job_id)
            if model_state(training) == SUCCEEDED:
                result.model = model
                self._queues['create'].append(result)
                return
            self.people[identity] = person = _Person(identity, result.order.photos)
            if model is None:
                self._queues['train'].append(person)
            else:
                self._wait_for(person, model)
        self.people[identity].orders.append(result)
        self._parked += 1

    def _wait_for(self, person: _Person, model: TrainedModel) -> None:
        person.model = model
        person.watch = self._waiter.watch(model.job_id, model.model_id)  # type: ignore[arg-type]
        heapq.heappush(self._due, (person.watch.due, next(self._turns), person))

    def _end(self, result: BatchResult, error: "Optional[Exception]") -> None:
        result.error = error
        forget(result.order, self._seen, result.index)
        self._done.append(result)

    def _leave(self, person: _Person) -> "List[BatchResult]":
        """Take a person out of those on the way; return the orders that waited."""
        self.people.pop(person.identity, None)
        self._parked -= len(person.orders)
        return person.orders

    def _fail(self, person: _Person, error: Exception) -> None:
        self._failed[person.identity] = error
        uploaded = self._studio.uploaded.get(person.model and person.model.job_id)
        if uploaded is not None:
            uploaded.tell(error)
        for result in self._leave(person):
            self._end(result, error)

    def _give_up(self, refusal: Exception) -> None:
        """End all that has not begun."""
        idle = [item for lane in LANES for item in self._queues[lane]]
        idle += [item for _, _, item in self._due]
        for queue in self._queues.values():
            queue.clear()
        del self._due[:]
        for item in idle:
            if not isinstance(item, _Person):
                self._end(item, refusal)
            elif item.model is None:
                self._fail(item, refusal)
            else:
                self._left.append(item.model)
                self._fail(item, unfinished(refusal, item.model))

    # the calls, in threads, and what follows, in the thread of who iterates

    def _train(self, person: _Person) -> "Optional[TrainedModel]":
        """Check photos and templates, then train; None if no template fits."""
        person.model = self._begin(self.locate(person.photos), person.identity[0],
                                   person.is_checked, partial(self._is_wanted, person))
        return person.model  # type: ignore[no-any-return]

    def _is_wanted(self, person: _Person) -> bool:
        """Look at the templates of a person's orders; return whether one of them may be made."""
        person.is_checked = True
        wanted = set(result.order.template for result in list(person.orders))
        unknown = wanted - self._templates.keys() - person.unseen.keys()
        for template in unknown if self._look_at else ():
            if not self._may_go_on():
                return False
            try:
                self._look_at(self.locate([template])[0])  # type: ignore[misc]
                self._templates[template] = None
            except (QuotaExceededError, ThrottledError):
                raise  # they concern all calls
            except (ImageCheckError, PhotoFileError) as unfit:
                self._templates[template] = unfit
            except Exception as error:
                person.unseen[template] = error
        return self._may_go_on() and any(
            self._unfit(person, template) is None for template in wanted)

    def _unfit(self, person: _Person, template: "Any") -> "Optional[Exception]":
        return self._templates.get(template) or person.unseen.get(template)

    def _may_go_on(self) -> bool:
        """Whether a step that follows another in a thread may start; False to try it later."""
        refusal = self._refusal()
        if refusal is not None:
            raise refusal
        return not self._brake.left()

    def _refusal(self) -> "Optional[Exception]":
        return NotSentError(choose('not sent: the batch was closed', '未发送：批量订单已关闭')
                            ) if self._is_closed else self._brake.refusal()

    def _after_train(self, person: _Person, model: "Optional[TrainedModel]",
                     error: "Optional[Exception]") -> None:
        for result in list(person.orders):
            unfit = self._unfit(person, result.order.template)
            if unfit is not None:
                person.orders.remove(result)
                self._parked -= 1
                self._end(result, unfit)
        if error is not None:
            self._fail(person, error)
        elif model is not None:
            self._wait_for(person, model)
        elif person.orders:
            # All calls pause, or they were read while the others' templates were looked at.
            self._queues['train'].append(person)
        else:
            self._leave(person)

    def _look(self, person: _Person) -> "Watch":
        return person.watch.look()  # type: ignore[no-any-return]

    def _after_look(self, person: _Person, watch: "Watch", _: "Any") -> None:
        if watch.failure is not None:
            self._brake.asks_again(watch.failure, 0)
        if not watch.is_over:
            return heapq.heappush(self._due, (watch.due, next(self._turns), person))
        if watch.error is not None:
            if isinstance(watch.error, JobFailedError):
                self._ended(person.model, FAILED, watch.error.message)
            return self._fail(person, watch.error)
        self._ended(person.model, SUCCEEDED, is_fresh=person.tries > 1)
        for result in self._leave(person):
            result.model = person.model
            self._queues['create'].append(result)

    def _create(self, result: BatchResult) -> "Portrait":
        order, path = result.order, self._known.path(result.order)
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
        result.path = path
        return self._studio.create(
            result.model, self.locate([order.template])[0],  # type: ignore[arg-type]
            order.configure, key=order.key, save_to=path)

    def _after_create(self, result: BatchResult, portrait: "Optional[Portrait]",
                      error: "Any") -> None:
        unsaved = getattr(error, 'portrait', None)  # type: Any
        if error is not None:
            result.path = unsaved and unsaved.kept
        if unsaved and error and not isinstance(error, FileExistsError):  # that of another batch
            self._brake.stop(choose('not sent: a portrait could not be saved: {}',
                                    '未发送：有写真无法保存：{}').format(error), error)
        result.portrait = portrait or unsaved
        self._end(result, error)
