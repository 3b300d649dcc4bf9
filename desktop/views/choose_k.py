"""How many playlists: each number compared by three measures; a click takes it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import messages, style
from desktop.plots import arrange
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.widgets.basics import label, row
from desktop.widgets.lazy import LazyPage
from desktop.widgets.plain_plot import plain_plot
from desktop.widgets.saving import save_button, save_picture, save_table
from desktop.widgets.texts import ElidedLabel

if TYPE_CHECKING:
    from core.records import Sweep


class KPlot(QWidget):
    """One measure over the numbers of playlists.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    title : str
        What is measured.
    """

    #: The number that was clicked.
    picked = Signal(int)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self._ks: tuple[int, ...] = ()
        self.plot = plain_plot(theme)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setAccessibleName(title)
        self.plot.getAxis("left").setWidth(round(theme.metrics(small=True).horizontalAdvance("0,000")) + 4 * GRID)
        self.plot.getPlotItem().layout.setContentsMargins(0, GRID, GRID, 0)
        self.plot.getViewBox().sigResized.connect(self._put_ticks)
        self.plot.scene().sigMouseClicked.connect(lambda event: self._click(event.scenePos()))
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        head = ElidedLabel(role="head")
        head.setText(title)
        page.addWidget(head)
        page.addWidget(self.plot, 1)

    def show_values(self, ks: Sequence[int], values: np.ndarray, *, suggested: int, current: int, lowest: bool) -> None:
        """Show a measure.

        Parameters
        ----------
        ks : sequence of int
            The numbers compared.
        values : np.ndarray [shape=(len(ks),)]
            The measure; NaN where there is none.
        suggested, current : int
            The number that is suggested, and the one that is used.
        lowest : bool
            Whether no other plot is below it: it alone has the numbers below its axis and says what the line means.
        """
        self._ks = tuple(ks)
        self.plot.clear()
        theme, main = self._theme, style.accent(self._theme)
        known = np.isfinite(values)
        x = np.asarray(ks, dtype=np.float64)
        pen = pg.mkPen(main, width=1.5, style=Qt.PenStyle.DashLine)
        options = {"position": 0.88, "color": main, "fill": theme.surface, "movable": False}
        words = messages.SUGGESTED() if lowest else None
        mark = pg.InfiniteLine(suggested, pen=pen, label=words, labelOpts=options)
        if lowest:
            mark.label.setFont(theme.font(small=True))
        self.plot.addItem(mark)
        line = pg.PlotDataItem(
            x[known], values[known], pen=pg.mkPen(theme.muted, width=1.5), symbol="o", symbolSize=7,
            symbolBrush=theme.muted, symbolPen=None, antialias=True,
        )  # fmt: skip
        self.plot.addItem(line)
        here = known & (x == current)
        self.plot.addItem(
            pg.ScatterPlotItem(x[here], values[here], size=13, brush=pg.mkBrush(main), pen=pg.mkPen(theme.page))
        )
        self.plot.getAxis("bottom").setStyle(showValues=lowest)
        self.plot.setXRange(ks[0], ks[-1], padding=0.04)
        if known.any():
            self.plot.setYRange(float(values[known].min()), float(values[known].max()), padding=0.12)
        self._put_ticks()

    def _put_ticks(self) -> None:
        """Put as many numbers at the axes as can be read there."""
        box, metrics = self.plot.getViewBox(), self._theme.metrics(small=True)
        if not self._ks or box.width() <= 0 or box.height() <= 0:
            return
        wide = metrics.horizontalAdvance(str(self._ks[-1])) + GRID
        step = max(1, math.ceil(len(self._ks) * wide / box.width()))
        self.plot.getAxis("bottom").setTicks([[(k, str(k)) for k in self._ks[::step]]])
        low, high = box.viewRange()[1]
        tall = (high - low) * metrics.height() / box.height()
        # Numbers at the very ends would be cut off, and one alone would not say how far apart the values are.
        fit = max(3, int((high - low) / (1.5 * tall)))
        tried = [arrange.ticks(low + tall / 2, high - tall / 2, most=most) for most in range(fit, fit + 4)]
        marks = next((found for found in tried if len(found) > 1), tried[-1])
        if min(np.diff(marks), default=tall) < tall:
            marks = [marks[0], marks[-1]]
        digits = max(0, -math.floor(math.log10(min(np.diff(marks), default=1.0)) + 1e-9))
        self.plot.getAxis("left").setTicks([[(mark, f"{mark:.{digits}f}".replace("-", "−")) for mark in marks]])

    def point_of(self, k: int) -> QPointF:
        """Return where a number stands in the plot's viewport."""
        box = self.plot.getViewBox()
        low, high = box.viewRange()[1]
        return QPointF(self.plot.mapFromScene(box.mapViewToScene(QPointF(k, (low + high) / 2))))

    def _click(self, scene: QPointF) -> None:
        box = self.plot.getViewBox()
        if self._ks and box.sceneBoundingRect().contains(scene):
            wanted = box.mapSceneToView(scene).x()
            self.picked.emit(min(self._ks, key=lambda k: abs(k - wanted)))


class ChooseKTab(LazyPage):
    """Inertia, silhouette and stability over the numbers of playlists.

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
        self.plots: dict[str, KPlot] = {}
        self.hint = label(role="muted", wrap=True)
        self.save = save_button(theme, self._save_picture, self._save_table)
        head = row(self.hint, self.save)
        head.setStretch(0, 1)
        self._page = QVBoxLayout(self)
        self._page.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        self._page.addLayout(head)
        self.body = QWidget()
        self._page.addWidget(self.body, 1)
        session.outcome_changed.connect(self._wait)
        self._wait()

    def _wait(self) -> None:
        self.when_seen(self._show)

    def _build(self) -> None:
        """Build the plots, when they are first seen."""
        theme = self._theme
        self.plots = {
            "silhouette": KPlot(theme, messages.SILHOUETTE()),
            "stability": KPlot(theme, messages.STABILITY()),
            "inertia": KPlot(theme, messages.INERTIA()),
        }
        page = QVBoxLayout(self.body)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(4)
        for plot in self.plots.values():
            plot.picked.connect(self._session.set_k)
            page.addWidget(plot, 1)
        page.addLayout(row(0, label(messages.NUMBER_OF_PLAYLISTS(), role="muted"), 0))

    @property
    def _sweep(self) -> Sweep | None:
        return self._session.shown.analysis.sweep if self._session.shown else None

    def _show(self) -> None:
        shown, sweep = self._session.shown, self._sweep
        self.body.setVisible(sweep is not None)
        self.save.setVisible(sweep is not None)
        if shown is None or sweep is None:
            self.hint.setText(messages.NO_SWEEP())
            return
        if not self.plots:
            self._build()
        self.hint.setText(messages.K_HINT(reason=sweep.reason.rstrip(".")))
        values = {name: np.asarray(getattr(sweep, name), dtype=np.float64) for name in self.plots}
        known = [name for name, found in values.items() if np.isfinite(found).any()]
        for name, plot in self.plots.items():
            plot.setVisible(name in known)
            plot.show_values(
                sweep.ks, values[name], suggested=sweep.suggested_k, current=shown.analysis.clustering.k,
                lowest=name == known[-1],
            )  # fmt: skip

    def _save_picture(self) -> None:
        from desktop.plots.pictures import draw_widget

        save_picture(self, self._session, "how-many", lambda path: draw_widget(self.body, path))

    def _save_table(self) -> None:
        sweep = self._sweep
        if sweep is not None:
            columns = [np.asarray(getattr(sweep, name), dtype=np.float64).tolist() for name in self.plots]
            head = (messages.NUMBER_OF_PLAYLISTS(), *self.plots)
            rows = [
                (str(k), *("" if math.isnan(value) else repr(value) for value in values))
                for k, *values in zip(sweep.ks, *columns, strict=True)
            ]
            save_table(self, self._session, "how-many", [head, *rows])
