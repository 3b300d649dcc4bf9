"""What MusicBrainz (https://musicbrainz.org) knows of recordings and artists: the requests and how to read them.

MusicBrainz allows one request per second and computer, and wants to be told whom to write to when a program
misbehaves. This program has no address of its own, so the person who runs it may give theirs (`core.http.contact`);
nobody else is sent it. Searches are Lucene queries that hold many ids at once; their answers come in pages of at most
100 rows.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import FeatureError
from core.http import BrokenAnswer, HttpClient, Service, contact
from core.providers.genre_names import artist_key
from core.transport import user_agent
from core.turns import Pace, Tick

DEFAULT_URL = "https://musicbrainz.org/ws/2/"
#: One request a second is the limit; a twentieth more keeps clear of it when the network is uneven.
SERVICE = Service("MusicBrainz", Pace(interval=1.05))
#: Ids in one query. 50 of the longest (36 characters) make an address of about 3 kB; servers refuse 8 to 16 kB.
BATCH = 50
#: Rows in one page; more are not given.
PAGE = 100
#: The list has more than 2,000 names; a page with a few lines is something else.
LEAST_GENRES = 10
#: A search by name is believed from this score on (0 to 100), and only when the name is the same.
LEAST_SCORE = 95

Row = Mapping[str, object]


@dataclass(frozen=True)
class Artist:
    """An artist: MusicBrainz's id, the name, and votes by tag."""

    mbid: str
    name: str
    votes: Mapping[str, int]


@dataclass
class Recording:
    """What is known of one ISRC: votes by tag over all its recordings, and the first artist of the best of them."""

    votes: Counter[str] = field(default_factory=Counter)
    artist: Artist | None = None
    score: int = -1


class MusicBrainz:
    """Asks MusicBrainz. Use it as a context manager.

    Parameters
    ----------
    url : str, optional
        Its address; by default ``LEITMOTIF_MUSICBRAINZ_URL``, else the public one.
    pace : Pace, optional
        A faster pace for a server on this computer.

    Attributes
    ----------
    contact : str
        The person's contact that is sent along; empty when they gave none.

    Raises
    ------
    OptionError
        When the address or the contact may not be used, or the pace is too fast.
    """

    def __init__(self, *, url: str | None = None, pace: Pace | None = None) -> None:
        address = url or os.environ.get("LEITMOTIF_MUSICBRAINZ_URL") or DEFAULT_URL
        self.contact = contact()
        introduction = {"User-Agent": user_agent(self.contact)}
        self._client = HttpClient(SERVICE, address, pace=pace, headers=lambda: introduction)

    def __enter__(self) -> MusicBrainz:
        """Return the client itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the connections."""
        self._client.__exit__(*exception)

    def genre_list(self, *, tick: Tick) -> tuple[str, ...]:
        """Return the name of every genre, in small letters.

        Raises
        ------
        FeatureError
            When fewer than `LEAST_GENRES` names come or, as in all methods here, no usable answer; see
            `core.http.HttpClient.get_json`.
        """
        text = self._client.get_text("genre/all", {"fmt": "txt"}, tick=tick)
        names = tuple(line.strip() for line in text.splitlines() if line.strip())
        if len(names) < LEAST_GENRES:
            raise FeatureError("MusicBrainz sent no list of genres", next_step="Run it again later")
        return names

    def recordings(self, isrcs: Sequence[str], *, tick: Tick) -> dict[str, Recording]:
        """Return what is known of some ISRCs, at most `BATCH` of them; unknown ones are absent."""
        asked = set(isrcs)
        found: dict[str, Recording] = {}
        for row in self._search("recording", "recordings", _any_of("isrc", isrcs), tick):
            score = _score(row)
            artist = _first_artist(row)
            for code in _isrcs(row) & asked:
                recording = found.setdefault(code, Recording())
                recording.votes.update(_votes(row))
                if artist is not None and score > recording.score:
                    recording.artist, recording.score = artist, score
        return found

    def artists(self, mbids: Sequence[str], *, tick: Tick) -> dict[str, Artist]:
        """Return artists by id, at most `BATCH` of them; unknown ones are absent."""
        rows = self._search("artist", "artists", _any_of("arid", mbids), tick)
        return {artist.mbid: artist for artist in map(_artist, rows) if artist is not None and artist.mbid in mbids}

    def artists_named(self, names: Sequence[str], *, tick: Tick) -> list[Artist]:
        """Return the artists of a name.

        Parameters
        ----------
        names : sequence of str
            Names the artist may have, the most likely first, such as ``"Drake, Future"`` and ``"Drake"``.

        Returns
        -------
        list of Artist
            Those of the first of the names that anybody has, best score first. Only artists with `LEAST_SCORE` and
            the same name but for case, accents and punctuation count.
        """
        query = {"query": " OR ".join(f'artist:"{_escaped(name)}"' for name in names), "limit": "25", "fmt": "json"}
        rows = self._client.get_json("artist", query, read=_rows("artists"), tick=tick)[0]
        sure = sorted((row for row in rows if _score(row) >= LEAST_SCORE), key=_score, reverse=True)
        artists = [artist for artist in map(_artist, sure) if artist is not None]
        for key in map(artist_key, names):
            if same := [artist for artist in artists if artist_key(artist.name) == key]:
                return same
        return []

    def _search(self, path: str, kind: str, query: str, tick: Tick) -> Iterator[Row]:
        """Yield the rows of all pages of an answer."""
        seen = 0
        while True:
            params = {"query": query, "limit": str(PAGE), "offset": str(seen), "fmt": "json"}
            rows, count = self._client.get_json(path, params, read=_rows(kind), tick=tick)
            yield from rows
            seen += len(rows)
            if not rows or seen >= count:
                return


def _rows(kind: str) -> Callable[[object], tuple[list[Row], int]]:
    """Return what reads the rows of one page, and the number of rows on all pages."""

    def read(answer: object) -> tuple[list[Row], int]:
        rows = answer.get(kind) if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(rows, list):
            raise BrokenAnswer(f"the answer has no list of {kind}")
        count = answer.get("count")
        return [row for row in rows if isinstance(row, dict)], count if isinstance(count, int) else 0

    return read


def _any_of(field_name: str, values: Collection[str]) -> str:
    return " OR ".join(f"{field_name}:{value}" for value in values)


def _escaped(name: str) -> str:
    """Return a name for use between quotation marks in a query."""
    return name.replace("\\", r"\\").replace('"', r"\"")


def _isrcs(row: Row) -> set[str]:
    """Return the ISRCs of a recording; they come as texts or as objects with an ``id``."""
    codes = row.get("isrcs")
    if not isinstance(codes, list):
        return set()
    texts = [code.get("id") if isinstance(code, dict) else code for code in codes]
    return {text.replace("-", "").upper() for text in texts if isinstance(text, str)}


def _votes(row: Row) -> dict[str, int]:
    tags = row.get("tags")
    votes = {}
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict) and isinstance(tag.get("name"), str) and isinstance(tag.get("count"), int):
            votes[tag["name"]] = tag["count"]
    return votes


def _score(row: Row) -> int:
    try:
        return int(str(row.get("score")))
    except ValueError:
        return 0


def _artist(row: Row) -> Artist | None:
    mbid, name = row.get("id"), row.get("name")
    return Artist(mbid, name, _votes(row)) if isinstance(mbid, str) and isinstance(name, str) else None


def _first_artist(recording: Row) -> Artist | None:
    credited = recording.get("artist-credit")
    first = credited[0] if isinstance(credited, list) and credited else None
    artist = first.get("artist") if isinstance(first, dict) else None
    return _artist(artist) if isinstance(artist, dict) else None
