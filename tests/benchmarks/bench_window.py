"""How quick the window is: ``python -m tests.benchmarks.bench_window [start] [pan] [gaps]``.

- start: from nothing to a painted start page, against a bare PySide6 + pyqtgraph window (at most 1.5 times)
- pan: frames a second while the map pans (13 k points: 60, 107 k: 20)
- gaps: the longest time the window did not answer while 107 k tracks are analysed (50 ms)
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

RUNS = 7
FRAMES = 60
BARE = """
import sys, time
began = time.perf_counter()
import pyqtgraph
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(["bare"])
window = QMainWindow()
window.setCentralWidget(pyqtgraph.PlotWidget())
window.resize(1360, 880)
window.show()
app.sendPostedEvents()
window.grab()
print(time.perf_counter() - began)
"""
OURS = """
import sys, time
began = time.perf_counter()
from PySide6.QtWidgets import QApplication
app = QApplication(["leitmotif"])
from desktop.app import prepare
prepare(app)
from desktop.window import MainWindow
window = MainWindow()
window.show()
app.sendPostedEvents()
window.grab()
print(time.perf_counter() - began)
window.close()
"""


def start() -> None:
    """Compare two fresh processes, one after the other, several times."""
    times: dict[str, list[float]] = {BARE: [], OURS: []}
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "LEITMOTIF_HOME": home}
        for _ in range(RUNS):
            for code, seen in times.items():
                done = subprocess.run(
                    [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
                )
                seen.append(float(done.stdout.split()[0]))
    bare, ours = (statistics.median(seen) for seen in times.values())
    print(f"start: bare {bare:.3f} s, Leitmotif {ours:.3f} s, {ours / bare:.2f} times")


def pan() -> None:
    """Drag both linked maps, as large as in the window, right across the view and back, and time every frame.

    A frame begins with the move and ends when both maps are painted and everything else that waited is done, such as a
    slice of a new picture. Its processor time is what the window's thread used: other programs do not count.
    """
    import numpy as np
    from PySide6.QtWidgets import QApplication

    from desktop.theme import make_theme
    from desktop.views.map import TrackMap

    class CountedMap(TrackMap):
        painted = 0

        def paintEvent(self, event):  # type: ignore[no-untyped-def]  # noqa: N802
            super().paintEvent(event)
            self.painted += 1

    app = QApplication.instance() or QApplication(["bench"])
    for n in (13_000, 107_000, 1_000_000):
        shown = _made_up(n)
        view = CountedMap(make_theme(dark=False))
        view.resize(860, 500)
        view.show()
        began = time.perf_counter()
        view.show_shown(shown)
        view.show_selection(np.arange(n), np.empty(0, dtype=np.int64))
        handed = time.perf_counter() - began
        longest = _settle(app, view)
        ready = time.perf_counter() - began
        print(
            f"map of {n:,} points: {1000 * handed:.0f} ms to hand over, {1000 * ready:.0f} ms until all is drawn, "
            f"longest slice {1000 * longest:.0f} ms"
        )
        for name, step in (("pan", (8, 3)), ("zoom", (0, 0))):
            _tell_frames(f"{name} of {n:,} points", _frames(app, view, step))
            began, longest = time.perf_counter(), _settle(app, view)
            print(f"  stands still: all drawn after {1000 * (time.perf_counter() - began):.0f} ms, "
                  f"longest slice {1000 * longest:.0f} ms")  # fmt: skip
        view.close()
    del app


def _frames(app, view, step):  # type: ignore[no-untyped-def]
    """Move the view some pixels a frame, or zoom in and out, and return wall and processor time of each frame."""
    box = view.panels[-1].box
    wall, processor = [], []
    for frame in range(2 * FRAMES):
        there = 1 if frame < FRAMES else -1
        x_size, y_size = box.viewPixelSize()
        began, used = time.perf_counter(), time.thread_time()
        if any(step):
            box.translateBy(x=there * step[0] * x_size, y=there * step[1] * y_size)
        else:
            box.scaleBy((0.96**there, 0.96**there))
        painted = view.painted
        while view.painted == painted:
            app.processEvents()
        wall.append(time.perf_counter() - began)
        processor.append(time.thread_time() - used)
    return wall, processor


def _tell_frames(what, frames):  # type: ignore[no-untyped-def]
    wall, processor = (sorted(times) for times in frames)
    middle, slow = len(wall) // 2, int(0.95 * len(wall))
    print(
        f"{what}: median {1000 * wall[middle]:.1f} ms wall, {1000 * processor[middle]:.1f} ms processor "
        f"({1 / statistics.mean(wall):.0f} and {1 / statistics.mean(processor):.0f} frames a second on average); "
        f"95 in 100 below {1000 * wall[slow]:.1f} and {1000 * processor[slow]:.1f} ms, worst {1000 * wall[-1]:.1f} ms"
    )


def _settle(app, view):  # type: ignore[no-untyped-def]
    """Let the view draw what it has to; return the longest turn."""
    longest = 0.0
    view.viewport().repaint()
    while not all(layer.is_ready for panel in view.panels for layer in (panel.points, panel.chosen)):
        began = time.perf_counter()
        app.processEvents()
        longest = max(longest, time.perf_counter() - began)
    return longest


def _made_up(n):  # type: ignore[no-untyped-def]
    """Return what the map needs of an analysis of n tracks in 12 playlists and 16 genres, and no more."""
    import numpy as np

    from desktop.plots.data import MapData
    from desktop.shown import Shown

    rng = np.random.default_rng(1)
    labels = rng.integers(0, 12, n).astype(np.int64)
    xy = rng.normal(size=(12, 2))[labels] + 0.5 * rng.normal(size=(n, 2))
    genres = np.array([f"Genre {place}" for place in range(16)], dtype=object)[rng.integers(0, 16, n)]
    names = tuple(f"Playlist {place}" for place in range(12))
    features, axes = (
        ("energy", "valence", "acousticness", "tempo"),
        np.array([[1, 0.2, -0.7, 0.4], [0.1, 1, 0.5, -0.3]]),
    )
    data = MapData(xy, labels, tuple(range(12)), names, genres, features, axes, np.array([0.4, 0.3]))
    # Done in the worker before the window has it.
    data.warm()
    made = object.__new__(Shown)
    for name, value in {"map": data, "labels": labels, "columns": {}}.items():
        object.__setattr__(made, name, value)
    return made


def gaps() -> None:
    """Beat every few milliseconds in the window's thread while a large library is opened, analysed, shown and kept.

    A gap is the time between two beats. On a busy machine a thread also waits for other programs, so each gap is given
    a second time as the processor time that the window's thread and its workers used meanwhile: no longer than that can
    it be the program's own. For comparison an idle event loop beats while another process does the same analysis.
    """
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEITMOTIF_HOME"] = home
        path = Path(home) / "large.csv"
        subprocess.run([sys.executable, "-c", _LARGE, str(path)], check=True)
        _gaps(path)
        _idle_gaps(path, Path(home) / "out")


class Beats:
    """Notes when the window's thread gets a turn, and the processor time used until then."""

    def __init__(self, *, workers: bool) -> None:
        from PySide6.QtCore import Qt, QTimer

        threads = [thread for thread in threading.enumerate() if workers and thread.name.startswith("leitmotif")]
        self._clocks = [time.pthread_getcpuclockid(thread.ident) for thread in threads if thread.ident]
        self.beats: list[tuple[float, float]] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        used = time.thread_time() + sum(time.clock_gettime(clock) for clock in self._clocks)
        self.beats.append((time.perf_counter(), used))

    def tell(self, what: str) -> None:
        """Stop and print the longest gaps."""
        self._timer.stop()
        pairs = list(itertools.pairwise(self.beats))
        wall = sorted((after[0] - before[0] for before, after in pairs), reverse=True)
        own = sorted((min(after[1] - before[1], after[0] - before[0]) for before, after in pairs), reverse=True)
        for name, found in (("wall", wall), ("own processor time", own)):
            print(
                f"gaps, {what}, {name}: longest {1000 * found[0]:.0f} ms, 99 in 100 below "
                f"{1000 * found[len(found) // 100]:.0f} ms, {sum(gap > 0.05 for gap in found)} over 50 ms of "
                f"{len(found):,}; next {' '.join(f'{1000 * gap:.0f}' for gap in found[1:6])}"
            )


def _gaps(path: Path) -> None:
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from desktop.app import prepare
    from desktop.window import MainWindow

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    prepare(app)
    window = MainWindow()
    window.show()
    loop = QEventLoop()
    session = window.session

    def ready() -> None:
        if session.stage == "ready":
            # Until the map is drawn and the run is kept.
            QTimer.singleShot(3000, loop.quit)

    session.stage_changed.connect(ready)
    # What only the first window of a process does, such as loading fonts, is done before.
    app.processEvents()
    window.grab()
    beats = Beats(workers=True)
    began = time.perf_counter()
    session.open_path(str(path))
    loop.exec()
    beats.tell(f"window with an analysis of {time.perf_counter() - began:.0f} s")
    window.close()


def _idle_gaps(path: Path, out: Path) -> None:
    """Let an empty event loop beat while another process analyses."""
    from PySide6.QtCore import QEventLoop, QTimer

    command = [sys.executable, "-m", "desktop", "analyze", str(path), "--out", str(out)]
    other = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    loop, watch = QEventLoop(), QTimer()
    watch.setInterval(100)
    watch.timeout.connect(lambda: loop.quit() if other.poll() is not None else None)
    watch.start()
    beats, began = Beats(workers=False), time.perf_counter()
    loop.exec()
    watch.stop()
    beats.tell(f"idle beside an analysis of {time.perf_counter() - began:.0f} s, status {other.returncode}")


_LARGE = """
import sys
import numpy as np
from core.sources import open_source
library = open_source("demo:")
rng = np.random.default_rng(1)
rows = rng.integers(0, len(library), 107_000)
frame = library.tracks[["title", "artist", "album", "genre", "duration_s"]].iloc[rows].reset_index(drop=True)
features = library.features.iloc[rows].reset_index(drop=True)
features = (features + rng.normal(0, 0.01, features.shape)).clip(0, None)
for name in features.columns:
    if name not in ("tempo", "loudness", "key"):
        features[name] = features[name].clip(0, 1)
frame.join(features).to_csv(sys.argv[1], index_label="track_id")
"""


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["start", "pan", "gaps"]
    for name in wanted:
        {"start": start, "pan": pan, "gaps": gaps}[name]()
