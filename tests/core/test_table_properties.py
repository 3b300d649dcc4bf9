"""Whatever way a table is written, it comes back equal; whatever bytes come, nothing but our own error leaves."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import SourceError
from core.features import BASE_NAMES
from core.library import Library
from core.sources.genre_labels import genre_labels
from core.sources.table import TableSource

#: Reading takes about 20 ms a table; hypothesis' own limits are meant for faster code.
RELAXED = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
ALIASES = {
    "title": ("track_name", "Track Name", "title", "TRACK", "name"),
    "artist": ("artists", "Artist Name(s)", "artist"),
    "album": ("album", "Album Name"),
    "tempo": ("tempo", "BPM", "Tempo"),
}
#: Texts a title may have: anything printable and line breaks, but no white space around it, and none of the words
#: that mean "unknown".
TITLES = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t"),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(lambda text: text not in ("", "undefined", "null", "NULL", "NaN", "nan", "N/A", "#N/A"))
)
#: Artists without the signs that separate several of them.
ARTISTS = TITLES.filter(lambda text: ";" not in text and not text.startswith("["))


@dataclass
class Table:
    """Columns of a library and a way to write them down."""

    columns: dict[str, list[str]]
    features: dict[str, list[float]]
    headers: dict[str, str] = field(default_factory=dict)


def columns_of(rows: int) -> st.SearchStrategy[dict[str, list[str]]]:
    def many(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
        return st.lists(texts, min_size=rows, max_size=rows)

    ids = st.lists(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), min_size=rows, max_size=rows, unique=True)
    ids = ids.filter(lambda values: not {"na", "nan", "null", "undefined"} & set(values))
    return st.fixed_dictionaries(
        {
            "track_id": ids,
            "title": many(TITLES),
            "artist": many(ARTISTS | st.just("")),
            "album": many(TITLES | st.just("")),
        }
    )


def features_of(rows: int) -> st.SearchStrategy[dict[str, list[float]]]:
    share = st.floats(0.0, 1.0, allow_subnormal=False) | st.just(float("nan"))
    tempo = st.floats(40.0, 250.0) | st.just(float("nan"))
    return st.fixed_dictionaries(
        {name: st.lists(tempo if name == "tempo" else share, min_size=rows, max_size=rows) for name in BASE_NAMES}
    )


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(1, 6))
    table = Table(draw(columns_of(rows)), draw(features_of(rows)))
    names = draw(st.permutations([*table.columns, *table.features]))
    table.headers = {
        name: draw(st.sampled_from(ALIASES.get(name, (name, name.upper(), name.title())))) for name in names
    }
    return table


def written(table: Table, *, decimal: str) -> list[list[str]]:
    """Return the rows of a table as text, the header first."""
    cells = dict(table.columns)
    for name, values in table.features.items():
        cells[name] = ["" if np.isnan(value) else repr(value).replace(".", decimal) for value in values]
    ordered = [cells[name] for name in table.headers]
    return [list(table.headers.values()), *(list(row) for row in zip(*ordered, strict=True))]


def as_text(rows: Sequence[Sequence[str]], *, separator: str, quoting: int, end: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def read(content: bytes, name: str = "library.csv") -> Library:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return TableSource().read(str(path))


def assert_equal(library: Library, table: Table) -> None:
    assert list(library.tracks.index) == table.columns["track_id"]
    for name in ("title", "artist", "album"):
        assert list(library.tracks[name]) == table.columns[name]
    for name, values in table.features.items():
        np.testing.assert_array_equal(library.features[name], values)


@RELAXED
@given(
    table=tables(),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    decimal=st.sampled_from(".,"),
)
def test_a_text_table_comes_back_equal(
    table: Table, separator: str, quoting: int, end: str, encoding: str, decimal: str
) -> None:
    if end == "\r":
        quoting = csv.QUOTE_ALL  # the writer quotes line breaks of its own kind only
    text = as_text(written(table, decimal=decimal), separator=separator, quoting=quoting, end=end)
    library = read(text.encode(encoding))
    assert_equal(library, table)
    told = {notice.kind for notice in library.notices}
    assert told <= {"no-values", "decimal-comma", "no-features"}


#: Letters whose Latin-1 bytes never look like UTF-8.
WESTERN = st.text("abcäöüéßñÅ ,;", min_size=1, max_size=12).map(lambda text: f"é{text.strip()}")


@RELAXED
@given(
    titles=st.lists(WESTERN, min_size=1, max_size=8), separator=st.sampled_from(";\t"), decimal=st.sampled_from(".,")
)
def test_a_latin_1_table_comes_back_equal_and_is_told(titles: list[str], separator: str, decimal: str) -> None:
    rows = [["title", "energy"], *([title, f"0{decimal}25"] for title in titles)]
    library = read(as_text(rows, separator=separator, quoting=csv.QUOTE_MINIMAL, end="\r\n").encode("latin-1"))
    assert list(library.tracks["title"]) == titles
    assert set(library.features["energy"]) == {0.25}
    assert "encoding" in {notice.kind for notice in library.notices}


@RELAXED
@given(table=tables())
def test_a_parquet_table_comes_back_equal(table: Table) -> None:
    columns: dict[str, object] = {table.headers[name]: cells for name, cells in table.columns.items()}
    columns |= {table.headers[name]: values for name, values in table.features.items()}
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    assert_equal(read(target.getvalue(), "library.parquet"), table)


@RELAXED
@given(table=tables(), data=st.data())
def test_made_ids_are_those_of_the_sorted_table(table: Table, data: st.DataObject) -> None:
    del table.headers["track_id"]
    header, *rows = written(table, decimal=".")
    turned = data.draw(st.permutations(rows))
    first, second = (
        read(as_text([header, *some], separator=",", quoting=csv.QUOTE_ALL, end="\n").encode())
        for some in (rows, turned)
    )
    assert sorted(first.tracks.index) == sorted(second.tracks.index)
    assert first.tracks.index.is_unique


LABELS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" "), min_size=1).map(
    lambda text: " ".join(text.split())
)


@given(
    st.lists(
        LABELS.filter(
            lambda text: (
                text
                and "\\" not in text
                and text.casefold() not in ("na", "n/a", "-", "nan", "none", "null", "undefined", "[]")
            )
        ),
        unique=True,
    )
)
def test_labels_written_as_a_python_list_come_back(labels: list[str]) -> None:
    assert genre_labels(str(labels)) == tuple(labels)


@given(st.text())
def test_any_cell_gives_labels(cell: str) -> None:
    labels = genre_labels(cell)
    assert all(label == label.strip() and label for label in labels)
    assert len(set(labels)) == len(labels)


@RELAXED
@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.tsv", "a.parquet", "a.csv.gz"]))
@example(content=b'title\n"', name="a.csv")
@example(content=b"\xff\xfe\x00", name="a.csv")
@example(content=b"\xff\xfe\x00\x00\x01", name="a.csv")
@example(content=b"title\n\x80", name="a.csv")
def test_any_bytes_give_a_library_or_our_error(content: bytes, name: str) -> None:
    check_survives(content, name)


def check_survives(content: bytes, name: str = "a.csv") -> None:
    try:
        library = read(content, name)
    except SourceError as error:
        line = error.line()
        assert name in line
        assert "\n" not in line
    else:
        assert len(library) > 0
        values = library.features.to_numpy()
        assert not np.isinf(values).any()


HEADS = (
    "title,energy,tempo",
    "track_id;genres;duration",
    "name\tkey\tartists\tplaylist",
    "Track URI|added_at|mode|valence",
)
JUNK = st.text(alphabet="0123456789.,;|\t\"'[]-+eEx% \n\r\0é�n:aNif", max_size=200)


@RELAXED
@given(head=st.sampled_from(HEADS), body=JUNK, encoding=st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_any_rows_below_a_known_header_give_a_library_or_our_error(head: str, body: str, encoding: str) -> None:
    check_survives(f"{head}\n{body}".encode(encoding, "replace"))


@RELAXED
@given(table=tables(), data=st.data())
def test_damaged_tables_give_a_library_or_our_error(table: Table, data: st.DataObject) -> None:
    text = as_text(written(table, decimal="."), separator=",", quoting=csv.QUOTE_MINIMAL, end="\n")
    content = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check_survives(bytes(content))
