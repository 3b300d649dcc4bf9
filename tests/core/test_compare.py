"""What moved where between two runs, as a table and as JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from core.playlists import Move, compare_runs
from core.records import Playlist


def run_of(*playlists: tuple[str, str] | tuple[str, str, str]) -> list[Playlist]:
    """Return playlists from (name, one letter a track, lineage)."""
    return [
        Playlist(one[0], "", tuple(one[1]), number, one[2] if len(one) > 2 else "")
        for number, one in enumerate(playlists)
    ]


BEFORE = run_of(("Calm", "abcdefgh", "1"), ("Loud", "ijkl", "2"), ("Odd", "mn", "3"))
AFTER = run_of(("Hushed", "abcdefi", "1"), ("Loud", "jkgx", "2"), ("New", "nyz", "9"))


class TestCompareRuns:
    def test_tracks_that_moved_came_or_went_are_listed(self) -> None:
        comparison = compare_runs(BEFORE, AFTER)
        assert comparison.before == ("Calm", "Loud", "Odd")
        assert comparison.after == ("Hushed", "Loud", "New")
        assert comparison.counts.tolist() == [[6, 1, 0], [1, 2, 0], [0, 0, 1]]
        assert comparison.continues == {"Hushed": "Calm", "Loud": "Loud"}
        assert comparison.renamed == {"Calm": "Hushed"}
        assert comparison.moved == (Move("g", "Calm", "Loud"), Move("i", "Loud", "Hushed"), Move("n", "Odd", "New"))
        assert comparison.added == (Move("x", "", "Loud"), Move("y", "", "New"), Move("z", "", "New"))
        assert comparison.gone == (Move("h", "Calm", ""), Move("l", "Loud", ""), Move("m", "Odd", ""))
        assert comparison.stayed == 8

    def test_rows_of_the_table_count_the_tracks_of_every_pair(self) -> None:
        assert compare_runs(BEFORE, AFTER).rows() == [
            {"before": "Calm", "after": "Hushed", "tracks": 6, "same": True, "absent": False},
            {"before": "Calm", "after": "Loud", "tracks": 1, "same": False, "absent": False},
            {"before": "Calm", "after": "", "tracks": 1, "same": False, "absent": False},
            {"before": "Loud", "after": "Loud", "tracks": 2, "same": True, "absent": False},
            {"before": "Loud", "after": "Hushed", "tracks": 1, "same": False, "absent": False},
            {"before": "Loud", "after": "", "tracks": 1, "same": False, "absent": False},
            {"before": "Odd", "after": "New", "tracks": 1, "same": False, "absent": False},
            {"before": "Odd", "after": "", "tracks": 1, "same": False, "absent": False},
            {"before": "", "after": "Loud", "tracks": 1, "same": False, "absent": False},
            {"before": "", "after": "New", "tracks": 2, "same": False, "absent": False},
        ]

    def test_tracks_in_no_playlist_of_a_run_are_told_from_those_it_never_had(self) -> None:
        comparison = compare_runs(BEFORE, AFTER, tracks_before="abcdefghijklmny", tracks_after="abcdefgijklnxyz")
        assert [(move.track_id, move.absent) for move in comparison.added] == [("x", True), ("y", False), ("z", True)]
        assert [(move.track_id, move.absent) for move in comparison.gone] == [("h", True), ("l", False), ("m", True)]
        assert comparison.left_out == (1, 1)
        rows = [row for row in comparison.rows() if row["after"] == "New" and not row["before"]]
        assert [(row["tracks"], row["absent"]) for row in rows] == [(1, False), (1, True)]
        assert sum(int(str(row["tracks"])) for row in comparison.rows()) == 17

    def test_json_says_the_same(self) -> None:
        told = json.loads(json.dumps(compare_runs(BEFORE, AFTER).to_json(), allow_nan=False))
        assert told["counts"] == {"Calm": {"Hushed": 6, "Loud": 1}, "Loud": {"Hushed": 1, "Loud": 2}, "Odd": {"New": 1}}
        assert told["moved"][0] == {"track_id": "g", "before": "Calm", "after": "Loud"}
        assert told["added"][0] == {"track_id": "x", "after": "Loud", "absent": False}
        assert told["gone"][0] == {"track_id": "h", "before": "Calm", "absent": False}
        assert (told["stayed"], told["continues"], told["renamed"]) == (
            8, {"Hushed": "Calm", "Loud": "Loud"}, {"Calm": "Hushed"},
        )  # fmt: skip
        assert 0.0 < told["agreement"] < 1.0

    def test_the_same_run_agrees_with_itself(self) -> None:
        comparison = compare_runs(BEFORE, BEFORE)
        assert (comparison.agreement, comparison.moved, comparison.added, comparison.gone) == (1.0, (), (), ())
        assert comparison.stayed == 14
        assert comparison.renamed == {}

    def test_without_lineage_playlists_continue_by_overlap(self) -> None:
        comparison = compare_runs(run_of(("A", "abcd"), ("B", "efg")), run_of(("Z", "efgh"), ("Y", "abc"), ("X", "d")))
        assert comparison.continues == {"Z": "B", "Y": "A"}
        assert comparison.moved == (Move("d", "A", "X"),)

    def test_lineage_outweighs_overlap(self) -> None:
        comparison = compare_runs(
            run_of(("A", "abc", "1"), ("B", "d", "2")), run_of(("C", "abc", "2"), ("D", "d", "1"))
        )
        assert comparison.continues == {"C": "B", "D": "A"}
        assert comparison.stayed == 0

    def test_two_heirs_of_one_lineage_are_one_heir_and_a_new_playlist(self) -> None:
        comparison = compare_runs(run_of(("A", "abcd", "1")), run_of(("B", "ab", "1"), ("C", "cd", "1")))
        assert comparison.continues == {"B": "A"}

    @pytest.mark.parametrize(("before", "after"), [([], []), (run_of(("A", "ab")), []), ([], run_of(("A", "ab")))])
    def test_runs_without_common_tracks_have_no_agreement(self, before: list[Playlist], after: list[Playlist]) -> None:
        comparison = compare_runs(before, after)
        assert math.isnan(comparison.agreement)
        assert comparison.to_json()["agreement"] is None
        assert len(comparison.rows()) == len(before) + len(after)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
    def test_counts_and_agreement_are_those_of_the_labels(self, labels: list[tuple[int, int]]) -> None:
        def run(side: int) -> list[Playlist]:
            tracks: dict[int, list[str]] = {}
            for number, pair in enumerate(labels):
                tracks.setdefault(pair[side], []).append(str(number))
            return [Playlist(f"P{label}", "", tuple(ids), label) for label, ids in sorted(tracks.items())]

        comparison = compare_runs(run(0), run(1))
        one, other = np.array(labels).T
        assert comparison.agreement == pytest.approx(adjusted_rand_score(one, other))
        assert comparison.counts.sum() == len(labels) == comparison.stayed + len(comparison.moved)
        assert sum(int(str(row["tracks"])) for row in comparison.rows()) == len(labels)
        assert sum(int(str(row["tracks"])) for row in comparison.rows() if row["same"]) == comparison.stayed
