"""Fetches the Free Music Archive's official metadata: resumable, checked, and whole or not at all.

The address and the checksum are those of the data set's own page, https://github.com/mdeff/fma.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
import urllib3

from core.errors import DownloadError
from core.progress import Report, silent
from core.sources.fma_tables import ARCHIVE
from core.transport import CONNECT_SECONDS, is_loopback, patient_session, plain_reason
from core.turns import SLICE

URL = "https://os.unil.cloud.switch.ch/fma/fma_metadata.zip"
SHA1 = "f0df49ffe5f2a6008d7dc83c6915b31835dfe733"
#: Another address to fetch from. Plain HTTP is for servers on this computer only.
URL_VARIABLE = "LEITMOTIF_FMA_URL"
#: The checksum of the file at that address; heeded for servers on this computer only.
SHA1_VARIABLE = "LEITMOTIF_FMA_SHA1"

#: Seconds to wait for the next bytes.
READ_SECONDS = 60.0
#: A file may have moved this often; another address brings no secret with it.
REDIRECTS = 5
#: Failures in a row, without a byte in between, after which nobody waits any longer.
ATTEMPTS = 4
#: Seconds before the second attempt; doubled each time.
FIRST_PAUSE = 1.0
#: Most bytes between two progress reports.
STEP = 1 << 18
#: Bytes left free on the disk, so that other programs keep working.
RESERVE = 64 << 20
#: Answers of a server that is in trouble now and may not be in a minute.
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})

_AGAIN: Final = {
    "next_step": "Download it again: it goes on where it stopped",
    "command": "Run the command again: it goes on where it stopped",
}
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _Interrupted(Exception):
    """The transfer stopped for a reason that may pass."""


def download_fma_metadata(
    folder: Path,
    *,
    url: str | None = None,
    sha1: str | None = None,
    pause: float = FIRST_PAUSE,
    report: Report = silent,
) -> Path:
    """Fetch ``fma_metadata.zip`` into a folder, or check the one that is there.

    What has arrived is kept in ``fma_metadata.zip.part`` until it is whole; an interrupted download goes on from
    there the next time, if the server still has the same file. The finished file appears under its name only
    after its SHA-1 was found right.

    Parameters
    ----------
    folder : Path
        Where the file goes; made if need be.
    url : str, optional
        Where to fetch it; the environment's `URL_VARIABLE`, or the official address `URL`, when not given.
    sha1 : str, optional
        The checksum it must have, in hexadecimal; that of the official file when not given.
    pause : float, default `FIRST_PAUSE`
        Seconds to wait after a first failure.
    report : Report
        Told about the bytes that have arrived. When it raises `core.progress.Cancelled`, the part is kept.

    Returns
    -------
    Path
        The file. A file of that name that is not the official one is renamed to ``fma_metadata.zip.damaged``.

    Raises
    ------
    DownloadError
        When the address may not be used, the server refuses or cannot be reached, the connection fails `ATTEMPTS`
        times in a row, the disk is full or read-only, or what arrived has another checksum (it is then removed).
    """
    url, sha1 = _address_and_sum(url, sha1)
    target = folder / ARCHIVE
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            if _digest_of(target, report).hexdigest() == sha1:
                return target
            target.replace(target.with_name(f"{ARCHIVE}.damaged"))
    return _Download(target, url, sha1, report).run(pause)


def _address_and_sum(url: str | None, sha1: str | None) -> tuple[str, str]:
    """Return where to fetch and what to expect.

    Raises
    ------
    DownloadError
        When the address is neither https nor on this computer.
    """
    override = os.environ.get(URL_VARIABLE, "")
    if url is None and override:
        url = override
        sha1 = sha1 or (os.environ.get(SHA1_VARIABLE) if is_loopback(url) else None)
    url = url or URL
    if not url.startswith("https://") and not (url.startswith("http://") and is_loopback(url)):
        raise DownloadError(
            "this address cannot be used",
            where=url,
            next_step="Use an https address; plain http is only for servers on this computer",
        )
    return url, (sha1 or SHA1).lower()


class _Download:
    """One file on its way from an address to a folder."""

    def __init__(self, target: Path, url: str, sha1: str, report: Report) -> None:
        self._target, self._url, self._sha1, self._report = target, url, sha1, report
        self._part = target.with_name(f"{target.name}.part")
        # Remembers which version of the file the part belongs to (its ETag, or the time it was last changed).
        self._version = target.with_name(f"{target.name}.part.version")
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._done = 0
        self._total = 0

    def run(self, pause: float) -> Path:
        """Fetch, check, and put the file in its place."""
        with _disk_errors(self._part):
            if self._part.exists():
                self._digest = _digest_of(self._part, self._report)
                self._done = self._part.stat().st_size
        if self._done == 0 or self._digest.hexdigest() != self._sha1:
            with patient_session(self._url, lambda: self._tick, redirects=REDIRECTS, endless=True) as session:
                session.headers.update({"Accept": "*/*", "Accept-Encoding": "identity"})
                self._fetch_patiently(session, pause)
        return self._finish()

    def _tick(self, text: str) -> None:
        """Look up while nothing arrives."""
        self._report(self._done, self._total, text or f"Downloading {self._target.name}")

    def _fetch_patiently(self, session: requests.Session, pause: float) -> None:
        """Fetch until the file is whole; failures are counted afresh whenever it has grown."""
        failures, farthest = 0, self._done
        while True:
            try:
                self._fetch(session)
            except _Interrupted as trouble:
                failures = 1 if self._done > farthest else failures + 1
                farthest = max(farthest, self._done)
                if failures >= ATTEMPTS:
                    raise DownloadError(f"{trouble}{self._so_far()}", where=self._url, **_AGAIN) from None
                self._wait(pause * 2 ** (failures - 1), f"{trouble}; trying again")
            else:
                return

    def _so_far(self) -> str:
        return f" ({_megabytes(self._done)} of {_megabytes(self._total)} have arrived)" if self._total else ""

    def _wait(self, seconds: float, text: str) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._report(self._done, self._total, text)
            time.sleep(min(left, SLICE))

    def _fetch(self, session: requests.Session) -> None:
        """Send one request and keep what arrives.

        Raises
        ------
        _Interrupted
            When trying again may help.
        DownloadError
            When it will not.
        """
        with _network_errors(self._url):
            headers = self._range_headers()
            timeout = (CONNECT_SECONDS, READ_SECONDS)
            with session.get(self._url, headers=headers, stream=True, timeout=timeout) as response:
                self._begin(response)
                self._check_space()
                with _disk_errors(self._part):
                    self._keep(response)
        if self._total and self._done != self._total:
            raise _Interrupted("the connection was cut")

    def _range_headers(self) -> dict[str, str]:
        if not self._done:
            return {}
        headers = {"Range": f"bytes={self._done}-"}
        with contextlib.suppress(OSError, UnicodeDecodeError):
            headers["If-Range"] = self._version.read_text(encoding="ascii")
        return headers

    def _begin(self, response: requests.Response) -> None:
        """Read the answer's head and make the part ready for what follows."""
        status = response.status_code
        if status == 206 and (found := _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))):
            start, total = found.groups()
            if int(start) == self._done:
                self._total = int(total) if total.isdigit() else 0
                return
        if status in (206, 416) and self._done:
            self._start_over()
            raise _Interrupted("the server cannot go on where the last download stopped")
        if status in PASSING_STATUSES:
            raise _Interrupted(f"the server is in trouble (HTTP {status})")
        if status != 200:
            raise DownloadError(
                f"the server refuses the file (HTTP {status})",
                where=self._url,
                next_step="Try again later, or get fma_metadata.zip from https://github.com/mdeff/fma by hand",
            )
        self._start_over()
        length = response.headers.get("Content-Length", "")
        self._total = int(length) if length.isdigit() else 0
        self._remember_version(response)

    def _start_over(self) -> None:
        with _disk_errors(self._part):
            self._part.unlink(missing_ok=True)
            self._version.unlink(missing_ok=True)
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._done = 0

    def _remember_version(self, response: requests.Response) -> None:
        # RFC 9110, 13.1.5: a weak ETag must not be sent in If-Range.
        tag = response.headers.get("ETag", "")
        version = tag if tag.startswith('"') else response.headers.get("Last-Modified", "")
        if version.isascii() and version:
            with _disk_errors(self._version):
                self._version.write_text(version, encoding="ascii")

    def _check_space(self) -> None:
        with _disk_errors(self._part):
            free = shutil.disk_usage(self._part.parent).free
        needed = self._total - self._done + RESERVE
        if free < needed:
            raise DownloadError(
                f"the disk has {_megabytes(free)} free, but {_megabytes(needed)} are needed",
                where=str(self._part.parent),
                next_step="Free some space or choose another folder",
            )

    def _keep(self, response: requests.Response) -> None:
        with self._part.open("ab") as stream:
            for piece in _pieces(response):
                stream.write(piece)
                self._digest.update(piece)
                self._done += len(piece)
                self._tick("")
            stream.flush()
            os.fsync(stream.fileno())

    def _finish(self) -> Path:
        """Check the whole file and give it its name."""
        found = self._digest.hexdigest()
        if found != self._sha1:
            self._start_over()
            raise DownloadError(
                f"what arrived is not the official file (SHA-1 {found} instead of {self._sha1}) and was removed",
                where=self._url,
                next_step="Download it again: it starts afresh",
                command="Run the command again: it starts afresh",
            )
        with _disk_errors(self._target):
            self._part.replace(self._target)
            self._version.unlink(missing_ok=True)
        return self._target


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it arrives.

    Raises
    ------
    _Interrupted
        When the connection fails: told apart here from trouble with the disk, which is an OSError as well.
    """
    try:
        # What the connection has delivered is taken at once: a larger read would lose its beginning when cut.
        while piece := response.raw.read1(STEP, decode_content=True):
            yield piece
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Interrupted(plain_reason(error)) from error


@contextmanager
def _network_errors(url: str) -> Iterator[None]:
    try:
        yield
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise DownloadError("this address cannot be used", where=url) from error
    except requests.exceptions.SSLError as error:
        raise DownloadError(
            "the server's certificate is not valid", where=url, next_step="Check this computer's date and network"
        ) from error
    except requests.RequestException as error:
        raise _Interrupted(plain_reason(error)) from error


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DownloadError(
            f"the file cannot be written ({error.strerror or error})",
            where=str(path),
            **{key: f"Free some space or choose another folder. {step}" for key, step in _AGAIN.items()},
        ) from error


def _digest_of(path: Path, report: Report) -> hashlib._Hash:
    """Return the running SHA-1 of what a file holds."""
    digest = hashlib.sha1(usedforsecurity=False)
    size = path.stat().st_size
    done = 0
    with path.open("rb") as stream:
        while piece := stream.read(STEP):
            digest.update(piece)
            done += len(piece)
            report(min(done, size), size, f"Checking {path.name}")
    return digest


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
