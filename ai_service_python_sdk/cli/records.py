"""The ledger at a prompt: models and trainings found by name, and the lists."""
import os
import sys

from ..client.exceptions import InDoubtError
from ..client.paid import ACCEPTED, STATES, UNSETTLED
from ..ledger import Ledger
from ..portrait import TrainedModel
from ..uploads import clean
from ..util.language import chinese_of, translate
from . import exits
from .connection import ledger_to_read, uploads_of
from .output import write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Callable, Dict, List, Optional, Sequence
    from ..ledger import Row
    from .output import Output

#: How people read the states of a row.
_STATES = dict(zip(STATES, ('in doubt', 'in training', 'succeeded', 'failed', 'forgotten')))
_KINDS = {'train': 'training', 'create': 'creation'}
#: The most rows of a list; SQLite takes no number much larger.
MOST_ROWS = 1000000000
#: Seconds of each unit in which an age is shown.
_UNITS = ((86400, 'd'), (3600, 'h'), (60, 'min'), (1, 's'))


class PaidBefore(InDoubtError):
    """The same photos of the same person were trained before, or are in training."""

    is_in_doubt = False
    meaning_en = ('These photos were sent to be trained at {0.begun:.19} UTC (row {0.id}, name '
                  '{1.person}, {1.state}); nothing was sent now.')
    hint_en = 'Use that model; to pay for another one: --again'
    person = property(lambda self: self.row.person or '-')  # type: property
    state = property(lambda self: _STATES[self.row.state])  # type: property
    state_zh = chinese_of('state')  # type: str


def model_of(word: str, ledger: "Optional[Ledger]") -> TrainedModel:
    """Return the model of a name, an id or a file; an unknown word is taken for an id.

    :raises ValueError: it looks like a path, and there is no such file or no model in it.
    :raises LookupError: the trainings of this name have failed, or are in doubt.
    """
    row = ledger.look_up(word) if ledger is not None else None
    if ledger is not None and row is not None:
        _tell_of_namesakes(word, row, ledger)
        return TrainedModel(row.model_id or word, row.job_id)
    if os.path.isfile(word):
        return TrainedModel.load(word)
    if os.path.basename(word) != word or os.path.splitext(word)[1]:
        raise ValueError(translate('there is no file {}, and no person of that name; give a name '
                                   'or an id ("ai-portrait models" lists them), or a file of '
                                   'train --save', word))
    if ledger is not None and ledger.trainings(1, word):
        ledger.model(word)  # raises: no training of this name can be used
    return TrainedModel(word)


def _tell_of_namesakes(name: str, row: "Row", ledger: Ledger) -> None:
    """Say which model is used if two persons may have the same name."""
    for other in [each for each in ledger.standing('train', 'person', [name])
                  if each.photos_mark != row.photos_mark][-1:]:
        write(sys.stderr, translate('{}: the model {} of {} ago is used; {} ({} ago) has this '
                                    'name too, with other photos; if that one is meant, give its '
                                    'id', name, row.model_id, _age_of(row), other.model_id or '-',
                                    _age_of(other)))


def trainings_of(words: "Sequence[str]", ledger: "Optional[Ledger]") -> "List[TrainedModel]":
    """Return the models of trainings; without words, that of the newest that goes on.

    :raises ValueError: no training goes on, or a word leads to none.
    """
    if words:
        return [_training_of(word, ledger) for word in words]
    for row in reversed(ledger.standing('train', 'state', [ACCEPTED]) if ledger else []):
        if row.job_id is not None:
            return [_of_job(row.job_id, row.model_id)]
    raise ValueError(translate('no training goes on as far as the ledger knows; give a name, '
                               'a job id or a file'))


def _of_job(job_id: "Any", model_id: "Any") -> TrainedModel:
    """Return the model of a job; its id is None if nobody knows it."""
    model = TrainedModel(model_id or '-', job_id)
    model.model_id = model_id  # the constructor refuses None
    return model


def _training_of(word: str, ledger: "Optional[Ledger]") -> TrainedModel:
    """Return the model of a word; a number is always a job id, as commands print it to go on."""
    if word.isdecimal():
        row = ledger.look_up(int(word)) if ledger is not None else None
        return _of_job(int(word), row and row.model_id)
    model = model_of(word, ledger)
    if model.job_id is None:
        raise ValueError(translate('no job of {!r} is known; give a job id (a number), or a name '
                                   'that "ai-portrait models" lists', word))
    return model


def models(options: "Namespace", output: "Output") -> int:
    """List the models; nothing is sent."""
    return _list(options, output, Ledger.trainings, ('name', 'model', 'job', 'state', 'age'))


def history(options: "Namespace", output: "Output") -> int:
    """List the paid calls, or let a call in doubt be sent again; nothing is sent now."""
    if options.forget is None:
        return _list(options, output, Ledger.calls, _HISTORY)
    ledger = ledger_to_read(options)
    if options.forget not in [row.id for row in ledger.unsettled()]:
        raise ValueError(translate('--forget {}: that row is not in doubt; "ai-portrait history" '
                                   'shows which are', options.forget))
    row = ledger.forget(options.forget)
    output.keep(forgotten=row.to_dict())
    _show([row], output, _HISTORY)
    return exits.OK


def uploads(options: "Namespace", output: "Output") -> int:
    """List the photos that are still uploaded, or remove those that no training needs."""
    ledger = ledger_to_read(options)
    place = uploads_of(options)
    if options.clean and place is None:
        raise ValueError(translate('--clean needs --upload oss://bucket/prefix'))
    left = clean(ledger, place, age=0) if options.clean else []
    there = ledger.uploads()
    output.keep(uploads=there, left=left)
    for url in there or [translate('the ledger {} knows of no photo that is still there',
                                   ledger.path)]:
        output.say(url)
    return exits.OTHER if left else exits.OK


def _list(options: "Namespace", output: "Output", read: "Callable[..., List[Row]]",
          columns: "Sequence[str]") -> int:
    ledger, limit = ledger_to_read(options), min(max(options.limit, 0), MOST_ROWS)
    found = read(ledger, limit + 1 if limit else None)
    rows = found[:limit or None]
    if len(found) > len(rows):
        # Rows in doubt are shown whatever the limit: they are what one looks for here.
        rows += [row for row in ledger.unsettled() if row.id < rows[-1].id and (
            row.kind == 'train' or options.command == 'history')]
    output.keep(**{options.command: [dict(row.to_dict(), age_seconds=round(row.age))
                                     for row in rows]})
    if rows:
        _show(rows, output, columns)
        if any(row.state == UNSETTLED for row in rows):
            output.say(translate('to let a call in doubt go again: {}',
                                 output.command_of('history', '--forget', 'ROW')))
        if len(found) > limit > 0:
            output.say(translate('there are older ones; all: --limit 0'))
    else:
        output.say(translate('nothing yet'))
    return exits.OK


def _show(rows: "Sequence[Row]", output: "Output", columns: "Sequence[str]") -> None:
    output.table([[translate(_COLUMNS[name][0]) for name in columns]]
                 + [[_COLUMNS[name][1](row) for name in columns] for row in rows])


def _age_of(row: "Row") -> str:
    seconds = max(0.0, row.age)
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return '{:.0f} {}'.format(seconds // size, translate(unit))


#: Columns of the history.
_HISTORY = ('row', 'begun', 'what', 'state', 'name', 'job', 'model', 'template', 'saved')
#: Name of a column to its head, and to what stands in it for a row.
_COLUMNS = {
    'row': ('ROW', lambda row: row.id),
    'begun': ('BEGUN (UTC)', lambda row: row.begun[:19].replace('T', ' ')),
    'what': ('WHAT', lambda row: translate(_KINDS.get(row.kind) or row.kind)),
    'state': ('STATE', lambda row: translate(_STATES[row.state])),
    'name': ('NAME', lambda row: row.person),
    'job': ('JOB', lambda row: row.job_id),
    'model': ('MODEL', lambda row: row.model_id or ' '.join(row.model_ids)),
    'age': ('AGE', _age_of),
    'saved': ('SAVED, OR MESSAGE', lambda row: row.saved or row.message),
    'template': ('TEMPLATE', lambda row: row.template and row.template[0]),
}  # type: Dict[str, Any]
