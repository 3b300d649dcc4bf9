"""System keyrings that are missing, locked, or fail at one thing: what is kept, what is said, what is never left."""

from __future__ import annotations

import keyring.errors
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from core.errors import SignInNeeded, SpotifyError
from core.spotify import api
from core.spotify.account import account, disconnect
from core.spotify.tokens import Vault, keyring_state
from core.storage import Store
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import MemoryKeyring, client_of, connect_to, use_keyring
from tests.fakes.spotify_world import World
from tests.program import run


class Troubled(MemoryKeyring):
    """A keyring that fails at what it is told to fail at: ``"get"``, ``"set"``, ``"delete"``, or keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: frozenset[str] = frozenset()

    def _may(self, what: str) -> None:
        if what in self.fails:
            raise keyring.errors.KeyringLocked("the collection is locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._may("get")
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._may("set")
        if "keep" not in self.fails:
            super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._may("delete")
        super().delete_password(service, username)


LOCKED = frozenset({"get", "set", "delete"})


@pytest.fixture
def keyring_backend() -> Troubled:
    return Troubled()


@pytest.fixture
def world() -> World:
    return filled_world(liked=5, playlists=1)


def test_a_locked_keyring_is_told_from_a_missing_one(
    fake: FakeSpotify, store: Store, keyring_backend: Troubled
) -> None:
    connect_to(store)
    keyring_backend.fails = LOCKED
    assert keyring_state() == "locked"
    with pytest.raises(SignInNeeded, match=r"may be locked.*Unlock it"):
        account(store, tokens=Vault())
    assert "may be locked" in run("spotify", "status").refusal
    keyring_backend.fails = frozenset()
    assert account(store, tokens=Vault()).account_id == "account-1", "unlocked, it is as before"
    use_keyring(NoKeyring())
    assert keyring_state() == "missing"
    assert "no keyring" in run("spotify", "status").refusal


@pytest.mark.parametrize("fails", [LOCKED, frozenset({"set"}), frozenset({"keep"})])
def test_what_the_keyring_does_not_take_lasts_for_the_session(
    fake: FakeSpotify, store: Store, keyring_backend: Troubled, fails: frozenset[str]
) -> None:
    keyring_backend.fails = fails
    tokens = Vault()
    assert connect_to(store, tokens).remembered is False
    for _ in range(2):
        fake.expire_tokens()
        with client_of(store, tokens) as client:
            assert api.me(client)["id"] == "listener", "renewing works as well"
    assert keyring_backend.kept == {}


def test_a_renewal_that_cannot_be_kept_leaves_no_used_up_sign_in_behind(
    fake: FakeSpotify, store: Store, keyring_backend: Troubled
) -> None:
    connect_to(store)
    keyring_backend.fails = frozenset({"set"})
    fake.expire_tokens()
    with client_of(store) as client:
        assert api.me(client)["id"] == "listener"
    assert keyring_backend.kept == {}
    with pytest.raises(SignInNeeded, match="no Spotify account is connected"):
        account(store, tokens=Vault())


def test_disconnecting_never_claims_what_the_keyring_refused(
    fake: FakeSpotify, store: Store, keyring_backend: Troubled
) -> None:
    connected = connect_to(store)
    store.pages.put(connected.account_id, "liked", 0, {})
    keyring_backend.fails = frozenset({"delete"})
    with pytest.raises(SpotifyError, match=r"does not let the sign-in be removed.*Unlock"):
        disconnect(store, tokens=Vault())
    assert store.pages.tags(connected.account_id) == {}, "the data is gone all the same"
    refusal = run("spotify", "disconnect")
    assert refusal.status == 1
    assert "spotify.com/account/apps" in refusal.err
    keyring_backend.fails = frozenset()
    disconnect(store, tokens=Vault())
    assert keyring_backend.kept == {}


def test_disconnecting_without_a_keyring_works(fake: FakeSpotify, store: Store) -> None:
    use_keyring(NoKeyring())
    tokens = Vault()
    connect_to(store, tokens)
    disconnect(store, tokens=tokens)
    with pytest.raises(SignInNeeded):
        account(store, tokens=tokens)
