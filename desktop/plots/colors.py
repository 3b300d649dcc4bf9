"""Colours as numbers: contrast, perceived difference, colour blindness, and the palettes chosen by them.

Colours are text such as ``"#1f77b4"``, so nothing here needs Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from desktop.plots.arrays import FloatArray

#: Least contrast of a coloured mark with its background (WCAG 2.2, success criterion 1.4.11).
MARK_CONTRAST = 3.0
#: Least contrast of text with its background (WCAG 2.2, success criterion 1.4.3).
TEXT_CONTRAST = 4.5
#: Oklab chroma (times 100) below which a colour reads as grey, which is kept for tracks without a group,
#: and above which it glows and draws the eye away from its neighbours.
CHROMA = (12.0, 24.0)
#: Colours picked of the sets. Further groups start over; their badges tell them apart by then.
PALETTE_SIZE = 64

#: The Glasbey sets candidates come from, those made to look pleasant first.
_SETS = ("glasbey_category10", "glasbey_hv", "glasbey_bw_minc_20", "glasbey_light", "glasbey_dark")

#: What dichromats see of linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
#: Simulation of Color Vision Deficiency" (2009), severity 1.0.
_DEFICIENCIES: dict[str, FloatArray] = {
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
#: By how much a distance seen with a deficiency is stretched when the worst view of a pair is looked for. Without
#: it the few hues left to dichromats decide alone, and everyone else gets shades of purple. Tritan deficiency is
#: a thousand times rarer than the other two.
_STRETCH = {"full": 1.0, "protan": 4.0, "deutan": 4.0, "tritan": 8.0}

#: Linear sRGB to Oklab: Björn Ottosson, "A perceptual color space for image processing" (2020).
_RGB_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONES_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(color: str) -> FloatArray:
    """Return red, green and blue of a ``"#rrggbb"`` colour [shape=(3,), 0 to 1]."""
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255.0


def hex_of(channels: npt.ArrayLike) -> str:
    """Return red, green and blue, each 0 to 1, as ``"#rrggbb"``."""
    red, green, blue = np.rint(np.clip(channels, 0.0, 1.0) * 255).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    return float(_linear(rgb(color)) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """Return black or white, whichever reads better on a background; the contrast is never below 4.58."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, background))


def ramp(name: str, values: FloatArray, *, reverse: bool = False) -> list[str]:
    """Return the colours of values on a colorcet ramp.

    Parameters
    ----------
    name : str
        Name of a colorcet palette that runs from low to high.
    values : np.ndarray [shape=(n,)]
        Positions on the ramp, 0 to 1.
    reverse : bool, default False
        Turn the ramp around.

    Returns
    -------
    list of str
        One ``"#rrggbb"`` colour a value, interpolated between the ramp's steps.
    """
    import colorcet

    steps = np.array([rgb(color) for color in colorcet.palette[name]])
    if reverse:
        steps = steps[::-1]
    positions = np.clip(values, 0.0, 1.0) * (len(steps) - 1)
    channels = [np.interp(positions, np.arange(len(steps)), steps[:, channel]) for channel in range(3)]
    return [hex_of(color) for color in np.stack(channels, axis=-1)]


@lru_cache(maxsize=8)
def palette(background: str, *, start: str, most_contrast: float) -> tuple[str, ...]:
    """Return colours for groups on a background, those best told apart first.

    Candidates are the colours of colorcet's Glasbey sets that are visible on the background and neither grey
    nor glaring. After the first, always the candidate follows whose nearest chosen colour is farthest away, in the
    worst of the views of full, protan, deutan and tritan vision. So the few groups most libraries have get the
    colours that are told apart best.

    Parameters
    ----------
    background : str
        What the marks stand on.
    start : str
        The first colour.
    most_contrast : float
        Greatest contrast with the background; more would let single groups stand out.

    Returns
    -------
    tuple of str
        `PALETTE_SIZE` colours.
    """
    import colorcet

    candidates = list(dict.fromkeys([start, *(color for name in _SETS for color in colorcet.palette[name])]))
    lab = oklab(candidates)["full"]
    chromas = np.hypot(lab[:, 1], lab[:, 2])
    usable = [
        color
        for color, chroma in zip(candidates, chromas, strict=True)
        if CHROMA[0] <= chroma <= CHROMA[1] and MARK_CONTRAST <= contrast(color, background) <= most_contrast
    ]
    views = [view * _STRETCH[kind] for kind, view in oklab(usable).items()]
    nearest = np.full(len(usable), np.inf)
    chosen: list[str] = []
    for _ in range(PALETTE_SIZE):
        pick = int(np.argmax(nearest))
        chosen.append(usable[pick])
        gaps = [np.linalg.norm(view - view[pick], axis=1) for view in views]
        nearest = np.minimum(nearest, np.min(gaps, axis=0))
    return tuple(chosen)


def oklab(colors: Sequence[str]) -> dict[str, FloatArray]:
    """Return how colours look to each kind of colour vision.

    Parameters
    ----------
    colors : sequence of str
        ``"#rrggbb"`` colours.

    Returns
    -------
    dict of str to np.ndarray [shape=(len(colors), 3), dtype=float64]
        Oklab coordinates times 100 (lightness 0–100 and two opponent axes) for ``"full"``, ``"protan"``,
        ``"deutan"`` and ``"tritan"`` vision. A Euclidean distance of about 2 can just be noticed.
    """
    linear = _linear(np.array([rgb(color) for color in colors]))
    views = {"full": linear}
    for kind, matrix in _DEFICIENCIES.items():
        views[kind] = np.clip(linear @ matrix.T, 0.0, 1.0)
    return {kind: np.cbrt(view @ _RGB_TO_CONES.T) @ _CONES_TO_OKLAB.T * 100 for kind, view in views.items()}


def _linear(channels: FloatArray) -> FloatArray:
    """Undo the sRGB transfer curve (IEC 61966-2-1)."""
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
