"""A command's client, studio, ledger and uploads, for the service or for an emulator."""
import errno
import os
from contextlib import ExitStack, suppress

from ..client.address import is_of_this_computer
from ..client.api_client import VARIABLES, ApiClient
from ..client.credentials import DEFAULT_CREDENTIALS, kept_credentials
from ..client.exceptions import LedgerError
from ..inputs import expanded, is_url
from ..ledger import Ledger
from ..portrait import PortraitStudio
from ..uploads import OssUploads, Uploaded
from ..util.files import user_folder
from ..util.kept import PhotoUrl, photo_of
from ..util.language import translate
from ..util.redact import bare_name

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from .output import Output

#: Environment variable that stands for ``--upload``.
UPLOAD_VARIABLE = 'AI_SERVICE_UPLOAD'
#: Seconds between two looks at a job of the emulator.
EMULATOR_INTERVAL = 0.3
#: Parts of the credentials to the options that give them.
_OPTIONS = {'host': '--host', 'app_id': '--app-id', 'token': '--token'}


class Connection(ExitStack):
    """A command's client, studio and ledger, and how photos get URLs; a context manager.

    :raises ValueError: credentials are missing; the message names where they can be given.
    :raises LedgerError: the ledger cannot be used, so that nothing may be paid for.
    """

    def __init__(self, options: "Namespace", output: "Output") -> None:
        ExitStack.__init__(self)
        self.options = options  # type: Namespace
        self.output = output  # type: Output
        self._names = {}  # type: Dict[str, str]
        #: Where photos of this computer go; None where they go to an emulator, or nowhere.
        self.uploads = uploads_of(options)  # type: Optional[OssUploads]
        #: What was paid for; None where nobody remembers.
        self.ledger = None if options.no_ledger else ledger_of(options)  # type: Optional[Ledger]
        self._emulator = None  # type: Any
        if options.emulator:
            from .emulator import LendingEmulator
            self._emulator = LendingEmulator(
                _emulator_home(options), training_seconds=options.training_seconds,
                allow_hosts=['*'])
            self.callback(self._emulator.stop)
            running = self._emulator.emulator
            self.client = ApiClient(running.host, running.app_id,
                                    running.token)  # type: ApiClient
        else:
            self.client = ApiClient(*credentials(options, *VARIABLES))
        self.callback(self.client.close)
        if self.ledger is not None:
            self.ledger.serve(self.client.host)
        pauses = {}  # type: Dict[str, Any]
        if options.emulator:
            pauses.update(interval=EMULATOR_INTERVAL, longest_interval=EMULATOR_INTERVAL)
        if options.interval is not None:
            pauses.update(interval=options.interval)
        self.studio = PortraitStudio(
            self.client, timeout=options.timeout, ledger=self.ledger, uploads=self.uploads,
            keep_uploads=options.keep_uploads, **pauses)  # type: PortraitStudio

    def photos(self, given: "Sequence[str]") -> "List[str]":
        """Return a photo for each URL, and for each file that a word stands for.

        :raises ValueError: a file does not exist, or is given without emulator and uploads.
        """
        found = []  # type: List[str]
        for word in given:
            if is_url(word):
                found.append(word)
            elif self._emulator is not None:
                found += map(self._lend, expanded(word))
            elif self.uploads is not None:
                found += expanded(word)
            else:
                raise ValueError(translate('{} is not a URL; the service fetches photos itself: '
                                           'put it where the internet can reach it and give its '
                                           'URL, or use --upload oss://bucket/prefix or '
                                           '--emulator', bare_name(word)))
        return found

    def _lend(self, path: str) -> str:
        url = PhotoUrl(self._emulator.url(path))
        url.photo = photo_of(path)
        self._names[url] = path
        return url

    def put(self, *groups: "Sequence[str]") -> "List[Uploaded]":
        """Give groups of :meth:`photos` their URLs, until the command ends.

        :raises UploadError: one could not be put; none of them stays.
        """
        shows_bars = self.output.shows_bars()
        found = [Uploaded(self.uploads, group, self.options.keep_uploads, self.ledger,
                          shows_bars and len(group) > 1) for group in groups]
        # A photo that does not fit raises before any photo is uploaded.
        for uploaded in found:
            self.push(uploaded)
            uploaded.look()
        for uploaded in found:
            uploaded.put()
            self._names.update(uploaded.names)
        return found

    def name_of(self, url: "Optional[str]") -> str:
        """Return the user's name for the photo of a URL."""
        return bare_name(str(self._names.get(url or '', url)))


def _emulator_home(options: "Namespace") -> str:
    """Return the folder in which the emulator keeps its photos, its jobs and their ledger."""
    return options.store or os.path.join(user_folder('cache'), 'emulator')


def ledger_of(options: "Namespace") -> Ledger:
    """Open the ledger of a command.

    An emulator, and any service on this computer, has a ledger of its own: its job ids may be
    those of paid jobs.

    :raises LedgerError: it cannot be used.
    """
    if options.ledger is not None:
        return Ledger(options.ledger)
    name = 'ledger.sqlite'
    if options.emulator:
        home = _emulator_home(options)
    else:
        home = user_folder('data')
        host = options.host or ''
        with suppress(ValueError, OSError):  # a command that makes calls will report them
            host = credentials_found(options).get('host', (host, ''))[0]
        name = 'ledger-local.sqlite' if is_of_this_computer(host) else name
    try:
        os.makedirs(home, 0o700, exist_ok=True)
    except OSError as error:
        raise LedgerError(home, error.strerror or str(error)) from None
    return Ledger(os.path.join(home, name))


def ledger_to_read(options: "Namespace") -> Ledger:
    """Open the ledger of a command that only looks into it.

    :raises FileNotFoundError: the file given by ``--ledger`` does not exist.
    """
    if options.ledger and not os.path.exists(options.ledger):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), options.ledger)
    return ledger_of(options)


def uploads_of(options: "Namespace") -> "Optional[OssUploads]":
    """Return where photos of this computer go, as an option or the environment says.

    :raises ValueError: what OSS needs is missing; :raises ImportError: the extra ``oss``.
    """
    place = options.upload or os.environ.get(UPLOAD_VARIABLE)
    return None if options.emulator or not place else OssUploads(place)


def credentials_found(options: "Namespace") -> "Dict[str, Tuple[str, str]]":
    """Return host, app_id and token, each with where it was found; an option wins.

    :raises ValueError: the file can be read by others, or holds no such section.
    """
    found = kept_credentials(options.credentials)
    found.update((name, (getattr(options, name), option)) for name, option in _OPTIONS.items()
                 if getattr(options, name))
    return found


def credentials(options: "Namespace", *names: str) -> "List[Any]":
    """Return what of host, app_id and token is named; :raises ValueError: it is missing."""
    found = credentials_found(options)
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(translate('give {}: as an option, in the environment ({}), or in {}; or '
                                   'use --emulator', ', '.join(_OPTIONS[name] for name in missing),
                                   ', '.join(VARIABLES[name] for name in missing),
                                   options.credentials or DEFAULT_CREDENTIALS))
    return [found[name][0] for name in names]
