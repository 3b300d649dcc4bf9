"""What is selected: one selection that all views show, and the ways of making it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from desktop import messages
from desktop.left_out import FITS_NOWHERE
from desktop.messages import names
from desktop.plots.arrays import IntArray
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
    within : str
        Lineage of the playlist that the genre was chosen in; empty for the whole library.
    reason : str
        Why the tracks are in no playlist, when those were chosen; empty when something else was.
    marked : np.ndarray [dtype=int64]
        Single tracks pointed at, of those in `rows`.
    """

    title: str
    rows: IntArray
    lineages: frozenset[str] = frozenset()
    genre: str = ""
    within: str = ""
    reason: str = ""
    marked: IntArray = field(default_factory=_no_rows)

    @property
    def what(self) -> tuple[object, ...]:
        """What was chosen, whichever tracks that are."""
        return self.lineages, self.genre, self.within, self.reason

    @property
    def whole(self) -> bool:
        """Whether the whole library was chosen as such."""
        return not any(self.what) and self.title == messages.WHOLE_LIBRARY()


def of_playlists(shown: Shown, lineages: Collection[str]) -> Selection | None:
    """Return the tracks of some playlists; None when none of them is there."""
    groups = [group for group in shown.groups if group.lineage in set(lineages)]
    if not groups:
        return None
    chosen = frozenset(group.lineage for group in groups)
    return Selection(" + ".join(group.name.text for group in groups), shown.tracks_of(chosen), lineages=chosen)


def of_all(shown: Shown) -> Selection:
    """Return the whole library."""
    return Selection(messages.WHOLE_LIBRARY(), np.arange(len(shown.labels), dtype=np.int64))


def of_left_out(shown: Shown, reason: str) -> Selection:
    """Return the tracks that are in no playlist for a reason."""
    return Selection(names.left_out(reason), shown.left_out.rows(reason), reason=reason)


def of_genre(shown: Shown, genre: str, lineage: str = "") -> Selection:
    """Return the tracks of a genre, or those of them that are in one playlist."""
    inside = shown.columns["genre"] == genre
    group, title = shown.group(lineage), genre
    if group is not None:
        # As the table of genres counts: with tracks that are left out of the playlist.
        inside = inside & (shown.analysis.clustering.labels == group.cluster)
        title = messages.GENRE_IN_PLAYLIST(genre=genre, playlist=group.name.text)
    return Selection(title, np.flatnonzero(inside).astype(np.int64), genre=genre, within=lineage)


def of_rows(rows: IntArray) -> Selection:
    """Return single tracks, such as those inside a lasso."""
    chosen = np.unique(rows).astype(np.int64)
    return Selection(messages.chosen_tracks(len(chosen)), chosen)


def with_marked(shown: Shown, selection: Selection, rows: IntArray) -> Selection:
    """Return a selection that points at tracks: the one there is when they are in it, else their playlist."""
    if not np.isin(rows, selection.rows).all():
        group = shown.numbered(int(shown.labels[rows[0]]))
        reason = str(shown.left_out.reasons[rows[0]]) or ("" if group else FITS_NOWHERE)
        if reason or group is None:
            selection = of_left_out(shown, reason)
        else:
            selection = of_playlists(shown, [group.lineage]) or selection
    return replace(selection, marked=np.sort(rows).astype(np.int64))


def kept(shown: Shown, before: Selection | None, *, same_tracks: bool) -> Selection | None:
    """Return what was selected before, as far as it is still there; else the first playlist, None when there is none.

    Parameters
    ----------
    shown : Shown
        What is shown now.
    before : Selection or None
        What was selected.
    same_tracks : bool
        Whether the tracks before stand in the same rows now.
    """
    there = [line for line in (before.lineages if before else ()) if shown.group(line)]
    found = None
    if before is not None and not before.lineages:
        found = _again(shown, before, same_tracks=same_tracks)
    if found is not None and len(found.rows):
        return found
    return of_playlists(shown, there or [group.lineage for group in shown.groups[:1]])


def _again(shown: Shown, before: Selection, *, same_tracks: bool) -> Selection | None:
    """Return a selection that is not of playlists, made anew; None when there is no such thing any more."""
    if before.reason:
        return of_left_out(shown, before.reason)
    if before.genre:
        return (
            None
            if before.within and shown.group(before.within) is None
            else of_genre(shown, before.genre, before.within)
        )
    if before.whole:
        return of_all(shown)
    return replace(before, marked=_no_rows()) if same_tracks else None
