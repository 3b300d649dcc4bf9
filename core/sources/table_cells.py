"""The cells of a table that matter, in the order of its rows, whatever file format they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.library import Notice
from core.sources.columns import Choice
from core.sources.numbers import row_place


@dataclass(frozen=True, eq=False)
class TableCells:
    """What was read from a table before it is interpreted.

    Attributes
    ----------
    frame : pandas.DataFrame [shape=(n_rows, n_columns)]
        Columns named as in `core.sources.columns.OUR_COLUMNS`; text, or numbers where the format has a type
        for them. Index 0 … n_rows − 1.
    choice : Choice
        Which of the table's columns they are.
    lines : np.ndarray or None [shape=(n_rows,), dtype=int64]
        Line of the file each row begins at, from 1; None where the format has no lines.
    rows : np.ndarray [shape=(n_rows,), dtype=int64]
        Position of each row in the file, from 0.
    notices : tuple of Notice
        What was skipped, repaired or assumed.
    """

    frame: pd.DataFrame
    choice: Choice
    lines: npt.NDArray[np.int64] | None
    rows: npt.NDArray[np.int64]
    notices: tuple[Notice, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def place(self, row: int) -> str:
        """Return where in the file a row stands, such as ``"line 7"``."""
        return row_place(int(self.rows[row])) if self.lines is None else f"line {self.lines[row]}"

    def keep(self, mask: npt.NDArray[np.bool_], notices: Sequence[Notice]) -> TableCells:
        """Return the rows where `mask` is true, with more notices."""
        if mask.all():
            return replace(self, notices=(*self.notices, *notices))
        return replace(
            self,
            frame=self.frame[mask].reset_index(drop=True),
            lines=None if self.lines is None else self.lines[mask],
            rows=self.rows[mask],
            notices=(*self.notices, *notices),
        )
