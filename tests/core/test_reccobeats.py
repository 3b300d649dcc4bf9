"""Features from a ReccoBeats on this computer, over real HTTP, into the real store."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import OptionError
from core.features import BASE_NAMES, FEATURES
from core.library import Library, make_library
from core.progress import Cancelled, Report, silent
from core.providers.coverage import Coverage
from core.providers.fetch import fetch_features
from core.providers.reccobeats import CANDIDATES_KEY, ReccoBeats
from core.storage import Store
from tests.fakes.libraries import expected_features, id_of, isrc_of, least_requests, library_of
from tests.fakes.reccobeats import FakeReccoBeats, disagrees, features_of, row_of, several, title_of
from tests.fakes.server import Faults, Reply
from tests.fakes.services import AT_ONCE, DAY, NOW

WHOLE = {"acousticness": 0.1, "danceability": 0.2, "energy": 0.3, "instrumentalness": 0.4, "liveness": 0.5,
         "speechiness": 0.6, "valence": 0.7, "tempo": 120.0}  # fmt: skip


def fetch(
    library: Library, fake: FakeReccoBeats, store: Store | None, *, report: Report = silent, now: float = NOW
) -> tuple[Library, Coverage]:
    provider = ReccoBeats(url=fake.url, pace=AT_ONCE, state=store.state if store else None)
    return fetch_features(
        library, providers=[provider], store=store.features if store else None, report=report, now=lambda: now
    )


def asked_ids(fake: FakeReccoBeats, path: str = "audio-features") -> list[list[str]]:
    return [asked.query["ids"][0].split(",") for asked in fake.asked if asked.path == path]


def check(library: Library, numbers: range, *, misses: float, isrc_misses: float) -> None:
    """Hold a fetched library against what the fake has."""
    rows = [expected_features(number, misses=misses, isrc_misses=isrc_misses) or {} for number in numbers]
    expected = pd.DataFrame(rows, index=library.features.index).reindex(columns=library.features.columns)
    pd.testing.assert_frame_equal(library.features, expected.astype("float64"))
    assert library.providers.tolist() == ["reccobeats" if row else "" for row in rows]


def test_rows_in_any_order_and_omissions_are_mapped_by_their_address(store: Store) -> None:
    numbers = range(130)
    with FakeReccoBeats(misses=0.4, isrc_misses=1.0) as fake:
        library, coverage = fetch(library_of(numbers, isrcs=False), fake, store)
        sizes = [len(ids) for ids in asked_ids(fake)]
    check(library, numbers, misses=0.4, isrc_misses=1.0)
    assert sizes == [40, 40, 40, 10]
    assert coverage.count("found") + coverage.count("not_found") == 130
    assert coverage.by_provider == {"reccobeats": coverage.count("found")}
    assert "time_signature" not in library.features
    assert library.features["key"].dropna().between(-1, 11).all()


def test_what_is_missing_by_id_is_found_by_isrc_and_unclear_rows_by_title_and_duration(store: Store) -> None:
    numbers = range(400)
    with FakeReccoBeats(misses=0.5, isrc_misses=0.2) as fake:
        library, _ = fetch(library_of(numbers), fake, store)
        requests = len(fake.asked)
        details = asked_ids(fake, "track")
    assert sum(disagrees(isrc_of(number)) for number in numbers) > 20
    check(library, numbers, misses=0.5, isrc_misses=0.2)
    least = least_requests(numbers, misses=0.5, isrc_misses=0.2)
    # The rows of one ISRC are never split over two requests, so a request may hold a few less than 40.
    assert least <= requests <= least + 1
    assert max(map(len, details)) <= 40
    assert store.state.get(CANDIDATES_KEY) == {}


def test_rows_that_agree_need_no_second_look(store: Store) -> None:
    numbers = [n for n in range(300) if several(isrc_of(n)) > 1 and not disagrees(isrc_of(n))]
    with FakeReccoBeats(misses=1.0) as fake:
        library, coverage = fetch(library_of(numbers), fake, store)
        assert asked_ids(fake, "track") == []
    assert coverage.count("found") == len(numbers) > 20
    assert library.features["energy"].tolist() == [features_of(isrc_of(n))["energy"] for n in numbers]


def one_isrc(*durations: tuple[str, float]) -> FakeReccoBeats:
    """Return a fake that knows one ISRC by rows with these titles and durations in seconds."""
    code = isrc_of(0)
    rows = [row_of(id_of(900 + n), f"row {n}", row_id=f"row-{n}", isrc=code) for n in range(len(durations))]
    details = {
        f"row-{n}": {"trackTitle": title, "durationMs": int(1000 * seconds)}
        for n, (title, seconds) in enumerate(durations)
    }
    return FakeReccoBeats(misses=1.0, isrc_misses=1.0, rows={code: rows}, details=details)


def described(title: str, seconds: float) -> Library:
    tracks = pd.DataFrame({"title": [title], "isrc": [isrc_of(0)], "duration_s": [seconds]}, index=["a"])
    return make_library(tracks, pd.DataFrame(index=tracks.index), kind="test", path="one")


@pytest.mark.parametrize(
    ("title", "seconds", "right"),
    [
        ("Night Drive", 200.0, 0),
        ("Night Drive (Live)", 251.0, 1),
        ("NIGHT  DRIVE", 201.0, 0),
        ("", 251.0, 1),
        ("Night Drive (Live)", float("nan"), 1),
    ],
)
def test_the_nearest_row_in_title_and_duration_is_taken(title: str, seconds: float, right: int) -> None:
    with one_isrc(("Night Drive", 200.0), ("Night Drive (Live)", 250.0)) as fake:
        library, _ = fetch(described(title, seconds), fake, None)
    assert library.features["valence"].tolist() == [features_of(f"row {right}")["valence"]]


def test_a_row_of_quite_another_recording_is_a_miss(store: Store) -> None:
    with one_isrc(("Completely Different", 90.0), ("Nothing Alike", 600.0)) as fake:
        _, coverage = fetch(described("Night Drive", 200.0), fake, store)
        assert coverage.count("not_found") == 1
        fetch(described("Night Drive", 200.0), fake, store)
        assert len(fake.asked) == 2


def test_without_details_one_of_the_rows_is_taken_always_the_same() -> None:
    values = set()
    for _ in range(2):
        with one_isrc(("x", 1.0), ("y", 2.0)) as fake:
            fake.details = {}
            library, coverage = fetch(described("Night Drive", 200.0), fake, None)
        assert coverage.count("found") == 1
        values.add(library.features["valence"].iloc[0])
    assert len(values) == 1


def test_nothing_malformed_is_sent_and_nothing_twice(store: Store) -> None:
    uris = ["spotify:track:" + id_of(1), "spotify:local:A:B:C:200", "spotify:episode:" + id_of(2), "", "",
            "spotify:track:short", "spotify:track:" + id_of(1)]  # fmt: skip
    codes = ["", "", "", "qz-lei-00-00005", "not an ISRC", "", ""]
    tracks = pd.DataFrame({"uri": uris, "isrc": codes, "title": "x"}, index=list("abcdefg"))
    library = make_library(tracks, pd.DataFrame(index=tracks.index), kind="test", path="odd")
    with FakeReccoBeats() as fake:
        filled, coverage = fetch(library, fake, store)
        assert asked_ids(fake) == [[id_of(1)], [isrc_of(5)]]
    assert coverage.status.index[coverage.status == "found"].tolist() == ["a", "d", "g"]
    assert coverage.count("not_found") == 4
    assert coverage.unidentified == 4
    assert filled.features.loc["a"].equals(filled.features.loc["g"])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"energy": None}, {"energy": None}),
        ({"energy": "0.5"}, {"energy": None}),
        ({"energy": True}, {"energy": None}),
        ({"energy": 1.5, "tempo": -3}, {"energy": None, "tempo": None}),
        ({"tempo": 0}, {"tempo": None}),
        ({"key": -1, "mode": 1, "loudness": -7.5}, {"key": -1.0, "mode": 1.0, "loudness": -7.5}),
        ({"danceability": 10**400}, {"danceability": None}),
    ],
)
def test_values_that_cannot_be_are_unknown(sent: dict[str, Any], expected: dict[str, float | None]) -> None:
    row = {"id": "r", "href": f"https://open.spotify.com/track/{id_of(0)}?si=1", **WHOLE, **sent}
    with FakeReccoBeats(rows={id_of(0): [row]}) as fake:
        library, coverage = fetch(library_of([0], isrcs=False), fake, None)
    assert coverage.count("found") == 1
    known = library.features.iloc[0].to_dict()
    for name, value in ({**WHOLE, **expected}).items():
        assert known[name] == value if value is not None else np.isnan(known[name])


def test_values_outside_their_range_are_counted() -> None:
    row = {"id": "r", "href": f"https://open.spotify.com/track/{id_of(0)}", **WHOLE, "energy": 2.0, "tempo": 900}
    with FakeReccoBeats(rows={id_of(0): [row]}) as fake:
        library, _ = fetch(library_of([0]), fake, None)
    assert [(notice.kind, notice.count) for notice in library.notices] == [("features-rejected", 2)]


def test_a_row_without_any_feature_is_a_miss(store: Store) -> None:
    row = {"id": "r", "href": f"https://open.spotify.com/track/{id_of(0)}", "key": 3, **dict.fromkeys(WHOLE)}
    with FakeReccoBeats(rows={id_of(0): [row]}, isrc_misses=1.0) as fake:
        _, coverage = fetch(library_of([0]), fake, store)
    assert coverage.count("not_found") == 1
    assert store.features.misses("reccobeats", [id_of(0), f"isrc:{isrc_of(0)}"], now=NOW) == {
        id_of(0),
        f"isrc:{isrc_of(0)}",
    }


PASSING = ("429", "429-bare", "429-date", "503-retry", "500", "502-html", "200-html", "drop", "cut", "truncated",
           "wrong-shape", "slow", "duplicates")  # fmt: skip


@pytest.mark.parametrize("fault", PASSING)
def test_every_fault_now_and_then_changes_nothing(store: Store, fault: str) -> None:
    numbers = range(150)
    with FakeReccoBeats(misses=0.4, isrc_misses=0.3, faults=Faults(every={2: fault})) as fake:
        library, coverage = fetch(library_of(numbers), fake, store)
        assert any(asked.fault == fault for asked in fake.asked)
    check(library, numbers, misses=0.4, isrc_misses=0.3)
    assert coverage.troubles == {}
    assert coverage.count("failed") == coverage.count("pending") == 0


def test_a_second_run_asks_for_nothing_and_gives_the_same(store: Store) -> None:
    library = library_of(range(100))
    with FakeReccoBeats(misses=0.4, isrc_misses=0.5) as fake:
        first, _ = fetch(library, fake, store)
        requests = len(fake.asked)
        second, coverage = fetch(library, fake, store, now=NOW + 29 * DAY)
        assert len(fake.asked) == requests
    pd.testing.assert_frame_equal(first.features, second.features)
    assert first.notices == second.notices
    assert coverage.by_provider == {"reccobeats": coverage.count("found")}


def test_misses_are_asked_for_again_after_thirty_days(store: Store) -> None:
    numbers = range(60)
    with FakeReccoBeats(misses=0.5, isrc_misses=1.0) as fake:
        fetch(library_of(numbers), fake, store)
    with FakeReccoBeats(misses=0.0) as fake:
        library, coverage = fetch(library_of(numbers), fake, store, now=NOW + 31 * DAY)
        asked = sum(map(len, asked_ids(fake)))
    assert coverage.count("found") == 60
    assert asked == sum(expected_features(n, misses=0.5, isrc_misses=1.0) is None for n in numbers)
    check(library, numbers, misses=0.0, isrc_misses=0.0)


def test_a_batch_that_fails_is_left_for_the_next_run(store: Store) -> None:
    numbers = range(120)
    broken = dict.fromkeys(range(5, 9), "500")  # the second batch, with its three repetitions; the first took four
    with FakeReccoBeats(faults=Faults(at={**dict.fromkeys(range(1, 4), "drop"), **broken})) as fake:
        told, coverage = fetch(library_of(numbers), fake, store)
        assert len(fake.asked) == 4 + 4 + 1
    reason = (
        "ReccoBeats gave no usable answer 4 times: HTTP 500. What was found is kept; run it again later for the rest"
    )
    assert coverage.troubles == {"reccobeats": reason}
    assert told.notices[0].text == f"40 tracks got no answer, to be asked for again next time ({reason})"
    assert (coverage.count("found"), coverage.count("failed"), coverage.count("pending")) == (80, 40, 0)
    assert coverage.status.iloc[40:80].unique().tolist() == ["failed"]
    with FakeReccoBeats() as fake:
        library, coverage = fetch(library_of(numbers), fake, store)
        assert asked_ids(fake) == [[id_of(number) for number in range(40, 80)]]
    check(library, numbers, misses=0.0, isrc_misses=0.0)


def test_one_track_is_spoken_of_as_one(store: Store) -> None:
    with FakeReccoBeats(misses=1.0, isrc_misses=1.0) as fake:
        one, _ = fetch(library_of(range(1)), fake, store)
        two, _ = fetch(library_of(range(2)), fake, store)
    assert one.notices[0].text == "1 track has no audio features anywhere that was asked"
    assert two.notices[0].text == "2 tracks have no audio features anywhere that was asked"


def test_an_outage_ends_the_run_and_keeps_the_rest(store: Store) -> None:
    numbers = range(400)
    outage = Faults(at=dict.fromkeys(range(3, 1000), "502-html"))
    with FakeReccoBeats(faults=outage) as fake:
        library, coverage = fetch(library_of(numbers), fake, store)
        assert len(fake.asked) == 2 + 3 * 4
    assert (coverage.count("found"), coverage.count("failed"), coverage.count("pending")) == (80, 120, 200)
    assert coverage.troubles["reccobeats"].startswith("ReccoBeats failed 3 times in a row and seems to be down")
    assert {notice.kind for notice in library.notices} == {"features-failed", "features-pending"}
    with FakeReccoBeats() as fake:
        library, coverage = fetch(library_of(numbers), fake, store)
        assert len(fake.asked) == 8
    check(library, numbers, misses=0.0, isrc_misses=0.0)


@pytest.mark.parametrize(("fault", "word"), [("429", "asks for a pause of 60 min"), ("403", "refuses the request")])
def test_a_refusal_ends_the_run_at_once_and_keeps_the_rest(store: Store, fault: str, word: str) -> None:
    with FakeReccoBeats(faults=Faults(at={2: fault}, retry_after=3600)) as fake:
        _, coverage = fetch(library_of(range(100)), fake, store)
        assert len(fake.asked) == 2
    assert (coverage.count("found"), coverage.count("pending")) == (40, 60)
    assert word in coverage.troubles["reccobeats"]


class StopAfter:
    """Cancels at the first report once a fake has answered so many requests."""

    def __init__(self, fake: FakeReccoBeats, requests: int) -> None:
        self.fake = fake
        self.requests = requests

    def __call__(self, done: int, total: int, text: str) -> None:
        assert 0 <= done <= total
        assert text
        if len(self.fake.asked) >= self.requests:
            raise Cancelled


@pytest.mark.parametrize("requests", range(1, 15, 3))
def test_a_cancelled_run_goes_on_where_it_stopped(store: Store, requests: int) -> None:
    numbers = range(350)
    with FakeReccoBeats(misses=0.5, isrc_misses=0.1) as fake:
        fetch(library_of(numbers), fake, None)
        uninterrupted = len(fake.asked)
    with FakeReccoBeats(misses=0.5, isrc_misses=0.1) as fake:
        with pytest.raises(Cancelled):
            fetch(library_of(numbers), fake, store, report=StopAfter(fake, requests))
        library, _ = fetch(library_of(numbers), fake, store)
        # An answer that was still on its way when the person stopped is asked for again.
        assert uninterrupted <= len(fake.asked) <= uninterrupted + 1
    check(library, numbers, misses=0.5, isrc_misses=0.1)


def test_a_run_is_stopped_while_a_batch_has_no_answer_and_half_of_nothing_is_stored(store: Store) -> None:
    numbers, stopped = range(100), threading.Event()
    with FakeReccoBeats(misses=0.0) as fake:
        fake.on_request = lambda number: number == 2 and stopped.wait(300)
        with pytest.raises(Cancelled):
            fetch(library_of(numbers), fake, store, report=StopAfter(fake, 2))
        assert not stopped.is_set()
        stopped.set()
        offline, _ = fetch_features(
            library_of(numbers), providers=[ReccoBeats(url=fake.url, pace=AT_ONCE)], store=store.features,
            ask=False, now=lambda: NOW,
        )  # fmt: skip
        assert offline.providers.tolist() == ["reccobeats"] * 40 + [""] * 60
        library, _ = fetch(library_of(numbers), fake, store)
        assert asked_ids(fake) == [
            [id_of(n) for n in batch] for batch in (range(40), range(40, 80), range(40, 80), range(80, 100))
        ]
    check(library, numbers, misses=0.0, isrc_misses=0.0)


def test_without_asking_only_the_store_is_used(store: Store) -> None:
    library = library_of(range(100))
    with FakeReccoBeats(misses=0.3, isrc_misses=1.0) as fake:
        with pytest.raises(Cancelled):
            fetch(library, fake, store, report=StopAfter(fake, 2))
        requests = len(fake.asked)
        provider = ReccoBeats(url=fake.url, pace=AT_ONCE, state=store.state)
        _, coverage = fetch_features(library, providers=[provider], store=store.features, ask=False, now=lambda: NOW)
        assert len(fake.asked) == requests
    # Tracks missed by id are pending too: their ISRC has not been asked for.
    found = sum(expected_features(n, misses=0.3, isrc_misses=1.0) is not None for n in range(80))
    assert (coverage.count("found"), coverage.count("pending")) == (found, 100 - found)


def test_the_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeReccoBeats() as fake:
        monkeypatch.setenv("LEITMOTIF_RECCOBEATS_URL", fake.url.rstrip("/"))
        _, coverage = fetch_features(library_of(range(3), isrcs=False), providers=[ReccoBeats()])
        assert len(fake.asked) == 1
    assert coverage.count("found") == 3


def test_an_address_elsewhere_must_be_encrypted() -> None:
    with pytest.raises(OptionError, match="plain http is only for servers on this computer"):
        fetch_features(library_of([1]), providers=[ReccoBeats(url="http://reccobeats.example/v1/")])


class Anything(FakeReccoBeats):
    """Answers with whatever it is told to."""

    body: object = None

    def answer(self, *asked: object) -> Reply:  # noqa: ARG002 - whatever is asked
        return Reply(200, self.body)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        **{name: SCALARS | st.floats(-2, 250) for name in FEATURES},
        "id": SCALARS | st.just("r"),
        "href": SCALARS | st.just(f"https://open.spotify.com/track/{id_of(0)}"),
        "isrc": SCALARS | st.just(isrc_of(0)),
        "trackTitle": SCALARS | st.just(title_of(isrc_of(0))),
        "durationMs": SCALARS,
    },
)
ANSWERS = st.fixed_dictionaries({"content": st.lists(ROWS | SCALARS, max_size=5)}) | st.lists(SCALARS) | SCALARS


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=ANSWERS)
def test_no_answer_breaks_the_library(body: object) -> None:
    with Anything() as fake:
        fake.body = body
        library, coverage = fetch(library_of([0]), fake, None)
    assert coverage.count("found") == library.with_features
    for name in BASE_NAMES:
        value = library.features[name].iloc[0]
        assert np.isnan(value) or FEATURES[name].low <= value <= FEATURES[name].high
