"""``leitmotif analyze`` from real files to written results: the article reproduced, every file consistent."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import cli
from core.features import BASE_NAMES
from core.options import ALGORITHMS
from tests import program
from tests.conftest import PROJECT, SHARED
from tests.program import QUICK, done, files_below, names_of, read_rows, run, run_alone, songs, spawn, write_csv

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, pipes and disks of POSIX systems")


@dataclass(frozen=True)
class Result:
    """What an analysis wrote."""

    folder: Path

    @property
    def document(self) -> Any:
        return json.loads((self.folder / "analysis.json").read_text(encoding="utf-8"))

    @property
    def tracks(self) -> pd.DataFrame:
        path = self.folder / "tracks.csv"
        return pd.read_csv(
            path, dtype={"track_id": str, "cluster_id": "Int64"}, keep_default_na=False, na_values={"cluster_id": ""}
        )


def analyzed(folder: Path, source: str | Path, *options: str, pictures: bool = False) -> Result:
    """Analyse a source in a home of its own, and write the results."""
    with program.home(folder / "home"):
        done("analyze", source, *options, "--out", folder / "out", pictures=pictures)
    return Result(folder / "out")


# --- the article -------------------------------------------------------------------------------------------------

ABSORBED = {
    "Blues": "Folk", "Country": "Pop", "Easy Listening": "Hip-Hop", "Experimental": "Jazz", "Instrumental": "Rock",
    "International": "Jazz", "Soul-RnB": "Rock", "Spoken": "Old-Time / Historic",
}  # fmt: skip
SIZES = (1983, 1930, 1733, 1557, 1435, 1382, 1145, 1071, 893)
ARTICLE = ("--recipe", "article", "--k", "9")


@pytest.fixture(scope="module")
def fma() -> Path:
    """Return the folder of the article's data, or skip where it is absent."""
    if not (SHARED / "fma").is_dir():
        pytest.skip(f"the shared data is not at {SHARED} (set LEITMOTIF_SHARED)")
    return SHARED / "fma"


@pytest.fixture(scope="module")
def from_folder(fma: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return analyzed(tmp_path_factory.mktemp("folder"), fma / "fma_metadata", *ARTICLE)


@pytest.fixture(scope="module")
def from_table(fma: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return analyzed(tmp_path_factory.mktemp("table"), fma / "tracks_cleaned.csv", *ARTICLE)


@pytest.fixture(scope="module")
def inside_rock(fma: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    options = ("--recipe", "article", "--genre", "Rock", "--k", "5")
    return analyzed(tmp_path_factory.mktemp("rock"), fma / "fma_metadata", *options)


@pytest.fixture(scope="module")
def values(fma: Path) -> pd.DataFrame:
    """Return the eight features of the article's tracks, as its table has them."""
    return pd.read_csv(fma / "tracks_cleaned.csv", dtype={"track_id": str}).set_index("track_id")[list(BASE_NAMES)]


def article_matrix(values: pd.DataFrame) -> np.ndarray:
    """Prepare features as the article does: tempo to 0–1, every row to unit length."""
    X = values.copy()
    X["tempo"] = (X["tempo"] - X["tempo"].min()) / (X["tempo"].max() - X["tempo"].min())
    matrix = X.to_numpy()
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def test_the_folder_and_the_table_agree(from_folder: Result, from_table: Result) -> None:
    folder, table = from_folder.document, from_table.document
    assert folder.pop("source")["kind"] == "fma"
    assert table.pop("source")["kind"] == "table"
    assert folder == table
    left, right = from_folder.tracks, from_table.tracks
    columns = ["track_id", "genre", "cluster_id", "cluster", "x", "y", "fit"]
    pd.testing.assert_frame_equal(left[columns], right[columns], check_exact=True)


def test_the_article_is_reproduced(from_folder: Result) -> None:
    document = from_folder.document
    assert document["genres"]["absorbed"] == ABSORBED
    assert document["projection"]["singular_values"] == pytest.approx([34.6223, 29.5590], abs=5e-5)
    assert document["projection"]["explained_variance_ratio"] == pytest.approx([0.3900, 0.2843], abs=5e-5)
    sizes = [cluster["size"] for cluster in document["clusters"]]
    assert sizes == pytest.approx(sorted(SIZES, reverse=True), rel=0.01)
    assert sum(sizes) == document["source"]["tracks"] == 13_129
    assert document["genres"]["agreement"]["adjusted_mutual_info"] == pytest.approx(0.11, abs=0.02)


def test_the_quietest_cluster_is_where_old_music_is(from_folder: Result, values: pd.DataFrame) -> None:
    document = from_folder.document
    quietest = min(document["clusters"], key=lambda cluster: cluster["means"]["energy"])
    middle = values.median()
    assert quietest["means"]["acousticness"] > middle["acousticness"]
    assert quietest["means"]["instrumentalness"] > middle["instrumentalness"]
    assert quietest["means"]["valence"] < middle["valence"]
    dominant = document["genres"]["dominant_cluster"]
    quiet = {label for label, cluster in dominant.items() if cluster == quietest["id"]}
    assert quiet == {"Classical", "Folk/Blues", "Jazz/Experimental/International", "Old-Time / Historic/Spoken"}


def test_electronic_music_is_where_one_dances_without_words(from_folder: Result, values: pd.DataFrame) -> None:
    document = from_folder.document
    cluster = document["clusters"][document["genres"]["dominant_cluster"]["Electronic"]]
    for feature in ("instrumentalness", "danceability", "valence"):
        assert cluster["means"][feature] > values[feature].mean()


def test_inside_rock_works_the_same_way(inside_rock: Result) -> None:
    document = inside_rock.document
    assert document["source"]["tracks"] == sum(c["size"] for c in document["clusters"]) == 4_841
    assert document["source"]["inside"] == "Rock"
    labels = document["genres"]["counts"]
    assert len(labels) == 5
    assert next(iter(labels)) == "Rock"
    assert sum(labels.values()) == 4_841
    assert all(name.endswith(" Rock") for name in names_of(document))
    assert len(set(names_of(document))) == 5


def test_inside_a_genre_features_are_prepared_afresh(inside_rock: Result, values: pd.DataFrame) -> None:
    tracks = inside_rock.tracks.set_index("track_id")
    X = article_matrix(values.loc[tracks.index])
    check_centroids(inside_rock.document, X, tracks["cluster_id"].to_numpy(dtype=np.int64))


def test_the_official_excerpt_takes_the_place_of_the_tracks(fma: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fma_metadata"
    shutil.copytree(fma / "fma_metadata", folder)
    shutil.copy(fma / "tracks_excerpt_official.csv", folder / "tracks.csv")
    ended = done("analyze", folder, "--k-max", "4", "--out", tmp_path / "out")
    source = Result(tmp_path / "out").document["source"]
    assert source["tracks"] == 682
    assert source["with_features"] + sum(source["dropped"].values()) == 682
    assert any("had no top genre and got it from the genre hierarchy" in note for note in ended.notes)


# --- what is written holds together ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return analyzed(tmp_path_factory.mktemp("demo"), "demo:", "--k", "6", "--k-max", "7", pictures=True)


def check_schema(document: Any) -> None:
    """Check every key of schema 1 and the type of its value."""
    assert document["schema"] == 1
    source, recipe, quality = document["source"], document["recipe"], document["quality"]
    assert isinstance(source["kind"], str)
    assert isinstance(source["path"], str)
    assert isinstance(source["tracks"], int)
    assert isinstance(source["with_features"], int)
    assert all(isinstance(count, int) for count in source["dropped"].values())
    assert isinstance(recipe["name"], str)
    assert set(recipe["features"]) <= set(BASE_NAMES)
    assert recipe["algorithm"] in ALGORITHMS
    assert isinstance(recipe["seed"], int)
    assert recipe["k"] == len(document["clusters"])
    for number, cluster in enumerate(document["clusters"]):
        check_cluster(cluster, number, recipe["features"])
    check_genres(document["genres"])
    projection = document["projection"]
    assert projection["features"] == recipe["features"]
    assert [len(row) for row in projection["components"]] == [len(recipe["features"])] * 2
    assert all(
        isinstance(number, float)
        for name in ("singular_values", "explained_variance_ratio")
        for number in projection[name]
    )
    assert isinstance(quality["inertia"], float)
    assert isinstance(quality["silhouette"], float | None)
    assert isinstance(quality["suggested_k"], int)
    for row in quality["sweep"]:
        assert {"k", "inertia", "silhouette", "stability"} <= set(row)
        assert isinstance(row["k"], int)
    naming = {"mean_auc", "worst_auc", "mean_claim_precision", "worst_claim_precision", "top1", "distinct"}
    assert set(quality["naming"]) == naming | {"claim_stability", "claim_stability_reason"}
    assert all(isinstance(quality["naming"][name], int | float) for name in naming)


def check_cluster(cluster: Any, number: int, features: list[str]) -> None:
    assert cluster["id"] == number
    assert isinstance(cluster["name"], str)
    assert isinstance(cluster["size"], int)
    for claim in cluster["claims"]:
        assert set(claim) == {"feature", "direction", "word", "auc", "share"}
        assert claim["feature"] in (*BASE_NAMES, "genre")
        assert claim["direction"] in ("high", "low")
        assert isinstance(claim["word"], str)
        assert 0.5 <= claim["auc"] <= 1.0
        assert 0.0 <= claim["share"] <= 1.0
    assert list(cluster["centroid"]) == features
    assert all(isinstance(value, float) for value in [*cluster["centroid"].values(), *cluster["means"].values()])
    assert isinstance(cluster["dominant_genre"], str)
    assert all(isinstance(track_id, str) for track_id in cluster["representatives"])


def check_genres(genres: Any) -> None:
    assert all(isinstance(name, str) for pair in genres["absorbed"].items() for name in pair)
    assert set(genres["by_cluster"]) == set(genres["dominant_cluster"]) == set(genres["counts"])
    for label, count in genres["counts"].items():
        assert sum(genres["by_cluster"][label].values()) <= count
        assert isinstance(genres["dominant_cluster"][label], int)
        most = max(genres["by_cluster"][label].values())
        assert genres["by_cluster"][label][str(genres["dominant_cluster"][label])] == most
    assert set(genres["agreement"]) == {"adjusted_rand", "adjusted_mutual_info", "v_measure"}
    assert all(isinstance(value, float | None) for value in genres["agreement"].values())


def check_centroids(document: Any, X: np.ndarray, labels: np.ndarray) -> None:
    """Check that each centroid is the mean of the prepared tracks of its cluster."""
    for cluster in document["clusters"]:
        mean = X[labels == cluster["id"]].mean(axis=0)
        assert list(cluster["centroid"].values()) == pytest.approx(mean.tolist(), abs=1e-9)


def check_against_tracks(result: Result) -> None:
    """Check the document's counts against the rows of tracks.csv."""
    document, tracks = result.document, result.tracks
    names = dict(enumerate(names_of(document)))
    assert (tracks["cluster"] == tracks["cluster_id"].map(names)).all()
    assert tracks["cluster_id"].value_counts().to_dict() == {c["id"]: c["size"] for c in document["clusters"]}
    counted = Counter(zip(tracks["genre"], tracks["cluster_id"].astype(str), strict=True))
    listed = {
        (label, number): count
        for label, row in document["genres"]["by_cluster"].items() for number, count in row.items() if count
    }  # fmt: skip
    assert {pair: count for pair, count in counted.items() if pair[0]} == listed
    assert tracks["fit"].between(0.0, 1.0).all()
    for cluster in document["clusters"]:
        best = tracks[tracks["cluster_id"] == cluster["id"]].sort_values("fit", ascending=False, kind="stable")
        assert best["track_id"].head(5).tolist() == cluster["representatives"]


@pytest.mark.parametrize("name", ["from_folder", "inside_rock", "demo"])
def test_the_analysis_has_the_shape_of_schema_1(name: str, request: pytest.FixtureRequest) -> None:
    result: Result = request.getfixturevalue(name)
    text = (result.folder / "analysis.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "Infinity" not in text
    check_schema(json.loads(text))


@pytest.mark.parametrize("name", ["from_folder", "inside_rock", "demo"])
def test_the_analysis_and_its_tracks_say_the_same(name: str, request: pytest.FixtureRequest) -> None:
    check_against_tracks(request.getfixturevalue(name))


def test_numbers_of_the_article_follow_from_its_tracks(from_folder: Result, values: pd.DataFrame) -> None:
    document, tracks = from_folder.document, from_folder.tracks
    assert tracks["track_id"].tolist() == values.index.tolist()
    labels = tracks["cluster_id"].to_numpy(dtype=np.int64)
    X = article_matrix(values)
    check_centroids(document, X, labels)
    means = values.groupby(labels).mean()
    for cluster in document["clusters"]:
        assert cluster["means"] == pytest.approx(means.loc[cluster["id"]].to_dict())
    xy = (X - X.mean(axis=0)) @ np.array(document["projection"]["components"]).T
    assert tracks[["x", "y"]].to_numpy() == pytest.approx(xy, abs=1e-9)
    centroids = np.array([list(cluster["centroid"].values()) for cluster in document["clusters"]])
    assert document["quality"]["inertia"] == pytest.approx(float(((X - centroids[labels]) ** 2).sum()))
    away = np.linalg.norm(X[:, np.newaxis] - centroids[np.newaxis], axis=2)
    own = away[np.arange(len(X)), labels]
    away[np.arange(len(X)), labels] = np.inf
    assert tracks["fit"].to_numpy() == pytest.approx(np.clip(1.0 - own / away.min(axis=1), 0.0, 1.0), abs=1e-9)


def test_the_tables_have_the_columns_they_are_to_have(demo: Result) -> None:
    header = (demo.folder / "tracks.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "track_id,title,artist,album,genre,cluster_id,cluster,x,y,fit"
    clusters = read_rows(demo.folder / "clusters.csv")
    assert [row["name"] for row in clusters] == list(names_of(demo.document))
    assert [int(row["size"]) for row in clusters] == [cluster["size"] for cluster in demo.document["clusters"]]
    assert float(clusters[0]["tempo"]) == pytest.approx(demo.document["clusters"][0]["means"]["tempo"])


def test_everything_promised_is_written(demo: Result) -> None:
    written = files_below(demo.folder)
    names = names_of(demo.document)
    assert {name for name in written if "/" not in name} == {
        "analysis.json", "tracks.csv", "clusters.csv", "fits.csv", "left_out.csv", "heatmap.png", "map.png",
    }  # fmt: skip
    assert {name for name in written if "/" in name} == {
        f"playlists/{n}{end}" for n in names for end in (".m3u8", ".csv")
    }
    for picture in ("heatmap.png", "map.png"):
        assert written[picture].startswith(b"\x89PNG")
        assert len(written[picture]) > 20_000


def test_every_track_is_in_one_playlist_or_left_out_for_a_reason(demo: Result) -> None:
    playlists = demo.document["playlists"]
    in_files = [
        row["track_id"] for path in (demo.folder / "playlists").glob("*.csv") for row in read_rows(path)
    ]  # fmt: skip
    left_out = [track_id for ids in playlists["left_out"].values() for track_id in ids]
    assert sorted(in_files + left_out) == sorted(demo.tracks["track_id"])
    assert sum(playlists["tracks"].values()) == len(in_files)
    nowhere = {row["track_id"] for row in read_rows(demo.folder / "fits.csv") if row["fits_nowhere"] == "yes"}
    assert nowhere == set(playlists["left_out"]["fits nowhere"])


# --- the same again ----------------------------------------------------------------------------------------------


def test_two_runs_have_the_same_bytes_whatever_the_process_the_hashes_and_the_home(
    demo: Result, tmp_path: Path
) -> None:
    environment = {"LEITMOTIF_HOME": str(tmp_path / "home"), "PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "1"}
    ended = run_alone(
        "analyze", "demo:", "--k", "6", "--k-max", "7", "--out", tmp_path / "out", environment=environment
    )
    assert ended.status == 0, ended.err
    first, second = files_below(demo.folder), files_below(tmp_path / "out")
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name] and not name.endswith(".png")] == []


def test_two_runs_have_the_same_bytes_whatever_ran_in_between(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "library.csv", songs(90, groups=5))
    other = write_csv(tmp_path / "other.csv", songs(50, seed=8))
    for run_of in ("one", "two"):
        done("analyze", table, "--k", "5", "--k-max", "5", "--out", tmp_path / run_of)
        done("analyze", table, *QUICK, "--order", "smooth")
        done("analyze", other, *QUICK)
    assert files_below(tmp_path / "one") == files_below(tmp_path / "two")


def test_another_seed_is_another_shuffle_and_is_told(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "library.csv", songs(60))
    for seed in ("1", "2"):
        done("analyze", table, *QUICK, "--order", "shuffle", "--seed", seed, "--out", tmp_path / seed)
    first, second = Result(tmp_path / "1"), Result(tmp_path / "2")
    assert (first.document["recipe"]["seed"], second.document["recipe"]["seed"]) == (1, 2)
    assert files_below(first.folder / "playlists") != files_below(second.folder / "playlists")


# --- standard output, formats and folders ------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return a table of 60 tracks in four plain groups."""
    return write_csv(tmp_path / "library.csv", songs(60))


def test_json_on_standard_output_is_the_document_and_nothing_else(library: Path, tmp_path: Path) -> None:
    ended = done("analyze", library, "--k", "3", "--json", "--out", tmp_path / "out")
    assert ended.out == (tmp_path / "out" / "analysis.json").read_text(encoding="utf-8")
    check_schema(ended.document)


def test_the_summary_names_every_playlist_with_its_size_and_measures_the_names_in_one_line(
    library: Path, tmp_path: Path
) -> None:
    ended = done("analyze", library, "--k", "3", "--out", tmp_path / "out")
    document = Result(tmp_path / "out").document
    for cluster in document["clusters"]:
        assert f"{cluster['size']:>7,}  {cluster['name']}" in ended.out
    (names,) = [line for line in ended.out.splitlines() if line.startswith("names: ")]
    quality = document["quality"]["naming"]
    for said in (
        f"AUC mean {quality['mean_auc']:.3f}",
        f"worst {quality['worst_auc']:.3f}",
        f"{quality['distinct']} distinct",
    ):
        assert said in names


@pytest.mark.parametrize(
    ("asked", "suffixes"),
    [
        ("m3u8", {".m3u8"}),
        ("xspf", {".xspf"}),
        ("jspf", {".jspf"}),
        ("csv", {".csv"}),
        ("links", {".txt"}),
        ("csv, xspf,csv", {".csv", ".xspf"}),
        ("m3u8,xspf,jspf,csv,links", {".m3u8", ".xspf", ".jspf", ".csv", ".txt"}),
    ],
)
def test_playlists_are_written_in_the_formats_asked_for(
    asked: str, suffixes: set[str], library: Path, tmp_path: Path
) -> None:
    done("analyze", library, *QUICK, "--format", asked, "--out", tmp_path / "out")
    files = list((tmp_path / "out" / "playlists").iterdir())
    assert {path.suffix for path in files} == suffixes
    assert len(files) == 4 * len(suffixes)


def test_an_unknown_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    assert run("analyze", tmp_path / "absent.csv", "--format", "mp3").wrong_usage == (
        "Invalid value: unknown format 'mp3'. Known formats: m3u8, xspf, jspf, csv, links"
    )


def test_an_existing_folder_keeps_what_is_not_ours(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "playlists").mkdir(parents=True)
    kept = {"notes.txt": b"mine", "playlists/mine.m3u8": b"#EXTM3U\n"}
    for name, content in kept.items():
        (out / name).write_bytes(content)
    (out / "analysis.json").write_text('{"schema": 1}')
    done("analyze", library, *QUICK, "--out", out)
    after = files_below(out)
    assert kept.items() <= after.items()
    assert json.loads(after["analysis.json"])["schema"] == 1


def test_missing_parents_of_the_folder_are_made(library: Path, tmp_path: Path) -> None:
    done("analyze", library, *QUICK, "--out", tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c" / "tracks.csv").is_file()


# --- nothing half written ----------------------------------------------------------------------------------------

#: Runs a command with a small disk mounted at "$1", holding what is in "$2", and copies what it holds then to "$3".
SMALL_DISK = """
disk=$1; before=$2; after=$3; options=$4; shift 4
mount -t tmpfs -o size=96k none "$disk" && cp -r "$before/." "$disk" && mount -o "remount,$options" "$disk" || exit 99
"$@"; status=$?
cp -r "$disk/." "$after"
exit $status
"""


def on_small_disk(tmp_path: Path, options: str, *words: str | Path) -> tuple[program.Ended, dict[str, bytes]]:
    """Run a command that writes to a disk of 96 KiB; return how it ended and what is on the disk then."""
    places = [tmp_path / name for name in ("disk", "before", "after")]
    for place in places:
        place.mkdir()
    (places[1] / "notes.txt").write_text("mine")
    (places[1] / "analysis.json").write_text("an older one")
    unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", *map(str, places), options]
    probe = subprocess.run([*unshare, "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this system lets nobody mount a small disk")
    command = [*unshare, sys.executable, "-m", "desktop", *map(str, words)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", check=False)
    return program.Ended(ended.returncode, ended.stdout, ended.stderr), files_below(places[2])


@posix
@pytest.mark.parametrize(
    ("options", "said", "next_step"),
    [
        ("size=96k", "no space left on device", "The disk is full: free some space or choose another folder"),
        ("ro", "read-only file system", "The disk is read-only: choose another folder"),
    ],
    ids=["full", "read-only"],
)
def test_a_disk_that_cannot_be_written_is_one_clear_line_and_stays_as_it_was(
    options: str, said: str, next_step: str, tmp_path: Path
) -> None:
    table = write_csv(tmp_path / "library.csv", songs(900))
    ended, left = on_small_disk(tmp_path, options, "analyze", table, *QUICK, "--out", tmp_path / "disk" / "out")
    assert said in ended.refusal
    assert str(tmp_path / "disk") in ended.refusal
    assert ended.refusal.endswith(next_step)
    assert left == {"notes.txt": b"mine", "analysis.json": b"an older one"}
    assert done("runs", "--json").document == {"runs": []}


def test_a_file_in_the_way_of_the_folder_is_one_clear_line(library: Path) -> None:
    before = library.read_bytes()
    line = run("analyze", library, *QUICK, "--out", library / "out").refusal
    assert str(library) in line
    assert line.endswith("A part of the path is a file: choose another folder")
    assert library.read_bytes() == before
    assert done("runs", "--json").document == {"runs": []}


@pytest.mark.parametrize("in_the_way", ["out", "out/playlists"])
def test_a_folder_that_cannot_be_written_is_found_before_the_long_work(
    in_the_way: str, library: Path, tmp_path: Path
) -> None:
    place = tmp_path / in_the_way
    place.parent.mkdir(exist_ok=True)
    place.write_text("mine")
    ended = run("analyze", library, *QUICK, "--out", tmp_path / "out")
    assert str(tmp_path / "out") in ended.refusal
    assert ended.err.count("\n") == 1, "no step of the analysis was begun"
    assert place.read_text() == "mine"


def test_a_failed_analysis_leaves_no_folder_behind(tmp_path: Path) -> None:
    assert "no such file" in run("analyze", tmp_path / "none.csv", "--out", tmp_path / "a" / "b").refusal
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_used_is_one_clear_line(
    library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LEITMOTIF_HOME", str(tmp_path / "file"))
    assert str(tmp_path / "file") in run("analyze", library, "--out", tmp_path / "out").refusal
    assert not (tmp_path / "out").exists()


def test_results_never_replace_what_the_library_is_read_from(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "tracks.csv", songs(40))
    before = path.read_bytes()
    said = run("analyze", path, *QUICK, "--out", tmp_path).refusal
    told = "the library is read from this file, which the results would replace. Choose another folder"
    assert said == f"{path}: {told}"
    other = write_csv(tmp_path / "other.csv", songs(40))
    (tmp_path / "link").symlink_to(tmp_path)
    for option in ((), ("--features-from", path)):
        words = (other, *option) if option else (other, path)
        assert run("analyze", *words, *QUICK, "--out", tmp_path / "link").refusal.endswith(told)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "other.csv", "tracks.csv"]


def test_results_never_replace_a_file_of_a_folder_that_is_read(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "YourLibrary.json").write_text('{"tracks": []}')
    (package / "map.png").write_bytes(b"mine")
    assert "map.png: the library is read from this file" in run("analyze", package, "--out", package).refusal
    # Results of an earlier analysis in such a folder are replaced.
    (package / "analysis.json").write_text('{"schema": 1}')
    assert "read from this file" not in run("analyze", package, "--out", package).err


@pytest.mark.parametrize("name", ["tracks.csv", "heatmap.png", "analysis.json"])
def test_results_never_replace_a_file_that_no_analysis_wrote(name: str, tmp_path: Path) -> None:
    library, out = write_csv(tmp_path / "library.csv", songs(40)), tmp_path / "out"
    out.mkdir()
    (out / name).write_text("mine")
    told = "this file is from no analysis, and the results would replace it. Choose another folder"
    assert run("analyze", library, *QUICK, "--out", out).refusal == f"{out / name}: {told}"
    assert [file.name for file in out.iterdir()] == [name]
    assert (out / name).read_text() == "mine"
    # What an analysis wrote is replaced, and what has another name stays.
    (out / name).rename(out / "notes.txt")
    for _ in range(2):
        done("analyze", library, *QUICK, "--out", out)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_long_name_does_not_push_away_what_is_said_of_the_others(tmp_path: Path) -> None:
    library = write_csv(tmp_path / "library.csv", songs(60))
    done("runs", "rename", names_of(done("analyze", library, *QUICK, "--json").document)[0], "long " * 40)
    listed = [line for line in done("analyze", library, *QUICK).out.splitlines() if " 100%" in line]
    assert len(listed) > 1
    assert max(len(line) for line in listed if "long" not in line) < 150


def test_playlists_never_replace_the_file_they_were_read_from(tmp_path: Path) -> None:
    done(
        "analyze", write_csv(tmp_path / "library.csv", songs(60)), *QUICK, "--format", "csv", "--out", tmp_path / "out"
    )
    source = next((tmp_path / "out" / "playlists").glob("*.csv"))
    before = source.read_bytes()
    name = names_of(done("analyze", source, "--k", "2", "--json").document)[0]
    done("runs", "rename", name, source.stem)
    for words in (
        ("analyze", source, "--k", "2", "--out", tmp_path / "out"),
        ("analyze", source, "--k", "2", "--json"),
        ("export", "--to", "csv", "--out", source.parent),
    ):
        ended = run(*words)
        if "--json" not in words:
            assert "the library was read from this file, which would be replaced" in ended.told[-1]
            assert ended.status == 1
        assert source.read_bytes() == before


@posix
@pytest.mark.parametrize("step", ["Comparing numbers of playlists", "Writing tables"])
def test_an_interrupt_ends_the_program_and_leaves_nothing(step: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with spawn("analyze", "demo:", "--out", out) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(step):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert rest.splitlines()[-1] == "leitmotif: interrupted"
    assert "Traceback" not in rest
    assert sorted(path.name for path in tmp_path.iterdir()) == []
    assert done("runs", "--json").document == {"runs": []}


@posix
def test_an_interrupt_while_the_program_is_still_starting_is_one_line(tmp_path: Path) -> None:
    # Stands in for a library that takes long to load.
    (tmp_path / "typer.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    with spawn("analyze", "demo:", environment={"PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"}) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "leitmotif: interrupted\n"
        assert process.wait(timeout=60) == 130


# --- the terminal and the lack of one ----------------------------------------------------------------------------


@posix
def test_a_reader_that_went_away_ends_the_program_quietly(library: Path) -> None:
    with spawn("analyze", library, *QUICK, "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=60) == 1
    assert [line for line in err.splitlines() if not line.endswith("…")] == []


def test_without_a_terminal_progress_is_plain_lines_each_once(library: Path) -> None:
    ended = run_alone("analyze", library, *QUICK)
    assert ended.status == 0
    lines = [line for line in ended.err.splitlines() if line.endswith("…")]
    assert "Preparing features …" in lines
    assert "Sorting tracks …" in lines
    assert len(lines) == len(set(lines))
    assert not any(ord(sign) < 32 for sign in ended.err.replace("\n", ""))


@posix
def test_on_a_terminal_progress_is_a_bar_and_leaves_standard_output_alone(library: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    with spawn("analyze", library, *QUICK, "--json", stderr=theirs) as process:
        os.close(theirs)
        assert process.stdout is not None
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # how Linux says that the other end was closed
            pass
        os.close(ours)
        check_schema(json.loads(process.stdout.read()))
        assert process.wait(timeout=60) == 0
    assert b"\x1b[" in shown
    assert "…".encode() not in shown


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_names_a_terminal_cannot_show_do_no_harm(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = write_csv(tmp_path / "音楽.csv", songs(40).assign(genre="音楽"))
    written: dict[str, bytes] = {}
    for option in ("--json", "--no-explicit"):
        out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", out)
        assert cli.main(["analyze", str(table), *QUICK, option, "--out", str(tmp_path / "é \udce9")]) == 0
        monkeypatch.undo()
        written[option] = out.buffer.getvalue()
    document = json.loads(written["--json"].decode(encoding))
    assert list(document["genres"]["counts"]) == ["音楽"]
    assert document["source"]["path"] == str(table)
    assert b"; written to " in written["--no-explicit"]


def test_help_and_version_and_wrong_usage() -> None:
    assert done("--help").out.startswith("Usage: leitmotif")
    assert "--playlist-size" in done("analyze", "--help").out
    assert done("--version").out.startswith("leitmotif ")
    for words in (
        ["analyze"],
        ["analyse", "demo:"],
        ["analyze", "demo:", "--seed", "few"],
        ["analyze", "demo:", "--nonsense"],
    ):
        ended = run(*words)
        assert ended.status == 2
        assert ended.out == ""
        assert "Traceback" not in ended.err


# --- levers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_does_its_work(algorithm: str, library: Path, tmp_path: Path) -> None:
    done("analyze", library, "--algorithm", algorithm, "--k", "4", "--k-max", "4", "--out", tmp_path / "out")
    document, tracks = Result(tmp_path / "out").document, Result(tmp_path / "out").tracks
    check_schema(document)
    assert document["recipe"]["algorithm"] == algorithm
    clustered = sum(cluster["size"] for cluster in document["clusters"])
    assert clustered == tracks["cluster_id"].notna().sum()
    if algorithm in ("hdbscan", "mean-shift"):
        assert "finds the number of clusters itself" in document["recipe"]["k_reason"]
    else:
        # The four groups are plain: every algorithm finds them.
        assert [cluster["size"] for cluster in document["clusters"]] == [15, 15, 15, 15]
        assert tracks.groupby("cluster_id")["genre"].nunique().tolist() == [1, 1, 1, 1]
    if algorithm != "hdbscan":
        assert clustered == 60


def test_tracks_between_dense_groups_are_noise_and_in_no_playlist(tmp_path: Path) -> None:
    table = songs(80, groups=2)
    draw = np.random.default_rng(1)
    table.loc[70:, list(BASE_NAMES)] = draw.uniform(0.0, 1.0, size=(10, 8)).round(4)
    table.loc[70:, "tempo"] = draw.uniform(60.0, 180.0, size=10).round(2)
    done("analyze", write_csv(tmp_path / "library.csv", table), "--algorithm", "hdbscan", "--out", tmp_path / "out")
    result = Result(tmp_path / "out")
    lost = result.tracks[result.tracks["cluster_id"].isna()]
    assert 1 <= len(lost) <= 20
    assert set(lost["cluster"]) == {"Fits nowhere"}
    assert (lost["fit"] == 0.0).all()
    assert set(lost["track_id"]) <= set(result.document["playlists"]["left_out"]["fits nowhere"])
    fits = {row["track_id"]: row for row in read_rows(result.folder / "fits.csv")}
    assert all(fits[track_id]["second_cluster_id"] for track_id in lost["track_id"])


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a table of 100,001 tracks."""
    path = tmp_path_factory.mktemp("large") / "large.parquet"
    table = songs(997)
    pd.concat([table] * 101, ignore_index=True).iloc[:100_001].assign(
        track_id=np.arange(100_001).astype(str)
    ).to_parquet(path)
    return path


@pytest.mark.parametrize(
    ("algorithm", "limit"),
    [("ward", "15,000"), ("spectral", "20,000"), ("mean-shift", "20,000"), ("hdbscan", "100,000")],
)
def test_too_many_tracks_for_an_algorithm_are_refused_with_the_number_before_it_starts(
    algorithm: str, limit: str, large: Path
) -> None:
    ended = run("analyze", large, "--algorithm", algorithm)
    assert f"it takes at most {limit} tracks, these are 100,001" in ended.refusal
    assert ended.refusal.startswith(f"{large}: ")
    assert not any(line.startswith(("merging", "linking", "sorting")) for line in ended.err.splitlines())


@pytest.mark.parametrize("tracks", [4, 12, 60])
def test_small_libraries_get_a_number_of_playlists_and_its_reason(tracks: int, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "library.csv", songs(tracks, groups=2 if tracks == 4 else 4))
    document = done("analyze", table, "--k", "auto", "--json").document
    assert 2 <= document["recipe"]["k"] <= max(2, tracks // 4)
    assert document["recipe"]["k"] == document["quality"]["suggested_k"]
    assert document["recipe"]["k_reason"].startswith(f"{document['recipe']['k']} playlists: ")


@pytest.mark.parametrize(("tracks", "playlists"), [(60, 2), (60, 7), (60, 15), (12, 3), (4, 2), (4, 4)])
def test_as_many_playlists_as_asked_for(tracks: int, playlists: int, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "library.csv", songs(tracks))
    document = done("analyze", table, "--playlists", str(playlists), "--k-max", "4", "--json").document
    assert len(document["clusters"]) == len(document["playlists"]["tracks"]) == playlists
    assert document["recipe"]["k_reason"] == "as many playlists as asked for"


@pytest.mark.parametrize(
    ("tracks", "wanted", "least", "most"),
    [
        (60, "5..12", 5, 12),
        (60, "20..", 20, 60),
        (60, "..7", 4, 7),
        (12, "3..6", 3, 6),
        (12, "..1", 1, 1),
        (4, "2..4", 2, 4),
        (4, "9..", 4, 4),
    ],
)
def test_playlists_of_the_size_asked_for(tracks: int, wanted: str, least: int, most: int, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "library.csv", songs(tracks))
    document = done("analyze", table, "--playlist-size", wanted, "--k-max", "4", "--json").document
    sizes = [cluster["size"] for cluster in document["clusters"]]
    assert sum(sizes) == tracks
    assert least <= min(sizes)
    assert max(sizes) <= most
    assert max(document["playlists"]["tracks"].values()) <= most
    assert document["recipe"]["k"] == len(sizes)


@pytest.mark.parametrize("order", ["fit", "smooth", "arc", "added", "shuffle"])
def test_every_order_keeps_the_tracks_of_a_playlist(order: str, tmp_path: Path) -> None:
    table = songs(60)
    table["added_at"] = [f"2020-01-{1 + number * 7 % 28:02d}T00:{number:02d}:00Z" for number in range(60)]
    path = write_csv(tmp_path / "library.csv", table)
    done("analyze", path, *QUICK, "--order", order, "--out", tmp_path / "out")
    document, tracks = Result(tmp_path / "out").document, Result(tmp_path / "out").tracks.set_index("track_id")
    assert document["playlists"]["order"] == order
    for name in names_of(document):
        rows = read_rows(tmp_path / "out" / "playlists" / f"{name}.csv")
        ids = [row["track_id"] for row in rows]
        assert sorted(ids) == sorted(tracks.index[tracks["cluster"] == name])
        if order == "fit":
            fits = tracks.loc[ids, "fit"].tolist()
            assert fits == sorted(fits, reverse=True)
        if order == "added":
            days = [row["Added At"] for row in rows]
            assert days == sorted(days)
        if order == "arc":
            energies = [float(row["Energy"]) for row in rows]
            top = int(np.argmax(energies))
            assert energies[: top + 1] == sorted(energies[: top + 1])
            assert energies[top:] == sorted(energies[top:], reverse=True)


def test_no_more_of_an_artist_than_asked_for(library: Path, tmp_path: Path) -> None:
    done("analyze", library, *QUICK, "--max-per-artist", "2", "--out", tmp_path / "out")
    most = 0
    for path in (tmp_path / "out" / "playlists").glob("*.csv"):
        most = max(most, *Counter(row["Artist Name(s)"] for row in read_rows(path)).values())
    assert most == 2
    assert len(Result(tmp_path / "out").document["playlists"]["left_out"]["artist limit"]) == 60 - 4 * 5 * 2


def test_a_mark_of_ones_own_is_on_every_playlist_and_not_on_the_clusters(library: Path, tmp_path: Path) -> None:
    done("analyze", library, *QUICK, "--prefix", "Me:", "--suffix", "2026", "--out", tmp_path / "out")
    document = Result(tmp_path / "out").document
    assert list(document["playlists"]["tracks"]) == [f"Me:{name} 2026" for name in names_of(document)]
    stems = {path.stem for path in (tmp_path / "out" / "playlists").iterdir()}
    assert stems == {f"Me-{name} 2026" for name in names_of(document)}


def test_recordings_that_repeat_are_told_with_the_reason_and_kept_once(tmp_path: Path) -> None:
    table = songs(60)
    table.loc[44, ["title", "artist", "duration_ms"]] = table.loc[4, ["title", "artist", "duration_ms"]]
    table.loc[48, ["title", "artist"]] = table.loc[8, ["title", "artist"]]
    table.loc[48, "title"] += " (Live)"
    path = write_csv(tmp_path / "library.csv", table)
    document = done("analyze", path, *QUICK, "--json").document
    assert [(row["track_id"], row["kept"]) for row in document["playlists"]["duplicates"]] == [("s0044", "s0004")]
    assert document["playlists"]["duplicates"][0]["reason"]
    assert document["playlists"]["left_out"]["duplicate"] == ["s0044"]
    everything = done("analyze", path, *QUICK, "--keep-duplicates", "--json").document
    assert everything["playlists"]["duplicates"] == []
    assert sum(everything["playlists"]["tracks"].values()) == 60


def test_chosen_features_and_weights_are_used_and_told(library: Path) -> None:
    words = ("--features", "energy,tempo", "--weight", "tempo=0.5", *QUICK, "--json")
    recipe = done("analyze", library, *words).document["recipe"]
    assert recipe["features"] == ["energy", "tempo"]
    assert recipe["weights"]["tempo"] == 0.5


def test_short_and_long_tracks_are_left_out(library: Path) -> None:
    words = ("--shortest", "200", "--longest", "300", *QUICK, "--json")
    left_out = done("analyze", library, *words).document["playlists"]["left_out"]
    durations = {f"s{number:04d}": 150 + number * 37 % 200 for number in range(60)}
    assert left_out["too short"] == [track for track, seconds in durations.items() if seconds < 200]
    assert left_out["too long"] == [track for track, seconds in durations.items() if seconds > 300]


def test_several_sources_become_one_library(tmp_path: Path) -> None:
    table = songs(60)
    first, second = write_csv(tmp_path / "a.csv", table[:40]), write_csv(tmp_path / "b.csv", table[30:])
    document = done("analyze", first, second, *QUICK, "--json").document
    assert document["source"]["tracks"] == 60
    assert document["source"]["path"] == f"{first}; {second}"
