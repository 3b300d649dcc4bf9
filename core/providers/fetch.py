"""Asks the providers of audio features in turn, keeps every answer at once, and tells how much is covered.

A track's features always come from one provider as a whole. A track that has some base features but not all is
asked for like one that has none; what a later provider knows takes its place only when it is more complete.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pandas as pd

from core.errors import FeatureError, SpotifyError
from core.features import BASE_NAMES, OPTIONAL_NAMES
from core.library import Library, Notice
from core.progress import Report, silent
from core.providers.base import FEATURE_NAMES, ISRC_PREFIX, Batch, FeatureStore, Provider, wanted_tracks
from core.providers.coverage import Coverage
from core.providers.mixing import provider_shift
from core.providers.stored import stored_features

#: Kinds of the notices given here; a library that comes back loses its old ones.
NOTICE_KINDS = frozenset(
    {"features-not-found", "features-pending", "features-failed", "features-rejected", "providers-differ"}
)


def fetch_features(
    library: Library,
    *,
    providers: Sequence[Provider],
    store: FeatureStore | None = None,
    ask: bool = True,
    report: Report = silent,
    now: Callable[[], float] = time.time,
) -> tuple[Library, Coverage]:
    """Get audio features for every track from the first provider that has them.

    Every answer of a provider is kept in the store as it arrives, with what the provider did not have. A run that
    was stopped or killed is continued by calling this again: nothing that was answered and kept is asked for
    again, misses for 30 days.

    Parameters
    ----------
    library : Library
        Any library.
    providers : sequence of Provider
        In the order they are tried; values in the library's own file take part only through `InFile`.
    store : FeatureStore, optional
        Where answers are kept.
    ask : bool, default True
        False sends no request: only this computer's files and the store are used, to see how things stand.
    report : Report
        Told about progress. When it raises `core.progress.Cancelled`, what was answered so far is in the store.
    now : callable
        Seconds since 1970.

    Returns
    -------
    library : Library
        The same tracks with the features found, each with its provider, and notices for what is missing.
    coverage : Coverage
        What became of every track. A provider that failed or had to be given up is named there; it raises nothing.
    """
    run = _Run(library, store, ask, now)
    for provider in providers:
        run.ask_provider(provider, report)
    coverage = run.coverage()
    filled = run.filled_library()
    return filled.with_notices(_notices(coverage, run.rejected) + provider_shift(filled)), coverage


class _Run:
    """What is known of every track so far."""

    def __init__(self, library: Library, store: FeatureStore | None, ask: bool, now: Callable[[], float]) -> None:
        self.library = library
        self.store = store
        self.ask = ask
        self.now = now
        self.wanted = wanted_tracks(library)
        self.values = np.full((len(library), len(FEATURE_NAMES)), np.nan)
        self.givers = np.full(len(library), "", dtype=object)
        self.known = np.zeros(len(library), dtype=np.int64)
        self.failed = np.zeros(len(library), dtype=bool)
        self.pending = np.zeros(len(library), dtype=bool)
        self.rejected = 0
        self.notices: list[Notice] = []
        self.troubles: dict[str, str] = {}

    def ask_provider(self, provider: Provider, report: Report) -> None:
        """Ask one provider for what is still missing."""
        missed: set[str] = set()
        wanted = self.wanted[self.known < len(BASE_NAMES)]
        if self.store is not None and provider.asks_by:
            kept = stored_features(self.store, wanted, only=provider.name)
            self.take(Batch(kept))
            wanted = wanted.drop(index=kept.index)
            lookups = [*wanted["spotify_id"], *(ISRC_PREFIX + wanted["isrc"])]
            missed.update(self.store.misses(provider.name, lookups, now=self.now()))
        stopped = not self.ask and bool(provider.asks_by)
        if not stopped and len(wanted):
            try:
                with closing(provider.fetch(wanted, missed=frozenset(missed), report=report)) as batches:
                    for batch in batches:
                        self._keep(provider, batch)
                        self.take(batch)
                        missed.update(batch.missed)
                        if batch.trouble:
                            self.troubles[provider.name] = batch.trouble
            except (FeatureError, SpotifyError) as error:
                stopped = True
                self.troubles[provider.name] = error.line()
        if stopped:
            self.pending |= self._unsettled(provider, missed)

    def take(self, batch: Batch) -> None:
        """Take what a batch knows better than what is there."""
        found = batch.found
        counts = found[list(BASE_NAMES)].notna().sum(axis=1).to_numpy()
        better = counts > self.known[found.index]
        rows = found.index.to_numpy()[better]
        self.values[rows] = found[list(FEATURE_NAMES)].to_numpy(dtype=np.float64)[better]
        self.givers[rows] = found["provider"].to_numpy(dtype=object)[better]
        self.known[rows] = counts[better]
        self.failed[list(batch.failed)] = True
        self.rejected += batch.rejected
        self.notices.extend(batch.notices)

    def _keep(self, provider: Provider, batch: Batch) -> None:
        """Put an answer into the store before anything else happens."""
        if self.store is None or not provider.remembered:
            return
        keys = self.wanted["key"].iloc[batch.found.index]
        found = batch.found[list(FEATURE_NAMES)].set_axis(pd.Index(keys, name="key"))
        found = found[(found.index != "") & ~found.index.duplicated()]
        if len(found) or batch.missed:
            self.store.put(provider.name, found, missing=batch.missed, now=self.now())

    def _unsettled(self, provider: Provider, missed: set[str]) -> np.ndarray:
        """Return which tracks a provider has not been asked for in every way it can be."""
        tracks, codes = self.wanted["spotify_id"], self.wanted["isrc"]
        unsettled = pd.Series(False, index=self.wanted.index)
        if "spotify_id" in provider.asks_by:
            unsettled |= (tracks != "") & ~tracks.isin(missed)
        if "isrc" in provider.asks_by:
            unsettled |= (codes != "") & ~(ISRC_PREFIX + codes).isin(missed)
        return unsettled.to_numpy(dtype=bool)

    def coverage(self) -> Coverage:
        """Return what became of every track; one of which a part is known is found once nobody else can be asked."""
        whole, some = self.known == len(BASE_NAMES), self.known > 0
        status = np.select(
            [whole, self.failed, self.pending, some], ["found", "failed", "pending", "found"], default="not_found"
        )
        unidentified = (status == "not_found") & (self.wanted["key"] == "").to_numpy()
        givers = pd.Series(self.givers[status == "found"], dtype="str").value_counts()
        return Coverage(
            subject="audio features",
            status=pd.Series(status, index=self.library.tracks.index, dtype="str"),
            by_provider={str(name): int(count) for name, count in sorted(givers.items(), key=lambda p: (-p[1], p[0]))},
            unidentified=int(unidentified.sum()),
            troubles=self.troubles,
            incomplete=int((some & ~whole & (status == "found")).sum()),
        )

    def filled_library(self) -> Library:
        """Return the library with what was found."""
        frame = pd.DataFrame(self.values, index=self.library.features.index, columns=list(FEATURE_NAMES))
        empty = [name for name in OPTIONAL_NAMES if frame[name].isna().all()]
        own = [notice for notice in self.library.notices if notice.kind not in NOTICE_KINDS]
        return replace(
            self.library,
            features=frame.drop(columns=[name for name in empty if name not in self.library.features.columns]),
            providers=pd.Series(self.givers, index=frame.index).astype("str"),
            notices=tuple(dict.fromkeys((*own, *self.notices))),
        )


def _notices(coverage: Coverage, rejected: int) -> tuple[Notice, ...]:
    """Return what a person should know about the tracks without features."""
    why = "; ".join(coverage.troubles.values())
    because = f" ({why})" if why else ""
    notices = coverage.notices(
        "features",
        not_found="has no audio features anywhere that was asked",
        pending=f"has not been asked for yet{because}",
        failed=f"got no answer, to be asked for again next time{because}",
    )
    if rejected:
        text = f"{rejected:,} values from providers were outside their range and count as missing"
        notices.append(Notice("features-rejected", rejected, text))
    return tuple(notices)
