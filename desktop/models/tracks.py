"""The table of tracks: a hundred thousand rows, sorted and filtered at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.features import FEATURES
from desktop import messages
from desktop.plots.arrays import IntArray
from desktop.shown import TEXT_COLUMNS, Shown

Index: TypeAlias = QModelIndex | QPersistentModelIndex

#: Every column a person can choose, in the order of the menu.
COLUMNS: Final[tuple[str, ...]] = (*TEXT_COLUMNS, "fit", "duration_s", *FEATURES)
#: Columns a search looks at.
_SEARCHED: Final = ("title", "artist", "album", "genre", "playlist")


class TracksModel(QAbstractTableModel):
    """Tracks of the selection, one row each.

    Sorting and filtering work on whole columns with numpy; a proxy model would compare row by row in Python.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._columns: tuple[str, ...] = ()
        self._selected: IntArray = np.empty(0, dtype=np.int64)
        self._rows: IntArray = np.empty(0, dtype=np.int64)
        self._needle = ""
        self._sort: tuple[str, Qt.SortOrder] = ("fit", Qt.SortOrder.DescendingOrder)
        self._ranks: dict[str, IntArray] = {}
        self._texts: list[str] | None = None

    @property
    def rows(self) -> IntArray:
        """The tracks shown, as rows of the analysis, from top to bottom."""
        return self._rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns shown."""
        return self._columns

    def show(self, shown: Shown | None, rows: IntArray) -> None:
        """Show other tracks."""
        if shown is not self._shown:
            self._ranks, self._texts = {}, None
        self._shown, self._selected = shown, rows
        self._arrange()

    def set_columns(self, columns: Sequence[str]) -> None:
        """Choose the columns."""
        self.beginResetModel()
        self._columns = tuple(name for name in columns if name in COLUMNS)
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Keep only the tracks in whose texts all words occur, in any case."""
        self._needle = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; equal values keep the library's order, unknown ones come last."""
        if 0 <= column < len(self._columns):
            self._sort = self._columns[column], order
            self._arrange()

    def position_of(self, row: int) -> int:
        """Return where a row of the analysis is shown; −1 when it is not."""
        found = np.flatnonzero(self._rows == row)
        return int(found[0]) if len(found) else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of tracks shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or self._shown is None:
            return None
        name = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if name in TEXT_COLUMNS else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        values = self._shown.columns.get(name)
        if values is None:
            return ""
        value = values[self._rows[index.row()]]
        if name in TEXT_COLUMNS:
            return str(value) or (messages.UNTITLED() if name == "title" else "")
        return messages.cell(name, float(value)) if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a column, and what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        name = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return messages.column_name(name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return messages.column_tip(name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if name in TEXT_COLUMNS else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def table(self) -> Iterator[tuple[str, ...]]:
        """Yield the head and every row as text, for a CSV file; numbers at full precision."""
        yield self._columns
        if self._shown is None:
            return
        known = [self._shown.columns.get(name) for name in self._columns]
        for row in self._rows.tolist():
            yield tuple("" if values is None else _text(values[row]) for values in known)

    def _arrange(self) -> None:
        self.beginResetModel()
        rows = self._selected
        words = self._needle.casefold().split()
        if words and self._shown is not None:
            texts = self._searched()
            inside = [all(word in texts[row] for word in words) for row in rows.tolist()]
            rows = rows[np.array(inside, dtype=bool)]
        name, order = self._sort
        if self._shown is not None and name in self._shown.columns:
            ranks = self._ranked(name)[rows]
            if order == Qt.SortOrder.DescendingOrder:
                ranks = np.where(ranks == _LAST, _LAST, -ranks)
            rows = rows[np.argsort(ranks, kind="stable")]
        self._rows = rows
        self.endResetModel()

    def _searched(self) -> list[str]:
        if self._texts is None and self._shown is not None:
            known = [self._shown.columns[name].tolist() for name in _SEARCHED if name in self._shown.columns]
            self._texts = [" ".join(cells).casefold() for cells in zip(*known, strict=True)]
        return self._texts or []

    def _ranked(self, name: str) -> IntArray:
        """Return the rank of every track in a column, `_LAST` for unknown ones."""
        if name not in self._ranks and self._shown is not None:
            values = self._shown.columns[name]
            if name in TEXT_COLUMNS:
                folded = [str(value).casefold() for value in values.tolist()]
                rank = {text: place for place, text in enumerate(sorted(set(folded)))}
                ranks = np.array([rank[text] if text else _LAST for text in folded], dtype=np.int64)
            else:
                numbers = np.asarray(values, dtype=np.float64)
                ranks = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
                ranks[np.isnan(numbers)] = _LAST
            self._ranks[name] = ranks
        return self._ranks[name]


_LAST: Final = np.iinfo(np.int64).max


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
