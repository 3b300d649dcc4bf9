"""Kept runs: listed, compared, brought back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QDialog, QVBoxLayout, QWidget

from desktop import jobs, messages
from desktop.messages import names
from desktop.models.rows import Cell, RowsModel
from desktop.session import Session
from desktop.tasks import Task
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, label, row
from desktop.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from core.playlists import RunComparison
    from core.storage import RunInfo


class RunsDialog(QDialog):
    """The kept runs of what is open.

    Parameters
    ----------
    session : Session
        What is open.
    theme : Theme
        Fonts and colours.
    parent : QWidget
        The window.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._task: Task[Any] | None = None
        self.finished.connect(self._forget)
        self.setWindowTitle(messages.RUNS_TITLE())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(96 * GRID, 64 * GRID)
        self.runs, self.comparison = RowsModel(self), RowsModel(self)
        self._build_tables()
        self.say = label(messages.RUNS_WAIT(), role="muted", wrap=True)
        self.compare = button(messages.RUN_COMPARE(), self._compare)
        self.restore = button(messages.RUN_RESTORE(), self._restore, main=True)
        page = QVBoxLayout(self)
        page.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        page.setSpacing(GRID)
        page.addWidget(self.table, 2)
        page.addWidget(self.say)
        page.addWidget(self.changes, 3)
        self.changes.hide()
        page.addLayout(row(0, button(messages.CLOSE(), self.reject), self.compare, self.restore))
        self._enable()
        place = session.place
        if place is not None:
            session.keep_now()
            disk = session.workers.disk
            self._task = disk.queue(lambda _: jobs.runs_of(place), done=self._show, failed=session.report_trouble)

    def _build_tables(self) -> None:
        self.table = PlainTable(self.runs, messages.RUNS_TITLE(), elastic=(5, 1))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.table.activated.connect(self._restore_chosen)
        self.changes = PlainTable(self.comparison, messages.RUN_COMPARE(), elastic=(0, 1))
        self.changes.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.changes.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.changes.setSortingEnabled(True)

    @property
    def chosen(self) -> list[str]:
        """Ids of the chosen runs, the older one first."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return sorted((str(self.runs.cell(place, 0).value) for place in rows), key=int)

    def _show(self, runs: list[RunInfo]) -> None:
        heads = [
            Cell(messages.RUN_NUMBER(), right=True), Cell(messages.RUN_WHEN()), Cell(messages.PLAYLISTS(), right=True),
            Cell(messages.TRACKS_HEAD(), right=True), Cell(messages.RUN_RECIPE()), Cell(messages.ALGORITHM()),
        ]  # fmt: skip
        rows = []
        for run in runs:
            when = datetime.fromtimestamp(run.created_at).astimezone().strftime("%Y-%m-%d %H:%M")
            recipe = names.RECIPE_NAMES.get(run.recipe)
            rows.append([
                Cell(run.id, right=True, value=run.id),
                Cell(messages.RUN_NOW(when=when) if run.id == self._session.run_id else when),
                Cell(f"{run.k:,}", right=True), Cell(f"{run.tracks:,}", right=True),
                Cell(recipe() if recipe else run.recipe), Cell(_algorithm(run.algorithm)),
            ])  # fmt: skip
        self.runs.show(heads, rows)
        self.say.setText(messages.RUNS_HINT() if rows else messages.RUNS_NONE())
        if rows:
            self.table.selectRow(0)
            self.table.setFocus()

    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _enable(self) -> None:
        self.compare.setEnabled(len(self.chosen) == 2)
        self.restore.setEnabled(len(self.chosen) == 1 and self.chosen[0] != self._session.run_id)

    def _compare(self) -> None:
        before, after = self.chosen
        self._task = self._session.workers.disk.queue(
            lambda _: jobs.compare(before, after),
            done=lambda found: self._show_comparison(before, after, found),
            failed=self._session.report_trouble,
        )

    def _show_comparison(self, before: str, after: str, found: RunComparison) -> None:
        placed, unplaced = found.left_out
        text = messages.RUN_COMPARISON(
            before=before, after=after, stayed=found.stayed, moved=len(found.moved), added=len(found.added) - placed,
            gone=len(found.gone) - unplaced,
        )  # fmt: skip
        text = messages.RUN_PLACED(comparison=text, count=placed) if placed else text
        text = messages.RUN_UNPLACED(comparison=text, count=unplaced) if unplaced else text
        shares_tracks = not math.isnan(found.agreement)
        self.say.setText(messages.RUN_AGREEMENT(comparison=text, agreement=found.agreement) if shares_tracks else text)
        rows = []
        for entry in found.rows():
            count = entry["tracks"]
            assert isinstance(count, int)
            rows.append([
                Cell(str(entry["before"])), Cell(str(entry["after"])),
                Cell(f"{count:,}", right=True, sort=-count), Cell(_became(entry)),
            ])  # fmt: skip
        heads = [
            Cell(messages.RUN_BEFORE(run=before)), Cell(messages.RUN_BEFORE(run=after)),
            Cell(messages.TRACKS_HEAD(), right=True), Cell(messages.RUN_WHAT()),
        ]  # fmt: skip
        self.comparison.show(heads, rows)
        self.changes.show()

    def _restore_chosen(self) -> None:
        if self.restore.isEnabled():
            self._restore()

    def _restore(self) -> None:
        self._session.restore_run(self.chosen[0])
        self.accept()


def _became(entry: Mapping[str, object]) -> str:
    """Return what became of the tracks of a row of `RunComparison.rows`."""
    if not entry["before"]:
        return messages.RUN_NEW() if entry["absent"] else messages.RUN_IN_NONE_BEFORE()
    if not entry["after"]:
        return messages.RUN_GONE() if entry["absent"] else messages.RUN_IN_NONE_NOW()
    return messages.RUN_STAYED() if entry["same"] else messages.RUN_MOVED()


def _algorithm(text: str) -> str:
    """Return what an algorithm is called, and that its playlists were changed by hand."""
    name, comma, _ = text.partition(", ")
    known = names.ALGORITHM_NAMES.get(name)
    called = known() if known else name
    return messages.RUN_BY_HAND(algorithm=called) if comma else called
