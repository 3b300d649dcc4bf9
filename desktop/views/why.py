"""Why a playlist is called that: each claim with its distribution, and the tracks that fit best and least."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop import messages
from desktop.plots.arrays import IntArray
from desktop.plots.parts import plain_tip
from desktop.session import Session
from desktop.shown import Group, Shown
from desktop.theme import GRID, Theme
from desktop.widgets.basics import clear, column, holder, label
from desktop.widgets.distribution import Distribution

if TYPE_CHECKING:
    from core.records import Claim

#: Tracks shown at each end.
EXAMPLES = 5


class WhyPanel(QScrollArea):
    """The evidence behind the selected playlist's name.

    Parameters
    ----------
    session : Session
        What it shows.
    theme : Theme
        Fonts and colours.
    """

    #: Row of a track that was clicked.
    picked = Signal(int)

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(messages.TAB_WHY())
        self.claims: list[QLabel] = []
        self.examples: list[QPushButton] = []
        inner = QWidget()
        self._page = QVBoxLayout(inner)
        self._page.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        self._page.setSpacing(GRID)
        self.setWidget(inner)
        session.outcome_changed.connect(self._show)
        session.selection_changed.connect(self._show)
        self._lineage: tuple[object, str] = (None, "")
        self._show()

    def _show(self) -> None:
        shown, selection = self._session.shown, self._session.selection
        chosen = sorted(selection.lineages) if selection else []
        group = shown.group(chosen[0]) if shown and len(chosen) == 1 else None
        now = (shown, group.lineage if group else "")
        if now == self._lineage and self._page.count():
            return
        self._lineage = now
        self._clear()
        self._page.addWidget(label(messages.TAB_WHY().upper(), role="head"))
        if shown is None or group is None:
            self._page.addWidget(label(messages.WHY_NONE(), role="muted", wrap=True))
        else:
            self._show_group(shown, group)
        self._page.addStretch(1)

    def _clear(self) -> None:
        clear(self._page)
        self.claims, self.examples = [], []

    def _show_group(self, shown: Shown, group: Group) -> None:
        name = group.name
        self._page.addWidget(label(name.text, role="title", wrap=True, select=True))
        if name.given and name.claims:
            self._page.addWidget(label(messages.WHY_GIVEN(), role="muted", wrap=True))
        if not name.claims:
            self._page.addWidget(label(messages.WHY_NOTHING(), role="muted", wrap=True))
        rows = shown.rows_of([group.lineage])
        for claim in name.claims:
            self._page.addWidget(self._claim(shown, group, claim, rows))
        fit = np.asarray(shown.columns["fit"], dtype=np.float64)[rows]
        order = np.argsort(-fit, kind="stable")
        self._add_examples(shown, messages.FITS_BEST(), rows[order[:EXAMPLES]])
        self._add_examples(shown, messages.FITS_LEAST(), rows[order[::-1][:EXAMPLES]])

    def _claim(self, shown: Shown, group: Group, claim: Claim, rows: IntArray) -> QWidget:
        known = shown.bins.get(claim.feature)
        if known is None:
            text = label(messages.CLAIM_GENRE(share=messages.share(claim.share), genre=claim.word), wrap=True)
            self.claims.append(text)
            return text
        others = np.setdiff1d(np.arange(len(shown.labels)), rows, assume_unique=True)
        values = np.asarray(shown.columns[claim.feature], dtype=np.float64)[others]
        rest = np.nanmean(values > known.median if claim.direction == "high" else values < known.median)
        word = label(f"{messages.feature_name(claim.feature)}: {messages.claim(claim)}", role="title")
        word.setToolTip(messages.column_tip(claim.feature))
        self.claims.append(word)
        picture = Distribution(self._theme)
        picture.show_feature(known, known.shares(rows), color=self._theme.cluster_color(group.number))
        line = messages.CLAIM_LINE(share=messages.share(claim.share), rest=messages.share(float(rest)))
        return holder(column(word, picture, label(line, role="muted", wrap=True), gap=2))

    def _add_examples(self, shown: Shown, title: str, rows: IntArray) -> None:
        self._page.addSpacing(GRID)
        self._page.addWidget(label(title, role="head"))
        for row in rows.tolist():
            text = messages.TRACK_POINT(artist=shown.columns["artist"][row], title=shown.columns["title"][row])
            entry = _Example(text, self._theme)
            entry.clicked.connect(lambda _checked=False, row=row: self.picked.emit(row))
            self.examples.append(entry)
            self._page.addWidget(entry)


class _Example(QPushButton):
    """A track to click, as much of its name as there is room for."""

    def __init__(self, text: str, theme: Theme) -> None:
        super().__init__()
        self._whole, self._theme = text, theme
        self.setFlat(True)
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("text-align: left; border: none; padding: 2px; background: transparent;")
        self.setFixedHeight(round(theme.metrics().height()) + GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what there is room for."""
        super().resizeEvent(event)
        shown = self._theme.metrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width() - GRID)
        self.setText(shown.replace("&", "&&"))
