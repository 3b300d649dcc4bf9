"""``leitmotif export``: the playlists of a kept run as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.commands.keeping import kept_playlists
from core.console import console_report, say, say_json
from core.errors import OptionError
from core.exporters import ExportResult, export_playlists
from core.records import Playlist
from core.storage import Run, open_store
from core.wording import counted


def run_export(
    destination: str, *, run_id: str, only: Sequence[str], folder: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Write the playlists of a kept run.

    Parameters
    ----------
    destination : str
        A file format.
    run_id : str
        ``"latest"`` or an id.
    only : sequence of str
        Names of the playlists to write; all when empty.
    folder : Path or None
        Where; a folder named for the run in the current one by default.
    dry_run : bool
        Only say what would be written.
    as_json : bool
        Print the result as JSON.

    Raises
    ------
    LeitmotifError
        When the run, a playlist or the folder is not there.
    """
    with open_store() as store, console_report() as report:
        run = store.runs.get(run_id)
        library = store.libraries.load(run.info.library_key)
        playlists = chosen(run, only)
        target = folder or Path(f"leitmotif-run-{run.info.id}")
        results = export_playlists(
            playlists, library, folder=target, formats=[destination], dry_run=dry_run, report=report
        )
    if as_json:
        say_json(
            json.dumps(
                {"run": run.info.id, "dry_run": dry_run, "files": [_row(r) for r in results]}, ensure_ascii=False
            )
        )
        return
    for result in results:
        skipped = "".join(f"; {count:,} left out: {reason}" for reason, count in result.skipped.items())
        planned = "would replace" if result.path.exists() else "would write"
        say(f"{planned if dry_run else 'wrote'} {result.path}: {counted(result.written, 'track')}{skipped}")


def _row(result: ExportResult) -> dict[str, object]:
    return {
        "path": str(result.path), "playlist": result.playlist, "format": result.format,
        "written": result.written, "skipped": dict(result.skipped),
    }  # fmt: skip


def chosen(run: Run, only: Sequence[str]) -> list[Playlist]:
    """Return the playlists of a kept run of the given names, all when none are given.

    Parameters
    ----------
    run : Run
        The run.
    only : sequence of str
        Names in any case, with a person's own mark before and after them or without.

    Raises
    ------
    OptionError
        When there is none of a name.
    """
    playlists = kept_playlists(run.options)
    plain = {int(entry["id"]): str(entry["name"]).lower() for entry in run.document.get("clusters", ())}
    wanted = set[int]()
    for name in only:
        places = [place for place, one in enumerate(playlists) if one.name.lower() == name.lower()]
        places = places or [place for place, one in enumerate(playlists) if plain.get(one.cluster_id) == name.lower()]
        if not places:
            listed = ", ".join(f"“{playlist.name}”" for playlist in playlists)
            raise OptionError(f"there is no playlist “{name}” in this run", next_step=f"Its playlists: {listed}")
        wanted.update(places)
    return [playlist for place, playlist in enumerate(playlists) if place in wanted or not only]
