"""Kept runs: the analysis as it was written, and which track was in which cluster."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from core.errors import StorageError
from core.storage.connection import Database, from_json, numbers, to_json
from core.storage.keys import OF_LIBRARY, storable
from core.storage.lineage_marks import marked_tracks

LATEST: Final = "latest"
#: Columns of an assignment frame.
ASSIGNMENT_COLUMNS: Final = ("track_id", "cluster_id", "lineage", "fit")
#: A larger number of clusters in a document is no number of clusters.
_MAX_K: Final = 10**9
#: Digits of the largest number SQLite counts to, less one; a longer id is surely nobody's.
_ID_DIGITS: Final = 18

_INFO = "id, library_key, library_name, source_kind, source_path, recipe, algorithm, k, tracks, created_at"
_ADD = """
    INSERT INTO runs (library_key, library_name, source_kind, source_path, recipe, algorithm, k, tracks,
                      options, document, created_at, spotify_at)
    VALUES (:key, :name, :kind, :path, :recipe, :algorithm, :k, :tracks, :options, :document, :now,
            coalesce((SELECT min(tracks.spotify_at) FROM tracks JOIN libraries ON libraries.id = tracks.library_id
                       WHERE libraries.key = :key),
                     iif(:kind = 'spotify', :now, NULL)))
"""
_ADD_CLUSTER = "INSERT INTO run_clusters (run_id, cluster_id, lineage) VALUES (?, ?, ?)"
_ADD_TRACK = "INSERT INTO run_tracks (run_id, position, track_id, cluster_id, fit) VALUES (?, ?, ?, ?, ?)"
_SUMMARIES = f"SELECT {_INFO} FROM runs WHERE :key IS NULL OR library_key = :key ORDER BY id DESC"
_LATEST = f"SELECT {_INFO}, options, document FROM runs WHERE :key IS NULL OR library_key = :key ORDER BY id DESC"
_ONE = f"SELECT {_INFO}, options, document FROM runs WHERE id = :id AND (:key IS NULL OR library_key = :key)"
_TRACKS = """
    SELECT track_id, cluster_id, lineage, fit
      FROM run_tracks JOIN run_clusters USING (run_id, cluster_id)
     WHERE run_id = ?
     ORDER BY position
"""
_ANY = f"SELECT EXISTS (SELECT 1 FROM runs WHERE {OF_LIBRARY})"
# A run that must go before one kept now would have to is no substitute for that one.
_WITH_CONTENT = """
    SELECT id FROM runs
     WHERE library_key = :key AND CASE WHEN json_valid(options) THEN json_extract(options, '$.content') END = :content
       AND (spotify_at IS NULL
            OR spotify_at >= coalesce((SELECT min(tracks.spotify_at)
                                         FROM tracks JOIN libraries ON libraries.id = tracks.library_id
                                        WHERE libraries.key = :key), 0))
     ORDER BY id DESC
"""
_DELETE = "DELETE FROM runs WHERE id = ?"
# Of each playlist with a name given by hand, the last run that knew it and the one it was named in, or the first since;
# of each one that was exported, the last. Without them nobody would know which tracks are meant.
_HELD = """
    SELECT max(runs.id) AS id, runs.library_key AS library_key, lineage
      FROM runs JOIN run_clusters ON run_id = runs.id JOIN edits USING (library_key, lineage)
     WHERE name <> '' GROUP BY runs.library_key, lineage
     UNION
    SELECT coalesce(max(runs.id) FILTER (WHERE created_at <= edits.time), min(runs.id)), runs.library_key, lineage
      FROM runs JOIN run_clusters ON run_id = runs.id JOIN edits USING (library_key, lineage)
     WHERE name <> '' GROUP BY runs.library_key, lineage
     UNION
    SELECT max(runs.id), runs.library_key, lineage
      FROM runs JOIN run_clusters ON run_id = runs.id JOIN exports USING (library_key, lineage)
     GROUP BY runs.library_key, lineage
"""
_HELD_OF = f"SELECT id, lineage FROM ({_HELD}) WHERE library_key = ? ORDER BY id DESC, lineage"
# The newest of each library stay, so that many runs of one do not push the only one of another out.
_PRUNE = f"""
    DELETE FROM runs
     WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY library_key ORDER BY id DESC) AS age
                                    FROM runs)
                   WHERE age > ?)
       AND id NOT IN (SELECT id FROM ({_HELD}))
"""


@dataclass(frozen=True)
class RunInfo:
    """A kept run as a list of runs shows it.

    Attributes
    ----------
    id : str
        A whole number; later runs have larger ones, and none is given twice.
    library_key, library_name : str
        The library it analysed.
    source_kind, source_path, recipe, algorithm : str
        From the document's ``source`` and ``recipe``; empty where it does not say.
    k, tracks : int
        Number of clusters the document's ``recipe`` states, and tracks that were assigned.
    created_at : float
        Seconds since 1970.
    """

    id: str
    library_key: str
    library_name: str
    source_kind: str
    source_path: str
    recipe: str
    algorithm: str
    k: int
    tracks: int
    created_at: float


@dataclass(frozen=True, eq=False)
class Run:
    """A kept run.

    Attributes
    ----------
    info : RunInfo
        What it is.
    document : dict
        The analysis, as ``analysis.json`` holds it.
    options : dict
        The options it was made with.
    assignments : pandas.DataFrame
        One row a track in the order they were kept: ``track_id`` and ``lineage`` text, ``cluster_id`` int64,
        ``fit`` float64.
    """

    info: RunInfo
    document: dict[str, Any]
    options: dict[str, Any]
    assignments: pd.DataFrame


class RunStore:
    """The kept runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        document: Mapping[str, Any],
        *,
        assignments: pd.DataFrame,
        library_key: str,
        library_name: str = "",
        options: Mapping[str, Any] | None = None,
        now: float | None = None,
    ) -> str:
        """Keep a run.

        Parameters
        ----------
        document : mapping
            The analysis in the shape of ``analysis.json``: text as keys, nothing that JSON does not know.
        assignments : pandas.DataFrame
            Columns `ASSIGNMENT_COLUMNS`, one row a track. The tracks of a cluster share its lineage.
        library_key : str
            Key of the library, see `core.storage.keys.library_key`. Where it is stored with tracks from Spotify's API,
            the run goes when the oldest of them must, see `core.storage.expiry`.
        library_name : str, default ""
            What the library is called on the screen.
        options : mapping, optional
            The options of the run, as JSON knows them.
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        str
            The run's id.

        Raises
        ------
        StorageError
            When a column is missing, a track stands twice, a cluster has two lineages, the document is no JSON,
            or the database cannot be written.
        """
        clusters = _checked_clusters(assignments)
        source, recipe = _part(document, "source"), _part(document, "recipe")
        k = recipe.get("k")
        head = {
            "key": library_key,
            "name": storable(library_name),
            "kind": str(source.get("kind", "")),
            "path": storable(str(source.get("path", ""))),
            "recipe": str(recipe.get("name", "")),
            "algorithm": str(recipe.get("algorithm", "")),
            "k": k if isinstance(k, int) and 0 <= k <= _MAX_K else 0,
            "tracks": len(assignments),
            "options": to_json(dict(options or {})),
            "document": to_json(dict(document)),
            "now": time.time() if now is None else now,
        }
        ids = assignments["cluster_id"].astype(np.int64).tolist()
        fits = assignments["fit"].astype(np.float64).tolist()
        tracks = zip(map(str, assignments["track_id"]), ids, fits, strict=True)
        with self._database.write() as connection:
            run_id = connection.execute(_ADD, head).lastrowid
            connection.executemany(_ADD_CLUSTER, ((run_id, *cluster) for cluster in clusters))
            connection.executemany(_ADD_TRACK, ((run_id, row, *track) for row, track in enumerate(tracks)))
        return str(run_id)

    def summaries(self, *, library_key: str | None = None) -> list[RunInfo]:
        """Return the kept runs, the newest first.

        Parameters
        ----------
        library_key : str, optional
            Only those of this library.

        Returns
        -------
        list of RunInfo
            Without their documents and tracks.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return [_info(row) for row in connection.execute(_SUMMARIES, {"key": library_key})]

    def has(self, library_key: str) -> bool:
        """Return whether there are runs of a library or of any part of it.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return bool(connection.execute(_ANY, {"key": library_key}).fetchone()[0])

    def with_content(self, content: str, *, library_key: str) -> list[str]:
        """Return the ids of the runs of a library whose options have this ``content``, the newest first.

        Those that will have to go before the library's oldest track from Spotify's API are not among them.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return [
                str(run_id) for (run_id,) in connection.execute(_WITH_CONTENT, {"key": library_key, "content": content})
            ]

    def get(self, run_id: str = LATEST, *, library_key: str | None = None) -> Run:
        """Return a kept run.

        Parameters
        ----------
        run_id : str, default "latest"
            Its id, or ``"latest"``.
        library_key : str, optional
            Look only among the runs of this library.

        Returns
        -------
        Run
            Equal to what was kept.

        Raises
        ------
        StorageError
            When there is no such run, or the database cannot be read.
        """
        with self._database.read() as connection:
            row = _find(connection, run_id, library_key)
            tracks = connection.execute(_TRACKS, (row[0],)).fetchall()
        columns = list(zip(*tracks, strict=True)) or [(), (), (), ()]
        assignments = pd.DataFrame(
            {
                "track_id": pd.Series(columns[0], dtype="str"),
                "cluster_id": np.array(columns[1], dtype=np.int64),
                "lineage": pd.Series(columns[2], dtype="str"),
                "fit": numbers(columns[3]),
            }
        )
        return Run(_info(row[:-2]), from_json(row[-1]), from_json(row[-2]), assignments)

    def held(self, library_key: str) -> list[tuple[str, str]]:
        """Return which runs names given by hand and exported playlists hang on.

        Returns
        -------
        list of (str, str)
            Ids of runs, the newest first, each with the lineage that it is kept for.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return [(str(run_id), lineage) for run_id, lineage in connection.execute(_HELD_OF, (library_key,))]

    def marked(self, library_key: str, track_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the tracks of playlists whose runs had to go; see `core.storage.lineage_marks.marked_tracks`.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        with self._database.read() as connection:
            return marked_tracks(connection, library_key, track_ids)

    def delete(self, run_id: str) -> None:
        """Forget a kept run.

        Parameters
        ----------
        run_id : str
            Its id, or ``"latest"``.

        Raises
        ------
        StorageError
            When there is no such run, or the database cannot be written.
        """
        with self._database.write() as connection:
            connection.execute(_DELETE, (_find(connection, run_id, None)[0],))

    def prune(self, *, keep: int) -> int:
        """Forget all but the newest runs of each library and those that names and exports hang on, see `held`.

        Parameters
        ----------
        keep : int
            How many runs of each library stay, at least 0.

        Returns
        -------
        int
            How many were forgotten.

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        with self._database.write() as connection:
            return connection.execute(_PRUNE, (max(keep, 0),)).rowcount


def _find(connection: sqlite3.Connection, run_id: str, library_key: str | None) -> tuple[Any, ...]:
    known: tuple[Any, ...] | None = None
    if run_id == LATEST:
        known = connection.execute(_LATEST, {"key": library_key}).fetchone()
    elif run_id.isascii() and run_id.isdigit() and len(run_id) <= _ID_DIGITS:
        known = connection.execute(_ONE, {"id": int(run_id), "key": library_key}).fetchone()
    if known is None:
        what = "no run has been kept yet" if run_id == LATEST else f"there is no kept run {run_id!r}"
        raise StorageError(what, next_step="See the kept ones", command="See the kept ones with: leitmotif runs")
    return known


def _info(row: tuple[Any, ...]) -> RunInfo:
    return RunInfo(str(row[0]), *row[1:])


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, Mapping) else {}


def _checked_clusters(assignments: pd.DataFrame) -> list[tuple[int, str]]:
    """Return each cluster with its lineage after checking the frame."""
    absent = [name for name in ASSIGNMENT_COLUMNS if name not in assignments.columns]
    if absent:
        raise StorageError(f"this run cannot be kept, because its tracks have no {absent[0]}")
    if assignments["track_id"].duplicated().any():
        raise StorageError("this run cannot be kept, because a track stands in it twice")
    pairs = assignments[["cluster_id", "lineage"]].drop_duplicates()
    if pairs["cluster_id"].duplicated().any():
        raise StorageError("this run cannot be kept, because a cluster has two lineages")
    return [(int(number), str(lineage)) for number, lineage in pairs.itertuples(index=False)]
