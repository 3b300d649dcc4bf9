"""Audio features from Spotify itself, for the few apps it still answers.

``GET audio-features?ids=`` takes at most 100 ids and answers ``{"audio_features": […]}`` in their order, with null
for what it does not know. Apps registered since November 2024 get HTTP 403 with ``{"error": {"status": 403}}``. The
first batch is the probe: its answer decides for this Client ID and is remembered for 30 days. A closed endpoint is
no trouble worth telling; the next provider is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Mapping

import pandas as pd

from core.errors import FeatureError, ProviderClosed
from core.progress import Report
from core.providers.base import Batch, StateStore, clean_features, in_batches, positions

#: More ids in one request are refused.
BATCH = 100
#: How long the answer of the probe holds: Spotify closes and opens endpoints with months of notice.
PROBE_SECONDS = 30 * 24 * 3600.0

#: Asks Spotify's Web API: path and query in, decoded JSON out. Raises `ProviderClosed` for HTTP 403, 404 and 410,
#: another FeatureError or SpotifyError when there is no usable answer.
SpotifyGet = Callable[[str, Mapping[str, str]], object]


class SpotifyFeatures:
    """Looks tracks up at Spotify's own endpoint as long as it answers.

    Parameters
    ----------
    get_json : callable
        Sends the authorised request; see `SpotifyGet`.
    client_id : str
        The app that asks; the probe's answer belongs to it.
    state : StateStore
        Where that answer is remembered.
    now : callable
        Seconds since 1970.
    """

    name = "spotify"
    asks_by = ("spotify_id",)
    remembered = True

    def __init__(
        self, get_json: SpotifyGet, *, client_id: str, state: StateStore, now: Callable[[], float] = time.time
    ) -> None:
        self._get_json = get_json
        self._state = state
        self._now = now
        self._key = f"spotify.audio_features.{client_id}"

    def fetch(self, wanted: pd.DataFrame, *, missed: Collection[str], report: Report) -> Generator[Batch, None, None]:
        """Look tracks up; see `core.providers.base.Provider.fetch`."""
        rows_of = positions(wanted["spotify_id"])
        ids = [track for track in rows_of if track not in missed]
        if self.open() is False:
            return
        for done, batch in enumerate(in_batches(ids, BATCH)):
            report(done * BATCH, len(ids), "Asking Spotify for audio features")
            try:
                answer = self._get_json("audio-features", {"ids": ",".join(batch)})
            except ProviderClosed:
                self._remember(False)
                return
            if done == 0:
                self._remember(True)
            known = _by_id(answer, batch)
            chosen = {row: known[track] for track in batch if track in known for row in rows_of[track]}
            found, rejected = clean_features(list(chosen), list(chosen.values()), self.name)
            missing = [track for track in batch if not found.index.isin(rows_of[track]).any()]
            yield Batch(found, missing, rejected=rejected)

    def open(self) -> bool | None:
        """Return whether the endpoint answers this Client ID; None when nobody has tried for 30 days."""
        kept = self._state.get(self._key, now=self._now())
        return kept if isinstance(kept, bool) else None

    def _remember(self, is_open: bool) -> None:
        now = self._now()
        self._state.set(self._key, is_open, until=now + PROBE_SECONDS, now=now)


def _by_id(answer: object, asked: Collection[str]) -> dict[str, Mapping[str, object]]:
    """Return the rows of an answer by the id that was asked for.

    A row that names another id than those asked for stands for the id at its place: Spotify answers a track that
    was replaced with the replacement.
    """
    rows = answer.get("audio_features") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise FeatureError("Spotify's answer holds no audio features", next_step="Run it again later")
    known: dict[str, Mapping[str, object]] = {
        row["id"]: row for row in rows if isinstance(row, dict) and row.get("id") in asked
    }
    if len(rows) == len(asked):
        for track, row in zip(asked, rows, strict=True):
            if isinstance(row, dict) and row.get("id") not in asked:
                known.setdefault(track, row)
    return known
