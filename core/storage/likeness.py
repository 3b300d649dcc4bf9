"""Which stored library is the one that comes again under another file name.

Programs that list a person's music call every file a little differently ("liked.csv", "liked (1).csv"), and each has a
few tracks more or fewer than the one before.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from core.library import Library
from core.storage.keys import OF_LIBRARY, are_files, library_key

#: Least Jaccard overlap of the tracks of two libraries that are one: they have at least as many tracks in common as
#: apart. A playlist that changes as much as such a library does overlaps what it was by as much, well above the 0.3
#: by which playlists go on (`core.playlists.LEAST_OVERLAP`); of libraries that share less, most would not.
LEAST_SHARED: Final = 0.5
#: Tracks of a stored library that are looked at first, evenly spread: 12 libraries of 50,000 tracks take 0.6 s in
#: whole and 0.02 s so.
_SAMPLE: Final = 200
#: Least share of the sample that must be there before all tracks are counted. At `LEAST_SHARED` and sizes that differ
#: by as much at most, half of the tracks are; 200 drawn by chance show fewer than a third of them once in a million.
_LEAST_OF_SAMPLE: Final = 0.33

# Rows are few: a person has some dozens of libraries, and each genre or playlist looked into is one.
_ANALYSED = """
    SELECT id, key, name, kind, path, tracks,
           (SELECT max(runs.id) FROM runs WHERE runs.library_key = libraries.key) AS newest
      FROM libraries WHERE newest IS NOT NULL ORDER BY newest DESC
"""
_TRACKS = "SELECT track_id, uri, title, artist FROM tracks WHERE library_id = ?"
_SOME = f"{_TRACKS} AND position IN (SELECT value FROM json_each(?))"

# Names, locks and exported playlists of a library or of any part of it, an export that was cut off, and whether the
# last run of the whole was changed by hand.
_MINDED = f"""
    SELECT EXISTS (SELECT 1 FROM edits WHERE {OF_LIBRARY}) OR EXISTS (SELECT 1 FROM exports WHERE {OF_LIBRARY})
        OR EXISTS (SELECT 1 FROM journal
                    WHERE state IN ('planned', 'sent') AND json_extract(payload, '$.library_key') = :key)
        OR coalesce((SELECT json_extract(options, '$.by_hand') FROM runs
                      WHERE library_key = :key ORDER BY id DESC LIMIT 1), 0)
"""

#: A track's id, and what says that it is the same track in another file.
_Mark: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Alike:
    """A stored library that has most of its tracks in common with another one.

    Attributes
    ----------
    key : str
        What it is kept under; that of the whole library where a part of it was compared.
    name, path : str
        What it is called, and where it was read from.
    tracks, shared : int
        How many tracks it has, or the part of it that was compared, and how many of them are in the other library.
    """

    key: str
    name: str
    path: str
    tracks: int
    shared: int


def most_alike(connection: sqlite3.Connection, library: Library, scope: str) -> Alike | None:
    """Return the stored library, of those a person named, exported or changed something of, that another is most alike.

    Only files are compared: a scheme such as ``spotify:`` always has the same name, and what came from an account stays
    under the account's rules (`core.storage.expiry`).

    Parameters
    ----------
    connection : sqlite3.Connection
        The database.
    library : Library
        The other one, or some of its tracks.
    scope : str
        What follows the library's key in the key of the part that has these tracks; empty for the whole library. A
        part is compared with the same part of others.

    Returns
    -------
    Alike or None
        The one with the largest overlap, at least `LEAST_SHARED`; the last analysed among equals.
    """
    own, size = library_key(library.kind, library.path), len(library)
    if not are_files(library.path):
        return None
    best: tuple[float, Alike | None] = (0.0, None)
    marks: frozenset[_Mark] | None = None
    for row_id, key, name, kind, path, tracks, _ in connection.execute(_ANALYSED).fetchall():
        whole = library_key(kind, path)
        too_unlike = min(size, tracks) < LEAST_SHARED * max(size, tracks)
        if too_unlike or whole == own or key != whole + scope or not are_files(path):
            continue
        marks = _marks_of(library) if marks is None else marks
        shared = _shared(connection, row_id, tracks, marks)
        overlap = shared / max(size + tracks - shared, 1)
        if overlap >= LEAST_SHARED and overlap > best[0] and connection.execute(_MINDED, {"key": whole}).fetchone()[0]:
            best = overlap, Alike(whole, name, path, tracks, shared)
    return best[1]


def _shared(connection: sqlite3.Connection, row_id: int, tracks: int, marks: frozenset[_Mark]) -> int:
    """Return how many tracks of a stored library are among others; 0 where a sample says that they are few."""
    if tracks > 2 * _SAMPLE:
        places = np.linspace(0, tracks - 1, _SAMPLE, dtype=np.int64).tolist()
        some = connection.execute(_SOME, (row_id, json.dumps(places))).fetchall()
        if sum(mark in marks for mark in _marks(some)) < _LEAST_OF_SAMPLE * len(some):
            return 0
    return sum(mark in marks for mark in _marks(connection.execute(_TRACKS, (row_id,))))


def _marks_of(library: Library) -> frozenset[_Mark]:
    tracks = library.tracks
    columns = (tracks.index.tolist(), *(tracks[name].tolist() for name in ("uri", "title", "artist")))
    return frozenset(_marks(zip(*columns, strict=True)))


def _marks(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[_Mark]:
    """Give the marks of tracks: ids alone, often plain numbers, mean other tracks in another file."""
    return ((track_id, uri or f"{title}\x1f{artist}") for track_id, uri, title, artist in rows if uri or title)
