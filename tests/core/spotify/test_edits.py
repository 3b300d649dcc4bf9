"""From one order of tracks to another: always right, and by the smallest change."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.spotify.edits import MOST_EDITS, Add, Move, Remove, Replace, apply, can_be_added, edits, merge
from tests.fakes.spotify_world import Row, World, local_uri, track_uri

URIS = [track_uri(number) for number in range(12)]
ROWS = st.lists(st.sampled_from([*URIS, local_uri(1), ""]), max_size=20)
SETS = st.lists(st.sampled_from(URIS), max_size=12, unique=True)


def write(rows: list[str], target: list[str]) -> list[str]:
    """Let the fake make the changes, so that its and our idea of each are the same."""
    world = World()
    playlist = world.add_playlist("x", [])
    playlist.rows = [Row(uri) for uri in rows]
    for edit in edits(rows, target):
        expected = apply(playlist.uris, edit)
        if isinstance(edit, Add):
            world.add(playlist.id, list(edit.uris), edit.position)
        elif isinstance(edit, Remove):
            world.remove(playlist.id, [{"uri": uri} for uri in edit.uris])
        elif isinstance(edit, Move):
            world.reorder(playlist.id, edit.start, edit.before, edit.length)
        else:
            world.replace(playlist.id, list(edit.uris))
        assert playlist.uris == expected
    return playlist.uris


@settings(deadline=None, max_examples=300)
@given(rows=ROWS, base=SETS, ours=SETS, keep=st.booleans())
def test_whatever_stands_there_the_changes_lead_to_the_merged_list(
    rows: list[str], base: list[str], ours: list[str], keep: bool
) -> None:
    target = merge(rows, base=base, ours=ours, keep=keep)
    assert [uri for uri in target if uri in ours] == ours, "ours are there once and in order"
    fixed = [uri for uri in rows if not can_be_added(uri)]
    assert sorted(uri for uri in target if not can_be_added(uri)) == sorted(fixed), "nobody could put these back"
    added = [uri for uri in rows if can_be_added(uri) and uri not in base and uri not in ours]
    assert sorted(uri for uri in target if can_be_added(uri) and uri not in ours) == (sorted(added) if keep else [])
    assert write(rows, target) == target
    assert merge(target, base=ours, ours=ours, keep=True) == target, "a second time changes nothing"


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(st.sampled_from(URIS), max_size=20), target=st.lists(st.sampled_from(URIS), max_size=20))
def test_lists_with_repetitions_are_written_as_well(rows: list[str], target: list[str]) -> None:
    assert write(rows, target) == target


def test_single_changes_take_single_calls() -> None:
    rows = [track_uri(number) for number in range(400)]
    new = track_uri(900)
    assert edits(rows, rows) == []
    assert edits(rows, [*rows, new]) == [Add(400, (new,))]
    assert edits(rows, [*rows[:7], new, *rows[7:]]) == [Add(7, (new,))]
    assert edits(rows, rows[:5] + rows[6:]) == [Remove((rows[5],))]
    assert edits(rows, [rows[399], *rows[:399]]) == [Move(399, 0, 1)]
    assert edits(rows, [*rows[1:], rows[0]]) == [Move(1, 0, 399)]
    assert edits(rows, [*rows[:10], *rows[20:50], *rows[10:20], *rows[50:]]) == [Move(20, 10, 30)]
    assert edits([], rows) == [
        Replace(tuple(rows[:100])),
        *(Add(at, tuple(rows[at : at + 100])) for at in (100, 200, 300)),
    ]
    assert edits(rows, []) == [Replace(())]


def test_a_shuffled_list_is_written_anew_in_as_few_calls_as_it_fills() -> None:
    rows = [track_uri(number) for number in range(10_000)]
    shuffled = random.Random(1).sample(rows, len(rows))
    found = edits(rows, shuffled)
    assert len(found) == 100
    assert isinstance(found[0], Replace)
    small = rows[:90]
    assert len(edits(small, random.Random(2).sample(small, 90))) == 1
    assert len(edits(small, [*small[50:60], *small[:50], *small[60:]])) == 1
    assert MOST_EDITS < 100


def test_additions_stay_where_the_person_put_them() -> None:
    a, b, c, d, mine, more = (track_uri(number) for number in range(6))
    assert merge([a, mine, b, c, more], base=[a, b, c], ours=[c, a, d], keep=True) == [c, a, mine, d, more]
    assert merge([mine, a, b], base=[a, b], ours=[b, a], keep=True) == [mine, b, a]
    assert merge([a, mine], base=[a], ours=[b], keep=True) == [b, mine]
    assert merge([a, mine, local_uri(3)], base=[a], ours=[b], keep=False) == [b, local_uri(3)]


def test_a_new_order_around_a_local_file_takes_a_few_calls() -> None:
    ours = [track_uri(number) for number in range(400)]
    rows = [*ours[:100], local_uri(1), *ours[100:300], "", local_uri(2), *ours[300:]]
    target = merge(rows, base=ours, ours=ours[::-1], keep=True)
    assert write(rows, target) == target
    assert len(edits(rows, target)) <= 14
    for seed in range(20):
        chance = random.Random(seed)
        mixed = chance.choices([*ours[:90], local_uri(1), local_uri(2), ""], k=120)
        goal = merge(mixed, base=ours[:60], ours=chance.sample(ours[:90], 80), keep=chance.random() < 0.5)
        assert write(mixed, goal) == goal
