"""Whether the bars for names hold on libraries of many kinds, not only on the one they were set on.

Run with::

    python -m tests.benchmarks.bench_libraries [SOURCE …] [--recipe balanced article] [--k 5 7 9 12] [--all]
        [--refits 3]

Each SOURCE is anything ``leitmotif analyze`` accepts; the demo library by default. From each one, others are made:
parts of 300, 1,000 and 3,000 tracks, every genre with at least 500 tracks on its own, genres in uneven mixtures, and
values rounded to hundredths. A run is one library at one K. The bars are those of the article's tracks: for
``balanced`` mean AUC 0.94 and worst 0.88, tracks that their own name fits best 70 % at K = 9; for ``article`` mean AUC
0.90, 0.93 at K = 9; for both, claims hold for 88 % of the tracks on average and for 80 % at worst, and no two names
are equal. The runs that miss a bar are listed, with ``--all`` the others too. A bar may be out of reach of any true
name: beside each mean AUC stands the best that one to three claims can reach which hold for 80 % of a cluster's
tracks, every set of them tried on each cluster by itself. With ``--refits 3`` every library is clustered again on
three random parts of four fifths of its tracks: where these agree (adjusted Rand index 0.90), the names' claims should
agree as well (Jaccard index 0.90).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd

from core.errors import DataError
from core.features import BASE_NAMES, FEATURES
from core.library import Library
from core.naming import NamingQuality, gather_evidence
from core.naming.evidence import claim_sets
from core.options import DEFAULT_SEED, NamingOptions
from core.sources import open_source
from tests.benchmarks.bench_names import Run, clustered, measured, part_of, repeats

PARTS = (300, 1_000, 3_000)
PARTS_OF_EACH_SIZE = 2
GENRE_TRACKS = 500
MIXTURES = 4
#: Below 1 the weights of a Dirichlet distribution are uneven: a few genres make up most of a library.
UNEVEN = 0.5
MIXTURE_SHARE = 0.25
STABLE = REPEATED = 0.90


@dataclass(frozen=True)
class Bars:
    """The least that the names of a run must reach; `top1` and `mean_auc_of_nine` are asked at K = 9 only."""

    mean_auc: float
    mean_auc_of_nine: float
    worst_auc: float
    top1: float
    mean_precision: float = 0.88
    worst_precision: float = 0.80

    def missed(self, quality: NamingQuality, k: int) -> list[str]:
        """Return the measures that fall short."""
        least = {
            "mean AUC": (quality.mean_auc, self.mean_auc_of_nine if k == 9 else self.mean_auc),
            "worst AUC": (quality.worst_auc, self.worst_auc),
            "top-1": (quality.top1, self.top1 if k == 9 else 0.0),
            "share": (quality.mean_precision, self.mean_precision),
            "worst share": (quality.worst_precision, self.worst_precision),
            "distinct": (quality.distinct, len(quality.aucs)),
        }
        return [name for name, (reached, bar) in least.items() if reached < bar]


BARS = {
    "balanced": Bars(mean_auc=0.94, mean_auc_of_nine=0.94, worst_auc=0.88, top1=0.70),
    "article": Bars(mean_auc=0.90, mean_auc_of_nine=0.93, worst_auc=0.0, top1=0.0),
}


def rounded(library: Library) -> Library:
    """Return a library whose values have a hundredth of their feature's range as the smallest step."""
    features = library.features.copy()
    for name in BASE_NAMES:
        step = (FEATURES[name].high - FEATURES[name].low) / 100.0
        features[name] = (features[name] / step).round() * step
    return replace(library, features=features)


def made_from(source: str, library: Library, seed: int) -> Iterator[tuple[str, Library]]:
    """Yield the library and others made from it, each with a name."""
    random = np.random.default_rng(seed)
    yield source, library
    yield f"{source} rounded", rounded(library)
    for size in [size for size in PARTS if size < len(library)]:
        for number in range(1, PARTS_OF_EACH_SIZE + 1):
            rows = random.choice(len(library), size=size, replace=False)
            yield f"{source} {size:,} tracks, part {number}", part_of(library, rows)
    genres = library.tracks["genre"]
    counts = genres[genres != ""].value_counts()
    for genre in [str(name) for name, count in counts.items() if count >= GENRE_TRACKS]:
        yield f"{source} {genre}", part_of(library, np.flatnonzero(genres == genre))
    for number in range(1, MIXTURES + 1) if len(counts) > 1 else ():
        yield f"{source} mixture {number}", mixture(library, counts, random)


def mixture(library: Library, counts: pd.Series, random: np.random.Generator) -> Library:
    """Return a quarter of a library, its genres in other proportions."""
    weights = pd.Series(random.dirichlet(np.full(len(counts), UNEVEN)), index=counts.index)
    chances = library.tracks["genre"].map(weights / counts).fillna(0.0).to_numpy(dtype=np.float64)
    size = min(round(MIXTURE_SHARE * len(library)), int((chances > 0).sum()))
    return part_of(library, random.choice(len(library), size=size, replace=False, p=chances / chances.sum()))


@dataclass
class Tally:
    """Runs that meet every bar, runs whose refits agree, and those of them whose claims agree as well.

    `short` holds how far each run's mean AUC stays below the best that true claims reach.
    """

    met: int = 0
    stable: int = 0
    repeated: int = 0
    short: list[float] = field(default_factory=list)


def best_possible(values: pd.DataFrame, labels: np.ndarray, k: int) -> float:
    """Return the mean over the clusters of the best AUC that any set of allowed claims reaches."""
    options = NamingOptions()
    every = claim_sets(gather_evidence(values, labels, k=k), options=options, room=[options.max_claims] * k)
    return float(np.mean([sets[0][0] if sets else 0.5 for sets in every]))


def print_run(name: str, library: Library, recipe: str, k: int, run: Run, tally: Tally, *, everything: bool) -> None:
    """Measure one run, count it, and print it if it misses a bar."""
    prepared, found, _ = run
    values = library.features[list(BASE_NAMES)].iloc[prepared.rows]
    quality = measured(library, run)
    best = best_possible(values, found.labels, found.k)
    missed = BARS[recipe].missed(quality, k)
    tally.met += not missed
    tally.short.append(best - quality.mean_auc)
    if missed or everything:
        precision = (quality.mean_precision, quality.worst_precision)
        measures = (quality.mean_auc, best, quality.worst_auc, *precision, quality.top1)
        figures = "".join(f"{value:>7.3f}" for value in measures)
        print(f"{recipe:<9}{k:>3}{figures}  {name}" + (f": {', '.join(missed)}" if missed else ""), flush=True)


def main() -> None:
    """Print the runs that miss a bar, and how many meet them all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sources", nargs="*", default=["demo:"], metavar="SOURCE")
    parser.add_argument("--recipe", nargs="+", choices=list(BARS), default=["balanced"])
    parser.add_argument("--k", type=int, nargs="+", default=[5, 7, 9, 12])
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--refits", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="list the runs that meet every bar, too")
    given = parser.parse_args()
    libraries = [made for source in given.sources for made in made_from(source, open_source(source), given.seed)]
    heads = ("mean", "best", "worst", "share", "worst", "top-1")
    print(f"{'recipe':<9}{'K':>3}" + "".join(f"{head:>7}" for head in heads))
    for recipe in given.recipe:
        tally = Tally()
        for (name, library), k in product(libraries, given.k):
            try:
                run = clustered(library, recipe, k)
            except DataError as error:
                print(f"{recipe:<9}{k:>3}  {name}: {error}", flush=True)
                continue
            print_run(name, library, recipe, k, run, tally, everything=given.all)
            if given.refits:
                rand, jaccard = repeats(library, recipe, k, run, given.refits)
                tally.stable += rand >= STABLE
                tally.repeated += rand >= STABLE and jaccard >= REPEATED
        runs = len(libraries) * len(given.k)
        print(f"{recipe}: {tally.met} of {runs} runs on {len(libraries)} libraries meet every bar")
        short = np.array(tally.short)
        print(f"{recipe}: mean AUC below the best of any true claims by {short.mean():.4f}, at most {short.max():.3f}")
        if given.refits:
            print(f"{recipe}: {tally.stable} runs are stable, the claims of {tally.repeated} of them repeat")


if __name__ == "__main__":
    main()
