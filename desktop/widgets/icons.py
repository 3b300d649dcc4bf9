"""The program's icons, drawn in the colour of the text around them."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.resources import read_text
from desktop.theme import Theme

#: Least side of an icon in pixels, and how many device pixels it is drawn with at most.
SIDE, DENSEST = 20, 3


def side(theme: Theme) -> int:
    """Return the side of an icon beside a text, in pixels."""
    return max(SIDE, round(1.4 * theme.text_size))


def icon(name: str, theme: Theme, *, color: str = "") -> QIcon:
    """Return an icon.

    Parameters
    ----------
    name : str
        File name below ``resources/icons`` without its ending.
    theme : Theme
        Gives the colour of its lines.
    color : str, default ""
        Another colour for them.
    """
    found = QIcon(_pixmap(name, color or theme.text))
    found.addPixmap(_pixmap(name, theme.neutral), QIcon.Mode.Disabled)
    return found


def pixmap(name: str, theme: Theme, *, color: str = "") -> QPixmap:
    """Return an icon as a picture."""
    return _pixmap(name, color or theme.text)


def program_icon() -> QIcon:
    """Return the program's own icon, in the sizes that platforms ask for."""
    drawing = QByteArray(read_text("leitmotif.svg").encode())
    found = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        found.addPixmap(_drawn(drawing, side))
    return found


def _drawn(drawing: QByteArray, side: int) -> QPixmap:
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(drawing).render(painter, QRectF(picture.rect()))
    painter.end()
    return picture


@lru_cache(maxsize=256)
def _pixmap(name: str, color: str) -> QPixmap:
    drawing = read_text(f"icons/{name}.svg").replace("#000000", color)
    picture = _drawn(QByteArray(drawing.encode()), SIDE * DENSEST)
    picture.setDevicePixelRatio(DENSEST)
    return picture
