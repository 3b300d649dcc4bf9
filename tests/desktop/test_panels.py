"""Playlists, evidence, tracks, levers and genres: what each panel does with the mouse and with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton, QToolTip
from pytestqt.qtbot import QtBot

from desktop import messages
from desktop.models.playlists import GROUP_ROLE, LOCKED_ROLE
from desktop.models.tracks import TracksModel
from desktop.plots.arrays import NOISE
from desktop.shown import Shown
from desktop.views.playlist_rows import arrange
from desktop.views.tracks_table import TracksTable
from desktop.widgets.tool_row import ToolRow
from desktop.window import MainWindow
from tests.desktop.conftest import Browser
from tests.desktop.driving import (
    CTRL,
    LEFT,
    SHIFT,
    choose,
    choose_item,
    click_playlist,
    click_row,
    drop_tracks,
    merge,
    names,
    selection_of,
    shown_of,
    wait_other,
    wait_ready,
    wait_step,
    workspace_of,
    write,
)


def chip_place(window: MainWindow, row: int, number: int) -> QPoint:
    """Return the middle of a chip in the list of playlists."""
    space = workspace_of(window)
    view, index = space.playlists.list, space.playlists.model.index(row)
    found = arrange(index.data(GROUP_ROLE), view.viewport().width(), window.theme, locked=bool(index.data(LOCKED_ROLE)))
    return view.visualRect(index).topLeft() + found.chips[number].rect.center().toPoint()


def ask_for_tip(window: MainWindow, place: QPoint) -> str:
    """Rest the mouse on a place of the list of playlists; return the tool tip."""
    port = workspace_of(window).playlists.list.viewport()
    QApplication.sendEvent(port, QHelpEvent(QEvent.Type.ToolTip, place, port.mapToGlobal(place)))
    return QToolTip.text()


def test_resting_on_a_chip_shows_the_two_distributions_behind_it(songs: MainWindow) -> None:
    group = shown_of(songs).groups[0]
    tips = [ask_for_tip(songs, chip_place(songs, 0, number)) for number in range(len(group.name.claims))]
    QToolTip.hideText()
    assert len(set(tips)) == len(tips) == len(group.name.claims) > 1
    for tip in tips:
        assert tip.count("<img") == 1
        assert "than half of your library" in tip


def test_resting_beside_the_chips_tells_everything(songs: MainWindow) -> None:
    group = shown_of(songs).groups[0]
    view, index = workspace_of(songs).playlists.list, workspace_of(songs).playlists.model.index(0)
    tip = ask_for_tip(songs, view.visualRect(index).topLeft() + QPoint(12, 12))
    QToolTip.hideText()
    assert group.name.text in tip
    assert tip.count("<img") == len(group.name.claims)


def test_names_and_chips_are_whole_in_the_usual_window(demo: MainWindow) -> None:
    demo.resize(1360, 880)
    view = workspace_of(demo).playlists.list
    for group in shown_of(demo).groups:
        found = arrange(group, view.viewport().width(), demo.theme, locked=False)
        assert " ".join(found.name) == group.name.text
        rects = [chip.rect for chip in found.chips]
        assert all(rect.right() <= view.viewport().width() for rect in rects)
        assert not any(one.intersects(other) for place, one in enumerate(rects) for other in rects[:place])
        assert all(rect.bottom() < found.height for rect in rects)


def test_rows_are_as_high_as_their_chips_need_in_any_width(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    view, model = space.playlists.list, space.playlists.model

    def fits() -> bool:
        return all(
            view.visualRect(model.index(row)).height()
            == arrange(group, view.viewport().width(), songs.theme, locked=False).height
            for row, group in enumerate(shown_of(songs).groups)
        )

    widths = set()
    for wide in (1600, 1024, 1360):
        songs.resize(wide, 700)
        space.top.setSizes([wide // 5, wide // 2, wide // 4])
        qtbot.waitUntil(fits)
        widths.add(view.viewport().width())
    assert len(widths) > 1


def test_words_of_buttons_come_and_go_with_the_room(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    rows = space.tracks.findChildren(ToolRow) + space.playlists.findChildren(ToolRow)
    assert len(rows) == 2
    seen = set()
    for width in range(960, 1500, 45):
        songs.resize(width, 700)
        QApplication.processEvents()
        before = [row.has_words for row in rows]
        for row in rows:
            row.fit()
        assert [row.has_words for row in rows] == before
        seen.add(before[0])
        for row in rows:
            shown = [one for one in row.findChildren(QToolButton) if one.isVisible()]
            qtbot.waitUntil(lambda shown=shown: all(one.width() == one.sizeHint().width() for one in shown))
    assert seen == {True, False}


def test_escape_keeps_the_name_and_an_empty_one_gives_it_back(songs: MainWindow, qtbot: QtBot) -> None:
    view, before = workspace_of(songs).playlists.list, names(songs)
    for typed, key, expected in (
        ("Else", Qt.Key.Key_Escape, before[0]),
        ("Mine", Qt.Key.Key_Return, "Mine"),
        ("", Qt.Key.Key_Return, before[0]),
    ):
        click_playlist(qtbot, songs, 0)
        qtbot.keyClick(view, Qt.Key.Key_Return)
        (editor,) = view.findChildren(QLineEdit)
        editor.selectAll()
        qtbot.keyClick(editor, Qt.Key.Key_Backspace)
        qtbot.keyClicks(editor, typed)
        qtbot.keyClick(editor, key)
        qtbot.waitUntil(lambda expected=expected: names(songs)[0] == expected)
        qtbot.waitUntil(lambda: not view.findChildren(QLineEdit))


def test_a_double_click_edits_the_name(songs: MainWindow, qtbot: QtBot) -> None:
    view = workspace_of(songs).playlists.list
    place = view.visualRect(workspace_of(songs).playlists.model.index(1)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    qtbot.mouseDClick(view.viewport(), LEFT, pos=place)
    (editor,) = view.findChildren(QLineEdit)
    assert editor.text() == names(songs)[1]
    qtbot.keyClick(editor, Qt.Key.Key_Escape)


def test_the_whole_library_is_one_click_away(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    qtbot.mouseClick(space.playlists.whole, LEFT)
    assert space.tracks.model.rowCount() == len(shown.labels)
    assert not space.playlists.chosen
    click_playlist(qtbot, songs, 0)
    assert space.tracks.model.rowCount() == shown.groups[0].size
    port = space.playlists.list.viewport()
    qtbot.mouseClick(port, LEFT, pos=QPoint(port.width() // 2, port.height() - 3))
    assert space.tracks.model.rowCount() == len(shown.labels)


def test_every_edit_is_undone_from_the_keyboard_and_named_in_the_tip(songs: MainWindow, qtbot: QtBot) -> None:
    before = shown_of(songs)
    click_playlist(qtbot, songs, 0)
    qtbot.keyClick(songs, Qt.Key.Key_D, CTRL)
    wait_other(qtbot, songs, before)
    assert len(names(songs)) == len(before.groups) + 1
    assert "Split" in songs.header.undo.toolTip()
    split = shown_of(songs)
    qtbot.keyClick(songs, Qt.Key.Key_Z, CTRL)
    assert shown_of(songs) is before
    assert "Split" in songs.header.redo.toolTip()
    assert not songs.header.undo.isEnabled()
    qtbot.keyClick(songs, Qt.Key.Key_Z, CTRL | SHIFT)
    assert shown_of(songs) is split


def test_tracks_dropped_on_a_playlist_move_there_and_on_the_rest_leave(songs: MainWindow, qtbot: QtBot) -> None:
    space, before = workspace_of(songs), shown_of(songs)
    view, model = space.playlists.list, space.playlists.model
    rows = before.rows_of([before.groups[0].lineage])[:3]
    assert drop_tracks(view, model.index(2), rows)
    wait_other(qtbot, songs, before)
    moved = shown_of(songs)
    assert set(moved.labels[rows]) == {before.groups[2].number}
    assert drop_tracks(view, model.index(model.rowCount() - 1), rows)
    wait_other(qtbot, songs, moved)
    assert set(shown_of(songs).labels[rows]) == {NOISE}


def test_leaving_everything_out_is_explained_and_changes_nothing(songs: MainWindow, qtbot: QtBot) -> None:
    space, before = workspace_of(songs), shown_of(songs)
    view = space.playlists.list
    click_row(qtbot, view, space.playlists.model.index(0))
    qtbot.keyClick(view, Qt.Key.Key_A, CTRL)
    assert len(space.playlists.chosen) == len(before.groups)
    choose(space.playlists.menu(), "Leave out")
    qtbot.waitUntil(songs.said_line.isVisible)
    assert "Keep at least one" in songs.said.text()
    assert shown_of(songs) is before


# Why this name.


def test_evidence_follows_the_selection(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    click_playlist(qtbot, songs, 1)
    group = shown.groups[1]
    texts = " ".join(label.text() for label in space.why.claims)
    for claim in group.name.claims:
        assert claim.feature.capitalize() in texts
    fits = [button.fit for button in space.why.examples]  # type: ignore[attr-defined]
    best = shown.columns["fit"][shown.rows_of([group.lineage])].max()
    assert fits[0] == f"{100 * best:.0f}"
    first = space.why.examples[0]
    qtbot.mouseClick(first, LEFT)
    assert space.tracks.chosen.tolist() == [int(space.tracks.model.rows[0])]
    click_row(qtbot, space.playlists.list, space.playlists.model.index(2), held=CTRL)
    assert not space.why.claims
    assert not space.why.examples


def test_the_whole_library_says_whether_names_come_out_again(songs: MainWindow, qtbot: QtBot) -> None:
    space, before = workspace_of(songs), shown_of(songs)

    def said() -> str:
        return " ".join(one.text() for one in space.why.findChildren(QLabel))

    assert "parts of the library" not in said(), "a single playlist has its own reasons"
    qtbot.mouseClick(space.playlists.whole, LEFT)
    stability = before.analysis.claim_stability
    assert stability is not None
    found = messages.share(stability)
    assert f"Playlists found anew in parts of the library keep {found} of what their names say." in said()
    merge(qtbot, songs, 0, 1)
    wait_other(qtbot, songs, before)
    qtbot.mouseClick(space.playlists.whole, LEFT)
    told = "Whether names come out again on parts of the library is not known: playlists changed by hand"
    assert told in said()


# Tracks.


def test_the_keyboard_walks_through_the_table(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    table, rows = space.tracks.table, space.tracks.model.rows.copy()
    click_row(qtbot, table, space.tracks.model.index(1, 0))
    for place in (2, 3, 4):
        qtbot.keyClick(table, Qt.Key.Key_Down)
        assert selection_of(songs).marked.tolist() == [rows[place]]
    qtbot.keyClick(table, Qt.Key.Key_Up, SHIFT)
    assert sorted(rows[3:5].tolist()) == space.tracks.chosen.tolist()
    assert table.currentIndex().row() == 3


def test_a_search_is_typed_left_and_emptied_from_the_keyboard(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    qtbot.mouseClick(space.playlists.whole, LEFT)
    qtbot.keyClick(songs, Qt.Key.Key_F, CTRL)
    search, table = space.tracks.search, space.tracks.table
    assert search.hasFocus()
    word = str(space.tracks.model.index(3, 0).data()).split()[0]
    qtbot.keyClicks(search, word)
    assert 0 < space.tracks.model.rowCount() < len(shown_of(songs).labels)
    qtbot.keyClick(search, Qt.Key.Key_Down)
    assert table.hasFocus()
    assert len(space.tracks.chosen) == 1
    qtbot.keyClick(songs, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(search, "qqq")
    assert not table.isVisible()
    assert "qqq" in space.tracks.empty.text()
    qtbot.waitUntil(lambda: space.tracks.clear_search.height() > 10)
    qtbot.mouseClick(space.tracks.clear_search, LEFT)
    qtbot.waitUntil(table.isVisible)
    qtbot.keyClicks(search, "zzz")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not search.text()
    assert space.tracks.model.rowCount() == len(shown_of(songs).labels)


def test_chosen_tracks_are_copied_as_text_and_as_links(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    table = space.tracks.table
    click_row(qtbot, table, space.tracks.model.index(1, 0))
    click_row(qtbot, table, space.tracks.model.index(2, 0), held=SHIFT)
    rows = space.tracks.model.rows[1:3].tolist()
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    lines = QApplication.clipboard().text().splitlines()
    assert lines == [f"{shown.columns['artist'][row]} – {shown.columns['title'][row]}" for row in rows]
    qtbot.mouseClick(space.tracks.copy_button, LEFT)
    pages = [f"https://open.spotify.com/track/{shown.columns['uri'][row].split(':')[-1]}" for row in rows]
    assert QApplication.clipboard().text().splitlines() == pages
    assert "2 links" in songs.said.text()
    table.clearSelection()
    qtbot.keyClick(songs, Qt.Key.Key_C, CTRL | SHIFT)
    count = space.tracks.model.rowCount()
    qtbot.waitUntil(lambda: len(QApplication.clipboard().text().splitlines()) == count)


def test_enter_opens_a_track_in_spotify(songs: MainWindow, qtbot: QtBot, browser: Browser) -> None:
    space = workspace_of(songs)
    click_row(qtbot, space.tracks.table, space.tracks.model.index(0, 0))
    qtbot.keyClick(space.tracks.table, Qt.Key.Key_Return)
    uri = str(shown_of(songs).columns["uri"][space.tracks.model.rows[0]])
    assert browser.opened == [f"https://open.spotify.com/track/{uri.split(':')[-1]}"]


def test_delete_leaves_chosen_tracks_out(songs: MainWindow, qtbot: QtBot) -> None:
    space, before = workspace_of(songs), shown_of(songs)
    click_row(qtbot, space.tracks.table, space.tracks.model.index(0, 0))
    row = int(space.tracks.chosen[0])
    qtbot.keyClick(space.tracks.table, Qt.Key.Key_Delete)
    wait_other(qtbot, songs, before)
    assert shown_of(songs).labels[row] == NOISE


def test_columns_are_kept_with_their_order_and_widths(open_library: Callable[[Path], MainWindow], table: Path) -> None:
    window = open_library(table)
    tracks = workspace_of(window).tracks
    tracks.columns_menu.aboutToShow.emit()
    choose(tracks.columns_menu, "Valence")
    choose(tracks.columns_menu, "Album")
    assert "valence" not in tracks.table.order
    assert tracks.table.order.index("album") == tracks.table.order.index("artist") + 1
    tracks.table.horizontalHeader().moveSection(0, 2)
    tracks.table.setColumnWidth(tracks.model.columns.index("artist"), 321)
    order = tracks.table.order
    workspace_of(window).tabs.setCurrentIndex(2)
    window.close()

    again = open_library(table)
    space = workspace_of(again)
    assert space.tracks.table.order == order
    assert space.tracks.table.columnWidth(space.tracks.model.columns.index("artist")) == 321
    assert space.tabs.currentIndex() == 2


def test_a_column_without_a_value_takes_no_room_and_comes_back_with_values(
    open_library: Callable[[Path], MainWindow], table: Path, tmp_path: Path
) -> None:
    pd.read_csv(table).drop(columns=["duration_s", "album", "title"]).to_csv(tmp_path / "bare.csv", index=False)
    bare = open_library(tmp_path / "bare.csv")
    tracks = workspace_of(bare).tracks
    hidden = {name for place, name in enumerate(tracks.model.columns) if tracks.table.isColumnHidden(place)}
    assert hidden == {"duration_s"}
    tracks.columns_menu.aboutToShow.emit()
    offered = {action.text() for action in tracks.columns_menu.actions()}
    assert not offered.intersection({"Length", "Album"})
    choose(tracks.columns_menu, "Valence")
    assert tracks.table.horizontalHeader().length() <= tracks.table.viewport().width()
    bare.close()

    whole = workspace_of(open_library(table)).tracks
    assert whole.model.columns[-1] == "duration_s"
    assert not any(whole.table.isColumnHidden(place) for place in range(len(whole.model.columns)))
    assert "valence" not in whole.model.columns


class _Counting(TracksModel):
    """Counts how often it is asked for the number of its rows."""

    asked = 0

    def rowCount(self, parent: object = QModelIndex()) -> int:  # noqa: N802 - Qt's own name
        self.asked += 1
        return super().rowCount(parent)  # type: ignore[arg-type]


def test_choosing_a_hundred_thousand_tracks_does_not_ask_for_each(songs: MainWindow, qtbot: QtBot) -> None:
    n = 100_000
    shown = object.__new__(Shown)
    columns = {"title": np.array([f"t{row}" for row in range(n)], dtype=object), "fit": np.zeros(n)}
    for name, value in {"columns": columns, "labels": np.zeros(n, dtype=np.int64), "turns": np.arange(n)}.items():
        object.__setattr__(shown, name, value)
    model = _Counting()
    model.set_columns(("title", "fit"))
    model.show(shown, np.arange(n))
    view = TracksTable(model, songs.theme, widths={})
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    model.asked = 0
    qtbot.keyClick(view, Qt.Key.Key_A, CTRL)
    view.grab()
    assert len(view.chosen) == n
    assert model.asked < 10_000


# Levers.


def test_steps_of_a_lever_make_one_analysis(songs: MainWindow, qtbot: QtBot) -> None:
    space, before = workspace_of(songs), shown_of(songs)
    qtbot.mouseClick(songs.header.levers, LEFT)
    box = space.levers.k
    box.setFocus()
    outcomes: list[object] = []
    songs.session.outcome_changed.connect(lambda: outcomes.append(songs.session.outcome))
    for _ in range(3):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    assert shown_of(songs) is before
    wait_other(qtbot, songs, before)
    assert len(names(songs)) == 4
    assert len(outcomes) == 1


def test_the_wheel_passes_over_levers_without_the_focus(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    qtbot.mouseClick(songs.header.levers, LEFT)
    space.playlists.list.setFocus()
    box = space.levers.weights["energy"]
    before = box.value()

    def turn() -> None:
        middle = QPointF(box.rect().center())
        QApplication.sendEvent(
            box, QWheelEvent(middle, QPointF(box.mapToGlobal(middle.toPoint())), QPoint(), QPoint(0, 120),
                             Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                             Qt.ScrollPhase.NoScrollPhase, False),
        )  # fmt: skip

    turn()
    assert box.value() == before
    box.setFocus()
    turn()
    assert box.value() != before


def test_what_is_wrong_stands_below_its_lever(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    qtbot.mouseClick(songs.header.levers, LEFT)
    for box, typed in ((space.levers.smallest, "150"), (space.levers.largest, "100")):
        write(qtbot, box, typed)
    trouble, box = space.levers.trouble, space.levers.largest
    qtbot.waitUntil(trouble.isVisible)
    below = trouble.mapTo(space.levers, QPoint(0, 0)).y() - box.mapTo(space.levers, QPoint(0, 0)).y()
    assert 0 < below < 4 * box.height()
    assert trouble.visibleRegion().boundingRect().height() > 0
    wait_ready(qtbot, songs)


def test_a_lever_leads_into_a_playlist_and_the_trail_leads_back(songs: MainWindow, qtbot: QtBot) -> None:
    space, whole = workspace_of(songs), shown_of(songs)
    qtbot.mouseClick(songs.header.levers, LEFT)
    inside = space.levers.inside
    choose_item(inside, inside.findText(whole.groups[0].name.text))
    wait_other(qtbot, songs, whole)
    assert len(shown_of(songs).labels) == whole.groups[0].size
    assert inside.currentText() == whole.groups[0].name.text
    part = shown_of(songs)
    step = wait_step(qtbot, songs)
    qtbot.mouseClick(step, LEFT)
    wait_other(qtbot, songs, part)
    assert len(shown_of(songs).labels) == len(whole.labels)


# Genres.


def test_tables_of_dominance_lead_to_what_they_name(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    qtbot.keyClick(songs, Qt.Key.Key_3, CTRL)
    genres, playlists = space.genres.dominance
    click_row(qtbot, genres, genres.model().index(1, 1))
    assert selection_of(songs).genre == genres.model().index(1, 0).data()
    click_row(qtbot, playlists, playlists.model().index(2, 0))
    assert selection_of(songs).lineages == {shown_of(songs).groups[2].lineage}
    header = genres.horizontalHeader()
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionPosition(2) + 8, header.height() // 2))
    shares = [int(str(genres.model().index(row, 2).data()).split("\N{NO-BREAK SPACE}")[0]) for row in range(4)]
    assert shares == sorted(shares, reverse=True)
