"""Exports that are disturbed and killed, and the whole road by command line: the demos in small."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.demo_spotify_road import walk
from tests.fakes.spotify_worker import one_run


@pytest.mark.parametrize("seed", [0, 3, 6, 7])
def test_an_export_that_is_disturbed_and_killed_ends_complete_once_and_in_order(seed: int, tmp_path: Path) -> None:
    result = one_run(seed, tmp_path)
    assert result.clean, result
    assert result.kills >= 1, "these seeds are among those that kill"


def test_the_whole_road_by_command_line() -> None:
    numbers = walk(120, 2, 3, 20)
    assert numbers["calls"]["me/tracks"] == 3
    assert numbers["playlists"] == 3
    assert numbers["secrets"] >= 4
    assert numbers["secrets_found"] == 0
