"""Clustering: right on known groups, as careful as promised, honest about what it cannot do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from core.clustering import assign, cluster, fit_sweep, make_clustering
from core.errors import DataError, OptionError, TooFewTracks, TooManyTracks
from core.features import BASE_NAMES
from core.options import ALGORITHMS, ARTICLE, BALANCED, FREE_K, Algorithm, ClusterOptions, Recipe
from core.preparation import prepare
from core.progress import Cancelled
from core.records import NOISE, Clustering, FloatArray
from tests.core.clouds import as_prepared, blurred, groups, noise
from tests.program import run_python
from tests.reports import stop_at_once

#: Sizes of the article's nine clusters.
ARTICLE_SIZES = np.array([1983, 1930, 1733, 1557, 1435, 1382, 1145, 1071, 893])


def article_matrix(shared: Path, recipe: Recipe = ARTICLE) -> FloatArray:
    table = pd.read_csv(shared / "fma" / "tracks_cleaned.csv", usecols=list(BASE_NAMES))[list(BASE_NAMES)]
    return prepare(table, options=recipe.prepare).X


def check_whole(clustering: Clustering, X: FloatArray) -> None:
    """Assert what holds of every clustering."""
    labels, k = clustering.labels, clustering.k
    assert labels.dtype == np.int64
    assert labels.shape == (len(X),)
    assert set(np.unique(labels[labels != NOISE])) == set(range(k))
    assert labels.min() >= NOISE
    assert np.all(np.diff(clustering.sizes) <= 0)
    for j in range(k):
        np.testing.assert_allclose(clustering.centroids[j], X[labels == j].mean(axis=0), atol=1e-9)
    fits = labels != NOISE
    expected = ((X[fits] - clustering.centroids[labels[fits]]) ** 2).sum()
    assert clustering.inertia == pytest.approx(expected)


def inertia_of_starts(X: FloatArray, k: int, *, starts: int = 10, seed: int = 1986) -> float:
    """Return what scikit-learn reaches from so many random starts, on one thread to be quick beside other tests."""
    with threadpool_limits(limits=1):
        return float(KMeans(n_clusters=k, n_init=starts, random_state=seed).fit(X).inertia_)


# K-means


@pytest.mark.shared
@pytest.mark.parametrize("seed", [1986, 0, 7])
def test_article_data_falls_into_clusters_of_the_article_sizes(shared: Path, seed: int) -> None:
    X = article_matrix(shared)
    found = cluster(as_prepared(X), options=ClusterOptions(k=9, seed=seed))
    check_whole(found, X)
    np.testing.assert_allclose(found.sizes, ARTICLE_SIZES, rtol=0.01)


@pytest.mark.parametrize(("k", "seed"), [(4, 1), (9, 2), (15, 3)])
def test_kmeans_is_never_worse_than_its_random_starts(k: int, seed: int) -> None:
    X = blurred(3000, seed=seed)
    found = cluster(as_prepared(X), options=ClusterOptions(k=k, seed=seed, n_init=10))
    assert found.inertia <= inertia_of_starts(X, k, seed=seed) * (1 + 1e-12)


def test_every_track_of_kmeans_is_in_the_cluster_with_the_nearest_centroid() -> None:
    X = blurred(2000)
    found = cluster(as_prepared(X), options=ClusterOptions(k=7))
    np.testing.assert_array_equal(assign(X, found.centroids).nearest, found.labels)


def test_planted_groups_are_found_from_one_start_that_misses_them() -> None:
    X, _ = groups(12, n=360, spread=0.1)
    ten = inertia_of_starts(X, 12, starts=10)
    for seed in range(6):
        found = cluster(as_prepared(X), options=ClusterOptions(k=12, n_init=1, seed=seed))
        assert found.inertia <= ten * (1 + 1e-12)
    assert max(inertia_of_starts(X, 12, starts=1, seed=seed) for seed in range(6)) > 1.1 * ten


@pytest.mark.parametrize("starts", [1, 7])
def test_as_many_random_starts_are_made_as_asked_for(starts: int) -> None:
    steps: list[str] = []

    def note(_done: int, _total: int, doing: str) -> None:
        steps.append(doing)

    cluster(as_prepared(blurred(300)), options=ClusterOptions(k=5, n_init=starts), report=note)
    assert steps.count("Sorting into 5 groups") == starts


@pytest.mark.shared
@pytest.mark.parametrize("k", [9, 12, 20])
def test_parts_of_a_library_fall_into_the_same_clusters(shared: Path, k: int) -> None:
    X = article_matrix(shared, BALANCED)
    whole = cluster(as_prepared(X), options=ClusterOptions(k=k)).labels
    for seed in range(3):
        rows = np.sort(np.random.default_rng(seed).choice(len(X), size=round(0.8 * len(X)), replace=False))
        part = cluster(as_prepared(X[rows]), options=ClusterOptions(k=k, seed=seed)).labels
        assert adjusted_rand_score(whole[rows], part) > 0.95


def test_a_large_library_is_searched_on_a_sample_and_clustered_whole() -> None:
    X = np.tile(blurred(1000), (101, 1)) + 0.01 * np.random.default_rng(0).standard_normal((101_000, 8))
    found = cluster(as_prepared(X), options=ClusterOptions(k=5, n_init=2))
    check_whole(found, X)
    # Nearly all tracks are where a last look would put them, and no other fit is clearly better.
    assert (assign(X, found.centroids).nearest == found.labels).mean() > 0.99
    assert found.inertia < 1.001 * inertia_of_starts(X, 5, starts=2)


# The same result always


THREADS_SCRIPT = """
import hashlib, sys
import numpy as np
from core.clustering import cluster, fit_sweep
from core.options import ClusterOptions
from core.quality import silhouettes
from tests.core.clouds import as_prepared
X = np.load(sys.argv[1])
found = cluster(as_prepared(X), options=ClusterOptions(k=9))
quick = fit_sweep(X, range(2, 8), options=ClusterOptions(algorithm="kmeans"))
shapes = silhouettes(X, list(quick.values()))
parts = [found.labels, found.centroids, np.array(list(quick.values())), shapes.mean]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


def digest_with_threads(path: Path, threads: int) -> str:
    variables = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    ended = run_python(THREADS_SCRIPT, path, environment=variables)
    assert ended.status == 0, ended.err
    return ended.out


def test_results_have_the_same_bytes_on_any_number_of_threads(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", blurred(2500, seed=4))
    assert len({digest_with_threads(tmp_path / "X.npy", threads) for threads in (1, 4)}) == 1


@pytest.mark.shared
def test_the_real_library_has_the_same_bytes_on_any_number_of_threads(tmp_path: Path, shared: Path) -> None:
    np.save(tmp_path / "X.npy", article_matrix(shared))
    assert digest_with_threads(tmp_path / "X.npy", 1) == digest_with_threads(tmp_path / "X.npy", 2)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_runs_are_equal(algorithm: Algorithm) -> None:
    X = as_prepared(blurred(200))
    first, second = (cluster(X, options=ClusterOptions(algorithm=algorithm, k=6)) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)
    assert first.centroids.tobytes() == second.centroids.tobytes()


# Every algorithm


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_plain_groups_are_found(algorithm: Algorithm) -> None:
    X, truth = groups(4, n=240)
    found = cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm, k=4))
    check_whole(found, X)
    assert found.algorithm == algorithm
    fits = found.labels != NOISE
    assert fits.mean() > 0.9
    assert adjusted_rand_score(truth[fits], found.labels[fits]) > 0.95
    if algorithm != "hdbscan":
        assert fits.all()
    if algorithm not in FREE_K:
        assert found.k == 4


@pytest.mark.parametrize("algorithm", ["kmeans", "minibatch", "bisecting", "gaussian-mixture", "ward", "spectral"])
def test_the_number_of_clusters_is_the_one_asked_for(algorithm: Algorithm) -> None:
    X = blurred(1500)
    for k in (2, 11):
        found = cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm, k=k))
        check_whole(found, X)
        assert found.k == k


def test_hdbscan_leaves_scattered_tracks_out() -> None:
    X, _ = groups(3, n=300)
    scattered = noise(30, seed=5) * 4 - 1.5
    found = cluster(as_prepared(np.vstack([X, scattered])), options=ClusterOptions(algorithm="hdbscan"))
    assert found.k == 3
    assert (found.labels[-30:] == NOISE).mean() > 0.9
    assert found.sizes.sum() == (found.labels != NOISE).sum()


def test_the_smallest_dense_group_can_be_chosen() -> None:
    X, _ = groups(5, n=300)
    small = cluster(as_prepared(X), options=ClusterOptions(algorithm="hdbscan", min_cluster_size=40))
    assert small.k == 5
    with pytest.raises(DataError, match=r"at least 301 tracks, and there are 300"):
        cluster(as_prepared(X), options=ClusterOptions(algorithm="hdbscan", min_cluster_size=301))


def test_no_dense_group_is_an_error_that_says_so() -> None:
    X = noise(60)
    with pytest.raises(DataError, match=r"no dense group of at least 25 tracks among 60"):
        cluster(as_prepared(X), options=ClusterOptions(algorithm="hdbscan", min_cluster_size=25))


def test_spectral_joins_parts_that_do_not_touch() -> None:
    # Six far groups asked for in three clusters: each cluster must be made of whole groups.
    X, truth = groups(6, n=360, spread=0.01)
    found = cluster(as_prepared(X), options=ClusterOptions(algorithm="spectral", k=3))
    assert found.k == 3
    for group in range(6):
        assert len(np.unique(found.labels[truth == group])) == 1


def test_ward_agrees_with_scikit_learn() -> None:
    X = blurred(300)
    found = cluster(as_prepared(X), options=ClusterOptions(algorithm="ward", k=7))
    theirs = AgglomerativeClustering(n_clusters=7, linkage="ward").fit_predict(X)
    assert adjusted_rand_score(theirs, found.labels) == 1.0


# What cannot be done


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_track_is_too_few(algorithm: Algorithm) -> None:
    with pytest.raises(TooFewTracks, match=r"^1 track cannot fill"):
        cluster(as_prepared(np.zeros((1, 8))), options=ClusterOptions(algorithm=algorithm, k=3))


@pytest.mark.parametrize("algorithm", sorted(set(ALGORITHMS) - FREE_K))
def test_fewer_tracks_than_clusters_is_an_error_with_both_numbers(algorithm: Algorithm) -> None:
    with pytest.raises(TooFewTracks, match=r"^5 tracks cannot fill 9 clusters\. Ask for at most 5"):
        cluster(as_prepared(noise(5)), options=ClusterOptions(algorithm=algorithm, k=9))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_too_few_different_tracks_is_an_error_with_the_number(algorithm: Algorithm) -> None:
    X = np.repeat(noise(1), 2000, axis=0)
    with pytest.raises(TooFewTracks, match=r"only 1 of 2,000 tracks differ"):
        cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm, k=4))


@pytest.mark.parametrize("algorithm", ["kmeans", "minibatch", "bisecting", "ward", "gaussian-mixture"])
def test_as_many_clusters_as_different_tracks(algorithm: Algorithm) -> None:
    X = np.repeat(noise(6), [5, 1, 4, 2, 30, 3], axis=0)
    found = cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm, k=6))
    assert found.sizes.tolist() == [30, 5, 4, 3, 2, 1]
    assert found.inertia == pytest.approx(0.0, abs=1e-12)


def test_spectral_needs_a_track_more_than_clusters() -> None:
    with pytest.raises(TooFewTracks, match="more than 6 tracks for 6 clusters, these are 6"):
        cluster(as_prepared(noise(6)), options=ClusterOptions(algorithm="spectral", k=6))


@pytest.mark.parametrize(
    ("algorithm", "tracks", "said"),
    [
        ("ward", 50_000, "would need 20.0 GB: it takes at most 15,000 tracks, these are 50,000"),
        ("spectral", 20_001, "at most 20,000 tracks, these are 20,001"),
        ("mean-shift", 1_000_000, "at most 20,000 tracks, these are 1,000,000"),
        ("hdbscan", 100_001, "at most 100,000 tracks, these are 100,001"),
    ],
)
def test_too_many_tracks_are_refused_before_work_starts(algorithm: Algorithm, tracks: int, said: str) -> None:
    # One row seen many times takes no memory; any work on it would find no two tracks that differ.
    X = np.broadcast_to(np.zeros((1, 8)), (tracks, 8))
    with pytest.raises(TooManyTracks, match=said):
        cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm))


def test_mean_shift_among_copies_says_what_is_wrong() -> None:
    X = np.repeat(noise(2), [19_000, 1], axis=0)
    with pytest.raises(DataError, match="too many are alike"):
        cluster(as_prepared(X), options=ClusterOptions(algorithm="mean-shift"))


def test_errors_of_the_libraries_become_our_own() -> None:
    X = noise(50)
    X[3, 2] = np.nan
    for algorithm in ALGORITHMS:
        with pytest.raises(DataError):
            cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm, k=3))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_can_be_stopped(algorithm: Algorithm) -> None:
    with pytest.raises(Cancelled):
        cluster(as_prepared(blurred(100)), options=ClusterOptions(algorithm=algorithm, k=3), report=stop_at_once)


def test_kmeans_can_be_stopped_between_starts_and_reports_in_order() -> None:
    seen: list[int] = []

    def watch(done: int, total: int, text: str) -> None:
        assert 0 <= done <= total
        assert text
        seen.append(done)
        if done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        cluster(as_prepared(blurred(100)), options=ClusterOptions(k=3, n_init=10), report=watch)
    assert seen == [0, 1, 2, 3, 4]


def test_kmeans_can_be_stopped_between_steps_of_refining() -> None:
    steps: list[str] = []

    def watch(_done: int, _total: int, doing: str) -> None:
        steps.append(doing)
        if steps.count("Refining 4 groups") == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        cluster(as_prepared(blurred(400)), options=ClusterOptions(k=4, n_init=2), report=watch)
    assert steps == ["Sorting into 4 groups"] * 2 + ["Refining 4 groups"] * 5


@given(
    rows=arrays(np.int64, st.tuples(st.integers(1, 14), st.integers(1, 3)), elements=st.integers(0, 3)),
    k=st.integers(2, 6),
    algorithm=st.sampled_from(ALGORITHMS),
)
@settings(max_examples=150, deadline=None)
def test_small_libraries_full_of_copies_give_clusters_or_a_clear_error(
    rows: np.ndarray, k: int, algorithm: Algorithm
) -> None:
    X = rows / 3.0
    found: Clustering | DataError
    try:
        found = cluster(as_prepared(X), options=ClusterOptions(algorithm=algorithm, k=k))
    except DataError as error:
        found = error
    different = len(np.unique(rows, axis=0))
    if isinstance(found, DataError):
        assert found.what
        assert found.next_step
        assert different < k or algorithm in FREE_K or algorithm == "spectral"
    else:
        check_whole(found, X)
        assert found.k == k or algorithm in FREE_K or algorithm == "gaussian-mixture"


# Members


def test_clusters_of_one_size_are_numbered_by_their_centroids() -> None:
    X = np.array([[0.9, 0.0], [0.1, 0.8], [0.1, 0.2], [0.5, 0.5], [0.5, 0.5], [0.7, 0.7]])
    numbered = make_clustering(X, np.array([7, 3, 9, 1, 1, -5]), algorithm="by hand")
    assert numbered.labels.tolist() == [3, 2, 1, 0, 0, NOISE]
    np.testing.assert_allclose(numbered.centroids, [[0.5, 0.5], [0.1, 0.2], [0.1, 0.8], [0.9, 0.0]])
    assert numbered.algorithm == "by hand"


@given(labels=st.lists(st.integers(-1, 5), min_size=1, max_size=40), seed=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_numbering_keeps_the_groups_whatever_they_were_called(labels: list[int], seed: int) -> None:
    X = noise(len(labels), d=3, seed=seed)
    before = np.array(labels, dtype=np.int64)
    after = make_clustering(X, before, algorithm="")
    check_whole(after, X)
    np.testing.assert_array_equal(before < 0, after.labels == NOISE)
    assert after.k == len({label for label in labels if label >= 0})
    assert adjusted_rand_score(before, after.labels) == 1.0


def test_assign_agrees_with_all_distances_across_blocks() -> None:
    X, centroids = noise(70_000, d=3), noise(6, d=3, seed=1)
    found = assign(X, centroids)
    away = np.sqrt(((X[:, None, :] - centroids[None]) ** 2).sum(axis=2))
    order = np.argsort(away, axis=1, kind="stable")
    np.testing.assert_array_equal(found.nearest, order[:, 0])
    np.testing.assert_array_equal(found.second, order[:, 1])
    np.testing.assert_allclose(found.distances, np.sort(away, axis=1)[:, :2])


def test_with_one_centroid_there_is_no_second() -> None:
    found = assign(np.array([[3.0, 4.0]]), np.zeros((1, 2)))
    assert found.second.tolist() == [NOISE]
    assert found.distances.tolist() == [[5.0, np.inf]]


def test_equally_near_centroids_go_to_the_first() -> None:
    found = assign(np.array([[0.0]]), np.array([[1.0], [-1.0], [1.0]]))
    assert (found.nearest[0], found.second[0]) == (0, 1)


# Quick fits of a sweep


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_quick_fits_are_within_a_percent_of_ten_starts(seed: int) -> None:
    X = blurred(1500, seed=seed)
    quick = fit_sweep(X, range(2, 16), options=ClusterOptions(seed=seed))
    assert list(quick) == list(range(2, 16))
    for k, labels in quick.items():
        assert not isinstance(labels, DataError)
        assert make_clustering(X, labels, algorithm="").inertia <= 1.01 * inertia_of_starts(X, k)


@pytest.mark.shared
def test_quick_fits_of_the_real_library_too(shared: Path) -> None:
    X = article_matrix(shared)
    quick = fit_sweep(X, [5, 9, 14, 20], options=ClusterOptions())
    assert list(quick) == [5, 9, 14, 20]
    for k, labels in quick.items():
        assert not isinstance(labels, DataError)
        assert make_clustering(X, labels, algorithm="").inertia <= 1.01 * inertia_of_starts(X, k)


def test_a_large_library_is_swept_on_a_sample_and_labelled_whole() -> None:
    X, truth = groups(5, n=25_000)
    labels = fit_sweep(X, [5], options=ClusterOptions())[5]
    assert not isinstance(labels, DataError)
    assert adjusted_rand_score(truth, labels) == 1.0


@pytest.mark.parametrize("algorithm", sorted(set(ALGORITHMS) - FREE_K))
def test_each_algorithm_can_be_swept(algorithm: Algorithm) -> None:
    X, truth = groups(4, n=120)
    quick = fit_sweep(X, [4, 2, 6], options=ClusterOptions(algorithm=algorithm))
    assert list(quick) == [4, 2, 6]
    for k, labels in quick.items():
        assert not isinstance(labels, DataError)
        assert labels.max() == k - 1
        assert np.all(np.diff(np.bincount(labels)) <= 0)
    assert adjusted_rand_score(truth, quick[4]) == 1.0


def test_a_number_that_cannot_be_fitted_does_not_stop_the_others() -> None:
    X = np.repeat(noise(4), 10, axis=0)
    for algorithm in ("kmeans", "ward", "bisecting"):
        quick = fit_sweep(X, range(2, 8), options=ClusterOptions(algorithm=algorithm))
        fitted = {k for k, labels in quick.items() if not isinstance(labels, DataError)}
        assert fitted == {2, 3, 4}
        assert "only 4 of 40 tracks differ" in str(quick[5])


def test_too_many_tracks_fail_for_each_number() -> None:
    X = np.broadcast_to(np.zeros((1, 8)), (50_000, 8))
    quick = fit_sweep(X, [2, 3], options=ClusterOptions(algorithm="ward"))
    assert all(isinstance(found, TooManyTracks) for found in quick.values())


@pytest.mark.parametrize("algorithm", sorted(FREE_K))
def test_what_finds_the_number_itself_cannot_be_swept(algorithm: Algorithm) -> None:
    with pytest.raises(OptionError, match="finds the number of clusters itself"):
        fit_sweep(noise(20), [2, 3], options=ClusterOptions(algorithm=algorithm))
