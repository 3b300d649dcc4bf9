"""The settings of the window: typed, versioned, never in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.settings import VERSION, Settings, SettingsFile
from desktop.window import MainWindow


def test_what_was_changed_is_there_the_next_time(tmp_path: Path) -> None:
    SettingsFile(tmp_path).change(look="dark", columns=("title", "tempo"), layout={"top": "abc"})
    again = SettingsFile(tmp_path).current
    assert (again.look, again.columns, dict(again.layout)) == ("dark", ("title", "tempo"), {"top": "abc"})
    assert json.loads((tmp_path / "window.json").read_text())["version"] == VERSION


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"text"', "null", "\x00"])
def test_a_damaged_file_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "window.json").write_text(text)
    assert SettingsFile(tmp_path).current == Settings()
    assert (tmp_path / "window.damaged.json").read_text() == text


def test_values_of_a_wrong_kind_are_left_at_their_defaults(tmp_path: Path) -> None:
    document = {"version": VERSION + 1, "look": "pink", "columns": [1], "layout": 3, "geometry": None, "new": True}
    (tmp_path / "window.json").write_text(json.dumps(document | {"export_folder": "/music"}))
    assert SettingsFile(tmp_path).current == Settings(export_folder="/music")


def test_a_file_that_is_no_text_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "window.json").write_bytes(b"\xff\xfe{")
    assert SettingsFile(tmp_path).current == Settings()
    assert (tmp_path / "window.damaged.json").read_bytes() == b"\xff\xfe{"


def test_a_window_opens_whatever_its_settings_say(own_home: Path, make_window: Callable[[], MainWindow]) -> None:
    document = {
        "geometry": "ü", "layout": {"top": "ß", "panes": "é", "tab": "many"}, "columns": ["title", "colour", "tempo"],
        "export_to": "the moon", "last_library": "no:such",
    }  # fmt: skip
    (own_home / "settings").mkdir()
    (own_home / "settings" / "window.json").write_text(json.dumps(document))
    window = make_window()
    assert window.isVisible()
    assert window.settings.current.export_to == "files"


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings = SettingsFile(blocked / "below")
    assert settings.change(look="light").look == "light"
