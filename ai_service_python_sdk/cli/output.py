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
from ..client.log import is_heard
from ..client.models.job import STATE_MEANINGS
from ..progress import Bar
from ..util.language import choose, language
from ..util.redact import without_secrets
from . import exits

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set, TextIO, Tuple
    from ..client.errors.base import JobId
    from ..client.models.job import Job

#: Characters of one fact of an error that are printed.
LONGEST_FACT = 500
#: Failures of files that happen to everybody, in words.
_REASONS = {
    errno.ENOENT: ('there is no such file or folder', '文件或文件夹不存在'),
    errno.EACCES: ('this user may not do that', '没有权限'),
    errno.EISDIR: ('is a folder; give a file name', '是文件夹，请给出文件名'),
    errno.ENOTDIR: ('what should be a folder is a file', '路径中的某一级不是文件夹'),
    errno.ENOSPC: ('the disk is full', '磁盘已满'),
    errno.EROFS: ('the disk is read-only', '磁盘为只读'),
}
#: How the line begins that makes a portrait.
CREATE = 'ai-portrait create'
#: Arguments that texts of the library name, and the options that stand for them at a prompt.
_OPTIONS = (('any_count=True', '--any-count'), ('check_template=False', '--no-template-check'),
            ('overwrite=True, --force', '--force'), ('overwrite=True、--force', '--force'))
#: What a terminal would obey.
_CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')
#: What older releases of urllib3 put in front of their reasons.
_OBJECT = re.compile('<[^<>]* object at 0x[0-9a-f]+>: ')


class Output(object):
    """Speaks for one command.

    :param as_json: whether stdout gets one JSON document and nothing else.
    :param command: its name, for the document.
    """

    def __init__(self, as_json: bool, command: str) -> None:
        self.as_json = as_json
        self._command = command
        self._bar = None  # type: Optional[Bar]
        self._said = {}  # type: Dict[str, Any]
        self._state = None  # type: Any
        self._ended = set()  # type: Set[JobId]
        #: The paid call that is on its way, in words; empty in between.
        self.sent = ''
        #: Commands that go on, where the jobs do not tell.
        self.go_on = []  # type: List[str]
        #: Gives (job id, model id or None) of all that is under way, the moment it is asked.
        self.under_way = list  # type: Callable[[], Sequence[Tuple[JobId, Optional[str]]]]
        #: Options that lead another command to the same jobs.
        self.same_way = []  # type: List[str]
        #: Options of the creation that follows the jobs; empty where the jobs are all.
        self.creation = []  # type: List[str]

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self.as_json:
            write(sys.stdout, text)

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
        """Say what a check found of one photo; the emulator also says why."""
        if code == 1:
            self.say(choose('  fits     {}', '  合格     {}').format(name))
        else:
            self.say(choose('  rejected {} (code {}): {reason} {remedy}',
                            '  不合格   {}（代码 {}）：{reason}{remedy}').format(
                                name, code, **photo_texts(code))
                     + (why and '\n    {}'.format(why) or ''))

    # the wait

    def begin_wait(self, seconds: float) -> "Dict[str, Any]":
        """Begin a wait that takes about so many seconds; return what makes it seen."""
        if self.as_json or not has_screen():
            return {'on_progress': self.progress}
        self._bar = Bar(time.sleep, seconds)
        return {'on_progress': self._bar.progress, 'sleep': self._bar.sleep}

    def progress(self, job: "Job") -> None:
        """Say what state a job is in, once."""
        if self._state != (job.id, job.state):
            self._state = (job.id, job.state)
            self.say(choose('job {}: {}', '任务 {}：{}').format(
                job.id, choose(*STATE_MEANINGS.get(job.state or 0, ('?', '?')))))

    def waited(self, job_id: "JobId") -> None:
        """End the wait for a job with a full bar."""
        self._ended.add(job_id)
        self.close(True)

    def close(self, is_done: bool = False) -> None:
        """Leave the bar as it is and go to the next line."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close(is_done)

    # the end

    def finish(self, code: int) -> int:
        """Print the JSON document; return the exit code."""
        self.close()
        if self.as_json:
            document = dict({'command': self._command, 'ok': code == exits.OK,
                             'exit_code': code}, **self._said)
            write(sys.stdout, json.dumps(document, sort_keys=True, indent=2))
        return code

    def report(self, error: BaseException) -> int:
        """Say what went wrong, what to do, and how to go on; return the exit code."""
        self.close()
        code = exits.code_of(error)
        if isinstance(error, InDoubtError):
            # A row has this number in that ledger only.
            history = self.command_of('history')
            error.hint_en, error.hint_zh = [
                hint.replace('ai-portrait history', history) + again * error.is_in_doubt
                for hint, again in ((error.hint_en, ', or --again'),
                                    (error.hint_zh, ' 或 --again'))]
        self.keep(error=facts_of(error))
        if isinstance(error, (JobFailedError, NotFoundError)):
            # That job has ended without a model, so there will be no portrait either.
            self._ended.add(error.job_id)
            self.creation = self.creation if error.job_id is None else []
        if getattr(error, 'is_gone', False):
            self.go_on = self.creation = []
        for line in _lines_of(error) + self._ways_on(error):
            # After Ctrl-C the reader of the document has often ended too.
            if not self.as_json or code == exits.INTERRUPTED:
                write(sys.stderr, line)
        return code

    def _ways_on(self, error: BaseException) -> "List[str]":
        """Name what is paid for and the line that goes on with it, so that nobody pays twice."""
        lines = [choose('job {} goes on, model {}', '任务 {} 仍在进行，模型 {}').format(
            job, model or '-') for job, model in self.unfinished()]
        commands = self.go_on or self._commands()
        # Which errors of ours leave it open is known; of others nothing is.
        is_known = isinstance(error, (ApiException,) + exits.USUAL)
        if self.sent and getattr(error, 'is_in_doubt', not is_known):
            self.keep(in_doubt=self.sent)
            if isinstance(error, ApiException) or is_heard():  # else the library has said so
                lines.append(choose('{} was on its way: it may be paid for', '{}已发出，可能已计费')
                             .format(self.sent))
            # Not the same call again: it would be paid for twice.
            if not commands or any(each.startswith(CREATE) for each in commands):
                commands = ([] if '--no-ledger' in self.same_way
                            else [self.command_of('history')])
        if commands:
            self.keep(resume=commands)
            lines.append(choose('go on with: {}', '请用以下命令继续：{}').format(
                # PowerShell knows no &&.
                '\n  '.join(commands) if os.name == 'nt' else ' && '.join(commands)))
        return lines

    def _commands(self) -> "List[str]":
        jobs = [str(job) for job, _ in self.unfinished()]
        models = [model for _, model in self.under_way() if model]
        commands = [self.command_of('wait', *jobs)] if jobs else []
        if self.creation and models:
            commands.append(self.command_of('create', *models + self.creation))
        return commands

    def unfinished(self) -> "List[Tuple[JobId, Optional[str]]]":
        """Return (job id, model id) of the jobs that go on."""
        return [(job, model) for job, model in self.under_way() if job not in self._ended]

    def command_of(self, *words: str) -> str:
        """Return a command that leads to the same jobs, as it is typed."""
        way = list(self.same_way)
        if words[0] == 'history' and '--upload' in way:
            place = way.index('--upload')
            del way[place:place + 2]
        return as_typed('ai-portrait', *list(words) + way)


def at_a_prompt(text: str) -> str:
    """Return a text that names arguments of the library with the options instead."""
    for argument, option in _OPTIONS:
        text = text.replace(argument, option)
    return text


def words_of(options: "Namespace", *names: str) -> "List[str]":
    """Return options that were given, such as ``any_count``, as they are typed."""
    words = []  # type: List[str]
    for name in names:
        given = getattr(options, name, None)
        for value in given if isinstance(given, list) else [given]:
            if value is not None and value is not False:
                words.append('--' + name.replace('_', '-'))
                words += [] if value is True else [str(value)]
    return words


def as_typed(*words: str) -> str:
    """Return the words of a command as the shell of this system takes them."""
    if os.name == 'nt':
        from subprocess import list2cmdline
        return list2cmdline(words)
    return ' '.join(map(_quoted, words))


def _quoted(word: str) -> str:
    """Quote a word for a shell; what the terminal cannot show or would obey, as bash reads it."""
    with contextlib.suppress(UnicodeEncodeError):
        word.encode(getattr(sys.stderr, 'encoding', None) or 'utf-8')
        if not _CONTROL.search(word):
            return shlex.quote(word)
    with contextlib.suppress(UnicodeEncodeError):  # half characters that no argument can have
        return "$'{}'".format(''.join(
            chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\" else '\\x{:02x}'.format(byte)
            for byte in word.encode('utf-8', 'surrogateescape')))
    return shlex.quote(word)


def write(stream: "Optional[TextIO]", text: str) -> None:
    """Write a line; what the stream cannot show is escaped, and without a stream work goes on."""
    if stream is None:
        return
    # A name may hold what turns a terminal's colours or the order of its letters.
    text = _CONTROL.sub(lambda found: found.group().encode('unicode_escape').decode(), text)
    try:
        try:
            stream.write(text + '\n')
        except UnicodeEncodeError:
            name = stream.encoding or 'ascii'
            stream.write(text.encode(name, 'backslashreplace').decode(name) + '\n')
        stream.flush()
    except Exception:
        # Closed, full, its reader has gone, or it is a widget: what is still buffered must not
        # raise at exit.
        with contextlib.suppress(Exception):
            number = stream.fileno()
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def width_of(text: str) -> int:
    """Return the places that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in 'WF' else 1 for letter in text)


def has_screen() -> bool:
    """Whether a bar can move: on a terminal that shows this language."""
    try:
        choose('training', '训练').encode(sys.stderr.encoding or 'ascii')
        return sys.stdout.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):
        # Escaped, the text would be longer than the bar thinks; closed, there is nobody to look.
        return False


def facts_of(error: BaseException) -> "Dict[str, Any]":
    """Return what the JSON document says of an error."""
    name = 'Interrupted' if isinstance(error, KeyboardInterrupt) else type(error).__name__
    ids = dict((name, getattr(error, name, None))
               for name in ('job_id', 'model_id'))  # type: Dict[str, Any]
    text = without_secrets(_text_of(error)).strip()
    return dict(ids, type=name, text=text, **dict_of(error) or {})


def _lines_of(error: BaseException) -> "List[str]":
    if isinstance(error, ApiException):
        return _lines_of_call(error)
    if isinstance(error, KeyboardInterrupt):
        return [choose('interrupted', '已中断')]
    lines = [choose('error: {}', '错误：{}').format(without_secrets(_text_of(error)))]
    # The programmer's own traceback, for a report.
    return lines if exits.code_of(error) != exits.OTHER else [
        without_secrets(traceback.format_exc())] + lines


def _text_of(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        # Without the number of errno, which "[Errno 17]" would begin with.
        name = error.filename if isinstance(error.filename, (str, bytes)) else ''
        reason = choose(*_REASONS[error.errno]) if name and error.errno in _REASONS else (
            error.strerror)
        return choose('{}: {}', '{}：{}').format(os.fsdecode(name), reason) if name else reason
    return at_a_prompt(str(error))


def _lines_of_call(error: ApiException) -> "List[str]":
    reason = _OBJECT.sub('', str(getattr(error, 'why', '') or error.reason or ''))
    what = error.meaning or choose('', '服务未能完成请求。') or error.message or reason
    # The reason of our own errors is English, and says what their meaning says.
    is_said = (isinstance(error, (InDoubtError, LedgerError))
               or error.opens_with_meaning and language() != 'en')
    state = STATE_MEANINGS.get(getattr(error, 'state', -1))
    facts = ((choose('status', 'HTTP 状态'), error.status), (choose('code', '错误码'), error.code),
             (choose('message', '服务端信息'), error.message),
             (choose('reason', '原因'),
              not error.message and what != reason and not is_said and reason),
             (choose('last state', '最后状态'), state and choose(*state)),
             (choose('request id', '请求 id'), error.request_id),
             (choose('job', '任务'), error.job_id), (choose('model', '模型'), error.model_id))
    lines = [choose('failed: {}', '失败：{}').format(without_secrets(what))]
    lines += [choose('  {}: {}', '  {}：{}').format(
        name, without_secrets(str(value))[:LONGEST_FACT]) for name, value in facts if value]
    return lines + ([choose('what to do: {}', '处理建议：{}').format(error.hint)] if error.hint else [])
