"""What survives a restart: jobs, trained people and used quota, in one SQLite file."""
import contextlib
import os
import sqlite3
import threading

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Optional

_SCHEMA = '''
PRAGMA secure_delete = ON;
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, batch_id INTEGER, kind TEXT, created REAL, seconds REAL,
    looks INTEGER, request TEXT, model_id TEXT, outcome TEXT, message TEXT, state INTEGER);
CREATE TABLE IF NOT EXISTS people (model_id TEXT PRIMARY KEY, memory BLOB);
CREATE TABLE IF NOT EXISTS calls (account INTEGER PRIMARY KEY, used INTEGER);
INSERT OR IGNORE INTO calls VALUES (1, 0);
'''


class Store(object):
    """One connection under one lock: a statement takes 30 us, so that nobody waits.

    :param path: a file, which only its owner may read, since it holds faces; None for memory.
    :raises sqlite3.DatabaseError: the file is not such a database.
    """

    def __init__(self, path: "Optional[str]" = None) -> None:
        self._lock = threading.Lock()
        if path:
            path = os.path.realpath(path)  # of a link whose file is not there yet
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
            if not os.path.isfile(path):
                raise sqlite3.DatabaseError('file is not a database')
        # Each change takes the file for itself at once: two emulators may share it.
        self._connection = sqlite3.connect(path or ':memory:', check_same_thread=False,
                                           isolation_level='IMMEDIATE')
        self._connection.row_factory = sqlite3.Row
        try:
            self._connection.execute('SELECT name FROM sqlite_master')
            if path:  # not before: it may be a file of something else
                os.chmod(path, 0o600)
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error:
            self._connection.close()
            raise

    def _run(self, statement: str, *values: "Any") -> "List[Any]":
        with self._lock, self._connection:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add_jobs(self, count: int = 1, is_batch: bool = False, **columns: "Any") -> "List[int]":
        """Keep new jobs; return their ids, the first of which is also the id of a batch."""
        statement = 'INSERT INTO jobs ({}) VALUES ({})'.format(
            ', '.join(columns), ', '.join('?' * len(columns)))
        with self._lock, self._connection as store:
            ids = [store.execute(statement, list(columns.values())).lastrowid
                   for _ in range(count)]  # type: List[Any]
            if is_batch:
                store.execute('UPDATE jobs SET batch_id = ? WHERE id >= ?', (ids[0], ids[0]))
        return ids

    def finish_job(self, job_id: int, outcome: str, message: "Optional[str]",
                   memory: "Optional[bytes]" = None) -> None:
        """Keep the result of a job, unless it has one: two emulators may share a file.

        :param message: why it failed, None for a success; :param memory: what portraits need.

        The request is deleted: nobody needs its photos any more, and their URLs may be signed.
        """
        with self._lock, self._connection as store:
            store.execute("UPDATE jobs SET outcome = ?, message = ?, request = '{}' WHERE id = ? "
                          'AND outcome IS NULL', (outcome, message, job_id))
            if memory is not None:
                store.execute('INSERT OR REPLACE INTO people SELECT model_id, ? FROM jobs '
                              'WHERE id = ?', (memory, job_id))

    def end_job(self, job_id: int, state: int, message: "Optional[str]") -> int:
        """End a job for good, unless it has ended; return the state in which it is."""
        self._run("UPDATE jobs SET state = ?, message = ?, outcome = COALESCE(outcome, '{}'), "
                  "request = '{}' WHERE id = ? AND state IS NULL", state, message, job_id)
        row = self.job(id=job_id)
        return int(row['state']) if row else state

    def jobs(self, **wanted: "Any") -> "List[Any]":
        """Return the jobs whose columns have these values, which may be None, ordered by id."""
        where = ' AND '.join('{} IS ?'.format(name) for name in wanted) or '1'
        return self._run('SELECT * FROM jobs WHERE {} ORDER BY id'.format(where),
                         *wanted.values())

    def job(self, **wanted: "Any") -> "Any":
        return next(iter(self.jobs(**wanted)), None)

    def latest_jobs(self, most: int) -> "List[Any]":
        return self._run('SELECT * FROM jobs ORDER BY id DESC LIMIT ?', most)

    def person(self, model_id: str) -> "Any":
        """Return what is kept of a person, None if there is none of that id."""
        rows = self._run('SELECT memory FROM people WHERE model_id = ?', model_id)
        return rows[0][0] if rows else None

    def used(self) -> int:
        return int(self._run('SELECT used FROM calls')[0][0])

    def count_call(self, most: "Optional[int]") -> bool:
        """Count a call; False, and nothing counted, if the quota is used up."""
        with self._lock, self._connection as store:
            return bool(store.execute('UPDATE calls SET used = used + 1 WHERE ? IS NULL OR '
                                      'used < ?', (most, most)).rowcount)

    def forget(self) -> None:
        """Forget jobs, people and used quota; ids go on, so that no id is used twice."""
        with self._lock, self._connection as store:
            store.execute('DELETE FROM jobs')
            store.execute('DELETE FROM people')
            store.execute('UPDATE calls SET used = 0')
