"""Where a command's calls and photos go: to the service, or to the emulator with local files."""
import glob
import os
import statistics

from six.moves.urllib.parse import urlsplit

from ..client.api_client import ApiClient
from ..progress import TYPICAL_SECONDS
from ..util.language import choose
from .credentials import client_of, same_way
from .records import emulator_home, ledger_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Dict, List, Optional, Sequence
    from .output import Output
    from .records import NamedLedger

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
        self._output = output
        #: Whether the emulator's photos are still wanted by a job that goes on.
        self.keeps_photos = False
        #: URL to what the user called it.
        self.names = {}  # type: Dict[str, str]
        #: Arguments of waits.
        self.waiting = {}  # type: Dict[str, Any]
        output.same_way = same_way(options)
        #: What was paid for; None where nobody remembers.
        self.ledger = ledger_of(options)  # type: Optional[NamedLedger]
        if self.ledger is not None:
            self.ledger.names = self.names
        if options.emulator:
            from ..emulator.lent import LendingEmulator
            hosts = [urlsplit(word).hostname or '' for word in _words_of(options) if _is_url(word)]
            self._emulator = LendingEmulator(emulator_home(options), options.training_seconds,
                                             hosts)
            running = self._emulator.emulator
            self.client = ApiClient(running.host, running.app_id, running.token)  # type: ApiClient
            self.waiting = {'interval': EMULATOR_INTERVAL, 'longest_interval': EMULATOR_INTERVAL}
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
            url = self._emulator.url(name)
        self.names[url] = name
        return url

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.client.close()
        if self._emulator is not None:
            self._emulator.stop(self.keeps_photos or bool(self._output.unfinished()))


def _is_url(word: str) -> bool:
    return word.lower().startswith(('http://', 'https://'))


def _words_of(options: "Namespace") -> "List[str]":
    words = list(getattr(options, 'photos', None) or [])
    for person in getattr(options, 'person', None) or []:
        words += person
    return words + [word for word in [getattr(options, 'template', None)] if word]
