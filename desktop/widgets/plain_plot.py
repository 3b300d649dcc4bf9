"""A plot in the window's colours and fonts."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt

from desktop.theme import Theme

#: pyqtgraph puts the lower axis's title 5 pixels below its place, where it would be cut off.
_BELOW = 5


def plain_plot(theme: Theme, *, below: str = "", left: str = "") -> pg.PlotWidget:
    """Return an empty plot with two axes.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    below, left : str, default ""
        What the axes mean.
    """
    plot = pg.PlotWidget(background=theme.page, enableMenu=False)
    plot.setAntialiasing(True)
    # Keys do nothing in it.
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.hideButtons()
    plot.getViewBox().setBackgroundColor(theme.surface)
    plot.getPlotItem().layout.setContentsMargins(1, 1, 1, _BELOW)
    small = theme.font(small=True)
    for name, text in (("bottom", below), ("left", left)):
        axis = plot.getAxis(name)
        axis.setPen(theme.line)
        axis.setTextPen(theme.muted)
        axis.setTickFont(small)
        axis.label.setFont(small)
        if text:
            plot.setLabel(name, text)
    return plot
