"""How the features are spread: what is selected against the library, and any two of them against each other."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from desktop import messages, style
from desktop.plots import arrange
from desktop.plots.groups import by_cluster
from desktop.plots.points import GroupedPoints
from desktop.session import Session
from desktop.shown import Shown
from desktop.theme import GRID, Theme
from desktop.widgets.basics import clear, column, holder, label, row
from desktop.widgets.distribution import LEAST_WIDTH, Distribution
from desktop.widgets.plain_plot import plain_plot

#: Below this width the distributions stand in one column.
_TWO_COLUMNS_FROM = 88 * GRID


class FeaturesTab(QWidget):
    """Distributions on the left, two features against each other on the right.

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
        self.distributions: dict[str, Distribution] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(2 * GRID)
        self._grid.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        self._cells: list[QWidget] = []
        area = self._area = QScrollArea()
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._grid)
        outer.addStretch(1)
        area.setWidget(inner)
        self.across, self.up = QComboBox(), QComboBox()
        self.across.setAccessibleName(messages.AGAINST())
        self.up.setAccessibleName(messages.AGAINST())
        for box in (self.across, self.up):
            box.activated.connect(self._show_points)
        self.plot = plain_plot(theme)
        self.points = GroupedPoints(pixel_ratio=1.0)
        self.chosen = GroupedPoints(pixel_ratio=1.0)
        self.plot.addItem(self.points)
        self.plot.addItem(self.chosen)
        self._build(area)
        session.outcome_changed.connect(self._show)
        session.selection_changed.connect(self._show_selection)
        self._show()

    def _build(self, area: QScrollArea) -> None:
        hint = row(label(messages.FEATURES_HINT(), role="muted", wrap=True))
        hint.setContentsMargins(2 * GRID, GRID, GRID, 0)
        left = QWidget()
        stack = QVBoxLayout(left)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addLayout(hint)
        stack.addWidget(area, 1)
        choice = holder(row(self.up, label(messages.AGAINST(), role="muted"), self.across, 0))
        right = holder(column(choice, self.plot, margin=GRID))
        body = QSplitter(Qt.Orientation.Horizontal)
        body.addWidget(left)
        body.addWidget(right)
        body.setStretchFactor(0, 0)
        body.setStretchFactor(1, 1)
        body.setChildrenCollapsible(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(body)

    def _show(self) -> None:
        shown = self._session.shown
        if shown is None:
            return
        if set(self.distributions) != set(shown.bins):
            self._fill(shown)
        self._show_points()
        self._show_selection()

    def _fill(self, shown: Shown) -> None:
        clear(self._grid)
        self.distributions = {}
        self._cells = []
        for name in shown.bins:
            one = self.distributions[name] = Distribution(self._theme)
            head = label(messages.feature_name(name), role="title")
            head.setToolTip(messages.column_tip(name))
            self._cells.append(holder(column(head, one, gap=2)))
        self._place()
        for box, wanted in ((self.across, "energy"), (self.up, "valence")):
            chosen = box.currentData() or wanted
            box.clear()
            for name in shown.bins:
                box.addItem(messages.feature_name(name), name)
            box.setCurrentIndex(max(box.findData(chosen), 0))

    def _place(self) -> None:
        columns = 2 if self.width() >= _TWO_COLUMNS_FROM else 1
        for place, cell in enumerate(self._cells):
            self._grid.addWidget(cell, place // columns, place % columns)
        self._area.setMinimumWidth(columns * (LEAST_WIDTH + 2 * GRID) + 4 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the distributions out in one or two columns."""
        super().resizeEvent(event)
        self._place()

    def _show_selection(self) -> None:
        shown, selection = self._session.shown, self._session.selection
        if shown is None or selection is None:
            return
        groups = [group for group in shown.groups if group.lineage in selection.lineages]
        color = self._theme.cluster_color(groups[0].number) if len(groups) == 1 else style.accent(self._theme)
        everything = len(selection.rows) == len(shown.labels)
        for name, one in self.distributions.items():
            bins = shown.bins[name]
            one.show_feature(bins, None if everything else bins.shares(selection.rows), color=color)
        self._show_chosen()

    def _pair(self) -> np.ndarray | None:
        shown = self._session.shown
        names = (self.across.currentData(), self.up.currentData())
        if shown is None or any(name not in shown.columns for name in names):
            return None
        return np.column_stack([np.asarray(shown.columns[name], dtype=np.float64) for name in names])

    def _show_points(self) -> None:
        shown, xy = self._session.shown, self._pair()
        if shown is None or xy is None:
            return
        known = np.isfinite(xy).all(axis=1)
        size, opacity = arrange.point_look(int(known.sum()), 400.0 * 400.0)
        self._style = by_cluster(shown.map, self._theme)
        brushes = [pg.mkBrush(group.color + f"{opacity:02x}") for group in self._style.groups]
        brushes.append(pg.mkBrush(self._theme.neutral + f"{opacity:02x}"))
        codes = np.where(self._style.codes >= 0, self._style.codes, len(brushes) - 1)
        self.points.show_points(xy[known], codes[known], brushes, size=size)
        self.plot.setLabel("bottom", messages.feature_name(self.across.currentData()))
        self.plot.setLabel("left", messages.feature_name(self.up.currentData()))
        self.plot.getViewBox().autoRange()
        self._show_chosen()

    def _show_chosen(self) -> None:
        shown, selection, xy = self._session.shown, self._session.selection, self._pair()
        if shown is None or selection is None or xy is None:
            return
        everything = len(selection.rows) == len(shown.labels)
        self.points.setOpacity(1.0 if everything else 0.22)
        self.chosen.setVisible(not everything)
        rows = selection.rows[np.isfinite(xy[selection.rows]).all(axis=1)]
        brushes = [pg.mkBrush(group.color) for group in self._style.groups]
        brushes.append(pg.mkBrush(self._theme.neutral))
        codes = np.where(self._style.codes[rows] >= 0, self._style.codes[rows], len(brushes) - 1)
        self.chosen.show_points(xy[rows], codes, brushes, size=arrange.point_look(len(xy), 160_000.0)[0])
