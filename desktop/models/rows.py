"""Small tables: rows of cells that are made all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon

from desktop.plots.colors import text_on

Index: TypeAlias = QModelIndex | QPersistentModelIndex

#: Whatever a row or a cell stands for.
VALUE_ROLE: Final = Qt.ItemDataRole.UserRole
#: Number of the playlist a cell names, for its mark; None for other cells.
BADGE_ROLE: Final = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text : str
        What it shows.
    tip : str
        What it says when the mouse rests on it.
    right : bool
        Whether it stands at the right, as numbers do.
    fill : str
        Colour of its background; empty for none.
    value : Any
        What it stands for.
    sort : Any
        What it is sorted by; its text when None.
    badge : int or None
        Number of the playlist it names.
    picture : QIcon or None
        What stands before its text.
    """

    text: str
    tip: str = ""
    right: bool = False
    fill: str = ""
    value: Any = None
    sort: Any = None
    badge: int | None = None
    picture: QIcon | None = None


class RowsModel(QAbstractTableModel):
    """A table of cells.

    Parameters
    ----------
    parent : QObject, optional
        Its owner.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heads: tuple[Cell, ...] = ()
        self._sides: tuple[Cell, ...] = ()
        self._rows: list[tuple[Cell, ...]] = []
        self._sort: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def show(self, heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], *, sides: Sequence[Cell] = ()) -> None:
        """Show other cells.

        Parameters
        ----------
        heads : sequence of Cell
            Above the columns.
        rows : sequence of sequence of Cell
            One cell a column.
        sides : sequence of Cell, default ()
            Left of the rows.
        """
        self.beginResetModel()
        self._heads, self._sides, self._rows = tuple(heads), tuple(sides), [tuple(cells) for cells in rows]
        self._arrange()
        self.endResetModel()

    @property
    def table(self) -> list[tuple[str, ...]]:
        """Head and rows as text, for a CSV file."""
        head = [cell.text for cell in self._heads]
        rows = [[cell.text for cell in cells] for cells in self._rows]
        if self._sides:
            head.insert(0, "")
            for side, texts in zip(self._sides, rows, strict=True):
                texts.insert(0, side.text)
        return [tuple(head), *(tuple(texts) for texts in rows)]

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell."""
        return self._rows[row][column]

    def side(self, row: int) -> Cell:
        """Return what stands left of a row."""
        return self._sides[row]

    def head(self, column: int) -> Cell:
        """Return what stands above a column."""
        return self._heads[column]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        return _shown(self._rows[index.row()][index.column()], role) if index.isValid() else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what stands above a column or left of a row."""
        cells = self._heads if orientation == Qt.Orientation.Horizontal else self._sides
        return _shown(cells[section], role) if 0 <= section < len(cells) else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, now and whatever is shown later; rows with sides keep their order."""
        self.beginResetModel()
        self._sort = column, order
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        column, order = self._sort
        if self._sides or not 0 <= column < len(self._heads):
            return

        def key(cells: tuple[Cell, ...]) -> Any:
            cell = cells[column]
            return cell.text.casefold() if cell.sort is None else cell.sort

        self._rows.sort(key=key, reverse=order == Qt.SortOrder.DescendingOrder)


def _shown(cell: Cell, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return cell.text
    if role == Qt.ItemDataRole.ToolTipRole:
        return cell.tip or None
    if role == Qt.ItemDataRole.DecorationRole:
        return cell.picture
    if role == Qt.ItemDataRole.TextAlignmentRole:
        side = Qt.AlignmentFlag.AlignRight if cell.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
    if role == Qt.ItemDataRole.BackgroundRole:
        return QColor(cell.fill) if cell.fill else None
    if role == Qt.ItemDataRole.ForegroundRole:
        return QColor(text_on(cell.fill)) if cell.fill else None
    if role == BADGE_ROLE:
        return cell.badge
    return cell.value if role == VALUE_ROLE else None
