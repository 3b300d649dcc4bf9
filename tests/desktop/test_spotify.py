"""A Spotify account in the window, driven by clicks and keys against a fake Spotify and a fake feature service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.progress import silent
from core.spotify.plan import Wishes
from core.storage import open_store
from desktop import jobs, spotify_jobs
from desktop.jobs import Analyst
from desktop.views.export import ExportDialog
from desktop.views.export_spotify import SpotifyPage
from desktop.views.spotify import SpotifyDialog
from desktop.window import MainWindow
from tests.desktop.conftest import Browser
from tests.desktop.driving import LEFT, open_dialog, open_export, shown_of, wait_ready
from tests.fakes.reccobeats import FakeReccoBeats
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import CLIENT_ID, all_text, connect_to, serving
from tests.program import QUICK, done


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSpotify]:
    with serving(filled_world(liked=260, playlists=2), monkeypatch) as server:
        yield server


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.waitUntil(lambda: widget.isVisible() and widget.isEnabled())
    qtbot.mouseClick(widget, LEFT)


def from_menu(window: MainWindow, text: str) -> None:
    """Choose an entry of the library's menu."""
    actions = window.header.menu_button.menu().actions()
    next(action for action in actions if action.text().startswith(text)).trigger()


def connect(qtbot: QtBot, window: MainWindow) -> SpotifyDialog:
    """Set the account up: from the start page, or from the menu where a library is open."""
    if window.start.isVisible():
        click(qtbot, window.start.spotify)
    else:
        from_menu(window, "Spotify account")
    dialog = open_dialog(qtbot, window, SpotifyDialog)
    qtbot.keyClicks(dialog.setup.client_id, CLIENT_ID)
    qtbot.keyClick(dialog.setup.client_id, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.account.is_connected)
    return dialog


def open_spotify_page(qtbot: QtBot, window: MainWindow) -> tuple[ExportDialog, SpotifyPage]:
    """Open the export at its page for Spotify."""
    dialog = open_export(qtbot, window)
    bar = dialog.tabs.tabBar()
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(1).center())
    assert dialog.tabs.currentWidget() is dialog.spotify
    return dialog, dialog.spotify


def column(page: SpotifyPage, number: int) -> list[str]:
    return [page.plan.cell(row, number).text for row in range(page.plan.rowCount())]


def planned(qtbot: QtBot, page: SpotifyPage) -> list[str]:
    """Wait for the plan and return what happens to each playlist."""
    qtbot.waitUntil(lambda: page.plan.rowCount() > 0 and not page.bar.isVisible())
    return column(page, 2)


def test_from_the_account_to_exported_playlists_and_back(
    window: MainWindow,
    qtbot: QtBot,
    fake: FakeSpotify,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    own_home: Path,
) -> None:
    own = {playlist.id for playlist in fake.world.owned()}
    others = {key: fake.world.playlists[key].digest() for key in fake.world.library if key not in own}
    dialog = connect(qtbot, window)
    assert "Connected as A Listener" in dialog.page.name.text()
    assert "from your library and to read your liked songs." in dialog.page.facts.text()
    assert (window.start.spotify_read.property("role"), window.start.open_demo.property("role")) == ("main", "")
    assert len(browser.opened) == 1
    with FakeReccoBeats(misses=0.1) as service:
        monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", service.url)
        click(qtbot, dialog.page.read)
        qtbot.waitUntil(lambda: window.session.coverage is not None)
        assert window.coverage is not None
        click(qtbot, window.coverage.ask)
        click(qtbot, window.coverage.go)
        wait_ready(qtbot, window)
    shown = shown_of(window)
    count = len(shown.groups)
    window.load_recent()
    qtbot.waitUntil(lambda: bool(window.start.findChildren(QPushButton, "recent")))
    (entry,) = window.start.findChildren(QPushButton, "recent")
    assert entry.text() == window.header.where.text() == "Spotify library"

    # The plan is shown, and nothing is written before the click.
    export, page = open_spotify_page(qtbot, window)
    assert planned(qtbot, page) == ["new"] * count
    assert fake.writes() == []
    click(qtbot, page.go)
    qtbot.waitUntil(lambda: column(page, 2) == ["created"] * count)
    made = [playlist for playlist in fake.world.owned() if playlist.id not in own]
    assert sorted(playlist.name for playlist in made) == sorted(group.name.text for group in shown.groups)
    assert not any(playlist.public for playlist in made)
    wanted = {one.name: list(one.track_ids) for one in shown.analysis.curated.playlists}
    addresses = shown.analysis.library.tracks["uri"].to_dict()
    left_out = dict(zip(column(page, 0), column(page, 3), strict=True))
    for playlist in made:
        written, all_of_it = [row.uri for row in playlist.rows], [addresses[track] for track in wanted[playlist.name]]
        # What Spotify does not play in this country stays out, and the plan said so.
        missing = [uri for uri in all_of_it if uri not in set(written)]
        assert written == [uri for uri in all_of_it if uri not in set(missing)]
        assert left_out[playlist.name] == (f"{len(missing)}: not available in your country" if missing else "")

    # A row opens the playlist's page.
    qtbot.mouseClick(page.table.viewport(), LEFT, pos=page.table.visualRect(page.plan.index(0, 0)).center())
    click(qtbot, page.open_link)
    assert browser.opened[-1].startswith("https://open.spotify.com/playlist/")
    qtbot.keyClick(export, Qt.Key.Key_Escape)

    # Exporting again changes nothing; after a new name it changes that name and nothing else.
    export, page = open_spotify_page(qtbot, window)
    assert planned(qtbot, page) == ["unchanged"] * count
    assert not page.go.isEnabled()
    qtbot.keyClick(export, Qt.Key.Key_Escape)
    first = shown.groups[0]
    window.session.rename(first.lineage, "Sunday Mornings")
    qtbot.waitUntil(lambda: not window.workers.compute.is_busy)
    export, page = open_spotify_page(qtbot, window)
    assert sum(text.startswith("renamed from") for text in planned(qtbot, page)) == 1
    assert page.say.text().startswith("1 request to Spotify. ")
    assert planned(qtbot, page).count("unchanged") == count - 1
    click(qtbot, page.go)
    qtbot.waitUntil(lambda: "updated" in column(page, 2))
    assert "Sunday Mornings" in {playlist.name for playlist in fake.world.owned()}
    assert len(fake.world.owned()) == len(own) + count

    # Taking back: first the new name, then nothing more, because only the last export can be taken back.
    click(qtbot, page.undo)
    qtbot.waitUntil(lambda: "1 playlist restored" in page.say.text())
    assert "Sunday Mornings" not in {playlist.name for playlist in fake.world.owned()}
    qtbot.keyClick(export, Qt.Key.Key_Escape)
    assert others == {key: fake.world.playlists[key].digest() for key in others}
    text = all_text(own_home)
    assert not [secret for secret in fake.signins.issued if secret.encode() in text]


def test_each_failure_of_signing_in_is_told_in_place_and_can_be_tried_again(
    window: MainWindow, qtbot: QtBot, fake: FakeSpotify, browser: Browser
) -> None:
    click(qtbot, window.start.spotify)
    dialog = open_dialog(qtbot, window, SpotifyDialog)
    line = dialog.sign_in_line
    qtbot.keyClicks(dialog.setup.client_id, f" {CLIENT_ID.upper()} ")
    assert dialog.sign_in.isEnabled()

    fake.deny = True
    click(qtbot, dialog.sign_in)
    qtbot.waitUntil(lambda: "did not allow" in line.text.text())
    fake.deny, fake.refuse = False, "premium"
    click(qtbot, dialog.sign_in)
    qtbot.waitUntil(lambda: "Premium" in line.text.text())
    fake.refuse = "unregistered"
    click(qtbot, dialog.sign_in)
    qtbot.waitUntil(lambda: "not registered" in line.text.text())

    # A browser that never answers can be called again, and given up.
    fake.refuse, browser.follows = "", False
    before = len(browser.opened)
    click(qtbot, dialog.sign_in)
    click(qtbot, line.again)
    assert len(browser.opened) == before + 2
    assert browser.opened[-1] == browser.opened[-2]
    click(qtbot, line.cancel)
    assert not line.isVisible()
    assert not window.account.is_connected

    browser.follows = True
    click(qtbot, dialog.sign_in)
    qtbot.waitUntil(lambda: window.account.is_connected)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.start.spotify_read.isVisible)
    assert "A Listener" in window.start.spotify_text.text()


def test_disconnecting_asks_first_and_closes_the_library(
    window: MainWindow, qtbot: QtBot, fake: FakeSpotify, browser: Browser
) -> None:
    dialog = connect(qtbot, window)
    click(qtbot, dialog.page.top)
    click(qtbot, dialog.page.read)
    # The top tracks need one more permission, which is asked for on the way.
    qtbot.waitUntil(lambda: window.session.coverage is not None)
    assert "user-top-read" in fake.signins.scopes_asked[-1]
    assert fake.calls(path="me/top/tracks") > 0
    from_menu(window, "Spotify account")
    dialog = open_dialog(qtbot, window, SpotifyDialog)  # type: ignore[assignment]
    click(qtbot, dialog.page.leave)
    click(qtbot, dialog.page.stay)
    assert window.account.is_connected
    click(qtbot, dialog.page.leave)
    click(qtbot, dialog.page.leave_now)
    qtbot.waitUntil(lambda: not window.account.is_connected)
    assert window.session.trail == ()
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.start)
    assert "were removed from this computer" in window.said.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not window.start.spotify_read.isVisible()


def test_a_lost_sign_in_and_a_missing_permission_are_mended_from_the_export(
    songs: MainWindow, qtbot: QtBot, fake: FakeSpotify, browser: Browser
) -> None:
    _, page = open_spotify_page(qtbot, songs)
    assert page.help.text() == "Connect…"
    click(qtbot, page.help)
    setup = open_dialog(qtbot, songs, SpotifyDialog)
    qtbot.keyClicks(setup.setup.client_id, CLIENT_ID)
    click(qtbot, setup.sign_in)
    qtbot.waitUntil(lambda: songs.account.is_connected)
    qtbot.keyClick(setup, Qt.Key.Key_Escape)
    count = len(planned(qtbot, page))

    # Public playlists need one more permission.
    click(qtbot, page.public)
    assert page.help.text() == "Allow it…"
    assert not page.go.isEnabled()
    click(qtbot, page.help)
    assert planned(qtbot, page) == ["new, public"] * count
    assert "playlist-modify-public" in fake.signins.scopes_asked[-1]

    # And so do covers.
    click(qtbot, page.covers)
    click(qtbot, page.help)
    assert planned(qtbot, page) == ["new, public, new cover"] * count
    assert "ugc-image-upload" in fake.signins.scopes_asked[-1]
    click(qtbot, page.go)
    qtbot.waitUntil(lambda: column(page, 2) == ["created"] * count)
    pictures = [exchange for exchange in fake.writes() if exchange.path.endswith("/images")]
    assert len(pictures) == count
    assert {exchange.status for exchange in pictures} == {202}
    written = len(fake.writes())
    click(qtbot, page.undo)
    qtbot.waitUntil(lambda: f"{count} playlists removed" in page.say.text())
    assert len(fake.writes()) == written + count
    written = len(fake.writes())
    planned(qtbot, page)

    # Six months later.
    fake.end_sign_ins()
    click(qtbot, page.go)
    qtbot.waitUntil(lambda: page.help.isVisible() and page.help.text() == "Connect…")
    assert len(fake.writes()) == written


def test_a_stopped_export_is_finished_by_the_next_one(
    songs: MainWindow, qtbot: QtBot, fake: FakeSpotify, browser: Browser
) -> None:
    dialog = connect(qtbot, songs)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    export, page = open_spotify_page(qtbot, songs)
    count = len(planned(qtbot, page))
    click(qtbot, page.go)
    qtbot.waitUntil(lambda: len(fake.writes()) > 1)
    click(qtbot, page.stop)
    qtbot.waitUntil(lambda: page.go.text() == "Finish it" and page.go.isEnabled())
    assert page.undo.isEnabled()
    click(qtbot, page.go)
    assert planned(qtbot, page) == ["unchanged"] * count
    names = [playlist.name for playlist in fake.world.owned()]
    assert len(names) == len(set(names)) == 2 + count
    qtbot.keyClick(export, Qt.Key.Key_Escape)


def test_the_next_file_of_a_library_is_exported_to_the_same_playlists_at_once(
    fake: FakeSpotify, table: Path, tmp_path: Path
) -> None:
    one, two = (tmp_path / name for name in ("liked.csv", "liked (1).csv"))
    for path in (one, two):
        path.write_bytes(table.read_bytes())
    with open_store() as store:
        connect_to(store)
    done("analyze", one, *QUICK)
    done("export", "--to", "spotify")
    place = jobs.open_paths([str(two)], silent)
    shown = Analyst().restore(place, silent).shown
    planned = spotify_jobs.make_plan(place, shown, Wishes(), silent)
    assert planned.plan is not None
    assert [playlist.action for playlist in planned.plan.playlists] == ["unchanged"] * 4
