"""The programs of README and llms.txt, as a reader has them: in a file, in a fresh venv."""
import glob
import os
import subprocess

import pytest
from blocks import blocks_of
from support import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
#: Seconds for a program.
LONGEST = 120
PROGRAMS = [(page, block.line, block.code) for page in ('README.md', 'docs/llms.txt')
            for block in blocks_of(page) if block.language == 'python']


@pytest.fixture(scope='module')
def environment(emulator):
    """The environment of a reader."""
    environment = dict((name, value) for name, value in os.environ.items()
                       if not name.startswith(('PYTHON', 'COV', 'AI_SERVICE')))
    environment.update(AI_SERVICE_HOST=emulator.host, AI_SERVICE_APP_ID=emulator.app_id,
                       AI_SERVICE_TOKEN=emulator.token, PYTHONPATH=os.path.join(HERE, 'fast'))
    return environment


@pytest.fixture(scope='module')
def python(fresh_python, environment, tmp_path_factory):
    """The Python of a reader, who has installed the wheel."""
    shown = subprocess.check_output(
        [fresh_python, '-c', 'import ai_service_python_sdk as sdk; print(sdk.__file__)'],
        cwd=str(tmp_path_factory.mktemp('reader')), env=environment)
    assert os.path.dirname(os.path.dirname(fresh_python)) in shown.decode('utf-8')
    return fresh_python


@pytest.mark.parametrize('page, line, code', PROGRAMS, ids=[
    '{}:{}'.format(*program[:2]) for program in PROGRAMS])
def test_a_program_that_is_pasted_into_a_file_makes_a_portrait(
        page, line, code, python, environment, tmp_path):
    (tmp_path / 'program.py').write_text(code, encoding='utf-8')
    process = subprocess.Popen([python, 'program.py'], cwd=str(tmp_path),
                               env=dict(environment, HOME=str(tmp_path)),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = process.communicate(timeout=LONGEST)[0].decode('utf-8', 'replace')
    assert process.returncode == 0, printed
    made = glob.glob(str(tmp_path / 'portrait*.jpg'))
    assert made and all(os.path.getsize(name) > 10000 for name in made), printed


def test_the_file_for_assistants_has_the_form_of_its_convention_and_five_programs():
    with open(os.path.join(ROOT, 'docs', 'llms.txt'), 'rb') as stream:
        lines = stream.read().decode('utf-8').split('\n')
    assert lines[0].startswith('# ') and lines[2].startswith('> ')
    assert [block.language for block in blocks_of('docs/llms.txt')] == ['python'] * 5
    sections = [line for line in lines if line.startswith('## ')]
    assert '## What costs money' in sections and '## What to avoid' in sections
    assert sections[-1] == '## Optional'
