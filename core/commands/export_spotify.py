"""``leitmotif export --to spotify``: a plan, then playlists on Spotify."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.commands.export import chosen
from core.console import console_report, say, say_json
from core.errors import ExportError, OptionError
from core.progress import Report
from core.records import Playlist
from core.spotify.account import open_client
from core.spotify.addresses import playlist_link
from core.spotify.client import Client
from core.spotify.export import cut_off, export, finish
from core.spotify.plan import EDITED, ExportPlan, PlannedPlaylist, Wishes, make_plan
from core.spotify.writing import Outcome
from core.storage import Run, Store, open_store
from core.wording import counted

#: Draws the cover of a playlist: its name, the mean rank of its tracks by feature, and its number, which decides its
#: colour, in; a JPEG out.
DrawCover = Callable[[str, Mapping[str, float], int], bytes]


def wishes_for(*, public: bool, edited: str, covers: bool) -> Wishes:
    """Return what playlists on Spotify are to be like.

    Parameters
    ----------
    public : bool
        Make playlists public.
    edited : str
        What to do with playlists the person has changed: one of `core.spotify.plan.EDITED`.
    covers : bool
        Give playlists covers.

    Raises
    ------
    OptionError
        When `edited` is something else.
    """
    for known in EDITED:
        if edited == known:
            return Wishes(public=public, edited=known, covers=covers)
    raise OptionError(f"--edited takes {', '.join(EDITED)}, not {edited!r}")


def run_export_spotify(
    *,
    run_id: str,
    only: Sequence[str],
    wishes: Wishes,
    covers: DrawCover | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show the plan and carry it out.

    Parameters
    ----------
    run_id : str
        ``"latest"`` or an id.
    only : sequence of str
        Names of the playlists to export; all when empty.
    wishes : Wishes
        What playlists are to be like.
    covers : callable or None
        Draws covers, when playlists are to have some.
    dry_run : bool
        Only show the plan.
    as_json : bool
        Print plan and result as JSON.

    Raises
    ------
    LeitmotifError
        When the run or a playlist is not there, or Spotify does not answer; given again it goes on.
    """
    with open_store() as store, console_report() as report, open_client(store) as client:
        run = store.runs.get(run_id)
        library = store.libraries.load(run.info.library_key)
        playlists = chosen(run, only)
        resumed = _finish(client, store, report, dry_run=dry_run, quiet=as_json)
        plan = make_plan(
            client, store, playlists, library, library_key=run.info.library_key, wishes=wishes, report=report
        )
        if not as_json:
            _show_plan(plan)
        pictures = _drawn(plan, playlists, run, covers, report) if covers and not dry_run else {}
        outcomes = [] if dry_run else export(client, store, plan, covers=pictures, report=report)
        calls = dict(client.calls.by_family)
    if as_json:
        document = {
            "run": run.info.id, "dry_run": dry_run, "account": plan.destination.removeprefix("spotify:"),
            "resumed": resumed, "playlists": _rows(plan, outcomes), "calls": calls,
        }  # fmt: skip
        say_json(json.dumps(document, ensure_ascii=False, indent=2))
        return
    _show_result(outcomes, dry_run=dry_run, calls=sum(calls.values()))


def _drawn(
    plan: ExportPlan, playlists: Sequence[Playlist], run: Run, draw: DrawCover, report: Report
) -> dict[str, bytes]:
    """Return the covers that a plan needs, by lineage."""
    ranks = {int(cluster["id"]): cluster.get("ranks") for cluster in run.document["clusters"]}
    number = {playlist.lineage: playlist.cluster_id for playlist in playlists}
    wanted = [planned for planned in plan.playlists if planned.cover and planned.job is not None]
    drawn = {}
    for done, planned in enumerate(wanted):
        report(done, len(wanted), "Drawing covers")
        lineage = planned.job.lineage if planned.job else ""
        shape = ranks[number[lineage]]
        if shape is None:
            raise ExportError("this run was kept before covers could be drawn", next_step="Analyse again, then export")
        drawn[lineage] = draw(planned.name, shape, number[lineage])
    return drawn


def _finish(client: Client, store: Store, report: Report, *, dry_run: bool, quiet: bool) -> int:
    """Finish exports that were cut off; return how many playlists they had left."""
    batches = cut_off(store)
    if not batches:
        return 0
    if dry_run:
        if not quiet:
            say("An export was cut off; it will be finished first.")
        return 0
    if not quiet:
        say("Finishing the export that was cut off")
    return len(finish(client, store, report=report))


def _show_plan(plan: ExportPlan) -> None:
    for planned in plan.playlists:
        say(planned.line())
        for track in planned.skipped:
            named = " - ".join(part for part in (track.artist, track.title) if part) or track.track_id
            say(f"    left out: {named} ({track.reason})")
    say(f"{counted(plan.writes, 'write')} to Spotify")


def _show_result(outcomes: Sequence[Outcome], *, dry_run: bool, calls: int) -> None:
    for outcome in outcomes:
        if outcome.refused:
            say(f"not written: “{outcome.job.name}”, {outcome.refused}", error=True)
        elif outcome.job.action != "remove":
            say(f"“{outcome.job.name}”: {counted(len(outcome.rows), 'track')}, {playlist_link(outcome.job.remote_id)}")
        if outcome.no_cover:
            say(f"no cover for “{outcome.job.name}”: {outcome.no_cover}", error=True)
    if dry_run:
        say(f"Nothing was written; {counted(calls, 'call')} to look")
    else:
        say(f"{counted(calls, 'call')}. Take it back with: leitmotif spotify undo")


def _rows(plan: ExportPlan, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    by_mark = {(outcome.job.lineage, outcome.job.name): outcome for outcome in outcomes}
    return [_row(planned, by_mark) for planned in plan.playlists]


def _row(planned: PlannedPlaylist, outcomes: dict[tuple[str, str], Outcome]) -> dict[str, Any]:
    job = planned.job
    outcome = outcomes.get((job.lineage, job.name)) if job is not None else None
    remote_id = outcome.job.remote_id if outcome is not None else planned.remote_id
    return {
        "name": planned.name, "action": planned.action, "added": planned.added, "removed": planned.removed,
        "reordered": planned.reordered, "renamed_from": planned.renamed_from, "details": list(planned.details),
        "edited": planned.edited, "kept": planned.kept, "writes": planned.writes,
        "skipped": [asdict(track) for track in planned.skipped], "id": remote_id,
        "url": playlist_link(remote_id) if remote_id else "",
        "refused": outcome.refused if outcome is not None else "", "cover": planned.cover,
        "no_cover": outcome.no_cover if outcome is not None else "",
    }  # fmt: skip
