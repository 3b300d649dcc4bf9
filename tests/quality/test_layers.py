"""The two rules of the architecture, read off the imports: no Qt in core, and imports point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.program import run_python

CORE = PROJECT / "core"
#: What every stage may use: records without behaviour, and leaves that know no stage.
LEAVES = {
    "core", "core.errors", "core.features", "core.files", "core.genre_tree", "core.http", "core.joining",
    "core.library", "core.options", "core.progress", "core.records", "core.resources", "core.transport", "core.turns",
    "core.wording",
}  # fmt: skip
STAGES = {
    "clustering", "exporters", "genres", "merging", "naming", "playlists", "preparation", "projection", "providers",
    "quality", "sources", "spotify", "storage",
}  # fmt: skip

#: What stands on another stage: an account lives in the store, and so does the library that was read from it.
STANDS_ON = {"core.spotify": {"storage"}, "core.sources.spotify_account": {"storage"}}


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def stage_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "core" else ""


def test_there_is_something_to_check() -> None:
    assert len(modules(CORE)) > 50
    assert {stage for stage in STAGES if (CORE / stage).exists() or (CORE / f"{stage}.py").exists()} == STAGES


@pytest.mark.parametrize("path", modules(CORE), ids=module_name)
def test_core_imports_neither_qt_nor_the_window(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & {"PySide6", "shiboken6", "pyqtgraph", "desktop"}


@pytest.mark.parametrize("path", modules(CORE), ids=module_name)
def test_a_stage_knows_no_other_stage(path: Path) -> None:
    own = stage_of(module_name(path))
    if own not in STAGES:
        return
    known = {stage_of(name) for name in imports(path)}
    allowed = {
        stage
        for name, stages in STANDS_ON.items()
        if f"{module_name(path)}.".startswith(f"{name}.")
        for stage in stages
    }
    assert known & STAGES <= {own} | allowed
    composers = {"pipeline", "analysis", "document", "results", "commands", "cli", "console"}
    assert not known & composers


@pytest.mark.parametrize("stage", ["preparation", "genres", "projection", "quality", "clustering", "naming"])
def test_a_stage_of_the_analysis_uses_records_only(stage: str) -> None:
    single = CORE / f"{stage}.py"
    for path in [single] if single.exists() else modules(CORE / stage):
        inside = {name for name in imports(path) if name.split(".")[0] == "core" and stage_of(name) != stage}
        known = {".".join(name.split(".")[:2]) for name in inside}
        assert known <= LEAVES, f"{path}: {known - LEAVES}"


def test_core_can_be_imported_without_qt() -> None:
    names = [module_name(path) for path in modules(CORE) if path.name != "__main__.py"]
    code = (
        "import sys\n"
        "for name in ('PySide6', 'shiboken6', 'pyqtgraph'): sys.modules[name] = None\n"
        f"import importlib\nfor name in {names!r}: importlib.import_module(name)\n"
    )
    ended = run_python(code)
    assert ended.status == 0, ended.err


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["--version"]])
def test_help_loads_nothing_slow(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom desktop.__main__ import main\n"
        f"sys.argv = ['leitmotif', *{arguments!r}]\n"
        "try: main()\nexcept SystemExit as stop: status = stop.code\n"
        "slow = {'sklearn', 'pandas', 'numpy', 'scipy', 'PySide6', 'pyqtgraph', 'spotipy', 'keyring'}\n"
        "loaded = sorted(slow & set(sys.modules))\n"
        "sys.exit(f'status {status}, loaded {loaded}' if status or loaded else 0)\n"
    )
    ended = run_python(code)
    assert ended.status == 0, ended.err
