"""Choosing the claims of all clusters together, so that the names tell the clusters apart."""

from __future__ import annotations

from collections import Counter

import numpy as np

from core.naming.evidence import ClaimSet, Evidence, signed_scores
from core.records import BoolArray, FloatArray, IntArray

#: A cluster's claims may be this much less telling than its best, if that helps the names of the run or keeps them
#: the same when the library changes a little: an AUC of 0.95 of a cluster of 500 tracks has a standard error of 0.007
#: (Hanley and McNeil 1982).
SLACK = 0.006
#: Claim sets considered per cluster.
MOST_SETS = 12
#: Among claims that tell as much, those a listener asks for first are preferred: the mood, then the pace, then what
#: plays. Without an order of its own a choice between equals falls another way whenever some tracks are added.
ORDER = (
    "valence", "energy", "tempo", "instrumentalness", "acousticness", "danceability", "speechiness", "liveness",
)  # fmt: skip
#: Tracks on which the names compete, evenly spaced through the library.
JUDGED_TRACKS = 4_000
#: What counts besides the mean AUC: the share of tracks whose best-fitting name is their own cluster's, and
#: each pair of clusters that would make the same claims.
TOP1_WEIGHT = 0.1
SAME_CLAIMS_COST = 0.02
#: What another set must gain for the run before a cluster gives up the preferred one.
WORTHWHILE = 0.005
MOST_PASSES = 5


def choose_claims(evidence: Evidence, candidates: list[list[tuple[float, ClaimSet]]]) -> list[ClaimSet]:
    """Choose one claim set per cluster.

    Starting from each cluster's preferred set, one cluster after the other takes the set that most improves the run,
    if it does so by `WORTHWHILE`: mean AUC, plus the weighted share of tracks that their own cluster's name fits best,
    minus a cost for equal claim sets. Stops when a pass changes nothing (coordinate ascent), so the result is
    deterministic.

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
    step = max(1, -(-len(evidence.labels) // JUDGED_TRACKS))
    rows = slice(None, None, step)
    options = [_near_best(evidence, sets) for sets in candidates]
    scores = [np.stack([signed_scores(evidence, claims, rows) for _, claims in sets]) for sets in options]
    preferred = _preferred(options)
    chosen = list(preferred)
    contest = _Contest(np.stack([own[i] for own, i in zip(scores, chosen, strict=True)]), evidence.labels[rows])
    open_ones = [c for c in range(evidence.k) if len(options[c]) > 1 and evidence.k > 1]
    taken = Counter(sets[i][1] for sets, i in zip(options, chosen, strict=True))
    for _ in range(MOST_PASSES):
        before = list(chosen)
        for cluster in open_ones:
            taken[options[cluster][chosen[cluster]][1]] -= 1
            gains = _gains(cluster, options[cluster], scores[cluster], contest, taken)
            gains[preferred[cluster]] += WORTHWHILE
            chosen[cluster] = int(np.argmax(gains))
            taken[options[cluster][chosen[cluster]][1]] += 1
            contest.enter(cluster, scores[cluster][chosen[cluster]])
        if chosen == before:
            break
    return [options[c][chosen[c]][1] for c in range(evidence.k)]


def _near_best(evidence: Evidence, sets: list[tuple[float, ClaimSet]]) -> list[tuple[float, ClaimSet]]:
    """Return the sets about as telling as the best one, the preferred first: those of its size, in `ORDER`."""
    if not sets:
        return [(0.5, ())]
    best, claims = sets[0]
    near = [pair for pair in sets if pair[0] >= best - SLACK][:MOST_SETS]
    place = [ORDER.index(feature) for feature in evidence.features]
    return sorted(near, key=lambda pair: (len(pair[1]) != len(claims), sorted(place[f] for f, _ in pair[1]), pair[1]))


def _preferred(options: list[list[tuple[float, ClaimSet]]]) -> list[int]:
    """Return the first set of each cluster that no earlier cluster has, its very first where all are taken."""
    taken: set[ClaimSet] = set()
    chosen = []
    for sets in options:
        chosen.append(next((i for i, (_, claims) in enumerate(sets) if claims not in taken), 0))
        taken.add(sets[chosen[-1]][1])
    return chosen


class _Contest:
    """Which name fits each track best, and which second, kept up to date as names change.

    Attributes
    ----------
    labels : np.ndarray [shape=(n,)]
        Cluster of each track.
    scores : np.ndarray [shape=(k, n), dtype=float64]
        How well each name fits each track.
    first, second : np.ndarray [shape=(n,)]
        The clusters whose names fit best; where several fit alike, the earlier one.
    """

    def __init__(self, scores: FloatArray, labels: IntArray) -> None:
        self.labels = labels
        self.scores = scores
        self.first, self.second = _two_best(scores)

    def enter(self, cluster: int, score: FloatArray) -> None:
        """Give a cluster another name."""
        if np.array_equal(score, self.scores[cluster]):
            return
        self.scores[cluster] = score
        behind = self.scores[self.second, np.arange(len(self.labels))]
        changed = (self.first == cluster) | (self.second == cluster) | (score >= behind)
        self.first[changed], self.second[changed] = _two_best(self.scores[:, changed])

    def rivals_of(self, cluster: int) -> tuple[FloatArray, BoolArray]:
        """Return how well the best other name fits each track, and whether that is its own cluster's."""
        best = np.where(self.first == cluster, self.second, self.first)
        return self.scores[best, np.arange(len(self.labels))], best == self.labels


def _two_best(scores: FloatArray) -> tuple[IntArray, IntArray]:
    first = scores.argmax(axis=0)
    others = scores.copy()
    others[first, np.arange(scores.shape[1])] = -np.inf
    return first, others.argmax(axis=0)


def _gains(
    cluster: int,
    options: list[tuple[float, ClaimSet]],
    scores: FloatArray,
    contest: _Contest,
    taken: Counter[ClaimSet],
) -> FloatArray:
    """Return what each claim set brings the run, the others' sets being given [shape=(len(options),)]."""
    best_rival, rival_right = contest.rivals_of(cluster)
    own: BoolArray = contest.labels == cluster
    gains = []
    for (auc, claims), score in zip(options, scores, strict=True):
        right = float(np.where(score > best_rival, own, rival_right).mean()) if len(own) else 0.0
        same = taken[claims] if claims else 0
        gains.append(auc / len(contest.scores) + TOP1_WEIGHT * right - SAME_CLAIMS_COST * same)
    return np.array(gains)
