"""A field for the length of a track, written as on a record sleeve."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QLineEdit

from core.errors import OptionError
from desktop import messages

#: 2:30 or 1:02:30, and 150; all may have a part of a second after a point.
_CLOCK = re.compile(r"(?:(\d{1,3}):(?=[0-5]\d:))?(\d{1,4}):([0-5]\d(?:\.\d+)?)")
_SECONDS = re.compile(r"\d{1,6}(?:\.\d+)?")
_MINUTE, _HOUR = 60.0, 3600.0


class LengthField(QLineEdit):
    """Takes minutes:seconds or seconds; empty for any length."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 0.0
        self.setPlaceholderText(messages.ANY())

    def set_seconds(self, seconds: float) -> None:
        """Show a length in seconds; 0 for any."""
        self._seconds = seconds
        self.setText(messages.clock(seconds) if seconds else "")

    def seconds(self) -> float:
        """Return the length in seconds; 0 for any.

        Raises
        ------
        OptionError
            When what stands here is no length.
        """
        if self.text() == (messages.clock(self._seconds) if self._seconds else ""):
            # One set to a part of a second elsewhere stays until it is written anew.
            return self._seconds
        text = self.text().strip()
        if not text or _SECONDS.fullmatch(text):
            return float(text or 0.0)
        found = _CLOCK.fullmatch(text)
        if found is None:
            raise OptionError(messages.NO_LENGTH(text=text), next_step=messages.LENGTH_HOW())
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return hours * _HOUR + minutes * _MINUTE + seconds

    @property
    def is_readable(self) -> bool:
        """Whether what stands here is a length."""
        try:
            self.seconds()
        except OptionError:
            return False
        return True
