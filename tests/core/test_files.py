"""Files appear whole or not at all; names are accepted everywhere."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import files
from core.errors import ExportError
from core.files import MAX_NAME_BYTES, name_key, safe_file_name, staged_folder, write_atomically, write_staged
from core.progress import Cancelled

PROJECT = Path(__file__).resolve().parents[2]
#: The user id of "nobody", so that the tests about missing rights also hold where they run as root.
NOBODY = 65534


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Return every path below a folder with its content; folders have none."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


def fill(target: Path, contents: dict[str, str], *, failure: type[BaseException] | None = None) -> None:
    """Write files to a folder through staging, and fail at the end if asked to."""
    with staged_folder(target) as staging:
        for name, content in contents.items():
            write_atomically(staging / name, content)
        if failure:
            raise failure


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """Give a folder with one file in it that the running user may read but not change."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "old.txt").write_text("old")
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def run_with_small_disk(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a process that cannot write files longer than 4,096 bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    return subprocess.run(
        [sys.executable, "-B", "-c", code, str(folder)],
        cwd=PROJECT, preexec_fn=limit, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@contextlib.contextmanager
def interrupted_at(moment: int) -> Iterator[list[str]]:
    """Press Ctrl-C when the module has come to its line of that number; yield the lines it came to."""
    passed: list[str] = []

    def trace(frame: FrameType, event: str, value: object) -> object:
        del value
        if frame.f_code.co_filename not in (files.__file__, shutil.__file__):
            return None
        if event == "line":
            passed.append(f"{frame.f_code.co_name}, line {frame.f_lineno}")
            if len(passed) == moment + 1:
                signal.raise_signal(signal.SIGINT)
        return trace

    sys.settrace(trace)
    try:
        yield passed
    finally:
        sys.settrace(None)


class TestWriteAtomically:
    def test_text_is_written_as_it_is_in_utf_8(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "a.txt", "é\r\n\n🎵")
        assert (tmp_path / "a.txt").read_bytes() == "é\r\n\n🎵".encode()

    def test_bytes_replace_what_was_there_and_nothing_else_stays(self, tmp_path: Path) -> None:
        (tmp_path / "a.bin").write_bytes(b"a longer content than the new one")
        write_atomically(tmp_path / "a.bin", b"\x00new")
        assert everything_in(tmp_path) == {"a.bin": b"\x00new"}

    def test_missing_folders_are_made(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "b" / "c" / "a.txt", "x")
        assert (tmp_path / "b" / "c" / "a.txt").read_text() == "x"

    def test_half_a_surrogate_pair_does_not_stop_the_file(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "a.txt", "a\ud800b")
        assert (tmp_path / "a.txt").read_text() == "a?b"

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real.txt").write_text("old")
        (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
        write_atomically(tmp_path / "link.txt", "new")
        assert (tmp_path / "link.txt").is_symlink()
        assert (tmp_path / "real.txt").read_text() == "new"

    def test_rights_are_those_of_any_new_file_or_of_the_old_one(self, tmp_path: Path) -> None:
        (tmp_path / "plain").touch()
        write_atomically(tmp_path / "new", "x")
        assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
        (tmp_path / "private").touch(mode=0o600)
        write_atomically(tmp_path / "private", "x")
        assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600

    def test_a_read_only_folder_is_named_with_the_next_step(self, locked_folder: Path) -> None:
        with pytest.raises(ExportError, match=r"old\.txt: cannot write here .*may write to") as caught:
            write_atomically(locked_folder / "old.txt", "new")
        assert str(locked_folder) in str(caught.value)
        assert everything_in(locked_folder) == {"old.txt": b"old"}

    def test_a_full_disk_leaves_the_old_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("old")
        code = (
            "import sys; from core.files import write_atomically; from core.errors import ExportError\n"
            "try: write_atomically(sys.argv[1] + '/a.txt', 'x' * 10_000)\n"
            "except ExportError as error: print(error)\n"
        )
        run = run_with_small_disk(code, tmp_path)
        assert run.stderr == ""
        assert "a.txt: cannot write here (file too large)" in run.stdout
        assert "choose another folder" in run.stdout
        assert everything_in(tmp_path) == {"a.txt": b"old"}

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_no_space_left_says_so(self) -> None:
        with pytest.raises(ExportError, match=r"/dev/full: .*no space left.*The disk is full: free some space"):
            write_atomically("/dev/full", "x")

    @pytest.mark.parametrize(
        ("name", "advice"),
        [
            ("n" * 300, "shorter path"),
            ("file/below.txt", "part of the path is a file"),
            ("folder", "folder is in the way"),
            ("a\0b", "Choose another folder"),
        ],
    )
    def test_a_path_that_cannot_be_is_one_clear_line(self, tmp_path: Path, name: str, advice: str) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "folder").mkdir()
        before = everything_in(tmp_path)
        with pytest.raises(ExportError, match=advice) as caught:
            write_atomically(f"{tmp_path}/{name}", "x")
        assert "\n" not in str(caught.value)
        assert everything_in(tmp_path) == before


class TestStagedFolder:
    def test_a_new_folder_appears_only_at_the_end(self, tmp_path: Path) -> None:
        target = tmp_path / "far" / "out"
        with staged_folder(target) as staging:
            write_atomically(staging / "a.txt", "a")
            write_atomically(staging / "sub" / "b.txt", "b")
            assert not target.exists()
        assert everything_in(tmp_path) == {
            "far": None, "far/out": None, "far/out/a.txt": b"a", "far/out/sub": None, "far/out/sub/b.txt": b"b",
        }  # fmt: skip

    def test_an_existing_folder_keeps_what_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("mine")
        (tmp_path / "a.txt").write_text("old")
        with staged_folder(tmp_path) as staging:
            write_atomically(staging / "a.txt", "new")
            assert (tmp_path / "a.txt").read_text() == "old"
            write_atomically(staging / "sub" / "b.txt", "b")
        assert everything_in(tmp_path) == {"mine.txt": b"mine", "a.txt": b"new", "sub": None, "sub/b.txt": b"b"}

    @pytest.mark.parametrize("exists", [False, True])
    def test_all_is_on_the_disk_before_anything_takes_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
    ) -> None:
        """A power cut between two moves finds whole files only; nobody can pull the plug here, so calls are watched."""
        flushed: list[int] = []
        moved: list[set[int]] = []
        flush, rename, replace = os.fsync, os.rename, os.replace

        def watched(move: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
            def moving(source: Path, target: Path) -> None:
                inside = [source, *source.rglob("*")] if source.is_dir() else [source]
                moved.append({path.stat().st_ino for path in inside})
                assert moved[-1] <= set(flushed)
                move(source, target)

            return moving

        def flushing(handle: int) -> None:
            flushed.append(os.fstat(handle).st_ino)
            flush(handle)

        monkeypatch.setattr(os, "fsync", flushing)
        monkeypatch.setattr(os, "rename", watched(rename))
        monkeypatch.setattr(os, "replace", watched(replace))
        target = tmp_path / "out"
        if exists:
            target.mkdir()
        with staged_folder(target) as staging:
            (staging / "sub").mkdir()
            for name in ("a.txt", "b.txt", "sub/c.txt"):
                write_staged(staging / name, name)
            assert not flushed, "not one by one: that takes twice as long"
        assert len(moved) == (3 if exists else 1)
        assert everything_in(target) == {"a.txt": b"a.txt", "b.txt": b"b.txt", "sub": None, "sub/c.txt": b"sub/c.txt"}
        # The names are on the disk as well.
        folders = {target, target / "sub"} if exists else {tmp_path}
        assert {folder.stat().st_ino for folder in folders} <= set(flushed)

    @pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
    @pytest.mark.parametrize("place", ["out", "far/out"])
    def test_a_failing_block_leaves_nothing(self, tmp_path: Path, place: str, failure: type[BaseException]) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "a.txt").write_text("old")
        before = everything_in(tmp_path)
        with pytest.raises(failure):
            fill(tmp_path / place, {"a.txt": "new"}, failure=failure)
        assert everything_in(tmp_path) == before

    def test_a_move_that_fails_in_the_middle_is_undone(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("old a")
        (tmp_path / "m").write_text("a file where a folder is wanted")
        (tmp_path / "z.txt").write_text("old z")
        before = everything_in(tmp_path)
        with pytest.raises(ExportError, match=r"/m/n\.txt: .*part of the path is a file"):
            fill(tmp_path, {"a.txt": "new a", "b/new.txt": "new b", "m/n.txt": "new m", "z.txt": "new z"})
        assert everything_in(tmp_path) == before

    @pytest.mark.skipif(os.name != "posix", reason="sends a signal")
    def test_ctrl_c_at_any_moment_leaves_the_old_files_or_the_new_ones(self, tmp_path: Path) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            raise Cancelled

        new = {"a.txt": "new a", "sub/b.txt": "new b"}
        outcomes = set()
        moment, reached = 0, True
        before = signal.signal(signal.SIGINT, stop)
        try:
            while reached:
                place = tmp_path / str(moment)
                fill(place, {"a.txt": "old a", "sub/b.txt": "old b"})
                old = everything_in(place)
                with contextlib.suppress(Cancelled), interrupted_at(moment) as passed:
                    fill(place, new)
                reached = len(passed) > moment
                moment += 2  # every other line, for speed
                found = everything_in(place)
                whole = {"sub": None, **{name: text.encode() for name, text in new.items()}}
                assert found in (old, whole), passed[-1]
                outcomes.add(found == old)
        finally:
            signal.signal(signal.SIGINT, before)
        assert outcomes == {True, False}

    def test_a_read_only_folder_is_an_error_of_that_folder(self, locked_folder: Path) -> None:
        for target in (locked_folder, locked_folder / "out"):
            with pytest.raises(ExportError, match="may write to") as caught, staged_folder(target):
                pass
            assert str(target) in str(caught.value)
        assert everything_in(locked_folder) == {"old.txt": b"old"}

    def test_a_full_disk_keeps_the_complete_old_output(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("old a")
        (tmp_path / "b.txt").write_text("old b")
        code = (
            "import sys; from core.files import staged_folder, write_atomically; from core.errors import ExportError\n"
            "try:\n"
            "    with staged_folder(sys.argv[1]) as staging:\n"
            "        write_atomically(staging / 'a.txt', 'new')\n"
            "        write_atomically(staging / 'b.txt', 'x' * 10_000)\n"
            "except ExportError as error: print(error)\n"
        )
        run = run_with_small_disk(code, tmp_path)
        assert run.stderr == ""
        assert run.stdout.startswith(f"{tmp_path}/b.txt: cannot write here (file too large)")
        assert everything_in(tmp_path) == {"a.txt": b"old a", "b.txt": b"old b"}

    def test_a_file_in_the_folders_place_stays(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("a file")
        with pytest.raises(ExportError, match="part of the path is a file"), staged_folder(tmp_path / "out") as staging:
            write_atomically(staging / "a.txt", "a")
        assert everything_in(tmp_path) == {"out": b"a file"}


#: The names Windows keeps for devices, with or without a suffix.
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])( *\..*)?", re.IGNORECASE)


def assert_valid_everywhere(name: str) -> None:
    """Check a name without suffix against the rules of Windows, macOS and Linux."""
    assert name
    assert not set(name) & set('<>:"/\\|?*')
    assert not [sign for sign in name if unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Zl", "Zp")]
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert not DEVICES.fullmatch(name)
    assert unicodedata.is_normalized("NFC", name)
    assert len(f"{name}.parquet".encode()) <= MAX_NAME_BYTES


#: Text full of what file systems dislike.
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from('<>:"/\\|?*. \t\n\r\0\x7f\u0301\u200b\u200d\u202e\u2028\ud800eEéÉßſKİ'),
    ),
    max_size=150,
)


class TestSafeFileName:
    @settings(max_examples=100, deadline=None)
    @given(NASTY)
    def test_any_text_gives_a_valid_name_that_is_its_own_safe_name(self, text: str) -> None:
        name = safe_file_name(text, taken=set())
        assert_valid_everywhere(name)
        assert safe_file_name(name, taken=set()) == name

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(st.one_of(NASTY, st.sampled_from(["Mix", "MIX", "mix (2)", "é" * 90, "e\u0301" * 90])), max_size=12)
    )
    def test_no_two_names_meet_in_any_case_or_composition(self, texts: list[str]) -> None:
        taken: set[str] = set()
        names = [safe_file_name(text, taken=taken) for text in texts]
        for name in names:
            assert_valid_everywhere(name)
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert len({unicodedata.normalize(form, name).casefold() for name in names}) == len(names)
            assert len({unicodedata.normalize(form, name).upper() for name in names}) == len(names)
        assert taken == {name_key(name) for name in names}

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Slow & Somber Acoustics", "Slow & Somber Acoustics"),
            ("AC/DC: Live?", "AC-DC- Live-"),
            ("...And Justice for All...", "And Justice for All"),
            ("con", "_con"),
            ("COM1.mix", "_COM1.mix"),
            ("aux .", "_aux"),
            ("Console", "Console"),
            ("tab\tand\nline", "tab and line"),
            ("", "untitled"),
            ("/", "-"),
            (". . .", "untitled"),
            ("\u202egnp.exe", "gnp.exe"),
            ("e\u0301tude", "étude"),
            ("Família 👨‍👩‍👧", "Família 👨‍👩‍👧"),
        ],
    )
    def test_a_name_becomes_one_that_every_system_takes(self, text: str, name: str) -> None:
        assert safe_file_name(text, taken=set()) == name

    def test_equal_names_are_numbered(self) -> None:
        taken: set[str] = set()
        names = [safe_file_name(text, taken=taken) for text in ("Mix", "mix", "MIX", "Mix (2)", "Étude", "e\u0301tude")]
        assert names == ["Mix", "mix (2)", "MIX (3)", "Mix (2) (2)", "Étude", "étude (2)"]

    @settings(max_examples=100, deadline=None)
    @given(NASTY)
    def test_the_name_can_be_written_here(self, text: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            name = safe_file_name(text, taken=set())
            write_atomically(Path(folder) / f"{name}.m3u8", "x")
            assert [path.name for path in Path(folder).iterdir()] == [f"{name}.m3u8"]
