"""The words names are made of: read from ``resources/lexicon.toml`` and a person's own copy, and checked."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from core.errors import OptionError
from core.features import BASE_NAMES
from core.resources import read_text, settings_folder

LEXICON_FILE = "lexicon.toml"
LEXICON_VERSION = 1

#: A claim as words know it: (feature, +1 for high or −1 for low); a meaning is one or two of them, sorted.
Pole: TypeAlias = tuple[str, int]
Meaning: TypeAlias = tuple[Pole, ...]


#: The least and the greatest of a playlist's values of each feature that count, in original units.
Spread: TypeAlias = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Limit:
    """Where a feature of a playlist must lie, in original units, for words that say something absolute.

    Attributes
    ----------
    feature : str
        The feature.
    above, below : float
        Its bounds, neither of them allowed.
    most : bool
        Whether most of the tracks must lie there, and not only their median.
    """

    feature: str
    above: float = -math.inf
    below: float = math.inf
    most: bool = False

    def holds(self, spread: Spread) -> bool:
        """Return whether a playlist is within; one of which the feature is unknown is not."""
        least, greatest = spread.get(self.feature, (math.nan, math.nan))
        return self.above < least and greatest < self.below


@dataclass(frozen=True)
class Words:
    """The words of one meaning.

    Attributes
    ----------
    plain, strong : tuple of str
        Adjectives, the preferred first; the strong ones need more of the data.
    nouns : tuple of str
        Nouns that may stand at the end of a name.
    limits : tuple of Limit
        All must hold for the words to be used.
    later : int or None
        Places by which the words count as standing further down, so that plainer ones come first; where None, the
        place follows from the group's own among those of its meaning.
    unless : tuple of Pole
        The words are not used where one of these is true of the playlist, because they suggest the contrary.
    unless_genres : frozenset of str
        Nor are they beside a genre with one of these words, in lower case.
    """

    plain: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    later: int | None = None
    unless: tuple[Pole, ...] = ()
    unless_genres: frozenset[str] = frozenset()

    def fit(self, medians: Spread, most: Spread) -> bool:
        """Return whether the words may be used for a playlist with these medians, and most of it between these."""
        return all(limit.holds(most if limit.most else medians) for limit in self.limits)


@dataclass(frozen=True)
class Lexicon:
    """All words.

    Attributes
    ----------
    meanings : mapping of Meaning to tuple of Words
        Several groups where some words need an absolute value as well.
    neutral_nouns : tuple of str
        Nouns that claim nothing.
    adjective_genres : frozenset of str
        Genres, in lower case, that need a noun after them.
    genre_spellings : mapping of str to str
        Words of genres, in lower case, and how they are written where not simply with a capital.
    mixed : tuple of str
        Names for playlists of which nothing is true.
    """

    meanings: Mapping[Meaning, tuple[Words, ...]]
    neutral_nouns: tuple[str, ...]
    adjective_genres: frozenset[str]
    genre_spellings: Mapping[str, str]
    mixed: tuple[str, ...]

    def spelled(self, genre: str) -> str:
        """Return a genre as it is written in a name: "hip-hop" as "Hip-Hop", "Old-Time / Historic" in one word."""
        text = genre.replace(" / ", "/")
        if text != text.lower():
            return text
        written = re.sub(r"[^\W\d_]+", lambda word: self.genre_spellings.get(word[0], word[0].capitalize()), text)
        return written[:1].upper() + written[1:]


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """Read the words, the person's own ones first.

    Parameters
    ----------
    folder : Path, optional
        Where the person's ``lexicon.toml`` may be; the settings folder by default.

    Returns
    -------
    Lexicon
        The built-in words, with the meanings that the person's file gives replaced.

    Raises
    ------
    OptionError
        When the person's file is not valid, naming the file and the entry.
    """
    own = (folder or settings_folder()) / LEXICON_FILE
    if not own.is_file():
        return _built_in()
    try:
        document = tomllib.loads(own.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"this word list cannot be read ({error})", where=str(own), next_step=_MEND) from error
    if "version" in document and document["version"] != LEXICON_VERSION:
        raise OptionError(f"word list version {document['version']} is unknown", where=str(own), next_step=_MEND)
    base = tomllib.loads(read_text(LEXICON_FILE))
    given = document.get("meanings", {})
    more = document.get("more", [])
    if not isinstance(given, dict) or not isinstance(more, list):
        raise OptionError("[meanings] must be a table and [[more]] a list", where=str(own), next_step=_MEND)
    _check_keys(document, _LIST_KEYS, what="this word list", where=str(own))
    texts = [*given, *(str(entry.get("meaning", "")) for entry in more if isinstance(entry, dict))]
    # However a pair is written: "valence low + energy low" is "energy low + valence low".
    replaced = {_meaning(text, where=str(own)) for text in texts}
    kept = {
        text: entry for text, entry in base["meanings"].items() if _meaning(text, where=LEXICON_FILE) not in replaced
    }
    merged = {
        **base,
        **{key: value for key, value in document.items() if key in _PLAIN_LISTS},
        "meanings": {**kept, **given},
        "more": [entry for entry in base["more"] if _meaning(entry["meaning"], where=LEXICON_FILE) not in replaced]
        + more,
    }
    return _parse(merged, where=str(own))


#: What a word list and one of its entries may hold.
_PLAIN_LISTS = frozenset({"neutral_nouns", "adjective_genres", "genre_spellings", "mixed"})
_LIST_KEYS = _PLAIN_LISTS | {"version", "meanings", "more"}
_ENTRY_KEYS = frozenset({"meaning", "plain", "strong", "nouns", "limit", "most", "later", "unless"})
#: How an exception of a genre begins: "genre electronic".
_GENRE = "genre "
_MEND = "Mend the file, or remove it to use the built-in words"


@cache
def _built_in() -> Lexicon:
    return _parse(tomllib.loads(read_text(LEXICON_FILE)), where=LEXICON_FILE)


def _parse(document: Mapping[str, Any], *, where: str) -> Lexicon:
    groups: dict[Meaning, list[Words]] = {}
    for text, entry in document["meanings"].items():
        groups.setdefault(_meaning(text, where=where), []).append(_words(entry, text=text, where=where))
    for entry in document["more"]:
        text = str(entry.get("meaning", "")) if isinstance(entry, dict) else ""
        groups.setdefault(_meaning(text, where=where), []).append(_words(entry, text=text, where=where))
    lexicon = Lexicon(
        meanings={meaning: tuple(found) for meaning, found in groups.items()},
        neutral_nouns=_texts(document, "neutral_nouns", where=where),
        adjective_genres=frozenset(genre.lower() for genre in _texts(document, "adjective_genres", where=where)),
        genre_spellings={word.lower(): word for word in _texts(document, "genre_spellings", where=where)},
        mixed=_texts(document, "mixed", where=where),
    )
    if not lexicon.neutral_nouns or not lexicon.mixed:
        raise OptionError("neutral_nouns and mixed need at least one word each", where=where, next_step=_MEND)
    _check_one_meaning(lexicon, where=where)
    return lexicon


def _meaning(text: str, *, where: str) -> Meaning:
    """Parse ``"energy low + valence low"``."""
    poles = [_pole(part, text=text, where=where) for part in text.split("+")]
    if len(poles) > 2 or len({feature for feature, _ in poles}) != len(poles):
        raise OptionError(f"{text!r} must join one or two different features", where=where, next_step=_MEND)
    return tuple(sorted(poles))


def _pole(part: str, *, text: str, where: str) -> Pole:
    """Parse ``"energy low"``, which is or stands in `text`."""
    words = part.split()
    if len(words) != 2 or words[0] not in BASE_NAMES or words[1] not in ("high", "low"):
        raise OptionError(f"{text!r} is not a meaning", where=where, next_step='Write it like "tempo low"')
    return words[0], 1 if words[1] == "high" else -1


def _words(entry: object, *, text: str, where: str) -> Words:
    if not isinstance(entry, Mapping):
        raise OptionError(f"the words of {text!r} must be a table", where=where, next_step=_MEND)
    _check_keys(entry, _ENTRY_KEYS, what=f"the entry {text!r}", where=where)
    later, unless = entry.get("later"), _texts(entry, "unless", where=where, of=text)
    if later is not None and (not isinstance(later, int) or later < 0):
        raise OptionError(f"later of {text!r} must be a whole number from 0", where=where, next_step=_MEND)
    return Words(
        plain=_texts(entry, "plain", where=where, of=text),
        strong=_texts(entry, "strong", where=where, of=text),
        nouns=_texts(entry, "nouns", where=where, of=text),
        limits=tuple(limit for key in ("limit", "most") for limit in _limits(entry, key, text=text, where=where)),
        later=later,
        unless=tuple(_pole(pole, text=pole, where=where) for pole in unless if not pole.startswith(_GENRE)),
        unless_genres=frozenset(pole.removeprefix(_GENRE).lower() for pole in unless if pole.startswith(_GENRE)),
    )


def _limits(entry: Mapping[str, Any], key: str, *, text: str, where: str) -> tuple[Limit, ...]:
    """Parse ``{ below = 0.7 }``, of the feature that the meaning names first, or ``{ valence = { above = 0.4 } }``."""
    limit = entry.get(key, {})
    if isinstance(limit, Mapping):
        bounds = {feature: bound for feature, bound in limit.items() if feature in BASE_NAMES}
        first = {side: value for side, value in limit.items() if side not in bounds}
        if first:
            bounds = {text.split()[0]: first, **bounds}
        if all(_is_bound(bound) for bound in bounds.values()):
            return tuple(Limit(feature, **bound, most=key == "most") for feature, bound in bounds.items())
    example = "{ above = … }, { below = … } or, for another feature, { energy = { below = … } }"
    raise OptionError(f"{key} of {text!r} must be {example}", where=where, next_step=_MEND)


def _is_bound(bound: object) -> bool:
    return isinstance(bound, Mapping) and all(
        side in ("above", "below") and isinstance(value, int | float) and not isinstance(value, bool)
        for side, value in bound.items()
    )


def _check_keys(entry: Mapping[str, Any], known: frozenset[str], *, what: str, where: str) -> None:
    """Refuse a key that says nothing: most often it is a slip of the pen, and the words would be lost."""
    unknown = [key for key in entry if key not in known]
    if unknown:
        raise OptionError(
            f"{what} has no place for {unknown[0]!r}", where=where, next_step=f"It may hold {', '.join(sorted(known))}"
        )


def _texts(entry: Mapping[str, Any], key: str, *, where: str, of: str = "") -> tuple[str, ...]:
    found = entry.get(key, [])
    if not isinstance(found, list) or not all(isinstance(word, str) and 0 < len(word.strip()) <= 24 for word in found):
        what = f"{key} of {of!r}" if of else key
        raise OptionError(f"{what} must be a list of words of at most 24 letters", where=where, next_step=_MEND)
    return tuple(word.strip() for word in found)


def _check_one_meaning(lexicon: Lexicon, *, where: str) -> None:
    """Refuse a word that stands for two meanings: a name must not need guessing."""
    seen: dict[str, Meaning] = {}
    for meaning, groups in lexicon.meanings.items():
        for word in (word for group in groups for word in (*group.plain, *group.strong, *group.nouns)):
            if seen.setdefault(word.lower(), meaning) != meaning:
                raise OptionError(f"{word!r} stands for two meanings", where=where, next_step=_MEND)
    neutral = [noun for noun in lexicon.neutral_nouns if noun.lower() in seen]
    if neutral:
        raise OptionError(f"{neutral[0]!r} is a neutral noun and has a meaning too", where=where, next_step=_MEND)
