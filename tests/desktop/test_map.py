"""The map by itself: what a lasso holds, what moves, what a feature's colours are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from desktop.plots.colors import luminance, rgb
from desktop.plots.data import MapData
from desktop.plots.groups import by_feature
from desktop.plots.point_layer import CRISP
from desktop.plots.raster import Frame, dots
from desktop.shown import Shown
from desktop.theme import make_theme
from desktop.views.map import TrackMap, inside_polygon


def made_up(n: int) -> Shown:
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
    shown = made_up(60)
    view.show_shown(shown)
    view.grab()
    for panel in (0, 1):
        for row in (0, 17, 59):
            point = view.point_of(row, panel)
            xy = shown.map.xy
            found = view.row_at(point)
            assert np.linalg.norm(xy[found] - xy[row]) < 0.05
    assert view.row_at(view.point_of(0) * 0) == -1


def drag(view: TrackMap, qtbot: QtBot, across: int) -> None:
    """Drag the right map with the left button."""
    start = view.panels[-1].box.sceneBoundingRect().center().toPoint()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(view.viewport(), start + QPoint(across * step // 5, 0))
        qtbot.wait(15)  # pyqtgraph passes over moves that come quicker than a hundred a second
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(across, 0))


def wait_drawn(view: TrackMap, qtbot: QtBot) -> None:
    """Wait until every picture shows what it should."""
    view.grab()
    qtbot.waitUntil(lambda: all(panel.points.is_ready and panel.chosen.is_ready for panel in view.panels))


def inked(image: QImage, view: TrackMap, panel: int) -> np.ndarray:
    """Return which pixels of a map differ from its background."""
    rect = view.panels[panel].box.sceneBoundingRect().toRect().adjusted(2, 2, -2, -2)
    part = image.copy(rect).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(part.constBits(), dtype=np.uint32).reshape(part.height(), -1)[:, : part.width()]
    return np.asarray(pixels & 0xFFFFFF) != int(view._theme.surface[1:], 16)


@pytest.mark.parametrize("n", [500, 3 * CRISP])
def test_both_maps_move_together_with_the_mouse_and_home_shows_all(view: TrackMap, qtbot: QtBot, n: int) -> None:
    view.show_shown(made_up(n))
    wait_drawn(view, qtbot)
    home = view.panels[-1].box.viewRange()
    drag(view, qtbot, 60)
    assert view.panels[-1].box.viewRange() != home
    assert view.panels[0].box.viewRange() == view.panels[1].box.viewRange()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert np.allclose(view.panels[-1].box.viewRange(), home)


def test_very_many_points_move_at_once_as_one_picture(view: TrackMap, qtbot: QtBot) -> None:
    view.show_shown(made_up(3 * CRISP))
    wait_drawn(view, qtbot)
    before = inked(view.grab().toImage(), view, 1)
    view.panels[-1].box.translateBy(x=-40 * view.panels[-1].box.viewPixelSize()[0])
    after = inked(view.grab().toImage(), view, 1)
    assert (before[:, :-40] == after[:, 40:]).mean() > 0.97
    assert view.panels[-1].points.is_ready


def test_zoomed_in_very_many_points_are_round_and_large(view: TrackMap, qtbot: QtBot) -> None:
    shown = made_up(3 * CRISP)
    view.show_shown(shown)
    wait_drawn(view, qtbot)
    for _ in range(18):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    wait_drawn(view, qtbot)
    image, box = inked(view.grab().toImage(), view, 1), view.panels[-1].box
    rect = box.sceneBoundingRect().toRect().adjusted(2, 2, -2, -2)
    (left, right), (low, high) = box.viewRange()
    x, y = shown.map.xy.T
    inside = np.flatnonzero((x > left) & (x < right) & (y > low) & (y < high))
    assert 5 < len(inside) < 2000
    places = [view.point_of(row).toPoint() - rect.topLeft() for row in inside[:40].tolist()]
    whole = [at for at in places if 5 < at.x() < rect.width() - 5 and 5 < at.y() < rect.height() - 5]
    assert whole
    for place in whole:
        assert image[place.y() - 2 : place.y() + 3, place.x() - 2 : place.x() + 3].mean() > 0.9


def test_a_choice_among_very_many_points_stands_out(view: TrackMap, qtbot: QtBot) -> None:
    shown = made_up(3 * CRISP)
    view.show_shown(shown)
    chosen = np.flatnonzero(shown.map.xy[:, 0] > 0.5)
    view.show_selection(chosen, chosen[:1])
    wait_drawn(view, qtbot)
    image, theme = view.grab().toImage(), make_theme(dark=False)

    def distance(x: float, y: float) -> float:
        """Return how far the map's average colour around a place is from its background."""
        place = view.panels[-1].box.mapViewToScene(QPointF(x, y)).toPoint()
        near = [image.pixelColor(place + QPoint(a, b)).name() for a in range(-8, 9) for b in range(-8, 9)]
        return float(np.mean([np.abs(rgb(color) - rgb(theme.surface)).sum() for color in near]))

    assert distance(1.2, 0.6) > 2 * distance(-1.2, 0.6)


def test_the_keyboard_moves_and_zooms(view: TrackMap, qtbot: QtBot) -> None:
    view.show_shown(made_up(60))
    (left, right), _ = view.panels[-1].box.viewRange()
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    (near, far), _ = view.panels[-1].box.viewRange()
    assert far - near < right - left
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.panels[-1].box.viewRange()[0][0] > near


def test_a_raster_shows_each_group_where_it_is_and_in_its_colour() -> None:
    frame = Frame.around((0.0, 100.0), (0.0, 50.0), (100.0, 50.0), ratio=1.0, margin=10.0)
    assert (frame.width, frame.height) == (120, 70)
    xy = np.array([[20.0, 10.0], [80.0, 40.0], [80.0, 40.0], [-500.0, 0.0]], dtype=np.float32)
    rows, places = frame.places(xy, reach=2.0)
    assert rows.tolist() == [0, 1, 2]
    codes = np.array([0, 1, 1], dtype=np.uint8)
    *steps, picture = dots(frame, [(places, codes)], ("#ff0000", "#0000ff"), side=2, opacity=0.5)
    assert set(steps) == {None}
    assert picture is not None
    seen = {(int(row), int(column)): int(picture[row, column]) for row, column in np.argwhere(picture)}
    # A point 20 right and 10 up is 30 right of and 50 below the corner of the picture.
    half = 0x80800000
    assert {place: shade for place, shade in seen.items() if place[1] < 60} == dict.fromkeys(
        [(49, 29), (49, 30), (50, 29), (50, 30)], half
    )
    # Two points on each other are more opaque than one.
    assert {shade for place, shade in seen.items() if place[1] > 60} == {0xBF0000BF}


def test_a_frame_covers_what_lies_inside_it_at_the_same_scale() -> None:
    frame = Frame.around((0.0, 10.0), (0.0, 10.0), (100.0, 100.0), ratio=2.0, margin=50.0)

    def view(left: float, size: float = 10.0) -> Frame:
        return Frame.around((left, left + size), (0.0, size), (100.0, 100.0), ratio=2.0, margin=0.0)

    assert frame.covers(view(0.0))
    assert frame.covers(view(5.0))
    assert frame.covers(view(-5.0))
    assert not frame.covers(view(5.1))
    assert not frame.covers(view(0.0, 9.0))


@pytest.mark.parametrize("dark", [False, True])
def test_a_feature_has_steps_with_equally_many_tracks(dark: bool) -> None:
    values = np.append(np.random.default_rng(1).random(7000), np.nan)
    found = by_feature(values, "energy", make_theme(dark=dark))
    assert [group.tracks for group in found.groups] == [1000] * 7
    assert found.groups[0].name.startswith("calm 0.00–0.")
    assert found.groups[-1].name.endswith("1.00 energetic")
    assert [(line.name, line.tracks) for line in found.rest] == [("unknown", 1)]
    light = [luminance(group.color) for group in found.groups]
    assert light == sorted(light, reverse=not dark)


def test_a_feature_with_one_value_is_one_step() -> None:
    found = by_feature(np.full(5, 0.5), "energy", make_theme(dark=False))
    assert [(group.name, group.tracks) for group in found.groups] == [("0.50", 5)]
