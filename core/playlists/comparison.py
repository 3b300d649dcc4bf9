"""Two runs side by side: which playlists went on, and which tracks moved where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.playlists.lineage import best_matches
from core.records import IntArray, Playlist

#: Stands for "in no playlist" in rows and in JSON.
NOWHERE = ""


@dataclass(frozen=True)
class Move:
    """A track that is in another playlist than before.

    Attributes
    ----------
    track_id : str
        The track.
    before, after : str
        Names of the playlists; `NOWHERE` when it was, or is, in none.
    absent : bool
        Whether the run where it is in no playlist is known not to have had it at all.
    """

    track_id: str
    before: str
    after: str
    absent: bool = False


@dataclass(frozen=True, eq=False)
class RunComparison:
    """What changed from one run to another.

    Attributes
    ----------
    before, after : tuple of str
        Names of the playlists of each run.
    continues : mapping of str to str
        New name → old name of the playlists that went on, by lineage or by overlap.
    counts : np.ndarray [shape=(len(before), len(after)), dtype=int64]
        Tracks of each old playlist in each new one.
    stayed : int
        Tracks whose new playlist continues the old one.
    moved : tuple of Move
        Tracks in both runs whose playlist does not continue the old one, in the order of the old playlists.
    added, gone : tuple of Move
        Tracks that only the new, or only the old, run has in a playlist.
    agreement : float
        Adjusted Rand index of the two runs on the tracks in both, 1 when they group alike; NaN without such tracks.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    continues: Mapping[str, str]
    counts: IntArray
    stayed: int
    moved: tuple[Move, ...]
    added: tuple[Move, ...]
    gone: tuple[Move, ...]
    agreement: float

    @property
    def renamed(self) -> dict[str, str]:
        """Old name → new name of the playlists that went on under another name."""
        return {old: new for new, old in self.continues.items() if old != new}

    @property
    def left_out(self) -> tuple[int, int]:
        """How many of `added` the old run had, and of `gone` the new one has, in no playlist, or may have."""
        before, after = (sum(not move.absent for move in moves) for moves in (self.added, self.gone))
        return before, after

    def rows(self) -> list[dict[str, object]]:
        """Return the comparison as a table.

        Returns
        -------
        list of dict
            ``before``, ``after`` (names, `NOWHERE` for none), ``tracks`` (count, above 0), ``same`` (whether the new
            playlist continues the old one) and ``absent`` (as in `Move`): old playlists in their order, within one
            the largest part first.
        """
        rows: list[dict[str, object]] = []
        gone = Counter((move.before, move.absent) for move in self.gone)
        added = Counter((move.after, move.absent) for move in self.added)
        for number, old in enumerate(self.before):
            here = zip(self.after, self.counts[number], strict=True)
            parts = [(int(count), new, False) for new, count in here if count]
            parts += [(gone[old, absent], NOWHERE, absent) for absent in (False, True) if gone[old, absent]]
            for count, new, absent in sorted(parts, key=lambda part: -part[0]):
                same = self.continues.get(new) == old
                rows.append({"before": old, "after": new, "tracks": count, "same": same, "absent": absent})
        arrived = [(new, absent) for new in self.after for absent in (False, True) if added[new, absent]]
        return rows + [
            {"before": NOWHERE, "after": new, "tracks": added[new, absent], "same": False, "absent": absent}
            for new, absent in arrived
        ]

    def to_json(self) -> dict[str, object]:
        """Return the comparison as plain values that `json` can write; an unknown agreement is None."""
        return {
            "before": list(self.before),
            "after": list(self.after),
            "continues": dict(self.continues),
            "renamed": self.renamed,
            "agreement": self.agreement if np.isfinite(self.agreement) else None,
            "stayed": self.stayed,
            "counts": {
                old: {new: int(count) for new, count in zip(self.after, row, strict=True) if count}
                for old, row in zip(self.before, self.counts, strict=True)
            },
            "moved": [_plain(move, "before", "after") for move in self.moved],
            "added": [_plain(move, "after", "absent") for move in self.added],
            "gone": [_plain(move, "before", "absent") for move in self.gone],
        }


def compare_runs(
    before: Sequence[Playlist],
    after: Sequence[Playlist],
    *,
    tracks_before: Collection[str] | None = None,
    tracks_after: Collection[str] | None = None,
) -> RunComparison:
    """Compare the playlists of two runs.

    Parameters
    ----------
    before, after : sequence of Playlist
        The playlists of each run, with names unique within the run. A track that stands in several playlists of a
        run counts for the first of them.
    tracks_before, tracks_after : collection of str, optional
        Ids of all tracks that each run had, in a playlist or not; None when that is not known.

    Returns
    -------
    RunComparison
        Playlists continue by equal lineage; those without a partner by overlap, as `best_matches` finds it.
    """
    old_of, new_of = _playlist_of(before), _playlist_of(after)
    continues = _continuations(before, after)
    counts = np.zeros((len(before), len(after)), dtype=np.int64)
    moved = []
    for track_id, old in old_of.items():
        new = new_of.get(track_id)
        if new is None:
            continue
        counts[old, new] += 1
        if continues.get(new) != old:
            moved.append(Move(track_id, before[old].name, after[new].name))
    return RunComparison(
        before=tuple(playlist.name for playlist in before),
        after=tuple(playlist.name for playlist in after),
        continues={after[new].name: before[old].name for new, old in continues.items()},
        counts=counts,
        stayed=int(counts.sum()) - len(moved),
        moved=tuple(moved),
        added=tuple(
            Move(track_id, NOWHERE, after[new].name, tracks_before is not None and track_id not in tracks_before)
            for track_id, new in new_of.items()
            if track_id not in old_of
        ),
        gone=tuple(
            Move(track_id, before[old].name, NOWHERE, tracks_after is not None and track_id not in tracks_after)
            for track_id, old in old_of.items()
            if track_id not in new_of
        ),
        agreement=_adjusted_rand(counts),
    )


def _playlist_of(playlists: Sequence[Playlist]) -> dict[str, int]:
    """Return the position of the playlist each track is in."""
    places: dict[str, int] = {}
    for number, playlist in enumerate(playlists):
        for track_id in playlist.track_ids:
            places.setdefault(track_id, number)
    return places


def _continuations(before: Sequence[Playlist], after: Sequence[Playlist]) -> dict[int, int]:
    """Return new position → old position of the playlists that went on."""
    by_lineage = {playlist.lineage: number for number, playlist in enumerate(before) if playlist.lineage}
    found: dict[int, int] = {}
    for number, playlist in enumerate(after):
        if playlist.lineage in by_lineage:
            found[number] = by_lineage.pop(playlist.lineage)
    old = {number: playlist.track_ids for number, playlist in enumerate(before) if number not in found.values()}
    new = {number: playlist.track_ids for number, playlist in enumerate(after) if number not in found}
    return dict(sorted((found | best_matches(old, new)).items()))


def _adjusted_rand(counts: IntArray) -> float:
    """Return the adjusted Rand index of a contingency table (Hubert and Arabie 1985)."""
    total = float(counts.sum())
    if total == 0.0:
        return float("nan")
    together, rows, columns, pairs = (
        float((numbers * (numbers - 1.0) / 2.0).sum())
        for numbers in (counts, counts.sum(axis=1), counts.sum(axis=0), np.array([total]))
    )
    expected = rows * columns / pairs if pairs else 0.0
    most = (rows + columns) / 2.0
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _plain(move: Move, *fields: str) -> dict[str, object]:
    return {"track_id": move.track_id, **{field: getattr(move, field) for field in fields}}
