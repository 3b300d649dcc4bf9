"""Stopping: at once, wherever the program waits, and without losing anything."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from core.progress import Cancelled
from core.spotify import api
from core.spotify.auth import Access
from core.spotify.export import export
from core.spotify.plan import make_plan
from core.spotify.sync import sync
from core.spotify.tokens import Vault
from core.spotify.undo import undo
from core.storage import Store
from core.storage.connection import held
from tests.core.spotify.exporting import ALL, KEY, export_of, finished, named, playlist, uris
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import browse, browse_aside, client_of, connect_to
from tests.fakes.spotify_worker import signed_in
from tests.fakes.spotify_world import World
from tests.program import run_alone, spawn
from tests.reports import stop_when

#: Longer than any limit of the program, so that only stopping can end the wait.
FOREVER = 300.0


@pytest.fixture
def world() -> World:
    return filled_world(liked=230, playlists=1)


@pytest.mark.parametrize("dripping", [False, True])
@pytest.mark.parametrize("path", ["api/token", "me"])
def test_connecting_is_stopped_while_spotify_is_silent(
    fake: FakeSpotify, store: Store, path: str, dripping: bool
) -> None:
    fake.delays, fake.dripping = {path: FOREVER}, dripping
    with pytest.raises(Cancelled):
        connect_to(store, report=stop_when(fake.delayed.is_set))
    assert fake.calls("GET", "me") == (path == "me"), "it was asked once, and stopping did not wait for a limit"
    assert Vault().load() is None
    fake.delays = {}
    assert connect_to(store).account_id == "account-1"


@pytest.mark.parametrize("dripping", [False, True])
def test_a_sync_is_stopped_while_spotify_is_silent(fake: FakeSpotify, store: Store, dripping: bool) -> None:
    connect_to(store)
    fake.delays, fake.dripping = {"me/playlists": FOREVER}, dripping
    with client_of(store) as client, pytest.raises(Cancelled):
        sync(client, store, report=stop_when(fake.delayed.is_set))
    assert fake.calls("GET", "me/playlists") == 1
    fake.delays = {}
    before = fake.calls("GET", "me/tracks")
    with client_of(store) as client:
        assert sync(client, store).liked == 230
    assert fake.calls("GET", "me/tracks") == before + 1, "the pages that were read are kept"


@pytest.mark.parametrize("path", ["me/playlists", "playlists/.*/items"])
def test_an_export_is_stopped_while_a_write_has_no_answer(fake: FakeSpotify, store: Store, path: str) -> None:
    connect_to(store)
    wanted = [playlist("Fast", range(150)), playlist("Slow", range(300, 320), lineage="l2")]
    with client_of(store) as client:
        plan = make_plan(client, store, wanted, ALL, library_key=KEY)
        silence_at = len(fake.writes()) + 1

        def go_silent() -> bool:
            if len(fake.writes()) >= silence_at:
                fake.delays = {path: FOREVER}
            return fake.delayed.is_set()

        with pytest.raises(Cancelled):
            export(client, store, plan, report=stop_when(go_silent))
    fake.delays = {}
    finished(store)
    assert named(fake, "Fast").uris == uris(range(150))
    assert named(fake, "Slow").uris == uris(range(300, 320))
    assert store.journal.open_entries() == []


def test_an_undo_that_was_stopped_goes_on_when_asked_again(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    export_of(store, playlist("Fast", range(20)), playlist("Slow", range(9), lineage="l2"))
    before = len(fake.writes())
    with client_of(store) as client:
        with pytest.raises(Cancelled):
            undo(client, store, report=stop_when(lambda: len(fake.writes()) > before))
        assert [entry.name for entry in fake.world.owned()] != ["Mine 0"]
        assert len(undo(client, store).outcomes) >= 1
    assert [entry.name for entry in fake.world.owned()] == ["Mine 0"]


def test_waiting_for_another_window_that_renews_the_sign_in_can_be_stopped(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    fake.expire_tokens()

    def stop(words: str) -> None:
        raise Cancelled

    access = Access(Vault(), store)
    lock = store.path.with_name("spotify-sign-in.lock")
    with held(lock, doing="renewing the sign-in"), pytest.raises(Cancelled):
        access.renewed(access.grant.access_token, tick=stop)
    with client_of(store) as client:
        assert api.me(client)["id"] == "listener"


def test_a_renewal_under_way_is_not_stopped_because_the_sign_in_would_be_lost(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    fake.expire_tokens()
    fake.delays = {"api/token": 0.5}
    with client_of(store) as client:
        client.tick = lambda words: stop_when(fake.delayed.is_set)(0, 0, words)
        with pytest.raises(Cancelled):
            api.me(client)
    fake.delays = {}
    with client_of(store) as client:
        assert api.me(client)["id"] == "listener"


@pytest.mark.parametrize("said", [b"", b"GET /call", b"GET /callback?code=x HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00" * 9])
def test_visitors_that_never_finish_do_not_keep_the_browser_out(fake: FakeSpotify, store: Store, said: bytes) -> None:
    visitors: list[socket.socket] = []

    def crowd(address: str) -> None:
        port = urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0]).port or 0
        for _ in range(40):
            visitors.append(socket.create_connection(("127.0.0.1", port)))
            visitors[-1].sendall(said)
        browse_aside(address)

    assert connect_to(store, show=crowd, seconds=60).name
    for visitor in visitors:
        visitor.close()


def test_a_request_that_comes_in_pieces_or_is_no_request_is_survived(fake: FakeSpotify, store: Store) -> None:
    answers: list[bytes] = []

    def visit(port: int, pieces: list[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
            for piece in pieces:
                visitor.sendall(piece)
            answers.append(b"".join(iter(lambda: visitor.recv(4096), b"")))

    def strange_browser(address: str) -> None:
        port = urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0]).port or 0

        def visits() -> None:
            visit(port, [b"GET /fav", b"icon.ico HTTP/1.1\r\nHost: x\r\n", b"\r\n"])
            visit(port, [b"POST /callback?error=access_denied HTTP/1.1\r\n\r\n"])
            visit(port, [b"\xff\xfe\r\n\r\n"])
            visit(port, [b"GET http://[::1 HTTP/1.1\r\n\r\n"])
            visit(port, [b"GET /callback?state=%F0%28&code=1 HTTP/1.1\r\n\r\n"])
            browse(address)

        threading.Thread(target=visits, daemon=True).start()

    connected = connect_to(store, show=strange_browser, seconds=60)
    assert connected.account_id == "account-1"
    assert [answer.split(b" ")[1] for answer in answers] == [b"404", b"404", b"404", b"404", b"400"]


def test_ctrl_c_while_the_sign_in_is_renewed_loses_no_sign_in(fake: FakeSpotify, own_home: Path) -> None:
    signed_in(fake)
    fake.expire_tokens()
    fake.delays = {"api/token": 2.0}
    with spawn("spotify", "sync", environment=fake.environment) as process:
        assert fake.delayed.wait(60)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), told
    fake.delays = {}
    assert run_alone("spotify", "sync", environment=fake.environment).status == 0
