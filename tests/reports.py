"""What a test hands to long work to stop it where it wants."""

from __future__ import annotations

from collections.abc import Callable

from core.progress import Cancelled, Report


def stop_at_once(done: int, total: int, text: str) -> None:
    """Stop at the first report."""
    raise Cancelled


def stop_at(step: int) -> Report:
    """Return a report that stops when so much is done."""

    def report(done: int, total: int, text: str) -> None:
        if done == step:
            raise Cancelled

    return report


def stop_when(happened: Callable[[], bool]) -> Report:
    """Return a report that stops as soon as something has happened."""

    def report(done: int, total: int, text: str) -> None:
        if happened():
            raise Cancelled

    return report
