"""How many tracks have a genre, and looking up the missing ones."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import messages
from desktop.session import Session
from desktop.theme import GRID
from desktop.widgets.basics import button, label, row


class GenreLookup(QWidget):
    """What is known of the genres, with a button for the rest.

    Parameters
    ----------
    session : Session
        What it shows.
    centred : bool, default False
        Whether it stands alone in the middle of a view.
    """

    def __init__(self, session: Session, *, centred: bool = False) -> None:
        super().__init__()
        self._session = session
        self.found = label(wrap=True)
        self.note = label(messages.GENRES_NOTE(), role="muted", wrap=True)
        self.ask = button(messages.GENRES_ASK(), session.fetch_genres)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(2 * GRID)
        if centred:
            page.addStretch(1)
            for text in (self.found, self.note):
                text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page.addWidget(self.found)
        page.addWidget(self.note)
        page.addLayout(row(0, self.ask, 0) if centred else row(self.ask, 0))
        if centred:
            page.addStretch(1)
        for signal in (session.coverage_changed, session.outcome_changed, session.working, session.rested):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        place, coverage = self._session.trail[:1], self._session.genre_coverage
        library = place[0].library if place else None
        total = len(library) if library else 0
        known = int((library.tracks["genre"] != "").sum()) if library else 0
        self.found.setText(
            messages.GENRES_FOUND(found=f"{known:,}", tracks=f"{total:,}") if known else messages.NO_GENRES()
        )
        # Without an answer about each track, those without a genre have not been asked for.
        waiting = coverage.count("pending") + coverage.count("failed") if coverage else total - known
        self.ask.setEnabled(not self._session.workers.network.is_busy)
        for widget in (self.ask, self.note):
            widget.setVisible(waiting > 0)
        if coverage and coverage.troubles:
            self.note.setText("\n".join(coverage.troubles.values()))
