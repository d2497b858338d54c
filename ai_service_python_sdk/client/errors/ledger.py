"""What a ledger raises: its file cannot be used, or a call is in doubt or was paid for before."""
from ...util.language import choose
from .base import ApiException

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from .base import Envelope
    from ...ledger import Row

#: A word in the reason to what to do, in English and Chinese; the first that fits.
_REMEDIES = (
    ('not a database', 'it holds something else; give another file',
     '该文件保存的是其他内容，请指定其他文件'),
    ('lock', 'another process does not let go of it; end that one, or give another file',
     '其他进程一直占用该文件，请结束该进程或指定其他文件'),
    ('version', 'a newer package wrote it; install that one, or give another file',
     '该文件由更新版本的软件包写入，请升级软件包或指定其他文件'),
    ('', 'look at the file, its folder and the room on the disk, or give another file',
     '请检查该文件、所在文件夹和磁盘空间，或指定其他文件'))


class LedgerError(ApiException):
    """The file of a ledger cannot be used; ``str()`` names it, the reason and what to do."""

    never_left = True

    def __init__(self, path: str, reason: str) -> None:
        ApiException.__init__(self, reason=reason)
        self.path = path

    def _meaning(self, lang: "Optional[str]" = None) -> str:
        return choose('{} cannot be used: {}', '无法使用 {}：{}', lang).format(
            self.path, self.reason)

    def _hint(self, lang: "Optional[str]" = None) -> str:
        en, zh = next(found[1:] for found in _REMEDIES if found[0] in self.reason)
        return choose(en, zh, lang)

    def __str__(self) -> str:
        return '{}; {}'.format(self.meaning, self.hint)


class InDoubtError(ApiException):
    """The same call left before and no answer was seen: it may be paid for; nothing was sent.

    :ivar row: the :class:`.Row` of that call.
    """

    is_in_doubt = True
    _texts = ('the {0.operation} of {0.begun} (row {0.id}, key {0.key!r}) left and no answer was '
              'seen: it may be paid for. Nothing was sent now.',
              '{0.begun} 发出的 {0.operation}（第 {0.id} 行，key {0.key!r}）未收到响应，可能已计费，本次未发送。')
    _hints = ('Look at ledger.unsettled() or "ai-portrait history"; to let it go again: '
              'ledger.forget({0.id}), or --again',
              '请查看 ledger.unsettled() 或 "ai-portrait history"；如需重新发送：'
              'ledger.forget({0.id}) 或 --again')

    def __init__(self, row: "Row") -> None:
        ApiException.__init__(self, reason='row {} is {}'.format(row.id, row.state))
        self.row = row
        self.job_id, self.model_id = row.job_id, row.model_id

    def _meaning(self, lang: "Optional[str]" = None) -> str:
        return choose(self._texts[0], self._texts[1], lang).format(self.row)

    def _hint(self, lang: "Optional[str]" = None) -> str:
        return choose(self._hints[0], self._hints[1], lang).format(self.row)

    def to_dict(self, language: "Optional[str]" = None) -> "Envelope":
        """Return what programs need; ``row`` is that of the ledger."""
        return dict(ApiException.to_dict(self, language), row=self.row.to_dict())

    def __str__(self) -> str:
        return '{} {}'.format(self.meaning, self.hint)


class AlreadyPaidError(InDoubtError):
    """The same call succeeded before, and what it gave is not at hand; nothing was sent.

    :ivar row: the :class:`.Row` of that call; ``row.saved`` is where its portrait was saved.
    """

    is_in_doubt = False
    _texts = ('the {0.operation} of {0.begun} (row {0.id}, key {0.key!r}) is done and paid for, '
              'and its result cannot be read from where it was saved: {0.saved}. Nothing was sent '
              'now.',
              '{0.begun} 发出的 {0.operation}（第 {0.id} 行，key {0.key!r}）已完成并计费，但无法从保存位置读取'
              '其结果：{0.saved}。本次未发送。')
    _hints = ('Look for the file; to pay for another one, give another key.',
              '请查找该文件；如需重新付费生成，请更换 key。')
