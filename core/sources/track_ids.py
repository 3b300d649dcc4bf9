"""Track ids: taken from the file, from Spotify addresses, or made from what a row says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.library import Notice
from core.sources.base import SPOTIFY_TRACK, spotify_uri
from core.wording import counted

#: Begins the ids made here.
MADE_ID = "made-"
#: Bytes of the hash in a made id: among a million tracks, two different ones share it once in about 10⁷ libraries.
_HASH_BYTES = 8


#: Takes positions of rows; gives what tells each of them from others, and which of them each says the same as (the
#: first such one; itself where there is none).
Contents = Callable[[npt.NDArray[np.intp]], tuple[Sequence[str], npt.NDArray[np.intp]]]


def track_ids(
    ids: pd.Series, addresses: pd.Series, contents: Contents
) -> tuple[pd.Series, pd.Series, tuple[Notice, ...]]:
    """Give every row an id, and a Spotify address where one is known.

    An id in the file wins, as a bare id when it is Spotify's; else the address; rows with neither get an id made
    from their content, which stays the same when the file is sorted differently. Rows that say the same get the same.

    Parameters
    ----------
    ids : pandas.Series [shape=(n_rows,), dtype=str]
        Cells of the id column, trimmed, empty where unknown.
    addresses : pandas.Series [shape=(n_rows,), dtype=str]
        Cells of the address column, trimmed, empty where unknown.
    contents : callable
        See `Contents`.

    Returns
    -------
    ids : pandas.Series [shape=(n_rows,), dtype=str]
        Never empty; not necessarily unique.
    uris : pandas.Series [shape=(n_rows,), dtype=str]
        ``spotify:track:…`` or empty.
    notices : tuple of Notice
        One of kind ``made-id`` when ids were made.
    """
    given, address = _filled(ids), _filled(addresses)
    own, linked = _spotify_ids(given), _spotify_ids(address)
    prefix, nothing = (pa.scalar(text, pa.large_string()) for text in (spotify_uri(""), ""))
    uris = pc.fill_null(pc.binary_join_element_wise(prefix, pc.coalesce(linked, own), nothing), "").to_pandas()
    found: pd.Series = pc.coalesce(own, given, linked, address).to_pandas()
    missing = np.flatnonzero(found.isna())
    if not len(missing):
        return found, uris, ()
    seen: Counter[str] = Counter()
    made: list[str] = []
    texts, firsts = contents(missing)
    for position, (content, first) in enumerate(zip(texts, firsts.tolist(), strict=True)):
        if first < position:
            made.append(made[first])
            continue
        made.append(_made_id(content, seen[content]))
        seen[content] += 1
    found.iloc[missing] = made
    text = f"{counted(seen.total(), 'track')} came without an id and got one made from title, artist and album"
    return found, uris, (Notice("made-id", seen.total(), text),)


def _filled(cells: pd.Series) -> pa.ChunkedArray:
    """Return text as an Arrow array with null for empty text."""
    text = pc.cast(pa.array(cells, from_pandas=True), pa.large_string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)


def _spotify_ids(text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.struct_field(pc.extract_regex(text, SPOTIFY_TRACK), "id")


def _made_id(content: str, occurrence: int) -> str:
    """Return an id that cannot be mistaken for Spotify's 22 letters and digits."""
    digest = blake2b(f"{content}\x1f{occurrence}".encode("utf-8", "replace"), digest_size=_HASH_BYTES)
    return f"{MADE_ID}{digest.hexdigest()}"
