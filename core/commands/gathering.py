"""From what a person names to one library with features and, where asked for, genres."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.console import console_report, say, say_json, say_notices
from core.errors import FeatureError, SignInNeeded
from core.http import contact
from core.library import Library
from core.merging import merge_libraries
from core.progress import Report, silent
from core.providers.choice import DEFAULT_ORDER, check_order, make_providers
from core.providers.coverage import Coverage
from core.providers.fetch import fetch_features
from core.providers.genre_lookup import fetch_genres
from core.providers.mixing import standardise_per_provider
from core.providers.spotify_features import SpotifyFeatures
from core.providers.table_features import TableFeatures
from core.sources import open_source
from core.sources.datapackage import SpotifyPackageSource
from core.sources.numbers import feature_columns
from core.storage import SPOTIFY_KIND, Store, open_store


@dataclass(frozen=True)
class GatherRequest:
    """Which tracks, and where their features and genres may come from.

    Attributes
    ----------
    sources : tuple of str
        Files, folders or schemes; several are merged into one library.
    columns : mapping of str to str
        Our column → a table's column.
    fetch : bool
        Ask services for missing features. Without it, only files and earlier answers are used.
    genres : bool
        Ask MusicBrainz for missing genres.
    offline : bool
        Ask nobody for anything, only look at what is here.
    tables : tuple of str
        A person's tables of features, joined by Spotify id or ISRC.
    providers : tuple of str
        The order in which features are looked for.
    standardise : bool
        Bring features of different providers to one distribution.
    """

    sources: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    fetch: bool = False
    genres: bool = False
    offline: bool = False
    tables: tuple[str, ...] = ()
    providers: tuple[str, ...] = DEFAULT_ORDER
    standardise: bool = False

    def __post_init__(self) -> None:
        check_order(self.providers)


def gather(request: GatherRequest, store: Store, *, report: Report) -> tuple[Library, list[Coverage]]:
    """Read, merge, and complete a library.

    Parameters
    ----------
    request : GatherRequest
        What was asked for.
    store : Store
        Earlier answers, and where new ones are kept.
    report : Report
        Told about progress; may raise `core.progress.Cancelled`.

    Returns
    -------
    library : Library
        With what was found.
    coverages : list of Coverage
        Of the features, and of the genres when they were asked for.

    Raises
    ------
    SourceError
        When a source cannot be read.
    FeatureError
        When a table of features that a person named cannot be read.
    OptionError
        When the contact for MusicBrainz cannot be sent.
    """
    # What cannot be done is told before the long work.
    for path in request.tables:
        if not Path(path).is_file():
            raise FeatureError("there is no such table of features", where=path, next_step="Check the path")
    if request.genres and not request.offline:
        contact()
    mapping = dict(request.columns) or None
    library = open_sources(request.sources, mapping, report=report)
    tables = [TableFeatures(path, read_features=partial(feature_columns, path=path)) for path in request.tables]
    with spotify_endpoint(store, wanted=request.fetch and "spotify" in request.providers) as spotify:
        providers = make_providers(
            library, store=store.features, state=store.state, order=request.providers, tables=tables, spotify=spotify
        )
        library, coverage = fetch_features(
            library, providers=providers, store=store.features, ask=request.fetch, report=report
        )
    _check_tables(tables, coverage)
    coverages = [coverage]
    if request.standardise:
        library = standardise_per_provider(library)
    if request.genres:
        library, found = complete_genres(library, store, ask=not request.offline, report=report)
        coverages.append(found)
    return library, coverages


def complete_genres(library: Library, store: Store, *, ask: bool = True, report: Report) -> tuple[Library, Coverage]:
    """Give genres to tracks that have none; see `core.providers.genre_lookup.fetch_genres`.

    Names that came from a Spotify account are sent to nobody.
    """
    by_name = f"{SPOTIFY_KIND}:" not in library.path
    return fetch_genres(library, cache=store.genres, state=store.state, by_name=by_name, ask=ask, report=report)


@contextlib.contextmanager
def spotify_endpoint(store: Store, *, wanted: bool) -> Iterator[SpotifyFeatures | None]:
    """Yield Spotify's own endpoint while an account is connected; whether it answers is found out by one probe."""
    if not wanted:
        yield None
        return
    from core.spotify.account import account, open_client
    from core.spotify.api import feature_request

    try:
        client_id = account(store).client_id
        client = open_client(store)
    except SignInNeeded:
        yield None
        return
    with client:
        yield SpotifyFeatures(feature_request(client), client_id=client_id, state=store.state)


def open_sources(paths: Sequence[str], mapping: Mapping[str, str] | None = None, *, report: Report = silent) -> Library:
    """Read one source, or merge several; parts of one Spotify package are read together, so that plays add up.

    Parameters
    ----------
    paths : sequence of str
        Files, folders or schemes, at least one.
    mapping : mapping of str to str, optional
        Our column → a table's column.
    report : Report
        Told about progress; may raise `core.progress.Cancelled`.

    Returns
    -------
    Library
        As it was read; nothing is looked up anywhere.

    Raises
    ------
    SourceError
        When one of them cannot be read.
    """
    package = SpotifyPackageSource()
    if len(paths) > 1 and not mapping and all(package.accepts(path) for path in paths):
        return package.read_together(list(paths), report=report)
    return merge_libraries([open_source(path, mapping=mapping, report=report) for path in paths])


def _check_tables(tables: Sequence[TableFeatures], coverage: Coverage) -> None:
    """Refuse a table that could not be read: unlike a service that is away, it was named for this very library."""
    for table in tables:
        if table.name in coverage.troubles:
            raise FeatureError(coverage.troubles[table.name])


def run_features(request: GatherRequest, *, as_json: bool) -> None:
    """Fetch missing features, and show the coverage."""
    with open_store() as store, console_report() as report:
        library, coverages = gather(request, store, report=report)
        store.libraries.save(library)
        notices = (*store.notices, *library.notices)
    say_notices(notices)
    if as_json:
        say_json(
            json.dumps({coverage.subject: coverage.as_dict() for coverage in coverages}, ensure_ascii=False, indent=2)
        )
    else:
        for line in coverage_lines(coverages):
            say(line)


def coverage_lines(coverages: Sequence[Coverage]) -> list[str]:
    """Return coverage as lines of text."""
    return [line for coverage in coverages for line in coverage.lines()]
