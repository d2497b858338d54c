"""An emulator for one command: local files get URLs, and jobs go on where the last one stopped."""
import hashlib
import os
import sqlite3
import uuid

from ..util.files import write_whole
from ..util.language import choose
from .emulator import Emulator

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Sequence, Set

#: Characters of a photo's name that are kept.
LONGEST_NAME = 40


class LendingEmulator(object):
    """An emulator that keeps its jobs and photos in a folder.

    :param home: the folder; :param training_seconds, hosts: as for :class:`.Emulator`.
    :raises ValueError: the folder holds no jobs of the emulator.
    """

    def __init__(self, home: str, training_seconds: float, hosts: "Sequence[str]") -> None:
        self._folder = os.path.join(home, 'files')
        self._lent = set()  # type: Set[str]
        self._mark = uuid.uuid4().hex[:8]
        os.makedirs(self._folder, 0o700, exist_ok=True)
        try:
            #: The :class:`.Emulator`.
            self.emulator = _on_the_same_port(
                os.path.join(home, 'port'), files=self._folder, training_seconds=training_seconds,
                store=os.path.join(home, 'jobs.sqlite'), allow_hosts=hosts)  # type: Emulator
        except sqlite3.Error as error:
            raise ValueError(choose('{} holds no jobs of the emulator ({}); give another --store',
                                    '{} 中没有可用的模拟器数据（{}），请更换 --store').format(home, error))

    def url(self, path: str) -> str:
        """Copy a file to where the emulator serves it; return its URL."""
        if not os.path.isfile(path):
            raise ValueError(choose('the file {} does not exist', '文件不存在：{}').format(path))
        with open(path, 'rb') as stream:
            data = stream.read()
        # A name of this command alone, since it is removed in the end; short and of characters
        # that every file system and every URL takes.
        base = os.path.basename(path)[-LONGEST_NAME:].encode('utf-8', 'replace').decode('utf-8')
        name = '{}_{}_{}'.format(hashlib.sha256(data).hexdigest()[:12], self._mark, base)
        self._lent.add(name)
        write_whole(data, os.path.join(self._folder, name))
        return self.emulator.url(name)

    def stop(self, keeps_photos: bool) -> None:
        """Stop it; the photos stay only where a job that goes on wants them."""
        self.emulator.stop()
        for name in () if keeps_photos else self._lent:
            os.remove(os.path.join(self._folder, name))


def _on_the_same_port(kept: str, **options: "Any") -> Emulator:
    """Start where the last one was: a training that was interrupted asks for its photos there."""
    try:
        with open(kept) as stream:
            return Emulator(port=int(stream.read()), **options).start()
    except (OSError, ValueError, OverflowError):
        emulator = Emulator(**options).start()
        write_whole(str(emulator.port).encode('ascii'), kept)
        return emulator
