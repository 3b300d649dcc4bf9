"""The picture of a playlist, as Spotify takes it. Who draws it is the caller's business: core draws nothing."""

from __future__ import annotations

import base64
from typing import Final

from core.errors import ExportError

#: Characters of base64 text that Spotify takes: 256 KB.
MOST_CHARACTERS: Final = 256 * 1024
_JPEG: Final = b"\xff\xd8\xff"


def as_payload(jpeg: bytes) -> str:
    """Return a JPEG as the text that is sent.

    Parameters
    ----------
    jpeg : bytes
        The picture; square, or Spotify will cut it.

    Raises
    ------
    ExportError
        When it is no JPEG, or too large.
    """
    if not jpeg.startswith(_JPEG):
        raise ExportError("the picture of a playlist has to be a JPEG")
    text = base64.b64encode(jpeg).decode("ascii")
    if len(text) > MOST_CHARACTERS:
        raise ExportError(
            f"the picture of a playlist is too large ({len(text):,} characters, Spotify takes {MOST_CHARACTERS:,})",
            next_step="Draw it smaller, or compress it more",
        )
    return text
