"""The analysis of a library: one stage after the other, each remembered as long as nothing it rests on changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import numpy as np
import pandas as pd

from core import genres, naming, playlists, preparation, projection, quality
from core.analysis import Analysis
from core.clustering import cluster, fit_sweep, make_clustering, suitability
from core.edits import Grouping, Standing, standing_of
from core.errors import DataError
from core.features import BASE_NAMES
from core.library import Library
from core.options import FREE_K, AnalysisOptions, ClusterOptions
from core.pipeline.names import name_clusters
from core.pipeline.notices import about_analysis, about_playlists
from core.pipeline.repeats import claim_stability
from core.pipeline.scope import choose_k, genre_labels, inside_genre
from core.pipeline.sizing import fit_rows, leaving_out, sized, why_sized
from core.pipeline.steps import CHECKING, COMPARING, NAMING, ORDERING, PREPARING, SORTING, step
from core.progress import Report, silent
from core.records import (
    LEFT_BY_HAND,
    NOISE,
    BoolArray,
    Clustering,
    ClusterName,
    FloatArray,
    IntArray,
    Prepared,
    Suitability,
    Sweep,
)
from core.waiting import waiting_names

T = TypeVar("T")

#: Added to the name of the algorithm when a person changed what it found.
BY_HAND = ", then by hand"


@dataclass(frozen=True, eq=False)
class _Grouped:
    """Tracks in clusters, whoever grouped them, and what the rest of the road needs to know.

    Attributes
    ----------
    library, prepared, sweep, clustering, k_reason, options, lineages
        As in `core.analysis.Analysis`.
    given : mapping of int to str
        Names that are settled, by cluster.
    settings : ClusterOptions or None
        How the clusters were found, before their sizes were seen to; None when a person grouped the tracks.
    standing : mapping of int to ClusterName
        Names with their claims that stay as they were, by cluster; their texts are among `given`.
    before : mapping of int to str
        What clusters were called by the program, by cluster; those names stay as long as they are true.
    fit : np.ndarray or None
        The fit of tracks whose playlist stays as it was, NaN for all others [shape=(n_kept,), dtype=float64]; None
        while no person has placed anything: then a track may turn out to fit nowhere.
    left_by_hand : np.ndarray or None
        Which tracks a person left out [shape=(n_kept,), dtype=bool]; None as for `fit`.
    waiting : mapping of str to str
        Names a person gave to playlists that are not there now, by lineage.
    """

    library: Library
    prepared: Prepared
    sweep: Sweep | None
    clustering: Clustering
    k_reason: str
    options: AnalysisOptions
    lineages: dict[int, str]
    given: Mapping[int, str]
    settings: ClusterOptions | None = None
    standing: Mapping[int, ClusterName] = field(default_factory=dict)
    before: Mapping[int, str] = field(default_factory=dict)
    fit: FloatArray | None = None
    left_by_hand: BoolArray | None = None
    waiting: Mapping[str, str] = field(default_factory=dict)

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
        step(report, PREPARING)
        library = self._stage(
            "inside", (library, recipe.genres.inside), lambda: inside_genre(library, recipe.genres.inside)
        )
        prepared = self._stage(
            "prepared", (library, recipe.prepare), lambda: preparation.prepare(library.features, options=recipe.prepare)
        )
        step(report, COMPARING)
        sweep = self._sweep(prepared, options, report)
        k, k_reason = choose_k(library, prepared, options, sweep)
        step(report, SORTING)
        settings = replace(recipe.cluster, k=k)
        found = self._clustering(prepared, settings, report)
        clustering = self._sized(library, prepared, options, found, report)
        if clustering is not found:
            k_reason = why_sized(found, clustering, options.sizes)
        lineages = playlists.match_lineage(
            previous or {}, _members(prepared, clustering), earlier=earlier, named=given_names or ()
        )
        given = {c: given_names[line] for c, line in lineages.items() if given_names and line in given_names}
        step(report, NAMING)
        grouped = _Grouped(
            library, prepared, sweep, clustering, k_reason, options, lineages, given, settings,
            waiting=_others(given_names or {}, lineages.values()),
        )  # fmt: skip
        return self._finish(grouped, report)

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
            before=_called_before(before, lineages),
            fit=np.where(np.isin(clustering.labels, kept), before.fit, np.nan),
            left_by_hand=grouping.labels == LEFT_BY_HAND,
            waiting=_others(analysis.waiting, grouping.lineages),
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
        return fit_rows(analysis.prepared.X[rows], settings).labels

    def _finish(self, grouped: _Grouped, report: Report) -> Analysis:
        """Run what follows from the clusters: names, map, tables, playlists."""
        library, prepared, clustering, options = grouped.library, grouped.prepared, grouped.clustering, grouped.options
        genre_inputs = (library, prepared, options.recipe.genres, clustering.k)
        labels = self._stage("genres", genre_inputs, lambda: genre_labels(*genre_inputs))
        lexicon = naming.load_lexicon()  # a person may have changed the words since the last analysis
        names, measured = self._names(grouped, lexicon)
        step(report, CHECKING)
        stability, unchecked = self._stability(grouped, lexicon, report)
        step(report, ORDERING)
        suits = self._suitability(grouped)
        placed = np.where(suits.nowhere, NOISE, clustering.labels).astype(np.int64)
        curated = playlists.make_playlists(
            library, prepared, placed, names, suits.fit,
            options=options.playlists, lineages=grouped.lineages, left_by_hand=grouped.left_by_hand, report=report,
        )  # fmt: skip
        told = about_analysis(library, prepared, options, names, measured, curated)
        if grouped.fit is None:
            told += about_playlists(curated, options.sizes, clustering.k)
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
            silhouette=self._silhouette(grouped),
            names=names,
            naming=measured,
            claim_stability=stability,
            claims_unchecked=unchecked,
            curated=curated,
            lineages=grouped.lineages,
            k_reason=grouped.k_reason,
            notices=(*library.notices, *told, *waiting_names(grouped.waiting, names)),
            waiting=grouped.waiting,
        )

    def _names(
        self, grouped: _Grouped, lexicon: naming.Lexicon
    ) -> tuple[tuple[ClusterName, ...], naming.NamingQuality]:
        """Name the clusters and measure the names."""
        library, prepared, clustering, options = grouped.library, grouped.prepared, grouped.clustering, grouped.options
        inside, given, before = options.recipe.genres.inside, grouped.given, grouped.before
        names = self._stage(
            "names", (library, prepared, clustering, options.recipe.naming, inside, given, lexicon, before),
            lambda: name_clusters(library, prepared, clustering, options, given, lexicon, before),
        )  # fmt: skip
        if grouped.standing:
            names = tuple(grouped.standing.get(cluster, name) for cluster, name in enumerate(names))
        measured = self._stage(
            "naming", (library, prepared, clustering, names),
            lambda: naming.naming_quality(grouped.values, clustering.labels, names),
        )  # fmt: skip
        return names, measured

    def _stability(self, grouped: _Grouped, lexicon: naming.Lexicon, report: Report) -> tuple[float | None, str]:
        """See whether the claims repeat."""
        library, prepared, clustering, options = grouped.library, grouped.prepared, grouped.clustering, grouped.options
        settings = grouped.settings
        rest = (settings, options.recipe.naming, options.sizes, leaving_out(options.playlists), lexicon)
        return self._stage(
            "stability", (library, prepared, clustering, *rest),
            lambda: claim_stability(
                library, prepared, clustering, settings=settings, options=options, lexicon=lexicon, report=report
            ),
        )  # fmt: skip

    def _suitability(self, grouped: _Grouped) -> Suitability:
        """Measure how well tracks suit their clusters; where a person placed them, they stay."""
        prepared, clustering = grouped.prepared, grouped.clustering
        suits = self._stage("suitability", (prepared, clustering), lambda: suitability(prepared, clustering))
        if grouped.fit is None:
            return suits
        fit = np.where(np.isnan(grouped.fit), suits.fit, grouped.fit)
        return replace(suits, fit=fit, nowhere=clustering.labels == NOISE)

    def _silhouette(self, grouped: _Grouped) -> float:
        prepared, clustering, seed = grouped.prepared, grouped.clustering, grouped.options.recipe.cluster.seed
        return self._stage(
            "silhouette", (prepared, clustering, seed),
            lambda: float(quality.silhouettes(prepared.X, [clustering.labels], seed=seed).mean[0]),
        )  # fmt: skip

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

    def _clustering(self, prepared: Prepared, settings: ClusterOptions, report: Report) -> Clustering:
        return self._stage(
            "clustering", (prepared, settings), lambda: cluster(prepared, options=settings, report=report)
        )  # fmt: skip

    def _sized(
        self, library: Library, prepared: Prepared, options: AnalysisOptions, found: Clustering, report: Report
    ) -> Clustering:
        """Return the clusters whose playlists have the size asked for; those found when no size was."""
        settings, sizes = options.recipe.cluster, options.sizes
        curation = leaving_out(options.playlists)
        return self._stage(
            "sized", (library, prepared, found, sizes, settings, curation),
            lambda: sized(
                library, prepared, found, sizes=sizes, settings=settings, curation=curation, report=report
            ),
        )  # fmt: skip


def _members(prepared: Prepared, clustering: Clustering) -> dict[int, list[str]]:
    """Return the track ids of each cluster."""
    return {c: prepared.track_ids[clustering.labels == c].tolist() for c in range(clustering.k)}


def _others(names: Mapping[str, str], lineages: Collection[str]) -> dict[str, str]:
    """Return the names of lineages that are none of these."""
    return {line: name for line, name in names.items() if line not in lineages}


def _called_before(before: Standing, lineages: Mapping[int, str]) -> dict[int, str]:
    """Return what the program called clusters before, whichever tracks they have now."""
    names = {cluster: before.names[line] for cluster, line in lineages.items() if line in before.names}
    return {cluster: name.text for cluster, name in names.items() if not name.given}


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
