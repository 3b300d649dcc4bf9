"""Without a mouse, without eyes, in another language, with larger letters: the window for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pyqtgraph import PlotWidget
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QFont, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.messages.base import CONTEXT
from desktop.plots import wording
from desktop.plots.colors import TEXT_CONTRAST, contrast
from desktop.views.help import HelpDialog
from desktop.views.runs import RunsDialog
from desktop.views.trouble import TroubleDialog
from desktop.window import MainWindow
from tests.desktop.driving import names, open_dialog, open_export, shown_of, workspace_of

INTERACTIVE = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QTextEdit)
#: Parts of Qt's own widgets, which speak for the widget they belong to.
_PRIVATE = ("qt_", "ScrollLeftButton", "ScrollRightButton")


def spoken(widget: QWidget) -> str:
    """Return what a screen reader says of a widget."""
    return widget.accessibleName() or str(getattr(widget, "text", str)())


def is_private(widget: QWidget) -> bool:
    """Tell whether a widget is a part of another one that Qt made itself."""
    parent = widget.parent()
    inner = isinstance(parent, QAbstractSpinBox | QComboBox | QAbstractItemView | QLineEdit)
    inner = inner or (parent is not None and parent.metaObject().className().startswith("QComboBoxPrivate"))
    return inner or widget.objectName().startswith(_PRIVATE) or isinstance(widget.window(), QMenu)


def is_viewport(widget: QWidget) -> bool:
    """Tell whether a widget is the inside of a scroll area, which has the focus itself."""
    parent = widget.parent()
    return isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget


def nameless(root: QWidget) -> list[str]:
    """Return what can be worked below a widget and has no name."""
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for kind in INTERACTIVE
        for widget in root.findChildren(kind)
        if not is_private(widget) and not spoken(widget).strip()
    ]


def open_everything(window: MainWindow, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """Show every page and dialog, one after the other."""
    space = workspace_of(window)
    for place in range(space.tabs.count()):
        space.tabs.setCurrentIndex(place)
        yield space.tabs.tabText(place), window
    window.header.levers.click()
    yield "levers", window
    window.header.levers.click()
    kinds: tuple[tuple[Callable[[], object], type[QDialog]], ...] = (
        (window.header.help_wanted.emit, HelpDialog), (window.header.runs_wanted.emit, RunsDialog),
        (lambda: TroubleDialog("details", window).open(), TroubleDialog),
    )  # fmt: skip
    for opened, kind in kinds:
        opened()
        dialog = open_dialog(qtbot, window, kind)
        yield kind.__name__, dialog
        dialog.close()
    window.session.show_features()
    qtbot.waitUntil(lambda: window.session.coverage is not None)
    yield "features", window
    window.session.go_to_start()
    yield "start", window


def test_everything_that_can_be_worked_has_a_name(songs: MainWindow, qtbot: QtBot) -> None:
    found = {name: nameless(root) for name, root in open_everything(songs, qtbot)}
    assert not {name: what for name, what in found.items() if what}


def test_buttons_without_words_have_a_tool_tip(songs: MainWindow, qtbot: QtBot) -> None:
    bare = [
        spoken(one)
        for _, root in open_everything(songs, qtbot)
        for one in root.findChildren(QToolButton)
        if not is_private(one) and not one.icon().isNull() and not one.toolTip()
    ]
    assert not bare


#: Contrast that a mark of the focus needs with what is there without it (WCAG 2.2, criterion 1.4.11).
MARK_CONTRAST = 3.0


def picture_of(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def luminances(image: QImage) -> np.ndarray:
    """Return the relative luminance of every pixel (WCAG 2.2)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    parts = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1, 4)[:, : plain.width(), 2::-1] / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def differs_clearly(one: QImage, other: QImage) -> bool:
    """Tell whether two pictures of a widget differ in a line of it at least, with enough contrast."""
    if one.size() != other.size():
        return False
    first, second = luminances(one) + 0.05, luminances(other) + 0.05
    contrast = np.maximum(first, second) / np.minimum(first, second)
    return int((contrast >= MARK_CONTRAST).sum()) >= min(2 * min(one.width(), one.height()) - 8, 100)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_focus_can_be_seen_wherever_it_is(songs: MainWindow, qtbot: QtBot, look: str) -> None:
    songs.header.look_wanted.emit(look)
    qtbot.waitUntil(songs.header.isVisible)
    assert songs.theme.dark == (look == "dark")
    songs.activateWindow()
    unseen: set[str] = set()
    visited: set[QWidget] = set()
    for name, root in open_everything(songs, qtbot):
        for widget in root.findChildren(QWidget):
            if (
                is_viewport(widget)
                or widget in visited
                or not widget.isVisible()
                or not widget.isEnabled()
                or is_private(widget)
            ):
                continue
            if not widget.focusPolicy() & widget.focusPolicy().TabFocus or isinstance(widget, QMenu):
                continue
            visited.add(widget)
            widget.setFocus()
            if not widget.hasFocus():
                continue
            with_focus = picture_of(widget)
            widget.clearFocus()
            if not differs_clearly(with_focus, picture_of(widget)):
                unseen.add(f"{name}: {type(widget).__name__} {spoken(widget)!r}")
    assert len(visited) > 40
    assert not unseen, "\n".join(sorted(unseen))


@pytest.mark.parametrize("look", ["light", "dark"])
def test_what_a_field_asks_for_can_be_read(songs: MainWindow, qtbot: QtBot, look: str) -> None:
    songs.header.look_wanted.emit(look)
    qtbot.waitUntil(songs.header.isVisible)
    assert songs.theme.dark == (look == "dark")
    seen, role = 0, QPalette.ColorRole
    for _, root in open_everything(songs, qtbot):
        for field in root.findChildren(QLineEdit):
            if field.placeholderText() and not is_private(field):
                field.ensurePolished()
                colors = field.palette()
                hint, ground = colors.color(role.PlaceholderText), colors.color(role.Base)
                assert hint.alpha() == 255, field.placeholderText()
                assert contrast(hint.name(), ground.name()) >= TEXT_CONTRAST, field.placeholderText()
                seen += 1
    assert seen > 2


def test_tab_leads_from_the_reasons_to_the_examples_below_them(songs: MainWindow, qtbot: QtBot) -> None:
    songs.activateWindow()
    space = workspace_of(songs)
    for place in (0, 3):
        space.tabs.setCurrentIndex(place)
        space.why.setFocus()
        walked: list[QWidget | None] = []
        for _ in (*space.why.examples, None):
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            walked.append(QApplication.focusWidget())
        assert walked == [*space.why.examples, space.tracks.search]


def test_tab_leads_out_of_the_export_at_its_end(songs: MainWindow, qtbot: QtBot) -> None:
    dialog = open_export(qtbot, songs)
    dialog.activateWindow()
    dialog.tabs.setCurrentWidget(dialog.files)
    qtbot.waitUntil(dialog.files.go.isEnabled)
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.list.setFocus()
    walked: list[QWidget | None] = []
    while dialog.close_button not in walked and len(walked) < 40:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        walked.append(QApplication.focusWidget())
    assert dialog.files.folder in walked
    assert walked[-2:] == [dialog.files.go, dialog.close_button]
    dialog.reject()


def test_a_plot_that_takes_no_keys_is_passed_over(songs: MainWindow, qtbot: QtBot) -> None:
    songs.activateWindow()
    space = workspace_of(songs)
    for tab in (space.features, space.choose_k):
        space.tabs.setCurrentWidget(tab)
        qtbot.waitUntil(lambda tab=tab: any(one.isVisible() for one in tab.findChildren(PlotWidget)))  # type: ignore[misc]
        space.playlists.list.setFocus()
        walked: set[QWidget | None] = set()
        while QApplication.focusWidget() not in walked:
            walked.add(QApplication.focusWidget())
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert len(walked) > 15
        assert not walked.intersection(tab.findChildren(PlotWidget))


class _Marking(QTranslator):
    """Translates every text of the program by putting it into brackets."""

    def translate(self, context: str, source: str, *_more: object) -> str:
        return f"⟦{source}⟧" if context == CONTEXT else ""


@pytest.fixture
def marked() -> Iterator[None]:
    translator = _Marking()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def texts_of(widget: QWidget) -> Iterator[str]:
    """Yield what a widget says."""
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(place) for place in range(widget.count()))
    yield from (widget.toolTip(), widget.accessibleName(), widget.windowTitle())


def test_every_text_passes_through_the_translation(marked: None, songs: MainWindow, qtbot: QtBot) -> None:
    own = {"Leitmotif", "songs.csv", *names(songs)}
    shown = shown_of(songs)
    for column in ("title", "artist", "genre"):
        own |= set(shown.columns[column].tolist())
    for notice in shown.analysis.notices:
        own.add(notice.text)
    plain = set()
    for name, root in open_everything(songs, qtbot):
        for widget in [root, *root.findChildren(QWidget)]:
            if is_private(widget):
                continue
            for text in texts_of(widget):
                bare = re.sub(r"<[^>]*>", "", text)
                while "⟦" in bare and (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", bare)) != bare:
                    bare = inner
                for known in sorted(own, key=len, reverse=True):
                    bare = bare.replace(known, "") if known else bare
                if re.search(r"[A-Za-z]{3}", bare):
                    plain.add(f"{name}: {text}")
    assert not plain, "\n".join(sorted(plain))


def test_the_window_follows_the_size_of_the_letters_and_keeps_its_place(songs: MainWindow, qtbot: QtBot) -> None:
    space = workspace_of(songs)
    before, font = names(songs), QFont(QApplication.font())
    size, height = songs.theme.text_size, space.playlists.list.visualRect(space.playlists.model.index(0)).height()
    space.tabs.setCurrentIndex(2)
    songs.header.levers.click()
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * 1.5)
    try:
        QApplication.setFont(larger)
        qtbot.waitUntil(lambda: songs.theme.text_size > size)
        again = workspace_of(songs)
        assert names(songs) == before
        assert again.tabs.currentIndex() == 2
        assert songs.header.levers.isChecked()
        assert again.side.currentWidget() is again.levers
        grown = again.playlists.list.visualRect(again.playlists.model.index(0)).height()
        assert grown > 1.2 * height
    finally:
        QApplication.setFont(font)
        qtbot.waitUntil(lambda: songs.theme.text_size == size)


@pytest.mark.parametrize("size", [(1024, 700), (1600, 1000), (3840, 2160)])
@pytest.mark.parametrize("scale", [1.0, 1.8])
def test_nothing_is_cut_off_at_the_sides(songs: MainWindow, qtbot: QtBot, size: tuple[int, int], scale: float) -> None:
    font = QFont(QApplication.font())
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * scale)
    before = songs.theme.text_size
    try:
        QApplication.setFont(larger)
        if scale > 1:
            qtbot.waitUntil(lambda: songs.theme.text_size > before)
        songs.resize(*size)
        qtbot.waitUntil(lambda: songs.size().toTuple() == size)
        space = workspace_of(songs)
        for pane in (songs.header, space.playlists, space.side, space.tracks):
            right = pane.mapTo(songs, pane.rect().topRight()).x()
            buttons = [one for one in pane.findChildren(QAbstractButton) if one.isVisible() and not is_private(one)]
            assert buttons
            qtbot.waitUntil(lambda found=buttons: all(one.width() >= one.minimumSizeHint().width() for one in found))
            for one in buttons:
                assert one.mapTo(songs, one.rect().topRight()).x() <= right, spoken(one)
    finally:
        QApplication.setFont(font)
        qtbot.waitUntil(lambda: songs.theme.text_size == before)


def test_every_text_of_the_plots_goes_through_the_translation(marked: None) -> None:
    assert wording.BY_GENRE() == "⟦By genre⟧"
    assert wording.heatmap_title(9, 9, difference=True) == "⟦How the 9 playlists differ from the library⟧"
    assert wording.map_title(1) == "⟦⟦1 track⟧ by how they sound⟧"
    assert wording.direction("energy") == "⟦energetic⟧"
    assert wording.axis(("energy",), np.array([1.0]), 0.39).startswith("⟦calm⟧ ↔ ⟦energetic⟧")
