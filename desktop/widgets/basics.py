"""Labels, buttons and layouts with the window's habits."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import GRID, Theme
from desktop.widgets.icons import icon, side


def label(text: str = "", *, role: str = "", wrap: bool = False, select: bool = False) -> QLabel:
    """Return a label; its role decides how it looks: ``"muted"``, ``"head"``, ``"title"`` or ``"error"``."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if select:
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        made.setTextInteractionFlags(flags)
    return made


def button(text: str, pressed: Callable[[], object], *, main: bool = False, tip: str = "") -> QPushButton:
    """Return a button with a text; the main one of a view stands out."""
    made = QPushButton(text)
    made.setProperty("role", "main" if main else "")
    made.setToolTip(tip)
    made.setAccessibleName(text)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _checked=False: pressed())
    return made


def set_main(one: QPushButton, on: bool) -> None:
    """Let a button stand out as the view's main one, or no longer."""
    role = "main" if on else ""
    if one.property("role") != role:
        one.setProperty("role", role)
        one.style().unpolish(one)
        one.style().polish(one)


def tool(name: str, text: str, theme: Theme, pressed: Callable[[], object] | None = None, *, flat: bool = True,
         words: bool = False) -> QToolButton:  # fmt: skip
    """Return a button with an icon; its text is the tool tip and what screen readers say."""
    made = QToolButton()
    made.setIcon(icon(name, theme))
    made.setIconSize(QSize(side(theme), side(theme)))
    made.setText(text)
    made.setToolTip(text)
    made.setAccessibleName(text)
    made.setProperty("flat", flat)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if words:
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    if pressed is not None:
        made.clicked.connect(lambda _checked=False: pressed())
    return made


def row(*items: QWidget | int, margin: int = 0, gap: int = GRID) -> QHBoxLayout:
    """Return widgets side by side; 0 stands for a stretch, another number for that much room."""
    made = QHBoxLayout()
    _fill(made, items, margin, gap)
    return made


def column(*items: QWidget | int, margin: int = 0, gap: int = GRID) -> QVBoxLayout:
    """Return widgets below each other; see `row`."""
    made = QVBoxLayout()
    _fill(made, items, margin, gap)
    return made


def holder(layout: QBoxLayout, *, role: str = "") -> QFrame:
    """Return a frame with a layout in it."""
    made = QFrame()
    made.setProperty("role", role)
    made.setLayout(layout)
    return made


def _fill(layout: QBoxLayout, items: tuple[QWidget | int, ...], margin: int, gap: int) -> None:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(gap)
    for item in items:
        if isinstance(item, QWidget):
            layout.addWidget(item)
        elif item:
            layout.addSpacing(item)
        else:
            layout.addStretch(1)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
