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
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

RUNS = 7
FRAMES = 20
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
    """Pan the map and count painted frames."""
    import numpy as np
    from PySide6.QtWidgets import QApplication

    from desktop.plots.data import MapData
    from desktop.theme import make_theme
    from desktop.views.map import TrackMap

    app = QApplication.instance() or QApplication(["bench"])
    rng = np.random.default_rng(1)
    for n in (13_000, 107_000, 1_000_000):
        labels = np.sort(rng.integers(0, 12, n)).astype(np.int64)
        xy = rng.normal(size=(12, 2))[labels] + 0.5 * rng.normal(size=(n, 2))
        genres = np.array(["Rock", "Jazz", "Folk"], dtype=object)[rng.integers(0, 3, n)]
        names = tuple(f"Playlist {place}" for place in range(12))
        data = MapData(
            xy, labels, tuple(range(12)), names, genres, ("energy", "valence"), np.eye(2), np.array([0.4, 0.3])
        )
        view = TrackMap(make_theme(dark=False))
        view.resize(1000, 560)
        view.show_shown(_only_map(data, labels))
        view.show()
        view.grab()
        began = time.perf_counter()
        view.panels[-1].box.translateBy(x=0.01)
        view.grab()
        whole = time.perf_counter() - began
        view.move()
        view.grab()
        began = time.perf_counter()
        for _ in range(FRAMES):
            view.move()
            view.panels[-1].box.translateBy(x=0.01, y=0.005)
            view.grab()
        seconds = (time.perf_counter() - began) / FRAMES
        print(
            f"pan: {n:,} points, both maps, {1000 * seconds:.0f} ms a frame, {1 / seconds:.0f} frames a second; "
            f"all points once it stands still {1000 * whole:.0f} ms"
        )
        view.close()
    del app


def _only_map(data, labels):  # type: ignore[no-untyped-def]
    """Return what the map needs and no more."""
    from desktop.shown import Shown

    made = object.__new__(Shown)
    for name, value in {"map": data, "labels": labels, "columns": {}}.items():
        object.__setattr__(made, name, value)
    return made


def gaps() -> None:
    """Beat every few milliseconds in the window's thread while a large library is analysed."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEITMOTIF_HOME"] = home
        _gaps(Path(home))


def _gaps(home: Path) -> None:
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from desktop.app import prepare
    from desktop.window import MainWindow

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    prepare(app)
    path = home / "large.csv"
    subprocess.run([sys.executable, "-c", _LARGE, str(path)], check=True)
    window = MainWindow()
    window.show()
    beats: list[float] = []
    timer = QTimer()
    timer.setInterval(5)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    loop = QEventLoop()
    arrived: list[float] = []
    window.session.outcome_changed.connect(lambda: arrived.append(time.perf_counter()))
    window.session.stage_changed.connect(lambda: loop.quit() if window.session.stage == "ready" else None)
    timer.start()
    began = time.perf_counter()
    window.session.open_path(str(path))
    loop.exec()
    seconds = time.perf_counter() - began
    timer.stop()
    shown_at = max(arrived)
    waits = sorted((after - before for before, after in itertools.pairwise(beats) if after < shown_at), reverse=True)
    over = sum(wait > 0.05 for wait in waits)
    print(f"gaps: analysed in {seconds:.1f} s; longest {1000 * waits[0]:.0f} ms, {over} over 50 ms, of {len(waits):,}")
    print("gaps: the ten longest in ms:", " ".join(f"{1000 * wait:.0f}" for wait in waits[:10]))
    window.close()


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
