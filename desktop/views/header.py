"""The head of the window: where we are, how many playlists, levers, export."""

from __future__ import annotations

import textwrap
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QVBoxLayout

from desktop import messages
from desktop.messages import spotify as texts
from desktop.session import Session
from desktop.settings import LOOKS, Look
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, clear, row, tool
from desktop.widgets.icons import icon
from desktop.widgets.texts import ElidedLabel
from desktop.widgets.tool_row import ToolRow

#: Numbers of playlists the menu offers.
_NUMBERS = (*range(2, 13), 15, 20, 25, 30, 40)
#: Keys of undo and redo; the platforms do not agree on the second.
_UNDO = [QKeySequence("Ctrl+Z")]
_REDO = [QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")]
#: Letters of a place on the trail.
_LONGEST = 24
#: Letters of a line of a note.
_WIDEST_NOTICE = 72


class Header(QFrame):
    """Menu, trail and main buttons.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    look : {"system", "light", "dark"}
        Which look is chosen.
    """

    open_wanted = Signal()
    export_wanted = Signal()
    runs_wanted = Signal()
    spotify_wanted = Signal()
    help_wanted = Signal()
    look_wanted = Signal(str)
    levers_toggled = Signal(bool)

    def __init__(self, session: Session, theme: Theme, *, look: Look) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.setProperty("role", "bar")
        self._build_left(look)
        self._build_right()
        self.line = ToolRow(
            self.menu_button, self.back, self.trail, self.where, self.summary, self.notices, 0, self.undo, self.redo,
            self.count, self.levers, self.export, self.help, margins=(GRID, GRID, GRID, GRID),
        )  # fmt: skip
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.line)
        self.setFixedHeight(max(7 * GRID, self.line.sizeHint().height()))
        for signal in (session.outcome_changed, session.stage_changed, session.history.indexChanged):
            signal.connect(self._show)
        self._show()

    def _build_left(self, look: Look) -> None:
        theme = self._theme
        self.menu_button = tool("library", messages.LIBRARY_MENU(), theme, words=True)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(self._build_menu(look))
        self.menu_button.setShortcut("Alt+L")
        self.back = tool("back", messages.BACK_TO(name=""), theme, self._go_back)
        self.back.setShortcut("Alt+Left")
        self.trail = QFrame()
        self.trail.setLayout(row(gap=0))
        self.where = ElidedLabel(role="title", least=20 * GRID)
        self.summary = ElidedLabel(role="muted")
        self.notices = tool("info", messages.NOTICES(), theme, words=True)
        self.notices.setToolTip(messages.NOTICES())
        self.notices.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.notices.setMenu(QMenu(self))

    def _build_right(self) -> None:
        session, theme = self._session, self._theme
        self.undo = tool("undo", messages.UNDO(), theme, session.undo)
        self.redo = tool("redo", messages.REDO(), theme, session.redo)
        # A button's own shortcut presses it for a tenth of a second first.
        for keys, done in ((_UNDO, session.undo), (_REDO, session.redo)):
            shortcut = QShortcut(self)
            shortcut.setKeys(keys)
            shortcut.activated.connect(done)
        self.count = QToolButton()
        self.count.setToolTip(messages.K_TIP())
        self.count.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.count.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.count.setMenu(self._build_numbers())
        self.levers = tool("levers", messages.LEVERS(), theme, words=True, flat=False)
        self.levers.setCheckable(True)
        self.levers.setShortcut("Ctrl+L")
        self.levers.setToolTip(messages.LEVERS_TIP())
        self.levers.toggled.connect(self.levers_toggled)
        self.export = button(messages.EXPORT(), self.export_wanted.emit, main=True, tip=messages.EXPORT_TIP())
        self.export.setShortcut("Ctrl+E")
        self.help = tool("help", messages.HELP(), theme, self.help_wanted.emit)
        self.help.setToolTip(f"{messages.HELP()} (F1)")

    def _build_menu(self, look: Look) -> QMenu:
        menu = QMenu(self)
        session = self._session
        menu.addAction(icon("back", self._theme), messages.START_PAGE()).triggered.connect(session.go_to_start)
        opening = menu.addAction(icon("file", self._theme), messages.OPEN_FILE())
        opening.setShortcut(QKeySequence(QKeySequence.StandardKey.Open))
        opening.triggered.connect(self.open_wanted)
        account = menu.addAction(icon("account", self._theme), texts.ACCOUNT_MENU())
        account.triggered.connect(self.spotify_wanted)
        menu.addSeparator()
        self.features_action = menu.addAction(icon("features", self._theme), messages.FEATURES_STEP())
        self.features_action.triggered.connect(session.show_features)
        self.runs_action = menu.addAction(icon("runs", self._theme), messages.RUNS())
        self.runs_action.triggered.connect(self.runs_wanted)
        menu.addSeparator()
        looks = menu.addMenu(messages.THEME_MENU())
        group = QActionGroup(looks)
        looks_text = {"system": messages.LOOK_SYSTEM(), "light": messages.LOOK_LIGHT(), "dark": messages.LOOK_DARK()}
        for name in LOOKS:
            action = QAction(looks_text[name], looks)
            action.setCheckable(True)
            action.setChecked(name == look)
            action.triggered.connect(lambda _checked=False, name=name: self.look_wanted.emit(name))
            group.addAction(action)
            looks.addAction(action)
        helping = menu.addAction(icon("help", self._theme), messages.HELP())
        helping.setShortcut(QKeySequence("F1"))
        helping.triggered.connect(self.help_wanted)
        menu.addSeparator()
        quitting = menu.addAction(messages.QUIT())
        quitting.setShortcut(QKeySequence(QKeySequence.StandardKey.Quit))
        quitting.triggered.connect(lambda: self.window().close())
        return menu

    def _build_numbers(self) -> QMenu:
        menu = QMenu(self)
        wanted: tuple[int | Literal["auto"], ...] = ("auto", *_NUMBERS)
        for number in wanted:
            action = menu.addAction(messages.K_AUTO() if number == "auto" else f"{number}")
            action.setCheckable(True)
            action.setData(number)
            action.triggered.connect(lambda _checked=False, number=number: self._session.set_k(number))
        menu.insertSeparator(menu.actions()[1])
        menu.aboutToShow.connect(self._mark_number)
        return menu

    def _mark_number(self) -> None:
        """Tick the number that was asked for."""
        options = self._session.options
        asked = options.sizes.playlists or options.recipe.k
        for action in self.count.menu().actions():
            action.setChecked(action.data() == asked)

    def _show(self) -> None:
        session = self._session
        shown, ready = session.shown, session.stage == "ready" and session.outcome is not None
        for widget in (
            self.undo,
            self.redo,
            self.count,
            self.levers,
            self.export,
            self.summary,
            self.where,
            self.trail,
        ):
            widget.setVisible(ready)
        self.features_action.setEnabled(bool(session.trail))
        self.runs_action.setEnabled(ready)
        self.back.setVisible(ready and len(session.trail) > 1)
        self.notices.setVisible(ready and bool(shown and shown.analysis.notices))
        self._show_undo()
        if shown is None or not session.trail:
            return
        self._show_trail()
        library = shown.analysis.library
        self.summary.setText(messages.tracks_with_features(len(library), library.with_features))
        count = len(shown.groups)
        auto = shown.analysis.options.recipe.k == "auto" and not shown.analysis.options.sizes.playlists
        text = messages.PLAYLISTS_AUTO(count=count) if auto else messages.PLAYLISTS_COUNT(count=count)
        self.count.setText(text + " ▾")
        self.count.setAccessibleName(text)
        notes = len(shown.analysis.notices)
        self.notices.setText(messages.NOTICE_ONE() if notes == 1 else messages.NOTICES_COUNT(count=notes))
        self.notices.menu().clear()
        for notice in shown.analysis.notices:
            self.notices.menu().addSeparator()
            for line in textwrap.wrap(notice.text, _WIDEST_NOTICE):
                self.notices.menu().addAction(line.replace("&", "&&"))

    def _show_undo(self) -> None:
        """Say what would be undone."""
        history = self._session.history
        for one, can, what, text, nothing in (
            (self.undo, history.canUndo(), history.undoText(), messages.UNDO_WHAT, messages.UNDO_NOTHING),
            (self.redo, history.canRedo(), history.redoText(), messages.REDO_WHAT, messages.REDO_NOTHING),
        ):
            one.setEnabled(can)
            one.setToolTip(text(what=what) if can else nothing())

    def _show_trail(self) -> None:
        """Show where we are, and a button for each place on the way."""
        titles = [messages.place(place.title) for place in self._session.trail]
        layout = self.trail.layout()
        assert layout is not None
        clear(layout)
        for level, title in enumerate(titles[:-1]):
            step = QToolButton()
            step.setText(f"{title if len(title) <= _LONGEST else title[:_LONGEST] + '…'}  ›".replace("&", "&&"))
            step.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            step.setProperty("flat", True)
            step.setToolTip(messages.BACK_TO(name=title))
            step.setAccessibleName(step.toolTip())
            step.clicked.connect(lambda _checked=False, level=level: self._session.go_back(level))
            layout.addWidget(step)
        self.where.setText(titles[-1])
        before = titles[-2] if len(titles) > 1 else ""
        self.back.setToolTip(messages.BACK_TO(name=before))
        self.back.setAccessibleName(self.back.toolTip())

    def _go_back(self) -> None:
        self._session.go_back(len(self._session.trail) - 2)
