"""Carrying out a plan, and finishing one that was cut off."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.progress import Report, silent
from core.spotify.client import Client
from core.spotify.cover import as_payload
from core.spotify.jobs import EXPORT, PLAYLIST, UNDO, Job
from core.spotify.messages import missing_permission
from core.spotify.plan import ExportPlan
from core.spotify.steps import Steps
from core.spotify.writing import Outcome, Writer
from core.storage import Store

#: Finished entries of the journal are kept for this long, and so long an export can be taken back.
_KEPT_SECONDS = 90 * 86_400.0


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
        When a picture is no JPEG or too large; nothing was written then.
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
    return begin(client, store, jobs, prefix=EXPORT, report=report) if jobs else []


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
    outcomes: list[Outcome] = []
    for batch in cut_off(store):
        outcomes += _run(client, store, batch, report=report)
    return outcomes


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
    """Note a whole batch in the journal, then do it."""
    batch = f"{prefix}{secrets.token_hex(6)}"
    with store.together():
        for job in jobs:
            store.journal.plan(PLAYLIST, job.stored(), batch=batch)
    return _run(client, store, batch, report=report)


def _run(client: Client, store: Store, batch: str, *, report: Report) -> list[Outcome]:
    steps = Steps(report)
    client.tick = steps.tick
    with store.alone("spotify-export", doing="writing playlists to Spotify"):
        outcomes = Writer(client, store, batch, steps).run()
    if batch.startswith(EXPORT):
        store.journal.clear(before=time.time() - _KEPT_SECONDS)
    return outcomes
