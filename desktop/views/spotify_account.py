"""The connected Spotify account: what it allows, how it stands, and how to leave."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from core.spotify import scopes
from core.spotify.addresses import APPS_PAGE
from core.spotify.messages import local_time
from desktop import messages
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.theme import GRID
from desktop.views.spotify_setup import privacy_note
from desktop.widgets.basics import button, column, holder, label, row


class AccountPage(QWidget):
    """What is connected.

    Parameters
    ----------
    account : AccountState
        What it shows.
    """

    #: The library is to be read; whether with the top tracks.
    read_wanted = Signal(bool)

    def __init__(self, account: AccountState) -> None:
        super().__init__()
        self._account = account
        self.name = label(role="title")
        self.facts = label(role="muted", wrap=True)
        self.top = QCheckBox(texts.TOP())
        self.top.setToolTip(texts.TOP_TIP())
        self.read = button(texts.READ(), lambda: self.read_wanted.emit(self.top.isChecked()), main=True)
        self.again = button(texts.SIGN_IN_AGAIN(), account.connect_account)
        self.leave = button(texts.DISCONNECT(), lambda: self._ask(True))
        permissions = button(texts.PERMISSIONS(), self._open_permissions, tip=APPS_PAGE)
        self.leave_now = button(texts.DISCONNECT_NOW(), account.disconnect_account)
        self.stay = button(texts.STAY(), lambda: self._ask(False))
        self.question = holder(
            column(
                label(texts.DISCONNECT_SURE(), wrap=True),
                holder(row(self.leave_now, self.stay, 0)),
                margin=2 * GRID,
            ),
            role="card",
        )
        self.question.hide()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(2 * GRID)
        page.addWidget(self.name)
        page.addWidget(self.facts)
        page.addLayout(row(self.read, self.top, 0))
        page.addLayout(row(self.again, permissions, self.leave, 0))
        page.addWidget(self.question)
        page.addStretch(1)
        page.addWidget(label(messages.HELP_PRIVACY(), role="head"))
        page.addWidget(label(privacy_note(), role="muted", wrap=True))
        account.changed.connect(self._show)
        self._show()

    def _ask(self, on: bool) -> None:
        self.question.setVisible(on)
        (self.stay if on else self.leave).setFocus()

    def _show(self) -> None:
        status = self._account.status
        for widget in (self.read, self.again, self.leave):
            widget.setEnabled(not self._account.waiting)
        if status is None:
            self.question.hide()
            return
        known = status.account
        calls = sum(status.calls.values())
        facts = [
            texts.ALLOWS(what=scopes.in_words(known.scopes)),
            texts.ENDS(when=local_time(known.ends_at)) if known.remembered else texts.NO_KEYRING(),
            texts.CALLS(count=f"{calls:,}"),
        ]
        if status.near_limit:
            facts.append(texts.NEAR_LIMIT())
        if status.pause_until:
            facts.append(texts.PAUSED(when=local_time(status.pause_until)))
        self.name.setText(texts.CONNECTED(name=self._account.name))
        self.facts.setText("\n".join(facts))

    def _open_permissions(self) -> None:
        QDesktopServices.openUrl(QUrl(APPS_PAGE))
