"""Which tracks are in no playlist, and why. Nothing here knows Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from desktop.plots.arrays import BoolArray, IntArray

if TYPE_CHECKING:
    from core.analysis import Analysis

#: Reasons of `core.playlists.curation` that the window treats in a way of their own; importing them takes a second.
FITS_NOWHERE: Final = "fits nowhere"
LEFT_OUT_BY_HAND: Final = "left out by hand"
DUPLICATE: Final = "duplicate"


@dataclass(frozen=True, eq=False)
class LeftOut:
    """The tracks that are in no playlist.

    Attributes
    ----------
    reasons : np.ndarray [shape=(n_kept,), dtype=object]
        Why each analysed track is in no playlist; empty for those in one.
    twins : mapping of int to int
        For each duplicate the row of the track that stands for both.
    """

    reasons: npt.NDArray[np.object_]
    twins: Mapping[int, int]

    @cached_property
    def staying(self) -> BoolArray:
        """Whether each track is in a playlist [shape=(n_kept,)]."""
        inside: BoolArray = self.reasons == ""
        return inside

    @cached_property
    def _rows(self) -> IntArray:
        """All tracks that are left out, ascending."""
        return np.flatnonzero(~self.staying).astype(np.int64)

    def rows(self, reason: str) -> IntArray:
        """Return the tracks left out for a reason, ascending."""
        found: IntArray = self._rows[self.reasons[self._rows] == reason]
        return found

    def warm(self) -> None:
        """Find what takes a moment with 100,000 tracks, in the worker, so that the window does not have to."""
        self._rows, self._all  # noqa: B018

    def counts(self, rows: IntArray | None = None) -> dict[str, int]:
        """Return how many tracks are left out for each reason, in the order the reasons are looked at.

        Parameters
        ----------
        rows : np.ndarray, optional
            Only of these tracks; of all when not given.
        """
        return self._all if rows is None else _counted(self.reasons[rows])

    @cached_property
    def _all(self) -> dict[str, int]:
        return _counted(self.reasons)

    def with_twins(self, rows: IntArray, *, whole: bool = True) -> IntArray:
        """Return tracks together with their duplicates: a recording goes as one.

        Parameters
        ----------
        rows : np.ndarray [dtype=int64]
            The tracks.
        whole : bool, default True
            Whether a duplicate takes the track along that stands for it.
        """
        if not self.twins:
            return rows
        wanted = set(rows.tolist())
        if whole:
            wanted |= {self.twins[row] for row in wanted if row in self.twins}
        wanted |= {row for row, kept in self.twins.items() if kept in wanted}
        return np.array(sorted(wanted), dtype=np.int64)


_ORDER: Final = (LEFT_OUT_BY_HAND, FITS_NOWHERE, DUPLICATE, "explicit", "too short", "too long", "artist limit")
_PLACES: Final = {name: place for place, name in enumerate(_ORDER)}


def _counted(reasons: npt.NDArray[np.object_]) -> dict[str, int]:
    known = Counter(reasons.tolist())
    del known[""]
    return {name: known[name] for name in sorted(known, key=lambda name: _PLACES.get(name, len(_PLACES)))}


def left_out_of(analysis: Analysis) -> LeftOut:
    """Return what an analysis leaves out of its playlists."""
    import pandas as pd

    ids = analysis.prepared.track_ids
    reasons = np.full(len(ids), "", dtype=object)
    for reason, found in analysis.curated.left_out.items():
        rows = ids.get_indexer(pd.Index(found))
        # Tracks that were not analysed have no row.
        reasons[rows[rows >= 0]] = reason
    twice = analysis.curated.duplicates
    rows = ids.get_indexer(pd.Index([one.track_id for one in twice], dtype=object))
    kept = ids.get_indexer(pd.Index([one.kept_id for one in twice], dtype=object))
    return LeftOut(reasons, dict(zip(rows.tolist(), kept.tolist(), strict=True)))
