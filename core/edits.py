"""What a person changes about playlists by hand: merge, split, move, leave out.

Every function takes a grouping and gives a new one; nothing is computed anew here, see
`core.pipeline.Pipeline.regroup`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.analysis import Analysis
from core.errors import OptionError
from core.playlists.curation import Curated, marked
from core.records import LEFT_BY_HAND, NOISE, BoolArray, ClusterName, FloatArray, IntArray, Playlist
from core.waiting import WAITING, waiting_names

#: Bytes of an identity made for a playlist made by hand; as for those made by the program.
_IDENTITY_BYTES = 8


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which track is in which playlist, and what a person decided about that.

    Attributes
    ----------
    labels : np.ndarray [shape=(n_kept,), dtype=int64]
        Place in `lineages` of each analysed track's playlist; `NOISE` for a track that fits nowhere, `LEFT_BY_HAND`
        for one that a person left out.
    lineages : tuple of str
        Identity of each playlist, each once.
    names : mapping of str to str
        Names a person gave, by lineage.
    """

    labels: IntArray
    lineages: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    def members(self, lineage: str) -> IntArray:
        """Return the rows of a playlist's tracks, ascending.

        Raises
        ------
        OptionError
            When there is no such playlist.
        """
        return np.flatnonzero(self.labels == self.place(lineage)).astype(np.int64)

    def place(self, lineage: str) -> int:
        """Return the number of a playlist.

        Raises
        ------
        OptionError
            When there is no such playlist.
        """
        if lineage not in self.lineages:
            raise OptionError("this playlist is not there any more", next_step="Choose another one")
        return self.lineages.index(lineage)


@dataclass(frozen=True, eq=False)
class Standing:
    """Playlists as they are at one moment, so that a change leaves alone what it does not reach.

    Attributes
    ----------
    track_ids : np.ndarray [shape=(n_kept,), dtype=object]
        The analysed tracks.
    grouping : Grouping
        Where each of them is.
    names : mapping of str to ClusterName
        What each playlist is called and why, by lineage.
    fit : np.ndarray [shape=(n_kept,), dtype=float64]
        How well each track suits its playlist, 0 to 1.
    orders : mapping of str to tuple of str
        The ids of each playlist's tracks in playing order, by lineage.
    """

    track_ids: npt.NDArray[np.object_]
    grouping: Grouping
    names: Mapping[str, ClusterName]
    fit: FloatArray
    orders: Mapping[str, tuple[str, ...]]

    def has(self, lineage: str, members: BoolArray) -> bool:
        """Tell whether there is a playlist of that identity with exactly these tracks [shape=(n_kept,)]."""
        if lineage not in self.names or lineage not in self.grouping.lineages:
            return False
        return np.array_equal(self.grouping.labels == self.grouping.place(lineage), members)

    def ordered(self, curated: Curated) -> Curated:
        """Return playlists with those that have the same tracks as here in the order they have here."""
        playlists = (
            replace(one, track_ids=self.orders[one.lineage]) if self._holds(one) else one for one in curated.playlists
        )
        return replace(curated, playlists=tuple(playlists))

    def _holds(self, playlist: Playlist) -> bool:
        return set(self.orders.get(playlist.lineage, ())) == set(playlist.track_ids)


def standing_of(analysis: Analysis) -> Standing:
    """Return the playlists of an analysis as they are."""
    return Standing(
        track_ids=analysis.prepared.track_ids.to_numpy(dtype=object),
        grouping=grouping_of(analysis),
        names={analysis.lineages[cluster]: name for cluster, name in enumerate(analysis.names)},
        fit=analysis.suitability.fit,
        orders={one.lineage: one.track_ids for one in analysis.curated.playlists},
    )


def grouping_of(analysis: Analysis) -> Grouping:
    """Return the grouping an analysis shows; tracks that fit nowhere or were left out are in no playlist."""
    return Grouping(
        labels=np.where(analysis.left_by_hand, LEFT_BY_HAND, analysis.playlist_labels).astype(np.int64),
        lineages=tuple(analysis.lineages[cluster] for cluster in range(analysis.clustering.k)),
        names={
            analysis.lineages[cluster]: name.text for cluster, name in enumerate(analysis.names) if name.given
        },
    )  # fmt: skip


def carried_over(standing: Standing, analysis: Analysis) -> tuple[Grouping, Standing] | None:
    """Return playlists that were changed by hand in a library that has other tracks now, more of them or fewer.

    Tracks that were there stay where they were. A new one joins the playlist whose middle is nearest to it, unless it
    fits nowhere.

    Parameters
    ----------
    standing : Standing
        The playlists as they were.
    analysis : Analysis
        Of the tracks as they are.

    Returns
    -------
    tuple of (Grouping, Standing) or None
        Where every track belongs, and what was there before in the rows of the analysis. None when less than half of
        the tracks are left: that is another library.
    """
    ids, X = analysis.prepared.track_ids, analysis.prepared.X
    if np.array_equal(standing.track_ids, ids.to_numpy(dtype=object)):
        return standing.grouping, standing
    rows = ids.get_indexer(pd.Index(standing.track_ids))
    there = rows >= 0
    labels = np.full(len(ids), NOISE, dtype=np.int64)
    labels[rows[there]] = standing.grouping.labels[there]
    used = np.unique(labels[labels >= 0])
    if 2 * int(there.sum()) < len(rows) or not len(used):
        return None
    fit = np.full(len(ids), np.nan)
    fit[rows[there]] = standing.fit[there]
    before = replace(standing.grouping, labels=labels)
    new = np.setdiff1d(np.flatnonzero(~analysis.suitability.nowhere), rows[there])
    middles = np.stack([X[labels == place].mean(axis=0) for place in used])
    # Squared distances without the part that is the same for every middle.
    nearest = used[((middles**2).sum(axis=1) - 2.0 * X[new] @ middles.T).argmin(axis=1)]
    after = labels.copy()
    after[new] = nearest
    known = replace(standing, track_ids=ids.to_numpy(dtype=object), grouping=before, fit=fit)
    return _tidy(replace(before, labels=after)), known


def rename(grouping: Grouping, lineage: str, name: str) -> Grouping:
    """Give a playlist a name; an empty one takes the given name back.

    Raises
    ------
    OptionError
        When there is no such playlist.
    """
    grouping.place(lineage)
    others = {key: text for key, text in grouping.names.items() if key != lineage}
    text = " ".join(name.split())
    return replace(grouping, names={**others, lineage: text} if text else others)


def merge(grouping: Grouping, lineages: Collection[str]) -> Grouping:
    """Make one playlist of several; it keeps the identity and the given name of the largest.

    Raises
    ------
    OptionError
        When fewer than two playlists are named, or one is not there.
    """
    chosen = [lineage for lineage in grouping.lineages if lineage in set(lineages)]
    for lineage in lineages:
        grouping.place(lineage)
    if len(chosen) < 2:
        raise OptionError("one playlist alone cannot be merged", next_step="Choose at least two")
    heir = max(chosen, key=lambda lineage: len(grouping.members(lineage)))
    labels = grouping.labels.copy()
    labels[np.isin(labels, [grouping.place(lineage) for lineage in chosen])] = grouping.place(heir)
    return _tidy(replace(grouping, labels=labels))


def split(grouping: Grouping, lineage: str, parts: IntArray, *, track_ids: Collection[str]) -> Grouping:
    """Make several playlists of one; the largest part keeps its identity.

    Parameters
    ----------
    grouping : Grouping
        What is there.
    lineage : str
        The playlist.
    parts : np.ndarray [shape=(n_members,), dtype=int64]
        Part of each of its tracks, in the order of `Grouping.members`.
    track_ids : collection of str
        Ids of all analysed tracks, which new identities are made from.

    Raises
    ------
    OptionError
        When there is no such playlist, or all its tracks are in one part.
    """
    rows = grouping.members(lineage)
    numbers, counts = np.unique(parts, return_counts=True)
    if len(numbers) < 2:
        raise OptionError("these tracks sound too much alike to be split", next_step="Move some of them by hand")
    ids = np.asarray(track_ids, dtype=object)
    for number in numbers[np.argsort(-counts, kind="stable")][1:]:
        grouping = _with_new(grouping, rows[parts == number], ids)
    return _tidy(grouping)


def move(grouping: Grouping, rows: IntArray, lineage: str) -> Grouping:
    """Put tracks into a playlist, wherever they are now.

    Raises
    ------
    OptionError
        When there is no such playlist.
    """
    return _placed(grouping, rows, grouping.place(lineage))


def leave_out(grouping: Grouping, rows: IntArray) -> Grouping:
    """Take tracks out of all playlists.

    Raises
    ------
    OptionError
        When no playlist would be left.
    """
    left = _placed(grouping, rows, LEFT_BY_HAND)
    if not left.lineages:
        raise OptionError("every track would be left out", next_step="Keep at least one playlist")
    return left


def make_playlist(grouping: Grouping, rows: IntArray, *, track_ids: Collection[str], name: str = "") -> Grouping:
    """Make a new playlist of tracks, wherever they are now.

    Parameters
    ----------
    grouping : Grouping
        What is there.
    rows : np.ndarray [dtype=int64]
        The tracks, at least one.
    track_ids : collection of str
        Ids of all analysed tracks.
    name : str, default ""
        Its name; when empty, it is named for how it sounds.

    Raises
    ------
    OptionError
        When there are no tracks.
    """
    if not len(rows):
        raise OptionError("a playlist needs at least one track", next_step="Choose some tracks")
    made = _with_new(grouping, rows, np.asarray(track_ids, dtype=object))
    return _tidy(rename(made, made.lineages[-1], name))


def _placed(grouping: Grouping, rows: IntArray, label: int) -> Grouping:
    labels = grouping.labels.copy()
    labels[rows] = label
    return _tidy(replace(grouping, labels=labels))


def _with_new(grouping: Grouping, rows: IntArray, ids: np.ndarray) -> Grouping:
    labels = grouping.labels.copy()
    labels[rows] = len(grouping.lineages)
    lineage = _fresh(ids[rows].tolist(), grouping.lineages)
    return replace(grouping, labels=labels, lineages=(*grouping.lineages, lineage))


def _fresh(ids: Iterable[str], taken: Collection[str]) -> str:
    """Return an identity that follows from the tracks and is not taken yet."""
    content, attempt = "\x1f".join(sorted(ids)), 0
    while True:
        text = f"by hand {attempt}\x1f{content}".encode("utf-8", "replace")
        lineage = blake2b(text, digest_size=_IDENTITY_BYTES).hexdigest()
        if lineage not in taken:
            return lineage
        attempt += 1


def _tidy(grouping: Grouping) -> Grouping:
    """Close the gaps in the numbers of playlists; those without tracks go, and so do their names."""
    used = np.unique(grouping.labels[grouping.labels >= 0])
    if len(used) == len(grouping.lineages):
        return grouping
    number = np.full(len(grouping.lineages) + 2, NOISE, dtype=np.int64)
    number[used] = np.arange(len(used))
    number[LEFT_BY_HAND] = LEFT_BY_HAND  # labels below 0 look at the end
    lineages = tuple(grouping.lineages[place] for place in used)
    names = {lineage: name for lineage, name in grouping.names.items() if lineage in lineages}
    return replace(grouping, labels=number[grouping.labels], lineages=lineages, names=names)


def with_name(analysis: Analysis, lineage: str, name: str, *, given: bool = True) -> Analysis:
    """Return an analysis in which one playlist has another name; nothing else changes.

    Parameters
    ----------
    analysis : Analysis
        What is there.
    lineage : str
        The playlist.
    name : str
        Its name, not empty.
    given : bool, default True
        Whether a person gave it; False for a name that the program gave earlier.

    Raises
    ------
    OptionError
        When there is no such playlist, or the name is empty.
    """
    text = " ".join(name.split())
    clusters = [cluster for cluster, line in analysis.lineages.items() if line == lineage]
    if not clusters or not text:
        raise OptionError("a playlist cannot be called that", next_step="Choose a playlist and type a name")
    names = list(analysis.names)
    names[clusters[0]] = replace(names[clusters[0]], text=text, given=given)
    taken = {one.name.casefold() for one in analysis.curated.playlists if one.cluster_id != clusters[0]}
    wanted = marked(text, analysis.options.playlists)
    title = next(one for one in _numbered(wanted) if one.casefold() not in taken)
    playlists = tuple(
        replace(one, name=title) if one.cluster_id == clusters[0] else one for one in analysis.curated.playlists
    )
    told = [*(one for one in analysis.notices if one.kind != WAITING), *waiting_names(analysis.waiting, names)]
    curated = replace(analysis.curated, playlists=playlists)
    return replace(analysis, names=tuple(names), curated=curated, notices=tuple(told))


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} ({number})" for number in itertools.count(2))
