"""The endpoints that are used, each with its limits, its scopes and its place in the count of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from core.errors import ProviderClosed, SpotifyClosed, SpotifyRefused
from core.http import CLOSED_STATUSES
from core.spotify.addresses import playlist_uri
from core.spotify.client import Call, Client

#: Rows in one answer, and tracks in one write, at most.
PAGE: Final = 50
BATCH: Final = 100
#: Tracks a playlist can hold.
MOST_TRACKS: Final = 10_000

_LIKED = frozenset({"user-library-read"})
_LISTED = frozenset({"playlist-read-private"})
_TOP = frozenset({"user-top-read"})
_UNFOLLOW = frozenset({"user-library-modify"})
_COVER = frozenset({"ugc-image-upload"})


def modify_scope(public: bool) -> frozenset[str]:
    """Return the scope that writing a playlist needs."""
    return frozenset({"playlist-modify-public" if public else "playlist-modify-private"})


def me(client: Client) -> dict[str, Any]:
    """Return the account: ``account_id``, ``id`` and ``display_name``."""
    person: dict[str, Any] = client.read(Call("me", "asking for your account"), lambda api: api._get("me"))
    return person


def liked(client: Client, offset: int) -> dict[str, Any]:
    """Return a page of the liked songs, the newest first."""
    call = Call("me/tracks", "reading the liked songs", _LIKED)
    return _page(client, call, lambda api: api.current_user_saved_tracks(limit=PAGE, offset=offset))


def top(client: Client, span: str) -> dict[str, Any]:
    """Return the top tracks of a span: ``short_term``, ``medium_term`` or ``long_term``."""
    call = Call("me/top", "reading the top tracks", _TOP)
    return _page(client, call, lambda api: api.current_user_top_tracks(limit=PAGE, offset=0, time_range=span))


def playlists(client: Client, offset: int) -> dict[str, Any]:
    """Return a page of the playlists in the person's library."""
    call = Call("me/playlists", "reading the list of playlists", _LISTED)
    return _page(client, call, lambda api: api.current_user_playlists(limit=PAGE, offset=offset))


def items(client: Client, playlist_id: str, offset: int) -> dict[str, Any]:
    """Return a page of a playlist's rows."""
    call = Call("playlists/items", "reading a playlist", _LISTED)
    return _page(client, call, lambda api: api.playlist_items(playlist_id, limit=PAGE, offset=offset))


def playlist(client: Client, playlist_id: str) -> dict[str, Any]:
    """Return a playlist with its details, as the list of playlists shows it."""
    call = Call("playlists", "looking at a playlist", _LISTED)
    shown: dict[str, Any] = client.read(call, lambda api: api._get(f"playlists/{playlist_id}"))
    return shown


def in_library(client: Client, playlist_id: str) -> bool:
    """Return whether a playlist is in the person's library."""
    call = Call("me/library", "looking for a playlist in your library")
    found: list[object] = client.read(
        call,
        lambda api: api._get("me/library/contains", uris=playlist_uri(playlist_id)),
        sound=lambda answer: isinstance(answer, list) and len(answer) == 1,
    )
    return found[0] is True


def create(client: Client, *, name: str, description: str, public: bool) -> dict[str, Any]:
    """Create an empty playlist; the answer has its ``id`` and ``snapshot_id``."""
    call = Call("me/playlists", f"creating the playlist “{name}”", modify_scope(public))
    return client.write(
        call, lambda api: api.current_user_playlist_create(name, public=public, description=description), answers="id"
    )


def details(client: Client, playlist_id: str, change: Mapping[str, Any], *, public: bool) -> None:
    """Change ``name``, ``description`` or ``public`` of a playlist."""
    call = Call("playlists", "changing the name or description of a playlist", modify_scope(public))
    client.write(call, lambda api: api.playlist_change_details(playlist_id, **change))


def add(client: Client, playlist_id: str, uris: Sequence[str], position: int, *, public: bool) -> str:
    """Add at most 100 tracks at a position and return the new ``snapshot_id``."""
    body = {"uris": list(uris), "position": position}
    # spotipy sends a bare list here, which is not what Spotify documents.
    return _snapshot(client, public, lambda api: api._post(f"playlists/{playlist_id}/items", payload=body))


def replace(client: Client, playlist_id: str, uris: Sequence[str], *, public: bool) -> str:
    """Make at most 100 tracks the whole content and return the new ``snapshot_id``."""
    return _snapshot(client, public, lambda api: api.playlist_replace_items(playlist_id, list(uris)))


def move(client: Client, playlist_id: str, start: int, before: int, length: int, *, public: bool) -> str:
    """Move a block of rows and return the new ``snapshot_id``."""
    return _snapshot(
        client, public, lambda api: api.playlist_reorder_items(playlist_id, start, before, range_length=length)
    )


def remove(client: Client, playlist_id: str, uris: Sequence[str], *, public: bool) -> str:
    """Remove every occurrence of at most 100 tracks and return the new ``snapshot_id``."""
    return _snapshot(client, public, lambda api: api.playlist_remove_all_occurrences_of_items(playlist_id, list(uris)))


def cover(client: Client, playlist_id: str, jpeg_base64: str, *, public: bool) -> None:
    """Set the picture of a playlist."""
    needs = _COVER | modify_scope(public)
    call = Call("playlists/images", "setting the picture of a playlist", needs, own_limit=True)
    client.write(call, lambda api: api.playlist_upload_cover_image(playlist_id, jpeg_base64))


def unfollow(client: Client, playlist_id: str) -> None:
    """Remove a playlist from the person's library. Spotify keeps it, and the person can recover it."""
    call = Call("me/library", "removing a playlist from your library", _UNFOLLOW)
    client.write(call, lambda api: api._delete("me/library", uris=playlist_uri(playlist_id)))


def feature_request(client: Client) -> Callable[[str, Mapping[str, str]], object]:
    """Return what `core.providers.spotify_features.SpotifyFeatures` asks with.

    Returns
    -------
    callable
        Path and query in, decoded JSON out; raises `ProviderClosed` when the endpoint is closed for this app.
    """

    def get(path: str, query: Mapping[str, str]) -> object:
        call = Call(path, "asking for audio features")
        try:
            return client.read(call, lambda api: api._get(path, **query))
        except SpotifyClosed as error:
            raise ProviderClosed(error.what) from None
        except SpotifyRefused as error:
            if error.status not in CLOSED_STATUSES | {404}:
                raise
            raise ProviderClosed(error.what) from None

    return get


def _page(client: Client, call: Call, request: Any) -> dict[str, Any]:
    """Return a page of rows; an answer without rows or their number is broken, not an empty list."""

    def sound(answer: object) -> bool:
        if not isinstance(answer, dict):
            return False
        return isinstance(answer.get("items"), list) and isinstance(answer.get("total"), int)

    page: dict[str, Any] = client.read(call, request, sound=sound)
    return page


def _snapshot(client: Client, public: bool, request: Any) -> str:
    call = Call("playlists/items", "writing a playlist", modify_scope(public))
    return str(client.write(call, request, answers="snapshot_id")["snapshot_id"])
