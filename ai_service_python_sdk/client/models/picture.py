"""Pictures as bytes: what kind they are, and how they get to disk."""
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, Optional, Union

#: First bytes of a file and the media type they tell.
_SIGNATURES = ((b'\xff\xd8\xff', 'image/jpeg'), (b'\x89PNG\r\n\x1a\n', 'image/png'),
               (b'GIF8', 'image/gif'), (b'BM', 'image/bmp'))


def media_type_of(picture: "Optional[bytes]") -> "Optional[str]":
    """Tell the media type of a picture by its first bytes, None if unknown."""
    if picture and picture[:4] == b'RIFF' and picture[8:12] == b'WEBP':
        return 'image/webp'
    for start, media_type in _SIGNATURES:
        if picture and picture.startswith(start):
            return media_type
    return None


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
