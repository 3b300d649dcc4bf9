"""The generic table: names of columns, genres, ids, units, file formats."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import OptionError, SourceError
from core.features import BASE_NAMES
from core.progress import Cancelled
from core.sources.table import TableSource
from tests.core.reading import ReadTable, counts, reader_of_tables, the
from tests.reports import stop_at_once

DATA = Path(__file__).parent.parent / "data" / "tables"


@pytest.fixture
def read(tmp_path: Path) -> ReadTable:
    return reader_of_tables(tmp_path)


def test_every_column_of_the_sample_arrives() -> None:
    library = TableSource().read(str(DATA / "tracks.csv"))
    with (DATA / "tracks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert library.kind == "table"
    assert library.path == str(DATA / "tracks.csv")
    assert library.notices == ()
    assert list(library.tracks.index) == [row["track_id"] for row in rows]
    assert list(library.tracks["title"]) == [row["track_name"] for row in rows]
    assert list(library.tracks["artist"]) == [row["artists"] for row in rows]
    assert list(library.tracks["album"]) == [row["album_name"] for row in rows]
    assert list(library.tracks["genre"]) == [row["genres_top"] for row in rows]
    assert list(library.tracks["added_at"]) == [row["added_at"] for row in rows]
    assert list(library.tracks["duration_s"]) == [int(row["duration_ms"]) / 1000 for row in rows]
    for name in (*BASE_NAMES, "loudness"):
        assert list(library.features[name]) == [float(row[name]) for row in rows]
    assert set(library.providers) == {"file"}
    assert library.tracks["genres"].iloc[1] == ("Folk", "Americana", "Singer-Songwriter")
    assert library.genre_parents["Ambient"] == "Electronic"


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("track_name", "title"), ("Track Name", "title"), ("track", "title"), ("TITLE", "title"), ("name", "title"),
        ("artists", "artist"), ("Artist Name(s)", "artist"), ("artist", "artist"), ("Artist_Name", "artist"),
        ("Album", "album"), ("album name", "album"), ("genres_top", "genre"), ("track_genre", "genre"),
        ("playlist_genre", "genre"), ("Genre", "genre"), ("ISRC", "isrc"), ("Track URI", "uri"),
        ("Added At", "added_at"),
    ],
)  # fmt: skip
def test_column_names_are_recognised(read: ReadTable, header: str, column: str) -> None:
    cells = {"isrc": "DEA123456789", "uri": "spotify:track:0123456789012345678901", "added_at": "2024-05-01T10:00:00Z"}
    cell = cells.get(column, "Something")
    library = read(f"{header},energy\n{cell},0.5\n")
    assert library.tracks[column].iloc[0] == cell
    assert library.features["energy"].iloc[0] == 0.5


@pytest.mark.parametrize(
    ("header", "feature"),
    [
        ("bpm", "tempo"), ("BPM", "tempo"), ("Tempo (BPM)", "tempo"), ("beats_per_minute", "tempo"),
        ("Loudness (dB)", "loudness"), ("Time Signature", "time_signature"), ("audio_features.valence", "valence"),
        ("KEY", "key"), ("Mode", "mode"), ("Danceability", "danceability"),
    ],
)  # fmt: skip
def test_feature_names_are_recognised(read: ReadTable, header: str, feature: str) -> None:
    library = read(f"title,{header}\nA,1\nB,0.9\n")
    assert list(library.features[feature]) == [1.0, 0.9]


def test_the_best_name_wins_and_the_others_are_told(read: ReadTable) -> None:
    library = read("name,track_name,energy\nplaylist,song,0.5\n")
    assert list(library.tracks["title"]) == ["song"]
    assert "“track_name”, not from “name”" in the(library, "unused-column").text


def test_columns_can_be_named(read: ReadTable) -> None:
    text = "name,track_name,Pace,Kraft\na,b,120,0.5\n"
    library = read(text, mapping={"title": "name", "tempo": "pace", "energy": "Kraft"})
    assert list(library.tracks["title"]) == ["a"]
    assert list(library.features["tempo"]) == [120.0]
    assert list(library.features["energy"]) == [0.5]
    assert "unused-column" not in counts(library)


def test_a_named_column_that_is_not_there_is_told_with_those_that_are(read: ReadTable) -> None:
    with pytest.raises(SourceError, match=r"library\.csv: there is no column “BPM”.*“title”, “energy”"):
        read("title,energy\na,0.5\n", mapping={"tempo": "BPM"})


def test_a_name_that_is_none_of_our_columns_is_an_option_error(read: ReadTable) -> None:
    with pytest.raises(OptionError, match=r"'mood'.*title.*tempo"):
        read("title,energy\na,0.5\n", mapping={"mood": "energy"})


@pytest.mark.parametrize(
    "cell",
    [
        "\"['Post-Rock', 'Rock']\"",
        '"[""Post-Rock"", ""Rock""]"',
        '"Post-Rock, Rock"',
        "Post-Rock;Rock",
        "Post-Rock|Rock",
    ],
)
def test_genre_lists_are_read_in_every_notation(read: ReadTable, cell: str) -> None:
    library = read(f"title,genres,top_genre\nA,{cell},Rock\nB,{cell},\n")
    assert list(library.tracks["genres"]) == [("Rock", "Post-Rock"), ("Post-Rock", "Rock")]
    assert list(library.tracks["genre"]) == ["Rock", "Post-Rock"]


def test_a_label_with_a_comma_or_an_apostrophe_survives_in_a_list(read: ReadTable) -> None:
    library = read('title,genres\nA,"[\'Folk, World\', ""Children\'s Music""]"\n')
    assert library.tracks["genres"].iloc[0] == ("Folk, World", "Children's Music")


def test_subgenres_follow_the_genre(read: ReadTable) -> None:
    library = read("track_name,playlist_genre,playlist_subgenre\nA,pop,dance pop\n")
    assert library.tracks["genres"].iloc[0] == ("pop", "dance pop")


def test_lists_of_genre_numbers_are_no_labels(read: ReadTable) -> None:
    library = read('title,genres\nA,"[21, 45]"\nB,[]\nC,\n')
    assert list(library.tracks["genres"]) == [(), (), ()]
    assert list(library.tracks["genre"]) == ["", "", ""]
    assert the(library, "no-genre-names").text.startswith("1 track ")


def test_spellings_of_one_genre_become_the_most_frequent_one(read: ReadTable) -> None:
    library = read("title,genre\nA,Folk\nB,folk\nC,folk\nD,hip hop\nE,Hip-Hop\nF,Jazz\n")
    assert list(library.tracks["genre"]) == ["folk", "folk", "folk", "hip hop", "hip hop", "Jazz"]
    assert counts(library)["genre-spelling"] == 2


def test_one_spelling_needs_no_notice(read: ReadTable) -> None:
    assert "genre-spelling" not in counts(read("title,genre\nA,Folk\nB,Folk\n"))


SPOTIFY = "4uLU6hMCjMI75M1A2tKUQC"


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Track URI", f"spotify:track:{SPOTIFY}"),
        ("track_id", SPOTIFY),
        ("spotify_id", SPOTIFY),
        ("uri", f"https://open.spotify.com/track/{SPOTIFY}?si=abc123"),
        ("id", f"https://open.spotify.com/intl-de/track/{SPOTIFY}"),
    ],
)
def test_spotify_ids_are_found_in_every_form(read: ReadTable, header: str, cell: str) -> None:
    library = read(f"title,{header}\nA,{cell}\n")
    assert list(library.tracks.index) == [SPOTIFY]
    assert list(library.tracks["uri"]) == [f"spotify:track:{SPOTIFY}"]


def test_other_ids_stay_and_have_no_address(read: ReadTable) -> None:
    library = read(
        f"track_id,Track URI,title\n17,spotify:track:{SPOTIFY},A\n18,spotify:local:x:y:z:1,B\n,spotify:local:x,C\n"
    )
    assert list(library.tracks.index) == ["17", "18", "spotify:local:x"]
    assert list(library.tracks["uri"]) == [f"spotify:track:{SPOTIFY}", "", ""]


def test_a_spotify_id_beside_another_id_is_the_address(read: ReadTable) -> None:
    library = read(f"track_id,spotify_id,title\n17,{SPOTIFY},A\n")
    assert list(library.tracks.index) == ["17"]
    assert list(library.tracks["uri"]) == [f"spotify:track:{SPOTIFY}"]


def test_made_ids_do_not_depend_on_the_order_of_the_file(read: ReadTable) -> None:
    rows = ["A,X,0.1", "B,X,0.2", "A,X,0.3", "A,Y,0.4"]
    library = read("\n".join(["title,artist,energy", *rows, ""]))
    turned = read("\n".join(["title,artist,energy", *reversed(rows), ""]))
    assert set(library.tracks.index) == set(turned.tracks.index)
    assert library.tracks.index[1] == turned.tracks.index[2]
    assert library.tracks.index[3] == turned.tracks.index[0]
    assert the(library, "made-id").text.startswith("4 tracks came without an id")


def test_made_ids_of_rows_without_a_title_come_from_the_features(read: ReadTable) -> None:
    library = read("energy,tempo\n0.1,100\n0.2,110\n")
    turned = read("energy,tempo\n0.2,110\n0.1,100\n")
    assert list(library.tracks.index) == list(reversed(turned.tracks.index))


def test_missing_ids_are_made_and_the_others_kept(read: ReadTable) -> None:
    library = read("track_id,title\n1,A\n,B\n3,C\n")
    assert library.tracks.index[0] == "1"
    assert re.fullmatch(r"made-[0-9a-f]{16}", library.tracks.index[1])
    assert the(library, "made-id").text.startswith("1 track ")


@pytest.mark.parametrize(
    ("header", "cells", "seconds", "is_told"),
    [
        ("duration_ms", ("200000", "180500"), [200.0, 180.5], False),
        ("Duration (ms)", ("200000", "180500"), [200.0, 180.5], False),
        ("Track Duration (ms)", ("200000", ""), [200.0, np.nan], False),
        ("duration", ("200", "180.5"), [200.0, 180.5], False),
        ("duration", ("200000", "180500"), [200.0, 180.5], True),
        ("duration_ms", ("200", "180.5"), [200.0, 180.5], True),
        ("length", ("3:20", "1:00:00.5"), [200.0, 3600.5], False),
    ],
)
def test_durations_become_seconds_whatever_their_unit(
    read: ReadTable, header: str, cells: tuple[str, str], seconds: list[float], is_told: bool
) -> None:
    library = read(f"title,{header}\nA,{cells[0]}\nB,{cells[1]}\n")
    np.testing.assert_array_equal(library.tracks["duration_s"], seconds)
    assert ("duration-unit" in counts(library)) is is_told


def test_thousands_separators_are_not_guessed(read: ReadTable) -> None:
    library = read('title,duration_ms\nA,"215,000"\nB,"180,500"\n')
    assert library.tracks["duration_s"].isna().all()
    assert "2 cells" in the(library, "not-a-number").text


def test_fields_beside_the_features_are_read(read: ReadTable) -> None:
    library = read(
        "title,explicit,isrc,playlist_name,play_count,added_at\n"
        "A,True,de-a12-34-56789,Morning,12,2024-05-01T10:20:30Z\n"
        "B,no,DEA123456789,,,2023-01-02\n"
        "C,,oops,Evening,-1,01/05/2024\n"
    )
    tracks = library.tracks
    np.testing.assert_array_equal(tracks["explicit"], [1.0, 0.0, np.nan])
    assert list(tracks["isrc"]) == ["DEA123456789", "DEA123456789", ""]
    assert list(tracks["origins"]) == [("Morning",), (), ("Evening",)]
    np.testing.assert_array_equal(tracks["play_count"], [12.0, np.nan, np.nan])
    assert list(tracks["added_at"]) == ["2024-05-01T10:20:30Z", "2023-01-02", ""]
    assert "line 4" in the(library, "not-an-isrc").text
    assert "“01/05/2024”, line 4" in the(library, "not-a-date").text
    assert "“-1”, line 4" in the(library, "not-a-number").text


@pytest.mark.parametrize("cell", ["A;B", "\"['A', 'B']\"", '"A, B"'])
def test_artists_are_joined_by_commas(read: ReadTable, cell: str) -> None:
    assert list(read(f"title,artists\nT,{cell}\n").tracks["artist"]) == ["A, B"]


def test_words_for_nothing_count_as_missing(read: ReadTable) -> None:
    library = read("title,artist,energy\nA,undefined,undefined\nNone,null,null\nC,NaN,N/A\nD,-,0.5\nE,x,\n")
    assert list(library.tracks["artist"]) == ["", "", "", "-", "x"]
    assert list(library.tracks["title"]) == ["A", "None", "C", "D", "E"]
    np.testing.assert_array_equal(library.features["energy"], [np.nan, np.nan, np.nan, 0.5, np.nan])
    assert "not-a-number" not in counts(library)


def test_line_breaks_inside_a_cell_belong_to_it(read: ReadTable) -> None:
    library = read('title,energy\n"Two\nLines",0.25\nNext,x\nLast,0.5\n')
    assert list(library.tracks["title"]) == ["Two\nLines", "Next", "Last"]
    assert "line 4" in the(library, "not-a-number").text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(read: ReadTable, end: str) -> None:
    library = read(end.join(["title,energy", "A,0.1", "", "B,0.2", ""]))
    assert list(library.tracks["title"]) == ["A", "B"]
    assert list(library.features["energy"]) == [0.1, 0.2]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found(read: ReadTable, separator: str) -> None:
    text = 'title,energy,"album, name; or | so"\nA,0.1,x\nB,0.2,y\n'.replace(
        ",energy,", f"{separator}energy{separator}"
    )
    text = text.replace("A,0.1,x", f"A{separator}0.1{separator}x").replace("B,0.2,y", f"B{separator}0.2{separator}y")
    library = read(text)
    assert list(library.tracks["title"]) == ["A", "B"]
    assert list(library.features["energy"]) == [0.1, 0.2]


def test_a_quote_mark_inside_a_header_does_not_hide_the_separator(read: ReadTable) -> None:
    assert list(read('size,"12;title;energy\nx;A;0.5\n').tracks["title"]) == ["A"]


def test_the_separator_a_spreadsheet_names_is_used(read: ReadTable) -> None:
    assert list(read("sep=;\r\ntitle;energy\r\nA, B;0.5\r\n").tracks["title"]) == ["A, B"]


def test_spaces_before_quotes_do_not_break_the_quotes(read: ReadTable) -> None:
    library = read('"title", "artist", "energy"\n"One, Two", "X", 0.5\n')
    assert list(library.tracks["title"]) == ["One, Two"]
    assert list(library.tracks["artist"]) == ["X"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_need_no_notice(read: ReadTable, encoding: str) -> None:
    library = read("title,artist,track_id\nÅ Ω 🎶,Müller,1\n", encoding=encoding)
    assert list(library.tracks["title"]) == ["Å Ω 🎶"]
    assert [notice.kind for notice in library.notices] == ["no-features"]


def test_latin_1_is_read_and_told(read: ReadTable) -> None:
    library = read("title;artist;energy\nÉtude;Müller;0,5\nZwei – Drei;Søn;0,25\n", encoding="cp1252")
    assert list(library.tracks["title"]) == ["Étude", "Zwei – Drei"]
    assert "Latin-1" in the(library, "encoding").text


def test_a_damaged_byte_does_not_spoil_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "damaged.csv"
    path.write_bytes("title,track_id\nÉtude,1\nMüller,2\nSøn,3\n".encode() + b"\xffx,4\n")
    library = TableSource().read(str(path))
    assert list(library.tracks["title"])[:3] == ["Étude", "Müller", "Søn"]
    assert the(library, "encoding").text.startswith("1 character ")


def test_decimal_commas_are_read_and_told(read: ReadTable) -> None:
    library = read("title;energy;tempo;valence\nA;0,43;120,004;0.5\nB;0,7;95,5;0.25\nC;1;90;0.75\n")
    assert list(library.features["energy"]) == [0.43, 0.7, 1.0]
    assert list(library.features["tempo"]) == [120.004, 95.5, 90.0]
    assert list(library.features["valence"]) == [0.5, 0.25, 0.75]
    assert "energy and tempo" in the(library, "decimal-comma").text


def test_columns_from_0_to_100_are_rescaled_one_by_one_and_told(read: ReadTable) -> None:
    rows = [f"T{n},{n},{n / 100},{n / 2 if n > 6 else 250}" for n in range(5, 100)]
    library = read("\n".join(["title,energy,valence,danceability", *rows, ""]))
    np.testing.assert_allclose(library.features["energy"], np.arange(5, 100) / 100)
    np.testing.assert_allclose(library.features["valence"], np.arange(5, 100) / 100)
    assert library.features["danceability"].iloc[-1] == 0.495
    assert "danceability and energy" in the(library, "rescaled").text
    assert "2 values of danceability are outside 0 to 100" in the(library, "out-of-range").text


def test_a_few_stray_values_do_not_shrink_a_column(read: ReadTable) -> None:
    rows = [f"T{n},{n / 100}" for n in range(100)]
    library = read("\n".join(["title,energy", *rows, "X,60", "Y,-3", "Z,250", ""]))
    np.testing.assert_array_equal(library.features["energy"][-3:], [np.nan] * 3)
    assert library.features["energy"].iloc[50] == 0.5
    assert "3 values of energy are outside 0 to 1" in the(library, "out-of-range").text
    assert "60, line 102" in the(library, "out-of-range").text
    assert "rescaled" not in counts(library)


def test_a_feature_that_crowds_near_0_follows_the_scale_of_the_others(read: ReadTable) -> None:
    rows = [f"T{n},{n},{'90' if n % 10 == 0 else '0.02'}" for n in range(5, 100)]
    library = read("\n".join(["title,energy,instrumentalness", *rows, ""]))
    assert library.features["instrumentalness"].max() == 0.9
    assert library.features["instrumentalness"].min() == pytest.approx(0.0002)


def test_a_feature_that_crowds_near_0_can_be_the_only_one_from_0_to_100(read: ReadTable) -> None:
    rows = [f"T{n},{n / 100},{'90' if n % 4 == 0 else '0.02'}" for n in range(100)]
    library = read("\n".join(["title,energy,instrumentalness", *rows, ""]))
    assert list(library.features["instrumentalness"].unique()) == [0.9, 0.0002]
    assert "instrumentalness came" in the(library, "rescaled").text


def test_rows_of_two_scales_are_not_taken_for_one(read: ReadTable) -> None:
    rows = [f"T{n},{n % 100},{'90' if n % 4 == 0 else '0.02'}" for n in range(30, 80)]
    rows += [f"U{n},{n / 100},0.2" for n in range(100)]
    library = read("\n".join(["title,energy,instrumentalness", *rows, ""]))
    assert "rescaled" not in counts(library)
    assert library.features["energy"].isna().sum() == 50


def test_a_header_with_a_percent_sign_names_the_scale(read: ReadTable) -> None:
    library = read("title,instrumentalness_%\nA,0\nB,1\nC,0\n")
    assert list(library.features["instrumentalness"]) == [0.0, 0.01, 0.0]


def test_keys_and_modes_in_words_become_numbers(read: ReadTable) -> None:
    library = read("title,key,mode,time_signature\nA,C#,Major,4/4\nB,b♭,minor,3\nC,D#/Eb,major,\n")
    assert list(library.features["key"]) == [1.0, 10.0, 3.0]
    assert list(library.features["mode"]) == [1.0, 0.0, 1.0]
    np.testing.assert_array_equal(library.features["time_signature"], [4.0, 3.0, np.nan])


def test_a_track_on_two_playlists_stands_once_with_both(read: ReadTable) -> None:
    library = read(
        "track_id,title,playlist_name,genre\n1,A,Morning,Folk\n2,B,Morning,Jazz\n1,A,Evening,Rock\n1,A,Morning,Folk\n"
    )
    assert list(library.tracks.index) == ["1", "2"]
    assert library.tracks["origins"].iloc[0] == ("Morning", "Evening")
    assert library.tracks["genres"].iloc[0] == ("Folk", "Rock")
    assert library.tracks["genre"].iloc[0] == "Folk"
    text = the(library, "duplicate-id").text
    assert text.startswith("2 rows repeat the id of an earlier row and are left out (first: line 4)")
    assert "1 of them say" in text


def test_missing_feature_columns_are_told(read: ReadTable) -> None:
    assert "liveness" in the(read("title,energy\nA,0.5\n"), "absent-features").text
    assert "no-features" in counts(read("title\nA\n"))


def test_packed_tab_separated_values_are_read(tmp_path: Path) -> None:
    path = tmp_path / "library.tsv.gz"
    path.write_bytes(gzip.compress(b"title\tenergy\nA, B\t0.5\n"))
    library = TableSource().read(str(path))
    assert list(library.tracks["title"]) == ["A, B"]


def test_types_of_parquet_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "library.parquet"
    table = pa.table(
        {
            "track_id": pa.array([1, 2, 3]),
            "track_name": pa.array(["A", "B", None]).dictionary_encode(),
            "artists": pa.array([["X", "Y"], ["Z"], None]),
            "genres": pa.array([["Post-Rock", "Rock"], [], None]),
            "energy": pa.array([0.25, None, np.nan], pa.float32()),
            "tempo": pa.array([120, 0, 90], pa.int16()),
            "valence": pa.array(["0,5", "0,25", "x"]),
            "explicit": pa.array([True, False, None]),
            "added_at": pa.array([0, 86_400, None], pa.timestamp("s", tz="UTC")),
            "duration_ms": pa.array([1000, 200_000, 300_000]),
        }
    )
    pq.write_table(table, path, row_group_size=2)
    library = TableSource().read(str(path))
    assert list(library.tracks.index) == ["1", "2", "3"]
    assert list(library.tracks["title"]) == ["A", "B", ""]
    assert list(library.tracks["artist"]) == ["X, Y", "Z", ""]
    assert list(library.tracks["genres"]) == [("Post-Rock", "Rock"), (), ()]
    np.testing.assert_array_equal(library.features["energy"], [0.25, np.nan, np.nan])
    np.testing.assert_array_equal(library.features["tempo"], [120.0, np.nan, 90.0])
    np.testing.assert_array_equal(library.features["valence"], [0.5, 0.25, np.nan])
    np.testing.assert_array_equal(library.tracks["explicit"], [1.0, 0.0, np.nan])
    assert library.tracks["added_at"].iloc[1].startswith("1970-01-02")
    assert list(library.tracks["duration_s"]) == [1.0, 200.0, 300.0]
    assert "row 3" in the(library, "not-a-number").text


def test_parquet_and_csv_of_one_table_agree(tmp_path: Path) -> None:
    frame = pd.read_csv(DATA / "tracks.csv")
    frame.to_parquet(tmp_path / "tracks.parquet")
    from_csv = TableSource().read(str(DATA / "tracks.csv"))
    from_parquet = TableSource().read(str(tmp_path / "tracks.parquet"))
    pd.testing.assert_frame_equal(from_parquet.tracks, from_csv.tracks)
    pd.testing.assert_frame_equal(from_parquet.features, from_csv.features)


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("title,energy\n" + "A,0.5\n" * 10_000)
    steps: list[tuple[int, int]] = []

    def report(done: int, total: int, text: str) -> None:
        steps.append((done, total))

    TableSource().read(str(path), report=report)
    assert steps == sorted(steps)
    assert steps[-1] == (path.stat().st_size, path.stat().st_size)
    assert len(steps) > 3


def test_the_articles_tracks(shared: Path) -> None:
    path = shared / "fma" / "tracks_cleaned.csv"
    library = TableSource().read(str(path))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(library) == 13_129
    assert library.notices == ()
    assert list(library.tracks.index) == [row["track_id"] for row in rows]
    assert list(library.tracks["genre"]) == [row["genres_top"] for row in rows]
    assert library.tracks["genre"].nunique() == 17
    for name in BASE_NAMES:
        assert list(library.features[name]) == [float(row[name]) for row in rows]
    assert list(library.tracks["duration_s"]) == [float(row["duration"]) for row in rows]


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("title,energy\n" + "A,0.5\n" * 10_000)

    with pytest.raises(Cancelled):
        TableSource().read(str(path), report=stop_at_once)


def test_files_of_tracks_lie_beside_the_table_wherever_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "elsewhere").mkdir()
    files = ["a.mp3", "../b.mp3", "/music/c.mp3", "C:\\d.mp3", "http://radio.example/e.mp3", ""]
    table = pd.DataFrame({"title": list("abcdef"), "path": files, "energy": 0.5})
    table.to_csv(tmp_path / "music" / "list.csv", index=False)
    monkeypatch.chdir(tmp_path / "elsewhere")
    for place in (tmp_path / "music" / "list.csv", Path("../music/list.csv")):
        found = TableSource().read(str(place)).tracks["path"].tolist()
        assert found[0] == str(tmp_path / "music" / "a.mp3")
        assert Path(found[1]).resolve() == tmp_path / "b.mp3"
        assert found[2:] == files[2:]
