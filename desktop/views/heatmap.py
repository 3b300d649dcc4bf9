"""The heatmap: what each playlist is made of; a click selects it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QGraphicsRectItem, QPushButton, QScrollArea, QToolTip, QVBoxLayout

from desktop import messages, style
from desktop.plots import wording
from desktop.plots.data import HeatmapData
from desktop.plots.heatmap import HeatmapView
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.shown import Shown
from desktop.theme import GRID, Theme
from desktop.widgets.basics import row
from desktop.widgets.lazy import LazyPage
from desktop.widgets.saving import save_button, save_picture, save_table
from desktop.widgets.texts import ElidedButton

Mode = Literal["values", "difference"]


class PlaylistHeatmap(HeatmapView):
    """The heatmap with a mouse and a keyboard.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    """

    #: Number of the playlist that was chosen.
    picked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, compact=True)
        self._shown: Shown | None = None
        self._numbers: tuple[int, ...] = ()
        self._outlines: list[QGraphicsRectItem] = []
        self._selected: frozenset[int] = frozenset()
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_shown(self, shown: Shown, mode: Mode) -> None:
        """Show other playlists."""
        self._shown = shown
        self._outlines = []
        data = shown.heatmap
        if data is None:
            return
        self.show_data(data, mode=mode)
        self.setMinimumSize(*self.least_size())
        assert self.chart is not None
        ids = data.cluster_ids
        largest = sorted(range(len(ids)), key=lambda place: -int(data.sizes[place]))
        kept = sorted(largest[: len(self.chart.order)])
        self._numbers = tuple(ids[kept[int(place)]] for place in self.chart.order)
        self.show_selection(self._selected)

    def show_selection(self, numbers: frozenset[int]) -> None:
        """Outline the rows of some playlists."""
        self._selected = numbers
        for outline in self._outlines:
            self.scene().removeItem(outline)
        self._outlines = []
        if self.chart is None:
            return
        for place, number in enumerate(self._numbers):
            if number in numbers:
                outline = QGraphicsRectItem(self.row_rect(place).adjusted(-1, 0, 1, 0), self.chart.cells)
                outline.setPen(QPen(QColor(style.accent(self._theme)), 2.0))
                self._outlines.append(outline)

    def row_rect(self, place: int) -> QRectF:
        """Return the rectangle of a row of cells, in the cells' coordinates."""
        assert self.chart is not None
        first = self.chart.cells.cell(place, 0)
        return first.united(self.chart.cells.cell(place, self.chart.cells.values.shape[1] - 1))

    def point_of(self, number: int) -> QPointF:
        """Return where the first cell of a playlist is in the view."""
        assert self.chart is not None
        middle = self.chart.cells.cell(self._numbers.index(number), 0).center()
        return QPointF(self.mapFromScene(self.chart.cells.mapToScene(middle)))

    def place_at(self, point: QPointF) -> tuple[int, int]:
        """Return row and column below a point of the view; −1 for none. Names count as their row."""
        if self.chart is None:
            return -1, -1
        cells = self.chart.cells
        inside = cells.mapFromScene(self.mapToScene(point.toPoint()))
        rect = cells.boundingRect()
        rows, columns = cells.values.shape
        if not rect.top() <= inside.y() < rect.bottom() or inside.x() >= rect.right():
            return -1, -1
        found = int(inside.y() / rect.height() * rows)
        return found, int(inside.x() / rect.width() * columns) if inside.x() >= 0 else -1

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the playlist below the mouse."""
        super().mouseReleaseEvent(event)
        found, _ = self.place_at(event.position())
        if found >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self._numbers[found])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the cell below the mouse means."""
        super().mouseMoveEvent(event)
        found, column = self.place_at(event.position())
        group = self._shown.numbered(self._numbers[found]) if self._shown and found >= 0 else None
        if group is None or self.chart is None or column < 0 or self._shown is None or self._shown.heatmap is None:
            QToolTip.hideText()
            return
        feature = self._shown.heatmap.features[column]
        text = messages.CELL_TIP(
            playlist=group.name.text, feature=messages.feature_name(feature),
            value=f"{self.chart.cells.values[found, column]:.3f}".replace("-", "−"),
        )  # fmt: skip
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip(text), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the next or the previous row with the arrows."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if not step or not self._numbers:
            super().keyPressEvent(event)
            return
        places = [place for place, number in enumerate(self._numbers) if number in self._selected]
        place = min(max((places[0] if places else -step) + step, 0), len(self._numbers) - 1)
        self.picked.emit(self._numbers[place])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave scrolling to the area around the heatmap."""
        event.ignore()

    def _arrange(self) -> None:
        super()._arrange()
        if self._outlines:
            self.show_selection(self._selected)


class HeatmapTab(LazyPage):
    """The heatmap with its tools.

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
        self.heatmap = PlaylistHeatmap(theme)
        self.heatmap.setAccessibleName(messages.TAB_HEATMAP())
        self.heatmap.picked.connect(self._choose)
        self.values, self.difference = QPushButton(messages.PREPARED_VALUES()), ElidedButton(messages.DIFFERENCE())
        modes = QButtonGroup(self)
        for one in (self.values, self.difference):
            one.setCheckable(True)
            one.setAutoDefault(False)
            one.setAccessibleName(one.text())
            one.clicked.connect(self._show)
            modes.addButton(one)
        self.difference.setChecked(True)
        self.save = save_button(theme, self._save_picture, self._save_table)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setWidget(self.heatmap)
        self.area.setFocusProxy(self.heatmap)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        tools = row(self.values, self.difference, 0, self.save)
        tools.setContentsMargins(2 * GRID, GRID, GRID, 0)
        page.addLayout(tools)
        page.addWidget(self.area, 1)
        session.outcome_changed.connect(self._wait)
        session.selection_changed.connect(self._wait_selection)
        self._wait()

    def _wait(self) -> None:
        self.when_seen(self._show)

    def _wait_selection(self) -> None:
        self.when_seen(self._show_selection)

    @property
    def mode(self) -> Mode:
        """What the cells show."""
        return "difference" if self.difference.isChecked() else "values"

    def _show(self) -> None:
        if self._session.shown is not None:
            self.heatmap.show_shown(self._session.shown, self.mode)
            self._show_selection()

    def _show_selection(self) -> None:
        shown, selection = self._session.shown, self._session.selection
        if shown is not None and selection is not None:
            chosen = {group.number for group in shown.groups if group.lineage in selection.lineages}
            self.heatmap.show_selection(frozenset(chosen))

    def _choose(self, number: int) -> None:
        group = self._session.shown.numbered(number) if self._session.shown else None
        if group is not None:
            self._session.select_playlists([group.lineage])
            place = self.heatmap.point_of(number).toPoint()
            self.area.ensureVisible(self.area.horizontalScrollBar().value(), place.y(), 0, 4 * GRID)

    def _save_picture(self) -> None:
        from desktop.plots.pictures import draw_heatmap

        shown = self._session.shown
        data = shown.heatmap if shown else None
        if data is not None:
            mode = self.mode
            save_picture(
                self, self._session, "heatmap", lambda path: draw_heatmap(data, path, mode=mode, dark=self._theme.dark)
            )

    def _save_table(self) -> None:
        data = self._session.shown.heatmap if self._session.shown else None
        if data is not None:
            save_table(self, self._session, "heatmap", heatmap_table(data, self.mode))


def heatmap_table(data: HeatmapData, mode: Mode) -> Iterator[tuple[str, ...]]:
    """Yield the head, the library's median and every playlist as text, for a CSV file; numbers at full precision."""
    yield (messages.PLAYLIST_HEAD(), messages.TRACKS_HEAD(), *data.features)
    zero = data.medians if mode == "difference" else np.zeros_like(data.medians)
    rows = [(wording.LIBRARY_ROW(), data.tracks, data.medians)]
    rows += [(data.names[place], int(data.sizes[place]), data.centroids[place]) for place in data.row_order.tolist()]
    for name, tracks, values in rows:
        yield (name, str(tracks), *(repr(float(value)) for value in values - zero))
