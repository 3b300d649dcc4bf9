"""Libraries whose tracks the fakes know: ids, titles and durations follow from a number."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.library import Library, make_library
from tests.fakes.reccobeats import (
    BATCH,
    disagrees,
    duration_of,
    features_of,
    knows,
    other_id,
    several,
    title_of,
)


def isrc_of(number: int) -> str:
    """Return the ISRC of a track."""
    return f"QZLEI{number:07d}"


def id_of(number: int) -> str:
    """Return the Spotify id of a track."""
    return other_id(isrc_of(number), 99)


def library_of(numbers: Sequence[int], *, ids: bool = True, isrcs: bool = True, artists: Sequence[str] = ()) -> Library:
    """Return a library of tracks without features.

    Parameters
    ----------
    numbers : sequence of int
        One for each track; the track id is ``t`` and the number.
    ids, isrcs : bool
        Whether the tracks have Spotify ids and ISRCs.
    artists : sequence of str
        Names of the artists, in the tracks' order; by default one is called “Somebody”.
    """
    codes = [isrc_of(number) for number in numbers]
    tracks = pd.DataFrame(
        {
            "title": [title_of(code) for code in codes],
            "artist": list(artists) or "Somebody",
            "uri": [f"spotify:track:{id_of(number)}" if ids else "" for number in numbers],
            "isrc": codes if isrcs else "",
            "duration_s": [duration_of(code) for code in codes],
        },
        index=[f"t{number}" for number in numbers],
    )
    return make_library(tracks, pd.DataFrame(index=tracks.index), kind="test", path="numbers")


def expected_features(number: int, *, misses: float, isrc_misses: float) -> dict[str, float] | None:
    """Return what a ReccoBeats with these shares of misses has for a track; None when it has nothing."""
    if knows(id_of(number), misses):
        return features_of(id_of(number))
    return features_of(isrc_of(number)) if knows(isrc_of(number), isrc_misses) else None


def least_requests(numbers: Sequence[int], *, misses: float, isrc_misses: float) -> int:
    """Return how many answers of ReccoBeats it takes to learn all it has: by id, by ISRC, and for unclear rows.

    The rows that disagree go into requests of at most 40, all rows of an ISRC into the same one.
    """
    missing = [isrc_of(number) for number in numbers if not knows(id_of(number), misses)]
    unclear = [several(code) for code in missing if knows(code, isrc_misses) and disagrees(code)]
    return _batches(len(numbers)) + _batches(len(missing)) + _batches(sum(unclear))


def _batches(count: int) -> int:
    return -(-count // BATCH)
