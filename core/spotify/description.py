"""What a playlist says about itself on Spotify: what its claims are, that Leitmotif made it, and its mark.

The mark is eight letters and digits, new for every playlist that is created. It tells a playlist whose creation was
never answered from one the person made under the same name.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

#: Spotify cuts longer descriptions and names.
MOST_CHARACTERS: Final = 300
MOST_NAME: Final = 100
_SIGNED: Final = "Made by Leitmotif"
_MARK: Final = re.compile(rf"{_SIGNED} · ([0-9a-f]{{8}})$")


def new_mark() -> str:
    """Return a mark that no playlist has yet."""
    return secrets.token_hex(4)


def compose(claims: str, mark: str) -> str:
    """Return a description in one plain line.

    Parameters
    ----------
    claims : str
        What the cluster's claims are.
    mark : str
        The playlist's mark.
    """
    signed = f"{_SIGNED} · {mark}"
    plain = " ".join(claims.split())
    room = MOST_CHARACTERS - len(signed) - 1
    if len(plain) > room:
        plain = plain[: room - 1].rstrip() + "…"
    return f"{plain} {signed}".strip()


def mark_in(description: str) -> str:
    """Return the mark in a description; empty when the person has written another one."""
    match = _MARK.search(description)
    return match[1] if match else ""


def shown_name(name: str) -> str:
    """Return a name as Spotify takes it: one line, not empty, not too long."""
    plain = " ".join(name.split())
    return (plain if len(plain) <= MOST_NAME else plain[: MOST_NAME - 1].rstrip() + "…") or "Playlist"
