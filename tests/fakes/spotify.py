"""Spotify on this computer: sign-in and Web API with Development Mode's rules, and faults before and after effects.

Run it with ``python -m tests.fakes.spotify --port 8766 --liked 300 --playlists 4`` and point the program at it with
``LEITMOTIF_SPOTIFY_API_URL=http://127.0.0.1:8766/v1/`` and ``LEITMOTIF_SPOTIFY_ACCOUNTS_URL=http://127.0.0.1:8766/``.
``/_control`` answers with the state and takes orders: ``{"do": "like", "first": 300, "count": 20}``. ``/_keyring/``
stands for a system keyring, for the backend in `tests.fakes.keyring`.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.fakes.server import HTML, LocalServer, QuietHandler
from tests.fakes.spotify_api import Api, Asked
from tests.fakes.spotify_world import OTHER, Refused, World, local_uri, track_uri

#: What can go wrong with a request: without its effect, and after its effect took place.
BEFORE = ("drop", "500", "502-html", "429", "401", "kill")
AFTER = ("drop-after", "500-after", "cut-after", "garbage-after", "kill-after")
#: The connection is dropped, and the effect takes place only when a later request has been answered.
LATE = "late"
FAULTS = (*BEFORE, *AFTER, LATE)

PREMIUM = (
    "Active premium subscription required for the owner of the app. When the subscription status changes, "
    "it can take a few hours before requests are allowed again."
)
UNREGISTERED = "User not registered in the Developer Dashboard"


@dataclass(frozen=True)
class Exchange:
    """One request to the Web API and its answer, without any secret."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    answer: Any
    fault: str
    at: float


@dataclass
class Signins:
    """What the accounts server knows."""

    clients: set[str] = field(default_factory=set)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    access: dict[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    refresh: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    scopes_asked: list[str] = field(default_factory=list)


class FakeSpotify(LocalServer):
    """The server. Use it as a context manager.

    Attributes
    ----------
    world : World
        What the account holds.
    faults : dict of int to str
        Fault of the n-th request to the Web API, counted from 1.
    refuse : str
        When not empty, the Web API answers every request so: ``"premium"``, ``"unregistered"``, ``"quota"``,
        ``"pause"`` or ``"offline"``.
    busy : dict of str to float
        Paths, as patterns, that are asked for too often, each with the pause that the answer asks for.
    raw : dict of str to (int, dict, bytes)
        Paths, as patterns, with the status, headers and body that are answered there.
    delays : dict of str to float
        Paths, as patterns, whose answers come so many seconds after their effect. `delayed` is set meanwhile.
    dripping : bool
        Whether a delayed answer comes byte by byte.
    deny : bool
        Whether the person refuses consent.
    rotate : bool
        Whether each refresh gives a new refresh token and ends the old one.
    token_seconds : float
        How long an access token lives.
    """

    def __init__(self, world: World | None = None, *, port: int = 0, log: str = "") -> None:
        super().__init__(_handler(self), port=port)
        self.world = world or World()
        self.api = Api(self.world)
        self.signins = Signins()
        self.faults: dict[int, str] = {}
        self.refuse = ""
        self.closed: dict[str, tuple[int, str | None]] = {}
        self.busy: dict[str, float] = {}
        self.raw: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.delays: dict[str, float] = {}
        self.dripping = False
        self.delayed = threading.Event()
        self._closing = threading.Event()
        self.retry_after = 1.0
        self.deny = False
        self.rotate = True
        self.token_seconds = 3600.0
        self.exchanges: list[Exchange] = []
        self.on_kill: Callable[[], object] = lambda: None
        self.keyring: dict[str, str] = {}
        self.log = log
        self._late: list[Callable[[], object]] = []
        self._count = 0
        self.lock = threading.RLock()

    @property
    def environment(self) -> dict[str, str]:
        """What points the program here."""
        return {
            "LEITMOTIF_SPOTIFY_API_URL": f"{self.url}v1/",
            "LEITMOTIF_SPOTIFY_ACCOUNTS_URL": self.url,
            "PYTHON_KEYRING_BACKEND": "tests.fakes.keyring.RemoteKeyring",
            "LEITMOTIF_TEST_KEYRING": f"{self.url}_keyring/",
        }

    def __exit__(self, *exception: object) -> None:
        self._closing.set()
        super().__exit__(*exception)

    # --- Web API --------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Requests to the Web API so far."""
        return self._count

    def calls(self, method: str = "", path: str = "") -> int:
        """Count the requests of a kind."""
        return sum(1 for e in self.exchanges if (not method or e.method == method) and (not path or e.path == path))

    def writes(self) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.method != "GET"]

    def ask(self, asked: Asked, token: str) -> tuple[int, Any, str, dict[str, str]]:
        """Return status, answer, fault and headers of a request to the Web API."""
        with self.lock:
            self._count += 1
            number, fault = self._count, self.faults.get(self._count, "")
            late, self._late = self._late, []
            if fault in ("kill",):
                self.on_kill()
            status, answer, headers = self._decide(asked, token, fault)
            for effect in late:
                with contextlib.suppress(Refused):
                    effect()
            if fault == "kill-after":
                self.on_kill()
            shown = answer if not isinstance(answer, bytes) else None
            self.exchanges.append(
                Exchange(
                    number, asked.method, asked.path, asked.query, asked.body, status, shown, fault, time.monotonic()
                )
            )
            if self.log:
                with open(self.log, "a", encoding="utf-8") as file:  # noqa: PTH123 - a plain append
                    file.write(
                        json.dumps({"n": number, "method": asked.method, "path": asked.path, "status": status}) + "\n"
                    )
            return status, answer, fault, headers

    def _decide(self, asked: Asked, token: str, fault: str) -> tuple[int, Any, dict[str, str]]:
        if (refused := self._refusal(fault)) is not None:
            return refused
        if fault == LATE and asked.method != "GET":
            self._late.append(lambda: self.api.answer(asked))
            return 0, None, {}
        if fault in ("drop", "kill", LATE):
            return 0, None, {}
        known = self.signins.access.get(token)
        if fault == "401" or known is None or known[1] < time.time():
            return error(401, "The access token expired")
        asked.scopes = known[0]
        for pattern, (status, headers, body) in self.raw.items():
            if re.fullmatch(pattern, asked.path):
                return status, body, headers
        pause = next((wait for path, wait in self.busy.items() if re.fullmatch(path, asked.path)), None)
        if pause is not None:
            return 429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, {"Retry-After": f"{pause:g}"}
        try:
            if asked.path in self.closed:
                raise Refused(*self.closed[asked.path])
            status, answer = self.api.answer(asked)
        except Refused as refused_:
            return error(refused_.status, refused_.message)
        return status, answer, {}

    def _refusal(self, fault: str) -> tuple[int, Any, dict[str, str]] | None:
        wait = {"Retry-After": f"{self.retry_after:g}"}
        if self.refuse == "premium":
            return 403, PREMIUM.encode(), {}
        if self.refuse == "unregistered":
            return 403, UNREGISTERED.encode(), {}
        if self.refuse == "quota":
            body = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
            return 429, body, wait
        if self.refuse == "pause" or fault == "429":
            return 429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, wait
        if fault == "500":
            return error(500, "Server error")
        if fault == "502-html":
            return 502, HTML, {"Content-Type": "text/html"}
        return None

    def dawdle(self, path: str, drip: Callable[[], object]) -> None:
        """Keep a client waiting, if it shall."""
        seconds = next((delay for pattern, delay in self.delays.items() if re.fullmatch(pattern, path)), 0.0)
        end = time.monotonic() + seconds
        while seconds and time.monotonic() < end:
            self.delayed.set()
            if self.dripping:
                drip()
            self._closing.wait(0.05)
            if self._closing.is_set():
                return

    # --- accounts -------------------------------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> tuple[int, str]:
        """Return 302 and where the browser goes, or 400 and the text of an error page."""
        redirect = urlsplit(query.get("redirect_uri", ""))
        if self.signins.clients and query.get("client_id") not in self.signins.clients:
            return 400, "INVALID_CLIENT: Invalid client"
        if redirect.scheme != "http" or redirect.hostname != "127.0.0.1" or redirect.path != "/callback":
            return 400, "INVALID_CLIENT: Invalid redirect URI"
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return 400, "response_type must be code, with PKCE"
        if not query.get("code_challenge"):
            return 400, "code_challenge is missing"
        self.signins.scopes_asked.append(query.get("scope", ""))
        back = {"state": query["state"]} if "state" in query else {}
        if self.deny:
            return 302, f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', **back})}"
        code = self._secret("code")
        self.signins.codes[code] = query
        return 302, f"{query['redirect_uri']}?{urlencode({'code': code, **back})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a token request."""
        if form.get("grant_type") == "authorization_code":
            asked = self.signins.codes.pop(form.get("code", ""), None)
            if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
                return invalid_grant("Invalid authorization code")
            self.signins.issued.append(form.get("code_verifier", ""))
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
                return invalid_grant("code_verifier was incorrect")
            return self._grant(form["client_id"], frozenset(asked.get("scope", "").split()), new=True)
        known = self.signins.refresh.get(form.get("refresh_token", ""))
        if known is None or known[0] != form.get("client_id"):
            return invalid_grant("Refresh token revoked")
        if self.rotate:
            del self.signins.refresh[form["refresh_token"]]
        return self._grant(known[0], known[1], new=self.rotate)

    def end_sign_ins(self) -> None:
        """Six months pass."""
        self.signins.refresh.clear()
        self.signins.access.clear()

    def expire_tokens(self) -> None:
        """An hour passes."""
        self.signins.access.clear()

    def _grant(self, client: str, scopes: frozenset[str], *, new: bool) -> tuple[int, dict[str, Any]]:
        access = self._secret("access")
        self.signins.access[access] = (scopes, time.time() + self.token_seconds)
        answer = {
            "access_token": access, "token_type": "Bearer", "expires_in": int(self.token_seconds),
            "scope": " ".join(sorted(scopes)),
        }  # fmt: skip
        if new:
            answer["refresh_token"] = self._secret("refresh")
            self.signins.refresh[answer["refresh_token"]] = (client, scopes)
        return 200, answer

    def _secret(self, kind: str) -> str:
        """Return a new secret, and remember it so that a test can look for it in logs and files."""
        secret = f"{kind}-{secrets.token_urlsafe(48)}"
        self.signins.issued.append(secret)
        return secret

    # --- control --------------------------------------------------------------------------------------------------

    def control(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a demonstration asks for, and return the state."""
        with self.lock:
            if order.get("do") == "like":
                self.world.like(int(order["first"]), int(order["count"]))
            if order.get("do") == "faults":
                self.faults = {int(number): fault for number, fault in order["at"].items()}
            if order.get("do") == "refuse":
                self.refuse, self.retry_after = order["how"], float(order.get("retry_after", 1))
            listed = [self.world.playlists[key] for key in self.world.library]
            return {
                "calls": self._count,
                "liked": len(self.world.liked),
                "playlists": [
                    {"id": p.id, "name": p.name, "owner": p.owner, "tracks": len(p.rows), "digest": p.digest()}
                    for p in listed
                ],
                "secrets": self.signins.issued,
            }  # fmt: skip


def error(status: int, message: str | None) -> tuple[int, Any, dict[str, str]]:
    said = {"status": status} if message is None else {"status": status, "message": message}
    return status, {"error": said}, {}


def invalid_grant(text: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": "invalid_grant", "error_description": text}


def _handler(fake: FakeSpotify) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            path = parts.path.strip("/")
            if path.startswith("v1/"):
                self._api(path.removeprefix("v1/"), query, raw)
            elif path == "authorize":
                status, text = fake.authorize(query)
                self._send(status, text if status != 302 else "", {"Location": text} if status == 302 else {})
            elif path == "api/token":
                if path in fake.raw:
                    status, headers, body = fake.raw[path]
                    self._send(status, body, headers)
                    return
                answer = fake.token(dict(parse_qsl(raw.decode())))
                fake.dawdle(path, self._drip)
                self._send(*answer)
            elif path == "_control":
                self._send(200, fake.control(json.loads(raw) if raw else {}))
            elif path.startswith("_keyring/"):
                self._keyring(path.removeprefix("_keyring/"), raw)
            else:
                self._send(404, "not found")

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names http.server looks for

        def _api(self, path: str, query: dict[str, str], raw: bytes) -> None:
            body: Any = {}
            if raw and "json" in self.headers.get("Content-Type", ""):
                body = json.loads(raw)
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            asked = Asked(self.command, path, query, body, raw, frozenset())
            status, answer, fault, headers = fake.ask(asked, token)
            fake.dawdle(path, self._drip)
            if status == 0 or fault in ("drop-after", "kill-after"):
                self.close_connection = True
                return
            if fault == "500-after":
                status, answer, headers = error(500, "Server error")
            if fault == "garbage-after":
                answer = b'{"snapshot'
            self._send(status, answer, headers, cut=fault == "cut-after")

        def _drip(self) -> None:
            """Send a little of a head that never ends."""
            if not getattr(self, "dripped", False):
                self.dripped = True
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self.wfile.write(b"X-Wait: 1\r\n")
            self.wfile.flush()

        def _keyring(self, key: str, raw: bytes) -> None:
            with fake.lock:
                if self.command == "PUT":
                    fake.keyring[key] = raw.decode()
                elif self.command == "DELETE":
                    fake.keyring.pop(key, None)
                self._send(200 if key in fake.keyring else 404, fake.keyring.get(key, ""))

        def _send(
            self, status: int, answer: Any, headers: Mapping[str, str] | None = None, *, cut: bool = False
        ) -> None:
            plain = isinstance(answer, (str, bytes))
            body = b"" if answer is None else answer.encode() if isinstance(answer, str) else answer if plain else b""
            if answer is not None and not plain:
                body = json.dumps(answer).encode()
            kind = "text/plain; charset=utf-8" if plain else "application/json"
            self.send_response(status)
            for name, value in {"Content-Type": kind, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (10 if cut else 0)))
            self.end_headers()
            self.close_connection = self.close_connection or cut
            self.wfile.write(body)

    return Handler


def filled_world(*, liked: int, playlists: int, foreign: int = 3, per_playlist: int = 120) -> World:
    """Return an account with liked songs, own playlists with every odd row, and playlists of others."""
    world = World()
    world.like(0, liked)
    for number in range(playlists):
        first = (number * 97) % max(liked, 1)
        uris = [track_uri(first + place) for place in range(per_playlist)]
        if number % 10 == 0:
            uris[3:3] = ["", local_uri(number), "spotify:episode:" + track_uri(number)[-22:], uris[0]]
        playlist = world.add_playlist(f"Mine {number}", uris)
        if number % 10 == 1 and playlist.rows:
            playlist.rows[0].added_at = None
    for number in range(foreign):
        world.add_playlist(f"Of others {number}", [track_uri(10**6 + number)], owner=OTHER, public=True)
    return world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--liked", type=int, default=300)
    parser.add_argument("--playlists", type=int, default=4)
    parser.add_argument("--log", default="", help="file that gets a line of JSON for each request to the Web API")
    parser.add_argument("--fault", nargs=2, action="append", default=[], metavar=("N", "FAULT"), help=", ".join(FAULTS))
    arguments = parser.parse_args()
    world = filled_world(liked=arguments.liked, playlists=arguments.playlists)
    fake = FakeSpotify(world, port=arguments.port, log=arguments.log)
    fake.faults = {int(number): fault for number, fault in arguments.fault}
    fake.serve()


if __name__ == "__main__":
    main()
