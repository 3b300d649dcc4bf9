"""The page of an open library: playlists, views, evidence, tracks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop import messages
from desktop.models.tracks import COLUMNS
from desktop.session import Session
from desktop.settings import SettingsFile, as_bytes
from desktop.theme import GRID, Theme
from desktop.views.choose_k import ChooseKTab
from desktop.views.features import FeaturesTab
from desktop.views.genres import GenresTab
from desktop.views.heatmap import HeatmapTab
from desktop.views.levers import LeversPanel
from desktop.views.map import MapTab
from desktop.views.playlists import PlaylistsView
from desktop.views.tracks import TracksView
from desktop.views.why import WhyPanel
from desktop.widgets.tabs import Tabs


class Workspace(QWidget):
    """Four panes with one selection.

    Parameters
    ----------
    session : Session
        What it shows.
    settings : SettingsFile
        Remembers columns and the panes' sizes.
    theme : Theme
        Fonts and colours.
    width : int
        Width of the window in pixels.
    """

    def __init__(self, session: Session, settings: SettingsFile, theme: Theme, *, width: int) -> None:
        super().__init__()
        self._settings = settings
        self._parts = self._build(session, theme, width)

    def build_some(self) -> bool:
        """Build the next part; return whether there are more."""
        return next(self._parts, False)

    def finish(self) -> None:
        """Build what is not built yet."""
        while self.build_some():
            pass

    def _build(self, session: Session, theme: Theme, width: int) -> Iterator[bool]:
        """Build one part after the other, each in a moment, so that the window goes on answering meanwhile."""
        self.playlists = PlaylistsView(session, theme)
        yield True
        self.why = WhyPanel(session, theme)
        self.why.picked.connect(lambda found: session.mark(np.array([found], dtype=np.int64)))
        yield True
        self.levers = LeversPanel(session, theme)
        yield True
        widths = _widths(self._settings.current.layout.get("widths", ""))
        self.tracks = TracksView(session, theme, columns=self._settings.current.columns, widths=widths)
        self.tracks.columns_changed.connect(lambda columns: self._settings.change(columns=columns))
        yield True
        for _ in self._build_tabs(session, theme):
            yield True
        self.side = QStackedWidget()
        self.side.addWidget(self.why)
        self.side.addWidget(self.levers)
        yield True
        for _ in self._build_panes(theme, width):
            yield True
        self._build_shortcuts()
        for pane in (self.playlists, self.tabs, self.side, self.tracks):
            yield True
            # The style is applied now and not all at once when the page is first shown.
            for widget in (pane, *pane.findChildren(QWidget)):
                widget.ensurePolished()

    def _build_tabs(self, session: Session, theme: Theme) -> Iterator[None]:
        self.map = MapTab(session, theme)
        yield
        self.heatmap = HeatmapTab(session, theme)
        yield
        self.genres = GenresTab(session, theme)
        yield
        self.features, self.choose_k = FeaturesTab(session, theme), ChooseKTab(session, theme)
        yield
        self.tabs = Tabs()
        for view, text in (
            (self.map, messages.TAB_MAP()), (self.heatmap, messages.TAB_HEATMAP()),
            (self.genres, messages.TAB_GENRES()), (self.features, messages.TAB_FEATURES()),
            (self.choose_k, messages.TAB_K()),
        ):  # fmt: skip
            self.tabs.addTab(view, text)
            yield
        self.tabs.setAccessibleName(messages.APP)

    def _build_panes(self, theme: Theme, width: int) -> Iterator[None]:
        # From the outside in: a widget that moves into another one is styled anew with all that is in it.
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        self.panes = QSplitter(Qt.Orientation.Vertical)
        page.addWidget(self.panes)
        self.top = QSplitter(Qt.Orientation.Horizontal)
        self.panes.addWidget(self.top)
        for pane in (self.playlists, self.tabs, self.side):
            self.top.addWidget(pane)
            yield
        self.panes.addWidget(self.tracks)
        yield
        # About a fifth of the window for each side; more for large letters, as far as the middle can spare it.
        unit = max(GRID, round(0.6 * theme.text_size))
        wide = [min(max(round(width * part), 31 * unit), 40 * unit, round(0.29 * width)) for part in (0.225, 0.2)]
        self.tabs.setMinimumWidth(48 * GRID)
        self.playlists.setMinimumWidth(max(28 * GRID, self.playlists.least_width))
        self.side.setMinimumWidth(max(31 * GRID, self.levers.least_width))
        self.top.setSizes([wide[0], max(width - sum(wide), 0), wide[1]])
        self.top.setStretchFactor(0, 0)
        self.top.setStretchFactor(1, 1)
        self.top.setStretchFactor(2, 0)
        self.panes.setStretchFactor(0, 5)
        self.panes.setStretchFactor(1, 2)
        self.panes.setSizes([500, 200])
        for splitter in (self.top, self.panes):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
        layout = self._settings.current.layout
        for name, splitter in (("top", self.top), ("panes", self.panes)):
            if name in layout:
                splitter.restoreState(_bytes(layout[name]))
        self.tabs.setCurrentIndex(int(layout.get("tab", "0")) if layout.get("tab", "").isdecimal() else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the playlists."""
        super().showEvent(event)
        self.playlists.list.setFocus()

    def _build_shortcuts(self) -> None:
        for place in range(self.tabs.count()):
            QShortcut(QKeySequence(f"Ctrl+{place + 1}"), self, lambda place=place: self.tabs.setCurrentIndex(place))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.tracks.search.setFocus)

    def show_levers(self, on: bool) -> None:
        """Show the levers in place of the evidence, or the other way round."""
        self.side.setCurrentWidget(self.levers if on else self.why)

    def layout_state(self) -> dict[str, str]:
        """Return the sizes of the panes and columns, for the settings."""
        sizes = {
            name: bytes(splitter.saveState().toBase64().data()).decode("ascii")
            for name, splitter in (("top", self.top), ("panes", self.panes))
        }
        widths = " ".join(f"{name}={wide}" for name, wide in self.tracks.table.widths.items())
        return {**sizes, "widths": widths, "tab": str(self.tabs.currentIndex())}


def _widths(text: str) -> dict[str, int]:
    """Return widths of columns as `Workspace.layout_state` wrote them; nonsense is passed over."""
    pairs = (part.partition("=") for part in text.split())
    return {name: int(wide) for name, _, wide in pairs if name in COLUMNS and wide.isdecimal() and 0 < int(wide) < 4096}


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(as_bytes(text))
