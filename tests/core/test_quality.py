"""How good a clustering is: silhouettes that are exact, errors that are honest, a suggested K with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, silhouette_samples, silhouette_score
from threadpoolctl import threadpool_limits

from core.clustering import fit_sweep, make_clustering
from core.errors import DataError, TooFewTracks
from core.features import BASE_NAMES
from core.options import ARTICLE, DEFAULT_SEED, RECIPES, ClusterOptions, SweepOptions
from core.preparation import prepare
from core.progress import Cancelled
from core.quality import silhouettes, stability, suitable_range, sweep
from core.records import NOISE, FloatArray, IntArray, Sweep
from tests.core.clouds import as_prepared, blurred, groups, noise
from tests.reports import stop_at_once


def kmeans_fits(X: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
    return fit_sweep(X, ks, options=ClusterOptions(seed=seed))


def swept(X: FloatArray, *, k_min: int = 2, k_max: int = 20, repeats: int = 4) -> Sweep:
    options = SweepOptions(k_min=k_min, k_max=k_max, stability_repeats=repeats)
    return sweep(as_prepared(X), fits=kmeans_fits, options=options, seed=DEFAULT_SEED)


def by_octants(X: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
    """Give labels that depend on nothing but the track itself, so that all refits agree."""
    code = ((X[:, :3] > 0.5) @ np.array([1, 2, 4])).astype(np.int64)
    return {k: code % k for k in ks}


# Silhouettes


def test_silhouettes_equal_scikit_learns_for_every_track() -> None:
    X = blurred(700)
    fits = kmeans_fits(X, range(2, 9), 0)
    labelings = [labels for labels in fits.values() if not isinstance(labels, DataError)]
    found = silhouettes(X, labelings)
    assert found.rows.tolist() == list(range(700))
    assert not found.error.any()
    for j, labels in enumerate(labelings):
        np.testing.assert_allclose(found.values[j], silhouette_samples(X, labels), atol=1e-6)
        assert found.mean[j] == pytest.approx(silhouette_score(X, labels), abs=1e-6)


@pytest.mark.shared
def test_on_the_real_library_too(shared: Path) -> None:
    table = pd.read_csv(shared / "fma" / "tracks_cleaned.csv", usecols=list(BASE_NAMES))[list(BASE_NAMES)]
    X = prepare(table, options=ARTICLE.prepare).X
    fits = kmeans_fits(X, [8, 9], 0)
    found = silhouettes(X, [fits[8], fits[9]])
    with threadpool_limits(limits=1):
        assert found.mean[1] == pytest.approx(silhouette_score(X, fits[9]), abs=1e-6)


def test_features_far_from_zero_lose_no_precision() -> None:
    X = blurred(300) + 1e4
    labels = kmeans_fits(X, [4], 0)[4]
    assert silhouettes(X, [labels]).mean[0] == pytest.approx(silhouette_score(X, labels), abs=1e-6)


@given(
    labels=st.lists(st.integers(0, 4), min_size=4, max_size=30).filter(lambda x: 2 <= len(set(x)) < len(x)),
    copies=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_any_labels_have_the_silhouettes_of_scikit_learn(labels: list[int], copies: bool) -> None:
    X = noise(len(labels), d=2)
    if copies:
        X = np.round(X * 2) / 2
    _, ours = np.unique(labels, return_inverse=True)
    found = silhouettes(X, [ours.astype(np.int64)])
    np.testing.assert_allclose(found.values[0], silhouette_samples(X, labels), atol=1e-5)


def test_a_track_alone_in_its_cluster_has_silhouette_zero() -> None:
    found = silhouettes(np.array([[0.0], [0.1], [5.0]]), [np.array([0, 0, 1])])
    assert found.values[0, 2] == 0.0
    assert found.values[0, 0] == pytest.approx(1 - 0.1 / 5.0)


def test_tracks_that_fit_nowhere_neither_count_nor_form_a_cluster() -> None:
    X, labels = blurred(200), np.repeat([0, 1, NOISE, 2], 50)
    found = silhouettes(X, [labels])
    fits = labels != NOISE
    np.testing.assert_allclose(found.values[0, fits], silhouette_samples(X[fits], labels[fits]), atol=1e-6)
    assert np.isnan(found.values[0, ~fits]).all()
    assert found.mean[0] == pytest.approx(silhouette_score(X[fits], labels[fits]), abs=1e-6)


def test_fewer_than_two_clusters_have_no_silhouette() -> None:
    found = silhouettes(noise(20), [np.zeros(20, dtype=np.int64), np.full(20, NOISE), np.repeat([0, 1], 10)])
    assert np.isnan(found.mean[:2]).all()
    assert np.isnan(found.error[:2]).all()
    assert np.isfinite(found.mean[2])


def test_sampled_tracks_have_their_exact_silhouettes() -> None:
    X = blurred(3000)
    labels = kmeans_fits(X, [5], 0)[5]
    exact = silhouettes(X, [labels])
    sampled = silhouettes(X, [labels], exact_up_to=2_000, seed=3)
    # As many distances as 2,000 tracks have among themselves: 2,000² / 3,000.
    assert len(sampled.rows) == 1_333
    assert np.all(np.diff(sampled.rows) > 0)
    np.testing.assert_allclose(sampled.values[0], exact.values[0, sampled.rows], atol=1e-6)
    assert exact.error[0] == 0.0
    assert 0.0 < sampled.error[0] < 0.01


def test_the_error_of_sampled_silhouettes_is_honest() -> None:
    X = blurred(2500)
    labelings = [kmeans_fits(X, [k], 0)[k] for k in (3, 8)]
    exact = silhouettes(X, labelings).mean
    off = []
    for seed in range(60):
        sampled = silhouettes(X, labelings, exact_up_to=1_000, seed=seed)
        off.append((sampled.mean - exact) / sampled.error)
    within_two = np.mean(np.abs(off) <= 2.0)
    assert 0.90 <= within_two <= 1.0
    # Neither too large an error nor too small: the deviations in its units spread like a standard normal.
    assert 0.8 <= np.std(off) <= 1.2


def test_measuring_can_be_stopped_and_reports_in_order() -> None:
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int, text: str) -> None:
        assert text
        seen.append((done, total))

    silhouettes(blurred(1500), [np.arange(1500) % 3], report=watch)
    assert seen == sorted(seen)
    assert seen[0][0] == 0
    assert seen[-1] == (1500 * 1500, 1500 * 1500)

    with pytest.raises(Cancelled):
        silhouettes(blurred(50), [np.arange(50) % 3], report=stop_at_once)


# Stability


def test_clusters_that_follow_from_each_track_are_fully_stable() -> None:
    found = stability(noise(200), [2, 5], fits=by_octants, repeats=3, seed=0)
    assert found.tolist() == [1.0, 1.0]


def test_groups_are_stable_and_noise_is_not() -> None:
    X, _ = groups(5, n=400)
    assert stability(X, [5], fits=kmeans_fits, repeats=4, seed=0)[0] > 0.99
    assert stability(noise(400), [5], fits=kmeans_fits, repeats=4, seed=0)[0] < 0.6


def test_stability_is_the_mean_adjusted_rand_index_of_the_refits() -> None:
    n = 500
    X = np.column_stack([np.arange(n, dtype=np.float64), noise(n, d=2)])
    refits: list[dict[int, int]] = []

    def at_random(rows: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
        random = np.random.default_rng(seed)
        # A third of the tracks follow their number, the rest are drawn anew each time.
        tracks = rows[:, 0].astype(np.int64)
        labels = np.where(tracks % 3 == 0, tracks % 4, random.integers(4, size=len(rows)))
        refits.append(dict(zip(tracks.tolist(), labels.tolist(), strict=True)))
        return {4: labels}

    found = stability(X, [4], fits=at_random, repeats=5, seed=1)
    assert len(refits) == 5
    assert all(len(refit) == 400 for refit in refits)
    scores = []
    for one, other in combinations(refits, 2):
        both = sorted(one.keys() & other.keys())
        scores.append(adjusted_rand_score([one[t] for t in both], [other[t] for t in both]))
    assert found[0] == pytest.approx(np.mean(scores))
    assert 0.02 < found[0] < 0.5


def test_large_libraries_are_refitted_on_a_sample() -> None:
    sizes = []

    def watched(rows: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
        sizes.append(len(rows))
        return by_octants(rows, ks, seed)

    assert stability(noise(20_000), [4], fits=watched, repeats=2, seed=0).tolist() == [1.0]
    assert sizes == [4_000, 4_000]


def test_one_refit_is_compared_with_a_second() -> None:
    assert stability(noise(50), [4], fits=by_octants, repeats=1, seed=0).tolist() == [1.0]


def test_a_number_that_parts_cannot_fill_has_no_stability() -> None:
    found = stability(noise(10), [3, 9], fits=kmeans_fits, repeats=3, seed=0)
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


# The sweep


@pytest.mark.parametrize("k", [4, 7, 12])
@pytest.mark.parametrize("n", [120, 1200])
def test_plain_groups_are_counted(k: int, n: int) -> None:
    X, _ = groups(k, n=n, seed=k)
    found = swept(X)
    assert found.suggested_k == k
    assert found.reason.startswith(f"{k} playlists: the tracks form {k} groups that stand apart (silhouette 0.")
    assert found.stability[found.ks.index(k)] > 0.98


@pytest.mark.parametrize("k", [4, 7, 12])
def test_plain_groups_are_counted_without_refits(k: int) -> None:
    X, _ = groups(k, n=400, seed=k)
    found = swept(X, repeats=0)
    assert found.suggested_k == k
    assert np.isnan(found.stability).all()


@pytest.mark.parametrize("n", [60, 300, 2000])
def test_noise_has_no_structure_and_the_reason_says_so(n: int) -> None:
    found = swept(noise(n))
    low, high = suitable_range(n)
    assert low <= found.suggested_k <= high
    assert "there is no clear structure" in found.reason
    assert f"{n:,} tracks" in found.reason
    best = np.nanmax(found.stability[[k in range(low, high + 1) for k in found.ks]])
    assert f"agreement {best:.2f} at best" in found.reason


def test_values_along_one_line_are_no_groups() -> None:
    found = swept(noise(1000, d=1))
    assert np.nanmax(found.silhouette) > 0.5
    assert "groups that stand apart" not in found.reason
    assert 6 <= found.suggested_k <= 10


@pytest.mark.shared
@pytest.mark.parametrize("recipe", sorted(RECIPES))
@pytest.mark.parametrize(("n", "low", "high"), [(60, 3, 5), (300, 5, 8), (1_000, 6, 10), (13_129, 8, 14)])
def test_real_libraries_get_numbers_a_listener_can_use(shared: Path, recipe: str, n: int, low: int, high: int) -> None:
    table = pd.read_csv(shared / "fma" / "tracks_cleaned.csv", usecols=list(BASE_NAMES))[list(BASE_NAMES)]
    rows = np.sort(np.random.default_rng(1).choice(len(table), size=n, replace=False))
    X = prepare(table.iloc[rows], options=RECIPES[recipe].prepare).X
    found = swept(X)
    assert low <= found.suggested_k <= high
    at = found.ks.index(found.suggested_k)
    assert f"of the {low} to {high} that suit {n:,} tracks" in found.reason
    assert f"{found.stability[at]:.2f}" in found.reason or "no clear structure" in found.reason


def test_the_rows_belong_to_the_fits() -> None:
    X = blurred(500)
    found = swept(X, k_min=3, k_max=8)
    assert found.ks == (3, 4, 5, 6, 7, 8)
    assert found.sampled == 500
    assert not found.silhouette_error.any()
    assert not found.failed
    for j, k in enumerate(found.ks):
        labels = kmeans_fits(X, found.ks, DEFAULT_SEED)[k]
        assert found.inertia[j] == pytest.approx(make_clustering(X, labels, algorithm="").inertia)
        assert found.silhouette[j] == pytest.approx(silhouette_score(X, labels), abs=1e-6)
    assert np.all(np.diff(found.inertia) < 0)
    assert np.all((found.stability > 0) & (found.stability <= 1))


def test_two_sweeps_are_equal() -> None:
    X = blurred(400)
    first, second = swept(X), swept(X)
    for name in ("inertia", "silhouette", "stability"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert (first.suggested_k, first.reason) == (second.suggested_k, second.reason)


@pytest.mark.parametrize("n", [2, 3, 5, 11])
def test_a_handful_of_tracks_gets_a_number_and_the_reason(n: int) -> None:
    found = swept(noise(n))
    assert found.ks == (2,)
    assert found.suggested_k == 2
    assert f"the only number that could be compared for {n} tracks" in found.reason


def test_small_libraries_are_not_cut_into_crumbs() -> None:
    assert swept(noise(40)).ks[-1] == 10
    assert swept(noise(30), k_min=15, k_max=20).ks == (15,)


def test_copies_leave_fewer_numbers() -> None:
    found = swept(np.repeat(noise(5), 20, axis=0))
    assert found.suggested_k == 5
    assert set(found.failed) == set(range(6, 21))
    assert "only 5 of 100 tracks differ" in found.failed[6]
    assert np.isfinite(found.silhouette[:4]).all()
    assert np.isnan(found.silhouette[4:]).all()
    assert np.isnan(found.inertia[4:]).all()


def test_a_number_that_fails_does_not_stop_the_sweep() -> None:
    def broken(X: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
        return {**kmeans_fits(X, ks, seed), 4: DataError("four is broken")}

    found = sweep(as_prepared(blurred(100)), fits=broken, options=SweepOptions(k_max=6), seed=DEFAULT_SEED)
    assert found.ks == (2, 3, 4, 5, 6)
    assert found.failed == {4: "four is broken"}
    assert np.flatnonzero(np.isnan(found.silhouette)).tolist() == [2]
    assert np.flatnonzero(np.isnan(found.stability)).tolist() == [2]
    assert found.suggested_k != 4


def test_when_every_number_fails_the_first_reason_is_raised() -> None:
    def broken(X: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
        return {k: DataError(f"{k} is broken") for k in ks}

    with pytest.raises(DataError, match="2 is broken"):
        sweep(as_prepared(noise(50)), fits=broken, options=SweepOptions(), seed=0)


def test_one_track_cannot_be_compared() -> None:
    with pytest.raises(TooFewTracks, match="1 track cannot be shared out among 2 playlists"):
        swept(noise(1))


def test_playlists_of_a_few_stray_tracks_are_not_suggested() -> None:
    X, truth = groups(6, n=306, spread=0.15)
    middles = np.array([X[truth == group].mean(axis=0) for group in range(6)])
    X = X[np.concatenate([np.flatnonzero(truth < 5), np.flatnonzero(truth == 5)[:2]])]
    # Six: the five groups, and the two stray tracks. Five: one group halved, two merged.
    halves = middles[0] + np.outer([0.1, -0.1], np.ones(8))
    points = {5: np.vstack([halves, middles[1:3].mean(axis=0), middles[3:5]]), 6: middles}

    def by_nearest(rows: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
        return {k: ((rows[:, None, :] - points[k]) ** 2).sum(axis=2).argmin(axis=1) for k in ks}

    found = sweep(as_prepared(X), fits=by_nearest, options=SweepOptions(k_min=5, k_max=6), seed=DEFAULT_SEED)
    assert found.silhouette[1] > found.silhouette[0]
    assert found.suggested_k == 5


def test_stray_tracks_are_no_groups_that_stand_apart() -> None:
    X = np.vstack([0.1 * blurred(400), 3.0 + 2.0 * np.eye(8)[:3]])
    found = swept(X)
    assert np.nanmax(found.silhouette) > 0.7
    assert "groups that stand apart" not in found.reason
    assert 5 <= found.suggested_k <= 8


def test_one_playlist_of_nearly_everything_is_not_suggested() -> None:
    X = noise(300, d=1)

    def lopsided(rows: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
        even = {k: np.minimum((rows[:, 0] * k).astype(np.int64), k - 1) for k in ks}
        # Seven: six narrow slices at the bottom, and all the rest.
        return {**even, 7: np.minimum((rows[:, 0] * 25).astype(np.int64), 6)}

    found = sweep(as_prepared(X), fits=lopsided, options=SweepOptions(k_min=6, k_max=8), seed=DEFAULT_SEED)
    assert np.bincount(lopsided(X, [7], 0)[7]).max() > 3 * 300 / 7
    assert found.suggested_k in {6, 8}


def test_numbers_far_from_the_usual_are_compared_all_the_same() -> None:
    found = swept(blurred(300), k_min=15, k_max=18)
    assert 15 <= found.suggested_k <= 18
    assert "of the 15 to 18 compared" in found.reason


def test_without_refits_the_silhouette_decides_within_the_range() -> None:
    X = blurred(1000, seed=2)
    found = swept(X, repeats=0)
    suits = [j for j, k in enumerate(found.ks) if 6 <= k <= 10]
    assert found.suggested_k == found.ks[max(suits, key=lambda j: found.silhouette[j])]
    assert "agreement" not in found.reason


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, (2, 3)), (20, (2, 3)), (60, (3, 5)), (300, (5, 8)), (1_000, (6, 10)), (13_129, (8, 14)), (60_000, (10, 16))],
)
def test_the_range_that_suits_grows_slowly(n: int, expected: tuple[int, int]) -> None:
    assert suitable_range(n) == expected


def test_the_range_never_shrinks() -> None:
    ranges = [suitable_range(n) for n in range(1, 3000)]
    assert ranges == sorted(ranges)
    assert all(2 <= low < high for low, high in ranges)


def test_constant_features_change_nothing() -> None:
    X = blurred(300)
    wider = np.column_stack([X, np.full(300, 0.5)])
    np.testing.assert_allclose(swept(wider, k_max=6).silhouette, swept(X, k_max=6).silhouette, atol=1e-6)
