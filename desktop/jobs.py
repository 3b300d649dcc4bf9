"""What the workers do: the program's core, called with a report. Nothing here knows Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StorageError
from core.options import BALANCED, AnalysisOptions
from core.progress import Report
from desktop.shown import Shown, show

if TYPE_CHECKING:
    from core.commands.continuing import Origin
    from core.commands.keeping import Kept
    from core.edits import Grouping, Standing
    from core.exporters import ExportResult
    from core.library import Library
    from core.pipeline import Pipeline
    from core.playlists import RunComparison
    from core.providers.coverage import Coverage
    from core.records import IntArray, Playlist
    from core.storage import LibraryInfo, Run, RunInfo, Store


#: How many earlier sets of tracks of a playlist are remembered.
_ONCE_KNOWN = 12


@dataclass(frozen=True, eq=False)
class Place:
    """Where an analysis happens: a library, or a part of it.

    Attributes
    ----------
    library : Library
        The tracks.
    key : str
        What names, runs and locks are kept under.
    title : str
        What a person calls it.
    inside : str
        Genre the analysis is restricted to; empty for all of the library.
    origin : Origin or None
        What is known of it is kept there until it is kept itself; None when nothing could be read.
    known : mapping of str to collection of str
        Track ids of each playlist known from before.
    earlier : mapping of str to sequence of collection of str
        Other tracks that playlists with a name given by hand, and exported ones, had once, the newest first.
    names : mapping of str to str
        Names a person gave, by lineage.
    locked : frozenset of str
        Lineages whose name must not change.
    options : AnalysisOptions or None
        Of the last kept run; None when there is none.
    run_id : str
        The last kept run; empty when there is none.
    texts : mapping of str to str
        What its playlists were called, by lineage.
    numbers : mapping of str to int
        Numbers of its playlists, which decide their colours, by lineage.
    standing : Standing or None
        Its playlists as they were left, when a person changed them by hand; None while they are as they were found.
    """

    library: Library
    key: str
    title: str
    inside: str = ""
    origin: Origin | None = None
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    earlier: Mapping[str, Sequence[Collection[str]]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    options: AnalysisOptions | None = None
    run_id: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    standing: Standing | None = None

    def absent_features(self) -> tuple[str, ...]:
        """Return the features that its analysis uses and no track has."""
        from core.preparation import absent_features

        options = self.options or AnalysisOptions(BALANCED)
        return absent_features(self.library.features, options=options.recipe.prepare)

    def without(self, features: Collection[str]) -> Place:
        """Return the place with some features of its analysis turned off, as their levers do."""
        if not features:
            return self
        options = self.options or AnalysisOptions(BALANCED)
        prepare = options.recipe.prepare
        prepare = replace(prepare, weights={**prepare.weights, **dict.fromkeys(features, 0.0)})
        return replace(self, options=replace(options, recipe=replace(options.recipe, prepare=prepare)))


@dataclass(frozen=True, eq=False)
class Outcome:
    """An analysis on its way to the window.

    Attributes
    ----------
    place : Place
        Where it happened.
    shown : Shown
        What the views show.
    grouping : Grouping or None
        What a person made of it; None while it is as it was found.
    """

    place: Place
    shown: Shown
    grouping: Grouping | None = None


class Analyst:
    """Keeps the pipeline, with what it remembers of each stage, from one piece of work to the next."""

    def __init__(self) -> None:
        self._pipeline: Pipeline | None = None

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline, made when it is first needed: it loads what takes seconds to load."""
        if self._pipeline is None:
            from core.pipeline import Pipeline

            self._pipeline = Pipeline()
        return self._pipeline

    def analyse(self, place: Place, options: AnalysisOptions, numbers: Mapping[str, int], report: Report) -> Outcome:
        """Analyse a place.

        Raises
        ------
        DataError
            When its tracks cannot be analysed as asked.
        """
        recipe = replace(options.recipe, genres=replace(options.recipe.genres, inside=place.inside))
        analysis = self.pipeline.analyze(
            place.library,
            options=replace(options, recipe=recipe),
            previous=place.known,
            earlier=place.earlier,
            given_names=place.names,
            report=report,
        )
        return Outcome(place, show(analysis, known=numbers))

    def restore(self, place: Place, report: Report, *, left: Outcome | None = None) -> Outcome:
        """Bring a place back as it was left, with what a person changed by hand.

        Parameters
        ----------
        place : Place
            Where to.
        report : Report
            Told about progress.
        left : Outcome, optional
            What was shown of it when it was left: that is it, unless its tracks are known better by now.
        """
        if left is not None and _same_tracks(left.place.library, place.library):
            return left
        outcome = self.analyse(place, place.options or AnalysisOptions(BALANCED), place.numbers, report)
        if place.standing is not None:
            from core import edits

            carried = edits.carried_over(place.standing, outcome.shown.analysis)
            if carried is not None:
                outcome = self.regroup(outcome, carried[0], report, standing=carried[1])
        return _called_as_before(outcome)

    def regroup(
        self, before: Outcome, grouping: Grouping, report: Report, *, standing: Standing | None = None
    ) -> Outcome:
        """Show what a person made of an analysis; `standing` is what was there before, if not what is shown."""
        analysis = self.pipeline.regroup(before.shown.analysis, grouping, standing=standing, report=report)
        return Outcome(before.place, show(analysis, known=before.shown.numbers), grouping)

    def name_back(self, before: Outcome, lineage: str, report: Report) -> Outcome:
        """Give a playlist back to the music to be named."""
        from core import edits

        names = {line: text for line, text in before.place.names.items() if line != lineage}
        place = replace(before.place, names=names, locked=before.place.locked - {lineage})
        if before.grouping is None:
            return self.analyse(place, before.shown.analysis.options, before.shown.numbers, report)
        return self.regroup(replace(before, place=place), edits.rename(before.grouping, lineage, ""), report)

    def split(self, before: Outcome, grouping: Grouping, lineage: str, report: Report) -> Outcome:
        """Make two playlists of one."""
        from core import edits

        rows: IntArray = grouping.members(lineage)
        parts = self.pipeline.parts_of(before.shown.analysis, rows)
        made = edits.split(grouping, lineage, parts, track_ids=before.shown.ids.tolist())
        return self.regroup(before, made, report)


def _same_tracks(one: Library, other: Library) -> bool:
    return one is other or (one.features.equals(other.features) and one.tracks.equals(other.tracks))


def as_left(outcome: Outcome) -> Place:
    """Return the place of an outcome with everything that brings it back as it is now."""
    from core import edits

    place, shown = outcome.place, outcome.shown
    missed = {line: ids for line, ids in place.known.items() if line in place.names or line in place.earlier}
    earlier = {
        line: [ids, *(once for once in place.earlier.get(line, ()) if once != ids)][:_ONCE_KNOWN]
        for line, ids in missed.items()
        if line in shown.members and shown.members[line] != ids
    }
    return replace(
        place,
        known={**missed, **shown.members},
        earlier={**place.earlier, **earlier},
        options=shown.analysis.options,
        texts={group.lineage: group.name.text for group in shown.groups},
        numbers=shown.numbers,
        standing=edits.standing_of(shown.analysis) if outcome.grouping is not None else None,
    )


def rename(before: Outcome, lineage: str, name: str) -> Outcome:
    """Give a playlist a name; nothing changes when it is not there any more."""
    from core import edits

    if before.shown.group(lineage) is None:
        return before
    analysis = edits.with_name(before.shown.analysis, lineage, name)
    place = replace(before.place, names={**before.place.names, lineage: name})
    grouping = before.grouping and edits.rename(before.grouping, lineage, name)
    return Outcome(place, show(analysis, known=before.shown.numbers), grouping)


def set_locked(before: Outcome, lineage: str, locked: bool) -> Outcome:
    """Keep a playlist's name from changing by itself, or let it change again."""
    group = before.shown.group(lineage)
    if group is None:
        return before
    if not locked:
        return replace(before, place=replace(before.place, locked=before.place.locked - {lineage}))
    named = rename(before, lineage, group.name.text)
    return replace(named, place=replace(named.place, locked=named.place.locked | {lineage}))


def recent_libraries() -> list[LibraryInfo]:
    """Return the stored libraries, the last opened first; none when nothing was ever stored."""
    from core.resources import data_folder
    from core.storage import library_key, open_store

    if not data_folder().is_dir():
        return []
    with open_store() as store:
        infos = store.libraries.recent()
    # Parts of a library are stored as well, under keys of their own.
    return [info for info in infos if info.key == library_key(info.kind, info.path)]


def open_paths(paths: Sequence[str], report: Report) -> Place:
    """Read a library from its source, or from several at once.

    Raises
    ------
    SourceError
        When one of them cannot be read.
    """
    from core.commands.gathering import open_sources
    from core.commands.keeping import run_key

    report(0, 0, "Reading")
    library = open_sources(paths, report=report)
    report(0, 0, "Looking how you left it")
    return _with_memory(Place(library, run_key(library, ""), library.title))


def download_archive(folder: str, report: Report) -> str:
    """Fetch the Free Music Archive's metadata; return where it is.

    Raises
    ------
    DownloadError
        When it cannot be fetched.
    """
    from core.sources.fma_download import download_fma_metadata

    return str(download_fma_metadata(Path(folder), report=report))


def open_stored(key: str, report: Report) -> Place:
    """Open a library that was open before.

    Raises
    ------
    StorageError
        When it is not stored any more.
    """
    from core.storage import open_store

    report(0, 0, "Reading")
    with open_store() as store:
        library = store.libraries.load(key)
        store.libraries.touch(key)
    report(0, 0, "Looking how you left it")
    return _with_memory(Place(library, key, library.title))


def open_part(place: Place, *, inside: str = "", rows: IntArray | None = None, lineage: str = "", title: str) -> Place:
    """Open a genre of a library, or one of its playlists, as a place of its own."""
    from core.commands.keeping import genre_key, playlist_key

    library = place.library if rows is None else place.library.select(rows)
    if inside:
        # A genre inside a genre is looked for in the same tracks.
        around = place.key.removesuffix(genre_key("", place.inside)) if place.inside else place.key
        return _with_memory(Place(library, genre_key(around, inside), title, inside=inside), part_of=place)
    return _with_memory(Place(library, playlist_key(place.key, lineage), title), part_of=place)


def _with_memory(place: Place, *, part_of: Place | None = None) -> Place:
    """Add what is known of a place; a database that cannot be used costs only the memory."""
    from core.commands.continuing import Origin, origin_of
    from core.commands.keeping import carry_over, remembered
    from core.storage import open_store

    with contextlib.suppress(StorageError), open_store() as store:
        if part_of is not None:
            go_on(store, part_of)
            carry_over(store, place.library, place.key)
        # What was shown before may be kept meanwhile, and take over what it goes on from.
        with store.at_once():
            origin = origin_of(store, place.library, place.key) if part_of is None else Origin(place.key)
            known, earlier = remembered(store, origin.key, place.library.tracks.index)
            place = replace(
                place,
                library=origin.told(place.library),
                origin=origin,
                known=known,
                earlier=earlier,
                names=store.edits.names(origin.key),
                locked=store.edits.locked(origin.key),
            )
            runs = store.runs.summaries(library_key=origin.key)
            if runs:
                place = _left_at(place, store.runs.get(runs[0].id))
    return place


def _left_at(place: Place, run: Run) -> Place:
    """Return a place as a kept run left it."""
    from core.commands.keeping import kept_names, kept_options, kept_standing

    return replace(
        place,
        options=kept_options(run),
        run_id=run.info.id,
        texts=kept_names(run),
        numbers={**place.numbers, **_numbers(run)},
        standing=kept_standing(run, place.names) if run.options.get("by_hand") else None,
    )


def _numbers(run: Run) -> dict[str, int]:
    """Return the numbers that a kept run's playlists had; none for a run of the command line."""
    kept = run.options.get("numbers")
    return {str(line): int(number) for line, number in kept.items()} if isinstance(kept, dict) else {}


def _called_as_before(outcome: Outcome) -> Outcome:
    """Give playlists with the same tracks as in the last kept run the names they had: words take turns between runs."""
    from core import edits

    place, shown, analysis = outcome.place, outcome.shown, outcome.shown.analysis
    for group in shown.groups:
        text = place.texts.get(group.lineage, "")
        if not text or group.name.given or text == group.name.text:
            continue
        known = frozenset(place.known.get(group.lineage, ()))
        # A run keeps the tracks that fit nowhere with the playlist they are nearest to.
        found = frozenset(shown.ids[shown.analysis.clustering.labels == group.cluster].tolist())
        if known in (shown.members[group.lineage], found):
            analysis = edits.with_name(analysis, group.lineage, text, given=False)
    if analysis is shown.analysis:
        return outcome
    return replace(outcome, shown=show(analysis, known=shown.numbers))


class Keeper:
    """Keeps what is shown as runs, one after the other; all that is done by hand to one analysis is one run."""

    def __init__(self) -> None:
        self._last: tuple[int, Kept] | None = None

    def keep(self, outcome: Outcome, analysis: int) -> str:
        """Keep an outcome.

        Parameters
        ----------
        outcome : Outcome
            What is shown.
        analysis : int
            Number of the analysis it was made from. A run that was kept anew of the same one is out of date, and goes;
            one of an earlier day stays.

        Returns
        -------
        str
            The run's id.
        """
        from core.commands.keeping import keep_once
        from core.document import analysis_document
        from core.storage import open_store

        before = self._last[1] if self._last and self._last[0] == analysis else None
        document = analysis_document(outcome.shown.analysis)
        with open_store() as store, store.together():
            go_on(store, outcome.place)
            kept = keep_once(
                store, outcome.shown.analysis, document, key=outcome.place.key, by_hand=outcome.grouping is not None,
                numbers=outcome.shown.numbers, replaces=before.run_id if before and before.is_new else "",
            )  # fmt: skip
            _remember(store, outcome.place)
        self._last = (analysis, kept)
        return kept.run_id


def go_on(store: Store, place: Place) -> None:
    """Keep what an earlier file of a library was called and exported as, as this one's."""
    from core.commands.continuing import take_over

    if place.origin is not None:
        take_over(store, place.origin, place.library, key=place.key)


def _remember(store: Store, place: Place) -> None:
    known, locked = store.edits.names(place.key), store.edits.locked(place.key)
    for lineage in known.keys() - place.names.keys():
        store.edits.clear_name(place.key, lineage)
    for lineage, name in place.names.items():
        if known.get(lineage) != name:
            store.edits.set_name(place.key, lineage, name)
    for lineage in locked ^ place.locked:
        store.edits.set_lock(place.key, lineage, lineage in place.locked)


def export(
    playlists: Sequence[Playlist], library: Library, folder: Path, formats: Sequence[str], dry_run: bool, report: Report
) -> list[ExportResult]:
    """Write playlists as files, or tell what would be written."""
    from core.exporters import export_playlists

    return export_playlists(playlists, library, folder=folder, formats=formats, dry_run=dry_run, report=report)


def links(playlists: Sequence[Playlist], library: Library, report: Report) -> list[list[str]]:
    """Return the addresses of each playlist's tracks, for pasting into Spotify's desktop program."""
    from core.exporters import exporter_named

    exporter = exporter_named("links")
    found = []
    for done, playlist in enumerate(playlists):
        report(done, len(playlists), playlist.name)
        found.append(exporter.render(playlist, library, folder=Path()).data.decode("ascii").splitlines())
    return found


def runs_of(place: Place) -> list[RunInfo]:
    """Return the kept runs of a place, the newest first."""
    from core.storage import open_store

    with open_store() as store:
        return store.runs.summaries(library_key=place.key)


def compare(before: str, after: str) -> RunComparison:
    """Return what changed from one kept run to another."""
    from core.commands.runs import compared
    from core.storage import open_store

    with open_store() as store:
        return compared(store.runs.get(before), store.runs.get(after))


def at_run(place: Place, run_id: str) -> Place:
    """Return a place as it was when a run was kept."""
    from core.storage import open_store

    with open_store() as store:
        run = store.runs.get(run_id, library_key=place.key)
    groups = run.assignments[run.assignments["lineage"] != ""].groupby("lineage")["track_id"]
    return _left_at(replace(place, known={str(line): frozenset(ids) for line, ids in groups}), run)


@dataclass(frozen=True, eq=False)
class Completed:
    """A library with what could be found for it.

    Attributes
    ----------
    library : Library
        With the features and genres found.
    features, genres : Coverage
        What became of every track.
    grown : bool
        Whether more tracks have features, or a genre, than before.
    """

    library: Library
    features: Coverage
    genres: Coverage
    grown: bool


def complete(before: Library, *, features: bool, genres: bool, report: Report) -> Completed:
    """Give features and genres to the tracks that lack them.

    Parameters
    ----------
    before : Library
        The library.
    features, genres : bool
        Whether to ask services for them; without that, only what is kept from before is used.
    report : Report
        Told about progress; may raise `core.progress.Cancelled`, and what was answered is kept.
    """
    from core.commands.gathering import complete_genres, spotify_endpoint
    from core.providers.choice import make_providers
    from core.providers.fetch import fetch_features
    from core.storage import open_store

    with open_store() as store, spotify_endpoint(store, wanted=features) as spotify:
        providers = make_providers(before, store=store.features, state=store.state, spotify=spotify)
        library, found = fetch_features(before, providers=providers, store=store.features, ask=features, report=report)
        library, named = complete_genres(library, store, ask=genres, report=report)
    with_genre = [int((one.tracks["genre"] != "").sum()) for one in (before, library)]
    grown = library.with_features > before.with_features or with_genre[1] > with_genre[0]
    return Completed(library, found, named, grown)
