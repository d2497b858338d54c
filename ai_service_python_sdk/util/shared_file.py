"""One SQLite file that the threads, processes and forks of a computer share."""
import contextlib
import os
import random
import threading
import time

from .files import path_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    import sqlite3
    from typing import Any, Callable, Dict, List, Optional, Tuple, Type, TypeVar
    Result = TypeVar('Result')
    Run = Callable[..., Any]
else:
    with contextlib.suppress(ImportError):  # a Python built without it: a ledger says so
        import sqlite3

#: Seconds for which others may keep the file locked before that is an error; of one try, which
#: nothing interrupts; and of the pause after it, in which other threads have a turn.
PATIENCE, ONE_TRY, LONGEST_PAUSE = 60.0, 1.0, 0.05
#: SQLite takes a file of fewer bytes for an empty one, and writes over it.
SMALLEST = 512

#: By process: one transaction runs at a time. A fork waits for its end, so that the child has no
#: open file: it would believe to have the locks, which belong to the parent.
_locks = {}  # type: Dict[int, Any]
#: The process whose transaction runs; another one in the child of a fork in the middle of it.
_running = []  # type: List[int]


class SharedFile(object):
    """A SQLite file on a local disk, made with mode 0600; a subclass says what it holds.

    What is written is on the disk when the call returns, whole or not at all, under kill -9 too.
    It is open during a transaction only. A copy made by this process at that moment, for instance
    with ``shutil.copy``, closes the file and with that drops the locks of SQLite.
    It pickles as its path.
    """

    #: Statements that make the tables, and their version, by which they are known.
    schema = ()  # type: Tuple[str, ...]
    version = 1
    #: What is raised if the file cannot be used, made of its path and the reason.
    error = OSError  # type: Type[Exception]
    _connection = None  # type: Optional[sqlite3.Connection]

    def __init__(self, path: "Any") -> None:
        __import__('sqlite3')  # raises ImportError where Python was built without it
        self.path = os.fsdecode(path_of(path))  # type: str
        self._real = os.path.realpath(self.path)
        self._opened = None  # type: Any
        self._is_closed = False
        if not self._transaction(self._is_made, 'BEGIN'):
            self._transaction(self._make)

    def __reduce__(self) -> "Any":
        return type(self), (self._real,)

    def __enter__(self) -> "Any":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.close()

    def close(self) -> None:
        """Let the file go; every later use is an error."""
        self._is_closed = True

    def _transaction(self, work: "Callable[[Run], Result]",
                     begin: str = 'BEGIN EXCLUSIVE') -> "Result":
        # Who writes excludes readers from the start: with IMMEDIATE those who ask whether they may
        # go on keep it from ending (ten processes at once took three to seven times as long).
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with _lock():
                    self._check()
                    _running[:] = [os.getpid()]
                    try:
                        return self._once(work, begin)
                    finally:
                        del _running[:]
            except OSError as error:
                raise self.error(self.path, error.strerror or str(error)) from None
            except sqlite3.Error as error:
                if 'locked' not in str(error) or time.monotonic() > until:
                    raise self.error(self.path, str(error)) from error
            time.sleep(random.uniform(0, LONGEST_PAUSE))

    def _check(self) -> None:
        if self._is_closed:
            raise self.error(self.path, 'it was closed')
        if _running and _running != [os.getpid()] or (
                self._connection is not None and self._connection.in_transaction):
            raise self.error(self.path, 'a signal or a fork interrupted what is written')
        if self._opened not in (None, self._identity()):
            # Rows of another file have the same numbers, and its keys are not known here.
            raise self.error(self.path, 'it was moved, removed or replaced while it was in use')

    def _once(self, work: "Callable[[Run], Result]", begin: str) -> "Result":
        connection = self._connection = self._open()
        try:
            if sqlite3.sqlite_version_info >= (3, 12):
                # With FULL the name of a removed journal may be back after a power cut, and
                # SQLite would undo by it what was written.
                connection.execute('PRAGMA synchronous=EXTRA')
            self._opened = self._opened or self._identity()
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

    def _identity(self) -> "Any":
        """Return what tells the file that is at the path now from others; None without one."""
        with contextlib.suppress(OSError):
            found = os.stat(self._real)
            return found.st_dev, found.st_ino
        return None

    def _open(self) -> "sqlite3.Connection":
        with contextlib.suppress(FileExistsError):
            # Never one that is there: closing it would drop the locks that this process has.
            os.close(os.open(self._real, os.O_CREAT | os.O_EXCL, 0o600))
        # A device is never a database.
        if not os.path.isfile(self._real) or 0 < os.path.getsize(self._real) < SMALLEST:
            raise sqlite3.DatabaseError('file is not a database')
        connection = sqlite3.connect(self._real, timeout=ONE_TRY, isolation_level=None,
                                     check_same_thread=False)  # type: sqlite3.Connection
        connection.row_factory = sqlite3.Row
        return connection

    def _is_made(self, run: "Run") -> bool:
        """Whether it has the tables; refuse a database of something else."""
        tables = run('SELECT name FROM sqlite_master').fetchall()
        version = run('PRAGMA user_version').fetchone()[0]
        if tables and version != self.version:
            raise sqlite3.DatabaseError('file is not a database of this kind')
        return bool(tables)

    def _make(self, run: "Run") -> None:
        """Make the tables, unless another process was faster."""
        if not self._is_made(run):
            os.chmod(self._real, 0o600)  # of an empty file that was there, too
            for statement in self.schema:
                run(statement)
            run('PRAGMA user_version={}'.format(self.version))


def _lock() -> "Any":
    return _locks.setdefault(os.getpid(), threading.RLock())


if hasattr(os, 'register_at_fork'):  # from Python 3.7 on
    os.register_at_fork(before=lambda: _lock().acquire(),
                        after_in_parent=lambda: _lock().release())
