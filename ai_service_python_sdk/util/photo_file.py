"""Photos of this computer, looked at and made ready to be sent: upright, and telling nothing."""
import contextlib
import hashlib
import importlib
import io
import os
import re
import threading
import uuid

from .extras import imported
from .files import path_of
from .language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple

#: Pixels that both sides must be larger than, by the guide.
LEAST_SIDE = 512
#: Bytes and pixels of a photo at most. The service documents none; these are this package's.
MOST_BYTES, MOST_PIXELS = 20 * 1024 * 1024, 50 * 1000 * 1000
#: JPEG quality (1 to 95) of what has to be turned or converted; another JPEG keeps its own.
QUALITY = 95
#: EXIF's tag for which side is up, and its value where that is the first row.
_ORIENTATION, _UPRIGHT = 0x0112, 1
_HEIC = re.compile(b'.{4}ftyp(?:heic|heix|hevc|mif1|msf1)', re.DOTALL)
#: Locks for open files at most; prime, since ids are multiples of 16. Two files that share one are
#: read one after the other.
MOST_LOCKS = 1021
#: Under these open files are read, by process and by a remainder of the file's id.
_locks = {}  # type: Dict[Tuple[int, int], Any]


class PhotoFileError(ValueError):
    """Photos of this computer that the service would refuse; nothing was sent.

    :ivar problems: all of them, each as (name, what is wrong and what to do).
    """

    def __init__(self, problems: "Sequence[Tuple[str, str]]") -> None:
        ValueError.__init__(self, problems)
        self.problems = list(problems)  # type: List[Tuple[str, str]]

    def __str__(self) -> str:
        return '\n'.join('{}: {}'.format(*problem) for problem in self.problems)


class _Unfit(Exception):
    """What is wrong with one photo: an English message and its values."""


def is_local(photo: "Any") -> bool:
    """Whether a photo is a path or an open file; a text is, unless it is a URL."""
    if isinstance(photo, str):
        return '://' not in photo and photo[:5].lower() != 'data:'
    return (isinstance(photo, bytes) or type(photo).__module__ == 'pathlib'
            or any(hasattr(photo, name) for name in ('read', '__fspath__')))


def name_of(photo: "Any") -> str:
    """Return what a path or an open file is called."""
    return str(getattr(photo, 'name', photo) if hasattr(photo, 'read') else photo)


def prepared(photos: "Sequence[Any]", folder: str) -> "List[str]":
    """Write what may be sent of each photo into a folder, under random names; return the paths.

    Pixels and colour profile stay. All else is taken off: EXIF with place, time and device, XMP,
    IPTC, comments, previews, second pictures. JPEG and PNG stay what they are; another format
    that Pillow reads (WebP; HEIC with pillow-heif) becomes JPEG.

    :raises PhotoFileError: all that is wrong with all of them; :raises ImportError: no Pillow.
    """
    paths = []  # type: List[str]
    problems = []  # type: List[Tuple[str, str]]
    seen = {}  # type: Dict[str, str]
    for photo in photos:
        try:
            suffix, data, mark = _looked_at(_read(photo))
            if mark in seen:
                raise _Unfit('the same photo as {}; leave one out', seen[mark])
            seen[mark] = name_of(photo)
            paths.append(os.path.join(folder, uuid.uuid4().hex + suffix))
            with open(paths[-1], 'wb') as stream:
                stream.write(data)
        except _Unfit as unfit:
            problems.append((name_of(photo), translate(*unfit.args)))
    if problems:
        raise PhotoFileError(problems)
    return paths


def _read(photo: "Any") -> bytes:
    try:
        if hasattr(photo, 'read'):
            # One thread at a time: the tasks of a series may share the file.
            with _locks.setdefault((os.getpid(), id(photo) % MOST_LOCKS), threading.RLock()):
                place = photo.tell() if hasattr(photo, 'seekable') and photo.seekable() else None
                data = photo.read()
                if place is not None:
                    photo.seek(place)  # a check may be followed by a training
        else:
            with open(path_of(photo), 'rb') as stream:
                data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _Unfit('{}; give the path of a photo', getattr(error, 'strerror', None) or error)
    if not isinstance(data, bytes):
        raise _Unfit("opened as text; open it with 'rb'")
    if not 0 < len(data) <= MOST_BYTES:
        raise _Unfit('{} bytes; must be 1 to {}: take another photo, or save it smaller',
                     len(data), MOST_BYTES)
    return data


def _looked_at(data: bytes) -> "Tuple[str, bytes, str]":
    """Return the suffix and bytes of the file to send, and what its pixels are known by."""
    image, operations = imported('PIL.Image', 'images'), imported('PIL.ImageOps', 'images')
    with contextlib.suppress(ImportError):
        importlib.import_module('pillow_heif').register_heif_opener()
    try:
        picture = image.open(io.BytesIO(data))
        _check_size(*picture.size)
        if picture.mode[0] in 'IF':  # Pillow would cut what is brighter than 8 bits hold
            raise _Unfit('{} has more than 8 bits for a grey pixel; save it as JPEG',
                         picture.format)
        kind = 'PNG' if picture.format == 'PNG' else 'JPEG'
        options = {'format': kind}  # type: Dict[str, Any]
        upright = operations.exif_transpose(picture).convert('RGB')
        mark = hashlib.sha256(repr(upright.size).encode('ascii') + upright.tobytes()).hexdigest()
        if picture.mode == 'RGB':
            options['icc_profile'] = picture.info.get('icc_profile')
        if kind == 'JPEG':
            is_as_taken = (picture.format == 'JPEG' and picture.mode == 'RGB'
                           and picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT)
            upright = picture if is_as_taken else upright
            options['quality'] = 'keep' if is_as_taken else QUALITY
        # Pillow writes what it finds there: comments, EXIF, XMP.
        upright.info = {}
        stream = io.BytesIO()
        upright.save(stream, **options)
        return {'PNG': '.png', 'JPEG': '.jpg'}[kind], stream.getvalue(), mark
    except _Unfit:
        raise
    except Exception as error:
        # Pillow raises whatever a broken file leads to: OSError, SyntaxError, struct.error, …
        if _HEIC.match(data):
            raise _Unfit('a HEIC photo; pip install pillow-heif, or save it as JPEG')
        raise _Unfit('cannot be read as a picture ({}); save it anew as JPEG or PNG',
                     type(error).__name__)


def _check_size(width: int, height: int) -> None:
    if min(width, height) <= LEAST_SIDE:
        raise _Unfit('{} x {} pixels; both sides must be larger than {}: take another photo',
                     width, height, LEAST_SIDE)
    if width * height > MOST_PIXELS:
        raise _Unfit('{} x {} pixels; must be {} at most: save it smaller',
                     width, height, MOST_PIXELS)
