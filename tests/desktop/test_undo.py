"""Nothing made by hand is lost: other levers are taken back like any change, and more tracks join what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.storage import open_store
from desktop import messages
from desktop.window import MainWindow
from tests.desktop.driving import (
    LEFT,
    ask_for,
    choose,
    click_playlist,
    merge,
    names,
    open_path,
    rename_by_keys,
    shown_of,
    taken_away,
    wait_number,
    wait_ready,
    workspace_of,
)


def change_by_hand(window: MainWindow, qtbot: QtBot) -> None:
    """Merge two playlists, split one, and name one."""
    count = len(names(window))
    merge(qtbot, window, 1, 2)
    wait_number(qtbot, window, count - 1)
    playlists = workspace_of(window).playlists
    playlists.list.selectionModel().clear()
    rename_by_keys(qtbot, workspace_of(window), 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(window))
    qtbot.mouseClick(playlists.split_button, LEFT)
    wait_number(qtbot, window, count)


def test_another_number_of_playlists_is_undone_with_all_that_was_changed_before(
    songs: MainWindow, qtbot: QtBot
) -> None:
    first = taken_away(songs)
    change_by_hand(songs, qtbot)
    by_hand = taken_away(songs)
    ask_for(qtbot, songs, 5)
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
    assert undo_all(songs, qtbot) == 4
    assert taken_away(songs) == first


def test_what_is_kept_after_an_undo_is_what_is_shown(
    open_library: Callable[[Path], MainWindow], open_kept: Callable[[str], MainWindow], qtbot: QtBot, table: Path
) -> None:
    window = open_library(table)
    change_by_hand(window, qtbot)
    window.session.keep_now()
    by_hand, key = taken_away(window), window.session.trail[0].key
    ask_for(qtbot, window, 5)
    window.session.keep_now()
    qtbot.mouseClick(window.header.undo, LEFT)
    window.close()
    with open_store() as store:
        runs = store.runs.summaries(library_key=key)
    assert sorted(run.k for run in runs) == sorted([5, len(by_hand) - 3])
    again = open_kept(key)
    assert taken_away(again) == by_hand


def test_playlists_changed_by_hand_stay_when_the_library_has_more_tracks(
    open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "songs.csv"
    path.write_text("".join(lines[:451]), encoding="utf-8")
    window = open_library(path)
    change_by_hand(window, qtbot)
    shown = shown_of(window)
    before, called = dict(shown.members), names(window)
    window.close()
    path.write_text("".join([lines[0], *lines[6:]]), encoding="utf-8")
    again = open_library(path)
    grown = shown_of(again)
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
    session, level = window.session, len(window.session.trail)
    click_playlist(qtbot, window, 0)
    choose(workspace_of(window).playlists.menu(), messages.ANALYSE_INSIDE())
    qtbot.waitUntil(lambda: len(session.trail) == level + 1)
    wait_ready(qtbot, window)


def go_back(window: MainWindow, qtbot: QtBot) -> None:
    level = len(window.session.trail)
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: len(window.session.trail) == level - 1)
    wait_ready(qtbot, window)


def undo_all(window: MainWindow, qtbot: QtBot) -> int:
    """Press the button for undo as long as there is something to undo; return how often."""
    steps = 0
    while window.header.undo.isEnabled():
        qtbot.mouseClick(window.header.undo, LEFT)
        steps += 1
    return steps


def test_going_inside_and_back_loses_no_way_back(songs: MainWindow, qtbot: QtBot) -> None:
    ask_for(qtbot, songs, 5)
    five = taken_away(songs)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(songs))
    merge(qtbot, songs, 1, 2)
    wait_number(qtbot, songs, 4)
    by_hand = taken_away(songs)
    qtbot.mouseClick(songs.header.undo, LEFT)

    go_into_first(songs, qtbot)
    assert not songs.header.undo.isEnabled(), "nothing was changed in here"
    assert not songs.header.redo.isEnabled()
    inside = taken_away(songs)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Early")
    qtbot.waitUntil(lambda: "Early" in names(songs))
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
    qtbot.waitUntil(lambda: "Early" in names(songs))
    go_back(songs, qtbot)
    merge(qtbot, songs, 0, 1)
    qtbot.waitUntil(lambda: songs.header.undo.isEnabled())
    wait_ready(qtbot, songs)
    shown = shown_of(songs)
    members = shown.members[shown.groups[0].lineage]
    go_into_first(songs, qtbot)
    assert set(shown_of(songs).ids.tolist()) == members
    assert not songs.header.undo.isEnabled()


def test_a_library_that_is_opened_again_begins_anew(songs: MainWindow, qtbot: QtBot, table: Path) -> None:
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    qtbot.waitUntil(lambda: songs.header.undo.isEnabled())
    for path in ("demo:", table):
        open_path(qtbot, songs, path)
        assert not songs.header.undo.isEnabled()
        assert not songs.header.redo.isEnabled()
    assert "Mornings" in names(songs)
