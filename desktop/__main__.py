"""Where the program starts: the command line, with the window's half of the program behind it."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import FrameType

    from core.analysis import Analysis

INTERRUPTED = 130


def draw_pictures(analysis: Analysis, folder: Path) -> None:
    """Draw the heatmap and the map of an analysis.

    Parameters
    ----------
    analysis : Analysis
        What to show.
    folder : Path
        Where ``heatmap.png`` and ``map.png`` are written.
    """
    from desktop.plots.figures import heatmap_data, map_data
    from desktop.plots.pictures import write_pictures

    write_pictures(heatmap_data(analysis), map_data(analysis), folder)


def draw_cover(name: str, ranks: Mapping[str, float], number: int) -> bytes:
    """Draw the cover of a playlist in the colour of its number; see `desktop.plots.cover.draw_cover`."""
    from desktop.plots import cover

    return cover.draw_cover(name, ranks, color=cover.color_of(number))


def open_window(files: Sequence[str]) -> int:
    """Open the window and return when it is closed.

    Parameters
    ----------
    files : sequence of str
        What to open first, several files as one library; may be empty.

    Returns
    -------
    int
        The exit status.

    Raises
    ------
    LeitmotifError
        When there is no display.
    """
    from desktop.app import run

    return run(files)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    del number, frame
    os.write(2, b"leitmotif: interrupted\n")
    os._exit(INTERRUPTED)


def main() -> None:
    """Run the program and end with its exit status.

    Ctrl-C ends it at once until the command line takes over, and again after it: nothing is under way then, and an
    interrupted import would show a traceback.
    """
    signal.signal(signal.SIGINT, _end_at_once)
    from core import cli

    sys.exit(cli.main(draw=draw_pictures, draw_cover=draw_cover, open_window=open_window))


if __name__ == "__main__":
    main()
