"""Columns that are no audio features: durations, truth values, dates and recording codes."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.library import Notice
from core.sources.base import shown
from core.sources.numbers import Place, clean_text, read_numbers, row_place
from core.wording import counted

#: A typical track of the library lasts at least a second and at most about three hours. Outside of that the
#: unit that the header names, or seconds, cannot be right.
_SHORTEST_MS = 1_000.0
_LONGEST_S = 10_000.0
#: Nor do typical tracks last less than 10 seconds, or 10 minutes and more: numbers below 10 are minutes, unless the
#: header says seconds. Up to 20 they are seconds, those of jingles, but not beyond doubt.
_SHORTEST_S = 10.0
_DOUBTFUL_S = 20.0
_UNIT_NAMES = {"ms": "milliseconds", "s": "seconds", "min": "minutes"}
_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$")
#: ``225s`` (Soundiiz), ``3m 45s`` and ``PT3M45S`` (ISO 8601).
_SPELLED = re.compile(
    r"^(?:PT)?(?=\d)(?:(\d+)\s?h\s?)?(?:(\d+)\s?m(?:in)?\s?)?(?:(\d+(?:\.\d+)?)\s?s(?:ec)?)?$", re.IGNORECASE
)
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0", "explicit"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0", "clean"})
_ISO_DATE = r"^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?)?$|^\d{4}$"
_ISRC = r"^[A-Z]{2}[A-Z0-9]{3}\d{7}$"
#: Recordings that were issued twice carry two codes, and tags hold both; either names the recording.
_ISRCS = r"^([A-Z]{2}[A-Z0-9]{3}\d{7})(?:[;,/][A-Z]{2}[A-Z0-9]{3}\d{7})+$"
#: Numbers of a day, a month and a year, in an order that only other rows can tell, with or without a time.
_NUMBERED_DATE = re.compile(r"^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,?\s.*)?$")
_MONTHS = 12
_DAYS = 31
#: Years of two digits from here on are of the last century; no music service kept dates before 2000.
_CENTURY = 70


def durations(
    cells: pd.Series, *, header: str, unit: str = "", is_sure: bool = False, place: Place = row_place
) -> tuple[npt.NDArray[np.float64], tuple[Notice, ...]]:
    """Turn a column of durations into seconds.

    Parameters
    ----------
    cells : pandas.Series [shape=(n_rows,)]
        Numbers or text; clock times such as ``3:25`` and spelled ones such as ``225s`` are read too.
    header : str
        What the file calls the column, for messages.
    unit : {"ms", "s", "min", ""}
        The unit that is named. Unless it is sure, it is overruled, with a notice, when the typical duration would be
        below a second or beyond three hours. Numbers without a unit are minutes where the typical one is below 10.
    is_sure : bool, default False
        Whether the person named the unit, not the header.
    place : callable
        Names the place of a row.

    Returns
    -------
    seconds : np.ndarray [shape=(n_rows,), dtype=float64]
        NaN where unknown; always above 0.
    notices : tuple of Notice
        Of the kinds ``duration-unit``, ``not-a-number`` and ``out-of-range``.
    """
    numbers = read_numbers(cells, thousands=True)
    values, unreadable = numbers.values, numbers.unreadable
    notices = []
    impossible = (values <= 0.0) | np.isinf(values)
    if impossible.any():
        first = place(int(np.flatnonzero(impossible)[0]))
        text = f"{counted(int(impossible.sum()), 'duration')} of 0 or less counted as unknown (first: {first})"
        notices.append(Notice("out-of-range", int(impossible.sum()), text))
        values[impossible] = np.nan
    found, note = (unit, []) if unit and is_sure else _unit_by_size(values, header, unit)
    notices += note
    values *= 60.0 if found == "min" else 1.0
    values /= 1000.0 if found == "ms" else 1.0
    for row in np.flatnonzero(unreadable):
        cell = str(cells.iloc[row]).strip()
        clock = _CLOCK.match(cell) or _SPELLED.match(cell)
        if clock:
            values[row] = int(clock[1] or 0) * 3600.0 + int(clock[2] or 0) * 60.0 + float(clock[3] or 0.0)
            unreadable[row] = False
    notices += _unread(unreadable, cells, "not-a-number", f"cell of the column “{header}”", "a duration", place)
    return values, tuple(notices)


def _unit_by_size(values: npt.NDArray[np.float64], header: str, unit: str) -> tuple[str, list[Notice]]:
    known = values[~np.isnan(values)]
    typical = float(np.median(known)) if len(known) else np.nan
    found = unit or "s"
    if (found == "ms" and typical < _SHORTEST_MS) or (found == "min" and typical * 60.0 > _LONGEST_S):
        found = "s"
    if found == "s" and typical > _LONGEST_S:
        found = "ms"
    elif found == "s" and unit in ("", "ms") and typical < _SHORTEST_S:
        found = "min"
    if found == (unit or "s") and not (not unit and typical < _DOUBTFUL_S):
        return found, []
    text = f"the column “{header}” was read as {_UNIT_NAMES[found]}, because its typical value is {typical:g}"
    return found, [
        Notice(
            "duration-unit",
            len(known),
            text,
            command="if that is wrong, name it with --column duration_s=NAME, duration_min=NAME or duration_ms=NAME",
        )
    ]


def play_counts(
    cells: pd.Series, *, header: str, place: Place = row_place
) -> tuple[npt.NDArray[np.float64], tuple[Notice, ...]]:
    """Turn a column of play counts into numbers.

    Parameters
    ----------
    cells : pandas.Series [shape=(n_rows,)]
        Numbers or text.
    header : str
        What the file calls the column, for messages.
    place : callable
        Names the place of a row.

    Returns
    -------
    counts : np.ndarray [shape=(n_rows,), dtype=float64]
        0 or more, NaN where unknown.
    notices : tuple of Notice
        One of kind ``not-a-number`` when some cells are no count.
    """
    values = read_numbers(cells, thousands=True)
    wrong = values.unreadable | np.isinf(values.values) | (values.values < 0.0)
    counts = np.where(wrong, np.nan, values.values)
    return counts, tuple(_unread(wrong, cells, "not-a-number", f"cell of the column “{header}”", "a count", place))


def truth_values(
    cells: pd.Series, *, header: str, place: Place = row_place
) -> tuple[npt.NDArray[np.float64], tuple[Notice, ...]]:
    """Turn a column of truth values (true/false, yes/no, 1/0) into 1 and 0.

    Parameters
    ----------
    cells : pandas.Series [shape=(n_rows,)]
        Text, numbers or truth values.
    header : str
        What the file calls the column, for messages.
    place : callable
        Names the place of a row.

    Returns
    -------
    values : np.ndarray [shape=(n_rows,), dtype=float64]
        1, 0 or NaN.
    notices : tuple of Notice
        One of kind ``not-a-truth-value`` when some cells are something else.
    """
    texts = [None if cell is None else cell.casefold() for cell in clean_text(cells).to_pylist()]
    values = np.array([1.0 if text in _TRUE else 0.0 if text in _FALSE else np.nan for text in texts], dtype=np.float64)
    unread = np.isnan(values) & np.array([text is not None for text in texts], dtype=bool)
    told = _unread(unread, cells, "not-a-truth-value", f"cell of the column “{header}”", "true or false", place)
    return values, tuple(told)


def dates(cells: pd.Series, *, header: str, place: Place = row_place) -> tuple[pd.Series, tuple[Notice, ...]]:
    """Return a column of dates as ISO 8601 text.

    Dates such as ``11/13/18, 5:52 PM`` are read where the column itself shows whether the day or the month comes
    first: one of the two numbers goes beyond 12 in some row, the other in none. Other ways to write a date are
    ambiguous and become unknown; so are such dates with several separators, which come from several sources, and
    those that the year may begin (``24-05-31``).

    Parameters
    ----------
    cells : pandas.Series [shape=(n_rows,)]
        Text.
    header : str
        What the file calls the column, for messages.
    place : callable
        Names the place of a row.

    Returns
    -------
    dates : pandas.Series [shape=(n_rows,), dtype=str]
        Empty where unknown.
    notices : tuple of Notice
        Of the kinds ``date-order``, when day and month were told apart so, and ``not-a-date``.
    """
    text, told = _ordered_dates(_text(cells), header)
    words = ("not-a-date", f"cell of the column “{header}”", "a date like 2024-05-31")
    text, unread = _matching(text, cells, _ISO_DATE, words, place)
    return text, (*told, *unread)


def _ordered_dates(text: pd.Series, header: str) -> tuple[pd.Series, list[Notice]]:
    """Return a column in which numbered dates are ISO 8601 dates, if their order is beyond doubt."""
    others = np.flatnonzero((text != "") & ~text.str.match(_ISO_DATE)).tolist()
    matches = [(row, match) for row in others if (match := _NUMBERED_DATE.match(str(text.iloc[row])))]
    first_beyond, second_beyond = (any(int(match[part]) > _MONTHS for _, match in matches) for part in (1, 3))
    if first_beyond == second_beyond or len({match[2] for _, match in matches}) > 1 or _may_begin_with_years(matches):
        return text, []
    day, month = (1, 3) if first_beyond else (3, 1)
    text = text.copy()
    for row, match in matches:
        year = int(match[4]) + (0 if len(match[4]) > 2 else 2000 if int(match[4]) < _CENTURY else 1900)
        try:
            text.iloc[row] = date(year, int(match[month]), int(match[day])).isoformat()
        except ValueError:  # no such day, told as no date
            continue
    words = "day, month, year" if first_beyond else "month, day, year"
    told = f"the dates of the column “{header}” were read as {words}, because no other order fits all of them"
    return text, [Notice("date-order", len(matches), told)]


def _may_begin_with_years(matches: list[tuple[int, re.Match[str]]]) -> bool:
    """Tell whether year, month and day fit as well, in this order. Where points stand, the day comes first."""
    return all(
        match[2] != "." and len(match[1]) == len(match[4]) and int(match[3]) <= _MONTHS and 0 < int(match[4]) <= _DAYS
        for _, match in matches
    )


def recording_codes(cells: pd.Series, *, header: str, place: Place = row_place) -> tuple[pd.Series, tuple[Notice, ...]]:
    """Return a column of ISRCs in capitals without hyphens; of several in one cell the first.

    Parameters
    ----------
    cells : pandas.Series [shape=(n_rows,)]
        Text.
    header : str
        What the file calls the column, for messages.
    place : callable
        Names the place of a row.

    Returns
    -------
    codes : pandas.Series [shape=(n_rows,), dtype=str]
        Twelve characters each (ISO 3901), empty where unknown.
    notices : tuple of Notice
        One of kind ``not-an-isrc`` when some cells are something else.
    """
    text = _text(cells).str.upper().str.replace(r"[\s-]", "", regex=True).str.replace(_ISRCS, r"\1", regex=True)
    return _matching(text, cells, _ISRC, ("not-an-isrc", f"cell of the column “{header}”", "an ISRC"), place)


def _text(cells: pd.Series) -> pd.Series:
    return pd.Series(clean_text(cells).to_pandas(), dtype="str").fillna("").set_axis(cells.index)


def _matching(
    text: pd.Series, cells: pd.Series, pattern: str, words: tuple[str, str, str], place: Place
) -> tuple[pd.Series, tuple[Notice, ...]]:
    wrong = ((text != "") & ~text.str.match(pattern)).to_numpy(dtype=bool)
    return text.mask(wrong, ""), tuple(_unread(wrong, cells, *words, place))


def _unread(
    rows: npt.NDArray[np.bool_], cells: pd.Series, kind: str, noun: str, what: str, place: Place
) -> list[Notice]:
    """Return the notice that some cells are not what their column promises, if there are any."""
    count = int(rows.sum())
    if not count:
        return []
    first = int(np.flatnonzero(rows)[0])
    sample = shown(str(cells.iloc[first]))
    subject = f"1 {noun} is" if count == 1 else f"{count:,} {noun.replace('cell', 'cells', 1)} are"
    text = f"{subject} not {what} and taken as unknown (first: “{sample}”, {place(first)})"
    return [Notice(kind, count, text)]
