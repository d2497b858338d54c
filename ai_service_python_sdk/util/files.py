"""Files as ``cp`` could write them, whole or not at all; and the user's own folders."""
import binascii
import contextlib
import errno
import itertools
import os
import stat
from functools import partial

from .language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import IO, Any, Callable, Iterator, Optional, Tuple, Union
    Path = Union[str, bytes, 'os.PathLike[str]']
    Place = Union[Path, IO[bytes]]

#: Bytes that are written to see whether a place takes any: more than a file of ids has.
PROBE_SIZE = 4096
#: Bytes of a file that are read to see what it holds.
LOOKED_AT = 65536
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
    to_text = getattr(type(path), '__fspath__', None) or (
        str if type(path).__module__ == 'pathlib' else None)  # before 3.6
    found = to_text(path) if to_text else path
    if not isinstance(found, (str, bytes)):
        raise TypeError(translate('the path is {!r}; give a text, bytes, a pathlib.Path or an '
                                  'open file', path))
    if not found:
        raise FileNotFoundError(errno.ENOENT, translate(
            'the path is empty; give the name of a file'), found)
    if b'\0' in os.fsencode(found):
        raise ValueError(translate('the path {!r} holds a zero byte; give the name of a file',
                                   found))
    return found


def write_whole(data: bytes, path_or_file: "Place", replaces: bool = True) -> None:
    """Write to a path, whole or not at all, or to an open binary file.

    A symbolic link stays and its target is written; mode and owner stay. What cannot be replaced
    is written in place, as ``cp`` does: devices, FIFOs, files with several names (hard links),
    files that are mounted over or whose folder is closed.

    :param replaces: False protects a file that is there and not empty, also one that comes now.
    :raises FileExistsError: there is one.
    :raises OSError: it names the path as given; an older file of that name is still there.
    """
    if hasattr(path_or_file, 'write'):
        stream = path_or_file  # type: Any
        while data:
            written = stream.write(data)
            # An unbuffered file takes a part, and says so.
            data = data[written:] if isinstance(written, int) and written else b''
        return
    path = path_of(path_or_file)
    with _naming(path):
        target, there = _looked_up(path)
        if not replaces and there is not None and stat.S_ISREG(there.st_mode) and there.st_size:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        rename = _rename_anew if there is None and not replaces else os.replace
        if target is None or not _replace(target, data, there, rename):
            with open(path, 'wb') as stream:
                _pour_out(data, stream)


def check_place(path: "Path", may_replace: "Optional[Callable[[bytes], bool]]" = None) -> None:
    """Refuse a path that could not be written, before what goes there is paid for.

    It tries as :func:`write_whole` will write, and leaves everything as it was.

    :param may_replace: asked with the first :data:`LOOKED_AT` bytes of a file that is there and
        not empty; false protects it. None: any file may be replaced.
    :raises FileExistsError: the file there holds something else, and is to stay.
    :raises OSError: a folder is in its place, or the folder for it is missing, closed or full.
    """
    path = path_of(path)
    with _naming(path):
        target, there = _looked_up(path)
        if target is not None:
            _replace(target, b'\0' * PROBE_SIZE, there, lambda part, target: None)
        if may_replace is None or there is None or not stat.S_ISREG(there.st_mode):
            return
        with open(path, 'rb') as stream:
            start = stream.read(LOOKED_AT)
        if start and not may_replace(start):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def free_name(path: str) -> str:
    """Return a path that nothing has: it, or it with the first number that is free."""
    base, suffix = os.path.splitext(path)
    names = itertools.chain([path], ('{}-{}{}'.format(base, number, suffix)
                                     for number in itertools.count(2)))
    return next(name for name in names if not os.path.lexists(name))


def keep_elsewhere(picture: bytes) -> "Optional[str]":
    """Write a picture that is paid for where there is room; return where, None for nowhere."""
    # Not with the package: an import of the client would load it too.
    import tempfile
    for find in (partial(user_folder, 'data'), tempfile.gettempdir):
        with contextlib.suppress(OSError, ValueError):
            os.makedirs(find(), 0o700, exist_ok=True)
            with tempfile.NamedTemporaryFile(prefix='portrait-', suffix='.jpg', dir=find(),
                                             delete=False) as stream:
                stream.write(picture)
            return stream.name
    return None


@contextlib.contextmanager
def scratch_folder(tell: "Callable[[str], Any]") -> "Iterator[str]":
    """Give a new folder, removed at the end of the block; ``tell`` hears if that fails."""
    import tempfile
    folder = tempfile.TemporaryDirectory()
    try:
        yield folder.name
    finally:
        try:
            folder.cleanup()
        except OSError as error:  # on Windows whoever looks at a file keeps it there
            tell(translate('{} cannot be removed: {}', folder.name, error))


def user_folder(kind: str) -> str:
    """Return the folder for this user's ``data`` or ``cache``, by the XDG specification.

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
        raise ValueError(translate('this user has no home folder for {}; set {} to an absolute '
                                   'path', path, names))
    return found


@contextlib.contextmanager
def _naming(path: "Union[str, bytes]") -> "Iterator[None]":
    """Raise errors of the block anew with the path as given: a rename names files beside it."""
    try:
        yield
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, translate(
            'the file holds something that would be lost; give another name, or let it be '
            'replaced (overwrite=True, --force)'), path) from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def _looked_up(path: "Any") -> "Tuple[Any, Optional[os.stat_result]]":
    """Return the name that a rename may replace, None for a file to be written in place; its stat.

    :raises OSError: there is a folder, or this user may not write the file.
    """
    target = os.path.realpath(path)
    try:
        there = os.stat(path)
    except FileNotFoundError:
        if not os.path.basename(path):
            raise
        return target, None
    if stat.S_ISDIR(there.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    # A link of /proc may name a file that its text does not lead to.
    is_its_own = (stat.S_ISREG(there.st_mode) and there.st_nlink == 1
                  and os.path.exists(target) and os.path.samefile(target, path))
    return target if is_its_own else None, there


def _rename_anew(part: str, target: "Any") -> None:
    """Give a file a name that nothing has."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except (OSError, AttributeError):  # a file system, or a system, without hard links
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))
        os.replace(part, target)


def _replace(target: "Any", data: bytes, there: "Optional[os.stat_result]",
             rename: "Callable[[str, Any], Any]") -> bool:
    """Write beside, with the mode and owner of before, and rename; False if that cannot be."""
    folder = os.path.dirname(os.fsdecode(target))
    part = os.path.join(folder, binascii.hexlify(os.urandom(8)).decode('ascii') + '.part')
    # Nobody may read in the meantime what was closed to them.
    mode = 0o666 if there is None else 0o600
    try:
        with open(part, 'xb', opener=lambda name, flags: os.open(name, flags, mode)) as stream:
            if there is not None and hasattr(os, 'fchown'):
                os.fchown(stream.fileno(), there.st_uid, there.st_gid)
                os.fchmod(stream.fileno(), stat.S_IMODE(there.st_mode))
            _pour_out(data, stream)
        rename(part, target)
    except OSError as error:
        if there is None or error.errno not in _ONLY_IN_PLACE:
            raise
        return False
    finally:
        with contextlib.suppress(OSError):
            os.remove(part)
    return True


def _pour_out(data: bytes, stream: "IO[bytes]") -> None:
    """Write, and wait until the disk has it, where there is one."""
    stream.write(data)
    stream.flush()
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in _NOTHING_TO_SYNC:
            raise
