"""Fixtures of the tests of README and docs: the wheel of this tree."""
import os
import shutil
import subprocess
import sys

import pytest
from support import ROOT


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
