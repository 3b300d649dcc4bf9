"""Kept runs: what earlier analyses of a library were, so that names and playlists go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from core import genre_tree
from core.analysis import Analysis
from core.library import Library
from core.records import Playlist
from core.storage import Store, library_key

#: Earlier runs of a library that are asked for lineages; a name given longer ago is found through the runs since.
_RUNS_LOOKED_AT = 12
#: Runs kept of each library.
RUNS_KEPT = 50


def run_key(library: Library, inside: str) -> str:
    """Return what an analysis of a library, or of one genre in it, however it is spelled, is kept under."""
    key = library_key(library.kind, library.path)
    return f"{key}#{genre_tree.normalise(inside)}" if inside else key


def known_lineages(store: Store, key: str, track_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the last known track ids of each lineage of a library that has these tracks now."""
    known: dict[str, frozenset[str]] = {}
    for info in store.runs.summaries(library_key=key)[:_RUNS_LOOKED_AT]:
        assignments = store.runs.get(info.id).assignments
        for lineage, group in assignments[assignments["lineage"] != ""].groupby("lineage"):
            known.setdefault(str(lineage), frozenset(group["track_id"]))
    return store.runs.marked(key, track_ids) | known


def keep_run(
    store: Store, analysis: Analysis, document: Mapping[str, Any], *, key: str, more: Mapping[str, Any] | None = None
) -> str:
    """Keep an analysis and the library it is about, with more options if there are any; return the run's id."""
    labels = analysis.clustering.labels
    assignments = pd.DataFrame(
        {
            "track_id": analysis.prepared.track_ids.to_numpy(),
            "cluster_id": labels,
            "lineage": pd.Series(labels).map(analysis.lineages).fillna("").to_numpy(),
            "fit": analysis.suitability.fit,
        }
    )
    playlists = [asdict(playlist) for playlist in analysis.curated.playlists]
    with store.together():
        store.libraries.save(analysis.library, key=key)
        run_id = store.runs.add(
            document,
            assignments=assignments,
            library_key=key,
            library_name=analysis.library.title,
            options={"playlists": playlists, **(more or {})},
        )
        store.runs.prune(keep=RUNS_KEPT)
    return run_id


def kept_playlists(options: Mapping[str, Any]) -> tuple[Playlist, ...]:
    """Return the playlists of a kept run."""
    return tuple(
        Playlist(**{**entry, "track_ids": tuple(entry["track_ids"])}) for entry in options.get("playlists", ())
    )
