"""How alike the clusters come out on parts of the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TypeGuard

import numpy as np

from core.errors import DataError
from core.progress import Report, silent
from core.records import FloatArray, IntArray

#: Share of the tracks each refit sees, as usual since Lange et al. 2004 ("Stability-based validation of clustering
#: solutions") and Ben-Hur et al. 2002 ("A stability based method for discovering structure in clustered data").
REFIT_SHARE = 0.8
#: Tracks the refits are drawn from; above it a seeded sample. On 13,129 tracks the K found stable are the same with
#: all of them, and four refits of 19 K take about 2 s instead of 4.
STABILITY_ROWS = 5_000
#: What the report says.
REFITTING = "Sorting parts of the library anew"
#: Label of tracks outside a refit's part.
UNSEEN = -2


#: Fits many numbers of clusters to the same rows. Takes the rows [shape=(n, d)], the numbers and a seed; gives for each
#: number the labels [shape=(n,)], or why there are none.
FitMany = Callable[[FloatArray, Sequence[int], int], Mapping[int, IntArray | DataError]]


def stability(
    X: FloatArray, ks: Sequence[int], *, fits: FitMany, repeats: int, seed: int, report: Report = silent
) -> FloatArray:
    """Measure how alike refits on random parts of the tracks are.

    Each refit sees `REFIT_SHARE` of the tracks (of at most `STABILITY_ROWS`). Every two refits are compared on the
    tracks that both saw, with the Rand index adjusted for chance (Hubert and Arabie 1985): 1 when they agree on
    every pair of tracks, 0 when they agree no more than by chance.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks.
    ks : sequence of int
        Numbers of clusters.
    fits : FitMany
        What is tested.
    repeats : int
        Refits, at least 1; one has nothing to agree with, so then two are made.
    seed : int
        Seed of the parts.
    report : Report, default silent
        Called between the refits.

    Returns
    -------
    np.ndarray [shape=(len(ks),), dtype=float64]
        Mean adjusted Rand index, at most 1; NaN where a K could not be refitted twice.
    """
    random = np.random.default_rng(seed)
    drawn = X if len(X) <= STABILITY_ROWS else X[np.sort(random.choice(len(X), size=STABILITY_ROWS, replace=False))]
    size = round(REFIT_SHARE * len(drawn))
    repeats = max(repeats, 2)
    refits: list[dict[int, IntArray]] = []
    for repeat in range(repeats):
        report(repeat, repeats, REFITTING)
        part = np.sort(random.choice(len(drawn), size=size, replace=False))
        found = fits(drawn[part], ks, (seed + repeat + 1) % 2**32)
        refits.append({k: _on_all(labels, part, len(drawn)) for k, labels in found.items() if _is_labels(labels)})
    report(repeats, repeats, REFITTING)
    agreement = np.full(len(ks), np.nan)
    for position, k in enumerate(ks):
        pairs = combinations([labels[k] for labels in refits if k in labels], 2)
        scores = [_adjusted_rand(one, other) for one, other in pairs]
        if scores:
            agreement[position] = np.mean(scores)
    return agreement


def _is_labels(found: IntArray | DataError) -> TypeGuard[IntArray]:
    return not isinstance(found, DataError)


def _on_all(labels: IntArray, part: IntArray, n: int) -> IntArray:
    """Return labels of a part at the part's positions among all `n`."""
    spread = np.full(n, UNSEEN, dtype=np.int64)
    spread[part] = labels
    return spread


def _adjusted_rand(one: IntArray, other: IntArray) -> float:
    """Return the Rand index adjusted for chance of two labelings, on the tracks that both have seen."""
    both = (one > UNSEEN) & (other > UNSEEN)
    # Labels start at −1, tracks that fit nowhere.
    first, second = one[both] + 1, other[both] + 1
    width = int(second.max(initial=0)) + 1
    cells = np.bincount(first * width + second)
    together = _pairs(cells)
    in_first, in_second = _pairs(np.bincount(first)), _pairs(np.bincount(second))
    all_pairs = _pairs(np.array([len(first)]))
    expected = in_first * in_second / all_pairs if all_pairs else 0.0
    most = (in_first + in_second) / 2
    return (together - expected) / (most - expected) if most != expected else 1.0


def _pairs(sizes: IntArray) -> float:
    """Return how many pairs there are inside groups of these sizes."""
    return float((sizes * (sizes - 1)).sum() / 2)
