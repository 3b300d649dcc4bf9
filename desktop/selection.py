"""What is selected: one selection that all views show, and the ways of making it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from desktop import messages
from desktop.plots.arrays import NOISE, IntArray
from desktop.shown import Shown


def _no_rows() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Selection:
    """The one selection that all views show.

    Attributes
    ----------
    title : str
        What it is, for the head of the table of tracks.
    rows : np.ndarray [dtype=int64]
        The tracks it holds, as rows of the analysis, ascending.
    lineages : frozenset of str
        The playlists chosen; empty when something else was.
    genre : str
        The genre chosen; empty when something else was.
    marked : np.ndarray [dtype=int64]
        Single tracks pointed at, of those in `rows`.
    """

    title: str
    rows: IntArray
    lineages: frozenset[str] = frozenset()
    genre: str = ""
    marked: IntArray = field(default_factory=_no_rows)


def of_playlists(shown: Shown, lineages: Collection[str]) -> Selection | None:
    """Return the tracks of some playlists; None when none of them is there."""
    groups = [group for group in shown.groups if group.lineage in set(lineages)]
    if not groups:
        return None
    chosen = frozenset(group.lineage for group in groups)
    return Selection(" + ".join(group.name.text for group in groups), shown.rows_of(chosen), lineages=chosen)


def of_all(shown: Shown) -> Selection:
    """Return the whole library."""
    return Selection(messages.WHOLE_LIBRARY(), np.arange(len(shown.labels), dtype=np.int64))


def of_nowhere(shown: Shown) -> Selection:
    """Return the tracks that are in no playlist."""
    return Selection(messages.FITS_NOWHERE(), np.flatnonzero(shown.labels == NOISE).astype(np.int64))


def of_genre(shown: Shown, genre: str, lineage: str = "") -> Selection:
    """Return the tracks of a genre, or those of them that are in one playlist."""
    inside = shown.columns["genre"] == genre
    group, title = shown.group(lineage), genre
    if group is not None:
        inside = inside & (shown.labels == group.number)
        title = messages.GENRE_IN_PLAYLIST(genre=genre, playlist=group.name.text)
    return Selection(title, np.flatnonzero(inside).astype(np.int64), genre=genre)


def of_rows(rows: IntArray) -> Selection:
    """Return single tracks, such as those inside a lasso."""
    chosen = np.unique(rows).astype(np.int64)
    return Selection(messages.chosen_tracks(len(chosen)), chosen)


def with_marked(shown: Shown, selection: Selection, rows: IntArray) -> Selection:
    """Return a selection that points at tracks: the one there is when they are in it, else their playlist."""
    if not np.isin(rows, selection.rows).all():
        group = shown.numbered(int(shown.labels[rows[0]]))
        selection = of_nowhere(shown) if group is None else of_playlists(shown, [group.lineage]) or selection
    return replace(selection, marked=np.sort(rows).astype(np.int64))


def kept(shown: Shown, before: Selection | None) -> Selection | None:
    """Return the playlists selected before that are still there; else the first one, None when there is none."""
    there = [line for line in (before.lineages if before else ()) if shown.group(line)]
    return of_playlists(shown, there or [group.lineage for group in shown.groups[:1]])
