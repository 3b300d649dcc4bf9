"""The heatmap and the map: what they draw, where they put it, and the files they write."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import colorcet
import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import core.records
from core.errors import DataError, ExportError
from core.features import BASE_NAMES
from desktop.plots import arrange, arrays, colors, wording
from desktop.plots.cluster_map import MapView
from desktop.plots.data import HeatmapData, MapData
from desktop.plots.heatmap import HeatmapView
from desktop.plots.parts import LEAN, Badge, Label
from desktop.plots.pictures import SCALE, draw_heatmap, draw_map, write_pictures
from desktop.theme import DARK, LIGHT, Theme, make_theme

PROJECT = Path(__file__).resolve().parent.parent.parent
LONG_GENRES = ("Jazz/Experimental/International", "Old-Time / Historic/Spoken", "Rock", "Folk/Blues", "Hip-Hop")
WORDS = ("Slow", "Somber", "Bright", "Vocal", "Restless", "Instrumental", "Acoustic", "Electronic", "Live", "Calm")


def name_of(cluster: int) -> str:
    """Return a name of 5 to 40 characters that no other cluster has."""
    picks = [WORDS[(cluster * step + step) % len(WORDS)] for step in range(1, 5)]
    return f"{cluster + 1}th {' '.join(picks)}"[: 8 + 4 * (cluster % 9)].strip()


def heatmap_of(k: int, *, seed: int = 1) -> HeatmapData:
    """Return k clusters with values between 0 and 1."""
    rng = np.random.default_rng(seed)
    centroids = rng.random((k, len(BASE_NAMES)))
    sizes = np.sort(rng.integers(20, 3000, k))[::-1].astype(np.int64)
    names = tuple(name_of(cluster) for cluster in range(k))
    return HeatmapData(
        BASE_NAMES, tuple(range(k)), names, sizes, centroids, rng.random(len(BASE_NAMES)), int(sizes.sum())
    )


def map_of(k: int, *, tracks: int = 900, genres: tuple[str, ...] = LONG_GENRES, noise: float = 0.0) -> MapData:
    """Return tracks in k round clouds, projected by loadings that point everywhere."""
    rng = np.random.default_rng(2)
    labels = np.sort(rng.integers(0, k, tracks)).astype(np.int64)
    centers = rng.normal(size=(k, 2))
    xy = centers[labels] + 0.25 * rng.normal(size=(tracks, 2))
    xy -= xy.mean(axis=0)
    labels[rng.random(tracks) < noise] = arrays.NOISE
    of_track = np.array([genres[place] for place in rng.integers(0, len(genres), tracks)], dtype=object)
    angles = np.linspace(0.1, 6.0, len(BASE_NAMES))
    loadings = np.stack([np.cos(angles), np.sin(angles)]) * np.linspace(1.0, 0.2, len(BASE_NAMES))
    names = tuple(name_of(cluster) for cluster in range(k))
    return MapData(xy, labels, tuple(range(k)), names, of_track, BASE_NAMES, loadings, np.array([0.39, 0.2843]))


@pytest.fixture
def show_map(qtbot: QtBot) -> Callable[..., MapView]:
    """Return a function that shows a map in its natural size, or in a given one."""
    views = []

    def shown(data: MapData, *, dark: bool = False, size: tuple[int, int] | None = None) -> MapView:
        view = MapView(make_theme(dark=dark))
        views.append(view)
        qtbot.addWidget(view)
        view.show_data(data)
        view.resize(*(size or view.natural_size()))
        view.show()
        view.grab()
        return view

    return shown


@pytest.fixture
def show_heatmap(qtbot: QtBot) -> Callable[..., HeatmapView]:
    """Return a function that shows a heatmap in its natural size, or in a given one."""
    views = []

    def shown(
        data: HeatmapData, *, mode: str = "values", dark: bool = False, size: tuple[int, int] | None = None
    ) -> HeatmapView:
        view = HeatmapView(make_theme(dark=dark))
        views.append(view)
        qtbot.addWidget(view)
        view.show_data(data, mode=mode)  # type: ignore[arg-type]
        view.resize(*(size or view.natural_size()))
        view.show()
        return view

    return shown


def labels_in(view: MapView | HeatmapView) -> list[Label]:
    """Return every text that is seen in a view."""
    return [item for item in view.scene().items() if isinstance(item, Label) and item.isVisible() and item.text]


def marks_in(view: MapView | HeatmapView) -> list[Label | Badge]:
    """Return every text and badge that is seen in a view."""
    return [item for item in view.scene().items() if isinstance(item, Label | Badge) and item.isVisible()]


def what(mark: Label | Badge) -> str:
    return mark.text if isinstance(mark, Label) else f"badge {mark.entry.badge}"


def assert_well_placed(view: MapView | HeatmapView) -> None:
    """Check that every text is whole and inside the view, and that none lies on another or on a badge."""
    assert [label.text for label in labels_in(view) if label.elided] == []
    page = QRectF(view.rect())
    rects = [(what(mark), mark.sceneBoundingRect()) for mark in marks_in(view)]
    assert len(rects) > 10
    assert [text for text, rect in rects if not page.contains(rect)] == []
    overlaps = [
        (one, other) for (one, first), (other, second) in itertools.combinations(rects, 2) if first.intersects(second)
    ]
    assert overlaps == []


def plot_rect(view: MapView, panel: int) -> QRectF:
    return QRectF(view.panels[panel].box.geometry())


class TestHeatmapPicture:
    def test_size_follows_the_content(self, tmp_path: Path, show_heatmap: Callable[..., HeatmapView]) -> None:
        heights = []
        for k in (3, 9, 30):
            draw_heatmap(heatmap_of(k), tmp_path / "heatmap.png")
            image = QImage(str(tmp_path / "heatmap.png"))
            width, height = show_heatmap(heatmap_of(k)).natural_size()
            assert (image.width(), image.height()) == (SCALE * width, SCALE * height)
            heights.append(image.height())
        assert heights[0] < heights[1] < heights[2]
        assert heights[2] - heights[1] >= 21 * 20 * SCALE

    def test_same_data_gives_the_same_bytes(self, tmp_path: Path) -> None:
        draw_heatmap(heatmap_of(9), tmp_path / "one.png")
        draw_heatmap(heatmap_of(9), tmp_path / "two.png")
        draw_heatmap(heatmap_of(9, seed=3), tmp_path / "other.png")
        assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
        assert (tmp_path / "one.png").read_bytes() != (tmp_path / "other.png").read_bytes()

    def test_given_size_is_the_size_of_the_picture(self, tmp_path: Path) -> None:
        draw_heatmap(heatmap_of(5), tmp_path / "heatmap.png", size=(900, 600))
        image = QImage(str(tmp_path / "heatmap.png"))
        assert (image.width(), image.height()) == (900 * SCALE, 600 * SCALE)

    @pytest.mark.parametrize("dark", [False, True])
    def test_cells_have_the_colours_of_their_values(
        self, tmp_path: Path, show_heatmap: Callable[..., HeatmapView], dark: bool
    ) -> None:
        data = heatmap_of(9)
        draw_heatmap(data, tmp_path / "heatmap.png", dark=dark)
        image = QImage(str(tmp_path / "heatmap.png"))
        cells = show_heatmap(data, dark=dark).chart.cells
        seen = []
        for row, column in itertools.product(range(9), range(len(BASE_NAMES))):
            corner = cells.mapToScene(cells.cell(row, column).topLeft() + QPointF(5, 5)) * SCALE
            shade = image.pixelColor(corner.toPoint()).name()
            seen.append((float(cells.values[row, column]), colors.luminance(shade)))
        shades = [shade for _, shade in sorted(seen)]
        # Low values are near the page: the brightness runs one way from the lowest to the highest value.
        assert shades == sorted(shades, reverse=not dark)
        assert abs(shades[0] - shades[-1]) > 0.6

    def test_difference_is_neutral_at_the_median(self, show_heatmap: Callable[..., HeatmapView]) -> None:
        data = heatmap_of(4)
        data.centroids[2] = data.medians
        chart = show_heatmap(data, mode="difference").chart
        row = list(chart.order).index(2)
        ramp = colorcet.palette[LIGHT.diverging]
        middle = np.mean([colors.rgb(ramp[len(ramp) // 2 - 1]), colors.rgb(ramp[len(ramp) // 2])], axis=0)
        assert set(chart.cells.colors[row]) == {colors.hex_of(middle)}
        assert [number.text for number in chart.cells.numbers[row]] == ["0.00"] * len(BASE_NAMES)
        highest = np.unravel_index(np.abs(chart.cells.values).argmax(), chart.cells.values.shape)
        end = ramp[-1] if chart.cells.values[highest] > 0 else ramp[0]
        assert chart.cells.colors[highest] == end.lower()

    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize("mode", ["values", "difference"])
    def test_numbers_read_on_every_cell(self, show_heatmap: Callable[..., HeatmapView], mode: str, dark: bool) -> None:
        cells = show_heatmap(heatmap_of(30), mode=mode, dark=dark).chart.cells
        for row, column in itertools.product(range(30), range(len(BASE_NAMES))):
            number = cells.numbers[row][column]
            assert colors.contrast(number.color, cells.colors[row, column]) >= colors.TEXT_CONTRAST
            assert float(number.text.replace("−", "-")) == pytest.approx(cells.values[row, column], abs=0.00501)
            assert cells.cell(row, column).contains(number.mapRectToParent(number.boundingRect()))

    @pytest.mark.parametrize("mode", ["values", "difference"])
    @pytest.mark.parametrize("k", [1, 2, 9, 30])
    def test_texts_are_whole_and_apart(self, show_heatmap: Callable[..., HeatmapView], k: int, mode: str) -> None:
        view = show_heatmap(heatmap_of(k), mode=mode)
        assert_well_placed(view)
        texts = {label.text for label in labels_in(view)}
        assert {name_of(cluster) for cluster in range(k)} <= texts
        assert set(BASE_NAMES) <= texts
        assert (wording.LIBRARY_ROW() in texts) == (mode == "values")

    def test_names_of_forty_characters_are_shown_whole(self, show_heatmap: Callable[..., HeatmapView]) -> None:
        name = "Wwwwwwwww Mmmmmmmmm & Wwwwwwwww Mmmmmmmm"
        assert len(name) == 40
        data = heatmap_of(2)
        view = show_heatmap(
            HeatmapData(
                data.features, data.cluster_ids, (name, "Calm"), data.sizes, data.centroids, data.medians, data.tracks
            )
        )
        assert_well_placed(view)

    def test_narrow_view_leans_column_names(self, show_heatmap: Callable[..., HeatmapView]) -> None:
        view = show_heatmap(heatmap_of(9), size=(640, 560))
        chart, page = view.chart, QRectF(view.rect())
        lines = []
        for place, head in enumerate(chart.columns):
            assert not head.elided
            assert page.contains(head.sceneBoundingRect())
            start, end = (head.mapToScene(QPointF(x, head.height / 2)) for x in (0.0, head.width))
            # It rises to the right, from above the middle of its column.
            assert end.x() > start.x() + 10
            assert end.y() < start.y() - 10
            cell = chart.cells.mapRectToScene(chart.cells.cell(0, place))
            assert cell.left() < start.x() < cell.right()
            assert start.y() < cell.top()
            lines.append(start)
        # Leaning texts are as far apart as lines of text are.
        apart = [(after.x() - before.x()) * np.sin(np.radians(LEAN)) for before, after in itertools.pairwise(lines)]
        assert min(apart) >= chart.columns[0].height

    @pytest.mark.parametrize("mode", ["values", "difference"])
    @pytest.mark.parametrize("k", [3, 12])
    def test_numbers_are_shown_in_the_smallest_window(self, qtbot: QtBot, k: int, mode: str) -> None:
        view = HeatmapView(make_theme(dark=False), compact=True)
        qtbot.addWidget(view)
        view.show_data(heatmap_of(k), mode=mode)  # type: ignore[arg-type]
        view.resize(526, max(360, view.least_size()[1]))
        view.show()
        assert view.least_size()[0] <= 526
        for row, (badge, name, _) in enumerate(view.chart.rows):
            assert badge is None or QRectF(view.rect()).contains(badge.sceneBoundingRect())
            assert name.width >= 60 or not name.elided, row
        for number in itertools.chain(*view.chart.cells.numbers):
            assert number.isVisible()
            assert QRectF(view.rect()).contains(number.sceneBoundingRect())

    def test_similar_clusters_are_neighbours(self) -> None:
        low, high = np.full(8, 0.1), np.full(8, 0.9)
        centroids = np.array([low, high, low + 0.01, high + 0.01, low + 0.02, high + 0.02])
        order = [int(row) % 2 for row in arrange.row_order(centroids)]
        assert order in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])

    def test_hundreds_of_clusters_show_the_largest(self, show_heatmap: Callable[..., HeatmapView]) -> None:
        view = show_heatmap(heatmap_of(250))
        assert view.chart.title.text == "How the 100 largest of 250 playlists sound"
        assert view.chart.cells.values.shape == (100, len(BASE_NAMES))
        assert sorted(view.chart.order) == list(range(100))

    def test_constant_values_are_drawn(self, tmp_path: Path) -> None:
        data = HeatmapData(("energy",), (0,), ("Same",), np.array([5]), np.array([[0.5]]), np.array([0.5]), 5)
        for mode in ("values", "difference"):
            draw_heatmap(data, tmp_path / f"{mode}.png", mode=mode)  # type: ignore[arg-type]
            assert QImage(str(tmp_path / f"{mode}.png")).width() > 100


class TestMapPicture:
    def test_picture_is_written_and_repeats(self, tmp_path: Path, show_map: Callable[..., MapView]) -> None:
        draw_map(map_of(9), tmp_path / "one.png")
        draw_map(map_of(9), tmp_path / "two.png")
        image = QImage(str(tmp_path / "one.png"))
        width, height = show_map(map_of(9)).natural_size()
        assert (image.width(), image.height()) == (SCALE * width, SCALE * height)
        assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()

    @pytest.mark.parametrize(
        ("k", "genres", "noise"),
        [
            (1, ("Rock",), 0.0),
            (5, LONG_GENRES, 0.1),
            (9, (*LONG_GENRES, ""), 0.0),
            (12, tuple(f"Genre {number}" for number in range(40)), 0.0),
            (30, LONG_GENRES, 0.05),
        ],
    )
    def test_texts_and_badges_are_whole_and_apart(
        self, show_map: Callable[..., MapView], k: int, genres: tuple[str, ...], noise: float
    ) -> None:
        view = show_map(map_of(k, genres=genres, noise=noise))
        assert_well_placed(view)
        texts = {label.text for label in labels_in(view)}
        assert {name_of(cluster) for cluster in range(k)} <= texts
        assert {wording.BY_GENRE(), wording.BY_PLAYLIST()} <= texts

    @pytest.mark.parametrize("k", [5, 30])
    def test_legends_are_outside_the_plots(self, show_map: Callable[..., MapView], k: int) -> None:
        view = show_map(map_of(k))
        for panel, other in itertools.product(view.panels, (0, 1)):
            legend = panel.legend.sceneBoundingRect()
            assert legend.height() > 0
            assert not legend.intersects(plot_rect(view, other))

    def test_words_and_badges_stay_inside_their_plot(self, show_map: Callable[..., MapView]) -> None:
        view = show_map(map_of(30))
        for number, panel in enumerate(view.panels):
            seen = [mark for mark in (*panel.notes.words, *panel.notes.badges) if mark.isVisible()]
            assert len(panel.notes.words) >= 6
            assert len(seen) == len(panel.notes.words) + len(panel.grouping.groups)
            for mark in seen:
                assert plot_rect(view, number).contains(mark.sceneBoundingRect())

    @pytest.mark.parametrize("tracks", [12, 30, 60, 200])
    @pytest.mark.parametrize("size", [None, (520, 380)])
    def test_few_points_are_left_free(
        self, show_map: Callable[..., MapView], tracks: int, size: tuple[int, int] | None
    ) -> None:
        data = map_of(4, tracks=tracks)
        view = show_map(data, size=size)
        for panel in view.panels:
            box, radius = panel.box, arrange.point_look(tracks, panel.box.width() * panel.box.height())[0] / 2
            points = [box.mapViewToScene(QPointF(x, y)) for x, y in data.xy.tolist()]
            # A small plot has no room for long words beside the points.
            marks = [*panel.notes.badges, *(panel.notes.words if size is None else ())]
            assert all(mark.isVisible() for mark in panel.notes.badges)
            for mark in marks:
                rect = mark.sceneBoundingRect().adjusted(-radius, -radius, radius, radius).adjusted(1, 1, -1, -1)
                assert not [point for point in points if rect.contains(point)], what(mark)

    def test_panels_move_together(self, show_map: Callable[..., MapView]) -> None:
        view = show_map(map_of(9))
        left, right = (panel.box for panel in view.panels)
        home = np.array(left.viewRange())
        assert np.allclose(home, right.viewRange())
        left.scaleBy((0.5, 0.5))
        right.translateBy(x=0.3, y=-0.2)
        assert not np.allclose(home, left.viewRange())
        assert np.allclose(left.viewRange(), right.viewRange())

    def test_every_track_is_in_view_and_distances_are_true(self, show_map: Callable[..., MapView]) -> None:
        data = map_of(9)
        view = show_map(data)
        (left, right), (bottom, top) = view.panels[0].box.viewRange()
        assert left < data.xy[:, 0].min() <= data.xy[:, 0].max() < right
        assert bottom < data.xy[:, 1].min() <= data.xy[:, 1].max() < top
        plot = plot_rect(view, 0)
        assert (right - left) / plot.width() == pytest.approx((top - bottom) / plot.height())

    def test_resizing_shows_all_until_a_person_zooms(self, show_map: Callable[..., MapView]) -> None:
        data = map_of(9)
        view = show_map(data, size=(1200, 800))
        box = view.panels[0].box
        view.resize(700, 800)
        (left, right), _ = box.viewRange()
        assert left < data.xy[:, 0].min() <= data.xy[:, 0].max() < right
        box.setRange(xRange=(0.0, 0.5), yRange=(0.0, 0.5), padding=0.0)
        zoomed = np.array(box.viewRange())
        view.resize(1200, 800)
        assert np.allclose(box.viewRange(), zoomed)

    def test_where_groups_mix_none_lies_above_the_other(self, show_map: Callable[..., MapView]) -> None:
        places = np.array([(x, y) for x in range(20) for y in range(20)], dtype=np.float64)
        labels = np.repeat([0, 1], 400)
        data = MapData(
            np.vstack([places, places]), labels, (0, 1), ("Calm", "Loud"), np.full(800, "", dtype=object),
            ("energy",), np.zeros((2, 1)), np.array([0.5, 0.2]),
        )  # fmt: skip
        view = show_map(data)
        assert 0.35 < share_on_top(view, places, LIGHT.cluster_color(1), LIGHT.cluster_color(0)) < 0.65

    def test_tracks_without_a_group_lie_below_the_others(self, show_map: Callable[..., MapView]) -> None:
        places = np.array([(x, y) for x in range(20) for y in range(20)], dtype=np.float64)
        data = MapData(
            np.vstack([places, places]), np.repeat([0, arrays.NOISE], 400), (0,), ("Calm",),
            np.full(800, "", dtype=object), ("energy",), np.zeros((2, 1)), np.array([0.5, 0.2]),
        )  # fmt: skip
        assert share_on_top(show_map(data), places, LIGHT.cluster_color(0), LIGHT.neutral) > 0.97

    @pytest.mark.parametrize("dark", [False, True])
    def test_points_have_their_groups_colours(self, tmp_path: Path, qtbot: QtBot, dark: bool) -> None:
        theme = make_theme(dark=dark)
        xy = np.array([[-3.0, -1.0], [3.0, -1.0], [-3.0, 2.0], [3.0, 2.0]])
        labels = np.array([1, 0, arrays.NOISE, 1])
        genres = np.array(["Rock", "Rock", "Folk", ""], dtype=object)
        loadings = np.array([[0.1], [0.1]])
        data = MapData(xy, labels, (0, 1), ("Calm", "Loud"), genres, ("energy",), loadings, np.array([0.5, 0.2]))
        draw_map(data, tmp_path / "map.png", dark=dark)
        image = QImage(str(tmp_path / "map.png"))
        view = MapView(theme)
        qtbot.addWidget(view)
        view.show_data(data)
        view.resize(*view.natural_size())
        view.show()
        view.grab()
        expected = (
            [theme.genre_color(0), theme.genre_color(0), theme.genre_color(1), theme.neutral],
            [theme.cluster_color(1), theme.cluster_color(0), theme.neutral, theme.cluster_color(1)],
        )
        opacity = arrange.point_look(4, 1e6)[1] / 255
        checked = 0
        for panel, shades in zip(view.panels, expected, strict=True):
            badges = [badge.sceneBoundingRect().adjusted(-9, -9, 9, 9) for badge in panel.notes.badges]
            for track, shade in enumerate(shades):
                place = spot(view, panel, xy[track])
                if any(badge.contains(place) for badge in badges):
                    continue
                pixel = image.pixelColor((place * SCALE).toPoint()).name()
                mixed = opacity * colors.rgb(shade) + (1 - opacity) * colors.rgb(theme.surface)
                assert np.abs(colors.rgb(pixel) - mixed).max() < 0.03
                checked += 1
        assert checked >= 6

    def test_badges_mark_the_middle_of_their_groups(self, show_map: Callable[..., MapView]) -> None:
        data = map_of(4)
        view = show_map(data)
        panel = view.panels[1]
        for badge, cluster in zip(panel.notes.badges, data.cluster_ids, strict=True):
            middle = spot(view, panel, np.median(data.xy[data.labels == cluster], axis=0))
            away = badge.sceneBoundingRect().center() - middle
            assert np.hypot(away.x(), away.y()) < 60

    def test_arrows_point_along_the_loadings(self, show_map: Callable[..., MapView]) -> None:
        data = map_of(3)
        panel = show_map(data).panels[0]
        lengths = np.hypot(*data.loadings)
        order = np.argsort(-lengths, kind="stable")
        assert [word.text for word in panel.notes.words] == [wording.direction(BASE_NAMES[place]) for place in order]
        reach = []
        for (start, tip), place in zip(panel.notes.arrows, order, strict=True):
            across, up = tip.x() - start.x(), start.y() - tip.y()
            assert np.arctan2(up, across) == pytest.approx(np.arctan2(data.loadings[1, place], data.loadings[0, place]))
            reach.append(np.hypot(across, up))
        assert np.allclose(np.array(reach) / reach[0], lengths[order] / lengths[order[0]])
        assert reach[0] > 120

    def test_features_across_the_plane_get_no_arrow(self, show_map: Callable[..., MapView]) -> None:
        data = map_of(3)
        data.loadings[:, 2] = 0.01
        words = {word.text for word in show_map(data).panels[0].notes.words}
        assert "energetic" not in words
        assert len(words) == len(BASE_NAMES) - 1

    def test_no_genres_is_a_state_of_its_own(self, show_map: Callable[..., MapView]) -> None:
        view = show_map(map_of(9, genres=("",)))
        assert_well_placed(view)
        left, right = view.panels
        texts = {label.text for label in labels_in(view) if left.isAncestorOf(label)}
        assert texts == {wording.BY_GENRE(), wording.NO_GENRES(), wording.NO_GENRES_HINT()}
        assert len(left.points) == 0
        assert len(right.points) == 900
        assert plot_rect(view, 1).width() > 2 * plot_rect(view, 0).width()

    def test_tracks_without_a_group_are_named_in_the_legend(self, show_map: Callable[..., MapView]) -> None:
        data = map_of(5, genres=("Rock", ""), noise=0.2)
        genre, cluster = show_map(data).panels
        assert [(line.name, line.tracks) for line in genre.grouping.rest] == [
            (wording.NO_GENRE(), int((data.genres == "").sum()))
        ]
        assert [(line.name, line.tracks) for line in cluster.grouping.rest] == [
            (wording.IN_NO_PLAYLIST(), int((data.labels == arrays.NOISE).sum()))
        ]

    def test_all_tracks_fit_nowhere(self, tmp_path: Path, show_map: Callable[..., MapView]) -> None:
        data = map_of(1, noise=1.1)
        data = MapData(data.xy, data.labels, (), (), data.genres, data.features, data.loadings, data.explained)
        view = show_map(data)
        assert [name.text for name in view.panels[1].legend.names] == [wording.IN_NO_PLAYLIST()]
        assert len(view.panels[1].points) == 900
        assert write_pictures(None, data, tmp_path) == (tmp_path / "map.png",)

    def test_rare_genres_and_small_playlists_share_a_line(self, show_map: Callable[..., MapView]) -> None:
        genres = tuple(f"Genre {number:03}" for number in range(150))
        genre, cluster = show_map(map_of(300, tracks=4000, genres=genres)).panels
        assert [line.name for line in genre.grouping.rest] == ["126 other genres"]
        assert [line.name for line in cluster.grouping.rest] == ["240 smaller playlists"]
        for panel in (genre, cluster):
            assert sum(line.tracks for line in panel.grouping.lines) == 4000

    @pytest.mark.parametrize("tracks", [1, 2, 60])
    def test_few_tracks_are_drawn_at_full_size(self, tmp_path: Path, tracks: int) -> None:
        data = map_of(1, tracks=tracks)
        draw_map(data, tmp_path / "map.png")
        assert QImage(str(tmp_path / "map.png")).width() >= 1000

    def test_small_view_keeps_words_apart_and_drops_the_legend(self, show_map: Callable[..., MapView]) -> None:
        view = show_map(map_of(20), size=(640, 420))
        rects = [mark.sceneBoundingRect() for mark in marks_in(view)]
        assert not any(one.intersects(other) for one, other in itertools.combinations(rects, 2))
        assert not any(panel.legend.isVisible() for panel in view.panels)
        assert plot_rect(view, 0).height() > 200

    def test_showing_other_data_leaves_nothing_of_the_old(self, show_map: Callable[..., MapView]) -> None:
        view = show_map(map_of(9))
        view.show_data(map_of(2))
        assert sorted(badge.entry.badge for badge in view.panels[1].notes.badges) == ["1", "2"]
        assert name_of(8) not in {label.text for label in labels_in(view)}
        assert len({id(panel) for panel in view.panels}) == 2

    def test_texts_on_the_map_of_the_real_library_are_whole_and_apart(
        self, shared: Path, show_map: Callable[..., MapView]
    ) -> None:
        import pandas as pd

        frame = pd.read_csv(shared / "fma" / "tracks_cleaned.csv")
        values = frame[list(BASE_NAMES)].to_numpy(dtype=np.float64).copy()
        values[:, BASE_NAMES.index("tempo")] /= 250.0
        values -= values.mean(axis=0)
        _, strength, axes = np.linalg.svd(values, full_matrices=False)
        xy = values @ axes[:2].T
        labels = (np.digitize(xy[:, 0], [-0.3, 0.3]) * 3 + np.digitize(xy[:, 1], [-0.3, 0.3])).astype(np.int64)
        ids, labels = np.unique(labels, return_inverse=True)
        names = tuple(name_of(cluster) for cluster in range(len(ids)))
        genres = frame["genres_top"].fillna("").to_numpy(dtype=object)
        explained = (strength**2 / (strength**2).sum())[:2]
        data = MapData(
            xy, labels.astype(np.int64), tuple(range(len(ids))), names, genres, BASE_NAMES, axes[:2], explained
        )
        view = show_map(data)
        assert_well_placed(view)
        assert {"Rock", "Electronic"} <= {name.text for name in view.panels[0].legend.names}


def spot(view: MapView, panel: object, point: np.ndarray) -> QPointF:
    """Return where a point of the data lies in the view."""
    view.scene().prepareForPaint()
    return QPointF(panel.box.mapViewToScene(QPointF(*point)))  # type: ignore[attr-defined]


def share_on_top(view: MapView, places: np.ndarray, one: str, other: str) -> float:
    """Return at which share of places the right map looks more like one colour than like another."""
    image = view.grab().toImage()
    seen = [colors.rgb(image.pixelColor(spot(view, view.panels[1], place).toPoint()).name()) for place in places]
    nearer = [np.abs(pixel - colors.rgb(one)).sum() < np.abs(pixel - colors.rgb(other)).sum() for pixel in seen]
    return float(np.mean(nearer))


class TestPoints:
    @pytest.mark.parametrize(("tracks", "small", "large"), [(60, 7, 8), (13_000, 3, 5), (107_000, 2, 2.5)])
    def test_points_shrink_as_they_get_more(self, tracks: int, small: float, large: float) -> None:
        diameter, opacity = arrange.point_look(tracks, 600 * 500)
        assert small <= diameter <= large
        assert 100 < opacity < 255


class TestWording:
    @pytest.mark.parametrize(
        ("loadings", "expected"),
        [
            ({"acousticness": 0.8, "energy": -0.5}, "energetic ↔ acoustic, 39\N{NO-BREAK SPACE}%"),
            ({"acousticness": -0.8, "energy": 0.5}, "acoustic ↔ energetic, 39\N{NO-BREAK SPACE}%"),
            ({"acousticness": 0.8, "energy": -0.2}, "electric ↔ acoustic, 39\N{NO-BREAK SPACE}%"),
            ({"valence": -0.9}, "happy ↔ sad, 39\N{NO-BREAK SPACE}%"),
            ({"key": 1.0}, "39\N{NO-BREAK SPACE}%"),
            ({"energy": 0.0}, "39\N{NO-BREAK SPACE}%"),
        ],
    )
    def test_axes_say_what_they_mean(self, loadings: dict[str, float], expected: str) -> None:
        assert wording.axis(tuple(loadings), np.array(list(loadings.values())), 0.39) == expected

    def test_numbers_have_two_digits_and_a_true_minus(self) -> None:
        assert wording.number(-0.004) == "0.00"
        assert wording.number(-0.128, signed=True) == "−0.13"
        assert wording.number(0.5, signed=True) == "+0.50"
        assert wording.number(0.001, signed=True) == "0.00"
        assert wording.tracks(1) == "1 track"
        assert wording.tracks(13129) == "13,129 tracks"

    def test_every_genre_has_a_badge_of_its_own(self) -> None:
        badges = [wording.genre_badge(rank) for rank in range(60)]
        assert badges[:3] + badges[25:28] == ["A", "B", "C", "Z", "AA", "AB"]
        assert len(set(badges)) == 60

    def test_ticks_are_round_and_inside(self) -> None:
        assert arrange.ticks(0.03, 0.72) == [0.2, 0.4, 0.6]
        assert arrange.ticks(-0.47, 0.47) == [-0.4, -0.2, 0.0, 0.2, 0.4]
        assert arrange.ticks(-2.4, 3.1) == [-2.0, 0.0, 2.0]
        assert arrange.ticks(0.5, 0.5) == [0.5]


class TestColours:
    @pytest.mark.parametrize("theme", [LIGHT, DARK])
    def test_text_reads_on_page_and_plots(self, theme: Theme) -> None:
        for ink, ground in itertools.product((theme.text, theme.muted), (theme.page, theme.surface)):
            assert colors.contrast(ink, ground) >= colors.TEXT_CONTRAST

    @pytest.mark.parametrize("theme", [LIGHT, DARK])
    def test_groups_are_seen_and_told_apart(self, theme: Theme) -> None:
        for choice in ([theme.cluster_color(i) for i in range(64)], [theme.genre_color(i) for i in range(64)]):
            assert len(set(choice)) == 64
            assert all(colors.contrast(color, theme.surface) >= colors.MARK_CONTRAST for color in choice)
            for kind, seen in colors.oklab(choice[:12]).items():
                apart = min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))
                assert apart >= (10.0 if kind == "full" else 2.0), kind

    def test_themes_are_light_and_dark(self) -> None:
        assert colors.luminance(LIGHT.page) > 0.9
        assert colors.luminance(DARK.page) < 0.02

    def test_contrast_is_the_standard_one(self) -> None:
        assert colors.contrast("#000000", "#ffffff") == pytest.approx(21.0)
        assert colors.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
        grays = [f"#{level:02x}{level:02x}{level:02x}" for level in range(256)]
        assert min(colors.contrast(colors.text_on(gray), gray) for gray in grays) >= 4.5

    @pytest.mark.parametrize("draw", ["heatmap", "map"])
    def test_dark_picture_has_a_dark_page_and_light_text(self, tmp_path: Path, draw: str) -> None:
        path = tmp_path / "dark.png"
        if draw == "heatmap":
            draw_heatmap(heatmap_of(9), path, dark=True)
        else:
            draw_map(map_of(9), path, dark=True)
        image = QImage(str(path))
        page = image.pixelColor(4, 4).name()
        assert page == DARK.page
        title = [image.pixelColor(x, y).name() for x in range(48, 300) for y in range(48, 84)]
        assert max(colors.contrast(pixel, page) for pixel in title) >= colors.TEXT_CONTRAST

    def test_noise_label_is_the_cores(self) -> None:
        assert arrays.NOISE == core.records.NOISE


class TestFiles:
    def test_both_pictures_into_a_folder(self, tmp_path: Path) -> None:
        paths = write_pictures(heatmap_of(5), map_of(5), tmp_path / "new folder")
        assert [path.name for path in paths] == ["heatmap.png", "map.png"]
        assert sorted(path.name for path in (tmp_path / "new folder").iterdir()) == ["heatmap.png", "map.png"]
        assert all(not QImage(str(path)).isNull() for path in paths)

    def test_svg_holds_the_texts(self, tmp_path: Path) -> None:
        draw_heatmap(heatmap_of(5), tmp_path / "heatmap.svg")
        draw_map(map_of(5), tmp_path / "map.svg")
        for path in (tmp_path / "heatmap.svg", tmp_path / "map.svg"):
            root = ET.parse(path).getroot()
            texts = {"".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")}
            assert {name_of(cluster) for cluster in range(5)} <= texts
            assert path.stat().st_size < 3_000_000

    @pytest.mark.parametrize("name", ["map.jpg", "map"])
    def test_unknown_ending_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ExportError, match=r"\.png, \.svg"):
            draw_map(map_of(2), tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("size", [(200, 200), (9000, 600), (0, 0)])
    def test_impossible_size_is_refused_with_the_possible_ones(self, tmp_path: Path, size: tuple[int, int]) -> None:
        with pytest.raises(ExportError, match=r"Use \d+ × \d+ to 8000 × 8000 pixels"):
            draw_heatmap(heatmap_of(9), tmp_path / "heatmap.png", size=size)
        assert list(tmp_path.iterdir()) == []

    def test_smallest_heatmap_loses_no_row_and_no_number(self, show_heatmap: Callable[..., HeatmapView]) -> None:
        data = heatmap_of(12)
        view = show_heatmap(data, size=show_heatmap(data).least_size())
        page = QRectF(view.rect())
        assert len(view.chart.cells.numbers) == 12
        for row in view.chart.cells.numbers:
            for number in row:
                assert number.isVisible()
                assert page.contains(number.sceneBoundingRect())
        assert page.contains(view.chart.bar.sceneBoundingRect())

    def test_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(ExportError, match=r"heatmap\.png"):
            draw_heatmap(heatmap_of(2), tmp_path / "file" / "heatmap.png")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    @pytest.mark.usefixtures("qapp")
    def test_no_widget_is_left(self, tmp_path: Path) -> None:
        before, windows = set(QApplication.topLevelWidgets()), len(QApplication.topLevelWindows())
        draw_heatmap(heatmap_of(5), tmp_path / "heatmap.png")
        draw_map(map_of(5), tmp_path / "map.png")
        with pytest.raises(ExportError):
            draw_map(map_of(5), tmp_path / "map.png", size=(1, 1))
        assert set(QApplication.topLevelWidgets()) == before
        assert len(QApplication.topLevelWindows()) == windows


class TestBadData:
    def test_a_heatmap_that_contradicts_itself_is_refused(self) -> None:
        good = heatmap_of(3)

        def changed(**changes: object) -> HeatmapData:
            return HeatmapData(**{**vars(good), **changes})  # type: ignore[arg-type]

        with pytest.raises(DataError, match="0 clusters"):
            changed(cluster_ids=(), names=())
        with pytest.raises(DataError, match="2 names for 3 clusters"):
            changed(names=("a", "b"))
        with pytest.raises(DataError, match="differ"):
            changed(cluster_ids=(0, 0, 1))
        with pytest.raises(DataError, match=r"centroids have shape \(2, 8\)"):
            changed(centroids=good.centroids[:2])
        with pytest.raises(DataError, match="1 of the medians"):
            changed(medians=np.where(np.arange(8) == 3, np.nan, good.medians))

    def test_a_map_that_contradicts_itself_is_refused(self) -> None:
        good = map_of(3)

        def changed(**changes: object) -> MapData:
            return MapData(**{**vars(good), **changes})  # type: ignore[arg-type]

        with pytest.raises(DataError, match="no tracks"):
            changed(xy=np.empty((0, 2)), labels=np.empty(0, dtype=np.int64), genres=np.empty(0, dtype=object))
        with pytest.raises(DataError, match="cluster 7"):
            changed(labels=np.full(900, 7))
        with pytest.raises(DataError, match="not finite"):
            changed(xy=np.full((900, 2), np.inf))
        with pytest.raises(DataError, match="genres have shape"):
            changed(genres=good.genres[:5])


HEADLESS = """
import sys
from pathlib import Path
import numpy as np
import desktop
from desktop.plots.data import HeatmapData, MapData
from desktop.plots.pictures import write_pictures

slow = ("PySide6", "pyqtgraph", "sklearn", "pandas", "scipy", "colorcet")
assert not [name for name in sys.modules if name.split(".")[0] in slow]
heatmap = HeatmapData(("energy",), (0,), ("Calm",), np.array([2]), np.array([[0.5]]), np.array([0.4]), 2)
genres = np.array(["Rock", "Folk"], dtype=object)
xy, labels = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 0])
tracks = MapData(xy, labels, (0,), ("Calm",), genres, ("energy",), np.array([[1.0], [0.0]]), np.array([1.0, 0.0]))
write_pictures(heatmap, tracks, Path(sys.argv[1]))
assert not [name for name in sys.modules if name.split(".")[0] in ("sklearn", "pandas")]
"""


def run_headless(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Draw both pictures in a fresh interpreter without a display."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", HEADLESS, str(folder)],
        cwd=PROJECT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class TestHeadless:
    def test_no_display_is_needed_and_nothing_is_loaded_early(self, tmp_path: Path) -> None:
        done = run_headless(tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["heatmap.png", "map.png"]

    @pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="fontconfig finds the fonts only on Linux")
    def test_computer_without_fonts_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "fonts.conf").write_text(f"<fontconfig><dir>{tmp_path / 'none'}</dir></fontconfig>")
        done = run_headless(tmp_path / "out", FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
        assert done.returncode == 1
        assert "this computer has no font" in done.stderr
        assert not (tmp_path / "out").exists()
