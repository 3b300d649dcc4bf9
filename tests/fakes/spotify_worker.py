"""Exports in processes of their own, killed or disturbed at random requests and taken up again until they are done."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import keyring
import pandas as pd

from core.errors import SpotifyError
from core.library import Library, make_library
from core.records import Playlist
from core.spotify.account import open_client
from core.spotify.export import export, finish
from core.spotify.plan import make_plan
from core.spotify.scopes import READ, WRITE
from core.storage import open_store
from tests.fakes.keyring import RemoteKeyring
from tests.fakes.spotify import FAULTS, FakeSpotify
from tests.fakes.spotify_parts import CLIENT_ID, FAST
from tests.fakes.spotify_world import OTHER, World, track_id, track_uri

KEY = "spotify:spotify:"
#: Exit status of a worker that gave up because Spotify did not answer, to be started again.
PUT_OFF = 3
#: A run that is not done after so many processes never will be.
MOST_PROCESSES = 40

Wanted = list[tuple[str, str, list[int]]]


@dataclass
class RunResult:
    """What one seeded run came to."""

    seed: int
    lag: int = 0
    faults: list[str] = field(default_factory=list)
    kills: int = 0
    processes: int = 0
    requests: int = 0
    doubled_playlists: int = 0
    doubled_tracks: int = 0
    lost_tracks: int = 0
    wrong_order: int = 0
    foreign_changed: int = 0

    @property
    def clean(self) -> bool:
        return not any(
            (self.doubled_playlists, self.doubled_tracks, self.lost_tracks, self.wrong_order, self.foreign_changed)
        )


def work(home: str, environment: dict[str, str], wanted: Wanted) -> None:
    """Finish what was cut off, then export; the whole life of one process."""
    os.environ.update(environment, LEITMOTIF_HOME=home)
    keyring.set_keyring(RemoteKeyring())
    numbers = [number for _, _, listed in wanted for number in listed]
    library = library_of(numbers)
    playlists = [
        Playlist(name, "Loud.", tuple(track_id(number) for number in listed), place, lineage)
        for place, (name, lineage, listed) in enumerate(wanted)
    ]
    try:
        with open_store() as store, open_client(store, pace=FAST) as client:
            finish(client, store)
            export(client, store, make_plan(client, store, playlists, library, library_key=KEY))
    except SpotifyError:
        os._exit(PUT_OFF)
    os._exit(0)


def library_of(numbers: list[int]) -> Library:
    uris = {track_id(number): track_uri(number) for number in numbers}
    tracks = pd.DataFrame({"uri": list(uris.values())}, index=list(uris))
    return make_library(tracks, pd.DataFrame(index=tracks.index), kind="spotify", path="spotify:")


def signed_in(fake: FakeSpotify) -> None:
    """Put a sign-in into the fake's keyring, as connecting would."""
    scopes = READ | WRITE
    _, answer = fake._grant(CLIENT_ID, frozenset(scopes), new=True)
    grant: dict[str, Any] = {
        "client_id": CLIENT_ID, "account_id": fake.world.account_id, "user_id": fake.world.user_id,
        "scopes": sorted(scopes), "authorised_at": time.time(), "expires_at": time.time() + 3600,
        "access_token": answer["access_token"], "refresh_token": answer["refresh_token"],
    }  # fmt: skip
    fake.keyring["leitmotif/spotify"] = json.dumps(grant)


def one_run(seed: int, folder: Path) -> RunResult:
    """Export twice, the second time what a new analysis would bring, with faults and kills at random requests.

    Parameters
    ----------
    seed : int
        Decides the playlists, the faults and the requests they come at.
    folder : Path
        An empty folder for the program's data.
    """
    chance = random.Random(seed)
    world = World()
    for number in range(3):
        world.add_playlist(f"Mine {number}", [track_uri(5000 + number)] * 2)
        world.add_playlist(f"Theirs {number}", [track_uri(6000 + number)], owner=OTHER)
    foreign = {key: playlist.digest() for key, playlist in world.playlists.items()}
    world.lag = random.Random(f"lag {seed}").choice((0, 0, 1, 3))
    result = RunResult(seed, world.lag)
    first = [
        (f"Cluster {n}", f"l{n}", chance.sample(range(n * 1000, n * 1000 + 600), chance.randint(1, 330)))
        for n in range(3)
    ]
    with FakeSpotify(world) as fake:
        signed_in(fake)
        fake.retry_after = 0
        for wanted in (first, changed(first, chance)):
            disturb(fake, chance, result)
            until_done(fake, folder, wanted, result)
        result.requests = fake.count
    count_damage(world, wanted, foreign, result)
    return result


def changed(wanted: Wanted, chance: random.Random) -> Wanted:
    """Return what a later analysis would bring: names, members and orders differ, and one cluster is new."""
    later = []
    for name, lineage, numbers in wanted:
        kept = [number for number in numbers if chance.random() < 0.9]
        for extra in range(chance.randint(0, 40)):
            kept.insert(chance.randint(0, len(kept)), 10_000 + int(lineage[1:]) * 1000 + extra)
        if chance.random() < 0.3:
            chance.shuffle(kept)
        later.append((chance.choice([name, f"{name} renamed"]), lineage, kept or numbers[:1]))
    return [*later, ("New cluster", "l9", list(range(20_000, 20_000 + chance.randint(1, 220))))]


def disturb(fake: FakeSpotify, chance: random.Random, result: RunResult) -> None:
    """Plan one to four faults within the next thirty requests."""
    at = chance.sample(range(fake.count + 1, fake.count + 31), chance.randint(1, 4))
    fake.faults = {number: chance.choice(FAULTS) for number in at}
    result.faults += [f"{fake.faults[number]}@{number}" for number in sorted(at)]


def until_done(fake: FakeSpotify, folder: Path, wanted: Wanted, result: RunResult) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    for _ in range(MOST_PROCESSES):
        process: BaseProcess = context.Process(target=work, args=(str(folder), fake.environment, wanted))

        def kill(victim: BaseProcess = process) -> None:
            os.kill(victim.pid or 0, signal.SIGKILL)
            wait_for_end(victim.pid or 0)
            result.kills += 1

        fake.on_kill = kill
        process.start()
        process.join()
        result.processes += 1
        if process.exitcode == 0:
            return
        assert process.exitcode in (PUT_OFF, -signal.SIGKILL), f"seed {result.seed}: exit {process.exitcode}"
    raise AssertionError(f"seed {result.seed} is not done after {MOST_PROCESSES} processes")


def wait_for_end(pid: int) -> None:
    """Wait until a killed process is gone, so that it cannot take an answer any more."""
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            time.sleep(0.002)


def count_damage(world: World, wanted: Wanted, foreign: dict[str, str], result: RunResult) -> None:
    """Compare what Spotify holds with what it should hold."""
    result.foreign_changed = sum(world.playlists[key].digest() != digest for key, digest in foreign.items())
    result.foreign_changed += sum(key not in world.library for key in foreign)
    ours = [playlist for playlist in world.owned() if playlist.id not in foreign]
    result.doubled_playlists = len(ours) - len(wanted)
    for name, _, numbers in wanted:
        expected = [track_uri(number) for number in numbers]
        found = next((playlist.uris for playlist in ours if playlist.name == name), [])
        result.doubled_tracks += sum((Counter(found) - Counter(expected)).values())
        result.lost_tracks += sum((Counter(expected) - Counter(found)).values())
        result.wrong_order += sorted(found) == sorted(expected) and found != expected
