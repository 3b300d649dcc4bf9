"""A library that goes on under another file name: its names, playlists and runs go with it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from core.errors import DataError
from core.library import Library, Notice
from core.storage import CARRIED_ON, Alike, Store, library_key


@dataclass(frozen=True)
class Origin:
    """Where what is known of a library is kept.

    Attributes
    ----------
    key : str
        What the library, or the part of it that is analysed, is kept under.
    whole : str
        What an earlier library is kept under that this one goes on from; empty when there is none.
    notice : Notice or None
        Tells a person about it.
    """

    key: str
    whole: str = ""
    notice: Notice | None = None

    def told(self, library: Library) -> Library:
        """Return a library that says where it goes on from."""
        return library.with_notices([self.notice]) if self.notice else library


def origin_of(store: Store, library: Library, key: str, *, inside: str = "") -> Origin:
    """Return where names and earlier runs of a library are found; nothing is changed.

    That is its own key once anything was kept under it. A library that was never analysed goes on from the stored one
    that has most of its tracks, see `core.storage.likeness`, when anything was named, exported or changed there.

    Parameters
    ----------
    store : Store
        Where everything is kept.
    library : Library
        All of it.
    key : str
        What it, or the part that is analysed, is kept under.
    inside : str, default ""
        The genre that the part is; empty for the whole library.

    Raises
    ------
    StorageError
        When the database cannot be read.
    """
    whole = library_key(library.kind, library.path)
    if store.runs.has(whole):
        return Origin(key)
    scope = key.removeprefix(whole)
    found = store.libraries.most_alike(library)
    if found is None and inside:
        # Imported here because it loads all that analyses. A genre that is not there is told by the analysis.
        from core.pipeline.scope import inside_genre

        with contextlib.suppress(DataError):
            found = store.libraries.most_alike(inside_genre(library, inside), scope=scope)
    return Origin(key) if found is None else Origin(found.key + scope, found.key, _notice(library, found))


def take_over(store: Store, origin: Origin, library: Library, *, key: str) -> None:
    """Keep everything of the library that this one goes on from as this one's; nothing happens when there is none.

    Parameters
    ----------
    store : Store
        Where everything is kept.
    origin : Origin
        Of `origin_of`.
    library : Library
        All of it.
    key : str
        What it, or the part that was analysed, is kept under.

    Raises
    ------
    StorageError
        When the database cannot be written.
    """
    if not origin.whole:
        return
    with store.together():
        store.hand_over(origin.whole, library)
        if key != library_key(library.kind, library.path):
            # Runs of the whole library need its tracks.
            store.libraries.save(library)


def _notice(library: Library, found: Alike) -> Notice:
    where = found.name if found.name != library.title else found.path
    # Rounded down, so that 100% means all.
    share = 100 * found.shared // found.tracks
    text = f"names and playlists are carried on from {where}, of which {share}% of the tracks are here"
    return Notice(CARRIED_ON, found.shared, text)
