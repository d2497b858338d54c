"""The emulator at a prompt: as a command of its own, and inside of another command."""
import errno
import json
import logging
import os
import re
import shutil
import signal
import threading
import time
import uuid
from contextlib import suppress

from ..util.language import translate
from . import exits

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, List
    from ..emulator import Emulator
    from .output import Output

#: Characters of a photo's name that are kept.
LONGEST_NAME = 40
#: Seconds after which a photo is taken for that of a killed command: a batch may last a night.
LONGEST_USE = 86400.0
_log = logging.getLogger('ai_service_python_sdk.emulator')


class _Text(logging.Formatter):
    """A log line as text: a name that a caller made up steers no terminal and ends no line."""

    def formatMessage(self, record: "logging.LogRecord") -> str:
        return ''.join(one if one.isprintable() else one.encode('unicode_escape').decode()
                       for one in logging.Formatter.formatMessage(self, record))


class _Lines(logging.Formatter):
    """A log line as JSON."""

    def format(self, record: "logging.LogRecord") -> str:
        line = {'time': record.created, 'level': record.levelname, 'text': record.getMessage()}
        line.update(getattr(record, 'emulated', {}))
        if record.exc_info:
            line['traceback'] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def serve(options: "Namespace", output: "Output") -> int:
    """Run an emulator until it is interrupted.

    :raises ValueError, ImportError, OSError: it cannot start.
    """
    given = dict((name, value) for name, value in vars(options).items()
                 if value is not None and name not in ('command', 'run'))
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines() if given.pop('log_json') else _Text(
        '%(asctime)s %(message)s', '%H:%M:%S'))
    handler.setLevel(logging.WARNING if given.pop('quiet') else logging.INFO)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *args: stopped.set())
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    try:
        with _started(**given) as emulator:
            token, key = ['(as given)' if given.get(name) else getattr(emulator, name)
                          for name in ('token', 'control_key')]
            output.say('host {0}\napp id {1}\ntoken {2}\npage {0}/\ncontrol key {3}'.format(
                emulator.host, emulator.app_id, token, key))
            # In steps: a wait without a limit is not woken by signals everywhere.
            while not stopped.wait(0.1):
                pass
    finally:
        _log.removeHandler(handler)
    return exits.OK


def _started(**options: "Any") -> "Emulator":
    """Start an emulator.

    :raises ValueError: its port or its file cannot be used; the message says what to give.
    """
    import sqlite3
    from ..emulator import Emulator
    try:
        return Emulator(**options).start()
    except sqlite3.Error as error:
        raise ValueError(translate('{} holds no jobs of the emulator ({}); give another --store',
                                   options['store'], error))
    except OverflowError:
        raise ValueError('--port: ' + translate('give a number from 0 to 65535'))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise ValueError(translate('port {} is taken; give another one with --port, 0 for any '
                                   'free one, and set AI_SERVICE_HOST to the host that is printed',
                                   options['port']))


class LendingEmulator(object):
    """An emulator for one command: local files get URLs, jobs go on where the last one stopped.

    :param home: the folder that keeps its jobs and photos;
    :param options: as for :class:`.Emulator`.
    :raises ValueError: the folder holds no jobs of the emulator.
    """

    def __init__(self, home: str, **options: "Any") -> None:
        self._folder = os.path.join(home, 'files')
        self._lent = []  # type: List[str]
        os.makedirs(self._folder, 0o700, exist_ok=True)
        self.emulator = _started(files=self._folder, store=os.path.join(home, 'jobs.sqlite'),
                                 **options)  # type: Emulator

    def url(self, path: str) -> str:
        """Copy a file to where the emulator serves it; return its URL."""
        # A name that every file system takes and no other command has, since stop() removes it.
        name = '{}_{}'.format(uuid.uuid4().hex[:8], re.sub(
            r'[^\w.-]', '_', os.path.basename(path))[-LONGEST_NAME:])
        self._lent.append(name)
        shutil.copyfile(path, os.path.join(self._folder, name))
        return self.emulator.url(name)

    def stop(self) -> None:
        """Stop it, and remove the photos of ended commands that no unfinished job needs."""
        from ..emulator.photos import name_of
        from ..emulator.service import photos_of
        oldest = time.time() - LONGEST_USE
        try:
            for name in self._lent:
                with suppress(OSError):  # marked as old: only a job keeps it from now on
                    os.utime(os.path.join(self._folder, name), (0, 0))
            wanted = set(name_of(photo['url']) for row in self.emulator.store.jobs(outcome=None)
                         for photo in photos_of(row))
            for name in set(os.listdir(self._folder)) - wanted:
                path = os.path.join(self._folder, name)
                with suppress(OSError):  # another one was faster, or the next one will try again
                    if os.path.getmtime(path) < oldest:
                        os.remove(path)
        finally:
            self.emulator.stop()
