"""Photos of this computer: where they are put, such as into a bucket of OSS, and for how long.

``PortraitStudio(client, uploads=OssUploads('oss://bucket/prefix')).portrait(paths, template)``
"""
import contextlib
import datetime
import os
import re
import uuid

from .client.errors.ledger import LedgerError
from .client.errors.uploads import UploadError, error_of_oss
from .client.paid import warn
from .inputs import PICTURES, check_url
from .progress import has_no_size
from .util.extras import imported
from .util.files import scratch_folder
from .util.kept import PhotoUrl, clean as cleaned, photo_of
from .util.language import translate
from .util.photo_file import is_local, name_of, prepared
from .util.redact import bare_urls

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional
    from .ledger import Ledger
    from .util.files import Path

__all__ = ['DEFAULT_LIFETIME', 'OssUploads', 'UploadError', 'Uploaded', 'clean']

#: Seconds that a URL is good for: far longer than a training takes, and the most OSS allows.
DEFAULT_LIFETIME, LONGEST_LIFETIME = 24 * 3600, 7 * 24 * 3600
_PLACE = re.compile(r'oss://([a-z0-9][a-z0-9-]{1,61}[a-z0-9])(?:/([^?#]*))?\Z')


class OssUploads(object):
    """A bucket of Alibaba Cloud OSS: private objects under random names, with signed URLs.

    :param place: ``oss://BUCKET/PREFIX``; the prefix may be left out.
    :param region, endpoint: None for OSS_REGION and OSS_ENDPOINT, or the region's public one.
    :param credentials: a provider of ``alibabacloud_oss_v2.credentials``; None for
        OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN.
    :param lifetime: seconds, 2 to 604,800, that a URL lives; a session token may end it sooner.
    :raises ValueError: what is wrong or missing; :raises ImportError: without the extra ``oss``.
    """

    def __init__(self, place: str, region: "Optional[str]" = None,
                 endpoint: "Optional[str]" = None, credentials: "Any" = None,
                 lifetime: int = DEFAULT_LIFETIME) -> None:
        self._oss = oss = imported('alibabacloud_oss_v2', 'oss')
        found = _PLACE.match(place)
        parts = (found.group(2) or '').split('/') if found else []
        if not found or '.' in parts or '..' in parts:
            raise ValueError(translate('`place` is {!r}; give oss://bucket/prefix', place))
        if type(lifetime) is not int or not 1 < lifetime <= LONGEST_LIFETIME:
            raise ValueError(translate('`lifetime` is {!r}; give 2 to {} seconds', lifetime,
                                       LONGEST_LIFETIME))
        for variable, given in (('OSS_REGION', region), ('OSS_ACCESS_KEY_ID', credentials),
                                ('OSS_ACCESS_KEY_SECRET', credentials)):
            if not given and not os.environ.get(variable):
                raise ValueError(translate('set the variable {}, or pass its argument', variable))
        self._bucket, self._lifetime = found.group(1), datetime.timedelta(seconds=lifetime)
        self._prefix = ''.join(part + '/' for part in parts if part)
        self._client = oss.Client(oss.config.Config(
            region=region or os.environ['OSS_REGION'],
            endpoint=endpoint or os.environ.get('OSS_ENDPOINT'), credentials_provider=(
                credentials or oss.credentials.EnvironmentVariableCredentialsProvider())))

    def put(self, path: "Path") -> str:
        """Send a file as it is; return the URL that it can be fetched from.

        :raises UploadError: the upload failed; ``uploaded_url`` is where a part of it may be.
        """
        suffix = os.path.splitext(os.fsdecode(path))[1].lower()
        name = self._prefix + uuid.uuid4().hex + (suffix if suffix in PICTURES else '')
        request = self._oss.PutObjectRequest(bucket=self._bucket, key=name, acl='private')
        url = self._url(request.key)
        with self._explained(url):
            self._client.put_object_from_file(request, path)
            return url

    def discard(self, url: str) -> None:
        """Delete the object of a URL of :meth:`put`, with or without its signature.

        :raises UploadError: it may still be there; :raises ValueError: it is of another bucket.
        """
        base, _, name = url.partition('?')[0].rpartition('/')
        if not name or base + '/-' != self._url(self._prefix + '-').partition('?')[0]:
            raise ValueError(translate('{} is not in {}', bare_urls(url), self))
        with self._explained(url):
            self._client.delete_object(self._oss.DeleteObjectRequest(
                bucket=self._bucket, key=self._prefix + name))

    def _url(self, key: str) -> str:
        with self._explained():
            request = self._oss.GetObjectRequest(bucket=self._bucket, key=key)
            return str(self._client.presign(request, expires=self._lifetime).url)

    @contextlib.contextmanager
    def _explained(self, url: "Optional[str]" = None) -> "Iterator[None]":
        try:
            yield
        except self._oss.exceptions.BaseError as error:
            raise error_of_oss(error, self, url) from None
        except BaseException as error:
            error.uploaded_url = url  # type: ignore[attr-defined]
            raise

    def __repr__(self) -> str:
        return "OssUploads('oss://{}/{}')".format(self._bucket, self._prefix)


class Uploaded(object):
    """Photos for as long as they are needed: a ``with`` block, or :meth:`put` and :meth:`discard`.

    Only upright pixels and their colour profile are sent; see :func:`.prepared`.

    :param uploads: any object with ``put(path) -> url`` and ``discard(url)``.
    :param photos: of one person: paths, files open for reading, and URLs, which pass as they are.
    :param ledger: remembers each uploaded photo until it is discarded, see :func:`clean`.
    :param keep: whether they stay there in the end; :param progress: whether to show a bar (tqdm).
    """

    def __init__(self, uploads: "Any", photos: "Iterable[Any]", keep: bool = False,
                 ledger: "Optional[Ledger]" = None, progress: bool = False) -> None:
        self._uploads, self._keep, self._ledger, self._progress = uploads, keep, ledger, progress
        #: The photos as given; and a URL for each while they are uploaded.
        self.photos = list(photos)  # type: List[Any]
        self.urls = []  # type: List[Any]
        #: URL to the name of the photo, for messages about a URL.
        self.names = {}  # type: Dict[str, str]
        #: URLs, without their signature, of what could not be discarded.
        self.left = []  # type: List[str]
        self._local = [place for place, photo in enumerate(self.photos) if is_local(photo)]
        self._files, self._is_lent = contextlib.ExitStack(), False
        self._ready = []  # type: List[str]
        self._there = []  # type: List[str]

    def __enter__(self) -> "List[Any]":
        return self.put()

    def __exit__(self, kind: "Any", error: "Any", trace: "Any") -> None:
        if not self._is_lent:
            self.discard()
        if error is not None and self._local:
            self.tell(error)

    def look(self) -> "List[str]":
        """Check each photo and make the file of it that is to be sent; return these files.

        :raises PhotoFileError: a photo does not fit; :raises ImportError: Pillow is not installed.
        """
        if self._local and not self._ready:
            folder = self._files.enter_context(scratch_folder(warn))
            self._files.callback(self._ready.clear)
            self._ready += prepared([self.photos[place] for place in self._local], folder)
        return self._ready

    def put(self) -> "List[Any]":
        """Upload the photos, unless they are there; return a URL for each.

        :raises Exception: what ``uploads`` and :meth:`look` raise; ``error.left`` is what stays.
        """
        if self.urls:
            return self.urls
        try:
            urls, paths = list(self.photos), self.look()
            if paths and self._progress and not has_no_size():
                paths = imported('tqdm', 'cli').tqdm(paths, desc=translate('uploading'))
            for path, place in zip(paths, self._local):
                given = self._uploads.put(path)
                urls[place] = url = PhotoUrl(given)
                self._there.append(url)
                check_url(given, 'uploads.put()')
                url.photo = photo_of(self.photos[place], path)
                self.names[url] = name_of(self.photos[place])
                self._note(url)
        except BaseException as error:
            # An upload that broke off may have made the object.
            self._there.extend(filter(None, [getattr(error, 'uploaded_url', None)]))
            self.discard(anyhow=True)
            self.tell(error)
            raise
        self._files.close()
        self.urls = urls
        return urls

    def lend(self, job_id: "Any") -> None:
        """Leave the photos to a training: whoever sees it end discards them, or :func:`clean`.

        :param job_id: None if the training may have begun and no answer was seen.
        """
        self._is_lent = True
        with contextlib.suppress(LedgerError):
            for url in self._there:
                self._note(url, '?' if job_id is None else job_id)

    def discard(self, anyhow: bool = False) -> None:
        """Remove the uploaded photos, with ``anyhow`` in spite of ``keep``; see :attr:`left`."""
        self._files.close()
        if self._keep and not anyhow:
            return
        self.urls, self._is_lent = [], False
        try:
            while self._there:
                if _discard(self._uploads, self._there[0], self._ledger):
                    self.left.append(bare_urls(self._there[0]))
                del self._there[0]
        except BaseException as error:
            self.tell(error)
            raise

    def _note(self, url: str, job_id: "Any" = None) -> None:
        if self._ledger is not None and not self._keep:
            self._ledger.left_behind(url, job_id=job_id)

    def tell(self, error: "Any" = None) -> None:
        """Name the photos that are still uploaded, in the log and on an error."""
        there = [] if self._keep else list(map(bare_urls, self._there))
        if there:
            warn(translate('still uploaded: {}', ', '.join(there)))
        with contextlib.suppress(Exception):  # others' errors need not take attributes
            known = getattr(error, 'left', [])
            error.left = known + [url for url in self.left + there if url not in known]


def clean(ledger: "Ledger", uploads: "Any", age: float = DEFAULT_LIFETIME,
          job_id: "Any" = None) -> "List[str]":
    """Discard uploaded photos that the ledger remembers; return the URLs that could not be.

    A photo whose training was not seen to end stays for a day.

    :param age: seconds after which a photo is discarded; :param job_id: only of this training.
    """
    return [url for url in ledger.uploads(age, DEFAULT_LIFETIME, job_id)
            if _discard(uploads, url, ledger) is not None]


def _discard(uploads: "Any", url: str, ledger: "Optional[Ledger]") -> "Optional[str]":
    """Discard a photo and note it in the ledger; return why it may still be there, or None."""
    why = None
    try:
        uploads.discard(url)
    except Exception as error:
        why = cleaned(error) or type(error).__name__
        warn(translate('{} cannot be discarded: {}', bare_urls(url), why))
    with contextlib.suppress(LedgerError):
        if ledger is not None:
            ledger.left_behind(url, why) if why else ledger.removed(url)
    return why
