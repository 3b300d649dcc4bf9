"""Genres that were looked up, by ISRC and by artist; kept for good, because asking again is slow."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Final

from core.storage.connection import Database, from_json, to_json, want

#: Something found without a genre is looked up again after this many seconds: 30 days.
RETRY_AFTER: Final = 30 * 86_400.0

_PUT = "INSERT OR REPLACE INTO genres (kind, key, genres, time) VALUES (?, ?, ?, ?)"
_GET = """
    SELECT key, genres
      FROM temp.wanted CROSS JOIN genres ON key = wanted.track_key
     WHERE kind = ? AND (genres <> '[]' OR time > ?)
"""


class GenreStore:
    """Genre labels of recordings and artists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, found: Mapping[str, Iterable[str]], *, now: float | None = None) -> None:
        """Store one answer, all of it or nothing.

        Parameters
        ----------
        kind : str
            What the keys are: ``"isrc"``, ``"artist"``, or another word for another kind of key.
        found : mapping of str to iterable of str
            Genre labels of each key, the most fitting first; none for a key that was looked up in vain.
        now : float, optional
            When the answer came; the time of the call when not given.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        when = time.time() if now is None else now
        rows = [(kind, key, to_json(list(labels)), when) for key, labels in found.items()]
        with self._database.write() as connection:
            connection.executemany(_PUT, rows)

    def get(self, kind: str, keys: Iterable[str], *, now: float | None = None) -> dict[str, tuple[str, ...]]:
        """Return the stored genres of some keys.

        Parameters
        ----------
        kind : str
            What the keys are.
        keys : iterable of str
            The keys.
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        dict of str to tuple of str
            The labels of every key that need not be looked up; an empty tuple for one that was looked up in vain
            less than `RETRY_AFTER` ago. Keys that are not in it are to be looked up.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        since = (time.time() if now is None else now) - RETRY_AFTER
        with self._database.read() as connection:
            want(connection, keys)
            rows = connection.execute(_GET, (kind, since)).fetchall()
        return {key: tuple(from_json(labels)) for key, labels in rows}
