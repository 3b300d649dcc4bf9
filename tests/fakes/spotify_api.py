"""The fake's Web API: routes, scopes and limits of Development Mode as of 2026."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.fakes.spotify_world import FakePlaylist, Refused, Row, World, track_json

#: Removed for apps in Development Mode: everything below answers 403 "Forbidden".
REMOVED = (
    ("POST|GET", r"users/[^/]+/playlists"), ("GET", r"users/[^/]+"), (".*", r"playlists/[^/]+/tracks"),
    ("PUT|DELETE", r"me/(tracks|albums|episodes|shows|audiobooks|following)"), (".*", r"playlists/[^/]+/followers"),
    ("GET", r"me/(tracks|albums|episodes|shows|audiobooks|following)/contains"),
    ("GET", r"playlists/[^/]+/followers/contains"), ("GET", r"(tracks|albums|artists|episodes|shows|audiobooks)"),
    ("GET", r"artists/[^/]+/top-tracks"), ("GET", r"browse/.*"), ("GET", r"markets"),
)  # fmt: skip
#: Closed since November 2024: 403 without a message.
CLOSED = r"(audio-features|audio-analysis)(/[^/]+)?"
UPLOAD_LIMIT = 256 * 1024


@dataclass
class Asked:
    """A request as the routes need it."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    raw: bytes
    scopes: frozenset[str]

    def needs(self, *scopes: str) -> None:
        if not set(scopes) & self.scopes:
            raise Refused(403, "Insufficient client scope")

    def limits(self, most: int, default: int = 20) -> tuple[int, int]:
        limit, offset = int(self.query.get("limit", default)), int(self.query.get("offset", 0))
        if not 1 <= limit <= most:
            raise Refused(400, "Invalid limit")
        return limit, offset


Answer = tuple[int, Any]


class Api:
    """The endpoints of one account."""

    def __init__(self, world: World) -> None:
        self.world = world
        #: Names of 2026, of before, or both at once, as seen while they were changed.
        self.names = "new"
        self._routes: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
            ("GET", r"me", self._me),
            ("GET", r"me/tracks", self._liked),
            ("GET", r"me/top/tracks", self._top),
            ("GET", r"me/playlists", self._playlists),
            ("POST", r"me/playlists", self._create),
            ("DELETE", r"me/library", self._unfollow),
            ("GET", r"me/library/contains", self._contains),
            ("GET", r"playlists/([0-9A-Za-z]+)", self._playlist),
            ("PUT", r"playlists/([0-9A-Za-z]+)", self._details),
            ("GET", r"playlists/([0-9A-Za-z]+)/items", self._items),
            ("POST", r"playlists/([0-9A-Za-z]+)/items", self._add),
            ("PUT", r"playlists/([0-9A-Za-z]+)/items", self._put_items),
            ("DELETE", r"playlists/([0-9A-Za-z]+)/items", self._remove),
            ("PUT", r"playlists/([0-9A-Za-z]+)/images", self._cover),
        )

    def answer(self, asked: Asked) -> Answer:
        if any(re.fullmatch(m, asked.method) and re.fullmatch(p, asked.path) for m, p in REMOVED):
            raise Refused(403, "Forbidden")
        if re.fullmatch(CLOSED, asked.path):
            raise Refused(403)
        for method, pattern, handle in self._routes:
            if method == asked.method and (match := re.fullmatch(pattern, asked.path)):
                playlist = self.world.playlists.get(*match.groups()) if match.groups() and method != "GET" else None
                before = replace(playlist, rows=list(playlist.rows), old=None) if playlist else None
                answer = handle(asked, *match.groups())
                if playlist is not None:
                    playlist.old, playlist.shows_old = before, self.world.lag
                return answer
        raise Refused(404, "Service not found")

    # --- reads ----------------------------------------------------------------------------------------------------

    def _me(self, asked: Asked) -> Answer:
        asked.limits(50)
        user = self.world.user_id
        return 200, {
            "account_id": self.world.account_id, "id": user, "display_name": self.world.name, "type": "user",
            "uri": f"spotify:user:{user}", "href": f"https://api.spotify.com/v1/users/{user}", "images": [],
            "external_urls": {"spotify": f"https://open.spotify.com/user/{user}"},
        }  # fmt: skip

    def _liked(self, asked: Asked) -> Answer:
        asked.needs("user-library-read")
        rows = self.world.liked
        return 200, paging(
            asked, [{"added_at": row.added_at, "track": track_json(row.uri)} for row in part(asked, rows)], len(rows)
        )

    def _top(self, asked: Asked) -> Answer:
        asked.needs("user-top-read")
        return 200, paging(asked, [track_json(uri) for uri in part(asked, self.world.top)], len(self.world.top))

    def _playlists(self, asked: Asked) -> Answer:
        asked.needs("playlist-read-private")
        listed = [key for key in self.world.library if key not in self.world.unlisted]
        shown = [self._named(self.world.playlist_json(self.world.playlists[key].seen())) for key in part(asked, listed)]
        return 200, paging(asked, shown, len(listed))

    def _named(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Call the rows of a playlist as they are called now, were called before, or both."""
        for new, old in (("items", "tracks"), ("item", "track")):
            if new in shown and self.names != "new":
                shown[old] = shown[new] if self.names == "both" else shown.pop(new)
        return shown

    def _playlist(self, asked: Asked, key: str) -> Answer:
        playlist = self.world.playlists.get(key)
        if playlist is None:
            raise Refused(404, "Not found.")
        return 200, self._full(asked, playlist)

    def _full(self, asked: Asked, playlist: FakePlaylist) -> dict[str, Any]:
        shown = self.world.playlist_json(playlist) | {"followers": {"href": None, "total": 0}}
        if "items" in shown:
            shown["items"] = paging(asked, self._rows(playlist.rows[:50]), len(playlist.rows))
        return shown

    def _items(self, asked: Asked, key: str) -> Answer:
        asked.needs("playlist-read-private", "playlist-read-collaborative")
        playlist = self.world.writable(key).seen()
        return 200, paging(asked, self._rows(part(asked, playlist.rows)), len(playlist.rows))

    def _rows(self, rows: list[Row]) -> list[dict[str, Any]]:
        who = {"id": self.world.user_id, "type": "user", "uri": "spotify:user:x", "href": "", "external_urls": {}}
        return [
            self._named({
                "added_at": row.added_at, "added_by": who if row.added_at else None,
                "is_local": row.uri.startswith("spotify:local:"), "item": track_json(row.uri),
            })
            for row in rows
        ]  # fmt: skip

    # --- writes ---------------------------------------------------------------------------------------------------

    def _create(self, asked: Asked) -> Answer:
        asked.needs(modify(asked.body.get("public", True)))
        return 201, self._full(asked, self.world.create(asked.body))

    def _details(self, asked: Asked, key: str) -> Answer:
        self._may_modify(asked, key)
        if asked.body.get("public"):
            asked.needs("playlist-modify-public")
        self.world.details(key, asked.body)
        return 200, None

    def _add(self, asked: Asked, key: str) -> Answer:
        self._may_modify(asked, key)
        return 201, snapshot(self.world.add(key, asked.body.get("uris"), asked.body.get("position")))

    def _put_items(self, asked: Asked, key: str) -> Answer:
        self._may_modify(asked, key)
        if "uris" in asked.body:
            return 200, snapshot(self.world.replace(key, asked.body["uris"]))
        numbers = (asked.body["range_start"], asked.body["insert_before"], asked.body.get("range_length", 1))
        return 200, snapshot(self.world.reorder(key, *numbers))

    def _remove(self, asked: Asked, key: str) -> Answer:
        self._may_modify(asked, key)
        if "items" not in asked.body:
            raise Refused(400, "No uris provided")
        return 200, snapshot(self.world.remove(key, asked.body["items"]))

    def _cover(self, asked: Asked, key: str) -> Answer:
        asked.needs("ugc-image-upload")
        self._may_modify(asked, key)
        if len(asked.raw) > UPLOAD_LIMIT or not asked.raw.startswith(b"/9j/"):
            raise Refused(400, "Invalid image")
        playlist = self.world.writable(key)
        playlist.cover = asked.raw
        self.world.changed(playlist)
        return 202, None

    def _unfollow(self, asked: Asked) -> Answer:
        asked.needs("user-library-modify")
        uris = [uri for uri in asked.query.get("uris", "").split(",") if uri]
        if not uris:
            raise Refused(400, "Missing required field: uris")
        for uri in uris:
            key = uri.removeprefix("spotify:playlist:")
            if key in self.world.library:
                self.world.library.remove(key)
        return 200, None

    def _contains(self, asked: Asked) -> Answer:
        asked.needs("user-library-read")
        uris = [uri for uri in asked.query.get("uris", "").split(",") if uri]
        if not 1 <= len(uris) <= 40:
            raise Refused(400, "Missing required field: uris")
        return 200, [uri.removeprefix("spotify:playlist:") in self.world.library for uri in uris]

    def _may_modify(self, asked: Asked, key: str) -> None:
        asked.needs(modify(self.world.writable(key).public))


def modify(public: bool) -> str:
    return "playlist-modify-public" if public else "playlist-modify-private"


def part(asked: Asked, rows: list[Any]) -> list[Any]:
    limit, offset = asked.limits(50)
    return rows[offset : offset + limit]


def paging(asked: Asked, rows: list[Any], total: int) -> dict[str, Any]:
    limit, offset = asked.limits(50)
    base = f"https://api.spotify.com/v1/{asked.path}"
    more = offset + limit < total
    return {
        "href": f"{base}?offset={offset}&limit={limit}", "items": rows, "limit": limit, "offset": offset,
        "total": total,
        "next": f"{base}?offset={offset + limit}&limit={limit}" if more else None,
        "previous": f"{base}?offset={max(0, offset - limit)}&limit={limit}" if offset else None,
    }  # fmt: skip


def snapshot(playlist: FakePlaylist) -> dict[str, str]:
    return {"snapshot_id": playlist.snapshot}
