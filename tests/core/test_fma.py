from __future__ import annotations

import ast
import contextlib
import csv
import html
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import SourceError
from core.features import BASE_NAMES
from core.genre_tree import inside
from core.library import Library
from core.progress import Cancelled
from core.sources import open_source
from core.sources.fma import FmaSource
from tests.core.reading import counts
from tests.reports import stop_at_once

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "fma" / "fma_metadata"
FILES = ("tracks.csv", "genres.csv", "echonest.csv")
SAMPLE_IDS = ["2", "5", "9", "10", "13", "20", "21", "24", "31", "107", "1040"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample that a test may damage."""
    copy = tmp_path / "fma_metadata"
    shutil.copytree(SAMPLE, copy)
    return copy


def read(path: Path) -> Library:
    return FmaSource().read(str(path))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert text.count(old) == 1, old
    path.write_bytes(text.replace(old, new).encode())


def pack(folder: Path, archive: Path, *, inside: str = "fma_metadata/", method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(archive, "w", method) as packed:
        for name in FILES:
            packed.write(folder / name, inside + name)
    return archive


def failure(path: Path) -> str:
    """Return the line a person sees when reading fails."""
    with pytest.raises(SourceError) as caught:
        read(path)
    line = caught.value.line()
    assert "\n" not in line
    assert caught.value.next_step
    return line


def assert_same(one: Library, other: Library) -> None:
    pd.testing.assert_frame_equal(one.tracks, other.tracks)
    pd.testing.assert_frame_equal(one.features, other.features, check_exact=True)
    assert list(one.providers) == list(other.providers)
    assert one.genre_parents == other.genre_parents
    assert one.notices == other.notices


# What is read


def test_tracks_keep_their_order_and_their_numbers_as_text() -> None:
    library = read(SAMPLE)
    assert library.kind == "fma"
    assert library.path == str(SAMPLE)
    assert list(library.tracks.index) == SAMPLE_IDS


def test_texts_stand_as_they_are_even_where_they_look_like_missing_values() -> None:
    tracks = read(SAMPLE).tracks
    assert list(tracks.loc[["5", "10", "13", "31"], "title"]) == ["None", "NA", "Anvil, Anvil", 'The "Old" Mill']
    assert list(tracks.loc[["9", "31"], "artist"]) == ["Ålund & Çelik", "null"]
    assert list(tracks.loc[["9", "13"], "album"]) == ["Night Bus, Day Bus", ""]
    assert list(tracks.loc[["2", "1040"], "duration_s"]) == [214.0, 264.0]


def test_html_entities_and_outer_spaces_are_no_part_of_a_name(folder: Path) -> None:
    change(folder / "tracks.csv", "Quarry Lane", "Quarry &amp; Lane&#39;s ")
    assert read(folder).tracks.loc["1040", "artist"] == "Quarry & Lane's"


def test_features_are_read_to_the_last_digit_and_missing_where_there_are_none() -> None:
    library = read(SAMPLE)
    expected = [0.858468459, 0.2896092863, 0.1442550834, 9.035e-07, 0.3084818241, 0.8161263591, 136.67, 0.5816001637]
    assert list(library.features.columns) == list(BASE_NAMES)
    assert list(library.features.loc["9"]) == expected
    assert library.features.loc["10", "instrumentalness"] == 0.0
    assert library.features.loc[["24", "1040"]].isna().all(axis=None)
    assert library.with_features == 9
    assert list(library.providers[["9", "24", "1040"]]) == ["echonest", "", ""]


def test_the_top_genre_comes_first_and_the_others_in_the_order_of_the_file() -> None:
    tracks = read(SAMPLE).tracks
    assert tracks.loc["2", "genres"] == ("Rock", "Loud-Rock", "Noise-Rock")
    assert tracks.loc["13", "genres"] == ("Metal", "Rock")
    assert tracks.loc["10", "genres"] == ("Electronic", "Techno", "Glitch")


def test_a_top_genre_outside_the_list_is_put_before_it() -> None:
    tracks = read(SAMPLE).tracks
    assert tracks.loc["1040", "genre"] == "Metal"
    assert tracks.loc["1040", "genres"] == ("Metal", "Electronic", "Glitch")


def test_the_hierarchy_is_that_of_the_files() -> None:
    parents = read(SAMPLE).genre_parents
    assert parents["Noise-Rock"] == "Loud-Rock"
    assert parents["Loud-Rock"] == "Rock"
    assert parents["Metal"] == "Rock"
    assert "Rock" not in parents
    assert len(parents) == 7


def test_missing_top_genres_are_filled_from_the_hierarchy_and_counted() -> None:
    library = read(SAMPLE)
    # Chosen genres [9, 11]: one below Pop, one below Folk, Pop named first. [8, 11, 9]: two of three below Pop.
    assert list(library.tracks.loc[["20", "21"], "genre"]) == ["Pop", "Pop"]
    assert library.tracks.loc["20", "genres"] == ("Pop", "Folk", "Experimental Pop", "Singer-Songwriter")
    assert library.tracks.loc["24", "genre"] == ""
    assert library.tracks.loc["24", "genres"] == ()
    assert counts(library) == {"genre-filled": 2, "no-genre": 1}


def test_the_majority_of_chosen_genres_decides_over_the_one_named_first(folder: Path) -> None:
    change(folder / "tracks.csv", '"[8, 11, 9]","[8, 9, 10, 11]"', '"[11, 8, 9]","[8, 9, 10, 11]"')
    assert read(folder).tracks.loc["21", "genre"] == "Pop"
    change(folder / "tracks.csv", '"[9, 11]","[10, 8, 9, 11]"', '"[11, 9]","[10, 8, 9, 11]"')
    assert read(folder).tracks.loc["20", "genre"] == "Folk"


# Where it is read from


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("inside", ["fma_metadata/", "", "data/fma_metadata/"])
def test_a_zip_reads_like_the_folder(tmp_path: Path, inside: str, method: int) -> None:
    archive = pack(SAMPLE, tmp_path / "fma_metadata.zip", inside=inside, method=method)
    assert FmaSource().accepts(str(archive))
    assert_same(read(archive), read(SAMPLE))
    assert [path.name for path in tmp_path.iterdir()] == ["fma_metadata.zip"]


def test_the_folder_above_and_each_file_lead_to_the_same_library(folder: Path) -> None:
    expected = read(folder)
    for path in (folder.parent, *(folder / name for name in FILES)):
        assert FmaSource().accepts(str(path))
        assert_same(read(path), expected)


def test_a_folder_with_the_downloaded_zip_is_enough(tmp_path: Path) -> None:
    pack(SAMPLE, tmp_path / "fma_metadata.zip")
    assert FmaSource().accepts(str(tmp_path))
    assert_same(read(tmp_path), read(SAMPLE))


def test_entries_of_other_names_and_deeper_copies_are_passed_over(tmp_path: Path) -> None:
    archive = tmp_path / "fma.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("__MACOSX/fma_metadata/._tracks.csv", "junk")
        packed.writestr("fma_metadata/old/tracks.csv", "junk")
        packed.writestr("fma_metadata/raw_tracks.csv", "junk")
        for name in FILES:
            packed.write(SAMPLE / name, f"fma_metadata/{name}")
    assert_same(read(archive), read(SAMPLE))


def test_other_paths_are_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "tracks.csv").write_text("title,artist\n")
    with zipfile.ZipFile(tmp_path / "playlists.zip", "w") as packed:
        packed.writestr("playlist.csv", "")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    for name in ("music", "tracks.csv", "playlists.zip", "broken.zip", "absent", "absent.zip", "nul\0l"):
        assert not FmaSource().accepts(str(tmp_path / name))
    assert not FmaSource().accepts("demo:")


def test_a_broken_zip_of_the_archive_s_name_is_accepted_so_that_its_fault_is_told(tmp_path: Path) -> None:
    archive = pack(SAMPLE, tmp_path / "fma_metadata.zip")
    archive.write_bytes(archive.read_bytes()[:1000])
    assert FmaSource().accepts(str(archive))
    assert "fma_metadata.zip: this is not a zip, or its end is missing" in failure(archive)


# Progress


def test_progress_is_told_in_bytes_and_a_stop_is_heeded() -> None:
    steps: list[tuple[int, int, str]] = []
    FmaSource().read(str(SAMPLE), report=lambda done, total, text: steps.append((done, total, text)))
    assert all(0 <= done <= total for done, total, _ in steps)
    for name in FILES:
        size = (SAMPLE / name).stat().st_size
        assert [step for step in steps if name in step[2]][-1] == (size, size, f"Reading {name}")
    with pytest.raises(Cancelled):
        FmaSource().read(str(SAMPLE), report=stop_at_once)


# Bad input: one clear line


def test_a_wrong_folder_names_the_files_it_should_hold(tmp_path: Path) -> None:
    line = failure(tmp_path)
    for part in (str(tmp_path), *FILES, "fma_metadata", "leitmotif fma download"):
        assert part in line


@pytest.mark.parametrize("name", ["absent", "absent.zip", "nul\0l"])
def test_a_missing_path_is_told(tmp_path: Path, name: str) -> None:
    assert "there is no such file or folder" in failure(tmp_path / name)


def test_another_file_is_not_taken_for_the_archive(tmp_path: Path) -> None:
    (tmp_path / "songs.csv").write_text("title\n")
    assert "not the metadata of the Free Music Archive" in failure(tmp_path / "songs.csv")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert FmaSource().accepts(str(folder))
    line = failure(folder)
    assert f"{name} is missing" in line
    assert "leitmotif fma download" in line


def test_two_missing_files_are_both_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "fma.zip", "w") as packed:
        packed.write(SAMPLE / "tracks.csv", "tracks.csv")
    assert "genres.csv and echonest.csv are missing" in failure(tmp_path / "fma.zip")


def test_a_zip_of_something_else_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "fma.zip", "w") as packed:
        packed.writestr("holiday.jpg", b"")
    assert "not the metadata of the Free Music Archive" in failure(tmp_path / "fma.zip")


def test_a_damaged_zip_names_the_damaged_entry(tmp_path: Path) -> None:
    archive = pack(SAMPLE, tmp_path / "fma.zip", method=zipfile.ZIP_STORED)
    data = bytearray(archive.read_bytes())
    data[data.index(b"Gravel Choir")] ^= 0xFF
    archive.write_bytes(data)
    line = failure(archive)
    assert "fma_metadata/tracks.csv: the zip is damaged here" in line
    assert "leitmotif fma download" in line


def test_a_zip_with_damaged_packing_is_told(tmp_path: Path) -> None:
    archive = pack(SAMPLE, tmp_path / "fma.zip")
    data = bytearray(archive.read_bytes())
    start = data.index(b"fma_metadata/tracks.csv") + len("fma_metadata/tracks.csv")
    data[start : start + 40] = b"\xff" * 40
    archive.write_bytes(data)
    assert "fma_metadata/tracks.csv: the zip is damaged here" in failure(archive)


def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    archive = pack(SAMPLE, tmp_path / "fma.zip")
    data = bytearray(archive.read_bytes())
    for start in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[start] |= 1
    archive.write_bytes(data)
    assert "encrypted" in failure(archive)


def test_a_cut_inside_a_quoted_text_names_the_line_where_it_begins(folder: Path) -> None:
    path = folder / "tracks.csv"
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"then louder")])
    line = failure(folder)
    assert f"{path}: the file is cut off: a quoted text in the row that begins in line 8 never ends" in line


@pytest.mark.parametrize(
    ("name", "last", "line"),
    [("tracks.csv", "Wren Tavenor", 17), ("genres.csv", "Folk", 11), ("echonest.csv", "131.3", 10)],
)
def test_a_cut_inside_a_row_names_its_line(folder: Path, name: str, last: str, line: int) -> None:
    path = folder / name
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(last.encode()) + len(last)])
    assert f"{path}: the file is cut off in line {line}" in failure(folder)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.0, 1.0))
def test_a_file_cut_anywhere_is_refused_or_gives_nothing_wrong(
    tmp_path_factory: pytest.TempPathFactory, name: str, share: float
) -> None:
    folder = tmp_path_factory.mktemp("cut") / "fma_metadata"
    shutil.copytree(SAMPLE, folder)
    data = (folder / name).read_bytes()
    kept = data[: int(share * (len(data) - 1))]
    (folder / name).write_bytes(kept)
    with contextlib.suppress(SourceError):
        library = read(folder)
        assert_nothing_wrong(library, whole=read(SAMPLE), cut_off=not kept.endswith(b"\n"))
        return
    assert f"{folder / name}: " in failure(folder)


def assert_nothing_wrong(library: Library, *, whole: Library, cut_off: bool) -> None:
    ids = list(library.tracks.index)
    assert ids == SAMPLE_IDS[: len(ids)]
    values, expected = library.features.to_numpy(), whole.features.loc[ids].to_numpy()
    assert ((values == expected) | np.isnan(values)).all()
    for column in ("title", "artist", "album", "duration_s"):
        assert list(library.tracks[column]) == list(whole.tracks.loc[ids, column])
    assert set(library.genre_parents.items()) <= set(whole.genre_parents.items())
    assert counts(library).get("cut-off", 0) == cut_off


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_is_told(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert f"{folder / name}: the file is empty" in failure(folder)


@pytest.mark.parametrize(("name", "lines"), [("tracks.csv", 3), ("genres.csv", 1), ("echonest.csv", 4)])
def test_a_header_without_rows_is_told(folder: Path, name: str, lines: int) -> None:
    path = folder / name
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]))
    assert f"{path}: there are no rows below the header" in failure(folder)


def test_a_table_of_another_layout_is_told(folder: Path) -> None:
    (folder / "tracks.csv").write_text("track_id,title\n1,One\n2,Two\n3,Three\n")
    assert "it does not begin with two header lines and one with track_id" in failure(folder)


def test_a_missing_column_is_named(folder: Path) -> None:
    change(folder / "echonest.csv", "speechiness", "chattiness")
    assert "the header has no column 'echonest.audio_features.speechiness'" in failure(folder)


def test_other_separators_are_told(folder: Path) -> None:
    path = folder / "genres.csv"
    path.write_text(path.read_text().replace(",", ";"))
    assert f"{path}: its columns are separated by semicolons, not by commas" in failure(folder)


def test_quotes_in_the_wrong_place_name_the_line(folder: Path) -> None:
    change(folder / "tracks.csv", '"The ""Old"" Mill"', '"The "Old" Mill"')
    assert "the row that begins in line 18 is not valid CSV" in failure(folder)


def test_a_column_of_text_only_is_refused(folder: Path) -> None:
    path = folder / "echonest.csv"
    lines = path.read_text().splitlines(keepends=True)
    rows = [line.split(",") for line in lines[4:]]
    path.write_text("".join(lines[:4]) + "".join(",".join([row[0], "loud", *row[2:]]) for row in rows))
    line = failure(folder)
    assert "acousticness" in line
    assert "echonest.csv line 5" in line
    assert "leitmotif fma download" in line


def test_a_file_that_may_not_be_read_is_told(folder: Path) -> None:
    (folder / "genres.csv").unlink()
    (folder / "genres.csv").symlink_to("genres.csv")
    assert "genres.csv" in failure(folder)


# Bad input: the rest is used, and what was left out is counted


def only_notice(library: Library, kind: str) -> str:
    """Return the text of the notice that the undamaged sample does not have."""
    usual = {"genre-filled", "no-genre"}
    (notice,) = [notice for notice in library.notices if notice.kind not in usual]
    assert notice.kind == kind
    return notice.text


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [("136.67,", "brisk,", "not-a-number"), ("136.67,", "inf,", "infinite"), ("136.67,", "1366.7,", "out-of-range")],
)
def test_unusable_numbers_become_missing_and_are_counted(folder: Path, old: str, new: str, kind: str) -> None:
    change(folder / "echonest.csv", old, new)
    library = read(folder)
    assert np.isnan(library.features.loc["9", "tempo"])
    assert library.features.isna().to_numpy().sum() == 2 * len(BASE_NAMES) + 1
    assert "echonest.csv line 7" in only_notice(library, kind)


def test_a_duration_that_is_no_number_is_left_empty(folder: Path) -> None:
    change(folder / "tracks.csv", "training,301,", "training,long,")
    library = read(folder)
    assert np.isnan(library.tracks.loc["9", "duration_s"])
    assert "tracks.csv line 12" in only_notice(library, "not-a-number")


@pytest.mark.parametrize(
    ("name", "row", "line"),
    [
        ("tracks.csv", "5,0,,Copy,,Copy,training,1,Pop,[8],[8],CC BY,Copy\n", 21),
        ("genres.csv", "01,1,2,Copy,2\n", 14),
        ("echonest.csv", "10,0.1,0.1,0.1,0.1,0.1,0.1,99,0.1,,,,,,\n", 14),
    ],
)
def test_the_first_of_several_rows_with_one_id_counts(folder: Path, name: str, row: str, line: int) -> None:
    with (folder / name).open("a") as stream:
        stream.write(row)
    library = read(folder)
    expected = read(SAMPLE)
    assert f"{name} with an id that stood before was left out (first: line {line})" in only_notice(
        library, "duplicate-id"
    )
    pd.testing.assert_frame_equal(library.tracks, expected.tracks)
    pd.testing.assert_frame_equal(library.features, expected.features)
    assert library.genre_parents == expected.genre_parents


@pytest.mark.parametrize(
    "row", ["24,too,short\n", "none,0,,,,,training,1,Pop,[8],[8],CC BY,No id\n", "1" + "," * 40 + "\n"]
)
def test_rows_that_do_not_fit_are_left_out_and_counted(folder: Path, row: str) -> None:
    change(folder / "tracks.csv", "31,0,,Wax", f"{row}\n31,0,,Wax")
    library = read(folder)
    assert list(library.tracks.index) == SAMPLE_IDS
    assert "1 row of tracks.csv with the wrong number of cells" in only_notice(library, "broken-row")
    assert "(first: line 18)" in only_notice(library, "broken-row")


def test_latin_1_is_read_and_told(folder: Path) -> None:
    path = folder / "tracks.csv"
    path.write_bytes(path.read_bytes().decode().encode("latin-1"))
    library = read(folder)
    assert list(library.tracks.loc[["9", "10"], "artist"]) == ["Ålund & Çelik"] * 2
    assert library.tracks.loc["9", "title"] == "Ständig på väg"
    assert "3 cells of tracks.csv" in only_notice(library, "encoding")


def test_a_byte_order_mark_is_no_part_of_the_header(folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert_same(replace_path(read(folder)), replace_path(read(SAMPLE)))


def replace_path(library: Library) -> Library:
    return Library(**{**library.__dict__, "path": ""})


def test_a_last_line_without_its_break_is_left_out(folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes((folder / name).read_bytes().rstrip(b"\n"))
    library = read(folder)
    assert list(library.tracks.index) == SAMPLE_IDS[:-1]
    assert library.features.loc["107"].isna().all()
    assert [notice.kind for notice in library.notices].count("cut-off") == 3


def test_genres_that_the_hierarchy_lacks_are_counted(folder: Path) -> None:
    change(folder / "genres.csv", "3,9,1,Loud-Rock,1\n", "")
    library = read(folder)
    assert library.tracks.loc["2", "genres"] == ("Rock", "Noise-Rock")
    assert counts(library)["unknown-genre"] == 1
    assert counts(library)["unknown-parent"] == 1


def test_a_hierarchy_that_runs_in_a_circle_ends(folder: Path) -> None:
    change(folder / "genres.csv", "8,20,0,Pop,8", "8,20,9,Pop,8")
    assert read(folder).tracks.loc["21", "genre"] in {"Pop", "Experimental Pop"}


def test_features_of_unknown_tracks_are_counted(folder: Path) -> None:
    with (folder / "echonest.csv").open("a") as stream:
        stream.write("999,0.1,0.1,0.1,0.1,0.1,0.1,99,0.1,,,,,,\n")
    assert "1 row of echonest.csv for tracks that are not in tracks.csv" in only_notice(read(folder), "unknown-track")


# The real files


@pytest.fixture
def cleaned(shared: Path) -> list[dict[str, str]]:
    """The article's own table of the same tracks."""
    with (shared / "fma" / "tracks_cleaned.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.shared
def test_the_real_folder_agrees_with_the_article_s_table(shared: Path, cleaned: list[dict[str, str]]) -> None:
    library = read(shared / "fma" / "fma_metadata")
    assert library.notices == ()
    assert list(library.tracks.index) == [row["track_id"] for row in cleaned]
    for ours, theirs in (("title", "track"), ("artist", "artist"), ("album", "album"), ("genre", "genres_top")):
        assert list(library.tracks[ours]) == [html.unescape(row[theirs]).strip() for row in cleaned]
    features = np.array([[float(row[name]) for name in BASE_NAMES] for row in cleaned])
    assert np.array_equal(library.features.to_numpy(), features)
    assert list(library.tracks["duration_s"]) == [float(row["duration"]) for row in cleaned]


@pytest.mark.shared
def test_the_real_genre_labels_agree_with_the_article_s_table(shared: Path, cleaned: list[dict[str, str]]) -> None:
    library = read(shared / "fma" / "fma_metadata")
    theirs = [tuple(dict.fromkeys([row["genres_top"], *ast.literal_eval(row["genres_all"])])) for row in cleaned]
    assert list(library.tracks["genres"]) == theirs


@pytest.mark.shared
def test_the_real_folder_agrees_with_the_table_source(shared: Path) -> None:
    ours, theirs = read(shared / "fma" / "fma_metadata"), open_source(str(shared / "fma" / "tracks_cleaned.csv"))
    assert theirs.kind == "table"
    pd.testing.assert_frame_equal(ours.features, theirs.features, check_exact=True)
    for column in ("genre", "genres", "duration_s"):
        assert list(ours.tracks[column]) == list(theirs.tracks[column])
    for library in (ours, theirs):
        rock = inside("Rock", labels=set(library.tracks["genre"]), parents=library.genre_parents)
        assert rock == {"Rock", "Metal"}
        assert library.tracks["genre"].isin(rock).sum() == 4841


@pytest.mark.shared
def test_the_untouched_excerpt_stands_in_for_the_tracks(shared: Path, tmp_path: Path) -> None:
    for name in ("genres.csv", "echonest.csv"):
        shutil.copy(shared / "fma" / "fma_metadata" / name, tmp_path / name)
    shutil.copy(shared / "fma" / "tracks_excerpt_official.csv", tmp_path / "tracks.csv")
    library = read(tmp_path)
    assert len(library) == 682
    assert library.with_features == 360
    assert counts(library) == {"genre-filled": 50, "no-genre": 1, "unknown-track": 13129 - 360}
    assert set(library.tracks["genre"]) - {""} <= set(library.tracks["genres"].explode().dropna())
