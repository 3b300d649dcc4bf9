"""Where music comes from, what the features mean, the shortcuts, where data goes, and whose work this is."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from core import __version__
from core.features import FEATURES, SOURCE
from core.resources import data_folder
from core.spotify.messages import PRIVACY_NOTE
from desktop import messages
from desktop.messages import names
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, row


class HelpDialog(QDialog):
    """One page of help.

    Parameters
    ----------
    theme : Theme
        Fonts and colours.
    parent : QWidget
        The window.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(messages.HELP_TITLE())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(96 * GRID, parent.width()), min(80 * GRID, parent.height()))
        self.page = QTextBrowser()
        self.page.setAccessibleName(messages.HELP_TITLE())
        self.page.setOpenExternalLinks(True)
        self.page.setHtml(help_html(theme))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.addWidget(self.page)
        layout.addLayout(row(0, button(messages.CLOSE(), self.reject)))


def help_html(theme: Theme) -> str:
    """Return the help as HTML."""
    sections = {
        messages.HELP_MUSIC(): _music(),
        messages.HELP_FEATURES(): _features(theme),
        messages.HELP_SHORTCUTS(): _table(
            [(f"<b>{html.escape(keys)}</b>", html.escape(text())) for keys, text in names.SHORTCUTS]
        ),
        messages.HELP_PRIVACY(): _privacy(),
        messages.HELP_LICENCES(): f"<p>{html.escape(messages.LICENCES_TEXT())}</p>",
    }
    links = " &nbsp; ".join(
        f'<a href="#{place}">{html.escape(title)}</a>' for place, title in enumerate(sections)
    )  # fmt: skip
    body = "".join(
        f'<h3><a name="{place}"></a>{html.escape(title)}</h3>{content}'
        for place, (title, content) in enumerate(sections.items())
    )
    version = html.escape(messages.HELP_VERSION(version=__version__))
    return f'<p>{links}</p>{body}<p style="color:{theme.muted}">{version}</p>'


def _music() -> str:
    rows = [(f"<b>{html.escape(what())}</b>", html.escape(how())) for what, how in names.MUSIC]
    return f"{_table(rows)}<p>{html.escape(messages.HELP_NO_FEATURES())}</p>"


def _features(theme: Theme) -> str:
    heads = (messages.HELP_FEATURE(), messages.HELP_RANGE(), messages.HELP_MEANING())
    rows = [tuple(f'<span style="color:{theme.muted}">{html.escape(head)}</span>' for head in heads)]
    rows += [
        (
            f"<b>{html.escape(messages.feature_name(name))}</b>",
            html.escape(_range(name)).replace(" ", "&nbsp;"),
            html.escape(messages.definition(feature)),
        )
        for name, feature in FEATURES.items()
    ]
    source = html.escape(messages.FEATURES_SOURCE(source=SOURCE))
    return f'{_table(rows)}<p style="color:{theme.muted}">{source}</p>'


def _privacy() -> str:
    own = html.escape(messages.PRIVACY_TEXT(folder=data_folder()))
    spotify = "".join(f"<li>{html.escape(messages.translated(sentence))}</li>" for sentence in PRIVACY_NOTE)
    return f"<p>{own}</p><p>{html.escape(messages.HELP_SPOTIFY())}</p><ul>{spotify}</ul>"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows of HTML cells as a table; its first column is as wide in every table."""
    lines = []
    for cells in rows:
        first, *rest = cells
        lines.append(f'<tr><td width="24%">{first}</td>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>")
    return f'<table cellspacing="0" cellpadding="5" width="100%">{"".join(lines)}</table>'


def _range(name: str) -> str:
    feature = FEATURES[name]
    unit = f" {feature.unit}" if feature.unit else ""
    return f"{feature.low:g} – {feature.high:g}{unit}".replace("-", "−")
