"""Spotify's data packages become a library without a trace of who the person is."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import SourceError
from core.library import Library
from core.progress import Cancelled
from core.sources.archives import MAX_FILE_BYTES
from core.sources.datapackage import HISTORY, LIKED_SONGS, UNNAMED, SpotifyPackageSource
from tests.core.reading import counts, read_by, zipped
from tests.reports import stop_at

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "datapackage"
LANTERNS, LOW_TIDE, OLD_ENGINES, NIGHT_BUS, INTERLUDE = (
    "ujOeHwdFcAefAZhnM6Jy8c", "1rihtYlKNxHddmQAtKCsXR", "pJG2Tr8hzUjEcPVJ2tRKJC", "06DPdRO9YrxPbCkhdVipy2",
    "7QFMPd3W2XyygNdemkvdaj",
)  # fmt: skip
#: What only entries about the person say, in the samples and in the files made here.
PRIVATE = (b"203.0.113", b"someone", b"android", b"4111", b"Tea &amp; rain")


def read(path: Path) -> Library:
    return read_by(SpotifyPackageSource(), path)


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def play(moment: str, track: str = LANTERNS, ms: int = 200_000, **more: object) -> dict[str, object]:
    return {
        "ts": moment, "ms_played": ms, "spotify_track_uri": f"spotify:track:{track}", "ip_addr": "203.0.113.1",
        "master_metadata_track_name": f"Song {track[:3]}", "master_metadata_album_artist_name": "Mira Vale",
        "master_metadata_album_album_name": "Harbour", "reason_end": "fwdbtn", **more,
    }  # fmt: skip


def account_play(moment: str, title: str, ms: int = 200_000) -> dict[str, object]:
    return {"endTime": moment, "artistName": "Mira Vale", "trackName": title, "msPlayed": ms}


def package(folder: Path, *, account: str = "Spotify Account Data", extended: str = "Extended") -> Path:
    """Lay the samples out in a folder as they are delivered."""
    for sample in SAMPLES.iterdir():
        kind = extended if sample.name.startswith(("Streaming_", "endsong")) else account
        (folder / kind).mkdir(parents=True, exist_ok=True)
        shutil.copy(sample, folder / kind / sample.name)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a package with their content."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def check_whole_package(library: Library) -> None:
    tracks = library.tracks
    assert list(tracks.index) == [
        LANTERNS, LOW_TIDE, OLD_ENGINES, NIGHT_BUS, INTERLUDE, "name:theninthferry|unsaved",
    ]  # fmt: skip
    lanterns = tracks.loc[LANTERNS]
    assert (lanterns["title"], lanterns["artist"], lanterns["album"]) == ("Paper Lanterns", "Mira Vale", "Harbour")
    assert lanterns["uri"] == f"spotify:track:{LANTERNS}"
    assert lanterns["origins"] == (LIKED_SONGS, "Night drive", "Träume", HISTORY)
    assert lanterns["added_at"] == "2021-06-30"
    assert tracks["play_count"].fillna(-1).tolist() == [3, -1, 1, 1, 1, 1]
    assert tracks.loc["name:theninthferry|unsaved", "uri"] == ""
    assert library.with_features == 0
    assert library.kind == "spotify-package"


@pytest.mark.parametrize(
    "folders",
    [("Spotify Account Data", "Spotify Extended Streaming History"), ("MyData", "MyData"), ("my_data/Account", "a/b")],
)
def test_a_package_is_read_from_its_folder_and_from_its_zip(tmp_path: Path, folders: tuple[str, str]) -> None:
    folder = package(tmp_path / "unpacked", account=folders[0], extended=folders[1])
    from_folder, from_zip = read(folder), read(zipped(tmp_path / "my_spotify_data.zip", files_of(folder)))
    check_whole_package(from_folder)
    check_whole_package(from_zip)
    assert from_folder.tracks.equals(from_zip.tracks)
    assert counts(from_zip) == {
        "local": 3, "podcast": 2, "matched": 1, "no-id": 1, "repeated-play": 1, "short-play": 1, "never-heard": 1,
    }  # fmt: skip


def test_files_beside_each_other_are_read_too() -> None:
    check_whole_package(read(SAMPLES))


def test_files_given_one_by_one_are_read_as_one_package() -> None:
    paths = sorted(str(path) for path in SAMPLES.iterdir())
    library = SpotifyPackageSource().read_together(paths)
    check_whole_package(library)
    assert library.tracks.equals(SpotifyPackageSource().read_together(paths[::-1]).tracks)


@pytest.mark.parametrize(
    ("sample", "tracks"),
    [
        ("YourLibrary.json", [LANTERNS, LOW_TIDE]),
        ("Playlist1.json", [LANTERNS, OLD_ENGINES]),
        ("Streaming_History_Audio_2022-2023_0.json", [LANTERNS, NIGHT_BUS]),
        ("Streaming_History_Audio_2023_1.json", [LANTERNS, INTERLUDE]),
        ("endsong_0.json", [OLD_ENGINES]),
        ("StreamingHistory_music_0.json", ["name:miravale|paperlanterns", "name:theninthferry|unsaved"]),
    ],
)
@pytest.mark.parametrize("name", ["{}", "copy of it.json", "{stem} (2).json"])
def test_each_file_is_read_alone_whatever_its_name(tmp_path: Path, sample: str, tracks: list[str], name: str) -> None:
    path = tmp_path / name.format(sample, stem=sample.removesuffix(".json"))
    shutil.copy(SAMPLES / sample, path)
    assert list(read(path).tracks.index) == tracks


def test_only_track_histories_are_read_and_podcasts_and_local_files_counted() -> None:
    library = read(SAMPLES / "Streaming_History_Audio_2022-2023_0.json")
    assert counts(library) == {"local": 1, "podcast": 1, "short-play": 1, "never-heard": 1}


class TestPrivacy:
    """What a package says about the person goes no further than the parser."""

    def test_nothing_about_the_person_is_kept(self, tmp_path: Path) -> None:
        folder = package(tmp_path / "unpacked")
        write(folder / "Spotify Account Data" / "Identity.json", {"displayName": "someone"})
        write(folder / "Spotify Account Data" / "Payments.json", {"card": "4111"})
        assert any(word in path.read_bytes() for word in PRIVATE for path in folder.rglob("*.json"))
        kept = pickle.dumps(read(zipped(tmp_path / "a.zip", files_of(folder))))
        assert [word for word in PRIVATE if word in kept] == []

    def test_files_about_the_person_are_not_even_opened(self, tmp_path: Path) -> None:
        folder = package(tmp_path / "unpacked")
        for name in ("Identity", "Payments", "Userdata", "SearchQueries", "Streaming_History_Video_2023"):
            write(folder / f"{name}.json", {"note": f"broken {name}"})
        path = zipped(tmp_path / "a.zip", files_of(folder))
        data = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.count("/") == 0:
                    # Opening an entry whose own header is destroyed fails.
                    data = data[: entry.header_offset] + b"XX" + data[entry.header_offset + 2 :]
        path.write_bytes(data)
        library = read(path)
        check_whole_package(library)
        assert "skipped-file" not in counts(library)


class TestPlays:
    """Every play counts once, and only when the track was heard."""

    def test_the_same_history_in_two_files_does_not_double(self, tmp_path: Path) -> None:
        plays = [play("2023-01-01T10:00:00Z"), play("2023-01-02T10:00:00Z")]
        write(tmp_path / "Streaming_History_Audio_2023_1.json", plays)
        write(tmp_path / "Streaming_History_Audio_2023_1 (1).json", plays)
        library = read(tmp_path)
        assert library.tracks.loc[LANTERNS, "play_count"] == 2
        assert counts(library) == {"repeated-play": 2}

    def test_parts_of_one_history_add_up(self, tmp_path: Path) -> None:
        for year in range(2015, 2020):
            write(tmp_path / f"Streaming_History_Audio_{year}_1.json", [play(f"{year}-01-01T10:00:00Z")])
        assert read(tmp_path).tracks.loc[LANTERNS, "play_count"] == 5

    def test_the_account_history_adds_what_the_extended_one_lacks(self, tmp_path: Path) -> None:
        write(tmp_path / "endsong_0.json", [play("2022-01-01T10:00:00Z"), play("2023-01-01T10:00:00Z")])
        covered, later = account_play("2022-06-01 08:00", "Song ujO"), account_play("2023-02-01 08:00", "Song ujO")
        write(tmp_path / "StreamingHistory0.json", [covered, later])
        library = read(tmp_path)
        assert library.tracks["play_count"].tolist() == [3]
        assert counts(library) == {"matched": 1, "repeated-play": 1}

    @pytest.mark.parametrize(
        ("ms", "end", "counted"),
        [(29_999, "fwdbtn", 0), (30_000, "fwdbtn", 1), (12_000, "trackdone", 1), (0, "trackdone", 0)],
    )
    def test_a_play_counts_from_30_seconds_or_to_the_end(self, tmp_path: Path, ms: int, end: str, counted: int) -> None:
        path = tmp_path / "endsong_0.json"
        write(path, [play("2022-01-01T10:00:00Z", OLD_ENGINES), play("2022-01-02T10:00:00Z", ms=ms, reason_end=end)])
        library = read(path)
        assert (LANTERNS in library.tracks.index) == bool(counted)
        assert counts(library).get("never-heard", 0) == 1 - counted

    def test_a_saved_song_that_was_only_skipped_stays(self, tmp_path: Path) -> None:
        shutil.copy(SAMPLES / "YourLibrary.json", tmp_path)
        write(tmp_path / "endsong_0.json", [play("2022-01-02T10:00:00Z", ms=900)])
        library = read(tmp_path)
        assert list(library.tracks.index) == [LANTERNS, LOW_TIDE]
        assert np.isnan(library.tracks.loc[LANTERNS, "play_count"])


class TestOlderPackages:
    """Packages of earlier years have no addresses."""

    OLD_LIBRARY: dict[str, object] = {  # noqa: RUF012
        "tracks": [{"artist": "Mira Vale", "album": "Harbour", "track": "Paper Lanterns"},
                   {"artist": "Mira Vale", "album": "Harbour", "track": "Paper lanterns "}]
    }  # fmt: skip

    def test_tracks_without_address_are_told_apart_by_their_names(self, tmp_path: Path) -> None:
        library = read(write(tmp_path / "YourLibrary.json", self.OLD_LIBRARY))
        assert list(library.tracks.index) == ["name:miravale|paperlanterns"]
        assert library.tracks["uri"].tolist() == [""]
        assert counts(library) == {"no-id": 1}

    def test_they_take_the_id_another_file_of_the_package_knows(self, tmp_path: Path) -> None:
        write(tmp_path / "YourLibrary.json", self.OLD_LIBRARY)
        shutil.copy(SAMPLES / "Playlist1.json", tmp_path)
        library = read(tmp_path)
        assert list(library.tracks.index) == [LANTERNS, OLD_ENGINES]
        assert library.tracks.loc[LANTERNS, "origins"] == (LIKED_SONGS, "Night drive", "Träume")
        assert counts(library) == {"local": 1, "podcast": 1, "matched": 2}


class TestDamage:
    """A damaged file is refused with its place, or counted where others can be read."""

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "the file is empty"),
            ("<!DOCTYPE html><html>Sign in</html>", "this is a web page, not Spotify's data"),
            ('{"tracks": [{"artist": "A"', r"YourLibrary.json, line 1, column 27: the file is cut short"),
            ('{"tracks": [}', r"YourLibrary.json, line 1, column 13: the JSON is damaged"),
            ('{"tracks": {"artist": 1}}', "this JSON holds no list of saved tracks"),
            ("[1, 2]", "this JSON holds no list of saved tracks"),
            ('{"tracks": []}', "no track of Spotify is listed"),
            ("[" * 100_000, "YourLibrary.json: the JSON is damaged"),
            ('{"tracks": ' + "1" * 5_000 + "}", "YourLibrary.json: the JSON is damaged"),
        ],
    )
    def test_one_file_is_refused_in_one_line(self, tmp_path: Path, content: str, message: str) -> None:
        path = tmp_path / "YourLibrary.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(SourceError, match=message) as caught:
            SpotifyPackageSource().read(str(path))
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("Playlist1.json", {"playlists": 3}, "no list of playlists"),
            ("endsong_0.json", {"a": 1}, "no streaming history"),
            ("StreamingHistory0.json", "text", "no streaming history"),
        ],
    )
    def test_other_shapes_are_refused(self, tmp_path: Path, name: str, value: object, message: str) -> None:
        with pytest.raises(SourceError, match=message):
            SpotifyPackageSource().read(str(write(tmp_path / name, value)))

    def test_a_damaged_file_among_others_is_skipped_and_named(self, tmp_path: Path) -> None:
        folder = package(tmp_path / "unpacked")
        (folder / "Spotify Account Data" / "Playlist2.json").write_text('{"playlists": [', encoding="utf-8")
        library = read(zipped(tmp_path / "a.zip", files_of(folder)))
        check_whole_package(library)
        assert library.notices[-1].kind == "skipped-file"
        assert "a.zip: Spotify Account Data/Playlist2.json, line 1" in library.notices[-1].text

    def test_entries_of_another_form_are_counted(self, tmp_path: Path) -> None:
        tracks = [None, 3, "x", {"artist": 3, "track": None, "uri": 7}, {"uri": "spotify:nonsense"}]
        good = {"artist": "Mira Vale", "track": "Paper Lanterns", "uri": f"spotify:track:{LANTERNS}"}
        library = read(write(tmp_path / "YourLibrary.json", {"tracks": [*tracks, good]}))
        assert list(library.tracks.index) == [LANTERNS]
        assert counts(library) == {"empty": 1, "unreadable": 4}

    def test_half_a_surrogate_pair_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "YourLibrary.json"
        path.write_text(
            f'{{"tracks": [{{"artist": "\\ud83d", "track": "Song", "uri": "spotify:track:{LANTERNS}"}}]}}',
            encoding="utf-8",
        )
        assert read(path).tracks.loc[LANTERNS, "artist"] == "?"

    def test_a_file_larger_than_any_of_spotify_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("YourLibrary.json", bytes(MAX_FILE_BYTES + 1))
        with pytest.raises(SourceError, match=r"YourLibrary\.json: the file holds more than 128 MB"):
            SpotifyPackageSource().read(str(path))

    def test_a_zip_cut_short_is_refused(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "a.zip", files_of(package(tmp_path / "unpacked")))
        path.write_bytes(path.read_bytes()[:-10])
        with pytest.raises(SourceError, match=r"a\.zip: the zip is damaged or cut short"):
            read(path)


def test_only_packages_are_accepted(tmp_path: Path) -> None:
    source = SpotifyPackageSource()
    write(tmp_path / "other" / "settings.json", {"tracks": 3})
    write(tmp_path / "Inferences.json", {"inferences": []})
    for path in ("missing.json", "other", "other/settings.json", "Inferences.json", "nul\0l.json", "demo:"):
        assert not source.accepts(str(tmp_path / path))
    with pytest.raises(SourceError, match="it holds no file of a Spotify data package"):
        source.read(str(tmp_path))


def test_a_nameless_playlist_has_a_name(tmp_path: Path) -> None:
    item = {"track": {"trackName": "A", "artistName": "B", "trackUri": f"spotify:track:{LANTERNS}"}}
    library = read(write(tmp_path / "Playlist1.json", {"playlists": [{"name": " ", "items": [item, {}]}, {}, 7]}))
    assert library.tracks.loc[LANTERNS, "origins"] == (UNNAMED,)
    assert counts(library) == {"empty": 1, "unreadable": 2}


def test_reading_can_be_stopped_between_files(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        SpotifyPackageSource().read(str(SAMPLES), report=stop_at(1))
