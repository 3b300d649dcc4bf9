"""What is kept of an account at Spotify: pages of answers as they arrived, and how many calls were made.

Pages are Spotify's data: they carry their date and are dropped after 30 days (`core.storage.expiry`).
"""

from __future__ import annotations

import time
from typing import Any, Final

from core.storage.connection import Database, from_json, to_json

#: Spotify counts calls over the last 24 hours, not since midnight.
QUOTA_WINDOW: Final = 86_400.0

_PUT = """
    INSERT OR REPLACE INTO spotify_pages (account, collection, page, tag, body, time) VALUES (?, ?, ?, ?, ?, ?)
"""
_OUTDATED = "DELETE FROM spotify_pages WHERE account = ? AND collection = ? AND tag <> ?"
_GET = """
    SELECT page, body FROM spotify_pages WHERE account = ? AND collection = ? AND tag = ? ORDER BY page
"""
_TAGS = "SELECT DISTINCT collection, tag FROM spotify_pages WHERE account = ? ORDER BY collection"
_DROP = "DELETE FROM spotify_pages WHERE account = ? AND collection = ?"

_CALL = "INSERT INTO calls (family, time) VALUES (?, ?)"
_OLD_CALLS = "DELETE FROM calls WHERE time <= ?"
_USED = "SELECT family, count(*) FROM calls WHERE time > ? GROUP BY family ORDER BY family"


class PageStore:
    """Pages of answers, so that a sync that was cut off goes on and an unchanged playlist is not fetched again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self, account: str, collection: str, page: int, body: Any, *, tag: str = "", now: float | None = None
    ) -> None:
        """Store one page as it arrived; pages of the collection with another tag go.

        Parameters
        ----------
        account : str
            Whose it is.
        collection : str
            What is paged, such as ``"liked"`` or a playlist's id.
        page : int
            Its number or offset.
        body : Any
            What is needed of the answer, as JSON knows it.
        tag : str, default ""
            The state of the collection that the page belongs to, such as its ``snapshot_id``.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        when = time.time() if now is None else now
        with self._database.write() as connection:
            connection.execute(_OUTDATED, (account, collection, tag))
            connection.execute(_PUT, (account, collection, page, tag, to_json(body), when))

    def get(self, account: str, collection: str, *, tag: str = "") -> dict[int, Any]:
        """Return the stored pages of a collection in one state.

        Parameters
        ----------
        account, collection, tag : str
            As given to `put`.

        Returns
        -------
        dict of int to Any
            Body by page, ascending; empty when nothing of that state is stored.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            rows = connection.execute(_GET, (account, collection, tag)).fetchall()
        return {page: from_json(body) for page, body in rows}

    def tags(self, account: str) -> dict[str, str]:
        """Return the state of which pages are stored, by collection.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return dict(connection.execute(_TAGS, (account,)).fetchall())

    def drop(self, account: str, collection: str) -> None:
        """Drop the pages of a collection; nothing happens when there are none.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            connection.execute(_DROP, (account, collection))


class QuotaStore:
    """How many calls were made in the last 24 hours, by family of endpoints, over all windows together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, family: str, *, now: float | None = None) -> None:
        """Note one call.

        Parameters
        ----------
        family : str
            The family of endpoints it counts for.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        when = time.time() if now is None else now
        with self._database.write() as connection:
            connection.execute(_OLD_CALLS, (when - QUOTA_WINDOW,))
            connection.execute(_CALL, (family, when))

    def used(self, *, now: float | None = None) -> dict[str, int]:
        """Return the calls of the last `QUOTA_WINDOW` seconds.

        Parameters
        ----------
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        dict of str to int
            Calls by family; a family without any is absent.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        since = (time.time() if now is None else now) - QUOTA_WINDOW
        with self._database.read() as connection:
            return dict(connection.execute(_USED, (since,)).fetchall())
