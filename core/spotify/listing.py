"""The playlists in the person's library, all of them or one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import PermissionMissing, SpotifyClosed, SpotifyRefused
from core.spotify import api
from core.spotify.client import Client
from core.spotify.rows import Listed, read_listed
from core.spotify.steps import Steps


def list_playlists(client: Client, steps: Steps) -> list[Listed]:
    """Return all playlists in the person's library, in Spotify's order.

    Raises
    ------
    SpotifyError
        When Spotify does not answer.
    """
    found: list[Listed] = []
    offset = 0
    while True:
        answer = api.playlists(client, offset)
        entries: Sequence[Any] = answer.get("items") or []
        found += [listed for entry in entries if (listed := read_listed(entry)) is not None]
        offset += len(entries)
        if not entries or offset >= int(answer.get("total") or 0):
            return list({listed.id: listed for listed in found}.values())
        steps.at(offset, int(answer.get("total") or 0), "Reading the list of playlists")


def still_there(client: Client, playlist_id: str) -> Listed | None:
    """Return a playlist that the list lacks although it is in the person's library, None when it is not.

    Spotify shows changes late, and a list that changes while its pages are read can lack an entry. So before a
    playlist counts as removed by the person, it is asked for by its id.

    Raises
    ------
    SpotifyError
        When Spotify does not answer.
    """
    try:
        if api.in_library(client, playlist_id):
            return read_listed(api.playlist(client, playlist_id))
    except (SpotifyRefused, SpotifyClosed, PermissionMissing) as error:
        if isinstance(error, SpotifyClosed) and error.everything:
            raise
    return None
