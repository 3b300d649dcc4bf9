"""Ways through the window that a listener takes: into a genre, through the runs, to the files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from PySide6.QtCore import QRect, Qt
from pytestqt.qtbot import QtBot

from desktop.views.runs import RunsDialog
from desktop.widgets.tool_row import ToolRow
from desktop.window import MainWindow
from tests.desktop.driving import (
    CTRL,
    LEFT,
    choose_left_out,
    merge,
    names,
    open_dialog,
    open_export,
    open_path,
    selection_of,
    shown_of,
    wait_number,
    wait_ready,
    workspace_of,
    write,
)

LONG = "A Name That Somebody Gave Because It Says Everything That Can Be Said"


def test_a_genre_that_took_in_others_is_opened_by_a_double_click(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    rows = pd.read_csv(table)
    rows.loc[rows.index[:2], "genre"] = "Polka"
    rows.to_csv(tmp_path / "songs.csv", index=False)
    open_path(qtbot, window, tmp_path / "songs.csv")
    session, space, shown = window.session, workspace_of(window), shown_of(window)
    major = shown.analysis.genres.absorbed["Polka"]
    label = next(label for label in shown.analysis.genres.counts if label.startswith(f"{major}/"))
    qtbot.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(lambda: space.genres.model.rowCount() > 0)
    choose_left_out(qtbot, window, "fits nowhere")
    side = space.genres.table.verticalHeader()
    place = next(row for row in range(space.genres.model.rowCount()) if space.genres.model.side(row).text == label)
    side.sectionDoubleClicked.emit(place)
    qtbot.waitUntil(lambda: len(session.trail) == 2 or window.said_line.isVisible())
    assert not window.said_line.isVisible(), window.said.text()
    wait_ready(qtbot, window)
    assert window.header.where.text() == major
    # The place begins with its first playlist.
    assert selection_of(window).title == shown_of(window).groups[0].name.text


def test_runs_changed_by_hand_say_so_in_words(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    merge(qtbot, songs, 1, 2)
    wait_number(qtbot, songs, len(before) - 1)
    songs.header.runs_action.trigger()
    dialog = open_dialog(qtbot, songs, RunsDialog)
    qtbot.waitUntil(lambda: dialog.runs.rowCount() > 0)
    assert dialog.runs.cell(0, 5).text == "K-means, then by hand"
    dialog.reject()


def test_the_export_lists_playlists_as_the_window_does_with_whole_numbers(songs: MainWindow, qtbot: QtBot) -> None:
    shown = shown_of(songs)
    songs.session.rename(shown.groups[0].lineage, LONG)
    dialog = open_export(qtbot, songs)
    listed = [dialog.list.item(place).text() for place in range(dialog.list.count())]
    assert listed == [f"{group.name.text}  ({group.size:,})" for group in shown_of(songs).groups]
    assert LONG in dialog.list.item(0).toolTip()
    assert not dialog.list.horizontalScrollBar().isVisible()
    table = dialog.files.table
    qtbot.waitUntil(lambda: dialog.files.plan.rowCount() > 0)
    qtbot.waitUntil(lambda: table.horizontalHeader().length() <= table.viewport().width())
    last = QRect(table.columnViewportPosition(3), 0, table.columnWidth(3), 1)
    assert table.viewport().rect().contains(last)
    dialog.reject()


def test_the_plan_says_which_files_would_hold_nothing(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    pd.read_csv(table).drop(columns="uri").to_csv(tmp_path / "plain.csv", index=False)
    open_path(qtbot, window, tmp_path / "plain.csv")
    dialog = open_export(qtbot, window)
    plan, count = dialog.files.plan, len(names(window))
    assert dialog.files.wanted_formats == ["csv"]
    qtbot.mouseClick(dialog.files.formats["m3u8"], LEFT)
    qtbot.waitUntil(lambda: plan.rowCount() == 2 * count)
    states = {plan.cell(row, 0).text.rsplit(".", 1)[-1]: plan.cell(row, 2).text for row in range(plan.rowCount())}
    assert states == {"m3u8": "no tracks", "csv": "new"}
    assert dialog.files.say.text().startswith(f"{count} files would hold no track that can be played")
    qtbot.mouseClick(dialog.files.formats["m3u8"], LEFT)
    qtbot.waitUntil(lambda: plan.rowCount() == count)
    assert dialog.files.say.text() == ""
    dialog.reject()


def test_a_mark_before_names_goes_into_the_export_and_not_into_the_list(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    qtbot.mouseClick(songs.header.levers, LEFT)
    levers = workspace_of(songs).levers
    levers.ensureWidgetVisible(levers.prefix)
    write(qtbot, levers.prefix, "LM ")
    write(qtbot, levers.suffix, " 2026")
    qtbot.waitUntil(lambda: songs.session.options.playlists.suffix == " 2026")
    wait_ready(qtbot, songs)
    assert names(songs) == before
    assert (levers.prefix.text(), levers.suffix.text()) == ("LM ", " 2026")
    dialog = open_export(qtbot, songs)
    plan = dialog.files.plan
    qtbot.waitUntil(lambda: plan.rowCount() > 0)
    assert {Path(plan.cell(row, 0).text).stem for row in range(plan.rowCount())} == {
        f"LM {name} 2026" for name in before
    }
    dialog.reject()
    songs.session.undo()
    assert songs.session.options.playlists.suffix == ""


def test_an_invitation_to_connect_is_no_taller_than_its_text(songs: MainWindow, qtbot: QtBot) -> None:
    dialog = open_export(qtbot, songs)
    dialog.tabs.setCurrentWidget(dialog.spotify)
    qtbot.waitUntil(lambda: dialog.spotify.trouble.isVisible())
    qtbot.waitUntil(lambda: dialog.spotify.troubles.height() < 6 * songs.theme.metrics().height())
    dialog.reject()


def test_words_beside_icons_never_cost_the_name_of_a_playlist(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    choose_left_out(qtbot, songs, "fits nowhere")
    line, head = space.tracks.head.parentWidget(), space.tracks.head
    assert isinstance(line, ToolRow)
    seen = set()
    for width in range(960, 1200, 3):
        songs.resize(width, 800)
        qtbot.waitUntil(lambda width=width: line.width() == width)  # type: ignore[misc]
        # The words leave once the line is laid out anew, which may take more than one turn of the events.
        qtbot.waitUntil(lambda: not line.has_words or head.shown == head.text())
        seen.add(line.has_words)
    assert seen == {True, False}
