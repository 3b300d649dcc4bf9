"""The benchmarks run: with tiny sizes, and on made-up tracks."""

from __future__ import annotations

import re

import pytest

from tests.benchmarks import bench_sweep


def test_the_sweep_benchmark_prints_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    bench_sweep.main(["--tracks", "300", "--last", "5", "--made-up"])
    printed = capsys.readouterr().out
    assert "300 made-up tracks, recipe article, K = 2…5" in printed
    ratio = re.search(r"^loop / sweep +([0-9.]+)", printed, re.MULTILINE)
    difference = re.search(r"^silhouettes differ by +([0-9.e+-]+)", printed, re.MULTILINE)
    assert ratio is not None
    assert float(ratio[1]) > 0
    assert difference is not None
    assert float(difference[1]) <= 1e-6
