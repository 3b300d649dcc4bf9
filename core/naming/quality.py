"""How well names tell clusters apart, measured on all tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.naming.name import GENRE
from core.records import BoolArray, Claim, ClusterName, FloatArray, IntArray


@dataclass(frozen=True)
class NamingQuality:
    """The measures of a run's names.

    Attributes
    ----------
    aucs : tuple of float
        For each name, how well the sum of the signed library ranks of its claimed features separates members
        from the rest; ½ for a name without audio claims.
    mean_auc, worst_auc : float
        Over the names.
    mean_precision, worst_precision : float
        Over all audio claims: share of the members that hold the claim. 1 where there are no claims.
    top1 : float
        Share of clustered tracks that fit their own cluster's name best (mean signed rank).
    distinct : int
        Different names.
    """

    aucs: tuple[float, ...]
    mean_auc: float
    worst_auc: float
    mean_precision: float
    worst_precision: float
    top1: float
    distinct: int


def naming_quality(values: pd.DataFrame, labels: IntArray, names: Sequence[ClusterName]) -> NamingQuality:
    """Measure the names of a run.

    Parameters
    ----------
    values : pandas.DataFrame [shape=(n_tracks, n_features)]
        Features in original units; a missing value counts as the middle of the library.
    labels : np.ndarray [shape=(n_tracks,)]
        Cluster of each track, −1 for none.
    names : sequence of ClusterName
        One a cluster.

    Returns
    -------
    NamingQuality
        All measures exact, on all tracks.
    """
    ranks = {str(name): _library_ranks(values[name]) for name in values.columns}
    best_score = np.full(len(labels), -np.inf)
    best_name = np.full(len(labels), -1, dtype=np.int64)
    aucs, shares = [], []
    for cluster, name in enumerate(names):
        claims = [claim for claim in name.claims if claim.feature != GENRE]
        score = _score(claims, ranks, len(labels))
        better = score > best_score
        best_name[better], best_score[better] = cluster, score[better]
        aucs.append(separation(score, labels == cluster) if claims else 0.5)
        shares += [claim.share for claim in claims]
    clustered = labels >= 0
    return NamingQuality(
        aucs=tuple(aucs),
        mean_auc=float(np.mean(aucs)),
        worst_auc=min(aucs),
        mean_precision=float(np.mean(shares)) if shares else 1.0,
        worst_precision=min(shares, default=1.0),
        top1=float((best_name == labels)[clustered].mean()) if clustered.any() else 0.0,
        distinct=len({name.text.lower() for name in names}),
    )


def _library_ranks(column: pd.Series) -> FloatArray:
    """Return twice the rank of each value less the middle rank: whole numbers, so that sums tie exactly."""
    n = int(column.notna().sum())
    ranks = np.asarray(column.rank(method="average"), dtype=np.float64)
    if n == len(column):
        return np.subtract(2.0 * ranks, n + 1)
    return np.nan_to_num((2.0 * ranks - (n + 1)) * (len(column) / max(n, 1)), nan=0.0)


def _score(claims: Sequence[Claim], ranks: dict[str, FloatArray], n: int) -> FloatArray:
    """Return the sum of the signed ranks of the claimed features over their number [shape=(n_tracks,)]."""
    total = np.zeros(n)
    for claim in claims:
        total += ranks[claim.feature] if claim.direction == "high" else -ranks[claim.feature]
    mean: FloatArray = total / max(len(claims), 1)
    return mean


def separation(score: FloatArray, members: BoolArray) -> float:
    """Return the probability that a member scores higher than a non-member, ties counted half.

    The area under the ROC curve as the Mann–Whitney statistic (Hanley & McNeil 1982).

    Returns
    -------
    float
        0 to 1; ½ when there are no members or no others.
    """
    n_in = int(members.sum())
    n_out = len(members) - n_in
    if not n_in or not n_out:
        return 0.5
    ranks = pd.Series(score).rank(method="average").to_numpy(dtype=np.float64)
    return float((ranks[members].sum() - n_in * (n_in + 1) / 2.0) / (n_in * n_out))


def claim_agreement(
    before: Sequence[ClusterName], after: Sequence[ClusterName], pairs: Sequence[tuple[int, int]]
) -> float:
    """Compare the claims of matched clusters of two runs.

    Parameters
    ----------
    before, after : sequence of ClusterName
        Names of the two runs.
    pairs : sequence of (int, int)
        Clusters that are the same in both, each once.

    Returns
    -------
    float
        Mean over the names before of the Jaccard index of their sets of (feature, direction): 1 for two names without
        claims, 0 for a name whose cluster is none of the run after.
    """
    scores = []
    for left, right in pairs:
        a = {(claim.feature, claim.direction) for claim in before[left].claims}
        b = {(claim.feature, claim.direction) for claim in after[right].claims}
        scores.append(len(a & b) / len(a | b) if a | b else 1.0)
    return sum(scores) / len(before)
