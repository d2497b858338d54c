"""What is known of orders before anything is sent, a plan, what became of each, what goes on."""
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from contextlib import contextmanager, suppress
from functools import lru_cache

from .client.errors.base import dict_of
from .client.exceptions import AlreadyPaidError, InDoubtError, NotSentError
from .client.paid import ACCEPTED, FORGOTTEN, SUCCEEDED, UNSETTLED, tell, warn
from .orders import OrderError
from .series import CreateResult
from .util.kept import lasting, mark_of, photo_of, photos_of, place_of, text_of
from .util.language import choose
from .util.parameters import as_plain
from .util.redact import bare_name

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple
    from .ledger import Ledger, Row
    from .orders import Order, Orders, Problem
    from .results import TrainedModel
    #: A person by name and by what the photos are known by.
    Identity = Tuple[Any, Optional[str]]
    Outcome = Tuple[Optional[str], Optional[Exception]]
    Found = Tuple[Order, Identity, Optional[Row], Optional[Row]]

#: What may become of an order: saved now, or there from before; paid for, but its portrait is not
#: at hand; left without an answer; not sent, since the quota is used up or a portrait could not be
#: saved; failed.
SAVED, THERE, LOST, IN_DOUBT, NOT_SENT, BROKEN = RESULT_STATES = (
    'saved', 'there', 'lost', 'in_doubt', 'not_sent', 'failed')
#: Orders that a plan looks up at once, each by two keys at most.
AT_ONCE = 300
#: Sets of photos whose marks are remembered.
REMEMBERED = 5000
#: Characters of a name or template in the name of a file.
LONGEST_NAME = 28
#: Trainings that a message names.
MOST_NAMED = 20
#: How a key begins that an order did not bring along.
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
        """What the ledger knows the order by."""
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
                'template': bare_name(str(order.template)), 'configure': order.configure and dict(
                    (name, as_plain(value)) for name, value in order.configure.items()),
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
    :ivar problems: as of :class:`.OrderError`; :ivar unsettled: numbers of rows of the ledger.
    :ivar again: of rows in doubt whose calls are sent again, and may be paid for already.
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
    :param again: whether calls go again that were unsettled when this was made.
    """

    def __init__(self, ledger: "Ledger", orders: "Orders", out: str, again: bool) -> None:
        self._ledger, self._out = ledger, out
        self.orders = orders  # type: Orders
        # Later ones are under way, here or in another program.
        self._newest = max([row.id for row in ledger.calls(1) if again] or [0])
        photos_of_once = lru_cache(REMEMBERED)(photos_of)
        self._mark = lru_cache(2 * REMEMBERED)(
            lambda photos, as_before=False: mark_of(photos_of_once(photos), as_before))
        self._digest = lru_cache(REMEMBERED)(lambda template: photo_of(template)[1])
        self._person_of = lru_cache(REMEMBERED)(
            lambda model_id: getattr(ledger.look_up(model_id), 'person', None))
        self._obstacle_on_disk = lru_cache(REMEMBERED)(_obstacle_to)

    def plan(self, looks_at_templates: bool) -> Plan:
        """Say what there is to do, in calls; nothing is sent, and the orders are read once."""
        plan, orders, path = Plan(), iter(self.orders), None
        people = {}  # type: Dict[Any, str]
        templates = set()  # type: Set[Any]
        seen = {}  # type: Dict[bytes, Tuple[int, int]]
        for chunk in iter(lambda: list(itertools.islice(orders, AT_ONCE)), []):
            for order, identity, row, training in self.looked_up(chunk):
                plan.orders += 1
                error = order.error or self.twice(order, seen, plan.orders)  # type: Any
                if not error:
                    path, error = self.standing(order, row)
                    error = error or path is None and self.obstacle(order, training) or None
                if isinstance(error, OrderError):
                    plan.problems += error.problems
                elif isinstance(error, InDoubtError):
                    state = IN_DOUBT if error.is_in_doubt else LOST
                    plan.states[state] += 1
                    plan.unsettled += [error.row.id] if error.is_in_doubt else []
                elif path is not None:
                    plan.states[THERE] += 1
                else:
                    plan.creations += 1
                    state = people[identity] = model_state(training)
                    templates.update([order.template] if state == UNSETTLED else [])
                    plan.again += [each.id for each in (row, training)
                                   if each is not None and each.state == UNSETTLED]
        plan.unsettled, plan.again = sorted(set(plan.unsettled)), sorted(set(plan.again))
        states = Counter(people.values())
        plan.trainings, plan.waiting = states[UNSETTLED], states[ACCEPTED]
        plan.trained = states[SUCCEEDED]
        plan.checks = plan.trainings + (len(templates) if looks_at_templates else 0)
        return plan

    def looked_up(self, orders: "List[Order]") -> "Iterator[Found]":
        """Find the standing creation and training of each order."""
        good = [order for order in orders if order.error is None]
        marks = dict((id(order), self._mark(order.photos)) for order in good)
        derived = set()  # type: Set[str]
        trained = self._named(set(order.person for order in good if not order.photos))
        for row in self._of('train', 'photos_mark', set(marks.values()) - {None}):
            trained[row.person, row.photos_mark] = row
        for order in good:
            # Also without its photos an order is that of the model which they gave.
            model = trained.get((order.person, marks[id(order)]))
            mark = model.photos_mark if model else marks[id(order)]
            if not order.key:
                order.key = self._key_of(order, mark)
                order.other_key = self._key_of(
                    order, mark_of(model.photos, True) if model else self._mark(
                        order.photos, True), True)
                derived.add(order.key)
        made = dict((row.key, row) for row in self._of('create', 'key', [
            key for order in good for key in (order.key, order.other_key) if key]))
        for order in good:
            own, other = made.get(order.key), made.get(order.other_key)
            if other and (own is None or self._is_of_another(order, own)) and (
                    self._is_of(marks[id(order)], other) if order.key in derived
                    else not self._is_of_another(order, other)):
                order.key = other.key
        for order in orders:
            identity = order.person, marks.get(id(order))
            yield order, identity, made.get(order.key), trained.get(identity)

    def _of(self, kind: str, column: str, values: "Iterable[Any]") -> "List[Row]":
        return self._ledger.standing(kind, column, values) if values else []

    def _named(self, names: "Set[Any]") -> "Dict[Identity, Row]":
        """Return the newest model of each name that only one set of photos has."""
        found = {}  # type: Dict[Any, Dict[Optional[str], Row]]
        for row in self._of('train', 'person', names):
            if row.state != UNSETTLED:
                found.setdefault(row.person, {})[row.photos_mark] = row
        return dict(((name, None), row) for name, rows in found.items()
                    for row in rows.values() if len(rows) == 1)

    def _is_of(self, mark: "Optional[str]", row: "Row") -> bool:
        """Whether a creation whose key is as before is that of these photos, by its model."""
        model = self._ledger.look_up(row.model_ids[0]) if row.model_ids else None
        return model is not None and mark in (None, model.photos_mark)

    def _key_of(self, order: "Order", mark: "Optional[str]", as_before: bool = False) -> str:
        # pandas makes 1.0 of 1 where another row has 0.5.
        configure = order.configure and dict(
            (name, int(value) if isinstance(value, float) and value.is_integer() else value)
            for name, value in order.configure.items())
        whole = [order.person, mark, self._mark((order.template,), as_before), configure,
                 lasting(str(order.template)).partition('?')[2]]
        text = json.dumps(whole, sort_keys=True, default=str)
        return DERIVED + hashlib.sha256(text.encode('ascii')).hexdigest()[:32]

    def path(self, order: "Order") -> str:
        if order.out or order.key is None:
            return os.path.join(self._out, order.out or '')
        stem = os.path.splitext(os.path.basename(str(order.template).partition('?')[0]))[0]
        return os.path.join(self._out, '_'.join(
            [re.sub(r'[^\w-]+', '_', text)[:LONGEST_NAME] for text in (order.person, stem)]
            + [hashlib.sha256(order.key.encode('utf-8')).hexdigest()[:8]]) + '.jpg')

    def standing(self, order: "Order", row: "Optional[Row]") -> "Outcome":
        """Return where the portrait is already, or why it cannot be made; else None and None."""
        path = self.path(order)
        try:
            os.fsencode(path)
        except UnicodeError:
            return None, self._wrong(order, 'out', choose(
                'this system cannot write the name {!a}; use UTF-8 (LC_ALL=C.UTF-8), or give '
                'another', '当前系统无法写入文件名 {!a}；请使用 UTF-8（LC_ALL=C.UTF-8）或其他文件名').format(path))
        if row is not None and self._is_of_another(order, row):
            return None, self._wrong(order, 'key', self._whose(order, row))
        obstacle = self._obstacle_on_disk(os.path.dirname(path)) if order.out else None
        obstacle = path if os.path.isdir(path) else obstacle
        if obstacle is not None:
            return None, self._wrong(order, 'out', choose(
                '{} cannot be written, since {} is in its way or closed; give another name',
                '无法写入 {}：{} 类型不符或不可写，请使用其他文件名').format(path, obstacle))
        for place in [path] if row is None else [row.saved or path, path]:
            if os.path.isfile(place) and os.path.getsize(place):
                earlier = None if row else self._ledger.find(order.key or '', 'create')
                if earlier and earlier.state == FORGOTTEN and not (
                        order.out or self._is_of_another(order, earlier)):
                    return path, None  # saved before its row said so, which was let go since
                if row is None and not order.out:
                    return None, self._wrong(order, 'out', choose(
                        '{} is there, but the ledger (new, or put back from a copy?) does not '
                        'know it: use the ledger that it was made with; or move it away, and the '
                        'portrait is paid for anew', '{} 已存在，但账本（新建或由备份恢复？）中没有记录：'
                        '请使用制作时的账本；如移走该文件，则会重新付费制作').format(path))
                if row is None:
                    return None, self._wrong(order, 'out', choose(
                        '{} is there and holds something else; give another name',
                        '{} 已存在且为其他内容，请使用其他文件名').format(path))
                if all(each.id == row.id for each in self._ledger.standing(
                        'create', 'saved', [place_of(place)])):
                    return place, None
        if row is None or row.state == UNSETTLED and row.id <= self._newest:
            return None, None
        return None, (InDoubtError if row.state == UNSETTLED else AlreadyPaidError)(row)

    def found(self, row: "Optional[Row]", path: "Optional[str]") -> None:
        """Write down a portrait that was saved by a program that ended before it said so."""
        if row is not None and path and not row.saved:
            if row.state == UNSETTLED:
                self._ledger.settle(row)
            self._ledger.saved(row, path)

    def _is_of_another(self, order: "Order", row: "Row") -> bool:
        """Whether a key that an order brought along is known for somebody or something else."""
        if str(row.key).startswith(DERIVED):
            return False
        person = self._person_of(row.model_ids[0]) if row.model_ids else None
        return (person or order.person) != order.person or bool(
            row.template and row.template[1] != self._digest(order.template))

    def _whose(self, order: "Order", row: "Row") -> str:
        """Say whose a key is, and how to go on without paying where only the name differs."""
        training = self._ledger.look_up(row.model_ids[0]) if row.model_ids else None
        if training is None or training.photos_mark != self._mark(order.photos) or (
                row.template and row.template[1] != self._digest(order.template)):
            return choose(
                'row {} of the ledger has it for another person or template; give another key',
                '账本第 {} 行已将其用于其他人物或模板，请使用其他 key').format(row.id)
        return choose(
            'row {} of the ledger has it for another person, {!r}, with the same photos; if only '
            'the name was wrong, keep it, or correct it: Ledger({!r}).named({}, {!r}, {!r})',
            '账本第 {} 行已将其用于其他人物 {!r}，照片相同；如仅名称有误，请沿用原名称，或更正：'
            'Ledger({!r}).named({}, {!r}, {!r})').format(
                row.id, training.person, self._ledger.path, training.id, order.person,
                training.person)

    def twice(self, order: "Order", seen: "Dict[bytes, Tuple[int, int]]",
              number: int) -> "Optional[OrderError]":
        """Return what is wrong with an order whose key or file an earlier one has."""
        for name, mark in _marks_of(order):
            if seen.setdefault(mark, (number, order.line))[0] != number:
                return self._wrong(order, name, choose(
                    'the same as of line {}; leave it out, or give it a `{}` of its own',
                    '与第 {} 行相同；请删除，或填写不同的 `{}`').format(seen[mark][1], name))
        return None

    def _wrong(self, order: "Order", column: str, why: str) -> OrderError:
        return OrderError([(order.line, column, why)], self.orders.name)

    def obstacle(self, order: "Order", training: "Optional[Row]") -> "Optional[Exception]":
        """Return why the person cannot have a model; None if there is one, or may be."""
        if training is None and not order.photos:
            several = ['{0.model_id} ({0.begun:.10})'.format(row) for row in self._of(
                'train', 'person', [order.person]) if row.state != UNSETTLED]
            return self._wrong(order, 'photos', choose(
                'give photos, to say who is meant: the ledger has models of this name that were '
                'trained with different photos: {}', '请填写照片以确定人物：账本中有多个该名称的模型，所用照片不同：{}'
            ).format(', '.join(several[-MOST_NAMED:])) if several else choose(
                'give photos: the ledger has no model of this name',
                '请填写照片：账本中没有该名称的模型'))
        # An odd code beside ids leaves a model's id on a row in doubt.
        if training is None or training.model_id and training.state != UNSETTLED:
            return None
        goes_again = training.state == UNSETTLED and training.id <= self._newest
        return None if goes_again else InDoubtError(training)


def _obstacle_to(folder: str) -> "Optional[str]":
    """Return what makes it impossible to make a folder and write into it; None for nothing."""
    there = folder or '.'
    above = os.path.dirname(there) or '.'
    # Nothing is above a drive of Windows, nor above a current folder that was removed.
    while not os.path.lexists(there) and above != there:
        there, above = above, os.path.dirname(above) or '.'
    is_open = os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK)
    return None if is_open else there


def forget(order: "Order", seen: "Dict[bytes, Tuple[int, int]]", number: int) -> None:
    """Forget an order that has ended: the ledger and the folder know it from now on."""
    for _, mark in _marks_of(order):
        if seen.get(mark, (None,))[0] == number:
            del seen[mark]


def _marks_of(order: "Order") -> "Iterator[Tuple[str, bytes]]":
    # Names that differ in case or in how an accent is written are one file on many disks.
    out = order.out and str(text_of(os.path.normpath(order.out))).casefold()
    for name, value in (('key', order.key), ('out', out)):
        if value is not None:
            whole = '{}:{}'.format(name, value).encode('utf-8')
            yield name, hashlib.sha256(whole).digest()[:8]


@contextmanager
def naming_left(people: "Dict[Any, Any]", left: "List[TrainedModel]",
                uploaded: "Dict[Any, Any]") -> "Iterator[None]":
    """Name the trainings that go on, and the photos that stay, at what ends a batch early.

    :param left: models of people whose orders have ended without them.
    """
    try:
        yield
    except BaseException as error:
        models = [person.model for person in list(people.values()) if person.model]
        for model in models:
            if model.job_id in uploaded:
                uploaded[model.job_id].tell(error)
        if left or models:
            with suppress(Exception):  # others' errors need not take attributes
                _put_ids(error, left + models)
            tell(error, _goes_on(left + models))
        raise
    if left:
        warn(_goes_on(left))


def unfinished(refusal: Exception, model: "TrainedModel") -> NotSentError:
    """Return the error of orders that were not sent, while their training is paid and goes on."""
    error = NotSentError(getattr(refusal, 'reason', str(refusal)))  # type: Any
    error.__cause__ = refusal
    _put_ids(error, [model])
    error.hint_en = 'The training is paid for and goes on; the batch, run again, waits for it.'
    error.hint_zh = '该模型训练已计费且仍在进行；再次运行批量订单会等待其结束。'
    return error  # type: ignore[no-any-return]


def _put_ids(error: "Any", models: "List[TrainedModel]") -> None:
    error.models, error.job_id, error.model_id = models, models[0].job_id, models[0].model_id


def _goes_on(models: "List[TrainedModel]") -> str:
    return choose(
        '{} trainings go on, which are paid for; the batch, run again, waits for them: {!r}{}',
        '{} 个已计费的模型训练仍在进行；再次运行批量订单会等待其结束：{!r}{}').format(
            len(models), models[:MOST_NAMED], '…' if len(models) > MOST_NAMED else '')


def model_state(training: "Optional[Row]") -> str:
    """Return the state of a model: succeeded, accepted, or unsettled for one that has to be."""
    return UNSETTLED if training is None else training.state
