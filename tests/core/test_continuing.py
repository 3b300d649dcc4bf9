"""A library that comes again under another file name goes on: with its names, its playlists and its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.program import Ended, done, names_of, songs, write_csv

FAST = ("--algorithm", "ward", "--k", "4", "--k-max", "4")
GIVEN = ("Sunday Kitchen", "Night Drive", "Loud Ones", "Old Friends")


def analyse(source: Path, *options: str) -> Ended:
    return done("analyze", source, *FAST, *options, "--json")


def given(ended: Ended) -> dict[str, str]:
    """Return the names given by hand that an analysis shows, by genre: the groups of the made-up library have one."""
    clusters = ended.document["clusters"]
    return {cluster["dominant_genre"]: cluster["name"] for cluster in clusters if cluster["given"]}


def name_all(ended: Ended) -> dict[str, str]:
    """Give each playlist a name by hand; return the names by genre."""
    clusters: list[Any] = ended.document["clusters"]
    for cluster, name in zip(clusters, GIVEN, strict=True):
        done("runs", "rename", cluster["name"], name)
    return {cluster["dominant_genre"]: name for cluster, name in zip(clusters, GIVEN, strict=True)}


def carried(ended: Ended) -> list[str]:
    """Return what the program says about a library that goes on."""
    return [note for note in ended.notes if "carried on" in note]


@pytest.fixture
def table() -> pd.DataFrame:
    return songs(120)


@pytest.fixture
def named(table: pd.DataFrame, tmp_path: Path) -> dict[str, str]:
    """Analyse the first 60 tracks as ``liked.csv`` and name its playlists; return the names by genre."""
    return name_all(analyse(write_csv(tmp_path / "liked.csv", table[:60])))


@pytest.mark.parametrize("ids", [True, False], ids=["with ids", "without ids"])
def test_names_go_on_in_the_next_export_of_a_library(ids: bool, table: pd.DataFrame, tmp_path: Path) -> None:
    table = table if ids else table.drop(columns="track_id")
    names = name_all(analyse(write_csv(tmp_path / "liked.csv", table[:60])))
    after = write_csv(tmp_path / "liked (1).csv", table[4:70])
    ended = analyse(after)
    assert given(ended) == names
    assert carried(ended) == ["names and playlists are carried on from liked.csv, of which 93% of the tracks are here"]
    # It is told once, and the names stay.
    again = analyse(after)
    assert given(again) == names
    assert carried(again) == []


def test_a_library_goes_on_from_file_to_file_and_back(
    named: dict[str, str], table: pd.DataFrame, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        ended = analyse(write_csv(tmp_path / f"liked ({number}).csv", table[4 * number : 60 + 8 * number]))
        assert given(ended) == named
        assert len(carried(ended)) == 1
    back = analyse(tmp_path / "liked.csv")
    assert given(back) == named
    assert "from liked (3).csv, of which 66% of the tracks are here" in carried(back)[0]


def test_a_file_of_the_same_name_in_another_folder_is_told_by_its_place(
    named: dict[str, str], table: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "later").mkdir()
    ended = analyse(write_csv(tmp_path / "later" / "liked.csv", table[:60]))
    assert given(ended) == named
    assert carried(ended) == [
        f"names and playlists are carried on from {tmp_path / 'liked.csv'}, of which 100% of the tracks are here"
    ]


@pytest.mark.parametrize(("first", "is_same"), [(20, True), (21, False)])
def test_libraries_are_one_when_at_least_as_many_tracks_are_common_as_apart(
    first: int, is_same: bool, named: dict[str, str], table: pd.DataFrame, tmp_path: Path
) -> None:
    ended = analyse(write_csv(tmp_path / "other.csv", table[first : first + 60]))
    assert bool(carried(ended)) is is_same
    if not is_same:
        assert given(ended) == {}
        # The other one keeps all it had.
        own = analyse(tmp_path / "liked.csv")
        assert given(own) == named
        assert carried(own) == []


def test_many_tracks_are_compared_as_few_are(tmp_path: Path) -> None:
    table = songs(2000)
    names = name_all(analyse(write_csv(tmp_path / "liked.csv", table[:1500])))
    assert given(analyse(write_csv(tmp_path / "strange.csv", table[1400:]))) == {}
    ended = analyse(write_csv(tmp_path / "liked (1).csv", table[400:1600]))
    assert given(ended) == names
    assert "73% of the tracks" in carried(ended)[0]


def test_a_library_with_runs_of_its_own_takes_nothing_over(table: pd.DataFrame, tmp_path: Path) -> None:
    one, two = (write_csv(tmp_path / name, table[:60]) for name in ("one.csv", "two.csv"))
    plain = names_of(analyse(one).document)
    analyse(two)
    names = name_all(analyse(one))
    ended = analyse(two)
    assert names_of(ended.document) == plain
    assert carried(ended) == []
    assert given(analyse(one)) == names


def test_of_a_library_where_nothing_was_named_nothing_is_taken_over(table: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        assert carried(analyse(write_csv(tmp_path / name, table[:60]))) == []
    assert "different libraries" in done("runs", "compare", "1", "2").out


def test_of_several_libraries_the_one_most_alike_goes_on(table: pd.DataFrame, tmp_path: Path) -> None:
    files = {"near": table[5:65], "far": table[20:80]}
    paths = {name: write_csv(tmp_path / f"{name}.csv", rows) for name, rows in files.items()}
    analyse(paths["near"])
    for name in ("far", "near"):
        for cluster in analyse(paths[name]).document["clusters"]:
            done("runs", "rename", cluster["name"], f"{cluster['dominant_genre']}, {name}")
    analyse(paths["far"])
    ended = analyse(write_csv(tmp_path / "new.csv", table[:60]))
    assert "from near.csv, " in carried(ended)[0]
    assert given(ended) == {genre: f"{genre}, near" for genre in ("Folk", "Techno", "Jazz", "Punk")}


def test_the_same_numbers_of_other_songs_are_other_tracks(table: pd.DataFrame, tmp_path: Path) -> None:
    numbered = table.assign(track_id=range(len(table)))
    name_all(analyse(write_csv(tmp_path / "liked.csv", numbered[:60])))
    others = numbered.assign(title=[f"Other {number}" for number in range(len(table))])
    nameless = numbered.drop(columns=["title", "artist", "album"])
    for name, rows in (("others.csv", others[:60]), ("nameless.csv", nameless[:60])):
        ended = analyse(write_csv(tmp_path / name, rows))
        assert given(ended) == {}
        assert carried(ended) == []


# --- parts of a library ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False], ids=["with the whole", "the part alone"])
def test_a_genre_goes_on_as_well(whole: bool, table: pd.DataFrame, tmp_path: Path) -> None:
    inside = ("--genre", "Folk", "--k", "2")
    path = write_csv(tmp_path / "liked.csv", table)
    if whole:
        analyse(path)
    first = analyse(path, *inside).document["clusters"][0]["name"]
    done("runs", "rename", first, "Campfire")
    after = write_csv(tmp_path / "liked (1).csv", table[3:])
    ended = analyse(after, *inside)
    assert "Campfire" in names_of(ended.document)
    assert "97%" in carried(ended)[0] if whole else "96%" in carried(ended)[0]
    # What was kept of the whole library is still there to be exported, and goes on in turn.
    done("export", "--to", "csv", "--run", "1", "--out", tmp_path / "out")
    assert carried(analyse(after)) == []
    last = analyse(write_csv(tmp_path / "liked (2).csv", table[4:]), *inside)
    assert "Campfire" in names_of(last.document)


def test_a_genre_of_one_library_is_not_all_of_another(table: pd.DataFrame, tmp_path: Path) -> None:
    inside = analyse(write_csv(tmp_path / "liked.csv", table), "--genre", "Folk", "--k", "2")
    done("runs", "rename", names_of(inside.document)[0], "Campfire")
    ended = analyse(write_csv(tmp_path / "folk.csv", table[table["genre"] == "Folk"]), "--k", "2")
    assert "Campfire" not in names_of(ended.document)
    assert carried(ended) == []


def test_a_library_goes_on_without_one_whose_name_begins_with_its_own(table: pd.DataFrame, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "liked.csv", table[:60])
    names = name_all(analyse(path))
    # The key of a part is that of the library, this sign and more.
    other = write_csv(tmp_path / "liked.csv#2.csv", table[60:])
    theirs = name_all(analyse(other))
    assert given(analyse(write_csv(tmp_path / "liked (1).csv", table[:60]))) == names
    assert given(analyse(other)) == theirs
