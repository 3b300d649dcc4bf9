"""Genre cells: from one text per track to labels, with different spellings of one genre made one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from core.genre_tree import one_spelling
from core.library import Notice
from core.sources.base import shown
from core.wording import counted

#: Texts that mean "no genre".
NO_GENRE = frozenset({"", "nan", "none", "null", "undefined", "n/a", "na", "-", "[]", "set()"})
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
#: The name in a record of a web service (``{"id": …, "name": "Rock"}``), printed as Python or JSON text.
_RECORD_NAME = re.compile(r"['\"](?:genre_)?(?:name|title)['\"]\s*:\s*(?:" + _QUOTED.pattern + ")")
_ESCAPED = re.compile(r"\\(['\"\\])")


def genre_labels(cell: str) -> tuple[str, ...]:
    """Return the genre labels written in one cell.

    Parameters
    ----------
    cell : str
        A Python or JSON list of texts (``['Post-Rock', 'Rock']``), labels separated by ``;`` or ``|``, else
        labels separated by commas, or one label.

    Returns
    -------
    tuple of str
        The labels in their order, white space tidied, each once. Numbers inside a list are ids, not labels, and
        are left out.
    """
    text = cell.strip()
    if text.startswith("[") and text.endswith("]"):
        return tidy_labels(list_items(text))
    separators = r"[;|]" if ";" in text or "|" in text else ","
    return tidy_labels(re.split(separators, text))


def says_genre(cell: str) -> bool:
    """Tell whether a cell says anything at all about genre."""
    return cell.strip().casefold() not in NO_GENRE


def tidy_labels(labels: Sequence[object]) -> tuple[str, ...]:
    """Return labels with tidy white space, each once, without empty ones and without anything that is not text."""
    tidy = (" ".join(label.split()) for label in labels if isinstance(label, str))
    return tuple(dict.fromkeys(label for label in tidy if says_genre(label)))


def list_items(text: str) -> Sequence[object]:
    """Return the items of a list written as text, in JSON or as Python prints it; of records, their names."""
    if "\\u" in text:
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list):
            return [item.get("name", item.get("title")) if isinstance(item, dict) else item for item in items]
    quoted = (_RECORD_NAME.findall(text) if text.startswith("[{") else []) or _QUOTED.findall(text)
    if quoted:
        return [_ESCAPED.sub(r"\1", single or double) for single, double in quoted]
    return [item for item in re.split(r"[;|,]", text[1:-1]) if not item.strip().isdigit()]


def unify_spellings(rows: Sequence[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], tuple[Notice, ...]]:
    """Give every genre one spelling, see `core.genre_tree.one_spelling`.

    Parameters
    ----------
    rows : sequence of tuple of str [length=n_tracks]
        Labels of each track.

    Returns
    -------
    rows : list of tuple of str [length=n_tracks]
        The same labels in the chosen spelling, each once per track. Equal rows share one tuple.
    notices : tuple of Notice
        One of kind ``"genre-spelling"`` when spellings were merged.
    """
    sets = Counter(rows)
    uses: Counter[str] = Counter()
    for labels, times in sets.items():
        for label in labels:
            uses[label] += times
    changed = one_spelling(uses)
    unified = {labels: tuple(dict.fromkeys(changed.get(label, label) for label in labels)) for labels in sets}
    if not changed:
        return [unified[labels] for labels in rows], ()
    count = sum(uses[label] for label in changed)
    label, name = max(changed.items(), key=lambda pair: uses[pair[0]])
    text = f"{counted(len(changed), 'spelling')} of genres were merged, such as “{shown(label)}” into “{shown(name)}”"
    return [unified[labels] for labels in rows], (Notice("genre-spelling", count, text),)
