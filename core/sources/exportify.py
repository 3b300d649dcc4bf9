"""Playlists exported by Exportify: one CSV file, the zip of all playlists, or a folder of them.

Two programs of that name are in use, exportify.net and exportify.app; every header they have written since 2015 is
read, in every language. A track that stands in several playlists is one track with all of them as origins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from core.errors import SourceError
from core.features import FEATURES
from core.genre_tree import genre_parents
from core.joining import NAME_ID, join_rows, name_key
from core.library import Library, Notice, make_library
from core.progress import Report, silent
from core.sources.archives import Part, open_parts
from core.sources.base import decode
from core.sources.exportify_header import lists_albums, recognise
from core.sources.exportify_playlist import SAMPLE_ROWS, TEXT_ROLES, Playlist, column_of, read_playlist
from core.sources.exportify_rows import Sheet
from core.sources.fields import dates, durations, recording_codes, truth_values
from core.sources.genre_labels import genre_labels, unify_spellings
from core.sources.numbers import Place, feature_columns
from core.wording import counted

#: Playlists whose names had no letter that fits a file name in the exporter's eyes.
UNNAMED = "unnamed playlist"
#: Who gave features that stand in the file.
PROVIDER = "file"

#: Enough of a file to see its header and some rows.
_HEAD_BYTES = 64 * 2**10
#: Files of a zip or folder looked at to tell what it is.
_SAMPLE_FILES = 20
_ENDINGS = (".csv", ".tsv", ".txt")
#: What Spotify gives for tracks that were added before it kept dates.
_NO_DATE = "1970-01-01"

#: What is told of each kind of trouble: what it is counted in, and what follows from it.
_TOLD: dict[str, tuple[str, str]] = {
    "cut": ("file", "no line break at the end, as files of Exportify have: tracks may be missing"),
    "cut-row": ("last row", "left out, because the file ends inside it"),
    "unreadable": ("row", "skipped, because what stands there is no track"),
    "damaged": ("row", "damaged, of which only id and title were used"),
    "repaired": ("row", "repaired, because quote marks in the artists' names had split it"),
    "empty": ("row", "skipped, because Spotify did not tell Exportify which track it was"),
    "podcast": ("podcast episode", "skipped"),
    "local": (
        "local file",
        "kept, but unknown to Spotify: no features can be fetched for it, no playlist there takes it",
    ),
    "no-id": ("track", "known by title and artist only, because this version of Exportify wrote no ids"),
    "no-features": ("track", "without audio features, because Exportify could not get them"),
    "shifted": (
        "track",
        "without audio features, because Exportify wrote those of other tracks there after a failed request",
    ),
}


class ExportifySource:
    """Reads what exportify.net and exportify.app write."""

    kind: ClassVar[str] = "exportify"

    def accepts(self, path: str) -> bool:
        """Tell whether `path` is a CSV file of Exportify, or a zip or folder with at least one.

        Parameters
        ----------
        path : str
            A path.

        Returns
        -------
        bool
            Judged by the first lines of the first files.
        """
        try:
            with open_parts(path, _is_csv) as parts:
                return any(_is_csv(part.name) and _is_exportify(part) for part in parts[:_SAMPLE_FILES])
        except SourceError:
            return False

    def read(self, path: str, *, report: Report = silent) -> Library:
        """Read one playlist or many into one library.

        Parameters
        ----------
        path : str
            A CSV file, a zip or a folder.
        report : Report
            Told before every file.

        Returns
        -------
        Library
            Local files are among the tracks, with their ``spotify:local:…`` address as id and address.

        Raises
        ------
        SourceError
            When no file in it is a playlist of Exportify, or none holds a track.
        """
        playlists: list[Playlist] = []
        refused: list[SourceError] = []
        with open_parts(path, _is_csv) as parts:
            for done, part in enumerate(parts):
                report(done, len(parts), f"Reading {part.name}")
                try:
                    playlists.append(read_playlist(part.read(), name=playlist_name(part.name), where=part.where))
                except SourceError as error:
                    refused.append(error)
            names = [part.name for part in parts]
        if refused and not playlists:
            raise refused[0]
        if not any(playlist.uris for playlist in playlists):
            what = "it holds no CSV file" if not names else "no track is listed"
            raise SourceError(what, where=path, next_step="Export the playlists again at exportify.net")
        library = _library(playlists, path)
        report(len(names), len(names), "Reading playlists")
        skipped = f"{counted(len(refused), 'file')} skipped (first: {refused[0].line()})" if refused else ""
        return library.with_notices([Notice("skipped-file", len(refused), skipped)]) if refused else library


def playlist_name(file_name: str) -> str:
    """Return what a playlist is called, as far as its file name tells: both exporters write ``_`` for a space."""
    stem = file_name[: -len(Path(file_name).suffix)] if file_name.lower().endswith(_ENDINGS) else file_name
    stem = "" if file_name.lower() in _ENDINGS else stem
    return " ".join(stem.replace("_", " ").split()) or UNNAMED


def _is_csv(name: str) -> bool:
    return name.lower().endswith(_ENDINGS)


def _is_exportify(part: Part) -> bool:
    text, _ = decode(part.head(_HEAD_BYTES))
    sheet = Sheet(text)
    sample = [cells for _, cells in islice(sheet.rows(), SAMPLE_ROWS)]
    return recognise(sheet.header, sample) is not None or lists_albums(sheet.header, sample)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The tracks of all playlists below each other."""

    playlists: Sequence[Playlist]

    @cached_property
    def uris(self) -> list[str]:
        return [uri for playlist in self.playlists for uri in playlist.uris]

    def column(self, role: str) -> pd.Series:
        """Return a column's text, empty where a playlist has no such column."""
        return column_of(self.playlists, role)

    def header(self, role: str) -> str:
        """Return what the first playlist that has a column calls it."""
        return next((found.layout.headers[role] for found in self.playlists if role in found.layout.headers), role)

    @cached_property
    def place(self) -> Place:
        """Name where a row stands."""
        starts = np.cumsum([0, *(len(playlist.uris) for playlist in self.playlists)])

        def place(row: int) -> str:
            number = int(np.searchsorted(starts, row, side="right")) - 1
            playlist = self.playlists[number]
            line = f"line {playlist.lines[row - int(starts[number])]}"
            return line if len(self.playlists) == 1 else f"{playlist.name}, {line}"

        return place


def _library(playlists: Sequence[Playlist], path: str) -> Library:
    rows = _Rows(playlists)
    notices: list[Notice] = [notice for playlist in playlists for notice in playlist.notices]
    tracks = _track_columns(rows, notices)
    features = _features(rows, path, notices)
    groups, _ = pd.factorize(tracks.index)
    providers = pd.Series(PROVIDER, index=tracks.index, dtype=object)
    joined, values, _ = join_rows(tracks, features, providers, groups.astype(np.int64))
    repeated = len(tracks) - len(joined)
    if repeated:
        text = f"{counted(repeated, 'row')} repeat a track of another row or playlist; each track is kept once"
        notices.append(Notice("repeated", repeated, text))
    notices = _told(playlists) + notices
    return make_library(
        joined,
        values,
        kind=ExportifySource.kind,
        path=path,
        providers=PROVIDER,
        genre_parents=genre_parents(
            dict.fromkeys(label for labels in dict.fromkeys(joined["genres"]) for label in labels)
        ),
        notices=notices,
    )


def _track_columns(rows: _Rows, notices: list[Notice]) -> pd.DataFrame:
    """Return all columns but the features, indexed by track id, which may repeat."""
    columns: dict[str, object] = {role: rows.column(role) for role in TEXT_ROLES[:3]}
    readers: tuple[tuple[str, str, Callable[..., tuple[object, tuple[Notice, ...]]], dict[str, str]], ...] = (
        ("duration", "duration_s", durations, {"unit": "ms"}),
        ("explicit", "explicit", truth_values, {}),
        ("added_at", "added_at", dates, {}),
        ("isrc", "isrc", recording_codes, {}),
    )
    for role, name, read, options in readers:
        columns[name], told = read(rows.column(role), header=rows.header(role), place=rows.place, **options)
        notices += told
    columns["genres"], told = _genres(rows)
    notices += told
    frame = pd.DataFrame(columns)
    frame["genre"] = [genres[0] if genres else "" for genres in frame["genres"].tolist()]
    frame["added_at"] = frame["added_at"].where(~frame["added_at"].str.startswith(_NO_DATE), "")
    frame["uri"] = rows.uris
    frame["origins"] = [(playlist.name,) for playlist in rows.playlists for _ in playlist.uris]
    pairs = zip(rows.uris, frame["title"].tolist(), frame["artist"].tolist(), strict=True)
    return frame.set_axis(pd.Index([_track_id(*pair) for pair in pairs], dtype="str"))


def _track_id(uri: str, title: str, artist: str) -> str:
    return uri.removeprefix("spotify:track:") or f"{NAME_ID}{name_key(title, artist)}"


def _genres(rows: _Rows) -> tuple[pd.Series, tuple[Notice, ...]]:
    """Return all genre labels of each row, the artists' first."""
    artists, albums = rows.column("genres").tolist(), rows.column("album_genres").tolist()
    labels = {cell: genre_labels(cell) for cell in {*artists, *albums}}
    both = [
        labels[artist] if not album else tuple(dict.fromkeys(labels[artist] + labels[album]))
        for artist, album in zip(artists, albums, strict=True)
    ]
    unified, notices = unify_spellings(both)
    return pd.Series(unified, dtype=object), notices


def _features(rows: _Rows, path: str, notices: list[Notice]) -> pd.DataFrame:
    """Return the features of every row [shape=(n_rows, any)], NaN where they are missing or not to be trusted."""
    present = {name for playlist in rows.playlists for name in playlist.layout.features}
    cells = pd.DataFrame({name: rows.column(name) for name in FEATURES if name in present}, index=range(len(rows.uris)))
    if not present:
        return cells.astype(np.float64)
    headers = {name: rows.header(name) for name in present}
    features, told = feature_columns(cells, path=path, headers=headers, place=rows.place)
    notices += told
    return features


def _told(playlists: Sequence[Playlist]) -> list[Notice]:
    """Return a notice for every kind of trouble there was, with its count and where it was first."""
    notices = []
    for kind, (noun, outcome) in _TOLD.items():
        found = [playlist for playlist in playlists if playlist.counts[kind]]
        count = sum(playlist.counts[kind] for playlist in found)
        if count:
            where = found[0].name if len(found) == 1 else f"{found[0].name} and {counted(len(found) - 1, 'other')}"
            notices.append(Notice(kind, count, f"{counted(count, noun)} in “{where}”: {outcome}"))
    return notices
