"""Dropping what was obtained from Spotify's API: after 30 days, and when a person disconnects.

Spotify's Developer Terms (section IV of version 10) allow its content to be kept only for a while, and ask for its
deletion on disconnecting (section V). What a person's own files gave is theirs and is never touched here. Neither are
features from other providers, genres from MusicBrainz, or the count of calls, which Spotify goes on counting as well.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.features import BASE_NAMES, FEATURES
from core.storage.connection import Database
from core.storage.library_store import SHOWN
from core.storage.lineage_marks import keep_marks
from core.storage.opening import BACKUP_NAME

#: Seconds that data from Spotify's API is kept: 30 days.
SPOTIFY_KEEPS: Final = 30 * 86_400.0

# The features in a library's rows carry no date of their own: theirs is the one in the table of features, so they go
# together with it.
_UNDATED = """
    provider = 'spotify' AND NOT EXISTS (SELECT 1 FROM features
                                          WHERE features.track_key = tracks.track_key
                                            AND features.provider = 'spotify')
"""
# The journal lists the tracks of playlists as they were. An export goes as a whole or not at all, so that it can be
# taken back as a whole, and not before it is finished.
_OLD_ENTRY = "batch NOT IN (SELECT batch FROM journal WHERE changed_at > :limit OR state IN ('planned', 'sent'))"
_ANY_OLD = f"""
    SELECT EXISTS (SELECT 1 FROM tracks WHERE spotify_at <= :limit)
        OR EXISTS (SELECT 1 FROM features WHERE provider = 'spotify' AND time <= :limit)
        OR EXISTS (SELECT 1 FROM tracks WHERE {_UNDATED})
        OR EXISTS (SELECT 1 FROM spotify_pages WHERE time <= :limit)
        OR EXISTS (SELECT 1 FROM runs WHERE spotify_at <= :limit)
        OR EXISTS (SELECT 1 FROM journal WHERE {_OLD_ENTRY})
        OR EXISTS (SELECT 1 FROM state WHERE from_spotify AND time <= :limit)
"""
# A track that a person's own files know as well stays, as those files alone tell it.
_RESTORE = f"""
    REPLACE INTO tracks (library_id, position, track_key, {", ".join(SHOWN)})
    SELECT own_tracks.library_id, own_tracks.position, own_tracks.track_key,
           {", ".join(f"own_tracks.{name}" for name in SHOWN)}
      FROM own_tracks JOIN tracks USING (library_id, position)
     WHERE tracks.spotify_at <= :limit
"""
_TIDY = """
    DELETE FROM own_tracks
     WHERE NOT EXISTS (SELECT 1 FROM tracks
                        WHERE tracks.library_id = own_tracks.library_id AND tracks.position = own_tracks.position
                          AND tracks.spotify_at IS NOT NULL)
"""
_COUNT_DROPPED = """
    UPDATE libraries
       SET dropped = dropped + (SELECT count(*) FROM tracks WHERE library_id = libraries.id AND spotify_at <= :limit)
     WHERE id IN (SELECT library_id FROM tracks WHERE spotify_at <= :limit)
"""
_TRACKS = "DELETE FROM tracks WHERE spotify_at <= :limit"
_FEATURES = "DELETE FROM features WHERE provider = 'spotify' AND time <= :limit"
# A kept run lists Spotify's ids.
_RUNS = "DELETE FROM runs WHERE spotify_at <= :limit"
_DONE = f"DELETE FROM journal WHERE {_OLD_ENTRY}"
_PAGES = "DELETE FROM spotify_pages WHERE time <= :limit"
_STATE = "DELETE FROM state WHERE from_spotify AND time <= :limit"
_BLANK = f"UPDATE tracks SET provider = '', {', '.join(f'{name} = NULL' for name in FEATURES)} WHERE {_UNDATED}"
_RECOUNT = f"""
    UPDATE libraries
       SET tracks = (SELECT count(*) FROM tracks WHERE library_id = libraries.id),
           with_features = (SELECT count(coalesce({", ".join(BASE_NAMES)})) FROM tracks WHERE library_id = libraries.id)
"""
# On disconnect also what was made from it.
_NAMES = "DELETE FROM edits WHERE library_key IN (SELECT key FROM libraries WHERE kind = 'spotify')"
_LIBRARIES = "DELETE FROM libraries WHERE kind = 'spotify'"
_MISSES = "DELETE FROM misses WHERE provider = 'spotify'"
_EXPORTS = "DELETE FROM exports WHERE destination = 'spotify' OR destination LIKE 'spotify:%'"
_JOURNAL = "DELETE FROM journal"
_MARKS = "DELETE FROM lineage_marks"


@dataclass(frozen=True)
class Dropped:
    """What was dropped.

    Attributes
    ----------
    tracks, features, pages, runs, playlists : int
        Tracks in libraries, rows of features, pages of answers, kept runs, and remembered exported playlists.
    """

    tracks: int = 0
    features: int = 0
    pages: int = 0
    runs: int = 0
    playlists: int = 0


def expire(database: Database, now: float) -> Dropped:
    """Drop what was obtained from Spotify's API 30 days ago or earlier.

    Parameters
    ----------
    database : Database
        The store's database.
    now : float
        The time, in seconds since 1970.

    Returns
    -------
    Dropped
        How much it was. Given names stay, and so do exported playlists with the ids of what was put there, because
        they would be made a second time without; see `core.storage.lineage_marks`.

    Raises
    ------
    StorageError
        When the database cannot be written.
    """
    limit = now - SPOTIFY_KEEPS
    _remove_backups(database.path, before=limit)
    with database.read() as connection:
        # Asked first, because at most starts there is nothing to write.
        if not connection.execute(_ANY_OLD, {"limit": limit}).fetchone()[0]:
            return Dropped()
    with database.write() as connection:
        dropped = _drop_until(connection, limit)
    database.truncate_log()
    return dropped


def drop_all(database: Database) -> Dropped:
    """Drop everything that was obtained from Spotify's API, and what was made from it.

    Parameters
    ----------
    database : Database
        The store's database.

    Returns
    -------
    Dropped
        How much it was. Libraries read from an account go with their runs and given names, the playlists exported
        there and the journal too. A library that a person's own files are part of keeps those and its names.

    Raises
    ------
    StorageError
        When the database cannot be written.
    """
    with database.write() as connection:
        playlists = connection.execute(_EXPORTS).rowcount
        for statement in (_JOURNAL, _MISSES, _NAMES):
            connection.execute(statement)
        data = _drop_until(connection, float("inf"))
        for statement in (_LIBRARIES, _MARKS):
            connection.execute(statement)
    # Copies of earlier versions of the database hold the same data.
    _remove_backups(database.path, before=float("inf"))
    database.truncate_log()
    return replace(data, playlists=playlists)


def _drop_until(connection: sqlite3.Connection, limit: float) -> Dropped:
    def run(statement: str) -> int:
        return connection.execute(statement, {"limit": limit}).rowcount

    run(_RESTORE)
    connection.execute(_TIDY)
    run(_COUNT_DROPPED)
    keep_marks(connection, limit)
    dropped = Dropped(tracks=run(_TRACKS), features=run(_FEATURES), pages=run(_PAGES), runs=run(_RUNS))
    run(_STATE)
    run(_DONE)
    connection.execute(_BLANK)
    connection.execute(_RECOUNT)
    return dropped


def _remove_backups(path: Path, *, before: float) -> None:
    """Delete copies made before migrations, as far as the system lets us: they are of no use after so long."""
    copies: Iterable[Path] = path.parent.glob(BACKUP_NAME.format("*"))
    for copy in copies:
        with contextlib.suppress(OSError):
            if copy.stat().st_mtime < before:
                copy.unlink()
