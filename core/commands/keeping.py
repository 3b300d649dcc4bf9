"""Kept runs: what earlier analyses of a library were, so that names and playlists go on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from core import genre_tree
from core.analysis import Analysis
from core.edits import Grouping, Standing
from core.errors import LeitmotifError, StorageError
from core.library import Library
from core.options import (
    AnalysisOptions,
    ClusterOptions,
    GenreOptions,
    NamingOptions,
    PlaylistOptions,
    PrepareOptions,
    Recipe,
    SizeOptions,
    SweepOptions,
)
from core.playlists.curation import FITS_NOWHERE, LEFT_OUT_BY_HAND
from core.records import LEFT_BY_HAND, NOISE, Claim, ClusterName, Playlist
from core.storage import Run, Store, library_key

#: Newest runs of a library that are asked for lineages, besides those that names and exported playlists hang on.
_RUNS_LOOKED_AT = 12
#: Runs kept of each library, besides those that names and exported playlists hang on.
RUNS_KEPT = 50
#: Before the lineage of a playlist in a key.
_PLAYLIST = "playlist:"
#: Bytes of the digest that tells runs with the same content: two among a million share one by chance never.
_CONTENT_BYTES = 16


def run_key(library: Library, inside: str) -> str:
    """Return what an analysis of a library, or of one genre in it, however it is spelled, is kept under."""
    key = library_key(library.kind, library.path)
    return genre_key(key, inside) if inside else key


def genre_key(key: str, genre: str) -> str:
    """Return what an analysis inside a genre, however it is spelled, is kept under.

    Parameters
    ----------
    key : str
        Of the library, or of the playlist, the genre is in.
    genre : str
        Its name.
    """
    return f"{key}#{genre_tree.normalise(genre)}"


def playlist_key(key: str, lineage: str) -> str:
    """Return what an analysis of one playlist of a library, or of a part of it, is kept under."""
    return f"{key}#{_PLAYLIST}{lineage}"


def carry_over(store: Store, library: Library, key: str) -> None:
    """Take over what was kept of a part of a library while the window spelled keys as the library spells genres.

    Parameters
    ----------
    store : Store
        Where everything is kept.
    library : Library
        The library, or some of its tracks.
    key : str
        What the part is kept under now; nothing happens for the whole library.

    Raises
    ------
    StorageError
        When the database cannot be read or written.
    """
    whole = library_key(library.kind, library.path) + "#"
    if not key.startswith(whole):
        return
    wanted = _parts(key.removeprefix(whole))
    for known in store.library_keys() - {key}:
        if known.startswith(whole) and _parts(known.removeprefix(whole)) == wanted:
            store.rename_library(known, key)


def _parts(text: str) -> list[str]:
    """Return the genre and the playlists that a key leads through; a genre inside a genre stands for itself."""
    parts: list[str] = []
    for part in filter(None, text.split("#")):
        if part.startswith(_PLAYLIST):
            parts.append(part)
            continue
        if parts and not parts[-1].startswith(_PLAYLIST):
            parts.pop()
        parts.append(genre_tree.normalise(part))
    return parts


def remembered(
    store: Store, key: str, track_ids: Iterable[str]
) -> tuple[dict[str, frozenset[str]], dict[str, list[frozenset[str]]]]:
    """Return what is known of the lineages of a library.

    Parameters
    ----------
    store : Store
        Where runs are kept.
    key : str
        What those of the library are kept under.
    track_ids : iterable of str
        The tracks it has now.

    Returns
    -------
    known : dict of str to frozenset of str
        The last known track ids of each lineage.
    earlier : dict of str to list of frozenset of str
        For each lineage with a name given by hand, and each exported one, other tracks it had, the newest first.
    """
    held = store.runs.held(key)
    lines = {line for _, line in held}
    latest = [info.id for info in store.runs.summaries(library_key=key)[:_RUNS_LOOKED_AT]]
    known: dict[str, frozenset[str]] = {}
    earlier: dict[str, list[frozenset[str]]] = {line: [] for line in lines}
    for run_id in dict.fromkeys([*latest, *(run_id for run_id, _ in held)]):
        assignments = store.runs.get(run_id).assignments
        wanted = assignments["lineage"] != "" if run_id in latest else assignments["lineage"].isin(lines)
        for lineage, group in assignments[wanted].groupby("lineage"):
            line = str(lineage)
            if line in known and line not in lines:
                continue
            ids = frozenset(group["track_id"])
            if known.setdefault(line, ids) != ids and ids not in earlier[line]:
                earlier[line].append(ids)
    marked = store.runs.marked(key, track_ids)
    known = marked | known
    return known, {line: groups for line, groups in earlier.items() if line in known}


@dataclass(frozen=True)
class Kept:
    """A run that is kept.

    Attributes
    ----------
    run_id : str
        Its id.
    is_new : bool
        Whether it was not kept before, under this id or another one.
    """

    run_id: str
    is_new: bool


def keep_run(
    store: Store,
    analysis: Analysis,
    document: Mapping[str, Any],
    *,
    key: str,
    by_hand: bool = False,
) -> str:
    """Keep an analysis, what decided it, and the library it is about.

    Parameters
    ----------
    store : Store
        Where to.
    analysis : Analysis
        The analysis.
    document : mapping
        Of `core.document.analysis_document`.
    key : str
        See `run_key`.
    by_hand : bool, default False
        Whether a person changed which track is in which playlist.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    StorageError
        When the database cannot be written.
    """
    content = _content(analysis, by_hand=by_hand)
    with store.together():
        store.libraries.save(analysis.library, key=key)
        return _add(store, analysis, document, key, {"by_hand": by_hand, "content": content})


def keep_once(
    store: Store,
    analysis: Analysis,
    document: Mapping[str, Any],
    *,
    key: str,
    by_hand: bool,
    numbers: Mapping[str, int],
    replaces: str = "",
) -> Kept:
    """Keep an analysis as the newest run unless it is that already; a run with the same content goes.

    Parameters
    ----------
    store, analysis, document, key, by_hand
        As for `keep_run`.
    numbers : mapping of str to int
        Numbers of the playlists on the screen, which decide their colours, by lineage.
    replaces : str, default ""
        A run that is out of date and goes; empty for none.

    Returns
    -------
    Kept
        The run that holds the analysis.

    Raises
    ------
    StorageError
        When the database cannot be read or written.
    """
    content = _content(analysis, by_hand=by_hand)
    with store.together():
        store.libraries.save(analysis.library, key=key)
        if replaces:
            with contextlib.suppress(StorageError):
                store.runs.delete(replaces)
        twins = store.runs.with_content(content, library_key=key)
        kept = {twin: store.runs.get(twin).options.get("numbers") for twin in twins}
        newest = store.runs.summaries(library_key=key)[:1]
        if newest and newest[0].id in kept and kept[newest[0].id] in (None, dict(numbers)):
            return Kept(newest[0].id, is_new=False)
        for twin, known in kept.items():
            # What the command line kept was printed with its number, so it stays.
            if known is not None:
                store.runs.delete(twin)
        run_id = _add(
            store, analysis, document, key, {"by_hand": by_hand, "content": content, "numbers": dict(numbers)}
        )
    return Kept(run_id, is_new=not kept)


def _add(store: Store, analysis: Analysis, document: Mapping[str, Any], key: str, more: Mapping[str, Any]) -> str:
    """Add a run with what it was asked for, its playlists, and more options."""
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
    run_id = store.runs.add(
        document,
        assignments=assignments,
        library_key=key,
        library_name=analysis.library.title,
        options={"playlists": playlists, "levers": asdict(analysis.options), **more},
    )
    store.runs.prune(keep=RUNS_KEPT)
    return run_id


def _content(analysis: Analysis, *, by_hand: bool) -> str:
    """Return a digest of what was asked for and of the playlists that came of it."""
    playlists = analysis.curated.playlists
    head = {
        "levers": asdict(analysis.options),
        "by_hand": by_hand,
        "names": [[name.text, name.given] for name in analysis.names],
        "lineages": list(analysis.lineages.items()),
        "playlists": [[one.name, one.lineage, len(one.track_ids)] for one in playlists],
    }
    digest = blake2b(json.dumps(head, sort_keys=True).encode(), digest_size=_CONTENT_BYTES)
    # A million ids as JSON would hold the window up for half a second.
    for ids in [tuple(analysis.prepared.track_ids), *(one.track_ids for one in playlists)]:
        digest.update("\x1f".join(ids).encode("utf-8", "backslashreplace"))
    digest.update(analysis.playlist_labels.tobytes())
    return digest.hexdigest()


def kept_playlists(options: Mapping[str, Any]) -> tuple[Playlist, ...]:
    """Return the playlists of a kept run."""
    return tuple(
        Playlist(**{**entry, "track_ids": tuple(entry["track_ids"])}) for entry in options.get("playlists", ())
    )


def kept_options(run: Run) -> AnalysisOptions | None:
    """Return what a kept run was asked for; None when it does not say, or this version does not know all of it."""
    kinds = {
        "prepare": PrepareOptions, "cluster": ClusterOptions, "sweep": SweepOptions, "genres": GenreOptions,
        "naming": NamingOptions,
    }  # fmt: skip
    try:
        levers = run.options["levers"]
        recipe = dict(levers["recipe"])
        for name, kind in kinds.items():
            recipe[name] = kind(**{key: _plain(value) for key, value in recipe[name].items()})
        return AnalysisOptions(Recipe(**recipe), SizeOptions(**levers["sizes"]), PlaylistOptions(**levers["playlists"]))
    except (KeyError, TypeError, ValueError, AttributeError, LeitmotifError):
        return None


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def kept_names(run: Run) -> dict[str, str]:
    """Return what the playlists of a kept run were called, by lineage."""
    return {line: str(entry["name"]) for line, entry in _clusters(run).items()}


def kept_standing(run: Run, given: Mapping[str, str]) -> Standing:
    """Return the playlists of a kept run as they were.

    Parameters
    ----------
    run : Run
        The run.
    given : mapping of str to str
        Names a person gave, by lineage, as they are now.

    Returns
    -------
    Standing
        A track that was in no playlist is in none.
    """
    rows, left_out = run.assignments, run.document.get("playlists", {}).get("left_out", {})
    # Runs changed by hand once kept the cluster of such tracks; the document always told them apart.
    nowhere, left_by_hand = (rows["track_id"].isin(left_out.get(why, ())) for why in (FITS_NOWHERE, LEFT_OUT_BY_HAND))
    lines = rows["lineage"].mask(nowhere | left_by_hand | (rows["cluster_id"] < 0), "")
    lineages = tuple(str(line) for line in lines[lines != ""].unique())
    number = {line: place for place, line in enumerate(lineages)}
    labels = np.array([number.get(line, NOISE) for line in lines.tolist()], dtype=np.int64)
    labels[left_by_hand.to_numpy()] = LEFT_BY_HAND
    names = {
        line: ClusterName(str(entry["name"]), tuple(Claim(**claim) for claim in entry["claims"]), bool(entry["given"]))
        for line, entry in _clusters(run).items()
    }
    return Standing(
        track_ids=rows["track_id"].to_numpy(dtype=object),
        grouping=Grouping(labels, lineages, {line: name for line, name in given.items() if line in number}),
        names=names,
        fit=rows["fit"].to_numpy(dtype=np.float64),
        orders={one.lineage: one.track_ids for one in kept_playlists(run.options)},
    )


def _clusters(run: Run) -> dict[str, Mapping[str, Any]]:
    """Return what the document says of each playlist, by lineage."""
    entries = {int(entry["id"]): entry for entry in run.document.get("clusters", ())}
    pairs = run.assignments[["cluster_id", "lineage"]].drop_duplicates().itertuples(index=False)
    return {str(line): entries[int(cluster)] for cluster, line in pairs if line and int(cluster) in entries}
