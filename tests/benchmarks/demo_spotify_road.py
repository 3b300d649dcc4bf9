"""The whole road by command line against fakes: connect, sync, features, analyse, export, export again, undo.

usage: python -m tests.benchmarks.demo_spotify_road [LIKED] [PLAYLISTS] [CLUSTERS] [NEW_LIKES]

10,000 liked songs, 40 playlists, 12 clusters and 200 new likes by default. Every command is a process of its own, with
all logs at their lowest level going to a file; at the end all files and all output are searched for secrets.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.reccobeats import FakeReccoBeats
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import CLIENT_ID, all_text, browse

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = """
import logging, sys
logging.basicConfig(level=1, filename=sys.argv.pop(1))
from core.cli import main
from desktop.__main__ import draw_cover
sys.exit(main(sys.argv[1:], draw_cover=draw_cover))
"""


@dataclass
class Road:
    """One walk: what was asked of Spotify at each step, and what came out."""

    spotify: FakeSpotify
    home: Path
    environment: dict[str, str]
    steps: list[tuple[str, int, int, float]] = field(default_factory=list)

    def run(self, *words: str) -> str:
        """Run a command to its end and return what it printed."""
        before, writes, start = self.spotify.count, len(self.spotify.writes()), time.monotonic()
        with self.started(*words) as process:
            printed, trouble = process.communicate()
        (self.home / f"{len(self.steps):02d}.out").write_text(printed + trouble, encoding="utf-8")
        assert process.returncode == 0, f"{' '.join(words)}: {trouble}"
        self.note(" ".join(words), before, writes, start)
        return printed

    def connect(self) -> None:
        """Connect with a scripted browser that follows the address the program prints."""
        before, writes, start = self.spotify.count, len(self.spotify.writes()), time.monotonic()
        with self.started(
            "spotify", "connect", "--client-id", CLIENT_ID, "--no-browser", "--allow", "covers"
        ) as process:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            address = next(line.strip() for line in lines if line.startswith("http"))
            page = browse(address)
            assert "Connected" in page, page
            printed, trouble = process.communicate()
        (self.home / "connect.out").write_text(printed + trouble, encoding="utf-8")
        assert process.returncode == 0, trouble
        self.note("spotify connect", before, writes, start)

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-c", PROGRAM, str(self.home / "all.log"), *words]
        with subprocess.Popen(
            command, cwd=PROJECT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            yield process

    def note(self, words: str, before: int, writes: int, start: float) -> None:
        written = len(self.spotify.writes()) - writes
        self.steps.append((words, self.spotify.count - before - written, written, time.monotonic() - start))
        print(f"{words:<58} {self.steps[-1][1]:>5} reads {written:>4} writes {self.steps[-1][3]:>7.1f} s", flush=True)

    def secrets_found(self) -> list[str]:
        """Return the secrets that stand in any file of the run."""
        text = all_text(self.home)
        return [secret for secret in self.spotify.signins.issued if secret.encode() in text]


def walk(liked: int, playlists: int, clusters: int, new_likes: int) -> dict[str, Any]:
    """Walk the whole road and return its numbers; every claim is checked on the way."""
    world = filled_world(liked=liked, playlists=playlists)
    foreign = {key: playlist.digest() for key, playlist in world.playlists.items()}
    with (
        FakeSpotify(world) as spotify,
        FakeReccoBeats() as features,
        tempfile.TemporaryDirectory() as folder,
    ):
        environment = {
            **os.environ, **spotify.environment, "LEITMOTIF_HOME": folder, "LEITMOTIF_RECCOBEATS_URL": features.url
        }  # fmt: skip
        road = Road(spotify, Path(folder), environment)
        road.connect()
        synced = json.loads(road.run("spotify", "sync", "--json"))
        likes = spotify.calls("GET", "me/tracks")
        assert likes == -(-liked // 50)
        road.run("features", "spotify:")
        analyse = ("analyze", "spotify:", "--playlists", str(clusters))
        road.run(*analyse)
        road.run("export", "--to", "spotify", "--covers", "--dry-run")
        assert not spotify.writes()
        first = json.loads(road.run("export", "--to", "spotify", "--covers", "--json"))
        check_playlists(spotify, first, foreign)
        before_again = {p.id: (p.name, p.description, p.uris) for p in world.owned()}
        again_unchanged = json.loads(road.run("export", "--to", "spotify", "--covers", "--json"))
        assert {row["action"] for row in again_unchanged["playlists"]} == {"unchanged"}
        world.like(10**5, new_likes)
        road.run("spotify", "sync")
        more = spotify.calls("GET", "me/tracks") - likes
        road.run("features", "spotify:")
        road.run(*analyse)
        second = json.loads(road.run("export", "--to", "spotify", "--covers", "--json"))
        check_playlists(spotify, second, foreign)
        road.run("spotify", "status")
        road.run("spotify", "undo")
        assert {p.id: (p.name, p.description, p.uris) for p in world.owned()} == before_again
        found = road.secrets_found()
        road.run("spotify", "disconnect")
        assert not found, f"{len(found)} secrets stand in files"
        return {
            "tracks": synced["tracks"], "calls": synced["calls"], "calls_for_new_likes": more,
            "first": first["calls"], "second": second["calls"], "playlists": len(first["playlists"]),
            "actions": [row["action"] for row in second["playlists"]], "secrets": len(spotify.signins.issued),
            "secrets_found": len(found), "steps": road.steps, "total": spotify.count,
        }  # fmt: skip


def check_playlists(spotify: FakeSpotify, document: Mapping[str, Any], foreign: Mapping[str, str]) -> None:
    """Check that every playlist of the document is there once, full, without doubles, and others are untouched."""
    library = spotify.world.library
    rows = [row for row in document["playlists"] if row["action"] in ("create", "update", "unchanged")]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        playlist = spotify.world.playlists[row["id"]]
        assert library.count(row["id"]) == 1
        assert playlist.name == row["name"]
        assert not playlist.public
        assert base64.b64decode(playlist.cover).startswith(b"\xff\xd8\xff"), "every playlist has a cover"
        assert len(set(playlist.uris)) == len(playlist.uris) > 0
    assert {key: spotify.world.playlists[key].digest() for key in foreign} == dict(foreign)


def main() -> None:
    liked, playlists, clusters, new_likes = (
        int(text) for text in (*sys.argv[1:], *("10000", "40", "12", "200")[len(sys.argv) - 1 :])
    )
    numbers = walk(liked, playlists, clusters, new_likes)
    print(f"\n{numbers['tracks']:,} tracks from {liked:,} liked songs and {playlists} playlists")
    print(f"calls of the sync: {numbers['calls']}; after {new_likes} new likes: {numbers['calls_for_new_likes']}")
    print(f"calls of the first export of {numbers['playlists']} playlists: {numbers['first']}")
    print(f"calls of the export after the new likes: {numbers['second']}; {', '.join(numbers['actions'])}")
    print(f"calls in all: {numbers['total']:,}; secrets issued {numbers['secrets']}, found {numbers['secrets_found']}")


if __name__ == "__main__":
    main()
