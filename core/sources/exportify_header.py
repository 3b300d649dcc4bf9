"""Which column of an Exportify file holds what: by name in every language of the site, else by what the cells hold."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from core.features import FEATURES
from core.joining import TRACK_ADDRESS
from core.resources import read_text

#: Share of the header's names that must be known: newer versions may add a column or two.
_KNOWN_SHARE = 0.75
#: Every version has had these; this program's own export, which the table source reads, has no "Added By".
_ALWAYS = ("title", "artist", "added_by", "added_at")

# The base columns of exportify.app in their order. In a language this program does not know, the addresses of
# artists and albums, and the date a track was added, show where they are.
_BASE = (
    "uri", "title", "artist_uris", "artist", "album_uri", "album", "album_artist_uris", "album_artist",
    "release_date", "image", "disc", "track_number", "duration", "preview", "explicit", "popularity",
)  # fmt: skip
_AUDIO = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "time_signature",
)  # fmt: skip
_ARTISTS, _ALBUMS = ("genres",), ("album_genres", "label", "copyrights")
#: Blocks that can follow the date, in their order; the number of columns tells which of them are there.
_BLOCKS: Mapping[int, tuple[str, ...]] = {
    len(names): names
    for artists in ((), _ARTISTS)
    for audio in ((), _AUDIO)
    for albums in ((), _ALBUMS)
    for names in [(*artists, *audio, *albums)]
}
#: What can stand between popularity and "added by".
_BETWEEN: Mapping[int, tuple[str, ...]] = {0: (), 1: ("isrc",), 2: ("isrc", "playable")}

_ADDRESS = re.compile(r"spotify:(track|local|episode|show|chapter):")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Layout:
    """Where everything stands in the rows of one file.

    Attributes
    ----------
    columns : mapping of str to int
        Role (a feature's name, or as in ``resources/exportify_headers.json``) → position in a full row.
    headers : mapping of str to str
        Role → what the file calls the column.
    width : int
        Cells in a full row.
    """

    columns: Mapping[str, int]
    headers: Mapping[str, str]
    width: int

    @property
    def features(self) -> tuple[str, ...]:
        """Features the file has a column for, in its order."""
        return tuple(sorted((name for name in self.columns if name in FEATURES), key=self.columns.__getitem__))

    @property
    def from_app(self) -> bool:
        """Whether the file is from exportify.app rather than exportify.net."""
        return "artist_uris" in self.columns

    @property
    def always_there(self) -> int:
        """Number of leading cells that stand in their place even in a row that is shorter than the header.

        Rows lose cells at the end of a block: exportify.net writes the features last, exportify.app writes its
        optional blocks after the date.
        """
        if self.from_app:
            return self.columns["added_at"] + 1
        return min((self.columns[name] for name in self.features), default=self.width)


def recognise(header: Sequence[str], sample: Sequence[Sequence[str]]) -> Layout | None:
    """Find out whether a table is from Exportify, and what its columns hold.

    Parameters
    ----------
    header : sequence of str
        The cells of its first row.
    sample : sequence of sequence of str
        Some of the rows below, or all of them.

    Returns
    -------
    Layout or None
        None when it is something else.
    """
    header = [cell.removeprefix("\ufeff") for cell in header]
    return _by_name(_without_doubled_name(header, sample)) or _by_content(header, sample)


def lists_albums(header: Sequence[str], sample: Sequence[Sequence[str]]) -> bool:
    """Tell whether a table is exportify.app's list of saved albums, which holds no tracks."""
    first = [row[0].strip() for row in sample if row]
    return len(header) > 1 and bool(first) and all(cell.startswith("spotify:album:") for cell in first)


@cache
def _roles_by_name() -> dict[str, str]:
    names: dict[str, list[str]] = json.loads(read_text("exportify_headers.json"))
    return {_folded(name): role for role, known in names.items() for name in known}


@lru_cache(maxsize=1_000)
def _folded(name: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", name)).strip().casefold()


def _without_doubled_name(header: list[str], sample: Sequence[Sequence[str]]) -> list[str]:
    """Return the header without the second "Explicit" that exportify.net wrote for some hours in May 2025.

    It stood in the header only, so that no row is as long as the header.
    """
    doubled = [position for position, name in enumerate(header) if _roles_by_name().get(_folded(name)) == "explicit"]
    if len(doubled) > 1 and max((len(row) for row in sample), default=0) < len(header):
        return header[: doubled[1]] + header[doubled[1] + 1 :]
    return header


def _by_name(header: list[str]) -> Layout | None:
    roles = [_roles_by_name().get(_folded(name)) for name in header]
    known = sum(role is not None for role in roles)
    if not set(_ALWAYS) <= set(roles) or known < _KNOWN_SHARE * len(header):
        return None
    columns: dict[str, int] = {}
    for position, role in enumerate(roles):
        if role:
            columns.setdefault(role, position)
    return Layout(columns, {role: header[position] for role, position in columns.items()}, len(header))


def _by_content(header: list[str], sample: Sequence[Sequence[str]]) -> Layout | None:
    """Recognise exportify.app's columns in an unknown language."""
    rows = [row for row in sample if len(row) == len(header) > len(_BASE) + 1]
    if not rows or not all(_looks_like_a_track(row) for row in rows):
        return None
    added_at = _moment_column(rows)
    between = _BETWEEN.get(added_at - len(_BASE) - 1)
    after = _BLOCKS.get(len(header) - added_at - 1)
    if between is None or after is None:
        return None
    roles = (*_BASE, *between, "added_by", "added_at", *after)
    columns = {role: position for position, role in enumerate(roles)}
    return Layout(columns, {role: header[position] for role, position in columns.items()}, len(header))


def _looks_like_a_track(row: Sequence[str]) -> bool:
    address, artists, album = (row[_BASE.index(role)].strip() for role in ("uri", "artist_uris", "album_uri"))
    if not _ADDRESS.match(address):
        return False
    if not address.startswith(TRACK_ADDRESS):
        return True  # local files and podcasts come without addresses of artist and album
    return artists.startswith("spotify:artist:") and album.startswith(("spotify:album:", "null", "undefined"))


def _moment_column(rows: Sequence[Sequence[str]]) -> int:
    """Return the column that holds the date a track was added; where no row has one, where it usually is."""
    for position in range(len(_BASE) + 1, min(len(rows[0]), len(_BASE) + 4)):
        if any(_MOMENT.match(row[position].strip()) for row in rows):
            return position
    return len(_BASE) + 2
