"""Audio features from a table a person already has, such as one of the large public dumps.

Tracks are joined by Spotify id, else by ISRC. The table is read a piece at a time and only the rows of wanted tracks
are kept, so that a table of millions of rows needs memory for one piece and for those rows.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from core.errors import FeatureError, SourceError
from core.features import BASE_NAMES
from core.library import Notice
from core.progress import Report
from core.providers.base import FEATURE_NAMES, Batch, feature_frame, tidy_isrc

#: Turns columns of text into features: cells named by feature in, features of the same rows and notices out.
ReadFeatures = Callable[[pd.DataFrame], tuple[pd.DataFrame, tuple[Notice, ...]]]

#: Rows held at a time: 20,000 rows of 24 short cells are about 40 MB while they are taken apart.
PIECE_ROWS = 20_000
#: What tables call a column of Spotify ids, in small letters and digits. Where a table has several, a later one
#: stands in for the cells in which an earlier one holds no Spotify id.
ID_NAMES = (
    "spotifyid", "spotifytrackid", "trackuri", "spotifyuri", "spotifytrackuri", "uri", "trackid", "id", "trackurl",
    "spotifyurl", "trackhref", "url", "href",
)  # fmt: skip
ISRC_NAMES = ("isrc", "trackisrc", "externalidsisrc")
#: How text begins that spreadsheets save as "Unicode".
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FEATURES = {re.sub("[^a-z]", "", name): name for name in FEATURE_NAMES}
#: A bare id, or one at the end of a ``spotify:track:`` address or of a web link.
_SPOTIFY_ID = r"(?:^|[:/])([0-9A-Za-z]{22})(?:\?.*)?$"


class TableFeatures:
    """Looks tracks up in a CSV or TSV file (also gzipped) or a Parquet file.

    Parameters
    ----------
    path : str or Path
        The file. Text is UTF-8, or UTF-16 with its mark, with the names of the columns in its first row, separated by
        commas, semicolons or tabs.
    read_features : callable
        Turns text into features; it knows decimal commas, 0–100 scales and the like.
    """

    asks_by: tuple[str, ...] = ()
    remembered = True

    def __init__(self, path: str | Path, *, read_features: ReadFeatures) -> None:
        self._path = Path(path)
        self._read_features = read_features

    @property
    def name(self) -> str:
        """``table:`` and the name of the file."""
        return f"table:{self._path.name}"

    def fetch(
        self,
        wanted: pd.DataFrame,
        *,
        missed: Collection[str],  # noqa: ARG002 - a table is cheap to ask again, and may have grown
        report: Report,
    ) -> Generator[Batch, None, None]:
        """Look tracks up; see `core.providers.base.Provider.fetch`."""
        notices: list[Notice] = []
        try:
            rows = _matching_rows(self._path, wanted, notices, report)
            features, told = self._read_features(rows.drop(columns=["spotify_id", "isrc"]))
        except SourceError as error:
            raise FeatureError(
                error.what, where=error.where, next_step=error.next_step, command=error.command
            ) from None
        except (OSError, ValueError, EOFError) as error:
            said = " ".join(str(error).split())
            raise FeatureError(
                f"the table cannot be read ({said})", where=str(self._path), next_step="Check the file"
            ) from None
        places = _join(rows, wanted)
        values = features.reindex(columns=list(FEATURE_NAMES)).loc[places.tolist()].to_numpy(dtype="float64")
        found, rejected = feature_frame(places.index.to_numpy(), values, self.name)
        yield Batch(found, rejected=rejected, notices=(*notices, *told))


@dataclass(frozen=True)
class _Columns:
    """Which columns of a table hold what."""

    ids: tuple[str, ...]
    isrc: tuple[str, ...]
    features: dict[str, str]

    @property
    def all(self) -> list[str]:
        """The columns worth reading."""
        return list(dict.fromkeys((*self.ids, *self.isrc, *self.features)))


def _find_columns(header: Sequence[str], path: Path) -> _Columns:
    plain = {re.sub("[^a-z0-9]", "", name.casefold()): name for name in reversed(header)}
    ids = tuple(plain[name] for name in ID_NAMES if name in plain)
    isrc = tuple(plain[name] for name in ISRC_NAMES if name in plain)
    features = {plain[name]: feature for name, feature in _FEATURES.items() if name in plain}
    if not ids and not isrc:
        raise FeatureError(
            "the table has no column of Spotify ids or ISRCs",
            where=str(path),
            next_step="Name such a column track_id, track_uri or isrc",
        )
    if not any(feature in BASE_NAMES for feature in features.values()):
        raise FeatureError("the table has no column of audio features", where=str(path))
    return _Columns(ids, isrc, features)


@dataclass(frozen=True)
class _Sought:
    """What is looked for: Spotify ids and ISRCs."""

    ids: frozenset[str]
    isrcs: frozenset[str]

    def has_id(self, cell: str) -> bool:
        """Return whether a cell may hold a wanted Spotify id; cheap, and never wrong about a no."""
        return cell.split("?", 1)[0][-22:] in self.ids

    def has_isrc(self, cell: str) -> bool:
        """Return whether a cell may hold a wanted ISRC; never wrong about a no."""
        return re.sub(r"[\s-]", "", cell).upper() in self.isrcs


def _matching_rows(path: Path, wanted: pd.DataFrame, notices: list[Notice], report: Report) -> pd.DataFrame:
    """Return the rows of wanted tracks: ``spotify_id``, ``isrc`` and the feature columns, as text or numbers."""
    read = _parquet_pieces if path.suffix.lower() in {".parquet", ".pq"} else _text_pieces
    sought = _Sought(frozenset(wanted["spotify_id"]) - {""}, frozenset(wanted["isrc"]) - {""})
    pieces: list[pd.DataFrame] = []
    for number, (columns, piece) in enumerate(read(path, sought, notices)):
        report(0, 0, f"Looking for {len(wanted):,} tracks in {path.name}: {number * PIECE_ROWS:,} rows read")
        spotify_id = _first_match(piece, columns.ids, lambda cells: cells.str.extract(_SPOTIFY_ID, expand=False))
        isrc = _first_match(piece, columns.isrc, tidy_isrc)
        matching = spotify_id.isin(sought.ids) | isrc.isin(sought.isrcs)
        named = piece.loc[matching, list(columns.features)].rename(columns=columns.features)
        pieces.append(named.assign(spotify_id=spotify_id[matching], isrc=isrc[matching]))
    return pd.concat(pieces, ignore_index=True)


def _first_match(piece: pd.DataFrame, columns: Sequence[str], match: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return what the first column that holds something usable says; empty text where none does."""
    found = pd.Series("", index=piece.index, dtype="str")
    for name in columns:
        found = found.where(found != "", match(piece[name].astype("str").fillna("")).fillna(""))
    return found


def _parquet_pieces(
    path: Path,
    sought: _Sought,  # noqa: ARG001 - the same signature as for text, where it saves time
    notices: list[Notice],  # noqa: ARG001
) -> Iterator[tuple[_Columns, pd.DataFrame]]:
    """Yield a Parquet table piece by piece."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as table:
        columns = _find_columns(table.schema_arrow.names, path)
        for batch in table.iter_batches(batch_size=PIECE_ROWS, columns=columns.all):
            yield columns, batch.to_pandas()


def _text_pieces(path: Path, sought: _Sought, notices: list[Notice]) -> Iterator[tuple[_Columns, pd.DataFrame]]:
    """Yield what may be wanted of each piece of a text table; rows of another length are left out and counted."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rb") as raw:
        encoding = "utf-16" if raw.read(2) in _UTF_16 else "utf-8-sig"
    with opened(path, "rt", encoding=encoding, errors="replace", newline="") as file:
        first = file.readline()
        separator = max(",;\t", key=first.count)
        header = next(csv.reader([first], delimiter=separator), [])
        columns = _find_columns(header, path)
        tests = [(header.index(name), sought.has_id) for name in columns.ids]
        tests += [(header.index(name), sought.has_isrc) for name in columns.isrc]
        places = [header.index(name) for name in columns.all]
        rows = _whole_rows(csv.reader(file, delimiter=separator), path, notices)
        bad = 0
        more = True
        while more:
            piece = list(islice(rows, PIECE_ROWS))
            more = len(piece) == PIECE_ROWS
            whole = [row for row in piece if len(row) == len(header)]
            bad += sum(len(row) not in (0, len(header)) for row in piece)
            good = [[row[n] for n in places] for row in whole if any(test(row[n]) for n, test in tests)]
            yield columns, pd.DataFrame(good, columns=columns.all, dtype="str")
    if bad:
        text = f"{bad:,} rows of {path.name} have another number of cells than the first one and were left out"
        notices.append(Notice("table-rows-skipped", bad, text))


def _whole_rows(rows: Iterator[list[str]], path: Path, notices: list[Notice]) -> Iterator[list[str]]:
    """Yield rows until the end or to where the table cannot be taken apart any more."""
    try:
        yield from rows
    except (csv.Error, EOFError, zlib.error) as error:
        notices.append(Notice("table-cut", 1, f"{path.name} breaks off and was read up to there ({error})"))


def _join(rows: pd.DataFrame, wanted: pd.DataFrame) -> pd.Series:
    """Return the row of the table for each wanted track that has one: by Spotify id, else by ISRC."""
    places = pd.Series(pd.NA, index=wanted.index, dtype="Int64")
    for name in ("spotify_id", "isrc"):
        named = rows[(rows[name] != "") & ~rows[name].duplicated()]
        place_of = pd.Series(named.index, index=named[name])
        places = places.fillna(wanted[name].map(place_of).astype("Int64"))
    return places.dropna().astype("int64")
