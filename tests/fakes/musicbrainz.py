"""MusicBrainz on this computer: recordings by ISRC, artists by id and name, the list of genres.

The recording of an ISRC, its artist and all tags follow from the ISRC and the number of artists. Run it with
``python -m tests.fakes.musicbrainz --port 8766 --artists 500 --least-interval 1``.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping, Sequence

from tests.fakes.server import FakeServer, Faults, Reply, argument_parser, chance, common_options

GENRES = (
    "ambient", "blues", "bossa nova", "classical", "country", "dream pop", "drum and bass", "edm", "electronic", "folk",
    "funk", "hip hop", "house", "indie rock", "jazz", "k-pop", "metal", "pop", "punk", "r&b", "reggae", "rock",
    "singer-songwriter", "soul", "techno", "trip hop", "uk garage",
)  # fmt: skip
NO_GENRES = ("seen live", "favorites", "british", "90s")
AGENT = re.compile(r"^[^\s/]+/\S+ \( ?.+ ?\)$")


class FakeMusicBrainz(FakeServer):
    """A database of artists named “Artist 0”, “Artist 1” …, and of most ISRCs.

    `recordings` and `artists` are rows that are there as well, as the service would send them.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        artists: int = 100,
        isrc_misses: float = 0.0,
        recordings: Sequence[Mapping[str, object]] = (),
        more_artists: Sequence[Mapping[str, object]] = (),
        least_interval: float = 0.0,
        faults: Faults | None = None,
        delay: float = 0.0,
        log: str = "",
    ) -> None:
        super().__init__(port=port, faults=faults, delay=delay, log=log)
        self.names = {artist_id(name): name for name in (f"Artist {number}" for number in range(artists))}
        self.isrc_misses = isrc_misses
        self.recordings = list(recordings)
        self.more_artists = list(more_artists)
        self.least_interval = least_interval
        self._last = 0.0

    def answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        early = time.monotonic() - self._last < self.least_interval
        self._last = time.monotonic()
        if early:
            text = "Your requests are exceeding the allowable rate limit. Please see the documentation."
            return Reply(503, {"error": text}, {"Retry-After": "1"})
        if not AGENT.match(headers.get("user-agent", "")):
            return Reply(403, {"error": "Please provide a meaningful User-Agent."})
        if path == "genre/all":
            return Reply(200, "\n".join(GENRES) + "\n")
        if path not in ("recording", "artist"):
            return Reply(404, {"error": "Not Found"})
        return self.search(path, query)

    def search(self, path: str, query: dict[str, list[str]]) -> Reply:
        text = query.get("query", [""])[0]
        if not text or (text.count('"') - text.count('\\"')) % 2:
            return Reply(400, {"error": "The query is not valid"})
        limit, offset = min(int(query.get("limit", ["25"])[0]), 100), int(query.get("offset", ["0"])[0])
        terms = re.findall(r'(\w+):(?:"((?:[^"\\]|\\.)*)"|(\S+))', text)
        wanted = [(name, re.sub(r"\\(.)", r"\1", quoted) or bare) for name, quoted, bare in terms]
        rows = self.find_recordings(wanted) if path == "recording" else self.find_artists(wanted)
        page = rows[offset : offset + limit]
        return Reply(200, {"created": "2026-11-22T12:00:00Z", "count": len(rows), "offset": offset, f"{path}s": page})

    def find_recordings(self, wanted: Sequence[tuple[str, str]]) -> list[Mapping[str, object]]:
        codes = {value for name, value in wanted if name == "isrc"}
        own = [row for row in self.recordings if codes & {_isrc(code) for code in row["isrcs"]}]
        known = [code for code in sorted(codes) if self.knows(code)]
        return own + [self.recording(code) for code in known]

    def find_artists(self, wanted: Sequence[tuple[str, str]]) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        for name, value in wanted:
            if name == "arid":
                found += [row for row in self.more_artists if row["id"] == value]
                found += [artist_row(self.names[value], score=100)] if value in self.names else []
            elif name == "artist":
                found += [row for row in self.more_artists if value.casefold() in str(row["name"]).casefold()]
                near = [other for other in self.names.values() if value.casefold() in other.casefold()]
                found += [
                    artist_row(other, score=100 if other.casefold() == value.casefold() else 70) for other in near
                ]
        return sorted(found, key=lambda row: -int(row["score"]))

    def knows(self, isrc: str) -> bool:
        """Return whether there is a recording of an ISRC."""
        return bool(self.names) and chance("recording", isrc) >= self.isrc_misses

    def artist_of(self, isrc: str) -> str:
        """Return the name of the artist of an ISRC."""
        return list(self.names.values())[int(len(self.names) * chance("artist", isrc))]

    def recording(self, isrc: str) -> dict[str, object]:
        """Return the recording of an ISRC; a third of them has no tags, some list their ISRCs as objects."""
        name = self.artist_of(isrc)
        row: dict[str, object] = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, isrc)),
            "score": 100 - int(30 * chance("score", isrc)),
            "title": f"Song number {isrc[-7:]}",
            "length": int(1000 * (120 + 240 * chance("duration", isrc))),
            "artist-credit": [{"name": name, "artist": {"id": artist_id(name), "name": name, "sort-name": name}}],
            "isrcs": [isrc] if chance("plain", isrc) < 0.5 else [{"id": isrc}],
        }
        if has_tags(isrc):
            row["tags"] = tags_of(isrc)
        return row


def _isrc(code: object) -> object:
    return code["id"] if isinstance(code, dict) else code


def artist_id(name: str) -> str:
    """Return the id of an artist."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def artist_row(name: str, *, score: int) -> dict[str, object]:
    """Return an artist; every tenth has no tags."""
    row: dict[str, object] = {"id": artist_id(name), "type": "Group", "score": score, "name": name, "sort-name": name}
    if chance("tagged", name) >= 0.1:
        row["tags"] = tags_of(name)
    return row


def has_tags(isrc: str) -> bool:
    """Return whether anybody tagged the recording of an ISRC."""
    return chance("tagged", isrc) >= 1 / 3


def tags_of(seed: str) -> list[dict[str, object]]:
    """Return tags with votes: genres, other words, and a genre nobody votes for any more."""
    genres = sorted(GENRES, key=lambda name: chance(name, seed))[:4]
    others = sorted(NO_GENRES, key=lambda name: chance(name, seed))[:2]
    votes = {name: 1 + int(20 * chance("votes", name, seed)) for name in [*genres[:3], *others]} | {genres[3]: 0}
    return [{"name": name, "count": count} for name, count in sorted(votes.items())]


def main() -> None:
    parser = argument_parser("MusicBrainz on this computer")
    parser.add_argument("--artists", type=int, default=500, help="number of artists, named Artist 0, Artist 1 …")
    parser.add_argument("--isrc-misses", type=float, default=0.85, help="share of ISRCs without a recording")
    parser.add_argument("--least-interval", type=float, default=0.0, help="seconds; faster requests get 503")
    given = parser.parse_args()
    FakeMusicBrainz(
        artists=given.artists,
        isrc_misses=given.isrc_misses,
        least_interval=given.least_interval,
        **common_options(given),
    ).serve()


if __name__ == "__main__":
    main()
