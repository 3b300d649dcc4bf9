"""Shows that fetching features survives being killed: 5,000 tracks, 40 % misses, a 429 every tenth call, ten SIGKILLs.

usage: python -m tests.benchmarks.demo_features_resume [TRACKS] [KILLS] [SEED]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

from core.storage import open_store
from tests.fakes.features_worker import fewest_requests, kill_until_done, repeated
from tests.fakes.libraries import expected_features, id_of, least_requests
from tests.fakes.reccobeats import FakeReccoBeats
from tests.fakes.server import Faults

MISSES, ISRC_MISSES, EVERY, INTERVAL = 0.4, 0.5, 10, 0.2


def main() -> int:
    tracks, kills, seed = (int(text) for text in (*sys.argv[1:], *("5000", "10", "1")[len(sys.argv) - 1 :]))
    numbers = range(tracks)
    answers = least_requests(numbers, misses=MISSES, isrc_misses=ISRC_MISSES)
    least = fewest_requests(answers, every=EVERY)
    print(f"{tracks:,} tracks, {MISSES:.0%} unknown by id, {ISRC_MISSES:.0%} of those unknown by ISRC too, seed {seed}")
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEITMOTIF_HOME"] = home
        faults = Faults(every={EVERY: "429"}, retry_after=1)
        with FakeReccoBeats(misses=MISSES, isrc_misses=ISRC_MISSES, faults=faults) as fake:
            outcome = kill_until_done(fake, tracks=tracks, kills=kills, requests=least, interval=INTERVAL, seed=seed)
        with open_store() as store:
            kept = store.features.get([id_of(n) for n in numbers])
    available = {id_of(n) for n in numbers if expected_features(n, misses=MISSES, isrc_misses=ISRC_MISSES)}
    unstored = [asked for asked in repeated(fake).values() if not set(asked[:-1]) <= set(outcome.last_requests)]
    ratio = len(fake.asked) / least
    print(f"processes killed: {outcome.kills} (after requests {', '.join(map(str, outcome.last_requests))})")
    print(f"features available: {len(available):,}, in the store: {len(kept):,}, each once: {kept.index.is_unique}")
    print(f"requests: {len(fake.asked)}, of them refused with 429: {sum(a.status == 429 for a in fake.asked)}")
    print(f"fewest possible: {least} ({answers} answers); sent / fewest = {ratio:.3f}")
    print(f"ids asked for again although their answer had been stored: {len(unstored)}")
    print(f"time: {time.monotonic() - start:.0f} s")
    sound = kept.index.is_unique and set(kept.index) == available and not unstored and ratio <= 1.03
    print("all as it should be" if sound else "NOT as it should be")
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
