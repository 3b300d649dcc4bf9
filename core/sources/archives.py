"""The files of an export: one file, a folder of them, or a zip read without unpacking it.

Only files whose names are wanted are ever opened, and no more of a file is read than a limit allows, whatever
the zip says about its size.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from core.errors import SourceError
from core.sources.base import unreadable

#: Largest file read. Spotify cuts its histories into files of about 12 MB; a playlist of 10,000 tracks, the most
#: Spotify allows, takes about 5 MB as CSV and 3 MB as JSON.
MAX_FILE_BYTES = 128 * 2**20
#: Most that is read from one zip or folder: 80 history files of Spotify's size, far beyond a lifetime of listening.
MAX_TOTAL_BYTES = 2**30
#: Most files looked at in one zip or folder: nobody has as many playlists, but a whole disk could be named.
MAX_FILES = 20_000

_AGAIN = "Export or download it again"
_DIGITS = re.compile(r"(\d+)")
#: What Python's zip reader raises for damaged, encrypted or oddly packed entries.
_ZIP_TROUBLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error, ValueError, RuntimeError, OSError,
    IndexError, OverflowError,
)  # fmt: skip


@dataclass
class _Budget:
    left: int = MAX_TOTAL_BYTES


@dataclass(frozen=True)
class Part:
    """One wanted file.

    Attributes
    ----------
    name : str
        Its name without folders.
    where : str
        How a message names it, such as ``"my_data.zip: MyData/Playlist1.json"``.
    """

    name: str
    where: str
    _size: int = field(repr=False)
    _open: Callable[[], IO[bytes]] = field(repr=False)
    _budget: _Budget = field(repr=False, default_factory=_Budget)

    def read(self) -> bytes:
        """Return the whole content.

        Returns
        -------
        bytes
            At most `MAX_FILE_BYTES`.

        Raises
        ------
        SourceError
            When it cannot be read, or holds more than the limits allow.
        """
        # The size a zip states saves reading; that it may be a lie is why reading has a limit as well.
        data = self.head(MAX_FILE_BYTES + 1) if self._size <= MAX_FILE_BYTES else None
        if data is None or len(data) > MAX_FILE_BYTES:
            raise SourceError(
                f"the file holds more than {MAX_FILE_BYTES // 2**20} MB, which no export does", where=self.where
            )
        self._budget.left -= len(data)
        if self._budget.left < 0:
            raise SourceError(
                f"its files hold more than {MAX_TOTAL_BYTES // 2**20:,} MB together, which no export does",
                where=self.where,
                next_step="Open fewer files at a time",
            )
        return data

    def head(self, count: int) -> bytes:
        """Return the first `count` bytes, or fewer where the file ends before.

        Parameters
        ----------
        count : int
            How many.

        Raises
        ------
        SourceError
            When it cannot be read.
        """
        try:
            with self._open() as stream:
                return stream.read(count)
        except _ZIP_TROUBLE as error:
            raise _trouble(error, self.where) from error


def base_name(name: str) -> str:
    """Return the last part of a path written with slashes or backslashes."""
    return name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


@contextmanager
def open_parts(path: str, wanted: Callable[[str], bool], *, depth: int = 0) -> Iterator[list[Part]]:
    """Open a file, a folder or a zip for as long as its parts are read.

    Parameters
    ----------
    path : str
        What the person named. A file that is no zip is a part whatever its name.
    wanted : callable
        Tells by its name without folders whether a file of a folder or zip is a part.
    depth : int, default 0
        How many folders below `path` are searched too. Zips are searched as a whole.

    Yields
    ------
    list of Part
        In the order of the zip, or sorted by name with numbers in their order.

    Raises
    ------
    SourceError
        When it is missing, cannot be read, or is a damaged zip.
    """
    root = Path(path)
    try:
        is_zip = root.is_file() and (root.suffix.lower() == ".zip" or zipfile.is_zipfile(root))
        parts = [] if is_zip else _on_disk(root, path, wanted, depth)
    except OSError as error:
        raise unreadable(error, path) from error
    except ValueError as error:  # a null character in the path
        raise unreadable(FileNotFoundError(), path) from error
    if not is_zip:
        yield parts
        return
    try:
        archive = zipfile.ZipFile(root)
    except _ZIP_TROUBLE as error:
        raise _trouble(error, path) from error
    with archive:
        yield _in_zip(archive, path, wanted)


def _on_disk(root: Path, path: str, wanted: Callable[[str], bool], depth: int) -> list[Part]:
    """Return a file, or the wanted files of a folder."""
    if not root.is_dir():
        return [Part(root.name, path, root.stat().st_size, _opener(root))]
    budget = _Budget()
    parts: list[Part] = []
    folders, seen = [(root, 0)], 0
    while folders and seen < MAX_FILES:
        folder, level = folders.pop(0)
        for entry in sorted(folder.iterdir(), key=lambda entry: natural_order(entry.name)):
            seen += 1
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders += [(entry, level + 1)] if level < depth else []
            elif wanted(entry.name) and entry.is_file():
                where = f"{path}: {entry.relative_to(root).as_posix()}"
                parts.append(Part(entry.name, where, entry.stat().st_size, _opener(entry), budget))
    return parts


def _opener(entry: Path) -> Callable[[], IO[bytes]]:
    return lambda: entry.open("rb")


def _in_zip(archive: zipfile.ZipFile, path: str, wanted: Callable[[str], bool]) -> list[Part]:
    budget = _Budget()
    parts = []
    for entry in archive.infolist()[:MAX_FILES]:
        name = base_name(entry.filename)
        # What macOS adds to a zip: files with the same names and none of the content.
        hidden = "__MACOSX" in entry.filename.split("/") or name.startswith("._")
        if entry.is_dir() or hidden or not wanted(name):
            continue
        where = f"{path}: {entry.filename}"
        parts.append(Part(name, where, entry.file_size, _entry_opener(archive, entry), budget))
    return parts


def _entry_opener(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(entry)


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which ``Playlist2`` comes before ``Playlist10``."""
    pieces = _DIGITS.split(name.casefold())
    return tuple((0, int(piece[:18]), piece) if piece.isdecimal() else (1, 0, piece) for piece in pieces)


def _trouble(error: BaseException, where: str) -> SourceError:
    if isinstance(error, OSError) and not isinstance(error, zipfile.BadZipFile):
        return unreadable(error, where)
    if isinstance(error, NotImplementedError):
        return SourceError("this zip is packed by a method that is not supported", where=where, next_step=_AGAIN)
    if isinstance(error, RuntimeError):
        return SourceError("this zip is protected by a password", where=where, next_step="Unpack it first")
    return SourceError("the zip is damaged or cut short", where=where, next_step=_AGAIN)
