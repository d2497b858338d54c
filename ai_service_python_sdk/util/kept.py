"""What is kept of photos, texts and parameters: enough to know them again, nothing secret."""
import contextlib
import datetime
import hashlib
import json
import os
import re
import unicodedata

from .files import path_of
from .redact import bare_urls, without_secrets

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple

#: Characters of a name or message that are kept; a picture as text is longer.
LONGEST_TEXT = 2000
_TIME = '%Y-%m-%dT%H:%M:%S.%f'
#: Parameters of a URL that are made anew with every signature; others of these families, such as
#: x-oss-process, may say which picture it is.
_SIGNATURE = re.compile(
    r'(?i)(x-(oss|cos|amz|goog|tos|obs|bce)-(algorithm|credential|date|expires'
    r'|(additional-|signed-?)headers|signed-?queries|signature(-version)?|security-token'
    r'|s3session-token|policy'
    r'|content-sha256|checksum-mode|user-agent|request-?payer|traffic-limit'
    r'|ac-(source-ip|subnet-mask|vpc-id|forward-allow))'
    r'|q-(sign-algorithm|ak|sign-time|key-time|header-list|url-param-list|signature)'
    r'|(oss|aws)?accesskeyid|googleaccessid|key-pair-id|(x-)?expires|_upt|auth_key)=')
#: Names that sign only together, as those of Azure, Qiniu and CloudFront; alone each may say which
#: picture it is. What a signed URL looks like, and which parts of its query go.
_TOGETHER = [(re.compile(query), re.compile(names)) for query, names in (
    (r'(?i)(?=.*\b((x-)?expires|(oss|aws)?accesskeyid|googleaccessid|key-pair-id)=)',
     r'(?i)((x-)?signature|security-token)='),
    (r'(?i)(?=.*\bauthorization=bce-auth-v)', r'(?i)authorization='),
    (r'(?=.*\bsig=)(?=.*\bse=\d{4}-)', r'(s[eprtv]|sig|spr|scid|sk(oid|tid|t|e|s|v))='),
    (r'(?=.*\btoken=[^&]+(:|%3A))(?=.*\be=\d{10})', r'(e|token)='),
    (r'(?=.*\bKey-Pair-Id=)', r'Policy='),
    (r'(?=.*\bsign=[0-9a-f]{32})(?=.*\bt=[0-9a-f]{8,10}(&|$))', r'(sign|t)='))]


class PhotoUrl(str):
    """The URL of a photo that was given as a file; ``photo`` is :func:`photo_of` that file."""

    photo = ('', '')  # type: Tuple[str, str]

    def __reduce__(self) -> "Any":
        return str, (str(self),)  # the file is one of this computer


def text_of(value: "Any") -> "Optional[str]":
    """Return a value as text, None as None: the same however a name's accents are written, and
    in whatever locale it was typed."""
    return value if value is None else unicodedata.normalize('NFC', _typed(str(value)))


def _typed(text: str) -> str:
    """Return a text as a terminal sends it, which is UTF-8, also where the locale says ASCII;
    the half characters of odd file names become escapes."""
    with contextlib.suppress(UnicodeError):
        return text.encode('utf-8', 'surrogateescape').decode('utf-8')
    return text.encode('utf-8', 'backslashreplace').decode()


def clean(value: "Any") -> "Optional[str]":
    """Return a message without signatures, and with its URLs cut to host and path."""
    return text_of(value if value is None else without_secrets(str(value))[:LONGEST_TEXT])


def plain(value: "Any") -> "Any":
    """Return a value as JSON takes it, with its texts cleaned."""
    if isinstance(value, dict):
        return dict((str(name), plain(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if isinstance(value, (int, float)) else clean(value)


def lasting(url: str) -> str:
    """Return a URL without its signature; what is left tells which picture it is."""
    base, _, query = url.partition('?')
    parts = [part for part in query.split('&') if not _SIGNATURE.match(part)]
    for looks_so, names in _TOGETHER:
        if query and looks_so.match(url):
            parts = [part for part in parts if not names.match(part)]
    return '?'.join(filter(None, (base, '&'.join(parts))))


def photo_of(photo: "Any", content: "Optional[str]" = None) -> "Tuple[str, str]":
    """Return what a photo is called, and a SHA-256: of the URL without its signature, or of
    a file's content.

    :param content: path of the content of an open file, which may not be read again.
    """
    if isinstance(photo, PhotoUrl):
        return photo.photo
    if hasattr(photo, 'read'):
        name = str(getattr(photo, 'name', type(photo).__name__))
        return name, photo_of(content)[1] if content else ''
    with contextlib.suppress(TypeError, ValueError, OSError):
        photo = path_of(photo)
    text = os.fsdecode(photo) if isinstance(photo, bytes) else str(photo)
    name, data = text, _typed(lasting(text)).encode('utf-8')
    if '://' in text:
        # The query may hold blanks and quotes, where a URL inside a text would end.
        name = bare_urls(text.partition('?')[0].partition('#')[0])
    if text[:5].lower() == 'data:' or len(name) > LONGEST_TEXT:
        # A picture as text is not kept.
        name = text[:10] + '...'
    elif '://' not in text:
        with contextlib.suppress(ValueError, OSError):
            name = os.path.abspath(text)
            data = content_of(text) or data
    return str(text_of(name)), hashlib.sha256(data).hexdigest()


def mark_of(photos: "Sequence[Sequence[str]]") -> "Optional[str]":
    """Return what a set of photos is known by, in any order; None for none.

    A new signature of a known kind makes no new photo; any other difference of a URL does: better
    paid for twice than the face of somebody else.
    """
    marks = sorted(set(digest or name for name, digest in photos))
    return hashlib.sha256(json.dumps(marks).encode('ascii')).hexdigest() if marks else None


def photos_of(photos: "Any") -> "List[Tuple[str, str]]":
    """Return :func:`photo_of` each photo; a single one stands for a list of it."""
    return [photo_of(photo) for photo in listed(photos)]


def listed(values: "Any") -> "List[Any]":
    """Return values as a list; a text or path stands for a list of it."""
    is_one = isinstance(values, (str, bytes)) or hasattr(type(values), '__fspath__')
    return [values] if is_one else list(values or ())


def person_of(name: "Any") -> "Optional[str]":
    """Return the name of a person as it is kept; None for none, or only blanks."""
    return (text_of(name) or '').strip() or None


def content_of(path: "Any") -> "Optional[bytes]":
    """Return the content of a regular file, None for anything else, such as a pipe."""
    # Before Python 3.8 a path that the locale cannot write is a ValueError.
    with contextlib.suppress(OSError, ValueError):
        if path is not None and os.path.isfile(path_of(path)):
            with open(path_of(path), 'rb') as stream:
                return stream.read()
    return None


def picture_of(path: "Any", content: "Optional[bytes]" = None) -> "Optional[str]":
    """Return the SHA-256 of a content, or of a regular file; None for anything else."""
    content = content_of(path) if content is None else content
    return None if content is None else hashlib.sha256(content).hexdigest()


def place_of(path: "Any") -> "Optional[str]":
    """Return a path as text, from the root on and without links; None as None."""
    return path if path is None else _typed(os.path.realpath(os.fsdecode(path_of(path))))


def kind_of(operation: str) -> str:
    """Return ``train`` or ``create`` for an operation with it in its name, else the name."""
    return next((kind for kind in ('train', 'create') if kind in operation), operation)


def moment(seconds: float = 0) -> str:
    """Return the time a number of seconds from now, as ISO text in UTC."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime(_TIME + '+00:00')


def seconds_since(text: str) -> float:
    """Return the seconds from a :func:`moment` to now, by this computer's clock."""
    now, then = (datetime.datetime.strptime(each[:-6], _TIME) for each in (moment(), text))
    return (now - then).total_seconds()
