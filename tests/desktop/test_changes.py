"""Changes by hand that meet other work: each is made once, in order, and none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.options import RECIPES
from core.storage import open_store
from desktop.window import MainWindow
from tests.desktop.conftest import Browser
from tests.desktop.driving import (
    CTRL,
    LEFT,
    choose,
    merge,
    names,
    open_path,
    rename_by_keys,
    settle,
    wait_number,
    wait_ready,
    workspace_of,
    write,
)
from tests.fakes.server import silent_server


def test_a_name_given_while_playlists_are_merged_is_kept(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    merge(qtbot, songs, 1, 2)
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    wait_ready(qtbot, songs)
    qtbot.waitUntil(lambda: "Mornings" in names(songs))
    assert len(names(songs)) == len(before) - 1
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert "Mornings" not in names(songs)
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert names(songs) == before


def test_a_name_given_while_the_library_is_analysed_is_kept(songs: MainWindow, qtbot: QtBot) -> None:
    choose(songs.header.count.menu(), "5")
    rename_by_keys(qtbot, workspace_of(songs), 0, "Mornings")
    qtbot.waitUntil(lambda: len(names(songs)) == 5 and "Mornings" in names(songs))


def test_undo_while_a_change_is_made_takes_that_change_back(songs: MainWindow, qtbot: QtBot) -> None:
    before = names(songs)
    merge(qtbot, songs, 1, 2)
    wait_number(qtbot, songs, len(before) - 1)
    merged = names(songs)
    merge(qtbot, songs, 0, 1)
    songs.session.undo()
    settle(qtbot, songs.workers.compute)
    assert names(songs) == merged
    qtbot.mouseClick(songs.header.undo, LEFT)
    assert names(songs) == before


@pytest.fixture
def silent_service() -> Iterator[str]:
    """Yield the address of a service that never answers."""
    with silent_server() as port:
        yield f"http://127.0.0.1:{port}/"


def test_the_bar_stays_while_the_other_worker_goes_on(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path, silent_service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", silent_service)
    pd.read_csv(table).drop(columns="genre").to_csv(tmp_path / "plain.csv", index=False)
    open_path(qtbot, window, tmp_path / "plain.csv")
    qtbot.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.mouseClick(workspace_of(window).genres.empty.ask, LEFT)
    assert window.work.text.text() == "Looking up genres"
    before = names(window)
    merge(qtbot, window, 1, 2)
    qtbot.waitUntil(lambda: len(names(window)) == len(before) - 1)
    assert window.workers.network.is_busy
    assert window.work.isVisible()
    assert window.work.text.text() == "Looking up genres"
    qtbot.mouseClick(window.work.stop, LEFT)
    assert not window.work.isVisible()
    assert not window.workers.network.is_busy
    assert len(names(window)) == len(before) - 1, "only the look-up was stopped"


def test_what_was_changed_is_kept_although_a_service_never_answers(
    open_library: Callable[[Path], MainWindow],
    qtbot: QtBot,
    table: Path,
    silent_service: str,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_library(table)
    monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", silent_service)
    monkeypatch.setenv("LEITMOTIF_SPOTIFY_ACCOUNTS_URL", silent_service)
    browser.follows = False
    window.account.connect_account("0123456789abcdef0123456789abcdef")
    qtbot.waitUntil(lambda: bool(window.account.address))
    rename_by_keys(qtbot, workspace_of(window), 0, "Mornings")
    qtbot.waitUntil(lambda: "Mornings" in names(window))
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
    wait_number(qtbot, songs, 5)
    qtbot.mouseClick(songs.header.levers, LEFT)
    levers = workspace_of(songs).levers
    write(qtbot, levers.k, "4")
    wait_number(qtbot, songs, 4)
    after = songs.session.options.recipe
    assert after.cluster.seed == 2**32 - 1
    assert after.prepare.weights["energy"] == 0.123
    assert after.prepare.weights["tempo"] == 7.5
    write(qtbot, levers.k, "1")
    qtbot.waitUntil(lambda: songs.session.options.recipe.k == "genres")
    wait_ready(qtbot, songs)
