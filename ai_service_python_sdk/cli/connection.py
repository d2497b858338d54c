"""Where a command's calls and photos go: to the service, or to the emulator with local files."""
import glob
import hashlib
import os
import sqlite3
import statistics
import uuid

from six.moves.urllib.parse import urlsplit

from ..progress import TYPICAL_SECONDS
from ..util.files import write_whole
from ..util.language import choose
from .credentials import client_of, same_way
from .records import emulator_home, ledger_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Callable, Dict, List, Optional, Sequence
    from ..client.api_client import ApiClient
    from .output import Output

#: Characters of a photo's name that the emulator keeps.
LONGEST_NAME = 40
#: What is taken of a folder: .jpg, .jpeg and .png.
PICTURES = '*.[jp][pn]*g'
#: Seconds between two looks at a job of the emulator.
EMULATOR_INTERVAL = 0.3


class Connection(object):
    """A client, a ledger, and how photos get URLs; a context manager.

    :raises ValueError: credentials are missing; the message names where they can be given.
    :raises LedgerError: the ledger cannot be used, so that nothing may be paid for.
    """

    def __init__(self, options: "Namespace", output: "Output") -> None:
        self._emulator = None  # type: Any
        self._folder = None  # type: Optional[str]
        self._lent = []  # type: List[str]
        self._mark = uuid.uuid4().hex[:8]
        self._output = output
        #: Whether the emulator's photos are still wanted by a job that goes on.
        self.keeps_photos = False
        #: URL to what the user called it.
        self.names = {}  # type: Dict[str, str]
        #: Arguments of waits.
        self.waiting = {}  # type: Dict[str, Any]
        output.same_way = same_way(options)
        #: What was paid for; None where nobody remembers.
        self.ledger = ledger_of(options)
        if self.ledger is not None:
            self.ledger.names = self.names
        if options.emulator:
            self.client = self._start_emulator(options)  # type: ApiClient
            #: Seconds that a training takes, roughly.
            self.typical = options.training_seconds  # type: float
        else:
            self.client = client_of(options)
            took = self.ledger.seconds_of_trainings() if self.ledger else []
            self.typical = statistics.median(took) if took else TYPICAL_SECONDS
        if getattr(options, 'interval', None) is not None:
            self.waiting['interval'] = options.interval

    def urls(self, given: "Sequence[str]") -> "List[str]":
        """Return the URLs of photos: given as such, or with the emulator as files and globs.

        :raises ValueError: a file does not exist, or is given without the emulator.
        """
        return [self._url(name) for word in given for name in self._expand(word)]

    def _expand(self, word: str) -> "List[str]":
        if _is_url(word) or self._emulator is None:
            return [word]
        if os.path.isdir(word):
            word = os.path.join(glob.escape(word), PICTURES)
        elif os.path.exists(word) or not glob.has_magic(word):
            return [word]
        found = sorted(glob.glob(word))
        if not found:
            raise ValueError(choose('no file is called {}', '没有匹配的文件：{}').format(word))
        return found

    def _url(self, name: str) -> str:
        if _is_url(name):
            url = name
        elif self._emulator is None:
            raise ValueError(choose(
                '{} is not a URL; the service fetches photos itself: put it where the internet '
                'can reach it (such as OSS) and give its URL, or use --emulator',
                '{} 不是 URL；照片由服务端下载，请上传至公网可访问的位置（如 OSS）后传入 URL，或使用 --emulator'
            ).format(name))
        else:
            url = self._emulator.url(self._lend(name))
        self.names[url] = name
        return url

    def _lend(self, path: str) -> str:
        """Copy a file to where the emulator serves it; return its name there."""
        if not os.path.isfile(path):
            raise ValueError(choose('the file {} does not exist', '文件不存在：{}').format(path))
        with open(path, 'rb') as stream:
            data = stream.read()
        # A name of this command alone, since it is removed in the end; short and of characters
        # that every file system and every URL takes.
        base = os.path.basename(path)[-LONGEST_NAME:].encode('utf-8', 'replace').decode('utf-8')
        name = '{}_{}_{}'.format(hashlib.sha256(data).hexdigest()[:12], self._mark, base)
        folder = str(self._folder)
        if not os.path.exists(os.path.join(folder, name)):
            write_whole(data, os.path.join(folder, name))
        self._lent.append(os.path.join(folder, name))
        return name

    def _start_emulator(self, options: "Namespace") -> "ApiClient":
        from ..client.api_client import ApiClient
        from ..emulator import Emulator
        home = emulator_home(options)
        self._folder = os.path.join(home, 'files')
        os.makedirs(self._folder, 0o700, exist_ok=True)
        self.waiting = {'interval': EMULATOR_INTERVAL, 'longest_interval': EMULATOR_INTERVAL}
        hosts = [urlsplit(word).hostname or '' for word in _words_of(options) if _is_url(word)]

        def start(port: int) -> "Any":
            return Emulator(files=self._folder, training_seconds=options.training_seconds,
                            store=os.path.join(home, 'jobs.sqlite'), port=port,
                            allow_hosts=hosts).start()

        try:
            self._emulator = _on_the_same_port(start, os.path.join(home, 'port'))
        except sqlite3.Error as error:
            raise ValueError(choose('{} holds no jobs of the emulator ({}); give another --store',
                                    '{} 中没有可用的模拟器数据（{}），请更换 --store').format(home, error))
        return ApiClient(self._emulator.host, self._emulator.app_id, self._emulator.token)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.client.close()
        if self._emulator is not None:
            self._emulator.stop()
            if not self.keeps_photos and not self._output.unfinished():
                for path in set(self._lent):
                    os.remove(path)


def _on_the_same_port(start: "Callable[[int], Any]", kept: str) -> "Any":
    """Start where the last one was: a training that was interrupted asks for its photos there."""
    try:
        with open(kept) as stream:
            return start(int(stream.read()))
    except (OSError, ValueError, OverflowError):
        emulator = start(0)
        write_whole(str(emulator.port).encode('ascii'), kept)
        return emulator


def _is_url(word: str) -> bool:
    return word.lower().startswith(('http://', 'https://'))


def _words_of(options: "Namespace") -> "List[str]":
    words = list(getattr(options, 'photos', None) or [])
    for person in getattr(options, 'person', None) or []:
        words += person
    return words + [word for word in [getattr(options, 'template', None)] if word]
