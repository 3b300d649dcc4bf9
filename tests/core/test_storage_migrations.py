"""Old databases become new ones, whole or not at all; newer and foreign ones are left alone.

``tests/data/store`` holds one sample of each old version. This makes a sample anew, which is only ever needed to see
that it is what it says::

    python -m tests.core.test_storage_migrations 1 FILE
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import StorageError
from core.storage import SPOTIFY_KEEPS, open_store
from core.storage.schema import STEPS, VERSION
from tests.conftest import PROJECT

SAMPLES = PROJECT / "tests" / "data" / "store"
VERSION_1 = SAMPLES / "v1.sqlite3"
OLD_VERSIONS = range(1, VERSION)
#: When the sample says it was saved.
SAVED = 1_790_000_000.0
DATABASE = "leitmotif.sqlite3"


def build(number: int, path: Path, *, tracks: int = 2, page_size: int = 512) -> None:
    """Write a database as an old version left it: an account's library and a file's, features, a run and a name."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {page_size}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN")
        fillings = (lambda: _fill_version_1(db, tracks), lambda: _fill_version_2(db), lambda: _fill_version_3(db))
        for step, fill in zip(STEPS[:number], fillings, strict=False):
            for statement in step:
                db.execute(statement)
            fill()
        db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")


def _fill_version_1(db: sqlite3.Connection, tracks: int) -> None:
    library = "INSERT INTO libraries VALUES (?, ?, ?, ?, ?, ?, '{\"Blues\":\"Folk\"}', '[]', ?, ?, ?, ?)"
    columns = json.dumps(["acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness",
                          "tempo", "valence", "loudness"])  # fmt: skip
    track = f"INSERT INTO tracks VALUES ({', '.join('?' * 30)})"
    for number, (key, kind, path) in enumerate(
        [("spotify:spotify:", "spotify", "spotify:"), ("table:/music/mine.csv", "table", "/music/mine.csv")], 1
    ):
        db.execute(library, (number, key, f"Library {number}", kind, path, columns, tracks, tracks, SAVED, SAVED))
        for row in range(tracks):
            spotify_id = f"{row:022}"
            texts = (f"Tïtle {row}", "Artist", "Album", "Folk", "2024-05-06", f"spotify:track:{spotify_id}", "", "")
            more = ('["Folk","Blues"]', '["Liked"]', 181.5, None, 0.0, "file")
            features = (0.5, 0.25, 0.125, 0.0, 0.75, 0.1, 120.0, 0.9, -7.5, None, None, None)
            db.execute(track, (number, row, f"id{row}", spotify_id, *texts, *more, *features))
    feature = f"INSERT INTO features VALUES ({', '.join('?' * 15)})"
    db.execute(feature, (f"{0:022}", "reccobeats", SAVED, *[0.5] * 12))
    db.execute("INSERT INTO misses VALUES (?, 'reccobeats', ?)", (f"{1:022}", SAVED))
    head = (1, "table:/music/mine.csv", "Library 2", "table", "/music/mine.csv", "article", "kmeans", 2, 2)
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', '{\"schema\":1}', ?)", (*head, SAVED))
    db.execute("INSERT INTO run_clusters VALUES (1, 0, 'l1'), (1, 1, 'l2')")
    db.execute("INSERT INTO run_tracks VALUES (1, 0, 'id0', 1, 0.5), (1, 1, 'id1', 0, NULL)")
    db.execute("INSERT INTO edits VALUES ('table:/music/mine.csv', 'l1', 'Rainy days', ?)", (SAVED,))
    db.execute("INSERT INTO state VALUES ('theme', '\"dark\"', NULL, ?)", (SAVED,))


def _fill_version_2(db: sqlite3.Connection) -> None:
    db.execute("UPDATE libraries SET dropped = 3 WHERE id = 1")
    db.execute("UPDATE tracks SET spotify_at = ? WHERE library_id = 1", (SAVED + 5,))
    db.execute("UPDATE edits SET locked = 1")
    db.execute("INSERT INTO state VALUES ('account', '\"me\"', NULL, ?, 1)", (SAVED,))
    db.execute("INSERT INTO genres VALUES ('isrc', 'DEA123456789', '[\"Folk\"]', ?)", (SAVED,))
    export = ("spotify:me", "table:/music/mine.csv", "l1", "r1", "s1", "Rainy days", '["spotify:track:a"]', SAVED)
    db.execute(f"INSERT INTO exports VALUES ({', '.join('?' * 8)})", export)
    db.execute("INSERT INTO journal VALUES (1, 'b', 'create', '{}', 'confirmed', 'null', ?, ?)", (SAVED, SAVED))
    db.execute("INSERT INTO calls VALUES ('library', ?)", (SAVED,))
    db.execute("INSERT INTO spotify_pages VALUES ('me', 'liked', 0, '', '[1]', ?)", (SAVED,))


def _fill_version_3(db: sqlite3.Connection) -> None:
    head = (2, "spotify:spotify:", "Library 1", "spotify", "spotify:", "article", "kmeans", 1, 1)
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', '{\"schema\":1}', ?)", (*head, SAVED))
    db.execute("INSERT INTO run_clusters VALUES (2, 0, 'l3')")
    db.execute("INSERT INTO run_tracks VALUES (2, 0, 'id1', 0, 0.5)")
    db.execute("INSERT INTO edits VALUES ('spotify:spotify:', 'l3', 'Sunny days', ?, 0)", (SAVED,))


def tables(path: Path) -> list[tuple[str, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def version(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a database of version 1 where the store looks for it."""
    path = tmp_path / DATABASE
    shutil.copyfile(VERSION_1, path)
    return path


def test_there_is_a_sample_of_every_old_version() -> None:
    assert [path.name for path in sorted(SAMPLES.iterdir())] == [f"v{number}.sqlite3" for number in range(1, VERSION)]


@pytest.mark.parametrize("number", OLD_VERSIONS)
def test_the_steps_of_old_versions_were_never_edited(number: int, tmp_path: Path) -> None:
    build(number, tmp_path / "again.sqlite3")
    sample = SAMPLES / f"v{number}.sqlite3"
    assert tables(tmp_path / "again.sqlite3") == tables(sample)
    assert version(sample) == number


def test_an_old_database_keeps_all_it_holds(old: Path) -> None:
    with open_store(old.parent, now=SAVED + 1) as store:
        assert store.notices == ()
        mine = store.libraries.load("table:/music/mine.csv")
        assert mine.tracks["title"].tolist() == ["Tïtle 0", "Tïtle 1"]
        assert mine.tracks["genres"].tolist() == [("Folk", "Blues")] * 2
        assert mine.features["loudness"].tolist() == [-7.5, -7.5]
        assert mine.genre_parents == {"Blues": "Folk"}
        assert [info.name for info in store.libraries.recent()] == ["Library 2", "Library 1"]
        keys = [f"{0:022}", f"{1:022}"]
        assert store.features.get(keys)["energy"].tolist() == [0.5]
        assert store.features.misses("reccobeats", keys, now=SAVED + 1) == {keys[1]}
        run = store.runs.get("1")
        assert (run.info.recipe, run.document) == ("article", {"schema": 1})
        assert run.assignments["lineage"].tolist() == ["l2", "l1"]
        assert store.edits.names("table:/music/mine.csv") == {"l1": "Rainy days"}
        assert store.edits.locked("table:/music/mine.csv") == frozenset()
        assert store.state.get("theme") == "dark"
        assert store.journal.open_entries() == []


def test_a_database_of_version_2_keeps_all_it_holds(tmp_path: Path) -> None:
    shutil.copyfile(SAMPLES / "v2.sqlite3", tmp_path / DATABASE)
    with open_store(tmp_path, now=SAVED + 6) as store:
        account = store.libraries.load("spotify:spotify:")
        assert account.spotify_at.tolist() == [SAVED + 5] * 2
        assert [notice.count for notice in account.notices] == [3]
        assert store.libraries.load("table:/music/mine.csv").spotify_at.isna().all()
        assert store.edits.locked("table:/music/mine.csv") == {"l1"}
        assert store.genres.get("isrc", ["DEA123456789"]) == {"DEA123456789": ("Folk",)}
        assert store.state.get("account") == "me"
        assert [exported.remote_id for exported in store.exports.at("spotify:me")] == ["r1"]
        assert [entry.state for entry in store.journal.entries()] == ["confirmed"]
        assert store.quota.used(now=SAVED + 6) == {"library": 1}
        assert store.pages.get("me", "liked") == {0: [1]}
    with open_store(tmp_path, now=SAVED + 5 + SPOTIFY_KEEPS) as store:
        assert len(store.libraries.load("spotify:spotify:")) == 0
        assert len(store.libraries.load("table:/music/mine.csv")) == 2


def test_old_runs_of_an_account_get_a_date_and_go_by_it(tmp_path: Path) -> None:
    shutil.copyfile(SAMPLES / "v3.sqlite3", tmp_path / DATABASE)
    with open_store(tmp_path, now=SAVED + SPOTIFY_KEEPS - 1) as store:
        assert [info.id for info in store.runs.summaries()] == ["2", "1"]
    with open_store(tmp_path, now=SAVED + SPOTIFY_KEEPS) as store:
        assert [info.id for info in store.runs.summaries()] == ["1"]
        assert store.edits.names("spotify:spotify:") == {"l3": "Sunny days"}
        assert store.runs.marked("spotify:spotify:", ["id0", "id1"]) == {"l3": {"id1"}}


@pytest.mark.parametrize("number", OLD_VERSIONS)
def test_a_migrated_database_has_the_tables_of_a_new_one(number: int, tmp_path: Path) -> None:
    old = tmp_path / "old" / DATABASE
    old.parent.mkdir()
    shutil.copyfile(SAMPLES / f"v{number}.sqlite3", old)
    open_store(old.parent, now=SAVED).close()
    open_store(tmp_path / "new").close()

    def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
        with contextlib.closing(sqlite3.connect(path)) as db:
            names = [row[1] for row in tables(path)]
            return {name: db.execute(f"PRAGMA table_xinfo({name})").fetchall() for name in names}

    assert columns(old) == columns(tmp_path / "new" / DATABASE)
    assert version(old) == version(tmp_path / "new" / DATABASE) == VERSION


def test_old_libraries_of_an_account_get_a_date_and_go_by_it(old: Path) -> None:
    with open_store(old.parent, now=SAVED + SPOTIFY_KEEPS) as store:
        assert len(store.libraries.load("spotify:spotify:")) == 0
        assert len(store.libraries.load("table:/music/mine.csv")) == 2


def test_a_copy_is_made_before_anything_changes(old: Path) -> None:
    open_store(old.parent, now=SAVED).close()
    backup = old.with_name("leitmotif-backup-v1.sqlite3")
    assert version(backup) == 1
    assert tables(backup) == tables(VERSION_1)
    with contextlib.closing(sqlite3.connect(backup)) as db:
        assert db.execute("SELECT count(*) FROM tracks").fetchone() == (4,)
    open_store(old.parent, now=SAVED + SPOTIFY_KEEPS).close()
    assert backup.exists(), "its own age counts, and it was made just now"
    with open_store(old.parent, now=time.time() + SPOTIFY_KEEPS + 60):
        assert not backup.exists()


def test_disconnecting_takes_the_copy_away_because_it_holds_the_same_data(old: Path) -> None:
    with open_store(old.parent, now=SAVED) as store:
        store.drop_spotify_data()
    assert sorted(path.name for path in old.parent.iterdir()) == ["leitmotif.lock", DATABASE]


def test_a_migration_that_fails_leaves_everything_as_it_was(old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("CREATE TABLE journal (somebody_elses INTEGER)")
    before = tables(old)
    for _ in range(2):
        with pytest.raises(
            StorageError, match=rf"could not be brought to version {VERSION}.*leitmotif-backup-v1"
        ) as caught:
            open_store(old.parent, now=SAVED)
        assert caught.value.where == str(old)
    assert tables(old) == before
    assert version(old) == 1
    assert tables(old.with_name("leitmotif-backup-v1.sqlite3")) == before
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("DROP TABLE journal")
    with open_store(old.parent, now=SAVED) as store:
        assert len(store.libraries.load("table:/music/mine.csv")) == 2


def test_a_migration_that_would_orphan_rows_is_undone(old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("DELETE FROM libraries WHERE id = 1")
    with pytest.raises(StorageError, match="a row of tracks belongs to nothing in libraries"):
        open_store(old.parent, now=SAVED)
    assert version(old) == 1


def test_without_a_copy_there_is_no_migration(old: Path) -> None:
    (old.parent / "leitmotif-backup-v1.sqlite3.part").mkdir()
    with pytest.raises(StorageError, match="the copy to keep could not be made"):
        open_store(old.parent, now=SAVED)
    assert version(old) == 1
    assert tables(old) == tables(VERSION_1)


def test_a_database_of_a_newer_program_is_refused_untouched(old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = old.read_bytes()
    with pytest.raises(StorageError, match=r"a newer version of this program made this database. Update"):
        open_store(old.parent)
    assert old.read_bytes() == before
    # SQLite itself lays its two empty helpers beside a file it reads.
    assert {path.name for path in old.parent.iterdir()} <= {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}
    assert old.read_bytes() == before


def test_a_newer_program_still_at_work_is_noticed_too(old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as newer:
        # The version stands in the write-ahead log only; the file itself still says 1.
        newer.execute("PRAGMA wal_autocheckpoint = 0")
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        before = old.read_bytes()
        with pytest.raises(StorageError, match="a newer version of this program"):
            open_store(old.parent)
        assert old.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE recipes (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="a database of another program"):
        open_store(tmp_path)
    assert path.read_bytes() == before


#: Prints a line when it is about to open the store, and another when it has.
OPENER = """
import sys
from pathlib import Path
from core.storage import open_store
print("ready", flush=True)
with open_store(Path(sys.argv[1]), now=float(sys.argv[2])):
    print("open", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a signal of POSIX systems")
def test_a_migration_that_is_killed_is_undone_or_done(tmp_path: Path) -> None:
    large = tmp_path / "large.sqlite3"
    build(1, large, tracks=5_000, page_size=4096)
    moments = random.Random(4)
    for trial in range(5):
        folder = tmp_path / str(trial)
        folder.mkdir()
        shutil.copyfile(large, folder / DATABASE)
        command = [sys.executable, "-c", OPENER, str(folder), str(SAVED)]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.0, 0.2))
            child.send_signal(signal.SIGKILL)
        with contextlib.closing(sqlite3.connect(folder / DATABASE)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) FROM tracks").fetchone() == (10_000,)
        assert version(folder / DATABASE) in (1, VERSION)
        with open_store(folder, now=SAVED) as store:
            assert store.notices == ()
            assert len(store.libraries.load("spotify:spotify:")) == 5_000


if __name__ == "__main__":
    build(int(sys.argv[1]), Path(sys.argv[2]))
