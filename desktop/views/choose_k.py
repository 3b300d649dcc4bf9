"""How many playlists: each number compared by three measures; a click takes it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import messages, style
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.widgets.basics import label, row
from desktop.widgets.plain_plot import plain_plot


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
        self.plot.getAxis("left").setWidth(8 * GRID)
        self.plot.getPlotItem().layout.setContentsMargins(0, GRID, GRID, 0)
        self.plot.scene().sigMouseClicked.connect(lambda event: self._click(event.scenePos()))
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(label(title, role="head"))
        page.addWidget(self.plot, 1)

    def show_values(self, ks: Sequence[int], values: np.ndarray, *, suggested: int, current: int) -> None:
        """Show a measure.

        Parameters
        ----------
        ks : sequence of int
            The numbers compared.
        values : np.ndarray [shape=(len(ks),)]
            The measure; NaN where there is none.
        suggested, current : int
            The number that is suggested, and the one that is used.
        """
        self._ks = tuple(ks)
        self.plot.clear()
        theme, main = self._theme, style.accent(self._theme)
        known = np.isfinite(values)
        x = np.asarray(ks, dtype=np.float64)
        self.plot.addItem(pg.InfiniteLine(suggested, pen=pg.mkPen(main, width=1.5, style=Qt.PenStyle.DashLine)))
        line = pg.PlotDataItem(
            x[known], values[known], pen=pg.mkPen(theme.muted, width=1.5), symbol="o", symbolSize=7,
            symbolBrush=theme.muted, symbolPen=None,
        )  # fmt: skip
        self.plot.addItem(line)
        here = known & (x == current)
        self.plot.addItem(
            pg.ScatterPlotItem(x[here], values[here], size=13, brush=pg.mkBrush(main), pen=pg.mkPen(theme.page))
        )
        step = max(1, math.ceil(len(ks) / 20))
        self.plot.getAxis("bottom").setTicks([[(k, str(k)) for k in ks[::step]]])
        self.plot.autoRange(padding=0.08)

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


class ChooseKTab(QWidget):
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
        self._session = session
        self.hint = label(role="muted", wrap=True)
        self.plots = {
            "silhouette": KPlot(theme, messages.SILHOUETTE()),
            "stability": KPlot(theme, messages.STABILITY()),
            "inertia": KPlot(theme, messages.INERTIA()),
        }
        page = QVBoxLayout(self)
        page.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        page.addWidget(self.hint)
        for plot in self.plots.values():
            plot.picked.connect(session.set_k)
            page.addWidget(plot, 1)
        page.addLayout(row(0, label(messages.NUMBER_OF_PLAYLISTS(), role="muted"), 0))
        session.outcome_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        shown = self._session.shown
        sweep = shown.analysis.sweep if shown else None
        for plot in self.plots.values():
            plot.setVisible(sweep is not None)
        if shown is None or sweep is None:
            self.hint.setText(messages.NO_SWEEP())
            return
        self.hint.setText(messages.K_HINT(k=sweep.suggested_k, reason=_sentence(sweep.reason)))
        for name, plot in self.plots.items():
            values = np.asarray(getattr(sweep, name), dtype=np.float64)
            plot.setVisible(bool(np.isfinite(values).any()))
            plot.show_values(sweep.ks, values, suggested=sweep.suggested_k, current=shown.analysis.clustering.k)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""
