"""A window to drive, and nothing left over when it is closed."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from core.sources import open_source
from desktop.app import prepare
from desktop.settings import SettingsFile
from desktop.window import MainWindow
from tests.desktop.driving import open_path, wait_ready
from tests.fakes.spotify_parts import browse_aside

#: An analysis of a few thousand tracks on a busy machine, with everything it loads.
PATIENCE_MS = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pass over what the offscreen platform says whenever a dialog has a least size, or a menu or a tool tip opens."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


class PatientBot(QtBot):
    """Waits as long as an analysis may take."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Return the hands that drive a window."""
    return PatientBot(request)


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], MainWindow]]:
    """Return a function that opens a window; all are closed and checked at the end."""
    before = set(threading.enumerate())
    windows: list[MainWindow] = []
    prepare(qapp)

    def make() -> MainWindow:
        window = MainWindow(SettingsFile())
        window.resize(1280, 860)
        window.show()
        qtbot.waitExposed(window)
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.close()
        assert window.ended, "a worker did not end"
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    windows.clear()
    gc.collect()
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("leitmotif")]
    assert not left, f"threads left over: {left}"
    tops = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow | QDialog)]
    assert not tops, f"widgets left over: {tops}"


@pytest.fixture
def window(make_window: Callable[[], MainWindow]) -> MainWindow:
    """Return a window at its start page."""
    return make_window()


@pytest.fixture
def demo(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Return a window with the demo library open, opened by a click."""
    qtbot.mouseClick(window.start.open_demo, Qt.MouseButton.LeftButton)
    wait_ready(qtbot, window)
    return window


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a table of 500 tracks of the demo: enough for playlists, quick to analyse."""
    library = open_source("demo:")
    rows = library.select(np.arange(0, len(library), 5)[:500])
    path = tmp_path_factory.mktemp("tables") / "songs.csv"
    frame = rows.tracks[["title", "artist", "album", "genre", "duration_s"]].join(rows.features)
    frame.assign(uri=[f"spotify:track:{number:022d}" for number in range(len(frame))]).to_csv(path, index=False)
    return path


@pytest.fixture
def songs(window: MainWindow, qtbot: QtBot, table: Path) -> MainWindow:
    """Return a window with a small library open."""
    open_path(qtbot, window, table)
    return window


@pytest.fixture
def open_library(make_window: Callable[[], MainWindow], qtbot: QtBot) -> Callable[[Path], MainWindow]:
    """Return a function that opens a window with a library."""

    def opened(path: Path) -> MainWindow:
        window = make_window()
        open_path(qtbot, window, path)
        return window

    return opened


@pytest.fixture
def open_kept(make_window: Callable[[], MainWindow], qtbot: QtBot) -> Callable[[str], MainWindow]:
    """Return a function that opens a window with a library that was kept, by its key."""

    def opened(key: str) -> MainWindow:
        window = make_window()
        window.session.open_stored(key, "songs.csv")
        wait_ready(qtbot, window)
        return window

    return opened


@pytest.fixture
def hooked() -> Iterator[list[BaseException]]:
    """Collect what reaches the excepthook."""
    seen: list[BaseException] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        seen.append(error)

    before, sys.excepthook = sys.excepthook, hook
    yield seen
    sys.excepthook = before


class Browser(QObject):
    """What the desktop opens addresses with."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.follows = True

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())
        if self.follows and "/authorize" in url.path():
            browse_aside(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))


@pytest.fixture
def browser() -> Iterator[Browser]:
    opener = Browser()
    for scheme in ("http", "https"):
        QDesktopServices.setUrlHandler(scheme, opener, "open")
    yield opener
    for scheme in ("http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)
