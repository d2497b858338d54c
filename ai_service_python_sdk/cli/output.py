"""What a command says: plain lines, one JSON document, or a bar that moves on a terminal."""
import json
import re
import shlex
import sys
import time

from ..client.errors.base import ApiException
from ..client.exceptions import JobFailedError, NotFoundError
from ..client.models.job import STATE_MEANINGS
from ..client.errors.photos import photo_hint, photo_meaning
from ..util.language import choose
from ..util.redact import mask_text
from . import exits

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set, TextIO, Tuple
    from ..client.errors.base import JobId
    from ..client.models.job import Job

#: Seconds between two movements of the bar.
_STEP = 0.2
#: The bar stops short of its end until the job has ended.
_MOST_OF_IT = 0.99
#: Characters of one fact of an error that are printed.
LONGEST_FACT = 500
_BAR = '{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}'
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
        self._bar = None  # type: Any
        self._is_plain = False
        self._began = self._expected = 0.0
        self._said = {}  # type: Dict[str, Any]
        self._state = None  # type: Any
        self._ended = set()  # type: Set[JobId]
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

    def keep(self, **facts: object) -> None:
        """Put facts into the JSON document, also if the command fails later on."""
        self._said.update(facts)

    def kept(self, name: str, default: "Any") -> "Any":
        """Return a fact of the JSON document."""
        return self._said.get(name, default)

    def photo(self, name: str, code: "Optional[int]") -> None:
        """Say what a check found of one photo."""
        if code == 1:
            self.say(choose('  fits     {}', '  合格     {}').format(name))
        else:
            self.say(choose('  rejected {} (code {}): {} {}', '  不合格   {}（代码 {}）：{}{}').format(
                name, code, photo_meaning(code), photo_hint(code)))

    # the wait

    def begin_wait(self, seconds: float) -> None:
        """Begin a wait that takes about so many seconds."""
        self._began, self._expected = time.monotonic(), seconds
        self._bar = None if self.as_json or self._is_plain else _bar(seconds)
        # What is missing for a bar is said once, however many waits there are.
        self._is_plain = self._bar is None

    def sleep(self, pause: float) -> None:
        """Sleep in small steps, at each of which the bar moves."""
        end = time.monotonic() + pause
        while time.monotonic() < end:
            time.sleep(max(0.0, min(_STEP, end - time.monotonic())))
            if self._bar is not None:
                elapsed = time.monotonic() - self._began
                self._bar.n = min(elapsed, self._expected * _MOST_OF_IT)
                self._bar.refresh()

    def progress(self, job: "Job") -> None:
        """Say what state a job is in, once."""
        meaning = choose(*STATE_MEANINGS.get(job.state or 0, ('?', '?')))
        if self._bar is not None:
            self._bar.set_description_str(choose('training: {}', '训练：{}').format(meaning))
        elif self._state != (job.id, job.state):
            self._state = (job.id, job.state)
            self.say(choose('job {}: {}', '任务 {}：{}').format(job.id, meaning))

    def waited(self, job_id: "JobId") -> None:
        """End the wait for a job with a full bar."""
        self._ended.add(job_id)
        if self._bar is not None:
            self._bar.n = self._bar.total
        self.close()

    def close(self) -> None:
        """Leave the bar as it is and go to the next line."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()

    # the end

    def finish(self, code: int) -> int:
        """Print the JSON document; return the exit code."""
        self.close()
        if self.as_json:
            document = dict({'command': self._command, 'ok': code == exits.OK,
                             'exit_code': code}, **self._said)
            write(sys.stdout, json.dumps(document, sort_keys=True, indent=2))
        sys.stdout.flush()
        return code

    def failed(self, error: Exception) -> int:
        """Say what went wrong, and what to do, as the end; return the exit code."""
        return self.finish(self.report(error))

    def report(self, error: Exception) -> int:
        """Say what went wrong, what to do, and how to go on; return the exit code."""
        self.close()
        self.keep(error=_facts_of(error))
        if not self.as_json:
            for line in _lines_of(error):
                write(sys.stderr, line)
        if isinstance(error, (JobFailedError, NotFoundError)):
            # That job has ended without a model, so there will be no portrait either.
            self._ended.add(error.job_id)
            self.creation = self.creation if error.job_id is None else []
        self._say_how_to_go_on(self.as_json)
        return exits.code_of(error)

    def interrupted(self, error: BaseException) -> int:
        """Say how to go on after Ctrl-C; return the exit code."""
        self.close()
        self.keep(error=dict(_facts_of(error), type='Interrupted'))
        write(sys.stderr, choose('interrupted', '已中断'))
        self._say_how_to_go_on(False)
        return self.finish(exits.INTERRUPTED)

    def _say_how_to_go_on(self, is_quiet: bool) -> None:
        """Name the commands that go on with what is paid for, so that nobody pays twice."""
        lines, commands = [], []
        for job, model in self.unfinished():
            commands.append(self._command_of('job', str(job), '--wait'))
            lines += [choose('model {}', '模型 {}').format(model)] if model else []
            lines.append(choose('the job goes on; resume with: {}', '任务仍在进行，可用以下命令继续：{}')
                         .format(commands[-1]))
        models = [model for _, model in self.under_way() if model]
        if self.creation and models:
            commands.append(self._command_of('create', *models + self.creation))
            lines.append(choose('make the portrait with: {}', '制作写真请运行：{}').format(commands[-1]))
        if commands:
            self.keep(resume=commands)
        for line in [] if is_quiet else lines:
            write(sys.stderr, line)

    def unfinished(self) -> "List[Tuple[JobId, Optional[str]]]":
        """Return (job id, model id) of the jobs that go on."""
        return [(job, model) for job, model in self.under_way() if job not in self._ended]

    def _command_of(self, *words: str) -> str:
        return ' '.join(shlex.quote(word) for word in ('ai-portrait',) + words
                        + tuple(self.same_way))


def write(stream: "TextIO", text: str) -> None:
    """Write a line; what the stream cannot show is escaped."""
    try:
        stream.write(text + '\n')
    except UnicodeEncodeError:
        name = stream.encoding or 'ascii'
        stream.write(text.encode(name, 'backslashreplace').decode(name) + '\n')
    stream.flush()


def _bar(seconds: float) -> "Any":
    """Return a bar on a terminal, None where lines are wanted."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        sys.stderr.write(choose('A progress bar needs: pip install "ai-service-python-sdk[cli]"\n',
                                '安装进度条：pip install "ai-service-python-sdk[cli]"\n'))
        return None
    try:
        choose('training', '训练').encode(sys.stderr.encoding or 'ascii')
    except UnicodeEncodeError:
        # Escaped, it would be longer than the bar thinks.
        return None
    return tqdm(total=seconds, bar_format=_BAR, file=sys.stderr, dynamic_ncols=True,
                desc=choose('training', '训练'))


def _facts_of(error: BaseException) -> "Dict[str, Any]":
    facts = {'type': type(error).__name__,
             'text': mask_text(str(error)).strip()}  # type: Dict[str, Any]
    for name in ('status', 'code', 'message', 'request_id', 'hint', 'job_id', 'model_id'):
        value = getattr(error, name, None)
        if isinstance(value, (str, int)):
            facts[name] = value
    return facts


def _lines_of(error: Exception) -> "list[str]":
    if not isinstance(error, ApiException):
        return [choose('error: {}', '错误：{}').format(mask_text(str(error)))]
    reason = _OBJECT.sub('', str(getattr(error, 'why', '') or error.reason or ''))
    what = error.meaning or error.message or reason
    seen = getattr(error, 'state', None)  # type: Any
    state = STATE_MEANINGS.get(seen)
    lines = [choose('failed: {}', '失败：{}').format(mask_text(what))]
    for name, value in ((choose('status', 'HTTP 状态'), error.status),
                        (choose('code', '错误码'), error.code),
                        (choose('message', '服务端信息'), error.message),
                        (choose('reason', '原因'), not error.message and what != reason and reason),
                        (choose('last state', '最后状态'), state and choose(*state)),
                        (choose('request id', '请求 id'), error.request_id),
                        (choose('job', '任务'), error.job_id),
                        (choose('model', '模型'), error.model_id)):
        if value:
            lines.append('  {}: {}'.format(name, mask_text(str(value))[:LONGEST_FACT]))
    if error.hint:
        lines.append(choose('what to do: {}', '处理建议：{}').format(error.hint))
    return lines
