"""Whatever a track is called, what was written reads back equal, as far as each format can hold it."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exporters import exporter_named
from core.features import FEATURES
from core.library import Library, make_library
from core.records import Playlist

XSPF = "{http://xspf.org/ns/0/}"
HERE = Path("/lists")

#: Any text a library can hold: everything but half surrogate pairs, with a good share of what formats trip over.
TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\"',;|\\\n\r\t\0\x07\x1b\x85\u2028\ufeff\ufffe<>&#=+-@ 🎵é"),
    ),
    max_size=20,
)
NUMBERS = st.floats(allow_infinity=False, width=64)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    """Return the cells of one track."""
    return {
        **{name: draw(TEXT) for name in ("title", "artist", "album", "added_at", "isrc", "genre")},
        "genres": tuple(draw(st.lists(TEXT, max_size=3))),
        "uri": draw(st.from_regex(r"(spotify:track:[0-9A-Za-z]{22})?", fullmatch=True)),
        "path": draw(st.one_of(st.just(""), TEXT.map("/music/{}".format))),
        "duration_s": draw(st.one_of(st.just(math.nan), st.integers(0, 10**8).map(lambda ms: ms / 1000))),
        "explicit": draw(st.sampled_from([0.0, 1.0, math.nan])),
        **{name: draw(NUMBERS) for name in FEATURES},
    }


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    """Return a library of up to three tracks."""
    cells = draw(st.dictionaries(TEXT, rows(), max_size=3))
    frame = pd.DataFrame.from_records(list(cells.values()), index=list(cells))
    features = frame.reindex(columns=list(FEATURES)).astype("float64")
    return make_library(frame.drop(columns=list(FEATURES), errors="ignore"), features, kind="table", path="")


def render(library: Library, name: str, *, title: str = "Mix") -> bytes:
    playlist = Playlist(title, "", tuple(library.tracks.index), 0)
    return exporter_named(name).render(playlist, library, folder=HERE).data


def records(library: Library) -> list[dict[str, Any]]:
    return [
        {str(key): cell for key, cell in record.items()} for record in library.tracks.reset_index().to_dict("records")
    ]


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def number(cell: str) -> float:
    return float(cell) if cell else math.nan


@settings(max_examples=60, deadline=None)
@given(libraries(), TEXT)
def test_csv_gives_every_text_and_number_back(library: Library, title: str) -> None:
    text = render(library, "csv", title=title).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    tracks = library.tracks
    headers = {
        "title": "Track Name", "artist": "Artist Name(s)", "album": "Album Name", "added_at": "Added At",
        "isrc": "ISRC", "uri": "Track URI", "path": "Path",
    }  # fmt: skip
    for column, header in headers.items():
        assert [row[header] for row in rows] == tracks[column].tolist()
    assert [row["track_id"] for row in rows] == tracks.index.tolist()
    assert {row["Playlist"] for row in rows} <= {title}
    for feature in library.features:
        cells = [number(row[str(feature).replace("_", " ").title()]) for row in rows]
        assert all(map(same, cells, library.features[feature]))
    assert all(
        same(number(row["Duration (ms)"]) / 1000, value) for row, value in zip(rows, tracks["duration_s"], strict=True)
    )
    for row, labels, genre in zip(rows, tracks["genres"], tracks["genre"], strict=True):
        assert labels_in(row["Genres"]) == (labels or ("",))
        assert labels_in(row["Top Genre"]) == (genre,)


def labels_in(cell: str) -> tuple[str, ...]:
    return tuple(json.loads(cell) if cell.startswith("[") else cell.split(","))


@settings(max_examples=60, deadline=None)
@given(libraries(), TEXT)
def test_jspf_gives_every_text_back(library: Library, title: str) -> None:
    playlist = json.loads(render(library, "jspf", title=title))["playlist"]
    assert playlist["title"] == title
    for column, key in {"title": "title", "artist": "creator", "album": "album"}.items():
        assert [track.get(key, "") for track in playlist["track"]] == library.tracks[column].tolist()
    assert [track.get("identifier", [""])[0] for track in playlist["track"]] == library.tracks["uri"].tolist()
    for track, seconds in zip(playlist["track"], library.tracks["duration_s"], strict=True):
        assert track.get("duration") == (round(seconds * 1000) if math.isfinite(seconds) else None)


def as_xml_holds_it(text: str) -> str:
    """Return the text after the two losses that XSPF's exporter declares."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign if (ord(sign) >= 32 and sign not in "\ufffe\uffff") or sign in "\t\n" else "\ufffd" for sign in text
    )


@settings(max_examples=60, deadline=None)
@given(libraries(), TEXT)
def test_xspf_gives_every_text_back_that_xml_can_hold(library: Library, title: str) -> None:
    root = ET.fromstring(render(library, "xspf", title=title))
    assert root.findtext(f"{XSPF}title", "") == as_xml_holds_it(title)
    tracks = root.findall(f"{XSPF}trackList/{XSPF}track")
    for column, tag in {"title": "title", "artist": "creator", "album": "album", "isrc": "meta"}.items():
        read = [track.findtext(f"{XSPF}{tag}", "") for track in tracks]
        assert read == [as_xml_holds_it(text) for text in library.tracks[column]]
    assert [track.findtext(f"{XSPF}identifier", "") for track in tracks] == library.tracks["uri"].tolist()


#: Where some reader of M3U ends a line, and what else does not show.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@settings(max_examples=60, deadline=None)
@given(libraries(), TEXT)
def test_m3u8_gives_every_label_back_on_one_line(library: Library, title: str) -> None:
    lines = render(library, "m3u8", title=title).decode("utf-8").splitlines()
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:" + CONTROL.sub(" ", title)]
    assert len(lines) == 2 + 2 * len(library)
    for track, info, address in zip(records(library), lines[2::2], lines[3::2], strict=True):
        seconds, label = info.removeprefix("#EXTINF:").split(",", 1)
        names = [name for name in (track["artist"], track["title"]) if name] or [track["track_id"]]
        assert label == CONTROL.sub(" ", " - ".join(names))
        assert int(seconds) == (round(track["duration_s"]) if math.isfinite(track["duration_s"]) else -1)
        assert address.startswith("#") == (not track["path"] and not track["uri"])
        if not track["path"] and track["uri"]:
            assert address == "https://open.spotify.com/track/" + track["uri"].removeprefix("spotify:track:")


@settings(max_examples=60, deadline=None)
@given(libraries())
def test_links_are_the_addresses_in_order(library: Library) -> None:
    links = render(library, "links").decode("ascii").splitlines()
    uris = [uri for uri in library.tracks["uri"] if uri]
    assert [link.replace("https://open.spotify.com/track/", "spotify:track:") for link in links] == uris
