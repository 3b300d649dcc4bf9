"""The whole road from a library to named playlists: the only module that knows all the stages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import numpy as np
import pandas as pd

from core import genre_tree, genres, naming, playlists, preparation, projection, quality
from core.analysis import Analysis
from core.clustering import cluster, fit_sizes, fit_sweep, make_clustering, suitability
from core.edits import Grouping, Standing, standing_of
from core.errors import DataError, TooFewTracks
from core.features import BASE_NAMES
from core.library import Library, Notice
from core.options import FREE_K, AnalysisOptions, ClusterOptions, GenreOptions, PlaylistOptions, SizeOptions
from core.progress import Report, silent
from core.records import (
    NOISE,
    BoolArray,
    Clustering,
    ClusterName,
    FloatArray,
    Genres,
    IntArray,
    Prepared,
    Suitability,
    Sweep,
)  # fmt: skip
from core.wording import counted

T = TypeVar("T")

#: What a progress bar counts.
_STEPS = (
    "Preparing features",
    "Comparing numbers of playlists",
    "Sorting tracks",
    "Naming",
    "Checking names",
    "Ordering",
)
#: Added to the name of the algorithm when a person changed what it found.
BY_HAND = ", then by hand"
#: Below this AUC a name is true but does not tell its cluster apart: of a member and another track, the other
#: one fits the name better more than one time in four.
WEAK_AUC = 0.75
#: Below this mean AUC the clusters themselves, and not their names, are in doubt; below this share a claim is looser
#: than names are meant to be (`core.options.NamingOptions.good_share`).
WEAK_MEAN_AUC, LOOSE_SHARE = 0.90, 0.80
#: Refits for the stability of claims: on this share of the tracks, but on no more than the limit.
REFITS, REFIT_SHARE, REFIT_LIMIT = 3, 0.8, 20_000
#: Starts of K-means when a cluster is split for its size: there can be hundreds of them, each small.
SPLIT_STARTS = 2
#: The options that decide which tracks a playlist keeps.
_LEAVING_OUT = ("deduplicate", "max_per_artist", "shortest_s", "longest_s", "explicit")
#: Algorithms quick enough to be fitted again, whose refits follow their seed.
_REFITTED = frozenset({"kmeans", "minibatch", "bisecting"})
#: Inside a genre without a chosen K, a subgenre counts when it has more than this many tracks or this share.
_SUBGENRE_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class _Grouped:
    """Tracks in clusters, whoever grouped them, and what the rest of the road needs to know.

    Attributes
    ----------
    library, prepared, sweep, clustering, k_reason, options, lineages
        As in `core.analysis.Analysis`.
    given : mapping of int to str
        Names that are settled, by cluster.
    standing : mapping of int to ClusterName
        Names with their claims that stay as they were, by cluster; their texts are among `given`.
    fit : np.ndarray or None
        The fit of tracks whose playlist stays as it was, NaN for all others [shape=(n_kept,), dtype=float64]; None
        while no person has placed anything: then a track may turn out to fit nowhere.
    """

    library: Library
    prepared: Prepared
    sweep: Sweep | None
    clustering: Clustering
    k_reason: str
    options: AnalysisOptions
    lineages: dict[int, str]
    given: Mapping[int, str]
    standing: Mapping[int, ClusterName] = field(default_factory=dict)
    fit: FloatArray | None = None

    @property
    def values(self) -> pd.DataFrame:
        """Base features of the kept tracks, in original units."""
        return self.library.features[list(BASE_NAMES)].iloc[self.prepared.rows]


@dataclass
class Pipeline:
    """Analyses libraries and remembers each stage's last result.

    A stage runs again only when its input or its options have changed: another K keeps the prepared features,
    another order of the playlists keeps everything else.
    """

    _kept: dict[str, tuple[tuple[object, ...], object]] = field(default_factory=dict)

    def analyze(
        self,
        library: Library,
        *,
        options: AnalysisOptions,
        previous: Mapping[str, Collection[str]] | None = None,
        earlier: Mapping[str, Sequence[Collection[str]]] | None = None,
        given_names: Mapping[str, str] | None = None,
        report: Report = silent,
    ) -> Analysis:
        """Analyse a library.

        Parameters
        ----------
        library : Library
            Tracks with features.
        options : AnalysisOptions
            What decides the result.
        previous : mapping of str to collection of str, optional
            Track ids of each lineage known from earlier analyses of this library.
        earlier : mapping of str to sequence of collection of str, optional
            Other tracks that lineages with something hanging on them had once, see `core.playlists.match_lineage`.
        given_names : mapping of str to str, optional
            Names a person chose, by lineage.
        report : Report
            Told about every step; may raise `core.progress.Cancelled`.

        Returns
        -------
        Analysis
            The same for the same arguments.

        Raises
        ------
        DataError
            When the tracks cannot be analysed as asked.
        """
        recipe = options.recipe
        _step(report, 0)
        library = self._stage("inside", (library, recipe.genres.inside), lambda: _inside(library, recipe.genres.inside))
        prepared = self._stage(
            "prepared", (library, recipe.prepare), lambda: preparation.prepare(library.features, options=recipe.prepare)
        )
        _step(report, 1)
        sweep = self._sweep(prepared, options, report)
        k, k_reason = _choose_k(library, prepared, options, sweep)
        _step(report, 2)
        found = self._clustering(prepared, options, k, report)
        clustering = self._sized(library, prepared, options, found, report)
        if clustering is not found:
            k_reason = _why_sized(found, clustering, options.sizes)
        lineages = playlists.match_lineage(
            previous or {}, _members(prepared, clustering), earlier=earlier, named=given_names or ()
        )
        given = {c: given_names[line] for c, line in lineages.items() if given_names and line in given_names}
        _step(report, 3)
        return self._finish(_Grouped(library, prepared, sweep, clustering, k_reason, options, lineages, given), report)

    def regroup(
        self, analysis: Analysis, grouping: Grouping, *, standing: Standing | None = None, report: Report = silent
    ) -> Analysis:
        """Return an analysis with the playlists a person made of it: named, measured and ordered anew.

        What the grouping places stays there, however badly it fits. A playlist with the same tracks as before keeps
        them in their order, its claims and, unless the grouping names it, its name.

        Parameters
        ----------
        analysis : Analysis
            What the grouping came from.
        grouping : Grouping
            See `core.edits`.
        standing : Standing, optional
            The playlists before, with the same tracks in the same rows; those of the analysis when not given.
        report : Report
            Told about every step; may raise `core.progress.Cancelled`.

        Returns
        -------
        Analysis
            With the same tracks, preparation and sweep.

        Raises
        ------
        DataError
            When the grouping belongs to other tracks.
        """
        prepared = analysis.prepared
        if len(grouping.labels) != len(prepared):
            raise DataError(f"{len(grouping.labels)} places are given for {len(prepared)} tracks")
        before = standing or standing_of(analysis)
        algorithm = analysis.clustering.algorithm.removesuffix(BY_HAND) + BY_HAND
        clustering = make_clustering(prepared.X, grouping.labels, algorithm=algorithm)
        lineages = {
            cluster: grouping.lineages[int(grouping.labels[np.argmax(clustering.labels == cluster)])]
            for cluster in range(clustering.k)
        }
        kept = [cluster for cluster, line in lineages.items() if before.has(line, clustering.labels == cluster)]
        called = _still_called(before, {cluster: lineages[cluster] for cluster in kept}, grouping.names)
        given = {c: grouping.names[line] for c, line in lineages.items() if line in grouping.names}
        grouped = _Grouped(
            analysis.library, prepared, analysis.sweep, clustering, analysis.k_reason, analysis.options, lineages,
            given={c: name.text for c, name in called.items()} | given,
            standing=called,
            fit=np.where(np.isin(clustering.labels, kept), before.fit, np.nan),
        )  # fmt: skip
        made = self._finish(grouped, report)
        return replace(made, curated=before.ordered(made.curated))

    def parts_of(self, analysis: Analysis, rows: IntArray, *, parts: int = 2) -> IntArray:
        """Return a part for each of some tracks, those of a part sounding alike [shape=(len(rows),)].

        Parameters
        ----------
        analysis : Analysis
            Where the tracks are from.
        rows : np.ndarray [dtype=int64]
            Rows of the analysed tracks.
        parts : int, default 2
            Number of parts, at least 2.

        Raises
        ------
        DataError
            When the tracks cannot be told apart.
        """
        settings = replace(analysis.options.recipe.cluster, algorithm="kmeans", k=parts)
        return _fit(analysis.prepared.X[rows], settings).labels

    def _finish(self, grouped: _Grouped, report: Report) -> Analysis:
        """Run what follows from the clusters: names, map, tables, playlists."""
        library, prepared, clustering, options = grouped.library, grouped.prepared, grouped.clustering, grouped.options
        genre_inputs = (library, prepared, options.recipe.genres, clustering.k)
        labels = self._stage("genres", genre_inputs, lambda: _labels(*genre_inputs))
        names, measured, stability = self._names(grouped, report)
        _step(report, 5)
        suits = self._suitability(grouped)
        placed = np.where(suits.nowhere, NOISE, clustering.labels).astype(np.int64)
        curated = playlists.make_playlists(
            library, prepared, placed, names, suits.fit,
            options=options.playlists, lineages=grouped.lineages, report=report,
        )  # fmt: skip
        seed = options.recipe.cluster.seed
        silhouette = self._stage(
            "silhouette", (prepared, clustering, seed), lambda: _silhouette(prepared, clustering, seed=seed)
        )
        told = (*_notices(prepared, int(suits.nowhere.sum())), *_doubtful_names(names, measured))
        told += tuple(
            playlists.unknown_to(
                library.tracks.iloc[prepared.rows], library.features["energy"].iloc[prepared.rows], options.playlists
            )
        )
        if grouped.fit is None:
            told += (*_missed_sizes(curated, options.sizes), *_emptied(curated, clustering.k))
        return Analysis(
            library=library,
            options=options,
            prepared=prepared,
            clustering=clustering,
            suitability=suits,
            genres=labels,
            table=self._stage("table", (labels, clustering), lambda: genres.genre_table(labels, clustering)),
            projection=self._stage("projection", (prepared,), lambda: projection.project(prepared)),
            sweep=grouped.sweep,
            silhouette=silhouette,
            names=names,
            naming=measured,
            claim_stability=stability,
            curated=curated,
            lineages=grouped.lineages,
            k_reason=grouped.k_reason,
            notices=(*library.notices, *told),
        )

    def _names(
        self, grouped: _Grouped, report: Report
    ) -> tuple[tuple[ClusterName, ...], naming.NamingQuality, float | None]:
        """Name the clusters, measure the names, and see whether their claims repeat."""
        library, prepared, clustering, options = grouped.library, grouped.prepared, grouped.clustering, grouped.options
        lexicon = naming.load_lexicon()  # a person may have changed the words since the last analysis
        names = self._stage(
            "names",
            (
                library,
                prepared,
                clustering,
                options.recipe.naming,
                options.recipe.genres.inside,
                grouped.given,
                lexicon,
            ),
            lambda: _named(library, prepared, clustering, options, grouped.given, lexicon),
        )
        if grouped.standing:
            names = tuple(grouped.standing.get(cluster, name) for cluster, name in enumerate(names))
        measured = self._stage(
            "naming",
            (library, prepared, clustering, names),
            lambda: naming.naming_quality(grouped.values, clustering.labels, names),
        )
        _step(report, 4)
        stability = self._stage(
            "stability",
            (library, prepared, clustering, options.recipe, options.sizes, lexicon),
            lambda: _claim_stability(grouped.values, prepared, clustering, options, lexicon, report),
        )
        return names, measured, stability

    def _suitability(self, grouped: _Grouped) -> Suitability:
        """Measure how well tracks suit their clusters; where a person placed them, they stay."""
        prepared, clustering = grouped.prepared, grouped.clustering
        suits = self._stage("suitability", (prepared, clustering), lambda: suitability(prepared, clustering))
        if grouped.fit is None:
            return suits
        fit = np.where(np.isnan(grouped.fit), suits.fit, grouped.fit)
        return replace(suits, fit=fit, nowhere=clustering.labels == NOISE)

    def _stage(self, name: str, inputs: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return the last result of a stage when its inputs are the same, else compute it."""
        kept = self._kept.get(name)
        if kept and len(kept[0]) == len(inputs) and all(a is b or a == b for a, b in zip(kept[0], inputs, strict=True)):
            return cast(T, kept[1])
        result = compute()
        self._kept[name] = (inputs, result)
        return result

    def _sweep(self, prepared: Prepared, options: AnalysisOptions, report: Report) -> Sweep | None:
        settings = options.recipe.cluster
        if settings.algorithm in FREE_K:
            return None

        def fits(X: FloatArray, ks: Sequence[int], seed: int) -> Mapping[int, IntArray | DataError]:
            return fit_sweep(X, ks, options=replace(settings, seed=seed), report=report)

        return self._stage(
            "sweep", (prepared, options.recipe.sweep, settings.algorithm, settings.seed),
            lambda: quality.sweep(
                prepared, fits=fits, options=options.recipe.sweep, seed=settings.seed, report=report
            ),
        )  # fmt: skip

    def _clustering(self, prepared: Prepared, options: AnalysisOptions, k: int, report: Report) -> Clustering:
        settings = replace(options.recipe.cluster, k=k)
        return self._stage(
            "clustering", (prepared, settings), lambda: cluster(prepared, options=settings, report=report)
        )  # fmt: skip

    def _sized(
        self, library: Library, prepared: Prepared, options: AnalysisOptions, found: Clustering, report: Report
    ) -> Clustering:
        """Return the clusters whose playlists have the size asked for; those found when no size was."""
        settings, sizes = options.recipe.cluster, options.sizes
        if not sizes.smallest and not sizes.largest:
            return found

        leaving_out = replace(PlaylistOptions(), **{name: getattr(options.playlists, name) for name in _LEAVING_OUT})

        def split(X: FloatArray, parts: int) -> IntArray:
            parted = replace(settings, algorithm="kmeans", k=parts, n_init=min(settings.n_init, SPLIT_STARTS))
            return _fit(X, parted, lambda *_: report(2, len(_STEPS), "Splitting what is too long")).labels

        def stays(clustering: Clustering) -> BoolArray:
            suits = suitability(prepared, clustering)
            placed = np.where(suits.nowhere, NOISE, clustering.labels).astype(np.int64)
            return playlists.tracks_kept(library, prepared, placed, suits.fit, options=leaving_out)

        def fitted() -> Clustering:
            one, alike = np.zeros(len(prepared), dtype=np.int64), np.ones(len(prepared))
            unlimited = replace(leaving_out, max_per_artist=0)
            return fit_sizes(
                prepared.X, found, smallest=sizes.smallest, largest=sizes.largest, split=split, stays=stays,
                wanted=playlists.tracks_kept(library, prepared, one, alike, options=unlimited),
            )  # fmt: skip

        return self._stage("sized", (library, prepared, found, sizes, leaving_out), fitted)


def _step(report: Report, step: int) -> None:
    report(step, len(_STEPS), _STEPS[step])


def _inside(library: Library, genre: str) -> Library:
    """Return the library, or the part of it whose top genre is `genre` or below it."""
    if not genre:
        return library
    names = genre_tree.inside(genre, labels=_top_genres(library), parents=library.genre_parents)
    return library.select(genres.rows_inside(library.tracks, names, asked_for=genre))


def _top_genres(library: Library) -> list[str]:
    return [str(name) for name in library.tracks["genre"].unique() if name]


def _spelled(library: Library, genre: str) -> str:
    """Return the genre asked for as the library spells it."""
    key = genre_tree.normalise(genre)
    return next((name for name in _top_genres(library) if genre_tree.normalise(name) == key), genre)


def _labels(library: Library, prepared: Prepared, options: GenreOptions, k: int) -> Genres:
    """Label kept tracks by genre, or by subgenre when the analysis is inside one."""
    tracks = library.tracks.iloc[prepared.rows]
    if not options.inside:
        return genres.absorb_minor(tracks["genre"], prepared, options=options)
    name = _spelled(library, options.inside)
    labels = genres.subgenre_labels(tracks["genres"], plain={name}, name=name, k=k).to_numpy(dtype=object)
    return genres.label_genres(labels)


def _choose_k(library: Library, prepared: Prepared, options: AnalysisOptions, sweep: Sweep | None) -> tuple[int, str]:
    """Return the number of clusters and why it is that many."""
    recipe = options.recipe
    if sweep is None:
        asked = options.sizes.playlists or (recipe.k if isinstance(recipe.k, int) else 0)
        passed_over = f", so the {asked} asked for are passed over" if asked else ""
        return recipe.cluster.k, f"{recipe.cluster.algorithm} finds the number of clusters itself{passed_over}"
    if options.sizes.playlists:
        return options.sizes.playlists, "as many playlists as asked for"
    if isinstance(recipe.k, int):
        return recipe.k, "as asked for"
    if recipe.k == "genres":
        k = _major_genres(library, prepared, recipe.genres)
        if k >= 2:
            return k, f"one cluster for each of the {k} major genres"
    return sweep.suggested_k, sweep.reason


def _why_sized(found: Clustering, sized: Clustering, sizes: SizeOptions) -> str:
    """Say why there are as many playlists after their sizes were seen to."""
    least, most = f"{sizes.smallest:,}", f"{sizes.largest:,}"
    if not sizes.smallest:
        wish = f"at most {counted(sizes.largest, 'track')}"
    else:
        wish = f"{least} to {most} tracks" if sizes.largest else f"at least {counted(sizes.smallest, 'track')}"
    made = f"{counted(found.k, 'cluster')} {'was' if found.k == 1 else 'were'}"
    return f"{counted(sized.k, 'playlist')}: for {wish} in each, {made} split where too long and merged where too short"


def _major_genres(library: Library, prepared: Prepared, options: GenreOptions) -> int:
    """Count major genres; inside a genre, the genre itself and its major subgenres."""
    tracks = library.tracks.iloc[prepared.rows]
    if not options.inside:
        return len(genres.absorb_minor(tracks["genre"], prepared, options=options).counts)
    name = _spelled(library, options.inside)
    others = pd.Series([label for labels in tracks["genres"] for label in set(labels) - {name}], dtype=object)
    return 1 + int((others.value_counts() > max(options.minor_at_most, _SUBGENRE_SHARE * len(tracks))).sum())


def _members(prepared: Prepared, clustering: Clustering) -> dict[int, list[str]]:
    """Return the track ids of each cluster."""
    return {c: prepared.track_ids[clustering.labels == c].tolist() for c in range(clustering.k)}


def _still_called(before: Standing, lineages: Mapping[int, str], given: Mapping[str, str]) -> dict[int, ClusterName]:
    """Return the names of clusters that are as they were; a name that a person took back is none of them."""
    names = {}
    for number, line in lineages.items():
        name = before.names[line]
        if line in given:
            names[number] = replace(name, text=given[line], given=True)
        elif not name.given:
            names[number] = name
    return names


def _named(
    library: Library,
    prepared: Prepared,
    clustering: Clustering,
    options: AnalysisOptions,
    given: Mapping[int, str],
    lexicon: naming.Lexicon,
) -> tuple[ClusterName, ...]:
    settings = options.recipe.naming
    inside = options.recipe.genres.inside
    top_genres = library.tracks["genre"].iloc[prepared.rows]
    return naming.name_clusters(
        naming.gather_evidence(
            library.features[list(BASE_NAMES)].iloc[prepared.rows], clustering.labels, k=clustering.k
        ),
        lexicon=lexicon,
        options=settings,
        genres=naming.genre_claims(top_genres, clustering.labels, k=clustering.k, options=settings),
        inside=_spelled(library, inside) if inside else "",
        given=given,
    )  # fmt: skip


def _fit(X: FloatArray, settings: ClusterOptions, report: Report = silent) -> Clustering:
    rows = np.arange(len(X), dtype=np.int64)
    whole = Prepared(X=X, rows=rows, track_ids=pd.RangeIndex(len(X)), columns=tuple(map(str, range(X.shape[1]))))
    return cluster(whole, options=settings, report=report)


def _silhouette(prepared: Prepared, clustering: Clustering, *, seed: int) -> float:
    return float(quality.silhouettes(prepared.X, [clustering.labels], seed=seed).mean[0])


def _claim_stability(
    values: pd.DataFrame,
    prepared: Prepared,
    clustering: Clustering,
    options: AnalysisOptions,
    lexicon: naming.Lexicon,
    report: Report,
) -> float | None:
    """Cluster and name subsamples anew; return the mean Jaccard index of the claims of matched clusters."""
    settings, sizes = options.recipe.cluster, options.sizes
    count = min(int(REFIT_SHARE * len(prepared)), REFIT_LIMIT)
    sized = sizes.smallest or sizes.largest
    if clustering.algorithm not in _REFITTED or sized or count < 2 * clustering.k:
        return None
    whole = _plain_names(values, clustering, options, lexicon)
    agreements = []
    for repeat in range(REFITS):
        report(4, len(_STEPS), f"Checking names ({repeat + 1} of {REFITS})")
        rows = np.sort(np.random.default_rng((settings.seed, repeat)).permutation(len(prepared))[:count])
        seed = (settings.seed + repeat + 1) % 2**32
        try:
            refit = _fit(prepared.X[rows], replace(settings, k=clustering.k, seed=seed))
        except TooFewTracks:  # nearly all tracks are alike, and the part lacks one of the others
            continue
        names = _plain_names(values.iloc[rows], refit, options, lexicon)
        pairs = _matched(clustering.labels[rows], refit.labels, k=clustering.k)
        agreements.append(naming.claim_agreement(whole, names, pairs))
    return float(np.mean(agreements)) if agreements else None


def _plain_names(
    values: pd.DataFrame, clustering: Clustering, options: AnalysisOptions, lexicon: naming.Lexicon
) -> tuple[ClusterName, ...]:
    """Name clusters by features alone."""
    evidence = naming.gather_evidence(values, clustering.labels, k=clustering.k)
    return naming.name_clusters(evidence, lexicon=lexicon, options=options.recipe.naming)


def _matched(before: IntArray, after: IntArray, *, k: int) -> list[tuple[int, int]]:
    """Pair the clusters of two labelings of the same rows by overlap, one to one."""
    rows = np.arange(len(before)).astype(str)
    old = {str(c): rows[before == c].tolist() for c in range(k)}
    new = {c: rows[after == c].tolist() for c in range(int(after.max()) + 1)}
    lineages = playlists.match_lineage(old, new)
    return [(int(lineages[c]), c) for c in new if lineages[c] in old]


def _notices(prepared: Prepared, nowhere: int) -> list[Notice]:
    notices = [
        Notice("dropped", count, f"{counted(count, 'track')} left out: {reason}")
        for reason, count in prepared.dropped.items()
    ]
    notices += [
        Notice("imputed", count, f"{counted(count, 'missing value')} of {name} filled with the library's median")
        for name, count in prepared.imputed.items()
    ]
    if prepared.constant:
        listed = ", ".join(prepared.constant)
        notices.append(Notice("constant", len(prepared.constant), f"the same for every track, so of no use: {listed}"))
    if nowhere:
        fit = "fits nowhere well and is" if nowhere == 1 else "fit nowhere well and are"
        notices.append(Notice("nowhere", nowhere, f"{counted(nowhere, 'track')} {fit} in no playlist"))
    return notices


def _missed_sizes(curated: playlists.Curated, sizes: SizeOptions) -> tuple[Notice, ...]:
    """Say where playlists could not have the size asked for."""
    lengths = [len(playlist.track_ids) for playlist in curated.playlists]
    short = [length for length in lengths if length < sizes.smallest]
    long = [length for length in lengths if sizes.largest and length > sizes.largest]
    notices = []
    for found, than, limit, extreme in (
        (short, "fewer", sizes.smallest, f"the smallest has {min(short, default=0):,}"),
        (long, "more", sizes.largest, f"the largest has {max(long, default=0):,}"),
    ):
        if found:
            have = f"{counted(len(found), 'playlist')} {'has' if len(found) == 1 else 'have'}"
            asked = f"{than} than the {counted(limit, 'track')} asked for ({extreme})"
            evenly = "the tracks that fit cannot be shared out that evenly; a wider range helps"
            why = "there are no more tracks" if len(short) == len(lengths) == 1 else evenly
            notices.append(Notice("sizes", len(found), f"{have} {asked}: {why}"))
    return tuple(notices)


def _emptied(curated: playlists.Curated, k: int) -> list[Notice]:
    """Say of how many playlists nothing is left."""
    gone = k - len(curated.playlists)
    if not gone:
        return []
    told = f"{counted(gone, 'playlist')} of {k:,} {'is' if gone == 1 else 'are'} not made: all tracks were left out"
    return [Notice("emptied", gone, told, command="loosen what leaves them out, such as --shortest or --longest")]


def _doubtful_names(names: Sequence[ClusterName], measured: naming.NamingQuality) -> list[Notice]:
    """Say where names are true but do not set their clusters apart, and where they hold for fewer tracks than usual."""
    notices = []
    if measured.mean_auc < WEAK_MEAN_AUC:
        told = f"the names tell these playlists apart with a mean AUC of {measured.mean_auc:.2f} only: the playlists"
        notices.append(Notice("weak-names", len(names), f"{told} differ in ways that no true name shows"))
    for name, auc in zip(names, measured.aucs, strict=True):
        if name.given:
            continue
        if not name.claims:
            told = f"nothing sets the tracks of “{name.text}” apart, so it is called mixed"
            notices.append(Notice("mixed", 1, told))
        elif auc < WEAK_AUC:
            told = f"does not set its tracks apart well (AUC {auc:.2f}): much of it is true of others too"
            notices.append(Notice("weak-name", 1, f"“{name.text}” {told}"))
        least = min((claim.share for claim in name.claims if claim.feature != "genre"), default=1.0)
        if least < LOOSE_SHARE:
            told = f"holds for {least:.0%} of its tracks in one respect: nothing tells more of them apart"
            notices.append(Notice("loose-name", 1, f"“{name.text}” {told}"))
    return notices
