"""Small things to remember between starts, each possibly until a time."""

from __future__ import annotations

import time
from typing import Any

from core.storage.connection import Database, from_json, to_json

_SET = "INSERT OR REPLACE INTO state (key, value, until, from_spotify, time) VALUES (?, ?, ?, ?, ?)"
_GET = "SELECT value FROM state WHERE key = ? AND (until IS NULL OR until > ?)"
_REMOVE = "DELETE FROM state WHERE key = ?"


class StateStore:
    """Values by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(
        self,
        key: str,
        value: Any,
        *,
        until: float | None = None,
        from_spotify: bool = False,
        now: float | None = None,
    ) -> None:
        """Remember a value.

        Parameters
        ----------
        key : str
            Its name.
        value : Any
            Whatever JSON knows; never a secret, those belong to the system's keyring.
        until : float, optional
            Forget it at that time, in seconds since 1970.
        from_spotify : bool, default False
            Whether it was obtained from Spotify's API, and so goes after 30 days and on disconnect.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        when = time.time() if now is None else now
        with self._database.write() as connection:
            connection.execute(_SET, (key, to_json(value), until, from_spotify, when))

    def get(self, key: str, default: Any = None, *, now: float | None = None) -> Any:
        """Return a remembered value.

        Parameters
        ----------
        key : str
            Its name.
        default : Any, default None
            What to return when there is none or its time is over.
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        Any
            The value, or `default`.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        when = time.time() if now is None else now
        with self._database.read() as connection:
            row = connection.execute(_GET, (key, when)).fetchone()
        return default if row is None else from_json(row[0])

    def remove(self, key: str) -> None:
        """Forget a value; nothing happens when there is none.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            connection.execute(_REMOVE, (key,))
