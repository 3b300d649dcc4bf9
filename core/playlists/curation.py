"""From clusters to playlists: what is left out and why, how they are called, and in which order they play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DataError
from core.library import Library
from core.options import PlaylistOptions
from core.playlists import ordering
from core.playlists.duplicates import Duplicate, artist_key, find_duplicates, oldest_first
from core.progress import Report, silent
from core.records import NOISE, BoolArray, Claim, ClusterName, FloatArray, IntArray, Playlist, Prepared
from core.wording import listed

#: Why a track of the library is in no playlist. Each one is there for one reason: the first that applies, in this
#: order.
NOT_ANALYSED = "not analysed"
LEFT_OUT_BY_HAND = "left out by hand"
FITS_NOWHERE = "fits nowhere"
EXPLICIT = "explicit"
TOO_SHORT = "too short"
TOO_LONG = "too long"
DUPLICATE = "duplicate"
ARTIST_LIMIT = "artist limit"
REASONS: tuple[str, ...] = (
    NOT_ANALYSED, LEFT_OUT_BY_HAND, FITS_NOWHERE, EXPLICIT, TOO_SHORT, TOO_LONG, DUPLICATE, ARTIST_LIMIT,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curated:
    """Playlists, and what is in none of them.

    Attributes
    ----------
    playlists : tuple of Playlist
        By cluster, without the clusters nothing is left of.
    left_out : mapping of str to tuple of str
        Track ids by reason (`REASONS`), in library order; only reasons that occur. Every track of the library is
        either in one playlist or here once.
    duplicates : tuple of Duplicate
        For each track left out as a duplicate, which one stays and what they share.
    """

    playlists: tuple[Playlist, ...]
    left_out: Mapping[str, tuple[str, ...]]
    duplicates: tuple[Duplicate, ...]


def make_playlists(
    library: Library,
    prepared: Prepared,
    labels: IntArray,
    names: Sequence[ClusterName],
    fit: FloatArray,
    *,
    options: PlaylistOptions | None = None,
    lineages: Mapping[int, str] | None = None,
    left_by_hand: BoolArray | None = None,
    report: Report = silent,
) -> Curated:
    """Turn clusters into playlists.

    Parameters
    ----------
    library : Library
        All tracks.
    prepared : Prepared
        The tracks that were clustered.
    labels : np.ndarray [shape=(n_kept,), dtype=int64]
        Cluster of each prepared track; `NOISE` for tracks that are in none.
    names : sequence of ClusterName [length ≥ number of clusters]
        Name of each cluster, by its number.
    fit : np.ndarray [shape=(n_kept,), dtype=float64]
        0 to 1, how well each prepared track suits its cluster.
    options : PlaylistOptions, optional
        What is left out, and the order.
    lineages : mapping of int to str, optional
        Identity of each cluster, see `core.playlists.match_lineage`.
    left_by_hand : np.ndarray, optional
        Which of the tracks without a cluster a person left out [shape=(n_kept,), dtype=bool]; the others
        fit nowhere.
    report : Report
        Told before each playlist; may raise `core.progress.Cancelled`.

    Returns
    -------
    Curated
        The same for the same input and seed.

    Raises
    ------
    DataError
        When labels, fit and prepared tracks differ in number, or a cluster has no name.
    """
    options = options or PlaylistOptions()
    _check(prepared, labels, names, fit)
    candidates, duplicates = _curate(library, prepared, labels, fit, options)
    if left_by_hand is not None:
        candidates.reasons[left_by_hand] = LEFT_OUT_BY_HAND
    order = _Order(library, prepared, candidates, options)
    taken: set[str] = set()
    playlists = []
    clusters = np.unique(labels[labels != NOISE]).tolist()
    for done, cluster in enumerate(clusters):
        report(done, len(clusters), "Ordering playlists")
        members = np.flatnonzero((labels == cluster) & (candidates.reasons == ""))
        if len(members):
            ids = prepared.track_ids[members[order.of(members, cluster)]]
            title = _unique(marked(names[cluster].text, options), taken)
            lineage = (lineages or {}).get(cluster, "")
            playlists.append(Playlist(title, describe(names[cluster]), tuple(ids.tolist()), cluster, lineage))
    report(len(clusters), len(clusters), "Ordering playlists")
    return Curated(tuple(playlists), _left_out(library, prepared, candidates.reasons), duplicates)


def tracks_kept(
    library: Library, prepared: Prepared, labels: IntArray, fit: FloatArray, *, options: PlaylistOptions
) -> BoolArray:
    """Return which prepared tracks `make_playlists` would put into a playlist [shape=(n_kept,), dtype=bool]."""
    candidates, _ = _curate(library, prepared, labels, fit, options)
    kept: BoolArray = candidates.reasons == ""
    return kept


def marked(name: str, options: PlaylistOptions) -> str:
    """Return a playlist's name with the person's own mark before and after it.

    The marks are used as they are, but a mark and a name never run together into one word. A mark that the name
    carries already is not added again.
    """
    prefix, suffix = options.prefix, options.suffix
    before, after = (" " if sign.isalnum() else "" for sign in (prefix[-1:], suffix[:1]))
    # "S" is no mark of "Somber", which only begins like it.
    if prefix and not (name.startswith(prefix) and not (before and name[len(prefix) :][:1].isalnum())):
        name = prefix + before + name
    if suffix and not (name.endswith(suffix) and not (after and name[: -len(suffix)][-1:].isalnum())):
        name = name + after + suffix
    return name


def describe(name: ClusterName) -> str:
    """Return one plain line that says what justifies a cluster's name.

    Parameters
    ----------
    name : ClusterName
        With its claims.

    Returns
    -------
    str
        Such as "Of its tracks 91 % are above the library's median energy and 62 % are Rock."
    """
    if not name.claims:
        return (
            "Named by hand." if name.given else "A mix: nothing sets these tracks apart from the rest of the library."
        )
    parts = [_claim_text(claim) for claim in name.claims]
    return f"Of its tracks {listed(parts)}."


def _claim_text(claim: Claim) -> str:
    share = f"{round(claim.share * 100)} %"
    if claim.feature == "genre":
        return f"{share} are {claim.word}"
    side = "above" if claim.direction == "high" else "below"
    return f"{share} are {side} the library's median {claim.feature}"


@dataclass(frozen=True, eq=False)
class _Candidates:
    """The prepared tracks on their way into playlists, row by row.

    Attributes
    ----------
    tracks : pandas.DataFrame [shape=(n_kept, …)]
        Their rows of the library.
    labels, fit : np.ndarray [shape=(n_kept,)]
        As given to `make_playlists`.
    reasons : np.ndarray [shape=(n_kept,), dtype=object]
        Why each one is left out; empty text while it stays. The one thing here that is written to.
    """

    tracks: pd.DataFrame
    labels: IntArray
    fit: FloatArray
    reasons: npt.NDArray[np.object_]


def _curate(
    library: Library, prepared: Prepared, labels: IntArray, fit: FloatArray, options: PlaylistOptions
) -> tuple[_Candidates, tuple[Duplicate, ...]]:
    """Mark the tracks that are left out; return all, and the duplicates."""
    candidates = _Candidates(library.tracks.iloc[prepared.rows], labels, fit, np.full(len(prepared), "", dtype=object))
    _drop_unwanted(candidates, options)
    features = library.features.iloc[prepared.rows]
    duplicates = _drop_duplicates(candidates, features) if options.deduplicate else ()
    _drop_beyond_limit(candidates, options.max_per_artist)
    return candidates, duplicates


def _check(prepared: Prepared, labels: IntArray, names: Sequence[ClusterName], fit: FloatArray) -> None:
    if not len(prepared) == len(labels) == len(fit):
        sizes = f"{len(prepared)} tracks, {len(labels)} labels and {len(fit)} fits"
        raise DataError(f"playlists cannot be made from {sizes}")
    highest = int(labels.max(initial=NOISE))
    if highest >= len(names):
        raise DataError(f"cluster {highest} has no name: there are {len(names)} names")


def _drop_unwanted(candidates: _Candidates, options: PlaylistOptions) -> None:
    """Mark the tracks that are left out on their own account."""
    reasons, tracks = candidates.reasons, candidates.tracks
    duration, explicit = tracks["duration_s"].to_numpy(), tracks["explicit"].to_numpy()
    # The strongest reason is written last.
    if options.longest_s:
        reasons[duration > options.longest_s] = TOO_LONG
    if options.shortest_s:
        reasons[duration < options.shortest_s] = TOO_SHORT
    if options.explicit == "drop":
        reasons[explicit == 1.0] = EXPLICIT
    reasons[candidates.labels == NOISE] = FITS_NOWHERE


def _drop_duplicates(candidates: _Candidates, features: pd.DataFrame) -> tuple[Duplicate, ...]:
    """Mark the duplicates among the tracks that stay."""
    staying = candidates.reasons == ""
    duplicates = find_duplicates(candidates.tracks[staying], features[staying])
    dropped = pd.Index([duplicate.track_id for duplicate in duplicates], dtype="str")
    candidates.reasons[candidates.tracks.index.get_indexer(dropped)] = DUPLICATE
    return duplicates


def _drop_beyond_limit(candidates: _Candidates, limit: int) -> None:
    """Mark the worst fitting tracks an artist has too many of in a playlist; unknown artists have no limit."""
    if not limit:
        return
    artists = candidates.tracks["artist"].tolist()
    counts: Counter[tuple[int, str]] = Counter()
    for row in ordering.best_first(candidates.fit).tolist():
        artist = artist_key(artists[row])
        if artist and not candidates.reasons[row]:
            key = (int(candidates.labels[row]), artist)
            counts[key] += 1
            if counts[key] > limit:
                candidates.reasons[row] = ARTIST_LIMIT


class _Order:
    """The order of a playlist's tracks, as the options ask for it."""

    def __init__(self, library: Library, prepared: Prepared, candidates: _Candidates, options: PlaylistOptions) -> None:
        self.options = options
        self.fit = candidates.fit
        self.added_at = candidates.tracks["added_at"]
        self.energy = library.features["energy"].to_numpy()[prepared.rows]
        self.sound = ordering.sound_of(library, prepared) if options.order == "smooth" else None

    def of(self, members: IntArray, cluster: int) -> IntArray:
        """Return the order of the members as positions among them [shape=(n_members,), dtype=int64]."""
        fit = self.fit[members]
        if self.sound is not None:
            return ordering.smooth(self.sound.take(members), fit)
        if self.options.order == "arc":
            return ordering.energy_arc(self.energy[members], fit)
        if self.options.order == "added":
            return oldest_first(self.added_at.iloc[members])
        if self.options.order == "shuffle":
            return ordering.shuffled(len(members), self.options.seed, cluster)
        return ordering.best_first(fit)


def _unique(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if it is taken in any case."""
    unique, number = name, 2
    while unique.casefold() in taken:
        unique = f"{name} ({number})"
        number += 1
    taken.add(unique.casefold())
    return unique


def _left_out(library: Library, prepared: Prepared, reasons: npt.NDArray[np.object_]) -> dict[str, tuple[str, ...]]:
    """Return the ids of the tracks left out, by reason."""
    analysed = np.zeros(len(library), dtype=bool)
    analysed[prepared.rows] = True
    ids = {NOT_ANALYSED: library.tracks.index[~analysed]}
    ids |= {reason: prepared.track_ids[reasons == reason] for reason in REASONS[1:]}
    return {reason: tuple(found.tolist()) for reason, found in ids.items() if len(found)}
