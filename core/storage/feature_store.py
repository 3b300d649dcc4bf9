"""Audio features by track and provider, and what a provider was asked for in vain."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from core.errors import StorageError
from core.features import FEATURES
from core.storage.connection import Database, numbers, want

#: A provider is asked again for a track it did not have after this many seconds: 30 days.
RETRY_AFTER: Final = 30 * 86_400.0
#: The provider whose rows come from Spotify's API and are therefore dropped after 30 days.
SPOTIFY_PROVIDER: Final = "spotify"

_NAMES: Final = tuple(FEATURES)
_COLUMNS: Final = ", ".join(_NAMES)

# The newest answer of a provider replaces its earlier one.
_PUT = f"""
    INSERT OR REPLACE INTO features (track_key, provider, time, {_COLUMNS})
    VALUES (?, ?, ?{", ?" * len(_NAMES)})
"""
_PUT_MISS = "INSERT OR REPLACE INTO misses (track_key, provider, time) VALUES (?, ?, ?)"
# What was found is no miss any more.
_FOUND = "DELETE FROM misses WHERE provider = ? AND track_key = ?"
# CROSS JOIN tells SQLite to walk through the wanted keys and look each up, never the other way round.
_GET = f"""
    SELECT track_key, provider, time, {_COLUMNS}
      FROM temp.wanted CROSS JOIN features USING (track_key)
     ORDER BY wanted.position, {{rank}}, provider
"""
_MISSES = """
    SELECT track_key
      FROM temp.wanted CROSS JOIN misses USING (track_key)
     WHERE provider = ? AND time > ?
"""
_COUNTS = "SELECT provider, count(*) FROM features GROUP BY provider ORDER BY provider"
_FORGET = ("DELETE FROM features WHERE provider = ?", "DELETE FROM misses WHERE provider = ?")


class FeatureStore:
    """The stored features. Keys are those of `core.storage.keys.track_keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, provider: str, rows: pd.DataFrame, *, missing: Collection[str] = (), now: float | None = None) -> int:
        """Store one answer of a provider, all of it or nothing.

        Parameters
        ----------
        provider : str
            Who answered; ``"spotify"`` stands for Spotify's API alone.
        rows : pandas.DataFrame
            Indexed by track key, each once; any subset of the known features as columns. Rows without any value
            are not stored.
        missing : collection of str, default ()
            Keys it was asked for and does not have.
        now : float, optional
            When it answered; the time of the call when not given.

        Returns
        -------
        int
            Rows stored.

        Raises
        ------
        StorageError
            When a column is no feature, or the database cannot be written.
        """
        unknown = [name for name in rows.columns if name not in FEATURES]
        if unknown:
            raise StorageError(f"{unknown[0]!r} is no audio feature, so it cannot be stored as one")
        when = time.time() if now is None else now
        known = rows[rows.notna().any(axis=1)] if len(rows.columns) else rows.iloc[:0]
        values = known.reindex(columns=_NAMES).to_numpy(dtype=np.float64).tolist()
        with self._database.write() as connection:
            # NaN is stored as NULL by SQLite itself.
            connection.executemany(
                _PUT, ((str(key), provider, when, *row) for key, row in zip(known.index, values, strict=True))
            )
            connection.executemany(_FOUND, ((provider, str(key)) for key in known.index))
            connection.executemany(_PUT_MISS, ((key, provider, when) for key in missing))
        return len(known)

    def get(self, keys: Iterable[str], *, order: Sequence[str] = ()) -> pd.DataFrame:
        """Return what is known of some tracks.

        Parameters
        ----------
        keys : iterable of str
            Track keys; one that stands twice counts once.
        order : sequence of str, default ()
            Providers, the preferred first.

        Returns
        -------
        pandas.DataFrame
            One row for each key and provider that knows it, indexed by ``track_key``, in the order of `keys`, and
            within a key in that of `order`, then by the provider's name. ``provider`` is text, ``time`` seconds
            since 1970, and every known feature a float64 column. ``frame[~frame.index.duplicated()]`` leaves the
            preferred row of each key.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        cases = " ".join(f"WHEN ? THEN {rank}" for rank in range(len(order)))
        rank = f"CASE provider {cases} ELSE {len(order)} END" if order else "NULL"
        with self._database.read() as connection:
            want(connection, keys)
            rows = connection.execute(_GET.format(rank=rank), tuple(order)).fetchall()
        columns = list(zip(*rows, strict=True)) or [()] * (3 + len(_NAMES))
        index = pd.Index(columns[0], dtype="str", name="track_key")
        values = {name: numbers(column) for name, column in zip(("time", *_NAMES), columns[2:], strict=True)}
        return pd.DataFrame({"provider": pd.Series(columns[1], index=index, dtype="str"), **values}, index=index)

    def misses(self, provider: str, keys: Iterable[str], *, now: float | None = None) -> frozenset[str]:
        """Return the keys a provider need not be asked for again yet.

        Parameters
        ----------
        provider : str
            The provider.
        keys : iterable of str
            Track keys to look at.
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        frozenset of str
            Those it did not have when it was asked less than `RETRY_AFTER` ago.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        since = (time.time() if now is None else now) - RETRY_AFTER
        with self._database.read() as connection:
            want(connection, keys)
            return frozenset(key for (key,) in connection.execute(_MISSES, (provider, since)))

    def counts(self) -> dict[str, int]:
        """Return how many tracks each provider's features are stored of, by provider."""
        with self._database.read() as connection:
            return dict(connection.execute(_COUNTS).fetchall())

    def forget(self, provider: str) -> None:
        """Drop all features and misses of a provider.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            for statement in _FORGET:
                connection.execute(statement, (provider,))
