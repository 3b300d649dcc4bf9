"""Mean silhouettes of many labelings at once, from one pass over the distances.

A track's silhouette is (b − a) / max(a, b): a is its mean distance to the other members of its cluster, b the
smallest mean distance to the members of another cluster (Rousseeuw 1987, "Silhouettes: a graphical aid to the
interpretation and validation of cluster analysis"). Every mean is a sum of one column of the distance matrix over the
members of a cluster, so a matrix with one row of zeros and ones per cluster times the distances gives the sums of all
clusters of all labelings together. From one K to the next few tracks change sides: a cluster's sums are those of the
cluster it came from, plus the tracks that joined and minus those that left. That leaves about six ones for each track
in a sweep of 28 labelings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.progress import Report, silent
from core.records import NOISE, FloatArray, IntArray

#: Up to here silhouettes are exact. The pass takes about 2 s here and grows with the square.
EXACT_TRACKS = 20_000
#: Above it so many tracks are sampled that the pass costs no more distances than at the limit, but at least these:
#: silhouettes spread by about 0.2, so the standard error stays below 0.007.
LEAST_SAMPLE = 1_000
#: Distances held at once, from so many members to so many tracks: 2 MB, about what a processor core keeps close.
BLOCK_MEMBERS = 2_048
BLOCK_TRACKS = 128
#: Mean distances below this share of the data's spread are rounding; a track with nothing but such has silhouette 0.
NEGLIGIBLE = 1e-6


@dataclass(frozen=True, eq=False)
class Silhouettes:
    """Silhouettes of several labelings of the same tracks.

    Attributes
    ----------
    mean : np.ndarray [shape=(n_labelings,), dtype=float64]
        Mean silhouette, −1 to 1; NaN for fewer than two clusters.
    error : np.ndarray [shape=(n_labelings,), dtype=float64]
        Standard error of the mean: 0 when every track counted, NaN where the mean is.
    rows : np.ndarray [shape=(sampled,), dtype=int64]
        The tracks they were computed on, ascending.
    values : np.ndarray [shape=(n_labelings, sampled), dtype=float64]
        Silhouette of each of those tracks against all tracks; NaN for tracks that fit nowhere.
    """

    mean: FloatArray
    error: FloatArray
    rows: IntArray
    values: FloatArray


def silhouettes(
    X: FloatArray,
    labelings: Sequence[IntArray],
    *,
    seed: int = 0,
    exact_up_to: int = EXACT_TRACKS,
    report: Report = silent,
) -> Silhouettes:
    """Compute silhouettes of several labelings in one pass over the distances.

    A track alone in its cluster has silhouette 0. Tracks with a negative label neither count nor are a cluster.
    Above `exact_up_to` tracks a seeded sample stands for all; each sampled track is still compared with every other
    track, so its own silhouette is exact and the error of the mean is that of drawing without replacement:
    s / √m × √(1 − m/n).

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks.
    labelings : sequence of np.ndarray [shape=(n,), dtype=int64]
        Cluster of each track, 0, 1, …; negative for tracks that fit nowhere.
    seed : int, default 0
        Seed of the sample.
    exact_up_to : int, default EXACT_TRACKS
        Most tracks for exact silhouettes.
    report : Report, default silent
        Called between the blocks of distances.

    Returns
    -------
    Silhouettes
        In the order of `labelings`.
    """
    n = len(X)
    rows = _rows(n, exact_up_to, seed)
    widths = [int(labels.max(initial=-1)) + 1 for labels in labelings]
    ends = np.cumsum([0, *widths])
    sums = _distance_sums(X, rows, labelings, ends, report)
    floor = NEGLIGIBLE * float(np.sqrt(X.var(axis=0).sum())) if n else 0.0
    values = np.array(
        [
            _values(
                sums[ends[j] : ends[j + 1]],
                np.bincount(labels[labels >= 0], minlength=widths[j]),
                labels[rows],
                floor,
            )
            for j, labels in enumerate(labelings)
        ]
    ).reshape(len(labelings), len(rows))
    mean, error = np.full(len(labelings), np.nan), np.full(len(labelings), np.nan)
    for j, row in enumerate(values):
        counted = row[~np.isnan(row)]
        if len(counted):
            mean[j] = counted.mean()
            error[j] = 0.0 if len(rows) == n else _standard_error(counted, n)
    return Silhouettes(mean=mean, error=error, rows=rows, values=values)


def _rows(n: int, exact_up_to: int, seed: int) -> IntArray:
    """Return all rows, or a sample of them that costs no more distances than all rows at the limit."""
    if n <= exact_up_to:
        return np.arange(n)
    size = min(n, max(exact_up_to**2 // n, LEAST_SAMPLE))
    return np.sort(np.random.default_rng(seed).choice(n, size=size, replace=False))


def _standard_error(counted: FloatArray, n: int) -> float:
    m = len(counted)
    spread = float(counted.std(ddof=1)) if m > 1 else np.nan
    return float(spread * np.sqrt(max(1.0 - m / n, 0.0) / m))


def _distance_sums(
    X: FloatArray, rows: IntArray, labelings: Sequence[IntArray], ends: IntArray, report: Report
) -> FloatArray:
    """Return the summed distances from every cluster of every labeling to each of `rows` [shape=(ends[-1], m)]."""
    from threadpoolctl import threadpool_limits

    centred = X - X.mean(axis=0) if len(X) else X
    squares = (centred**2).sum(axis=1)
    # Squared distances as one product: (−2x, |x|², 1) · (y, 1, |y|²).
    left = np.column_stack([-2.0 * centred, squares, np.ones(len(X))])
    right = np.column_stack([centred[rows], np.ones(len(rows)), squares[rows]]).T
    changes, origins = _changes(labelings, ends)
    sums = np.zeros((int(ends[-1]), len(rows)))
    # On one thread the sums have the same bits on every machine, and no block waits for a core that is busy elsewhere.
    with threadpool_limits(limits=1, user_api="blas"):
        for first in range(0, len(X), BLOCK_MEMBERS):
            last = min(first + BLOCK_MEMBERS, len(X))
            members = changes[:, first:last]
            for top in range(0, len(rows), BLOCK_TRACKS):
                report(first * len(rows) + top * (last - first), len(X) * len(rows), "Measuring distances")
                block = left[first:last] @ right[:, top : top + BLOCK_TRACKS]
                np.sqrt(np.maximum(block, 0.0, out=block), out=block)
                sums[:, top : top + BLOCK_TRACKS] += members @ block
    for cluster, origin in enumerate(origins):
        if origin >= 0:
            sums[cluster] += sums[origin]
    report(len(X) * len(rows), len(X) * len(rows), "Measuring distances")
    return sums


def _changes(labelings: Sequence[IntArray], ends: IntArray) -> tuple[Any, list[int]]:
    """Return what makes each cluster out of a cluster of the labeling before.

    Returns
    -------
    scipy.sparse.csc_array [shape=(ends[-1], n)]
        1 where a track joins a cluster, −1 where it leaves.
    list of int
        For each cluster the row of the one it came from; −1 for a cluster that starts empty.
    """
    from scipy.sparse import csc_array

    n = len(labelings[0]) if labelings else 0
    clusters, tracks, signs = [], [], []
    origins: list[int] = []
    before = np.full(n, NOISE, dtype=np.int64)
    for j, labels in enumerate(labelings):
        child = _children(before, labels)
        kept = np.append(child, NOISE)[before]
        if np.count_nonzero(kept != labels) > n / 2:
            child[:], kept = NOISE, np.full(n, NOISE, dtype=np.int64)
        origin = np.full(ends[j + 1] - ends[j], NOISE)
        origin[child[child >= 0]] = np.flatnonzero(child >= 0) + (ends[j - 1] if j else 0)
        origins += origin.tolist()
        for sign, side in ((1.0, labels), (-1.0, kept)):
            moved = np.flatnonzero((kept != labels) & (side >= 0))
            clusters.append(ends[j] + side[moved])
            tracks.append(moved)
            signs.append(np.full(len(moved), sign))
        before = labels
    if not clusters:
        return csc_array((0, n)), origins
    entries = (np.concatenate(signs), (np.concatenate(clusters), np.concatenate(tracks)))
    return csc_array(entries, shape=(int(ends[-1]), n)), origins


def _children(before: IntArray, after: IntArray) -> IntArray:
    """Return the cluster of the next labeling that takes over most tracks of each, every one at most once."""
    from scipy.optimize import linear_sum_assignment

    old, new = int(before.max(initial=-1)) + 1, int(after.max(initial=-1)) + 1
    both = (before >= 0) & (after >= 0)
    shared = np.bincount(before[both] * new + after[both], minlength=old * new).reshape(old, new)
    child = np.full(old, NOISE, dtype=np.int64)
    parents, heirs = linear_sum_assignment(-shared)
    child[parents] = heirs
    return child


def _values(sums: FloatArray, counts: IntArray, own: IntArray, floor: float) -> FloatArray:
    """Return silhouettes from the summed distances [shape=(k, m)], the clusters' sizes and the own cluster."""
    values = np.full(len(own), np.nan)
    rows = np.flatnonzero(own >= 0)
    if np.count_nonzero(counts) < 2 or not len(rows):
        return values
    own = own[rows]
    inner = sums[own, rows] / np.maximum(counts[own] - 1, 1)
    means = sums[:, rows] / np.maximum(counts, 1)[:, None]
    means[counts == 0] = np.inf
    means[own, np.arange(len(rows))] = np.inf
    outer = means.min(axis=0)
    larger = np.maximum(inner, outer)
    meaningful = (counts[own] > 1) & (larger > floor)
    values[rows] = np.where(meaningful, (outer - inner) / np.where(meaningful, larger, 1.0), 0.0)
    return values
