"""Reading the data files that ship with the program, and where a person's own files live."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path


def read_text(name: str) -> str:
    """Return the text of a file in ``resources/``.

    Parameters
    ----------
    name : str
        Path below ``resources/``, with forward slashes.

    Returns
    -------
    str
        The file's text, decoded as UTF-8.
    """
    return files("resources").joinpath(name).read_text(encoding="utf-8")


def data_folder() -> Path:
    """Return the folder for the database and the logs; it may not exist yet.

    ``LEITMOTIF_HOME`` overrides the platform's place.
    """
    return _folder("user_data_path", "data")


def settings_folder() -> Path:
    """Return the folder for settings and a person's own word list; it may not exist yet."""
    return _folder("user_config_path", "settings")


def _folder(kind: str, below_home: str) -> Path:
    home = os.environ.get("LEITMOTIF_HOME")
    if home:
        return Path(home).expanduser() / below_home
    import platformdirs

    path: Path = getattr(platformdirs, kind)("leitmotif", appauthor=False)
    return path
