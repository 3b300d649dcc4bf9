from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import DownloadError
from core.progress import Cancelled
from core.sources.fma_download import ATTEMPTS, SHA1_VARIABLE, STEP, URL_VARIABLE, download_fma_metadata
from tests.fakes.server import LocalServer, QuietHandler
from tests.program import run_python
from tests.reports import stop_when_told

CONTENT = bytes(range(256)) * 4096 + b"the end"
CONTENT_SHA1 = hashlib.sha1(CONTENT).hexdigest()
HALF = len(CONTENT) // 2


@dataclass
class Behaviour:
    """What the server does, and what it was asked."""

    content: bytes = CONTENT
    etag: str = '"v1"'
    last_modified: str = ""
    ranges: bool = True
    #: Status of each request in turn; afterwards it answers properly.
    statuses: list[int] = field(default_factory=list)
    #: The connection is cut after this many bytes of each answer in turn; afterwards it is not.
    cuts: list[int] = field(default_factory=list)
    #: Content-Length to announce instead of the true one.
    length: int | None = None
    chunked: bool = False
    #: First byte that a partial answer claims to begin with, instead of the one asked for.
    odd_start: int | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    #: Bytes after which the answer comes to a halt; before its head when 0.
    stall_after: int | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


class Handler(QuietHandler):
    wbufsize = 0  # what was sent before a halt or a cut arrives
    behaviour: Behaviour

    def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
        behaviour = self.behaviour
        behaviour.requests.append(dict(self.headers))
        if behaviour.statuses:
            self.send_response(behaviour.statuses.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if behaviour.stall_after == 0:
            self._stall()
        start = self._start_asked_for()
        if start is not None and start >= len(behaviour.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(behaviour.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._send_head(start)
        self._send_body(behaviour.content[start or 0 :])

    def _start_asked_for(self) -> int | None:
        """Return the first byte of the range to send, or None for the whole file."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        version = self.headers.get("If-Range")
        current = (self.behaviour.etag, self.behaviour.last_modified)
        if not asked or not self.behaviour.ranges or (version is not None and version not in current):
            return None
        return int(asked.group(1))

    def _send_head(self, start: int | None) -> None:
        behaviour = self.behaviour
        size = len(behaviour.content)
        self.send_response(200 if start is None else 206)
        if start is not None:
            claimed = start if behaviour.odd_start is None else behaviour.odd_start
            self.send_header("Content-Range", f"bytes {claimed}-{size - 1}/{size}")
        if behaviour.etag:
            self.send_header("ETag", behaviour.etag)
        if behaviour.last_modified:
            self.send_header("Last-Modified", behaviour.last_modified)
        if behaviour.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(behaviour.length or size - (start or 0)))
        self.end_headers()

    def _stall(self) -> None:
        self.behaviour.stalled.set()
        self.behaviour.go_on.wait(300)

    def _send_body(self, body: bytes) -> None:
        if stall := self.behaviour.stall_after:
            self.wfile.write(body[:stall])
            self._stall()
            body = body[stall:]
        if self.behaviour.cuts:
            body = body[: self.behaviour.cuts.pop(0)]
            self.close_connection = True
        if self.behaviour.chunked:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.wfile.write(body)


@dataclass
class Server:
    """A real server on loopback and its address."""

    behaviour: Behaviour
    url: str


@pytest.fixture
def server() -> Iterator[Server]:
    handler = type("OwnHandler", (Handler,), {"behaviour": Behaviour()})
    with LocalServer(handler) as running:
        yield Server(handler.behaviour, f"{running.url}fma_metadata.zip")


def fetch(server: Server, folder: Path) -> Path:
    return download_fma_metadata(folder, url=server.url, sha1=CONTENT_SHA1, pause=0.0)


def fetch_and_stop(server: Server, folder: Path) -> int:
    """Stop after the first bytes; return how many were kept."""

    def stop(done: int, total: int, text: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        download_fma_metadata(folder, url=server.url, sha1=CONTENT_SHA1, pause=0.0, report=stop)
    return (folder / "fma_metadata.zip.part").stat().st_size


def failure(server: Server, folder: Path, **options: str) -> str:
    with pytest.raises(DownloadError) as caught:
        download_fma_metadata(folder, **{"url": server.url, "sha1": CONTENT_SHA1, "pause": 0.0, **options})  # type: ignore[arg-type]
    line = caught.value.line()
    assert "\n" not in line
    return line


def only_the_file(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["fma_metadata.zip"] and (
        folder / "fma_metadata.zip"
    ).read_bytes() == CONTENT


# It arrives


def test_the_file_arrives_whole_and_alone(server: Server, tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    folder = tmp_path / "new" / "folder"
    path = download_fma_metadata(
        folder, url=server.url, sha1=CONTENT_SHA1.upper(), report=lambda *step: steps.append(step)
    )
    assert path == folder / "fma_metadata.zip"
    assert only_the_file(folder)
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)
    assert steps[-1] == (len(CONTENT), len(CONTENT), "Downloading fma_metadata.zip")
    assert steps[0][0] <= STEP
    assert server.behaviour.requests[0]["User-Agent"].startswith("Leitmotif/")


def test_a_good_file_is_only_checked(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert len(server.behaviour.requests) == 1


def test_a_file_of_the_name_that_is_another_is_set_aside(server: Server, tmp_path: Path) -> None:
    (tmp_path / "fma_metadata.zip").write_bytes(b"mine")
    assert fetch(server, tmp_path).read_bytes() == CONTENT
    assert (tmp_path / "fma_metadata.zip.damaged").read_bytes() == b"mine"


def test_an_answer_of_unknown_length_arrives(server: Server, tmp_path: Path) -> None:
    server.behaviour.chunked = True
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)


# It goes on after an interruption


def test_a_cut_connection_is_taken_up_where_it_ended(server: Server, tmp_path: Path) -> None:
    server.behaviour.cuts = [HALF, 1000]
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert [request.get("Range") for request in server.behaviour.requests] == [
        None,
        f"bytes={HALF}-",
        f"bytes={HALF + 1000}-",
    ]
    assert server.behaviour.requests[1]["If-Range"] == '"v1"'


def test_a_stopped_download_goes_on_the_next_time(server: Server, tmp_path: Path) -> None:
    kept = fetch_and_stop(server, tmp_path)
    assert 0 < kept < len(CONTENT)
    assert not (tmp_path / "fma_metadata.zip").exists()
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert server.behaviour.requests[1]["Range"] == f"bytes={kept}-"


@pytest.mark.parametrize(
    ("etag", "changed", "sent"),
    [
        ('"v1"', "", '"v1"'),
        ('W/"weak"', "Mon, 01 May 2017 10:00:00 GMT", "Mon, 01 May 2017 10:00:00 GMT"),
        ("", "Mon, 01 May 2017 10:00:00 GMT", "Mon, 01 May 2017 10:00:00 GMT"),
        ("", "", None),
    ],
)
def test_the_server_is_told_which_version_the_part_belongs_to(
    server: Server, tmp_path: Path, etag: str, changed: str, sent: str | None
) -> None:
    server.behaviour.etag, server.behaviour.last_modified = etag, changed
    fetch_and_stop(server, tmp_path)
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert server.behaviour.requests[1].get("If-Range") == sent


def test_a_file_that_changed_meanwhile_is_fetched_afresh(server: Server, tmp_path: Path) -> None:
    server.behaviour.content, server.behaviour.etag = b"x" * len(CONTENT), '"v0"'
    fetch_and_stop(server, tmp_path)
    server.behaviour.content, server.behaviour.etag = CONTENT, '"v1"'
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)


def test_a_server_that_ignores_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    server.behaviour.ranges = False
    server.behaviour.cuts = [HALF]
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert len(server.behaviour.requests) == 2


def test_a_partial_answer_from_elsewhere_is_not_appended(server: Server, tmp_path: Path) -> None:
    server.behaviour.cuts = [HALF]
    server.behaviour.odd_start = 7
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert [request.get("Range") for request in server.behaviour.requests] == [None, f"bytes={HALF}-", None]


def test_a_whole_part_is_only_checked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "fma_metadata.zip.part").write_bytes(CONTENT)
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert server.behaviour.requests == []


@pytest.mark.parametrize("part", [b"x" * len(CONTENT), CONTENT + b"more"])
def test_a_part_that_the_server_cannot_go_on_from_is_dropped(server: Server, tmp_path: Path, part: bytes) -> None:
    (tmp_path / "fma_metadata.zip.part").write_bytes(part)
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)


def test_a_server_in_passing_trouble_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.behaviour.statuses = [503, 429, 500]
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert len(server.behaviour.requests) == 4


def test_patience_lasts_as_long_as_the_file_grows(server: Server, tmp_path: Path) -> None:
    server.behaviour.cuts = [len(CONTENT) // 20] * 15
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)


# It fails, in one clear line


def test_a_wrong_checksum_removes_the_file_and_the_next_try_begins_anew(server: Server, tmp_path: Path) -> None:
    server.behaviour.content = b"<html>Please sign in to this network</html>"
    line = failure(server, tmp_path)
    assert "is not the official file" in line
    assert CONTENT_SHA1 in line
    assert list(tmp_path.iterdir()) == []
    server.behaviour.content = CONTENT
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert "Range" not in server.behaviour.requests[1]


def test_a_part_with_a_wrong_byte_is_found_out(server: Server, tmp_path: Path) -> None:
    (tmp_path / "fma_metadata.zip.part").write_bytes(b"?" + CONTENT[1:HALF])
    assert "is not the official file" in failure(server, tmp_path)
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)


def test_a_missing_file_is_told_at_once(server: Server, tmp_path: Path) -> None:
    server.behaviour.statuses = [404] * 9
    line = failure(server, tmp_path)
    assert f"{server.url}: the server refuses the file (HTTP 404)" in line
    assert len(server.behaviour.requests) == 1
    assert list(tmp_path.iterdir()) == []


def test_lasting_trouble_is_told_and_the_part_is_kept(server: Server, tmp_path: Path) -> None:
    kept = fetch_and_stop(server, tmp_path)
    server.behaviour.statuses = [503] * 99
    assert "HTTP 503" in failure(server, tmp_path)
    assert len(server.behaviour.requests) == 1 + ATTEMPTS
    assert (tmp_path / "fma_metadata.zip.part").stat().st_size == kept


def test_a_connection_that_is_always_cut_at_the_same_place_is_given_up(server: Server, tmp_path: Path) -> None:
    server.behaviour.ranges = False
    server.behaviour.cuts = [HALF] * 99
    line = failure(server, tmp_path)
    assert "the connection was cut (0.5 MB of 1.0 MB have arrived)" in line
    assert "it goes on where it stopped" in line
    assert len(server.behaviour.requests) == ATTEMPTS
    assert (tmp_path / "fma_metadata.zip.part").read_bytes() == CONTENT[:HALF]


def test_a_server_that_is_not_there_is_told(server: Server, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/fma_metadata.zip"
        assert f"{url}: the server cannot be reached" in failure(server, tmp_path, url=url)


@pytest.mark.parametrize("url", ["http://example.org/fma_metadata.zip", "ftp://127.0.0.1/fma_metadata.zip", "nonsense"])
def test_plain_http_is_for_this_computer_only(server: Server, tmp_path: Path, url: str) -> None:
    assert f"{url}: this address cannot be used" in failure(server, tmp_path, url=url)


def test_too_little_space_is_told_before_anything_is_fetched(server: Server, tmp_path: Path) -> None:
    server.behaviour.length = 10**18
    line = failure(server, tmp_path)
    assert f"{tmp_path}: the disk has" in line
    assert "Free some space" in line
    assert not (tmp_path / "fma_metadata.zip.part").exists()


def test_a_disk_that_fills_up_is_told_and_the_part_is_kept(server: Server, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="the size limit that stands in for a full disk is of Unix")
    assert resource.RLIMIT_FSIZE
    program = f"""
import resource
from pathlib import Path
from core.errors import DownloadError
from core.sources.fma_download import download_fma_metadata
resource.setrlimit(resource.RLIMIT_FSIZE, ({HALF}, {HALF}))
try:
    download_fma_metadata(Path({str(tmp_path)!r}), url={server.url!r}, sha1={CONTENT_SHA1!r})
except DownloadError as error:
    print(error.line())
"""
    ended = run_python(program)
    assert "fma_metadata.zip.part: the file cannot be written" in ended.out
    assert "Free some space" in ended.out
    assert ended.err == ""
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert "Range" in server.behaviour.requests[1]


def test_a_file_in_the_place_of_the_folder_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert f"{tmp_path / 'taken'}: the file cannot be written" in failure(server, tmp_path / "taken")


# The environment


def test_the_address_can_come_from_the_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, server.url)
    with pytest.raises(DownloadError, match="is not the official file"):
        download_fma_metadata(tmp_path)
    monkeypatch.setenv(SHA1_VARIABLE, CONTENT_SHA1)
    download_fma_metadata(tmp_path)
    assert only_the_file(tmp_path)


@pytest.mark.parametrize("sent", [0, HALF])
def test_a_download_that_stalls_is_stopped_and_goes_on_the_next_time(server: Server, tmp_path: Path, sent: int) -> None:
    server.behaviour.stall_after = sent
    told: list[str] = []

    def stop(done: int, total: int, text: str) -> None:
        if done >= sent and server.behaviour.stalled.is_set():
            told.append(text)
        if len(told) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        download_fma_metadata(tmp_path, url=server.url, sha1=CONTENT_SHA1, pause=3600.0, report=stop)
    server.behaviour.go_on.set()
    assert told == ["Downloading fma_metadata.zip"] * 3, "nothing failed while it waited"
    assert [path.name for path in tmp_path.glob("*.zip")] == []
    server.behaviour.stall_after = None
    fetch(server, tmp_path)
    assert only_the_file(tmp_path)
    assert [request.get("Range") for request in server.behaviour.requests] == [None, f"bytes={sent}-" if sent else None]


def test_waiting_can_be_stopped(server: Server, tmp_path: Path) -> None:
    server.behaviour.statuses = [503] * 99
    stop = stop_when_told("trying again")
    with pytest.raises(Cancelled):
        download_fma_metadata(tmp_path, url=server.url, sha1=CONTENT_SHA1, pause=3600.0, report=stop)
