"""Where tracks come from: one protocol, one file each, and the one door to all of them."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, is_zipfile

from core.errors import SourceError
from core.progress import Report, silent

if TYPE_CHECKING:
    from core.library import Library
    from core.sources.base import Source

#: Sources asked in this order, as module and class. Each is imported when its turn comes; the table accepts nearly
#: every file of rows and is asked last.
_SOURCES = (
    ("demo", "DemoSource"),
    ("spotify_account", "SpotifyAccountSource"),
    ("fma", "FmaSource"),
    ("exportify", "ExportifySource"),
    ("datapackage", "SpotifyPackageSource"),
    ("table", "TableSource"),
)
#: What a person can name, for messages.
ACCEPTED = (
    "Accepted: the fma_metadata folder or zip, an Exportify CSV or zip, Spotify's data package, "
    "a CSV, TSV or Parquet table, spotify: or demo:"
)
#: A scheme has at least two letters, so that a Windows drive is none.
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):")


def open_source(path: str, *, mapping: Mapping[str, str] | None = None, report: Report = silent) -> Library:
    """Read a library from wherever it is.

    Parameters
    ----------
    path : str
        A file, a folder, or a scheme such as ``demo:``.
    mapping : mapping of str to str, optional
        Our column → the table's column. With it the file is read as a plain table.
    report : Report
        Told about progress; may raise `core.progress.Cancelled`.

    Returns
    -------
    Library
        Read by the first source that accepts the path.

    Raises
    ------
    SourceError
        When no source accepts the path, or the one that does cannot read it.
    OptionError
        When the mapping names a column of ours that does not exist.
    """
    if _is_no_file(path):
        raise SourceError("this is neither a file nor a folder", where=path, next_step="Save what it gives to a file")
    if mapping:
        from core.sources.table import TableSource

        table = TableSource(mapping)
        if not table.accepts(path):
            _check_exists(path)
            raise SourceError("columns can be named for CSV, TSV and Parquet tables only", where=path)
        return table.read(path, report=report)
    for source in _sources():
        if source.accepts(path):
            return source.read(path, report=report)
    _check_exists(path)
    raise _refusal(Path(path))


def _sources() -> Iterator[Source]:
    for module, name in _SOURCES:
        source: Source = getattr(import_module(f"{__name__}.{module}"), name)()
        yield source


def _is_no_file(path: str) -> bool:
    """Tell whether a path is a device or a pipe, which may be endless."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _check_exists(path: str) -> None:
    """Refuse a path that leads nowhere.

    Raises
    ------
    SourceError
        When there is neither a file nor a folder of that name.
    """
    try:
        exists = bool(path) and Path(path).exists()
    except (OSError, ValueError):  # a name too long, a null character
        exists = False
    if exists:
        return
    scheme = _SCHEME.match(path)
    if scheme:
        raise SourceError(f"there is no source called {scheme[1]}:", where=path, next_step=ACCEPTED)
    raise SourceError("there is no such file or folder", where=path or "(no path)", next_step=ACCEPTED)


def _refusal(path: Path) -> SourceError:
    """Return the error for a file or folder that no source accepts."""
    place = "folder" if path.is_dir() else "zip"
    if place == "zip" and not is_zipfile(path):
        if path.suffix.lower() == ".json":
            what = "this JSON is no file of a Spotify data package"
        else:
            what = f"files {f'ending in {path.suffix}' if path.suffix else 'without an ending'} are not read"
        return SourceError(what, where=str(path), next_step=ACCEPTED)
    try:
        names = sorted(entry.name for entry in path.iterdir()) if place == "folder" else _names_in_zip(path)
    except (OSError, BadZipFile):
        return SourceError(f"this {place} may not be read", where=str(path), next_step="Change its permissions")
    if not names:
        return SourceError(f"the {place} is empty", where=str(path), next_step=ACCEPTED)
    shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    packed = place == "zip" and any(name.lower().endswith(".zip") for name in names)
    return SourceError(
        f"nothing in this {place} is a library ({shown})",
        where=str(path),
        next_step="Unpack it, and open the zip that is in it" if packed else ACCEPTED,
    )


def _names_in_zip(path: Path) -> list[str]:
    with ZipFile(path) as archive:
        return sorted(entry.filename for entry in archive.infolist() if not entry.is_dir())
