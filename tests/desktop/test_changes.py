"""Changes by hand that meet other work: each is made once, in order, and none is lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.options import RECIPES
from core.storage import open_store
from desktop.views.workspace import Workspace
from desktop.window import MainWindow
from tests.desktop.conftest import PATIENCE_MS, Browser, wait_ready
from tests.desktop.test_start import drop
from tests.desktop.test_window import choose, click_row, names, workspace_of

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


def rename_by_keys(qtbot: QtBot, space: Workspace, row: int, text: str) -> None:
    """Choose a playlist, press F2, type, press Return."""
    playlists = space.playlists.list
    click_row(qtbot, playlists, space.playlists.model.index(row))
    qtbot.keyClick(playlists, Qt.Key.Key_F2)
    editor = playlists.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)


def merge(qtbot: QtBot, window: MainWindow, first: int, second: int) -> None:
    playlists = workspace_of(window).playlists
    click_row(qtbot, playlists.list, playlists.model.index(first))
    click_row(qtbot, playlists.list, playlists.model.index(second), held=CONTROL)
    qtbot.mouseClick(playlists.merge_button, LEFT)


def test_a_name_given_while_playlists_are_merged_is_kept(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    merge(qtbot, songs, 1, 2)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    wait_ready(qtbot, songs)
    qtbot.waitUntil(lambda: "Mornings" in names(songs), timeout=PATIENCE_MS)
    assert len(names(songs)) == len(before) - 1
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert "Mornings" not in names(songs)
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert names(songs) == before


def test_a_name_given_while_the_library_is_analysed_is_kept(songs: MainWindow, qtbot: QtBot) -> None:
    choose(songs.header.count.menu(), "5")
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    qtbot.waitUntil(lambda: len(names(songs)) == 5 and "Mornings" in names(songs), timeout=PATIENCE_MS)


def test_undo_while_a_change_is_made_takes_that_change_back(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    merge(qtbot, songs, 1, 2)
    qtbot.waitUntil(lambda: len(names(songs)) == len(before) - 1, timeout=PATIENCE_MS)
    merged = names(songs)
    merge(qtbot, songs, 0, 1)
    songs.session.undo()
    qtbot.wait(500)
    assert names(songs) == merged
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert names(songs) == before


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Yield the address of a server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()
    thread.join()


def test_the_bar_stays_while_the_other_worker_goes_on(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path, silent_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", silent_server)
    pd.read_csv(table).drop(columns="genre").to_csv(tmp_path / "plain.csv", index=False)
    assert drop(window.start, tmp_path / "plain.csv")
    wait_ready(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_3, CONTROL)
    qtbot.mouseClick(workspace_of(window).genres.empty.ask, LEFT)
    assert window.work.text.text() == "Looking up genres"
    before = names(window)
    merge(qtbot, window, 1, 2)
    qtbot.waitUntil(lambda: len(names(window)) == len(before) - 1, timeout=PATIENCE_MS)
    assert window.workers.network.is_busy
    assert window.work.isVisible()
    assert window.work.text.text() == "Looking up genres"
    qtbot.mouseClick(window.work.stop, LEFT)
    assert not window.work.isVisible()
    assert not window.workers.network.is_busy
    assert len(names(window)) == len(before) - 1, "only the look-up was stopped"


def test_what_was_changed_is_kept_although_a_service_never_answers(
    make_window: Callable[[], MainWindow],
    qtbot: QtBot,
    table: Path,
    silent_server: str,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = make_window()
    window.session.open_path(str(table))
    wait_ready(qtbot, window)
    monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", silent_server)
    monkeypatch.setenv("LEITMOTIF_SPOTIFY_ACCOUNTS_URL", silent_server)
    browser.follows = False
    window.account.connect_account("0123456789abcdef0123456789abcdef")
    qtbot.waitUntil(lambda: bool(window.account.address), timeout=PATIENCE_MS)
    rename_by_keys(qtbot, workspace_of(window), 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(window), timeout=PATIENCE_MS)
    key = window.session.trail[0].key
    window.close()
    assert window.ended
    with open_store() as store:
        assert "Mornings" in store.edits.names(key).values()
        assert len(store.runs.summaries(library_key=key)) == 1


def test_moving_one_lever_changes_no_other(songs: MainWindow, qtbot: QtBot) -> None:
    recipe = RECIPES["article"]
    odd = replace(
        recipe,
        k=5,
        prepare=replace(recipe.prepare, weights={"energy": 0.123, "tempo": 7.5}),
        cluster=replace(recipe.cluster, seed=2**32 - 1),
    )
    songs.session.set_options(replace(songs.session.options, recipe=odd))
    qtbot.waitUntil(lambda: len(names(songs)) == 5, timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
    qtbot.mouseClick(songs.header.levers, LEFT)
    levers = workspace_of(songs).levers
    levers.k.setFocus()
    levers.k.selectAll()
    qtbot.keyClicks(levers.k, "4")
    qtbot.keyClick(levers.k, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(names(songs)) == 4, timeout=PATIENCE_MS)
    after = songs.session.options.recipe
    assert after.cluster.seed == 2**32 - 1
    assert after.prepare.weights["energy"] == 0.123
    assert after.prepare.weights["tempo"] == 7.5
    levers.k.selectAll()
    qtbot.keyClicks(levers.k, "1")
    qtbot.keyClick(levers.k, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: songs.session.options.recipe.k == "genres", timeout=PATIENCE_MS)
    wait_ready(qtbot, songs)
