"""CSV in the columns of Exportify, which this program and the services that move playlists read.

Nothing is altered: text is written as it is (quoted where it holds commas, quotes or line breaks), numbers with
every digit they have, unknown values as empty cells. A cell may begin with ``=``, ``+``, ``-`` or ``@``, as in
the titles "=" and "-1": that is data and is not defused with an apostrophe, which would come back as a
different title. A spreadsheet program may take such a cell for a formula; import the columns as text there.
Half surrogate pairs, which UTF-8 cannot hold, become ``?``.

The columns after Exportify's own let this program read its export back as the library it was: the track's id, its
top genre, plays, file, and the playlist with the position in it.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from core.exporters.base import Rendered, positions_of
from core.library import Library
from core.records import Playlist

#: The order of features in Exportify's files.
FEATURE_ORDER: tuple[str, ...] = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "time_signature",
)  # fmt: skip
#: Between the genres of one track. Labels that hold one of the signs readers split at are written as a JSON list.
GENRE_SEPARATOR = ","
_SPLIT_AT = frozenset(",;|[]'\"\\")


class CsvExporter:
    """Writes comma-separated values in UTF-8 without a byte order mark, lines ended by CR LF (RFC 4180)."""

    name: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"

    def render(self, playlist: Playlist, library: Library, *, folder: Path) -> Rendered:  # noqa: ARG002
        """Return the content of the file; see `core.exporters.base.Exporter`."""
        positions, skipped = positions_of(playlist, library)
        tracks, features = library.tracks.iloc[positions], library.features.iloc[positions]
        columns = {header: [write(cell) for cell in tracks[name].tolist()] for header, name, write in _COLUMNS}
        for name in FEATURE_ORDER:
            if name in features.columns:
                columns[name.replace("_", " ").title()] = [_number(value) for value in features[name].tolist()]
        columns |= _own_columns(playlist, tracks)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        return Rendered(text.getvalue().encode("utf-8", errors="replace"), len(positions), skipped)


def _own_columns(playlist: Playlist, tracks: pd.DataFrame) -> dict[str, list[str]]:
    """Return the columns that only this program writes."""
    return {
        "Top Genre": [_genres((genre,)) if genre else "" for genre in tracks["genre"].tolist()],
        "Play Count": [_number(value) for value in tracks["play_count"].tolist()],
        "Path": tracks["path"].tolist(),
        "Playlist": [playlist.name] * len(tracks),
        "Position": [str(position) for position in range(1, len(tracks) + 1)],
        "track_id": tracks.index.tolist(),
    }


def _number(value: float) -> str:
    """Return the shortest text that reads back as the same number; whole numbers without a point."""
    return repr(value).removesuffix(".0") if math.isfinite(value) else ""


def _milliseconds(seconds: float) -> str:
    """Return a duration in milliseconds; rounded to the nanosecond, which takes back the error of the factor."""
    return _number(round(seconds * 1000, 6))


def _yes_no(value: float) -> str:
    return "" if math.isnan(value) else str(bool(value)).lower()


def _genres(labels: Sequence[str]) -> str:
    """Return genre labels as one cell that every label can be read back from."""
    if any(set(label) & _SPLIT_AT for label in labels):
        return json.dumps(list(labels), ensure_ascii=False)
    return GENRE_SEPARATOR.join(labels)


#: Header, column of the library, how a cell becomes text.
_COLUMNS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("Track URI", "uri", str),
    ("Track Name", "title", str),
    ("Album Name", "album", str),
    ("Artist Name(s)", "artist", str),
    ("Duration (ms)", "duration_s", _milliseconds),
    ("Explicit", "explicit", _yes_no),
    ("ISRC", "isrc", str),
    ("Added At", "added_at", str),
    ("Genres", "genres", _genres),
)
