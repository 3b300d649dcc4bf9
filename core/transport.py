"""How bytes come from other computers: within limits of time and size, and stopped whenever a person asks.

`requests` waits for a connection and for an answer without looking up. Here both are waited for in short slices, from
the first packet to the last byte of the body, encrypted or not. Only the look-up of a name cannot be stopped. Plain
HTTP is accepted only for addresses on this computer.
"""

from __future__ import annotations

import contextlib
import errno
import io
import ipaddress
import math
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager
from urllib3.util.ssl_ import create_urllib3_context

from core import __version__
from core.errors import OptionError
from core.turns import SLICE, Tick

T = TypeVar("T")

#: Seconds to reach a server, and between two pieces of its answer.
CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
#: Seconds for a whole answer: a body that drips a byte at a time never trips the limit between pieces.
ANSWER_SECONDS: Final = 60.0
#: Largest answer held in memory; a full page of any service used here is below 2 MB.
ANSWER_BYTES: Final = 32 * 2**20
#: What the system says of a connection that is being made: `WSAEWOULDBLOCK` is Windows' word.
_UNDER_WAY: Final = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", -1)})


class AnswerTooLarge(OSError):
    """More arrived than is taken."""

    def __init__(self) -> None:
        super().__init__(f"the answer is larger than {ANSWER_BYTES >> 20} MB")


def check_url(url: str) -> str:
    """Return a base address that ends in a slash, after checking that it may be used.

    Parameters
    ----------
    url : str
        ``https://…``, or ``http://…`` for a server on this computer.

    Returns
    -------
    str
        The same address with one slash at its end.

    Raises
    ------
    OptionError
        When it is neither.
    """
    with contextlib.suppress(ValueError):  # a port that is no number, or too large
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        if safe and parts.hostname and parts.port != 0:
            return url.rstrip("/") + "/"
    raise OptionError(
        f"the address {url!r} cannot be used",
        next_step="Use an https address; plain http is only for servers on this computer",
    )


def is_loopback(url: str) -> bool:
    """Return whether an address is on this computer: ``localhost``, ``127.0.0.0/8`` or ``::1``."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def user_agent(contact: str = "") -> str:
    """Return how the program introduces itself: name, version, and in parentheses whom to write to or what it is.

    MusicBrainz and the network in front of ReccoBeats refuse the names that HTTP libraries send of themselves.

    Parameters
    ----------
    contact : str, default ""
        An e-mail address or a web page of the person who asks.
    """
    return f"Leitmotif/{__version__} ( {contact or 'desktop music library organiser'} )"


def patient_session(
    address: str, tick: Callable[[], Tick], *, redirects: int = 0, endless: bool = False
) -> requests.Session:
    """Return a session that names the program, repeats nothing, and can be stopped while it waits.

    Parameters
    ----------
    address : str
        Where it will ask. For this computer no proxy is used: one of the network could not reach it.
    tick : callable
        Returns what is called while waiting, which raises `core.progress.Cancelled` to stop.
    redirects : int, default 0
        How many are followed; each would carry secrets to another server.
    endless : bool, default False
        Whether an answer may be of any size and take any time as long as it keeps coming, as a large file does.

    Returns
    -------
    requests.Session
        To be closed by the caller.
    """
    session = requests.Session()
    session.headers.update({"User-Agent": user_agent(), "Accept": "application/json"})
    session.max_redirects = redirects
    session.auth = _as_it_is
    session.trust_env = not is_loopback(address)
    adapter = _Adapter(tick, endless=endless)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session


def plain_reason(error: Exception) -> str:
    """Return a few plain words for a failure of the HTTP library."""
    causes = list(_causes(error))
    for kinds, words in _REASONS:
        if found := next((cause for cause in causes if isinstance(cause, kinds)), None):
            return words or str(found)
    return "its answer cannot be read"


#: The first kind found among an error's causes tells what happened; without words it speaks for itself.
_REASONS: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((AnswerTooLarge,), ""),
    ((ssl.SSLCertVerificationError,), "its certificate is not valid"),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), "no secure connection can be made"),
    ((urllib3.exceptions.NewConnectionError,), "the server cannot be reached"),
    ((requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), "no answer in time"),
    ((requests.exceptions.TooManyRedirects,), "it sends us elsewhere, as networks with a sign-in page do"),
    ((urllib3.exceptions.ProtocolError, ConnectionError), "the connection was cut"),
    ((requests.ConnectionError,), "the server cannot be reached"),
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from, the first cause last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the authorisation alone: without this, an entry in ``.netrc`` would replace it."""
    return request


class _Adapter(HTTPAdapter):
    """Makes connections that can be stopped at every step."""

    def __init__(self, tick: Callable[[], Tick], *, endless: bool) -> None:
        self._tick, self._endless = tick, endless
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=_patient_context(self._tick))
        self._be_patient(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options, ssl_context=_patient_context(self._tick))
        self._be_patient(manager)
        return manager

    def _be_patient(self, manager: PoolManager) -> None:
        tick, endless = self._tick, self._endless

        # Pools make connections and connections make answers: three classes lead to what reads the bytes.
        class Answer(HTTPResponse):
            def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
                super().__init__(_Source(sock, tick(), endless), *args, **options)  # type: ignore[arg-type]

        def connect(connection: Any) -> socket.socket:
            return _connect(connection, tick())

        pools: dict[str, type[HTTPConnectionPool]] = {}
        for pool in (HTTPConnectionPool, HTTPSConnectionPool):
            own = {"response_class": Answer, "_new_conn": connect}
            connection = type("Connection", (pool.ConnectionCls,), own)
            pools[pool.scheme] = type("Pool", (pool,), {"ConnectionCls": connection})
        manager.pool_classes_by_scheme = pools


def _connect(connection: Any, tick: Tick) -> socket.socket:
    """Return a socket connected to where a connection of urllib3 leads, with errors as urllib3 tells them."""
    host, limit = connection._dns_host.strip("[]"), connection.timeout  # the parts urllib3 itself connects with
    try:
        places = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise urllib3.exceptions.NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
    trouble = OSError("no address")
    for family, kind, protocol, _, place in places:
        try:
            return _reached(socket.socket(family, kind, protocol), place, limit, connection.socket_options, tick)
        except OSError as error:
            trouble = error
    if isinstance(trouble, TimeoutError):
        raise urllib3.exceptions.ConnectTimeoutError(connection, str(trouble)) from trouble
    raise urllib3.exceptions.NewConnectionError(connection, str(trouble)) from trouble


def _reached(sock: socket.socket, place: Any, limit: float | None, options: Any, tick: Tick) -> socket.socket:
    """Return the socket once it is connected; it is closed when that fails."""
    try:
        for option in options or ():
            sock.setsockopt(*option)
        sock.setblocking(False)
        code = sock.connect_ex(place)
        if code in _UNDER_WAY:
            _in_slices(lambda: _settled(sock), limit, tick)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        sock.settimeout(limit)
        return sock
    except BaseException:
        sock.close()
        raise


def _settled(sock: socket.socket) -> None:
    """Wait for one slice until a connection is made or has failed."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(sock, selectors.EVENT_WRITE)
        if not waiting.select(SLICE):
            raise TimeoutError("timed out")


def _patient_context(tick: Callable[[], Tick]) -> ssl.SSLContext:
    """Return a context whose handshakes can be stopped."""

    class Socket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            try:
                with _short_limit(self) as limit:
                    _in_slices(lambda: super(Socket, self).do_handshake(block), limit, tick())
            except BaseException:  # Python itself closes it after an error only, not when the person stopped
                self.close()
                raise

    context = create_urllib3_context()
    context.sslsocket_class = Socket
    return context


def _in_slices(step: Callable[[], T], limit: float | None, tick: Tick) -> T:
    """Return what a step gives that times out after one slice and may be repeated.

    Raises
    ------
    TimeoutError
        When it gives nothing within the limit, in seconds.
    """
    begin = time.monotonic()
    while True:
        with contextlib.suppress(TimeoutError):
            return step()
        tick("")
        if limit is not None and time.monotonic() - begin > limit:
            raise TimeoutError("timed out")


@contextlib.contextmanager
def _short_limit(sock: socket.socket) -> Iterator[float | None]:
    """Let a socket wait for one slice only; yield its own limit, which it has again afterwards."""
    limit = sock.gettimeout()
    sock.settimeout(SLICE)
    try:
        yield limit
    finally:
        with contextlib.suppress(OSError):
            sock.settimeout(limit)


class _Source:
    """What `http.client` takes for a socket: it only asks for a file to read."""

    def __init__(self, sock: socket.socket, tick: Tick, endless: bool) -> None:
        self._sock, self._tick, self._endless = sock, tick, endless

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode
        return io.BufferedReader(_Slices(self._sock, self._tick, self._endless))


class _Slices(io.RawIOBase):
    """Reads one answer from a socket, slice by slice.

    Raises
    ------
    TimeoutError
        When nothing came for as long as the socket's own limit, or the whole answer took too long.
    AnswerTooLarge
        When the answer is too large.
    """

    def __init__(self, sock: socket.socket, tick: Tick, endless: bool) -> None:
        self._sock, self._tick = sock, tick
        # It keeps the socket open as long as the answer is read, whatever closes the connection meanwhile.
        self._hold = sock.makefile("rb", buffering=0)
        self._bytes: float = math.inf if endless else ANSWER_BYTES
        self._seconds: float = math.inf if endless else ANSWER_SECONDS
        self._start = time.monotonic()
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _short_limit(self._sock) as limit:
            count = _in_slices(lambda: self._sock.recv_into(buffer), limit, self._tick)
        if time.monotonic() - self._start > SLICE:  # a person who stops does not lose an answer that is already there
            self._tick("")
        self._check(count)
        return count

    def _check(self, count: int) -> None:
        self._size += count
        if self._size > self._bytes:
            raise AnswerTooLarge
        if count and time.monotonic() - self._start > self._seconds:
            raise TimeoutError("timed out")

    def close(self) -> None:
        self._hold.close()
        super().close()
