"""The sign-in: in the system keyring and nowhere else, or in memory for this session when there is no keyring."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from core.spotify.messages import KeyringState, not_connected

_SERVICE: Final = "leitmotif"
_ENTRY: Final = "spotify"
#: A refresh token lives this long after consent, whatever is done with it: six months.
SIGN_IN_SECONDS: Final = 182 * 86_400.0


@dataclass(frozen=True)
class Grant:
    """One sign-in. Its secrets never show in a representation.

    Attributes
    ----------
    client_id : str
        The person's own app.
    account_id, user_id : str
        The account: what data is kept under, and what playlists name as their owner.
    scopes : tuple of str
        What it allows, sorted.
    authorised_at, expires_at : float
        When the person consented, and when the access token ends, in seconds since 1970.
    access_token, refresh_token : str
        The secrets.
    """

    client_id: str
    account_id: str
    user_id: str
    scopes: tuple[str, ...]
    authorised_at: float
    expires_at: float
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class Vault:
    """Keeps one sign-in.

    Every look goes to the keyring, so that a token another window renewed is seen. What the keyring refuses is kept
    in this object, for as long as it lives.

    Parameters
    ----------
    keep : bool, default True
        Whether to use the keyring at all; without it nothing outlives the object.
    """

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self._in_memory: Grant | None = None

    @property
    def remembered(self) -> bool:
        """Whether the sign-in will still be there at the next start."""
        return self._in_memory is None and self.load() is not None

    def load(self) -> Grant | None:
        """Return the sign-in, None when there is none."""
        if self._in_memory is not None or not self._keep:
            return self._in_memory
        text = _read()
        return _grant(text) if text else None

    def require(self) -> Grant:
        """Return the sign-in.

        Raises
        ------
        SignInNeeded
            When there is none.
        """
        grant = self.load()
        if grant is None:
            raise not_connected(keyring_state())
        return grant

    def save(self, grant: Grant) -> bool:
        """Keep a sign-in in place of the one before.

        Returns
        -------
        bool
            Whether the keyring took it; else it is kept for this session only.
        """
        self._in_memory = None if self._keep and _write(json.dumps(asdict(grant))) else grant
        if self._keep and self._in_memory is not None:
            _remove()  # what stands there is another sign-in, or one whose tokens are used up
        return self._in_memory is None

    def forget(self) -> bool:
        """Remove the sign-in wherever it is.

        Returns
        -------
        bool
            Whether it is gone; a keyring that is locked may still hold it.
        """
        self._in_memory = None
        return not self._keep or _remove()


#: The one of this process: windows and commands share what is kept for the session.
vault = Vault()


def keyring_state() -> KeyringState:
    """Return whether this system's keyring can be read, is missing, or refuses, for instance because it is locked."""
    import keyring
    from keyring.backends import fail, null

    try:
        backend = keyring.get_keyring()
        if isinstance(backend, (fail.Keyring, null.Keyring)):
            return "missing"
        backend.get_password(_SERVICE, _ENTRY)
    except Exception as error:  # noqa: BLE001 - backends raise whatever their system does
        return "missing" if isinstance(error, keyring.errors.NoKeyringError) else "locked"
    return "works"


def _read() -> str | None:
    import keyring

    try:
        return keyring.get_password(_SERVICE, _ENTRY)
    except Exception:  # noqa: BLE001 - backends raise whatever their system does
        return None


def _write(text: str) -> bool:
    import keyring

    try:
        keyring.set_password(_SERVICE, _ENTRY, text)
        # Some backends take everything and keep nothing.
        return keyring.get_password(_SERVICE, _ENTRY) == text
    except Exception:  # noqa: BLE001 - backends raise whatever their system does
        return False


def _remove() -> bool:
    """Remove the entry; return whether there is none any more."""
    import keyring

    try:
        if keyring.get_password(_SERVICE, _ENTRY) is not None:
            keyring.delete_password(_SERVICE, _ENTRY)
        return keyring.get_password(_SERVICE, _ENTRY) is None
    except Exception:  # noqa: BLE001 - backends raise whatever their system does
        return keyring_state() == "missing"


def _grant(text: str) -> Grant | None:
    """Return the sign-in a keyring entry holds; None when something else wrote it."""
    try:
        values: Any = json.loads(text)
        return _checked(values) if isinstance(values, dict) else None
    except (ValueError, TypeError, KeyError):
        return None


def _checked(values: Mapping[str, Any]) -> Grant:
    texts = {
        name: str(values[name]) for name in ("client_id", "account_id", "user_id", "access_token", "refresh_token")
    }
    return Grant(
        **texts,
        scopes=tuple(str(scope) for scope in values["scopes"]),
        authorised_at=float(values["authorised_at"]),
        expires_at=float(values["expires_at"]),
    )
