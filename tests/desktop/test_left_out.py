"""What is in no playlist: the window says how much, which tracks and why, and counts what is taken away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from core.playlists.curation import REASONS
from desktop.messages import names as texts
from desktop.models.playlists import REASON_ROLE
from desktop.widgets.work_bar import step_text
from desktop.window import MainWindow
from tests.desktop.driving import (
    LEFT,
    choose,
    choose_left_out,
    click_playlist,
    counts,
    drop_tracks,
    open_export,
    open_path,
    row_of,
    selection_of,
    shown_of,
    shown_texts,
    wait_other,
    wait_ready,
    workspace_of,
    write,
)

#: Tracks that stand twice in the table.
TWICE = 40


@pytest.fixture
def twice(window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path) -> MainWindow:
    """Return a window with a library in which some tracks stand twice, under two ids."""
    rows = pd.read_csv(table)
    again = rows.head(TWICE).assign(uri=[f"spotify:track:{number:022d}" for number in range(10**6, 10**6 + TWICE)])
    pd.concat([rows, again]).to_csv(tmp_path / "twice.csv", index=False)
    open_path(qtbot, window, tmp_path / "twice.csv")
    return window


def in_order(window: MainWindow, cluster: int) -> list[str]:
    """Return the ids of a playlist's tracks as they will be exported."""
    shown = shown_of(window)
    (found,) = (one for one in shown.analysis.curated.playlists if one.cluster_id == cluster)
    return list(found.track_ids)


def test_every_track_is_counted_once_and_playlists_count_what_is_taken_away(twice: MainWindow, qtbot: QtBot) -> None:
    shown = shown_of(twice)
    found = counts(twice)
    taken = {one.name: len(one.track_ids) for one in shown.analysis.curated.playlists}
    assert {name: found[name] for name in taken} == taken
    assert found["Duplicates"] == len(shown.analysis.curated.duplicates) > TWICE // 2
    assert sum(found.values()) == len(shown.ids)
    dialog = open_export(qtbot, twice)
    plan = dialog.files.plan
    qtbot.waitUntil(lambda: plan.rowCount() > 0)
    written = {Path(plan.cell(row, 0).text).stem: int(plan.cell(row, 1).text) for row in range(plan.rowCount())}
    assert written == taken
    dialog.reject()


def test_playlists_are_numbered_as_they_are_listed(
    songs: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    second = shown_of(songs).groups[1]
    rows = pd.read_csv(table)
    again = rows.iloc[shown_of(songs).tracks_of([second.lineage])]
    again = again.assign(uri=[f"spotify:track:{number:022d}" for number in range(10**6, 10**6 + len(again))])
    pd.concat([rows, again]).to_csv(tmp_path / "twice.csv", index=False)
    open_path(qtbot, songs, tmp_path / "twice.csv")
    assert counts(songs)["Duplicates"] >= len(again)
    shown = shown_of(songs)
    # Counted with its duplicates another cluster is the largest.
    assert np.argmax(np.bincount(shown.analysis.clustering.labels)) != shown.groups[0].cluster
    assert [group.number for group in shown.groups] == list(range(len(shown.groups)))


def test_the_table_of_a_playlist_holds_each_recording_once(twice: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(twice), shown_of(twice)
    for row, group in enumerate(shown.groups):
        click_playlist(qtbot, twice, row)
        found = list(zip(shown_texts(twice, "title"), shown_texts(twice, "artist"), strict=True))
        assert len(found) == len(set(found)) == group.size
    missing = shown.left_out.counts(shown.rows_of([shown.groups[0].lineage]))
    click_playlist(qtbot, twice, 0)
    said = " ".join(one.text() for one in space.why.findChildren(QLabel))
    assert f"; left out: {missing['duplicate']} duplicates" in said
    assert texts.left_out_count("duplicate", 1) == "1 duplicate"


def test_duplicates_are_listed_with_the_playlist_their_twin_is_in(twice: MainWindow, qtbot: QtBot) -> None:
    shown = shown_of(twice)
    choose_left_out(qtbot, twice, "duplicate")
    assert selection_of(twice).title == "Duplicates"
    places = shown_texts(twice, "playlist")
    assert len(places) == counts(twice)["Duplicates"]
    names = {group.name.text for group in shown.groups}
    assert all(place.removeprefix("Duplicate, stays in ") in names for place in places)


def test_a_track_that_is_left_out_takes_its_duplicates_along(twice: MainWindow, qtbot: QtBot) -> None:
    shown, space = shown_of(twice), workspace_of(twice)
    double, kept = next((one, two) for one, two in shown.left_out.twins.items() if not shown.left_out.reasons[two])
    twice.session.select_playlists([line for line, ids in shown.members.items() if shown.ids[kept] in ids])
    space.tracks.table.selectRow(space.tracks.model.position_of(kept))
    qtbot.keyClick(space.tracks.table, Qt.Key.Key_Delete)
    wait_other(qtbot, twice, shown)
    assert [shown_of(twice).left_out.reasons[row] for row in (double, kept)] == [
        "left out by hand",
        "left out by hand",
    ]


def test_a_track_that_is_moved_takes_its_duplicates_along(twice: MainWindow, qtbot: QtBot) -> None:
    shown = shown_of(twice)
    double, kept = next((one, two) for one, two in shown.left_out.twins.items() if not shown.left_out.reasons[two])
    target = next(group for group in shown.groups if group.number not in {shown.labels[double], shown.labels[kept]})
    choose_left_out(qtbot, twice, "duplicate")
    table = workspace_of(twice).tracks
    table.table.selectRow(table.model.position_of(double))
    table.move_menu.aboutToShow.emit()
    choose(table.move_menu, target.name.text)
    wait_other(qtbot, twice, shown)
    moved = shown_of(twice)
    assert {double, kept} <= set(moved.rows_of([target.lineage]).tolist())
    assert kept in moved.tracks_of([target.lineage])
    assert double in moved.left_out.rows("duplicate")


def test_the_reasons_of_the_levers_are_listed_too(twice: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(twice.header.levers, LEFT)
    levers = workspace_of(twice).levers
    write(qtbot, levers.per_artist, "1")
    qtbot.waitUntil(lambda: "Over the artist limit" in counts(twice))
    wait_ready(qtbot, twice)
    shown = shown_of(twice)
    assert counts(twice)["Over the artist limit"] == len(shown.analysis.curated.left_out["artist limit"])
    choose_left_out(qtbot, twice, "artist limit")
    assert set(shown_texts(twice, "playlist")) == {"Over the artist limit"}


def test_every_reason_has_words() -> None:
    assert set(texts.LEFT_OUT) == set(REASONS) - {"not analysed"}


def test_moving_tracks_out_of_a_list_stays_in_that_list(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    choose_left_out(qtbot, songs, "fits nowhere")
    before = len(space.tracks.model.rows)
    assert before > 2
    shown = shown_of(songs)
    songs.session.move(space.tracks.model.rows[:1], shown.groups[1].lineage)
    wait_other(qtbot, songs, shown)
    assert selection_of(songs).title == "Fits nowhere"
    assert len(space.tracks.model.rows) == before - 1
    chosen = space.playlists.list.selectionModel().selectedIndexes()
    assert [index.data(REASON_ROLE) for index in chosen] == ["fits nowhere"]
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert len(space.tracks.model.rows) == before


def test_what_a_person_leaves_out_is_listed_by_itself_and_can_be_put_back(songs: MainWindow, qtbot: QtBot) -> None:
    shown, space = shown_of(songs), workspace_of(songs)
    assert "Left out by you" not in counts(songs)
    nowhere, group = counts(songs)["Fits nowhere"], shown.groups[0]
    songs.session.select_playlists([group.lineage])
    space.tracks.table.selectRow(0)
    row = int(space.tracks.model.rows[0])
    qtbot.keyClick(space.tracks.table, Qt.Key.Key_Delete)
    wait_other(qtbot, songs, shown)
    assert counts(songs)["Left out by you"] == 1
    assert counts(songs)["Fits nowhere"] == nowhere
    choose_left_out(qtbot, songs, "left out by hand")
    assert space.tracks.model.rows.tolist() == [row]
    assert shown_texts(songs, "playlist") == ["Left out by you"]
    (entry,) = space.playlists.list.selectionModel().selectedIndexes()
    assert "Tracks you left out" in entry.data(Qt.ItemDataRole.ToolTipRole)
    taken = shown_of(songs)
    space.tracks.table.selectRow(0)
    space.tracks.move_menu.aboutToShow.emit()
    choose(space.tracks.move_menu, group.name.text)
    wait_other(qtbot, songs, taken)
    assert "Left out by you" not in counts(songs)
    assert row in shown_of(songs).tracks_of([group.lineage])


def test_the_whole_library_and_a_genre_stay_chosen_while_playlists_change(songs: MainWindow) -> None:
    session, space, shown = songs.session, workspace_of(songs), shown_of(songs)
    genre = next(iter(shown.analysis.genres.counts))
    for select, title in ((session.select_all, "Whole library"), (lambda: session.select_genre(genre), genre)):
        select()
        session.rename(shown.groups[0].lineage, f"Called {title}")
        assert selection_of(songs).title == title
        assert space.tracks.head.text() == f"Tracks of “{title}”"


def test_the_table_of_tracks_tells_the_second_choice(songs: MainWindow) -> None:
    shown, space = shown_of(songs), workspace_of(songs)
    session, header = songs.session, space.tracks.table.horizontalHeader()
    space.tracks.table.sortByColumn(space.tracks.model.columns.index("fit"), Qt.SortOrder.DescendingOrder)
    space.tracks.set_column("second", True)
    assert "second" in space.tracks.model.columns
    # The tracks stay sorted as they were, and the arrow says so.
    assert space.tracks.model.columns[header.sortIndicatorSection()] == "fit"
    session.select_all()
    fits = np.asarray(shown.columns["fit"])[space.tracks.model.rows]
    assert (np.diff(fits) <= 0).all()
    rows = space.tracks.model.rows
    seconds = [shown.analysis.names[int(shown.analysis.suitability.second[row])].text for row in rows]
    assert shown_texts(songs, "second") == seconds
    space.tracks.set_column("fit", False)
    # Without an arrow the tracks stand in the order in which they play.
    assert header.sortIndicatorSection() == -1
    playing = [one for playlist in shown.groups for one in in_order(songs, playlist.cluster)]
    assert shown.ids[space.tracks.model.rows].tolist()[: len(playing)] == playing


def test_progress_through_a_file_is_a_share_and_not_its_bytes() -> None:
    assert step_text(1_050_893, 2_101_786, "Reading the table") == "Reading the table · 50\N{NO-BREAK SPACE}%"
    assert step_text(12, 4_812, "Getting audio features") == "Getting audio features · 12 of 4,812"


def test_tracks_are_not_put_among_duplicates_and_enter_renames_nothing_there(twice: MainWindow, qtbot: QtBot) -> None:
    shown, playlists = shown_of(twice), workspace_of(twice).playlists
    rows = shown.tracks_of([shown.groups[0].lineage])[:2]
    assert not drop_tracks(playlists.list, playlists.model.index(row_of(twice, "duplicate")), rows)
    choose_left_out(qtbot, twice, "duplicate")
    qtbot.keyClick(playlists.list, Qt.Key.Key_Return)
    assert playlists.list.findChild(QLineEdit) is None
    assert not twice.workers.compute.is_busy
    assert twice.session.shown is shown
