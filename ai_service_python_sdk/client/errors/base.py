"""The base of all errors: what it carries of an answer, and how it pickles.

How it reads is in :mod:`.error_text`, which class a cause has in :mod:`.error_table`.
"""
from ...util.language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Tuple, Type


class ApiException(Exception):
    """A call that did not succeed; the base of all errors of this package.

    :param status: HTTP status; 0 or None without an answer.
    :param reason: HTTP reason phrase, or what went wrong.
    :param http_resp: an answer with status, reason, data and getheaders().
    """

    #: What the cause means and what to do, in English and Chinese; empty for an unknown cause.
    meaning_en = ''
    meaning_zh = ''
    hint_en = ''
    hint_zh = ''
    #: Status, code and exact message that the service documents for the cause.
    http_status = None  # type: Optional[int]
    error_code = None  # type: Optional[str]
    messages = ()  # type: Tuple[str, ...]
    #: What was waited for when the error came; None if it was nothing.
    job_id = None  # type: Any
    model_id = None  # type: Optional[str]
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
        decoded = getattr(http_resp, 'envelope', None)
        self._envelope = envelope_of(self.body) if decoded is None else decoded
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
        """What the cause means, in the language of :func:`.language`; None if that is unknown."""
        return choose(self.meaning_en, self.meaning_zh or self.meaning_en) or None

    @property
    def hint(self) -> "Optional[str]":
        """What to do about it, in the language of :func:`.language`."""
        return choose(self.hint_en, self.hint_zh) or None

    @property
    def is_documented(self) -> bool:
        """Whether the service documents this very cause, with this very status."""
        return bool(self.messages) and (is_delivered_inside(self.status)
                                        or self.status == self.http_status)

    def facts(self) -> "List[Tuple[str, Any]]":
        return [('code', self.code), ('message', self.message), ('request id', self.request_id),
                ('job id', self.job_id), ('model id', self.model_id)]

    def __repr__(self) -> str:
        from ...util.redact import mask_text
        shown = ', '.join(repr(argument) for argument in self.args)
        return mask_text('{}({})'.format(type(self).__name__, shown))

    def __str__(self) -> str:
        from .text import text_of
        return text_of(self)

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
    import json
    try:
        text = body.decode('utf-8-sig') if isinstance(body, bytes) else body
        envelope = json.loads(text) if text else {}
    except (ValueError, TypeError, RuntimeError, MemoryError):
        return {}
    return envelope if isinstance(envelope, dict) else {}


def _text_of(envelope: "Dict[str, Any]", name: str) -> "Optional[str]":
    value = envelope.get(name)
    if value is None or isinstance(value, str):
        return value
    try:
        return str(value)
    except (ValueError, RuntimeError):
        return None


def is_delivered_inside(status: "Optional[int]") -> bool:
    """Whether an error came with a status of success, in the envelope or in a job."""
    return status is None or 200 <= status < 300
