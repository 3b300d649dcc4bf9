r"""XSPF 1 (https://xspf.org/spec): playlists as XML, with addresses and descriptions side by side.

XML 1.0 holds neither most control characters nor half surrogate pairs: each becomes ``�`` (U+FFFD). Every line
break, ``\r\n`` and ``\r`` too, reads back as ``\n``. All else comes back unaltered. A track without file or
Spotify address is written all the same: players find it by artist and title.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import ClassVar

from core.exporters.base import Rendered, Row, rows_of
from core.library import Library
from core.records import Playlist

NAMESPACE = "http://xspf.org/ns/0/"
#: What a track's ISRC is filed under, as XSPF wants an address for the kind of a ``meta`` element.
ISRC_MEANING = "https://isrc.ifpi.org/"

# Everything outside the production Char of XML 1.0, section 2.2.
_UNHOLDABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?")


class XspfExporter:
    """Writes XSPF version 1 in UTF-8."""

    name: ClassVar[str] = "xspf"
    suffix: ClassVar[str] = ".xspf"

    def render(self, playlist: Playlist, library: Library, *, folder: Path) -> Rendered:  # noqa: ARG002
        """Return the content of the file; see `core.exporters.base.Exporter`."""
        rows, skipped = rows_of(playlist, library)
        root = ET.Element("playlist", {"version": "1", "xmlns": NAMESPACE})
        _add(root, "title", playlist.name)
        _add(root, "annotation", playlist.description)
        tracks = ET.SubElement(root, "trackList")
        for row in rows:
            _add_track(tracks, row)
        ET.indent(root)
        data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return Rendered(data + b"\n", len(rows), skipped)


def xml_text(text: str) -> str:
    """Return the text as XML 1.0 can hold it and reads it back."""
    return _UNHOLDABLE.sub("\N{REPLACEMENT CHARACTER}", _LINE_END.sub("\n", text))


def _add_track(parent: ET.Element, row: Row) -> None:
    track = ET.SubElement(parent, "track")
    _add(track, "location", row.file_uri or row.link)
    _add(track, "identifier", row.spotify_uri)
    _add(track, "title", row.title)
    _add(track, "creator", row.artist)
    _add(track, "album", row.album)
    _add(track, "duration", "" if row.duration_ms is None else str(row.duration_ms))
    _add(track, "meta", row.isrc, rel=ISRC_MEANING)


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    """Add an element unless there is nothing to put in it."""
    if text:
        ET.SubElement(parent, tag, attributes).text = xml_text(text)
