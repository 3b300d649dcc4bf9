"""Changes by hand, made one after another: each to what the one before it made of the analysis."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from core.progress import silent

if TYPE_CHECKING:
    from core.progress import Report
    from desktop.jobs import Outcome
    from desktop.session import Session

#: Takes what is shown and a report, returns what is to be shown.
Work: TypeAlias = "Callable[[Outcome, Report], Outcome]"


@dataclass(frozen=True, eq=False)
class _Change:
    text: str
    work: Work
    waits: bool


class Changes:
    """The changes that are being made.

    Parameters
    ----------
    session : Session
        What is changed.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: deque[_Change] = deque()
        self._current: _Change | None = None
        self._then: Callable[[], None] | None = None

    def add(self, text: str, work: Work, *, waits: bool = False) -> None:
        """Make a change when those before it are made.

        Parameters
        ----------
        text : str
            What it is called.
        work : callable
            What it does, in the worker.
        waits : bool, default False
            Whether it is quick, so that it is made at once while nothing is under way, and makes sense for the result
            of an analysis as well, so that it waits for that. Any other change takes the place of an analysis.
        """
        session = self._session
        busy = session.workers.compute.is_busy
        if session.outcome is None:
            return
        if waits and not busy:
            session.push(text, work(session.outcome, silent))
            return
        self._waiting.append(_Change(text, work, waits))
        if self._current is None and not (waits and busy):
            self.go_on()

    def go_on(self) -> None:
        """Make the next change; when there is none, do what waited for the changes."""
        session = self._session
        if self._current is not None:
            return
        if not self._waiting or session.outcome is None:
            then, self._then = self._then, None
            if then is not None:
                then()
            return
        change, before = self._waiting.popleft(), session.outcome
        self._current = change

        def made(after: Outcome) -> None:
            self._current = None
            session.push(change.text, after)
            self.go_on()

        def broke() -> None:
            self._current = None
            self.go_on()

        session.start(lambda report: change.work(before, report), made, change.text, failed=broke)

    def finish(self) -> None:
        """Make at once what is quick of the changes that wait, because the window closes."""
        waiting = [change for change in (self._current, *self._waiting) if change is not None and change.waits]
        self.clear()
        for change in waiting:
            if self._session.outcome is not None:
                self._session.push(change.text, change.work(self._session.outcome, silent))

    def wait_with(self, todo: Callable[[], None]) -> bool:
        """Put something off until the changes are made; only the last such thing is done.

        Returns
        -------
        bool
            Whether it was put off; False when no change is being made.
        """
        if self._current is not None:
            self._then = todo
        return self._current is not None

    def clear(self) -> None:
        """Forget what is not made yet."""
        self._waiting.clear()
        self._current = self._then = None
