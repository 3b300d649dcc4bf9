"""What every source of tracks has in common: its protocol, reading text files, and Spotify's ids.

Two modules beside this one are shared by all sources as well: `core.sources.numbers` turns columns of text
into audio features, `core.sources.genre_labels` turns genre cells into labels.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from core.errors import SourceError
from core.library import Library, Notice
from core.progress import Report, silent
from core.wording import counted

#: Letters of a cell or a header that are enough to find it by.
_SHOWN = 40


class Source(Protocol):
    """Where tracks come from."""

    #: Name of the source, kept as `Library.kind`.
    kind: ClassVar[str]

    def accepts(self, path: str) -> bool:
        """Tell cheaply, without reading all of it, whether `path` is this kind of library.

        Parameters
        ----------
        path : str
            A path, or a scheme such as ``demo:``.

        Returns
        -------
        bool
            Whether `read` should be tried. Never raises for a path that is missing or unreadable.
        """

    def read(self, path: str, *, report: Report = silent) -> Library:
        """Read the library.

        Parameters
        ----------
        path : str
            As the person wrote it.
        report : Report
            Told about progress; may raise `core.progress.Cancelled`.

        Returns
        -------
        Library
            All tracks, with notices for what was skipped, repaired or assumed.

        Raises
        ------
        SourceError
            When it cannot be read.
        """


def shown(text: str) -> str:
    """Return text from a file as it can stand in a message: one line, no control characters, at most 40 letters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 1]}…"


def unreadable(error: OSError, path: str) -> SourceError:
    """Return the error to raise when the operating system refuses a file.

    Parameters
    ----------
    error : OSError
        What opening or reading raised.
    path : str
        The file, as the person wrote it.

    Returns
    -------
    SourceError
        With the file, the reason and the next step.
    """
    if isinstance(error, FileNotFoundError):
        return SourceError("there is no such file or folder", where=path, next_step="Check the path for typing errors")
    if isinstance(error, PermissionError):
        return SourceError("this file may not be read", where=path, next_step="Change its permissions or copy it")
    if isinstance(error, IsADirectoryError):
        return SourceError("this is a folder, not a file", where=path, next_step="Name a file inside it")
    return SourceError(f"the file cannot be read ({error.strerror or error})", where=path)


def read_bytes(path: str) -> bytes:
    """Return the content of a file.

    Raises
    ------
    SourceError
        When it is missing, a folder, or may not be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise unreadable(error, path) from error
    except ValueError as error:  # a null character in the path
        raise unreadable(FileNotFoundError(), path) from error


@dataclass(frozen=True)
class Decoding:
    """How bytes become text.

    Attributes
    ----------
    encoding : str
        A codec that also swallows the byte order mark.
    errors : {"strict", "replace"}
        What to pass to the codec.
    notices : tuple of Notice
        What a person should know: a guessed encoding, characters that were lost.
    """

    encoding: str
    errors: str = "strict"
    notices: tuple[Notice, ...] = ()


#: Longest mark first: the one of UTF-32 begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes decoded at a time when looking for the encoding, so that a large file is never held as text.
_STEP = 1 << 20


def find_encoding(data: bytes) -> Decoding:
    """Find how the bytes of a text file are encoded.

    A byte order mark decides; without one the text is UTF-8 if it is valid as such, else Windows-1252, the
    superset of Latin-1 that Western European spreadsheets write. Bytes that are UTF-8 but for a few damaged
    places (no more than the characters beyond ASCII that are sound) stay UTF-8 with those places replaced,
    because valid sequences hardly ever arise by chance in other encodings.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Decoding
        Decodes `data` without raising.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if _decodes(data, encoding):
        return Decoding(encoding)
    sound, damaged = _count_damage(data, encoding)
    if encoding != "utf-8" or sound >= damaged:
        text = f"{counted(damaged, 'character')} could not be decoded as {encoding.removesuffix('-sig').upper()}"
        return Decoding(
            encoding, "replace", (Notice("encoding", damaged, f"{text} and stand as “\N{REPLACEMENT CHARACTER}”"),)
        )
    fallback = "cp1252" if _decodes(data, "cp1252") else "latin-1"
    notice = Notice(
        "encoding", damaged, "the text is not UTF-8 and was read as Latin-1 (Windows-1252): check accented letters"
    )
    return Decoding(fallback, "strict", (notice,))


def _pieces(data: bytes, encoding: str, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for start in range(0, len(data), _STEP):
        yield decoder.decode(data[start : start + _STEP])
    yield decoder.decode(b"", final=True)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        for _ in _pieces(data, encoding, "strict"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _count_damage(data: bytes, encoding: str) -> tuple[int, int]:
    """Return the number of sound characters beyond ASCII, and of damaged ones."""
    beyond = damaged = 0
    for piece in _pieces(data, encoding, "replace"):
        beyond += len(piece) - len(piece.encode("ascii", "ignore"))
        damaged += piece.count("\N{REPLACEMENT CHARACTER}")
    return beyond - damaged, damaged


def decode(data: bytes) -> tuple[str, tuple[Notice, ...]]:
    """Return the text of a file's bytes and what had to be assumed.

    Parameters
    ----------
    data : bytes
        The whole file, for example one member of a zip.

    Returns
    -------
    text : str
        Without a byte order mark; line ends as they were.
    notices : tuple of Notice
        See `find_encoding`.
    """
    found = find_encoding(data)
    return data.decode(found.encoding, found.errors), found.notices


def read_text(path: str) -> tuple[str, tuple[Notice, ...]]:
    """Return the text of a file and what had to be assumed about its encoding.

    Raises
    ------
    SourceError
        When it is missing, a folder, or may not be read.
    """
    return decode(read_bytes(path))


#: A track's id as Spotify writes it: bare, in a ``spotify:track:`` address or in a web link. Group ``id`` is the id.
SPOTIFY_TRACK = (
    r"^\s*(?:spotify:track:|https?://open\.spotify\.com/(?:intl-[a-zA-Z-]+/)?(?:embed/)?track/)?"
    r"(?P<id>[0-9A-Za-z]{22})(?:[/?#]\S*)?\s*$"
)
_SPOTIFY_TRACK = re.compile(SPOTIFY_TRACK)


def spotify_id(text: str) -> str | None:
    """Return the bare 22-character Spotify id of a track.

    Parameters
    ----------
    text : str
        A bare id, ``spotify:track:…``, or an ``https://open.spotify.com/track/…`` link.

    Returns
    -------
    str or None
        None for everything else, such as ``spotify:local:…``, episodes and numbers.
    """
    match = _SPOTIFY_TRACK.match(text)
    return match["id"] if match else None


def spotify_uri(track_id: str) -> str:
    """Return the ``spotify:track:…`` address of a bare Spotify id."""
    return f"spotify:track:{track_id}"
