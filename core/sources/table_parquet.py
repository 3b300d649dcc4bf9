"""Reading Parquet files: columns have types and names, rows have no lines."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import SourceError
from core.features import FEATURES
from core.progress import Report
from core.sources.base import unreadable
from core.sources.columns import choose_columns
from core.sources.table_cells import TableCells

#: Our columns that stay numbers when the file has them as numbers.
_NUMBERS = frozenset(FEATURES) | {"duration", "play_count"}


def read_parquet_table(path: str, *, mapping: Mapping[str, str], report: Report) -> TableCells:
    """Read the columns that matter from a Parquet file.

    Parameters
    ----------
    path : str
        The file.
    mapping : mapping of str to str
        See `core.sources.columns.choose_columns`.
    report : Report
        Told after every row group.

    Returns
    -------
    TableCells
        All rows; lists become JSON text, spans of time such as ``225.000s``, everything else text or numbers.

    Raises
    ------
    SourceError
        When the file is missing, no Parquet file, damaged, or has no usable column or row.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            headers = list(file.schema_arrow.names)
            choice = choose_columns(headers, mapping=mapping, path=path)
            wanted = [headers[position] for position in sorted(set(choice.positions.values()))]
            groups = []
            for group in range(file.num_row_groups):
                groups.append(file.read_row_group(group, columns=wanted))
                report(group + 1, file.num_row_groups, "Reading the table")
        table = pa.concat_tables(groups) if groups else None
        if table is None or not table.num_rows:
            raise SourceError("the table has no rows", where=path)
        columns = {ours: _cells(table, headers[position], ours) for ours, position in choice.positions.items()}
    except OSError as error:
        if error.errno is not None:
            raise unreadable(error, path) from error
        raise _damaged(path) from error  # the reader's word for content it does not understand
    except (pa.ArrowException, ValueError, KeyError, OverflowError) as error:
        raise _damaged(path) from error
    frame = pd.DataFrame(columns)
    return TableCells(frame, choice, None, np.arange(len(frame)), choice.notices)


def _damaged(path: str) -> SourceError:
    return SourceError("this is no Parquet file, or it is damaged", where=path, next_step="Export or download it again")


def _cells(table: pa.Table, header: str, ours: str) -> pd.Series:
    """Return one column as text or, where it stands for a number and is one, as float64."""
    column = table.column(header)
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if ours == "duration" and pa.types.is_duration(kind):
        seconds = column.to_pandas().dt.total_seconds()
        return pd.Series(seconds.map("{:.3f}s".format, na_action="ignore"), dtype="str")
    if ours in _NUMBERS and (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return pd.Series(np.array(values, dtype=np.float64))
    series: pd.Series = _as_text(column).to_pandas()
    return series


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        if not pa.types.is_nested(column.type):
            return pc.cast(column, pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in column.to_pylist()
    ]
    return pa.chunked_array([pa.array(texts, pa.large_string())])
