"""What the ledger knows, at a prompt: names for ids, what stands in the way, and lists."""
import datetime
import difflib
import os

from ..ledger import ACCEPTED, STATES, UNSETTLED, InDoubtError, Ledger
from ..portrait import TrainedModel
from ..util.files import user_folder
from ..util.language import choose
from . import exits

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from ..ledger import Row
    from .output import Output

#: How people read the states of a row.
_STATES = dict(zip(STATES, (('in doubt', '未知'), ('training', '训练中'), ('succeeded', '成功'),
                            ('failed', '失败'), ('forgotten', '已忽略'))))
#: Seconds of a unit of an age.
_UNITS = ((86400, ('d', '天')), (3600, ('h', '小时')), (60, ('min', '分钟')), (1, ('s', '秒')))


class NamedLedger(Ledger):
    """Knows photos by what the user called them: the emulator's URLs differ each time."""

    def __init__(self, path: "Any") -> None:
        Ledger.__init__(self, path)
        #: URL to what the user called it.
        self.names = {}  # type: Dict[str, str]

    def begin(self, operation: str, photos: "Any" = (), template: "Any" = None,
              *others: "Any", **facts: "Any") -> "Row":
        """Write a call down, see :meth:`.Ledger.begin`."""
        return Ledger.begin(self, operation, [self.names.get(photo, photo) for photo in photos],
                            self.names.get(template, template), *others, **facts)

    def stop_the_same(self, photos: "Sequence[str]", person: "Optional[str]") -> None:
        """Refuse a training that was paid for, or may have been.

        :raises exits.PaidBefore, InDoubtError: with the row that stands in the way.
        """
        row = self.same_training([self.names.get(photo, photo) for photo in photos], person)
        if row is not None:
            raise InDoubtError(row) if row.state == UNSETTLED else exits.PaidBefore(row, choose(
                'these photos were sent to be trained {} ago: {}, row {}, name {}, job {}, model '
                '{}; nothing was sent now. To pay for it again: --again',
                '这些照片已在 {}前提交模型训练：{}，第 {} 行，名称 {}，任务 {}，模型 {}；本次未发送。'
                '如需再次付费训练：--again').format(
                    age_of(row), state_of(row), row.id, row.person or '-', row.job_id,
                    row.model_id))


def emulator_home(options: "Namespace") -> str:
    """Return the folder in which the emulator keeps its photos, its jobs and their ledger."""
    return options.store or os.path.join(user_folder('cache'), 'emulator')


def ledger_of(options: "Namespace") -> "Optional[NamedLedger]":
    """Open the ledger of a command, None if it has none.

    The emulator's jobs have one of their own: their numbers are also those of paid jobs.
    """
    if getattr(options, 'no_ledger', True):
        return None
    if options.ledger or not options.emulator:
        return NamedLedger(options.ledger) if options.ledger else NamedLedger.of_user()
    home = emulator_home(options)
    os.makedirs(home, 0o700, exist_ok=True)
    return NamedLedger(os.path.join(home, 'ledger.sqlite'))


def find(word: str, ledger: "Optional[Ledger]") -> "Tuple[Optional[str], Any]":
    """Return (model id, job id) of a name, an id or a file; (None, None) for an unknown id.

    :raises ValueError: it can only be a file, and that is missing or holds something else.
    :raises LookupError: it is nearly a name that the ledger has.
    """
    try:
        if ledger is not None:
            row = ledger.model(word)
            return row.model_id, row.job_id
    except LookupError as error:
        people = [row.person for row in ledger.trainings() if row.person]
        if not os.path.isfile(word) and difflib.get_close_matches(word, people):
            raise LookupError(str(error))
    if os.path.isfile(word):
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
    model_id, job_id = find(word, ledger)
    return TrainedModel(model_id or word, job_id)


def job_of(word: str, ledger: "Optional[Ledger]") -> "Tuple[Any, Optional[str]]":
    """Return (job id, model id) of a training; what is unknown is taken for a job id.

    :raises ValueError: it is neither known nor a number, as the service's job ids are.
    """
    model_id, job_id = find(word, ledger)
    if job_id is None and (model_id or not word.isdigit()):
        raise ValueError(choose(
            'no job of {!r} is known; give a job id (a number), or a name that "ai-portrait '
            'models" lists', '未找到 {!r} 对应的任务；请传入任务 id（数字），或 "ai-portrait models" 列出的名称')
            .format(word))
    return (word, None) if job_id is None else (job_id, model_id)


def newest_unfinished(ledger: "Optional[Ledger]") -> str:
    """Return the job id of the newest training that is not known to have ended.

    :raises ValueError: there is none.
    """
    for row in ledger.trainings(limit=None) if ledger is not None else []:
        if row.state == ACCEPTED:
            return str(row.job_id)
    raise ValueError(choose(
        'no training goes on as far as the ledger knows; give a name, a job id or a file',
        '账本中没有进行中的模型训练；请传入名称、任务 id 或文件'))


def models(options: "Namespace", output: "Output") -> int:
    """List the models; nothing is sent."""
    rows = _opened(options).trainings(options.limit)
    output.keep(models=[{'name': row.person, 'model_id': row.model_id, 'job_id': row.job_id,
                         'state': row.state, 'begun': row.begun, 'saved': row.saved,
                         'age_seconds': round(_seconds_of(row))} for row in rows])
    _list(options, output, choose(
        ('NAME', 'MODEL', 'JOB', 'STATE', 'AGE'), ('名称', '模型', '任务', '状态', '时间')),
        [(row.person, row.model_id, row.job_id, state_of(row), age_of(row)) for row in rows])
    return exits.OK


def history(options: "Namespace", output: "Output") -> int:
    """List what was paid for, or may have been; nothing is sent."""
    ledger, limit = _opened(options), options.limit
    found = ledger.trainings(limit) + ledger.creations(limit) + ledger.unsettled(limit)
    by_id = dict((row.id, row) for row in found)
    rows = [by_id[number] for number in sorted(by_id, reverse=True)][:limit]
    output.keep(history=[row.to_dict() for row in rows])
    _list(options, output, choose(
        ('ROW', 'BEGUN (UTC)', 'WHAT', 'STATE', 'NAME', 'JOB', 'MODEL', 'SAVED, OR MESSAGE'),
        ('行', '开始（UTC）', '操作', '状态', '名称', '任务', '模型', '保存位置或信息')),
        [(row.id, row.begun[:19].replace('T', ' '), row.kind, state_of(row), row.person,
          row.job_id, row.model_id or ' '.join(row.model_ids), row.saved or row.message)
         for row in rows])
    return exits.OK


def _opened(options: "Namespace") -> Ledger:
    options.no_ledger = False
    return ledger_of(options)  # type: ignore[return-value]


def _list(options: "Namespace", output: "Output", heads: "Any", rows: "List[Any]") -> None:
    if rows:
        output.table([heads] + rows)
    elif options.emulator or options.ledger:
        output.say(choose('nothing yet', '暂无记录'))
    else:
        output.say(choose('nothing yet; what the emulator did is listed with --emulator',
                          '暂无记录；模拟器的记录请使用 --emulator 查看'))


def state_of(row: "Row") -> str:
    """Say a row's state to people."""
    return choose(*_STATES[row.state])


def age_of(row: "Row") -> str:
    """Say how long ago a call left, in the largest unit."""
    seconds = _seconds_of(row)
    size, unit = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    return '{:.0f} {}'.format(seconds // size, choose(*unit))


def _seconds_of(row: "Row") -> float:
    # strptime reads the zone's colon from Python 3.7 on only; it is always UTC.
    begun = datetime.datetime.strptime(row.begun[:19] + '+0000', '%Y-%m-%dT%H:%M:%S%z')
    return max(0.0, (datetime.datetime.now(datetime.timezone.utc) - begun).total_seconds())
