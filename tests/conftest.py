"""Settings shared by all tests: offscreen windows, a home of its own, loopback only."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings

# A failure in what tests share tells as much as one in a test.
pytest.register_assert_rewrite(
    "tests.program", "tests.core.reading", "tests.core.spotify.exporting", "tests.desktop.driving"
)

# A busy machine is no bug: examples have no deadline. The same examples every time, so that a failure repeats.
settings.register_profile("leitmotif", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("leitmotif")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PROJECT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LEITMOTIF_SHARED", PROJECT.parent / "shared"))


@pytest.fixture
def shared() -> Path:
    """Return the folder of shared data, or skip where it is absent."""
    if not (SHARED / "fma").is_dir():
        pytest.skip(f"the shared data is not at {SHARED} (set LEITMOTIF_SHARED)")
    return SHARED


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own, so that none touches a person's data."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LEITMOTIF_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this computer."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in ("", "127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
