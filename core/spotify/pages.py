"""Paged answers in the store: what is there is not fetched again, and what was cut off goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.spotify import api
from core.spotify.client import Client
from core.spotify.rows import TrackRow, from_stored, rows_of, total_of
from core.spotify.steps import Steps
from core.storage import Store

LIKED: Final = "liked"
#: Liked songs while they are being read; the complete ones stay readable meanwhile.
LIKED_NEW: Final = "liked.new"
LISTED: Final = "playlists"
TOP: Final = "top"
#: A list that changes while it is read is read again at most this often.
_TRIES: Final = 3


@dataclass(frozen=True)
class Page:
    """A page of rows as it is kept.

    Attributes
    ----------
    rows : list of TrackRow
        Also the odd ones, so that offsets stay true.
    total : int
        Rows of the whole list when the page was read.
    at : float
        When it was read, in seconds since 1970.
    """

    rows: list[TrackRow]
    total: int
    at: float


def load(store: Store, account: str, collection: str, *, tag: str = "") -> list[Page]:
    """Return the stored pages of a list, as far as they follow each other without a gap."""
    pages: list[Page] = []
    offset = 0
    for start, body in store.pages.get(account, collection, tag=tag).items():
        page = _page(body)
        if start != offset or page is None:
            break
        pages.append(page)
        offset += len(page.rows)
    return pages


def put(store: Store, account: str, collection: str, offset: int, page: Page, *, tag: str = "") -> None:
    """Store a page as it arrived, with the time it was read."""
    body = {"rows": [row.stored() for row in page.rows], "total": page.total, "at": page.at}
    store.pages.put(account, collection, offset, body, tag=tag, now=page.at)


def is_complete(pages: Sequence[Page]) -> bool:
    """Return whether pages hold the whole list."""
    return bool(pages) and size(pages) >= pages[-1].total


def size(pages: Sequence[Page]) -> int:
    """Return how many rows pages hold."""
    return sum(len(page.rows) for page in pages)


def read_playlist(client: Client, store: Store, account: str, playlist_id: str, snapshot_id: str) -> list[TrackRow]:
    """Return the rows of a playlist in one state, asking only for what is not stored of that state.

    Parameters
    ----------
    client : Client
        Who asks.
    store : Store
        Where the pages are.
    account, playlist_id, snapshot_id : str
        The playlist and its state; an empty state is always read anew.

    Returns
    -------
    list of TrackRow
        In their order.

    Raises
    ------
    SpotifyError
        When Spotify does not answer; the pages read so far are stored.
    """
    pages = load(store, account, playlist_id, tag=snapshot_id) if snapshot_id else []
    while not is_complete(pages):
        offset = size(pages)
        page = _read(api.items(client, playlist_id, offset))
        put(store, account, playlist_id, offset, page, tag=snapshot_id)
        pages.append(page)
        if not page.rows:
            break
    return [row for page in pages for row in page.rows]


def read_liked(client: Client, store: Store, account: str, steps: Steps) -> None:
    """Bring the stored liked songs up to date with as few calls as possible.

    The list has no mark of its state, but songs are only ever added at its front. So pages are read from the front
    until they meet what is stored; the total tells whether something was removed further back, and then all is read.

    Raises
    ------
    SpotifyError
        When Spotify does not answer; the pages read so far are stored and the next call goes on with them.
    """
    known = [load(store, account, LIKED_NEW), load(store, account, LIKED)]
    for _ in range(_TRIES):
        pages, steady = _read_liked_once(client, store, account, known, steps)
        if steady:
            break
        known = [pages, known[1]]
    with store.together():
        _put_all(store, account, LIKED, pages)
        store.pages.drop(account, LIKED_NEW)


def _read_liked_once(
    client: Client, store: Store, account: str, known: Sequence[Sequence[Page]], steps: Steps
) -> tuple[list[Page], bool]:
    """Return all pages, most of them from what is known where it fits, and whether the list kept still meanwhile."""
    pages: list[Page] = []
    totals: list[int] = []
    while True:
        offset = size(pages)
        steps.at(offset, totals[-1] if totals else 0, "Reading liked songs")
        page = _read(api.liked(client, offset))
        totals.append(page.total)
        pages.append(page)
        joined = next((joined for base in known if (joined := _join(pages, base))), None)
        pages = joined or pages
        if size(pages) >= page.total or not page.rows:
            return [Page(part.rows, page.total, part.at) for part in pages], totals[0] == totals[-1]
        if joined or not offset:
            with store.together():
                _put_all(store, account, LIKED_NEW, pages)
        else:
            put(store, account, LIKED_NEW, offset, page)


def _join(pages: Sequence[Page], base: Sequence[Page]) -> list[Page] | None:
    """Return pages with the rows of `base` behind them where the two overlap; None where they do not."""
    read = [row for page in pages for row in page.rows]
    old = [row for page in base for row in page.rows]
    if not old or not read:
        return None
    added = pages[-1].total - base[-1].total
    overlap = len(read) - added
    if added < 0 or overlap <= 0 or len(old) <= overlap:
        return None
    if [_key(row) for row in read[added:]] != [_key(row) for row in old[:overlap]]:
        return None
    return [*pages, *_without(base, overlap)]


def _without(pages: Sequence[Page], count: int) -> list[Page]:
    """Return pages without their first rows."""
    left: list[Page] = []
    for page in pages:
        taken = min(count, len(page.rows))
        count -= taken
        if page.rows[taken:]:
            left.append(Page(page.rows[taken:], page.total, page.at))
    return left


def _key(row: TrackRow) -> tuple[str, str, str]:
    return row.kind, row.uri, row.added_at


def _put_all(store: Store, account: str, collection: str, pages: Sequence[Page]) -> None:
    store.pages.drop(account, collection)
    offset = 0
    for page in pages:
        put(store, account, collection, offset, page)
        offset += len(page.rows)


def read_once(
    store: Store, account: str, collection: str, read: Callable[[], Mapping[str, Any]], *, tag: str = ""
) -> None:
    """Read a list of one page anew and store it."""
    page = _read(read())
    put(store, account, collection, 0, page, tag=tag)


def _read(answer: Mapping[str, Any]) -> Page:
    return Page(rows_of(answer), total_of(answer), time.time())


def _page(body: object) -> Page | None:
    """Return a stored page; None when it is none of ours."""
    try:
        return Page([from_stored(row) for row in body["rows"]], int(body["total"]), float(body["at"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None
