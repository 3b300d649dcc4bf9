"""How smooth smooth playlists are, and what they and finding duplicates cost.

Run with ``python -m tests.benchmarks.bench_ordering``. Prints, for made tracks and for the shared data where it is
there, the mean step of a smooth order as a share of a random order's mean step (the bar at 500 tracks: 60 %, under a
second), the same for a plain nearest-neighbour walk, and the seconds; then the seconds that 100,000 tracks take
to be searched for duplicates.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from core.features import BASE_NAMES
from core.library import Library, make_library
from core.options import BALANCED
from core.playlists import Sound, find_duplicates, smooth, sound_of, step_lengths
from core.playlists.ordering import distances
from core.preparation import prepare
from core.records import FloatArray, IntArray
from tests.benchmarks.common import fastest
from tests.conftest import SHARED

SIZES = (100, 500, 2_000, 5_000)
BAR_SIZE, BAR_RATIO, BAR_SECONDS = 500, 0.60, 1.0
LIKES = 100_000
SEED = 1986


def made_features(size: int) -> pd.DataFrame:
    """Return features around a dozen centres."""
    rng = np.random.default_rng(SEED)
    centres = rng.random((12, len(BASE_NAMES)))
    values = np.clip(centres[rng.integers(0, 12, size)] + rng.normal(0, 0.15, (size, len(BASE_NAMES))), 0, 1)
    frame = pd.DataFrame(values, columns=list(BASE_NAMES), index=[f"t{n}" for n in range(size)])
    return frame.assign(tempo=50.0 + 150.0 * frame["tempo"])


def shared_features() -> pd.DataFrame:
    """Return the features of the shared tracks, shuffled."""
    frame = pd.read_csv(SHARED / "fma" / "tracks_cleaned.csv", dtype={"track_id": str}).set_index("track_id")
    return frame[list(BASE_NAMES)].sample(frac=1.0, random_state=SEED)


def made_likes() -> pd.DataFrame:
    """Return tracks of 8,000 artists, a tenth of them other releases of an earlier one."""
    rng = np.random.default_rng(SEED)
    fresh = LIKES * 9 // 10
    source = np.concatenate([np.arange(fresh), rng.integers(0, fresh, LIKES - fresh)])
    marks = np.array(["", " (Remastered 2009)", " - Live", " (feat. Guest)", " [Deluxe Edition]", " - Radio Edit"])
    likes = pd.DataFrame(
        {
            "title": [f"Song number {n}{mark}" for n, mark in zip(source, rng.choice(marks, LIKES), strict=True)],
            "artist": [f"Artist {n % 8_000}" for n in source],
            "added_at": pd.to_datetime(rng.integers(1_200_000_000, 1_700_000_000, LIKES), unit="s").strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            "duration_s": 120.0 + source % 240 + rng.uniform(-1, 1, LIKES),
        },
        index=[str(n) for n in range(LIKES)],
    )
    return make_library(likes, pd.DataFrame(index=likes.index), kind="benchmark", path="").tracks


def walk(sound: Sound) -> IntArray:
    """Return the nearest-neighbour walk from the first track."""
    left = distances(sound)
    order = [0]
    for _ in range(len(sound) - 1):
        left[:, order[-1]] = np.inf
        order.append(int(left[order[-1]].argmin()))
    return np.array(order)


def mean_step(sound: Sound, order: IntArray) -> float:
    """Return the mean distance from one track to the next."""
    return float(step_lengths(sound.take(order)).mean())


def measure(name: str, features: pd.DataFrame) -> None:
    """Print one line for every size."""
    for size in (size for size in SIZES if size <= len(features)):
        part = features.iloc[:size]
        library: Library = make_library(pd.DataFrame(index=part.index), part, kind="benchmark", path="")
        sound = sound_of(library, prepare(library.features, options=BALANCED.prepare))
        rng = np.random.default_rng(SEED)
        by_chance = float(np.mean([mean_step(sound, rng.permutation(size)) for _ in range(10)]))
        fit: FloatArray = np.zeros(size)
        ratio, plain = (mean_step(sound, order) / by_chance for order in (smooth(sound, fit), walk(sound)))
        seconds = fastest(lambda sound=sound, fit=fit: smooth(sound, fit), 2)  # type: ignore[misc]
        met = (
            "" if size != BAR_SIZE else "  bar met" if ratio <= BAR_RATIO and seconds < BAR_SECONDS else "  BAR MISSED"
        )
        print(f"{name:>8} {size:>6} tracks: {ratio:.3f} of random (walk {plain:.3f}), {seconds:.2f} s{met}")


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    small = parser.parse_args().small
    measure("made", made_features(min(SIZES) if small else max(SIZES)))
    if small:
        return
    if (SHARED / "fma").is_dir():
        measure("shared", shared_features())
    likes = made_likes()
    found = len(find_duplicates(likes))
    print(f"duplicates among {LIKES:,} tracks: {found:,} in {fastest(lambda: find_duplicates(likes), 2):.2f} s")


if __name__ == "__main__":
    main()
