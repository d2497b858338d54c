"""The journal: each request with what became of it, to be asked by tests and by the page."""
import json
import threading
import time
import uuid
from collections import deque

from ..util.redact import mask_headers
from .contract import OPERATIONS, REASON, covers, operation_path

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Deque, Dict, Iterator, List, Optional, Sequence
    from .contract import ServiceFailure

#: Requests that are remembered.
MOST_REMEMBERED = 1000
#: Characters from which a text, such as a picture in Base64, is left out.
LONGEST_TEXT = 4096
#: Levels of a body up to which it is kept, and taken.
MOST_LEVELS = 40


class Record(object):
    """One request."""

    def __init__(self, method: str, target: str, headers: "Any", body: bytes) -> None:
        #: Method, path without query, and headers, whose secrets are masked.
        self.method = method  # type: str
        self.path = target.split('?')[0]  # type: str
        self.headers = mask_headers(headers.items())  # type: Dict[str, object]
        #: The decoded body, or its text if it is not JSON; long texts in it are left out.
        self.body = _decoded(body)  # type: Any
        #: Status, 0 if there was no answer, and envelope of the answer.
        self.status = 0  # type: int
        self.answer = {'request_id': str(uuid.uuid4())}  # type: Dict[str, Any]
        #: ``ok``, the name of the error in ``contract.ERRORS``, or ``fault``.
        self.verdict = 'ok'  # type: str
        #: Steps of the signature and the problem of a wrong one, see ``routes.judged``.
        self.signature = {}  # type: Dict[str, Any]
        #: When it arrived, as ``time.time``, and how long the answer took.
        self.time = time.time()  # type: float
        self.milliseconds = 0.0  # type: float

    @property
    def operation(self) -> "Optional[str]":
        """Name of the operation, None for an unknown path."""
        return next((name for name, path in sorted(OPERATIONS.items())
                     if covers(path, self.path)), None)

    def fail(self, failure: "ServiceFailure") -> None:
        self.status = failure.status
        self.verdict = str(failure)
        self.answer.update(code=failure.code, message=failure.message)
        if failure.reason:
            self.answer[REASON] = failure.reason

    def as_dict(self) -> "Dict[str, Any]":
        return dict(vars(self), operation=self.operation)

    def __repr__(self) -> str:
        return '{} {} {}'.format(self.method, self.path, self.status)


class Journal(object):
    """The latest requests, the oldest first: a sequence of :class:`Record`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records = deque(maxlen=MOST_REMEMBERED)  # type: Deque[Record]

    def add(self, record: Record) -> None:
        record.answer = dict((name, _short(value)) for name, value in record.answer.items())
        with self._lock:
            self._records.append(record)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._records.clear()

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> "Iterator[Record]":
        with self._lock:
            return iter(list(self._records))

    def __getitem__(self, index: "Any") -> "Any":
        return list(self)[index]

    def of(self, operation: "Optional[str]" = None, method: "Optional[str]" = None,
           status: "Optional[int]" = None, verdict: "Optional[str]" = None,
           **fields: "Any") -> "List[Record]":
        """Return the requests that are like this.

        :param operation: name such as ``train``, path, or start of paths with ``*``; None: any.
        :param fields: fields of the body and their values.
        :raises ValueError: there is no such operation; the message lists what is.
        """
        path = None if operation is None else operation_path(operation)
        wanted = {'method': method, 'status': status, 'verdict': verdict}
        return [record for record in self if covers(path, record.path)
                and all(value in (None, getattr(record, name)) for name, value in wanted.items())
                and not _differences(fields, record.body)]

    def assert_sent(self, operation: str, times: "Optional[int]" = None,
                    **fields: "Any") -> "Sequence[Record]":
        """Return the requests of an operation with these fields in their body.

        :param times: how often it has to have been sent; None for at least once.
        :raises AssertionError: it was not; the message says what was sent instead.
        """
        found = self.of(operation, **fields)
        if len(found) == times or times is None and found:
            return found
        wanted = ', '.join('{}={!r}'.format(*item) for item in sorted(fields.items()))
        lines = ['  {!r}: {}'.format(record, '; '.join(_differences(fields, record.body))
                                     or 'like that') for record in self.of(operation)]
        others = ', '.join(repr(record) for record in list(self)[-10:])
        raise AssertionError('\n'.join(['{} was sent {} like that, wanted {}: {}'.format(
            operation, _often(len(found)), 'at least once' if times is None else _often(times),
            wanted or 'any')] + (lines or ['  sent was: ' + (others or 'nothing')])))


def _often(times: int) -> str:
    return 'once' if times == 1 else '{} times'.format(times)


def _differences(wanted: "Dict[str, Any]", body: "Any") -> "List[str]":
    sent = body if isinstance(body, dict) else {}
    return [text for name in sorted(wanted)
            for text in [_difference(name, wanted[name], sent.get(name))] if text]


def _difference(name: str, wanted: "Any", sent: "Any") -> str:
    """Return where a value differs, '' if it does not."""
    if wanted == sent or isinstance(wanted, tuple) and list(wanted) == sent:
        return ''
    if isinstance(wanted, (list, tuple)) and isinstance(sent, list):
        if len(wanted) != len(sent):
            return '{} has {} items, wanted {}'.format(name, len(sent), len(wanted))
        wanted, sent = dict(enumerate(wanted)), dict(enumerate(sent))
    if isinstance(wanted, dict) and isinstance(sent, dict):
        return '; '.join(text for key in sorted(set(wanted) | set(sent), key=str) for text in [
            _difference('{}[{!r}]'.format(name, key), wanted.get(key), sent.get(key))] if text)
    return '{} is {!r}, wanted {!r}'.format(name, sent, wanted)


def _decoded(body: bytes) -> "Any":
    try:
        document = json.loads(body.decode('utf-8'))
    except (ValueError, RuntimeError):
        return body[:LONGEST_TEXT].decode('utf-8', 'replace')
    return _short(document) if is_flat(document) else '(nested too deep)'


def is_flat(value: "Any", levels: int = MOST_LEVELS) -> bool:
    """Whether JSON is not nested so deep that those who ask could not read it."""
    parts = value.values() if isinstance(value, dict) else value
    return not isinstance(value, (dict, list)) or levels > 0 and all(
        is_flat(part, levels - 1) for part in parts)


def _short(value: "Any", levels: int = 1) -> "Any":
    if isinstance(value, dict) and levels:
        return dict((name, _short(part, levels - 1)) for name, part in value.items())
    is_long = isinstance(value, str) and len(value) > LONGEST_TEXT
    return '({} characters)'.format(len(value)) if is_long else value
