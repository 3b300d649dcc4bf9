"""What the plots show of an analysis."""

from __future__ import annotations

import numpy as np

from core.analysis import Analysis
from desktop.plots.data import HeatmapData, MapData


def heatmap_data(analysis: Analysis) -> HeatmapData:
    """Return clusters against features, in prepared values.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    HeatmapData
        One row a cluster.
    """
    return HeatmapData(
        features=analysis.prepared.columns,
        cluster_ids=tuple(range(analysis.clustering.k)),
        names=tuple(name.text for name in analysis.names),
        sizes=analysis.clustering.sizes,
        centroids=analysis.clustering.centroids,
        medians=np.median(analysis.prepared.X, axis=0),
        tracks=len(analysis.prepared),
    )


def map_data(analysis: Analysis) -> MapData:
    """Return the tracks on the plane, with their genres and clusters.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    MapData
        One point a track.
    """
    found = analysis.projection
    return MapData(
        xy=found.xy,
        labels=analysis.clustering.labels,
        cluster_ids=tuple(range(analysis.clustering.k)),
        names=tuple(name.text for name in analysis.names),
        genres=analysis.genres.labels,
        features=found.columns,
        loadings=found.components,
        explained=found.explained_variance_ratio,
    )
