"""A system keyring for tests: secrets live in the memory of the fake server, never in a file."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

from keyring.backend import KeyringBackend


class RemoteKeyring(KeyringBackend):
    """Keeps secrets at the address in ``LEITMOTIF_TEST_KEYRING``."""

    priority = 10  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        try:
            return _ask("GET", service, username)
        except urllib.error.HTTPError as error:
            error.close()
            return None

    def set_password(self, service: str, username: str, password: str) -> None:
        _ask("PUT", service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        try:
            _ask("DELETE", service, username)
        except urllib.error.HTTPError as error:
            error.close()


def _ask(method: str, service: str, username: str, text: str | None = None) -> str:
    request = urllib.request.Request(
        f"{os.environ['LEITMOTIF_TEST_KEYRING']}{service}/{username}",
        data=None if text is None else text.encode(),
        method=method,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return str(answer.read().decode())
