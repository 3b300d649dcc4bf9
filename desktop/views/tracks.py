"""The table of tracks, with a search, a choice of columns, and what can be done with tracks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QProcess, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QVBoxLayout, QWidget

from core.links import track_link, track_links
from desktop import messages
from desktop.models.tracks import COLUMNS, TracksModel
from desktop.plots.arrays import IntArray
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.views.tracks_table import TracksTable
from desktop.widgets.basics import button, column, holder, label, row, tool
from desktop.widgets.clipboard import copy_links
from desktop.widgets.icons import icon
from desktop.widgets.saving import save_table
from desktop.widgets.search_field import SearchField
from desktop.widgets.texts import ElidedLabel
from desktop.widgets.tool_row import ToolRow

#: More rows than this are not marked one by one on the map.
_MOST_MARKED = 500


class TracksView(QWidget):
    """Tracks of the selection.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    columns : sequence of str
        The columns at first.
    widths : mapping of str to int
        Widths of columns that a person chose, by name.
    """

    columns_changed = Signal(tuple)

    def __init__(
        self, session: Session, theme: Theme, *, columns: Sequence[str], widths: Mapping[str, int] | None = None
    ) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._what: tuple[object, ...] = ()
        self.model = TracksModel(self)
        self.model.set_columns(columns)
        self._build_table(widths or {})
        self._build_empty()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self._build_tools())
        page.addWidget(self.table, 1)
        page.addWidget(self.nothing, 1)
        session.selection_changed.connect(self._show)
        self._show()

    def _build_table(self, widths: Mapping[str, int]) -> None:
        self.table = TracksTable(self.model, self._theme, widths=widths)
        self.table.delete_wanted.connect(self._leave_out)
        self.table.open_wanted.connect(self.open_first)
        self.table.doubleClicked.connect(self.open_first)
        self.table.copy_wanted.connect(self.copy_text)
        self.table.horizontalHeader().sectionMoved.connect(lambda: self.columns_changed.emit(self.table.order))
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.selectionModel().selectionChanged.connect(self._mark)
        header = self.table.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        self.table.setSortingEnabled(True)

    def _build_empty(self) -> None:
        self.empty = label(role="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clear_search = button(messages.CLEAR_SEARCH(), lambda: self.search.clear())
        self.nothing = holder(column(0, self.empty, holder(row(0, self.clear_search, 0)), 0))

    def _build_tools(self) -> ToolRow:
        theme = self._theme
        self.head = ElidedLabel(role="title")
        self.amount = label(role="muted")
        self.search = SearchField(messages.SEARCH())
        self.search.textChanged.connect(self._filter)
        self.search.left.connect(self._go_to_table)
        self.move_to = _menu_button("merge", messages.MOVE_TO(), messages.MOVE_TO_TIP(), theme)
        self.move_menu = QMenu(self)
        self.move_menu.aboutToShow.connect(self._fill_move_menu)
        self.move_to.setMenu(self.move_menu)
        self.leave_out = tool("leave-out", messages.LEAVE_OUT(), theme, self._leave_out, words=True)
        self.leave_out.setToolTip(messages.LEAVE_OUT_TIP())
        self.copy_button = tool("copy", messages.COPY_LINKS(), theme, self.copy_links, words=True)
        self.copy_button.setToolTip(messages.COPY_LINKS_TIP())
        self.copy_button.setShortcut("Ctrl+Shift+C")
        self.columns_button = _menu_button("columns", messages.COLUMNS(), messages.CHOOSE_COLUMNS(), theme)
        self.columns_menu = QMenu(self)
        self.columns_menu.aboutToShow.connect(self._fill_columns_menu)
        self.columns_button.setMenu(self.columns_menu)
        self.save = tool("save", messages.SAVE_SHORT(), theme, self._save, words=True)
        self.save.setToolTip(messages.SAVE_TABLE())
        self.save.setAccessibleName(messages.SAVE_TABLE())
        return ToolRow(
            self.head, self.search, 0, self.amount, self.move_to, self.leave_out, self.copy_button,
            self.columns_button, self.save, margins=(2 * GRID, GRID, GRID, 4),
        )  # fmt: skip

    @property
    def chosen(self) -> IntArray:
        """The tracks chosen in the table, as rows of the analysis."""
        return self.table.chosen

    def _show(self) -> None:
        selection, shown = self._session.selection, self._session.shown
        picker = self.table.selectionModel()
        if selection is None or shown is None:
            self.model.show(None, np.empty(0, dtype=np.int64))
        else:
            picker.blockSignals(True)
            stays, scrolled = selection.what == self._what, self.table.verticalScrollBar().value()
            self.model.show(shown, selection.rows)
            self._what = selection.what
            if stays:
                self.table.verticalScrollBar().setValue(scrolled)
            # What was chosen here is so already; choosing it again would lose the place of the keyboard.
            if not np.array_equal(self.chosen, selection.marked):
                self._choose(selection.marked)
                if len(selection.marked):
                    place = self.model.position_of(int(selection.marked[0]))
                    self.table.scrollTo(self.model.index(max(place, 0), 0))
            picker.blockSignals(False)
            self.head.setText(messages.TRACKS_OF(name=selection.title))
        self._tell()

    def _choose(self, rows: IntArray) -> None:
        chosen = QItemSelection()
        last = self.model.columnCount() - 1
        for found in rows[:_MOST_MARKED].tolist():
            place = self.model.position_of(found)
            if place >= 0:
                chosen.select(self.model.index(place, 0), self.model.index(place, last))
        picker = self.table.selectionModel()
        picker.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if chosen.count():
            picker.setCurrentIndex(chosen.at(0).topLeft(), QItemSelectionModel.SelectionFlag.NoUpdate)
        self.table.viewport().update()

    def _filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._tell()

    def _go_to_table(self) -> None:
        if self.model.rowCount():
            self.table.setFocus()
            self.table.selectRow(0)

    def _tell(self) -> None:
        rows = self.model.rows
        self.table.setVisible(len(rows) > 0)
        self.nothing.setVisible(not len(rows))
        text = self.search.text()
        self.clear_search.setVisible(bool(text))
        self.empty.setText(messages.NO_MATCH(text=text) if text else messages.TRACKS_EMPTY())
        self._enable()

    def _enable(self) -> None:
        chosen = self.chosen
        self.leave_out.setEnabled(len(chosen) > 0)
        self.move_to.setEnabled(len(chosen) > 0)
        self.copy_button.setEnabled(len(self.model.rows) > 0)
        parts = [messages.tracks(len(self.model.rows)), self._duration(self.model.rows)]
        if len(chosen) > 1:
            parts = [messages.CHOSEN_OF(count=len(chosen), tracks=parts[0]), self._duration(chosen)]
        self.amount.setText(" · ".join(part for part in parts if part))

    def _duration(self, rows: IntArray) -> str:
        shown = self._session.shown
        if shown is None or not len(rows):
            return ""
        seconds = np.asarray(shown.columns["duration_s"], dtype=np.float64)[rows]
        return messages.duration(float(np.nanmean(seconds) * len(seconds)) if np.isfinite(seconds).any() else np.nan)

    def _mark(self) -> None:
        self._enable()
        rows = self.chosen
        if 0 < len(rows) <= _MOST_MARKED:
            self._session.mark(rows)

    # What can be done with tracks.

    def _leave_out(self) -> None:
        if len(self.chosen):
            self._session.leave_out(self.chosen)

    def _fill_move_menu(self) -> None:
        self.move_menu.clear()
        self._add_moves(self.move_menu, self.chosen)

    def _add_moves(self, menu: QMenu, rows: IntArray) -> None:
        for group in self._session.shown.groups if self._session.shown else ():
            action = menu.addAction(group.name.text.replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, line=group.lineage: self._session.move(rows, line))
        menu.addSeparator()
        new = menu.addAction(icon("new", self._theme), messages.NEW_PLAYLIST())
        new.triggered.connect(lambda: self._session.make_playlist(rows))

    def _texts(self, rows: IntArray, column: str) -> list[str]:
        shown = self._session.shown
        return [] if shown is None else [str(text) for text in shown.columns[column][rows].tolist()]

    @property
    def _wanted(self) -> IntArray:
        """The chosen tracks in the order they are shown; all that are shown when none is chosen."""
        chosen, rows = self.chosen, self.model.rows
        return rows[np.isin(rows, chosen)] if len(chosen) else rows

    def copy_links(self) -> None:
        """Copy the addresses of the chosen tracks, or of all that are shown, one a line."""
        self._session.said.emit(copy_links(track_links(self._texts(self._wanted, "uri"))))

    def copy_text(self) -> None:
        """Copy artist and title of the chosen tracks, one a line."""
        rows = self._wanted
        pairs = zip(self._texts(rows, "artist"), self._texts(rows, "title"), strict=True)
        lines = [messages.TRACK_POINT(artist=artist, title=title) if artist else title for artist, title in pairs]
        QApplication.clipboard().setText("\n".join(lines))

    def open_first(self) -> None:
        """Open the first chosen track in Spotify, or show its file."""
        rows = self.chosen[:1]
        page = next((track_link(uri) for uri in self._texts(rows, "uri")), "")
        path = next(iter(self._texts(rows, "path")), "")
        if page:
            QDesktopServices.openUrl(QUrl(page))
        elif path:
            show_file(path)

    def _fill_columns_menu(self) -> None:
        self.columns_menu.clear()
        shown = self._session.shown
        for name in COLUMNS:
            if shown is None or self.model.knows(name):
                action = self.columns_menu.addAction(messages.column_name(name))
                action.setCheckable(True)
                action.setChecked(name in self.model.columns)
                action.toggled.connect(lambda on, name=name: self.set_column(name, on))

    def set_column(self, name: str, on: bool) -> None:
        """Show or hide a column; the others stay where they are."""
        before = [one for one in self.table.order if one != name]
        if on:
            place = next((here for here, one in enumerate(before) if COLUMNS.index(one) > COLUMNS.index(name)), None)
            before.insert(len(before) if place is None else place, name)
        columns = tuple(before) or ("title",)
        header = self.table.horizontalHeader()
        self.model.set_columns(columns)
        for place in range(len(columns)):
            header.moveSection(header.visualIndex(place), place)
        header.setSortIndicator(*self.model.sorted_by)
        self.table.arrange()
        self.columns_changed.emit(columns)

    def _open_menu(self, point: QPoint) -> None:
        if len(self.chosen):
            self.menu().popup(self.table.viewport().mapToGlobal(point))

    def menu(self) -> QMenu:
        """Return what can be done with the chosen tracks."""
        menu, rows = QMenu(self), self.chosen
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def add(name: str, text: str, done: object, *, enabled: bool = True, keys: str = "") -> QAction:
            action = menu.addAction(icon(name, self._theme), text)
            action.triggered.connect(done)
            action.setEnabled(enabled)
            action.setShortcut(QKeySequence(keys))
            return action

        uri = next(iter(self._texts(rows[:1], "uri")), "")
        path = next(iter(self._texts(rows[:1], "path")), "")
        self._add_moves(menu.addMenu(icon("merge", self._theme), messages.MOVE_TO()), rows)
        add("leave-out", messages.LEAVE_OUT(), self._leave_out, keys="Del")
        menu.addSeparator()
        add("copy", messages.COPY(), self.copy_text, keys="Ctrl+C")
        add("export", messages.COPY_LINKS(), self.copy_links, enabled=bool(track_link(uri)), keys="Ctrl+Shift+C")
        menu.addSeparator()
        page = track_link(uri)
        add("account", messages.OPEN_IN_SPOTIFY(), self.open_first, enabled=bool(page), keys="Return")
        add("file", messages.SHOW_FILE(), lambda: show_file(path), enabled=bool(path), keys="" if page else "Return")
        return menu

    def _save(self) -> None:
        save_table(self, self._session, "tracks", self.model.table())


def _menu_button(name: str, text: str, tip: str, theme: Theme) -> QToolButton:
    """Return a button that opens a menu."""
    made = tool(name, text, theme, words=True)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return made


def show_file(path: str) -> None:
    """Open the folder of a file, with the file chosen where the platform can do that."""
    if sys.platform == "win32":
        QProcess.startDetached("explorer", ["/select,", str(Path(path))])
    elif sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", path])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))
