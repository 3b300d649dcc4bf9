"""Where the program starts: the command line, with the window's half of the program behind it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core import cli

if TYPE_CHECKING:
    from core.analysis import Analysis


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


def open_window(file: str) -> int:
    """Open the window and return when it is closed.

    Parameters
    ----------
    file : str
        What to open first; may be empty.

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

    return run(file)


def main() -> None:
    """Run the program and end with its exit status."""
    sys.exit(cli.main(draw=draw_pictures, draw_cover=draw_cover, open_window=open_window))


if __name__ == "__main__":
    main()
