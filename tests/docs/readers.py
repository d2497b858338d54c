"""The Python of the pages: one process that has all loaded, and forks for every command.

``ask`` is the whole of a command such as ``ai-portrait``: it hands its words, files, folder and
environment to that process, and ends as the fork ends. Whoever dies while asking takes the fork,
and what the fork has left in the background, with it.
"""
import array
import json
import os
import select
import signal
import socket
import struct
import sys
import time

#: Seconds between two looks at a fork; seconds that it has to end by itself.
LOOK, GRACE = 0.004, 2
_HEAD = struct.Struct('!I')


def ask(address, words, files=(0, 1, 2), environment=None, folder=None, timeout=None):
    """Run ``python WORDS`` in a fork; return its exit code.

    :raises OSError: it took longer than ``timeout`` seconds.
    """
    request = json.dumps([words, folder or os.getcwd(), dict(environment or os.environ)])
    request = request.encode('utf-8')
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', files).tobytes())]
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout)
        line.connect(address)
        line.sendmsg([_HEAD.pack(len(request))], rights)
        line.sendall(request)
        return int(line.recv(16) or 1)


def serve(address):
    """Answer ``ask`` until the process is ended; returns, in a fork, what it is to run."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            line = door.accept()[0]
            if not os.fork():
                break
            line.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return _kept(line)


def _kept(line):
    """Fork once more; the parent stays until one of both ends is gone, and never returns."""
    head, rights = line.recvmsg(_HEAD.size, socket.CMSG_SPACE(3 * array.array('i').itemsize))[:2]
    files = array.array('i', rights[0][2])
    request = b''
    while len(request) < _HEAD.unpack(head)[0]:
        request += line.recv(1 << 16)
    worker = os.fork()
    if not worker:
        line.close()
        return _settled(files, *json.loads(request.decode('utf-8')))
    for file in files:
        os.close(file)
    status = _status(line, worker)
    _end(worker, signal.SIGKILL)
    try:
        line.sendall(str(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1).encode('ascii'))
    finally:
        os._exit(0)


def _status(line, worker):
    asked_to_end = None
    while True:
        found, status = os.waitpid(worker, os.WNOHANG)
        if found:
            return status
        if asked_to_end is None and select.select([line], [], [], LOOK)[0]:
            # Nobody waits for the answer any more.
            asked_to_end = time.time()
            _end(worker, signal.SIGTERM)
        elif asked_to_end is not None:
            time.sleep(LOOK)
            if time.time() > asked_to_end + GRACE:
                _end(worker, signal.SIGKILL)


def _end(group, how):
    try:
        os.killpg(group, how)
    except OSError:
        pass


def _settled(files, words, folder, environment):
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    return words


def run(words):
    """Do what ``python WORDS`` does."""
    import runpy
    sys.path.insert(0, os.getcwd())
    if words[0] == '-m':
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name='__main__', alter_sys=True)
    elif words[0] == '-c':
        sys.argv = ['-c'] + words[2:]
        exec(compile(words[1], '<string>', 'exec'), {'__name__': '__main__'})
    else:
        sys.argv = list(words)
        sys.path[0] = os.path.dirname(os.path.abspath(words[0]))
        runpy.run_path(words[0], run_name='__main__')


def load():
    """Load what commands of the pages load."""
    import doctest  # noqa: F401
    import sqlite3  # noqa: F401
    import _pytest.pytester  # noqa: F401
    import pytest  # noqa: F401
    from ai_service_python_sdk import PortraitStudio  # noqa: F401
    from ai_service_python_sdk.cli import commands  # noqa: F401
    from ai_service_python_sdk.client.transport import exchange  # noqa: F401
    from ai_service_python_sdk.emulator import Emulator  # noqa: F401


if __name__ == '__main__':
    from support import seen
    load()
    seen.keep(sys.argv[2])
    from ai_service_python_sdk.emulator.faces import FaceEngine
    FaceEngine()
    run(serve(sys.argv[1]))
