"""The map by itself: what a lasso holds, what moves, what a feature's colours are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from desktop.plots.data import MapData
from desktop.shown import Shown
from desktop.theme import make_theme
from desktop.views.map import SKETCH, TrackMap, inside_polygon


def shown_of(n: int) -> Shown:
    """Return what a map needs of an analysis."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, n).astype(np.int64)
    xy = rng.normal(size=(n, 2))
    genres = np.array(["Rock", "Jazz"], dtype=object)[rng.integers(0, 2, n)]
    names = tuple("abcd")
    data = MapData(xy, labels, tuple(range(4)), names, genres, ("energy", "valence"), np.eye(2), np.array([0.5, 0.3]))
    texts = np.full(n, "x", dtype=object)
    made = object.__new__(Shown)
    columns = {"title": texts, "artist": texts, "playlist": texts}
    for name, value in {"map": data, "labels": labels, "columns": columns}.items():
        object.__setattr__(made, name, value)
    return made


@pytest.fixture
def view(qtbot: QtBot) -> TrackMap:
    made = TrackMap(make_theme(dark=False))
    qtbot.addWidget(made)
    made.resize(1000, 560)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_lasso_holds_what_lies_inside_also_where_it_crosses_itself() -> None:
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    points = np.array([[1.0, 1.0], [3.0, 1.0], [-0.1, 0.5], [1.9, 0.1]])
    assert inside_polygon(points, square).tolist() == [True, False, False, True]
    bow = np.array([[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]])
    assert inside_polygon(np.array([[0.2, 1.0], [1.8, 1.0], [1.0, 0.2]]), bow).tolist() == [True, True, False]


def test_a_track_is_found_where_it_is_drawn(view: TrackMap, qtbot: QtBot) -> None:
    shown = shown_of(60)
    view.show_shown(shown)
    view.grab()
    for panel in (0, 1):
        for row in (0, 17, 59):
            point = view.point_of(row, panel)
            xy = shown.map.xy
            found = view.row_at(point)
            assert np.linalg.norm(xy[found] - xy[row]) < 0.05
    assert view.row_at(view.point_of(0) * 0) == -1


def test_few_points_are_drawn_while_the_map_moves_and_all_when_it_stands_still(view: TrackMap, qtbot: QtBot) -> None:
    view.show_shown(shown_of(3 * SKETCH))
    view.grab()
    home = view.panels[-1].box.viewRange()
    middle = view.panels[-1].box.sceneBoundingRect().center().toPoint()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    for step in range(1, 6):
        qtbot.mouseMove(view.viewport(), middle + QPoint(12 * step, 0))
        qtbot.wait(2)
    assert not view.panels[-1].points.isVisible()
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    qtbot.waitUntil(view.panels[-1].points.isVisible)
    assert view.panels[-1].box.viewRange() != home
    assert view.panels[0].box.viewRange() == view.panels[1].box.viewRange()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert np.allclose(view.panels[-1].box.viewRange(), home)


def test_the_keyboard_moves_and_zooms(view: TrackMap, qtbot: QtBot) -> None:
    view.show_shown(shown_of(60))
    (left, right), _ = view.panels[-1].box.viewRange()
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    (near, far), _ = view.panels[-1].box.viewRange()
    assert far - near < right - left
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.panels[-1].box.viewRange()[0][0] > near
