"""The options of the command line: what each takes, and what its help says."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from core.errors import OptionError
from core.options import ALGORITHMS, DEFAULT_SEED


def whole_number(text: str) -> int:
    """Return the whole number a person typed.

    Raises
    ------
    typer.BadParameter
        When it is none.
    """
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no whole number") from None


def seconds(text: str) -> float:
    """Return the number of seconds a person typed.

    Raises
    ------
    typer.BadParameter
        When it is no number, or one without end.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise typer.BadParameter(f"{text!r} is no number of seconds")
    return number


def folder(text: str) -> Path:
    """Return the folder a person typed.

    Raises
    ------
    typer.BadParameter
        When it is empty, as an unset variable of a shell is: that would be the current folder.
    """
    if not text.strip():
        raise typer.BadParameter("the name of the folder is empty")
    return Path(text)


def kept_run(text: str) -> str:
    """Return which kept run a person means.

    Raises
    ------
    typer.BadParameter
        When it is neither a number nor ``latest``.
    """
    if text == "latest" or (text.isascii() and text.isdigit()):
        return text
    raise typer.BadParameter(f"{text!r} is no run. Use latest, or a number that leitmotif runs lists")


def names(text: str, option: str) -> tuple[str, ...]:
    """Return the names a person listed with commas between; none for an empty text.

    Raises
    ------
    typer.BadParameter
        When there are commas only.
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if text and not found:
        raise typer.BadParameter(f"{text!r} lists no name", param_hint=f"'{option}'")
    return found


@contextlib.contextmanager
def usage() -> Iterator[None]:
    """Tell of options that no file is needed to refuse as wrong usage, in the way typer tells of its own."""
    try:
        yield
    except OptionError as error:
        raise typer.BadParameter(error.line()) from error


Sources = Annotated[
    list[str], typer.Argument(metavar="SOURCE", help="A file, a folder or demo:; several become one library.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="OURS=YOURS", help="Name a table's column, such as tempo=BPM; may be repeated."),
]
Genres = Annotated[bool, typer.Option("--genres", help="Look up missing genres at MusicBrainz, one request a second.")]
Tables = Annotated[
    list[str] | None,
    typer.Option("--features-from", metavar="FILE", help="A table of audio features you have; may be repeated."),
]
Providers = Annotated[
    str,
    typer.Option(
        metavar="LIST", help="Where features are looked for, in this order: file,store,table,spotify,reccobeats."
    ),
]
Standardise = Annotated[
    bool,
    typer.Option("--standardise", help="Make features from several providers comparable: shift each to one scale."),
]
RunId = Annotated[
    str,
    typer.Option(parser=kept_run, metavar="RUN", help="A kept run: latest, or its number as leitmotif runs lists it."),
]
Recipe = Annotated[str, typer.Option(metavar="NAME", help="balanced, or article for the published method.")]
Clusters = Annotated[
    str,
    typer.Option(
        metavar="N", help="Number of clusters, or auto: as many as suit the library. Default: the recipe's choice."
    ),
]
Algorithm = Annotated[
    str, typer.Option(metavar="NAME", help=f"One of {', '.join(ALGORITHMS)}. Default: the recipe's, kmeans.")
]
Genre = Annotated[str, typer.Option(metavar="NAME", help="Analyse inside this genre, by its subgenres.")]
Seed = Annotated[
    int | None,
    typer.Option(parser=whole_number, metavar="N", help=f"Seed of every random choice. Default: {DEFAULT_SEED}."),
]
OutFolder = Annotated[
    Path | None, typer.Option(parser=folder, metavar="DIR", help="Folder for tables, pictures and playlists.")
]
Formats = Annotated[
    str, typer.Option("--format", metavar="LIST", help="Formats of the playlists: m3u8,xspf,jspf,csv,links.")
]
Playlists = Annotated[
    int | None,
    typer.Option(parser=whole_number, metavar="N", help="How many playlists to make. Default: as many as suit."),
]
PlaylistSize = Annotated[
    str,
    typer.Option(
        metavar="MIN..MAX",
        help="Tracks in a playlist, such as 30..80, 30.. or ..80: splits what is longer, merges what is shorter.",
    ),
]
TrackOrder = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Order of the tracks. fit: best fitting first; smooth: neighbours sound alike; arc: energy rises, "
        "then falls; added: oldest like first; shuffle: at random, by the seed.",
    ),
]
MaxPerArtist = Annotated[
    int,
    typer.Option(
        parser=whole_number,
        metavar="N",
        show_default=False,
        help="Most tracks of one artist in a playlist; 0: no limit.",
    ),
]
Shortest = Annotated[
    float,
    typer.Option(parser=seconds, metavar="SECONDS", show_default=False, help="Leave out tracks shorter than this."),
]
Longest = Annotated[
    float,
    typer.Option(
        parser=seconds, metavar="SECONDS", show_default=False, help="Leave out tracks longer than this; 0: no limit."
    ),
]
NoExplicit = Annotated[bool, typer.Option("--no-explicit", help="Leave out explicit tracks.")]
KeepDuplicates = Annotated[
    bool, typer.Option("--keep-duplicates", help="Keep recordings that stand in the library more than once.")
]
Prefix = Annotated[str, typer.Option(metavar="TEXT", help="Your own mark before every name.")]
Suffix = Annotated[str, typer.Option(metavar="TEXT", help="Your own mark after every name.")]
Features = Annotated[
    str, typer.Option(metavar="LIST", help="Use only these audio features, such as energy,valence,tempo.")
]
Weight = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=NUMBER", help="Weight of a feature, such as tempo=0.5; may be repeated."),
]
Missing = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        help="Tracks with missing features: drop, or impute to fill in the library's median. Default: drop.",
    ),
]
Minor = Annotated[
    int | None,
    typer.Option(
        parser=whole_number,
        metavar="N",
        help="Genres with this many tracks or fewer are counted with the nearest other.",
    ),
]
MinClusterSize = Annotated[
    int | None,
    typer.Option(
        parser=whole_number, metavar="N", help="Smallest cluster that hdbscan reports; 0: by the library's size."
    ),
]
KMax = Annotated[
    int | None,
    typer.Option(
        parser=whole_number, metavar="N", help="Largest number of clusters that --k auto compares. Default: 20."
    ),
]
Fetch = Annotated[bool, typer.Option("--fetch", help="Ask services for missing features first.")]
