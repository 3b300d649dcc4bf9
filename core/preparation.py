"""From audio features to the numbers that are clustered: drop or impute, scale, weigh."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.errors import DataError, NoFeatures, TooFewTracks
from core.features import FEATURES
from core.options import PrepareOptions
from core.records import BoolArray, FloatArray, Prepared
from core.wording import listed

NO_FEATURES = "no audio features"
SOME_MISSING = "some audio features missing"
#: Steepness of the "contrast" scaling; 1 is nearly the plain rank. Beyond 5 little is left of "how slow": only "slower
#: than the middle". What it does for names is in ``tests/benchmarks/bench_libraries.py``.
CONTRAST = 5.0


def prepare(features: pd.DataFrame, *, options: PrepareOptions) -> Prepared:
    """Turn features into a finite matrix.

    Columns are scaled each on its own, then weighted, then rows are brought to unit length if asked for.
    Everything is computed from the tracks given, so a subset is prepared afresh.

    Parameters
    ----------
    features : pandas.DataFrame [shape=(n_tracks, ≥n_used)]
        float64 in original units, indexed by track id; NaN is missing.
    options : PrepareOptions
        Which features, how missing values are treated, how columns are scaled.

    Returns
    -------
    Prepared
        Kept tracks in the order of `features`.

    Raises
    ------
    NoFeatures
        When no track has the features that are used.
    TooFewTracks
        When only one of several tracks has them.
    DataError
        When all tracks have the same value in every feature used.
    """
    columns = _used(options)
    values = features.reindex(columns=list(columns)).to_numpy(dtype=np.float64, copy=True)
    missing = ~np.isfinite(values)
    keep, dropped = _rows_to_keep(missing, impute=options.missing == "impute")
    if not keep.any():
        raise _no_features(missing, columns)
    if len(keep) > 1 and keep.sum() == 1:
        raise TooFewTracks(
            f"only 1 of the {len(keep):,} tracks has the features that are used, and one alone makes no playlists",
            next_step="Fetch features first, or choose other features, or fill gaps",
            command="Fetch features first, or choose other features, or fill gaps with --missing impute",
        )
    values, missing = values[keep], missing[keep]
    imputed = _impute(values, missing, columns) if missing.any() else {}
    if len(values) > 1 and bool(np.all(values == values[0])):
        raise DataError(
            f"all {len(values):,} tracks have the same audio features",
            next_step="There is nothing to tell them apart by; check the table's feature columns",
        )
    X = np.column_stack([_scaled(values[:, i], name, options) for i, name in enumerate(columns)])
    constant = tuple(name for name, width in zip(columns, np.ptp(X, axis=0), strict=True) if width == 0.0)
    if options.unit_rows:
        X = unit_rows(X)
    rows = np.flatnonzero(keep).astype(np.int64)
    return Prepared(
        X=X,
        rows=rows,
        track_ids=features.index[rows],
        columns=columns,
        dropped=dropped,
        imputed=imputed,
        constant=constant,
    )


def absent_features(features: pd.DataFrame, *, options: PrepareOptions) -> tuple[str, ...]:
    """Return the features that are used and no track has; `prepare` refuses a library that lacks one.

    Parameters
    ----------
    features : pandas.DataFrame [shape=(n_tracks, …)]
        float64; NaN is missing.
    options : PrepareOptions
        Which features are used.

    Returns
    -------
    tuple of str
        In the order of the options.
    """
    known = np.isfinite(features.reindex(columns=list(_used(options))).to_numpy(dtype=np.float64)).any(axis=0)
    return tuple(name for name, some in zip(_used(options), known, strict=True) if not some)


def _used(options: PrepareOptions) -> tuple[str, ...]:
    return tuple(name for name in options.features if options.weights.get(name, 1.0) > 0.0)


def unit_rows(X: FloatArray) -> FloatArray:
    """Scale every row to Euclidean length 1; a row of zeros stays as it is."""
    length: FloatArray = np.linalg.norm(X, axis=1, keepdims=True)
    scaled: FloatArray = X / np.where(length > 0.0, length, 1.0)
    return scaled


def _rows_to_keep(missing: BoolArray, *, impute: bool) -> tuple[BoolArray, dict[str, int]]:
    """Return a mask of the tracks to keep and the counts of those left out."""
    none: BoolArray = np.all(missing, axis=1)
    some: BoolArray = np.any(missing, axis=1)
    keep = ~none if impute else ~some
    counts = {NO_FEATURES: int(none.sum()), SOME_MISSING: 0 if impute else int((some & ~none).sum())}
    return keep, {reason: count for reason, count in counts.items() if count}


def _no_features(missing: BoolArray, columns: tuple[str, ...]) -> NoFeatures:
    """Return the error for a library without a single usable track: nothing at all, some columns, or all in part."""
    absent = [name for name, gaps in zip(columns, missing.T, strict=True) if gaps.all()]
    tracks = f"none of the {len(missing):,} tracks has"
    if absent and len(absent) < len(columns):
        others = ",".join(name for name in columns if name not in absent)
        return NoFeatures(
            f"{tracks} {listed(absent, 'or')}",
            next_step="Fetch features first, or use the others only",
            command=f"Fetch features first, or use the others only: --features {others}",
        )
    return NoFeatures(
        f"{tracks} the features {', '.join(columns)}",
        next_step="Fetch features first, or choose other features, or fill gaps",
        command="Fetch features first, or choose other features, or fill gaps with --missing impute",
    )


def _impute(values: FloatArray, missing: BoolArray, columns: tuple[str, ...]) -> dict[str, int]:
    """Fill gaps in place with the median of the kept tracks; return how many by feature."""
    imputed: dict[str, int] = {}
    for i, name in enumerate(columns):
        gaps = missing[:, i]
        if gaps.all():
            raise NoFeatures(f"no track has {name}", next_step=f"Leave {name} out of the features")
        if gaps.any():
            values[gaps, i] = np.median(values[~gaps, i])
            imputed[name] = int(gaps.sum())
    return imputed


def _scaled(column: FloatArray, name: str, options: PrepareOptions) -> FloatArray:
    method = options.scaling.get(name, options.scaling.get("*", "none"))
    if method == "contrast":
        column = np.round(column / FEATURES[name].resolution)
    return _SCALERS[method](column) * options.weights.get(name, 1.0)


def _none(column: FloatArray) -> FloatArray:
    return column


def _minmax(column: FloatArray) -> FloatArray:
    """Map the smallest value to 0 and the largest to 1; a constant column becomes 0."""
    width = float(np.ptp(column))
    scaled: FloatArray = (column - column.min()) / (width or 1.0)
    return scaled


def _zscore(column: FloatArray) -> FloatArray:
    """Subtract the mean and divide by the standard deviation; a constant column becomes 0."""
    spread = float(column.std())
    scaled: FloatArray = (column - column.mean()) / (spread or 1.0)
    return scaled


def _rank(column: FloatArray) -> FloatArray:
    """Share of the library below each value, ties halved: 0 to 1, even for a skewed feature."""
    ranks = pd.Series(column).rank(method="average").to_numpy(dtype=np.float64)
    shares: FloatArray = (ranks - 0.5) / len(column)
    return shares


def _robust(column: FloatArray) -> FloatArray:
    """Subtract the median and divide by the interquartile range, or by the whole range where that is 0."""
    low, middle, high = np.percentile(column, [25, 50, 75])
    width = float(high - low) or float(np.ptp(column))
    scaled: FloatArray = (column - float(middle)) / (width or 1.0)
    return scaled


def _contrast(column: FloatArray) -> FloatArray:
    """Rank each value and pull it away from the median: −½ to ½, an S-shaped curve.

    With u = 2·rank − 1 the result is tanh(5u) / (2·tanh 5): steep at the median and nearly level at the ends, so that
    a track counts as "slow" or "fast" rather than by how many beats.
    """
    centred: FloatArray = 2.0 * _rank(column) - 1.0
    scaled: FloatArray = np.tanh(CONTRAST * centred) / (2.0 * np.tanh(CONTRAST))
    return scaled


_SCALERS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none": _none,
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "robust": _robust,
    "contrast": _contrast,
}
