"""The mark of a playlist: its number on its colour, wherever the playlist is named."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.plots import wording
from desktop.plots.colors import text_on
from desktop.theme import GRID, Theme
from desktop.widgets.texts import wrapped


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


class BadgeCell(QStyledItemDelegate):
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
    """Heads of columns that stand for playlists: the mark, and the name below it where there is room.

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

    def __init__(self, theme: Theme, role: int, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._role, self._wide = theme, role, badge_width(theme)
        self._line = round(theme.metrics(small=True).height())
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        """Return the height of a mark and a name."""
        model = self.model()
        heads = range(self.count())
        named = any(
            model.headerData(place, self.orientation(), self._role) is not None
            and model.headerData(place, self.orientation())
            for place in heads
        )
        lines = self.LINES if named else 0
        return QSize(super().sizeHint().width(), self._line * (lines + 1) + 2 * GRID)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Draw the head of a column."""
        number = self.model().headerData(logicalIndex, self.orientation(), self._role)
        text = str(self.model().headerData(logicalIndex, self.orientation()) or "")
        theme = self._theme
        inner = rect.adjusted(4, 4, -GRID, -4)
        painter.save()
        painter.setPen(QColor(theme.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(QColor(theme.muted))
        painter.setFont(theme.font(small=True))
        if number is not None:
            paint_badge(
                painter, QRectF(inner.right() - self._wide + 1, inner.top(), self._wide, self._line), number, theme
            )
            inner.setTop(inner.top() + self._line + 2)
        right = Qt.AlignmentFlag.AlignRight
        for place, line in enumerate(wrapped(text, theme.font(small=True), inner.width(), self.LINES)):
            painter.drawText(inner.translated(0, place * self._line), right | Qt.AlignmentFlag.AlignTop, line)
        painter.restore()
