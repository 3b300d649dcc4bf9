"""Opening the database: made when missing, checked, set aside when damaged, brought to this program's version."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.errors import StorageError
from core.library import Notice
from core.storage.connection import BUSY_SECONDS, as_storage_error, configure, connect, folder_error, held, is_damage
from core.storage.schema import STEPS, VERSION

DATABASE_NAME: Final = "leitmotif.sqlite3"
#: Held while a window opens the database, so that only one of them migrates it or sets it aside.
LOCK_NAME: Final = "leitmotif.lock"
#: Name of the copy that is made before a migration; the placeholder is the version it has.
BACKUP_NAME: Final = "leitmotif-backup-v{}.sqlite3"
DAMAGED_NAME: Final = "leitmotif-damaged-{}.sqlite3"
#: What SQLite keeps beside a database in use. They move before it: were it gone first, a new database could be
#: made beside the old log and take it for its own.
_BESIDE: Final = ("-wal", "-shm", "-journal")


def open_database(folder: Path, now: float) -> tuple[sqlite3.Connection, tuple[Notice, ...]]:
    """Open the database of a folder.

    Parameters
    ----------
    folder : Path
        Made when missing.
    now : float
        The time, for the name of a file that is set aside.

    Returns
    -------
    connection : sqlite3.Connection
        Configured, at this program's version.
    notices : tuple of Notice
        What a person should know: a damaged file that was set aside.

    Raises
    ------
    StorageError
        When the folder or file cannot be used, a newer program made the file, or the migration fails.
    """
    path = folder / DATABASE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise folder_error(error, folder) from error
    _refuse_newer(path)
    with held(folder / LOCK_NAME, doing="opening the database", wait=BUSY_SECONDS):
        try:
            return _open_alone(path, now)
        except sqlite3.Error as error:
            raise as_storage_error(error, path) from error


def _open_alone(path: Path, now: float) -> tuple[sqlite3.Connection, tuple[Notice, ...]]:
    notices: tuple[Notice, ...] = ()
    if path.exists() and _is_damaged(path):
        notices = (_set_aside(path, now),)
    connection = connect(path)
    try:
        _migrate(connection, path)
        configure(connection)
        # A file that may only be read is told now, not in the midst of work.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection, notices


def _refuse_newer(path: Path) -> None:
    """Look at the version without changing a byte of a file that is not for this program."""
    if not path.exists():
        return
    # What cannot be read in this way, such as a file whose last write was cut off, is looked at again when it may
    # be mended.
    with (
        contextlib.suppress(sqlite3.Error, UnicodeDecodeError),
        contextlib.closing(connect(path, read_only=True)) as connection,
    ):
        if _version(connection) > VERSION and not _fails_check(connection):
            raise _newer(path)


def _newer(path: Path) -> StorageError:
    return StorageError(
        "a newer version of this program made this database",
        where=str(path),
        next_step="Update the program, or set LEITMOTIF_HOME to another folder",
    )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_damaged(path: Path) -> bool:
    # Looked at without the right to write first: closing a writable connection would tidy the log of a damaged file
    # away. A file whose last write was cut off can only be looked at while it is mended.
    try:
        return _looks_damaged(path, read_only=True)
    except sqlite3.Error:
        return _looks_damaged(path, read_only=False)


def _looks_damaged(path: Path, *, read_only: bool) -> bool:
    with contextlib.closing(connect(path, read_only=read_only)) as connection:
        try:
            return _fails_check(connection)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if is_damage(error):
                return True
            raise


def _fails_check(connection: sqlite3.Connection) -> bool:
    # quick_check reads every page once; the full check would also look every row up in every index.
    return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))


def _set_aside(path: Path, now: float) -> Notice:
    """Rename a damaged database so that it is out of the way and still there."""
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    aside, number = path.with_name(DAMAGED_NAME.format(day)), 1
    while aside.exists():
        number += 1
        aside = path.with_name(DAMAGED_NAME.format(f"{day}-{number}"))
    try:
        for ending in _BESIDE:
            beside = path.with_name(path.name + ending)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + ending))
        path.rename(aside)
    except OSError as error:
        raise StorageError(
            "the database is damaged and could not be set aside",
            where=str(path),
            next_step="Close the other windows of this program, or rename the file yourself",
        ) from error
    return Notice(
        "store-damaged",
        1,
        f"The program's database was damaged. It was kept as {aside} and a new one was begun, so recent libraries, "
        "kept runs and given names start empty.",
    )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run the missing steps in one transaction, after a copy was made."""
    version = _version(connection)
    if version == VERSION:
        return
    if version > VERSION:
        raise _newer(path)
    backup = None
    if version:
        backup = _back_up(connection, path.with_name(BACKUP_NAME.format(version)))
    elif connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise StorageError(
            "this file is a database of another program",
            where=str(path),
            next_step="Rename it, or set LEITMOTIF_HOME to another folder",
        )
    try:
        _run_steps(connection, version)
    except sqlite3.Error as error:
        if backup is None:  # a new database that cannot be made
            raise
        raise StorageError(
            f"the database could not be brought to version {VERSION} and was left as it was ({error})",
            where=str(path),
            next_step=f"A copy is kept as {backup}",
        ) from error


def _run_steps(connection: sqlite3.Connection, version: int) -> None:
    # Foreign keys rest while tables change and are checked as a whole before the commit.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
        if orphan is not None:
            raise sqlite3.IntegrityError(f"a row of {orphan[0]} belongs to nothing in {orphan[2]}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, backup: Path) -> Path:
    """Copy the database; the copy appears under its name only when it is complete."""
    part = backup.with_name(backup.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(part)) as copy:
            connection.backup(copy)
        part.replace(backup)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageError(
            f"the database must be brought to a new version, but the copy to keep could not be made ({error})",
            where=str(backup),
            next_step="Free some space or change the rights of the folder, then start again",
        ) from error
    return backup
