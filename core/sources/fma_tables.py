"""The files of the Free Music Archive's metadata: where they lie, and their tables read row by row.

The tables are read with the standard library's CSV reader rather than pandas: it takes 2 s for the official
tracks.csv instead of 0.7 s, but names the line of every fault and tells a file that was cut off.
"""

from __future__ import annotations

import contextlib
import csv
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from lzma import LZMAError
from pathlib import Path
from typing import IO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.errors import SourceError
from core.library import Notice
from core.progress import Report
from core.sources.base import unreadable
from core.wording import counted

TRACKS, GENRES, ECHONEST = "tracks.csv", "genres.csv", "echonest.csv"
FILES = (TRACKS, GENRES, ECHONEST)
FOLDER = "fma_metadata"
ARCHIVE = "fma_metadata.zip"
#: What an error about the files says to do; `core.errors.LeitmotifError` explains the two.
FETCH_AGAIN: Final = {"next_step": "Get a fresh copy", "command": "Get a fresh copy with: leitmotif fma download"}

#: Longest text of one cell; biographies in the official files exceed the CSV reader's own limit of 131,072. It is
#: the largest limit that the reader takes on every platform.
LONGEST_CELL = 2**31 - 1
#: Rows between two progress reports.
REPORT_EVERY = 2000


@dataclass(frozen=True)
class FmaPlace:
    """A folder or zip that holds the metadata.

    Attributes
    ----------
    path : Path
        The folder that holds the files, or the zip.
    entries : mapping of str to zip entry
        The entry of each file in a zip; empty for a folder.
    """

    path: Path
    entries: dict[str, ZipInfo] = field(default_factory=dict)

    def where(self, name: str) -> str:
        """Return what a message calls one of the files."""
        if self.entries:
            entry = self.entries.get(name)
            return f"{self.path}, {entry.filename if entry else name}"
        return str(self.path / name)

    @contextmanager
    def open(self, name: str) -> Iterator[tuple[IO[bytes], int]]:
        """Open one of the files.

        Yields
        ------
        stream : binary file
            Its content.
        size : int
            Its size in bytes.

        Raises
        ------
        SourceError
            When it cannot be opened or read, or the zip is damaged.
        """
        where = self.where(name)
        try:
            if self.entries:
                with ZipFile(self.path) as archive, _open_entry(archive, self.entries[name], where) as entry:
                    yield entry, self.entries[name].file_size
            else:
                path = self.path / name
                with path.open("rb") as stream:
                    yield stream, path.stat().st_size
        except (BadZipFile, EOFError, LZMAError, zlib.error) as error:
            raise SourceError("the zip is damaged here", where=where, **FETCH_AGAIN) from error
        except OSError as error:
            raise unreadable(error, where) from error


def _open_entry(archive: ZipFile, entry: ZipInfo, where: str) -> IO[bytes]:
    try:
        return archive.open(entry)
    except (NotImplementedError, RuntimeError) as error:  # an unknown compression method, or a password
        raise SourceError(
            "this part of the zip is encrypted or packed by a method that is not supported",
            where=where,
            next_step=f"Unpack the zip and name the folder {FOLDER}",
        ) from error


def find_place(path: str) -> FmaPlace | None:
    """Find the metadata at a path.

    Parameters
    ----------
    path : str
        The folder `FOLDER`, the folder above it or above the zip, one of the three files, or the zip.

    Returns
    -------
    FmaPlace or None
        A place that holds at least one of the three files; None when there is none.

    Raises
    ------
    SourceError
        When the path is a file that should be a zip but is none, or cannot be read.
    """
    given = Path(path)
    try:
        if given.is_dir():
            return _in_folder(given)
        if given.name in FILES:
            place = FmaPlace(given.parent)
            return place if len(present(place)) > 1 else None
        return _in_zip(given) if given.suffix.lower() == ".zip" else None
    except OSError as error:
        raise unreadable(error, path) from error


def _in_folder(folder: Path) -> FmaPlace | None:
    for candidate in (folder, folder / FOLDER):
        place = FmaPlace(candidate)
        if present(place):
            return place
    archive = folder / ARCHIVE
    return _in_zip(archive) if archive.is_file() else None


def _in_zip(path: Path) -> FmaPlace | None:
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
    except (BadZipFile, EOFError) as error:
        raise SourceError("this is not a zip, or its end is missing", where=str(path), **FETCH_AGAIN) from error
    found: dict[str, ZipInfo] = {}
    for entry in sorted(entries, key=lambda entry: entry.filename.count("/")):
        name = entry.filename.rpartition("/")[2]
        if name in FILES:
            found.setdefault(name, entry)
    return FmaPlace(path, found) if found else None


def present(place: FmaPlace) -> list[str]:
    """Return which of the three files a place holds."""
    if place.entries:
        return [name for name in FILES if name in place.entries]
    return [name for name in FILES if (place.path / name).is_file()]


@dataclass(frozen=True)
class Table:
    """Some columns of one file, as text.

    Attributes
    ----------
    where : str
        The file, for messages.
    name : str
        Its bare name.
    ids : list of str [length=n_rows]
        Whole numbers from the first column, each once.
    lines : list of int [length=n_rows]
        The line of the file on which each row begins, from 1.
    columns : dict of str to list of str [length=n_rows]
        Cells of the columns asked for.
    notices : tuple of Notice
        Rows that were left out.
    """

    where: str
    name: str
    ids: list[str]
    lines: list[int]
    columns: dict[str, list[str]]
    notices: tuple[Notice, ...]

    def place(self, row: int) -> str:
        """Return what a message calls the place of a row."""
        return f"{self.name} line {self.lines[row]:,}"


def read_table(place: FmaPlace, name: str, *, wanted: Sequence[str], header_rows: int, report: Report) -> Table:
    """Read some columns of one file.

    Parameters
    ----------
    place : FmaPlace
        Where it lies.
    name : str
        One of `FILES`.
    wanted : sequence of str
        Columns, named by their header lines joined with a point (``track.genre_top``).
    header_rows : int
        Header lines. Files with more than one have a further line that names the index, ``track_id``.
    report : Report
        Told about progress in bytes.

    Returns
    -------
    Table
        Every row with a usable id. Rows with too many or too few cells, without a whole number as id, or with an
        id that stood before are left out and counted.

    Raises
    ------
    SourceError
        When the file cannot be read, has another header, no rows, or was cut off.
    """
    with place.open(name) as (stream, size), _long_cells():
        text = TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        reader = _Reader(text, where=place.where(name), name=name)
        for _ in reader.read(wanted=wanted, header_rows=header_rows):
            report(min(stream.tell(), size), size, f"Reading {name}")
        report(size, size, f"Reading {name}")
    return reader.table()


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Allow biographies of any length; the limit belongs to the whole process, so it is put back."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _Reader:
    """Reads one table and keeps what is wanted of it."""

    def __init__(self, text: TextIOWrapper, *, where: str, name: str) -> None:
        self._text = text
        self._where, self._name = where, name
        self._last_line = "\n"
        self._ids: dict[str, int] = {}
        self._columns: dict[str, list[str]] = {}
        self._broken: list[int] = []
        self._repeated: list[int] = []
        self._notices: list[Notice] = []

    def read(self, *, wanted: Sequence[str], header_rows: int) -> Iterator[int]:
        """Read all rows; yield now and then, for progress."""
        rows = csv.reader(self._watched_lines(), strict=True)
        start = 1
        try:
            positions, width = self._read_header(rows, wanted, header_rows)
            self._columns = {column: [] for column in wanted}
            slots = list(zip(positions, self._columns.values(), strict=True))
            start, last = rows.line_num + 1, 0
            for count, row in enumerate(rows):
                if len(row) == width:
                    self._keep(row, start, slots)
                elif row:
                    self._broken.append(start)
                last, start = start, rows.line_num + 1
                if count % REPORT_EVERY == 0:
                    yield count
        except csv.Error as error:
            raise self._not_csv(error, start) from error
        if not self._last_line.endswith(("\n", "\r")):
            self._drop_cut_row(last)

    def table(self) -> Table:
        """Return what was read."""
        if not self._ids:
            raise self._error("there are no rows below the header")
        self._tell(self._broken, "broken-row", "with the wrong number of cells or without a number as id")
        self._tell(self._repeated, "duplicate-id", "with an id that stood before")
        repaired = sum(_repair(column) for column in self._columns.values())
        if repaired:
            text = f"{counted(repaired, 'cell')} of {self._name} held bytes that are not UTF-8"
            self._notices.append(Notice("encoding", repaired, f"{text}: they were read as Latin-1 (Windows-1252)"))
        return Table(
            where=self._where,
            name=self._name,
            ids=list(self._ids),
            lines=list(self._ids.values()),
            columns=self._columns,
            notices=tuple(self._notices),
        )

    def _watched_lines(self) -> Iterator[str]:
        """Yield the lines of the text and remember the last one."""
        for line in self._text:
            self._last_line = line
            yield line

    def _read_header(self, rows: Iterator[list[str]], wanted: Sequence[str], header_rows: int) -> tuple[list[int], int]:
        """Return the position of each wanted column, and how many columns there are."""
        header = list(islice(rows, header_rows + (header_rows > 1)))
        names = header[:header_rows]
        if len(header) > header_rows and header[-1][:1] != ["track_id"]:
            header = []
        if len(header) < header_rows or len(header[0]) < 2 or len({len(row) for row in header}) != 1:
            raise self._error(self._odd_header(names[0] if names else [], header_rows))
        found = {".".join(column): position for position, column in enumerate(zip(*names, strict=True))}
        missing = [column for column in wanted if column not in found]
        if missing:
            raise self._error(f"the header has no column {missing[0]!r}")
        return [found[column] for column in wanted], len(names[0])

    def _odd_header(self, first: list[str], header_rows: int) -> str:
        if not first:
            return "the file is empty"
        separators = {";": "semicolons", "\t": "tabs"}
        for mark, words in separators.items():
            if len(first) == 1 and mark in first[0]:
                return f"its columns are separated by {words}, not by commas"
        lines = {1: "one header line", 2: "two header lines and one with track_id"}
        return f"it does not begin with {lines.get(header_rows, 'three header lines and one with track_id')}"

    def _keep(self, row: list[str], line: int, slots: list[tuple[int, list[str]]]) -> None:
        track_id = row[0]
        if not (track_id.isascii() and track_id.isdigit()):
            self._broken.append(line)
            return
        track_id = track_id.lstrip("0") or "0"
        if track_id in self._ids:
            self._repeated.append(line)
            return
        self._ids[track_id] = line
        for position, column in slots:
            column.append(row[position])

    def _drop_cut_row(self, line: int) -> None:
        """Take the last row back: without a line break after it, its last cell may be cut short."""
        if line in self._broken:
            raise self._error(f"the file is cut off in line {line:,}")
        if self._ids and next(reversed(self._ids.values())) == line:
            self._ids.popitem()
            for column in self._columns.values():
                column.pop()
            text = f"{self._name} does not end with a line break: line {line:,}, its last, may be cut off"
            self._notices.append(Notice("cut-off", 1, f"{text} and was left out"))

    def _not_csv(self, error: csv.Error, line: int) -> SourceError:
        if "unexpected end of data" in str(error):
            return self._error(f"the file is cut off: a quoted text in the row that begins in line {line:,} never ends")
        return self._error(f"the row that begins in line {line:,} is not valid CSV ({error})")

    def _error(self, what: str) -> SourceError:
        return SourceError(what, where=self._where, **FETCH_AGAIN)

    def _tell(self, lines: list[int], kind: str, which: str) -> None:
        if lines:
            text = f"{counted(len(lines), 'row')} of {self._name} {which}"
            verb = "was" if len(lines) == 1 else "were"
            self._notices.append(Notice(kind, len(lines), f"{text} {verb} left out (first: line {lines[0]:,})"))


def _repair(cells: list[str]) -> int:
    """Replace, in place, what bytes outside UTF-8 became by their Windows-1252 characters; count the cells."""
    count = 0
    for position, cell in enumerate(cells):
        if not cell.isascii() and any("\udc80" <= char <= "\udcff" for char in cell):
            cells[position] = "".join(
                bytes([ord(char) - 0xDC00]).decode("cp1252", "replace") if "\udc80" <= char <= "\udcff" else char
                for char in cell
            )
            count += 1
    return count
