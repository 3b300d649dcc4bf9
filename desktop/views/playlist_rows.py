"""How a playlist looks in the list: its mark, its name, its size, and a chip for each claim."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from desktop import messages, style
from desktop.models.evidence import evidence
from desktop.models.playlists import GROUP_ROLE, LOCKED_ROLE, NOWHERE_ROLE, Index
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.shown import Group
from desktop.theme import GRID, Theme
from desktop.views.playlist_list import PlaylistList
from desktop.widgets.badges import badge_width, paint_badge
from desktop.widgets.distribution import distribution_html
from desktop.widgets.icons import pixmap
from desktop.widgets.texts import draw_text, wrapped

if TYPE_CHECKING:
    from core.records import Claim

_PADDING = GRID
_GAP = 4
#: Room beside the word of a chip.
_INSIDE = 6
#: A name may take this many lines.
_NAME_LINES = 2


@dataclass(frozen=True)
class Chip:
    """A claim as a small box.

    Attributes
    ----------
    claim : Claim
        What it claims.
    text : str
        What it says.
    rect : QRectF
        Where it is, from the upper left corner of the row.
    """

    claim: Claim
    text: str
    rect: QRectF


@dataclass(frozen=True)
class Arranged:
    """Where everything of a row is, in pixels from its upper left corner.

    Attributes
    ----------
    name : tuple of str
        The name in lines.
    chips : tuple of Chip
        The claims.
    foot : float
        Top of the line with the duration.
    height : int
        Height of the row.
    """

    name: tuple[str, ...]
    chips: tuple[Chip, ...]
    foot: float
    height: int


@lru_cache(maxsize=512)
def arrange(group: Group, width: int, theme: Theme, *, locked: bool) -> Arranged:
    """Find room for a playlist's name and claims.

    Parameters
    ----------
    group : Group
        The playlist.
    width : int
        Width of the row in pixels.
    theme : Theme
        Fonts.
    locked : bool
        Whether a lock stands beside the name.
    """
    small, line = theme.metrics(small=True), theme.metrics().height()
    left, right = 2.0 * _PADDING + badge_width(theme), float(width - _PADDING)
    taken = small.horizontalAdvance(f"{group.size:,}") + GRID + (line + _GAP if locked else 0.0)
    name = wrapped(group.name.text, theme.font(strong=True), right - left - taken, _NAME_LINES)
    top = foot = _PADDING + len(name) * line + _GAP
    tall = small.height() + _GAP
    room = right - small.horizontalAdvance(messages.duration(group.duration_s)) - GRID
    chips: list[Chip] = []
    across = left
    for claim in group.name.claims:
        text = messages.claim(claim)
        wide = small.horizontalAdvance(text) + 2 * _INSIDE
        if across > left and across + wide > (room if top == foot else right):
            across, top = left, top + tall + _GAP
        inside = min(wide, right - left)
        shown = small.elidedText(text, Qt.TextElideMode.ElideRight, inside - _GAP)
        chips.append(Chip(claim, shown, QRectF(across, top, inside, tall)))
        across += wide + _GAP
    return Arranged(tuple(name), tuple(chips), foot, round(top + tall + _PADDING))


class PlaylistPainter(QStyledItemDelegate):
    """Draws playlists, edits their names, and shows the distribution behind a chip.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    session : Session
        What they belong to.
    view : PlaylistList
        Where they are.
    """

    def __init__(self, theme: Theme, session: Session, view: PlaylistList) -> None:
        super().__init__(view)
        self._theme, self._session, self._view = theme, session, view
        self._line, self._wide = round(theme.metrics().height()), badge_width(theme)

    def _arranged(self, index: Index) -> Arranged:
        locked = bool(index.data(LOCKED_ROLE))
        return arrange(index.data(GROUP_ROLE), self._view.viewport().width(), self._theme, locked=locked)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of name and chips; of one line for tracks that are in no playlist."""
        group = index.data(GROUP_ROLE)
        tall = self._line + 2 * _PADDING if group is None else self._arranged(index).height
        return QSize(20 * GRID, tall)

    def chip_at(self, index: QModelIndex | QPersistentModelIndex, point: QPoint) -> Chip | None:
        """Return the chip at a place of the list, if there is one."""
        if index.data(GROUP_ROLE) is None:
            return None
        inside = QPointF(point - self._view.visualRect(index).topLeft())
        return next((chip for chip in self._arranged(index).chips if chip.rect.contains(inside)), None)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw."""
        painter.save()
        theme, rect = self._theme, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(style.chosen(theme)))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(style.hover(theme)))
        if option.state & QStyle.StateFlag.State_HasFocus or index.row() == self._view.target:
            painter.setPen(QPen(QColor(style.accent(theme)), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = index.data(GROUP_ROLE)
        if group is None:
            self._paint_left_out(painter, rect, index)
        else:
            self._paint_group(painter, rect, group, index)
        painter.restore()

    def _paint_left_out(self, painter: QPainter, rect: QRect, index: Index) -> None:
        theme = self._theme
        inner = rect.adjusted(_PADDING + self._wide + _PADDING, _PADDING, -_PADDING, -_PADDING)
        painter.setBrush(QColor(theme.neutral))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QRectF(rect.left() + _PADDING + GRID, rect.center().y() - GRID / 2, GRID, GRID))
        painter.setPen(QColor(theme.muted))
        painter.setFont(theme.font())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, index.data())
        painter.setFont(theme.font(small=True))
        number = f"{index.data(NOWHERE_ROLE):,}"
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)

    def _paint_group(self, painter: QPainter, rect: QRect, group: Group, index: Index) -> None:
        theme, found = self._theme, self._arranged(index)
        badge = QRectF(rect.left() + _PADDING, rect.top() + _PADDING, self._wide, self._line)
        paint_badge(painter, badge, group.number, theme)
        left = rect.left() + 2 * _PADDING + self._wide
        line = QRect(left, rect.top() + _PADDING, rect.right() - _PADDING - left, self._line)
        painter.setPen(QColor(theme.muted))
        painter.setFont(theme.font(small=True))
        count = f"{group.size:,}"
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        long = QRectF(left, rect.top() + found.foot, line.width(), theme.metrics(small=True).height() + _GAP)
        duration = messages.duration(group.duration_s)
        painter.drawText(long, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, duration)
        if index.data(LOCKED_ROLE):
            side = self._line - 2
            across = line.right() - round(theme.metrics(small=True).horizontalAdvance(count)) - GRID - side
            painter.drawPixmap(QRect(across, line.top() + 1, side, side), pixmap("lock", theme))
        painter.setPen(QColor(theme.text))
        painter.setFont(theme.font(strong=True))
        for text in found.name:
            draw_text(painter, line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            line.translate(0, self._line)
        self._paint_chips(painter, rect, found)

    def _paint_chips(self, painter: QPainter, rect: QRect, found: Arranged) -> None:
        theme = self._theme
        if not found.chips:
            painter.setFont(theme.font(small=True))
            painter.setPen(QColor(theme.muted))
            left = 2 * _PADDING + self._wide
            line = QRectF(rect.left() + left, rect.top() + found.foot, rect.width() - left, rect.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, messages.NO_CLAIMS())
        mouse = QPointF(self._view.viewport().mapFromGlobal(self._view.cursor().pos()) - rect.topLeft())
        painter.setFont(theme.font(small=True))
        for chip in found.chips:
            over = self._view.underMouse() and chip.rect.contains(mouse)
            place = chip.rect.translated(QPointF(rect.topLeft()))
            painter.setPen(QPen(QColor(style.accent(theme) if over else theme.line), 1))
            painter.setBrush(QColor(theme.page))
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), place.height() / 2, place.height() / 2)
            painter.setPen(QColor(theme.text if over else theme.muted))
            draw_text(painter, place.toRect(), Qt.AlignmentFlag.AlignCenter, chip.text)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a line to type a name in."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(messages.RENAME())
        editor.setPlaceholderText(messages.RENAME_BACK())
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Put it over the name."""
        left = option.rect.left() + _PADDING + self._wide
        tall = max(editor.sizeHint().height(), self._line + _PADDING)
        editor.setGeometry(left, option.rect.top() + 2, option.rect.right() - left - 2, tall)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Show the distribution behind the chip under the mouse, or those behind all of them."""
        group = index.data(GROUP_ROLE)
        if group is None or self._session.shown is None:
            return super().helpEvent(event, view, option, index)
        chip = self.chip_at(index, event.pos())
        claims = (chip.claim,) if chip else group.name.claims
        head = "" if chip else f"<b>{plain_tip(group.name.text)}</b>"
        parts = [self.tip(group, claim) for claim in claims]
        QToolTip.showText(event.globalPos(), head + ("".join(parts) or plain_tip(messages.WHY_NOTHING())), view)
        return True

    def tip(self, group: Group, claim: Claim) -> str:
        """Return what stands behind a claim, as a tool tip."""
        shown = self._session.shown
        assert shown is not None
        found = evidence(shown, group, claim)
        if found.bins is None or found.members is None:
            return f"<p>{plain_tip(found.sentence)}</p>"
        color = self._theme.cluster_color(group.number)
        picture = distribution_html(found.bins, found.members, color=color, theme=self._theme)
        return f"<p><b>{plain_tip(found.title)}</b></p>{picture}<p>{plain_tip(found.sentence)}</p>"
