"""How well each track suits its cluster, which cluster would be its second choice, and which tracks suit none."""

from __future__ import annotations

import numpy as np

from core.clustering.members import assign
from core.records import NOISE, BoolArray, Clustering, FloatArray, IntArray, Prepared, Suitability

#: Tukey's fence for far-out values (Exploratory Data Analysis, 1977): beyond the upper quartile by this many
#: interquartile ranges, members are outliers of their own cluster.
FENCE = 1.5
#: … and only those that lie about as near another cluster are in doubt.
DOUBTFUL_FIT = 0.15


def suitability(prepared: Prepared, clustering: Clustering) -> Suitability:
    """Measure how well tracks suit their clusters.

    ``fit`` is the simplified silhouette (Hruschka, de Castro & Campello 2004), 1 − a / b floored at 0, where a is
    the distance to the own centroid and b to the nearest other one: 1 in the middle of the cluster, 0 where
    another cluster is at least as near. With one cluster, b is the largest distance.

    Parameters
    ----------
    prepared : Prepared
        Kept tracks.
    clustering : Clustering
        Their clusters, at least one.

    Returns
    -------
    Suitability
        Tracks without a cluster have fit 0 and their nearest cluster as second choice. A track fits nowhere when
        the algorithm says so, or when it lies beyond its cluster's far fence and its fit is below `DOUBTFUL_FIT`.
    """
    labels = clustering.labels
    nearest = assign(prepared.X, clustering.centroids)
    clustered: BoolArray = labels != NOISE
    own = np.full(len(labels), np.inf)
    own[clustered] = np.linalg.norm(prepared.X[clustered] - clustering.centroids[labels[clustered]], axis=1)
    at_home: BoolArray = nearest.nearest == labels
    other = np.where(at_home, nearest.distances[:, 1], nearest.distances[:, 0])
    if clustering.k == 1:
        other = np.full(len(labels), own[clustered].max() or 1.0)
    fit = np.zeros(len(labels))
    ratio = np.divide(own, other, out=np.ones_like(own), where=other > 0.0)
    fit[clustered] = np.clip(1.0 - ratio[clustered], 0.0, 1.0)
    fit[clustered & (own == 0.0)] = 1.0
    return Suitability(
        fit=fit,
        second=np.where(at_home, nearest.second, nearest.nearest).astype(np.int64),
        nowhere=~clustered | (_far_out(own, labels, clustering.k) & (fit < DOUBTFUL_FIT)),
    )


def _far_out(own: FloatArray, labels: IntArray, k: int) -> BoolArray:
    """Mark the members beyond their cluster's far fence."""
    far = np.zeros(len(labels), dtype=np.bool_)
    for cluster in range(k):
        rows = np.flatnonzero(labels == cluster)
        low, high = np.percentile(own[rows], [25, 75])
        far[rows] = own[rows] > high + FENCE * (high - low)
    return far
