"""The store through its public surface: what goes in comes out, what must go goes, what must stay stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StorageError
from core.features import BASE_NAMES, FEATURES, OPTIONAL_NAMES
from core.library import PATH_SEPARATOR, Library, Notice, make_library
from core.merging import merge_libraries
from core.progress import Cancelled
from core.storage import (
    EXPIRED,
    RETRY_AFTER,
    SPOTIFY_KEEPS,
    Dropped,
    Exported,
    Store,
    library_key,
    open_store,
    track_keys,
)
from tests.threads import at_once

NOW = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path, now=NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def reused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give one store to all the examples of a property, because opening one takes longer than an example."""
    with open_store(tmp_path_factory.mktemp("reused")) as opened:
        yield opened


def small_library(
    *,
    kind: str = "table",
    path: str = "/music/mine.csv",
    providers: str = "file",
    dates: tuple[float, ...] = (np.nan, np.nan, np.nan),
) -> Library:
    index = ["a", "b", "c"]
    return make_library(
        pd.DataFrame(
            {
                "title": ["Ännchen", "雨", "Quiet secret title"],
                "uri": [f"spotify:track:{letter * 22}" for letter in "ABC"],
                "genres": [("Folk", "Blues"), (), ("Rock",)],
                "origins": [("Liked", "Summer"), ("Liked",), ("Liked",)],
                "duration_s": [181.5, np.nan, 10.0],
            },
            index=index,
        ),
        pd.DataFrame({"energy": [0.1, np.nan, 0.3], "loudness": [-7.25, np.nan, np.nan]}, index=index),
        kind=kind,
        path=path,
        providers=providers,
        spotify_at=pd.Series(dates),
        genre_parents={"Blues": "Folk"},
        notices=[Notice("rescaled", 2, "Two columns were rescaled.")],
    )


def assert_equal(one: Library, other: Library) -> None:
    pd.testing.assert_frame_equal(one.tracks, other.tracks)
    pd.testing.assert_frame_equal(one.features, other.features)
    pd.testing.assert_series_equal(one.providers, other.providers)
    pd.testing.assert_series_equal(one.spotify_at, other.spotify_at)
    assert (one.own is None) == (other.own is None)
    if one.own is not None and other.own is not None:
        assert_equal(one.own, other.own)
    assert (one.kind, one.path, one.notices) == (other.kind, other.path, other.notices)
    assert one.genre_parents == other.genre_parents


# --- libraries ---------------------------------------------------------------------------------------------------


def test_a_library_comes_back_equal_from_another_opening(tmp_path: Path) -> None:
    library = small_library()
    with open_store(tmp_path) as store:
        key = store.libraries.save(library)
    with open_store(tmp_path) as store:
        assert_equal(store.libraries.load(key), library)


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
any_number = st.floats(allow_nan=True, allow_infinity=True)


@st.composite
def any_library(draw: st.DrawFn) -> Library:
    ids = draw(st.lists(any_text, unique=True, max_size=4))
    columns = draw(st.lists(st.sampled_from(OPTIONAL_NAMES), unique=True))

    def column(values: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(values, min_size=len(ids), max_size=len(ids)))

    labels = st.lists(any_text, max_size=3).map(tuple)
    tracks = {
        "title": column(any_text), "uri": column(any_text), "isrc": column(any_text), "path": column(any_text),
        "genres": column(labels), "origins": column(labels), "play_count": column(any_number),
    }  # fmt: skip
    features = {name: column(any_number) for name in (*BASE_NAMES, *columns)}
    return make_library(
        pd.DataFrame(tracks, index=pd.Index(ids, dtype="str")),
        pd.DataFrame(features, index=pd.Index(ids, dtype="str"), dtype=np.float64),
        kind=draw(any_text),
        path=draw(any_text.map(lambda text: f"/music/{text}".replace(PATH_SEPARATOR, ""))),
        providers=pd.Series(column(any_text), index=pd.Index(ids, dtype="str"), dtype="str"),
        genre_parents=draw(st.dictionaries(any_text, any_text, max_size=3)),
        notices=[Notice("kind", 1, draw(any_text))],
    )


@settings(max_examples=60, deadline=None)
@given(library=any_library())
def test_any_library_comes_back_equal(reused: Store, library: Library) -> None:
    key = reused.libraries.save(library, key="any")
    assert_equal(reused.libraries.load(key), library)


def test_saving_again_replaces_the_library_and_keeps_its_name(store: Store) -> None:
    library = small_library()
    key = store.libraries.save(library, name="My likes", now=NOW)
    shorter = library.select(np.array([2, 0]))
    assert store.libraries.save(shorter, now=NOW + 5) == key
    assert_equal(store.libraries.load(key), shorter)
    (info,) = store.libraries.recent()
    assert (info.key, info.name, info.kind, info.path) == (key, "My likes", "table", library.path)
    assert (info.tracks, info.with_features, info.saved_at, info.opened_at) == (2, 2, NOW + 5, NOW + 5)


def test_recent_libraries_stand_in_the_order_of_opening(store: Store) -> None:
    keys = [store.libraries.save(small_library(path=f"/music/{n}.csv"), now=NOW + n) for n in range(3)]
    store.libraries.touch(keys[0], now=NOW + 10)
    assert [info.key for info in store.libraries.recent()] == [keys[0], keys[2], keys[1]]
    assert [info.name for info in store.libraries.recent(limit=2)] == ["0.csv", "2.csv"]
    store.libraries.remove(keys[0])
    assert [info.key for info in store.libraries.recent()] == [keys[2], keys[1]]
    with pytest.raises(StorageError, match="not stored any more"):
        store.libraries.load(keys[0])


def test_library_keys_name_the_file_and_not_how_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert library_key("table", "mine.csv") == library_key("table", str(tmp_path / "x" / ".." / "mine.csv"))
    assert library_key("table", "mine.csv") != library_key("exportify", "mine.csv")
    assert library_key("demo", "demo:") == "demo:demo:"
    several = library_key("merged", "spotify:; mine.csv; more/b.csv")
    assert several == f"merged:spotify:; {tmp_path}/mine.csv; {tmp_path}/more/b.csv"
    (tmp_path / "songs; mine.csv").touch()
    assert library_key("table", "songs; mine.csv") == f"table:{tmp_path}/songs; mine.csv"
    assert library_key("table", "x" * 5000).endswith("x" * 5000)


def test_a_library_named_from_its_folder_is_found_from_another(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    key = store.libraries.save(small_library(kind="merged", path="mine.csv; spotify:; more/b.csv"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    (info,) = store.libraries.recent()
    assert info.path == store.libraries.load(key).path == f"{tmp_path}/mine.csv; spotify:; {tmp_path}/more/b.csv"
    assert library_key(info.kind, info.path) == info.key == key


def test_track_keys_take_the_spotify_id_then_the_isrc_then_the_library() -> None:
    tracks = pd.DataFrame(
        {
            "uri": ["spotify:track:" + "Ab3" * 7 + "x", "spotify:local:a:b:c:1", ""],
            "isrc": ["GBAYE6800011", "gb-aye-68 00012", ""],
        },
        index=["1", "2", "3"],
    )
    library = make_library(tracks, pd.DataFrame(index=tracks.index), kind="table", path="spotify:x")
    assert list(track_keys(library)) == ["Ab3" * 7 + "x", "isrc:GBAYE6800012", "track:table:spotify:x:3"]
    assert track_keys(library, key="k")["3"] == "track:k:3"


# --- features ----------------------------------------------------------------------------------------------------


def rows(**values: float) -> pd.DataFrame:
    return pd.DataFrame({"energy": list(values.values())}, index=list(values))


def test_features_come_back_with_provider_and_time_in_the_order_asked(store: Store) -> None:
    assert store.features.put("reccobeats", rows(x=0.1, y=0.2), now=NOW) == 2
    store.features.put("table", pd.DataFrame({"energy": [0.3], "key": [-1.0]}, index=["x"]), now=NOW + 1)
    found = store.features.get(["y", "unknown", "x", "y"])
    assert list(found.index) == ["y", "x", "x"]
    assert list(found["provider"]) == ["reccobeats", "reccobeats", "table"]
    assert list(found["time"]) == [NOW, NOW, NOW + 1]
    assert list(found.columns) == ["provider", "time", *FEATURES]
    assert found.loc["x", "key"].tolist()[1] == -1.0
    assert found["valence"].isna().all()
    assert store.features.counts() == {"reccobeats": 2, "table": 1}

    preferred = store.features.get(["y", "x"], order=["table", "reccobeats"])
    first = preferred[~preferred.index.duplicated()]
    assert first["energy"].to_dict() == {"y": 0.2, "x": 0.3}


def test_a_newer_answer_replaces_the_older_of_the_same_provider(store: Store) -> None:
    store.features.put("reccobeats", pd.DataFrame({"energy": [0.1], "tempo": [99.0]}, index=["x"]), now=NOW)
    store.features.put("reccobeats", rows(x=0.4), now=NOW + 9)
    found = store.features.get(["x"])
    assert found[["energy", "time"]].to_numpy().tolist() == [[0.4, NOW + 9]]
    assert found["tempo"].isna().all()


def test_rows_without_a_value_and_empty_answers_store_nothing(store: Store) -> None:
    assert store.features.put("p", rows(x=np.nan)) == 0
    assert store.features.put("p", pd.DataFrame()) == 0
    empty = store.features.get(["x"])
    assert empty.empty
    assert store.features.get([]).dtypes.to_dict() == empty.dtypes.to_dict()
    assert empty["energy"].dtype == np.float64


def test_an_unknown_feature_is_refused_and_nothing_stored(store: Store) -> None:
    with pytest.raises(StorageError, match="'moodiness' is no audio feature"):
        store.features.put("p", pd.DataFrame({"energy": [1.0], "moodiness": [1.0]}, index=["x"]))
    assert store.features.counts() == {}


@settings(max_examples=40, deadline=None)
@given(
    answers=st.lists(
        st.tuples(st.sampled_from("pq"), st.dictionaries(any_text, st.floats(allow_nan=False), max_size=4)), max_size=5
    )
)
def test_features_are_a_map_by_key_and_provider(reused: Store, answers: list[tuple[str, dict[str, float]]]) -> None:
    reused.features.forget("p")
    reused.features.forget("q")
    expected: dict[tuple[str, str], float] = {}
    for provider, values in answers:
        reused.features.put(provider, rows(**values))
        expected |= {(key, provider): value for key, value in values.items()}
    found = reused.features.get([key for key, _ in expected])
    assert dict(zip(zip(found.index, found["provider"], strict=True), found["energy"], strict=True)) == expected


def test_misses_are_asked_again_after_30_days_or_once_found(store: Store) -> None:
    store.features.put("reccobeats", rows(a=0.5), missing=["b", "c"], now=NOW)
    asked = ["a", "b", "c", "d"]
    assert store.features.misses("reccobeats", asked, now=NOW + 1) == {"b", "c"}
    assert store.features.misses("spotify", asked, now=NOW + 1) == frozenset()
    assert store.features.misses("reccobeats", asked, now=NOW + RETRY_AFTER - 1) == {"b", "c"}
    assert store.features.misses("reccobeats", asked, now=NOW + RETRY_AFTER) == frozenset()
    store.features.put("reccobeats", rows(b=0.1), now=NOW + 2)
    assert store.features.misses("reccobeats", asked, now=NOW + 3) == {"c"}
    store.features.forget("reccobeats")
    assert store.features.misses("reccobeats", asked, now=NOW + 3) == frozenset()
    assert store.features.get(asked).empty


def test_genres_stay_for_good_and_vain_lookups_30_days(store: Store) -> None:
    store.genres.put("isrc", {"X1": ["folk", "hip hop"], "X2": []}, now=NOW)
    store.genres.put("artist", {"X1": ["jazz"]}, now=NOW)
    assert store.genres.get("isrc", ["X1", "X2", "X3"], now=NOW + 1) == {"X1": ("folk", "hip hop"), "X2": ()}
    later = NOW + 400 * DAY
    assert store.genres.get("isrc", ["X1", "X2"], now=later) == {"X1": ("folk", "hip hop")}
    assert store.genres.get("artist", ["X1"], now=later) == {"X1": ("jazz",)}


# --- runs and edits ----------------------------------------------------------------------------------------------


def assignments(lineages: tuple[str, str] = ("l1", "l2")) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "track_id": ["t3", "t1", "t2", "t9"],
            "cluster_id": [0, 1, 0, -1],
            "lineage": [lineages[0], lineages[1], lineages[0], ""],
            "fit": [0.25, 1 / 3, 1.0, np.nan],
        }
    ).astype({"track_id": "str", "lineage": "str"})


DOCUMENT = {
    "schema": 1,
    "source": {"kind": "table", "path": "mine.csv", "tracks": 4},
    "recipe": {"name": "balanced", "algorithm": "kmeans", "k": 2},
    "quality": {"inertia": 0.1 + 0.2, "note": "Süß ♫"},
}


def test_a_run_comes_back_equal(store: Store) -> None:
    run_id = store.runs.add(
        DOCUMENT, assignments=assignments(), library_key="k", library_name="Mine", options={"seed": 1986}, now=NOW
    )
    run = store.runs.get(run_id)
    assert run.document == DOCUMENT
    assert run.options == {"seed": 1986}
    pd.testing.assert_frame_equal(run.assignments, assignments())
    info = run.info
    assert (info.id, info.library_key, info.library_name, info.created_at) == (run_id, "k", "Mine", NOW)
    assert (info.recipe, info.algorithm, info.k, info.tracks) == ("balanced", "kmeans", 2, 4)
    assert (info.source_kind, info.source_path) == ("table", "mine.csv")
    assert store.runs.summaries() == [info]


json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=40, deadline=None)
@given(document=st.dictionaries(st.sampled_from(["source", "recipe", "clusters", "\ud800"]), json_value))
def test_any_document_comes_back_equal(reused: Store, document: dict[str, object]) -> None:
    run_id = reused.runs.add(document, assignments=assignments(), library_key="k")
    assert reused.runs.get(run_id).document == document


def test_the_latest_run_is_found_and_a_missing_one_refused(store: Store) -> None:
    with pytest.raises(StorageError, match="no run has been kept yet"):
        store.runs.get("latest")
    ids = [store.runs.add(DOCUMENT, assignments=assignments(), library_key=key) for key in "aab"]
    assert ids == ["1", "2", "3"]
    assert store.runs.get().info.id == "3"
    assert store.runs.get("latest", library_key="a").info.id == "2"
    assert [info.id for info in store.runs.summaries(library_key="a")] == ["2", "1"]
    for wrong in ("4", "-1", "x", "", "²", "9" * 30):
        with pytest.raises(StorageError, match="there is no kept run"):
            store.runs.get(wrong)
    with pytest.raises(StorageError, match="there is no kept run"):
        store.runs.get("3", library_key="a")


def test_deleted_run_numbers_are_never_given_again(store: Store) -> None:
    store.runs.add(DOCUMENT, assignments=assignments(), library_key="a")
    store.runs.delete("latest")
    assert store.runs.add(DOCUMENT, assignments=assignments(), library_key="a") == "2"
    with pytest.raises(StorageError, match="there is no kept run"):
        store.runs.delete("1")


def test_pruning_keeps_the_newest_of_each_library(store: Store) -> None:
    for key in "aaabb":
        store.runs.add(DOCUMENT, assignments=assignments(), library_key=key)
    assert store.runs.prune(keep=2) == 1
    assert [info.id for info in store.runs.summaries()] == ["5", "4", "3", "2"]
    assert store.runs.prune(keep=0) == 4
    assert store.runs.summaries() == []


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (assignments().drop(columns="fit"), "its tracks have no fit"),
        (assignments().assign(track_id="same"), "a track stands in it twice"),
        (assignments().assign(lineage=list("abcd")), "a cluster has two lineages"),
    ],
)
def test_a_run_that_contradicts_itself_is_refused(store: Store, frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(StorageError, match=said):
        store.runs.add(DOCUMENT, assignments=frame, library_key="a")
    assert store.runs.summaries() == []


def test_a_document_that_is_no_json_is_refused(store: Store) -> None:
    with pytest.raises(StorageError, match="it is no JSON"):
        store.runs.add({"n": np.int64(3)}, assignments=assignments(), library_key="a")


def test_names_and_locks_belong_to_library_and_lineage(store: Store) -> None:
    store.edits.set_name("a", "l1", "Rainy days", now=NOW)
    store.edits.set_name("a", "l1", "Rainy nights")
    store.edits.set_name("b", "l1", "Others")
    store.edits.set_lock("a", "l1", True)
    store.edits.set_lock("a", "l2", True)
    assert store.edits.names("a") == {"l1": "Rainy nights"}
    assert store.edits.locked("a") == {"l1", "l2"}
    store.edits.clear_name("a", "l1")
    store.edits.set_lock("a", "l2", False)
    assert store.edits.names("a") == {}
    assert store.edits.locked("a") == {"l1"}
    assert store.edits.names("b") == {"l1": "Others"}


# --- exports, journal, account -----------------------------------------------------------------------------------


def exported(lineage: str, remote_id: str, *, destination: str = "spotify:me", key: str = "k") -> Exported:
    uris = ("spotify:track:2", "spotify:track:1")
    return Exported(destination, key, lineage, remote_id, "snap", "Slow & Somber", uris, NOW)


def test_exported_playlists_are_found_by_cluster_and_by_id(store: Store) -> None:
    one, two = exported("l1", "r1"), exported("l2", "r2", key="other")
    store.exports.remember(one)
    store.exports.remember(two)
    assert store.exports.by_lineage("spotify:me", "l1", library_key="k") == one
    assert store.exports.by_lineage("spotify:me", "l1", library_key="other") is None
    assert store.exports.by_lineage("spotify:you", "l1", library_key="k") is None
    assert store.exports.at("spotify:me") == [one, two]
    assert store.exports.at("spotify:me", library_key="k") == [one]
    store.exports.forget("spotify:me", "r1")
    assert store.exports.at("spotify:me") == [two]


def test_a_cluster_has_one_playlist_and_a_playlist_one_cluster(store: Store) -> None:
    store.exports.remember(exported("l1", "r1"))
    store.exports.remember(exported("l2", "r2"))
    store.exports.remember(exported("l1", "r2"))
    assert store.exports.at("spotify:me") == [exported("l1", "r2")]


def test_the_journal_leads_from_planned_to_confirmed(store: Store) -> None:
    one = store.journal.plan("create", {"name": "A"}, batch="e1", now=NOW)
    two = store.journal.plan("add", {"uris": ["u"]}, batch="e1", now=NOW)
    assert [(entry.id, entry.state) for entry in store.journal.open_entries()] == [(one, "planned"), (two, "planned")]
    store.journal.sent(one, now=NOW + 1)
    store.journal.sent(one, now=NOW + 2)
    store.journal.confirm(one, {"id": "r1"}, now=NOW + 3)
    store.journal.fail(two, {"status": 403}, now=NOW + 4)
    assert store.journal.open_entries() == []
    first, second = store.journal.entries(batch="e1")
    assert (first.kind, first.payload, first.state, first.answer) == (
        "create",
        {"name": "A"},
        "confirmed",
        {"id": "r1"},
    )
    assert (first.time, first.changed_at, second.state) == (NOW, NOW + 3, "failed")
    assert [entry.id for entry in store.journal.entries(kind="add")] == [two]


def test_the_journal_refuses_to_go_backwards(store: Store) -> None:
    entry = store.journal.plan("create", {})
    with pytest.raises(StorageError, match="cannot become confirmed, because it is planned"):
        store.journal.confirm(entry)
    store.journal.sent(entry)
    store.journal.confirm(entry)
    for move in (store.journal.sent, store.journal.confirm, store.journal.fail):
        with pytest.raises(StorageError, match="because it is already confirmed"):
            move(entry)
    with pytest.raises(StorageError, match="because it is not in it"):
        store.journal.sent(entry + 1)


def test_of_old_exports_only_unfinished_ones_stay_in_the_journal(store: Store) -> None:
    for batch, closed in (("old", NOW + 1), ("young", NOW + 9), ("cut off", NOW + 1)):
        for _ in range(2):
            entry = store.journal.plan("x", {}, batch=batch, now=NOW)
            store.journal.sent(entry, now=closed)
            store.journal.confirm(entry, now=closed)
    store.journal.plan("x", {}, batch="cut off", now=NOW)
    late = store.journal.plan("x", {}, batch="young", now=NOW)
    store.journal.fail(late, now=NOW + 1)
    store.expire(now=NOW + 5 + SPOTIFY_KEEPS)
    assert [entry.batch for entry in store.journal.entries()] == ["young"] * 2 + ["cut off"] * 3 + ["young"]


def test_calls_are_counted_over_a_day_that_moves(store: Store) -> None:
    for second in range(3):
        store.quota.count("library", now=NOW + second)
    store.quota.count("playlists", now=NOW + 100)
    assert store.quota.used(now=NOW + 100) == {"library": 3, "playlists": 1}
    assert store.quota.used(now=NOW + DAY + 1) == {"library": 1, "playlists": 1}
    assert store.quota.used(now=NOW + DAY + 100) == {}


def test_pages_belong_to_one_state_of_a_collection(store: Store) -> None:
    store.pages.put("me", "p1", 50, [{"uri": "b"}], tag="s1")
    store.pages.put("me", "p1", 0, [{"uri": "a"}], tag="s1")
    store.pages.put("you", "p1", 0, ["other"], tag="s1")
    assert store.pages.get("me", "p1", tag="s1") == {0: [{"uri": "a"}], 50: [{"uri": "b"}]}
    assert list(store.pages.get("me", "p1", tag="s1")) == [0, 50]
    assert store.pages.get("me", "p1", tag="s2") == {}
    store.pages.put("me", "p1", 0, ["new"], tag="s2")
    assert store.pages.tags("me") == {"p1": "s2"}
    assert store.pages.get("me", "p1", tag="s1") == {}
    store.pages.drop("me", "p1")
    assert store.pages.tags("me") == {}
    assert store.pages.get("you", "p1", tag="s1") == {0: ["other"]}


def test_state_is_remembered_until_its_time(store: Store) -> None:
    store.state.set("closed:client", {"since": 1}, until=NOW + 10)
    store.state.set("last", ["a", None, 2.5])
    assert store.state.get("closed:client", now=NOW + 9) == {"since": 1}
    assert store.state.get("closed:client", "open", now=NOW + 10) == "open"
    assert store.state.get("last") == ["a", None, 2.5]
    store.state.remove("last")
    assert store.state.get("last") is None
    with pytest.raises(StorageError, match="it is no JSON"):
        store.state.set("last", object())


# --- what Spotify's API gave goes, what is a person's own stays --------------------------------------------------


def fill_with_both(store: Store) -> tuple[str, str, str]:
    """Store an account's library, a file's and one made of both; return their keys."""
    account = store.libraries.save(small_library(kind="spotify", path="spotify:"), now=NOW)
    own = store.libraries.save(small_library(path="/music/own.csv"), now=NOW)
    mixed = store.libraries.save(small_library(path="/music/mixed.csv", dates=(NOW, np.nan, NOW)), now=NOW)
    store.features.put("spotify", rows(k1=0.1), now=NOW)
    store.features.put("reccobeats", rows(k1=0.2), now=NOW)
    store.pages.put("me", "liked", 0, ["Quiet secret title"], now=NOW)
    store.state.set("account", "me", from_spotify=True, now=NOW)
    store.state.set("theme", "dark", now=NOW)
    for key in (account, own, mixed):
        kind = "spotify" if key == account else "table"
        store.runs.add(DOCUMENT | {"source": {"kind": kind}}, assignments=assignments(), library_key=key, now=NOW)
        store.edits.set_name(key, "l1", "Rainy days", now=NOW)
    store.exports.remember(exported("l1", "r1", key=own))
    store.exports.remember(exported("l1", "r2", key=own, destination="other"))
    store.journal.plan("create", {"name": "A"}, batch="e1", now=NOW)
    store.quota.count("library", now=NOW)
    return account, own, mixed


def test_nothing_goes_before_30_days(store: Store) -> None:
    fill_with_both(store)
    assert store.expire(now=NOW + SPOTIFY_KEEPS - 1) == Dropped()


def test_data_from_spotify_goes_after_30_days_and_only_that(store: Store) -> None:
    account, own, mixed = fill_with_both(store)
    dropped = store.expire(now=NOW + SPOTIFY_KEEPS)
    assert dropped == Dropped(tracks=5, features=1, pages=1, runs=2)
    assert store.features.get(["k1"])["provider"].tolist() == ["reccobeats"]
    assert store.pages.tags("me") == {}
    assert (store.state.get("account"), store.state.get("theme")) == (None, "dark")
    assert_equal(store.libraries.load(own), small_library(path="/music/own.csv"))

    left = store.libraries.load(mixed)
    assert list(left.tracks.index) == ["b"]
    assert left.notices[-1].kind == EXPIRED
    assert left.notices[-1].count == 2
    assert len(store.libraries.load(account)) == 0
    counts = {info.key: (info.tracks, info.with_features) for info in store.libraries.recent()}
    assert counts == {account: (0, 0), own: (3, 2), mixed: (1, 0)}

    assert [info.library_key for info in store.runs.summaries()] == [own]
    assert store.edits.names(account) == {"l1": "Rainy days"}
    assert len(store.exports.at("spotify:me")) == 1
    assert len(store.journal.open_entries()) == 1
    assert store.expire(now=NOW + SPOTIFY_KEEPS) == Dropped()


def test_opening_drops_what_is_too_old(tmp_path: Path) -> None:
    with open_store(tmp_path, now=NOW) as store:
        store.features.put("spotify", rows(k1=0.1), now=NOW)
    with open_store(tmp_path, now=NOW + SPOTIFY_KEEPS - 1) as store:
        assert len(store.features.get(["k1"])) == 1
    with open_store(tmp_path, now=NOW + SPOTIFY_KEEPS) as store:
        assert store.features.get(["k1"]).empty


def test_saving_again_does_not_make_spotify_data_younger(store: Store) -> None:
    library = small_library(kind="spotify", path="spotify:", dates=(NOW, NOW + 20 * DAY, np.nan))
    key = store.libraries.save(library, now=NOW + 20 * DAY)
    store.libraries.save(store.libraries.load(key), now=NOW + 25 * DAY)
    store.expire(now=NOW + SPOTIFY_KEEPS)
    left = store.libraries.load(key)
    assert left.spotify_at.to_dict() == {"b": NOW + 20 * DAY, "c": NOW + 20 * DAY}
    # What was dropped is still told after the rest was saved again, once.
    store.libraries.save(left, now=NOW + SPOTIFY_KEEPS)
    assert_equal(store.libraries.load(key), left)
    # A sync fetched everything afresh.
    fresh = small_library(kind="spotify", path="spotify:", dates=(NOW + SPOTIFY_KEEPS,) * 3)
    store.libraries.save(fresh, now=NOW + SPOTIFY_KEEPS)
    assert store.expire(now=NOW + SPOTIFY_KEEPS + DAY) == Dropped()
    assert_equal(store.libraries.load(key), fresh)


def test_a_part_of_an_accounts_library_keeps_its_dates(store: Store) -> None:
    key = store.libraries.save(small_library(kind="spotify", path="spotify:"), now=NOW)
    part = store.libraries.load(key).select(np.array([2, 0]))
    assert part.spotify_at.to_dict() == {"c": NOW, "a": NOW}
    part_key = store.libraries.save(part, key=f"{key}#Rock", now=NOW + 20 * DAY)
    store.expire(now=NOW + SPOTIFY_KEEPS)
    assert len(store.libraries.load(part_key)) == 0


def both(store: Store) -> Library:
    """Return an account's library as it is stored, merged with a file that knows two of its tracks and one more."""
    account = store.libraries.save(small_library(kind="spotify", path="spotify:", providers="spotify"), now=NOW)
    file = make_library(
        pd.DataFrame(
            {
                "title": ["My quiet title", "Only mine", "Rain"],
                "uri": [f"spotify:track:{'C' * 22}", "", f"spotify:track:{'B' * 22}"],
                "origins": [("Mine",), ("Mine",), ("Mine",)],
            },
            index=["7", "8", "9"],
        ),
        pd.DataFrame({"energy": [0.5, 0.6, np.nan]}, index=["7", "8", "9"]),
        kind="table",
        path="/music/mine.csv",
        providers="file",
    )
    return merge_libraries([store.libraries.load(account), file])


def test_of_a_track_in_the_account_and_in_a_file_only_the_accounts_part_goes(store: Store) -> None:
    merged = both(store)
    assert merged.tracks["title"].tolist() == ["Ännchen", "雨", "Quiet secret title", "Only mine"]
    key = store.libraries.save(merged, now=NOW + 10 * DAY)
    assert_equal(store.libraries.load(key), merged)
    dropped = store.expire(now=NOW + SPOTIFY_KEEPS)
    assert dropped.tracks == 3 + 1  # the account's own library, and the one track here that no file knows
    left = store.libraries.load(key)
    assert left.tracks["title"].to_dict() == {"9": "Rain", "7": "My quiet title", "8": "Only mine"}
    assert left.tracks["origins"].tolist() == [("Mine",)] * 3
    assert left.tracks["duration_s"].isna().all()
    np.testing.assert_array_equal(left.features["energy"], [np.nan, 0.5, 0.6])
    assert left.providers.tolist() == ["", "file", "file"]
    assert left.spotify_at.isna().all()
    assert left.own is None
    assert [notice.count for notice in left.notices if notice.kind == EXPIRED] == [1]
    assert store.libraries.recent()[0].tracks == 3
    assert store.expire(now=NOW + SPOTIFY_KEEPS) == Dropped()
    store.libraries.save(left, now=NOW + SPOTIFY_KEEPS)
    assert_equal(store.libraries.load(key), left)


def test_of_runs_that_go_only_marks_of_named_and_exported_playlists_stay(store: Store, tmp_path: Path) -> None:
    ids = [letter * 22 for letter in "ABCDEFGH"]
    library = make_library(
        pd.DataFrame({"title": ids}, index=ids),
        pd.DataFrame(index=ids),
        kind="spotify",
        path="spotify:",
        spotify_at=NOW,
    )
    key = store.libraries.save(library)

    def keep(groups: dict[str, list[str]]) -> str:
        rows = [(track_id, number, lineage) for number, (lineage, its) in enumerate(groups.items()) for track_id in its]
        frame = pd.DataFrame(rows, columns=["track_id", "cluster_id", "lineage"]).assign(fit=1.0)
        options = {"playlists": [{"name": lineage, "track_ids": its} for lineage, its in groups.items()]}
        return store.runs.add(DOCUMENT, assignments=frame, library_key=key, options=options, now=NOW + 20 * DAY)

    keep({"named": ids[:2], "exported": ids[2:4], "neither": ids[4:]})
    keep({"named": ids[:3], "neither": ids[3:]})
    store.edits.set_name(key, "named", "Rainy days", now=NOW)
    store.exports.remember(exported("exported", "r1", key=key))
    assert store.runs.marked(key, ids) == {}
    assert store.expire(now=NOW + SPOTIFY_KEEPS).runs == 2, "what counts is when the tracks were obtained"
    marked = store.runs.marked(key, ids[1:])
    assert set(marked) == {"named", "exported"}, "nobody needs to know the others again"
    assert marked["exported"] == frozenset(ids[2:4])
    assert (len(marked["named"]), marked["named"] & set(ids)) == (3, set(ids[1:3])), "one of them is not there any more"
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Rainy days" in content
    assert [track_id for track_id in ids if track_id.encode() in content] == []
    with open_store(tmp_path, now=NOW) as again:
        assert again.runs.marked(key, ids[1:]) == marked
        again.drop_spotify_data()
        assert again.runs.marked(key, ids) == {}


def test_no_text_of_the_account_is_left_of_a_track_that_a_file_knows_too(store: Store, tmp_path: Path) -> None:
    store.libraries.save(both(store), now=NOW)
    store.drop_spotify_data()
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"My quiet title" in content
    assert b"Quiet secret title" not in content
    assert b"Summer" not in content  # the name of a playlist


def test_a_file_knows_its_track_by_its_own_id_and_code_when_the_account_is_gone(store: Store) -> None:
    account = make_library(
        pd.DataFrame({"title": ["Song"], "uri": [f"spotify:track:{'A' * 22}"], "isrc": ["DEA123456789"]}, index=["x"]),
        pd.DataFrame(index=["x"]),
        kind="spotify",
        path="spotify:",
        spotify_at=NOW,
    )
    files = [
        make_library(
            pd.DataFrame({"title": ["Song", other], "isrc": ["DEA123456789", ""]}, index=["1", "2"]),
            pd.DataFrame(index=["1", "2"]),
            kind="table",
            path=f"{other}.csv",
        )
        for other in ("Second", "Third")
    ]
    merged = merge_libraries([account, *files])
    assert merged.tracks["uri"].to_dict() == {"1": f"spotify:track:{'A' * 22}", "2": "", "2 (2)": ""}
    key = store.libraries.save(merged, now=NOW)
    store.expire(now=NOW + SPOTIFY_KEEPS)
    left = store.libraries.load(key)
    assert left.tracks["uri"].to_dict() == {"1": "", "2": "", "2 (2)": ""}
    assert left.tracks["isrc"].tolist() == ["DEA123456789", "", ""]


def test_what_others_found_since_stays_with_a_persons_own_track(store: Store) -> None:
    merged = both(store)
    found = merged.features.copy()
    found.loc["9", ["energy", "tempo"]] = [0.9, 90.0]
    givers = merged.providers.copy()
    givers["9"] = "reccobeats"
    key = store.libraries.save(replace(merged, features=found, providers=givers), now=NOW)
    store.drop_spotify_data()
    left = store.libraries.load(key)
    assert left.features.loc["9", ["energy", "tempo"]].tolist() == [0.9, 90.0]
    assert left.providers.to_dict() == {"9": "reccobeats", "7": "file", "8": "file"}


def test_spotifys_features_leave_the_libraries_they_were_joined_to(store: Store) -> None:
    library = small_library(providers="spotify")
    feature_rows = library.features.set_axis(pd.Index(track_keys(library)), axis=0)
    store.features.put("spotify", feature_rows, now=NOW)
    key = store.libraries.save(library, now=NOW + 29 * DAY)
    store.expire(now=NOW + 29 * DAY)
    assert_equal(store.libraries.load(key), library)
    store.expire(now=NOW + SPOTIFY_KEEPS)
    left = store.libraries.load(key)
    pd.testing.assert_frame_equal(left.tracks, library.tracks)
    assert left.with_features == 0
    assert set(left.providers) == {""}


def test_disconnecting_leaves_a_persons_own(store: Store) -> None:
    account, own, mixed = fill_with_both(store)
    assert store.drop_spotify_data() == Dropped(tracks=5, features=1, pages=1, runs=2, playlists=1)
    assert {info.key for info in store.libraries.recent()} == {own, mixed}
    assert_equal(store.libraries.load(own), small_library(path="/music/own.csv"))
    assert list(store.libraries.load(mixed).tracks.index) == ["b"]
    assert [info.library_key for info in store.runs.summaries()] == [own]
    assert store.edits.names(account) == {}
    assert store.edits.names(mixed) == store.edits.names(own) == {"l1": "Rainy days"}
    assert store.features.counts() == {"reccobeats": 1}
    assert (store.state.get("account"), store.state.get("theme")) == (None, "dark")
    assert store.exports.at("spotify:me") == []
    assert len(store.exports.at("other")) == 1
    assert store.journal.entries() == []
    assert store.quota.used(now=NOW + 1) == {"library": 1}


def test_dropped_text_is_in_no_file_any_more(tmp_path: Path) -> None:
    with open_store(tmp_path, now=NOW) as store:
        store.libraries.save(small_library(kind="spotify", path="spotify:"), now=NOW)
        store.pages.put("me", "liked", 0, ["Quiet secret title"] * 2_000, now=NOW)

        def holders() -> list[str]:
            return [path.name for path in tmp_path.iterdir() if b"Quiet secret title" in path.read_bytes()]

        assert holders()
        store.drop_spotify_data()
        assert holders() == []


# --- transactions, threads, the file -----------------------------------------------------------------------------


def test_what_is_looked_at_at_once_is_one_state(store: Store) -> None:
    store.edits.set_name("one", "line", "Mine")
    with open_store(store.path.parent, now=NOW) as other, store.at_once():
        assert store.edits.names("two") == {}
        other.rename_library("one", "two")
        assert store.edits.names("one") == {"line": "Mine"}
        assert store.edits.names("two") == {}
    assert store.edits.names("two") == {"line": "Mine"}


def test_what_is_done_together_is_stored_together_or_not_at_all(store: Store) -> None:
    def stopped_half_way() -> None:
        with store.together():
            store.journal.plan("create", {})
            store.exports.remember(exported("l1", "r1"))
            raise Cancelled

    with pytest.raises(Cancelled):
        stopped_half_way()
    assert store.journal.entries() == []
    assert store.exports.at("spotify:me") == []
    with store.together():
        entry = store.journal.plan("create", {})
        with pytest.raises(StorageError):
            store.journal.confirm(entry)
        store.journal.sent(entry)
        store.journal.confirm(entry)
    assert [entry.state for entry in store.journal.entries()] == ["confirmed"]


def test_threads_share_a_store(store: Store) -> None:
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(20):
                store.features.put("p", rows(**{f"{number}-{step}": 0.5}))
                with store.together():
                    entry = store.journal.plan("x", {"n": number})
                    store.journal.sent(entry)
                assert len(store.features.get([f"{number}-{step}"])) == 1
        except Exception as error:  # noqa: BLE001 - told to the test below
            errors.append(error)

    at_once(work, 4)
    assert errors == []
    assert store.features.counts() == {"p": 80}
    assert {entry.state for entry in store.journal.open_entries()} == {"sent"}
    assert len(store.journal.open_entries()) == 80


def test_two_windows_see_each_others_work(tmp_path: Path) -> None:
    with open_store(tmp_path) as one, open_store(tmp_path) as two:
        one.edits.set_name("k", "l", "From one")
        assert two.edits.names("k") == {"l": "From one"}
        two.edits.set_name("k", "l", "From two")
        assert one.edits.names("k") == {"l": "From two"}


def test_only_one_window_does_what_must_be_done_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as one, open_store(tmp_path) as two:
        with one.alone("export", doing="writing playlists"):
            with pytest.raises(StorageError, match="another window of this program is writing playlists"):
                two.alone("export", doing="writing playlists").__enter__()
            with two.alone("sync", doing="reading the account"):
                pass
        with two.alone("export", doing="writing playlists"):
            pass


def test_the_store_lies_in_the_data_folder(own_home: Path) -> None:
    with open_store() as store:
        assert store.path == own_home / "data" / "leitmotif.sqlite3"
        assert store.notices == ()
    assert store.path.is_file()
    store.close()
    with pytest.raises(StorageError, match="closed"):
        store.state.get("x")


def test_text_that_no_encoding_knows_is_refused(store: Store) -> None:
    with pytest.raises(StorageError, match="characters that cannot be stored"):
        store.edits.set_name("k", "l", "broken \udcff name")
    assert store.edits.names("k") == {}


def test_the_file_keeps_what_makes_it_safe(store: Store) -> None:
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize("table", ["tracks", "features"])
def test_every_audio_feature_has_a_column(store: Store, table: str) -> None:
    with sqlite3.connect(store.path) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    assert [name for name in columns if name in FEATURES] == list(FEATURES)
