"""Fixtures of the tests of README and docs: the wheel of this tree, alone and installed."""
import contextlib
import glob
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest
import seen
from support import ROOT


@pytest.fixture(scope='session')
def seen_folder(tmp_path_factory):
    """Where it is kept what the emulators saw in pictures."""
    return str(tmp_path_factory.mktemp('seen'))


@pytest.fixture(scope='session', autouse=True)
def quick_eyes(seen_folder):
    """The emulators of this folder's tests look at each picture once."""
    with pytest.MonkeyPatch.context() as patch:
        with contextlib.suppress(ImportError):
            from ai_service_python_sdk.emulator.faces import FaceEngine
            for name in seen.METHODS:
                patch.setattr(FaceEngine, name, seen.kept(getattr(FaceEngine, name), seen_folder))
        yield


@pytest.fixture(scope='session')
def wheels(tmp_path_factory):
    """A folder with the wheel of this tree."""
    pytest.importorskip('setuptools', reason='needs setuptools and wheel to build')
    pytest.importorskip('wheel', reason='needs setuptools and wheel to build')
    source, wheels = tmp_path_factory.mktemp('source'), tmp_path_factory.mktemp('wheels')
    for name in ('setup.py', 'setup.cfg', 'README.md', 'LICENSE'):
        shutil.copy(os.path.join(ROOT, name), str(source))
    shutil.copytree(os.path.join(ROOT, 'ai_service_python_sdk'),
                    str(source / 'ai_service_python_sdk'))
    subprocess.check_output([sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps',
                             '--no-build-isolation', '-w', str(wheels), str(source)],
                            stderr=subprocess.STDOUT)
    return wheels


@pytest.fixture(scope='session')
def fresh_python(tmp_path_factory, wheels):
    """The Python of a fresh environment in which this tree's wheel is installed."""
    folder = tmp_path_factory.mktemp('fresh')
    subprocess.check_call([sys.executable, '-m', 'venv', '--without-pip', str(folder)])
    python = os.path.join(str(folder), 'Scripts' if os.name == 'nt' else 'bin', 'python')
    site = subprocess.check_output(
        [python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
    site = site.decode('utf-8').strip()
    with zipfile.ZipFile(glob.glob(os.path.join(str(wheels), '*.whl'))[0]) as archive:
        archive.extractall(site)
    # The dependencies, which need no download so.
    with open(os.path.join(site, 'dependencies.pth'), 'w') as stream:
        stream.write(sysconfig.get_path('purelib') + '\n')
    return python
