"""K-means, twice: once carefully for the K a listener keeps, once quickly for every K of a sweep.

Both run on one thread. With more, the partial sums of the threads are added in whatever order they finish, the
last digits differ from run to run, and a track between two clusters may change sides; on the sizes of a music
library one thread is also faster (measured: 13,129 tracks, K = 2…29, ten starts: 11 s on one thread, 23 s on two).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from core.clustering.members import assign
from core.errors import DataError
from core.progress import Report
from core.records import FloatArray, IntArray

Float32Array = npt.NDArray[np.float32]

#: Tracks the random starts are compared on; above it a seeded sample finds the start and all tracks refine it.
#: Centroids of 100,000 tracks are within k/100,000 of the inertia of the best ones, far below what starts differ by.
SEARCH_ROWS = 100_000
#: Exchanges tried before a fit counts as the best there is: the cluster that is missed least is given up and the one
#: that gains most is split (Kaukoranta, Fränti and Nevalainen 1998, "Iterative split-and-merge algorithm for vector
#: quantization codebook generation"). On parts of 13,129 tracks at K = 12 and 20 ten random starts end up to 0.9 %
#: and 2.9 % above the best fit known, 50 up to 0.1 % and 1.1 %, ten and exchanges 0.003 %, in a third more time.
EXCHANGES_TRIED = 6
MOST_EXCHANGES = 50
#: A fit is better when it saves more than this share of the inertia; single precision errs by about as much.
BETTER = 1e-6
#: Small shakes of the best start. K-means has many optima within 0.001 % of each other whose cluster sizes differ
#: by 2 %; eight shakes by 5 % of each cluster's spread bring every seed tried to sizes within 0.9 %.
SHAKES = 8
SHAKE_SCALE = 0.05
#: Steps of one run of K-means; the longest seen on real libraries took 93.
MAX_STEPS = 300
#: A run has settled when the centroids move less than this share of the features' mean variance.
SETTLED = 1e-4

#: Tracks the quick fits of a sweep use; above it a seeded sample, for the reason given at `SEARCH_ROWS`.
SWEEP_ROWS = 20_000
#: Clusters tried for splitting at each K, and exchanges after it. With two and three no K up to 24 on 13,129 tracks
#: ends more than 0.3 % above the best fit known (0.05 % on average); without exchanges it is 0.4 %.
SPLITS_TRIED = 2
SWEEP_EXCHANGES_TRIED = 3
#: Steps after which the tries of one K are compared, and how settled is settled enough for that.
TRIAL_STEPS = 10
TRIAL_SETTLED = 1e-3


@contextmanager
def quiet_single_thread() -> Iterator[None]:
    """Run scikit-learn on one thread, keep its warnings in, and turn its exceptions into `DataError`.

    Yields
    ------
    None
        Once the limits are in force.

    Raises
    ------
    DataError
        When scikit-learn, SciPy or NumPy gives up on the data or runs out of memory.
    """
    import sklearn.cluster  # noqa: F401  the limit only reaches libraries that are loaded
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    try:
        with warnings.catch_warnings(), threadpool_limits(limits=1):
            # A fit that has not quite settled after hundreds of steps is still a good one.
            warnings.simplefilter("ignore", ConvergenceWarning)
            # Mean shift then starts from every track: what a library of scattered tracks needs.
            warnings.filterwarnings("ignore", message="Binning data failed", category=UserWarning)
            yield
    except (ValueError, ArithmeticError, RuntimeError, np.linalg.LinAlgError, MemoryError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"the tracks could not be clustered ({reason})", next_step="Try another algorithm or fewer clusters"
        ) from error


def careful_kmeans(X: FloatArray, *, k: int, starts: int, seed: int, report: Report) -> FloatArray:
    """Return the centroids of the best K-means clustering that can be found in reasonable time.

    The random starts are those of scikit-learn's ``KMeans(n_clusters=k, n_init=starts, random_state=seed)``; the
    best of them exchanges clusters as long as that helps, is shaken `SHAKES` times and settled until no track changes
    sides. Up to `SEARCH_ROWS` tracks the inertia is never above that of the starts.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks with at least `k` different rows.
    k : int
        Number of clusters.
    starts : int
        Random starts.
    seed : int
        Seed of every random choice.
    report : Report
        Called before each start and each step of refining.

    Returns
    -------
    np.ndarray [shape=(k, d), dtype=float64]
        Centroids.

    Raises
    ------
    DataError
        When scikit-learn gives up on the data.
    """
    rows = _sample(len(X), SEARCH_ROWS, seed)
    searched = X if len(rows) == len(X) else X[rows]
    with quiet_single_thread():
        # One generator handed on from start to start draws what n_init=starts would draw, and lets the report stop it.
        random = np.random.RandomState(seed)
        best: Any = None
        for start in range(starts):
            report(start, starts + 2, f"Sorting into {k} groups")
            fit = _kmeans(searched, k, random=random, settled=SETTLED)
            if best is None or fit.inertia_ < best.inertia_:
                best = fit
        shaken = _refined(searched, best, seed, lambda: report(starts, starts + 2, f"Refining {k} groups"))
        report(starts + 1, starts + 2, f"Refining {k} groups")
        settled = 0.0 if searched is X else SETTLED
        candidates = [_kmeans(X, k, init=shaken, settled=settled)]
        if searched is X:
            candidates.append(best)
        centroids: FloatArray = min(candidates, key=lambda fit: fit.inertia_).cluster_centers_
        report(starts + 2, starts + 2, f"Refining {k} groups")
        return centroids


def kmeans_chain(X: FloatArray, *, k_max: int, seed: int, report: Report) -> dict[int, FloatArray]:
    """Return good centroids for 2, 3, … `k_max` clusters, each grown from the one before.

    From K−1 to K clusters the most promising clusters are split in two along their longest axis, one at a time;
    the split that lowers the inertia most is kept, exchanges clusters as long as that helps, and settles. Runs in
    single precision: a sum of squares with seven digits orders the tries as well as one with sixteen, in a third of
    the time.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks; more than `SWEEP_ROWS` are sampled.
    k_max : int
        The last K; at most the number of different rows.
    seed : int
        Seed of the sample.
    report : Report
        Called before each K.

    Returns
    -------
    dict of int to np.ndarray [shape=(K, d), dtype=float64]
        The centroids for each K.

    Raises
    ------
    DataError
        When scikit-learn gives up on the data.
    """
    offset = X.mean(axis=0)
    sample = (X[_sample(len(X), SWEEP_ROWS, seed)] - offset).astype(np.float32)
    centroids = np.zeros((1, X.shape[1]), dtype=np.float32)
    labels = np.zeros(len(sample), dtype=np.int64)
    chain = {}
    with quiet_single_thread():
        for k in range(2, k_max + 1):
            report(k - 2, k_max, "Comparing numbers of playlists")
            best = _grown(sample, labels, centroids)
            centroids, labels = best.cluster_centers_, best.labels_
            chain[k] = centroids.astype(np.float64) + offset
    return chain


def _grown(X: Float32Array, labels: IntArray, centroids: Float32Array) -> Any:
    """Return the fit with one more cluster than there are `centroids`."""
    k = len(centroids) + 1
    tries = [
        _kmeans(X, k, init=init, settled=TRIAL_SETTLED, steps=TRIAL_STEPS) for init in _splits(X, labels, centroids)
    ]
    best = min(tries, key=lambda fit: fit.inertia_)
    best = _exchanged(X, best, tried=SWEEP_EXCHANGES_TRIED, settled=TRIAL_SETTLED, steps=TRIAL_STEPS)
    return _kmeans(X, k, init=best.cluster_centers_, settled=SETTLED)


def _kmeans(
    X: FloatArray | Float32Array,
    k: int,
    *,
    settled: float,
    init: FloatArray | Float32Array | None = None,
    random: np.random.RandomState | None = None,
    steps: int = MAX_STEPS,
) -> Any:
    """Run K-means once, from given centroids or from a random start."""
    from sklearn.cluster import KMeans

    start = "k-means++" if init is None else np.ascontiguousarray(init, dtype=X.dtype)
    state = 0 if random is None else random
    return KMeans(n_clusters=k, init=start, n_init=1, random_state=state, tol=settled, max_iter=steps).fit(X)


def _sample(n: int, limit: int, seed: int) -> IntArray:
    """Return all positions, or `limit` of them drawn without replacement, ascending."""
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, size=limit, replace=False))


def _refined(X: FloatArray, fit: Any, seed: int, go_on: Callable[[], None]) -> FloatArray:
    """Return the best centroids found by exchanging and shaking those of `fit`, in single precision.

    `go_on` is called before each step; what it raises ends the search.
    """
    go_on()
    offset = X.mean(axis=0)
    single = (X - offset).astype(np.float32)
    found = _kmeans(single, len(fit.cluster_centers_), init=fit.cluster_centers_ - offset, settled=SETTLED)
    found = _exchanged(single, found, tried=EXCHANGES_TRIED, settled=SETTLED, go_on=go_on)
    found = _shaken(single, found, seed, go_on)
    centroids: FloatArray = found.cluster_centers_.astype(np.float64) + offset
    return centroids


def _exchanged(
    X: Float32Array,
    fit: Any,
    *,
    tried: int,
    settled: float,
    steps: int = MAX_STEPS,
    go_on: Callable[[], None] = lambda: None,
) -> Any:
    """Return the fit after one cluster is given up and another split in two, as often as that lowers the inertia."""
    k = len(fit.cluster_centers_)
    for _ in range(MOST_EXCHANGES):
        go_on()
        starts = _exchanges(X, fit.labels_, fit.cluster_centers_)[:tried]
        tries = (_kmeans(X, k, init=start, settled=settled, steps=steps) for start in starts)
        better = next((found for found in tries if found.inertia_ < (1.0 - BETTER) * fit.inertia_), None)
        if better is None:
            break
        fit = better
    return fit


def _exchanges(X: Float32Array, labels: IntArray, centroids: Float32Array) -> list[Float32Array]:
    """Return starting centroids with one cluster given up and another in halves, the most promising first.

    Giving a cluster up costs what its members are farther from the second nearest centroid.
    """
    k = len(centroids)
    near = assign(X.astype(np.float64), centroids.astype(np.float64)).distances ** 2
    cost = np.bincount(labels, weights=near[:, 1] - near[:, 0], minlength=k)
    promise, halves = _halves(X, labels, centroids)
    saved = promise - cost[:, None]
    pairs = [(given_up, split) for given_up in range(k) for split in range(k) if given_up != split]
    starts = []
    for given_up, split in sorted(pairs, key=lambda pair: -saved[pair])[:EXCHANGES_TRIED]:
        start = centroids.copy()
        start[split], start[given_up] = halves[split]
        starts.append(start)
    return starts


def _shaken(X: Float32Array, fit: Any, seed: int, go_on: Callable[[], None]) -> Any:
    """Return the best fit found by moving the centroids of `fit` a little and settling them again."""
    random = np.random.default_rng(seed)
    best = _kmeans(X, len(fit.cluster_centers_), init=fit.cluster_centers_, settled=0.0)
    for _ in range(SHAKES):
        go_on()
        spread = _spread(X, best.labels_, best.cluster_centers_)
        moved = best.cluster_centers_ + SHAKE_SCALE * spread * random.standard_normal(spread.shape)
        again = _kmeans(X, len(moved), init=moved, settled=0.0)
        if again.inertia_ < best.inertia_:
            best = again
    return best


def _spread(X: Float32Array, labels: IntArray, centroids: Float32Array) -> FloatArray:
    """Return the standard deviation of each cluster's members in each feature [shape=(k, d)]."""
    k = len(centroids)
    counts = np.maximum(np.bincount(labels, minlength=k), 1)
    squares = (X - centroids[labels]) ** 2
    return np.sqrt([np.bincount(labels, weights=column, minlength=k) / counts for column in squares.T]).T


def _splits(X: Float32Array, labels: IntArray, centroids: Float32Array) -> list[Float32Array]:
    """Return starting centroids with one more cluster, the most promising split first."""
    promise, halves = _halves(X, labels, centroids)
    most_promising = np.argsort(-promise, kind="stable")[:SPLITS_TRIED]
    return [np.vstack([centroids[:j], halves[j, :1], centroids[j + 1 :], halves[j, 1:]]) for j in most_promising]


def _halves(X: Float32Array, labels: IntArray, centroids: Float32Array) -> tuple[FloatArray, Float32Array]:
    """Return what splitting each cluster would save [shape=(k,)], and where its halves start [shape=(k, 2, d)].

    A cluster is split at its mean along its longest axis, and the halves start at the mean absolute distance from
    it. The inertia saved is that of two halves that are alike: members times that distance squared.
    """
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=len(centroids)))
    promise, halves = [], []
    for centroid, members in zip(centroids, np.split(X[order], ends[:-1]), strict=True):
        centred = members - centroid
        axis = np.linalg.eigh(centred.T @ centred)[1][:, -1]
        reach = float(np.abs(centred @ axis).mean()) if len(members) else 0.0
        promise.append(len(members) * reach**2)
        halves.append([centroid - reach * axis, centroid + reach * axis])
    return np.array(promise), np.array(halves, dtype=np.float32)
