"""What the plots show: frozen records of plain arrays and texts, checked when they are made."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.errors import DataError
from desktop.plots.arrange import row_order
from desktop.plots.arrays import NOISE, FloatArray, IntArray

#: Seed of the order in which points are drawn: any fixed number gives the same picture every time.
SHUFFLE_SEED = 0


@dataclass(frozen=True, eq=False)
class Ranked:
    """Tracks by a text, the most frequent one first.

    Attributes
    ----------
    names : tuple of str
        The texts, each once; equally frequent ones in alphabetical order.
    counts : tuple of int
        How many tracks have each.
    codes : np.ndarray [shape=(n,), dtype=int64]
        Position of each track's text in `names`; −1 for empty ones.
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    codes: IntArray


def rank_texts(texts: npt.NDArray[np.generic]) -> Ranked:
    """Return tracks by a text.

    Parameters
    ----------
    texts : np.ndarray [shape=(n,), dtype=object]
        A text for each track; empty where it has none.
    """
    seen: dict[str, int] = {"": 0}
    found = np.fromiter((seen.setdefault(text, len(seen)) for text in texts.tolist()), dtype=np.int64, count=len(texts))
    counts = np.bincount(found, minlength=len(seen)).tolist()
    order = sorted((text for text in seen if text), key=lambda text: (-counts[seen[text]], text))
    code_of = np.full(len(seen), -1, dtype=np.int64)
    code_of[[seen[text] for text in order]] = np.arange(len(order))
    return Ranked(tuple(order), tuple(counts[seen[text]] for text in order), code_of[found])


def medians(xy: FloatArray, codes: IntArray, count: int) -> FloatArray:
    """Return the median position of each group.

    Parameters
    ----------
    xy : np.ndarray [shape=(n, 2), dtype=float64]
        Positions.
    codes : np.ndarray [shape=(n,), dtype=int64]
        Group of each, negative for none.
    count : int
        Number of groups.

    Returns
    -------
    np.ndarray [shape=(count, 2), dtype=float64]
        NaN for a group without tracks.
    """
    # Small numbers are sorted by their digits, in a tenth of the time.
    small = codes.astype(np.int16) if count < np.iinfo(np.int16).max else codes
    order = np.argsort(small, kind="stable")
    edges = np.searchsorted(small[order], np.arange(count + 1))
    found = np.full((count, 2), np.nan)
    for code, (start, end) in enumerate(itertools.pairwise(edges.tolist())):
        if end > start:
            found[code] = np.median(xy[order[start:end]], axis=0)
    return found


@dataclass(frozen=True, eq=False)
class HeatmapData:
    """Clusters against features.

    Attributes
    ----------
    features : tuple of str
        Name of each column, in the order it is drawn.
    cluster_ids : tuple of int
        Identity of each cluster, ≥ 0; decides its colour and number.
    names : tuple of str
        What each cluster is called.
    sizes : np.ndarray [shape=(k,), dtype=int64]
        Tracks in each cluster.
    centroids : np.ndarray [shape=(k, n_features), dtype=float64]
        Mean prepared vector of each cluster, finite.
    medians : np.ndarray [shape=(n_features,), dtype=float64]
        Median of the prepared values of all tracks, finite.
    tracks : int
        Tracks the medians were taken over.

    Raises
    ------
    DataError
        When there is nothing to draw, the shapes disagree, ids repeat or a value is not finite.
    """

    features: tuple[str, ...]
    cluster_ids: tuple[int, ...]
    names: tuple[str, ...]
    sizes: IntArray
    centroids: FloatArray
    medians: FloatArray
    tracks: int

    def __post_init__(self) -> None:
        k, n_features = len(self.cluster_ids), len(self.features)
        if k == 0 or n_features == 0:
            raise DataError(f"a heatmap of {k} clusters and {n_features} features cannot be drawn")
        _check_clusters(self.cluster_ids, self.names)
        _check_shape("sizes", self.sizes, (k,))
        _check_shape("centroids", self.centroids, (k, n_features))
        _check_shape("medians", self.medians, (n_features,))
        _check_finite("centroids", self.centroids)
        _check_finite("medians", self.medians)

    @cached_property
    def row_order(self) -> IntArray:
        """An order of the clusters in which neighbours resemble each other; kept, since finding it loads much."""
        return row_order(self.centroids)


@dataclass(frozen=True, eq=False)
class MapData:
    """Tracks on a plane, with two ways to group them.

    Attributes
    ----------
    xy : np.ndarray [shape=(n_tracks, 2), dtype=float64]
        Position of each track, finite.
    labels : np.ndarray [shape=(n_tracks,), dtype=int64]
        Cluster of each track, one of `cluster_ids`, or `NOISE`.
    cluster_ids : tuple of int
        Identity of each cluster, ≥ 0; decides its colour and number.
    names : tuple of str
        What each cluster is called.
    genres : np.ndarray [shape=(n_tracks,), dtype=object]
        Genre label of each track; empty text where it has none.
    features : tuple of str
        The features that were projected.
    loadings : np.ndarray [shape=(2, n_features), dtype=float64]
        Direction of each axis in feature space.
    explained : np.ndarray [shape=(2,), dtype=float64]
        Share of the variance along each axis, 0 to 1.

    Raises
    ------
    DataError
        When there is no track, the shapes disagree, ids repeat, a value is not finite or a label is unknown.
    """

    xy: FloatArray
    labels: IntArray
    cluster_ids: tuple[int, ...]
    names: tuple[str, ...]
    genres: npt.NDArray[np.object_]
    features: tuple[str, ...]
    loadings: FloatArray
    explained: FloatArray

    def __post_init__(self) -> None:
        n_tracks, n_features = len(self.labels), len(self.features)
        if n_tracks == 0:
            raise DataError("a map of no tracks cannot be drawn")
        _check_clusters(self.cluster_ids, self.names)
        _check_shape("positions", self.xy, (n_tracks, 2))
        _check_shape("genres", self.genres, (n_tracks,))
        _check_shape("loadings", self.loadings, (2, n_features))
        _check_shape("explained variance", self.explained, (2,))
        _check_finite("positions", self.xy)
        _check_finite("loadings", self.loadings)
        _check_finite("explained variance", self.explained)
        unknown = sorted(set(np.unique(self.labels).tolist()) - {NOISE, *self.cluster_ids})
        if unknown:
            raise DataError(f"tracks are labelled with cluster {unknown[0]}, which has no name")

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.labels)

    @cached_property
    def ranked_genres(self) -> Ranked:
        """The tracks by genre; kept, since 100,000 texts take a moment."""
        return rank_texts(self.genres)

    @cached_property
    def genre_medians(self) -> FloatArray:
        """Median position of the tracks of each genre in `ranked_genres` [shape=(n_genres, 2)]."""
        return medians(self.xy, self.ranked_genres.codes, len(self.ranked_genres.names))

    @cached_property
    def cluster_medians(self) -> FloatArray:
        """Median position of each cluster's tracks, by id [shape=(largest id + 1, 2)]; NaN for an empty one."""
        return medians(self.xy, self.labels, max(self.cluster_ids, default=-1) + 1)

    @cached_property
    def drawn(self) -> npt.NDArray[np.float32]:
        """Positions in the order the tracks are drawn [shape=(n_tracks, 2)]."""
        return np.ascontiguousarray(self.xy[self.shuffled], dtype=np.float32)

    def warm(self) -> None:
        """Find now what is kept anyway, so that drawing finds it there."""
        for found in (self.genre_medians, self.cluster_medians, self.drawn):
            found.setflags(write=False)

    @cached_property
    def shuffled(self) -> IntArray:
        """The tracks in the order they are drawn: the same for the same number of tracks."""
        return np.random.default_rng(SHUFFLE_SEED).permutation(len(self)).astype(np.int64)


def _check_clusters(cluster_ids: tuple[int, ...], names: tuple[str, ...]) -> None:
    if len(names) != len(cluster_ids):
        raise DataError(f"there are {len(names)} names for {len(cluster_ids)} clusters")
    if len(set(cluster_ids)) != len(cluster_ids) or min(cluster_ids, default=0) < 0:
        raise DataError("cluster ids must differ from each other and be 0 or more")


def _check_shape(what: str, array: npt.NDArray[np.generic], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise DataError(f"the {what} have shape {array.shape} where {shape} is needed")


def _check_finite(what: str, array: FloatArray) -> None:
    if not np.isfinite(array).all():
        raise DataError(f"{int((~np.isfinite(array)).sum())} of the {what} are not finite numbers")
