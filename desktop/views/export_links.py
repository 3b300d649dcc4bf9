"""Playlists as links on the clipboard: Spotify's desktop program takes them without any account here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from desktop import jobs, messages
from desktop.messages import spotify as texts
from desktop.models.rows import Cell, RowsModel
from desktop.session import Session
from desktop.tasks import Task
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row
from desktop.widgets.clipboard import copy_links
from desktop.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from core.records import Playlist


class LinksPage(QWidget):
    """How many links each playlist has, and a button that copies them.

    Parameters
    ----------
    session : Session
        What is exported.
    playlists : sequence of Playlist
        All that can be chosen.
    """

    def __init__(self, session: Session, playlists: Sequence[Playlist]) -> None:
        super().__init__()
        self._all, self._chosen = tuple(playlists), list(playlists)
        self._found: dict[str, list[str]] | None = None
        self._links: list[list[str]] = []
        self._task: Task[list[list[str]]] | None = None
        self.plan = RowsModel(self)
        self.table = PlainTable(self.plan, messages.EXPORT_PLAN())
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.selectionModel().selectionChanged.connect(self._name_button)
        self.plan.modelReset.connect(self._name_button)
        self.say = label(role="muted", wrap=True)
        self.copy = button(messages.EXPORT_LINKS_COPY_ALL(), self._copy, main=True)
        self.copy.setEnabled(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 2 * GRID, 0, 0)
        page.setSpacing(GRID)
        page.addWidget(label(messages.EXPORT_LINKS_HINT(), role="muted", wrap=True))
        page.addWidget(self.table, 1)
        page.addWidget(self.say)
        page.addLayout(row(0, self.copy))
        shown = session.shown
        if shown is not None:
            library = shown.analysis.library
            self._task = session.workers.disk.queue(
                lambda report: jobs.links(self._all, library, report), done=self._take, failed=session.report_trouble
            )

    def _take(self, links: list[list[str]]) -> None:
        self._found = {playlist.name: found for playlist, found in zip(self._all, links, strict=True)}
        self.show_chosen(self._chosen)

    def show_chosen(self, playlists: Sequence[Playlist]) -> None:
        """Show other playlists."""
        self._chosen = list(playlists)
        if self._found is None:
            return
        self._links = [self._found[playlist.name] for playlist in playlists]
        rows = []
        for playlist, links in zip(playlists, self._links, strict=True):
            missing = len(playlist.track_ids) - len(links)
            rows.append([
                Cell(playlist.name), Cell(f"{len(links):,}", right=True),
                Cell(f"{missing:,}" if missing else "", tip=messages.NO_LINKS() if missing else ""),
            ])  # fmt: skip
        heads = [
            Cell(texts.PLAYLIST()), Cell(messages.EXPORT_LINKS_COUNT(), right=True),
            Cell(messages.EXPORT_SKIPPED()),
        ]  # fmt: skip
        self.plan.show(heads, rows)
        self.copy.setEnabled(any(self._links))
        self.say.setText("" if any(self._links) else messages.NO_LINKS())

    def forget(self) -> None:
        """Stop what is under way."""
        if self._task is not None:
            self._task.cancel()

    @property
    def _rows(self) -> list[int]:
        """The chosen rows; all when none is chosen."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return rows or list(range(len(self._links)))

    def _name_button(self) -> None:
        some = self.table.selectionModel().hasSelection()
        text = messages.EXPORT_LINKS_COPY() if some else messages.EXPORT_LINKS_COPY_ALL()
        self.copy.setText(text)
        self.copy.setAccessibleName(text)

    def _copy(self) -> None:
        found = [link for row in self._rows for link in self._links[row]]
        self.say.setText(copy_links(found))
