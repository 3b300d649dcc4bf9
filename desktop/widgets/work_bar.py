"""What is under way: a text, a bar, a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from desktop import messages
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, column, holder, label, row
from desktop.widgets.texts import ElidedLabel

#: More than this are bytes of a file, or so many that a share says more.
_MOST_COUNTED = 100_000
#: Steps of a bar.
_STEPS = 1000


class WorkBar(QFrame):
    """A thin bar at the foot of the window while work is under way.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    """

    cancelled = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "foot")
        self.text = ElidedLabel()
        self.step = label(role="muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(messages.CANCEL(), self.cancelled.emit)
        line = row(self.text, self.step, 0, self.bar, self.stop)
        line.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        self.bar.setFixedWidth(24 * GRID)
        self.setLayout(line)
        self.hide()

    def begin(self, text: str) -> None:
        """Show that something is under way."""
        self.text.setText(text)
        self.step.setText("")
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(text)
        self.show()

    def progress(self, done: int, total: int, text: str) -> None:
        """Show how far it is."""
        self.step.setText(step_text(done, total, text))
        _fill(self.bar, done, total)


class LoadingPage(QWidget):
    """A page for the first analysis, when there is nothing else to look at.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    """

    cancelled = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.text = ElidedLabel(role="title")
        self.step = label(role="muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(messages.CANCEL(), self.cancelled.emit)
        inner = holder(
            column(
                self.text, self.bar, self.step, label(messages.LOADING_HINT(), role="muted", wrap=True),
                holder(row(self.stop, 0)), gap=2 * GRID,
            )
        )  # fmt: skip
        inner.setFixedWidth(60 * GRID)
        page = QVBoxLayout(self)
        page.addStretch(2)
        page.addLayout(row(0, inner, 0))
        page.addStretch(3)

    def begin(self, text: str) -> None:
        """Show that something is under way."""
        self.text.setText(text)
        self.step.setText(" ")
        self.bar.setRange(0, 0)

    def progress(self, done: int, total: int, text: str) -> None:
        """Show how far it is."""
        self.step.setText(step_text(done, total, text))
        _fill(self.bar, done, total)


def step_text(done: int, total: int, text: str) -> str:
    """Return progress in words."""
    if total >= _MOST_COUNTED:
        return messages.STEP_SHARE(text=text, share=messages.share(done / total))
    return messages.STEP_OF(text=text, done=f"{done:,}", total=f"{total:,}") if total > 0 else text


def _fill(bar: QProgressBar, done: int, total: int) -> None:
    """Show how far it is: in thousandths, since sizes of files can be more than the bar counts to."""
    bar.setRange(0, _STEPS if total > 0 else 0)
    bar.setValue(_STEPS * done // total if total > 0 else 0)
