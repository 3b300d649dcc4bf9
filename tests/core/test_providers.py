"""Providers on this computer, Spotify's own endpoint, their order, and what mixing them does."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import FeatureError, OptionError, RateLimited
from core.features import BASE_NAMES
from core.http import HttpClient, Service
from core.library import Library, make_library
from core.providers.base import Provider
from core.providers.choice import DEFAULT_ORDER, make_providers
from core.providers.coverage import Coverage
from core.providers.fetch import fetch_features
from core.providers.in_file import InFile
from core.providers.mixing import MIN_TRACKS, provider_shift, standardise_per_provider
from core.providers.reccobeats import ReccoBeats
from core.providers.spotify_features import SpotifyFeatures
from core.providers.stored import Stored
from core.providers.table_features import PIECE_ROWS, TableFeatures
from core.sources.numbers import feature_columns
from core.storage import Store
from tests.fakes.libraries import id_of, isrc_of, library_of
from tests.fakes.reccobeats import FakeReccoBeats, features_of
from tests.fakes.server import FakeServer, Faults, Reply
from tests.fakes.services import AT_ONCE, DAY, NOW, as_mapping


def with_features(
    library: Library, seeds: Mapping[str, str], *, provider: str = "", names: Sequence[str] = ()
) -> Library:
    """Return a library with the features of a seed for some track ids, as a source would make it."""
    columns = list(names) or [*BASE_NAMES, "loudness"]
    rows = {track: features_of(seed) for track, seed in seeds.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(index=library.tracks.index, columns=columns)
    return make_library(
        library.tracks, frame.astype("float64"), kind=library.kind, path=library.path, providers=provider
    )


def fetch(library: Library, *providers: Provider, store: Store | None = None) -> tuple[Library, Coverage]:
    return fetch_features(library, providers=providers, store=store.features if store else None, now=lambda: NOW)


# In the file, and in the store


def test_values_in_the_file_keep_their_own_provider() -> None:
    plain = library_of(range(3))
    library, coverage = fetch(
        with_features(plain, {"t0": "x", "t2": "y"}), InFile(with_features(plain, {"t0": "x", "t2": "y"}))
    )
    assert library.providers.to_dict() == {"t0": "file", "t1": "", "t2": "file"}
    assert coverage.by_provider == {"file": 2}
    assert library.features.loc["t0", "loudness"] == features_of("x")["loudness"]
    exported = with_features(plain, {"t0": "x"}, provider="exportify")
    assert fetch(exported, InFile(exported))[1].by_provider == {"exportify": 1}


def test_features_that_came_with_the_library_count_only_where_the_file_is_asked() -> None:
    library = with_features(library_of(range(3)), {"t0": "x"})
    with FakeReccoBeats() as fake:
        filled, coverage = fetch(library, ReccoBeats(url=fake.url, pace=AT_ONCE))
    assert coverage.by_provider == {"reccobeats": 3}
    assert filled.features.loc["t0", "energy"] == features_of(id_of(0))["energy"]


def test_an_incomplete_row_gives_way_to_a_complete_one_as_a_whole() -> None:
    library = with_features(library_of(range(2)), {"t0": "x", "t1": "y"}, names=["energy", "tempo"])
    with FakeReccoBeats(rows={id_of(1): []}, isrc_misses=1.0) as fake:
        filled, coverage = fetch(library, InFile(library), ReccoBeats(url=fake.url, pace=AT_ONCE))
    assert filled.providers.to_dict() == {"t0": "reccobeats", "t1": "file"}
    assert filled.features.loc["t0", "energy"] == features_of(id_of(0))["energy"]
    assert filled.features.loc["t1", "energy"] == features_of("y")["energy"]
    assert np.isnan(filled.features.loc["t1", "valence"])
    assert coverage.count("found") == 2


def test_a_track_of_which_a_part_is_known_waits_until_nobody_else_can_be_asked() -> None:
    plain = library_of(range(3))
    library = with_features(plain, {"t0": "x", "t1": "y", "t2": "z"}, names=["energy", "tempo"])
    library.tracks.loc["t2", ["uri", "isrc"]] = ""
    with FakeReccoBeats(rows={id_of(1): []}, isrc_misses=1.0) as fake:
        asking = [InFile(library), ReccoBeats(url=fake.url, pace=AT_ONCE)]
        before = fetch_features(library, providers=asking, ask=False)[1]
        after = fetch_features(library, providers=asking)[1]
    assert before.status.to_dict() == {"t0": "pending", "t1": "pending", "t2": "found"}
    assert (before.incomplete, before.by_provider) == (1, {"file": 1})
    assert after.status.to_dict() == {"t0": "found", "t1": "found", "t2": "found"}
    assert (after.incomplete, after.by_provider) == (2, {"file": 2, "reccobeats": 1})
    assert "  of some of these only a part is known: 2" in after.lines()


def test_the_first_provider_in_the_order_wins(store: Store) -> None:
    library = with_features(library_of(range(2)), {"t0": "x"})
    with FakeReccoBeats() as fake:
        network = ReccoBeats(url=fake.url, pace=AT_ONCE)
        first = fetch(library, InFile(library), network)[0].providers.tolist()
        second = fetch(library, network, InFile(library))[0].providers.tolist()
    assert first == ["file", "reccobeats"]
    assert second == ["reccobeats", "reccobeats"]


def test_the_store_answers_for_every_provider_and_for_an_isrc(store: Store) -> None:
    row = pd.DataFrame([features_of("a")])
    partial_row = pd.DataFrame([{"energy": 0.5}])
    store.features.put("b-table", row.set_axis([id_of(0)]))
    store.features.put("a-table", partial_row.set_axis([id_of(0)]))
    store.features.put("reccobeats", row.set_axis([f"isrc:{isrc_of(1)}"]))
    filled, coverage = fetch(library_of(range(3)), Stored(store.features))
    assert filled.providers.tolist() == ["b-table", "reccobeats", ""]
    assert coverage.count("not_found") == 1


def test_among_equals_in_the_store_the_preferred_provider_counts(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.features.put(name, pd.DataFrame([features_of(name)], index=[id_of(0)]))
    assert fetch(library_of([0]), Stored(store.features))[0].providers.tolist() == ["a"]
    assert fetch(library_of([0]), Stored(store.features, preferred=["c", "b"]))[0].providers.tolist() == ["c"]


# The order


def test_providers_come_in_the_order_a_person_gives(store: Store, tmp_path: Path) -> None:
    library = library_of([0])
    table = TableFeatures(tmp_path / "dump.csv", read_features=partial(feature_columns, path="dump.csv"))
    names = [provider.name for provider in make_providers(library, store=store.features, tables=[table])]
    assert names == ["file", "store", "table:dump.csv", "reccobeats"]
    chosen = make_providers(library, store=store.features, order=["reccobeats", "file"])
    assert [provider.name for provider in chosen] == ["reccobeats", "file"]
    assert DEFAULT_ORDER == ("file", "store", "table", "spotify", "reccobeats")


@pytest.mark.parametrize(("order", "what"), [(["file", "lastfm"], "'lastfm' is unknown"), (["file", "file"], "twice")])
def test_an_order_that_makes_no_sense_is_refused(order: list[str], what: str) -> None:
    with pytest.raises(OptionError, match=what):
        make_providers(library_of([0]), order=order)


# A table


def rows_for(numbers: Sequence[int], **more: Sequence[object]) -> pd.DataFrame:
    frame = pd.DataFrame([features_of(f"table {number}") for number in numbers])
    return frame.assign(**more)


def from_table(path: Path, library: Library) -> tuple[Library, Coverage]:
    return fetch(library, TableFeatures(path, read_features=partial(feature_columns, path=str(path))))


def check_table(filled: Library, numbers: Sequence[int]) -> None:
    for number in numbers:
        for name in BASE_NAMES:
            assert filled.features.loc[f"t{number}", name] == pytest.approx(features_of(f"table {number}")[name])


@pytest.mark.parametrize(
    ("suffix", "separator"), [(".csv", ","), (".csv", ";"), (".tsv", "\t"), (".csv.gz", ","), (".parquet", "")]
)
def test_a_table_is_joined_by_spotify_id_in_any_dress(tmp_path: Path, suffix: str, separator: str) -> None:
    numbers = range(4)
    ids = [id_of(0), f"spotify:track:{id_of(1)}", f"https://open.spotify.com/track/{id_of(2)}?si=abc", "nothing"]
    frame = rows_for(numbers, Track_URI=ids, Name=["a, b", 'say "x"', "c\nd", "é"])
    path = tmp_path / f"dump{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        text = frame.to_csv(index=False, sep=separator)
        path.write_bytes(gzip.compress(text.encode()) if suffix.endswith("gz") else b"\xef\xbb\xbf" + text.encode())
    filled, coverage = from_table(path, library_of(numbers))
    check_table(filled, range(3))
    assert coverage.by_provider == {f"table:{path.name}": 3}


def test_a_spotify_id_counts_before_an_isrc_and_the_first_row_of_several(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    rows_for(
        [7, 0, 8, 1],
        track_id=[id_of(50), id_of(0), id_of(0), ""],
        isrc=[isrc_of(0), isrc_of(9), "", f"{isrc_of(1)[:2]}-{isrc_of(1)[2:5].lower()}-{isrc_of(1)[5:]}"],
    ).to_csv(path, index=False)
    filled, coverage = from_table(path, library_of(range(3)))
    check_table(filled, range(2))
    assert coverage.count("found") == 2


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_a_table_that_a_spreadsheet_saved_as_unicode_is_read(tmp_path: Path, suffix: str) -> None:
    text = rows_for(range(3), id=[id_of(number) for number in range(3)]).to_csv(index=False, sep="\t").encode("utf-16")
    path = tmp_path / f"dump{suffix}"
    path.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    filled, _ = from_table(path, library_of(range(3)))
    check_table(filled, range(3))


def test_a_table_in_many_pieces_on_another_scale_with_commas(tmp_path: Path) -> None:
    count = PIECE_ROWS + 1000
    wanted = [0, PIECE_ROWS - 1, PIECE_ROWS, count - 1]
    names = [name for name in BASE_NAMES if name != "tempo"]
    values = {name: 100 * features_of("scale")[name] for name in names} | {"tempo": 121.5}
    frame = pd.DataFrame(values, index=range(count)).rename(columns=lambda name: name.title())
    frame["id"] = [id_of(number) if number in wanted else f"{number:022d}" for number in range(count)]
    path = tmp_path / "dump.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",")
    filled, coverage = from_table(path, library_of(wanted))
    assert coverage.count("found") == 4
    assert filled.features["Energy".lower()].tolist() == pytest.approx([features_of("scale")["energy"]] * 4)
    assert filled.features["tempo"].tolist() == [121.5] * 4
    assert {notice.kind for notice in filled.notices} == {"decimal-comma", "rescaled"}


@pytest.mark.parametrize(("cut", "kind"), [(40, "table-rows-skipped"), (8000, "table-cut")])
def test_a_table_that_breaks_off_is_used_up_to_there(tmp_path: Path, cut: int, kind: str) -> None:
    numbers = range(400)
    text = rows_for(numbers, track_id=[id_of(number) for number in numbers]).to_csv(index=False)
    path = tmp_path / ("dump.csv" if kind == "table-rows-skipped" else "dump.csv.gz")
    whole = text.encode() if path.suffix == ".csv" else gzip.compress(text.encode())
    path.write_bytes(whole[:-cut])
    filled, coverage = from_table(path, library_of(numbers))
    assert kind in {notice.kind for notice in filled.notices}
    found = coverage.status.index[coverage.status == "found"]
    assert 0 < len(found) < 400
    check_table(filled, [int(track[1:]) for track in found])


def test_a_quotation_mark_that_never_closes_does_not_swallow_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    text = rows_for(range(2), track_id=[id_of(0), id_of(1)], name=["a", "b"]).to_csv(index=False)
    path.write_text(f'{text}1,"{"x" * 200_000}', encoding="utf-8")
    filled, coverage = from_table(path, library_of(range(2)))
    assert coverage.count("found") == 2
    assert [notice.kind for notice in filled.notices] == ["table-cut"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dump.csv", b"energy,valence\n0.1,0.2\n", "no column of Spotify ids or ISRCs"),
        ("dump.csv", b"track_id,name\nx,y\n", "no column of audio features"),
        ("dump.csv", b"", "no column of Spotify ids or ISRCs"),
        ("dump.csv.gz", b"not gzip", "cannot be read"),
        ("dump.parquet", b"PAR1 not really", "cannot be read"),
        ("dump.csv", b"track_id,energy\n" + id_of(0).encode() + b",loud\n", "holds only text"),
        (".", b"", "cannot be read"),
    ],
)
def test_a_table_of_no_use_is_named_and_the_rest_goes_on(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    if name != ".":
        path.write_bytes(content)
    library = with_features(library_of(range(2)), {"t1": "x"})
    table = TableFeatures(path, read_features=partial(feature_columns, path=str(path)))
    _, coverage = fetch(library, table, InFile(library))
    assert message in coverage.troubles[table.name]
    assert str(tmp_path) in coverage.troubles[table.name]
    assert coverage.count("found") == 1


def test_what_a_table_had_is_there_without_the_table(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "dump.csv"
    rows_for(range(2), track_id=[id_of(0), id_of(1)]).to_csv(path, index=False)
    table = TableFeatures(path, read_features=partial(feature_columns, path=str(path)))
    fetch(library_of(range(3)), table, store=store)
    filled, coverage = fetch(library_of(range(3)), Stored(store.features), store=store)
    assert coverage.by_provider == {"table:dump.csv": 2}
    check_table(filled, range(2))


# Spotify's own endpoint


class FakeSpotify(FakeServer):
    """Answers for audio features as Spotify does for apps it still answers, or closes the door on the others."""

    opened = True
    unknown: frozenset[str] = frozenset()
    replaced: Mapping[str, str] = {}

    def answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        if headers.get("authorization") != "Bearer good" or not self.opened:
            return Reply(403, {"error": {"status": 403}})
        ids = query["ids"][0].split(",")
        if path != "v1/audio-features" or len(ids) > 100:
            return Reply(400, {"error": {"status": 400, "message": "too many ids requested"}})
        rows = [
            None
            if track in self.unknown
            else {"id": self.replaced.get(track, track), "time_signature": 4, **features_of(f"spotify {track}")}
            for track in ids
        ]
        return Reply(200, {"audio_features": rows})


@pytest.fixture
def spotify() -> Iterator[FakeSpotify]:
    with FakeSpotify() as server:
        yield server


class Account:
    """Sends authorised requests, as the part of the program that signs in does."""

    def __init__(self, server: FakeServer) -> None:
        service = Service("Spotify", AT_ONCE)
        self.client = HttpClient(service, f"{server.url}v1/", headers=lambda: {"Authorization": "Bearer good"})

    def get_json(self, path: str, params: Mapping[str, str]) -> object:
        return self.client.get_json(path, params, read=as_mapping)


def ask_spotify(
    server: FakeSpotify, store: Store, library: Library, *, client_id: str = "app", now: float = NOW
) -> tuple[Library, Coverage]:
    account = Account(server)
    provider = SpotifyFeatures(account.get_json, client_id=client_id, state=store.state, now=lambda: now)
    with account.client:
        return fetch_features(library, providers=[provider], store=store.features, now=lambda: now)


def test_spotify_is_asked_for_a_hundred_at_a_time_and_nulls_are_misses(spotify: FakeSpotify, store: Store) -> None:
    spotify.unknown = frozenset({id_of(3), id_of(150)})
    spotify.replaced = {id_of(5): id_of(999)}
    library, coverage = ask_spotify(spotify, store, library_of(range(230)))
    assert [len(asked.query["ids"][0].split(",")) for asked in spotify.asked] == [100, 100, 30]
    assert coverage.by_provider == {"spotify": 228}
    assert library.features.loc["t5", "energy"] == features_of(f"spotify {id_of(5)}")["energy"]
    assert (library.features.loc["t0", "time_signature"]) == 4
    assert coverage.status[coverage.status != "found"].to_dict() == {"t3": "not_found", "t150": "not_found"}
    ask_spotify(spotify, store, library_of(range(230)))
    assert len(spotify.asked) == 3


def test_a_closed_endpoint_is_probed_once_in_thirty_days_and_is_no_trouble(spotify: FakeSpotify, store: Store) -> None:
    spotify.opened = False
    library, coverage = ask_spotify(spotify, store, library_of(range(230)))
    assert len(spotify.asked) == 1
    assert coverage.troubles == {}
    assert {notice.kind for notice in library.notices} == {"features-not-found"}
    ask_spotify(spotify, store, library_of(range(230)), now=NOW + 29 * DAY)
    assert len(spotify.asked) == 1
    ask_spotify(spotify, store, library_of(range(230)), now=NOW + 31 * DAY)
    assert len(spotify.asked) == 2


def test_each_client_id_has_a_probe_of_its_own(spotify: FakeSpotify, store: Store) -> None:
    spotify.opened = False
    ask_spotify(spotify, store, library_of(range(3)), client_id="old app")
    ask_spotify(spotify, store, library_of(range(3)), client_id="new app")
    assert len(spotify.asked) == 2


def test_an_endpoint_that_closes_midway_keeps_what_it_gave(spotify: FakeSpotify, store: Store) -> None:
    spotify.faults = Faults(at={2: "403"})
    _, coverage = ask_spotify(spotify, store, library_of(range(230)))
    assert coverage.by_provider == {"spotify": 100}
    ask_spotify(spotify, store, library_of(range(230)))
    assert len(spotify.asked) == 2


@pytest.mark.parametrize("fault", ["500", "wrong-shape"])
def test_a_spotify_that_fails_is_named_and_probed_again(spotify: FakeSpotify, store: Store, fault: str) -> None:
    spotify.faults = Faults(always=fault)
    _, coverage = ask_spotify(spotify, store, library_of(range(3)))
    assert coverage.count("pending") == 3
    assert "Spotify" in coverage.troubles["spotify"]
    spotify.faults = Faults()
    assert ask_spotify(spotify, store, library_of(range(3)))[1].count("found") == 3


@pytest.mark.parametrize("raised", [FeatureError("no network"), RateLimited("asks for a pause")])
def test_what_the_account_raises_ends_this_provider_only(store: Store, raised: FeatureError) -> None:
    def get_json(path: str, params: Mapping[str, str]) -> object:
        raise raised

    provider = SpotifyFeatures(get_json, client_id="app", state=store.state)
    library = library_of(range(3))
    with FakeReccoBeats() as fake:
        _, coverage = fetch(library, provider, ReccoBeats(url=fake.url, pace=AT_ONCE), store=store)
    assert coverage.by_provider == {"reccobeats": 3}
    assert coverage.troubles == {"spotify": raised.line()}


# Mixing


def mixed(*, scale: float, first: int = 200, second: int = 100) -> Library:
    """Return a library of two providers; the energy of the second is multiplied."""
    rng = np.random.default_rng(3)
    count = first + second
    frame = pd.DataFrame({name: rng.beta(2, 3, count) for name in BASE_NAMES}, index=[f"t{n}" for n in range(count)])
    frame["tempo"] = 70 + 100 * frame["tempo"]
    frame.iloc[first:, frame.columns.get_loc("energy")] *= scale
    providers = pd.Series(["reccobeats"] * first + ["other"] * second, index=frame.index)
    return make_library(pd.DataFrame(index=frame.index), frame, kind="test", path="mixed", providers=providers)


def test_providers_that_differ_are_named_with_the_feature() -> None:
    notices = provider_shift(mixed(scale=0.3))
    assert [(notice.kind, notice.count) for notice in notices] == [("providers-differ", 100)]
    assert "features from other are distributed differently from those of reccobeats: energy (" in notices[0].text
    assert "valence" not in notices[0].text


def test_providers_that_agree_or_are_small_raise_no_alarm() -> None:
    assert provider_shift(mixed(scale=1.0)) == ()
    assert provider_shift(mixed(scale=0.3, second=MIN_TRACKS - 1)) == ()
    assert provider_shift(library_of(range(3))) == ()


def test_fetching_tells_of_providers_that_differ() -> None:
    library = mixed(scale=0.3)
    filled, _ = fetch(library, InFile(library))
    assert [notice.kind for notice in filled.notices] == ["providers-differ"]
    again, _ = fetch(filled, InFile(filled))
    assert again.notices == filled.notices


def test_standardising_brings_providers_together_and_keeps_their_order() -> None:
    raw = mixed(scale=0.3)
    library, _ = fetch(raw, InFile(raw))
    assert [notice.kind for notice in library.notices] == ["providers-differ"]
    even = standardise_per_provider(library)
    assert provider_shift(even) == ()
    rows, ours = library.providers == "other", slice(200, 300)
    pd.testing.assert_frame_equal(even.features[~rows], library.features[~rows])
    before, after = library.features["energy"].iloc[ours], even.features["energy"].iloc[ours]
    assert (before.rank() == after.rank()).all()
    reference = library.features["energy"].iloc[:200]
    assert reference.min() <= after.min() <= after.max() <= reference.max()
    assert after.median() == pytest.approx(reference.median(), abs=0.01)
    assert [notice.kind for notice in even.notices] == ["features-standardised"]


def test_standardising_equal_sized_samples_gives_exactly_the_other_values() -> None:
    library = mixed(scale=0.3, first=101, second=101)
    even = standardise_per_provider(library)
    names = library.providers.value_counts().index
    assert len(names) == 2
    assert sorted(even.features["energy"].iloc[:101]) == pytest.approx(sorted(even.features["energy"].iloc[101:]))


def test_standardising_leaves_gaps_and_a_single_provider_alone() -> None:
    library = mixed(scale=0.3)
    gap = library.features.copy()
    gap.iloc[250, 0] = np.nan
    holed = make_library(library.tracks, gap, kind="test", path="mixed", providers=library.providers)
    assert np.isnan(standardise_per_provider(holed).features.iloc[250, 0])
    single = library.select(np.arange(200))
    assert standardise_per_provider(single) is single
