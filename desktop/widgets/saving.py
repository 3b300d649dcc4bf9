"""Pictures and tables that a person saves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from core.errors import LeitmotifError
from core.files import write_atomically
from desktop import messages
from desktop.session import Session
from desktop.theme import Theme
from desktop.widgets.basics import tool


def save_button(theme: Theme, picture: Callable[[], None], table: Callable[[], None]) -> QToolButton:
    """Return a button that saves what a view shows, as a picture or as a table."""
    made = tool("save", messages.SAVE(), theme)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(made)
    menu.addAction(messages.SAVE_PICTURE()).triggered.connect(picture)
    menu.addAction(messages.SAVE_TABLE()).triggered.connect(table)
    made.setMenu(menu)
    return made


def save_picture(parent: QWidget, session: Session, name: str, draw: Callable[[Path], None]) -> None:
    """Ask where to, and draw a picture there."""
    path, chosen = QFileDialog.getSaveFileName(
        parent, messages.SAVE_PICTURE(), f"{name}.png", messages.PICTURES_FILTER()
    )
    if not path:
        return
    ending = ".svg" if "svg" in chosen else ".png"
    target = Path(path) if Path(path).suffix else Path(path + ending)
    _save(session, target, draw)


def save_table(parent: QWidget, session: Session, name: str, rows: Iterable[Sequence[str]]) -> None:
    """Ask where to, and write a table there."""
    path, _ = QFileDialog.getSaveFileName(parent, messages.SAVE_TABLE(), f"{name}.csv", messages.TABLES_FILTER())
    if not path:
        return
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows(rows)
    _save(session, Path(path), lambda target: write_atomically(target, content.getvalue()))


def _save(session: Session, target: Path, write: Callable[[Path], None]) -> None:
    try:
        write(target)
    except LeitmotifError as error:
        session.failed.emit(error)
    else:
        session.said.emit(messages.SAVED(path=target))
