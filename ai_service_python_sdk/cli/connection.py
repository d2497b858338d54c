"""Who calls, and where calls and photos go: to the service, or to an emulator with local files."""
import os
import statistics
from contextlib import ExitStack

from six.moves.urllib.parse import urlsplit

from ..client.api_client import ApiClient
from ..client.credentials import DEFAULT_CREDENTIALS, VARIABLES, kept_credentials
from ..inputs import expanded, is_url
from ..portrait import PortraitStudio, TrainedModel
from ..progress import TYPICAL_SECONDS
from ..uploads import OssUploads, Uploaded
from ..util.kept import PhotoUrl, photo_of
from ..util.language import choose
from ..util.redact import bare_name
from .output import has_screen
from .records import emulator_home, ledger_of, same_way

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from ..ledger import Ledger
    from .output import Output

#: What stands for ``--upload``.
UPLOAD_VARIABLE = 'AI_SERVICE_UPLOAD'
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
        #: URL to what the user called it.
        self.names = {}  # type: Dict[str, str]
        self._uploaded = []  # type: List[Uploaded]
        self._stack = ExitStack()
        #: Arguments of waits.
        self.waiting = {}  # type: Dict[str, Any]
        output.same_way = same_way(options)
        #: Where photos of this computer go; None where they go to an emulator, or nowhere.
        self.uploads = uploads_of(options)  # type: Optional[OssUploads]
        if self.uploads is not None:
            # Also a check remembers what it could not remove.
            options.ledger = getattr(options, 'ledger', None)
            options.no_ledger = getattr(options, 'no_ledger', False)
        #: What was paid for; None where nobody remembers.
        self.ledger = ledger_of(options)  # type: Optional[Ledger]
        client = self._lent() if options.emulator else _client_of(options)
        self.client = client  # type: ApiClient
        took = self.ledger.seconds_of_trainings() if self.ledger else []
        #: Seconds that a training takes, roughly.
        self.typical = (options.training_seconds if options.emulator
                        else statistics.median(took or [TYPICAL_SECONDS]))  # type: float
        if getattr(options, 'interval', None) is not None:
            self.waiting['interval'] = options.interval
        self.studio = PortraitStudio(
            self.client, ledger=self.ledger, uploads=self.uploads,
            keep_uploads=getattr(options, 'keep_uploads', False))  # type: PortraitStudio
        output.under_way = lambda: [(model.job_id, model.model_id)
                                    for model in self.studio.trainings]

    def _lent(self) -> ApiClient:
        from .emulator import LendingEmulator
        given = vars(self.options)
        words = sum([given.get('photos') or []] + (given.get('person') or []),
                    [given.get('template') or ''])
        self._emulator = LendingEmulator(
            emulator_home(self.options), training_seconds=self.options.training_seconds,
            allow_hosts=[urlsplit(word).hostname or '' for word in words if is_url(word)])
        self.waiting = {'interval': EMULATOR_INTERVAL, 'longest_interval': EMULATOR_INTERVAL}
        running = self._emulator.emulator
        return ApiClient(running.host, running.app_id, running.token)

    def urls(self, *groups: "Sequence[str]") -> "List[List[str]]":
        """Return the URLs of groups of photos, each as :meth:`photos` takes them.

        :raises ValueError: a file does not exist, or is given without emulator and uploads.
        :raises UploadError: it could not be put; none of them stays.
        """
        if self.uploads is None:
            return [[self._url(name) for name in self.photos(group)] for group in groups]
        is_seen = not self.output.as_json and has_screen()
        found = [Uploaded(self.uploads, self.photos(group), self.options.keep_uploads,
                          self.ledger, is_seen and len(group) > 1) for group in groups]
        for uploaded in found:
            self._stack.push(uploaded)
            uploaded.look()
        for uploaded in found:
            uploaded.put()
            self.names.update(uploaded.names)
        self._uploaded += found
        return [uploaded.urls for uploaded in found]

    def train(self, urls: "List[str]", **how: "Any") -> TrainedModel:
        """Start a training; uploaded photos stay until it has ended, also if it may have begun."""
        end = None  # type: Any
        try:
            end = self.studio.train(urls, wait=False, **how)
            return end  # type: ignore[no-any-return]
        except BaseException as error:
            end = error
            raise
        finally:
            job_id = getattr(end, 'job_id', None)
            may_need_them = job_id is not None or getattr(end, 'is_in_doubt', False)
            for uploaded in self._uploaded if may_need_them else ():
                if uploaded.names and uploaded.urls == urls:
                    uploaded.lend(job_id)
                    if job_id is not None:
                        self.studio.uploaded[job_id] = uploaded

    def photos(self, given: "Sequence[str]") -> "List[str]":
        """Return URLs and files: given as such, and as folders and globs where files will do."""
        takes_files = self._emulator is not None or self.uploads is not None
        return [name for word in given for name in (
            expanded(word) if takes_files and not is_url(word) else [word])]

    def _url(self, name: str) -> str:
        if is_url(name):
            return name
        if self._emulator is None:
            raise ValueError(choose(
                '{} is not a URL; the service fetches photos itself: put it where the internet '
                'can reach it and give its URL, or use --upload oss://bucket/prefix or --emulator',
                '{} 不是 URL；照片由服务端下载，请上传至公网可访问的位置后传入 URL，或使用 '
                '--upload oss://bucket/prefix 或 --emulator').format(bare_name(name)))
        url = PhotoUrl(self._emulator.url(name))
        url.photo = photo_of(name)
        self.names[url] = name
        return url

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self._stack.__exit__(*exc_info)
        self.client.close()
        if self._emulator is not None:
            self._emulator.stop()


def uploads_of(options: "Namespace") -> "Optional[OssUploads]":
    """Return where photos of this computer go, as an option or the environment says.

    :raises ValueError: what OSS needs is missing; :raises ImportError: the extra ``oss``.
    """
    place = getattr(options, 'upload', None) or os.environ.get(UPLOAD_VARIABLE)
    return None if options.emulator or not place else OssUploads(place)


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
