"""What the program remembers between two starts, in one SQLite file.

`open_store` is the way in. The parts of a `Store` know their own tables and nothing of each other:

- ``libraries``: whole libraries, so that a recent one opens without its source
- ``features``: audio features by track and provider, and what a provider was asked for in vain
- ``genres``: genres that were looked up, by ISRC and by artist
- ``runs``: kept analyses, with the cluster of each track
- ``edits``: names a person gave or locked
- ``exports``, ``journal``: playlists written to a service, and every such write before and after
- ``pages``, ``quota``: an account's answers as they arrived, and how many calls were made
- ``state``: small values, possibly until a time

Times are seconds since 1970 in UTC.
"""

from core.storage.expiry import SPOTIFY_KEEPS, Dropped
from core.storage.export_store import Exported
from core.storage.feature_store import RETRY_AFTER, SPOTIFY_PROVIDER
from core.storage.journal import Entry
from core.storage.keys import library_key, track_keys
from core.storage.library_store import CARRIED_ON, EXPIRED, SPOTIFY_KIND, LibraryInfo
from core.storage.likeness import Alike
from core.storage.run_store import LATEST, Run, RunInfo
from core.storage.store import Store, open_store

__all__ = [
    "CARRIED_ON",
    "EXPIRED",
    "LATEST",
    "RETRY_AFTER",
    "SPOTIFY_KEEPS",
    "SPOTIFY_KIND",
    "SPOTIFY_PROVIDER",
    "Alike",
    "Dropped",
    "Entry",
    "Exported",
    "LibraryInfo",
    "Run",
    "RunInfo",
    "Store",
    "library_key",
    "open_store",
    "track_keys",
]
