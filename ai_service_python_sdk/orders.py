"""The orders of a batch: rows of a CSV or JSON Lines file, or objects of a program."""
import csv
import difflib
import io
import json
import os
import re
from contextlib import suppress
from functools import partial

from .inputs import check_kind, check_photos, check_url, expanded, is_one, listed
from .util.files import path_of
from .util.kept import text_of
from .util.language import translate
from .util.parameters import BY_NAME, as_plain, read
from .util.photo_file import is_local
from .util.redact import bare_urls

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple
    Problem = Tuple[int, str, str]
    #: A person: the name, and the mark of the photos, see :func:`.mark_of`.
    Identity = Tuple[Any, Optional[str]]
    Rows = Iterable[Tuple[int, Any]]

#: Columns of an order besides the parameters, and their names in a Chinese table.
COLUMNS = ('person', 'photos', 'template', 'out', 'key')
_CHINESE = {'姓名': 'person', '人物': 'person', '照片': 'photos', '模板': 'template',
            '文件名': 'out', '订单号': 'key'}
#: Encodings that are tried: with or without BOM, and what Excel in China writes.
_ENCODINGS = ('utf-8-sig', 'gb18030')
_PIECE = 1 << 16
_COLUMN = 'column {}'
#: Files of the batch itself beside the portraits.
REPORT, SHEET = 'report.jsonl', 'contact-sheet.html'
#: A name in a path that every system accepts, and that none takes for a device or a folder.
_NAME = re.compile(r'(?i)(?!(con|prn|aux|nul|com\d|lpt\d)(\.|$))'
                   r'[^<>:"|?*/\\\x00-\x1f]{0,254}[^<>:"|?*/\\\x00-\x1f. ]\Z')
#: Problems that a message shows.
MOST_SHOWN = 100


class OrderError(ValueError):
    """Everything that is wrong with orders; nothing was sent for them.

    :ivar problems: each as (line of the file or number of the order, column, what is wrong).
    """

    def __init__(self, problems: "Sequence[Problem]", source: str = '') -> None:
        ValueError.__init__(self, problems, source)
        self.problems = list(problems)  # type: List[Problem]
        self.source = source  # type: str

    def __str__(self) -> str:
        one = (partial(translate, '{}, line {}, {}: {}', self.source) if self.source
               else partial(translate, 'order {}, {}: {}'))
        lines = [one(*problem) for problem in self.problems[:MOST_SHOWN]]
        left = len(self.problems) - len(lines)
        return '\n'.join(lines + ([translate('... and {} more', left)] if left else []))


class Order(object):
    """One portrait of one person.

    :ivar photos: URLs or paths; may be empty if the ledger has a model of that name.
    :ivar out: file in the folder of the portraits; None for a name that the SDK makes.
    :ivar key: the order's key in the ledger; None for one made of all the other fields.
    :ivar identity: name and mark of the photos; the mark is known once the order was looked up.
    :ivar mark: that of the photos of the model; None for an order with a key of its own.
    :ivar line: where it stands, from 1; :ivar error: an :class:`OrderError`, or None.
    """

    def __init__(self, line: int, person: "Any" = None, photos: "Sequence[Any]" = (),
                 template: "Any" = None, configure: "Optional[Dict[str, Any]]" = None,
                 out: "Optional[str]" = None, key: "Optional[str]" = None,
                 error: "Optional[OrderError]" = None) -> None:
        self.line = line  # type: int
        self.person = person  # type: Any
        self.photos = tuple(photos)  # type: Tuple[Any, ...]
        self.template = template  # type: Any
        self.configure = configure  # type: Optional[Dict[str, Any]]
        self.out = out  # type: Optional[str]
        self.key = key  # type: Optional[str]
        self.identity = person, None  # type: Identity
        self.mark = None  # type: Optional[str]
        self.error = error  # type: Optional[OrderError]


class Orders(object):
    """Yields orders one at a time; each iteration reads the source anew.

    :param source: path of a CSV file (its first line names the columns) or of JSON Lines, in UTF-8
        or GB18030; or an iterable of dicts or objects. A cell of photos or templates is a JSON
        list, or is split at ``|`` and line ends, or else at ``;``. Each part is a URL, or a file,
        folder or pattern; a relative one starts from the folder of the source file.
    :param local: whether files are allowed; if not, only URLs.
    :param any_count: whether fewer than 5 or more than 20 photos are allowed.
    """

    def __init__(self, source: "Any", local: bool = False, any_count: bool = False) -> None:
        is_file = is_one(source)
        self._path = os.fsdecode(path_of(source)) if is_file else ''
        self._rows = source
        self._local, self._is_read = local, False
        self.any_count = any_count  # type: bool
        #: What messages call it; empty for orders of a program.
        self.name = os.path.basename(self._path)  # type: str

    def __iter__(self) -> "Iterator[Order]":
        if self._is_read and iter(self._rows) is self._rows:
            raise ValueError(translate('`orders` is an iterator that was read already; give a '
                                       'list or a file'))
        self._is_read = not self._path
        rows = self._of_file() if self._path else enumerate(self._rows, 1)  # type: Rows
        for line, row in rows:
            if isinstance(row, OrderError):
                yield Order(line, error=row)
            else:
                yield from self._orders_of(line, row)

    # files

    def _of_file(self) -> "Iterator[Any]":
        check_kind(self._path)
        with io.open(self._path, encoding=self._encoding(), newline='') as stream:
            first = next((line for line in stream if line.strip()), '')
            stream.seek(0)
            is_json = first.lstrip().startswith(('{', '['))
            try:
                yield from self._of_json(stream) if is_json else self._of_csv(stream, first)
            except csv.Error:
                yield self._wrong(self._line, 'CSV', translate(
                    'a quote does not end its value, or a value is too long; close each quote, '
                    'and write "" for one inside of a value'))

    def _encoding(self) -> str:
        for name in _ENCODINGS:
            with io.open(self._path, encoding=name) as stream, suppress(UnicodeDecodeError):
                while stream.read(_PIECE):
                    pass
                return name
        raise OrderError([(1, translate('encoding'), translate(
            'neither UTF-8 nor GB18030; save it as "CSV UTF-8"'))], self.name)

    def _of_json(self, stream: "Any") -> "Iterator[Any]":
        for line, text in enumerate(stream, 1):
            try:
                if text.strip():
                    yield line, json.loads(text)
            except ValueError as error:
                place = translate(_COLUMN, getattr(error, 'pos', 0) + 1)
                yield self._wrong(line, place, translate(
                    'this line is not a JSON object ({}); put each order on one line', error))

    def _of_csv(self, stream: "Any", first: str) -> "Iterator[Any]":
        rows = csv.reader(stream, delimiter=max(',;\t', key=first.count), strict=True)
        self._line = 1
        head = [_CHINESE.get(name.strip(), name.strip()) for name in next(filter(any, rows), [])]
        missing = [name for name in ('person', 'template') if name not in head]
        twice = sorted(name for name in set(filter(None, head)) if head.count(name) > 1)
        if missing or twice:
            unknown = [name for name in head if name and name not in COLUMNS + tuple(BY_NAME)]
            why = translate('there is no such column; name it in the first line (unknown there: '
                            '{})', ', '.join(unknown) or '-') if missing else translate(
                                'the first line names it twice; keep one')
            yield self._wrong(max(1, rows.line_num), ', '.join(missing or twice), why)
            return
        self._line = rows.line_num + 1
        for cells in rows:
            line, self._line = self._line, rows.line_num + 1
            if len(cells) > len(head):
                yield self._wrong(line, translate(_COLUMN, len(head) + 1), translate(
                    'more values than columns; put a value that holds the separator in quotes'))
            elif any(cell.strip() for cell in cells):
                yield line, dict(zip(head, (cell.strip() for cell in cells)))

    def _wrong(self, line: int, column: str, why: "Any") -> "Tuple[int, OrderError]":
        return line, OrderError([(line, column, str(why))], self.name)

    # rows

    def _orders_of(self, line: int, row: "Any") -> "Iterator[Order]":
        """Make an order for each template of a row; if anything is wrong, one with an error."""
        problems = []  # type: List[Problem]

        def tried(column: str, work: "Any", *args: "Any") -> "Any":
            try:
                return work(*args)
            except (ValueError, TypeError, OSError) as error:
                problems.extend((line, column, bare_urls(part))
                                for part in str(error).split('\n'))
        given = tried('-', _given, row)
        if given is None:
            yield Order(line, error=OrderError(problems, self.name))
            return
        person = tried('person', _text, given.pop('person', None), translate(
            'give the name of the person'))
        photos = tried('photos', self._photos, given.pop('photos', None)) or ()
        templates = tried('template', self._pictures, given.pop('template', None), 'template',
                          translate('give a picture')) or [None]
        out, key = [tried(name, _text, given.pop(name, None)) for name in ('out', 'key')]
        if out:
            tried('out', _check_out, out)
        for name, value in (('out', out), ('key', key)):
            if value and len(templates) > 1:
                problems.append((line, name, translate(
                    'one `{0}` cannot serve {1} templates; leave `{0}` empty', name,
                    len(templates))))
        configure = {}
        for name, value in given.items():
            configure[name] = tried(str(name), _parameter, name, value)
        error = OrderError(problems, self.name) if problems else None
        for template in templates[:1] if problems else templates:
            yield Order(line, person, photos, template, configure or None, out, key, error)

    def _photos(self, value: "Any") -> "List[Any]":
        photos = self._pictures(value, 'photos')
        if photos:
            check_photos(photos, 'photos', self.any_count)
        return photos

    def _pictures(self, value: "Any", name: str, needed: str = '') -> "List[Any]":
        found = []  # type: List[Any]
        for word in _words(value, name):
            if not self._local or not is_local(word):
                check_url(word, name)
            found += expanded(word, os.path.dirname(self._path)) if is_local(word) else [word]
        if needed and not found:
            raise ValueError(needed)
        return found


def _given(row: "Any") -> "Dict[str, Any]":
    """Return the fields of a row without those that are empty, or the NaN of pandas."""
    if isinstance(row, (str, bytes, list, int, float)) or row is None:
        raise ValueError(translate('{!r} is not an order; give an object with `person`, '
                                   '`template`', row))
    pairs = row if hasattr(row, 'items') else dict(
        (name, getattr(row, name, None)) for name in COLUMNS + tuple(BY_NAME))
    return dict((_CHINESE.get(name, name), value) for name, value in pairs.items()
                if not (value is None or isinstance(value, (str, float))
                        and (value == '' or value != value)))


def _text(value: "Any", needed: str = '') -> "Optional[str]":
    # pandas makes floats of whole numbers if a cell of the column is empty.
    is_whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, (list, tuple, dict, bool)):
        raise ValueError(translate('{!r} is not a text; give a text or a number', value))
    text = (text_of(int(value) if is_whole else value) or '').strip()
    if needed and not text:
        raise ValueError(needed)
    return text or None


def _words(value: "Any", name: str) -> "List[Any]":
    if isinstance(value, str):
        if value.startswith('['):
            return list(json.loads(value))
        words = re.split(r'[|\n]' if re.search(r'[|\n]', value) else ';', value)
        return [word.strip() for word in words if word.strip()]
    return [] if value is None else [value] if is_one(value) else listed(value, name)


def _parameter(name: str, value: "Any") -> "Any":
    """Return the value of a parameter as JSON has it; refuse a name or value not in the guide."""
    if name not in BY_NAME:
        near = difflib.get_close_matches(str(name), COLUMNS + tuple(BY_NAME))
        raise ValueError(translate('there is no such column or parameter; did you mean {}?',
                                   ', '.join(near or COLUMNS)))
    value = as_plain(read(value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # pandas makes 1.0 of 1 where another row has 0.5
    problem = BY_NAME[name].problem(value)
    if problem:
        raise ValueError(problem)
    return value


def _check_out(out: str) -> None:
    parts = out.split('/')
    # Names that differ in case are one file on many disks.
    is_ours = parts[-1].casefold() in (REPORT, SHEET)
    if is_ours or not all(_NAME.match(part) and len(part.encode('utf-8')) < 256 for part in parts):
        raise ValueError(translate('{!r} cannot be the name of a portrait; give another one', out))
