"""Files as ``cp`` could write them, whole or not at all; and the user's own folders."""
import binascii
import contextlib
import errno
import os
import stat

from .language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import IO, Any, Callable, Iterator, Optional, Union
    Path = Union[str, bytes, 'os.PathLike[str]']
    Place = Union[Path, IO[bytes]]

#: Bytes that are written to see whether a place takes any: more than a file of ids has.
PROBE_SIZE = 4096
#: Bytes of a file that are read to see what it holds.
LOOKED_AT = 65536
#: Bytes of a file's name that its part on the way keeps; file systems allow 143 to 255 in all.
KEPT_OF_NAME = 80
#: Failures of a new file or of a rename that say nothing about writing into the file itself:
#: it is mounted over, its folder is closed or sticky, its owner cannot be kept.
_ONLY_IN_PLACE = (errno.EBUSY, errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV)
#: What fsync answers where there is nothing to wait for.
_NOTHING_TO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
#: Kind of a user's folder to its variable and its place under the home folder.
_FOLDERS = {'data': ('XDG_DATA_HOME', os.path.join('.local', 'share')),
            'cache': ('XDG_CACHE_HOME', '.cache')}


def path_of(path: "Any") -> "Union[str, bytes]":
    """Return the text or bytes of a path, as ``os.fspath`` does, also on Python 3.4.

    :raises TypeError: it is something else, such as a number.
    :raises FileNotFoundError: it is empty; :raises ValueError: it holds a zero byte.
    """
    found = path
    if not isinstance(path, (str, bytes)):
        to_text = getattr(type(path), '__fspath__', None)
        if to_text is not None:
            found = to_text(path)
        elif type(path).__module__ == 'pathlib':  # before 3.6
            found = str(path)
    if not isinstance(found, (str, bytes)):
        raise TypeError('the path is {!r}; give a text, bytes, a pathlib.Path or an open file'
                        .format(path))
    if not found:
        raise FileNotFoundError(errno.ENOENT, 'the path is empty; give the name of a file', found)
    if (b'\0' if isinstance(found, bytes) else '\0') in found:  # type: ignore[operator]
        raise ValueError('the path {!r} holds a zero byte; give the name of a file'.format(found))
    return found


def write_whole(data: bytes, path_or_file: "Place") -> None:
    """Write to a path, whole or not at all, or to an open binary file.

    A symbolic link stays and its target is written; mode and owner stay. What cannot be replaced
    is written in place, as ``cp`` does: devices, FIFOs, files with several names (hard links),
    files that are mounted over or whose folder is closed.

    :param path_or_file: text, bytes, any path object, or an open binary file.
    :raises OSError: it names the path as given; an older file of that name is still there.
    """
    if hasattr(path_or_file, 'write'):
        stream = path_or_file  # type: Any
        _pour(data, stream)
        return
    path = path_of(path_or_file)
    with _naming(path):
        there = _writable(path)
        target = _replaceable(path, there)
        if target is None or not _replace(target, data, there):
            with open(path, 'wb') as stream:
                _pour_out(data, stream)


def check_place(path: "Path", may_replace: "Optional[Callable[[bytes], bool]]" = None) -> None:
    """Refuse a path that could not be written, before what goes there is paid for.

    It tries as :func:`write_whole` will write, with :data:`PROBE_SIZE` bytes, and leaves
    everything as it was. A disk that is full now is found; one that fills later is not.

    :param may_replace: asked with the first :data:`LOOKED_AT` bytes of a file that is there and
        not empty; false protects it. None: any file may be replaced.
    :raises FileExistsError: the file there holds something else, and is to stay.
    :raises OSError: a folder is in its place, or the folder for it is missing, closed or full.
    """
    path = path_of(path)
    with _naming(path):
        there = _writable(path)
        target = _replaceable(path, there)
        if target is not None:
            _replace(target, b'\0' * PROBE_SIZE, there, is_probe=True)
        if may_replace is None or there is None or not stat.S_ISREG(there.st_mode):
            return
        with open(path, 'rb') as stream:
            start = stream.read(LOOKED_AT)
        if start and not may_replace(start):
            raise FileExistsError(errno.EEXIST, choose(
                'the file holds something that would be lost; give another name, or let it be '
                'replaced (overwrite=True, --force)',
                '文件已有内容，写入会将其覆盖；请更换文件名，或允许覆盖（overwrite=True、--force）'), path)


def user_folder(kind: str) -> str:
    """Return the folder for this program's ``data`` or ``cache`` of this user; it may not exist.

    As the XDG base directory specification says: XDG_DATA_HOME or XDG_CACHE_HOME if it is an
    absolute path, else the usual place in the home folder.

    :raises ValueError: the user has no home folder.
    """
    variable, usual = _FOLDERS[kind]
    base = os.environ.get(variable) or ''
    if not os.path.isabs(base):
        base = os.path.join(in_home('~', variable), usual)
    return os.path.join(base, 'ai-portrait')


def in_home(path: str, variable: str = '') -> str:
    """Return a path with a leading ``~`` replaced; never one in a folder that is called ``~``.

    :raises ValueError: there is no such home folder; the message names HOME and ``variable``.
    """
    found = os.path.expanduser(path)
    if path.startswith('~') and not os.path.isabs(found):
        names = ' / '.join(name for name in ('HOME', variable) if name)
        raise ValueError(choose('this user has no home folder for {}; set {} to an absolute path',
                                '当前用户没有主目录，无法确定 {}；请将 {} 设为绝对路径')
                         .format(path, names))
    return found


@contextlib.contextmanager
def _naming(path: "Union[str, bytes]") -> "Iterator[None]":
    # The user knows the file by its own name. A new error, for one whose second name was set
    # to None prints " -> None".
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, path) from None


def _pour(data: bytes, stream: "IO[bytes]") -> None:
    written = stream.write(data)
    # An unbuffered file takes a part, and says so.
    while isinstance(written, int) and 0 < written < len(data):
        data = data[written:]
        written = stream.write(data)


def _writable(path: "Union[str, bytes]") -> "Optional[os.stat_result]":
    """Return what is known of the file there, None if there is none."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        if os.path.basename(path):
            return None
        raise
    if stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISSOCK(there.st_mode):
        raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return there


def _replaceable(path: "Union[str, bytes]",
                 there: "Optional[os.stat_result]") -> "Optional[Union[str, bytes]]":
    """Return the name that a rename may replace, None if the file is to be written in place."""
    target = os.path.realpath(path) if os.path.islink(path) else path
    if there is None:
        return target
    if not stat.S_ISREG(there.st_mode) or there.st_nlink != 1:
        return None
    # A link of /proc may name a file that its text does not lead to.
    return target if os.path.exists(target) and os.path.samefile(target, path) else None


def _replace(target: "Union[str, bytes]", data: bytes, there: "Optional[os.stat_result]",
             is_probe: bool = False) -> bool:
    """Write beside and rename; False if the file can only be written in place."""
    part = _beside(target)
    try:
        with _new_file(part, there) as stream:
            _pour_out(data, stream)
        if not is_probe:
            os.replace(part, target)
    except OSError as error:
        if there is None or error.errno not in _ONLY_IN_PLACE:
            raise
        return False
    finally:
        with contextlib.suppress(OSError):
            os.remove(part)
    return True


def _beside(target: "Union[str, bytes]") -> str:
    folder, name = os.path.split(os.fsdecode(target))
    while len(os.fsencode(name)) > KEPT_OF_NAME:
        name = name[:-1]
    own = binascii.hexlify(os.urandom(6)).decode('ascii')
    return os.path.join(folder, '{}.{}.part'.format(name, own))


def _new_file(part: str, there: "Optional[os.stat_result]") -> "IO[bytes]":
    """Open a new file with the mode and owner of the one that it will replace."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, 'O_BINARY', 0)
    # Nobody may read in the meantime what was closed to them.
    stream = os.fdopen(os.open(part, flags, 0o666 if there is None else 0o600), 'wb')
    try:
        if there is not None and hasattr(os, 'fchown'):
            made = os.fstat(stream.fileno())
            if (made.st_uid, made.st_gid) != (there.st_uid, there.st_gid):
                os.fchown(stream.fileno(), there.st_uid, there.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(there.st_mode))
    except BaseException:
        stream.close()
        raise
    return stream


def _pour_out(data: bytes, stream: "IO[bytes]") -> None:
    """Write, and wait until the disk has it, where there is one."""
    _pour(data, stream)
    stream.flush()
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in _NOTHING_TO_SYNC:
            raise
