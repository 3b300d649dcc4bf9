"""The features step: how many tracks have audio features, and getting the missing ones."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import messages, style
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, label, row

_WIDEST = 88 * GRID


class CoverageBar(QWidget):
    """Shares of tracks as one bar.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: list[tuple[float, str]] = []

    def show_parts(self, parts: list[tuple[float, str]]) -> None:
        """Show shares with their colours, from left to right."""
        self._parts = parts
        self.update()

    def sizeHint(self) -> QSize:
        """Return a thin bar."""
        return QSize(20 * GRID, 2 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shares."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.line))
        left = 0.0
        for part, color in self._parts:
            painter.fillRect(QRectF(left, 0, part * self.width(), self.height()), QColor(color))
            left += part * self.width()


class CoveragePage(QWidget):
    """How many tracks have audio features, and by whom; get the rest, pause, or go on without.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.found = label(messages.COVERAGE_WAIT(), role="title")
        self.lines = label(role="muted", wrap=True)
        self.bar = CoverageBar(theme)
        self.ask = button(messages.COVERAGE_ASK(), session.fetch_features, main=True)
        self.pause = button(messages.COVERAGE_PAUSE(), session.stop)
        self.go = button(messages.COVERAGE_GO(), self._go)
        inner = QWidget()
        inner.setMaximumWidth(_WIDEST)
        page = QVBoxLayout(inner)
        page.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        page.setSpacing(2 * GRID)
        page.addWidget(label(messages.COVERAGE_TITLE(), role="head"))
        page.addWidget(self.found)
        page.addWidget(self.bar)
        page.addWidget(self.lines)
        page.addWidget(label(messages.COVERAGE_WHY(), role="muted", wrap=True))
        self.note = label(messages.COVERAGE_NOTE(), role="muted", wrap=True)
        page.addWidget(self.note)
        page.addLayout(row(self.ask, self.pause, self.go, 0))
        page.addStretch(1)
        outer = row(0, inner, 0)
        outer.setStretch(1, 100)
        self.setLayout(outer)
        session.coverage_changed.connect(self._show)
        session.stage_changed.connect(self._show)
        session.working.connect(self._show)
        session.rested.connect(self._show)

    def _show(self) -> None:
        place, coverage = self._session.place, self._session.coverage
        busy = self._session.workers.network.is_busy
        self.ask.setEnabled(not busy)
        self.pause.setEnabled(busy)
        known = self._session.outcome is not None
        self.go.setText(messages.COVERAGE_BACK() if known else messages.COVERAGE_GO())
        self.go.setEnabled(bool(place and place.library.with_features) and not busy)
        if coverage is None:
            self.found.setText(messages.COVERAGE_WAIT())
            self.lines.setText("")
            self.bar.show_parts([])
            return
        total = max(len(coverage.status), 1)
        found = coverage.count("found")
        self.found.setText(messages.COVERAGE_FOUND(found=f"{found:,}", tracks=f"{len(coverage.status):,}"))
        lines = [
            messages.COVERAGE_FROM(count=f"{count:,}", provider=name) for name, count in coverage.by_provider.items()
        ]
        for name, text in (
            ("pending", messages.COVERAGE_PENDING), ("not_found", messages.COVERAGE_MISSING),
            ("failed", messages.COVERAGE_FAILED),
        ):  # fmt: skip
            count = coverage.count(name)  # type: ignore[arg-type]
            if count:
                lines.append(text(count=f"{count:,}"))
        self.lines.setText("\n".join([*lines, *coverage.troubles.values()]))
        self.bar.show_parts([
            (found / total, style.accent(self._theme)), (coverage.count("not_found") / total, self._theme.neutral)
        ])  # fmt: skip
        for widget in (self.ask, self.pause, self.note):
            widget.setVisible(found < len(coverage.status))

    def _go(self) -> None:
        if self._session.outcome is not None:
            self._session.go_to_ready()
        else:
            self._session.analyse_what_is_there()
