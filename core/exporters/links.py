"""Links: one ``https://open.spotify.com/track/…`` a line, to paste into a playlist of Spotify's desktop program."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from core.exporters.base import NO_SPOTIFY_ADDRESS, Rendered, rows_of
from core.library import Library
from core.links import track_links
from core.records import Playlist


class LinksExporter:
    """Writes plain text; tracks that are not on Spotify are skipped and counted."""

    name: ClassVar[str] = "links"
    suffix: ClassVar[str] = ".txt"

    def render(self, playlist: Playlist, library: Library, *, folder: Path) -> Rendered:  # noqa: ARG002
        """Return the content of the file; see `core.exporters.base.Exporter`."""
        rows, skipped = rows_of(playlist, library)
        links = track_links(row.uri for row in rows)
        if len(links) < len(rows):
            skipped[NO_SPOTIFY_ADDRESS] = len(rows) - len(links)
        return Rendered("".join(f"{link}\n" for link in links).encode("ascii"), len(links), skipped)
