"""Where things go: order of rows and points, places of labels, ticks. Plain geometry, no Qt.

Coordinates are pixels with y growing downwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from desktop.plots.arrays import FloatArray, IntArray

#: Seed of the order in which points are drawn: any fixed number gives the same picture every time.
SHUFFLE_SEED = 0


@dataclass(frozen=True)
class Box:
    """An upright rectangle.

    Attributes
    ----------
    x, y : float
        Its upper left corner.
    width, height : float
        Its size, ≥ 0.
    """

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, center: tuple[float, float], size: tuple[float, float]) -> Box:
        """Return the box of a size around a point."""
        return cls(center[0] - size[0] / 2, center[1] - size[1] / 2, *size)

    @property
    def center(self) -> tuple[float, float]:
        """The point in its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge."""
        return self.x, self.y, self.x + self.width, self.y + self.height


class Room:
    """Room for labels: what they must stay inside, and what is already there.

    Parameters
    ----------
    bounds : Box
        What every label must stay inside.
    """

    def __init__(self, bounds: Box) -> None:
        self.bounds = bounds
        self._taken = np.empty((0, 4))

    def holds(self, box: Box) -> bool:
        """Return whether a box lies inside the bounds."""
        left, top, right, bottom = self.bounds.edges
        return left <= box.x and top <= box.y and box.edges[2] <= right and box.edges[3] <= bottom

    def is_free(self, box: Box, *, gap: float) -> bool:
        """Return whether a box keeps a gap to everything that is there."""
        left, top, right, bottom = box.edges
        meets = (
            (self._taken[:, 0] < right + gap)
            & (self._taken[:, 2] > left - gap)
            & (self._taken[:, 1] < bottom + gap)
            & (self._taken[:, 3] > top - gap)
        )
        return not meets.any()

    def take(self, boxes: Sequence[Box]) -> None:
        """Note that boxes are there from now on."""
        self._taken = np.vstack([self._taken, *(box.edges for box in boxes)])

    def place(self, size: tuple[float, float], centers: Iterable[tuple[float, float]], *, gap: float) -> Box | None:
        """Put a label at the first place where it is inside the bounds and free of everything else.

        Parameters
        ----------
        size : (float, float)
            Width and height of the label.
        centers : iterable of (float, float)
            Places to try, best first.
        gap : float
            Distance to keep from what is there, in pixels.

        Returns
        -------
        Box or None
            Where it is now; None when no place is free.
        """
        for center in centers:
            box = Box.around(center, size)
            if self.holds(box) and self.is_free(box, gap=gap):
                self.take([box])
                return box
        return None


def places_at_tip(tip: tuple[float, float], angle: float, size: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Yield centres for a label that continues an arrow, the straight one first.

    Parameters
    ----------
    tip : (float, float)
        Where the arrow ends.
    angle : float
        Its direction in radians.
    size : (float, float)
        Width and height of the label.
    """
    for distance in range(6, 96, 6):
        for turn in (0, 15, -15, 30, -30, 45, -45, 60, -60, 80, -80):
            turned = angle + math.radians(turn)
            across, down = math.cos(turned), math.sin(turned)
            reach = distance + abs(across) * size[0] / 2 + abs(down) * size[1] / 2
            yield tip[0] + across * reach, tip[1] + down * reach


def places_around(point: tuple[float, float], *, reach: float) -> Iterator[tuple[float, float]]:
    """Yield the point itself, then points on growing circles around it up to a radius."""
    yield point
    radius = 6.0
    while radius <= reach:
        steps = max(8, int(radius))
        for step in range(steps):
            angle = 2 * math.pi * step / steps - math.pi / 2
            yield point[0] + radius * math.cos(angle), point[1] + radius * math.sin(angle)
        radius += 6.0


def row_order(centroids: FloatArray) -> IntArray:
    """Return an order of clusters in which neighbours resemble each other.

    Leaves of the average-linkage tree in optimal order (Bar-Joseph, Gifford and Jaakkola, "Fast optimal leaf
    ordering for hierarchical clustering", 2001); of the two directions, the one that starts with the lower row.

    Parameters
    ----------
    centroids : np.ndarray [shape=(k, n_features), dtype=float64]
        Finite values.

    Returns
    -------
    np.ndarray [shape=(k,), dtype=int64]
        Rows from top to bottom.
    """
    if len(centroids) < 3:
        return np.arange(len(centroids))
    from scipy.cluster.hierarchy import leaves_list, linkage

    leaves: IntArray = leaves_list(linkage(centroids, method="average", optimal_ordering=True)).astype(np.int64)
    return leaves if leaves[0] < leaves[-1] else leaves[::-1]


def drawing_order(codes: IntArray) -> IntArray:
    """Return the order in which points are drawn: those without a group first, the others shuffled.

    Shuffled, no group lies above another, and where groups mix their colours do too.

    Parameters
    ----------
    codes : np.ndarray [shape=(n,), dtype=int64]
        Group of each point, negative for none.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]
        Positions, the same for the same number of points and the same ungrouped ones.
    """
    shuffled = np.random.default_rng(SHUFFLE_SEED).permutation(len(codes))
    return np.concatenate([shuffled[codes[shuffled] < 0], shuffled[codes[shuffled] >= 0]]).astype(np.int64)


def point_look(tracks: int, area: float) -> tuple[float, int]:
    """Return how large and how opaque points are drawn.

    The points together cover about half of the plot, so that few are easy to hit and many still show where they
    are dense. Found by looking at 60 to 107,000 tracks.

    Parameters
    ----------
    tracks : int
        Number of points.
    area : float
        Area of the plot in square pixels.

    Returns
    -------
    (float, int)
        Diameter from 2 to 8 pixels, in halves; opacity from 110 to 220 of 255.
    """
    ideal = math.sqrt(0.5 * area / max(tracks, 1))
    diameter = min(8.0, max(2.0, round(2 * ideal) / 2))
    return diameter, round(110 + 110 * min(1.0, ideal / 8.0))


def ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """Return round numbers from low to high, at steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= most - 1)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]
