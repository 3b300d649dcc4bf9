"""Where playlists go as files: one protocol, one file a format, all of them written or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ExportError, OptionError
from core.exporters.base import Exporter, Rendered
from core.exporters.csv import CsvExporter
from core.exporters.jspf import JspfExporter
from core.exporters.links import LinksExporter
from core.exporters.m3u8 import M3u8Exporter
from core.exporters.xspf import XspfExporter
from core.files import safe_file_name, same_file, staged_folder, write_staged
from core.library import Library, source_paths
from core.progress import Report, silent
from core.records import Playlist

__all__ = ["EXPORTERS", "ExportResult", "Exporter", "Rendered", "export_playlists", "exporter_named"]

EXPORTERS: dict[str, Exporter] = {
    exporter.name: exporter
    for exporter in (M3u8Exporter(), XspfExporter(), JspfExporter(), CsvExporter(), LinksExporter())
}


@dataclass(frozen=True)
class ExportResult:
    """What became of one playlist in one format.

    Attributes
    ----------
    path : Path
        The file.
    playlist : str
        The playlist's name.
    format : str
        The exporter's name.
    written : int
        Tracks that whoever opens the file can use.
    skipped : mapping of str to int
        The other tracks, counted by reason.
    """

    path: Path
    playlist: str
    format: str
    written: int
    skipped: Mapping[str, int] = field(default_factory=dict)


def exporter_named(name: str) -> Exporter:
    """Return the exporter of that name.

    Raises
    ------
    OptionError
        When there is none.
    """
    if name not in EXPORTERS:
        raise OptionError(f"unknown format {name!r}", next_step=f"Known formats: {', '.join(EXPORTERS)}")
    return EXPORTERS[name]


def export_playlists(
    playlists: Sequence[Playlist],
    library: Library,
    *,
    folder: Path | str,
    formats: Sequence[str],
    dry_run: bool = False,
    final: Path | None = None,
    report: Report = silent,
) -> list[ExportResult]:
    """Write playlists to a folder, one file for each playlist and format.

    Files are named for their playlists. Files of the same name are replaced, other files in the folder stay.
    When anything fails, the folder is left as it was.

    Parameters
    ----------
    playlists : sequence of Playlist
        The playlists.
    library : Library
        Where their tracks are described.
    folder : Path or str
        Made when it is missing.
    formats : sequence of str
        Names of `EXPORTERS`; one that stands twice counts once.
    dry_run : bool, default False
        Write nothing and only tell what would be written.
    final : Path, optional
        Where the folder will end up, when it is one of `core.files.staged_folder`; paths inside the files and in the
        results lead from it.
    report : Report
        Told about progress after each file.

    Returns
    -------
    list of ExportResult
        In the order of the playlists, within one in the order of the formats.

    Raises
    ------
    OptionError
        When a format is unknown.
    ExportError
        When the folder cannot be written: no right, disk full, path too long; or a file to be replaced is one that the
        library was read from.
    """
    target = Path(folder)
    exporters = [exporter_named(name) for name in dict.fromkeys(formats)]
    rendered = _render_all(playlists, library, final or target, exporters, report)
    if dry_run:
        return [result for result, _ in rendered]
    if final is not None:
        return _write_all(rendered, target)
    with staged_folder(target) as staging:
        return _write_all(rendered, staging)


def _write_all(rendered: Iterable[tuple[ExportResult, bytes]], folder: Path) -> list[ExportResult]:
    """Write rendered files into a folder that is moved to its place afterwards."""
    folder.mkdir(exist_ok=True)
    results = []
    for result, data in rendered:
        write_staged(folder / result.path.name, data)
        results.append(result)
    return results


def _render_all(
    playlists: Sequence[Playlist], library: Library, folder: Path, exporters: Sequence[Exporter], report: Report
) -> Iterator[tuple[ExportResult, bytes]]:
    """Yield what each file will be and hold, one at a time so that only one is in memory."""
    sources = [Path(path) for path in source_paths(library.path)]
    total = len(playlists) * len(exporters)
    taken: set[str] = set()
    done = 0
    for playlist in playlists:
        stem = safe_file_name(playlist.name, taken=taken)
        for exporter in exporters:
            report(done, total, f"Writing {stem}{exporter.suffix}")
            rendered = exporter.render(playlist, library, folder=folder)
            path = folder / f"{stem}{exporter.suffix}"
            if any(same_file(path, source) for source in sources):
                told = "the library was read from this file, which would be replaced"
                raise ExportError(told, where=str(path), next_step="Choose another folder")
            yield ExportResult(path, playlist.name, exporter.name, rendered.written, rendered.skipped), rendered.data
            done += 1
    report(total, total, "Playlists written")
