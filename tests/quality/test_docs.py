"""The README tells the truth about commands, sources, formats and settings."""

from __future__ import annotations

import re
import tomllib

import pytest

from core.errors import LeitmotifError
from core.exporters import EXPORTERS
from core.features import BASE_NAMES
from core.options import ALGORITHMS, ORDERS, RECIPES
from tests.conftest import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [*EXPORTERS, *ALGORITHMS, *ORDERS, *RECIPES, *BASE_NAMES])
def test_the_readme_names_every_choice(name: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", README)


def test_the_readme_names_every_setting_of_the_environment() -> None:
    used = {
        name
        for path in (PROJECT / "core").rglob("*.py")
        for name in re.findall(r"LEITMOTIF_[A-Z0-9_]+", path.read_text(encoding="utf-8"))
    }
    assert used
    assert {name for name in used if name not in README} == set()


def test_pictures_of_the_readme_exist() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        path = PROJECT / picture
        assert path.is_file(), picture
        assert path.stat().st_size < 300_000


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.+?)\n```", README, flags=re.DOTALL)
    assert any("pytest" in command for command in commands)
    assert "README.md" in script


def test_every_dependency_says_why() -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in PYPROJECT["project"]["dependencies"]:
        position = text.index(f'"{requirement}"')
        line = text[position : text.index("\n", position)]
        before = text[:position].rstrip().splitlines()[-1]
        again = before.strip().startswith(f'"{requirement.split(">")[0]}>')
        assert "#" in line or before.strip().startswith("#") or again, requirement


def test_the_changelog_knows_this_version() -> None:
    assert PYPROJECT["project"]["version"] in CHANGELOG or "Unreleased" in CHANGELOG


def test_errors_are_drawn_as_a_tree() -> None:
    import core.errors

    def below(kind: type[LeitmotifError]) -> set[str]:
        return {kind.__name__}.union(
            *(below(child) for child in kind.__subclasses__() if child.__module__ == "core.errors")
        )

    assert core.errors.__doc__
    for name in below(LeitmotifError):
        assert re.search(rf"\b{name}\b", core.errors.__doc__)
