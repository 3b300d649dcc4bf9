"""Writing an analysis to a folder: all of it, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.analysis import Analysis
from core.document import analysis_json, clusters_table, fits_table, left_out_table, tracks_table
from core.errors import ExportError
from core.exporters import ExportResult, export_playlists
from core.files import check_folder, same_file, staged_folder, write_staged
from core.progress import Report, silent

PLAYLISTS_FOLDER = "playlists"
_DOCUMENT = "analysis.json"
#: All results but the playlists. Others have files of such names: FMA's own table is called tracks.csv.
_RESULTS = (_DOCUMENT, "tracks.csv", "clusters.csv", "fits.csv", "left_out.csv", "heatmap.png", "map.png")
# How the document of an analysis begins.
_SCHEMA = re.compile(rb'\s*\{\s*"schema"\s*:')
_START_BYTES = 64


def check_results(folder: Path, *, sources: Sequence[str] = ()) -> None:
    """Find out whether `write_results` could write to a folder, before the analysis.

    Parameters
    ----------
    folder : Path
        Where to write; nothing is left behind when it does not exist yet.
    sources : sequence of str
        Files and folders the library is read from; none of it is ever replaced.

    Raises
    ------
    ExportError
        When the folder, or the one for playlists in it, cannot be made or written to, or when a result would replace
        a file of the sources, or one that no analysis wrote.
    """
    ours = _is_document(folder / _DOCUMENT)
    for name in _RESULTS:
        place = folder / name
        if any(_is_read(place, Path(source)) for source in sources):
            told = "the library is read from this file, which the results would replace"
            raise ExportError(told, where=str(place), next_step="Choose another folder")
        if not ours and _is_file(place):
            told = "this file is from no analysis, and the results would replace it"
            raise ExportError(told, where=str(place), next_step="Choose another folder")
    for place in (folder, folder / PLAYLISTS_FOLDER):
        check_folder(place)


def _is_read(place: Path, source: Path) -> bool:
    """Tell whether a file is a source, or lies in one and is no result of an earlier analysis."""
    if same_file(place, source):
        return True
    inside = any(same_file(above, source) for above in place.absolute().parents)
    return inside and place.exists() and not _is_document(place.with_name(_DOCUMENT))


def _is_file(place: Path) -> bool:
    """Tell whether there is a file; a folder that may not be entered is told about by what writes to it."""
    try:
        return place.is_file()
    except OSError:
        return False


def _is_document(path: Path) -> bool:
    """Tell whether a file is the ``analysis.json`` of some analysis."""
    try:
        with path.open("rb") as file:
            return _SCHEMA.match(file.read(_START_BYTES)) is not None
    except OSError:
        return False


def write_results(
    analysis: Analysis,
    document: Mapping[str, Any],
    folder: Path,
    *,
    formats: Sequence[str],
    draw: Callable[[Analysis, Path], None] | None = None,
    report: Report = silent,
) -> list[ExportResult]:
    """Write ``analysis.json``, the tables, the pictures and the playlists.

    Parameters
    ----------
    analysis : Analysis
        What to write.
    document : mapping
        Its `core.document.analysis_document`.
    folder : Path
        Where; files of the same names are replaced together, others stay.
    formats : sequence of str
        Formats of the playlists, see `core.exporters.EXPORTERS`.
    draw : callable, optional
        Draws ``heatmap.png`` and ``map.png`` into a folder; without it there are no pictures.
    report : Report
        Told about every step; may raise `core.progress.Cancelled`, and nothing is written then.

    Returns
    -------
    list of ExportResult
        One entry a playlist and format.

    Raises
    ------
    ExportError
        When the folder cannot be written. What was there before stays as it was.
    """
    with staged_folder(folder) as staging:
        report(0, 3, "Writing tables")
        write_staged(staging / _DOCUMENT, analysis_json(document))
        for name, table in (
            ("tracks.csv", tracks_table(analysis)),
            ("clusters.csv", clusters_table(analysis, document["clusters"])),
            ("fits.csv", fits_table(analysis)),
            ("left_out.csv", left_out_table(analysis)),
        ):
            write_staged(staging / name, table.to_csv(index=False, lineterminator="\n"))
        if draw is not None:
            report(1, 3, "Drawing pictures")
            draw(analysis, staging)
        report(2, 3, "Writing playlists")
        return export_playlists(
            analysis.curated.playlists,
            analysis.library,
            folder=staging / PLAYLISTS_FOLDER,
            formats=formats,
            final=folder / PLAYLISTS_FOLDER,
        )
