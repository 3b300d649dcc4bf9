"""The list of playlists itself: keys, and tracks that are dropped on it."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QListView

from desktop.left_out import FITS_NOWHERE, LEFT_OUT_BY_HAND
from desktop.models.playlists import REASON_ROLE
from desktop.widgets.tracks_drag import dragged_tracks


def takes_tracks(index: QModelIndex) -> bool:
    """Tell whether tracks can be put into a row: into playlists, and among those that are in none."""
    return index.isValid() and index.data(REASON_ROLE) in (None, FITS_NOWHERE, LEFT_OUT_BY_HAND)


class PlaylistList(QListView):
    """A list that is renamed from the keyboard and takes tracks that are dropped on it."""

    #: Row that tracks would be dropped on; −1 for none.
    target = -1
    #: Tracks were dropped on a row.
    dropped = Signal(object, QModelIndex)
    #: The place below the last row was clicked.
    cleared = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rename with Enter; F2 is the platform's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            if self.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, or choose nothing in particular."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.indexAt(event.position().toPoint()).isValid():
            self.cleared.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse from chip to chip."""
        super().mouseMoveEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the rows the height they need in another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take tracks of the table."""
        if dragged_tracks(event.mimeData()) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where they would go."""
        index = self.indexAt(event.position().toPoint())
        if dragged_tracks(event.mimeData()) is None or not takes_tracks(index):
            self._aim(-1)
            event.ignore()
            return
        self._aim(index.row())
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        super().dragLeaveEvent(event)
        self._aim(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand them on."""
        rows, index = dragged_tracks(event.mimeData()), self.indexAt(event.position().toPoint())
        self._aim(-1)
        if rows is None or not takes_tracks(index):
            event.ignore()
            return
        event.acceptProposedAction()
        self.dropped.emit(rows, index)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Have a row that shows where the keyboard is."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            first = self.model().index(0, 0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _aim(self, row: int) -> None:
        if row != self.target:
            self.target = row
            self.viewport().update()
