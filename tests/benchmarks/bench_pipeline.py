"""What the analysis costs beside the bare K-means fit, and whether a million tracks fit into memory.

Run with::

    python -m tests.benchmarks.bench_pipeline [SOURCE] [--tracks 1000000] [--repeats 5]

Prints, from one run, the time of prepare + cluster (K = 9) + name + project over the time of scikit-learn's
``KMeans(n_clusters=9, n_init=10)`` on the same matrix (the bar: under 3), then the time and the peak memory of a
whole analysis of the tracks tiled with small noise to the number asked for (the bar: under 2 GB). ``--tracks 0``
leaves the second part out.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from core.clustering import cluster
from core.features import BASE_NAMES, FEATURES
from core.library import Library, make_library
from core.naming import gather_evidence, load_lexicon, name_clusters
from core.options import BALANCED, AnalysisOptions, NamingOptions
from core.pipeline import Pipeline
from core.preparation import prepare
from core.projection import project
from core.sources import open_source
from tests.benchmarks.common import fastest

K = 9


def analysed(library: Library) -> None:
    """Prepare, cluster, name and project."""
    prepared = prepare(library.features, options=BALANCED.prepare)
    found = cluster(prepared, options=replace(BALANCED.cluster, k=K))
    values = library.features[list(BASE_NAMES)].iloc[prepared.rows]
    evidence = gather_evidence(values, found.labels, k=found.k)
    name_clusters(evidence, lexicon=load_lexicon(), options=NamingOptions())
    project(prepared)


def tiled(library: Library, tracks: int) -> Library:
    """Repeat a library with small noise until it has so many tracks."""
    rng = np.random.default_rng(0)
    rows = np.arange(tracks) % len(library)
    values = library.features[list(BASE_NAMES)].to_numpy()[rows]
    values += rng.normal(scale=0.01 * np.nanstd(values, axis=0), size=values.shape)
    low, high = (np.array([getattr(FEATURES[name], end) for name in BASE_NAMES]) for end in ("low", "high"))
    index = pd.Index([str(i) for i in range(tracks)])
    whole = library.tracks.iloc[rows].set_axis(index)
    features = pd.DataFrame(np.clip(values, low, high), columns=list(BASE_NAMES), index=index)
    return make_library(whole, features, kind="table", path="tiled", providers="file")


def main() -> None:
    """Print the ratio, then time and memory of the large library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", nargs="?", default="demo:")
    parser.add_argument("--tracks", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    library = open_source(given.source)
    X = prepare(library.features, options=BALANCED.prepare).X
    analysed(library)
    bare = fastest(lambda: KMeans(n_clusters=K, n_init=10, random_state=1986).fit(X), given.repeats)
    whole = fastest(lambda: analysed(library), given.repeats)
    print(
        f"{len(library):,} tracks: K-means alone {bare:.2f} s, with everything {whole:.2f} s, ratio {whole / bare:.2f}"
    )
    if given.tracks:
        large = tiled(library, given.tracks)
        start = time.perf_counter()
        analysis = Pipeline().analyze(large, options=AnalysisOptions(recipe=BALANCED))
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(
            f"{given.tracks:,} tracks: {analysis.clustering.k} playlists in {seconds:.0f} s, peak memory {peak:.2f} GB"
        )


if __name__ == "__main__":
    main()
