"""The ledger at a prompt: names for ids, what stands in the way, and lists."""
import os
import sys

from ..client.exceptions import InDoubtError
from ..client.paid import ACCEPTED, FORGOTTEN, STATES, UNSETTLED
from ..ledger import Ledger
from ..portrait import TrainedModel
from ..uploads import clean
from ..util.language import choose
from . import exits
from .connection import ledger_to_read, same_way, uploads_of
from .output import write

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
_KINDS = {'train': ('training', '模型训练'), 'create': ('creation', '写真制作')}
#: Seconds of a unit of an age.
_UNITS = ((86400, ('d', '天')), (3600, ('h', '小时')), (60, ('min', '分钟')), (1, ('s', '秒')))
#: The model of a job of which nothing else is known.
UNKNOWN = '-'


class PaidBefore(InDoubtError):
    """The same photos of the same person were trained before, or are being trained."""

    is_in_doubt = False
    meaning_en = ('These photos were sent to be trained at {0.begun:.19} UTC (row {0.id}, name '
                  '{1.person}, {1.state[0]}); nothing was sent now.')
    meaning_zh = ('这些照片已在 {0.begun:.19}（UTC）提交模型训练（第 {0.id} 行，名称 {1.person}，'
                  '{1.state[1]}）；本次未发送。')
    hint_en = 'Use that model; to pay for another one: --again'
    hint_zh = '请使用该模型；如需再次付费训练：--again'
    person = property(lambda self: self.row.person or '-')  # type: property
    state = property(lambda self: _STATES[self.row.state])  # type: property


def model_of(word: str, ledger: "Optional[Ledger]") -> TrainedModel:
    """Return the model of a name, an id or a file; what is unknown is taken for an id.

    :raises ValueError: it can only be a file, and that is missing or holds something else.
    """
    row = ledger.look_up(word) if ledger is not None else None
    if ledger is not None and row is not None:
        _tell_of_namesakes(word, row, ledger)
        return TrainedModel(row.model_id or word, row.job_id)
    if os.path.isfile(word):
        return TrainedModel.load(word)
    if os.path.basename(word) != word or os.path.splitext(word)[1]:
        raise ValueError(choose(
            'there is no file {}, and no person of that name; give a name or an id ("ai-portrait '
            'models" lists them), or a file of train --save',
            '文件 {} 不存在，也没有该名称的人物；请传入名称或 id（用 "ai-portrait models" 查看），'
            '或 train --save 保存的文件').format(word))
    return TrainedModel(word)


def _tell_of_namesakes(name: str, row: "Row", ledger: Ledger) -> None:
    """Say whose model is used where two persons may have one name."""
    for other in [each for each in ledger.standing('train', 'person', [name])
                  if each.photos_mark != row.photos_mark][-1:]:
        write(sys.stderr, choose(
            '{}: the model {} of {} ago is used; {} ({} ago) has this name too, with other '
            'photos; if that one is meant, give its id',
            '{}：使用模型 {}（{}前训练）；{}（{}前训练）名称相同，所用照片不同；如需使用后者，请传入其 id').format(
                name, row.model_id, _age_of(row), other.model_id or '-', _age_of(other)))


def trainings_of(words: "Sequence[str]", ledger: "Optional[Ledger]") -> "List[TrainedModel]":
    """Return the models of trainings; without a word, of the newest that goes on.

    :raises ValueError: there is none.
    """
    rows = ledger.standing('train', 'state', [ACCEPTED]) if ledger and not words else []
    found = [_training_of(word, ledger) for word in words] or [
        TrainedModel(row.model_id or UNKNOWN, row.job_id)
        for row in rows if row.job_id is not None][-1:]
    if not found:
        raise ValueError(choose(
            'no training goes on as far as the ledger knows; give a name, a job id or a file',
            '账本中没有进行中的模型训练；请传入名称、任务 id 或文件'))
    return found


def _training_of(word: str, ledger: "Optional[Ledger]") -> TrainedModel:
    """Return one; a number is a job, whoever is called so: it is what is printed to go on with."""
    if word.isdecimal():
        row = ledger.look_up(int(word)) if ledger is not None else None
        return TrainedModel(row and row.model_id or UNKNOWN, int(word))
    model = model_of(word, ledger)
    if model.job_id is None:
        raise ValueError(choose(
            'no job of {!r} is known; give a job id (a number), or a name that "ai-portrait '
            'models" lists', '未找到 {!r} 对应的任务；请传入任务 id（数字），或 "ai-portrait models" 列出的名称')
            .format(word))
    return model


def models(options: "Namespace", output: "Output") -> int:
    """List the models; nothing is sent."""
    return _list(options, output, Ledger.trainings, ('name', 'model', 'job', 'state', 'age'))


def history(options: "Namespace", output: "Output") -> int:
    """List what was paid for, or may have been, or let a call in doubt go; nothing is sent."""
    if options.forget is None:
        return _list(options, output, Ledger.calls, _HISTORY)
    row = ledger_to_read(options).forget(options.forget)
    if row.state != FORGOTTEN:
        raise ValueError(choose(
            '--forget {}: that row is not in doubt; "ai-portrait history" shows which are',
            '--forget {}：该行并非结果未知；请用 "ai-portrait history" 查看').format(options.forget))
    output.keep(forgotten=row.to_dict())
    _show([row], output, _HISTORY)
    return exits.OK


def uploads(options: "Namespace", output: "Output") -> int:
    """List the uploaded photos that are there still, or remove those that no training needs."""
    ledger = ledger_to_read(options)
    place = uploads_of(options)
    if options.clean and place is None:
        raise ValueError(choose('--clean needs --upload oss://bucket/prefix',
                                '--clean 需要 --upload oss://bucket/prefix'))
    left = clean(ledger, place, age=0) if options.clean else []
    there = ledger.uploads()
    output.keep(uploads=there, left=left)
    for url in there or [choose('the ledger {} knows of no photo that is still there',
                                '账本 {} 中没有尚未删除的照片').format(ledger.path)]:
        output.say(url)
    return exits.OTHER if left else exits.OK


def _list(options: "Namespace", output: "Output", read: "Callable[..., List[Row]]",
          columns: "Sequence[str]") -> int:
    ledger, limit = ledger_to_read(options), max(options.limit, 0)
    output.same_way = same_way(options)
    found = read(ledger, limit + 1 if limit else None)
    rows = found[:limit or None]
    if len(found) > len(rows):
        # What is in doubt is what one looks for here.
        rows += [row for row in ledger.unsettled() if row.id < rows[-1].id and (
            row.kind == 'train' or options.command == 'history')]
    output.keep(**{options.command: [dict(row.to_dict(), age_seconds=round(row.age))
                                     for row in rows]})
    if rows:
        _show(rows, output, columns)
        if any(row.state == UNSETTLED for row in rows):
            output.say(choose('to let a call in doubt go again: {}', '如需允许某次调用重新发送：{}').format(
                output.command_of('history', '--forget', 'ROW')))
        if len(found) > limit > 0:
            output.say(choose('there are older ones; all: --limit 0', '还有更早的记录；查看全部：--limit 0'))
    else:
        output.say(choose('nothing yet', '暂无记录'))
    return exits.OK


def _show(rows: "Sequence[Row]", output: "Output", columns: "Sequence[str]") -> None:
    output.table([[choose(*_COLUMNS[name][:2]) for name in columns]]
                 + [[_COLUMNS[name][2](row) for name in columns] for row in rows])


def _age_of(row: "Row") -> str:
    seconds = max(0.0, row.age)
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return '{:.0f} {}'.format(seconds // size, choose(*unit))


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
