"""Buttons with words, or without them where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop.theme import GRID
from desktop.widgets.basics import row
from desktop.widgets.texts import ElidedLabel

_ICON = Qt.ToolButtonStyle.ToolButtonIconOnly
#: Texts that can be elided ask for no more room than this.
_MOST_TEXT = 36 * GRID


class ToolRow(QWidget):
    """Widgets side by side whose icons lose their words together when they do not fit.

    Tool buttons made with words beside their icons take part; others stay as they are.

    Parameters
    ----------
    *items : QWidget or int
        See `desktop.widgets.basics.row`.
    under : bool, default False
        Whether the words stand below the icons instead of beside them.
    gap : int, default 8
        Room between them in pixels.
    margins : tuple of int, default (0, 0, 0, 0)
        Room around them: left, top, right, bottom.
    """

    def __init__(
        self, *items: QWidget | int, under: bool = False, gap: int = GRID,
        margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> None:  # fmt: skip
        super().__init__()
        self._items = [item for item in items if isinstance(item, QWidget)]
        self._buttons = [
            item for item in self._items
            if isinstance(item, QToolButton) and item.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        ]  # fmt: skip
        self._gap, self._edges = gap, margins
        style = Qt.ToolButtonStyle
        self._words = style.ToolButtonTextUnderIcon if under else style.ToolButtonTextBesideIcon
        line = row(*items, gap=gap)
        line.setContentsMargins(*margins)
        line.setSizeConstraint(line.SizeConstraint.SetNoConstraint)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for one in self._buttons:
            one.setToolButtonStyle(self._words)
            if under:
                one.setProperty("under", True)

    @property
    def has_words(self) -> bool:
        """Whether the buttons show their words."""
        return all(one.toolButtonStyle() == self._words for one in self._buttons)

    def sizeHint(self) -> QSize:
        """Return the room everything needs with words."""
        return QSize(self._need(words=True), self._tall())

    def minimumSizeHint(self) -> QSize:
        """Return the room everything needs without them."""
        return QSize(self._need(words=False), self._tall())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the words if they fit."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Look again when a text or a widget changes."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return handled

    def fit(self) -> None:
        """Show the words if they fit."""
        style = self._words if self._need(words=True) <= self.width() else _ICON
        for one in self._buttons:
            if one.toolButtonStyle() != style:
                one.setToolButtonStyle(style)

    def _need(self, *, words: bool) -> int:
        left, _, right, _ = self._edges
        shown = [item for item in self._items if not item.isHidden()]
        return (
            left + right + self._gap * max(len(shown) - 1, 0)
            + sum(self._wide(item, words=words) for item in shown)
        )  # fmt: skip

    def _wide(self, item: QWidget, *, words: bool) -> int:
        if item in self._buttons and isinstance(item, QToolButton):
            return self._with_words(item) if words else item.iconSize().width() + 2 * GRID + 2
        if not words:
            return item.minimumSizeHint().width()
        wide = item.sizeHint().width()
        return min(wide, _MOST_TEXT) if isinstance(item, ElidedLabel) else min(wide, item.maximumWidth())

    def _with_words(self, one: QToolButton) -> int:
        """Return the width of a button with words; it must not depend on what the button shows now."""
        metrics = one.fontMetrics()
        text = metrics.horizontalAdvance(f" {one.text()} ")
        if self._words == Qt.ToolButtonStyle.ToolButtonTextUnderIcon:
            return max(one.iconSize().width(), text) + GRID + 6
        return one.iconSize().width() + 4 + text + 2 * GRID + 6

    def _tall(self) -> int:
        _, top, _, bottom = self._edges
        return top + bottom + max((item.sizeHint().height() for item in self._items), default=0)
