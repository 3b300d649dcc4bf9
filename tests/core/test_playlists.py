"""Clusters become playlists: nothing twice, nothing lost without a reason, in an order worth hearing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clustering import cluster
from core.errors import DataError, OptionError
from core.features import BASE_NAMES
from core.library import Library, make_library
from core.options import ORDERS, RECIPES, PlaylistOptions
from core.playlists import REASONS, Curated, Sound, find_duplicates, make_playlists, smooth, sound_of, step_lengths
from core.playlists.duplicates import artist_key, title_key
from core.playlists.ordering import distances, octave_gap
from core.playlists.path import short_path
from core.preparation import prepare
from core.progress import Cancelled
from core.records import Claim, ClusterName, FloatArray, IntArray, Prepared
from tests.reports import stop_at


def tracks_of(*rows: Mapping[str, object]) -> Library:
    """Return a library of tracks called "0", "1" … with title, artist and duration unless given otherwise."""
    usual = {"title": "Song", "artist": "Somebody", "album": "", "duration_s": 200.0, "added_at": "", "isrc": ""}
    frame = pd.DataFrame.from_records([{**usual, **row} for row in rows], index=[str(n) for n in range(len(rows))])
    return make_library(frame, pd.DataFrame(index=frame.index), kind="table", path="")


def duplicates_of(*rows: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Return the duplicates among tracks as (left out, kept, reason)."""
    return [(found.track_id, found.kept_id, found.reason) for found in find_duplicates(tracks_of(*rows).tracks)]


def prepared_of(library: Library, *, columns: Sequence[str] = BASE_NAMES, without: Sequence[int] = ()) -> Prepared:
    """Return a library's features scaled to 0–1, without some rows."""
    rows = np.setdiff1d(np.arange(len(library)), np.array(without, dtype=np.int64))
    values = library.features[list(columns)].to_numpy()[rows]
    values = (values - values.min(axis=0)) / np.maximum(np.ptp(values, axis=0), 1e-12)
    return Prepared(values, rows, library.tracks.index[rows], tuple(columns))


def random_library(size: int, seed: int = 7, **columns: Sequence[object] | FloatArray) -> Library:
    """Return tracks around a few centres, with one more random thing about them than any centre explains."""
    rng = np.random.default_rng(seed)
    centres = rng.random((6, len(BASE_NAMES)))
    values = np.clip(centres[rng.integers(0, 6, size)] + rng.normal(0, 0.12, (size, len(BASE_NAMES))), 0, 1)
    features = pd.DataFrame(values, columns=list(BASE_NAMES), index=[f"t{n}" for n in range(size)])
    features["tempo"] = 60.0 + 140.0 * features["tempo"]
    tracks = pd.DataFrame({"title": [f"Title {n}" for n in range(size)], **columns}, index=features.index)
    return make_library(tracks, features, kind="table", path="")


def names_for(labels: IntArray) -> list[ClusterName]:
    return [ClusterName(f"Cluster {number}") for number in range(int(labels.max(initial=-1)) + 1)]


def curate(
    library: Library,
    labels: Sequence[int] | IntArray,
    fit: Sequence[float] | FloatArray | None = None,
    **options: object,
) -> Curated:
    """Make playlists of all tracks of a library."""
    prepared = prepared_of(library) if library.with_features else blind(library)
    numbers = np.array(labels, dtype=np.int64)
    fits = np.full(len(numbers), 0.5) if fit is None else np.array(fit, dtype=np.float64)
    return make_playlists(library, prepared, numbers, names_for(numbers), fits, options=PlaylistOptions(**options))  # type: ignore[arg-type]


def blind(library: Library) -> Prepared:
    """Return all tracks as if prepared, where no feature matters."""
    return Prepared(np.zeros((len(library), 1)), np.arange(len(library)), library.tracks.index, ("energy",))


class TestSameRecording:
    @pytest.mark.parametrize(
        "other",
        [
            "Song", "SONG", "Song (Remastered)", "Song - 2011 Remaster", "Song - Remastered 2009",
            "Song [Deluxe Edition]", "Song (Mono)", "Song - Mono Version", "Song (Bonus Track)", "Song (feat. Guest)",
            "Song feat. Guest", "Song (Featuring A & B) [Album Version]", "Song - 20th Anniversary Edition", "Söng",
            "Song!", "Song (Explicit)", "Song (Original Mix)", "Song – Remasterisé",
            "Song (Stereo Mix) (Digitally Remastered)",
        ],
    )  # fmt: skip
    def test_release_and_guests_do_not_make_another_recording(self, other: str) -> None:
        assert duplicates_of({}, {"title": other}) == [("1", "0", "title")]

    @pytest.mark.parametrize(
        "other",
        [
            "Song - Live", "Song (Live)", "Song (Live at Wembley)", "Song (Acoustic)", "Song - Acoustic Version",
            "Song (Somebody Remix)", "Song - Demo", "Song (Instrumental)", "Song - Radio Edit",
            "Song (Karaoke Version)", "Song - Live / Remastered", "Song (Remastered Live)",
            "Song (feat. Guest) - Live", "Song ft. Guest (Acoustic)", "Song feat. Guest - Acoustic",
            "Song feat. Guest Remix", "Song (Taylor's Version)", "Song (Part 2)", "Song 2", "Song (Clean)",
            "Song (Extended Mix)", "Song (Unplugged)", "Song (A Cappella)", "Another Song",
        ],
    )  # fmt: skip
    def test_a_version_is_another_recording(self, other: str) -> None:
        assert duplicates_of({}, {"title": other}) == []
        assert duplicates_of({"title": other}, {"title": other}) == [("1", "0", "title")]

    def test_the_same_version_of_another_release_is_the_same_recording(self) -> None:
        assert duplicates_of({"title": "Song - Live"}, {"title": "Song (Live) [2011 Remaster]"}) == [
            ("1", "0", "title")
        ]

    def test_a_live_album_marks_its_tracks(self) -> None:
        assert duplicates_of({"album": "Songs"}, {"album": "Live at the Hall"}) == []
        assert duplicates_of({"album": "Live in Rome"}, {"album": "Live at the Hall"}) == []
        assert duplicates_of({"album": "Live in Rome"}, {"album": "Live in Rome (Deluxe)"}) == [("1", "0", "title")]
        assert duplicates_of({"album": "Songs to Live By"}, {"album": "Best Of"}) == [("1", "0", "title")]

    def test_an_intro_is_one_only_of_its_album(self) -> None:
        assert duplicates_of({"title": "Intro", "album": "A"}, {"title": "Intro", "album": "B"}) == []
        assert duplicates_of({"title": "Intro", "album": "A"}, {"title": "INTRO", "album": "A"}) == [
            ("1", "0", "title")
        ]

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("The Beatles", "Beatles", True), ("Ann; Bob", "Ann, Cy", True), ("Ann feat. Bob", "Ann", True),
            ("Ann & Bob", "Ann", True), ("Beyoncé", "Beyonce", True), ("AC/DC", "AC", False), ("Ann", "Bob", False),
            ("Various Artists", "Various Artists", False), ("!!!", "!!!", True), ("が", "か", False),
            ("The The", "The", True),
        ],
    )  # fmt: skip
    def test_the_first_artist_counts(self, one: str, other: str, same: bool) -> None:
        assert bool(duplicates_of({"artist": one}, {"artist": other})) is same

    @pytest.mark.parametrize("lack", [{"title": ""}, {"artist": ""}, {"duration_s": math.nan}])
    def test_what_is_unknown_is_never_the_same(self, lack: dict[str, object]) -> None:
        assert duplicates_of(lack, lack) == []

    def test_durations_may_differ_by_two_seconds(self) -> None:
        assert duplicates_of({"duration_s": 200.0}, {"duration_s": 202.0}) == [("1", "0", "title")]
        assert duplicates_of({"duration_s": 200.0}, {"duration_s": 202.1}) == []
        assert duplicates_of({"duration_s": 30.002}, {"duration_s": 32.002}) == [
            ("1", "0", "title")
        ]  # 2.0000000000000004

    def test_one_code_is_one_recording_whatever_the_rest_says(self) -> None:
        first = {"isrc": "USRC17607839"}
        other = {"isrc": "us-rc1-76-07839", "title": "Other name", "artist": "Else", "duration_s": math.nan}
        assert duplicates_of(first, other) == [("1", "0", "isrc")]
        assert duplicates_of(first, {"isrc": "USRC17607840"}) == [("1", "0", "title")]
        assert duplicates_of({"isrc": ""}, {"isrc": "", "title": "B"}) == []

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("Song", "Song - Live", False), ("Song", "Song (Acoustic)", False), ("Song", "Lied [Ann Remix]", False),
            ("Song", "Song (Remastered Live)", False), ("Song", "Song (feat. Bo) - Demo", False),
            ("Song (Live)", "Song - Acoustic", False), ("Song (Live in Rome)", "Song (Live at the Hall)", False),
            ("Song (Ann Remix)", "Song (Bo Remix)", False), ("Song", "Song (Live [2011 Remaster])", False),
            ("Song - Live", "Lied (Live at the Hall)", True), ("Song (Acoustic)", "Song - Acoustic Version", True),
            ("Song (Radio Edit)", "Song - Edit", True), ("Live and Let Die", "Live & Let Die (Remastered)", True),
            ("Song", 'Song (From "Live and Let Die")', True), ("Song", "Song (feat. Little Mix)", True),
            ("Song (Live)", "Song (Live with Little Mix)", True), ("Song", "Song (Original Mix)", True),
            ("Song", "Song - Part 2", True), ("Song", "Song [", True), ("Song", "", True),
        ],
    )  # fmt: skip
    def test_one_code_is_no_other_version_of_a_recording(self, one: str, other: str, same: bool) -> None:
        rows = [{"title": one, "isrc": "A1"}, {"title": other, "isrc": "A1"}]
        assert duplicates_of(*rows) == duplicates_of(*rows[::-1]) == ([("1", "0", "isrc")] if same else [])

    def test_each_version_with_one_code_stays_once(self) -> None:
        titles = ["Song", "Song (Live)", "Lied", "Lied - Live", "Song (Demo)", "Demo (Demo)"]
        rows = [{"title": title, "isrc": "A1", "duration_s": 100.0 * n} for n, title in enumerate(titles)]
        assert duplicates_of(*rows) == [("2", "0", "isrc"), ("3", "1", "isrc"), ("5", "4", "isrc")]

    def test_a_live_album_need_not_say_of_each_track_that_it_is_live(self) -> None:
        concert = {"isrc": "A1", "album": "Live at the Hall"}
        assert duplicates_of(concert, {"isrc": "A1", "title": "Song (Live)"}) == [("1", "0", "isrc")]
        assert duplicates_of(concert, {"isrc": "A1", "title": "Song (Ann Remix)"}) == []
        assert duplicates_of(concert, {"isrc": "A1", "album": "Best Of"}) == [("1", "0", "isrc")]

    @pytest.mark.parametrize("title", ["???", "(Remastered)", "[]", "- Live", "feat. x", "' '", "𝄞", "Σίσυφος", "¸"])
    def test_odd_titles_are_the_same_only_as_themselves(self, title: str) -> None:
        assert duplicates_of({"title": title}, {"title": title}) == [("1", "0", "title")]
        assert duplicates_of({"title": title}, {"title": "Song"}) == []


class TestUnknownDuration:
    """Tracks without a duration are the same recording when they sound the same to the last digit."""

    SOUND: ClassVar[dict[str, float]] = dict.fromkeys(BASE_NAMES, 0.25) | {"tempo": 121.5}

    def found(self, *rows: Mapping[str, object]) -> list[tuple[str, str, str]]:
        """Return the duplicates among tracks of equal sound and no duration, unless told otherwise."""
        tracks = tracks_of(*({"duration_s": math.nan, **row} for row in rows)).tracks
        features = pd.DataFrame([{name: row.get(name, self.SOUND[name]) for name in BASE_NAMES} for row in rows])
        found = find_duplicates(tracks, features.set_index(tracks.index))
        return [(one.track_id, one.kept_id, one.reason) for one in found]

    def test_the_same_sound_is_the_same_recording(self) -> None:
        assert self.found({}, {"title": "Song (Remastered)"}, {"duration_s": 180.0}) == [
            ("1", "0", "sound"), ("2", "0", "sound"),
        ]  # fmt: skip
        assert self.found({"duration_s": 180.0}, {}) == [("1", "0", "sound")]

    @pytest.mark.parametrize(
        "other",
        [{"valence": 0.2501}, {"valence": math.nan}, {"title": "Song - Live"}, {"title": "Else"}, {"artist": "Else"}],
    )
    def test_what_differs_or_is_unknown_is_not(self, other: dict[str, object]) -> None:
        assert self.found({}, other) == []
        assert self.found(other, {}) == []

    def test_a_feature_that_neither_knows_tells_nothing(self) -> None:
        assert self.found({"energy": math.nan}, {"energy": math.nan}) == []

    def test_known_durations_decide_before_the_sound(self) -> None:
        long, short = {"duration_s": 240.0}, {"duration_s": 180.0}
        assert self.found(long, short, {"duration_s": 241.0, "energy": 0.3}) == [("2", "0", "title")]
        assert self.found(long, short, {}) == [("2", "0", "sound")]


class TestWhichStays:
    def test_the_oldest_like_stays(self) -> None:
        dates = ("2021-05-01T00:00:00Z", "2019-05-01", "", "2019-05-01T02:00:00+05:00")
        found = duplicates_of(*({"added_at": date} for date in dates))
        assert found == [("0", "3", "title"), ("1", "3", "title"), ("2", "3", "title")]

    def test_without_dates_the_first_stays(self) -> None:
        assert duplicates_of({}, {}, {}) == [("1", "0", "title"), ("2", "0", "title")]

    def test_in_a_chain_every_duplicate_is_near_the_track_that_stays(self) -> None:
        chain = [{"duration_s": seconds} for seconds in (200.0, 202.0, 204.0)]
        assert duplicates_of(*chain) == [("1", "0", "title")]
        chain[1]["added_at"] = "2020-01-01"  # type: ignore[assignment]
        assert duplicates_of(*chain) == [("0", "1", "title"), ("2", "1", "title")]

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", "a (live)"]), st.sampled_from(["x", "y"]), st.sampled_from(["", "1", "2"]),
                st.integers(100, 112), st.sampled_from(["", "2019", "2020", "2021-01-01"]),
            ),
            max_size=14,
        )
    )  # fmt: skip
    def test_nothing_kept_is_twice_and_nothing_is_left_out_without_a_kept_older_twin(
        self, cells: list[tuple[str, str, str, int, str]]
    ) -> None:
        rows = [dict(zip(("title", "artist", "isrc", "duration_s", "added_at"), row, strict=True)) for row in cells]

        def twins(one: int, other: int) -> bool:
            a, b = rows[one], rows[other]
            texts = a["title"] == b["title"] and a["artist"] == b["artist"]
            codes = a["isrc"] and a["isrc"] == b["isrc"] and ("live" in str(a["title"])) == ("live" in str(b["title"]))
            return bool(codes) or (texts and abs(a["duration_s"] - b["duration_s"]) <= 2)  # type: ignore[operator]

        def age(row: int) -> tuple[bool, str, int]:
            return (rows[row]["added_at"] == "", str(rows[row]["added_at"]).ljust(10, "-"), row)

        found = duplicates_of(*rows)
        dropped = {int(track) for track, _, _ in found}
        kept = [row for row in range(len(rows)) if row not in dropped]
        assert not [pair for pair in itertools.combinations(kept, 2) if twins(*pair)]
        for track, stays, _ in found:
            assert int(stays) in kept
            assert twins(int(track), int(stays))
            assert age(int(stays)) < age(int(track))

    @settings(max_examples=100, deadline=None)
    @given(st.text(max_size=30), st.text(max_size=30))
    def test_any_title_and_artist_has_a_key(self, title: str, artist: str) -> None:
        assert bool(title_key(title)) == bool(title.strip())
        assert bool(artist_key(artist)) == bool(artist.strip())

    def test_real_likes_hold_few_twins_and_no_live_one(self, shared: Path) -> None:
        frame = pd.read_csv(shared / "fma" / "tracks_cleaned.csv", dtype={"track_id": str}).set_index("track_id")
        tracks = frame.rename(columns={"track": "title", "duration": "duration_s"})[
            ["title", "artist", "album", "duration_s"]
        ]
        library = make_library(tracks, pd.DataFrame(index=tracks.index), kind="table", path="")
        found = find_duplicates(library.tracks)
        assert 5 <= len(found) <= 30
        for one in found:
            albums = library.tracks.loc[[one.track_id, one.kept_id], "album"].str.lower()
            assert not albums.str.contains(r"\blive (?:at|on|in|from)\b").any() or albums.nunique() == 1


class TestLeftOut:
    def test_each_reason_with_its_tracks(self) -> None:
        library = tracks_of(
            {"title": "stays"}, {"title": "noise"}, {"title": "rude", "explicit": 1.0},
            {"title": "short", "duration_s": 29.0}, {"title": "long", "duration_s": 601.0},
            {"title": "Stays", "added_at": ""}, {"title": "more"},
            {"title": "unknown", "duration_s": math.nan, "explicit": math.nan, "artist": ""}, {"title": "unwanted"},
            {"title": "unprepared"},
        )  # fmt: skip
        prepared = Prepared(np.zeros((9, 1)), np.arange(9), library.tracks.index[:9], ("energy",))
        options = PlaylistOptions(explicit="drop", shortest_s=30, longest_s=600, max_per_artist=1)
        labels = np.array([0, -1, 0, 0, 0, 0, 0, 0, -1])
        curated = make_playlists(
            library, prepared, labels, [ClusterName("All")], np.linspace(1, 0, 9),
            options=options, left_by_hand=np.arange(9) == 8,
        )  # fmt: skip
        assert curated.left_out == {
            "not analysed": ("9",), "left out by hand": ("8",), "fits nowhere": ("1",),
            "explicit": ("2",), "too short": ("3",), "too long": ("4",), "duplicate": ("5",), "artist limit": ("6",),
        }  # fmt: skip
        assert tuple(curated.left_out) == REASONS
        assert curated.playlists[0].track_ids == ("0", "7")
        assert [(found.track_id, found.kept_id) for found in curated.duplicates] == [("5", "0")]

    def test_without_wishes_only_duplicates_go(self) -> None:
        library = tracks_of({"explicit": 1.0, "duration_s": 1.0}, {"duration_s": 1.5}, {"duration_s": 9000.0})
        assert curate(library, [0, 0, 0]).left_out == {"duplicate": ("1",)}
        assert curate(library, [0, 0, 0], deduplicate=False).left_out == {}

    def test_limits_include_their_ends(self) -> None:
        library = tracks_of(*({"title": str(s), "duration_s": s} for s in (29.9, 30.0, 60.0, 60.1)))
        assert curate(library, [0] * 4, shortest_s=30, longest_s=60).playlists[0].track_ids == ("1", "2")

    def test_a_duplicate_of_a_track_that_is_left_out_stays(self) -> None:
        library = tracks_of({"explicit": 1.0}, {"explicit": 0.0})
        assert curate(library, [0, 0], explicit="drop").playlists[0].track_ids == ("1",)
        assert curate(library, [-1, 0]).playlists[0].track_ids == ("1",)

    def test_the_limit_keeps_an_artists_best_in_each_playlist(self) -> None:
        artists = ["Ann", "The Ann", "Ann feat. Bob", "Bob", "Ann", "Ann"]
        library = tracks_of(*({"title": str(n), "artist": artist} for n, artist in enumerate(artists)))
        curated = curate(library, [0, 0, 0, 0, 1, 1], [0.1, 0.9, 0.8, 0.2, 0.3, 0.2], max_per_artist=2)
        assert [playlist.track_ids for playlist in curated.playlists] == [("1", "2", "3"), ("4", "5")]
        assert curated.left_out == {"artist limit": ("0",)}

    def test_an_emptied_playlist_is_not_made(self) -> None:
        library = tracks_of({"title": "a"}, {"title": "b", "duration_s": 5.0})
        curated = curate(library, [0, 1], shortest_s=10)
        assert [playlist.cluster_id for playlist in curated.playlists] == [0]

    @pytest.mark.parametrize("order", ORDERS)
    def test_every_track_is_in_one_playlist_or_left_out_once(self, order: str) -> None:
        rng = np.random.default_rng(3)
        size = 300
        library = random_library(
            size, artist=[f"Artist {n}" for n in rng.integers(0, 9, size)], duration_s=rng.uniform(20, 400, size),
            explicit=rng.choice([0.0, 1.0, np.nan], size), isrc=[f"CODE{n}" for n in rng.integers(0, 250, size)],
            added_at=[f"2020-01-{day:02d}" for day in rng.integers(1, 29, size)],
        )  # fmt: skip
        prepared = prepared_of(library, without=range(0, size, 17))
        labels = rng.integers(-1, 5, len(prepared))
        left_by_hand = (labels == -1) & (rng.random(len(prepared)) < 0.5)
        options = PlaylistOptions(order=order, max_per_artist=2, shortest_s=30, longest_s=380, explicit="drop")  # type: ignore[arg-type]

        fit = rng.random(len(prepared))
        curated = make_playlists(
            library, prepared, labels, names_for(labels), fit, options=options, left_by_hand=left_by_hand
        )
        placed = [track for playlist in curated.playlists for track in playlist.track_ids]
        gone = [track for tracks in curated.left_out.values() for track in tracks]
        assert sorted(placed + gone) == sorted(library.tracks.index)
        assert set(curated.left_out) == set(REASONS)
        for playlist in curated.playlists:
            members = prepared.track_ids[labels == playlist.cluster_id]
            assert set(playlist.track_ids) <= set(members)


class TestNamesOfPlaylists:
    def test_name_description_cluster_and_lineage(self) -> None:
        library = tracks_of({"title": "a"}, {"title": "b"}, {"title": "c"})
        claims = (
            Claim("energy", "low", "Calm", 0.9, 0.912), Claim("valence", "high", "Happy", 0.8, 0.7),
            Claim("genre", "high", "Folk", 0.9, 0.6),
        )  # fmt: skip
        names = [ClusterName("Calm Folk", claims), ClusterName("Mine", given=True), ClusterName("Mixed")]
        curated = make_playlists(
            library, blind(library), np.array([0, 1, 2]), names, np.ones(3), lineages={0: "x", 2: "z"}
        )
        assert [(p.name, p.cluster_id, p.lineage) for p in curated.playlists] == [
            ("Calm Folk", 0, "x"), ("Mine", 1, ""), ("Mixed", 2, "z"),
        ]  # fmt: skip
        assert [p.description for p in curated.playlists] == [
            "Of its tracks 91 % are below the library's median energy, 70 % are above the library's median valence "
            "and 60 % are Folk.",
            "Named by hand.",
            "A mix: nothing sets these tracks apart from the rest of the library.",
        ]

    @pytest.mark.parametrize(
        ("prefix", "suffix", "name"),
        [
            ("", "", "Calm"), ("♪ ", " (auto)", "♪ Calm (auto)"), ("Mix", "2024", "Mix Calm 2024"),
            ("[", "]", "[Calm]"), ("Calm", "", "Calm"), ("C", "m", "C Calm m"),
        ],
    )  # fmt: skip
    def test_marks_stand_around_every_name_once(self, prefix: str, suffix: str, name: str) -> None:
        library = tracks_of({})
        options = PlaylistOptions(prefix=prefix, suffix=suffix)
        curated = make_playlists(
            library, blind(library), np.array([0]), [ClusterName("Calm")], np.ones(1), options=options
        )
        assert curated.playlists[0].name == name

    @pytest.mark.parametrize(
        ("given", "name"), [("My Calm auto", "My Calm auto"), ("Mystic", "My Mystic auto"), ("My-Mix", "My-Mix auto")]
    )
    def test_a_mark_that_a_name_carries_is_not_added_again(self, given: str, name: str) -> None:
        library = tracks_of({})
        curated = make_playlists(
            library, blind(library), np.array([0]), [ClusterName(given)], np.ones(1),
            options=PlaylistOptions(prefix="My", suffix="auto"),
        )  # fmt: skip
        assert curated.playlists[0].name == name

    def test_names_are_unique_in_any_case(self) -> None:
        library = tracks_of({"title": "a"}, {"title": "b"}, {"title": "c"})
        names = [ClusterName("Calm"), ClusterName("CALM"), ClusterName("Calm (2)")]
        curated = make_playlists(library, blind(library), np.array([0, 1, 2]), names, np.ones(3))
        assert [playlist.name for playlist in curated.playlists] == ["Calm", "CALM (2)", "Calm (2) (2)"]


class TestOrders:
    def test_by_fit_is_the_default_and_ties_keep_the_librarys_order(self) -> None:
        library = tracks_of(*({"title": str(n)} for n in range(4)))
        assert curate(library, [0] * 4, [0.2, 0.9, 0.2, 0.5]).playlists[0].track_ids == ("1", "3", "0", "2")

    def test_by_date_oldest_first_and_unknown_last(self) -> None:
        dates = ["", "2021-02-01T00:00:00Z", "2020", "not a date", "2021-01-31"]
        library = tracks_of(*({"title": str(n), "added_at": date} for n, date in enumerate(dates)))
        assert curate(library, [0] * 5, order="added").playlists[0].track_ids == ("2", "4", "1", "0", "3")

    def test_the_shuffle_follows_its_seed(self) -> None:
        library = tracks_of(*({"title": str(n)} for n in range(50)))
        first, again, other = (
            curate(library, [0] * 50, order="shuffle", seed=seed).playlists[0].track_ids for seed in (1, 1, 2)
        )
        assert first == again
        assert first != other
        assert sorted(first) == sorted(other) == sorted(library.tracks.index)

    def test_the_arc_rises_for_two_thirds_and_falls(self) -> None:
        library = random_library(90)
        (playlist,) = curate(library, [0] * 90, order="arc").playlists
        energy = library.features["energy"].loc[list(playlist.track_ids)].to_numpy()
        assert (np.diff(energy[:60]) >= 0).all()
        assert (np.diff(energy[60:]) <= 0).all()
        assert energy[59] == energy.max()
        assert min(energy[0], energy[-1]) == energy.min()

    def test_an_arc_without_energy_goes_by_fit(self) -> None:
        library = tracks_of({"title": "a"}, {"title": "b"})
        assert curate(library, [0, 0], [0.1, 0.2], order="arc").playlists[0].track_ids == ("1", "0")

    def test_an_unknown_energy_stands_in_the_middle(self) -> None:
        library = random_library(9)
        library.features.loc["t4", "energy"] = np.nan
        prepared = Prepared(np.zeros((9, 1)), np.arange(9), library.tracks.index, ("valence",))
        options = PlaylistOptions(order="arc")
        curated = make_playlists(
            library, prepared, np.zeros(9, dtype=np.int64), [ClusterName("A")], np.ones(9), options=options
        )
        assert 1 < curated.playlists[0].track_ids.index("t4") < 8

    def test_the_same_input_gives_the_same_order(self) -> None:
        library = random_library(200)
        for order in ORDERS:
            assert (
                curate(library, [0] * 200, order=order).playlists == curate(library, [0] * 200, order=order).playlists
            )

    def test_it_can_be_stopped(self) -> None:
        library = tracks_of({"title": "a"}, {"title": "b"})

        with pytest.raises(Cancelled):
            make_playlists(
                library,
                blind(library),
                np.array([0, 1]),
                [ClusterName("A"), ClusterName("B")],
                np.ones(2),
                report=stop_at(1),
            )


def ratio_to_random(sound: Sound, order: IntArray, *, repeats: int = 20) -> float:
    """Return the mean step of an order over the mean step of random orders."""
    rng = np.random.default_rng(11)
    by_chance = [step_lengths(sound.take(rng.permutation(len(sound)))).mean() for _ in range(repeats)]
    return float(step_lengths(sound.take(order)).mean() / np.mean(by_chance))


class TestSmooth:
    def test_steps_of_500_tracks_are_at_most_60_percent_of_a_random_orders(self) -> None:
        library = random_library(500)
        (playlist,) = curate(library, [0] * 500, order="smooth").playlists
        prepared = prepared_of(library)
        order = prepared.track_ids.get_indexer(pd.Index(playlist.track_ids))
        assert ratio_to_random(sound_of(library, prepared), order) <= 0.6
        plain = Sound(prepared.X, np.zeros(500), 0.0)  # plain Euclidean steps, tempo as prepared
        assert ratio_to_random(plain, order) <= 0.6

    @pytest.mark.parametrize("recipe", ["article", "balanced"])
    def test_inside_a_playlist_too_by_a_measure_of_its_own(self, recipe: str) -> None:
        """The tracks of one playlist are alike already; here steps count in standard deviations of each feature."""
        library = random_library(4_000)
        prepared = prepare(library.features, options=RECIPES[recipe].prepare)
        labels = cluster(prepared, options=replace(RECIPES[recipe].cluster, k=8)).labels
        values = library.features[list(BASE_NAMES)].to_numpy()
        spread = Sound((values - values.mean(axis=0)) / values.std(axis=0), np.zeros(len(values)), 0.0)
        for number in range(8):
            rows = np.flatnonzero(labels == number)[:500]
            order = smooth(sound_of(library, prepared).take(rows), np.zeros(len(rows)))
            assert ratio_to_random(spread.take(rows), order) <= 0.6

    def test_tracks_with_nothing_in_common_are_smooth_too(self) -> None:
        sound = Sound(np.random.default_rng(5).random((500, 8)), np.zeros(500), 0.0)
        assert ratio_to_random(sound, smooth(sound, np.zeros(500))) <= 0.6

    @pytest.mark.parametrize("start", [0, 500, 1000])
    def test_real_tracks_are_smooth_too(self, shared: Path, start: int) -> None:
        frame = pd.read_csv(shared / "fma" / "tracks_cleaned.csv", dtype={"track_id": str}).set_index("track_id")
        frame = frame.sample(2000, random_state=3).iloc[start : start + 500]
        library = make_library(pd.DataFrame(index=frame.index), frame[list(BASE_NAMES)], kind="table", path="")
        sound = sound_of(library, prepared_of(library))
        assert ratio_to_random(sound, smooth(sound, np.zeros(500))) <= 0.4

    def test_long_playlists_are_smooth_too(self) -> None:
        library = random_library(3_000)
        sound = sound_of(library, prepared_of(library))
        order = smooth(sound, np.zeros(3_000))
        assert sorted(order.tolist()) == list(range(3_000))
        assert ratio_to_random(sound, order, repeats=3) <= 0.45

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, 40), st.integers(1, 3), st.integers(0, 2**32 - 1))
    def test_any_points_come_back_once_each(self, size: int, width: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sound = Sound(rng.integers(0, 3, (size, width)).astype(float), rng.random(size), float(rng.integers(0, 2)))
        assert sorted(smooth(sound, rng.random(size)).tolist()) == list(range(size))

    def test_short_ways_are_near_the_shortest(self) -> None:
        excess = []
        for seed in range(12):
            points = np.random.default_rng(seed).random((7, 2))
            between = distances(Sound(points, np.zeros(7), 0.0))
            ways = np.array(list(itertools.permutations(range(7))))
            best = between[ways[:, :-1], ways[:, 1:]].sum(axis=1).min()
            found = short_path(between)
            excess.append(between[found[:-1], found[1:]].sum() / best)
        assert min(excess) == pytest.approx(1.0)
        assert np.mean(excess) <= 1.05

    def test_a_line_is_walked_from_one_end_to_the_other_beginning_where_tracks_fit_better(self) -> None:
        points = np.random.default_rng(2).permutation(60).astype(float)[:, None]
        sound = Sound(points, np.zeros(60), 0.0)
        assert points[smooth(sound, points[:, 0]), 0].tolist() == list(range(59, -1, -1))
        assert points[smooth(sound, -points[:, 0]), 0].tolist() == list(range(60))

    def test_doubles_and_halves_of_a_tempo_are_near(self) -> None:
        bpm = np.array([70.0, 140.0, 280.0, 100.0, 70.0])
        gaps = octave_gap(np.log2(bpm)[:, None], np.log2(bpm)[None, :])
        assert np.allclose(gaps, gaps.T)
        assert gaps[0, 4] == 0.0
        assert 0.0 < gaps[0, 1] < gaps[0, 3]
        assert gaps[[0, 1], [1, 2]] == pytest.approx([0.25, 0.25])
        assert gaps[0, 2] == pytest.approx(0.5)

    def test_tempo_alone_leads_from_double_to_double(self) -> None:
        rng = np.random.default_rng(8)
        tempo = np.concatenate([rng.normal(70, 1, 30), rng.normal(140, 2, 30), rng.normal(100, 1, 30)])
        features = pd.DataFrame({"tempo": rng.permutation(tempo)}, index=[str(n) for n in range(90)])
        library = make_library(pd.DataFrame(index=features.index), features, kind="table", path="")
        sound = sound_of(library, prepared_of(library, columns=["tempo"]))
        played = features["tempo"].to_numpy()[smooth(sound, np.zeros(90))]
        groups = [key for key, _ in itertools.groupby(np.digitize(played, [85, 120]).tolist())]
        assert groups in ([0, 2, 1], [1, 2, 0], [2, 0, 1], [1, 0, 2])

    def test_what_is_not_prepared_does_not_count(self) -> None:
        library = random_library(50)
        sound = sound_of(library, prepared_of(library, columns=["energy", "valence"]))
        assert sound.tempo_scale == 0.0
        assert sound.points.shape == (50, 2)

    def test_unknown_tempos_count_as_the_median(self) -> None:
        library = random_library(5)
        prepared = prepared_of(library)
        library.features["tempo"] = [100.0, np.nan, 0.0, 120.0, 80.0]
        assert 2 ** sound_of(library, prepared).octaves == pytest.approx([100, 100, 100, 120, 80])


class TestBadInput:
    def test_labels_for_other_tracks_are_refused_with_the_numbers(self) -> None:
        library = tracks_of({}, {})
        with pytest.raises(DataError, match="2 tracks, 3 labels and 2 fits"):
            make_playlists(library, blind(library), np.array([0, 0, 0]), [ClusterName("A")], np.ones(2))

    def test_a_cluster_without_a_name_is_refused(self) -> None:
        library = tracks_of({})
        with pytest.raises(DataError, match="cluster 1 has no name"):
            make_playlists(library, blind(library), np.array([1]), [ClusterName("A")], np.ones(1))

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"order": "loud"}, "unknown order 'loud'"), ({"explicit": "hide"}, "Use keep or drop"),
            ({"max_per_artist": -1}, "limit per artist is -1"), ({"shortest_s": -1.0}, "0 or more seconds"),
            ({"longest_s": math.nan}, "0 or more seconds"), ({"shortest_s": 60.0, "longest_s": 30.0}, "Swap them"),
            ({"seed": 2**32}, "from 0 to 4294967295"),
        ],
    )  # fmt: skip
    def test_settings_out_of_range_are_named(self, options: dict[str, object], text: str) -> None:
        with pytest.raises(OptionError, match=text):
            PlaylistOptions(**options)  # type: ignore[arg-type]

    def test_no_tracks_give_no_playlists(self) -> None:
        library = make_library(pd.DataFrame(index=[]), pd.DataFrame(index=[]), kind="table", path="")
        for order in ORDERS:
            curated = curate(library, [], order=order)
            assert (curated.playlists, curated.left_out, curated.duplicates) == ((), {}, ())
