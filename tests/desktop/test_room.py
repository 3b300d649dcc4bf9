"""Nothing is cut off: choices, ticks, the titles of axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QStyle, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.records import Claim
from desktop.models.tracks import COLUMNS
from desktop.plots.parts import Label
from desktop.theme import GRID
from desktop.views.playlist_rows import arrange
from desktop.widgets.choice import Choice
from desktop.widgets.texts import ElidedButton, ElidedLabel
from desktop.window import MainWindow
from tests.desktop.driving import (
    CTRL,
    choose_left_out,
    names,
    open_export,
    rename_by_keys,
    shown_of,
    wait_ready,
    workspace_of,
)

TIP = Qt.ItemDataRole.ToolTipRole


def test_a_choice_too_long_for_its_box_ends_in_dots_and_is_told_when_resting_on_it(
    songs: MainWindow, qtbot: QtBot
) -> None:
    songs.header.levers.click()
    box = workspace_of(songs).levers.order
    assert isinstance(box, Choice)
    whole = box.currentText()
    box.setFixedWidth(90)
    assert box.shown_text.endswith("…")
    assert whole.startswith(box.shown_text[:-1])
    assert box.toolTip() == whole
    box.setFixedWidth(400)
    assert box.shown_text == whole


def test_the_ticks_of_the_export_do_not_touch_each_other(songs: MainWindow, qtbot: QtBot) -> None:
    dialog = open_export(qtbot, songs)
    tick = dialog.list.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorHeight, None, dialog.list)
    rows = [dialog.list.visualItemRect(dialog.list.item(place)) for place in range(2)]
    assert rows[1].top() - rows[0].top() > tick
    dialog.reject()


def test_the_title_below_the_plot_of_two_features_is_whole(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    qtbot.keyClick(songs, Qt.Key.Key_4, CTRL)
    plot = space.features.plot
    qtbot.waitUntil(plot.isVisible)
    title = plot.getAxis("bottom").label
    margin = title.document().documentMargin()
    below = plot.mapFromScene(title.sceneBoundingRect().bottomRight()) - QPoint(0, round(margin))
    assert QRect(QPoint(0, 0), plot.size()).contains(below)


@pytest.mark.parametrize("name", ["Midtempo & Rousing Moods for Rainy Weeks", "Brief", "WM" * 40])
def test_names_of_playlists_are_read_whole_in_the_table_of_a_small_window(
    songs: MainWindow, qtbot: QtBot, name: str
) -> None:
    songs.resize(1024, 700)
    space = workspace_of(songs)
    table, columns = space.tracks.table, space.tracks.model.columns
    rename_by_keys(qtbot, space, 0, name)
    qtbot.waitUntil(lambda: name in names(songs))
    songs.session.select_all()
    metrics, model = songs.theme.metrics(), table.model()
    for place, column in enumerate(columns):
        head = model.headerData(place, Qt.Orientation.Horizontal)
        whole = table.columnWidth(place) >= metrics.horizontalAdvance(head) + 3 * GRID
        assert whole or (name != "Brief" and head in model.headerData(place, Qt.Orientation.Horizontal, TIP))
        if column not in ("title", "artist") and (column != "playlist" or len(name) <= 40):
            assert table.columnWidth(place) >= table.sizeHintForColumn(place), column
    # No column is out of sight, titles stay legible, and no name takes all of the room.
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
    assert table.columnWidth(columns.index("title")) >= 15 * metrics.averageCharWidth()
    assert table.columnWidth(columns.index("playlist")) < table.viewport().width() / 2


def test_a_table_with_every_column_scrolls_and_cuts_nothing_off(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    table = workspace_of(songs).tracks.table
    for name in songs.session.shown.columns if songs.session.shown else ():
        if name in COLUMNS:
            workspace_of(songs).tracks.set_column(name, True)
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() > 0)
    metrics = songs.theme.metrics()
    seen = [place for place in range(table.model().columnCount()) if not table.isColumnHidden(place)]
    assert len(seen) > 12
    for place in seen:
        head = table.model().headerData(place, Qt.Orientation.Horizontal)
        assert table.columnWidth(place) >= metrics.horizontalAdvance(head) + 3 * GRID


def test_titles_give_room_where_that_saves_scrolling(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    space = workspace_of(songs)
    table, title = space.tracks.table, space.tracks.model.columns.index("title")
    widths = []
    for name in ("Brief", "Unhurried & Easygoing Country"):
        rename_by_keys(qtbot, space, 0, name)
        qtbot.waitUntil(lambda name=name: name in names(songs))  # type: ignore[misc]
        assert table.horizontalHeader().length() <= table.viewport().width()
        widths.append(table.columnWidth(title))
    assert widths[1] < widths[0]


def test_what_is_said_of_duplicates_is_read_whole(demo: MainWindow, qtbot: QtBot) -> None:
    demo.resize(1024, 700)
    table, columns = workspace_of(demo).tracks.table, workspace_of(demo).tracks.model.columns
    choose_left_out(qtbot, demo, "duplicate")
    place = columns.index("playlist")
    assert table.model().index(0, place).data().startswith("Duplicate, stays in ")
    assert table.columnWidth(place) >= table.sizeHintForColumn(place)


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900), (2200, 1200)])
def test_the_map_is_explained_in_one_whole_line(songs: MainWindow, size: tuple[int, int]) -> None:
    songs.resize(*size)
    view = workspace_of(songs).map.map
    labels = [item for item in view.scene().items() if isinstance(item, Label) and item.isVisible()]
    (hint,) = [label for label in labels if "sound alike" in label.text]
    assert not hint.elided
    assert view.sceneRect().contains(hint.sceneBoundingRect())
    others = [label.sceneBoundingRect() for label in labels if label is not hint]
    assert not any(other.intersects(hint.sceneBoundingRect()) for other in others)


@contextmanager
def letters(qtbot: QtBot, window: MainWindow, scale: float) -> Iterator[None]:
    """Let the platform's font be larger for a while."""
    font, size = QFont(QApplication.font()), window.theme.text_size
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * scale)
    try:
        QApplication.setFont(larger)
        qtbot.waitUntil(lambda: scale == 1.0 or window.theme.text_size > size)
        wait_ready(qtbot, window)
        yield
    finally:
        QApplication.setFont(font)
        qtbot.waitUntil(lambda: window.theme.text_size == size)


def test_playlists_are_named_whole_beside_the_export_also_in_large_letters(demo: MainWindow, qtbot: QtBot) -> None:
    with letters(qtbot, demo, 1.8):
        dialog = open_export(qtbot, demo)
        tick = dialog.list.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth, None, dialog.list)
        texts = [dialog.list.item(row).text() for row in range(dialog.list.count())]
        widest = max(demo.theme.metrics().horizontalAdvance(text) for text in texts)
        assert dialog.list.viewport().width() >= widest + tick + GRID
        dialog.reject()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_export_fits_on_a_small_screen(songs: MainWindow, qtbot: QtBot, scale: float) -> None:
    with letters(qtbot, songs, scale):
        dialog = open_export(qtbot, songs)
        for page in dialog.pages:
            dialog.tabs.setCurrentWidget(page)
            assert dialog.minimumSizeHint().width() <= 1024
        dialog.reject()


def cut_off(root: QWidget) -> list[str]:
    """Return the texts that are cut off without dots, and that nothing tells whole."""
    texts = [*root.findChildren(QLabel), *root.findChildren(QPushButton), *root.findChildren(QComboBox)]
    return [
        one.accessibleName() or one.text()
        for one in texts
        if one.isVisible()
        and not isinstance(one, ElidedLabel | ElidedButton | Choice)
        and not (isinstance(one, QLabel) and one.wordWrap())
        and one.width() < one.minimumSizeHint().width()
    ]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_no_text_of_the_views_is_cut_off_in_a_small_window(songs: MainWindow, qtbot: QtBot, scale: float) -> None:
    songs.resize(1024, 700)
    with letters(qtbot, songs, scale):
        tabs = workspace_of(songs).tabs
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            qtbot.waitUntil(lambda: tabs.currentWidget().isVisible())
            songs.grab()
            assert not cut_off(songs), tabs.tabText(place)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_numbers_at_the_axes_are_apart(songs: MainWindow, qtbot: QtBot, scale: float) -> None:
    songs.resize(1024, 700)
    with letters(qtbot, songs, scale):
        tab = workspace_of(songs).choose_k
        workspace_of(songs).tabs.setCurrentWidget(tab)
        qtbot.waitUntil(lambda: bool(tab.plots))
        metrics = songs.theme.metrics(small=True)
        for plot in tab.plots.values():
            box = plot.plot.getViewBox()
            (below,), (beside,) = (plot.plot.getAxis(side)._tickLevels for side in ("bottom", "left"))
            assert len(below) > 4
            assert len(beside) > 1
            for marks, unit, room in (
                (below, box.width() / np.ptp(box.viewRange()[0]), metrics.horizontalAdvance("20")),
                (beside, box.height() / np.ptp(box.viewRange()[1]), metrics.height()),
            ):
                assert min(np.diff([mark for mark, _ in marks])) * unit > room
            ends = [box.viewRange()[1][0], *(mark for mark, _ in beside), box.viewRange()[1][1]]
            assert min(np.diff(ends)) * box.height() / np.ptp(box.viewRange()[1]) >= metrics.height() / 2 - 1
            assert len({len(text.partition(".")[2]) for _, text in beside}) == 1, "as many digits everywhere"


def test_distributions_show_both_ends_whole_and_axes_their_names(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    with letters(qtbot, songs, 1.5):
        tab = workspace_of(songs).features
        workspace_of(songs).tabs.setCurrentWidget(tab)
        qtbot.waitUntil(lambda: bool(tab.distributions) and tab.plot is not None)
        qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in tab.distributions.values()))
        metrics, undanceable = songs.theme.metrics(small=True), tab.distributions["danceability"]
        assert undanceable.width() > metrics.horizontalAdvance("undanceable danceable")
        view = tab.plot.getViewBox()
        for side, room in (("bottom", view.width()), ("left", view.height())):
            assert metrics.horizontalAdvance(tab.plot.getAxis(side).labelText) <= room


def test_what_is_said_of_duplicates_among_others_takes_no_room_from_them(demo: MainWindow, qtbot: QtBot) -> None:
    demo.resize(1024, 700)
    space = workspace_of(demo)
    table, columns, shown = space.tracks.table, space.tracks.model.columns, shown_of(demo)
    twin = shown.columns["playlist"].tolist().index(next(t for t in shown.columns["playlist"] if t.startswith("Dupl")))
    demo.session.select_rows(np.array([0, 1, 2, twin]))
    qtbot.waitUntil(lambda: space.tracks.model.rowCount() == 4)
    texts = [space.tracks.model.index(row, columns.index("playlist")).data() for row in range(4)]
    assert any(text.startswith("Duplicate, stays in ") for text in texts)
    assert table.horizontalScrollBar().maximum() == 0
    assert table.columnWidth(columns.index("title")) >= 20 * demo.theme.metrics().averageCharWidth() + 3 * GRID
    for place, column in enumerate(columns):
        head = table.model().headerData(place, Qt.Orientation.Horizontal)
        assert table.columnWidth(place) >= demo.theme.metrics().horizontalAdvance(head) + 3 * GRID, column


def test_all_tabs_are_seen_in_large_letters(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    with letters(qtbot, songs, 1.5):
        tabs = workspace_of(songs).tabs
        bar = tabs.tabBar()
        qtbot.waitUntil(lambda: bar.tabRect(tabs.count() - 1).right() <= tabs.width())
        assert not any(one.isVisible() for one in bar.findChildren(QToolButton))
        assert all(
            bar.tabRect(place).width() >= bar.fontMetrics().horizontalAdvance(tabs.tabText(place))
            for place in range(tabs.count())
        )


def test_a_long_genre_ends_in_dots_inside_its_chip(songs: MainWindow) -> None:
    group = shown_of(songs).groups[0]
    genre = Claim("genre", "high", "Contemporary Instrumental Post-Rock and Ambient Drone Music", 0.9, 0.9)
    named = replace(group, name=replace(group.name, claims=(genre,)))
    (chip,) = arrange(named, 240, songs.theme, locked=False).chips
    assert chip.text.endswith("…")
    assert songs.theme.metrics(small=True).horizontalAdvance(chip.text) < chip.rect.width() < 240


def test_what_is_left_out_of_an_arabic_title_is_marked_at_its_end(
    open_library: Callable[[Path], MainWindow], qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    title = "أغنية طويلة جدا عن البحر والصحراء والليل الذي لا ينتهي أبدا في المدينة القديمة"
    pd.read_csv(table).assign(title=title).to_csv(tmp_path / "songs.csv", index=False)
    window = open_library(tmp_path / "songs.csv")
    window.resize(1024, 700)
    view, model = workspace_of(window).tracks.table, workspace_of(window).tracks.model
    index = model.index(3, model.columns.index("title"))
    qtbot.waitUntil(lambda: view.visualRect(index).height() > 0)
    image = view.viewport().grab(view.visualRect(index)).toImage()
    ground = image.pixelColor(1, 1)
    ink = np.array([
        (x, y) for x in range(2, image.width() - 2) for y in range(2, image.height() - 2)
        if abs(image.pixelColor(x, y).lightness() - ground.lightness()) > 60
    ])  # fmt: skip
    left = ink[ink[:, 0] < ink[:, 0].min() + 8]
    assert np.ptp(left[:, 1]) <= 3, "three dots at the left, where an Arabic line ends"
