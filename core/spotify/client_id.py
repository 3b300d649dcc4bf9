"""What a Client ID looks like: the one thing a person has to copy from Spotify by hand."""

from __future__ import annotations

import re
from typing import Final

from core.errors import OptionError

#: Spotify documents no form; all that its dashboard has given out are 32 lower-case hexadecimal digits.
_CLIENT_ID: Final = re.compile(r"[0-9a-f]{32}")


def check_client_id(text: str) -> str:
    """Return a Client ID without the spaces around it, in small letters.

    Raises
    ------
    OptionError
        When it is none, such as an address or an empty text.
    """
    tidy = text.strip().lower()
    if _CLIENT_ID.fullmatch(tidy):
        return tidy
    raise OptionError(
        "this is no Client ID, which has 32 letters (a to f) and digits",
        next_step="Copy it from your app's page in Spotify's dashboard",
    )
