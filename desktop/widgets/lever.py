"""Levers: a name, a box to set, and one line that says what it does."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from desktop.theme import GRID
from desktop.widgets.basics import label

#: Room before the text of a number, so that numbers and choices begin below each other.
_INDENT = 6


class _Calm(QObject):
    """Lets the wheel change a box only while it has the focus, so that scrolling past it is safe."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the wheel on to what is around."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


Box = TypeVar("Box", bound=QWidget)


class LeverForm(QWidget):
    """Levers below each other.

    Attributes
    ----------
    meanings : dict of QWidget to QLabel
        The line below each lever.
    """

    def __init__(self) -> None:
        super().__init__()
        self.meanings: dict[QWidget, QLabel] = {}
        self._rows: dict[QWidget, int] = {}
        self._calm = _Calm(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)

    def add(self, text: str, box: Box, meaning: str = "") -> Box:
        """Add a lever.

        Parameters
        ----------
        text : str
            Its name; empty for a box that says itself what it is.
        box : QWidget
            What is set.
        meaning : str, default ""
            One line that says what it does.
        """
        # A row for the lever, one for its meaning, one for what is wrong with it.
        place = 3 * len(self._rows)
        self._rows[box] = place
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.installEventFilter(self._calm)
        if isinstance(box, QSpinBox | QDoubleSpinBox):
            box.lineEdit().setTextMargins(_INDENT, 0, 0, 0)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(9 * GRID)
        if text:
            box.setAccessibleName(text)
            name = label(text)
            name.setBuddy(box)
            self._grid.addWidget(name, place, 0)
            self._grid.addWidget(box, place, 1)
        else:
            self._grid.addWidget(box, place, 0, 1, 2)
        if meaning:
            line = self.meanings[box] = label(role="muted", wrap=True)
            self.explain(box, meaning)
            self._grid.addWidget(line, place + 1, 0, 1, 2)
        return box

    def explain(self, box: QWidget, meaning: str) -> None:
        """Change the line below a lever, which screen readers say as well."""
        self.meanings[box].setText(meaning)
        box.setAccessibleDescription(meaning)

    def show_trouble(self, box: QWidget, line: QLabel) -> bool:
        """Show below a lever what is wrong with it; tell whether the lever is here."""
        if box not in self._rows:
            return False
        self._grid.addWidget(line, self._rows[box] + 2, 0, 1, 2)
        line.show()
        return True
