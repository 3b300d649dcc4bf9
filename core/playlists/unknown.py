"""What a listener asked for that cannot be done, because the library does not say what it takes."""

from __future__ import annotations

import pandas as pd

from core.library import Notice
from core.options import PlaylistOptions
from core.wording import counted


def unknown_to(tracks: pd.DataFrame, energy: pd.Series, options: PlaylistOptions) -> list[Notice]:
    """Say which wishes pass over tracks, and how many.

    Parameters
    ----------
    tracks : pandas.DataFrame [shape=(n_tracks, …)]
        With the columns of `core.library.TRACK_COLUMNS`.
    energy : pandas.Series [shape=(n_tracks,), dtype=float64]
        Their energy; NaN where it is unknown.
    options : PlaylistOptions
        The wishes.

    Returns
    -------
    list of Notice
        One for each wish that not all tracks can be judged by; none for wishes that nobody has.
    """
    n = len(tracks)
    lengths, explicit = int(tracks["duration_s"].isna().sum()), int(tracks["explicit"].isna().sum())
    nobody, undated = int((tracks["artist"] == "").sum()), int((tracks["added_at"] == "").sum())
    flat = int(energy.isna().sum())
    instead = "as if it were the middle one" if flat < n else "by fit instead"
    cannot_tell = lengths == n and not (tracks["isrc"] != "").any()
    found = (
        (options.shortest_s or options.longest_s, lengths, "unknown-duration",
         f"{_have_no(lengths, 'known duration')} and {_verb(lengths, 'stays', 'stay')}, however long or short"),
        (options.explicit == "drop", explicit, "unknown-explicit",
         f"{counted(explicit, 'track')} {_verb(explicit, 'does', 'do')} not say whether "
         f"{_verb(explicit, 'it is', 'they are')} explicit, and {_verb(explicit, 'stays', 'stay')}"),
        (options.max_per_artist, nobody, "unknown-artist",
         f"{_have_no(nobody, 'artist')}, so the limit per artist does not count {_verb(nobody, 'it', 'them')}"),
        (options.order == "added", undated, "unknown-date",
         f"{_have_no(undated, 'date of being added')} and {_verb(undated, 'comes', 'come')} last, "
         "in the library's order"),
        (options.order == "arc", flat, "unknown-energy",
         f"{_have_no(flat, 'known energy')} and {_verb(flat, 'is', 'are')} ordered {instead}"),
        (options.deduplicate and n > 1 and cannot_tell, n, "unknown-recordings",
         "no track has a duration or an ISRC, so only duplicates with equal audio features are found"),
    )  # fmt: skip
    return [Notice(kind, count, text) for wished, count, kind, text in found if wished and count]


def _have_no(count: int, what: str) -> str:
    return f"{counted(count, 'track')} {_verb(count, 'has', 'have')} no {what}"


def _verb(count: int, one: str, several: str) -> str:
    return one if count == 1 else several
