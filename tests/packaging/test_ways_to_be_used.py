"""The ways to be used: wheel, sdist, editable, vendored once and twice, zipped, -O, -W error."""
import glob
import importlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from support import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, 'one_call.py')
PACKAGE = 'ai_service_python_sdk'


def run(arguments, path='', cwd=None, options=()):
    """Run a Python in a clean environment; return its lines of JSON."""
    environment = dict((name, value) for name, value in os.environ.items()
                       if not name.startswith(('PYTHON', 'COV')))
    environment['PYTHONDONTWRITEBYTECODE'] = '1'
    if path:
        environment['PYTHONPATH'] = str(path)
    process = subprocess.Popen([sys.executable] + list(options) + arguments, env=environment,
                               cwd=str(cwd or '.'), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    out, err = process.communicate()
    assert process.returncode == 0, err.decode('utf-8', 'replace')
    assert not err, err.decode('utf-8', 'replace')
    return [json.loads(line) for line in out.decode('utf-8').splitlines() if line.startswith(
        ('{', '['))]


def pip(*arguments, **options):
    command = [sys.executable, '-m', 'pip', '-q', '--disable-pip-version-check'] + list(arguments)
    subprocess.check_output(command, stderr=subprocess.STDOUT, **options)


def assert_one_call_works(results, inside, names=(PACKAGE,)):
    assert [row['name'] for row in results[:-1]] == list(names)
    for row in results[:-1]:
        assert row['job_id'] == 11 and row['certificates'] and row['refused']
        assert os.path.realpath(row['file']).startswith(os.path.realpath(str(inside)))
        assert row['class'].startswith(row['name'])


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    """A copy of what is released, so that a build leaves nothing in the clone."""
    folder = tmp_path_factory.mktemp('source')
    for name in ('setup.py', 'setup.cfg', 'README.md', 'LICENSE'):
        shutil.copy(os.path.join(ROOT, name), str(folder))
    shutil.copytree(os.path.join(ROOT, PACKAGE), str(folder / PACKAGE),
                    ignore=shutil.ignore_patterns('__pycache__'))
    pytest.importorskip('setuptools', reason='needs setuptools and wheel to build')
    pytest.importorskip('wheel', reason='needs setuptools and wheel to build')
    return folder


def test_the_wheel_works_when_installed(source, tmp_path):
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(tmp_path), str(source))
    wheel, = glob.glob(str(tmp_path / '*.whl'))
    assert os.path.basename(wheel) == 'ai_service_python_sdk-1.2.0-py3-none-any.whl'
    target = tmp_path / 'site'
    pip('install', '--no-deps', '--target', str(target), wheel)
    assert_one_call_works(run([SCRIPT, PACKAGE], target, tmp_path), target)
    assert (target / PACKAGE / 'py.typed').exists()


def test_the_sdist_works_when_installed(source, tmp_path):
    subprocess.check_output([sys.executable, 'setup.py', '-q', 'sdist', '-d', str(tmp_path)],
                            cwd=str(source), stderr=subprocess.STDOUT)
    sdist, = glob.glob(str(tmp_path / '*.tar.gz'))
    target = tmp_path / 'site'
    pip('install', '--no-deps', '--no-build-isolation', '--target', str(target), sdist)
    assert_one_call_works(run([SCRIPT, PACKAGE], target, tmp_path), target)


def test_an_editable_install_works(source, tmp_path):
    environment = tmp_path / 'venv'
    subprocess.check_output([sys.executable, '-m', 'venv', '--without-pip', str(environment)])
    python = str(environment / ('Scripts' if os.name == 'nt' else 'bin') / 'python')
    site = glob.glob(str(environment / 'lib*' / 'python*' / 'site-packages'))[0]
    ours = os.path.dirname(os.path.dirname(importlib.import_module('requests').__file__))
    with open(os.path.join(site, 'ours.pth'), 'w') as stream:
        stream.write(ours + '\n')
    subprocess.check_output([python, '-m', 'pip', '-q', 'install', '--no-deps',
                             '--no-build-isolation', '-e', str(source)],
                            stderr=subprocess.STDOUT)
    process = subprocess.Popen([python, SCRIPT, PACKAGE], cwd=str(tmp_path),
                               stdout=subprocess.PIPE)
    lines = process.communicate()[0].decode('utf-8').splitlines()
    assert_one_call_works([json.loads(line) for line in lines], source)


def vendor(folder, name, version=None):
    """Copy the package into ``folder/name/_vendor``."""
    target = folder / name / '_vendor'
    shutil.copytree(os.path.join(ROOT, PACKAGE), str(target / PACKAGE),
                    ignore=shutil.ignore_patterns('__pycache__'))
    for place in (folder / name, target):
        (place / '__init__.py').write_text(u'')
    if version:
        (target / PACKAGE / '_version.py').write_text(u"__version__ = '{}'\n".format(version))
    return '{}._vendor.{}'.format(name, PACKAGE)


def test_a_copy_works_under_another_package_and_touches_no_other(tmp_path):
    name = vendor(tmp_path, 'app')
    results = run([SCRIPT, name], tmp_path, tmp_path)
    assert_one_call_works(results, tmp_path, [name])
    assert PACKAGE not in results[-1]


def test_two_versions_work_side_by_side_in_one_process(tmp_path):
    names = [vendor(tmp_path, 'one', '1.2.0'), vendor(tmp_path, 'two', '9.9.9')]
    results = run([SCRIPT] + names, tmp_path, tmp_path)
    assert_one_call_works(results, tmp_path, names)
    assert [row['version'] for row in results[:-1]] == ['1.2.0', '9.9.9']


def test_the_sdk_and_all_it_needs_work_out_of_a_zip(tmp_path):
    path = str(tmp_path / 'all.zip')
    with zipfile.ZipFile(path, 'w') as archive:
        add(archive, os.path.join(ROOT, PACKAGE))
        for name in ('requests', 'urllib3', 'certifi', 'idna', 'dateutil', 'six',
                     'charset_normalizer', 'chardet'):
            try:
                module = importlib.import_module(name)
            except ImportError:
                continue
            is_package = bool(getattr(module, '__path__', None))
            add(archive, os.path.dirname(module.__file__) if is_package else module.__file__)
    results = run([SCRIPT, PACKAGE], path, tmp_path, options=['-S'])
    assert_one_call_works(results, path)


def add(archive, path):
    if os.path.isfile(path):
        return archive.write(path, os.path.basename(path))
    parent = os.path.dirname(path)
    for where, _, names in os.walk(path):
        for name in names:
            # Compiled modules cannot be imported out of a zip; their pure twins are used.
            if not name.endswith(('.pyc', '.so', '.pyd')):
                full = os.path.join(where, name)
                archive.write(full, os.path.relpath(full, parent))


@pytest.mark.parametrize('options', [['-O'], ['-OO'], ['-W', 'error'], ['-b', '-X', 'dev']])
def test_it_works_without_assertions_and_docstrings_and_with_warnings_as_errors(options, tmp_path):
    assert_one_call_works(run([SCRIPT, PACKAGE], ROOT, tmp_path, options=options), ROOT)


def test_a_python_without_sqlite_makes_calls_and_a_ledger_says_what_it_lacks(tmp_path):
    code = ('import sys; sys.modules.update(sqlite3=None, _sqlite3=None)\n'
            'sys.argv = [sys.argv[1], "ai_service_python_sdk"]\n'
            'exec(open(sys.argv[0]).read())\n'
            'from ai_service_python_sdk.cli import main\n'
            'assert main(["sign", "--help"]) == 0\n'
            'try:\n    from ai_service_python_sdk import Ledger; Ledger("l.sqlite")\n'
            'except ImportError as error:\n    assert "sqlite3" in str(error)\n'
            'else:\n    raise AssertionError()')
    assert_one_call_works(run(['-c', code, SCRIPT], ROOT, tmp_path), ROOT)


def test_the_version_is_read_without_the_dependencies():
    code = ('import sys; sys.modules.update(six=None, requests=None, urllib3=None)\n'
            'sys.argv = ["setup.py", "--version"]\n'
            'exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__file__": "setup.py"})')
    shown = subprocess.check_output([sys.executable, '-c', code], cwd=ROOT)
    assert shown.split()[-1].decode('ascii') == importlib.import_module(PACKAGE).__version__


def test_the_run_that_changes_the_code_names_files_that_exist():
    with io.open(os.path.join(ROOT, 'tests', 'mutation', 'cosmic-ray.toml')) as stream:
        named = re.findall(r'"({}/[^"]+\.py)"'.format(PACKAGE), stream.read())
    assert len(named) > 10
    assert [name for name in named if not os.path.isfile(os.path.join(ROOT, name))] == []
