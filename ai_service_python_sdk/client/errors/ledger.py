"""What a ledger raises: its file cannot be used, or a call is in doubt or was paid for before."""
from ...util.language import in_language
from .base import ApiException

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from .base import Envelope, JobId
    from ...ledger import Row


class LedgerError(ApiException):
    """The file of a ledger cannot be used; ``str()`` names it, the reason and what to do."""

    never_left = True
    hint_en = 'look at the file, its folder and the room on the disk, or give another file'

    def __init__(self, path: str, reason: str) -> None:
        ApiException.__init__(self, reason=reason)
        self._say('meaning', lambda lang: in_language(
            lang, '{} cannot be used: {};', path, in_language(lang, reason)))

    def __str__(self) -> str:
        return '{0.meaning} {0.hint}'.format(self)


class InDoubtError(ApiException):
    """The same call left before and no answer was seen: it may be paid for; nothing was sent.

    :ivar row: the :class:`.Row` of that call.
    """

    is_in_doubt = True
    meaning_en = ('the {0.operation} of {0.begun} (row {0.id}, key {0.key!r}) left and no answer '
                  'was seen: it may be under way in another thread or process, or it may be paid '
                  'for. Nothing was sent now.')
    hint_en = ('If nothing is under way, look at ledger.unsettled() or "ai-portrait history"; to '
               'let it go again: ledger.forget({0.id}), "ai-portrait history --forget {0.id}"')

    def __init__(self, row: "Row") -> None:
        ApiException.__init__(self, reason='row {} is {}'.format(row.id, row.state))
        self.row = row  # type: Row
        self.job_id = row.job_id  # type: JobId
        self.model_id = row.model_id  # type: Optional[str]
        for what in ('meaning', 'hint'):
            text = getattr(self, what + '_en')
            self._say(what, lambda lang: in_language(lang, text, row, self))

    def __str__(self) -> str:
        return '{0.meaning} {0.hint}'.format(self)

    def to_dict(self, language: "Optional[str]" = None) -> "Envelope":
        """Return what programs need; ``row`` is that of the ledger."""
        return dict(ApiException.to_dict(self, language), row=self.row.to_dict())


class AlreadyPaidError(InDoubtError):
    """The same call succeeded before, and what it gave is not at hand; nothing was sent.

    :ivar row: the :class:`.Row` of that call; ``row.saved`` is where its portrait was saved.
    """

    is_in_doubt = False
    meaning_en = ('the {0.operation} of {0.begun} (row {0.id}, key {0.key!r}) is done and paid '
                  'for, and its result is not at hand (saved: {0.saved}). '
                  'Nothing was sent now.')  # type: str
    # Not portrait() with another key: it would pay for a training too.
    hint_en = ('Look for the file; to pay for another one: studio.create({0.model_ids}, template, '
               'key=ANOTHER_KEY)')  # type: str
