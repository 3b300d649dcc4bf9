"""HTTP answers that are waited for in short slices, so that a person who stops does not wait for a silent server.

`requests` waits for an answer without looking up. Here the bytes of an answer come through a reader that looks up
several times a second, also inside the head and the body, encrypted or not.
"""

from __future__ import annotations

import contextlib
import io
import socket
import time
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from core.http import ANSWER_BYTES, ANSWER_SECONDS, SLICE, Tick, is_loopback, make_session
from core.spotify.messages import Refusal, read_refusal


def patient_session(address: str, tick: Callable[[], Tick]) -> requests.Session:
    """Return a session that repeats nothing, follows no proxy to this computer, and can be stopped while it waits.

    Parameters
    ----------
    address : str
        Where it will ask.
    tick : callable
        Returns what is called while waiting, which raises `core.progress.Cancelled` to stop.

    Returns
    -------
    requests.Session
        To be closed by the caller.
    """
    session = make_session()
    # A redirection would carry secrets to another server.
    session.max_redirects = 0
    session.auth = _as_it_is
    # A proxy of this network could not reach a server on this computer.
    session.trust_env = not is_loopback(address)
    adapter = _Adapter(tick)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session


def refusal_of(response: requests.Response) -> Refusal:
    """Return what an error answer says."""
    body: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        body = response.json()
    return read_refusal(response.status_code, response.headers, body, response.text)


def plain_reason(error: requests.RequestException) -> str:
    """Return a few plain words for a failure of the HTTP library."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer was cut off"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it sends us elsewhere, as networks with a sign-in page do"
    if isinstance(error, (requests.exceptions.JSONDecodeError, requests.exceptions.ContentDecodingError)):
        return "its answer cannot be read"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the authorisation alone: without this, an entry in ``.netrc`` would replace it."""
    return request


class _Adapter(HTTPAdapter):
    """Connects with connections whose answers can be stopped."""

    def __init__(self, tick: Callable[[], Tick]) -> None:
        self._tick = tick
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._be_patient(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        self._be_patient(manager)
        return manager

    def _be_patient(self, manager: PoolManager) -> None:
        tick = self._tick

        # Pools make connections and connections make answers: three classes lead to what reads the bytes.
        class Answer(HTTPResponse):
            def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
                super().__init__(_Source(sock, tick()), *args, **options)  # type: ignore[arg-type]

        pools: dict[str, type[HTTPConnectionPool]] = {}
        for pool in (HTTPConnectionPool, HTTPSConnectionPool):
            connection = type("Connection", (pool.ConnectionCls,), {"response_class": Answer})
            pools[pool.scheme] = type("Pool", (pool,), {"ConnectionCls": connection})
        manager.pool_classes_by_scheme = pools


class _Source:
    """What `http.client` takes for a socket: it only asks for a file to read."""

    def __init__(self, sock: socket.socket, tick: Tick) -> None:
        self._sock, self._tick = sock, tick

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode
        return io.BufferedReader(_Slices(self._sock, self._tick))


class _Slices(io.RawIOBase):
    """Reads one answer from a socket, slice by slice.

    Raises
    ------
    TimeoutError
        When nothing came for as long as the socket's own limit, or the whole answer took too long.
    OSError
        When the answer is too large.
    """

    def __init__(self, sock: socket.socket, tick: Tick) -> None:
        self._sock, self._tick = sock, tick
        # It keeps the socket open as long as the answer is read, whatever closes the connection meanwhile.
        self._hold = sock.makefile("rb", buffering=0)
        self._start = time.monotonic()
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        limit = self._sock.gettimeout()
        begin = time.monotonic()
        self._sock.settimeout(SLICE)
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    count = self._sock.recv_into(buffer)
                    break
                self._tick("")
                if limit is not None and time.monotonic() - begin > limit:
                    raise TimeoutError("timed out")
        finally:
            with contextlib.suppress(OSError):
                self._sock.settimeout(limit)
        if time.monotonic() - self._start > SLICE:  # a person who stops does not lose an answer that is already there
            self._tick("")
        self._check(count)
        return count

    def _check(self, count: int) -> None:
        self._size += count
        if self._size > ANSWER_BYTES:
            raise OSError(f"the answer is larger than {ANSWER_BYTES >> 20} MB")
        if count and time.monotonic() - self._start > ANSWER_SECONDS:
            raise TimeoutError("timed out")

    def close(self) -> None:
        self._hold.close()
        super().close()
