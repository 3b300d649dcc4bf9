"""Very many points as a picture: which of them a view shows, and the colour of each pixel. Plain arrays, no Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desktop.plots.arrays import IntArray
from desktop.plots.colors import rgb

#: Points looked at in one step; a step takes a few milliseconds.
CHUNK = 100_000
#: Points that lie on one pixel and still make it more opaque than one point less.
MOST_LAYERS = 8


@dataclass(frozen=True)
class Frame:
    """Where a picture lies in the data.

    Attributes
    ----------
    left, top : float
        Position of its upper left corner in data units; y grows upwards.
    across, down : float
        Width and height of a pixel in data units, > 0.
    width, height : int
        Its size in device pixels.
    """

    left: float
    top: float
    across: float
    down: float
    width: int
    height: int

    @classmethod
    def around(
        cls,
        x_range: Sequence[float],
        y_range: Sequence[float],
        size: tuple[float, float],
        *,
        ratio: float,
        margin: float,
    ) -> Frame:
        """Return the frame of a view with a margin on each side.

        Parameters
        ----------
        x_range, y_range : (float, float)
            What the view shows of the data.
        size : (float, float)
            Its size in pixels.
        ratio : float
            Device pixels a pixel.
        margin : float
            How much farther than the view it reaches, in pixels.
        """
        across = (x_range[1] - x_range[0]) / max(size[0] * ratio, 1.0)
        down = (y_range[1] - y_range[0]) / max(size[1] * ratio, 1.0)
        edge = round(margin * ratio)
        return cls(
            x_range[0] - edge * across, y_range[1] + edge * down, across, down,
            max(round(size[0] * ratio), 1) + 2 * edge, max(round(size[1] * ratio), 1) + 2 * edge,
        )  # fmt: skip

    def covers(self, other: Frame) -> bool:
        """Return whether a frame of the same scale lies inside this one, to a thousandth of a pixel."""
        same = np.allclose((self.across, self.down), (other.across, other.down), rtol=1e-6, atol=0.0)
        x, y = (other.left - self.left) / self.across, (self.top - other.top) / self.down
        inside = x + other.width <= self.width + 1e-3 and y + other.height <= self.height + 1e-3
        return bool(same and inside and min(x, y) >= -1e-3)

    def places(self, xy: npt.NDArray[np.float32], *, reach: float) -> tuple[IntArray, npt.NDArray[np.float32]]:
        """Return which points are seen, and where.

        Parameters
        ----------
        xy : np.ndarray [shape=(n, 2), dtype=float32]
            Points in data units.
        reach : float
            How far outside a point still is seen, in device pixels.

        Returns
        -------
        rows : np.ndarray [shape=(m,), dtype=int64]
            The points seen, ascending.
        places : np.ndarray [shape=(m, 2), dtype=float32]
            Device pixels right of and below the upper left corner.
        """
        x = (xy[:, 0] - np.float32(self.left)) * np.float32(1 / self.across)
        y = (np.float32(self.top) - xy[:, 1]) * np.float32(1 / self.down)
        seen = (x > -reach) & (x < self.width + reach) & (y > -reach) & (y < self.height + reach)
        rows = np.flatnonzero(seen)
        return rows, np.column_stack([x[rows], y[rows]])


def dots(
    frame: Frame, parts: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]], colors: Sequence[str], *,
    side: int, opacity: float,
) -> Iterator[npt.NDArray[np.uint32] | None]:  # fmt: skip
    """Draw points as small squares, step by step.

    Where points lie on each other the last one gives the colour: in shuffled order groups that mix show in proportion.
    The more of them, the more opaque the pixel, so that crowded places stand out.

    Parameters
    ----------
    frame : Frame
        The picture.
    parts : sequence of (places, codes)
        Points as `Frame.places` gives them and the group of each, in the order they are drawn.
    colors : sequence of str
        Colour of each group, at most 255.
    side : int
        Side of a square in device pixels.
    opacity : float
        Of a single point, 0 to 1.

    Yields
    ------
    np.ndarray [shape=(height, width), dtype=uint32] or None
        None after each step but the last, then the picture as premultiplied ARGB.
    """
    shape = frame.height, frame.width
    top = np.zeros(shape, dtype=np.uint8)
    layers = np.zeros(shape, dtype=np.uint8)
    for places, codes in parts:
        column, row = np.floor(places - (side - 1) / 2).astype(np.int32).T
        whole = (column >= 0) & (column < frame.width) & (row >= 0) & (row < frame.height)
        flat = (row * np.int32(frame.width) + column)[whole]
        top.ravel()[flat] = codes[whole]
        yield None
        hits = np.bincount(flat, minlength=layers.size).reshape(shape)
        layers = np.minimum(layers + np.minimum(hits, MOST_LAYERS), MOST_LAYERS).astype(np.uint8)
        yield None
    for axis in (0, 1):
        for _ in range(side - 1):
            top, layers = _grow(top, layers, axis)
            yield None
    yield _shades(colors, opacity)[top, layers]


def _grow(
    top: npt.NDArray[np.uint8], layers: npt.NDArray[np.uint8], axis: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Let every point reach one pixel farther down or right, below what is there."""
    top, layers = top.copy(), layers.copy()
    here, before = (slice(1, None), slice(None, -1)) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
    top[here] = np.where(layers[here] > 0, top[here], top[before])
    layers[here] = np.maximum(layers[here], layers[before])
    return top, layers


def _shades(colors: Sequence[str], opacity: float) -> npt.NDArray[np.uint32]:
    """Return the premultiplied colour of each group for every number of layers [shape=(groups, MOST_LAYERS + 1)]."""
    alpha = 1.0 - (1.0 - opacity) ** np.arange(MOST_LAYERS + 1)
    channels = np.array([rgb(color) for color in colors])[:, None, :] * alpha[None, :, None]
    red, green, blue = np.moveaxis(np.rint(255 * channels).astype(np.uint32), -1, 0)
    opaque = np.broadcast_to(np.rint(255 * alpha).astype(np.uint32), red.shape)
    shades: npt.NDArray[np.uint32] = (opaque << 24) | (red << 16) | (green << 8) | blue
    return shades
