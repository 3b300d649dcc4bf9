"""How the features are spread: what is selected against the library, and any two of them against each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from core.features import FEATURES
from desktop import messages, style
from desktop.plots import arrange
from desktop.plots.arrays import IntArray
from desktop.plots.cluster_map import FAINT
from desktop.plots.groups import by_cluster
from desktop.plots.point_layer import PointLayer
from desktop.session import Session
from desktop.shown import BINS, Shown
from desktop.theme import GRID, Theme
from desktop.widgets.basics import clear, column, holder, label, row
from desktop.widgets.choice import Choice
from desktop.widgets.distribution import LEAST_WIDTH, Distribution
from desktop.widgets.lazy import LazyPage
from desktop.widgets.plain_plot import plain_plot
from desktop.widgets.saving import save_button, save_picture, save_table


class FeaturesTab(LazyPage):
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
        self.across, self.up = Choice(), Choice()
        for box, name in ((self.across, messages.ACROSS()), (self.up, messages.UP())):
            box.setAccessibleName(name)
            box.grow(max(theme.metrics().horizontalAdvance(messages.feature_name(one)) for one in FEATURES))
            box.activated.connect(self._show_points)
        self.save = save_button(theme, self._save_picture, self._save_table)
        self.plot: pg.PlotWidget | None = None
        self._build(area)
        session.outcome_changed.connect(self._wait)
        session.selection_changed.connect(self._wait_selection)
        self._wait()

    def _build(self, area: QScrollArea) -> None:
        hint = row(label(messages.FEATURES_HINT(), role="muted", wrap=True))
        hint.setContentsMargins(2 * GRID, GRID, GRID, 0)
        left = QWidget()
        stack = QVBoxLayout(left)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addLayout(hint)
        stack.addWidget(area, 1)
        choice = row(self.up, label(messages.AGAINST(), role="muted"), self.across, 0, self.save)
        for place in (0, 2):
            choice.setStretch(place, 100)
        self._right = column(holder(choice), margin=GRID)
        self._points = holder(self._right)
        self.body = QSplitter(Qt.Orientation.Horizontal)
        self.body.addWidget(left)
        self.body.addWidget(self._points)
        self.body.setStretchFactor(0, 0)
        self.body.setStretchFactor(1, 1)
        self.body.setChildrenCollapsible(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.body)

    def _build_plot(self) -> None:
        """Build the plot, when it is first seen."""
        self.plot = plain_plot(self._theme)
        self.plot.getViewBox().sigResized.connect(self._name_axes)
        self._right.addWidget(self.plot, 1)
        self.points, self.chosen = (PointLayer(self.plot.getViewBox()) for _ in range(2))

    def _wait(self) -> None:
        self.when_seen(self._show)

    def _wait_selection(self) -> None:
        self.when_seen(self._show_selection)

    def _show(self) -> None:
        shown = self._session.shown
        if shown is None:
            return
        if self.plot is None:
            self._build_plot()
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
        """Put both parts next to each other where there is room, and distributions into as many columns as fit."""
        cell = max((one.sizeHint().width() for one in self.distributions.values()), default=LEAST_WIDTH) + 2 * GRID
        room = self.width() - self._points.minimumSizeHint().width() - 4 * GRID
        beside = room >= cell
        wanted = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self.body.orientation() != wanted:
            self.body.setOrientation(wanted)
            self.body.setStretchFactor(0, int(not beside))
            self.body.setSizes([2 * self.height() // 5, 3 * self.height() // 5])
        columns = min(max((room if beside else self.width() - 4 * GRID) // cell, 1), 2)
        for place, one in enumerate(self._cells):
            self._grid.addWidget(one, place // columns, place % columns)
        self._area.setMinimumWidth(columns * cell + 4 * GRID if beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay everything out anew."""
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
        self._place()
        self._show_chosen()

    def _pair(self, shown: Shown) -> np.ndarray | None:
        names = (self.across.currentData(), self.up.currentData())
        if any(name not in shown.bins for name in names):
            return None
        return np.column_stack([np.asarray(shown.columns[name], dtype=np.float64) for name in names])

    def _show_points(self) -> None:
        shown = self._session.shown
        xy = self._pair(shown) if shown else None
        if shown is None or xy is None or self.plot is None:
            return
        self._style = by_cluster(shown.map, self._theme)
        order = shown.map.shuffled
        order = order[np.isfinite(xy[order]).all(axis=1)]
        size, opacity = arrange.point_look(len(order), 400.0 * 400.0)
        for layer in (self.points, self.chosen):
            layer.set_look(size, opacity)
        self._show_rows(self.points, xy, order)
        ranges = []
        for box in (self.across, self.up):
            bins = shown.bins[box.currentData()]
            ranges.append((bins.low, bins.high))
        self.plot.getViewBox().setRange(xRange=ranges[0], yRange=ranges[1], padding=0.04)
        self._name_axes()
        self._show_chosen()

    def _name_axes(self) -> None:
        """Say what the axes mean, as far as there is room."""
        shown = self._session.shown
        if shown is None or self.plot is None or self._pair(shown) is None:
            return
        view = self.plot.getViewBox()
        for side, box, room in (("bottom", self.across, view.width()), ("left", self.up, view.height())):
            bins = shown.bins[box.currentData()]
            low, high = messages.ends(FEATURES[bins.name], bins.low, bins.high)
            name = messages.feature_name(bins.name)
            whole = messages.FEATURE_AXIS(feature=name, low=low, high=high)
            fits = self._theme.metrics(small=True).horizontalAdvance(whole) <= room
            self.plot.setLabel(side, whole if fits else name)

    def _show_chosen(self) -> None:
        shown, selection = self._session.shown, self._session.selection
        xy = self._pair(shown) if shown else None
        if shown is None or selection is None or xy is None or self.plot is None:
            return
        everything = len(selection.rows) == len(shown.labels)
        self.points.setOpacity(1.0 if everything else FAINT)
        rows = selection.rows[:0] if everything else selection.rows
        self._show_rows(self.chosen, xy, rows[np.isfinite(xy[rows]).all(axis=1)])

    def _show_rows(self, layer: PointLayer, xy: np.ndarray, rows: IntArray) -> None:
        """Show tracks in a layer, in the colours of their playlists."""
        colors = (*(group.color for group in self._style.groups), self._theme.neutral)
        codes = self._style.codes[rows]
        layer.show_points(xy[rows], np.where(codes >= 0, codes, len(colors) - 1), colors)

    def _save_picture(self) -> None:
        from desktop.plots.pictures import draw_widget

        save_picture(self, self._session, "features", lambda path: draw_widget(self.body, path))

    def _save_table(self) -> None:
        shown, selection = self._session.shown, self._session.selection
        if shown is not None and selection is not None:
            save_table(self, self._session, "features", features_table(shown, selection.rows))


def features_table(shown: Shown, rows: IntArray) -> Iterator[tuple[str, ...]]:
    """Yield the head, then for each bar of each feature the shares of chosen tracks and of the library, for a CSV file.

    Parameters
    ----------
    shown : Shown
        The library.
    rows : np.ndarray [dtype=int64]
        The tracks chosen.
    """
    yield ("feature", "from", "to", "selection", "library")
    for bins in shown.bins.values():
        edges = np.linspace(bins.low, bins.high, BINS + 1).tolist()
        shares = zip(bins.shares(rows).tolist(), bins.shares().tolist(), strict=True)
        for (low, high), (chosen, library) in zip(itertools.pairwise(edges), shares, strict=True):
            yield (bins.name, *(repr(number) for number in (low, high, chosen, library)))
