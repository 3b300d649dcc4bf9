"""Playlists as files: formats, a folder, and what will be written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from core.errors import LeitmotifError
from desktop import jobs, messages
from desktop.messages import names
from desktop.messages import spotify as texts
from desktop.models.rows import Cell, RowsModel
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.settings import SettingsFile
from desktop.tasks import Task
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row
from desktop.widgets.plain_table import PlainTable

if TYPE_CHECKING:
    from core.exporters import ExportResult
    from core.records import Playlist


#: Formats that name tracks by a file or an address, and by nothing else.
_BY_ADDRESS = ("m3u8", "links")
#: Three formats next to each other take at most so many pixels; larger letters stand in two columns.
_MOST_BOXES = 80 * GRID


class FilesPage(QWidget):
    """Formats and a folder; the plan follows every change.

    Parameters
    ----------
    session : Session
        What is exported.
    settings : SettingsFile
        Remembers folder and formats.
    """

    #: Whether the choice of playlists must stay as it is.
    locked = Signal(bool)

    def __init__(self, session: Session, settings: SettingsFile) -> None:
        super().__init__()
        self._session, self._settings = session, settings
        self._chosen: list[Playlist] = []
        self._task: Task[list[ExportResult]] | None = None
        self.formats: dict[str, QCheckBox] = {}
        boxes = self._build_formats(settings.current.export_formats)
        self.folder = QLineEdit(settings.current.export_folder or str(Path.home() / "Leitmotif"))
        self.folder.setAccessibleName(messages.EXPORT_TO())
        self.folder.editingFinished.connect(self._plan)
        self.plan = RowsModel(self)
        self.table = PlainTable(self.plan, messages.EXPORT_PLAN(), elastic=(3, 0))
        self.say = label(role="muted", wrap=True, select=True)
        self.go = button(messages.EXPORT_GO(), self._write, main=True)
        self.show_folder = button(messages.EXPORT_OPEN_FOLDER(), self._show_folder)
        self.show_folder.hide()
        self.choose = button(messages.EXPORT_CHOOSE(), self._choose_folder)
        where = row(label(messages.EXPORT_TO()), self.folder, self.choose)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 2 * GRID, 0, 0)
        page.setSpacing(GRID)
        page.addLayout(boxes)
        page.addLayout(where)
        page.addWidget(self.table, 1)
        page.addWidget(self.say)
        page.addLayout(row(0, self.show_folder, self.go))

    def _build_formats(self, usual: Sequence[str]) -> QGridLayout:
        """Return a box to tick for each format; the usual ones have a tick where they are of use."""
        self._useless = () if _has_addresses(self._session) else tuple(name for name in usual if name in _BY_ADDRESS)
        boxes = QGridLayout()
        for name, meaning in names.FORMAT_MEANINGS.items():
            box = self.formats[name] = QCheckBox(meaning())
            box.setChecked(name in usual and name not in self._useless)
            box.toggled.connect(self._plan)
        columns = 3 if 3 * max(box.sizeHint().width() for box in self.formats.values()) <= _MOST_BOXES else 2
        for place, box in enumerate(self.formats.values()):
            boxes.addWidget(box, place // columns, place % columns)
        return boxes

    @property
    def wanted_formats(self) -> list[str]:
        """The formats with a tick."""
        return [name for name, box in self.formats.items() if box.isChecked()]

    def show_chosen(self, playlists: Sequence[Playlist]) -> None:
        """Plan for other playlists."""
        self._chosen = list(playlists)
        self._plan()

    def forget(self) -> None:
        """Stop what is under way; files that are begun are not left half-written."""
        if self._task is not None:
            self._task.cancel()

    def _plan(self) -> None:
        ready = bool(self._chosen and self.wanted_formats and self.folder.text().strip())
        self.go.setEnabled(ready)
        self.show_folder.hide()
        self.say.setText("" if ready else messages.EXPORT_NOTHING())
        if ready:
            self._run(dry_run=True)
        else:
            self.forget()
            self._show_results([], done=False)

    def _run(self, *, dry_run: bool) -> None:
        shown = self._session.shown
        if shown is None:
            return
        playlists, library = self._chosen, shown.analysis.library
        folder, formats = Path(self.folder.text().strip()).expanduser(), self.wanted_formats
        self.forget()
        self._task = self._session.workers.disk.queue(
            lambda report: jobs.export(playlists, library, folder, formats, dry_run, report),
            done=self._planned if dry_run else self._written,
            failed=self._failed,
        )

    def _planned(self, results: list[ExportResult]) -> None:
        self._show_results(results, done=False)
        empty = [result for result in results if not result.written]
        if empty:
            self.say.setText(messages.EXPORT_HOLDS_NONE(files=messages.files(len(empty))))

    def _written(self, results: list[ExportResult]) -> None:
        self._show_results(results, done=True)
        self._lock(False)
        # What is useless for this library may be useful for the next.
        formats = tuple(name for name in self.formats if name in (*self.wanted_formats, *self._useless))
        self._settings.change(export_folder=self.folder.text().strip(), export_formats=formats)
        self.say.setText(messages.EXPORT_DONE(files=messages.files(len(results)), folder=self.folder.text()))
        self.show_folder.show()

    def _failed(self, error: BaseException) -> None:
        self._lock(False)
        if not isinstance(error, LeitmotifError):
            raise error
        self.say.setText(messages.trouble(error))

    def _show_results(self, results: Sequence[ExportResult], *, done: bool) -> None:
        rows = []
        for result in results:
            skipped = "; ".join(
                texts.PLAN_LEFT_OUT(count=f"{count:,}", reason=reason) for reason, count in result.skipped.items()
            )
            new = messages.EXPORT_WROTE() if done else messages.EXPORT_NEW()
            state = messages.EXPORT_REPLACES() if not done and result.path.exists() else new
            state = state if result.written else messages.EXPORT_EMPTY()
            rows.append([
                Cell(result.path.name, plain_tip(result.path.name)), Cell(f"{result.written:,}", right=True),
                Cell(state), Cell(skipped, plain_tip(skipped)),
            ])  # fmt: skip
        heads = [
            Cell(messages.EXPORT_FILE()), Cell(messages.EXPORT_WRITTEN(), right=True), Cell(messages.EXPORT_STATE()),
            Cell(messages.EXPORT_SKIPPED()),
        ]  # fmt: skip
        self.plan.show(heads, rows)

    def _write(self) -> None:
        self._lock(True)
        self._run(dry_run=False)

    def _lock(self, on: bool) -> None:
        """Let nothing be chosen while files are written: another choice would stop the writing."""
        for widget in (*self.formats.values(), self.folder, self.choose, self.go):
            widget.setEnabled(not on)
        self.locked.emit(on)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, messages.EXPORT_TO(), self.folder.text())
        if path:
            self.folder.setText(path)
            self._plan()

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.folder.text()))


def _has_addresses(session: Session) -> bool:
    """Tell whether any track has a file or a Spotify address."""
    if session.shown is None:
        return False
    tracks = session.shown.analysis.library.tracks
    return bool((tracks["uri"] != "").any() or (tracks["path"] != "").any())
