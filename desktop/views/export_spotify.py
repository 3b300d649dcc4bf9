"""Playlists on Spotify: the plan with its differences, writing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QComboBox, QProgressBar, QVBoxLayout, QWidget

from core.errors import LeitmotifError, PermissionMissing, SignInNeeded
from core.progress import Report
from core.spotify import scopes
from core.spotify.plan import EDITED, Edited, ExportPlan, PlannedPlaylist, Wishes
from desktop import messages, spotify_jobs
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.models.plan_rows import heads, outcome_rows
from desktop.models.rows import RowsModel
from desktop.session import Session
from desktop.settings import SettingsFile
from desktop.spotify_jobs import Planned, Written
from desktop.tasks import Task
from desktop.theme import GRID
from desktop.views.sign_in_line import SignInLine
from desktop.widgets.basics import button, holder, label, row
from desktop.widgets.plain_table import PlainTable
from desktop.widgets.work_bar import step_text

if TYPE_CHECKING:
    from core.records import Playlist
    from core.spotify.writing import Outcome

#: What is under way.
Work = Literal["", "looking", "writing"]


class SpotifyPage(QWidget):
    """The account's half of the export.

    Parameters
    ----------
    session : Session
        What is exported.
    account : AccountState
        Where to.
    settings : SettingsFile
        Remembers the choices.
    playlists : sequence of Playlist
        All that can be chosen.
    """

    #: The account has to be set up first.
    connect_wanted = Signal()

    def __init__(
        self, session: Session, account: AccountState, settings: SettingsFile, playlists: Sequence[Playlist]
    ) -> None:
        super().__init__()
        self._session, self._account, self._settings = session, account, settings
        self._all, self._chosen = tuple(playlists), list(playlists)
        self._planned: Planned | None = None
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._task: Task[Any] | None = None
        self._work: Work = ""
        self._trouble: LeitmotifError | None = None
        self._note, self._calls = "", 0
        self._build_options()
        self.plan = RowsModel(self)
        self.table = PlainTable(self.plan, messages.EXPORT_PLAN())
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setIconSize(QSize(4 * GRID, 4 * GRID))
        self.table.selectionModel().selectionChanged.connect(self._show_buttons)
        self.table.doubleClicked.connect(lambda _index: self._open_link())
        self.say = label(role="muted", wrap=True, select=True)
        self.trouble = label(role="error", wrap=True, select=True)
        self.help = button(texts.TRY_AGAIN(), self._help)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(texts.WRITING())
        self.stop = button(messages.CANCEL(), self._stop)
        self.undo = button(texts.UNDO(), self._undo)
        self.open_link = button(texts.OPEN_LINK(), self._open_link)
        self.go = button(texts.GO(), self._go, main=True)
        self._build()
        account.changed.connect(self._show)
        account.connected.connect(self._look)
        self._show()

    def _build_options(self) -> None:
        chosen = self._settings.current
        self.public = QCheckBox(texts.PUBLIC())
        self.public.setToolTip(texts.PUBLIC_TIP())
        self.covers = QCheckBox(texts.COVERS())
        self.covers.setToolTip(texts.COVERS_TIP())
        self.covers.setChecked(chosen.spotify_covers == "yes")
        self.edited = QComboBox()
        self.edited.setAccessibleName(texts.EDITED())
        for name in EDITED:
            self.edited.addItem(texts.EDITED_MEANINGS[name](), name)
        self.edited.setCurrentIndex(max(self.edited.findData(chosen.spotify_edited), 0))
        self.public.toggled.connect(self._look)
        self.covers.toggled.connect(self._look)
        self.edited.currentIndexChanged.connect(self._look)

    def _build(self) -> None:
        self.options = holder(row(label(texts.EDITED(), role="muted"), self.edited, 0))
        self.ticks = holder(row(self.public, self.covers, 0, gap=2 * GRID))
        line = row(self.trouble, self.help)
        line.setStretch(0, 1)
        self.troubles = holder(line)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 2 * GRID, 0, 0)
        page.setSpacing(GRID)
        page.addWidget(self.ticks)
        page.addWidget(self.options)
        page.addWidget(self.troubles)
        page.addWidget(SignInLine(self._account))
        page.addWidget(self.table, 1)
        page.addWidget(self.say)
        # Without a plan the rest stays empty; a line of text does not fill it.
        page.addStretch(0)
        page.addLayout(row(self.bar, self.stop))
        page.addLayout(row(self.undo, 0, self.open_link, self.go))

    # What the dialog tells.

    def arrive(self) -> None:
        """Look at the account now that the page is on the screen, unless that has been done."""
        if self._planned is None and not self._work:
            self._look()

    def show_chosen(self, playlists: Sequence[Playlist]) -> None:
        """Export other playlists."""
        self._chosen = list(playlists)
        self._show()

    def forget(self) -> None:
        """Stop what is under way; an export that was begun is finished the next time."""
        if self._work == "writing":
            self._session.said.emit(texts.STOPPED())
        if self._task is not None:
            self._task.cancel()
        self._account.cancel()

    # What is known.

    @property
    def _wishes(self) -> Wishes:
        return Wishes(
            public=self.public.isChecked(),
            edited=cast(Edited, self.edited.currentData()),
            covers=self.covers.isChecked(),
        )

    @property
    def _plan(self) -> ExportPlan | None:
        """What is to be done with the chosen playlists."""
        whole = self._planned.plan if self._planned else None
        if whole is None:
            return None
        wanted = {playlist.name for playlist in self._chosen}
        pairs = zip(self._all, whole.playlists, strict=False)
        kept = [planned for playlist, planned in pairs if playlist.name in wanted]
        return replace(whole, playlists=(*kept, *whole.playlists[len(self._all) :]))

    @property
    def _missing(self) -> frozenset[str]:
        """Permissions that the wishes need and the sign-in lacks."""
        needs: frozenset[str] = frozenset(scopes.WRITE)
        needs |= scopes.OPTIONAL["public"] if self.public.isChecked() else frozenset()
        needs |= scopes.OPTIONAL["covers"] if self.covers.isChecked() else frozenset()
        return frozenset(scope for scope in needs if not self._account.allows([scope]))

    # Work.

    def _start(self, work: Work, todo: Callable[[Report], Any], done: Callable[[Any], None], text: str) -> None:
        if self._task is not None:
            self._task.cancel()
        self._work, self._trouble = work, None
        self.bar.setRange(0, 0)

        def finished(result: Any) -> None:
            self._task, self._work = None, ""
            done(result)
            self._show()

        self._task = self._session.workers.network.queue(
            todo, done=finished, failed=self._failed, progressed=self._progress
        )
        self._show()
        self.say.setText(text)

    def _look(self) -> None:
        """Make the plan anew; nothing is written."""
        self._settings.change(
            spotify_edited=str(self.edited.currentData()), spotify_covers="yes" if self.covers.isChecked() else "no"
        )
        place, shown = self._session.place, self._session.shown
        self._planned, self._outcomes = None, {}
        if place is None or shown is None or not self._account.is_connected or self._missing or self._work == "writing":
            self._show()
            return
        wishes = self._wishes
        self._start(
            "looking",
            lambda report: spotify_jobs.make_plan(place, shown, wishes, report),
            self._take_plan,
            texts.LOOKING(),
        )

    def _take_plan(self, planned: Planned) -> None:
        self._planned = planned

    def _go(self) -> None:
        known, plan, self._note = self._planned, self._plan, ""
        if known is None:
            return
        if plan is None:
            self._start("writing", spotify_jobs.finish, self._finished, texts.WRITING())
            return
        covers = {line: known.covers[line] for line in (job.lineage for job in plan.jobs) if line in known.covers}
        self._start("writing", lambda report: spotify_jobs.export(plan, covers, report), self._written, texts.WRITING())

    def _undo(self) -> None:
        self._start("writing", spotify_jobs.undo, self._undone, texts.UNDOING())

    def _finished(self, _: Written) -> None:
        self._look()

    def _written(self, written: Written) -> None:
        self._calls = written.calls
        self._outcomes = {(outcome.job.lineage, outcome.job.name): outcome for outcome in written.outcomes}
        if self._planned is not None:
            self._planned = replace(self._planned, can_undo=True)
        self._account.look()

    def _undone(self, written: Written) -> None:
        removed = sum(outcome.job.action == "remove" for outcome in written.outcomes)
        restored = len(written.outcomes) - removed
        parts = [texts.UNDONE_REMOVED(playlists=messages.playlists(removed))] if removed else []
        parts += [texts.UNDONE_RESTORED(playlists=messages.playlists(restored))] if restored else []
        text = texts.UNDONE(what=", ".join(parts) or texts.UNDONE_NOTHING())
        if written.left:
            text += " " + texts.LEFT(names=", ".join(f"“{name}”" for name in written.left))
        self._note = text
        self._look()

    def _failed(self, error: BaseException) -> None:
        self._task, self._work = None, ""
        if not isinstance(error, LeitmotifError):
            self._show()
            raise error
        self._trouble, self._planned = error, None
        if isinstance(error, SignInNeeded):
            self._account.look()
        self._show()

    def _stop(self) -> None:
        was_writing = self._work == "writing"
        if self._task is not None:
            self._task.cancel()
        self._task, self._work = None, ""
        if was_writing:
            self._look()
        else:
            self._show()

    def _progress(self, done: int, total: int, text: str) -> None:
        self.say.setText(step_text(done, total, text))
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _help(self) -> None:
        """Do what helps with the trouble that is told."""
        if not self._account.is_connected:
            self.connect_wanted.emit()
        elif self._missing:
            names = [name for name, group in scopes.OPTIONAL.items() if group & self._missing]
            self._account.connect_account(allow=names)
        elif isinstance(self._trouble, SignInNeeded | PermissionMissing):
            self._account.connect_account()
        else:
            self._look()

    def _open_link(self) -> None:
        link = self._link()
        if link:
            QDesktopServices.openUrl(QUrl(link))

    def _link(self) -> str:
        rows = self.table.selectionModel().selectedRows()
        return str(self.plan.cell(rows[0].row(), 0).value or "") if rows else ""

    # What is shown.

    def _show(self) -> None:
        self._show_trouble()
        busy, plan = bool(self._work), self._plan
        known = self._account.is_connected
        self.options.setVisible(known)
        self.ticks.setVisible(known)
        self.table.setVisible(known)
        for widget in (self.public, self.covers, self.edited):
            widget.setEnabled(self._work != "writing")
        self.bar.setVisible(busy)
        self.stop.setVisible(busy)
        if plan is None:
            self.plan.show(heads(), [])
        else:
            self._show_plan(plan)
        if not busy:
            self.say.setText(self._summary(plan))
        self._show_buttons()

    def _show_plan(self, plan: ExportPlan) -> None:
        counts = [len(playlist.track_ids) for playlist in self._chosen] + [0] * len(plan.playlists)
        planned: Sequence[PlannedPlaylist] = plan.playlists
        covers = self._planned.covers if self._planned else {}
        self.table.verticalHeader().setDefaultSectionSize((5 if covers else 3) * GRID + 4)
        self.plan.show(heads(), outcome_rows(planned, counts[: len(planned)], self._outcomes, covers))

    def _show_trouble(self) -> None:
        account = self._account
        text, action = "", texts.TRY_AGAIN()
        if not account.is_connected:
            text, action = texts.NEEDS_ACCOUNT(), texts.CONNECT()
        elif self._missing:
            text, action = texts.NEEDS_MORE(what=scopes.in_words(self._missing)), texts.ALLOW()
        elif self._trouble is not None:
            text = messages.trouble(self._trouble)
            if isinstance(self._trouble, SignInNeeded):
                action = texts.SIGN_IN_AGAIN()
            elif isinstance(self._trouble, PermissionMissing):
                action = texts.ALLOW()
        self.trouble.setText(text)
        self.help.setText(action)
        self.help.setAccessibleName(action)
        self.troubles.setVisible(bool(text) and not account.waiting)

    def _summary(self, plan: ExportPlan | None) -> str:
        return " ".join(part for part in (self._note, self._state(plan)) if part)

    def _state(self, plan: ExportPlan | None) -> str:
        if self._outcomes:
            refused = sum(bool(outcome.refused) for outcome in self._outcomes.values())
            done = messages.playlists(len(self._outcomes) - refused)
            text = texts.WROTE(playlists=done, requests=texts.requests(self._calls))
            return f"{text} {texts.REFUSED(count=refused)}" if refused else text
        if self._planned is not None and self._planned.plan is None:
            return texts.UNFINISHED()
        if plan is None:
            return ""
        return texts.WRITES(requests=texts.requests(plan.writes)) if plan.jobs else texts.NOTHING_TO_DO()

    def _show_buttons(self) -> None:
        busy, plan = bool(self._work), self._plan
        unfinished = self._planned is not None and self._planned.plan is None
        text = texts.GO()
        if unfinished:
            text = texts.FINISH()
        elif plan is not None and plan.jobs and not self._outcomes:
            count = len(plan.jobs)
            text = texts.GO_ONE() if count == 1 else texts.GO_COUNT(count=count)
        self.go.setText(text)
        self.go.setAccessibleName(text)
        can_write = unfinished or (plan is not None and bool(plan.jobs) and not self._outcomes)
        self.go.setEnabled(can_write and not busy and not self._missing)
        self.undo.setVisible(self._account.is_connected)
        self.undo.setEnabled(self._planned is not None and self._planned.can_undo and not busy)
        self.open_link.setVisible(self._account.is_connected)
        self.open_link.setEnabled(bool(self._link()))
