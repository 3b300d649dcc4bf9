"""What the views show of an analysis, prepared in the worker so that the window only has to draw it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.features import FEATURES
from desktop import messages
from desktop.left_out import LeftOut, left_out_of
from desktop.messages import names as texts
from desktop.plots.arrays import NOISE, FloatArray, IntArray

if TYPE_CHECKING:
    from core.analysis import Analysis
    from core.records import ClusterName
    from desktop.plots.data import HeatmapData, MapData

#: Bars of a distribution.
BINS = 24
#: Columns of the table of tracks that hold text.
TEXT_COLUMNS = ("title", "artist", "album", "genre", "origin", "playlist", "second")


@dataclass(frozen=True, eq=False)
class Group:
    """A playlist as the views show it.

    Attributes
    ----------
    lineage : str
        Its identity, which survives re-runs and edits.
    number : int
        Decides its colour and its mark; stays with the lineage.
    cluster : int
        Its number in the analysis.
    name : ClusterName
        What it is called and why.
    size : int
        How many tracks it has; what is left out of it, such as duplicates, does not count.
    duration_s : float
        How long they play, in seconds; tracks of unknown duration count as average ones.
    """

    lineage: str
    number: int
    cluster: int
    name: ClusterName
    size: int
    duration_s: float


@dataclass(frozen=True, eq=False)
class FeatureBins:
    """The values of one feature in bars of equal width.

    Attributes
    ----------
    name : str
        The feature.
    low, high : float
        Where the first bar begins and the last one ends, in the feature's unit.
    places : np.ndarray [shape=(n_kept,), dtype=int64]
        Bar of each track; `BINS` where the value is missing.
    median : float
        Of the library.
    """

    name: str
    low: float
    high: float
    places: IntArray
    median: float

    def shares(self, rows: IntArray | None = None) -> FloatArray:
        """Return the share of tracks in each bar.

        Parameters
        ----------
        rows : np.ndarray, optional
            Only these tracks; all of them when not given.

        Returns
        -------
        np.ndarray [shape=(BINS,), dtype=float64]
            Sums to 1, or to 0 without tracks.
        """
        places = self.places if rows is None else self.places[rows]
        counts = np.bincount(places, minlength=BINS + 1)[:BINS].astype(np.float64)
        total = counts.sum()
        return counts / total if total else counts


@dataclass(frozen=True, eq=False)
class Shown:
    """An analysis with everything the views need of it.

    Attributes
    ----------
    analysis : Analysis
        The analysis.
    groups : tuple of Group
        The playlists, the largest first.
    labels : np.ndarray [shape=(n_kept,), dtype=int64]
        Number of each track's playlist, or of the one it is left out of; `NOISE` for a track that fits nowhere or was
        left out.
    left_out : LeftOut
        Which tracks are in no playlist, and why.
    heatmap : HeatmapData or None
        None when there is no playlist to show.
    map : MapData
        Every track.
    columns : mapping of str to np.ndarray [shape=(n_kept,)]
        The table of tracks: text as objects, numbers as float64 with NaN for unknown.
    bins : mapping of str to FeatureBins
        By feature, those with values.
    ids : np.ndarray [shape=(n_kept,), dtype=object]
        Ids of the tracks.
    """

    analysis: Analysis
    groups: tuple[Group, ...]
    labels: IntArray
    left_out: LeftOut
    heatmap: HeatmapData | None
    map: MapData
    columns: Mapping[str, npt.NDArray[np.generic]]
    bins: Mapping[str, FeatureBins]
    ids: npt.NDArray[np.object_]

    def group(self, lineage: str) -> Group | None:
        """Return a playlist by its identity."""
        return next((group for group in self.groups if group.lineage == lineage), None)

    def numbered(self, number: int) -> Group | None:
        """Return a playlist by its number."""
        return next((group for group in self.groups if group.number == number), None)

    def rows_of(self, lineages: Iterable[str]) -> IntArray:
        """Return the rows of the tracks that sound like some playlists, those left out of them too, ascending."""
        return self._ascending(self._sounding, lineages)

    def tracks_of(self, lineages: Iterable[str]) -> IntArray:
        """Return the rows of the tracks in some playlists, ascending."""
        return self._ascending(self._playing, lineages)

    def _ascending(self, known: Mapping[str, IntArray], lineages: Iterable[str]) -> IntArray:
        wanted = set(lineages)
        found = [known[group.lineage] for group in self.groups if group.lineage in wanted]
        if len(found) == 1:
            return found[0]
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def warm(self) -> None:
        """Find what takes a moment with 100,000 tracks, in the worker, so that the window does not have to."""
        self.left_out.warm()
        self.members, self._playing, self.turns  # noqa: B018

    def genre_of(self, label: str) -> str:
        """Return the genre that a label of the tables stands for: one that took others in is called after them too."""
        absorbed = self.analysis.genres.absorbed
        for genre in set(absorbed.values()):
            if label == "/".join([genre, *sorted(minor for minor, into in absorbed.items() if into == genre)]):
                return genre
        return label

    @cached_property
    def members(self) -> dict[str, frozenset[str]]:
        """Ids of what `rows_of` returns for each playlist, by lineage."""
        return {lineage: frozenset(self.ids[rows].tolist()) for lineage, rows in self._sounding.items()}

    @cached_property
    def _sounding(self) -> dict[str, IntArray]:
        """Rows of the tracks that sound like each playlist, ascending, by lineage."""
        return {
            group.lineage: _fixed(np.flatnonzero(self.labels == group.number).astype(np.int64)) for group in self.groups
        }

    @cached_property
    def _playing(self) -> dict[str, IntArray]:
        """Rows of the tracks in each playlist, ascending, by lineage."""
        staying = self.left_out.staying
        return {lineage: _fixed(rows[staying[rows]]) for lineage, rows in self._sounding.items()}

    @cached_property
    def turns(self) -> IntArray:
        """When each track plays, if all playlists play one after the other [shape=(n_kept,)].

        Playlists come as they are listed, each in the order in which it is exported. Tracks in no playlist come last,
        in the library's order.
        """
        import pandas as pd

        turns = np.arange(len(self.labels), 2 * len(self.labels), dtype=np.int64)
        known = {playlist.cluster_id: playlist.track_ids for playlist in self.analysis.curated.playlists}
        ids = [one for group in self.groups for one in known.get(group.cluster, ())]
        turns[self.analysis.prepared.track_ids.get_indexer(pd.Index(ids, dtype=object))] = np.arange(len(ids))
        return _fixed(turns)

    @property
    def numbers(self) -> dict[str, int]:
        """Number of each lineage."""
        return {group.lineage: group.number for group in self.groups}


def keep_numbers(lineages: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """Give playlists numbers: those that were there keep theirs, new ones get the smallest that are free.

    Parameters
    ----------
    lineages : iterable of str
        The playlists, the largest first.
    known : mapping of str to int
        Numbers of the playlists before.

    Returns
    -------
    dict of str to int
        Number by lineage, each once.
    """
    wanted = list(lineages)
    numbers = {lineage: known[lineage] for lineage in wanted if lineage in known}
    free = (number for number in range(len(wanted) + len(numbers)) if number not in set(numbers.values()))
    for lineage in wanted:
        if lineage not in numbers:
            numbers[lineage] = next(free)
    return {lineage: numbers[lineage] for lineage in wanted}


def show(analysis: Analysis, *, known: Mapping[str, int]) -> Shown:
    """Prepare an analysis for the views.

    Parameters
    ----------
    analysis : Analysis
        What to show.
    known : mapping of str to int
        Numbers that playlists had before, by lineage.

    Returns
    -------
    Shown
        Plain arrays and records.
    """
    from desktop.plots.data import HeatmapData, MapData

    k = analysis.clustering.k
    left_out = left_out_of(analysis)
    sizes = np.bincount(analysis.playlist_labels[left_out.staying], minlength=k)
    largest_first = sorted(range(k), key=lambda cluster: (-int(sizes[cluster]), cluster))
    numbers = keep_numbers((analysis.lineages[cluster] for cluster in largest_first), known)
    of_cluster = np.array([numbers[analysis.lineages[cluster]] for cluster in range(k)] + [NOISE], dtype=np.int64)
    labels = of_cluster[analysis.playlist_labels]
    names = tuple(name.text for name in analysis.names)
    ids = tuple(int(number) for number in of_cluster[:-1])
    inside = np.where(left_out.staying, labels, NOISE)
    columns = _columns(analysis, labels, dict(zip(ids, names, strict=True)), left_out)
    groups = tuple(
        Group(
            analysis.lineages[cluster], ids[cluster], cluster, analysis.names[cluster], int(sizes[cluster]),
            _duration(np.asarray(columns["duration_s"], dtype=np.float64)[inside == ids[cluster]]),
        )
        for cluster in range(k)
    )  # fmt: skip
    found = analysis.projection
    tracks = MapData(
        xy=found.xy, labels=labels, cluster_ids=ids, names=names, genres=analysis.genres.labels,
        features=found.columns, loadings=found.components, explained=found.explained_variance_ratio,
    )  # fmt: skip
    tracks.warm()
    heatmap = None if not k else HeatmapData(
        features=analysis.prepared.columns, cluster_ids=ids, names=names, sizes=sizes,
        centroids=analysis.clustering.centroids, medians=np.median(analysis.prepared.X, axis=0),
        tracks=len(analysis.prepared),
    )  # fmt: skip
    if heatmap is not None:
        heatmap.row_order.setflags(write=False)
    _find_colors()
    shown = Shown(
        analysis=analysis,
        groups=tuple(sorted(groups, key=lambda group: (-group.size, group.number))),
        labels=labels,
        left_out=left_out,
        heatmap=heatmap,
        map=tracks,
        columns=columns,
        bins=_bins(columns),
        ids=analysis.prepared.track_ids.to_numpy(dtype=object),
    )  # fmt: skip
    shown.warm()
    return shown


def _fixed(rows: IntArray) -> IntArray:
    """Return rows that nobody changes by mistake: many share them."""
    rows.setflags(write=False)
    return rows


def _find_colors() -> None:
    """Choose the colours of both themes now: it takes a tenth of a second, once."""
    from desktop.theme import DARK, LIGHT

    for theme in (LIGHT, DARK):
        theme.cluster_color(0)
        theme.genre_color(0)


def _columns(
    analysis: Analysis, labels: IntArray, names: Mapping[int, str], left_out: LeftOut
) -> dict[str, npt.NDArray[np.generic]]:
    rows = analysis.prepared.rows
    tracks, features = analysis.library.tracks.iloc[rows], analysis.library.features.iloc[rows]
    columns: dict[str, npt.NDArray[np.generic]] = {
        name: tracks[name].to_numpy(dtype=object) for name in ("title", "artist", "album", "uri", "path", "added_at")
    }
    columns["genre"] = analysis.genres.labels
    origins = [cell[0] if cell else "" for cell in tracks["origins"].tolist()]
    columns["origin"] = np.array(origins, dtype=object)
    columns["playlist"] = _places(labels, names, left_out)
    columns["second"] = _second(analysis)
    columns["duration_s"] = tracks["duration_s"].to_numpy(dtype=np.float64)
    columns["fit"] = analysis.suitability.fit
    for name in FEATURES:
        if name in features and features[name].notna().any():
            columns[name] = features[name].to_numpy(dtype=np.float64)
    return columns


def _places(labels: IntArray, names: Mapping[int, str], left_out: LeftOut) -> npt.NDArray[np.object_]:
    """Return where each track is: the name of its playlist, or why it is in none."""
    of_label = np.full(max(names, default=0) + 2, "", dtype=object)
    for number, name in names.items():
        of_label[number] = name
    places: npt.NDArray[np.object_] = of_label[labels]
    for reason in left_out.counts():
        places[left_out.rows(reason)] = texts.left_out(reason)
    for row, kept in left_out.twins.items():
        there = not left_out.reasons[kept]
        places[row] = messages.TWIN_OF(playlist=places[kept]) if there else messages.TWIN()
    return places


def _second(analysis: Analysis) -> npt.NDArray[np.object_]:
    """Return the name of the playlist each track would be in otherwise; empty where there is none."""
    names = np.array([*(name.text for name in analysis.names), ""], dtype=object)
    second: npt.NDArray[np.object_] = names[analysis.suitability.second]
    return second


def _duration(seconds: FloatArray) -> float:
    known = seconds[np.isfinite(seconds)]
    return float(known.mean() * len(seconds)) if len(known) else float("nan")


def _bins(columns: Mapping[str, npt.NDArray[np.generic]]) -> dict[str, FeatureBins]:
    bins = {}
    for name, feature in FEATURES.items():
        if name not in columns:
            continue
        values = np.asarray(columns[name], dtype=np.float64)
        known = values[np.isfinite(values)]
        low, high = (feature.low, feature.high) if feature.is_share else _reach(known)
        places = np.full(len(values), BINS, dtype=np.int64)
        inside = np.isfinite(values)
        places[inside] = np.clip((values[inside] - low) / (high - low) * BINS, 0, BINS - 1).astype(np.int64)
        bins[name] = FeatureBins(name, low, high, places, float(np.median(known)))
    return bins


def _reach(values: FloatArray) -> tuple[float, float]:
    """Return where nearly all values lie; a few far ones would leave everything else in one bar."""
    low, high = (float(edge) for edge in np.percentile(values, [0.5, 99.5]))
    return (low, high) if high > low else (low - 0.5, low + 0.5)
