"""Fetches features in a process of its own, and kills such processes at random moments until the work is done.

``python -m tests.fakes.features_worker URL TRACKS INTERVAL`` is one such process; it works on the store in
``LEITMOTIF_HOME``.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.providers.choice import make_providers
from core.providers.fetch import fetch_features
from core.providers.reccobeats import ReccoBeats
from core.storage import open_store
from core.turns import Pace
from tests.fakes.libraries import library_of
from tests.fakes.reccobeats import FakeReccoBeats

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Killed:
    """What happened: how many processes were killed, after which requests, and what the last one reported."""

    kills: int = 0
    last_requests: list[int] = field(default_factory=list)
    coverage: dict[str, object] = field(default_factory=dict)


def work(url: str, tracks: int, interval: float) -> None:
    """Fetch the features of a library and print the coverage."""
    library = library_of(range(tracks))
    with open_store() as store:
        network = ReccoBeats(url=url, pace=Pace(interval, backoff=0.1), state=store.state)
        providers = make_providers(library, store=store.features, state=store.state, reccobeats=network)
        _, coverage = fetch_features(library, providers=providers, store=store.features)
    print(json.dumps(coverage.as_dict()))


def kill_until_done(
    fake: FakeReccoBeats, *, tracks: int, kills: int, requests: int, interval: float, seed: int
) -> Killed:
    """Run workers one after another and kill all but the last one.

    Parameters
    ----------
    fake : FakeReccoBeats
        A running server.
    tracks : int
        Tracks of the library.
    kills : int
        How many workers are killed, by SIGKILL.
    requests : int
        About how many requests the whole work takes; the moments are spread over them.
    interval : float
        Seconds from request to request.
    seed : int
        Of the moments.
    """
    draw = random.Random(seed)
    outcome = Killed()
    for moment in sorted(draw.uniform(0, requests * 0.85) for _ in range(kills)):
        worker = _start(fake, tracks, interval)
        while worker.poll() is None and len(fake.asked) < moment:
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 2 * interval))
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
            outcome.kills += 1
        worker.communicate()
        outcome.last_requests.append(len(fake.asked))
    worker = _start(fake, tracks, interval)
    printed, errors = worker.communicate()
    if worker.returncode:
        raise AssertionError(errors.decode())
    outcome.coverage = json.loads(printed)
    return outcome


def _start(fake: FakeReccoBeats, tracks: int, interval: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.fakes.features_worker", fake.url, str(tracks), str(interval)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def fewest_requests(answers: int, *, every: int) -> int:
    """Return how many requests it takes to get some answers when every n-th request is refused."""
    return answers + (answers - 1) // (every - 1)


def repeated(fake: FakeReccoBeats) -> dict[tuple[str, str], list[int]]:
    """Return the numbers of the answered requests that asked for the same id more than once."""
    asked: dict[tuple[str, str], list[int]] = {}
    for request in sorted(fake.asked, key=lambda request: request.number):
        if request.status == 200:
            for text in request.query["ids"][0].split(","):
                asked.setdefault((request.path, text), []).append(request.number)
    return {key: numbers for key, numbers in asked.items() if len(numbers) > 1}


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
