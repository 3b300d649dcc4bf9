"""Files that appear whole or not at all, and file names that every system accepts.

Everything the program writes for a person goes through here, so that an interrupted run, a full disk or a
missing right never leaves half a file where a good one was.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from core.errors import ExportError
from core.progress import undisturbed

#: Longest name given out, in bytes of UTF-8, with the number of a collision and the file's suffix. The tightest
#: file system in common use, eCryptfs under Linux, holds 143 bytes; the rest is room for ``.part`` and the like.
MAX_NAME_BYTES = 120
#: Kept free of that for the number of a collision and the longest suffix, such as `` (9999)`` and ``.parquet``.
RESERVED_BYTES = 20
#: The name of a nameless thing.
UNTITLED = "untitled"

#: Begins the names of files and folders that are being written; they are hidden on Unix and easy to tell.
STAGING_PREFIX = ".leitmotif-"

# Characters Windows forbids; "/" and NUL are forbidden everywhere, ":" on the classic Mac.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# Device names that Windows takes for any file whose name up to the first dot is one of them
# (Microsoft, "Naming Files, Paths, and Namespaces").
_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
# Joiners that belong to letters and emoji; every other invisible formatting character is taken out.
_JOINERS = "\u200c\u200d"

_NEXT_STEPS: dict[int, str] = {
    errno.ENOSPC: "The disk is full: free some space or choose another folder",
    errno.EDQUOT: "Your share of the disk is used up: free some space or choose another folder",
    errno.EFBIG: "The file is larger than the disk allows: choose another folder",
    errno.ENAMETOOLONG: "The path is too long: choose a folder with a shorter path",
    errno.EROFS: "The disk is read-only: choose another folder",
    errno.EACCES: "Choose a folder you may write to",
    errno.EPERM: "Choose a folder you may write to",
    errno.ENOTDIR: "A part of the path is a file: choose another folder",
    errno.EEXIST: "A part of the path is a file: choose another folder",
    errno.EISDIR: "A folder is in the way: rename it or choose another folder",
    errno.EXDEV: "A part of the folder lies on another disk: choose another folder",
}


def as_export_error(error: OSError, path: Path | str) -> ExportError:
    """Return the error a person is shown for a failed write.

    Parameters
    ----------
    error : OSError
        What the system said.
    path : Path or str
        The file or folder that was to be written.

    Returns
    -------
    ExportError
        Says what failed, where, and what to do about it.
    """
    said = error.strerror or str(error) or type(error).__name__
    next_step = _NEXT_STEPS.get(error.errno or 0, "Check the folder or choose another one")
    return ExportError(f"cannot write here ({said.lower()})", where=str(path), next_step=next_step)


def write_atomically(path: Path | str, data: bytes | str) -> None:
    """Write a file so that it is either the old one or the complete new one, never half of it.

    The data goes to a temporary file in the same folder, is flushed to the disk and then takes the name over. A
    symbolic link is followed and stays a link. An existing file's access rights stay as they are. A device or a
    pipe is written to directly.

    Parameters
    ----------
    path : Path or str
        The file; its folder is made when it is missing.
    data : bytes or str
        The whole content. Text is written as UTF-8 with its line ends as they are; halves of surrogate pairs,
        which UTF-8 cannot hold, become ``?``.

    Raises
    ------
    ExportError
        When the system refuses: no right, disk full, path too long. Nothing is left behind then.
    """
    content = _bytes(data)
    target = _real_path(path)
    try:
        if target.exists() and not target.is_file():  # a device or a pipe must not be replaced by a file
            target.write_bytes(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f"{STAGING_PREFIX}{secrets.token_hex(8)}"
        with undisturbed():
            try:
                _write_through(temporary, content)
                if target.exists():
                    shutil.copymode(target, temporary)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
            _flush_folder(target.parent)
    except OSError as error:
        raise as_export_error(error, path) from error


def write_staged(path: Path, data: bytes | str) -> None:
    """Write a new file into a folder that `staged_folder` gives, which flushes all of them at the end.

    Parameters
    ----------
    path : Path
        A file that is not there yet, in a folder that is.
    data : bytes or str
        The whole content, as in `write_atomically`.

    Raises
    ------
    ExportError
        When the system refuses.
    """
    try:
        with path.open("xb") as file:
            file.write(_bytes(data))
    except OSError as error:
        raise as_export_error(error, path) from error


@contextlib.contextmanager
def staged_folder(target: Path | str) -> Iterator[Path]:
    """Let several files appear in a folder together, or not at all.

    Inside the ``with`` block files are written to a staging folder, best by `write_staged`. When the block ends well,
    all are flushed to the disk, which takes half as long as flushing each with its folder, and move to their place: a
    new folder in one step; into an existing one file by file, each replaced in one step, and all put back as they were
    should one of the moves fail. Files of the folder that are not among the new ones stay. When the block fails,
    nothing of it remains.

    Parameters
    ----------
    target : Path or str
        The folder the files end up in; parents that are missing are made.

    Yields
    ------
    Path
        The staging folder, empty, on the same disk as `target`.

    Raises
    ------
    ExportError
        When the system refuses to make, fill or move the folder. An ``OSError`` raised inside the block leaves
        as an ``ExportError`` too; other exceptions pass unchanged.
    """
    final = _real_path(target)
    made: list[Path] = []
    staging: Path | None = None
    done = False
    try:
        with undisturbed():
            made = _make_folders(final.parent)
            # Inside an existing folder, because it may be a disk of its own; beside a folder still to come.
            staging = (final if final.is_dir() else final.parent) / f"{STAGING_PREFIX}{secrets.token_hex(8)}"
            staging.mkdir()
        yield staging
        _flush_all(staging)
        with undisturbed():
            _publish(staging, final)
            shutil.rmtree(staging, ignore_errors=True)
            done = True
    except ExportError as error:  # the person knows the folder, not its staging place
        where = error.where.replace(str(staging), str(target))
        raise ExportError(error.what, where=where, next_step=error.next_step) from error
    except OSError as error:  # a failed move names the file that was to be replaced second
        raise as_export_error(error, str(error.filename2 or target)) from error
    finally:
        with undisturbed():
            if staging is not None:
                shutil.rmtree(staging, ignore_errors=True)
            if not done:
                _remove_folders(made)


def check_folder(target: Path | str) -> None:
    """Find out whether `staged_folder` could write to a folder, before the work whose result it is for.

    Parameters
    ----------
    target : Path or str
        The folder; nothing of it is left behind when it does not exist yet.

    Raises
    ------
    ExportError
        When the system refuses to make a folder there.
    """
    final = _real_path(target)
    made: list[Path] = []
    with undisturbed():
        try:
            made = _make_folders(final)
            trial = final / f"{STAGING_PREFIX}{secrets.token_hex(8)}"
            trial.mkdir()
            trial.rmdir()
        except OSError as error:
            raise as_export_error(error, target) from error
        finally:
            _remove_folders(made)


def same_file(path: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file that exists, by whatever links."""
    try:
        return path.samefile(other)
    except (OSError, ValueError):  # one is not there, or no system accepts it
        return False


def name_key(name: str) -> str:
    """Return what two file names share when some system would take them for the same file.

    macOS and Windows ignore case, macOS also how accents are composed and invisible joiners; the key goes
    further and joins all compatible characters (NFKC), which can only separate more.

    Parameters
    ----------
    name : str
        A file name.

    Returns
    -------
    str
        Equal for names that may collide.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")


def safe_file_name(text: str, *, taken: set[str]) -> str:
    """Return a file name, without suffix, that Windows, macOS and Linux all accept.

    Forbidden characters become ``-``, white space and control characters one space; dots at the ends, spaces
    at the ends and invisible formatting go; Windows' device names such as ``CON`` get an underscore in front; a
    long name is cut. A name that is taken, whatever its case or composition, gets `` (2)``, `` (3)`` and so on.

    Parameters
    ----------
    text : str
        Any text, such as a playlist's name.
    taken : set of str
        Keys (`name_key`) of the names given out so far. The new name's key is added.

    Returns
    -------
    str
        Unicode NFC, not empty; with the number of a collision and a suffix of up to 10 bytes at most
        `MAX_NAME_BYTES` bytes of UTF-8.
    """
    stem = _shorten(_clean(text), MAX_NAME_BYTES - RESERVED_BYTES)
    name, number = stem, 2
    while name_key(name) in taken:
        name = f"{stem} ({number})"
        number += 1
    taken.add(name_key(name))
    return name


def _clean(text: str) -> str:
    """Return the text without anything a file system may refuse; never empty."""
    kept = []
    for sign in text:
        category = unicodedata.category(sign)
        if category in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif category == "Cf" and sign not in _JOINERS:
            continue
        else:  # Cs: half a surrogate pair; Cn: unassigned, which APFS refuses
            kept.append("-" if category in ("Cs", "Cn") else sign)
    name = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", "".join(kept)))
    name = " ".join(name.split()).strip(". " + _JOINERS)
    if _DEVICES.match(name):
        name = f"_{name}"
    return name or UNTITLED


def _shorten(name: str, limit: int) -> str:
    """Return the name cut between characters to at most `limit` bytes of UTF-8."""
    cut = name.encode("utf-8")[:limit].decode("utf-8", errors="ignore")
    return cut.rstrip(". " + _JOINERS)


def _real_path(path: Path | str) -> Path:
    """Return the path with its symbolic links followed."""
    try:
        return Path(os.path.realpath(path))
    except ValueError as error:  # a NUL character
        what = "the system does not accept this path"
        raise ExportError(what, where=repr(str(path)), next_step="Choose another folder") from error
    except OSError as error:  # a circle of links, on Windows
        raise as_export_error(error, path) from error


def _write_through(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet and wait until it is on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _bytes(data: bytes | str) -> bytes:
    return data.encode("utf-8", errors="replace") if isinstance(data, str) else data


def _flush_all(folder: Path) -> None:
    """Wait until everything in a folder is on the disk."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            _flush_all(path)
        else:
            with path.open("rb+") as file:  # Windows flushes only what is open for writing
                os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can (Windows cannot)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and its parents; return the new ones, outermost first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    missing.reverse()
    for position, path in enumerate(missing):
        try:
            path.mkdir(exist_ok=True)
        except OSError:
            _remove_folders(missing[:position])
            raise
    return missing


def _remove_folders(folders: list[Path]) -> None:
    """Remove folders that are empty, innermost first."""
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _publish(staging: Path, final: Path) -> None:
    """Move what is in `staging` to `final`, all of it or nothing."""
    if not final.exists():
        staging.rename(final)
        _flush_folder(final.parent)
        return
    backup = staging.with_name(staging.name + "-before")
    moved: list[Path] = []
    made: list[Path] = []
    try:
        backup.mkdir()
        for source in sorted(path for path in staging.rglob("*") if path.is_file()):
            place = source.relative_to(staging)
            made += _make_folders((final / place).parent)
            _keep_copy(final / place, backup / place)
            source.replace(final / place)
            moved.append(place)
        for folder in {(final / place).parent for place in moved} | {final}:
            _flush_folder(folder)
    except BaseException:
        _put_back(moved, backup, final)
        _remove_folders(made)
        raise
    finally:
        shutil.rmtree(backup, ignore_errors=True)


def _keep_copy(path: Path, copy: Path) -> None:
    """Keep an existing file's content under another name without ever taking it away."""
    if not path.exists():
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        copy.hardlink_to(path)
    except OSError:  # FAT and some network disks have no hard links
        shutil.copy2(path, copy)


def _put_back(moved: list[Path], backup: Path, final: Path) -> None:
    """Undo the moves made so far."""
    for place in reversed(moved):
        with contextlib.suppress(OSError):
            if (backup / place).exists():
                (backup / place).replace(final / place)
            else:
                (final / place).unlink(missing_ok=True)
