"""Runs kept by this program and by earlier ones: what they were asked for, and under which key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core import edits
from core.analysis import Analysis
from core.commands.keeping import (
    RUNS_KEPT,
    carry_over,
    genre_key,
    keep_run,
    kept_options,
    kept_standing,
    playlist_key,
    remembered,
    run_key,
)
from core.document import analysis_document
from core.library import Library
from core.options import ARTICLE, BALANCED, AnalysisOptions, PlaylistOptions, SizeOptions, SweepOptions
from core.pipeline import Pipeline
from core.sources import open_source
from core.storage import Exported, Store, library_key, open_store


@pytest.fixture(scope="module")
def library() -> Library:
    whole = open_source("demo:")
    return whole.select(np.arange(0, len(whole), 5))


@pytest.fixture(scope="module")
def analysis(library: Library) -> Analysis:
    return Pipeline().analyze(library, options=AnalysisOptions(BALANCED))


def keep(store: Store, analysis: Analysis, key: str, *, by_hand: bool = False) -> str:
    return keep_run(store, analysis, analysis_document(analysis), key=key, by_hand=by_hand)


@pytest.mark.parametrize(
    "options",
    [
        AnalysisOptions(BALANCED),
        AnalysisOptions(ARTICLE, SizeOptions(playlists=4, largest=200), PlaylistOptions(order="arc", prefix="♪ ")),
    ],
    ids=["balanced", "article"],
)
def test_a_kept_run_says_what_it_was_asked_for(options: AnalysisOptions, library: Library) -> None:
    analysis = Pipeline().analyze(library, options=options)
    with open_store() as store:
        run = store.runs.get(keep(store, analysis, run_key(library, "")))
    assert kept_options(run) == options


@pytest.mark.parametrize("levers", [None, {}, {"recipe": {"name": "balanced"}}, {"recipe": 3}, "all"])
def test_options_of_another_version_are_unknown(levers: object, analysis: Analysis) -> None:
    with open_store() as store:
        run = store.runs.get(keep(store, analysis, "demo:"))
    run.options["levers"] = levers
    assert kept_options(run) is None
    del run.options["levers"]
    assert kept_options(run) is None


def test_a_run_changed_by_hand_comes_back_by_itself(analysis: Analysis, library: Library) -> None:
    pipeline, first = Pipeline(), edits.grouping_of(analysis)
    rows = first.members(first.lineages[0])[::9]
    changed = pipeline.regroup(analysis, edits.move(first, rows, first.lineages[1]))
    changed = pipeline.regroup(changed, edits.merge(edits.grouping_of(changed), first.lineages[2:4]))
    changed = pipeline.regroup(
        changed, edits.leave_out(edits.grouping_of(changed), first.members(first.lineages[4])[:5])
    )
    assert len(changed.curated.left_out["left out by hand"]) >= 5
    with open_store() as store:
        standing = kept_standing(store.runs.get(keep(store, changed, "demo:", by_hand=True)), {})
    again = pipeline.regroup(analysis, standing.grouping, standing=standing)
    assert again.curated.playlists == changed.curated.playlists
    assert again.curated.left_out == changed.curated.left_out
    assert again.names == changed.names
    assert again.suitability.fit.tolist() == changed.suitability.fit.tolist()


def test_a_run_that_kept_the_clusters_of_tracks_in_no_playlist_leaves_them_out(analysis: Analysis) -> None:
    assert analysis.suitability.nowhere.any()
    with open_store() as store:
        # An analysis keeps those clusters, as runs changed by hand once did.
        standing = kept_standing(store.runs.get(keep(store, analysis, "demo:", by_hand=True)), {})
    again = Pipeline().regroup(analysis, standing.grouping, standing=standing)
    assert {one.lineage: one.track_ids for one in again.curated.playlists} == standing.orders
    assert again.curated.left_out == analysis.curated.left_out


def as_once(whole: str, *parts: str) -> str:
    """Return the key that the window made of genres as they are spelled, and of playlists."""
    return "#".join((whole, *parts))


@pytest.mark.parametrize(
    ("once", "now"),
    [
        (("Rock",), lambda key: genre_key(key, "rock")),
        (("Hip-Hop",), lambda key: genre_key(key, "hip hop")),
        (("C#",), lambda key: genre_key(key, "C#")),
        (("Rock", "Punk"), lambda key: genre_key(key, "Punk")),
        (("Rock", "playlist:ab"), lambda key: playlist_key(genre_key(key, "Rock"), "ab")),
        (("playlist:ab", "Rock"), lambda key: genre_key(playlist_key(key, "ab"), "rock")),
    ],
    ids=["genre", "two words", "mark", "inside another", "playlist of a genre", "genre of a playlist"],
)
def test_what_was_kept_of_a_part_under_an_old_key_goes_on(
    once: tuple[str, ...], now: Callable[[str], str], analysis: Analysis, library: Library
) -> None:
    whole = library_key(library.kind, library.path)
    old, new = as_once(whole, *once), now(whole)
    line = analysis.lineages[0]
    exported = Exported("spotify:me", old, line, "remote", "", "Mine", (), 0.0)
    with open_store() as store:
        keep(store, analysis, old)
        keep(store, analysis, as_once(whole, "Jazz"))
        store.edits.set_name(old, line, "Mine")
        store.exports.remember(exported)
        carry_over(store, library, new)
        assert remembered(store, new, library.tracks.index)[0].keys() == set(analysis.lineages.values())
        assert store.edits.names(new) == {line: "Mine"}
        playlist = store.exports.by_lineage("spotify:me", line, library_key=new)
        assert playlist is not None
        assert playlist.remote_id == "remote"
        assert len(store.libraries.load(new)) == len(library)
        left = [info.library_key for info in store.runs.summaries()]
    assert left == [as_once(whole, "Jazz"), new]


def test_where_both_keys_have_something_the_new_one_stands(analysis: Analysis, library: Library) -> None:
    whole = library_key(library.kind, library.path)
    old, new = as_once(whole, "Rock"), run_key(library, "Rock")
    one, two = analysis.lineages[0], analysis.lineages[1]
    with open_store() as store:
        for key, name in ((old, "Old"), (new, "New")):
            keep(store, analysis, key)
            store.edits.set_name(key, one, name)
            store.exports.remember(Exported("spotify:me", key, one, f"remote {name}", "", name, (), 0.0))
        store.edits.set_name(old, two, "Other")
        carry_over(store, library, new)
        assert store.edits.names(new) == {one: "New", two: "Other"}
        assert [info.library_key for info in store.runs.summaries()] == [new, new]
        mine = store.exports.by_lineage("spotify:me", one, library_key=new)
        assert mine is not None
        assert mine.remote_id == "remote New"
        assert len(store.exports.at("spotify:me")) == 2, "a playlist at the service stays known as ours"


def test_the_whole_library_and_others_are_left_alone(analysis: Analysis, library: Library) -> None:
    whole = library_key(library.kind, library.path)
    with open_store() as store:
        for key in (as_once(whole, "Rock"), whole, f"{whole}2#Rock"):
            keep(store, analysis, key)
        carry_over(store, library, whole)
        carry_over(store, library, f"{whole}2#rock")
        left = [info.library_key for info in store.runs.summaries()]
    assert left == [f"{whole}2#Rock", whole, as_once(whole, "Rock")]


class Listener:
    """Analyses one library again and again, as the command line does."""

    def __init__(self, store: Store, library: Library) -> None:
        self.store, self.library, self.key = store, library, run_key(library, "")
        self.pipeline = Pipeline()

    def analyse(self, k: int) -> Analysis:
        known, earlier = remembered(self.store, self.key, self.library.tracks.index)
        cluster = replace(BALANCED.cluster, algorithm="ward")
        recipe = replace(BALANCED, k=k, cluster=cluster, sweep=SweepOptions(k_max=2, stability_repeats=0))
        analysis = self.pipeline.analyze(
            self.library, options=AnalysisOptions(recipe), previous=known, earlier=earlier,
            given_names=self.store.edits.names(self.key),
        )  # fmt: skip
        keep(self.store, analysis, self.key)
        return analysis

    def given(self, k: int) -> list[str]:
        return sorted(name.text for name in self.analyse(k).names if name.given)

    def name_all(self, k: int) -> None:
        for cluster, line in self.grown(k).lineages.items():
            self.store.edits.set_name(self.key, line, f"Mine {cluster}")

    def grown(self, k: int) -> Analysis:
        """Analyse a part, then all: so identities do not follow from the tracks alone, as they do the first time."""
        whole = self.library
        self.library = whole.select(np.arange(0, len(whole) * 4 // 5))
        self.analyse(k)
        self.library = whole
        return self.analyse(k)


def test_given_names_come_back_whatever_numbers_were_tried_in_between(library: Library) -> None:
    with open_store() as store:
        listener = Listener(store, library)
        listener.name_all(8)
        found = {k: listener.given(k) for k in (8, 14, 5, 12)}
        for k in (12, 6, 9, 14, 10, 12, 5, 9, 12, 8, 14, 7, 5, 8):
            assert listener.given(k) == found.setdefault(k, listener.given(k)), k
    assert len(found[8]) == 8


def test_given_names_outlive_the_runs_they_were_given_in(library: Library) -> None:
    with open_store() as store:
        listener = Listener(store, library)
        listener.name_all(8)
        analysis = listener.analyse(2)
        for _ in range(RUNS_KEPT):
            keep(store, analysis, listener.key)
        assert len(store.runs.summaries()) == RUNS_KEPT + 1
        assert len(listener.given(8)) == 8


def test_an_exported_playlist_is_known_after_many_other_runs(library: Library) -> None:
    with open_store() as store:
        listener = Listener(store, library)
        line = listener.grown(8).lineages[3]
        store.exports.remember(Exported("spotify:me", listener.key, line, "remote", "", "Mine", (), 0.0))
        analysis = listener.analyse(2)
        for _ in range(RUNS_KEPT):
            keep(store, analysis, listener.key)
        assert line in listener.analyse(8).lineages.values()
        assert line in remembered(store, listener.key, library.tracks.index)[0]


def test_names_hang_on_the_run_they_were_given_in_or_the_first_since(analysis: Analysis) -> None:
    with open_store() as store:
        line = analysis.lineages[0]
        runs = [keep(store, analysis, "demo:") for _ in range(4)]
        store.edits.set_name("demo:", line, "Mine")
        runs += [keep(store, analysis, "demo:") for _ in range(2)]
        assert store.runs.held("demo:") == [(runs[5], line), (runs[3], line)]
        for run_id in runs[:4]:
            store.runs.delete(run_id)
        assert store.runs.held("demo:") == [(runs[5], line), (runs[4], line)]
        store.edits.clear_name("demo:", line)
        assert store.runs.held("demo:") == []
