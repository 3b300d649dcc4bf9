"""``spotify:``, the library of the connected account as the last sync left it."""

from __future__ import annotations

from typing import ClassVar, Final

from core.errors import SourceError
from core.library import Library
from core.progress import Report, silent
from core.storage import SPOTIFY_KIND, library_key, open_store

SCHEME: Final = "spotify:"
#: More libraries than anybody has.
_ALL: Final = 1_000_000


class SpotifyAccountSource:
    """Opens what ``leitmotif spotify sync`` has read; asks nobody."""

    kind: ClassVar[str] = SPOTIFY_KIND

    def accepts(self, path: str) -> bool:
        """Tell whether `path` is ``spotify:``; see `core.sources.base.Source.accepts`."""
        return path.strip().lower() == SCHEME

    def read(self, path: str, *, report: Report = silent) -> Library:
        """Read the library; see `core.sources.base.Source.read`.

        Raises
        ------
        SourceError
            When nothing has been synced, or all of it has expired.
        """
        report(0, 0, "Opening the Spotify library")
        key = library_key(SPOTIFY_KIND, SCHEME)
        with open_store() as store:
            if key not in {info.key for info in store.libraries.recent(limit=_ALL)}:
                raise SourceError(
                    "no Spotify account has been read yet",
                    where=path,
                    next_step="Read it first",
                    command="Read it: leitmotif spotify sync",
                )
            library = store.libraries.load(key)
        if not len(library):
            raise SourceError(
                "nothing of the Spotify account is stored any more, or it is empty", where=path,
                next_step="Read it again", command="Read it again: leitmotif spotify sync",
            )  # fmt: skip
        return library
