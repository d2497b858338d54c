"""Pictures as bytes: what kind they are, and how they get to disk."""
import binascii
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, Optional, Union

#: First bytes of a file and the media type they tell.
_SIGNATURES = ((b'\xff\xd8\xff', 'image/jpeg'), (b'\x89PNG\r\n\x1a\n', 'image/png'),
               (b'GIF8', 'image/gif'), (b'BM', 'image/bmp'))


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
    """Decode Base64; None for nothing, or for what is none."""
    try:
        picture = binascii.a2b_base64(text or b'')
    except (TypeError, ValueError):
        return None
    # The decoder drops what is no Base64 in silence; line breaks alone may go that way.
    is_whole = (_fits(picture, text or b'')
                or _fits(picture, type(text)().join(text.split())))
    return picture if picture and is_whole else None


def _fits(picture: bytes, text: "Any") -> bool:
    digits = len(text.rstrip('=' if isinstance(text, str) else b'='))
    return digits % 4 != 1 and len(picture) == digits * 3 // 4


def save(picture: "Optional[bytes]", path_or_file: "Union[str, IO[bytes]]") -> None:
    """Write a picture to a path (by a rename, so never half) or to an open binary file."""
    if picture is None:
        raise ValueError('the answer holds no picture; look at its code and message')
    if hasattr(path_or_file, 'write'):
        stream = path_or_file  # type: Any
        stream.write(picture)
        return
    path = str(path_or_file)
    part = '{}.{}.part'.format(path, os.getpid())
    try:
        with open(part, 'wb') as file:
            file.write(picture)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.remove(part)
        raise
