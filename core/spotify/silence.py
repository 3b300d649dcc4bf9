"""Keeping secrets out of logs: spotipy writes tokens, codes and verifiers to its debug log."""

from __future__ import annotations

import logging
from typing import Final

_LOGGERS: Final = ("spotipy", "spotipy.client", "spotipy.oauth2", "spotipy.cache_handler", "spotipy.util")


def _drop(record: logging.LogRecord) -> bool:
    del record
    return False


def silence_spotipy() -> None:
    """Drop everything spotipy would log, at any level and whatever is configured later."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        # A filter cannot be undone by setting a level; adding it twice has no effect.
        logger.addFilter(_drop)
