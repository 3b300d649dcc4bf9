"""Changes by hand: what they do to the grouping, and what an analysis becomes of it."""

from __future__ import annotations

import numpy as np
import pytest

from core import edits
from core.analysis import Analysis
from core.edits import Grouping
from core.errors import DataError, OptionError
from core.options import BALANCED, AnalysisOptions
from core.pipeline import Pipeline
from core.records import NOISE
from core.sources import open_source

IDS = tuple("abcdefgh")


def grouping(labels: str = "00112220") -> Grouping:
    numbers = np.array([int(label) for label in labels], dtype=np.int64)
    return Grouping(numbers, ("one", "two", "three"), np.zeros(len(numbers), dtype=bool), {"two": "Mine"})


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
    assert moved.by_hand.tolist() == [False, False, True, True, False, False, False, False]
    assert "two" not in moved.names


def test_tracks_left_out_are_in_no_playlist() -> None:
    left = edits.leave_out(grouping(), np.array([0]))
    assert left.labels[0] == NOISE
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
def analysis() -> Analysis:
    return Pipeline().analyze(open_source("demo:"), options=AnalysisOptions(BALANCED))


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
