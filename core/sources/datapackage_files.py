"""Which files of Spotify's data packages are read, told by their names or, alone, by their first lines."""

from __future__ import annotations

import re
from enum import IntEnum

from core.errors import SourceError
from core.sources.archives import Part
from core.sources.base import decode


class FileKind(IntEnum):
    """What a file of a package holds, in the order in which they are read."""

    LIBRARY = 0
    PLAYLISTS = 1
    EXTENDED_HISTORY = 2
    ACCOUNT_HISTORY = 3


# Browsers number the copies of a download: "Playlist1 (2).json".
_COPY = r"(?: ?\(\d+\))?\.json$"
_NAMES: tuple[tuple[FileKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern + _COPY, re.IGNORECASE))
    for kind, pattern in (
        (FileKind.LIBRARY, r"YourLibrary\d*"),
        (FileKind.PLAYLISTS, r"Playlist\d*"),
        (FileKind.EXTENDED_HISTORY, r"(?:Streaming_History_Audio.*|endsong(?:_\d+)?)"),
        (FileKind.ACCOUNT_HISTORY, r"StreamingHistory(?:_music_)?\d*"),
    )
)
#: What only files of that kind say near their beginning.
_MARKS: tuple[tuple[FileKind, re.Pattern[str]], ...] = (
    (FileKind.EXTENDED_HISTORY, re.compile(r'^\s*\[.*"(?:master_metadata_track_name|spotify_track_uri)"', re.DOTALL)),
    (FileKind.ACCOUNT_HISTORY, re.compile(r'^\s*\[.*"endTime".*"msPlayed"', re.DOTALL)),
    (FileKind.PLAYLISTS, re.compile(r'^\s*\{\s*"playlists"\s*:\s*\[')),
    (FileKind.LIBRARY, re.compile(r'^\s*\{\s*"tracks"\s*:\s*\[\s*(?:\]|\{\s*"artist"\s*:)')),
)
#: A few entries of a history.
_HEAD_BYTES = 16 * 2**10


def kind_by_name(name: str) -> FileKind | None:
    """Return what a file holds by its name without folders; None for files that are never opened."""
    return next((kind for kind, pattern in _NAMES if pattern.match(name)), None)


def is_wanted(name: str) -> bool:
    """Tell by its name whether a file of a folder or zip is read."""
    return kind_by_name(name) is not None


def kind_of(part: Part) -> FileKind | None:
    """Return what a file holds, by its name or else by its first lines."""
    by_name = kind_by_name(part.name)
    if by_name is not None or not part.name.lower().endswith(".json"):
        return by_name
    try:
        head, _ = decode(part.head(_HEAD_BYTES))
    except SourceError:
        return None
    return next((kind for kind, pattern in _MARKS if pattern.match(head)), None)
