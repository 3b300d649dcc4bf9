"""Where things go: order of rows and points, places of labels, ticks. Plain geometry, no Qt.

Coordinates are pixels with y growing downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from desktop.plots.arrays import FloatArray, IntArray

#: Places for a label that are tried at once: most labels find room among the first.
_TRIES = 96


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
    points : np.ndarray [shape=(n, 2), dtype=float64], optional
        Middles of points that labels had better not cover.
    radius : float, default 0.0
        Of the points.
    """

    def __init__(self, bounds: Box, points: FloatArray | None = None, radius: float = 0.0) -> None:
        self.bounds = bounds
        self._taken = np.empty((0, 4))
        self._points, self._radius = np.empty((0, 2)) if points is None else points, radius

    def holds(self, box: Box) -> bool:
        """Return whether a box lies inside the bounds."""
        left, top, right, bottom = self.bounds.edges
        return left <= box.x and top <= box.y and box.edges[2] <= right and box.edges[3] <= bottom

    def take(self, boxes: Sequence[Box]) -> None:
        """Note that boxes are there from now on."""
        self._taken = np.vstack([self._taken, *(box.edges for box in boxes)])

    def place(self, size: tuple[float, float], centers: FloatArray, *, gap: float, aside: float = 0.0) -> Box | None:
        """Put a label at the first place where it is inside the bounds and free of everything else.

        Parameters
        ----------
        size : (float, float)
            Width and height of the label.
        centers : np.ndarray [shape=(n, 2), dtype=float64]
            Places to try, best first.
        gap : float
            Distance to keep from what is there, in pixels.
        aside : float, default 0.0
            How far from the first place to look for one that covers fewer points, in pixels.

        Returns
        -------
        Box or None
            Where it is now; None when no place is free.
        """
        box = self._clearest(size, centers, gap, aside) if len(self._points) else None
        box = box or self._first_free(size, centers, gap)
        if box is not None:
            self.take([box])
        return box

    def _first_free(self, size: tuple[float, float], centers: FloatArray, gap: float) -> Box | None:
        for start in range(0, len(centers), _TRIES):
            some = centers[start : start + _TRIES]
            free = np.flatnonzero(self._are_free(_edges(size, some), gap))
            if len(free):
                return Box.around((float(some[free[0], 0]), float(some[free[0], 1])), size)
        return None

    def _clearest(self, size: tuple[float, float], centers: FloatArray, gap: float, aside: float) -> Box | None:
        """Return the first of the free places not far from the first one that cover the fewest points."""
        near = centers[np.linalg.norm(centers - centers[:1], axis=1) <= aside]
        near = near[self._are_free(_edges(size, near), gap)]
        if not len(near):
            return None
        (x, y), reach = self._points.T, self._radius
        x1, y1, x2, y2 = _edges(size, near).T[:, :, None]
        covered = (x1 < x + reach) & (x2 > x - reach) & (y1 < y + reach) & (y2 > y - reach)
        best = near[covered.sum(axis=1).argmin()]
        return Box.around((float(best[0]), float(best[1])), size)

    def _are_free(self, edges: FloatArray, gap: float) -> npt.NDArray[np.bool_]:
        """Return which boxes lie inside the bounds and keep a gap to everything that is there."""
        left, top, right, bottom = self.bounds.edges
        x1, y1, x2, y2 = edges.T[:, :, None]
        inside = ((x1 >= left) & (y1 >= top) & (x2 <= right) & (y2 <= bottom))[:, 0]
        taken = self._taken.T
        meets = (taken[0] < x2 + gap) & (taken[2] > x1 - gap) & (taken[1] < y2 + gap) & (taken[3] > y1 - gap)
        free: npt.NDArray[np.bool_] = inside & ~meets.any(axis=1)
        return free


def _edges(size: tuple[float, float], centers: FloatArray) -> FloatArray:
    """Return left, upper, right and lower edge of boxes of a size [shape=(n, 4)]."""
    half = np.array(size) / 2
    return np.hstack([centers - half, centers + half])


def places_at_tip(tip: tuple[float, float], angle: float, size: tuple[float, float]) -> FloatArray:
    """Return centres for a label that continues an arrow, the straight one first.

    Parameters
    ----------
    tip : (float, float)
        Where the arrow ends.
    angle : float
        Its direction in radians.
    size : (float, float)
        Width and height of the label.

    Returns
    -------
    np.ndarray [shape=(n, 2), dtype=float64]
        The straight one at each of growing distances, then those that turn away from it.
    """
    turned = angle + np.radians([0, 15, -15, 30, -30, 45, -45, 60, -60, 80, -80])
    directions = np.column_stack([np.cos(turned), np.sin(turned)])
    reach = np.arange(6.0, 96.0, 6.0)[:, None] + np.abs(directions) @ (np.array(size) / 2)
    centers: FloatArray = np.array(tip) + (reach[..., None] * directions).reshape(-1, 2)
    return centers


def places_around(point: tuple[float, float], *, reach: float) -> FloatArray:
    """Return the point itself, then points on growing circles around it up to a radius [shape=(n, 2)]."""
    return np.array(point) + _circles(int(reach / 6.0))


@lru_cache(maxsize=64)
def _circles(count: int) -> FloatArray:
    """Return the middle and points on circles around it, six pixels apart."""
    rings = [np.zeros((1, 2))]
    for radius in range(6, 6 * count + 1, 6):
        angles = 2 * np.pi * np.arange(max(8, radius)) / max(8, radius) - np.pi / 2
        rings.append(radius * np.column_stack([np.cos(angles), np.sin(angles)]))
    return np.vstack(rings)


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


def point_look(tracks: float, area: float) -> tuple[float, int]:
    """Return how large and how opaque points are drawn.

    The points together cover about half of the plot, so that few are easy to hit and many still show where they
    are dense. Found by looking at 60 to 107,000 tracks.

    Parameters
    ----------
    tracks : float
        Number of points in the plot.
    area : float
        Area of the plot in square pixels.

    Returns
    -------
    (float, int)
        Diameter from 2 to 8 pixels, in halves; opacity from 110 to 220 of 255.
    """
    ideal = math.sqrt(0.5 * area / max(tracks, 1.0))
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
