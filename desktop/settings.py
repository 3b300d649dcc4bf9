"""What a person chose about the window itself: one typed, versioned file.

A file that cannot be read is set aside and the defaults are used; what another version wrote and this one does not
know is passed over.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal

from core import resources
from core.errors import LeitmotifError
from core.files import write_atomically

Look = Literal["system", "light", "dark"]
LOOKS: tuple[Look, ...] = ("system", "light", "dark")
#: What settings with a few possible values may be.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "look": LOOKS,
    "export_to": ("files", "spotify", "links"),
    "spotify_edited": ("keep", "replace", "new"),
    "spotify_covers": ("yes", "no"),
}
VERSION = 1
FILE_NAME = "window.json"
#: Columns of the table of tracks at first.
DEFAULT_COLUMNS = (
    "title", "artist", "playlist", "fit", "tempo", "energy", "valence", "acousticness", "danceability", "duration_s",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The settings of the window.

    Attributes
    ----------
    look : {"system", "light", "dark"}
        Which theme.
    geometry, layout : str
        Place of the window and of its panels, as Qt writes them, in base 64.
    columns : tuple of str
        Columns of the table of tracks.
    export_folder : str
        Where files were exported to last.
    export_formats : tuple of str
        In which formats.
    export_to : {"files", "spotify", "links"}
        Where playlists were exported to last.
    spotify_edited : {"keep", "replace", "new"}
        What to do with playlists that were changed on Spotify.
    spotify_covers : {"yes", "no"}
        Whether new playlists on Spotify get a cover.
    last_library : str
        Key of the library that was open when the window was closed; empty when none was.
    """

    look: Look = "system"
    geometry: str = ""
    layout: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    export_folder: str = ""
    export_formats: tuple[str, ...] = ("m3u8", "csv")
    export_to: str = "files"
    spotify_edited: str = "keep"
    spotify_covers: str = "no"
    last_library: str = ""


class SettingsFile:
    """The settings on the disk.

    Parameters
    ----------
    folder : Path, optional
        Where the file lies; the platform's settings folder, or ``LEITMOTIF_HOME``, when not given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or resources.settings_folder()) / FILE_NAME
        self.current = self._load()

    def change(self, **changes: Any) -> Settings:
        """Change some settings and write them; a disk that refuses costs only the memory of them.

        Returns
        -------
        Settings
            As they are now.
        """
        self.current = replace(self.current, **changes)
        document = {"version": VERSION, **asdict(self.current)}
        with contextlib.suppress(OSError, LeitmotifError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return self.current

    def _load(self) -> Settings:
        try:
            content = self.path.read_bytes()
        except OSError:
            return Settings()
        try:
            return _settings(json.loads(content.decode("utf-8")))
        except (ValueError, TypeError, KeyError, AttributeError):
            with contextlib.suppress(OSError):
                self.path.replace(self.path.with_suffix(".damaged.json"))
            return Settings()


def _settings(document: Mapping[str, Any]) -> Settings:
    """Return settings from a document; what is unknown or of a wrong kind is left at its default."""
    default = Settings()
    known: dict[str, Any] = {}
    for entry in fields(Settings):
        value, usual = document.get(entry.name), getattr(default, entry.name)
        if isinstance(usual, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
            known[entry.name] = tuple(value)
        elif isinstance(usual, Mapping) and isinstance(value, dict):
            known[entry.name] = {str(key): str(item) for key, item in value.items()}
        elif isinstance(usual, str) and isinstance(value, str):
            known[entry.name] = value
    for name, choices in CHOICES.items():
        if known.get(name) not in choices:
            known.pop(name, None)
    return Settings(**known)


def as_bytes(text: str) -> bytes:
    """Return text that Qt wrote as base 64; what is none becomes bytes that Qt passes over."""
    return text.encode("ascii", "ignore")
