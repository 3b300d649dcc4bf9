"""Which playlist of a new run is which of an earlier one.

A cluster keeps its identity by overlap: the best one-to-one match between old and new ones, where two that share
too little are not matched at all. Names given by hand, colours and exported playlists follow that identity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

import numpy as np

from core.records import FloatArray

#: Least Jaccard overlap of two clusters that are one (the program's design, "Lineage").
LEAST_OVERLAP = 0.3
#: Bytes of a fresh identity: two among a billion share one with a probability of a few percent, two of one run never.
_IDENTITY_BYTES = 8

Old = TypeVar("Old")
New = TypeVar("New")


def jaccard(old: Mapping[Old, Collection[str]], new: Mapping[New, Collection[str]]) -> FloatArray:
    """Return how much every old group and every new one overlap: shared tracks over all tracks of both.

    Parameters
    ----------
    old, new : mapping of a key to track ids
        The groups; an id that stands twice in a group counts once.

    Returns
    -------
    np.ndarray [shape=(len(old), len(new)), dtype=float64]
        0 to 1, in the order of the mappings; 0 for two empty groups.
    """
    before, after = [frozenset(ids) for ids in old.values()], [frozenset(ids) for ids in new.values()]
    groups_of: dict[str, list[int]] = {}
    for column, ids in enumerate(after):
        for track_id in ids:
            groups_of.setdefault(track_id, []).append(column)
    shared = np.zeros((len(before), len(after)))
    for row, ids in enumerate(before):
        for track_id in ids:
            for column in groups_of.get(track_id, ()):
                shared[row, column] += 1.0
    sizes = np.array([len(ids) for ids in before])[:, None] + np.array([len(ids) for ids in after])[None, :]
    union = np.maximum(sizes - shared, 1.0)
    overlap: FloatArray = shared / union
    return overlap


def best_matches(
    old: Mapping[Old, Collection[str]], new: Mapping[New, Collection[str]], *, least: float = LEAST_OVERLAP
) -> dict[New, Old]:
    """Match groups one to one so that the sum of their overlaps is the largest possible.

    Parameters
    ----------
    old, new : mapping of a key to track ids
        The groups.
    least : float, default LEAST_OVERLAP
        Pairs with a Jaccard overlap below this are never matched, 0 < least ≤ 1.

    Returns
    -------
    dict
        New key → old key, for the matched ones, in the order of `new`. Kuhn's assignment (`scipy`'s
        ``linear_sum_assignment``); equal inputs in equal order give equal matches.
    """
    pairs = _assigned(jaccard(old, new), least)
    old_keys = list(old)
    return {key: old_keys[pairs[column]] for column, key in enumerate(new) if column in pairs}


def _assigned(overlap: FloatArray, least: float) -> dict[int, int]:
    """Return column → row of the one-to-one match whose overlaps, each at least `least`, have the largest sum."""
    from scipy.optimize import linear_sum_assignment

    enough = np.where(overlap < least, 0.0, overlap)
    rows, columns = linear_sum_assignment(enough, maximize=True)
    return {int(column): int(row) for row, column in zip(rows, columns, strict=True) if enough[row, column]}


def match_lineage(
    old: Mapping[str, Collection[str]],
    new: Mapping[int, Collection[str]],
    *,
    earlier: Mapping[str, Sequence[Collection[str]]] | None = None,
    named: Collection[str] = (),
) -> dict[int, str]:
    """Give every new cluster the identity of the old one it continues, or a fresh one.

    Identities that something hangs on choose first, so that one nobody would miss never takes their place: those with
    a name given by hand, then the others of `earlier`.

    Parameters
    ----------
    old : mapping of str to collection of str
        Track ids of each lineage of the earlier run.
    new : mapping of int to collection of str
        Track ids of each cluster now.
    earlier : mapping of str to sequence of collection of str, optional
        Other tracks that some lineages had once. A lineage overlaps a cluster as much as the best of its groups does:
        after other numbers of clusters were tried, what it was is found again.
    named : collection of str, optional
        Lineages with a name given by hand.

    Returns
    -------
    dict of int to str
        Lineage of each new cluster, each once, in the order of `new`. Fresh ones follow from the cluster's tracks:
        the same tracks get the same identity on every computer.
    """
    once = earlier or {}
    ordered_old = {lineage: [old[lineage], *once.get(lineage, ())] for lineage in sorted(old)}
    ordered_new = {cluster: new[cluster] for cluster in sorted(new)}
    tiers = [set(named), set(once) - set(named), set(old) - set(named) - set(once)]
    lineages: dict[int, str] = {}
    for tier in tiers:
        choosing = {lineage: groups for lineage, groups in ordered_old.items() if lineage in tier}
        left = {cluster: ids for cluster, ids in ordered_new.items() if cluster not in lineages}
        lineages |= _continued(choosing, left)
    taken = set(old)
    for cluster, ids in ordered_new.items():
        if cluster not in lineages:
            lineages[cluster] = _fresh(ids, taken)
            taken.add(lineages[cluster])
    return {cluster: lineages[cluster] for cluster in new}


def _continued(old: Mapping[str, Sequence[Collection[str]]], new: Mapping[int, Collection[str]]) -> dict[int, str]:
    """Match clusters to lineages of which several groups of tracks are known."""
    if not old or not new:
        return {}
    groups = {(lineage, place): ids for lineage, known in old.items() for place, ids in enumerate(known)}
    starts = np.cumsum([0, *(len(known) for known in old.values())])[:-1]
    overlap: FloatArray = np.maximum.reduceat(jaccard(groups, new), starts, axis=0)
    pairs = _assigned(overlap, LEAST_OVERLAP)
    lineages = list(old)
    return {cluster: lineages[pairs[column]] for column, cluster in enumerate(new) if column in pairs}


def _fresh(ids: Collection[str], taken: Collection[str]) -> str:
    """Return an identity made from track ids that is not taken yet."""
    content = "\x1f".join(sorted(set(ids)))
    attempt = 0
    while True:
        text = f"{attempt}\x1f{content}".encode("utf-8", "replace")
        lineage = blake2b(text, digest_size=_IDENTITY_BYTES).hexdigest()
        if lineage not in taken:
            return lineage
        attempt += 1
