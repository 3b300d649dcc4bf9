"""Small tables without lines, whose texts give way where there is little room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip

from desktop.models.rows import RowsModel
from desktop.plots.parts import plain_tip
from desktop.theme import GRID

#: No column gets narrower than this, in pixels.
_LEAST = 8 * GRID


class PlainTable(QTableView):
    """A table that cannot be edited.

    Parameters
    ----------
    model : RowsModel
        What it shows.
    name : str
        What screen readers say of it.
    elastic : tuple of int, default ()
        Columns of text that give way where there is too little room; the first gets what is left over.
        Without any, each column is as wide as what is in it, and can be drawn wider.
    """

    def __init__(self, model: RowsModel, name: str, *, elastic: tuple[int, ...] = ()) -> None:
        super().__init__()
        self._elastic = elastic
        self.setModel(model)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        side = self.verticalHeader()
        side.setVisible(False)
        side.setHighlightSections(False)
        side.setDefaultSectionSize(max(3 * GRID + 4, self.fontMetrics().height() + GRID))
        self.style_header(self.horizontalHeader())
        model.modelReset.connect(self.arrange)

    @staticmethod
    def style_header(header: QHeaderView) -> None:
        """Give the heads of the columns the habits of such tables."""
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_LEAST)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)

    def arrange(self) -> None:
        """Give every column its width."""
        if not self._elastic:
            self.resizeColumnsToContents()
            return
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        needs = [max(self.sizeHintForColumn(place), header.sectionSizeHint(place)) for place in range(header.count())]
        elastic = [place for place in self._elastic if place < len(needs)]
        room = self.viewport().width() - sum(need for place, need in enumerate(needs) if place not in elastic)
        for place, wide in zip(elastic, shares([needs[place] for place in elastic], room), strict=True):
            needs[place] = wide
        for place, wide in enumerate(needs):
            header.resizeSection(place, max(wide, _LEAST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room."""
        super().resizeEvent(event)
        if self._elastic:
            self.arrange()

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what is cut off when the mouse rests on it."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            if self._is_cut(index) and not index.data(Qt.ItemDataRole.ToolTipRole):
                QToolTip.showText(event.globalPos(), plain_tip(str(index.data())), self)
                return True
        return super().viewportEvent(event)

    def _is_cut(self, index: QModelIndex) -> bool:
        return index.isValid() and self.sizeHintForIndex(index).width() > self.columnWidth(index.column())


def shares(needs: list[int], room: int) -> list[int]:
    """Divide room among columns of text.

    Parameters
    ----------
    needs : list of int
        The width each needs to be read whole, in pixels.
    room : int
        What there is for all of them.

    Returns
    -------
    list of int
        What is left over goes to the first. What is missing is taken from the widest, until they are as narrow as
        the next.
    """
    if not needs:
        return []
    over = room - sum(needs)
    if over >= 0:
        return [needs[0] + over, *needs[1:]]
    left, wide = room, dict.fromkeys(range(len(needs)), 0)
    for done, place in enumerate(sorted(wide, key=lambda one: needs[one])):
        wide[place] = max(min(needs[place], left // (len(needs) - done)), 0)
        left -= wide[place]
    return list(wide.values())
