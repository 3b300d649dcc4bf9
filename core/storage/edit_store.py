"""What a person decided about the clusters of a library: names they gave, and names they locked."""

from __future__ import annotations

import time

from core.storage.connection import Database

_NAMES = "SELECT lineage, name FROM edits WHERE library_key = ? AND name <> '' ORDER BY lineage"
_SET_NAME = """
    INSERT INTO edits (library_key, lineage, name, time) VALUES (?, ?, ?, ?)
        ON CONFLICT (library_key, lineage) DO UPDATE SET name = excluded.name, time = excluded.time
"""
_LOCKED = "SELECT lineage FROM edits WHERE library_key = ? AND locked"
_SET_LOCK = """
    INSERT INTO edits (library_key, lineage, locked, time) VALUES (?, ?, ?, ?)
        ON CONFLICT (library_key, lineage) DO UPDATE SET locked = excluded.locked, time = excluded.time
"""
# A row that says nothing any more goes.
_TIDY = "DELETE FROM edits WHERE library_key = ? AND name = '' AND NOT locked"


class EditStore:
    """Hand-given names and locks, by library and lineage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self, library_key: str) -> dict[str, str]:
        """Return the names a person gave.

        Parameters
        ----------
        library_key : str
            Key of the library.

        Returns
        -------
        dict of str to str
            Name by lineage.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return dict(connection.execute(_NAMES, (library_key,)).fetchall())

    def set_name(self, library_key: str, lineage: str, name: str, *, now: float | None = None) -> None:
        """Remember a name a person gave.

        Parameters
        ----------
        library_key, lineage : str
            The cluster.
        name : str
            The name; an empty one takes the given name back.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            connection.execute(_SET_NAME, (library_key, lineage, name, time.time() if now is None else now))
            connection.execute(_TIDY, (library_key,))

    def clear_name(self, library_key: str, lineage: str) -> None:
        """Take a given name back; nothing happens when there is none.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        self.set_name(library_key, lineage, "")

    def locked(self, library_key: str) -> frozenset[str]:
        """Return the lineages whose name must not change by itself.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return frozenset(lineage for (lineage,) in connection.execute(_LOCKED, (library_key,)))

    def set_lock(self, library_key: str, lineage: str, locked: bool, *, now: float | None = None) -> None:
        """Remember that a cluster's name is locked, or is not any more.

        Parameters
        ----------
        library_key, lineage : str
            The cluster.
        locked : bool
            Whether its name must not change by itself.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            connection.execute(_SET_LOCK, (library_key, lineage, locked, time.time() if now is None else now))
            connection.execute(_TIDY, (library_key,))
