"""Audio features from ReccoBeats, a free service run by a single operator: https://reccobeats.com.

What it accepts and answers, as seen in 2026: ``GET audio-features?ids=`` with at most 40 Spotify ids, ISRCs or ids
of its own; unknown ids are absent from the answer, the order means nothing, a row tells its Spotify id only
through ``href``; an ISRC may bring several rows. ``GET track?ids=`` tells title and duration. There is no
``time_signature``; a ``key`` of −1 is unknown.

Tracks are looked up by Spotify id first and what is missing then by ISRC, because the same recording is often
listed under another Spotify id. Where an ISRC brings rows that disagree, the row whose title and duration are
nearest to the track's is taken; it costs one more request for about 40 such rows.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import pandas as pd

from core.features import BASE_NAMES
from core.http import BrokenAnswer, HttpClient, Service
from core.progress import Report
from core.providers.base import (
    ISRC_PREFIX,
    Batch,
    Patience,
    StateStore,
    clean_features,
    in_batches,
    no_features,
    positions,
    ticker,
)
from core.turns import Pace

DEFAULT_URL = "https://api.reccobeats.com/v1/"
#: One request in two thirds of a second: the pace that a long-lived client of the service documents.
SERVICE = Service("ReccoBeats", Pace(interval=0.67))
#: More ids in one request are answered with HTTP 400.
BATCH = 40
#: Rows of one ISRC that differ by no more than this are one recording analysed twice: any of them will do.
#: The tempo is in BPM, all other base features are shares.
SAME_SHARE, SAME_TEMPO = 0.05, 2.0
#: Seconds of difference in duration that weigh as much as a title with nothing in common.
DURATION_WEIGHT_S = 30.0
#: A row that differs by more than this sum of title distance (0 to 1) and weighted duration is another recording.
#: One title in three letters changed and ten seconds more still pass; another song of another length does not.
FARTHEST = 1.0
#: Where rows wait between runs for their title and duration to be asked for.
CANDIDATES_KEY = "reccobeats.candidates"

Row = Mapping[str, object]


class Track(NamedTuple):
    """Title and duration of a track; NaN for an unknown duration."""

    title: str
    duration_s: float


class ReccoBeats:
    """Looks tracks up at ReccoBeats, by Spotify id and then by ISRC.

    Parameters
    ----------
    url : str, optional
        Its address; by default `LEITMOTIF_RECCOBEATS_URL`, else the public one.
    pace : Pace, optional
        A faster pace for a server on this computer.
    state : StateStore, optional
        Where rows wait that one more request has to decide between, so that a stopped run does not ask for them
        again.
    """

    name = "reccobeats"
    asks_by = ("spotify_id", "isrc")
    remembered = True

    def __init__(self, *, url: str | None = None, pace: Pace | None = None, state: StateStore | None = None) -> None:
        self._url = url or os.environ.get("LEITMOTIF_RECCOBEATS_URL") or DEFAULT_URL
        self._pace = pace
        self._state = state

    def fetch(self, wanted: pd.DataFrame, *, missed: Collection[str], report: Report) -> Generator[Batch, None, None]:
        """Look tracks up; see `core.providers.base.Provider.fetch`."""
        with HttpClient(SERVICE, self._url, pace=self._pace) as client:
            lookup = _Lookup(client, wanted, set(missed), _Candidates(self._state), report)
            yield from lookup.by_id()
            yield from lookup.by_isrc()


class _Lookup:
    """One run through the tracks that are wanted."""

    def __init__(
        self, client: HttpClient, wanted: pd.DataFrame, missed: set[str], candidates: _Candidates, report: Report
    ) -> None:
        self.client = client
        self.wanted = wanted
        self.missed = missed
        self.candidates = candidates
        self.report = report
        self.settled: set[int] = set()
        self.patience = Patience(SERVICE.name)

    def by_id(self) -> Iterator[Batch]:
        """Ask for every Spotify id once."""
        rows_of = positions(self.wanted["spotify_id"])
        ids = [track for track in rows_of if track not in self.missed]
        for done, batch in enumerate(in_batches(ids, BATCH)):
            answer = self.ask("audio-features", batch, done * BATCH, len(ids), "Asking ReccoBeats by Spotify id")
            if answer is None:
                yield self.failed([row for track in batch for row in rows_of[track]])
                continue
            known = _first_by(answer, _spotify_id)
            chosen = {row: known[track] for track in batch if track in known for row in rows_of[track]}
            yield self.answered(chosen, batch, rows_of)

    def by_isrc(self) -> Iterator[Batch]:
        """Ask by ISRC for what is still missing."""
        tracks = self.wanted["spotify_id"]
        known = self.wanted.index.isin(list(self.settled))
        rows_of = positions(self.wanted["isrc"][~known & ((tracks == "") | tracks.isin(self.missed))])
        codes = [code for code in rows_of if ISRC_PREFIX + code not in self.missed and code not in self.candidates]
        for done, batch in enumerate(in_batches(codes, BATCH)):
            answer = self.ask("audio-features", batch, done * BATCH, len(codes), "Asking ReccoBeats by ISRC")
            if answer is None:
                yield self.failed([row for code in batch for row in rows_of[code]])
                continue
            grouped = _group_by_isrc(answer, batch)
            unclear = {code: rows for code, rows in grouped.items() if not _agree(rows)}
            self.candidates.add(unclear)
            chosen = {row: rows[0] for code, rows in grouped.items() if code not in unclear for row in rows_of[code]}
            yield self.answered(chosen, [code for code in batch if code not in unclear], rows_of, prefix=ISRC_PREFIX)
            yield from self.decide(rows_of, at_least=BATCH)
        yield from self.decide(rows_of, at_least=1)

    def decide(self, rows_of: Mapping[str, list[int]], *, at_least: int) -> Iterator[Batch]:
        """Ask for title and duration of rows that disagree, as soon as there are enough to fill a request."""
        while self.candidates.count(rows_of) >= at_least:
            codes = self.candidates.take(rows_of, BATCH)
            ids = [_row_id(row) for code in codes for row in self.candidates[code]]
            answer = self.ask("track", ids, 0, len(ids), "Asking ReccoBeats which of several rows is the right one")
            if answer is None:
                self.candidates.put_off(codes)
                yield self.failed([row for code in codes for row in rows_of[code]])
                continue
            told = _first_by(answer, _row_id)
            chosen = {}
            for code in codes:
                for row in rows_of[code]:
                    if (best := _nearest(self.candidates[code], told, self.track(row))) is not None:
                        chosen[row] = best
            yield self.answered(chosen, codes, rows_of, prefix=ISRC_PREFIX)
            # Only after the caller has kept the batch: a run stopped in between asks once more for the details.
            self.candidates.drop(codes)

    def track(self, row: int) -> Track:
        """Return what is known of a wanted track."""
        return Track(str(self.wanted["title"][row]), float(self.wanted["duration_s"][row]))

    def ask(self, path: str, ids: Sequence[str], done: int, total: int, text: str) -> list[Row] | None:
        """Return the rows of an answer, or None when it failed and there is hope for the next."""
        tick = ticker(self.report, done, total, text)
        query = {"ids": ",".join(ids)}
        return self.patience.attempt(lambda: self.client.get_json(path, query, read=_content, tick=tick))

    def answered(
        self, chosen: Mapping[int, Row], asked: Sequence[str], rows_of: Mapping[str, list[int]], *, prefix: str = ""
    ) -> Batch:
        """Return what an answer settles; whatever was asked for and not found in it is missed."""
        found, rejected = clean_features(list(chosen), list(chosen.values()), "reccobeats")
        self.settled.update(found.index)
        missed = [prefix + code for code in asked if not any(row in self.settled for row in rows_of[code])]
        self.missed.update(missed)
        return Batch(found, missed, rejected=rejected)

    def failed(self, rows: Sequence[int]) -> Batch:
        """Return a batch whose answer never came."""
        return Batch(no_features(), failed=rows, trouble=self.patience.trouble)


class _Candidates:
    """Rows of ISRCs that disagree, waiting for title and duration; kept between runs."""

    def __init__(self, state: StateStore | None) -> None:
        self._state = state
        self._rows: dict[str, list[Row]] = dict(state.get(CANDIDATES_KEY, {})) if state is not None else {}
        self._put_off: set[str] = set()

    def __contains__(self, code: str) -> bool:
        return code in self._rows

    def __getitem__(self, code: str) -> list[Row]:
        return self._rows[code]

    def count(self, codes: Collection[str]) -> int:
        """Return how many rows wait for these ISRCs."""
        return sum(len(rows) for code, rows in self._rows.items() if self._waits(code, codes))

    def take(self, codes: Collection[str], most: int) -> list[str]:
        """Return ISRCs whose rows fit into one request together."""
        taken: list[str] = []
        size = 0
        for code, rows in self._rows.items():
            if self._waits(code, codes) and size + len(rows) <= most:
                taken.append(code)
                size += len(rows)
        return taken

    def add(self, rows: Mapping[str, list[Row]]) -> None:
        """Let rows wait; at most as many of one ISRC as fit into one request."""
        if rows:
            self._rows.update({code: several[:BATCH] for code, several in rows.items()})
            self._save()

    def put_off(self, codes: Collection[str]) -> None:
        """Let rows wait for the next run."""
        self._put_off.update(codes)

    def drop(self, codes: Collection[str]) -> None:
        """Forget rows that have been decided on."""
        for code in codes:
            del self._rows[code]
        self._save()

    def _waits(self, code: str, codes: Collection[str]) -> bool:
        return code in codes and code not in self._put_off

    def _save(self) -> None:
        if self._state is not None:
            self._state.set(CANDIDATES_KEY, self._rows)


def _content(answer: object) -> list[Row]:
    """Return the rows of an answer."""
    content = answer.get("content") if isinstance(answer, dict) else None
    if not isinstance(content, list):
        raise BrokenAnswer("the answer has no list of tracks")
    return [row for row in content if isinstance(row, dict)]


def _spotify_id(row: Row) -> str:
    """Return the Spotify id a row belongs to: the last part of its web address."""
    return str(row.get("href") or "").split("?")[0].rstrip("/").rpartition("/")[2]


def _first_by(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, Row]:
    """Return rows by a key; of rows that were sent twice, the first."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(key(row), row)
    return found


def _row_id(row: Row) -> str:
    return str(row.get("id") or _spotify_id(row))


def _group_by_isrc(answer: Sequence[Row], asked: Collection[str]) -> dict[str, list[Row]]:
    """Return the usable rows of every ISRC that was asked for, the most complete first, then by id."""
    grouped: dict[str, list[Row]] = {}
    for row in _first_by(answer, _row_id).values():
        code = str(row.get("isrc") or "").replace("-", "").upper()
        if code in asked and _known(row):
            grouped.setdefault(code, []).append(row)
    return {code: sorted(rows, key=lambda row: (-_known(row), _row_id(row))) for code, rows in grouped.items()}


def _known(row: Row) -> int:
    """Return how many base features a row has."""
    return sum(isinstance(row.get(name), (int, float)) for name in BASE_NAMES)


def _agree(rows: Sequence[Row]) -> bool:
    """Return whether rows of one ISRC are so much alike that any of them will do."""
    for name in BASE_NAMES:
        values = [value for row in rows if isinstance(value := row.get(name), (int, float))]
        if values and max(values) - min(values) > (SAME_TEMPO if name == "tempo" else SAME_SHARE):
            return False
    return True


def _nearest(rows: Sequence[Row], told: Mapping[str, Row], track: Track) -> Row | None:
    """Return the row whose title and duration are nearest to the track's; None when all are too far."""
    distance, row_id = min((_distance(told.get(_row_id(row)), track), _row_id(row)) for row in rows)
    return next(row for row in rows if _row_id(row) == row_id) if distance <= FARTHEST else None


def _distance(details: Row | None, track: Track) -> float:
    """Return how far a row is from a track: title distance plus weighted difference in duration.

    A part that either side does not tell counts nothing; a row that tells nothing at all is as far as allowed.
    """
    if details is None:
        return FARTHEST
    distance = 0.0
    titles = [_plain(str(details.get("trackTitle") or "")), _plain(track.title)]
    if all(titles):
        distance += 1.0 - SequenceMatcher(None, titles[0], titles[1], autojunk=False).ratio()
    duration = details.get("durationMs")
    if isinstance(duration, (int, float)) and not math.isnan(track.duration_s):
        distance += abs(duration / 1000 - track.duration_s) / DURATION_WEIGHT_S
    return distance


def _plain(title: str) -> str:
    """Return a title in small letters with single spaces."""
    return " ".join(title.casefold().split())
