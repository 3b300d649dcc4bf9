"""The text that is translated when it is used."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication

CONTEXT: Final = "Leitmotif"


class Message:
    """A text that is translated when it is used.

    Parameters
    ----------
    source : str
        The text in English, with ``{placeholders}``.
    """

    def __init__(self, source: str) -> None:
        self.source = source

    def __call__(self, **values: object) -> str:
        """Return the text in the person's language with the values filled in."""
        text = QCoreApplication.translate(CONTEXT, self.source)
        return text.format(**values) if values else text
