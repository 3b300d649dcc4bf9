"""Genres against playlists, and what dominates what."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QSplitter,
    QVBoxLayout,
)

from desktop import messages, style
from desktop.models.rows import BADGE_ROLE, VALUE_ROLE, Cell, RowsModel
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.shown import Shown
from desktop.theme import GRID, Theme
from desktop.views.genre_lookup import GenreLookup
from desktop.views.genre_table import GenreTable
from desktop.widgets.badges import BadgeCell
from desktop.widgets.basics import button, holder, row, tool
from desktop.widgets.lazy import LazyPage
from desktop.widgets.plain_table import PlainTable
from desktop.widgets.saving import save_table
from desktop.widgets.side_by_side import SideBySide
from desktop.widgets.texts import ElidedLabel

#: Letters of a genre on the button that goes inside it.
_LONGEST_GENRE = 24


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
        self.table = GenreTable(self.model, theme)
        self.table.clicked.connect(self._choose)
        self.table.activated.connect(self._choose)
        self.table.doubleClicked.connect(self._choose)
        self.table.verticalHeader().sectionClicked.connect(
            lambda place: session.select_genre(self.model.side(place).value)
        )
        self.table.verticalHeader().sectionDoubleClicked.connect(
            lambda place: session.go_inside(self.model.side(place).value)
        )
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
        line = row(self.mode, self.hint, self.enter, 0, save)
        line.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        self.tools = holder(line)
        self.dominance = (
            self._dominance_table(self.genres, messages.MOST_PLAYLIST(), elastic=(1, 0)),
            self._dominance_table(self.playlists, messages.MOST_GENRE(), elastic=(0, 1)),
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
        page.addWidget(self.tools)
        page.addWidget(self.body, 1)
        page.addWidget(self.empty, 1)
        foot = row(self.agreement, 0)
        foot.setContentsMargins(2 * GRID, 4, GRID, 4)
        page.addLayout(foot)

    def _dominance_table(self, model: RowsModel, name: str, *, elastic: tuple[int, int]) -> PlainTable:
        """Return a table whose rows lead to what they are about."""
        table = PlainTable(model, name, elastic=elastic)
        table.setItemDelegate(BadgeCell(self._theme, BADGE_ROLE, table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
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
        self.tools.setVisible(bool(genres))
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
        # One genre cannot be followed, and one playlist cannot follow.
        if agreement is not None and min(counts.shape) > 1:
            self.agreement.setText(messages.AGREEMENT(value=f"{agreement:.2f}".replace("-", "−")))

    def _show_cells(self, shown: Shown, genres: list[str], counts: np.ndarray) -> None:
        heads = [
            Cell(messages.TRACKS_HEAD(), right=True, value=""),
            *(
                Cell(group.name.text, plain_tip(group.name.text), True, value=group.lineage, badge=group.number)
                for group in shown.groups
            ),
        ]
        sizes = shown.analysis.genres.counts
        sides = [
            Cell(genre, plain_tip(messages.SIZE_OF(name=genre, tracks=messages.tracks(sizes[genre]))), value=genre)
            for genre in genres
        ]
        firsts = [Cell(f"{sizes[genre]:,}", messages.tracks(sizes[genre]), True, value=(genre, "")) for genre in genres]
        rows = [[first, *cells] for first, cells in zip(firsts, self._cells(shown, genres, counts), strict=True)]
        self.model.show(heads, rows, sides=sides)
        self._mark()

    def _cells(self, shown: Shown, genres: list[str], counts: np.ndarray) -> Iterator[list[Cell]]:
        """Yield the cells of each genre, one for each playlist."""
        sizes = np.array([shown.analysis.clustering.sizes[group.cluster] for group in shown.groups], dtype=float)
        of_genre = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
        of_playlist = counts / np.maximum(sizes, 1.0)
        what = self.mode.currentIndex()
        strengths = (of_genre, of_playlist, counts)[what]
        strongest = strengths.max() or 1.0
        for place, genre in enumerate(genres):
            cells = []
            for column, group in enumerate(shown.groups):
                amount, strength = int(counts[place, column]), float(strengths[place, column])
                text = f"{amount:,}" if what == 2 else messages.share(strength)
                tip = messages.GENRE_CELL(
                    genre=genre, playlist=group.name.text, tracks=messages.tracks(amount),
                    part=messages.share(of_genre[place, column]), other=messages.share(of_playlist[place, column]),
                )  # fmt: skip
                fill = _tint(self._theme, strength / strongest)
                cells.append(Cell(text if amount else "", plain_tip(tip), True, fill, (genre, group.lineage)))
            yield cells

    def _show_dominance(self, shown: Shown, genres: list[str], counts: np.ndarray) -> None:
        rows = []
        for genre, amounts in zip(genres, counts, strict=True):
            best = int(amounts.argmax())
            part = float(amounts[best] / max(amounts.sum(), 1.0))
            most = shown.groups[best]
            rows.append([
                Cell(genre, plain_tip(genre), value=("genre", genre)),
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
                Cell(genre, plain_tip(genre) if genre else ""),
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
