"""Made-up tracks with a known structure, for the tests of clustering and of its quality."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.records import FloatArray, IntArray, Prepared


def as_prepared(X: FloatArray) -> Prepared:
    """Return tracks that were prepared already [shape=(n, d)], called by their number."""
    return Prepared(
        X=X,
        rows=np.arange(len(X)),
        track_ids=pd.RangeIndex(len(X)).astype(str),
        columns=tuple(f"feature {j}" for j in range(X.shape[1])),
    )


def groups(k: int, *, n: int, d: int = 8, spread: float = 0.05, seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Return `n` tracks in `k` round groups whose middles are at least 0.7 apart, and the group of each."""
    random = np.random.default_rng(seed)
    middles: list[FloatArray] = []
    while len(middles) < k:
        candidate = random.random(d)
        if all(np.linalg.norm(candidate - middle) >= 0.7 for middle in middles):
            middles.append(candidate)
    truth = np.sort(np.arange(n) % k)
    return np.array(middles)[truth] + spread * random.standard_normal((n, d)), truth


def blurred(n: int, *, d: int = 8, seed: int = 0) -> FloatArray:
    """Return tracks as music has them: a few hills that run into each other."""
    random = np.random.default_rng(seed)
    middles = random.random((6, d))
    return middles[random.integers(6, size=n)] + 0.25 * random.standard_normal((n, d))


def noise(n: int, *, d: int = 8, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).random((n, d))
