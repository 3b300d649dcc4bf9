"""Words that many texts share."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``"1 row"`` or ``"2,000 rows"``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
