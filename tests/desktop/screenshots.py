"""Draw every view, light and dark, in two sizes: ``python -m tests.desktop.screenshots FOLDER [SOURCE]``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LEITMOTIF_HOME"] = tempfile.mkdtemp(prefix="leitmotif-screenshots-")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.app import prepare
from desktop.settings import SettingsFile
from desktop.window import MainWindow

SIZES = ((1024, 700), (1600, 1000))
WAIT_SECONDS = 180.0


def wait(ready: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    end = time.monotonic() + WAIT_SECONDS
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError("the window does not get ready")
        pause(50)


def pause(milliseconds: int) -> None:
    """Let the window work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Photographer:
    """Takes pictures of one window in one look and size."""

    def __init__(self, folder: Path, look: str, size: tuple[int, int], source: str) -> None:
        self.folder, self.mark = folder, f"{look}-{size[0]}"
        settings = SettingsFile()
        settings.change(look=look, geometry="", layout={}, last_library="")
        self.window = MainWindow(settings)
        self.window.resize(*size)
        self.window.show()
        self.source = source

    def take(self, name: str, widget: QWidget | None = None) -> None:
        pause(400)
        (widget or self.window).grab().save(str(self.folder / f"{name}-{self.mark}.png"))

    def dialog(self) -> QDialog:
        wait(lambda: any(child.isVisible() for child in self.window.findChildren(QDialog)))
        return next(child for child in self.window.findChildren(QDialog) if child.isVisible())

    def take_all(self) -> None:
        window, session = self.window, self.window.session
        window.load_recent()
        pause(400)
        self.take("01-start")
        session.open_path(self.source)
        pause(60)
        self.take("02-loading")
        wait(lambda: window.workspace is not None and not window.workers.compute.is_busy)
        workspace = window.workspace
        assert workspace is not None
        session.select_all()
        self.take("03-map")
        assert session.shown is not None
        session.select_playlists([session.shown.groups[0].lineage])
        for place, name in enumerate(("04-map-selected", "05-heatmap", "06-genres", "07-features", "08-how-many")):
            workspace.tabs.setCurrentIndex(place)
            self.take(name)
        workspace.heatmap.values.click()
        workspace.tabs.setCurrentIndex(1)
        self.take("09-heatmap-values")
        workspace.tabs.setCurrentIndex(0)
        window.header.levers.click()
        self.take("10-levers")
        window.header.levers.click()
        self.take_dialogs()
        session.show_features()
        wait(lambda: session.coverage is not None)
        self.take("15-coverage")
        window.close()

    def take_dialogs(self) -> None:
        window = self.window
        for name, open_it in (
            ("11-export", window.header.export.click), ("12-help", window.header.help_wanted.emit),
            ("13-runs", window.header.runs_wanted.emit), ("14-spotify", window.start.spotify_wanted.emit),
        ):  # fmt: skip
            open_it()
            dialog = self.dialog()
            pause(500)
            self.take(name, dialog)
            dialog.close()
            pause(50)


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["leitmotif"])
    prepare(app)
    for look in ("light", "dark"):
        for size in SIZES:
            Photographer(folder, look, size, sys.argv[2] if len(sys.argv) > 2 else "demo:").take_all()


if __name__ == "__main__":
    main()
