"""Writing an analysis to a folder: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core import document
from core.analysis import Analysis
from core.exporters import ExportResult, export_playlists
from core.files import check_folder, staged_folder, write_atomically
from core.progress import Report, silent

PLAYLISTS_FOLDER = "playlists"


def check_results(folder: Path) -> None:
    """Find out whether `write_results` could write to a folder, before the analysis.

    Parameters
    ----------
    folder : Path
        Where to write; nothing is left behind when it does not exist yet.

    Raises
    ------
    ExportError
        When the folder, or the one for playlists in it, cannot be made or written to.
    """
    for place in (folder, folder / PLAYLISTS_FOLDER):
        check_folder(place)


def write_results(
    analysis: Analysis,
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
        text = document.analysis_json(document.analysis_document(analysis))
        write_atomically(staging / "analysis.json", text)
        for name, table in (
            ("tracks.csv", document.tracks_table(analysis)),
            ("clusters.csv", document.clusters_table(analysis)),
            ("fits.csv", document.fits_table(analysis)),
            ("left_out.csv", document.left_out_table(analysis)),
        ):
            write_atomically(staging / name, table.to_csv(index=False, lineterminator="\n"))
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
