"""Playlists that were exported to a service, so that exporting again updates them and never makes a second one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.storage.connection import Database, from_json, to_json

_COLUMNS = "destination, library_key, lineage, remote_id, snapshot_id, name, uris, time"
# REPLACE: a cluster has one playlist at a destination, and a playlist belongs to one cluster.
_REMEMBER = f"INSERT OR REPLACE INTO exports ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_BY_LINEAGE = f"SELECT {_COLUMNS} FROM exports WHERE destination = ? AND library_key = ? AND lineage = ?"
_AT = f"""
    SELECT {_COLUMNS} FROM exports
     WHERE destination = :destination AND (:key IS NULL OR library_key = :key)
     ORDER BY name, remote_id
"""
_FORGET = "DELETE FROM exports WHERE destination = ? AND remote_id = ?"


@dataclass(frozen=True)
class Exported:
    """A playlist of ours at a service.

    Attributes
    ----------
    destination : str
        The service, with the account where it has several: ``"spotify:account"``.
    library_key, lineage : str
        The cluster it was made from.
    remote_id : str
        Its id at the service.
    snapshot_id : str
        The service's mark of its content after the last export; empty where there is none.
    name : str
        Its name as last exported.
    uris : tuple of str
        Its tracks in order as last exported.
    time : float
        When, in seconds since 1970.
    """

    destination: str
    library_key: str
    lineage: str
    remote_id: str
    snapshot_id: str
    name: str
    uris: tuple[str, ...]
    time: float


class ExportStore:
    """The exported playlists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, exported: Exported) -> None:
        """Store a playlist in place of what was known of it and of its cluster at that destination.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        row = (
            exported.destination,
            exported.library_key,
            exported.lineage,
            exported.remote_id,
            exported.snapshot_id,
            exported.name,
            to_json(exported.uris),
            exported.time,
        )
        with self._database.write() as connection:
            connection.execute(_REMEMBER, row)

    def by_lineage(self, destination: str, lineage: str, *, library_key: str) -> Exported | None:
        """Return the playlist of a cluster at a destination, None when it has none.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        return self._one(_BY_LINEAGE, (destination, library_key, lineage))

    def at(self, destination: str, *, library_key: str | None = None) -> list[Exported]:
        """Return all playlists of ours at a destination, by name.

        Parameters
        ----------
        destination : str
            The service and account.
        library_key : str, optional
            Only those made from this library.

        Returns
        -------
        list of Exported
            Possibly empty.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            rows = connection.execute(_AT, {"destination": destination, "key": library_key}).fetchall()
        return [_exported(row) for row in rows]

    def forget(self, destination: str, remote_id: str) -> None:
        """Forget a playlist; nothing happens when it is not known.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            connection.execute(_FORGET, (destination, remote_id))

    def _one(self, statement: str, values: tuple[str, ...]) -> Exported | None:
        with self._database.read() as connection:
            row = connection.execute(statement, values).fetchone()
        return None if row is None else _exported(row)


def _exported(row: tuple[Any, ...]) -> Exported:
    destination, library_key, lineage, remote_id, snapshot_id, name, uris, when = row
    return Exported(destination, library_key, lineage, remote_id, snapshot_id, name, tuple(from_json(uris)), when)
