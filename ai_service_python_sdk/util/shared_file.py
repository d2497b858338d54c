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
    from typing import Any, Callable, Optional, Tuple, Type, TypeVar
    Result = TypeVar('Result')
    Run = Callable[..., Any]

#: Seconds for which others may keep the file locked before that is an error; of one try, in
#: which the threads of this process wait too; and of the longest pause between two tries.
PATIENCE, ONE_TRY, LONGEST_PAUSE = 60.0, 1.0, 0.05

#: One transaction at a time in this process. A fork waits for it, and its child inherits no open
#: file: the locks of SQLite belong to a process, and its child would believe to have them.
_LOCK = threading.RLock()
_files = weakref.WeakSet()  # type: Any


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
        with _LOCK:
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
        with _LOCK:
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
        until = time.monotonic() + PATIENCE
        open_it = self._open
        while True:
            try:
                with _LOCK:
                    return self._once(work, begin, open_it)
            except OSError as error:
                raise self.error(self.path, error.strerror or str(error)) from None
            except sqlite3.Error as error:
                is_locked = 'lock' in str(error)
                may_read = begin == 'BEGIN' and (self.reads_anyhow or self._opened is not None)
                if may_read and open_it == self._open and not is_locked:
                    open_it, self.is_read_only = self._open_to_read, True
                elif not is_locked or time.monotonic() > until:
                    raise self.error(self.path, str(error)) from error
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
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if os.path.exists(self._real) and not os.path.isfile(self._real):
            raise sqlite3.DatabaseError('file is not a database')  # nor is a device, ever
        # SQLite takes a file of fewer than its 512 bytes for an empty one, and writes over it.
        if os.path.exists(self._real) and 0 < os.path.getsize(self._real) < 512:
            raise sqlite3.DatabaseError('file is not a database')
        with contextlib.suppress(FileExistsError):
            # Never one that is there: closing it would drop the locks that this process has on it.
            os.close(os.open(self._real, os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(self._real, timeout=ONE_TRY, isolation_level=None,
                                     check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            self._prepare(connection.execute)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_to_read(self) -> sqlite3.Connection:
        """Open the file without a journal beside it, for which there may be no room."""
        import pathlib  # not with the package: only a bad day needs it
        connection = sqlite3.connect(pathlib.Path(self._real).as_uri() + '?mode=ro&immutable=1',
                                     uri=True, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            self._check_kind(connection.execute)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, run: "Run") -> None:
        has_tables = self._check_kind(run)
        run('PRAGMA journal_mode=WAL')
        run('PRAGMA synchronous=FULL')
        # The file alone is whole: whoever copies or moves it need not know of what is beside it.
        run('PRAGMA wal_autocheckpoint=1')
        if has_tables:
            return self._upgrade(run)
        os.chmod(self._real, 0o600)
        run('BEGIN IMMEDIATE')
        # Another process may have been faster.
        if not run('SELECT name FROM sqlite_master').fetchone():
            for statement in self.schema + ('PRAGMA user_version={}'.format(self.version),):
                run(statement)
        run('COMMIT')

    def _check_kind(self, run: "Run") -> bool:
        """Refuse a database of something else; return whether the tables are there."""
        # In this order: another process may make both in between, and they come together.
        tables = [found[0] for found in run('SELECT name FROM sqlite_master')]
        version = run('PRAGMA user_version').fetchone()[0]
        if tables and not (version and self.table in tables):
            raise sqlite3.DatabaseError('file is not a database of this kind')
        if version > self.version:
            raise self.error(self.path, 'it has version {}'.format(version))
        return bool(tables)

    def _upgrade(self, run: "Run") -> None:
        if run('PRAGMA user_version').fetchone()[0] == self.version:
            return
        run('BEGIN IMMEDIATE')
        # Another process may have been faster.
        if run('PRAGMA user_version').fetchone()[0] < self.version:
            for step in self.upgrades + ('PRAGMA user_version={}'.format(self.version),):
                step(run) if callable(step) else run(step)
        run('COMMIT')


def _before_fork() -> None:
    _LOCK.acquire()
    for file in list(_files):
        file._disconnect()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(before=_before_fork, after_in_parent=_LOCK.release,
                        after_in_child=_LOCK.release)
