"""Pages that do nothing while nobody sees them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget


class LazyPage(QWidget):
    """A page whose work waits until it is seen, and then until the window has nothing else to do.

    A hidden tab costs nothing when an analysis arrives, and what several views have to do does not add up to a moment
    in which the window does not answer.

    Parameters
    ----------
    patient : bool, default False
        Whether the work also waits for that when the page is shown, because much else is shown for the first time
        together with it. Other pages are complete when they appear.
    """

    def __init__(self, *, patient: bool = False) -> None:
        super().__init__()
        self._patient = patient
        self._waiting: dict[Callable[[], None], None] = {}
        self._soon = QTimer(self)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._work)

    def when_seen(self, work: Callable[[], None]) -> None:
        """Do work soon, or when the page is shown; what is asked for several times meanwhile is done once."""
        self._waiting.pop(work, None)
        self._waiting[work] = None
        if self.isVisible():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Do what waited, in the order it was asked for."""
        super().showEvent(event)
        if self._patient:
            self._soon.start()
        while self._waiting and not self._patient:
            self._work()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let what is left wait."""
        super().hideEvent(event)
        self._soon.stop()

    def _work(self) -> None:
        """Do one thing at a time."""
        if self._waiting:
            work = next(iter(self._waiting))
            del self._waiting[work]
            work()
        if not self._waiting:
            self._soon.stop()
