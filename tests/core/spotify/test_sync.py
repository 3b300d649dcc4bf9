"""Reading an account: few calls, every odd row, going on after any stop, and the library that comes of it."""

from __future__ import annotations

import random

import pytest

from core.errors import PermissionMissing, SourceError, SpotifyError, SpotifyPause
from core.library import Library
from core.progress import Cancelled
from core.sources import open_source
from core.spotify.account import disconnect
from core.spotify.sync import Synced, sync
from core.storage import EXPIRED, SPOTIFY_KEEPS, Exported, Store
from tests.fakes.spotify import FakeSpotify, filled_world
from tests.fakes.spotify_parts import client_of, connect_to
from tests.fakes.spotify_world import OTHER, Row, World, local_uri, track_id, track_uri
from tests.reports import stop_when_told

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def world() -> World:
    return filled_world(liked=230, playlists=3)


def synced(store: Store, **options: bool) -> Synced:
    with client_of(store) as client:
        return sync(client, store, **options)


def liked_ids(fake: FakeSpotify) -> list[str]:
    return [row.uri.rsplit(":", 1)[-1] for row in fake.world.liked]


def first_ids(library: Library, count: int) -> list[str]:
    return [str(key) for key in library.tracks.index[:count]]


def test_the_first_sync_takes_one_call_for_fifty_rows(fake: FakeSpotify, store: Store) -> None:
    result = synced(store)
    assert fake.calls("GET", "me/tracks") == 5
    assert fake.calls("GET", "me/playlists") == 1
    assert result.calls == {"me/tracks": 5, "me/playlists": 1, "playlists/items": 9}
    assert result.playlists == {"read": 3, "unchanged": 0, "made here": 0, "others": 3, "not read": 0}
    assert first_ids(result.library, 230) == liked_ids(fake)


def test_a_second_sync_without_changes_takes_two_calls(fake: FakeSpotify, store: Store) -> None:
    first = synced(store)
    before = fake.count
    second = synced(store)
    assert fake.count == before + 2
    assert second.playlists["unchanged"] == 3
    assert second.library.tracks.equals(first.library.tracks)


def test_new_likes_take_as_many_calls_as_they_fill_pages(fake: FakeSpotify, store: Store) -> None:
    synced(store)
    fake.world.like(1000, 70)
    before = fake.calls("GET", "me/tracks")
    result = synced(store)
    assert fake.calls("GET", "me/tracks") == before + 2
    assert first_ids(result.library, 300) == liked_ids(fake)
    assert result.liked == 300


@pytest.mark.parametrize("removed", [0, 60, 229])
def test_a_like_taken_back_anywhere_is_noticed(fake: FakeSpotify, store: Store, removed: int) -> None:
    synced(store)
    del fake.world.liked[removed]
    fake.world.like(1000, 1)
    assert first_ids(synced(store).library, 230) == liked_ids(fake)
    del fake.world.liked[removed]
    assert synced(store).liked == 229


def test_a_changed_playlist_alone_is_read_again(fake: FakeSpotify, store: Store) -> None:
    synced(store)
    playlist = fake.world.owned()[1]
    playlist.rows.append(Row(track_uri(5000)))
    playlist.changes += 1
    before = fake.calls(path=f"playlists/{playlist.id}/items")
    result = synced(store)
    assert fake.calls(path=f"playlists/{playlist.id}/items") == before + 3
    assert result.playlists["read"] == 1
    assert track_id(5000) in result.library.tracks.index


@pytest.mark.parametrize("seed", range(8))
def test_a_sync_that_is_cut_off_goes_on_where_it_stopped(fake: FakeSpotify, store: Store, seed: int) -> None:
    random_ = random.Random(seed)
    start, asked = fake.count, 0
    for _ in range(30):
        fake.refuse, asked = "", fake.count
        stop_at = asked + random_.randint(1, 5)
        fake.faults = dict.fromkeys(range(stop_at, stop_at + 4), "500")
        if random_.random() < 0.2:
            fake.world.like(2000 + fake.count * 10, random_.randint(1, 4))
        try:
            synced(store)
            break
        except SpotifyError:
            continue
    fake.faults = {}
    library = synced(store).library
    assert first_ids(library, len(fake.world.liked)) == liked_ids(fake)
    useful = [e for e in fake.exchanges if e.number > start and e.status == 200 and e.path == "me/tracks"]
    offsets = [exchange.query["offset"] for exchange in useful if exchange.query["offset"] != "0"]
    assert len(offsets) <= 8, f"only the first page is read again, not {offsets}"
    assert not [n for n in library.notices if n.kind == "incomplete"]


def test_an_exhausted_quota_keeps_what_there_is_and_says_when_to_go_on(fake: FakeSpotify, store: Store) -> None:
    fake.retry_after = 86_236

    def spend(done: int, total: int, text: str) -> None:
        if done >= 100:
            fake.refuse = "quota"

    with client_of(store) as client, pytest.raises(SpotifyPause, match="run it again after"):
        sync(client, store, report=spend)
    kept = open_source("spotify:")
    assert first_ids(kept, 100) == liked_ids(fake)[:100]
    assert [n.kind for n in kept.notices if n.kind == "incomplete"] == ["incomplete"]
    fake.refuse = ""
    before = fake.calls("GET", "me/tracks")
    assert synced(store).liked == 230
    assert fake.calls("GET", "me/tracks") - before == 1 + 3, "the first page again, then the three that were missing"


def test_a_sync_can_be_cancelled_and_keeps_what_it_has(fake: FakeSpotify, store: Store) -> None:
    with client_of(store) as client, pytest.raises(Cancelled):
        sync(client, store, report=stop_when_told("playlists"))
    assert len(open_source("spotify:")) == 230


def test_odd_rows_survive_and_are_counted(fake: FakeSpotify, store: Store) -> None:
    fake.world.liked.insert(0, Row("", None))
    shared = fake.world.add_playlist("Shared", [track_uri(9000)], owner=OTHER, collaborative=True)
    fake.world.add_playlist("Empty", [])
    closed = fake.world.add_playlist("Closed", [track_uri(9001)])
    fake.closed[f"playlists/{closed.id}/items"] = (403, "Forbidden")
    result = synced(store)
    library = result.library
    assert {n.kind: n.count for n in library.notices} | {"unavailable": 0} == {
        "removed": 2, "episode": 1, "local": 1, "unavailable": 0
    }  # fmt: skip
    assert result.playlists == {"read": 4, "unchanged": 1, "made here": 0, "others": 3, "not read": 1}
    assert library.tracks.loc[track_id(9000), "origins"] == (shared.name,)
    local = library.tracks.loc[local_uri(0)]
    assert (local["title"], local["artist"], local["album"], local["duration_s"]) == (
        "Take 0",
        "Garage Band",
        "Demo Tape",
        123,
    )
    again = library.tracks.loc[liked_ids(fake)[-1]]
    assert again["origins"][0] == "Liked songs"
    assert len(again["origins"]) > 1, "a track in many lists stands once and remembers them all"
    assert again["title"].endswith("& <more>"), "titles are Spotify's own"
    assert again["isrc"].startswith("QZ")


@pytest.mark.parametrize("names", ["old", "both"])
def test_rows_are_understood_under_their_old_names_as_well(fake: FakeSpotify, store: Store, names: str) -> None:
    fake.world.add_playlist("Empty", [])
    new = synced(store)
    store.drop_spotify_data()
    fake.api.names = names
    old = synced(store)
    assert old.library.tracks.equals(new.library.tracks)
    assert old.library.notices == new.library.notices
    assert (old.playlists, old.calls) == (new.playlists, new.calls)


def test_playlists_made_here_are_not_read_back_into_the_library(fake: FakeSpotify, store: Store) -> None:
    ours = fake.world.add_playlist("Slow", [track_uri(7000)])
    store.exports.remember(Exported("spotify:account-1", "k", "l", ours.id, ours.snapshot, "Slow", (), 1.0))
    result = synced(store)
    assert result.playlists["made here"] == 1
    assert track_id(7000) not in result.library.tracks.index


def test_top_tracks_need_their_own_permission(fake: FakeSpotify, store: Store) -> None:
    fake.world.top = [track_uri(8000), track_uri(8001)]
    before = fake.count
    with pytest.raises(PermissionMissing, match="connect --allow top"):
        synced(store, top=True)
    assert fake.count == before
    connect_to(store, allow=["top"])
    assert synced(store, top=True).library.tracks.loc[track_id(8000), "origins"] == ("Top tracks",)


def test_the_source_opens_what_was_synced_and_says_when_there_is_nothing(fake: FakeSpotify, store: Store) -> None:
    with pytest.raises(SourceError, match="leitmotif spotify sync"):
        open_source("spotify:")
    result = synced(store)
    opened = open_source("spotify:")
    assert opened.kind == "spotify"
    assert opened.tracks.equals(result.library.tracks)
    assert store.libraries.recent()[0].name == "Spotify"
    disconnect(store)
    with pytest.raises(SourceError, match="leitmotif spotify sync"):
        open_source("spotify:")


def test_what_was_read_expires_after_thirty_days(fake: FakeSpotify, store: Store) -> None:
    import time

    synced(store)
    store.expire(now=time.time() + SPOTIFY_KEEPS + 5)
    with pytest.raises(SourceError, match="Read it again"):
        open_source("spotify:")
    assert store.libraries.load("spotify:spotify:").notices[-1].kind == EXPIRED
    before = fake.calls("GET", "me/tracks")
    assert synced(store).liked == 230
    assert fake.calls("GET", "me/tracks") == before + 5
