"""Files of exportify.net and exportify.app in every version, language and state of repair become one library."""

from __future__ import annotations

import csv
import io
import json
import struct
from itertools import combinations
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from core.errors import SourceError
from core.features import BASE_NAMES, OPTIONAL_NAMES
from core.library import Library
from core.progress import Cancelled
from core.sources.archives import MAX_FILE_BYTES
from core.sources.exportify import UNNAMED, ExportifySource
from tests.core.reading import counts, read_by, zipped
from tests.reports import stop_at

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "exportify"
LANTERNS, LOW_TIDE, OLD_ENGINES, NIGHT_BUS, SALT = (
    "ujOeHwdFcAefAZhnM6Jy8c", "1rihtYlKNxHddmQAtKCsXR", "pJG2Tr8hzUjEcPVJ2tRKJC", "06DPdRO9YrxPbCkhdVipy2",
    "eBI2Y1rzw27jkooEKqazwJ",
)  # fmt: skip
LOCAL = "spotify:local:Mira+Vale:Demos:Garage+Take:95"
NET_HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
    "Valence,Tempo,Time Signature"
)
#: What the row of "Paper Lanterns" says in every sample that has features.
LANTERNS_FEATURES = {
    "danceability": 0.41, "energy": 0.60, "key": 0.0, "loudness": -7.25, "mode": 0.0, "speechiness": 0.031,
    "acousticness": 0.12, "instrumentalness": 0.005, "liveness": 0.10, "valence": 0.33, "tempo": 101.5,
    "time_signature": 4.0,
}  # fmt: skip


def read(path: Path) -> Library:
    return read_by(ExportifySource(), path)


def row(track: str, artists: str = "Mira Vale", features: str = "0.5,0.5,1,-7,1,0.05,0.1,0.1,0.1,0.5,120,4") -> str:
    uri = f"spotify:track:{track}" if len(track) == 22 else track
    names = f'"Song {track[:3]}","Harbour","{artists}"'
    return f'{uri},{names},2016,200000,40,false,me,2024-05-01T08:00:00Z,"","Quay",{features}'


def write_net(path: Path, rows: list[str], *, header: str = NET_HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("sample", "tracks", "with_features"),
    [
        ("app_2015.csv", [LANTERNS], 0),
        ("app_base.csv", [LANTERNS, LOW_TIDE], 0),
        ("app_full.csv", [LANTERNS, LOW_TIDE], 1),
        ("net_2019.csv", [LANTERNS, LOW_TIDE, OLD_ENGINES], 2),
        ("net_2024_track_id.csv", [LANTERNS, "name:miravale|garagetake", OLD_ENGINES], 1),
        ("net_2024_no_id.csv", ["name:miravale|paperlanterns", "name:miravale|lowtide"], 2),
        ("net_2025_04.csv", [LANTERNS, LOW_TIDE], 1),
        ("net_2025_explicit_twice.csv", [LANTERNS, LOW_TIDE], 2),
        ("net_2025_shifted.csv", [LANTERNS, LOW_TIDE, OLD_ENGINES, NIGHT_BUS, SALT], 1),
        ("Liked_Songs.csv", [LANTERNS, LOCAL, LOW_TIDE], 2),
    ],
)
def test_every_version_is_read(sample: str, tracks: list[str], with_features: int) -> None:
    library = read(SAMPLES / sample)
    assert list(library.tracks.index) == tracks
    assert library.with_features == with_features
    assert library.kind == "exportify"
    first = library.tracks.iloc[0]
    assert (first["title"].replace('"', ""), first["album"]) == ("Paper Lanterns", "Harbour")
    assert set(library.providers) <= {"file", ""}


@pytest.mark.parametrize(
    "sample", ["net_2019.csv", "net_2024_no_id.csv", "net_2025_explicit_twice.csv", "app_full.csv"]
)
def test_features_stand_beside_their_track(sample: str) -> None:
    library = read(SAMPLES / sample)
    features = library.features.iloc[0]
    assert {name: features[name] for name in BASE_NAMES + OPTIONAL_NAMES} == LANTERNS_FEATURES
    assert library.providers.iloc[0] == "file"


def test_the_row_says_more_than_features() -> None:
    library = read(SAMPLES / "Liked_Songs.csv")
    lanterns = library.tracks.loc[LANTERNS]
    assert lanterns["uri"] == f"spotify:track:{LANTERNS}"
    assert lanterns["artist"] == "Mira Vale, Ferry, The Ninth"
    assert (lanterns["duration_s"], lanterns["explicit"]) == (180.0, 0.0)
    assert lanterns["added_at"] == "2024-05-01T08:00:00Z"
    assert (lanterns["genre"], lanterns["origins"]) == ("indie pop", ("Liked Songs",))
    assert library.tracks.loc[LOW_TIDE, "title"] == 'Say "Hi", now'
    assert library.tracks.loc[LOW_TIDE, "artist"] == "10,000 Rivers"


def test_exportify_app_adds_codes_and_genres_of_artist_and_album() -> None:
    library = read(SAMPLES / "app_full.csv")
    lanterns = library.tracks.loc[LANTERNS]
    assert lanterns["title"] == 'Paper "Lanterns"'
    assert lanterns["artist"] == "Ferry, The Ninth, Mira Vale"
    assert lanterns["isrc"] == "QZABC2400001"
    assert lanterns["genres"] == ("indie pop", "folk", "chamber pop")
    assert library.tracks.loc[LOW_TIDE, "genres"] == ()
    assert library.tracks.loc[LOW_TIDE, "isrc"] == ""


def test_a_date_of_1970_is_no_date() -> None:
    assert read(SAMPLES / "net_2019.csv").tracks.loc[OLD_ENGINES, "added_at"] == ""


def test_local_files_stay_and_cannot_be_taken_for_tracks_of_spotify() -> None:
    library = read(SAMPLES / "Liked_Songs.csv")
    local = library.tracks.loc[LOCAL]
    assert (local["uri"], local["title"], local["artist"]) == (LOCAL, "Garage Take", "Mira Vale")
    assert library.features.loc[LOCAL].isna().all()
    assert counts(library) == {"empty": 1, "podcast": 1, "local": 1, "genre-spelling": 1}


def test_a_local_file_without_names_takes_them_from_its_address(tmp_path: Path) -> None:
    cells = f'{LOCAL},"undefined","undefined","undefined",,95000,0,,me,,"","undefined",,,,,,,,,,,,'
    library = read(write_net(tmp_path / "a.csv", [cells]))
    assert library.tracks.loc[LOCAL, ["title", "artist"]].tolist() == ["Garage Take", "Mira Vale"]


class TestShiftedFeatures:
    """Since May 2025 a failed request moves the features of all later tracks; nothing else may lose its features."""

    def test_features_below_a_short_row_are_left_out_and_counted(self) -> None:
        library = read(SAMPLES / "net_2025_shifted.csv")
        assert library.features.loc[LANTERNS, "tempo"] == 101.5
        assert library.features.iloc[1:].isna().all(axis=None)
        assert library.tracks["title"].tolist() == ["Paper Lanterns", "Low Tide", "Old Engines", "Night Bus", "Salt"]
        assert counts(library) == {"no-features": 2, "shifted": 2}

    def test_short_rows_of_2019_to_2024_harm_nobody_else(self) -> None:
        library = read(SAMPLES / "net_2019.csv")
        assert library.features.loc[OLD_ENGINES, "tempo"] == 103.5
        assert counts(library) == {"no-features": 1}

    def test_features_of_a_file_spotify_does_not_know_prove_the_shift(self) -> None:
        library = read(SAMPLES / "net_2024_track_id.csv")
        assert library.features.loc[LANTERNS, "tempo"] == 101.5
        assert library.features.iloc[1:].isna().all(axis=None)
        assert counts(library) == {"local": 1, "shifted": 2}

    def test_cells_without_values_shift_nothing(self) -> None:
        library = read(SAMPLES / "net_2025_04.csv")
        assert library.features.loc[LOW_TIDE, "tempo"] == 102.5
        assert "shifted" not in counts(library)

    def test_a_row_of_exportify_app_without_features_shifts_nothing(self, tmp_path: Path) -> None:
        text = (SAMPLES / "app_full.csv").read_text(encoding="utf-8")
        header, first, second = text.splitlines()
        short = second.replace('"","","","","","","","","","","","",', "", 1)
        path = tmp_path / "a.csv"
        path.write_text("\n".join([header, short, first]) + "\n", encoding="utf-8")
        library = read(path)
        assert library.features.loc[LANTERNS].to_dict() == LANTERNS_FEATURES
        assert library.features.loc[LOW_TIDE].isna().all()
        assert library.tracks.loc[LOW_TIDE, "title"] == "Low Tide"

    def test_another_playlist_can_give_what_one_lost(self, tmp_path: Path) -> None:
        whole = write_net(tmp_path / "b.csv", [row(OLD_ENGINES, features="0.9,0.5,1,-7,1,0.05,0.1,0.1,0.1,0.5,99,4")])
        path = zipped(
            tmp_path / "all.zip",
            {"a.csv": (SAMPLES / "net_2025_shifted.csv").read_bytes(), "b.csv": whole.read_bytes()},
        )
        library = read(path)
        assert library.features.loc[OLD_ENGINES, "tempo"] == 99.0
        assert library.tracks.loc[OLD_ENGINES, "origins"] == ("a", "b")


class TestLanguages:
    """exportify.app names its columns in the language of the site."""

    SIZES: ClassVar[dict[str, int]] = {"artist_genres": 1, "audio": 12, "album": 3}
    VALUES: ClassVar[dict[str, list[str]]] = {
        "artist_genres": ["folk"],
        "audio": [str(value) for value in LANTERNS_FEATURES.values()],
        "album": ["dream pop", "Quay", "2016 Quay"],
    }
    BLOCKS = tuple(chosen for count in range(4) for chosen in combinations(("artist_genres", "audio", "album"), count))

    def rows(self, blocks: tuple[str, ...], *, isrc: bool = True, playable: bool = False) -> list[list[str]]:
        album = "spotify:album:gwb2Mjpvwh09CDfgvqZkb6"
        artist = "spotify:artist:eBI2Y1rzw27jkooEKqazwJ"
        base = ["Paper Lanterns", artist, "Mira Vale", album, "Harbour", artist, "Mira Vale", "2016-03-01", ""]
        base += ["1", "1", "180000", "", "true", "40"]
        base += ["QZABC2400001"] * isrc + ["true"] * playable + ["spotify:user:me", "2024-05-01T08:00:00Z"]
        extra = [cell for block in blocks for cell in self.VALUES[block]]
        lost = ["", *[""] * 11, "0", "", "false", "0", *[""] * isrc, *["false"] * playable, "", "", *[""] * len(extra)]
        return [
            [f"spotify:track:{LANTERNS}", *base, *extra],
            [LOCAL, *lost],
        ]

    def write(self, path: Path, header: list[str], rows: list[list[str]]) -> Path:
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    def check(self, library: Library, blocks: tuple[str, ...], *, isrc: bool = True) -> None:
        lanterns = library.tracks.loc[LANTERNS]
        assert (lanterns["title"], lanterns["artist"], lanterns["album"]) == ("Paper Lanterns", "Mira Vale", "Harbour")
        assert (lanterns["duration_s"], lanterns["explicit"]) == (180.0, 1.0)
        assert lanterns["isrc"] == ("QZABC2400001" if isrc else "")
        assert lanterns["added_at"] == "2024-05-01T08:00:00Z"
        genres = (["folk"] if "artist_genres" in blocks else []) + (["dream pop"] if "album" in blocks else [])
        assert list(lanterns["genres"]) == genres
        if "audio" in blocks:
            assert library.features.loc[LANTERNS].to_dict() == LANTERNS_FEATURES
        assert library.tracks.loc[LOCAL, "title"] == "Garage Take"

    def test_every_language_with_all_columns_and_with_none_but_the_base(self, shared: Path, tmp_path: Path) -> None:
        known = json.loads((shared / "contracts" / "exportify-app-headers-by-locale.json").read_text(encoding="utf-8"))
        assert len(known) > 10
        for language, names in known.items():
            for blocks in (self.BLOCKS[0], self.BLOCKS[-1]):
                listed = {block: [names[block]] if block == "artist_genres" else names[block] for block in self.SIZES}
                header = names["base"] + names["added"] + [name for block in blocks for name in listed[block]]
                self.check(read(self.write(tmp_path / f"{language}.csv", header, self.rows(blocks))), blocks)

    def test_a_known_language_is_read_by_its_names_whatever_the_order(self, tmp_path: Path) -> None:
        german = ["Tempo", "Track-Name", "Künstlername(n)", "Hinzugefügt von", "Hinzugefügt am", "Track-URI", "Valenz"]
        rows = [["101,5", "Paper Lanterns", "Mira Vale", "me", "2024-05-01", f"spotify:track:{LANTERNS}", "0,33"]]
        library = read(self.write(tmp_path / "a.csv", german, rows))
        assert library.tracks.loc[LANTERNS, "title"] == "Paper Lanterns"
        assert library.features.loc[LANTERNS, ["tempo", "valence"]].tolist() == [101.5, 0.33]

    def test_languages_the_site_has_learned_since_are_read_by_their_names(self, tmp_path: Path) -> None:
        chinese = ["曲目名称", "艺人名称", "添加者", "添加时间", "曲目 URI", "曲目时长（毫秒）", "速度"]
        rows = [["Paper Lanterns", "Mira Vale", "me", "2024-05-01", f"spotify:track:{LANTERNS}", "180000", "101.5"]]
        library = read(self.write(tmp_path / "a.csv", chinese, rows))
        assert library.tracks.loc[LANTERNS, ["title", "artist"]].tolist() == ["Paper Lanterns", "Mira Vale"]
        assert library.features.loc[LANTERNS, "tempo"] == 101.5

    @pytest.mark.parametrize("blocks", BLOCKS)
    @pytest.mark.parametrize(("isrc", "playable"), [(True, False), (True, True), (False, False)])
    def test_an_unknown_language_is_read_by_what_the_cells_hold(
        self, tmp_path: Path, blocks: tuple[str, ...], isrc: bool, playable: bool
    ) -> None:
        rows = self.rows(blocks, isrc=isrc, playable=playable)
        header = [f"kolumno {position}" for position in range(len(rows[0]))]
        self.check(read(self.write(tmp_path / "a.csv", header, rows)), blocks, isrc=isrc)


def test_a_column_added_since_is_read_when_its_name_is_known(tmp_path: Path) -> None:
    header = NET_HEADER.replace("Track URI,", "Track URI,ISRC,")
    cells = row(LANTERNS).replace(",", ",QZABC2400001,", 1)
    library = read(write_net(tmp_path / "a.csv", [cells], header=header))
    assert library.tracks.loc[LANTERNS, "isrc"] == "QZABC2400001"
    assert library.features.loc[LANTERNS, "tempo"] == 120.0


def test_genres_have_their_well_known_parents() -> None:
    library = read(SAMPLES / "app_full.csv")
    assert set(library.genre_parents) >= {"indie pop"}


class TestZip:
    """All playlists at once."""

    def test_the_same_track_in_two_playlists_is_one_track_with_both_origins(self, tmp_path: Path) -> None:
        path = zipped(
            tmp_path / "spotify_playlists.zip",
            {
                "road_trip.csv": "\n".join([NET_HEADER, row(LANTERNS), row(LOW_TIDE)]) + "\n",
                "rock (1).csv": "\n".join([NET_HEADER, row(OLD_ENGINES), row(LANTERNS)]) + "\n",
            },
        )
        library = read(path)
        assert list(library.tracks.index) == [LANTERNS, LOW_TIDE, OLD_ENGINES]
        assert library.tracks["origins"].tolist() == [("road trip", "rock (1)"), ("road trip",), ("rock (1)",)]
        assert counts(library) == {"repeated": 1}

    def test_names_the_exporter_could_not_write_are_told_as_such(self, tmp_path: Path) -> None:
        content = "\n".join([NET_HEADER, row(LANTERNS)]) + "\n"
        library = read(zipped(tmp_path / "a.zip", {".csv": content, "_.csv": content, "träume.csv": content}))
        assert library.tracks.loc[LANTERNS, "origins"] == (UNNAMED, "träume")

    def test_other_files_are_passed_over_and_counted(self, tmp_path: Path) -> None:
        path = zipped(
            tmp_path / "a.zip",
            {
                "__MACOSX/._a.csv": b"\0\1",
                "budget.csv": "month,amount\n1,2\n",
                "cover.jpg": b"\xff\xd8",
                "lists/a.csv": "\n".join([NET_HEADER, row(LANTERNS)]) + "\n",
                "empty.csv": NET_HEADER + "\n",
            },
        )
        library = read(path)
        assert list(library.tracks.index) == [LANTERNS]
        assert counts(library) == {"skipped-file": 1}
        assert "budget.csv" in library.notices[-1].text

    def test_old_and_new_versions_of_both_products_go_together(self, tmp_path: Path) -> None:
        library = read(zipped(tmp_path / "a.zip", {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir())}))
        assert len(library) == 9
        assert library.features.loc[LANTERNS, "tempo"] == 101.5
        assert library.tracks.loc[LANTERNS, "isrc"] == "QZABC2400001"
        assert library.tracks.loc[LANTERNS, "added_at"] == "2015-02-01T10:00:00Z"

    def test_a_folder_of_files_is_read_like_the_zip(self, tmp_path: Path) -> None:
        write_net(tmp_path / "b2.csv", [row(LANTERNS)])
        write_net(tmp_path / "b10.csv", [row(LOW_TIDE)])
        library = read(tmp_path)
        assert library.tracks["origins"].tolist() == [("b2",), ("b10",)]

    def test_an_entry_larger_than_any_playlist_is_refused(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "a.zip", {"bomb.csv": bytes(MAX_FILE_BYTES + 1)})
        with pytest.raises(SourceError, match=r"a\.zip: bomb\.csv: the file holds more than 128 MB"):
            ExportifySource().read(str(path))

    def test_an_entry_that_hides_its_size_is_damaged(self, tmp_path: Path) -> None:
        content = "\n".join([NET_HEADER, *[row(LANTERNS)] * 50]) + "\n"
        path = zipped(tmp_path / "a.zip", {"a.csv": content})
        size, small = struct.pack("<L", len(content)), struct.pack("<L", 2_000)
        data = path.read_bytes()
        assert data.count(size) == 2
        path.write_bytes(data.replace(size, small))
        with pytest.raises(SourceError, match=r"a\.csv: the zip is damaged"):
            ExportifySource().read(str(path))


class TestDamage:
    """What exporters, spreadsheets and interrupted downloads do to a file."""

    def test_stray_quote_marks_around_artists_are_repaired(self, tmp_path: Path) -> None:
        header = NET_HEADER.replace("Explicit,", "")
        cells = row(LANTERNS).replace("false,", "").replace('"Mira Vale"', '""Odd Al" Vale,Mira"')
        library = read(write_net(tmp_path / "a.csv", [cells, row(LOW_TIDE).replace("false,", "")], header=header))
        assert library.tracks.loc[LANTERNS, "artist"] == "Odd Al Vale, Mira"
        assert library.features["tempo"].tolist() == [120.0, 120.0]
        assert counts(library) == {"repaired": 1}

    def test_a_quote_mark_that_swallows_the_next_row_costs_one_row(self, tmp_path: Path) -> None:
        header = NET_HEADER.replace("Explicit,", "")
        rows = [row(track).replace("false,", "") for track in (LANTERNS, LOW_TIDE, OLD_ENGINES)]
        rows[0] = rows[0].replace('"Mira Vale"', '"Size 7""')
        library = read(write_net(tmp_path / "a.csv", rows, header=header))
        assert list(library.tracks.index) == [LANTERNS, LOW_TIDE, OLD_ENGINES]
        assert counts(library) == {"damaged": 1}
        assert library.features.loc[LANTERNS].isna().all()
        assert library.tracks.loc[LANTERNS, "artist"] == ""
        assert library.features.loc[OLD_ENGINES, "tempo"] == 120.0

    @pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (";", "cp1252")])
    def test_a_file_saved_again_by_a_spreadsheet_says_the_same(
        self, tmp_path: Path, separator: str, encoding: str
    ) -> None:
        rows = list(csv.reader(io.StringIO((SAMPLES / "Liked_Songs.csv").read_text(encoding="utf-8-sig"))))
        text = io.StringIO()
        csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
        path = tmp_path / "Liked_Songs.csv"
        path.write_bytes(text.getvalue().replace("Harbour", "Häfen").encode(encoding))
        library, original = read(path), read(SAMPLES / "Liked_Songs.csv")
        assert library.features.equals(original.features)
        assert library.tracks.drop(columns="album").equals(original.tracks.drop(columns="album"))
        assert library.tracks.loc[LANTERNS, "album"] == "Häfen"

    def test_a_file_that_ends_inside_a_row_loses_that_row_and_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes((SAMPLES / "net_2025_explicit_twice.csv").read_bytes()[:-20])
        library = read(path)
        assert list(library.tracks.index) == [LANTERNS]
        assert counts(library) == {"cut": 1, "cut-row": 1}

    def test_a_track_called_undefined_keeps_its_name(self, tmp_path: Path) -> None:
        cells = row(LANTERNS).replace('"Song ujO"', '"undefined"').replace('"Quay"', '"undefined"')
        assert read(write_net(tmp_path / "a.csv", [cells])).tracks.loc[LANTERNS, "title"] == "undefined"

    def test_files_put_together_by_hand_may_repeat_the_header(self, tmp_path: Path) -> None:
        library = read(write_net(tmp_path / "a.csv", [row(LANTERNS), NET_HEADER, row(LOW_TIDE)]))
        assert (len(library), counts(library)) == (2, {})

    def test_the_same_track_twice_in_one_playlist_is_kept_once(self, tmp_path: Path) -> None:
        library = read(write_net(tmp_path / "a.csv", [row(LANTERNS), row(LANTERNS)]))
        assert (len(library), counts(library)) == (1, {"repeated": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"<!doctype html><html>", "this is a web page"),
        (b"title,artist\nA,B\n", "not a playlist of Exportify"),
        (NET_HEADER.encode() + b"\n", "no track is listed"),
        (b'"Album URI","Album Name"\n"spotify:album:1","Harbour"\n', "lists saved albums, not tracks"),
        (b"\xff\xfe\x00\x01" * 50, "not a playlist of Exportify"),
    ],
)
def test_a_file_that_is_no_playlist_is_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        ExportifySource().read(str(path))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_files_of_exportify_are_accepted(tmp_path: Path) -> None:
    source = ExportifySource()
    tables = {
        "kaggle.csv": "track_id,artists,track_name,tempo\n1,A,B,120\n",
        "leitmotif.csv": "Track URI,Track Name,Album Name,Artist Name(s),Duration (ms),Explicit,ISRC,Added At,Genres,"
        "Danceability,Energy,Tempo,Top Genre,track_id\nspotify:track:"
        + LANTERNS
        + ",A,B,C,1,,,2024-01-01,,1,1,120,,x\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert not source.accepts(str(tmp_path / name))
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    for path in (tmp_path / "broken.zip", tmp_path / "missing.csv", tmp_path, Path("demo:"), Path("a\0b.csv")):
        assert not source.accepts(str(path))


@pytest.mark.parametrize("name", ["missing.csv", "missing.zip", "nul\0l.csv"])
def test_a_missing_file_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        ExportifySource().read(str(tmp_path / name))


def test_a_zip_without_playlists_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it holds no CSV file"):
        ExportifySource().read(str(zipped(tmp_path / "a.zip", {"a.txt.gz": b"x"})))


def test_reading_can_be_stopped_between_playlists(tmp_path: Path) -> None:
    content = "\n".join([NET_HEADER, row(LANTERNS)]) + "\n"
    path = zipped(tmp_path / "a.zip", {f"{number}.csv": content for number in range(5)})
    steps: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        ExportifySource().read(str(path), report=stop_at(2, steps))
    assert steps == [(0, 5), (1, 5), (2, 5)]


def test_unknown_values_are_nan_and_not_zero(tmp_path: Path) -> None:
    library = read(write_net(tmp_path / "a.csv", [row(LANTERNS, features="0.5,0.5,,,,,,,,0.5,0,")]))
    assert np.isnan(library.features.loc[LANTERNS, "tempo"])
    assert np.isnan(library.features.loc[LANTERNS, "liveness"])
    assert np.isnan(library.tracks.loc[LANTERNS, "play_count"])
