"""The journal: each request and how it was answered, for tests and for the page."""
import difflib
import json
import time
import uuid
from fnmatch import fnmatchcase

from ..util.redact import mask_headers
from .contract import OK, REASON, SUCCESS, log, operation_at, paths_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from .contract import ServiceFailure
    Records = List['Record']
else:
    Records = list

#: Requests that are remembered, and parts of a list or an object in the body of one.
MOST_REMEMBERED, MOST_PARTS = 1000, 1000
#: Characters from which a text, such as a picture in Base64, is left out.
LONGEST_TEXT = 4096
#: Levels of nested JSON that are kept.
MOST_LEVELS = 40


class Record(object):
    """One request.

    :ivar method, path, headers: the path without query; the secrets of headers are masked.
    :ivar status, answer: status, 0 if there was no answer, and envelope of the answer.
    :ivar time, milliseconds: when it arrived, as ``time.time``, and how long the answer took.
    """

    def __init__(self, method: str, target: str, headers: "Any") -> None:
        self.method = method  # type: str
        self.path = target.split('?')[0]  # type: str
        self.headers = mask_headers(headers.items())  # type: Dict[str, object]
        #: The decoded body, or its text if it is not JSON; long texts in it are left out.
        self.body = ''  # type: Any
        self.status = 0  # type: int
        self.answer = {'request_id': str(uuid.uuid4())}  # type: Dict[str, Any]
        #: ``ok``, the name of the error in ``contract.ERRORS``, or ``fault``.
        self.verdict = 'ok'  # type: str
        #: Steps of the signature and the problem of a wrong one, see ``util.verify.judged``.
        self.signature = {}  # type: Dict[str, Any]
        self.time = time.time()  # type: float
        self.milliseconds = 0.0  # type: float
        #: Name of the operation, None for an unknown path.
        self.operation = operation_at(self.path)  # type: Optional[str]

    def read(self, body: bytes) -> None:
        try:
            self.body = _short(loaded(body))
        except ValueError:
            self.body = body[:LONGEST_TEXT].decode('utf-8', 'replace')

    def succeed(self, data: "Any") -> None:
        self.status = 200
        self.answer.update(code=OK, message=SUCCESS, data=data)

    def fail(self, failure: "ServiceFailure") -> None:
        self.status, code, message = failure.error
        self.verdict = str(failure)
        self.answer.update(code=code, message=message)
        if failure.reason:
            self.answer[REASON] = failure.reason

    def as_dict(self) -> "Dict[str, Any]":
        return dict(vars(self))

    def __repr__(self) -> str:
        return '{} {} {}'.format(self.method, self.path, self.status)


class Journal(Records):
    """The latest requests, the oldest first: a list of :class:`Record`."""

    def add(self, record: Record) -> None:
        """Keep a request that is about to be answered, and log a line of it."""
        line = {'method': record.method, 'path': record.path, 'status': record.status,
                'ms': record.milliseconds, 'request_id': record.answer['request_id'],
                'verdict': record.verdict, 'reason': record.answer.get(REASON)}
        why = ' {message}: {emulated_reason}'.format(**record.answer) if line['reason'] else ''
        log.info('%s %s %s %.0f ms %s%s', record.method, record.path, record.status or 'dropped',
                 record.milliseconds, line['request_id'], why, extra={'emulated': line})
        record.answer = _short(record.answer)
        self.append(record)
        del self[:-MOST_REMEMBERED]

    def of(self, operation: "Optional[str]" = None, method: "Optional[str]" = None,
           status: "Optional[int]" = None, verdict: "Optional[str]" = None,
           **fields: "Any") -> "List[Record]":
        """Return the requests that match all of this.

        :param operation: name such as ``train``, path, or start of paths with ``*``; None: any.
        :param fields: fields of the body and their values.
        :raises ValueError: there is no such operation; the message lists them.
        """
        paths = '*' if operation is None else paths_of(operation)
        wanted = {'method': method, 'status': status, 'verdict': verdict}
        return [record for record in self if fnmatchcase(record.path, paths)
                and all(value is None or str(value) == str(getattr(record, name))
                        for name, value in wanted.items())
                and not _difference(fields, record)]

    def assert_sent(self, operation: str, times: "Optional[int]" = None,
                    **fields: "Any") -> "Sequence[Record]":
        """Return the requests of an operation with these fields in their body.

        :param times: how often it has to have been sent; None for at least once.
        :raises AssertionError: it was not; the message says what was sent instead.
        """
        found = self.of(operation, **fields)
        if len(found) == times or times is None and found:
            return found
        lines = ['{} was sent like that: {}; wanted: {}'.format(
            operation, len(found), 'at least 1' if times is None else times)]
        for record in self.of(operation):
            difference = _difference(fields, record)
            lines.append('  {!r}: {}'.format(
                record, '- wanted, + sent' if difference else 'like that'))
            lines += ['    ' + line for line in difference]
        if len(lines) == 1:
            lines += ['  sent: ' + (', '.join(map(repr, self[-10:])) or 'nothing')]
        raise AssertionError('\n'.join(lines))


def _difference(wanted: "Dict[str, Any]", record: Record) -> "List[str]":
    """Return the lines of JSON in which the body of a record differs from the wanted fields."""
    body = record.body if isinstance(record.body, dict) else {}
    sent = dict((name, body.get(name)) for name in wanted)
    texts = [json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False, default=repr)
             .replace(',\n', '\n').split('\n') for fields in (wanted, sent)]
    return [] if texts[0] == texts[1] else [
        line for line in difflib.ndiff(texts[0], texts[1]) if line.startswith(('-', '+'))]


def loaded(body: bytes) -> "Any":
    """Return the JSON of a body; NaN and Infinity, which JSON does not have, become texts."""
    try:
        return json.loads(body.decode('utf-8'), parse_constant=str)
    except RuntimeError:
        raise ValueError('nested too deep')


def _short(value: "Any", levels: int = MOST_LEVELS) -> "Any":
    """Return JSON data with long texts, long lists and deep levels cut."""
    if isinstance(value, (dict, list)) and not levels:
        return '(nested too deep)'
    if isinstance(value, dict):
        return dict((_short(name), _short(part, levels - 1))
                    for name, part in list(value.items())[:MOST_PARTS])
    if isinstance(value, list):
        return [_short(part, levels - 1) for part in value[:MOST_PARTS]]
    is_long = isinstance(value, str) and len(value) > LONGEST_TEXT
    return '({} characters)'.format(len(value)) if is_long else value
