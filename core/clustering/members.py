"""What follows from labels and centroids: numbering by size, means, distances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.records import NOISE, Clustering, FloatArray, IntArray

#: Rows whose distances are held at once: with 100 clusters 50 MB, whatever the size of the library.
ASSIGN_ROWS = 65_536


@dataclass(frozen=True, eq=False)
class Assignment:
    """The two nearest centroids of every row.

    Attributes
    ----------
    nearest, second : np.ndarray [shape=(n,), dtype=int64]
        Positions of the nearest and second nearest centroid, the lower one when two are equally near; `second` is
        `NOISE` when there is only one centroid.
    distances : np.ndarray [shape=(n, 2), dtype=float64]
        Euclidean distances to the two, ≥ 0; infinite where there is no second.
    """

    nearest: IntArray
    second: IntArray
    distances: FloatArray


def assign(X: FloatArray, centroids: FloatArray) -> Assignment:
    """Find the nearest and second nearest centroid of every row.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks: those that were clustered, or any others prepared the same way.
    centroids : np.ndarray [shape=(k, d), dtype=float64]
        Centroids, k ≥ 1.

    Returns
    -------
    Assignment
        The same whatever number of threads the machine has; memory grows with n, not with n × k.
    """
    from scipy.spatial.distance import cdist

    n, alone = len(X), len(centroids) == 1
    nearest = np.zeros(n, dtype=np.int64)
    second = np.full(n, NOISE, dtype=np.int64)
    distances = np.full((n, 2), np.inf)
    for start in range(0, n, ASSIGN_ROWS):
        block = slice(start, min(start + ASSIGN_ROWS, n))
        away = cdist(X[block], centroids)
        rows = np.arange(len(away))
        nearest[block] = away.argmin(axis=1)
        distances[block, 0] = away[rows, nearest[block]]
        if not alone:
            away[rows, nearest[block]] = np.inf
            second[block] = away.argmin(axis=1)
            distances[block, 1] = away[rows, second[block]]
    return Assignment(nearest=nearest, second=second, distances=distances)


def make_clustering(X: FloatArray, labels: IntArray, *, algorithm: str) -> Clustering:
    """Give clusters numbers by size and compute their means.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks.
    labels : np.ndarray [shape=(n,), dtype=int64]
        Any whole numbers, equal for tracks of one cluster; negative for tracks that fit nowhere.
    algorithm : str
        What found them.

    Returns
    -------
    Clustering
        Clusters 0, 1, … by falling size, those of one size by their centroids' first differing feature. No cluster
        is empty.
    """
    fits = labels >= 0
    _, members = np.unique(labels[fits], return_inverse=True)
    kept = X[fits]
    counts = np.bincount(members)
    sums = [np.bincount(members, weights=column, minlength=len(counts)) for column in kept.T]
    centroids = (np.array(sums) / counts).T
    order = np.lexsort((*centroids.T[::-1], -counts))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    numbered = np.full(len(labels), NOISE, dtype=np.int64)
    numbered[fits] = number[members]
    centroids = np.ascontiguousarray(centroids[order])
    inertia = float(((kept - centroids[numbered[fits]]) ** 2).sum())
    return Clustering(labels=numbered, centroids=centroids, inertia=inertia, algorithm=algorithm)
