"""Whether the claims of the names come again when parts of the library are clustered and named anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core import naming, playlists
from core.errors import TooFewTracks
from core.options import AnalysisOptions
from core.pipeline.names import name_plainly
from core.pipeline.sizing import fit_rows
from core.pipeline.steps import CHECKING, step
from core.progress import Report
from core.records import Clustering, IntArray, Prepared

#: Refits for the stability of claims: on this share of the tracks, but on no more than the limit.
REFITS, REFIT_SHARE, REFIT_LIMIT = 3, 0.8, 20_000
#: Algorithms quick enough to be fitted again, whose refits follow their seed.
_REFITTED = frozenset({"kmeans", "minibatch", "bisecting"})


def claim_stability(
    values: pd.DataFrame,
    prepared: Prepared,
    clustering: Clustering,
    options: AnalysisOptions,
    lexicon: naming.Lexicon,
    report: Report,
) -> float | None:
    """Cluster and name subsamples anew; return the mean Jaccard index of the claims of matched clusters."""
    settings, sizes = options.recipe.cluster, options.sizes
    count = min(int(REFIT_SHARE * len(prepared)), REFIT_LIMIT)
    sized = sizes.smallest or sizes.largest
    if clustering.algorithm not in _REFITTED or sized or count < 2 * clustering.k:
        return None
    whole = name_plainly(values, clustering, options.recipe.naming, lexicon)
    agreements = []
    for repeat in range(REFITS):
        step(report, CHECKING, f"Checking names ({repeat + 1} of {REFITS})")
        rows = np.sort(np.random.default_rng((settings.seed, repeat)).permutation(len(prepared))[:count])
        seed = (settings.seed + repeat + 1) % 2**32
        try:
            refit = fit_rows(prepared.X[rows], replace(settings, k=clustering.k, seed=seed))
        except TooFewTracks:  # nearly all tracks are alike, and the part lacks one of the others
            continue
        names = name_plainly(values.iloc[rows], refit, options.recipe.naming, lexicon)
        pairs = _matched(clustering.labels[rows], refit.labels, k=clustering.k)
        agreements.append(naming.claim_agreement(whole, names, pairs))
    return float(np.mean(agreements)) if agreements else None


def _matched(before: IntArray, after: IntArray, *, k: int) -> list[tuple[int, int]]:
    """Pair the clusters of two labelings of the same rows by overlap, one to one."""
    rows = np.arange(len(before)).astype(str)
    old = {str(c): rows[before == c].tolist() for c in range(k)}
    new = {c: rows[after == c].tolist() for c in range(int(after.max()) + 1)}
    lineages = playlists.match_lineage(old, new)
    return [(int(lineages[c]), c) for c in new if lineages[c] in old]
