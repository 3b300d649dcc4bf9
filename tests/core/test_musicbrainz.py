"""Genres from a MusicBrainz on this computer, over real HTTP, kept in the real store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import __version__
from core.errors import OptionError
from core.library import Library, make_library
from core.progress import Cancelled, Report, silent
from core.providers.coverage import Coverage
from core.providers.genre_lookup import fetch_genres
from core.providers.genre_names import GenreNames, Spellings, artist_key, display_name
from core.providers.musicbrainz import MusicBrainz
from core.storage import Store, open_store
from tests.fakes.libraries import isrc_of, library_of
from tests.fakes.musicbrainz import GENRES, FakeMusicBrainz, artist_id, artist_row, tags_of
from tests.fakes.server import Faults, Reply
from tests.fakes.services import AT_ONCE, DAY, NOW
from tests.program import run
from tests.reports import stop_when


def fetch(
    library: Library,
    fake: FakeMusicBrainz,
    store: Store,
    *,
    by_name: bool = True,
    ask: bool = True,
    report: Report = silent,
    now: float = NOW,
) -> tuple[Library, Coverage]:
    return fetch_genres(
        library,
        cache=store.genres,
        state=store.state,
        musicbrainz=MusicBrainz(url=fake.url, pace=AT_ONCE),
        by_name=by_name,
        ask=ask,
        report=report,
        now=lambda: now,
    )


def of_fake(fake: FakeMusicBrainz, numbers: Sequence[int], *, isrcs: bool = True) -> Library:
    """Return a library whose artists are those the fake has for the ISRCs."""
    return library_of(numbers, isrcs=isrcs, artists=[fake.artist_of(isrc_of(number)) for number in numbers])


def top(seed: str) -> tuple[str, ...]:
    """Return the genres that a recording or artist of the fake should get, most votes first."""
    votes = {
        str(tag["name"]): int(str(tag["count"])) for tag in tags_of(seed) if tag["name"] in GENRES and tag["count"]
    }
    return tuple(display_name(name) for name in sorted(votes, key=lambda name: (-votes[name], name)))


def expected(fake: FakeMusicBrainz, number: int) -> tuple[str, ...]:
    code = isrc_of(number)
    if fake.knows(code) and "tags" in fake.recording(code):
        return top(code)
    return of_artist(fake.artist_of(code))


def of_artist(name: str) -> tuple[str, ...]:
    """Return the genres of an artist of the fake."""
    return top(name) if "tags" in artist_row(name, score=100) else ()


def queries(fake: FakeMusicBrainz, kind: str) -> list[str]:
    return [text for asked in fake.asked for text in asked.query.get("query", []) if text.startswith(f"{kind}:")]


def test_a_recordings_genres_count_before_its_artists(store: Store) -> None:
    numbers = range(120)
    with FakeMusicBrainz(artists=30) as fake:
        library, coverage = fetch(of_fake(fake, numbers), fake, store)
        assert library.tracks["genres"].tolist() == [expected(fake, number) for number in numbers]
        assert [text.count("isrc:") for text in queries(fake, "isrc")] == [50, 50, 20]
        assert len(queries(fake, "arid")) == 1
        assert queries(fake, "artist") == []
    assert library.tracks["genre"].tolist() == [labels[0] if labels else "" for labels in library.tracks["genres"]]
    assert set(coverage.by_provider) == {"musicbrainz recording", "musicbrainz artist"}
    assert coverage.count("found") == sum(bool(labels) for labels in library.tracks["genres"]) > 100
    assert coverage.as_dict()["subject"] == "genres"


def test_tracks_without_a_known_isrc_are_found_through_the_artist(store: Store) -> None:
    numbers = range(100)
    with FakeMusicBrainz(artists=20, isrc_misses=0.8) as fake:
        library, _ = fetch(of_fake(fake, numbers), fake, store)
        known = {fake.artist_of(isrc_of(n)) for n in numbers if fake.knows(isrc_of(n))}
        others = {fake.artist_of(isrc_of(n)) for n in numbers} - known
        # An artist known through one track's ISRC is not searched for by name.
        assert sorted(queries(fake, "artist")) == sorted(f'artist:"{name}"' for name in others)
        assert library.tracks["genres"].tolist() == [expected(fake, number) for number in numbers]


def test_a_library_without_isrcs_is_looked_up_by_name_most_frequent_artist_first(store: Store) -> None:
    with FakeMusicBrainz(artists=3) as fake:
        library = library_of(range(6), isrcs=False, artists=["Artist 1", *["Artist 2"] * 3, *["Artist 0"] * 2])
        filled, coverage = fetch(library, fake, store)
        assert queries(fake, "artist") == ['artist:"Artist 2"', 'artist:"Artist 0"', 'artist:"Artist 1"']
    assert filled.tracks["genres"].tolist() == [of_artist(name) for name in library.tracks["artist"]]
    assert coverage.by_provider == {"musicbrainz artist": sum(map(bool, filled.tracks["genres"]))}


def test_names_are_not_sent_when_they_must_not_be(store: Store) -> None:
    with FakeMusicBrainz(artists=3) as fake:
        library = library_of(range(4), isrcs=False, artists=["Artist 1"] * 4)
        _, coverage = fetch(library, fake, store, by_name=False)
        assert fake.asked == []
    assert coverage.count("not_found") == coverage.unidentified == 4


@pytest.mark.parametrize(
    ("written", "rows", "right"),
    [
        ("Beyonce", [("Beyoncé", 100)], 0),
        ("Earth, Wind & Fire", [("Earth", 97), ("Earth, Wind and Fire", 100)], 1),
        ("Drake, Future", [("Drake", 100), ("Drake Bell", 96)], 0),
        ("Björk; PJ Harvey", [("Björk", 100)], 0),
        ("!!!", [("!!!", 100), ("???", 99)], 0),
        ('The "Quoted" \\ One', [('The "Quoted" \\ One', 100)], 0),
        ("Nirvana", [("Nirvana UK", 100), ("Nirvana", 94)], None),
        ("Nirvana", [("Nirvana", 96), ("Nirvana", 100)], 1),
    ],
)
def test_only_the_same_name_with_a_high_score_is_the_artist(
    store: Store, written: str, rows: list[tuple[str, int]], right: int | None
) -> None:
    artists = [
        {"id": f"id-{n}", "name": name, "score": score, "tags": [{"name": GENRES[n], "count": 3}]}
        for n, (name, score) in enumerate(rows)
    ]

    class Named(FakeMusicBrainz):
        def find_artists(self, wanted: Sequence[tuple[str, str]]) -> list[Any]:
            return artists if wanted[0] == ("artist", written.split(";")[0]) else []

    with Named(artists=0) as fake:
        library, coverage = fetch(library_of([0], isrcs=False, artists=[written]), fake, store)
        assert len(fake.asked) == 2
    assert library.tracks["genre"].tolist() == ([display_name(GENRES[right])] if right is not None else [""])
    assert coverage.count("not_found") == (right is None)


def recording(isrc: str, mbid: str, score: int, **votes: int) -> dict[str, object]:
    artist = {"id": artist_id("Artist 0"), "name": "Artist 0"}
    tags = [{"name": name.replace("_", " "), "count": count} for name, count in votes.items()]
    return {"id": mbid, "score": score, "isrcs": [isrc], "tags": tags, "artist-credit": [{"artist": artist}]}


def test_votes_of_all_recordings_of_an_isrc_are_added_and_only_genres_count(store: Store) -> None:
    code = isrc_of(0)
    rows = [
        recording(code, "a", 100, rock=2, jazz=3, seen_live=50),
        recording(code, "b", 90, rock=2, Hip_Hop=1, pop=0, folk=-1),
    ]
    with FakeMusicBrainz(artists=1, isrc_misses=1.0, recordings=rows) as fake:
        library, _ = fetch(library_of([0]), fake, store)
    assert library.tracks["genres"].tolist() == [("Rock", "Jazz", "Hip Hop")]


def test_no_more_than_five_genres_are_taken(store: Store) -> None:
    votes = {name.replace(" ", "_"): 10 - n for n, name in enumerate(["rock", "jazz", "pop", "folk", "soul", "funk"])}
    with FakeMusicBrainz(artists=1, isrc_misses=1.0, recordings=[recording(isrc_of(0), "a", 100, **votes)]) as fake:
        library, _ = fetch(library_of([0]), fake, store)
    assert library.tracks["genres"].tolist() == [("Rock", "Jazz", "Pop", "Folk", "Soul")]


def test_answers_of_several_pages_are_read_to_the_end(store: Store) -> None:
    rows = [recording(isrc_of(0), f"copy {n}", 100, folk=1) for n in range(230)]
    rows.append(recording(isrc_of(1), "last", 1, jazz=1))
    with FakeMusicBrainz(artists=1, isrc_misses=1.0, recordings=rows) as fake:
        library, _ = fetch(library_of(range(2)), fake, store)
        offsets = [asked.query["offset"][0] for asked in fake.asked if asked.path == "recording"]
    assert offsets == ["0", "100", "200"]
    assert library.tracks["genre"].tolist() == ["Folk", "Jazz"]


def test_a_second_run_asks_for_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEITMOTIF_CONTACT", "me@example.org")
    with FakeMusicBrainz(artists=10, isrc_misses=0.5) as fake:
        library = of_fake(fake, range(60))
        first, _ = fetch(library, fake, store)
        requests = len(fake.asked)
        second, _ = fetch(library, fake, store, now=NOW + 29 * DAY)
        assert len(fake.asked) == requests
    pd.testing.assert_frame_equal(first.tracks, second.tracks)
    assert first.notices == second.notices


def test_found_genres_are_kept_for_good_and_misses_for_thirty_days(store: Store) -> None:
    rows = [recording(isrc_of(0), "a", 100, rock=1)]
    library = library_of(range(2), artists=["", ""])
    with FakeMusicBrainz(artists=1, isrc_misses=1.0, recordings=rows) as fake:
        fetch(library, fake, store)
    with FakeMusicBrainz(artists=1, isrc_misses=1.0, recordings=[recording(isrc_of(1), "b", 100, jazz=1)]) as fake:
        filled, _ = fetch(library, fake, store, now=NOW + 31 * DAY)
        assert queries(fake, "isrc") == [f"isrc:{isrc_of(1)}"]
    assert filled.tracks["genre"].tolist() == ["Rock", "Jazz"]


def test_the_list_of_genres_is_fetched_once_in_thirty_days(store: Store) -> None:
    with FakeMusicBrainz(artists=3) as fake:
        for number, day in enumerate([0, 20, 31, 35]):
            fetch(of_fake(fake, [number]), fake, store, now=NOW + day * DAY)
        assert [asked.path for asked in fake.asked].count("genre/all") == 2


def test_a_page_that_is_no_list_of_genres_is_not_taken_for_one(store: Store) -> None:
    with FakeMusicBrainz(artists=3, faults=Faults(at={1: "wrong-shape"})) as fake:
        _, coverage = fetch(of_fake(fake, [0]), fake, store)
        assert "no list of genres" in coverage.troubles["musicbrainz"]
        assert coverage.count("pending") == 1
        library, _ = fetch(of_fake(fake, [0]), fake, store)
        assert library.tracks["genres"].tolist() == [expected(fake, 0)]


def test_an_old_list_of_genres_serves_when_no_new_one_can_be_had(store: Store) -> None:
    with FakeMusicBrainz(artists=3) as fake:
        fetch(of_fake(fake, [0]), fake, store)
        fake.faults = Faults(at=dict.fromkeys(range(len(fake.asked) + 1, len(fake.asked) + 5), "500"))
        library, coverage = fetch(of_fake(fake, [1]), fake, store, now=NOW + 40 * DAY)
        assert library.tracks["genres"].tolist() == [expected(fake, 1)]
    assert coverage.troubles == {}


@pytest.mark.parametrize(
    "fault", ["429", "503-retry", "500", "502-html", "200-html", "drop", "cut", "truncated", "wrong-shape", "slow"]
)
def test_every_fault_now_and_then_changes_nothing(store: Store, fault: str) -> None:
    numbers = range(70)
    with FakeMusicBrainz(artists=10, isrc_misses=0.5, faults=Faults(every={2: fault})) as fake:
        library, coverage = fetch(of_fake(fake, numbers), fake, store)
        assert any(asked.fault == fault for asked in fake.asked)
        assert library.tracks["genres"].tolist() == [expected(fake, number) for number in numbers]
    assert coverage.troubles == {}
    assert coverage.count("failed") == coverage.count("pending") == 0


def test_a_batch_that_fails_says_why(store: Store) -> None:
    with FakeMusicBrainz(artists=10, faults=Faults(at=dict.fromkeys(range(2, 6), "500"))) as fake:
        _, coverage = fetch(of_fake(fake, range(20)), fake, store)
    assert coverage.count("failed") == 20
    assert coverage.troubles["musicbrainz"].startswith("MusicBrainz gave no usable answer 4 times: HTTP 500")


def test_an_outage_ends_the_run_and_keeps_the_rest(store: Store) -> None:
    numbers = range(500)
    with FakeMusicBrainz(artists=10, faults=Faults(at=dict.fromkeys(range(4, 1000), "500"))) as fake:
        library = of_fake(fake, numbers)
        _, coverage = fetch(library, fake, store)
        assert len(fake.asked) == 3 + 3 * 4
    assert coverage.troubles["musicbrainz"].startswith("MusicBrainz failed 3 times in a row")
    assert coverage.count("failed") == 150
    assert coverage.count("pending") > 200
    with FakeMusicBrainz(artists=10) as fake:
        filled, coverage = fetch(library, fake, store)
        assert sum(text.count("isrc:") for text in queries(fake, "isrc")) == 400
        assert filled.tracks["genres"].tolist() == [expected(fake, number) for number in numbers]


def test_a_cancelled_run_goes_on_where_it_stopped(store: Store) -> None:
    numbers = range(400)
    with FakeMusicBrainz(artists=15, isrc_misses=0.7) as fake, open_store(store.path.parent / "other") as other:
        library = of_fake(fake, numbers)
        fetch(library, fake, other)
        uninterrupted = len(fake.asked)
    with FakeMusicBrainz(artists=15, isrc_misses=0.7) as fake:
        for answers in (2, 4, 6):
            with pytest.raises(Cancelled):
                fetch(library, fake, store, report=stop_when(lambda answers=answers: len(fake.asked) >= answers))
        filled, _ = fetch(library, fake, store)
        assert uninterrupted <= len(fake.asked) <= uninterrupted + 3
        assert filled.tracks["genres"].tolist() == [expected(fake, number) for number in numbers]


def test_without_asking_only_what_is_kept_is_used(store: Store) -> None:
    with FakeMusicBrainz(artists=10_000) as fake:
        fetch(of_fake(fake, range(10)), fake, store)
        requests = len(fake.asked)
        library, coverage = fetch(of_fake(fake, range(20)), fake, store, ask=False)
        assert len(fake.asked) == requests
        assert library.tracks["genres"].tolist()[:10] == [expected(fake, number) for number in range(10)]
    assert coverage.count("pending") == 10


def test_genres_in_the_file_stay_and_give_the_spelling(store: Store) -> None:
    tracks = library_of(range(3), artists=["", "", ""]).tracks.assign(
        genre=["", "Hip-Hop", ""], genres=[(), ("Hip-Hop", "folk"), ()]
    )
    library = make_library(tracks, pd.DataFrame(index=tracks.index), kind="test", path="own")
    rows = [recording(isrc_of(0), "a", 100, hip_hop=3, Folk=2), recording(isrc_of(2), "b", 100, trip_hop=1)]
    with FakeMusicBrainz(artists=1, isrc_misses=1.0, recordings=rows) as fake:
        filled, coverage = fetch(library, fake, store)
        assert queries(fake, "isrc") == [f"isrc:{isrc_of(0)} OR isrc:{isrc_of(2)}"]
    assert filled.tracks["genres"].tolist() == [("Hip-Hop", "folk"), ("Hip-Hop", "folk"), ("Trip Hop",)]
    assert coverage.by_provider == {"musicbrainz recording": 2, "file": 1}


def test_a_library_with_all_its_genres_asks_for_nothing(store: Store) -> None:
    tracks = library_of(range(2)).tracks.assign(genre="Rock")
    library = make_library(tracks, pd.DataFrame(index=tracks.index), kind="test", path="own")
    with FakeMusicBrainz() as fake:
        _, coverage = fetch(library, fake, store)
        assert fake.asked == []
    assert coverage.by_provider == {"file": 2}


def test_musicbrainz_is_never_hurried_and_its_address_comes_from_the_environment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OptionError, match=r"once in 1\.05 s"):
        MusicBrainz(pace=AT_ONCE)
    with FakeMusicBrainz(least_interval=0.9) as fake:
        monkeypatch.setenv("LEITMOTIF_MUSICBRAINZ_URL", fake.url)
        fetch_genres(of_fake(fake, [0]), cache=store.genres, state=store.state)
        assert {asked.status for asked in fake.asked} == {200}
        assert len(fake.asked) >= 2


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
TAGS = st.lists(st.fixed_dictionaries({}, optional={"name": SCALARS | st.just("rock"), "count": SCALARS}) | SCALARS)
ARTISTS = st.fixed_dictionaries({}, optional={"id": SCALARS, "name": SCALARS, "score": SCALARS, "tags": TAGS | SCALARS})
RECORDINGS = st.fixed_dictionaries(
    {},
    optional={
        "isrcs": st.lists(st.just(isrc_of(0)) | st.fixed_dictionaries({"id": st.just(isrc_of(0))}) | SCALARS) | SCALARS,
        "score": SCALARS,
        "tags": TAGS | SCALARS,
        "artist-credit": st.lists(st.fixed_dictionaries({}, optional={"artist": ARTISTS}) | SCALARS) | SCALARS,
    },
)  # fmt: skip
ANSWERS = st.fixed_dictionaries(
    {},
    optional={"recordings": st.lists(RECORDINGS | SCALARS, max_size=3), "artists": st.lists(ARTISTS), "count": SCALARS},
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=ANSWERS)
def test_no_answer_breaks_the_library(tmp_path_factory: pytest.TempPathFactory, body: dict[str, object]) -> None:
    class Anything(FakeMusicBrainz):
        def search(self, *asked: object) -> Reply:  # noqa: ARG002 - whatever is asked
            return Reply(200, {**body, "count": min(body["count"], 3)} if isinstance(body.get("count"), int) else body)

    with Anything(artists=0) as fake, open_store(tmp_path_factory.mktemp("store")) as store:
        library, coverage = fetch(library_of([0]), fake, store)
    genre, genres = library.tracks["genre"].iloc[0], library.tracks["genres"].iloc[0]
    assert genre == (genres[0] if genres else "")
    assert coverage.count("found") == bool(genres)


# Names


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("Blink-182", "blink 182"),
        ("Beyoncé", "BEYONCE"),
    ],
)
def test_spellings_of_one_name_are_the_same_artist(first: str, second: str) -> None:
    assert artist_key(first) == artist_key(second)


@pytest.mark.parametrize(("first", "second"), [("Queen", "Queens"), ("!!!", "???"), ("東京", "大阪"), ("a", "b")])
def test_different_names_stay_apart(first: str, second: str) -> None:
    assert artist_key(first) != artist_key(second)


@pytest.mark.parametrize(
    ("genre", "shown"),
    [("hip hop", "Hip Hop"), ("r&b", "R&B"), ("drum and bass", "Drum and Bass"), ("k-pop", "K-Pop"), ("edm", "EDM"),
     ("uk garage", "UK Garage"), ("singer-songwriter", "Singer-Songwriter"), ("in", "In")],
)  # fmt: skip
def test_how_genres_are_shown(genre: str, shown: str) -> None:
    assert display_name(genre) == shown


def test_equal_votes_are_in_alphabetical_order_and_spellings_add_up() -> None:
    names = GenreNames(["rock", "hip hop", "folk", ""])
    assert names.top({"rock": 2, "Hip-Hop": 1, "hip hop": 1, "folk": 2, "mine": 9}) == ("folk", "hip hop", "rock")
    assert Spellings(["Hip-Hop", "hip hop"]).write(["hip hop", "HIP HOP", "rock"]) == ("Hip-Hop", "Rock")


@pytest.mark.parametrize("written", ["Hip-Hop", "hip hop", "HIP HOP", "hiphop"])
def test_genres_found_are_written_as_the_library_writes_them(written: str) -> None:
    assert Spellings([written]).write(["hip hop", "folk"]) == (written, "Folk")
    assert GenreNames(["hip hop", "drum and bass"]).top({written: 2, "Drum & Bass": 1}) == ("hip hop", "drum and bass")


def test_the_persons_contact_is_sent_to_musicbrainz_in_the_form_it_wants(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITMOTIF_CONTACT", " me@example.org ")
    with FakeMusicBrainz() as fake:
        library, _ = fetch(library_of(range(3)), fake, store)
        assert {asked.headers["user-agent"] for asked in fake.asked} == {f"Leitmotif/{__version__} ( me@example.org )"}
    assert "genres-no-contact" not in [notice.kind for notice in library.notices]


def test_without_a_contact_the_program_names_itself_and_says_what_is_wanted(store: Store) -> None:
    with FakeMusicBrainz() as fake:
        library, _ = fetch(library_of(range(3)), fake, store)
        assert fake.asked
        assert all(asked.headers["user-agent"].startswith(f"Leitmotif/{__version__} ( ") for asked in fake.asked)
        assert "LEITMOTIF_CONTACT" in library.notices[-1].text
        again, _ = fetch(library, fake, store)
        assert "genres-no-contact" not in [notice.kind for notice in again.notices], "nobody was asked this time"


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "me (at home)", "jürgen@example.org", "a" * 255])
def test_a_contact_that_cannot_stand_in_a_header_is_refused_before_anything_is_read(
    contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITMOTIF_CONTACT", contact)
    assert "LEITMOTIF_CONTACT" in run("features", "nowhere.csv", "--genres").refusal
