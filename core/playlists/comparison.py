"""Two runs side by side: which playlists went on, and which tracks moved where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
    """

    track_id: str
    before: str
    after: str


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

    def rows(self) -> list[dict[str, object]]:
        """Return the comparison as a table.

        Returns
        -------
        list of dict
            ``before``, ``after`` (names, `NOWHERE` for none), ``tracks`` (count, above 0) and ``same`` (whether the
            new playlist continues the old one): old playlists in their order, within one the largest part first.
        """
        rows: list[dict[str, object]] = []
        gone, added = Counter(move.before for move in self.gone), Counter(move.after for move in self.added)
        for number, old in enumerate(self.before):
            parts = [(int(count), new) for new, count in zip(self.after, self.counts[number], strict=True) if count]
            parts += [(gone[old], NOWHERE)] if gone[old] else []
            for count, new in sorted(parts, key=lambda part: -part[0]):
                rows.append({"before": old, "after": new, "tracks": count, "same": self.continues.get(new) == old})
        arrived = [new for new in self.after if added[new]]
        return rows + [{"before": NOWHERE, "after": new, "tracks": added[new], "same": False} for new in arrived]

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
            "moved": [_plain(move) for move in self.moved],
            "added": [{"track_id": move.track_id, "after": move.after} for move in self.added],
            "gone": [{"track_id": move.track_id, "before": move.before} for move in self.gone],
        }


def compare_runs(before: Sequence[Playlist], after: Sequence[Playlist]) -> RunComparison:
    """Compare the playlists of two runs.

    Parameters
    ----------
    before, after : sequence of Playlist
        The playlists of each run, with names unique within the run. A track that stands in several playlists of a
        run counts for the first of them.

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
        added=tuple(Move(id_, NOWHERE, after[new].name) for id_, new in new_of.items() if id_ not in old_of),
        gone=tuple(Move(id_, before[old].name, NOWHERE) for id_, old in old_of.items() if id_ not in new_of),
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


def _plain(move: Move) -> dict[str, str]:
    return {"track_id": move.track_id, "before": move.before, "after": move.after}
