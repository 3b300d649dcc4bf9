"""The two groupings of the map: which group each track is in, and what a group is called and coloured."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np

from desktop.plots import wording
from desktop.plots.arrays import FloatArray, IntArray
from desktop.plots.data import MapData
from desktop.theme import Theme

#: Genres and clusters with a colour and a line in the legend of their own; the smaller ones share one line. More
#: would make the legend taller than the map, and nobody tells that many colours apart.
MOST_GENRES, MOST_CLUSTERS = 24, 60


@dataclass(frozen=True)
class Group:
    """One line of a legend.

    Attributes
    ----------
    name : str
        What it is called.
    tracks : int
        How many tracks are in it.
    color : str
        Its colour.
    badge : str
        Its short mark on the map; empty when it has none.
    """

    name: str
    tracks: int
    color: str
    badge: str = ""


@dataclass(frozen=True, eq=False)
class Grouping:
    """Tracks in groups.

    Attributes
    ----------
    codes : np.ndarray [shape=(n_tracks,), dtype=int64]
        Position of each track's group in `groups`; −1 in no group, −2 in a group too small for a colour.
    groups : tuple of Group
        The groups with a colour of their own.
    rest : tuple of Group
        Legend lines of tracks drawn in the neutral colour.
    """

    codes: IntArray
    groups: tuple[Group, ...]
    rest: tuple[Group, ...]

    @property
    def lines(self) -> tuple[Group, ...]:
        """Every line of the legend."""
        return self.groups + self.rest

    def medians(self, xy: FloatArray) -> FloatArray:
        """Return the median position of each group's tracks.

        Parameters
        ----------
        xy : np.ndarray [shape=(n_tracks, 2), dtype=float64]
            Positions of the tracks.

        Returns
        -------
        np.ndarray [shape=(len(groups), 2), dtype=float64]
            NaN for a group without tracks.
        """
        order = np.argsort(self.codes, kind="stable")
        edges = np.searchsorted(self.codes[order], np.arange(len(self.groups) + 1))
        medians = np.full((len(self.groups), 2), np.nan)
        for code, (start, end) in enumerate(itertools.pairwise(edges)):
            if end > start:
                medians[code] = np.median(xy[order[start:end]], axis=0)
        return medians


def by_cluster(data: MapData, theme: Theme) -> Grouping:
    """Return the tracks grouped by cluster, in the order of their ids; tracks that fit nowhere are the rest."""
    sizes = {cluster_id: int((data.labels == cluster_id).sum()) for cluster_id in data.cluster_ids}
    large = set(sorted(sizes, key=lambda cluster_id: (-sizes[cluster_id], cluster_id))[:MOST_CLUSTERS])
    codes = np.full(len(data), -1, dtype=np.int64)
    groups: list[Group] = []
    for cluster_id, name in sorted(zip(data.cluster_ids, data.names, strict=True)):
        codes[data.labels == cluster_id] = len(groups) if cluster_id in large else -2
        if cluster_id in large:
            color, badge = theme.cluster_color(cluster_id), wording.cluster_badge(cluster_id)
            groups.append(Group(name, sizes[cluster_id], color, badge))
    small = wording.other_playlists(len(sizes) - len(large))
    return Grouping(
        codes, tuple(groups), _rest(codes, -2, small, theme) + _rest(codes, -1, wording.FITS_NOWHERE, theme)
    )


def by_genre(data: MapData, theme: Theme) -> Grouping:
    """Return the tracks grouped by genre, most frequent first; no groups when no track has a genre."""
    counts = Counter(data.genres.tolist())
    counts.pop("", None)
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    code_of = {label: rank if rank < MOST_GENRES else -2 for rank, label in enumerate(ranked)} | {"": -1}
    codes = np.fromiter((code_of[label] for label in data.genres), dtype=np.int64, count=len(data))
    groups = tuple(
        Group(label, counts[label], theme.genre_color(rank), wording.genre_badge(rank))
        for rank, label in enumerate(ranked[:MOST_GENRES])
    )
    if not groups:
        return Grouping(codes, (), ())
    rare = wording.other_genres(len(ranked) - MOST_GENRES)
    return Grouping(codes, groups, _rest(codes, -2, rare, theme) + _rest(codes, -1, wording.NO_GENRE, theme))


def _rest(codes: IntArray, code: int, name: str, theme: Theme) -> tuple[Group, ...]:
    members = int((codes == code).sum())
    return (Group(name, members, theme.neutral),) if members else ()
