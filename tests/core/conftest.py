"""What tests of many parts of the core need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.storage import Store, open_store


@pytest.fixture
def store() -> Iterator[Store]:
    """Return the store of the test's home."""
    with open_store() as opened:
        yield opened
