"""Reading tables kept as text: CSV and its relatives in any encoding, with any separator.

The standard library's parser knows the line it is at, so that trouble can be located; read in chunks and kept as
Arrow text, a million rows need neither much time nor much memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from core.errors import SourceError
from core.library import Notice
from core.progress import Report
from core.sources.base import decode, find_encoding, read_bytes
from core.sources.columns import choose_columns, known_headers
from core.sources.table_cells import TableCells
from core.wording import counted

SEPARATORS = (",", ";", "\t", "|")
#: Rows held as Python objects at a time: few enough to stay in the processor's cache.
_CHUNK = 2_000
#: A line that stands in no cleaned text, put after the last one: it comes out of the parser as a row of its own,
#: unless a quoted text is still open.
_END = "\0"
#: More null characters than this among the first ones mean that the file is no text.
_NULLS_IN_TEXT = 0.1
_HEAD = 4_096
_BLANK = b"\0 \t\r\n"
#: What spreadsheets put before the header to name the separator.
_SEPARATOR_LINE = re.compile(r"^\"?sep=([^\w\s\"]|\t)\"?\s*$", re.IGNORECASE)
#: Lines above the names of the columns, such as the title of a chart or of a DJ's session, and how many known names
#: make a line below them those names beyond doubt.
_MOST_ABOVE = 10
_SURELY_NAMES = 3
#: Known names that make a text a table.
_TABLE_NAMES = 2
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_AGAIN = "Export or download the file again"
#: Most that is unpacked from one compressed table: five million rows of all columns.
MAX_UNPACKED_BYTES = 2**30


@dataclass(frozen=True)
class _Text:
    """A file's text, still encoded, without null characters."""

    data: bytes
    encoding: str
    errors: str
    path: str
    notices: tuple[Notice, ...]

    @property
    def ends_in_line_break(self) -> bool:
        return self.data.endswith((b"\n", b"\r"))

    def lines(self) -> tuple[io.BytesIO, Iterator[str]]:
        """Return the stream the bytes come from, and every line of the text followed by `_END`."""
        raw = io.BytesIO(self.data)
        return raw, chain(io.TextIOWrapper(raw, self.encoding, self.errors, newline=""), [_END])


@dataclass(frozen=True)
class _Dialect:
    """How the cells of a row are told apart, and the lines before the header; how many of those say something."""

    separator: str
    before: int
    spaces: bool = False
    passed: int = 0


@dataclass
class _Skipped:
    """Rows left out for one reason."""

    count: int = 0
    line: int = 0

    def add(self, line: int) -> None:
        self.count += 1
        self.line = self.line or line


@dataclass
class _Body:
    """The rows below the header, gathered column by column."""

    width: int
    chunks: dict[int, list[pa.Array]]
    lines: array[int] = field(default_factory=lambda: array("q"))
    last_skipped: int = 0
    short: _Skipped = field(default_factory=_Skipped)
    long: _Skipped = field(default_factory=_Skipped)

    def add(self, rows: list[list[str]]) -> None:
        """Move rows as long as the header into the columns."""
        if rows:
            columns = list(zip(*rows, strict=True))
            for position, chunks in self.chunks.items():
                chunks.append(pa.array(columns[position], pa.large_string()))
            rows.clear()


def read_text_table(path: str, *, mapping: Mapping[str, str], report: Report) -> TableCells:
    """Read the columns that matter from a text table.

    Parameters
    ----------
    path : str
        The file; ``.gz`` is unpacked on the way.
    mapping : mapping of str to str
        See `core.sources.columns.choose_columns`.
    report : Report
        Told after every few thousand rows.

    Returns
    -------
    TableCells
        All rows that have as many cells as the header.

    Raises
    ------
    SourceError
        When the file is missing, empty, no text, cut inside a quoted text, or has no usable column or row.
    """
    text = _clean(_load(path), path)
    dialect = _find_dialect(text, mapping)
    headers = _header(text, dialect)
    choice = choose_columns(headers, mapping=mapping, path=path)
    body = _Body(len(headers), {position: [] for position in choice.positions.values()})
    _read_body(text, dialect, body, report)
    if not body.lines:
        raise _no_rows(body, path)
    notices = (*text.notices, *choice.notices, *_told_passed(dialect), *_told(body, text))
    columns = {position: _joined(chunks) for position, chunks in body.chunks.items()}
    frame = pa.table({ours: columns[position] for ours, position in choice.positions.items()}).to_pandas()
    return TableCells(frame, choice, np.frombuffer(body.lines, dtype=np.int64), np.arange(len(frame)), notices)


def _joined(chunks: list[pa.Array]) -> pa.Array:
    """Return a column in one piece, and let go of the pieces."""
    column = pa.concat_arrays(chunks)
    chunks.clear()
    return column


def _load(path: str) -> bytes:
    if not path.lower().endswith(".gz"):
        return read_bytes(path)
    packed = read_bytes(path)
    # The size a file states saves unpacking it; that it may be a lie is why unpacking has a limit as well.
    data = b""
    size = int.from_bytes(packed[-4:], "little")
    try:
        if size <= MAX_UNPACKED_BYTES:
            with gzip.open(io.BytesIO(packed)) as stream:
                data = stream.read(MAX_UNPACKED_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError("the compressed file is damaged or cut short", where=path, next_step=_AGAIN) from error
    if max(size, len(data)) > MAX_UNPACKED_BYTES:
        raise SourceError(
            f"the compressed file holds more than {MAX_UNPACKED_BYTES // 2**20:,} MB",
            where=path,
            next_step="Unpack it first, if it really is a table",
        )
    return data


def _clean(data: bytes, path: str) -> _Text:
    """Find the encoding, refuse what is no text, and take out null characters."""
    if data.startswith(b"PK\x03\x04"):
        raise SourceError(
            "this is a zip archive or a workbook, not a text table",
            where=path,
            next_step="Save it as CSV, or give a zip the ending .zip",
        )
    found = find_encoding(data)
    encoding, errors = found.encoding, found.errors
    if encoding in ("utf-16", "utf-32"):
        data = data.decode(encoding, errors).encode()
        encoding, errors = "utf-8", "strict"
    if not data[:_HEAD].strip(_BLANK) and not data.strip(_BLANK):
        raise SourceError("the file is empty", where=path, next_step=_AGAIN)
    if _PAGE.match(data[:_HEAD]):
        raise SourceError("this is a web page, not a table", where=path, next_step=_AGAIN)
    nulls = data.count(b"\0")
    if not nulls:
        return _Text(data, encoding, errors, path, found.notices)
    if data[:_HEAD].count(b"\0") > _NULLS_IN_TEXT * len(data[:_HEAD]):
        raise SourceError("this is not a text table", where=path, next_step="Save the table as CSV in UTF-8")
    line = data.count(b"\n", 0, data.index(b"\0")) + 1
    notice = Notice("null-characters", nulls, f"{counted(nulls, 'null character')} taken out (first: line {line})")
    return _Text(data.replace(b"\0", b""), encoding, errors, path, (*found.notices, notice))


def names_columns(path: str) -> bool:
    """Tell whether a text file begins with the names of known columns.

    Parameters
    ----------
    path : str
        A file that can be read.

    Returns
    -------
    bool
        Whether its first line that says anything holds at least two.

    Raises
    ------
    OSError
        When it cannot be opened.
    """
    with Path(path).open("rb") as file:
        text, _ = decode(file.read(_HEAD))
    first = next((line for line in text.splitlines() if line.strip() and not _SEPARATOR_LINE.match(line)), "")
    return max(known_headers(first.split(separator)) for separator in SEPARATORS) >= _TABLE_NAMES


def _find_dialect(text: _Text, mapping: Mapping[str, str]) -> _Dialect:
    """Choose the separator whose header has most known columns, then most columns at all.

    Where the first line has none, one further down that surely names columns is the header.
    """
    before, separators = 0, list(SEPARATORS)
    for line in text.lines()[1]:
        named = _SEPARATOR_LINE.match(line)
        if line.strip() and not named:
            break
        before += 1
        separators = [named[1]] if named else separators
    if line == _END:
        raise SourceError("the file is empty", where=text.path, next_step=_AGAIN)
    headers: dict[str, list[str]] = {}
    trouble: SourceError | None = None
    for separator in separators:
        try:
            headers[separator] = _header(text, _Dialect(separator, before))
        except SourceError as error:  # perhaps a quote mark that is none under another separator
            trouble = error
    if not any(known_headers(header) for header in headers.values()):
        below = None if mapping else _header_below(text, before, separators)
        if below:
            return below
        if trouble:
            raise trouble
    best = max(headers, key=lambda separator: (known_headers(headers[separator]), len(headers[separator])))
    return _Dialect(best, before, spaces=any(name.startswith(' "') for name in headers[best]))


def _header_below(text: _Text, before: int, separators: list[str]) -> _Dialect | None:
    """Return how to read a table that begins some lines below the first one that says anything."""
    lines = [line for line in islice(text.lines()[1], before + 1 + _MOST_ABOVE) if line != _END]
    for number in range(before + 1, len(lines)):
        counts = {separator: known_headers(_cells(lines[number], separator)) for separator in separators}
        separator = max(counts, key=counts.__getitem__)
        if counts[separator] >= _SURELY_NAMES:
            passed = sum(bool(line.strip()) for line in lines[before:number])
            return _Dialect(separator, number, spaces=f'{separator} "' in lines[number], passed=passed)
    return None


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _told_passed(dialect: _Dialect) -> list[Notice]:
    if not dialect.passed:
        return []
    text = f"{counted(dialect.passed, 'line')} above the names of the columns passed over"
    return [Notice("lines-above", dialect.passed, text)]


def _header(text: _Text, dialect: _Dialect) -> list[str]:
    try:
        header = next(_reader(text.lines()[1], dialect))
    except csv.Error as error:
        raise _endless(text.path, dialect.before + 1) from error
    if _END in header[-1]:
        raise _endless(text.path, dialect.before + 1)
    return header


class _Rows(Iterator[list[str]], Protocol):
    """What the standard library's CSV parser is."""

    @property
    def line_num(self) -> int:
        """Number of lines taken so far."""


def _reader(lines: Iterator[str], dialect: _Dialect) -> _Rows:
    return csv.reader(islice(lines, dialect.before, None), delimiter=dialect.separator, skipinitialspace=dialect.spaces)


def _endless(path: str, line: int) -> SourceError:
    return SourceError(
        "the file ends, or goes on for far too long, inside a quoted text of the row that begins here",
        where=f"{path}, line {line}",
        next_step="Check the quote marks of this row; if the file was cut, export or download it again",
    )


def _read_body(text: _Text, dialect: _Dialect, body: _Body, report: Report) -> None:
    """Read all rows below the header; those of another length than the header are counted and left out."""
    raw, lines = text.lines()
    reader = _reader(lines, dialect)
    rows: list[list[str]] = []
    line = dialect.before + 1
    try:
        next(reader)
        line = dialect.before + reader.line_num + 1
        for row in reader:
            if len(row) == body.width or _fits(row, line, body, text.path):
                rows.append(row)
                body.lines.append(line)
            if len(rows) == _CHUNK:
                _check_end(rows, body, text.path)
                body.add(rows)
                report(raw.tell(), len(text.data), "Reading the table")
            line = dialect.before + reader.line_num + 1
    except csv.Error as error:  # the quoted text is longer than any honest cell, see csv.field_size_limit
        raise _endless(text.path, line) from error
    _check_end(rows, body, text.path)
    body.add(rows)
    report(len(text.data), len(text.data), "Reading the table")


def _fits(row: list[str], line: int, body: _Body, path: str) -> bool:
    """Tell whether a row of another length than the header can be kept, and count it if not."""
    if row == [_END]:
        return False
    if row and _END in row[-1]:
        raise _endless(path, line)
    if any(cell.strip() for cell in row[body.width :]):
        body.long.add(line)
    elif len(row) < body.width and any(cell.strip() for cell in row):
        body.short.add(line)
    else:
        del row[body.width :]
        return len(row) == body.width
    body.last_skipped = line
    return False


def _check_end(rows: list[list[str]], body: _Body, path: str) -> None:
    """Take away `_END` where it looks like a row of the table, because the table has one column."""
    if rows and _END in rows[-1][-1]:
        if rows[-1] != [_END]:
            raise _endless(path, body.lines[-1])
        rows.pop()
        body.lines.pop()


def _no_rows(body: _Body, path: str) -> SourceError:
    if not (body.short.count or body.long.count):
        return SourceError("there are no rows below the header", where=path, next_step=_AGAIN)
    line = min(skipped.line for skipped in (body.short, body.long) if skipped.count)
    return SourceError(
        "no row has as many cells as the header",
        where=f"{path}, line {line}",
        next_step="Check that one separator is used throughout",
    )


def _told(body: _Body, text: _Text) -> list[Notice]:
    """Return the notices about rows left out and other damage."""
    notices = []
    for kind, skipped, what in (("short-rows", body.short, "fewer"), ("long-rows", body.long, "more")):
        if skipped.count:
            told = f"{counted(skipped.count, 'row')} with {what} cells than the header left out"
            notices.append(Notice(kind, skipped.count, f"{told} (first: line {skipped.line})"))
    last = body.lines[-1]
    kept_to_the_end = last > body.last_skipped
    if kept_to_the_end and not text.ends_in_line_break and body.width - 1 in body.chunks:
        told = f"the file does not end in a line break: if it was cut, the last cell is wrong (line {last})"
        notices.append(Notice("open-end", 1, told))
    return notices
