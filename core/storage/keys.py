"""What a library and a track are called in the database, so that both are recognised when they come again."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from core.library import PATH_SEPARATOR, Library, source_paths

# A scheme such as "demo:" or "spotify:"; one letter before the colon is a drive of Windows.
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
#: Condition of SQL: kept under the key of a whole library, `:key`, or of any part of it. Parts follow a '#'; '$' is the
#: character after it.
OF_LIBRARY = "(library_key = :key OR (library_key > :key || '#' AND library_key < :key || '$'))"
_SPOTIFY_TRACK = r"^spotify:track:([0-9A-Za-z]{22})$"


def storable(text: str) -> str:
    """Return text that can be stored: bytes that are no UTF-8, which Unix allows in file names, become escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def lasting_path(path: str) -> str:
    """Return a path that leads to the same place from every folder.

    Parameters
    ----------
    path : str
        `core.library.Library.path`.

    Returns
    -------
    str
        Relative paths made absolute, schemes as they are; several places are still joined by `PATH_SEPARATOR`.
    """
    return PATH_SEPARATOR.join(
        part if _is_scheme(part) or Path(part).is_absolute() else str(Path(part).expanduser().absolute())
        for part in source_paths(path)
    )


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
    places = [part if _is_scheme(part) else str(Path(part).resolve()) for part in source_paths(lasting_path(path))]
    return f"{kind}:{storable(PATH_SEPARATOR.join(places))}"


def are_files(path: str) -> bool:
    """Tell whether a library's `path` names files and folders only, no scheme such as ``spotify:``."""
    return not any(_is_scheme(part) for part in source_paths(path))


def _is_scheme(part: str) -> bool:
    """Tell whether a place is no path: a scheme, or nothing."""
    return not part or _SCHEME.match(part) is not None


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
