"""The main window: pages, head and foot, and what the menus open."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.errors import LeitmotifError
from desktop import jobs, messages, style
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.session import Session
from desktop.settings import Look, SettingsFile, as_bytes
from desktop.tasks import Workers
from desktop.theme import GRID, Theme
from desktop.views.start import StartPage, dropped_paths
from desktop.widgets.basics import label, row, tool
from desktop.widgets.icons import program_icon
from desktop.widgets.work_bar import LoadingPage, WorkBar

if TYPE_CHECKING:
    from core.storage import Dropped
    from desktop.views.coverage import CoveragePage
    from desktop.views.workspace import Workspace

LEAST_SIZE = (960, 640)
USUAL_SIZE = (1360, 880)
#: A library that is shown is noted a little later, when the views have drawn it.
REMEMBER_MS = 500
#: Between two parts of the workspace that is built while a library is read: other events have their turn.
GROW_MS = 10
#: How long the foot says what was done.
SAY_MS = 8000


class MainWindow(QMainWindow):
    """The one window.

    Parameters
    ----------
    settings : SettingsFile, optional
        What a person chose; read from the disk when not given.
    """

    def __init__(self, settings: SettingsFile | None = None) -> None:
        super().__init__()
        self.settings = settings or SettingsFile()
        self.workers = Workers(self)
        self.session = Session(self.workers, self)
        self.account = AccountState(self.workers, self)
        self.theme: Theme = style.theme_for(self.settings.current.look)
        self.workspace: Workspace | None = None
        self._growing: Workspace | None = None
        self.coverage: CoveragePage | None = None
        self.ended = True
        self.setWindowTitle(messages.APP)
        self.setWindowIcon(program_icon())
        self.setMinimumSize(*LEAST_SIZE)
        self.setAcceptDrops(True)
        self.resize(*USUAL_SIZE)
        geometry = self.settings.current.geometry
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(as_bytes(geometry)))
        self._hush = QTimer(self)
        self._hush.setSingleShot(True)
        self._hush.setInterval(SAY_MS)
        self._hush.timeout.connect(self._say_nothing)
        self._grower = QTimer(self)
        self._grower.setInterval(GROW_MS)
        self._grower.timeout.connect(self._grow)
        self._build()
        self._connect()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def _build(self) -> None:
        """Build everything in the present theme; the views of a library only when one is open."""
        from desktop.views.header import Header

        app = QApplication.instance()
        assert isinstance(app, QApplication)
        style.apply(app, self.theme)
        self.header = Header(self.session, self.theme, look=self.settings.current.look)
        self.start = StartPage(self.theme, self.account)
        self.loading = LoadingPage(self.theme)
        self.work = WorkBar(self.theme)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.pages.addWidget(self.loading)
        self.workspace = self.coverage = self._growing = None
        self.said = label(role="error", wrap=True, select=True)
        hush = tool("close", messages.CLOSE(), self.theme, self._say_nothing)
        self.said_line = QWidget()
        line = row(self.said, hush)
        line.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        line.setStretch(0, 1)
        self.said_line.setLayout(line)
        self.said_line.hide()
        self.body = QWidget()
        page = QVBoxLayout(self.body)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.header)
        page.addWidget(self.pages, 1)
        page.addWidget(self.said_line)
        page.addWidget(self.work)
        self.setCentralWidget(self.body)
        self._connect_pages()

    def _connect_pages(self) -> None:
        session, header, start = self.session, self.header, self.start
        start.opened.connect(session.open_paths)
        start.reopened.connect(session.open_stored)
        start.download_wanted.connect(session.download_archive)
        start.spotify_wanted.connect(self.show_spotify)
        start.help_wanted.connect(self._show_help)
        start.spotify_read_wanted.connect(session.read_spotify)
        header.open_wanted.connect(start.choose_file)
        header.export_wanted.connect(self.show_export)
        header.runs_wanted.connect(self._show_runs)
        header.spotify_wanted.connect(self.show_spotify)
        header.help_wanted.connect(self._show_help)
        header.look_wanted.connect(self._change_look)
        header.levers_toggled.connect(self._show_levers)
        self.work.cancelled.connect(session.stop)
        self.loading.cancelled.connect(session.stop)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self.body, session.stop)

    def _connect(self) -> None:
        session = self.session
        # Later, so that showing an analysis and showing its page do not add up to a moment without an answer.
        session.stage_changed.connect(self._show_stage, Qt.ConnectionType.QueuedConnection)
        session.outcome_changed.connect(self._show_stage)
        session.working.connect(self._begin)
        session.progressed.connect(self._progress)
        session.rested.connect(self._rest)
        session.failed.connect(self._fail)
        session.said.connect(self.say)
        self.account.disconnected.connect(self._disconnected)

    # Pages.

    def _show_stage(self) -> None:
        session = self.session
        if session.stage == "ready" and session.outcome is not None:
            if self.workspace is None:
                self.workspace = self._growing or self._new_workspace()
                self.workspace.finish()
            self.pages.setCurrentWidget(self.workspace)
            title = messages.place(session.place.title) if session.place else ""
            self.setWindowTitle(f"{title} – {messages.APP}")
            # Writing through to the disk takes a moment of its own.
            QTimer.singleShot(REMEMBER_MS, self, self._remember_library)
        elif session.stage == "features":
            if self.coverage is None:
                from desktop.views.coverage import CoveragePage

                self.coverage = CoveragePage(session, self.theme)
                self.pages.addWidget(self.coverage)
            self.pages.setCurrentWidget(self.coverage)
        elif session.stage == "start":
            self.pages.setCurrentWidget(self.start)
            self.start.open_demo.setFocus()
            self.load_recent()

    def _remember_library(self) -> None:
        """Note which library to open the next time, also when the program is killed."""
        key = self.session.trail[0].key if self.session.trail else ""
        if key != self.settings.current.last_library:
            self.settings.change(last_library=key)

    def _new_workspace(self) -> Workspace:
        from desktop.views.workspace import Workspace

        made = Workspace(self.session, self.settings, self.theme, width=self.width())
        self.pages.addWidget(made)
        return made

    def _grow(self) -> None:
        """Build the next part of the workspace while a library is read and analysed."""
        if self.workspace is None:
            self._growing = self._growing or self._new_workspace()
        if self.workspace is not None or self._growing is None or not self._growing.build_some():
            self._grower.stop()

    def load_recent(self) -> None:
        """List the recent libraries on the start page."""
        self.workers.disk.queue(
            lambda _: jobs.recent_libraries(), done=self.start.show_recent, failed=self.session.report_trouble
        )

    def _begin(self, text: str) -> None:
        self._say_nothing()
        if self.workspace is None:
            # The views take half a second to load, which a worker does meanwhile.
            self.workers.disk.queue(
                lambda _: importlib.import_module("desktop.views.workspace"), done=lambda _: self._grower.start(),
                failed=self.session.report_trouble,
            )  # fmt: skip
        self.loading.begin(text)
        if self.session.outcome is None and self.session.stage == "start":
            self.pages.setCurrentWidget(self.loading)
        else:
            self.work.begin(text)

    def _progress(self, done: int, total: int, text: str) -> None:
        self.loading.progress(done, total, text)
        self.work.progress(done, total, text)

    def _rest(self) -> None:
        self.work.hide()
        if self.pages.currentWidget() is self.loading:
            self._show_stage()

    # What is said.

    def say(self, text: str) -> None:
        """Say what was done, for a while."""
        self.said.setText(text)
        self.said_line.show()
        self._hush.start()

    def _fail(self, error: LeitmotifError) -> None:
        self.said.setText(messages.trouble(error))
        self.said_line.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self.said, QAccessible.Event.Alert))
        self._hush.stop()

    def _say_nothing(self) -> None:
        self._hush.stop()
        self.said_line.hide()

    # What the menus open.

    def show_export(self) -> None:
        """Open the export."""
        from desktop.views.export import ExportDialog

        if self.session.outcome is not None:
            dialog = ExportDialog(self.session, self.account, self.settings, self.theme, self)
            dialog.spotify.connect_wanted.connect(self.show_spotify)
            dialog.open()

    def _show_runs(self) -> None:
        from desktop.views.runs import RunsDialog

        RunsDialog(self.session, self.theme, self).show()

    def _show_help(self) -> None:
        from desktop.views.help import HelpDialog

        HelpDialog(self.theme, self).show()

    def show_spotify(self) -> None:
        """Open the Spotify account: its set-up, or how it stands."""
        from desktop.views.spotify import SpotifyDialog

        dialog = SpotifyDialog(self.account, QApplication.activeModalWidget() or self)
        dialog.read_wanted.connect(lambda top: self.session.read_spotify(top=top))
        dialog.open()

    def _disconnected(self, dropped: Dropped) -> None:
        self.session.leave_spotify()
        self.load_recent()
        self.say(texts.DISCONNECTED(tracks=messages.tracks(dropped.tracks), runs=dropped.runs))

    def _show_levers(self, on: bool) -> None:
        if self.workspace is not None:
            self.workspace.show_levers(on)

    # The look.

    def _change_look(self, look: Look) -> None:
        self.settings.change(look=look)
        self._follow_system()

    def _follow_system(self) -> None:
        theme = style.theme_for(self.settings.current.look)
        if theme == self.theme:
            return
        self._keep_layout()
        self.theme = theme
        old, levers = self.body, self.header.levers.isChecked()
        self.takeCentralWidget()
        self._build()
        self._show_stage()
        self.header.levers.setChecked(levers)
        old.deleteLater()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the platform's font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            # Not at once: everything in the window is about to hear of it.
            QTimer.singleShot(0, self, self._follow_system)

    def _keep_layout(self) -> None:
        if self.workspace is not None:
            self.settings.change(layout=self.workspace.layout_state())

    # Files dropped anywhere, and the end.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.session.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is not kept yet, then end the workers, within a few seconds."""
        self._keep_layout()
        self._hush.stop()
        self._grower.stop()
        self.settings.change(geometry=bytes(self.saveGeometry().toBase64().data()).decode("ascii"))
        self._remember_library()
        self.session.close()
        self.ended = self.workers.close()
        event.accept()
