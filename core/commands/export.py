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
from core.storage import open_store
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
        playlists = chosen(kept_playlists(run.options), only)
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


def chosen(playlists: Sequence[Playlist], only: Sequence[str]) -> list[Playlist]:
    """Return the playlists of the given names, all when none are given.

    Raises
    ------
    OptionError
        When there is none of a name.
    """
    if not only:
        return list(playlists)
    wanted = {name.lower() for name in only}
    known = {playlist.name.lower() for playlist in playlists}
    missing = [name for name in only if name.lower() not in known]
    if missing:
        listed = ", ".join(f"“{playlist.name}”" for playlist in playlists)
        raise OptionError(f"there is no playlist “{missing[0]}” in this run", next_step=f"Its playlists: {listed}")
    return [playlist for playlist in playlists if playlist.name.lower() in wanted]
