"""Bad input through the program: one clear line that names file, place and next step, or a counted note."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.features import BASE_NAMES
from core.storage import open_store
from tests.program import PROJECT, QUICK, Ended, done, names_of, run, run_alone, songs, write_csv

FEATURES = list(BASE_NAMES)
Analyze = Callable[..., Ended]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a small copy of the official folder that a test may damage."""
    return shutil.copytree(PROJECT / "tests" / "data" / "fma" / "fma_metadata", tmp_path / "fma_metadata")


# --- what cannot be used: one line, status 1, nothing written -----------------------------------------------------


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Analyse what cannot be analysed; return the line that says so."""

    def analyse(source: str | Path, *options: str) -> str:
        line = run("analyze", source, *options, "--out", tmp_path / "out").refusal
        assert not (tmp_path / "out").exists()
        assert done("runs", "--json").document == {"runs": []}
        return line

    return analyse


ACCEPTED = "Accepted: the fma_metadata folder or zip, an Exportify CSV or zip"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "the folder is empty"),
        ({"a.txt": "x", "b.doc": "y"}, "nothing in this folder is a library (a.txt, b.doc)"),
    ],
    ids=["empty", "other files"],
)
def test_a_folder_that_holds_no_library_is_refused(
    files: dict[str, str], said: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    assert refused(folder).startswith(f"{folder}: {said}. {ACCEPTED}")


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    assert refused(tmp_path / "absent.csv").startswith(
        f"{tmp_path / 'absent.csv'}: there is no such file or folder. {ACCEPTED}"
    )
    assert refused("nowhere:").startswith("nowhere:: there is no source called nowhere:. ")


def test_a_folder_of_the_archive_without_features_is_refused(archive: Path, refused: Callable[..., str]) -> None:
    (archive / "echonest.csv").unlink()
    line = refused(archive)
    assert line.startswith(f"{archive}: echonest.csv is missing. ")
    assert line.endswith("Get a fresh copy with: leitmotif fma download")


@pytest.mark.parametrize("name", ["tracks.csv", "echonest.csv", "genres.csv"])
def test_a_folder_of_the_archive_that_was_cut_is_refused(name: str, archive: Path, refused: Callable[..., str]) -> None:
    lines = (archive / name).read_bytes().splitlines(keepends=True)
    half = b"".join(lines)[: -len(lines[-1]) // 2]
    (archive / name).write_bytes(half)
    line = refused(archive)
    assert line.startswith(f"{archive / name}: the file is cut off in line {len(lines)}. ")
    assert line.endswith("Get a fresh copy with: leitmotif fma download")


def test_a_folder_of_the_archive_cut_inside_a_quoted_field_is_refused(
    archive: Path, refused: Callable[..., str]
) -> None:
    content = (archive / "tracks.csv").read_bytes()
    (archive / "tracks.csv").write_bytes(content[: content.rindex(b',"') + 4])
    line = refused(archive)
    assert line.startswith(
        f"{archive / 'tracks.csv'}: the file is cut off: a quoted text in the row that begins in line "
    )
    assert line.endswith("Get a fresh copy with: leitmotif fma download")


def test_a_table_cut_inside_a_quoted_field_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    text = songs(40).assign(title='He said, "hello"').to_csv(index=False)
    path = tmp_path / "cut.csv"
    lines = text.splitlines(keepends=True)
    path.write_text("".join(lines[:30]) + lines[30][: lines[30].index('""hello') + 4])
    line = refused(path)
    assert line.startswith(f"{path}, line 31: the file ends, or goes on for far too long, inside a quoted text")
    assert line.endswith("if the file was cut, export or download it again")


def test_a_table_of_text_where_numbers_should_be_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "text.csv", songs(40).assign(energy="loud"))
    line = refused(path)
    assert line.startswith(f"{path}, line 2: the column “energy” should hold numbers")
    assert line.endswith("Name another column with --column energy=NAME")


def test_a_table_without_any_feature_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    table = songs(40)
    table[FEATURES] = np.nan
    for path in (
        write_csv(tmp_path / "empty.csv", table),
        write_csv(tmp_path / "absent.csv", table.drop(columns=FEATURES)),
    ):
        line = refused(path)
        assert line.startswith(f"{path}: none of the 40 tracks has the features acousticness, ")
        assert ". Fetch features first" in line


def test_a_table_that_lacks_one_feature_says_which(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "seven.csv", songs(40).drop(columns="energy"))
    line = refused(path)
    assert line.startswith(f"{path}: none of the 40 tracks has energy. ")
    rest = ",".join(name for name in FEATURES if name != "energy")
    assert done("analyze", path, "--features", rest, *QUICK, "--json").document["recipe"]["features"] == rest.split(",")


def test_fewer_tracks_than_clusters_are_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "few.csv", songs(12))
    assert refused(path, "--k", "13") == f"{path}: 12 tracks cannot fill 13 clusters. Ask for at most 12"
    assert refused(path, "--playlists", "40") == f"{path}: 12 tracks cannot fill 40 clusters. Ask for at most 12"


def test_one_track_alone_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "one.csv", songs(1))
    line = refused(path)
    assert line.startswith(f"{path}: 1 track cannot be shared out among 2 playlists or more. ")
    assert line.endswith("Add tracks with audio features")


def test_one_track_with_features_among_many_without_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    table = songs(30)
    table.loc[1:, "tempo"] = np.nan
    line = refused(write_csv(tmp_path / "library.csv", table))
    assert "only 1 of the 30 tracks has the features that are used" in line
    assert line.endswith("or fill gaps with --missing impute")
    assert done("analyze", tmp_path / "library.csv", *QUICK, "--missing", "impute").status == 0


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--playlists", "'many' is no whole number"),
        ("--seed", "'many' is no whole number"),
        ("--k-max", "'many' is no whole number"),
        ("--max-per-artist", "'many' is no whole number"),
        ("--longest", "'many' is no number of seconds"),
    ],
)
def test_what_is_no_number_is_wrong_usage(option: str, said: str) -> None:
    assert run("analyze", "demo:", option, "many").wrong_usage == f"Invalid value for '{option}': {said}"


def test_a_table_without_rows_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "none.csv", songs(1)[:0])
    assert refused(path).startswith(f"{path}: there are no rows below the header. ")


@pytest.mark.parametrize("recipe", ["balanced", "article"])
def test_tracks_that_are_all_alike_are_refused(recipe: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    table = songs(40)
    table[FEATURES] = 0.5
    path = write_csv(tmp_path / "alike.csv", table)
    assert refused(path, "--recipe", recipe).startswith(f"{path}: all 40 tracks have the same audio features. ")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "photos.zip",
            {"photo.jpg": "x", "readme.txt": "y"},
            "nothing in this zip is a library (photo.jpg, readme.txt). Accepted: the fma_metadata folder or zip",
        ),
        ("empty.zip", {}, "the zip is empty. Accepted: "),
        ("outer.zip", {"my_spotify_data.zip": "x"}, "(my_spotify_data.zip). Unpack it, and open the zip that is in it"),
        ("damaged.zip", None, "the zip is damaged or cut short. Export or download it again"),
    ],
)
def test_a_zip_that_holds_no_library_is_refused(
    name: str, content: dict[str, str] | None, said: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\3\4 and then nothing")
    if content is not None:
        with zipfile.ZipFile(path, "w") as archive:
            for member, text in content.items():
                archive.writestr(member, text)
    line = refused(path)
    assert line.startswith(f"{path}: ")
    assert said in line


def test_a_genre_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "library.csv", songs(40))
    line = refused(path, "--genre", "Polka")
    assert line == f"{path}: no track's top genre is 'Polka' or below it. Genres here: Folk, Techno, Jazz, Punk"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--recipe", "best"], "unknown recipe 'best'. Known recipes: balanced, article"),
        (["--k", "1"], "K is '1'. Use a whole number of at least 2, or auto"),
        (["--k", "many"], "K is 'many'. Use a whole number of at least 2, or auto"),
        (["--k", "-3"], "K is '-3'. Use a whole number of at least 2, or auto"),
        (["--algorithm", "magic"], "unknown algorithm 'magic'. Known: kmeans, "),
        (["--seed", "-1"], "the seed is -1. Use a whole number from 0 to 4294967295"),
        (["--order", "best"], "unknown order 'best'. Known: fit, smooth, arc, added, shuffle"),
        (["--playlists", "1"], "Ask for at least 2"),
        (["--playlist-size", "20"], "'20' is no size of a playlist. Write it like 20..80"),
        (["--playlist-size", "80..20"], "the largest size of a playlist (20) is below the smallest (80). Swap them"),
        (["--playlist-size", "0..0"], "'0..0' is no size of a playlist. Write it like 20..80"),
        (["--playlists", "0"], "0 playlists are asked for. Ask for at least 2, or leave --playlists out"),
        (["--shortest", "-5"], "the shortest duration is -5 s. Use 0 or more seconds"),
        (["--longest", "nan"], "'nan' is no number of seconds"),
        (["--prefix", "a\nb"], "the mark 'a\\nb' holds a line break or the like. Write it in one line"),
        (["--suffix", "\x1b[31m"], "holds a line break or the like"),
        (["--minor", "-1"], "genres of -1 tracks or fewer cannot be absorbed. Use 0 or more"),
        (["--features", "loudnes"], "unknown feature 'loudnes'. Known features: "),
        (["--weight", "energy=-1"], "the weight of energy is -1.0. Use a number from 0 to 100"),
        (["--missing", "guess"], "missing values cannot be treated by 'guess'. Use drop or impute"),
        (["--k-max", "1"], "numbers of clusters from 2 to 1 cannot be compared. Let the largest be at least 2"),
        (["--shortest", "300", "--longest", "200"], "Swap them"),
        (["--weight", "energy"], "--weight takes NAME=VALUE, not 'energy'"),
        (["--weight", "tempo=much"], "--weight takes a number, such as tempo=0.5, not 'much'"),
        (["--weight", "pace=2"], "there is a weight for 'pace', which is not among them. The features used: "),
        (["--weight", "energy=1", "--features", "tempo,valence"], "The features used: tempo, valence"),
        (["--features", ","], "',' lists no name"),
        (["--features", "tempo,tempo"], "features must be named once each, and at least one of them"),
        (["--format", "mp3"], "unknown format 'mp3'. Known formats: m3u8, xspf, jspf, csv, links"),
        (["--providers", "oracle"], "the provider 'oracle' is unknown. Providers: file, store, "),
        (["--k", "9" * 5000], "Use a whole number of at least 2, or auto"),
        (["--k", "4", "--playlists", "5"], "--k asks for 4 clusters and --playlists for 5 playlists. Use one of them"),
        (["--longest", "inf"], "'inf' is no number of seconds"),
        (["--out", ""], "the name of the folder is empty"),
        (["--column", "pace"], "--column takes NAME=VALUE, not 'pace'"),
        (["--column", "pace=BPM"], "there is no column 'pace' to fill. Columns: title, "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_wrong_option_is_wrong_usage_and_says_what_is_right(options: list[str], said: str) -> None:
    # Nothing is read before: the file is not there.
    assert said in run("analyze", "absent.csv", *options).wrong_usage
    assert done("runs", "--json").document == {"runs": []}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("features", "absent.csv", "--providers", "oracle"), "the provider 'oracle' is unknown"),
        (("features", "absent.csv", "--column", "pace=BPM"), "there is no column 'pace' to fill"),
        (("export", "--to", "mp3"), "unknown format 'mp3'. Known formats: m3u8, xspf, jspf, csv, links, spotify"),
        (("export", "--to", "csv", "--run", "last"), "Invalid value for '--run': 'last' is no run. Use latest, or a "),
        (("export", "--to", "csv", "--out", ""), "Invalid value for '--out': the name of the folder is empty"),
        (("export", "--to", "csv", "--public"), "--public, --covers and --edited are for --to spotify only"),
        (("export", "--to", "spotify", "--edited", "sometimes"), "--edited takes keep, replace, new, not 'sometimes'"),
        (("export", "--to", "spotify", "--out", "x"), "--out is for files, and --to spotify writes none. Leave it out"),
        (("runs", "compare", "x", "1"), "Invalid value for 'BEFORE': 'x' is no run. Use latest, or a number that "),
        (("runs", "compare", "1", "-"), "Invalid value for 'AFTER': '-' is no run. Use latest, or a number that "),
        (("runs", "rename", "A", "B", "--run", "x"), "Invalid value for '--run': 'x' is no run. Use latest, or a "),
        (("spotify", "connect", "--client-id", "x"), "this is no Client ID, which has 32 letters (a to f) and digits"),
        (("spotify", "connect", "--allow", "all"), "--allow takes public, top, covers, not 'all'"),
        (("spotify", "connect", "--port", "70000"), "Invalid value for '--port': 70000 is no port. Use 1 to 65535"),
        (("spotify", "connect", "--timeout", "0"), "Invalid value for '--timeout': 0 s is no time to wait"),
        (("spotify", "connect", "--timeout", "long"), "'long' is no number of seconds"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_of_the_other_commands_says_what_is_right(words: tuple[str, ...], said: str) -> None:
    assert said in run(*words).wrong_usage


def test_a_column_that_the_table_lacks_is_an_error_of_the_table(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = write_csv(tmp_path / "library.csv", songs(40))
    assert refused(path, "--column", "tempo=Pace").startswith(f"{path}: there is no column “Pace” (asked for as tempo)")


def test_a_refusal_is_one_line_and_status_1_of_the_real_process(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "one.csv", songs(1))
    ended = run_alone("analyze", path, environment={"LEITMOTIF_HOME": str(tmp_path / "home")})
    assert ended.refusal.startswith(f"{path}: 1 track cannot")


# --- what can be used: status 0, and a note with the count ---------------------------------------------------------


@pytest.fixture
def read(tmp_path: Path) -> Analyze:
    """Write a table, analyse it, and return how the program ended."""

    def write_and_analyse(table: pd.DataFrame, *options: str, **how: object) -> Ended:
        path = write_csv(tmp_path / "library.csv", table, **how)
        return done("analyze", path, *QUICK, "--json", "--out", tmp_path / "out", *options)

    return write_and_analyse


@pytest.fixture
def plain(tmp_path: Path) -> object:
    """Return the clusters of the table when nothing is wrong with it."""
    return done("analyze", write_csv(tmp_path / "plain.csv", songs(40)), *QUICK, "--json").document["clusters"]


def test_semicolons_instead_of_commas_change_nothing(read: Analyze, plain: object) -> None:
    ended = read(songs(40), sep=";")
    assert ended.document["clusters"] == plain
    assert ended.notes == []


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_decimal_commas_are_read_and_told(separator: str, read: Analyze, plain: object) -> None:
    ended = read(songs(40), sep=separator, decimal=",")
    assert ended.document["clusters"] == plain
    (note,) = ended.notes
    assert note.endswith("were read as decimal commas")
    assert all(name in note for name in FEATURES)


def test_latin_1_is_read_and_told(read: Analyze, plain: object, tmp_path: Path) -> None:
    ended = read(songs(40).assign(artist="Mötley Crüe"), encoding="latin-1")
    assert ended.document["clusters"] == plain
    (note,) = ended.notes
    assert "not UTF-8" in note
    assert "Mötley Crüe" in (tmp_path / "out" / "tracks.csv").read_text(encoding="utf-8")


def test_features_from_0_to_100_are_rescaled_and_told(read: Analyze, plain: list[dict[str, object]]) -> None:
    table = songs(40)
    table["energy"] = (table["energy"] * 100).round(2)
    ended = read(table)
    (note,) = ended.notes
    assert note == "energy came on a 0–100 scale and was divided by 100"
    (told,) = ended.document["notices"]
    assert (told["kind"], told["count"]) == ("rescaled", 40)
    for cluster, right in zip(ended.document["clusters"], plain, strict=True):
        assert cluster["means"] == pytest.approx(right["means"])
        assert cluster["size"] == right["size"]


def test_a_text_among_numbers_counts_as_missing(read: Analyze) -> None:
    table = songs(40).astype({"energy": object})
    table.loc[5, "energy"] = "loud"
    ended = read(table)
    assert (
        ended.notes[0] == "1 cell of the column “energy” is not a number and counts as missing (first: “loud”, line 7)"
    )
    assert ended.document["source"]["dropped"] == {"some audio features missing": 1}
    assert sum(cluster["size"] for cluster in ended.document["clusters"]) == 39
    filled = read(table, "--missing", "impute").document
    assert filled["source"]["imputed"] == {"energy": 1}
    assert sum(cluster["size"] for cluster in filled["clusters"]) == 40


def test_infinite_values_count_as_missing(read: Analyze) -> None:
    table = songs(40)
    table.loc[3, "energy"], table.loc[4, "tempo"] = np.inf, -np.inf
    ended = read(table)
    assert ended.notes[:2] == [
        "1 value of energy is infinite and counts as missing (first: inf, line 5)",
        "1 value of tempo is infinite and counts as missing (first: -inf, line 6)",
    ]
    hint = "(--fetch asks for them, --missing impute fills them in)"
    assert ended.notes[2] == f"2 tracks left out: some audio features missing {hint}"
    assert ended.document["source"]["dropped"] == {"some audio features missing": 2}


def test_tracks_without_features_are_left_out_and_told(read: Analyze) -> None:
    table = songs(40)
    table.loc[30:, FEATURES] = np.nan
    ended = read(table)
    source = ended.document["source"]
    assert (source["tracks"], source["with_features"]) == (40, 30)
    assert source["dropped"] == {"no audio features": 10}
    assert "10 tracks left out: no audio features (--fetch asks for them)" in ended.notes


def test_of_rows_with_the_same_id_the_first_stays(read: Analyze, tmp_path: Path) -> None:
    table = songs(40)
    table.loc[[7, 9], "track_id"] = "s0003"
    ended = read(table)
    assert ended.document["source"]["tracks"] == 38
    assert ended.notes[0].startswith("2 rows repeat the id of an earlier row and are left out (first: line 9)")
    kept = (tmp_path / "out" / "tracks.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in kept if line.startswith("s0003,")] == [line for line in kept if ",Song 3," in line]


@pytest.mark.parametrize("recipe", ["balanced", "article"])
def test_features_that_are_the_same_for_every_track_are_told_and_claim_nothing(recipe: str, read: Analyze) -> None:
    ended = read(songs(40).assign(energy=0.5, liveness=0.1), "--recipe", recipe)
    assert "the same, or nearly, for every track, so of no use for sorting: energy, liveness" in ended.notes
    claimed = {claim["feature"] for cluster in ended.document["clusters"] for claim in cluster["claims"]}
    assert claimed
    assert not claimed & {"energy", "liveness"}


def test_features_that_differ_by_less_than_means_anything_are_told_and_claim_nothing(read: Analyze) -> None:
    nearly = 0.5 + np.linspace(-0.004, 0.004, 40).round(5)
    # Calm where sad, by a hair: the clusters would be told apart by it.
    ended = read(songs(40).sort_values("valence").assign(energy=nearly))
    assert "the same, or nearly, for every track, so of no use for sorting: energy" in ended.notes
    claimed = {claim["feature"] for cluster in ended.document["clusters"] for claim in cluster["claims"]}
    assert "valence" in claimed
    assert "energy" not in claimed
    assert not [note for note in read(songs(40).assign(energy=10 * nearly - 4.5)).notes if "of no use" in note]


def test_two_tracks_become_two_playlists_of_one(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "two.csv", songs(2))
    document = done("analyze", path, "--json", "--out", tmp_path / "out").document
    assert [cluster["size"] for cluster in document["clusters"]] == [1, 1]
    assert len(set(names_of(document))) == 2


def test_a_library_of_one_cluster_is_written_too(tmp_path: Path) -> None:
    table = songs(6)
    path = write_csv(tmp_path / "six.csv", table)
    document = done(
        "analyze", path, "--playlist-size", "6..", "--json", "--out", tmp_path / "out", pictures=True
    ).document
    (cluster,) = document["clusters"]
    assert cluster["size"] == 6
    assert document["quality"]["silhouette"] is None
    assert "mixed" in cluster["name"].lower()
    assert (tmp_path / "out" / "map.png").stat().st_size > 10_000


def test_a_library_without_genres_titles_or_artists_is_analysed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "bare.csv", songs(40)[["track_id", *FEATURES]])
    document = done("analyze", path, *QUICK, "--json", "--out", tmp_path / "out", pictures=True).document
    assert document["genres"]["counts"] == {}
    assert set(document["genres"]["agreement"].values()) == {None}
    assert [cluster["dominant_genre"] for cluster in document["clusters"]] == [""] * 4
    for recipe in ("article", "balanced"):
        assert done("analyze", path, "--recipe", recipe, "--k-max", "4", "--json").document["recipe"]["name"] == recipe


def test_columns_of_other_names_can_be_named(tmp_path: Path) -> None:
    table = songs(40).rename(columns={"tempo": "Pace", "energy": "Oomph"})
    path = write_csv(tmp_path / "library.csv", table)
    document = done("analyze", path, "--column", "tempo=Pace", "--column", "energy=Oomph", *QUICK, "--json").document
    assert document["source"]["with_features"] == 40
    assert document["clusters"][0]["means"]["tempo"] > 50


def test_a_note_names_the_option_that_changes_it(tmp_path: Path) -> None:
    table = songs(60)
    table.insert(0, "name", "a list")
    path = write_csv(tmp_path / "two.csv", table.rename(columns={"title": "track_name"}))
    wanted = "title was read from the column “track_name”, not from “name” (choose with --column title=NAME)"
    assert wanted in done("analyze", path, *QUICK).notes
    with open_store() as store:
        (stored,) = store.libraries.recent()
        assert "choose with --column title=NAME" in [n.command for n in store.libraries.load(stored.key).notices]
