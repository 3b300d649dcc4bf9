"""Names before and after, on the same clusters: how well each separates its tracks from the rest.

Run with::

    python -m tests.benchmarks.bench_names PATH_TO_THE_ARTICLES_TRACKS [--k 5 7 9 12 30] [--refits 20]

PATH is the Free Music Archive's metadata or a table of the article's 13,129 tracks. The first table holds the
article's nine hand-written names (Ramirez 2018) against this program's, both judged alike: the AUC of the sum of the
signed library ranks of the features that the words claim, members against the rest. Each of the article's names
stands beside the cluster whose centroid fits the article's description best. The second table holds the
measures of `core.naming.quality` at several K for both recipes, and how alike clusters (adjusted Rand index) and claims
(Jaccard index) come out again on random parts of four fifths of the tracks: where the one reaches 0.90, so should the
other.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from core.clustering import cluster
from core.features import BASE_NAMES
from core.library import Library
from core.naming import (
    NamingQuality,
    claim_agreement,
    gather_evidence,
    genre_claims,
    load_lexicon,
    name_clusters,
    naming_quality,
)
from core.naming.quality import separation
from core.options import DEFAULT_SEED, RECIPES, NamingOptions
from core.playlists.lineage import best_matches
from core.preparation import prepare
from core.records import Clustering, ClusterName, FloatArray, Prepared
from core.sources import open_source

REFIT_SHARE = 0.8

#: The article's names, what their words claim, and the centroid its text describes (−1 low, 0 middle, 1 high).
ARTICLE_NAMES: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "Slow & Somber Acoustics": (
        {"tempo": -1, "energy": -1, "valence": -1, "acousticness": 1},
        {"acousticness": 1, "instrumentalness": 1, "danceability": -1, "energy": -1, "tempo": -1, "valence": -1},
    ),
    "Happy & Danceable Instrumentals": (
        {"valence": 1, "danceability": 1, "instrumentalness": 1},
        {"instrumentalness": 1, "valence": 1, "acousticness": -1, "speechiness": -1},
    ),
    "Sad Instrumentals": (
        {"valence": -1, "instrumentalness": 1},
        {"instrumentalness": 1, "acousticness": 0, "valence": -1, "speechiness": -1},
    ),
    "Upbeat Songs With Cheerful Vocals": (
        {"energy": 1, "valence": 1, "instrumentalness": -1},
        {"valence": 1, "speechiness": 1, "instrumentalness": -1, "energy": 0},
    ),
    "Fast & Danceable Instrumentals": (
        {"tempo": 1, "danceability": 1, "instrumentalness": 1},
        {"instrumentalness": 1, "danceability": 1, "tempo": 1, "acousticness": -1},
    ),
    "Fast, Upbeat & Cheerful": (
        {"tempo": 1, "energy": 1, "valence": 1},
        {"energy": 1, "valence": 1, "tempo": 1, "liveness": 1, "acousticness": -1, "instrumentalness": -1},
    ),
    "Slow Dance": (
        {"tempo": -1, "danceability": 1},
        {"acousticness": 1, "danceability": 1, "speechiness": 1, "energy": -1, "instrumentalness": -1},
    ),
    "Happy & Slow": (
        {"valence": 1, "tempo": -1},
        {"valence": 1, "instrumentalness": 1, "acousticness": 1, "tempo": -1, "speechiness": -1},
    ),
    "Happy & Upbeat Instrumentals": (
        {"valence": 1, "energy": 1, "instrumentalness": 1},
        {"energy": 1, "tempo": 1, "instrumentalness": 1, "acousticness": -1, "speechiness": -1},
    ),
}


#: A library clustered and named, see `clustered`.
Run: TypeAlias = tuple[Prepared, Clustering, tuple[ClusterName, ...]]


def part_of(library: Library, rows: np.ndarray) -> Library:
    """Return some tracks of a library, in its order."""
    rows = np.sort(rows)
    return replace(library, tracks=library.tracks.iloc[rows], features=library.features.iloc[rows])


def clustered(library: Library, recipe: str, k: int, *, seed: int = DEFAULT_SEED) -> Run:
    """Prepare, cluster and name a library."""
    prepared = prepare(library.features, options=RECIPES[recipe].prepare)
    found = cluster(prepared, options=replace(RECIPES[recipe].cluster, k=k, seed=seed))
    return prepared, found, named(library, prepared, found)


def named(library: Library, prepared: Prepared, found: Clustering) -> tuple[ClusterName, ...]:
    """Name the clusters of a library."""
    options = NamingOptions()
    top = library.tracks["genre"].iloc[prepared.rows]
    return name_clusters(
        gather_evidence(library.features[list(BASE_NAMES)].iloc[prepared.rows], found.labels, k=found.k),
        lexicon=load_lexicon(),
        options=options,
        genres=genre_claims(top, found.labels, k=found.k, options=options),
    )


def measured(library: Library, run: Run) -> NamingQuality:
    """Measure the names of a run."""
    prepared, found, names = run
    return naming_quality(library.features[list(BASE_NAMES)].iloc[prepared.rows], found.labels, names)


def repeats(library: Library, recipe: str, k: int, run: Run, refits: int) -> tuple[float, float]:
    """Return how far refits on parts of a library agree with the whole: mean adjusted Rand index, mean Jaccard."""
    prepared, whole, names = run
    position = {row: i for i, row in enumerate(prepared.rows)}
    agreements = []
    for refit in range(refits):
        rows = np.random.default_rng(refit).choice(len(library), size=round(REFIT_SHARE * len(library)), replace=False)
        part, again, others = clustered(part_of(library, rows), recipe, k, seed=refit)
        kept = [row for row in np.sort(rows) if row in position]
        before = whole.labels[[position[row] for row in kept]]
        tracks = np.asarray(part.track_ids)
        old = {c: frozenset(tracks[before == c]) for c in range(k)}
        new = {c: frozenset(tracks[again.labels == c]) for c in range(again.k)}
        pairs = [(left, right) for right, left in best_matches(old, new).items()]
        agreements.append((adjusted_rand_score(before, again.labels), claim_agreement(names, others, pairs)))
    rand, jaccard = np.mean(agreements, axis=0)
    return float(rand), float(jaccard)


def described_clusters(prepared: Prepared, found: Clustering) -> list[int]:
    """Return, for each of the article's names, the cluster that its description fits, each once."""
    standard = (found.centroids - found.centroids.mean(axis=0)) / found.centroids.std(axis=0)
    score = np.zeros((len(ARTICLE_NAMES), found.k))
    for row, (_, described) in enumerate(ARTICLE_NAMES.values()):
        wanted = np.array([described.get(name, np.nan) for name in prepared.columns])
        known = np.isfinite(wanted)
        score[row] = -((standard[:, known] - wanted[known]) ** 2).mean(axis=1)
    rows, columns = linear_sum_assignment(score, maximize=True)
    return [int(column) for _, column in sorted(zip(rows, columns, strict=True))]


def claimed_auc(values: pd.DataFrame, claims: dict[str, int], members: np.ndarray) -> float:
    """Return the AUC of the sum of the signed ranks of the claimed features."""
    ranks: list[FloatArray] = [sign * values[name].rank().to_numpy() for name, sign in claims.items()]
    return separation(np.sum(ranks, axis=0), members)


def print_before_and_after(library: Library) -> None:
    """Print the article's names beside this program's."""
    run = clustered(library, "article", 9)
    prepared, found, names = run
    values = library.features[list(BASE_NAMES)].iloc[prepared.rows]
    quality = measured(library, run)
    print(f"{'tracks':>7}  {'the article':<34} {'AUC':>6}   {'Leitmotif':<28} {'AUC':>6}")
    before = []
    for (name, (claims, _)), number in zip(ARTICLE_NAMES.items(), described_clusters(prepared, found), strict=True):
        before.append(claimed_auc(values, claims, found.labels == number))
        size, after = int(found.sizes[number]), quality.aucs[number]
        print(f"{size:>7,}  {name:<34} {before[-1]:>6.2f}   {names[number].text:<28} {after:>6.2f}")
    print(f"{'':>7}  {'mean':<34} {np.mean(before):>6.2f}   {'':<28} {quality.mean_auc:>6.2f}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source")
    parser.add_argument("--k", type=int, nargs="+", default=[5, 7, 9, 12, 30])
    parser.add_argument("--refits", type=int, default=20)
    given = parser.parse_args()
    library = open_source(given.source)
    print_before_and_after(library)
    heads = ("mean AUC", "worst", "shares", "worst", "top-1", "refits", "claims")
    print(f"\n{'recipe':<10}{'K':>4}" + "".join(f"{head:>10}" for head in heads) + f"{'distinct':>10}")
    for recipe, k in product(("article", "balanced"), given.k):
        run = clustered(library, recipe, k)
        q = measured(library, run)
        again = repeats(library, recipe, k, run, given.refits)
        measures = (q.mean_auc, q.worst_auc, q.mean_precision, q.worst_precision, q.top1, *again)
        print(
            f"{recipe:<10}{k:>4}" + "".join(f"{value:>10.3f}" for value in measures) + f"{q.distinct:>10}", flush=True
        )


if __name__ == "__main__":
    main()
