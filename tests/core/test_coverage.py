"""What is told about tracks with and without features."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.library import Library, make_library
from core.providers.choice import make_providers
from core.providers.coverage import STATUSES, Coverage
from core.providers.fetch import fetch_features
from core.providers.reccobeats import ReccoBeats
from core.storage import open_store
from tests.fakes.libraries import library_of
from tests.fakes.reccobeats import FakeReccoBeats, features_of
from tests.fakes.server import Faults
from tests.fakes.services import AT_ONCE


def fetched(faults: Faults, *, tracks: int = 200) -> tuple[Library, Coverage]:
    """Return a library of which some tracks came with features and some cannot be asked for."""
    plain = library_of(range(tracks), isrcs=False)
    frame = pd.DataFrame([features_of(str(n)) for n in range(10)], index=plain.tracks.index[:10])
    tracks_frame = plain.tracks.copy()
    tracks_frame.loc[tracks_frame.index[-5:], "uri"] = ""
    library = make_library(
        tracks_frame, frame.reindex(plain.tracks.index), kind="test", path="some", providers="exportify"
    )
    with FakeReccoBeats(misses=0.4, faults=faults) as fake, open_store() as store:
        network = ReccoBeats(url=fake.url, pace=AT_ONCE)
        providers = make_providers(library, store=store.features, state=store.state, reccobeats=network)
        return fetch_features(library, providers=providers, store=store.features)


def test_every_track_is_counted_once_and_the_numbers_agree_with_the_library() -> None:
    # 185 ids are asked for in five batches; the second fails for good, the fifth is refused.
    faults = Faults(at=dict.fromkeys(range(2, 6), "500") | {8: "403"})
    library, coverage = fetched(faults)
    counts = {status: coverage.count(status) for status in STATUSES}
    assert sum(counts.values()) == len(library) == 200
    assert counts["found"] == library.with_features == sum(coverage.by_provider.values())
    assert counts["failed"] == 40
    assert counts["pending"] == 25
    assert coverage.unidentified == 5
    assert coverage.by_provider["exportify"] == 10
    assert library.features.notna().any(axis=1).equals(coverage.status == "found")
    assert {notice.kind: notice.count for notice in library.notices} == {
        "features-not-found": counts["not_found"],
        "features-pending": 25,
        "features-failed": 40,
    }


def test_the_record_as_json_lists_every_missing_track() -> None:
    _, coverage = fetched(Faults())
    record = json.loads(json.dumps(coverage.as_dict()))
    assert list(record) == [
        "subject", "tracks", "found", "pending", "not_found", "failed", "incomplete", "unidentified",
        "by_provider", "troubles", "missing",
    ]  # fmt: skip
    assert record["tracks"] == 200
    for status in ("pending", "not_found", "failed"):
        assert len(record["missing"][status]) == record[status]
    assert record["missing"]["not_found"][-5:] == ["t195", "t196", "t197", "t198", "t199"]
    assert list(record["by_provider"]) == ["reccobeats", "exportify"]


def test_the_record_in_words() -> None:
    _, coverage = fetched(Faults(at={3: "403"}))
    lines = coverage.lines()
    found = coverage.count("found")
    assert lines[0] == f"Audio features: {found} of 200 tracks ({found / 200:.1%})"
    assert "  from exportify: 10" in lines
    assert "  not asked for yet: 105" in lines
    assert any(line.endswith("5 of them without a usable id") for line in lines)
    assert lines[-1].startswith("  ReccoBeats refuses the request (HTTP 403")
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize("tracks", [0, 1])
def test_a_tiny_library_is_no_trouble(tracks: int) -> None:
    library = library_of(range(tracks))
    with FakeReccoBeats() as fake:
        filled, coverage = fetch_features(library, providers=[ReccoBeats(url=fake.url, pace=AT_ONCE)])
        assert len(fake.asked) == tracks
    assert len(filled) == coverage.count("found") == tracks
    assert coverage.lines()[0].startswith(f"Audio features: {tracks} of {tracks} tracks")
