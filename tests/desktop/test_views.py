"""What the views save, copy and say, driven by clicks and keys."""

from __future__ import annotations

import csv
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QToolTip,
)
from pytestqt.qtbot import QtBot

from desktop.theme import GRID
from desktop.window import MainWindow
from tests.desktop.conftest import PATIENCE_MS
from tests.desktop.driving import (
    CTRL,
    LEFT,
    choose_item,
    lasso_around,
    loneliest,
    open_path,
    selection_of,
    shown_of,
    wait_number,
    wait_other,
    workspace_of,
)

TABS = {"map": 0, "heatmap": 1, "features": 3, "choose_k": 4}


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def soon() -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Return a function that tries something again and again until it works, also while a menu or dialog is open."""
    timers: list[QTimer] = []

    def again(attempt: Callable[[], bool]) -> None:
        timer = QTimer()
        timers.append(timer)
        timer.setInterval(20)
        timer.timeout.connect(lambda: timer.stop() if attempt() else None)
        timer.start()

    yield again
    for timer in timers:
        timer.stop()


def answer(qtbot: QtBot, path: Path, kind: str) -> bool:
    """Answer the file dialog, when it is open."""
    dialog = QApplication.activeModalWidget()
    if not isinstance(dialog, QFileDialog):
        return False
    dialog.selectNameFilter(next(text for text in dialog.nameFilters() if kind in text))
    # Typing would open a list of completions, which takes the clicks that follow.
    dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
    buttons = dialog.findChild(QDialogButtonBox)
    qtbot.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Save), LEFT)
    return True


@pytest.fixture
def save(qtbot: QtBot, soon: Callable[[Callable[[], bool]], None]) -> Callable[..., None]:
    """Return a function that clicks a save button, an entry of its menu, and answers the file dialog."""

    def saved(button: QToolButton, entry: str, path: Path, kind: str) -> None:
        def choose() -> bool:
            menu = QApplication.activePopupWidget()
            if not isinstance(menu, QMenu):
                return False
            action = next(action for action in menu.actions() if action.text().startswith(entry))
            qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
            return True

        soon(choose)
        soon(lambda: answer(qtbot, path, kind))
        qtbot.mouseClick(button, LEFT)
        qtbot.waitUntil(path.exists)

    return saved


@pytest.mark.parametrize("name", list(TABS))
def test_every_view_saves_pictures_and_a_table(
    songs: MainWindow, qtbot: QtBot, save: Callable[..., None], tmp_path: Path, name: str
) -> None:
    space = workspace_of(songs)
    qtbot.keyClick(songs, f"{TABS[name] + 1}", CTRL)
    button = getattr(space, name).save
    save(button, "Save picture", tmp_path / "picture.png", "PNG")
    save(button, "Save picture", tmp_path / "picture.svg", "SVG")
    save(button, "Save table", tmp_path / "table.csv", "CSV")
    image = QImage(str(tmp_path / "picture.png"))
    assert image.width() > 500
    assert len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 10
    assert "svg" in ET.parse(tmp_path / "picture.svg").getroot().tag
    rows = list(csv.reader(lines_of(tmp_path / "table.csv")))
    assert len(rows) > 3
    assert len({len(row) for row in rows}) == 1
    qtbot.waitUntil(lambda: str(tmp_path / "table.csv") in songs.said.text())


def test_the_tables_hold_what_is_shown(
    songs: MainWindow, qtbot: QtBot, save: Callable[..., None], tmp_path: Path
) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    assert shown.heatmap is not None
    save(space.map.save, "Save table", tmp_path / "map.csv", "CSV")
    rows = list(csv.DictReader(lines_of(tmp_path / "map.csv")))
    assert [row["track_id"] for row in rows] == shown.ids.tolist()
    assert np.array_equal([[float(row["x"]), float(row["y"])] for row in rows], shown.map.xy)
    qtbot.keyClick(songs, Qt.Key.Key_2, CTRL)
    save(space.heatmap.save, "Save table", tmp_path / "heatmap.csv", "CSV")
    library, *playlists = csv.DictReader(lines_of(tmp_path / "heatmap.csv"))
    features = shown.heatmap.features
    assert [float(library[name]) for name in features] == [0.0] * len(features)
    assert {row["Playlist"] for row in playlists} == {group.name.text for group in shown.groups}
    for row in playlists:
        place = shown.heatmap.names.index(row["Playlist"])
        expected = shown.heatmap.centroids[place] - shown.heatmap.medians
        assert np.allclose([float(row[name]) for name in features], expected, atol=0.0)


def test_a_table_is_written_by_a_worker_as_it_was_when_it_was_asked_for(
    songs: MainWindow, qtbot: QtBot, soon: Callable[[Callable[[], bool]], None], tmp_path: Path
) -> None:
    space, path, gate = workspace_of(songs), tmp_path / "tracks.csv", threading.Event()
    songs.session.select_all()
    titles = [space.tracks.model.index(row, 0).data() for row in range(space.tracks.model.rowCount())]
    songs.workers.disk.queue(lambda _: gate.wait(PATIENCE_MS / 1000), failed=songs.session.report_trouble)
    soon(lambda: answer(qtbot, path, "CSV"))
    qtbot.mouseClick(space.tracks.save, LEFT)
    try:
        assert not path.exists(), "the window did not wait for the file"
        qtbot.keyClicks(space.tracks.search, "no such track")
    finally:
        gate.set()
    qtbot.waitUntil(lambda: str(path) in songs.said.text())
    assert [row["title"] for row in csv.DictReader(lines_of(path))] == titles


def fits(table: QTableView) -> bool:
    """Tell whether a table shows every column whole."""
    columns = range(table.model().columnCount())
    whole = all(table.columnWidth(column) >= table.sizeHintForColumn(column) for column in columns)
    return whole and table.horizontalHeader().length() <= table.viewport().width()


def needed(table: QTableView) -> int:
    """Return how wide the columns of a table are at least."""
    header = table.horizontalHeader()
    return sum(max(table.sizeHintForColumn(place), header.sectionSizeHint(place)) for place in range(header.count()))


@pytest.mark.parametrize("width", [1024, 1280, 1440, 1760, 2200])
def test_no_name_is_cut_off_where_genres_and_playlists_meet(songs: MainWindow, qtbot: QtBot, width: int) -> None:
    songs.resize(width, 800)
    genres = workspace_of(songs).genres
    qtbot.keyClick(songs, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(lambda: genres.playlists.rowCount() > 0)
    tabs = genres.below.tabs
    for place, table in enumerate(genres.dominance):
        if tabs.isVisible():
            qtbot.mouseClick(tabs, LEFT, pos=tabs.tabRect(place).center())
        assert table.isVisible()
        qtbot.waitUntil(lambda table=table: fits(table))  # type: ignore[misc]
    assert tabs.isVisible() != all(table.isVisible() for table in genres.dominance)


def test_both_tables_are_shown_as_soon_as_there_is_room_for_both(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(2200, 800)
    genres = workspace_of(songs).genres
    qtbot.keyClick(songs, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(lambda: genres.playlists.rowCount() > 0)
    below = genres.below
    assert not below.tabs.isVisible()
    while not below.tabs.isVisible():
        assert songs.width() > 1024, "the tables never get narrow"
        assert all(fits(table) for table in genres.dominance), songs.width()
        songs.resize(songs.width() - 16, 800)
    # Each has a half; not long before, a name of the wider one would have been cut off.
    assert below.width() < 2 * max(needed(table) for table in genres.dominance) + 8 * GRID


def test_links_of_a_lasso_are_copied(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    assert not space.map.copy.isVisible()
    lasso_around(qtbot, songs, int(shown.map.xy[:, 0].argmax()))
    qtbot.waitUntil(space.map.copy.isVisible)
    QApplication.clipboard().clear()
    qtbot.mouseClick(space.map.copy, LEFT)
    qtbot.waitUntil(lambda: bool(QApplication.clipboard().text()))
    expected = [
        f"https://open.spotify.com/track/{str(shown.columns['uri'][row]).rsplit(':', 1)[-1]}"
        for row in selection_of(songs).rows.tolist()
    ]
    assert QApplication.clipboard().text().splitlines() == expected
    assert f"{len(expected):,} links copied" in songs.said.text()


def test_tracks_without_addresses_leave_the_clipboard_alone(demo: MainWindow, qtbot: QtBot) -> None:
    shown, space = shown_of(demo), workspace_of(demo)
    lasso_around(qtbot, demo, int(shown.map.xy[:, 0].argmax()))
    qtbot.waitUntil(space.map.copy.isVisible)
    QApplication.clipboard().setText("before")
    qtbot.mouseClick(space.map.copy, LEFT)
    qtbot.waitUntil(lambda: "Spotify address" in demo.said.text())
    assert QApplication.clipboard().text() == "before"


def hover(view: QAbstractScrollArea, qtbot: QtBot, point: QPoint) -> str:
    """Rest the mouse on a point and return what is said there."""
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
    qtbot.mouseMove(view.viewport(), point + QPoint(1, 1))
    qtbot.mouseMove(view.viewport(), point)
    qtbot.waitUntil(QToolTip.isVisible)
    return QToolTip.text()


def test_the_mouse_on_a_point_names_the_track(songs: MainWindow, qtbot: QtBot) -> None:
    view, shown = workspace_of(songs).map.map, shown_of(songs)
    row = loneliest(shown)
    for panel in (0, 1):
        said = hover(view, qtbot, view.point_of(row, panel).toPoint())
        assert str(shown.columns["title"][row]) in said
        assert str(shown.columns["playlist"][row]) in said


def test_genres_are_named_below_the_maps(demo: MainWindow, qtbot: QtBot) -> None:
    view, shown = workspace_of(demo).map.map, shown_of(demo)
    qtbot.waitUntil(lambda: len(view.panels) == 2)
    strip = view._strip
    assert strip is not None
    assert strip.isVisible()
    assert [name.text for name in strip.names] == list(shown.map.ranked_genres.names)
    for badge, name in zip(strip.badges, strip.names, strict=True):
        assert view.sceneRect().contains(badge.sceneBoundingRect())
        assert not name.elided
        assert badge.sceneBoundingRect().right() < name.sceneBoundingRect().left()
        for panel in view.panels:
            assert not panel.box.sceneBoundingRect().intersects(badge.sceneBoundingRect())


def test_a_library_without_genres_shows_a_feature_instead(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    rows = list(csv.reader(lines_of(table)))
    place = rows[0].index("genre")
    with (tmp_path / "plain.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[:place] + row[place + 1 :] for row in rows])
    open_path(qtbot, window, tmp_path / "plain.csv")
    tab = workspace_of(window).map
    qtbot.waitUntil(lambda: len(tab.map.panels) == 2)
    assert tab.color_by.findData("genre") == -1
    assert tab.color_by.currentData() == "energy"
    assert "energy" in tab.map.panels[0].title.text
    assert not tab.map.panels[0].is_empty


def test_many_playlists_scroll_in_the_heatmap(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    songs.session.set_k(30)
    wait_number(qtbot, songs, 30)
    space = workspace_of(songs)
    qtbot.keyClick(songs, Qt.Key.Key_2, CTRL)
    view = space.heatmap.heatmap
    qtbot.waitUntil(lambda: space.heatmap.area.verticalScrollBar().maximum() > 0)
    view.setFocus()
    for _ in range(40):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    (lineage,) = selection_of(songs).lineages
    group = shown_of(songs).group(lineage)
    assert group is not None
    place = view.mapTo(space.heatmap.area.viewport(), view.point_of(group.number).toPoint())
    assert space.heatmap.area.viewport().rect().contains(place)
    assert all(number.isVisible() for row in view.chart.cells.numbers for number in row)


def test_a_cell_of_the_heatmap_says_what_it_means(songs: MainWindow, qtbot: QtBot) -> None:
    space, shown = workspace_of(songs), shown_of(songs)
    assert shown.heatmap is not None
    qtbot.keyClick(songs, Qt.Key.Key_2, CTRL)
    view = space.heatmap.heatmap
    group = shown.groups[0]
    assert group.name.text in hover(view, qtbot, view.point_of(group.number).toPoint())


def test_a_genre_is_gone_into_with_the_keyboard(songs: MainWindow, qtbot: QtBot) -> None:
    songs.activateWindow()
    qtbot.keyClick(songs, Qt.Key.Key_3, CTRL)
    genres = workspace_of(songs).genres
    assert genres.hint.isVisible()
    assert not genres.enter.isVisible()
    genres.table.setFocus()
    qtbot.keyClick(genres.table, Qt.Key.Key_Down)
    qtbot.keyClick(genres.table, Qt.Key.Key_Return)
    genre = selection_of(songs).genre
    assert genres.enter.text() == f"Go inside {genre}"
    assert not genres.hint.isVisible()
    genres.mode.setFocus()
    qtbot.keyClick(genres.mode, Qt.Key.Key_Tab)
    assert genres.enter.hasFocus()
    before = shown_of(songs)
    qtbot.keyClick(genres.enter, Qt.Key.Key_Space)
    wait_other(qtbot, songs, before)
    assert songs.header.where.text() == genre
    assert not genres.enter.isVisible()


def test_a_genre_that_is_chosen_is_marked_in_its_table_whatever_the_table_shows(
    songs: MainWindow, qtbot: QtBot
) -> None:
    qtbot.keyClick(songs, Qt.Key.Key_3, CTRL)
    genres, session = workspace_of(songs).genres, songs.session
    qtbot.waitUntil(lambda: genres.model.rowCount() > 2)
    group = shown_of(songs).groups[1].lineage

    def marked() -> set[tuple[str, str]]:
        return {genres.model.cell(one.row(), one.column()).value for one in genres.table.selectedIndexes()}

    genre = genres.model.side(2).value
    session.select_genre(genre)
    whole = {genres.model.cell(2, column).value for column in range(genres.model.columnCount())}
    assert marked() == whole
    choose_item(genres.mode, 2)
    assert marked() == whole
    session.select_genre(genre, group)
    assert marked() == {(genre, group)}
    session.select_all()
    assert marked() == set()
