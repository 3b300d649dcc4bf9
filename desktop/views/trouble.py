"""An error nobody foresaw, with details to copy; and errors that a person can do something about."""

from __future__ import annotations

import platform
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from core import __version__
from desktop import messages
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row


class TroubleDialog(QDialog):
    """What went wrong, and that the library is safe.

    Parameters
    ----------
    details : str
        For those who mend it.
    parent : QWidget or None
        The window.
    """

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(messages.TROUBLE_TITLE())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(80 * GRID, 48 * GRID)
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setAccessibleName(messages.COPY_DETAILS())
        self.copy = button(messages.COPY_DETAILS(), lambda: QApplication.clipboard().setText(details))
        self.go_on = button(messages.GO_ON(), self.accept, main=True)
        page = QVBoxLayout(self)
        page.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        page.addWidget(label(messages.TROUBLE_TITLE(), role="title", wrap=True))
        page.addWidget(label(messages.TROUBLE_TEXT(), role="muted", wrap=True))
        page.addWidget(self.details, 1)
        page.addLayout(row(self.copy, 0, self.go_on))


def details_of(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Return what helps to mend an error: versions and the way to it; no data of the person."""
    import PySide6

    head = f"Leitmotif {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, {sys.platform}"
    return "\n".join([head, "", *traceback.format_exception(kind, error, trace)])
