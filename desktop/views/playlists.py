"""The list of playlists: colour, name, size, what is true of them."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QVBoxLayout, QWidget

from desktop import messages
from desktop.models.playlists import REASON_ROLE, PlaylistModel
from desktop.plots.arrays import IntArray
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.views.playlist_list import PlaylistList
from desktop.views.playlist_rows import PlaylistPainter
from desktop.widgets.basics import label, row, tool
from desktop.widgets.icons import icon
from desktop.widgets.tool_row import ToolRow


class PlaylistsView(QWidget):
    """The playlists with what can be done to them.

    Parameters
    ----------
    session : Session
        What they belong to.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.model = PlaylistModel(self)
        # Queued, so that the line that was typed in is gone and the list has the focus again by then.
        self.model.renamed.connect(session.rename, Qt.ConnectionType.QueuedConnection)
        self.head = label(role="head")
        self.whole = tool("library", messages.SHOW_WHOLE(), theme, session.select_all)
        self.whole.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.whole.setToolTip(messages.SHOW_WHOLE_TIP())
        self.whole.setShortcut("Ctrl+0")
        self._build_list()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 4, 0, 0)
        page.setSpacing(4)
        head = self._top = row(self.head, 0, self.whole)
        head.setContentsMargins(2 * GRID, 0, 4, 0)
        page.addLayout(head)
        page.addWidget(self.list, 1)
        page.addWidget(self._build_buttons())
        session.outcome_changed.connect(self._show)
        session.selection_changed.connect(self._show_selection)
        self._show()

    def _build_list(self) -> None:
        self.list = PlaylistList()
        self.list.setProperty("rows", True)
        self.list.setModel(self.model)
        self.painter = PlaylistPainter(self._theme, self._session, self.list)
        self.list.setItemDelegate(self.painter)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        # Rows are laid out anew whenever the width changes, as when a scroll bar appears: their height depends on it.
        self.list.setWordWrap(True)
        self.list.setAcceptDrops(True)
        self.list.dropped.connect(self._take)
        self.list.cleared.connect(self._session.select_all)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(messages.PLAYLISTS())
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.selectionModel().selectionChanged.connect(self._choose)

    def _build_buttons(self) -> ToolRow:
        theme = self._theme
        self.rename_button = tool("rename", messages.RENAME(), theme, self.rename, words=True)
        self.lock_button = tool("lock", messages.LOCK(), theme, self.toggle_lock, words=True)
        self.merge_button = tool("merge", messages.MERGE(), theme, self.merge, words=True)
        self.split_button = tool("split", messages.SPLIT_SHORT(), theme, self.split, words=True)
        self.rename_button.setToolTip(messages.RENAME_TIP())
        self.merge_button.setToolTip(messages.MERGE_TIP())
        self.split_button.setToolTip(messages.SPLIT_TIP())
        self.merge_button.setShortcut("Ctrl+M")
        self.split_button.setShortcut("Ctrl+D")
        return ToolRow(
            self.rename_button, self.lock_button, self.merge_button, self.split_button, 0,
            under=True, gap=4, margins=(GRID, 4, GRID, 4),
        )  # fmt: skip

    @property
    def least_width(self) -> int:
        """The width in pixels below which something would be cut off."""
        return self._top.minimumSize().width()

    @property
    def chosen(self) -> list[str]:
        """Lineages of the chosen playlists, from top to bottom."""
        rows = sorted(self.list.selectionModel().selectedIndexes(), key=QModelIndex.row)
        return [group.lineage for index in rows if (group := self.model.group(index)) is not None]

    def rename(self) -> None:
        """Start typing a name for the chosen playlist."""
        if self.chosen:
            self.list.edit(self.model.index(self.model.row_of(self.chosen[0])))

    def toggle_lock(self) -> None:
        """Keep the chosen playlist's name, or let it change."""
        place = self._session.place
        if self.chosen and place is not None:
            lineage = self.chosen[0]
            self._session.set_locked(lineage, lineage not in place.locked)

    def merge(self) -> None:
        """Make one playlist of the chosen ones."""
        if len(self.chosen) > 1:
            self._session.merge(self.chosen)

    def split(self) -> None:
        """Make two playlists of the chosen one."""
        if len(self.chosen) == 1:
            self._session.split(self.chosen[0])

    def _take(self, rows: IntArray, index: QModelIndex) -> None:
        """Put tracks that were dropped on a row there."""
        group = self.model.group(index)
        if group is None:
            self._session.leave_out(rows)
        else:
            self._session.move(rows, group.lineage)

    def _leave_out(self) -> None:
        shown = self._session.shown
        if shown is not None and self.chosen:
            self._session.leave_out(shown.rows_of(self.chosen))

    def _show(self) -> None:
        place = self._session.place
        before, scrolled = self.list.selectionModel().blockSignals(True), self.list.verticalScrollBar().value()
        self.model.show(self._session.shown, place.locked if place else frozenset())
        # The rows are laid out now, so that the list stays where it was.
        self.list.doItemsLayout()
        self.list.verticalScrollBar().setValue(scrolled)
        self.list.selectionModel().blockSignals(before)
        count = len(self._session.shown.groups) if self._session.shown else 0
        self.head.setText(f"{messages.PLAYLISTS().upper()}   {count}")
        self._show_selection()

    def _show_selection(self) -> None:
        selection = self._session.selection
        rows = {self.model.row_of(lineage) for lineage in (selection.lineages if selection else ())}
        if selection and selection.reason:
            rows.add(self.model.row_of_reason(selection.reason))
        chosen = QItemSelection()
        for found in sorted(rows - {-1}):
            chosen.select(self.model.index(found), self.model.index(found))
        picker = self.list.selectionModel()
        if {index.row() for index in picker.selectedIndexes()} != rows - {-1}:
            picker.blockSignals(True)
            picker.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            picker.blockSignals(False)
            if len(chosen.indexes()) == 1:
                picker.setCurrentIndex(chosen.indexes()[0], QItemSelectionModel.SelectionFlag.NoUpdate)
                self.list.scrollTo(chosen.indexes()[0])
            self.list.viewport().update()
        self._enable()

    def _choose(self) -> None:
        indexes = self.list.selectionModel().selectedIndexes()
        if self.chosen:
            self._session.select_playlists(self.chosen)
        elif reasons := [reason for index in indexes if (reason := index.data(REASON_ROLE))]:
            self._session.select_left_out(reasons[-1])
        self._enable()

    def _enable(self) -> None:
        count = len(self.chosen)
        place = self._session.place
        self.rename_button.setEnabled(count == 1)
        self.lock_button.setEnabled(count == 1)
        self.merge_button.setEnabled(count > 1)
        self.split_button.setEnabled(count == 1)
        locked = bool(count == 1 and place and self.chosen[0] in place.locked)
        self.lock_button.setText(messages.UNLOCK_SHORT() if locked else messages.LOCK_SHORT())
        self.lock_button.setToolTip(messages.UNLOCK_TIP() if locked else messages.LOCK_TIP())
        self.lock_button.setAccessibleName(messages.UNLOCK() if locked else messages.LOCK())
        self.lock_button.setIcon(icon("unlock" if locked else "lock", self._theme))

    def _open_menu(self, point: QPoint) -> None:
        self.menu().popup(self.list.viewport().mapToGlobal(point))

    def menu(self) -> QMenu:
        """Return what can be done to the chosen playlists."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen, session, theme = self.chosen, self._session, self._theme
        one = len(chosen) == 1

        def add(name: str, text: str, done: object, enabled: bool, keys: str = "") -> QAction:
            action = menu.addAction(icon(name, theme), text)
            action.triggered.connect(done)
            action.setEnabled(enabled)
            action.setShortcut(QKeySequence(keys))
            return action

        add("rename", messages.RENAME(), self.rename, one, "F2")
        add("undo", messages.RENAME_BACK(), lambda: session.rename(chosen[0], ""), one)
        add("lock", self.lock_button.accessibleName(), self.toggle_lock, one)
        menu.addSeparator()
        add("merge", messages.MERGE(), self.merge, len(chosen) > 1, "Ctrl+M")
        add("split", messages.SPLIT(), self.split, one, "Ctrl+D")
        add("leave-out", messages.LEAVE_OUT(), self._leave_out, bool(chosen))
        menu.addSeparator()
        add("search", messages.ANALYSE_INSIDE(), lambda: session.go_into(chosen[0]), one)
        return menu
