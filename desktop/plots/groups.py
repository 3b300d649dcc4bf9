"""The two groupings of the map: which group each track is in, and what a group is called and coloured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desktop.plots import wording
from desktop.plots.arrays import FloatArray, IntArray
from desktop.plots.colors import ramp
from desktop.plots.data import MapData, rank_texts
from desktop.theme import Theme

#: Genres and clusters with a colour and a line in the legend of their own; the smaller ones share one line. More
#: would make the legend taller than the map, and nobody tells that many colours apart.
MOST_GENRES, MOST_CLUSTERS = 24, 60
#: Colours of a feature on the map: as many steps as a legend can name, and the part of the ramp that is seen well.
STEPS, RAMP = 7, (0.15, 0.9)


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
    medians : np.ndarray [shape=(len(groups), 2), dtype=float64]
        Median position of each group's tracks; NaN for an empty group and for those that have no mark on the map.
    """

    codes: IntArray
    groups: tuple[Group, ...]
    rest: tuple[Group, ...]
    medians: FloatArray

    @property
    def lines(self) -> tuple[Group, ...]:
        """Every line of the legend."""
        return self.groups + self.rest


def by_cluster(data: MapData, theme: Theme) -> Grouping:
    """Return the tracks grouped by cluster, in the order of their ids; tracks that fit nowhere are the rest."""
    most = max(data.cluster_ids, default=0)
    # One place more at the end, where the −1 of tracks that fit nowhere looks.
    counts = np.bincount(data.labels[data.labels >= 0], minlength=most + 1)
    sizes = {cluster_id: int(counts[cluster_id]) for cluster_id in data.cluster_ids}
    large = set(sorted(sizes, key=lambda cluster_id: (-sizes[cluster_id], cluster_id))[:MOST_CLUSTERS])
    code_of = np.full(most + 2, -1, dtype=np.int64)
    groups: list[Group] = []
    for cluster_id, name in sorted(zip(data.cluster_ids, data.names, strict=True)):
        code_of[cluster_id] = len(groups) if cluster_id in large else -2
        if cluster_id in large:
            color, badge = theme.cluster_color(cluster_id), wording.cluster_badge(cluster_id)
            groups.append(Group(name, sizes[cluster_id], color, badge))
    codes = code_of[data.labels]
    small = wording.other_playlists(len(sizes) - len(large))
    rest = _rest(codes, -2, small, theme) + _rest(codes, -1, wording.IN_NO_PLAYLIST(), theme)
    return Grouping(codes, tuple(groups), rest, data.cluster_medians[sorted(large)])


def by_genre(data: MapData, theme: Theme) -> Grouping:
    """Return the tracks grouped by genre, most frequent first; no groups when no track has a genre."""
    found = data.ranked_genres
    groups = tuple(
        Group(label, tracks, theme.genre_color(rank), wording.genre_badge(rank))
        for rank, (label, tracks) in enumerate(zip(found.names[:MOST_GENRES], found.counts, strict=False))
    )
    if not groups:
        return Grouping(found.codes, (), (), np.empty((0, 2)))
    codes = np.where(found.codes < MOST_GENRES, found.codes, -2)
    rare = wording.other_genres(len(found.names) - MOST_GENRES)
    rest = _rest(codes, -2, rare, theme) + _rest(codes, -1, wording.NO_GENRE(), theme)
    return Grouping(codes, groups, rest, data.genre_medians[: len(groups)])


def by_feature(values: FloatArray, name: str, theme: Theme) -> Grouping:
    """Return the tracks in steps of a feature with equally many tracks each, as far as equal values allow.

    Parameters
    ----------
    values : np.ndarray [shape=(n_tracks,), dtype=float64]
        The feature in its unit; NaN where it is unknown.
    name : str
        What it is called in `core.features`.
    theme : Theme
        The ramp.
    """
    values = np.asarray(values, dtype=np.float64)
    known = np.isfinite(values)
    edges = np.unique(np.quantile(values[known], np.linspace(0.0, 1.0, STEPS + 1)))
    steps = max(len(edges) - 1, 1)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[known] = np.clip(np.searchsorted(edges, values[known], side="right") - 1, 0, steps - 1)
    shades = ramp(theme.sequential, np.linspace(*RAMP, steps), reverse=theme.reverse)
    counts = np.bincount(codes[known], minlength=steps).tolist()
    texts = wording.steps(name, edges.tolist())
    groups = tuple(Group(text, tracks, shade) for text, tracks, shade in zip(texts, counts, shades, strict=True))
    rest = _rest(codes, -1, wording.UNKNOWN(), theme)
    return Grouping(codes, groups, rest, np.full((len(groups), 2), np.nan))


def by_text(texts: npt.NDArray[np.generic], theme: Theme) -> Grouping:
    """Return the tracks by a text, such as where they come from; the most frequent first."""
    found = rank_texts(texts)
    groups = tuple(
        Group(text, tracks, theme.genre_color(rank), wording.genre_badge(rank))
        for rank, (text, tracks) in enumerate(zip(found.names[:MOST_GENRES], found.counts, strict=False))
    )
    codes = np.where(found.codes < MOST_GENRES, found.codes, -2)
    rest = _rest(codes, -2, wording.OTHERS(), theme) + _rest(codes, -1, wording.UNKNOWN(), theme)
    return Grouping(codes, groups, rest, np.full((len(groups), 2), np.nan))


def _rest(codes: IntArray, code: int, name: str, theme: Theme) -> tuple[Group, ...]:
    members = int((codes == code).sum())
    return (Group(name, members, theme.neutral),) if members else ()
