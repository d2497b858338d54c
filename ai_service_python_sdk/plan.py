"""What is known of orders before anything is sent, a plan, and what became of each."""
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from contextlib import suppress
from functools import lru_cache

from .client.errors.base import dict_of
from .client.exceptions import AlreadyPaidError, InDoubtError, NotSentError
from .client.paid import ACCEPTED, SUCCEEDED, UNSETTLED
from .orders import OrderError
from .series import CreateResult
from .util.kept import mark_of, photo_of, photos_of, place_of
from .util.language import translate
from .util.redact import bare_name

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Container, Dict, Iterator, List, Optional, Set, Tuple, Union
    from .ledger import Ledger, Row
    from .orders import Identity, Order, Orders, Problem
    from .results import TrainedModel
    #: Path of the portrait that is there; why it cannot be made; None if it has to be made.
    Outcome = Union[None, str, Exception]
    Found = Tuple[Order, Optional[Row], Optional[Row]]
    #: (``key`` or ``out``, value) to (line, identity) of the order that has it.
    Seen = Dict[Tuple[str, Any], Tuple[int, int]]

#: How an order may end: saved now; there from before; paid for, but the file of the portrait is
#: missing; left without an answer; not sent, since the quota is used up or a portrait could not be
#: saved; failed.
SAVED, THERE, LOST, IN_DOUBT, NOT_SENT, BROKEN = RESULT_STATES = (
    'saved', 'there', 'lost', 'in_doubt', 'not_sent', 'failed')
#: Orders that a plan looks up at once.
AT_ONCE = 900
#: Sets of photos whose marks are remembered.
REMEMBERED = 5000
#: Characters of a name or template in the name of a file.
LONGEST_NAME = 28
#: Start of the keys of orders that have none of their own.
DERIVED = 'batch-'


class BatchResult(CreateResult):
    """What became of one order.

    :ivar path: where the portrait is saved; None without one.
    :ivar portrait: the portrait, if it was made just now.
    """

    def __init__(self, index: int, order: "Order") -> None:
        CreateResult.__init__(self, index, ())
        self.order = order  # type: Order
        self.path = None  # type: Optional[str]
        self.model = None  # type: Optional[TrainedModel]

    @property
    def key(self) -> "Optional[str]":
        """The order's key in the ledger."""
        return self.order.key

    @property
    def state(self) -> str:
        """What became of it, one of :data:`RESULT_STATES`."""
        if self.error is None:
            return SAVED if self.portrait else THERE
        kinds = ((AlreadyPaidError, LOST), (NotSentError, NOT_SENT))  # type: Any
        return next((state for kind, state in kinds if isinstance(self.error, kind)),
                    IN_DOUBT if getattr(self.error, 'is_in_doubt', False) else BROKEN)

    def to_dict(self) -> "Dict[str, Any]":
        """Return all but the picture as plain data, as JSON takes it."""
        order = self.order
        return {'index': self.index, 'line': order.line, 'person': order.person,
                'template': bare_name(str(order.template)), 'configure': order.configure,
                'key': self.key, 'state': self.state, 'path': self.path, 'tries': self.tries,
                'portrait': self.portrait and self.portrait.to_dict(),
                'error': dict_of(self.error)}

    def __repr__(self) -> str:
        return 'BatchResult({}, {}, {!r})'.format(self.index, self.state, self.path or self.error)


class Plan(object):
    """What a batch is going to do; nothing was sent.

    :ivar orders: how many; :ivar states: of those that need no call, how many of each state.
    :ivar checks, trainings, creations: calls; besides them trainings are looked at.
    :ivar waiting, trained: people whose training goes on, or whose model is there.
    :ivar problems: as of :class:`.OrderError`; :ivar unsettled: ids of ledger rows in doubt.
    :ivar again: ids of ledger rows in doubt whose calls are sent again, and may be paid twice.
    """

    def __init__(self) -> None:
        self.orders = 0  # type: int
        self.checks = 0  # type: int
        self.trainings = 0  # type: int
        self.creations = 0  # type: int
        self.waiting = 0  # type: int
        self.trained = 0  # type: int
        self.states = Counter()  # type: Counter[str]
        self.problems = []  # type: List[Problem]
        self.unsettled = []  # type: List[int]
        self.again = []  # type: List[int]

    def to_dict(self) -> "Dict[str, Any]":
        """Return it as plain data, as JSON takes it."""
        return dict(vars(self), states=dict(self.states))


class Known(object):
    """Looks orders up in a ledger and in the folder of their portraits.

    :ivar orders: where they are read from.
    :param again: whether calls that are unsettled now are sent again.
    """

    def __init__(self, ledger: "Ledger", orders: "Orders", out: str, again: bool) -> None:
        self._ledger, self._out = ledger, out
        self.orders = orders  # type: Orders
        #: Rows after this one are under way, here or in another program.
        self._newest = max([row.id for row in ledger.calls(1) if again] or [0])
        self._mark = lru_cache(REMEMBERED)(lambda photos: mark_of(photos_of(photos)))
        self._digest = lru_cache(REMEMBERED)(lambda template: photo_of(template)[1])

    def plan(self, checks_templates: bool) -> Plan:
        """Say what there is to do, in calls; nothing is sent, and the orders are read once."""
        plan, orders = Plan(), iter(self.orders)
        people = {}  # type: Dict[Any, str]
        templates = set()  # type: Set[Any]
        seen = {}  # type: Seen
        for chunk in iter(lambda: list(itertools.islice(orders, AT_ONCE)), []):
            for order, row, training in self.looked_up(chunk):
                plan.orders += 1
                found = self.judged(order, row, training, seen)
                if isinstance(found, OrderError):
                    plan.problems += found.problems
                elif isinstance(found, InDoubtError):
                    state = IN_DOUBT if found.is_in_doubt else LOST
                    plan.states[state] += 1
                    plan.unsettled += [found.row.id] if found.is_in_doubt else []
                elif found is not None:
                    plan.states[THERE] += 1
                else:
                    plan.creations += 1
                    state = people[order.identity] = training.state if training else UNSETTLED
                    templates.update([order.template] if state == UNSETTLED else [])
                    plan.again += [each.id for each in (row, training)
                                   if each is not None and each.state == UNSETTLED]
        plan.unsettled, plan.again = sorted(set(plan.unsettled)), sorted(set(plan.again))
        states = Counter(people.values())
        plan.trainings, plan.waiting = states[UNSETTLED], states[ACCEPTED]
        plan.trained = states[SUCCEEDED]
        plan.checks = plan.trainings + (len(templates) if checks_templates else 0)
        for known in (self._mark, self._digest):
            known.cache_clear()  # a picture may be replaced before it is sent
        return plan

    def looked_up(self, orders: "List[Order]") -> "Iterator[Found]":
        """Yield each order with its creation and its training in the ledger, None without one."""
        good = [order for order in orders if order.error is None]
        for order in good:
            order.identity = order.person, self._mark(order.photos)
        trained = self._named(set(order.person for order in good if not order.photos))
        for row in self._ledger.standing('train', 'photos_mark', set(
                order.identity[1] for order in good if order.photos)):
            trained[row.person, row.photos_mark] = row
        for order in good:
            if not order.key:
                # The same key with and without photos, if the ledger has a model of these.
                model = trained.get(order.identity)
                order.mark = model.photos_mark if model else order.identity[1]
                order.key = self._key_of(order)
        made = dict((row.key, row) for row in self._ledger.standing(
            'create', 'key', [order.key for order in good]))
        for order in orders:
            yield order, made.get(order.key), trained.get(order.identity)

    def _named(self, names: "Set[Any]") -> "Dict[Identity, Row]":
        """Return the newest model of each name that only one set of photos has."""
        found = {}  # type: Dict[Any, Dict[Optional[str], Row]]
        for row in self._ledger.standing('train', 'person', names):
            if row.state != UNSETTLED:
                found.setdefault(row.person, {})[row.photos_mark] = row
        return dict(((name, None), row) for name, rows in found.items()
                    for row in rows.values() if len(rows) == 1)

    def renew(self, order: "Order") -> None:
        """Make the key of an order of what is sent: a picture may have been replaced."""
        if order.mark is not None:
            self._digest.cache_clear()
            order.key = self._key_of(order)

    def _key_of(self, order: "Order") -> str:
        whole = [order.person, order.mark, self._digest(order.template), order.configure]
        text = json.dumps(whole, sort_keys=True, default=str)
        return DERIVED + hashlib.sha256(text.encode('ascii')).hexdigest()[:32]

    def path(self, order: "Order") -> str:
        """Return the file that the portrait of an order goes to."""
        if order.out or order.key is None:
            return os.path.join(self._out, order.out or '')
        stem = os.path.splitext(os.path.basename(str(order.template).partition('?')[0]))[0]
        return os.path.join(self._out, '_'.join(
            [re.sub(r'[^\w-]+', '_', text)[:LONGEST_NAME] for text in (order.person, stem)]
            + [hashlib.sha256(order.key.encode('utf-8')).hexdigest()[:8]]) + '.jpg')

    def judged(self, order: "Order", row: "Optional[Row]", training: "Optional[Row]",
               seen: "Seen", on_the_way: "Container[Identity]" = ()) -> "Outcome":
        """Return where the portrait is, or why it cannot be made; None if it has to be made.

        :param on_the_way: people whose training has begun in this batch.
        """
        found = order.error or self._twice(order, seen) or self._standing(order, row)
        if found is None and order.identity not in on_the_way:
            found = self._obstacle(order, training)
        return found

    def _standing(self, order: "Order", row: "Optional[Row]") -> "Outcome":
        path = self.path(order)
        if not _is_name(path):
            return self._wrong(order, 'out', translate(
                'this system cannot write the name {!a}; use UTF-8 (LC_ALL=C.UTF-8), or give '
                'another one', path))
        if row is not None and self._is_of_another(order, row):
            return self._wrong(order, 'key', translate(
                'row {} of the ledger has it for another person or template; give another key',
                row.id))
        for place in filter(_is_name, [path] if row is None else [row.saved or path, path]):
            if os.path.isfile(place) and os.path.getsize(place):
                # Another order may have written to the same file since.
                known = self._ledger.standing('create', 'saved', [place_of(place)])
                if row is None:
                    return self._wrong(order, 'out', translate(
                        'row {} of the ledger has it for another order; give another name',
                        known[0].id) if known else translate(
                        '{} exists, but the ledger (new, or restored from a backup?) does not '
                        'know it: use the ledger that it was made with; or move the file away, '
                        'and the portrait is paid for anew', path))
                if all(each.id == row.id for each in known):
                    return place
        if row is None or row.state == UNSETTLED and row.id <= self._newest:
            obstacle = _obstacle_to(path, self._out)
            return None if obstacle is None else self._wrong(order, 'out', translate(
                '{} cannot be written: {} is of the wrong kind or write-protected; give another '
                'name', path, obstacle))
        return (InDoubtError if row.state == UNSETTLED else AlreadyPaidError)(row)

    def found(self, row: "Optional[Row]", path: str) -> None:
        """Write down a saved portrait whose program was killed before the ledger knew of it."""
        if row is not None and not row.saved:
            if row.state == UNSETTLED:
                self._ledger.settle(row)
            self._ledger.saved(row, path)

    def _is_of_another(self, order: "Order", row: "Row") -> bool:
        """Whether the ledger has an order's own key for another person or template."""
        if order.mark is not None:
            return False
        model = self._ledger.look_up(row.model_ids[0]) if row.model_ids else None
        is_other_person = model is not None and model.person not in (None, order.person)
        return is_other_person or bool(
            row.template and row.template[1] != self._digest(order.template))

    def _twice(self, order: "Order", seen: "Seen") -> "Optional[OrderError]":
        """Return what is wrong with an order whose key or file an earlier one has."""
        for mark in _marks_of(order):
            if mark in seen:
                return self._wrong(order, mark[0], translate(
                    'line {} has the same one; leave this order out, or give it another `{}`',
                    seen[mark][0], mark[0]))
            seen[mark] = order.line, id(order)
        return None

    def _wrong(self, order: "Order", column: str, why: str) -> OrderError:
        return OrderError([(order.line, column, why)], self.orders.name)

    def _obstacle(self, order: "Order", training: "Optional[Row]") -> "Optional[Exception]":
        """Return why the person cannot get a model; None if there is one, or it can be trained."""
        if training is None:
            return None if order.photos else self._wrong(order, 'photos', translate(
                'give photos: the ledger has no model of this name, or models of several persons'))
        if training.state == UNSETTLED:
            return None if training.id <= self._newest else InDoubtError(training)
        return None if training.model_id else InDoubtError(training)


def _is_name(path: str) -> bool:
    """Whether this system can write the name of a file: LC_ALL=C allows ASCII only."""
    with suppress(UnicodeError):
        return bool(os.fsencode(path))
    return False


def _obstacle_to(path: str, out: str) -> "Optional[str]":
    """Return the path that keeps a file below ``out`` from being written; None without one."""
    there, top = path, os.path.dirname(os.path.join(out, '-')) or '.'
    while there != top and not os.path.lexists(there):
        there = os.path.dirname(there) or '.'
    is_open = there == top or os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK)
    return there if os.path.isdir(path) or there != path and not is_open else None


def forget(order: "Order", seen: "Seen") -> None:
    """Take an order that has ended out of ``seen``: the ledger and the folder know it now."""
    for mark in _marks_of(order):
        if seen.get(mark) == (order.line, id(order)):  # not the mark of an earlier order
            del seen[mark]


def _marks_of(order: "Order") -> "List[Tuple[str, Any]]":
    # Names that differ in case are one file on many disks.
    return [('key', order.key)] + ([('out', order.out.casefold())] if order.out else [])
