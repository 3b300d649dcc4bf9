"""How the widgets look: a palette and a few rules made of the theme."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop.plots.colors import text_on
from desktop.settings import Look
from desktop.theme import GRID, Theme, make_theme

#: The one colour for what can be pressed, what is chosen and what is under way.
ACCENT: Final = {False: "#2563c9", True: "#7db0ff"}
#: Background of what the mouse is over, and of what is chosen.
HOVER: Final = {False: "#eef2f8", True: "#242a33"}
CHOSEN: Final = {False: "#dde8fa", True: "#26364f"}

#: Room beside the words of a tab, in pixels.
TAB_PADDING: Final = 2 * GRID - 4


def accent(theme: Theme) -> str:
    """Return the accent colour; its contrast with page and surface is above 4.5."""
    return ACCENT[theme.dark]


def chosen(theme: Theme) -> str:
    """Return the background of what is chosen."""
    return CHOSEN[theme.dark]


def hover(theme: Theme) -> str:
    """Return the background of what the mouse is over."""
    return HOVER[theme.dark]


def theme_for(look: Look) -> Theme:
    """Return the theme a person asked for, with the platform's text size."""
    dark = look == "dark"
    if look == "system":
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return make_theme(dark=dark, text_size=max(QFontInfo(QGuiApplication.font()).pixelSize(), 1))


def apply(app: QApplication, theme: Theme) -> None:
    """Give all widgets the colours of a theme."""
    app.setPalette(_palette(theme))
    app.setStyleSheet(_rules(theme) + _tab_rules(theme) + _view_rules(theme) + _field_rules(theme))


def _palette(theme: Theme) -> QPalette:
    palette, role = QPalette(), QPalette.ColorRole
    main = QColor(ACCENT[theme.dark])
    for what, color in {
        role.Window: theme.page, role.Base: theme.page, role.AlternateBase: theme.surface, role.Button: theme.surface,
        role.WindowText: theme.text, role.Text: theme.text, role.ButtonText: theme.text, role.BrightText: theme.text,
        role.ToolTipBase: theme.surface, role.ToolTipText: theme.text, role.PlaceholderText: theme.muted,
        role.Mid: theme.line, role.Dark: theme.line, role.Midlight: theme.line, role.Light: theme.surface,
    }.items():  # fmt: skip
        palette.setColor(what, QColor(color))
    palette.setColor(role.Highlight, QColor(CHOSEN[theme.dark]))
    palette.setColor(role.HighlightedText, QColor(theme.text))
    palette.setColor(role.Link, main)
    palette.setColor(role.Accent, main)
    for what in (role.WindowText, role.Text, role.ButtonText):
        faint = QColor(theme.muted)
        faint.setAlpha(150)
        palette.setColor(QPalette.ColorGroup.Disabled, what, faint)
    return palette


def _picture(name: str) -> str:
    """Return where an icon lies, for a rule; its grey is seen on both themes."""
    return Path(str(files("resources").joinpath(f"icons/{name}.svg"))).as_posix()


def _rules(theme: Theme) -> str:
    small = round(theme.text_size * 0.85)
    main = ACCENT[theme.dark]
    return f"""
    QToolTip {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.line}; padding: 4px; }}
    QLabel[role="muted"], QCheckBox[role="muted"] {{ color: {theme.muted}; font-size: {small}px; }}
    QLabel[role="head"] {{ color: {theme.muted}; font-size: {small}px; font-weight: 600; }}
    QLabel[role="title"] {{ font-weight: 600; }}
    QLabel[role="error"] {{ color: {theme.text}; background: {HOVER[theme.dark]}; border-left: 3px solid {main};
        padding: {GRID}px; }}
    QFrame[role="card"] {{ background: {theme.surface}; border: 1px solid {theme.line}; border-radius: {GRID}px; }}
    QFrame[role="card"][over="true"] {{ border: 2px solid {main}; }}
    QFrame[role="bar"] {{ background: {theme.page}; border: none; border-bottom: 1px solid {theme.line}; }}
    QFrame[role="foot"] {{ background: {theme.surface}; border: none; border-top: 1px solid {theme.line}; }}
    QPushButton, QToolButton {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.line};
        border-radius: 6px; padding: 4px {GRID + 4}px; }}
    QToolButton {{ padding: 4px {GRID}px; }}
    QToolButton[under="true"] {{ padding: 4px 4px; font-size: {small}px; }}
    QToolButton[flat="true"] {{ border: 1px solid transparent; background: transparent; }}
    QToolButton::menu-indicator {{ image: none; width: 0px; }}
    QPushButton:hover, QToolButton:hover {{ background: {HOVER[theme.dark]}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {main}; }}
    QPushButton:checked, QToolButton:checked {{ background: {CHOSEN[theme.dark]}; border: 1px solid {main}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {theme.neutral}; }}
    QPushButton[role="main"] {{ background: {main}; color: {text_on(main)}; border: 1px solid {main};
        font-weight: 600; }}
    QPushButton[role="main"]:focus {{ border: 3px double {text_on(main)}; padding: 2px {GRID + 2}px; }}
    QPushButton[role="entry"] {{ text-align: left; }}
    QCheckBox, QRadioButton {{ border: 1px solid transparent; border-radius: 4px; padding: 2px; }}
    QCheckBox:focus, QRadioButton:focus {{ border: 1px solid {main}; }}
    QPushButton[role="main"]:disabled {{ background: {theme.surface}; color: {theme.neutral};
        border: 1px solid {theme.line}; }}
    """


def _tab_rules(theme: Theme) -> str:
    main, arrow = ACCENT[theme.dark], round(theme.text_size * 0.8)
    return f"""
    QTabWidget::pane {{ border: none; border-top: 1px solid {theme.line}; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{ padding: {GRID}px {TAB_PADDING}px; color: {theme.muted}; border: none;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {main}; }}
    QTabBar[tight="true"]::tab {{ padding: {GRID}px 4px; }}
    QTabBar::scroller {{ width: {6 * GRID}px; }}
    QTabBar QToolButton {{ padding: 0; border: 1px solid {theme.line}; background: {theme.page}; }}
    QTabBar QToolButton::left-arrow {{ image: url({_picture("chevron-left")}); width: {arrow}px; height: {arrow}px; }}
    QTabBar QToolButton::right-arrow {{ image: url({_picture("chevron-right")}); width: {arrow}px;
        height: {arrow}px; }}
    QTabBar::tab:focus {{ border: 1px solid {main}; border-bottom: 2px solid {main};
        padding: {GRID - 1}px {TAB_PADDING - 1}px {GRID}px; }}
    QTabBar[tight="true"]::tab:focus {{ padding: {GRID - 1}px 3px {GRID}px; }}
    """


def _view_rules(theme: Theme) -> str:
    main, arrow = ACCENT[theme.dark], round(theme.text_size * 0.8)
    return f"""
    QSplitter::handle {{ background: {theme.line}; }}
    QSplitter::handle:horizontal {{ width: 1px; }}
    QSplitter::handle:vertical {{ height: 1px; }}
    QHeaderView {{ background: {theme.page}; border: none; }}
    QHeaderView::section {{ background: {theme.page}; color: {theme.muted}; border: none;
        padding: 4px {2 * GRID}px 4px {GRID}px; }}
    QHeaderView::section:horizontal {{ border-bottom: 1px solid {theme.line}; }}
    QHeaderView::section:hover {{ color: {theme.text}; }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{ subcontrol-origin: margin; subcontrol-position: center right;
        width: {arrow}px; height: {arrow}px; margin-left: -{arrow}px; right: 2px; }}
    QHeaderView::up-arrow {{ image: url({_picture("chevron-up")}); }}
    QHeaderView::down-arrow {{ image: url({_picture("chevron-down")}); }}
    QTableView::item {{ padding: 0 {2 * GRID - 3}px 0 {GRID - 3}px; }}
    QTableView::item:focus {{ border: 1px solid {main}; }}
    QListWidget::item {{ padding: 3px; }}
    QListWidget::item:selected, QListWidget::item:focus {{ background: {CHOSEN[theme.dark]}; color: {theme.text}; }}
    QTableView, QListView, QTextBrowser, QScrollArea, QGraphicsView {{ border: 1px solid transparent;
        background: {theme.page}; outline: none; }}
    QTableView:focus, QListView:focus, QTextBrowser:focus, QScrollArea:focus, QGraphicsView:focus {{
        border: 1px solid {main}; }}
    QListView[rows="true"]:focus {{ border: 1px solid transparent; }}
    QTableView {{ gridline-color: transparent; selection-background-color: {CHOSEN[theme.dark]};
        selection-color: {theme.text}; }}
    QScrollBar {{ background: transparent; border: none; margin: 0; }}
    QScrollBar:vertical {{ width: {GRID + 2}px; }}
    QScrollBar:horizontal {{ height: {GRID + 2}px; }}
    QScrollBar::handle {{ background: {theme.line}; border-radius: 3px; margin: 2px; min-height: 3em; min-width: 3em; }}
    QScrollBar::handle:hover {{ background: {theme.neutral}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QAbstractScrollArea::corner {{ background: {theme.page}; border: none; }}
    QTableCornerButton::section {{ background: {theme.page}; border: none;
        border-bottom: 1px solid {theme.line}; }}
    QProgressBar {{ background: {theme.line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
    QProgressBar::chunk {{ background: {main}; border-radius: 3px; }}
    QMenu {{ background: {theme.page}; border: 1px solid {theme.line}; padding: 4px; }}
    QMenu::item {{ padding: 4px {2 * GRID}px; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px {GRID}px; }}
    QMenu::item:selected {{ background: {CHOSEN[theme.dark]}; }}
    QMenu::item:disabled {{ color: {theme.neutral}; }}
    """


def _field_rules(theme: Theme) -> str:
    main, arrow = ACCENT[theme.dark], round(theme.text_size * 0.8)
    check = _picture("check-dark" if theme.dark else "check-light")
    return f"""
    QLineEdit, QComboBox, QAbstractSpinBox {{ background: {theme.page}; color: {theme.text};
        border: 1px solid {theme.line}; border-radius: 6px; padding: 3px {GRID}px; }}
    QLineEdit {{ placeholder-text-color: {theme.muted}; }}
    QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {main}; padding: 2px {GRID - 1}px; }}
    QComboBox:disabled, QAbstractSpinBox:disabled {{ color: {theme.neutral}; }}
    QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ border: none; padding: 0; }}
    QComboBox::drop-down {{ border: none; width: {2 * GRID + 4}px; }}
    QComboBox::down-arrow {{ image: url({_picture("chevron-down")}); width: {arrow}px; height: {arrow}px; }}
    QComboBox QAbstractItemView {{ border: 1px solid {theme.line}; background: {theme.page}; padding: 4px;
        selection-background-color: {CHOSEN[theme.dark]}; selection-color: {theme.text}; outline: none; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: {2 * GRID + 4}px; }}
    QAbstractSpinBox::up-arrow {{ image: url({_picture("chevron-up")}); width: {arrow}px; height: {arrow}px; }}
    QAbstractSpinBox::down-arrow {{ image: url({_picture("chevron-down")}); width: {arrow}px; height: {arrow}px; }}
    QCheckBox {{ spacing: {GRID}px; }}
    QCheckBox::indicator, QListView::indicator {{ width: {arrow + 4}px; height: {arrow + 4}px;
        border: 1px solid {theme.neutral}; border-radius: 4px; background: {theme.page}; }}
    QCheckBox::indicator:focus, QCheckBox::indicator:hover, QListView::indicator:hover {{ border-color: {main}; }}
    QCheckBox::indicator:checked, QListView::indicator:checked {{ background: {main}; border-color: {main};
        image: url({check}); }}
    QCheckBox::indicator:disabled {{ border-color: {theme.line}; }}
    QCheckBox::indicator:checked:disabled {{ background: {theme.neutral}; border-color: {theme.neutral}; }}
    QCheckBox:focus {{ color: {main}; }}
    """
