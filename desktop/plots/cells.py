"""The cells of a heatmap and their colour bar."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from desktop.plots import arrange, colors, wording
from desktop.plots.arrays import FloatArray
from desktop.plots.parts import Label
from desktop.theme import GRID, Theme

Mode: TypeAlias = Literal["values", "difference"]

#: Length and thickness of the colour bar.
BAR = (30 * GRID, 1.5 * GRID)
#: Colours between the ends of the colour bar.
BAR_STEPS = 32
#: Room that a number leaves free in its cell, left and right together.
CELL_PADDING = 4.0


class Scale:
    """How values become colours.

    Parameters
    ----------
    values : np.ndarray
        Everything that is shown.
    mode : {"values", "difference"}
        From the lowest to the highest value, or as far below 0 as above it.
    theme : Theme
        The ramps.
    """

    def __init__(self, values: FloatArray, mode: Mode, theme: Theme) -> None:
        self._difference = mode == "difference"
        self._theme = theme
        reach = float(np.abs(values).max())
        self.low, self.high = (-reach, reach) if self._difference else (float(values.min()), float(values.max()))

    def colors(self, values: FloatArray) -> list[str]:
        """Return the colour of each value."""
        span = self.high - self.low
        places = (values - self.low) / span if span > 0 else np.full(len(values), 0.5)
        if self._difference:
            return colors.ramp(self._theme.diverging, places)
        return colors.ramp(self._theme.sequential, places, reverse=self._theme.reverse)


class Cells(QGraphicsItem):
    """A grid of coloured rectangles with a number in each.

    Parameters
    ----------
    values : np.ndarray [shape=(rows, columns), dtype=float64]
        The numbers.
    scale : Scale
        Their colours.
    signed : bool
        Whether numbers above 0 carry a plus sign.
    theme : Theme
        Fonts and colours.
    parent : QGraphicsItem
        What it belongs to.
    """

    def __init__(self, values: FloatArray, scale: Scale, *, signed: bool, theme: Theme, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.values = values
        self.colors = np.array(scale.colors(values.ravel())).reshape(values.shape)
        self.numbers = [
            [
                Label(wording.number(value, signed=signed), theme.font(small=True), colors.text_on(color), parent=self)
                for value, color in zip(row, shades, strict=True)
            ]
            for row, shades in zip(values, self.colors, strict=True)
        ]
        self._gap = QColor(theme.page)
        self._rect = QRectF()

    @property
    def number_width(self) -> float:
        """Width of the widest number in pixels."""
        return max(number.width for row in self.numbers for number in row)

    def cell(self, row: int, column: int) -> QRectF:
        """Return the rectangle of a cell in the grid's coordinates."""
        rows, columns = self.values.shape
        width, height = self._rect.width() / columns, self._rect.height() / rows
        return QRectF(column * width, row * height, width, height)

    def arrange(self, rect: QRectF) -> None:
        """Fill a rectangle; numbers that do not fit into their cells are left out."""
        self.prepareGeometryChange()
        self.setPos(rect.topLeft())
        self._rect = QRectF(0.0, 0.0, rect.width(), rect.height())
        fits = self.number_width + CELL_PADDING <= self.cell(0, 0).width()
        for row, numbers in enumerate(self.numbers):
            for column, number in enumerate(numbers):
                center = self.cell(row, column).center()
                number.put(center.x(), center.y(), across=0.5, down=0.5)
                number.setVisible(fits)

    def boundingRect(self) -> QRectF:
        """Return the grid's rectangle in its own coordinates."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the rectangles with thin gaps between them."""
        painter.setPen(QPen(self._gap, 1.0))
        for row, shades in enumerate(self.colors):
            for column, shade in enumerate(shades):
                painter.setBrush(QColor(str(shade)))
                painter.drawRect(self.cell(row, column))


class ColorBar(QGraphicsItem):
    """The colours of a scale with round numbers below them, and what they mean beside them."""

    def __init__(self, scale: Scale, meaning: str, *, signed: bool, theme: Theme, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self._scale = scale
        self._line = QColor(theme.line)
        self._stops = scale.colors(np.linspace(scale.low, scale.high, BAR_STEPS + 1))
        self.meaning = Label(meaning, theme.font(small=True), theme.muted, parent=self)
        self._ticks = arrange.ticks(scale.low, scale.high, most=8)
        self.numbers = [
            Label(wording.number(tick, signed=signed), theme.font(small=True), theme.muted, parent=self)
            for tick in self._ticks
        ]
        self._length = 0.0

    def arrange(self, width: float) -> None:
        """Lay the bar out in a width; it gets shorter where there is little room."""
        self.prepareGeometryChange()
        self._length = min(BAR[0], width)
        for tick, number in zip(self._ticks, self.numbers, strict=True):
            number.put(self._across(tick), BAR[1] + GRID / 2, across=0.5)
        self.meaning.fit(width - self._length - 2 * GRID)
        self.meaning.put(self._length + 2 * GRID, BAR[1] / 2, down=0.5)
        self.meaning.setVisible(not self.meaning.elided)

    def _across(self, value: float) -> float:
        span = self._scale.high - self._scale.low
        return self._length * ((value - self._scale.low) / span if span > 0 else 0.5)

    @property
    def whole_width(self) -> float:
        """Width of the longest bar with its meaning in pixels."""
        return BAR[0] + 2 * GRID + self.meaning.whole_width

    @property
    def height(self) -> float:
        """Height of the bar with its numbers in pixels."""
        return BAR[1] + GRID / 2 + self.meaning.height

    def boundingRect(self) -> QRectF:
        """Return the bar's rectangle with its ticks, in its own coordinates."""
        return QRectF(-1.0, -1.0, self._length + 2.0, BAR[1] + GRID / 2 + 1.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the colours, a frame and a tick at each number."""
        gradient = QLinearGradient(0.0, 0.0, self._length, 0.0)
        for step, color in enumerate(self._stops):
            gradient.setColorAt(step / BAR_STEPS, QColor(color))
        painter.setPen(QPen(self._line, 1.0))
        painter.setBrush(QBrush(gradient))
        painter.drawRect(QRectF(0.0, 0.0, self._length, BAR[1]))
        for tick in self._ticks:
            across = self._across(tick)
            painter.drawLine(round(across), round(BAR[1]), round(across), round(BAR[1] + GRID / 2))
