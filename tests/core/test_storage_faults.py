"""What the store survives: being killed, two at once, a full disk, a folder without rights, a damaged file."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StorageError
from core.library import make_library
from core.storage import Store, open_store
from tests.conftest import PROJECT

DATABASE = "leitmotif.sqlite3"
NOW = 1_800_000_000.0
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, rights and limits of POSIX systems")


@contextlib.contextmanager
def child(script: str, *arguments: object, wrapper: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """Run a script in a process of its own, which is surely gone afterwards."""
    command = [*wrapper, sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run(script: str, *arguments: object, wrapper: tuple[str, ...] = ()) -> list[str]:
    """Return the lines a script prints, once it has ended well."""
    with child(script, *arguments, wrapper=wrapper) as process:
        out, error = process.communicate()
    assert process.returncode == 0, error
    return out.splitlines()


def integrity(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


# --- killed ------------------------------------------------------------------------------------------------------

FOUND, MISSING = 30, 10
#: Stores one answer after another, as a provider gives them, and prints the number of each that is stored.
BATCHES = f"""
import sys
from pathlib import Path
import pandas as pd
from core.storage import open_store
with open_store(Path(sys.argv[1])) as store:
    print("ready", flush=True)
    for batch in range(int(sys.argv[2]), 10**6):
        entry = store.journal.plan("batch", {{"n": batch}}, batch=str(batch))
        store.journal.sent(entry)
        keys = [f"{{batch}}-{{n}}" for n in range({FOUND + MISSING})]
        with store.together():
            store.features.put("p", pd.DataFrame({{"energy": 0.5}}, index=keys[:{FOUND}]), missing=keys[{FOUND}:])
            store.journal.confirm(entry)
        print(batch, flush=True)
"""


@posix
def test_nothing_stored_is_lost_when_the_process_is_killed_ten_times(tmp_path: Path) -> None:
    moments = random.Random(1986)
    stored: set[int] = set()
    for _ in range(10):
        with child(BATCHES, tmp_path, max(stored, default=-1) + 1) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for _ in range(moments.randrange(20)):
                stored.add(int(process.stdout.readline()))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0.0, 0.02))
            process.send_signal(signal.SIGKILL)
            stored |= {int(line) for line in process.stdout.read().splitlines()}

        with open_store(tmp_path) as store:
            assert store.notices == ()
            # The last one may have been stored without being told any more, whole or not at all.
            last = max(stored, default=-1) + 1
            check_batch(store, last, told=False)
        assert integrity(tmp_path / DATABASE) == "ok"
    with open_store(tmp_path) as store:
        for batch in stored:
            check_batch(store, batch, told=True)
    assert sorted(stored) == list(range(len(stored)))
    assert len(stored) > 20


def check_batch(store: Store, batch: int, *, told: bool) -> None:
    keys = [f"{batch}-{number}" for number in range(FOUND + MISSING)]
    states = {entry.state for entry in store.journal.entries(batch=str(batch))}
    whole = "confirmed" in states
    assert whole or not told
    assert len(store.features.get(keys)) == (FOUND if whole else 0)
    assert len(store.features.misses("p", keys)) == (MISSING if whole else 0)


# --- two at once -------------------------------------------------------------------------------------------------

#: Waits for a line, so that all begin at once, then opens a store that is not there yet and writes into it.
WRITER = """
import sys
from pathlib import Path
import pandas as pd
from core.library import make_library
from core.storage import open_store
name = sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
with open_store(Path(sys.argv[1])) as store:
    assert store.notices == ()
    for step in range(40):
        keys = [f"{name}-{step}-{n}" for n in range(20)] + ["shared"]
        store.features.put("p", pd.DataFrame({"energy": 0.5}, index=keys))
        tracks = pd.DataFrame({"title": [name] * 50}, index=[str(n) for n in range(50)])
        if step % 10 == 0:
            store.libraries.save(make_library(tracks, tracks[[]], kind="table", path="/shared.csv"))
        entry = store.journal.plan("write", {"by": name})
        store.journal.sent(entry)
        store.journal.confirm(entry)
        store.quota.count("library")
"""


def test_windows_that_start_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(child(WRITER, tmp_path, name)) for name in "abcd"]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        for writer in writers:
            _, error = writer.communicate()
            assert writer.returncode == 0, error
    assert integrity(tmp_path / DATABASE) == "ok"
    with open_store(tmp_path) as store:
        assert store.notices == ()
        assert store.features.counts() == {"p": 4 * 40 * 20 + 1}
        assert store.quota.used() == {"library": 160}
        entries = store.journal.entries()
        assert {name: [entry.payload["by"] for entry in entries].count(name) for name in "abcd"} == dict.fromkeys(
            "abcd", 40
        )
        # Whichever was last: the library is one window's, not a mixture.
        assert len(set(store.libraries.load("table:/shared.csv").tracks["title"])) == 1
    assert not list(tmp_path.glob("*damaged*"))


#: Takes a lock and is killed with it.
HOLDER = """
import sys
from pathlib import Path
from core.storage import open_store
with open_store(Path(sys.argv[1])) as store, store.alone("export", doing="writing playlists"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_killed_window_gives_its_lock_back(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with child(HOLDER, tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            with pytest.raises(StorageError, match="another window of this program is writing playlists"):
                store.alone("export", doing="writing playlists").__enter__()
            process.kill()
            process.wait()
        with store.alone("export", doing="writing playlists"):
            pass


# --- full disk and missing rights --------------------------------------------------------------------------------

#: Fills the store until it is refused, makes room and goes on; what was stored before must be there.
FILLER = """
import sys
from pathlib import Path
import pandas as pd
from core.errors import StorageError
from core.storage import open_store

folder = Path(sys.argv[1])
{prepare}
stored = 0
with open_store(folder) as store:
    try:
        for batch in range(1000):
            keys = [f"{{batch}}-{{n}}" for n in range(100)]
            store.features.put("p", pd.DataFrame({{"energy": 0.5}}, index=keys))
            stored += 1
    except StorageError as error:
        print(error)
    assert store.features.counts() == ({{"p": stored * 100}} if stored else {{}})
    {make_room}
    store.features.put("p", pd.DataFrame({{"energy": 0.5}}, index=["after"]))
with open_store(folder) as store:
    assert store.notices == ()
    assert store.features.counts() == {{"p": stored * 100 + 1}}
print(stored)
"""


@posix
def test_a_file_that_may_not_grow_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    prepare = "import resource; hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]; resource.setrlimit("
    script = FILLER.format(
        prepare=prepare + "resource.RLIMIT_FSIZE, (600_000, hard))",
        make_room="resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))",
    )
    message, stored = run(script, tmp_path)
    assert "the disk could not be read or written, nothing was changed" in message
    assert message.startswith(str(tmp_path / DATABASE))
    assert int(stored) > 0
    assert integrity(tmp_path / DATABASE) == "ok"


def small_disk(folder: Path) -> tuple[str, ...]:
    """Return what to put before a command to give it a disk of one megabyte at `folder`."""
    mount = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(folder))


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    wrapper = small_disk(tmp_path)
    if not shutil.which("unshare") or subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    script = FILLER.format(
        prepare="(folder / 'ballast').write_bytes(bytes(300_000))", make_room="(folder / 'ballast').unlink()"
    )
    message, stored = run(script, tmp_path, wrapper=wrapper)
    assert message.endswith("the disk is full, nothing was changed. Free some space, then try again")
    assert int(stored) > 0


#: Opens a store on a disk that has no room for one and prints the refusal.
WITHOUT_ROOM = """
import sys
from pathlib import Path
from core.errors import StorageError
from core.storage import open_store
(Path(sys.argv[1]) / "ballast").write_bytes(bytes(1_000_000))
try:
    open_store(Path(sys.argv[1]))
except StorageError as error:
    print(error)
"""


def test_a_disk_too_full_for_the_first_start_is_told(tmp_path: Path) -> None:
    wrapper = small_disk(tmp_path)
    if not shutil.which("unshare") or subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    (line,) = run(WITHOUT_ROOM, tmp_path, wrapper=wrapper)
    assert line.endswith("the disk is full, nothing was changed. Free some space, then try again")


#: Gives up the rights of the administrator, who may write everywhere, then opens a store and prints the refusal.
WITHOUT_RIGHTS = """
import os, sys
from pathlib import Path
from core.errors import StorageError
from core.storage import open_store
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    open_store(Path(sys.argv[1]))
except StorageError as error:
    print(error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that other users can reach as well."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        for path in Path(name).rglob("*"):
            path.chmod(0o700)


@posix
def test_a_folder_without_rights_is_told(open_folder: Path) -> None:
    locked = open_folder / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    (line,) = run(WITHOUT_RIGHTS, locked)
    assert "the database cannot be opened or created here. Check the rights of the folder" in line
    assert str(locked) in line
    (line,) = run(WITHOUT_RIGHTS, locked / "below")
    assert "the folder for the program's data cannot be used (permission denied)" in line
    assert list(locked.iterdir()) == []


@posix
def test_a_store_that_may_only_be_read_is_told(open_folder: Path) -> None:
    open_store(open_folder).close()
    for path in open_folder.iterdir():
        path.chmod(0o666)
    (open_folder / DATABASE).chmod(0o444)
    open_folder.chmod(0o777)
    (line,) = run(WITHOUT_RIGHTS, open_folder)
    assert "the database may not be written to. Change the rights of the file and its folder" in line
    assert str(open_folder / DATABASE) in line


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I was here first")
    with pytest.raises(StorageError, match="the folder for the program's data cannot be used"):
        open_store(tmp_path / "data")
    with pytest.raises(StorageError, match="the folder for the program's data cannot be used"):
        open_store(tmp_path / "data" / "below")
    (tmp_path / "taken" / DATABASE).mkdir(parents=True)
    with pytest.raises(StorageError, match="the database cannot be opened or created here"):
        open_store(tmp_path / "taken")


# --- damaged -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sound database with something in every page."""
    folder = tmp_path_factory.mktemp("sound")
    tracks = pd.DataFrame({"title": [f"Title {n}" for n in range(300)]}, index=[str(n) for n in range(300)])
    with open_store(folder, now=NOW) as store:
        store.libraries.save(make_library(tracks, tracks[[]], kind="table", path="/mine.csv"), now=NOW)
        keys = [f"key {n}" for n in range(300)]
        store.features.put("p", pd.DataFrame({"energy": 0.5, "tempo": 99.5}, index=keys), now=NOW)
    return folder / DATABASE


def check_set_aside(folder: Path, damaged: bytes, *, name: str = "leitmotif-damaged-2027-01-15.sqlite3") -> None:
    with open_store(folder, now=NOW) as store:
        (notice,) = store.notices
        assert notice.kind == "store-damaged"
        assert str(folder / name) in notice.text
        assert store.libraries.recent() == []
        store.edits.set_name("k", "l", "The new one works")
    assert (folder / name).read_bytes() == damaged
    with open_store(folder, now=NOW) as store:
        assert store.notices == ()
        assert store.edits.names("k") == {"l": "The new one works"}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_set_aside(tmp_path: Path, sound: Path, share: float) -> None:
    whole = sound.read_bytes()
    cut = whole[: int(len(whole) * share)]
    (tmp_path / DATABASE).write_bytes(cut)
    check_set_aside(tmp_path, cut)


def test_a_file_of_something_else_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"This was never a database.\n" * 400)
    check_set_aside(tmp_path, b"This was never a database.\n" * 400)


def test_a_page_of_noise_is_set_aside(tmp_path: Path, sound: Path) -> None:
    noise = bytearray(sound.read_bytes())
    size = int.from_bytes(noise[16:18], "big")
    noise[size : 2 * size] = random.Random(1).randbytes(size)
    (tmp_path / DATABASE).write_bytes(noise)
    check_set_aside(tmp_path, bytes(noise))


def test_a_second_damaged_file_of_the_day_gets_a_name_of_its_own(tmp_path: Path) -> None:
    for number, name in enumerate(["2027-01-15", "2027-01-15-2", "2027-01-15-3"]):
        damaged = bytes([65 + number]) * 5_000
        (tmp_path / DATABASE).write_bytes(damaged)
        check_set_aside(tmp_path, damaged, name=f"leitmotif-damaged-{name}.sqlite3")
    assert len(list(tmp_path.glob("leitmotif-damaged-*"))) == 3


def test_the_log_of_a_damaged_file_goes_with_it(tmp_path: Path) -> None:
    damaged = b"x" * 5_000
    (tmp_path / DATABASE).write_bytes(damaged)
    (tmp_path / f"{DATABASE}-wal").write_bytes(b"the last writes")
    check_set_aside(tmp_path, damaged)
    assert (tmp_path / "leitmotif-damaged-2027-01-15.sqlite3-wal").read_bytes() == b"the last writes"


def test_damage_that_shows_only_later_is_told(tmp_path: Path, sound: Path) -> None:
    path = tmp_path / DATABASE
    whole = sound.read_bytes()
    path.write_bytes(whole)
    size = int.from_bytes(whole[16:18], "big")
    with open_store(tmp_path, now=NOW) as store:
        path.write_bytes(whole[:size] + b"\xff" * (len(whole) - size))
        with pytest.raises(StorageError, match="the database is damaged"):
            store.features.get([f"key {n}" for n in range(300)])
    damaged = path.read_bytes()
    check_set_aside(tmp_path, damaged)


@settings(max_examples=60, deadline=None)
# Half of the changes hit the header and the first page, where everything hangs together.
@given(
    changes=st.dictionaries(st.integers(0, 300) | st.integers(0, 2**20), st.integers(0, 255), min_size=1, max_size=4)
)
def test_any_few_changed_bytes_end_in_a_store_or_a_clear_refusal(
    tmp_path_factory: pytest.TempPathFactory, sound: Path, changes: dict[int, int]
) -> None:
    changed = bytearray(sound.read_bytes())
    for place, value in changes.items():
        changed[place % len(changed)] = value
    folder = tmp_path_factory.mktemp("changed")
    (folder / DATABASE).write_bytes(changed)
    # Anything but a StorageError fails this test.
    with contextlib.suppress(StorageError), open_store(folder, now=NOW) as store:
        for notice in store.notices:
            assert notice.kind == "store-damaged"
        for info in store.libraries.recent():
            store.libraries.load(info.key)
        store.features.get(["key 1", "key 299"])
    kept = [path.read_bytes() for path in folder.glob("leitmotif-damaged-*.sqlite3")]
    assert kept in ([], [bytes(changed)])
