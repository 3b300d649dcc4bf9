"""One finished analysis: what went in, what every stage gave, what a person should know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.features import BASE_NAMES
from core.library import Library, Notice
from core.naming import NamingQuality
from core.options import AnalysisOptions
from core.playlists import Curated
from core.playlists.curation import LEFT_OUT_BY_HAND
from core.records import (
    NOISE,
    BoolArray,
    Clustering,
    ClusterName,
    Genres,
    GenreTable,
    IntArray,
    Prepared,
    Projection,
    Suitability,
    Sweep,
)


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything about one analysis.

    Attributes
    ----------
    library : Library
        The tracks analysed; inside a genre, only those.
    options : AnalysisOptions
        What was asked for.
    prepared, clustering, suitability, genres, table, projection
        What the stages gave.
    sweep : Sweep or None
        The numbers of clusters compared; None for an algorithm that finds the number itself.
    silhouette : float
        Mean silhouette of the clusters, −1 to 1; NaN for a single cluster.
    names : tuple of ClusterName
        One a cluster.
    naming : NamingQuality
        How well the names tell the clusters apart.
    claim_stability : float or None
        Mean Jaccard index of the claims between this analysis and refits on parts of the tracks; None where that is
        not measured.
    claims_unchecked : str
        Why it is not, in one line; empty where it is.
    curated : Curated
        The playlists.
    lineages : dict of int to str
        Identity of each cluster, which survives re-runs.
    k_reason : str
        Why there are as many clusters, in one sentence.
    notices : tuple of Notice
        What a person should know, from reading to naming.
    waiting : mapping of str to str
        Names given by hand, by lineage, of playlists that are not among these.
    """

    library: Library
    options: AnalysisOptions
    prepared: Prepared
    clustering: Clustering
    suitability: Suitability
    genres: Genres
    table: GenreTable
    projection: Projection
    sweep: Sweep | None
    silhouette: float
    names: tuple[ClusterName, ...]
    naming: NamingQuality
    claim_stability: float | None
    claims_unchecked: str
    curated: Curated
    lineages: dict[int, str]
    k_reason: str
    notices: tuple[Notice, ...]
    waiting: Mapping[str, str] = field(default_factory=dict)

    def representatives(self, cluster: int, *, count: int) -> list[str]:
        """Return the ids of the tracks that suit a cluster best, best first, ties in library order."""
        rows = np.flatnonzero(self.clustering.labels == cluster)
        best = rows[np.argsort(-self.suitability.fit[rows], kind="stable")[:count]]
        return [str(track_id) for track_id in self.prepared.track_ids[best]]

    def mean_ranks(self) -> list[dict[str, float]]:
        """Return where each cluster stands in the library.

        Returns
        -------
        list of dict of str to float
            For each cluster the mean library rank of its members by base feature, 0 to 1; a feature without values
            in the cluster is left out. Ties share their mean rank.
        """
        features = self.library.features
        values = features[[name for name in BASE_NAMES if name in features]].iloc[self.prepared.rows]
        ranks = (values.rank() - 0.5) / values.notna().sum()
        means = ranks.groupby(self.clustering.labels).mean().reindex(range(self.clustering.k))
        return [{str(name): float(value) for name, value in row.dropna().items()} for _, row in means.iterrows()]

    @property
    def left_by_hand(self) -> BoolArray:
        """Whether a person left each kept track out [shape=(n_kept,)]."""
        return self.prepared.track_ids.isin(self.curated.left_out.get(LEFT_OUT_BY_HAND, ()))

    @property
    def playlist_labels(self) -> IntArray:
        """Cluster of each kept track, `NOISE` for those that fit nowhere or were left out [shape=(n_kept,)]."""
        return np.where(self.suitability.nowhere, NOISE, self.clustering.labels).astype(np.int64)
