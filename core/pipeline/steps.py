"""The steps of an analysis that a progress bar counts."""

from __future__ import annotations

from core.progress import Report

STEPS = (
    "Preparing features",
    "Comparing numbers of playlists",
    "Sorting tracks",
    "Naming",
    "Checking names",
    "Ordering playlists",
)
PREPARING, COMPARING, SORTING, NAMING, CHECKING, ORDERING = range(len(STEPS))


def step(report: Report, which: int, text: str = "") -> None:
    """Tell that a step begins, or with a text of its own, what is done within it."""
    report(which, len(STEPS), text or STEPS[which])
