"""Fixtures of the tests of README and docs: the wheel of this tree, alone and installed."""
import glob
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest
from support import ROOT
from support.shared import made_once


@pytest.fixture(scope='session')
def wheels(tmp_path_factory):
    """A folder with the wheel of this tree."""
    pytest.importorskip('setuptools', reason='needs setuptools and wheel to build')
    pytest.importorskip('wheel', reason='needs setuptools and wheel to build')
    source = tmp_path_factory.mktemp('source')
    return made_once(tmp_path_factory, 'wheels', lambda folder: _build(str(source), folder))


def _build(source, wheels):
    for name in ('setup.py', 'setup.cfg', 'README.md', 'LICENSE'):
        shutil.copy(os.path.join(ROOT, name), source)
    shutil.copytree(os.path.join(ROOT, 'ai_service_python_sdk'),
                    os.path.join(source, 'ai_service_python_sdk'))
    subprocess.check_output([sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps',
                             '--no-build-isolation', '-w', wheels, source],
                            stderr=subprocess.STDOUT)


@pytest.fixture(scope='session')
def fresh_python(tmp_path_factory, wheels):
    """The Python of a fresh environment in which this tree's wheel is installed."""
    folder = made_once(tmp_path_factory, 'fresh', lambda folder: _install(wheels, folder))
    return _python_of(folder)


def _python_of(folder):
    return os.path.join(folder, 'Scripts' if os.name == 'nt' else 'bin', 'python')


def _install(wheels, folder):
    subprocess.check_call([sys.executable, '-m', 'venv', '--without-pip', folder])
    site = subprocess.check_output(
        [_python_of(folder), '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
    site = site.decode('utf-8').strip()
    with zipfile.ZipFile(glob.glob(os.path.join(wheels, '*.whl'))[0]) as archive:
        archive.extractall(site)
    # The dependencies, which need no download so.
    with open(os.path.join(site, 'dependencies.pth'), 'w') as stream:
        stream.write(sysconfig.get_path('purelib') + '\n')
