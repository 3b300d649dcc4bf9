"""What the benchmarks share: tracks to measure on, and a stopwatch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import pandas as pd

from core.features import BASE_NAMES
from core.options import DEFAULT_SEED
from tests.conftest import SHARED

#: Tracks of the article; made-up data has as many by default.
ARTICLE_TRACKS = 13_129
#: Added to repeated real tracks so that no two are equal: a hundredth of a feature's range.
JITTER = 0.01
#: Groups of the made-up data, and how far they spread.
GROUPS, SPREAD = 12, 0.15


@dataclass
class Stopwatch:
    """Measures a block: ``with Stopwatch() as watch: …``, then ``watch.wall`` and ``watch.processor`` in seconds."""

    wall: float = 0.0
    processor: float = 0.0

    def __enter__(self) -> Stopwatch:
        self._wall, self._processor = time.perf_counter(), time.process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall = time.perf_counter() - self._wall
        self.processor = time.process_time() - self._processor

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s ({self.processor:.2f} s of processor)"


def fastest(work: Callable[[], object], repeats: int) -> float:
    """Return the least seconds that some work took."""
    watches = []
    for _ in range(repeats):
        with Stopwatch() as watch:
            work()
        watches.append(watch.wall)
    return min(watches)


def features(tracks: int, *, made_up: bool = False) -> tuple[pd.DataFrame, str]:
    """Return audio features of so many tracks, and where they are from.

    Fewer than the real ones are drawn from them, more are repeated with small noise.
    """
    real = SHARED / "fma" / "tracks_cleaned.csv"
    random = np.random.default_rng(DEFAULT_SEED)
    if made_up or not real.is_file():
        return _made_up(tracks, random), "made-up tracks"
    table = pd.read_csv(real, usecols=list(BASE_NAMES))[list(BASE_NAMES)]
    if tracks <= len(table):
        rows = np.sort(random.choice(len(table), size=tracks, replace=False))
        return table.iloc[rows].set_axis(_ids(tracks)), "tracks of the Free Music Archive"
    values = table.to_numpy()
    repeated = values[np.arange(tracks) % len(values)]
    extra = tracks - len(values)
    repeated[len(values) :] += JITTER * np.ptp(values, axis=0) * random.standard_normal((extra, values.shape[1]))
    frame = pd.DataFrame(repeated, columns=list(BASE_NAMES), index=_ids(tracks))
    return frame, "tracks of the Free Music Archive, repeated with small noise"


def _made_up(tracks: int, random: np.random.Generator) -> pd.DataFrame:
    centres = random.random((GROUPS, len(BASE_NAMES)))
    values = centres[random.integers(GROUPS, size=tracks)] + SPREAD * random.standard_normal((tracks, len(BASE_NAMES)))
    table = pd.DataFrame(np.clip(values, 0.0, 1.0), columns=list(BASE_NAMES), index=_ids(tracks))
    table["tempo"] = 60.0 + 140.0 * table["tempo"]
    return table


def _ids(tracks: int) -> pd.Index:
    return pd.RangeIndex(tracks).astype(str)
