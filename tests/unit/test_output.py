"""What commands print: narrow terminals, extras that are missing, interruptions."""
import io
import json
import sys
from types import SimpleNamespace

import pytest

from ai_service_python_sdk.cli import output as module
from ai_service_python_sdk.cli.output import Output


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


def test_an_interruption_outside_of_a_wait_has_nothing_to_resume(capsys):
    output = Output(True, 'create')
    code = output.finish(output.report(KeyboardInterrupt()))
    out, err = capsys.readouterr()
    assert code == 130 and 'resume' not in err and json.loads(out)['exit_code'] == 130


def test_without_the_emulators_extra_its_command_names_it(monkeypatch, capsys):
    from ai_service_python_sdk.cli import main
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
