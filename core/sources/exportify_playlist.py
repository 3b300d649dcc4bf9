"""One playlist of Exportify: its tracks as text, and which of its audio features can be trusted.

Exportify fetches tracks and features separately and puts them together by position. When a request for 100
features fails, exportify.net (since 23 May 2025) writes one row without features and gives every later track the
features of a track further down. Such features are left out here, because nothing tells which track they are of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from urllib.parse import unquote_plus

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import SourceError
from core.joining import TRACK_ADDRESS
from core.library import Notice
from core.sources.base import decode, spotify_id, spotify_uri
from core.sources.exportify_header import Layout, lists_albums, recognise
from core.sources.exportify_rows import Sheet

#: Columns of text that are kept, besides the features.
TEXT_ROLES = ("title", "artist", "album", "duration", "explicit", "isrc", "added_at", "genres", "album_genres")
#: What both products write where they have nothing.
NOTHING = frozenset({"", "undefined", "null"})
#: Rows looked at to find out what the columns hold.
SAMPLE_ROWS = 200
#: Begins the address of a file on the listener's own computer.
LOCAL_ADDRESS = "spotify:local:"

#: Rows held as lists of cells at a time, about 20 MB; the rest is kept as Arrow text, a tenth of the size.
_CHUNK = 5_000
#: Most extra cells that unescaped quote marks and commas in the artists' names can make of one cell.
_MOST_EXTRA = 12
_PLAIN_ADDRESS = re.compile(r"spotify:track:[0-9A-Za-z]{22}$").match
_DURATION = re.compile(r"\d+(\.\d+)?$")
_PODCASTS = ("spotify:episode:", "spotify:show:", "spotify:chapter:")
#: Separators of artists. exportify.app protects commas inside names with a backslash; exportify.net puts no space
#: behind the comma between two names, while a comma inside a name has one or stands between digits.
_APP_COMMA = re.compile(r"(?<!\\), ")
_NET_COMMA = re.compile(r"(?<!\d),(?!\s)|(?<=\d),(?![\s\d])")


@dataclass
class Playlist:
    """The tracks of one file.

    Attributes
    ----------
    name : str
        Of the playlist, from the file's name.
    layout : Layout
        Its columns.
    uris : list of str
        ``spotify:track:…``, ``spotify:local:…`` or empty, one a track.
    lines : list of int
        The line each track stands on, from 1.
    counts : Counter of str
        What was skipped, repaired or left out, by kind.
    notices : tuple of Notice
        About the encoding.
    """

    name: str
    layout: Layout
    uris: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notices: tuple[Notice, ...] = ()
    _cells: dict[str, list[pa.Array]] = field(default_factory=dict)

    def add(self, rows: Sequence[list[str]]) -> None:
        """Move full rows into the columns."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * self.layout.width
        for role in (*TEXT_ROLES, *self.layout.features):
            if role in self.layout.columns:
                self._cells.setdefault(role, []).append(pa.array(columns[self.layout.columns[role]], pa.string()))

    def chunks(self, role: str) -> list[pa.Array]:
        """Return the text of a column as it stands in the file, in pieces; empty where the file has no such column."""
        return self._cells.get(role) or [pa.array([""] * len(self.uris), pa.string())]


def column_of(playlists: Sequence[Playlist], role: str) -> pd.Series:
    """Return the text of one column of all playlists below each other, empty where they say nothing.

    Parameters
    ----------
    playlists : sequence of Playlist
        At least one.
    role : str
        A feature's name or one of `TEXT_ROLES`.

    Returns
    -------
    pandas.Series [shape=(n_rows,), dtype=str]
        Without white space around it.
    """
    text = pa.chunked_array([chunk for playlist in playlists for chunk in playlist.chunks(role)], pa.string())
    text = pc.utf8_trim_whitespace(text)
    if role != "title":  # there are songs called "null" and "undefined"
        text = pc.if_else(pc.is_in(text, value_set=pa.array(sorted(NOTHING))), pa.scalar("", pa.string()), text)
    said: pd.Series = text.to_pandas()
    return said.astype("str")


def read_playlist(data: bytes, *, name: str, where: str) -> Playlist:
    """Read one CSV file of Exportify.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What the playlist is called.
    where : str
        How messages name the file.

    Returns
    -------
    Playlist
        May hold no track.

    Raises
    ------
    SourceError
        When it is not from Exportify, or lists albums instead of tracks.
    """
    text, notices = decode(data)
    sheet = Sheet(text)
    rows = sheet.rows()
    sample = list(islice(rows, SAMPLE_ROWS))
    layout = recognise(sheet.header, [cells for _, cells in sample])
    if layout is None:
        raise _stranger(text, sheet, [cells for _, cells in sample], where)
    playlist = Playlist(name, layout, notices=notices)
    sorter = _Sorter(playlist, _duration_column(sample, layout))
    for line, cells in chain(sample, rows):
        sorter.take(line, cells)
    playlist.add(sorter.kept)
    playlist.counts["unreadable"] += sheet.unreadable
    playlist.counts["cut"] = not sheet.ended
    playlist.counts["cut-row"] = sheet.cut
    return playlist


def _stranger(text: str, sheet: Sheet, sample: list[list[str]], where: str) -> SourceError:
    again = "Export the playlist again at exportify.net or exportify.app"
    if not text.strip():
        return SourceError("the file is empty", where=where, next_step=again)
    if text.lstrip()[:1] == "<":
        return SourceError("this is a web page, not a playlist of Exportify", where=where, next_step=again)
    if lists_albums(sheet.header, sample):
        return SourceError(
            "this file lists saved albums, not tracks", where=where, next_step="Export playlists instead"
        )
    return SourceError("this is not a playlist of Exportify: its first line names other columns", where=where)


def _duration_column(sample: list[tuple[int, list[str]]], layout: Layout) -> int | None:
    """Return the column whose numbers show that the cells of a row stand where they should.

    None where there is none, or where most full rows hold something else there: then a program has rewritten it.
    """
    position = layout.columns.get("duration")
    if position is None:
        return None
    full = [_fits(cells, position) for _, cells in sample if len(cells) == layout.width]
    return position if 2 * sum(full) >= len(full) else None


def _fits(row: list[str], duration: int | None) -> bool:
    if duration is None:
        return True
    cell = row[duration]
    return cell.isdigit() or cell.strip() in NOTHING or _DURATION.match(cell.strip()) is not None


@dataclass
class _Sorter:
    """Takes the rows of one file in turn and keeps those that are tracks.

    Two signs tell that features belong to other tracks from a row on. A row without them, in files of
    exportify.net; in its files of 2019 to 2024, which have a column of artist ids, such a row is only a track
    without features. And a row that has features although Spotify knows no such track.
    """

    playlist: Playlist
    duration: int | None
    kept: list[list[str]] = field(default_factory=list)
    shifted: bool = False

    def __post_init__(self) -> None:
        layout = self.playlist.layout
        self._layout = layout
        self._address = layout.columns.get("uri")
        self._artist = layout.columns["artist"]
        self._known_artists: dict[str, str] = {}
        self._features = [layout.columns[name] for name in layout.features]
        self._shifts = bool(self._features) and not layout.from_app
        self._short_rows_shift = self._shifts and "artist_ids" not in layout.columns
        # Quote marks inside the names of artists were not escaped until the end of 2024.
        self._may_be_split = not layout.from_app and "explicit" not in layout.columns and self.duration is not None

    def take(self, line: int, cells: list[str]) -> None:
        """Keep a row, or count why it is not kept."""
        if self._is_plain(cells):
            self._keep(line, cells, cells[self._address or 0])
            return
        short = self._is_short(cells)
        row = self._aligned(cells)
        address = self._address_of(row)
        is_track = address.startswith(TRACK_ADDRESS)
        if self._shifts and not self.shifted:
            unknown = self._address is not None and not is_track
            self.shifted = (short and self._short_rows_shift) or (unknown and self._has_features(row))
        if not is_track and not self._is_kept(row, address):
            return
        if short and self._features:
            self.playlist.counts["no-features"] += 1
        elif self.shifted:
            self._blank_features(row)
        if address.startswith(LOCAL_ADDRESS):
            self._name_local(row, address)
        self._keep(line, row, address)

    def _is_plain(self, cells: list[str]) -> bool:
        """Whether a row is full, in its place and of a track with its address, as nearly all rows are."""
        if len(cells) != self._layout.width or self.shifted or self._address is None or self.duration is None:
            return False
        return _PLAIN_ADDRESS(cells[self._address]) is not None and cells[self.duration].isdigit()

    def _keep(self, line: int, row: list[str], address: str) -> None:
        artists = row[self._artist]
        if artists not in self._known_artists:
            self._known_artists[artists] = self._artists(artists)
        row[self._artist] = self._known_artists[artists]
        self.playlist.uris.append(address)
        self.playlist.lines.append(line)
        self.kept.append(row)
        if len(self.kept) >= _CHUNK:
            self.playlist.add(self.kept)
            self.kept.clear()

    def _is_short(self, cells: list[str]) -> bool:
        """Whether a row lacks cells in the way the exporters leave them out; others are damaged."""
        there, width = self._layout.always_there, self._layout.width
        return there <= len(cells) < width if self._layout.from_app else there == len(cells) < width

    def _aligned(self, cells: list[str]) -> list[str]:
        """Return a full row: empty cells where a short row ends, extra cells joined to the artists they came from."""
        width = self._layout.width
        extra = len(cells) - width
        if extra == 0 and _fits(cells, self.duration):
            return cells
        if self._is_short(cells):
            safe = cells[: self._layout.always_there]
            row = safe + [""] * (width - len(safe))
            if _fits(row, self.duration):
                return row
        artist = self._artist
        if 0 < extra <= _MOST_EXTRA and self._may_be_split:
            joined = ",".join(cells[artist : artist + extra + 1])
            row = [*cells[:artist], joined.replace('"', ""), *cells[artist + extra + 1 :]]
            if _fits(row, self.duration):
                self.playlist.counts["repaired"] += 1
                return row
        self.playlist.counts["damaged"] += 1
        return cells[:artist] + [""] * (width - len(cells[:artist]))

    def _address_of(self, row: list[str]) -> str:
        """Return the address of a row's track; empty where the file gives none, or something else."""
        cell = row[self._address].strip() if self._address is not None else ""
        bare = spotify_id(cell) if cell else None
        if bare:
            return spotify_uri(bare)
        return "" if cell in NOTHING else cell

    def _has_features(self, row: list[str]) -> bool:
        return any(row[position].strip() not in NOTHING for position in self._features)

    def _is_kept(self, row: list[str], address: str) -> bool:
        """Whether a row without Spotify id is a track; counted either way."""
        if address.startswith(LOCAL_ADDRESS):
            kind, kept = "local", True
        elif address.startswith(_PODCASTS):
            kind, kept = "podcast", False
        elif address:
            kind, kept = "unreadable", False
        elif row[self._layout.columns["title"]].strip() in NOTHING:
            kind, kept = "empty", False
        else:
            kind, kept = ("no-id" if self._address is None else "local"), True
        self.playlist.counts[kind] += 1
        return kept

    def _blank_features(self, row: list[str]) -> None:
        if self._has_features(row):
            self.playlist.counts["shifted"] += 1
            for position in self._features:
                row[position] = ""

    def _name_local(self, row: list[str], address: str) -> None:
        """Take title and artist from the address where the row has none."""
        artist, _, title = [unquote_plus(part) for part in [*address.split(":")[2:5], "", "", ""][:3]]
        for role, text in (("title", title), ("artist", artist)):
            position = self._layout.columns[role]
            if row[position].strip() in NOTHING:
                row[position] = text

    def _artists(self, cell: str) -> str:
        """Return the artists as a person reads them, separated by a comma and a space."""
        if self._layout.from_app:
            names = [name.replace("\\,", ",") for name in _APP_COMMA.split(cell)] if "," in cell else [cell]
        elif ";" in cell:
            names = cell.split(";")
        else:
            names = _NET_COMMA.split(cell) if "," in cell else [cell]
        return ", ".join([name.strip() for name in names if name.strip()])
