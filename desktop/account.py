"""The Spotify account as the window knows it: connected or not, being connected, or in trouble."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from core.errors import LeitmotifError
from desktop import spotify_jobs
from desktop.tasks import Task, Workers

if TYPE_CHECKING:
    from core.progress import Report
    from core.spotify.account import Account, Status
    from core.storage import Dropped


class AccountState(QObject):
    """What is connected, and what a person can do about it.

    Views read the attributes and listen to `changed`.

    Parameters
    ----------
    workers : Workers
        Who waits for the network and the disk.
    parent : QObject, optional
        Its owner.

    Attributes
    ----------
    status : Status or None
        The connected account; None when there is none or nobody has looked yet.
    client_id : str
        The Client ID that was used last; empty when none was.
    address : str
        Page of Spotify where the person is being asked; empty while nobody is.
    waiting : bool
        Whether a sign-in is under way.
    trouble : LeitmotifError or None
        Why the last attempt failed.
    """

    changed = Signal()
    #: An account was connected, or connected anew with more permissions.
    connected = Signal()
    #: An account was disconnected, possibly by connecting another one: a record of what was removed.
    disconnected = Signal(object)
    _address_made = Signal(object, str)

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._task: Task[Any] | None = None
        self.status: Status | None = None
        self.client_id = ""
        self.address = ""
        self.trouble: LeitmotifError | None = None
        self._token: object = None
        # Made in the worker, shown in the window's thread.
        self._address_made.connect(self._show_address, Qt.ConnectionType.QueuedConnection)

    @property
    def waiting(self) -> bool:
        """Whether a sign-in is under way."""
        return self._task is not None

    @property
    def is_connected(self) -> bool:
        """Whether an account is connected, as far as is known."""
        return self.status is not None

    @property
    def name(self) -> str:
        """What the connected person is called; empty when nobody is connected."""
        if self.status is None:
            return ""
        account = self.status.account
        return account.name or account.user_id or account.account_id

    def allows(self, scopes: Collection[str]) -> bool:
        """Return whether the sign-in allows something."""
        return self.status is not None and set(scopes) <= set(self.status.account.scopes)

    def look(self) -> None:
        """Look what is connected, without asking Spotify."""

        def work(_: Report) -> tuple[Status | None, str]:
            return spotify_jobs.known_account(), spotify_jobs.client_id()

        def seen(found: tuple[Status | None, str]) -> None:
            self.status, self.client_id = found
            self.changed.emit()

        self._workers.disk.queue(work, done=seen, failed=self._fail)

    def connect_account(self, client_id: str = "", *, allow: Collection[str] = ()) -> None:
        """Let the person sign in with their browser.

        Parameters
        ----------
        client_id : str, default ""
            Their own app; the one used last when empty.
        allow : collection of str
            Names of optional permissions, see `core.spotify.scopes.OPTIONAL`.
        """
        self.cancel()
        token = object()
        self._token = token

        def show(address: str) -> None:
            self._address_made.emit(token, address)

        def done(found: tuple[Account, Status]) -> None:
            self._task, self.address = None, ""
            account, self.status = found
            self.client_id = account.client_id
            self.changed.emit()
            if account.dropped is not None:  # another account was connected before
                self.disconnected.emit(account.dropped)
            self.connected.emit()

        self.trouble = None
        self._task = self._workers.network.queue(
            lambda report: spotify_jobs.connect(client_id, allow, show, report), done=done, failed=self._fail
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Stop waiting for the browser; what was connected before stays."""
        if self._task is not None:
            self._task.cancel()
        self._task, self.address, self._token = None, "", None
        self.changed.emit()

    def forget_trouble(self) -> None:
        """Take an error as read."""
        if self.trouble is not None:
            self.trouble = None
            self.changed.emit()

    def disconnect_account(self) -> None:
        """Remove the sign-in and everything that came from Spotify."""

        def done(dropped: Dropped) -> None:
            self.status, self.client_id = None, ""
            self.changed.emit()
            self.disconnected.emit(dropped)

        self._workers.network.queue(lambda _: spotify_jobs.disconnect(), done=done, failed=self._fail)

    def open_address(self) -> None:
        """Open Spotify's page again."""
        if self.address:
            QDesktopServices.openUrl(QUrl(self.address))

    def _show_address(self, token: object, address: str) -> None:
        if token is not self._token:
            return
        self.address = address
        self.changed.emit()
        self.open_address()

    def _fail(self, error: BaseException) -> None:
        self._task, self.address = None, ""
        if not isinstance(error, LeitmotifError):
            self.changed.emit()
            raise error
        self.trouble = error
        self.changed.emit()
