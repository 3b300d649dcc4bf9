"""Habits of the code that a machine can check: lint, format, types, sizes, plain words."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from tests.conftest import PROJECT

MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_MODULE = 500
NINE_IN_TEN_FUNCTIONS = 30
SOURCES = sorted(path for folder in ("core", "desktop") for path in (PROJECT / folder).rglob("*.py"))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=PROJECT, capture_output=True, text=True, check=False)


def test_ruff_finds_nothing() -> None:
    done = run("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_the_code_is_formatted() -> None:
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_the_types_hold() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout


def code_lines(source: str) -> set[int]:
    """Return the lines that hold code: no blank, comment or docstring lines."""
    skipped = {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
    }  # fmt: skip
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            first = node.body[0]
            lines.difference_update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def function_sizes(path: Path) -> dict[str, int]:
    source = path.read_text(encoding="utf-8")
    lines = code_lines(source)
    return {
        f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}": len(
            lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        )
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_functions_and_modules_stay_small() -> None:
    sizes = {name: size for path in SOURCES for name, size in function_sizes(path).items()}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_OF_A_FUNCTION} == {}
    assert sorted(sizes.values())[int(0.9 * len(sizes))] <= NINE_IN_TEN_FUNCTIONS
    lengths = {str(path): len(code_lines(path.read_text(encoding="utf-8"))) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES_OF_A_MODULE} == {}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_nothing_is_left_for_later(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    assert "processEvents" not in text
    for node in ast.walk(ast.parse(text)):
        call = node.func if isinstance(node, ast.Call) else None
        if isinstance(call, ast.Name) and call.id in ("KMeans", "MiniBatchKMeans", "BisectingKMeans"):
            given = {keyword.arg for keyword in node.keywords}
            assert {"n_init", "random_state"} <= given, f"line {node.lineno}: {call.id} without {given}"
