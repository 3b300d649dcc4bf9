"""The first page: what a person has, and what they had open before."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QFont
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop import messages
from desktop.account import AccountState
from desktop.messages import spotify as texts
from desktop.plots.parts import plain_tip
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, clear, column, holder, label, row, set_main, tool
from desktop.widgets.icons import pixmap

if TYPE_CHECKING:
    from core.storage import LibraryInfo

_DAY = 86_400.0
#: Widest the page gets; longer lines are hard to read.
_WIDEST = 112 * GRID
#: Letters of a library's name in the list of recent ones.
_LONGEST = 48


class StartPage(QScrollArea):
    """Cards for what can be opened, and the recent libraries.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    account : AccountState
        The Spotify account.
    """

    #: Paths or a scheme to open.
    opened = Signal(list)
    #: Key and title of a stored library.
    reopened = Signal(str, str)
    #: A folder to download the archive's metadata to.
    download_wanted = Signal(str)
    spotify_wanted = Signal()
    spotify_read_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, theme: Theme, account: AccountState) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theme, self._account = theme, account
        self.setWidgetResizable(True)
        self.setAcceptDrops(True)
        self.setAccessibleName(messages.START_TITLE())
        inner = QWidget()
        inner.setMaximumWidth(_WIDEST)
        page = QVBoxLayout(inner)
        page.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        page.setSpacing(2 * GRID)
        title = label(messages.START_TITLE())
        title.setFont(_large(theme))
        page.addWidget(title)
        self.how = tool("help", messages.HOW_TO_GET(), theme, self.help_wanted.emit, words=True)
        hint = row(label(messages.START_HINT(), role="muted", wrap=True), self.how)
        hint.setStretch(0, 1)
        page.addLayout(hint)
        page.addLayout(self._build_cards())
        page.addSpacing(GRID)
        page.addWidget(label(messages.RECENT(), role="head"))
        self._recent = column(gap=GRID)
        page.addLayout(self._recent)
        page.addStretch(1)
        frame = QWidget()
        line = row(0, inner, 0)
        line.setStretch(1, 100)
        frame.setLayout(line)
        self.setWidget(frame)
        self.show_recent([])
        account.changed.connect(self._show_account)
        self._show_account()

    def _build_cards(self) -> QGridLayout:
        cards = QGridLayout()
        cards.setSpacing(2 * GRID)
        self.open_demo = button(messages.OPEN_DEMO(), lambda: self.opened.emit(["demo:"]), main=True)
        self.open_file = button(messages.OPEN_FILE(), self.choose_file)
        open_folder = button(messages.OPEN_FOLDER(), self._choose_folder)
        fma_folder = button(messages.OPEN_FOLDER(), self._choose_folder)
        download = button(messages.DOWNLOAD(), self._choose_download)
        self.spotify_text = label(messages.CARD_SPOTIFY_TEXT(), role="muted", wrap=True)
        self.spotify_read = button(texts.READ(), self.spotify_read_wanted.emit)
        self.spotify = button(messages.SET_UP(), self.spotify_wanted.emit)
        self.files_card = self._card(
            "file", messages.CARD_FILES(), _muted(messages.CARD_FILES_TEXT()), self.open_file, open_folder
        )
        cards.addWidget(self.files_card, 0, 0)
        account = self._card("account", messages.CARD_SPOTIFY(), self.spotify_text, self.spotify_read, self.spotify)
        archive = self._card("archive", messages.CARD_FMA(), _muted(messages.CARD_FMA_TEXT()), fma_folder, download)
        demo = self._card("demo", messages.CARD_DEMO(), _muted(messages.CARD_DEMO_TEXT()), self.open_demo)
        cards.addWidget(account, 0, 1)
        cards.addWidget(archive, 1, 0)
        cards.addWidget(demo, 1, 1)
        cards.setColumnStretch(0, 1)
        cards.setColumnStretch(1, 1)
        return cards

    def _card(self, name: str, title: str, text: QLabel, *buttons: QPushButton) -> QWidget:
        mark = QLabel()
        mark.setPixmap(pixmap(name, self._theme))
        body = column(
            holder(row(mark, label(title, role="title"), 0)), text, 0,
            holder(row(*buttons, 0)), margin=2 * GRID,
        )  # fmt: skip
        card = holder(body, role="card")
        card.setMinimumHeight(16 * GRID)
        return card

    def _show_account(self) -> None:
        name = self._account.name
        text = texts.CARD_CONNECTED(name=name) if name else messages.CARD_SPOTIFY_TEXT()
        action = texts.ACCOUNT_BUTTON() if name else messages.SET_UP()
        self.spotify_text.setText(text)
        self.spotify.setText(action)
        self.spotify.setAccessibleName(action)
        self.spotify_read.setVisible(bool(name))
        set_main(self.spotify_read, bool(name))
        set_main(self.open_demo, not name)

    def show_recent(self, libraries: Sequence[LibraryInfo]) -> None:
        """List the libraries that were open before."""
        clear(self._recent)
        if not libraries:
            self._recent.addWidget(label(messages.RECENT_NONE(), role="muted"))
        for info in libraries:
            self._recent.addWidget(self._entry(info))

    def _entry(self, info: LibraryInfo) -> QWidget:
        size = messages.tracks_with_features(info.tracks, info.with_features)
        text = messages.RECENT_TEXT(tracks=size, when=_when(info.opened_at))
        name = messages.place(info.name, info.path)
        entry = button(name, lambda: self.reopened.emit(info.key, name))
        short = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
        entry.setText(short.replace("&", "&&"))
        # The address of what is no file would say nothing.
        entry.setToolTip(plain_tip(info.path) if name == info.name else "")
        entry.setMinimumWidth(24 * GRID)
        entry.setObjectName("recent")
        entry.setProperty("role", "entry")
        return holder(row(entry, label(text, role="muted"), 0))

    def choose_file(self) -> None:
        """Ask for one file or several, and open them as one library."""
        paths, _ = QFileDialog.getOpenFileNames(self, messages.CHOOSE_FILE(), "", messages.FILES_FILTER())
        if paths:
            self.opened.emit(paths)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, messages.CHOOSE_FOLDER())
        if path:
            self.opened.emit([path])

    def _choose_download(self) -> None:
        path = QFileDialog.getExistingDirectory(self, messages.CHOOSE_DOWNLOAD())
        if path:
            self.download_wanted.emit(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self._mark_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the files."""
        self._mark_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._mark_over(False)
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.opened.emit(paths)

    def _mark_over(self, over: bool) -> None:
        self.files_card.setProperty("over", over)
        self.files_card.style().unpolish(self.files_card)
        self.files_card.style().polish(self.files_card)


def dropped_paths(data: QMimeData) -> list[str]:
    """Return the files and folders that are being dragged."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def _muted(text: str) -> QLabel:
    return label(text, role="muted", wrap=True)


def _when(seconds: float) -> str:
    days = int((time.time() - seconds) // _DAY)
    if days < 1:
        return messages.TODAY()
    return messages.YESTERDAY() if days == 1 else messages.DAYS_AGO(days=days)


def _large(theme: Theme) -> QFont:
    font = theme.font(strong=True)
    font.setPixelSize(round(theme.text_size * 1.5))
    return font
