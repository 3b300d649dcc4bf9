"""From stored pages to a library: each track once, with every list it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.library import Library, Notice, make_library
from core.spotify.pages import Page
from core.spotify.rows import ODD, TrackRow
from core.storage import SPOTIFY_KIND


@dataclass(frozen=True)
class Origin:
    """One list of tracks: the liked songs, a playlist, the top tracks.

    Attributes
    ----------
    name : str
        As Spotify writes it.
    pages : tuple of Page
        Its rows.
    """

    name: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, eq=False)
class Assembled:
    """A library with what belongs to it.

    Attributes
    ----------
    library : Library
        Of kind ``"spotify"``, without features, each track with the date it was read.
    unavailable : list of str
        Ids of tracks that cannot be played in the person's country.
    """

    library: Library
    unavailable: list[str]


@dataclass
class _Track:
    row: TrackRow
    at: float
    origins: dict[str, None] = field(default_factory=dict)
    added_at: str = ""


def unavailable_key(account: str) -> str:
    """Return where the ids of unavailable tracks are remembered."""
    return f"spotify.unavailable.{account}"


def assemble(origins: Sequence[Origin], *, path: str, complete: bool) -> Assembled:
    """Build a library.

    Parameters
    ----------
    origins : sequence of Origin
        Liked songs first: a track keeps the place, the date and the words of its first appearance.
    path : str
        How the library is opened again.
    complete : bool
        Whether everything was read; else a notice says that more is to come.

    Returns
    -------
    Assembled
        Tracks in order of first appearance. Titles and names are exactly Spotify's.
    """
    tracks: dict[str, _Track] = {}
    odd: Counter[str] = Counter()
    rows = ((origin.name, page.at, row) for origin in origins for page in origin.pages for row in page.rows)
    for name, at, row in rows:
        if row.kind in ("removed", "episode"):
            odd[row.kind] += 1
            continue
        track = tracks.setdefault(row.track_id, _Track(row, at, added_at=row.added_at))
        track.origins.setdefault(name)
        track.added_at = track.added_at or row.added_at
    odd["local"] = sum(track.row.kind == "local" for track in tracks.values())
    unavailable = [key for key, track in tracks.items() if not track.row.playable]
    odd["unavailable"] = len(unavailable)
    notices = [_notice(kind, odd[kind]) for kind in ODD if odd[kind]]
    if not complete:
        notices.append(Notice("incomplete", len(tracks), "the account is not read completely yet; sync again"))
    return Assembled(_library(tracks, path, notices), unavailable)


def _library(tracks: dict[str, _Track], path: str, notices: Sequence[Notice]) -> Library:
    rows = [track.row for track in tracks.values()]
    index = pd.Index(list(tracks), dtype="str", name="track_id")
    lengths = [np.nan if row.duration_ms is None else row.duration_ms / 1000 for row in rows]
    columns = {
        "title": [row.title for row in rows],
        "artist": [", ".join(name for name in row.artists if name) for row in rows],
        "album": [row.album for row in rows],
        "added_at": [track.added_at for track in tracks.values()],
        "uri": [row.uri for row in rows],
        "isrc": [row.isrc for row in rows],
        "duration_s": np.array(lengths, dtype=np.float64),
        "explicit": np.array([float(row.explicit) for row in rows], dtype=np.float64),
    }
    frame = pd.DataFrame(columns, index=index)
    frame["origins"] = pd.Series([tuple(track.origins) for track in tracks.values()], index=index, dtype=object)
    read_at = pd.Series([track.at for track in tracks.values()], dtype=np.float64)
    nothing = pd.DataFrame(index=index)
    return make_library(frame, nothing, kind=SPOTIFY_KIND, path=path, spotify_at=read_at, notices=notices)


def _notice(kind: str, count: int) -> Notice:
    one, many, fate = ODD[kind]
    return Notice(kind, count, f"{count:,} {one if count == 1 else many}: {fate}")
