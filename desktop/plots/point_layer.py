"""Points of a plot as one picture: moved with the view at once, drawn anew in slices."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from desktop.plots.arrays import FloatArray, IntArray
from desktop.plots.raster import CHUNK, Frame, dots
from desktop.theme import Theme

#: More points than this on the screen are drawn as a raster; up to this many as round ones, all at once.
CRISP = 20_000
#: Round points drawn in one step.
SLICE = 5000
#: The picture reaches this many pixels farther than the view, so that it can be moved without being drawn anew.
MARGIN = 160.0
#: Drawing takes at most about this long before the window has its turn.
SLICE_SECONDS = 0.004
#: Device pixels a pixel of the image that stands for the points in an SVG file.
SVG_RATIO = 2.0
#: Side of a raster point in pixels.
DOT = 2.0
#: Diameter of the ring around a marked point.
RING = 14.0


@dataclass(frozen=True)
class _Look:
    """What a picture shows, besides the points."""

    frame: Frame
    diameter: float
    opacity: int
    version: int


@dataclass(frozen=True, eq=False)
class _Picture:
    look: _Look
    image: QImage


class PointLayer(QGraphicsObject):
    """Points in a few colours, in front of everything else that a view box shows.

    Up to `CRISP` points are drawn before they are painted. More are drawn in slices between two events, and until
    the new picture is there the last one is shown, moved and scaled as the view is now.

    Parameters
    ----------
    box : pyqtgraph.ViewBox
        Whose data it shows.
    immediate : bool
        Whether any number of points is drawn before painting, for files.
    """

    def __init__(self, box: pg.ViewBox, *, immediate: bool = False) -> None:
        super().__init__(box)
        self._box, self._immediate = box, immediate
        self._xy = np.empty((0, 2), dtype=np.float32)
        self._codes = np.empty(0, dtype=np.uint8)
        self._colors: tuple[str, ...] = ()
        self._diameter, self._opacity, self._version = 0.0, 255, 0
        self._picture: _Picture | None = None
        self._steps: Iterator[_Picture | None] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        box.sigRangeChanged.connect(self._follow)
        box.sigResized.connect(self._resize)

    def show_points(self, xy: npt.NDArray[np.floating[Any]], codes: IntArray, colors: Sequence[str]) -> None:
        """Show other points.

        Parameters
        ----------
        xy : np.ndarray [shape=(n, 2)]
            Where they are, in the order they are drawn.
        codes : np.ndarray [shape=(n,), dtype=int64]
            Position of each point's colour in `colors`.
        colors : sequence of str
            At most 255.
        """
        self._xy, self._codes = np.ascontiguousarray(xy, dtype=np.float32), codes.astype(np.uint8)
        self._colors = tuple(colors)
        self._version += 1
        self._stop()
        if not len(xy):
            self._picture = None
        self.update()

    def set_look(self, diameter: float, opacity: int) -> None:
        """Choose the diameter of single points in pixels and their opacity, 0 to 255."""
        if (diameter, opacity) != (self._diameter, self._opacity):
            self._diameter, self._opacity = diameter, opacity
            self.update()

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self._xy)

    @property
    def is_ready(self) -> bool:
        """Whether the picture shows what it should."""
        return self._steps is None and (not len(self._xy) or self._fits(self._look(self._ratio)))

    def finish(self) -> None:
        """Draw what is not drawn yet, however long it takes."""
        look = self._look(self._ratio)
        if not self._fits(look):
            self._steps = self._draw(self._with_margin(look))
        while self._steps is not None:
            self._step()

    def boundingRect(self) -> QRectF:
        """Return the view box's rectangle."""
        return QRectF(self._box.rect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Show the picture where the view is now."""
        if not len(self._xy):
            return
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            self._show(painter, self._now(self._look(SVG_RATIO)), SVG_RATIO)
            return
        ratio = painter.device().devicePixelRatioF()
        look = self._look(ratio)
        if not self._fits(look):
            wanted = self._with_margin(look)
            if self._immediate or len(self._xy) <= CRISP:
                self._picture = self._now(wanted)
            elif self._steps is None:
                self._steps = self._draw(wanted)
                self._timer.start()
        if self._picture is not None:
            self._show(painter, self._picture, ratio)

    def _follow(self) -> None:
        self.update()

    def _resize(self) -> None:
        self.prepareGeometryChange()

    @property
    def _ratio(self) -> float:
        views = self.scene().views() if self.scene() else []
        return float(views[0].devicePixelRatioF()) if views else 1.0

    def _look(self, ratio: float, margin: float = 0.0) -> _Look:
        x_range, y_range = self._box.viewRange()
        size = self._box.width(), self._box.height()
        frame = Frame.around(x_range, y_range, size, ratio=ratio, margin=margin)
        return _Look(frame, self._diameter * ratio, self._opacity, self._version)

    def _with_margin(self, look: _Look) -> _Look:
        ratio = look.diameter / self._diameter if self._diameter else 1.0
        return self._look(ratio, MARGIN)

    def _fits(self, look: _Look) -> bool:
        have = self._picture.look if self._picture else None
        return have is not None and (
            (have.version, have.diameter, have.opacity) == (look.version, look.diameter, look.opacity)
            and have.frame.covers(look.frame)
        )

    def _now(self, look: _Look) -> _Picture:
        self._stop()
        return next(picture for picture in self._draw(look) if picture is not None)

    def _stop(self) -> None:
        self._timer.stop()
        self._steps = None

    def _work(self) -> None:
        """Draw for a moment."""
        until = time.perf_counter() + SLICE_SECONDS
        while self._steps is not None and time.perf_counter() < until:
            self._step()

    def _step(self) -> None:
        assert self._steps is not None
        picture = next(self._steps)
        if picture is not None:
            self._stop()
            self._picture = picture
            self.update()

    def _draw(self, look: _Look) -> Iterator[_Picture | None]:
        """Yield None after each step, at last the picture."""
        parts: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]] = []
        xy, codes, colors = self._xy, self._codes, self._colors
        for start in range(0, len(xy), CHUNK):
            rows, places = look.frame.places(xy[start : start + CHUNK], reach=look.diameter)
            parts.append((places, codes[start : start + CHUNK][rows]))
            yield None
        if sum(len(places) for places, _ in parts) <= CRISP:
            yield from _discs(look, parts, colors)
            return
        side = max(1, round(DOT * look.diameter / max(self._diameter, 1e-9)))
        for picture in dots(look.frame, parts, colors, side=side, opacity=look.opacity / 255):
            if picture is None:
                yield None
                continue
            height, width = picture.shape
            image = QImage(picture.tobytes(), width, height, QImage.Format.Format_ARGB32_Premultiplied)
            yield _Picture(look, image.copy())

    def _show(self, painter: QPainter, picture: _Picture, ratio: float) -> None:
        """Show a picture, sharp at its own scale, stretched at another one."""
        (left, right), (low, high) = self._box.viewRange()
        width, height = self._box.width(), self._box.height()
        frame = picture.look.frame
        across, down = width / (right - left), height / (high - low)
        target = QRectF(
            (frame.left - left) * across, (high - frame.top) * down,
            frame.width * frame.across * across, frame.height * frame.down * down,
        )  # fmt: skip
        painter.save()
        painter.setClipRect(self.boundingRect(), Qt.ClipOperation.IntersectClip)
        if abs(target.width() * ratio - frame.width) < 1.0 and abs(target.height() * ratio - frame.height) < 1.0:
            corner = QPointF(round(target.x() * ratio) / ratio, round(target.y() * ratio) / ratio)
            target = QRectF(corner.x(), corner.y(), frame.width / ratio, frame.height / ratio)
        painter.drawImage(target, picture.image)
        painter.restore()


class Rings(QGraphicsItem):
    """Rings around single points.

    Parameters
    ----------
    box : pyqtgraph.ViewBox
        Whose data they are in.
    theme : Theme
        Colours.
    """

    def __init__(self, box: pg.ViewBox, theme: Theme) -> None:
        super().__init__(box)
        self._box, self._theme = box, theme
        self._xy: FloatArray = np.empty((0, 2))
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        box.sigRangeChanged.connect(lambda: self.update())

    def show_points(self, xy: FloatArray) -> None:
        """Ring other points [shape=(n, 2)]."""
        self._xy = xy
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the view box's rectangle."""
        return QRectF(self._box.rect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the rings, each with a halo."""
        (left, right), (low, high) = self._box.viewRange()
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in self._xy.tolist():
            middle = QPointF((x - left) / (right - left) * rect.width(), (high - y) / (high - low) * rect.height())
            for color, width in ((self._theme.surface, 4.5), (self._theme.text, 2.0)):
                painter.setPen(QPen(QColor(color), width))
                painter.drawEllipse(middle, RING / 2, RING / 2)


def _discs(
    look: _Look, parts: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]], colors: Sequence[str]
) -> Iterator[_Picture | None]:
    """Draw round points, some at a time."""
    image = QImage(look.frame.width, look.frame.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    side = int(np.ceil(look.diameter)) + 2
    symbols = _symbols(colors, side, look)
    for places, codes in parts:
        for start in range(0, len(places), SLICE):
            _stamp(image, places[start : start + SLICE], codes[start : start + SLICE], symbols, side)
            yield None
    yield _Picture(look, image)


def _symbols(colors: Sequence[str], side: int, look: _Look) -> QPixmap:
    """Return the round point of each colour, side by side."""
    symbols = QPixmap(side * max(len(colors), 1), side)
    symbols.fill(Qt.GlobalColor.transparent)
    painter = QPainter(symbols)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for place, color in enumerate(colors):
        shade = QColor(color)
        shade.setAlpha(look.opacity)
        painter.setBrush(shade)
        painter.drawEllipse(QPointF((place + 0.5) * side, side / 2), look.diameter / 2, look.diameter / 2)
    painter.end()
    return symbols


def _stamp(
    image: QImage, places: npt.NDArray[np.float32], codes: npt.NDArray[np.uint8], symbols: QPixmap, side: int
) -> None:
    """Put symbols onto an image; Qt takes them from an array of ten numbers each."""
    fragments = np.empty((len(places), 10))
    # Whole pixels, so that Qt copies the symbol as it is.
    fragments[:, 0:2] = np.rint(places - side / 2) + side / 2
    fragments[:, 2] = codes.astype(np.float64) * side
    fragments[:, 3:10] = 0.0, side, side, 1.0, 1.0, 0.0, 1.0
    first = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
    painter = QPainter(image)
    painter.drawPixmapFragments(first, len(fragments), symbols)  # type: ignore[arg-type]
    painter.end()
