"""The benchmarks run: with tiny sizes, and on made-up tracks."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.benchmarks import bench_sweep
from tests.conftest import PROJECT


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


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("bench_names demo: --k 5", r"mean"),
        (
            "bench_libraries demo: --k 5 --refits 1",
            r"balanced: \d+ of 10 runs on 10 libraries[^\n]*\n[^\n]*\nbalanced: \d+ runs are stable",
        ),
        ("bench_recipes demo: --k 5 --refits 1", r"balanced"),
        ("bench_pipeline demo: --tracks 3000 --repeats 1", r"3,000"),
        ("bench_ordering --small", r"100 tracks: 0\.\d+ of random"),
        ("bench_import --rows 500", r"500 rows each"),
        ("demo_features_resume 200 1 1", r"200"),
        ("demo_spotify_faults 2", r"2 runs"),
    ],
)
def test_every_benchmark_of_the_readme_runs(words: str, printed: str) -> None:
    name, *arguments = words.split()
    assert f"tests.benchmarks.{name}" in (PROJECT / "README.md").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], cwd=PROJECT, env=dict(os.environ),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(printed, done.stdout), done.stdout
