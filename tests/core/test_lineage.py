"""A cluster keeps its identity from run to run as long as enough of its tracks stay together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.playlists import LEAST_OVERLAP, match_lineage
from core.playlists.lineage import best_matches, jaccard


def ids(text: str) -> list[str]:
    return list(text)


#: A few groups of a few tracks, which may share tracks.
GROUPS = st.dictionaries(st.integers(0, 9), st.frozensets(st.sampled_from("abcdefghij"), max_size=8), max_size=5)


class TestMatchLineage:
    def test_an_unchanged_run_keeps_every_identity_under_any_numbers(self) -> None:
        old = {"x": ids("abc"), "y": ids("def"), "z": ids("gh")}
        assert match_lineage(old, {2: ids("cba"), 0: ids("hg"), 7: ids("fed")}) == {2: "x", 0: "z", 7: "y"}

    def test_a_split_cluster_goes_on_as_its_larger_part(self) -> None:
        found = match_lineage({"x": ids("abcdefgh")}, {0: ids("abc"), 1: ids("defgh")})
        assert found[1] == "x"
        assert found[0] != "x"

    def test_of_merged_clusters_the_larger_one_goes_on(self) -> None:
        assert match_lineage({"x": ids("abc"), "y": ids("defgh")}, {0: ids("abcdefgh")}) == {0: "y"}

    def test_the_best_match_is_that_of_all_together(self) -> None:
        # Alone, cluster 0 overlaps most with x; together, x is needed for cluster 1, which has nobody else.
        old = {"x": ids("abcdef"), "y": ids("ghij")}
        new = {0: ids("abcghi"), 1: ids("def")}
        assert jaccard(old, new).round(3).tolist() == [[0.333, 0.5], [0.429, 0.0]]
        assert match_lineage(old, new) == {0: "y", 1: "x"}

    @pytest.mark.parametrize(("shared", "matched"), [(3, True), (2, False)])
    def test_the_least_overlap_is_three_tenths(self, shared: int, matched: bool) -> None:
        old = [f"o{n}" for n in range(10)]
        new = old[:shared]  # Jaccard shared / 10
        assert (match_lineage({"x": old}, {0: new}) == {0: "x"}) is matched
        assert LEAST_OVERLAP == 0.3

    def test_too_small_an_overlap_does_not_take_a_partner_away(self) -> None:
        old = {"x": ids("abcdefghij"), "y": ids("kl")}
        new = {0: ids("ab"), 1: ids("kl")}
        assert match_lineage(old, new)[1] == "y"
        assert match_lineage(old, new)[0] not in old

    def test_fresh_identities_follow_from_the_tracks(self) -> None:
        first = match_lineage({}, {0: ids("abc"), 1: ids("de"), 2: []})
        again = match_lineage({}, {5: ids("ed"), 6: ids("cab")})
        assert (again[5], again[6]) == (first[1], first[0])
        assert len(set(first.values())) == 3
        assert match_lineage({}, {}) == {}

    def test_a_fresh_identity_is_never_one_that_is_taken(self) -> None:
        fresh = match_lineage({}, {0: ids("abc")})[0]
        assert match_lineage({fresh: ids("xyz")}, {0: ids("abc")})[0] != fresh

    @settings(max_examples=100, deadline=None)
    @given(GROUPS, GROUPS)
    def test_every_cluster_has_one_identity_of_its_own(
        self, old: dict[int, frozenset[str]], new: dict[int, frozenset[str]]
    ) -> None:
        named = {f"L{key}": tracks for key, tracks in old.items()}
        found = match_lineage(named, new)
        assert list(found) == list(new)
        assert len(set(found.values())) == len(new)
        for cluster, lineage in found.items():
            if lineage in named:
                one, other = named[lineage], new[cluster]
                assert len(one & other) / len(one | other) >= 0.3
        turned = match_lineage(dict(reversed(named.items())), dict(reversed(new.items())))
        assert turned == found

    def test_a_named_identity_gives_way_to_no_other(self) -> None:
        old = {"named": ids("abcdef"), "other": ids("abcd")}
        new = {0: ids("abcd")}
        assert match_lineage(old, new) == {0: "other"}
        assert match_lineage(old, new, named=["named", "unknown"]) == {0: "named"}
        assert match_lineage(old, {0: ids("a")}, named=["named"])[0] not in old, "too little is shared with either"

    def test_an_identity_is_found_by_what_it_was_earlier(self) -> None:
        old, new = {"x": ids("ab"), "y": ids("cdefgh")}, {0: ids("abcdefgh")}
        assert match_lineage(old, new) == {0: "y"}
        assert match_lineage(old, new, earlier={"x": [ids("bc"), ids("abcdefg")], "y": []}) == {0: "x"}
        assert match_lineage(old, new, earlier={"x": [ids("abcdefg")]}, named=["y"]) == {0: "y"}

    def test_a_small_shift_of_real_size_changes_no_identity(self) -> None:
        rng = np.random.default_rng(4)
        labels = rng.integers(0, 9, 13_000)
        moved = np.where(rng.random(13_000) < 0.2, rng.integers(0, 9, 13_000), labels)
        old = {f"L{k}": np.flatnonzero(labels == k).astype(str).tolist() for k in range(9)}
        new = {8 - k: np.flatnonzero(moved == k).astype(str).tolist() for k in range(9)}
        assert match_lineage(old, new) == {8 - k: f"L{k}" for k in range(9)}


class TestBestMatches:
    @settings(max_examples=100, deadline=None)
    @given(GROUPS, GROUPS, st.sampled_from([0.01, 0.3, 0.5, 1.0]))
    def test_no_other_match_overlaps_more(
        self, old: dict[int, frozenset[str]], new: dict[int, frozenset[str]], least: float
    ) -> None:
        overlap = jaccard(old, new)
        overlap[overlap < least] = 0.0
        found = best_matches(old, new, least=least)
        total = sum(overlap[list(old).index(there), list(new).index(here)] for here, there in found.items())
        small, large = sorted(overlap.shape)
        table = overlap if overlap.shape[0] == small else overlap.T
        best = max(
            (sum(table[row, column] for row, column in enumerate(columns))
             for columns in itertools.permutations(range(large), small)), default=0.0,
        )  # fmt: skip
        assert total == pytest.approx(best)
        assert len(set(found.values())) == len(found)
        assert all(overlap[list(old).index(there), list(new).index(here)] >= least for here, there in found.items())
