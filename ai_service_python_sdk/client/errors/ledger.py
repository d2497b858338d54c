"""What a ledger raises: its file cannot be used, or a call is in doubt or was paid for before."""
from .base import ApiException

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from .base import Envelope, JobId
    from ...ledger import Row

#: What is said of a file, in Chinese.
_IN_CHINESE = {
    'it was closed': '账本已关闭', 'it keeps the calls of the service': '其中是正式服务的调用',
    'it keeps the calls of an emulator': '其中是模拟器的调用',
    'it was moved, removed or replaced while it was in use': '使用期间被移动、删除或替换',
    'a signal or a fork interrupted what is written': '信号处理函数或 fork 打断了写入',
    'file is not a database': '不是数据库文件', 'database is locked': '数据库被锁定',
    'file is not a database of this kind': '不是账本数据库', 'disk I/O error': '磁盘读写错误',
    'database or disk is full': '磁盘已满', 'unable to open database file': '无法打开文件',
    'attempt to write a readonly database': '文件只读', 'Read-only file system': '磁盘为只读',
    'Permission denied': '没有权限', 'No space left on device': '磁盘已满',
    'No such file or directory': '文件夹不存在', 'Not a directory': '路径中的某一级不是文件夹'}


class LedgerError(ApiException):
    """The file of a ledger cannot be used; ``str()`` names it, the reason and what to do."""

    never_left = True
    hint_en = 'look at the file, its folder and the room on the disk, or give another file'
    hint_zh = '请检查该文件、所在文件夹和磁盘空间，或指定其他文件'

    def __init__(self, path: str, reason: str) -> None:
        ApiException.__init__(self, reason=reason)
        self.meaning_en = '{} cannot be used: {};'.format(path, reason)  # type: str
        self.meaning_zh = '无法使用 {}：{}；'.format(
            path, _IN_CHINESE.get(reason, reason))  # type: str

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
    meaning_zh = ('{0.begun} 发出的 {0.operation}（第 {0.id} 行，key {0.key!r}）尚未收到响应：可能正在'
                  '其他线程或进程中执行，也可能已计费。本次未发送。')
    hint_en = ('If nothing is under way, look at ledger.unsettled() or "ai-portrait history"; to '
               'let it go again: ledger.forget({0.id}), "ai-portrait history --forget {0.id}"')
    hint_zh = ('如无正在执行的调用，请查看 ledger.unsettled() 或 "ai-portrait history"；如需重新发送：'
               'ledger.forget({0.id})、"ai-portrait history --forget {0.id}"')

    def __init__(self, row: "Row") -> None:
        ApiException.__init__(self, reason='row {} is {}'.format(row.id, row.state))
        self.row = row  # type: Row
        self.job_id = row.job_id  # type: JobId
        self.model_id = row.model_id  # type: Optional[str]
        for name in ('meaning_en', 'meaning_zh', 'hint_en', 'hint_zh'):
            setattr(self, name, getattr(self, name).format(row, self))

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
    meaning_zh = ('{0.begun} 发出的 {0.operation}（第 {0.id} 行，key {0.key!r}）已完成并计费，但找不到其结果'
                  '（保存位置：{0.saved}）。本次未发送。')  # type: str
    # Not portrait() with another key: it would pay for a training too.
    hint_en = ('Look for the file; to pay for another one: studio.create({0.model_ids}, template, '
               'key=ANOTHER_KEY)')  # type: str
    hint_zh = ('请查找该文件；如需重新付费生成：studio.create({0.model_ids}, template, '
               'key=ANOTHER_KEY)')  # type: str
