"""What is said while a person signs in with their browser, and why it did not work."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop import messages
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row


class SignInLine(QWidget):
    """Waiting for the browser, or the last trouble; hidden when there is neither.

    Parameters
    ----------
    account : AccountState
        What it shows.
    """

    def __init__(self, account: AccountState) -> None:
        super().__init__()
        self._account = account
        self.text = label(role="error", wrap=True, select=True)
        self.again = button(texts.PAGE_AGAIN(), account.open_address)
        self.copy = button(texts.COPY_PAGE(), self._copy)
        self.cancel = button(messages.CANCEL(), account.cancel)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(GRID)
        page.addWidget(self.text)
        page.addLayout(row(self.again, self.copy, self.cancel, 0))
        account.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        account = self._account
        for widget in (self.again, self.copy):
            widget.setVisible(account.waiting)
            widget.setEnabled(bool(account.address))
        self.cancel.setVisible(account.waiting)
        if account.waiting:
            self.text.setText(texts.WAITING())
        elif account.trouble is not None:
            self.text.setText(messages.trouble(account.trouble))
        self.setVisible(account.waiting or account.trouble is not None)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._account.address)
