"""Files that are written whole or not at all."""
import errno
import os
import threading

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import IO, Any, Union
    Path = Union[str, 'os.PathLike[str]']
    Place = Union[Path, IO[bytes]]


def write_whole(data: bytes, path_or_file: "Place") -> None:
    """Write to a path, by a rename, so that no half file is ever seen; or to an open binary file.

    :raises OSError: the folder is missing or full; an older file of that name is still there.
    """
    if hasattr(path_or_file, 'write'):
        stream = path_or_file  # type: Any
        stream.write(data)
        return
    path = str(path_or_file)
    part = '{}.{}.{}.part'.format(path, os.getpid(), threading.current_thread().ident)
    try:
        with open(part, 'wb') as file:
            file.write(data)
        os.replace(part, path)
    except BaseException as error:
        if os.path.exists(part):
            os.remove(part)
        if isinstance(error, OSError):
            # The user knows the file by its own name.
            error.filename, error.filename2 = path, None
        raise


def check_place(path: "Path") -> None:
    """Refuse a path that could not be written, before what goes there is paid for.

    :raises OSError: a folder is in its place, or the folder for it is missing or closed.
    """
    if os.path.isdir(str(path)):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    probe = '{}.{}.probe'.format(path, os.getpid())
    write_whole(b'', probe)
    os.remove(probe)
