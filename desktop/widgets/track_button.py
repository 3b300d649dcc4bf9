"""A track to click: title and artist on two lines, and how well it fits."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop import messages, style
from desktop.plots.parts import plain_tip
from desktop.theme import GRID, Theme
from desktop.widgets.texts import draw_text


class TrackButton(QAbstractButton):
    """A track in a list of a few.

    Parameters
    ----------
    title, artist : str
        What it is; may be empty.
    fit : float
        How well it suits its playlist, 0 to 1.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, title: str, artist: str, fit: float, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.title, self.artist = title or messages.UNTITLED(), artist
        self.fit = messages.cell("fit", fit)
        self.setAccessibleName(messages.FIT_OF(title=self.title, artist=artist, fit=self.fit))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return the room for two lines."""
        theme = self._theme
        return QSize(20 * GRID, round(theme.metrics().height() + theme.metrics(small=True).height()) + GRID)

    def _room(self) -> QRect:
        return self.rect().adjusted(4, 4, -4, -4)

    def _shown(self, text: str, *, small: bool, taken: float) -> str:
        room = self._room().width() - taken
        return self._theme.metrics(small=small).elidedText(text, Qt.TextElideMode.ElideRight, room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have a tool tip only when something is missing."""
        super().resizeEvent(event)
        taken = self._theme.metrics(small=True).horizontalAdvance(self.fit) + GRID
        whole = (self.title, self.artist)
        shown = (self._shown(self.title, small=False, taken=taken), self._shown(self.artist, small=True, taken=0))
        tips = [plain_tip(text) for text in whole if text]
        self.setToolTip("" if whole == shown else "<br>".join(tips))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, fit and artist."""
        theme, painter, room = self._theme, QPainter(self), self._room()
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect(), QColor(style.hover(theme)))
        if self.hasFocus():
            painter.setPen(QPen(QColor(style.accent(theme)), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        small, line = theme.metrics(small=True), round(theme.metrics().height())
        first = QRect(room.left(), room.top(), room.width(), line)
        painter.setFont(theme.font(small=True))
        painter.setPen(QColor(theme.muted))
        painter.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.fit)
        second = QRect(room.left(), first.bottom() + 1, room.width(), round(small.height()))
        artist = self._shown(self.artist, small=True, taken=0)
        draw_text(painter, second, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, artist)
        painter.setFont(theme.font())
        painter.setPen(QColor(theme.text))
        title = self._shown(self.title, small=False, taken=small.horizontalAdvance(self.fit) + GRID)
        draw_text(painter, first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
