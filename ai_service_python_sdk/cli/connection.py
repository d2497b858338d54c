"""Who calls, and where calls and photos go: to the service, or to an emulator with local files."""
import glob
import os
import statistics

from six.moves.urllib.parse import urlsplit

from ..client.api_client import ApiClient
from ..client.credentials import DEFAULT_CREDENTIALS, VARIABLES, kept_credentials
from ..portrait import PortraitStudio
from ..progress import TYPICAL_SECONDS
from ..util.language import choose
from .records import emulator_home, ledger_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from ..ledger import Ledger
    from .output import Output

#: What is taken of a folder: .jpg, .jpeg and .png.
PICTURES = '*.[jp][pn]*g'
#: Seconds between two looks at a job of the emulator.
EMULATOR_INTERVAL = 0.3
#: What a caller is known by, to its option.
_OPTIONS = {'host': '--host', 'app_id': '--app-id', 'token': '--token'}


class Connection(object):
    """A command's client, studio and ledger, and how photos get URLs; a context manager.

    :raises ValueError: credentials are missing; the message names where they can be given.
    :raises LedgerError: the ledger cannot be used, so that nothing may be paid for.
    """

    def __init__(self, options: "Namespace", output: "Output") -> None:
        self.options = options  # type: Namespace
        self.output = output  # type: Output
        self._emulator = None  # type: Any
        #: Whether the emulator's photos are still wanted by a job that goes on.
        self.keeps_photos = False
        #: URL to what the user called it.
        self.names = {}  # type: Dict[str, str]
        #: Arguments of waits.
        self.waiting = {}  # type: Dict[str, Any]
        output.same_way = _same_way(options)
        #: What was paid for; None where nobody remembers.
        self.ledger = ledger_of(options)  # type: Optional[Ledger]
        if self.ledger is not None:
            self.ledger.names = self.names
        client = self._lent() if options.emulator else _client_of(options)
        self.client = client  # type: ApiClient
        took = self.ledger.seconds_of_trainings() if self.ledger else []
        #: Seconds that a training takes, roughly.
        self.typical = (options.training_seconds if options.emulator
                        else statistics.median(took or [TYPICAL_SECONDS]))  # type: float
        if getattr(options, 'interval', None) is not None:
            self.waiting['interval'] = options.interval
        self.studio = PortraitStudio(self.client, ledger=self.ledger)  # type: PortraitStudio
        output.under_way = lambda: [(model.job_id, model.model_id)
                                    for model in self.studio.trainings]

    def _lent(self) -> ApiClient:
        from ..emulator.lent import LendingEmulator
        given = vars(self.options)
        words = sum([given.get('photos') or []] + (given.get('person') or []),
                    [given.get('template') or ''])
        self._emulator = LendingEmulator(
            emulator_home(self.options), self.options.training_seconds,
            [urlsplit(word).hostname or '' for word in words if _is_url(word)])
        self.waiting = {'interval': EMULATOR_INTERVAL, 'longest_interval': EMULATOR_INTERVAL}
        running = self._emulator.emulator
        return ApiClient(running.host, running.app_id, running.token)

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
        if not _is_url(name) and self._emulator is None:
            raise ValueError(choose(
                '{} is not a URL; the service fetches photos itself: put it where the internet '
                'can reach it (such as OSS) and give its URL, or use --emulator',
                '{} 不是 URL；照片由服务端下载，请上传至公网可访问的位置（如 OSS）后传入 URL，或使用 --emulator'
            ).format(name))
        url = name if _is_url(name) else self._emulator.url(name)
        self.names[url] = name
        return str(url)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.client.close()
        if self._emulator is not None:
            self._emulator.stop(self.keeps_photos or bool(self.output.unfinished()))


def _is_url(word: str) -> bool:
    return word.lower().startswith(('http://', 'https://'))


def credentials_found(options: "Namespace") -> "Dict[str, Tuple[str, str]]":
    """Return host, app_id and token, each with where it was found; the last place wins.

    :raises ValueError: the file can be read by others, or holds no such section.
    """
    found = kept_credentials(options.credentials)
    found.update((name, (getattr(options, name), option)) for name, option in _OPTIONS.items()
                 if getattr(options, name))
    return found


def _client_of(options: "Namespace") -> ApiClient:
    found = credentials_found(options)
    missing = [name for name in VARIABLES if name not in found]
    if missing:
        raise ValueError(choose(
            'give {}: as an option, in the environment ({}), or in {}; or use --emulator',
            '缺少 {}：请通过命令行选项、环境变量（{}）或 {} 提供，或使用 --emulator').format(
                ', '.join(_OPTIONS[name] for name in missing),
                ', '.join(VARIABLES[name] for name in missing),
                options.credentials or DEFAULT_CREDENTIALS))
    host, app_id, token = [found[name][0] for name in VARIABLES]
    return ApiClient(host, app_id, token)


def _same_way(options: "Namespace") -> "List[str]":
    """Return the options that lead another command to the same jobs; never the token."""
    words = ['--emulator'] if options.emulator else []
    wanted = ('store',) if options.emulator else ('host', 'app_id', 'credentials')
    for name in wanted + ('ledger',):
        if getattr(options, name, None):
            words += ['--' + name.replace('_', '-'), getattr(options, name)]
    return words + (['--no-ledger'] if getattr(options, 'no_ledger', False) else [])
