"""Several rows of one track made one row: which value wins, column by column.

Used where a library is read from several files or playlists, and where several libraries are merged.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.features import BASE_NAMES
from core.library import NUMBER_COLUMNS
from core.records import FloatArray, IntArray

#: Begins the address of a track that Spotify knows; everything else (local files, no address) cannot be looked up.
TRACK_ADDRESS = "spotify:track:"
#: Begins the id of a track that is known by its title and artist only.
NAME_ID = "name:"

Mask: TypeAlias = npt.NDArray[np.bool_]
Cells: TypeAlias = npt.NDArray[np.object_]

_NOT_WORD = re.compile(r"[\W_]+")
_ARTIST_END = re.compile(r"\s*(?:;|,\s)")


def plain(text: str) -> str:
    """Return a name without case, punctuation, spaces and typographic variants.

    Parameters
    ----------
    text : str
        A title or the name of an artist.

    Returns
    -------
    str
        Letters and digits only; a name made of other signs (``"!!!"``) keeps them.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORD.sub("", folded) or "".join(folded.split())


def name_key(title: str, artist: str) -> str:
    """Return what two spellings of one song by one first artist share; empty when there is no title.

    Parameters
    ----------
    title : str
        The song.
    artist : str
        All artists, separated by ``"; "`` or ``", "``. Only the first counts, because some exports name no other.

    Returns
    -------
    str
        A key to compare, such as ``"daftpunk|onemoretime"``.
    """
    song = plain(title)
    return f"{plain(_ARTIST_END.split(artist.strip(), maxsplit=1)[0])}|{song}" if song else ""


def join_rows(
    tracks: pd.DataFrame, features: pd.DataFrame, providers: pd.Series, groups: IntArray
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Make one row of all rows of a group.

    The id and the address come from the first row that has a Spotify address, else from the first row. Text and
    numbers come from the first row that has them; all genres of a track come from one row. ``added_at`` is the
    earliest, ``play_count`` the largest (the same history read twice must not count double), ``origins`` holds
    every origin once. Features are never mixed: all of a track's come from its first complete row, else from the
    first row with any, and their provider with them.

    Parameters
    ----------
    tracks : pandas.DataFrame [shape=(n_rows, any)]
        Any subset of `core.library.TRACK_COLUMNS`, with ``uri`` and ``origins``; the index holds track ids, which
        need not be unique. Unknown text is ``""``.
    features : pandas.DataFrame [shape=(n_rows, any), dtype=float64]
        Any subset of the known features, rows as in `tracks`.
    providers : pandas.Series [shape=(n_rows,)]
        Who gave the features of each row, rows as in `tracks`.
    groups : np.ndarray [shape=(n_rows,), dtype=int64]
        Group of each row, numbered from 0 in the order of their first rows.

    Returns
    -------
    tracks, features, providers
        One row a group, indexed by track id, which may still repeat across groups.
    """
    count = int(groups.max()) + 1 if len(groups) else 0
    if count == len(groups):
        return tracks, features.set_axis(tracks.index), providers.set_axis(tracks.index)
    uris = tracks["uri"].to_numpy(dtype=object)
    known = np.array([uri.startswith(TRACK_ADDRESS) for uri in uris], dtype=bool)
    anchors = _first_rows(groups, known, count)
    anchors = np.where(anchors >= 0, anchors, _first_rows(groups, np.ones(len(groups), dtype=bool), count))
    index = pd.Index(tracks.index.to_numpy(dtype=object)[anchors], dtype="str", name="track_id")
    columns: dict[str, Cells | FloatArray] = {}
    columns |= {
        name: _joined_column(tracks, name, groups, count) for name in tracks.columns if name not in ("genre", "genres")
    }
    columns["uri"] = np.where(known[anchors], uris[anchors], columns["uri"])
    columns |= _joined_genres(tracks, groups, count)
    chosen = _feature_rows(features, groups, count)
    values = features.to_numpy(dtype=np.float64)[chosen]
    values[chosen < 0] = np.nan
    names = np.where(chosen >= 0, providers.to_numpy(dtype=object)[chosen], "")
    return (
        pd.DataFrame(columns, index=index),
        pd.DataFrame(values, index=index, columns=features.columns),
        pd.Series(names, index=index, dtype=object),
    )


def _first_rows(groups: IntArray, filled: Mask, count: int, order: IntArray | None = None) -> IntArray:
    """Return the first filled row of each group [shape=(count,)], −1 where none is, in `order` or as they stand."""
    rows = np.flatnonzero(filled) if order is None else order[filled[order]]
    ranks = np.full(count, len(groups), dtype=np.int64)
    np.minimum.at(ranks, groups[rows], np.arange(len(rows)))
    found = ranks < len(groups)
    first = np.full(count, -1, dtype=np.int64)
    first[found] = rows[ranks[found]]
    return first


def _joined_column(tracks: pd.DataFrame, name: str, groups: IntArray, count: int) -> Cells | FloatArray:
    if name == "origins":
        return _union(tracks[name], groups, count)
    if name in NUMBER_COLUMNS:
        return _joined_numbers(tracks[name].to_numpy(dtype=np.float64), groups, count, largest=name == "play_count")
    cells = tracks[name].to_numpy(dtype=object)
    order = np.argsort(cells.astype(str), kind="stable") if name == "added_at" else None
    return _taken(cells, _first_rows(groups, _filled(cells), count, order), "")


def _filled(cells: Cells) -> Mask:
    return np.array([bool(cell) for cell in cells], dtype=bool)


def _taken(cells: Cells, rows: IntArray, empty: str | tuple[str, ...]) -> Cells:
    """Return the cells of some rows; `empty` for row −1."""
    taken = cells[rows]
    for position in np.flatnonzero(rows < 0):
        taken[position] = empty
    return taken


def _joined_numbers(values: FloatArray, groups: IntArray, count: int, *, largest: bool) -> FloatArray:
    if largest:
        joined = np.full(count, -np.inf)
        np.fmax.at(joined, groups, values)
        return np.where(np.isinf(joined), np.nan, joined)
    first = _first_rows(groups, ~np.isnan(values), count)
    return np.where(first >= 0, values[first], np.nan) if len(values) else np.full(count, np.nan)


def _joined_genres(tracks: pd.DataFrame, groups: IntArray, count: int) -> dict[str, Cells]:
    """Return the genre columns there are, both from the first row that has either."""
    present = [name for name in ("genre", "genres") if name in tracks.columns]
    cells = {name: tracks[name].to_numpy(dtype=object) for name in present}
    filled = np.zeros(len(groups), dtype=bool)
    for column in cells.values():
        filled |= _filled(column)
    first = _first_rows(groups, filled, count)
    return {name: _taken(column, first, "" if name == "genre" else ()) for name, column in cells.items()}


def _union(cells: pd.Series, groups: IntArray, count: int) -> Cells:
    """Return every origin of each group once, in the order of the rows."""
    joined = np.empty(count, dtype=object)
    joined[:] = [()] * count
    for group, origins in zip(groups.tolist(), cells, strict=True):
        if not joined[group]:
            joined[group] = origins
        elif origins != joined[group]:
            joined[group] = tuple(dict.fromkeys(joined[group] + origins))
    return joined


def _feature_rows(features: pd.DataFrame, groups: IntArray, count: int) -> IntArray:
    """Return the row each group takes its features from, −1 where no row has any."""
    present: Mask = features.notna().to_numpy(dtype=bool)
    base: Mask = features.reindex(columns=list(BASE_NAMES)).notna().to_numpy(dtype=bool)
    chosen = np.full(count, -1, dtype=np.int64)
    for filled in (base.all(axis=1), base.any(axis=1), present.any(axis=1)):
        chosen = np.where(chosen >= 0, chosen, _first_rows(groups, np.asarray(filled, dtype=bool), count))
    return chosen
