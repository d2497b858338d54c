"""Photos of this computer have URLs for as long as they are needed, wherever they are put."""
import contextlib
import tempfile

from .client.errors.ledger import LedgerError
from .client.paid import warn
from .inputs import check_url
from .util.extras import imported
from .util.kept import PhotoUrl, clean as cleaned, photo_of
from .util.language import choose
from .util.photo_file import is_local, name_of, prepared
from .util.redact import bare_urls

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional
    from .ledger import Ledger

#: Seconds for which a training may need them: far longer than one (26 minutes in the guide's
#: sample) with its queue.
DEFAULT_LIFETIME = 24 * 3600


class Uploaded(object):
    """Photos for as long as they are needed: a ``with`` block, or :meth:`put` and :meth:`discard`.

    Sent are upright pixels and their colour profile, nothing else; see :func:`.prepared`.

    :param uploads: any object with ``put(path) -> url`` and ``discard(url)``.
    :param photos: of one person: paths, files open for reading, and URLs, which pass as they are.
    :param keep: whether they stay there when the block ends.
    :param ledger: remembers what is there until it is discarded, see :func:`clean`.
    :param progress: whether to show a bar (tqdm, extra ``cli``).
    """

    def __init__(self, uploads: "Any", photos: "Iterable[Any]", keep: bool = False,
                 ledger: "Optional[Ledger]" = None, progress: bool = False) -> None:
        self._uploads, self._keep, self._ledger, self._progress = uploads, keep, ledger, progress
        #: What was given; and a URL for each once they are put.
        self.photos = list(photos)  # type: List[Any]
        self.urls = []  # type: List[Any]
        self._local = [place for place, photo in enumerate(self.photos) if is_local(photo)]
        self._folder = None  # type: Any
        self._ready = []  # type: List[str]
        self._there = []  # type: List[str]
        self._is_lent = False
        #: URL to the name of the photo, for what is said of a URL later, such as by a check.
        self.names = {}  # type: Dict[str, str]
        #: URLs, without their signature, of what could not be discarded.
        self.left = []  # type: List[str]

    def __enter__(self) -> "List[Any]":
        return self.put()

    def __exit__(self, kind: "Any", error: "Any", trace: "Any") -> None:
        if not self._is_lent:
            self.discard()
        elif error is not None:
            self._say_what_stays()
        if error is not None and self._local:
            self._name_on(error)

    def look(self) -> "List[str]":
        """Make ready what is sent of each photo; nothing leaves yet.

        :raises PhotoFileError: which photos the service would refuse, and why.
        :raises ImportError: Pillow is missing.
        """
        if self._local and self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
            photos = [self.photos[place] for place in self._local]
            self._ready = prepared(photos, self._folder.name)
        return self._ready

    def put(self) -> "List[Any]":
        """Return a URL for each photo; after an error nothing stays, or its ``left`` names it.

        :raises UploadError: from :class:`OssUploads`; other ``uploads`` raise what they like. And
            what :meth:`look` raises.
        """
        if self.urls:
            return self.urls
        try:
            urls, paths = list(self.photos), self.look()
            if paths and self._progress:
                paths = imported('tqdm', 'cli').tqdm(paths, desc=choose('uploading', '上传'))
            for path, place in zip(paths, self._local):
                given = self._uploads.put(path)
                check_url(given, 'uploads.put()')
                urls[place] = url = PhotoUrl(given)
                self._there.append(url)
                url.photo = photo_of(self.photos[place], path)
                self.names[url] = name_of(self.photos[place])
                self._note(url)
        except BaseException as error:
            # Of half an upload nobody knows whether it is there.
            self._there.extend(filter(None, [getattr(error, 'uploaded_url', None)]))
            self._keep = False
            self.discard()
            self._name_on(error)
            raise
        self._drop_files()
        self.urls = urls
        return urls

    def lend(self, job_id: "Any") -> None:
        """Leave them to a training that was accepted, beyond the block, until it is seen to end.

        Who sees its end discards them, or :func:`clean` does.
        """
        self._is_lent = True
        with contextlib.suppress(LedgerError):
            for url in self._there:
                self._note(url, job_id)

    def discard(self) -> "List[str]":
        """Remove what was put, unless it is to be kept; return what could not be removed."""
        self._drop_files()
        try:
            while self._there and not self._keep:
                if _discard(self._uploads, self._there[0], self._ledger):
                    self.left.append(bare_urls(self._there[0]))
                del self._there[0]
        except BaseException:
            self._say_what_stays()
            raise
        return self.left

    def _note(self, url: str, job_id: "Any" = None) -> None:
        if self._ledger is not None and not self._keep:
            self._ledger.left_behind(url, job_id=job_id)

    def _drop_files(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def _say_what_stays(self) -> None:
        if self._there and not self._keep:
            warn(choose('still uploaded: {}', '仍保留的照片：{}').format(
                ', '.join(map(bare_urls, self._there))))

    def _name_on(self, error: "Any") -> None:
        there = self.left + ([] if self._keep else list(map(bare_urls, self._there)))
        with contextlib.suppress(Exception):  # others' errors need not take attributes
            error.left = getattr(error, 'left', []) + [
                url for url in there if url not in getattr(error, 'left', [])]


def clean(ledger: "Ledger", uploads: "Any", age: float = DEFAULT_LIFETIME,
          job_id: "Any" = None) -> "List[str]":
    """Discard what the ledger knows to be there still; return the URLs of what stays.

    What a training needs that goes on, as far as the ledger knows, stays for a day.

    :param age: seconds; what was put before and not discarded goes too: its program was killed.
    :param job_id: only what the training of this job had.
    """
    return [url for url in ledger.uploads(age, DEFAULT_LIFETIME, job_id)
            if _discard(uploads, url, ledger) is not None]


def _discard(uploads: "Any", url: str, ledger: "Optional[Ledger]") -> "Optional[str]":
    """Return why it may be there still, None if it is gone; the ledger learns the same."""
    why = None
    try:
        uploads.discard(url)
    except Exception as error:
        why = cleaned(error) or type(error).__name__
        warn(choose('{} cannot be discarded: {}', '无法删除 {}：{}').format(bare_urls(url), why))
    with contextlib.suppress(LedgerError):
        if ledger is not None:
            ledger.left_behind(url, why) if why else ledger.removed(url)
    return why
