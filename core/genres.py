"""Genres: absorb minor ones, look inside one, hold them against the clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DataError
from core.options import GenreOptions
from core.records import NOISE, Clustering, FloatArray, Genres, GenreTable, IntArray, Prepared

#: Standard deviations away from the mean, and two counts more each, from which on a hypergeometric count is less likely
#: than 1e-15 however small its mean (Chernoff's bound for the Poisson distribution, which it approaches).
FAR_COUNTS = 10


def absorb_minor(labels: pd.Series, prepared: Prepared, *, options: GenreOptions) -> Genres:
    """Give every minor genre to the major genre it sounds most like.

    Near means a small Euclidean distance between the mean prepared vectors of the two genres, both before
    anything was absorbed (Ramirez 2018). A major genre's label lists what it took in, in alphabetical order:
    ``Jazz/Experimental/International``.

    Parameters
    ----------
    labels : pandas.Series [shape=(n_kept,)]
        Top genre of each kept track; empty text where it has none.
    prepared : Prepared
        The kept tracks' features.
    options : GenreOptions
        What makes a genre minor.

    Returns
    -------
    Genres
        Labels with minor genres absorbed. Without any major genre nothing is absorbed.
    """
    codes, names = pd.factorize(labels.to_numpy(dtype=object))
    counts = np.bincount(codes, minlength=len(names))
    real = np.array([bool(name) for name in names], dtype=bool)
    limit = max(options.minor_at_most, options.minor_share * counts[real].sum())
    major = np.flatnonzero(real & (counts > limit))
    minor = np.flatnonzero(real & (counts <= limit))
    nearest = _nearest_major(prepared.X, codes, major=major, minor=minor)
    merged = {int(small): int(large) for small, large in zip(minor, nearest, strict=True)} if len(major) else {}

    texts = np.array(names, dtype=object)
    for large in set(merged.values()):
        parts = sorted(str(names[small]) for small, into in merged.items() if into == large)
        texts[large] = "/".join([str(names[large]), *parts])
    for small, large in merged.items():
        texts[small] = texts[large]
    final = texts[codes] if len(names) else np.empty(0, dtype=object)
    return Genres(
        labels=final,
        absorbed={
            str(names[small]): str(names[large])
            for small, large in sorted(merged.items(), key=lambda m: str(names[m[0]]))
        },
        counts=_counted(final),
    )


def _nearest_major(X: FloatArray, codes: np.ndarray, *, major: np.ndarray, minor: np.ndarray) -> IntArray:
    """Return, for each minor genre, the code of the major genre with the nearest mean vector."""
    if not len(major) or not len(minor):
        return np.empty(0, dtype=np.int64)
    sums = np.column_stack([np.bincount(codes, weights=column) for column in X.T])
    means = sums / np.bincount(codes)[:, np.newaxis]
    distances = np.linalg.norm(means[minor][:, np.newaxis] - means[major][np.newaxis], axis=2)
    nearest: IntArray = major[distances.argmin(axis=1)]
    return nearest


def _counted(labels: np.ndarray) -> dict[str, int]:
    """Count labels, most frequent first, ties in alphabetical order; empty labels are left out."""
    counts = pd.Series(labels, dtype=object).value_counts()
    pairs = [(str(name), int(n)) for name, n in counts.items() if name]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def rows_inside(tracks: pd.DataFrame, genres: set[str], *, asked_for: str) -> IntArray:
    """Find the tracks whose top genre is one of `genres`.

    Parameters
    ----------
    tracks : pandas.DataFrame
        The library's tracks, with ``genre``.
    genres : set of str
        The genre asked for and its descendants, as the library spells them.
    asked_for : str
        The genre as the person wrote it, for the message.

    Returns
    -------
    np.ndarray [dtype=int64]
        Positions, ascending.

    Raises
    ------
    DataError
        When no track's top genre is among them.
    """
    rows = np.flatnonzero(tracks["genre"].isin(list(genres)).to_numpy()).astype(np.int64)
    if len(rows):
        return rows
    known = [str(name) for name in tracks["genre"].value_counts().index if name][:8]
    raise DataError(
        f"no track's top genre is {asked_for!r} or below it",
        next_step=f"Genres here: {', '.join(known)}" if known else "This library has no genres",
    )


def subgenre_labels(genres: pd.Series, *, plain: set[str], name: str, k: int) -> pd.Series:
    """Label the tracks inside one genre by its subgenres.

    The ``k − 1`` genre labels that stand on most tracks, the genre itself left out, become the subgenres; a
    track takes the first of its labels that is among them, else the plain genre (Ramirez 2018).

    Parameters
    ----------
    genres : pandas.Series of tuple of str
        All genre labels of each track inside the genre.
    plain : set of str
        How the library spells the genre itself.
    name : str
        Label for tracks without a subgenre.
    k : int
        Number of labels in all.

    Returns
    -------
    pandas.Series of str
        One label a track, same index.
    """
    counts: dict[str, int] = {}
    for labels in genres:
        for label in set(labels) - plain:
            counts[label] = counts.get(label, 0) + 1
    frequent = sorted(counts, key=lambda label: (-counts[label], label))[: max(k - 1, 0)]
    chosen = set(frequent)
    return pd.Series([next((g for g in labels if g in chosen), name) for labels in genres], index=genres.index)


def label_genres(labels: npt.NDArray[np.object_]) -> Genres:
    """Count labels that need no absorbing.

    Parameters
    ----------
    labels : np.ndarray [shape=(n_kept,), dtype=object]
        One label a track, empty where there is none.

    Returns
    -------
    Genres
        The same labels, counted.
    """
    return Genres(labels=labels, absorbed={}, counts=_counted(labels))


def genre_table(genres: Genres, clustering: Clustering) -> GenreTable:
    """Count genres against clusters, both ways.

    Parameters
    ----------
    genres : Genres
        Labels of the kept tracks.
    clustering : Clustering
        Clusters of the same tracks; noise is counted nowhere.

    Returns
    -------
    GenreTable
        Ties of dominance go to the larger cluster and the more frequent genre.
    """
    names = list(genres.counts)
    code_of = {name: i for i, name in enumerate(names)}
    codes = np.array([code_of.get(label, -1) for label in genres.labels], dtype=np.int64)
    both = (codes >= 0) & (clustering.labels != NOISE)
    table = np.zeros((len(names), clustering.k), dtype=np.int64)
    np.add.at(table, (codes[both], clustering.labels[both]), 1)
    dominant_genre = {c: names[int(table[:, c].argmax())] if table[:, c].any() else "" for c in range(clustering.k)}
    return GenreTable(
        by_cluster={name: {c: int(table[i, c]) for c in range(clustering.k)} for i, name in enumerate(names)},
        dominant_cluster={name: int(table[i].argmax()) for i, name in enumerate(names) if table[i].any()},
        dominant_genre=dominant_genre,
        agreement=_agreement(codes[both], clustering.labels[both], table),
    )


def _agreement(genre_codes: IntArray, cluster_labels: IntArray, table: IntArray) -> Mapping[str, float]:
    """Compare two labelings: Hubert & Arabie 1985; Vinh et al. 2010; Rosenberg & Hirschberg 2007."""
    if not len(genre_codes):
        return {}
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    return {
        "adjusted_rand": float(adjusted_rand_score(genre_codes, cluster_labels)),
        "adjusted_mutual_info": adjusted_mutual_information(table),
        "v_measure": float(v_measure_score(genre_codes, cluster_labels)),
    }


def adjusted_mutual_information(table: IntArray) -> float:
    """Return how far two labelings agree beyond chance: 1 for the same, 0 for what chance gives on average.

    Vinh, Epps and Bailey, "Information Theoretic Measures for Clusterings Comparison" (2010), with the mean of the two
    entropies. The same as scikit-learn's ``adjusted_mutual_info_score``, which for a large library holds all threads
    for as long as it takes to sum over every possible count; those `FAR_COUNTS` away from the likely ones add nothing.

    Parameters
    ----------
    table : np.ndarray [shape=(n_genres, n_clusters), dtype=int64]
        Tracks with each pair of labels; at least one track.
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    if table.size == 1:
        return 1.0
    total = float(table.sum())
    rows, columns = table.sum(axis=1) / total, table.sum(axis=0) / total
    joint = table / total
    logarithms = np.log(joint, where=joint > 0, out=np.zeros_like(joint)) - np.log(np.outer(rows, columns))
    shared = float((joint * logarithms).sum())
    entropy = -float((rows * np.log(rows)).sum() + (columns * np.log(columns)).sum()) / 2
    expected = _expected_information(table.sum(axis=1), table.sum(axis=0))
    return 1.0 if entropy - expected < np.finfo(float).eps else (shared - expected) / (entropy - expected)


def _expected_information(rows: IntArray, columns: IntArray) -> float:
    """Return the mutual information that chance gives on average: counts of pairs are hypergeometric."""
    from scipy.special import gammaln

    total, expected = int(rows.sum()), 0.0
    for a in rows.tolist():
        for b in columns.tolist():
            mean = a * b / total
            reach = FAR_COUNTS * (math.sqrt(mean * (1 - a / total) * (1 - b / total)) + 2)
            low, high = max(1, a + b - total, math.floor(mean - reach)), min(a, b, math.ceil(mean + reach))
            counts = np.arange(low, high + 1, dtype=np.float64)
            ways = gammaln(np.array([a, b, total - a, total - b]) + 1.0).sum() - gammaln(total + 1.0)
            rest = np.stack([counts, a - counts, b - counts, total - a - b + counts]) + 1.0
            chances = np.exp(ways - gammaln(rest).sum(axis=0))
            expected += float((counts / total * np.log(total * counts / (a * b)) * chances).sum())
    return expected
