"""From a set of claims to words: which adjectives, which noun, in which order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, product

from core.naming.evidence import ClaimSet, Evidence
from core.naming.lexicon import Lexicon, Meaning, Pole, Words
from core.options import NamingOptions

#: Limits of a name, for a list on a phone: longer ones are cut there.
SHORTEST, LONGEST = 5, 40
FEWEST_WORDS, MOST_WORDS = 2, 5

#: Adjectives read best from how it moves to what plays it: "Slow & Somber Acoustic Songs". Those of the last
#: three features stand next to the noun, without an "&".
_READING_ORDER = (
    "tempo", "energy", "valence", "danceability", "speechiness", "liveness", "acousticness", "instrumentalness",
)  # fmt: skip
_BESIDE_NOUN = frozenset({"liveness", "acousticness", "instrumentalness"})

# What makes one true wording better than another; the larger, the worse. A repeated word, each time it is repeated,
# outweighs a claim left unsaid, which outweighs everything that is a matter of taste.
_REPEATED_WORD = 1000.0
_LOST_AUC = 2000.0
#: So many letters alike at their beginning make two words of one name sound like the same word said twice.
_SAME_START = 4
_MOST_LOSS = 0.01
_NEUTRAL_NOUN = 1.2
_PER_WORD = 0.5
#: A third adjective, for "Quick, Calm & Happy Moods" reads worse than "Quick & Breezy Moods".
_THIRD_ADJECTIVE = 0.6
_STRONG_WORD = 0.45
_LATER_WORD = 0.3
_LATER_GROUP = 3.0
#: Letters for which a list of playlists has room beside the picture, and the price of each one more.
ROOM = 24
_PER_LETTER = 0.1
#: How many words of each list are weighed against each other for one name.
_CHOICES = 3


@dataclass(frozen=True)
class Wording:
    """One way to say a set of claims.

    Attributes
    ----------
    text : str
        The name.
    said : tuple of (str, ClaimSet)
        Each word with the claims it stands for.
    cost : float
        The smaller, the better it reads.
    """

    text: str
    said: tuple[tuple[str, ClaimSet], ...]
    cost: float


@dataclass(frozen=True)
class Context:
    """What a wording has to know besides the claims.

    Attributes
    ----------
    evidence, cluster
        Say which strong and absolute words are true.
    lexicon, options
        Words and thresholds.
    genre : str
        Stands at the end, or before the noun where it is an adjective; empty when no genre is claimed.
    taken_stems : mapping of str to int
        In how many of the other names of the run each stem of a word is.
    taken_names : set of str
        The other names in lower case.
    before : str
        What the cluster was called before; it keeps that name where it still is one of its true wordings.
    """

    evidence: Evidence
    cluster: int
    lexicon: Lexicon
    options: NamingOptions
    genre: str = ""
    taken_stems: Mapping[str, int] = field(default_factory=dict)
    taken_names: Set[str] = field(default_factory=frozenset)
    before: str = ""


@dataclass(frozen=True)
class _Word:
    text: str
    claims: ClaimSet
    cost: float
    feature: str


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """Return what counts as the same word in two names: letters only, without a plural "s".

    Short words of the Latin alphabet, such as "of", do not count; one sign of another writing may be a word.
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    return frozenset(word.removesuffix("s") for word in words if len(word) > 2 or not word.isascii())


@lru_cache(maxsize=16_384)
def _echoes(text: str) -> int:
    """Return how many words of a name begin like another one of it: one in "Electric Electronic Tunes"."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    begun = [word[:_SAME_START] for word in words if len(word) >= _SAME_START]
    return len(begun) - len(set(begun))


def best_wording(claims: ClaimSet, telling: Mapping[ClaimSet, float], *, context: Context) -> Wording | None:
    """Find the best true wording of some claims.

    Parameters
    ----------
    claims : ClaimSet
        What the name should say.
    telling : mapping of ClaimSet to float
        AUC of every allowed set of claims. A claim is left unsaid only where that costs at most `_MOST_LOSS` and
        every wording that says it would repeat a word of another name, or where no wording fits otherwise.
    context : Context
        Words, evidence and what the other names use.

    Returns
    -------
    Wording or None
        None when no wording fits the limits and differs from the other names.
    """
    found: list[Wording] = []
    subsets = [chosen for size in range(len(claims), 0, -1) for chosen in combinations(claims, size)]
    for chosen in subsets:
        loss = telling[claims] - telling.get(chosen, 0.0)
        if loss <= _MOST_LOSS or not found:
            found.extend(_wordings(chosen, cost=_LOST_AUC * max(loss, 0.0), context=context))
    return min(found, key=lambda wording: (wording.text != context.before, wording.cost, wording.text), default=None)


def sayable(sets: Sequence[tuple[float, ClaimSet]], context: Context) -> list[tuple[float, ClaimSet]]:
    """Return the sets of claims, each with its AUC, that suitable words can say one by one or in pairs."""
    known: dict[ClaimSet, bool] = {}

    def has_words(meaning: ClaimSet) -> bool:
        if meaning not in known:
            known[meaning] = any(group.plain or group.nouns for group in _usable(meaning, context))
        return known[meaning]

    def can_be_said(claims: ClaimSet) -> bool:
        one_by_one = all(has_words((claim,)) for claim in claims)
        return one_by_one or any(all(map(has_words, meanings)) for meanings in _partitions(claims, context))

    return [(auc, claims) for auc, claims in sets if can_be_said(claims)]


def _wordings(claims: ClaimSet, *, cost: float, context: Context) -> Iterator[Wording]:
    """Yield the wordings that say exactly these claims and fit the limits of a name."""
    for meanings in _partitions(claims, context):
        nouns: list[tuple[_Word | None, int | None]] = [
            (noun, slot) for slot, meaning in enumerate(meanings) for noun in _nouns(meaning, context)
        ]
        if not context.genre or context.genre.lower() in context.lexicon.adjective_genres:
            nouns += [(noun, None) for noun in _neutral_nouns(context)]
        else:
            nouns = [(None, None)]
        adjectives = [_adjectives(meaning, context) for meaning in meanings]
        for noun, slot in nouns:
            rest = [words for i, words in enumerate(adjectives) if i != slot]
            for chosen in product(*rest):
                wording = _compose(chosen, noun, genre=context.genre, cost=cost)
                if _within_limits(wording.text) and wording.text.lower() not in context.taken_names:
                    yield wording


def _partitions(claims: ClaimSet, context: Context) -> Iterator[tuple[ClaimSet, ...]]:
    """Yield the ways to say the claims one by one or in pairs that have words of their own."""
    if not claims:
        yield ()
        return
    first, rest = claims[0], claims[1:]
    for others in _partitions(rest, context):
        yield ((first,), *others)
    for i, second in enumerate(rest):
        pair = (first, second)
        if _meaning(pair, context) in context.lexicon.meanings:
            for others in _partitions(rest[:i] + rest[i + 1 :], context):
                yield (pair, *others)


def _meaning(claims: ClaimSet, context: Context) -> Meaning:
    return tuple(sorted((context.evidence.features[column], sign) for column, sign in claims))


def _usable(claims: ClaimSet, context: Context) -> list[Words]:
    """Return the word groups of a meaning that suit the cluster: its values, its genre, and what else is true of it."""
    groups = context.lexicon.meanings.get(_meaning(claims, context), ())
    medians, most = context.evidence.middle_of(context.cluster), context.evidence.most_of(context.cluster)
    genre = frozenset(re.findall(r"\w+", context.genre.lower()))
    return [
        group
        for group in groups
        if group.fit(medians, most)
        and not genre & group.unless_genres
        and not any(_is_true(pole, context) for pole in group.unless)
    ]


def _is_true(pole: Pole, context: Context) -> bool:
    """Return whether a claim separates the cluster well enough to be allowed, said or not."""
    feature, sign = pole
    evidence = context.evidence
    if feature not in evidence.features:
        return False
    return evidence.auc_of(context.cluster, (evidence.features.index(feature), sign)) >= context.options.min_auc


def _adjectives(claims: ClaimSet, context: Context) -> list[_Word]:
    """Return the best adjectives of a meaning."""
    strong = all(
        context.evidence.is_strong(context.cluster, claim, share=context.options.strong_share) for claim in claims
    )
    words = []
    for i, group in enumerate(_usable(claims, context)):
        start = _start(group, i)
        words += _rated(group.plain, claims, start, context)
        words += _rated(group.strong if strong else (), claims, start + _STRONG_WORD, context)
    return sorted(words, key=lambda word: word.cost)[:_CHOICES]


def _nouns(claims: ClaimSet, context: Context) -> list[_Word]:
    """Return the nouns of a meaning; where several groups fit, those with the narrower limit come first."""
    words = []
    groups = sorted((group for group in _usable(claims, context) if group.nouns), key=_width)
    for i, group in enumerate(groups):
        words += _rated(group.nouns, claims, _start(group, i), context)
    return sorted(words, key=lambda word: word.cost)[:_CHOICES]


def _start(group: Words, place: int) -> float:
    """Return what the first word of a group costs, the group's own place among those that may be used being `place`."""
    return _LATER_GROUP * place if group.later is None else _LATER_WORD * group.later


def _width(words: Words) -> float:
    """Return how far the first limit reaches; words without one come last."""
    if not words.limits:
        return math.inf
    limit = words.limits[0]
    return -limit.above if math.isfinite(limit.above) else limit.below


def _neutral_nouns(context: Context) -> list[_Word]:
    words = _rated(context.lexicon.neutral_nouns, (), _NEUTRAL_NOUN, context)
    return sorted(words, key=lambda word: word.cost)[:_CHOICES]


def _rated(texts: Sequence[str], claims: ClaimSet, start: float, context: Context) -> list[_Word]:
    feature = min((context.evidence.features[c] for c, _ in claims), key=_READING_ORDER.index, default="")
    return [
        _Word(text, claims, start + _LATER_WORD * i + _REPEATED_WORD * _uses(text, context), feature)
        for i, text in enumerate(texts)
    ]


def _uses(text: str, context: Context) -> int:
    """Return how many other names have a word already, or the part of it that most of them have."""
    return max((context.taken_stems.get(stem, 0) for stem in stems(text)), default=0)


def _compose(adjectives: Sequence[_Word], noun: _Word | None, *, genre: str, cost: float) -> Wording:
    """Put the words in reading order: "A", "A & B" or "A, B & C", then those beside the noun, genre, noun."""
    ordered = sorted(adjectives, key=lambda word: _READING_ORDER.index(word.feature))
    loose = [word for word in ordered if word.feature not in _BESIDE_NOUN]
    beside = [word for word in ordered if word.feature in _BESIDE_NOUN]
    texts = [word.text for word in loose]
    front = " & ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
    text = " ".join(part for part in (front, *(word.text for word in beside), genre, noun.text if noun else "") if part)
    words = (*loose, *beside, *((noun,) if noun else ()))
    total = cost + sum(word.cost for word in words) + _PER_WORD * len(words) + _PER_LETTER * max(len(text) - ROOM, 0)
    total += _REPEATED_WORD * _echoes(text) + _THIRD_ADJECTIVE * max(len(loose) - 2, 0)
    return Wording(text=text, said=tuple((word.text, word.claims) for word in words if word.claims), cost=total)


def _within_limits(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and FEWEST_WORDS <= len(text.split()) <= MOST_WORDS
