"""``leitmotif analyze``: from a source to named playlists, tables and pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.analysis import Analysis
from core.commands.continuing import origin_of, take_over
from core.commands.gathering import GatherRequest, coverage_lines, gather
from core.commands.keeping import carry_over, keep_run, remembered, run_key
from core.console import console_report, say, say_json, say_notices
from core.document import SHARED, analysis_document, analysis_json
from core.errors import DataError, OptionError
from core.exporters import ExportResult, exporter_named
from core.library import Library, Notice
from core.options import AnalysisOptions, PlaylistOptions, Recipe, SizeOptions, recipe_named
from core.pipeline import Pipeline
from core.playlists import Curated
from core.playlists.curation import (
    ARTIST_LIMIT,
    DUPLICATE,
    EXPLICIT,
    FITS_NOWHERE,
    LEFT_OUT_BY_HAND,
    NOT_ANALYSED,
    TOO_LONG,
    TOO_SHORT,
)
from core.preparation import SOME_MISSING
from core.progress import Report
from core.results import PLAYLISTS_FOLDER, check_results, write_results
from core.storage import open_store
from core.wording import counted

Draw = Callable[[Analysis, Path], None]

#: Letters of a name that the claims behind the names line up after; those of longer names follow where they end.
_WIDEST_NAME = 48
#: What is said of one track, and of several, that are in no playlist.
_LEFT_OUT = {
    NOT_ANALYSED: ("was not analysed", "were not analysed"),
    LEFT_OUT_BY_HAND: ("was left out by hand", "were left out by hand"),
    FITS_NOWHERE: ("fits nowhere", "fit nowhere"),
    EXPLICIT: ("is explicit", "are explicit"),
    TOO_SHORT: ("is too short", "are too short"),
    TOO_LONG: ("is too long", "are too long"),
    DUPLICATE: ("is a duplicate", "are duplicates"),
    ARTIST_LIMIT: ("is beyond its artist's limit", "are beyond their artist's limit"),
}
#: The options that can leave out every track there is.
_LIMITS = {EXPLICIT: "--no-explicit", TOO_SHORT: "--shortest", TOO_LONG: "--longest"}


@dataclass(frozen=True)
class AnalyzeRequest:
    """What was asked for on the command line.

    Attributes
    ----------
    gather : GatherRequest
        Which tracks, and where their features come from.
    recipe, k, algorithm, genre, seed, features, weights, missing, minor, k_max, min_cluster_size
        Levers; None or empty leaves the recipe's own.
    sizes, playlists
        A listener's wishes.
    out : Path or None
        Folder to write to.
    formats : tuple of str
        Formats of the playlists.
    json : bool
        Print the analysis as JSON on standard output instead of a summary.
    """

    gather: GatherRequest
    recipe: str = "balanced"
    k: str = ""
    algorithm: str = ""
    genre: str = ""
    seed: int | None = None
    features: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    missing: str = ""
    minor: int | None = None
    k_max: int | None = None
    min_cluster_size: int | None = None
    sizes: SizeOptions = field(default_factory=SizeOptions)
    playlists: PlaylistOptions = field(default_factory=PlaylistOptions)
    out: Path | None = None
    formats: tuple[str, ...] = ("m3u8", "csv")
    json: bool = False

    def __post_init__(self) -> None:
        for name in self.formats:
            exporter_named(name)


def run_analyze(request: AnalyzeRequest, options: AnalysisOptions, *, draw: Draw | None) -> None:
    """Analyse, print what was found, write it, keep the run.

    Parameters
    ----------
    request : AnalyzeRequest
        What was asked for.
    options : AnalysisOptions
        Of `request_options`.
    draw : callable or None
        Draws the pictures.

    Raises
    ------
    LeitmotifError
        When something about the source or the folder is wrong; nothing is written then.
    """
    if request.out is not None:
        check_results(request.out, sources=(*request.gather.sources, *request.gather.tables))
    with open_store() as store, console_report() as report:
        older, results = 0, list[ExportResult]()
        library, coverages = gather(request.gather, store, report=report)
        key = run_key(library, request.genre)
        carry_over(store, library, key)
        with store.at_once():
            origin = origin_of(store, library, key, inside=request.genre)
            memory = _Memory(*remembered(store, origin.key, library.tracks.index), store.edits.names(origin.key))
        analysis = _analyzed(origin.told(library), options, memory, report)
        document = analysis_document(analysis)
        if request.out is not None:
            results = write_results(analysis, document, request.out, formats=request.formats, draw=draw, report=report)
            older = _older(request.out / PLAYLISTS_FOLDER, {result.path for result in results})
        with store.together():
            take_over(store, origin, library, key=key)
            run_id = keep_run(store, analysis, document, key=key)
        notices = (*store.notices, *(_with_hint(notice, request.gather) for notice in analysis.notices))
    say_notices(notices)
    if request.gather.fetch or request.gather.genres:
        for line in coverage_lines(coverages):
            say(line, error=True)
    if request.json:
        say_json(analysis_json(document).rstrip("\n"))
    else:
        for line in summary_lines(analysis, document, run_id=run_id, out=request.out):
            say(line)
        for line in skipped_lines(results):
            say(line)
        if older and request.out is not None:
            stay = "1 other file stays" if older == 1 else f"{older:,} other files stay"
            say(f"{stay} in {request.out / PLAYLISTS_FOLDER}, such as playlists of an earlier run")


def _with_hint(notice: Notice, asked: GatherRequest) -> Notice:
    """Return a notice of tracks that were left out with how they come to have their features."""
    if notice.kind != "dropped":
        return notice
    hints = [] if asked.fetch else ["--fetch asks for them"]
    hints += ["--missing impute fills them in"] if SOME_MISSING in notice.text else []
    return replace(notice, command=", ".join(hints))


def _older(folder: Path, written: Collection[Path]) -> int:
    """Return how many files of a folder are none of those written."""
    if not folder.is_dir():
        return 0
    names = {path.name for path in written}
    return sum(1 for path in folder.iterdir() if path.is_file() and path.name not in names)


@dataclass(frozen=True)
class _Memory:
    """What earlier runs left: of each lineage its last tracks, others it had, and the name it was given."""

    known: Mapping[str, Collection[str]]
    earlier: Mapping[str, Sequence[Collection[str]]]
    names: Mapping[str, str]


def _analyzed(library: Library, options: AnalysisOptions, memory: _Memory, report: Report) -> Analysis:
    """Analyse a library, its earlier runs in mind; an error says which library it is about."""
    try:
        return Pipeline().analyze(
            library,
            options=options,
            previous=memory.known,
            earlier=memory.earlier,
            given_names=memory.names,
            report=report,
        )
    except DataError as error:
        if error.where:
            raise
        raise type(error)(error.what, where=library.path, next_step=error.next_step, command=error.command) from error


def request_options(request: AnalyzeRequest) -> AnalysisOptions:
    """Return the recipe asked for with the levers pulled.

    Raises
    ------
    OptionError
        When a lever is out of its range.
    """
    recipe = recipe_named(request.recipe)
    k = _k(request.k, recipe)
    if request.k and isinstance(k, int) and request.sizes.playlists not in (0, k):
        wishes = f"--k asks for {k} clusters and --playlists for {request.sizes.playlists} playlists"
        raise OptionError(wishes, next_step="Use one of them")
    prepare = recipe.prepare
    if request.features:
        weights = {name: weight for name, weight in prepare.weights.items() if name in request.features}
        prepare = replace(prepare, features=request.features, weights=weights)
    if request.weights:
        prepare = replace(prepare, weights={**prepare.weights, **request.weights})
    if request.missing:
        if request.missing not in ("drop", "impute"):
            raise OptionError(
                f"missing values cannot be treated by {request.missing!r}", next_step="Use drop or impute"
            )
        prepare = replace(prepare, missing=request.missing)  # type: ignore[arg-type]
    cluster = recipe.cluster
    if request.algorithm:
        cluster = replace(cluster, algorithm=request.algorithm)  # type: ignore[arg-type]
    if request.seed is not None:
        cluster = replace(cluster, seed=request.seed)
    if request.min_cluster_size is not None:
        cluster = replace(cluster, min_cluster_size=request.min_cluster_size)
    genres = replace(recipe.genres, inside=request.genre)
    if request.minor is not None:
        genres = replace(genres, minor_at_most=request.minor, minor_share=0.0)
    changed = replace(recipe, prepare=prepare, cluster=cluster, genres=genres, k=k)
    if request.k_max is not None:
        changed = replace(changed, sweep=replace(changed.sweep, k_max=request.k_max))
    return AnalysisOptions(recipe=changed, sizes=request.sizes, playlists=request.playlists)


def _k(text: str, recipe: Recipe) -> Any:
    """Return K as a number, "auto", or the recipe's own when nothing was said."""
    if not text:
        return recipe.k
    if text == "auto":
        return "auto"
    # More digits than a library has tracks are a slip of the finger, and Python reads no more than 4,300.
    if text.isascii() and text.isdigit() and len(text) < 19 and int(text) >= 2:
        return int(text)
    raise OptionError(f"K is {text!r}", next_step="Use a whole number of at least 2, or auto")


def summary_lines(analysis: Analysis, document: Mapping[str, Any], *, run_id: str, out: Path | None) -> Sequence[str]:
    """Return what a person reads after an analysis."""
    clusters, made = document["clusters"], analysis.curated.playlists
    width = min(max((len(playlist.name) for playlist in made), default=0), _WIDEST_NAME)
    where = f" inside {analysis.options.recipe.genres.inside}" if analysis.options.recipe.genres.inside else ""
    placed = sum(len(playlist.track_ids) for playlist in made)
    lines = [
        f"{placed:,} of {counted(len(analysis.library), 'track')}{where} in {counted(len(made), 'playlist')} "
        f"(recipe {document['recipe']['name']})",
        *([f"why so many: {analysis.k_reason}", ""] if made else []),
    ]
    for playlist in made:
        claims = ", ".join(_claim(claim) for claim in clusters[playlist.cluster_id]["claims"])
        lines.append(f"{len(playlist.track_ids):>7,}  {playlist.name:<{width}}  {claims or 'nothing sets it apart'}")
    lines += left_out_lines(analysis.curated)
    lines += ["", _names_line(analysis) if made else _none_line(analysis.curated)]
    lines.append(_clusters_line(document["quality"], document))
    lines.append(
        f"kept as run {run_id}" + (f"; written to {out}" if out is not None else "; add --out DIR to write it")
    )
    return lines


def _claim(claim: Mapping[str, Any]) -> str:
    """Return a claim and the share of the tracks it holds for, such as "energy low 99%" or "genre Rock 60%"."""
    which = claim["word"] if claim["feature"] == "genre" else claim["direction"]
    return f"{claim['feature']} {which} {claim['share']:.0%}"


def _names_line(analysis: Analysis) -> str:
    """Return how good the names are, and how far their claims come again on parts of the library, in one line."""
    naming, stability = analysis.naming, analysis.claim_stability
    if stability is None:
        repeat = f"whether claims repeat on parts of the library is not known: {analysis.claims_unchecked}"
    else:
        repeat = f"claims repeat on parts of the library {stability:.0%}"
    return (
        f"names: AUC mean {naming.mean_auc:.3f}, worst {naming.worst_auc:.3f}; claims hold for "
        f"{naming.mean_precision:.0%} of tracks, worst {naming.worst_precision:.0%}; "
        f"top-1 {naming.top1:.0%}; {naming.distinct} distinct; {repeat}"
    )


def _none_line(curated: Curated) -> str:
    """Return what a person can do when no track is left for any playlist."""
    options = [option for reason, option in _LIMITS.items() if curated.left_out.get(reason)]
    limits = f"loosen what leaves tracks out ({', '.join(options)})" if options else "ask for other clusters"
    return f"no track is left for a playlist: {limits}"


def left_out_lines(curated: Curated) -> list[str]:
    """Return how many tracks are in no playlist, and why; nothing when all are in one."""
    left_out = {reason: len(ids) for reason, ids in curated.left_out.items()}
    parts = [f"{count:,} {_LEFT_OUT[reason][count > 1]}" for reason, count in left_out.items()]
    if not parts:
        return []
    shared = Counter[str](duplicate.reason for duplicate in curated.duplicates)
    lines = ["", f"in no playlist: {', '.join(parts)}"]
    if shared:
        told = " and ".join(f"by {SHARED[kind]} ({shared[kind]:,})" for kind in SHARED if shared[kind])
        lines.append(f"duplicates are known {told}; the oldest like of each stays")
    return lines


def skipped_lines(results: Sequence[ExportResult]) -> list[str]:
    """Return, for each format that cannot lead to all tracks of the playlists, to how many it leads and why."""
    written, reasons = Counter[str](), Counter[tuple[str, str]]()
    for result in results:
        written[result.format] += result.written
        reasons.update({(result.format, reason): count for reason, count in result.skipped.items()})
    return [
        f"{kind} leads to {written[kind]:,} of {counted(written[kind] + count, 'track')}: "
        f"{'the other one has' if count == 1 else 'the others have'} {reason}"
        for (kind, reason), count in reasons.items()
    ]


def _clusters_line(quality: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    silhouette = quality["silhouette"]
    parts = [f"suggested number of playlists: {quality['suggested_k']}"]
    if silhouette is not None:
        parts.insert(0, f"silhouette {silhouette:.3f}")
    agreement = document["genres"]["agreement"]["adjusted_mutual_info"]
    if agreement is not None:
        parts.append(f"agreement with genre {round(agreement, 2) + 0.0:.2f} (adjusted mutual information)")
    return "; ".join(parts)
