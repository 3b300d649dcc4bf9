"""Genres against playlists: every column in whatever room there is, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from desktop.theme import GRID
from desktop.views.genres import GenresTab
from desktop.window import MainWindow
from tests.desktop.driving import CTRL, LEFT, ask_for, names, selection_of, shown_of, workspace_of

ACROSS, TIP = Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
#: As some services call genres.
LONG = ("Contemporary Instrumental Post-Rock and Ambient Drone Music", "J-ポップと電子音楽の長いジャンル名", "Jazz")


def show_genres(qtbot: QtBot, window: MainWindow) -> GenresTab:
    """Show genres against playlists."""
    tab = workspace_of(window).genres
    qtbot.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(lambda: tab.model.columnCount() == len(names(window)) + 1)
    return tab


def scrolls(table: QTableView) -> bool:
    """Tell whether some columns of a table are out of sight."""
    return table.horizontalScrollBar().maximum() > 0


def legible(table: QTableView) -> bool:
    """Tell whether all columns of a table are seen, and a few letters of each at least."""
    wide = [table.columnWidth(place) >= min(table.sizeHintForColumn(place), 12 * GRID) for place in (0, 1)]
    return all(wide) and not scrolls(table)


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900), (2200, 1200)])
def test_eleven_playlists_are_seen_at_once_and_told_apart(
    songs: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    songs.resize(*size)
    ask_for(qtbot, songs, 11)
    tab = show_genres(qtbot, songs)
    table, head, groups = tab.table, tab.table.horizontalHeader(), shown_of(songs).groups
    qtbot.waitUntil(lambda: not scrolls(table))
    digits = songs.theme.metrics(small=True).horizontalAdvance("100")
    for place, group in enumerate(groups, start=1):
        assert table.columnWidth(place) > digits
        assert group.name.text.replace("&", "&amp;") in table.model().headerData(place, ACROSS, TIP)
    last = QPoint(head.sectionViewportPosition(11) + table.columnWidth(11) // 2, head.height() // 2)
    qtbot.mouseClick(head.viewport(), LEFT, pos=last)
    assert selection_of(songs).lineages == {groups[10].lineage}


def test_the_last_playlist_of_many_is_reached_with_the_keyboard(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    ask_for(qtbot, songs, 11)
    tab = show_genres(qtbot, songs)
    tab.table.setCurrentIndex(tab.model.index(0, 0))
    for _ in range(11):
        qtbot.keyClick(tab.table, Qt.Key.Key_Right)
    qtbot.keyClick(tab.table, Qt.Key.Key_Return)
    selection = selection_of(songs)
    assert (selection.genre, selection.within) == (tab.model.side(0).value, shown_of(songs).groups[10].lineage)


@pytest.mark.parametrize("width", [1024, 1440, 1800])
def test_names_above_the_columns_are_broken_between_words(songs: MainWindow, qtbot: QtBot, width: int) -> None:
    songs.resize(width, 900)
    tab = show_genres(qtbot, songs)
    qtbot.waitUntil(lambda: not scrolls(tab.table))
    assert tab.table.head.lines(0) == ["Tracks"]
    for place, name in enumerate(names(songs), start=1):
        shown = " ".join(tab.table.head.lines(place))
        assert shown == name or (shown.endswith("…") and name.startswith(shown[:-1].rstrip()))
    qtbot.waitUntil(lambda: tab.table.head.height() < tab.table.height() / 2)


def test_a_saved_table_is_whole_whatever_is_shown(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    ask_for(qtbot, songs, 15)
    tab = show_genres(qtbot, songs)
    head, *rows = tab.model.table
    assert list(head[2:]) == names(songs)
    assert all(text.endswith("%") for row in rows for text in row[2:] if text)
    assert scrolls(tab.table) or tab.table.columnWidth(15) < songs.theme.metrics().horizontalAdvance("100 %")


def test_cells_tell_both_shares_and_show_names_as_they_are(
    open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    songs = pd.read_csv(table).assign(genre="<b>Rock</b> & Roll")
    songs.loc[songs.index[::2], "genre"] = ""
    songs.to_csv(tmp_path / "half.csv", index=False)
    window = open_library(tmp_path / "half.csv")
    tab = show_genres(qtbot, window)
    tip = tab.model.index(0, 1).data(TIP)
    assert "&lt;b&gt;Rock&lt;/b&gt; &amp; Roll in " in tip
    assert f"{tab.model.index(0, 1).data()} of the genre" in tip
    # Of all its tracks, those without a genre as well: as the table below says.
    share = tab.playlists.index(0, 2).data()
    assert f"{share} of the playlist" in tip
    tab.mode.setCurrentIndex(1)
    tab.mode.activated.emit(1)
    assert tab.model.index(0, 1).data() == share


def test_one_genre_is_compared_with_nothing(
    open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    pd.read_csv(table).assign(genre="Rock").to_csv(tmp_path / "one.csv", index=False)
    tab = show_genres(qtbot, open_library(tmp_path / "one.csv"))
    assert tab.model.rowCount() == 1
    assert not tab.agreement.text()


@pytest.mark.parametrize("width", [1024, 1440])
def test_long_names_of_genres_leave_room_for_the_rest(
    open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path, width: int
) -> None:
    songs = pd.read_csv(table)
    songs["genre"] = [LONG[place % len(LONG)] for place in range(len(songs))]
    songs.to_csv(tmp_path / "long.csv", index=False)
    window = open_library(tmp_path / "long.csv")
    window.resize(width, 700)
    tab = show_genres(qtbot, window)
    qtbot.waitUntil(lambda: not scrolls(tab.table))
    assert tab.table.verticalHeader().width() <= tab.table.width() / 3 + 1
    tips = [tab.model.headerData(row, Qt.Orientation.Vertical, TIP) for row in range(tab.model.rowCount())]
    assert any(LONG[0] in tip for tip in tips)
    for place, one in enumerate(tab.dominance):
        if tab.below.tabs.isVisible():
            qtbot.mouseClick(tab.below.tabs, LEFT, pos=tab.below.tabs.tabRect(place).center())
        qtbot.waitUntil(lambda one=one: one.isVisible() and legible(one))  # type: ignore[misc]


def test_a_library_without_genres_offers_nothing_to_do_with_them(
    open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    pd.read_csv(table).drop(columns="genre").to_csv(tmp_path / "plain.csv", index=False)
    window = open_library(tmp_path / "plain.csv")
    tab = workspace_of(window).genres
    qtbot.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(tab.empty.isVisible)
    assert not tab.tools.isVisible()
