"""The dialog of the Spotify account: setting it up while there is none, and how it stands once there is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from core.spotify.scopes import OPTIONAL
from desktop import messages
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.theme import GRID
from desktop.views.sign_in_line import SignInLine
from desktop.views.spotify_account import AccountPage
from desktop.views.spotify_setup import SetupPage
from desktop.widgets.basics import button, row


class SpotifyDialog(QDialog):
    """Connects an account, shows it, disconnects it.

    Parameters
    ----------
    account : AccountState
        What it shows.
    parent : QWidget
        The window.
    """

    #: The library is to be read; whether with the top tracks.
    read_wanted = Signal(bool)

    def __init__(self, account: AccountState, parent: QWidget) -> None:
        super().__init__(parent)
        self._account = account
        self._read_when_allowed = False
        self.setWindowTitle(texts.ACCOUNT())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(80 * GRID, (56 if account.is_connected else 76) * GRID)
        account.forget_trouble()
        self.setup, self.page = SetupPage(account), AccountPage(account)
        self.setup.ready_changed.connect(self._show)
        self.page.read_wanted.connect(self._read)
        self.sign_in_line = SignInLine(account)
        self.sign_in = button(texts.SIGN_IN(), self._sign_in, main=True)
        self.close_button = button(messages.CLOSE(), self.reject)
        self.pages = QStackedWidget()
        for page in (self.setup, self.page):
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            scroll.setWidget(page)
            self.pages.addWidget(scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.sign_in_line)
        layout.addLayout(row(0, self.close_button, self.sign_in))
        account.changed.connect(self._show)
        account.connected.connect(self._connected)
        self.finished.connect(account.cancel)
        self.setup.client_id.returnPressed.connect(self._sign_in)
        self._show()
        (self.page.read if account.is_connected else self.setup.client_id).setFocus()

    def _show(self) -> None:
        connected = self._account.is_connected
        self.pages.setCurrentIndex(1 if connected else 0)
        self.sign_in.setVisible(not connected)
        self.sign_in.setEnabled(self.setup.is_ready and not self._account.waiting)

    def _sign_in(self) -> None:
        if self.sign_in.isEnabled():
            self._account.connect_account(self.setup.tidy)

    def _read(self, top: bool) -> None:
        """Read the library; the top tracks need a permission that is asked for when it is needed."""
        if top and not self._account.allows(OPTIONAL["top"]):
            self._read_when_allowed = True
            self._account.connect_account(allow=("top",))
            return
        self.accept()
        self.read_wanted.emit(top)

    def _connected(self) -> None:
        if self._read_when_allowed:
            self._read_when_allowed = False
            self._read(self._account.allows(OPTIONAL["top"]))
        else:
            self.page.read.setFocus()
