"""Every number of clusters of a sweep, compared on the same tracks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.errors import DataError, TooFewTracks
from core.options import SweepOptions
from core.progress import Report, silent
from core.quality.refits import FitMany, stability
from core.quality.silhouette import silhouettes
from core.quality.suggestion import Candidates, suggest
from core.records import FloatArray, IntArray, Prepared, Sweep
from core.wording import counted

#: Playlists of fewer tracks on average than this are not worth comparing; it lowers the last K of small libraries.
TRACKS_PER_CLUSTER = 4


def sweep(prepared: Prepared, *, fits: FitMany, options: SweepOptions, seed: int, report: Report = silent) -> Sweep:
    """Compare numbers of clusters and suggest one.

    Parameters
    ----------
    prepared : Prepared
        Finite features.
    fits : FitMany
        Fits all numbers of clusters to given rows; what is compared.
    options : SweepOptions
        The numbers compared, and the refits for stability.
    seed : int
        Seed of every random choice.
    report : Report, default silent
        Called between the steps that can be stopped at.

    Returns
    -------
    Sweep
        One row for each K from ``options.k_min`` to ``options.k_max``, or to fewer for a small library. A K that
        could not be fitted has NaN in its row and its reason in `failed`.

    Raises
    ------
    TooFewTracks
        When there are fewer tracks than ``options.k_min``.
    DataError
        When no K could be fitted; the first one's reason.
    """
    X = prepared.X
    ks = _ks(len(X), options)
    found = fits(X, ks, seed)
    labels: dict[int, IntArray] = {}
    failed: dict[int, DataError] = {}
    for k in ks:
        one = found[k]
        if isinstance(one, DataError):
            failed[k] = one
        else:
            labels[k] = one
    if not labels:
        raise failed[ks[0]]
    fitted = tuple(labels)
    shapes = silhouettes(X, list(labels.values()), seed=seed, report=report)
    agreement = np.full(len(fitted), np.nan)
    if options.stability_repeats:
        agreement = stability(X, fitted, fits=fits, repeats=options.stability_repeats, seed=seed, report=report)
    sizes = [np.bincount(one[one >= 0]) for one in labels.values()]
    suggested, reason = suggest(
        Candidates(
            n=len(X),
            ks=fitted,
            silhouette=shapes.mean,
            stability=agreement,
            smallest=np.array([size.min() for size in sizes], dtype=np.float64),
            largest=np.array([size.max() for size in sizes], dtype=np.float64),
        )
    )
    inertia = np.array([_inertia(X, one) for one in labels.values()])
    return Sweep(
        ks=ks,
        inertia=_spread(ks, fitted, inertia),
        silhouette=_spread(ks, fitted, shapes.mean),
        silhouette_error=_spread(ks, fitted, shapes.error),
        stability=_spread(ks, fitted, agreement),
        sampled=len(shapes.rows),
        suggested_k=suggested,
        reason=reason,
        failed={k: error.line() for k, error in failed.items()},
    )


def _ks(n: int, options: SweepOptions) -> tuple[int, ...]:
    """Return the numbers to compare for `n` tracks."""
    if n < options.k_min:
        raise TooFewTracks(
            f"{counted(n, 'track')} cannot be shared out among {options.k_min} playlists or more",
            next_step="Add tracks with audio features",
        )
    last = min(options.k_max, max(options.k_min, n // TRACKS_PER_CLUSTER))
    return tuple(range(options.k_min, last + 1))


def _inertia(X: FloatArray, labels: IntArray) -> float:
    """Return the summed squared distances of the members to their cluster's mean; tracks without a cluster left out."""
    fits = labels >= 0
    kept, own = X[fits] - X.mean(axis=0), labels[fits]
    counts = np.maximum(np.bincount(own), 1)
    sums = np.array([np.bincount(own, weights=column, minlength=len(counts)) for column in kept.T])
    return max(float((kept**2).sum() - (sums**2 / counts).sum()), 0.0)


def _spread(ks: tuple[int, ...], fitted: tuple[int, ...], values: FloatArray) -> FloatArray:
    """Return one value for each of `ks`, NaN where it could not be fitted."""
    known: Mapping[int, float] = dict(zip(fitted, values.tolist(), strict=True))
    return np.array([known.get(k, np.nan) for k in ks])
