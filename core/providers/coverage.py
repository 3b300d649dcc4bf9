"""How much of a library is covered: found, pending, not found, failed, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import pandas as pd

from core.library import Notice

Status = Literal["found", "pending", "not_found", "failed"]
STATUSES: tuple[Status, ...] = ("found", "pending", "not_found", "failed")


@dataclass(frozen=True, eq=False)
class Coverage:
    """What became of every track.

    Attributes
    ----------
    subject : str
        What was looked for: ``"audio features"`` or ``"genres"``.
    status : pandas.Series
        Text, indexed by track id: ``"found"``; ``"pending"``, nobody has been asked yet; ``"not_found"``, nobody
        who was asked has it; ``"failed"``, the answer never came.
    by_provider : mapping of str to int
        Tracks found, by who gave it, most first.
    unidentified : int
        Tracks among those not found that have nothing to be looked up by.
    troubles : mapping of str to str
        One line for each provider that did not answer some requests, or had to be given up.
    incomplete : int
        Tracks among those found of which only a part is known.
    """

    subject: str
    status: pd.Series
    by_provider: Mapping[str, int]
    unidentified: int
    troubles: Mapping[str, str]
    incomplete: int = 0

    def count(self, status: Status) -> int:
        """Return how many tracks have a status."""
        return int((self.status == status).sum())

    def as_dict(self) -> dict[str, object]:
        """Return the record as plain numbers and texts, ready for JSON.

        Returns
        -------
        dict
            ``subject``, ``tracks``, one count for each status, ``incomplete``, ``unidentified``, ``by_provider``,
            ``troubles``, and ``missing``: the track ids of each status but ``found``, in the library's order.
        """
        missing = {name: self.status.index[self.status == name].tolist() for name in STATUSES if name != "found"}
        return {
            "subject": self.subject,
            "tracks": len(self.status),
            **{name: self.count(name) for name in STATUSES},
            "incomplete": self.incomplete,
            "unidentified": self.unidentified,
            "by_provider": dict(self.by_provider),
            "troubles": dict(self.troubles),
            "missing": missing,
        }

    def lines(self) -> tuple[str, ...]:
        """Return the record as lines of text for a person."""
        found, tracks = self.count("found"), len(self.status)
        share = f" ({found / tracks:.1%})" if tracks else ""
        lines = [f"{self.subject.capitalize()}: {found:,} of {tracks:,} tracks{share}"]
        lines += [f"  from {provider}: {count:,}" for provider, count in self.by_provider.items()]
        if self.incomplete:
            lines.append(f"  of some of these only a part is known: {self.incomplete:,}")
        unidentified = f", {self.unidentified:,} of them without a usable id" if self.unidentified else ""
        texts: dict[Status, str] = {
            "pending": "not asked for yet: {count:,}",
            "not_found": f"not found: {{count:,}}{unidentified}",
            "failed": "failed, to be asked again: {count:,}",
        }
        lines += [f"  {text.format(count=self.count(name))}" for name, text in texts.items() if self.count(name)]
        lines += [f"  {trouble}" for trouble in self.troubles.values()]
        return tuple(lines)

    def notices(self, kind: str, **texts: str) -> list[Notice]:
        """Return what a person should know about the tracks without an answer.

        Parameters
        ----------
        kind : str
            Begins the kind of each notice, such as ``"features"``.
        **texts : str
            What is said of one track of each status; a ``has`` at the beginning becomes ``have`` for several.

        Returns
        -------
        list of Notice
            One for each status that any track has.
        """
        counts = {status: self.count(cast(Status, status)) for status in texts}
        return [
            Notice(f"{kind}-{status.replace('_', '-')}", count, _about(count, texts[status]))
            for status, count in counts.items()
            if count
        ]


def _about(count: int, text: str) -> str:
    """Return a sentence about a number of tracks from what is said of one."""
    verb, rest = text.split(" ", 1)
    return f"1 track {text}" if count == 1 else f"{count:,} tracks {'have' if verb == 'has' else verb} {rest}"
