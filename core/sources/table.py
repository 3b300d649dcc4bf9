"""The generic table: CSV, TSV and Parquet files of tracks, whatever their columns are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import SourceError
from core.features import BASE_NAMES, FEATURES
from core.genre_tree import genre_parents
from core.library import Library, Notice, make_library
from core.links import is_absolute
from core.progress import Report, silent
from core.sources.base import spotify_id, unreadable
from core.sources.columns import IDENTITY
from core.sources.fields import dates, durations, play_counts, recording_codes, truth_values
from core.sources.genre_labels import genre_labels, list_items, says_genre, unify_spellings
from core.sources.numbers import SHARES, UNITS, Numbers, clean_text, feature_columns, read_numbers
from core.sources.table_cells import TableCells
from core.sources.table_text import names_columns, read_text_table
from core.sources.track_ids import MADE_ID, track_ids
from core.wording import counted

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz", ".tab.gz")
PARQUET_SUFFIXES = (".parquet", ".pq")
#: Rekordbox and Apple Music give tables this ending, as everybody gives it to other texts.
_ANY_TEXT = ".txt"
#: The first bytes of every Parquet file.
_PARQUET_MARK = b"PAR1"
#: What programs write for "unknown" where text is expected. Titles such as "None" and "-" are somebody's songs.
_NO_TEXT = ("undefined", "null", "NULL", "NaN", "nan", "N/A", "#N/A")
#: What TuneMyMusic calls the rows of its file, the last two of which are no tracks.
_ROW_TYPES = ("playlist", "favorite", "artist", "album")
#: A list of artists has quote marks or several items: [Spunge] is one artist.
_LIST = re.compile(r"^\[(?:\s*['\"{].*|.*[;|,].*|\s*)\]$", re.DOTALL)
_BRACKETS = re.compile(r"^\[.*\]$", re.DOTALL)
#: Stands between the parts of a row's content: the unit separator, which no title holds.
_SEPARATED = "\x1f"
#: Who gave the features: the file itself.
PROVIDER = "file"


class TableSource:
    """Reads a table with one track a row.

    Parameters
    ----------
    mapping : mapping of str to str, optional
        Our column → the table's column, where the names alone do not tell; see `core.sources.columns`.
    """

    kind: ClassVar[str] = "table"

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self._mapping = dict(mapping or {})

    def accepts(self, path: str) -> bool:
        """Tell whether a path is a file with the ending of a table, or any text that begins like one.

        Parameters
        ----------
        path : str
            Any path.

        Returns
        -------
        bool
            Whether `read` should be tried.
        """
        try:
            if path.lower().endswith(_ANY_TEXT):
                return Path(path).is_file() and (bool(self._mapping) or names_columns(path))
            return path.lower().endswith((*TEXT_SUFFIXES, *PARQUET_SUFFIXES)) and Path(path).is_file()
        except (OSError, ValueError):  # a name too long, a locked folder, a null character
            return False

    def read(self, path: str, *, report: Report = silent) -> Library:
        """Read the table.

        Parameters
        ----------
        path : str
            A CSV, TSV or TXT file (the first two also ``.gz``) or a Parquet file. Text may be UTF-8, UTF-16 or
            Latin-1, separated by commas, semicolons, tabs or bars.
        report : Report
            Told about the bytes or row groups read.

        Returns
        -------
        Library
            Tracks in the order of the table, each id once; all that was skipped, repaired or assumed is among the
            notices.

        Raises
        ------
        SourceError
            When the file cannot be read as a table of tracks.
        OptionError
            When the mapping names a column of ours that does not exist.
        """
        read_table = read_text_table
        if _is_parquet(path):
            # Imported here because a Parquet file needs a part of Arrow that is slow to load.
            from core.sources.table_parquet import read_parquet_table as read_table
        cells = _of_tracks(read_table(path, mapping=self._mapping, report=report), path)
        return _library(_with_content(cells, path), path)


def _is_parquet(path: str) -> bool:
    """Tell a Parquet file by its name or its first bytes.

    Raises
    ------
    SourceError
        When the file cannot be opened.
    """
    try:
        with Path(path).open("rb") as file:
            marked = file.read(len(_PARQUET_MARK)) == _PARQUET_MARK
    except OSError as error:
        raise unreadable(error, path) from error
    except ValueError as error:
        raise unreadable(FileNotFoundError(), path) from error
    return marked or path.lower().endswith(PARQUET_SUFFIXES)


def _of_tracks(cells: TableCells, path: str) -> TableCells:
    """Leave out the rows by which TuneMyMusic lists saved artists and albums beside the tracks."""
    if not {"type", "artist"} <= set(cells.frame.columns):
        return cells
    types = _plain_text(cells, "type").str.casefold()
    cells = replace(cells, frame=cells.frame.drop(columns="type"))
    if not set(types.unique()) <= set(_ROW_TYPES) or not types.isin(_ROW_TYPES[:3]).any():
        return cells  # another program's types, such as those of records
    title, artist, album = (_plain_text(cells, name) for name in ("title", "artist", "album"))
    others = ((types == "artist") & (artist == "")) | ((types == "album") & (title == album))
    if (types.isin(_ROW_TYPES[2:]) & ~others).any():
        return cells  # another program's, such as where a track was played from
    count = int(others.sum())
    if count == len(cells):
        raise SourceError(
            "this file lists saved artists or albums, not tracks", where=path, next_step="Export playlists instead"
        )
    text = f"{counted(count, 'row')} of saved artists and albums left out"
    return cells.keep(~others.to_numpy(dtype=bool), [Notice("no-tracks", count, text)] if count else [])


def _with_content(cells: TableCells, path: str) -> TableCells:
    """Leave out rows that name no track and have no features."""
    filled = np.zeros(len(cells), dtype=bool)
    for name in (*IDENTITY, *BASE_NAMES):
        if name in cells.frame.columns:
            filled |= (
                _has_number(cells.frame[name]) if name in BASE_NAMES else (_plain_text(cells, name) != "").to_numpy()
            )
        if filled.all():
            return cells
    count, first = int((~filled).sum()), cells.place(int(np.flatnonzero(~filled)[0]))
    if count == len(cells):
        raise SourceError("no row names a track or has audio features", where=path, next_step="Check the columns")
    text = f"{counted(count, 'row')} without title, id and audio features left out (first: {first})"
    return cells.keep(filled, [Notice("empty-rows", count, text)])


def _has_number(cells: pd.Series) -> npt.NDArray[np.bool_]:
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.notna().to_numpy(dtype=bool)
    return np.array(pc.is_valid(clean_text(cells)).to_numpy(zero_copy_only=False), dtype=bool)


def _library(cells: TableCells, path: str) -> Library:
    """Interpret the cells."""
    tracks = pd.DataFrame({name: _plain_text(cells, name) for name in ("title", "artist", "album", "path")})
    tracks["artist"] = _joined_artists(tracks["artist"])
    contents = partial(_contents, tracks, cells.frame)
    ids = _plain_text(cells, "track_id")
    addresses, address_notices = _of_single_tracks(_plain_text(cells, "uri"), tracks["title"].where(ids == "", ""))
    ids, tracks["uri"], id_notices = track_ids(ids, addresses, contents)
    genres, genre_notices = _genres(cells)
    origins: list[tuple[str, ...]] = [()] * len(cells)
    if "playlist" in cells.frame.columns:
        origins = [(name,) if name else () for name in _plain_text(cells, "playlist").tolist()]
    kept, told = _first_of_each(cells, ids, genres, origins)
    tracks["genre"] = pd.Series([labels[0] if labels else "" for labels in genres], dtype="str")
    tracks["genres"], tracks["origins"] = pd.Series(genres, dtype=object), pd.Series(origins, dtype=object)
    tracks["path"] = _beside(tracks["path"], path)
    tracks, cells = tracks.set_axis(ids, axis="index")[kept], cells.keep(kept, told)
    field_notices = _add_fields(tracks, cells)
    features, feature_notices = _features(cells, path)
    return make_library(
        tracks,
        features.set_axis(tracks.index),
        kind=TableSource.kind,
        path=path,
        providers=PROVIDER,
        genre_parents=genre_parents(dict.fromkeys(label for labels in dict.fromkeys(genres) for label in labels)),
        notices=(*cells.notices, *address_notices, *id_notices, *genre_notices, *field_notices, *feature_notices),
    )


def _of_single_tracks(addresses: pd.Series, titles: pd.Series) -> tuple[pd.Series, list[Notice]]:
    """Leave out addresses that several titles share, such as an album's, unless they name a track at Spotify."""
    shared = np.flatnonzero((addresses != "") & (titles != "") & addresses.duplicated(keep=False))
    titles_of = titles.iloc[shared].str.casefold().groupby(addresses.iloc[shared])
    rows = [
        row for row in shared[(titles_of.transform("nunique") > 1).to_numpy()] if not spotify_id(addresses.iloc[row])
    ]
    if not rows:
        return addresses, []
    addresses = addresses.copy()
    addresses.iloc[rows] = ""
    text = f"{counted(len(rows), 'row')} with the address of an album, an artist or another page of several tracks"
    return addresses, [Notice("shared-address", len(rows), f"{text}, which is not used")]


def _plain_text(cells: TableCells, name: str) -> pd.Series:
    """Return a column's text without white space around it; empty where it says nothing or there is no column."""
    if name not in cells.frame.columns:
        return pd.Series("", index=cells.frame.index, dtype="str")
    text = pc.utf8_trim_whitespace(pa.array(cells.frame[name], from_pandas=True))
    silent_cells = pc.is_in(text, value_set=pa.array(_NO_TEXT, text.type))
    plain: pd.Series = pc.fill_null(pc.if_else(silent_cells, "", text), "").to_pandas()
    return plain


def _beside(files: pd.Series, table: str) -> pd.Series:
    """Return the files of tracks so that they are found from every folder: a relative one lies beside the table."""
    if not (files != "").any():
        return files
    folder = Path(table).resolve().parent
    return files.map(lambda file: str(folder / file) if file and not is_absolute(file) else file)


def _joined_artists(artists: pd.Series) -> pd.Series:
    """Return artists joined by a comma and a space; lists and semicolons separate them elsewhere."""
    several = np.flatnonzero(artists.str.contains(r"^\[|;", regex=True))
    if len(several):
        # Java prints lists without quote marks, but then every artist is in one.
        is_list = _BRACKETS if (artists.str.startswith("[") | (artists == "")).all() else _LIST
        artists = artists.copy()
        artists.iloc[several] = [_join(text, is_list) for text in artists.iloc[several]]
    return artists


def _join(text: str, is_list: re.Pattern[str]) -> str:
    if is_list.match(text):
        return ", ".join(str(name).strip() for name in list_items(text)) or text
    return ", ".join(name.strip() for name in text.split(";") if name.strip())


def _contents(
    tracks: pd.DataFrame, frame: pd.DataFrame, rows: npt.NDArray[np.intp]
) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Return what tells rows from others: title, artist and album, else the code and the features; and the copies.

    Lists of what was played, such as Last.fm's, hold a track once for each time; so do lists of several playlists. A
    row is a copy where title and artist are there, and nothing but the playlist differs.
    """
    names = tracks[["title", "artist", "album"]].iloc[rows]
    named = [_SEPARATED.join(row) for row in names.itertuples(index=False)]
    others = frame[[name for name in ("isrc", *FEATURES) if name in frame.columns]].iloc[rows].astype("str").fillna("")
    rest = (_SEPARATED.join(row) for row in others.itertuples(index=False))
    texts = [name if name.strip(_SEPARATED) else other for name, other in zip(named, rest, strict=True)]
    firsts = np.arange(len(rows))
    is_whole = ((names["title"] != "") & (names["artist"] != "")).to_numpy(dtype=bool)
    repeated = np.flatnonzero(is_whole & pd.Series(texts).duplicated(keep=False).to_numpy())
    whole = frame.drop(columns="playlist", errors="ignore").iloc[rows[repeated]]
    codes, _ = pd.factorize(pd.util.hash_pandas_object(whole, index=False))
    firsts[repeated] = repeated[np.unique(codes, return_index=True)[1][codes]]
    return texts, firsts


def _genres(cells: TableCells) -> tuple[list[tuple[str, ...]], tuple[Notice, ...]]:
    """Return the labels of every track, the top genre first, and what was merged."""
    names = [name for name in ("genre", "subgenre", "genres") if name in cells.frame.columns]
    combined = np.zeros(len(cells), dtype=np.int64)
    texts: list[pd.Index] = []
    for name in names:
        codes, unique = pd.factorize(_plain_text(cells, name))
        texts.append(unique)
        combined = combined * len(unique) + codes
    combinations, rows = np.unique(combined, return_inverse=True)
    labels, nameless = [], []
    for combination in combinations.tolist():
        written: list[str] = []
        for unique in reversed(texts):
            combination, code = divmod(combination, len(unique))
            written.insert(0, str(unique[code]))
        labels.append(tuple(dict.fromkeys(label for text in written for label in genre_labels(text))))
        nameless.append(not labels[-1] and any(says_genre(text) for text in written))
    unified, notices = unify_spellings([labels[row] for row in rows.tolist()])
    count = int(np.array(nameless, dtype=bool)[rows].sum())
    if count:
        text = f"{counted(count, 'track')} with numbers or signs instead of names of genres"
        notices = (*notices, Notice("no-genre-names", count, text))
    return unified, notices


def _first_of_each(
    cells: TableCells, ids: pd.Series, genres: list[tuple[str, ...]], origins: list[tuple[str, ...]]
) -> tuple[npt.NDArray[np.bool_], list[Notice]]:
    """Return which rows to keep so that every id stands once; labels and origins of the others are gathered there."""
    codes, unique = pd.factorize(ids)
    if len(unique) == len(ids):
        return np.ones(len(ids), dtype=bool), []
    firsts = np.unique(codes, return_index=True)[1]
    kept = np.zeros(len(ids), dtype=bool)
    kept[firsts] = True
    later = np.flatnonzero(~kept)
    earlier = firsts[codes[later]]
    for row, first in zip(later.tolist(), earlier.tolist(), strict=True):
        genres[first] = tuple(dict.fromkeys(genres[first] + genres[row]))
        origins[first] = tuple(dict.fromkeys(origins[first] + origins[row]))
    unlike = int(_differ(cells.frame, later, earlier).sum())
    one = len(later) == 1
    what = "an earlier row" if ids.iloc[later].str.startswith(MADE_ID).all() else "the id of an earlier row"
    repeats = f"repeats {what} and is" if one else f"repeat {what} and are"
    text = f"{counted(len(later), 'row')} {repeats} left out (first: {cells.place(int(later[0]))})"
    detail = "it says the same" if one else "all say the same"
    if unlike:
        which = (
            "it says something else" if one else f"{unlike:,} of them {'says' if unlike == 1 else 'say'} something else"
        )
        detail = f"{which}, and {'its' if one else 'their'} genres and playlists are kept"
    return kept, [Notice("duplicate-id", len(later), f"{text}; {detail}")]


def _differ(frame: pd.DataFrame, rows: npt.NDArray[np.intp], others: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Return which pairs of rows differ in any cell."""
    unlike = np.zeros(len(rows), dtype=bool)
    for name in frame.columns:
        left, right = (frame[name].iloc[positions].reset_index(drop=True) for positions in (rows, others))
        unlike |= ~((left == right) | (left.isna() & right.isna())).to_numpy(dtype=bool)
    return unlike


def _add_fields(tracks: pd.DataFrame, cells: TableCells) -> list[Notice]:
    """Add the columns that are neither plain text nor features, in place."""
    frame, headers = cells.frame, cells.choice.headers
    notices: list[Notice] = []
    if "duration" in frame.columns:
        seconds, told = durations(
            frame["duration"],
            header=headers["duration"],
            unit=cells.choice.duration_unit,
            is_sure=cells.choice.is_unit_given,
            place=cells.place,
        )
        tracks["duration_s"] = seconds
        notices += told
    for name, read in (("explicit", truth_values), ("play_count", play_counts)):
        if name in frame.columns:
            tracks[name], told = read(frame[name], header=headers[name], place=cells.place)
            notices += told
    for name, tidy in (("added_at", dates), ("isrc", recording_codes)):
        if name in frame.columns:
            texts, told = tidy(frame[name], header=headers[name], place=cells.place)
            tracks[name] = texts.to_numpy()
            notices += told
    return notices


def _of_other_meaning(cells: TableCells) -> tuple[list[str], list[Notice]]:
    """Return the features that were recognised by a short word, but hold something else: yes or no, or votes.

    The loudness of some track is below 0 dB; shares are not all 0 or 1, and on the scale of those with clearer names.
    """
    doubtful = cells.choice.doubtful
    if not doubtful:
        return [], []
    numbers = {
        name: read_numbers(cells.frame[name], unit=UNITS.get(name, ""))
        for name in FEATURES
        if name in doubtful or (name in SHARES and name in cells.frame.columns)
    }
    scales = {_is_beyond_one(numbers[name]) for name in numbers if name not in doubtful}
    others, notices = [], []
    for name in (name for name in FEATURES if name in doubtful):
        values, scale = numbers[name].values, {_is_beyond_one(numbers[name])}
        known = values[~np.isnan(values)]
        is_share = not np.isin(known, (0.0, 1.0)).all() and scale <= (scales or scale)
        is_feature = (known < 0.0).any() if name == "loudness" else is_share
        if not is_feature and _has_number(cells.frame[name]).any():
            others.append(name)
            text = f"the column “{cells.choice.headers[name]}” holds nothing that could be {name} and is not read as it"
            notices.append(
                Notice("other-meaning", len(cells), text, command=f"name another column with --column {name}=NAME")
            )
    return others, notices


def _is_beyond_one(column: Numbers) -> bool:
    positive = column.values[column.values > 0.0]
    return bool(len(positive)) and not column.percent and float(np.median(positive)) > 1.0


def _features(cells: TableCells, path: str) -> tuple[pd.DataFrame, list[Notice]]:
    other, told = _of_other_meaning(cells)
    present = [name for name in FEATURES if name in cells.frame.columns and name not in other]
    # A table of names with moods in words ("Energy: high") is no table of features, and no reason to refuse the names.
    is_named = any(name in cells.choice.positions for name in IDENTITY)
    features, notices = feature_columns(
        cells.frame[present],
        path=path,
        headers=cells.choice.headers,
        place=cells.place,
        required=cells.choice.named if is_named else BASE_NAMES,
    )
    absent = [name for name in BASE_NAMES if name not in present]
    told += notices
    if len(absent) == len(BASE_NAMES):
        told.append(Notice("no-features", len(cells), "the table has no audio features"))
    elif absent:
        told.append(Notice("absent-features", len(cells), f"the table has no column for {', '.join(absent)}"))
    return features, told
