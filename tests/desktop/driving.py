"""What a person does with a window, and what they see: shared by the tests that drive one."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QListView,
    QMenu,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.models.playlists import NOWHERE_ROLE, REASON_ROLE
from desktop.selection import Selection
from desktop.shown import Shown
from desktop.tasks import Worker
from desktop.views.export import ExportDialog
from desktop.views.workspace import Workspace
from desktop.widgets.tracks_drag import drag_of
from desktop.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_FREE = Qt.KeyboardModifier.NoModifier

D = TypeVar("D", bound=QDialog)


# What is there


def workspace_of(window: MainWindow) -> Workspace:
    """Return the views of the open library."""
    assert window.workspace is not None
    return window.workspace


def shown_of(window: MainWindow) -> Shown:
    """Return what the views show."""
    assert window.session.shown is not None
    return window.session.shown


def selection_of(window: MainWindow) -> Selection:
    """Return what is chosen in all views."""
    assert window.session.selection is not None
    return window.session.selection


def names(window: MainWindow) -> list[str]:
    """Return the names of the playlists as they are listed."""
    return [group.name.text for group in shown_of(window).groups]


def counts(window: MainWindow) -> dict[str, int]:
    """Return the numbers in the list of playlists, by name."""
    model = workspace_of(window).playlists.model
    found = {}
    for index in (model.index(row) for row in range(model.rowCount())):
        group = model.group(index)
        found[index.data()] = group.size if group else index.data(NOWHERE_ROLE)
    return found


def shown_texts(window: MainWindow, column: str) -> list[str]:
    """Return a column of the table of tracks, from top to bottom."""
    model = workspace_of(window).tracks.model
    place = model.columns.index(column)
    return [model.index(row, place).data() for row in range(model.rowCount())]


def taken_away(window: MainWindow) -> dict[str, object]:
    """Return all that a person would take away: playlists with their tracks in order, colours, what is left out."""
    shown = shown_of(window)
    curated = shown.analysis.curated
    playlists = {one.lineage: (one.name, one.description, one.track_ids) for one in curated.playlists}
    return {**playlists, "members": shown.members, "numbers": shown.numbers, "left out": dict(curated.left_out)}


def loneliest(shown: Shown) -> int:
    """Return the track that is farthest from its nearest neighbour on the map."""
    xy = shown.map.xy
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2) + np.diag(np.full(len(xy), np.inf))
    return int(apart.min(axis=1).argmax())


# Waiting


def wait_ready(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until an analysis is on the screen and nothing is under way."""
    qtbot.waitUntil(
        lambda: (
            window.session.outcome is not None
            and not window.workers.compute.is_busy
            and (window.session.stage != "ready" or window.pages.currentWidget() is window.workspace)
        )
    )


def wait_other(qtbot: QtBot, window: MainWindow, before: Shown) -> None:
    """Wait until another analysis is shown."""
    qtbot.waitUntil(lambda: window.session.shown is not before)
    wait_ready(qtbot, window)


def wait_number(qtbot: QtBot, window: MainWindow, count: int) -> None:
    """Wait until there are so many playlists."""
    qtbot.waitUntil(lambda: len(names(window)) == count)
    wait_ready(qtbot, window)


def settle(qtbot: QtBot, worker: Worker) -> None:
    """Wait until a worker has nothing left to do and all its results have arrived."""
    while True:
        reached: list[object] = []
        worker.queue(lambda _: None, done=reached.append, failed=reached.append)
        qtbot.waitUntil(lambda reached=reached: bool(reached))
        if not worker.is_busy:
            return


def wait_step(qtbot: QtBot, window: MainWindow) -> QToolButton:
    """Wait until the head of the window shows one place on the way back, and return its button."""

    def steps() -> list[QToolButton]:
        return [step for step in window.header.trail.findChildren(QToolButton) if step.isVisible()]

    qtbot.waitUntil(lambda: len(steps()) == 1)
    return steps()[0]


# Opening


def open_path(qtbot: QtBot, window: MainWindow, path: Path | str) -> None:
    """Open a library, in place of one that may be open, and wait until it is analysed."""
    before = window.session.outcome
    window.session.open_path(str(path))
    qtbot.waitUntil(lambda: window.session.outcome is not before and window.session.outcome is not None)
    wait_ready(qtbot, window)


def open_dialog(qtbot: QtBot, window: QWidget, kind: type[D]) -> D:
    """Return the dialog of a kind that was just opened."""

    def found() -> list[D]:
        return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]

    qtbot.waitUntil(lambda: bool(found()))
    return found()[0]


def open_export(qtbot: QtBot, window: MainWindow) -> ExportDialog:
    """Click on “Export…” and return its dialog."""
    qtbot.mouseClick(window.header.export, LEFT)
    return open_dialog(qtbot, window, ExportDialog)


# Clicking, typing and dragging


def click_row(
    qtbot: QtBot, view: QListView | QTableView, index: QModelIndex, *, held: Qt.KeyboardModifier = _FREE
) -> None:
    """Click on a row or cell, with a key held down."""
    view.scrollTo(index)
    qtbot.mouseClick(view.viewport(), LEFT, held, view.visualRect(index).center())


def click_playlist(qtbot: QtBot, window: MainWindow, *rows: int) -> None:
    """Choose one playlist by its row, or several with Ctrl held down."""
    playlists = workspace_of(window).playlists
    for place, row in enumerate(rows):
        click_row(qtbot, playlists.list, playlists.model.index(row), held=CTRL if place else _FREE)


def choose_left_out(qtbot: QtBot, window: MainWindow, reason: str) -> None:
    """Choose the tracks that are left out for a reason."""
    click_playlist(qtbot, window, row_of(window, reason))


def row_of(window: MainWindow, reason: str) -> int:
    """Return the row of the tracks that are left out for a reason."""
    model = workspace_of(window).playlists.model
    return next(row for row in range(model.rowCount()) if model.index(row).data(REASON_ROLE) == reason)


def choose(menu: QMenu | None, text: str) -> None:
    """Choose an entry of a menu."""
    assert menu is not None
    next(action for action in menu.actions() if action.text().startswith(text)).trigger()


def choose_item(box: QComboBox, place: int) -> None:
    """Choose an item of a list that folds out."""
    assert 0 <= place < box.count()
    box.setFocus()
    box.setCurrentIndex(place)
    box.activated.emit(place)


def ask_for(qtbot: QtBot, window: MainWindow, count: int) -> None:
    """Ask for a number of playlists in the header, and wait for them."""
    choose(window.header.count.menu(), str(count))
    wait_number(qtbot, window, count)


def write(qtbot: QtBot, field: QLineEdit | QAbstractSpinBox, text: str) -> None:
    """Replace what stands in a field and press Return."""
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def rename_by_keys(qtbot: QtBot, space: Workspace, row: int, text: str) -> None:
    """Choose a playlist, press F2, type, press Return."""
    playlists = space.playlists.list
    click_row(qtbot, playlists, space.playlists.model.index(row))
    qtbot.keyClick(playlists, Qt.Key.Key_F2)
    editor = playlists.findChild(QLineEdit)
    assert editor is not None
    write(qtbot, editor, text)


def merge(qtbot: QtBot, window: MainWindow, first: int, second: int) -> None:
    """Choose two playlists and click on “Merge”."""
    click_playlist(qtbot, window, first, second)
    qtbot.mouseClick(workspace_of(window).playlists.merge_button, LEFT)


def lasso_around(qtbot: QtBot, window: MainWindow, row: int) -> None:
    """Draw around a track and its neighbours."""
    space = workspace_of(window)
    view = space.map.map
    qtbot.mouseClick(space.map.lasso, LEFT)
    middle = view.point_of(row)
    away = ((-60, -60), (20, -60), (20, 60), (-60, 60), (-60, -58))
    first, *others = [(middle + QPointF(*one)).toPoint() for one in away]
    qtbot.mousePress(view.viewport(), LEFT, pos=first)
    for place in others:
        qtbot.mouseMove(view.viewport(), place)
        QApplication.processEvents()
    qtbot.mouseRelease(view.viewport(), LEFT, pos=others[-1])


def drop(widget: QWidget, path: Path) -> bool:
    """Drag a file over a widget and let it go; return whether the widget took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(5, 5), action, data, LEFT, _FREE)
    QApplication.sendEvent(widget, enter)
    event = QDropEvent(QPointF(5, 5), action, data, LEFT, _FREE)
    QApplication.sendEvent(widget, event)
    return enter.isAccepted() and event.isAccepted()


def drop_tracks(view: QAbstractItemView, index: QModelIndex, rows: np.ndarray) -> bool:
    """Drag tracks over a row of a list and let them go; return whether the row takes them."""
    view.scrollTo(index)
    place, data, action = QPointF(view.visualRect(index).center()), drag_of(rows), Qt.DropAction.MoveAction
    QApplication.sendEvent(view.viewport(), QDragEnterEvent(place.toPoint(), action, data, LEFT, _FREE))
    moving = QDragMoveEvent(place.toPoint(), action, data, LEFT, _FREE)
    QApplication.sendEvent(view.viewport(), moving)
    QApplication.sendEvent(view.viewport(), QDropEvent(place, action, data, LEFT, _FREE))
    return moving.isAccepted()
