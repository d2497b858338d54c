"""Runs the blocks of one page, as its reader would: ``run_page.py PAGE REPORT``.

Python blocks share one namespace. Bash blocks are shells of their own in the same folder; what
one of them starts with ``&`` goes on until the page is over. Two things are replaced in a block:
``https://photos.example.com/`` by the address of the sample photos, and the ports 8765 to 8769 by
free ones. ``pip install`` resolves against the wheel of this tree and installs nothing. REPORT
gets the lines of the blocks that ran.
"""
import contextlib
import doctest
import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

from blocks import blocks_of

PHOTOS = 'https://photos.example.com/'
#: Those that pages name, each for a server of its own.
PORTS = re.compile(r'\b876[5-9]\b')
#: Seconds for what a bash block has put in the background to listen.
START_SECONDS = 30
_PIP = 'pip() { "$DOCS_PYTHON" "$DOCS_PIP" "$@"; }\n'


def main(page, report):
    ports = {}  # as they stand on the page: free ones
    namespace = {'__name__': '__main__'}
    done = []
    for block in blocks_of(page):
        if not block.is_run:
            continue
        code = _replaced(block.code, ports)
        print('--- {}:{}'.format(page, block.line), flush=True)
        if block.mark == 'file':
            with io.open(block.argument, 'w', encoding='utf-8') as stream:
                stream.write(code)
        else:
            printed = (_run_bash(code) if block.language == 'bash'
                       else _run_python(code, page, block.line, namespace))
            _compare(page, block, _replaced(block.output or '...', ports), printed)
        done.append(block.line)
        with open(report, 'w') as stream:
            json.dump(done, stream)
    if page.endswith('notebooks.md'):
        # What a notebook asks the last value of a cell for.
        assert namespace['portrait']._repr_jpeg_().startswith(b'\xff\xd8')


def _free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def _replaced(text, ports):
    def port(match):
        return ports.setdefault(match.group(), str(_free_port()))
    return PORTS.sub(port, text.replace(PHOTOS, os.environ['DOCS_PHOTOS']))


def _run_python(code, page, line, namespace):
    # Moved down, so that a traceback names the line of the page.
    program = compile('\n' * line + code, page, 'exec')
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(program, namespace)
    finally:
        print(printed.getvalue(), flush=True)
    return printed.getvalue()


def _run_bash(code):
    # A file, not a pipe: what goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as printed:
        shell = subprocess.Popen(['bash', '-euo', 'pipefail', '-c', _PIP + code],
                                 stdin=subprocess.DEVNULL, stdout=printed, stderr=printed)
        code_of_end = shell.wait()
        for line in code.splitlines():
            if line.endswith('&'):
                _wait_for(re.search(r'\b\d{4,5}\b', line).group())
        printed.seek(0)
        text = printed.read().decode('utf-8')
    print(text, flush=True)
    if code_of_end:
        raise SystemExit('the block ended with code {}'.format(code_of_end))
    return text


def _wait_for(port):
    deadline = time.time() + START_SECONDS
    while time.time() < deadline:
        try:
            return socket.create_connection(('127.0.0.1', int(port)), 1).close()
        except OSError:
            time.sleep(0.1)
    raise SystemExit('nothing listens at port {}'.format(port))


def _compare(page, block, wanted, printed):
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    checker = doctest.OutputChecker()
    if not checker.check_output(wanted, printed, options):
        example = doctest.Example(block.code, wanted)
        raise SystemExit('{}:{} prints something else.\n{}'.format(
            page, block.line, checker.output_difference(example, printed, options)))


if __name__ == '__main__':
    main(*sys.argv[1:])
