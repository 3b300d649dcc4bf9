"""The sweep over K against the loop that it replaces.

Run with ``python -m tests.benchmarks.bench_sweep``. The loop is ``KMeans(n_init=10)`` and ``silhouette_score`` for
every K, as a notebook would write it. Prints both times and their ratio (the bar: 20), how far the silhouettes differ
on the same labels (the bar: 1e-6), and how much worse the quick fits are than ten random starts (the bar: 1 %).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from core.clustering import fit_sweep, make_clustering
from core.options import DEFAULT_SEED, RECIPES, ClusterOptions, SweepOptions
from core.preparation import prepare
from core.quality import silhouettes, sweep
from core.records import FloatArray, IntArray, Sweep
from tests.benchmarks.common import ARTICLE_TRACKS, Stopwatch, features
from tests.core.clouds import as_prepared

STARTS = 10


def main(arguments: Sequence[str] | None = None) -> None:
    settings = _settings(arguments)
    table, origin = features(settings.tracks, made_up=settings.made_up)
    X = prepare(table, options=RECIPES[settings.recipe].prepare).X
    ks = range(2, settings.last + 1)
    print(f"{len(X):,} {origin}, recipe {settings.recipe}, K = 2…{settings.last}")
    # Both start warm: neither pays for importing scikit-learn or for waking its threads.
    _old_loop(X[:200], range(2, 4))
    _new_sweep(X[:200], SweepOptions(k_max=3, stability_repeats=0))

    with Stopwatch() as new:
        result = _new_sweep(X, SweepOptions(k_max=settings.last, stability_repeats=0))
    print(f"sweep                   {new}")
    with Stopwatch() as whole:
        suggested = _new_sweep(X, SweepOptions(k_max=settings.last))
    print(f"sweep with stability    {whole}")
    print(f"suggested               {suggested.reason}")
    with Stopwatch() as old:
        fits, means = _old_loop(X, ks)
    print(f"loop                    {old}")
    print(f"loop / sweep            {old.wall / new.wall:8.1f} ({old.processor / new.processor:.1f} of processor)")

    same_labels = silhouettes(X, fits, exact_up_to=len(X)).mean
    print(f"silhouettes differ by   {np.abs(same_labels - means).max():8.1e} at most on the same labels")
    reference = np.array([make_clustering(X, labels, algorithm="").inertia for labels in fits])
    gap = result.inertia / reference - 1.0
    print(f"inertia against loop    {100 * gap.max():+8.2f} % at worst, {100 * gap.mean():+.2f} % on average")


def _settings(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_sweep", description=__doc__)
    parser.add_argument("--tracks", type=int, default=ARTICLE_TRACKS)
    parser.add_argument("--last", type=int, default=29, help="the last K")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="article")
    parser.add_argument("--made-up", action="store_true", help="do not use the shared data")
    return parser.parse_args(arguments)


def _new_sweep(X: FloatArray, options: SweepOptions) -> Sweep:
    return sweep(
        as_prepared(X),
        fits=lambda rows, ks, seed: fit_sweep(rows, ks, options=ClusterOptions(seed=seed)),
        options=options,
        seed=DEFAULT_SEED,
    )


def _old_loop(X: FloatArray, ks: Sequence[int]) -> tuple[list[IntArray], FloatArray]:
    """Fit and score every K as a notebook does."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    fits, means = [], []
    for k in ks:
        labels = KMeans(n_clusters=k, n_init=STARTS, random_state=DEFAULT_SEED).fit_predict(X)
        fits.append(labels.astype(np.int64))
        means.append(silhouette_score(X, labels))
    return fits, np.array(means)


if __name__ == "__main__":
    main()
