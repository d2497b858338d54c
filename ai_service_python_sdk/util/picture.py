"""Pictures as bytes: what kind they are, and how large."""
import binascii
import struct

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

#: First bytes of a file and the media type they tell.
_SIGNATURES = ((b'\xff\xd8\xff', 'image/jpeg'), (b'\x89PNG\r\n\x1a\n', 'image/png'),
               (b'GIF8', 'image/gif'), (b'BM', 'image/bmp'))

#: Markers of a JPEG in the range of those that begin a frame, which stand for something else.
_NO_FRAMES = (0xc4, 0xc8, 0xcc)


class Pictured(object):
    """Something that holds a picture file: shown by notebooks, saved whole or not at all."""

    @property
    def image_bytes(self) -> "Optional[bytes]":
        """The picture file, None without one."""
        raise NotImplementedError

    @property
    def media_type(self) -> "Optional[str]":
        """``image/jpeg``, ``image/png``, … by the picture's first bytes."""
        return media_type_of(self.image_bytes)

    def _repr_jpeg_(self) -> "Optional[bytes]":
        return self.image_bytes if self.media_type == 'image/jpeg' else None

    def _repr_png_(self) -> "Optional[bytes]":
        return self.image_bytes if self.media_type == 'image/png' else None


def media_type_of(picture: "Optional[bytes]") -> "Optional[str]":
    """Tell the media type of a picture by its first bytes, None if unknown."""
    if picture and picture[:4] == b'RIFF' and picture[8:12] == b'WEBP':
        return 'image/webp'
    for start, media_type in _SIGNATURES:
        if picture and picture.startswith(start):
            return media_type
    return None


def decoded(text: "Any") -> "Optional[bytes]":
    """Decode Base64; None for an empty or a broken text."""
    try:
        picture = binascii.a2b_base64(text or b'')
    except (TypeError, ValueError):
        return None
    # The decoder drops foreign characters in silence; only line breaks may go that way.
    is_whole = (_fits(picture, text or b'')
                or _fits(picture, type(text)().join(text.split())))
    return picture if picture and is_whole else None


def _fits(picture: bytes, text: "Any") -> bool:
    # Only the end is looked at: a copy of the whole would be as large as the picture.
    end = text[-4:]
    digits = len(text) - len(end) + len(end.rstrip('=' if isinstance(text, str) else b'='))
    return digits % 4 != 1 and len(picture) == digits * 3 // 4


def size_of(picture: bytes) -> "Optional[Tuple[int, int]]":
    """Return (width, height) in pixels of a JPEG or PNG; None if it is neither or is cut."""
    try:
        if media_type_of(picture) == 'image/png':
            width, height = struct.unpack('>II', picture[16:24])
            return width, height
        return _size_of_jpeg(picture) if media_type_of(picture) == 'image/jpeg' else None
    except (IndexError, struct.error):
        return None


def _size_of_jpeg(picture: bytes) -> "Optional[Tuple[int, int]]":
    place = 2
    while picture[place] == 0xff:
        marker = picture[place + 1]
        if marker == 0xff:  # a fill byte
            place += 1
        elif 0xc0 <= marker <= 0xcf and marker not in _NO_FRAMES:
            height, width = struct.unpack('>HH', picture[place + 5:place + 9])
            return width, height
        else:
            place += 2 + int(struct.unpack('>H', picture[place + 2:place + 4])[0])
    return None
