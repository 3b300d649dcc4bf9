"""Genres against playlists, and what dominates what."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
)

from desktop import messages, style
from desktop.models.rows import BADGE_ROLE, VALUE_ROLE, Cell, RowsModel
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.shown import Shown
from desktop.theme import GRID, Theme
from desktop.views.genre_lookup import GenreLookup
from desktop.widgets.badges import BadgeCell, BadgeHeader
from desktop.widgets.basics import button, row, tool
from desktop.widgets.lazy import LazyPage
from desktop.widgets.saving import save_table
from desktop.widgets.side_by_side import SideBySide
from desktop.widgets.texts import ElidedLabel

#: With more playlists than this, their columns are headed by their marks alone.
_MOST_NAMED = 12
#: Letters of a genre on the button that goes inside it.
_LONGEST_GENRE = 24
#: Widest that a single word makes a column, in pixels.
_WIDEST_WORD = 18 * GRID


class _Tinted(QStyledItemDelegate):
    """Leaves a chosen cell its tint, and draws a line above and below it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a cell."""
        chosen, rect = bool(option.state & QStyle.StateFlag.State_Selected), QRect(option.rect)
        option.state &= ~QStyle.StateFlag.State_Selected
        super().paint(painter, option, index)
        if chosen:
            painter.setPen(option.palette.color(QPalette.ColorRole.Accent))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())


class GenresTab(LazyPage):
    """A table of genres and playlists, and the two tables of dominance.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.model = RowsModel(self)
        self.genres, self.playlists = RowsModel(self), RowsModel(self)
        self.table = plain_table(self.model, messages.TAB_GENRES())
        self.table.setItemDelegate(_Tinted(self.table))
        self.table.clicked.connect(self._choose)
        self.table.activated.connect(self._choose)
        self.table.doubleClicked.connect(self._choose)
        self.table.verticalHeader().setVisible(True)
        self.table.verticalHeader().setSectionsClickable(True)
        self.table.verticalHeader().sectionClicked.connect(
            lambda place: session.select_genre(self.model.side(place).value)
        )
        self.table.verticalHeader().sectionDoubleClicked.connect(
            lambda place: session.go_inside(self.model.side(place).value)
        )
        self.table.setHorizontalHeader(BadgeHeader(theme, BADGE_ROLE, self.table))
        widest = theme.metrics().horizontalAdvance(messages.share(1.0))
        self._least = round(widest) + 3 * GRID
        self.table.horizontalHeader().sectionClicked.connect(
            lambda place: session.select_playlists([self.model.head(place).value])
        )
        self.mode = QComboBox()
        self.mode.setAccessibleName(messages.TAB_GENRES())
        for text in (messages.SHARE_OF_GENRE(), messages.SHARE_OF_PLAYLIST(), messages.COUNTS()):
            self.mode.addItem(text)
        self.mode.activated.connect(self._show)
        self.agreement = ElidedLabel(role="muted")
        self.empty = GenreLookup(session, centred=True)
        self.empty.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        self._build()
        session.outcome_changed.connect(self._wait)
        session.selection_changed.connect(self._offer)
        self._offer()
        self._wait()

    def _wait(self) -> None:
        self.when_seen(self._show)

    def _build(self) -> None:
        save = tool("save", messages.SAVE_TABLE(), self._theme, self._save)
        self.hint = ElidedLabel(role="muted")
        self.hint.setText(messages.GENRES_HINT())
        self.enter = button("", self._enter)
        tools = row(self.mode, self.hint, self.enter, 0, save)
        tools.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        self.dominance = (
            self._dominance_table(self.genres, messages.MOST_PLAYLIST(), widest=1),
            self._dominance_table(self.playlists, messages.MOST_GENRE(), widest=0),
        )
        self.below = SideBySide(self.dominance, (messages.BY_GENRES(), messages.BY_PLAYLISTS()))
        self.body = QSplitter(Qt.Orientation.Vertical)
        self.body.addWidget(self.table)
        self.body.addWidget(self.below)
        self.body.setHandleWidth(1)
        self.body.setChildrenCollapsible(False)
        self.body.setStretchFactor(0, 3)
        self.body.setStretchFactor(1, 2)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(tools)
        page.addWidget(self.body, 1)
        page.addWidget(self.empty, 1)
        foot = row(self.agreement, 0)
        foot.setContentsMargins(2 * GRID, 4, GRID, 4)
        page.addLayout(foot)

    def _dominance_table(self, model: RowsModel, name: str, *, widest: int) -> QTableView:
        """Return a table whose rows lead to what they are about."""
        table = plain_table(model, name)
        table.setItemDelegate(BadgeCell(self._theme, BADGE_ROLE, table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        stretch(table, widest)
        table.clicked.connect(self._follow)
        table.activated.connect(self._follow)
        return table

    def _follow(self, index: QModelIndex) -> None:
        kind, what = index.siblingAtColumn(0).data(VALUE_ROLE)
        if kind == "genre":
            self._session.select_genre(what)
        else:
            self._session.select_playlists([what])

    def _show(self) -> None:
        shown = self._session.shown
        if shown is None:
            return
        table = shown.analysis.table
        genres = list(shown.analysis.genres.counts)
        self.body.setVisible(bool(genres))
        self.empty.setVisible(not genres)
        self.agreement.setText("")
        if not genres:
            return
        counts = np.array(
            [[table.by_cluster[genre].get(group.cluster, 0) for group in shown.groups] for genre in genres], dtype=float
        )
        self._show_cells(shown, genres, counts)
        self._show_dominance(shown, genres, counts)
        agreement = table.agreement.get("adjusted_mutual_info")
        self.agreement.setText("" if agreement is None else messages.AGREEMENT(value=agreement))

    def _show_cells(self, shown: Shown, genres: list[str], counts: np.ndarray) -> None:
        what = self.mode.currentIndex()
        totals = np.maximum(counts.sum(axis=1 if what == 0 else 0, keepdims=True), 1.0)
        shares = counts / (counts.max() or 1.0) if what == 2 else counts / totals
        named = len(shown.groups) <= _MOST_NAMED
        heads = [
            Cell(messages.TRACKS_HEAD(), right=True, value=""),
            *(
                Cell(group.name.text if named else "", plain_tip(group.name.text), True, value=group.lineage,
                     badge=group.number)
                for group in shown.groups
            ),
        ]  # fmt: skip
        sides = [Cell(genre, tip=messages.tracks(shown.analysis.genres.counts[genre]), value=genre) for genre in genres]
        strongest = shares.max() or 1.0
        rows = []
        for genre, amounts, parts in zip(genres, counts, shares, strict=True):
            count = shown.analysis.genres.counts[genre]
            cells = [Cell(f"{count:,}", messages.tracks(count), True, value=(genre, ""))]
            for group, amount, part in zip(shown.groups, amounts.tolist(), parts.tolist(), strict=True):
                text = f"{amount:,.0f}" if what == 2 else messages.share(part)
                tip = messages.GENRE_IN_PLAYLIST(genre=genre, playlist=group.name.text)
                fill = _tint(self._theme, part / strongest)
                value = (genre, group.lineage)
                cells.append(Cell(text if amount else "", f"{tip}: {amount:,.0f}", True, fill, value))
            rows.append(cells)
        self.model.show(heads, rows, sides=sides)
        header, mode = self.table.horizontalHeader(), QHeaderView.ResizeMode
        header.setSectionResizeMode(mode.Stretch if named else mode.ResizeToContents)
        # Names break between words only; where that takes too much room, the table scrolls.
        words = [word for group in shown.groups for word in group.name.text.split()] if named else []
        small = self._theme.metrics(small=True)
        wide = max((round(small.horizontalAdvance(word)) for word in words), default=0) + 2 * GRID
        header.setMinimumSectionSize(max(self._least, min(wide, _WIDEST_WORD)))
        header.setSectionResizeMode(0, mode.ResizeToContents)
        self._mark()

    def _show_dominance(self, shown: Shown, genres: list[str], counts: np.ndarray) -> None:
        rows = []
        for genre, amounts in zip(genres, counts, strict=True):
            best = int(amounts.argmax())
            part = float(amounts[best] / max(amounts.sum(), 1.0))
            most = shown.groups[best]
            rows.append([
                Cell(genre, value=("genre", genre)),
                Cell(most.name.text, plain_tip(most.name.text), badge=most.number),
                Cell(messages.share(part), right=True, sort=-part),
            ])  # fmt: skip
        heads = [Cell(messages.GENRE_HEAD()), Cell(messages.MOST_PLAYLIST()), Cell(messages.SHARE_HEAD(), right=True)]
        self.genres.show(heads, rows)
        rows, sizes = [], shown.analysis.clustering.sizes
        for place, group in enumerate(shown.groups):
            amounts = counts[:, place]
            best = int(amounts.argmax())
            part = float(amounts[best] / max(int(sizes[group.cluster]), 1))
            genre = genres[best] if amounts[best] else ""
            rows.append([
                Cell(group.name.text, plain_tip(group.name.text), value=("playlist", group.lineage),
                     badge=group.number),
                Cell(genre),
                Cell(messages.share(part), right=True, sort=-part),
            ])  # fmt: skip
        heads = [Cell(messages.PLAYLIST_HEAD()), Cell(messages.MOST_GENRE()), Cell(messages.SHARE_HEAD(), right=True)]
        self.playlists.show(heads, rows)

    def _offer(self) -> None:
        """Offer to go inside the genre that is chosen."""
        genre = self._session.selection.genre if self._session.selection else ""
        short = genre if len(genre) <= _LONGEST_GENRE else f"{genre[:_LONGEST_GENRE]}…"
        self.enter.setText(messages.GO_INSIDE(name=short).replace("&", "&&"))
        self.enter.setAccessibleName(messages.GO_INSIDE(name=genre))
        self.enter.setToolTip(plain_tip(messages.GO_INSIDE_TIP(name=genre)))
        self.enter.setVisible(bool(genre))
        self._mark()
        self.hint.setVisible(not genre)

    def _mark(self) -> None:
        """Mark the row of the genre that is chosen, or its cell of one playlist."""
        chosen, picker, model = self._session.selection, self.table.selectionModel(), self.model
        picker.clearSelection()
        for place in range(model.rowCount()):
            if chosen is None or not chosen.genre or model.side(place).value != chosen.genre:
                continue
            for column in range(model.columnCount()):
                if chosen.within in ("", model.cell(place, column).value[1]):
                    picker.select(model.index(place, column), QItemSelectionModel.SelectionFlag.Select)

    def _enter(self) -> None:
        if self._session.selection is not None:
            self._session.go_inside(self._session.selection.genre)

    def _choose(self, index: QModelIndex) -> None:
        genre, lineage = self.model.cell(index.row(), index.column()).value
        self._session.select_genre(genre, lineage)

    def _save(self) -> None:
        save_table(self, self._session, "genres", self.model.table)


def _tint(theme: Theme, strength: float) -> str:
    """Return the page's colour with a touch of the accent, up to a half."""
    if strength < 0.02:
        return ""
    page, main = QColor(theme.page), QColor(style.accent(theme))
    mix = 0.55 * strength
    ends = (page.red(), main.red()), (page.green(), main.green()), (page.blue(), main.blue())
    return QColor(*(round(low + (high - low) * mix) for low, high in ends)).name()


def stretch(table: QTableView, *places: int) -> None:
    """Let some columns of a plain table share the room that the others leave."""
    modes, model = QHeaderView.ResizeMode, table.model()

    def fit() -> None:
        for place in range(model.columnCount()):
            mode = modes.Stretch if place in places else modes.ResizeToContents
            table.horizontalHeader().setSectionResizeMode(place, mode)

    model.modelReset.connect(fit)


def plain_table(model: RowsModel, name: str) -> QTableView:
    """Return a table without lines that cannot be edited."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSortingEnabled(False)
    table.verticalHeader().setVisible(False)
    table.verticalHeader().setDefaultSectionSize(3 * GRID + 4)
    table.horizontalHeader().setStretchLastSection(False)
    table.horizontalHeader().setMinimumSectionSize(8 * GRID)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.horizontalHeader().setHighlightSections(False)
    table.verticalHeader().setHighlightSections(False)
    table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setCornerButtonEnabled(False)
    model.modelReset.connect(table.resizeColumnsToContents)
    return table
