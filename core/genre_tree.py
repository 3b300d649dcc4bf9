"""Which genre belongs to which: a small tree of well-known names, for libraries that bring no hierarchy.

The tree is ``resources/genre_tree.csv``, compiled by hand from common usage: one genre a line, with the genre
it belongs to and other names it goes by. Broad genres (Rock, Jazz, Country …) belong to nothing.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.resources import read_text

_JOINING_WORDS = frozenset({"and", "n"})


@dataclass(frozen=True)
class _Tree:
    """The file's content: spelling and parent of each genre, and the genre each known name stands for."""

    spelling: Mapping[str, str]
    parent: Mapping[str, str]
    genre_of: Mapping[str, str]


def normalise(name: str) -> str:
    """Return the key under which all spellings of a genre name are one.

    Case, accents, spaces and punctuation do not count, nor does a joining "and", "&" or "n": "Hip-Hop" and
    "hip hop" share a key, and so do "Drum & Bass" and "drum and bass". Names in any script keep their letters.

    Parameters
    ----------
    name : str
        A genre as someone wrote it.

    Returns
    -------
    str
        The key; empty only for a name without any visible character.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    letters = "".join(_letter_or_space(char) for char in decomposed if not "\u0300" <= char <= "\u036f")
    words = letters.split()
    inner = [word for word in words[1:-1] if word not in _JOINING_WORDS]
    key = "".join([*words[:1], *inner, *words[1:][-1:]])
    return key or name.strip()


def one_spelling(uses: Mapping[str, int]) -> dict[str, str]:
    """Choose one spelling of each genre: the most frequent one, among equals the one that stands first.

    Parameters
    ----------
    uses : mapping of str to int
        How often each label stands in a library.

    Returns
    -------
    dict of str to str
        The chosen spelling of every label that is written otherwise; what counts as one genre is `normalise`.
    """
    chosen: dict[str, str] = {}
    keys = {label: normalise(label) for label in uses}
    for label, key in keys.items():
        if key not in chosen or uses[label] > uses[chosen[key]]:
            chosen[key] = label
    return {label: chosen[key] for label, key in keys.items() if chosen[key] != label}


def _letter_or_space(char: str) -> str:
    """Return a character that counts, or a space for punctuation, symbols, blanks and control characters."""
    return " " if unicodedata.category(char)[0] in "PSZC" else char


def genre_parents(names: Iterable[str]) -> dict[str, str]:
    """Return the tree's hierarchy for the genre names of a library.

    Parameters
    ----------
    names : iterable of str
        Genre labels as the library spells them.

    Returns
    -------
    dict of str to str
        Parent of each name that has one, and of its ancestors up to a broad genre. A genre is spelled as in
        `names` where it stands there (first spelling wins), else as in the tree. Where a library uses two names
        of one genre, such as "Rap" beside "Hip-Hop", the lesser name becomes a child of the main one.
    """
    tree = _tree()
    known = {name: tree.genre_of[normalise(name)] for name in names if normalise(name) in tree.genre_of}
    spelling: dict[str, str] = {}
    for main_name in (True, False):
        for name, genre in known.items():
            if (normalise(name) == genre) is main_name:
                spelling.setdefault(genre, name)
    parents: dict[str, str] = {}
    for name, genre in known.items():
        if normalise(name) not in (genre, normalise(spelling[genre])):
            parents[name] = spelling[genre]
            continue
        child = name
        for ancestor in _ancestors(genre, tree.parent):
            parent = spelling.get(ancestor, tree.spelling[ancestor])
            parents[child] = parent
            child = parent
    return parents


def inside(genre: str, *, labels: Iterable[str], parents: Mapping[str, str]) -> set[str]:
    """Return the labels that are a genre or belong to it.

    Parameters
    ----------
    genre : str
        The genre asked for, in any spelling.
    labels : iterable of str
        The labels to choose from.
    parents : mapping of str to str
        Parent of each genre that has one, as `genre_parents` or a library's own hierarchy gives it.

    Returns
    -------
    set of str
        The labels that name the genre, in whatever spelling, and those below it. When there are none, another
        name of the same genre is tried ("Rap" for "Hip-Hop"); empty when nothing fits.
    """
    by_key = {normalise(child): normalise(parent) for child, parent in parents.items()}
    lines = {label: (normalise(label), *_ancestors(normalise(label), by_key)) for label in labels}
    wanted = normalise(genre)
    found = {label for label, line in lines.items() if wanted in line}
    if not found:
        main_name = _tree().genre_of.get(wanted, wanted)
        found = {label for label, line in lines.items() if main_name in line}
    return found


def _ancestors(key: str, parents: Mapping[str, str]) -> list[str]:
    """Return the parent, its parent and so on; a hierarchy that runs in a circle is followed once round."""
    line: list[str] = []
    above = parents.get(key)
    while above is not None and above != key and above not in line:
        line.append(above)
        above = parents.get(above)
    return line


@lru_cache(maxsize=1)
def _tree() -> _Tree:
    spelling: dict[str, str] = {}
    parent: dict[str, str] = {}
    genre_of: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(read_text("genre_tree.csv"))):
        key = normalise(row["genre"])
        spelling[key] = row["genre"]
        if row["parent"]:
            parent[key] = normalise(row["parent"])
        for name in (row["genre"], *row["also"].split(";")):
            if name.strip():
                genre_of[normalise(name)] = key
    return _Tree(spelling=spelling, parent=parent, genre_of=genre_of)
