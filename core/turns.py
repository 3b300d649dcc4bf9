"""Whose turn it is to ask a service, and when the next turn begins: one queue for each, shared by all threads."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

#: Called while waiting, with a few words or none; raises `core.progress.Cancelled` to stop.
Tick = Callable[[str], None]

#: Seconds between two looks at whether the person asked to stop.
SLICE: Final = 0.1


def no_tick(text: str) -> None:
    """Wait without telling anybody."""


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


class Queue:
    """Turns of requests, one at a time."""

    def __init__(self) -> None:
        # Held as long as a turn lasts.
        self._turn = threading.Lock()
        # Held for a moment: a pause is noted by one thread while another waits for its turn or has it.
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._reason = ""

    @contextlib.contextmanager
    def turn(self, interval: float, tick: Tick) -> Iterator[None]:
        """Wait for the next turn and keep it while the block runs.

        A pause that an answer asks for is noted inside the block, so that nobody is sent before it is known.

        Parameters
        ----------
        interval : float
            Seconds from the start of this turn to the start of the next.
        tick : callable
            Called with a few words or none while waiting; raises `core.progress.Cancelled` to stop.
        """
        while not self._turn.acquire(timeout=SLICE):
            tick("")
        try:
            tick("")
            while (left := self._left(interval)) > 0:
                tick(f"{self._reason}: {left:.0f} s left" if self._reason else "")
                time.sleep(min(left, SLICE))
            yield
        finally:
            self._turn.release()

    def hold(self, seconds: float, reason: str) -> None:
        """Let nobody ask for a while; `reason` is told to whoever waits."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)
            self._reason = reason

    def _left(self, interval: float) -> float:
        """Return the seconds until a turn may start; 0 once it has started, which settles when the next one may."""
        with self._lock:
            now = time.monotonic()
            if self._free_at > now:
                return self._free_at - now
            self._free_at, self._reason = now + interval, ""
            return 0.0
