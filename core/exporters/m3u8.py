"""M3U8: the playlist that every player opens.

One line a track, so line breaks in names cannot be kept: each run of line breaks and other control characters
becomes one space. A track is named by its local file, relative to the playlist where both are on one drive, or by the
address it has instead; else by its page on Spotify, which not every player opens; else its line is a comment, and the
track counts as skipped.

The lines beginning with ``#EXT`` follow the extended M3U convention of Winamp, which all players share.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import ClassVar

from core.exporters.base import NO_ADDRESS, Rendered, Row, rows_of
from core.library import Library
from core.records import Playlist

#: Begins the comment that stands in for a track nobody knows an address of.
MISSING = "# missing, no file or Spotify address known: "

# All that some reader takes for the end of a line, and the other control characters.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class M3u8Exporter:
    """Writes extended M3U in UTF-8."""

    name: ClassVar[str] = "m3u8"
    suffix: ClassVar[str] = ".m3u8"

    def render(self, playlist: Playlist, library: Library, *, folder: Path) -> Rendered:
        """Return the content of the file; see `core.exporters.base.Exporter`."""
        rows, skipped = rows_of(playlist, library)
        lines = ["#EXTM3U", f"#PLAYLIST:{one_line(playlist.name)}"]
        written = 0
        for row in rows:
            address = _address(row, folder)
            seconds = -1 if row.duration_ms is None else round(row.duration_s)
            lines.append(f"#EXTINF:{seconds},{one_line(row.label)}")
            lines.append(address or MISSING + one_line(row.label))
            written += bool(address)
        if written < len(rows):
            skipped[NO_ADDRESS] = len(rows) - written
        return Rendered(("\n".join(lines) + "\n").encode("utf-8", errors="replace"), written, skipped)


def one_line(text: str) -> str:
    """Return the text with each run of line breaks and control characters as one space."""
    return _CONTROL.sub(" ", text)


def _address(row: Row, folder: Path) -> str:
    """Return the line that names the track's file or page; empty when there is neither."""
    if not row.path:
        return row.link
    if _CONTROL.search(row.path) or row.path != row.path.strip():
        return row.file_uri  # its percent signs carry what a line cannot
    if row.is_elsewhere:
        return row.path
    try:
        line = Path(os.path.relpath(row.path, os.path.realpath(folder))).as_posix()
    except ValueError:  # another drive under Windows
        return Path(row.path).absolute().as_posix()
    return f"./{line}" if line.startswith(("#", " ")) else line
