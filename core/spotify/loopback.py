"""The page on this computer that the browser comes back to after the person decided."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Final
from urllib.parse import parse_qs, urlsplit

from core.errors import OptionError, SpotifyError
from core.progress import Report

#: A plain path: Spotify compares it exactly.
PATH: Final = "/callback"
#: How long the browser is waited for: long enough to look a password up.
WAIT_SECONDS: Final = 300.0
#: Seconds between two looks at whether the person asked to stop.
_SLICE: Final = 0.2
#: A connection that says nothing, such as one a browser opens in advance, is given up after this.
_SILENCE: Final = 2.0

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


class Listener:
    """Waits for the browser on a port of 127.0.0.1. Use it as a context manager.

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
            self._server = HTTPServer(("127.0.0.1", port), _handler(self._heard))
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no such port"
            raise OptionError(
                f"port {port} cannot be used ({reason})", next_step="Leave --port out, or name another"
            ) from None
        self._server.timeout = _SLICE

    @property
    def redirect_uri(self) -> str:
        """The address that Spotify sends the browser to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def __enter__(self) -> Listener:
        """Return the listener."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the port back."""
        self._server.server_close()

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
            self._server.handle_request()
        if self._heard.error == "access_denied":
            raise SpotifyError(
                "you did not allow Leitmotif to use your Spotify account", next_step="Nothing was changed; try again"
            )
        if self._heard.error:
            raise SpotifyError(f"Spotify ended the sign-in ({self._heard.error})", next_step="Try again")
        return self._heard.code


def _handler(heard: _Heard) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SILENCE

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path != PATH:
                self._answer(404, "Not found", "This page belongs to Leitmotif's sign-in.")
            elif not secrets.compare_digest(query.get("state", "").encode(), heard.state.encode()):
                self._answer(400, "Not this sign-in", "This answer belongs to another attempt. Please start again.")
            elif "error" in query:
                heard.error = query["error"][:60]
                self._answer(200, "Not connected", "Leitmotif was not allowed in. You can close this page.")
            elif query.get("code"):
                heard.code = query["code"]
                self._answer(200, "Connected", "Leitmotif may use your account. You can close this page.")
            else:
                self._answer(400, "Incomplete", "This answer holds no code. Please start again.")

        def _answer(self, status: int, title: str, text: str) -> None:
            body = _PAGE.format(title=title, text=text).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Log nothing: the address of the request holds the code."""

        def log_error(self, *args: object) -> None:
            """Log nothing, as above."""

    return Handler
