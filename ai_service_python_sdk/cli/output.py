"""What a command says: plain lines, one JSON document, or a bar that moves on a terminal."""
import json
import sys
import time

from ..client.error_base import ApiException
from ..client.models.job_state import STATE_MEANINGS
from ..client.photo_errors import photo_hint, photo_meaning
from ..util.language import choose
from ..util.redact import mask_text
from . import exits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, TextIO
    from ..client.models.job import Job

#: Seconds between two movements of the bar.
_STEP = 0.2
#: The bar stops short of its end until the job has ended.
_MOST_OF_IT = 0.99
_BAR = '{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}'


class Output(object):
    """Speaks for one command.

    :param as_json: whether stdout gets one JSON document and nothing else.
    :param command: its name, for the document.
    """

    def __init__(self, as_json: bool, command: str) -> None:
        self.as_json = as_json
        self._command = command
        self._bar = None  # type: Any
        self._began = self._expected = 0.0
        self._said = {}  # type: Dict[str, Any]
        #: How to go on with a job id after an interruption or at the deadline.
        self.resume = 'ai-portrait job {} --wait'

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self.as_json:
            self._write(sys.stdout, text)

    def keep(self, **facts: "Any") -> None:
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
            self.say(choose('  not fit  {} (code {}): {} {}', '  不合格   {}（代码 {}）：{}{}').format(
                name, code, photo_meaning(code), photo_hint(code)))

    # the wait

    def begin_wait(self, seconds: float) -> None:
        """Begin a wait that takes about so many seconds."""
        self._began, self._expected = time.monotonic(), seconds
        self._bar = None if self.as_json else _bar(seconds)

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
        """Say what state a job is in."""
        state = choose(*STATE_MEANINGS.get(job.state or 0, ('?', '?')))
        if self._bar is not None:
            self._bar.set_description_str(choose('training: {}', '训练：{}').format(state))
        else:
            self.say(choose('job {}: {}', '任务 {}：{}').format(job.id, state))

    def waited(self) -> None:
        """End the wait with a full bar."""
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
            self._write(sys.stdout, json.dumps(document, sort_keys=True, indent=2))
        sys.stdout.flush()
        return code

    def failed(self, error: Exception) -> int:
        """Say what went wrong, and what to do, as the end; return the exit code."""
        return self.finish(self.trouble(error))

    def trouble(self, error: Exception) -> int:
        """Say what went wrong and what to do; return the exit code."""
        self.close()
        self.keep(error=_facts_of(error))
        if not self.as_json:
            for line in _lines_of(error):
                self._write(sys.stderr, line)
            if exits.code_of(error) == exits.LATE:
                self._say_resume(error)
        return exits.code_of(error)

    def interrupted(self, error: BaseException) -> int:
        """Say how to go on after Ctrl-C; return the exit code."""
        self.close()
        self.keep(error=dict(_facts_of(error), type='Interrupted'))
        self._write(sys.stderr, choose('interrupted', '已中断'))
        self._say_resume(error)
        return self.finish(exits.INTERRUPTED)

    def _say_resume(self, error: BaseException) -> None:
        job_id = getattr(error, 'job_id', None)
        if job_id is None:
            return
        model_id = getattr(error, 'model_id', None)
        if model_id:
            self._write(sys.stderr, choose('model {}', '模型 {}').format(model_id))
        self._write(sys.stderr, choose('the job goes on; resume with: {}', '任务仍在进行，可用以下命令继续：{}')
                    .format(self.resume.format(job_id)))

    @staticmethod
    def _write(stream: "TextIO", text: str) -> None:
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
    return tqdm(total=seconds, bar_format=_BAR, file=sys.stderr, desc=choose('training', '训练'))


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
    what = error.meaning or error.message or getattr(error, 'why', '') or error.reason
    lines = [choose('failed: {}', '失败：{}').format(mask_text(str(what)))]
    for name, value in (('status', error.status), ('code', error.code),
                        ('message', error.message), ('request id', error.request_id),
                        ('job', getattr(error, 'job_id', None)),
                        ('model', getattr(error, 'model_id', None))):
        if value:
            lines.append('  {}: {}'.format(name, mask_text(str(value))[:500]))
    if error.hint:
        lines.append(choose('what to do: {}', '处理建议：{}').format(error.hint))
    return lines
