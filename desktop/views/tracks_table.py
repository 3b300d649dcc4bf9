"""The table itself: keys, dragging, columns, and the mark of a track's playlist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
from desktop.widgets.texts import TextCell
from desktop.widgets.tracks_drag import drag_of

#: Width of a column of text in letters; all of them share what is left over, or missing, in proportion.
_LETTERS = {"title": 20, "artist": 15, "album": 15, "playlist": 8, "second": 8, "genre": 12, "origin": 14}
#: Columns of names of playlists are as wide as the longest name, up to this many letters.
_NAMES = ("playlist", "second")
_LONGEST_NAME = 48
#: Room around a text in pixels; the arrow of the column that is sorted by lies in it.
_AROUND = 3 * GRID
#: Where there is too little room, what is said of duplicates among other tracks ends in dots, and so do names of more
#: letters than these; then the other columns of text give this share of their width; then the heads of numbers end in
#: dots; then other names do, down to this many letters. Where all that is not enough, the table scrolls.
_LONG_NAME, _GIVEN, _SHORTEST_NAME = 40, 0.25, 20


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
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.sectionResized.connect(self._keep_width)
        self.cell, self.text_cell = BadgeCell(theme, NUMBER_ROLE, self), TextCell(self)
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
            text = self.text_cell if name in TEXT_COLUMNS else None
            self.setItemDelegateForColumn(place, self.cell if name == "playlist" else text)  # type: ignore[arg-type]
            # A column without a single value takes no room from the others.
            self.setColumnHidden(place, not self._model.knows(name))
        wide = [(self.widths.get(name) or self._least(name)) * self._model.knows(name) for name in names]
        over = self.viewport().width() - sum(wide)
        if over < 0:
            wide, over = self._squeezed(wide, -over), 0
        part = [
            0 if name in self.widths or not wide[place] else _LETTERS.get(name, 0) for place, name in enumerate(names)
        ]
        for place, letters in enumerate(part):
            if wide[place]:
                self.setColumnWidth(place, wide[place] + over * letters // max(sum(part), 1))
        self._setting = False

    def _squeezed(self, wide: list[int], missing: int) -> list[int]:
        """Return widths in which all columns are seen; the same ones where that would leave too little of a text."""
        columns, narrow = self._model.columns, wide
        for least in self._steps(dict(zip(columns, wide, strict=True))):
            ends = [
                before if name in self.widths else min(before, least.get(name, before))
                for name, before in zip(columns, narrow, strict=True)
            ]
            # The widest give way first, until they are as narrow as the next.
            for most in range(max(narrow), -1, -1):
                fitted = [max(min(before, most), end) for before, end in zip(narrow, ends, strict=True)]
                if sum(fitted) <= sum(wide) - missing:
                    return fitted
            narrow = ends
        return wide

    def _steps(self, wide: Mapping[str, int]) -> Iterator[dict[str, int]]:
        """Yield how narrow some columns may get where there is too little room, one kind after the other."""
        texts = [name for name in wide if name in TEXT_COLUMNS and name not in _NAMES]
        yield dict.fromkeys(_NAMES, min(self._longest(self._model.names), self._letters(_LONG_NAME)))
        yield {name: round((1 - _GIVEN) * wide[name]) for name in texts}
        yield {name: self._number_width(name) for name in wide if name not in TEXT_COLUMNS}
        yield dict.fromkeys(_NAMES, self._letters(_SHORTEST_NAME))

    def _least(self, name: str) -> int:
        metrics = self._theme.metrics()
        head = ceil(metrics.horizontalAdvance(messages.column_name(name))) + _AROUND
        if name not in TEXT_COLUMNS:
            return max(head, self._number_width(name))
        if name in _NAMES:
            return max(head, min(self._longest(self._model.playlists), self._letters(_LONGEST_NAME)))
        return max(head, ceil(metrics.averageCharWidth() * _LETTERS[name]) + _AROUND)

    def _number_width(self, name: str) -> int:
        """Return the width of a column of numbers without its head."""
        widest = {"duration_s": "0:00:00", "fit": "100"}.get(name, "-00.0")
        return ceil(self._theme.metrics().horizontalAdvance(widest)) + _AROUND

    def _longest(self, names: Collection[str]) -> int:
        """Return the width in which all of some names of playlists are read whole."""
        longest = max(map(self._theme.metrics().horizontalAdvance, names), default=0.0)
        return ceil(longest) + badge_width(self._theme) + 4 + _AROUND

    def _letters(self, count: int) -> int:
        """Return the width of a name of so many letters."""
        return self._longest(["n" * count])

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
