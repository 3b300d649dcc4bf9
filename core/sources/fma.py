"""The Free Music Archive's official metadata: a folder, or the zip as downloaded, read without unpacking it.

Described in Defferrard et al., "FMA: A Dataset for Music Analysis" (2017), https://github.com/mdeff/fma.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import SourceError
from core.features import BASE_NAMES
from core.library import Library, Notice, make_library
from core.progress import Report, silent
from core.sources.fma_tables import (
    ECHONEST,
    FETCH_AGAIN,
    FILES,
    FOLDER,
    GENRES,
    TRACKS,
    FmaPlace,
    Table,
    find_place,
    present,
    read_table,
)
from core.sources.numbers import feature_columns, read_numbers
from core.wording import counted, listed

#: Who gave the features.
PROVIDER = "echonest"
_TEXT = {"title": "track.title", "artist": "artist.name", "album": "album.title"}
_DURATION = "track.duration"
#: The top genre's name; the ids of the genres chosen by the artist; the same with all their ancestors.
_TOP, _CHOSEN, _ALL = "track.genre_top", "track.genres", "track.genres_all"


class FmaSource:
    """Reads ``fma_metadata``: every track of tracks.csv, with features where echonest.csv has them."""

    kind: ClassVar[str] = "fma"

    def accepts(self, path: str) -> bool:
        """Tell whether a path looks like the archive's metadata.

        Parameters
        ----------
        path : str
            A folder that holds at least one of the three files, directly or in ``fma_metadata``, or that holds the
            zip; a zip with one of them in it or with "fma" in its name; one of the files beside another one.

        Returns
        -------
        bool
            Whether `read` should be tried.
        """
        try:
            found = find_place(path) is not None
        except (SourceError, ValueError):  # a zip that cannot be opened, or a null character in the path
            found = False
        return found or _is_named_like_the_zip(path)

    def read(self, path: str, *, report: Report = silent) -> Library:
        """Read the metadata.

        A track without a top genre gets the broad genre that most of its chosen genres lie under; among equals,
        that of the genre named first. Labels are the top genre, then the others in the order of the file.

        Parameters
        ----------
        path : str
            See `accepts`.
        report : Report
            Told about the bytes read of each file.

        Returns
        -------
        Library
            One row a track of tracks.csv, in its order; ids are the archive's numbers. Features are NaN where
            echonest.csv has none.

        Raises
        ------
        SourceError
            When a file is missing, damaged, cut off or another one than its name says.
        """
        place = _complete_place(path)
        genres = read_table(place, GENRES, wanted=("parent", "title"), header_rows=1, report=report)
        wanted = (*_TEXT.values(), _DURATION, _TOP, _CHOSEN, _ALL)
        tracks = read_table(place, TRACKS, wanted=wanted, header_rows=2, report=report)
        wanted = tuple(f"echonest.audio_features.{name}" for name in BASE_NAMES)
        echonest = read_table(place, ECHONEST, wanted=wanted, header_rows=3, report=report)

        hierarchy, notices = _hierarchy(genres)
        frame, track_notices = _tracks(tracks, hierarchy)
        features, feature_notices = _features(echonest, frame.index)
        return make_library(
            frame,
            features,
            kind=self.kind,
            path=path,
            providers=PROVIDER,
            genre_parents=hierarchy.parents_by_name(),
            notices=[*tracks.notices, *genres.notices, *echonest.notices, *notices, *track_notices, *feature_notices],
        )


def _is_named_like_the_zip(path: str) -> bool:
    name = Path(path).name.lower()
    return name.startswith("fma") and name.endswith(".zip")


def _complete_place(path: str) -> FmaPlace:
    """Return where the files are.

    Raises
    ------
    SourceError
        When one of them is missing.
    """
    expected = f"the folder {FOLDER} with {listed(FILES)}, or its zip"
    steps = {key: f"Name {expected}. {step}" for key, step in FETCH_AGAIN.items()}
    try:
        place = find_place(path)
        exists = Path(path).exists()
    except ValueError:
        place, exists = None, False
    if place is None:
        if not exists:
            what = "there is no such file or folder"
        elif Path(path).is_dir():
            what = f"this folder holds neither {listed(FILES, 'nor')}"
        else:
            what = "this is not the metadata of the Free Music Archive"
        raise SourceError(what, where=path, **steps)
    missing = [name for name in FILES if name not in present(place)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SourceError(f"{' and '.join(missing)} {verb} missing", where=str(place.path), **steps)
    return place


@dataclass(frozen=True)
class _Hierarchy:
    """Names of the genres and what they belong to, by id."""

    names: Mapping[str, str]
    parents: Mapping[str, str]

    def root(self, genre: str) -> str:
        """Return the broad genre that a genre lies under; itself when it is broad."""
        seen = {genre}
        while (above := self.parents.get(genre)) is not None and above not in seen:
            seen.add(above)
            genre = above
        return genre

    def parents_by_name(self) -> dict[str, str]:
        return {self.names[child]: self.names[parent] for child, parent in self.parents.items()}


def _hierarchy(table: Table) -> tuple[_Hierarchy, list[Notice]]:
    names = dict(zip(table.ids, table.columns["title"], strict=True))
    stated = {child: parent for child, parent in zip(table.ids, table.columns["parent"], strict=True) if parent != "0"}
    parents = {child: parent for child, parent in stated.items() if parent in names}
    notices = []
    if len(parents) < len(stated):
        lost = [child for child in stated if child not in parents]
        text = f"{counted(len(lost), 'genre')} of {table.name} belong to one that is not in the file"
        notices.append(Notice("unknown-parent", len(lost), f"{text}, such as {names[lost[0]]}; they count as broad"))
    return _Hierarchy(names, parents), notices


def _tracks(table: Table, hierarchy: _Hierarchy) -> tuple[pd.DataFrame, list[Notice]]:
    """Return the tracks' frame and what had to be assumed."""
    index = pd.Index(table.ids, dtype="str")
    durations, notices = _durations(table)
    known: dict[tuple[str, str, str], _Labels] = {}
    labels = []
    for key in zip(table.columns[_TOP], table.columns[_CHOSEN], table.columns[_ALL], strict=True):
        if key not in known:
            known[key] = _labels(*key, hierarchy)
        labels.append(known[key])
    frame = pd.DataFrame({name: pd.Series(_plain(table.columns[at]), dtype="str") for name, at in _TEXT.items()})
    frame["genre"] = pd.Series([label.top for label in labels], dtype="str")
    frame["genres"] = pd.Series([label.all for label in labels], dtype=object)
    frame["duration_s"] = durations
    return frame.set_index(index), [*notices, *_genre_notices(table, labels)]


def _plain(cells: Sequence[str]) -> list[str]:
    """Return names without the HTML entities (``&amp;``) and outer spaces that the archive's web forms left."""
    return [unescape(cell).strip() if "&" in cell else cell.strip() for cell in cells]


def _durations(table: Table) -> tuple[npt.NDArray[np.float64], list[Notice]]:
    numbers = read_numbers(pd.Series(table.columns[_DURATION], dtype="str"))
    unusable = numbers.unreadable | np.isinf(numbers.values) | (numbers.values < 0.0)
    values = np.where(unusable, np.nan, numbers.values)
    if not unusable.any():
        return values, []
    count, first = int(unusable.sum()), int(np.flatnonzero(unusable)[0])
    text = f"{counted(count, 'duration')} in {table.name} not a length in seconds and left empty"
    return values, [Notice("not-a-number", count, f"{text} (first: {table.place(first)})")]


@dataclass(frozen=True)
class _Labels:
    """A track's genres: its top genre, all of them, whether the top genre was filled in, ids without a name."""

    top: str
    all: tuple[str, ...]
    filled: bool
    unknown: int


def _labels(top: str, chosen: str, everything: str, hierarchy: _Hierarchy) -> _Labels:
    all_ids = _ids(everything) or _ids(chosen)
    names = [hierarchy.names[genre] for genre in all_ids if genre in hierarchy.names]
    filled = ""
    if not top:
        roots = Counter(hierarchy.root(genre) for genre in _ids(chosen) or all_ids if genre in hierarchy.names)
        filled = hierarchy.names[roots.most_common(1)[0][0]] if roots else ""
    first = top or filled
    labels = tuple(dict.fromkeys([first, *names])) if first else ()
    return _Labels(first, labels, bool(filled), len(all_ids) - len(names))


def _ids(cell: str) -> list[str]:
    """Return the ids of a list written as text, such as ``[17, 10, 76]``."""
    return [text for text in (part.strip() for part in cell.strip().strip("[]").split(",")) if text]


def _genre_notices(table: Table, labels: Sequence[_Labels]) -> list[Notice]:
    notices = []
    filled = sum(label.filled for label in labels)
    if filled:
        text = f"{counted(filled, 'track')} of {table.name} had no top genre and got it from the genre hierarchy"
        notices.append(Notice("genre-filled", filled, f"{text}: the broad genre that most of their genres lie under"))
    without = sum(not label.top for label in labels)
    if without:
        notices.append(Notice("no-genre", without, f"{counted(without, 'track')} of {table.name} without any genre"))
    unknown = [row for row, label in enumerate(labels) if label.unknown]
    if unknown:
        text = f"{counted(len(unknown), 'track')} of {table.name} with genre numbers that are not in {GENRES}"
        text = f"{text}: those genres are left out (first: {table.place(unknown[0])})"
        notices.append(Notice("unknown-genre", len(unknown), text))
    return notices


def _features(table: Table, index: pd.Index) -> tuple[pd.DataFrame, list[Notice]]:
    """Return the features of the tracks in `index`, NaN where the table has none."""
    cells = pd.DataFrame(
        {name: pd.Series(table.columns[f"echonest.audio_features.{name}"], dtype="str") for name in BASE_NAMES}
    )
    try:
        features, told = feature_columns(cells, path=table.where, place=table.place)
    except SourceError as error:
        raise SourceError(error.what, where=error.where, **FETCH_AGAIN) from error
    notices = [replace(notice, text=f"{ECHONEST}: {notice.text}") for notice in told]
    ids = pd.Index(table.ids, dtype="str")
    strangers = int((~ids.isin(index)).sum())
    if strangers:
        text = f"{counted(strangers, 'row')} of {ECHONEST} for tracks that are not in {TRACKS}"
        notices.append(Notice("unknown-track", strangers, f"{text} and are not used"))
    return features.set_index(ids).reindex(index), notices
