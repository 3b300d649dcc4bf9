"""Tracks that are the same recording twice: which they are, which one stays, and why.

Two tracks are the same recording when they carry the same ISRC and their titles do not name different versions, for
tables give a concert the code of the studio's recording; or when first artist and title agree after
normalising and their durations differ by at most two seconds; where a duration is unknown, all eight audio features
have to be equal instead. What marks a version (live, acoustic, remix, demo,
instrumental, radio edit, a year's tour …) is part of the title; what only speaks of the release (remastered,
deluxe, mono, bonus track), of guests (feat., with) or of the film it was in (from "…") is not. "With" is also a word
of titles, and a song is sung alone and as a duet: it names guests only where they are among the track's artists, and
then on both tracks.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from dataclasses import dataclass
from functools import lru_cache
from math import isnan
from typing import Literal

import numpy as np
import pandas as pd

from core.features import BASE_NAMES
from core.records import FloatArray, IntArray

#: Seconds by which the durations of one recording differ between releases: fades and silence at the ends.
DURATION_TOLERANCE_S = 2.0
# 30.002 s and 32.002 s are two seconds apart, and their difference in binary a little more.
_TOLERANCE = DURATION_TOLERANCE_S + 1e-6

# Words about the release and not the recording. "original" covers "original mix" and "original version".
_RELEASE = frozenset((
    "album", "anniversary", "bonus", "deluxe", "digital", "digitally", "enhanced", "expanded", "explicit", "hd",
    "hidden", "hq", "lp", "mastered", "mono", "original", "reissue", "reissued", "restored", "special", "stereo",
))  # fmt: skip
_RELEASE_STEMS = re.compile("remaster|rimaster|リマスター")
# Words that say nothing by themselves: with a release word beside them the part is about the release.
_FILLERS = frozenset((
    "a", "by", "cd", "disc", "edition", "from", "mix", "of", "on", "only", "part", "re", "recording", "release",
    "the", "track", "ver", "version", "vinyl",
))  # fmt: skip
# What makes a part with guests a version of its own, as in "feat. Somebody - Acoustic".
_VERSION = frozenset((
    "acapella", "acoustic", "acustico", "clean", "cover", "demo", "dub", "edit", "extended", "instrumental",
    "karaoke", "live", "mix", "orchestral", "radio", "rehearsal", "remix", "session", "single", "unplugged",
    "version", "vivo",
))  # fmt: skip
# "(with Somebody)", "- duet with Somebody" and '(from "Some Film")': a part in brackets or after a dash.
_ASIDE = r"(?:[(\[]\s*{0}\s*[)\]]|\s[-‐‑‒–—−]+\s+{0}(?=\s+[-‐‑‒–—−]+\s|\s*$))"
_WITH = re.compile(_ASIDE.format(r"(?:a )?(?:duet )?with\s+((?:(?!\s[-‐‑‒–—−]+\s)[^()\[\]])+?)"))
_FROM = re.compile(_ASIDE.format(r"from\s+(?:the\s+[\w ]*?)?[\"“”„«]\s*([^()\[\]\"“”„«»]+?)\s*[\"“”»][\w :]*"))
# What composers call a piece of every film: there the film tells one from another.
_OF_EVERY_FILM = re.compile(
    r"(?:the )?(?:main |love |opening |end )?(?:theme|titles?|credits|overture|finale|suite)(?: song)?"
)
# Titles that many different recordings of one artist carry: only within one album are they one recording.
_NONDESCRIPT = re.compile(r"(untitled|intro|introduction|outro|interlude|prelude|skit|unknown|track|piste)( \d+)?")
# Names that stand for no artist in particular.
_NOBODY = frozenset(("various", "various artists", "unknown", "unknown artist", "va"))
_NUMBER = re.compile(r"\d+(st|nd|rd|th)?")
_BRACKETS = re.compile(r"\(([^()\[\]{}]*)\)|\[([^()\[\]{}]*)\]|\{([^()\[\]{}]*)\}")
_DASH = re.compile(r"\s+[-‐‑‒–—−]+\s+")
# Marks the ends of a bracket that stays, so that guests before it do not reach into it.
_EDGE = "\x1f"
# What may follow in a part that names a version: whom it is with says nothing of it, and guests have names like
# Little Mix.
_AND_GUESTS = re.compile(r"\b(?:feat|ft|featuring|with)\b.*")
_GUESTS = re.compile(rf"(?:^|\s)(?:feat|ft|featuring)(?:\.\s*|\s+)[^\s{_EDGE}][^{_EDGE}]*")
_APOSTROPHES = re.compile("['’‘`´]")
_SEPARATORS = re.compile(r"[\W_]+")
# Signs that stand for an accent written on its own; other scripts' combining signs are letters and stay.
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"\w+")

# Albums that hold performances although the titles of their tracks may not say so.
_LIVE_ALBUM = re.compile(r"\b(live (at|from|in|on)|unplugged|in concert|en vivo|en directo|ao vivo|en concert)\b")

# What stands between artists. "/" and "," inside a name without spaces around, such as AC/DC, separate nothing.
_BETWEEN_ARTISTS = re.compile(r"\s*[;|]\s*|,\s+|\s+/\s+|\s+(?:&|\+|x|vs\.?|feat\.?|ft\.?|featuring|with)\s+")
_ARTICLE = re.compile(r"^the\s+(?=\S)")

#: Names remembered between tracks; artists repeat, so a few thousand spare most of the work.
_REMEMBERED = 20_000


#: What two tracks share: the recording's code; artist, title and duration; or artist, title and every audio feature.
Shared = Literal["isrc", "title", "sound"]


@dataclass(frozen=True)
class Duplicate:
    """A track that is left out because another one is the same recording.

    Attributes
    ----------
    track_id : str
        The track left out.
    kept_id : str
        The track that stays: the oldest like of the recording.
    reason : Shared
        What they share.
    """

    track_id: str
    kept_id: str
    reason: Shared


def find_duplicates(tracks: pd.DataFrame, features: pd.DataFrame | None = None) -> tuple[Duplicate, ...]:
    """Find the tracks that are a recording which an older like already is.

    Tracks are looked at from the oldest like to the youngest (without date: after those with one, in library
    order). Each one is a duplicate when it is the same recording as a track kept before it, so every duplicate
    is within two seconds of the track kept for it, and of three tracks at 200, 202 and 204 seconds the outer
    ones are two recordings unless the middle one is the oldest.

    Parameters
    ----------
    tracks : pandas.DataFrame [shape=(n_tracks, …)]
        Indexed by track id, with the columns ``title``, ``artist``, ``album``, ``isrc``, ``added_at``, ``duration_s``
        of `core.library.TRACK_COLUMNS`.
    features : pandas.DataFrame [shape=(n_tracks, ≥8), dtype=float64], optional
        Their audio features in original units, for tracks of unknown duration.

    Returns
    -------
    tuple of Duplicate
        In the order of `tracks`. Empty titles and artists never make a duplicate, nor do unknown durations where a
        feature differs or is unknown.
    """
    ids = tracks.index.tolist()
    kept = _Kept(tracks, features)
    found: dict[int, Duplicate] = {}
    for row in oldest_first(tracks["added_at"]).tolist():
        same = kept.same_as(row)
        if same is None:
            kept.add(row)
        else:
            other, reason = same
            found[row] = Duplicate(ids[row], ids[other], reason)
    return tuple(found[row] for row in sorted(found))


def oldest_first(added_at: pd.Series) -> IntArray:
    """Return positions from the oldest like to the youngest; tracks without a date come last, in their order.

    Parameters
    ----------
    added_at : pandas.Series [shape=(n,)]
        ISO 8601 dates as text; empty or unreadable text is no date. A date without time zone is UTC.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]
        A permutation; equal dates keep their order.
    """
    if not (added_at != "").any():
        return np.arange(len(added_at))
    times = pd.to_datetime(added_at.where(added_at != "", None), utc=True, format="ISO8601", errors="coerce")
    order = times.reset_index(drop=True).sort_values(kind="stable", na_position="last").index
    return order.to_numpy(dtype=np.int64)


@dataclass(frozen=True)
class _Recording:
    """What tells a track's recording from others.

    Attributes
    ----------
    key : tuple of str
        Normalised title and first artist.
    artists, guests : frozenset of str
        All its artists, and those that its title calls in with "with".
    origin : str
        The film or show its title says it is from; empty when it says none.
    """

    key: tuple[str, str]
    artists: frozenset[str] = frozenset()
    guests: frozenset[str] = frozenset()
    origin: str = ""

    def may_be(self, other: _Recording) -> bool:
        """Tell whether nothing speaks against the two being one: guests that one lacks, or two films."""
        if not (self.guests <= other.artists and other.guests <= self.artists):
            return False
        return not self.origin or not other.origin or self.origin == other.origin


class _Kept:
    """The tracks that stay so far, found again by each thing that makes another track the same recording."""

    def __init__(self, tracks: pd.DataFrame, features: pd.DataFrame | None) -> None:
        self._codes = [code.replace("-", "").strip().upper() for code in tracks["isrc"].tolist()]
        self._durations: list[float] = tracks["duration_s"].tolist()
        sounds = _sounds(tracks["duration_s"], features)
        self._sounds: list[int] = sounds.tolist()
        self._recordings = _recordings(tracks, sounds)
        # Few tables have codes, and the texts of a million tracks take 80 MB.
        coded = [row for row, code in enumerate(self._codes) if code]
        self._titles: dict[int, str] = dict(zip(coded, tracks["title"].iloc[coded].tolist(), strict=True))
        self._albums: dict[int, str] = dict(zip(coded, tracks["album"].iloc[coded].tolist(), strict=True))
        self._by_code: dict[str, list[int]] = {}
        #: Rows with their durations, shortest first, by title and artist.
        self._by_key: dict[tuple[str, str], list[tuple[float, int]]] = {}
        self._by_sound: dict[tuple[tuple[str, str], int], list[int]] = {}

    def same_as(self, row: int) -> tuple[int, Shared] | None:
        """Return the row that is the same recording and what the two share; None if there is none."""
        if (coded := self._coded(row)) is not None:
            return coded, "isrc"
        if (near := self._nearest(row)) is not None:
            return near, "title"
        if (alike := self._alike(row)) is not None:
            return alike, "sound"
        return None

    def add(self, row: int) -> None:
        """Let a track stay."""
        if code := self._codes[row]:
            self._by_code.setdefault(code, []).append(row)
        recording, seconds, sound = self._recordings[row], self._durations[row], self._sounds[row]
        if recording is None:
            return
        if not isnan(seconds):
            insort(self._by_key.setdefault(recording.key, []), (seconds, row))
        if sound >= 0:
            self._by_sound.setdefault((recording.key, sound), []).append(row)

    def _coded(self, row: int) -> int | None:
        """Return the first row with the same code whose title does not name another version."""
        for candidate in self._by_code.get(self._codes[row], []):
            if self._may_be_one_version(row, candidate):
                return candidate
        return None

    def _may_be_one_version(self, row: int, other: int) -> bool:
        """Tell whether titles leave open that two tracks are one version; on a live album they need not say "live"."""
        one, two = _version(self._titles[row]), _version(self._titles[other])
        if bool(one) == bool(two):
            return one <= two or two <= one
        album = _performance(self._albums[other if one else row])
        return not (one | two).isdisjoint(_VERSION.intersection(_WORD.findall(album)))

    def _nearest(self, row: int) -> int | None:
        """Return the row whose duration is nearest within the tolerance, the shorter of two."""
        recording, seconds = self._recordings[row], self._durations[row]
        same = self._by_key.get(recording.key, []) if recording else []
        near = []
        for other, candidate in same[bisect_left(same, (seconds - _TOLERANCE, -1)) :]:
            if not other - seconds <= _TOLERANCE:
                break
            if self._may_be(row, candidate):
                near.append((abs(other - seconds), candidate))
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def _alike(self, row: int) -> int | None:
        """Return the first row with the same features where one of the two durations is unknown."""
        recording, unknown = self._recordings[row], isnan(self._durations[row])
        for candidate in self._by_sound.get((recording.key, self._sounds[row]), []) if recording else []:
            if (unknown or isnan(self._durations[candidate])) and self._may_be(row, candidate):
                return candidate
        return None

    def _may_be(self, row: int, other: int) -> bool:
        one, two = self._recordings[row], self._recordings[other]
        return one is not None and two is not None and one.may_be(two)


def _sounds(durations: pd.Series, features: pd.DataFrame | None) -> IntArray:
    """Return one number for all rows with the same eight features, −1 where none has the same or one is unknown.

    Only tracks of unknown duration need it.
    """
    sounds = np.full(len(durations), -1, dtype=np.int64)
    if features is None or not durations.isna().any():
        return sounds
    values = features[list(BASE_NAMES)].reset_index(drop=True)
    several = (values.duplicated(keep=False) & values.notna().all(axis=1)).to_numpy()
    sounds[several] = values[several].groupby(list(BASE_NAMES)).ngroup()
    return sounds


def _recordings(tracks: pd.DataFrame, sounds: IntArray) -> list[_Recording | None]:
    """Return what two tracks of one recording share, by row; None where nothing can be the same recording."""
    credits_, titles, albums = (tracks[column].tolist() for column in ("artist", "title", "album"))
    performers = [artist_key(artist) for artist in credits_]
    found: list[_Recording | None] = [None] * len(tracks)
    for row in _rows_with_neighbour(performers, tracks["duration_s"].to_numpy(), sounds).tolist():
        performer = performers[row]
        if not performer or performer in _NOBODY:
            continue
        title, artists = titles[row], _artists(credits_[row])
        title, guests = _without_with(title, artists)
        title, origin = _without_from(title)
        recording = title_key(title)
        if recording:
            nondescript = _NONDESCRIPT.fullmatch(recording) is not None
            place = f" on {title_key(albums[row])}" if nondescript else _performance(albums[row])
            found[row] = _Recording((recording + place, performer), artists, guests, origin)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _artists(artist: str) -> frozenset[str]:
    """Return all of a track's artists, each as `artist_key` writes one."""
    return frozenset(artist_key(part) for part in _BETWEEN_ARTISTS.split(_plain(artist)) if part.strip())


def _without_with(title: str, artists: frozenset[str]) -> tuple[str, frozenset[str]]:
    """Return a title without "(with …)" where that names some of the artists, and who they are."""
    if len(artists) < 2 or "with" not in title.lower():
        return title, frozenset()
    plain = _plain(title)
    match = _WITH.search(plain)
    named = _artists(next(filter(None, match.groups())).replace(" and ", " & ")) if match else frozenset()
    if match is None or not named or not named <= artists:
        return title, frozenset()
    return f"{plain[: match.start()]} {plain[match.end() :]}", named


def _without_from(title: str) -> tuple[str, str]:
    """Return a title without '(from "Some Film")', and the film; only where a title of its own is left."""
    if "from" not in title.lower():
        return title, ""
    plain = _plain(title)
    match = _FROM.search(plain)
    if match is None or not _VERSION.isdisjoint(_WORD.findall(match.group())):
        return title, ""
    rest = f"{plain[: match.start()]} {plain[match.end() :]}"
    left = title_key(rest)
    if not left or _OF_EVERY_FILM.fullmatch(left) or _NONDESCRIPT.fullmatch(left):
        return title, ""
    return rest, _words(next(filter(None, match.groups())))


def _rows_with_neighbour(performers: list[str], durations: FloatArray, sounds: IntArray) -> IntArray:
    """Return the rows for which another one has the same artist and about the same duration, or the same sound.

    The others need not have their titles looked at, which is most of the work.
    """
    artists = pd.factorize(np.array(performers, dtype=object))[0]
    order = np.lexsort((durations, artists))
    close = (np.diff(artists[order]) == 0) & (np.diff(durations[order]) <= _TOLERANCE)
    near = pd.DataFrame({"artist": artists, "sound": sounds}).duplicated(keep=False).to_numpy() & (sounds >= 0)
    near[order[1:][close]] = True
    near[order[:-1][close]] = True
    return np.flatnonzero(near)


@lru_cache(maxsize=_REMEMBERED)
def _version(title: str) -> frozenset[str]:
    """Return the words with which the parts of a title in brackets or after a dash name a version; none if none do."""
    text, asides = _FROM.sub(" ", _plain(title)), list[str]()
    while found := _BRACKETS.findall(text):
        asides += ["".join(part) for part in found]
        text = _BRACKETS.sub(" ", text)
    _, *others = _DASH.split(text)
    parts = [part for aside in asides for part in _DASH.split(aside)] + others
    said = [frozenset(_WORD.findall(_AND_GUESTS.sub("", part))) for part in parts if not _is_release(part)]
    words = frozenset[str]().union(*(words for words in said if words & _VERSION))
    return words - _FILLERS or words


@lru_cache(maxsize=_REMEMBERED)
def _performance(album: str) -> str:
    """Return what tells the tracks of a live album from other performances; empty for other albums."""
    return f" on {title_key(album)}" if _LIVE_ALBUM.search(_plain(album)) else ""


@lru_cache(maxsize=_REMEMBERED)
def artist_key(artist: str) -> str:
    """Return the first of a track's artists without case, accents, punctuation and leading article.

    Parameters
    ----------
    artist : str
        One or more artists, separated by ``;``, ``,``, ``&``, ``feat.`` and the like.

    Returns
    -------
    str
        Empty when there is none.
    """
    plain = _plain(artist).strip()
    first = next((part for part in _BETWEEN_ARTISTS.split(plain) if part.strip()), plain).strip()
    return _words(_ARTICLE.sub("", first)) or first


def title_key(title: str) -> str:
    """Return a title without case, accents and punctuation, and without what only speaks of its release.

    Parts in brackets or after a dash are left out when they only name guests (feat.) or the release
    (remastered, deluxe, mono, bonus track …); every other part stays, so that versions differ.

    Parameters
    ----------
    title : str
        As the source wrote it.

    Returns
    -------
    str
        Words separated by single spaces; empty for an empty title.
    """
    plain = _plain(title)
    if not (set(plain) & _MARKS or "feat" in plain or " ft" in plain):
        return _words(plain) or plain.strip()
    text = plain
    while (shorter := _BRACKETS.sub(_bracket, text)) != text:
        text = shorter
    first, *others = _DASH.split(text)
    parts = [_without_guests(part) for part in (first, *(part for part in others if not _is_release(part)))]
    return _words(" ".join(parts)) or _words(plain) or plain.strip()


#: Signs without which a title has neither brackets nor dashes.
_MARKS = frozenset("([{-‐‑‒–—−")


def _bracket(match: re.Match[str]) -> str:
    """Return what stays of a part in brackets."""
    part = match.group(match.lastindex or 0)
    return " " if _is_release(part) else f" {_EDGE} {_without_guests(part)} {_EDGE} "


@lru_cache(maxsize=_REMEMBERED)
def _is_release(part: str) -> bool:
    """Tell whether a part of a title speaks of nothing but the release or of guests."""
    words = _WORD.findall(_without_guests(part))
    about = [word in _RELEASE or _RELEASE_STEMS.match(word) is not None for word in words]
    plain = (word in _FILLERS or _NUMBER.fullmatch(word) is not None for word in words)
    return not words or (any(about) and all(map(any, zip(about, plain, strict=True))))


def _without_guests(part: str) -> str:
    """Return a part of a title without "feat. …", unless a version hides there."""
    match = _GUESTS.search(part)
    if match is None or not _VERSION.isdisjoint(_WORD.findall(match.group())):
        return part
    return f"{part[: match.start()]} {part[match.end() :]}"


def _plain(text: str) -> str:
    """Return the text in lower case, without accents, compatible characters made one."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = _ACCENTS.sub("", folded)
    return unicodedata.normalize("NFKC", bare if bare.strip() else folded)


def _words(text: str) -> str:
    """Return the text's words with single spaces between them; apostrophes join, ``&`` is a word."""
    if "&" in text:
        text = text.replace("&", " and ")
    return _SEPARATORS.sub(" ", _APOSTROPHES.sub("", text)).strip()
