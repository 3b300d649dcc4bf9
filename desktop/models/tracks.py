"""The table of tracks: a hundred thousand rows, sorted and filtered at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.features import FEATURES
from desktop import messages
from desktop.plots.arrays import NOISE, IntArray
from desktop.plots.parts import plain_tip
from desktop.shown import TEXT_COLUMNS, Shown

if TYPE_CHECKING:
    import pyarrow as pa

Index: TypeAlias = QModelIndex | QPersistentModelIndex

#: Every column a person can choose, in the order of the menu.
COLUMNS: Final[tuple[str, ...]] = (*TEXT_COLUMNS, "fit", "duration_s", *FEATURES)
#: Number of the playlist a track is in, for its mark; None outside all of them.
NUMBER_ROLE: Final = Qt.ItemDataRole.UserRole
_FLAGS: Final = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)  # fmt: skip
#: Rows whose texts decide how wide a column is.
_AT_TOP: Final = 500
#: Columns a search looks at.
_SEARCHED: Final = ("title", "artist", "album", "genre", "playlist")


class TracksModel(QAbstractTableModel):
    """Tracks of the selection, one row each.

    Sorting and filtering work on whole columns with numpy and Arrow; a proxy model would compare row by row in
    Python.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._columns: tuple[str, ...] = ()
        self._selected: IntArray = np.empty(0, dtype=np.int64)
        self._rows: IntArray = np.empty(0, dtype=np.int64)
        self._needle = ""
        self._sort: tuple[str, Qt.SortOrder] = ("", Qt.SortOrder.AscendingOrder)
        self._ranks: dict[str, IntArray] = {}
        self._known: dict[str, bool] = {}
        self._folded: dict[str, pa.Array] = {}
        self._texts: pa.Array | None = None

    @property
    def rows(self) -> IntArray:
        """The tracks shown, as rows of the analysis, from top to bottom."""
        return self._rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns shown."""
        return self._columns

    @property
    def playlists(self) -> set[str]:
        """Names of the playlists, and what else is said of the tracks at the top, such as duplicates."""
        return self.names | self._at_top

    @property
    def names(self) -> set[str]:
        """Names of the playlists; where none of the tracks at the top is in one, what is said of them."""
        if self._shown is None:
            return set()
        names = {group.name.text for group in self._shown.groups}
        return names if not self._at_top.isdisjoint(names) else self._at_top

    @property
    def _at_top(self) -> set[str]:
        return set(self._shown.columns["playlist"][self._rows[:_AT_TOP]].tolist()) if self._shown else set()

    def knows(self, name: str) -> bool:
        """Tell whether any track of the library has a value in a column; titles are always told, if only as missing."""
        if self._shown is None or name == "title":
            return True
        if name not in self._known:
            values = self._shown.columns.get(name)
            if values is None:
                self._known[name] = False
            elif name in TEXT_COLUMNS:
                self._known[name] = bool((values != "").any())
            else:
                self._known[name] = bool(np.isfinite(np.asarray(values, dtype=np.float64)).any())
        return self._known[name]

    def show(self, shown: Shown | None, rows: IntArray) -> None:
        """Show other tracks; the same ones stay as they are."""
        if shown is self._shown and np.array_equal(rows, self._selected):
            return
        if shown is not self._shown:
            self._ranks, self._known, self._folded, self._texts = {}, {}, {}, None
        self._shown, self._selected = shown, rows
        self._arrange()

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """The column the tracks are sorted by, and the direction; −1 for the playing order, or a column not shown."""
        name, order = self._sort
        return self._columns.index(name) if name in self._columns else -1, order

    def set_columns(self, columns: Sequence[str]) -> None:
        """Choose the columns."""
        self.beginResetModel()
        self._columns = tuple(name for name in columns if name in COLUMNS)
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Keep only the tracks in whose texts all words occur, in any case, with or without accents."""
        self._needle = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, or by −1 as playlists play; equal values play in turn, unknown ones come last."""
        if column < len(self._columns):
            self._sort = self._columns[column] if column >= 0 else "", order
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
        if role == NUMBER_ROLE:
            row = self._rows[index.row()]
            number = int(self._shown.labels[row])
            return None if number == NOISE or self._shown.left_out.reasons[row] else number
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        values = self._shown.columns.get(name)
        if values is None:
            return ""
        value = values[self._rows[index.row()]]
        if name in TEXT_COLUMNS:
            text = str(value) or (messages.UNTITLED() if name == "title" else "")
            return text if role == Qt.ItemDataRole.DisplayRole else plain_tip(text)
        return messages.cell(name, float(value)) if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a track: it can be chosen, and dragged to a playlist."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a column, and what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        name = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return messages.column_name(name)
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (messages.column_name(name), messages.column_tip(name), messages.SORT_TIP())
            return "\n".join(line for line in lines if line)
        if role == Qt.ItemDataRole.InitialSortOrderRole and name == "fit":
            return Qt.SortOrder.DescendingOrder
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if name in TEXT_COLUMNS else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def table(self) -> Iterator[tuple[str, ...]]:
        """Return the head and every row as text, for a CSV file; numbers at full precision.

        What is shown later changes nothing about it.
        """
        known = [self._shown.columns.get(name) if self._shown else None for name in self._columns]
        return _lines(self._columns, known, self._rows)

    def _arrange(self) -> None:
        self.beginResetModel()
        rows = self._selected
        if self._needle.strip() and self._shown is not None:
            rows = rows[self._matches()[rows]]
        name, order = self._sort
        if self._shown is not None:
            rows = rows[np.argsort(self._shown.turns[rows], kind="stable")]
        if self._shown is not None and name in self._shown.columns:
            ranks = self._ranked(name)[rows]
            if order == Qt.SortOrder.DescendingOrder:
                ranks = np.where(ranks == _LAST, _LAST, -ranks)
            rows = rows[np.argsort(ranks, kind="stable")]
        self._rows = rows
        self.endResetModel()

    def _matches(self) -> npt.NDArray[np.bool_]:
        """Tell for every track whether all words of the search occur in it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._texts is None:
            known = [self._fold(name) for name in _SEARCHED if self._shown and name in self._shown.columns]
            self._texts = pc.binary_join_element_wise(*known, pa.scalar("\n", pa.large_string()))
        inside = np.ones(len(self._texts), dtype=bool)
        for word in fold([self._needle])[0].as_py().split():
            inside &= pc.match_substring(self._texts, word).to_numpy(zero_copy_only=False)
        return inside

    def _fold(self, name: str) -> pa.Array:
        if name not in self._folded and self._shown is not None:
            self._folded[name] = fold(self._shown.columns[name])
        return self._folded[name]

    def _ranked(self, name: str) -> IntArray:
        """Return the rank of every track in a column, `_LAST` for unknown ones."""
        if name not in self._ranks and self._shown is not None:
            values = self._shown.columns[name]
            if name in TEXT_COLUMNS:
                ranks = _text_ranks(self._fold(name))
            else:
                numbers = np.asarray(values, dtype=np.float64)
                ranks = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
                ranks[np.isnan(numbers)] = _LAST
            self._ranks[name] = ranks
        return self._ranks[name]


def _lines(
    columns: tuple[str, ...], known: Sequence[npt.NDArray[np.generic] | None], rows: IntArray
) -> Iterator[tuple[str, ...]]:
    yield columns
    for row in rows.tolist():
        yield tuple("" if values is None else _text(values[row]) for values in known)


_LAST: Final = np.iinfo(np.int64).max


def fold(texts: Sequence[str] | npt.NDArray[np.generic]) -> pa.Array:
    """Return texts as they are compared: without case, accents and compatibility forms (Unicode's NFKD)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.utf8_normalize(pa.array(texts, pa.large_string()), "NFKD")
    plain = pc.replace_substring_regex(pc.utf8_lower(plain), r"\p{Mn}", "")
    return pc.replace_substring(plain, "ß", "ss")


def _text_ranks(folded: pa.Array) -> IntArray:
    import pyarrow.compute as pc

    ranks: IntArray = pc.rank(folded, tiebreaker="dense").to_numpy().astype(np.int64)
    ranks[pc.equal(pc.binary_length(folded), 0).to_numpy(zero_copy_only=False)] = _LAST
    return ranks


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
