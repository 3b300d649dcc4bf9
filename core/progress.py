"""How long work tells what it is doing, and how it is stopped."""

from __future__ import annotations

from typing import Protocol


class Cancelled(BaseException):
    """Raised by a report when the person asked to stop.

    It derives from ``BaseException`` so that no ``except Exception`` on the way swallows it.
    """


class Report(Protocol):
    """Called by long work at every step it can be stopped at."""

    def __call__(self, done: int, total: int, text: str) -> None:
        """Take one step's progress.

        Parameters
        ----------
        done : int
            Units finished, 0 ≤ done ≤ total.
        total : int
            Units in all; 0 when nobody knows.
        text : str
            What is being done, in a few plain words.

        Raises
        ------
        Cancelled
            When the person asked to stop.
        """


def silent(done: int, total: int, text: str) -> None:
    """Take a progress report and do nothing with it."""
