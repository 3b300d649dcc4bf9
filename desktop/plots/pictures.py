"""Pictures of the plots as files: the views of the window, drawn without one.

Nothing of Qt is loaded before the first picture is drawn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import ExportError
from core.files import write_atomically
from desktop.plots.data import HeatmapData, MapData

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QApplication, QWidget

    from desktop.plots.cluster_map import MapView
    from desktop.plots.groups import Grouping
    from desktop.plots.heatmap import HeatmapView

#: Device pixels a pixel in a PNG, so that text stays sharp on today's screens.
SCALE = 2
#: Endings of the files that can be written.
ENDINGS = (".png", ".svg")
#: Longest side of a picture in pixels; a larger one takes gigabytes to draw and few programs can open it.
LARGEST = 8000
#: Pixels a metre at 96 pixels an inch, stored in PNG files so that they are shown in their natural size.
_PER_METRE = 3780

#: The application made for pictures when there was none; it must outlive every widget.
_application: QApplication | None = None


def draw_heatmap(
    data: HeatmapData,
    path: Path,
    *,
    mode: Literal["values", "difference"] = "values",
    dark: bool = False,
    size: tuple[int, int] | None = None,
) -> None:
    """Write the heatmap of clusters against features as a picture.

    Parameters
    ----------
    data : HeatmapData
        What it shows.
    path : Path
        Where it is written, atomically; the ending decides between ``.png`` and ``.svg``.
    mode : {"values", "difference"}, default "values"
        Mean prepared values, or differences from the library's median.
    dark : bool, default False
        Use the dark theme.
    size : (int, int), optional
        Width and height in pixels; a PNG has `SCALE` device pixels for each. By default as large as its content needs;
        in a smaller picture long names are cut off.

    Raises
    ------
    ExportError
        When the file cannot be written, the ending or the size is not possible, or this computer lacks a font or
        a system library that drawing needs.
    """
    _start_drawing(path)
    from desktop.plots.heatmap import HeatmapView
    from desktop.theme import make_theme

    view = HeatmapView(make_theme(dark=dark))
    view.show_data(data, mode=mode)
    _write(view, path, size)


def draw_map(
    data: MapData,
    path: Path,
    *,
    dark: bool = False,
    size: tuple[int, int] | None = None,
    left: tuple[str, Grouping] | None = None,
) -> None:
    """Write the map of tracks by genre and by playlist as a picture.

    Parameters
    ----------
    data : MapData
        What it shows.
    path, dark, size
        See `draw_heatmap`.
    left : (str, Grouping), optional
        Title and groups of the left map; by genre when not given.

    Raises
    ------
    ExportError
        See `draw_heatmap`.
    """
    _start_drawing(path)
    from desktop.plots.cluster_map import MapView
    from desktop.theme import make_theme

    view = MapView(make_theme(dark=dark))
    view.left = left
    view.show_data(data)
    _write(view, path, size)


def draw_widget(widget: QWidget, path: Path) -> None:
    """Write what a widget shows as a picture.

    Parameters
    ----------
    widget : QWidget
        It must be on the screen.
    path : Path
        See `draw_heatmap`.

    Raises
    ------
    ExportError
        When the file cannot be written or the ending is not possible.
    """
    _start_drawing(path)
    write_atomically(path, _svg(widget) if path.suffix.lower() == ".svg" else _png(widget))


def write_pictures(
    heatmap: HeatmapData | None, tracks: MapData, folder: Path, *, dark: bool = False
) -> tuple[Path, ...]:
    """Write ``heatmap.png`` and ``map.png`` into a folder.

    Parameters
    ----------
    heatmap : HeatmapData or None
        What the heatmap shows; None when all tracks fit nowhere, and there is nothing to show.
    tracks : MapData
        What the map shows.
    folder : Path
        Where they are written; it is made when it is missing.
    dark : bool, default False
        Use the dark theme.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ExportError
        See `draw_heatmap`.
    """
    written = []
    if heatmap is not None:
        written.append(folder / "heatmap.png")
        draw_heatmap(heatmap, written[-1], dark=dark)
    written.append(folder / "map.png")
    draw_map(tracks, written[-1], dark=dark)
    return tuple(written)


def _start_drawing(path: Path) -> None:
    """Make sure that a picture can be drawn and written with the ending of its file."""
    if path.suffix.lower() not in ENDINGS:
        raise ExportError(
            f"pictures cannot be written as {path.suffix or 'a file without an ending'}",
            where=str(path),
            next_step=f"Use one of {', '.join(ENDINGS)}",
        )
    start_application()


def start_application() -> None:
    """Make sure that there is an application with a font; without a window open, one that needs no display.

    Raises
    ------
    ExportError
        When this computer lacks a font or a system library that drawing needs.
    """
    global _application
    try:
        from PySide6.QtGui import QFontInfo, QGuiApplication
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        raise ExportError(
            f"pictures cannot be drawn because a system library is missing ({error})",
            next_step="Install it, on Debian or Ubuntu with: apt install libegl1 libgl1 libxkbcommon0 libfontconfig1",
        ) from error
    if QApplication.instance() is None:
        # On Linux a display is never asked for: the platform plug-in would end the program if it did not answer.
        windowed = sys.platform in ("win32", "darwin")
        _application = QApplication(["leitmotif"] if windowed else ["leitmotif", "-platform", "offscreen"])
    if QFontInfo(QGuiApplication.font()).pixelSize() <= 0:
        raise ExportError(
            "pictures cannot be drawn because this computer has no font", next_step="Install one, such as DejaVu Sans"
        )


def _write(view: HeatmapView | MapView, path: Path, size: tuple[int, int] | None) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent, Qt

    try:
        width, height = size or view.natural_size()
        least = view.least_size()
        if size and not (least[0] <= width <= LARGEST and least[1] <= height <= LARGEST):
            raise ExportError(
                f"a picture of {width} × {height} pixels cannot be drawn",
                where=str(path),
                next_step=f"Use {least[0]} × {least[1]} to {LARGEST} × {LARGEST} pixels",
            )
        view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        view.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        view.resize(width, height)
        view.show()
        write_atomically(path, _svg(view) if path.suffix.lower() == ".svg" else _png(view))
    finally:
        view.close()
        view.deleteLater()
        QCoreApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)


def _png(view: QWidget) -> bytes:
    """Return the view as PNG."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImage, QImageWriter, QPainter

    image = QImage(view.size() * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    image.setDotsPerMeterX(_PER_METRE * SCALE)
    image.setDotsPerMeterY(_PER_METRE * SCALE)
    image.fill(_ground(view))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    _render(view, painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(content.data())


def _svg(view: QWidget) -> bytes:
    """Return the view as SVG, every point and text a shape of its own."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
    from PySide6.QtGui import QPainter
    from PySide6.QtSvg import QSvgGenerator

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    rect = QRectF(view.rect())
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setViewBox(rect)
    generator.setSize(view.size())
    generator.setResolution(96)
    painter = QPainter(generator)
    painter.fillRect(rect, _ground(view))
    _render(view, painter)
    painter.end()
    return bytes(content.data())


def _ground(view: QWidget) -> QColor:
    """Return what a view stands on."""
    from PySide6.QtWidgets import QGraphicsView

    return view.backgroundBrush().color() if isinstance(view, QGraphicsView) else view.palette().window().color()


def _render(view: QWidget, painter: QPainter) -> None:
    """Draw a view; a widget's plots are drawn by themselves, so that they stay sharp and SVG keeps their shapes."""
    from PySide6.QtCore import QPoint, QRectF
    from PySide6.QtWidgets import QGraphicsView, QWidget

    if isinstance(view, QGraphicsView):
        rect = QRectF(view.rect())
        view.scene().render(painter, rect, rect)
        return
    view.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
