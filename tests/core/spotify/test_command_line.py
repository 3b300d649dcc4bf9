"""``leitmotif spotify`` and ``leitmotif export --to spotify`` as a person sees them."""

from __future__ import annotations

import base64
import io
import json
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest

from core import cli
from core.features import BASE_NAMES
from core.storage import SPOTIFY_KEEPS, open_store
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import CLIENT_ID, browse, connect_to
from tests.fakes.spotify_world import World
from tests.program import done, run


@pytest.fixture
def world() -> World:
    return filled_world(liked=90, playlists=1)


def give_features() -> None:
    """Store made-up features for what was synced, in two clear groups."""
    with open_store() as store:
        library = store.libraries.load("spotify:spotify:")
        values = np.random.default_rng(1).uniform(0.0, 0.2, (len(library), len(BASE_NAMES)))
        values[::2] += 0.7
        frame = pd.DataFrame(values, columns=list(BASE_NAMES), index=library.tracks.index)
        frame["tempo"] = 60 + 100 * frame["tempo"]
        store.features.put("reccobeats", frame)


def test_without_an_account_every_command_says_what_to_do(
    fake: FakeSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["status"], ["sync"], ["undo"]):
        assert cli.main(["spotify", *words]) == 1
        assert "leitmotif spotify connect" in capsys.readouterr().err
    assert cli.main(["spotify", "connect", "--client-id", "https://x", "--no-browser"]) == 2
    assert "no Client ID" in capsys.readouterr().err
    assert cli.main(["spotify", "connect", "--client-id", CLIENT_ID, "--allow", "everything"]) == 2
    assert "--allow takes public, top, covers" in capsys.readouterr().err
    assert cli.main(["spotify", "disconnect"]) == 0


def test_connect_prints_the_address_and_the_privacy_note(fake: FakeSpotify, capsys: pytest.CaptureFixture[str]) -> None:
    printed: list[str] = []

    def person() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            printed.append(capsys.readouterr().out)
            address = next((line for line in printed[-1].splitlines() if line.startswith("http")), "")
            if address:
                browse(address)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=person)
    thread.start()
    status = cli.main(["spotify", "connect", "--client-id", CLIENT_ID, "--no-browser", "--timeout", "20"])
    thread.join()
    said = capsys.readouterr().out
    assert status == 0
    assert "Connected: A Listener" in said
    assert said.count("Leitmotif reads your liked songs") == 1
    assert "https://www.spotify.com/account/apps/" in said


def test_a_plan_is_shown_carried_out_and_taken_back(connected: FakeSpotify, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["spotify", "sync"]) == 0
    assert "Analyse it with: leitmotif analyze spotify:" in capsys.readouterr().out
    give_features()
    assert cli.main(["analyze", "spotify:", "--playlists", "2"]) == 0
    capsys.readouterr()
    assert cli.main(["export", "--to", "spotify", "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert planned.count("create “") == 2
    assert "Nothing was written" in planned
    assert connected.writes() == []
    assert cli.main(["export", "--to", "spotify", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    rows = document["playlists"]
    assert [row["action"] for row in rows] == ["create", "create"]
    assert all(row["url"] == f"https://open.spotify.com/playlist/{row['id']}" for row in rows)
    assert {row["name"] for row in rows} <= {playlist.name for playlist in connected.world.owned()}
    assert cli.main(["export", "--to", "spotify", "--only", rows[0]["name"]]) == 0
    assert f"unchanged “{rows[0]['name']}”" in capsys.readouterr().out
    assert cli.main(["export", "--to", "spotify", "--public"]) == 1
    assert "leitmotif spotify connect --allow public" in capsys.readouterr().err
    assert cli.main(["export", "--to", "spotify", "--edited", "sometimes"]) == 2
    assert "keep, replace, new" in capsys.readouterr().err
    assert cli.main(["spotify", "status"]) == 0
    assert "me/playlists" in capsys.readouterr().out
    assert cli.main(["spotify", "undo"]) == 0
    assert capsys.readouterr().out.count("removed “") == 2
    assert [playlist.name for playlist in connected.world.owned()] == ["Mine 0"]
    assert cli.main(["spotify", "disconnect"]) == 0
    assert "Take the permission back on Spotify's side" in capsys.readouterr().out


def test_after_thirty_days_names_and_playlists_go_on_though_the_runs_are_gone(connected: FakeSpotify) -> None:
    done("spotify", "sync")
    give_features()
    done("analyze", "spotify:", "--playlists", "2")
    plan = done("export", "--to", "spotify", "--dry-run", "--json").document["playlists"]
    done("runs", "rename", plan[0]["name"], "Rainy days")
    done("analyze", "spotify:", "--playlists", "2")
    rows = done("export", "--to", "spotify", "--json").document["playlists"]
    with open_store() as store:
        assert store.expire(now=time.time() + SPOTIFY_KEEPS + 60).runs == 2
    assert "no run has been kept yet" in run("export", "--to", "spotify").err

    done("spotify", "sync")
    give_features()
    done("analyze", "spotify:", "--playlists", "2")
    again = done("export", "--to", "spotify", "--json").document["playlists"]
    assert [row["action"] for row in again] == ["unchanged"] * 2
    assert {(row["id"], row["name"]) for row in again} == {(row["id"], row["name"]) for row in rows}
    assert "Rainy days" in {row["name"] for row in again}


def test_json_is_whole_where_the_terminal_knows_ascii_only(fake: FakeSpotify, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.world.name = "Тихо ♫"
    with open_store() as store:
        connect_to(store)
    done("spotify", "sync")
    give_features()
    done("analyze", "spotify:", "--playlists", "2")
    name = done("export", "--to", "spotify", "--dry-run", "--json").document["playlists"][0]["name"]
    done("runs", "rename", name, "Тихо ♫")
    done("analyze", "spotify:", "--playlists", "2")
    for words in (["spotify", "status"], ["export", "--to", "spotify"], ["spotify", "undo"]):
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        with monkeypatch.context() as terminal:
            terminal.setattr(sys, "stdout", out)
            assert cli.main([*words, "--json"]) == 0
        out.seek(0)
        assert "Тихо ♫" in json.dumps(json.loads(out.read()), ensure_ascii=False)


def test_covers_are_drawn_only_when_asked_for(connected: FakeSpotify) -> None:
    done("spotify", "sync")
    give_features()
    done("analyze", "spotify:", "--playlists", "2")
    assert "ugc-image-upload" not in connected.signins.scopes_asked[-1]
    assert done("export", "--to", "spotify", "--dry-run", "--covers").out.count("tracks and a cover") == 2
    assert "leitmotif spotify connect --allow covers" in run("export", "--to", "spotify", "--covers").err
    assert connected.writes() == []
    with open_store() as store:
        connect_to(store, allow=["covers"])
    rows = done("export", "--to", "spotify", "--covers", "--json").document["playlists"]
    assert [row["no_cover"] for row in rows] == ["", ""]
    covers = [base64.b64decode(connected.world.playlists[row["id"]].cover) for row in rows]
    assert all(cover.startswith(b"\xff\xd8\xff") for cover in covers)
    assert covers[0] != covers[1]
    assert done("export", "--to", "spotify", "--covers").out.count("unchanged “") == 2


def test_a_long_pause_ends_the_command_with_the_time_to_go_on(
    connected: FakeSpotify, capsys: pytest.CaptureFixture[str]
) -> None:
    connected.refuse, connected.retry_after = "quota", 40_000
    assert cli.main(["spotify", "sync"]) == 1
    error = capsys.readouterr().err
    assert "run it again after 20" in error
    assert "Traceback" not in error
    assert cli.main(["spotify", "status"]) == 0
    assert "Spotify asked to be left alone until" in capsys.readouterr().out
