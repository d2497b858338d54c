"""Types as users see them: right uses pass mypy --strict and pyright, wrong ones are errors."""
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from support import ROOT

pytest.importorskip('mypy', reason='the dev extra brings the type checkers')
pytest.importorskip('pyright', reason='the dev extra brings the type checkers')
HERE = os.path.dirname(os.path.abspath(__file__))
#: With --verifytypes pyright takes the python of the PATH, whatever --pythonpath says.
BIN = os.path.dirname(sys.executable)
ENVIRONMENT = dict(os.environ, PYTHONPATH=ROOT, MYPYPATH=ROOT,
                   PATH=os.pathsep.join([BIN, os.environ['PATH']]))


@pytest.fixture
def project(tmp_path):
    """A project of a user's, apart from ours and its settings."""
    for name in ('right.py', 'wrong.py'):
        shutil.copy(os.path.join(HERE, name), str(tmp_path))
    (tmp_path / 'pyrightconfig.json').write_text(
        json.dumps({'typeCheckingMode': 'standard', 'extraPaths': [ROOT]}))
    return tmp_path


def run(command, folder):
    process = subprocess.Popen(command, cwd=str(folder), env=ENVIRONMENT, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    return process.communicate()[0].decode('utf-8', 'replace')


def lines_of_mypy(project, name):
    out = run([sys.executable, '-m', 'mypy', '--strict', '--follow-imports=silent', name], project)
    assert 'Found' in out or 'Success' in out, out
    return out, set(int(line) for line in re.findall(r'^%s:(\d+): error' % name, out, re.M))


def lines_of_pyright(project, name):
    out = run([sys.executable, '-m', 'pyright', '--pythonpath', sys.executable, '--outputjson',
               name], project)
    report = json.loads(out[out.index('{'):])
    assert report['summary']['filesAnalyzed'] == 1, out
    return out, set(problem['range']['start']['line'] + 1
                    for problem in report['generalDiagnostics'] if problem['severity'] == 'error')


@pytest.mark.parametrize('lines_of', [lines_of_mypy, lines_of_pyright])
def test_right_uses_and_every_asserted_type_pass(project, lines_of):
    out, lines = lines_of(project, 'right.py')
    assert not lines, out


@pytest.mark.parametrize('lines_of', [lines_of_mypy, lines_of_pyright])
def test_exactly_the_wrong_uses_are_errors(project, lines_of):
    with open(str(project / 'wrong.py')) as stream:
        wrong = set(number for number, line in enumerate(stream, 1)
                    if line.rstrip().endswith('# wrong'))
    out, lines = lines_of(project, 'wrong.py')
    assert len(wrong) > 20 and lines == wrong, out


def test_every_public_name_has_a_known_type(tmp_path):
    out = run([sys.executable, '-m', 'pyright', '--pythonpath', sys.executable, '--outputjson',
               '--ignoreexternal', '--verifytypes', 'ai_service_python_sdk'], tmp_path)
    report = json.loads(out[out.index('{'):])['typeCompleteness']
    unknown = [symbol['name'] for symbol in report['symbols']
               if symbol['isExported'] and not symbol['isTypeKnown']]
    assert not unknown, '\n'.join(unknown)
    assert report['completenessScore'] == 1


def test_a_program_with_a_copy_beside_it_finds_no_error_in_that(monkeypatch):
    monkeypatch.delitem(ENVIRONMENT, 'PYTHONPATH')      # of what stands there mypy tells nothing
    out = run([sys.executable, '-m', 'mypy', '--strict', '--no-incremental', 'older_program.py'],
              os.path.join(ROOT, 'docs', 'examples'))
    assert out.startswith('Success'), out
