"""Kept runs through the program: listed, compared, and names given by hand that stay from run to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.program import QUICK, done, names_of, read_rows, run, songs, write_csv

GIVEN = ("Sunday Kitchen", "Night Drive", "Loud Ones", "Old Friends")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return a table of 60 tracks in four plain groups."""
    return write_csv(tmp_path / "library.csv", songs(60))


def analyse(source: Path, *options: str, k: int = 4) -> Any:
    """Analyse into `k` playlists and return the document."""
    return done("analyze", source, "--algorithm", "ward", "--k", str(k), "--k-max", "6", *options, "--json").document


def genre_of(document: Any, name: str) -> str:
    """Return the genre of the cluster of a name: the groups of the made-up library have one each."""
    (cluster,) = [cluster for cluster in document["clusters"] if cluster["name"] == name]
    return str(cluster["dominant_genre"])


def name_all(document: Any) -> dict[str, str]:
    """Give each playlist a name by hand; return the names by genre."""
    given = {}
    for cluster, name in zip(document["clusters"], GIVEN, strict=True):
        done("runs", "rename", cluster["name"], name)
        given[cluster["dominant_genre"]] = name
    return given


# --- the list ----------------------------------------------------------------------------------------------------


def test_without_runs_the_list_says_how_to_make_one() -> None:
    assert done("runs").out == "No runs are kept yet. Make one with: leitmotif analyze demo:\n"
    assert done("runs", "--json").document == {"runs": []}


def test_kept_runs_are_listed_the_newest_first(library: Path) -> None:
    analyse(library)
    analyse(library, "--recipe", "article", k=3)
    rows = done("runs", "--json").document["runs"]
    assert [(row["id"], row["k"], row["recipe"], row["algorithm"]) for row in rows] == [
        ("2", 3, "article", "ward"),
        ("1", 4, "balanced", "ward"),
    ]
    assert rows[0]["source"] == {"kind": "table", "path": str(library)}
    assert (rows[0]["library"], rows[0]["tracks"]) == ("library.csv", 60)
    lines = done("runs").out.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert lines[0].endswith("library.csv: 60 tracks, 3 playlists, recipe article, ward")


# --- comparing ---------------------------------------------------------------------------------------------------


def test_a_run_compared_with_its_repetition_shows_no_move(library: Path) -> None:
    names = names_of(analyse(library))
    analyse(library)
    compared = done("runs", "compare", "1", "2", "--json").document
    assert compared["runs"] == {"before": "1", "after": "2"}
    assert compared["before"] == compared["after"] == list(names)
    assert compared["stayed"] == 60
    assert compared["moved"] == compared["added"] == compared["gone"] == []
    assert compared["agreement"] == 1.0
    text = done("runs", "compare", "1", "latest").out.splitlines()
    assert text[0] == "run 1 → run 2: 60 tracks stayed (=), 0 moved (→), 0 new, 0 gone; agreement 1.00"
    assert [line.split(maxsplit=1)[1] for line in text[1:]] == [f"{name} = {name}" for name in names]


def test_what_moved_came_and_went_is_told(tmp_path: Path) -> None:
    recipe = ("--recipe", "article")  # it leaves no track of this library out
    table = songs(60)
    path = write_csv(tmp_path / "library.csv", table[:50])
    analyse(path, *recipe)
    write_csv(path, table[10:])
    analyse(path, *recipe, k=3)
    compared = done("runs", "compare", "1", "2", "--json").document
    assert {row["track_id"] for row in compared["gone"]} == set(table["track_id"][:10])
    assert {row["track_id"] for row in compared["added"]} == set(table["track_id"][50:])
    assert compared["stayed"] + len(compared["moved"]) == 40
    # Two of the four groups became one playlist: the tracks of one of the two moved.
    assert len({row["before"] for row in compared["moved"]}) == 1
    counted = sum(count for row in compared["counts"].values() for count in row.values())
    assert counted == 40
    text = done("runs", "compare", "1", "2").out
    assert f"{compared['stayed']} tracks stayed (=), {len(compared['moved'])} moved (→), 10 new, 10 gone" in text
    assert "(new) → " in text
    assert " → (gone)" in text
    assert all(row["absent"] for row in (*compared["added"], *compared["gone"]))


def test_tracks_in_no_playlist_are_neither_new_nor_gone(tmp_path: Path) -> None:
    recipe = ("--recipe", "article")  # it leaves no track of this library out
    path = write_csv(tmp_path / "library.csv", songs(60).assign(explicit=["true"] * 7 + ["false"] * 53))
    analyse(path, *recipe)
    analyse(path, *recipe, "--no-explicit")
    analyse(path, *recipe)
    lines = done("runs", "compare", "1", "2").out.splitlines()
    assert lines[0] == (
        "run 1 → run 2: 53 tracks stayed (=), 0 moved (→), 0 new, 0 gone, 7 in none now; agreement 1.00"
    )
    assert any(line.endswith(" → (in none)") for line in lines)
    lines = done("runs", "compare", "2", "3").out.splitlines()
    assert lines[0] == (
        "run 2 → run 3: 53 tracks stayed (=), 0 moved (→), 0 new, 0 gone, 7 in no playlist before; agreement 1.00"
    )
    assert any("(in none) → " in line for line in lines)
    assert not any(row["absent"] for row in done("runs", "compare", "2", "3", "--json").document["added"])


def test_tracks_whose_features_came_later_are_not_called_new(tmp_path: Path) -> None:
    table = songs(60)
    path = write_csv(tmp_path / "library.csv", table.assign(energy=table["energy"].where(table.index >= 5)))
    analyse(path, "--recipe", "article")
    write_csv(path, table)
    analyse(path, "--recipe", "article")
    assert " 0 new, 0 gone, 5 in no playlist before; " in done("runs", "compare", "1", "2").out


def test_runs_without_a_common_track_have_no_agreement(tmp_path: Path) -> None:
    table = songs(60)
    path = write_csv(tmp_path / "library.csv", table[:30])
    analyse(path, k=2)
    write_csv(path, table[30:])
    analyse(path, k=2)
    said = done("runs", "compare", "1", "2").out.splitlines()[0]
    assert said.startswith("run 1 → run 2: 0 tracks stayed (=), 0 moved (→), ")
    assert said.endswith(" gone")
    assert done("runs", "compare", "1", "2", "--json").document["agreement"] is None


@pytest.mark.parametrize("words", [("compare", "1", "7"), ("rename", "A", "B", "--run", "7")])
def test_a_run_that_is_not_there_is_one_clear_line(words: tuple[str, ...], library: Path) -> None:
    assert run("runs", "compare", "latest", "latest").refusal.startswith("no run has been kept yet")
    analyse(library)
    assert run("runs", *words).refusal == "there is no kept run '7'. See the kept ones with: leitmotif runs"


def test_too_few_words_are_wrong_usage() -> None:
    for words in (("runs", "compare", "1"), ("runs", "rename", "A"), ("runs", "delete")):
        ended = run(*words)
        assert ended.status == 2
        assert "Traceback" not in ended.err


# --- names given by hand -----------------------------------------------------------------------------------------


def test_a_given_name_survives_a_re_run_and_is_on_the_playlist(library: Path, tmp_path: Path) -> None:
    before = analyse(library)
    old = names_of(before)[0]
    said = done("runs", "rename", old.upper(), "  Sunday \n Kitchen ").out
    assert said == f"“{old.upper()}” is called “Sunday Kitchen” from the next run of library.csv on\n"
    after = analyse(library, "--out", str(tmp_path / "out"))
    assert names_of(after) == ["Sunday Kitchen", *names_of(before)[1:]]
    assert [cluster["given"] for cluster in after["clusters"]] == [True, False, False, False]
    # What is true of the cluster is still told.
    assert [claim["feature"] for claim in after["clusters"][0]["claims"]]
    rows = read_rows(tmp_path / "out" / "playlists" / "Sunday Kitchen.csv")
    assert len(rows) == after["clusters"][0]["size"]
    assert "Sunday Kitchen" in done("runs", "compare", "1", "2").out


@pytest.mark.parametrize("k", [3, 5, 6])
def test_given_names_go_with_their_music_when_the_number_changes(k: int, library: Path) -> None:
    given = name_all(analyse(library))
    changed = analyse(library, k=k)
    kept = [cluster for cluster in changed["clusters"] if cluster["given"]]
    # With more playlists each group goes on in its largest part; with fewer, one of the two that are merged is lost.
    assert len(kept) == min(k, 4)
    if k >= 4:
        assert {cluster["dominant_genre"]: cluster["name"] for cluster in kept} == given
    assert len(set(names_of(changed))) == k
    again = analyse(library)
    assert {cluster["dominant_genre"]: cluster["name"] for cluster in again["clusters"]} == given


def test_given_names_survive_another_recipe_algorithm_and_seed(library: Path) -> None:
    given = name_all(analyse(library))
    options = ("--recipe", "article", "--k", "4", "--k-max", "4", "--seed", "5", "--json")
    document = done("analyze", library, *options).document
    assert {cluster["dominant_genre"]: cluster["name"] for cluster in document["clusters"]} == given


def test_given_names_survive_a_library_that_grows(tmp_path: Path) -> None:
    table = songs(80)
    path = write_csv(tmp_path / "library.csv", table[:48])
    given = name_all(analyse(path))
    write_csv(path, table)
    document = analyse(path)
    assert {cluster["dominant_genre"]: cluster["name"] for cluster in document["clusters"]} == given


def test_given_names_are_found_from_whatever_folder(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = name_all(analyse(library))
    monkeypatch.chdir(library.parent)
    assert set(names_of(analyse(Path("library.csv")))) == set(given.values())


def test_given_names_belong_to_their_library(library: Path, tmp_path: Path) -> None:
    name_all(analyse(library))
    other = write_csv(tmp_path / "other.csv", songs(160)[60:])
    assert not set(names_of(analyse(other))) & set(GIVEN)


def waiting(source: Path, k: int) -> list[str]:
    """Return what is said about names that suit no playlist."""
    words = ("--algorithm", "ward", "--k", str(k), "--k-max", "6")
    return [note for note in done("analyze", source, *words).notes if "suit" in note]


def test_names_that_suit_no_playlist_are_told_and_come_back(library: Path) -> None:
    given = name_all(analyse(library))
    assert waiting(library, 4) == []
    for k in (3, 2):
        there = set(names_of(analyse(library, k=k)))
        missed = sorted(set(given.values()) - there)
        assert len(missed) == 4 - k
        told = f"names “{missed[0]}” and “{missed[-1]}” suit no playlist of this run and wait for one"
        if k == 3:
            told = f"name “{missed[0]}” suits no playlist of this run and waits for one"
        assert waiting(library, k) == [f"the {told}"]
    assert waiting(library, 4) == []


def test_of_many_names_that_suit_no_playlist_some_are_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "library.csv", songs(160, groups=8))
    for number, cluster in enumerate(analyse(path, k=8)["clusters"]):
        done("runs", "rename", cluster["name"], f"Mine {number}")
    there = set(names_of(analyse(path, k=2)))
    missed = sorted({f"Mine {number}" for number in range(8)} - there)
    assert len(missed) > 4
    listed = ", ".join(f"“{name}”" for name in missed[:3])
    told = f"the names {listed} and {len(missed) - 3} more suit no playlist of this run and wait for one"
    assert waiting(path, 2) == [told]


def test_a_waiting_name_that_another_playlist_was_given_is_not_missed(library: Path) -> None:
    name_all(analyse(library))
    names = names_of(analyse(library, k=3))
    (missed,) = set(GIVEN) - set(names)
    assert len(waiting(library, 3)) == 1
    done("runs", "rename", names[0], missed)
    assert waiting(library, 3) == []


def test_names_inside_a_genre_are_kept_apart_and_however_it_is_spelled(library: Path) -> None:
    inside = analyse(library, "--genre", "Folk", k=2)
    done("runs", "rename", names_of(inside)[0], "Campfire")
    assert "Campfire" not in names_of(analyse(library))
    assert names_of(analyse(library, "--genre", "folk", k=2))[0] == "Campfire"


def test_a_name_can_be_taken_back(library: Path) -> None:
    plain = names_of(analyse(library))
    done("runs", "rename", plain[1], "Mine")
    assert names_of(analyse(library))[1] == "Mine"
    assert done("runs", "rename", "Mine", "").out == (
        "“Mine” takes its name from the music again from the next run of library.csv on\n"
    )
    assert names_of(analyse(library)) == plain


def test_a_name_can_be_changed_or_taken_back_before_the_next_run(library: Path) -> None:
    plain = names_of(analyse(library))
    done("runs", "rename", plain[0], "First Thought")
    done("runs", "rename", "First Thought", "Second Thought")
    assert names_of(analyse(library))[0] == "Second Thought"
    done("runs", "rename", "Second Thought", "Third Thought")
    done("runs", "rename", "third thought", "")
    assert names_of(analyse(library)) == plain


def test_an_older_run_can_be_named_by_its_number(library: Path) -> None:
    first = analyse(library)
    analyse(library, k=2)
    done("runs", "rename", names_of(first)[2], "Mine", "--run", "1")
    assert names_of(analyse(library)) == [*names_of(first)[:2], "Mine", names_of(first)[3]]


def test_a_playlist_that_is_not_there_is_one_clear_line_with_those_that_are(library: Path) -> None:
    names = names_of(analyse(library))
    listed = ", ".join(f"“{name}”" for name in names)
    assert (
        run("runs", "rename", "Nothing", "Mine").refusal == f"run 1 has no playlist “Nothing”. Its playlists: {listed}"
    )


def test_a_given_name_that_another_playlist_has_leaves_all_names_distinct(library: Path) -> None:
    plain = names_of(analyse(library))
    done("runs", "rename", plain[1], plain[0])
    document = analyse(library)
    assert names_of(document)[1] == plain[0]
    assert len(set(names_of(document))) == 4
    assert len(document["playlists"]["tracks"]) == 4


def test_a_name_given_twice_is_told_and_each_of_the_two_can_be_named_again(library: Path, tmp_path: Path) -> None:
    first, second = names_of(analyse(library))[:2]
    assert done("runs", "rename", second, "Sunday").told == []
    told = "note: you gave “SUNDAY” to another playlist, too; the second is “SUNDAY (2)” then"
    assert done("runs", "rename", first, "SUNDAY").told == [told]
    assert done("runs", "rename", first, "Sunday").status == 0
    before = analyse(library, "--out", str(tmp_path / "out"))
    assert names_of(before)[:2] == ["Sunday", "Sunday"]
    assert len(list((tmp_path / "out" / "playlists").glob("Sunday*.csv"))) == 2
    done("runs", "rename", "Sunday (2)", "Monday")
    assert names_of(analyse(library))[:2] == ["Sunday", "Monday"]
    done("runs", "rename", "Monday", "Sunday")
    analyse(library)
    assert done("runs", "rename", "Sunday", "Tuesday").told == []
    assert names_of(analyse(library))[:2] == ["Tuesday", "Sunday"]


def test_marks_go_around_given_names_and_are_no_part_of_them(library: Path) -> None:
    done("runs", "rename", names_of(analyse(library))[0], "Mine")
    document = analyse(library, "--prefix", "A:", "--suffix", "!")
    assert names_of(document)[0] == "Mine"
    assert next(iter(document["playlists"]["tracks"])) == "A:Mine!"
    assert names_of(analyse(library))[0] == "Mine"


def test_a_given_name_holds_no_command_to_the_terminal(library: Path) -> None:
    done("runs", "rename", names_of(analyse(library))[0], "\x1b[31mRed\x07 \n Wine")
    assert names_of(analyse(library))[0] == "[31mRed Wine"


@pytest.mark.parametrize("name", ["AC/DC: <live>?", "Ελληνικά 🎵", "..", "x" * 300, "con"])
def test_any_name_can_be_given(name: str, library: Path, tmp_path: Path) -> None:
    done("runs", "rename", names_of(analyse(library))[0], name)
    document = done("analyze", library, *QUICK, "--format", "m3u8,xspf", "--json", "--out", tmp_path / "out").document
    assert names_of(document)[0] == name
    assert len(list((tmp_path / "out" / "playlists").iterdir())) == 8


def test_given_names_survive_many_other_analyses(tmp_path: Path) -> None:
    table = songs(80)
    path = write_csv(tmp_path / "library.csv", table[:48])
    given = name_all(analyse(path))
    # The library grows, so that the identities of the playlists no longer follow from their tracks alone.
    write_csv(path, table)
    analyse(path)
    for _ in range(13):
        analyse(path, k=2)
    document = analyse(path)
    assert {cluster["dominant_genre"]: cluster["name"] for cluster in document["clusters"]} == given
