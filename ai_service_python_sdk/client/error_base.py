"""How an error carries what happened: reading an answer, printing, pickling, the cause table."""
import json
import re

from ..util.language import choose
from ..util.redact import mask_headers, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type, TypeVar
    ErrorType = TypeVar('ErrorType', bound='Type[ApiException]')

#: Bytes of a body that are printed.
LONGEST_SHOWN_BODY = 2000
#: Characters of headers, a reason or a message that are printed.
LONGEST_SHOWN_TEXT = 1000


class ApiException(Exception):
    """A call that did not succeed; the base of all errors of this package.

    :param status: HTTP status; 0 or None without an answer.
    :param reason: HTTP reason phrase, or what went wrong.
    :param http_resp: an answer with status, reason, data and getheaders().
    """

    #: What the cause means and what to do, in English and Chinese; None for no documented cause.
    meaning_en = None  # type: Optional[str]
    meaning_zh = None  # type: Optional[str]
    hint_en = ''
    hint_zh = ''
    #: Status, code and exact message that the service documents for the cause.
    http_status = None  # type: Optional[int]
    error_code = None  # type: Optional[str]
    messages = ()  # type: Tuple[str, ...]
    #: Whether the request surely did not reach the service.
    never_left = False
    #: Whether nothing is known of what the service did with the request.
    is_in_doubt = False

    def __init__(self, status: "Optional[int]" = None, reason: "Any" = None,
                 http_resp: "Any" = None) -> None:
        self.status = status  # type: Optional[int]
        self.reason = reason  # type: Any
        #: The raw body, None without an answer.
        self.body = None  # type: Optional[bytes]
        #: The headers, found in any case; None without an answer.
        self.headers = None  # type: Optional[Mapping[str, str]]
        if http_resp is not None:
            self.status = http_resp.status
            self.reason = http_resp.reason
            self.body = http_resp.data
            self.headers = http_resp.getheaders()
        self._envelope = envelope_of(self.body)
        Exception.__init__(self, self.status, self.reason)

    @property
    def request_id(self) -> "Optional[str]":
        """The serial number of the request, for a support case."""
        return _text_of(self._envelope, 'request_id')

    @property
    def code(self) -> "Optional[str]":
        """The service's error code."""
        return _text_of(self._envelope, 'code')

    @property
    def message(self) -> "Optional[str]":
        """The service's message."""
        return _text_of(self._envelope, 'message')

    @property
    def data(self) -> "Any":
        """The answer's ``data``, as other SDKs of Alibaba Cloud have it."""
        return self._envelope.get('data')

    @property
    def status_code(self) -> "Optional[int]":
        """The HTTP status, as other SDKs of Alibaba Cloud call it."""
        return self.status

    @property
    def meaning(self) -> "Optional[str]":
        """What the cause means, in the language of :func:`.language`."""
        return self.meaning_en and choose(self.meaning_en, self.meaning_zh or self.meaning_en)

    @property
    def hint(self) -> "Optional[str]":
        """What to do about it, in the language of :func:`.language`."""
        return choose(self.hint_en, self.hint_zh) or None

    @property
    def is_documented(self) -> bool:
        """Whether the service documents this very cause, with this very status."""
        return bool(self.messages) and (is_delivered_inside(self.status)
                                        or self.status == self.http_status)

    def _facts(self) -> "List[Tuple[str, Any]]":
        return [('code', self.code), ('message', self.message), ('request id', self.request_id)]

    def __repr__(self) -> str:
        shown = ', '.join(repr(argument) for argument in self.args)
        return mask_text('{}({})'.format(type(self).__name__, shown))

    def __str__(self) -> str:
        facts = ['{}: {}'.format(name, _short(value)) for name, value in self._facts() if value]
        first = '({})'.format(self.status)
        if self.is_documented:
            first = ' '.join([first, self.meaning or '', '[{}]'.format('; '.join(facts)),
                              self.hint or ''])
        lines = [first, 'Reason: {}'.format(_short(self.reason))]
        if not self.is_documented:
            lines += [fact[0].upper() + fact[1:] for fact in facts]
            lines += ['Hint: ' + self.hint] if self.hint else []
        if self.headers:
            shown = '{!r}'.format(mask_headers(self.headers.items()))
            lines.append('HTTP response headers: ' + _short(shown))
        if self.body:
            lines.append('HTTP response body: ' + _shown_body(self.body))
        return mask_text('\n'.join(lines)) + '\n'

    def __reduce__(self) -> "Any":
        return _revive, (type(self), self._state())

    def _state(self) -> "Dict[str, Any]":
        state = dict(self.__dict__, args=self.args)
        if isinstance(self.reason, BaseException):
            # An error of urllib3 holds a pool with its locks and sockets.
            state['reason'] = str(self.reason)
            state['args'] = (self.status, state['reason'])
        return state


def _revive(cls: "Type[ApiException]", state: "Dict[str, Any]") -> "ApiException":
    error = cls.__new__(cls)
    args = state.pop('args')
    error.__dict__.update(state)
    error.args = args
    return error


def envelope_of(body: "Any") -> "Dict[str, Any]":
    """Decode the envelope in a body; ``{}`` for whatever is none."""
    try:
        text = body.decode('utf-8-sig') if isinstance(body, bytes) else body
        envelope = json.loads(text) if text else {}
    except (ValueError, TypeError, RuntimeError, MemoryError):
        envelope = {}
    return envelope if isinstance(envelope, dict) else {}


def _text_of(envelope: "Dict[str, Any]", name: str) -> "Optional[str]":
    value = envelope.get(name)
    if value is None or isinstance(value, str):
        return value
    try:
        return str(value)
    except (ValueError, RuntimeError):
        return None


def _short(value: "Any", limit: int = LONGEST_SHOWN_TEXT) -> str:
    text = str(value)
    return text if len(text) <= limit else '{}... ({} characters in all)'.format(
        text[:limit], len(text))


def _shown_body(body: "Any") -> str:
    if len(body) <= LONGEST_SHOWN_BODY:
        return repr(body)
    return '{!r}... ({} bytes in all)'.format(body[:LONGEST_SHOWN_BODY], len(body))


# the table that the documented causes fill

_by_message = {}  # type: Dict[str, List[Type[ApiException]]]
_by_status = {}  # type: Dict[int, Type[ApiException]]
_documented = []  # type: List[Type[ApiException]]


def documented(status: int, code: str, messages: "Tuple[str, ...]", meaning: "Tuple[str, str]",
               hint: "Tuple[str, str]") -> "Callable[[ErrorType], ErrorType]":
    """Declare a class as a documented cause; ``meaning`` and ``hint`` are (English, Chinese)."""
    def declare(cls: "ErrorType") -> "ErrorType":
        cls.http_status, cls.error_code, cls.messages = status, code, messages
        cls.meaning_en, cls.meaning_zh = meaning
        cls.hint_en, cls.hint_zh = hint
        for message in messages:
            _by_message.setdefault(_normal(message), []).append(cls)
        _documented.append(cls)
        return cls
    return declare


def family(status: int, hint: "Tuple[str, str]") -> "Callable[[ErrorType], ErrorType]":
    """Declare a class as what unknown causes of a status fall to; 500 stands for all 5xx."""
    def declare(cls: "ErrorType") -> "ErrorType":
        cls.hint_en, cls.hint_zh = hint
        _by_status[status] = cls
        return cls
    return declare


def documented_errors() -> "List[Type[ApiException]]":
    """Return all documented causes in the order of the service reference (4.2 to 4.4)."""
    return list(_documented)


def class_of(status: "Optional[int]", code: "Optional[str]",
             message: "Optional[str]") -> "Type[ApiException]":
    """Find the class of a cause; ``status`` None or 2xx where the service delivers it so."""
    is_status_open = is_delivered_inside(status)
    for cls in _by_message.get(_normal(message or ''), ()):
        if (is_status_open or status == cls.http_status) and code in (None, cls.error_code):
            return cls
    for cls in _documented:
        # Its name says it all: the one code that has a single cause.
        if code == cls.error_code and code not in ('error', 'PARAMETER_ERROR'):
            return cls
    if status is not None and status >= 500:
        status = 500
    return _by_status.get(status or 0, ApiException)


def is_delivered_inside(status: "Optional[int]") -> bool:
    """Whether an error came with a status of success, in the envelope or in a job."""
    return status is None or 200 <= status < 300


def _normal(message: str) -> str:
    text = re.sub('[^a-z0-9]+', ' ', message.lower()).strip()
    # The guide lost the first letter of one message (service reference 7, question 24).
    return 'i' + text if text.startswith('mage not provided') else text
