"""What the stages hand to each other: frozen records, arrays whose rows are tracks in the library's order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Direction = Literal["high", "low"]

#: Label of tracks that fit nowhere, and of those that a person left out.
NOISE, LEFT_BY_HAND = -1, -2


@dataclass(frozen=True, eq=False)
class Prepared:
    """Features ready for clustering.

    Attributes
    ----------
    X : np.ndarray [shape=(n_kept, n_used), dtype=float64]
        Finite, scaled and weighted values.
    rows : np.ndarray [shape=(n_kept,), dtype=int64]
        Position of each kept track in the library, ascending.
    track_ids : pandas.Index
        Their ids.
    columns : tuple of str
        The feature of each column of `X`.
    dropped : mapping of str to int
        Tracks left out, counted by reason.
    imputed : mapping of str to int
        Values filled with the library's median, counted by feature.
    constant : tuple of str
        The columns that say nothing: one and the same value for every kept track.
    """

    X: FloatArray
    rows: IntArray
    track_ids: pd.Index
    columns: tuple[str, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    imputed: Mapping[str, int] = field(default_factory=dict)
    constant: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of kept tracks."""
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Clustering:
    """Tracks in clusters, numbered by size.

    Attributes
    ----------
    labels : np.ndarray [shape=(n_kept,), dtype=int64]
        Cluster of each track, 0 the largest; `NOISE` for tracks that fit nowhere.
    centroids : np.ndarray [shape=(k, n_used), dtype=float64]
        Mean prepared vector of each cluster's members.
    inertia : float
        Sum of squared distances of the members to their centroid.
    algorithm : str
        What found them.
    """

    labels: IntArray
    centroids: FloatArray
    inertia: float
    algorithm: str

    @property
    def k(self) -> int:
        """Number of clusters, noise not counted."""
        return len(self.centroids)

    @property
    def sizes(self) -> IntArray:
        """Members of each cluster, largest first [shape=(k,)]."""
        return np.bincount(self.labels[self.labels >= 0], minlength=self.k).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Suitability:
    """How well each track suits its cluster.

    Attributes
    ----------
    fit : np.ndarray [shape=(n_kept,), dtype=float64]
        0 to 1; 1 in the middle of its cluster, 0 where another cluster is at least as near.
    second : np.ndarray [shape=(n_kept,), dtype=int64]
        The cluster it would go to otherwise; `NOISE` when there is only one.
    nowhere : np.ndarray [shape=(n_kept,), dtype=bool]
        Whether it is better in no playlist than in a bad one.
    """

    fit: FloatArray
    second: IntArray
    nowhere: BoolArray


@dataclass(frozen=True, eq=False)
class Sweep:
    """How good each number of clusters is.

    Attributes
    ----------
    ks : tuple of int
        The numbers compared, ascending.
    inertia, silhouette, silhouette_error, stability : np.ndarray [shape=(len(ks),), dtype=float64]
        Inertia on all tracks; mean silhouette, −1 to 1; its standard error, 0 when exact; mean adjusted Rand
        index between refits on subsamples, NaN when not asked for.
    sampled : int
        Tracks the silhouettes were computed on; the number of tracks when exact.
    suggested_k : int
        The K to take when nobody chose one.
    reason : str
        Why, in one sentence.
    failed : mapping of int to str
        The K that could not be fitted, each with its reason; their numbers are NaN.
    """

    ks: tuple[int, ...]
    inertia: FloatArray
    silhouette: FloatArray
    silhouette_error: FloatArray
    stability: FloatArray
    sampled: int
    suggested_k: int
    reason: str
    failed: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """Something that is true of a cluster relative to this library.

    Attributes
    ----------
    feature : str
        The feature's name, or ``"genre"``.
    direction : {"high", "low"}
        Which side of the library's median; always ``"high"`` for a genre.
    word : str
        The word of the name that stands for it.
    auc : float
        Probability that a member exceeds a non-member in that direction, 0.5 to 1.
    share : float
        Share of the members on that side of the median, or that carry the genre, 0 to 1.
    """

    feature: str
    direction: Direction
    word: str
    auc: float
    share: float


@dataclass(frozen=True)
class ClusterName:
    """What a cluster is called, and why.

    Attributes
    ----------
    text : str
        The name.
    claims : tuple of Claim
        What is true of the cluster and, unless a person named it, justifies the name; empty when nothing is.
    given : bool
        Whether a person chose the name.
    """

    text: str
    claims: tuple[Claim, ...] = ()
    given: bool = False


@dataclass(frozen=True, eq=False)
class Projection:
    """Tracks on a plane.

    Attributes
    ----------
    xy : np.ndarray [shape=(n_kept, 2), dtype=float64]
        Scores on the first two principal components.
    columns : tuple of str
        The features projected.
    components : np.ndarray [shape=(2, n_used), dtype=float64]
        Loadings: the unit direction of each axis in feature space.
    singular_values, explained_variance_ratio : np.ndarray [shape=(2,), dtype=float64]
        As in principal component analysis of the centred data.
    """

    xy: FloatArray
    columns: tuple[str, ...]
    components: FloatArray
    singular_values: FloatArray
    explained_variance_ratio: FloatArray


@dataclass(frozen=True, eq=False)
class Genres:
    """Genre labels after absorbing the minor ones, and how they meet the clusters.

    Attributes
    ----------
    labels : np.ndarray [shape=(n_kept,), dtype=object]
        Label of each kept track, such as ``"Folk/Blues"``; empty where the track has no genre.
    absorbed : mapping of str to str
        Minor genre → the major genre that took it in.
    counts : mapping of str to int
        Tracks of each label, most frequent first.
    """

    labels: npt.NDArray[np.object_]
    absorbed: Mapping[str, str]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class GenreTable:
    """Genres against clusters.

    Attributes
    ----------
    by_cluster : mapping of str to mapping of int to int
        Tracks of each label in each cluster.
    dominant_cluster : mapping of str to int
        The cluster that holds most tracks of each label.
    dominant_genre : mapping of int to str
        The most frequent label of each cluster; empty where no member has a genre.
    agreement : mapping of str to float
        ``adjusted_rand``, ``adjusted_mutual_info``, ``v_measure`` of labels against clusters; empty without genres.
    """

    by_cluster: Mapping[str, Mapping[int, int]]
    dominant_cluster: Mapping[str, int]
    dominant_genre: Mapping[int, str]
    agreement: Mapping[str, float]


@dataclass(frozen=True)
class Playlist:
    """One cluster as a listener takes it away.

    Attributes
    ----------
    name : str
        Its name, unique within the run.
    description : str
        One plain line: what its claims are.
    track_ids : tuple of str
        The tracks in playing order, each once.
    cluster_id : int
        The cluster it was made from.
    lineage : str
        Identity that survives re-runs; empty for a playlist that was never kept.
    """

    name: str
    description: str
    track_ids: tuple[str, ...]
    cluster_id: int
    lineage: str = ""
