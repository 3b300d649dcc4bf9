"""How fast imports are and how much memory they take, each in a process of its own.

Run with ``python -m tests.benchmarks.bench_import``. Prints for 50,000 rows of every kind of import the rows a second
after start-up (the bar: 20,000) and the peak memory of the process (the bar: 400 MB), and for merging two libraries
of 50,000 tracks the seconds. Start-up, the imports of libraries and the first small read, stands apart. Processor
seconds are printed beside the clock's: on a busy machine they are the fairer number.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from core.library import Library

ROWS = 50_000
BAR_ROWS, BAR_MEGABYTES = 20_000, 400
PLAYLISTS = 250
#: Spotify gives genres to artists, so that all tracks of one have the same.
ARTISTS = 9_000
SEED = 1986
DATA = Path(__file__).resolve().parents[1] / "data"
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
    "Valence,Tempo,Time Signature\n"
)


def made_ids(count: int) -> list[str]:
    rng = random.Random(SEED)
    return ["".join(rng.choices(LETTERS, k=22)) for _ in range(count)]


def csv_rows(ids: list[str]) -> list[str]:
    rng = random.Random(SEED)
    artists_genres = [",".join(f"genre {rng.randrange(400)}" for _ in range(3)) for _ in range(ARTISTS)]
    rows = []
    for number, track in enumerate(ids):
        shares = [f"{rng.random():.4g}" for _ in range(7)]
        genres = artists_genres[number % ARTISTS]
        rows.append(
            f'spotify:track:{track},"Song {number}, a part","Album {number % 5_000}","Artist {number % ARTISTS};Guest",'
            f"2019-03-01,{rng.randrange(60_000, 600_000)},40,false,someone,2024-05-01T08:00:00Z,"
            f'"{genres}","Label",{shares[0]},{shares[1]},{number % 12},{-30 * rng.random():.3f},{number % 2},'
            f"{','.join(shares[2:])},{60 + 140 * rng.random():.3f},4\n"
        )
    return rows


def play(number: int, track: int, address: str) -> dict[str, object]:
    day, minute = divmod(number, 1_440)
    date = f"{2010 + day // 336}-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}"
    return {
        "ts": f"{date}T{minute // 60:02d}:{minute % 60:02d}:00Z", "platform": "android",
        "ms_played": 5_000 + 37 * number % 300_000, "conn_country": "XX", "ip_addr": "203.0.113.1",
        "master_metadata_track_name": f"Song {track}", "master_metadata_album_artist_name": f"Artist {track % ARTISTS}",
        "master_metadata_album_album_name": f"Album {track % 5_000}", "spotify_track_uri": f"spotify:track:{address}",
        "episode_name": None, "episode_show_name": None, "spotify_episode_uri": None, "reason_start": "trackdone",
        "reason_end": "trackdone", "shuffle": False, "skipped": None, "offline": False, "offline_timestamp": None,
        "incognito_mode": False,
    }  # fmt: skip


def write_all(folder: Path, count: int) -> dict[str, str]:
    """Write every kind of import, of so many rows each, and return their paths by name."""
    ids = made_ids(count)
    rows = csv_rows(ids)
    paths = {"Exportify CSV": folder / "liked.csv", f"Exportify zip of {PLAYLISTS}": folder / "playlists.zip"}
    paths["Exportify CSV"].write_text("\ufeff" + HEADER + "".join(rows), encoding="utf-8")
    with zipfile.ZipFile(paths[f"Exportify zip of {PLAYLISTS}"], "w", zipfile.ZIP_DEFLATED) as archive:
        size = count // PLAYLISTS
        for number in range(PLAYLISTS):
            part = rows[number * size : (number + 1) * size]
            archive.writestr(f"playlist_{number}.csv", HEADER + "".join(part))
    saved = [
        {
            "artist": f"Artist {number % ARTISTS}",
            "album": "Album",
            "track": f"Song {number}",
            "uri": f"spotify:track:{one}",
        }
        for number, one in enumerate(ids)
    ]
    paths["YourLibrary.json"] = folder / "YourLibrary.json"
    paths["YourLibrary.json"].write_text(json.dumps({"tracks": saved}), encoding="utf-8")
    paths["extended history zip"] = folder / "my_spotify_data.zip"
    rng = random.Random(SEED)
    with zipfile.ZipFile(paths["extended history zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        for start in range(0, count, 12_500):
            size = min(12_500, count - start)
            tracks = [rng.randrange(max(count // 4, 1)) for _ in range(size)]
            plays = [play(start + place, track, ids[track]) for place, track in enumerate(tracks)]
            archive.writestr(f"Extended/Streaming_History_Audio_{start // 12_500}.json", json.dumps(plays))
    return {name: str(path) for name, path in paths.items()}


def measured(work: Callable[[], Library]) -> tuple[int, float, float]:
    """Return tracks, seconds and processor seconds."""
    clock, processor = time.perf_counter(), time.process_time()
    library = work()
    return len(library), time.perf_counter() - clock, time.process_time() - processor


def run_case(paths: list[str]) -> None:
    """Read in this process, and merge when there are several paths; print the numbers as JSON."""
    clock = time.perf_counter()
    from core.merging import merge_libraries
    from core.sources import open_source

    for sample in ("exportify/Liked_Songs.csv", "datapackage/YourLibrary.json"):
        open_source(str(DATA / sample))
    started = time.perf_counter() - clock
    if len(paths) == 1:
        tracks, seconds, processor = measured(lambda: open_source(paths[0]))
    else:
        libraries = [open_source(path) for path in paths]
        tracks, seconds, processor = measured(lambda: merge_libraries(libraries))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([started, tracks, seconds, processor, peak]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--case", nargs="+", default=[], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        run_case(arguments.case)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        paths = write_all(Path(folder), arguments.rows)
        merged = [paths["Exportify CSV"], paths["YourLibrary.json"]]
        cases = {name: [path] for name, path in paths.items()} | {"merging CSV and YourLibrary": merged}
        print(f"{arguments.rows:,} rows each; bars: {BAR_ROWS:,} rows a second, {BAR_MEGABYTES} MB")
        for name, chosen in cases.items():
            command = [sys.executable, "-m", "tests.benchmarks.bench_import", "--case", *chosen]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            started, tracks, seconds, processor, peak = json.loads(answer.splitlines()[-1])
            rows = arguments.rows * len(chosen)
            speed, own = rows / seconds, rows / processor
            print(
                f"{name:28} start-up {started:4.1f} s  {tracks:6,} tracks  {seconds:5.2f} s  {speed:7,.0f} rows/s",
                end="",
            )
            print(f"  (processor {processor:5.2f} s, {own:7,.0f} rows/s)  peak {peak:4.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
