"""The real window, driven by clicks and keys from an empty start page to exported files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.storage import library_key, open_store
from desktop.plots.arrays import NOISE
from desktop.settings import SettingsFile
from desktop.views.help import HelpDialog
from desktop.views.runs import RunsDialog
from desktop.views.spotify import SpotifyDialog
from desktop.window import MainWindow
from tests.desktop.driving import (
    CTRL,
    LEFT,
    ask_for,
    choose,
    choose_item,
    choose_left_out,
    click_playlist,
    click_row,
    lasso_around,
    loneliest,
    names,
    open_dialog,
    open_export,
    rename_by_keys,
    selection_of,
    settle,
    shown_of,
    wait_number,
    wait_other,
    wait_ready,
    wait_step,
    workspace_of,
    write,
)


def test_from_the_demo_to_exported_files(demo: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    space, before = workspace_of(demo), names(demo)

    # Rename with F2.
    rename_by_keys(qtbot, space, 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(demo))

    # Merge two with a click on the button, then undo and redo.
    click_playlist(qtbot, demo, 1, 2)
    assert len(selection_of(demo).lineages) == 2
    qtbot.mouseClick(space.playlists.merge_button, LEFT)
    qtbot.waitUntil(lambda: len(names(demo)) == len(before) - 1)
    assert "Mornings" in names(demo)
    qtbot.mouseClick(demo.header.undo, LEFT)
    assert names(demo) == ["Mornings", *before[1:]]
    qtbot.mouseClick(demo.header.redo, LEFT)
    assert len(names(demo)) == len(before) - 1
    qtbot.mouseClick(demo.header.undo, LEFT)
    qtbot.mouseClick(demo.header.undo, LEFT)
    assert names(demo) == before
    assert not demo.header.undo.isEnabled()
    qtbot.mouseClick(demo.header.redo, LEFT)

    # Export.
    dialog = open_export(qtbot, demo)
    dialog.files.folder.setText(str(tmp_path / "out"))
    qtbot.mouseClick(dialog.files.formats["links"], LEFT, pos=QPoint(8, dialog.files.formats["links"].height() // 2))
    # No track of the demo has a file or an address, so that nothing but tables is proposed.
    assert dialog.files.wanted_formats == ["csv", "links"]
    qtbot.waitUntil(lambda: dialog.files.plan.rowCount() == 2 * len(before))
    assert not (tmp_path / "out").exists()
    qtbot.mouseClick(dialog.files.go, LEFT)
    qtbot.waitUntil(lambda: (tmp_path / "out" / "Mornings.csv").is_file())
    qtbot.waitUntil(lambda: str(tmp_path) in dialog.files.say.text())
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    with (tmp_path / "out" / "Mornings.csv").open(encoding="utf-8", newline="") as file:
        written = len(list(csv.reader(file))) - 1
    assert written == len(shown_of(demo).analysis.curated.playlists[0].track_ids)
    assert demo.settings.current.export_formats == ("m3u8", "csv", "links"), "another library may have addresses"


def test_one_selection_is_shown_everywhere(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)

    # A click on the heatmap.
    qtbot.keyClick(songs, Qt.Key.Key_2, CTRL)
    assert space.tabs.currentWidget() is space.heatmap
    wanted = shown.groups[3]
    heatmap = space.heatmap.heatmap
    qtbot.mouseClick(heatmap.viewport(), LEFT, pos=heatmap.point_of(wanted.number).toPoint())
    assert selection_of(songs).lineages == {wanted.lineage}
    assert space.playlists.chosen == [wanted.lineage]
    assert space.tracks.model.rowCount() == wanted.size
    assert wanted.name.text in space.tracks.head.text()
    assert len(space.why.claims) == len(wanted.name.claims)

    # A click on the map finds the track in the table.
    qtbot.keyClick(songs, Qt.Key.Key_1, CTRL)
    view = space.map.map
    qtbot.waitUntil(view.isVisible)
    row = loneliest(shown)
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.point_of(row).toPoint())
    assert selection_of(songs).marked.tolist() == [row]
    assert space.tracks.chosen.tolist() == [row]

    # A row in the table is marked on the map, and the selection stays.
    click_row(qtbot, space.tracks.table, space.tracks.model.index(1, 0))
    assert selection_of(songs).marked.tolist() == [int(space.tracks.model.rows[1])]

    # Tracks that fit nowhere.
    choose_left_out(qtbot, songs, "fits nowhere")
    assert space.tracks.model.rowCount() == len(selection_of(songs).rows) > 0
    assert not selection_of(songs).lineages


def test_a_lasso_makes_a_playlist(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    lasso_around(qtbot, songs, int(shown.map.xy[:, 0].argmax()))
    chosen = selection_of(songs).rows
    assert 0 < len(chosen) < len(shown.labels) / 2
    assert space.tracks.model.rowCount() == len(chosen)
    before = len(names(songs))
    qtbot.mouseClick(space.map.make, LEFT)
    qtbot.waitUntil(lambda: len(names(songs)) == before + 1)
    after = shown_of(songs)
    made = next(group for group in after.groups if shown.group(group.lineage) is None)
    assert np.array_equal(after.rows_of([made.lineage]), chosen)


def test_tracks_are_moved_and_left_out_from_the_table(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    click_playlist(qtbot, songs, 0)
    click_row(qtbot, space.tracks.table, space.tracks.model.index(0, 0))
    moved = int(space.tracks.chosen[0])
    space.tracks.move_menu.aboutToShow.emit()
    target = shown.groups[2]
    choose(space.tracks.move_menu, target.name.text)
    wait_other(qtbot, songs, shown)
    assert shown_of(songs).labels[moved] == target.number
    click_row(qtbot, space.tracks.table, space.tracks.model.index(0, 0))
    gone, before = int(space.tracks.chosen[0]), shown_of(songs)
    qtbot.mouseClick(space.tracks.leave_out, LEFT)
    wait_other(qtbot, songs, before)
    assert shown_of(songs).labels[gone] == NOISE


def test_splitting_and_locking(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    count = len(names(songs))
    click_playlist(qtbot, songs, 0)
    qtbot.mouseClick(space.playlists.lock_button, LEFT)
    kept = names(songs)[0]
    assert session.place is not None
    assert len(session.place.locked) == 1
    qtbot.mouseClick(space.playlists.split_button, LEFT)
    wait_number(qtbot, songs, count + 1)
    assert kept in names(songs)


def test_levers_and_numbers(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    assert len(names(songs)) != 5
    ask_for(qtbot, songs, 5)

    # A click in “How many?”.
    qtbot.keyClick(songs, Qt.Key.Key_5, CTRL)
    plot = space.choose_k.plots["silhouette"]
    qtbot.waitUntil(plot.plot.isVisible)
    qtbot.mouseClick(plot.plot.viewport(), LEFT, pos=plot.point_of(4).toPoint())
    wait_number(qtbot, songs, 4)

    # A lever.
    qtbot.mouseClick(songs.header.levers, LEFT)
    assert space.side.currentWidget() is space.levers
    before = shown_of(songs)
    write(qtbot, space.levers.weights["tempo"], "0")
    wait_other(qtbot, songs, before)
    assert shown_of(songs).analysis.options.recipe.prepare.weights["tempo"] == 0.0
    assert len(names(songs)) == 4

    # Two that contradict each other are explained where they are.
    for spin, number in ((space.levers.smallest, "150"), (space.levers.largest, "100")):
        write(qtbot, spin, number)
    qtbot.waitUntil(space.levers.trouble.isVisible)
    assert "below the smallest" in space.levers.trouble.text()


def test_inside_a_genre_and_back(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    whole = shown_of(songs)
    qtbot.keyClick(songs, Qt.Key.Key_3, CTRL)
    header = space.genres.table.verticalHeader()
    place = QPoint(8, header.sectionViewportPosition(0) + header.sectionSize(0) // 2)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert selection_of(songs).genre == next(iter(whole.analysis.genres.counts))
    qtbot.mouseDClick(header.viewport(), LEFT, pos=place)
    wait_other(qtbot, songs, whole)
    assert len(session.trail) == 2
    assert len(shown_of(songs).labels) < len(whole.labels)
    step = wait_step(qtbot, songs)
    assert step.text() == "songs.csv  ›"
    assert songs.header.where.text() == next(iter(whole.analysis.genres.counts))
    qtbot.mouseClick(songs.header.back, LEFT)
    qtbot.waitUntil(lambda: len(shown_of(songs).labels) == len(whole.labels))
    assert len(session.trail) == 1


def test_going_inside_and_back_brings_back_what_was_changed(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    ask_for(qtbot, songs, 4)
    click_playlist(qtbot, songs, 0, 1)
    qtbot.keyClick(songs, Qt.Key.Key_M, CTRL)
    wait_number(qtbot, songs, 3)
    left, labels = names(songs), shown_of(songs).labels.tolist()
    session.go_into(shown_of(songs).groups[0].lineage)
    qtbot.waitUntil(lambda: len(session.trail) == 2)
    wait_ready(qtbot, songs)
    qtbot.mouseClick(songs.header.back, LEFT)
    qtbot.waitUntil(lambda: len(session.trail) == 1)
    wait_ready(qtbot, songs)
    assert names(songs) == left
    assert shown_of(songs).labels.tolist() == labels


def test_stopping_on_the_way_inside_stays_where_it_was(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    before = session.outcome
    session.go_into(shown_of(songs).groups[0].lineage)
    qtbot.keyClick(songs, Qt.Key.Key_Escape)
    settle(qtbot, songs.workers.compute)
    assert len(session.trail) == 1
    assert session.outcome is before


def test_a_library_comes_back_as_it_was_left(
    make_window: Callable[[], MainWindow], open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path
) -> None:
    window = open_library(table)
    before = len(names(window))
    click_playlist(qtbot, window, 1, 2)
    qtbot.keyClick(window, Qt.Key.Key_M, CTRL)
    wait_number(qtbot, window, before - 1)
    window.session.rename(shown_of(window).groups[0].lineage, "Mine")
    left, colours = names(window), shown_of(window).numbers
    # Noted while it is open, for it may be killed.
    qtbot.waitUntil(lambda: SettingsFile().current.last_library == library_key("table", str(table)))
    window.close()
    assert window.settings.current.last_library == library_key("table", str(table))

    again = make_window()
    again.load_recent()
    qtbot.waitUntil(lambda: bool(again.start.findChildren(QWidget, "recent")))
    entry = again.start.findChildren(QWidget, "recent")[0]
    qtbot.mouseClick(entry, LEFT)
    wait_ready(qtbot, again)
    assert names(again) == left
    assert shown_of(again).numbers == colours


def test_runs_are_kept_compared_and_brought_back(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    first = names(songs)
    ask_for(qtbot, songs, 4)
    songs.header.runs_action.trigger()
    dialog = open_dialog(qtbot, songs, RunsDialog)
    qtbot.waitUntil(lambda: dialog.runs.rowCount() == 2)
    click_row(qtbot, dialog.table, dialog.runs.index(0, 0))
    assert "shown now" in dialog.runs.cell(0, 1).text
    assert not dialog.restore.isEnabled(), "it is there already"
    click_row(qtbot, dialog.table, dialog.runs.index(1, 0), held=CTRL)
    qtbot.mouseClick(dialog.compare, LEFT)
    qtbot.waitUntil(lambda: dialog.comparison.rowCount() > 0)
    click_row(qtbot, dialog.table, dialog.runs.index(1, 0))
    qtbot.mouseClick(dialog.restore, LEFT)
    qtbot.waitUntil(lambda: names(songs) == first)
    assert session.options.recipe.k == "auto"


def test_a_file_that_is_no_library_is_explained(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    window.session.open_path(str(tmp_path / "notes.txt"))
    qtbot.waitUntil(window.said_line.isVisible)
    assert "Accepted" in window.said.text()
    assert window.pages.currentWidget() is window.start


def test_stopping_goes_back_at_once(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.start.open_demo, LEFT)
    assert window.pages.currentWidget() is window.loading
    qtbot.mouseClick(window.loading.stop, LEFT)
    assert window.pages.currentWidget() is window.start
    assert not window.workers.compute.is_busy
    qtbot.mouseClick(window.start.open_demo, LEFT)
    wait_ready(qtbot, window)


def test_closing_in_the_middle_of_an_analysis_ends_everything(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.start.open_demo, LEFT)
    qtbot.waitUntil(lambda: bool(window.loading.step.text().strip()))
    assert window.workers.compute.is_busy
    window.close()
    assert window.ended


def test_the_look_changes_without_losing_anything(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    space = workspace_of(songs)
    songs.header.look_wanted.emit("dark")
    qtbot.waitUntil(lambda: songs.theme.dark)
    assert workspace_of(songs) is not space
    assert names(songs) == before
    assert workspace_of(songs).playlists.model.rowCount() >= len(before)
    assert songs.settings.current.look == "dark"


def test_help_and_set_up_open_and_close(songs: MainWindow, qtbot: QtBot) -> None:
    songs.header.help_wanted.emit()
    helping = open_dialog(qtbot, songs, HelpDialog)
    assert "Danceability" in helping.page.toPlainText()
    qtbot.keyClick(helping, Qt.Key.Key_Escape)
    songs.session.go_to_start()
    qtbot.mouseClick(songs.start.how, LEFT)
    helping = open_dialog(qtbot, songs, HelpDialog)
    assert "Download your data" in helping.page.toPlainText()[:600]
    qtbot.keyClick(helping, Qt.Key.Key_Escape)
    songs.start.spotify_wanted.emit()
    dialog = open_dialog(qtbot, songs, SpotifyDialog)
    qtbot.keyClicks(dialog.setup.client_id, "abc")
    assert "32" in dialog.setup.hint.text()
    assert not dialog.sign_in.isEnabled()
    qtbot.mouseClick(dialog.setup.copy, LEFT)
    assert QApplication.clipboard().text() == "http://127.0.0.1/callback"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_everything_can_be_reached_with_the_tab_key(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    songs.activateWindow()
    songs.header.menu_button.setFocus()
    seen = set()
    for _ in range(120):
        focused = QApplication.focusWidget()
        if focused is not None:
            seen.add(focused)
        qtbot.keyClick(focused or songs, Qt.Key.Key_Tab)
    wanted = {space.playlists.list, space.tracks.table, space.tracks.search, songs.header.export, space.map.map}
    assert wanted <= seen


def test_names_given_by_hand_are_kept(songs: MainWindow, qtbot: QtBot, table: Path) -> None:
    songs.session.rename(shown_of(songs).groups[0].lineage, "Mine")
    songs.close()
    with open_store() as store:
        assert list(store.edits.names(library_key("table", str(table))).values()) == ["Mine"]


@pytest.mark.parametrize("feature", ["origin", "tempo"])
def test_the_left_map_takes_other_colours(songs: MainWindow, qtbot: QtBot, feature: str) -> None:
    tab = workspace_of(songs).map
    choose_item(tab.color_by, tab.color_by.findData(feature))
    songs.grab()
    title = tab.map.panels[0].title.text
    assert {"origin": "from", "tempo": "tempo"}[feature] in title
