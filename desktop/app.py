"""Starts the window: display, application, excepthook, and the end."""

from __future__ import annotations

import os
import shlex
import sys
import threading
from collections.abc import Sequence
from types import TracebackType

from core.errors import LeitmotifError
from core.progress import Cancelled
from desktop import messages

#: Platforms of Qt that need no display.
_WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")


def run(files: Sequence[str]) -> int:
    """Open the window and return when it is closed.

    Parameters
    ----------
    files : sequence of str
        What to open first, several as one library; empty for the start page, or the library that was open last.

    Returns
    -------
    int
        The exit status.

    Raises
    ------
    LeitmotifError
        When there is no display, or a system library is missing.
    """
    check_display(files)
    try:
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        raise LeitmotifError(
            f"the window cannot be opened because a system library is missing ({error})",
            next_step=messages.NO_QT_NEXT.source.format(file=shlex.join(files) or "demo:"),
        ) from error
    app = QApplication.instance() or QApplication([messages.APP])
    assert isinstance(app, QApplication)
    prepare(app)
    from desktop.window import MainWindow

    window = MainWindow()
    hook = ExceptHook(window)
    hook.install()
    window.show()
    last = window.settings.current.last_library
    if files:
        window.session.open_paths(files)
    elif last:
        window.session.open_stored(last, last.split(":", 1)[-1])
    window.start.open_demo.setFocus()
    window.load_recent()
    window.account.look()
    status = app.exec()
    hook.remove()
    if not window.ended:
        # A worker hangs in code that cannot be stopped; everything worth keeping is on the disk.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def check_display(files: Sequence[str]) -> None:
    """Make sure that there is a display.

    Qt would end the whole program with a page of text, so it is not asked.

    Raises
    ------
    LeitmotifError
        When there is none.
    """
    if sys.platform in ("win32", "darwin"):
        return
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _WITHOUT_DISPLAY:
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise LeitmotifError(
            messages.NO_DISPLAY.source,
            next_step=messages.NO_DISPLAY_NEXT.source.format(file=shlex.join(files) or "demo:"),
        )


def prepare(app: object) -> None:
    """Give the application its names, style and language."""
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
    from PySide6.QtWidgets import QApplication

    assert isinstance(app, QApplication)
    app.setApplicationName(messages.APP)
    app.setApplicationDisplayName(messages.APP)
    app.setDesktopFileName("leitmotif")
    app.setStyle("Fusion")
    translator = QTranslator(app)
    if translator.load(QLocale(), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)


class ExceptHook:
    """Shows what nobody foresaw; a slot that raises is seen nowhere else.

    Parameters
    ----------
    parent : QWidget
        The window.
    """

    def __init__(self, parent: object) -> None:
        self._parent = parent
        self._before = sys.excepthook
        self._open = False

    def install(self) -> None:
        """Take over from Python's own."""
        sys.excepthook = self

    def remove(self) -> None:
        """Give it back."""
        sys.excepthook = self._before

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Show an error, one at a time; Ctrl-C closes the window."""
        from PySide6.QtWidgets import QWidget

        from desktop.views.trouble import TroubleDialog, details_of

        window = self._parent
        assert isinstance(window, QWidget)
        if issubclass(kind, (KeyboardInterrupt, Cancelled)):
            window.close()
            return
        self._before(kind, error, trace)
        if self._open or threading.current_thread() is not threading.main_thread():
            return
        self._open = True
        dialog = TroubleDialog(details_of(kind, error, trace), window)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self._open = False
