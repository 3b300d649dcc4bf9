"""How far each feature, and each small set of features, sets a cluster apart from the rest of the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
import pandas as pd

from core.options import NamingOptions
from core.records import FloatArray, IntArray

#: Ranks are kept in this many steps; an AUC changes by less than 0.001 through the rounding.
LEVELS = 1024
#: Above this many tracks, sets of claims are compared on evenly spaced tracks (standard error of an AUC below
#: 0.003 for a cluster of 2 % of them); the evidence of single features always uses all tracks.
SELECTION_LIMIT = 60_000
#: Share of a cluster that says what most of it is like; as for genres (`core.options.NamingOptions.min_genre_share`).
MOST = 0.6

#: A claim inside the program: (column of the feature, +1 for high or −1 for low).
Signed: TypeAlias = tuple[int, int]
ClaimSet: TypeAlias = tuple[Signed, ...]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the features say about each cluster.

    Attributes
    ----------
    features : tuple of str
        Features with at least one value.
    ranks : np.ndarray [shape=(n_tracks, n_features), dtype=int16]
        Library rank of each value in `LEVELS` steps; missing values stand in the middle.
    labels : np.ndarray [shape=(n_tracks,), dtype=int64]
        Cluster of each track; −1 for tracks that fit nowhere, which count among "the rest".
    k : int
        Number of clusters.
    auc : np.ndarray [shape=(k, n_features), dtype=float64]
        Probability that a member's value exceeds a non-member's (Mann & Whitney 1947), ties counted half.
    above, below : np.ndarray [shape=(k, n_features), dtype=float64]
        Share of the members, of those with a value, strictly above and below the library's median.
    medians : np.ndarray [shape=(k, n_features), dtype=float64]
        Members' median in original units.
    median_ranks : np.ndarray [shape=(k, n_features), dtype=float64]
        Members' median library rank, 0 to 1.
    lower, upper : np.ndarray [shape=(k, n_features), dtype=float64]
        In original units, what `MOST` of the members have at least and at most.
    """

    features: tuple[str, ...]
    ranks: np.ndarray
    labels: IntArray
    k: int
    auc: FloatArray
    above: FloatArray
    below: FloatArray
    medians: FloatArray
    median_ranks: FloatArray
    lower: FloatArray
    upper: FloatArray

    def auc_of(self, cluster: int, claim: Signed) -> float:
        """Return how well one claim separates a cluster, 0 to 1."""
        column, sign = claim
        return float(self.auc[cluster, column] if sign > 0 else 1.0 - self.auc[cluster, column])

    def share_of(self, cluster: int, claim: Signed) -> float:
        """Return the share of members that hold a claim."""
        column, sign = claim
        return float(self.above[cluster, column] if sign > 0 else self.below[cluster, column])

    def middle_of(self, cluster: int) -> dict[str, tuple[float, float]]:
        """Return the median of each feature, twice."""
        middles: list[float] = self.medians[cluster].tolist()
        return {name: (middle, middle) for name, middle in zip(self.features, middles, strict=True)}

    def most_of(self, cluster: int) -> dict[str, tuple[float, float]]:
        """Return what most of a cluster has at least and at most, by feature."""
        pairs = zip(self.lower[cluster].tolist(), self.upper[cluster].tolist(), strict=True)
        return dict(zip(self.features, pairs, strict=True))

    def is_strong(self, cluster: int, claim: Signed, *, share: float) -> bool:
        """Return whether half of the members lie in the outer `share` of the library."""
        column, sign = claim
        rank = float(self.median_ranks[cluster, column])
        return rank >= 1.0 - share if sign > 0 else rank <= share


def gather_evidence(values: pd.DataFrame, labels: IntArray, *, k: int) -> Evidence:
    """Measure every feature against every cluster.

    Parameters
    ----------
    values : pandas.DataFrame [shape=(n_tracks, n_features)]
        Features in original units; NaN where missing. Columns without any value are left out.
    labels : np.ndarray [shape=(n_tracks,)]
        Cluster of each track, −1 for none.
    k : int
        Number of clusters.

    Returns
    -------
    Evidence
        One row a cluster, one column a feature.
    """
    present = [str(name) for name in values.columns if values[name].notna().any()]
    columns = [_feature_evidence(values[name].to_numpy(dtype=np.float64), labels, k) for name in present]
    n = len(labels)
    return Evidence(
        features=tuple(present),
        ranks=np.column_stack([c[0] for c in columns]) if columns else np.empty((n, 0), dtype=np.int16),
        labels=labels,
        k=k,
        **{
            name: np.column_stack([c[1][i] for c in columns]) if columns else np.empty((k, 0))
            for i, name in enumerate(("auc", "above", "below", "medians", "median_ranks", "lower", "upper"))
        },
    )


def _feature_evidence(column: FloatArray, labels: IntArray, k: int) -> tuple[np.ndarray, FloatArray]:
    """Return the ranks of one feature and, by cluster, what `Evidence` says of it from `auc` to `upper`."""
    ranks: FloatArray = np.asarray(pd.Series(column).rank(method="average"), dtype=np.float64)
    known = np.isfinite(column)
    n_known = int(known.sum())
    median = float(np.median(column[known]))
    member = known & (labels >= 0)
    label, value, rank = labels[member], column[member], ranks[member]
    size = np.bincount(label, minlength=k).astype(np.float64)
    pairs = size * (n_known - size)
    with np.errstate(divide="ignore", invalid="ignore"):
        won = np.bincount(label, weights=rank, minlength=k) - size * (size + 1) / 2
        auc = np.where(pairs > 0, won / pairs, 0.5)
        above, below = (
            np.nan_to_num(np.bincount(label[side], minlength=k) / size) for side in (value > median, value < median)
        )
    # Ranks rise with the values, so one order gives both medians.
    order = np.lexsort((rank, label))
    own_median = _middles(value[order], size, median)
    own_rank = (_middles(rank[order], size, n_known / 2) - 0.5) / n_known
    many = np.ceil(MOST * size).astype(np.int64)
    lower = _at(value[order], size, size.astype(np.int64) - many, median)
    upper = _at(value[order], size, many - 1, median)
    table = np.vstack([auc, above, below, own_median, own_rank, lower, upper])
    steps = np.clip((ranks - 0.5) / n_known * LEVELS, 0, LEVELS - 1)
    return np.where(known, np.nan_to_num(steps), LEVELS // 2).astype(np.int16), table


def _middles(ordered: FloatArray, size: FloatArray, empty: float) -> FloatArray:
    """Return the median of each run of sorted numbers, of `size` numbers each; `empty` for a run of none."""
    counts = size.astype(np.int64)
    return (_at(ordered, size, (counts - 1) // 2, empty) + _at(ordered, size, counts // 2, empty)) / 2.0


def _at(ordered: FloatArray, size: FloatArray, place: IntArray, empty: float) -> FloatArray:
    """Return the number at a place of each run of sorted numbers, of `size` numbers each; `empty` for a run of none."""
    counts = size.astype(np.int64)
    start = np.cumsum(counts) - counts
    found: FloatArray = np.append(ordered, empty)[np.where(counts > 0, start + place, len(ordered))]
    return found


def allowed_claims(evidence: Evidence, cluster: int, *, options: NamingOptions) -> list[Signed]:
    """Return the claims that may be made of a cluster, strongest first.

    A claim is allowed when its AUC is at least ``options.min_auc`` and at least ``options.min_share`` of the
    members hold it. Claims that ``options.good_share`` of the members hold are used alone where there are any.
    """
    claims = [(column, sign) for column in range(len(evidence.features)) for sign in (1, -1)]
    allowed = [
        claim
        for claim in claims
        if evidence.auc_of(cluster, claim) >= options.min_auc and evidence.share_of(cluster, claim) >= options.min_share
    ]
    good = [claim for claim in allowed if evidence.share_of(cluster, claim) >= options.good_share]
    return sorted(good or allowed, key=lambda claim: (-evidence.auc_of(cluster, claim), claim))


def claim_sets(
    evidence: Evidence, *, options: NamingOptions, room: Sequence[int]
) -> list[list[tuple[float, ClaimSet]]]:
    """Return, for each cluster, every allowed set of at most ``room[cluster]`` claims with its AUC, best first.

    The AUC of a set compares members with the rest on the sum of the signed library ranks of its features.
    """
    allowed = [allowed_claims(evidence, cluster, options=options) for cluster in range(evidence.k)]
    wanted = [
        {tuple(sorted(chosen)) for size in range(1, most + 1) for chosen in combinations(claims, size)}
        for claims, most in zip(allowed, room, strict=True)
    ]
    every = sorted(set().union(*wanted)) if wanted else []
    table = dict(zip(every, _aucs(evidence, every), strict=True))
    return [
        sorted(((float(table[claims][c]), claims) for claims in wanted[c]), key=lambda pair: (-pair[0], pair[1]))
        for c in range(evidence.k)
    ]


def _aucs(evidence: Evidence, sets: Sequence[ClaimSet]) -> Iterator[FloatArray]:
    """Yield the AUC of each claim set for each cluster [shape=(k,)].

    With H(s) the tracks of the library that score below s, and half of those that score s, the members' sum of H
    counts the pairs won against all tracks; n² / 2 of them are among the n members themselves.
    """
    step = -(-len(evidence.labels) // SELECTION_LIMIT) if len(evidence.labels) else 1
    ranks = evidence.ranks[::step].astype(np.int32)
    groups = np.where(evidence.labels[::step] < 0, evidence.k, evidence.labels[::step])
    sizes = np.bincount(groups, minlength=evidence.k + 1)[:-1].astype(np.float64)
    pairs = sizes * (len(groups) - sizes)
    for claims in sets:
        score = sum((ranks[:, f] if sign > 0 else LEVELS - 1 - ranks[:, f]) for f, sign in claims)
        counts = np.bincount(score, minlength=LEVELS * len(claims))
        below = np.cumsum(counts) - counts / 2.0
        won = np.bincount(groups, weights=below[score], minlength=evidence.k + 1)[:-1] - sizes**2 / 2.0
        yield won / np.where(pairs > 0, pairs, 1.0)


def signed_scores(evidence: Evidence, claims: ClaimSet, rows: slice | np.ndarray) -> FloatArray:
    """Return the mean signed library rank of the claimed features, 0 to 1; ½ without claims."""
    ranks = evidence.ranks[rows]
    if not claims:
        return np.full(len(ranks), 0.5)
    signed = [(ranks[:, f] if sign > 0 else LEVELS - 1 - ranks[:, f]) for f, sign in claims]
    scores: FloatArray = (np.mean(signed, axis=0) + 0.5) / LEVELS
    return scores
