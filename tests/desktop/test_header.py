"""The menus in the head of the window: which number of playlists was asked for, and what is good to know."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop.window import MainWindow
from tests.desktop.driving import ask_for, open_path, shown_of


def ticked(menu: QMenu) -> list[str]:
    """Return the entries of a menu with a tick, as they are when it opens."""
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.isChecked()]


def test_the_menu_ticks_the_number_that_was_asked_for(songs: MainWindow, qtbot: QtBot) -> None:
    menu = songs.header.count.menu()
    assert ticked(menu) == ["As many as suit the library"]
    ask_for(qtbot, songs, 5)
    assert ticked(menu) == ["5"]
    songs.session.undo()
    assert ticked(menu) == ["As many as suit the library"]


def test_tracks_are_counted_without_a_share_when_all_can_be_analysed(songs: MainWindow) -> None:
    assert songs.header.summary.text() == f"{len(shown_of(songs).analysis.library)} tracks"


def test_a_long_note_is_read_whole_in_a_small_window(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    numbered = [f"{number},{line}" for number, line in enumerate(lines)]
    other = numbered[3].replace("3,", "3,Another ", 1)
    path = tmp_path / "songs.csv"
    path.write_text("\n".join([f"track_id,{head}", *numbered, other]), encoding="utf-8")
    open_path(qtbot, window, path)
    texts = [notice.text for notice in shown_of(window).analysis.notices]
    assert max(map(len, texts)) > 80, "there is no long note"
    menu = window.header.notices.menu()
    assert menu.sizeHint().width() < 640
    assert " ".join(action.text() for action in menu.actions() if action.text()) == " ".join(texts)
