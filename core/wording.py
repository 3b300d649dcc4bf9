"""Words that many texts share."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``"1 row"`` or ``"2,000 rows"``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return names as one list, such as ``"energy, tempo and valence"``; `last` stands before the last of several."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
