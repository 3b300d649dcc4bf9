"""What a sign-in may allow, and when it is asked for.

Connecting asks for what reading a library and writing private playlists needs, and for no more. The rest is asked
for when it is used: public playlists, top tracks, cover pictures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

#: Reading the liked songs and the playlists.
READ: Final = frozenset({"user-library-read", "playlist-read-private", "playlist-read-collaborative"})
#: Writing private playlists, and taking an exported one back: ``/me/library`` is closed without the second.
WRITE: Final = frozenset({"playlist-modify-private", "user-library-modify"})
#: Asked for when used, by the name the command line has for it.
OPTIONAL: Final[Mapping[str, frozenset[str]]] = {
    "public": frozenset({"playlist-modify-public"}),
    "top": frozenset({"user-top-read"}),
    "covers": frozenset({"ugc-image-upload"}),
}

_WORDS: Final = {
    "user-library-read": "to read your liked songs",
    "playlist-read-private": "to read your playlists",
    "playlist-read-collaborative": "to read playlists you share with others",
    "playlist-modify-private": "to write private playlists",
    "user-library-modify": "to remove a playlist it made from your library",
    "playlist-modify-public": "to write public playlists",
    "user-top-read": "to read your top tracks",
    "ugc-image-upload": "to set the picture of a playlist",
}


def in_words(scopes: Collection[str]) -> str:
    """Return what scopes allow, in plain words, such as ``"to read your liked songs and to read your playlists"``."""
    *first, last = [_WORDS.get(scope, scope) for scope in sorted(scopes)] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def option_of(scopes: Collection[str]) -> str:
    """Return the options of ``leitmotif spotify connect`` that ask for the scopes, empty when none is needed."""
    names = [name for name, group in OPTIONAL.items() if group & set(scopes)]
    return "".join(f" --allow {name}" for name in names)
