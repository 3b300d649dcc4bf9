"""What the features mean, the shortcuts, where data goes, and whose work this is."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from core.features import FEATURES, SOURCE
from core.resources import data_folder
from desktop import messages
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
        self.resize(88 * GRID, 76 * GRID)
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
    features = "".join(
        f"<tr><td><b>{messages.feature_name(name)}</b></td>"
        f"<td>{html.escape(_range(name))}</td>"
        f"<td>{html.escape(messages.definition(feature))}</td></tr>"
        for name, feature in FEATURES.items()
    )
    shortcuts = "".join(
        f"<tr><td><b>{html.escape(keys)}</b></td><td>{html.escape(text())}</td></tr>"
        for keys, text in messages.SHORTCUTS
    )
    privacy = html.escape(messages.PRIVACY_TEXT(folder=data_folder()))
    source = html.escape(messages.FEATURES_SOURCE(source=SOURCE))
    table = '<table cellspacing="0" cellpadding="5">'
    return (
        f"<h3>{messages.HELP_FEATURES()}</h3>{table}{features}</table>"
        f'<p style="color:{theme.muted}">{source}</p>'
        f"<h3>{messages.HELP_SHORTCUTS()}</h3>{table}{shortcuts}</table>"
        f"<h3>{messages.HELP_PRIVACY()}</h3><p>{privacy}</p>"
        f"<h3>{messages.HELP_LICENCES()}</h3><p>{html.escape(messages.LICENCES_TEXT())}</p>"
    )


def _range(name: str) -> str:
    feature = FEATURES[name]
    unit = f" {feature.unit}" if feature.unit else ""
    return f"{feature.low:g} – {feature.high:g}{unit}".replace("-", "−")
