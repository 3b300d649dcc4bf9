"""A service on this computer that answers over real HTTP, remembers what it was asked, and fails on demand."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

#: What a service can do instead of answering as it should.
FAULTS = (
    "429",  # asks for a pause of `retry_after` seconds
    "429-bare",  # the same without saying how long
    "429-date",  # the same with a date
    "503-retry",  # busy, with Retry-After
    "500",
    "502-html",  # an error page of the network in front of it
    "200-html",  # a page for browsers where JSON was promised
    "403",
    "drop",  # closes the connection without a word
    "cut",  # promises a length and closes in the middle
    "truncated",  # JSON that stops in the middle, with the length to match
    "slow",  # a few bytes at a time
    "duplicates",  # every row twice
    "wrong-shape",  # JSON of another kind
)
HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Faults:
    """When something goes wrong.

    `every` maps a number n to a fault of every n-th request; `at` maps the number of a request, from 1, to its
    fault; `always` is the fault of all of them. A single request counts before an n-th, that before all.
    """

    every: Mapping[int, str] = field(default_factory=dict)
    at: Mapping[int, str] = field(default_factory=dict)
    always: str = ""
    retry_after: float = 0

    def of(self, number: int) -> str:
        if number in self.at:
            return self.at[number]
        return next((fault for n, fault in self.every.items() if number % n == 0), self.always)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived, and how it was answered."""

    number: int
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    at: float
    status: int
    fault: str


@dataclass(frozen=True)
class Reply:
    """One answer: a status and either JSON or text."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        if isinstance(self.body, str):
            return self.body.encode(), "text/plain; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json"


class QuietHandler(BaseHTTPRequestHandler):
    """Base of what answers requests: says nothing, and does not mind when a client has gone."""

    protocol_version = "HTTP/1.1"
    # One packet for head and body: with two, each answer would wait 40 ms for the client's acknowledgement.
    wbufsize = 65536

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the client was stopped or killed
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().finish()

    def log_message(self, *args: object) -> None:
        """Stay silent."""


class LocalServer:
    """A server on this computer, in a thread of its own while it is used as a context manager."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], *, port: int = 0) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self) -> None:
        """Answer until interrupted."""
        print(self.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            self._server.serve_forever()
        self._server.server_close()


class FakeServer(LocalServer):
    """Base of the fakes: subclasses say how to answer; this counts, logs and fails."""

    def __init__(self, *, port: int = 0, faults: Faults | None = None, delay: float = 0.0, log: str = "") -> None:
        super().__init__(_handler(self), port=port)
        self.faults = faults or Faults()
        self.delay = delay
        self.asked: list[Asked] = []
        self.on_request: Callable[[int], object] = int
        self._log = Path(log) if log else None
        self._lock = threading.Lock()
        self._count = 0

    def answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        raise NotImplementedError

    def twice(self, reply: Reply) -> Reply:
        """Return the reply with all of its rows sent twice."""
        return reply

    def number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def note(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)
            if self._log is not None:
                with self._log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"n": asked.number, "path": asked.path, "status": asked.status}) + "\n")


def _handler(fake: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            number = fake.number()
            fault = fake.faults.of(number)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = _faulty(fault, fake) or fake.answer(parts.path.lstrip("/"), query, headers)
            if fault == "duplicates":
                reply = fake.twice(reply)
            status = 0 if fault == "drop" else reply.status
            fake.note(Asked(number, parts.path.lstrip("/"), query, headers, time.monotonic(), status, fault))
            fake.on_request(number)
            time.sleep(fake.delay)
            self.send(reply, fault)

        do_POST = do_GET  # noqa: N815 - the name http.server looks for

        def send(self, reply: Reply, fault: str) -> None:
            if fault == "drop":
                self.close_connection = True
                return
            body, kind = reply.encoded()
            if fault.endswith("-html"):
                body, kind = HTML, "text/html"
            if fault == "truncated":
                body = body[: len(body) * 2 // 3]
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault == "cut":
                body = body[: len(body) // 2]
                self.close_connection = True
            if fault == "slow":
                for place in range(0, len(body), 32):
                    self.wfile.write(body[place : place + 32])
                    self.wfile.flush()
                    time.sleep(0.0005)
            else:
                self.wfile.write(body)

    return Handler


def _faulty(fault: str, fake: FakeServer) -> Reply | None:
    """Return the answer of a fault that needs no real one."""
    pause = f"{fake.faults.retry_after:g}"
    busy = {"status": 4291, "errors": [{"message": "Too many requests"}]}
    replies = {
        "429": Reply(429, busy, {"Retry-After": pause}),
        "429-bare": Reply(429, busy),
        "429-date": Reply(429, busy, {"Retry-After": _http_date(time.time() + fake.faults.retry_after)}),
        "503-retry": Reply(
            503, {"error": "Your requests are exceeding the allowable rate limit."}, {"Retry-After": pause}
        ),
        "500": Reply(500, {"status": 5000}),
        "502-html": Reply(502, ""),
        "200-html": Reply(200, ""),
        "403": Reply(403, {"error": {"status": 403}}),
        "drop": Reply(200, ""),
        "wrong-shape": Reply(200, ["not", "an", "object"]),
    }
    return replies.get(fault)


def _http_date(when: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(when))


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Yield the port of a server that takes every connection and never answers; at the end it hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):  # closed
                while True:
                    taken.append(server.accept()[0])

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()
    thread.join()


def chance(*parts: object) -> float:
    """Return a number from 0 to 1 that depends on nothing but the parts."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def argument_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with what all fakes understand."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--every", nargs=2, action="append", default=[], metavar=("N", "FAULT"), help=", ".join(FAULTS))
    parser.add_argument("--at", nargs=2, action="append", default=[], metavar=("N", "FAULT"))
    parser.add_argument("--retry-after", type=float, default=1)
    parser.add_argument("--log", default="", help="file that gets a line of JSON for each request")
    return parser


def common_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what all fakes understand, as they take it."""
    faults = Faults(every=_numbered(arguments.every), at=_numbered(arguments.at), retry_after=arguments.retry_after)
    return {"port": arguments.port, "faults": faults, "delay": arguments.delay, "log": arguments.log}


def _numbered(pairs: Sequence[Sequence[str]]) -> dict[int, str]:
    unknown = [fault for _, fault in pairs if fault not in FAULTS]
    if unknown:
        raise SystemExit(f"unknown fault {unknown[0]!r}; known: {', '.join(FAULTS)}")
    return {int(number): fault for number, fault in pairs}
