"""What tests of files share: mounts, and a user for whom closed files are closed."""
import contextlib
import os
import stat
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
#: User and group id of nobody.
NOBODY = 65534


@contextlib.contextmanager
def mounted(*arguments):
    """Mount something at the last argument for the block; skip where that is not allowed."""
    if not sys.platform.startswith('linux'):
        pytest.skip('mount as on Linux')
    done = subprocess.run(['mount'] + list(arguments), stderr=subprocess.PIPE)
    if done.returncode:
        pytest.skip('mounting is not allowed here: {}'.format(done.stderr.decode().strip()))
    try:
        yield
    finally:
        subprocess.check_call(['umount', arguments[-1]])


def open_to_all(folder):
    """Let everybody into a folder of pytest, which are the user's alone."""
    for above in [folder] + list(folder.parents)[:4]:
        if above.name.startswith(('pytest', 'popen', folder.name)):
            above.chmod(stat.S_IMODE(above.stat().st_mode) | 0o055)
    folder.chmod(0o777)


def as_nobody(imports, code, *arguments):
    """Run Python code as a user for whom closed files are closed; return what it printed."""
    # Python itself may live where nobody else can read: also what is only imported for a message.
    start = 'import locale, os, sys; sys.path.insert(0, {!r})\n{}\n'.format(ROOT, imports)
    if os.getuid() == 0:
        start += 'os.setgid({0}); os.setuid({0})\n'.format(NOBODY)
    done = subprocess.run([sys.executable, '-c', start + code] + [str(a) for a in arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()
