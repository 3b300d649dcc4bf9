"""What the network worker does with a Spotify account. Nothing here knows Qt.

Each function opens the store for itself, because a database connection belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.errors import SignInNeeded
from core.progress import Report
from desktop.jobs import Place, go_on, open_stored
from desktop.shown import Shown

if TYPE_CHECKING:
    from core.spotify.account import Account, Status
    from core.spotify.plan import ExportPlan, Wishes
    from core.spotify.undo import Undone
    from core.spotify.writing import Outcome
    from core.storage import Dropped


@dataclass(frozen=True, eq=False)
class Planned:
    """What an export to Spotify would do.

    Attributes
    ----------
    plan : ExportPlan or None
        None while an export that was cut off has to be finished first.
    can_undo : bool
        Whether there is an export to take back.
    covers : mapping of str to bytes
        The covers that are planned, as JPEG, by lineage.
    """

    plan: ExportPlan | None
    can_undo: bool
    covers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Written:
    """What came of writing to Spotify.

    Attributes
    ----------
    outcomes : list of Outcome
        The playlists that were written, removed or restored.
    left : list of str
        Names of playlists that were to be taken back but stay, because the person added tracks to them.
    calls : int
        Requests it took.
    """

    outcomes: list[Outcome]
    left: list[str] = field(default_factory=list)
    calls: int = 0


def from_account(place: Place) -> bool:
    """Return whether a library, or some of it, was read from a Spotify account."""
    from core.storage import SPOTIFY_KIND

    return place.library.kind == SPOTIFY_KIND or f"{SPOTIFY_KIND}:" in place.library.path


def known_account() -> Status | None:
    """Return what is known of the connected account without asking Spotify; None when there is none."""
    from core.resources import data_folder
    from core.spotify.account import status
    from core.storage import open_store

    if not data_folder().is_dir():
        return None
    with open_store() as store:
        try:
            return status(store)
        except SignInNeeded:
            return None


def client_id() -> str:
    """Return the Client ID that was used last; empty when none was."""
    from core.resources import data_folder
    from core.spotify.account import CLIENT_KEY
    from core.storage import open_store

    if not data_folder().is_dir():
        return ""
    with open_store() as store:
        return str(store.state.get(CLIENT_KEY, ""))


def connect(app: str, allow: Collection[str], show: Callable[[str], object], report: Report) -> tuple[Account, Status]:
    """Let a person sign in.

    Raises
    ------
    LeitmotifError
        When it did not work; what was connected before stays.
    """
    from core.spotify import account
    from core.storage import open_store

    with open_store() as store:
        connected = account.connect(store, app, show=show, report=report, allow=allow)
        return connected, account.status(store)


def disconnect() -> Dropped:
    """Remove the sign-in and everything that came from Spotify."""
    from core.spotify import account
    from core.storage import open_store

    with open_store() as store:
        return account.disconnect(store)


def sync(top: bool, report: Report) -> Place:
    """Read the account and open its library.

    Raises
    ------
    SpotifyError
        When Spotify does not answer; what was read is kept, and the next time it goes on there.
    """
    from core.sources.spotify_account import SCHEME
    from core.spotify.account import open_client
    from core.spotify.sync import sync as read
    from core.storage import SPOTIFY_KIND, library_key, open_store

    with open_store() as store, open_client(store) as client:
        synced = read(client, store, top=top, report=report)
    place = open_stored(library_key(SPOTIFY_KIND, SCHEME), report)
    return replace(place, library=place.library.with_notices(synced.library.notices))


def make_plan(place: Place, shown: Shown, wishes: Wishes, report: Report) -> Planned:
    """Work out what exporting every playlist would do, and draw the covers; nothing is written.

    Raises
    ------
    SpotifyError
        When Spotify does not answer.
    """
    from core.spotify import plan
    from core.spotify.account import open_client
    from core.spotify.export import cut_off
    from core.spotify.undo import can_undo
    from core.storage import open_store

    analysis = shown.analysis
    with open_store() as store, open_client(store) as client:
        if cut_off(store):
            return Planned(None, can_undo(store))
        go_on(store, place)
        made = plan.make_plan(
            client, store, analysis.curated.playlists, analysis.library, library_key=place.key, wishes=wishes,
            report=report,
        )  # fmt: skip
        return Planned(made, can_undo(store), _covers(made, shown, report))


def export(plan: ExportPlan, covers: Mapping[str, bytes], report: Report) -> Written:
    """Carry a plan out.

    Raises
    ------
    SpotifyError
        When Spotify does not answer; `finish` goes on there.
    """
    from core.spotify.account import open_client
    from core.spotify.export import export as write
    from core.storage import open_store

    with open_store() as store, open_client(store) as client:
        outcomes = write(client, store, plan, covers=covers, report=report)
        return Written(outcomes, calls=client.calls.total)


def finish(report: Report) -> Written:
    """Finish an export, or one being taken back, that was cut off.

    Raises
    ------
    SpotifyError
        When Spotify does not answer; it can be finished later.
    """
    from core.spotify.account import open_client
    from core.spotify.export import finish as go_on
    from core.storage import open_store

    with open_store() as store, open_client(store) as client:
        outcomes = go_on(client, store, report=report)
        return Written(outcomes, calls=client.calls.total)


def undo(report: Report) -> Written:
    """Take the last export back.

    Raises
    ------
    LeitmotifError
        When there is nothing to take back, or Spotify does not answer.
    """
    from core.spotify.account import open_client
    from core.spotify.undo import undo as take_back
    from core.storage import open_store

    with open_store() as store, open_client(store) as client:
        undone: Undone = take_back(client, store, report=report)
        return Written(undone.outcomes, [job.name for job in undone.left], client.calls.total)


def _covers(plan: ExportPlan, drawn: Shown, report: Report) -> dict[str, bytes]:
    """Return the covers that are planned, by lineage."""
    from desktop.plots.cover import color_of, covers_of

    wanted = {planned.job.lineage for planned in plan.playlists if planned.cover and planned.job is not None}
    colors = {group.lineage: color_of(group.number) for group in drawn.groups if group.lineage in wanted}
    return covers_of(drawn.analysis, colors, report=report)
