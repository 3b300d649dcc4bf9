"""The map of tracks: by genre and by playlist side by side, with feature arrows and legends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsWidget, QWidget

from desktop.plots import arrange, wording
from desktop.plots.annotations import Annotations
from desktop.plots.arrays import IntArray
from desktop.plots.data import MapData
from desktop.plots.groups import Grouping, by_cluster, by_genre
from desktop.plots.parts import COLUMN_GAP, Label, Legend, Strip, plain_tip
from desktop.plots.point_layer import PointLayer, Rings
from desktop.theme import GRID, Theme

MARGIN = PANEL_GAP = 3 * GRID
LEGEND_GAP = 2 * GRID
#: Width of a picture of two maps: at least this, at most that when long names need more room in the legend.
LEAST_WIDTH, MOST_WIDTH = 1200, 1680
#: Below this size words and badges hide the tracks.
LEAST_SIZE = (480, 320)
#: Height of a plot as a share of its width, in a picture: the shape of the data within these bounds.
FLATTEST, STEEPEST = 0.65, 0.9
#: Legends with more lines than this get room for two columns.
ONE_COLUMN = 8
#: The legends are left out where the plots would keep less than this share of the view's height.
LEAST_PLOT = 0.45
#: Width of a panel that only says that it is empty, as a share of the other one's.
EMPTY_SHARE = 0.4
#: Room left around the outermost tracks, as a share of the plot.
PADDING = 0.04
#: Words and badges make way for the points of up to so many tracks; more lie too close together.
FEW = 400
#: What is not selected is drawn this faintly.
FAINT = 0.22
#: Words and badges get their best places when the map has stood still this long.
REST_MS = 150
#: In a window the line that explains the map is shown from this height on; below it, it is a tool tip of the axes.
HINT_FROM = 40 * GRID


class MapPanel(QGraphicsWidget):
    """One map: points in the colours of their groups, arrows, badges, a title, axes and a legend.

    Parameters
    ----------
    title : str
        What the points are grouped by.
    data : MapData
        The tracks.
    grouping : Grouping
        Their groups; a panel without groups says that there are none.
    theme : Theme
        Fonts and colours.
    immediate : bool
        Whether any number of points is drawn before painting, for files.
    """

    def __init__(self, title: str, data: MapData, grouping: Grouping, theme: Theme, *, immediate: bool) -> None:
        super().__init__()
        self.grouping = grouping
        self._data = data
        self._colors = (*(group.color for group in grouping.groups), theme.neutral)
        self.title = Label(title, theme.font(strong=True), theme.text, parent=self)
        self.box = pg.ViewBox(parent=self, border=pg.mkPen(theme.line), enableMenu=False, defaultPadding=0.0)
        self.box.setBackgroundColor(theme.surface)
        self.box.disableAutoRange()
        self.points, self.chosen = (PointLayer(self.box, immediate=immediate) for _ in range(2))
        self.rings = Rings(self.box, theme)
        if not self.is_empty:
            self._show_all_points()
        self.axes = tuple(
            Label(
                wording.axis(data.features, data.loadings[axis], data.explained[axis]),
                theme.font(small=True),
                theme.muted,
                parent=self,
            )
            for axis in (0, 1)
        )
        for axis in self.axes:
            axis.setToolTip(plain_tip(wording.MAP_HINT()))
        # Only a picture has a legend in each panel.
        self.legend = Legend(grouping.lines if immediate else (), theme, parent=self)
        self.notes = Annotations(data.features, data.loadings, grouping.groups, grouping.medians, theme, parent=self)
        self.empty = _empty_state(theme, self)
        for item in (*self.axes, self.notes, self.legend):
            item.setVisible(not self.is_empty)
        for item in self.empty:
            item.setVisible(self.is_empty)
        self._moved, self._at_rest = True, True
        self.box.sigRangeChanged.connect(self._note_move)

    @property
    def is_empty(self) -> bool:
        """Whether the tracks have no groups of this kind, and the panel says so."""
        return not self.grouping.lines

    @property
    def weight(self) -> float:
        """Share of the width the panel gets, against 1 of one with points."""
        return EMPTY_SHARE if self.is_empty else 1.0

    @property
    def axis_height(self) -> float:
        """Room an axis takes beside the plot."""
        return self.axes[0].height + GRID / 2

    def arrange(self, plot: QRectF, *, with_legend: bool) -> None:
        """Lay the panel out around its plot.

        Parameters
        ----------
        plot : QRectF
            The plot's rectangle in the scene.
        with_legend : bool
            Whether there is room for the legend below it.
        """
        self.title.fit(plot.width())
        self.title.put(plot.left(), plot.top() - GRID, down=1.0)
        self.box.setGeometry(plot)
        across, up = self.axes
        across.fit(plot.width())
        across.put(plot.center().x(), plot.bottom() + GRID / 2, across=0.5)
        up.fit(plot.height())
        up.put(plot.left() - self.axis_height, plot.center().y(), down=0.5, upright=True)
        self.legend.setPos(plot.left(), round(plot.bottom() + self.axis_height + LEGEND_GAP))
        self.legend.arrange(plot.width())
        self.legend.setVisible(with_legend and not self.is_empty)
        head, hint = self.empty
        for line, down in ((head, 1.0), (hint, 0.0)):
            line.fit(plot.width() - 2 * GRID)
            line.put(plot.center().x(), plot.center().y() + (0.5 - down) * GRID, across=0.5, down=down)
        self.rest()

    def choose(self, rows: IntArray | None, marked: IntArray) -> None:
        """Show some tracks in full and the others faintly, and ring single ones.

        Parameters
        ----------
        rows : np.ndarray [dtype=int64] or None
            The tracks in full; None for all of them.
        marked : np.ndarray [dtype=int64]
            The tracks with a ring.
        """
        self.points.setOpacity(1.0 if rows is None else FAINT)
        self.rings.show_points(self._data.xy[marked])
        if not self.is_empty:
            some = np.empty(0, dtype=np.int64) if rows is None else rows
            self.chosen.show_points(self._data.xy[some], self._colored(self.grouping.codes[some]), self._colors)

    def prepare(self, zoom: float) -> None:
        """Make points, words and badges ready for what the view shows now; called before painting.

        Parameters
        ----------
        zoom : float
            How much larger everything is than when all tracks are in view.
        """
        tracks, area = len(self._data) / zoom**2, self.box.width() * self.box.height()
        diameter, opacity = arrange.point_look(tracks, area)
        for layer in (self.points, self.chosen):
            layer.set_look(diameter, opacity)
        if self._moved:
            x_range, y_range = self.box.viewRange()
            few = self._data.xy if len(self._data) <= FEW else None
            self.notes.place(
                self.box.geometry(), x_range, y_range, at_rest=self._at_rest, points=few, radius=diameter / 2
            )
            self._moved = self._at_rest = False

    def rest(self) -> None:
        """Give words and badges their best places again, with the next painting."""
        self._moved = self._at_rest = True
        self.update()

    def _show_all_points(self) -> None:
        """Show all tracks: those without a group first, the others shuffled, so that no group lies above another."""
        codes, xy = self.grouping.codes[self._data.shuffled], self._data.drawn
        loose = codes < 0
        if loose.any():
            order = np.concatenate([np.flatnonzero(loose), np.flatnonzero(~loose)])
            codes, xy = codes[order], xy[order]
        self.points.show_points(xy, self._colored(codes), self._colors)

    def _colored(self, codes: IntArray) -> IntArray:
        """Return the position of each track's colour."""
        return np.where(codes >= 0, codes, len(self._colors) - 1)

    def _note_move(self) -> None:
        self._moved = True


class MapView(pg.GraphicsView):  # type: ignore[misc]
    """Two linked maps of the same tracks.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    parent : QWidget, optional
        The widget it is in.
    compact : bool, default False
        Leave out what the window around the map says already, and draw very many points in slices.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent, background=theme.page)
        self.setAntialiasing(True)
        self._theme, self._compact = theme, compact
        self._margin = float(GRID) if compact else float(MARGIN)
        self._gap = 2.0 * GRID if compact else float(PANEL_GAP)
        #: Title and groups of the left map; by genre while it is None.
        self.left: tuple[str, Grouping] | None = None
        self._strip: Strip | None = None
        self._low, self._high = np.zeros(2), np.ones(2)
        self._home: list[list[float]] | None = None
        self._header: tuple[Label, ...] = ()
        self.panels: tuple[MapPanel, ...] = ()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._come_to_rest)
        self.sigDeviceRangeChanged.connect(self._arrange)
        self.scene().sigPrepareForPaint.connect(self._prepare)

    def show_data(self, data: MapData) -> None:
        """Show other tracks, all of them in view.

        Parameters
        ----------
        data : MapData
            The tracks and their groups.
        """
        for item in (*self._header, *self.panels, *((self._strip,) if self._strip else ())):
            self.scene().removeItem(item)
        theme = self._theme
        self._low, self._high = data.xy.min(axis=0), data.xy.max(axis=0)
        self._home = None
        small = theme.font(small=True)
        self._header = (
            Label(wording.map_title(len(data)), theme.font(strong=True), theme.text),
            Label(wording.MAP_HINT(), small, theme.muted),
            Label(wording.MAP_HINT_SHORT(), small, theme.muted),
        )
        self.panels = tuple(
            MapPanel(title, data, grouping, theme, immediate=not self._compact)
            for title, grouping in (
                self.left or (wording.BY_GENRE(), by_genre(data, theme)),
                (wording.BY_PLAYLIST(), by_cluster(data, theme)),
            )
        )
        for item in (*self._header, *self.panels):
            self.scene().addItem(item)
        left, right = self.panels
        self._strip = Strip(left.grouping.lines, theme) if self._compact else None
        if self._strip is not None:
            self.scene().addItem(self._strip)
        if not left.is_empty:
            left.box.setXLink(right.box)
            left.box.setYLink(right.box)
        if self._compact:
            right.box.sigRangeChanged.connect(self._rest.start)
        self._arrange()

    def least_size(self) -> tuple[int, int]:
        """Return the width and height below which the maps cannot be read."""
        return LEAST_SIZE

    def natural_size(self) -> tuple[int, int]:
        """Return the width and height in which everything is shown without being cut off."""
        needs = []
        for panel in self.panels:
            lines, column = len(panel.legend.names), panel.legend.column_width
            needs.append(column if lines <= ONE_COLUMN else 2 * column + COLUMN_GAP)
        weight = sum(panel.weight for panel in self.panels)
        needed = 2 * MARGIN + PANEL_GAP + weight * (max(needs) + self._rise)
        least, most = LEAST_WIDTH * weight / 2, MOST_WIDTH * weight / 2
        width = -(-int(min(most, max(least, needed))) // GRID) * GRID
        widths = self._plot_widths(width)
        across, up = self._high - self._low
        shape = min(STEEPEST, max(FLATTEST, up / across if across > 0 else FLATTEST))
        height = self._above + widths[-1] * shape + self._below + self._legend_height(widths)
        return width, -(-int(height + 1) // GRID) * GRID

    @property
    def _rise(self) -> float:
        """Room for the vertical axes."""
        return max(panel.axis_height for panel in self.panels)

    @property
    def _lines(self) -> tuple[Label, ...]:
        """What stands above everything else."""
        title, *hints = self._header
        if not self._compact:
            return title, hints[0]
        room = self.width() - 2 * self._margin if self.height() >= HINT_FROM else 0.0
        return tuple(hint for hint in hints if hint.whole_width <= room)[:1]

    @property
    def _above(self) -> float:
        """Height of what stands above the plots."""
        header = sum(line.height + GRID / 2 for line in self._lines)
        titles = max(panel.title.height for panel in self.panels) + GRID
        return self._margin + header + titles + (0.0 if self._compact else 1.5 * GRID)

    @property
    def _below(self) -> float:
        """Height of what stands below the plots besides the legends."""
        return max(panel.axis_height for panel in self.panels) + self._margin

    def _plot_widths(self, width: float) -> list[float]:
        """Return the width of each plot; a panel that only says it is empty gets less."""
        weights = [panel.weight for panel in self.panels]
        room = width - 2 * self._margin - self._gap - self._rise * sum(not panel.is_empty for panel in self.panels)
        return [max(float(round(room * weight / sum(weights))), 1.0) for weight in weights]

    def _legend_height(self, widths: Sequence[float]) -> float:
        if self._strip is not None:
            return self._strip.height_at(self.width() - 2 * self._margin) + GRID / 2
        legends = [panel.legend for panel in self.panels]
        heights = [legend.height_at(legend.columns_in(width)) for legend, width in zip(legends, widths, strict=True)]
        return max(heights) + LEGEND_GAP

    def _arrange(self) -> None:
        """Lay everything out in the size the view has now."""
        if not self.panels:
            return
        moved = self._is_moved()
        width, height, margin = float(self.width()), float(self.height()), self._margin
        top = margin
        for line in self._header:
            line.setVisible(line in self._lines)
            if line.isVisible():
                line.fit(width - 2 * margin)
                line.put(margin, top)
                top += line.height + GRID / 2
        widths = self._plot_widths(width)
        room, legend = height - self._above - self._below, self._legend_height(widths)
        with_legend = room - legend >= LEAST_PLOT * height
        plot_height = max(float(round(room - legend if with_legend else room)), 1.0)
        left = margin
        for panel, plot_width in zip(self.panels, widths, strict=True):
            left += 0.0 if panel.is_empty else self._rise
            plot = QRectF(round(left), round(self._above), plot_width, plot_height)
            panel.arrange(plot, with_legend=with_legend and self._strip is None)
            left += plot_width + self._gap
        if self._strip is not None:
            self._strip.setVisible(with_legend)
            self._strip.setPos(margin, round(self._above + plot_height + self._rise + GRID / 2))
            self._strip.arrange(width - 2 * margin)
        if not moved:
            self._show_all()

    def _prepare(self) -> None:
        if self.panels:
            zoom = self.zoom
            for panel in self.panels:
                panel.prepare(zoom)

    def showEvent(self, event: QShowEvent) -> None:
        """Find places for words and badges, in case they were moving when the map was hidden."""
        super().showEvent(event)
        if self._compact:
            self._rest.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave everything where it is."""
        super().hideEvent(event)
        self._rest.stop()

    def _come_to_rest(self) -> None:
        for panel in self.panels:
            panel.rest()

    @property
    def zoom(self) -> float:
        """How much larger everything is than when all tracks are in view."""
        left, right = self.panels[-1].box.viewRange()[0]
        whole = self._home[0][1] - self._home[0][0] if self._home else right - left
        return float(whole / (right - left))

    def _is_moved(self) -> bool:
        """Return whether a person has moved or zoomed the map."""
        return self._home is not None and not np.allclose(self.panels[-1].box.viewRange(), self._home)

    def _show_all(self) -> None:
        """Show all tracks, one unit as long across as up: distances on the map are distances between tracks."""
        box = self.panels[-1].box
        size = np.array([box.width(), box.height()])
        unit = float(np.max((self._high - self._low) / (1 - 2 * PADDING) / size)) or 1.0
        middle, reach = (self._low + self._high) / 2, unit * size / 2
        for panel in self.panels:
            panel.box.setRange(
                xRange=(middle[0] - reach[0], middle[0] + reach[0]),
                yRange=(middle[1] - reach[1], middle[1] + reach[1]),
                padding=0.0,
            )
        self._home = box.viewRange()


def _empty_state(theme: Theme, parent: QGraphicsItem) -> tuple[Label, Label]:
    """Return the two lines a map by genre shows when no track has a genre."""
    return (
        Label(wording.NO_GENRES(), theme.font(), theme.text, parent=parent),
        Label(wording.NO_GENRES_HINT(), theme.font(small=True), theme.muted, parent=parent),
    )
