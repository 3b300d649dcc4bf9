"""Playlists as files, read back by readers that know the formats and not the program."""

from __future__ import annotations

import csv
import json
import math
import os
import resource
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd
import pytest

from core.errors import ExportError, OptionError
from core.exporters import EXPORTERS, ExportResult, export_playlists
from core.features import BASE_NAMES
from core.files import staged_folder
from core.library import Library, make_library
from core.links import track_link
from core.progress import Cancelled
from core.records import Playlist
from core.sources.table import TableSource
from tests.reports import stop_at

PROJECT = Path(__file__).resolve().parents[2]
XSPF = "{http://xspf.org/ns/0/}"


def library_of(
    tracks: Mapping[str, Mapping[str, object]], features: Mapping[str, Sequence[float]] | None = None
) -> Library:
    """Return a library from one mapping of cells per track."""
    rows = [{"genres": (), **cells} for cells in tracks.values()]
    frame = pd.DataFrame.from_records(rows, index=list(tracks))
    return make_library(frame, pd.DataFrame(features or {}, index=list(tracks)), kind="table", path="test.csv")


def playlist_of(library: Library, name: str = "Mix", **others: str) -> Playlist:
    """Return a playlist of all tracks of a library."""
    return Playlist(name, others.get("description", ""), tuple(library.tracks.index), 0)


def write(library: Library, folder: Path, *formats: str, name: str = "Mix") -> list[ExportResult]:
    """Write one playlist of all tracks."""
    return export_playlists([playlist_of(library, name)], library, folder=folder, formats=formats)


def read_m3u8(path: Path) -> list[tuple[str, str, str]]:
    """Return duration, label and address of each track, as a player reads them; no address where a comment stands."""
    entries: list[tuple[str, str, str]] = []
    text = path.read_bytes().decode("utf-8")
    assert "\r" not in text
    lines = text.split("\n")
    assert lines[0] == "#EXTM3U"
    for line in lines[1:]:
        if line.startswith("#EXTINF:"):
            seconds, label = line.removeprefix("#EXTINF:").split(",", 1)
            entries.append((seconds, label, ""))
        elif line and not line.startswith("#"):
            entries[-1] = (*entries[-1][:2], line)
    return entries


def read_xspf(path: Path) -> tuple[str, list[dict[str, str]]]:
    """Return the title and the tracks' elements by name."""
    root = ET.parse(path).getroot()
    assert root.tag == f"{XSPF}playlist"
    assert root.get("version") == "1"
    tracks = root.findall(f"{XSPF}trackList/{XSPF}track")
    return root.findtext(f"{XSPF}title", ""), [
        {element.tag.removeprefix(XSPF): element.text or "" for element in track} for track in tracks
    ]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return three tracks: a file, a Spotify track, and one with neither."""
    return library_of(
        {
            "a": {
                "title": "Alpha", "artist": "One", "album": "First", "genre": "Rock", "genres": ("Rock", "Post-Rock"),
                "added_at": "2020-01-02T03:04:05Z", "isrc": "USRC17607839", "path": str(tmp_path / "music" / "a b.ogg"),
                "duration_s": 61.5, "play_count": 3.0, "explicit": 1.0, "uri": "",
            },
            "b": {"title": "Beta", "artist": "Two", "uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC", "duration_s": 200.0},
            "c": {"title": "Gamma", "artist": "", "uri": "spotify:local:Three::Gamma:1", "duration_s": math.nan},
        },
        {"energy": [0.1 + 0.2, 1.0, math.nan], "tempo": [120.0, 99.999, 0.1], "key": [-1.0, 0.0, math.nan]},
    )  # fmt: skip


class TestM3u8:
    def test_files_are_relative_links_absolute_and_the_rest_a_comment(self, library: Library, tmp_path: Path) -> None:
        (result,) = write(library, tmp_path / "lists", "m3u8")
        assert read_m3u8(result.path) == [
            ("62", "One - Alpha", "../music/a b.ogg"),
            ("200", "Two - Beta", "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"),
            ("-1", "Gamma", ""),
        ]
        assert "#PLAYLIST:Mix\n" in result.path.read_text()
        assert "# missing, no file or Spotify address known: Gamma\n" in result.path.read_text()
        assert (result.written, result.skipped) == (2, {"no file and no Spotify address": 1})

    @pytest.mark.parametrize("name", ["#1.mp3", " lead.mp3", "line\nbreak.mp3", "trail ", "100%.mp3", "ünï.mp3"])
    def test_every_file_name_leads_back_to_the_file(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"sound")
        (result,) = write(library_of({"a": {"title": "T", "path": str(tmp_path / name)}}), tmp_path, "m3u8")
        ((_, _, address),) = read_m3u8(result.path)
        named = unquote(urlsplit(address).path) if address.startswith("file:") else tmp_path / address
        assert Path(named).read_bytes() == b"sound"

    def test_relative_paths_hold_where_the_folder_is_reached_by_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "song.mp3").touch()
        (tmp_path / "deep" / "lists").mkdir(parents=True)
        (tmp_path / "short").symlink_to(tmp_path / "deep" / "lists")
        (result,) = write(
            library_of({"a": {"title": "T", "path": str(tmp_path / "song.mp3")}}), tmp_path / "short", "m3u8"
        )
        ((_, _, address),) = read_m3u8(result.path)
        assert (result.path.parent / address).samefile(tmp_path / "song.mp3")

    @pytest.mark.skipif(os.name == "nt", reason="there the paths of Windows are this computer's")
    @pytest.mark.parametrize(
        ("path", "uri"),
        [
            ("http://radio.example/a b.mp3?x=1", "http://radio.example/a%20b.mp3?x=1"),
            ("file:///music/a%20b.mp3", "file:///music/a%20b.mp3"),
            ("C:\\Music\\é #1.mp3", "file:///C:/Music/%C3%A9%20%231.mp3"),
            ("\\\\nas\\music\\a.mp3", "file://nas/music/a.mp3"),
        ],
        ids=["web", "file", "drive", "share"],
    )
    def test_what_is_no_path_of_this_computer_stays_what_it_is(self, path: str, uri: str, tmp_path: Path) -> None:
        tracks = library_of({"a": {"title": "T", "path": path}})
        m3u8, xspf, jspf = write(tracks, tmp_path, "m3u8", "xspf", "jspf")
        assert read_m3u8(m3u8.path) == [("-1", "T", path)]
        assert read_xspf(xspf.path)[1] == [{"location": uri, "title": "T"}]
        assert json.loads(jspf.path.read_text())["playlist"]["track"][0]["location"] == [uri]

    def test_line_breaks_become_one_space(self, tmp_path: Path) -> None:
        tracks = library_of({"a": {"title": "two\r\nlines\u2028and\x85\tmore", "artist": "x\ny"}})
        (result,) = write(tracks, tmp_path, "m3u8", name="My\nList")
        assert read_m3u8(result.path) == [("-1", "x y - two lines and more", "")]
        assert "#PLAYLIST:My List\n" in result.path.read_text()


class TestXspf:
    def test_each_track_has_its_elements(self, library: Library, tmp_path: Path) -> None:
        (result,) = write(library, tmp_path, "xspf")
        title, tracks = read_xspf(result.path)
        assert title == "Mix"
        assert tracks == [
            {
                "location": (tmp_path / "music" / "a b.ogg").as_uri(), "title": "Alpha", "creator": "One",
                "album": "First", "duration": "61500", "meta": "USRC17607839",
            },
            {
                "location": "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
                "identifier": "spotify:track:4uLU6hMCjMI75M1A2tKUQC", "title": "Beta", "creator": "Two",
                "duration": "200000",
            },
            {"title": "Gamma"},
        ]  # fmt: skip
        assert (result.written, result.skipped) == (3, {})

    def test_only_elements_and_addresses_that_xspf_knows(self, library: Library, tmp_path: Path) -> None:
        (result,) = write(library, tmp_path, "xspf")
        root = ET.parse(result.path).getroot()
        known = {
            "title",
            "creator",
            "annotation",
            "trackList",
            "track",
            "location",
            "identifier",
            "album",
            "duration",
            "meta",
        }
        assert {element.tag.removeprefix(XSPF) for element in root.iter()} <= known | {"playlist"}
        for address in [*root.iter(f"{XSPF}location"), *root.iter(f"{XSPF}identifier")]:
            assert urlsplit(address.text or "").scheme
        (isrc,) = root.iter(f"{XSPF}meta")
        assert urlsplit(isrc.get("rel", "")).scheme

    def test_what_xml_cannot_hold_is_replaced_by_a_visible_sign(self, tmp_path: Path) -> None:
        tracks = library_of({"a": {"title": "bell\x07 <&> \"'\r\nend\ufffe", "artist": "🎵\tx"}})
        (result,) = write(tracks, tmp_path, "xspf")
        assert read_xspf(result.path)[1] == [{"title": "bell\ufffd <&> \"'\nend\ufffd", "creator": "🎵\tx"}]


class TestJspf:
    def test_a_playlist_is_written_whole(self, library: Library, tmp_path: Path) -> None:
        playlist = playlist_of(library, "Mix", description="Two tracks and a half")
        (result,) = export_playlists([playlist], library, folder=tmp_path, formats=["jspf"])
        link, uri = "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
        assert json.loads(result.path.read_bytes()) == {
            "playlist": {
                "title": "Mix",
                "annotation": "Two tracks and a half",
                "track": [
                    {
                        "location": [(tmp_path / "music" / "a b.ogg").as_uri()], "title": "Alpha", "creator": "One",
                        "album": "First", "duration": 61500, "meta": [{"https://isrc.ifpi.org/": "USRC17607839"}],
                    },
                    {"location": [link], "identifier": [uri], "title": "Beta", "creator": "Two", "duration": 200000},
                    {"title": "Gamma"},
                ],
            }
        }  # fmt: skip


class TestCsv:
    def test_columns_are_exportifys_and_then_our_own(self, library: Library, tmp_path: Path) -> None:
        (result,) = write(library, tmp_path, "csv")
        with result.path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows[0] == {
            "Track URI": "", "Track Name": "Alpha", "Album Name": "First", "Artist Name(s)": "One",
            "Duration (ms)": "61500", "Explicit": "true", "ISRC": "USRC17607839", "Added At": "2020-01-02T03:04:05Z",
            "Genres": "Rock,Post-Rock", "Danceability": "", "Energy": "0.30000000000000004", "Key": "-1",
            "Speechiness": "", "Acousticness": "", "Instrumentalness": "", "Liveness": "", "Valence": "",
            "Tempo": "120", "Top Genre": "Rock", "Play Count": "3", "Path": str(tmp_path / "music" / "a b.ogg"),
            "Playlist": "Mix", "Position": "1", "track_id": "a",
        }  # fmt: skip
        assert [row["Position"] for row in rows] == ["1", "2", "3"]
        assert rows[2]["Duration (ms)"] == rows[2]["Explicit"] == rows[2]["Energy"] == ""

    def test_titles_that_look_like_formulas_stay_what_they_are(self, tmp_path: Path) -> None:
        titles = ["=", "=1+1", "+44", "-1", "@home", "'quoted", '=HYPERLINK("http://x")']
        tracks = library_of({str(i): {"title": title, "artist": title} for i, title in enumerate(titles)})
        (result,) = write(tracks, tmp_path, "csv")
        with result.path.open(encoding="utf-8", newline="") as file:
            assert [(row["Track Name"], row["Artist Name(s)"]) for row in csv.DictReader(file)] == [
                (t, t) for t in titles
            ]

    def test_real_durations_come_back_to_the_last_bit(self, tmp_path: Path) -> None:
        seconds = np.concatenate([np.arange(0, 400_000, 7) / 1000, [168.0, 219.6930001, 1e7 / 3]])
        tracks = library_of({str(i): {"title": "t", "duration_s": value} for i, value in enumerate(seconds)})
        (result,) = write(tracks, tmp_path, "csv")
        read = pd.read_csv(result.path)["Duration (ms)"].to_numpy(dtype=float) / 1000
        assert np.array_equal(read[:-1], seconds[:-1])
        assert read[-1] == pytest.approx(seconds[-1], abs=1e-9)

    @pytest.mark.parametrize("labels", [("Folk, World", "Rock"), ("R&B; Soul",), ('12" Mix', "a|b"), ("[x]",)])
    def test_genres_that_hold_separators_are_a_list(self, tmp_path: Path, labels: tuple[str, ...]) -> None:
        (result,) = write(library_of({"a": {"title": "t", "genres": labels}}), tmp_path, "csv")
        with result.path.open(encoding="utf-8", newline="") as file:
            assert tuple(json.loads(next(csv.DictReader(file))["Genres"])) == labels

    def test_this_program_reads_its_export_back_as_the_same_library(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(1)
        size, spotify = 60, "4uLU6hMCjMI75M1A2tKU"
        ids = [f"{spotify}{n:02d}" if n % 2 else f"own {n}" for n in range(size)]
        tracks = pd.DataFrame(
            {
                "title": [f'={n} "quoted",\nsecond line 🎵' for n in range(size)],
                "artist": [f"Ann & Bob {n % 7}" for n in range(size)], "album": ["", "A, B"] * 30,
                "genre": ["Folk, World", "Rock", ""] * 20,
                "genres": [("Folk, World", "R&B; Soul"), ("Rock", "Pop"), ()] * 20,
                "added_at": ["2020-01-02T03:04:05Z", ""] * 30, "isrc": ["", "USRC17607839"] * 30,
                "uri": [f"spotify:track:{id_}" if id_.startswith(spotify) else "" for id_ in ids],
                "path": ["/music/ü/1.ogg", ""] * 30, "duration_s": rng.integers(1, 10**6, size) / 1000,
                "play_count": rng.integers(0, 9, size).astype(float), "explicit": rng.choice([0.0, 1.0, np.nan], size),
            },
            index=ids,
        )  # fmt: skip
        values = {name: np.where(rng.random(size) < 0.1, np.nan, rng.random(size)) for name in BASE_NAMES}
        values["tempo"] = rng.uniform(40, 200, size)
        values |= {"key": rng.integers(-1, 12, size).astype(float), "loudness": rng.uniform(-60, 0, size)}
        library = make_library(tracks, pd.DataFrame(values, index=ids), kind="table", path="")
        (result,) = write(library, tmp_path, "csv")
        again = TableSource().read(str(result.path))
        pd.testing.assert_frame_equal(again.features, library.features, check_exact=True)
        expected = library.tracks.assign(origins=pd.Series([("Mix",)] * size, index=library.tracks.index))
        pd.testing.assert_frame_equal(again.tracks, expected, check_exact=True)


class TestLinks:
    def test_one_link_a_line_and_the_rest_counted(self, library: Library, tmp_path: Path) -> None:
        (result,) = write(library, tmp_path, "links")
        assert result.path.name == "Mix.txt"
        assert result.path.read_bytes() == b"https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC\n"
        assert (result.written, result.skipped) == (1, {"no Spotify address": 2})


class TestExportPlaylists:
    def test_every_format_of_every_playlist_under_safe_names(self, library: Library, tmp_path: Path) -> None:
        names = ["AC/DC?", "mix", "MIX"]
        playlists = [Playlist(name, "", ("a",), number) for number, name in enumerate(names)]
        results = export_playlists(playlists, library, folder=tmp_path / "out", formats=list(EXPORTERS))
        stems, suffixes = ["AC-DC-", "mix", "MIX (2)"], [".m3u8", ".xspf", ".jspf", ".csv", ".txt"]
        expected = [tmp_path / "out" / f"{stem}{suffix}" for stem in stems for suffix in suffixes]
        assert [result.path for result in results] == expected
        assert sorted((tmp_path / "out").iterdir()) == sorted(expected)
        assert [(result.playlist, result.format) for result in results] == [(n, f) for n in names for f in EXPORTERS]

    def test_the_playlists_order_is_kept_and_lost_tracks_are_counted(self, library: Library, tmp_path: Path) -> None:
        playlist = Playlist("Mix", "", ("b", "gone", "a"), 0)
        results = export_playlists([playlist], library, folder=tmp_path, formats=["csv", "xspf", "m3u8", "jspf"])
        assert [track["title"] for track in read_xspf(results[1].path)[1]] == ["Beta", "Alpha"]
        for result in results:
            assert (result.written, result.skipped) == (2, {"not in the library any more": 1})

    def test_an_empty_playlist_is_an_empty_list(self, library: Library, tmp_path: Path) -> None:
        results = export_playlists([Playlist("Mix", "", (), 0)], library, folder=tmp_path, formats=list(EXPORTERS))
        assert all((result.written, result.skipped) == (0, {}) for result in results)
        assert read_xspf(tmp_path / "Mix.xspf") == ("Mix", [])
        assert read_m3u8(tmp_path / "Mix.m3u8") == []

    def test_two_runs_write_the_same_bytes(self, library: Library, tmp_path: Path) -> None:
        first = write(library, tmp_path / "1", *EXPORTERS)
        second = write(library, tmp_path / "2", *EXPORTERS)
        assert [r.path.read_bytes() for r in first] == [r.path.read_bytes() for r in second]

    def test_a_dry_run_tells_the_same_and_writes_nothing(self, library: Library, tmp_path: Path) -> None:
        told = export_playlists(
            [playlist_of(library)], library, folder=tmp_path / "out", formats=["m3u8", "links"], dry_run=True
        )
        assert not (tmp_path / "out").exists()
        assert told == write(library, tmp_path / "out", "m3u8", "links")

    def test_paths_lead_from_where_the_folder_ends_up(self, tmp_path: Path) -> None:
        (tmp_path / "song.mp3").touch()
        library = library_of({"a": {"title": "T", "path": str(tmp_path / "song.mp3")}})
        (tmp_path / "out").mkdir()
        with staged_folder(tmp_path / "out") as staging:
            (result,) = export_playlists(
                [playlist_of(library)], library, folder=staging / "lists", formats=["m3u8"],
                final=tmp_path / "out" / "lists",
            )  # fmt: skip
        assert result.path == tmp_path / "out" / "lists" / "Mix.m3u8"
        assert read_m3u8(result.path) == [("-1", "T", "../../song.mp3")]

    def test_other_files_stay_and_own_ones_are_replaced(self, library: Library, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / "Mix.txt").write_text("old")
        write(library, tmp_path, "links")
        assert (tmp_path / "notes.txt").read_text() == "mine"
        assert (tmp_path / "Mix.txt").read_text().startswith("https://")

    def test_an_unknown_format_is_named_before_anything_is_written(self, library: Library, tmp_path: Path) -> None:
        with pytest.raises(OptionError, match=r"unknown format 'mp3'. Known formats: m3u8, xspf, jspf, csv, links"):
            write(library, tmp_path / "out", "csv", "mp3")
        assert not (tmp_path / "out").exists()

    def test_a_file_in_the_way_is_an_export_error_with_its_path(self, library: Library, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("a file")
        with pytest.raises(ExportError, match="part of the path is a file") as caught:
            write(library, tmp_path / "out", "csv")
        assert str(tmp_path / "out") in str(caught.value)

    def test_stopping_in_the_middle_leaves_the_folder_as_it_was(self, library: Library, tmp_path: Path) -> None:
        (tmp_path / "Mix.csv").write_text("old")
        steps: list[tuple[int, int]] = []
        with pytest.raises(Cancelled):
            export_playlists(
                [playlist_of(library)],
                library,
                folder=tmp_path,
                formats=["csv", "xspf", "jspf"],
                report=stop_at(2, steps),
            )
        assert steps == [(0, 3), (1, 3), (2, 3)]
        assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("Mix.csv", "old")]

    def test_a_full_disk_keeps_the_last_complete_export(self, library: Library, tmp_path: Path) -> None:
        write(library, tmp_path, "links", "csv")
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        code = (
            "import resource, sys; import pandas as pd\n"
            "from core.errors import ExportError; from core.exporters import export_playlists\n"
            "from core.library import make_library; from core.records import Playlist\n"
            "ids = [f'{i:022d}' for i in range(200)]\n"
            "tracks = pd.DataFrame({'title': ids, 'uri': ['spotify:track:' + i for i in ids]}, index=ids)\n"
            "library = make_library(tracks, pd.DataFrame(index=ids), kind='table', path='')\n"
            "lists = [Playlist('Mix', '', tuple(ids[:3]), 0), Playlist('Big', '', tuple(ids), 1)]\n"
            "try: export_playlists(lists, library, folder=sys.argv[1], formats=['links', 'csv'])\n"
            "except ExportError as error: print(error)\n"
        )
        run = subprocess.run(
            [sys.executable, "-B", "-c", code, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True, check=False,
            timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )  # fmt: skip
        assert run.stderr == ""
        assert run.stdout.startswith(f"{tmp_path}/Big.txt: cannot write here (file too large)")
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("uri", "page"),
    [
        ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"),
        ("spotify:local:a:b:c:1", ""),
        ("spotify:track:", ""),
        ("spotify:track:no id", ""),
        ("", ""),
    ],
)
def test_only_tracks_on_spotify_have_a_page(uri: str, page: str) -> None:
    assert track_link(uri) == page
