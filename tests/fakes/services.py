"""How tests talk to services on this computer: without waiting between requests, at a time of their own."""

from __future__ import annotations

from core.http import BrokenAnswer
from core.turns import Pace

AT_ONCE = Pace(interval=0.0, backoff=0.0)
DAY = 24 * 3600.0
NOW = 1_800_000_000.0


def as_mapping(answer: object) -> dict[str, object]:
    """Read an answer that must be an object."""
    if not isinstance(answer, dict):
        raise BrokenAnswer("not an object")
    return answer
