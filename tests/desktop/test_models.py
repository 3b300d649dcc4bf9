"""The item models without any view."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core import edits
from core.features import BASE_NAMES
from core.library import make_library
from core.options import BALANCED, AnalysisOptions
from core.pipeline import Pipeline
from core.sources import open_source
from desktop.models.playlists import GROUP_ROLE, LOCKED_ROLE, NOWHERE_ROLE, PlaylistModel
from desktop.models.rows import VALUE_ROLE, Cell, RowsModel
from desktop.models.tracks import TracksModel, fold
from desktop.plots.arrays import NOISE
from desktop.shown import Shown, keep_numbers, show

DISPLAY, EDIT = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole


@pytest.fixture(scope="module")
def shown() -> Shown:
    return show(Pipeline().analyze(open_source("demo:"), options=AnalysisOptions(BALANCED)), known={})


def checked(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """Let Qt itself check the model while it changes."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def texts(model: TracksModel, name: str) -> list[str]:
    column = model.columns.index(name)
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def test_playlists_stand_by_size_with_their_names_and_locks(shown: Shown, qtbot: QtBot) -> None:
    model = PlaylistModel()
    tester = checked(model)
    model.show(shown, frozenset({shown.groups[1].lineage}))
    left_out = shown.left_out.counts()
    assert model.rowCount() == len(shown.groups) + len(left_out)
    sizes = [model.index(row).data(GROUP_ROLE).size for row in range(len(shown.groups))]
    assert sizes == sorted(sizes, reverse=True)
    assert [model.index(row).data(LOCKED_ROLE) for row in range(3)] == [False, True, False]
    rest = [model.index(row) for row in range(len(shown.groups), model.rowCount())]
    assert [index.data(NOWHERE_ROLE) for index in rest] == list(left_out.values())
    assert rest[0].data(NOWHERE_ROLE) == int((shown.labels == NOISE).sum())
    assert not any(index.flags() & Qt.ItemFlag.ItemIsEditable for index in rest)
    assert "tracks" in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    model.show(None, frozenset())
    assert model.rowCount() == 0
    del tester


def test_typing_a_name_asks_for_it_and_changes_nothing_yet(shown: Shown, qtbot: QtBot) -> None:
    model = PlaylistModel()
    model.show(shown, frozenset())
    index, before = model.index(0), model.index(0).data()
    with qtbot.waitSignal(model.renamed) as asked:
        assert model.setData(index, "Mornings", EDIT)
    assert asked.args == [shown.groups[0].lineage, "Mornings"]
    assert index.data() == before
    with qtbot.assertNotEmitted(model.renamed):
        assert not model.setData(index, f" {before} ", EDIT)


def test_tracks_are_sorted_by_any_column_with_unknown_ones_last(shown: Shown, qtbot: QtBot) -> None:
    model = TracksModel()
    tester = checked(model)
    model.set_columns(("title", "fit", "tempo", "duration_s"))
    model.show(shown, np.arange(len(shown.labels)))
    model.sort(1, Qt.SortOrder.DescendingOrder)
    fits = [int(text) for text in texts(model, "fit")]
    assert fits == sorted(fits, reverse=True)
    model.sort(0)
    titles = fold(texts(model, "title")).to_pylist()
    assert titles == sorted(titles)
    model.sort(2, Qt.SortOrder.DescendingOrder)
    tempos = shown.columns["tempo"][model.rows]
    assert (np.diff(tempos) <= 0).all()
    del tester


def test_unknown_values_come_last_in_both_orders(qtbot: QtBot) -> None:
    model = TracksModel()
    model.set_columns(("tempo",))
    columns = {"tempo": np.array([120.0, np.nan, 90.0]), "title": np.array(["b", "", "a"], dtype=object)}
    model.show(_bare(columns), np.arange(3))
    for order, first in ((Qt.SortOrder.AscendingOrder, "90"), (Qt.SortOrder.DescendingOrder, "120")):
        model.sort(0, order)
        assert [texts(model, "tempo")[place] for place in (0, 2)] == [first, ""]


def test_a_search_finds_all_words_in_any_case(shown: Shown, qtbot: QtBot) -> None:
    model = TracksModel()
    model.set_columns(("title", "artist"))
    model.show(shown, np.arange(len(shown.labels)))
    artist = str(shown.columns["artist"][5])
    model.set_filter(f"  {artist.upper()} ")
    assert model.rowCount() > 0
    assert set(texts(model, "artist")) >= {artist}
    model.set_filter("no such track anywhere")
    assert model.rowCount() == 0
    model.set_filter("")
    assert model.rowCount() == len(shown.labels)


def test_a_table_of_tracks_is_saved_at_full_precision(shown: Shown, qtbot: QtBot) -> None:
    model = TracksModel()
    model.set_columns(("title", "tempo"))
    model.show(shown, np.array([3, 4]))
    head, *rows = model.table()
    assert head == ("title", "tempo")
    assert sorted(float(row[1]) for row in rows) == sorted(shown.columns["tempo"][[3, 4]].tolist())


def test_a_hundred_thousand_tracks_are_sorted_and_searched_while_one_looks(qtbot: QtBot) -> None:
    rng = np.random.default_rng(1)
    n = 100_000
    columns = {
        "title": np.array([f"Title {number}" for number in rng.permutation(n)], dtype=object),
        "artist": np.array([f"Artist {number % 977}" for number in range(n)], dtype=object),
        "tempo": rng.normal(120, 20, n),
    }
    model = TracksModel()
    model.set_columns(("title", "artist", "tempo"))
    model.show(_bare(columns), np.arange(n))
    model.sort(0)
    assert texts_at(model, 0) == "Title 0"
    model.set_filter("title 99999")
    assert model.rowCount() == 1


@pytest.mark.parametrize("needle", ["etude", "ÉTUDE", "e\u0301tude", "strasse", "東京", "カ゛", "يوم", "🎷 sax"])
def test_a_search_passes_over_accents_and_knows_all_scripts(needle: str, qtbot: QtBot) -> None:
    titles = ["Étude", "Straße", "東京の夜", "ガラス", "يَوْم", "🎷 Sax", "Rest"]
    model = TracksModel()
    model.set_columns(("title",))
    model.show(_bare({"title": np.array(titles, dtype=object)}), np.arange(len(titles)))
    model.set_filter(needle)
    assert model.rowCount() == 1


def texts_at(model: TracksModel, row: int) -> str:
    return str(model.data(model.index(row, 0)))


def _bare(columns: dict[str, np.ndarray]) -> Shown:
    """Return what a table needs and no more."""
    n = len(next(iter(columns.values())))
    made = object.__new__(Shown)
    for name, value in {"columns": columns, "labels": np.zeros(n, dtype=np.int64), "turns": np.arange(n)}.items():
        object.__setattr__(made, name, value)
    return made


def test_small_tables_sort_by_what_a_cell_stands_for(qtbot: QtBot) -> None:
    model = RowsModel()
    tester = checked(model)
    model.show([Cell("n")], [[Cell("10", sort=10, value="ten")], [Cell("9", sort=9, right=True)]])
    model.sort(0)
    assert model.index(0, 0).data() == "9"
    assert model.index(1, 0).data(VALUE_ROLE) == "ten"
    assert model.table == [("n",), ("9",), ("10",)]
    model.show([Cell("n")], [[Cell("1")], [Cell("0")]], sides=[Cell("b"), Cell("a")])
    model.sort(0)
    assert model.table == [("", "n"), ("b", "1"), ("a", "0")]
    assert model.headerData(0, Qt.Orientation.Vertical) == "b"
    del tester


def test_playlists_keep_their_numbers_and_new_ones_get_free_ones() -> None:
    assert keep_numbers(["a", "b"], {}) == {"a": 0, "b": 1}
    assert keep_numbers(["b", "c", "a", "d"], {"a": 0, "b": 3}) == {"b": 3, "c": 1, "a": 0, "d": 2}


def test_colours_stay_with_playlists_through_a_merge(shown: Shown) -> None:
    before = edits.grouping_of(shown.analysis)
    merged = edits.merge(before, [shown.groups[0].lineage, shown.groups[2].lineage])
    after = show(Pipeline().regroup(shown.analysis, merged), known=shown.numbers)
    for group in after.groups:
        assert group.number == shown.numbers[group.lineage]


def test_what_is_shown_agrees_with_the_analysis(shown: Shown) -> None:
    analysis = shown.analysis
    left_out = shown.left_out.counts()
    assert sum(group.size for group in shown.groups) + sum(left_out.values()) == len(analysis.prepared)
    assert left_out["fits nowhere"] == int((shown.labels == NOISE).sum())
    sizes = {one.lineage: len(one.track_ids) for one in analysis.curated.playlists}
    for group in shown.groups:
        rows = shown.tracks_of([group.lineage])
        assert len(rows) == group.size == sizes[group.lineage]
        assert set(shown.columns["playlist"][rows]) == {group.name.text}
    for name in BASE_NAMES:
        assert shown.bins[name].shares().sum() == pytest.approx(1.0)


def test_a_feature_nobody_has_is_not_shown() -> None:
    rng = np.random.default_rng(0)
    values = pd.DataFrame({name: rng.random(60) for name in BASE_NAMES})
    values["tempo"] = 100 + 60 * values["tempo"]
    tracks = pd.DataFrame({"title": [f"t{row}" for row in range(60)]})
    library = make_library(tracks, values, kind="test", path="test")
    made = show(Pipeline().analyze(library, options=AnalysisOptions(BALANCED)), known={})
    assert "loudness" not in made.bins
    assert "key" not in made.columns
