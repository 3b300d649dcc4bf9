"""What a listener reads about playlists on the command line: true counts, reasons, and wishes that are kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from tests.program import done, read_rows, run, songs, write_csv


def four_times(count: int) -> pd.DataFrame:
    """Return tracks that stand in a library four times each, as on four compilations."""
    once = songs(count)
    copies = [once.assign(track_id=[f"{name}-{n}" for name in once["track_id"]], album=f"Hits {n}") for n in range(4)]
    return pd.concat(copies, ignore_index=True)


def lengths(folder: Path) -> list[int]:
    """Return how many tracks each playlist has."""
    return sorted(len(read_rows(path)) for path in (folder / "playlists").glob("*.csv"))


def test_the_summary_counts_what_is_in_the_playlists_and_tells_the_rest(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", four_times(60))
    ended = done("analyze", library, "--k", "4", "--longest", "300", "--out", tmp_path / "out")
    reasons = Counter(row["reason"] for row in read_rows(tmp_path / "out" / "left_out.csv"))
    placed = sum(lengths(tmp_path / "out"))
    assert placed + reasons.total() == 240
    assert f"{placed} of 240 tracks in 4 playlists" in ended.out
    assert f"{reasons['too long']} are too long, {reasons['duplicate']} are duplicates" in ended.out
    assert f"duplicates are known by title, artist and duration ({reasons['duplicate']})" in ended.out
    for length in lengths(tmp_path / "out"):
        assert f"\n{length:>7,}  " in ended.out


def test_left_out_says_of_each_duplicate_which_track_stays(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", four_times(20))
    done("analyze", library, "--k", "2", "--out", tmp_path / "out")
    rows = [row for row in read_rows(tmp_path / "out" / "left_out.csv") if row["reason"] == "duplicate"]
    assert len(rows) >= 50
    kept = {row["track_id"] for path in (tmp_path / "out" / "playlists").glob("*.csv") for row in read_rows(path)}
    assert all(row["kept_id"] in kept and row["track_id"] not in kept for row in rows)
    assert all(row["kept_id"][:-2] == row["track_id"][:-2] for row in rows)
    assert {row["same"] for row in rows} == {"title, artist and duration"}


def test_a_library_of_which_nothing_is_left_is_told_as_one(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40).assign(explicit=["true"] + 39 * ["false"]))
    words = ("--longest", "30", "--no-explicit", "--playlist-size", "5..10")
    lines = done("analyze", library, *words).out.splitlines()
    assert lines[0].startswith("0 of 40 tracks in 0 playlists")
    (left_out,) = [line for line in lines if line.startswith("in no playlist: ")]
    assert "1 is explicit, " in left_out
    assert "are too long" in left_out
    told = "no track is left for a playlist: loosen what leaves tracks out (--no-explicit, --longest)"
    assert told in lines
    assert not [line for line in lines if "why so many" in line or "AUC" in line]


def test_playlists_of_which_nothing_is_left_are_told_with_what_to_do(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    ended = done("analyze", library, "--k", "3", "--longest", "30")
    assert ended.notes[-1] == (
        "3 playlists of 3 are not made: all tracks were left out "
        "(loosen what leaves them out, such as --shortest or --longest)"
    )
    assert "not made" not in done("analyze", library, "--k", "3").err


@pytest.mark.parametrize("wishes", [("--longest", "230"), ("--shortest", "250"), ()])
def test_playlists_have_the_size_asked_for_however_much_is_left_out(wishes: tuple[str, ...], tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", four_times(200))
    words = ("--k", "3", "--playlist-size", "12..24", *wishes, "--out", tmp_path / "out")
    out = done("analyze", library, *words).out
    made = lengths(tmp_path / "out")
    assert 12 <= made[0] <= made[-1] <= 24
    why = f"why so many: {len(made)} playlists: for 12 to 24 tracks in each, 3 clusters were split where too long and "
    assert why in out


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("..1", "for at most 1 track in each, "),
        ("9..11", "for 9 to 11 tracks in each, "),
        ("10..10", "for 10 tracks in each, "),
        ("1..1", "for 1 track in each, "),
    ],
)
def test_a_narrow_size_is_kept_and_told(size: str, told: str, tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    words = ("--recipe", "article", "--k", "2", "--playlist-size", size, "--out", tmp_path / "out")  # leaves none out
    assert told in done("analyze", library, *words).out
    least, _, most = size.partition("..")
    made = lengths(tmp_path / "out")
    assert sum(made) == 40
    assert int(least or 0) <= made[0] <= made[-1] <= int(most)


def test_a_number_that_gives_way_to_the_size_is_told(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(60))
    words = ("analyze", library, "--recipe", "article", "--playlists", "4", "--playlist-size")  # leaves none out
    ended = done(*words, "5..10")
    made = int(ended.out.split(" in ")[1].split()[0])
    assert made > 5
    assert (
        f"{made} playlists are made, not the 4 asked for: their size, asked for as well, comes first "
        "(leave one of --playlists and --playlist-size out)"
    ) in ended.notes
    assert "not the" not in done(*words, "5..40").err
    assert "not the" not in done(*words[:-3], "--playlist-size", "5..10").err


@pytest.mark.parametrize(("size", "least", "most"), [("..20", 10, 20), ("..3", 2, 3)])
def test_with_a_largest_size_alone_playlists_are_at_least_half_full(
    size: str, least: int, most: int, tmp_path: Path
) -> None:
    library = write_csv(tmp_path / "library.csv", songs(300))
    done("analyze", library, "--k", "3", "--playlist-size", size, "--out", tmp_path / "out")
    made = lengths(tmp_path / "out")
    assert sum(made) > 280
    assert least <= made[0] <= made[-1] <= most


def test_a_largest_size_alone_leaves_shorter_playlists_as_they_are(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(300))
    words = ("analyze", library, "--recipe", "article", "--k", "12", "--json")
    free, same = (done(*words, *size).document["playlists"]["tracks"] for size in ((), ("--playlist-size", "..200")))
    assert min(free.values()) < 100
    assert free == same


def test_a_size_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    ended = done("analyze", library, "--playlist-size", "100..300")
    (note,) = [note for note in ended.notes if "asked for" in note]
    assert note.startswith("1 playlist has fewer than the 100 tracks asked for (the smallest has ")
    assert note.endswith("): there are no more tracks")
    (note,) = [note for note in done("analyze", library, "--playlist-size", "13..13").notes if "asked for" in note]
    assert note.endswith(": the tracks that fit cannot be shared out that evenly; a wider range helps")


@pytest.mark.parametrize("size", ["²..9", "..", "5..99999999999999999999", f"1..{'9' * 5000}", "٣..٩"])
def test_what_is_no_size_of_a_playlist_is_refused_in_one_line(size: str, tmp_path: Path) -> None:
    line = run("analyze", write_csv(tmp_path / "library.csv", songs(20)), "--playlist-size", size).wrong_usage
    assert line.endswith("is no size of a playlist. Write it like 20..80")


def test_a_size_may_have_spaces(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    done("analyze", library, "--playlist-size", " 4 .. 8 ", "--out", tmp_path / "out")
    assert lengths(tmp_path / "out")[-1] <= 8


def test_two_numbers_of_playlists_are_refused(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(20))
    line = run("analyze", library, "--k", "3", "--playlists", "4").wrong_usage
    assert line.endswith("--k asks for 3 clusters and --playlists for 4 playlists. Use one of them")
    assert len(done("analyze", library, "--k", "3", "--playlists", "3", "--json").document["clusters"]) == 3


def test_a_number_that_an_algorithm_passes_over_is_told(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(60))
    out = done("analyze", library, "--algorithm", "mean-shift", "--playlists", "7").out
    assert "mean-shift finds the number of clusters itself, so the 7 asked for are passed over" in out


def test_one_row_with_a_known_id_is_told_as_one(tmp_path: Path) -> None:
    table = songs(20)
    again = table.iloc[[3]]
    for row, told in (
        (again, "it says the same"),
        (again.assign(title="Other"), "it says something else, and its genres"),
    ):
        library = write_csv(tmp_path / "library.csv", pd.concat([table, row]))
        assert any(told in note for note in done("analyze", library, "--k", "2").notes)


def test_a_playlist_is_renamed_by_the_name_on_its_file(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    words = ("analyze", library, "--k", "2", "--prefix", "My", "--suffix", "!", "--out", tmp_path / "out")
    done(*words)
    name = sorted((tmp_path / "out" / "playlists").glob("*.csv"))[0].stem
    done("runs", "rename", name, "Porch")
    done("runs", "rename", "my porch!", "Veranda")
    out = done(*words).out
    assert "My Veranda!" in out
    assert "Porch" not in out


def test_wishes_that_the_library_says_too_little_for_are_told(tmp_path: Path) -> None:
    table = songs(20).drop(columns=["duration_ms"])
    table["artist"] = ["", *table["artist"][1:]]
    library = write_csv(tmp_path / "library.csv", table)
    wishes = ("--longest", "200", "--no-explicit", "--max-per-artist", "3", "--order", "added")
    assert done("analyze", library, "--k", "2", *wishes).notes[-5:] == [
        "20 tracks have no known duration and stay, however long or short",
        "20 tracks do not say whether they are explicit, and stay",
        "1 track has no artist, so the limit per artist does not count it",
        "20 tracks have no date of being added and come last, in the library's order",
        "no track has a duration or an ISRC, so only duplicates with equal audio features are found",
    ]
    table["energy"] = [None] * 5 + [0.5] * 15
    words = ("--k", "2", "--features", "tempo,valence", "--order", "arc")
    arc = done("analyze", write_csv(tmp_path / "arc.csv", table), *words).notes
    assert "5 tracks have no known energy and are ordered as if it were the middle one" in arc
    arc = done("analyze", write_csv(tmp_path / "arc.csv", table.drop(columns=["energy"])), *words).notes
    assert "20 tracks have no known energy and are ordered by fit instead" in arc
    quiet = write_csv(tmp_path / "quiet.csv", songs(20))
    notes = done("analyze", quiet, "--k", "2", "--longest", "400", "--max-per-artist", "3").notes
    assert all("nowhere" in note for note in notes)


def test_without_durations_duplicates_are_found_by_their_sound(tmp_path: Path) -> None:
    table = songs(20).drop(columns=["duration_ms"])
    again = table.iloc[[3, 4]].assign(
        track_id=["again", "live"], title=[f"{table['title'][3]} (Remastered)", f"{table['title'][4]} (Live)"]
    )
    library = write_csv(tmp_path / "library.csv", pd.concat([table, again]))
    run = done("analyze", library, "--k", "2", "--recipe", "article", "--out", tmp_path / "out")
    assert "by title, artist and audio features (1)" in run.out
    left = pd.read_csv(tmp_path / "out" / "left_out.csv")
    assert left[["title", "reason", "same"]].to_numpy().tolist() == [
        [again["title"].iloc[0], "duplicate", "title, artist and audio features"]
    ]


def test_a_live_version_with_the_code_of_its_studio_version_is_no_duplicate(tmp_path: Path) -> None:
    table = songs(24).assign(isrc="")
    once, twice = table["title"][3], table["title"][4]
    again = table.iloc[[3, 3, 4, 4]].assign(
        track_id=["live", "acoustic", "again", "again live"],
        title=[f"{once} (Live)", f"{once} - Acoustic", f"{twice} (feat. Somebody)", f"{twice} [Live at the Hall]"],
        isrc=["QMAAA0000003", "QMAAA0000003", "QMAAA0000004", "QMAAA0000004"],
        duration_ms=[300_000, 310_000, 320_000, 330_000],
    )
    table.loc[[3, 4], "isrc"] = ["QMAAA0000003", "QMAAA0000004"]
    library = write_csv(tmp_path / "library.csv", pd.concat([table, again]))
    run = done("analyze", library, "--k", "2", "--recipe", "article", "--out", tmp_path / "out")
    assert "duplicates are known by ISRC (1)" in run.out
    left = pd.read_csv(tmp_path / "out" / "left_out.csv", dtype=str)
    assert left[["track_id", "reason", "same"]].to_numpy().tolist() == [["again", "duplicate", "ISRC"]]


def test_playlists_of_an_earlier_run_in_the_folder_are_told(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    words = ("analyze", library, "--out", tmp_path / "out", "--format", "m3u8")
    assert "other file" not in done(*words, "--k", "2").out
    first, second = sorted((tmp_path / "out" / "playlists").iterdir())
    done("runs", "rename", first.stem, first.stem)
    done("runs", "rename", second.stem, "Porch")
    assert f"1 other file stays in {first.parent}" in done(*words, "--k", "2").out.splitlines()[-1]
    done("runs", "rename", first.stem, "Attic")
    assert f"2 other files stay in {first.parent}" in done(*words, "--k", "2").out.splitlines()[-1]


def test_names_that_differ_in_case_only_are_told_apart(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(40))
    first, second = (entry["name"] for entry in done("analyze", library, "--k", "2", "--json").document["clusters"])
    done("runs", "rename", first, "porch")
    done("runs", "rename", second, "PORCH")
    done("runs", "rename", "PORCH", "Attic")
    names = [entry["name"] for entry in done("analyze", library, "--k", "2", "--json").document["clusters"]]
    assert names == ["porch", "Attic"]


def test_runs_of_different_libraries_are_compared_with_a_word_about_it(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        done("analyze", write_csv(tmp_path / name, songs(20)), "--k", "2")
    assert "they are of different libraries: one.csv and two.csv" in done("runs", "compare", "1", "2").out
    done("analyze", tmp_path / "two.csv", "--k", "3")
    assert "different" not in done("runs", "compare", "2", "3").out


def test_formats_that_lead_to_few_tracks_say_so(tmp_path: Path) -> None:
    table = songs(40)
    words = ("--k", "2", "--recipe", "article", "--format", "m3u8,xspf,csv,links", "--out", tmp_path / "out")
    out = done("analyze", write_csv(tmp_path / "library.csv", table), *words).out
    assert "\nm3u8 leads to 0 of 40 tracks: the others have no file and no Spotify address\n" in out
    assert "\nlinks leads to 0 of 40 tracks: the others have no Spotify address\n" in out
    assert "xspf leads" not in out
    table["uri"] = [f"spotify:track:{number:022d}" for number in range(39)] + [""]
    out = done("analyze", write_csv(tmp_path / "library.csv", table), *words).out
    assert "\nlinks leads to 39 of 40 tracks: the other one has no Spotify address\n" in out


def test_a_claim_about_genre_says_which_genre(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(60))
    words = ("analyze", library, "--algorithm", "ward", "--k", "4", "--k-max", "4")
    claims = [claim for cluster in done(*words, "--json").document["clusters"] for claim in cluster["claims"]]
    told = {f"genre {claim['word']} {claim['share']:.0%}" for claim in claims if claim["feature"] == "genre"}
    assert told
    out = done(*words).out
    assert all(text in out for text in told)
    assert "genre high" not in out
