"""Rows of Spotify's answers, reduced to what a library needs; every odd row survives and is counted.

A row is kept as a short list, because 10,000 of them are stored: kind, address, id, title, artists, album,
duration in ms, explicit, ISRC, date added, playable.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

#: Where pictures come from that Spotify puts together from the albums in a playlist.
_MOSAIC: Final = "https://mosaic.scdn.co/"

Kind: TypeAlias = Literal["track", "local", "episode", "removed"]

#: What rows of other kinds than playable tracks are, for notices: singular, plural and what happens to them.
ODD: Final[Mapping[str, tuple[str, str, str]]] = {
    "removed": ("row whose track Spotify has removed", "rows whose tracks Spotify has removed", "left out"),
    "episode": ("podcast episode", "podcast episodes", "left out"),
    "local": ("local file", "local files", "kept, but Spotify cannot put them into a playlist"),
    "unavailable": ("track", "tracks", "cannot be played in your country and stay out of exported playlists"),
}


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One row of liked songs, a playlist or the top tracks.

    Attributes
    ----------
    kind : {"track", "local", "episode", "removed"}
        What stands there.
    uri, track_id, title, album, isrc, added_at : str
        Empty where unknown; `added_at` as Spotify writes it.
    artists : tuple of str
        Names as Spotify writes them.
    duration_ms : int or None
        Length.
    explicit, playable : bool
        Marks.
    """

    kind: Kind
    uri: str = ""
    track_id: str = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    duration_ms: int | None = None
    explicit: bool = False
    isrc: str = ""
    added_at: str = ""
    playable: bool = True

    def stored(self) -> list[Any]:
        """Return the row as JSON knows it."""
        return [
            self.kind, self.uri, self.track_id, self.title, list(self.artists), self.album, self.duration_ms,
            self.explicit, self.isrc, self.added_at, self.playable,
        ]  # fmt: skip


def from_stored(values: list[Any]) -> TrackRow:
    """Return the row of `TrackRow.stored`."""
    kind, uri, track_id, title, artists, *rest = values
    return TrackRow(kind, uri, track_id, title, tuple(artists), *rest)


def read_row(row: object) -> TrackRow:
    """Return a row of any paged answer.

    Parameters
    ----------
    row : object
        With the track under ``item`` or ``track``, or the track itself.

    Returns
    -------
    TrackRow
        Of kind ``"removed"`` for a row that holds nothing that could be used.
    """
    if not isinstance(row, Mapping):
        return TrackRow("removed")
    wrapped = any(key in row for key in ("item", "track", "added_at"))
    found = (row.get("item") or row.get("track")) if wrapped else row
    if not isinstance(found, Mapping):
        return TrackRow("removed", added_at=_text(row.get("added_at")))
    return _read_track(found, added_at=_text(row.get("added_at")) if wrapped else "", local=row.get("is_local") is True)


def _read_track(track: Mapping[str, Any], *, added_at: str, local: bool) -> TrackRow:
    uri = _text(track.get("uri"))
    if track.get("type") == "episode" or uri.startswith("spotify:episode:"):
        return TrackRow("episode", uri, added_at=added_at)
    local = local or track.get("is_local") is True or uri.startswith("spotify:local:")
    track_id = _text(track.get("id"))
    if not uri and track_id:
        uri = f"spotify:track:{track_id}"
    if not uri or (not local and not track_id):
        return TrackRow("removed", added_at=added_at)
    album, duration = track.get("album"), track.get("duration_ms")
    artists = track.get("artists")
    ids = track.get("external_ids")
    return TrackRow(
        "local" if local else "track",
        uri,
        uri if local else track_id,
        _text(track.get("name")),
        tuple(_text(a.get("name")) for a in artists if isinstance(a, Mapping)) if isinstance(artists, list) else (),
        _text(album.get("name")) if isinstance(album, Mapping) else "",
        int(duration) if isinstance(duration, (int, float)) else None,
        track.get("explicit") is True,
        _text(ids.get("isrc")) if isinstance(ids, Mapping) else "",
        added_at,
        track.get("is_playable") is not False and not track.get("restrictions"),
    )


def rows_of(answer: Mapping[str, Any]) -> list[TrackRow]:
    """Return the rows of a page."""
    listed = answer.get("items")
    return [read_row(row) for row in listed] if isinstance(listed, list) else []


def total_of(answer: Mapping[str, Any]) -> int:
    """Return how many rows there are over all pages, at least 0."""
    total = answer.get("total")
    return max(0, total) if isinstance(total, int) else 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A playlist as the list of playlists shows it.

    Attributes
    ----------
    id, name, owner, snapshot_id : str
        As Spotify writes them; the name unaltered.
    description : str
        Without HTML entities, which Spotify adds.
    collaborative, public : bool
        Marks; `public` False also when unknown.
    total : int or None
        Its rows; None when Spotify does not say.
    plain : bool
        Whether nobody chose its picture: there is none, or Spotify put one together from its albums.
    """

    id: str
    name: str
    owner: str
    snapshot_id: str
    description: str = ""
    collaborative: bool = False
    public: bool = False
    total: int | None = None
    plain: bool = False

    def stored(self) -> list[Any]:
        """Return it as JSON knows it."""
        return [
            self.id, self.name, self.owner, self.snapshot_id, self.description, self.collaborative, self.public,
            self.total, self.plain,
        ]  # fmt: skip


def read_listed(entry: object) -> Listed | None:
    """Return an entry of the list of playlists; None for one that says nothing."""
    if not isinstance(entry, Mapping) or not entry.get("id"):
        return None
    owner, shown = entry.get("owner"), entry.get("items") or entry.get("tracks")
    total = shown.get("total") if isinstance(shown, Mapping) else None
    return Listed(
        _text(entry.get("id")),
        _text(entry.get("name")),
        _text(owner.get("id")) if isinstance(owner, Mapping) else "",
        _text(entry.get("snapshot_id")),
        html.unescape(_text(entry.get("description"))),
        entry.get("collaborative") is True,
        entry.get("public") is True,
        total if isinstance(total, int) else None,
        _plain(entry.get("images")),
    )


def _plain(images: object) -> bool:
    """Return whether pictures are all of Spotify's own making, as far as their addresses tell."""
    if not isinstance(images, list):
        return True
    addresses = [_text(image.get("url")) for image in images if isinstance(image, Mapping)]
    return all(address.startswith(_MOSAIC) for address in addresses)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
