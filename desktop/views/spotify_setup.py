"""The guided set-up of a Spotify account: why an own Client ID, where to get it, where to paste it."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from core.errors import OptionError
from core.spotify.addresses import DASHBOARD, REDIRECT
from core.spotify.client_id import check_client_id
from core.spotify.messages import PRIVACY_NOTE
from desktop import messages
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row


class SetupPage(QWidget):
    """Four steps on one page.

    Parameters
    ----------
    account : AccountState
        What is done.
    """

    #: Whether signing in is possible with what was typed.
    ready_changed = Signal(bool)

    def __init__(self, account: AccountState) -> None:
        super().__init__()
        self._account = account
        self.address = QLineEdit(REDIRECT)
        self.address.setReadOnly(True)
        self.address.setAccessibleName(texts.STEP_2())
        self.client_id = QLineEdit(account.client_id)
        self.client_id.setPlaceholderText(texts.ID())
        self.client_id.setAccessibleName(texts.STEP_3())
        self.client_id.textChanged.connect(self._check)
        self.hint = label(role="muted", wrap=True)
        self.copy = button(messages.COPY(), self._copy)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(GRID)
        page.addWidget(label(texts.TITLE(), role="title"))
        page.addWidget(label(texts.WHY(), role="muted", wrap=True))
        page.addSpacing(GRID)
        page.addWidget(label(texts.STEP_1(), wrap=True))
        page.addLayout(row(button(texts.OPEN(), self._open_dashboard), 0))
        page.addWidget(label(texts.STEP_2(), wrap=True))
        page.addLayout(row(self.address, self.copy))
        page.addWidget(label(texts.STEP_3(), wrap=True))
        page.addWidget(self.client_id)
        page.addWidget(self.hint)
        page.addWidget(label(texts.STEP_4(), wrap=True))
        page.addSpacing(GRID)
        page.addWidget(label(messages.HELP_PRIVACY(), role="head"))
        page.addWidget(label(privacy_note(), role="muted", wrap=True))
        page.addStretch(1)

    @property
    def is_ready(self) -> bool:
        """Whether what was typed can be a Client ID."""
        return bool(self.tidy)

    @property
    def tidy(self) -> str:
        """The Client ID without spaces around it; empty when what was typed is none."""
        try:
            return check_client_id(self.client_id.text())
        except OptionError:
            return ""

    def _check(self) -> None:
        self.hint.setText("")
        try:
            check_client_id(self.client_id.text())
        except OptionError as error:
            self.hint.setText(messages.trouble(error) if self.client_id.text().strip() else "")
        self.ready_changed.emit(self.is_ready)

    def _open_dashboard(self) -> None:
        QDesktopServices.openUrl(QUrl(DASHBOARD))

    def _copy(self) -> None:
        QApplication.clipboard().setText(REDIRECT)


def privacy_note() -> str:
    """Return in five sentences what becomes of a person's data."""
    return " ".join(messages.translated(line) for line in PRIVACY_NOTE)
