"""``leitmotif spotify``: connect, status, sync, undo and disconnect."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Callable, Sequence

from core.console import console_report, say, say_json, say_notices
from core.errors import OptionError
from core.spotify import scopes
from core.spotify.account import Account, connect, disconnect, open_client, status
from core.spotify.addresses import APPS_PAGE, RECOVER_PAGE
from core.spotify.messages import PRIVACY_NOTE, local_time
from core.spotify.sync import sync
from core.spotify.tokens import keyring_state
from core.spotify.undo import undo
from core.storage import Dropped, open_store
from core.wording import counted


def check_allowed(allow: Sequence[str]) -> None:
    """Refuse permissions that there are not.

    Raises
    ------
    OptionError
        When one is none of `core.spotify.scopes.OPTIONAL`.
    """
    unknown = [name for name in allow if name not in scopes.OPTIONAL]
    if unknown:
        raise OptionError(f"--allow takes {', '.join(scopes.OPTIONAL)}, not {unknown[0]!r}")


def run_connect(
    client_id: str, *, port: int, browser: bool, allow: Sequence[str], read_only: bool, seconds: float
) -> None:
    """Connect an account and say what it allows.

    Raises
    ------
    LeitmotifError
        When it could not be connected; another attempt is always possible.
    """
    with open_store() as store, console_report() as report:
        connected = connect(
            store, client_id, show=_shower(browser), report=report, allow=allow, read_only=read_only, port=port,
            seconds=seconds,
        )  # fmt: skip
    say(f"Connected: {_who(connected)}")
    say(f"It allows Leitmotif {scopes.in_words(connected.scopes)}.")
    if not connected.remembered:
        why = "has no keyring" if keyring_state() == "missing" else "has a keyring that does not keep it"
        say(f"This system {why}, so the sign-in is kept for this session only: it ends with this program.")
    if connected.dropped is not None:
        say("Another account was connected before; everything that came from it was removed.")
    for sentence in PRIVACY_NOTE:
        say(sentence)


def run_status(*, as_json: bool) -> None:
    """Say what is connected, how many calls were made, and what happens next."""
    with open_store() as store:
        known = status(store)
    account = known.account
    if as_json:
        document = {
            "account": account.account_id, "name": account.name, "client_id": account.client_id,
            "allows": list(account.scopes), "ends_at": local_time(account.ends_at), "remembered": account.remembered,
            "calls_24h": known.calls,
            "pause_until": local_time(known.pause_until) if known.pause_until else None,
        }  # fmt: skip
        say_json(json.dumps(document, ensure_ascii=False, indent=2))
        return
    say(f"Connected: {_who(account)}")
    say(f"Spotify ends this sign-in on {local_time(account.ends_at)}; then connect again.")
    say(f"It allows Leitmotif {scopes.in_words(account.scopes)}.")
    calls = ", ".join(f"{family} {count:,}" for family, count in known.calls.items())
    say(f"Calls in the last 24 hours: {calls or 'none'}")
    for family in known.near_limit:
        say(f"note: with so many calls of {family}, Spotify may soon close them for a day", error=True)
    if known.pause_until:
        say(f"Spotify asked to be left alone until {local_time(known.pause_until)}.")


def run_sync(*, top: bool, as_json: bool) -> None:
    """Read the account and say what there is.

    Raises
    ------
    LeitmotifError
        When Spotify does not answer; what was read is kept and the next sync goes on there.
    """
    with open_store() as store, console_report() as report:
        with open_client(store) as client:
            synced = sync(client, store, top=top, report=report)
        notices = (*store.notices, *synced.library.notices)
    if as_json:
        document = {
            "tracks": len(synced.library), "liked": synced.liked, "playlists": synced.playlists,
            "calls": synced.calls,
            "notices": [{"kind": n.kind, "count": n.count, "text": n.text} for n in notices],
        }  # fmt: skip
        say_json(json.dumps(document, ensure_ascii=False, indent=2))
        return
    say_notices(notices)
    counts = synced.playlists
    say(
        f"{counted(len(synced.library), 'track')}: {counted(synced.liked, 'liked song')} and playlists: "
        f"{counts['read']:,} read, {counts['unchanged']:,} unchanged, {counts['made here']:,} made here, "
        f"{counts['others']:,} of others, {counts['not read']:,} closed by Spotify"
    )
    say(f"{counted(sum(synced.calls.values()), 'call')}. Analyse it with: leitmotif analyze spotify:")


def run_undo(*, as_json: bool) -> None:
    """Take the last export back and say what became of it.

    Raises
    ------
    LeitmotifError
        When there is nothing to take back, or Spotify does not answer; then it goes on when given again.
    """
    with open_store() as store, console_report() as report, open_client(store) as client:
        undone = undo(client, store, report=report)
        calls = client.calls.total
    removed = [outcome.job.name for outcome in undone.outcomes if outcome.job.action == "remove"]
    restored = [outcome.job.name for outcome in undone.outcomes if outcome.job.action == "update"]
    left = [job.name for job in undone.left]
    if as_json:
        document = {"removed": removed, "restored": restored, "left": left, "calls": calls}
        say_json(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for name in removed:
        say(f"removed “{name}” from your library")
    for name in restored:
        say(f"restored “{name}”")
    for name in left:
        say(f"left “{name}” in your library, because you have added tracks to it")
    say(f"The last export is taken back ({counted(calls, 'call')}). Spotify keeps removed playlists at {RECOVER_PAGE}")


def run_disconnect() -> None:
    """Remove the sign-in and Spotify's data, and say where to take the permission back."""
    with open_store() as store:
        dropped = disconnect(store)
    say(f"Disconnected. Removed from this computer: the sign-in, {_what(dropped)}.")
    say("Playlists on Spotify stay as they are; files you exported stay too.")
    say(f"Take the permission back on Spotify's side at {APPS_PAGE}")


def _shower(browser: bool) -> Callable[[str], object]:
    """Return what opens an address, or prints it where there is no browser."""

    def show(address: str) -> None:
        if not browser or not webbrowser.open(address):
            say("Open this address in your browser:")
            say(address)

    return show


def _who(account: Account) -> str:
    return account.name or account.user_id or account.account_id


def _what(dropped: Dropped) -> str:
    counts = {
        "tracks": dropped.tracks, "pages of answers": dropped.pages, "kept runs": dropped.runs,
        "remembered playlists": dropped.playlists,
    }  # fmt: skip
    return ", ".join(f"{count:,} {noun}" for noun, count in counts.items())
