"""The door to all sources, and what sources share: decoding and Spotify's ids."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import OptionError, SourceError
from core.sources import ACCEPTED, open_source
from core.sources.base import decode, find_encoding, read_text, spotify_id, spotify_uri
from core.wording import counted
from tests.program import run_python

DATA = Path(__file__).parent.parent / "data"
SPOTIFY = "4uLU6hMCjMI75M1A2tKUQC"


def test_a_table_is_read_as_a_table() -> None:
    library = open_source(str(DATA / "tables" / "tracks.csv"))
    assert (library.kind, len(library)) == ("table", 30)


def test_the_demo_is_made() -> None:
    library = open_source("demo:")
    assert library.kind == "demo"
    assert len(library) >= 2000


def test_the_archive_is_read_as_the_archive(shared: Path) -> None:
    library = open_source(str(shared / "fma" / "fma_metadata"))
    assert (library.kind, len(library)) == ("fma", 13_129)


def test_exportify_files_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "evening.csv"
    path.write_text(
        "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,"
        "Added At,Genres,Record Label,"
        "Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
        "Valence,Tempo,Time Signature\n"
        f"spotify:track:{SPOTIFY},A,B,C,2020,200000,5,false,,2024-01-01T00:00:00Z,pop,L,"
        "0.5,0.5,1,-7,1,0.1,0.1,0.1,0.1,0.5,120,4\n"
    )
    assert open_source(str(path)).kind == "exportify"


def test_named_columns_make_a_file_a_table(tmp_path: Path) -> None:
    path = tmp_path / "evening.csv"
    path.write_text("Track URI,Track Name,Artist Name(s),Pace\nspotify:track:x,A,B,120\n")
    library = open_source(str(path), mapping={"tempo": "Pace"})
    assert library.kind == "table"
    assert list(library.features["tempo"]) == [120.0]
    with pytest.raises(OptionError):
        open_source(str(path), mapping={"mood": "Pace"})


def test_columns_cannot_be_named_for_other_sources(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="tables only"):
        open_source(str(tmp_path), mapping={"tempo": "Pace"})
    with pytest.raises(SourceError, match="no such file"):
        open_source(str(tmp_path / "none.csv"), mapping={"tempo": "Pace"})


@pytest.mark.parametrize(
    "path", ["there/is/none.csv", "", "null\0.csv", "x" * 5000, "x" * 5000 + ".csv", "C:\\Music\\none.csv"]
)
def test_a_path_that_leads_nowhere_is_told(path: str) -> None:
    with pytest.raises(SourceError, match="no such file or folder") as caught:
        open_source(path)
    assert ACCEPTED in caught.value.line()


@pytest.mark.parametrize("path", ["tidal:", "https://open.spotify.com/playlist/x", "file:///tmp/x.csv"])
def test_an_unknown_scheme_is_told_with_what_is_accepted(path: str) -> None:
    with pytest.raises(SourceError, match=f"there is no source called {path.split(':')[0]}:") as caught:
        open_source(path)
    assert "demo:" in caught.value.line()


def test_a_file_of_another_kind_is_told_with_what_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_bytes(b"x")
    (tmp_path / "notes").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"notes\.docx: files ending in \.docx are not read.*Parquet"):
        open_source(str(tmp_path / "notes.docx"))
    with pytest.raises(SourceError, match="files without an ending are not read"):
        open_source(str(tmp_path / "notes"))
    (tmp_path / "notes.json").write_text('{"a": 1}')
    with pytest.raises(SourceError, match="this JSON is no file of a Spotify data package"):
        open_source(str(tmp_path / "notes.json"))


@pytest.mark.skipif(os.name != "posix", reason="pipes with names and /dev are of POSIX systems")
def test_a_pipe_or_device_is_refused_and_not_read_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (str(tmp_path / "pipe.csv"), "/dev/zero"):
        with pytest.raises(SourceError, match=f"{path}: this is neither a file nor a folder"):
            open_source(path)


def test_an_empty_folder_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the folder is empty"):
        open_source(str(tmp_path))


def test_a_folder_without_a_library_is_told_with_what_is_in_it(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (tmp_path / name).write_text("x")
    with pytest.raises(SourceError, match=r"nothing in this folder is a library \(a\.txt, b\.txt, c\.txt …\)"):
        open_source(str(tmp_path))


def test_the_door_is_light() -> None:
    """Asking which sources there are loads neither pandas nor scikit-learn."""
    code = "import sys, core.sources; print([n for n in ('pandas', 'sklearn', 'pyarrow', 'numpy') if n in sys.modules])"
    assert run_python(code).out.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SPOTIFY, SPOTIFY),
        (f"  spotify:track:{SPOTIFY} ", SPOTIFY),
        (f"https://open.spotify.com/track/{SPOTIFY}", SPOTIFY),
        (f"http://open.spotify.com/intl-pt-BR/track/{SPOTIFY}?si=x&y=z", SPOTIFY),
        (f"https://open.spotify.com/embed/track/{SPOTIFY}#t", SPOTIFY),
        (f"spotify:episode:{SPOTIFY}", None),
        (f"https://open.spotify.com/album/{SPOTIFY}", None),
        (f"https://example.com/track/{SPOTIFY}", None),
        ("spotify:local:Artist:Album:Title:120", None),
        (SPOTIFY[:-1], None),
        (SPOTIFY + "x", None),
        ("", None),
        ("12345", None),
    ],
)
def test_a_spotify_id_is_told_from_other_texts(text: str, found: str | None) -> None:
    assert spotify_id(text) == found


def test_an_address_gives_its_id_back() -> None:
    assert spotify_id(spotify_uri(SPOTIFY)) == SPOTIFY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_marked_text_is_decoded_without_a_notice(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    assert decode((mark + "Å Ω 🎶\r\n").encode(encoding)) == ("Å Ω 🎶\r\n", ())


def test_latin_1_is_told() -> None:
    text, notices = decode("Müller – “Søn”".encode("cp1252"))
    assert text == "Müller – “Søn”"
    assert [notice.kind for notice in notices] == ["encoding"]


def test_bytes_that_windows_1252_lacks_are_latin_1() -> None:
    assert find_encoding(b"M\xfcller \x81").encoding == "latin-1"


def test_a_cut_character_does_not_turn_the_text_into_latin_1() -> None:
    text, notices = decode("Müller, Müller".encode()[:-5])
    assert text == "Müller, M\N{REPLACEMENT CHARACTER}"
    assert notices[0].count == 1


def test_large_files_are_looked_at_to_the_end() -> None:
    assert decode(b"a" * 3_000_000 + "é".encode())[0].endswith("é")
    assert decode(b"a" * 3_000_000 + b"\xe9")[0].endswith("é")
    assert decode(("é" * 1_500_000).encode())[1] == ()


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ü".encode("latin-1"))
    assert read_text(str(tmp_path / "a.txt"))[0] == "ü"
    with pytest.raises(SourceError, match="no such file"):
        read_text(str(tmp_path / "none.txt"))
    with pytest.raises(SourceError, match="this is a folder"):
        read_text(str(tmp_path))


def test_counts_are_worded() -> None:
    assert (counted(1, "row"), counted(0, "row"), counted(2000, "row")) == ("1 row", "0 rows", "2,000 rows")
