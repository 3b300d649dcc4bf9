"""Names of genres and artists: when two of them are the same, and how a genre is written for a listener."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from core.genre_tree import normalise

#: Genres kept per track or artist: the first few describe it, the rest is one listener's opinion.
MOST_GENRES = 5
#: Parts of genre names that stay small inside a name, and parts that are written in capitals.
_SMALL = frozenset({"and", "de", "in", "n", "of", "the", "to"})
_CAPITALS = frozenset({"aor", "dj", "ebm", "edm", "idm", "mpb", "nwobhm", "uk", "us", "usbm", "vgm"})


def artist_key(name: str) -> str:
    """Return what spellings of an artist's name share: letters and digits, without case and accents, “and” for “&”.

    Parameters
    ----------
    name : str
        An artist such as ``"Beyoncé"`` or ``"Simon & Garfunkel"``.

    Returns
    -------
    str
        ``"beyonce"``, ``"simonandgarfunkel"``; for a name without letters and digits the name itself, in small letters.
    """
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    return re.sub(r"[\W_]", "", plain) or " ".join(name.split()).casefold()


def display_name(genre: str) -> str:
    """Return a genre of a list in small letters as a listener writes it, such as ``"Hip Hop"`` or ``"UK Garage"``."""
    return "".join(
        part if part in _SMALL and place else part.upper() if part in _CAPITALS or len(part) == 1 else part.capitalize()
        for place, part in enumerate(re.split(r"([\s&/-])", genre))
    )


class GenreNames:
    """The names that count as genres, and how they are written.

    Parameters
    ----------
    known : iterable of str
        Every genre there is, in small letters.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = {normalise(name): name for name in known if name.strip()}

    def top(self, votes: Mapping[str, int]) -> tuple[str, ...]:
        """Return the genres among tags, most votes first.

        Parameters
        ----------
        votes : mapping of str to int
            Tag → votes; spellings of one genre are counted together, tags without votes not at all.

        Returns
        -------
        tuple of str
            At most `MOST_GENRES` names as the list has them; equal votes in alphabetical order.
        """
        counts: dict[str, int] = {}
        for tag, count in votes.items():
            genre = self._known.get(normalise(tag))
            if genre is not None and count > 0:
                counts[genre] = counts.get(genre, 0) + count
        return tuple(sorted(counts, key=lambda genre: (-counts[genre], genre))[:MOST_GENRES])


class Spellings:
    """Writes looked-up genres the way a library already writes them, so that one genre has one name.

    Parameters
    ----------
    labels : iterable of str
        Genre labels of the library; of two spellings of one genre the first counts.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        self._spelling: dict[str, str] = {}
        for label in labels:
            self._spelling.setdefault(normalise(label), label)

    def write(self, genres: Iterable[str]) -> tuple[str, ...]:
        """Return genres in the library's spelling, each once; capitalised where the library does not have them."""
        return tuple(
            dict.fromkeys(self._spelling.setdefault(normalise(genre), display_name(genre)) for genre in genres)
        )
