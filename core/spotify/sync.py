"""Reading an account: liked songs, own and shared playlists, top tracks; every page is stored as it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.errors import SpotifyClosed, SpotifyRefused
from core.library import Library, Notice
from core.progress import Report, silent
from core.spotify import api, scopes
from core.spotify.account import CLIENT_KEY, destination
from core.spotify.assembly import Origin, assemble, unavailable_key
from core.spotify.client import WARN_AT, Client
from core.spotify.listing import list_playlists
from core.spotify.messages import missing_permission
from core.spotify.pages import LIKED, LIKED_NEW, LISTED, TOP, load, read_liked, read_once, read_playlist
from core.spotify.rows import Listed
from core.spotify.steps import Steps
from core.storage import Store

#: What the account's library is called on the screen, and how it is opened again.
NAME: Final = "Spotify"
PATH: Final = "spotify:"
_SPANS: Final = ("long_term", "medium_term", "short_term")


@dataclass(frozen=True)
class Synced:
    """What a sync gave.

    Attributes
    ----------
    library : Library
        As it is stored; open it again with ``spotify:``.
    liked : int
        Liked songs.
    playlists : dict of str to int
        How many playlists were ``read``, were ``unchanged``, are ``made here``, are of ``others``, or could be
        ``not read``.
    calls : dict of str to int
        Requests by family of endpoints.
    """

    library: Library
    liked: int
    playlists: dict[str, int]
    calls: dict[str, int]


@dataclass
class _Counts:
    playlists: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("read", "unchanged", "made here", "others", "not read"), 0)
    )


def sync(client: Client, store: Store, *, top: bool = False, report: Report = silent) -> Synced:
    """Read the account; go on where an earlier sync stopped, and fetch nothing that has not changed.

    Parameters
    ----------
    client : Client
        Of the connected account.
    store : Store
        Where pages and the library are kept.
    top : bool, default False
        Read the top tracks as well.
    report : Report
        Told about every page and every wait; may raise `core.progress.Cancelled`.

    Returns
    -------
    Synced
        The library and what it took.

    Raises
    ------
    SpotifyError
        When Spotify does not answer, asks for a long pause, or the sign-in lacks a permission. What was read is
        kept, can be opened as ``spotify:``, and the next sync goes on there.
    """
    account = client.access.grant.account_id
    if top and (missing := scopes.OPTIONAL["top"] - set(client.access.grant.scopes)):
        raise missing_permission(missing)
    steps, counts = Steps(report), _Counts()
    client.tick = steps.tick
    with store.alone("spotify-sync", doing="reading the Spotify account"):
        connected = bool(store.state.get(CLIENT_KEY))
        try:
            _read_all(client, store, account, steps, counts, top=top)
        except BaseException:
            # Whoever disconnected in another window wants nothing kept any more.
            if not connected or store.state.get(CLIENT_KEY):
                _keep(store, account, complete=False)
            raise
        library = _keep(store, account, complete=True)
    return Synced(
        library.with_notices(_near_limit(store)),
        sum(len(page.rows) for page in load(store, account, LIKED)),
        counts.playlists,
        dict(client.calls.by_family),
    )


def _read_all(client: Client, store: Store, account: str, steps: Steps, counts: _Counts, *, top: bool) -> None:
    read_liked(client, store, account, steps)
    listed = list_playlists(client, steps)
    ours = {exported.remote_id for exported in store.exports.at(destination(account))}
    wanted = _wanted(listed, ours, client.access.grant.user_id, counts)
    _keep_list(store, account, wanted)
    tags = store.pages.tags(account)
    for gone in set(tags) - {playlist.id for playlist in wanted} - {LIKED, LISTED}:
        if "." not in gone:  # ids have none, what else is kept does
            store.pages.drop(account, gone)
    for done, playlist in enumerate(wanted):
        steps.at(done, len(wanted), "Reading playlists")
        counts.playlists[_read_one(client, store, account, playlist)] += 1
    if top:
        for span in _SPANS:
            steps.at(0, 0, "Reading top tracks")
            read_once(store, account, f"{TOP}.{span}", lambda span=span: api.top(client, span))  # type: ignore[misc]


def _wanted(listed: Sequence[Listed], ours: set[str], user_id: str, counts: _Counts) -> list[Listed]:
    """Return the playlists to read: the person's own and shared ones, without those this program made."""
    wanted = []
    for playlist in listed:
        if playlist.id in ours:
            counts.playlists["made here"] += 1
        elif playlist.owner != user_id and not playlist.collaborative:
            counts.playlists["others"] += 1
        else:
            wanted.append(playlist)
    return wanted


def _read_one(client: Client, store: Store, account: str, playlist: Listed) -> str:
    """Read a playlist and return what to count it as."""
    if playlist.total == 0:
        return "unchanged"
    before = client.calls.total
    try:
        read_playlist(client, store, account, playlist.id, playlist.snapshot_id)
    except (SpotifyRefused, SpotifyClosed) as error:
        if isinstance(error, SpotifyClosed) and error.everything:
            raise
        # Spotify lists some playlists that it does not let anyone read.
        return "not read"
    return "read" if client.calls.total > before else "unchanged"


def _keep_list(store: Store, account: str, wanted: Sequence[Listed]) -> None:
    store.pages.put(account, LISTED, 0, [playlist.stored() for playlist in wanted])


def _keep(store: Store, account: str, *, complete: bool) -> Library:
    """Build the library from the stored pages and store it; an account without any tracks is stored as well."""
    liked = load(store, account, LIKED) or load(store, account, LIKED_NEW)
    origins = [Origin("Liked songs", tuple(liked))]
    for values in store.pages.get(account, LISTED).get(0, []):
        listed = Listed(*values)
        origins.append(Origin(listed.name, tuple(load(store, account, listed.id, tag=listed.snapshot_id))))
    origins += [Origin("Top tracks", tuple(load(store, account, f"{TOP}.{span}"))) for span in _SPANS]
    built = assemble(origins, path=PATH, complete=complete)
    store.libraries.save(built.library, name=NAME)
    store.state.set(unavailable_key(account), built.unavailable, from_spotify=True)
    return built.library


def _near_limit(store: Store) -> list[Notice]:
    return [
        Notice("quota", count, f"{count:,} calls of {family} in 24 hours: Spotify may soon close them for a day")
        for family, count in store.quota.used().items()
        if count >= WARN_AT
    ]
