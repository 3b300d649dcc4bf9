"""What lies above the points of a map: feature arrows with their words, and the groups' badges."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from desktop.plots import arrange, wording
from desktop.plots.arrange import Box, Room
from desktop.plots.arrays import FloatArray
from desktop.plots.groups import Group
from desktop.plots.parts import PLATE_OPACITY, Badge, Label
from desktop.theme import GRID, Theme

#: Length of the longest arrow as a share of the shorter side of the plot.
LONGEST_ARROW = 0.36
#: Arrows shorter than this share of the longest one point out of the plane; they are left out.
SHORTEST_ARROW = 0.12
#: Length of an arrow's head in pixels.
HEAD = 9.0
#: Words and badges keep this far from the edge of the plot, in pixels.
EDGE = 4.0
#: Words and badges go this many pixels aside to leave points free.
ASIDE = 48.0
#: A badge this many pixels away from its group's middle is tied to it by a line.
TIED_FROM = 14.0


class Annotations(QGraphicsItem):
    """Arrows and badges of one map, placed anew whenever the view changes.

    Parameters
    ----------
    features : tuple of str
        The features that were projected.
    loadings : np.ndarray [shape=(2, n_features), dtype=float64]
        Direction of each axis in feature space.
    groups : sequence of Group
        The groups that get a badge.
    medians : np.ndarray [shape=(len(groups), 2), dtype=float64]
        Middle of each group; NaN for an empty one.
    theme : Theme
        Fonts and colours.
    parent : QGraphicsItem
        What it belongs to.
    """

    def __init__(
        self,
        features: tuple[str, ...],
        loadings: FloatArray,
        groups: Sequence[Group],
        medians: FloatArray,
        theme: Theme,
        *,
        parent: QGraphicsItem,
    ) -> None:
        super().__init__(parent)
        lengths = np.hypot(*loadings)
        longest = lengths.max(initial=0.0)
        shown = [
            int(place) for place in np.argsort(-lengths, kind="stable") if lengths[place] > SHORTEST_ARROW * longest
        ]
        self._directions = loadings.T[shown] / longest if shown else np.empty((0, 2))
        plate = QColor(theme.surface)
        plate.setAlpha(PLATE_OPACITY)
        self.words = [
            Label(wording.direction(features[place]), theme.font(small=True), theme.text, plate=plate, parent=self)
            for place in shown
        ]
        # A group without a mark, such as a step of a feature, is everywhere at once: a bare dot would say nothing.
        filled = [place for place, group in enumerate(groups) if group.badge and np.isfinite(medians[place]).all()]
        self.badges = [Badge(groups[place], theme, parent=self) for place in filled]
        self._medians = medians[filled]
        self._theme = theme
        self._rect = QRectF()
        self._scale: tuple[float, ...] = ()
        self._corner = QPointF()
        self._shift = QPointF()
        self._arrows: list[tuple[QPointF, QPointF]] = []
        self._ties: list[tuple[QPointF, QPointF]] = []
        self._placed: list[tuple[QGraphicsItem, QPointF, QRectF]] = []

    @property
    def arrows(self) -> list[tuple[QPointF, QPointF]]:
        """Start and tip of each arrow that is drawn, in pixels."""
        return list(self._arrows)

    def place(
        self,
        rect: QRectF,
        x_range: Sequence[float],
        y_range: Sequence[float],
        *,
        at_rest: bool = True,
        points: FloatArray | None = None,
        radius: float = 0.0,
    ) -> None:
        """Put arrows, words and badges where a view of the data needs them.

        Parameters
        ----------
        rect : QRectF
            The plot, in the parent's coordinates.
        x_range, y_range : (float, float)
            What it shows of the data.
        at_rest : bool, default True
            Find the best places; while the view moves, everything moves with the points instead.
        points : np.ndarray [shape=(n, 2), dtype=float64], optional
            Points of the data to leave free as far as possible, when there are few.
        radius : float, default 0.0
            Of these points, in pixels.
        """
        scale = rect.width(), rect.height(), x_range[1] - x_range[0], y_range[1] - y_range[0]
        corner = QPointF(x_range[0] / scale[2] * scale[0], -y_range[1] / scale[3] * scale[1])
        if not at_rest and np.allclose(scale, self._scale or 0.0):
            self._move(self._corner - corner)
            return
        self.prepareGeometryChange()
        self.setPos(rect.topLeft())
        self._rect = QRectF(0.0, 0.0, rect.width(), rect.height())
        self._scale, self._corner, self._shift = scale, corner, QPointF()

        unit = np.array([rect.width() / scale[2], -rect.height() / scale[3]])
        first = np.array([x_range[0], y_range[1]])
        bounds = Box(EDGE, EDGE, max(rect.width() - 2 * EDGE, 0.0), max(rect.height() - 2 * EDGE, 0.0))
        room = Room(bounds, None if points is None else (points - first) * unit, radius)
        middles = [(float(x), float(y)) for x, y in ((self._medians - first) * unit).tolist()]
        self._place_arrows((float(-first[0] * unit[0]), float(-first[1] * unit[1])), room)
        self._place_badges(middles, room)
        self._placed = [
            (item, item.pos(), item.boundingRect()) for item in (*self.words, *self.badges) if item.isVisible()
        ]

    def _move(self, shift: QPointF) -> None:
        """Move everything away from where it was placed; words and badges at the edge are left out."""
        self._shift = shift
        for item, place, rect in self._placed:
            item.setPos(place + shift)
            item.setVisible(self._rect.contains(rect.translated(item.pos())))
        self.update()

    def _place_arrows(self, origin: tuple[float, float], room: Room) -> None:
        self._arrows = []
        visible = room.holds(Box(*origin, 0.0, 0.0))
        length = LONGEST_ARROW * min(room.bounds.width, room.bounds.height)
        tips = [(origin[0] + x * length, origin[1] - y * length) for x, y in self._directions]
        if visible:
            for tip in tips:
                room.take(_along(origin, tip))
        for word, tip in zip(self.words, tips, strict=True):
            size = (word.width, word.height)
            angle = math.atan2(tip[1] - origin[1], tip[0] - origin[0])
            box = room.place(size, arrange.places_at_tip(tip, angle, size), gap=2.0, aside=ASIDE) if visible else None
            word.setVisible(box is not None)
            if box is not None:
                word.setPos(box.x, box.y)
                self._arrows.append((QPointF(*origin), QPointF(*tip)))

    def _place_badges(self, middles: Sequence[tuple[float, float]], room: Room) -> None:
        self._ties = []
        for badge, middle in zip(self.badges, middles, strict=True):
            places = arrange.places_around(middle, reach=min(room.bounds.width, room.bounds.height) / 2)
            box = room.place(badge.size, places, gap=1.0, aside=ASIDE) if room.holds(Box(*middle, 0.0, 0.0)) else None
            badge.setVisible(box is not None)
            if box is not None:
                badge.setPos(box.x, box.y)
                if math.dist(box.center, middle) >= TIED_FROM:
                    self._ties.append((QPointF(*middle), QPointF(*box.center)))

    def boundingRect(self) -> QRectF:
        """Return the plot's rectangle."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the arrows and the lines that tie badges to their groups, each with a halo."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self._rect, Qt.ClipOperation.IntersectClip)
        painter.translate(self._shift)
        ink, halo = QColor(self._theme.text), QColor(self._theme.surface)
        halo.setAlpha(PLATE_OPACITY)
        for color, width in ((halo, 3.5), (ink, 1.0)):
            painter.setPen(QPen(color, width))
            painter.setBrush(color)
            for middle, end in self._ties:
                painter.drawLine(middle, end)
                painter.drawEllipse(middle, 1.5, 1.5)
        shafts, heads = QPainterPath(), QPainterPath()
        for start, tip in self._arrows:
            shafts.moveTo(start)
            shafts.lineTo(tip)
            heads.addPolygon(_head(start, tip))
            heads.closeSubpath()
        for color, extra in ((halo, 3.0), (ink, 0.0)):
            painter.setPen(QPen(color, 1.5 + extra, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(shafts)
            painter.setPen(QPen(color, extra) if extra else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(color)
            painter.drawPath(heads)


def _along(start: tuple[float, float], tip: tuple[float, float]) -> list[Box]:
    """Return boxes that keep an arrow free of words and badges, but for where all arrows start."""
    steps = max(2, int(math.dist(start, tip) / 8))
    shares = [step / steps for step in range(steps // 3, steps)]
    shaft = [
        Box.around((start[0] + share * (tip[0] - start[0]), start[1] + share * (tip[1] - start[1])), (4.0, 4.0))
        for share in shares
    ]
    return [*shaft, Box.around(tip, (HEAD, HEAD))]


def _head(start: QPointF, tip: QPointF) -> QPolygonF:
    """Return the triangle at the end of an arrow."""
    angle = math.atan2(tip.y() - start.y(), tip.x() - start.x())
    across, down = math.cos(angle), math.sin(angle)
    back, side = QPointF(tip.x() - HEAD * across, tip.y() - HEAD * down), QPointF(-down, across) * (0.36 * HEAD)
    return QPolygonF([tip + QPointF(across, down) * (GRID / 4), back + side, back - side])
