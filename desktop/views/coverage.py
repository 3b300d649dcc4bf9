"""The features step: how many tracks have audio features, and getting the missing ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from core.features import BASE_NAMES
from core.wording import listed
from desktop import messages, style
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.views.genre_lookup import GenreLookup
from desktop.widgets.basics import button, clear, label, row, set_main
from desktop.widgets.work_bar import step_text

if TYPE_CHECKING:
    from core.providers.coverage import Coverage

_WIDEST = 88 * GRID


@dataclass(frozen=True)
class Part:
    """A part of the library.

    Attributes
    ----------
    text : str
        What became of its tracks.
    count : int
        How many there are.
    color : str
        Its colour in the bar.
    """

    text: str
    count: int
    color: str


def parts_of(coverage: Coverage, theme: Theme) -> list[Part]:
    """Return the parts of a library by where their audio features come from, and by what is missing."""
    colors = [style.accent(theme), *(theme.cluster_color(number) for number in range(1, len(coverage.by_provider)))]
    parts = [
        Part(messages.COVERAGE_FROM(provider=messages.provider(name)), count, color)
        for (name, count), color in zip(coverage.by_provider.items(), colors, strict=False)
    ]
    pending, missing, failed = (coverage.count(name) for name in ("pending", "not_found", "failed"))
    parts += [
        Part(messages.COVERAGE_PENDING(), pending, theme.line),
        Part(messages.COVERAGE_MISSING(), missing, theme.neutral),
        Part(messages.COVERAGE_FAILED(), failed, theme.text),
    ]
    return [part for part in parts if part.count]


class CoverageBar(QWidget):
    """Parts of a library as one bar.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: list[Part] = []
        self.setAccessibleName(messages.COVERAGE_TITLE())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: list[Part]) -> None:
        """Show parts from left to right."""
        self._parts = parts
        self.setAccessibleDescription(", ".join(f"{part.text}: {part.count:,}" for part in parts))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a thin bar."""
        return QSize(20 * GRID, 2 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts, with a gap between them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.line))
        total, left = max(sum(part.count for part in self._parts), 1), 0.0
        for part in self._parts:
            wide = part.count / total * self.width()
            painter.fillRect(QRectF(left, 0, max(wide - 1, 1), self.height()), QColor(part.color))
            left += wide


class CoverageLines(QWidget):
    """The same parts as lines: colour, number, what became of them, share."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[Part] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setColumnStretch(2, 1)

    def text(self) -> str:
        """Return the lines as text."""
        return "\n".join(f"{part.count:,} {part.text}" for part in self._parts)

    def show_parts(self, parts: list[Part]) -> None:
        """Show parts below each other."""
        self._parts = parts
        clear(self._grid)
        total = max(sum(part.count for part in parts), 1)
        for place, part in enumerate(parts):
            square, number = label("■"), label(f"{part.count:,}")
            square.setStyleSheet(f"color: {part.color};")
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            share = label(messages.share(part.count / total), role="muted")
            share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate((square, number, label(part.text, wrap=True), share)):
                self._grid.addWidget(widget, place, column)


class CoveragePage(QScrollArea):
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
        self._arriving = True
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found = label(messages.COVERAGE_WAIT(), role="title", wrap=True)
        self.bar = CoverageBar(theme)
        self.lines = CoverageLines()
        self.troubles = label(role="error", wrap=True, select=True)
        self.step = label(role="muted", wrap=True)
        self.left_out = label(wrap=True)
        self.note = label(messages.COVERAGE_NOTE(), role="muted", wrap=True)
        self.ask = button(messages.COVERAGE_ASK(), session.fetch_features, main=True)
        self.pause = button(messages.COVERAGE_PAUSE(), session.stop)
        self.go = button(messages.COVERAGE_GO(), self._go)
        self.genres = GenreLookup(session)
        self._build()
        session.coverage_changed.connect(self._show)
        session.stage_changed.connect(self._show)
        session.working.connect(self._show)
        session.rested.connect(self._show)
        session.progressed.connect(self._progress)
        self._show()

    def _build(self) -> None:
        inner = QWidget()
        inner.setMaximumWidth(_WIDEST)
        page = QVBoxLayout(inner)
        page.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        page.setSpacing(2 * GRID)
        page.addWidget(label(messages.COVERAGE_TITLE().upper(), role="head"))
        page.addWidget(self.found)
        page.addWidget(self.bar)
        for widget in (self.lines, self.step, self.troubles, self.left_out):
            page.addWidget(widget)
        page.addWidget(label(messages.COVERAGE_WHY(), role="muted", wrap=True))
        page.addWidget(self.note)
        page.addLayout(row(self.ask, self.pause, self.go, 0))
        page.addSpacing(2 * GRID)
        page.addWidget(label(messages.GENRES_TITLE().upper(), role="head"))
        page.addWidget(self.genres)
        page.addStretch(1)
        outer = QWidget()
        middle = row(0, inner, 0)
        middle.setStretch(1, 100)
        outer.setLayout(middle)
        self.setWidget(outer)

    def _show(self) -> None:
        place, coverage = self._session.place, self._session.coverage
        busy = self._session.workers.network.is_busy
        self.ask.setEnabled(not busy)
        self.pause.setEnabled(busy)
        known = self._session.outcome is not None
        self.go.setText(messages.COVERAGE_BACK() if known else messages.COVERAGE_GO())
        self.go.setEnabled(bool(place and place.library.with_features) and not busy)
        if not busy:
            self.step.setText("")
        self.step.setVisible(busy)
        if coverage is None:
            self._show_nothing()
        else:
            self._show_coverage(coverage)

    def _show_nothing(self) -> None:
        self._arriving = True
        self.found.setText(messages.COVERAGE_WAIT())
        self.bar.show_parts([])
        self.lines.show_parts([])
        for widget in (self.troubles, self.left_out):
            widget.hide()

    def _show_coverage(self, coverage: Coverage) -> None:
        total, found = len(coverage.status), coverage.count("found")
        self.found.setText(messages.COVERAGE_FOUND(found=f"{found:,}", tracks=f"{total:,}"))
        parts = parts_of(coverage, self._theme)
        self.bar.show_parts(parts)
        self.lines.show_parts(parts)
        self.troubles.setText("\n".join(coverage.troubles.values()))
        self.troubles.setVisible(bool(coverage.troubles))
        missing = total - found
        self.left_out.setText(self._what_is_missing(total, missing))
        self.left_out.setVisible(bool(self.left_out.text()))
        more = coverage.count("pending") + coverage.count("failed") > 0
        for shown in (self.ask, self.pause, self.note):
            shown.setVisible(more)
        set_main(self.ask, more)
        set_main(self.go, not more)
        if self._arriving:
            self._arriving = False
            (self.ask if more else self.go).setFocus()

    def _what_is_missing(self, total: int, missing: int) -> str:
        """Return what playlists do without if they are made now; empty when that is nothing, or everything."""
        place = self._session.place
        absent = place.absent_features() if place else ()
        others = [name for name in BASE_NAMES if name not in absent]
        if absent and others:
            return messages.COVERAGE_ABSENT(features=listed(absent, "or"), others=listed(others))
        return messages.COVERAGE_LEFT_OUT(tracks=messages.tracks(missing)) if 0 < missing < total else ""

    def _progress(self, done: int, total: int, text: str) -> None:
        self.step.setText(step_text(done, total, text))

    def _go(self) -> None:
        if self._session.outcome is not None:
            self._session.go_to_ready()
        else:
            self._session.analyse_what_is_there()
