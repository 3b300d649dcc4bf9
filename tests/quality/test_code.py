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


#: A command, or an option of one, named in a text.
COMMAND = re.compile(r"\bleitmotif (analyze|export|features|runs|spotify|fma)\b|(^|\s)--[a-z]")
#: What may name commands: the command line itself, and the parts of `command` texts that are put together elsewhere.
COMMAND_LINE = {
    "core/cli.py",
    "core/cli_options.py",
    "core/cli_spotify.py",
    "core/console.py",
    "core/spotify/scopes.py",
}


def texts_without_commands(tree: ast.AST) -> list[str]:
    """Return the texts of a module but for docstrings and what is given as a `command`."""
    if isinstance(tree, ast.keyword) and tree.arg == "command":
        return []
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return []
    if isinstance(tree, ast.Constant):
        return [tree.value] if isinstance(tree.value, str) else []
    if isinstance(tree, ast.Dict):
        pairs = zip(tree.keys, tree.values, strict=True)
        children = [v for k, v in pairs if not (isinstance(k, ast.Constant) and k.value == "command")]
    else:
        children = list(ast.iter_child_nodes(tree))
    return [text for child in children for text in texts_without_commands(child)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_what_the_window_may_show_names_no_command(path: Path) -> None:
    name = path.relative_to(PROJECT).as_posix()
    if name in COMMAND_LINE or name.startswith(("core/commands/", "desktop/")):
        return
    found = [
        text for text in texts_without_commands(ast.parse(path.read_text(encoding="utf-8"))) if COMMAND.search(text)
    ]
    assert found == []
