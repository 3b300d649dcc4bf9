"""Clusters of the size a listener asked for: split what is too large, merge what is too small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.clustering.members import make_clustering
from core.records import NOISE, Clustering, FloatArray, IntArray

#: Rounds of splitting; each halves a cluster at least roughly, so 64 leave nothing to split.
_MOST_ROUNDS = 64


def fit_sizes(
    X: FloatArray,
    clustering: Clustering,
    *,
    smallest: int,
    largest: int,
    split: Callable[[FloatArray, int], IntArray],
) -> Clustering:
    """Bring clusters between two sizes.

    A cluster above `largest` is clustered again by itself into as few parts as its size needs; a cluster below
    `smallest` gives its members to the nearest other centroid that stays within `largest`. Where none does, it
    takes from the nearest one the tracks it lacks. Tracks that fit nowhere stay there.

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

    Returns
    -------
    Clustering
        Numbered by size again. All clusters are within the limits, but for a single one of fewer tracks than
        `smallest`.
    """
    labels = clustering.labels.copy()
    if largest:
        labels = _split_large(X, labels, largest=largest, split=split)
    if smallest:
        labels = _merge_small(X, labels, smallest=smallest, largest=largest)
    if np.array_equal(labels, clustering.labels):
        return clustering
    return make_clustering(X, labels, algorithm=clustering.algorithm)


def _split_large(
    X: FloatArray, labels: IntArray, *, largest: int, split: Callable[[FloatArray, int], IntArray]
) -> IntArray:
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


def _parts(X: FloatArray, largest: int, split: Callable[[FloatArray, int], IntArray]) -> IntArray:
    """Split rows by what they sound like, or in order where they all sound the same."""
    wanted = -(-len(X) // largest)
    if len(np.unique(X, axis=0)) >= wanted:
        return split(X, wanted)
    return np.arange(len(X), dtype=np.int64) // largest


def _merge_small(X: FloatArray, labels: IntArray, *, smallest: int, largest: int) -> IntArray:
    while True:
        names, sizes = np.unique(labels[labels != NOISE], return_counts=True)
        if len(names) < 2 or sizes.min() >= smallest:
            return labels
        least = int(sizes.argmin())
        centroids = np.stack([X[labels == name].mean(axis=0) for name in names])
        away = np.linalg.norm(centroids - centroids[least], axis=1)
        away[least] = np.inf
        has_room = (sizes + sizes[least] <= largest) | (largest == 0)
        has_room[least] = False
        if has_room.any():
            labels[labels == names[least]] = names[np.where(has_room, away, np.inf).argmin()]
            continue
        # Any other one has tracks to spare: more than 2 * smallest - sizes[least].
        rows = np.flatnonzero(labels == names[away.argmin()])
        nearer = np.linalg.norm(X[rows] - centroids[least], axis=1) - np.linalg.norm(
            X[rows] - centroids[away.argmin()], axis=1
        )
        labels[rows[np.argsort(nearer, kind="stable")[: smallest - sizes[least]]]] = names[least]
