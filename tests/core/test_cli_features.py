"""``leitmotif features`` and fetching inside ``analyze``: real HTTP to services on this computer."""

from __future__ import annotations

import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.features import BASE_NAMES
from core.library import make_library
from core.storage import SPOTIFY_KEEPS, open_store
from tests.fakes.libraries import expected_features, id_of, isrc_of
from tests.fakes.musicbrainz import FakeMusicBrainz
from tests.fakes.reccobeats import FakeReccoBeats, duration_of, title_of
from tests.fakes.server import Faults
from tests.fakes.spotify import filled_world
from tests.fakes.spotify_parts import connect_to, serving
from tests.program import QUICK, done, files_below, names_of, run, songs, write_csv

TRACKS = 60
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody answer where a test has started no service."""
    monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", NOWHERE)
    monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", NOWHERE)


@pytest.fixture
def reccobeats(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeReccoBeats]:
    """Start a catalogue that lacks a fifth of the Spotify ids and half of the ISRCs."""
    with FakeReccoBeats(misses=0.2, isrc_misses=0.5) as fake:
        monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", fake.url)
        yield fake


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return a table of tracks with addresses and ISRCs, and without features."""
    table = songs(TRACKS).drop(columns=[*BASE_NAMES, "genre"]).assign(artist="Somebody")
    table["duration_ms"] = [round(1000 * duration_of(isrc_of(number))) for number in range(TRACKS)]
    table["title"] = [title_of(isrc_of(number)) for number in range(TRACKS)]
    table["uri"] = [f"spotify:track:{id_of(number)}" for number in range(TRACKS)]
    table["isrc"] = [isrc_of(number) for number in range(TRACKS)]
    return write_csv(tmp_path / "library.csv", table)


def known() -> list[int]:
    """Return the numbers of the tracks the catalogue has."""
    return [n for n in range(TRACKS) if expected_features(n, misses=0.2, isrc_misses=0.5) is not None]


def package(folder: Path, count: int) -> Path:
    """Write a data package of Spotify, as it arrives after a request, with a library and no features."""
    tracks = [
        {
            "artist": f"Artist {n % 7}",
            "album": "Album",
            "track": title_of(isrc_of(n)),
            "uri": f"spotify:track:{id_of(n)}",
        }
        for n in range(count)
    ]
    library: dict[str, Any] = {"tracks": tracks, "albums": [], "shows": [], "episodes": [], "artists": []}
    path = folder / "my_spotify_data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Spotify Account Data/YourLibrary.json", json.dumps(library))
    return path


def test_features_are_fetched_and_the_coverage_is_told(library: Path, reccobeats: FakeReccoBeats) -> None:
    ended = done("features", library, "--json")
    told = ended.document["audio features"]
    assert told["tracks"] == TRACKS
    assert told["found"] == len(known())
    assert told["not_found"] == TRACKS - len(known())
    assert told["missing"]["not_found"] == [f"s{n:04d}" for n in range(TRACKS) if n not in known()]
    assert told["by_provider"] == {"reccobeats": len(known())}
    assert told["failed"] == told["pending"] == 0
    assert 0 < len(known()) < TRACKS


def test_fetched_features_are_there_afterwards_without_any_network(
    library: Path, reccobeats: FakeReccoBeats, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("features", library)
    asked = len(reccobeats.asked)
    monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", NOWHERE)
    ended = done("analyze", library, *QUICK, "--json")
    source = ended.document["source"]
    assert (source["tracks"], source["with_features"]) == (TRACKS, len(known()))
    assert source["dropped"] == {"no audio features": TRACKS - len(known())}
    sizes = sum(cluster["size"] for cluster in ended.document["clusters"])
    assert sizes == len(known())
    total = sum(cluster["means"]["tempo"] * cluster["size"] for cluster in ended.document["clusters"])
    right = [expected_features(n, misses=0.2, isrc_misses=0.5) for n in known()]
    assert total == pytest.approx(sum(values["tempo"] for values in right if values))
    assert len(reccobeats.asked) == asked


def test_what_was_found_or_missed_is_not_asked_for_again(library: Path, reccobeats: FakeReccoBeats) -> None:
    first = done("features", library, "--json").document
    asked = len(reccobeats.asked)
    again = done("features", library, "--json").document
    assert len(reccobeats.asked) == asked
    assert again["audio features"]["found"] == first["audio features"]["found"]
    assert again["audio features"]["not_found"] == first["audio features"]["not_found"]


def test_analysing_asks_no_service_unless_told_to(library: Path, reccobeats: FakeReccoBeats) -> None:
    line = run("analyze", library).refusal
    assert line.startswith(f"{library}: none of the 60 tracks has the features ")
    assert reccobeats.asked == []
    offline = done("features", library, "--offline", "--json").document["audio features"]
    assert (offline["found"], offline["pending"]) == (0, TRACKS)
    assert reccobeats.asked == []


def test_offline_nobody_is_asked_for_genres_either(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeMusicBrainz() as fake:
        monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", fake.url)
        genres = done("features", library, "--offline", "--genres", "--json").document["genres"]
        assert fake.asked == []
    assert (genres["found"], genres["pending"]) == (0, TRACKS)


def test_from_a_data_package_to_links_in_one_command(tmp_path: Path, reccobeats: FakeReccoBeats) -> None:
    path = package(tmp_path, TRACKS)
    ended = done("analyze", path, "--fetch", *QUICK, "--format", "links", "--json", "--out", tmp_path / "out")
    found = ended.document["source"]["with_features"]
    assert found == sum(expected_features(n, misses=0.2, isrc_misses=1.0) is not None for n in range(TRACKS))
    assert any(line.startswith(f"Audio features: {found} of {TRACKS} tracks") for line in ended.err.splitlines())
    playlists = files_below(tmp_path / "out" / "playlists")
    assert sorted(playlists) == sorted(f"{name}.txt" for name in names_of(ended.document))
    links = [link for content in playlists.values() for link in content.decode().split()]
    addresses = {f"https://open.spotify.com/track/{id_of(n)}" for n in range(TRACKS)}
    assert set(links) <= addresses
    assert len(links) == len(set(links)) == sum(ended.document["playlists"]["tracks"].values())


def test_waiting_is_one_line_where_there_is_no_terminal(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeReccoBeats(faults=Faults(at={1: "429", 3: "429"}, retry_after=2)) as fake:
        monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", fake.url)
        ended = done("features", library)
    assert len(fake.asked) > 3
    assert len([line for line in ended.err.splitlines() if line.startswith("ReccoBeats asks for a pause")]) == 1


def test_a_service_that_does_not_answer_is_told_and_the_rest_is_used(tmp_path: Path) -> None:
    table = songs(TRACKS)
    table["uri"] = [f"spotify:track:{id_of(number)}" for number in range(TRACKS)]
    table.loc[50:, list(BASE_NAMES)] = float("nan")
    path = write_csv(tmp_path / "library.csv", table)
    with FakeReccoBeats(faults=Faults(always="403")) as fake:
        environment = pytest.MonkeyPatch()
        environment.setenv("LEITMOTIF_RECCOBEATS_URL", fake.url)
        ended = done("analyze", path, "--fetch", *QUICK, "--json")
        environment.undo()
        assert fake.asked
    assert ended.document["source"]["with_features"] == 50
    assert "not asked for yet: 10" in ended.err
    assert "ReccoBeats refuses the request (HTTP 403" in ended.err


def test_a_table_of_ones_own_gives_features_without_a_service(library: Path, tmp_path: Path) -> None:
    table = songs(TRACKS)[list(BASE_NAMES)]
    table.insert(0, "uri", [f"spotify:track:{id_of(number)}" for number in range(TRACKS)])
    own = write_csv(tmp_path / "features.csv", table[:50])
    ended = done("analyze", library, "--features-from", own, *QUICK, "--json")
    assert ended.document["source"]["with_features"] == 50
    assert ended.notes[1] == "10 tracks have not been asked for yet"


@pytest.mark.parametrize("damage", ["absent", "without ids", "no table"])
def test_a_table_of_ones_own_that_cannot_be_read_is_one_clear_line(damage: str, library: Path, tmp_path: Path) -> None:
    own = tmp_path / "features.csv"
    if damage == "without ids":
        write_csv(own, songs(5)[list(BASE_NAMES)])
    elif damage == "no table":
        own.write_bytes(bytes(range(256)))
    for command in ("analyze", "features"):
        ended = run(command, library, "--features-from", own, *(["--offline"] if command == "features" else []))
        assert str(own) in ended.refusal
        if damage == "absent":
            assert ended.err.count("\n") == 1, "nothing was read before"


def test_genres_are_looked_up_and_kept(
    library: Path, reccobeats: FakeReccoBeats, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = write_csv(library.with_name("few.csv"), songs(1).iloc[:0])
    lines = library.read_text(encoding="utf-8").splitlines(keepends=True)
    few.write_text("".join(lines[:13]), encoding="utf-8")
    monkeypatch.setenv("LEITMOTIF_CONTACT", "me@example.org")
    with FakeMusicBrainz(artists=20) as fake:
        monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", fake.url)
        told = done("features", few, "--genres", "--json").document
        asked = len(fake.asked)
        assert asked > 0
        assert all("me@example.org" in one.headers["user-agent"] for one in fake.asked)
        assert reccobeats.asked
        assert not any("example.org" in one.headers["user-agent"] for one in reccobeats.asked)
    assert told["genres"]["tracks"] == 12
    assert told["genres"]["found"] > 6
    monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", NOWHERE)
    document = done("analyze", few, "--genres", "--algorithm", "ward", "--k", "2", "--k-max", "2", "--json").document
    assert sum(document["genres"]["counts"].values()) > 4


def test_coverage_for_a_person_is_lines(library: Path, reccobeats: FakeReccoBeats) -> None:
    lines = done("features", library).out.splitlines()
    share = f"{len(known()) / TRACKS:.1%}"
    assert lines[:2] == [
        f"Audio features: {len(known())} of {TRACKS} tracks ({share})",
        f"  from reccobeats: {len(known())}",
    ]


def test_a_wrong_address_or_provider_is_one_clear_line(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = run("features", library, "--providers", "file,oracle").wrong_usage
    assert line.startswith("Invalid value: the provider 'oracle' is unknown")
    monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", "http://example.org/")
    assert "example.org" in run("features", library).refusal


def test_a_persons_own_rows_outlive_what_their_account_said_of_the_same_tracks(tmp_path: Path) -> None:
    read_at = time.time() - SPOTIFY_KEEPS + 3600
    likes = pd.DataFrame(
        {"title": [f"Title at Spotify {n}" for n in range(8)], "uri": [f"spotify:track:{id_of(n)}" for n in range(8)]},
        index=[id_of(n) for n in range(8)],
    )
    nothing = pd.DataFrame(index=likes.index)
    with open_store() as store:
        store.libraries.save(make_library(likes, nothing, kind="spotify", path="spotify:", spotify_at=read_at))
    table = songs(12)
    table["uri"] = [f"spotify:track:{id_of(number)}" for number in range(4, 16)]
    own = write_csv(tmp_path / "own.csv", table)
    done("features", "spotify:", own, "--offline")
    done("analyze", "spotify:", own, "--algorithm", "ward", "--k", "2", "--k-max", "2")
    with open_store(now=time.time() + 7200) as store:
        keys = [info.key for info in store.libraries.recent() if info.kind == "merged"]
        assert len(keys) == 1
        left = store.libraries.load(keys[0])
    assert sorted(left.tracks["title"]) == sorted(table["title"])
    assert left.with_features == 12


def test_spotifys_own_endpoint_is_tried_once_in_silence_and_can_be_switched_off(
    reccobeats: FakeReccoBeats, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(filled_world(liked=3, playlists=0), monkeypatch) as spotify:
        with open_store() as store:
            connect_to(store)

        def probes() -> int:
            return sum(exchange.path.endswith("audio-features") for exchange in spotify.exchanges)

        done("features", library, "--providers", "file,store")
        assert probes() == 0
        ended = done("features", library)
        assert probes() == 1
        assert "403" not in ended.err
        assert "Spotify" not in "".join(ended.notes)
        assert f"from reccobeats: {len(known())}" in ended.out
        done("features", library)
        assert probes() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_analysed_and_kept(tmp_path: Path) -> None:
    path = write_csv(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv")), songs(20))
    done("features", path, "--offline")
    done("analyze", path, "--algorithm", "ward", "--k", "2", "--k-max", "2", "--out", tmp_path / "out")
    runs = done("runs", "--json").document["runs"]
    assert [run["library"] for run in runs] == ["caf\\udce9.csv"]
    assert len(done("export", "--to", "csv", "--out", tmp_path / "lists", "--json").document) > 0
