"""What we send and what the fake answers, held against Spotify's own description of its Web API."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from core.errors import ExportError, LeitmotifError
from core.records import Playlist
from core.spotify import api
from core.spotify.client import Call
from core.spotify.cover import as_payload
from core.spotify.export import export
from core.spotify.plan import make_plan
from core.spotify.sync import sync
from core.spotify.undo import undo
from core.storage import Store
from tests.fakes.spotify import Exchange, FakeSpotify
from tests.fakes.spotify_parts import client_of, connect_to
from tests.fakes.spotify_world import track_id, track_uri

#: What Development Mode no longer sends since February 2026, although the description still asks for it.
REMOVED = ("available_markets", "linked_from", "popularity", "album_group", "label", "followers")
#: What may be null in very old playlists, as the description says in words only.
NULL = ("added_at", "added_by")
JPEG = b"\xff\xd8\xff" + b"picture" * 100


@pytest.fixture(autouse=True)
def connected(fake: FakeSpotify, store: Store) -> FakeSpotify:
    connect_to(store, allow=["top", "covers"])
    return fake


def everything(fake: FakeSpotify, store: Store) -> list[Exchange]:
    """Make every kind of request the program knows."""
    fake.world.top = [track_uri(number) for number in range(60)]
    with client_of(store) as client:
        library = sync(client, store, top=True).library
    for numbers in (range(110), [*range(3), 109, *range(4, 109), 111], [*range(9)]):
        ids = tuple(track_id(number) for number in numbers)
        wanted = Playlist(f"Of {len(ids)}", "Loud.", ids, 0, "l1")
        with client_of(store) as client:
            plan = make_plan(client, store, [wanted], library, library_key="spotify:spotify:")
            made = export(client, store, plan)[0].job.remote_id
            api.cover(client, made, as_payload(JPEG), public=False)
    with client_of(store) as client:
        undo(client, store)
        assert api.in_library(client, made)
        assert api.playlist(client, made)["id"] == made
        api.unfollow(client, made)
    return fake.exchanges


def in_json_schema(node: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema, with ``nullable`` as a type, as Development Mode answers it."""
    if isinstance(node, list):
        return [in_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: in_json_schema(value) for key, value in node.items() if key not in ("example", "nullable")}
    if isinstance(node.get("required"), list):
        changed["required"] = [name for name in node["required"] if name not in REMOVED]
    for name in NULL:
        if isinstance(node.get("properties"), dict) and name in node["properties"]:
            changed["properties"][name] = {"anyOf": [changed["properties"][name], {"type": "null"}]}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        changed["type"] = [node["type"], "null"]
        if "enum" in changed:
            changed["enum"] = [*changed["enum"], None]
    return changed


class Contract:
    """The official description."""

    def __init__(self, path: Path) -> None:
        self.spec = in_json_schema(yaml.safe_load(path.read_text(encoding="utf-8")))

    def resolved(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            found = self.spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def operation(self, exchange: Exchange) -> Mapping[str, Any]:
        for template, methods in self.spec["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), f"/{exchange.path}"):
                operation = methods.get(exchange.method.lower())
                if operation is not None:
                    return {
                        **operation,
                        "parameters": [*methods.get("parameters", []), *operation.get("parameters", [])],
                    }
        raise AssertionError(f"{exchange.method} {exchange.path} is not in the contract")

    def errors(self, schema: Any, value: Any) -> list[str]:
        validator = Draft202012Validator({**schema, "components": self.spec["components"]})
        return [f"{'/'.join(map(str, error.path))}: {error.message[:100]}" for error in validator.iter_errors(value)]


@pytest.fixture
def contract(shared: Path) -> Contract:
    return Contract(shared / "contracts" / "spotify-openapi-2026-08.yml")


def test_all_our_requests_are_in_the_contract(fake: FakeSpotify, store: Store, contract: Contract) -> None:
    kinds = set()
    for exchange in everything(fake, store):
        operation = contract.operation(exchange)
        kinds.add(operation["operationId"])
        assert not operation.get("deprecated"), f"{exchange.method} {exchange.path} is deprecated"
        known = {p["name"]: p for p in map(contract.resolved, operation["parameters"]) if p["in"] == "query"}
        for name, text in exchange.query.items():
            assert name in known, f"{exchange.path} knows no {name}"
            value: Any = int(text) if contract.resolved(known[name]["schema"])["type"] == "integer" else text
            assert contract.errors(known[name]["schema"], value) == []
        if exchange.body:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert contract.errors(schema, exchange.body) == []
            assert set(exchange.body) <= set(contract.resolved(schema)["properties"])
    assert kinds == {
        "get-current-users-profile", "get-users-saved-tracks", "get-a-list-of-current-users-playlists",
        "get-playlists-items", "get-users-top-artists-and-tracks", "create-playlist", "change-playlist-details",
        "add-items-to-playlist", "reorder-or-replace-playlists-items", "remove-items-playlist",
        "upload-custom-playlist-cover", "remove-library-items",
        "check-library-contains", "get-playlist",
    }  # fmt: skip


def test_all_answers_of_the_fake_are_in_the_contract(fake: FakeSpotify, store: Store, contract: Contract) -> None:
    for entry in fake.world.owned():  # odd rows come in life, but the description does not know them
        entry.rows = [row for row in entry.rows if row.uri.startswith("spotify:track:")]
    trouble = []
    for exchange in everything(fake, store):
        responses = contract.operation(exchange)["responses"]
        assert str(exchange.status) in responses, f"{exchange.method} {exchange.path} cannot answer {exchange.status}"
        content = contract.resolved(responses[str(exchange.status)]).get("content")
        if content is None:
            assert exchange.answer is None
            continue
        found = contract.errors(content["application/json"]["schema"], exchange.answer)
        trouble += [f"{exchange.method} {exchange.path}: {line}" for line in found[:3]]
    assert trouble == []


def test_removed_endpoints_are_closed_as_they_are_today(fake: FakeSpotify, store: Store) -> None:
    gone = ("users/listener", "users/listener/playlists", "playlists/x/tracks", "tracks", "artists/x/top-tracks",
            "browse/new-releases", "markets", "me/tracks/contains", "playlists/x/followers/contains")  # fmt: skip
    with client_of(store) as client:
        for path in (*gone, "audio-features"):
            with pytest.raises(LeitmotifError):
                client.read(Call(path, "asking"), lambda connection, path=path: connection._get(path))  # type: ignore[misc]
            expected = {"status": 403} if path == "audio-features" else {"status": 403, "message": "Forbidden"}
            assert fake.exchanges[-1].answer == {"error": expected}


def test_a_picture_is_sent_as_spotify_takes_it(fake: FakeSpotify, store: Store) -> None:
    made = fake.world.owned()[0]
    with client_of(store) as client:
        api.cover(client, made.id, as_payload(JPEG), public=False)
    assert base64.b64decode(made.cover) == JPEG
    for wrong in (b"", b"\x89PNG", b"\xff\xd8\xff" + b"x" * 200_000):
        with pytest.raises(ExportError):
            as_payload(wrong)
