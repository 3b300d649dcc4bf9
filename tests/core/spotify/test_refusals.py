"""Answers that Spotify, its sign-in server or a network in between should not give, each told in words of its own."""

from __future__ import annotations

import email.utils
import json
import time

import pytest

from core.errors import SignInNeeded, SpotifyClosed, SpotifyError, SpotifyPause
from core.spotify import api
from core.spotify.account import account
from core.spotify.sync import sync
from core.spotify.tokens import Vault
from core.storage import Store
from tests.fakes.server import HTML, LocalServer, QuietHandler
from tests.fakes.spotify import PREMIUM, FakeSpotify
from tests.fakes.spotify_parts import client_of, connect_to
from tests.fakes.spotify_world import track_id, track_uri

PAGE = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}

pytestmark = pytest.mark.usefixtures("connected")


def said(body: object) -> bytes:
    return json.dumps(body).encode()


#: What the sign-in server may answer instead of a token: status, headers, body, the kind of error, and its words.
TOKEN_TROUBLES = [
    (503, PAGE, HTML, SpotifyError, "sign-in server is out of order.*HTTP 503.*try again later"),
    (500, JSON, said({"error": "server_error"}), SpotifyError, "sign-in server is out of order"),
    (429, {"Retry-After": "7000"}, b"", SpotifyPause, "run it again after"),
    (403, PAGE, HTML, SpotifyError, "page for browsers"),
    (200, PAGE, HTML, SpotifyError, "cannot be read"),
    (200, JSON, b"[]", SpotifyError, "cannot be read"),
    (200, JSON, said({"access_token": "x"}), SpotifyError, "cannot be read"),
    (200, JSON, said({"expires_in": 3600}), SpotifyError, "no token|cannot be read"),
    (400, JSON, b"[]", SpotifyError, "cannot be read"),
    (400, JSON, said({"error": "invalid_client"}), SpotifyError, "does not know this Client ID"),
    (400, JSON, said({"error": "unsupported"}), SpotifyError, "unsupported"),
]


@pytest.mark.parametrize(("status", "headers", "body", "kind", "words"), TOKEN_TROUBLES)
def test_troubles_of_the_sign_in_server_lose_no_sign_in(
    fake: FakeSpotify, store: Store, status: int, headers: dict[str, str], body: bytes, kind: type, words: str
) -> None:
    fake.expire_tokens()
    fake.raw["api/token"] = (status, headers, body)
    with client_of(store) as client, pytest.raises(kind, match=words) as raised:
        api.me(client)
    assert raised.type is kind
    assert raised.value.next_step
    with pytest.raises(kind, match=words):
        connect_to(store)
    fake.raw.clear()
    with client_of(store) as client:
        assert api.me(client)["id"] == "listener"


def test_a_dead_refresh_token_is_told_from_a_code_that_is_refused(fake: FakeSpotify, store: Store) -> None:
    fake.raw["api/token"] = (400, JSON, said({"error": "invalid_grant", "error_description": "Invalid code"}))
    with pytest.raises(SpotifyError, match=r"did not complete the sign-in .*Invalid code.*is registered"):
        connect_to(store)
    assert account(store, tokens=Vault()).account_id == "account-1", "what was connected before stays"
    fake.expire_tokens()
    with client_of(store) as client, pytest.raises(SignInNeeded, match="six months"):
        api.me(client)


def test_secrets_are_not_carried_to_where_an_answer_points(fake: FakeSpotify, store: Store) -> None:
    received: list[bytes] = []

    class Elsewhere(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name http.server looks for
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the name http.server looks for

    with LocalServer(Elsewhere) as elsewhere:
        there = {"Location": elsewhere.url}
        for path in ("api/token", "me"):
            fake.raw = {path: (307, there, b"")}
            if path == "api/token":
                fake.expire_tokens()
            with client_of(store) as client, pytest.raises(SpotifyError, match="sends us elsewhere"):
                api.me(client)
            fake.raw.clear()
    assert received == []


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"null", said({"items": None, "total": 5}), said({"items": []}), b'{"items": [', b"[" * 99_999],
)
def test_a_broken_page_is_never_taken_for_an_empty_library(fake: FakeSpotify, store: Store, body: bytes) -> None:
    with client_of(store) as client:
        before = sync(client, store)
    fake.raw["me/tracks"] = (200, JSON, body)
    with client_of(store) as client, pytest.raises(SpotifyError, match="cannot be read"):
        sync(client, store)
    assert len(store.libraries.load("spotify:spotify:")) == len(before.library)


@pytest.mark.parametrize("status", [403, 404, 451])
def test_a_page_of_a_network_in_between_is_told_from_spotifys_refusals(
    fake: FakeSpotify, store: Store, status: int
) -> None:
    fake.raw["me/tracks"] = (status, PAGE, HTML)
    with (
        client_of(store) as client,
        pytest.raises(SpotifyError, match=r"page for browsers.*sign in") as raised,
    ):
        api.liked(client, 0)
    assert raised.type is SpotifyError


@pytest.mark.parametrize("message", [None, "You may not read this playlist"])
def test_one_closed_playlist_does_not_stop_a_sync_but_a_closed_app_does(
    fake: FakeSpotify, store: Store, message: str | None
) -> None:
    closed = fake.world.add_playlist("Closed", [track_uri(9001)])
    fake.closed[f"playlists/{closed.id}/items"] = (403, message)
    fake.world.add_playlist("Open", [track_uri(9002)])
    with client_of(store) as client:
        result = sync(client, store)
    assert result.playlists["not read"] == 1
    assert track_id(9002) in result.library.tracks.index
    fake.world.add_playlist("Later", [track_uri(9003)])
    fake.raw["playlists/.*"] = (403, {"Content-Type": "text/plain"}, PREMIUM.encode())
    with client_of(store) as client, pytest.raises(SpotifyClosed, match="no Spotify Premium"):
        sync(client, store)


@pytest.mark.parametrize("how", ["date", "decimal", "nonsense", "missing"])
def test_a_pause_is_understood_however_it_is_said(fake: FakeSpotify, store: Store, how: str) -> None:
    asked = {
        "date": {"Retry-After": email.utils.formatdate(time.time() + 50_000, usegmt=True)},
        "decimal": {"Retry-After": "50000.5"},
        "nonsense": {"Retry-After": "soon"},
        "missing": {},
    }[how]
    body = said({"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}})
    fake.raw["me/tracks"] = (429, {**asked, **JSON}, body)
    with client_of(store) as client, pytest.raises(SpotifyPause) as raised:
        api.liked(client, 0)
    if how in ("date", "decimal"):
        assert abs(raised.value.until - time.time() - 50_000) < 100
    else:
        assert "tomorrow" in raised.value.next_step


def test_every_refusal_says_what_to_do_next(fake: FakeSpotify, store: Store) -> None:
    bodies = [PREMIUM, "User not registered in the Developer Dashboard", "User not approved for app", "Nope"]
    answers = [(403, text.encode()) for text in bodies]
    answers += [
        (403, said({"error": {"status": 403, "message": m}})) for m in ("Insufficient client scope", "Forbidden")
    ]
    answers += [(403, said({"error": {"status": 403}})), (403, b""), (403, b'"text"'), (403, b"[1]")]
    answers += [(400, said({"error": {"status": 400, "message": m}})) for m in ("Playlist size limit reached", "Odd")]
    answers += [(404, said({"error": {"status": 404, "message": "Not found."}})), (410, b""), (429, b""), (500, b"")]
    lines = []
    for status, body in answers:
        fake.raw["me/tracks"] = (status, {"Retry-After": "900"} if status == 429 else {}, body)
        with client_of(store) as client, pytest.raises(SpotifyError) as raised:
            api.liked(client, 0)
        assert raised.value.next_step, (status, body)
        lines.append(raised.value.line())
    assert len(set(lines)) >= 11, lines
