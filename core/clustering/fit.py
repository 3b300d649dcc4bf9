"""One call for every algorithm, and quick fits for many numbers of clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.clustering.algorithms import FITS, check_size, spectral_cuts, ward_cuts
from core.clustering.kmeans import kmeans_chain
from core.clustering.members import assign, make_clustering
from core.errors import DataError, OptionError, TooFewTracks
from core.options import FREE_K, ClusterOptions
from core.progress import Report, silent
from core.records import Clustering, FloatArray, IntArray, Prepared
from core.wording import counted

#: Rows looked at first when counting different ones: nearly every library has enough among them.
FIRST_LOOK = 1_000


def cluster(prepared: Prepared, *, options: ClusterOptions, report: Report = silent) -> Clustering:
    """Sort tracks into clusters.

    Parameters
    ----------
    prepared : Prepared
        Finite features.
    options : ClusterOptions
        Algorithm, number of clusters, seed.
    report : Report, default silent
        Called between the steps that can be stopped at.

    Returns
    -------
    Clustering
        Clusters by falling size, none empty. There are ``options.k`` of them, except that the algorithms in `FREE_K`
        find the number themselves, and that a Gaussian mixture or small batches may leave some without tracks. Only
        ``"hdbscan"`` labels tracks as noise. The labels do not depend on the number of threads of the machine.

    Raises
    ------
    TooFewTracks
        When there are fewer tracks, or fewer different ones, than clusters, or fewer than two tracks.
    TooManyTracks
        When the algorithm cannot take so many tracks; raised before it starts.
    DataError
        When the algorithm finds nothing in the data.
    """
    X = prepared.X
    check_size(options.algorithm, len(X))
    _check_enough(X, 2 if options.algorithm in FREE_K else options.k)
    labels = FITS[options.algorithm](X, options, report)
    return make_clustering(X, labels, algorithm=options.algorithm)


def fit_sweep(
    X: FloatArray, ks: Sequence[int], *, options: ClusterOptions, report: Report = silent
) -> Mapping[int, IntArray | DataError]:
    """Fit many numbers of clusters quickly.

    K-means grows each K from the one before (see `kmeans_chain`); its inertias are within 1 % of ten random starts,
    below them on average. Ward cuts one tree, spectral clusters the eigenvectors of one graph. The other algorithms are
    fitted anew for each K, started once.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks.
    ks : sequence of int
        Numbers of clusters, each ≥ 2.
    options : ClusterOptions
        Algorithm and seed; its `k` and `n_init` are ignored.
    report : Report, default silent
        Called before each K.

    Returns
    -------
    mapping of int to np.ndarray [shape=(n,), dtype=int64] or DataError
        For each of `ks`, in their order, the labels, clusters by falling size, or why there are none.

    Raises
    ------
    OptionError
        When the algorithm finds the number of clusters itself.
    """
    if options.algorithm in FREE_K:
        raise OptionError(f"{options.algorithm} finds the number of clusters itself", next_step="Leave K out")
    fits: dict[int, IntArray | DataError] = {}
    possible = []
    for k in ks:
        try:
            check_size(options.algorithm, len(X))
            _check_enough(X, k)
            possible.append(k)
        except DataError as error:
            fits[k] = error
    if options.algorithm == "kmeans":
        fits |= _chain_labels(X, possible, options.seed, report)
    elif options.algorithm in {"ward", "spectral"}:
        fits |= _cut_labels(X, possible, options, report)
    else:
        fits |= _labels_one_by_one(X, possible, options, report)
    return {k: _checked(X, k, fits[k]) for k in ks}


def _chain_labels(X: FloatArray, ks: Sequence[int], seed: int, report: Report) -> dict[int, IntArray | DataError]:
    if not ks:
        return {}
    try:
        chain = kmeans_chain(X, k_max=max(ks), seed=seed, report=report)
    except DataError as error:
        return dict.fromkeys(ks, error)
    return {k: assign(X, chain[k]).nearest for k in ks}


def _cut_labels(
    X: FloatArray, ks: Sequence[int], options: ClusterOptions, report: Report
) -> dict[int, IntArray | DataError]:
    """Fit what all numbers of clusters share once, then cut it."""
    if not ks:
        return {}
    try:
        if options.algorithm == "ward":
            cuts = ward_cuts(X, ks, report)
        else:
            cuts = spectral_cuts(X, ks, replace(options, n_init=1), report)
    except DataError as error:
        return dict.fromkeys(ks, error)
    return dict(zip(ks, cuts, strict=True))


def _labels_one_by_one(
    X: FloatArray, ks: Sequence[int], options: ClusterOptions, report: Report
) -> dict[int, IntArray | DataError]:
    fits: dict[int, IntArray | DataError] = {}
    for done, k in enumerate(ks):
        report(done, len(ks), "Comparing numbers of playlists")
        try:
            fits[k] = FITS[options.algorithm](X, replace(options, k=k, n_init=1), silent)
        except DataError as error:
            fits[k] = error
    return fits


def _checked(X: FloatArray, k: int, fit: IntArray | DataError) -> IntArray | DataError:
    """Return labels numbered by size, or an error when some of the clusters are empty."""
    if isinstance(fit, DataError):
        return fit
    clustering = make_clustering(X, fit, algorithm="")
    if clustering.k < k:
        return DataError(f"only {clustering.k} of {k} clusters have tracks")
    return clustering.labels


def _check_enough(X: FloatArray, k: int) -> None:
    """Refuse fewer tracks, or fewer different ones, than clusters."""
    n = len(X)
    if n < k:
        raise TooFewTracks(f"{counted(n, 'track')} cannot fill {k:,} clusters", next_step=_at_most(n))
    for rows in (X[:FIRST_LOOK], X):
        different = len(np.unique(rows.astype(np.float32), axis=0))
        if different >= k:
            return
    raise TooFewTracks(
        f"only {different} of {n:,} tracks differ in their features, too few for {k:,} clusters",
        next_step=_at_most(different),
    )


def _at_most(most: int) -> str:
    """Return what to do when there is something for so many clusters only."""
    return f"Ask for at most {most:,}" if most >= 2 else "Add tracks that sound different"
