"""Pages that do nothing while nobody sees them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class LazyPage(QWidget):
    """A page whose work waits until it is seen: a hidden tab costs nothing when an analysis arrives."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[Callable[[], None], None] = {}

    def when_seen(self, work: Callable[[], None]) -> None:
        """Do work now, or when the page is shown; what is asked for several times meanwhile is done once."""
        if self.isVisible():
            work()
        else:
            self._waiting.pop(work, None)
            self._waiting[work] = None

    def showEvent(self, event: QShowEvent) -> None:
        """Do what waited, in the order it was asked for."""
        super().showEvent(event)
        waiting, self._waiting = list(self._waiting), {}
        for work in waiting:
            work()
