"""One SQLite file that the threads, processes and forks of a computer share."""
import contextlib
import os
import random
import sqlite3
import threading
import time
import weakref

from .files import path_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple, Type, TypeVar
    Result = TypeVar('Result')
    Run = Callable[..., Any]

#: Seconds for which others may keep the file locked before that is an error; of one try, in
#: which the threads of this process wait too; and of the longest pause between two tries.
PATIENCE, ONE_TRY, LONGEST_PAUSE = 60.0, 1.0, 0.05

#: One transaction at a time in this process. A fork waits for it, and its child inherits no open
#: file: the locks of SQLite belong to a process, and its child would believe to have them.
_locks = {}  # type: Dict[int, Any]
#: The process that is inside of a transaction, 0 for none. Python before 3.7 tells nobody of a
#: fork: in its child SQLite waits for a thread that is not there, or believes to have locks.
_user = 0
_files = weakref.WeakSet()  # type: Any
#: Files that SQLite opens at once; what it says of a disk that is full, broken or read-only.
FILES = 4
_OF_DISKS = ('unable to open', 'disk I/O error', 'disk is full', 'readonly')


class SharedFile(object):
    """A SQLite file on a local disk, made with mode 0600; a subclass says what it holds.

    What is written is on the disk when the call returns, whole or not at all, under kill -9 too.
    It is open during a transaction only: whoever copies it within this process, such as
    ``shutil.copy``, closes it, and with that drops the locks that SQLite believes to have.
    It pickles as its path.
    """

    #: Statements that make the tables, one of those, and the version of all.
    schema = ()  # type: Tuple[str, ...]
    table = ''
    version = 1
    #: What leads from the version before to this one: statements, and functions that run some.
    upgrades = ()  # type: Tuple[Any, ...]
    #: What is raised if the file cannot be used, made of its path and the reason.
    error = OSError  # type: Type[Exception]
    #: Whether it is opened also where it can only be read, as on a full disk; whether it was so.
    reads_anyhow = False  # type: bool
    is_read_only = False  # type: bool
    _connection = None  # type: Optional[sqlite3.Connection]
    _mark = 0

    def __init__(self, path: "Any") -> None:
        self.path = os.fsdecode(path_of(path))  # type: str
        self._real = os.path.realpath(self.path)
        self._opened = None  # type: Any
        self._is_closed = False
        with _lock():
            _files.add(self)
        self._transaction(lambda run: None, 'BEGIN')

    def __reduce__(self) -> "Any":
        return type(self), (self._real,)

    def __enter__(self) -> "Any":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.close()

    def close(self) -> None:
        """Let the file go; every later use is an error."""
        with _lock():
            self._is_closed = True
            self._disconnect()

    def _claim(self, mark: int, is_for_good: bool) -> bool:
        """Mark the file with a number from 1 up, unless it has one; whether it has no other."""
        def work(run: "Run") -> int:
            found = run('PRAGMA application_id').fetchone()[0]  # type: int
            if not found and is_for_good:
                run('PRAGMA application_id = {:d}'.format(mark))
            return found or is_for_good and mark
        if not self._mark:
            self._mark = self._transaction(work, 'BEGIN IMMEDIATE' if is_for_good else 'BEGIN')
        return self._mark in (0, mark)

    def _transaction(self, work: "Callable[[Run], Result]",
                     begin: str = 'BEGIN IMMEDIATE') -> "Result":
        global _user
        until = time.monotonic() + PATIENCE
        open_it = self._open
        first = None  # type: Optional[sqlite3.Error]
        if _is_torn():
            raise self.error(self.path, 'the process was forked while a thread used it')
        while True:
            try:
                with _lock():
                    before = _user
                    try:
                        _user = os.getpid()
                        result = self._once(work, begin, open_it)
                    finally:
                        _user = before
                    if first is not None or begin != 'BEGIN':
                        self.is_read_only = first is not None
                    return result
            except OSError as error:
                raise self.error(self.path, error.strerror or str(error)) from None
            except sqlite3.Error as error:
                is_locked = 'lock' in str(error)
                may_read = begin == 'BEGIN' and (self.reads_anyhow or self._opened is not None)
                if may_read and first is None and _is_of_the_disk(str(error)):
                    open_it, first = self._open_to_read, error
                elif not is_locked or time.monotonic() > until:
                    raise self.error(self.path, str(first or error)) from error
            time.sleep(random.uniform(0, LONGEST_PAUSE))

    def _once(self, work: "Callable[[Run], Result]", begin: str,
              open_it: "Callable[[], sqlite3.Connection]") -> "Result":
        if self._is_closed:
            raise self.error(self.path, 'it was closed')
        if self._connection is not None and self._connection.in_transaction:
            raise self.error(self.path, 'the handler of a signal interrupted what is written')
        if self._opened is not None and self._opened != self._now():
            # Rows of another file have the same numbers, and its keys are not known here.
            raise self.error(self.path, 'it was moved, removed or replaced while it was in use')
        connection = self._connection = open_it()
        try:
            self._opened = self._opened or self._now()
            connection.execute(begin)
            result = work(connection.execute)
            connection.execute('COMMIT')
            return result
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            raise
        finally:
            self._connection = None
            connection.close()

    def _now(self) -> "Optional[Tuple[int, int]]":
        with contextlib.suppress(OSError):
            found = os.stat(self._real)
            return found.st_dev, found.st_ino
        return None

    def _disconnect(self) -> None:
        if self._connection is not None and not _is_torn():
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        # A device is none, ever. And SQLite takes a file of fewer than its 512 bytes for an empty
        # one, and writes over it.
        if os.path.exists(self._real) and (not os.path.isfile(self._real)
                                           or 0 < os.path.getsize(self._real) < 512):
            raise sqlite3.DatabaseError('file is not a database')
        with contextlib.suppress(FileExistsError):
            # Never one that is there: closing it would drop the locks that this process has on it.
            os.close(os.open(self._real, os.O_CREAT | os.O_EXCL, 0o600))
        return _opened(self._prepare, self._real, timeout=ONE_TRY)

    def _open_to_read(self) -> sqlite3.Connection:
        """Open the file without a journal beside it, for which there may be no room."""
        import pathlib  # not with the package: only a bad day needs it
        return _opened(self._missing, pathlib.Path(self._real).as_uri()
                       + '?mode=ro&immutable=1', uri=True)

    def _prepare(self, run: "Run") -> None:
        steps = self._missing(run)
        run('PRAGMA journal_mode=WAL')
        run('PRAGMA synchronous=FULL')
        # The file alone is whole: whoever copies or moves it need not know of what is beside it.
        run('PRAGMA wal_autocheckpoint=1')
        if steps:
            run('BEGIN IMMEDIATE')
            for step in self._missing(run):  # anew: another process may have been faster
                step(run) if callable(step) else run(step)
            run('COMMIT')

    def _missing(self, run: "Run") -> "Tuple[Any, ...]":
        """Return the steps to the tables of this version; refuse a database of something else."""
        # In this order: another process may make both in between, and they come together.
        tables = [found[0] for found in run('SELECT name FROM sqlite_master')]
        version = run('PRAGMA user_version').fetchone()[0]
        if tables and not (version and self.table in tables):
            raise sqlite3.DatabaseError('file is not a database of this kind')
        if version > self.version:
            raise self.error(self.path, 'it has version {}'.format(version))
        if tables and version == self.version:
            return ()
        private = (lambda _: os.chmod(self._real, 0o600),)  # an empty one that was there, too
        steps = self.upgrades if tables else private + self.schema  # type: Tuple[Any, ...]
        return steps + ('PRAGMA user_version={}'.format(self.version),)


def _opened(prepare: "Callable[[Run], Any]", place: str, **how: "Any") -> sqlite3.Connection:
    """Return a connection that is ready, or close it with whatever makes that fail."""
    connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False,
                                 **how)  # type: sqlite3.Connection
    connection.row_factory = sqlite3.Row
    try:
        prepare(connection.execute)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_of_the_disk(reason: str) -> bool:
    """Whether that is why a file cannot be written; not, say, that too many files are open."""
    if not any(each in reason for each in _OF_DISKS):
        return False
    numbers = []  # type: List[int]
    try:
        while len(numbers) < FILES:
            numbers.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    finally:
        for number in numbers:
            os.close(number)
    return True


def _lock() -> "Any":
    return _locks.setdefault(os.getpid(), threading.RLock())


def _is_torn() -> bool:
    """Whether this is the child of a fork that came while a thread used SQLite."""
    return _user not in (0, os.getpid())


def _before_fork() -> None:
    _lock().acquire()
    for file in list(_files):
        file._disconnect()


def _in_parent() -> None:
    with contextlib.suppress(RuntimeError):  # a thread has loaded this file during the fork
        _lock().release()


def _in_child() -> None:
    global _user
    _locks.clear()
    _user = 0  # nothing is open


if hasattr(os, 'register_at_fork'):  # from Python 3.7 on
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent,
                        after_in_child=_in_child)
