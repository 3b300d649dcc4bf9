"""The table of genres and playlists, in whatever room there is."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QBrush, QFont, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop import messages
from desktop.models.rows import BADGE_ROLE, RowsModel
from desktop.theme import GRID, Theme
from desktop.widgets.badges import BadgeHeader, badge_width
from desktop.widgets.plain_table import PlainTable

#: Widest that a single word makes a column, in pixels; longer ones are broken.
_WIDEST_WORD = 18 * GRID
#: Room around a number in a narrow column, in pixels.
_AROUND = 4
#: Names of genres take at most this share of the width.
_MOST_SIDE = 1 / 3


class _Cells(QStyledItemDelegate):
    """Leaves a chosen cell its tint, and draws a line above and below it.

    In narrow columns numbers stand in the middle, in `font`, and without their sign unless there is room for it.
    """

    def __init__(self, parent: PlainTable) -> None:
        super().__init__(parent)
        self.font: QFont | None = None
        self.signed = True

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a cell."""
        chosen, rect = bool(option.state & QStyle.StateFlag.State_Selected), QRect(option.rect)
        option.state &= ~QStyle.StateFlag.State_Selected
        super().paint(painter, option, index)
        if self._is_narrow(index) and self.font is not None:
            brush = index.data(Qt.ItemDataRole.ForegroundRole)
            text = option.palette.color(QPalette.ColorRole.Text) if brush is None else QBrush(brush).color()
            painter.setPen(text)
            painter.setFont(self.font)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, number(str(index.data()), signed=self.signed))
        if chosen:
            painter.setPen(option.palette.color(QPalette.ColorRole.Accent))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Leave the number to `paint` where the style would keep too much room around it."""
        super().initStyleOption(option, index)
        if self._is_narrow(index):
            option.text = ""

    def _is_narrow(self, index: QModelIndex | QPersistentModelIndex) -> bool:
        return self.font is not None and index.column() > 0


class GenreTable(PlainTable):
    """Genres down, playlists across.

    The names of the playlists stand above the columns; upright where their words are wider than the columns.

    Parameters
    ----------
    model : RowsModel
        A column for the number of tracks, then one for each playlist.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, model: RowsModel, theme: Theme) -> None:
        self._model, self._theme = model, theme
        super().__init__(model, messages.TAB_GENRES())
        self._cells = _Cells(self)
        self.setItemDelegate(self._cells)
        self.head = BadgeHeader(theme, BADGE_ROLE, self)
        self.setHorizontalHeader(self.head)
        self.style_header(self.head)
        self.head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side = self.verticalHeader()
        side.setVisible(True)
        side.setSectionsClickable(True)
        side.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._sign = round(theme.metrics().horizontalAdvance(messages.share(1.0)))

    def arrange(self) -> None:
        """Share the room among the playlists, and choose how their names and numbers are shown in it."""
        count = self._model.columnCount() - 1
        if count < 1 or self.head is not self.horizontalHeader():
            return
        first, side = self._first_width(), self.verticalHeader()
        side.setMaximumWidth(max(round(self.width() * _MOST_SIDE), 8 * GRID))
        taken = min(side.sizeHint().width(), side.maximumWidth()) + first + 2 * self.frameWidth()
        # A scroll bar that comes and goes must not change how names are shown: that could bring it back again.
        room = (self.width() - taken - self.verticalScrollBar().sizeHint().width()) // count
        lying = self._lying_width()
        upright = room < lying
        self._cells.font = None
        least = self._narrow(room) if upright else lying
        self.head.setMinimumSectionSize(min(least, first))
        self.head.resizeSection(0, first)
        total = max(self.viewport().width() - first, count * least)
        for place in range(count):
            wide = (place + 1) * total // count - place * total // count
            self.head.resizeSection(place + 1, wide)
        self.head.turn(upright, tallest=self.height() // 3)
        self.updateGeometries()

    def _first_width(self) -> int:
        """Return the width of the column of numbers of tracks."""
        small, plain = self._theme.metrics(small=True), self._theme.metrics()
        counts = [self._model.cell(place, 0).text for place in range(self._model.rowCount())]
        wide = max((plain.horizontalAdvance(text) for text in counts), default=0.0) + 3 * GRID
        return ceil(max(wide, small.horizontalAdvance(self._model.head(0).text) + BadgeHeader.AROUND))

    def _lying_width(self) -> int:
        """Return the width of a column whose name is broken between words only."""
        small = self._theme.metrics(small=True)
        heads = [self._model.head(place).text for place in range(1, self._model.columnCount())]
        word = max((small.horizontalAdvance(word) for head in heads for word in head.split()), default=0.0)
        return max(self._sign + 3 * GRID, min(ceil(word) + BadgeHeader.AROUND, _WIDEST_WORD))

    def _narrow(self, room: int) -> int:
        """Make numbers fit into narrow columns; return the width below which they do not."""
        texts = {
            self._model.cell(row, place).text
            for row in range(self._model.rowCount())
            for place in range(1, self._model.columnCount())
        }
        for small, signed in ((False, True), (False, False), (True, False)):
            metrics = self._theme.metrics(small=small)
            wide = max((metrics.horizontalAdvance(number(text, signed=signed)) for text in texts), default=0.0)
            least = max(ceil(wide) + _AROUND, badge_width(self._theme) + 2)
            if least <= room:
                break
        self._cells.font, self._cells.signed = self._theme.font(small=small), signed
        return least

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room."""
        super().resizeEvent(event)
        self.arrange()


def number(text: str, *, signed: bool) -> str:
    """Return what a cell says, with its percent sign or without."""
    return text if signed else text.split("\N{NO-BREAK SPACE}")[0]
