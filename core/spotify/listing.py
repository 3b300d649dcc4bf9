"""The playlists in the person's library, all of them or one by its id."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from core.errors import PermissionMissing, SpotifyClosed, SpotifyRefused
from core.spotify import api
from core.spotify.account import destination
from core.spotify.client import Client
from core.spotify.queue import queue
from core.spotify.rows import Listed, read_listed
from core.spotify.steps import Steps
from core.storage import Store

#: Looks for what Spotify may show late, with pauses of 1, 2, 4 … seconds between them.
LOOKS: Final = 4
#: Seconds after an export in which an old state may still be shown.
SETTLES: Final = 60.0


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


def settled_list(client: Client, store: Store, steps: Steps) -> tuple[dict[str, Listed], frozenset[str]]:
    """Return all playlists by id, once they show what was exported a moment ago, as far as that can be waited for.

    Returns
    -------
    listed : dict of str to Listed
        The playlists.
    unsure : frozenset of str
        Those of ours in another state than the one that was remembered: the person changed them since, or Spotify
        still shows an old state.

    Raises
    ------
    SpotifyError
        When Spotify does not answer.
    """
    ours = {kept.remote_id: kept for kept in store.exports.at(destination(client.access.grant.account_id))}
    for look in range(LOOKS):
        listed = {entry.id: entry for entry in list_playlists(client, steps)}
        unsure = frozenset(k for k, kept in ours.items() if k in listed and listed[k].snapshot_id != kept.snapshot_id)
        recent = [key for key in unsure if ours[key].snapshot_id and time.time() - ours[key].time < SETTLES]
        if not recent or look == LOOKS - 1:
            break
        queue.hold(client.pace.backoff * 2**look, "Waiting for Spotify to settle")
    return listed, unsure


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
