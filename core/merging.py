"""Several libraries made one: the same track from two files is one track with both origins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from core.errors import SourceError
from core.features import FEATURES
from core.genre_tree import one_spelling
from core.joining import TRACK_ADDRESS, Mask, join_rows, name_key
from core.library import PATH_SEPARATOR, Library, Notice, make_library
from core.records import FloatArray, IntArray
from core.wording import counted

#: Kind of a library whose parts are of different kinds.
MIXED = "merged"
#: Two recordings of one title by one artist whose lengths differ by more than this are taken for different
#: recordings. Services round and trim differently, but by less (seen between Spotify and MusicBrainz: below 2 s).
DURATION_TOLERANCE_S = 2.0
#: Tracks looked at for one ISRC or one name. More of them share a name only where it says nothing ("Unknown"),
#: and comparing all with all would take minutes.
MAX_CANDIDATES = 100

#: Tracks, their features, and who gave them.
_Joined: TypeAlias = tuple[pd.DataFrame, pd.DataFrame, pd.Series]


def merge_libraries(libraries: Sequence[Library]) -> Library:
    """Make one library of several.

    Tracks of different libraries are one track when they have the same address (Spotify id or local file); else
    when they have the same ISRC; else, and only when one of the two has no Spotify id, when title and first artist
    agree and their lengths differ by 2 s at most or one is unknown. Two tracks of one library are never joined.
    What wins where both know something is written at `core.joining.join_rows`. Genres that the libraries spell
    differently get one spelling, see `core.genre_tree.one_spelling`.

    Play counts are the larger of the two, not the sum: the same history in two files must not count double. Parts
    of one history are added up where they are read together (a folder, a zip, several files of one package).

    Origins are the playlists a track came from; a track from no playlist gets the name of its file.

    A track that an account gave as well carries the earliest of the account's dates (`Library.spotify_at`); what the
    person's own files alone say of it is kept beside it (`Library.own`), and its id is theirs.

    Parameters
    ----------
    libraries : sequence of Library
        At least one, in the order in which their values win.

    Returns
    -------
    Library
        Tracks in the order of their first appearance. One library comes back as it is. Its kind is theirs, or
        `MIXED`; every notice is kept with the name of its file, and one of kind ``"merged"`` counts the joined tracks.

    Raises
    ------
    SourceError
        When there is no library.
    """
    if not libraries:
        raise SourceError("there is nothing to merge", next_step="Name at least one file")
    if len(libraries) == 1:
        return libraries[0]
    groups, matches = _match(libraries)
    names = [name for name in FEATURES if any(name in library.features.columns for library in libraries)]
    all_tracks, respelled = _one_spelling(pd.concat([_with_origins(library) for library in libraries]))
    rows = (
        all_tracks,
        pd.concat([library.features.reindex(columns=names) for library in libraries]),
        pd.concat([library.providers for library in libraries]),
    )
    joined = join_rows(*rows, groups)
    dates = np.concatenate([library.spotify_at.to_numpy() for library in libraries])
    spotify_at = _earliest(dates, groups)
    places, own = _join_some(rows, groups, np.isnan(dates) & ~np.isnan(spotify_at[groups]))
    ids = joined[0].index.to_numpy(dtype=object, copy=True)
    ids[places] = own[0].index
    index = pd.Index(_distinct(ids), name="track_id")
    kinds = {library.kind for library in libraries}
    kind = kinds.pop() if len(kinds) == 1 else MIXED
    path = PATH_SEPARATOR.join(dict.fromkeys(library.path for library in libraries))
    return _made(
        joined,
        index,
        kind=kind,
        path=path,
        spotify_at=pd.Series(spotify_at),
        own=_made(own, index[places], kind=kind, path=path) if len(places) else None,
        genre_parents={
            respelled.get(name, name): respelled.get(up, up)
            for library in reversed(libraries)
            for name, up in library.genre_parents.items()
        },
        notices=[notice for library in libraries for notice in _notices_of(library)] + _told(matches),
    )


def _with_origins(library: Library) -> pd.DataFrame:
    """Return tracks that all say where they are from: where it is no playlist, it is the file."""
    file = (library.title,)
    origins = [given or file for given in library.tracks["origins"].tolist()]
    return library.tracks.assign(origins=pd.Series(origins, index=library.tracks.index, dtype=object))


def _notices_of(library: Library) -> list[Notice]:
    """Return a library's notices, each saying which of several files it is about."""
    name = library.title
    return [
        notice if name in notice.text else replace(notice, text=f"{name}: {notice.text}") for notice in library.notices
    ]


def _one_spelling(tracks: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return tracks with one spelling of each genre, and which labels were changed into which."""
    rows = Counter(tracks["genres"].tolist())
    uses = Counter(tracks["genre"].tolist())
    for labels, times in rows.items():
        uses.update(dict.fromkeys(labels, times))
    changed = one_spelling(uses)
    if not changed:
        return tracks, changed
    unified = {labels: tuple(dict.fromkeys(changed.get(label, label) for label in labels)) for labels in rows}
    genres = tracks["genres"].map(unified.__getitem__)
    return tracks.assign(genre=tracks["genre"].replace(changed), genres=genres), changed


def _earliest(dates: FloatArray, groups: IntArray) -> FloatArray:
    """Return the earliest date of each group, NaN where no row has one."""
    earliest = np.full(int(groups.max(initial=-1)) + 1, np.inf)
    np.fmin.at(earliest, groups, dates)
    return np.where(np.isinf(earliest), np.nan, earliest)


def _join_some(rows: _Joined, groups: IntArray, chosen: Mask) -> tuple[IntArray, _Joined]:
    """Join only the chosen rows; return the group of each row made, ascending, and the rows."""
    numbers, places = pd.factorize(groups[chosen])
    tracks, features, providers = rows
    joined = join_rows(tracks[chosen], features[chosen], providers[chosen], numbers.astype(np.int64))
    order = np.argsort(places)
    return places[order], (joined[0].iloc[order], joined[1].iloc[order], joined[2].iloc[order])


def _made(rows: _Joined, index: pd.Index, **about: Any) -> Library:
    """Make a library of joined rows under the ids of an index; `about` as in `make_library`."""
    tracks, features, providers = rows
    return make_library(tracks.set_axis(index), features.set_axis(index), providers=providers.set_axis(index), **about)


@dataclass
class _Groups:
    """Tracks found so far, and what each can be recognised by."""

    by_address: dict[str, int] = field(default_factory=dict)
    by_own_id: dict[tuple[str, ...], int] = field(default_factory=dict)
    by_isrc: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    known: list[bool] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Rows:
    """What the tracks of one library can be recognised by, one entry a track."""

    addresses: list[str]
    own_ids: list[tuple[str, ...]]
    isrcs: list[str]
    names: list[str]
    durations: list[float]


def _match(libraries: Sequence[Library]) -> tuple[IntArray, dict[str, int]]:
    """Return the group of every track of every library, and how many were joined by what."""
    groups = _Groups()
    matches = {"address": 0, "isrc": 0, "name": 0}
    # Titles are compared only where a track without Spotify id could need it.
    by_name = any(not uri.startswith(TRACK_ADDRESS) for library in libraries for uri in library.tracks["uri"].tolist())
    found: list[int] = []
    for library in libraries:
        rows = _recognisable(library, by_name=by_name)
        assigned = _assign(rows, groups, matches)
        _register(rows, assigned, groups)
        found += assigned
    return np.array(found, dtype=np.int64), matches


def _recognisable(library: Library, *, by_name: bool) -> _Rows:
    tracks = library.tracks
    addresses = tracks["uri"].tolist()
    names = [""] * len(tracks)
    if by_name:
        # A local file stays itself: taken for Spotify's track of that name, it could be sent to a playlist.
        names = [
            "" if address and not address.startswith(TRACK_ADDRESS) else name_key(title, artist)
            for address, title, artist in zip(
                addresses, tracks["title"].tolist(), tracks["artist"].tolist(), strict=True
            )
        ]
    # A track's own id means something only beside the same name or in the same file: tables number their rows.
    own_ids: list[tuple[str, ...]] = [
        () if address else (library.kind, track_id, name or library.path)
        for address, track_id, name in zip(addresses, tracks.index.tolist(), names, strict=True)
    ]
    isrcs = [isrc.replace("-", "").strip().upper() for isrc in tracks["isrc"].tolist()]
    return _Rows(addresses, own_ids, isrcs, names, tracks["duration_s"].tolist())


def _assign(rows: _Rows, groups: _Groups, matches: dict[str, int]) -> list[int]:
    """Return the group of each track of one library; new groups for tracks that match none."""
    assigned = [-1] * len(rows.addresses)
    taken: set[int] = set()

    def settle(row: int, group: int, how: str) -> None:
        assigned[row] = group
        taken.add(group)
        matches[how] += 1

    for row, address in enumerate(rows.addresses):
        group = groups.by_address.get(address, -1) if address else groups.by_own_id.get(rows.own_ids[row], -1)
        if group >= 0 and group not in taken:
            settle(row, group, "address")
    for row, isrc in enumerate(rows.isrcs):
        if assigned[row] < 0 and isrc:
            free = next((group for group in groups.by_isrc.get(isrc, []) if group not in taken), -1)
            if free >= 0:
                settle(row, free, "isrc")
    for row, name in enumerate(rows.names):
        if assigned[row] < 0 and name:
            same = groups.by_name.get(name, [])
            free = _closest(rows, row, groups, [group for group in same if group not in taken])
            if free >= 0:
                settle(row, free, "name")
    new = len(groups.known)
    for row, group in enumerate(assigned):
        if group < 0:
            assigned[row] = new
            new += 1
    return assigned


def _closest(rows: _Rows, row: int, groups: _Groups, candidates: list[int]) -> int:
    """Return the candidate of the most similar length that may be the same track, −1 when none may."""
    known, duration = rows.addresses[row].startswith(TRACK_ADDRESS), rows.durations[row]
    best, smallest = -1, DURATION_TOLERANCE_S
    for group in candidates:
        if known and groups.known[group]:
            continue
        difference = abs(groups.durations[group] - duration)
        if np.isnan(difference):
            difference = DURATION_TOLERANCE_S
        if difference < smallest or (best < 0 and difference <= smallest):
            best, smallest = group, difference
    return best


def _register(rows: _Rows, assigned: list[int], groups: _Groups) -> None:
    """Let the tracks of one library be recognised by the next ones."""
    for row, group in enumerate(assigned):
        known = rows.addresses[row].startswith(TRACK_ADDRESS)
        if group == len(groups.known):
            groups.known.append(known)
            groups.durations.append(rows.durations[row])
        else:
            groups.known[group] |= known
            if np.isnan(groups.durations[group]):
                groups.durations[group] = rows.durations[row]
        if rows.addresses[row]:
            groups.by_address.setdefault(rows.addresses[row], group)
        else:
            groups.by_own_id.setdefault(rows.own_ids[row], group)
        for key, lists in ((rows.isrcs[row], groups.by_isrc), (rows.names[row], groups.by_name)):
            if key and len(lists[key]) < MAX_CANDIDATES and group not in lists[key]:
                lists[key].append(group)


def _distinct(ids: Iterable[str]) -> list[str]:
    """Return the ids with a number behind those that another track already has."""
    seen: set[str] = set()
    distinct = []
    for track_id in ids:
        name, number = track_id, 1
        while name in seen:
            number += 1
            name = f"{track_id} ({number})"
        seen.add(name)
        distinct.append(name)
    return distinct


def _told(matches: dict[str, int]) -> list[Notice]:
    total = sum(matches.values())
    if not total:
        return []
    ways = [
        f"{matches[how]:,} by {words}"
        for how, words in (("isrc", "recording code (ISRC)"), ("name", "title and artist"))
        if matches[how]
    ]
    how = f" ({' and '.join(ways)})" if ways else ""
    stood = f"{counted(total, 'track')} stood"
    return [Notice("merged", total, f"{stood} in more than one file{how}; each is kept once")]
