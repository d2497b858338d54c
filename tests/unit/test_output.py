"""What commands print: narrow terminals, extras that are missing, interruptions."""
import errno
import io
import json
import os
import sys
from types import SimpleNamespace

import pytest

from ai_service_python_sdk import ApiConnectionError
from ai_service_python_sdk.cli import main, output as module
from ai_service_python_sdk.cli.output import Output
from ai_service_python_sdk.util.language import set_language


class Narrow(io.StringIO):
    """A terminal that knows ASCII only."""

    encoding = 'ascii'

    def write(self, text):
        text.encode('ascii')
        return io.StringIO.write(self, text)


def test_a_line_that_a_terminal_cannot_show_is_escaped(monkeypatch):
    narrow = Narrow()
    monkeypatch.setattr(sys, 'stdout', narrow)
    Output(False, 'check').say(u'\u4e2d')
    assert narrow.getvalue() == '\\u4e2d\n'


def test_a_history_needs_no_place_for_photos():
    output = Output(False, 'run')
    output.options = SimpleNamespace(upload='oss://b/p', ledger='l.sqlite')
    assert output.command_of('history') == 'ai-portrait history --ledger l.sqlite'
    assert '--upload oss://b/p' in output.command_of('wait', '11')


def test_a_reason_of_an_older_urllib3_shows_no_object(capsys):
    Output(False, 'check').report(ApiConnectionError(
        '<urllib3.connection.HTTPConnection object at 0x7f01>: Failed to establish it'))
    err = capsys.readouterr().err
    assert 'Failed to establish it' in err and ' object at ' not in err


def test_an_interruption_outside_of_a_wait_has_nothing_to_resume(capsys):
    output = Output(True, 'create')
    code = output.finish(output.report(KeyboardInterrupt()))
    out, err = capsys.readouterr()
    assert code == 130 and 'resume' not in err and json.loads(out)['exit_code'] == 130


def test_without_the_emulators_extra_its_command_names_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, 'cv2', None)
    assert main(['emulator', '--port', '0']) == 2
    assert 'install the extra emulator' in capsys.readouterr().err


@pytest.mark.parametrize('system, typed', [
    ('nt', 'ai-portrait create "two people.jpg" it\'s'),
    ('posix', 'ai-portrait create \'two people.jpg\' \'it\'"\'"\'s\'')])
def test_a_command_is_written_as_the_shell_of_this_system_takes_it(monkeypatch, system, typed):
    monkeypatch.setattr(module, 'os', SimpleNamespace(name=system))
    assert module.as_typed('ai-portrait', 'create', 'two people.jpg', "it's") == typed
    assert Output(False, 'create').command_of('create', 'two people.jpg', "it's") == typed


class Bare(object):
    """A widget that is printed into; it takes a line or breaks."""

    def __init__(self, error=None):
        self.error, self.said = error, []

    def write(self, text):
        if self.error:
            raise self.error
        self.said.append(text)


@pytest.mark.parametrize('error', [None, RuntimeError('the widget is gone'), LookupError('x')],
                         ids=repr)
def test_a_stream_that_only_takes_text_or_breaks_ends_no_command(monkeypatch, error):
    out, err = Bare(error), Bare(error)
    monkeypatch.setattr(sys, 'stdout', out)
    monkeypatch.setattr(sys, 'stderr', err)
    assert main(['sign', '--app-id', 'a', '--token', 't', '--path', '/p']) == 0
    assert main(['sign', '--app-id', 'a', '--lang', 'en', '--set', 'x']) == 2
    assert bool(out.said) == bool(err.said) == (error is None)


def test_links_in_a_circle_are_told_in_the_chosen_language():
    set_language('zh')
    try:
        error = OSError(errno.ELOOP, os.strerror(errno.ELOOP), 'out')
        assert module.facts_of(error)['text'] == 'out：符号链接形成循环'
    finally:
        set_language(None)


@pytest.mark.skipif(not os.path.isdir('/proc/self/fd'), reason='counts open files as on Linux')
def test_a_stream_without_a_flush_leaves_no_file_open_for_each_line():
    before = os.listdir('/proc/self/fd')
    for _ in range(9):
        module.write(Bare(), 'a line')
    assert len(os.listdir('/proc/self/fd')) == len(before)
