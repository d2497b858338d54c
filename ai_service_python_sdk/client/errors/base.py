"""The base of all errors: what it carries of an answer, how it reads, and how it pickles.

Which class a cause has is in :mod:`.table`.
"""
from contextlib import suppress

from ...util.language import LANGUAGES, chinese_of, in_language, language

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Type,
                        TypeVar, Union)
    from ...results import TrainedModel
    #: What was decoded from JSON, and what is ready for it.
    Envelope = Dict[str, Any]
    Fact = Tuple[str, object]
    JobId = Union[None, int, str]
    #: What a pickle holds: how to make an exception anew, and of what.
    Pickled = Tuple[Callable[..., BaseException], Tuple[object, ...]]
    AnyError = TypeVar('AnyError', bound=BaseException)

#: Characters of a body that are printed.
LONGEST_SHOWN_BODY = 2000
#: Characters of headers, a reason or a message that are printed.
LONGEST_SHOWN_TEXT = 1000
#: What to do first, where a paid call may have been done.
_LOOK_FIRST = ('The service may have done it: look for its effect before you pay a second time '
               '(ledger.unsettled(), ai-portrait history).')
#: Seconds: a Retry-After beyond an hour is taken for an hour, so that nobody sleeps for ages.
LONGEST_RETRY_AFTER = 3600.0


def _enclosed(name: str, doc: str) -> "Any":
    """Declare a text of the envelope."""
    def get(error: "ApiException") -> "Optional[str]":
        value = error._envelope.get(name)
        return value if value is None else str(value)
    return property(get, doc=doc)


class ApiException(Exception):
    """A call that did not succeed; the base of all errors of this package.

    It pickles and copies with all that it says. Token and signature appear in none of its texts.

    :param status: HTTP status; 0 or None without an answer.
    :param reason: HTTP reason phrase, or what went wrong.
    :param http_resp: an answer with status, reason, data and getheaders().
    """

    # On the class too, for a subclass whose `__init__` does not call this one.
    status = None  # type: Optional[int]
    reason = None  # type: Any
    #: The raw body, None without an answer.
    body = None  # type: Optional[bytes]
    #: The headers, found in any case; None without an answer.
    headers = None  # type: Optional[Mapping[str, str]]
    _envelope = {}  # type: Envelope
    #: What the cause means and what to do, in English and Chinese; empty for an unknown cause.
    meaning_en = ''  # type: str
    meaning_zh = chinese_of('meaning_en')  # type: str
    hint_en = ''  # type: str
    hint_zh = chinese_of('hint_en')  # type: str
    #: Status, code and exact message that the service documents for the cause.
    http_status = None  # type: Optional[int]
    error_code = None  # type: Optional[str]
    messages = ()  # type: Tuple[str, ...]
    #: The job that was waited for when the error was raised; None outside of a wait.
    job_id = None  # type: JobId
    model_id = None  # type: Optional[str]
    #: The trainings that were accepted before, where a studio trains several persons.
    models = ()  # type: Sequence[TrainedModel]
    #: Whether the request surely did not reach the service.
    never_left = False
    #: Whether nothing is known of what the service did with the request.
    is_in_doubt = False  # type: bool
    #: Whether the service lacks a model that the ledger has as trained.
    is_gone = False  # type: bool
    #: Whether sending again may help, where it is allowed: not against a certificate or a clock.
    worth_repeating = True
    #: Whether the text begins with the meaning; the old SDK's programs read a bare status there.
    opens_with_meaning = False
    #: Whether this class means that the request was refused before any work.
    refused_before_work = False
    #: Whether it ended a repeat of a request that had left before, and may have been done.
    is_repeated = False  # type: bool

    def __init__(self, status: "Optional[int]" = None, reason: "Any" = None,
                 http_resp: "Any" = None) -> None:
        self.status, self.reason = status, reason
        if http_resp is not None:
            self.status = http_resp.status
            self.reason = http_resp.reason
            self.body = http_resp.data
            self.headers = http_resp.getheaders()
        self._envelope = envelope_of(self.body)
        Exception.__init__(self, self.status, self.reason)

    request_id = _enclosed(
        'request_id', 'The serial number of the request, for a support case.'
    )  # type: Optional[str]
    code = _enclosed('code', "The service's error code.")  # type: Optional[str]
    message = _enclosed('message', "The service's message.")  # type: Optional[str]

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
        return self._said('meaning')

    @property
    def hint(self) -> "Optional[str]":
        """What to do about it, in the language of :func:`.language`."""
        return self._said('hint')

    @property
    def summary(self) -> str:
        """Class, cause, ids and remedy in one line, in the language of :func:`.language`."""
        return self._summary()

    @property
    def is_documented(self) -> bool:
        """Whether the service documents this very cause, with this very status."""
        return bool(self.messages) and (is_delivered_inside(self.status)
                                        or self.status == self.http_status)

    @property
    def retry_after(self) -> "Optional[float]":
        """Seconds that the service asks to wait (``Retry-After``), at most an hour; else None."""
        for name, value in _pairs_of(self.headers):
            if str(name).lower() == 'retry-after':
                from ..retry import seconds_of
                seconds = seconds_of(str(value))
                return None if seconds is None else min(seconds, LONGEST_RETRY_AFTER)
        return None

    @property
    def safe_to_repeat(self) -> bool:
        """Whether it is certain that the service did nothing, so that nothing is paid twice.

        True for a request that never left, for 429, and for the causes that the guide documents
        as refused at the door: 400, 401 and 404 (service reference 4.2). False for all else:
        462, 469 and 5xx may come out of the middle of the work, an undocumented cause may mean
        anything, and one with a :attr:`job_id` or :attr:`models` came after jobs were accepted.
        Whether a repeat would help is another question: see :attr:`hint`.
        """
        return self.job_id is None and not self.models and not self.is_repeated and (
            self.never_left or self.refused_before_work)

    def doubt(self) -> "ApiException":
        """Say that a paid call may have been done; a hint that assumes otherwise is replaced.
        Return this error."""
        if not (self.hint_en or '').startswith(_LOOK_FIRST):
            own = {'en': self.hint_en, 'zh': self.hint_zh} if self.is_in_doubt else {}
            self.is_in_doubt = True
            self._say('hint', lambda lang: ' '.join(filter(None, [
                in_language(lang, _LOOK_FIRST), own.get(lang)])))
        return self

    def to_dict(self, language: "Optional[str]" = None) -> "Envelope":
        """Return what programs need, ready for JSON and without secrets.

        :param language: ``zh`` or ``en`` for meaning, hint and summary; None as chosen.
        :returns: class, status, code, message, reason, meaning, hint, summary, request_id, job_id,
            model_id, models, retry_after, safe_to_repeat, never_left and is_in_doubt.
        """
        found = {'class': type(self).__name__, 'meaning': self._said('meaning', language),
                 'hint': self._said('hint', language), 'summary': self._summary(language)
                 }  # type: Envelope
        for name in ('code', 'message', 'reason', 'request_id', 'model_id'):
            found[name] = getattr(self, name)
        for name, text in found.items():
            found[name] = None if text is None else masked(text)
        for name in ('status', 'retry_after', 'safe_to_repeat', 'never_left', 'is_in_doubt'):
            found[name] = getattr(self, name)
        is_plain = self.job_id is None or isinstance(self.job_id, int)
        return dict(found, job_id=self.job_id if is_plain else str(self.job_id),
                    models=[model.to_dict() for model in self.models])

    def facts(self) -> "List[Fact]":
        """Return (name, value) of what the text shows in English, in its order."""
        return [('code', self.code), ('message', self.message), ('request id', self.request_id),
                ('job id', self.job_id), ('model id', self.model_id)]

    def _facts_shown(self) -> "List[str]":
        trainings = ', '.join('job {0.job_id} model {0.model_id}'.format(model)
                              for model in self.models)
        # Of several persons one alone may be trained; of one the job is named already.
        is_named = len(self.models) == 1 and self.job_id is not None
        return ['{}: {}'.format(name, _short(value)) for name, value in self.facts() + [
            ('trainings', not is_named and trainings)] if value]

    def __repr__(self) -> str:
        from ...util.redact import without_secrets
        return without_secrets(Exception.__repr__(self))

    def __str__(self) -> str:
        from ...util.redact import mask_headers, without_secrets
        if self.is_documented or self.opens_with_meaning:
            status = '' if self.status is None else '({})'.format(self.status)
            lines = [self._in_one_line(status, self.meaning, self.hint),
                     'Reason: ' + _short(self.reason)]
        else:
            lines = ['({})'.format(self.status), 'Reason: ' + _short(self.reason)]
            lines += [fact[0].upper() + fact[1:] for fact in self._facts_shown()]
            lines += ['Hint: ' + self.hint] if self.hint else []
        if self.headers:
            shown = repr(mask_headers(_pairs_of(self.headers)))
            lines.append('HTTP response headers: ' + _short(shown))
        if self.body:
            lines.append('HTTP response body: ' + _short(repr(self.body), LONGEST_SHOWN_BODY))
        return without_secrets('\n'.join(lines)) + '\n'

    def _in_one_line(self, start: str, what: "Optional[str]", hint: "Optional[str]") -> str:
        facts = '; '.join(self._facts_shown())
        parts = [start, what, facts and '[{}]'.format(facts), hint]
        return ' '.join(part for part in parts if part)

    def _say(self, what: str, text_in: "Callable[[str], str]") -> None:
        """Set ``meaning`` or ``hint`` by what a function makes of a language."""
        for lang in LANGUAGES:
            vars(self)['{}_{}'.format(what, lang)] = text_in(lang)

    def _said(self, what: str, lang: "Optional[str]" = None) -> "Optional[str]":
        """Return ``meaning`` or ``hint`` in a language, the English one for want of a Chinese."""
        return getattr(self, '{}_{}'.format(what, lang or language())) or None

    def _summary(self, lang: "Optional[str]" = None) -> str:
        status = ' ({})'.format(self.status) if self.status else ''
        what = self._said('meaning', lang) or self.reason
        line = self._in_one_line('{}{}:'.format(type(self).__name__, status),
                                 what and _short(what), self._said('hint', lang))
        return masked(' '.join(line.split()))

    def __copy__(self) -> "ApiException":
        return revived(type(self), self.args, self.__dict__)

    def __reduce__(self) -> "Pickled":
        return revived, (type(self),) + self._kept()

    def _kept(self) -> "Tuple[Tuple[object, ...], Dict[str, object]]":
        """Return args and attributes as a pickle can hold them."""
        if not isinstance(self.reason, BaseException):
            return self.args, self.__dict__
        # An error of urllib3 holds a pool with its locks and sockets.
        kept = _picklable(self.reason)
        args = tuple(kept if part is self.reason else part for part in self.args)
        return args, dict(self.__dict__, reason=kept)


def _pairs_of(headers: "Any") -> "List[Tuple[Any, Any]]":
    """Return headers as pairs, also those of a double, which may be a list or nothing of use."""
    with suppress(AttributeError):
        headers = headers.items()
    with suppress(TypeError, ValueError):
        return [(name, value) for name, value in headers or ()]
    return []


def revived(kind: "Type[AnyError]", args: "Tuple[object, ...]",
            attributes: "Mapping[str, object]") -> "AnyError":
    """Make an exception anew without its ``__init__``, which may want other arguments."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class _Twin(object):
    """Comes out of a pickle as an exception of a class, with its text and nothing else."""

    def __init__(self, reason: BaseException) -> None:
        self._made_of = type(reason), (str(reason),), {}  # type: Tuple[object, ...]

    def __reduce__(self) -> "Pickled":
        return revived, self._made_of


def _picklable(reason: BaseException) -> object:
    """Return what is pickled for an exception: itself, or its class and text."""
    import pickle
    for kept in (reason, _Twin(reason)):
        with suppress(Exception):  # whatever a foreign class raises when it is taken apart
            if str(pickle.loads(pickle.dumps(kept))) == str(reason):
                return kept
    return str(reason)


def envelope_of(body: "Union[None, bytes, str]") -> "Envelope":
    """Decode the envelope in a body; ``{}`` where the body is anything else."""
    import json
    try:
        text = body.decode('utf-8-sig') if isinstance(body, bytes) else body
        envelope = json.loads(text) if text else {}
    except (ValueError, TypeError, RuntimeError, MemoryError):
        return {}
    return envelope if isinstance(envelope, dict) else {}


def dict_of(error: "Optional[BaseException]") -> "Optional[Envelope]":
    """Return any error as plain data: ours by its ``to_dict()``, others by class and text."""
    if error is None:
        return None
    return error.to_dict() if isinstance(error, ApiException) else {
        'class': type(error).__name__, 'summary': ' '.join(masked(error).split())}


def is_delivered_inside(status: "Optional[int]") -> bool:
    """Whether an error came with a status of success, in the envelope or in a job."""
    return status is None or isinstance(status, int) and 200 <= status < 300


def masked(value: object) -> str:
    """Return a value as text that may be shown: shortened, without secrets or signed URLs."""
    from ...util.redact import without_secrets
    return without_secrets(_short(value))


def _short(value: object, limit: int = LONGEST_SHOWN_TEXT) -> str:
    from ...util.redact import SIGNATURE_LENGTH
    text = str(value)
    if len(text) <= limit:
        return text
    # The first part of a signature that the limit cuts would not be masked: it goes too.
    whole, end = text[:limit - SIGNATURE_LENGTH], text[limit - SIGNATURE_LENGTH:limit]
    return '{}... ({} characters in all)'.format(whole + end.rstrip('0123456789abcdef'), len(text))
