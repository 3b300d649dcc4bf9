"""Minor genres go to the nearest major one; subgenres, tables and agreement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError, OptionError
from core.genres import (
    absorb_minor,
    adjusted_mutual_information,
    genre_table,
    label_genres,
    rows_inside,
    subgenre_labels,
)
from core.options import ARTICLE, GenreOptions
from core.preparation import prepare
from core.records import NOISE, Clustering
from tests.core.clouds import as_prepared


def test_a_minor_genre_joins_the_major_genre_it_sounds_like() -> None:
    labels = pd.Series(["Rock"] * 4 + ["Folk"] * 3 + ["Blues"] * 2 + ["Punk"])
    X = [[0.9]] * 4 + [[0.1]] * 3 + [[0.2]] * 2 + [[1.0]]
    found = absorb_minor(labels, as_prepared(np.array(X)), options=GenreOptions(minor_at_most=2, minor_share=0.0))
    assert found.absorbed == {"Blues": "Folk", "Punk": "Rock"}
    assert list(found.labels) == ["Rock/Punk"] * 4 + ["Folk/Blues"] * 5 + ["Rock/Punk"]
    assert found.counts == {"Folk/Blues": 5, "Rock/Punk": 5}


def test_absorbed_genres_are_listed_in_alphabetical_order() -> None:
    labels = pd.Series(["Jazz"] * 3 + ["International", "Experimental"])
    found = absorb_minor(
        labels, as_prepared(np.full((5, 1), 0.5)), options=GenreOptions(minor_at_most=1, minor_share=0.0)
    )
    assert set(found.labels) == {"Jazz/Experimental/International"}


def test_tracks_without_a_genre_stay_without() -> None:
    labels = pd.Series(["Rock", "", "Rock", ""])
    found = absorb_minor(labels, as_prepared(np.array([[0.0], [1.0], [0.0], [1.0]])), options=GenreOptions())
    assert list(found.labels) == ["Rock", "", "Rock", ""]
    assert found.counts == {"Rock": 2}


def test_without_a_major_genre_nothing_is_absorbed() -> None:
    labels = pd.Series(["Rock", "Folk"])
    found = absorb_minor(labels, as_prepared(np.array([[0.0], [1.0]])), options=GenreOptions(minor_at_most=300))
    assert found.absorbed == {}
    assert list(found.labels) == ["Rock", "Folk"]


def test_a_library_without_genres() -> None:
    found = absorb_minor(pd.Series(["", ""]), as_prepared(np.array([[0.0], [1.0]])), options=GenreOptions())
    assert found.counts == {}
    clusters = Clustering(np.array([0, 1]), np.array([[0.0], [1.0]]), 0.0, "kmeans")
    table = genre_table(found, clusters)
    assert table.agreement == {}
    assert table.dominant_genre == {0: "", 1: ""}


def test_the_most_frequent_labels_become_subgenres_and_a_track_takes_its_first() -> None:
    genres = pd.Series([("Rock", "Punk", "Indie"), ("Rock", "Indie"), ("Rock", "Punk"), ("Rock", "Goth"), ("Rock",)])
    labels = subgenre_labels(genres, plain={"Rock"}, name="Rock", k=3)
    assert labels.tolist() == ["Punk", "Indie", "Punk", "Rock", "Rock"]


def test_tables_count_both_ways_and_leave_noise_out() -> None:
    genres = label_genres(np.array(["A", "A", "B", "B", "", "A"], dtype=object))
    clusters = Clustering(np.array([0, 0, 1, 0, 1, NOISE]), np.zeros((2, 1)), 0.0, "hdbscan")
    table = genre_table(genres, clusters)
    assert table.by_cluster == {"A": {0: 2, 1: 0}, "B": {0: 1, 1: 1}}
    assert table.dominant_cluster == {"A": 0, "B": 0}
    assert table.dominant_genre == {0: "A", 1: "B"}
    assert set(table.agreement) == {"adjusted_rand", "adjusted_mutual_info", "v_measure"}


def test_agreement_is_one_where_genres_are_the_clusters() -> None:
    genres = label_genres(np.array(["A", "A", "B", "B"], dtype=object))
    table = genre_table(genres, Clustering(np.array([1, 1, 0, 0]), np.zeros((2, 1)), 0.0, "kmeans"))
    assert all(score == pytest.approx(1.0) for score in table.agreement.values())


def test_a_genre_that_is_not_there_names_those_that_are() -> None:
    tracks = pd.DataFrame({"genre": ["Rock", "Rock", "Folk"]})
    with pytest.raises(DataError, match=r"'Polka'.*Genres here: Rock, Folk"):
        rows_inside(tracks, {"Polka"}, asked_for="Polka")


def test_a_minor_share_of_all_tracks_is_refused() -> None:
    with pytest.raises(OptionError):
        GenreOptions(minor_share=1.0)


def test_minor_genres_of_the_article_are_absorbed_as_there(shared: Path) -> None:
    frame = pd.read_csv(shared / "fma" / "tracks_cleaned.csv", index_col="track_id")
    found = absorb_minor(frame["genres_top"], prepare(frame, options=ARTICLE.prepare), options=ARTICLE.genres)
    assert found.absorbed == {
        "Blues": "Folk", "Country": "Pop", "Easy Listening": "Hip-Hop", "Experimental": "Jazz",
        "Instrumental": "Rock", "International": "Jazz", "Soul-RnB": "Rock", "Spoken": "Old-Time / Historic",
    }  # fmt: skip
    assert len(found.counts) == 9


@pytest.mark.parametrize(("tracks", "genres", "clusters"), [(60, 3, 4), (2000, 16, 9), (50_000, 30, 12), (500, 1, 5)])
def test_adjusted_mutual_information_is_scikit_learns(tracks: int, genres: int, clusters: int) -> None:
    from sklearn.metrics import adjusted_mutual_info_score

    rng = np.random.default_rng(tracks)
    # Genres from the most frequent to single tracks, half of them bound to a cluster.
    one = np.minimum(rng.exponential(genres / 6, tracks).astype(np.int64), genres - 1)
    other = np.where(rng.random(tracks) < 0.5, one % clusters, rng.integers(0, clusters, tracks))
    table = np.zeros((genres, clusters), dtype=np.int64)
    np.add.at(table, (one, other), 1)
    assert adjusted_mutual_information(table) == pytest.approx(adjusted_mutual_info_score(one, other), abs=1e-9)
    shuffled = np.zeros_like(table)
    np.add.at(shuffled, (one, rng.permutation(other)), 1)
    assert abs(adjusted_mutual_information(shuffled)) < 0.06
