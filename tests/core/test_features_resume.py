"""Fetching features in processes that are killed: nothing is lost, nothing that was kept is asked for again."""

from __future__ import annotations

import pytest

from core.features import BASE_NAMES
from core.storage import open_store
from tests.fakes.features_worker import fewest_requests, kill_until_done, repeated
from tests.fakes.libraries import expected_features, id_of, least_requests
from tests.fakes.reccobeats import FakeReccoBeats
from tests.fakes.server import Faults

TRACKS, KILLS, MISSES, ISRC_MISSES = 600, 4, 0.4, 0.5


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_processes_lose_nothing_and_repeat_nothing(seed: int) -> None:
    numbers = range(TRACKS)
    answers = least_requests(numbers, misses=MISSES, isrc_misses=ISRC_MISSES)
    least = fewest_requests(answers, every=10)
    faults = Faults(every={10: "429"}, retry_after=0)
    with FakeReccoBeats(misses=MISSES, isrc_misses=ISRC_MISSES, faults=faults) as fake:
        outcome = kill_until_done(fake, tracks=TRACKS, kills=KILLS, requests=least, interval=0.05, seed=seed)
    assert outcome.kills == KILLS

    expected = {n: expected_features(n, misses=MISSES, isrc_misses=ISRC_MISSES) for n in numbers}
    available = {id_of(n): features for n, features in expected.items() if features}
    with open_store() as store:
        kept = store.features.get([id_of(n) for n in numbers])
        assert store.features.counts() == {"reccobeats": len(available)}
    assert kept.index.is_unique
    assert set(kept.index) == set(available)
    for key, features in available.items():
        assert kept.loc[key, list(BASE_NAMES)].to_dict() == {name: features[name] for name in BASE_NAMES}
    assert outcome.coverage["found"] == len(available)
    assert outcome.coverage["pending"] == outcome.coverage["failed"] == 0

    # Only the answer that was on its way when a process was killed is asked for again.
    for requests in repeated(fake).values():
        assert set(requests[:-1]) <= set(outcome.last_requests)
    # One more for the rows of an ISRC, which stay together in a request.
    assert least <= len(fake.asked) <= fewest_requests(answers + KILLS + 1, every=10)
