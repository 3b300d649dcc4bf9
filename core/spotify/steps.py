"""Progress of work that waits for the network now and then."""

from __future__ import annotations

from core.progress import Report


class Steps:
    """Remembers where the work is, so that waiting can be told beside it.

    Parameters
    ----------
    report : Report
        Told about every step and every wait; may raise `core.progress.Cancelled`.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._at = (0, 0, "Asking Spotify")

    def at(self, done: int, total: int, text: str) -> None:
        """Report a step."""
        self._at = (min(done, total) if total else done, total, text)
        self._report(*self._at)

    def tick(self, words: str) -> None:
        """Report a wait, in `words` when there are any; what `core.spotify.client.Client` calls."""
        done, total, text = self._at
        self._report(done, total, words or text)
