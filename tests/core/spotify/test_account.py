"""Connecting, tokens, and every refusal in plain words, against the fake over real HTTP."""

from __future__ import annotations

import logging
import socket
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from keyring.backends.fail import Keyring as NoKeyring

from core.errors import (
    OptionError,
    PermissionMissing,
    ProviderClosed,
    SignInNeeded,
    SpotifyClosed,
    SpotifyError,
    SpotifyPause,
    SpotifyRefused,
)
from core.progress import Cancelled, silent
from core.spotify import api
from core.spotify.account import account, connect, disconnect, status
from core.spotify.auth import Access
from core.spotify.messages import PRIVACY_NOTE
from core.spotify.tokens import Vault, keyring_state
from core.storage import Store, open_store
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import (
    CLIENT_ID,
    MemoryKeyring,
    all_text,
    browse,
    browse_aside,
    client_of,
    connect_to,
    use_keyring,
)
from tests.fakes.spotify_world import World
from tests.reports import stop_at_once
from tests.threads import at_once


@pytest.fixture
def world() -> World:
    return filled_world(liked=5, playlists=1)


def test_connecting_keeps_the_sign_in_in_the_keyring_and_nowhere_else(
    fake: FakeSpotify, store: Store, keyring_backend: MemoryKeyring, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("spotipy.client").setLevel(logging.DEBUG)
    connected = connect_to(store)
    assert (connected.account_id, connected.name, connected.remembered) == ("account-1", "A Listener", True)
    assert set(connected.scopes) == set(fake.signins.scopes_asked[0].split())
    with client_of(store) as client:
        api.liked(client, 0)
    assert len(fake.signins.issued) == 4, "a code, a verifier and two tokens were at stake"
    written = all_text(own_home) + caplog.text.encode() + repr(Vault().load()).encode()
    assert not [secret for secret in fake.signins.issued if secret.encode() in written]
    assert all(secret in keyring_backend.kept["leitmotif", "spotify"] for secret in fake.signins.issued[2:])


def test_connecting_asks_for_no_more_than_the_main_road_needs(fake: FakeSpotify, store: Store) -> None:
    connect_to(store, read_only=True)
    assert set(fake.signins.scopes_asked[0].split()) == {
        "user-library-read", "playlist-read-private", "playlist-read-collaborative"
    }  # fmt: skip
    connect_to(store, read_only=True, allow=["top"])
    assert set(fake.signins.scopes_asked[1].split()) - set(fake.signins.scopes_asked[0].split()) == {"user-top-read"}
    connect_to(store)
    assert "user-top-read" in fake.signins.scopes_asked[2], "what was allowed before is asked for again"
    assert not any("public" in asked or "ugc" in asked for asked in fake.signins.scopes_asked)


def test_stray_requests_do_not_end_the_sign_in(fake: FakeSpotify, store: Store) -> None:
    pages: list[str] = []

    def nosy_browser(address: str) -> None:
        callback = parse_qs(urlsplit(address).query)["redirect_uri"][0]

        def visit() -> None:
            base = callback.removesuffix("/callback")
            for stray in (
                "/favicon.ico",
                "/",
                "/callback",
                "/callback?code=x&state=wrong",
                "/callback?error=access_denied",
            ):
                pages.append(browse(base + stray))  # noqa: PERF401 - each visit shows at once
            pages.append(browse(address))

        threading.Thread(target=visit, daemon=True).start()

    connected = connect_to(store, show=nosy_browser)
    assert connected.account_id == "account-1"
    assert ["Connected" in page for page in pages] == [False] * 5 + [True]


def test_a_refusal_and_a_closed_browser_are_told_apart_and_can_be_repeated(fake: FakeSpotify, store: Store) -> None:
    fake.deny = True
    with pytest.raises(SpotifyError, match="you did not allow"):
        connect_to(store)
    fake.deny = False
    with pytest.raises(SpotifyError, match="brought no answer"):
        connect_to(store, show=lambda _: None, seconds=0.3)
    with pytest.raises(Cancelled):
        connect_to(store, show=lambda _: None, report=stop_at_once)
    assert Vault().load() is None
    assert connect_to(store).account_id == "account-1"


def test_a_connection_that_says_nothing_does_not_block_the_sign_in(fake: FakeSpotify, store: Store) -> None:
    opened: list[socket.socket] = []

    def early_browser(address: str) -> None:
        callback = urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0])
        opened.append(socket.create_connection(("127.0.0.1", callback.port or 0)))
        browse_aside(address)

    connected = connect_to(store, show=early_browser)
    opened[0].close()
    assert connected.account_id == "account-1"


@pytest.mark.parametrize("client_id", ["", "   ", "https://developer.spotify.com", "two words"])
def test_what_is_no_client_id_is_refused_before_the_browser_opens(store: Store, client_id: str) -> None:
    with pytest.raises(OptionError, match="no Client ID"):
        connect(store, client_id, show=pytest.fail, report=silent, tokens=Vault())


@pytest.mark.parametrize("name", ["LEITMOTIF_SPOTIFY_API_URL", "LEITMOTIF_SPOTIFY_ACCOUNTS_URL"])
@pytest.mark.parametrize(
    "address", ["http://example.org/", "http://127.0.0.1.example.org/v1/", "ftp://127.0.0.1/", "x"]
)
def test_secrets_go_nowhere_over_plain_http_but_to_this_computer(
    fake: FakeSpotify, store: Store, monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv(name, address)
    with pytest.raises(OptionError, match="only for servers on this computer"):
        connect_to(store, show=pytest.fail)


def test_a_taken_port_is_refused(fake: FakeSpotify, store: Store) -> None:
    port = urlsplit(fake.url).port or 0
    with pytest.raises(OptionError, match="cannot be used"):
        connect(store, CLIENT_ID, show=pytest.fail, report=silent, port=port, tokens=Vault())
    with pytest.raises(OptionError, match="cannot be used"):
        connect(store, CLIENT_ID, show=pytest.fail, report=silent, port=70_000, tokens=Vault())


def test_without_a_keyring_the_sign_in_lasts_for_the_session(
    fake: FakeSpotify, store: Store, keyring_backend: MemoryKeyring
) -> None:
    use_keyring(NoKeyring())
    tokens = Vault()
    assert keyring_state() == "missing"
    assert connect_to(store, tokens).remembered is False
    assert account(store, tokens=tokens).remembered is False
    with client_of(store, tokens) as client:
        assert api.me(client)["id"] == "listener"
    with pytest.raises(SignInNeeded, match="no keyring"):
        account(store, tokens=Vault())


def test_damaged_entries_in_the_keyring_mean_nobody_is_connected(
    fake: FakeSpotify, store: Store, keyring_backend: MemoryKeyring
) -> None:
    for text in ("", "{", "[]", '{"client_id": "x"}', '{"client_id": 1, "scopes": 5}'):
        keyring_backend.kept["leitmotif", "spotify"] = text
        with pytest.raises(SignInNeeded, match="no Spotify account is connected"):
            account(store, tokens=Vault())


# --- tokens ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotate", [True, False])
def test_an_expired_token_is_renewed_once(fake: FakeSpotify, store: Store, rotate: bool) -> None:
    connect_to(store)
    fake.rotate = rotate
    for _ in range(3):
        fake.expire_tokens()
        with client_of(store) as client:
            assert api.me(client)["id"] == "listener"
    assert fake.calls("GET", "me") == 1 + 3 * 2, "one refusal and one success each time"


def test_many_threads_renew_the_sign_in_once(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    fake.expire_tokens()
    before = len(fake.signins.issued)
    seen: list[str] = []
    first = Vault().require().access_token
    at_once(lambda _: seen.append(Access(Vault(), store).renewed(first)), 8)
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert len(fake.signins.issued) == before + 2


def test_the_end_of_a_sign_in_after_six_months_is_said_once_and_plainly(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    fake.end_sign_ins()
    with client_of(store) as client, pytest.raises(SignInNeeded, match=r"six months.*connect"):
        api.me(client)
    with pytest.raises(SignInNeeded, match="no Spotify account"):
        account(store, tokens=Vault())
    assert connect_to(store).account_id == "account-1"


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "kind", "words"),
    [
        ((403, "Insufficient client scope"), PermissionMissing, "does not allow Leitmotif to read your liked songs"),
        ((403, "Forbidden"), SpotifyRefused, "closed this part of its interface"),
        ((403, None), SpotifyClosed, "for new apps"),
        ((404, "Not found."), SpotifyRefused, "does not know"),
        ((400, "Invalid limit"), SpotifyRefused, "Invalid limit"),
        ((400, "Playlist size limit reached"), SpotifyRefused, "10,000"),
    ],
)
def test_every_refusal_of_one_endpoint_has_its_own_message(
    fake: FakeSpotify, store: Store, closed: tuple[int, str | None], kind: type[SpotifyError], words: str
) -> None:
    connect_to(store)
    fake.closed["me/tracks"] = closed
    with client_of(store) as client, pytest.raises(kind, match=words) as raised:
        api.liked(client, 0)
    assert raised.type is kind
    assert fake.calls("GET", "me/tracks") == 1, "a refusal is not asked for again"


@pytest.mark.parametrize(
    ("refuse", "kind", "words"),
    [
        ("premium", SpotifyClosed, "no Spotify Premium"),
        ("unregistered", SpotifyClosed, "not registered.*User Management"),
        ("quota", SpotifyPause, "allowance.*run it again after"),
        ("pause", SpotifyPause, "long pause.*run it again after"),
    ],
)
def test_every_refusal_of_the_whole_interface_has_its_own_message(
    fake: FakeSpotify, store: Store, refuse: str, kind: type[SpotifyError], words: str
) -> None:
    connect_to(store)
    fake.refuse, fake.retry_after = refuse, 48_925
    with client_of(store) as client, pytest.raises(kind, match=words):
        api.liked(client, 0)
    assert fake.calls("GET", "me/tracks") == 1
    assert (status(store).pause_until > time.time()) is (kind is SpotifyPause)


def test_an_account_that_spotify_refuses_is_not_kept(fake: FakeSpotify, store: Store) -> None:
    fake.refuse = "unregistered"
    with pytest.raises(SpotifyClosed, match="not registered"):
        connect_to(store)
    assert Vault().load() is None


def test_a_short_pause_is_waited_for_and_can_be_cancelled(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    fake.retry_after = 1
    fake.faults = {fake.count + 1: "429"}
    told: list[str] = []
    with client_of(store) as client:
        client.tick = told.append
        api.liked(client, 0)
        assert any("pause" in text for text in told)
        fake.retry_after = 2
        fake.faults = {fake.count + 1: "429"}

        def stop(text: str) -> None:
            if "pause" in text:
                raise Cancelled

        client.tick = stop
        with pytest.raises(Cancelled):
            api.liked(client, 0)


def test_reads_survive_every_passing_fault(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    for fault in ("drop", "500", "502-html", "401", "drop-after", "500-after", "cut-after", "garbage-after"):
        fake.faults = {fake.count + 1: fault}
        with client_of(store) as client:
            assert len(api.liked(client, 0)["items"]) == 5, fault


def test_features_of_spotify_are_asked_for_with_the_same_sign_in(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    with client_of(store) as client, pytest.raises(ProviderClosed):
        api.feature_request(client)("audio-features", {"ids": "a,b"})
    assert fake.exchanges[-1].query == {"ids": "a,b"}


def test_calls_are_counted_by_family_over_all_windows(fake: FakeSpotify, store: Store) -> None:
    connect_to(store)
    for _ in range(2):
        with open_store() as other, client_of(other) as client:
            api.liked(client, 0)
    assert status(store).calls == {"me": 1, "me/tracks": 2}


# --- disconnecting -----------------------------------------------------------------------------------------------


def test_disconnecting_removes_the_sign_in_and_what_came_from_spotify(
    fake: FakeSpotify, store: Store, keyring_backend: MemoryKeyring
) -> None:
    connected = connect_to(store)
    store.pages.put(connected.account_id, "liked", 0, {"items": []})
    assert disconnect(store).pages == 1
    assert keyring_backend.kept == {}
    with pytest.raises(SignInNeeded):
        account(store)
    assert store.pages.tags(connected.account_id) == {}


def test_connecting_another_account_drops_what_came_from_the_first(fake: FakeSpotify, store: Store) -> None:
    first = connect_to(store)
    assert first.dropped is None
    store.pages.put(first.account_id, "liked", 0, {"items": []})
    fake.world.account_id = "account-2"
    second = connect_to(store)
    assert second.dropped is not None
    assert second.dropped.pages == 1
    assert account(store).account_id == "account-2"


def test_the_privacy_note_has_five_sentences() -> None:
    assert len(PRIVACY_NOTE) == 5
    assert "LEITMOTIF_CONTACT" in " ".join(PRIVACY_NOTE)
    assert all(sentence.endswith(".") for sentence in PRIVACY_NOTE)


def test_a_proxy_of_the_network_is_not_used_for_this_computer(
    fake: FakeSpotify, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert connect_to(store).account_id == "account-1"
    assert urllib.request.getproxies()["http"] == "http://127.0.0.1:9"
