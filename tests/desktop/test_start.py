"""Getting in: dropped files, recent libraries, no display, and errors nobody foresaw."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.errors import LeitmotifError
from desktop.app import ExceptHook
from desktop.views.trouble import TroubleDialog
from desktop.window import MainWindow
from tests.conftest import PROJECT
from tests.desktop.driving import (
    CTRL,
    LEFT,
    drop,
    lasso_around,
    open_dialog,
    open_export,
    selection_of,
    shown_of,
    wait_ready,
    workspace_of,
)
from tests.fakes.libraries import id_of
from tests.fakes.musicbrainz import FakeMusicBrainz
from tests.fakes.reccobeats import FakeReccoBeats
from tests.program import run, run_python


def test_a_file_can_be_dropped_on_the_start_page(window: MainWindow, qtbot: QtBot, table: Path) -> None:
    assert drop(window.start, table)
    wait_ready(qtbot, window)
    assert len(shown_of(window).labels) == 480


def test_a_file_can_be_dropped_on_an_open_library(songs: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_text("")
    assert drop(songs, tmp_path / "no.txt")
    qtbot.waitUntil(songs.said_line.isVisible)
    assert songs.session.outcome is not None, "what was open stays open"


def test_what_was_opened_is_listed_on_the_start_page(songs: MainWindow, qtbot: QtBot) -> None:
    songs.session.go_to_start()
    qtbot.waitUntil(lambda: bool(songs.start.findChildren(QWidget, "recent")))
    assert songs.pages.currentWidget() is songs.start
    (entry,) = songs.start.findChildren(QWidget, "recent")
    assert entry.accessibleName() == "songs.csv"


def test_names_of_recent_libraries_are_read_as_they_are_and_leave_the_page_its_width(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    window.resize(1024, 700)
    path = tmp_path / f"R&B {'and much more ' * 12}.csv"
    path.write_bytes(table.read_bytes())
    assert drop(window.start, path)
    wait_ready(qtbot, window)
    window.session.go_to_start()
    qtbot.waitUntil(lambda: bool(window.start.findChildren(QPushButton, "recent")))
    (entry,) = window.start.findChildren(QPushButton, "recent")
    assert entry.text().startswith("R&&B and much more")
    assert entry.accessibleName() == path.name
    assert path.name.replace("&", "&amp;") in entry.toolTip()
    assert window.start.horizontalScrollBar().maximum() == 0
    assert window.width() == 1024


def test_an_unforeseen_error_shows_details_and_keeps_the_library(
    songs: MainWindow, qtbot: QtBot, hooked: list[BaseException]
) -> None:
    hook = ExceptHook(songs)
    before = songs.session.outcome
    try:
        raise ZeroDivisionError("a slot that failed")
    except ZeroDivisionError as error:
        hook(type(error), error, error.__traceback__)
    assert len(hooked) == 1
    dialog = open_dialog(qtbot, songs, TroubleDialog)
    assert "a slot that failed" in dialog.details.toPlainText()
    qtbot.mouseClick(dialog.copy, LEFT)
    assert "ZeroDivisionError" in QApplication.clipboard().text()
    qtbot.mouseClick(dialog.go_on, LEFT)
    assert songs.session.outcome is before


def test_a_foreseen_error_is_one_line(window: MainWindow, qtbot: QtBot) -> None:
    window.session.report_trouble(LeitmotifError("this cannot be", next_step="Do that"))
    assert window.said.text() == "This cannot be. Do that."
    qtbot.keyClick(window, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("content", "shown", "typed"),
    [
        ("what,ever\n1,2\n", "give the columns such names.", "--column title=NAME"),
        ("title,energy,valence\nA,loud,0.1\nB,quiet,0.2\n", "give the column another name.", "--column energy=NAME"),
    ],
)
def test_errors_name_options_on_the_command_line_only(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, content: str, shown: str, typed: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(content)
    assert drop(window.start, path)
    qtbot.waitUntil(lambda: bool(window.said.text()))
    assert window.said.text().endswith(shown)
    assert "--" not in window.said.text()
    assert run("analyze", path).told[-1].endswith(typed)


def test_without_a_display_one_line_says_so(own_home: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-m", "desktop"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "leitmotif analyze demo:" in done.stderr


def test_several_files_are_opened_as_one_library(own_home: Path, table: Path, tmp_path: Path) -> None:
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("a.csv", lines[1:61]), ("b.csv", lines[61:131])):
        (tmp_path / name).write_text("".join([lines[0], *part]), encoding="utf-8")
    code = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from core import cli\n"
        "from desktop.__main__ import open_window\n"
        "from desktop.window import MainWindow\n"
        "app = QApplication(['leitmotif'])\n"
        "def look():\n"
        "    for window in QApplication.topLevelWidgets():\n"
        "        if isinstance(window, MainWindow) and window.session.outcome is not None:\n"
        "            print(len(window.session.place.library), window.header.where.text())\n"
        "            window.close()\n"
        "timer = QTimer()\n"
        "timer.timeout.connect(look)\n"
        "timer.start(50)\n"
        "sys.exit(cli.main(sys.argv[1:], open_window=open_window))\n"
    )
    ended = run_python(code, tmp_path / "a.csv", tmp_path / "b.csv")
    assert ended.status == 0, ended.err
    assert ended.out.split()[0] == str(len(lines[1:131]))


def test_neither_pandas_nor_scikit_learn_is_loaded_before_the_window_is_painted(own_home: Path) -> None:
    code = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication(['leitmotif'])\n"
        "from desktop.app import prepare\n"
        "prepare(app)\n"
        "from desktop.window import MainWindow\n"
        "window = MainWindow()\n"
        "window.show()\n"
        "window.grab()\n"
        "print([name for name in ('pandas', 'sklearn', 'scipy', 'pyarrow') if name in sys.modules])\n"
        "window.close()\n"
    )
    ended = run_python(code)
    assert ended.status == 0, ended.err
    assert ended.out.strip() == "[]"


def test_a_second_window_finds_the_settings_of_the_first(make_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    first = make_window()
    first.header.look_wanted.emit("dark")
    qtbot.waitUntil(lambda: first.theme.dark)
    first.close()
    assert make_window().theme.dark


def exportify(folder: Path, count: int) -> Path:
    """Write a file as Exportify does, without any audio features."""
    head = (
        "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,"
        "Added By,Added At"
    )
    lines = [
        f"spotify:track:{id_of(number)},Song {number},Album,Singer {number % 9},2020-01-01,{180_000 + number},"
        "5,false,me,2021-01-01T00:00:00Z"
        for number in range(count)
    ]
    path = folder / "liked.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_missing_features_are_fetched_and_a_lasso_copies_links(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeReccoBeats(misses=0.2) as fake:
        monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", fake.url)
        assert drop(window.start, exportify(tmp_path, 160))
        qtbot.waitUntil(lambda: window.session.coverage is not None)
        page = window.coverage
        assert page is not None
        assert window.pages.currentWidget() is page
        assert page.found.text().startswith("0 of 160")
        assert "160 not asked for yet" in page.lines.text()
        assert not page.go.isEnabled()
        assert not page.left_out.isVisible(), "there is nothing to go on with"
        assert window.focusWidget() is page.ask
        asked = len(fake.asked)
        assert asked == 0, "nothing is asked before the person says so"
        qtbot.mouseClick(page.ask, LEFT)
        qtbot.waitUntil(lambda: page.go.isEnabled())
    assert "from ReccoBeats" in page.lines.text()
    assert page.left_out.isVisible()
    qtbot.mouseClick(page.go, LEFT)
    wait_ready(qtbot, window)
    shown = shown_of(window)
    assert 100 < len(shown.labels) < 160
    assert re.fullmatch(r"160 tracks · \d\d\s% with audio features", window.header.summary.text())
    lasso_around(qtbot, window, int(shown.map.xy[:, 0].argmax()))
    assert 0 < len(selection_of(window).rows) < len(shown.labels)
    dialog = open_export(qtbot, window)
    tab = dialog.tabs.tabBar()
    qtbot.mouseClick(tab, LEFT, pos=tab.tabRect(2).center())
    page = dialog.links
    qtbot.waitUntil(page.copy.isEnabled)
    qtbot.mouseClick(page.copy, LEFT)
    links = QApplication.clipboard().text().splitlines()
    assert len(links) == sum(len(one.track_ids) for one in shown.analysis.curated.playlists)
    assert all(link.startswith("https://open.spotify.com/track/") for link in links)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_library_that_lacks_features_is_sorted_by_the_others(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    songs = pd.read_csv(table).drop(columns=["uri", "liveness", "speechiness"])
    songs.to_csv(tmp_path / "seven.csv", index=False)
    assert drop(window.start, tmp_path / "seven.csv")
    qtbot.waitUntil(lambda: window.session.coverage is not None)
    page = window.coverage
    assert page is not None
    assert window.pages.currentWidget() is page
    assert not page.ask.isVisible(), "these tracks have nothing to be asked for by"
    assert page.left_out.text() == (
        "No track has liveness or speechiness: if you go on now, playlists are made from acousticness, danceability, "
        "energy, instrumentalness, tempo and valence alone."
    )
    qtbot.keyClick(page.go, Qt.Key.Key_Space)
    wait_ready(qtbot, window)
    assert shown_of(window).analysis.prepared.columns == (
        "acousticness", "danceability", "energy", "instrumentalness", "tempo", "valence",
    )  # fmt: skip
    window.session.keep_now()
    window.session.go_to_start()
    drop(window.start, tmp_path / "seven.csv")
    wait_ready(qtbot, window)
    assert "liveness" not in shown_of(window).analysis.prepared.columns, "it is opened as it was left"


def test_features_that_no_track_has_are_fetched(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exportify(tmp_path, 60)
    pd.read_csv(path).assign(tempo=120.0).to_csv(path, index=False)
    with FakeReccoBeats() as fake:
        monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", fake.url)
        assert drop(window.start, path)
        qtbot.waitUntil(lambda: window.session.coverage is not None)
        page = window.coverage
        assert page is not None
        assert "60 not asked for yet" in page.lines.text()
        assert page.left_out.text().endswith("made from tempo alone.")
        qtbot.mouseClick(page.ask, LEFT)
        qtbot.waitUntil(lambda: "from ReccoBeats" in page.lines.text())
    assert not page.left_out.isVisible()
    qtbot.mouseClick(page.go, LEFT)
    wait_ready(qtbot, window)
    assert len(shown_of(window).analysis.prepared.columns) == 8


def test_missing_genres_are_looked_up_from_their_view(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = pd.read_csv(table).drop(columns="genre")
    songs["artist"] = [f"Artist {number % 20}" for number in range(len(songs))]
    songs["isrc"] = [f"QZABC{number:07d}" for number in range(len(songs))]
    songs.to_csv(tmp_path / "plain.csv", index=False)
    assert drop(window.start, tmp_path / "plain.csv")
    wait_ready(qtbot, window)
    space = workspace_of(window)
    qtbot.keyClick(window, Qt.Key.Key_3, CTRL)
    assert space.genres.empty.isVisible()
    before = [group.size for group in shown_of(window).groups]
    with FakeMusicBrainz(artists=20) as fake:
        monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", fake.url)
        qtbot.mouseClick(space.genres.empty.ask, LEFT)
        qtbot.waitUntil(lambda: space.genres.model.rowCount() > 1)
    assert not space.genres.empty.isVisible()
    assert [group.size for group in shown_of(window).groups] == before, "genres move no track"
