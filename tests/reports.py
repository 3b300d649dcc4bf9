"""What a test hands to long work to stop it where it wants."""

from __future__ import annotations

from collections.abc import Callable

from core.progress import Cancelled, Report


def stop_at_once(done: int, total: int, text: str) -> None:
    """Stop at the first report."""
    raise Cancelled


def stop_at(step: int, told: list[tuple[int, int]] | None = None) -> Report:
    """Return a report that stops when so much is done; what is done, and of how much, is noted in `told`."""

    def report(done: int, total: int, text: str) -> None:
        if told is not None:
            told.append((done, total))
        if done == step:
            raise Cancelled

    return report


def stop_when(happened: Callable[[], bool]) -> Report:
    """Return a report that stops as soon as something has happened."""

    def report(done: int, total: int, text: str) -> None:
        if happened():
            raise Cancelled

    return report


def stop_when_told(words: str) -> Report:
    """Return a report that stops when it is told some words."""

    def report(done: int, total: int, text: str) -> None:
        if words in text:
            raise Cancelled

    return report
