"""What every exporter has in common: its protocol, what it gives back, and the tracks as rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import ClassVar, Protocol
from urllib.parse import quote

import numpy as np
import pandas as pd

from core.library import Library
from core.links import ADDRESS, SPOTIFY_TRACK, is_absolute, track_link
from core.records import IntArray, Playlist

#: Why a track of a playlist is not in the file.
NOT_IN_LIBRARY = "not in the library any more"
NO_SPOTIFY_ADDRESS = "no Spotify address"
NO_ADDRESS = "no file and no Spotify address"

# What may stand in an address as it is (RFC 3986, section 2); a percent sign begins what is escaped already.
_KEPT = "%:/?#[]@!$&'()*+,;=~"


@dataclass(frozen=True)
class Rendered:
    """A playlist as the content of a file.

    Attributes
    ----------
    data : bytes
        The whole file.
    written : int
        Tracks that whoever opens the file can use.
    skipped : mapping of str to int
        Tracks that it cannot name, counted by reason.
    """

    data: bytes
    written: int
    skipped: Mapping[str, int] = field(default_factory=dict)


class Exporter(Protocol):
    """Turns one playlist into one file."""

    #: What it is called on the command line.
    name: ClassVar[str]
    #: The suffix of its files, with the dot.
    suffix: ClassVar[str]

    def render(self, playlist: Playlist, library: Library, *, folder: Path) -> Rendered:
        """Return the content of the file.

        Parameters
        ----------
        playlist : Playlist
            Its tracks are written in its order.
        library : Library
            Where the tracks are described.
        folder : Path
            The folder the file will lie in, for paths relative to it.

        Returns
        -------
        Rendered
            The same bytes for the same input.
        """


@dataclass(frozen=True, slots=True)
class Row:
    """One track as the text formats need it; empty text and NaN mean unknown.

    Attributes
    ----------
    track_id, title, artist, album, uri, isrc, path : str
        As in `core.library.TRACK_COLUMNS`.
    duration_s : float
        Seconds.
    """

    track_id: str
    title: str
    artist: str
    album: str
    uri: str
    isrc: str
    path: str
    duration_s: float

    @property
    def label(self) -> str:
        """Artist and title in one text; the track's id where both are unknown."""
        return " - ".join(part for part in (self.artist, self.title) if part) or self.track_id

    @property
    def spotify_uri(self) -> str:
        """The ``spotify:track:…`` address; empty for every other kind of address."""
        return self.uri if SPOTIFY_TRACK.fullmatch(self.uri) else ""

    @property
    def link(self) -> str:
        """The track's page on Spotify; empty when it has none."""
        return track_link(self.uri)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the path is no path of this computer: an address such as ``http://…``, or one of Windows."""
        return is_absolute(self.path) and not Path(self.path).is_absolute()

    @property
    def file_uri(self) -> str:
        """The track's file as a ``file:`` address, or the address it has; empty when there is none."""
        if not self.path:
            return ""
        if self.is_elsewhere:
            if ADDRESS.match(self.path):
                return quote(self.path, safe=_KEPT)
            return PureWindowsPath(self.path).as_uri()
        return Path(self.path).absolute().as_uri()

    @property
    def duration_ms(self) -> int | None:
        """Whole milliseconds, at least 0; None when unknown."""
        return round(self.duration_s * 1000) if math.isfinite(self.duration_s) and self.duration_s >= 0 else None


def positions_of(playlist: Playlist, library: Library) -> tuple[IntArray, dict[str, int]]:
    """Find the tracks of a playlist in the library.

    Parameters
    ----------
    playlist : Playlist
        Its track ids.
    library : Library
        Where they are looked up.

    Returns
    -------
    positions : np.ndarray [shape=(n_found,), dtype=int64]
        Rows of the library in the playlist's order.
    skipped : dict of str to int
        How many were not found; empty when all were.
    """
    positions = library.tracks.index.get_indexer(pd.Index(playlist.track_ids, dtype="str")).astype(np.int64)
    found = positions[positions >= 0]
    missing = len(positions) - len(found)
    return found, ({NOT_IN_LIBRARY: missing} if missing else {})


def rows_of(playlist: Playlist, library: Library) -> tuple[Sequence[Row], dict[str, int]]:
    """Return a playlist's tracks in its order, and how many are not in the library; see `positions_of`."""
    positions, skipped = positions_of(playlist, library)
    frame = library.tracks.iloc[positions]
    columns = (frame[name].tolist() for name in ("title", "artist", "album", "uri", "isrc", "path", "duration_s"))
    return [Row(*cells) for cells in zip(frame.index.tolist(), *columns, strict=True)], skipped
