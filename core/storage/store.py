"""The store: everything the program remembers, in one SQLite file in the platform's data folder."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from core import resources
from core.library import Library, Notice
from core.storage import expiry
from core.storage.connection import Database, held
from core.storage.edit_store import EditStore
from core.storage.expiry import Dropped
from core.storage.export_store import ExportStore
from core.storage.feature_store import FeatureStore
from core.storage.genre_store import GenreStore
from core.storage.journal import Journal
from core.storage.keys import lasting_path, library_key, storable
from core.storage.library_store import LibraryStore
from core.storage.opening import DATABASE_NAME, open_database
from core.storage.run_store import RunStore
from core.storage.spotify_store import PageStore, QuotaStore
from core.storage.state_store import StateStore

#: Give everything kept under one key another one. Where both keys have something, the new key's stands; playlists that
#: were exported under the old one stay known as ours. Taking an export back restores what the journal says of it.
_RENAME = (
    "UPDATE runs SET library_key = :new WHERE library_key = :old",
    "UPDATE OR IGNORE edits SET library_key = :new WHERE library_key = :old",
    "DELETE FROM edits WHERE library_key = :old",
    "UPDATE OR IGNORE exports SET library_key = :new WHERE library_key = :old",
    "UPDATE OR IGNORE lineage_marks SET library_key = :new WHERE library_key = :old",
    "DELETE FROM lineage_marks WHERE library_key = :old",
    """
    UPDATE journal SET payload = json_replace(payload, '$.library_key', :new)
     WHERE json_extract(payload, '$.library_key') = :old
    """,
    """
    UPDATE journal SET payload = json_replace(payload, '$.before.exported.library_key', :new)
     WHERE json_extract(payload, '$.before.exported.library_key') = :old
    """,
)
_RENAME_LIBRARY = (
    "UPDATE OR IGNORE libraries SET key = :new WHERE key = :old",
    "DELETE FROM libraries WHERE key = :old",
)
_PLACE = "UPDATE libraries SET kind = :kind, path = :path WHERE key = :new"
_STORED = "SELECT key, kind, path FROM libraries"
_KEYS = """
    SELECT library_key FROM runs UNION SELECT library_key FROM edits UNION SELECT library_key FROM exports
     UNION SELECT library_key FROM lineage_marks
"""


class Store:
    """What the program remembers, by meaning.

    Made by `open_store`. Threads may share a store and take turns in it; a thread that must not wait for another's
    work opens a store of its own. Any number of windows may have the same file open.

    Parameters
    ----------
    database : Database
        The open database.
    notices : tuple of Notice
        What opening it has to tell.

    Attributes
    ----------
    path : Path
        The file.
    notices : tuple of Notice
        What a person should know: that a damaged file was set aside, and its name.
    libraries, features, genres, runs, edits, exports, journal, pages, quota, state
        The parts.
    """

    def __init__(self, database: Database, notices: tuple[Notice, ...]) -> None:
        self._database = database
        self.path: Path = database.path
        self.notices = notices
        self.libraries = LibraryStore(database)
        self.features = FeatureStore(database)
        self.genres = GenreStore(database)
        self.runs = RunStore(database)
        self.edits = EditStore(database)
        self.exports = ExportStore(database)
        self.journal = Journal(database)
        self.pages = PageStore(database)
        self.quota = QuotaStore(database)
        self.state = StateStore(database)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Store all that is done in the block, or nothing of it.

        Other threads and windows cannot write meanwhile, so nothing slow belongs inside.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write():
            yield

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """See one state of everything in the block, whatever another window stores meanwhile.

        Nothing may be stored in it.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read():
            yield

    def library_keys(self) -> set[str]:
        """Return the keys that runs, names or exported playlists are kept under.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return {str(key) for (key,) in connection.execute(_KEYS)}

    def rename_library(self, old: str, new: str) -> None:
        """Keep everything of a library, or of a part of one, under another key.

        Parameters
        ----------
        old, new : str
            The keys. Where something is kept under both, what is under `new` stands.

        Raises
        ------
        StorageError
            When the database cannot be written; nothing is changed then.
        """
        with self._database.write() as connection:
            for statement in (*_RENAME, *_RENAME_LIBRARY):
                connection.execute(statement, {"old": old, "new": new})

    def hand_over(self, old: str, library: Library) -> None:
        """Keep the runs, names and exported playlists of a library, and those of all its parts, as another one's.

        The library itself stays stored under its own key as well, so that it can be opened.

        Parameters
        ----------
        old : str
            Key of the whole library.
        library : Library
            The other one. Where something is kept of both, what is kept of this one stands.

        Raises
        ------
        StorageError
            When the database cannot be written; nothing is changed then.
        """
        to = {"kind": library.kind, "path": storable(lasting_path(library.path))}
        new = library_key(library.kind, library.path)
        with self._database.write() as connection:
            # A file may have the mark in its name that stands between the key of a library and its part.
            wholes = {old, *(key for key, kind, path in connection.execute(_STORED) if key == library_key(kind, path))}
            for known in self.library_keys():
                owners = [whole for whole in wholes if known == whole or known.startswith(f"{whole}#")]
                if max(owners, key=len, default="") == old:
                    names = {"old": known, "new": new + known.removeprefix(old), **to}
                    for statement in _RENAME if known == old else (*_RENAME, *_RENAME_LIBRARY, _PLACE):
                        connection.execute(statement, names)

    def alone(self, name: str, *, doing: str) -> contextlib.AbstractContextManager[None]:
        """Keep all other windows out of some work, such as exporting, while a block runs.

        Parameters
        ----------
        name : str
            Of the work: letters and hyphens.
        doing : str
            For the others' message: ``"writing playlists"``.

        Returns
        -------
        context manager
            The system ends it even when the process is killed.

        Raises
        ------
        StorageError
            On entering, when another window is at it, or the lock cannot be made.
        """
        return held(self.path.with_name(f"{name}.lock"), doing=doing)

    def expire(self, *, now: float | None = None) -> Dropped:
        """Drop what was obtained from Spotify's API 30 days ago or earlier; see `core.storage.expiry.expire`.

        `open_store` does so by itself; a window that stays open for days calls it again.
        """
        return expiry.expire(self._database, time.time() if now is None else now)

    def drop_spotify_data(self) -> Dropped:
        """Drop all that was obtained from Spotify's API, on disconnecting; see `core.storage.expiry.drop_all`."""
        return expiry.drop_all(self._database)

    def close(self) -> None:
        """Close the file. Closing twice does no harm."""
        self._database.close()

    def __enter__(self) -> Store:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()


def open_store(folder: Path | None = None, *, now: float | None = None) -> Store:
    """Open the store; begin a new one where there is none.

    The file is checked, brought to this program's version after a copy was made, and rid of what Spotify's terms
    no longer allow to keep. A damaged file is renamed, never deleted; ``Store.notices`` tells its new name.

    Parameters
    ----------
    folder : Path, optional
        Where the file lies; the platform's data folder, or ``LEITMOTIF_HOME``, when not given.
    now : float, optional
        The time, in seconds since 1970; the time of the call when not given.

    Returns
    -------
    Store
        To be closed, best by ``with``.

    Raises
    ------
    StorageError
        When the folder or file cannot be used, a newer version of the program made it, or it could not be
        brought to this version; nothing is changed then.
    """
    when = time.time() if now is None else now
    place = resources.data_folder() if folder is None else folder
    connection, notices = open_database(place, when)
    store = Store(Database(connection, place / DATABASE_NAME), notices)
    try:
        store.expire(now=when)
    except BaseException:
        store.close()
        raise
    return store
