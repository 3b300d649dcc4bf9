"""Playlists of ours on the fake Spotify: planned, exported, finished, taken back, and looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.library import Library, make_library
from core.records import Playlist
from core.spotify.export import export, finish
from core.spotify.plan import ExportPlan, Wishes, make_plan
from core.spotify.undo import Undone, undo
from core.spotify.writing import Outcome
from core.storage import Store
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify_parts import client_of
from tests.fakes.spotify_world import FakePlaylist, Row, local_uri, track_id, track_uri

KEY = "spotify:spotify:"


def library_of(numbers: Sequence[int], *, others: dict[str, str] | None = None) -> Library:
    """Return a library of tracks by number, and others by id and address."""
    uris = {track_id(number): track_uri(number) for number in numbers} | (others or {})
    tracks = pd.DataFrame({"uri": list(uris.values()), "title": "T", "artist": "A"}, index=list(uris))
    return make_library(tracks, pd.DataFrame(index=tracks.index), kind="spotify", path="spotify:")


ALL = library_of(range(3000), others={local_uri(1): local_uri(1), "made-1": ""})


def playlist(name: str, numbers: Sequence[int], *, lineage: str = "l1", claims: str = "Loud & fast.") -> Playlist:
    """Return a playlist of ours."""
    return Playlist(name, claims, tuple(track_id(number) for number in numbers), 0, lineage)


def plan_of(store: Store, *playlists: Playlist, library: Library = ALL, **wishes: object) -> ExportPlan:
    """Return the plan a person is shown; `wishes` are those of `Wishes`."""
    with client_of(store) as client:
        return make_plan(
            client,
            store,
            playlists,
            library,
            library_key=KEY,
            wishes=Wishes(**wishes),  # type: ignore[arg-type]
        )


def export_of(store: Store, *playlists: Playlist, library: Library = ALL, **wishes: object) -> list[Outcome]:
    """Make a plan and carry it out."""
    return carried_out(store, plan_of(store, *playlists, library=library, **wishes))


def carried_out(store: Store, plan: ExportPlan, **options: Any) -> list[Outcome]:
    """Carry a plan out; `options` are those of `export`."""
    with client_of(store) as client:
        return export(client, store, plan, **options)


def named(fake: FakeSpotify, name: str) -> FakePlaylist:
    """Return the one playlist of the account with a name."""
    found = [entry for entry in fake.world.owned() if entry.name == name]
    assert len(found) == 1, f"{len(found)} playlists are called {name}"
    return found[0]


def uris(numbers: Sequence[int]) -> list[str]:
    """Return the addresses of tracks."""
    return [track_uri(number) for number in numbers]


def writes(fake: FakeSpotify, since: int) -> list[str]:
    """Return what was written after a request, as method and last part of the path."""
    return [f"{e.method} {e.path.rsplit('/', 1)[-1]}" for e in fake.writes() if e.number > since]


def add_by_hand(made: FakePlaylist, number: int) -> None:
    """Add a track at the end, as the person would."""
    made.rows.append(Row(track_uri(number)))
    made.changes += 1


def finished(store: Store) -> list[Outcome]:
    """Finish what was cut off."""
    with client_of(store) as client:
        return finish(client, store)


def undone(store: Store) -> Undone:
    """Take the last export back."""
    with client_of(store) as client:
        return undo(client, store)
