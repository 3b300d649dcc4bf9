"""The orders a playlist can have: what comes after what, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.library import Library
from core.playlists.path import short_path
from core.records import FloatArray, IntArray, Prepared

#: What a leap of one octave in tempo costs, in octaves. Estimates of tempo double and halve easily, and a track at
#: double time follows smoothly, though not as smoothly as one at the same tempo: a leap from 70 to 140 BPM counts
#: like one from 70 to 83.
OCTAVE_PENALTY = 0.25
#: Octaves looked at: from 30 to 240 BPM, the range of music, there are three.
_MOST_OCTAVES = 3
#: Most tracks ordered in one piece; distances between all of them take 32 MB. Longer playlists are cut along their
#: main direction into pieces of equal size, whose orders are joined.
SMOOTH_AT_ONCE = 2_000
#: Of every three tracks, from calm to energetic, two stand in the rise and one in the fall of an energy arc, so
#: that its peak comes after two thirds.
ARC_PERIOD = 3


@dataclass(frozen=True, eq=False)
class Sound:
    """Where tracks are in sound: what the distance between two of them is measured on.

    Attributes
    ----------
    points : np.ndarray [shape=(n, n_others), dtype=float64]
        Place of the track's value among those of the analysed tracks, 0 to 1, for each feature used but tempo.
    octaves : np.ndarray [shape=(n,), dtype=float64]
        Binary logarithm of the tempo.
    tempo_scale : float
        Places per octave; 0 when tempo is not among the features used.
    """

    points: FloatArray
    octaves: FloatArray
    tempo_scale: float

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.octaves)

    def take(self, positions: IntArray) -> Sound:
        """Return the tracks at some positions, in that order."""
        return Sound(self.points[positions], self.octaves[positions], self.tempo_scale)


def sound_of(library: Library, prepared: Prepared) -> Sound:
    """Return where the prepared tracks are in sound.

    Features count by their places in the library, and all alike: the preparation pulls tracks apart for the sake of
    the clusters, which hides how alike the tracks of one playlist are. Tempo's distances are measured in octaves,
    with doubles and halves near each other; it spreads as much as its places do.

    Parameters
    ----------
    library : Library
        Where the features are in original units.
    prepared : Prepared
        The tracks, and the features used.

    Returns
    -------
    Sound
        One row a prepared track. An unknown value counts as the median.
    """
    values = library.features[list(prepared.columns)].iloc[prepared.rows]
    places = values.rank(pct=True).fillna(0.5).to_numpy(dtype=np.float64)
    if "tempo" not in prepared.columns:
        return Sound(places, np.zeros(len(prepared)), 0.0)
    column = prepared.columns.index("tempo")
    tempo = values["tempo"].to_numpy(dtype=np.float64)
    known = np.isfinite(tempo) & (tempo > 0.0)
    octaves = np.log2(np.where(known, tempo, np.median(tempo[known]) if known.any() else 1.0))
    spread = float(octaves.std())
    scale = float(places[:, column].std()) / spread if spread > 0.0 else 0.0
    return Sound(np.delete(places, column, axis=1), octaves, scale)


def octave_gap(octaves: FloatArray, others: FloatArray) -> FloatArray:
    """Return the distance of tempos, in octaves, with leaps of whole octaves at a reduced price.

    ``min over m of | |a − b| − m | + OCTAVE_PENALTY · m``, for m = 0 … 3.

    Parameters
    ----------
    octaves, others : np.ndarray [dtype=float64]
        Binary logarithms of tempos; shapes that broadcast.

    Returns
    -------
    np.ndarray [dtype=float64]
        At least 0, symmetric, 0 for equal tempos.
    """
    apart = np.abs(octaves - others)
    gap = apart
    for leap in range(1, _MOST_OCTAVES + 1):
        gap = np.minimum(gap, np.abs(apart - leap) + OCTAVE_PENALTY * leap)
    return gap


def distances(sound: Sound) -> FloatArray:
    """Return the distance between every two tracks.

    Parameters
    ----------
    sound : Sound
        The tracks.

    Returns
    -------
    np.ndarray [shape=(n, n), dtype=float64]
        Euclidean, with tempo as one of the coordinates.
    """
    from scipy.spatial.distance import cdist

    squared = np.zeros((len(sound), len(sound)))
    if sound.points.shape[1]:
        squared += cdist(sound.points, sound.points, "sqeuclidean")
    if sound.tempo_scale:
        squared += (sound.tempo_scale * octave_gap(sound.octaves[:, None], sound.octaves[None, :])) ** 2
    return np.sqrt(squared)


def step_lengths(sound: Sound) -> FloatArray:
    """Return how far each track is from the one before it.

    Parameters
    ----------
    sound : Sound
        The tracks in playing order.

    Returns
    -------
    np.ndarray [shape=(n − 1,), dtype=float64]
        In places, see `Sound`.
    """
    squared: FloatArray = (np.diff(sound.points, axis=0) ** 2).sum(axis=1)
    squared += (sound.tempo_scale * octave_gap(sound.octaves[1:], sound.octaves[:-1])) ** 2
    return np.sqrt(squared)


def smooth(sound: Sound, fit: FloatArray) -> IntArray:
    """Return an order in which neighbouring tracks sound alike.

    Parameters
    ----------
    sound : Sound
        The tracks.
    fit : np.ndarray [shape=(n,), dtype=float64]
        How well each track suits the playlist; it begins at the end that suits it better.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]
        A permutation, the same for the same input.
    """
    pieces = [piece[short_path(distances(sound.take(piece)))] for piece in _pieces(sound)]
    order = pieces[0]
    for piece in pieces[1:]:
        order = _join(sound, order, piece)
    better_end_last = len(order) > 1 and fit[order[-1]] > fit[order[0]]
    return order[::-1].copy() if better_end_last else order


def _pieces(sound: Sound) -> list[IntArray]:
    """Cut the tracks along the direction they spread most in; one piece when they are few."""
    count = -(-len(sound) // SMOOTH_AT_ONCE)
    if count <= 1:
        return [np.arange(len(sound))]
    coordinates = np.column_stack([sound.points, sound.tempo_scale * sound.octaves])
    centred = coordinates - coordinates.mean(axis=0)
    direction = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    along = np.argsort(centred @ direction, kind="stable")
    return [np.asarray(piece, dtype=np.int64) for piece in np.array_split(along, count)]


def _join(sound: Sound, order: IntArray, piece: IntArray) -> IntArray:
    """Return two orders one after the other, each turned so that their meeting ends sound most alike."""
    choices = [(one, other) for one in (order, order[::-1]) for other in (piece, piece[::-1])]
    seams = [float(step_lengths(sound.take(np.array([one[-1], other[0]])))[0]) for one, other in choices]
    return np.concatenate(choices[int(np.argmin(seams))])


def energy_arc(energy: FloatArray, fit: FloatArray) -> IntArray:
    """Return an order in which energy rises for two thirds and then falls.

    Parameters
    ----------
    energy : np.ndarray [shape=(n,), dtype=float64]
        NaN counts as the median.
    fit : np.ndarray [shape=(n,), dtype=float64]
        Decides between tracks of equal energy, and alone when no energy is known.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]
        A permutation.
    """
    known = np.isfinite(energy)
    if not known.any():
        return best_first(fit)
    filled = np.where(known, energy, np.median(energy[known]))
    rising = np.lexsort((-fit, filled))
    falls = np.arange(len(rising)) % ARC_PERIOD == ARC_PERIOD - 2
    return np.concatenate([rising[~falls], rising[falls][::-1]])


def best_first(fit: FloatArray) -> IntArray:
    """Return an order from the best fit to the worst; equal ones stay in their order [shape=(n,), dtype=int64]."""
    return np.argsort(-fit, kind="stable")


def shuffled(count: int, seed: int, cluster: int) -> IntArray:
    """Return a random order that the seed and the cluster determine [shape=(count,), dtype=int64]."""
    return np.random.default_rng([seed, cluster]).permutation(count)
