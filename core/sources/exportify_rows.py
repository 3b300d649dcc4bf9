"""The rows of an Exportify file: their cells, and the lines they stand on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

#: Exportify writes commas; spreadsheets save the file again with what their country uses.
_SEPARATORS = (",", ";", "\t")
#: What spreadsheets put before the header to name the separator.
_SEPARATOR_LINE = re.compile(r"\"?sep=.\"?\s*$", re.IGNORECASE)

_UNREADABLE: list[str] = ["\0unreadable"]


class Sheet:
    """The text of a CSV file, taken apart row by row. A text that is no table gives strange cells, never an error.

    Parameters
    ----------
    text : str
        The whole file, without a byte order mark.

    Attributes
    ----------
    header : list of str
        Cells of the first row; empty when there is none.
    ended : bool
        Whether the file ends with a line break, as every file of Exportify does.
    cut : bool
        Whether the last row was left out because the file ends inside it. Known after the last row.
    unreadable : int
        Rows left out because they cannot be taken apart. Known after the last row.
    """

    def __init__(self, text: str) -> None:
        self._lines = list(io.StringIO(text, newline=""))
        lines = self._lines
        start = next((i for i, line in enumerate(lines) if line.strip() and not _SEPARATOR_LINE.match(line)), 0)
        first = lines[start : start + 1]
        self._separator = max(_SEPARATORS, key=lambda sign: len(_one_row(first, sign)))
        self._parsed = _parse(lines, start, self._separator)
        self.header: list[str] = next(self._parsed, (0, [], 0))[1]
        self.ended = not lines or lines[-1].endswith(("\n", "\r"))
        self.cut = False
        self.unreadable = 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line, from 1, and the cells of every row below the header; can be gone through once.

        Blank lines and copies of the header are passed over.
        """
        held: tuple[int, list[str]] | None = None
        for number, cells, count in self._parsed:
            if count > 1 and len(cells) != len(self.header):
                found = self._line_by_line(number, count)
            elif cells is _UNREADABLE:
                self.unreadable += 1
                continue
            else:
                found = [(number, cells)]
            for row in found:
                if _says_something(row[1]) and row[1] != self.header:
                    if held:
                        yield held
                    held = row
        if held:
            self.cut = not self.ended and self._ends_inside(held[0])
            if not self.cut:
                yield held

    def _line_by_line(self, number: int, count: int) -> list[tuple[int, list[str]]]:
        """Return the rows that a stray quote mark has run together, each from its own line.

        Names with line breaks are quoted properly and make rows of the right length, which do not come here.
        """
        rows = []
        for line in range(number, number + count):
            cells = _one_row([self._lines[line - 1]], self._separator)
            if cells is _UNREADABLE:
                self.unreadable += 1
            else:
                rows.append((line, cells))
        return rows

    def _ends_inside(self, number: int) -> bool:
        """Whether the file ends inside the row that begins at this line."""
        if not self._lines[-1].strip():
            return False
        cells = _one_row(self._lines[number - 1 :], self._separator, strict=True)
        return cells is _UNREADABLE or len(cells) < len(self.header) or not cells[-1].strip()


def _parse(lines: list[str], start: int, separator: str) -> Iterator[tuple[int, list[str], int]]:
    """Yield line number, cells and number of lines of every row."""
    reader = csv.reader(iter(lines[start:]), delimiter=separator)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = _UNREADABLE
        yield start + before + 1, cells, reader.line_num - before
        before = reader.line_num


def _one_row(lines: list[str], separator: str, *, strict: bool = False) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=separator, strict=strict), [])
    except csv.Error:
        return _UNREADABLE


def _says_something(cells: list[str]) -> bool:
    return len(cells) > 1 or any(cell.strip() for cell in cells)
