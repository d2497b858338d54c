"""Photos of this computer get URLs: looked at, put where the service fetches them, removed after.

::

    with Uploaded(OssUploads('oss://bucket/prefix'), photos) as urls:
        ...             # photos: paths, open files and URLs; urls: in the same order
"""
import contextlib
import datetime
import importlib
import os
import re
import tempfile
import uuid

from six.moves.urllib.parse import unquote

from .client.log import log
from .util.files import path_of
from .util.kept import clean as cleaned
from .util.language import choose
from .util.photo_file import PhotoFileError, is_local, name_of, prepared
from .util.picture import media_type_of
from .util.redact import bare_urls
from .util.shared_file import LedgerError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional
    from .ledger import Ledger
    from .util.files import Path

#: Seconds that a URL is good for: far longer than a training (26 minutes in the guide's sample)
#: with its queue; and the most that OSS signs a URL for, seven days.
DEFAULT_LIFETIME, LONGEST_LIFETIME = 24 * 3600, 7 * 24 * 3600
_PLACE = re.compile(r'oss://([a-z0-9][a-z0-9-]{1,61}[a-z0-9])(?:/([^?#]*))?\Z')
#: Words in what OSS says to what to do, in English and Chinese; the first that fits.
_REMEDIES = (
    ('region|endpoint', "give the bucket's own region: region= or OSS_REGION, such as cn-hangzhou",
     '请填写存储空间所在地域：region= 或 OSS_REGION，例如 cn-hangzhou'),
    ('NoSuchBucket', 'create the bucket, or correct its name', '请创建该存储空间或更正其名称'),
    ('UserDisable', 'the account is locked: pay what is open', '账号已被停用，请检查是否欠费'),
    ('quota|capacity|exceed', 'make room in the bucket, or raise its quota',
     '请清理存储空间，或提高其容量配额'),
    ('Skewed', 'set the clock of this computer', '请校准本机时间'),
    ('403', 'look at OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET; the key needs oss:PutObject, '
     'PutObjectAcl, GetObject and DeleteObject', '请检查 OSS_ACCESS_KEY_ID 和 OSS_ACCESS_KEY_SECRET；'
     '该密钥需要 oss:PutObject、PutObjectAcl、GetObject、DeleteObject 权限'),
    ('', 'look at the network and at OSS_ENDPOINT, then run it again',
     '请检查网络和 OSS_ENDPOINT，然后重新运行'))


class UploadError(Exception):
    """A photo could not be put, or not be discarded; ``str()`` says why and what to do.

    :ivar url: what may have got there all the same; None if surely nothing has.
    """

    def __init__(self, message: str, url: "Optional[str]" = None) -> None:
        Exception.__init__(self, message, url)
        self.url = url

    def __str__(self) -> str:
        return str(self.args[0])


class Uploaded(object):
    """Photos for as long as they are needed: a ``with`` block, or :meth:`put` and :meth:`discard`.

    Each photo is looked at before the first byte leaves. What is sent has its pixels upright and
    its colour profile; everything else that a camera writes (place, time, device) is taken off.

    :param uploads: any object with ``put(path) -> url`` and ``discard(url)``; None if there are
        only URLs, which pass as they are.
    :param photos: of one person: URLs, paths and files that are open for reading bytes.
    :param keep: whether they stay there when the block ends.
    :param ledger: remembers what is there until it is discarded, see :func:`clean`.
    :param progress: whether to show a bar (tqdm, extra ``cli``).
    """

    def __init__(self, uploads: "Any", photos: "Iterable[Any]", keep: bool = False,
                 ledger: "Optional[Ledger]" = None, progress: bool = False) -> None:
        self._uploads, self._photos = uploads, list(photos)
        self._keep, self._ledger, self._progress = keep, ledger, progress
        self._there = []  # type: List[str]
        #: URLs, without their signature, of what could not be discarded.
        self.left = []  # type: List[str]

    def __enter__(self) -> "List[Any]":
        return self.put()

    def __exit__(self, *exc_info: "Any") -> None:
        self.discard()

    def put(self) -> "List[Any]":
        """Return a URL for each photo; after an error nothing stays there.

        :raises PhotoFileError: which photos the service would refuse, and why.
        :raises UploadError: from :class:`OssUploads`; other ``uploads`` raise what they like.
        :raises ValueError: ``uploads`` is None; :raises ImportError: Pillow is missing.
        """
        local = [place for place, photo in enumerate(self._photos)
                 if is_local(photo, self._uploads is not None)]
        urls = list(self._photos)
        if local and self._uploads is None:
            raise ValueError(choose(
                '{} is a file of this computer, and the service takes URLs: give PortraitStudio '
                "uploads=OssUploads('oss://bucket/prefix'), or --upload", '{} 是本机文件，而服务只'
                "接受 URL：请为 PortraitStudio 指定 uploads=OssUploads('oss://bucket/prefix')，"
                '或使用 --upload').format(name_of(urls[local[0]])))
        if local:
            with tempfile.TemporaryDirectory() as folder:
                paths = prepared([urls[place] for place in local], folder)
                for place, path in zip(local, _shown(paths, self._progress)):
                    urls[place] = self._put(path)
        return urls

    def _put(self, path: str) -> str:
        try:
            url = str(self._uploads.put(path))
            self._there.append(url)
            if self._ledger and not self._keep:
                self._ledger.left_behind(url)
            return url
        except BaseException as error:
            # Of half an upload nobody knows whether it is there.
            doubtful = getattr(error, 'url', None)
            self._there.extend([doubtful] if doubtful else [])
            self._keep = False
            self.discard()
            raise

    def discard(self) -> "List[str]":
        """Remove what was put, unless it is to be kept; return what could not be removed."""
        try:
            while self._there and not self._keep:
                why = _discard(self._uploads, self._there[0], self._ledger)
                self.left.extend([] if why is None else [bare_urls(self._there[0])])
                del self._there[0]
        finally:
            left = [] if self._keep else self.left + [bare_urls(url) for url in self._there]
            if left:
                log.warning('still uploaded; run "ai-portrait uploads --clean": %s',
                            ', '.join(left))
        return self.left


class OssUploads(object):
    """A bucket of Alibaba Cloud OSS: private objects under random names, with signed URLs.

    :param place: ``oss://bucket/prefix``.
    :param region: such as ``cn-hangzhou``; None for OSS_REGION.
    :param endpoint: None for OSS_ENDPOINT, else the public one of the region.
    :param credentials: a provider of ``alibabacloud_oss_v2.credentials``; None for
        OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN.
    :param lifetime: seconds that a URL is good for, to :data:`LONGEST_LIFETIME`; not longer than
        a session token.
    :raises ValueError: what is missing or wrong; :raises ImportError: the extra ``oss`` is.
    """

    def __init__(self, place: str, region: "Optional[str]" = None,
                 endpoint: "Optional[str]" = None, credentials: "Any" = None,
                 lifetime: int = DEFAULT_LIFETIME) -> None:
        self._oss = oss = _imported('alibabacloud_oss_v2', 'oss')
        found = _PLACE.match(place)
        if not found:
            raise ValueError(choose('`place` is {!r}; give oss://bucket/prefix',
                                    '`place` 为 {!r}；请填写 oss://bucket/prefix').format(place))
        if not 0 < lifetime <= LONGEST_LIFETIME:
            raise ValueError(choose('`lifetime` is {!r}; give 1 to {} seconds',
                                    '`lifetime` 为 {!r}；应为 1 到 {} 秒')
                             .format(lifetime, LONGEST_LIFETIME))
        self._bucket, self._prefix = found.group(1), ''.join(
            part + '/' for part in (found.group(2) or '').split('/') if part)
        self._lifetime = datetime.timedelta(seconds=lifetime)
        config = oss.config.load_default()
        config.region = _given('region', region, 'OSS_REGION')
        config.endpoint = endpoint or os.environ.get('OSS_ENDPOINT')
        if credentials is None:
            for name in ('OSS_ACCESS_KEY_ID', 'OSS_ACCESS_KEY_SECRET'):
                _given('credentials', None, name)
            credentials = oss.credentials.EnvironmentVariableCredentialsProvider()
        config.credentials_provider = credentials
        self._client = oss.Client(config)

    def put(self, path: "Path") -> str:
        """Send a file as it is; return the URL that it can be fetched from.

        :raises UploadError: its ``url`` says whether a part may have got there.
        """
        with open(path_of(path), 'rb') as stream:
            data = stream.read()
        name = uuid.uuid4().hex + os.path.splitext(os.fsdecode(path_of(path)))[1].lower()
        url = self._url(self._prefix + name)
        try:
            self._client.put_object(self._oss.PutObjectRequest(
                bucket=self._bucket, key=self._prefix + name, acl='private', body=data,
                content_type=media_type_of(data)))
        except self._oss.exceptions.BaseError as error:
            raise self._explained(error, url) from None
        except BaseException as error:
            error.url = url  # type: ignore[attr-defined]
            raise
        return url

    def discard(self, url: str) -> None:
        """Delete what a URL of :meth:`put` leads to; the signature need not be there any more.

        :raises UploadError: it may be there still; :raises ValueError: it is of somewhere else.
        """
        base, bare = self._url(self._prefix).partition('?')[0], url.partition('?')[0]
        if not bare.startswith(base) or bare == base:
            raise ValueError(choose('{} is not in {!r}', '{} 不在 {!r} 中').format(bare, self))
        key = self._prefix + unquote(bare[len(base):])
        try:
            self._client.delete_object(self._oss.DeleteObjectRequest(bucket=self._bucket, key=key))
        except self._oss.exceptions.BaseError as error:
            raise self._explained(error, url) from None

    def _url(self, key: str) -> str:
        request = self._oss.GetObjectRequest(bucket=self._bucket, key=key)
        return str(self._client.presign(request, expires=self._lifetime).url)

    def _explained(self, error: "Any", url: str) -> UploadError:
        cause = error.unwrap() if hasattr(error, 'unwrap') else error
        cause = cause.unwrap() if hasattr(cause, 'unwrap') else cause
        status = getattr(cause, 'status_code', None)
        said = cleaned('{0.code} ({0.status_code}): {0.message} [{0.request_id}]'.format(cause)
                       if status else cause)
        remedy = next(words[1:] for words in _REMEDIES
                      if re.search(words[0], str(said) if status else '', re.IGNORECASE))
        # Below 500 OSS has refused; else the object may be there.
        return UploadError(choose('{}: {}; {}', '{}：{}；{}').format(
            self, said, choose(*remedy)), url if not status or status >= 500 else None)

    def __repr__(self) -> str:
        return "OssUploads('oss://{}/{}')".format(self._bucket, self._prefix)


def clean(ledger: "Ledger", uploads: "Any", age: float = DEFAULT_LIFETIME) -> "List[str]":
    """Discard what the ledger knows to be there still; return the URLs of what stays.

    :param age: seconds; what was put longer ago than this goes too if nobody discarded it, since
        its program was killed. Its URL is not good any more.
    """
    return [url for url in ledger.uploads(age) if _discard(uploads, url, ledger) is not None]


def _discard(uploads: "Any", url: str, ledger: "Optional[Ledger]") -> "Optional[str]":
    """Return why it may be there still, None if it is gone; the ledger learns the same."""
    why = None
    try:
        uploads.discard(url)
    except Exception as error:
        why = str(cleaned(error))
        log.warning('%s cannot be discarded: %s', bare_urls(url), why)
    with contextlib.suppress(LedgerError):
        if ledger is not None:
            ledger.left_behind(url, why) if why else ledger.removed(url)
    return why


def _shown(paths: "List[str]", is_shown: bool) -> "Iterable[str]":
    return _imported('tqdm', 'cli').tqdm(
        paths, desc=choose('uploading', '上传'), unit='') if is_shown else paths


def _given(name: str, value: "Optional[str]", variable: str) -> str:
    found = value or os.environ.get(variable)
    if not found:
        raise ValueError(choose('`{}` is missing; set {}, or give the argument',
                                '缺少 `{}`；请设置 {}，或传入该参数').format(name, variable))
    return found


def _imported(module: str, extra: str) -> "Any":
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ImportError(choose('{0} is not installed: pip install "ai-service-python-sdk[{1}]"',
                                 '未安装 {0}：pip install "ai-service-python-sdk[{1}]"')
                          .format(module, extra))
