"""Playlists of the size a listener asked for, and how well a track suits its playlist."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clustering import cluster, fit_sizes, make_clustering, suitability
from core.clustering.sizes import Split
from core.errors import OptionError
from core.options import ClusterOptions, SizeOptions
from core.records import NOISE, BoolArray, Clustering, FloatArray, IntArray
from tests.core.clouds import as_prepared, blurred, groups


def halves(X: FloatArray, parts: int) -> IntArray:
    """Split rows into parts by their first feature, as evenly as can be."""
    order = np.argsort(X[:, 0], kind="stable")
    labels = np.empty(len(X), dtype=np.int64)
    labels[order] = np.arange(len(X)) * parts // len(X)
    return labels


def lopsided(X: FloatArray, parts: int) -> IntArray:
    """Split rows as badly as K-means can: one row by itself in each part, the rest together."""
    return np.minimum(np.arange(len(X), dtype=np.int64), parts - 1)


def with_sizes(*sizes: int, seed: int = 3) -> tuple[FloatArray, Clustering]:
    """Return rows in clusters of given sizes, each around a middle of its own."""
    draw = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    X = draw.uniform(-3.0, 3.0, size=(len(sizes), 4))[labels] + draw.normal(0.0, 0.3, size=(len(labels), 4))
    return X, make_clustering(X, labels, algorithm="kmeans")


def sized(X: FloatArray, clustering: Clustering, smallest: int = 0, largest: int = 0) -> Clustering:
    return fit_sizes(X, clustering, smallest=smallest, largest=largest, split=halves)


def test_without_limits_nothing_changes() -> None:
    X, clustering = with_sizes(40, 3, 17)
    assert sized(X, clustering) is clustering


def test_clusters_within_the_limits_stay_as_they_are() -> None:
    X, clustering = with_sizes(20, 15, 10)
    assert sized(X, clustering, 10, 20) is clustering


def test_a_large_cluster_is_split_into_as_few_parts_as_its_size_needs() -> None:
    X, clustering = with_sizes(90, 20)
    split = sized(X, clustering, largest=30)
    assert split.sizes.tolist() == [30, 30, 30, 20]
    # The parts are of the cluster that was too large; the other one keeps its tracks.
    assert len(set(split.labels[90:])) == 1


def test_a_small_cluster_joins_its_nearest() -> None:
    X = np.array([[0.0]] * 10 + [[5.0]] * 10 + [[1.0]] * 2)
    clustering = make_clustering(X, np.repeat([0, 1, 2], [10, 10, 2]), algorithm="kmeans")
    merged = sized(X, clustering, smallest=5)
    assert merged.sizes.tolist() == [12, 10]
    assert set(merged.labels[-2:]) == set(merged.labels[:10])


def test_a_small_cluster_joins_the_nearest_that_has_room() -> None:
    X = np.array([[0.0]] * 11 + [[5.0]] * 8 + [[1.0]] * 2)
    clustering = make_clustering(X, np.repeat([0, 1, 2], [11, 8, 2]), algorithm="kmeans")
    merged = sized(X, clustering, smallest=5, largest=12)
    assert merged.sizes.tolist() == [11, 10]
    assert set(merged.labels[-2:]) == set(merged.labels[11:19])


def test_where_no_cluster_has_room_the_small_one_takes_its_neighbours_nearest_tracks() -> None:
    near = [[0.1 * number] for number in range(12)]
    X = np.array([*near, *([[9.0]] * 12), [1.5], [1.6]])
    clustering = make_clustering(X, np.repeat([0, 1, 2], [12, 12, 2]), algorithm="kmeans")
    shared_out = sized(X, clustering, smallest=5, largest=12)
    assert shared_out.sizes.tolist() == [12, 9, 5]
    # The three tracks of the neighbour at 0.9, 1.0 and 1.1 lie nearest to those at 1.5 and 1.6.
    assert np.flatnonzero(shared_out.labels == 2).tolist() == [9, 10, 11, 24, 25]


@pytest.mark.parametrize("split", [halves, lopsided])
@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    smallest=st.integers(0, 25),
    more=st.integers(0, 30),
    noise=st.integers(0, 5),
    seed=st.integers(0, 99),
)
def test_all_clusters_end_within_the_limits(
    split: object, sizes: list[int], smallest: int, more: int, noise: int, seed: int
) -> None:
    largest = max(2 * smallest, 1) + more
    X, _ = with_sizes(*sizes, noise, seed=seed)
    labels = np.repeat([*range(len(sizes)), NOISE], [*sizes, noise])
    clustering = make_clustering(X, labels, algorithm="hdbscan")
    fitted = fit_sizes(X, clustering, smallest=smallest, largest=largest, split=split)  # type: ignore[arg-type]
    assert fitted.sizes.max() <= largest
    assert fitted.sizes.min() >= min(smallest, sum(sizes))
    assert int(fitted.sizes.sum()) == sum(sizes)
    assert np.array_equal(fitted.labels == NOISE, clustering.labels == NOISE)
    assert np.allclose(fitted.centroids[0], X[fitted.labels == 0].mean(axis=0))
    assert (np.diff(fitted.sizes) <= 0).all()


@pytest.mark.parametrize("split", [halves, lopsided])
@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    smallest=st.integers(1, 25),
    more=st.integers(0, 26),
    share=st.floats(0.1, 1.0),
    seed=st.integers(0, 99),
)
def test_narrow_limits_are_kept_wherever_the_number_of_tracks_allows_it(
    split: object, sizes: list[int], smallest: int, more: int, share: float, seed: int
) -> None:
    largest = smallest + more
    X, clustering = with_sizes(*sizes, seed=seed)
    stays = np.random.default_rng(seed).random(len(X)) < share
    count = int(stays.sum())
    fitted = fit_sizes(X, clustering, smallest=smallest, largest=largest, split=split, wanted=stays)  # type: ignore[arg-type]
    assert int(fitted.sizes.sum()) == len(X)
    if any(parts * smallest <= count <= parts * largest for parts in range(1, count + 1)):
        kept = np.bincount(fitted.labels[stays], minlength=fitted.k)
        assert kept.max() <= largest
        assert kept.min() >= smallest


@pytest.mark.parametrize("split", [halves, lopsided])
@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    largest=st.integers(1, 30),
    share=st.floats(0.1, 1.0),
    seed=st.integers(0, 99),
)
def test_with_a_largest_size_alone_what_is_split_is_half_full_and_the_rest_stays(
    split: Split, sizes: list[int], largest: int, share: float, seed: int
) -> None:
    X, clustering = with_sizes(*sizes, seed=seed)
    stays = np.random.default_rng(seed).random(len(X)) < share
    fitted = fit_sizes(X, clustering, smallest=0, largest=largest, split=split, wanted=stays)
    for part in range(clustering.k):
        inside = clustering.labels == part
        now = np.bincount(fitted.labels[inside & stays], minlength=fitted.k)[np.unique(fitted.labels[inside])]
        assert not np.isin(fitted.labels[~inside], fitted.labels[inside]).any()
        assert now.max() <= largest
        assert len(now) == 1 or now.min() >= largest / 2
        assert (len(now) > 1) == ((inside & stays).sum() > largest)


def test_playlists_of_one_are_joined_where_two_tracks_are_the_most() -> None:
    X, clustering = with_sizes(9)
    assert fit_sizes(X, clustering, smallest=0, largest=2, split=lopsided).sizes.tolist() == [2, 2, 2, 2, 1]


def test_parts_that_sound_alike_are_joined_first() -> None:
    X = np.array([[0.0]] * 4 + [[10.0]] * 4 + [[0.3]] * 2 + [[9.0]] * 2)
    clustering = make_clustering(X, np.zeros(12, dtype=np.int64), algorithm="kmeans")

    def as_they_lie(X: FloatArray, parts: int) -> IntArray:
        return np.unique(X[:, 0], return_inverse=True)[1]

    fitted = fit_sizes(X, clustering, smallest=0, largest=6, split=as_they_lie)
    assert [np.unique(X[fitted.labels == part]).tolist() for part in range(2)] == [[0.0, 0.3], [9.0, 10.0]]


def test_a_smallest_size_of_one_lets_parts_be_as_short_as_they_are() -> None:
    X, clustering = with_sizes(30)
    assert fit_sizes(X, clustering, smallest=1, largest=12, split=lopsided).sizes.tolist()[-1] == 1
    assert fit_sizes(X, clustering, smallest=0, largest=12, split=lopsided).sizes.tolist()[-1] >= 6


def test_what_no_single_neighbour_can_spare_comes_from_several() -> None:
    X, clustering = with_sizes(12, 11, 7)
    filled = sized(X, clustering, 10, 13)
    assert (filled.sizes.min(), filled.sizes.max(), filled.k) == (10, 10, 3)


def test_a_small_cluster_is_shared_out_where_it_cannot_be_filled() -> None:
    X, clustering = with_sizes(10, 10, 4)
    assert sized(X, clustering, 10, 12).sizes.tolist() == [12, 12]


def test_tracks_that_are_all_alike_are_split_too() -> None:
    X = np.zeros((50, 3))
    clustering = make_clustering(X, np.zeros(50, dtype=np.int64), algorithm="kmeans")
    assert sized(X, clustering, largest=20).sizes.tolist() == [20, 20, 10]


@pytest.mark.parametrize(
    "wrong", [{"playlists": 1}, {"playlists": -1}, {"smallest": -1}, {"smallest": 10, "largest": 9}]
)
def test_wishes_that_cannot_be_met_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(OptionError):
        SizeOptions(**wrong)


def of_kmeans(X: FloatArray, k: int) -> Clustering:
    return cluster(as_prepared(X), options=ClusterOptions(k=k))


def test_fit_is_one_less_the_share_of_the_distances() -> None:
    X = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    clustering = make_clustering(X, np.array([0, 0, 0, 1, 1, 1]), algorithm="kmeans")
    suits = suitability(as_prepared(X), clustering)
    # Centroids at 1 and 11: the track at 2 is 1 from its own and 9 from the other.
    assert suits.fit.tolist() == pytest.approx([1 - 1 / 11, 1.0, 1 - 1 / 9, 1 - 1 / 9, 1.0, 1 - 1 / 11])
    assert suits.second.tolist() == [1, 1, 1, 0, 0, 0]
    assert not suits.nowhere.any()


def test_fit_is_zero_where_another_cluster_is_as_near() -> None:
    X = np.array([[0.0], [1.0], [2.0], [10.0]])
    clustering = make_clustering(X, np.array([0, 0, 1, 1]), algorithm="ward")
    suits = suitability(as_prepared(X), clustering)
    # The track at 2 was put with the one at 10, though the centroid of the others is nearer.
    assert suits.fit[2] == 0.0
    assert suits.second[2] == clustering.labels[0]


def test_fit_of_many_is_between_zero_and_one_and_the_second_choice_is_another_cluster() -> None:
    X = blurred(800)
    clustering = of_kmeans(X, 6)
    suits = suitability(as_prepared(X), clustering)
    assert suits.fit.min() >= 0.0
    assert suits.fit.max() <= 1.0
    assert (suits.second != clustering.labels).all()
    assert set(suits.second.tolist()) <= set(range(6))
    best = [suits.fit[clustering.labels == number].max() for number in range(6)]
    assert min(best) > 0.3


def test_a_track_far_out_and_between_two_clusters_fits_nowhere() -> None:
    X, kinds = groups(3, n=300)
    between = (X[kinds == 0].mean(axis=0) + X[kinds == 1].mean(axis=0)) / 2
    far = np.vstack([X, between])
    clustering = of_kmeans(far, 3)
    suits = suitability(as_prepared(far), clustering)
    assert suits.nowhere[-1]
    assert suits.nowhere.mean() < 0.05


def test_a_track_the_algorithm_calls_noise_fits_nowhere_and_has_a_nearest_cluster() -> None:
    X = np.array([[0.0], [0.2], [5.0], [5.2], [3.9]])
    clustering = make_clustering(X, np.array([0, 0, 1, 1, NOISE]), algorithm="hdbscan")
    suits = suitability(as_prepared(X), clustering)
    assert suits.nowhere.tolist() == [False, False, False, False, True]
    assert suits.fit[-1] == 0.0
    assert suits.second[-1] == clustering.labels[2]


def test_with_one_cluster_there_is_no_second_choice() -> None:
    X = np.array([[0.0], [1.0], [2.0], [7.0]])
    clustering = make_clustering(X, np.zeros(4, dtype=np.int64), algorithm="mean-shift")
    suits = suitability(as_prepared(X), clustering)
    assert suits.second.tolist() == [NOISE] * 4
    assert suits.fit.argmin() == 3
    assert suits.fit.max() <= 1.0


def test_equal_tracks_suit_their_cluster_fully() -> None:
    X = np.zeros((6, 2))
    clustering = make_clustering(X, np.zeros(6, dtype=np.int64), algorithm="mean-shift")
    suits = suitability(as_prepared(X), clustering)
    assert suits.fit.tolist() == [1.0] * 6
    assert not suits.nowhere.any()


def test_what_a_playlist_leaves_out_does_not_count_as_its_size() -> None:
    X, clustering = with_sizes(40, 20, 12, 12)
    out = np.isin(np.arange(len(X)), [60, 61, 62, 63])  # four of the first twelve
    filled = fit_sizes(X, clustering, smallest=10, largest=60, split=halves, stays=lambda _: ~out)
    assert np.bincount(filled.labels[~out]).min() >= 10
    assert filled.k == 3
    assert fit_sizes(X, clustering, smallest=10, largest=60, split=halves) is clustering


def test_where_many_tracks_are_left_out_what_is_kept_is_within_the_limits() -> None:
    X, clustering = with_sizes(20, 20, 20, 20)
    out = np.arange(len(X)) % 4 > 0  # three of four
    filled = fit_sizes(X, clustering, smallest=8, largest=20, split=halves, stays=lambda _: ~out)
    kept = np.bincount(filled.labels[~out])
    assert kept.min() >= 8
    assert kept.max() <= 20


def test_tracks_left_out_only_after_merging_are_made_up_for() -> None:
    """An artist's limit is the narrower the larger the playlist, so it is looked at again."""
    X, clustering = with_sizes(40, 30, 6, 6)

    def stays(now: Clustering) -> BoolArray:
        kept = np.ones(len(X), dtype=np.bool_)
        for number in range(now.k):
            kept[np.flatnonzero(now.labels == number)[9:20]] = False
        return kept

    filled = fit_sizes(X, clustering, smallest=12, largest=0, split=halves, stays=stays)
    assert np.bincount(filled.labels[stays(filled)]).min() >= 12


@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    smallest=st.integers(0, 25),
    more=st.integers(0, 30),
    share=st.floats(0.02, 1.0),
    seed=st.integers(0, 99),
)
def test_what_a_listener_gets_is_within_the_limits_however_much_is_left_out(
    sizes: list[int], smallest: int, more: int, share: float, seed: int
) -> None:
    largest = max(2 * smallest, 1) + more
    X, clustering = with_sizes(*sizes, seed=seed)
    stays = np.random.default_rng(seed).random(len(X)) < share
    fitted = fit_sizes(X, clustering, smallest=smallest, largest=largest, split=halves, wanted=stays)
    kept = np.bincount(fitted.labels[stays], minlength=fitted.k)
    assert kept.max() <= largest
    assert kept.min() >= min(smallest, int(stays.sum()))
    assert int(fitted.sizes.sum()) == len(X)


def test_tracks_left_out_fill_no_place() -> None:
    X, clustering = with_sizes(40, 20)
    out = np.arange(len(X)) % 4 > 0  # three of four, as when each track stands in the library four times
    assert fit_sizes(X, clustering, smallest=5, largest=10, split=halves, wanted=~out) is clustering


def test_a_size_beyond_all_numbers_is_one_playlist() -> None:
    X, clustering = with_sizes(40, 20)
    assert fit_sizes(X, clustering, smallest=10**30, largest=0, split=halves).k == 1
