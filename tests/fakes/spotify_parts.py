"""What tests of the Spotify account share: a scripted browser, a quick pace, a store that is connected."""

from __future__ import annotations

import contextlib
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from core.progress import Report, silent
from core.spotify.account import Account, connect
from core.spotify.auth import Access
from core.spotify.client import Client
from core.spotify.tokens import Vault
from core.storage import Store
from core.turns import Pace
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify_world import World

FAST = Pace(0.0, backoff=0.01)
CLIENT_ID = "0123456789abcdef0123456789abcdef"


class MemoryKeyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def use_keyring(backend: KeyringBackend) -> KeyringBackend:
    """Make a keyring the system's, and return the one before."""
    before: KeyringBackend = keyring.get_keyring()
    keyring.set_keyring(backend)
    return before


@contextlib.contextmanager
def serving(
    world: World, monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend | None = None
) -> Iterator[FakeSpotify]:
    """Serve an account to the program in this process, which keeps the sign-in in a keyring in memory."""
    before = use_keyring(backend or MemoryKeyring())
    try:
        with FakeSpotify(world) as server:
            for name, value in server.environment.items():
                if name.startswith("LEITMOTIF_SPOTIFY"):
                    monkeypatch.setenv(name, value)
            yield server
    finally:
        use_keyring(before)


def browse(address: str) -> str:
    """Go where a browser would go, follow redirects, and return the text of the last page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=10) as page:
            return str(page.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return str(error.read().decode())


def browse_aside(address: str) -> None:
    """Browse in a thread, as a browser does."""
    threading.Thread(target=browse, args=(address,), daemon=True).start()


def connect_to(
    store: Store,
    tokens: Vault | None = None,
    *,
    show: Callable[[str], object] = browse_aside,
    report: Report = silent,
    seconds: float = 20,
    allow: Collection[str] = (),
    read_only: bool = False,
) -> Account:
    """Connect, by default with the scripted browser and as a program that was just started."""
    return connect(
        store, CLIENT_ID, show=show, report=report, allow=allow, read_only=read_only, seconds=seconds, pace=FAST,
        tokens=tokens or Vault(),
    )  # fmt: skip


def client_of(store: Store, tokens: Vault | None = None) -> Client:
    """Return a quick client, by default that of a program that was just started."""
    return Client(Access(tokens or Vault(), store), store=store, pace=FAST)


def all_text(folder: Path) -> bytes:
    """Return everything that lies in a folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
