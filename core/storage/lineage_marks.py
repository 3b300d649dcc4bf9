"""Which playlist is which, after the tracks they were made of had to go.

Spotify's ids may not be kept, and without them a playlist exported a while ago would be made a second time. So of a
kept run that goes, the tracks of each playlist that has a name given by hand or was exported stay as marks: keyed
one-way hashes, which say whether a track read again is one of them, and nothing else.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

#: Where the key of the hashes is; it is made once for each database.
SALT: Final = "lineage.salt"
#: Bytes of a mark: two of a million tracks share one with a probability below one in ten million.
_MARK_BYTES: Final = 8

_SALT = "SELECT value FROM state WHERE key = ?"
_SET_SALT = "INSERT INTO state (key, value, time) VALUES (?, ?, 0)"
# The last run that knew a playlist says which tracks it has.
_GOING = """
    SELECT runs.library_key, lineage, track_id
      FROM runs JOIN run_clusters ON run_clusters.run_id = runs.id
                JOIN run_tracks USING (run_id, cluster_id)
     WHERE runs.spotify_at <= :limit AND lineage <> ''
       AND (EXISTS (SELECT 1 FROM edits WHERE edits.library_key = runs.library_key
                                          AND edits.lineage = run_clusters.lineage)
            OR EXISTS (SELECT 1 FROM exports WHERE exports.library_key = runs.library_key
                                               AND exports.lineage = run_clusters.lineage))
       AND runs.id = (SELECT max(later.id) FROM runs AS later JOIN run_clusters AS of ON of.run_id = later.id
                       WHERE later.library_key = runs.library_key AND of.lineage = run_clusters.lineage)
"""
_FORGET = "DELETE FROM lineage_marks WHERE library_key = ? AND lineage = ?"
_KEEP = "INSERT OR IGNORE INTO lineage_marks (library_key, lineage, mark) VALUES (?, ?, ?)"
_MARKS = "SELECT lineage, mark FROM lineage_marks WHERE library_key = ?"


def keep_marks(connection: sqlite3.Connection, limit: float) -> None:
    """Keep the marks of the runs that go, in place of earlier ones of the same playlists.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction that deletes the runs afterwards.
    limit : float
        Runs with data from Spotify of this time or older go, in seconds since 1970.
    """
    rows = connection.execute(_GOING, {"limit": limit}).fetchall()
    if not rows:
        return
    salt = _salt(connection) or secrets.token_hex(16)
    connection.execute("DELETE FROM state WHERE key = ?", (SALT,))
    connection.execute(_SET_SALT, (SALT, f'"{salt}"'))
    connection.executemany(_FORGET, {(key, lineage) for key, lineage, _ in rows})
    connection.executemany(_KEEP, ((key, lineage, _mark(salt, track_id)) for key, lineage, track_id in rows))


def marked_tracks(
    connection: sqlite3.Connection, library_key: str, track_ids: Iterable[str]
) -> dict[str, frozenset[str]]:
    """Return the tracks of each playlist that is known by marks only.

    Parameters
    ----------
    connection : sqlite3.Connection
        The database.
    library_key : str
        Key of the library.
    track_ids : iterable of str
        The tracks it has now.

    Returns
    -------
    dict of str to frozenset of str
        By lineage: the id of each track that is there again, and the bare mark of each that is not.
    """
    marks: dict[str, list[str]] = defaultdict(list)
    for lineage, mark in connection.execute(_MARKS, (library_key,)):
        marks[lineage].append(mark)
    if not marks:
        return {}
    salt = _salt(connection)
    there = {_mark(salt, track_id): track_id for track_id in track_ids}
    return {lineage: frozenset(there.get(mark, mark) for mark in its) for lineage, its in marks.items()}


def _salt(connection: sqlite3.Connection) -> str:
    row = connection.execute(_SALT, (SALT,)).fetchone()
    return str(row[0]).strip('"') if row else ""


def _mark(salt: str, track_id: str) -> str:
    return blake2b(track_id.encode("utf-8", "replace"), key=salt.encode(), digest_size=_MARK_BYTES).hexdigest()
