"""What Spotify's error answers say, read off the HTTP answer itself."""

from __future__ import annotations

import contextlib
from typing import Any

import requests

from core.spotify.messages import Refusal, read_refusal


def refusal_of(response: requests.Response) -> Refusal:
    """Return what an error answer says."""
    body: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        body = response.json()
    return read_refusal(response.status_code, response.headers, body, response.text)
