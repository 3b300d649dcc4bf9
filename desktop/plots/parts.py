"""The pieces the plots are put together from: texts, badges, legends, captioned frames."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from desktop.plots import wording
from desktop.plots.colors import text_on
from desktop.plots.groups import Group
from desktop.theme import GRID, Theme

#: Opacity of the plate behind a text that lies on data, of 255: the text reads, the data still shows.
PLATE_OPACITY = 205
#: Roundness of plates and badges in pixels.
ROUNDING = 4.0
#: How far a leaning text is turned, in degrees.
LEAN = 40.0
#: Distance between the columns of a legend in pixels.
COLUMN_GAP = 3 * GRID
#: Names in a strip are cut off at this width in pixels.
STRIP_NAME = 24.0 * GRID


class Label(QGraphicsItem):
    """One line of text that knows its exact place.

    Parameters
    ----------
    text : str
        What it says.
    font : QFont
        Its font, sized in pixels.
    color : str
        Its colour.
    plate : QColor, optional
        Background, for a text that lies on data.
    parent : QGraphicsItem, optional
        What it belongs to.

    Attributes
    ----------
    text, shown : str
        The whole text, and what there is room for.
    whole_width, width, height : float
        Size of the whole text and of what is shown, in pixels.
    """

    def __init__(
        self, text: str, font: QFont, color: str, *, plate: QColor | None = None, parent: QGraphicsItem | None = None
    ) -> None:
        super().__init__(parent)
        self.text = " ".join(text.split())
        self.shown = self.text
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._color = QColor(color)
        self._plate = plate
        self._padding = GRID / 2 if plate is not None else 0.0
        self.whole_width = self._metrics.horizontalAdvance(self.text) + 2 * self._padding
        self.width = self.whole_width
        self.height = self._metrics.height() + (2 if plate is not None else 0)

    @property
    def color(self) -> str:
        """Colour of the text."""
        return self._color.name()

    @property
    def elided(self) -> bool:
        """Whether a part of the text is cut off."""
        return self.shown != self.text

    def fit(self, width: float) -> None:
        """Show as much of the text as a width allows; the tool tip tells the rest."""
        self.prepareGeometryChange()
        room = width - 2 * self._padding
        if self.whole_width <= width:
            self.shown, self.width = self.text, self.whole_width
        else:
            self.shown = self._metrics.elidedText(self.text, Qt.TextElideMode.ElideRight, max(room, 0.0))
            self.width = self._metrics.horizontalAdvance(self.shown) + 2 * self._padding
        self.setToolTip(plain_tip(self.text) if self.elided else "")

    def lean(self, x: float, y: float) -> None:
        """Turn the text so that it rises to the right, and put the middle of its left edge at a place."""
        angle, half = math.radians(LEAN), self.height / 2
        self.setRotation(-LEAN)
        self.setPos(round(x - half * math.sin(angle)), round(y - half * math.cos(angle)))

    def leaning_size(self) -> tuple[float, float]:
        """Return how far right of and above that place the text reaches."""
        angle = math.radians(LEAN)
        width, height = self.whole_width, self.height
        return width * math.cos(angle) + height / 2 * math.sin(angle), width * math.sin(angle) + height / 2 * math.cos(
            angle
        )

    def put(self, x: float, y: float, *, across: float = 0.0, down: float = 0.0, upright: bool = False) -> None:
        """Move the text so that a point of it lies at a place.

        Parameters
        ----------
        x, y : float
            The place, in the parent's coordinates.
        across, down : float, default 0.0
            Which point: 0 the left or upper edge, 0.5 the middle, 1 the right or lower edge.
        upright : bool, default False
            Turn the text so that it reads from bottom to top.
        """
        width, height = (self.height, self.width) if upright else (self.width, self.height)
        left, top = round(x - across * width), round(y - down * height)
        self.setRotation(-90.0 if upright else 0.0)
        self.setPos(left, top + height if upright else top)

    def boundingRect(self) -> QRectF:
        """Return the text's rectangle in its own coordinates."""
        return QRectF(0.0, 0.0, self.width, self.height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the plate and the text."""
        if self._plate is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._plate)
            painter.drawRoundedRect(self.boundingRect(), ROUNDING, ROUNDING)
        painter.setFont(self._font)
        painter.setPen(self._color)
        top = (self.height - self._metrics.height()) / 2
        painter.drawText(QPointF(self._padding, top + self._metrics.ascent()), self.shown)


class Badge(QGraphicsItem):
    """A group's short mark on a plate of its colour, or a plain dot where it has none.

    Parameters
    ----------
    group : Group
        What it stands for.
    theme : Theme
        Fonts and colours.
    parent : QGraphicsItem, optional
        What it belongs to.

    Attributes
    ----------
    size : (float, float)
        Width and height in pixels.
    """

    def __init__(self, group: Group, theme: Theme, *, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.entry = group
        self._font = theme.font(small=True, strong=True)
        self._edge, self._fill, self._ink = QColor(theme.surface), QColor(group.color), QColor(text_on(group.color))
        metrics = theme.metrics(small=True, strong=True)
        height = round(metrics.height()) + 2.0
        self.size = max(height, round(metrics.horizontalAdvance(group.badge)) + float(GRID)), height
        self.setToolTip(plain_tip(group.name))

    def boundingRect(self) -> QRectF:
        """Return the badge's rectangle in its own coordinates."""
        return QRectF(0.0, 0.0, *self.size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the plate and the mark."""
        rect = self.boundingRect()
        painter.setBrush(self._fill)
        if not self.entry.badge:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(rect.center(), GRID / 2, GRID / 2)
            return
        painter.setPen(QPen(self._edge, 1.5))
        painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, -0.75), ROUNDING, ROUNDING)
        painter.setFont(self._font)
        painter.setPen(self._ink)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.entry.badge)


class Legend(QGraphicsWidget):
    """Badges, names and sizes of groups in as many columns as fit.

    Parameters
    ----------
    groups : sequence of Group
        Its lines.
    theme : Theme
        Fonts and colours.
    parent : QGraphicsItem, optional
        What it belongs to.
    """

    def __init__(self, groups: Sequence[Group], theme: Theme, *, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.badges = [Badge(group, theme, parent=self) for group in groups]
        self.names = [Label(group.name, theme.font(small=True), theme.text, parent=self) for group in groups]
        self.counts = [
            Label(wording.count(group.tracks), theme.font(small=True), theme.muted, parent=self) for group in groups
        ]
        metrics = theme.metrics(small=True)
        self._row = max(round(metrics.height()) + 6, 2 * GRID)
        self._mark = max((badge.size[0] for badge in self.badges), default=0.0) + GRID
        self._tail = max((count.width for count in self.counts), default=0.0) + GRID

    @property
    def column_width(self) -> float:
        """Width a column needs to show the longest name whole."""
        longest = max((name.whole_width for name in self.names), default=0.0)
        return self._mark + longest + self._tail

    def height_at(self, columns: int) -> float:
        """Return the height of the legend in a number of columns."""
        return float(-(-len(self.names) // columns) * self._row)

    def columns_in(self, width: float) -> int:
        """Return how many columns fit into a width, at least one."""
        return max(1, min(len(self.names), int((width + COLUMN_GAP) // (self.column_width + COLUMN_GAP))))

    def arrange(self, width: float) -> None:
        """Lay the lines out in a width, from top to bottom and then to the right."""
        columns = self.columns_in(width)
        rows = -(-len(self.names) // columns)
        step = min((width + COLUMN_GAP) / columns, self.column_width + COLUMN_GAP)
        for place, (badge, name, count) in enumerate(zip(self.badges, self.names, self.counts, strict=True)):
            column, row = divmod(place, max(rows, 1))
            left, middle = column * step, (row + 0.5) * self._row
            badge.setPos(round(left + (self._mark - GRID - badge.size[0]) / 2), round(middle - badge.size[1] / 2))
            name.fit(step - COLUMN_GAP - self._mark - self._tail)
            name.put(left + self._mark, middle, down=0.5)
            count.put(left + step - COLUMN_GAP, middle, across=1.0, down=0.5)
        self.resize(width, rows * self._row)


class Strip(QGraphicsWidget):
    """Badges and names of groups one after the other, in as few lines as possible; a tool tip tells the sizes.

    Parameters
    ----------
    groups : sequence of Group
        What it names.
    theme : Theme
        Fonts and colours.
    parent : QGraphicsItem, optional
        What it belongs to.
    """

    def __init__(self, groups: Sequence[Group], theme: Theme, *, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.badges = [Badge(group, theme, parent=self) for group in groups]
        self.names = [Label(group.name, theme.font(small=True), theme.text, parent=self) for group in groups]
        for group, badge, name in zip(groups, self.badges, self.names, strict=True):
            name.fit(STRIP_NAME)
            for item in (badge, name):
                item.setToolTip(plain_tip(f"{group.name}: {wording.tracks(group.tracks)}"))
        self._row = max(round(theme.metrics(small=True).height()) + 5, 2 * GRID)

    def _places(self, width: float) -> list[tuple[float, int]]:
        """Return where each group starts and in which line."""
        places, left, line = [], 0.0, 0
        for badge, name in zip(self.badges, self.names, strict=True):
            wide = badge.size[0] + GRID / 2 + name.width
            if left and left + wide > width:
                left, line = 0.0, line + 1
            places.append((left, line))
            left += wide + 2 * GRID
        return places

    def height_at(self, width: float) -> float:
        """Return the height in a width."""
        return float(self._row * (max((line for _, line in self._places(width)), default=-1) + 1))

    def arrange(self, width: float) -> None:
        """Lay the groups out in a width."""
        for badge, name, (left, line) in zip(self.badges, self.names, self._places(width), strict=True):
            middle = (line + 0.5) * self._row
            badge.setPos(round(left), round(middle - badge.size[1] / 2))
            name.put(round(left + badge.size[0] + GRID / 2), middle, down=0.5)
        self.resize(width, self.height_at(width))


def plain_tip(text: str) -> str:
    """Return a tool tip that shows a text as it is, also when it looks like HTML."""
    return f"<span>{html.escape(text)}</span>"
