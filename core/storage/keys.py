"""What a library and a track are called in the database, so that both are recognised when they come again."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd

from core.library import PATH_SEPARATOR, Library

# A scheme such as "demo:" or "spotify:"; one letter before the colon is a drive of Windows.
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_SPOTIFY_TRACK = r"^spotify:track:([0-9A-Za-z]{22})$"


def storable(path: str) -> str:
    """Return a path as text that can be stored: bytes that are no UTF-8, which Unix allows in names, become escapes."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def library_key(kind: str, path: str) -> str:
    """Return what a library is called in the database.

    Parameters
    ----------
    kind : str
        `core.library.Library.kind`.
    path : str
        `core.library.Library.path`: a path as the person wrote it, a scheme, or several of them as
        `core.merging.merge_libraries` joins them.

    Returns
    -------
    str
        The same for the same file or files, from whatever folder and in whatever way they were named.
    """
    # A file may have the separator in its name.
    parts = [path] if os.path.exists(path) else path.split(PATH_SEPARATOR)  # noqa: PTH110 - also for names too long
    return f"{kind}:{storable(PATH_SEPARATOR.join(map(_place, parts)))}"


def _place(path: str) -> str:
    return path if not path or _SCHEME.match(path) else str(Path(path).expanduser().absolute().resolve())


def track_keys(library: Library, *, key: str | None = None) -> pd.Series:
    """Return what each track is called in the stored features.

    Parameters
    ----------
    library : Library
        Any library.
    key : str, optional
        The library's own key; `library_key` of its kind and path when not given.

    Returns
    -------
    pandas.Series [shape=(n_tracks,), dtype=str]
        Indexed by track id. The bare Spotify id where the track has one; else ``isrc:`` and its ISRC in capitals
        without hyphens; else ``track:``, the library's key and the track id, because the ids of one file, often
        plain numbers, mean other tracks in another.
    """
    tracks = library.tracks
    owner = key if key is not None else library_key(library.kind, library.path)
    isrc = tracks["isrc"].str.upper().str.replace(r"[\s-]", "", regex=True)
    own = pd.Series([f"track:{owner}:{track_id}" for track_id in tracks.index], index=tracks.index, dtype="str")
    spotify = tracks["uri"].str.extract(_SPOTIFY_TRACK, expand=False)
    return spotify.fillna(("isrc:" + isrc).where(isrc != "", own)).astype("str").rename("track_key")
