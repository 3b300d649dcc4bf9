"""The README tells the truth about commands, sources, formats and settings."""

from __future__ import annotations

import re
import tomllib

import pytest

from core import __version__
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


def what_is_wrong(changelog: str, version: str) -> str:
    """Return why a changelog does not go with a version; nothing when it does.

    On top stands the version, or what is unreleased since it or towards it, with something told. The versions below
    are older, the newest of them first.
    """
    top, *older = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:] or [""]
    name = top.partition("\n")[0].split(" ")[0]
    if name not in ("Unreleased", version):
        return f"on top stands {name!r}, which is not {version}"
    if not re.search(r"^- \S", top, flags=re.MULTILINE):
        return f"nothing is told of {name!r}"
    heads = [entry.split()[0] for entry in older]
    if name == version or heads[:1] != [version]:
        heads.insert(0, version)
    if not all(re.fullmatch(r"\d+(\.\d+)*", head) for head in heads):
        return f"{heads} are not all versions"
    numbers = [tuple(map(int, head.split("."))) for head in heads]
    return "" if numbers == sorted(set(numbers), reverse=True) else f"{heads} are not newest first, each once"


def test_the_changelog_knows_this_version() -> None:
    version = PYPROJECT["project"]["version"]
    assert version == __version__
    assert what_is_wrong(CHANGELOG, version) == ""


@pytest.mark.parametrize(
    ("changelog", "right"),
    [
        ("## Unreleased\n\n- New.\n", True),
        ("## Unreleased\n\n- New.\n\n## 1.9.0 (2026-01-01)\n\n- Old.\n", True),
        ("## Unreleased\n\n- New.\n\n## 1.10.0\n\n- This.\n", True),
        ("## 1.10.0 (2026-02-01)\n\n- New.\n\n## 1.9.0 (2026-01-01)\n\n- Old.\n", True),
        ("", False),
        ("## Unreleased\n\n### Added\n", False),
        ("## 1.9.0\n\n- Old.\n", False),
        ("## 1.9.0\n\n- Old.\n\n## Unreleased\n\n- New.\n", False),
        ("## 1.10.0\n\n- This.\n\n## Unreleased\n\n- New.\n", False),
        ("## 1.10.0\n\n- This.\n\n## 1.10.0\n\n- Again.\n", False),
        ("## Unreleased\n\n- New.\n\n## 1.11.0\n\n- Later.\n", False),
        ("## 1.10.0\n\n- New.\n\n## 1.8.0\n\n- Older.\n\n## 1.9.0\n\n- Old.\n", False),
    ],
)
def test_a_changelog_that_does_not_go_with_version_1_10_is_found(changelog: str, right: bool) -> None:
    assert (what_is_wrong(changelog, "1.10.0") == "") == right


def test_errors_are_drawn_as_a_tree() -> None:
    import core.errors

    def below(kind: type[LeitmotifError]) -> set[str]:
        return {kind.__name__}.union(
            *(below(child) for child in kind.__subclasses__() if child.__module__ == "core.errors")
        )

    assert core.errors.__doc__
    for name in below(LeitmotifError):
        assert re.search(rf"\b{name}\b", core.errors.__doc__)
