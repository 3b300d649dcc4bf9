"""Two tables next to each other where there is room for both, else one at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabBar, QTableView, QVBoxLayout, QWidget

from desktop.theme import GRID


class SideBySide(QWidget):
    """Tables that are chosen from tabs where their columns would be cut off next to each other.

    Parameters
    ----------
    tables : sequence of QTableView
        The tables.
    titles : sequence of str
        What each is called on its tab.
    """

    def __init__(self, tables: Sequence[QTableView], titles: Sequence[str]) -> None:
        super().__init__()
        self._tables = tuple(tables)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        panes = QSplitter(Qt.Orientation.Horizontal)
        for table, title in zip(tables, titles, strict=True):
            panes.addWidget(table)
            self.tabs.addTab(title)
            table.model().modelReset.connect(self.arrange)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.tabs)
        page.addWidget(panes, 1)
        self.tabs.currentChanged.connect(self.arrange)
        self.arrange()

    @property
    def least_width(self) -> int:
        """The width in pixels from which on all tables show all they have next to each other."""
        return len(self._tables) * max(_width(table) for table in self._tables)

    def arrange(self) -> None:
        """Show all tables, or the one whose tab is chosen."""
        narrow = self.width() < self.least_width
        self.tabs.setVisible(narrow)
        for place, table in enumerate(self._tables):
            table.setVisible(not narrow or place == self.tabs.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look again how many fit."""
        super().resizeEvent(event)
        self.arrange()


def _width(table: QTableView) -> int:
    """Return the width in which no column of a table is cut off."""
    header = table.horizontalHeader()
    columns = (
        max(table.sizeHintForColumn(place), header.sectionSizeHint(place), header.minimumSectionSize())
        for place in range(header.count())
    )
    return sum(columns) + table.verticalScrollBar().sizeHint().width() + GRID
