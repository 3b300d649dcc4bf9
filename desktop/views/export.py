"""The export: what will be written, where, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import LeitmotifError
from desktop import jobs, messages
from desktop.models.rows import Cell, RowsModel
from desktop.session import Session
from desktop.settings import SettingsFile
from desktop.tasks import Task
from desktop.theme import GRID, Theme
from desktop.views.genres import plain_table
from desktop.widgets.basics import button, column, holder, label, row

if TYPE_CHECKING:
    from core.exporters import ExportResult
    from core.records import Playlist


class ExportDialog(QDialog):
    """Playlists, formats and a folder; the plan follows every change.

    Parameters
    ----------
    session : Session
        What is exported.
    settings : SettingsFile
        Remembers folder and formats.
    theme : Theme
        Fonts and colours.
    parent : QWidget
        The window.
    """

    def __init__(self, session: Session, settings: SettingsFile, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._settings, self._theme = session, settings, theme
        self._task: Task[list[ExportResult]] | None = None
        self.finished.connect(self._forget)
        self.setWindowTitle(messages.EXPORT_TITLE())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(110 * GRID, 76 * GRID)
        shown = session.shown
        self._playlists: tuple[Playlist, ...] = shown.analysis.curated.playlists if shown else ()
        self._build_choices()
        self.plan = RowsModel(self)
        self.table = plain_table(self.plan, messages.EXPORT_PLAN())
        self.say = label(role="muted", wrap=True, select=True)
        self.go = button(messages.EXPORT_GO(), self._write, main=True)
        self.copy = button(messages.COPY_LINKS(), self._copy_links)
        self.show_folder = button(messages.EXPORT_OPEN_FOLDER(), self._show_folder)
        self.show_folder.hide()
        self._build()
        self._plan()

    def _build_choices(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName(messages.PLAYLISTS())
        for playlist in self._playlists:
            item = QListWidgetItem(f"{playlist.name}  ({len(playlist.track_ids):,})")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.list.addItem(item)
        self.list.itemChanged.connect(self._plan)
        self.formats: dict[str, QCheckBox] = {}
        for name, meaning in messages.FORMAT_MEANINGS.items():
            box = self.formats[name] = QCheckBox(meaning())
            box.setChecked(name in self._settings.current.export_formats)
            box.toggled.connect(self._plan)
        folder = self._settings.current.export_folder or str(Path.home() / "Leitmotif")
        self.folder = QLineEdit(folder)
        self.folder.setAccessibleName(messages.EXPORT_TO())
        self.folder.editingFinished.connect(self._plan)

    def _build(self) -> None:
        left = column(label(messages.PLAYLISTS(), role="head"), self.list)
        formats = column(label(messages.EXPORT_FORMATS(), role="head"), *self.formats.values(), 0, gap=4)
        top = row(holder(left), holder(formats), gap=3 * GRID)
        top.setStretch(0, 1)
        where = row(label(messages.EXPORT_TO()), self.folder, button(messages.EXPORT_CHOOSE(), self._choose_folder))
        page = QVBoxLayout(self)
        page.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        page.setSpacing(GRID)
        page.addLayout(top, 2)
        page.addLayout(where)
        page.addWidget(label(messages.EXPORT_PLAN(), role="head"))
        page.addWidget(self.table, 3)
        page.addWidget(self.say)
        page.addWidget(label(messages.EXPORT_SPOTIFY(), role="muted", wrap=True))
        page.addLayout(row(self.copy, 0, self.show_folder, button(messages.CLOSE(), self.reject), self.go))

    @property
    def chosen(self) -> list[Playlist]:
        """The playlists with a tick."""
        return [
            playlist
            for place, playlist in enumerate(self._playlists)
            if self.list.item(place).checkState() == Qt.CheckState.Checked
        ]

    @property
    def wanted_formats(self) -> list[str]:
        """The formats with a tick."""
        return [name for name, box in self.formats.items() if box.isChecked()]

    def _plan(self) -> None:
        self.copy.setEnabled(bool(self.chosen))
        ready = bool(self.chosen and self.wanted_formats and self.folder.text().strip())
        self.go.setEnabled(ready)
        self.show_folder.hide()
        self.say.setText("" if ready else messages.EXPORT_NOTHING())
        if ready:
            self._run(dry_run=True)
        else:
            self._show_results([], done=False)

    def _run(self, *, dry_run: bool) -> None:
        shown = self._session.shown
        if shown is None:
            return
        playlists, library = self.chosen, shown.analysis.library
        folder, formats = Path(self.folder.text().strip()).expanduser(), self.wanted_formats
        if self._task is not None:
            self._task.cancel()
        self._task = self._session.workers.network.queue(
            lambda report: jobs.export(playlists, library, folder, formats, dry_run, report),
            done=self._planned_now if dry_run else self._written,
            failed=self._failed,
        )

    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _planned_now(self, results: list[ExportResult]) -> None:
        self._show_results(results, done=False)

    def _written(self, results: list[ExportResult]) -> None:
        self._show_results(results, done=True)
        self.go.setEnabled(True)
        self._settings.change(export_folder=self.folder.text().strip(), export_formats=tuple(self.wanted_formats))
        self.say.setText(messages.EXPORT_DONE(files=messages.files(len(results)), folder=self.folder.text()))
        self.show_folder.show()

    def _failed(self, error: BaseException) -> None:
        self.go.setEnabled(True)
        if not isinstance(error, LeitmotifError):
            raise error
        self.say.setText(error.line())

    def _show_results(self, results: list[ExportResult], *, done: bool) -> None:
        rows = []
        for result in results:
            skipped = "; ".join(f"{count:,} {reason}" for reason, count in result.skipped.items())
            new = messages.EXPORT_WROTE() if done else messages.EXPORT_NEW()
            state = messages.EXPORT_REPLACES() if not done and result.path.exists() else new
            rows.append([Cell(result.path.name), Cell(f"{result.written:,}", right=True), Cell(skipped), Cell(state)])
        heads = [
            Cell(messages.EXPORT_FILE()), Cell(messages.EXPORT_WRITTEN(), right=True), Cell(messages.EXPORT_SKIPPED()),
            Cell(messages.EXPORT_STATE()),
        ]  # fmt: skip
        self.plan.show(heads, rows)

    def _write(self) -> None:
        self.go.setEnabled(False)
        self._run(dry_run=False)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, messages.EXPORT_TO(), self.folder.text())
        if path:
            self.folder.setText(path)
            self._plan()

    def _copy_links(self) -> None:
        shown = self._session.shown
        if shown is not None:
            lines = [
                line for playlist in self.chosen for line in jobs.links(playlist, shown.analysis.library).splitlines()
            ]
            found = [line for line in lines if line.startswith("https://")]
            QApplication.clipboard().setText("\n".join(found))
            self.say.setText(messages.LINKS_COPIED(count=f"{len(found):,}") if found else messages.NO_LINKS())

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.folder.text()))
