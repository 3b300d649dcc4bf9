"""The one way to other computers: one paced queue per address, time limits, patience with bounds, clear errors.

Nothing else in the program opens a connection of its own, except the Spotify library, which is handed
`core.transport.patient_session`.
"""

from __future__ import annotations

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

from core.errors import FeatureError, LeitmotifError, OptionError, ProviderClosed, RateLimited
from core.transport import (
    ANSWER_BYTES,
    CONNECT_SECONDS,
    READ_SECONDS,
    AnswerTooLarge,
    check_url,
    is_loopback,
    patient_session,
    plain_reason,
)
from core.turns import Pace, Queue, Tick, no_tick

T = TypeVar("T")
#: A failed GET is sent again this many times; nothing else is ever sent twice.
RETRIES = 3
#: A pause up to this long is waited for; a person would not sit through a longer one.
LONGEST_PAUSE = 30.0
#: Pauses asked for in a row before one request is given up.
MOST_PAUSES = 8
#: Signs of the longest e-mail address there can be (RFC 5321 with RFC 3696's erratum 1690).
LONGEST_CONTACT = 254
#: The service answered, and the answer is: not you, or not any more.
CLOSED_STATUSES = frozenset({403, 410, 451})


class BrokenAnswer(Exception):
    """An answer arrived that cannot be used; asking again may help. It never leaves the client."""


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


_queues: dict[str, Queue] = {}
_queues_lock = threading.Lock()


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
        self._tick: Tick = no_tick
        self._session = patient_session(self.base_url, lambda: self._tick)
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

    def _get(self, path: str, params: Mapping[str, str], read: Callable[[Answer], T], tick: Tick) -> T:
        """Send a GET until its answer can be used or patience ends."""
        failures = pauses = 0
        while True:
            # A pause is noted before the turn ends, so that no other thread asks before it is known.
            with self._queue.turn(self.pace.interval, tick):
                try:
                    answer = self._exchange(path, params, tick)
                    if (pause := _pause_asked(answer, self.pace.backoff * 2**pauses)) is None:
                        self._check_status(answer)
                        return read(answer)
                except BrokenAnswer as trouble:
                    failures += 1
                    if failures > RETRIES:
                        raise self._failed(f"gave no usable answer {failures} times: {trouble}") from None
                    backoff = self.pace.backoff * 2 ** (failures - 1)
                    self._queue.hold(backoff, f"{self.service.name} failed ({trouble})")
                    continue
                pauses += 1
                if pause > LONGEST_PAUSE or pauses > MOST_PAUSES:
                    raise self._limited(pause)
                self._queue.hold(pause, f"{self.service.name} asks for a pause")

    def _exchange(self, path: str, params: Mapping[str, str], tick: Tick) -> Answer:
        """Send one request and return its complete answer."""
        self._tick = tick
        try:
            response = self._session.get(
                self.base_url + path,
                params=dict(params),
                headers=dict(self._headers()),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
                allow_redirects=False,
            )
            with response:
                return Answer(response.status_code, response.headers, _read_body(response))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise BrokenAnswer(plain_reason(error)) from None

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


def _queue_of(base_url: str) -> Queue:
    with _queues_lock:
        return _queues.setdefault(urlsplit(base_url).netloc, Queue())


def _read_body(response: requests.Response) -> bytes:
    """Return the body piece by piece as it arrives: a small one may grow beyond its limit when it is unpacked."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.raw.read1(65536, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES:
            raise AnswerTooLarge
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


def _said(answer: Answer) -> str:
    """Return a short quotation of the server's own words, or nothing."""
    words = " ".join(answer.text().split())
    return f": {words[:120]}" if words and not words.startswith("<") else ""


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
