"""Exports to Spotify with a fault or a kill at a random request, taken up again until done, and what it came to.

``python -m tests.benchmarks.demo_spotify_faults [RUNS] [FIRST_SEED]``: 200 runs from seed 0 by default. Each run
exports three playlists, then what a later analysis brings, into a fake Spotify over real HTTP, in processes that are
killed by SIGKILL.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fakes.spotify_worker import RunResult, one_run


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    results: list[RunResult] = []
    start = time.monotonic()
    for seed in range(first, first + runs):
        with tempfile.TemporaryDirectory() as folder:
            results.append(one_run(seed, Path(folder)))
        result = results[-1]
        mark = "ok  " if result.clean else "FAIL"
        print(
            f"{mark} seed {seed:>3}: {result.requests:>3} requests, {result.processes} processes, "
            f"{result.kills} killed, old states shown {result.lag} times; {' '.join(result.faults)}",
            flush=True,
        )
    kinds = Counter(fault.split("@")[0] for result in results for fault in result.faults)
    print(f"\n{len(results)} runs, seeds {first} to {first + runs - 1}, {time.monotonic() - start:.0f} s")
    print(
        f"requests {sum(r.requests for r in results):,}, processes {sum(r.processes for r in results):,}, "
        f"killed {sum(r.kills for r in results):,}"
    )
    print("faults planned: " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    for name in ("doubled_playlists", "doubled_tracks", "lost_tracks", "wrong_order", "foreign_changed"):
        print(f"{name.replace('_', ' ')}: {sum(getattr(r, name) for r in results)}")
    sys.exit(0 if all(result.clean for result in results) else 1)


if __name__ == "__main__":
    main()
