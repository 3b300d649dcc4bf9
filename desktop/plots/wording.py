"""Every text that the plots say, in plain words; each goes through Qt's translation."""

from __future__ import annotations

import itertools
import string
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from core.features import FEATURES
from desktop.messages.base import CONTEXT, Message
from desktop.plots.arrays import FloatArray

BY_GENRE = Message("By genre")
BY_PLAYLIST = Message("By playlist")
NO_GENRES = Message("No genres in this library")
NO_GENRES_HINT = Message("See the map by playlist instead.")
NO_GENRE = Message("no genre")
IN_NO_PLAYLIST = Message("in no playlist")
UNKNOWN = Message("unknown")
OTHERS = Message("others")
TRACKS_COLUMN = Message("tracks")
LIBRARY_ROW = Message("Whole library (median)")
MAP_HINT = Message(
    "Tracks that sound alike lie close together, an arrow points to where its quality grows, "
    "a percentage is the share of all differences an axis shows."
)
MAP_HINT_SHORT = Message("Tracks that sound alike lie close together; an arrow points to where its quality grows.")
VALUES_HINT = Message("Average of each playlist’s tracks, on the scale that the playlists were made from.")
DIFFERENCE_HINT = Message("What each playlist has more of (red) or less of (blue) than the middle of your library.")
VALUES_SCALE = Message("less to more")
DIFFERENCE_SCALE = Message("less or more than the library’s middle")
DIFFER_ONE = Message("How the playlist differs from the library")
DIFFER_ALL = Message("How the {count} playlists differ from the library")
DIFFER_SOME = Message("How the {shown} largest of {count} playlists differ from the library")
SOUND_ONE = Message("How the playlist sounds")
SOUND_ALL = Message("How the {count} playlists sound")
SOUND_SOME = Message("How the {shown} largest of {count} playlists sound")
MAP_TITLE = Message("{tracks} by how they sound")
ONE_TRACK, MANY_TRACKS = Message("1 track"), Message("{count} tracks")
ONE_GENRE, MANY_GENRES = Message("1 other genre"), Message("{count} other genres")
ONE_SMALLER, MANY_SMALLER = Message("1 smaller playlist"), Message("{count} smaller playlists")

#: The strongest feature on the other side of an axis names its end when it weighs at least this share of the
#: strongest of all; a weaker one says too little about the axis.
OPPOSITE_SHARE = 0.5


def count(number: int) -> str:
    """Return a number with commas between thousands."""
    return f"{number:,}"


def tracks(number: int) -> str:
    """Return a number of tracks in words."""
    return ONE_TRACK() if number == 1 else MANY_TRACKS(count=count(number))


def heatmap_title(shown: int, of: int, *, difference: bool) -> str:
    """Return the title of a heatmap that shows some of a number of playlists, the largest."""
    one, every, some = (DIFFER_ONE, DIFFER_ALL, DIFFER_SOME) if difference else (SOUND_ONE, SOUND_ALL, SOUND_SOME)
    if shown < of:
        return some(shown=count(shown), count=count(of))
    return one() if of == 1 else every(count=count(of))


def map_title(number: int) -> str:
    """Return the title of the map of a number of tracks."""
    return MAP_TITLE(tracks=tracks(number))


def other_genres(number: int) -> str:
    """Return the legend text of the genres that have no colour of their own."""
    return ONE_GENRE() if number == 1 else MANY_GENRES(count=count(number))


def other_playlists(number: int) -> str:
    """Return the legend text of the playlists that have no colour of their own."""
    return ONE_SMALLER() if number == 1 else MANY_SMALLER(count=count(number))


def cluster_badge(cluster_id: int) -> str:
    """Return the short mark of a cluster: 1 for the first."""
    return str(cluster_id + 1)


def genre_badge(rank: int) -> str:
    """Return the short mark of a genre: A for the most frequent, AA after Z."""
    letters = string.ascii_uppercase
    return letters[rank] if rank < len(letters) else genre_badge(rank // len(letters) - 1) + letters[rank % 26]


def number(value: float, *, signed: bool = False) -> str:
    """Return a number with two decimals and a real minus sign; never minus zero."""
    rounded = round(value, 2) + 0.0
    return f"{rounded:+.2f}".replace("-", "−") if signed and rounded else f"{rounded:.2f}".replace("-", "−")


def direction(feature: str) -> str:
    """Return what a track has more of when a feature is high, such as "acoustic"."""
    known = FEATURES.get(feature)
    return _pole(known.high_pole) if known and known.high_pole else feature.replace("_", " ")


def steps(feature: str, edges: Sequence[float]) -> list[str]:
    """Return what each step of a feature is called, such as "calm 0.00–0.25" for the lowest.

    Parameters
    ----------
    feature : str
        The feature.
    edges : sequence of float
        Where the steps begin, and where the last one ends; a single one is a step by itself.
    """
    known = FEATURES[feature]
    digits = 2 if known.is_share or known.resolution < 0.1 else 1 if known.resolution < 1 else 0
    numbers = [f"{edge:.{digits}f}".replace("-", "−") for edge in edges]
    names = [f"{low}–{high}" for low, high in itertools.pairwise(numbers)] or numbers
    if known.high_pole and len(names) > 1:
        names[0], names[-1] = f"{_pole(known.low_pole)} {names[0]}", f"{names[-1]} {_pole(known.high_pole)}"
    return names


def axis(features: tuple[str, ...], loadings: FloatArray, explained: float) -> str:
    """Return what an axis of the map means, such as "acoustic ↔ energetic, 39 %".

    The feature that weighs most names its end of the axis. The other end is named by the strongest feature that
    points there, or by the first one's other pole when that is too weak.

    Parameters
    ----------
    features : tuple of str
        The features projected.
    loadings : np.ndarray [shape=(n_features,), dtype=float64]
        The axis as a direction in feature space.
    explained : float
        Share of the variance along the axis, 0 to 1.

    Returns
    -------
    str
        The low end, the high end and the share in percent.
    """
    share = f"{100 * explained:.0f}\N{NO-BREAK SPACE}%"
    named = [column for column, name in enumerate(features) if name in FEATURES and FEATURES[name].high_pole]
    if not named or not np.any(loadings[named]):
        return share
    strongest = max(named, key=lambda column: abs(loadings[column]))
    upwards = loadings[strongest] > 0
    opposite = [column for column in named if loadings[column] != 0 and (loadings[column] > 0) != upwards]
    rival = max(opposite, key=lambda column: abs(loadings[column]), default=strongest)
    own, other = FEATURES[features[strongest]].high_pole, FEATURES[features[strongest]].low_pole
    if rival != strongest and abs(loadings[rival]) >= OPPOSITE_SHARE * abs(loadings[strongest]):
        other = FEATURES[features[rival]].high_pole
    low, high = (other, own) if upwards else (own, other)
    return f"{_pole(low)} ↔ {_pole(high)}, {share}"


def _pole(text: str) -> str:
    """Return the end of a feature, such as "acoustic", in the person's language."""
    return QCoreApplication.translate(CONTEXT, text)
