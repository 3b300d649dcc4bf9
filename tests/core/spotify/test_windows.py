"""Two windows at once, plans that grew old, and lists of playlists that Spotify shows late or incomplete."""

from __future__ import annotations

import threading

import pytest

from core.errors import ExportError, SignInNeeded, SourceError, StorageError
from core.progress import Cancelled
from core.sources import open_source
from core.spotify.account import disconnect
from core.spotify.export import alone, cut_off, export, finish
from core.spotify.sync import sync
from core.spotify.tokens import Vault
from core.spotify.undo import undo
from core.storage import Store, open_store
from tests.core.spotify.exporting import carried_out, export_of, named, plan_of, playlist, undone, uris, writes
from tests.fakes.spotify import LATE, FakeSpotify
from tests.fakes.spotify_parts import client_of, connect_to
from tests.reports import stop_when
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("connected")

# --- two windows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [range(50), range(20, 80)])
def test_a_plan_that_another_window_was_faster_with_is_not_carried_out(
    fake: FakeSpotify, store: Store, again: range
) -> None:
    if again != range(50):
        export_of(store, playlist("Fast", range(50)))
    plan = plan_of(store, playlist("Fast", again))
    export_of(store, playlist("Fast", again))
    since = fake.count
    with pytest.raises(ExportError, match=r"another window.*Make the plan again"):
        carried_out(store, plan)
    assert writes(fake, since) == []
    assert named(fake, "Fast").uris == uris(again)
    assert plan_of(store, playlist("Fast", again)).jobs == []


def test_a_plan_for_another_account_is_not_carried_out(fake: FakeSpotify, store: Store) -> None:
    plan = plan_of(store, playlist("Fast", range(50)))
    fake.world.account_id = "account-2"
    connect_to(store)
    with pytest.raises(ExportError, match="another Spotify account"):
        carried_out(store, plan)
    assert fake.writes() == []


def test_an_export_that_found_another_window_at_it_leaves_nothing_to_go_on_with(
    fake: FakeSpotify, store: Store
) -> None:
    plan = plan_of(store, playlist("Fast", range(50)))
    export_of(store, playlist("Slow", range(9), lineage="l2"))
    with open_store() as other, alone(other), client_of(store) as client:
        for attempt in (lambda: export(client, store, plan), lambda: undo(client, store)):
            with pytest.raises(StorageError, match="another window"):
                attempt()
    assert cut_off(store) == []
    assert named(fake, "Slow").uris == uris(range(9))


def test_a_cut_off_export_has_to_be_finished_before_the_next_one(fake: FakeSpotify, store: Store) -> None:
    newer = plan_of(store, playlist("Slow", range(9), lineage="l2"))

    plan = plan_of(store, playlist("Fast", range(50)))
    with client_of(store) as client:
        with pytest.raises(Cancelled):
            export(client, store, plan, report=stop_when(lambda: bool(fake.writes())))
        with pytest.raises(ExportError, match="cut off"):
            export(client, store, newer)
        finish(client, store)
        export(client, store, newer)
    assert named(fake, "Fast").uris == uris(range(50))
    assert named(fake, "Slow").uris == uris(range(9))


def test_two_windows_that_export_at_once_make_each_playlist_once(fake: FakeSpotify, store: Store) -> None:
    wanted = [playlist("Fast", range(150)), playlist("Slow", range(200, 260), lineage="l2")]
    gate, ended = threading.Barrier(2), []

    def window(_: int) -> None:
        with open_store() as own:
            plan = plan_of(own, *wanted)
            gate.wait()
            try:
                with client_of(own) as client:
                    export(client, own, plan)
                ended.append("done")
            except (StorageError, ExportError) as error:
                ended.append(error.what)

    at_once(window, 2)
    assert sorted(word == "done" for word in ended) == [False, True], ended
    assert named(fake, "Fast").uris == uris(range(150))
    assert named(fake, "Slow").uris == uris(range(200, 260))
    assert plan_of(store, *wanted).jobs == []


def test_disconnecting_while_another_window_reads_leaves_nothing_behind(fake: FakeSpotify, store: Store) -> None:
    def meanwhile(done: int, total: int, text: str) -> None:
        if done >= 50:
            with open_store() as other:
                disconnect(other, tokens=Vault())

    with client_of(store) as client, pytest.raises(SignInNeeded):
        sync(client, store, report=meanwhile)
    with pytest.raises(SourceError, match="leitmotif spotify sync"):
        open_source("spotify:")


# --- lists that lack something -------------------------------------------------------------------------------------


def test_a_playlist_the_list_does_not_show_yet_is_not_made_again(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    fake.world.unlisted.add(made.id)
    assert plan_of(store, playlist("Fast", range(50))).jobs == []
    export_of(store, playlist("Fast", [*range(50), 60]))
    assert named(fake, "Fast") is made
    assert made.uris == uris([*range(50), 60])


def test_a_playlist_the_list_does_not_show_is_taken_back_all_the_same(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    fake.world.unlisted.add(made.id)
    assert [outcome.job.action for outcome in undone(store).outcomes] == ["remove"]
    assert made.id not in fake.world.library


@pytest.mark.parametrize("fault", [LATE, "drop-after", "500-after"])
def test_a_lost_answer_is_checked_although_the_list_lacks_the_playlist(
    fake: FakeSpotify, store: Store, fault: str
) -> None:
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    plan = plan_of(store, playlist("Fast", [*range(50), *range(60, 70)]))
    fake.world.unlisted.add(made.id)
    fake.faults = dict.fromkeys(range(fake.count + 2, fake.count + 4), fault)
    carried_out(store, plan)
    assert made.uris == uris([*range(50), *range(60, 70)])


def test_a_playlist_the_person_removed_is_asked_for_once_and_made_again(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    fake.world.library.remove(named(fake, "Fast").id)
    before = fake.count
    assert plan_of(store, playlist("Fast", range(50))).playlists[0].action == "create"
    assert fake.count == before + 2
    fake.closed["me/library/contains"] = (403, None)
    assert plan_of(store, playlist("Fast", range(50))).playlists[0].action == "create"


@pytest.mark.parametrize("fault", ["", "drop", "drop-after", LATE])
@pytest.mark.parametrize("lag", [1, 3, 5, 8])
def test_an_old_state_that_spotify_still_shows_doubles_nothing(
    fake: FakeSpotify, store: Store, lag: int, fault: str
) -> None:
    fake.world.lag = lag
    for number, wanted in enumerate((range(30), [*range(10), 50, *range(12, 30)], range(29, -1, -1))):
        plan = plan_of(store, playlist("Fast", wanted))
        fake.faults = {fake.count + 2 + number % 2: fault} if fault else {}
        carried_out(store, plan)
        assert named(fake, "Fast").uris == uris(wanted)


@pytest.mark.parametrize("lag", [1, 3, 5, 8])
def test_an_export_that_goes_on_at_once_is_not_misled_by_an_old_state(
    fake: FakeSpotify, store: Store, lag: int
) -> None:
    export_of(store, playlist("Fast", range(30)))
    fake.world.lag = lag
    before = len(fake.writes())

    plan = plan_of(store, playlist("Fast", [*range(10), 50, *range(12, 30), 60]))
    with client_of(store) as client:
        with pytest.raises(Cancelled):
            export(client, store, plan, report=stop_when(lambda: len(fake.writes()) == before + 2))
        finish(client, store)
    assert named(fake, "Fast").uris == uris([*range(10), 50, *range(12, 30), 60])


@pytest.mark.parametrize("lag", [1, 3, 8])
def test_exporting_and_taking_back_at_once_is_not_misled_by_an_old_state(
    fake: FakeSpotify, store: Store, lag: int
) -> None:
    export_of(store, playlist("Fast", range(120)))
    before = named(fake, "Fast").uris
    fake.world.lag = lag
    for wanted in (range(20, 230), [*range(100, 130), 300, *range(130, 160)]):
        export_of(store, playlist("Fast", wanted))
        assert named(fake, "Fast").uris == uris(wanted)
        if wanted == range(20, 230):
            undone(store)
            assert named(fake, "Fast").uris == before
