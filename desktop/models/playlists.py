"""The list of playlists."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop import messages
from desktop.messages import names
from desktop.shown import Group, Shown

Index: TypeAlias = QModelIndex | QPersistentModelIndex

GROUP_ROLE: Final = Qt.ItemDataRole.UserRole
LOCKED_ROLE: Final = Qt.ItemDataRole.UserRole + 1
#: Number of tracks of a row that is no playlist.
NOWHERE_ROLE: Final = Qt.ItemDataRole.UserRole + 2
#: Why the tracks of such a row are in no playlist.
REASON_ROLE: Final = Qt.ItemDataRole.UserRole + 3


class PlaylistModel(QAbstractListModel):
    """One row a playlist, the largest first, and one for each reason why tracks are in none."""

    #: A person typed a name: lineage and name.
    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[Group, ...] = ()
        self._locked: frozenset[str] = frozenset()
        self._left_out: tuple[tuple[str, int], ...] = ()

    def show(self, shown: Shown | None, locked: frozenset[str]) -> None:
        """Show other playlists."""
        self.beginResetModel()
        self._groups = shown.groups if shown else ()
        self._left_out = tuple(shown.left_out.counts().items()) if shown else ()
        self._locked = locked
        self.endResetModel()

    def row_of_reason(self, reason: str) -> int:
        """Return the row of the tracks left out for a reason; −1 when there are none."""
        places = range(len(self._left_out))
        return next((len(self._groups) + place for place in places if self._left_out[place][0] == reason), -1)

    def row_of(self, lineage: str) -> int:
        """Return the row of a playlist; −1 when it is not there."""
        return next((row for row, group in enumerate(self._groups) if group.lineage == lineage), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._groups) + len(self._left_out)

    def group(self, index: Index) -> Group | None:
        """Return the playlist of a row; None for tracks that are in none."""
        return self._groups[index.row()] if index.isValid() and index.row() < len(self._groups) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        group = self.group(index)
        if group is None:
            return self._left_out_data(*self._left_out[index.row() - len(self._groups)], role)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return group.name.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return messages.PLAYLIST_SPOKEN(
                name=group.name.text, tracks=messages.tracks(group.size), claims=messages.claims(group.name)
            )
        if role == GROUP_ROLE:
            return group
        if role == LOCKED_ROLE:
            return group.lineage in self._locked
        return None

    def _left_out_data(self, reason: str, count: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return names.left_out(reason)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{names.left_out(reason)}, {messages.tracks(count)}"
        if role == NOWHERE_ROLE:
            return count
        if role == REASON_ROLE:
            return reason
        if role == Qt.ItemDataRole.ToolTipRole:
            return names.left_out_tip(reason)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a row: playlists can be renamed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.group(index) else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name; the model changes when the session has it."""
        group = self.group(index)
        if group is None or role != Qt.ItemDataRole.EditRole or str(value).strip() == group.name.text:
            return False
        self.renamed.emit(group.lineage, str(value))
        return True
