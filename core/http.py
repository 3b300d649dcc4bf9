"""The one way to other computers: one paced queue per address, time limits, patience with bounds, clear errors.

Nothing else in the program opens a connection of its own, except the Spotify library, which is handed
`make_session`. Plain HTTP is accepted only for addresses on this computer.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from core import __version__
from core.errors import FeatureError, LeitmotifError, OptionError, ProviderClosed, RateLimited

T = TypeVar("T")
#: Called while waiting, with a few words or none; raises `core.progress.Cancelled` to stop.
Tick = Callable[[str], None]

#: Seconds to reach a server, and between two pieces of its answer.
CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
#: Seconds for a whole answer: a body that drips a byte at a time never trips the limit between pieces.
ANSWER_SECONDS = 60.0
#: Largest answer held in memory; a full page of any service used here is below 2 MB.
ANSWER_BYTES = 32 * 2**20
#: A failed GET is sent again this many times; nothing else is ever sent twice.
RETRIES = 3
#: A pause up to this long is waited for; a person would not sit through a longer one.
LONGEST_PAUSE = 30.0
#: Pauses asked for in a row before one request is given up.
MOST_PAUSES = 8
#: Seconds between two looks at whether the person asked to stop.
SLICE = 0.1
#: Signs of the longest e-mail address there can be (RFC 5321 with RFC 3696's erratum 1690).
LONGEST_CONTACT = 254
#: The service answered, and the answer is: not you, or not any more.
CLOSED_STATUSES = frozenset({403, 410, 451})


def no_tick(text: str) -> None:
    """Wait without telling anybody."""


class BrokenAnswer(Exception):
    """An answer arrived that cannot be used; asking again may help. It never leaves the client."""


@dataclass(frozen=True)
class Pace:
    """How fast a service may be asked.

    Attributes
    ----------
    interval : float
        Seconds from the start of one request to the start of the next.
    backoff : float
        Seconds before the first repetition of a failed request; doubled for each further one.
    """

    interval: float
    backoff: float = 1.0


@dataclass(frozen=True)
class Service:
    """What the client has to know about a service.

    Attributes
    ----------
    name : str
        What a person calls it.
    pace : Pace
        The fastest it may be asked.
    failed, closed, limited : type
        The errors raised when it cannot be reached or answers nonsense, when it refuses, and when it asks
        for a pause that is too long.
    """

    name: str
    pace: Pace
    failed: type[LeitmotifError] = FeatureError
    closed: type[LeitmotifError] = ProviderClosed
    limited: type[LeitmotifError] = RateLimited


@dataclass(frozen=True)
class Answer:
    """One complete answer of a server.

    Attributes
    ----------
    status : int
        HTTP status.
    headers : mapping of str to str
        Names compare without case.
    body : bytes
        Decompressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def text(self) -> str:
        """Return the body as text, decoded as UTF-8."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> object:
        """Return the body read as JSON.

        Raises
        ------
        BrokenAnswer
            When it is not JSON: cut short, or a page meant for a browser.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise BrokenAnswer("the answer is not complete JSON") from None


class _Queue:
    """Whose turn it is at one address, and when the next turn begins."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.free_at = 0.0
        self.reason = ""


_queues: dict[str, _Queue] = {}
_queues_lock = threading.Lock()


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


def contact() -> str:
    """Return the person's contact for services that want one, from ``LEITMOTIF_CONTACT``; empty when they gave none.

    Raises
    ------
    OptionError
        When it cannot stand in a header: signs beyond ASCII, parentheses, or more than `LONGEST_CONTACT` of them.
    """
    given = os.environ.get("LEITMOTIF_CONTACT", "").strip()
    if given.isascii() and given.isprintable() and not set("()") & set(given) and len(given) <= LONGEST_CONTACT:
        return given
    raise OptionError(
        f"{given[:LONGEST_CONTACT]!r} cannot be sent as a contact",
        next_step="Set LEITMOTIF_CONTACT to an e-mail address or a web page",
    )


def make_session() -> requests.Session:
    """Return a session that names the program and repeats nothing by itself.

    Returns
    -------
    requests.Session
        To be closed by the caller.
    """
    session = requests.Session()
    session.headers.update({"User-Agent": user_agent(), "Accept": "application/json"})
    return session


class HttpClient:
    """Asks one service, one request at a time, no faster than it wants to be asked.

    All clients of one address in the process share one queue, so that a second run keeps the pace of the first.
    Use it as a context manager.

    Parameters
    ----------
    service : Service
        What is asked.
    base_url : str
        Its address, with or without a slash at its end.
    pace : Pace, optional
        Another pace than the service's. A faster one is accepted only for addresses on this computer.
    headers : callable, optional
        Returns headers for each request, such as an authorisation that is renewed from time to time.

    Raises
    ------
    OptionError
        When the address may not be used, or the pace is too fast for it.
    """

    def __init__(
        self,
        service: Service,
        base_url: str,
        *,
        pace: Pace | None = None,
        headers: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.service = service
        self.base_url = check_url(base_url)
        self.pace = pace or service.pace
        hurried = self.pace.interval < service.pace.interval or self.pace.backoff < service.pace.backoff
        if hurried and not is_loopback(self.base_url):
            raise OptionError(
                f"{service.name} may be asked once in {service.pace.interval:g} s, not in {self.pace.interval:g} s"
            )
        self._headers = headers
        self._session = make_session()
        # A proxy of this network could not reach a server on this computer.
        self._session.trust_env = not is_loopback(self.base_url)
        self._queue = _queue_of(self.base_url)

    def __enter__(self) -> HttpClient:
        """Return the client itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the connections."""
        self._session.close()

    def get_json(
        self,
        path: str,
        params: Mapping[str, str],
        *,
        read: Callable[[object], T],
        tick: Tick = no_tick,
    ) -> T:
        """Ask for JSON and read it.

        Parameters
        ----------
        path : str
            Below the base address, without a slash at its start.
        params : mapping of str to str
            The query.
        read : callable
            Turns the decoded JSON into the result, or raises `BrokenAnswer` when it has the wrong shape.
        tick : callable
            Called many times a second while waiting.

        Returns
        -------
        object
            What `read` returned.

        Raises
        ------
        LeitmotifError
            The service's ``failed`` after `RETRIES` repetitions or for another refusal (HTTP 4xx), ``closed``
            for HTTP 403, 410 and 451, ``limited`` for a pause longer than `LONGEST_PAUSE` or the ninth in a row.
        """
        return self._get(path, params, lambda answer: read(answer.json()), tick)

    def get_text(self, path: str, params: Mapping[str, str], *, tick: Tick = no_tick) -> str:
        """Ask for plain text; parameters and errors as in `get_json`."""
        return self._get(path, params, _plain_text, tick)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        tick: Tick = no_tick,
    ) -> Answer:
        """Send a request that changes something, exactly once.

        Parameters
        ----------
        method : str
            ``"POST"``, ``"PUT"`` or ``"DELETE"``.
        path, params, tick
            As in `get_json`.
        body : object
            Sent as JSON; None for no body.

        Returns
        -------
        Answer
            Whatever the server answered, with any status.

        Raises
        ------
        LeitmotifError
            The service's ``failed`` when no complete answer came: whether the request had its effect is then unknown.
        """
        try:
            return self._exchange(method, path, params or {}, body, tick)
        except BrokenAnswer as trouble:
            raise self.service.failed(f"{self.service.name} gave no usable answer: {trouble}") from None

    def _get(self, path: str, params: Mapping[str, str], read: Callable[[Answer], T], tick: Tick) -> T:
        """Send a GET until its answer can be used or patience ends."""
        failures = pauses = 0
        while True:
            try:
                answer = self._exchange("GET", path, params, None, tick)
                if (pause := _pause_asked(answer, self.pace.backoff * 2**pauses)) is None:
                    self._check_status(answer)
                    return read(answer)
            except BrokenAnswer as trouble:
                failures += 1
                if failures > RETRIES:
                    raise self._failed(f"gave no usable answer {failures} times: {trouble}") from None
                self._hold(self.pace.backoff * 2 ** (failures - 1), f"{self.service.name} failed ({trouble})")
                continue
            pauses += 1
            if pause > LONGEST_PAUSE or pauses > MOST_PAUSES:
                raise self._limited(pause)
            self._hold(pause, f"{self.service.name} asks for a pause")

    def _exchange(self, method: str, path: str, params: Mapping[str, str], body: object, tick: Tick) -> Answer:
        """Wait for the turn, send one request and return its complete answer."""
        self._take_turn(tick)
        try:
            response = self._session.request(
                method,
                self.base_url + path,
                params=dict(params),
                json=body,
                headers=dict(self._headers()),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
                allow_redirects=False,
            )
            with response:
                return Answer(response.status_code, response.headers, _read_body(response, tick))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise BrokenAnswer(_plain_reason(error)) from None
        finally:
            self._queue.lock.release()

    def _take_turn(self, tick: Tick) -> None:
        """Take the queue's lock at the moment the next request may start."""
        while not self._queue.lock.acquire(timeout=SLICE):
            tick("")
        try:
            while (left := self._queue.free_at - time.monotonic()) > 0:
                tick(f"{self._queue.reason}: {left:.0f} s left" if self._queue.reason else "")
                time.sleep(min(left, SLICE))
            tick("")
        except BaseException:
            self._queue.lock.release()
            raise
        self._queue.free_at = time.monotonic() + self.pace.interval
        self._queue.reason = ""

    def _hold(self, seconds: float, reason: str) -> None:
        """Let nobody ask this address for a while."""
        self._queue.free_at = max(self._queue.free_at, time.monotonic() + seconds)
        self._queue.reason = reason

    def _check_status(self, answer: Answer) -> None:
        if answer.status >= 500 or 300 <= answer.status < 400:
            raise BrokenAnswer(f"HTTP {answer.status}")
        if answer.status in CLOSED_STATUSES:
            raise self.service.closed(
                f"{self.service.name} refuses the request (HTTP {answer.status}{_said(answer)})",
                next_step="The other sources are used instead",
            )
        if answer.status >= 400:
            raise self._failed(f"refuses the request (HTTP {answer.status}{_said(answer)})")

    def _failed(self, text: str) -> LeitmotifError:
        return self.service.failed(
            f"{self.service.name} {text}", next_step="What was found is kept; run it again later for the rest"
        )

    def _limited(self, pause: float) -> LeitmotifError:
        when = datetime.now().astimezone() + timedelta(seconds=pause)
        return self.service.limited(
            f"{self.service.name} asks for a pause of {_duration(pause)}",
            next_step=f"What was found is kept; run it again after {when:%Y-%m-%d %H:%M}",
        )


def _queue_of(base_url: str) -> _Queue:
    with _queues_lock:
        return _queues.setdefault(urlsplit(base_url).netloc, _Queue())


def _read_body(response: requests.Response, tick: Tick) -> bytes:
    """Return the body piece by piece as it arrives, within the limits of time and size."""
    pieces: list[bytes] = []
    size = 0
    start = time.monotonic()
    while piece := response.raw.read1(65536, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES:
            raise BrokenAnswer(f"the answer is larger than {ANSWER_BYTES >> 20} MB")
        waited = time.monotonic() - start
        if waited > ANSWER_SECONDS:
            raise BrokenAnswer(f"the answer took longer than {ANSWER_SECONDS:.0f} s")
        if waited > SLICE:  # a person who stops does not lose an answer that is already there
            tick("")
    return b"".join(pieces)


def _pause_asked(answer: Answer, otherwise: float) -> float | None:
    """Return how many seconds the server wants to be left alone; None when it does not say so."""
    asked = answer.headers.get("Retry-After", "")
    if answer.status != 429 and not (answer.status == 503 and asked):
        return None
    try:
        if asked.strip().isdigit():
            return float(asked)
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, OverflowError):
        return otherwise


def _plain_text(answer: Answer) -> str:
    if "html" in answer.headers.get("Content-Type", ""):
        raise BrokenAnswer("a page for browsers came instead of text")
    return answer.text()


def _plain_reason(error: Exception) -> str:
    """Return a few plain words for a failure of the HTTP library."""
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection was cut"
    if isinstance(error, requests.ConnectionError):
        return "it cannot be reached"
    return type(error).__name__


def _said(answer: Answer) -> str:
    """Return a short quotation of the server's own words, or nothing."""
    words = " ".join(answer.text().split())
    return f": {words[:120]}" if words and not words.startswith("<") else ""


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
