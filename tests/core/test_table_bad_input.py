"""Tables that are damaged, cut, mistaken or full of nonsense: one clear line, or a counted notice."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import SourceError
from core.library import Notice
from core.progress import silent
from core.sources.table import TableSource
from core.sources.table_text import read_text_table
from tests.core.reading import ReadTable, reader_of_tables, the

DATA = Path(__file__).parent.parent / "data" / "tables"


@pytest.fixture
def read(tmp_path: Path) -> ReadTable:
    return reader_of_tables(tmp_path)


def refusal(read: ReadTable, content: str | bytes, **options: str) -> str:
    """Return the line of the error that a file causes."""
    with pytest.raises(SourceError) as caught:
        read(content, **options)
    line = caught.value.line()
    assert "\n" not in line
    assert options.get("name", "library.csv") in line
    assert caught.value.next_step
    return line


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\0\0", "\n \n".encode("utf-16")],
    ids=["nothing", "blank lines", "mark", "utf-16 mark", "nulls", "utf-16 blank lines"],
)
def test_an_empty_file_is_called_empty(read: ReadTable, content: bytes) -> None:
    assert "the file is empty" in refusal(read, content)


@pytest.mark.parametrize("content", ["title,energy\n", "title,energy", "title,energy\n\n \n"])
def test_a_header_alone_is_told(read: ReadTable, content: str) -> None:
    assert "no rows below the header" in refusal(read, content)


def test_unknown_columns_are_told_with_what_is_needed(read: ReadTable) -> None:
    line = refusal(read, "foo,bar baz\n1,2\n")
    assert "“foo”, “bar baz”" in line
    assert "track_name" in line
    assert "energy" not in line.split("“bar baz”")[0]
    assert "--column title=NAME" in line


def test_many_unknown_columns_are_not_all_told(read: ReadTable) -> None:
    line = refusal(read, ",".join(f"c{n}" for n in range(500)) + "\n")
    assert "and 488 more" in line
    assert len(line) < 600


def test_nothing_from_a_file_can_steer_the_terminal(read: ReadTable) -> None:
    assert "\x1b" not in refusal(read, "\x1b[31mred\x07,b\n1,2\n")
    library = read("title,\x1benergy,genre\nA,\x1b[2J,\x1bfolk\nB,0.5,\x1bFolk\n")
    assert "not-a-number" in {notice.kind for notice in library.notices}
    assert not any("\x1b" in notice.text for notice in library.notices)


def test_a_cut_inside_a_quoted_text_names_the_line_it_begins_at(read: ReadTable) -> None:
    assert "line 3: the file ends" in refusal(read, 'title,energy\nA,0.1\n"The long\nB,0.2\nC,0.3\n')


def test_a_cut_inside_a_quoted_header_is_told(read: ReadTable) -> None:
    assert "line 1: the file ends" in refusal(read, 'title,"ener')


def test_a_cut_in_a_table_of_one_column_is_told(read: ReadTable) -> None:
    assert "line 2" in refusal(read, 'title\n"cut')


def test_a_quote_that_never_ends_names_its_line(read: ReadTable) -> None:
    rows = "".join(f"Title {n},0.5\n" for n in range(20_000))
    assert "line 3: the file ends" in refusal(read, f'title,energy\nA,0.1\n"B,0.2\n{rows}')


def test_short_and_long_rows_are_left_out_and_counted(read: ReadTable) -> None:
    library = read('title,artist,energy\nA,X,0.1\nB,0.2\n"two\nlines",X,0.3\nC,X,Y,0.4\nD\nE,X,0.5,,\nF,X,0.6,,z\n')
    assert list(library.tracks["title"]) == ["A", "two\nlines", "E"]
    assert (the(library, "short-rows").count, the(library, "long-rows").count) == (2, 2)
    assert "line 3" in the(library, "short-rows").text
    assert "line 6" in the(library, "long-rows").text


def test_no_row_that_fits_is_an_error(read: ReadTable) -> None:
    assert "line 2: no row has as many cells" in refusal(read, "title,artist,energy\na;b;c\n")


def test_a_cut_last_row_is_left_out_and_told(read: ReadTable) -> None:
    library = read("title,energy,tempo\nA,0.1,100\nB,0.2")
    assert list(library.tracks["title"]) == ["A"]
    assert "line 3" in the(library, "short-rows").text


def test_a_file_without_a_last_line_break_is_told(read: ReadTable) -> None:
    library = read("title,energy,tempo\nA,0.1,100\nB,0.2,1")
    assert len(library) == 2
    assert "line 3" in the(library, "open-end").text


def test_rows_that_say_nothing_are_left_out_and_counted(read: ReadTable) -> None:
    library = read("title,artist,energy\nA,X,0.1\n,X,\n,,0.2\n")
    assert list(library.tracks["title"]) == ["A", ""]
    assert the(library, "empty-rows").count == 1
    assert "line 3" in the(library, "empty-rows").text


def test_only_rows_that_say_nothing_are_an_error(read: ReadTable) -> None:
    assert "no row names a track" in refusal(read, "title,artist\n,X\n,Y\n")
    assert "no row names a track" in refusal(read, "title,artist\n,\n , \n")


def test_text_in_a_number_column_is_missing_and_counted(read: ReadTable) -> None:
    library = read('title,energy,valence\nA,0.1,1\nB,loud,0\nC,"1.234,5",0\nD,0.4,0\n')
    np.testing.assert_array_equal(library.features["energy"], [0.1, np.nan, np.nan, 0.4])
    notice = the(library, "not-a-number")
    assert notice.count == 2
    assert "“energy”" in notice.text
    assert "“loud”, line 3" in notice.text


def test_a_feature_of_text_only_is_an_error_that_names_it(read: ReadTable) -> None:
    line = refusal(read, "title,Energy,Valence\nA,,0.5\nB,high,0.1\nC,low,0.2\n")
    assert "line 3: the column “Energy”" in line
    assert "--column energy=NAME" in line


def test_infinite_values_are_missing_and_counted(read: ReadTable) -> None:
    library = read("title,energy,tempo\nA,inf,120\nB,0.5,-Infinity\nC,1e999,90\n")
    np.testing.assert_array_equal(library.features["energy"], [np.nan, 0.5, np.nan])
    np.testing.assert_array_equal(library.features["tempo"], [120.0, np.nan, 90.0])
    infinite = {notice.text.split()[3]: notice.count for notice in library.notices if notice.kind == "infinite"}
    assert infinite == {"energy": 2, "tempo": 1}


def test_impossible_values_are_missing_and_counted(read: ReadTable) -> None:
    library = read("title,valence,loudness,tempo\nA,-3,-7,0\nB,0.5,99,120\nC,250,-8,-20\nD,0.2,-9,1e5\n")
    np.testing.assert_array_equal(library.features["valence"], [np.nan, 0.5, np.nan, 0.2])
    np.testing.assert_array_equal(library.features["loudness"], [-7.0, np.nan, -8.0, -9.0])
    np.testing.assert_array_equal(library.features["tempo"], [np.nan, 120.0, np.nan, np.nan])
    texts = [notice.text for notice in library.notices if notice.kind == "out-of-range"]
    assert any("2 values of valence are outside 0 to 1" in text and "-3, line 2" in text for text in texts)
    assert any("1 value of loudness" in text and "99, line 3" in text for text in texts)
    assert any("2 values of tempo" in text and "-20, line 4" in text for text in texts)
    assert the(library, "unknown-tempo").count == 1


def test_a_tempo_that_is_no_tempo_is_told(read: ReadTable) -> None:
    assert "beats per minute" in the(read("title,tempo\nA,0.3\nB,0.9\n"), "odd-tempo").text


def test_all_missing_features_load_and_are_told(read: ReadTable) -> None:
    library = read("title,energy,tempo,loudness\nA,,,\nB,NaN,null,\n")
    assert library.features[["energy", "tempo"]].isna().all(axis=None)
    assert "loudness" not in library.features.columns
    assert library.with_features == 0
    assert "energy, tempo and loudness" in the(library, "no-values").text


def test_duplicate_ids_keep_the_first_row(read: ReadTable) -> None:
    library = read("track_id,title,energy\n7,A,0.1\n7,A,0.1\n8,B,0.2\n7,Other,0.9\n")
    assert list(library.tracks["title"]) == ["A", "B"]
    notice = the(library, "duplicate-id")
    assert notice.count == 2
    assert "line 3" in notice.text
    assert "1 of them say" in notice.text


def test_equal_duplicates_are_called_alike(read: ReadTable) -> None:
    assert (
        "all say the same"
        in the(read("track_id,energy\n7,\n7,\n8,0.5\n7,\n".replace("7,", "7,0.1")), "duplicate-id").text
    )


def test_null_characters_are_taken_out_and_counted(read: ReadTable) -> None:
    library = read("title,energy\n" + "A,0.1\n" * 20 + "B\0\0,0.2\n")
    assert library.tracks["title"].iloc[-1] == "B"
    assert the(library, "null-characters").count == 2
    assert "line 22" in the(library, "null-characters").text


def test_binary_files_are_refused(read: ReadTable) -> None:
    assert "not a text table" in refusal(read, bytes(range(256)) * 4 + b"\0" * 400)
    assert "zip archive or a workbook" in refusal(read, b"PK\x03\x04" + b"\0" * 50)


def test_utf_16_without_a_mark_is_refused_with_the_next_step(read: ReadTable) -> None:
    assert "UTF-8" in refusal(read, "title,energy\nA,0.5\n".encode("utf-16-le"))


@pytest.mark.parametrize(
    "content",
    [b"title,energy\nA,0.5\n", b"PAR1", b"", random.Random(1).randbytes(200), b"PAR1" + b"\0" * 100 + b"PAR1"],
)
def test_what_is_no_parquet_is_refused(read: ReadTable, content: bytes) -> None:
    assert "no Parquet file" in refusal(read, content, name="library.parquet")


def test_a_cut_parquet_file_is_refused(read: ReadTable, tmp_path: Path) -> None:
    pq.write_table(pa.table({"title": ["A"] * 100, "energy": [0.5] * 100}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for cut in range(0, len(whole), 37):
        assert "library.parquet" in refusal(read, whole[:cut], name="library.parquet")


def test_a_damaged_parquet_file_is_refused_or_read(read: ReadTable, tmp_path: Path) -> None:
    pq.write_table(pa.table({"title": ["A"] * 100, "energy": [0.5] * 100}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    refused = []
    for place in range(4, len(whole), 11):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            read(bytes(damaged), name="library.parquet")
        except SourceError as error:
            refused.append(error.line())
    assert refused
    assert all("library.parquet" in line for line in refused)


def test_a_parquet_table_without_rows_or_known_columns_is_refused(read: ReadTable, tmp_path: Path) -> None:
    pq.write_table(pa.table({"title": pa.array([], pa.string())}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="no rows"):
        TableSource().read(str(tmp_path / "a.parquet"))
    pq.write_table(pa.table({"foo": [1]}), tmp_path / "b.parquet")
    with pytest.raises(SourceError, match=r"“foo”.*--column"):
        TableSource().read(str(tmp_path / "b.parquet"))


def test_a_parquet_file_called_csv_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"title": ["A"]}), tmp_path / "a.csv")
    assert list(TableSource().read(str(tmp_path / "a.csv")).tracks["title"]) == ["A"]


def test_damaged_gzip_files_are_refused(read: ReadTable) -> None:
    whole = gzip.compress(b"title,energy\n" + b"A,0.5\n" * 500)
    for content in (whole[: len(whole) // 2], b"title,energy\nA,0.5\n", whole[:20] + b"\xff\xff" + whole[22:]):
        assert "damaged or cut short" in refusal(read, content, name="library.csv.gz")


def test_a_gzip_file_that_says_it_holds_far_too_much_is_refused_unopened(read: ReadTable) -> None:
    bomb = gzip.compress(b"title,energy\nA,0.5\n")[:-4] + (2**31).to_bytes(4, "little")
    assert "the compressed file holds more than 1,024 MB" in refusal(read, bomb, name="library.csv.gz")


def test_a_web_page_is_called_one(read: ReadTable) -> None:
    for page in ("<!DOCTYPE html><html><body>Sign in, please</body></html>", "\n <html lang='en'>\n"):
        assert "this is a web page, not a table" in refusal(read, page)


def test_one_row_is_a_library(read: ReadTable) -> None:
    library = read("title,energy,tempo\nA,0.5,120\n")
    assert len(library) == 1
    assert library.features["energy"].iloc[0] == 0.5


@pytest.mark.parametrize(
    "name", ["there_is_none.csv", "there_is_none.parquet", "null\0.csv", "null\0.parquet", "none.csv.gz"]
)
def test_a_missing_file_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="no such file"):
        TableSource().read(str(tmp_path / name))


@pytest.mark.parametrize("name", ["folder.csv", "folder.parquet", "folder.csv.gz"])
def test_a_folder_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(SourceError, match=f"{name}: this is a folder"):
        TableSource().read(str(tmp_path / name))


@pytest.mark.parametrize("name", ["broken.csv", "broken.parquet", "broken.csv.gz"])
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that always fails to be read")
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.symlink_to("/proc/self/mem")
    with pytest.raises(SourceError, match=f"{name}: the file cannot be read"):
        TableSource().read(str(path))


def rows_of(path: str) -> tuple[list[tuple[str, ...]], tuple[Notice, ...]]:
    """Return the cells of a table row by row, and what was noticed."""
    cells = read_text_table(path, mapping={}, report=silent)
    columns = [cells.frame[name].tolist() for name in cells.frame.columns]
    return list(zip(*columns, strict=True)), cells.notices


def test_a_cut_at_any_byte_never_changes_a_row_silently(tmp_path: Path) -> None:
    """Rows before the cut stay as they are; the row that was cut is left out or told, or the file is refused."""
    whole = (DATA / "tracks.csv").read_bytes()
    full = rows_of(str(DATA / "tracks.csv"))[0]
    path, complete = tmp_path / "cut.csv", 0
    refused = []
    for cut in range(4096):
        path.write_bytes(whole[:cut])
        try:
            rows, notices = rows_of(str(path))
        except SourceError as error:
            refused.append(error.line())
            continue
        same = rows == full[: len(rows)]
        assert same or notices, f"cut at {cut}"
        assert rows[:-1] == full[: len(rows) - 1], f"cut at {cut}"
        complete += same
    assert len(refused) > 300
    assert all("cut.csv" in line for line in refused)
    assert complete > 3000


def test_a_cut_file_becomes_a_library_or_an_error(tmp_path: Path) -> None:
    whole = (DATA / "tracks.csv").read_bytes()
    path = tmp_path / "cut.csv"
    sizes, refused = [], []
    for cut in range(0, 4096, 29):
        path.write_bytes(whole[:cut])
        try:
            sizes.append(len(TableSource().read(str(path))))
        except SourceError as error:
            refused.append(error.line())
    assert refused
    assert all("cut.csv" in line for line in refused)
    assert sizes[-1] > 20
