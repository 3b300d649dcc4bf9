"""The map of tracks: hover names a track, click finds it, a lasso chooses many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QToolTip, QVBoxLayout

from core.features import FEATURES
from core.links import track_links
from desktop import messages, style
from desktop.plots.arrays import FloatArray, IntArray
from desktop.plots.cluster_map import MapPanel, MapView
from desktop.plots.groups import Grouping, by_feature, by_text
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.shown import Shown
from desktop.theme import GRID, Theme
from desktop.widgets.basics import row, tool
from desktop.widgets.choice import Choice
from desktop.widgets.clipboard import copy_links
from desktop.widgets.lazy import LazyPage
from desktop.widgets.saving import save_button, save_picture, save_table
from desktop.widgets.texts import ElidedLabel

#: How far from a point, in pixels, the mouse still means it.
REACH = 8.0
_ZOOM, _STEP = 1.25, 0.1


class TrackMap(MapView):
    """The two maps with a mouse and a keyboard.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    """

    #: Rows of the tracks inside a lasso.
    lassoed = Signal(object)
    #: Row of the track that was clicked.
    picked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, compact=True)
        self.color_by = "genre"
        self.lasso_mode = False
        self._shown: Shown | None = None
        self._path: list[QPointF] = []
        self._lasso = QGraphicsPathItem()
        self._lasso.setPen(QPen(QColor(style.accent(theme)), 1.5, Qt.PenStyle.DashLine))
        self._lasso.setZValue(100)
        self.scene().addItem(self._lasso)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pressed = QPointF()

    def show_shown(self, shown: Shown) -> None:
        """Show other tracks."""
        self._shown = shown
        self.left = self._left(shown)
        self.show_data(shown.map)

    def _left(self, shown: Shown) -> tuple[str, Grouping] | None:
        """Return title and groups of the left map; None by genre."""
        if self.color_by == "genre":
            return None
        if self.color_by == "origin":
            return messages.MAP_BY(what=messages.BY_ORIGIN()), by_text(shown.columns["origin"], self._theme)
        title = messages.MAP_BY(what=messages.feature_name(self.color_by).lower())
        values = np.asarray(shown.columns[self.color_by], dtype=np.float64)
        return title, by_feature(values, self.color_by, self._theme)

    def show_selection(self, rows: IntArray, marked: IntArray) -> None:
        """Draw some tracks in full, the others faintly, and ring single ones."""
        if self._shown is None:
            return
        everything = len(rows) == len(self._shown.labels)
        for panel in self.panels:
            panel.choose(None if everything else rows, marked)

    def show_everything(self) -> None:
        """Zoom out until all tracks are in view."""
        if self.panels:
            self._show_all()

    def panel_at(self, point: QPointF) -> MapPanel | None:
        """Return the map below a point of the view."""
        scene = self.mapToScene(point.toPoint())
        return next(
            (one for one in self.panels if not one.is_empty and one.box.sceneBoundingRect().contains(scene)), None
        )

    def row_at(self, point: QPointF) -> int:
        """Return the track nearest to a point of the view; −1 when none is near."""
        panel = self.panel_at(point)
        if panel is None or self._shown is None:
            return -1
        origin, unit = self._scale(panel)
        away = np.abs(self._shown.map.xy - (np.array([point.x(), point.y()]) - origin) / unit)
        reach = np.abs(REACH / unit)
        near = np.flatnonzero((away[:, 0] <= reach[0]) & (away[:, 1] <= reach[1]))
        distances = np.linalg.norm(away[near] * unit, axis=1)
        return int(near[distances.argmin()]) if distances.min(initial=np.inf) <= REACH else -1

    def point_of(self, row: int, panel: int = -1) -> QPointF:
        """Return where a track is drawn in the view."""
        assert self._shown is not None
        origin, unit = self._scale(self.panels[panel])
        x, y = origin + unit * self._shown.map.xy[row]
        return QPointF(float(x), float(y))

    def _scale(self, panel: MapPanel) -> tuple[FloatArray, FloatArray]:
        """Return where the data's origin is in the view, and how many pixels right and down a unit is."""
        rect = panel.box.sceneBoundingRect()
        (left, right), (low, high) = panel.box.viewRange()
        unit = np.array([rect.width() / (right - left), -rect.height() / (high - low)])
        return np.array([rect.left() - left * unit[0], rect.bottom() - low * unit[1]]), unit

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a lasso, or what the map does by itself."""
        self._pressed = event.position()
        wants = self.lasso_mode or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.button() == Qt.MouseButton.LeftButton and wants and self.panel_at(event.position()):
            self._path = [event.position()]
            event.accept()
            return
        super().mousePressEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the lasso, or name the track below the mouse."""
        if self._path:
            self._path.append(event.position())
            path = QPainterPath(self.mapToScene(self._path[0].toPoint()))
            for point in self._path[1:]:
                path.lineTo(self.mapToScene(point.toPoint()))
            self._lasso.setPath(path)
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._hover(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the lasso, or find the track that was clicked."""
        if self._path:
            self._end_lasso()
            return
        super().mouseReleaseEvent(event)
        event.accept()
        moved = (event.position() - self._pressed).manhattanLength()
        if event.button() == Qt.MouseButton.LeftButton and moved < GRID / 2:
            found = self.row_at(event.position())
            if found >= 0:
                self.picked.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, zoom with + and −, show all with Home."""
        moves = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if not self.panels:
            return
        box = self.panels[-1].box
        if key in moves:
            size = box.viewRect().size()
            across, up = moves[key]
            box.translateBy(x=across * _STEP * size.width(), y=up * _STEP * abs(size.height()))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            box.scaleBy((1 / _ZOOM, 1 / _ZOOM))
        elif key == Qt.Key.Key_Minus:
            box.scaleBy((_ZOOM, _ZOOM))
        elif key == Qt.Key.Key_Home:
            self.show_everything()
        else:
            super().keyPressEvent(event)

    def _hover(self, event: QMouseEvent) -> None:
        found = self.row_at(event.position())
        if found < 0 or self._shown is None:
            QToolTip.hideText()
            return
        columns = self._shown.columns
        text = messages.TRACK_TIP(
            title=columns["title"][found], artist=columns["artist"][found],
            playlist=columns["playlist"][found],
        )  # fmt: skip
        tip = plain_tip(text).replace("\n", "<br>")
        QToolTip.showText(event.globalPosition().toPoint(), tip, self)

    def _end_lasso(self) -> None:
        panel = self.panel_at(self._path[0])
        outline, self._path = self._path, []
        self._lasso.setPath(QPainterPath())
        if panel is None or self._shown is None or len(outline) < 3:
            return
        origin, unit = self._scale(panel)
        corners = (np.array([(point.x(), point.y()) for point in outline]) - origin) / unit
        self.lassoed.emit(np.flatnonzero(inside_polygon(self._shown.map.xy, corners)).astype(np.int64))


class MapTab(LazyPage):
    """The map with its tools.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(patient=True)
        self._session, self._theme = session, theme
        self.map = TrackMap(theme)
        self.map.setAccessibleName(messages.TAB_MAP())
        self.map.lassoed.connect(session.select_rows)
        self.map.picked.connect(lambda found: session.mark(np.array([found], dtype=np.int64)))
        self.color_by = Choice()
        self.color_by.grow(theme.metrics().horizontalAdvance(messages.BY_ORIGIN()))
        self.color_by.setAccessibleName(messages.COLOUR_BY())
        self.color_by.activated.connect(self._recolor)
        self.lasso = tool("lasso", messages.LASSO(), theme)
        self.lasso.setCheckable(True)
        self.lasso.toggled.connect(self._set_lasso)
        self.make = tool("new", messages.NEW_PLAYLIST(), theme, self._make_playlist, words=True, flat=False)
        self.copy = tool("copy", messages.COPY_LINKS(), theme, self._copy_links)
        self.save = save_button(theme, self._save_picture, self._save_table)
        whole = tool("whole", messages.SHOW_ALL(), theme, self.map.show_everything)
        self.hint = ElidedLabel(role="muted")
        self.hint.setText(messages.COLOUR_BY())
        tools = row(self.hint, self.color_by, 0, self.make, self.copy, self.lasso, whole, self.save)
        tools.setStretch(1, 100)
        tools.setContentsMargins(2 * GRID, GRID, GRID, 0)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(tools)
        page.addWidget(self.map, 1)
        session.outcome_changed.connect(self._wait)
        session.selection_changed.connect(self._wait_selection)
        self._wait()

    def _wait(self) -> None:
        self.when_seen(self._show)

    def _wait_selection(self) -> None:
        self.when_seen(self._show_selection)

    def _show(self) -> None:
        shown = self._session.shown
        if shown is None:
            return
        chosen = self.color_by.currentData() or "genre"
        names = [name for name in FEATURES if name in shown.bins]
        # A library without genres shows a feature in their place.
        names = ["genre"] * bool(shown.map.ranked_genres.names) + [*names, "origin"]
        texts = {"genre": messages.BY_GENRE(), "origin": messages.BY_ORIGIN()}
        self.color_by.clear()
        for name in names:
            self.color_by.addItem(texts.get(name) or messages.feature_name(name).lower(), name)
        usual = names.index("energy") if "genre" not in names and "energy" in names else 0
        self.color_by.setCurrentIndex(names.index(chosen) if chosen in names else usual)
        self._recolor()

    def _recolor(self) -> None:
        shown = self._session.shown
        if shown is not None:
            self.map.color_by = self.color_by.currentData() or "genre"
            self.map.show_shown(shown)
            self.when_seen(self._show_selection)

    def _show_selection(self) -> None:
        selection = self._session.selection
        if selection is not None:
            self.map.show_selection(selection.rows, selection.marked)
        total = len(self._session.shown.labels) if self._session.shown else 0
        loose = selection is not None and not selection.lineages and 0 < len(selection.rows) < total
        self.make.setVisible(loose)
        self.copy.setVisible(loose)
        self.hint.setVisible(not loose)

    def _set_lasso(self, on: bool) -> None:
        self.map.lasso_mode = on
        self.map.viewport().setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def _make_playlist(self) -> None:
        selection = self._session.selection
        if selection is not None:
            self._session.make_playlist(selection.rows)

    def _copy_links(self) -> None:
        session = self._session
        shown, selection = session.shown, session.selection
        if shown is None or selection is None:
            return
        uris = shown.columns["uri"][selection.rows]
        session.workers.disk.queue(
            lambda _: track_links(map(str, uris.tolist())), done=self._copied, failed=session.report_trouble
        )

    def _copied(self, links: list[str]) -> None:
        self._session.said.emit(copy_links(links))

    def _save_picture(self) -> None:
        from desktop.plots.pictures import draw_map

        shown, left = self._session.shown, self.map.left
        if shown is not None:
            dark = self._theme.dark
            save_picture(self, self._session, "map", lambda path: draw_map(shown.map, path, dark=dark, left=left))

    def _save_table(self) -> None:
        shown = self._session.shown
        if shown is not None:
            save_table(self, self._session, "map", map_table(shown))


def map_table(shown: Shown) -> Iterator[tuple[str, ...]]:
    """Yield the head and every track with its place on the map as text, for a CSV file; numbers at full precision."""
    names = ("title", "artist", "genre", "playlist")
    yield ("track_id", *names, "x", "y")
    columns = [shown.columns[name].tolist() for name in names]
    for track_id, *texts, (x, y) in zip(shown.ids.tolist(), *columns, shown.map.xy.tolist(), strict=True):
        yield (str(track_id), *map(str, texts), repr(x), repr(y))


def inside_polygon(points: FloatArray, corners: FloatArray) -> np.ndarray:
    """Return which points lie inside a polygon, by the even–odd rule.

    Parameters
    ----------
    points : np.ndarray [shape=(n, 2), dtype=float64]
        The points.
    corners : np.ndarray [shape=(m, 2), dtype=float64]
        Corners in their order, m ≥ 3; the last one is joined to the first.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=bool]
        Whether a ray from the point crosses the outline an odd number of times (Shimrat 1962).
    """
    inside = np.zeros(len(points), dtype=bool)
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    near = near[np.argsort(points[near, 1], kind="stable")]
    x, y = points[near].T
    crossings = np.zeros(len(near), dtype=bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        # Only the points as high as an edge can lie left of it.
        here = slice(*np.searchsorted(y, sorted((y1, y2))).tolist())
        if y1 != y2:
            crossings[here] ^= x[here] < (x2 - x1) * (y[here] - y1) / (y2 - y1) + x1
    inside[near] = crossings
    return inside
