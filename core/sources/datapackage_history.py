"""Streaming histories: how often each track was played, every play counted once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.joining import name_key
from core.sources.base import spotify_id, spotify_uri
from core.sources.datapackage_json import Entry, number_of, text_of

#: A play counts from 30 seconds on, as for Spotify (Spotify for Artists, "How we count streams"), or when the track
#: was heard to its end, which interludes of less reach.
COUNTED_MS = 30_000
#: Keys of the two kinds of history that are read; everything else in them is about the person.
EXTENDED_KEYS = frozenset(
    {
        "ts", "ms_played", "master_metadata_track_name", "master_metadata_album_artist_name",
        "master_metadata_album_album_name", "spotify_track_uri", "episode_name", "spotify_episode_uri",
        "audiobook_uri", "audiobook_title", "reason_end",
    }
)  # fmt: skip
ACCOUNT_KEYS = frozenset({"endTime", "artistName", "trackName", "msPlayed"})

_PODCAST_KEYS = ("spotify_episode_uri", "episode_name", "audiobook_uri", "audiobook_title")
_TO_THE_END = "trackdone"
#: Length of ``2024-05-31T18:04``: the account's history knows the minute only.
_MINUTE = 16


@dataclass(frozen=True)
class Played:
    """A track and how often it was played.

    Attributes
    ----------
    uri : str
        ``spotify:track:…``; empty in the account's history, which gives none.
    title, artist, album : str
        Its names; empty where unknown.
    plays : int
        Plays that count, see `COUNTED_MS`.
    """

    uri: str
    title: str
    artist: str
    album: str
    plays: int


@dataclass
class History:
    """Plays of all history files of a package.

    Attributes
    ----------
    counts : Counter of str
        Entries that are no plays of a Spotify track, by kind, and plays that stand in the files twice.
    """

    counts: Counter[str] = field(default_factory=Counter)
    _tracks: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _moments: list[str] = field(default_factory=list)
    _played: list[int] = field(default_factory=list)
    _ms: list[float] = field(default_factory=list)
    _counted: list[bool] = field(default_factory=list)

    def add_extended(self, entry: object) -> None:
        """Take one entry of the extended history."""
        if not isinstance(entry, dict):
            self.counts["unreadable"] += 1
            return
        bare = spotify_id(text_of(entry, "spotify_track_uri"))
        title = text_of(entry, "master_metadata_track_name")
        if bare is None:
            self.counts[self._kind_of_other(entry, title)] += 1
            return
        artist = text_of(entry, "master_metadata_album_artist_name")
        names = (spotify_uri(bare), title, artist, text_of(entry, "master_metadata_album_album_name"))
        ms = number_of(entry, "ms_played")
        heard = ms >= COUNTED_MS or (ms > 0 and text_of(entry, "reason_end") == _TO_THE_END)
        self._add(names[0], names, text_of(entry, "ts"), ms, heard)

    def add_account(self, entry: object) -> None:
        """Take one entry of the history in the account data, which knows no addresses."""
        if not isinstance(entry, dict):
            self.counts["unreadable"] += 1
            return
        title, artist = text_of(entry, "trackName"), text_of(entry, "artistName")
        if not title:
            self.counts["empty"] += 1
            return
        ms = number_of(entry, "msPlayed")
        moment = text_of(entry, "endTime").replace(" ", "T")
        self._add(f"\0{name_key(title, artist)}", ("", title, artist, ""), moment, ms, ms >= COUNTED_MS)

    def _kind_of_other(self, entry: Entry, title: str) -> str:
        if any(entry.get(key) for key in _PODCAST_KEYS):
            return "podcast"
        return "local" if title else "empty"

    def _add(self, key: str, names: tuple[str, str, str, str], moment: str, ms: float, counted: bool) -> None:
        number = self._numbers.setdefault(key, len(self._numbers))
        if not self._tracks.get(key, ("", ""))[1]:
            self._tracks[key] = names
        self._moments.append(moment)
        self._played.append(number)
        self._ms.append(ms)
        self._counted.append(counted)

    def played(self) -> list[Played]:
        """Return every track that was played at least once, in the order of their first plays in the files.

        A play that stands in several files counts once, and plays in the account's history that fall into the
        time of the extended history are taken to be there as well.
        """
        plays = pd.DataFrame(
            {"moment": self._moments, "number": self._played, "ms": self._ms, "counted": self._counted}
        )
        counted = plays["counted"].to_numpy(dtype=bool)
        once = ~plays.duplicated(["moment", "number", "ms"]).to_numpy(dtype=bool) & ~self._covered(plays)
        numbers = plays["number"].to_numpy(dtype=np.int64)
        totals = np.bincount(numbers[once & counted], minlength=len(self._numbers))
        started = np.bincount(numbers[once], minlength=len(self._numbers))
        self.counts["repeated-play"] = int((~once).sum())
        self.counts["short-play"] = int((once & ~counted).sum())
        self.counts["never-heard"] = int(((started > 0) & (totals == 0)).sum())
        tracks = [self._tracks[key] for key in self._numbers]
        return [Played(*names, plays=int(total)) for names, total in zip(tracks, totals, strict=True) if total]

    def _covered(self, plays: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Return which plays of the account's history fall into the time of the extended one."""
        extended = np.array([bool(self._tracks[key][0]) for key in self._numbers], dtype=bool)
        from_extended = extended[plays["number"].to_numpy(dtype=np.int64)]
        minutes = plays["moment"].astype("str").str.slice(0, _MINUTE)
        told = minutes.str.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d").to_numpy(dtype=bool)
        known = minutes[from_extended & told]
        if not len(known):
            return np.zeros(len(plays), dtype=bool)
        inside = ((minutes >= known.min()) & (minutes <= known.max())).to_numpy(dtype=bool)
        return np.asarray(inside & ~from_extended, dtype=bool)
