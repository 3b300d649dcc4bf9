"""``leitmotif export``: playlists of kept runs as files, one format or one playlist at a time, and read back."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from tests.program import QUICK, done, files_below, names_of, read_rows, run, run_alone, songs, write_csv

XSPF = "{http://xspf.org/ns/0/}"


def with_addresses(count: int) -> pd.DataFrame:
    """Return songs most of which have an address at Spotify."""
    table = songs(count)
    table["uri"] = [f"spotify:track:{number:022d}" if number % 10 else "" for number in range(count)]
    return table


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "library.csv", with_addresses(60))


@pytest.fixture
def names(library: Path) -> list[str]:
    """Analyse the library; return the names of its four playlists."""
    return list(names_of(done("analyze", library, *QUICK, "--json").document))


@pytest.mark.parametrize(
    ("to", "suffix"), [("m3u8", ".m3u8"), ("xspf", ".xspf"), ("jspf", ".jspf"), ("csv", ".csv"), ("links", ".txt")]
)
def test_a_kept_run_is_exported_to_each_format(to: str, suffix: str, names: list[str], tmp_path: Path) -> None:
    ended = done("export", "--to", to, "--out", tmp_path / "out")
    assert sorted(files_below(tmp_path / "out")) == sorted(f"{name}{suffix}" for name in names)
    # 60 tracks, 6 of them without an address.
    left_out = {"links": 6, "m3u8": 6, "xspf": 0, "jspf": 0, "csv": 0}[to]
    told = done("export", "--to", to, "--out", tmp_path / "out", "--json").document
    assert told["run"] == "1"
    assert sum(row["written"] for row in told["files"]) == 60 - left_out
    assert sum(sum(row["skipped"].values()) for row in told["files"]) == left_out
    assert [row["playlist"] for row in told["files"]] == names
    assert all(Path(row["path"]).is_file() for row in told["files"])
    lines = ended.out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"wrote {tmp_path / 'out' / name}{suffix}" for name in names]
    assert ("left out" in ended.out) == bool(left_out)


def test_the_files_hold_the_tracks_in_their_order(names: list[str], tmp_path: Path) -> None:
    for to in ("m3u8", "xspf", "jspf", "csv", "links"):
        done("export", "--to", to, "--only", names[0], "--out", tmp_path)
    rows = read_rows(tmp_path / f"{names[0]}.csv")
    titles = [row["Track Name"] for row in rows]
    addresses = [row["Track URI"].rsplit(":", 1)[1] for row in rows if row["Track URI"]]
    xspf = ET.parse(tmp_path / f"{names[0]}.xspf").getroot()
    assert [track.findtext(f"{XSPF}title") for track in xspf.iter(f"{XSPF}track")] == titles
    jspf = json.loads((tmp_path / f"{names[0]}.jspf").read_text(encoding="utf-8"))["playlist"]
    assert jspf["title"] == names[0]
    assert [track["title"] for track in jspf["track"]] == titles
    m3u8 = (tmp_path / f"{names[0]}.m3u8").read_text(encoding="utf-8").splitlines()
    assert [line.rsplit("/", 1)[1] for line in m3u8 if not line.startswith("#")] == addresses
    links = (tmp_path / f"{names[0]}.txt").read_text(encoding="utf-8").split()
    assert [link.rsplit("/", 1)[1] for link in links] == addresses


def test_a_playlist_is_found_with_and_without_its_mark(library: Path, tmp_path: Path) -> None:
    words = ("analyze", library, *QUICK, "--prefix", "Mine:", "--json")
    name = names_of(done(*words).document)[1]
    for said in (name, f"Mine:{name}", name.upper()):
        done("export", "--to", "csv", "--only", said, "--out", tmp_path / said)
        assert list(files_below(tmp_path / said)) == [f"Mine-{name}.csv"]
    line = run("export", "--to", "csv", "--only", f"Yours:{name}", "--out", tmp_path / "out").refusal
    assert line.startswith(f"there is no playlist “Yours:{name}” in this run. Its playlists: “Mine:")


def test_exporting_writes_what_analysing_wrote(library: Path, tmp_path: Path) -> None:
    done("analyze", library, *QUICK, "--order", "smooth", "--format", "csv,xspf", "--out", tmp_path / "a")
    for to in ("csv", "xspf"):
        done("export", "--to", to, "--out", tmp_path / "b")
    assert files_below(tmp_path / "a" / "playlists") == files_below(tmp_path / "b")


def test_only_the_playlists_named_are_exported(names: list[str], tmp_path: Path) -> None:
    done("export", "--to", "csv", "--only", names[2].upper(), "--only", names[0], "--out", tmp_path / "out")
    assert sorted(files_below(tmp_path / "out")) == sorted([f"{names[0]}.csv", f"{names[2]}.csv"])


def test_an_older_run_is_exported_by_its_number(names: list[str], library: Path, tmp_path: Path) -> None:
    done("analyze", library, "--algorithm", "ward", "--k", "2", "--k-max", "2")
    done("export", "--to", "csv", "--run", "1", "--out", tmp_path / "first")
    done("export", "--to", "csv", "--out", tmp_path / "last")
    assert len(files_below(tmp_path / "first")) == 4
    assert len(files_below(tmp_path / "last")) == 2


def test_a_rehearsal_writes_nothing_and_says_what_would_be_written(names: list[str], tmp_path: Path) -> None:
    rehearsed = done("export", "--to", "csv", "--dry-run", "--out", tmp_path / "out", "--json").document
    assert rehearsed["dry_run"] is True
    said = done("export", "--to", "csv", "--dry-run", "--out", tmp_path / "out").out
    assert said.splitlines()[0].startswith(f"would write {tmp_path / 'out' / names[0]}.csv: ")
    assert not (tmp_path / "out").exists()
    real = done("export", "--to", "csv", "--out", tmp_path / "out", "--json").document
    assert real["files"] == rehearsed["files"]
    again = done("export", "--to", "csv", "--dry-run", "--out", tmp_path / "out").out
    assert again == said.replace("would write", "would replace")


def test_without_a_folder_the_run_gives_it_its_name(
    names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    done("export", "--to", "csv")
    assert sorted(files_below(tmp_path / "here")) == sorted(f"leitmotif-run-1/{name}.csv" for name in names)


def test_other_files_of_the_folder_stay(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.csv").write_text("mine")
    done("export", "--to", "csv", "--out", tmp_path / "out")
    assert (tmp_path / "out" / "mine.csv").read_text() == "mine"
    assert len(files_below(tmp_path / "out")) == 5


def test_the_export_is_read_back_as_the_same_library(names: list[str], library: Path, tmp_path: Path) -> None:
    done("export", "--to", "csv", "--out", tmp_path / "out")
    files = sorted((tmp_path / "out").glob("*.csv"))
    first = done("analyze", library, *QUICK, "--json", "--out", tmp_path / "first").document
    again = done("analyze", *files, *QUICK, "--json", "--out", tmp_path / "again").document
    assert again["source"]["tracks"] == again["source"]["with_features"] == 60
    assert again["genres"] == first["genres"]
    for left, right in zip(first["clusters"], again["clusters"], strict=True):
        assert left["name"] == right["name"]
        assert left["means"] == pytest.approx(right["means"], abs=1e-12)
    columns = ("title", "artist", "album", "genre", "cluster")
    tables = [
        {row["track_id"]: [row[name] for name in columns] for row in read_rows(tmp_path / folder / "tracks.csv")}
        for folder in ("first", "again")
    ]
    assert tables[0] == tables[1]


def test_a_kept_run_needs_its_source_no_more(names: list[str], library: Path, tmp_path: Path) -> None:
    library.unlink()
    done("export", "--to", "csv", "--out", tmp_path / "out")
    assert sum(len(read_rows(path)) for path in (tmp_path / "out").iterdir()) == 60


def test_another_process_exports_what_this_one_kept(names: list[str], tmp_path: Path) -> None:
    ended = run_alone("export", "--to", "links", "--out", tmp_path / "out", "--json")
    assert ended.status == 0, ended.err
    assert [row["playlist"] for row in ended.document["files"]] == names


def test_what_is_not_there_is_one_clear_line(names: list[str], tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    listed = ", ".join(f"“{name}”" for name in names)
    line = run("export", "--to", "mp3", *out).wrong_usage
    assert line.startswith("Invalid value for '--to': unknown format 'mp3'. Known formats: m3u8, xspf, ")
    assert run("export", "--to", "csv", "--run", "9", *out).refusal == (
        "there is no kept run '9'. See the kept ones with: leitmotif runs"
    )
    assert run("export", "--to", "csv", "--only", "Nothing", *out).refusal == (
        f"there is no playlist “Nothing” in this run. Its playlists: {listed}"
    )
    assert not (tmp_path / "out").exists()
    assert run("export").status == 2


def test_without_a_run_there_is_nothing_to_export(tmp_path: Path) -> None:
    line = run("export", "--to", "csv", "--out", tmp_path / "out").refusal
    assert line.startswith("no run has been kept yet")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line(names: list[str], library: Path) -> None:
    line = run("export", "--to", "csv", "--out", library / "out").refusal
    assert str(library) in line
    assert line.endswith("A part of the path is a file: choose another folder")


@pytest.mark.parametrize("words", [("--public",), ("--covers",), ("--edited", "replace")])
def test_what_only_spotify_has_is_refused_for_files(words: tuple[str, ...], library: Path, tmp_path: Path) -> None:
    done("analyze", library, *QUICK)
    said = run("export", "--to", "csv", *words, "--out", tmp_path / "out").wrong_usage
    assert said == "Invalid value: --public, --covers and --edited are for --to spotify only. Leave them out"
    assert not (tmp_path / "out").exists()


def test_a_folder_is_refused_where_no_files_are_written(tmp_path: Path) -> None:
    said = run("export", "--to", "spotify", "--out", tmp_path / "out").wrong_usage
    assert said == "Invalid value: --out is for files, and --to spotify writes none. Leave it out"
