"""Why a playlist is called that: each claim with its distribution, and the tracks that fit best and least."""

from __future__ import annotations

import itertools

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop import messages
from desktop.messages import names
from desktop.models.evidence import Evidence, evidence
from desktop.plots.arrays import IntArray
from desktop.selection import Selection
from desktop.session import Session
from desktop.shown import Group, Shown
from desktop.theme import GRID, Theme
from desktop.widgets.basics import clear, column, holder, label
from desktop.widgets.distribution import Distribution
from desktop.widgets.track_button import TrackButton

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
        self.examples: list[QAbstractButton] = []
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
        if group is not None:
            now = (shown, group.lineage)
        else:
            now = (shown, self._instead(shown, selection))
        if now == self._lineage and self._page.count():
            return
        self._lineage = now
        self._clear()
        self._page.addWidget(label(messages.TAB_WHY().upper(), role="head"))
        if shown is None or group is None:
            self._page.addWidget(label(now[1], role="muted", wrap=True))
            if shown is not None and selection is not None and selection.whole:
                self._page.addWidget(label(_repeating(shown), role="muted", wrap=True))
        else:
            self._show_group(shown, group)
        for before, after in itertools.pairwise((self, *self.examples)):
            self.setTabOrder(before, after)
        self._page.addStretch(1)
        self.verticalScrollBar().setValue(0)

    def _instead(self, shown: Shown | None, selection: Selection | None) -> str:
        """Return what is said when no single playlist is chosen."""
        if shown is None or selection is None:
            return messages.WHY_NONE()
        if len(selection.lineages) > 1:
            return messages.WHY_SEVERAL(count=len(selection.lineages))
        if selection.reason:
            return names.left_out_tip(selection.reason)
        return messages.WHY_OTHER(tracks=messages.tracks(len(selection.rows)))

    def _clear(self) -> None:
        clear(self._page)
        self.claims, self.examples = [], []

    def _show_group(self, shown: Shown, group: Group) -> None:
        name = group.name
        self._page.addWidget(label(name.text, role="title", wrap=True, select=True))
        size = messages.tracks(group.size)
        if long := messages.duration(group.duration_s):
            size = messages.SIZE_LINE(tracks=size, duration=long)
        if missing := shown.left_out.counts(shown.rows_of([group.lineage])):
            reasons = ", ".join(names.left_out_count(reason, count) for reason, count in missing.items())
            size = messages.LEFT_OUT_HERE(size=size, reasons=reasons)
        self._page.addWidget(label(size, role="muted", wrap=True))
        if name.given and name.claims:
            self._page.addWidget(label(messages.WHY_GIVEN(), role="muted", wrap=True))
        if not name.claims:
            self._page.addWidget(label(messages.WHY_NOTHING(), role="muted", wrap=True))
        for claim in name.claims:
            self._add_claim(evidence(shown, group, claim), self._theme.cluster_color(group.number))
        if any(claim.feature in shown.bins for claim in name.claims):
            self._page.addWidget(label(messages.WHY_BARS(), role="muted", wrap=True))
        rows = shown.tracks_of([group.lineage])
        fit = np.asarray(shown.columns["fit"], dtype=np.float64)[rows]
        order = np.argsort(-fit, kind="stable")
        some = min(EXAMPLES, max(len(rows) // 2, 1))
        self._add_examples(shown, messages.FITS_BEST(), rows[order[:some]])
        if len(rows) > 1:
            self._add_examples(shown, messages.FITS_LEAST(), rows[order[::-1][:some]])

    def _add_claim(self, found: Evidence, color: str) -> None:
        word = label(found.title, role="title", wrap=True)
        word.setToolTip(messages.column_tip(found.claim.feature))
        self.claims.append(word)
        sentence = label(found.sentence, role="muted", wrap=True)
        if found.bins is None:
            self._page.addWidget(holder(column(word, sentence, gap=2)))
        else:
            picture = Distribution(self._theme)
            picture.show_feature(found.bins, found.members, color=color)
            self._page.addWidget(holder(column(word, picture, sentence, gap=2)))

    def _add_examples(self, shown: Shown, title: str, rows: IntArray) -> None:
        self._page.addSpacing(GRID)
        head = label(title, role="head")
        head.setToolTip(messages.FIT_TIP())
        self._page.addWidget(head)
        page = QVBoxLayout()
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        for row in rows.tolist():
            title, artist = str(shown.columns["title"][row]), str(shown.columns["artist"][row])
            entry = TrackButton(title, artist, float(shown.columns["fit"][row]), self._theme)
            entry.clicked.connect(lambda _checked=False, row=row: self.picked.emit(row))
            self.examples.append(entry)
            page.addWidget(entry)
        self._page.addWidget(holder(page))


def _repeating(shown: Shown) -> str:
    """Return how surely names come out again, or why that is not known."""
    stability = shown.analysis.claim_stability
    if stability is None:
        return messages.NAMES_UNCHECKED(reason=shown.analysis.claims_unchecked)
    return messages.NAMES_REPEAT(share=messages.share(stability))
