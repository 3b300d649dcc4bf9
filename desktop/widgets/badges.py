"""The mark of a playlist: its number on its colour, wherever the playlist is named."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyleOptionViewItem, QWidget

from desktop.plots import wording
from desktop.plots.colors import text_on
from desktop.theme import GRID, Theme
from desktop.widgets.texts import TextCell, draw_text, wrapped


def badge_width(theme: Theme) -> int:
    """Return the width of a mark in pixels: room for two digits."""
    return max(3 * GRID, round(theme.metrics(small=True, strong=True).horizontalAdvance("00")) + GRID)


def paint_badge(painter: QPainter, rect: QRectF, number: int, theme: Theme) -> None:
    """Draw the mark of a playlist.

    Parameters
    ----------
    painter : QPainter
        Draws it; is left as it was.
    rect : QRectF
        Where.
    number : int
        The playlist's number.
    theme : Theme
        Fonts and colours.
    """
    color = theme.cluster_color(number)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(rect, 4, 4)
    painter.setPen(QColor(text_on(color)))
    painter.setFont(theme.font(small=True, strong=True))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, wording.cluster_badge(number))
    painter.restore()


class BadgeCell(TextCell):
    """Draws a playlist's mark before its name.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    role : int
        Role of the model that holds the number; None in cells without a mark.
    parent : QWidget
        The table.
    """

    def __init__(self, theme: Theme, role: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._role, self._wide = theme, role, badge_width(theme)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the room for mark and name."""
        mark = self._wide + 4 if index.data(self._role) is not None else 0
        return super().sizeHint(option, index) + QSize(mark, 0)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the background, the mark and the name."""
        number = index.data(self._role)
        if number is None:
            super().paint(painter, option, index)
            return
        whole = QRect(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, option.palette.highlight())
        option.rect = whole.adjusted(self._wide + 4, 0, 0, 0)
        super().paint(painter, option, index)
        tall = round(self._theme.metrics(small=True).height())
        paint_badge(painter, QRectF(whole.left() + GRID, whole.center().y() - tall / 2 + 1, self._wide, tall), number,
                    self._theme)  # fmt: skip


class BadgeHeader(QHeaderView):
    """Heads of columns that stand for playlists: the mark, and the name below it, or upright above it.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    role : int
        Role of the model that holds the number; None for other columns.
    parent : QWidget
        The table.
    """

    #: The name of a playlist may take this many lines.
    LINES = 3
    #: Room beside a lying name in pixels; it ends where the numbers below it end.
    AROUND = 2 * GRID + 4
    #: An upright name is at most this long, in heights of a line.
    LONGEST = 8

    def __init__(self, theme: Theme, role: int, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._role, self._wide = theme, role, badge_width(theme)
        self._line = round(theme.metrics(small=True).height())
        self.upright = False
        self._tallest = 0
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def turn(self, upright: bool, *, tallest: int) -> None:
        """Let names lie or stand upright.

        Parameters
        ----------
        upright : bool
            Whether they stand upright, for columns narrower than their words.
        tallest : int
            Room for upright names in pixels; they get what a word and what lying names take in any case.
        """
        self.upright, self._tallest = upright, tallest
        self.viewport().update()

    def lines(self, place: int) -> list[str]:
        """Return what is shown of a name, line by line."""
        text = str(self.model().headerData(place, self.orientation()) or "")
        font = self._theme.font(small=True)
        if not self.upright:
            return wrapped(text, font, self.sectionSize(place) - self.AROUND, self.LINES)
        most = max(1, min(self.LINES, (self.sectionSize(place) - 2) // self._line))
        words = text.split() if most > 1 else []
        word = max((self._theme.metrics(small=True).horizontalAdvance(word) for word in words), default=0.0)
        room = max(self._tallest, (self.LINES + 1) * self._line, ceil(word))
        return wrapped(text, font, min(room, self.LONGEST * self._line), most)

    def sizeHint(self) -> QSize:
        """Return the height of a mark and a name."""
        heads = [place for place in range(self.count()) if self._number(place) is not None]
        length = self._line * self.LINES if heads else 0
        if self.upright and heads:
            metrics = self._theme.metrics(small=True)
            length = ceil(max(metrics.horizontalAdvance(line) for place in heads for line in self.lines(place))) + 4
        return QSize(super().sizeHint().width(), self._line + length + 2 * GRID)

    def _number(self, place: int) -> int | None:
        number: int | None = self.model().headerData(place, self.orientation(), self._role)
        return number

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Draw the head of a column."""
        number, theme = self._number(logicalIndex), self._theme
        painter.save()
        painter.setPen(QColor(theme.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(QColor(theme.muted))
        painter.setFont(theme.font(small=True))
        lines = self.lines(logicalIndex)
        if self.upright and number is not None:
            self._paint_upright(painter, rect, number, lines)
        else:
            self._paint_lying(painter, rect.adjusted(4, 4, 4 - self.AROUND, -4), number, lines)
        painter.restore()

    def _paint_lying(self, painter: QPainter, inner: QRect, number: int | None, lines: list[str]) -> None:
        if self.upright:
            # What has no mark stands in the line of the marks.
            inner.setTop(inner.bottom() - self._line)
        if number is not None:
            mark = QRectF(inner.right() - self._wide + 1, inner.top(), self._wide, self._line)
            paint_badge(painter, mark, number, self._theme)
            inner.setTop(inner.top() + self._line + 2)
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        for place, line in enumerate(lines):
            draw_text(painter, inner.translated(0, place * self._line), corner, line)

    def _paint_upright(self, painter: QPainter, rect: QRect, number: int, lines: list[str]) -> None:
        """Draw a name that reads from bottom to top, and the mark below it."""
        top = rect.bottom() - 4 - self._line
        left = rect.left() + (rect.width() - self._wide) / 2
        paint_badge(painter, QRectF(left, top, self._wide, self._line), number, self._theme)
        length = top - 4 - rect.top()
        painter.translate(rect.left() + (rect.width() - self._line * len(lines)) // 2, top - 4)
        painter.rotate(-90)
        start = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for place, line in enumerate(lines):
            draw_text(painter, QRect(0, place * self._line, length, self._line), start, line)
