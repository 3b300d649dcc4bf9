"""Where Spotify is: its two servers, and the pages a person is sent to."""

from __future__ import annotations

import os
from typing import Final

from core.transport import check_url

#: Override with ``LEITMOTIF_SPOTIFY_API_URL`` and ``LEITMOTIF_SPOTIFY_ACCOUNTS_URL``.
API_URL: Final = "https://api.spotify.com/v1/"
ACCOUNTS_URL: Final = "https://accounts.spotify.com/"

#: Where a person takes the permission back, and finds playlists they removed.
APPS_PAGE: Final = "https://www.spotify.com/account/apps/"
RECOVER_PAGE: Final = "https://www.spotify.com/account/recover-playlists/"
#: Where a person registers an app and its users.
DASHBOARD: Final = "https://developer.spotify.com/dashboard"
#: What is registered there. Spotify ignores the port of a loopback address, so any free one can be used.
REDIRECT: Final = "http://127.0.0.1/callback"


def api_url() -> str:
    """Return the address of the Web API, with a slash at its end.

    Raises
    ------
    OptionError
        When the override is neither https nor on this computer.
    """
    return check_url(os.environ.get("LEITMOTIF_SPOTIFY_API_URL") or API_URL)


def accounts_url() -> str:
    """Return the address of the sign-in server, with a slash at its end.

    Raises
    ------
    OptionError
        When the override is neither https nor on this computer.
    """
    return check_url(os.environ.get("LEITMOTIF_SPOTIFY_ACCOUNTS_URL") or ACCOUNTS_URL)


def playlist_link(playlist_id: str) -> str:
    """Return the page of a playlist on Spotify."""
    return f"https://open.spotify.com/playlist/{playlist_id}"


def playlist_uri(playlist_id: str) -> str:
    """Return the ``spotify:playlist:…`` address of a playlist."""
    return f"spotify:playlist:{playlist_id}"
