"""The one queue of the process: whoever asks Spotify takes a turn, and turns are at least a quarter second apart."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Final

from core.http import SLICE, Pace, Tick

#: Four requests a second at most: the published limit is a rolling window of unknown size, and this stays under it.
PACE: Final = Pace(interval=0.25, backoff=1.0)


class Queue:
    """Turns of requests, shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._reason = ""

    @contextlib.contextmanager
    def turn(self, interval: float, tick: Tick) -> Iterator[None]:
        """Wait for the next turn and keep it while the block runs.

        Parameters
        ----------
        interval : float
            Seconds from the start of this turn to the start of the next.
        tick : callable
            Called with a few words or none while waiting; raises `core.progress.Cancelled` to stop.
        """
        while not self._lock.acquire(timeout=SLICE):
            tick("")
        try:
            while (left := self._free_at - time.monotonic()) > 0:
                tick(f"{self._reason}: {left:.0f} s left" if self._reason else "")
                time.sleep(min(left, SLICE))
            tick("")
            self._free_at, self._reason = time.monotonic() + interval, ""
            yield
        finally:
            self._lock.release()

    def hold(self, seconds: float, reason: str) -> None:
        """Let nobody ask for a while; `reason` is told to whoever waits."""
        self._free_at = max(self._free_at, time.monotonic() + seconds)
        self._reason = reason


queue: Final = Queue()
