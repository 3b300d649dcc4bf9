"""Signing in with PKCE and renewing the sign-in; no secret of an app is involved.

spotipy makes the verifier, the address and the two token requests. Its listener and its cache are not used: they
hang when the browser is closed, and write tokens into a file.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final
from urllib.parse import urlencode

import requests
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.exceptions import SpotifyOauthError
from spotipy.oauth2 import SpotifyPKCE

from core.errors import LeitmotifError, SignInNeeded
from core.progress import Report, undisturbed
from core.spotify.addresses import accounts_url
from core.spotify.client_id import check_client_id
from core.spotify.loopback import WAIT_SECONDS, Listener
from core.spotify.messages import (
    Refusal,
    as_error,
    code_refused,
    ended_sign_in,
    pause_needed,
    sign_in_out_of_order,
    unknown_app,
    unreachable,
)
from core.spotify.refusals import refusal_of
from core.spotify.silence import silence_spotipy
from core.spotify.tokens import Grant, Vault
from core.storage import Store
from core.storage.connection import held
from core.transport import CONNECT_SECONDS, READ_SECONDS, patient_session, plain_reason
from core.turns import SLICE, Tick, no_tick

#: An access token that ends within this many seconds is renewed before it is used.
_MARGIN: Final = 60.0
#: How long one process waits for another that renews the sign-in.
_RENEWAL_SECONDS: Final = 60.0
_RENEWING: Final = "renewing the sign-in"

silence_spotipy()


def sign_in(
    client_id: str,
    scopes: Collection[str],
    *,
    show: Callable[[str], object],
    report: Report,
    port: int = 0,
    seconds: float = WAIT_SECONDS,
) -> Grant:
    """Let the person sign in with their browser.

    Parameters
    ----------
    client_id : str
        The person's own app.
    scopes : collection of str
        What to ask for.
    show : callable
        Opens an address in the browser, or shows it.
    report : Report
        Called while waiting; may raise `core.progress.Cancelled`.
    port : int, default 0
        Port for the browser to come back to; 0 takes a free one.
    seconds : float, default WAIT_SECONDS
        How long to wait for the browser.

    Returns
    -------
    Grant
        Without the account, which the Web API has to be asked for.

    Raises
    ------
    SpotifyError
        When the person refuses, the browser does not come back, or Spotify does not take the code.
    OptionError
        When the Client ID or the port cannot be used.
    """
    app = check_client_id(client_id)
    state = secrets.token_urlsafe(24)

    def tick(words: str) -> None:
        report(0, 0, words or "Signing in")

    with Listener(state, port=port) as listener, patient_session(accounts_url(), lambda: tick) as session:
        flow = _flow(app, session, scopes=scopes, redirect_uri=listener.redirect_uri)
        # Asked for again even when Spotify remembers a consent, or scopes could never be added.
        show(f"{flow.get_authorize_url(state)}&{urlencode({'show_dialog': 'true'})}")
        code = listener.wait(report=report, seconds=seconds)
        answer = _ask(session, lambda: _exchange(flow, code), doing="signing in")
    granted = str(answer.get("scope") or " ".join(scopes)).split()
    return Grant(
        client_id=app,
        account_id="",
        user_id="",
        scopes=tuple(sorted(granted)),
        authorised_at=time.time(),
        expires_at=float(answer["expires_at"]),
        access_token=str(answer["access_token"]),
        refresh_token=str(answer.get("refresh_token", "")),
    )


class Access:
    """Gives the access token to whoever sends a request, and renews it when it is about to end.

    Parameters
    ----------
    vault : Vault
        Where the sign-in is.
    store : Store
        Beside its file lies the lock that keeps two windows from renewing at once: a refresh token may be used
        only once, and the second use would end the sign-in.
    """

    _in_process = threading.Lock()

    def __init__(self, vault: Vault, store: Store) -> None:
        self._vault = vault
        self._lock_file = store.path.with_name("spotify-sign-in.lock")

    @property
    def grant(self) -> Grant:
        """The sign-in as it is now.

        Raises
        ------
        SignInNeeded
            When there is none.
        """
        return self._vault.require()

    def token(self, *, tick: Tick = no_tick) -> str:
        """Return an access token that is good for another minute.

        Parameters
        ----------
        tick : callable
            See `renewed`.

        Raises
        ------
        SignInNeeded
            When there is no sign-in or it has ended.
        SpotifyError
            When it cannot be renewed because Spotify cannot be reached.
        """
        grant = self.grant
        if grant.expires_at - time.time() > _MARGIN:
            return grant.access_token
        return self.renewed(grant.access_token, tick=tick)

    def renewed(self, refused: str, *, tick: Tick = no_tick) -> str:
        """Return another access token than one that Spotify refused or that is about to end.

        Parameters
        ----------
        refused : str
            That one.
        tick : callable
            Called while another thread or window renews it; may raise `core.progress.Cancelled`. The renewal itself
            is never stopped: with its answer the sign-in would be lost.

        Raises
        ------
        SignInNeeded
            When the sign-in has ended; it is removed then, so that nothing asks with it again.
        SpotifyError
            When Spotify cannot be reached.
        """
        with self._alone(tick):
            grant = self.grant
            if grant.access_token != refused:  # another thread or window was faster
                return grant.access_token
            with undisturbed():
                fresh = self._renew(grant)
                self._vault.save(fresh)
            return fresh.access_token

    @contextlib.contextmanager
    def _alone(self, tick: Tick) -> Iterator[None]:
        while not self._in_process.acquire(timeout=SLICE):
            tick("")
        try:
            with held(self._lock_file, doing=_RENEWING, wait=_RENEWAL_SECONDS, tick=tick):
                yield
        finally:
            self._in_process.release()

    def _renew(self, grant: Grant) -> Grant:
        with patient_session(accounts_url(), lambda: no_tick) as session:
            flow = _flow(grant.client_id, session, scopes=grant.scopes, redirect_uri="http://127.0.0.1/")
            try:
                answer = _ask(session, lambda: flow.refresh_access_token(grant.refresh_token), doing=_RENEWING)
            except SignInNeeded:
                self._vault.forget()
                raise
        values = {
            **grant.__dict__,
            "access_token": str(answer["access_token"]),
            # Spotify may leave it out, and then the old one stays good.
            "refresh_token": str(answer.get("refresh_token") or grant.refresh_token),
            "expires_at": float(answer["expires_at"]),
        }
        return Grant(**values)


def _flow(client_id: str, session: requests.Session, *, scopes: Collection[str], redirect_uri: str) -> SpotifyPKCE:
    flow = SpotifyPKCE(
        client_id=client_id,
        redirect_uri=redirect_uri,
        scope=sorted(scopes),
        requests_session=session,
        requests_timeout=(CONNECT_SECONDS, READ_SECONDS),
        open_browser=False,
        cache_handler=MemoryCacheHandler(),
    )
    flow.OAUTH_AUTHORIZE_URL = accounts_url() + "authorize"
    flow.OAUTH_TOKEN_URL = accounts_url() + "api/token"
    return flow


def _exchange(flow: SpotifyPKCE, code: str) -> Any:
    flow.get_access_token(code, check_cache=False)
    return flow.cache_handler.get_cached_token()


def _ask(session: requests.Session, request: Callable[[], Any], *, doing: str) -> dict[str, Any]:
    """Send a token request; never twice, because a code and possibly a refresh token are good for one use."""
    answers: list[requests.Response] = []
    session.hooks["response"].append(lambda response, **_: answers.append(response))
    try:
        answer = request()
    except requests.RequestException as error:
        raise unreachable(plain_reason(error), doing) from None
    # spotipy's own troubles with an answer that is not what it expects
    except (SpotifyOauthError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(error, answers[-1] if answers else None, doing=doing) from None
    if not isinstance(answer, dict) or not answer.get("access_token"):
        raise unreachable("its answer holds no token", doing)
    return answer


def _refused(error: Exception, answer: requests.Response | None, *, doing: str) -> LeitmotifError:
    """Return what a person is told. Only Spotify's own short words are shown: addresses and bodies hold secrets."""
    refusal = refusal_of(answer) if answer is not None else Refusal(200)
    if refusal.status == 429:
        return pause_needed(refusal, now=time.time())
    if refusal.status >= 500:
        return sign_in_out_of_order(refusal.status, doing)
    if refusal.is_page:
        return as_error(refusal, needs=(), doing=doing)
    if not isinstance(error, SpotifyOauthError):
        return unreachable("its answer cannot be read", doing)
    if error.error == "invalid_client":
        return unknown_app()
    if error.error == "invalid_grant" and doing == _RENEWING:
        return ended_sign_in()
    return code_refused(_words(error.error, error.error_description))


def _words(error: object, description: object) -> str:
    return " ".join(" ".join(str(part) for part in (error, description) if part).split())[:120] or "no reason given"
