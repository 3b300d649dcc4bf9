"""What the command line hands to the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from core import cli


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with things to open in it."""
    (tmp_path / "fma_metadata").mkdir()
    (tmp_path / "runs").mkdir()
    for name in ("songs", "a.csv", "b c.csv"):
        (tmp_path / name).write_text("title")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opened(*words: str) -> tuple[int, list[list[str]]]:
    """Give the program some words; return how it ended and what it opened the window on."""
    seen: list[list[str]] = []

    def open_window(files: Sequence[str]) -> int:
        seen.append(list(files))
        return 0

    return cli.main(words, open_window=open_window), seen


@pytest.mark.parametrize(
    "words",
    [
        (), ("fma_metadata",), ("songs",), ("a.csv",), ("demo:",), ("./runs",), ("gone.csv",), ("a.csv", "b c.csv"),
        ("songs", "fma_metadata", "demo:"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_there_or_looks_like_a_file_is_opened(words: tuple[str, ...], folder: Path) -> None:
    assert opened(*words) == (0, [list(words)])


def test_a_command_is_a_command_whatever_lies_in_the_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert opened("runs") == (0, [])
    assert capsys.readouterr().out.startswith("No runs are kept yet")


@pytest.mark.parametrize("words", [("nothing",), ("x" * 5000,)], ids=["word", "long word"])
def test_a_word_that_is_nothing_is_wrong_usage(words: tuple[str, ...], folder: Path) -> None:
    assert opened(*words) == (2, [])


def test_the_window_refuses_options_and_names_the_command_that_takes_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert opened("b c.csv", "--json") == (2, [])
    assert capsys.readouterr().err == (
        "leitmotif: the window takes files and no --json. Work without it: leitmotif analyze 'b c.csv' --json\n"
    )
