"""The real program for tests: in this process for speed, or in one of its own; and small libraries to give it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import cli
from core.features import BASE_NAMES
from desktop.__main__ import draw_cover, draw_pictures, open_window

PROJECT = Path(__file__).resolve().parents[1]
#: Options of an analysis where how the playlists are found does not matter: four of them, quickly.
QUICK = ("--algorithm", "ward", "--k", "4", "--k-max", "4")


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """Lines on standard error that are no progress."""
        return [line for line in self.err.splitlines() if not line.endswith("…")]

    @property
    def notes(self) -> list[str]:
        """What the program noted."""
        return [line.removeprefix("note: ") for line in self.told if line.startswith("note: ")]

    @property
    def refusal(self) -> str:
        """The one line that an error is; fails when the command ended otherwise or said more than that."""
        assert self.status == 1, f"status {self.status}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err
        assert self.out == ""
        assert len(self.told) == 1, self.err
        assert self.told[0].startswith("leitmotif: ")
        return self.told[0].removeprefix("leitmotif: ")

    @property
    def wrong_usage(self) -> str:
        """The one line about wrong usage, below how the command is used; fails when it ended otherwise."""
        assert self.status == 2, f"status {self.status}\n{self.out}\n{self.err}"
        assert self.out == ""
        used, tried, empty, line = self.err.splitlines()
        assert used.startswith("Usage: leitmotif ")
        assert tried.startswith("Try 'leitmotif ")
        assert empty == ""
        assert line.startswith("Error: ")
        return line.removeprefix("Error: ")

    @property
    def document(self) -> Any:
        """Standard output as JSON: all of it, and nothing but what JSON knows."""
        assert self.status == 0, self.err
        return json.loads(self.out, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def run(*words: str | Path, pictures: bool = False) -> Ended:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.main(
            [str(word) for word in words],
            draw=draw_pictures if pictures else None,
            draw_cover=draw_cover,
            open_window=open_window,
        )
    return Ended(status, out.getvalue(), err.getvalue())


def done(*words: str | Path, pictures: bool = False) -> Ended:
    """Run a command that must end well."""
    ended = run(*words, pictures=pictures)
    assert ended.status == 0, ended.err
    assert "Traceback" not in ended.err
    return ended


def spawn(
    *words: str | Path, environment: Mapping[str, str] | None = None, before: Any = None, **more: Any
) -> subprocess.Popen[str]:
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "desktop", *(str(word) for word in words)],
        cwd=more.pop("cwd", PROJECT),
        env={**os.environ, "PYTHONPATH": str(PROJECT), **(environment or {})},
        stdout=more.pop("stdout", subprocess.PIPE),
        stderr=more.pop("stderr", subprocess.PIPE),
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        preexec_fn=before,
    )


def run_alone(*words: str | Path, environment: Mapping[str, str] | None = None, before: Any = None) -> Ended:
    """Run a command in a process of its own until it ends."""
    process = spawn(*words, environment=environment, before=before)
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


def run_python(code: str, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Ended:
    """Run code in an interpreter of its own until it ends."""
    done = subprocess.run(
        [sys.executable, "-c", code, *(str(one) for one in arguments)],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def home(folder: Path) -> Iterator[Path]:
    """Let the program keep its data in a folder, for fixtures that outlive a test."""
    before = os.environ.get("LEITMOTIF_HOME")
    os.environ["LEITMOTIF_HOME"] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["LEITMOTIF_HOME"]
        else:
            os.environ["LEITMOTIF_HOME"] = before


def songs(count: int, *, seed: int = 7, groups: int = 4) -> pd.DataFrame:
    """Return a small made-up library as a table: `groups` kinds of music, each its own genre and artists."""
    draw = np.random.default_rng(seed)
    middles = draw.uniform(0.15, 0.85, size=(groups, len(BASE_NAMES)))
    kind = np.arange(count) % groups
    values = np.clip(middles[kind] + draw.normal(0.0, 0.05, size=(count, len(BASE_NAMES))), 0.0, 1.0)
    table = pd.DataFrame(values.round(4), columns=list(BASE_NAMES))
    table["tempo"] = (60 + 120 * table["tempo"]).round(3)
    table.insert(0, "track_id", [f"s{number:04d}" for number in range(count)])
    table.insert(1, "title", [f"Song {number}" for number in range(count)])
    table.insert(2, "artist", [f"Band {k}{'ABCDE'[number // groups % 5]}" for number, k in enumerate(kind)])
    table.insert(3, "album", [f"Record {k}" for k in kind])
    table.insert(4, "genre", [("Folk", "Techno", "Jazz", "Punk", "Soul", "Noise")[k % 6] for k in kind])
    table.insert(5, "duration_ms", [150_000 + 1_000 * (number * 37 % 200) for number in range(count)])
    return table


def write_csv(path: Path, table: pd.DataFrame, **options: Any) -> Path:
    """Write a table as CSV and return its path."""
    table.to_csv(path, index=False, **options)
    return path


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def names_of(document: Mapping[str, Any]) -> Sequence[str]:
    """Return the names of an analysis, in the order of the clusters."""
    return [cluster["name"] for cluster in document["clusters"]]
