"""The command line. Only light modules are loaded here; each command loads its own when it is given."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, cast

import typer

from core import __version__
from core import cli_options as opt
from core.cli_spotify import spotify_app
from core.errors import LeitmotifError, OptionError
from core.options import DEFAULT_SEED, Order, PlaylistOptions, SizeOptions
from core.progress import Cancelled

if TYPE_CHECKING:
    from core.commands.analyze import Draw
    from core.commands.export_spotify import DrawCover
    from core.commands.gathering import GatherRequest

WRONG_USAGE, INTERRUPTED = 2, 130

app = typer.Typer(
    name="leitmotif",
    help="Sorts a music library into playlists named for how they sound, and shows why.\n\n"
    "leitmotif [FILE …] opens the window; the commands work without one.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
runs_app = typer.Typer(help="The kept runs.", invoke_without_command=True)
fma_app = typer.Typer(help="The Free Music Archive.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(fma_app, name="fma")
app.add_typer(spotify_app, name="spotify")

#: Filled by `main`: what the window's half of the program can do.
_draw: list[Draw] = []
_draw_cover: list[DrawCover] = []


def main(
    arguments: Sequence[str] | None = None,
    *,
    draw: Draw | None = None,
    draw_cover: DrawCover | None = None,
    open_window: Callable[[Sequence[str]], int] | None = None,
) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process by default.
    draw : callable, optional
        Draws the pictures of an analysis into a folder.
    draw_cover : callable, optional
        Draws the cover of a playlist.
    open_window : callable, optional
        Opens the window, on a library of the files that are given, and returns the exit status.

    Returns
    -------
    int
        0 done, 1 a clear error, 2 wrong usage, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _draw[:] = [draw] if draw else []
    _draw_cover[:] = [draw_cover] if draw_cover else []
    try:
        with _interruptible():
            if not given or _is_place(given[0]):
                return _window(given, open_window)
            app(args=given, prog_name="leitmotif")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except (KeyboardInterrupt, Cancelled):
        print("leitmotif: interrupted", file=sys.stderr)
        return INTERRUPTED
    except LeitmotifError as error:
        print(f"leitmotif: {error.line()}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader went away; keep Python from complaining while it closes standard output.
        sys.stdout = None
        return 1
    return 0


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C raise `Cancelled`, which nothing on the way takes for an ordinary error."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise Cancelled

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _is_place(word: str) -> bool:
    """Tell a file, a folder or a scheme for the window from a command."""
    commands = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    if word.startswith("-") or word in commands:
        return False
    return any(mark in word for mark in ".:/") or os.path.exists(word)  # noqa: PTH110 - also for names too long


def _window(given: list[str], open_window: Callable[[Sequence[str]], int] | None) -> int:
    without = f"leitmotif analyze {shlex.join(given) or 'demo:'}"
    if open_window is None:
        raise LeitmotifError("this part of the program has no window", next_step=f"Try: {without}")
    options = [word for word in given if word.startswith("-")]
    if options:
        print(f"leitmotif: the window takes files and no {options[0]}. Work without it: {without}", file=sys.stderr)
        return WRONG_USAGE
    return open_window(given)


def _version(value: bool) -> None:
    if value:
        print(f"leitmotif {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


@app.command()
def analyze(
    source: opt.Sources,
    recipe: opt.Recipe = "balanced",
    k: opt.Clusters = "",
    algorithm: opt.Algorithm = "",
    genre: opt.Genre = "",
    seed: opt.Seed = None,
    out: opt.OutFolder = None,
    formats: opt.Formats = "m3u8,csv",
    json: Annotated[bool, typer.Option("--json", help="Print the analysis as JSON.")] = False,
    playlists: opt.Playlists = None,
    playlist_size: opt.PlaylistSize = "",
    order: opt.TrackOrder = "fit",
    max_per_artist: opt.MaxPerArtist = 0,
    shortest: opt.Shortest = 0.0,
    longest: opt.Longest = 0.0,
    no_explicit: opt.NoExplicit = False,
    keep_duplicates: opt.KeepDuplicates = False,
    prefix: opt.Prefix = "",
    suffix: opt.Suffix = "",
    features: opt.Features = "",
    weight: opt.Weight = None,
    missing: opt.Missing = "",
    minor: opt.Minor = None,
    min_cluster_size: opt.MinClusterSize = None,
    k_max: opt.KMax = None,
    column: opt.Columns = None,
    fetch: opt.Fetch = False,
    genres: opt.Genres = False,
    table: opt.Tables = None,
    providers: opt.Providers = "",
    standardise: opt.Standardise = False,
) -> None:
    """Analyse a library: named playlists, tables and pictures."""
    from core.commands.analyze import AnalyzeRequest, request_options, run_analyze

    with opt.usage():
        smallest, largest = _size(playlist_size)
        if playlists == 0:
            raise OptionError("0 playlists are asked for", next_step="Ask for at least 2, or leave --playlists out")
        sizes = SizeOptions(playlists=playlists or 0, smallest=smallest, largest=largest)
        curation = PlaylistOptions(
            order=cast(Order, order), deduplicate=not keep_duplicates, max_per_artist=max_per_artist,
            shortest_s=shortest, longest_s=longest, explicit="drop" if no_explicit else "keep",
            prefix=prefix, suffix=suffix, seed=DEFAULT_SEED if seed is None else seed,
        )  # fmt: skip
        request = AnalyzeRequest(
            gather=_gathering(source, column, fetch, genres, table, providers, standardise),
            recipe=recipe, k=k, algorithm=algorithm, genre=genre, seed=seed,
            features=opt.names(features, "--features"), weights=_weights(weight or []), missing=missing, minor=minor,
            k_max=k_max, min_cluster_size=min_cluster_size, sizes=sizes, playlists=curation, out=out,
            formats=opt.names(formats, "--format"), json=json,
        )  # fmt: skip
        options = request_options(request)
    run_analyze(request, options, draw=_draw[0] if _draw else None)


@app.command()
def features(
    source: opt.Sources,
    json: Annotated[bool, typer.Option("--json", help="Print the coverage as JSON.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no service, only show the coverage.")] = False,
    column: opt.Columns = None,
    genres: opt.Genres = False,
    table: opt.Tables = None,
    providers: opt.Providers = "",
) -> None:
    """Fetch missing audio features and show how many tracks have them."""
    from core.commands.gathering import run_features

    with opt.usage():
        request = _gathering(source, column, not offline, genres, table, providers, False)
    run_features(replace(request, offline=offline), as_json=json)


@app.command()
def export(
    to: Annotated[str, typer.Option(metavar="FORMAT", help="m3u8, xspf, jspf, csv, links or spotify.")],
    run: opt.RunId = "latest",
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only the playlist of this name; may be repeated.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Make Spotify playlists public.")] = False,
    edited: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="Spotify playlists that you changed. keep: leave your tracks in; replace: take them out; new: make "
            "another playlist.",
        ),
    ] = "keep",
    covers: Annotated[bool, typer.Option("--covers", help="Give Spotify playlists a cover that shows them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=opt.folder,
            metavar="DIR",
            help="Folder for the files. Default: leitmotif-run-N, for the run's number.",
        ),
    ] = None,
) -> None:
    """Take the playlists of a kept run away."""
    if to == "spotify":
        from core.commands.export_spotify import run_export_spotify, wishes_for

        with opt.usage():
            if out is not None:
                raise OptionError("--out is for files, and --to spotify writes none", next_step="Leave it out")
            wishes = wishes_for(public=public, edited=edited, covers=covers)
        if covers and not _draw_cover:
            raise OptionError("this part of the program draws no covers", next_step="Leave --covers out")
        run_export_spotify(
            run_id=run, only=only or [], wishes=wishes, covers=_draw_cover[0] if covers else None, dry_run=dry_run,
            as_json=json,
        )  # fmt: skip
        return
    from core.commands.export import run_export
    from core.exporters import EXPORTERS

    if to not in EXPORTERS:
        known = ", ".join((*EXPORTERS, "spotify"))
        raise typer.BadParameter(f"unknown format {to!r}. Known formats: {known}", param_hint="'--to'")
    if public or covers or edited != "keep":
        raise typer.BadParameter("--public, --covers and --edited are for --to spotify only. Leave them out")
    run_export(to, run_id=run, only=only or [], folder=out, dry_run=dry_run, as_json=json)


@runs_app.callback()
def runs(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the kept runs."""
    if context.invoked_subcommand is None:
        from core.commands.runs import list_runs

        list_runs(as_json=json)


@runs_app.command("compare")
def runs_compare(
    before: Annotated[str, typer.Argument(parser=opt.kept_run, metavar="BEFORE", help="A run: its number, or latest.")],
    after: Annotated[str, typer.Argument(parser=opt.kept_run, metavar="AFTER", help="Another run.")],
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Show what moved from one run to another."""
    from core.commands.runs import compare

    compare(before, after, as_json=json)


@runs_app.command("rename")
def runs_rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Name of a playlist.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help='Its name from now on; "" takes a given name back.')],
    run: opt.RunId = "latest",
) -> None:
    """Give a playlist a name of your own, which stays from run to run."""
    from core.commands.runs import rename

    rename(run, old, new)


@fma_app.command("download")
def fma_download(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put it.")] = Path(),
) -> None:
    """Fetch the archive's official metadata, 342 MiB; an interrupted download goes on where it stopped."""
    from core.console import console_report, say
    from core.sources.fma_download import download_fma_metadata

    with console_report() as report:
        path = download_fma_metadata(folder, report=report)
    say(f"{path} is complete and checked. Analyse it with: leitmotif analyze {path}")


def _gathering(
    sources: list[str],
    columns: list[str] | None,
    fetch: bool,
    genres: bool,
    tables: list[str] | None,
    providers: str,
    standardise: bool,
) -> GatherRequest:
    from core.commands.gathering import GatherRequest
    from core.sources.columns import our_column

    named = _pairs(columns or [], "--column")
    for name in named:
        our_column(name)
    request = GatherRequest(
        sources=tuple(sources),
        columns=named,
        fetch=fetch,
        genres=genres,
        tables=tuple(tables or ()),
        standardise=standardise,
    )
    return replace(request, providers=opt.names(providers, "--providers")) if providers else request


def _pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise typer.BadParameter(f"{option} takes NAME=VALUE, not {text!r}")
        pairs[name.strip()] = value.strip()
    return pairs


def _weights(texts: Sequence[str]) -> dict[str, float]:
    weights = {}
    for name, value in _pairs(texts, "--weight").items():
        try:
            weights[name] = float(value)
        except ValueError as error:
            raise typer.BadParameter(f"--weight takes a number, such as {name}=0.5, not {value!r}") from error
    return weights


def _size(text: str) -> tuple[int, int]:
    """Parse MIN..MAX; either end may be left out."""
    if not text:
        return 0, 0
    least, dots, most = (part.strip() for part in text.partition(".."))
    numbers = [part for part in (least, most) if part]
    # More digits than a library has tracks are a slip of the finger, and Python reads no more than 4,300.
    if not dots or not numbers or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in numbers):
        raise OptionError(f"{text!r} is no size of a playlist", next_step="Write it like 20..80")
    if not any(map(int, numbers)):
        raise OptionError(f"{text!r} is no size of a playlist", next_step="Write it like 20..80")
    return int(least or 0), int(most or 0)
