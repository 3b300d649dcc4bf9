"""Where tracks are: files, addresses, and their pages on Spotify."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath
from typing import Final

#: The address of a track on Spotify; an episode or a local file has another kind.
SPOTIFY_TRACK: Final = re.compile(r"spotify:track:([0-9A-Za-z]+)")


#: An address of any kind; a single letter would be a drive of Windows.
ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_absolute(path: str) -> bool:
    """Tell whether a path leads to the same file from every folder, on whatever system, or is an address."""
    return Path(path).is_absolute() or PureWindowsPath(path).is_absolute() or ADDRESS.match(path) is not None


def track_link(uri: str) -> str:
    """Return the page of a ``spotify:track:…`` address, which opens Spotify's program where that is installed.

    Parameters
    ----------
    uri : str
        A track's address.

    Returns
    -------
    str
        Empty for anything that is no track on Spotify, such as a local file.
    """
    match = SPOTIFY_TRACK.fullmatch(uri)
    return f"https://open.spotify.com/track/{match.group(1)}" if match else ""


def track_links(uris: Iterable[str]) -> list[str]:
    """Return the pages of the tracks that are on Spotify, in their order."""
    return [link for uri in uris if (link := track_link(uri))]
