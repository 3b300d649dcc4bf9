"""Clusters of the size a listener asked for: split what is too large, merge what is too small."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from core.clustering.members import make_clustering
from core.records import NOISE, BoolArray, Clustering, FloatArray, IntArray

#: Rounds of splitting; each halves a cluster at least roughly, so 64 leave nothing to split.
_MOST_ROUNDS = 64
#: Looks at which tracks stay, each before another round of splitting or merging. Both change little, so a few do.
_MOST_LOOKS = 12

Split = Callable[[FloatArray, int], IntArray]
Stays = Callable[[Clustering], BoolArray]


def fit_sizes(
    X: FloatArray,
    clustering: Clustering,
    *,
    smallest: int,
    largest: int,
    split: Split,
    wanted: BoolArray | None = None,
    stays: Stays | None = None,
) -> Clustering:
    """Bring clusters between two sizes.

    A cluster above `largest` is clustered again by itself into as few parts as its size needs; a cluster below
    `smallest` gives its members to the nearest other centroid that stays within `largest`. Where none does, it
    takes from the nearest one the tracks it lacks; where no single one can spare them, from several, or its own are
    shared out among several. Without a `smallest`, the parts of a split cluster do so among themselves until each has
    half of `largest`: whoever asks for at most 20 tracks wants no playlists of one. The other clusters stay as they
    are. Tracks that fit nowhere stay there. Only what a listener gets counts: a track that will be left out of its
    playlist goes with the others and fills no place.

    Parameters
    ----------
    X : np.ndarray [shape=(n, d), dtype=float64]
        Prepared tracks.
    clustering : Clustering
        Their clusters.
    smallest, largest : int
        Least and most tracks that stay; 0 for no limit.
    split : callable
        Takes rows [shape=(m, d)] and a number of parts, gives a part for each row [shape=(m,)].
    wanted : np.ndarray [shape=(n,), dtype=bool], optional
        Which tracks are not left out for what they are, whatever cluster they are in; all by default.
    stays : callable, optional
        Takes a clustering, says which tracks its playlists keep [shape=(n,), dtype=bool]; all the wanted ones by
        default.

    Returns
    -------
    Clustering
        Numbered by size again. What stays of every cluster is within the limits wherever the number of tracks allows
        it: 45 tracks are neither one nor two playlists of 25 to 40. Where which tracks stay hangs on the clusters
        themselves, as with a limit per artist, both limits may be out of reach. Then it is what came nearest to them.
    """
    among: Sequence[slice | IntArray] = [slice(None)]
    if not smallest:
        among = [np.flatnonzero(clustering.labels == cluster) for cluster in range(clustering.k)]
    # More than there is cannot be had, however much more is asked for.
    smallest = min(smallest or _full_enough(largest), len(X) + 1)
    counts = clustering.labels != NOISE
    fills = counts if wanted is None else counts & wanted
    if not fills.any():
        return clustering
    labels = _split_large(X, clustering.labels, fills, largest=largest, split=split)
    found: list[tuple[tuple[int, int], IntArray]] = []
    for _ in range(_MOST_LOOKS):
        now = make_clustering(X, labels, algorithm="")
        staying = fills if stays is None else stays(now) & (labels != NOISE)
        beyond = _beyond(labels, staying, smallest=smallest, largest=largest)
        found.append((beyond, labels))
        if beyond == (0, 0):
            break
        # A track that was left out once never counts again, so that this comes to an end.
        counts, fills = counts & staying, fills | staying
        if beyond[0]:
            changed = _split_large(X, labels, staying, largest=largest, split=split)
        else:
            changed = _merge_among(X, labels, counts, fills, among, smallest=smallest, largest=largest)
        if np.array_equal(changed, labels):
            break
        labels = changed
    labels = min(found, key=lambda pair: pair[0])[1]
    if np.array_equal(labels, clustering.labels):
        return clustering
    return make_clustering(X, labels, algorithm=clustering.algorithm)


def _full_enough(largest: int) -> int:
    """Return how many tracks a part of a split cluster has at least where no smallest size was asked for.

    Half the largest size can always be had: whatever number of tracks is above that size, as few parts as hold them
    have half of it or more each. A part of one track is no playlist, whatever the size.
    """
    return min(largest, max(2, -(-largest // 2)))


def _beyond(labels: IntArray, staying: BoolArray, *, smallest: int, largest: int) -> tuple[int, int]:
    """Return how many tracks the clusters have above the larger limit, and how many they lack."""
    kept = _kept(labels, staying)
    over = int(np.maximum(kept - largest, 0).sum()) if largest else 0
    return over, int(np.maximum(smallest - kept, 0).sum())


def _kept(labels: IntArray, staying: BoolArray) -> IntArray:
    """Return how many tracks stay of each cluster there is."""
    names, place = np.unique(labels[labels != NOISE], return_inverse=True)
    return np.bincount(place[staying[labels != NOISE]], minlength=len(names))


def _split_large(X: FloatArray, labels: IntArray, staying: BoolArray, *, largest: int, split: Split) -> IntArray:
    labels = labels.copy()
    for _ in range(_MOST_ROUNDS if largest else 0):
        sizes = np.bincount(labels[staying], minlength=1)
        too_large = np.flatnonzero(sizes > largest)
        if not len(too_large):
            break
        for cluster in too_large:
            rows = np.flatnonzero(labels == cluster)
            parts = _with_those_left_out(X[rows], staying[rows], _parts(X[rows[staying[rows]]], largest, split))
            labels[rows] = np.where(parts == 0, cluster, labels.max() + parts)
    return labels


def _with_those_left_out(X: FloatArray, staying: BoolArray, parts: IntArray) -> IntArray:
    """Return the parts of all rows: those left out go with the nearest middle of the others."""
    every = np.empty(len(X), dtype=np.int64)
    every[staying] = parts
    if not staying.all():
        middles = np.array([X[staying][parts == part].mean(axis=0) for part in range(int(parts.max()) + 1)])
        away = [np.linalg.norm(X[~staying] - middle, axis=1) for middle in middles]
        every[~staying] = np.argmin(away, axis=0)
    return every


def _parts(X: FloatArray, largest: int, split: Split) -> IntArray:
    """Split rows by what they sound like, or in order where they all sound the same."""
    wanted = -(-len(X) // largest)
    if len(np.unique(X, axis=0)) >= wanted:
        return split(X, wanted)
    return np.arange(len(X), dtype=np.int64) // largest


def _merge_among(
    X: FloatArray,
    labels: IntArray,
    counts: BoolArray,
    fills: BoolArray,
    among: Sequence[slice | IntArray],
    *,
    smallest: int,
    largest: int,
) -> IntArray:
    """Merge clusters that are too small with others among the same rows."""
    labels = labels.copy()
    for rows in among:
        labels[rows] = _merge_small(
            X[rows], labels[rows], counts[rows], fills[rows], smallest=smallest, largest=largest
        )
    return labels


def _merge_small(
    X: FloatArray, labels: IntArray, counts: BoolArray, fills: BoolArray, *, smallest: int, largest: int
) -> IntArray:
    """Merge clusters that are too small; `counts` are tracks that stay for sure, `fills` those that may."""
    labels = labels.copy()
    while True:
        names, members = np.unique(labels[labels != NOISE], return_counts=True)
        place = np.searchsorted(names, labels)
        place[labels == NOISE] = len(names)
        kept, full = (np.bincount(place[which], minlength=len(names) + 1)[:-1] for which in (counts, fills))
        least = int(kept.argmin())
        if len(names) < 2 or kept[least] >= smallest:
            return labels
        sums = np.array([np.bincount(place, weights=column, minlength=len(names) + 1)[:-1] for column in X.T])
        centroids = (sums / members).T
        away = np.linalg.norm(centroids - centroids[least], axis=1)
        away[least] = np.inf
        nearest = _nearest(away, full + full[least] <= (largest or np.inf))
        lacking = smallest - kept[least]
        giver = _nearest(away, (kept >= smallest + lacking) & (full[least] + lacking <= largest))
        if nearest is None and giver is None:
            nearest = _nearest(away, kept + kept[least] <= largest)
        spare, room = np.maximum(kept - smallest, 0), np.maximum(largest - full, 0)
        spare[least] = room[least] = 0
        if nearest is not None:
            place[place == least] = nearest
        elif giver is not None:
            _take(X, place, counts, {giver: lacking}, centroids, least)
        elif spare.sum() >= lacking and full[least] + lacking <= largest:
            _take(X, place, counts, _shared_out(lacking, spare, away), centroids, least)
        elif room.sum() >= full[least]:
            _spread(X, place, fills, room, centroids, least)
        else:
            return labels
        labels = np.append(names, NOISE)[place]


def _shared_out(wanted: int, spare: IntArray, away: FloatArray) -> dict[int, int]:
    """Return how many tracks each cluster gives, the nearest ones all they can spare."""
    gifts: dict[int, int] = {}
    for giver in np.argsort(away, kind="stable").tolist():
        gifts[giver] = min(int(spare[giver]), wanted - sum(gifts.values()))
    return {giver: number for giver, number in gifts.items() if number}


def _take(
    X: FloatArray, place: IntArray, counts: BoolArray, gifts: Mapping[int, int], centroids: FloatArray, taker: int
) -> None:
    """Let a cluster take tracks of others, those that lose least by it."""
    for giver, number in gifts.items():
        rows = np.flatnonzero((place == giver) & counts)
        to_taker, to_giver = (np.linalg.norm(X[rows] - centroids[c], axis=1) for c in (taker, giver))
        place[rows[np.argsort(to_taker - to_giver, kind="stable")[:number]]] = taker


def _spread(
    X: FloatArray, place: IntArray, fills: BoolArray, room: IntArray, centroids: FloatArray, least: int
) -> None:
    """Give each track of a cluster to the nearest other that has room; tracks that fill no place find some anywhere."""
    room = room.copy()
    others = np.flatnonzero(np.arange(len(room)) != least)
    for row in np.flatnonzero(place == least).tolist():
        open_to = others[room[others] > 0] if fills[row] else others
        chosen = open_to[np.linalg.norm(centroids[open_to] - X[row], axis=1).argmin()]
        place[row] = chosen
        room[chosen] -= fills[row]


def _nearest(away: FloatArray, allowed: BoolArray) -> int | None:
    """Return the nearest of the allowed clusters, or None."""
    allowed = allowed & np.isfinite(away)
    return int(np.where(allowed, away, np.inf).argmin()) if allowed.any() else None
