"""A Spotify on this computer, the program's store, and a sign-in between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.storage import Store
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import MemoryKeyring, connect_to, serving
from tests.fakes.spotify_world import World


@pytest.fixture
def world() -> World:
    """Return the account; a module whose tests count its songs has one of its own."""
    return filled_world(liked=120, playlists=2)


@pytest.fixture
def keyring_backend() -> MemoryKeyring:
    """Return the system's keyring while the fake is there."""
    return MemoryKeyring()


@pytest.fixture
def fake(world: World, keyring_backend: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSpotify]:
    """Serve the account to the program in this process."""
    with serving(world, monkeypatch, keyring_backend) as server:
        yield server


@pytest.fixture
def connected(fake: FakeSpotify, store: Store) -> FakeSpotify:
    """Connect the account with every permission that needs no asking for, and return its Spotify."""
    connect_to(store)
    return fake
