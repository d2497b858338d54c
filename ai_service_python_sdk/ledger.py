"""What was paid for, kept in one SQLite file: written down before a call leaves, settled after."""
import difflib
import json
import os

from .client.address import is_of_this_computer
from .client.errors.ledger import InDoubtError, LedgerError
from .client.paid import ACCEPTED, FAILED, FORGOTTEN, STATES, SUCCEEDED, UNSETTLED
from .util.kept import (
    clean, kind_of, listed, mark_of, moment, person_of, photo_of, photos_of, picture_of, place_of,
    plain, seconds_since, text_of)
from .util.language import translate
from .util.redact import bare_urls
from .util.shared_file import SharedFile
from .util.view import as_float, as_int

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Type, Union
    Run = Callable[..., Any]

#: Rows that a list returns by default; trainings that an estimate looks back on.
LISTED, HISTORY = 5000, 20

_SCHEMA = (
    'CREATE TABLE paid_calls (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,'
    ' operation TEXT NOT NULL, state TEXT NOT NULL, begun TEXT NOT NULL, settled TEXT, ended TEXT,'
    ' key TEXT, person TEXT, photos TEXT, photos_mark TEXT, template TEXT, model_ids TEXT,'
    ' configure TEXT, request_id TEXT, job_id TEXT, model_id TEXT, cost_time REAL, seconds REAL,'
    ' message TEXT, saved TEXT, picture TEXT)',
    'CREATE TABLE uploads (url TEXT PRIMARY KEY, begun TEXT, why TEXT, job_id TEXT)',
) + tuple('CREATE INDEX paid_calls_{0} ON paid_calls ({0})'.format(name) for name in (
    'kind', 'state', 'key', 'person', 'photos_mark', 'job_id', 'model_id', 'saved'))
#: The same training. A "+" keeps SQLite from an index that would find half of the rows.
_SAME = "+kind = 'train' AND photos_mark = ? AND +person IS ?"
#: A call that may not simply be sent again: it may be paid for, or is.
_STANDING = '+state IN {!r}'.format((UNSETTLED, ACCEPTED, SUCCEEDED))


class Row(object):
    """One paid call. Times are ISO texts in UTC; what is not known is None.

    :ivar operation: as :meth:`Ledger.begin` got it.
    :ivar kind: ``train`` or ``create``, for any other call the same as ``operation``.
    :ivar state: one of :data:`STATES`.
    :ivar begun, settled, ended: when it left, was answered, and was seen to have ended.
    :ivar photos: each as [name, SHA-256]: a URL without its query, and the hash of the URL without
        its signature; or a local path, and the hash of the content.
    :ivar template: the template picture as such a pair; None without one.
    :ivar seconds: how long a training took, if that was seen.
    :ivar picture: SHA-256 of the file at ``saved`` at the time it was written.
    :ivar stored: whether :meth:`Ledger.begin` found it done before: send nothing then.
    """

    operation = kind = state = begun = ''
    settled = None  # type: Optional[str]
    ended = None  # type: Optional[str]
    key = None  # type: Optional[str]
    person = None  # type: Optional[str]
    photos_mark = None  # type: Optional[str]
    request_id = None  # type: Optional[str]
    model_id = None  # type: Optional[str]
    message = None  # type: Optional[str]
    saved = None  # type: Optional[str]
    picture = None  # type: Optional[str]
    cost_time = None  # type: Optional[float]
    seconds = None  # type: Optional[float]
    id = 0
    stored = False

    def __init__(self, values: "Dict[str, Any]") -> None:
        vars(self).update(values, stored=False)
        self.photos = json.loads(values['photos'])  # type: List[List[str]]
        self.template = json.loads(values['template'])  # type: Optional[List[str]]
        self.model_ids = json.loads(values['model_ids'])  # type: List[str]
        self.configure = json.loads(values['configure'])  # type: Any
        if self.saved and os.name != 'nt':  # as open() takes it, whatever the locale
            self.saved = os.fsdecode(self.saved.encode('utf-8', 'surrogateescape'))
        number = as_int(values['job_id'])
        #: A number, as the service gives them, or a text.
        self.job_id = number if str(number) == values['job_id'] else values['job_id']  # type: Any

    @property
    def age(self) -> float:
        """Seconds since it left, by this computer's clock."""
        return seconds_since(self.begun)

    def to_dict(self) -> "Dict[str, Any]":
        """Return all of it as plain data, as JSON takes it."""
        return dict(vars(self))

    def __repr__(self) -> str:
        return 'Row({})'.format(', '.join('{}={!r}'.format(*pair) for pair in sorted(
            vars(self).items()) if pair[1] not in (None, [], False)))


class Ledger(SharedFile):
    """A file that remembers every paid call; threads, processes and forks of a computer share it.

    It is made with mode 0600, in a folder that exists. It pickles as its path.

    :raises LedgerError: from every method, if the file cannot be used.
    """

    schema = _SCHEMA  # type: Tuple[str, ...]
    version = 2
    error = LedgerError  # type: Type[Exception]
    _mark = 0

    def serve(self, host: str, is_paid: bool = False) -> None:
        """Refuse to mix calls of the service and of an emulator: their job ids may be the same.

        :param is_paid: whether a call to the host follows; the first one decides for the file.
        :raises LedgerError: the file has the calls of the other.
        """
        is_emulated = is_of_this_computer(host)
        mark = 1 + is_emulated

        def work(run: "Run") -> int:
            found = run('PRAGMA application_id').fetchone()[0]  # type: int
            if not found and is_paid:
                run('PRAGMA application_id = {:d}'.format(mark))
            return found or is_paid and mark
        begin = 'BEGIN EXCLUSIVE' if is_paid else 'BEGIN'
        self._mark = self._mark or self._transaction(work, begin)
        if self._mark not in (0, mark):
            raise LedgerError(self.path, 'it keeps the calls of the service' if is_emulated else
                              'it keeps the calls of an emulator')

    def begin(self, operation: str, photos: "Iterable[Any]" = (), template: "Any" = None,
              model_ids: "Union[str, Iterable[str]]" = (), configure: "Any" = None,
              person: "Optional[str]" = None, key: "Optional[str]" = None,
              again: bool = True) -> Row:
        """Write a call down before it leaves; send it only if the row is not ``stored``.

        Of several that begin with one key at the same time, one gets a new row.

        :param operation: its name; one with ``train`` or ``create`` in it is listed as such.
        :param photos: URLs or local paths; ``template`` likewise.
        :param key: your own name for this order. A call of this key and kind that was accepted or
            done gives its row with ``stored`` set; one that failed or was forgotten may go again.
        :param again: False treats the same photos of the same person as the same key.
        :raises InDoubtError: such a call left and no answer was seen.
        :raises LedgerError: it could not be written; the call must not leave.
        """
        if key is not None and (not isinstance(key, str) or not key):
            raise ValueError(translate('`key` is {!r}; give a non-empty text or None', key))
        known = photos_of(photos)
        values = {'kind': kind_of(operation), 'operation': operation, 'state': UNSETTLED,
                  'begun': moment(), 'key': text_of(key), 'person': person_of(person),
                  'photos': json.dumps(known), 'photos_mark': mark_of(known),
                  'template': json.dumps(photo_of(template) if template else None),
                  'model_ids': json.dumps(plain(listed(model_ids))),
                  'configure': json.dumps(plain(configure))}

        def work(run: "Run") -> Row:
            earlier = _standing(run, '+kind = ? AND key = ?', values['kind'], values['key']) or (
                None if again else _standing(run, _SAME, values['photos_mark'], values['person']))
            if earlier is None:
                return _row(run, run('INSERT INTO paid_calls ({}) VALUES ({})'.format(
                    ', '.join(values), ', '.join('?' * len(values))),
                    tuple(values.values())).lastrowid)
            if earlier.state == UNSETTLED:
                raise InDoubtError(earlier)
            earlier.stored = True
            return earlier
        return self._transaction(work)

    def settle(self, row: "Union[Row, int]", request_id: "Any" = None, job_id: "Any" = None,
               model_id: "Any" = None, cost_time: "Any" = None, state: "Optional[str]" = None,
               saved: "Any" = None, content: "Optional[bytes]" = None) -> Row:
        """Write down what the service answered; a value of a wrong type is kept as text or None.

        :param saved: where ``content`` was saved, which may be replaced since; None: nowhere.
        :param state: None makes a training ``accepted`` and anything else ``succeeded``.
        """
        _check_state(state, (None,) + STATES)
        return self._update(
            row, "state = coalesce(?, CASE kind WHEN 'train' THEN 'accepted' ELSE 'succeeded'"
            ' END), settled = ?, request_id = ?, job_id = ?, model_id = ?, cost_time = ?,'
            ' saved = coalesce(?, saved), picture = coalesce(?, picture)', state, moment(),
            text_of(request_id), text_of(job_id), person_of(model_id), as_float(cost_time),
            place_of(saved), picture_of(saved, content))

    def fail(self, row: "Union[Row, int]", summary: "Any", certainly_not_done: bool) -> Row:
        """Write down why there is no answer; a call that may have been done stays unsettled.

        :param certainly_not_done: whether the service refused, or the request never left.
        """
        state, settled = (FAILED, moment()) if certainly_not_done else (UNSETTLED, None)
        return self._update(row, 'message = ?, state = ?, settled = ?', clean(summary), state,
                            settled, only=UNSETTLED)

    def finished(self, job_id: "Any", state: str, message: "Any" = None,
                 seconds: "Optional[float]" = None) -> None:
        """Write down how a training's job has ended; an unknown job changes nothing.

        :param state: ``succeeded`` or ``failed``; :param seconds: how long it took, if seen.
        """
        _check_state(state, (SUCCEEDED, FAILED))
        self._transaction(lambda run: run(
            'UPDATE paid_calls SET state = ?, ended = coalesce(ended, ?), message = ?,'
            ' seconds = coalesce(?, seconds) WHERE job_id = ?',
            (state, moment(), clean(message), as_float(seconds), text_of(job_id))))

    def saved(self, row: "Union[Row, int]", path: "Any", content: "Any" = None) -> Row:
        """Write down where the result was saved; without its ``content`` the file is read."""
        return self._update(row, 'saved=?, picture=?', place_of(path), picture_of(path, content))

    def named(self, row: "Union[Row, int]", person: str, before: "Any" = None) -> Row:
        """Name a training that has no name, or is called ``before``; any other name stays."""
        return self._update(row, 'person = coalesce(nullif(person, ?), ?)', person_of(before),
                            person_of(person))

    def forget(self, row: "Union[Row, int]") -> Row:
        """Let an unsettled call be sent again; any other row stays as it is."""
        return self._update(row, 'state = ?', FORGOTTEN, only=UNSETTLED)

    # Reading

    def calls(self, limit: "Optional[int]" = LISTED) -> "List[Row]":
        """Return all paid calls, the newest first."""
        return self._rows('1', limit=limit)

    def trainings(self, limit: "Optional[int]" = LISTED, person: "Any" = None) -> "List[Row]":
        """Return the trainings, of one person or of all, the newest first."""
        return self._rows("kind = 'train'", limit=limit) if person is None else self._rows(
            "+kind = 'train' AND person = ?", person_of(person), limit=limit)

    def creations(self, limit: "Optional[int]" = LISTED) -> "List[Row]":
        """Return the creations, the newest first."""
        return self._rows("kind = 'create'", limit=limit)

    def unsettled(self, limit: "Optional[int]" = None) -> "List[Row]":
        """Return the calls without an answer, the newest first: under way still, or in doubt."""
        return self._rows('state = ?', UNSETTLED, limit=limit)

    def find(self, key: str, operation: "Optional[str]" = None) -> "Optional[Row]":
        """Return the newest row of a key, of one kind of operation or of any; None without one."""
        return next(iter(self._rows('key = ? AND coalesce(+kind = ?, 1)', text_of(key),
                                    operation and kind_of(operation), limit=1)), None)

    def same_training(self, photos: "Iterable[Any]", person: "Optional[str]" = None
                      ) -> "Optional[Row]":
        """Return an unsettled, accepted or succeeded training of these photos and person, or None.

        The order of photos does not matter, nor a URL's signature, nor the name of a local file.
        """
        mark, name = mark_of(photos_of(photos)), person_of(person)
        return self._transaction(lambda run: _standing(run, _SAME, mark, name), 'BEGIN')

    def standing(self, kind: str, column: str, values: "Iterable[Any]") -> "List[Row]":
        """Return the unsettled, accepted and succeeded rows of a kind (``train``, ``create``) that
        have one of at most 900 ``values`` in a column such as ``key``, the oldest first."""
        wanted = [(person_of if column == 'person' else text_of)(value) for value in values]
        return self._rows('+kind = ? AND {} AND {} IN ({})'.format(
            _STANDING, column, ', '.join('?' * len(wanted))), kind, *wanted)[::-1]

    def model(self, name: "Any") -> Row:
        """Return the newest training of a person's name, a model id or a job id.

        :raises LookupError: there is none, or it failed; the message names similar ones.
        """
        row = self.look_up(name)
        if row is not None:
            return row
        people = [found[0] for found in self._transaction(lambda run: run(
            'SELECT DISTINCT person FROM paid_calls WHERE person > ? AND state IN (?, ?)',
            ('', ACCEPTED, SUCCEEDED)).fetchall(), 'BEGIN')]
        near = difflib.get_close_matches(str(name), people) or people[:3]
        raise LookupError(translate('no training of {!r} that succeeded or goes on is in {}; '
                                    'there are: {}', name, self.path, ', '.join(near) or '-'))

    def look_up(self, name: "Any") -> "Optional[Row]":
        """Do as :meth:`model`, with None for none; an int is a job id and never a name."""
        columns = ('job_id',) if isinstance(name, int) else ('person', 'model_id', 'job_id')
        return next((row for column in columns for row in self._rows(
            "+kind = 'train' AND +state IN (?, ?) AND {} = ?".format(column),
            ACCEPTED, SUCCEEDED, person_of(name), limit=1)), None)

    def seconds_of_trainings(self) -> "List[float]":
        """Return how long the newest trainings took, the newest first."""
        return [row.seconds or 0.0 for row in self._rows(
            "kind = 'train' AND +state = ? AND seconds > 0", SUCCEEDED, limit=HISTORY)]

    # Photos that were uploaded

    def left_behind(self, url: str, why: "Any" = None, job_id: "Any" = None) -> None:
        """Write down where an uploaded photo is, whose job needs it, and why it is still there."""
        self._transaction(lambda run: run('INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)', (
            bare_urls(url), moment(), clean(why), text_of(job_id))))

    def removed(self, url: str) -> None:
        """Write down that the photo of this URL was removed."""
        self._transaction(lambda run: run('DELETE FROM uploads WHERE url = ?', (bare_urls(url),)))

    def uploads(self, age: float = 0, lent_age: float = 0, job_id: "Any" = None) -> "List[str]":
        """Return the URLs of photos that could not be removed, or may go by now.

        :param age: seconds after which a photo may go; :param lent_age: the same for a photo whose
            training was not seen to end.
        :param job_id: return only the photos of this job's training, of any age.
        """
        where = 'job_id = ?'
        values = (text_of(job_id),)  # type: Tuple[Any, ...]
        if job_id is None:
            where = ('why IS NOT NULL OR begun <= CASE WHEN job_id IS NULL THEN ? ELSE ? END OR '
                     'job_id IN (SELECT job_id FROM paid_calls WHERE state IN (?, ?))')
            values = moment(-age), moment(-lent_age), SUCCEEDED, FAILED
        return [found[0] for found in self._transaction(lambda run: run(
            'SELECT url FROM uploads WHERE {} ORDER BY begun'.format(where),
            values).fetchall(), 'BEGIN')]

    def _rows(self, where: str, *values: "Any", limit: "Optional[int]" = None) -> "List[Row]":
        return self._transaction(lambda run: _select(run, where, values, limit), 'BEGIN')

    def _update(self, row: "Union[Row, int]", changes: str, *values: "Any",
                only: "Optional[str]" = None) -> Row:
        number, begun = (row.id, row.begun) if isinstance(row, Row) else (row, None)

        def work(run: "Run") -> Row:
            _row(run, number, begun)  # a file that was put back from a copy gives numbers anew
            run('UPDATE paid_calls SET {} WHERE id = ? AND coalesce(state = ?, 1)'.format(changes),
                values + (number, only))
            run('UPDATE paid_calls SET saved = NULL WHERE id <> ? AND saved = (SELECT saved FROM'
                ' paid_calls WHERE id = ?)', (number, number))  # an older row's file is replaced
            return _row(run, number)
        return self._transaction(work)


def _check_state(state: "Any", known: "Tuple[Any, ...]") -> None:
    # A row of an unknown state is never found again: its call could be paid for twice.
    if state not in known:
        raise ValueError(translate('`state` is {!r}; give one of {}', state, known))


def _select(run: "Run", where: str, values: "Any", limit: "Optional[int]") -> "List[Row]":
    return [Row(dict(found)) for found in run(
        'SELECT * FROM paid_calls WHERE {} ORDER BY id DESC LIMIT ?'.format(where),
        tuple(values) + (-1 if limit is None else limit,)).fetchall()]


def _row(run: "Run", number: int, begun: "Optional[str]" = None) -> Row:
    for row in _select(run, 'id = ? AND coalesce(begun = ?, 1)', (number, begun), 1):
        return row
    raise LookupError(translate('the ledger has no such row {}', number))


def _standing(run: "Run", where: str, *values: "Any") -> "Optional[Row]":
    return next(iter(_select(run, where + ' AND ' + _STANDING, values, 1)), None)
