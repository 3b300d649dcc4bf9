"""The real window, driven by clicks and keys from an empty start page to exported files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QMenu, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.storage import library_key, open_store
from desktop.settings import SettingsFile
from desktop.views.export import ExportDialog
from desktop.views.help import HelpDialog
from desktop.views.runs import RunsDialog
from desktop.views.spotify import SpotifyDialog
from desktop.views.workspace import Workspace
from desktop.window import MainWindow
from tests.desktop.conftest import PATIENCE_MS, open_dialog, wait_ready

LEFT = Qt.MouseButton.LeftButton


def workspace_of(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def names(window: MainWindow) -> list[str]:
    assert window.session.shown is not None
    return [group.name.text for group in window.session.shown.groups]


def click_row(qtbot: QtBot, view: QListView | QTableView, index: QModelIndex, *, held: object = None) -> None:
    view.scrollTo(index)
    modifier = held if isinstance(held, Qt.KeyboardModifier) else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(view.viewport(), LEFT, modifier, view.visualRect(index).center())


def choose(menu: QMenu | None, text: str) -> None:
    """Choose an entry of a menu."""
    assert menu is not None
    next(action for action in menu.actions() if action.text().startswith(text)).trigger()


def drag(qtbot: QtBot, widget: QWidget, points: list[QPointF]) -> None:
    """Press at the first point, move along the others, release at the last."""
    places = [point.toPoint() for point in points]
    qtbot.mousePress(widget, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(widget, place)
        qtbot.wait(5)
    qtbot.mouseRelease(widget, LEFT, pos=places[-1])


def test_from_the_demo_to_exported_files(demo: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    space, session = workspace_of(demo), demo.session
    before = names(demo)
    playlists = space.playlists.list

    # Rename with F2.
    click_row(qtbot, playlists, space.playlists.model.index(0))
    qtbot.keyClick(playlists, Qt.Key.Key_F2)
    editor = playlists.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "Mornings")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Mornings" in names(demo))

    # Merge two with a click on the button, then undo and redo.
    click_row(qtbot, playlists, space.playlists.model.index(1))
    click_row(qtbot, playlists, space.playlists.model.index(2), held=Qt.KeyboardModifier.ControlModifier)
    assert session.selection is not None
    assert len(session.selection.lineages) == 2
    qtbot.mouseClick(space.playlists.merge_button, LEFT)
    qtbot.waitUntil(lambda: len(names(demo)) == len(before) - 1, timeout=PATIENCE_MS)
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
    qtbot.mouseClick(demo.header.export, LEFT)
    dialog = open_dialog(qtbot, demo, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.files.folder.setText(str(tmp_path / "out"))
    qtbot.mouseClick(dialog.files.formats["links"], LEFT, pos=QPoint(8, dialog.files.formats["links"].height() // 2))
    assert dialog.files.wanted_formats == ["m3u8", "csv", "links"]
    qtbot.waitUntil(lambda: dialog.files.plan.rowCount() == 3 * len(before))
    assert not (tmp_path / "out").exists()
    qtbot.mouseClick(dialog.files.go, LEFT)
    qtbot.waitUntil(lambda: (tmp_path / "out" / "Mornings.csv").is_file(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: str(tmp_path) in dialog.files.say.text())
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    with (tmp_path / "out" / "Mornings.csv").open(encoding="utf-8", newline="") as file:
        written = len(list(csv.reader(file))) - 1
    shown = session.shown
    assert shown is not None
    assert written == len(shown.analysis.curated.playlists[0].track_ids)
    assert demo.settings.current.export_formats == ("m3u8", "csv", "links")


def test_one_selection_is_shown_everywhere(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    shown = session.shown
    assert shown is not None

    # A click on the heatmap.
    qtbot.keyClick(songs, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert space.tabs.currentWidget() is space.heatmap
    wanted = shown.groups[3]
    heatmap = space.heatmap.heatmap
    qtbot.mouseClick(heatmap.viewport(), LEFT, pos=heatmap.point_of(wanted.number).toPoint())
    assert session.selection is not None
    assert session.selection.lineages == {wanted.lineage}
    assert space.playlists.chosen == [wanted.lineage]
    assert space.tracks.model.rowCount() == wanted.size
    assert wanted.name.text in space.tracks.head.text()
    assert len(space.why.claims) == len(wanted.name.claims)

    # A click on the map finds the track in the table.
    qtbot.keyClick(songs, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    view = space.map.map
    qtbot.wait(50)
    # The track that is farthest from its nearest neighbour.
    apart = np.linalg.norm(shown.map.xy[:, None] - shown.map.xy[None], axis=2) + np.diag(
        np.full(len(shown.labels), 9.0)
    )
    row = int(apart.min(axis=1).argmax())
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.point_of(row).toPoint())
    assert session.selection.marked.tolist() == [row]
    assert space.tracks.chosen.tolist() == [row]

    # A row in the table is marked on the map, and the selection stays.
    click_row(qtbot, space.tracks.table, space.tracks.model.index(1, 0))
    assert session.selection.marked.tolist() == [int(space.tracks.model.rows[1])]

    # Tracks that fit nowhere.
    click_row(qtbot, space.playlists.list, space.playlists.model.index(len(shown.groups)))
    assert space.tracks.model.rowCount() == len(session.selection.rows) > 0
    assert not session.selection.lineages


def test_a_lasso_makes_a_playlist(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    shown = session.shown
    assert shown is not None
    view = space.map.map
    qtbot.mouseClick(space.map.lasso, LEFT)
    middle = view.point_of(int(shown.map.xy[:, 0].argmax()))
    corners = [middle + QPointF(*away) for away in ((-60, -60), (20, -60), (20, 60), (-60, 60), (-60, -58))]
    drag(qtbot, view.viewport(), corners)
    assert session.selection is not None
    chosen = session.selection.rows
    assert 0 < len(chosen) < len(shown.labels) / 2
    assert space.tracks.model.rowCount() == len(chosen)
    before = len(names(songs))
    qtbot.mouseClick(space.map.make, LEFT)
    qtbot.waitUntil(lambda: len(names(songs)) == before + 1, timeout=PATIENCE_MS)
    after = session.shown
    assert after is not None
    made = next(group for group in after.groups if shown.group(group.lineage) is None)
    assert np.array_equal(after.rows_of([made.lineage]), chosen)


def test_tracks_are_moved_and_left_out_from_the_table(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    shown = session.shown
    assert shown is not None
    click_row(qtbot, space.playlists.list, space.playlists.model.index(0))
    click_row(qtbot, space.tracks.table, space.tracks.model.index(0, 0))
    moved = int(space.tracks.chosen[0])
    space.tracks.move_menu.aboutToShow.emit()
    target = shown.groups[2]
    choose(space.tracks.move_menu, target.name.text)
    qtbot.waitUntil(lambda: session.shown is not shown, timeout=PATIENCE_MS)
    assert session.shown is not None
    assert session.shown.labels[moved] == target.number
    click_row(qtbot, space.tracks.table, space.tracks.model.index(0, 0))
    gone, before = int(space.tracks.chosen[0]), session.shown
    qtbot.mouseClick(space.tracks.leave_out, LEFT)
    qtbot.waitUntil(lambda: session.shown is not before, timeout=PATIENCE_MS)
    assert session.shown.labels[gone] == -1


def test_splitting_and_locking(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    count = len(names(songs))
    click_row(qtbot, space.playlists.list, space.playlists.model.index(0))
    qtbot.mouseClick(space.playlists.lock_button, LEFT)
    kept = names(songs)[0]
    assert session.place is not None
    assert len(session.place.locked) == 1
    qtbot.mouseClick(space.playlists.split_button, LEFT)
    qtbot.waitUntil(lambda: len(names(songs)) == count + 1, timeout=PATIENCE_MS)
    assert kept in names(songs)


def test_levers_and_numbers(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    first = session.outcome
    choose(songs.header.count.menu(), "5")
    qtbot.waitUntil(lambda: session.outcome is not first and len(names(songs)) == 5, timeout=PATIENCE_MS)

    # A click in “How many?”.
    qtbot.keyClick(songs, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    plot = space.choose_k.plots["silhouette"]
    qtbot.wait(50)
    qtbot.mouseClick(plot.plot.viewport(), LEFT, pos=plot.point_of(4).toPoint())
    qtbot.waitUntil(lambda: len(names(songs)) == 4, timeout=PATIENCE_MS)

    # A lever.
    qtbot.mouseClick(songs.header.levers, LEFT)
    assert space.side.currentWidget() is space.levers
    box = space.levers.weights["tempo"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "0")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    wait_ready(qtbot, songs)
    shown = session.shown
    assert shown is not None
    assert shown.analysis.options.recipe.prepare.weights["tempo"] == 0.0
    assert len(names(songs)) == 4

    # Two that contradict each other are explained where they are.
    for spin, number in ((space.levers.smallest, "100"), (space.levers.largest, "150")):
        spin.setFocus()
        spin.selectAll()
        qtbot.keyClicks(spin, number)
        qtbot.keyClick(spin, Qt.Key.Key_Return)
    qtbot.waitUntil(space.levers.trouble.isVisible)
    assert "at least twice" in space.levers.trouble.text()


def test_inside_a_genre_and_back(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    whole = session.shown
    assert whole is not None
    qtbot.keyClick(songs, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    header = space.genres.table.verticalHeader()
    place = QPoint(8, header.sectionViewportPosition(0) + header.sectionSize(0) // 2)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert session.selection is not None
    assert session.selection.genre == next(iter(whole.analysis.genres.counts))
    qtbot.mouseDClick(header.viewport(), LEFT, pos=place)
    qtbot.waitUntil(lambda: len(session.trail) == 2 and session.shown is not whole, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    assert session.shown is not None
    assert len(session.shown.labels) < len(whole.labels)
    (step,) = songs.header.trail.findChildren(QToolButton)
    assert step.text() == "songs.csv  ›"
    assert songs.header.where.text() == next(iter(whole.analysis.genres.counts))
    qtbot.mouseClick(songs.header.back, LEFT)
    qtbot.waitUntil(lambda: session.shown is not None and len(session.shown.labels) == len(whole.labels),
                    timeout=PATIENCE_MS)  # fmt: skip
    assert len(session.trail) == 1


def test_going_inside_and_back_brings_back_what_was_changed(songs: MainWindow, qtbot: QtBot) -> None:
    space, session = workspace_of(songs), songs.session
    choose(songs.header.count.menu(), "4")
    qtbot.waitUntil(lambda: len(names(songs)) == 4, timeout=PATIENCE_MS)
    click_row(qtbot, space.playlists.list, space.playlists.model.index(0))
    click_row(qtbot, space.playlists.list, space.playlists.model.index(1), held=Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(songs, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(names(songs)) == 3, timeout=PATIENCE_MS)
    left = names(songs)
    assert session.shown is not None
    labels = session.shown.labels.tolist()
    session.go_into(session.shown.groups[0].lineage)
    qtbot.waitUntil(lambda: len(session.trail) == 2, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    qtbot.mouseClick(songs.header.back, LEFT)
    qtbot.waitUntil(lambda: len(session.trail) == 1, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    assert names(songs) == left
    assert session.shown.labels.tolist() == labels


def test_stopping_on_the_way_inside_stays_where_it_was(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    before = session.outcome
    assert session.shown is not None
    session.go_into(session.shown.groups[0].lineage)
    qtbot.keyClick(songs, Qt.Key.Key_Escape)
    qtbot.wait(300)
    assert len(session.trail) == 1
    assert session.outcome is before


def test_a_library_comes_back_as_it_was_left(make_window: Callable[[], MainWindow], qtbot: QtBot, table: Path) -> None:
    window = make_window()
    window.session.open_path(str(table))
    wait_ready(qtbot, window)
    space = workspace_of(window)
    click_row(qtbot, space.playlists.list, space.playlists.model.index(1))
    click_row(qtbot, space.playlists.list, space.playlists.model.index(2), held=Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    before = len(names(window))
    qtbot.waitUntil(lambda: len(names(window)) == before - 1, timeout=PATIENCE_MS)
    window.session.rename(window.session.shown.groups[0].lineage, "Mine")  # type: ignore[union-attr]
    left = names(window)
    assert window.session.shown is not None
    colours = window.session.shown.numbers
    # Noted while it is open, for it may be killed.
    qtbot.waitUntil(lambda: SettingsFile().current.last_library == library_key("table", str(table)))
    window.close()
    assert window.settings.current.last_library == library_key("table", str(table))

    again = make_window()
    again.load_recent()
    qtbot.waitUntil(lambda: bool(again.start.findChildren(QWidget, "recent")), timeout=PATIENCE_MS)
    entry = again.start.findChildren(QWidget, "recent")[0]
    qtbot.mouseClick(entry, LEFT)
    wait_ready(qtbot, again)
    assert names(again) == left
    assert again.session.shown is not None
    assert again.session.shown.numbers == colours


def test_runs_are_kept_compared_and_brought_back(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    first = names(songs)
    choose(songs.header.count.menu(), "4")
    qtbot.waitUntil(lambda: len(names(songs)) == 4, timeout=PATIENCE_MS)
    songs.header.runs_action.trigger()
    dialog = open_dialog(qtbot, songs, RunsDialog)
    assert isinstance(dialog, RunsDialog)
    qtbot.waitUntil(lambda: dialog.runs.rowCount() == 2, timeout=PATIENCE_MS)
    click_row(qtbot, dialog.table, dialog.runs.index(0, 0))
    click_row(qtbot, dialog.table, dialog.runs.index(1, 0), held=Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(dialog.compare, LEFT)
    qtbot.waitUntil(lambda: dialog.comparison.rowCount() > 0, timeout=PATIENCE_MS)
    click_row(qtbot, dialog.table, dialog.runs.index(1, 0))
    qtbot.mouseClick(dialog.restore, LEFT)
    qtbot.waitUntil(lambda: names(songs) == first, timeout=PATIENCE_MS)
    assert session.options.recipe.k == "auto"


def test_a_file_that_is_no_library_is_explained(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    window.session.open_path(str(tmp_path / "notes.txt"))
    qtbot.waitUntil(window.said_line.isVisible, timeout=PATIENCE_MS)
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
    qtbot.wait(100)
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
    assert isinstance(helping, HelpDialog)
    assert "Danceability" in helping.page.toPlainText()
    qtbot.keyClick(helping, Qt.Key.Key_Escape)
    songs.start.spotify_wanted.emit()
    dialog = open_dialog(qtbot, songs, SpotifyDialog)
    assert isinstance(dialog, SpotifyDialog)
    qtbot.keyClicks(dialog.setup.client_id, "abc")
    assert "32" in dialog.setup.hint.text()
    assert not dialog.sign_in.isEnabled()
    qtbot.mouseClick(dialog.setup.copy, LEFT)
    assert QApplication.clipboard().text() == "http://127.0.0.1/callback"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_every_control_has_a_name_for_screen_readers(songs: MainWindow, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox

    nameless = []
    for kind in (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit):
        for widget in songs.findChildren(kind):
            text = getattr(widget, "text", str)()
            inner = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
            private = type(widget).__name__ in {"QTableCornerButton", "QAbstractButton", "QHeaderView"}
            if not (inner or private or widget.accessibleName() or text) and widget.isVisible():
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert not nameless


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
    session = songs.session
    assert session.shown is not None
    session.rename(session.shown.groups[0].lineage, "Mine")
    songs.close()
    with open_store() as store:
        assert list(store.edits.names(library_key("table", str(table))).values()) == ["Mine"]


@pytest.mark.parametrize("feature", ["origin", "tempo"])
def test_the_left_map_takes_other_colours(songs: MainWindow, qtbot: QtBot, feature: str) -> None:
    tab = workspace_of(songs).map
    tab.color_by.setFocus()
    tab.color_by.setCurrentIndex(tab.color_by.findData(feature))
    tab.color_by.activated.emit(tab.color_by.currentIndex())
    songs.grab()
    title = tab.map.panels[0].title.text
    assert {"origin": "from", "tempo": "tempo"}[feature] in title
