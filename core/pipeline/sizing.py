"""Clusters whose playlists have the size asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core import playlists
from core.clustering import cluster, fit_sizes, suitability
from core.library import Library
from core.options import ClusterOptions, PlaylistOptions, SizeOptions
from core.pipeline.steps import SORTING, step
from core.progress import Report, silent
from core.records import NOISE, BoolArray, Clustering, FloatArray, IntArray, Prepared
from core.wording import counted

#: Starts of K-means when a cluster is split for its size: there can be hundreds of them, each small.
SPLIT_STARTS = 2
#: The options that decide which tracks a playlist keeps.
_LEAVING_OUT = ("deduplicate", "max_per_artist", "shortest_s", "longest_s", "explicit")


def leaving_out(options: PlaylistOptions) -> PlaylistOptions:
    """Return nothing but what decides which tracks a playlist keeps."""
    return replace(PlaylistOptions(), **{name: getattr(options, name) for name in _LEAVING_OUT})


def fit_rows(X: FloatArray, settings: ClusterOptions, report: Report = silent) -> Clustering:
    """Cluster prepared rows of whatever tracks [shape=(n, d)]."""
    rows = np.arange(len(X), dtype=np.int64)
    whole = Prepared(X=X, rows=rows, track_ids=pd.RangeIndex(len(X)), columns=tuple(map(str, range(X.shape[1]))))
    return cluster(whole, options=settings, report=report)


def sized(
    library: Library,
    prepared: Prepared,
    found: Clustering,
    *,
    sizes: SizeOptions,
    settings: ClusterOptions,
    curation: PlaylistOptions,
    report: Report,
) -> Clustering:
    """Return the clusters whose playlists have the size asked for; those found when no size was.

    Parameters
    ----------
    library : Library
        Where the prepared tracks are from.
    prepared : Prepared
        The tracks.
    found : Clustering
        Their clusters.
    sizes : SizeOptions
        The sizes.
    settings : ClusterOptions
        Seed and starts of K-means, which splits what is too long.
    curation : PlaylistOptions
        See `leaving_out`: only what stays in a playlist counts.
    report : Report
        Told before each split.
    """
    if not sizes.smallest and not sizes.largest:
        return found

    def split(X: FloatArray, parts: int) -> IntArray:
        parted = replace(settings, algorithm="kmeans", k=parts, n_init=min(settings.n_init, SPLIT_STARTS))
        return fit_rows(X, parted, lambda *_: step(report, SORTING, "Splitting what is too long")).labels

    def stays(clustering: Clustering) -> BoolArray:
        suits = suitability(prepared, clustering)
        placed = np.where(suits.nowhere, NOISE, clustering.labels).astype(np.int64)
        return playlists.tracks_kept(library, prepared, placed, suits.fit, options=curation)

    one, alike = np.zeros(len(prepared), dtype=np.int64), np.ones(len(prepared))
    unlimited = replace(curation, max_per_artist=0)
    return fit_sizes(
        prepared.X, found, smallest=sizes.smallest, largest=sizes.largest, split=split, stays=stays,
        wanted=playlists.tracks_kept(library, prepared, one, alike, options=unlimited),
    )  # fmt: skip


def why_sized(found: Clustering, made: Clustering, sizes: SizeOptions) -> str:
    """Say why there are as many playlists after their sizes were seen to."""
    least, most = f"{sizes.smallest:,}", f"{sizes.largest:,}"
    if not sizes.smallest:
        wish = f"at most {counted(sizes.largest, 'track')}"
    elif sizes.smallest == sizes.largest:
        wish = counted(sizes.largest, "track")
    else:
        wish = f"{least} to {most} tracks" if sizes.largest else f"at least {counted(sizes.smallest, 'track')}"
    clusters = f"{counted(found.k, 'cluster')} {'was' if found.k == 1 else 'were'}"
    told = f"{counted(made.k, 'playlist')}: for {wish} in each"
    return f"{told}, {clusters} split where too long and merged where too short"
