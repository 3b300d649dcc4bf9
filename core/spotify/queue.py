"""The one queue of the process: whoever asks Spotify takes a turn, and turns are at least a quarter second apart."""

from __future__ import annotations

from typing import Final

from core.turns import Pace, Queue

#: Four requests a second at most: the published limit is a rolling window of unknown size, and this stays under it.
PACE: Final = Pace(interval=0.25, backoff=1.0)

queue: Final = Queue()
