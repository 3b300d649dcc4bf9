"""What Spotify knows, for the fake: tracks, one listener's library, playlists with rows and snapshots.

Everything about a track follows from its number, so that two fakes agree and any number of tracks can be had.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import chance

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MOST_TRACKS = 10_000
OTHER = "somebody"


class Refused(Exception):
    """A request that Spotify answers with an error."""

    def __init__(self, status: int, message: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def track_id(number: int) -> str:
    """Return the 22 letters and digits of the n-th track."""
    value = int.from_bytes(hashlib.sha256(f"track {number}".encode()).digest()[:14], "big")
    text = ""
    while value:
        value, rest = divmod(value, 62)
        text += LETTERS[rest]
    return text.ljust(22, "0")[:22]


def track_uri(number: int) -> str:
    return f"spotify:track:{track_id(number)}"


def local_uri(number: int) -> str:
    return f"spotify:local:Garage+Band:Demo+Tape:Take+{number}:123"


def track_json(uri: str) -> dict[str, Any] | None:
    """Return the object of an address as the Web API describes it in Development Mode."""
    if uri == "":
        return None
    key = uri.rsplit(":", 1)[-1]
    if uri.startswith("spotify:episode:"):
        return episode_json(key)
    if uri.startswith("spotify:local:"):
        artist, album, title, seconds = (part.replace("+", " ") for part in uri.split(":")[2:])
        return local_json(uri, artist, album, title, int(seconds))
    artist = f"Artist {int(chance(key, 'artist') * 800)}"
    artist_id = hashlib.sha256(artist.encode()).hexdigest()[:22]
    return {
        "id": key, "uri": uri, "type": "track", "name": f"Song “{key[:5]}” & <more>", "is_local": False,
        "href": f"https://api.spotify.com/v1/tracks/{key}", "explicit": chance(key, "explicit") < 0.1,
        "duration_ms": 120_000 + int(chance(key, "length") * 200_000), "disc_number": 1, "track_number": 1,
        "external_ids": {"isrc": f"QZ{key[:3].upper()}{int(chance(key, 'isrc') * 10**7):07d}"},
        "external_urls": {"spotify": f"https://open.spotify.com/track/{key}"},
        "is_playable": chance(key, "playable") >= 0.01, "preview_url": None,
        "artists": [simple_artist(artist, artist_id)],
        "album": {
            "id": key[::-1], "uri": f"spotify:album:{key[::-1]}", "type": "album", "album_type": "album",
            "name": "" if chance(key, "gone") < 0.01 else f"Album {key[:2]}", "images": [], "total_tracks": 10,
            "release_date": "2019-05-01", "release_date_precision": "day",
            "artists": [simple_artist(artist, artist_id)],
            "href": f"https://api.spotify.com/v1/albums/{key[::-1]}",
            "external_urls": {"spotify": f"https://open.spotify.com/album/{key[::-1]}"},
        },
    }  # fmt: skip


def simple_artist(name: str, key: str) -> dict[str, Any]:
    return {
        "id": key, "name": name, "type": "artist", "uri": f"spotify:artist:{key}",
        "href": f"https://api.spotify.com/v1/artists/{key}",
        "external_urls": {"spotify": f"https://open.spotify.com/artist/{key}"},
    }  # fmt: skip


def local_json(uri: str, artist: str, album: str, title: str, seconds: int) -> dict[str, Any]:
    return {
        "id": None, "uri": uri, "type": "track", "name": title, "is_local": True, "duration_ms": seconds * 1000,
        "explicit": False, "external_ids": {}, "external_urls": {}, "disc_number": 0, "track_number": 0,
        "preview_url": None, "href": None, "is_playable": True,
        "artists": [{"id": None, "name": artist, "type": "artist", "uri": None, "href": None, "external_urls": {}}],
        "album": {
            "id": None, "name": album, "type": "album", "album_type": None, "images": [], "artists": [], "uri": None,
            "href": None, "release_date": None, "release_date_precision": None, "external_urls": {},
        },
    }  # fmt: skip


def episode_json(key: str) -> dict[str, Any]:
    return {
        "id": key, "uri": f"spotify:episode:{key}", "type": "episode", "name": "An episode", "duration_ms": 1_800_000,
        "explicit": False, "description": "Talk", "html_description": "Talk", "images": [], "language": "en",
        "languages": ["en"], "release_date": "2024-01-01", "release_date_precision": "day", "is_playable": True,
        "is_externally_hosted": False, "audio_preview_url": None,
        "href": f"https://api.spotify.com/v1/episodes/{key}",
        "external_urls": {"spotify": f"https://open.spotify.com/episode/{key}"},
    }  # fmt: skip


@dataclass
class Row:
    uri: str
    added_at: str | None = "2026-10-01T10:00:00Z"


@dataclass
class FakePlaylist:
    id: str
    name: str
    owner: str
    description: str = ""
    public: bool = False
    collaborative: bool = False
    rows: list[Row] = field(default_factory=list)
    changes: int = 1
    cover: bytes = b""
    #: What is still shown after a change, and how many times.
    old: FakePlaylist | None = None
    shows_old: int = 0

    def seen(self) -> FakePlaylist:
        """Return it as it is shown now: Spotify may show an old state for a while."""
        if self.old is None or not self.shows_old:
            return self
        self.shows_old -= 1
        return self.old

    @property
    def snapshot(self) -> str:
        return base64.b64encode(f"{self.changes},{self.id}".encode()).decode()

    @property
    def uris(self) -> list[str]:
        return [row.uri for row in self.rows]

    def digest(self) -> str:
        """Return a mark of everything a listener would call its content."""
        said = [self.name, self.description, self.public, self.uris, hashlib.sha256(self.cover).hexdigest()]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


class World:
    """One listener's account."""

    def __init__(self, *, user_id: str = "listener", account_id: str = "account-1", name: str = "A Listener") -> None:
        self.user_id = user_id
        self.account_id = account_id
        self.name = name
        self.liked: list[Row] = []
        self.top: list[str] = []
        self.playlists: dict[str, FakePlaylist] = {}
        self.library: list[str] = []
        #: Playlists in the library that the list of playlists does not show, or not yet.
        self.unlisted: set[str] = set()
        #: How many reads after a change show the state before it.
        self.lag = 0
        self._next = 0

    # --- set up ---------------------------------------------------------------------------------------------------

    def like(self, first: int, count: int) -> None:
        """Like tracks `first` to `first + count - 1`; the last one is the newest."""
        for number in range(first, first + count):
            day, second = divmod(number, 86_400)
            stamp = f"2026-{1 + day % 12:02d}-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
            self.liked.insert(0, Row(track_uri(number), stamp))

    def add_playlist(
        self, name: str, uris: list[str], *, owner: str = "", collaborative: bool = False, public: bool = False
    ) -> FakePlaylist:
        """Put a playlist into the listener's library."""
        playlist = FakePlaylist(
            self.new_id(), name, owner or self.user_id, public=public, collaborative=collaborative,
            rows=[Row(uri) for uri in uris],
        )  # fmt: skip
        self.playlists[playlist.id] = playlist
        self.library.insert(0, playlist.id)
        return playlist

    def new_id(self) -> str:
        self._next += 1
        return self.upcoming_id(0)

    def upcoming_id(self, ahead: int) -> str:
        """Return the id of the playlist after so many more."""
        return "pl" + track_id(10**9 + self._next + ahead)[:20]

    def owned(self) -> list[FakePlaylist]:
        """Return the listener's own playlists in the library."""
        return [self.playlists[key] for key in self.library if self.playlists[key].owner == self.user_id]

    # --- writes ---------------------------------------------------------------------------------------------------

    def writable(self, key: str) -> FakePlaylist:
        playlist = self.playlists.get(key)
        if playlist is None:
            raise Refused(404, "Not found.")
        if playlist.owner != self.user_id and not playlist.collaborative:
            raise Refused(403, "Forbidden")
        return playlist

    def create(self, body: dict[str, Any]) -> FakePlaylist:
        if not body.get("name"):
            raise Refused(400, "Missing required field: name")
        playlist = self.add_playlist(body["name"], [], public=bool(body.get("public", True)))
        playlist.description = body.get("description", "")
        return playlist

    def add(self, key: str, uris: list[str], position: int | None) -> FakePlaylist:
        playlist = self.writable(key)
        check_uris(uris)
        if len(playlist.rows) + len(uris) > MOST_TRACKS:
            raise Refused(400, "Playlist size limit reached")
        place = len(playlist.rows) if position is None else position
        if not 0 <= place <= len(playlist.rows):
            raise Refused(400, "Index out of bounds.")
        playlist.rows[place:place] = [Row(uri) for uri in uris]
        return self.changed(playlist)

    def replace(self, key: str, uris: list[str]) -> FakePlaylist:
        playlist = self.writable(key)
        check_uris(uris)
        playlist.rows = [Row(uri) for uri in uris]
        return self.changed(playlist)

    def reorder(self, key: str, start: int, before: int, length: int) -> FakePlaylist:
        playlist = self.writable(key)
        size = len(playlist.rows)
        if not (0 <= start < size and 0 <= before <= size and 1 <= length <= size - start):
            raise Refused(400, "Index out of bounds.")
        block = playlist.rows[start : start + length]
        del playlist.rows[start : start + length]
        place = before if before <= start else before - length
        playlist.rows[place:place] = block
        return self.changed(playlist)

    def remove(self, key: str, items: list[Any]) -> FakePlaylist:
        playlist = self.writable(key)
        if any(not isinstance(item, dict) for item in items):
            raise Refused(400, "Invalid base62 id")
        uris = [item["uri"] for item in items]
        check_uris(uris)
        playlist.rows = [row for row in playlist.rows if row.uri not in uris]
        return self.changed(playlist)

    def details(self, key: str, body: dict[str, Any]) -> None:
        playlist = self.writable(key)
        if playlist.owner != self.user_id:
            raise Refused(403, "Forbidden")
        playlist.name = body.get("name", playlist.name)
        playlist.description = body.get("description", playlist.description)
        playlist.public = body.get("public", playlist.public)
        self.changed(playlist)

    def changed(self, playlist: FakePlaylist) -> FakePlaylist:
        playlist.changes += 1
        return playlist

    # --- answers --------------------------------------------------------------------------------------------------

    def playlist_json(self, playlist: FakePlaylist) -> dict[str, Any]:
        link = f"https://api.spotify.com/v1/playlists/{playlist.id}"
        owner = {
            "id": playlist.owner, "display_name": playlist.owner, "type": "user",
            "uri": f"spotify:user:{playlist.owner}", "href": f"https://api.spotify.com/v1/users/{playlist.owner}",
            "external_urls": {"spotify": f"https://open.spotify.com/user/{playlist.owner}"},
        }  # fmt: skip
        shown = {
            "id": playlist.id, "uri": f"spotify:playlist:{playlist.id}", "type": "playlist", "href": link,
            "name": playlist.name, "description": html.escape(playlist.description), "public": playlist.public,
            "collaborative": playlist.collaborative, "snapshot_id": playlist.snapshot, "owner": owner,
            "images": images(playlist),
            "external_urls": {"spotify": f"https://open.spotify.com/playlist/{playlist.id}"},
        }  # fmt: skip
        if playlist.owner == self.user_id or playlist.collaborative:
            shown["items"] = {"href": f"{link}/items", "total": len(playlist.rows)}
        return shown


def images(playlist: FakePlaylist) -> list[dict[str, Any]]:
    """Return the pictures of a playlist: its own, one put together from its albums, or none."""
    if playlist.cover:
        digest = hashlib.sha256(playlist.cover).hexdigest()[:24]
        return [
            {
                "url": f"https://image-cdn-ak.spotifycdn.com/image/ab67706c0000da84{digest}",
                "height": None,
                "width": None,
            }
        ]
    if not playlist.rows:
        return []
    return [
        {"url": f"https://mosaic.scdn.co/{size}/{playlist.id}", "height": size, "width": size}
        for size in (640, 300, 60)
    ]


def check_uris(uris: Any) -> None:
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise Refused(400, "No uris provided")
    if len(uris) > 100:
        raise Refused(400, "You can add a maximum of 100 tracks per request.")
    for uri in uris:
        kind, _, key = uri.removeprefix("spotify:").partition(":")
        if kind not in ("track", "episode") or len(key) != 22 or not key.isalnum():
            raise Refused(400, f"Invalid track uri: {uri}")
