"""Nothing made by hand is lost: other levers are taken back like any change, and more tracks join what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.storage import open_store
from desktop import messages
from desktop.window import MainWindow
from tests.desktop.conftest import PATIENCE_MS, wait_ready
from tests.desktop.test_changes import merge, rename_by_keys
from tests.desktop.test_kept import taken_away
from tests.desktop.test_window import choose, click_row, names, workspace_of

LEFT = Qt.MouseButton.LeftButton


def change_by_hand(window: MainWindow, qtbot: QtBot) -> None:
    """Merge two playlists, split one, and name one."""
    count = len(names(window))
    merge(qtbot, window, 1, 2)
    qtbot.waitUntil(lambda: len(names(window)) == count - 1, timeout=PATIENCE_MS)
    wait_ready(qtbot, window)
    playlists = workspace_of(window).playlists
    playlists.list.selectionModel().clear()
    rename_by_keys(qtbot, workspace_of(window), 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(window), timeout=PATIENCE_MS)
    qtbot.mouseClick(playlists.split_button, LEFT)
    qtbot.waitUntil(lambda: len(names(window)) == count, timeout=PATIENCE_MS)
    wait_ready(qtbot, window)


def test_another_number_of_playlists_is_undone_with_all_that_was_changed_before(
    songs: MainWindow, qtbot: QtBot
) -> None:
    first = taken_away(songs)
    change_by_hand(songs, qtbot)
    by_hand = taken_away(songs)
    choose(songs.header.count.menu(), "5")
    qtbot.waitUntil(lambda: len(names(songs)) == 5, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    five = taken_away(songs)
    assert "Number of playlists" in songs.header.undo.toolTip()
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert taken_away(songs) == by_hand
    assert songs.session.options.recipe.k == "auto"
    assert songs.header.count.text().startswith("Playlists: auto")
    assert workspace_of(songs).levers.k.text() == "auto"
    qtbot.mouseClick(songs.header.redo, LEFT)
    assert taken_away(songs) == five
    assert songs.session.options.recipe.k == 5
    while songs.header.undo.isEnabled():
        qtbot.mouseClick(songs.header.undo, LEFT)
    assert taken_away(songs) == first


def test_what_is_kept_after_an_undo_is_what_is_shown(
    make_window: Callable[[], MainWindow], qtbot: QtBot, table: Path
) -> None:
    window = make_window()
    window.session.open_path(str(table))
    wait_ready(qtbot, window)
    change_by_hand(window, qtbot)
    window.session.keep_now()
    by_hand, key = taken_away(window), window.session.trail[0].key
    choose(window.header.count.menu(), "5")
    qtbot.waitUntil(lambda: len(names(window)) == 5, timeout=PATIENCE_MS)
    wait_ready(qtbot, window)
    window.session.keep_now()
    qtbot.mouseClick(window.header.undo, LEFT)
    window.close()
    with open_store() as store:
        runs = store.runs.summaries(library_key=key)
    assert sorted(run.k for run in runs) == sorted([5, len(by_hand) - 3])
    again = make_window()
    again.session.open_stored(key, "songs.csv")
    wait_ready(qtbot, again)
    assert taken_away(again) == by_hand


def test_playlists_changed_by_hand_stay_when_the_library_has_more_tracks(
    make_window: Callable[[], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "songs.csv"
    path.write_text("".join(lines[:451]), encoding="utf-8")
    window = make_window()
    window.session.open_path(str(path))
    wait_ready(qtbot, window)
    change_by_hand(window, qtbot)
    shown = window.session.shown
    assert shown is not None
    before, called = dict(shown.members), names(window)
    window.close()
    path.write_text("".join([lines[0], *lines[6:]]), encoding="utf-8")
    again = make_window()
    again.session.open_path(str(path))
    wait_ready(qtbot, again)
    grown = again.session.shown
    assert grown is not None
    there = set(grown.ids.tolist())
    old = set().union(*before.values())
    assert set(grown.members) == set(before)
    for line, ids in before.items():
        assert grown.members[line] & old == ids & there
    assert sum(len(ids - old) for ids in grown.members.values()) > 20
    assert "Mornings" in names(again)
    assert len(names(again)) == len(called)


def go_into_first(window: MainWindow, qtbot: QtBot) -> None:
    """Analyse inside the first playlist, from the menu of the list."""
    session, playlists = window.session, workspace_of(window).playlists
    level = len(session.trail)
    click_row(qtbot, playlists.list, playlists.model.index(0))
    choose(playlists.menu(), messages.ANALYSE_INSIDE())
    qtbot.waitUntil(lambda: len(session.trail) == level + 1, timeout=PATIENCE_MS)
    wait_ready(qtbot, window)


def go_back(window: MainWindow, qtbot: QtBot) -> None:
    level = len(window.session.trail)
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: len(window.session.trail) == level - 1, timeout=PATIENCE_MS)
    wait_ready(qtbot, window)


def undo_all(window: MainWindow, qtbot: QtBot) -> int:
    """Press the button for undo as long as there is something to undo; return how often."""
    steps = 0
    while window.header.undo.isEnabled():
        qtbot.mouseClick(window.header.undo, LEFT)
        steps += 1
    return steps


def test_going_inside_and_back_loses_no_way_back(songs: MainWindow, qtbot: QtBot) -> None:
    choose(songs.header.count.menu(), "5")
    qtbot.waitUntil(lambda: len(names(songs)) == 5, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    five = taken_away(songs)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(songs), timeout=PATIENCE_MS)
    merge(qtbot, songs, 1, 2)
    qtbot.waitUntil(lambda: len(names(songs)) == 4, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    by_hand = taken_away(songs)
    qtbot.mouseClick(songs.header.undo, LEFT)

    go_into_first(songs, qtbot)
    assert not songs.header.undo.isEnabled(), "nothing was changed in here"
    assert not songs.header.redo.isEnabled()
    inside = taken_away(songs)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Early")
    qtbot.waitUntil(lambda: "Early" in names(songs), timeout=PATIENCE_MS)
    go_back(songs, qtbot)

    qtbot.mouseClick(songs.header.redo, LEFT)
    assert taken_away(songs) == by_hand
    qtbot.mouseClick(songs.header.undo, LEFT)
    go_into_first(songs, qtbot)
    assert "Early" in names(songs)
    assert undo_all(songs, qtbot) == 1
    assert taken_away(songs) == inside
    go_back(songs, qtbot)
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert taken_away(songs) == five
    assert undo_all(songs, qtbot) == 1


def test_a_playlist_that_was_changed_since_is_analysed_with_the_tracks_it_has_now(
    songs: MainWindow, qtbot: QtBot
) -> None:
    go_into_first(songs, qtbot)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Early")
    qtbot.waitUntil(lambda: "Early" in names(songs), timeout=PATIENCE_MS)
    go_back(songs, qtbot)
    merge(qtbot, songs, 0, 1)
    qtbot.waitUntil(lambda: songs.header.undo.isEnabled(), timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    shown = songs.session.shown
    assert shown is not None
    members = shown.members[shown.groups[0].lineage]
    go_into_first(songs, qtbot)
    assert songs.session.shown is not None
    assert set(songs.session.shown.ids.tolist()) == members
    assert not songs.header.undo.isEnabled()


def test_a_library_that_is_opened_again_begins_anew(songs: MainWindow, qtbot: QtBot, table: Path) -> None:
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    qtbot.waitUntil(lambda: songs.header.undo.isEnabled(), timeout=PATIENCE_MS)
    for path in ("demo:", str(table)):
        songs.session.open_path(path)
        qtbot.waitUntil(lambda: songs.session.outcome is None, timeout=PATIENCE_MS)
        wait_ready(qtbot, songs)
        assert not songs.header.undo.isEnabled()
        assert not songs.header.redo.isEnabled()
    assert "Mornings" in names(songs)
