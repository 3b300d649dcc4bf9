"""ReccoBeats on this computer: the two requests the program makes, with the real service's quirks.

Whether an id is known, and its features, follow from the id alone, so any number of tracks can be asked for and two
fakes agree. Run it with ``python -m tests.fakes.reccobeats --port 8765 --misses 0.4 --every 10 429``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence

from tests.fakes.server import FakeServer, Faults, Reply, argument_parser, chance, common_options

SPOTIFY_ID = re.compile(r"^[0-9A-Za-z]{22}$")
ISRC = re.compile(r"^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$")
BATCH = 40
#: Of the ISRCs that are known: how many have several rows, and how many of those disagree.
SEVERAL, DISAGREE = 0.3, 0.4


class FakeReccoBeats(FakeServer):
    """A catalogue of everything but a share of misses.

    `rows` and `details` replace what the catalogue would say: the rows for a Spotify id or ISRC, and title and
    duration for a row's own id.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        misses: float = 0.0,
        isrc_misses: float = 0.0,
        rows: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
        details: Mapping[str, Mapping[str, object]] | None = None,
        faults: Faults | None = None,
        delay: float = 0.0,
        log: str = "",
    ) -> None:
        super().__init__(port=port, faults=faults, delay=delay, log=log)
        self.misses = misses
        self.isrc_misses = isrc_misses
        self.rows = rows or {}
        self.details = details or {}

    def answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        agent = headers.get("user-agent", "")
        if not agent or agent.startswith(("Python-urllib", "python-requests")):
            return Reply(403, "error code: 1010")
        if path not in ("audio-features", "track"):
            return Reply(404, {"status": 4042, "errors": [{"message": "no such path"}]})
        ids = [text for value in query.get("ids", []) for text in value.split(",")]
        if not ids:
            return Reply(400, {"status": 4001, "errors": [{"path": "ids", "message": "must not be null"}]})
        if len(ids) > BATCH:
            name = "getAudioFeatures" if path == "audio-features" else "getTracks"
            problem = {"path": f"{name}.ids", "message": "size must be between 1 and 40"}
            return Reply(400, {"status": 4004, "errors": [problem]})
        find = self.features if path == "audio-features" else self.tracks
        found = [row for text in ids for row in find(text)]
        # The order of the answer has nothing to do with that of the question.
        return Reply(200, {"content": sorted(found, key=lambda row: chance(row["id"]))})

    def twice(self, reply: Reply) -> Reply:
        rows = reply.body["content"] if isinstance(reply.body, dict) and "content" in reply.body else []
        return Reply(reply.status, {"content": [*rows, *rows]})

    def features(self, text: str) -> Sequence[Mapping[str, object]]:
        if text in self.rows:
            return self.rows[text]
        if SPOTIFY_ID.match(text):
            return [row_of(text, text)] if knows(text, self.misses) else []
        if ISRC.match(text):
            return isrc_rows(text) if knows(text, self.isrc_misses) else []
        return []

    def tracks(self, text: str) -> Sequence[Mapping[str, object]]:
        if text in self.details:
            return [{"id": text, **self.details[text]}]
        try:
            packed = uuid.UUID(text).bytes
        except ValueError:
            return []
        return [details_of(packed[:12].decode(), packed[12])]


def knows(text: str, misses: float) -> bool:
    """Return whether a catalogue with this share of misses knows an id."""
    return chance("known", text) >= misses


def features_of(seed: str) -> dict[str, float]:
    """Return the audio features that follow from a text."""
    names = ("acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness", "valence")
    values: dict[str, float] = {name: round(chance(name, seed), 4) for name in names}
    values["tempo"] = round(60 + 140 * chance("tempo", seed), 3)
    values["loudness"] = round(-30 * chance("loudness", seed), 3)
    values["key"] = int(13 * chance("key", seed)) - 1
    values["mode"] = int(2 * chance("mode", seed))
    return values


def row_of(spotify_id: str, seed: str, *, row_id: str = "", isrc: str = "") -> dict[str, object]:
    """Return a row as the service sends it: its own id, the web address that holds the Spotify id, the features."""
    own = row_id or str(uuid.uuid5(uuid.NAMESPACE_URL, spotify_id))
    code = isrc or f"QZ{spotify_id[:3].upper()}{int(1e7 * chance('isrc', spotify_id)):07d}"
    return {"id": own, "href": f"https://open.spotify.com/track/{spotify_id}", "isrc": code, **features_of(seed)}


def isrc_rows(isrc: str) -> list[dict[str, object]]:
    """Return the rows of an ISRC: one, several that agree, or several of which one is right."""
    count = several(isrc)
    seeds = (
        [isrc] * count
        if not disagrees(isrc)
        else [isrc if n == right_row(isrc) else f"{isrc}{n}" for n in range(count)]
    )
    return [
        row_of(other_id(isrc, n), seed, row_id=str(uuid.UUID(bytes=isrc.encode() + bytes([n, 0, 0, 0]))), isrc=isrc)
        for n, seed in enumerate(seeds)
    ]


def several(isrc: str) -> int:
    """Return how many rows an ISRC has."""
    draw = chance("several", isrc)
    return 1 if draw >= SEVERAL else 2 + int(3 * draw / SEVERAL)


def disagrees(isrc: str) -> bool:
    """Return whether the rows of an ISRC have different features."""
    return several(isrc) > 1 and chance("disagree", isrc) < DISAGREE


def right_row(isrc: str) -> int:
    return int(several(isrc) * chance("right", isrc))


def other_id(isrc: str, number: int) -> str:
    """Return the Spotify id under which a recording is listed once more."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(letters[int(62 * chance("id", isrc, number, place))] for place in range(22))


def title_of(isrc: str) -> str:
    """Return the title of a recording."""
    return f"Song number {isrc[-7:]}"


def duration_of(isrc: str) -> float:
    """Return the duration of a recording in seconds."""
    return round(120 + 240 * chance("duration", isrc), 3)


def details_of(isrc: str, number: int) -> dict[str, object]:
    """Return title and duration of one row of an ISRC; those of the wrong rows are a live version and longer."""
    right = number == right_row(isrc)
    return {
        "id": str(uuid.UUID(bytes=isrc.encode() + bytes([number, 0, 0, 0]))),
        "trackTitle": title_of(isrc) if right else f"{title_of(isrc)} (live in {number})",
        "artists": [{"id": str(uuid.uuid5(uuid.NAMESPACE_URL, isrc)), "name": "Somebody"}],
        "durationMs": int(1000 * (duration_of(isrc) + (0 if right else 20 + 10 * number))),
        "isrc": isrc,
        "href": f"https://open.spotify.com/track/{other_id(isrc, number)}",
        "popularity": int(100 * chance("popularity", isrc)),
    }


def main() -> None:
    parser = argument_parser("ReccoBeats on this computer")
    parser.add_argument("--misses", type=float, default=0.4, help="share of Spotify ids that are unknown")
    parser.add_argument("--isrc-misses", type=float, default=0.5, help="share of ISRCs that are unknown")
    given = parser.parse_args()
    FakeReccoBeats(
        misses=given.misses,
        isrc_misses=given.isrc_misses,
        **common_options(given),
    ).serve()


if __name__ == "__main__":
    main()
