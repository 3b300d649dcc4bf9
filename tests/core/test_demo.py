from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest

from core.errors import SourceError
from core.features import BASE_NAMES, FEATURES
from core.genre_tree import genre_parents, inside
from core.library import Library
from core.resources import read_text
from core.sources.demo import DemoSource
from tests.program import run_python

PROFILE = tomllib.loads(read_text("demo_profile.toml"))
GENRES = {genre["name"]: genre for genre in PROFILE["genre"]}
FINGERPRINT = """
import hashlib, sys
from core.sources.demo import DemoSource
library = DemoSource().read("demo:")
text = library.tracks.to_csv() + library.features.to_csv() + str(library.genre_parents)
print(hashlib.sha256(text.encode()).hexdigest(), "sklearn" in sys.modules, "scipy" in sys.modules)
"""


@pytest.fixture(scope="module")
def demo() -> Library:
    return DemoSource().read("demo:")


@pytest.fixture(scope="module")
def copies(demo: Library) -> pd.DataFrame:
    """Every track that shares title and artist with another one."""
    return demo.tracks[demo.tracks.duplicated(["title", "artist"], keep=False)]


def test_it_answers_to_its_name_only() -> None:
    assert DemoSource().accepts("demo:")
    assert DemoSource().accepts("Demo:")
    assert not DemoSource().accepts("demo")
    assert not DemoSource().accepts("spotify:")
    with pytest.raises(SourceError, match="this is not the demo library"):
        DemoSource().read("demo.csv")


def test_it_has_2400_tracks_in_a_dozen_genres(demo: Library) -> None:
    assert demo.kind == "demo"
    assert len(demo) == demo.with_features == 2400
    assert set(demo.tracks["genre"]) == set(GENRES)
    assert len(GENRES) == 12
    assert list(demo.tracks.index[[0, -1]]) == ["demo0001", "demo2400"]
    assert demo.notices == ()


def test_every_run_gives_the_same_bytes() -> None:
    runs = [
        run_python(FINGERPRINT, environment={"PYTHONHASHSEED": seed, "LANG": "C", "TZ": zone}).out
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert runs[0] == runs[1]
    assert runs[0].endswith("False False\n")


def test_values_are_in_range_and_complete(demo: Library) -> None:
    assert list(demo.features.columns) == list(BASE_NAMES)
    assert demo.features.notna().all(axis=None)
    for name in BASE_NAMES:
        assert demo.features[name].between(FEATURES[name].low, FEATURES[name].high).all()
    assert demo.features["tempo"].between(40, 220).all()
    assert demo.tracks["duration_s"].between(45, 1500).all()


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("feature", BASE_NAMES)
def test_each_genre_s_middle_lies_where_its_profile_says(demo: Library, genre: str, feature: str) -> None:
    rows = demo.tracks["genre"] == genre
    low, high = (GENRES[genre]["quantiles"][feature][at] for at in (2, 4))
    assert low <= demo.features.loc[rows, feature].median() <= high


@pytest.mark.parametrize("feature", BASE_NAMES)
def test_large_genres_spread_as_their_profile_says(demo: Library, feature: str) -> None:
    for genre in ("Rock", "Electronic", "Pop", "Hip-Hop"):
        values = demo.features.loc[demo.tracks["genre"] == genre, feature]
        quantiles = GENRES[genre]["quantiles"][feature]
        assert 0.8 <= values.between(quantiles[0], quantiles[6]).mean() <= 1.0
        assert 0.1 <= (values > quantiles[4]).mean() <= 0.4
        assert (values < quantiles[2]).mean() <= 0.4


def test_genres_sound_unlike_each_other(demo: Library) -> None:
    medians = demo.features.groupby(demo.tracks["genre"]).median()
    assert medians["energy"].idxmin() == "Classical"
    assert medians["energy"].idxmax() == "Metal"
    assert medians["speechiness"].idxmax() == "Hip-Hop"
    assert medians["valence"].idxmax() == "Reggae"
    assert medians["acousticness"].idxmin() == "Metal"


def test_shapes_are_those_of_real_music(demo: Library) -> None:
    instrumentalness = demo.features["instrumentalness"]
    ends = (instrumentalness < 0.2).mean(), (instrumentalness > 0.7).mean()
    assert min(ends) > 1.5 * instrumentalness.between(0.2, 0.7).mean()
    acousticness = np.histogram(demo.features["acousticness"], bins=5, range=(0, 1))[0]
    assert acousticness[0] > acousticness[2] < acousticness[4]
    for name in ("speechiness", "liveness"):
        assert demo.features[name].mean() > 1.2 * demo.features[name].median()


def test_features_go_together_inside_a_genre(demo: Library) -> None:
    together = demo.features[demo.tracks["genre"] == "Pop"].corr(method="spearman")
    assert together.loc["acousticness", "energy"] < -0.3
    assert together.loc["danceability", "valence"] > 0.2


def test_tracks_of_one_artist_resemble_each_other(demo: Library) -> None:
    rock = demo.features[demo.tracks["genre"] == "Rock"].rank()
    artists = demo.tracks.loc[rock.index, "artist"]
    within = rock.groupby(artists).std().mean()
    assert (within / rock.std()).mean() < 0.85


def test_names_are_many_and_albums_hold_several_tracks(demo: Library) -> None:
    tracks = demo.tracks
    assert tracks["artist"].nunique() == sum(genre["artists"] for genre in GENRES.values()) == 250
    assert (tracks[["title", "artist", "album"]] != "").all(axis=None)
    assert not tracks.stack().astype(str).str.contains("[{}]").any()
    assert tracks.groupby(["artist", "album"]).size().median() >= 4
    assert tracks["title"].nunique() >= 2370


def test_tracks_stand_in_the_order_in_which_they_were_saved(demo: Library) -> None:
    times = pd.to_datetime(demo.tracks["added_at"], format="%Y-%m-%dT%H:%M:%SZ")
    assert times.is_monotonic_increasing
    assert times.iloc[0].year == 2016
    assert times.iloc[-1].year == 2025


def test_some_sung_tracks_are_explicit(demo: Library) -> None:
    explicit = demo.tracks["explicit"] == 1.0
    assert 100 <= explicit.sum() <= 400
    assert demo.tracks["explicit"].isin([0.0, 1.0]).all()
    assert (demo.features.loc[explicit, "instrumentalness"] < 0.6).all()
    assert (demo.tracks.loc[explicit, "genre"] == "Hip-Hop").mean() > 0.4


def test_about_one_track_in_a_hundred_stands_on_a_compilation_again(demo: Library, copies: pd.DataFrame) -> None:
    assert 20 <= len(copies) / 2 <= 40
    for _, pair in copies.groupby(["title", "artist"]):
        first, second = pair.index
        assert pair["duration_s"].diff().abs().iloc[1] <= 2.0
        assert pair["added_at"].is_monotonic_increasing
        assert pair["album"].iloc[1] in PROFILE["words"]["compilation"]
        assert pair["album"].iloc[0] not in PROFILE["words"]["compilation"]
        assert (demo.features.loc[first] - demo.features.loc[second]).abs().max() <= 0.011


def test_live_versions_sound_live(demo: Library) -> None:
    live = demo.tracks[demo.tracks["title"].str.endswith(" (Live)")]
    assert 20 <= len(live) <= 30
    assert (demo.features.loc[live.index, "liveness"] > 0.7).all()
    originals = set(zip(demo.tracks["title"], demo.tracks["artist"], strict=True))
    assert {(title.removesuffix(" (Live)"), artist) for title, artist in live[["title", "artist"]].values} <= originals


def test_acoustic_versions_sound_acoustic(demo: Library) -> None:
    acoustic = demo.tracks[demo.tracks["title"].str.endswith(" (Acoustic)")]
    assert 10 <= len(acoustic) <= 15
    assert (demo.features.loc[acoustic.index, "acousticness"] > 0.8).all()


def test_labels_begin_with_the_top_genre_and_agree_with_the_genre_tree(demo: Library) -> None:
    assert all(labels[0] == genre for genre, labels in zip(demo.tracks["genre"], demo.tracks["genres"], strict=True))
    assert demo.genre_parents
    for child, parent in demo.genre_parents.items():
        assert inside(parent, labels=[child], parents=genre_parents([child, parent])) == {child}


def test_rock_has_subgenres_enough_to_look_inside(demo: Library) -> None:
    rock = inside("Rock", labels=GENRES, parents=demo.genre_parents)
    assert rock == {"Rock", "Metal"}
    labels = demo.tracks.loc[demo.tracks["genre"].isin(rock), "genres"].explode().value_counts()
    assert (labels.drop("Rock") >= 40).sum() >= 5


def test_it_says_when_it_begins_and_ends() -> None:
    steps: list[tuple[int, int, str]] = []
    DemoSource().read("demo:", report=lambda *step: steps.append(step))
    assert [step[:2] for step in steps] == [(0, 1), (1, 1)]
