"""The demo library: a listener's library that the program makes itself, the same one every time.

How the genres sound and what things are called stands in ``resources/demo_profile.toml``. A track's features are
drawn in standard deviations, where tracks of an artist and of an album resemble each other and features go
together as they do in music; the genre's quantiles then turn them into values (a Gaussian copula), which keeps
shapes such as that of instrumentalness, where tracks are mostly at one end or the other.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import SourceError
from core.features import BASE_NAMES, FEATURES
from core.library import Library, make_library
from core.progress import Report, silent
from core.resources import read_text

PATH = "demo:"
PROVIDER = "demo"

#: Standard normal quantiles of 2, 10, 25, 50, 75, 90 and 98 %, and how far out the ends of the range lie.
_SCORES = (-2.0537489, -1.2815516, -0.6744898, 0.0, 0.6744898, 1.2815516, 2.0537489)
_ENDS = 3.3
#: Shares of a feature's variance between artists, between the albums of an artist, and inside an album.
_ARTIST, _ALBUM, _TRACK = 0.30, 0.15, 0.55
#: Digits that are kept. The last ones of a double may differ between processors; four do not.
_DECIMALS = 4
_ALBUM_SONGS = (4, 11)
#: Share of albums in the artist's own subgenre, of albums labelled with no subgenre, of songs with a second one.
_OWN_SUBGENRE, _PLAIN, _SECOND_SUBGENRE = 0.75, 0.12, 0.15
#: Share of albums saved at once; the songs of the others are saved one by one within this many days.
_SAVED_AT_ONCE, _SAVED_WITHIN = 0.6, 240
_DAY = 86_400
_INSTRUMENTALNESS = BASE_NAMES.index("instrumentalness")
#: Genres without live and acoustic versions.
_STUDIO_GENRES = frozenset({"Classical", "Electronic", "Hip-Hop"})


class DemoSource:
    """Makes the library behind ``demo:``."""

    kind: ClassVar[str] = "demo"

    def accepts(self, path: str) -> bool:
        """Tell whether `path` is ``demo:``."""
        return path.strip().lower() == PATH

    def read(self, path: str = PATH, *, report: Report = silent) -> Library:
        """Make the library.

        Parameters
        ----------
        path : str
            ``demo:``.
        report : Report
            Told when it begins and ends.

        Returns
        -------
        Library
            2,400 tracks in twelve genres, in the order in which they were saved, with all base features. Among
            them are live and acoustic versions of some songs, and copies of some on compilations.

        Raises
        ------
        SourceError
            When `path` is something else.
        """
        if not self.accepts(path):
            raise SourceError("this is not the demo library", where=path, next_step=f"Its name is {PATH}")
        report(0, 1, "Making the demo library")
        profile = tomllib.loads(read_text("demo_profile.toml"))
        dice = _Dice(profile)
        songs = [song for genre in profile["genre"] for song in _songs(genre, profile, dice)]
        songs += _versions(songs, profile, dice)
        songs.sort(key=lambda song: song.saved)
        report(1, 1, "Making the demo library")
        index = pd.Index([f"demo{number:04d}" for number in range(1, len(songs) + 1)], dtype="str")
        return make_library(
            _frame(songs, profile).set_index(index),
            pd.DataFrame(np.stack([song.features for song in songs]), columns=list(BASE_NAMES), index=index),
            kind=self.kind,
            path=path,
            providers=PROVIDER,
            genre_parents=_parents(profile),
        )


@dataclass(frozen=True, eq=False)
class _Song:
    """One track; `saved` counts seconds from the profile's first day."""

    title: str
    artist: str
    album: str
    genre: str
    genres: tuple[str, ...]
    seconds: float
    saved: int
    explicit: bool
    features: npt.NDArray[np.float64]


class _Dice:
    """Random choices that come out the same everywhere: only the two plainest methods of the generator are used."""

    def __init__(self, profile: Mapping[str, Any]) -> None:
        self._generator = np.random.Generator(np.random.PCG64(profile["seed"]))
        self._words: Mapping[str, Sequence[str]] = profile["words"]
        self._cholesky = np.linalg.cholesky(np.array(profile["correlation"]["matrix"]))
        self._taken: set[tuple[str, str]] = set()

    def share(self) -> float:
        """Return a number from 0 to 1."""
        return float(self._generator.random())

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self.share() * (high - low + 1))

    def pick(self, items: Sequence[Any]) -> Any:
        return items[int(self.share() * len(items))]

    def normal(self) -> float:
        """Return a standard normal number."""
        return float(self._generator.standard_normal())

    def scores(self, count: int, *, variance: float) -> npt.NDArray[np.float64]:
        """Return normal scores of the features that go together as in the profile [shape=(count, 8)]."""
        draws = self._generator.standard_normal((count, len(BASE_NAMES)))
        scores: npt.NDArray[np.float64] = np.sqrt(variance) * (draws @ self._cholesky.T)
        return scores

    def name(self, patterns: Sequence[str], *, unlike: str) -> str:
        """Return a name made from one of the patterns that was not given before among those of `unlike`."""
        while True:
            words = re.split(r"\{(.+?)\}", self.pick(patterns))
            words[1::2] = [self.pick(self._words[kind]) for kind in words[1::2]]
            name = "".join(words)
            if len(set(words[1::2])) == len(words[1::2]) and (unlike, name) not in self._taken:
                self._taken.add((unlike, name))
                return name


def _songs(genre: Mapping[str, Any], profile: Mapping[str, Any], dice: _Dice) -> Iterator[_Song]:
    """Yield the songs of one genre, artist by artist and album by album."""
    values = _Quantiles(genre["quantiles"])
    # Shifts and artists' scores are taken about their mean, so that the genre as a whole keeps its quantiles.
    middle = sum(_shift(subgenre) * subgenre["share"] for subgenre in genre["subgenres"])
    played: Counter[str] = Counter()
    counts = _shared_out(genre["songs"], genre["artists"], dice)
    scores = dice.scores(len(counts), variance=_ARTIST)
    scores -= np.average(scores, axis=0, weights=counts)
    for count, artist_scores in zip(counts, scores, strict=True):
        artist = dice.name(profile["names"][genre["names"]], unlike="artist")
        own = _most_behind(genre["subgenres"], played)
        while count > 0:
            size = min(count, dice.whole(*_ALBUM_SONGS))
            count -= size
            subgenre = own if dice.share() < _OWN_SUBGENRE else _most_behind(genre["subgenres"], played)
            played[subgenre["name"]] += size
            album = _Album(
                artist=artist,
                name=dice.name(profile["albums"][genre["titles"]], unlike=artist),
                subgenre="" if dice.share() < _PLAIN else subgenre["name"],
                scores=artist_scores + dice.scores(1, variance=_ALBUM) + _shift(subgenre) - middle,
                saved=dice.whole(0, (profile["days"] - _SAVED_WITHIN) * _DAY),
                at_once=dice.share() < _SAVED_AT_ONCE,
            )
            yield from _album_songs(album, size, genre, profile, dice, values)


def _most_behind(subgenres: Sequence[Mapping[str, Any]], played: Counter[str]) -> Mapping[str, Any]:
    """Return the subgenre that has the fewest songs so far for its share."""
    return min(subgenres, key=lambda subgenre: (played[subgenre["name"]] + 1) / subgenre["share"])


def _shift(subgenre: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    return np.array([subgenre["shift"].get(name, 0.0) for name in BASE_NAMES])


@dataclass(frozen=True, eq=False)
class _Album:
    artist: str
    name: str
    subgenre: str
    scores: npt.NDArray[np.float64]
    saved: int
    at_once: bool


def _album_songs(
    album: _Album, size: int, genre: Mapping[str, Any], profile: Mapping[str, Any], dice: _Dice, values: _Quantiles
) -> Iterator[_Song]:
    features = values.at(album.scores + dice.scores(size, variance=_TRACK))
    for number in range(size):
        labels = [genre["name"], album.subgenre]
        if dice.share() < _SECOND_SUBGENRE:
            labels.append(dice.pick(genre["subgenres"])["name"])
        later = number if album.at_once else dice.whole(0, _SAVED_WITHIN * _DAY)
        yield _Song(
            title=dice.name(profile["titles"][genre["titles"]], unlike="title"),
            artist=album.artist,
            album=album.name,
            genre=genre["name"],
            genres=tuple(dict.fromkeys(label for label in labels if label)),
            seconds=_seconds(genre["minutes"], dice),
            saved=album.saved + later,
            explicit=dice.share() < genre["explicit"] and features[number, _INSTRUMENTALNESS] < 0.5,
            features=features[number],
        )


def _shared_out(songs: int, artists: int, dice: _Dice) -> list[int]:
    """Share songs out among artists: a few have many, each has at least two."""
    weights = [dice.share() ** 2 + 0.1 for _ in range(artists)]
    spare = songs - 2 * artists
    marks = [round(spare * sum(weights[:n]) / sum(weights)) for n in range(artists + 1)]
    return [2 + after - before for before, after in pairwise(marks)]


def _seconds(minutes: Sequence[float], dice: _Dice) -> float:
    """Return a track's length in seconds, log-normal through the quantiles of 10, 50 and 90 %."""
    score = dice.normal()
    low, middle, high = np.log(minutes)
    spread = (high - middle if score > 0.0 else middle - low) / _SCORES[5]
    return round(60.0 * float(np.exp(middle + spread * min(max(score, -2.5), 2.5))), 1)


class _Quantiles:
    """Turns normal scores into the feature values of one genre."""

    def __init__(self, quantiles: Mapping[str, Sequence[float]]) -> None:
        self._scores = (-_ENDS, *_SCORES, _ENDS)
        self._values = [self._with_ends(name, quantiles[name]) for name in BASE_NAMES]

    @staticmethod
    def _with_ends(name: str, values: Sequence[float]) -> tuple[float, ...]:
        """Return the quantiles with a smallest and a largest value around them."""
        if FEATURES[name].is_share:
            return (values[0] / 2.0, *values, (1.0 + values[-1]) / 2.0)
        return (values[0] * 0.85, *values, values[-1] * 1.1)

    def at(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the values at normal scores [both of shape=(count, 8)], linear between the quantiles."""
        pairs = zip(scores.T, self._values, strict=True)
        columns = [np.interp(column, self._scores, values) for column, values in pairs]
        return np.round(np.column_stack(columns), _DECIMALS)


def _versions(songs: Sequence[_Song], profile: Mapping[str, Any], dice: _Dice) -> list[_Song]:
    """Return live and acoustic versions of some songs, and copies of some on compilations."""
    played = [song for song in songs if song.genre not in _STUDIO_GENRES]
    sung = [song for song in played if song.features[_INSTRUMENTALNESS] < 0.1]
    chosen = [dice.pick(played) for _ in range(profile["live_versions"])]
    versions = [_live(song, dice.pick(profile["words"]["venue"]), dice) for song in dict.fromkeys(chosen)]
    chosen = [dice.pick(sung) for _ in range(profile["acoustic_versions"])]
    versions += [_acoustic(song, dice) for song in dict.fromkeys(chosen)]
    copies = profile["live_versions"] + profile["acoustic_versions"] + profile["compilation_copies"] - len(versions)
    copied: set[_Song] = set()
    while len(copied) < copies:
        song = dice.pick(songs)
        if song not in copied:
            copied.add(song)
            versions.append(_copy(song, dice.pick(profile["words"]["compilation"]), dice))
    return versions


def _live(song: _Song, venue: str, dice: _Dice) -> _Song:
    features = _changed(song, liveness=dice.between(0.72, 0.97), energy=min(1.0, _value(song, "energy") * 1.1))
    return replace(
        song,
        title=f"{song.title} (Live)",
        album=f"Live at {venue}",
        seconds=round(song.seconds * dice.between(1.02, 1.25), 1),
        saved=song.saved + dice.whole(1, 100 * _DAY),
        features=features,
    )


def _acoustic(song: _Song, dice: _Dice) -> _Song:
    features = _changed(song, acousticness=dice.between(0.82, 0.98), energy=_value(song, "energy") * 0.5)
    return replace(
        song,
        title=f"{song.title} (Acoustic)",
        album=f"{song.album} (Deluxe)",
        seconds=round(song.seconds * dice.between(0.9, 1.1), 1),
        saved=song.saved + dice.whole(1, 100 * _DAY),
        features=features,
    )


def _copy(song: _Song, compilation: str, dice: _Dice) -> _Song:
    """Return the same recording on another album: a second apart at most, features all but equal."""
    features = _changed(song, energy=min(1.0, _value(song, "energy") + dice.between(0.0, 0.01)))
    return replace(
        song,
        album=compilation,
        seconds=round(song.seconds + dice.between(-1.0, 1.0), 1),
        saved=song.saved + dice.whole(_DAY, 100 * _DAY),
        features=features,
    )


def _value(song: _Song, feature: str) -> float:
    return float(song.features[BASE_NAMES.index(feature)])


def _changed(song: _Song, **values: float) -> npt.NDArray[np.float64]:
    features = song.features.copy()
    for name, value in values.items():
        features[BASE_NAMES.index(name)] = round(value, _DECIMALS)
    return features


def _frame(songs: Sequence[_Song], profile: Mapping[str, Any]) -> pd.DataFrame:
    first_day: date = profile["first_day"]
    start = datetime.combine(first_day, time(), tzinfo=UTC)
    return pd.DataFrame(
        {
            "title": [song.title for song in songs],
            "artist": [song.artist for song in songs],
            "album": [song.album for song in songs],
            "genre": [song.genre for song in songs],
            "genres": [song.genres for song in songs],
            "added_at": [f"{start + timedelta(seconds=song.saved):%Y-%m-%dT%H:%M:%SZ}" for song in songs],
            "duration_s": [song.seconds for song in songs],
            "explicit": [float(song.explicit) for song in songs],
        }
    )


def _parents(profile: Mapping[str, Any]) -> dict[str, str]:
    parents = {sub["name"]: genre["name"] for genre in profile["genre"] for sub in genre["subgenres"]}
    return parents | {genre["name"]: genre["parent"] for genre in profile["genre"] if "parent" in genre}
