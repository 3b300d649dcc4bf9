"""Every refusal of Spotify as a message of its own, with the next step.

The status alone never says what is wrong: HTTP 403 has six meanings, told apart by the body, which may be JSON,
plain text or empty.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, TypeAlias

from core.errors import (
    LeitmotifError,
    PermissionMissing,
    SignInNeeded,
    SpotifyClosed,
    SpotifyError,
    SpotifyPause,
    SpotifyRefused,
)
from core.spotify import scopes
from core.spotify.addresses import APPS_PAGE, DASHBOARD, REDIRECT

#: Whether this system's keyring can be used, is not there, or is there and refuses.
KeyringState: TypeAlias = Literal["works", "missing", "locked"]

PRIVACY_NOTE: Final = (
    "Leitmotif reads your liked songs and playlists, shows titles unaltered with links that open them in Spotify, and "
    "writes only playlists it made itself.",
    "What it reads and the runs made from it stay in a file on this computer for 30 days or until you disconnect; only "
    "names you gave, playlists it made, with the ids of their tracks and marks to know them by, and what an unfinished "
    "export still needs are kept longer, until you disconnect.",
    "Only track ids and recording codes are sent to the services that know audio features and genres, whose answers "
    "are kept under those ids and codes; MusicBrainz also gets what LEITMOTIF_CONTACT says, if you set it.",
    "Titles, pictures and other data from Spotify are never fed into any model: clusters come from audio features.",
    f"The sign-in is kept in your system's keyring; disconnect at any time, and see {APPS_PAGE} for Spotify's side.",
)

_AGAIN: Final = {"next_step": "Sign in again", "command": "Sign in again with: leitmotif spotify connect"}
_SIX_MONTHS: Final = "Spotify ends every sign-in six months after consent"


@dataclass(frozen=True)
class Refusal:
    """What Spotify answered instead of doing what was asked.

    Attributes
    ----------
    status : int
        HTTP status.
    message, reason : str
        From the JSON body, or the plain text as message; empty when there is none.
    retry_after : float or None
        Seconds Spotify wants to be left alone.
    is_page : bool
        Whether the body is a page for browsers, which Spotify's interface never sends.
    """

    status: int
    message: str = ""
    reason: str = ""
    retry_after: float | None = None
    is_page: bool = False


def read_refusal(status: int, headers: Mapping[str, str], body: Any, text: str) -> Refusal:
    """Return what an error answer says.

    Parameters
    ----------
    status : int
        HTTP status.
    headers : mapping of str to str
        Of the answer; names compare without case.
    body : Any
        The decoded JSON, None when the body is none.
    text : str
        The body as text.
    """
    error = body.get("error") if isinstance(body, dict) else None
    said = error if isinstance(error, dict) else {}
    is_page = body is None and text.lstrip().startswith("<")
    message = said.get("message") if body is not None else "" if is_page else text
    return Refusal(
        status,
        " ".join(str(message or "").split())[:200],
        str(said.get("reason") or ""),
        _seconds(headers.get("Retry-After", "")),
        is_page,
    )


def _seconds(asked: str) -> float | None:
    """Return the pause that a header asks for in seconds, or by its end; None when it says neither."""
    try:
        return max(0.0, float(asked)) if math.isfinite(float(asked)) else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def as_error(refusal: Refusal, *, needs: Collection[str], doing: str) -> LeitmotifError:
    """Return the error a person is shown for a refusal that is no request for a pause.

    Parameters
    ----------
    refusal : Refusal
        What Spotify answered.
    needs : collection of str
        The scopes the request needs.
    doing : str
        What was being done, for the message: ``"reading the liked songs"``.
    """
    words = refusal.message.lower()
    if refusal.is_page and refusal.status < 500:
        return SpotifyError(
            f"a page for browsers came instead of Spotify's answer while {doing} (HTTP {refusal.status})",
            next_step="A network in between may block Spotify or ask you to sign in; open any page in your browser",
        )
    if refusal.status == 401:
        return SignInNeeded("Spotify does not accept the sign-in any more", **_AGAIN)
    if refusal.status == 403:
        return _forbidden(refusal, words, needs=needs, doing=doing)
    if refusal.status == 404:
        return _refused(refusal, f"Spotify does not know what was asked for while {doing}", "Sync and try again")
    if refusal.status == 400 and "size limit" in words:
        return _refused(
            refusal, "the playlist is full: Spotify takes no more than 10,000 tracks", "Export fewer tracks"
        )
    if refusal.status >= 500:
        return SpotifyError(
            f"Spotify is out of order (HTTP {refusal.status}) while {doing}",
            next_step="What was done is kept; run it again later for the rest",
        )
    said = f": {refusal.message}" if refusal.message else ""
    return _refused(
        refusal, f"Spotify refuses {doing} (HTTP {refusal.status}{said})", "Please report this, it should not happen"
    )


def _refused(refusal: Refusal, what: str, next_step: str) -> SpotifyRefused:
    error = SpotifyRefused(what, next_step=next_step)
    error.status = refusal.status
    return error


def _forbidden(refusal: Refusal, words: str, *, needs: Collection[str], doing: str) -> LeitmotifError:
    if "premium" in words:
        return _closed_to_all(
            "the owner of this Client ID has no Spotify Premium, and Spotify answers only apps of Premium members",
            next_step="Renew Premium or use another Client ID; after a renewal it can take a few hours",
        )
    if "not registered" in words or "not approved" in words:
        return _closed_to_all(
            "this Spotify account is not registered for this Client ID",
            next_step=f"Add it in the app's User Management at {DASHBOARD}, or sign in with the right account",
        )
    if "scope" in words:
        return missing_permission(needs)
    if words == "forbidden":
        return _refused(
            refusal,
            f"Spotify does not allow {doing}: it has closed this part of its interface, or the playlist is not yours",
            "Check that the playlist is yours and that this program is up to date",
        )
    if not words:
        return SpotifyClosed(
            f"Spotify has closed this part of its interface for new apps ({doing})",
            next_step="Nothing can be done about it; the rest goes on without it",
        )
    return SpotifyClosed(
        f"Spotify does not allow {doing} (it says: {refusal.message})",
        next_step=f"Look at your app's page at {DASHBOARD}",
    )


def _closed_to_all(what: str, *, next_step: str) -> SpotifyClosed:
    error = SpotifyClosed(what, next_step=next_step)
    error.everything = True
    return error


def missing_permission(needs: Collection[str]) -> PermissionMissing:
    """Return the error for scopes that the sign-in lacks."""
    return PermissionMissing(
        f"this sign-in does not allow Leitmotif {scopes.in_words(needs)}",
        next_step="Allow it",
        command=f"Allow it with: leitmotif spotify connect{scopes.option_of(needs)}",
    )


def pause_needed(refusal: Refusal, *, now: float) -> SpotifyPause:
    """Return the error for a pause that is too long to wait for.

    Parameters
    ----------
    refusal : Refusal
        An answer with HTTP 429.
    now : float
        Seconds since 1970.
    """
    until = now + refusal.retry_after if refusal.retry_after else 0.0
    spent = refusal.reason == "QUOTA_EXCEEDED"
    what = (
        "Spotify's daily allowance of requests for this Client ID's owner is used up"
        if spent
        else "Spotify asks for a long pause"
    )
    when = f"after {local_time(until)}" if until else "tomorrow, as the allowance counts the last 24 hours"
    error = SpotifyPause(what, next_step=f"What was done is kept; run it again {when}, it goes on where it stopped")
    error.until = until
    return error


def local_time(seconds: float) -> str:
    """Return a time of day a person can read, in their own time zone."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def unreachable(reason: str, doing: str) -> SpotifyError:
    """Return the error for a network or a server that does not work."""
    return SpotifyError(
        f"Spotify gave no usable answer while {doing} ({reason})",
        next_step="What was done is kept; run it again when the network works",
    )


def ended_sign_in() -> SignInNeeded:
    """Return the error for a refresh token that is dead."""
    return SignInNeeded(f"your Spotify sign-in has ended; {_SIX_MONTHS}", **_AGAIN)


def not_connected(keyring: KeyringState) -> SignInNeeded:
    """Return the error when there is no sign-in at all.

    Parameters
    ----------
    keyring : {"works", "missing", "locked"}
        Of this system; without one a sign-in ends with the program.
    """
    if keyring == "locked":
        return SignInNeeded(
            "the system keyring, where the sign-in is kept, cannot be read; it may be locked",
            next_step="Unlock it and try again",
        )
    if keyring == "works":
        return SignInNeeded(
            "no Spotify account is connected",
            next_step="Connect one",
            command="Connect one with: leitmotif spotify connect --client-id ID",
        )
    return SignInNeeded(
        "no Spotify account is connected, and this system has no keyring to remember one between commands",
        next_step="Set up a system keyring, or work in the window, where a sign-in lasts until it is closed",
    )


def still_in_keyring() -> SpotifyError:
    """Return the error for a sign-in that the keyring does not give up."""
    return SpotifyError(
        "everything from Spotify was removed, but the system keyring does not let the sign-in be removed",
        next_step=f"Unlock the keyring and disconnect again, or end the permission at {APPS_PAGE}",
    )


def sign_in_out_of_order(status: int, doing: str) -> SpotifyError:
    """Return the error for a sign-in server that fails."""
    return SpotifyError(
        f"Spotify's sign-in server is out of order (HTTP {status}) while {doing}",
        next_step="Nothing is lost; try again later",
    )


def unknown_app() -> SpotifyError:
    """Return the error for a Client ID that Spotify does not know."""
    return SpotifyError(
        "Spotify does not know this Client ID", next_step=f"Compare it with your app's page at {DASHBOARD}"
    )


def code_refused(said: str) -> SpotifyError:
    """Return the error for an authorization code that Spotify does not take."""
    return SpotifyError(
        f"Spotify did not complete the sign-in ({said})",
        next_step=f"Check the Client ID, and that {REDIRECT} is registered at {DASHBOARD}, then try again",
    )
