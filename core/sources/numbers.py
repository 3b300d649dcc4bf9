"""Text to numbers, and columns of text to audio features: what is repaired, what becomes missing, what is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import SourceError
from core.features import BASE_FEATURES, BASE_NAMES, FEATURES
from core.library import Notice
from core.sources.base import shown
from core.wording import counted, listed

#: Names the place of a row (0 is the first track) for a message, such as ``"line 7"``.
Place = Callable[[int], str]

#: Texts that mean "unknown", in lower case. Exporters write ``undefined`` and ``null``, spreadsheets ``#N/A``.
MISSING = ("", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "undefined", "-", "?")
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
_COMMA_NUMBER = r"^[+-]?\d*,\d+([eE][+-]?\d+)?$"
_POINT_NUMBER = r"^[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?$"
_ZERO = r"^0+\.?0*$"
_THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+$"

SHARES = frozenset(feature.name for feature in BASE_FEATURES if feature.is_share)
#: Features whose honest values crowd near 0 in many libraries. On a 0–100 scale most of them may still be below
#: 1, so the scale of the other columns decides for them.
_NEAR_ZERO = frozenset({"acousticness", "instrumentalness"})
#: A share's 95th percentile must be beyond this before a 0–100 scale is considered, so that a few stray values
#: do not shrink a sound column.
_PERCENT_EVIDENCE = 1.5
#: Share of the values above 0 that must be beyond `_PERCENT_EVIDENCE` for a column to be 0–100 by itself.
#: Loud, danceable or lively to less than 1.5 % is rare; a mix of both scales must not pass for one of them.
_PERCENT_MAJORITY = 0.75
#: Values beyond it that tell the scale of a feature that crowds near 0 when no other feature is beyond it: too many
#: to be strays.
_PERCENT_COUNT = 20
#: Loud, danceable or cheerful to at most 10 % is no library: such columns are on a 0–10 scale (Mixed In Key's energy
#: levels run from 1 to 10), if at least `_PERCENT_COUNT` values say so and no other column goes up to 100. Beside
#: such a column they are those of a quiet, sombre or undanceable library, as one program gives all on one scale.
_BROAD = frozenset({"danceability", "energy", "valence"})
_TEN = 10.0
#: From so many decimals on, a share from 0 to 1 cannot be told by them from one that is small on another scale.
_FINE = 2
#: A column is standardised (mean 0) when this share of it and at least so many different values are below 0, where
#: its feature has none. A few strays are not, nor is −1 for "unknown".
_BELOW_ZERO_SHARE = 0.2
_BELOW_ZERO_COUNT = 10
#: Rounding noise beyond a range's ends that is cut off without a word.
_NOISE = 1e-6


#: Semitones of a fifth, by which neighbours on the Camelot wheel differ.
_FIFTH = 7


def _key_words() -> dict[str, str]:
    """Return pitch classes for key names such as ``c#``, ``d♭ minor``, ``c#/db major``, ``am`` and ``8a``."""
    sharps = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
    words = {name: str(number) for number, name in enumerate(sharps)}
    for number, flat in ((1, "db"), (3, "eb"), (6, "gb"), (8, "ab"), (10, "bb")):
        words |= dict.fromkeys((flat, f"{sharps[number]}/{flat}", f"{flat}/{sharps[number]}"), str(number))
    words |= {name[0] + name[1:].replace("#", "♯").replace("b", "♭"): number for name, number in words.items()}
    modes = ("", "m", "min", " min", " minor", "maj", " maj", " major")
    # On the Camelot wheel of DJ programs 8B is C major, 8A its relative minor, A.
    wheel = {
        f"{hour:{width}}{letter}": str((tonic + _FIFTH * (hour - 8)) % len(sharps))
        for hour in range(1, 13)
        for letter, tonic in (("a", 9), ("b", 0))
        for width in ("", "02")
    }
    return {name + mode: number for name, number in words.items() for mode in modes} | wheel


#: What some tables write in words where a number is meant.
_WORDS: dict[str, dict[str, str]] = {
    "mode": {"minor": "0", "major": "1"},
    "key": _key_words(),
    "time_signature": {f"{beats}/{unit}": str(beats) for beats in range(1, 8) for unit in (2, 4, 8)},
}

#: Units that some tables write behind every number. A percent sign tells the scale of its cell.
UNITS = {"tempo": "bpm", "loudness": "db"} | dict.fromkeys(SHARES, "%")


def row_place(row: int) -> str:
    """Return the place of a row in a table that has no lines, such as ``"row 7"`` for the seventh track."""
    return f"row {row + 1}"


@dataclass(frozen=True, eq=False)
class Numbers:
    """One column of numbers.

    Attributes
    ----------
    values : np.ndarray [shape=(n_rows,), dtype=float64]
        NaN for missing and unreadable cells; may be infinite.
    unreadable : np.ndarray [shape=(n_rows,), dtype=bool]
        Cells that hold something, but no number.
    decimal_commas : int
        Cells whose comma was read as the decimal mark.
    percent : bool
        Whether percent signs have told the scale, and the values are divided by 100 already.
    """

    values: npt.NDArray[np.float64]
    unreadable: npt.NDArray[np.bool_]
    decimal_commas: int = 0
    percent: bool = False


def read_numbers(
    cells: pd.Series, *, thousands: bool = False, words: Mapping[str, str] | None = None, unit: str = ""
) -> Numbers:
    """Turn one column into numbers.

    Commas are the decimal mark where more cells have a comma than a point. Thousands separators are not guessed:
    with `thousands`, a column in which every comma could be one (``215,000``) is unreadable.

    Parameters
    ----------
    cells : pandas.Series [shape=(n_rows,)]
        Text, numbers or truth values.
    thousands : bool, default False
        Whether values of a thousand and more are to be expected.
    words : mapping of str to str, optional
        Numbers for words in lower case, such as ``{"major": "1"}``.
    unit : str, optional
        What may stand behind a number, in lower case. Numbers with ``%`` are divided by 100; beside them, numbers
        without it are unreadable, because their scale is not known.

    Returns
    -------
    Numbers
        Of the same length.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        return Numbers(values, np.zeros(len(cells), dtype=bool))
    text = clean_text(cells)
    try:
        return Numbers(_floats(text), np.zeros(len(cells), dtype=bool))
    except pa.ArrowInvalid:
        return _read_with_care(text, thousands=thousands, words=words or {}, unit=unit)


def clean_text(cells: pd.Series) -> pa.ChunkedArray:
    """Return a column's trimmed text as an Arrow array, null where it says nothing (see `MISSING`)."""
    array = pa.array(cells, from_pandas=True)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = pa.array([None if value is None else str(value) for value in array.to_pylist()], pa.string())
    text = pc.utf8_trim_whitespace(array)
    missing = pc.is_in(pc.utf8_lower(text), value_set=pa.array(MISSING, text.type))
    return pc.if_else(missing, pa.scalar(None, text.type), text)


def _floats(text: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    floats = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    return np.array(floats, dtype=np.float64)


def _mask(array: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.array(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def _read_with_care(text: pa.ChunkedArray, *, thousands: bool, words: Mapping[str, str], unit: str) -> Numbers:
    """Read a column in which at least one cell is no plain number."""
    text = pc.replace_substring(text, "\N{MINUS SIGN}", "-")
    bare = pc.replace_substring_regex(text, rf"(?i)^(.*\d.*?)\s*{unit}$", r"\1") if unit else text
    marked = _mask(pc.not_equal(bare, text))
    text = bare
    if words:
        known = pa.array(list(words), text.type)
        found = pc.index_in(pc.utf8_lower(text), value_set=known)
        text = pc.coalesce(pc.take(pa.array(list(words.values()), text.type), found), text)
    commas = _mask(pc.match_substring_regex(text, _COMMA_NUMBER))
    points = _mask(pc.match_substring_regex(text, _POINT_NUMBER))
    ambiguous = thousands and bool(_mask(pc.match_substring_regex(text, _THOUSANDS))[commas].all())
    decimal = int(commas.sum()) > int(points.sum()) and not ambiguous
    if decimal:
        text = pc.if_else(pa.array(commas), pc.replace_substring(text, ",", "."), text)
        # In a column with decimal commas a lone point may separate thousands: not guessed.
        text = pc.if_else(pa.array(points), pa.scalar("?", text.type), text)
    readable = _mask(pc.match_substring_regex(text, _NUMBER))
    percent = unit == "%" and bool(marked.any())
    if percent:
        readable &= marked | _mask(pc.match_substring_regex(text, _ZERO))
    unreadable = _mask(pc.is_valid(text)) & ~readable
    values = _floats(pc.if_else(pa.array(readable), text, pa.scalar(None, text.type)))
    return Numbers(values / 100.0 if percent else values, unreadable, int(commas.sum()) if decimal else 0, percent)


def feature_columns(
    cells: pd.DataFrame,
    *,
    path: str,
    headers: Mapping[str, str] | None = None,
    place: Place = row_place,
    required: Collection[str] = BASE_NAMES,
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Turn columns of text into audio features in the units of `core.features`.

    Decimal commas, percent signs and units behind numbers are read; shares on a 0–100 or 0–10 scale are divided;
    text, infinite values and values outside a feature's range become missing, and so does a tempo of 0 and a
    standardised column. All of it is told in the notices.

    Parameters
    ----------
    cells : pandas.DataFrame [shape=(n_rows, n_features)]
        Text or numbers; columns are named as in `core.features`.
    path : str
        The file, for messages.
    headers : mapping of str to str, optional
        What the file calls the column of a feature; its name is used where there is none.
    place : callable, default `row_place`
        Names the place of a row.
    required : collection of str, default all base features
        Base features whose column must hold numbers even where no share does. A table with some shares, and text
        only for another, is always refused.

    Returns
    -------
    features : pandas.DataFrame [shape=(n_rows, ≤n_features), dtype=float64]
        Same index; optional features without any value are left out.
    notices : tuple of Notice
        Of the kinds ``decimal-comma``, ``rescaled``, ``not-a-number``, ``no-numbers``, ``standardised``, ``infinite``,
        ``out-of-range``, ``unknown-tempo``, ``odd-tempo`` and ``no-values``.

    Raises
    ------
    SourceError
        When a column that must hold a base feature holds text only.
    """
    headers = {name: (headers or {}).get(name, name) for name in cells.columns}
    numbers = {
        name: read_numbers(cells[name], words=_WORDS.get(name), unit=UNITS.get(name, "")) for name in cells.columns
    }
    notices: list[Notice] = []
    wordy = [name for name, column in numbers.items() if column.unreadable.any() and np.isnan(column.values).all()]
    if any(name in SHARES and not np.isnan(column.values).all() for name, column in numbers.items()):
        required = BASE_NAMES
    for name, column in numbers.items():
        if column.unreadable.any():
            notices.append(
                _told_unreadable(
                    name, headers[name], cells[name], column, where=(path, place), required=name in required
                )
            )
    notices += _told_commas(numbers)
    values = {name: column.values for name, column in numbers.items()}
    blanked, told = _without_standardised(values)
    unscaled = {name: headers[name] for name, column in numbers.items() if not column.percent}
    notices += [*told, *_rescaled(values, unscaled, place)]
    empty = [name for name, column in values.items() if np.isnan(column).all()]
    silent = [name for name in empty if name not in (*wordy, *blanked)]
    if silent and len(cells):
        notices.append(Notice("no-values", len(cells), f"no track has a usable value of {listed(silent)}"))
    kept = {name: column for name, column in values.items() if name in BASE_NAMES or name not in empty}
    return pd.DataFrame(kept, index=cells.index), tuple(notices)


def _rescaled(values: dict[str, npt.NDArray[np.float64]], headers: Mapping[str, str], place: Place) -> list[Notice]:
    """Bring all features onto their own scale, in place, and blank what they cannot be.

    Only columns in `headers` are looked at for another scale.
    """
    scales = _scales(values, headers)
    notices = []
    for name in values:
        scale = scales.get(name, 1.0)
        notices += _keep_range(name, values[name], scale, place)
        values[name] /= scale
    for scale in sorted(set(scales.values()), reverse=True):
        names = [name for name in scales if scales[name] == scale]
        count = sum(int(np.isfinite(values[name]).sum()) for name in names)
        text = f"{listed(names)} came on a 0–{scale:g} scale and {_was(names)} divided by {scale:g}"
        notices.append(Notice("rescaled", count, text))
    return notices


def _without_standardised(values: Mapping[str, npt.NDArray[np.float64]]) -> tuple[list[str], list[Notice]]:
    """Blank the columns that hold standardised numbers instead of a feature, in place, and tell which they are."""
    names = []
    for name, column in values.items():
        known = column[np.isfinite(column)]
        below = known[known < -_NOISE]
        if (
            FEATURES[name].low == 0.0
            and len(below) >= _BELOW_ZERO_SHARE * len(known)
            and len(np.unique(below)) >= _BELOW_ZERO_COUNT
        ):
            names.append(name)
            column[:] = np.nan
    if not names:
        return [], []
    text = f"{listed(names)} {'is' if len(names) == 1 else 'are'} often below 0, as standardised numbers are, and"
    text = f"{text} cannot be used: a table with the original values is needed"
    return names, [Notice("standardised", len(names), text)]


def _was(names: list[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _told_unreadable(
    name: str, header: str, cells: pd.Series, column: Numbers, *, where: tuple[str, Place], required: bool
) -> Notice:
    """Return the notice of a column with some text in it; text only is an error where numbers are required."""
    path, place = where
    first = int(np.flatnonzero(column.unreadable)[0])
    sample, count = shown(str(cells.iloc[first])), int(column.unreadable.sum())
    if np.isnan(column.values).all():
        if not required:
            text = f"the column “{header}” holds text such as “{sample}” instead of numbers and is not read as {name}"
            return Notice("no-numbers", count, text, command=f"name another column with --column {name}=NAME")
        raise SourceError(
            f"the column “{header}” should hold numbers ({name}), but holds only text such as “{sample}”",
            where=f"{path}, {place(first)}",
            next_step="Put numbers there, or give the column another name",
            command=f"Name another column with --column {name}=NAME",
        )
    text = f"{counted(count, 'cell')} of the column “{header}” {'is' if count == 1 else 'are'} not a number"
    return Notice(
        "not-a-number",
        count,
        f"{text} and count{'s' if count == 1 else ''} as missing (first: “{sample}”, {place(first)})",
    )


def _told_commas(numbers: Mapping[str, Numbers]) -> list[Notice]:
    names = [name for name, column in numbers.items() if column.decimal_commas]
    if not names:
        return []
    count = sum(column.decimal_commas for column in numbers.values())
    return [Notice("decimal-comma", count, f"the commas in {listed(names)} were read as decimal commas")]


def _scales(values: Mapping[str, npt.NDArray[np.float64]], headers: Mapping[str, str]) -> dict[str, float]:
    """Return the shares that stand on a 0–100 or a 0–10 scale, and which.

    A column does by itself when most of its values above 0 are beyond 1, when they are whole numbers of which some
    are, or when its header says so. Features that crowd near 0 do when they have many such values and no other has
    any. The others follow where they have such values, or no more decimals than those: beside whole numbers up to
    100, a 1 is one percent.
    """
    evidence = {name: _percent_evidence(values[name], headers[name]) for name in headers if name in SHARES}
    sure = {name for name, share in evidence.items() if share >= _PERCENT_MAJORITY}
    if not sure and all(name in _NEAR_ZERO for name, share in evidence.items() if share):
        # Rows from a table of another scale would show in the other features as well.
        sure = {name for name, share in evidence.items() if share * len(values[name]) >= _PERCENT_COUNT}
    # One program writes all its shares on one scale, and with as many decimals.
    finest = max((_decimals(values[name]) for name in sure), default=0)
    found = [
        name
        for name, share in evidence.items()
        if name in sure or (sure and (share or _decimals(values[name]) <= finest < _FINE))
    ]
    broad = [values[name] for name in found if name in _BROAD]
    is_up_to_ten = all(_is_up_to_ten(values[name], headers[name]) for name in found)
    are_enough = any(int((column > 0.0).sum()) >= _PERCENT_COUNT for column in broad)
    return dict.fromkeys(found, _TEN if is_up_to_ten and are_enough else 100.0)


def _is_up_to_ten(values: npt.NDArray[np.float64], header: str) -> bool:
    return float(np.max(values, where=np.isfinite(values), initial=0.0)) <= _TEN and not _says_percent(header)


def _says_percent(header: str) -> bool:
    return any(mark in header.casefold() for mark in ("%", "percent", "pct"))


def _percent_evidence(values: npt.NDArray[np.float64], header: str) -> float:
    """Return the share of the values above 0 that are beyond 1; 0 when a 0–100 scale is out of the question."""
    positive = values[np.isfinite(values) & (values > 0.0)]
    if not len(positive):
        return 0.0
    if _says_percent(header) and (positive.max() > 1.0 or bool((positive % 1.0 == 0.0).all())):
        return 1.0
    if not _PERCENT_EVIDENCE < float(np.percentile(positive, 95)) <= 100.0:
        return 0.0
    return 1.0 if _decimals(values) == 0 else float((positive > _PERCENT_EVIDENCE).mean())


def _decimals(values: npt.NDArray[np.float64]) -> int:
    """Return the decimals of a column, from 0 to `_FINE`; these where it is no share on any scale."""
    positive = values[np.isfinite(values) & (values > 0.0)]
    if not len(positive) or float(np.percentile(positive, 95)) > 100.0:
        return _FINE
    return next((count for count in range(_FINE) if (np.abs(positive - positive.round(count)) < _NOISE).all()), _FINE)


def _keep_range(name: str, values: npt.NDArray[np.float64], factor: float, place: Place) -> list[Notice]:
    """Blank the values that a feature cannot have, in place; `factor` is the scale the values stand on."""
    feature = FEATURES[name]
    low, high = feature.low * factor, feature.high * factor
    notices = []
    infinite = np.isinf(values)
    if infinite.any():
        notices.append(_told_blanked("infinite", name, values, infinite, "infinite", place))
        values[infinite] = np.nan
    if name == "tempo":
        notices += _check_tempo(values, place)
    np.clip(values, low, high, out=values, where=(values > low - _NOISE * factor) & (values < high + _NOISE * factor))
    outside = (values < low) | (values > high)
    if outside.any():
        notices.append(_told_blanked("out-of-range", name, values, outside, f"outside {low:g} to {high:g}", place))
        values[outside] = np.nan
    return notices


def _check_tempo(values: npt.NDArray[np.float64], place: Place) -> list[Notice]:
    """Blank tempos of 0, which mean unknown; tell when tempo is not in beats per minute."""
    notices = []
    zero = values == 0.0
    if zero.any():
        notices.append(_told_blanked("unknown-tempo", "tempo", values, zero, "0, which means unknown,", place))
        values[zero] = np.nan
    known = values[~np.isnan(values)]
    if len(known) and 0.0 < known.max() <= 1.0:
        text = "tempo runs from 0 to 1 instead of beats per minute and is used as it is"
        notices.append(Notice("odd-tempo", len(known), text))
    return notices


def _told_blanked(
    kind: str, name: str, values: npt.NDArray[np.float64], rows: npt.NDArray[np.bool_], what: str, place: Place
) -> Notice:
    count, first = int(rows.sum()), int(np.flatnonzero(rows)[0])
    verbs = ("is", "counts") if count == 1 else ("are", "count")
    text = f"{counted(count, 'value')} of {name} {verbs[0]} {what} and {verbs[1]} as missing"
    return Notice(kind, count, f"{text} (first: {values[first]:g}, {place(first)})")
