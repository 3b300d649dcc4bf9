"""The cover of a playlist: a flower with a petal for each feature on the playlist's colour, and its name below.

Drawn for playlists on Spotify, where covers are mostly seen as small as a thumb. Nothing of Spotify is in it. Nothing
of Qt is loaded before the first cover is drawn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ExportError
from core.progress import Report, silent
from desktop.plots.colors import contrast, hex_of, rgb
from desktop.plots.pictures import start_application

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QTextLayout

    from core.analysis import Analysis

#: Width and height in pixels, which is the size Spotify shows covers in.
SIZE = 640
#: Space around everything, and between the flower and the name.
MARGIN, GAP = 40.0, 22.0
#: Features in the order of their petals, clockwise from the top: those that go together stand side by side, so that
#: covers of different playlists differ in their outline and not in a random zigzag.
PETALS = (
    "energy", "danceability", "valence", "tempo", "speechiness", "instrumentalness", "acousticness", "liveness",
)  # fmt: skip
#: Text sizes tried in pixels, the largest first, and the most lines a name may take.
TEXT_SIZES = range(68, 25, -2)
MOST_LINES = 3
#: The smallest size may take one line more; a name that is longer still is cut off.
_LAST_LINES = 4
#: Height of the name at most.
_NAME_HEIGHT = 152.0
#: Mean ranks lie mostly between 0.2 and 0.8; they are drawn apart from the middle by this much.
_STRETCH = 1.55
#: Length of the shortest and the longest petal, as a share of the flower's radius, and width as a share of length.
_SHORTEST, _PLUMPNESS = 0.25, 0.30
#: Least contrast of white with the ground behind the flower, and behind the name (WCAG 2.2 asks for 4.5, success
#: criterion 1.4.3; a little more, because JPEG takes some away).
PETAL_CONTRAST, NAME_CONTRAST = 2.4, 5.0
#: Where the name may start, as a share of the way from the brightest corner to the darkest.
_NAME_STARTS = 0.62
WHITE, BLACK = "#ffffff", "#000000"
#: JPEG quality. A cover takes about 40 KB then, a quarter of what Spotify allows.
_QUALITY = 92


def draw_cover(name: str, ranks: Mapping[str, float], *, color: str) -> bytes:
    """Draw the cover of a playlist. It may be called from any thread once there is an application.

    Parameters
    ----------
    name : str
        What the playlist is called.
    ranks : mapping of str to float
        Mean library rank of its tracks by feature, 0 to 1; a petal is as long as its feature's rank, light above the
        library's middle and dark below. Features that are missing have no petal.
    color : str
        The playlist's colour, such as ``"#1f77b4"``.

    Returns
    -------
    bytes
        A JPEG of `SIZE` × `SIZE` pixels, below 190 KB; equal input gives equal bytes with the same fonts.

    Raises
    ------
    ExportError
        When this computer lacks a font or a system library that drawing needs.
    """
    start_application()
    from PySide6.QtCore import QPointF, QRectF
    from PySide6.QtGui import QImage, QPainter

    image = QImage(SIZE, SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    _draw_ground(painter, color)
    text = _laid_out(name)
    height = text.boundingRect().height()
    room = QRectF(MARGIN, MARGIN, SIZE - 2 * MARGIN, SIZE - 2 * MARGIN - height - (GAP if height else 0.0))
    _draw_flower(painter, room, ranks)
    painter.setPen(_color(WHITE))
    text.draw(painter, QPointF(MARGIN, SIZE - MARGIN - height))
    painter.end()
    return _jpeg(image)


def color_of(number: int) -> str:
    """Return the colour that covers of the playlist of a number have: the one of the light theme.

    Raises
    ------
    ExportError
        When a system library is missing that drawing needs.
    """
    start_application()
    from desktop.theme import LIGHT

    return LIGHT.cluster_color(number)


def covers_of(analysis: Analysis, colors: Mapping[str, str], *, report: Report = silent) -> dict[str, bytes]:
    """Draw covers for playlists of an analysis.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    colors : mapping of str to str
        The colour of each playlist that gets a cover, by lineage; lineages that are not there are left out.
    report : Report
        Told about every cover; may raise `core.progress.Cancelled`.

    Returns
    -------
    dict of str to bytes
        By lineage, as `draw_cover` draws them and `core.spotify.export.export` takes them.

    Raises
    ------
    ExportError
        See `draw_cover`.
    """
    playlists = [playlist for playlist in analysis.curated.playlists if playlist.lineage in colors]
    ranks = analysis.mean_ranks()
    covers = {}
    for done, playlist in enumerate(playlists):
        report(done, len(playlists), "Drawing covers")
        color = colors[playlist.lineage]
        covers[playlist.lineage] = draw_cover(playlist.name, ranks[playlist.cluster_id], color=color)
    return covers


def _draw_ground(painter: QPainter, color: str) -> None:
    """Fill the picture with the colour, darker towards the name, so that white reads well everywhere."""
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QLinearGradient

    behind_name = _darkened(color, NAME_CONTRAST)
    ground = QLinearGradient(QPointF(0, 0), QPointF(SIZE * 0.35, SIZE))
    ground.setColorAt(0.0, _color(_darkened(color, PETAL_CONTRAST)))
    ground.setColorAt(_NAME_STARTS, _color(behind_name))
    ground.setColorAt(1.0, _color(_mixed(behind_name, BLACK, 0.35)))
    painter.fillRect(0, 0, SIZE, SIZE, ground)


def _draw_flower(painter: QPainter, room: QRectF, ranks: Mapping[str, float]) -> None:
    """Draw a petal for each feature, and a ring where the library's middle is."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QPen

    radius, center = min(room.width(), room.height()) / 2, room.center()
    light, dark = _color(WHITE), _color(BLACK)
    for place, feature in enumerate(PETALS):
        rank = ranks.get(feature, math.nan)
        if not math.isfinite(rank):
            continue
        apart = min(1.0, max(0.0, 0.5 + (rank - 0.5) * _STRETCH))
        fill = light if apart >= 0.5 else dark
        fill.setAlphaF((0.45 + 0.5 * (2 * apart - 1)) if apart >= 0.5 else 0.2 + 0.25 * (1 - 2 * apart))
        painter.save()
        painter.translate(center)
        painter.rotate(360.0 / len(PETALS) * place)
        painter.fillPath(_petal(radius * (_SHORTEST + (1 - _SHORTEST) * apart)), fill)
        painter.restore()
    ring = _color(WHITE)
    ring.setAlphaF(0.45)
    painter.setPen(QPen(ring, 2.0, Qt.PenStyle.DotLine))
    middle = radius * (_SHORTEST + (1 - _SHORTEST) / 2)
    painter.drawEllipse(center, middle, middle)


def _petal(length: float) -> QPainterPath:
    """Return a petal that points upwards from the origin."""
    from PySide6.QtGui import QPainterPath

    width = length * _PLUMPNESS
    path = QPainterPath()
    path.moveTo(0.0, 0.0)
    path.cubicTo(width * 1.5, -length * 0.45, width * 1.2, -length, 0.0, -length)
    path.cubicTo(-width * 1.2, -length, -width * 1.5, -length * 0.45, 0.0, 0.0)
    return path


def _laid_out(name: str) -> QTextLayout:
    """Return a name in lines, in the largest size in which it fits; what is too long for the smallest is cut off."""
    plain = " ".join(name.split())
    for anywhere, size in itertools.product((False, True), TEXT_SIZES):
        layout = _lines(plain, size, anywhere=anywhere)
        if _fits(layout, most=MOST_LINES):
            return layout
    layout = _lines(plain, TEXT_SIZES[-1], anywhere=True)
    while not _fits(layout, most=_LAST_LINES):
        # A letter less than there is room for, to make room for the dots.
        plain = plain[: max(layout.lineAt(min(_LAST_LINES, layout.lineCount() - 1)).textStart() - 2, 0)].rstrip() + "…"
        layout = _lines(plain, TEXT_SIZES[-1], anywhere=True)
    return layout


def _lines(text: str, size: int, *, anywhere: bool) -> QTextLayout:
    """Return a text in lines as wide as the picture allows, broken between words or, if need be, anywhere."""
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtGui import QFont, QGuiApplication, QTextLayout, QTextOption

    font = QFont(QGuiApplication.font())
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.Bold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    option = QTextOption()
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    wrap = QTextOption.WrapMode
    option.setWrapMode(wrap.WrapAtWordBoundaryOrAnywhere if anywhere else wrap.WordWrap)
    layout = QTextLayout(text, font)
    layout.setTextOption(option)
    layout.beginLayout()
    top = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(SIZE - 2 * MARGIN)
        line.setPosition(QPointF(0.0, top))
        top += line.height()
    layout.endLayout()
    return layout


def _fits(layout: QTextLayout, *, most: int) -> bool:
    """Return whether all of a text can be seen."""
    widest = max((layout.lineAt(row).naturalTextWidth() for row in range(layout.lineCount())), default=0.0)
    low = layout.boundingRect().height() <= _NAME_HEIGHT
    return low and layout.lineCount() <= most and widest <= SIZE - 2 * MARGIN


def _darkened(color: str, least: float) -> str:
    """Return a colour, darkened until white has a contrast of at least `least` with it."""
    shares = np.linspace(0.0, 1.0, 51)
    return next(dark for dark in (_mixed(color, BLACK, share) for share in shares) if contrast(dark, WHITE) >= least)


def _mixed(color: str, other: str, share: float) -> str:
    """Return a colour with a share of another one in it."""
    return hex_of((1 - share) * rgb(color) + share * rgb(other))


def _color(color: str) -> QColor:
    from PySide6.QtGui import QColor

    return QColor(color)


def _jpeg(image: QImage) -> bytes:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImageWriter

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(_QUALITY)
    if not writer.write(image):
        raise ExportError(f"a cover cannot be drawn ({writer.errorString().lower()})")
    return bytes(content.data())
