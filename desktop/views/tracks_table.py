"""The table itself: keys, dragging, columns, and the mark of a track's playlist."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from math import ceil

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop import messages
from desktop.models.tracks import NUMBER_ROLE, TracksModel
from desktop.plots.arrays import IntArray
from desktop.shown import TEXT_COLUMNS
from desktop.theme import GRID, Theme
from desktop.widgets.badges import BadgeCell, badge_width
from desktop.widgets.tracks_drag import drag_of

#: Width of a column of text in letters; all of them share what is left over, or missing, in proportion.
_LETTERS = {"title": 20, "artist": 15, "album": 15, "playlist": 8, "second": 8, "genre": 12, "origin": 14}
#: Columns of names of playlists are as wide as the longest name, up to this many letters.
_NAMES = ("playlist", "second")
_LONGEST_NAME = 48
#: What the other columns of text give of their width where that is enough; where it is not, the table scrolls.
_GIVEN = 0.25


class TracksTable(QTableView):
    """Rows of tracks that are chosen, dragged and sorted.

    Parameters
    ----------
    model : TracksModel
        The tracks.
    theme : Theme
        Fonts and colours.
    widths : mapping of str to int
        Widths of columns that a person chose, in pixels, by name.
    """

    #: Keys: leave out, open, copy.
    delete_wanted = Signal()
    open_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, model: TracksModel, theme: Theme, *, widths: Mapping[str, int]) -> None:
        super().__init__()
        self._model, self._theme = model, theme
        self.widths = dict(widths)
        self._setting = False
        self.setModel(model)
        self.setAccessibleName(messages.TRACKS_HEAD())
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(round(theme.metrics().height()) + GRID)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # The head would ask for every row whether it is selected, each time it is painted.
        header.setSelectionModel(QItemSelectionModel(model, header))
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(5 * GRID)
        header.sectionResized.connect(self._keep_width)
        self.cell = BadgeCell(theme, NUMBER_ROLE, self)
        model.modelReset.connect(self.arrange)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    @property
    def chosen(self) -> IntArray:
        """The tracks chosen, as rows of the analysis, ascending."""
        picked = self.selectionModel().selection()
        spans = [picked.at(place) for place in range(picked.count())]
        ranges = [self._model.rows[span.top() : span.bottom() + 1] for span in spans]
        return np.unique(np.concatenate(ranges)) if ranges else np.empty(0, dtype=np.int64)

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the columns as they stand, from left to right."""
        header, names = self.horizontalHeader(), self._model.columns
        return tuple(names[header.logicalIndex(place)] for place in range(len(names)))

    def arrange(self) -> None:
        """Give every column its width; text shares what is left over."""
        names = self._model.columns
        self._setting = True
        for place, name in enumerate(names):
            self.setItemDelegateForColumn(place, self.cell if name == "playlist" else None)  # type: ignore[arg-type]
        wide = [self.widths.get(name) or self._least(name) for name in names]
        over = self.viewport().width() - sum(wide)
        part = [0 if name in self.widths else _LETTERS.get(name, 0) for name in names]
        if over < 0:
            part = [0 if name in _NAMES else letters for name, letters in zip(names, part, strict=True)]
            over = over if -over <= _GIVEN * sum(itertools.compress(wide, part)) else 0
        for place, letters in enumerate(part):
            self.setColumnWidth(place, wide[place] + over * letters // max(sum(part), 1))
        self._setting = False

    def _least(self, name: str) -> int:
        metrics = self._theme.metrics()
        # The arrow of the column that is sorted by lies in the room around the text.
        around = 3 * GRID
        head = metrics.horizontalAdvance(messages.column_name(name))
        if name not in TEXT_COLUMNS:
            widest = "0:00:00" if name == "duration_s" else "-00.0"
            return ceil(max(head, metrics.horizontalAdvance(widest))) + around
        if name in _NAMES:
            longest = max((metrics.horizontalAdvance(text) for text in self._model.playlists), default=0)
            inside = min(longest, metrics.horizontalAdvance("n") * _LONGEST_NAME) + badge_width(self._theme) + 4
        else:
            inside = metrics.averageCharWidth() * _LETTERS[name]
        return ceil(max(head, inside)) + around

    def _keep_width(self, place: int, _before: int, wide: int) -> None:
        if not self._setting and place < len(self._model.columns):
            self.widths[self._model.columns[place]] = wide

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room."""
        super().resizeEvent(event)
        self.arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave out, open, copy."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        """Drag the chosen tracks, to a playlist of the list."""
        rows = self.chosen
        if len(rows):
            drag = QDrag(self)
            drag.setMimeData(drag_of(rows))
            drag.exec(Qt.DropAction.MoveAction)
