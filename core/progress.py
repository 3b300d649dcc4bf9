"""How long work tells what it is doing, and how it is stopped."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
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


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait until the block ends: for what must not be torn in the middle, and is quick."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    pressed: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        before(*pressed[0])
