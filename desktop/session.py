"""The only mutable state of the window: what is open, what was asked for, what came of it, what is selected."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import LeitmotifError
from core.options import BALANCED, AnalysisOptions
from desktop import jobs, messages, selection, spotify_jobs
from desktop.changes import Changes
from desktop.history import History, Seen
from desktop.jobs import Analyst, Completed, Outcome, Place
from desktop.messages import spotify as texts
from desktop.plots.arrays import IntArray
from desktop.selection import Selection
from desktop.shown import Shown
from desktop.tasks import Worker, Workers

if TYPE_CHECKING:
    from core.edits import Grouping
    from core.progress import Report
    from core.providers.coverage import Coverage

T = TypeVar("T")
Stage = Literal["start", "features", "ready"]
#: A run is kept this long after the last change by hand, so that quick changes make one run.
KEEP_AFTER_MS = 1500


def _nothing() -> None:
    """Do nothing."""


class Session(QObject):
    """State of the window, and everything a person can do to it.

    Views read the attributes and listen to the signals; they never change anything themselves.

    Parameters
    ----------
    workers : Workers
        Who does the work.
    parent : QObject, optional
        Its owner.

    Attributes
    ----------
    stage : {"start", "features", "ready"}
        Which page is on the screen.
    trail : tuple of Place
        The library, and the parts of it that were opened one inside the other.
    outcome : Outcome or None
        The analysis shown.
    options : AnalysisOptions
        What was asked for last.
    selection : Selection or None
        None while there is nothing to select.
    coverage : Coverage or None
        How many tracks have audio features; None until somebody asked.
    genre_coverage : Coverage or None
        How many tracks have genres; None until somebody asked.
    history : History
        What was made of the place that is shown, and of those it was reached from: changes by hand, and other levers.
    changes : Changes
        Changes by hand that are being made.
    """

    stage_changed = Signal(str)
    outcome_changed = Signal()
    selection_changed = Signal()
    coverage_changed = Signal()
    working = Signal(str)
    progressed = Signal(int, int, str)
    rested = Signal()
    failed = Signal(object)
    said = Signal(str)

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workers = workers
        self.stage: Stage = "start"
        self.trail: tuple[Place, ...] = ()
        self.outcome: Outcome | None = None
        self.options = AnalysisOptions(BALANCED)
        self.selection: Selection | None = None
        self.coverage: Coverage | None = None
        self.genre_coverage: Coverage | None = None
        self.history = History(self)
        self.changes = Changes(self)
        self._analyst = Analyst()
        self._numbers: dict[str, int] = {}
        self._runs = jobs.Keeper()
        self._run_id, self._analysis, self._analyses = "", 0, itertools.count(1)
        self._stale = False
        self._texts: dict[Worker, str] = {}
        self._keeper = QTimer(self)
        self._keeper.setSingleShot(True)
        self._keeper.setInterval(KEEP_AFTER_MS)
        self._keeper.timeout.connect(self.keep_now)

    @property
    def shown(self) -> Shown | None:
        """What the views show; None when nothing is open."""
        return self.outcome.shown if self.outcome else None

    @property
    def place(self) -> Place | None:
        """Where the analysis happens; None when nothing is open."""
        return self.trail[-1] if self.trail else None

    @property
    def run_id(self) -> str:
        """The kept run that is shown; empty until it is kept."""
        return self._run_id

    # What a person opens.

    def open_path(self, path: str) -> None:
        """Read a library and analyse it."""
        self.open_paths([path])

    def open_paths(self, paths: Sequence[str]) -> None:
        """Read one library, or several as one, and analyse it."""
        name = messages.place(paths[0]) if len(paths) == 1 else messages.files(len(paths))
        self._open(lambda report: jobs.open_paths(paths, report), messages.READING(name=name))

    def open_stored(self, key: str, title: str) -> None:
        """Open a library that was open before, as it was left."""
        self._open(lambda report: jobs.open_stored(key, report), messages.READING(name=messages.place(title)))

    def _open(self, work: Callable[[Report], Place], text: str) -> None:
        if self.changes.wait_with(lambda: self._open(work, text)):
            return
        self.keep_now()
        self.start(work, self._opened, text)

    def read_spotify(self, *, top: bool = False) -> None:
        """Read the connected Spotify account and open its library; what was read is kept when it is stopped."""
        self.keep_now()
        self.start(
            lambda report: spotify_jobs.sync(top, report),
            lambda place: self._opened(place, look_first=True),
            texts.READING(),
            network=True,
        )

    def leave_spotify(self) -> None:
        """Close the library of an account that was disconnected: nothing of it may stay."""
        if not self.trail or spotify_jobs.from_account(self.trail[0]):
            self.stop()
            self._keeper.stop()
            self.trail, self.outcome, self.selection, self._stale = (), None, None, False
            self.coverage = self.genre_coverage = None
            self.history.forget()
            self.outcome_changed.emit()
            self._go("start")

    def _opened(self, place: Place, *, look_first: bool = False) -> None:
        self.workers.network.cancel()  # what was still to come of the library before
        self.trail = (place,)
        self._numbers = {}
        self._run_id = ""
        self.coverage = self.genre_coverage = None
        self.outcome = self.selection = None
        self.history.forget()
        self.outcome_changed.emit()
        if place.library.with_features and not place.absent_features() and not look_first:
            self._restore(place)
        else:
            self._go("features")
            self._complete(look_first=look_first)

    def _restore(self, place: Place, *, above: tuple[Place, ...] | None = None) -> None:
        """Show a place as it was left; `above` is the trail that leads to it, when that changes."""
        self.options = place.options or AnalysisOptions(BALANCED)
        left = self.history.last_seen(place.key)

        def restored(outcome: Outcome) -> None:
            if above is not None:
                # What was selected belongs to the place before.
                self.trail, self.selection = (*above, place), None
            self._numbers = dict(place.numbers)
            if left is None or outcome is not left.outcome:
                self._arrived(Seen(outcome, next(self._analyses)))
            else:
                self._arrived(left)

        self.start(
            lambda report: self._analyst.restore(place, report, left=left.outcome if left else None),
            restored,
            messages.ANALYSING(name=messages.place(place.title)),
        )

    def download_archive(self, folder: str) -> None:
        """Fetch the Free Music Archive's metadata and open it; an interrupted download goes on where it stopped."""
        self.start(
            lambda report: jobs.download_archive(folder, report), self.open_path, messages.DOWNLOADING(), network=True
        )

    def go_to_start(self) -> None:
        """Show the start page; what is open stays open, and is listed among the recent libraries."""
        self.keep_now()
        self.stop()
        self._go("start")

    def go_to_ready(self) -> None:
        """Show the library that is open."""
        if self.outcome is not None:
            self._go("ready")

    def go_inside(self, genre: str) -> None:
        """Analyse inside a genre."""
        if self.changes.wait_with(lambda: self.go_inside(genre)):
            return
        place, shown = self.place, self.shown
        if place is not None and shown is not None:
            found = shown.genre_of(genre)
            self._open_part(lambda: jobs.open_part(place, inside=found, title=found))

    def go_into(self, lineage: str) -> None:
        """Analyse one playlist as a library of its own."""
        if self.changes.wait_with(lambda: self.go_into(lineage)):
            return
        place, shown = self.place, self.shown
        group = shown.group(lineage) if shown else None
        if place is None or shown is None or group is None:
            return
        analysed = shown.analysis
        rows = analysed.prepared.rows[shown.tracks_of([lineage])]
        inner = replace(place, library=analysed.library)
        self._open_part(lambda: jobs.open_part(inner, rows=rows, lineage=lineage, title=group.name.text))

    def _open_part(self, work: Callable[[], Place]) -> None:
        above = self.trail
        self.keep_now()
        self.start(lambda _: work(), lambda place: self._restore(place, above=above), messages.LOOKING_INSIDE())

    def go_back(self, level: int) -> None:
        """Go back to a place on the trail, 0 the library."""
        if self.changes.wait_with(lambda: self.go_back(level)):
            return
        if level < len(self.trail) - 1:
            self.keep_now()
            self._restore(self.trail[level], above=self.trail[:level])

    def restore_run(self, run_id: str) -> None:
        """Bring a kept run back."""
        if self.changes.wait_with(lambda: self.restore_run(run_id)):
            return
        place = self.place
        if place is None:
            return
        self.keep_now()

        def work(report: Report) -> Outcome:
            return self._analyst.restore(jobs.at_run(place, run_id), report)

        self.start(work, lambda outcome: self._analysed(outcome, change=messages.EDIT_RUN()), messages.RESTORING())

    # What a person asks for.

    def set_options(self, options: AnalysisOptions) -> None:
        """Analyse again with other levers; locked names and identities go on."""
        self._ask_for(options, messages.EDIT_LEVERS())

    def _ask_for(self, options: AnalysisOptions, change: str) -> None:
        if self.changes.wait_with(lambda: self._ask_for(options, change)):
            return
        self.options = options
        place = self.place
        if place is None:
            return
        self.keep_now()
        numbers = dict(self._numbers)
        self.start(
            lambda report: self._analyst.analyse(place, options, numbers, report),
            lambda outcome: self._analysed(outcome, change=change),
            messages.ANALYSING(name=messages.place(place.title)),
        )

    def set_k(self, k: int | Literal["auto"]) -> None:
        """Ask for a number of playlists, or for the suggested one."""
        sizes = replace(self.options.sizes, playlists=0)
        options = replace(self.options, recipe=replace(self.options.recipe, k=k), sizes=sizes)
        self._ask_for(options, messages.EDIT_NUMBER())

    def stop(self) -> None:
        """Stop what is under way; what was shown before stays."""
        self.changes.clear()
        self.workers.compute.cancel()
        self.workers.network.cancel()
        self._texts.clear()
        if self.outcome is not None:
            self.options = self.outcome.shown.analysis.options
        self.rested.emit()

    def _analysed(self, outcome: Outcome, *, change: str) -> None:
        """Show another analysis of the place that is shown; `change` is what made it."""
        after = Seen(outcome, next(self._analyses))
        if self.outcome is None:
            self._arrived(after)
        else:
            self.history.change(change, Seen(self.outcome, self._analysis), after)
            self.changes.go_on()

    def _arrived(self, seen: Seen) -> None:
        """Show a place."""
        self.history.arrive(seen)
        self._go("ready")
        self.changes.go_on()

    def set_outcome(self, outcome: Outcome, analysis: int) -> None:
        """Show another outcome of the same place; called when one arrives, and by undo and redo.

        Parameters
        ----------
        outcome : Outcome
            What to show.
        analysis : int
            Number of the analysis it was made from.
        """
        if analysis != self._analysis:
            self._analysis, self._run_id = analysis, ""
        self.options = outcome.shown.analysis.options
        shown = outcome.shown
        place = jobs.as_left(outcome)
        same = self.shown is not None and np.array_equal(self.shown.ids, shown.ids)
        self.outcome = replace(outcome, place=place)
        self.trail = (*self.trail[:-1], place)
        self.history.note(Seen(self.outcome, analysis))
        self._numbers = {**self._numbers, **shown.numbers}
        # Views read the selection when they show other tracks, so it must fit them by then.
        self.selection = selection.kept(shown, self.selection, same_tracks=same)
        self.outcome_changed.emit()
        self.selection_changed.emit()
        self._stale = True
        self._keeper.start()

    # Changes by hand.

    def rename(self, lineage: str, name: str) -> None:
        """Give a playlist a name; an empty one gives it back to the music."""
        tidy = " ".join(name.split())
        if tidy:
            self.changes.add(messages.EDIT_RENAME(), lambda before, _: jobs.rename(before, lineage, tidy), waits=True)
        else:
            self.changes.add(
                messages.EDIT_RENAME(), lambda before, report: self._analyst.name_back(before, lineage, report)
            )

    def set_locked(self, lineage: str, locked: bool) -> None:
        """Keep a playlist's name from changing by itself, or let it change again."""
        text = messages.EDIT_LOCK() if locked else messages.EDIT_UNLOCK()
        self.changes.add(text, lambda before, _: jobs.set_locked(before, lineage, locked), waits=True)

    def merge(self, lineages: Collection[str]) -> None:
        """Make one playlist of several."""
        from core import edits

        self._regroup(messages.EDIT_MERGE(), lambda grouping, _: edits.merge(grouping, lineages))

    def split(self, lineage: str) -> None:
        """Make two playlists of one."""
        self.changes.add(
            messages.EDIT_SPLIT(),
            lambda before, report: self._analyst.split(before, _grouping(before), lineage, report),
        )

    def move(self, rows: IntArray, lineage: str) -> None:
        """Put tracks into a playlist."""
        from core import edits

        self._regroup(
            messages.EDIT_MOVE(),
            lambda grouping, before: edits.move(grouping, before.shown.left_out.with_twins(rows), lineage),
        )

    def leave_out(self, rows: IntArray) -> None:
        """Take tracks out of all playlists."""
        from core import edits

        # Without its duplicates, one of them would take the place of a track that is left out.
        self._regroup(
            messages.EDIT_LEAVE_OUT(),
            lambda grouping, before: edits.leave_out(grouping, before.shown.left_out.with_twins(rows, whole=False)),
        )

    def make_playlist(self, rows: IntArray) -> None:
        """Make a new playlist of tracks."""
        from core import edits

        self._regroup(
            messages.EDIT_NEW(),
            lambda grouping, before: edits.make_playlist(
                grouping, before.shown.left_out.with_twins(rows), track_ids=before.shown.ids.tolist()
            ),
        )

    def _regroup(self, text: str, change: Callable[[Grouping, Outcome], Grouping]) -> None:
        self.changes.add(
            text, lambda before, report: self._analyst.regroup(before, change(_grouping(before), before), report)
        )

    def undo(self) -> None:
        """Take the last change back; while one is under way, that one."""
        if self.workers.compute.is_busy:
            self.stop()
        else:
            self.history.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        if not self.workers.compute.is_busy:
            self.history.redo()

    def push(self, text: str, after: Outcome) -> None:
        """Show what a change by hand made of the analysis, with a way back."""
        if self.outcome is not None and after is not self.outcome:
            self.history.change(text, Seen(self.outcome, self._analysis), Seen(after, self._analysis))

    # What is kept.

    def keep_now(self) -> None:
        """Keep what is shown as a run, if it is not kept yet."""
        self._keeper.stop()
        if self.outcome is None or not self._stale:
            return
        outcome, analysis = self.outcome, self._analysis
        self._stale = False

        def kept(run_id: str) -> None:
            if self.outcome is not None and self.outcome.place.key == outcome.place.key:
                self._run_id = run_id

        self.workers.disk.queue(lambda _: self._runs.keep(outcome, analysis), done=kept, failed=self.report_trouble)

    # What is selected.

    def select_playlists(self, lineages: Collection[str]) -> None:
        """Select playlists; none selects the whole library."""
        if self.shown is not None:
            self._select(selection.of_playlists(self.shown, lineages) or selection.of_all(self.shown))

    def select_all(self) -> None:
        """Select the whole library."""
        self.select_playlists(())

    def select_left_out(self, reason: str) -> None:
        """Select the tracks that are in no playlist for a reason."""
        if self.shown is not None:
            self._select(selection.of_left_out(self.shown, reason))

    def select_genre(self, genre: str, lineage: str = "") -> None:
        """Select the tracks of a genre, or those of them that are in one playlist."""
        if self.shown is not None:
            self._select(selection.of_genre(self.shown, genre, lineage))

    def select_rows(self, rows: IntArray) -> None:
        """Select tracks, such as those inside a lasso."""
        if self.shown is not None and len(rows):
            self._select(selection.of_rows(rows))

    def mark(self, rows: IntArray) -> None:
        """Point at tracks: within the selection when they are in it, else within their playlist."""
        if self.shown is None or self.selection is None or np.array_equal(self.selection.marked, rows):
            return
        self._select(selection.with_marked(self.shown, self.selection, rows))

    def _select(self, chosen: Selection) -> None:
        self.selection = chosen
        self.selection_changed.emit()

    # Audio features.

    def look_at_features(self) -> None:
        """See how many tracks have audio features and genres, without asking any service."""
        self._complete()

    def fetch_features(self) -> None:
        """Ask the services for missing features; what they answered is kept when it is stopped."""
        self._complete(features=True)

    def fetch_genres(self) -> None:
        """Ask MusicBrainz for missing genres; what it answered is kept when it is stopped."""
        self._complete(genres=True)

    def _complete(self, *, features: bool = False, genres: bool = False, look_first: bool = False) -> None:
        place = self.trail[0] if self.trail else None
        if place is None:
            return

        def completed(found: Completed) -> None:
            # What was changed by hand meanwhile stays.
            whole = replace(self.trail[0], library=found.library)
            self.trail, self.coverage, self.genre_coverage = (whole, *self.trail[1:]), found.features, found.genres
            self.coverage_changed.emit()
            unasked = found.features.count("pending") + found.features.count("failed")
            if self.outcome is not None:
                go_on = found.grown and len(self.trail) == 1
            else:
                usable = bool(found.library.with_features) and not whole.absent_features()
                go_on = not features and usable and not (look_first and unasked)
            if go_on:
                self._restore(whole)

        text = messages.COUNTING_FEATURES()
        if features or genres:
            text = messages.FETCHING_FEATURES() if features else messages.FETCHING_GENRES()
        self.start(
            lambda report: jobs.complete(place.library, features=features, genres=genres, report=report),
            completed,
            text,
            network=True,
        )

    def show_features(self) -> None:
        """Show how many tracks have audio features."""
        self._go("features")
        if self.coverage is None:
            self.look_at_features()

    def analyse_what_is_there(self) -> None:
        """Analyse the tracks that have audio features, by the features that any track has."""
        if self.place is not None:
            self._restore(self.place.without(self.place.absent_features()))

    def close(self) -> None:
        """Keep what is not kept yet; the workers are closed afterwards."""
        self.changes.finish()
        self.keep_now()
        self.history.blockSignals(True)

    def _go(self, stage: Stage) -> None:
        if stage != self.stage:
            self.stage = stage
            self.stage_changed.emit(stage)

    def start(
        self,
        work: Callable[[Report], T],
        done: Callable[[T], None],
        text: str,
        *,
        network: bool = False,
        failed: Callable[[], None] = _nothing,
    ) -> None:
        """Start work in place of what its worker was doing.

        Parameters
        ----------
        work, done : callable
            See `desktop.tasks.Task`.
        text : str
            What is being done.
        network : bool, default False
            Whether it waits for a service.
        failed : callable
            Called when it broke, after the person was told.
        """
        worker = self.workers.network if network else self.workers.compute

        def finished(result: T) -> None:
            self._rest(worker)
            done(result)

        def broke(error: BaseException) -> None:
            self._rest(worker)
            if self.outcome is not None:
                self.options = self.outcome.shown.analysis.options
            try:
                self.report_trouble(error)
            finally:
                failed()

        worker.start(work, done=finished, failed=broke, progressed=self.progressed.emit)
        self._texts[worker] = text
        self.working.emit(text)

    def _rest(self, worker: Worker) -> None:
        """Say what the other worker is still doing, or that nothing is under way."""
        self._texts.pop(worker, None)
        if self._texts:
            self.working.emit(next(iter(self._texts.values())))
        else:
            self.rested.emit()

    def report_trouble(self, error: BaseException) -> None:
        """Tell a person what went wrong; what nobody foresaw goes to the dialog with details."""
        if not isinstance(error, LeitmotifError):
            raise error
        self.failed.emit(error)


def _grouping(outcome: Outcome) -> Grouping:
    from core import edits

    return outcome.grouping or edits.grouping_of(outcome.shown.analysis)
