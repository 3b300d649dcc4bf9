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
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa

from core.errors import SourceError
from core.library import Notice
from core.progress import Report
from core.sources.base import Decoding, counted, find_encoding, read_bytes, unreadable
from core.sources.columns import Choice, choose_columns, known_headers
from core.sources.table_cells import TableCells

SEPARATORS = (",", ";", "\t", "|")
#: Rows held as Python objects at a time: about 20 MB for a wide table.
_CHUNK = 20_000
#: A line no text file can contain, put after the last one: it comes out of the parser as a row of its own,
#: unless a quoted text is still open.
_END = "\0\0\0"
#: More null characters than this in the first characters mean that the file is no text.
_NULLS_IN_TEXT = 0.1
_HEAD = 4_096
#: What spreadsheets put before the header to name the separator.
_SEPARATOR_LINE = re.compile(r"^\"?sep=([^\w\s\"]|\t)\"?\s*$", re.IGNORECASE)
_AGAIN = "Export or download the file again"


@dataclass
class _Lines:
    """The lines of a file as the parser wants them, and what was noticed on the way."""

    data: bytes
    decoding: Decoding
    nulls: int = 0
    first_null: int = 0
    ends_in_line_break: bool = True
    position: int = 0

    def __iter__(self) -> Iterator[str]:
        """Yield every line with its line end, then `_END`; null characters are taken out."""
        self.nulls, self.first_null = 0, 0
        raw = io.BytesIO(self.data)
        stream = io.TextIOWrapper(raw, self.decoding.encoding, self.decoding.errors, newline="")
        for number, line in enumerate(stream, start=1):
            if "\0" in line:
                self.first_null = self.first_null or number
                self.nulls += line.count("\0")
                line = line.replace("\0", "")
            if not line.endswith(("\n", "\r")):
                self.ends_in_line_break = False
                line += "\n"
            self.position = raw.tell()
            yield line
        yield _END


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
    positions: list[int]
    chunks: dict[int, list[pa.Array]]
    lines: array[int] = field(default_factory=lambda: array("q"))
    last_row_kept: bool = False
    short: _Skipped = field(default_factory=_Skipped)
    long: _Skipped = field(default_factory=_Skipped)

    def add(self, rows: list[list[str]]) -> None:
        """Move rows of equal length into the columns."""
        columns = list(zip(*rows, strict=True))
        for position in self.positions:
            self.chunks[position].append(pa.array(columns[position], pa.string()))
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
    data = _load(path)
    if not data.strip(b"\0 \t\r\n"):
        raise SourceError("the file is empty", where=path, next_step=_AGAIN)
    decoding = find_encoding(data)
    _refuse_binary(data, decoding, path)
    lines = _Lines(data, decoding)
    dialect = _find_dialect(lines, path)
    records = _records(lines, dialect, path)
    _, headers = next(records)
    choice = choose_columns(headers, mapping=mapping, path=path)
    body = _read_body(records, lines, choice, len(headers), report)
    if not body.lines:
        raise _no_rows(body, path)
    notices = (*decoding.notices, *choice.notices, *_told(body, lines))
    frame = pd.DataFrame({ours: _series(body.chunks[position]) for ours, position in choice.positions.items()})
    return TableCells(frame, choice, np.frombuffer(body.lines, dtype=np.int64), np.arange(len(frame)), notices)


def _series(chunks: list[pa.Array]) -> pd.Series:
    series: pd.Series = pa.chunked_array(chunks).to_pandas()
    return series


def _load(path: str) -> bytes:
    if not path.lower().endswith(".gz"):
        return read_bytes(path)
    try:
        with gzip.open(path) as stream:
            return stream.read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError("the compressed file is damaged or cut short", where=path, next_step=_AGAIN) from error
    except OSError as error:
        raise unreadable(error, path) from error


def _refuse_binary(data: bytes, decoding: Decoding, path: str) -> None:
    if data.startswith(b"PK\x03\x04"):
        raise SourceError(
            "this is a zip archive or a workbook, not a text table",
            where=path,
            next_step="Save it as CSV, or give a zip the ending .zip",
        )
    head = data[:_HEAD]
    if not decoding.encoding.startswith(("utf-16", "utf-32")) and head.count(0) > _NULLS_IN_TEXT * len(head):
        raise SourceError("this is not a text table", where=path, next_step="Save the table as CSV in UTF-8")


@dataclass(frozen=True)
class _Dialect:
    """How the cells of a row are told apart, and the lines before the header."""

    separator: str
    before: int
    spaces: bool = False


def _records(lines: _Lines, dialect: _Dialect, path: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line at which each row begins and its cells, the header first."""
    reader = csv.reader(
        islice(lines, dialect.before, None), delimiter=dialect.separator, skipinitialspace=dialect.spaces
    )
    line = dialect.before + 1
    try:
        for row in reader:
            if row and _END in row[-1]:
                if row == [_END]:
                    return
                raise SourceError(
                    "the file ends inside a quoted text of the row that begins here",
                    where=f"{path}, line {line}",
                    next_step=_AGAIN,
                )
            yield line, row
            line = dialect.before + reader.line_num + 1
    except csv.Error as error:  # longer than any honest cell: see csv.field_size_limit
        raise SourceError(
            "a quoted text of the row that begins here does not end",
            where=f"{path}, line {line}",
            next_step="Check the quote marks of this row",
        ) from error


def _find_dialect(lines: _Lines, path: str) -> _Dialect:
    """Choose the separator whose header has most known columns, then most columns at all."""
    before, separators = 0, list(SEPARATORS)
    for line in lines:
        named = _SEPARATOR_LINE.match(line)
        if line.strip() and not named:
            break
        before += 1
        separators = [named[1]] if named else separators
    if line == _END:
        raise SourceError("the file is empty", where=path, next_step=_AGAIN)
    headers = {separator: next(_records(lines, _Dialect(separator, before), path))[1] for separator in separators}
    best = max(separators, key=lambda separator: (known_headers(headers[separator]), len(headers[separator])))
    return _Dialect(best, before, spaces=any(name.startswith(' "') for name in headers[best]))


def _read_body(
    records: Iterator[tuple[int, list[str]]], lines: _Lines, choice: Choice, width: int, report: Report
) -> _Body:
    """Read all rows below the header; rows of another length than the header are counted and left out."""
    positions = sorted(set(choice.positions.values()))
    body = _Body(width, positions, {position: [pa.array([], pa.string())] for position in positions})
    rows: list[list[str]] = []
    for line, row in records:
        if len(row) != width:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                (body.short if len(row) < width else body.long).add(line)
                body.last_row_kept = False
                continue
            del row[width:]
        rows.append(row)
        body.lines.append(line)
        body.last_row_kept = True
        if len(rows) == _CHUNK:
            body.add(rows)
            report(lines.position, len(lines.data), "Reading the table")
    if rows:
        body.add(rows)
    report(len(lines.data), len(lines.data), "Reading the table")
    return body


def _no_rows(body: _Body, path: str) -> SourceError:
    if not (body.short.count or body.long.count):
        return SourceError("there are no rows below the header", where=path, next_step=_AGAIN)
    line = min(skipped.line for skipped in (body.short, body.long) if skipped.count)
    return SourceError(
        "no row has as many cells as the header",
        where=f"{path}, line {line}",
        next_step="Check that one separator is used throughout",
    )


def _told(body: _Body, lines: _Lines) -> list[Notice]:
    """Return the notices about rows left out and other damage."""
    notices = []
    for kind, skipped, what in (("short-rows", body.short, "fewer"), ("long-rows", body.long, "more")):
        if skipped.count:
            text = f"{counted(skipped.count, 'row')} with {what} cells than the header left out"
            notices.append(Notice(kind, skipped.count, f"{text} (first: line {skipped.line})"))
    if lines.nulls:
        text = f"{counted(lines.nulls, 'null character')} taken out (first: line {lines.first_null})"
        notices.append(Notice("null-characters", lines.nulls, text))
    if body.last_row_kept and not lines.ends_in_line_break and body.positions[-1] == body.width - 1:
        text = f"the file does not end in a line break: if it was cut, the last cell is wrong (line {body.lines[-1]})"
        notices.append(Notice("open-end", 1, text))
    return notices
