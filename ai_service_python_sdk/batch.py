"""Many orders planned, checked, trained, created and saved; run again, a batch goes on.

::

    studio = PortraitStudio(client, ledger=Ledger('orders.sqlite'))
    for result in studio.batch('orders.csv', 'portraits'):
        print(result.order.person, result.state, result.path)
"""
import heapq
import os
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial

from .client.background import WAKING_INTERVAL, each_as_it_ends
from .client.brake import Brake
from .client.errors.base import ApiException
from .client.exceptions import ImageCheckError, JobFailedError, NotFoundError, NotSentError
from .client.paid import FAILED, SUCCEEDED, UNSETTLED, tell, warn
from .orders import REPORT
from .plan import BatchResult, Known, Plan, forget
from .results import TrainedModel
from .util.files import check_place
from .util.kept import mark_of, photos_of
from .util.language import in_language, translate
from .util.photo_file import PhotoFileError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, Callable, Deque, Dict, Iterator, List, Optional, Sequence, Set,
                        Tuple)
    from .client.job_waiter import JobWaiter, Watch
    from .ledger import Ledger, Row
    from .orders import Identity, Order, Orders
    from .plan import Found, Seen
    from .portrait import PortraitStudio
    from .results import Portrait

__all__ = ['Batch', 'BatchResult', 'Plan']

#: Kinds of work, the most urgent first; each has a queue and its own limit. A call of a lane is
#: the method ``_LANE``, and ``_after_LANE`` takes how it ended.
LANES = ('look', 'create', 'train')
#: Orders that are read ahead, and wait for a model or their turn.
AHEAD = 2000
#: Trainings that a message names.
MOST_NAMED = 20
SHORTEST_PAUSE = 0.001  # seconds


class _Person(object):
    """A person on the way to a model, and the orders that wait for it."""

    def __init__(self, identity: "Identity", photos: "Sequence[Any]") -> None:
        self.identity, self.photos = identity, photos
        self.orders = []  # type: List[BatchResult]
        self.tries = 0
        self.is_checked = False
        #: Mark of the photos that are sent, which may be others than were read.
        self.mark = None  # type: Optional[str]
        self.model = None  # type: Any
        self.watch = None  # type: Any


class Batch(object):
    """The orders of :meth:`.PortraitStudio.batch`: iterate for results, or :meth:`plan` first."""

    def __init__(self, studio: "PortraitStudio", ledger: "Ledger", orders: "Orders", out: str,
                 limits: "Dict[str, int]", waiter: "JobWaiter",
                 check_template: "Optional[Callable[[Any], Any]]", begin: "Callable[..., Any]",
                 ended: "Callable[..., Any]", again_unsettled: bool) -> None:
        self._studio, self._ledger, self._out = studio, ledger, out
        self._limits, self._waiter, self._check_template = limits, waiter, check_template
        self._begin, self._ended = begin, ended
        self._known = Known(ledger, orders, out, again_unsettled)
        #: Keys and files of the orders that have not ended.
        self._seen = {}  # type: Seen
        #: Turns photos of an order into what the studio takes, such as URLs.
        self.locate = list  # type: Callable[[Sequence[Any]], List[Any]]
        #: Called with this object about twice a second, and with every result.
        self.on_tick = id  # type: Callable[[Batch], Any]
        #: How many orders have ended in each state.
        self.counts = Counter()  # type: Counter[str]
        #: People on the way to a model.
        self.people = {}  # type: Dict[Identity, _Person]
        self._brake = Brake(clock=waiter.clock, chance=waiter.chance)
        self._queues = dict((lane, deque()) for lane in LANES)  # type: Dict[str, Deque[Any]]
        self._busy = Counter()  # type: Counter[str]
        self._running = set()  # type: Set[Any]
        self._taken, self._is_closed = 0, False
        #: People in training, a heap by when each is looked at next.
        self._due = []  # type: List[Tuple[float, int, _Person]]
        self._failed = {}  # type: Dict[Identity, Exception]
        #: Models whose training goes on though their orders have ended.
        self._going_on = []  # type: List[TrainedModel]
        #: What a check found wrong with each template, None for nothing.
        self._templates = {}  # type: Dict[Any, Optional[Exception]]
        #: Orders that have ended and were not yielded yet.
        self._done = deque()  # type: Deque[BatchResult]
        self._results = self._run()  # type: Any

    def __iter__(self) -> "Batch":
        return self

    def __next__(self) -> BatchResult:
        return next(self._results)  # type: ignore[no-any-return]

    def stop(self) -> None:
        """Begin no more calls and read no more orders; what is under way is still yielded."""
        self._is_closed = True

    def close(self) -> None:
        """Begin no more calls; those under way go on in their threads, see :meth:`settle`."""
        self.stop()
        with suppress(ValueError):  # the generator runs, in another thread or below this handler
            self._results.close()

    def plan(self) -> Plan:
        """Say what there is to do, in calls; nothing is sent, and the orders are read once."""
        return self._known.plan(self._check_template is not None)

    # the loop

    def _run(self) -> "Iterator[BatchResult]":
        os.makedirs(self._out or '.', exist_ok=True)
        check_place(os.path.join(self._out, REPORT))
        calls = each_as_it_ends(self._starts(), sum(self._limits.values()) + 1,
                                self._waiter.sleep)
        try:
            for lane, item, value, error in calls:
                self._busy[lane] -= 1
                if lane and self._brake.asks_again(error, item.tries):
                    self._queues[lane].appendleft(item)
                elif lane:
                    getattr(self, '_after_' + lane)(item, value, error)
                while self._done:
                    result = self._done.popleft()
                    self.counts[result.state] += 1
                    self.on_tick(self)
                    yield result
        except BaseException as error:
            self.stop()
            for person in list(self.people.values()):
                self._leave(person, error)
            if self._going_on:
                with suppress(Exception):  # others' errors need not take attributes
                    _name_models(error, self._going_on)
                tell(error, _goes_on(self._going_on))
            raise
        if self._going_on:
            warn(_goes_on(self._going_on))

    def _leave(self, person: _Person, error: BaseException) -> None:
        """Note a training that goes on without its orders; name its photos on ``error``."""
        if person.model is not None and not isinstance(error, NotFoundError):
            self._going_on.append(person.model)
            if person.model.job_id in self._studio.uploaded:
                self._studio.uploaded[person.model.job_id].tell(error)

    def _starts(self) -> "Iterator[Any]":
        """Say what may start and when, for :func:`.each_as_it_ends`."""
        found = (each for order in self._known.orders
                 for each in self._known.looked_up([order]))
        try:
            while True:
                self.on_tick(self)
                lane = self._free_lane(found)
                # Without a lane it is a call of nothing, which lets _run() yield what is done.
                if lane or self._done:
                    item = self._queues[lane].popleft() if lane else None
                    self._busy[lane] += 1
                    yield partial(self._call, lane, item)
                else:
                    yield self._pause()
        finally:  # also if the source of orders breaks: no more trainings are begun then
            self.stop()

    def _free_lane(self, found: "Iterator[Found]") -> str:
        """Return the lane of the next call, ``''`` for none; read orders until there is one, or
        until enough of them wait."""
        most = AHEAD + self._limits['create']
        while True:
            while self._due and (self._due[0][0] <= self._waiter.clock() or self._refusal()):
                self._queues['look'].append(heapq.heappop(self._due)[2])
            for lane in LANES if self._refusal() or not self._brake.left() else ():
                if self._queues[lane] and self._busy[lane] < self._limits[lane]:
                    return lane
            is_enough = self._taken - sum(self.counts.values()) >= most
            if is_enough or self._is_closed or self._done:
                break
            order = next(found, None)
            if order is None:
                break
            self._take(*order)
        return ''

    def _pause(self) -> "Optional[float]":
        """Return the seconds until something may start; None: nothing before a call ends."""
        # What waits in full lanes starts when a call ends.
        is_full = any(self._busy.values()) and not self._brake.left()
        waits = [self._brake.left()] if any(self._queues.values()) and not is_full else []
        waits += [self._due[0][0] - self._waiter.clock()] if self._due else []
        # Not below zero: a moment may have come since _free_lane() looked.
        return max(SHORTEST_PAUSE, min(waits + [WAKING_INTERVAL])) if waits else None

    def _call(self, lane: str, item: "Any") -> "Tuple[str, Any, Any, Optional[Exception]]":
        """Make one call, in a thread: nothing is sent anywhere else."""
        if not lane:
            return lane, item, None, None
        self._running.add(item)
        try:
            self._check_open()
            item.tries += 1
            return lane, item, getattr(self, '_' + lane)(item), None
        except Exception as error:
            return lane, item, None, error
        finally:
            self._running.discard(item)

    def settle(self, seconds: float) -> bool:
        """Wait for calls that are under way after :meth:`close`; return whether all have ended.

        What ends within so many seconds is saved and settled; the rest is in doubt in the ledger.
        """
        until = time.monotonic() + seconds
        while self._running and time.monotonic() < until:
            time.sleep(WAKING_INTERVAL / 10)
        return not self._running

    # an order, and the model that it needs

    def _take(self, order: "Order", row: "Optional[Row]", training: "Optional[Row]") -> None:
        """End an order that needs no call; else queue it, or let it wait for its model."""
        result = BatchResult(self._taken, order)
        self._taken += 1
        found = self._known.judged(order, row, training, self._seen, self.people)
        if isinstance(found, str):
            result.path = found
            self._known.found(row, found)
            return self._end(result, None)
        error = found or self._failed.get(order.identity)
        if error is not None:
            return self._end(result, error)
        person = self.people.get(order.identity)
        for old in (row, None if person else training):
            if old is not None and old.state == UNSETTLED:
                self._ledger.forget(old)
        if person is None:
            person = _Person(order.identity, order.photos)
            if training is None or training.state == UNSETTLED:
                self._queues['train'].append(person)
            else:
                result.model = TrainedModel((training.model_id or '').strip(), training.job_id)
                if training.state == SUCCEEDED:
                    return self._queues['create'].append(result)
                self._wait_for(person, result.model)
            self.people[order.identity] = person
        person.orders.append(result)

    def _wait_for(self, person: _Person, model: TrainedModel) -> None:
        person.model = model
        person.watch = self._waiter.watch(model.job_id, model.model_id)  # type: ignore[arg-type]
        heapq.heappush(self._due, (person.watch.due, id(person), person))

    def _end(self, result: BatchResult, error: "Optional[Exception]") -> None:
        result.error = error
        forget(result.order, self._seen)
        self._done.append(result)

    def _fail(self, person: _Person, error: Exception) -> None:
        self._failed[person.identity] = error
        del self.people[person.identity]
        for result in person.orders:
            self._end(result, error)

    def _refusal(self) -> "Optional[Exception]":
        return NotSentError(translate('not sent: the batch was closed')
                            ) if self._is_closed else self._brake.refusal()

    # the calls run in threads; what follows them runs in the thread that iterates

    def _train(self, person: _Person) -> "Optional[TrainedModel]":
        """Check photos and templates, then train; None if no template fits."""
        person.mark = mark_of(photos_of(person.photos))
        person.model = self._begin(self.locate(person.photos), person.identity[0],
                                   person.is_checked, partial(self._is_wanted, person))
        return person.model  # type: ignore[no-any-return]

    def _is_wanted(self, person: _Person) -> bool:
        """Check the templates of a person's orders; return whether one of them fits."""
        person.is_checked = True
        wanted = set(result.order.template for result in list(person.orders))
        for template in wanted - self._templates.keys() if self._check_template else ():
            self._check_open()
            unfit = None  # type: Optional[Exception]
            try:
                self._check_template(self.locate([template])[0])  # type: ignore[misc]
            except (ImageCheckError, PhotoFileError) as error:
                unfit = error
            self._templates[template] = unfit
        self._check_open()
        return any(self._templates.get(template) is None for template in wanted)

    def _check_open(self) -> None:
        """Raise if nothing is sent any more."""
        refusal = self._refusal()
        if refusal is not None:
            raise refusal

    def _after_train(self, person: _Person, model: "Optional[TrainedModel]",
                     error: "Optional[Exception]") -> None:
        for result in list(person.orders):
            unfit = self._templates.get(result.order.template)
            if unfit is not None:
                person.orders.remove(result)
                self._end(result, unfit)
        if error is not None:
            self._fail(person, error)
        elif model is not None:
            self._wait_for(person, model)
        elif person.orders:  # read while the templates of the others were checked
            self._queues['train'].append(person)
        else:
            del self.people[person.identity]

    def _look(self, person: _Person) -> "Watch":
        return person.watch.look()  # type: ignore[no-any-return]

    def _after_look(self, person: _Person, _: "Any", refusal: "Optional[Exception]") -> None:
        watch, error = person.watch, refusal or person.watch.error
        if refusal is not None:
            _name_models(refusal, [person.model])
        if watch.failure is not None:
            self._brake.asks_again(watch.failure, 0)
        if isinstance(error, JobFailedError):
            self._ended(person.model, FAILED, error.message)
            self._fail(person, error)
        elif error is not None:
            self._leave(person, error)
            self._fail(person, error)
        elif not watch.is_over:
            heapq.heappush(self._due, (watch.due, id(person), person))
        else:
            self._ended(person.model, SUCCEEDED, is_fresh=person.tries > 1)
            del self.people[person.identity]
            for result in person.orders:
                result.model = person.model
                result.order.mark = result.order.mark and (person.mark or result.order.mark)
                self._queues['create'].append(result)

    def _create(self, result: BatchResult) -> "Portrait":
        order = result.order
        self._known.renew(order)
        path = self._known.path(order)
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
        result.path = path
        return self._studio.create(
            result.model, self.locate([order.template])[0],  # type: ignore[arg-type]
            order.configure, key=order.key, save_to=path)

    def _after_create(self, result: BatchResult, portrait: "Optional[Portrait]",
                      error: "Any") -> None:
        if error is not None:
            portrait = getattr(error, 'portrait', None)
            result.path = portrait and portrait.kept
            # An existing file concerns one order; any other failure, such as a full disk, all.
            if portrait and not isinstance(error, FileExistsError):
                self._brake.stop(translate('not sent: a portrait could not be saved: {}',
                                           error), error)
        result.portrait = portrait
        self._end(result, error)


def _name_models(error: "Any", models: "List[TrainedModel]") -> None:
    """Name on an error the trainings that are paid for and go on."""
    error.models, error.job_id, error.model_id = models, models[0].job_id, models[0].model_id
    ApiException._say(error, 'hint', lambda lang: in_language(
        lang, 'The training is paid for and goes on; the batch, run again, waits for it.'))


def _goes_on(models: "List[TrainedModel]") -> str:
    return translate('{} trainings go on, which are paid for; the batch, run again, waits for '
                     'them: {!r}{}', len(models), models[:MOST_NAMED],
                     '…' if len(models) > MOST_NAMED else '')
