"""What the ledger knows, at a prompt: names for ids, what stands in the way, and lists."""
import difflib
import errno
import os
import sys
from contextlib import suppress

from ..client.address import is_of_this_computer
from ..client.credentials import kept_credentials
from ..client.exceptions import InDoubtError, LedgerError
from ..client.paid import ACCEPTED, STATES, SUCCEEDED, UNSETTLED
from ..ledger import Ledger
from ..portrait import TrainedModel
from ..util.files import user_folder
from ..util.kept import person_of
from ..util.language import choose
from . import exits
from .output import words_of, write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from ..ledger import Row
    from .output import Output

#: How people read the states of a row.
_STATES = dict(zip(STATES, (
    ('in doubt', '结果未知'), ('training', '训练中'), ('succeeded', '成功'), ('failed', '失败'),
    ('forgotten', '已忽略'))))  # type: Dict[str, Tuple[str, str]]
_AT_URLS = ('The photos at these addresses', '这些地址的照片',
            ', or if other photos are there now', '，或这些地址的照片已更换')
_KINDS = {'train': ('training', '模型训练'), 'create': ('creation', '写真制作')}
#: Seconds of a unit of an age.
_UNITS = ((86400, ('d', '天')), (3600, ('h', '小时')), (60, ('min', '分钟')), (0, ('s', '秒')))


#: Models whose names are asked for at once.
_AT_ONCE = 900
#: Trainings of a name that are looked at for one with other photos.
_LOOKED_AT = 20
#: Commands that only read the ledger, or can do without writing; those that send nothing.
_LISTS = ('models', 'history', 'uploads')
_READERS = _LISTS + ('wait', 'job')


class _LedgerToRead(Ledger):
    """A ledger that may lie on a disk that is full or read-only."""

    reads_anyhow = True


class PaidBefore(InDoubtError):
    """The same photos of the same person were trained before, or are being trained."""

    is_in_doubt = False
    meaning_en = ('{1.what[0]} were sent to be trained at {0.begun:.19} UTC (row {0.id}, name '
                  '{1.person}, {1.state[0]}); nothing was sent now.')
    meaning_zh = ('{1.what[1]}已在 {0.begun:.19}（UTC）提交模型训练（第 {0.id} 行，名称 {1.person}，'
                  '{1.state[1]}）；本次未发送。')
    hint_en = 'Use that model; to pay for another one{1.what[2]}: --again'
    hint_zh = '请使用该模型；如需再次付费训练{1.what[3]}：--again'
    #: Nobody has looked at the photos of URLs.
    what = property(lambda self: _AT_URLS if any('://' in photo[0] for photo in self.row.photos)
                    else ('These photos', '这些照片', '', ''))  # type: property
    person = property(lambda self: self.row.person or '-')  # type: property
    state = property(lambda self: _STATES[self.row.state])  # type: property


def emulator_home(options: "Namespace") -> str:
    """Return the folder in which the emulator keeps its photos, its jobs and their ledger."""
    return options.store or os.path.join(user_folder('cache'), 'emulator')


def ledger_of(options: "Namespace") -> "Optional[Ledger]":
    """Open the ledger of a command, None if it has none or wants none.

    :raises LedgerError: it cannot be used; the hint names the options that give another one.
    """
    return None if getattr(options, 'no_ledger', True) else _opened(options)


def _opened(options: "Namespace") -> Ledger:
    kind = _LedgerToRead if options.command in _READERS else Ledger
    try:
        ledger = kind(_place_of(options))
        if options.command not in _LISTS:
            host = '127.0.0.1' if options.emulator else _host_of(options)
            ledger.serve(host)
    except LedgerError as error:
        names = ['--store'] if options.emulator and not options.ledger else ['--ledger']
        names += [] if options.command in _LISTS + ('batch',) else ['--no-ledger']
        error.hint_en, error.hint_zh = [
            hint + ending.format(' / '.join(names)) for hint, ending in (
                (error.hint_en, ' ({})'), (error.hint_zh, '（{}）'))]
        raise
    if ledger.is_read_only:
        write(sys.stderr, choose('the ledger {} can only be read here; nothing is written into it',
                                 '账本 {} 只能读取，不会写入').format(ledger.path))
    return ledger


def _place_of(options: "Namespace") -> str:
    """Return where a ledger is.

    The jobs of an emulator, and of any service of this computer, have one of their own: their
    numbers are also those of paid jobs.
    """
    if options.ledger is not None:
        return options.ledger  # type: ignore[no-any-return]
    home = emulator_home(options) if options.emulator else user_folder('data')
    try:
        os.makedirs(home, 0o700, exist_ok=True)
    except OSError as error:
        raise LedgerError(home, error.strerror or str(error))
    is_local = not options.emulator and is_of_this_computer(_host_of(options))
    return os.path.join(home, 'ledger-local.sqlite' if is_local else 'ledger.sqlite')


def ledger_to_read(options: "Namespace") -> Ledger:
    """Open the ledger of a command that only looks into it.

    :raises FileNotFoundError: one was named that is not there.
    """
    if options.ledger is not None and not os.path.exists(options.ledger):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), options.ledger)
    return _opened(options)


def _host_of(options: "Namespace") -> str:
    found = ('', '')
    with suppress(ValueError, OSError):
        found = kept_credentials(options.credentials).get('host', found)
    return options.host or found[0]


def same_way(options: "Namespace") -> "List[str]":
    """Return the options that lead another command to the same jobs; never the token."""
    wanted = ['store'] if options.emulator else ['host', 'app_id', 'credentials', 'upload']
    return words_of(options, 'emulator', *wanted + ['ledger', 'no_ledger'])


def _find(word: str, ledger: "Optional[Ledger]") -> "Tuple[Optional[str], Any]":
    """Return (model id, job id) of a name, an id or a file; (None, None) for an unknown id.

    :raises ValueError: it can only be a file, and that is missing or holds something else.
    :raises LookupError: it is nearly a name that the ledger has.
    """
    is_file = os.path.isfile(word)
    if ledger is not None:
        row = ledger.look_up(word)
        if row is not None:
            return row.model_id, row.job_id
        people = [row.person or '' for row in ledger.trainings()]
        if not is_file and difflib.get_close_matches(person_of(word) or '', people):
            ledger.model(word)  # which raises, and names them
    if is_file:
        model = TrainedModel.load(word)
        return model.model_id, model.job_id
    if os.path.basename(word) != word or os.path.splitext(word)[1]:
        raise ValueError(choose(
            'there is no file {}, and no person of that name; give a name or an id ("ai-portrait '
            'models" lists them), or a file of train --save',
            '文件 {} 不存在，也没有该名称的人物；请传入名称或 id（用 "ai-portrait models" 查看），'
            '或 train --save 保存的文件').format(word))
    return None, None


def model_of(word: str, ledger: "Optional[Ledger]") -> TrainedModel:
    """Return the model of a name, an id or a file; what is unknown is taken for an id."""
    model_id, job_id = _find(word, ledger)
    return TrainedModel(model_id or word, job_id)


def goes_on(word: str, ledger: "Optional[Ledger]") -> bool:
    """Whether a training was not seen to end; of a name, say whose model it is if in doubt."""
    row = ledger.look_up(word) if ledger is not None else None
    if ledger is None or row is None:
        return False
    is_name = row.person == person_of(word)
    named = ledger.trainings(_LOOKED_AT, row.person) if is_name else [row]
    newest = named[0]
    if newest.id > row.id:
        write(sys.stderr, choose(
            '{}: the model {} of {} ago is used; the training of row {} is newer ({}), but gave '
            'no model', '{0}：使用模型 {1}（{2}前训练）；第 {3} 行的训练较新（{4}），但没有可用的模型').format(
                word, row.model_id, _age_of(row), newest.id, choose(*_STATES[newest.state])))
    for other in [each for each in named if each.state in (ACCEPTED, SUCCEEDED)
                  and each.photos_mark != row.photos_mark][:1]:
        write(sys.stderr, choose(
            '{}: the model {} of {} ago is used; {} ({} ago) has this name too, with other '
            'photos; if that one is meant, give its id',
            '{}：使用模型 {}（{}前训练）；{}（{}前训练）名称相同，所用照片不同；如需使用后者，请传入其 id').format(
                word, row.model_id, _age_of(row), other.model_id, _age_of(other)))
    return row.state == ACCEPTED


def jobs_of(words: "Sequence[str]", ledger: "Optional[Ledger]") -> "List[Any]":
    """Return (job id, model id) of trainings; without a word, of the newest that goes on.

    :raises ValueError: there is none.
    """
    rows = ledger.standing('train', 'state', [ACCEPTED]) if ledger and not words else []
    found = ([_job_of(word, ledger) for word in words]
             or [(row.job_id, row.model_id) for row in rows if row.job_id is not None][-1:])
    if not found:
        raise ValueError(choose(
            'no training goes on as far as the ledger knows; give a name, a job id or a file',
            '账本中没有进行中的模型训练；请传入名称、任务 id 或文件'))
    return found


def _job_of(word: str, ledger: "Optional[Ledger]") -> "Tuple[Any, Optional[str]]":
    """Return the ids of one; what is unknown and a number, as job ids are, is taken for a job."""
    is_number = word.isdecimal() and str(int(word)) == word
    row = ledger.look_up(int(word)) if ledger and is_number else None
    # What is printed to go on with is the number of a job, whoever is called so.
    model_id, job_id = (row.model_id, row.job_id) if row else _find(word, ledger)
    if job_id is None and (model_id or not is_number):
        raise ValueError(choose(
            'no job of {!r} is known; give a job id (a number), or a name that "ai-portrait '
            'models" lists', '未找到 {!r} 对应的任务；请传入任务 id（数字），或 "ai-portrait models" 列出的名称')
            .format(word))
    return (word, None) if job_id is None else (job_id, model_id)


def models(options: "Namespace", output: "Output") -> int:
    """List the models; nothing is sent."""
    return _list(options, output, Ledger.trainings, ('name', 'model', 'job', 'state', 'age'))


def history(options: "Namespace", output: "Output") -> int:
    """List what was paid for, or may have been, or let a call in doubt go; nothing is sent."""
    if options.forget is not None:
        return _forget(options, output)
    return _list(options, output, Ledger.calls, _HISTORY)


def _forget(options: "Namespace", output: "Output") -> int:
    with Ledger(ledger_to_read(options).path) as ledger:  # to be written
        if options.forget not in [row.id for row in ledger.unsettled()]:
            raise ValueError(choose(
                '--forget {}: that row is not in doubt; "ai-portrait history" shows which are',
                '--forget {}：该行并非结果未知；请用 "ai-portrait history" 查看').format(options.forget))
        row = ledger.forget(options.forget)
        output.keep(forgotten=row.to_dict())
        _show([row], _people([row], ledger), output, _HISTORY)
    return exits.OK


def _list(options: "Namespace", output: "Output", read: "Callable[..., List[Row]]",
          columns: "Sequence[str]") -> int:
    ledger, limit = ledger_to_read(options), max(options.limit, 0)
    output.same_way = same_way(options)
    # What is in doubt is what one looks for here.
    doubts = [row for row in ledger.unsettled() if limit and (
        row.kind == 'train' or options.command == 'history')]
    found = read(ledger, limit + len(doubts) + 1 if limit else None)
    rows = found[:limit or None]
    older = [row for row in doubts if not rows or row.id < rows[-1].id]
    more = len(found) > len(rows) + len(older[:limit])
    rows += older[:limit]
    if more:
        output.keep(truncated=True)
    people = _people(rows, ledger)
    output.keep(**{options.command: [dict(row.to_dict(), age_seconds=round(row.age), people=names)
                                     for row, names in zip(rows, people)]})
    if rows:
        _show(rows, people, output, columns)
        if older[limit:]:
            output.say(choose('in doubt and not shown: {}', '另有结果未知的记录：{} 条').format(
                len(older[limit:])))
        if any(row.state == UNSETTLED for row in rows):
            output.say(choose('to let a call in doubt go again: {}', '如需允许某次调用重新发送：{}').format(
                output.command_of('history', '--forget', 'ROW')))
        if more:
            output.say(choose('there are older ones; all: --limit 0', '还有更早的记录；查看全部：--limit 0'))
    else:
        output.say(choose('nothing yet', '暂无记录') if options.emulator or options.ledger else choose(
            'nothing yet; what the emulator did is listed with --emulator',
            '暂无记录；模拟器的记录请使用 --emulator 查看'))
    return exits.OK


def _people(rows: "Sequence[Row]", ledger: Ledger) -> "List[List[Optional[str]]]":
    """Return whose each call is: a creation has no name of its own, but its models have."""
    models = sorted(set(each for row in rows for each in row.model_ids))
    names = dict((found.model_id, found.person) for start in range(0, len(models), _AT_ONCE)
                 for found in ledger.standing('train', 'model_id', models[start:start + _AT_ONCE]))
    return [[names.get(each) for each in row.model_ids] if row.model_ids else [row.person]
            for row in rows]


def _show(rows: "Sequence[Row]", people: "Sequence[Sequence[Optional[str]]]", output: "Output",
          columns: "Sequence[str]") -> None:
    for row, names in zip(rows, people):
        row.person = ', '.join(name or '-' for name in names)
    output.table([[choose(*_COLUMNS[name][:2]) for name in columns]]
                 + [[_COLUMNS[name][2](row) for name in columns] for row in rows])


def _age_of(row: "Row") -> str:
    seconds = max(0.0, row.age)
    size, unit = next(unit for unit in _UNITS if seconds >= unit[0])
    return '{:.0f} {}'.format(seconds // (size or 1), choose(*unit))


#: Those of the history.
_HISTORY = ('row', 'begun', 'what', 'state', 'name', 'job', 'model', 'template', 'saved')
#: Columns of the lists: their heads, and what of a row stands in them.
_COLUMNS = {
    'row': ('ROW', '行', lambda row: row.id),
    'begun': ('BEGUN (UTC)', '开始（UTC）', lambda row: row.begun[:19].replace('T', ' ')),
    'what': ('WHAT', '操作', lambda row: choose(*_KINDS.get(row.kind, (row.kind, row.kind)))),
    'state': ('STATE', '状态', lambda row: choose(*_STATES[row.state])),
    'name': ('NAME', '名称', lambda row: row.person),
    'job': ('JOB', '任务', lambda row: row.job_id),
    'model': ('MODEL', '模型', lambda row: row.model_id or ' '.join(row.model_ids)),
    'age': ('AGE', '时间', _age_of),
    'saved': ('SAVED, OR MESSAGE', '保存位置或信息', lambda row: row.saved or row.message),
    'template': ('TEMPLATE', '模板', lambda row: row.template and row.template[0]),
}  # type: Dict[str, Any]
