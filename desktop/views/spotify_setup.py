"""The guided set-up of a Spotify account."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QVBoxLayout, QWidget

from desktop import messages
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row

_CLIENT_ID = re.compile(r"[0-9a-f]{32}")


class SpotifySetup(QDialog):
    """Why an own Client ID, where to get it, and where to paste it.

    Parameters
    ----------
    parent : QWidget
        The window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(messages.SPOTIFY_TITLE())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(72 * GRID)
        address = QLineEdit(messages.SPOTIFY_REDIRECT)
        address.setReadOnly(True)
        address.setAccessibleName(messages.SPOTIFY_STEP_2())
        self.client_id = QLineEdit()
        self.client_id.setPlaceholderText(messages.SPOTIFY_ID())
        self.client_id.setAccessibleName(messages.SPOTIFY_STEP_3())
        self.client_id.textChanged.connect(self._check)
        self.trouble = label(role="muted", wrap=True)
        self.sign_in = button(messages.SPOTIFY_SIGN_IN(), self.accept, main=True)
        self.sign_in.setEnabled(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        page.setSpacing(GRID)
        page.addWidget(label(messages.SPOTIFY_TITLE(), role="title"))
        page.addWidget(label(messages.SPOTIFY_WHY(), role="muted", wrap=True))
        page.addWidget(label(messages.SPOTIFY_STEP_1(), wrap=True))
        page.addLayout(row(button(messages.SPOTIFY_OPEN(), self._open_dashboard), 0))
        page.addWidget(label(messages.SPOTIFY_STEP_2(), wrap=True))
        page.addLayout(row(address, button(messages.COPY(), self._copy)))
        page.addWidget(label(messages.SPOTIFY_STEP_3(), wrap=True))
        page.addWidget(self.client_id)
        page.addWidget(self.trouble)
        page.addWidget(label(messages.SPOTIFY_NOT_YET(), role="error", wrap=True))
        page.addLayout(row(0, button(messages.CLOSE(), self.reject), self.sign_in))

    def _check(self, text: str) -> None:
        tidy = text.strip().lower()
        good = bool(_CLIENT_ID.fullmatch(tidy))
        self.trouble.setText("" if good or not tidy else messages.SPOTIFY_BAD_ID(count=len(tidy)))

    def _open_dashboard(self) -> None:
        QDesktopServices.openUrl(QUrl(messages.SPOTIFY_DASHBOARD))

    def _copy(self) -> None:
        QApplication.clipboard().setText(messages.SPOTIFY_REDIRECT)
