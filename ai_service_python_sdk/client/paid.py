"""A call that may have to be paid for: written down before it leaves, settled by its answer."""
import sys

from ..util.language import choose
from .errors.base import ApiException
from .errors.ledger import LedgerError
from .models.response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from ..ledger import Ledger
    from .rest import Signature

#: States of a row: left, and no answer was seen; a training that the service accepted; done;
#: surely not done, or in vain; left without an answer, and may go again by the user's word.
UNSETTLED, ACCEPTED, SUCCEEDED, FAILED, FORGOTTEN = STATES = (
    'unsettled', 'accepted', 'succeeded', 'failed', 'forgotten')
#: Characters of a call's description.
LONGEST_TEXT = 300
#: From here on a status may come out of the middle of the work, or of a gateway.
_SERVER_FAILURE = 500


class Stored(Exception):
    """The call was done before, as the row of :class:`Paid` says; nothing was sent."""


class Paid(object):
    """What is known of one such call; it hangs on the call, and outlives it in the ledger.

    :param ledger: where it is kept; None for nowhere.
    :param how: ``person``, ``key`` and ``again``, as for :meth:`.Ledger.begin`.
    """

    def __init__(self, ledger: "Optional[Ledger]" = None, **how: "Any") -> None:
        self.ledger = ledger
        self.row = None  # type: Any
        self._how = how

    def begin(self, operation: str, body: "Any") -> None:
        """Write down a request model that is about to leave.

        :raises LedgerError: it could not be written; the call must not leave.
        :raises InDoubtError: it left before; :raises Stored: it was done before.
        """
        if self.ledger is not None:
            found = [getattr(body, name, None) for name in (
                'images', 'template_image', 'model_id', 'model_ids', 'configure')]
            self.row = self.ledger.begin(operation, found[0] or (), found[1],
                                         found[2] or found[3] or (), found[4], **self._how)
            if self.row.stored:
                raise Stored()

    def make(self, call: "Callable[[], Any]", what: "Callable[[], str]",
             signature: "Signature") -> "Any":
        """Make the call and note its end; what ends it in doubt says that it may be paid for."""
        answer = None
        try:
            answer = call()
            self._settle(answer[0] if isinstance(answer, tuple) else answer)
            return answer
        except BaseException as error:
            is_settled = (is_answer(error) if isinstance(error, ApiException)
                          else signature.has_left is False)
            if answer is None:
                self._fail(error, is_settled)
            is_told = signature.has_left or not isinstance(error, Exception)
            if is_told and not is_settled and not isinstance(error, ApiException):
                tell(error, self._in_doubt(what()))
            raise

    def saved(self, path: "Any") -> None:
        """Write down where the result was saved."""
        self.write(lambda ledger: ledger.saved(self.row, path))

    def write(self, work: "Callable[[Ledger], Any]", what: str = '') -> None:
        """Write what has happened already; if the ledger takes it no more, it is said aloud."""
        try:
            if self.ledger is not None:
                work(self.ledger)
        except LedgerError as error:
            warn(choose('not kept: {} ({})', '未能记录：{}（{}）').format(what or self.row, error))

    def _settle(self, answer: "Any") -> None:
        data = answer.data if isinstance(answer, Response) else answer
        get = data.get if isinstance(data, dict) else {}.get
        if isinstance(answer, Response) and not answer.ok:
            from .errors.service import error_of_envelope
            self._fail(error_of_envelope(answer.to_dict()), True)
        elif isinstance(answer, (Response, dict)):
            ids = getattr(answer, 'request_id', None), get('job_id'), get('model_id')
            self.write(lambda ledger: ledger.settle(self.row, *ids, cost_time=get('cost_time')),
                       'request {}, job {}, model {}'.format(*ids))
        else:
            self._fail('the answer was left to the caller', False)

    def _fail(self, error: "Any", is_settled: bool) -> None:
        summary = getattr(error, 'summary', None) or '{} {}'.format(type(error).__name__, error)
        self.write(lambda ledger: ledger.fail(self.row, summary, is_settled))

    def _in_doubt(self, what: str) -> str:
        row = '' if self.row is None else choose(' (row {} of the ledger)', '（账本第 {} 行）').format(
            self.row.id)
        return choose('{}{} was on its way: it may be paid for', '{}{} 已发出，可能已计费').format(
            what, row)


def is_answer(error: ApiException) -> bool:
    """Whether an error settles a call: it was surely not done, or the service said so itself."""
    return bool(error.safe_to_repeat or error.is_documented
                or error.code and (error.status or 0) < _SERVER_FAILURE)


def described(operation: str, body: "Any") -> str:
    """Say in a few words which call it is, without what a URL's query holds."""
    from ..util.redact import bare_urls, mask_text
    fields = [getattr(body, name, None) for name in ('images', 'template_image', 'model_id',
                                                     'model_ids')]
    shown = bare_urls(mask_text(', '.join(str(field) for field in fields if field)))
    return '{} ({})'.format(operation, shown[:LONGEST_TEXT])


def tell(error: BaseException, text: str) -> None:
    """Put a text on an error of others (3.11 and newer), and say it where somebody reads it."""
    add_note = getattr(error, 'add_note', None)
    if add_note is not None:
        add_note(text)
    warn(text)


def warn(text: str) -> None:
    """Say it once: in the log, or on stderr where no log would show it."""
    from .log import is_heard, log
    log.warning('%s', text)
    if not is_heard():
        try:
            sys.stderr.write(text + '\n')
            sys.stderr.flush()
        except Exception:  # a windowed program has none, a closed pipe takes nothing
            pass
