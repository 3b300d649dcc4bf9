"""Whole libraries, so that a recent one opens without its source."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from core.errors import StorageError
from core.features import BASE_NAMES, FEATURES
from core.library import NUMBER_COLUMNS, TEXT_COLUMNS, TUPLE_COLUMNS, Library, Notice, make_library
from core.storage.connection import Database, from_json, numbers, to_json
from core.storage.keys import library_key, track_keys

#: `Library.kind` of what was read from an account through Spotify's API.
SPOTIFY_KIND: Final = "spotify"
#: `Notice.kind` of a library that lost tracks because they were Spotify's and too old.
EXPIRED: Final = "spotify-expired"

_NAMES: Final = tuple(FEATURES)
_OWN: Final = ("library_id", "position", "track_key", "spotify_at")
_SHOWN: Final = ("track_id", *TEXT_COLUMNS, *TUPLE_COLUMNS, *NUMBER_COLUMNS, "provider", *_NAMES)
_INFO: Final = "key, name, kind, path, tracks, with_features, saved_at, opened_at"

# The row keeps its id when a library is saved again, and a name a person gave it when none is given now.
_SAVE = """
    INSERT INTO libraries (key, name, kind, path, feature_columns, genre_parents, notices, tracks, with_features,
                           dropped, saved_at, opened_at)
    VALUES (:key, :name, :kind, :path, :feature_columns, :genre_parents, :notices, :tracks, :with_features,
            :dropped, :now, :now)
        ON CONFLICT (key) DO UPDATE
       SET name = iif(:named, excluded.name, name), kind = excluded.kind, path = excluded.path,
           feature_columns = excluded.feature_columns, genre_parents = excluded.genre_parents,
           notices = excluded.notices, tracks = excluded.tracks, with_features = excluded.with_features,
           dropped = excluded.dropped, saved_at = excluded.saved_at, opened_at = excluded.opened_at
"""
_ID = "SELECT id FROM libraries WHERE key = ?"
_DATES = "SELECT track_id, spotify_at FROM tracks WHERE library_id = ? AND spotify_at IS NOT NULL"
_CLEAR = "DELETE FROM tracks WHERE library_id = ?"
_PUT = f"INSERT INTO tracks ({', '.join(_OWN + _SHOWN)}) VALUES ({', '.join('?' * len(_OWN + _SHOWN))})"
_HEAD = "SELECT id, kind, path, feature_columns, genre_parents, notices, dropped FROM libraries WHERE key = ?"
_TRACKS = f"SELECT {', '.join(_SHOWN)} FROM tracks WHERE library_id = ? ORDER BY position"
_RECENT = f"SELECT {_INFO} FROM libraries ORDER BY opened_at DESC, id DESC LIMIT ?"
_OPENED = "UPDATE libraries SET opened_at = ? WHERE key = ?"
_REMOVE = "DELETE FROM libraries WHERE key = ?"


@dataclass(frozen=True)
class LibraryInfo:
    """A stored library as a list of recent ones shows it.

    Attributes
    ----------
    key : str
        What it is called in the database.
    name : str
        What it is called on the screen.
    kind, path : str
        As in `core.library.Library`.
    tracks, with_features : int
        How many tracks it has, and how many of them have features.
    saved_at, opened_at : float
        Seconds since 1970.
    """

    key: str
    name: str
    kind: str
    path: str
    tracks: int
    with_features: int
    saved_at: float
    opened_at: float


class LibraryStore:
    """The stored libraries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        library: Library,
        *,
        name: str = "",
        key: str | None = None,
        spotify_at: pd.Series | float | None = None,
        now: float | None = None,
    ) -> str:
        """Store a library in place of what was stored of it before.

        Parameters
        ----------
        library : Library
            The library. Features whose provider is ``"spotify"`` must be stored by `FeatureStore.put` as well: they
            go with their date there, and at the next opening if they have none.
        name : str, default ""
            What it is called on the screen; its earlier name, else the last part of its path, when empty.
        key : str, optional
            What it is called in the database; `library_key` of its kind and path when not given.
        spotify_at : pandas.Series or float, optional
            When the tracks were obtained from Spotify's API, in seconds since 1970: by track id with NaN for a
            person's own, or one time for all. When not given, a track keeps the date it has, and one that is new
            gets `now` in a library of kind `SPOTIFY_KIND` and none in another.
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        str
            The key to `load` it with.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        when = time.time() if now is None else now
        owner = library_key(library.kind, library.path) if key is None else key
        head = _head(library) | {
            "key": owner,
            "name": name or Path(library.path).name or library.path,
            "named": bool(name),
            "now": when,
        }
        with self._database.write() as connection:
            connection.execute(_SAVE, head)
            row_id = int(connection.execute(_ID, (owner,)).fetchone()[0])
            dates = _dates(connection, row_id, library, spotify_at, when)
            connection.execute(_CLEAR, (row_id,))
            connection.executemany(_PUT, _rows(library, row_id, owner, dates))
        return owner

    def load(self, key: str) -> Library:
        """Return a stored library, equal to the one that was saved.

        Parameters
        ----------
        key : str
            As `save` returned it.

        Returns
        -------
        Library
            With one more notice when tracks from Spotify were dropped since.

        Raises
        ------
        StorageError
            When there is no such library, or the database cannot be read.
        """
        with self._database.read() as connection:
            head = connection.execute(_HEAD, (key,)).fetchone()
            if head is None:
                raise StorageError("this library is not stored any more", where=key, next_step="Open its source again")
            rows = connection.execute(_TRACKS, (head[0],)).fetchall()
        columns = dict(zip(_SHOWN, zip(*rows, strict=True) if rows else [()] * len(_SHOWN), strict=True))
        return _library(columns, *head[1:])

    def spotify_dates(self, key: str) -> pd.Series:
        """Return when each track of a stored library was obtained from Spotify's API.

        Parameters
        ----------
        key : str
            The library.

        Returns
        -------
        pandas.Series [dtype=float64]
            Seconds since 1970 by track id; empty when the library is not stored or holds a person's own data only.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            row = connection.execute(_ID, (key,)).fetchone()
            dates = dict(connection.execute(_DATES, (row[0],)).fetchall()) if row else {}
        return pd.Series(dates, dtype=np.float64)

    def recent(self, *, limit: int = 20) -> list[LibraryInfo]:
        """Return the stored libraries, the last opened first.

        Parameters
        ----------
        limit : int, default 20
            At most this many.

        Returns
        -------
        list of LibraryInfo
            Without their tracks.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return [LibraryInfo(*row) for row in connection.execute(_RECENT, (limit,))]

    def touch(self, key: str, *, now: float | None = None) -> None:
        """Note that a library was opened.

        Parameters
        ----------
        key : str
            Its key; nothing happens when there is none.
        now : float, optional
            The time of the call when not given.
        """
        with self._database.write() as connection:
            connection.execute(_OPENED, (time.time() if now is None else now, key))

    def remove(self, key: str) -> None:
        """Forget a library and its tracks. Its kept runs, names and exported playlists stay.

        Parameters
        ----------
        key : str
            Its key; nothing happens when there is none.
        """
        with self._database.write() as connection:
            connection.execute(_REMOVE, (key,))


def _head(library: Library) -> dict[str, Any]:
    """Return what is stored once a library."""
    return {
        "kind": library.kind,
        "path": library.path,
        "feature_columns": to_json(list(library.features.columns)),
        "genre_parents": to_json(dict(library.genre_parents)),
        "notices": to_json([[n.kind, n.count, n.text] for n in library.notices if n.kind != EXPIRED]),
        "tracks": len(library),
        "with_features": library.with_features,
        "dropped": sum(n.count for n in library.notices if n.kind == EXPIRED),
    }


def _dates(
    connection: sqlite3.Connection, row_id: int, library: Library, spotify_at: pd.Series | float | None, now: float
) -> Sequence[float | None]:
    """Return when each track was obtained from Spotify's API, None for a person's own."""
    if isinstance(spotify_at, pd.Series):
        given = spotify_at.reindex(library.tracks.index).to_numpy(dtype=np.float64)
        return [None if np.isnan(value) else float(value) for value in given]
    if spotify_at is not None:
        return [float(spotify_at)] * len(library)
    known: dict[str, float] = dict(connection.execute(_DATES, (row_id,)).fetchall())
    new = now if library.kind == SPOTIFY_KIND else None
    return [known.get(track_id, new) for track_id in library.tracks.index]


def _rows(library: Library, row_id: int, owner: str, dates: Sequence[float | None]) -> Iterator[tuple[object, ...]]:
    """Give one row a track, in the order of the columns of ``_PUT``."""
    tracks, size = library.tracks, len(library)
    written: dict[tuple[str, ...], str] = {}

    def text(labels: tuple[str, ...]) -> str:
        # The same few tuples stand in most rows.
        if labels not in written:
            written[labels] = to_json(list(labels))
        return written[labels]

    columns: list[Sequence[object]] = [[row_id] * size, range(size)]
    columns += [track_keys(library, key=owner).tolist(), dates, tracks.index.tolist()]
    columns += [tracks[name].tolist() for name in TEXT_COLUMNS]
    columns += [[text(tuple(labels)) for labels in tracks[name]] for name in TUPLE_COLUMNS]
    columns += [tracks[name].tolist() for name in NUMBER_COLUMNS]
    columns.append(library.providers.tolist())
    # NaN is stored as NULL by SQLite itself.
    columns += [library.features[name].tolist() if name in library.features else [None] * size for name in _NAMES]
    yield from zip(*columns, strict=True)


def _library(
    columns: dict[str, tuple[Any, ...]],
    kind: str,
    path: str,
    feature_columns: str,
    genre_parents: str,
    notices: str,
    dropped: int,
) -> Library:
    """Return the library that the stored columns hold."""
    index = pd.Index(columns["track_id"], dtype="str", name="track_id")
    tracks: dict[str, Any] = {name: np.array(columns[name], dtype=object) for name in TEXT_COLUMNS}
    for name in TUPLE_COLUMNS:
        read = {text: tuple(from_json(text)) for text in set(columns[name])}
        tracks[name] = pd.Series([read[text] for text in columns[name]], index=index, dtype=object)
    tracks |= {name: numbers(columns[name]) for name in NUMBER_COLUMNS}
    stored = set(from_json(feature_columns))
    features = {name: numbers(columns[name]) for name in _NAMES if name in stored}
    kept = [Notice(*notice) for notice in from_json(notices)]
    if dropped:
        kept.append(_expired(dropped))
    return make_library(
        pd.DataFrame(tracks, index=index),
        pd.DataFrame(features, index=index, columns=list(features) or list(BASE_NAMES)),
        kind=kind,
        path=path,
        providers=pd.Series(columns["provider"], index=index, dtype="str"),
        genre_parents=from_json(genre_parents),
        notices=kept,
    )


def _expired(dropped: int) -> Notice:
    tracks = "1 track" if dropped == 1 else f"{dropped:,} tracks"
    return Notice(
        EXPIRED,
        dropped,
        f"{tracks} from Spotify were dropped after 30 days, as Spotify's terms ask. Sync again to get them back.",
    )
