"""Clusters of the size a listener asked for: split what is too large, merge what is too small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.clustering.members import make_clustering
from core.records import NOISE, BoolArray, Clustering, FloatArray, IntArray

#: Rounds of splitting; each halves a cluster at least roughly, so 64 leave nothing to split.
_MOST_ROUNDS = 64
#: Rounds of merging, each after another look at which tracks stay. Merging moves few tracks, so two or three do.
_MOST_LOOKS = 8

Split = Callable[[FloatArray, int], IntArray]
Stays = Callable[[Clustering], BoolArray]


def fit_sizes(
    X: FloatArray,
    clustering: Clustering,
    *,
    smallest: int,
    largest: int,
    split: Split,
    stays: Stays | None = None,
) -> Clustering:
    """Bring clusters between two sizes.

    A cluster above `largest` is clustered again by itself into as few parts as its size needs; a cluster below
    `smallest` gives its members to the nearest other centroid that stays within `largest`. Where none does, it
    takes from the nearest one the tracks it lacks. Tracks that fit nowhere stay there. Below `smallest` counts what a
    listener gets: a track that will be left out of its playlist does not count.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks.
    clustering : Clustering
        Their clusters.
    smallest, largest : int
        Least and most members; 0 for no limit. The larger is at least twice the smaller.
    split : callable
        Takes rows [shape=(m, d)] and a number of parts, gives a part for each row [shape=(m,)].
    stays : callable, optional
        Takes a clustering, says which tracks its playlists keep [shape=(n,), dtype=bool]; all by default.

    Returns
    -------
    Clustering
        Numbered by size again. All clusters are within the limits, but for a single one of fewer tracks than
        `smallest`. Where so many tracks are left out that a cluster cannot be within both, only what its playlist
        keeps is.
    """
    labels = clustering.labels.copy()
    if largest:
        labels = _split_large(X, labels, largest=largest, split=split)
    if smallest:
        labels = _fill_up(X, labels, smallest=smallest, largest=largest, stays=stays)
    if np.array_equal(labels, clustering.labels):
        return clustering
    return make_clustering(X, labels, algorithm=clustering.algorithm)


def _fill_up(X: FloatArray, labels: IntArray, *, smallest: int, largest: int, stays: Stays | None) -> IntArray:
    """Merge until every cluster keeps enough tracks; one that was left out once never counts again."""
    counts = np.ones(len(labels), dtype=np.bool_)
    for _ in range(_MOST_LOOKS):
        labels = _merge_small(X, labels, counts, smallest=smallest, largest=largest)
        if stays is None:
            return labels
        staying = stays(make_clustering(X, labels, algorithm="")) & (labels != NOISE)
        if (
            np.bincount(labels[staying], minlength=labels.max() + 1)[np.unique(labels[labels != NOISE])].min()
            >= smallest
        ):
            return labels
        counts &= staying
    return labels


def _split_large(X: FloatArray, labels: IntArray, *, largest: int, split: Split) -> IntArray:
    for _ in range(_MOST_ROUNDS):
        sizes = np.bincount(labels[labels != NOISE])
        too_large = np.flatnonzero(sizes > largest)
        if not len(too_large):
            break
        for cluster in too_large:
            rows = np.flatnonzero(labels == cluster)
            parts = _parts(X[rows], largest, split)
            labels[rows] = np.where(parts == 0, cluster, labels.max() + parts)
    return labels


def _parts(X: FloatArray, largest: int, split: Split) -> IntArray:
    """Split rows by what they sound like, or in order where they all sound the same."""
    wanted = -(-len(X) // largest)
    if len(np.unique(X, axis=0)) >= wanted:
        return split(X, wanted)
    return np.arange(len(X), dtype=np.int64) // largest


def _merge_small(X: FloatArray, labels: IntArray, counts: BoolArray, *, smallest: int, largest: int) -> IntArray:
    labels = labels.copy()
    while True:
        names, members = np.unique(labels[labels != NOISE], return_counts=True)
        place = np.searchsorted(names, labels)
        place[labels == NOISE] = len(names)
        kept = np.bincount(place[counts], minlength=len(names) + 1)[:-1]
        least = int(kept.argmin())
        if len(names) < 2 or kept[least] >= smallest:
            return labels
        sums = np.array([np.bincount(place, weights=column, minlength=len(names) + 1)[:-1] for column in X.T])
        centroids = (sums / members).T
        away = np.linalg.norm(centroids - centroids[least], axis=1)
        away[least] = np.inf
        nearest = _nearest(away, members + members[least] <= (largest or np.inf))
        lacking = smallest - kept[least]
        giver = _nearest(away, (kept >= smallest + lacking) & (members[least] + lacking <= largest))
        if nearest is None and giver is None:
            nearest = _nearest(away, kept + kept[least] <= largest)
        if nearest is not None:
            labels[labels == names[least]] = names[nearest]
            continue
        if giver is None:
            return labels
        rows = np.flatnonzero((labels == names[giver]) & counts)
        to_least, to_giver = (np.linalg.norm(X[rows] - centroids[c], axis=1) for c in (least, giver))
        labels[rows[np.argsort(to_least - to_giver, kind="stable")[:lacking]]] = names[least]


def _nearest(away: FloatArray, allowed: BoolArray) -> int | None:
    """Return the nearest of the allowed clusters, or None."""
    allowed = allowed & np.isfinite(away)
    return int(np.where(allowed, away, np.inf).argmin()) if allowed.any() else None
