"""Taking the last export back: created playlists leave the library, updated ones get their old content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import ExportError
from core.progress import Report, silent
from core.spotify.client import Client
from core.spotify.description import mark_in
from core.spotify.export import alone, begin, cut_off, go_on
from core.spotify.jobs import EXPORT, PLAYLIST, UNDO, WRITE, Job, read_job
from core.spotify.listing import settled_list, still_there
from core.spotify.messages import missing_permission
from core.spotify.rows import Listed
from core.spotify.steps import Steps
from core.spotify.writing import Outcome, made_rows, read_uris
from core.storage import Entry, Store


@dataclass(frozen=True)
class Undone:
    """What became of taking an export back.

    Attributes
    ----------
    outcomes : list of Outcome
        Playlists removed or restored.
    left : list of Job
        Playlists that were created but stay, because the person has added tracks to them since.
    """

    outcomes: list[Outcome]
    left: list[Job]


def undo(client: Client, store: Store, *, report: Report = silent) -> Undone:
    """Take the last export back, or finish taking it back where that was cut off.

    An export that was cut off is taken back as far as it came. Tracks the person added since stay; a created
    playlist that has some is left in the library. A picture set for a playlist that had one of Spotify's own making
    stays, because Spotify has no way to take a picture away.

    Parameters
    ----------
    client : Client
        Of the connected account.
    store : Store
        Where the journal is.
    report : Report
        Told about every step; may raise `core.progress.Cancelled`.

    Returns
    -------
    Undone
        What was done.

    Raises
    ------
    ExportError
        When there is no export to take back, or it was taken back already.
    PermissionMissing
        When the sign-in does not allow it; nothing was written then.
    SpotifyError, StorageError
        As in `core.spotify.export.export`.
    """
    with alone(store):
        if any(batch.startswith(UNDO) for batch in cut_off(store)):
            return Undone(go_on(client, store, report=report), [])
        return _undo_last(client, store, report)


def _undo_last(client: Client, store: Store, report: Report) -> Undone:
    batch, entries = _last_export(store)
    steps = Steps(report)
    client.tick = steps.tick
    steps.at(0, 0, "Looking at the playlists on Spotify")
    listed, unsure = settled_list(client, store, steps)
    jobs, left = [], []
    for entry in entries:
        job = _as_done(store, entry, listed)
        if job.action == "remove" or not job.remote_id:
            continue
        seen = listed.get(job.remote_id) or still_there(client, job.remote_id)
        if seen is None:
            continue
        if job.action == "create" and _additions(client, store, seen, job):
            left.append(job)
        else:
            jobs.append(replace(_reverse(job, seen, batch), unsure=seen.id in unsure))
    needed: frozenset[str] = frozenset().union(*(job.needs for job in jobs))
    if missing := needed - set(client.access.grant.scopes):
        raise missing_permission(missing)
    _close(store, batch)
    if not jobs:
        store.journal.fail(store.journal.plan(PLAYLIST, _marker(entries, batch), batch=f"{UNDO}{batch}"))
        return Undone([], left)
    return Undone(begin(client, store, jobs, prefix=UNDO, report=report), left)


def can_undo(store: Store) -> bool:
    """Return whether there is an export that `undo` can take back."""
    try:
        _last_export(store)
    except ExportError:
        return False
    return not any(entry.batch.startswith(UNDO) for entry in store.journal.open_entries())


def _last_export(store: Store) -> tuple[str, list[Entry]]:
    """Return the last export and its playlists."""
    entries = [entry for entry in store.journal.entries(kind=PLAYLIST) if entry.batch.startswith((EXPORT, UNDO))]
    exports = [entry for entry in entries if entry.batch.startswith(EXPORT)]
    if not exports:
        raise ExportError("nothing has been exported to Spotify from here", next_step="Export first")
    batch = exports[-1].batch
    if any(entry.payload["undoes"] == batch for entry in entries):
        raise ExportError("the last export has been taken back already", next_step="Export again to undo the undoing")
    return batch, [entry for entry in exports if entry.batch == batch]


def _as_done(store: Store, entry: Entry, listed: dict[str, Listed]) -> Job:
    """Return a job with the id of what it made, also when the answer to its creation was lost."""
    job = read_job(entry.payload)
    if job.remote_id or job.action != "create":
        return job
    made = [
        write.answer["id"]
        for write in store.journal.entries(batch=entry.batch, kind=WRITE)
        if write.payload["job"] == entry.id and write.state == "confirmed" and "id" in write.answer
    ]
    if not made:
        made = [other.id for other in listed.values() if mark_in(other.description) == job.mark]
    return replace(job, remote_id=str(made[0])) if made else job


def _additions(client: Client, store: Store, seen: Listed, job: Job) -> list[str]:
    """Return what the person has added to a playlist since it was created."""
    rows = made_rows(store, client.access.grant.account_id, seen.id, seen.snapshot_id)
    if rows is None:
        rows = read_uris(client, seen.id)
    return [uri for uri in rows if uri not in set(job.target)]


def _reverse(job: Job, seen: Listed, batch: str) -> Job:
    """Return the job that takes a job back."""
    if job.action == "create":
        return replace(job, action="remove", undoes=batch)
    before = job.before
    shown = {"name": seen.name, "description": seen.description, "public": seen.public}
    old = {"name": before.name, "description": before.description, "public": before.public}
    changed = {name for name in job.details if shown[name] == job.details[name] and old[name] != shown[name]}
    return replace(
        job,
        name=before.name if "name" in changed else seen.name,
        public=bool(old["public"] if "public" in changed else seen.public),
        details={name: old[name] for name in changed},
        target=list(before.rows),
        base=[*job.base, *job.target],
        keep=True,
        undoes=batch,
        picture=before.picture if job.picture and "name" in changed else "",
    )


def _close(store: Store, batch: str) -> None:
    """Give up what is left of an export that was cut off: it is taken back instead."""
    with store.together():
        for entry in store.journal.open_entries(batch=batch):
            store.journal.fail(entry.id, {"taken_back": True})


def _marker(entries: Sequence[Entry], batch: str) -> dict[str, object]:
    """Return an entry that says the export was taken back, although there was nothing left to do."""
    return {**entries[0].payload, "undoes": batch}
