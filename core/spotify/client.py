"""The only requests to Spotify's Web API: paced, counted, and refused in plain words.

spotipy knows the endpoints; it is given a session that repeats nothing by itself. Reads are repeated a few times,
writes never: whether one took effect without an answer is for the caller to find out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import requests
import spotipy

from core.errors import AnswerLost, OptionError
from core.http import LONGEST_PAUSE, MOST_PAUSES, RETRIES
from core.spotify.addresses import api_url
from core.spotify.auth import Access
from core.spotify.messages import (
    Refusal,
    as_error,
    missing_permission,
    pause_needed,
    unreachable,
)
from core.spotify.queue import PACE, queue
from core.spotify.refusals import refusal_of
from core.storage import Store
from core.transport import CONNECT_SECONDS, READ_SECONDS, is_loopback, patient_session, plain_reason
from core.turns import Pace, Tick, no_tick

T = TypeVar("T")

#: Where the end of a pause that Spotify asked for is remembered, for `leitmotif spotify status`.
PAUSE_KEY: Final = "spotify.pause"
#: Calls of one family in 24 hours from which a person is warned: some families have been closed for a day after 600.
WARN_AT: Final = 400


@dataclass(frozen=True)
class Call:
    """What kind of request it is.

    Attributes
    ----------
    family : str
        Family of endpoints that Spotify may count together.
    doing : str
        For messages: ``"reading the liked songs"``.
    needs : frozenset of str
        The scopes it needs.
    own_limit : bool
        Whether Spotify limits it apart from everything else.
    """

    family: str
    doing: str
    needs: frozenset[str] = frozenset()
    own_limit: bool = False


@dataclass
class _Broken(Exception):
    """No usable answer came."""

    reason: str


@dataclass
class Calls:
    """Requests of this client, counted by family."""

    by_family: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_family.values())


class Client:
    """Asks the Web API for one signed-in person. Use it as a context manager.

    Parameters
    ----------
    access : Access
        The sign-in.
    store : Store
        Where calls are counted.
    tick : callable
        Called while waiting; raises `core.progress.Cancelled` to stop. It may be replaced at any time.
    pace : Pace, default PACE
        A faster one is accepted only for a server on this computer.

    Raises
    ------
    OptionError
        When the pace is too fast, or the address of the Web API may not be used.
    """

    def __init__(self, access: Access, *, store: Store, tick: Tick = no_tick, pace: Pace = PACE) -> None:
        address = api_url()
        if pace.interval < PACE.interval and not is_loopback(address):
            raise OptionError(f"Spotify may be asked once in {PACE.interval:g} s, not in {pace.interval:g} s")
        self.access = access
        self.tick = tick
        self.calls = Calls()
        self.pace = pace
        self._store = store
        self._answer: requests.Response | None = None
        self._session = patient_session(address, lambda: self.tick)
        self._session.hooks["response"].append(self._remember)
        self._api = spotipy.Spotify(
            auth="none yet", requests_session=self._session, requests_timeout=(CONNECT_SECONDS, READ_SECONDS)
        )
        self._api.prefix = address

    def __enter__(self) -> Client:
        """Return the client itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the connections."""
        self._session.close()

    def read(
        self,
        call: Call,
        request: Callable[[spotipy.Spotify], Any],
        *,
        sound: Callable[[object], bool] = lambda answer: isinstance(answer, dict),
    ) -> Any:
        """Ask for something, again when the answer is lost or broken.

        Parameters
        ----------
        call : Call
            What kind of request it is.
        request : callable
            Sends it through spotipy.
        sound : callable
            Tells a sound answer; by default any JSON object is one.

        Returns
        -------
        dict or list
            The decoded JSON.

        Raises
        ------
        SpotifyError
            One of its kinds: not signed in, not permitted, refused, unreachable, or asked for a long pause.
        """
        failures = 0
        while True:
            try:
                answer = self._send(call, request)
                if sound(answer):
                    return answer
                raise _Broken("its answer cannot be read")
            except _Broken as trouble:
                failures += 1
                if failures > RETRIES:
                    raise unreachable(trouble.reason, call.doing) from None
                queue.hold(self.pace.backoff * 2 ** (failures - 1), f"Spotify failed ({trouble.reason})")

    def write(self, call: Call, request: Callable[[spotipy.Spotify], Any], *, answers: str = "") -> dict[str, Any]:
        """Send something that changes data, and never repeat it unless Spotify said that it did nothing.

        Parameters
        ----------
        call, request
            As in `read`.
        answers : str, default ""
            A key that the answer must have to be a sound one; empty where Spotify answers nothing.

        Returns
        -------
        dict
            The decoded JSON object, empty where there is none.

        Raises
        ------
        AnswerLost
            When nobody knows whether it took effect.
        SpotifyError
            When it took no effect: as in `read`.
        """
        try:
            answer = self._send(call, request)
        except _Broken as trouble:
            raise AnswerLost(
                f"the answer was lost while {call.doing} ({trouble.reason})",
                next_step="Run it again: it reads back first",
            ) from None
        if not answers:
            return answer if isinstance(answer, dict) else {}
        if isinstance(answer, dict) and answer.get(answers):
            return answer
        raise AnswerLost(
            f"Spotify's answer could not be read while {call.doing}", next_step="Run it again: it reads back first"
        )

    def _send(self, call: Call, request: Callable[[spotipy.Spotify], Any]) -> Any:
        """Send one request, and again only after an answer that says it was not carried out."""
        missing = call.needs - set(self.access.grant.scopes)
        if missing:
            raise missing_permission(missing)
        token, renewed, pauses = self.access.token(tick=self.tick), False, 0
        while True:
            with queue.turn(self.pace.interval, self.tick):
                refusal, answer = self._once(call, request, token)
                if refusal is None:
                    return answer
                # A pause is noted before the turn ends, so that no other thread asks before it is known.
                if refusal.status == 429:
                    pauses += 1
                    self._pause(refusal, pauses, call)
                    continue
            if refusal.status == 401 and not renewed:
                token, renewed = self.access.renewed(token, tick=self.tick), True
                continue
            if refusal.status >= 500:
                raise _Broken(f"HTTP {refusal.status}")
            raise as_error(refusal, needs=call.needs, doing=call.doing)

    def _pause(self, refusal: Refusal, pauses: int, call: Call) -> None:
        asked = refusal.retry_after if refusal.retry_after is not None else self.pace.backoff * 2**pauses
        if refusal.reason == "QUOTA_EXCEEDED" or asked > LONGEST_PAUSE or pauses > MOST_PAUSES:
            error = pause_needed(refusal, now=time.time())
            if error.until and not call.own_limit:
                self._store.state.set(PAUSE_KEY, error.until, until=error.until)
            raise error
        queue.hold(asked, "Spotify asks for a pause")

    def _once(self, call: Call, request: Callable[[spotipy.Spotify], Any], token: str) -> tuple[Refusal | None, Any]:
        """Send one request; return a refusal or the answer."""
        self._answer = None
        self._store.quota.count(call.family)
        self.calls.by_family[call.family] = self.calls.by_family.get(call.family, 0) + 1
        self._api.set_auth(token)
        try:
            return None, request(self._api)
        except requests.RequestException as error:
            raise _Broken(plain_reason(error)) from None
        except RecursionError:  # JSON in thousands of brackets
            raise _Broken("its answer cannot be read") from None
        except (spotipy.SpotifyException, AttributeError):
            # An error body that is JSON but no object makes spotipy raise AttributeError.
            answer = self._last()
            if answer is None:
                raise
            return refusal_of(answer), None

    def _last(self) -> requests.Response | None:
        return self._answer

    def _remember(self, response: requests.Response, *args: object, **kwargs: object) -> None:
        """Keep the answer: spotipy's exception has lost the half of it that tells what is wrong."""
        del args, kwargs
        self._answer = response
