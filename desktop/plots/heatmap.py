"""The heatmap of clusters against features, with a number in every cell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsWidget, QWidget

from desktop.plots import wording
from desktop.plots.cells import CELL_PADDING, Cells, ColorBar, Mode, Scale
from desktop.plots.data import HeatmapData
from desktop.plots.groups import Group
from desktop.plots.parts import LEAN, Badge, Label
from desktop.theme import GRID, Theme

#: Badge, name and size; the whole library has no badge.
Row: TypeAlias = tuple[Badge | None, Label, Label]

MARGIN = 3 * GRID
#: Height of a row in a picture, and the range it may have in a window.
ROW, LEAST_ROW, MOST_ROW = 4 * GRID, 2.5 * GRID, 6 * GRID
#: Clusters a heatmap shows; density-based algorithms can find hundreds, and then the largest say most.
MOST_ROWS = 100
#: Least width of a column in a picture.
LEAST_COLUMN = 9 * GRID
#: Names take at most this share of the view's width, and at least so many pixels before numbers are cut off.
MOST_NAMES, LEAST_NAMES = 0.4, 12.0 * GRID
#: Sizes are shown where they leave this much for the names.
GOOD_NAMES = 18.0 * GRID

#: How the names of the columns stand.
Heads: TypeAlias = Literal["flat", "leaning", "upright"]


class HeatmapView(pg.GraphicsView):  # type: ignore[misc]
    """Clusters as rows, features as columns.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    parent : QWidget, optional
        The widget it is in.
    compact : bool, default False
        Leave out what the window around it says already.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent, background=theme.page)
        self.setAntialiasing(True)
        self._theme, self._compact = theme, compact
        self.chart: Chart | None = None
        self.sigDeviceRangeChanged.connect(self._arrange)

    def show_data(self, data: HeatmapData, *, mode: Mode = "values") -> None:
        """Show other clusters.

        Parameters
        ----------
        data : HeatmapData
            The clusters and their features.
        mode : {"values", "difference"}, default "values"
            Mean prepared values with the library's median as a row of its own, or differences from that median.
        """
        if self.chart is not None:
            self.scene().removeItem(self.chart)
        self.chart = Chart(data, mode, self._theme, compact=self._compact)
        self.scene().addItem(self.chart)
        self._arrange()

    def natural_size(self) -> tuple[int, int]:
        """Return the width and height in which everything is shown without being cut off."""
        return self.chart.natural_size() if self.chart is not None else (1, 1)

    def least_size(self) -> tuple[int, int]:
        """Return the width and height below which rows or numbers are cut off."""
        return self.chart.least_size() if self.chart is not None else (1, 1)

    def _arrange(self) -> None:
        if self.chart is not None:
            self.chart.arrange(float(self.width()), float(self.height()))


class Chart(QGraphicsWidget):
    """Everything a heatmap shows: titles, names, cells and the colour bar.

    Parameters
    ----------
    data : HeatmapData
        The clusters and their features.
    mode : {"values", "difference"}
        What the cells show.
    theme : Theme
        Fonts and colours.
    compact : bool
        Leave out the title, and where it is narrow the sizes.
    """

    def __init__(self, data: HeatmapData, mode: Mode, theme: Theme, *, compact: bool) -> None:
        super().__init__()
        self._margin = 2.0 * GRID if compact else float(MARGIN)
        signed, small = mode == "difference", theme.font(small=True)
        of = len(data.names)
        data = _largest(data)
        self.order = data.row_order
        values = data.centroids[self.order] - (data.medians if signed else 0.0)
        scale = Scale(values if signed else np.vstack([values, data.medians]), mode, theme)
        self.title = Label(
            wording.heatmap_title(len(data.names), of, difference=signed),
            theme.font(strong=True),
            theme.text,
            parent=self,
        )
        hint = wording.DIFFERENCE_HINT() if signed else wording.VALUES_HINT()
        self.hint = Label(hint, small, theme.muted, parent=self)
        self.lines = (self.hint,) if compact else (self.title, self.hint)
        self.title.setVisible(not compact)
        self.columns = [Label(name.replace("_", " "), small, theme.text, parent=self) for name in data.features]
        self.sizes_head = Label(wording.TRACKS_COLUMN(), small, theme.muted, parent=self)
        self.cells = Cells(values, scale, signed=signed, theme=theme, parent=self)
        self.library: Cells | None = None
        self.rows: list[Row] = [_row(data, int(place), theme, self) for place in self.order]
        if not signed:
            self.library = Cells(data.medians[None], scale, signed=False, theme=theme, parent=self)
            name = Label(wording.LIBRARY_ROW(), theme.font(), theme.text, parent=self)
            self.rows.insert(0, (None, name, Label(wording.count(data.tracks), small, theme.muted, parent=self)))
        meaning = wording.DIFFERENCE_SCALE() if signed else wording.VALUES_SCALE()
        self.bar = ColorBar(scale, meaning, signed=signed, theme=theme, parent=self)

    @property
    def _badge_width(self) -> float:
        return max(badge.size[0] for badge, _, _ in self.rows if badge is not None) + GRID

    @property
    def _name_width(self) -> float:
        return max(name.whole_width for _, name, _ in self.rows)

    @property
    def _size_width(self) -> float:
        return max(self.sizes_head.width, *(size.width for _, _, size in self.rows)) + 2 * GRID

    @property
    def _head_width(self) -> float:
        return max(head.whole_width for head in self.columns)

    def _heads(self, column: float) -> tuple[Heads, float]:
        """Return how column heads stand in columns of a width, and how high that is."""
        if self._head_width + CELL_PADDING <= column:
            return "flat", self.sizes_head.height
        if column * math.sin(math.radians(LEAN)) >= self.columns[0].height:
            return "leaning", max(head.leaning_size()[1] for head in self.columns) + GRID / 2
        return "upright", self._head_width

    def _overhang(self, column: float) -> float:
        """Return how much farther right than the margin leaning heads reach, in columns of a width."""
        if self._heads(column)[0] != "leaning":
            return 0.0
        ends = [(place + 0.5) * column + head.leaning_size()[0] for place, head in enumerate(self.columns)]
        return max(max(ends) - len(self.columns) * column - self._margin + GRID / 2, 0.0)

    def _above(self, heads: float) -> float:
        """Return the height of what stands above the rows, with column heads of a height."""
        lines = sum(line.height + GRID / 2 for line in self.lines)
        return self._margin + lines + (3 * GRID if len(self.lines) > 1 else GRID) + heads + GRID

    @property
    def _below(self) -> float:
        """Height of what stands below the rows."""
        return 2 * GRID + self.bar.height + self._margin

    @property
    def _library_gap(self) -> float:
        return float(GRID) if self.library is not None else 0.0

    @property
    def _least_grid(self) -> float:
        """Width in which all numbers are shown, with what leaning heads need to their right."""
        column = math.ceil(self.cells.number_width + CELL_PADDING)
        return column * len(self.columns) + math.ceil(self._overhang(column))

    def natural_size(self) -> tuple[int, int]:
        """Return the width and height in which everything is shown without being cut off."""
        column = max(LEAST_COLUMN, self.cells.number_width + CELL_PADDING, self._head_width + GRID)
        grid = max(column * len(self.columns), self.bar.whole_width)
        margin, lines = self._margin, max(line.whole_width for line in self.lines)
        names = max(self._name_width, grid * MOST_NAMES / 2)
        width = 2 * margin + self._badge_width + names + self._size_width + grid
        width = max(width, self._name_width / MOST_NAMES, 2 * margin + lines)
        height = self._above(self.sizes_head.height) + len(self.rows) * ROW + self._library_gap + self._below
        return _on_grid(width), _on_grid(height)

    def least_size(self) -> tuple[int, int]:
        """Return the width and height below which rows or numbers are cut off."""
        width = self._least_grid + 2 * self._margin + self._badge_width + LEAST_NAMES + GRID
        heads = max(self._heads(self._least_grid / len(self.columns))[1], self.sizes_head.height)
        height = self._above(heads) + len(self.rows) * LEAST_ROW + self._library_gap + self._below
        return _on_grid(width), _on_grid(height)

    def arrange(self, width: float, height: float) -> None:
        """Lay everything out in a size."""
        self.resize(width, height)
        margin = self._margin
        top = margin
        for line in self.lines:
            line.fit(width - 2 * margin)
            line.put(margin, top)
            top += line.height + GRID / 2
        names, sizes = self._name_columns(width)
        left = round(margin + self._badge_width + names + sizes)
        room = width - margin - left
        column = max(float(int(room / len(self.columns))), 1.0)
        column = max(float(int((room - self._overhang(column)) / len(self.columns))), 1.0)
        heads, high = self._heads(column)
        above = self._above(high)
        for place, head in enumerate(self.columns):
            middle = left + (place + 0.5) * column
            if heads == "leaning":
                head.lean(middle, above - GRID)
            else:
                head.put(middle, above - GRID, across=0.5, down=1.0, upright=heads == "upright")
        self.sizes_head.put(left - GRID, above - GRID, across=1.0, down=1.0)
        high = height - above - self._below - self._library_gap
        row_height = float(int(min(MOST_ROW, max(LEAST_ROW, high / len(self.rows)))))
        self._arrange_rows(QRectF(left, round(above), column * len(self.columns), row_height), names)

    def _name_columns(self, width: float) -> tuple[float, float]:
        """Return the widths of names and of sizes; where it is narrow numbers come first and sizes go."""
        names, sizes = min(self._name_width, MOST_NAMES * width), self._size_width
        room = width - 2 * self._margin - self._badge_width - self._least_grid
        with_sizes = room - sizes >= min(names, GOOD_NAMES)
        self.sizes_head.setVisible(with_sizes)
        for _, _, size in self.rows:
            size.setVisible(with_sizes)
        if not with_sizes:
            sizes = float(GRID)
        return max(min(names, room - sizes), min(names, LEAST_NAMES)), sizes

    def _arrange_rows(self, first: QRectF, names: float) -> None:
        """Lay the rows out from the first row's cells downwards."""
        height, left = first.height(), first.left()
        top = first.top()
        for badge, name, size in self.rows:
            middle = top + height / 2
            if badge is not None:
                badge.setPos(self._margin, round(middle - badge.size[1] / 2))
            name.fit(names)
            name.put(self._margin + self._badge_width, middle, down=0.5)
            size.put(left - GRID, middle, across=1.0, down=0.5)
            top += height + (self._library_gap if badge is None else 0.0)
        if self.library is not None:
            self.library.arrange(first)
        rows = height * len(self.cells.values)
        self.cells.arrange(QRectF(left, top - rows, first.width(), rows))
        self.bar.arrange(first.width())
        self.bar.setPos(left, top + 2 * GRID)


def _largest(data: HeatmapData) -> HeatmapData:
    """Return the data of the largest clusters, in their order, as many as a heatmap can show."""
    if len(data.cluster_ids) <= MOST_ROWS:
        return data
    keep = np.sort(np.argsort(-data.sizes, kind="stable")[:MOST_ROWS])
    return replace(
        data,
        cluster_ids=tuple(data.cluster_ids[place] for place in keep),
        names=tuple(data.names[place] for place in keep),
        sizes=data.sizes[keep],
        centroids=data.centroids[keep],
    )


def _row(data: HeatmapData, place: int, theme: Theme, parent: QGraphicsItem) -> Row:
    """Return badge, name and size of a cluster."""
    cluster_id, tracks = data.cluster_ids[place], int(data.sizes[place])
    group = Group(data.names[place], tracks, theme.cluster_color(cluster_id), wording.cluster_badge(cluster_id))
    return (
        Badge(group, theme, parent=parent),
        Label(group.name, theme.font(), theme.text, parent=parent),
        Label(wording.count(tracks), theme.font(small=True), theme.muted, parent=parent),
    )


def _on_grid(length: float) -> int:
    """Return a length rounded up to the grid."""
    return math.ceil(length / GRID) * GRID
