"""JSON of Spotify's data packages, of which only wanted keys survive the parser.

Nearly every object in a package also says something about the person: addresses, devices, payment, the name of the
account. Those values are dropped while the text is parsed, before anything else sees them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from core.errors import SourceError
from core.library import Notice
from core.sources.base import decode

#: What a parsed object is: its wanted keys.
Entry: TypeAlias = Mapping[str, object]

_AGAIN = "Download your data from Spotify again"


def parse(data: bytes, *, wanted: frozenset[str], where: str) -> tuple[object, tuple[Notice, ...]]:
    """Parse JSON and keep only wanted keys of its objects, at every depth.

    Parameters
    ----------
    data : bytes
        The whole file.
    wanted : frozenset of str
        Names of the keys to keep.
    where : str
        How messages name the file.

    Returns
    -------
    value : object
        Whatever the text says.
    notices : tuple of Notice
        About its encoding.

    Raises
    ------
    SourceError
        When it is no JSON, or ends too early.
    """
    text, notices = decode(data)
    if not text.strip():
        raise SourceError("the file is empty", where=where, next_step=_AGAIN)
    if text.lstrip()[:1] == "<":
        raise SourceError("this is a web page, not Spotify's data", where=where, next_step=_AGAIN)

    def keep_wanted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {key: value for key, value in pairs if key in wanted}

    try:
        return json.loads(text, object_pairs_hook=keep_wanted), notices
    except json.JSONDecodeError as error:
        place = f"{where}, line {error.lineno}, column {error.colno}"
        cut = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        what = "the file is cut short" if cut else f"the JSON is damaged ({error.msg})"
        raise SourceError(what, where=place, next_step=_AGAIN) from error
    except (RecursionError, ValueError) as error:  # lists within lists without end, a number of thousands of digits
        raise SourceError("the JSON is damaged", where=where, next_step=_AGAIN) from error


def wrong_shape(where: str, expected: str) -> SourceError:
    """Return the error for JSON that is sound but says something else than expected."""
    return SourceError(f"this JSON holds no {expected}", where=where, next_step=_AGAIN)


def text_of(entry: Entry, key: str) -> str:
    """Return a text of an object, trimmed; empty where it has none."""
    value = entry.get(key)
    if not isinstance(value, str):
        return ""
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be stored
    return value.strip()


def number_of(entry: Entry, key: str) -> float:
    """Return a number of an object; 0 where it has none."""
    value = entry.get(key)
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    except OverflowError:
        return 0.0
