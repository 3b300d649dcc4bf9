"""An analysis as files: ``analysis.json``, ``tracks.csv``, ``clusters.csv``, ``fits.csv``, ``left_out.csv``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.analysis import Analysis
from core.features import FEATURES
from core.playlists.curation import FITS_NOWHERE, LEFT_OUT_BY_HAND
from core.records import NOISE, ClusterName, Sweep

SCHEMA = 1
#: Tracks that stand for a cluster.
REPRESENTATIVES = 5
#: What a duplicate and the track kept for it share, in words.
SHARED = {"isrc": "ISRC", "title": "title, artist and duration", "sound": "title, artist and audio features"}

TRACKS_HEADER = ("track_id", "title", "artist", "album", "genre", "cluster_id", "cluster", "x", "y", "fit")


def analysis_document(analysis: Analysis) -> dict[str, Any]:
    """Return the analysis in the shape of ``analysis.json``, schema 1.

    Returns
    -------
    dict
        Text keys; numbers at full precision, None where a number does not exist; ids as text.
    """
    ranks = analysis.mean_ranks()
    document = {
        "schema": SCHEMA,
        "source": _source(analysis),
        "recipe": _recipe(analysis),
        "clusters": [{**_cluster(analysis, cluster), "ranks": mean} for cluster, mean in enumerate(ranks)],
        "genres": _genres(analysis),
        "projection": _projection(analysis),
        "quality": _quality(analysis),
        "playlists": _playlists(analysis),
        "notices": [{"kind": n.kind, "count": n.count, "text": n.text} for n in analysis.notices],
    }
    plain: dict[str, Any] = _plain(document)
    return plain


def analysis_json(document: Mapping[str, Any]) -> str:
    """Return a document as the text of ``analysis.json``."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _source(analysis: Analysis) -> dict[str, Any]:
    library = analysis.library
    return {
        "kind": library.kind,
        "path": library.path,
        "inside": analysis.options.recipe.genres.inside,
        "tracks": len(library),
        "with_features": library.with_features,
        "dropped": dict(analysis.prepared.dropped),
        "imputed": dict(analysis.prepared.imputed),
    }


def _recipe(analysis: Analysis) -> dict[str, Any]:
    recipe = analysis.options.recipe
    return {
        "name": recipe.name,
        "features": list(analysis.prepared.columns),
        "algorithm": analysis.clustering.algorithm,
        "k": analysis.clustering.k,
        "k_reason": analysis.k_reason,
        "seed": recipe.cluster.seed,
        "scaling": {
            name: recipe.prepare.scaling.get(name, recipe.prepare.scaling.get("*", "none"))
            for name in analysis.prepared.columns
        },
        "weights": {name: recipe.prepare.weights.get(name, 1.0) for name in analysis.prepared.columns},
        "unit_rows": recipe.prepare.unit_rows,
        "missing": recipe.prepare.missing,
    }


def _cluster(analysis: Analysis, cluster: int) -> dict[str, Any]:
    members = analysis.clustering.labels == cluster
    values = analysis.library.features.iloc[analysis.prepared.rows[members]]
    name = analysis.names[cluster]
    return {
        "id": cluster,
        "name": name.text,
        "given": name.given,
        "size": int(members.sum()),
        "claims": _claims(name),
        "auc": analysis.naming.aucs[cluster],
        "centroid": dict(zip(analysis.prepared.columns, analysis.clustering.centroids[cluster], strict=True)),
        "means": {column: values[column].mean() for column in values.columns if values[column].notna().any()},
        "dominant_genre": analysis.table.dominant_genre[cluster],
        "representatives": analysis.representatives(cluster, count=REPRESENTATIVES),
    }


def _claims(name: ClusterName) -> list[dict[str, Any]]:
    return [
        {"feature": c.feature, "direction": c.direction, "word": c.word, "auc": c.auc, "share": c.share}
        for c in name.claims
    ]


def _genres(analysis: Analysis) -> dict[str, Any]:
    table = analysis.table
    return {
        "absorbed": dict(analysis.genres.absorbed),
        "counts": dict(analysis.genres.counts),
        "by_cluster": {label: dict(row) for label, row in table.by_cluster.items()},
        "dominant_cluster": dict(table.dominant_cluster),
        "agreement": {key: table.agreement.get(key) for key in ("adjusted_rand", "adjusted_mutual_info", "v_measure")},
    }


def _projection(analysis: Analysis) -> dict[str, Any]:
    found = analysis.projection
    return {
        "features": list(found.columns),
        "components": found.components.tolist(),
        "singular_values": found.singular_values.tolist(),
        "explained_variance_ratio": found.explained_variance_ratio.tolist(),
    }


def _quality(analysis: Analysis) -> dict[str, Any]:
    sweep, naming = analysis.sweep, analysis.naming
    return {
        "inertia": analysis.clustering.inertia,
        "silhouette": analysis.silhouette,
        "suggested_k": sweep.suggested_k if sweep else analysis.clustering.k,
        "suggestion": sweep.reason if sweep else analysis.k_reason,
        "silhouettes_on": sweep.sampled if sweep else len(analysis.prepared),
        "sweep": _sweep(sweep) if sweep else [],
        "naming": {
            "mean_auc": naming.mean_auc,
            "worst_auc": naming.worst_auc,
            "mean_claim_precision": naming.mean_precision,
            "worst_claim_precision": naming.worst_precision,
            "top1": naming.top1,
            "distinct": naming.distinct,
            "claim_stability": analysis.claim_stability,
            "claim_stability_reason": analysis.claims_unchecked or None,
        },
    }


def _sweep(sweep: Sweep) -> list[dict[str, Any]]:
    rows = zip(sweep.ks, sweep.inertia, sweep.silhouette, sweep.silhouette_error, sweep.stability, strict=True)
    return [
        {"k": k, "inertia": inertia, "silhouette": score, "silhouette_error": error, "stability": stability}
        for k, inertia, score, error, stability in rows
    ]


def _playlists(analysis: Analysis) -> dict[str, Any]:
    curated = analysis.curated
    return {
        "order": analysis.options.playlists.order,
        "tracks": {playlist.name: len(playlist.track_ids) for playlist in curated.playlists},
        "left_out": {reason: list(ids) for reason, ids in curated.left_out.items() if reason != "not analysed"},
        "duplicates": [{"track_id": d.track_id, "kept": d.kept_id, "reason": d.reason} for d in curated.duplicates],
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: numpy numbers as numbers, NaN as None, keys as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def tracks_table(analysis: Analysis) -> pd.DataFrame:
    """Return the rows of ``tracks.csv``: every analysed track with its place.

    Returns
    -------
    pandas.DataFrame
        Columns `TRACKS_HEADER`; ``cluster_id`` is empty and ``cluster`` says so for a track without cluster.
    """
    prepared, labels = analysis.prepared, analysis.clustering.labels
    tracks = analysis.library.tracks.iloc[prepared.rows]
    return pd.DataFrame(
        {
            "track_id": prepared.track_ids.to_numpy(),
            "title": tracks["title"].to_numpy(),
            "artist": tracks["artist"].to_numpy(),
            "album": tracks["album"].to_numpy(),
            "genre": analysis.genres.labels,
            "cluster_id": _ids(labels),
            "cluster": _places(analysis),
            "x": analysis.projection.xy[:, 0],
            "y": analysis.projection.xy[:, 1],
            "fit": analysis.suitability.fit,
        }
    )


def fits_table(analysis: Analysis) -> pd.DataFrame:
    """Return the rows of ``fits.csv``: each track's first and second choice, and whether it fits nowhere."""
    labels, suits = analysis.clustering.labels, analysis.suitability
    return pd.DataFrame(
        {
            "track_id": analysis.prepared.track_ids.to_numpy(),
            "cluster_id": _ids(labels),
            "cluster": _places(analysis),
            "fit": suits.fit,
            "second_cluster_id": _ids(suits.second),
            "second_cluster": _names(analysis, suits.second),
            "fits_nowhere": np.where(suits.nowhere & ~analysis.left_by_hand, "yes", "no"),
        }
    )


def left_out_table(analysis: Analysis) -> pd.DataFrame:
    """Return the rows of ``left_out.csv``: every track that is in no playlist, and why.

    Returns
    -------
    pandas.DataFrame
        In library order. A duplicate says which track stays for it, and what the two share.
    """
    curated, tracks = analysis.curated, analysis.library.tracks
    reasons = {track_id: reason for reason, ids in curated.left_out.items() for track_id in ids}
    stays = {duplicate.track_id: duplicate for duplicate in curated.duplicates}
    found = tracks[tracks.index.isin(reasons)]
    same = [stays.get(track_id) for track_id in found.index]
    return pd.DataFrame(
        {
            "track_id": found.index.to_numpy(),
            "title": found["title"].to_numpy(),
            "artist": found["artist"].to_numpy(),
            "album": found["album"].to_numpy(),
            "reason": [reasons[track_id] for track_id in found.index],
            "kept_id": [one.kept_id if one else "" for one in same],
            "same": [SHARED[one.reason] if one else "" for one in same],
        }
    )


def clusters_table(analysis: Analysis, clusters: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows of ``clusters.csv``: one a cluster, with its claims and its means in original units.

    Parameters
    ----------
    analysis : Analysis
        The analysis.
    clusters : iterable of mapping
        Its clusters, as `analysis_document` has them.
    """
    rows = []
    for entry in clusters:
        claims = "; ".join(f"{c['feature']} {c['direction']} ({c['share']:.0%})" for c in entry["claims"])
        means = {name: entry["means"].get(name, math.nan) for name in FEATURES if name in analysis.library.features}
        head = {key: entry[key] for key in ("id", "name", "size")}
        rows.append({**head, "claims": claims, "auc": entry["auc"], "dominant_genre": entry["dominant_genre"], **means})
    return pd.DataFrame(rows)


def _ids(labels: np.ndarray) -> pd.Series:
    return pd.Series(labels).astype("Int64").mask(labels == NOISE)


def _places(analysis: Analysis) -> np.ndarray:
    """Return the name of each track's cluster, or why it has none."""
    return np.where(analysis.left_by_hand, LEFT_OUT_BY_HAND.capitalize(), _names(analysis, analysis.clustering.labels))


def _names(analysis: Analysis, labels: np.ndarray) -> np.ndarray:
    texts = np.array([*(name.text for name in analysis.names), FITS_NOWHERE.capitalize()], dtype=object)
    named: np.ndarray = texts[labels]
    return named
