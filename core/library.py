"""A listener's library: one frame of tracks, one frame of audio features, one validated schema.

Rows are always tracks and keep the order in which the source gave them. The index of both frames is the
track id as text. Nobody changes a frame after the library is made; every step gives a new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from core.errors import SourceError
from core.features import BASE_NAMES, FEATURES

#: Text columns: empty text means unknown. ``added_at`` is ISO 8601, ``uri`` a ``spotify:track:…`` address,
#: ``path`` a file on this computer.
TEXT_COLUMNS: tuple[str, ...] = ("title", "artist", "album", "genre", "added_at", "uri", "isrc", "path")
#: Columns of tuples of text. ``genres`` holds every genre label of a track and starts with its top genre;
#: ``origins`` the names of the playlists the track came from, or of the files where several are merged.
TUPLE_COLUMNS: tuple[str, ...] = ("genres", "origins")
#: Number columns, float64, NaN for unknown. ``explicit`` is 1 or 0.
NUMBER_COLUMNS: tuple[str, ...] = ("duration_s", "play_count", "explicit")
TRACK_COLUMNS: tuple[str, ...] = TEXT_COLUMNS + TUPLE_COLUMNS + NUMBER_COLUMNS

#: Stands between the paths of a library that was read from several places.
PATH_SEPARATOR = "; "


def source_paths(path: str) -> list[str]:
    """Return the places that a library's `path` names; a file may have the separator in its name."""
    return [path] if os.path.exists(path) else path.split(PATH_SEPARATOR)  # noqa: PTH110 - also for names too long


@dataclass(frozen=True)
class Notice:
    """Something a person should know about their data, with a count.

    Attributes
    ----------
    kind : str
        A short fixed word for programs, such as ``"rescaled"``.
    count : int
        How many tracks, rows or values it concerns.
    text : str
        One plain line that says what happened, where, and what follows from it.
    command : str
        What the command line adds in parentheses: the option to use; mostly empty.
    """

    kind: str
    count: int
    text: str
    command: str = ""


@dataclass(frozen=True, eq=False)
class Library:
    """Tracks and features of one listener.

    Attributes
    ----------
    tracks : pandas.DataFrame [shape=(n_tracks, len(TRACK_COLUMNS))]
        One row a track, indexed by ``track_id`` (text, unique).
    features : pandas.DataFrame [shape=(n_tracks, ≥8)]
        float64, same index; every base feature is a column, optional ones when the source has them.
        NaN is a missing value, never 0.
    kind : str
        Name of the source, such as ``"fma"``, ``"table"`` or ``"demo"``.
    path : str
        Where it was read from, as the person wrote it; several places are joined by `PATH_SEPARATOR`.
    providers : pandas.Series
        Text, same index: who gave the features of each track; empty where there are none.
    spotify_at : pandas.Series
        float64, same index: when what the row says was obtained from Spotify's API, all of it or a part, in seconds
        since 1970; NaN for a person's own data.
    own : Library or None
        Tracks with such a date that a person's own files know as well: what those files alone say of them, under
        the same ids. It stays when the rest has to go.
    genre_parents : mapping of str to str
        Parent genre of each genre the source has a hierarchy for.
    notices : tuple of Notice
        What was skipped, repaired or assumed while reading.
    """

    tracks: pd.DataFrame
    features: pd.DataFrame
    kind: str
    path: str
    providers: pd.Series
    spotify_at: pd.Series
    own: Library | None = None
    genre_parents: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.tracks)

    @property
    def title(self) -> str:
        """What it is called in a list: the end of its path, or its scheme."""
        return self.path.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] or self.kind

    @cached_property
    def with_features(self) -> int:
        """Number of tracks with at least one base feature; counted once."""
        return int(self.features[list(BASE_NAMES)].notna().any(axis=1).sum())

    def select(self, rows: np.ndarray) -> Library:
        """Return the library reduced to some rows.

        Parameters
        ----------
        rows : np.ndarray
            Integer positions or a boolean mask of length n_tracks.

        Returns
        -------
        Library
            The same kind of library with those tracks, in the order of `rows`.
        """
        positions = np.flatnonzero(rows) if rows.dtype == bool else rows
        own = self.own
        if own is not None:
            found = own.tracks.index.get_indexer(self.tracks.index[positions])
            own = own.select(found[found >= 0])
        return replace(
            self,
            tracks=self.tracks.iloc[positions],
            features=self.features.iloc[positions],
            providers=self.providers.iloc[positions],
            spotify_at=self.spotify_at.iloc[positions],
            own=own,
        )

    def with_notices(self, notices: Sequence[Notice]) -> Library:
        """Return the same library with more notices after its own."""
        return replace(self, notices=self.notices + tuple(notices))


def make_library(
    tracks: pd.DataFrame,
    features: pd.DataFrame,
    *,
    kind: str,
    path: str,
    providers: pd.Series | str = "",
    spotify_at: pd.Series | float = np.nan,
    own: Library | None = None,
    genre_parents: Mapping[str, str] | None = None,
    notices: Sequence[Notice] = (),
) -> Library:
    """Build a library from whatever columns a source has, and check it.

    Parameters
    ----------
    tracks : pandas.DataFrame
        Any subset of `TRACK_COLUMNS`, indexed by track id; missing columns are filled with "unknown".
    features : pandas.DataFrame
        Any subset of the known features, with the same index; missing base features become NaN columns.
    kind, path : str
        See `Library`.
    providers : pandas.Series or str, default ""
        Who gave the features, by track or for all tracks that have any.
    spotify_at : pandas.Series or float, default NaN
        When the tracks were obtained from Spotify's API, in their order or for all of them.
    own : Library, optional
        See `Library`.
    genre_parents : mapping, optional
        See `Library`.
    notices : sequence of Notice, default ()
        See `Library`.

    Returns
    -------
    Library
        Columns in the schema's order and types.

    Raises
    ------
    SourceError
        When the ids are not unique, the indexes differ, a feature is unknown, or `own` has other ids.
    """
    index = tracks.index.astype("str").rename("track_id")
    if not index.is_unique:
        raise SourceError(f"{int(index.duplicated().sum())} track ids stand more than once", where=path)
    if len(features) != len(tracks) or not features.index.astype("str").equals(index):
        raise SourceError("tracks and features do not belong to the same rows", where=path)
    unknown = [name for name in features.columns if name not in FEATURES]
    if unknown:
        raise SourceError(f"unknown feature column {unknown[0]!r}", where=path)
    if own is not None and not own.tracks.index.isin(index).all():
        raise SourceError("a person's own tracks are not among the tracks", where=path)

    columns = {name: _track_column(tracks, name, index) for name in TRACK_COLUMNS}
    names = [name for name in FEATURES if name in BASE_NAMES or name in features.columns]
    numbers = {
        name: features[name].to_numpy(dtype=np.float64) if name in features.columns else np.full(len(index), np.nan)
        for name in names
    }
    feature_frame = pd.DataFrame(numbers, index=index)
    return Library(
        tracks=pd.DataFrame(columns, index=index),
        features=feature_frame,
        kind=kind,
        path=path,
        providers=_providers(providers, feature_frame),
        spotify_at=pd.Series(np.asarray(spotify_at, dtype=np.float64), index=index, dtype=np.float64),
        own=own,
        genre_parents=dict(genre_parents or {}),
        notices=tuple(notices),
    )


def _track_column(tracks: pd.DataFrame, name: str, index: pd.Index) -> pd.Series:
    """Return one column in its schema type; unknown where the source has none."""
    if name in NUMBER_COLUMNS:
        values = tracks[name].to_numpy(dtype=np.float64) if name in tracks.columns else np.full(len(index), np.nan)
        return pd.Series(values, index=index)
    if name in TUPLE_COLUMNS:
        cells = np.empty(len(index), dtype=object)
        cells[:] = list(tracks[name]) if name in tracks.columns else [()] * len(index)
        return pd.Series(cells, index=index)
    if name in tracks.columns:
        return pd.Series(tracks[name].fillna("").to_numpy(), index=index).astype("str")
    return pd.Series("", index=index, dtype="str")


def _providers(providers: pd.Series | str, features: pd.DataFrame) -> pd.Series:
    if isinstance(providers, str):
        present = features[list(BASE_NAMES)].notna().any(axis=1).to_numpy()
        return pd.Series(np.where(present, providers, ""), index=features.index).astype("str")
    return pd.Series(providers.fillna("").to_numpy(), index=features.index).astype("str")
