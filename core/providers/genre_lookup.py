"""Genres for tracks that came without: from MusicBrainz by ISRC, then by artist.

A track takes the genres of its recording if anybody voted for one, else those of its first artist. The artist is
known through the ISRC or, for tracks without one that MusicBrainz knows, through a search by name. Every answer is
kept at once and for good, so a run can be stopped at any time and continued.

Sent are ISRCs and, for the search, artist names, with the person's contact if they gave one. Nothing that comes back
is used for anything but labels.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.library import Library, Notice
from core.progress import Report, silent
from core.providers.base import Patience, StateStore, in_batches, ticker, tidy_isrc
from core.providers.coverage import Coverage
from core.providers.genre_names import GenreNames, Spellings, artist_key
from core.providers.musicbrainz import BATCH, SERVICE, MusicBrainz, Recording

#: The list of genres grows by a few a month.
GENRE_LIST_SECONDS = 30 * 24 * 3600.0
GENRE_LIST_KEY = "musicbrainz.genres"
#: Kinds of keys in the cache: genres of an ISRC, its first artist's id, genres of an artist, an artist's id by name.
BY_ISRC, ARTIST_OF_ISRC, BY_ARTIST, ARTIST_OF_NAME = "isrc", "isrc-artist", "artist", "artist-name"
NOTICE_KINDS = frozenset({"genres-not-found", "genres-pending", "genres-failed", "genres-no-contact"})
NO_CONTACT = Notice(
    "genres-no-contact",
    0,
    "MusicBrainz was asked without a contact, which it wants of every program: set LEITMOTIF_CONTACT to your e-mail "
    "address or web page; it is sent to MusicBrainz only",
)


class GenreCache(Protocol):
    """Answers of earlier runs."""

    def get(self, kind: str, keys: Iterable[str], *, now: float | None = None) -> dict[str, tuple[str, ...]]:
        """Return the texts kept for keys; empty for one looked up in vain not long ago, absent when unknown."""

    def put(self, kind: str, found: Mapping[str, Iterable[str]], *, now: float | None = None) -> None:
        """Keep one answer, whole or not at all."""


def fetch_genres(
    library: Library,
    *,
    cache: GenreCache,
    state: StateStore,
    musicbrainz: MusicBrainz | None = None,
    by_name: bool = True,
    ask: bool = True,
    report: Report = silent,
    now: Callable[[], float] = time.time,
) -> tuple[Library, Coverage]:
    """Look up genres for every track that has none.

    Parameters
    ----------
    library : Library
        Any library; tracks with a genre stay as they are.
    cache : GenreCache
        Where answers are kept.
    state : StateStore
        Where the list of genres is kept for 30 days.
    musicbrainz : MusicBrainz, optional
        By default the public service, or the one at ``LEITMOTIF_MUSICBRAINZ_URL``. It is closed in the end.
    by_name : bool, default True
        Whether artist names may be sent for tracks that MusicBrainz does not know by ISRC: one request each.
    ask : bool, default True
        False sends no request and uses only what is kept.
    report : Report
        Told about progress. When it raises `core.progress.Cancelled`, what was answered so far is kept.
    now : callable
        Seconds since 1970.

    Returns
    -------
    library : Library
        With ``genres`` and ``genre`` filled, most votes first, at most five, spelled as the library's own labels.
    coverage : Coverage
        What became of every track; ``"file"``, ``"musicbrainz recording"`` and ``"musicbrainz artist"`` are told
        apart. A service that had to be given up is named there; it raises nothing.
    """
    run = _GenreRun(library, cache, by_name, now)
    troubles: dict[str, str] = {}
    told: list[Notice] = []
    if ask and run.open_lookups():
        try:
            with musicbrainz or MusicBrainz() as service:
                told += [] if service.contact else [NO_CONTACT]
                run.look_up(service, state, report)
        except FeatureError as error:
            troubles["musicbrainz"] = error.line()
        else:
            if run.failed:
                troubles["musicbrainz"] = run.patience.trouble
    coverage = run.coverage(troubles)
    return run.filled_library(coverage).with_notices(told), coverage


class _GenreRun:
    """What is known of the tracks without a genre; each is known by its position in the library."""

    def __init__(self, library: Library, cache: GenreCache, by_name: bool, now: Callable[[], float]) -> None:
        self.library = library
        self.cache = cache
        self.now = now
        tracks = library.tracks.reset_index(drop=True)
        self.has_genre = ((tracks["genre"] != "") | (tracks["genres"].map(len) > 0)).to_numpy(dtype=bool)
        wanted = tracks[~self.has_genre]
        self.rows: list[int] = wanted.index.tolist()
        self.isrc: dict[int, str] = dict(zip(self.rows, tidy_isrc(wanted["isrc"]), strict=True))
        names = [_artist_names(artist) if by_name else () for artist in wanted["artist"]]
        self.names: dict[int, tuple[str, ...]] = dict(zip(self.rows, names, strict=True))
        self.kept: dict[str, dict[str, tuple[str, ...]]] = {}
        self.failed: set[tuple[str, str]] = set()
        self.patience = Patience(SERVICE.name)
        self._load(BY_ISRC, self.isrc.values())
        self._load(ARTIST_OF_ISRC, self.isrc.values())
        self._load(ARTIST_OF_NAME, (self._name_of(row) for row in self.rows))
        self._load(BY_ARTIST, (self._artist_of(row) for row in self.rows))

    def look_up(self, service: MusicBrainz, state: StateStore, report: Report) -> None:
        """Ask for everything that is not kept yet."""
        genres = _genre_names(service, state, self.now, report)
        codes = [key for kind, key in self.open_lookups() if kind == BY_ISRC]
        for done, batch in enumerate(in_batches(codes, BATCH)):
            tick = ticker(report, done * BATCH, len(codes), "Asking MusicBrainz by ISRC")
            recordings = self.patience.attempt(partial(service.recordings, batch, tick=tick))
            self._keep_recordings(batch, recordings, genres)
        self._load(BY_ARTIST, (self._artist_of(row) for row in self.rows))
        mbids = [key for kind, key in self.open_lookups() if kind == BY_ARTIST]
        for done, batch in enumerate(in_batches(mbids, BATCH)):
            tick = ticker(report, done * BATCH, len(mbids), "Asking MusicBrainz by artist")
            artists = self.patience.attempt(partial(service.artists, batch, tick=tick))
            if artists is None:
                self.failed.update((BY_ARTIST, mbid) for mbid in batch)
            else:
                known = {mbid: genres.top(artist.votes) for mbid, artist in artists.items()}
                self._keep(BY_ARTIST, {mbid: known.get(mbid, ()) for mbid in batch})
        self._search_names(service, genres, report)

    def open_lookups(self) -> list[tuple[str, str]]:
        """Return what is to be asked for, as kind and key, each once; what concerns most tracks first."""
        counts = Counter(lookup for row in self.rows if (lookup := self._next_lookup(row)) is not None)
        return [lookup for lookup, count in counts.most_common() if lookup not in self.failed]

    def _next_lookup(self, row: int) -> tuple[str, str] | None:
        """Return the lookup that comes next for a track; None when all is known of it that can be."""
        code = self.isrc[row]
        if code and code not in self.kept[BY_ISRC]:
            return BY_ISRC, code
        if self.kept[BY_ISRC].get(code):
            return None
        artist = self._artist_of(row)
        if artist:
            return (BY_ARTIST, artist) if artist not in self.kept[BY_ARTIST] else None
        name = self._name_of(row)
        return (ARTIST_OF_NAME, name) if name and name not in self.kept[ARTIST_OF_NAME] else None

    def _name_of(self, row: int) -> str:
        """Return the key of a track's artist name; empty when it has none or names are not to be sent."""
        return artist_key(self.names[row][0]) if self.names[row] else ""

    def _artist_of(self, row: int) -> str:
        """Return the id of a track's artist, through the ISRC or else through the name; empty when unknown."""
        found = self.kept[ARTIST_OF_ISRC].get(self.isrc[row]) or self.kept[ARTIST_OF_NAME].get(self._name_of(row))
        return found[0] if found else ""

    def _labels_of(self, row: int) -> tuple[str, ...]:
        """Return the genres of a track's recording, else of its artist."""
        by_isrc = self.kept[BY_ISRC].get(self.isrc[row])
        return by_isrc or self.kept[BY_ARTIST].get(self._artist_of(row), ())

    def _keep_recordings(
        self, batch: Sequence[str], recordings: Mapping[str, Recording] | None, genres: GenreNames
    ) -> None:
        if recordings is None:
            self.failed.update((BY_ISRC, code) for code in batch)
            return
        artists = {code: known.artist for code, known in recordings.items() if known.artist is not None}
        self._keep(ARTIST_OF_NAME, {artist_key(artist.name): (artist.mbid,) for artist in artists.values()})
        self._keep(ARTIST_OF_ISRC, {code: (artists[code].mbid,) if code in artists else () for code in batch})
        # Last, because an ISRC counts as answered by this entry.
        self._keep(BY_ISRC, {code: genres.top(recordings[code].votes) if code in recordings else () for code in batch})

    def _search_names(self, service: MusicBrainz, genres: GenreNames, report: Report) -> None:
        """Ask for artists by name, one request each, those with most tracks first."""
        spelled = {self._name_of(row): self.names[row] for row in self.rows if self.names[row]}
        keys = [key for kind, key in self.open_lookups() if kind == ARTIST_OF_NAME]
        for done, key in enumerate(keys):
            tick = ticker(report, done, len(keys), "Asking MusicBrainz by artist name")
            answer = self.patience.attempt(partial(service.artists_named, spelled[key], tick=tick))
            if answer is None:
                self.failed.add((ARTIST_OF_NAME, key))
                continue
            self._keep(BY_ARTIST, {artist.mbid: genres.top(artist.votes) for artist in answer[:1]})
            self._keep(ARTIST_OF_NAME, {key: [artist.mbid for artist in answer[:1]]})

    def _load(self, kind: str, keys: Iterable[str]) -> None:
        self.kept.setdefault(kind, {}).update(self.cache.get(kind, {key for key in keys if key}, now=self.now()))

    def _keep(self, kind: str, found: Mapping[str, Sequence[str]]) -> None:
        self.cache.put(kind, found, now=self.now())
        self.kept[kind].update({key: tuple(texts) for key, texts in found.items()})

    def coverage(self, troubles: Mapping[str, str]) -> Coverage:
        """Return what became of every track."""
        status = np.full(len(self.library), "found", dtype=object)
        givers = Counter({"file": int(self.has_genre.sum())})
        unidentified = 0
        for row in self.rows:
            if self._labels_of(row):
                givers["musicbrainz recording" if self.kept[BY_ISRC].get(self.isrc[row]) else "musicbrainz artist"] += 1
                continue
            lookup = self._next_lookup(row)
            status[row] = "not_found" if lookup is None else "failed" if lookup in self.failed else "pending"
            unidentified += not self.isrc[row] and not self.names[row]
        return Coverage(
            subject="genres",
            status=pd.Series(status, index=self.library.tracks.index, dtype="str"),
            by_provider={name: count for name, count in givers.most_common() if count},
            unidentified=unidentified,
            troubles=dict(troubles),
        )

    def filled_library(self, coverage: Coverage) -> Library:
        """Return the library with the genres found, and notices for those that were not."""
        tracks = self.library.tracks.copy()
        spellings = Spellings(_labels_by_use(tracks))
        genre, genres = tracks["genre"].to_numpy(dtype=object).copy(), list(tracks["genres"])
        for row in self.rows:
            if labels := spellings.write(self._labels_of(row)):
                genre[row], genres[row] = labels[0], labels
        cells = np.empty(len(genres), dtype=object)
        cells[:] = genres
        tracks["genre"] = pd.Series(genre, index=tracks.index).astype("str")
        tracks["genres"] = pd.Series(cells, index=tracks.index)
        kept = tuple(notice for notice in self.library.notices if notice.kind not in NOTICE_KINDS)
        return replace(self.library, tracks=tracks, notices=(*kept, *_notices(coverage)))


def _genre_names(service: MusicBrainz, state: StateStore, now: Callable[[], float], report: Report) -> GenreNames:
    """Return the list of genres, a kept one if it is not too old or no new one can be had."""
    kept = state.get(GENRE_LIST_KEY, {})
    names, at = list(kept.get("names", ())), float(kept.get("at", 0.0))
    if not names or now() - at >= GENRE_LIST_SECONDS:
        try:
            names = list(service.genre_list(tick=ticker(report, 0, 0, "Asking MusicBrainz for its genres")))
        except FeatureError:
            if not names:
                raise
        else:
            state.set(GENRE_LIST_KEY, {"names": names, "at": now()})
    return GenreNames(names)


def _artist_names(artist: str) -> tuple[str, ...]:
    """Return the names the first artist of a track may have.

    Sources join several artists with ``;`` or ``, ``. A comma may also belong to a name, so the whole is tried
    before the part in front of it.
    """
    whole = artist.split(";")[0].strip()
    first = whole.split(", ")[0].strip()
    return tuple(dict.fromkeys(name for name in (whole, first) if name))


def _labels_by_use(tracks: pd.DataFrame) -> list[str]:
    """Return the genre labels of a library, most used first, among equals the one seen first."""
    uses = Counter(label for label in tracks["genre"] if label)
    uses.update(label for labels in tracks["genres"] for label in labels)
    return [label for label, _ in uses.most_common()]


def _notices(coverage: Coverage) -> list[Notice]:
    """Return what a person should know about the tracks without a genre."""
    why = "; ".join(coverage.troubles.values())
    because = f" ({why})" if why else ""
    return coverage.notices(
        "genres",
        not_found="has no genre in MusicBrainz",
        pending=f"has not been looked up in MusicBrainz yet{because}",
        failed=f"got no answer from MusicBrainz, to be looked up again next time{because}",
    )
