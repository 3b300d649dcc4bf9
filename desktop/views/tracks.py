"""The table of tracks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QProcess, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QMenu, QTableView, QVBoxLayout, QWidget

from desktop import messages
from desktop.models.tracks import COLUMNS, TracksModel
from desktop.plots.arrays import IntArray
from desktop.session import Session
from desktop.shown import TEXT_COLUMNS
from desktop.theme import GRID, Theme
from desktop.widgets.basics import label, row, tool
from desktop.widgets.icons import icon
from desktop.widgets.saving import save_table

#: Width of a column in pixels of the grid, by name; the other ones hold short numbers.
_WIDTHS = {"title": 28, "artist": 20, "album": 20, "playlist": 24, "genre": 14, "origin": 16}
_NUMBER_WIDTH = 13
#: More rows than this are not marked one by one on the map.
_MOST_MARKED = 500


class TracksView(QWidget):
    """Tracks of the selection, with a search and a choice of columns.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    columns : sequence of str
        The columns at first.
    """

    columns_changed = Signal(tuple)

    def __init__(self, session: Session, theme: Theme, *, columns: Sequence[str]) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.model = TracksModel(self)
        self.model.set_columns(columns)
        self.head = label(role="title")
        self.amount = label(role="muted")
        self.search = QLineEdit()
        self.search.setPlaceholderText(messages.SEARCH())
        self.search.setAccessibleName(messages.SEARCH())
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(30 * GRID)
        self.search.textChanged.connect(self._filter)
        self.empty = label(role="muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build_table()
        self._build()
        session.selection_changed.connect(self._show)
        self._show()

    def _build_table(self) -> None:
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(messages.TRACKS_HEAD())
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSortingEnabled(True)
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(round(self._theme.metrics().height()) + GRID)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        self._set_widths()
        fit = self.model.columns.index("fit") if "fit" in self.model.columns else 0
        header.setSortIndicator(fit, Qt.SortOrder.DescendingOrder)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.selectionModel().selectionChanged.connect(self._mark)

    def _build(self) -> None:
        theme = self._theme
        self.leave_out = tool("leave-out", messages.LEAVE_OUT(), theme, self._leave_out)
        self.move_to = tool("merge", messages.MOVE_TO(), theme)
        self.move_to.setPopupMode(self.move_to.ToolButtonPopupMode.InstantPopup)
        self.move_menu = QMenu(self)
        self.move_menu.aboutToShow.connect(self._fill_move_menu)
        self.move_to.setMenu(self.move_menu)
        self.columns_button = tool("levers", messages.CHOOSE_COLUMNS(), theme)
        self.columns_button.setPopupMode(self.columns_button.ToolButtonPopupMode.InstantPopup)
        self.columns_menu = QMenu(self)
        self.columns_menu.aboutToShow.connect(self._fill_columns_menu)
        self.columns_button.setMenu(self.columns_menu)
        save = tool("save", messages.SAVE_TABLE(), theme, self._save)
        line = row(self.head, self.search, 0, self.amount, self.move_to, self.leave_out, self.columns_button, save)
        line.setContentsMargins(2 * GRID, GRID, GRID, 4)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(line)
        page.addWidget(self.table, 1)
        page.addWidget(self.empty, 1)

    @property
    def chosen(self) -> IntArray:
        """The tracks chosen in the table, as rows of the analysis."""
        places = [index.row() for index in self.table.selectionModel().selectedRows()]
        return np.sort(self.model.rows[np.array(places, dtype=np.int64)])

    def _show(self) -> None:
        selection, shown = self._session.selection, self._session.shown
        picker = self.table.selectionModel()
        if selection is None or shown is None:
            self.model.show(None, np.empty(0, dtype=np.int64))
        else:
            before = self.chosen
            picker.blockSignals(True)
            self.model.show(shown, selection.rows)
            self._choose(selection.marked)
            picker.blockSignals(False)
            if not np.array_equal(before, selection.marked) and len(selection.marked):
                place = self.model.position_of(int(selection.marked[0]))
                self.table.scrollTo(self.model.index(max(place, 0), 0))
            title = selection.title if len(selection.title) <= 60 else selection.title[:59] + "…"
            self.head.setText(messages.TRACKS_OF(name=title))
        self._tell()

    def _choose(self, rows: IntArray) -> None:
        chosen = QItemSelection()
        last = self.model.columnCount() - 1
        for found in rows[:_MOST_MARKED].tolist():
            place = self.model.position_of(found)
            if place >= 0:
                chosen.select(self.model.index(place, 0), self.model.index(place, last))
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.table.viewport().update()

    def _filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._tell()

    def _tell(self) -> None:
        shown, rows = self._session.shown, self.model.rows
        long = float("nan")
        if shown is not None and len(rows):
            seconds = np.asarray(shown.columns["duration_s"], dtype=np.float64)[rows]
            if np.isfinite(seconds).any():
                long = float(np.nanmean(seconds) * len(seconds))
        parts = [messages.tracks(len(rows)), messages.duration(long)]
        self.amount.setText(" · ".join(part for part in parts if part))
        self.table.setVisible(len(rows) > 0)
        self.empty.setVisible(not len(rows))
        text = self.search.text()
        self.empty.setText(messages.NO_MATCH(text=text) if text else messages.TRACKS_EMPTY())
        self._enable()

    def _enable(self) -> None:
        some = bool(self.table.selectionModel().hasSelection())
        self.leave_out.setEnabled(some)
        self.move_to.setEnabled(some)

    def _mark(self) -> None:
        self._enable()
        rows = self.chosen
        if 0 < len(rows) <= _MOST_MARKED:
            self._session.mark(rows)

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

    def _fill_columns_menu(self) -> None:
        self.columns_menu.clear()
        shown = self._session.shown
        for name in COLUMNS:
            if shown is None or name in shown.columns:
                action = self.columns_menu.addAction(messages.column_name(name))
                action.setCheckable(True)
                action.setChecked(name in self.model.columns)
                action.toggled.connect(lambda on, name=name: self.set_column(name, on))

    def set_column(self, name: str, on: bool) -> None:
        """Show or hide a column."""
        wanted = {*self.model.columns, name} if on else set(self.model.columns) - {name}
        columns = tuple(one for one in COLUMNS if one in wanted) or ("title",)
        self.model.set_columns(columns)
        self._set_widths()
        self.columns_changed.emit(columns)

    def _set_widths(self) -> None:
        for place, name in enumerate(self.model.columns):
            number = round(self._theme.metrics().horizontalAdvance(messages.column_name(name))) + 5 * GRID
            wide = _WIDTHS.get(name, _NUMBER_WIDTH) * GRID
            self.table.setColumnWidth(place, wide if name in TEXT_COLUMNS else max(number, 10 * GRID))

    def _open_menu(self, point: QPoint) -> None:
        if len(self.chosen):
            self.menu().popup(self.table.viewport().mapToGlobal(point))

    def menu(self) -> QMenu:
        """Return what can be done with the chosen tracks."""
        menu, rows, shown = QMenu(self), self.chosen, self._session.shown
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_moves(menu.addMenu(icon("merge", self._theme), messages.MOVE_TO()), rows)
        menu.addAction(icon("leave-out", self._theme), messages.LEAVE_OUT()).triggered.connect(self._leave_out)
        menu.addSeparator()
        first = int(rows[0]) if len(rows) else -1
        uri = str(shown.columns["uri"][first]) if shown and first >= 0 else ""
        path = str(shown.columns["path"][first]) if shown and first >= 0 else ""
        in_spotify = menu.addAction(messages.OPEN_IN_SPOTIFY())
        in_spotify.setEnabled(uri.startswith("spotify:track:"))
        in_spotify.triggered.connect(lambda: QDesktopServices.openUrl(QUrl(spotify_page(uri))))
        file = menu.addAction(messages.SHOW_FILE())
        file.setEnabled(bool(path))
        file.triggered.connect(lambda: show_file(path))
        return menu

    def _save(self) -> None:
        save_table(self, self._session, "tracks", self.model.table())


def spotify_page(uri: str) -> str:
    """Return the page of a ``spotify:track:…`` address; it opens Spotify's program where that is installed."""
    return f"https://open.spotify.com/track/{uri.rsplit(':', 1)[-1]}"


def show_file(path: str) -> None:
    """Open the folder of a file, with the file chosen where the platform can do that."""
    import sys
    from pathlib import Path

    if sys.platform == "win32":
        QProcess.startDetached("explorer", ["/select,", str(Path(path))])
    elif sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", path])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))
