"""The connected account: connecting, what is known of it, and disconnecting with everything that came from it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from core.errors import SpotifyError
from core.progress import Report
from core.spotify import api, scopes
from core.spotify.addresses import api_url
from core.spotify.auth import Access, sign_in
from core.spotify.client import PAUSE_KEY, WARN_AT, Client
from core.spotify.loopback import WAIT_SECONDS
from core.spotify.messages import still_in_keyring
from core.spotify.queue import PACE
from core.spotify.tokens import SIGN_IN_SECONDS, Grant, Vault, vault
from core.storage import Dropped, Store
from core.turns import Pace, Tick

#: The Client ID, so that it need be given only once. It is the person's own and no secret.
CLIENT_KEY: Final = "spotify.client_id"
_NAME_KEY: Final = "spotify.display_name"


@dataclass(frozen=True)
class Account:
    """A connected account.

    Attributes
    ----------
    account_id, user_id, name : str
        What data is kept under, what playlists name as owner, and what the person is called, possibly empty.
    client_id : str
        The app.
    scopes : tuple of str
        What the sign-in allows.
    ends_at : float
        When Spotify ends the sign-in, in seconds since 1970.
    remembered : bool
        Whether the system keyring holds it; else it ends with this program.
    dropped : Dropped or None
        What was dropped because another account was connected before.
    """

    account_id: str
    user_id: str
    name: str
    client_id: str
    scopes: tuple[str, ...]
    ends_at: float
    remembered: bool
    dropped: Dropped | None = None

    @property
    def destination(self) -> str:
        """What exported playlists are remembered under."""
        return destination(self.account_id)


@dataclass(frozen=True)
class Status:
    """What is known without asking Spotify.

    Attributes
    ----------
    account : Account
        The connected account.
    calls : dict of str to int
        Requests of the last 24 hours by family of endpoints.
    near_limit : tuple of str
        Families with so many calls that Spotify may soon close them for a day.
    pause_until : float
        When Spotify will answer again, in seconds since 1970; 0 when it has not asked for a pause.
    """

    account: Account
    calls: dict[str, int]
    near_limit: tuple[str, ...]
    pause_until: float


def destination(account_id: str) -> str:
    """Return what exported playlists of an account are remembered under."""
    return f"spotify:{account_id}"


def open_client(store: Store, *, tick: Tick | None = None, pace: Pace = PACE, tokens: Vault = vault) -> Client:
    """Return a client for the connected account.

    Raises
    ------
    SignInNeeded
        When no account is connected.
    """
    access = Access(tokens, store)
    access.grant  # noqa: B018 - refuses early when nobody is connected
    client = Client(access, store=store, pace=pace)
    if tick is not None:
        client.tick = tick
    return client


def connect(
    store: Store,
    client_id: str,
    *,
    show: Callable[[str], object],
    report: Report,
    allow: Collection[str] = (),
    read_only: bool = False,
    port: int = 0,
    seconds: float = WAIT_SECONDS,
    pace: Pace = PACE,
    tokens: Vault = vault,
) -> Account:
    """Connect an account, in place of one that was connected before.

    Parameters
    ----------
    store : Store
        Where the Client ID is remembered.
    client_id : str
        The person's own app; the remembered one when empty.
    show : callable
        Opens an address in the browser, or shows it.
    report : Report
        Called while waiting; may raise `core.progress.Cancelled`.
    allow : collection of str
        Names of optional permissions, see `core.spotify.scopes.OPTIONAL`.
    read_only : bool, default False
        Ask for reading only; writing is asked for when it is needed.
    port : int, default 0
        Port for the browser to come back to; 0 takes a free one.
    seconds : float
        How long to wait for the browser.
    pace : Pace
        See `core.spotify.client.Client`.
    tokens : Vault
        Where the sign-in is kept.

    Returns
    -------
    Account
        Connected and tried out.

    Raises
    ------
    SpotifyError
        When the person refuses, the browser does not come back, or Spotify does not answer this person. What was
        connected before stays.
    OptionError
        When the Client ID or the port cannot be used.
    """
    api_url()  # refuses early what could not be asked after the person has signed in
    before = tokens.load()
    app = client_id or str(store.state.get(CLIENT_KEY, "")) or (before.client_id if before else "")
    wanted = set(scopes.READ) | (set() if read_only else set(scopes.WRITE))
    for name in allow:
        wanted |= scopes.OPTIONAL[name]
    if before is not None and before.client_id == app:
        wanted |= set(before.scopes)  # a new consent replaces the old one
    fresh = sign_in(app, wanted, show=show, report=report, port=port, seconds=seconds)
    trial = Vault(keep=False)
    trial.save(fresh)

    def tick(words: str) -> None:
        report(0, 0, words or "Asking for your account")

    with Client(Access(trial, store), store=store, tick=tick, pace=pace) as client:
        person = api.me(client)
    grant = _with_account(trial.require(), person)
    dropped = None
    if before is not None and before.account_id != grant.account_id:
        dropped = store.drop_spotify_data()
    remembered = tokens.save(grant)
    store.state.set(CLIENT_KEY, app)
    store.state.set(_NAME_KEY, str(person.get("display_name") or ""), from_spotify=True)
    return replace(_account(grant, store, remembered=remembered), dropped=dropped)


def account(store: Store, *, tokens: Vault = vault) -> Account:
    """Return the connected account without asking Spotify.

    Raises
    ------
    SignInNeeded
        When there is none.
    """
    return _account(tokens.require(), store, remembered=tokens.remembered)


def status(store: Store, *, tokens: Vault = vault) -> Status:
    """Return what is known of the account without asking Spotify.

    Raises
    ------
    SignInNeeded
        When there is none.
    """
    used = store.quota.used()
    near = tuple(family for family, count in used.items() if count >= WARN_AT)
    return Status(account(store, tokens=tokens), used, near, float(store.state.get(PAUSE_KEY, 0.0)))


def disconnect(store: Store, *, tokens: Vault = vault) -> Dropped:
    """Remove the sign-in and everything that came from Spotify. Files that were exported stay.

    Returns
    -------
    Dropped
        What was removed from the store.

    Raises
    ------
    SpotifyError
        When the system keyring does not let the sign-in be removed; all else is removed then.
    """
    gone = tokens.forget()
    store.state.remove(CLIENT_KEY)
    dropped = store.drop_spotify_data()
    if not gone:
        raise still_in_keyring()
    return dropped


def _with_account(grant: Grant, person: dict[str, Any]) -> Grant:
    """Return the grant with the account it belongs to."""
    user_id = str(person.get("id") or "")
    # Older answers lack the account's own id; the user's name of old is as stable.
    account_id = str(person.get("account_id") or user_id)
    if not account_id:
        raise SpotifyError("Spotify did not say whose account this is", next_step="Try again later")
    return replace(grant, account_id=account_id, user_id=user_id)


def _account(grant: Grant, store: Store, *, remembered: bool) -> Account:
    return Account(
        account_id=grant.account_id,
        user_id=grant.user_id,
        name=str(store.state.get(_NAME_KEY, "")),
        client_id=grant.client_id,
        scopes=grant.scopes,
        ends_at=grant.authorised_at + SIGN_IN_SECONDS,
        remembered=remembered,
    )
