"""The page on this computer that the browser comes back to after the person decided."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import selectors
import socket
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Final
from urllib.parse import parse_qs

from core.errors import OptionError, SpotifyError
from core.progress import Report
from core.turns import SLICE

#: A plain path: Spotify compares it exactly.
PATH: Final = "/callback"
#: How long the browser is waited for: long enough to look a password up.
WAIT_SECONDS: Final = 300.0
#: A visitor that has not asked for anything after this is sent away; browsers open connections in advance.
_SILENCE: Final = 20.0
#: Visitors at once, and bytes of a request: a browser sends a few hundred.
_MOST_VISITORS, _MOST_BYTES = 32, 16_384

_PAGE: Final = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Leitmotif</title>"
    "<body style='font-family:sans-serif;margin:4em'><h1>{title}</h1><p>{text}</p></body></html>"
)


@dataclass
class _Heard:
    """What the browser brought."""

    state: str
    code: str = field(default="", repr=False)
    error: str = ""


@dataclass
class _Visitor:
    """A connection and what it has sent so far."""

    connection: socket.socket
    since: float
    said: bytes = field(default=b"", repr=False)


class Listener:
    """Waits for the browser on a port of 127.0.0.1. Use it as a context manager.

    Visitors are listened to side by side, so that none that says nothing, or says it slowly, keeps the browser out.

    Parameters
    ----------
    state : str
        The random text that a genuine answer repeats.
    port : int, default 0
        The port; 0 takes a free one.

    Raises
    ------
    OptionError
        When the port is taken or not allowed.
    """

    def __init__(self, state: str, *, port: int = 0) -> None:
        self._heard = _Heard(state)
        try:
            if not 0 <= port < 2**16:
                raise OSError(errno.EADDRNOTAVAIL, "")
            self._server = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise OptionError(
                f"port {port} cannot be used ({reason})",
                next_step="Try again in a while",
                command="Leave --port out, or name another",
            ) from None
        self._server.setblocking(False)
        self._visitors: list[_Visitor] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)

    @property
    def redirect_uri(self) -> str:
        """The address that Spotify sends the browser to."""
        return f"http://127.0.0.1:{self._server.getsockname()[1]}{PATH}"

    def __enter__(self) -> Listener:
        """Return the listener."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the port back."""
        for visitor in list(self._visitors):
            self._send_away(visitor)
        self._selector.close()
        self._server.close()

    def wait(self, *, report: Report, seconds: float = WAIT_SECONDS) -> str:
        """Return the authorization code that the browser brings.

        Parameters
        ----------
        report : Report
            Called several times a second; may raise `core.progress.Cancelled`.
        seconds : float, default WAIT_SECONDS
            How long to wait.

        Returns
        -------
        str
            The code.

        Raises
        ------
        SpotifyError
            When the person refused, Spotify reported another error, or nobody came in time.
        """
        end = time.monotonic() + seconds
        while not self._heard.code and not self._heard.error:
            if time.monotonic() >= end:
                raise SpotifyError(
                    f"the browser brought no answer within {max(1, round(seconds / 60))} min; was the page closed",
                    next_step="Try again; if it said INVALID_CLIENT, check the Client ID and the redirect address",
                )
            report(0, 0, "Waiting for your browser")
            self._listen()
        if self._heard.error == "access_denied":
            raise SpotifyError(
                "you did not allow Leitmotif to use your Spotify account", next_step="Nothing was changed; try again"
            )
        if self._heard.error:
            raise SpotifyError(f"Spotify ended the sign-in ({self._heard.error})", next_step="Try again")
        return self._heard.code

    def _listen(self) -> None:
        """Hear whoever says something within a slice of time."""
        for key, _ in self._selector.select(SLICE):
            if key.fileobj is self._server:
                self._welcome()
            else:
                self._hear(key.data)
        for visitor in self._visitors[:]:
            if time.monotonic() - visitor.since > _SILENCE:
                self._send_away(visitor)

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._server.accept()
            connection.setblocking(False)
            visitor = _Visitor(connection, time.monotonic())
            self._visitors.append(visitor)
            self._selector.register(connection, selectors.EVENT_READ, visitor)
            if len(self._visitors) > _MOST_VISITORS:
                self._send_away(self._visitors[0])

    def _hear(self, visitor: _Visitor) -> None:
        try:
            piece = visitor.connection.recv(_MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        visitor.said += piece
        if b"\r\n\r\n" in visitor.said:
            self._answer(visitor.connection, *_understood(visitor.said, self._heard))
        elif piece and len(visitor.said) <= _MOST_BYTES:
            return
        self._send_away(visitor)

    def _answer(self, connection: socket.socket, status: HTTPStatus, title: str, text: str) -> None:
        body = _PAGE.format(title=title, text=text).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            connection.settimeout(SLICE)
            connection.sendall(head.encode() + body)
            connection.shutdown(socket.SHUT_WR)

    def _send_away(self, visitor: _Visitor) -> None:
        self._selector.unregister(visitor.connection)
        self._visitors.remove(visitor)
        visitor.connection.close()


def _understood(said: bytes, heard: _Heard) -> tuple[HTTPStatus, str, str]:
    """Take what a request brings, and return the page to answer with."""
    method, _, rest = said.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
    path, _, asked = rest.rpartition(" ")[0].partition("?")
    query = {name: values[0] for name, values in parse_qs(asked).items()}
    if path != PATH or method != "GET":
        return HTTPStatus.NOT_FOUND, "Not found", "This page belongs to Leitmotif's sign-in."
    if not secrets.compare_digest(query.get("state", "").encode(), heard.state.encode()):
        text = "This answer belongs to another attempt. Please start again."
        return HTTPStatus.BAD_REQUEST, "Not this sign-in", text
    if "error" in query:
        heard.error = query["error"][:60]
        return HTTPStatus.OK, "Not connected", "Leitmotif was not allowed in. You can close this page."
    if query.get("code"):
        heard.code = query["code"]
        return HTTPStatus.OK, "Connected", "Leitmotif may use your account. You can close this page."
    return HTTPStatus.BAD_REQUEST, "Incomplete", "This answer holds no code. Please start again."
