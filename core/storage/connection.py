"""One connection to the database, shared safely by threads, and the errors of SQLite in plain words."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.errors import StorageError
from core.records import FloatArray

#: How long one window waits for another's write. The longest write, a library of 100,000 tracks, takes 3 s.
BUSY_SECONDS: Final = 15.0
#: Seconds between two looks at whether a person asked to stop.
_LOOK: Final = 0.1
#: The larger part of an SQLite error code only refines the kind of error in its lowest byte.
_KIND: Final = 0xFF

_DAMAGED: Final = ("the database is damaged", "Start the program again: it will set the file aside if it must")
_MESSAGES: Final[dict[int, tuple[str, str]]] = {
    sqlite3.SQLITE_BUSY: (
        "another window of this program is using the database",
        "Wait until it has finished, then try again",
    ),
    sqlite3.SQLITE_LOCKED: (
        "another part of this program is using the database",
        "Wait until it has finished, then try again",
    ),
    sqlite3.SQLITE_FULL: ("the disk is full, nothing was changed", "Free some space, then try again"),
    sqlite3.SQLITE_IOERR: (
        "the disk could not be read or written, nothing was changed",
        "Check that it is connected and has free space, then try again",
    ),
    sqlite3.SQLITE_READONLY: (
        "the database may not be written to",
        "Change the rights of the file and its folder, or set LEITMOTIF_HOME to another folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the database cannot be opened or created here",
        "Check the rights of the folder, or set LEITMOTIF_HOME to another one",
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


def is_damage(error: Exception) -> bool:
    """Return whether an error of SQLite, or of reading what it gave, says that the file itself is broken."""
    # Only damage makes text that is no UTF-8, which the Python module reports without a code.
    garbled = isinstance(error, UnicodeDecodeError) or str(error).startswith("Could not decode to UTF-8")
    return garbled or _kind(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def as_storage_error(error: Exception, path: Path) -> StorageError:
    """Return the error a person is shown for one of SQLite's.

    Parameters
    ----------
    error : Exception
        What `sqlite3` raised.
    path : Path
        The database.

    Returns
    -------
    StorageError
        Says what failed, in which file, and what to do about it.
    """
    if isinstance(error, UnicodeEncodeError):
        return StorageError("a text has characters that cannot be stored", where=str(path))
    other = _DAMAGED if is_damage(error) else (f"the database cannot be used ({error})", "")
    what, next_step = _MESSAGES.get(_kind(error), other)
    return StorageError(what, where=str(path), next_step=next_step)


def _kind(error: Exception) -> int:
    # Errors that the Python module finds itself, such as a closed connection, carry no code.
    return int(getattr(error, "sqlite_errorcode", None) or 0) & _KIND


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an SQLite file without looking into it.

    Parameters
    ----------
    path : Path
        The file; made when it is missing, unless `read_only`.
    read_only : bool, default False
        Change neither the file nor what lies beside it.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode; usable from several threads, one at a time.

    Raises
    ------
    sqlite3.Error
        When there is no such file or it may not be opened.
    """
    place = f"{path.absolute().as_uri()}?mode=ro" if read_only else path
    return sqlite3.connect(place, uri=read_only, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def configure(connection: sqlite3.Connection) -> None:
    """Set what holds for every connection to the store.

    - A write-ahead log lets one window read while another writes. Where the file system cannot have one,
      SQLite keeps its older journal, which is as safe.
    - ``synchronous = FULL``: what is committed survives a power cut, as the journal of network writes must.
    - ``secure_delete``: what is dropped is overwritten, not only forgotten.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")


class Database:
    """One connection, its transactions and its lock.

    Threads may share it: whoever is inside `write` or `read` has it alone, the others wait. Work that must not
    wait for another thread's opens a store of its own.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode, with the tables of `core.storage.schema`.
    path : Path
        Its file, for messages.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.RLock()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a transaction: all of it is stored, or nothing.

        A `write` inside another belongs to the outer one, and is undone alone when it fails alone.

        Yields
        ------
        sqlite3.Connection
            Holding the write lock.

        Raises
        ------
        StorageError
            When SQLite refuses; nothing is changed then.
        """
        with self._lock, self._plain_errors():
            nested = self._connection.in_transaction
            # IMMEDIATE takes the write lock at once: a transaction that begins by reading could otherwise find
            # at its first write that another window was faster, and no waiting would help it.
            self._connection.execute("SAVEPOINT inner" if nested else "BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("RELEASE inner" if nested else "COMMIT")
            except BaseException:
                self._end(*(("ROLLBACK TO inner", "RELEASE inner") if nested else ("ROLLBACK",)))
                raise

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give the connection with one unchanging view of the data.

        Yields
        ------
        sqlite3.Connection
            For SELECT, and for temporary tables.

        Raises
        ------
        StorageError
            When SQLite refuses.
        """
        with self._lock, self._plain_errors():
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._end("COMMIT")

    def truncate_log(self) -> None:
        """Move what the write-ahead log holds into the database and empty it, unless another window reads it."""
        with self._lock, self._plain_errors():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection. Closing twice does no harm."""
        with self._lock, self._plain_errors():
            self._connection.close()

    def _end(self, *statements: str) -> None:
        """Run statements that end a transaction, unless SQLite has ended it by itself, as it may on a full disk."""
        if self._connection.in_transaction:
            for statement in statements:
                self._connection.execute(statement)

    @contextlib.contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise as_storage_error(error, self.path) from error


@contextlib.contextmanager
def held(path: Path, *, doing: str, wait: float = 0.0, tick: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Keep other processes, and other holders in this one, out while the block runs.

    The lock is SQLite's own on an empty file, because the system gives it back whatever ends the process.

    Parameters
    ----------
    path : Path
        The lock's file; it stays, empty.
    doing : str
        What the holder does, for the message: ``"writing playlists"``.
    wait : float, default 0
        Seconds to wait for another holder.
    tick : callable
        Called several times a second while waiting; may raise `core.progress.Cancelled`.

    Raises
    ------
    StorageError
        When another holds it for longer, or the file cannot be made.
    """
    try:
        connection = sqlite3.connect(path, timeout=min(wait, _LOOK), isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise as_storage_error(error, path) from error
    try:
        try:
            _lock(connection, until=time.monotonic() + wait, tick=tick)
        except sqlite3.Error as error:
            if _kind(error) == sqlite3.SQLITE_BUSY:
                raise StorageError(
                    f"another window of this program is {doing}", next_step="Wait until it has finished, then try again"
                ) from error
            if is_damage(error):
                raise StorageError("this lock file is damaged", where=str(path), next_step="Delete it") from error
            raise as_storage_error(error, path) from error
        yield
    finally:
        connection.close()


def _lock(connection: sqlite3.Connection, *, until: float, tick: Callable[[str], None]) -> None:
    """Take the lock, in several attempts up to a time."""
    while True:
        try:
            connection.execute("BEGIN EXCLUSIVE")
            return
        except sqlite3.OperationalError as error:
            if _kind(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        tick("")


def want(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Fill the temporary table ``wanted (position, track_key)`` with keys, each once, in their order.

    A join with it answers for 50,000 keys at once, where a list of parameters ends at 32,766.

    Parameters
    ----------
    connection : sqlite3.Connection
        Inside `Database.read` or `Database.write`.
    keys : iterable of str
        Track keys.
    """
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS wanted (position INTEGER PRIMARY KEY, track_key TEXT NOT NULL UNIQUE)"
    )
    connection.execute("DELETE FROM temp.wanted")
    connection.executemany("INSERT OR IGNORE INTO temp.wanted (track_key) VALUES (?)", ((key,) for key in keys))


def to_json(value: Any) -> str:
    """Return a value as compact JSON text.

    Parameters
    ----------
    value : Any
        What JSON knows; keys become text, tuples lists.

    Returns
    -------
    str
        ASCII only, so that text with characters no encoding knows can be stored as well.

    Raises
    ------
    StorageError
        When something in it is unknown to JSON, such as NumPy's numbers.
    """
    try:
        return json.dumps(value, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise StorageError(f"this cannot be stored, because it is no JSON ({error})") from error


def from_json(text: str) -> Any:
    """Return the value of JSON text out of the database.

    Raises
    ------
    StorageError
        When it is none, which only damage can bring about.
    """
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise StorageError(_DAMAGED[0], next_step=_DAMAGED[1]) from error


def numbers(column: Sequence[float | None]) -> FloatArray:
    """Return a column of numbers out of the database, NULL as NaN.

    Raises
    ------
    StorageError
        When something in it is no number, which only damage can bring about.
    """
    try:
        return np.array(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StorageError(_DAMAGED[0], next_step=_DAMAGED[1]) from error


def folder_error(error: OSError, folder: Path) -> StorageError:
    """Return the error to raise when the folder of the database cannot be made or used."""
    reason = (error.strerror or os.strerror(error.errno or 0)).lower()
    return StorageError(
        f"the folder for the program's data cannot be used ({reason})",
        where=str(folder),
        next_step="Change its rights, or set LEITMOTIF_HOME to another folder",
    )
