"""``leitmotif runs``: the kept runs, two of them compared, and names given by hand."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from core.commands.keeping import kept_options, kept_playlists
from core.console import say, say_json
from core.errors import OptionError
from core.playlists import RunComparison, compare_runs
from core.playlists.curation import marked as mark
from core.storage import Run, open_store
from core.wording import counted


def list_runs(*, as_json: bool) -> None:
    """Print the kept runs, the newest first."""
    with open_store() as store:
        runs = store.runs.summaries()
    if as_json:
        rows = [
            {
                "id": run.id, "created_at": _time(run.created_at), "library": run.library_name,
                "source": {"kind": run.source_kind, "path": run.source_path},
                "recipe": run.recipe, "algorithm": run.algorithm, "k": run.k, "tracks": run.tracks,
            }
            for run in runs
        ]  # fmt: skip
        say_json(json.dumps({"runs": rows}, ensure_ascii=False, indent=2))
        return
    if not runs:
        say("No runs are kept yet. Make one with: leitmotif analyze demo:")
    for run in runs:
        say(
            f"{run.id:>5}  {_time(run.created_at)}  {run.library_name}: {counted(run.tracks, 'track')}, "
            f"{counted(run.k, 'playlist')}, recipe {run.recipe}, {run.algorithm}"
        )


def compare(before: str, after: str, *, as_json: bool) -> None:
    """Print what moved from one run to another."""
    with open_store() as store:
        left, right = store.runs.get(before), store.runs.get(after)
    comparison = compared(left, right)
    if as_json:
        document = {"runs": {"before": left.info.id, "after": right.info.id}, **comparison.to_json()}
        say_json(json.dumps(document, ensure_ascii=False, indent=2))
        return
    say(f"run {left.info.id} → run {right.info.id}: {_summary(comparison)}")
    if left.info.library_key != right.info.library_key:
        say(f"they are of different libraries: {left.info.library_name} and {right.info.library_name}")
    for row in comparison.rows():
        mark = "=" if row["same"] else "→"
        old = row["before"] or ("(new)" if row["absent"] else "(in none)")
        new = row["after"] or ("(gone)" if row["absent"] else "(in none)")
        say(f"{row['tracks']:>7,}  {old} {mark} {new}")


def compared(before: Run, after: Run) -> RunComparison:
    """Compare two kept runs; a track in no playlist of a run is told from one that the run never had.

    Parameters
    ----------
    before, after : Run
        The runs.
    """
    return compare_runs(
        kept_playlists(before.options), kept_playlists(after.options),
        tracks_before=_tracks(before), tracks_after=_tracks(after),
    )  # fmt: skip


def _tracks(run: Run) -> frozenset[str] | None:
    """Return the ids of all tracks a run had; None when some could not be analysed, which are not kept with it."""
    source = run.document.get("source", {})
    return frozenset(run.assignments["track_id"]) if source.get("dropped") == {} else None


def _summary(comparison: RunComparison) -> str:
    placed, unplaced = comparison.left_out
    parts = [
        f"{counted(comparison.stayed, 'track')} stayed (=)",
        f"{len(comparison.moved):,} moved (→)",
        f"{len(comparison.added) - placed:,} new",
        f"{len(comparison.gone) - unplaced:,} gone",
        *([f"{placed:,} in no playlist before"] if placed else []),
        *([f"{unplaced:,} in none now"] if unplaced else []),
    ]
    agreement = "" if math.isnan(comparison.agreement) else f"; agreement {comparison.agreement:.2f}"
    return ", ".join(parts) + agreement


def rename(run_id: str, old: str, new: str) -> None:
    """Give a playlist of a kept run a name that stays.

    Raises
    ------
    OptionError
        When the run has no playlist of that name.
    """
    # A control character would be a command to whatever terminal shows the name.
    name = " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in new).split())
    with open_store() as store:
        run = store.runs.get(run_id)
        given = store.edits.names(run.info.library_key)
        lineage = _lineage_of(run, old, given=given)
        # The program gives no name that a person gave, so only two given ones can be the same.
        others = set(run.assignments["lineage"]) - {lineage}
        is_shared = any(given[line].casefold() == name.casefold() for line in others if line in given)
        store.edits.set_name(run.info.library_key, lineage, name)
    if name:
        say(f"“{old}” is called “{name}” from the next run of {run.info.library_name} on")
        if is_shared:
            say(f"note: you gave “{name}” to another playlist, too; the second is “{name} (2)” then", error=True)
    else:
        say(f"“{old}” takes its name from the music again from the next run of {run.info.library_name} on")


def _lineage_of(run: Run, name: str, *, given: Mapping[str, str]) -> str:
    """Return the lineage of the playlist a person means: by its name in the run, or by one given since."""
    of_cluster = dict(zip(run.assignments["cluster_id"], run.assignments["lineage"], strict=True))
    # Of two with the same name the first keeps it, so it is the one that is meant.
    clusters = run.document["clusters"][::-1]
    lineages = {str(entry["name"]): str(of_cluster[int(entry["id"])]) for entry in clusters}
    # Files carry the name with the person's own mark before and after it.
    marked = {playlist.name: playlist.lineage for playlist in kept_playlists(run.options)}
    since = {given[lineage]: lineage for lineage in lineages.values() if lineage in given}
    asked = kept_options(run)
    if asked is not None:
        marked |= {mark(text, asked.playlists): lineage for text, lineage in since.items()}
    names = marked | lineages | since
    if name in names:
        return names[name]
    for text, lineage in names.items():
        if text.casefold() == name.strip().casefold():
            return lineage
    known = ", ".join(f"“{entry['name']}”" for entry in run.document["clusters"])
    raise OptionError(f"run {run.info.id} has no playlist “{name}”", next_step=f"Its playlists: {known}")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
