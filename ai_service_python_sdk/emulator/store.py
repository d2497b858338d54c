"""What survives a restart: jobs, trained people and used quota, in one SQLite file."""
import sqlite3
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

_SCHEMA = (
    'CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, batch_id INTEGER, '
    'kind TEXT, app_id TEXT, created REAL, seconds REAL, request TEXT, model_id TEXT, '
    'outcome TEXT, message TEXT)',
    'CREATE TABLE IF NOT EXISTS people (model_id TEXT PRIMARY KEY, memory BLOB)',
    'CREATE TABLE IF NOT EXISTS calls (app_id TEXT PRIMARY KEY, used INTEGER)',
)


class Store(object):
    """One connection under one lock: at 30 us a statement nobody waits.

    :param path: a file, or None for memory.
    """

    def __init__(self, path: "Optional[str]" = None) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path or ':memory:', check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        if path:
            self._run('PRAGMA journal_mode=WAL')
        for statement in _SCHEMA:
            self._run(statement)

    def _run(self, statement: str, *values: "Any") -> "List[Any]":
        with self._lock, self._connection:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def add_job(self, kind: str, app_id: str, created: float, seconds: float, request: str,
                model_id: "Optional[str]" = None, batch_id: "Optional[int]" = None) -> int:
        """Keep a new job and return its id."""
        with self._lock, self._connection:
            cursor = self._connection.execute(
                'INSERT INTO jobs (kind, app_id, created, seconds, request, model_id, batch_id) '
                'VALUES (?, ?, ?, ?, ?, ?, ?)',
                (kind, app_id, created, seconds, request, model_id, batch_id))
            return int(cursor.lastrowid or 0)

    def finish_job(self, job_id: int, outcome: str, message: "Optional[str]") -> None:
        """Keep what a job gave; a message is the reason of a failure.

        The first outcome stays: two emulators over one file may both do a training.
        """
        self._run('UPDATE jobs SET outcome = ?, message = ? WHERE id = ? AND outcome IS NULL',
                  outcome, message, job_id)

    def job(self, job_id: int) -> "Any":
        """Return a job's row, None if there is none."""
        return next(iter(self._run('SELECT * FROM jobs WHERE id = ?', job_id)), None)

    def jobs_of_batch(self, batch_id: int) -> "List[Any]":
        """Return the rows of a batch's jobs."""
        return self._run('SELECT * FROM jobs WHERE batch_id = ? ORDER BY id', batch_id)

    def next_batch_id(self) -> int:
        """Return a batch id that no job has."""
        return int(self._run('SELECT COALESCE(MAX(batch_id), 0) + 1 FROM jobs')[0][0])

    def unfinished(self) -> "List[Any]":
        """Return the rows of trainings that a stop interrupted."""
        return self._run('SELECT * FROM jobs WHERE outcome IS NULL AND kind = ?', 'Image')

    def job_of_model(self, model_id: str) -> "Any":
        """Return the row of the training that made a model."""
        return next(iter(self._run('SELECT * FROM jobs WHERE model_id = ?', model_id)), None)

    def add_person(self, model_id: str, memory: bytes) -> None:
        """Keep what is known of a person."""
        self._run('INSERT OR REPLACE INTO people VALUES (?, ?)', model_id, memory)

    def person(self, model_id: str) -> "Optional[bytes]":
        """Return what is known of a person, None without a training."""
        rows = self._run('SELECT memory FROM people WHERE model_id = ?', model_id)
        return bytes(rows[0][0]) if rows else None

    def count_call(self, app_id: str, most: "Optional[int]") -> bool:
        """Count a call; False, and nothing counted, if the quota is used up."""
        with self._lock, self._connection:
            execute = self._connection.execute
            execute('INSERT OR IGNORE INTO calls VALUES (?, 0)', (app_id,))
            used = execute('SELECT used FROM calls WHERE app_id = ?', (app_id,)).fetchone()[0]
            if most is not None and used >= most:
                return False
            execute('UPDATE calls SET used = used + 1 WHERE app_id = ?', (app_id,))
            return True
