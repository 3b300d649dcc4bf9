"""Which playlist of a new run is which of an earlier one.

A cluster keeps its identity by overlap: the best one-to-one match between old and new ones, where two that share
too little are not matched at all. Names given by hand, colours and exported playlists follow that identity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    from scipy.optimize import linear_sum_assignment

    overlap = jaccard(old, new)
    overlap[overlap < least] = 0.0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    old_keys, new_keys = list(old), list(new)
    pairs = {new_keys[column]: old_keys[row] for row, column in zip(rows, columns, strict=True) if overlap[row, column]}
    return {key: pairs[key] for key in new_keys if key in pairs}


def match_lineage(old: Mapping[str, Collection[str]], new: Mapping[int, Collection[str]]) -> dict[int, str]:
    """Give every new cluster the identity of the old one it continues, or a fresh one.

    Parameters
    ----------
    old : mapping of str to collection of str
        Track ids of each lineage of the earlier run.
    new : mapping of int to collection of str
        Track ids of each cluster now.

    Returns
    -------
    dict of int to str
        Lineage of each new cluster, each once, in the order of `new`. Fresh ones follow from the cluster's tracks:
        the same tracks get the same identity on every computer.
    """
    ordered_old = {lineage: old[lineage] for lineage in sorted(old)}
    ordered_new = {cluster: new[cluster] for cluster in sorted(new)}
    matched = best_matches(ordered_old, ordered_new)
    taken = set(old)
    lineages = dict(matched)
    for cluster, ids in ordered_new.items():
        if cluster not in matched:
            lineages[cluster] = _fresh(ids, taken)
            taken.add(lineages[cluster])
    return {cluster: lineages[cluster] for cluster in new}


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
