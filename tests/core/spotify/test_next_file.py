"""A library read from files goes on under another file name with its playlists on Spotify; an account's does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.storage import open_store
from tests.core.spotify.test_command_line import give_features
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify_world import track_id, track_uri
from tests.program import done, names_of, run, songs, write_csv

TWO = ("--algorithm", "ward", "--k", "2", "--k-max", "2")


@pytest.fixture
def table() -> pd.DataFrame:
    """Return made-up songs that Spotify knows."""
    table = songs(90, groups=2)
    return table.assign(
        track_id=[track_id(number) for number in range(90)], uri=[track_uri(number) for number in range(90)]
    )


def exported() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = done("export", "--to", "spotify", "--json").document["playlists"]
    return rows


def grown_library(table: pd.DataFrame, folder: Path) -> None:
    """Analyse a library, and again when it has grown: its identities do not follow from its tracks alone."""
    path = write_csv(folder / "liked.csv", table[:50])
    done("analyze", path, *TWO)
    done("analyze", write_csv(path, table[:60]), *TWO)


def ours(fake: FakeSpotify) -> dict[str, str]:
    """Return the playlists of the account that we made, by id."""
    return {entry.id: entry.name for entry in fake.world.owned() if not entry.name.startswith("Mine ")}


def test_playlists_are_updated_in_place_from_the_next_file(
    connected: FakeSpotify, table: pd.DataFrame, tmp_path: Path
) -> None:
    grown_library(table, tmp_path)
    made = exported()
    assert [row["action"] for row in made] == ["create", "create"]
    done("analyze", write_csv(tmp_path / "liked (1).csv", table[5:80]), *TWO)
    again = exported()
    assert [row["action"] for row in again] == ["update", "update"]
    assert {row["id"] for row in again} == {row["id"] for row in made} == set(ours(connected))
    # Also what taking an export back restores belongs to the library under its new name.
    done("analyze", write_csv(tmp_path / "liked (2).csv", table[8:85]), *TWO)
    assert done("spotify", "undo").out.count("restored “") == 2
    assert [row["action"] for row in exported()] == ["update", "update"]
    assert set(ours(connected)) == {row["id"] for row in made}


def test_an_export_that_was_cut_off_is_finished_for_the_next_file(
    connected: FakeSpotify, table: pd.DataFrame, tmp_path: Path
) -> None:
    grown_library(table, tmp_path)
    connected.faults = dict.fromkeys(range(connected.count + 6, connected.count + 60), "500-after")
    assert run("export", "--to", "spotify").status == 1
    connected.faults = {}
    begun = set(ours(connected))
    assert begun
    done("analyze", write_csv(tmp_path / "liked (1).csv", table[5:80]), *TWO)
    exported()
    assert begun <= set(ours(connected))
    assert len(ours(connected)) == 2, "none is made a second time"


def test_a_library_of_an_account_gives_nothing_to_a_file_and_takes_nothing_from_one(
    connected: FakeSpotify, tmp_path: Path
) -> None:
    done("spotify", "sync")
    give_features()
    words = ("--playlists", "2", "--json")
    first = names_of(done("analyze", "spotify:", *words).document)[0]
    done("runs", "rename", first, "Of The Account")
    with open_store() as store:
        library = store.libraries.load("spotify:spotify:")
    frame = library.tracks[["title", "artist", "album", "uri", "isrc"]].join(library.features)
    path = write_csv(tmp_path / "liked.csv", frame.reset_index(names="track_id"))
    ended = done("analyze", path, *words)
    assert "Of The Account" not in names_of(ended.document)
    assert not [note for note in ended.notes if "carried on" in note]
    done("runs", "rename", names_of(ended.document)[0], "Of The File")
    # Two sources as one are partly the account's, whatever the other file is called.
    both = done("analyze", path, "spotify:", *words)
    assert not {"Of The Account", "Of The File"} & set(names_of(both.document))
    done("runs", "rename", names_of(both.document)[0], "Of Both")
    copy = write_csv(tmp_path / "liked (1).csv", frame.reset_index(names="track_id"))
    done("spotify", "disconnect")
    ended = done("analyze", copy, *words)
    assert "Of The File" in names_of(ended.document)
    assert "from liked.csv, of which 100% of the tracks are here" in "\n".join(ended.notes)
