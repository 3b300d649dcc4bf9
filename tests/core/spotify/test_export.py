"""Playlists on Spotify: the plan, the smallest change, what the person did meanwhile, faults, and the way back."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from core.errors import AnswerLost, ExportError, PermissionMissing, SpotifyError, SpotifyPause, StorageError
from core.progress import Cancelled
from core.records import Playlist
from core.spotify.account import status
from core.spotify.description import mark_in
from core.spotify.export import cut_off
from core.spotify.plan import (
    LOCAL,
    NO_ADDRESS,
    NOT_IN_LIBRARY,
    TOO_MANY,
    TWICE,
    UNAVAILABLE,
)
from core.spotify.tokens import Vault
from core.spotify.writing import Outcome
from core.storage import Store, open_store
from tests.core.spotify.exporting import (
    add_by_hand,
    carried_out,
    export_of,
    finished,
    library_of,
    named,
    plan_of,
    playlist,
    undone,
    uris,
    writes,
)
from tests.fakes.spotify import AFTER, FAULTS, LATE, FakeSpotify, filled_world
from tests.fakes.spotify_parts import connect_to
from tests.fakes.spotify_world import FakePlaylist, Row, World, local_uri, track_id, track_uri
from tests.reports import stop_at, stop_when

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def world() -> World:
    return filled_world(liked=0, playlists=2)


# --- creating ------------------------------------------------------------------------------------------------------


def test_a_playlist_is_created_private_with_its_tracks_in_order(fake: FakeSpotify, store: Store) -> None:
    foreign = {key: entry.digest() for key, entry in fake.world.playlists.items()}
    plan = plan_of(store, playlist("Fast", range(250)))
    assert (plan.playlists[0].action, plan.playlists[0].added, plan.writes) == ("create", 250, 4)
    assert not fake.writes(), "a plan writes nothing"
    outcome = export_of(store, playlist("Fast", range(250)))[0]
    made = named(fake, "Fast")
    assert made.uris == uris(range(250)) == outcome.rows
    assert not made.public
    assert made.description.startswith("Loud & fast. Made by Leitmotif · ")
    assert made.id == outcome.job.remote_id
    assert writes(fake, 0) == ["POST playlists", "PUT items", "POST items", "POST items"]
    assert {key: entry.digest() for key, entry in fake.world.playlists.items() if key != made.id} == foreign


def test_exporting_again_writes_nothing(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(250)), playlist("Slow", range(300, 420), lineage="l2"))
    before = fake.count
    plan = plan_of(store, playlist("Fast", range(250)), playlist("Slow", range(300, 420), lineage="l2"))
    assert [planned.action for planned in plan.playlists] == ["unchanged", "unchanged"]
    assert (plan.jobs, plan.writes, fake.count - before) == ([], 0, 1)
    assert export_of(store, playlist("Fast", range(250))) == []
    assert writes(fake, before) == []


def test_one_of_a_thing_is_told_as_one(fake: FakeSpotify, store: Store) -> None:
    assert plan_of(store, playlist("Fast", [1])).playlists[0].line() == "create “Fast” with 1 track"
    export_of(store, playlist("Fast", [1]))
    made = named(fake, "Fast")
    add_by_hand(made, 900)
    assert plan_of(store, playlist("Fast", [1])).playlists[0].line() == (
        "unchanged “Fast”; you have changed it on Spotify, 1 of your own tracks stays"
    )


def test_everything_that_stays_out_is_listed_with_its_reason(fake: FakeSpotify, store: Store) -> None:
    unavailable = track_id(7)
    store.state.set("spotify.unavailable.account-1", [unavailable])
    double = library_of(range(20), others={local_uri(1): local_uri(1), "made-1": "", "again": track_uri(3)})
    wanted = playlist("Odd", range(10))
    ids = (*wanted.track_ids, local_uri(1), "made-1", "nowhere", "again")
    plan = plan_of(store, Playlist("Odd", "", ids, 0, "l1"), library=double)
    reasons = {track.track_id: track.reason for track in plan.playlists[0].skipped}
    assert reasons == {
        unavailable: UNAVAILABLE, local_uri(1): LOCAL, "made-1": NO_ADDRESS, "nowhere": NOT_IN_LIBRARY, "again": TWICE
    }  # fmt: skip
    assert plan.playlists[0].added == 9
    nothing = plan_of(store, Playlist("None", "", (local_uri(1),), 0, "l9"), library=double)
    assert (nothing.playlists[0].action, nothing.jobs) == ("skip", [])


def test_no_playlist_grows_beyond_ten_thousand(fake: FakeSpotify, store: Store) -> None:
    many = library_of(range(10_050))
    export_of(store, playlist("Huge", range(10_000)), library=many)
    huge = named(fake, "Huge")
    assert len(huge.rows) == 10_000
    huge.rows[-5:] = [Row(track_uri(20_000 + number)) for number in range(5)]
    huge.changes += 1
    planned = plan_of(store, playlist("Huge", range(10_050)), library=many).playlists[0]
    assert planned.kept == 5
    assert sum(track.reason == TOO_MANY for track in planned.skipped) == 55
    export_of(store, playlist("Huge", range(10_050)), library=many)
    assert huge.uris == uris([*range(9995), *range(20_000, 20_005)])


# --- updating ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([*range(250), 300], ["POST items"]),
        ([*range(100), *range(101, 250)], ["DELETE items"]),
        ([249, *range(249)], ["PUT items"]),
        ([5, *range(5), *range(6, 200), 300, 301], ["DELETE items", "PUT items", "POST items"]),
        (list(reversed(range(250))), ["PUT items", "POST items", "POST items"]),
    ],
)
def test_a_new_run_changes_the_same_playlist_as_little_as_possible(
    fake: FakeSpotify, store: Store, after: list[int], expected: list[str]
) -> None:
    export_of(store, playlist("Fast", range(250)))
    made, since = named(fake, "Fast"), fake.count
    export_of(store, playlist("Fast", after))
    assert named(fake, "Fast") is made
    assert made.uris == uris(after)
    assert writes(fake, since) == expected


def test_a_new_name_and_new_claims_follow(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    made, since = named(fake, "Fast"), fake.count
    mark = mark_in(made.description)
    planned = plan_of(store, playlist("Furious", range(50), claims="Louder.")).playlists[0]
    assert (planned.action, planned.renamed_from, planned.details) == ("update", "Fast", ("name", "description"))
    export_of(store, playlist("Furious", range(50), claims="Louder."))
    assert (made.name, made.description) == ("Furious", f"Louder. Made by Leitmotif · {mark}")
    assert writes(fake, since) == [f"PUT {made.id}"]
    assert plan_of(store, playlist("Furious", range(50), claims="Louder.")).jobs == []


def test_a_name_and_description_the_person_wrote_stay(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    made.name, made.description, made.changes = "My running songs", "For the park", made.changes + 1
    export_of(store, playlist("Furious", range(60), claims="Louder."))
    assert (made.name, made.description, made.uris) == ("My running songs", "For the park", uris(range(60)))
    export_of(store, playlist("Furious", range(60), claims="Louder."), edited="replace")
    assert (made.name, made.description) == ("Furious", "For the park")


@pytest.mark.parametrize("edited", ["keep", "replace", "new"])
def test_what_the_person_changed_is_kept_replaced_or_left_alone(fake: FakeSpotify, store: Store, edited: str) -> None:
    export_of(store, playlist("Fast", range(100)))
    made = named(fake, "Fast")
    made.rows[10:10] = [Row(track_uri(900)), Row(local_uri(5)), Row("")]
    made.rows.append(Row("spotify:episode:" + track_id(901)))
    del made.rows[60]
    made.changes += 1
    theirs = made.uris
    planned = plan_of(store, playlist("Fast", range(110)), edited=edited).playlists[0]
    assert planned.edited is (edited != "new")
    export_of(store, playlist("Fast", range(110)), edited=edited)
    ours = uris(range(110))
    if edited == "keep":
        extra = [track_uri(900), local_uri(5), ""]
        assert made.uris == [*ours[:10], *extra, *ours[10:], "spotify:episode:" + track_id(901)]
    elif edited == "replace":
        assert made.uris == [*ours[:10], local_uri(5), "", *ours[10:]], "nobody could put a local file back"
    else:
        assert made.uris == theirs
        copies = [entry for entry in fake.world.owned() if entry.name == "Fast"]
        assert sorted(len(entry.rows) for entry in copies) == [len(theirs), 110]
    assert plan_of(store, playlist("Fast", range(110)), edited=edited).jobs == []


def test_additions_stay_through_many_runs(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    add_by_hand(made, 900)
    for first in (10, 20, 200):
        export_of(store, playlist("Fast", range(first, first + 50)))
        assert made.uris == [*uris(range(first, first + 50)), track_uri(900)]


def test_a_playlist_the_person_removed_is_made_again(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    old = named(fake, "Fast")
    fake.world.library.remove(old.id)
    export_of(store, playlist("Fast", range(50)))
    assert named(fake, "Fast") is not old


def test_public_needs_its_own_permission_and_is_asked_before_anything_is_written(
    fake: FakeSpotify, store: Store
) -> None:
    export_of(store, playlist("Fast", range(50)))
    since = fake.count
    with pytest.raises(PermissionMissing, match="--allow public"):
        export_of(store, playlist("Fast", range(50)), playlist("Slow", range(9), lineage="l2"), public=True)
    assert writes(fake, since) == []
    connect_to(store, allow=["public"])
    export_of(store, playlist("Fast", range(50)), playlist("Slow", range(9), lineage="l2"), public=True)
    assert named(fake, "Fast").public
    assert named(fake, "Slow").public


def test_without_permission_to_write_nothing_is_written(fake: FakeSpotify, store: Store) -> None:
    Vault().forget()
    connect_to(store, read_only=True)
    with pytest.raises(PermissionMissing, match="write private playlists"):
        export_of(store, playlist("Fast", range(50)))
    assert fake.writes() == []


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.startswith("kill")])
def test_no_fault_at_any_request_doubles_or_loses_anything(fake: FakeSpotify, store: Store, fault: str) -> None:
    fake.retry_after = 0
    first = [playlist("Fast", range(250)), playlist("Slow", range(300, 330), lineage="l2")]
    then = [
        playlist("Faster", [*range(40, 250), *range(500, 560)]),
        playlist("Slow", range(329, 299, -1), lineage="l2"),
    ]
    foreign = {key: entry.digest() for key, entry in fake.world.playlists.items()}
    for number in range(1 + FAULTS.index(fault) % 2, 14, 2):
        store.drop_spotify_data()
        for key in set(fake.world.library) - set(foreign):
            fake.world.library.remove(key)
        for wanted in (first, then):
            fake.faults = {fake.count + number: fault}
            export_of(store, *wanted)
        assert named(fake, "Faster").uris == uris([*range(40, 250), *range(500, 560)])
        assert named(fake, "Slow").uris == uris(range(329, 299, -1))
        assert {key: fake.world.playlists[key].digest() for key in foreign} == foreign
        assert store.journal.open_entries() == []
        plan = plan_of(store, *then)
        assert [p.action for p in plan.playlists] == ["unchanged"] * 2, "a double would show as a removal"


def test_when_spotify_stays_silent_the_work_is_put_off_and_finished_later(fake: FakeSpotify, store: Store) -> None:
    since = fake.count
    fake.faults = dict.fromkeys(range(since + 5, since + 60), "500-after")
    with pytest.raises(SpotifyError):
        export_of(store, playlist("Fast", range(350)))
    assert len(cut_off(store)) == 1
    fake.faults = {}
    assert [outcome.job.name for outcome in finished(store)] == ["Fast"]
    assert named(fake, "Fast").uris == uris(range(350))
    assert cut_off(store) == []


def test_a_creation_that_takes_effect_late_leaves_one_playlist(fake: FakeSpotify, store: Store) -> None:
    since = fake.count
    fake.faults = {since + 3: LATE}
    export_of(store, playlist("Fast", range(50)))
    assert fake.exchanges[since + 2].method == "POST"
    assert named(fake, "Fast").uris == uris(range(50))


@pytest.mark.parametrize("after", [[*range(10), 11], [9, *range(9)], [*range(4), *range(5, 10), 4]])
@pytest.mark.parametrize("fault", [LATE, "drop-after"])
def test_a_single_change_whose_answer_is_lost_is_made_once(
    fake: FakeSpotify, store: Store, fault: str, after: list[int]
) -> None:
    export_of(store, playlist("Fast", range(10)))
    plan = plan_of(store, playlist("Fast", after))
    fake.faults = {fake.count + 2: fault}
    carried_out(store, plan)
    assert named(fake, "Fast").uris == uris(after)
    assert any(exchange.fault == fault and exchange.method != "GET" for exchange in fake.exchanges)


def test_the_persons_changes_while_the_work_was_cut_off_stay(fake: FakeSpotify, store: Store) -> None:
    fake.retry_after = 50_000

    def spend(done: int, total: int, text: str) -> None:
        if len(fake.writes()) >= 2:
            fake.refuse = "quota"

    plan = plan_of(store, playlist("Fast", range(350)))
    with pytest.raises(SpotifyPause, match="goes on where it stopped"):
        carried_out(store, plan, report=spend)
    fake.refuse = ""
    half = named(fake, "Fast")
    assert 0 < len(half.rows) < 350
    half.rows.insert(3, Row(track_uri(900)))
    half.changes += 1
    finished(store)
    assert half.uris == uris([*range(3), 900, *range(3, 350)])
    export_of(store, playlist("Fast", range(340)))
    assert half.uris == uris([*range(3), 900, *range(3, 340)])


def test_a_playlist_spotify_refuses_does_not_stop_the_others(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    fake.closed[f"playlists/{made.id}/items"] = (400, "Playlist size limit reached")
    outcomes = export_of(store, playlist("Fast", range(60)), playlist("Slow", range(9), lineage="l2"))
    assert [bool(outcome.refused) for outcome in outcomes] == [True, False]
    assert named(fake, "Slow").uris == uris(range(9))
    assert cut_off(store) == []
    fake.closed.clear()
    export_of(store, playlist("Fast", range(60)))
    assert made.uris == uris(range(60))


def test_an_export_can_be_cancelled_and_finished(fake: FakeSpotify, store: Store) -> None:
    plan = plan_of(store, playlist("Fast", range(50)), playlist("Slow", range(9), lineage="l2"))
    with pytest.raises(Cancelled):
        carried_out(store, plan, report=stop_at(1))
    assert len(finished(store)) == 2
    assert named(fake, "Fast").uris == uris(range(50))
    assert named(fake, "Slow").uris == uris(range(9))


def test_two_windows_do_not_write_at_once(fake: FakeSpotify, store: Store) -> None:
    with (
        open_store() as other,
        other.alone("spotify-export", doing="writing playlists to Spotify"),
        pytest.raises(StorageError, match="another window"),
    ):
        export_of(store, playlist("Fast", range(50)))


def test_every_write_is_in_the_journal_before_and_after(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(250)))
    entries = [entry for entry in store.journal.entries() if entry.kind == "spotify.write"]
    assert [entry.payload["do"] for entry in entries] == ["create", "replace", "add", "add"]
    assert all(entry.state == "confirmed" for entry in entries)
    assert len(fake.writes()) == len(entries)


def with_covers(store: Store, *playlists: Playlist, **options: Any) -> list[Outcome]:
    """Export with covers that hold the name they were drawn with."""
    plan = plan_of(store, *playlists, covers=True)
    drawn = {planned.job.lineage: picture(planned.name) for planned in plan.playlists if planned.job}
    return carried_out(store, plan, covers=drawn, **options)


def picture(name: str) -> bytes:
    return b"\xff\xd8\xff" + name.encode()


def shown(made: FakePlaylist) -> bytes:
    """Return the picture of a playlist."""
    return base64.b64decode(made.cover)


def test_covers_are_planned_and_need_their_own_permission(fake: FakeSpotify, store: Store) -> None:
    wanted = [playlist("Fast", range(50)), playlist("Slow", range(9), lineage="l2")]
    assert "ugc-image-upload" not in plan_of(store, *wanted).needs
    plan = plan_of(store, *wanted, covers=True)
    assert [planned.line() for planned in plan.playlists] == [
        "create “Fast” with 50 tracks and a cover", "create “Slow” with 9 tracks and a cover"
    ]  # fmt: skip
    with pytest.raises(PermissionMissing, match="--allow covers"):
        with_covers(store, *wanted)
    assert fake.writes() == []
    connect_to(store, allow=["covers"])
    since = fake.count
    with_covers(store, *wanted)
    assert {name: shown(named(fake, name)) for name in ("Fast", "Slow")} == {
        name: picture(name) for name in ("Fast", "Slow")
    }
    assert len(writes(fake, since)) == plan.writes == 6
    assert fake.calls("GET", f"playlists/{named(fake, 'Fast').id}/items") == 0, "nothing has to be read back"
    assert plan_of(store, *wanted, covers=True).jobs == []


@pytest.mark.parametrize("trouble", ["drop", "drop-after", "500", "401", "busy", "refused", "closed"])
def test_a_cover_that_cannot_be_set_does_no_harm_and_is_set_next_time(
    fake: FakeSpotify, store: Store, trouble: str
) -> None:
    connect_to(store, allow=["covers"])
    wanted = [playlist("Fast", range(50)), playlist("Slow", range(9), lineage="l2")]
    if trouble == "busy":
        fake.busy = {"playlists/.*/images": 9000}
    elif trouble in ("refused", "closed"):
        answer = (400, "Invalid image") if trouble == "refused" else (403, None)
        fake.closed = {f"playlists/{fake.world.upcoming_id(ahead)}/images": answer for ahead in (1, 2)}
    else:
        fake.faults = {fake.count + 4: trouble}
    outcomes = with_covers(store, *wanted)
    assert fake.calls("PUT", f"playlists/{outcomes[0].job.remote_id}/images") == (2 if trouble == "401" else 1)
    assert fake.calls("PUT", f"playlists/{outcomes[1].job.remote_id}/images") == (0 if trouble == "busy" else 1)
    assert [bool(outcome.no_cover) for outcome in outcomes] == [
        trouble != "401", trouble in ("busy", "refused", "closed")
    ]  # fmt: skip
    assert named(fake, "Fast").uris == uris(range(50))
    assert named(fake, "Slow").uris == uris(range(9))
    assert store.journal.open_entries() == []
    assert status(store).pause_until == 0, "pictures have a limit of their own"
    fake.faults, fake.busy, fake.closed = {}, {}, {}
    plan = plan_of(store, *wanted, covers=True)
    missing = [name for name in ("Fast", "Slow") if not named(fake, name).cover]
    assert [planned.line() for planned in plan.playlists if planned.job] == [
        f"update “{n}”: new cover" for n in missing
    ]
    with_covers(store, *wanted)
    assert all(shown(named(fake, name)) == picture(name) for name in missing)


def test_a_cover_is_set_although_the_export_was_cut_off_before(fake: FakeSpotify, store: Store) -> None:
    connect_to(store, allow=["covers"])

    wanted = [playlist("Fast", range(50)), playlist("Slow", range(9), lineage="l2")]
    with pytest.raises(Cancelled):
        with_covers(store, *wanted, report=stop_when(lambda: len(fake.writes()) == 1))
    finished(store)
    assert all(shown(named(fake, name)) == picture(name) for name in ("Fast", "Slow"))
    assert len([e for e in fake.writes() if e.path.endswith("/images")]) == 2


def test_a_cover_follows_a_new_name_and_comes_back_with_the_old_one(fake: FakeSpotify, store: Store) -> None:
    connect_to(store, allow=["covers"])
    with_covers(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    assert plan_of(store, playlist("Fast", range(60)), covers=True).playlists[0].cover is False
    with_covers(store, playlist("Furious", range(50)))
    assert (made.name, shown(made)) == ("Furious", picture("Furious"))
    undone(store)
    assert (made.name, shown(made)) == ("Fast", picture("Fast"))


def test_a_picture_the_person_chose_stays(fake: FakeSpotify, store: Store) -> None:
    connect_to(store, allow=["covers"])
    export_of(store, playlist("Fast", range(50)))
    made = named(fake, "Fast")
    made.cover = base64.b64encode(b"\xff\xd8\xff theirs")
    with_covers(store, playlist("Furious", range(60)))
    assert (made.name, shown(made)) == ("Furious", b"\xff\xd8\xff theirs")


# --- the way back --------------------------------------------------------------------------------------------------


def test_undo_removes_what_was_created_and_restores_what_was_changed(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(150)))
    made = named(fake, "Fast")
    add_by_hand(made, 900)
    before = (made.name, made.description, made.uris)
    export_of(store, playlist("Furious", range(300, 600)), playlist("Slow", range(9), lineage="l2"))
    back = undone(store)
    assert sorted(outcome.job.action for outcome in back.outcomes) == ["remove", "update"]
    assert (made.name, made.description, made.uris) == before
    assert [entry.name for entry in fake.world.owned() if entry.name == "Slow"] == []
    with pytest.raises(ExportError, match="already"):
        undone(store)
    export_of(store, playlist("Furious", range(300, 600)))
    assert named(fake, "Furious") is made, "after the undoing it is still the same playlist"
    assert made.uris == [*uris(range(300, 600)), track_uri(900)]


def test_undo_keeps_what_the_person_added_since(fake: FakeSpotify, store: Store) -> None:
    export_of(store, playlist("Fast", range(50)), playlist("Slow", range(60, 70), lineage="l2"))
    export_of(store, playlist("Fast", range(20, 80)), playlist("New", range(5), lineage="l3"))
    for name in ("Fast", "New"):
        entry = named(fake, name)
        add_by_hand(entry, 900)
    back = undone(store)
    assert named(fake, "Fast").uris == uris([*range(50), 900])
    assert [job.name for job in back.left] == ["New"]
    assert named(fake, "New").uris == uris([*range(5), 900])


@pytest.mark.parametrize("fault", ["drop", *AFTER[:3], LATE])
def test_undo_survives_faults_as_well(fake: FakeSpotify, store: Store, fault: str) -> None:
    for number in range(1, 8):
        export_of(store, playlist("Fast", range(150)))
        made = named(fake, "Fast")
        export_of(store, playlist("Faster", range(50, 220)), playlist("Slow", range(9), lineage="l2"))
        fake.faults = {fake.count + number: fault}
        undone(store)
        assert named(fake, "Fast").uris == uris(range(150))
        assert "Slow" not in [entry.name for entry in fake.world.owned()]
        fake.world.library.remove(made.id)
        store.drop_spotify_data()


def test_an_export_that_was_cut_off_can_be_taken_back(fake: FakeSpotify, store: Store) -> None:
    since = fake.count
    fake.faults = dict.fromkeys(range(since + 6, since + 60), "drop-after")
    with pytest.raises((AnswerLost, SpotifyError)):
        export_of(store, playlist("Fast", range(350)), playlist("Slow", range(9), lineage="l2"))
    fake.faults = {}
    undone(store)
    assert not [entry for entry in fake.world.owned() if entry.name in ("Fast", "Slow")]
    assert cut_off(store) == []
    assert store.exports.at("spotify:account-1") == []


def test_there_is_nothing_to_take_back_before_the_first_export(fake: FakeSpotify, store: Store) -> None:
    with pytest.raises(ExportError, match="nothing has been exported"):
        undone(store)
    assert fake.writes() == []
