"""Spotify's "Download your data" packages: the library, playlists and streaming histories a person can ask for.

They come without audio features, but with Spotify's ids, by which features are looked up elsewhere. Account data,
extended history, or both are read from the zip as delivered, from a folder, or from single files. Files about the
person (identity, payments, searches …) are never opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from core.errors import SourceError
from core.joining import NAME_ID, TRACK_ADDRESS, join_rows, name_key
from core.library import PATH_SEPARATOR, Library, Notice, make_library
from core.progress import Report, silent
from core.sources.archives import Part, natural_order, open_parts
from core.sources.base import spotify_id, spotify_uri
from core.sources.datapackage_files import FileKind, is_wanted, kind_by_name, kind_of
from core.sources.datapackage_history import ACCOUNT_KEYS, EXTENDED_KEYS, History
from core.sources.datapackage_json import parse, text_of, wrong_shape
from core.wording import counted

#: Origins of tracks that are in no playlist.
LIKED_SONGS = "Liked Songs"
HISTORY = "Listening history"
#: A nameless playlist.
UNNAMED = "unnamed playlist"

#: The packages keep their files in a folder or two: ``MyData/``, ``my_spotify_data/Spotify Account Data/``.
_DEPTH = 2
_WANTED: dict[FileKind, frozenset[str]] = {
    FileKind.LIBRARY: frozenset({"tracks", "artist", "album", "track", "uri"}),
    FileKind.PLAYLISTS: frozenset(
        {
            "playlists", "name", "items", "track", "trackName", "artistName", "albumName", "trackUri",
            "episode", "audiobook", "localTrack", "addedDate",
        }
    ),
    FileKind.EXTENDED_HISTORY: EXTENDED_KEYS,
    FileKind.ACCOUNT_HISTORY: ACCOUNT_KEYS,
}  # fmt: skip

#: What is told of each kind of entry that is no track, and of each repair.
_TOLD: dict[str, tuple[str, str]] = {
    "local": ("local file", "skipped, because Spotify does not know such files"),
    "podcast": ("podcast episode", "skipped"),
    "empty": ("row", "skipped, because no track is named"),
    "unreadable": ("row", "skipped, because it is not in Spotify's form"),
    "matched": ("row", "without Spotify id, which was taken from the same title and artist elsewhere in the package"),
    "no-id": (
        "track",
        "known by title and artist only, because its file gives no ids; no features can be fetched for it",
    ),
    "repeated-play": ("play", "in more than one history file, counted once"),
    "short-play": ("play", "of less than 30 seconds and not to the end, not counted"),
    "never-heard": ("track", "not taken from the history, because never played for 30 seconds or to the end"),
}


class SpotifyPackageSource:
    """Reads Spotify's data packages."""

    kind: ClassVar[str] = "spotify-package"

    def accepts(self, path: str) -> bool:
        """Tell whether `path` is a file of a package, or a zip or folder with at least one.

        Parameters
        ----------
        path : str
            A path.

        Returns
        -------
        bool
            Judged by file names; a single JSON file of another name by its first lines. A zip that cannot be
            opened is accepted too, so that `read` says what is wrong with it.
        """
        try:
            with open_parts(path, is_wanted, depth=_DEPTH) as parts:
                return any(kind_of(part) is not None for part in parts[:1])
        except SourceError:
            return _is_zip_file(path)

    def read(self, path: str, *, report: Report = silent) -> Library:
        """Read a package into one library; see `read_together`."""
        return self.read_together([path], report=report)

    def read_together(self, paths: Sequence[str], *, report: Report = silent) -> Library:
        """Read several files, folders or zips of one person's packages into one library.

        Parameters
        ----------
        paths : sequence of str
            At least one. Parts of one history belong together: plays are added up, and a play in two of them
            counts once, which is not possible after each has become a library of its own.
        report : Report
            Told before every file.

        Returns
        -------
        Library
            Saved songs first, then playlists, then what was only listened to. Without any features.

        Raises
        ------
        SourceError
            When there is no file of a package, none can be read, or none holds a track.
        """
        where = PATH_SEPARATOR.join(paths)
        package = _Package()
        refused: list[SourceError] = []
        with ExitStack() as stack:
            parts = [part for path in paths for part in stack.enter_context(open_parts(path, is_wanted, depth=_DEPTH))]
            if not parts:
                raise SourceError(
                    "it holds no file of a Spotify data package", where=where,
                    next_step="YourLibrary.json, Playlist1.json or Streaming_History_Audio_….json are read",
                )  # fmt: skip
            parts.sort(key=_reading_order)
            for done, part in enumerate(parts):
                report(done, len(parts), f"Reading {part.name}")
                try:
                    package.read(part)
                except SourceError as error:
                    refused.append(error)
        if len(refused) == len(parts):
            raise refused[0]
        report(len(parts), len(parts), "Reading the package")
        library = package.library(where)
        if not refused:
            return library
        text = f"{counted(len(refused), 'file')} skipped (first: {refused[0].line()})"
        return library.with_notices([Notice("skipped-file", len(refused), text)])


def _is_zip_file(path: str) -> bool:
    try:
        return path.lower().endswith(".zip") and Path(path).is_file()
    except (OSError, ValueError):  # a name too long, a null character
        return False


def _reading_order(part: Part) -> tuple[int, tuple[tuple[int, int, str], ...], str]:
    kind = kind_by_name(part.name)
    return (len(FileKind) if kind is None else kind, natural_order(part.name), part.where)


@dataclass
class _Package:
    """What was found in the files so far, one entry a mention of a track."""

    uris: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    artists: list[str] = field(default_factory=list)
    albums: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    origins: list[tuple[str, ...]] = field(default_factory=list)
    plays: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    history: History = field(default_factory=History)
    notices: list[Notice] = field(default_factory=list)

    def read(self, part: Part) -> None:
        """Take in one file."""
        kind = kind_of(part)
        if kind is None:
            raise SourceError("this is no file of a Spotify data package", where=part.where)
        value, notices = parse(part.read(), wanted=_WANTED[kind], where=part.where)
        if kind is FileKind.LIBRARY:
            self._read_library(value, part.where)
        elif kind is FileKind.PLAYLISTS:
            self._read_playlists(value, part.where)
        else:
            if not isinstance(value, list):
                raise wrong_shape(part.where, "streaming history")
            add = self.history.add_extended if kind is FileKind.EXTENDED_HISTORY else self.history.add_account
            for entry in value:
                add(entry)
        self.notices += notices

    def _read_library(self, value: object, where: str) -> None:
        tracks = value.get("tracks") if isinstance(value, dict) else None
        if not isinstance(tracks, list):
            raise wrong_shape(where, "list of saved tracks")
        for entry in tracks:
            if isinstance(entry, dict):
                names = (text_of(entry, "track"), text_of(entry, "artist"), text_of(entry, "album"))
                self._mention(text_of(entry, "uri"), names, LIKED_SONGS, "")
            else:
                self.counts["unreadable"] += 1

    def _read_playlists(self, value: object, where: str) -> None:
        playlists = value.get("playlists") if isinstance(value, dict) else None
        if not isinstance(playlists, list):
            raise wrong_shape(where, "list of playlists")
        for playlist in playlists:
            items = playlist.get("items") if isinstance(playlist, dict) else None
            if not isinstance(items, list):
                self.counts["unreadable"] += 1
                continue
            name = " ".join(text_of(playlist, "name").split()) or UNNAMED
            for item in items:
                self._read_item(item, name)

    def _read_item(self, item: object, playlist: str) -> None:
        if not isinstance(item, dict):
            self.counts["unreadable"] += 1
            return
        track = item.get("track")
        if isinstance(track, dict):
            names = (text_of(track, "trackName"), text_of(track, "artistName"), text_of(track, "albumName"))
            self._mention(text_of(track, "trackUri"), names, playlist, text_of(item, "addedDate"))
        elif item.get("localTrack") is not None:
            self.counts["local"] += 1
        elif item.get("episode") is not None or item.get("audiobook") is not None:
            self.counts["podcast"] += 1
        else:
            self.counts["empty"] += 1

    def _mention(
        self, address: str, names: tuple[str, str, str], origin: str, date: str, plays: float = np.nan
    ) -> None:
        """Note that a track is saved, in a playlist or in the history; count what is no track."""
        bare = spotify_id(address)
        if bare is None and (address or not names[0]):
            kinds = {"spotify:local": "local", "spotify:episo": "podcast", "spotify:chapt": "podcast"}
            self.counts[kinds.get(address[:13], "unreadable" if address else "empty")] += 1
            return
        self.uris.append(spotify_uri(bare) if bare else "")
        self.titles.append(names[0])
        self.artists.append(names[1])
        self.albums.append(names[2])
        self.dates.append(date)
        self.origins.append((origin,))
        self.plays.append(plays)

    def library(self, path: str) -> Library:
        """Make the library of all that was found."""
        for played in self.history.played():
            self._mention(played.uri, (played.title, played.artist, played.album), HISTORY, "", float(played.plays))
        self.counts += self.history.counts
        if not self.uris:
            raise SourceError("no track of Spotify is listed", where=path)
        ids = self._ids()
        tracks = pd.DataFrame(
            {
                "title": self.titles, "artist": self.artists, "album": self.albums, "added_at": self.dates,
                "uri": [f"{TRACK_ADDRESS}{one}" if not one.startswith(NAME_ID) else "" for one in ids],
                "play_count": self.plays,
            },
            index=pd.Index(ids, dtype="str"),
        )  # fmt: skip
        tracks["origins"] = self.origins
        # One track can be played by its id in one file and by its name in another.
        tracks["play_count"] = tracks.groupby(level=0)["play_count"].transform("sum", min_count=1).to_numpy()
        groups, _ = pd.factorize(tracks.index)
        nothing = pd.DataFrame(index=tracks.index)
        providers = pd.Series("", index=tracks.index, dtype=object)
        joined, features, _ = join_rows(tracks, nothing, providers, groups.astype(np.int64))
        self.counts["no-id"] = int(joined.index.str.startswith(NAME_ID).sum())
        notices = [*self.notices, *_told(self.counts)]
        return make_library(joined, features, kind=SpotifyPackageSource.kind, path=path, notices=notices)

    def _ids(self) -> list[str]:
        """Return the id of every mention; those without one take it from a mention of the same name that has one."""
        bare = [uri.removeprefix(TRACK_ADDRESS) for uri in self.uris]
        if all(bare):
            return bare
        keys = [name_key(title, artist) for title, artist in zip(self.titles, self.artists, strict=True)]
        known: dict[str, str] = {}
        for key, one in zip(keys, bare, strict=True):
            if key and one:
                known.setdefault(key, one)
        self.counts["matched"] = sum(not one and key in known for key, one in zip(keys, bare, strict=True))
        return [one or known.get(key) or f"{NAME_ID}{key}" for key, one in zip(keys, bare, strict=True)]


def _told(counts: Counter[str]) -> list[Notice]:
    return [
        Notice(kind, counts[kind], f"{counted(counts[kind], noun)}: {outcome}")
        for kind, (noun, outcome) in _TOLD.items()
        if counts[kind]
    ]
