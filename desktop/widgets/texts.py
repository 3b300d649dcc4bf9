"""Texts that have less room than they need."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QStylePainter,
)

from desktop.plots.parts import plain_tip
from desktop.theme import GRID


def wrapped(text: str, font: QFont, width: float, lines: int) -> list[str]:
    """Break a text into lines; what does not fit into the last one is elided.

    Parameters
    ----------
    text : str
        What it says, in any script.
    font : QFont
        Its font.
    width : float
        Room in pixels.
    lines : int
        How many lines there may be.

    Returns
    -------
    list of str
        At least one line.
    """
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    starts: list[int] = []
    layout.beginLayout()
    while len(starts) <= lines and (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1.0))
        starts.append(line.textStart())
    layout.endLayout()
    # Python counts characters, Qt the 16-bit units they take.
    units = text.encode("utf-16-le")
    ends = [*starts[1:lines], len(units) // 2]
    parts = [units[2 * start : 2 * end].decode("utf-16-le", "ignore").strip() for start, end in zip(starts, ends)]  # noqa: B905
    last = QFontMetricsF(font).elidedText(parts[-1], Qt.TextElideMode.ElideRight, width) if parts else ""
    return [*parts[:-1], last]


def direction_of(text: str) -> Qt.LayoutDirection:
    """Return the direction in which a text is read: that of its first letter (rules P2 and P3 of Unicode's UAX 9)."""
    found = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return Qt.LayoutDirection.LeftToRight if found == "L" else Qt.LayoutDirection.RightToLeft


def draw_text(painter: QPainter, rect: QRect, flags: Qt.AlignmentFlag, text: str) -> None:
    """Draw one line at the side that is asked for; what is left out is marked where the text ends when it is read."""
    painter.setLayoutDirection(direction_of(text))
    painter.drawText(rect, flags | Qt.AlignmentFlag.AlignAbsolute, text)
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


class TextCell(QStyledItemDelegate):
    """Draws texts of either direction at the same side."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Mark what is left out where the text ends when it is read."""
        super().initStyleOption(option, index)
        option.direction = direction_of(option.text)
        option.displayAlignment |= Qt.AlignmentFlag.AlignAbsolute


class ElidedLabel(QLabel):
    """A label of one line that shows as much as there is room for, and the whole text as a tool tip.

    Parameters
    ----------
    role : str, default ""
        See `desktop.widgets.basics.label`.
    least : int, default 64
        Width in pixels that it does not go below, unless its text is shorter.
    """

    def __init__(self, *, role: str = "", least: int = 8 * GRID) -> None:
        super().__init__()
        self._least = least
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    @property
    def shown(self) -> str:
        """The text there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def minimumSizeHint(self) -> QSize:
        """Return the room for a few letters."""
        return QSize(min(super().sizeHint().width(), self._least), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        painter.setLayoutDirection(direction_of(self.text()))
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        self.style().drawItemText(
            painter, self.contentsRect(), int(side),
            option.palette, bool(option.state & QStyle.StateFlag.State_Enabled), self.shown, self.foregroundRole(),
        )  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have a tool tip only when something is missing."""
        super().resizeEvent(event)
        self._tell()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        self._tell()

    def _tell(self) -> None:
        self.setToolTip(plain_tip(self.text()) if self.shown != self.text() else "")


class ElidedButton(QPushButton):
    """A button that shows as much of its text as there is room for, and the whole text as a tool tip.

    Parameters
    ----------
    text : str
        What it says.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def shown(self) -> str:
        """The text there is room for."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def minimumSizeHint(self) -> QSize:
        """Return the room for a few letters."""
        return QSize(min(super().sizeHint().width(), 10 * GRID), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button with what there is room for."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have a tool tip only when something is missing."""
        super().resizeEvent(event)
        self.setToolTip(plain_tip(self.text()) if self.shown != self.text() else "")
