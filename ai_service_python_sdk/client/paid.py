"""A call that may have to be paid for: written down before it leaves, settled by its answer."""
import sys
from contextlib import suppress

from ..util.language import translate
from .errors.base import ApiException, is_delivered_inside
from .errors.ledger import LedgerError
from .errors.service import MODEL_MISSING, error_of_envelope, note_gone
from .models.response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
    from ..ledger import Ledger
    from .rest import Signature

#: States of a row: left, and no answer was seen; a training that the service accepted; done;
#: surely not done, or in vain; left without an answer, and may go again by the user's word.
UNSETTLED, ACCEPTED, SUCCEEDED, FAILED, FORGOTTEN = STATES = (
    'unsettled', 'accepted', 'succeeded', 'failed', 'forgotten')
#: Characters of a call's description.
LONGEST_TEXT = 300
#: Statuses below 500 by which a gateway says that it does not know what became of the call.
_UNSURE = (408, 409, 423, 424, 425, 460, 499)
#: Characters of a field that are searched for secrets before the description is cut.
_LOOKED_AT = 5000
_FIELDS = ('images', 'template_image', 'model_id', 'model_ids', 'configure')


class Stored(Exception):
    """The call was done before, as the row of :class:`Paid` says; nothing was sent."""


def no_place(answer: "Any") -> "Dict[str, Any]":
    """Save nothing."""
    return {}


class Paid(object):
    """One call that may be paid for; ``how`` is what :meth:`.Ledger.begin` takes by name.

    :param keep: takes the answer before anything else is done with it, and returns what
        :meth:`.Ledger.settle` takes of what it saved; raises nothing. Asked again after Ctrl-C.
    :param over: makes the call elsewhere, see :func:`.call_over`; None for right here.
    """

    def __init__(self, ledger: "Optional[Ledger]" = None,
                 keep: "Callable[[Any], Any]" = no_place, over: "Any" = None,
                 **how: "Any") -> None:
        self.ledger = ledger  # type: Optional[Ledger]
        self._keep, self._over, self._how = keep, over, how
        self.row = None  # type: Any
        self._operation = ''
        self._body = None  # type: Any

    def __reduce__(self) -> "Any":
        return Paid, ()  # of a portrait, which another computer may read

    def make(self, operation: str, body: "Any", call: "Callable[[], Any]",
             signature: "Signature") -> "Any":
        """Write down a request model, make its call, and note its end.

        :raises LedgerError: it could not be written down, or the ledger has an emulator's calls
            and this is the service; it was not sent.
        :raises InDoubtError: it left before; :raises Stored: it was done before.
        """
        self._operation, self._body = operation, body
        if self.ledger is not None:
            self.ledger.serve(signature.client.host, is_paid=True)
            self._begin(self.ledger)
        answer = saved = None
        try:
            answer = call() if self._over is None else self._over(call, signature)
            saved = self._keep(answer)
            if self.ledger is not None:
                self._settle(_content(answer), saved)
            return answer
        except BaseException as error:
            if answer is not None:
                self._answered(error, answer, saved)
            else:
                self._failed(error, signature)
            raise

    def _failed(self, error: "Any", signature: "Signature") -> None:
        """Note that no answer came, and whether the call may be paid for."""
        is_ours = isinstance(error, ApiException)
        is_settled = is_answer(error) if is_ours else signature.has_left is False
        if is_ours and not is_settled:
            error.doubt()
        if self.ledger is not None:
            self._fail(error, is_settled)
        if not (is_ours or is_settled) and (
                signature.has_left or not isinstance(error, Exception)):
            with suppress(Exception):  # others' errors need not take attributes
                error.is_in_doubt = True
            tell(error, translate('{} was on its way: it may be paid for', self._description))

    def write(self, work: "Callable[[Ledger], Any]", what: str = '') -> None:
        """Write down what has happened; where the ledger refuses, say it to the user instead."""
        try:
            if self.ledger is not None:
                work(self.ledger)
        except (LedgerError, LookupError) as error:
            warn(translate('not kept: {} ({})', what or self._description, error))

    @property
    def _fields(self) -> "List[Any]":
        return [getattr(self._body, name, None) for name in _FIELDS]

    @property
    def _description(self) -> str:
        """The call in words, for the user who has to find out whether it is paid for."""
        from ..util.redact import without_secrets
        shown = without_secrets(', '.join(
            str(field)[:_LOOKED_AT] for field in self._fields[:4] if field))
        text = '{} ({})'.format(self._operation, shown[:LONGEST_TEXT])
        return text if self.row is None else text + translate(
            ', row {} of the ledger', self.row.id)

    def _begin(self, ledger: "Ledger") -> None:
        images, template, model_id, model_ids, configure = self._fields
        self.row = ledger.begin(self._operation, images or (), template,
                                model_id or model_ids or (), configure, **self._how)
        if self.row.stored:
            raise Stored()

    def _answered(self, error: BaseException, answer: "Any", saved: "Any") -> None:
        """Write the answer down once more, and name its ids: Ctrl-C came in between."""
        content = _content(answer)
        self._settle(content, saved)
        tell(error, translate('{} was answered: job {}, model {}', self._description, getattr(
            content, 'job_id', None), getattr(content, 'model_id', None)))
        if not saved:  # after the ledger: a pipe that nobody reads takes another Ctrl-C
            self._settle(content, self._keep(answer))

    def _settle(self, answer: "Any", saved: "Any") -> None:
        is_typed = isinstance(answer, Response)
        data = answer.data if is_typed else answer
        get = data.get if isinstance(data, dict) else {}.get
        ids = getattr(answer, 'request_id', None), get('job_id'), get('model_id')
        if is_typed and not answer.ok:
            error = error_of_envelope(answer.to_dict())
            self._fail(error, _is_refusal(error))
            if any(ids[1:]):
                self.write(lambda ledger: ledger.settle(self.row, *ids, state=UNSETTLED))
        elif is_typed or isinstance(answer, dict):
            more = dict(saved or {}, cost_time=get('cost_time'))
            self.write(lambda ledger: ledger.settle(self.row, *ids, **more),
                       'request {}, job {}, model {}'.format(*ids))
        else:
            self._fail('the answer was left to the caller', False)

    def _fail(self, error: "Any", is_settled: bool) -> None:
        if isinstance(error, MODEL_MISSING):
            self.write(lambda ledger: self._note_gone(ledger, error))
        summary = getattr(error, 'summary', None) or '{} {}'.format(type(error).__name__, error)
        self.write(lambda ledger: ledger.fail(self.row, summary, is_settled))

    def _note_gone(self, ledger: "Ledger", error: "Any") -> None:
        rows = ledger.standing('train', 'model_id', self.row.model_ids)
        if set(self.row.model_ids) == set(
                row.model_id for row in rows if row.state == SUCCEEDED):
            note_gone(error, self.row.model_ids)


def _content(answer: "Any") -> "Any":
    return answer[0] if isinstance(answer, tuple) else answer


def is_answer(error: "Any") -> bool:
    """Whether an error settles a call: it was surely not done, or the service said so itself."""
    return not error.is_repeated and bool(
        error.safe_to_repeat or error.is_documented or error.code and (
            error.status in range(400, 500) and error.status not in _UNSURE
            or is_delivered_inside(error.status)))


def _is_refusal(error: ApiException) -> bool:
    """Whether an envelope says no; an odd code beside ids or a picture does not."""
    return is_answer(error) and error.code is not None and not error.data


def check_paid(answer: "Any") -> None:
    """Raise the error of a paid answer's code, in doubt unless it is a refusal."""
    try:
        answer.raise_for_code()
    except ApiException as error:
        if not _is_refusal(error):
            error.doubt()
        raise


def tell(error: BaseException, text: str) -> None:
    """Add a note to an error of others (Python 3.11 and newer), and warn with it."""
    if hasattr(error, 'add_note'):
        error.add_note(text)
    warn(text)


def warn(text: str) -> None:
    """Say it once: in the log, or on stderr where no log would show it."""
    from .log import is_heard, log
    log.warning('%s', text)
    if not is_heard():
        say(text)


def say(text: str) -> None:
    """Print a line on stderr, if there is one."""
    try:
        sys.stderr.write(text + '\n')
        sys.stderr.flush()
    except Exception:  # a windowed program has none, a closed pipe takes nothing
        pass
