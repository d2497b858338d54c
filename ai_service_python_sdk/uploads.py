"""Where photos of this computer are put, so that the service can fetch them: a bucket of OSS.

::

    PortraitStudio(client, uploads=OssUploads('oss://bucket/prefix')).portrait(paths, template)
"""
import contextlib
import datetime
import os
import re
import uuid

from .uploaded import DEFAULT_LIFETIME, Uploaded, clean
from .util.extras import imported
from .util.files import path_of
from .util.kept import clean as cleaned
from .util.language import choose
from .util.picture import media_type_of
from .util.redact import bare_urls

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterator, Optional
    from .util.files import Path

__all__ = ['DEFAULT_LIFETIME', 'OssUploads', 'UploadError', 'Uploaded', 'clean']

#: The most seconds that OSS signs a URL for: seven days.
LONGEST_LIFETIME = 7 * 24 * 3600
_PLACE = re.compile(r'oss://([a-z0-9][a-z0-9-]{1,61}[a-z0-9])(?:/([^?#]*))?\Z')
#: Words in what OSS says to what to do, in English and Chinese; the first that fits.
_REMEDIES = (
    ('region|endpoint', 'set OSS_REGION to the region of the bucket', '请将 OSS_REGION 设为存储空间所在地域'),
    ('NoSuchBucket', 'create the bucket, or correct its name', '请创建该存储空间或更正其名称'),
    ('UserDisable', 'the account is locked: pay what is open', '账号已被停用，请检查是否欠费'),
    ('quota|capacity|exceed', 'make room in the bucket, or raise its quota', '请清理存储空间或提高其额度'),
    ('Skewed', 'set the clock of this computer', '请校准本机时间'),
    ('403', 'look at OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET; the key needs oss:PutObject, '
     'PutObjectAcl, GetObject and DeleteObject', '请检查 OSS_ACCESS_KEY_ID 和 OSS_ACCESS_KEY_SECRET；'
     '该密钥需要 oss:PutObject、PutObjectAcl、GetObject、DeleteObject 权限'),
    ('', 'look at the network and OSS_ENDPOINT, then run it again', '请检查网络和 OSS_ENDPOINT 后重试'))


class UploadError(Exception):
    """A photo could not be put, or not be discarded; ``str()`` says why and what to do.

    :ivar uploaded_url: what may be there all the same; None if surely nothing is.
    """

    def __init__(self, message: str, uploaded_url: "Optional[str]" = None) -> None:
        Exception.__init__(self, message, uploaded_url)
        self.uploaded_url = uploaded_url

    def __str__(self) -> str:
        return str(self.args[0])


class OssUploads(object):
    """A bucket of Alibaba Cloud OSS: private objects under random names, with signed URLs.

    :param region, endpoint: None for OSS_REGION and OSS_ENDPOINT, or the region's public one.
    :param credentials: a provider of ``alibabacloud_oss_v2.credentials``; None for
        OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN.
    :param lifetime: seconds that a URL is good for; a session token may end it sooner.
    :raises ValueError: what is wrong or missing; :raises ImportError: the extra ``oss``.
    """

    def __init__(self, place: str, region: "Optional[str]" = None,
                 endpoint: "Optional[str]" = None, credentials: "Any" = None,
                 lifetime: int = DEFAULT_LIFETIME) -> None:
        self._oss = oss = imported('alibabacloud_oss_v2', 'oss')
        found = _PLACE.match(place)
        if not found or not 0 < lifetime <= LONGEST_LIFETIME:
            raise ValueError(choose(
                '`place` is {!r}, `lifetime` {!r}; give oss://bucket/prefix and 1 to {} seconds',
                '`place` 为 {!r}，`lifetime` 为 {!r}；应为 oss://bucket/prefix 和 1 到 {} 秒').format(
                    place, lifetime, LONGEST_LIFETIME))
        self._bucket, self._prefix = found.group(1), ''.join(
            part + '/' for part in (found.group(2) or '').split('/') if part)
        self._lifetime = datetime.timedelta(seconds=lifetime)
        config = oss.config.load_default()
        config.region = region or _set('OSS_REGION', '`region`')
        config.endpoint = endpoint or os.environ.get('OSS_ENDPOINT')
        config.credentials_provider = credentials or oss.credentials.StaticCredentialsProvider(
            _set('OSS_ACCESS_KEY_ID', '`credentials`'),
            _set('OSS_ACCESS_KEY_SECRET', '`credentials`'), os.environ.get('OSS_SESSION_TOKEN'))
        self._client = oss.Client(config)

    def put(self, path: "Path") -> str:
        """Send a file as it is; return the URL that it can be fetched from.

        :raises UploadError: it is not there, or its ``uploaded_url`` says where it may be.
        """
        name = os.fsdecode(path_of(path))
        with open(name, 'rb') as stream:
            data = stream.read()
        key = self._prefix + uuid.uuid4().hex + os.path.splitext(name)[1].lower()
        url = self._url(key)
        with self._explained(url):
            self._client.put_object(self._oss.PutObjectRequest(
                bucket=self._bucket, key=key, acl='private', body=data,
                content_type=media_type_of(data)))
            return url

    def discard(self, url: str) -> None:
        """Delete what a URL of :meth:`put` leads to; the signature need not be there any more.

        :raises UploadError: it may be there still; :raises ValueError: it is of somewhere else.
        """
        base, _, name = url.partition('?')[0].rpartition('/')
        if not name or base + '/-' != self._url(self._prefix + '-').partition('?')[0]:
            raise ValueError(choose('{} is not in {}', '{} 不在 {} 中').format(bare_urls(url), self))
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
            cause = error  # type: Any
            while hasattr(cause, 'unwrap'):
                cause = cause.unwrap()
            status = getattr(cause, 'status_code', 0)
            said = '{0.code} ({0.status_code}): {0.message} [{0.request_id}]'.format(
                cause) if status else cause
            remedy = next(words[1:] for words in _REMEDIES
                          if re.search(words[0], str(said) if status else '', re.IGNORECASE))
            # What OSS has refused is not there; after anything else it may be.
            raise UploadError(choose('{}: {}; {}', '{}：{}；{}').format(
                self, cleaned(said), choose(*remedy)),
                None if 400 <= status < 500 else url) from None
        except BaseException as error:
            error.uploaded_url = url  # type: ignore[attr-defined]
            raise

    def __repr__(self) -> str:
        return "OssUploads('oss://{}/{}')".format(self._bucket, self._prefix)


def _set(variable: str, argument: str) -> str:
    if not os.environ.get(variable):
        raise ValueError(choose('{1} is missing; give it, or set {0}', '缺少 {1}；请传入该参数或设置 {0}')
                         .format(variable, argument))
    return os.environ[variable]
