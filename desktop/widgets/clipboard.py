"""Links of tracks on the clipboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication

from desktop import messages


def copy_links(links: Sequence[str]) -> str:
    """Put links on the clipboard, one a line, and return what to say; without any, what is there stays."""
    if not links:
        return messages.NO_LINKS()
    QGuiApplication.clipboard().setText("\n".join(links) + "\n")
    return messages.LINKS_COPIED(count=f"{len(links):,}")
