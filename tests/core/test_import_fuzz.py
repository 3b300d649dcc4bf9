"""Damaged imports: a clear error or a counted skip, never a traceback, a wrong value or a loss nobody is told of."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import SourceError
from core.features import FEATURES
from core.library import Library
from core.merging import merge_libraries
from core.sources.base import Source
from core.sources.datapackage import SpotifyPackageSource
from core.sources.exportify import ExportifySource
from tests.core.reading import counts, zipped

DATA = Path(__file__).resolve().parents[1] / "data"
PLAYLISTS = sorted((DATA / "exportify").iterdir())
PACKAGE = sorted((DATA / "datapackage").iterdir())
#: How far into a file every place is tried.
FIRST_BYTES = 4_096
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def attempt(source: Source, path: Path) -> Library | SourceError:
    """Read a file, and check that what comes back is a sound library or a clear error."""
    source.accepts(str(path))
    try:
        library = source.read(str(path))
    except SourceError as refusal:
        error = refusal
    else:
        check_soundness(library)
        return library
    assert str(path) in str(error)
    assert "\n" not in str(error)
    return error


def check_soundness(library: Library) -> None:
    assert len(library) > 0
    assert library.tracks.index.is_unique
    assert all(library.tracks.index)
    assert all(uri.startswith(("spotify:track:", "spotify:local:")) or not uri for uri in library.tracks["uri"])
    for name, column in library.features.items():
        assert column.dropna().between(FEATURES[str(name)].low, FEATURES[str(name)].high).all()
    for notice in library.notices:
        assert notice.count > 0
        assert notice.text
        assert "\n" not in notice.text


class TestCutShort:
    """Downloads break off anywhere."""

    @pytest.mark.parametrize("sample", PLAYLISTS, ids=lambda path: path.name)
    def test_a_playlist_cut_at_every_byte_gives_whole_rows_only(self, tmp_path: Path, sample: Path) -> None:
        """All cuts stand in one zip, the shortest first, so that a wrong value of any of them would win."""
        data = sample.read_bytes()
        path = tmp_path / "cuts.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for cut in range(min(len(data), FIRST_BYTES) + 1):
                archive.writestr(f"{cut}.csv", data[:cut])
        library, whole = ExportifySource().read(str(path)), ExportifySource().read(str(sample))
        assert library.tracks.drop(columns="origins").equals(whole.tracks.drop(columns="origins"))
        assert library.features.equals(whole.features)
        ends = [position for position, byte in enumerate(data) if byte == ord("\n")]
        for (_, track), line in zip(library.tracks.iterrows(), self.lines_of_tracks(data), strict=True):
            cuts = {int(name) for name in track["origins"]}
            assert min(cuts) in (ends[line], ends[line] + 1)
            assert cuts >= set(range(ends[line] + 1, len(data) + 1))
        self.check_that_every_loss_is_told(library, data)

    def lines_of_tracks(self, data: bytes) -> list[int]:
        """Return the lines, from 0, that hold a track, told by their first two cells alone."""
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        named = ["URI" in rows[0][0] or "ID" in rows[0][0]] * len(rows)
        return [
            line
            for line, (row, has_id) in enumerate(zip(rows, named, strict=True))
            if line and not row[0].startswith("spotify:episode:") and (row[0] or (has_id and row[1] != "undefined"))
        ]

    def check_that_every_loss_is_told(self, library: Library, data: bytes) -> None:
        told = counts(library)
        # Cuts inside the header are refused, the shortest ones; all others that end inside a line are told.
        refused = told["skipped-file"]
        assert refused <= data.index(b"\n")
        inside = [cut for cut in range(refused, len(data) + 1) if not data[:cut].endswith(b"\n")]
        assert told["cut"] == len(inside)

    @pytest.mark.parametrize("sample", PLAYLISTS[:2], ids=lambda path: path.name)
    def test_a_single_playlist_cut_short_is_refused_or_says_so(self, tmp_path: Path, sample: Path) -> None:
        data = sample.read_bytes()
        for cut in range(0, len(data), 41):
            path = tmp_path / "a.csv"
            path.write_bytes(data[:cut])
            found = attempt(ExportifySource(), path)
            assert isinstance(found, SourceError) or data[:cut].endswith(b"\n") or "cut" in counts(found)

    @pytest.mark.parametrize("sample", PACKAGE, ids=lambda path: path.name)
    def test_a_file_of_a_package_cut_at_every_byte_is_skipped(self, tmp_path: Path, sample: Path) -> None:
        """All cuts stand in one zip as copies beside the whole file, and every one of them is counted."""
        data = sample.read_bytes()
        cuts = range(min(len(data.rstrip()), FIRST_BYTES))
        path = tmp_path / "cuts.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(sample.name, data)
            for cut in cuts:
                archive.writestr(f"{sample.stem} ({cut}).json", data[:cut])
        library, whole = SpotifyPackageSource().read(str(path)), SpotifyPackageSource().read(str(sample))
        assert library.tracks.equals(whole.tracks)
        assert counts(library) == counts(whole) | {"skipped-file": len(cuts)}

    @pytest.mark.parametrize("sample", PACKAGE, ids=lambda path: path.name)
    def test_a_single_file_of_a_package_cut_short_is_refused(self, tmp_path: Path, sample: Path) -> None:
        data = sample.read_bytes()
        path = tmp_path / sample.name
        for cut in range(0, len(data.rstrip()), 37):
            path.write_bytes(data[:cut])
            assert isinstance(attempt(SpotifyPackageSource(), path), SourceError)

    @pytest.mark.parametrize(
        ("source", "samples"), [(ExportifySource(), PLAYLISTS[:1]), (SpotifyPackageSource(), PACKAGE[:2])]
    )
    def test_a_zip_cut_at_every_byte_is_refused(self, tmp_path: Path, source: Source, samples: list[Path]) -> None:
        path = zipped(tmp_path / "a.zip", {sample.name: sample.read_bytes() for sample in samples})
        data = path.read_bytes()
        for cut in range(min(len(data), FIRST_BYTES)):
            path.write_bytes(data[:cut])
            assert isinstance(attempt(source, path), SourceError)


@pytest.mark.parametrize(
    ("source", "samples"),
    [(ExportifySource(), [DATA / "exportify" / "net_2025_shifted.csv"]), (SpotifyPackageSource(), PACKAGE)],
)
def test_a_flipped_byte_in_a_zip_never_becomes_a_wrong_value(
    tmp_path: Path, source: Source, samples: list[Path]
) -> None:
    path = zipped(tmp_path / "a.zip", {sample.name: sample.read_bytes() for sample in samples})
    data, whole = path.read_bytes(), source.read(str(path))

    @FEW
    @given(place=st.integers(0, len(data) - 1), mask=st.integers(1, 255))
    def check(place: int, mask: int) -> None:
        path.write_bytes(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :])
        found = attempt(source, path)
        if isinstance(found, Library):
            original = whole.tracks.loc[whole.tracks.index.intersection(found.tracks.index)]
            shared = found.tracks.loc[original.index]
            assert (shared["title"] == original["title"]).all()
            assert found.features.loc[original.index].equals(whole.features.loc[original.index])

    check()


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "undefined", "null", '"', '""', "a,b", "x\ny", "1e999", "-5", "0,5", "nan", "spotify:track:", ";"]
    ),
)


@FEW
@given(
    sample=st.sampled_from(PLAYLISTS),
    changes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), CELLS, st.sampled_from("rdi")), max_size=6),
    quoted=st.booleans(),
)
def test_a_playlist_with_strange_cells_is_read_soundly_or_refused(
    tmp_path: Path, sample: Path, changes: list[tuple[int, int, str, str]], quoted: bool
) -> None:
    rows = list(csv.reader(io.StringIO(sample.read_text(encoding="utf-8-sig"), newline="")))
    for line, position, cell, change in changes:
        row = rows[line % len(rows)]
        position %= len(row) + 1
        row[position : position + (change != "i")] = [] if change == "d" else [cell]
        if not row:
            row.append("")
    text = io.StringIO()
    if quoted:
        csv.writer(text).writerows(rows)
    else:
        text.write("".join(",".join(row) + "\n" for row in rows))
    path = tmp_path / "a.csv"
    path.write_text(text.getvalue(), encoding="utf-8", errors="replace", newline="")
    attempt(ExportifySource(), path)


@FEW
@given(tail=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.zip", "Playlist1.json", "endsong_0.json"]))
@pytest.mark.parametrize("head", [b"", PLAYLISTS[0].read_bytes(), PACKAGE[0].read_bytes()[:300]])
def test_any_bytes_are_read_soundly_or_refused(tmp_path: Path, head: bytes, tail: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(head + tail)
    for source in (ExportifySource(), SpotifyPackageSource()):
        attempt(source, path)


KEYS = st.sampled_from(
    ["tracks", "track", "artist", "album", "uri", "playlists", "name", "items", "trackName", "artistName", "trackUri",
     "episode", "localTrack", "addedDate", "ts", "ms_played", "master_metadata_track_name", "spotify_track_uri",
     "reason_end", "endTime", "msPlayed", "other"]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from([f"spotify:track:{'a' * 22}", "spotify:local:a:b:c:1", "2023-01-01T10:00:00Z", 10**400]),
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6))


@FEW
@given(value=VALUES | st.lists(st.dictionaries(KEYS, LEAVES, max_size=8), max_size=5), sample=st.sampled_from(PACKAGE))
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"tracks": value},
                                  lambda value: {"playlists": [{"name": "A", "items": value}]}])  # fmt: skip
def test_a_package_of_a_strange_shape_is_read_soundly_or_refused(
    tmp_path: Path, wrap: Callable[[object], object], value: object, sample: Path
) -> None:
    path = tmp_path / sample.name
    path.write_text(json.dumps(wrap(value)), encoding="utf-8")
    attempt(SpotifyPackageSource(), path)


@cache
def read_once(path: Path) -> Library:
    return (ExportifySource() if path in PLAYLISTS else SpotifyPackageSource()).read(str(path))


@FEW
@given(chosen=st.lists(st.sampled_from(PLAYLISTS + PACKAGE), min_size=1, max_size=4))
def test_whatever_is_merged_every_track_is_there_once(chosen: list[Path]) -> None:
    libraries = [
        (ExportifySource() if path in PLAYLISTS else SpotifyPackageSource()).read(str(path)) for path in chosen
    ]
    merged = merge_libraries(libraries)
    assert merged.tracks.index.is_unique
    assert max(map(len, libraries)) <= len(merged) <= sum(map(len, libraries))
    known = {uri for library in libraries for uri in library.tracks["uri"] if uri}
    assert {uri for uri in merged.tracks["uri"] if uri} == known
    assert merged.with_features >= max(library.with_features for library in libraries)
    assert set().union(*merged.tracks["origins"]) == set().union(
        *(set().union(*lib.tracks["origins"]) for lib in libraries)
    )
