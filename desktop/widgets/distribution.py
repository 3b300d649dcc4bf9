"""One feature's values: a playlist against the library."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.features import FEATURES
from desktop import messages
from desktop.plots.arrays import FloatArray
from desktop.shown import BINS, FeatureBins
from desktop.theme import GRID, Theme

#: Height of the bars, and least width of a distribution.
BARS, LEAST_WIDTH = 5 * GRID, 20 * GRID


class Distribution(QWidget):
    """Bars of a playlist's tracks over the outline of the library's, with the library's median.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    parent : QWidget, optional
        The widget it is in.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bins: FeatureBins | None = None
        self._members: FloatArray | None = None
        self._library: FloatArray | None = None
        self._color = theme.neutral
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_feature(self, bins: FeatureBins, members: FloatArray | None, *, color: str) -> None:
        """Show a feature.

        Parameters
        ----------
        bins : FeatureBins
            Its values.
        members : np.ndarray [shape=(BINS,)] or None
            Share of the playlist's tracks in each bar; None for the library alone.
        color : str
            The playlist's colour.
        """
        self._bins, self._members, self._library, self._color = bins, members, bins.shares(), color
        self.updateGeometry()
        self.setAccessibleName(messages.DISTRIBUTION_OF(feature=messages.feature_name(bins.name)))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that shows bars and words."""
        words = messages.ends(FEATURES[self._bins.name], self._bins.low, self._bins.high) if self._bins else ()
        metrics = self._theme.metrics(small=True)
        wide = ceil(sum(metrics.horizontalAdvance(word) + GRID for word in words))
        return QSize(max(LEAST_WIDTH, wide), BARS + round(self._theme.metrics(small=True).height()) + 4)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        self.draw(painter, QRectF(self.rect()))

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw into a rectangle."""
        if self._bins is None or self._library is None:
            return
        theme, bins = self._theme, self._bins
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = theme.metrics(small=True).height()
        area = QRectF(rect.left() + 1, rect.top() + 1, rect.width() - 2, rect.height() - words - 4)
        shown = self._library if self._members is None else self._members
        top = float(max(self._library.max(), shown.max(), 1e-9))
        if self._members is not None:
            painter.fillPath(_bars(area, self._members / top), QColor(self._color))
        else:
            painter.fillPath(_bars(area, self._library / top), QColor(theme.neutral))
        painter.setPen(QPen(QColor(theme.text), 1.2))
        painter.drawPath(_outline(area, self._library / top))
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        across = area.left() + (bins.median - bins.low) / (bins.high - bins.low) * area.width()
        painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(across, area.top()), QPointF(across, area.bottom()))
        painter.setFont(theme.font(small=True))
        painter.setPen(QColor(theme.muted))
        low, high = messages.ends(FEATURES[bins.name], bins.low, bins.high)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), words)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, high)


def distribution_html(bins: FeatureBins, members: FloatArray, *, color: str, theme: Theme) -> str:
    """Return a distribution as a picture for a tool tip."""
    drawn = Distribution(theme)
    drawn.show_feature(bins, members, color=color)
    size = drawn.sizeHint() + QSize(16 * GRID, 0)
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(theme.surface))
    painter = QPainter(image)
    drawn.draw(painter, QRectF(image.rect()))
    painter.end()
    drawn.deleteLater()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    encoded = bytes(content.toBase64().data()).decode("ascii")
    return f'<img src="data:image/png;base64,{encoded}">'


def _bars(area: QRectF, heights: FloatArray) -> QPainterPath:
    path = QPainterPath()
    width = area.width() / BINS
    for place, height in enumerate(heights.tolist()):
        tall = height * area.height()
        path.addRect(QRectF(area.left() + place * width, area.bottom() - tall, max(width - 1, 1), tall))
    return path


def _outline(area: QRectF, heights: FloatArray) -> QPainterPath:
    path = QPainterPath(area.bottomLeft())
    width = area.width() / BINS
    for place, height in enumerate(heights.tolist()):
        level = area.bottom() - height * area.height()
        path.lineTo(area.left() + place * width, level)
        path.lineTo(area.left() + (place + 1) * width, level)
    path.lineTo(area.bottomRight())
    return path
