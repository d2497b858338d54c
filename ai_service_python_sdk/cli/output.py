"""What a command says: plain lines, one JSON document, or a bar that moves on a terminal."""
import contextlib
import errno
import json
import os
import re
import shlex
import sys
import time
import traceback
import unicodedata

from ..client.errors.base import ApiException, dict_of
from ..client.errors.photos import photo_texts
from ..client.exceptions import InDoubtError, JobFailedError, LedgerError, NotFoundError
from ..client.models.check_result import FITS
from ..client.models.job import STATE_MEANINGS
from ..progress import Bar, has_no_size
from ..util.language import translate, language
from ..util.redact import without_secrets
from . import exits

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Set
    from ..client.errors.base import JobId
    from ..client.models.job import Job
    from ..portrait import TrainedModel

#: Characters of one fact of an error that are printed.
LONGEST_FACT = 500
#: Options with which another command finds the same jobs; never the token.
_SAME_WAY = ('emulator', 'store', 'host', 'app_id', 'credentials', 'upload', 'ledger', 'no_ledger')
#: Frequent failures of files, in words.
_REASONS = {
    errno.ENOENT: 'there is no such file or folder',
    errno.EACCES: 'this user may not do that',
    errno.EISDIR: 'is a folder; give a file name',
    errno.ELOOP: 'links lead in a circle',
    errno.ENOTDIR: 'what should be a folder is a file',
    errno.ENOSPC: 'the disk is full',
    errno.EROFS: 'the disk is read-only',
}
#: Arguments in messages of the library, and the options that stand for them at a prompt.
_OPTIONS = (('any_count=True', '--any-count'), ('check_template=False', '--no-template-check'),
            ('overwrite=True, --force', '--force'), ('overwrite=True、--force', '--force'),
            ('overwrite=True\\u3001--force', '--force'),  # as JSON has it
            ('`place`', '`--upload`'),
            ('PortraitStudio(client, uploads=OssUploads(...))', '--upload oss://bucket/prefix'))
#: What older releases of urllib3 put in front of their reasons.
_OBJECT = re.compile('<[^<>]* object at 0x[0-9a-f]+>: ')
#: Characters by which a text could control a terminal.
_CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')


class Output(object):
    """Speaks for one command.

    :param as_json: whether stdout gets one JSON document and nothing else.
    :param command: its name, for the document.
    """

    def __init__(self, as_json: bool, command: str) -> None:
        self.as_json = as_json
        self._command = command
        self._said = {}  # type: Dict[str, Any]
        self._state = None  # type: Any
        self._ended = set()  # type: Set[JobId]
        #: The paid call that is on its way, for the document; empty in between.
        self.pays = ''
        #: Commands to go on with; empty: they follow from :attr:`under_way` and :attr:`creation`.
        self.go_on = []  # type: List[str]
        #: The trainings of this command; the list may grow.
        self.under_way = []  # type: Sequence[TrainedModel]
        #: What was typed; None until it is understood.
        self.options = None  # type: Any
        #: Options of the creation that follows the trainings; empty for none.
        self.creation = []  # type: List[str]

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self.as_json:
            write(sys.stdout, at_a_prompt(text))

    def table(self, rows: "Sequence[Sequence[object]]") -> None:
        """Print rows in columns; a Chinese character takes two places."""
        texts = [[str('-' if cell in (None, '') else cell) for cell in row] for row in rows]
        widths = [max(width_of(cell) for cell in column) for column in zip(*texts)]
        for row in texts:
            self.say('  '.join(cell + ' ' * (width - width_of(cell))
                               for cell, width in zip(row, widths)).rstrip())

    def keep(self, **facts: object) -> None:
        """Put facts into the JSON document, also if the command fails later on."""
        self._said.update(facts)

    def add(self, name: str, value: object) -> None:
        """Put one more value into a list of the JSON document."""
        self._said.setdefault(name, []).append(value)

    def photo(self, name: str, code: "Optional[int]", why: "Optional[str]" = None) -> None:
        """Say what a check found of one photo; ``why`` is the emulator's own reason, if any."""
        if code == FITS:
            self.say(translate('  fits     {}', name))
        else:
            self.reject(name, code, **photo_texts(code))
            if why:
                self.say('    ' + why)

    def reject(self, name: str, code: "Optional[int]", reason: "Optional[str]",
               remedy: str) -> None:
        """Say that a picture does not fit, why, and what to do."""
        self.say(translate('  rejected {} (code {}): {} {}', name, code, reason, remedy))

    # the wait

    def shows_bars(self) -> bool:
        """Whether a bar can move: stdout and stderr are a terminal."""
        try:
            return not self.as_json and sys.stdout.isatty() and (
                sys.stderr.isatty() and not has_no_size())
        except (AttributeError, ValueError):  # one is None, a widget, or closed
            return False

    @contextlib.contextmanager
    def wait(self, job_id: "JobId", seconds: float) -> "Iterator[Dict[str, Any]]":
        """Show the wait for a job that takes about so many seconds; give options for the wait."""
        bar = Bar(time.sleep, seconds) if self.shows_bars() else None
        try:
            yield {'on_progress': bar.progress, 'sleep': bar.sleep} if bar else {
                'on_progress': self.progress}
            self._ended.add(job_id)
        finally:
            if bar:
                bar.close(job_id in self._ended)

    def progress(self, job: "Job") -> None:
        """Say what state a job is in, unless that was said last."""
        if self._state != (job.id, job.state):
            self._state = (job.id, job.state)
            self.say(translate('job {}: {}', job.id,
                               translate(STATE_MEANINGS.get(job.state, '?'))))

    # the end

    def finish(self, code: int) -> int:
        """Print the JSON document; return the exit code."""
        if self.as_json:
            document = dict({'command': self._command, 'ok': code == exits.OK,
                             'exit_code': code}, **self._said)
            write(sys.stdout, at_a_prompt(json.dumps(document, sort_keys=True, indent=2)))
        return code

    def report(self, error: BaseException) -> int:
        """Say what went wrong, what to do, and how to go on; return the exit code."""
        code = exits.code_of(error)
        self.keep(error=facts_of(error))
        # The command has to name the ledger too: another one has other rows.
        history = self.command_of('history')
        lines = [at_a_prompt(line).replace('ai-portrait history', history)
                 for line in _lines_of(error)] + self._ways_on(error)
        for line in lines if not self.as_json else ():
            write(sys.stderr, line)
        return code

    def _ways_on(self, error: BaseException) -> "List[str]":
        """Return lines that name what is paid for, and the command that goes on with it."""
        # A job that has failed, or is unknown to the service, leads to no portrait.
        is_over = isinstance(error, (JobFailedError, NotFoundError))
        started = [model for model in self.under_way if model.job_id not in self._ended
                   and not (is_over and model.job_id == getattr(error, 'job_id', None))]
        lines = [translate('job {} goes on, model {}' if model.model_id else 'job {} goes on',
                           model.job_id, model.model_id) for model in started]
        if getattr(error, 'is_in_doubt', False) and (
                self.pays or isinstance(error, InDoubtError)):
            if self.pays:
                self.keep(in_doubt=self.pays)
            # Not the same call again: it would be paid for twice.
            commands = [] if self.options.no_ledger else [self.command_of('history')]
        elif getattr(error, 'is_gone', False):
            commands = []
        else:
            commands = self.go_on or self.ways(
                [model.job_id for model in started], [model.model_id for model in self.under_way],
                [] if is_over else self.creation)
        if commands:
            self.keep(resume=commands)
            lines.append(translate('go on with: {}').format(
                # PowerShell knows no &&.
                '\n  '.join(commands) if os.name == 'nt' else ' && '.join(commands)))
        return lines

    def ways(self, jobs: "Sequence[JobId]", models: "List[str]",
             creation: "List[str]") -> "List[str]":
        """Return the commands that wait for jobs, and create a portrait of models."""
        commands = [self.command_of('wait', *map(str, jobs))] if jobs else []
        return commands + ([self.command_of('create', *models + creation)] if creation else [])

    def command_of(self, *words: str) -> str:
        """Return a command as it is typed, with the options by which it finds the same jobs."""
        way = [name for name in _SAME_WAY
               if name != 'upload' or words[0] != 'history']  # which does not take it
        return as_typed('ai-portrait', *list(words) + words_of(self.options, *way))


def at_a_prompt(text: str) -> str:
    """Return a message of the library with options in the place of its arguments."""
    for argument, option in _OPTIONS:
        text = text.replace(argument, option)
    return text


def words_of(options: "Any", *names: str) -> "List[str]":
    """Return options that were given, such as ``any_count``, as they are typed."""
    words = []  # type: List[str]
    for name in names:
        given = getattr(options, name, None)
        for value in given if isinstance(given, list) else [given]:
            if value is not None and value is not False:
                word, text = '--' + name.replace('_', '-'), str(value)
                # What begins with a dash would be taken for an option.
                words += [word] if value is True else (
                    [word + '=' + text] if text.startswith('-') else [word, text])
    return words


def as_file(word: str) -> str:
    """Return a path that no command takes for an option."""
    return os.path.join('.', word) if word.startswith('-') else word


def as_typed(*words: str) -> str:
    """Return the words of a command as the shell of this system takes them."""
    if os.name == 'nt':
        from subprocess import list2cmdline
        return list2cmdline(words)
    return ' '.join(map(shlex.quote, words))


def write(stream: "Any", text: str) -> None:
    """Write a line; escape what the stream cannot show, and never raise."""
    # A name may hold codes that change a terminal's colours or the direction of its text.
    text = _CONTROL.sub(lambda found: found.group().encode('unicode_escape').decode(), text)
    try:
        try:
            stream.write(text + '\n')
        except UnicodeEncodeError:
            name = stream.encoding or 'ascii'
            stream.write(text.encode(name, 'backslashreplace').decode(name) + '\n')
        stream.flush()
    except Exception:
        # The stream is None, closed, full, a pipe without a reader, or a widget. With its file
        # replaced, what is still buffered does not raise at exit.
        with contextlib.suppress(Exception):
            number = stream.fileno()
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def width_of(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in 'WF' else 1 for letter in text)


def facts_of(error: BaseException) -> "Dict[str, Any]":
    """Return what the JSON document says of an error."""
    return dict(dict_of(error) or {}, type=type(error).__name__,
                text=without_secrets(_text_of(error)).strip())


def _lines_of(error: BaseException) -> "List[str]":
    if isinstance(error, ApiException):
        return _lines_of_call(error)
    if isinstance(error, KeyboardInterrupt):
        return [translate('interrupted')]
    lines = [translate('error: {}', without_secrets(_text_of(error)))]
    # An unknown error is a defect: its traceback is for a report.
    return lines if exits.code_of(error) != exits.OTHER else [
        without_secrets(traceback.format_exc())] + lines


def _text_of(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        # str(error) would begin with "[Errno 17]".
        name = error.filename if isinstance(error.filename, (str, bytes)) else ''
        reason = translate(_REASONS[error.errno]) if name and error.errno in _REASONS else (
            error.strerror)
        return translate('{}: {}', os.fsdecode(name), reason) if name else reason
    return str(error)


def _lines_of_call(error: ApiException) -> "List[str]":
    reason = _OBJECT.sub('', str(getattr(error, 'why', '') or error.reason or ''))
    is_chinese = language() == 'zh'
    what = error.meaning or (is_chinese and translate('The service could not do what was asked.')
                             ) or error.message or reason
    # The reason of an error of the SDK is English, and repeats its meaning.
    is_said = (isinstance(error, (InDoubtError, LedgerError))
               or error.opens_with_meaning and is_chinese)
    if error.message or is_said or reason == what:
        reason = ''
    facts = ((translate('status'), error.status), (translate('code'), error.code),
             (translate('message'), error.message), (translate('reason'), reason),
             (translate('request id'), error.request_id),
             (translate('job'), error.job_id), (translate('model'), error.model_id))
    lines = [translate('failed: {}', without_secrets(what))]
    lines += [translate('  {}: {}', name, without_secrets(str(value))[:LONGEST_FACT])
              for name, value in facts if value]
    return lines + ([translate('what to do: {}', error.hint)] if error.hint else [])
