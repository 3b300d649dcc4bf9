"""What is kept comes back: the same tracks in the same order, whoever kept it, and nothing is kept twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from core.commands.keeping import run_key
from core.options import BALANCED, AnalysisOptions, SweepOptions
from core.progress import silent
from core.sources import open_source
from core.storage import RunInfo, library_key, open_store
from desktop import jobs
from desktop.jobs import Analyst
from desktop.plots.arrays import NOISE
from desktop.views.runs import RunsDialog
from desktop.window import MainWindow
from tests.desktop.driving import LEFT, names, open_dialog, open_path, settle, shown_of, taken_away, wait_ready
from tests.program import QUICK, done

Opens: TypeAlias = Callable[[Path], MainWindow]
OpensKept: TypeAlias = Callable[[str], MainWindow]


def runs(key: str | None = None) -> list[RunInfo]:
    with open_store() as store:
        return store.runs.summaries(library_key=key)


def after(window: MainWindow, qtbot: QtBot, change: Callable[[], object]) -> None:
    """Make a change and wait until it is seen."""
    before = window.session.outcome
    change()
    qtbot.waitUntil(lambda: window.session.outcome is not before)
    wait_ready(qtbot, window)


def change_much(window: MainWindow, qtbot: QtBot) -> None:
    """Change a library in every way: some tracks moved, some left out, two playlists merged, one split, one named."""
    session, shown = window.session, shown_of(window)
    lines = [group.lineage for group in shown.groups]
    worst = shown.rows_of([lines[0]])[np.argsort(np.asarray(shown.columns["fit"])[shown.rows_of([lines[0]])])]
    after(window, qtbot, lambda: session.move(worst[:5], lines[1]))
    after(window, qtbot, lambda: session.leave_out(worst[5:9]))
    after(window, qtbot, lambda: session.merge(lines[1:3]))
    after(window, qtbot, lambda: session.split(lines[0]))
    after(window, qtbot, lambda: session.rename(lines[0], "Mine"))


def test_a_library_changed_by_hand_comes_back_with_every_track_in_its_place(
    open_library: Opens, open_kept: OpensKept, qtbot: QtBot, table: Path
) -> None:
    window = open_library(table)
    assert (shown_of(window).labels == NOISE).any()
    change_much(window, qtbot)
    left, key = taken_away(window), window.session.trail[0].key
    window.close()
    again = open_kept(key)
    assert taken_away(again) == left
    # … also after something else was made of the library meanwhile.
    (kept,) = runs(key)
    after(again, qtbot, lambda: again.session.set_k(4))
    assert taken_away(again) != left
    after(again, qtbot, lambda: again.session.restore_run(kept.id))
    assert taken_away(again) == left


def test_opening_and_closing_keeps_nothing_new(
    open_library: Opens, open_kept: OpensKept, qtbot: QtBot, table: Path
) -> None:
    key = library_key("table", str(table))
    for _ in range(3):
        open_library(table).close()
        assert [run.id for run in runs(key)] == ["1"]
    window = open_kept(key)
    change_much(window, qtbot)
    window.close()
    changed = [run.id for run in runs(key)]
    assert changed[-1] == "1", "the run of an earlier day stays"
    assert len(changed) == 2
    for _ in range(2):
        open_kept(key).close()
        assert [run.id for run in runs(key)] == changed


def test_going_back_and_forth_makes_no_second_run_of_the_same(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    for k in (4, 5, 4, 5, 4):
        after(songs, qtbot, lambda k=k: session.set_k(k))  # type: ignore[misc]
    songs.close()
    assert sorted(run.k for run in runs() if run.id != "1") == [4, 5]
    assert runs()[0].k == 4


def test_given_names_come_back_when_other_numbers_of_playlists_were_tried(
    open_library: Opens, qtbot: QtBot, tmp_path: Path
) -> None:
    library = open_source("demo:")
    table = library.tracks.join(library.features).reset_index(names="id")
    path = tmp_path / "growing.csv"
    table[:1200].to_csv(path, index=False)
    open_library(path).close()
    # The library grows, so that the identities of the playlists no longer follow from their tracks alone.
    table[:1500].to_csv(path, index=False)
    window = open_library(path)
    session = window.session
    after(window, qtbot, lambda: session.set_k(8))
    for number, group in enumerate(shown_of(window).groups):
        after(window, qtbot, lambda line=group.lineage, text=f"Mine {number}": session.rename(line, text))  # type: ignore[misc]
    given = {group.name.text: shown_of(window).members[group.lineage] for group in shown_of(window).groups}
    assert len(given) == 8
    for k in (2, 11, 8):
        after(window, qtbot, lambda k=k: session.set_k(k))  # type: ignore[misc]
    assert {group.name.text: shown_of(window).members[group.lineage] for group in shown_of(window).groups} == given


def test_what_a_playlist_was_is_remembered_once(table: Path) -> None:
    analyst, place = Analyst(), jobs.open_paths([str(table)], silent)

    def with_playlists(k: int) -> jobs.Outcome:
        recipe = replace(BALANCED, k=k, sweep=SweepOptions(k_max=2, stability_repeats=0))
        return analyst.analyse(place, AnalysisOptions(recipe), {}, silent)

    outcome = with_playlists(5)
    for number, group in enumerate(outcome.shown.groups):
        outcome = jobs.rename(outcome, group.lineage, f"Mine {number}")
    for k in (4, 5, 4, 5, 4, 5):
        place = jobs.as_left(outcome)
        outcome = with_playlists(k)
    once = [frozenset(ids) for known in jobs.as_left(outcome).earlier.values() for ids in known]
    assert len(once) == len(set(once)) > 0


def test_a_run_of_the_command_line_comes_back_as_it_was_asked_for(open_library: Opens, table: Path) -> None:
    options = ("--k", "6", "--order", "smooth", "--weight", "tempo=1.5", "--prefix", "Six ")
    document = done("analyze", table, *options, "--json").document
    window = open_library(table)
    shown = shown_of(window)
    assert {one.name: len(one.track_ids) for one in shown.analysis.curated.playlists} == document["playlists"]["tracks"]
    assert window.session.options.recipe.k == 6
    assert window.session.options.playlists.order == "smooth"
    window.close()
    assert [run.id for run in runs()] == ["1"], "what the command line kept is that run"


def test_a_name_comes_back_only_to_the_same_tracks(table: Path) -> None:
    analyst, place = Analyst(), jobs.open_paths([str(table)], silent)
    found = analyst.restore(place, silent).shown
    line, other = found.groups[0].lineage, found.groups[1].lineage
    members = dict(found.members)

    def called(known: dict[str, frozenset[str]]) -> str:
        left = replace(place, known=known, texts={line: "As It Was"})
        group = analyst.restore(left, silent).shown.group(line)
        assert group is not None
        return group.name.text

    assert called(members) == "As It Was"
    # As many tracks, but one of them is another.
    strangers = (members[line] - {min(members[line])}) | {min(members[other])}
    assert len(strangers) == len(members[line])
    assert called({**members, line: strangers}) == found.groups[0].name.text


@pytest.mark.parametrize("spelled", ["rock", "ROCK"])
def test_a_genre_is_one_place_for_the_window_and_the_command_line(
    spelled: str, open_library: Opens, qtbot: QtBot, table: Path
) -> None:
    window = open_library(table)
    after(window, qtbot, lambda: window.session.go_inside("Rock"))
    after(window, qtbot, lambda: window.session.rename(shown_of(window).groups[0].lineage, "Mine"))
    inside = set(taken_away(window)) - {"members", "numbers", "left out"}
    window.close()
    document = done("analyze", table, "--genre", spelled, "--json").document
    assert "Mine" in [cluster["name"] for cluster in document["clusters"]]
    with open_store() as store:
        newest = store.runs.get()
    assert newest.info.library_key == run_key(open_source(str(table)), "Rock")
    assert set(newest.assignments["lineage"]) - {""} == inside


def test_runs_without_a_common_track_are_compared_without_an_agreement(
    window: MainWindow, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "songs.csv"
    for part in (lines[1:81], lines[81:161]):
        path.write_text("".join([lines[0], *part]), encoding="utf-8")
        done("analyze", path, *QUICK)
    open_path(qtbot, window, path)
    window.header.runs_action.trigger()
    dialog = open_dialog(qtbot, window, RunsDialog)
    qtbot.waitUntil(lambda: dialog.runs.rowCount() == 2)
    dialog.table.selectAll()
    qtbot.mouseClick(dialog.compare, LEFT)
    qtbot.waitUntil(lambda: dialog.comparison.rowCount() > 0)
    assert dialog.say.text().startswith("Run 1 → 2: 0 tracks stayed, 0 moved, ")
    assert dialog.say.text().endswith(" gone")
    dialog.reject()


def test_tracks_in_no_playlist_of_a_run_are_neither_new_nor_gone(window: MainWindow, qtbot: QtBot, table: Path) -> None:
    done("analyze", table, *QUICK)
    done("analyze", table, *QUICK, "--shortest", "150")
    open_path(qtbot, window, table)
    window.header.runs_action.trigger()
    dialog = open_dialog(qtbot, window, RunsDialog)
    qtbot.waitUntil(lambda: dialog.runs.rowCount() >= 2)
    for place in (0, 1):
        dialog.table.selectionModel().select(
            dialog.runs.index(dialog.runs.rowCount() - 1 - place, 0),
            QItemSelectionModel.SelectionFlag.Rows
            | (QItemSelectionModel.SelectionFlag.Select if place else QItemSelectionModel.SelectionFlag.ClearAndSelect),
        )
    assert dialog.chosen == ["1", "2"]
    qtbot.mouseClick(dialog.compare, LEFT)
    qtbot.waitUntil(lambda: dialog.comparison.rowCount() > 0)
    assert ", 0 new, 0 gone, " in dialog.say.text()
    assert " in none now; agreement " in dialog.say.text()
    became = {dialog.comparison.cell(row, 3).text for row in range(dialog.comparison.rowCount())}
    assert became == {"stayed", "in none now"}
    dialog.reject()


def notes(window: MainWindow) -> str:
    """Return what is good to know, as its menu lists it."""
    return " ".join(action.text() for action in window.header.notices.menu().actions() if action.text())


def test_a_library_goes_on_as_it_was_left_under_another_file_name(
    open_library: Opens, qtbot: QtBot, table: Path, tmp_path: Path
) -> None:
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    one, two = tmp_path / "liked.csv", tmp_path / "liked (1).csv"
    one.write_text("\n".join([head, *lines[:480]]), encoding="utf-8")
    two.write_text("\n".join([head, *lines[20:]]), encoding="utf-8")
    window = open_library(one)
    change_much(window, qtbot)
    session, lines_of = window.session, [group.lineage for group in shown_of(window).groups]
    after(window, qtbot, lambda: session.set_locked(lines_of[1], True))
    left, locked = dict(shown_of(window).members), session.trail[0].locked
    called = {group.lineage: group.name.text for group in shown_of(window).groups if group.name.given}
    window.close()
    again = open_library(two)
    assert "names and playlists are carried on from liked.csv, of which 95% of the tracks are here" in notes(again)
    shown = shown_of(again)
    assert {group.lineage: group.name.text for group in shown.groups if group.name.given} == called
    assert again.session.trail[0].locked == locked
    there = set(shown.ids)
    for line, members in left.items():
        assert members & there <= shown.members[line], "a track that was there is not where it was"
    # It is told until it is kept.
    again.session.keep_now()
    settle(qtbot, again.workers.disk)
    open_path(qtbot, again, two)
    assert "carried on" not in notes(again)
    assert [run.library_key for run in runs()] == [library_key("table", str(two))] * len(runs())
    # The file before is still among those opened, and takes it all back when it is.
    again.close()
    assert {info.name for info in jobs.recent_libraries()} == {"liked.csv", "liked (1).csv"}
    back = open_library(one)
    assert "carried on from liked (1).csv" in notes(back)
    assert {group.lineage: group.name.text for group in shown_of(back).groups if group.name.given} == called


def test_a_name_that_suits_no_playlist_is_among_what_is_good_to_know(songs: MainWindow, qtbot: QtBot) -> None:
    session = songs.session
    after(songs, qtbot, lambda: session.set_k(6))
    for number, group in enumerate(shown_of(songs).groups):
        after(songs, qtbot, lambda line=group.lineage, text=f"Mine {number}": session.rename(line, text))  # type: ignore[misc]
    assert "no playlist of this run" not in notes(songs)
    after(songs, qtbot, lambda: session.set_k(5))
    (missed,) = {f"Mine {number}" for number in range(6)} - set(names(songs))
    told = f"the name “{missed}” suits no playlist of this run and waits for one"
    assert told in notes(songs)
    # Another change leaves it waiting; a playlist that is given the name ends that.
    rows = shown_of(songs).rows_of([shown_of(songs).groups[0].lineage])
    after(songs, qtbot, lambda: session.leave_out(rows[:2]))
    assert told in notes(songs)
    after(songs, qtbot, lambda: session.rename(shown_of(songs).groups[0].lineage, missed))
    assert "no playlist of this run" not in notes(songs)


def test_a_part_that_is_opened_before_anything_is_kept_goes_on_as_well(table: Path, tmp_path: Path) -> None:
    one, two = (tmp_path / name for name in ("liked.csv", "liked (1).csv"))
    for path in (one, two):
        path.write_bytes(table.read_bytes())
    done("analyze", one, *QUICK)
    inside = done("analyze", one, *QUICK, "--genre", "Rock", "--json").document["clusters"][0]["name"]
    done("runs", "rename", inside, "Mine")
    place = jobs.open_paths([str(two)], silent)
    assert place.names == {}
    assert list(jobs.open_part(place, inside="Rock", title="Rock").names.values()) == ["Mine"]
