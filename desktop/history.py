"""The ways back: undo steps, kept apart for each place, so that going elsewhere and coming back loses none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack

if TYPE_CHECKING:
    from desktop.jobs import Outcome
    from desktop.session import Session

#: Undo steps of a place; each holds an analysis.
UNDO_STEPS = 50


class Seen(NamedTuple):
    """What was shown, and the number of the analysis it was made from."""

    outcome: Outcome
    analysis: int


class _Change(QUndoCommand):
    """Goes from one outcome to another and back."""

    def __init__(self, session: Session, text: str, before: Seen, after: Seen) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, before, after

    def undo(self) -> None:
        """Go back."""
        self._session.set_outcome(*self._before)

    def redo(self) -> None:
        """Go on, or do it for the first time."""
        self._session.set_outcome(*self._after)


class History(QUndoGroup):
    """What was made of each place of the library: changes by hand, and other levers.

    Parameters
    ----------
    session : Session
        What is changed.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._stacks: dict[str, QUndoStack] = {}
        self._last: dict[str, Seen] = {}

    def last_seen(self, key: str) -> Seen | None:
        """Return what was shown of a place when it was left; None when it was not open yet."""
        return self._last.get(key)

    def note(self, seen: Seen) -> None:
        """Take note of what is shown."""
        self._last[seen.outcome.place.key] = seen

    def change(self, text: str, before: Seen, after: Seen) -> None:
        """Show what a change made of what is shown, with a way back."""
        self.activeStack().push(_Change(self._session, text, before, after))

    def arrive(self, seen: Seen) -> None:
        """Show a place; its steps can be undone when it is as it was left."""
        key = seen.outcome.place.key
        stack = self._stack_of(key)
        if seen != self._last.get(key):
            stack.clear()
        stack.setActive()
        self._session.set_outcome(*seen)

    def forget(self) -> None:
        """Forget every place, because another library is opened."""
        self._last.clear()
        for stack in self._stacks.values():
            self.removeStack(stack)
            stack.deleteLater()
        self._stacks.clear()

    def _stack_of(self, key: str) -> QUndoStack:
        if key not in self._stacks:
            stack = QUndoStack(self)
            stack.setUndoLimit(UNDO_STEPS)
            self.addStack(stack)
            self._stacks[key] = stack
        return self._stacks[key]
