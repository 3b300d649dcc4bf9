"""The list of playlists: colour, name, size, what is true of them."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from desktop import messages, style
from desktop.models.playlists import GROUP_ROLE, LOCKED_ROLE, NOWHERE_ROLE, Index, PlaylistModel
from desktop.plots import wording
from desktop.plots.colors import text_on
from desktop.session import Session
from desktop.shown import Group
from desktop.theme import GRID, Theme
from desktop.widgets.basics import label, row, tool
from desktop.widgets.distribution import distribution_html
from desktop.widgets.icons import icon, pixmap

_PADDING = GRID
_BADGE = 3 * GRID


class _Painter(QStyledItemDelegate):
    """Draws a playlist in two lines."""

    def __init__(self, theme: Theme, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        self._line = round(theme.metrics().height())
        self._small = round(theme.metrics(small=True).height())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of two lines; one for the tracks that fit nowhere."""
        lines = self._line + (self._small + 4 if index.data(GROUP_ROLE) else 0)
        return QSize(24 * GRID, lines + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw."""
        painter.save()
        theme, rect = self._theme, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(style.chosen(theme)))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(style.hover(theme)))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(style.accent(theme)))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        group = index.data(GROUP_ROLE)
        if group is None:
            self._paint_nowhere(painter, rect, index)
        else:
            self._paint_group(painter, rect, group, locked=bool(index.data(LOCKED_ROLE)))
        painter.restore()

    def _paint_nowhere(self, painter: QPainter, rect: QRect, index: Index) -> None:
        theme = self._theme
        inner = rect.adjusted(_PADDING + _BADGE + _PADDING, _PADDING, -_PADDING, -_PADDING)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.neutral))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QRectF(rect.left() + _PADDING + GRID, rect.center().y() - GRID / 2, GRID, GRID))
        painter.setPen(QColor(theme.muted))
        painter.setFont(theme.font())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, messages.FITS_NOWHERE())
        painter.setFont(theme.font(small=True))
        number = f"{index.data(NOWHERE_ROLE):,}"
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)

    def _paint_group(self, painter: QPainter, rect: QRect, group: Group, *, locked: bool) -> None:
        theme = self._theme
        color = theme.cluster_color(group.number)
        badge = QRectF(rect.left() + _PADDING, rect.top() + _PADDING, _BADGE, self._line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor(text_on(color)))
        painter.setFont(theme.font(small=True, strong=True))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, wording.cluster_badge(group.number))
        left = rect.left() + 2 * _PADDING + _BADGE
        count = f"{group.size:,}"
        wide = round(theme.metrics(small=True).horizontalAdvance(count)) + GRID
        first = QRect(left, rect.top() + _PADDING, rect.right() - _PADDING - left, self._line)
        painter.setPen(QColor(theme.muted))
        painter.setFont(theme.font(small=True))
        painter.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        if locked:
            side = self._line - 2
            painter.drawPixmap(QRect(first.right() - wide - side, first.top() + 1, side, side), pixmap("lock", theme))
            wide += side + 4
        painter.setPen(QColor(theme.text))
        painter.setFont(theme.font(strong=True))
        name = theme.metrics(strong=True).elidedText(group.name.text, Qt.TextElideMode.ElideRight, first.width() - wide)
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        second = QRect(left, first.bottom() + 5, first.width(), self._small)
        self._paint_claims(painter, second, group)

    def _paint_claims(self, painter: QPainter, line: QRect, group: Group) -> None:
        theme, metrics = self._theme, self._theme.metrics(small=True)
        painter.setFont(theme.font(small=True))
        painter.setPen(QColor(theme.muted))
        long = messages.duration(group.duration_s)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, long)
        room = line.width() - round(metrics.horizontalAdvance(long)) - GRID
        text = metrics.elidedText(messages.claims(group.name), Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a line to type a name in."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(messages.RENAME())
        editor.setFrame(True)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Put it over the name."""
        left = option.rect.left() + _PADDING + _BADGE
        editor.setGeometry(left, option.rect.top() + 2, option.rect.right() - left - 2, self._line + 2 * _PADDING - 2)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Show the distribution behind the first claim."""
        group, shown = index.data(GROUP_ROLE), self._session.shown
        if group is None or shown is None:
            return super().helpEvent(event, view, option, index)
        parts = []
        for claim in group.name.claims:
            if claim.feature in shown.bins:
                bins = shown.bins[claim.feature]
                caption = (
                    f"{messages.feature_name(claim.feature)}: {messages.claim(claim)} {messages.share(claim.share)}"
                )
                color = self._theme.cluster_color(group.number)
                members = bins.shares(shown.rows_of([group.lineage]))
                parts.append(distribution_html(bins, members, caption, color=color, theme=self._theme))
        QToolTip.showText(event.globalPos(), "".join(parts) or messages.WHY_NOTHING(), view)
        return True


class _List(QListView):
    """A list that can be renamed, merged and split from the keyboard."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rename with F2 or Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)


class PlaylistsView(QWidget):
    """The playlists with what can be done to them.

    Parameters
    ----------
    session : Session
        What they belong to.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.model = PlaylistModel(self)
        self.model.renamed.connect(session.rename)
        self.head = label(role="head")
        self._build_list()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, GRID, 0, 0)
        page.setSpacing(4)
        head = row(self.head, 0)
        head.setContentsMargins(2 * GRID, 0, GRID, 0)
        page.addLayout(head)
        page.addWidget(self.list, 1)
        page.addLayout(self._build_buttons())
        session.outcome_changed.connect(self._show)
        session.selection_changed.connect(self._show_selection)
        self._show()

    def _build_list(self) -> None:
        self.list = _List()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(self._theme, self._session, self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(messages.PLAYLISTS())
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.selectionModel().selectionChanged.connect(self._choose)

    def _build_buttons(self) -> QHBoxLayout:
        theme = self._theme
        self.rename_button = tool("rename", messages.RENAME(), theme, self.rename)
        self.lock_button = tool("lock", messages.LOCK(), theme, self.toggle_lock)
        self.merge_button = tool("merge", messages.MERGE(), theme, self.merge)
        self.split_button = tool("split", messages.SPLIT(), theme, self.split)
        self.merge_button.setShortcut("Ctrl+M")
        line = row(self.rename_button, self.lock_button, self.merge_button, self.split_button, 0, gap=4)
        line.setContentsMargins(GRID, 4, GRID, 4)
        return line

    @property
    def chosen(self) -> list[str]:
        """Lineages of the chosen playlists, from top to bottom."""
        rows = sorted(self.list.selectionModel().selectedIndexes(), key=QModelIndex.row)
        return [group.lineage for index in rows if (group := self.model.group(index)) is not None]

    def rename(self) -> None:
        """Start typing a name for the chosen playlist."""
        if self.chosen:
            self.list.edit(self.model.index(self.model.row_of(self.chosen[0])))

    def toggle_lock(self) -> None:
        """Keep the chosen playlist's name, or let it change."""
        place = self._session.place
        if self.chosen and place is not None:
            lineage = self.chosen[0]
            self._session.set_locked(lineage, lineage not in place.locked)

    def merge(self) -> None:
        """Make one playlist of the chosen ones."""
        if len(self.chosen) > 1:
            self._session.merge(self.chosen)

    def split(self) -> None:
        """Make two playlists of the chosen one."""
        if len(self.chosen) == 1:
            self._session.split(self.chosen[0])

    def _leave_out(self) -> None:
        shown = self._session.shown
        if shown is not None and self.chosen:
            self._session.leave_out(shown.rows_of(self.chosen))

    def _show(self) -> None:
        place = self._session.place
        before = self.list.selectionModel().blockSignals(True)
        self.model.show(self._session.shown, place.locked if place else frozenset())
        self.list.selectionModel().blockSignals(before)
        count = len(self._session.shown.groups) if self._session.shown else 0
        self.head.setText(f"{messages.PLAYLISTS().upper()}   {count}")
        self._show_selection()

    def _show_selection(self) -> None:
        selection = self._session.selection
        chosen = QItemSelection()
        for lineage in selection.lineages if selection else ():
            found = self.model.row_of(lineage)
            if found >= 0:
                chosen.select(self.model.index(found), self.model.index(found))
        picker = self.list.selectionModel()
        if set(self.chosen) != set(selection.lineages if selection else ()):
            picker.blockSignals(True)
            picker.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            picker.blockSignals(False)
            if len(chosen.indexes()) == 1:
                picker.setCurrentIndex(chosen.indexes()[0], QItemSelectionModel.SelectionFlag.NoUpdate)
                self.list.scrollTo(chosen.indexes()[0])
            self.list.viewport().update()
        self._enable()

    def _choose(self) -> None:
        indexes = self.list.selectionModel().selectedIndexes()
        if self.chosen:
            self._session.select_playlists(self.chosen)
        elif any(index.data(NOWHERE_ROLE) for index in indexes):
            self._session.select_nowhere()
        self._enable()

    def _enable(self) -> None:
        count = len(self.chosen)
        place = self._session.place
        self.rename_button.setEnabled(count == 1)
        self.lock_button.setEnabled(count == 1)
        self.merge_button.setEnabled(count > 1)
        self.split_button.setEnabled(count == 1)
        locked = bool(count == 1 and place and self.chosen[0] in place.locked)
        text = messages.UNLOCK() if locked else messages.LOCK()
        self.lock_button.setToolTip(text)
        self.lock_button.setAccessibleName(text)

    def _open_menu(self, point: QPoint) -> None:
        self.menu().popup(self.list.viewport().mapToGlobal(point))

    def menu(self) -> QMenu:
        """Return what can be done to the chosen playlists."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen, session, theme = self.chosen, self._session, self._theme
        one = len(chosen) == 1

        def add(name: str, text: str, done: object, enabled: bool) -> None:
            action = menu.addAction(icon(name, theme), text)
            action.triggered.connect(done)
            action.setEnabled(enabled)

        add("rename", messages.RENAME(), self.rename, one)
        add("undo", messages.RENAME_BACK(), lambda: session.rename(chosen[0], ""), one)
        add("lock", self.lock_button.toolTip(), self.toggle_lock, one)
        menu.addSeparator()
        add("merge", messages.MERGE(), self.merge, len(chosen) > 1)
        add("split", messages.SPLIT(), self.split, one)
        add("leave-out", messages.LEAVE_OUT(), self._leave_out, bool(chosen))
        menu.addSeparator()
        add("search", messages.ANALYSE_INSIDE(), lambda: session.go_into(chosen[0]), one)
        return menu
