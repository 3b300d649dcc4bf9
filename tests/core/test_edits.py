"""Changes by hand: what they do to the grouping, and what an analysis becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core import edits
from core.analysis import Analysis
from core.document import fits_table, left_out_table, tracks_table
from core.edits import Grouping
from core.errors import DataError, OptionError
from core.library import Library
from core.options import BALANCED, AnalysisOptions, PlaylistOptions
from core.pipeline import Pipeline
from core.records import LEFT_BY_HAND, NOISE, IntArray
from core.sources import open_source

IDS = tuple("abcdefgh")


def grouping(labels: str = "00112220") -> Grouping:
    numbers = np.array([int(label) for label in labels], dtype=np.int64)
    return Grouping(numbers, ("one", "two", "three"), {"two": "Mine"})


def tracks(made: Grouping) -> dict[str, str]:
    return {line: "".join(IDS[row] for row in made.members(line)) for line in made.lineages}


def test_merging_keeps_the_largest_ones_identity() -> None:
    merged = edits.merge(grouping(), ["two", "three"])
    assert tracks(merged) == {"one": "abh", "three": "cdefg"}
    assert merged.names == {}


def test_one_playlist_cannot_be_merged() -> None:
    with pytest.raises(OptionError, match="at least two"):
        edits.merge(grouping(), ["two"])


def test_a_playlist_that_is_gone_is_said_to_be_gone() -> None:
    with pytest.raises(OptionError, match="not there any more"):
        edits.merge(grouping(), ["two", "gone"])


def test_splitting_keeps_the_identity_with_the_largest_part() -> None:
    parted = edits.split(grouping(), "three", np.array([1, 0, 1]), track_ids=IDS)
    assert tracks(parted)["three"] == "eg"
    assert tracks(parted)[parted.lineages[-1]] == "f"
    assert parted.lineages[-1] == edits.split(grouping(), "three", np.array([0, 1, 0]), track_ids=IDS).lineages[-1]


def test_tracks_that_cannot_be_told_apart_are_not_split() -> None:
    with pytest.raises(OptionError, match="too much alike"):
        edits.split(grouping(), "three", np.zeros(3, dtype=np.int64), track_ids=IDS)


def test_moving_the_last_track_away_takes_the_playlist_away() -> None:
    moved = edits.move(grouping(), np.array([2, 3]), "one")
    assert tracks(moved) == {"one": "abcdh", "three": "efg"}
    assert "two" not in moved.names


def test_tracks_left_out_are_in_no_playlist() -> None:
    left = edits.leave_out(grouping(), np.array([0]))
    assert left.labels[0] == LEFT_BY_HAND
    assert tracks(left)["one"] == "bh"
    with pytest.raises(OptionError, match="at least one playlist"):
        edits.leave_out(grouping(), np.arange(8))


def test_a_playlist_made_of_tracks_takes_them_from_theirs() -> None:
    made = edits.make_playlist(grouping(), np.array([0, 4]), track_ids=IDS, name="  For   the road ")
    assert tracks(made) == {"one": "bh", "two": "cd", "three": "fg", made.lineages[-1]: "ae"}
    assert made.names[made.lineages[-1]] == "For the road"
    with pytest.raises(OptionError, match="at least one track"):
        edits.make_playlist(grouping(), np.array([], dtype=np.int64), track_ids=IDS)


def test_an_empty_name_takes_the_given_one_back() -> None:
    named = edits.rename(grouping(), "one", "Mornings")
    assert named.names == {"one": "Mornings", "two": "Mine"}
    assert edits.rename(named, "one", " ").names == {"two": "Mine"}


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


@pytest.fixture(scope="module")
def library() -> Library:
    return open_source("demo:")


@pytest.fixture(scope="module")
def analysis(pipeline: Pipeline, library: Library) -> Analysis:
    return pipeline.analyze(library, options=AnalysisOptions(BALANCED))


Change = Callable[[Pipeline, Analysis], Grouping]


def rows_of(analysis: Analysis, line: str) -> IntArray:
    return edits.grouping_of(analysis).members(line)


def halves(pipeline: Pipeline, analysis: Analysis) -> Grouping:
    parts = pipeline.parts_of(analysis, rows_of(analysis, analysis.lineages[0]))
    return edits.split(
        edits.grouping_of(analysis), analysis.lineages[0], parts, track_ids=analysis.prepared.track_ids.tolist()
    )


def worst(analysis: Analysis, count: int) -> IntArray:
    """Return the tracks of the largest playlist that suit it least, without those that stand for a duplicate."""
    rows = rows_of(analysis, analysis.lineages[0])
    rows = rows[np.argsort(analysis.suitability.fit[rows])]
    standing_for = {found.kept_id for found in analysis.curated.duplicates}
    return np.array([row for row in rows if analysis.prepared.track_ids[row] not in standing_for][:count])


#: Every kind of change; each reaches the two largest playlists at most.
CHANGES: dict[str, Change] = {
    "rename": lambda _, found: edits.rename(edits.grouping_of(found), found.lineages[0], "Mine"),
    "merge": lambda _, found: edits.merge(edits.grouping_of(found), [found.lineages[0], found.lineages[1]]),
    "split": halves,
    "move": lambda _, found: edits.move(edits.grouping_of(found), worst(found, 30), found.lineages[1]),
    "leave out": lambda _, found: edits.leave_out(edits.grouping_of(found), worst(found, 30)),
    "new": lambda _, found: edits.make_playlist(
        edits.grouping_of(found), worst(found, 30), track_ids=found.prepared.track_ids.tolist()
    ),
}


def untouched(analysis: Analysis, *, from_cluster: int = 2) -> dict[str, object]:
    """Return everything a person sees of the playlists that no change reaches."""
    fits = dict(zip(analysis.prepared.track_ids, analysis.suitability.fit.tolist(), strict=True))
    return {
        one.lineage: (one.name, one.description, one.track_ids, [fits[id_] for id_ in one.track_ids])
        for one in analysis.curated.playlists
        if one.cluster_id >= from_cluster
    }


def left_out(analysis: Analysis) -> set[str]:
    return set(analysis.curated.left_out.get("fits nowhere", ()))


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(
    "options", [PlaylistOptions(), PlaylistOptions(order="shuffle", max_per_artist=3)], ids=["plain", "shuffled"]
)
def test_what_a_change_does_not_reach_stays_as_it_was(
    kind: str, options: PlaylistOptions, pipeline: Pipeline, library: Library
) -> None:
    before = pipeline.analyze(library, options=AnalysisOptions(BALANCED, playlists=options))
    assert left_out(before)
    out = set(before.prepared.track_ids[worst(before, 30)]) if kind == "leave out" else set()
    after, wanted = before, CHANGES[kind](pipeline, before)
    for _ in range(3):
        after = pipeline.regroup(after, wanted)
        same = {line: seen for line, seen in untouched(after, from_cluster=0).items() if line in untouched(before)}
        assert same == untouched(before)
        assert left_out(after) == left_out(before)
        assert set(after.curated.left_out.get("left out by hand", ())) == out
        # … and a name given to one of the playlists afterwards changes nothing but that name.
        reached = next(line for line in edits.grouping_of(after).lineages if line not in untouched(before))
        wanted = edits.rename(edits.grouping_of(after), reached, "Yours")


def test_a_playlist_that_is_only_renamed_keeps_its_tracks_and_what_is_true_of_it(
    pipeline: Pipeline, analysis: Analysis
) -> None:
    after = pipeline.regroup(analysis, CHANGES["rename"](pipeline, analysis))
    assert (after.names[0].text, after.names[0].given) == ("Mine", True)
    assert after.names[0].claims == analysis.names[0].claims
    assert after.curated.playlists[0].track_ids == analysis.curated.playlists[0].track_ids
    freed = pipeline.regroup(after, edits.rename(edits.grouping_of(after), after.lineages[0], ""))
    assert freed.names[0].text not in ("Mine", *(name.text for name in freed.names[1:]))
    assert not freed.names[0].given


def test_a_name_stays_while_its_playlist_gets_a_few_other_tracks_and_the_words_of_others_get_free(
    pipeline: Pipeline, analysis: Analysis
) -> None:
    grouping = edits.grouping_of(analysis)
    first, second, *others = grouping.lineages
    called = {line: analysis.names[grouping.place(line)].text for line in others}
    merged = pipeline.regroup(analysis, edits.merge(grouping, [first, second]))
    wanted = edits.grouping_of(merged)
    for line in others:
        wanted = edits.leave_out(wanted, wanted.members(line)[:2])
    after = pipeline.regroup(merged, wanted)
    assert {line: after.names[edits.grouping_of(after).place(line)].text for line in others} == called


def test_a_track_left_out_by_hand_is_not_said_to_fit_nowhere(pipeline: Pipeline, analysis: Analysis) -> None:
    def told(of: Analysis) -> list[str]:
        return [notice.text for notice in of.notices if notice.kind in ("nowhere", "left by hand")]

    before = len(left_out(analysis))
    assert told(analysis) == [f"{before} tracks fit nowhere well and are in no playlist"]
    after = pipeline.regroup(analysis, CHANGES["leave out"](pipeline, analysis))
    assert told(after) == [
        f"{before} tracks fit nowhere well and are in no playlist",
        "30 tracks were left out by hand and are in no playlist",
    ]
    table = left_out_table(after).set_index("track_id")
    mine = set(after.prepared.track_ids[worst(analysis, 30)])
    assert set(table.index[table["reason"] == "left out by hand"]) == mine
    assert set(table.index[table["reason"] == "fits nowhere"]) == left_out(analysis)
    places = tracks_table(after).set_index("track_id")["cluster"]
    assert set(places.index[places == "Left out by hand"]) == mine
    assert set(places.index[places == "Fits nowhere"]) == left_out(analysis)
    fits = fits_table(after).set_index("track_id")["fits_nowhere"]
    assert set(fits.index[fits == "yes"]) == left_out(analysis)


def test_a_track_that_was_left_out_can_be_put_back(pipeline: Pipeline, analysis: Analysis) -> None:
    taken = pipeline.regroup(analysis, CHANGES["leave out"](pipeline, analysis))
    first, *others = worst(analysis, 30)
    wanted = edits.grouping_of(taken)
    after = pipeline.regroup(taken, edits.move(wanted, np.array([first]), wanted.lineages[2]))
    ids = after.prepared.track_ids
    assert set(after.curated.left_out["left out by hand"]) == set(ids[others])
    assert left_out(after) == left_out(analysis)
    merged = edits.merge(edits.grouping_of(after), wanted.lineages[:2])
    # Closing the gap in the numbers of playlists mixes up neither of the two.
    assert pipeline.regroup(after, merged).curated.left_out == after.curated.left_out


def test_an_edit_leaves_the_other_playlists_as_they_were(analysis: Analysis) -> None:
    before = edits.grouping_of(analysis)
    after = Pipeline().regroup(analysis, edits.merge(before, before.lineages[:2]))
    kept = {line: analysis.names[cluster] for cluster, line in analysis.lineages.items()}
    same = [line for line in after.lineages.values() if line in before.lineages[2:]]
    assert len(same) == analysis.clustering.k - 2
    named = {after.lineages[cluster]: name for cluster, name in enumerate(after.names)}
    assert all(named[line] == kept[line] for line in same)
    assert after.projection.xy.tolist() == analysis.projection.xy.tolist()
    assert after.clustering.algorithm == "kmeans, then by hand"


def test_a_track_moved_by_hand_is_in_the_playlist_however_badly_it_fits(analysis: Analysis) -> None:
    before = edits.grouping_of(analysis)
    nowhere = np.flatnonzero(before.labels == NOISE)
    last = before.lineages[-1]
    strangers = np.flatnonzero(analysis.clustering.labels == 0)[-3:]
    rows = np.concatenate([nowhere, strangers]).astype(np.int64)
    after = Pipeline().regroup(analysis, edits.move(before, rows, last))
    moved = set(analysis.prepared.track_ids[rows])
    duplicates = {found.track_id for found in after.curated.duplicates}
    playlist = next(one for one in after.curated.playlists if one.lineage == last)
    assert moved - duplicates <= set(playlist.track_ids)


def test_a_grouping_of_other_tracks_is_refused(analysis: Analysis) -> None:
    with pytest.raises(DataError, match="8 places"):
        Pipeline().regroup(analysis, grouping())


def test_a_name_given_by_hand_changes_nothing_else(analysis: Analysis) -> None:
    lineage, taken = analysis.lineages[1], analysis.curated.playlists[0].name
    named = edits.with_name(analysis, lineage, f" {taken.upper()} ")
    assert named.names[1].text == taken.upper()
    assert named.names[1].given
    assert named.names[1].claims == analysis.names[1].claims
    assert [one.name for one in named.curated.playlists[:2]] == [taken, f"{taken.upper()} (2)"]
    assert named.names[2:] == analysis.names[2:]
    with pytest.raises(OptionError, match="cannot be called"):
        edits.with_name(analysis, lineage, "  ")
