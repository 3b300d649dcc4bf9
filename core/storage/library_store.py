"""Whole libraries, so that a recent one opens without its source."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from core.errors import StorageError
from core.features import BASE_NAMES, FEATURES
from core.library import NUMBER_COLUMNS, TEXT_COLUMNS, TUPLE_COLUMNS, Library, Notice, make_library
from core.storage.connection import Database, from_json, numbers, to_json
from core.storage.feature_store import SPOTIFY_PROVIDER
from core.storage.keys import lasting_path, library_key, storable, track_keys
from core.storage.likeness import Alike, most_alike
from core.wording import counted

#: `Library.kind` of what was read from an account through Spotify's API.
SPOTIFY_KIND: Final = "spotify"
#: `Notice.kind` of a library that lost tracks because they were Spotify's and too old.
EXPIRED: Final = "spotify-expired"
#: `Notice.kind` of a library that goes on where one of another file name ended; told once, so it is not stored.
CARRIED_ON: Final = "carried-on"

_PASSING: Final = (EXPIRED, CARRIED_ON)
_NAMES: Final = tuple(FEATURES)
#: What a library shows of a track, as columns of the database.
SHOWN: Final = ("track_id", *TEXT_COLUMNS, *TUPLE_COLUMNS, *NUMBER_COLUMNS, "provider", *_NAMES)
_PLACE: Final = ("library_id", "position", "track_key")
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
_CLEAR = ("DELETE FROM tracks WHERE library_id = ?", "DELETE FROM own_tracks WHERE library_id = ?")


def _put(table: str, *columns: str) -> str:
    """Return the statement that stores a row of a library."""
    names = (*_PLACE, *SHOWN, *columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


_PUT = _put("tracks", "spotify_at")
_PUT_OWN = _put("own_tracks")
_HEAD = "SELECT id, kind, path, feature_columns, genre_parents, notices, dropped FROM libraries WHERE key = ?"
_TRACKS = f"SELECT spotify_at, {', '.join(SHOWN)} FROM tracks WHERE library_id = ? ORDER BY position"
_OWN_TRACKS = f"SELECT {', '.join(SHOWN)} FROM own_tracks WHERE library_id = ? ORDER BY position"
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
        now: float | None = None,
    ) -> str:
        """Store a library in place of what was stored of it before.

        Parameters
        ----------
        library : Library
            The library. Tracks of kind `SPOTIFY_KIND` without a date of their own get `now`. Features whose provider
            is ``"spotify"`` must be stored by `FeatureStore.put` as well: they go with their date there, and at the
            next opening if they have none.
        name : str, default ""
            What it is called on the screen; its earlier name, else the last part of its path, when empty.
        key : str, optional
            What it is called in the database; `library_key` of its kind and path when not given.
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
            "name": storable(name or Path(library.path).name or library.path),
            "named": bool(name),
            "now": when,
        }
        with self._database.write() as connection:
            connection.execute(_SAVE, head)
            row_id = int(connection.execute(_ID, (owner,)).fetchone()[0])
            for statement in _CLEAR:
                connection.execute(statement, (row_id,))
            dates = library.spotify_at.fillna(when if library.kind == SPOTIFY_KIND else np.nan).tolist()
            connection.executemany(_PUT, _rows(library, (row_id, owner), range(len(library)), dates))
            own = _own_part(library)
            if own is not None:
                places = library.tracks.index.get_indexer(own.tracks.index).tolist()
                connection.executemany(_PUT_OWN, _rows(own, (row_id, owner), places))
        return owner

    def load(self, key: str) -> Library:
        """Return a stored library, equal to the one that was saved but for a relative path.

        Parameters
        ----------
        key : str
            As `save` returned it.

        Returns
        -------
        Library
            Its path leads to the same place from every folder. It has one more notice when tracks from Spotify were
            dropped since.

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
            own_rows = connection.execute(_OWN_TRACKS, (head[0],)).fetchall()
        _, kind, path, feature_columns, genre_parents, notices, dropped = head
        names = from_json(feature_columns)
        kept = [Notice(*notice) for notice in from_json(notices)]
        columns = _columns(("spotify_at", *SHOWN), rows)
        own = _library(_columns(SHOWN, own_rows), names, kind=kind, path=path) if own_rows else None
        return _library(
            columns,
            names,
            kind=kind,
            path=path,
            spotify_at=pd.Series(numbers(columns["spotify_at"])),
            own=own,
            genre_parents=from_json(genre_parents),
            notices=[*kept, _expired(dropped)] if dropped else kept,
        )

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

    def most_alike(self, library: Library, *, scope: str = "") -> Alike | None:
        """Return the stored library that another one is most alike; see `core.storage.likeness.most_alike`.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return most_alike(connection, library, scope)

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
        "path": storable(lasting_path(library.path)),
        "feature_columns": to_json(list(library.features.columns)),
        "genre_parents": to_json(dict(library.genre_parents)),
        "notices": to_json([[n.kind, n.count, n.text, n.command] for n in library.notices if n.kind not in _PASSING]),
        "tracks": len(library),
        "with_features": library.with_features,
        "dropped": sum(n.count for n in library.notices if n.kind == EXPIRED),
    }


def _own_part(library: Library) -> Library | None:
    """Return what stays of the tracks that an account gave as well: with what others than Spotify found since."""
    if library.own is None:
        return None
    ids = library.own.tracks.index
    features = library.own.features.reindex(columns=library.features.columns)
    given = library.providers.loc[ids]
    found = (library.own.providers == "") & (given != SPOTIFY_PROVIDER)
    features.loc[found] = library.features.loc[ids].loc[found]
    return replace(library.own, features=features, providers=library.own.providers.where(~found, given))


def _rows(
    library: Library, head: tuple[int, str], places: Iterable[int], *more: Sequence[object]
) -> Iterator[tuple[object, ...]]:
    """Give one row a track, in the order of the columns of ``_PUT``; `head` is the library's row id and its key."""
    tracks, size = library.tracks, len(library)
    row_id, owner = head
    written: dict[tuple[str, ...], str] = {}

    def text(labels: tuple[str, ...]) -> str:
        # The same few tuples stand in most rows.
        if labels not in written:
            written[labels] = to_json(list(labels))
        return written[labels]

    columns: list[Iterable[object]] = [[row_id] * size, places, track_keys(library, key=owner).tolist()]
    columns.append(tracks.index.tolist())
    columns += [tracks[name].tolist() for name in TEXT_COLUMNS]
    columns += [[text(tuple(labels)) for labels in tracks[name]] for name in TUPLE_COLUMNS]
    columns += [tracks[name].tolist() for name in NUMBER_COLUMNS]
    columns.append(library.providers.tolist())
    # NaN is stored as NULL by SQLite itself.
    columns += [library.features[name].tolist() if name in library.features else [None] * size for name in _NAMES]
    yield from zip(*columns, *more, strict=True)


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Return rows as columns by name."""
    return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))


def _library(columns: dict[str, tuple[Any, ...]], stored: Collection[str], **about: Any) -> Library:
    """Return the library that the stored columns hold; `about` as in `make_library`."""
    index = pd.Index(columns["track_id"], dtype="str", name="track_id")
    tracks: dict[str, Any] = {name: np.array(columns[name], dtype=object) for name in TEXT_COLUMNS}
    for name in TUPLE_COLUMNS:
        read = {text: tuple(from_json(text)) for text in set(columns[name])}
        tracks[name] = pd.Series([read[text] for text in columns[name]], index=index, dtype=object)
    tracks |= {name: numbers(columns[name]) for name in NUMBER_COLUMNS}
    features = {name: numbers(columns[name]) for name in _NAMES if name in stored}
    return make_library(
        pd.DataFrame(tracks, index=index),
        pd.DataFrame(features, index=index, columns=list(features) or list(BASE_NAMES)),
        providers=pd.Series(columns["provider"], index=index, dtype="str"),
        **about,
    )


def _expired(dropped: int) -> Notice:
    gone = "was" if dropped == 1 else "were"
    return Notice(
        EXPIRED,
        dropped,
        f"{counted(dropped, 'track')} from Spotify {gone} dropped after 30 days, as Spotify's terms ask. "
        "Sync again for what was dropped.",
    )
