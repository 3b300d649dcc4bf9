"""Points of a scatter plot in a few shared styles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QImage, QPaintEngine, QPainter, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from desktop.plots.arrays import FloatArray, IntArray

#: Device pixels a pixel of the image that stands for the points in an SVG file.
SVG_RATIO = 2


class GroupedPoints(pg.ScatterPlotItem):  # type: ignore[misc]
    """A scatter plot whose points come in groups of one brush each.

    pyqtgraph looks the style of every point up by itself, in Python. Here it is looked up once a group, so that
    100,000 points are ready in a tenth of a second.

    Parameters
    ----------
    pixel_ratio : float
        Device pixels a pixel, for sharp points.
    """

    def __init__(self, *, pixel_ratio: float) -> None:
        self._codes = np.empty(0, dtype=np.int64)
        self._brushes: tuple[QBrush, ...] = ()
        super().__init__(pxMode=True, pen=None)
        self.fragmentAtlas.setDevicePixelRatio(pixel_ratio)

    def show_points(self, xy: FloatArray, codes: IntArray, brushes: Sequence[QBrush], *, size: float) -> None:
        """Show other points.

        Parameters
        ----------
        xy : np.ndarray [shape=(n, 2), dtype=float64]
            Where they are, in the order they are drawn.
        codes : np.ndarray [shape=(n,), dtype=int64]
            Position of each point's brush in `brushes`.
        brushes : sequence of QBrush
            One brush a group.
        size : float
            Diameter in pixels.
        """
        self._codes, self._brushes = codes, tuple(brushes)
        self.fragmentAtlas.clear()
        self.setData(x=xy[:, 0], y=xy[:, 1], size=size)

    def updateSpots(self, dataSet: object = None) -> None:
        """Give every point the picture of its group's symbol; called by pyqtgraph when points or screen change."""
        if len(self.data) != len(self._codes) or not self._brushes:
            return
        self.data["brush"] = np.array(self._brushes, dtype=object)[self._codes]
        styles = [(self.opts["symbol"], self.opts["size"], self.opts["pen"], brush) for brush in self._brushes]
        places = np.array(self.fragmentAtlas[styles], dtype=self.data.dtype["sourceRect"])
        self.data["sourceRect"] = places[self._codes]
        self._updateMaxSpotSizes(data=self.data)
        self.invalidate()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the points; into an SVG file as one image, since thousands of shapes would make it huge."""
        if painter.paintEngine().type() != QPaintEngine.Type.SVG:
            super().paint(painter, option, widget)
            return
        frame = self.getViewBox().sceneBoundingRect()
        image = QImage((frame.size() * SVG_RATIO).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(SVG_RATIO)
        image.fill(Qt.GlobalColor.transparent)
        inner = QPainter(image)
        inner.setTransform(painter.transform() * QTransform.fromTranslate(-frame.x(), -frame.y()))
        super().paint(inner, option, widget)
        inner.end()
        painter.save()
        painter.resetTransform()
        painter.drawImage(frame, image)
        painter.restore()
