"""Carrying out a plan, and finishing one that was cut off."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace

from core.errors import ExportError
from core.progress import Report, silent
from core.spotify.account import destination
from core.spotify.client import Client
from core.spotify.cover import as_payload
from core.spotify.jobs import EXPORT, PLAYLIST, UNDO, Job
from core.spotify.messages import missing_permission
from core.spotify.plan import ExportPlan
from core.spotify.steps import Steps
from core.spotify.writing import Outcome, Writer
from core.storage import Store


def export(
    client: Client,
    store: Store,
    plan: ExportPlan,
    *,
    covers: Mapping[str, bytes] | None = None,
    report: Report = silent,
) -> list[Outcome]:
    """Carry a plan out.

    Parameters
    ----------
    client : Client
        Of the connected account.
    store : Store
        Where the journal is.
    plan : ExportPlan
        What to do.
    covers : mapping of str to bytes, optional
        JPEG pictures by lineage, for the playlists that the plan gives a cover. Drawn by the caller.
    report : Report
        Told about every step; may raise `core.progress.Cancelled`. What was begun is finished or taken back later.

    Returns
    -------
    list of Outcome
        One for each playlist that was written.

    Raises
    ------
    PermissionMissing
        When the sign-in does not allow it; nothing was written then.
    SpotifyError
        When Spotify does not answer or asks for a long pause. `finish` goes on there, also after the program was
        killed.
    ExportError
        When a picture is no JPEG or too large, or the plan is out of date because another window exported since or
        an export was cut off; nothing was written then.
    StorageError
        When another window is writing playlists.
    """
    pictures = {lineage: as_payload(jpeg) for lineage, jpeg in (covers or {}).items()}
    missing = plan.needs - set(client.access.grant.scopes)
    if missing:
        raise missing_permission(missing)
    jobs = [
        replace(planned.job, picture=pictures.get(planned.job.lineage, "") if planned.cover else "")
        for planned in plan.playlists
        if planned.job is not None
    ]
    if not jobs:
        return []
    with alone(store):
        _check_current(client, store, plan)
        return begin(client, store, jobs, prefix=EXPORT, report=report)


def finish(client: Client, store: Store, *, report: Report = silent) -> list[Outcome]:
    """Finish exports, and exports being taken back, that were cut off.

    Returns
    -------
    list of Outcome
        Empty when nothing was cut off.

    Raises
    ------
    SpotifyError, StorageError
        As in `export`.
    """
    if not cut_off(store):
        return []
    with alone(store):
        return go_on(client, store, report=report)


def go_on(client: Client, store: Store, *, report: Report) -> list[Outcome]:
    """Finish what was cut off, as `finish` does, for a caller that is `alone`."""
    return [outcome for batch in cut_off(store) for outcome in _run(client, store, batch, report=report)]


def alone(store: Store) -> AbstractContextManager[None]:
    """Keep all other windows from writing playlists while a block runs; see `core.storage.Store.alone`."""
    return store.alone("spotify-export", doing="writing playlists to Spotify")


def _check_current(client: Client, store: Store, plan: ExportPlan) -> None:
    """Make sure that a plan was made for what is there now: it may have been looked at for hours."""
    if plan.destination != destination(client.access.grant.account_id):
        raise ExportError("this plan was made for another Spotify account", next_step="Make the plan again")
    if cut_off(store):
        raise ExportError("an export was cut off since this plan was made", next_step="Export again: it goes on first")
    for job in plan.jobs:
        known = store.exports.by_lineage(job.destination, job.lineage, library_key=job.library_key)
        if (asdict(known) if known is not None else None) != job.before.exported:
            raise ExportError(
                f"“{job.name}” has been exported by another window since this plan was made",
                next_step="Make the plan again",
            )


def cut_off(store: Store) -> list[str]:
    """Return the batches that were cut off, in their order."""
    entries = store.journal.open_entries()
    return list(dict.fromkeys(e.batch for e in entries if e.kind == PLAYLIST and e.batch.startswith((EXPORT, UNDO))))


def begin(
    client: Client,
    store: Store,
    jobs: Sequence[Job],
    *,
    prefix: str,
    report: Report = silent,
) -> list[Outcome]:
    """Note a whole batch in the journal, then do it, for a caller that is `alone`."""
    batch = f"{prefix}{secrets.token_hex(6)}"
    with store.together():
        for job in jobs:
            store.journal.plan(PLAYLIST, job.stored(), batch=batch)
    return _run(client, store, batch, report=report)


def _run(client: Client, store: Store, batch: str, *, report: Report) -> list[Outcome]:
    steps = Steps(report)
    client.tick = steps.tick
    return Writer(client, store, batch, steps).run()
