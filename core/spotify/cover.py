"""The picture of a playlist, as Spotify takes it. Who draws it is the caller's business: core draws nothing.

A playlist without a picture is no worse, so whatever goes wrong with one is told and never stops the rest.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from core.errors import AnswerLost, ExportError, PermissionMissing, SpotifyClosed, SpotifyPause, SpotifyRefused
from core.spotify import api
from core.spotify.client import Client
from core.spotify.jobs import Job
from core.storage import Store

#: Characters of base64 text that Spotify takes: 256 KB.
MOST_CHARACTERS: Final = 256 * 1024
_JPEG: Final = b"\xff\xd8\xff"


def as_payload(jpeg: bytes) -> str:
    """Return a JPEG as the text that is sent.

    Parameters
    ----------
    jpeg : bytes
        The picture; square, or Spotify will cut it.

    Raises
    ------
    ExportError
        When it is no JPEG, or too large.
    """
    if not jpeg.startswith(_JPEG):
        raise ExportError("the picture of a playlist has to be a JPEG")
    text = base64.b64encode(jpeg).decode("ascii")
    if len(text) > MOST_CHARACTERS:
        raise ExportError(
            f"the picture of a playlist is too large ({len(text):,} characters, Spotify takes {MOST_CHARACTERS:,})",
            next_step="Draw it smaller, or compress it more",
        )
    return text


@dataclass(frozen=True)
class Cover:
    """A picture this program set.

    Attributes
    ----------
    name : str
        The name that stands in it.
    picture : str
        Itself, as `as_payload` gives it.
    """

    name: str
    picture: str


def kept_cover(store: Store, playlist_id: str) -> Cover | None:
    """Return the picture that this program set last for a playlist, None when it set none."""
    kept = store.state.get(_key(playlist_id))
    return Cover(**kept) if kept else None


class Covers:
    """Sets the pictures of one batch.

    Parameters
    ----------
    client : Client
        Who writes.
    store : Store
        Where the journal is, and where what was set is remembered.
    """

    def __init__(self, client: Client, store: Store) -> None:
        self._client = client
        self._store = store
        self.put_off = ""

    def set(self, entry: int, job: Job) -> str:
        """Set the picture of a job's playlist.

        Parameters
        ----------
        entry : int
            Its entry in the journal, which is closed.
        job : Job
            With the playlist's id and the picture.

        Returns
        -------
        str
            Why it was not set; empty when it was. Spotify's limit for pictures is its own, so a long pause puts off
            the pictures of the whole batch, see `put_off`, and nothing else.
        """
        try:
            api.cover(self._client, job.remote_id, job.picture, public=job.public)
        except (AnswerLost, SpotifyRefused, SpotifyClosed, PermissionMissing) as error:
            return self._failed(entry, error.what)
        except SpotifyPause as error:
            self.put_off = error.what
            return self._failed(entry, error.what)
        with self._store.together():
            self._store.journal.confirm(entry)
            kept = {"name": job.name, "picture": job.picture}
            self._store.state.set(_key(job.remote_id), kept, from_spotify=True)
        return ""

    def _failed(self, entry: int, why: str) -> str:
        self._store.journal.fail(entry, {"refused": why})
        return why


def _key(playlist_id: str) -> str:
    return f"spotify.cover.{playlist_id}"
