"""The levers for the shortest and the longest track: written as a clock or in seconds, kept, undone, and told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.window import MainWindow
from tests.desktop.driving import LEFT, choose_left_out, counts, shown_of, shown_texts, wait_ready, workspace_of, write


def lengths(window: MainWindow) -> np.ndarray:
    """Return the lengths of the tracks that the playlists hold, in seconds."""
    shown = shown_of(window)
    ids = [one for playlist in shown.analysis.curated.playlists for one in playlist.track_ids]
    return shown.analysis.library.tracks.loc[ids, "duration_s"].to_numpy()


def test_tracks_too_short_or_too_long_are_left_out_listed_undone_and_kept(
    open_library: Callable[[Path], MainWindow], open_kept: Callable[[str], MainWindow], qtbot: QtBot, table: Path
) -> None:
    window = open_library(table)
    every = lengths(window)
    qtbot.mouseClick(window.header.levers, LEFT)
    levers = workspace_of(window).levers
    write(qtbot, levers.shortest, "3:00")
    qtbot.waitUntil(lambda: "Too short" in counts(window))
    wait_ready(qtbot, window)
    write(qtbot, levers.longest, "270")
    qtbot.waitUntil(lambda: "Too long" in counts(window))
    wait_ready(qtbot, window)
    assert levers.longest.text() == "4:30"
    found, inside = counts(window), lengths(window)
    assert ((inside >= 180) & (inside <= 270)).all()
    assert len(inside) < len(every)
    for reason, name in (("too short", "Too short"), ("too long", "Too long")):
        choose_left_out(qtbot, window, reason)
        minutes = [int(text.split(":")[0]) * 60 + int(text.split(":")[1]) for text in shown_texts(window, "duration_s")]
        assert len(minutes) == found[name] > 0
        assert max(minutes) <= 180 if reason == "too short" else min(minutes) >= 270
    qtbot.mouseClick(window.header.undo, LEFT)
    assert levers.longest.text() == ""
    assert "Too long" not in counts(window)
    qtbot.mouseClick(window.header.redo, LEFT)
    assert levers.longest.text() == "4:30"
    key = window.session.trail[0].key
    window.close()
    again = open_kept(key)
    assert counts(again) == found
    levers = workspace_of(again).levers
    assert (levers.shortest.text(), levers.longest.text()) == ("3:00", "4:30")


@pytest.mark.parametrize("written", ["3 minutes", "1:75", "2:300", "-5", ":30", "abc"])
def test_what_is_no_length_is_said_below_the_lever_and_changes_nothing(
    songs: MainWindow, qtbot: QtBot, written: str
) -> None:
    songs.resize(1024, 700)
    before = songs.session.shown
    qtbot.mouseClick(songs.header.levers, LEFT)
    levers = workspace_of(songs).levers
    write(qtbot, levers.shortest, written)
    # Another lever that is moved meanwhile is not the one that is wrong.
    qtbot.mouseClick(levers.no_explicit, LEFT, pos=QPoint(8, levers.no_explicit.height() // 2))
    assert levers.trouble.isVisible()
    assert levers.trouble.text() == (
        f"“{written}” is no length. Write minutes and seconds, such as 2:30, or seconds, such as 150."
    )
    qtbot.waitUntil(lambda: levers.trouble.visibleRegion().boundingRect() == levers.trouble.rect())
    top, field = (one.mapTo(levers, QPoint(0, 0)).y() for one in (levers.trouble, levers.shortest))
    assert 0 < top - field < 4 * levers.shortest.height()
    assert not songs.workers.compute.is_busy
    assert songs.session.shown is before


def test_what_is_wrong_is_scrolled_into_view(songs: MainWindow, qtbot: QtBot) -> None:
    songs.resize(1024, 700)
    qtbot.mouseClick(songs.header.levers, LEFT)
    levers = workspace_of(songs).levers
    bar, field = levers.verticalScrollBar(), levers.shortest
    # The field stands at the bottom of what is seen, and what is wrong will stand below it.
    bottom = field.mapTo(levers.widget(), QPoint(0, field.height())).y()
    bar.setValue(bottom - levers.viewport().height() + 4)
    assert field.visibleRegion().boundingRect() == field.rect()
    qtbot.mouseClick(field, LEFT)
    write(qtbot, field, "abc")
    qtbot.waitUntil(levers.trouble.isVisible)
    qtbot.waitUntil(lambda: levers.trouble.visibleRegion().boundingRect() == levers.trouble.rect())
    assert field.visibleRegion().boundingRect() == field.rect()


def test_the_shortest_longer_than_the_longest_is_said(songs: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(songs.header.levers, LEFT)
    levers = workspace_of(songs).levers
    write(qtbot, levers.longest, "9:00")
    wait_ready(qtbot, songs)
    qtbot.waitUntil(lambda: songs.session.options.playlists.longest_s == 540.0)
    wait_ready(qtbot, songs)
    write(qtbot, levers.shortest, "1:00:00")
    trouble: QLabel = levers.trouble
    assert trouble.isVisible()
    assert "below the shortest" in trouble.text()
    assert songs.session.options.playlists.shortest_s == 0.0
