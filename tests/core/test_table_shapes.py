"""Tables as other programs write them: their names of columns, scales, units, lists and rows that are no tracks.

The shapes were seen in public tables of Spotify libraries, exports of Chosic, TuneMyMusic, Soundiiz, Rekordbox,
Apple Music, Serato and Mixed In Key, and in data sets made from Spotify; titles and values are made up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from core.errors import SourceError
from core.sources import open_source
from tests.core.reading import ReadTable, counts, reader_of_tables, the

SPOTIFY = "4uLU6hMCjMI75M1A2tKUQC"


@pytest.fixture
def read(tmp_path: Path) -> ReadTable:
    return reader_of_tables(tmp_path)


def table(header: str, row: str, count: int = 40) -> str:
    """Return a table whose rows tell numbers from ``{a}`` (20 to 98) and ``{b}`` (0 to 9)."""
    rows = [row.format(n=n, a=20 + n * 2 % 79, b=n % 10) for n in range(count)]
    return "\n".join([header, *rows, ""])


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("artist(s)_name", "artist"), ("Interpret", "artist"), ("Künstler", "artist"), ("Artiste", "artist"),
        ("Artista", "artist"), ("master_metadata_album_artist_name", "artist"), ("Titel", "title"),
        ("Titre", "title"), ("Título", "title"), ("Nombre", "title"), ("Álbum", "album"), ("Género", "genre"),
    ],
)  # fmt: skip
def test_columns_of_other_programs_and_languages_are_recognised(read: ReadTable, header: str, column: str) -> None:
    assert read(f"{header},energy\nSomething,0.5\n").tracks[column].iloc[0] == "Something"


@pytest.mark.parametrize("header", ["spotify_track_url", "Song URL"])
def test_links_of_other_programs_are_recognised(read: ReadTable, header: str) -> None:
    library = read(f"title,{header}\nA,https://open.spotify.com/track/{SPOTIFY}?si=1\n")
    assert list(library.tracks["uri"]) == [f"spotify:track:{SPOTIFY}"]


def test_an_export_of_chosic_gives_all_eight_features(read: ReadTable) -> None:
    library = read(
        table(
            "#,Song,Artist,BPM,Camelot,Energy,Added At,Duration,Genres,Dance,Acoustic,Instrumental,Happy,Speech,Live,"
            "Loud (Db),Key,Spotify Track Id,ISRC,Explicit",
            '{n},Song {n},"A, B",{a},8A,{a},2024-05-0{b},03:0{b},"indie pop, folk",{a},{a},0,{a},{b},{a},-{b},'
            "G# Minor,,DEA1234567{n:02},no",
        )
    )
    np.testing.assert_array_equal(library.features["valence"], library.features["energy"])
    np.testing.assert_array_equal(library.features["liveness"], library.features["energy"])
    assert library.features["energy"].iloc[0] == 0.2
    assert library.features["speechiness"].iloc[3] == 0.03
    assert library.features["loudness"].iloc[3] == -3.0
    assert set(library.features["key"]) == {8.0}
    assert set(counts(library)) == {"made-id", "rescaled"}


def test_the_short_names_of_a_table_are_recognised(read: ReadTable) -> None:
    library = read(
        table(
            '"ID","title","artist","top genre","bpm","nrgy","dnce","dB","live","val","dur","acous","spch"',
            '"{n}","Song {n}","A","pop",120,{a},{a},-5,{a},{a},200,{a},{a}',
        )
    )
    for name in ("energy", "danceability", "liveness", "valence", "acousticness", "speechiness"):
        assert library.features[name].iloc[0] == 0.2, name
    assert (library.features["loudness"].iloc[0], library.tracks["duration_s"].iloc[0]) == (-5.0, 200.0)


def test_a_short_name_alone_is_no_feature(read: ReadTable) -> None:
    library = read("title,artist,live,happy,energy\nA,X,yes,1,0.5\nB,X,no,0,0.7\n")
    assert library.features["liveness"].isna().all()
    assert library.features["valence"].isna().all()
    assert "liveness" in the(library, "absent-features").text


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("live", ("yes", "no")), ("live", ("TRUE", "FALSE")), ("live", ("1", "0")), ("speech", ("no", "no")),
        ("live", ("12", "3")), ("db", ("discogs", "musicbrainz")), ("db", ("1", "2")),
    ],
)  # fmt: skip
def test_a_short_name_that_means_something_else_is_no_feature(
    read: ReadTable, header: str, cells: tuple[str, str]
) -> None:
    library = read(f"title,energy,valence,danceability,{header}\nA,.5,.5,.5,{cells[0]}\nB,.6,.6,.6,{cells[1]}\n")
    assert "loudness" not in library.features
    assert library.features[["liveness", "speechiness"]].isna().all(axis=None)
    assert "rescaled" not in counts(library)
    notice = the(library, "other-meaning")
    assert notice.text.startswith(f"the column “{header}” holds nothing that could be ")
    assert notice.command


def test_a_short_name_that_the_person_gives_is_a_feature(read: ReadTable) -> None:
    content = "title,energy,valence,danceability,live\nA,.5,.5,.5,1\nB,.6,.6,.6,0\n"
    assert list(read(content, mapping={"liveness": "live"}).features["liveness"]) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("header", "cell", "name"),
    [
        (
            "artists",
            "[{'external_urls': {'spotify': 'https://x'}, 'name': \"Weird D'Al\", 'type': 'artist'}]",
            "artist",
        ),
        ("artists", '[{"id": "1", "name": "Weird D\'Al"}]', "artist"),
        ("artists", '[{"id": "1", "name": "Weird D\\u0027Al"}]', "artist"),
        ("genres", "[{'genre_id': '21', 'genre_title': \"Weird D'Al\", 'genre_url': 'http://x'}]", "genre"),
    ],
)
def test_a_list_of_records_gives_their_names(read: ReadTable, header: str, cell: str, name: str) -> None:
    quoted = cell.replace('"', '""')
    assert list(read(f'title,{header}\nT,"{quoted}"\n').tracks[name]) == ["Weird D'Al"]


def test_an_empty_set_is_no_genre(read: ReadTable) -> None:
    assert list(read('title,genre\nA,set()\nB,"pop, R&B"\n').tracks["genres"]) == [(), ("pop", "R&B")]


def test_percent_signs_and_units_behind_numbers_are_read(read: ReadTable) -> None:
    library = read("title,energy,valence,bpm,loudness\nA,52%,100 %,120 BPM,-6.5 dB\nB,0,0%,90bpm,-7\n")
    assert list(library.features["energy"]) == [0.52, 0.0]
    assert list(library.features["valence"]) == [1.0, 0.0]
    assert list(library.features["tempo"]) == [120.0, 90.0]
    assert list(library.features["loudness"]) == [-6.5, -7.0]
    assert "rescaled" not in counts(library)


def test_numbers_beside_percent_signs_are_not_guessed(read: ReadTable) -> None:
    library = read("title,energy\nA,52%\nB,0.5\nC,7%\n")
    np.testing.assert_array_equal(library.features["energy"], [0.52, np.nan, 0.07])
    assert "line 3" in the(library, "not-a-number").text


def test_a_percent_sign_counts_once_below_a_header_that_says_percent(read: ReadTable) -> None:
    library = read("title,Energy (%)\nA,100%\nB,0%\n")
    assert list(library.features["energy"]) == [1.0, 0.0]


def test_a_quiet_library_from_0_to_100_stays_on_its_scale(read: ReadTable) -> None:
    library = read(table("title,energy,acousticness,valence", "T{n},{b},{a},{b}"))
    assert (library.features["energy"].max(), library.features["valence"].max()) == (0.09, 0.09)
    assert "acousticness, energy and valence came on a 0–100 scale" in the(library, "rescaled").text


def test_one_percent_is_not_taken_for_all_where_the_other_columns_go_up_to_100(read: ReadTable) -> None:
    rows = [f"T{n},{n % 4},{20 + n},{n % 2},0.{n % 10}5" for n in range(40)]
    library = read("\n".join(["title,energy,acousticness,instrumentalness,liveness", *rows, ""]))
    assert list(library.features["energy"].iloc[:4]) == [0.0, 0.01, 0.02, 0.03]
    assert library.features["instrumentalness"].max() == 0.01
    assert library.features["liveness"].max() == 0.95
    assert "acousticness, energy and instrumentalness came on a 0–100 scale" in the(library, "rescaled").text


def test_quiet_columns_with_a_decimal_stay_on_the_scale_of_the_others(read: ReadTable) -> None:
    rows = [f"T{n},{n / 10:.1f},{20 + n * 1.5:.1f},0.{n % 10},0.{n % 10}5" for n in range(40)]
    library = read("\n".join(["title,energy,acousticness,instrumentalness,liveness", *rows, ""]))
    assert library.features["energy"].max() == pytest.approx(0.039)
    assert library.features["instrumentalness"].max() == pytest.approx(0.009)
    assert library.features["liveness"].max() == 0.95
    assert "out-of-range" not in counts(library)


def test_energy_levels_from_1_to_10_are_told_from_0_to_100(read: ReadTable) -> None:
    library = read("title,energy\n" + "".join(f"T{n},{1 + n % 10}\n" for n in range(40)))
    assert list(library.features["energy"].iloc[:3]) == [0.1, 0.2, 0.3]
    assert "energy came on a 0–10 scale and was divided by 10" in the(library, "rescaled").text


def test_quiet_features_of_a_table_from_0_to_100_stay_on_its_scale(read: ReadTable) -> None:
    library = read(table("title,energy,speechiness", "T{n},{a},{b}"))
    assert (library.features["energy"].max(), library.features["speechiness"].max()) == (0.98, 0.09)
    assert "energy and speechiness came on a 0–100 scale" in the(library, "rescaled").text


def test_a_few_small_numbers_do_not_tell_0_to_10(read: ReadTable) -> None:
    assert list(read("title,energy\nA,5\nB,8\nC,9\n").features["energy"]) == [0.05, 0.08, 0.09]


def test_standardised_features_are_not_taken_for_shares(read: ReadTable) -> None:
    scores = [((37 * n) % 41 - 20) / 10 for n in range(41)]
    library = read("title,energy,valence\n" + "".join(f"T{n},{score},0.5\n" for n, score in enumerate(scores)))
    assert library.features["energy"].isna().all()
    assert library.features["valence"].notna().all()
    assert the(library, "standardised").text.startswith("energy is often below 0")
    assert set(counts(library)) == {"absent-names", "made-id", "standardised", "absent-features"}


def test_a_mark_for_unknown_below_0_spoils_no_column(read: ReadTable) -> None:
    library = read("title,energy\n" + "".join(f"T{n},{-1 if n % 3 == 0 else n / 50}\n" for n in range(45)))
    assert library.features["energy"].notna().sum() == 30
    assert the(library, "out-of-range").count == 15


@pytest.mark.parametrize(
    ("cell", "key"),
    [("G# Minor", 8), ("C#/Db Major", 1), ("Am", 9), ("F♯m", 6), ("Bb maj", 10), ("8A", 9), ("8B", 0), ("05A", 0)],
)
def test_keys_of_dj_programs_become_pitch_classes(read: ReadTable, cell: str, key: int) -> None:
    library = read(f"title,Key\nA,{cell}\nB,C\n")
    assert list(library.features["key"]) == [key, 0.0]


def test_moods_in_words_beside_names_are_told_and_not_used(read: ReadTable) -> None:
    library = read("Song,Artist,Energy,BPM\nA,X,medium,120\nB,Y,high,90\n")
    assert list(library.tracks["title"]) == ["A", "B"]
    assert library.features["energy"].isna().all()
    notice = the(library, "no-numbers")
    assert "the column “Energy” holds text such as “medium”" in notice.text
    assert notice.command == "name another column with --column energy=NAME"
    assert "no-values" not in counts(library)


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        ("title,Energy,valence\nA,high,0.5\nB,low,0.1\n", None),
        ("Energy\nhigh\nlow\n", None),
        ("title,Mood\nA,high\nB,low\n", {"energy": "Mood"}),
    ],
    ids=["beside other features", "without names", "named by the person"],
)
def test_words_are_refused_where_numbers_are_meant(
    read: ReadTable, content: str, mapping: dict[str, str] | None
) -> None:
    with pytest.raises(SourceError, match="should hold numbers"):
        read(content, mapping=mapping)


@pytest.mark.parametrize(
    ("header", "cells", "seconds", "told"),
    [
        ("duration_ms", ("3.5", "4.25"), [210.0, 255.0], "read as minutes"),
        ("duration", ("3.5", "4.25"), [210.0, 255.0], "read as minutes"),
        ("duration_min", ("3.5", "4.25"), [210.0, 255.0], ""),
        ("Duration (min)", ("210", "255"), [210.0, 255.0], "read as seconds"),
        ("duration (s)", ("3.5", "4.25"), [3.5, 4.25], ""),
        ("duration", ("15", "14"), [15.0, 14.0], "read as seconds"),
        ("duration (s)", ("15", "14"), [15.0, 14.0], ""),
        ("Duration (min)", ("120", "118"), [7200.0, 7080.0], ""),
        ("duration", ("225s", "3m 45s"), [225.0, 225.0], ""),
        ("Dauer", ("3:45", "PT3M45S"), [225.0, 225.0], ""),
    ],
)
def test_durations_of_other_programs_become_seconds(
    read: ReadTable, header: str, cells: tuple[str, str], seconds: list[float], told: str
) -> None:
    library = read(f"title,{header}\nA,{cells[0]}\nB,{cells[1]}\n")
    assert list(library.tracks["duration_s"]) == seconds
    assert ("duration-unit" in counts(library)) is bool(told)
    assert not told or told in the(library, "duration-unit").text


@pytest.mark.parametrize(("unit", "seconds"), [("min", 14_400.0), ("s", 240.0), ("ms", 0.24)])
def test_the_unit_of_durations_that_the_person_names_is_not_overruled(
    read: ReadTable, unit: str, seconds: float
) -> None:
    content = "title,Duration (min)\nA,240\nB,250\n"
    assert "was read as seconds" in the(read(content), "duration-unit").text
    assert "duration_min=NAME" in the(read(content), "duration-unit").command
    library = read(content, mapping={f"duration_{unit}": "Duration (min)"})
    assert library.tracks["duration_s"].iloc[0] == pytest.approx(seconds)
    assert "duration-unit" not in counts(library)


@pytest.mark.parametrize(
    ("cells", "dates", "order"),
    [
        (("2/8/17, 5:31 PM", "2/18/17, 5:31 PM"), ["2017-02-08", "2017-02-18"], "month, day, year"),
        (("08.02.2017", "18.02.2017 17:31"), ["2017-02-08", "2017-02-18"], "day, month, year"),
        (("2/8/17", "3/9/17"), ["", ""], ""),
        (("2/18/17", "18/2/17"), ["", ""], ""),
        (("31/02/2017", "18/02/2017"), ["", "2017-02-18"], "day, month, year"),
        (("24-05-31", "23-11-02"), ["", ""], ""),
        (("24/5/31", "3/11/02"), ["2031-05-24", "2002-11-03"], "day, month, year"),
        (("24.05.18, 17:31", "03.11.17, 17:31"), ["2018-05-24", "2017-11-03"], "day, month, year"),
        (("13.02.2024", "03/04/2024"), ["", ""], ""),
    ],
)
def test_dates_are_read_where_the_column_shows_their_order(
    read: ReadTable, cells: tuple[str, str], dates: list[str], order: str
) -> None:
    library = read(f'title,Date Added\nA,"{cells[0]}"\nB,"{cells[1]}"\n')
    assert list(library.tracks["added_at"]) == dates
    assert ("date-order" in counts(library)) is bool(order)
    assert not order or f"were read as {order}" in the(library, "date-order").text
    assert ("not-a-date" in counts(library)) is ("" in dates)


def test_of_two_recording_codes_the_first_counts(read: ReadTable) -> None:
    library = read("title;isrc\nA;ussm10805339,usrc17607839\nB;usrc17607839\nC;ussm10805339,live\n")
    assert list(library.tracks["isrc"]) == ["USSM10805339", "USRC17607839", ""]
    assert the(library, "not-an-isrc").count == 1


def test_saved_artists_and_albums_are_no_tracks(read: ReadTable) -> None:
    library = read(
        "\ufeffTrack name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id\n"
        f'"Moon","Ayo","Moon","Favorite Songs","Favorite","","{SPOTIFY}"\n'
        '"Sun","Ayo","Sky","Road Trip","Playlist","",""\n'
        '"Ayo","","","Favorite Artists","Artist","",""\n'
        '"Sky","Ayo","Sky","Favorite Albums","Album","",""\n'
    )
    assert list(library.tracks["title"]) == ["Moon", "Sun"]
    assert list(library.tracks["origins"]) == [("Favorite Songs",), ("Road Trip",)]
    assert the(library, "no-tracks").text == "2 rows of saved artists and albums left out"


def test_types_of_records_leave_no_track_out(read: ReadTable) -> None:
    library = read("title,artist,album,type\nA,X,A,Album\nB,X,C,Album\n")
    assert list(library.tracks["title"]) == ["A", "B"]
    library = read("title,artist,album,type\nA,X,A,album\nB,,C,Single\nArtist,,,artist\n")
    assert len(library) == 3


@pytest.mark.parametrize(
    "content",
    [
        "title,artist,album,type\nMoon,Ayo,Moon,album\nSun,Ayo,Sky,album\nDay,Ayo,Sky,playlist\n",
        "title,artist,album,type\nMoon,Ayo,Moon,album\nSun,Ayo,Sky,artist\nDay,Ayo,Sky,playlist\n",
        "title,type\nMoon,artist\nSun,artist\nDay,artist\n",
    ],
    ids=["albums", "artists", "no column of artists"],
)
def test_types_of_places_that_tracks_were_played_from_leave_none_out(read: ReadTable, content: str) -> None:
    assert list(read(content).tracks["title"]) == ["Moon", "Sun", "Day"]


def test_a_list_of_saved_artists_is_refused(read: ReadTable) -> None:
    with pytest.raises(SourceError, match="saved artists or albums, not tracks"):
        read("Track name,Artist name,Album,Type\nAyo,,,Artist\nMira,,,Artist\n")


def test_lines_above_the_names_of_the_columns_are_passed_over(read: ReadTable) -> None:
    library = read('Session,Friday Night\n\nname,artist,bpm,key\n"Hey, Moon",Ayo,124,Fm\nSun,Ayo,fast,\n')
    assert list(library.tracks["title"]) == ["Hey, Moon", "Sun"]
    assert the(library, "lines-above").text == "1 line above the names of the columns passed over"
    assert "line 5" in the(library, "not-a-number").text


def test_a_row_of_a_table_without_known_columns_is_not_its_header(read: ReadTable) -> None:
    with pytest.raises(SourceError, match="no column is recognised"):
        read("foo,bar\nname,artist\nA,B\n")
    library = read("eins,zwei,drei\nname,artist,bpm\nA,B,C\n", mapping={"title": "eins"})
    assert list(library.tracks["title"]) == ["name", "A"]


def test_a_table_without_titles_or_artists_says_so(read: ReadTable) -> None:
    notice = the(read("Pesma;energy\nA;0.5\n"), "absent-names")
    assert notice.text == "the table has no column that is known to hold titles or artists"
    assert notice.command == "if it has one, name it with --column title=NAME"
    assert the(read("title,energy\nA,0.5\n"), "absent-names").command.endswith("--column artist=NAME")
    assert "absent-names" not in counts(read("title,artist\nA,X\n"))


def test_a_text_that_begins_like_a_table_is_one(tmp_path: Path) -> None:
    rekordbox = tmp_path / "HISTORY.txt"
    rekordbox.write_text(
        "#\tArtwork\tTrack Title\tArtist\tBPM\tTime\tKey\tDate Added\n1\t\tMoon\tAyo\t125.00\t05:55\t5A\t2021-12-24\n",
        encoding="utf-16",
    )
    library = open_source(str(rekordbox))
    assert (library.kind, list(library.tracks["title"])) == ("table", ["Moon"])
    assert library.tracks["duration_s"].iloc[0] == 355.0
    listed = tmp_path / "list.txt"
    listed.write_text("eins\tzwei\nMoon\tAyo\n")
    with pytest.raises(SourceError, match=r"files ending in \.txt are not read"):
        open_source(str(listed))
    assert list(open_source(str(listed), mapping={"title": "eins"}).tracks["title"]) == ["Moon"]


def test_a_track_that_was_played_often_stands_once(read: ReadTable) -> None:
    library = read(
        "uts,utc_time,artist,album,track\n"
        '"1767217094","31 Dec 2025, 21:38","Ayo","Sky","Moon"\n'
        '"1767216794","31 Dec 2025, 21:33","Ayo","Sky","Sun"\n'
        '"1767216494","31 Dec 2025, 21:28","Ayo","Sky","Moon"\n'
        '"1767216194","31 Dec 2025, 21:23","","","Intro"\n'
        '"1767215894","31 Dec 2025, 21:18","","","Intro"\n'
    )
    assert list(library.tracks["title"]) == ["Moon", "Sun", "Intro", "Intro"]
    assert (
        the(library, "duplicate-id").text
        == "1 row repeats an earlier row and is left out (first: line 4); it says the same"
    )
    assert the(library, "made-id").count == 4


def test_a_track_without_id_on_two_playlists_stands_once_with_both(read: ReadTable) -> None:
    library = read("title,artist,playlist,duration\nA,X,Morning,200\nA,X,Evening,200\nA,X,Evening,300\n")
    assert list(library.tracks["origins"]) == [("Morning", "Evening"), ("Evening",)]
    assert len(set(library.tracks.index)) == 2


def test_artists_in_brackets_are_names_unless_all_are_lists(read: ReadTable) -> None:
    library = read("title,artist\nA,[spunge]\nB,\"['X', 'Y']\"\nC,\"[X, Y]\"\nD,['weird'] band\nE,AC/DC\n")
    assert list(library.tracks["artist"]) == ["[spunge]", "X, Y", "X, Y", "['weird'] band", "AC/DC"]
    assert list(read('title,artists\nA,[X]\nB,"[X, Y]"\nC,\n').tracks["artist"]) == ["X", "X, Y", ""]


def test_titles_that_look_like_something_else_stay_titles(read: ReadTable) -> None:
    titles = ["['Til Tuesday", "[Untitled]", "None", "{}", "1999", "TRUE", "100%", "sep=;"]
    library = read("title,artist\n" + "".join(f"{title},X\n" for title in titles))
    assert list(library.tracks["title"]) == titles


@pytest.mark.parametrize(
    "address",
    [f"https://open.spotify.com/artist/{SPOTIFY}", f"spotify:album:{SPOTIFY}", "https://x.bandcamp.com/album/y"],
)
def test_the_address_of_an_album_or_artist_makes_its_tracks_no_copies(read: ReadTable, address: str) -> None:
    library = read(f"title,artist,url\nMoon,Ayo,{address}\nSun,Ayo,{address}\nSky,Ayo,http://x/sky\n")
    assert list(library.tracks["title"]) == ["Moon", "Sun", "Sky"]
    assert the(library, "shared-address").count == 2
    assert set(counts(library)) == {"shared-address", "made-id", "no-features"}


def test_rows_with_one_address_and_title_are_one_track(read: ReadTable) -> None:
    library = read("title,artist,url\nMoon,Ayo,http://x/moon\nMOON,Ayo & Co,http://x/moon\n")
    assert (len(library), the(library, "duplicate-id").count) == (1, 1)
    track = f"https://open.spotify.com/track/{SPOTIFY}"
    assert len(read(f"title,artist,url\nMoon,Ayo,{track}\nMoon (Live),Ayo,{track}\n")) == 1


def test_two_mixes_of_one_title_are_two_tracks(read: ReadTable) -> None:
    library = read("Title,Mix Name,Artists\nMoon,Dub,Ayo\nMoon,Club,Ayo\nMoon,Dub,Ayo\n")
    assert len(library) == 2


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_spans_of_time_in_parquet_are_durations(tmp_path: Path, unit: Literal["s", "ms", "us", "ns"]) -> None:
    spans = pd.to_timedelta([5.5, None, 225], unit="s").as_unit(unit)
    pd.DataFrame({"title": ["A", "B", "C"], "length": spans}).to_parquet(tmp_path / "t.parquet")
    library = open_source(str(tmp_path / "t.parquet"))
    expected = 5.0 if unit == "s" else 5.5
    np.testing.assert_array_equal(library.tracks["duration_s"], [expected, np.nan, 225.0])
    assert not {"duration-unit", "not-a-number"} & set(counts(library))
