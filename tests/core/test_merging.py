"""Several libraries become one: each track once, nothing lost, nothing counted twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import SourceError
from core.features import BASE_NAMES
from core.library import Library, Notice, make_library
from core.merging import MIXED, merge_libraries
from core.sources.datapackage import SpotifyPackageSource
from core.sources.exportify import ExportifySource

DATA = Path(__file__).resolve().parents[1] / "data"
A, B, C = "a" * 22, "b" * 22, "c" * 22


def library(*rows: dict[str, object], kind: str = "table", path: str = "a.csv", provider: str = "file") -> Library:
    """Make a library of rows that say what differs; ``features`` gives every base feature that value."""
    filled = [{"track_id": str(number), "title": "", "artist": "", **row} for number, row in enumerate(rows)]
    for row in filled:
        row.setdefault("uri", f"spotify:track:{row['track_id']}" if len(str(row["track_id"])) == 22 else "")
    frame = pd.DataFrame(filled).set_index("track_id")
    values = frame.pop("features").to_numpy(dtype=float) if "features" in frame else np.full(len(frame), np.nan)
    features = pd.DataFrame(np.repeat(values[:, None], 8, axis=1), index=frame.index, columns=list(BASE_NAMES))
    return make_library(frame, features, kind=kind, path=path, providers=provider, notices=[Notice("n", 1, path)])


def test_one_library_is_itself_and_none_is_an_error() -> None:
    only = library({"track_id": A})
    assert merge_libraries([only]) is only
    with pytest.raises(SourceError, match="nothing to merge"):
        merge_libraries([])


def test_the_same_id_is_the_same_track_with_both_origins() -> None:
    merged = merge_libraries(
        [
            library({"track_id": A, "title": "Song", "origins": ("road",)}, {"track_id": B, "origins": ("road",)}),
            library({"track_id": C, "origins": ("home",)}, {"track_id": A, "album": "Harbour", "origins": ("home",)}),
        ]
    )
    assert list(merged.tracks.index) == [A, B, C]
    assert merged.tracks["origins"].tolist() == [("road", "home"), ("road",), ("home",)]
    assert merged.tracks.loc[A, ["title", "album"]].tolist() == ["Song", "Harbour"]
    assert [notice.kind for notice in merged.notices] == ["n", "n", "merged"]
    assert merged.notices[-1].count == 1


def test_notices_say_which_file_they_are_about() -> None:
    parts = [library({"track_id": track}, path=f"/music/{track[0]}.csv") for track in (A, B)]
    parts[1] = replace(parts[1], notices=(Notice("n", 2, "2 rows of b.csv"), Notice("m", 1, "1 row")))
    texts = [notice.text for notice in merge_libraries(parts).notices]
    assert texts == ["/music/a.csv", "2 rows of b.csv", "b.csv: 1 row"]


def test_a_track_from_no_playlist_comes_from_its_file() -> None:
    merged = merge_libraries(
        [
            library({"track_id": A, "origins": ()}, {"track_id": B, "origins": ("road",)}, path="/music/one.csv"),
            library({"track_id": A}, {"track_id": B}, path="two.csv"),
        ]
    )
    assert merged.tracks["origins"].tolist() == [("one.csv", "two.csv"), ("road", "two.csv")]


def test_the_same_recording_code_joins_different_ids() -> None:
    merged = merge_libraries(
        [library({"track_id": A, "isrc": "QZABC2400001"}), library({"track_id": B, "isrc": "QZABC2400001"})]
    )
    assert list(merged.tracks.index) == [A]
    assert "1 by recording code (ISRC)" in merged.notices[-1].text


class TestNames:
    """Title and first artist join only where an id is missing, and only at the same length."""

    SPOTIFY = {"track_id": A, "title": "Low Tide", "artist": "Mira Vale, The Ninth Ferry", "duration_s": 188.5}  # noqa: RUF012

    @pytest.mark.parametrize(
        "other",
        [
            {"title": "low  tide", "artist": "MIRA VALE", "duration_s": 190.0},
            {"title": "Low Tide", "artist": "Mira Vale; Somebody"},
            {"title": "Low-Tide!", "artist": "Mira Vale", "duration_s": 186.5},
        ],
    )
    @pytest.mark.parametrize("spotify_first", [True, False])
    def test_a_track_without_id_takes_it_from_the_one_that_has_it(
        self, other: dict[str, object], spotify_first: bool
    ) -> None:
        pair = [library(self.SPOTIFY), library({**other, "path": "/music/low.flac"})]
        merged = merge_libraries(pair if spotify_first else pair[::-1])
        assert list(merged.tracks.index) == [A]
        assert merged.tracks["uri"].tolist() == [f"spotify:track:{A}"]
        assert merged.tracks["path"].tolist() == ["/music/low.flac"]
        assert "1 by title and artist" in merged.notices[-1].text

    @pytest.mark.parametrize(
        "other",
        [
            {"title": "Low Tide", "artist": "Mira Vale", "duration_s": 186.4},
            {"title": "Low Tide (live)", "artist": "Mira Vale", "duration_s": 188.5},
            {"title": "Low Tide", "artist": "The Ninth Ferry", "duration_s": 188.5},
            {"title": "", "artist": "", "duration_s": 188.5},
            {"track_id": B, "title": "Low Tide", "artist": "Mira Vale", "duration_s": 188.5},
            {
                "track_id": "x",
                "title": "Low Tide",
                "artist": "Mira Vale",
                "uri": "spotify:local:Mira+Vale::Low+Tide:188",
            },
        ],
    )
    def test_what_could_be_another_recording_stays_apart(self, other: dict[str, object]) -> None:
        assert len(merge_libraries([library(self.SPOTIFY), library(other)])) == 2

    def test_the_closest_length_wins(self) -> None:
        spotify = library({**self.SPOTIFY, "duration_s": 187.0}, {**self.SPOTIFY, "track_id": B, "duration_s": 188.0})
        merged = merge_libraries([spotify, library({**self.SPOTIFY, "track_id": "1", "uri": "", "duration_s": 188.2})])
        assert merged.tracks["duration_s"].tolist() == [187.0, 188.0]
        assert "1 track stood" in merged.notices[-1].text

    def test_signs_can_be_a_name(self) -> None:
        merged = merge_libraries([library({"track_id": A, "title": "!!!", "artist": "???"}),
                                  library({"title": "…", "artist": "???"})])  # fmt: skip
        assert len(merged) == 2


def test_two_tracks_of_one_library_stay_two() -> None:
    twins = {"title": "Low Tide", "artist": "Mira Vale", "isrc": "QZABC2400001", "duration_s": 188.0}
    merged = merge_libraries(
        [library({"track_id": A, **twins}), library({"track_id": B, **twins}, {"track_id": C, **twins}, twins)]
    )
    assert list(merged.tracks.index) == [A, C, "2"]


def test_ids_that_only_number_rows_are_not_taken_for_the_same_track() -> None:
    merged = merge_libraries(
        [
            library({"title": "One", "artist": "A"}, {"title": "Two", "artist": "A"}, path="a.csv"),
            library({"title": "Three", "artist": "A"}, {"title": "Two", "artist": "A"}, path="b.csv"),
        ]
    )
    assert merged.tracks["title"].tolist() == ["One", "Two", "Three"]
    assert list(merged.tracks.index) == ["0", "1", "0 (2)"]


def test_the_same_file_twice_changes_nothing() -> None:
    nameless = library({"features": 0.5}, {"features": 0.25}, path="a.csv")
    twice = merge_libraries([nameless, nameless]).tracks
    assert twice.drop(columns="origins").equals(nameless.tracks.drop(columns="origins"))
    assert twice["origins"].tolist() == [("a.csv",)] * 2
    history = SpotifyPackageSource().read(str(DATA / "datapackage"))
    twice = merge_libraries([history, history])
    assert twice.tracks.equals(history.tracks)
    assert twice.tracks["play_count"].max() == 3


def test_features_come_from_one_row_with_their_provider() -> None:
    partial = library({"track_id": A, "features": 0.1}, {"track_id": B, "features": 0.2}, provider="first")
    partial.features.loc[A, "tempo"] = np.nan
    whole = library({"track_id": A, "features": 0.7}, {"track_id": B, "features": 0.8}, provider="second")
    merged = merge_libraries([library({"track_id": A}), partial, whole])
    assert merged.features.loc[A].tolist() == [0.7] * 8
    assert merged.features.loc[B].tolist() == [0.2] * 8
    assert merged.providers.to_dict() == {A: "second", B: "first"}
    lone = merge_libraries([library({"track_id": A}), partial])
    assert lone.features.loc[A, "energy"] == 0.1
    assert np.isnan(lone.features.loc[A, "tempo"])


def test_each_column_keeps_what_is_known() -> None:
    first = library(
        {"track_id": A, "added_at": "2024-05-01", "play_count": 3.0, "genres": ("folk", "pop"), "genre": "folk"}
    )
    second = library(
        {"track_id": A, "added_at": "2019-01-01T10:00:00Z", "play_count": 7.0, "genres": ("rock",), "genre": "rock",
         "explicit": 1.0, "isrc": "QZABC2400001", "duration_s": 100.0}, kind="exportify", path="b.csv",
    )  # fmt: skip
    merged = merge_libraries([first, second])
    track = merged.tracks.loc[A]
    assert (track["added_at"], track["play_count"], track["explicit"]) == ("2019-01-01T10:00:00Z", 7.0, 1.0)
    assert (track["genre"], track["genres"]) == ("folk", ("folk", "pop"))
    assert (track["isrc"], track["duration_s"]) == ("QZABC2400001", 100.0)
    assert (merged.kind, merged.path) == (MIXED, "a.csv; b.csv")


def test_genres_spelled_differently_in_two_files_are_one() -> None:
    first = library(
        {"track_id": A, "genre": "Hip-Hop", "genres": ("Hip-Hop", "Folk")}, {"track_id": B, "genres": ("Folk",)}
    )
    second = library({"track_id": C, "genre": "hip hop", "genres": ("hip hop", "folk", "Dub")}, path="b.csv")
    merged = merge_libraries([first, second])
    assert merged.tracks["genres"].tolist() == [("Hip-Hop", "Folk"), ("Folk",), ("Hip-Hop", "Folk", "Dub")]
    assert merged.tracks["genre"].tolist() == ["Hip-Hop", "", "Hip-Hop"]


def test_the_earliest_date_of_an_accounts_rows_counts_and_files_have_none() -> None:
    account = [
        replace(
            library({"track_id": track}, kind="spotify", path="spotify:"), spotify_at=pd.Series([at], index=[track])
        )
        for track, at in ((A, 20.0), (B, 30.0), (A, 10.0))
    ]
    merged = merge_libraries([*account, library({"track_id": B, "title": "Mine"}, {"track_id": C})])
    assert merged.spotify_at[[A, B]].tolist() == [10.0, 30.0]
    assert np.isnan(merged.spotify_at[C])
    assert merged.own is not None
    assert merged.own.tracks["title"].to_dict() == {B: "Mine"}
    part = merged.select(np.array([2, 1]))
    assert part.own is not None
    assert list(part.own.tracks.index) == [B]


def test_genre_parents_of_all_libraries_are_kept() -> None:
    parts = [
        make_library(
            pd.DataFrame({"title": [name]}, index=[name]), pd.DataFrame(index=[name]), kind="fma", path="f",
            genre_parents=parents,
        )
        for name, parents in (("a", {"Punk": "Rock"}), ("b", {"Punk": "Pop", "House": "Electronic"}))
    ]  # fmt: skip
    merged = merge_libraries(parts)
    assert merged.genre_parents == {"Punk": "Rock", "House": "Electronic"}
    assert merged.kind == "fma"


def test_an_exportify_file_gives_features_to_a_data_package(tmp_path: Path) -> None:
    shutil.copy(DATA / "exportify" / "net_2019.csv", tmp_path / "harbour.csv")
    package = SpotifyPackageSource().read(str(DATA / "datapackage"))
    exported = ExportifySource().read(str(tmp_path / "harbour.csv"))
    merged = merge_libraries([package, exported])
    assert list(merged.tracks.index) == list(package.tracks.index)
    lanterns = merged.tracks.iloc[0]
    assert lanterns["origins"] == ("Liked Songs", "Night drive", "Träume", "Listening history", "harbour")
    assert (lanterns["duration_s"], lanterns["play_count"]) == (201.0, 3.0)
    assert merged.with_features == 2
    assert merged.providers.iloc[0] == "file"


def test_a_title_shared_by_thousands_does_not_stop_the_merge() -> None:
    many = [{"title": "Unknown", "artist": "Unknown", "track_id": str(number)} for number in range(4_000)]
    merged = merge_libraries([library(*many, path="a.csv"), library(*many, kind="music", path="b")])
    assert 4_000 <= len(merged) <= 8_000
    assert merged.tracks.index.is_unique
