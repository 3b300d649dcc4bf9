"""Which way of preparing features gives clusters that are stable and that words can tell apart.

The default recipe is chosen by this table. Run with::

    python -m tests.benchmarks.bench_recipes [SOURCE] [--k 9] [--refits 4]

SOURCE is anything ``leitmotif analyze`` accepts; the demo library by default.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from core.clustering import cluster
from core.features import BASE_NAMES
from core.library import Library
from core.naming import gather_evidence, load_lexicon, name_clusters, naming_quality
from core.options import ARTICLE, BALANCED, NamingOptions, PrepareOptions
from core.preparation import prepare
from core.records import Prepared
from core.sources import open_source

EQUAL: Mapping[str, float] = {}
CANDIDATES: dict[str, PrepareOptions] = {
    "article": ARTICLE.prepare,
    "z-score": PrepareOptions(scaling={"*": "zscore"}),
    "rank": PrepareOptions(scaling={"*": "rank"}),
    "min–max": PrepareOptions(scaling={"*": "minmax"}),
    "robust": PrepareOptions(scaling={"*": "robust"}),
    "contrast, equal weights": PrepareOptions(scaling={"*": "contrast"}),
    "rank, graded weights": PrepareOptions(scaling={"*": "rank"}, weights=BALANCED.prepare.weights),
    "balanced": BALANCED.prepare,
}


@dataclass(frozen=True)
class Row:
    """What one candidate reaches.

    Attributes
    ----------
    stability : float
        Mean adjusted Rand index of refits on four fifths of the tracks.
    mean_auc, worst_auc, top1, worst_share : float
        How well the names tell the clusters apart, and the least share of tracks a claim holds for.
    genre : float
        Adjusted mutual information with the top genre.
    smallest, largest : float
        Share of the tracks in the smallest and the largest cluster.
    """

    stability: float
    mean_auc: float
    worst_auc: float
    top1: float
    worst_share: float
    genre: float
    smallest: float
    largest: float


def measure(library: Library, options: PrepareOptions, *, k: int, refits: int) -> Row:
    """Cluster, name, and cluster parts of the library again."""
    prepared = prepare(library.features, options=options)
    settings = replace(BALANCED.cluster, k=k)
    whole = cluster(prepared, options=settings)
    values = library.features[list(BASE_NAMES)].iloc[prepared.rows]
    evidence = gather_evidence(values, whole.labels, k=whole.k)
    quality = naming_quality(
        values, whole.labels, name_clusters(evidence, lexicon=load_lexicon(), options=NamingOptions())
    )
    agreements = []
    for repeat in range(refits):
        part = np.sort(np.random.default_rng(repeat).permutation(len(prepared))[: int(0.8 * len(prepared))])
        again = Prepared(prepared.X[part], prepared.rows[part], prepared.track_ids[part], prepared.columns)
        refit = cluster(again, options=replace(settings, seed=repeat))
        agreements.append(adjusted_rand_score(whole.labels[part], refit.labels))
    genres = library.tracks["genre"].iloc[prepared.rows].to_numpy()
    sizes = whole.sizes / len(prepared)
    return Row(
        stability=float(np.mean(agreements)),
        mean_auc=quality.mean_auc,
        worst_auc=quality.worst_auc,
        top1=quality.top1,
        worst_share=quality.worst_precision,
        genre=float(adjusted_mutual_info_score(genres, whole.labels)),
        smallest=float(sizes.min()),
        largest=float(sizes.max()),
    )


def main() -> None:
    """Print one line a candidate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", nargs="?", default="demo:")
    parser.add_argument("--k", type=int, default=9)
    parser.add_argument("--refits", type=int, default=4)
    given = parser.parse_args()
    library = open_source(given.source)
    print(f"{given.source}: {len(library):,} tracks, K = {given.k}, {given.refits} refits on four fifths of them")
    head = ("stability", "mean AUC", "worst AUC", "top-1", "worst share", "genre AMI", "smallest", "largest")
    print(f"{'':<24}" + "".join(f"{title:>12}" for title in head))
    for name, options in CANDIDATES.items():
        row = measure(library, options, k=given.k, refits=given.refits)
        print(f"{name:<24}" + "".join(f"{value:>12.3f}" for value in vars(row).values()), flush=True)


if __name__ == "__main__":
    main()
