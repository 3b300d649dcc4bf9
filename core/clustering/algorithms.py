"""The algorithms other than K-means: labels from prepared tracks, all on one thread and seeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.clustering.kmeans import careful_kmeans, quiet_single_thread
from core.clustering.members import assign
from core.errors import DataError, TooFewTracks, TooManyTracks
from core.options import ClusterOptions
from core.progress import Report
from core.records import FloatArray, IntArray

#: Ward keeps the distance of every pair of tracks, and SciPy a copy to work on: n² × 8 bytes, 1.8 GB here, and 20 s.
WARD_TRACKS = 15_000
#: The eigenvectors of the neighbour graph take 15 s for 13,000 tracks and 31 s here.
SPECTRAL_TRACKS = 20_000
#: Every track climbs over all others: 18 s for 13,000 tracks, growing with the square.
MEAN_SHIFT_TRACKS = 20_000
#: The spanning tree takes 4 s for 13,000 tracks and 18 s for 40,000, growing with the square.
HDBSCAN_TRACKS = 100_000

#: Tracks in one batch of mini-batch K-means; scikit-learn's own default.
BATCH_ROWS = 1_024
#: Neighbours that make the graph of the spectral algorithm; scikit-learn's own default.
SPECTRAL_NEIGHBOURS = 10
#: Mean shift looks as far as the nearest tenth of the tracks reaches on average: three to eight clusters on music
#: libraries of 60 to 13,000 tracks. A fifth makes one cluster of everything, a twentieth crumbles small libraries.
MEAN_SHIFT_SHARE = 0.1
#: Tracks the reach is measured on; more do not change it.
MEAN_SHIFT_SAMPLE = 1_000
#: Tracks within reach at least, the track itself counted: in a small library the share would be the track alone.
MEAN_SHIFT_LEAST = 5
#: Smallest cluster of HDBSCAN when the library decides: one in a hundred tracks, between these.
HDBSCAN_SHARE = 0.01
HDBSCAN_LEAST = 5
HDBSCAN_MOST = 500
#: Added to the variances of the mixture so that a constant feature does not make it collapse; scikit-learn's default
#: is 1e-6.
MIXTURE_FLOOR = 1e-6
#: Steps of the mixture; it needs about 90 on 13,000 tracks.
MIXTURE_STEPS = 500

Fit = Callable[[FloatArray, ClusterOptions, Report], IntArray]


def check_size(algorithm: str, n: int) -> None:
    """Refuse more tracks than an algorithm can take.

    Parameters
    ----------
    algorithm : str
        Its name.
    n : int
        Number of tracks.

    Raises
    ------
    TooManyTracks
        When `n` is above the algorithm's limit.
    """
    if algorithm not in _LIMITS or n <= _LIMITS[algorithm][0]:
        return
    limit, cost = _LIMITS[algorithm]
    raise TooManyTracks(
        f"{algorithm} {cost.format(gigabytes=n * n * 8 / 1e9)}: it takes at most {limit:,} tracks, these are {n:,}",
        next_step="Use kmeans, minibatch or bisecting, or fewer tracks",
    )


def kmeans(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return the nearest of the centroids that careful K-means finds."""
    centroids = careful_kmeans(X, k=options.k, starts=options.n_init, seed=options.seed, report=report)
    return assign(X, centroids).nearest


def minibatch(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return labels of K-means on small random batches; a library of one batch is clustered whole."""
    if len(X) <= BATCH_ROWS:
        return kmeans(X, options, report)
    from sklearn.cluster import MiniBatchKMeans

    estimator = MiniBatchKMeans(
        n_clusters=options.k, n_init=options.n_init, batch_size=BATCH_ROWS, random_state=options.seed
    )
    return _predict(estimator, X, report)


def bisecting(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return labels of K-means that splits the widest cluster in two until there are enough."""
    from sklearn.cluster import BisectingKMeans

    estimator = BisectingKMeans(n_clusters=options.k, n_init=options.n_init, random_state=options.seed)
    return _predict(estimator, X, report)


def gaussian_mixture(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return the most probable component of a mixture with full covariances, started from careful K-means."""
    from sklearn.mixture import GaussianMixture

    labels = kmeans(X, options, report)
    d = X.shape[1]
    means, precisions = np.zeros((options.k, d)), np.zeros((options.k, d, d))
    for j in range(options.k):
        members = X[labels == j]
        means[j] = members.mean(axis=0)
        centred = members - means[j]
        precisions[j] = np.linalg.inv(centred.T @ centred / len(members) + MIXTURE_FLOOR * np.eye(d))
    mixture = GaussianMixture(
        n_components=options.k,
        n_init=1,
        weights_init=np.bincount(labels, minlength=options.k) / len(X),
        means_init=means,
        precisions_init=(precisions + precisions.transpose(0, 2, 1)) / 2,
        reg_covar=MIXTURE_FLOOR,
        max_iter=MIXTURE_STEPS,
        random_state=options.seed,
    )
    return _predict(mixture, X, report)


def ward(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return labels of the tree that merges the pair of clusters whose union spreads least."""
    return ward_cuts(X, (options.k,), report)[0]


def ward_cuts(X: FloatArray, ks: Sequence[int], report: Report) -> list[IntArray]:
    """Cut one Ward tree at several numbers of clusters.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks, n ≤ `WARD_TRACKS`.
    ks : sequence of int
        Numbers of clusters, 1 ≤ k ≤ n.
    report : Report
        Called before the tree is built.

    Returns
    -------
    list of np.ndarray [shape=(n,), dtype=int64]
        Labels for each of `ks`.
    """
    from scipy.cluster import hierarchy

    report(0, 1, "Merging similar tracks")
    with quiet_single_thread():
        cuts = hierarchy.cut_tree(hierarchy.ward(X), n_clusters=sorted(ks))
    column = {k: position for position, k in enumerate(sorted(ks))}
    return [cuts[:, column[k]].astype(np.int64) for k in ks]


def spectral(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return labels of K-means on the eigenvectors of the graph of near neighbours."""
    return spectral_cuts(X, (options.k,), options, report)[0]


def spectral_cuts(X: FloatArray, ks: Sequence[int], options: ClusterOptions, report: Report) -> list[IntArray]:
    """Cluster the eigenvectors of one graph into several numbers of clusters, as many of them as clusters each time.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks, n ≤ `SPECTRAL_TRACKS`.
    ks : sequence of int
        Numbers of clusters, k < n.
    options : ClusterOptions
        Seed, and starts of K-means on the eigenvectors.
    report : Report
        Called between the steps.

    Returns
    -------
    list of np.ndarray [shape=(n,), dtype=int64]
        Labels for each of `ks`.

    Raises
    ------
    TooFewTracks
        When one of `ks` is not below n.
    """
    from sklearn.cluster import KMeans
    from sklearn.manifold import spectral_embedding

    if len(X) <= max(ks):
        raise TooFewTracks(
            f"spectral needs more than {max(ks)} tracks for {max(ks)} clusters, these are {len(X)}",
            next_step="Ask for fewer clusters, or use kmeans",
        )
    steps = len(ks) + 1
    report(0, steps, "Linking similar tracks")
    labels = []
    with quiet_single_thread():
        graph = _connected_graph(X)
        vectors = spectral_embedding(graph, n_components=max(ks), random_state=options.seed, drop_first=False)
        for done, k in enumerate(ks):
            report(done + 1, steps, "Sorting tracks into groups")
            estimator = KMeans(n_clusters=k, n_init=options.n_init, random_state=options.seed)
            labels.append(estimator.fit_predict(vectors[:, :k]).astype(np.int64))
    return labels


def mean_shift(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return the hill of the tracks' density that each track climbs to."""
    from sklearn.cluster import MeanShift, estimate_bandwidth

    sample = min(len(X), MEAN_SHIFT_SAMPLE)
    share = max(MEAN_SHIFT_SHARE, (MEAN_SHIFT_LEAST + 0.5) / sample)
    with quiet_single_thread():
        reach = estimate_bandwidth(X, quantile=min(share, 1.0), n_samples=sample, random_state=options.seed)
    if reach <= 0.0:
        raise DataError(
            "mean-shift found no distance between neighbouring tracks: too many are alike",
            next_step="Use kmeans",
            command="Use --algorithm kmeans",
        )
    return _predict(MeanShift(bandwidth=reach, bin_seeding=True), X, report)


def hdbscan(X: FloatArray, options: ClusterOptions, report: Report) -> IntArray:
    """Return dense regions, and noise between them."""
    from sklearn.cluster import HDBSCAN

    by_library = min(max(round(len(X) * HDBSCAN_SHARE), HDBSCAN_LEAST), HDBSCAN_MOST)
    size = max(options.min_cluster_size or by_library, 2)
    if size > len(X):
        raise DataError(
            f"hdbscan is asked for clusters of at least {size} tracks, and there are {len(X)}",
            next_step="Lower the smallest cluster size",
            command="Lower --min-cluster-size",
        )
    estimator = HDBSCAN(min_cluster_size=size, min_samples=min(size, HDBSCAN_LEAST), copy=True)
    labels = _predict(estimator, X, report)
    if not (labels >= 0).any():
        raise DataError(
            f"hdbscan found no dense group of at least {size} tracks among {len(X):,}",
            next_step="Lower the smallest cluster size, or use kmeans",
            command="Lower --min-cluster-size, or use --algorithm kmeans",
        )
    return labels


def _predict(estimator: Any, X: Any, report: Report) -> IntArray:
    report(0, 1, "Sorting tracks into groups")
    with quiet_single_thread():
        labels: IntArray = estimator.fit_predict(X).astype(np.int64)
    return labels


def _connected_graph(X: FloatArray) -> Any:
    """Return the graph of near neighbours with a thin thread between parts that do not touch.

    Without the threads the eigenvectors of separate parts are arbitrary. Each part's track nearest to the part's
    mean stands for it; the shortest tree over those tracks joins the parts.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
    from scipy.spatial.distance import pdist, squareform
    from sklearn.neighbors import kneighbors_graph

    neighbours = min(SPECTRAL_NEIGHBOURS, len(X) - 1)
    graph = kneighbors_graph(X, n_neighbors=neighbours, include_self=True)
    graph = 0.5 * (graph + graph.T)
    parts, part = connected_components(graph, directed=False)
    if parts == 1:
        return graph
    middles = [np.flatnonzero(part == p) for p in range(parts)]
    stand_ins = np.array([rows[((X[rows] - X[rows].mean(axis=0)) ** 2).sum(axis=1).argmin()] for rows in middles])
    # A tree over zeros would miss the edge, so equal stand-ins count as very near.
    tree = minimum_spanning_tree(squareform(np.maximum(pdist(X[stand_ins]), np.finfo(float).tiny))).tocoo()
    first, second = stand_ins[tree.row], stand_ins[tree.col]
    thread = np.full(len(first), 0.5)
    threads = coo_matrix((thread, (first, second)), shape=graph.shape)
    return (graph + threads + threads.T).tocsr()


FITS: dict[str, Fit] = {
    "kmeans": kmeans,
    "minibatch": minibatch,
    "bisecting": bisecting,
    "gaussian-mixture": gaussian_mixture,
    "ward": ward,
    "spectral": spectral,
    "mean-shift": mean_shift,
    "hdbscan": hdbscan,
}

_LIMITS = {
    "ward": (WARD_TRACKS, "keeps every pair of tracks in memory and would need {gigabytes:.1f} GB"),
    "spectral": (SPECTRAL_TRACKS, "takes time that grows faster than the square of the tracks"),
    "mean-shift": (MEAN_SHIFT_TRACKS, "takes time that grows with the square of the tracks"),
    "hdbscan": (HDBSCAN_TRACKS, "takes time that grows with the square of the tracks"),
}
