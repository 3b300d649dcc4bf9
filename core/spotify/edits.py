"""The smallest change that leads from one order of rows to another, in the writes that Spotify knows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.spotify.api import BATCH

#: More changes than this are replaced by writing the whole list anew, when that takes fewer calls. Single changes
#: keep the dates at which the other tracks were added; 25 calls take 6 s, and 12 playlists stay below 300 calls.
MOST_EDITS: Final = 25


@dataclass(frozen=True)
class Add:
    """Put tracks in at a position."""

    position: int
    uris: tuple[str, ...]


@dataclass(frozen=True)
class Remove:
    """Take out every occurrence of tracks."""

    uris: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """Move `length` rows from `start` to before the row at `before`, as counted before the move."""

    start: int
    before: int
    length: int


@dataclass(frozen=True)
class Replace:
    """Make tracks the whole content."""

    uris: tuple[str, ...]


Edit: TypeAlias = Add | Remove | Move | Replace


def can_be_added(uri: str) -> bool:
    """Return whether Spotify takes an address into a playlist: tracks and episodes, not local files or gaps."""
    return uri.startswith(("spotify:track:", "spotify:episode:"))


def edits(rows: Sequence[str], target: Sequence[str]) -> list[Edit]:
    """Return what to write so that a playlist holds other rows.

    Parameters
    ----------
    rows : sequence of str
        The addresses that stand there; empty text for a row without one.
    target : sequence of str
        The addresses that shall stand there. Rows that cannot be added must be among those that stand there.

    Returns
    -------
    list of Edit
        To be written in order, each at most `BATCH` tracks; empty when nothing is to be done. Removals first, then
        moves of whole blocks, then additions; or one replacement and additions when `MOST_EDITS` are exceeded and
        that takes fewer calls.
    """
    if list(rows) == list(target):
        return []
    anew = _anew(target) if all(can_be_added(uri) for uri in target) else None
    too_many = Counter(rows) - Counter(target)
    if anew is None:
        # Around what nobody could put back, such as a local file, everything is taken out and put in anew.
        ours = Counter(uri for uri in rows if can_be_added(uri))
        most = len(rows) + len(target)
        return _single(rows, target, too_many, most=MOST_EDITS) or _single(rows, target, ours, most=most) or []
    if not all(can_be_added(uri) for uri in too_many):
        return anew  # what has to go cannot be named
    # Where no row stays, there are no dates to keep.
    most = max(MOST_EDITS, len(anew)) if set(rows) & set(target) else len(anew) - 1
    return _single(rows, target, too_many, most=most) or anew


def merge(rows: Sequence[str], *, base: Sequence[str], ours: Sequence[str], keep: bool) -> list[str]:
    """Return what a playlist shall hold when a person may have changed it.

    Parameters
    ----------
    rows : sequence of str
        What stands there.
    base : sequence of str
        What was written there before; what else stands there was added by the person.
    ours : sequence of str
        What is to stand there now, each address once.
    keep : bool
        Whether the person's additions stay. Local files and rows without an address stay in any case, because
        nobody could put them back.

    Returns
    -------
    list of str
        `ours` in order, with each addition after the same track as before, or at the end where it stood there.
    """
    known, wanted = set(base), set(ours)
    after: dict[str, list[str]] = {}
    waiting: list[str] = []
    anchor = ""
    for uri in rows:
        if uri in wanted:
            after.setdefault(anchor, []).extend(waiting)
            anchor, waiting = uri, []
        elif not can_be_added(uri) or (keep and uri not in known):
            waiting.append(uri)
    merged = after.pop("", [])
    for uri in ours:
        merged += [uri, *after.pop(uri, [])]
    return merged + waiting


def apply(rows: Sequence[str], edit: Edit) -> list[str]:
    """Return the rows after one change, as Spotify makes it."""
    if isinstance(edit, Replace):
        return list(edit.uris)
    if isinstance(edit, Remove):
        gone = set(edit.uris)
        return [uri for uri in rows if uri not in gone]
    if isinstance(edit, Add):
        return [*rows[: edit.position], *edit.uris, *rows[edit.position :]]
    block = list(rows[edit.start : edit.start + edit.length])
    left = [*rows[: edit.start], *rows[edit.start + edit.length :]]
    place = edit.before if edit.before <= edit.start else edit.before - edit.length
    return [*left[:place], *block, *left[place:]]


def _anew(target: Sequence[str]) -> list[Edit]:
    first: list[Edit] = [Replace(tuple(target[:BATCH]))]
    return first + _additions(BATCH, target[BATCH:])


def _additions(position: int, uris: Sequence[str]) -> list[Edit]:
    return [Add(position + start, tuple(uris[start : start + BATCH])) for start in range(0, len(uris), BATCH)]


def _single(rows: Sequence[str], target: Sequence[str], too_many: Counter[str], *, most: int) -> list[Edit] | None:
    """Return single changes; None when they are more than `most`."""
    # What stands there too often goes altogether and comes back where it belongs.
    gone = [uri for uri in dict.fromkeys(rows) if uri in too_many and can_be_added(uri)]
    found: list[Edit] = [Remove(tuple(gone[at : at + BATCH])) for at in range(0, len(gone), BATCH)]
    left = [uri for uri in rows if uri not in too_many or not can_be_added(uri)]
    wanted, kept = _kept(left, target)
    moves = _moves(left, wanted, most=most)
    if moves is None:
        return None
    found += moves
    start = 0
    for there, group in itertools.groupby(kept):
        end = start + len(list(group))
        if not there:
            found += _additions(start, target[start:end])
        start = end
    return found if len(found) <= most else None


def _kept(left: Sequence[str], target: Sequence[str]) -> tuple[list[str], list[bool]]:
    """Return the part of the target that is there already, in its order, and which places of the target that is."""
    count = Counter(left)
    kept = []
    for uri in target:
        kept.append(count[uri] > 0)
        count[uri] -= 1
    return [uri for uri, there in zip(target, kept, strict=True) if there], kept


def _moves(rows: Sequence[str], wanted: Sequence[str], *, most: int) -> list[Edit] | None:
    """Return moves that bring rows, a permutation of what is wanted, into order, each the longest block there is."""
    now = list(rows)
    found: list[Edit] = []
    for place in range(len(wanted)):
        if now[place] != wanted[place]:
            if len(found) == most:
                return None
            found.append(Move(*_longest_block(now, wanted, place)))
            now = apply(now, found[-1])
    return found


def _longest_block(now: Sequence[str], wanted: Sequence[str], place: int) -> tuple[int, int, int]:
    """Return where the next wanted rows stand, where they go, and how many of them follow each other."""
    best, longest, start = place, 0, place
    for _ in range(now.count(wanted[place])):
        try:
            start = now.index(wanted[place], start + 1)
        except ValueError:
            break
        length = 0
        while start + length < len(now) and now[start + length] == wanted[place + length]:
            length += 1
        if length > longest:
            best, longest = start, length
    return best, place, longest
