"""The export: which playlists, and where to. Each destination shows its plan before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QTabWidget, QWidget

from desktop import messages
from desktop.account import AccountState
from desktop.session import Session
from desktop.settings import CHOICES, SettingsFile
from desktop.theme import GRID, Theme
from desktop.views.export_files import FilesPage
from desktop.views.export_links import LinksPage
from desktop.views.export_spotify import SpotifyPage
from desktop.widgets.basics import button, column, holder, label, row

if TYPE_CHECKING:
    from core.records import Playlist

#: What the tabs are called in the settings, in their order.
DESTINATIONS: Final = CHOICES["export_to"]


class ExportDialog(QDialog):
    """Playlists on the left, destinations on the right; a plan follows every change.

    Parameters
    ----------
    session : Session
        What is exported.
    account : AccountState
        The Spotify account.
    settings : SettingsFile
        Remembers what was chosen.
    theme : Theme
        Fonts and colours.
    parent : QWidget
        The window.
    """

    def __init__(
        self, session: Session, account: AccountState, settings: SettingsFile, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(messages.EXPORT_TITLE())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(124 * GRID, 80 * GRID)
        session.keep_now()
        shown = session.shown
        # In the order of the list in the window.
        places = {group.lineage: place for place, group in enumerate(shown.groups)} if shown else {}
        found = shown.analysis.curated.playlists if shown else ()
        self._playlists: tuple[Playlist, ...] = tuple(sorted(found, key=lambda one: places.get(one.lineage, 0)))
        self.files = FilesPage(session, settings)
        self.spotify = SpotifyPage(session, account, settings, self._playlists)
        self.links = LinksPage(session, self._playlists)
        self.pages = (self.files, self.spotify, self.links)
        for page in self.pages:
            self.finished.connect(page.forget)
        self.files.locked.connect(self._lock)
        self._build_list(theme)
        self._build(theme)
        self._choose()
        self.tabs.currentChanged.connect(self._turn)
        self._turn()
        self.list.setFocus()

    def _build_list(self, theme: Theme) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName(messages.PLAYLISTS())
        # The number of tracks stands at the end.
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for playlist in self._playlists:
            item = QListWidgetItem(f"{playlist.name}  ({len(playlist.track_ids):,})")
            item.setToolTip(messages.EXPORT_PLAYLIST(name=playlist.name, description=playlist.description))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            # As high as a row of a table; by itself it would be lower than its tick.
            item.setSizeHint(QSize(0, round(theme.metrics().height()) + GRID))
            self.list.addItem(item)
        self.list.itemChanged.connect(self._choose)

    def _build(self, theme: Theme) -> None:
        self.all = button(messages.EXPORT_ALL(), lambda: self._check_all(Qt.CheckState.Checked))
        self.none = button(messages.EXPORT_NONE(), lambda: self._check_all(Qt.CheckState.Unchecked))
        self.close_button = button(messages.CLOSE(), self.reject)
        heads = holder(row(label(messages.PLAYLISTS(), role="head"), 0, self.all, self.none))
        left = holder(column(heads, self.list, holder(row(self.close_button, 0))))
        texts = [self.list.item(place).text() for place in range(self.list.count())]
        wide = max((round(theme.metrics().horizontalAdvance(text)) for text in texts), default=0)
        left.setFixedWidth(min(max(wide + 7 * GRID, 28 * GRID), 48 * GRID))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(messages.EXPORT_TO())
        names = (messages.EXPORT_FILES_TAB(), messages.EXPORT_SPOTIFY_TAB(), messages.EXPORT_LINKS_TAB())
        for destination, name in zip(self.pages, names, strict=True):
            self.tabs.addTab(destination, name)
        self.tabs.setCurrentIndex(DESTINATIONS.index(self._settings.current.export_to))
        body = row(left, self.tabs, gap=2 * GRID)
        body.setStretch(1, 1)
        body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self.setLayout(body)
        # The way out comes after all that can be done.
        self.setTabOrder(self.links.copy, self.close_button)

    @property
    def chosen(self) -> list[Playlist]:
        """The playlists with a tick."""
        return [
            playlist
            for place, playlist in enumerate(self._playlists)
            if self.list.item(place).checkState() == Qt.CheckState.Checked
        ]

    def _lock(self, on: bool) -> None:
        for widget in (self.list, self.all, self.none):
            widget.setEnabled(not on)

    def _check_all(self, state: Qt.CheckState) -> None:
        self.list.blockSignals(True)
        for place in range(self.list.count()):
            self.list.item(place).setCheckState(state)
        self.list.blockSignals(False)
        self._choose()

    def _choose(self) -> None:
        chosen = self.chosen
        for page in self.pages:
            page.show_chosen(chosen)

    def _turn(self) -> None:
        self._settings.change(export_to=DESTINATIONS[self.tabs.currentIndex()])
        if self.tabs.currentWidget() is self.spotify:
            self.spotify.arrive()
