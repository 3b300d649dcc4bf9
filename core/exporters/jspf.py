"""JSPF (https://xspf.org/jspf): XSPF's playlists as JSON, read by ListenBrainz and others.

JSON holds any text; only half surrogate pairs, which UTF-8 cannot hold, become ``?``. A track without file or
Spotify address is written all the same: players find it by artist and title.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from core.exporters.base import Rendered, Row, rows_of
from core.library import Library
from core.records import Playlist

#: What a track's ISRC is filed under, as in XSPF.
ISRC_MEANING = "https://isrc.ifpi.org/"


class JspfExporter:
    """Writes JSPF in UTF-8."""

    name: ClassVar[str] = "jspf"
    suffix: ClassVar[str] = ".jspf"

    def render(self, playlist: Playlist, library: Library, *, folder: Path) -> Rendered:  # noqa: ARG002
        """Return the content of the file; see `core.exporters.base.Exporter`."""
        rows, skipped = rows_of(playlist, library)
        content: dict[str, object] = {"title": playlist.name}
        if playlist.description:
            content["annotation"] = playlist.description
        content["track"] = [_track(row) for row in rows]
        text = json.dumps({"playlist": content}, ensure_ascii=False, indent=2)
        return Rendered(f"{text}\n".encode("utf-8", errors="replace"), len(rows), skipped)


def _track(row: Row) -> dict[str, object]:
    """Return one track; what is unknown is left out."""
    location = row.file_uri or row.link
    entry: dict[str, object] = {
        "location": [location] if location else [],
        "identifier": [row.spotify_uri] if row.spotify_uri else [],
        "title": row.title,
        "creator": row.artist,
        "album": row.album,
        "meta": [{ISRC_MEANING: row.isrc}] if row.isrc else [],
    }
    known = {key: value for key, value in entry.items() if value}
    return known if row.duration_ms is None else {**known, "duration": row.duration_ms}
