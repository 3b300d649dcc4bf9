"""What tests of the sources do with a library they have read, and how they make what is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from core.library import Library, Notice
from core.sources.base import Source
from core.sources.table import TableSource

ReadTable = Callable[..., Library]


def read_by(source: Source, path: Path) -> Library:
    """Read what a source accepts."""
    assert source.accepts(str(path))
    return source.read(str(path))


def reader_of_tables(folder: Path) -> ReadTable:
    """Return a function that writes a text or bytes to a file in the folder and reads it as a table."""

    def write_and_read(
        content: str | bytes,
        *,
        name: str = "library.csv",
        encoding: str = "utf-8",
        mapping: Mapping[str, str] | None = None,
    ) -> Library:
        path = folder / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return TableSource(mapping).read(str(path))

    return write_and_read


def counts(library: Library) -> dict[str, int]:
    """Return how much of each kind was noticed."""
    return {notice.kind: notice.count for notice in library.notices}


def the(library: Library, kind: str) -> Notice:
    """Return the one notice of a kind."""
    (notice,) = [notice for notice in library.notices if notice.kind == kind]
    return notice


def zipped(path: Path, entries: Mapping[str, str | bytes]) -> Path:
    """Write a zip and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path
