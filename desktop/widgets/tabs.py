"""Tabs that stand closer together where they have little room."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabWidget

from desktop.style import TAB_PADDING


class Tabs(QTabWidget):
    """Pages whose tabs give up the room around their words before they have to be scrolled."""

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look how much room there is."""
        super().resizeEvent(event)
        bar = self.tabBar()
        words = sum(bar.fontMetrics().horizontalAdvance(self.tabText(place)) for place in range(self.count()))
        tight = words + 2 * TAB_PADDING * self.count() > self.width()
        if bool(bar.property("tight")) != tight:
            bar.setProperty("tight", tight)
            bar.style().unpolish(bar)
            bar.style().polish(bar)
