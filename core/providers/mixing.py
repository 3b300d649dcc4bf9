"""Features from several providers in one library: do they mean the same, and what to do when they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.features import BASE_NAMES
from core.library import Library, Notice
from core.records import FloatArray

#: Tracks a provider must have given before its distribution says anything: with 50 the chance error of a
#: distribution function is still about 0.2 (Kolmogorov, 95 %).
MIN_TRACKS = 50
#: Distance between two distributions that is worth a warning. Two halves of one library by different kinds of
#: listening differ by 0.1 to 0.2; values on another scale or from another model by 0.3 and more.
SHIFT = 0.25
#: Smirnov's factor for one false alarm in a thousand: c(α) = sqrt(−ln(α / 2) / 2) at α = 0.001.
SMIRNOV = 1.95
#: Kinds of the notices given here.
DIFFERENT, STANDARDISED = "providers-differ", "features-standardised"


def provider_shift(library: Library) -> tuple[Notice, ...]:
    """Tell which features are distributed differently from one provider to another.

    The measure is the two-sample Kolmogorov–Smirnov distance: the largest difference between two cumulative
    distribution functions. A provider is compared with the one that gave most tracks. A warning needs a distance
    of at least `SHIFT` that is also unlikely by chance, D > c(α) · sqrt((n + m) / (n · m)) (Smirnov 1948).
    Different tracks may differ honestly, so this is a hint and nothing is changed.

    Parameters
    ----------
    library : Library
        Any library.

    Returns
    -------
    tuple of Notice
        One of kind ``"providers-differ"`` for each provider that differs, counting its tracks; empty when fewer than
        two providers gave `MIN_TRACKS` tracks each.
    """
    names = _large_providers(library)
    notices = []
    for name in names[1:]:
        rows, reference = library.providers == name, library.providers == names[0]
        shifted = {}
        for feature in BASE_NAMES:
            ours, theirs = _known(library, rows, feature), _known(library, reference, feature)
            if len(ours) < MIN_TRACKS or len(theirs) < MIN_TRACKS:
                continue
            distance = _distance(ours, theirs)
            chance = SMIRNOV * np.sqrt((len(ours) + len(theirs)) / (len(ours) * len(theirs)))
            if distance >= max(SHIFT, chance):
                shifted[feature] = f"{feature} ({np.median(ours):.3g} against {np.median(theirs):.3g})"
        if shifted:
            text = (
                f"the features from {name} are distributed differently from those of {names[0]}: "
                f"{', '.join(shifted.values())}; clusters may follow the provider instead of the music"
            )
            notices.append(Notice(DIFFERENT, int(rows.sum()), text))
    return tuple(notices)


def standardise_per_provider(library: Library) -> Library:
    """Give every provider's base features the distribution of the provider that gave most tracks.

    Each value x of provider P becomes Q(F(x)): F is the share of P's values below x, ties and itself counted half,
    and Q is the quantile function of the largest provider, linear between the values at (i − ½) / n (Hyndman and
    Fan 1996, definition 5). Order within a provider and every feature's range stay; differences between providers
    vanish, honest ones too. Quantile mapping as in Bolstad et al. 2003.

    Parameters
    ----------
    library : Library
        Any library.

    Returns
    -------
    Library
        With mapped features and a notice of kind ``"features-standardised"`` in place of those that the providers
        differ, where they do not any more. Providers with fewer than `MIN_TRACKS`
        values of a feature, the largest provider, and key, mode, time signature and loudness stay as they are.
    """
    names = _large_providers(library)
    features = library.features.copy()
    changed = 0
    for name in names[1:]:
        rows = (library.providers == name).to_numpy()
        for feature in BASE_NAMES:
            reference = _known(library, library.providers == names[0], feature)
            ours = rows & library.features[feature].notna().to_numpy()
            if ours.sum() >= MIN_TRACKS and len(reference) >= MIN_TRACKS:
                values = library.features.loc[ours, feature].to_numpy()
                features.loc[ours, feature] = np.quantile(reference, _mid_ranks(values), method="hazen")
        changed += int(rows.sum())
    if not changed:
        return library
    text = f"the features of {changed:,} tracks were brought to the distribution of {names[0]}"
    others = tuple(notice for notice in library.notices if notice.kind != DIFFERENT)
    mapped = replace(library, features=features, notices=others)
    return mapped.with_notices([*provider_shift(mapped), Notice(STANDARDISED, changed, text)])


def _large_providers(library: Library) -> list[str]:
    """Return the providers of at least `MIN_TRACKS` tracks, most tracks first, then by name."""
    counts = library.providers[library.providers != ""].value_counts()
    large = [(str(name), int(count)) for name, count in counts.items() if count >= MIN_TRACKS]
    return [name for name, count in sorted(large, key=lambda pair: (-pair[1], pair[0]))]


def _known(library: Library, rows: pd.Series, feature: str) -> FloatArray:
    """Return the known values of a feature in some rows, ascending."""
    values = library.features.loc[rows.to_numpy(), feature].to_numpy(dtype=np.float64)
    return np.sort(values[~np.isnan(values)])


def _distance(first: FloatArray, second: FloatArray) -> float:
    """Return the Kolmogorov–Smirnov distance of two ascending samples, 0 to 1."""
    at = np.concatenate([first, second])
    below_first = np.searchsorted(first, at, side="right") / len(first)
    below_second = np.searchsorted(second, at, side="right") / len(second)
    return float(np.abs(below_first - below_second).max())


def _mid_ranks(values: FloatArray) -> FloatArray:
    """Return the share of the values below each value, ties and itself counted half [0 < share < 1]."""
    ordered = np.sort(values)
    below, upto = np.searchsorted(ordered, values, side="left"), np.searchsorted(ordered, values, side="right")
    return (below + upto) / (2.0 * len(values))
