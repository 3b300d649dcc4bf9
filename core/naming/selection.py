"""Choosing the claims of all clusters together, so that the names tell the clusters apart."""

from __future__ import annotations

import numpy as np

from core.naming.evidence import ClaimSet, Evidence, signed_scores
from core.records import BoolArray, FloatArray

#: A cluster's claims may be this much less telling than its best, if that helps the names of the run.
SLACK = 0.003
#: Claim sets considered per cluster.
MOST_SETS = 12
#: Tracks on which the names compete, evenly spaced through the library.
JUDGED_TRACKS = 4_000
#: What counts besides the mean AUC: the share of tracks whose best-fitting name is their own cluster's, and
#: each pair of clusters that would make the same claims.
TOP1_WEIGHT = 0.1
SAME_CLAIMS_COST = 0.02
MOST_PASSES = 5


def choose_claims(evidence: Evidence, candidates: list[list[tuple[float, ClaimSet]]]) -> list[ClaimSet]:
    """Choose one claim set per cluster.

    Starting from each cluster's best set, one cluster after the other takes the set that most improves the run:
    mean AUC, plus the weighted share of tracks that their own cluster's name fits best, minus a cost for equal
    claim sets. Stops when a pass changes nothing (coordinate ascent), so the result is deterministic.

    Parameters
    ----------
    evidence : Evidence
        Ranks and labels.
    candidates : list of list of (float, ClaimSet)
        Allowed sets by cluster, best first; an empty list for a cluster of which nothing is true.

    Returns
    -------
    list of ClaimSet
        One a cluster, in order; an empty tuple where nothing is true.
    """
    k = evidence.k
    step = max(1, -(-len(evidence.labels) // JUDGED_TRACKS))
    rows = slice(None, None, step)
    labels = evidence.labels[rows]
    options = [_near_best(sets) for sets in candidates]
    scores = [np.stack([signed_scores(evidence, claims, rows) for _, claims in sets]) for sets in options]
    chosen = [0] * k
    for _ in range(MOST_PASSES):
        before = list(chosen)
        for cluster in range(k):
            chosen[cluster] = _best_choice(cluster, chosen, options, scores, labels)
        if chosen == before:
            break
    return [options[c][chosen[c]][1] for c in range(k)]


def _near_best(sets: list[tuple[float, ClaimSet]]) -> list[tuple[float, ClaimSet]]:
    if not sets:
        return [(0.5, ())]
    best = sets[0][0]
    return [pair for pair in sets if pair[0] >= best - SLACK][:MOST_SETS]


def _best_choice(
    cluster: int,
    chosen: list[int],
    options: list[list[tuple[float, ClaimSet]]],
    scores: list[FloatArray],
    labels: np.ndarray,
) -> int:
    """Return the index of the claim set that serves the run best, the others' sets being given."""
    others = [c for c in range(len(chosen)) if c != cluster]
    if not others:
        return 0
    rival = np.stack([scores[c][chosen[c]] for c in others])
    best_rival = rival.max(axis=0)
    owner = np.array(others)[rival.argmax(axis=0)]
    own: BoolArray = labels == cluster
    rival_right: BoolArray = owner == labels
    taken = [options[c][chosen[c]][1] for c in others]
    gains = []
    for (auc, claims), score in zip(options[cluster], scores[cluster], strict=True):
        wins = score > best_rival
        right = float(np.where(wins, own, rival_right).mean()) if len(labels) else 0.0
        same = taken.count(claims) if claims else 0
        gains.append(auc / len(chosen) + TOP1_WEIGHT * right - SAME_CLAIMS_COST * same)
    return int(np.argmax(gains))
