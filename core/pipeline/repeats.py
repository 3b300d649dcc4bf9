"""Whether the claims of the names come again when parts of the library are clustered and named anew."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from core import naming, playlists
from core.clustering import cluster
from core.errors import DataError
from core.library import Library
from core.options import AnalysisOptions, ClusterOptions, SizeOptions
from core.pipeline.names import name_plainly, telling_features
from core.pipeline.sizing import leaving_out, sized
from core.pipeline.steps import CHECKING, step
from core.progress import Report
from core.records import Clustering, IntArray, Prepared
from core.wording import counted

#: Each refit sees this share of the tracks (as in `core.quality.refits`), but no more than the limit.
REFIT_SHARE, REFIT_LIMIT = 0.8, 20_000
#: Refits; one is enough where it compares more playlists than this, for then it says as much as three of ten.
REFITS, MANY = 3, 30
#: More playlists are not found anew: for 221 of 13,129 tracks it takes 3 s, and the rest of the analysis 5 s.
MOST_PLAYLISTS = 100
#: Most tracks of a refit where time grows with their square: about a second each (the article's tracks, three kinds of
#: scaling, two cores).
SQUARE = {"ward": 6_000, "spectral": 5_000, "mean-shift": 1_000, "hdbscan": 13_000}


def claim_stability(
    library: Library,
    prepared: Prepared,
    clustering: Clustering,
    *,
    settings: ClusterOptions | None,
    options: AnalysisOptions,
    lexicon: naming.Lexicon,
    report: Report,
) -> tuple[float | None, str]:
    """Cluster and name parts of the library as the whole was, and compare the claims.

    Sizes asked for are those of the whole library, so a part gets its share of them.

    Parameters
    ----------
    library : Library
        Where the prepared tracks are from.
    prepared, clustering
        The tracks and their clusters.
    settings : ClusterOptions or None
        How the clusters were found, before their sizes were seen to; None when a person grouped the tracks.
    options : AnalysisOptions
        Sizes, and how names come about.
    lexicon : Lexicon
        The words.
    report : Report
        Told before each refit.

    Returns
    -------
    stability : float or None
        Mean over the refits of `core.naming.claim_agreement`, 0 to 1; None when it was not measured.
    why_not : str
        Why it was not, in one line; empty when it was.
    """
    if settings is None:
        return None, "playlists changed by hand are not found anew"
    count = min(int(REFIT_SHARE * len(prepared)), REFIT_LIMIT)
    if why_not := _why_not(settings, tracks=len(prepared), count=count, k=clustering.k):
        return None, why_not
    values = telling_features(library, prepared)
    whole = name_plainly(values, clustering, options.recipe.naming, lexicon)
    refits = REFITS if clustering.k <= MANY else 1
    agreements = []
    for repeat in range(refits):
        text = f"Checking names: {repeat + 1} of {refits}"
        step(report, CHECKING, text)
        rows = np.sort(np.random.default_rng((settings.seed, repeat)).permutation(len(prepared))[:count])
        again = replace(settings, seed=(settings.seed + repeat + 1) % 2**32)
        try:
            refit = _refit(
                library, prepared, rows, settings=again, options=options,
                report=lambda *_, text=text: step(report, CHECKING, text),
            )  # fmt: skip
        except DataError:  # nearly all tracks are alike, and the part lacks one of the others
            continue
        names = name_plainly(values.iloc[rows], refit, options.recipe.naming, lexicon)
        pairs = _matched(clustering.labels[rows], refit.labels)
        agreements.append(naming.claim_agreement(whole, names, pairs))
    if not agreements:
        return None, "parts of the library have too few different tracks"
    return float(np.mean(agreements)), ""


def _why_not(settings: ClusterOptions, *, tracks: int, count: int, k: int) -> str:
    """Return why parts of the library are not clustered anew; nothing when they are."""
    if count < 2 * k:
        return f"{counted(tracks, 'track')} are too few to leave some out"
    if count > SQUARE.get(settings.algorithm, count):
        return f"sorting parts of {tracks:,} tracks anew takes too long with {settings.algorithm}"
    if k > MOST_PLAYLISTS:
        return f"finding {k:,} playlists anew takes too long"
    return ""


def _refit(
    library: Library,
    prepared: Prepared,
    rows: IntArray,
    *,
    settings: ClusterOptions,
    options: AnalysisOptions,
    report: Report,
) -> Clustering:
    """Cluster some of the prepared tracks as all of them were."""
    share = len(rows) / len(prepared)
    part = replace(prepared, X=prepared.X[rows], rows=prepared.rows[rows], track_ids=prepared.track_ids[rows])
    if settings.min_cluster_size:
        settings = replace(settings, min_cluster_size=math.ceil(settings.min_cluster_size * share))
    # A smallest size of one is a share of one too: none at all would mean another wish.
    sizes = SizeOptions(
        smallest=max(math.floor(options.sizes.smallest * share), min(options.sizes.smallest, 1)),
        largest=math.ceil(options.sizes.largest * share),
    )
    found = cluster(part, options=settings, report=report)
    curation = leaving_out(options.playlists)
    return sized(library, part, found, sizes=sizes, settings=settings, curation=curation, report=report)


def _matched(before: IntArray, after: IntArray) -> list[tuple[int, int]]:
    """Pair the clusters of two labelings of the same rows by overlap, one to one."""
    rows = np.arange(len(before)).astype(str)
    old, new = ({c: rows[labels == c].tolist() for c in range(int(labels.max()) + 1)} for labels in (before, after))
    return [(left, right) for right, left in playlists.best_matches(old, new).items()]
