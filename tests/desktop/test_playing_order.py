"""The table of tracks stands in the order in which a playlist is exported, until it is sorted otherwise."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core.options import ORDERS
from core.progress import silent
from desktop import jobs
from desktop.messages import names as texts
from desktop.window import MainWindow
from tests.desktop.driving import LEFT, choose_item, click_playlist, shown_of, shown_texts, wait_other, workspace_of


def click_head(window: MainWindow, qtbot: QtBot, column: str) -> None:
    tracks = workspace_of(window).tracks
    header = tracks.table.horizontalHeader()
    place = tracks.model.columns.index(column)
    middle = header.sectionViewportPosition(place) + header.sectionSize(place) // 2
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(middle, header.height() // 2))


def exported(window: MainWindow, folder: Path) -> dict[str, list[str]]:
    """Return the titles of each playlist as its file has them, by the playlist's name."""
    shown = shown_of(window)
    jobs.export(shown.analysis.curated.playlists, shown.analysis.library, folder, ("csv",), False, silent)
    return {
        path.stem: pd.read_csv(path, keep_default_na=False)["Track Name"].tolist() for path in folder.rglob("*.csv")
    }


@pytest.mark.parametrize("order", ORDERS)
def test_a_playlist_stands_in_the_table_as_it_is_exported(
    songs: MainWindow, qtbot: QtBot, tmp_path: Path, order: str
) -> None:
    space = workspace_of(songs)
    if order != songs.session.options.playlists.order:
        before = shown_of(songs)
        qtbot.mouseClick(songs.header.levers, LEFT)
        choose_item(space.levers.order, space.levers.order.findText(texts.ORDER_MEANINGS[order]()))
        wait_other(qtbot, songs, before)
    files, shown = exported(songs, tmp_path), shown_of(songs)
    assert space.tracks.table.horizontalHeader().sortIndicatorSection() == -1
    for row, group in enumerate(shown.groups):
        click_playlist(qtbot, songs, row)
        assert shown_texts(songs, "title") == files[group.name.text]
    songs.session.select_all()
    one_after_the_other = [title for group in shown.groups for title in files[group.name.text]]
    assert shown_texts(songs, "title")[: len(one_after_the_other)] == one_after_the_other


def test_a_third_click_takes_the_sorting_back(songs: MainWindow, qtbot: QtBot) -> None:
    header = workspace_of(songs).tracks.table.horizontalHeader()
    playing = shown_texts(songs, "title")
    for column, first in (("title", Qt.SortOrder.AscendingOrder), ("fit", Qt.SortOrder.DescendingOrder)):
        click_head(songs, qtbot, column)
        assert header.sortIndicatorOrder() == first
        once = shown_texts(songs, column)
        click_head(songs, qtbot, column)
        assert shown_texts(songs, column) != once
        click_head(songs, qtbot, column)
        assert header.sortIndicatorSection() == -1
        assert shown_texts(songs, "title") == playing
