"""Pictures and tables that a person saves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from core.errors import LeitmotifError
from core.files import write_atomically
from core.progress import Report
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
    # A picture is drawn by Qt's own scene, which belongs to the window's thread.
    try:
        draw(target)
    except LeitmotifError as error:
        session.failed.emit(error)
    else:
        session.said.emit(messages.SAVED(path=target))


def save_table(parent: QWidget, session: Session, name: str, rows: Iterable[Sequence[str]]) -> None:
    """Ask where to, and write a table there.

    Parameters
    ----------
    parent : QWidget
        What asks.
    session : Session
        Whose worker writes.
    name : str
        What the file is called at first, without its ending.
    rows : iterable of sequence of str
        Head and rows, which are made in the worker; nothing they are made from may change.
    """
    path, _ = QFileDialog.getSaveFileName(parent, messages.SAVE_TABLE(), f"{name}.csv", messages.TABLES_FILTER())
    if not path:
        return
    target = Path(path)

    def write(_report: Report) -> None:
        content = io.StringIO()
        csv.writer(content, lineterminator="\n").writerows(rows)
        write_atomically(target, content.getvalue())

    session.workers.disk.queue(
        write, done=lambda _: session.said.emit(messages.SAVED(path=target)), failed=session.report_trouble
    )
