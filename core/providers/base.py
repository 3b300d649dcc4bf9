"""What every provider of audio features has in common: the protocol, the table of wanted tracks, and clean answers.

A provider is asked for the tracks that no provider before it knew. It hands back one `Batch` for every answer it
got, so that the caller can keep each at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd

from core.errors import FeatureError, ProviderClosed, RateLimited
from core.features import BASE_NAMES, FEATURES
from core.library import Library, Notice
from core.progress import Report
from core.records import FloatArray

T = TypeVar("T")

#: The columns of every frame of features that goes around among providers.
FEATURE_NAMES: tuple[str, ...] = tuple(FEATURES)
LOWS: FloatArray = np.array([feature.low for feature in FEATURES.values()])
HIGHS: FloatArray = np.array([feature.high for feature in FEATURES.values()])
#: Bare Spotify id at the end of an address; 22 characters of base 62.
SPOTIFY_ADDRESS = r"^spotify:track:([0-9A-Za-z]{22})$"
#: Two letters, three letters or digits, seven digits (ISO 3901), hyphens taken out.
ISRC = r"^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$"
#: Failed requests in a row, each already repeated by the client, after which a service counts as down.
MOST_FAILURES = 3
#: How the key of a track known only by its ISRC begins.
ISRC_PREFIX = "isrc:"


@dataclass(frozen=True, eq=False)
class Batch:
    """What one answer of a provider settles.

    Attributes
    ----------
    found : pandas.DataFrame [shape=(n_found, len(FEATURE_NAMES) + 1)]
        Indexed by position in the library; the features, float64 with NaN for unknown, and ``provider``.
    missed : sequence of str
        What the provider was asked for and does not have: Spotify ids, and ISRCs as ``isrc:…``.
    failed : sequence of int
        Positions in the library of tracks whose answer never came.
    trouble : str
        Why it never came, as one line for a person.
    rejected : int
        Values outside their feature's range, which became NaN.
    notices : sequence of Notice
        What else a person should know.
    """

    found: pd.DataFrame
    missed: Sequence[str] = ()
    failed: Sequence[int] = ()
    trouble: str = ""
    rejected: int = 0
    notices: Sequence[Notice] = ()


class Provider(Protocol):
    """Where audio features come from."""

    @property
    def name(self) -> str:
        """What `Library.providers` calls it."""

    @property
    def asks_by(self) -> tuple[str, ...]:
        """Which of ``"spotify_id"`` and ``"isrc"`` it looks tracks up by; empty for one that reads on this computer."""

    @property
    def remembered(self) -> bool:
        """Whether what it finds belongs into the store."""

    def fetch(self, wanted: pd.DataFrame, *, missed: Collection[str], report: Report) -> Generator[Batch, None, None]:
        """Look tracks up.

        Parameters
        ----------
        wanted : pandas.DataFrame
            As `wanted_tracks` makes it, reduced to the tracks that still lack features.
        missed : collection of str
            Lookups known to be in vain, as in `Batch.missed`; they are not repeated.
        report : Report
            Told about progress; may raise `core.progress.Cancelled` at any time.

        Yields
        ------
        Batch
            One for each answer, as it arrives.

        Raises
        ------
        FeatureError, SpotifyError
            When it makes no sense to ask on. What was yielded before stays good.
        """


class FeatureStore(Protocol):
    """Answers of earlier runs; keys are Spotify ids, and ISRCs as ``isrc:…``."""

    def get(self, keys: Iterable[str], *, order: Sequence[str] = ()) -> pd.DataFrame:
        """Return stored features indexed by key, one row for each provider, those named in `order` first.

        A column ``provider`` names who gave them; unknown features are NaN.
        """

    def put(self, provider: str, rows: pd.DataFrame, *, missing: Collection[str] = (), now: float | None = None) -> int:
        """Keep one answer, whole or not at all: features indexed by key, and keys the provider does not have."""

    def misses(self, provider: str, keys: Iterable[str], *, now: float | None = None) -> frozenset[str]:
        """Return which of these keys the provider did not have when it was last asked, not long ago."""


class StateStore(Protocol):
    """Small values kept under a name between runs."""

    def get(self, key: str, default: Any = None, *, now: float | None = None) -> Any:
        """Return what is kept under a name; `default` when there is nothing or its time is over."""

    def set(self, key: str, value: Any, *, until: float | None = None, now: float | None = None) -> None:
        """Keep what JSON can hold under a name, in place of what was there, until a time in seconds since 1970."""


class Patience:
    """Lets single requests fail, and stops when the service seems to be down.

    Parameters
    ----------
    service : str
        What a person calls it.

    Attributes
    ----------
    trouble : str
        The last failure, as one line for a person; empty when there was none.
    """

    def __init__(self, service: str) -> None:
        self.trouble = ""
        self._service = service
        self._failures = 0
        self._last = ""

    def attempt(self, request: Callable[[], T]) -> T | None:
        """Return what a request brings, or None when it failed and there is hope for the next.

        Raises
        ------
        FeatureError
            When `MOST_FAILURES` requests before this one failed in a row; this one is not sent then. `ProviderClosed`
            and `RateLimited` come through at once.
        """
        if self._failures >= MOST_FAILURES:
            raise FeatureError(
                f"{self._service} failed {self._failures} times in a row and seems to be down ({self._last})",
                next_step="What was found is kept; run it again later for the rest",
            )
        try:
            answer = request()
        except (ProviderClosed, RateLimited):
            raise
        except FeatureError as error:
            self._failures += 1
            self._last, self.trouble = error.what, error.line()
            return None
        self._failures = 0
        return answer


def wanted_tracks(library: Library) -> pd.DataFrame:
    """Return what providers look tracks up by.

    Parameters
    ----------
    library : Library
        Any library.

    Returns
    -------
    pandas.DataFrame [shape=(n_tracks, 6)]
        Indexed by position in the library: ``spotify_id`` and ``isrc`` (empty where unknown or malformed),
        ``key`` (the Spotify id, else ``isrc:…``, else empty), ``title``, ``artist`` and ``duration_s``.
    """
    tracks = library.tracks.reset_index(drop=True)
    spotify_id = tracks["uri"].str.extract(SPOTIFY_ADDRESS, expand=False).fillna("")
    isrc = tidy_isrc(tracks["isrc"])
    key = spotify_id.where(spotify_id != "", (ISRC_PREFIX + isrc).where(isrc != "", ""))
    described = tracks[["title", "artist", "duration_s"]]
    return pd.concat([key.rename("key"), spotify_id.rename("spotify_id"), isrc.rename("isrc"), described], axis=1)


def tidy_isrc(codes: pd.Series) -> pd.Series:
    """Return ISRCs in capitals without hyphens and spaces; empty text for what is not one."""
    tidy = codes.str.replace(r"[\s-]", "", regex=True).str.upper()
    return tidy.where(tidy.str.match(ISRC), "")


def clean_features(
    rows: Sequence[int], answers: Sequence[Mapping[str, object]], provider: str
) -> tuple[pd.DataFrame, int]:
    """Turn the features of an answer into a frame of numbers that mean what they should.

    Parameters
    ----------
    rows : sequence of int [length=n]
        Position in the library of each answer.
    answers : sequence of mapping [length=n]
        Feature name → value as it was sent; other names are left out, values that are no numbers are unknown.
    provider : str
        Who sent them.

    Returns
    -------
    found : pandas.DataFrame [shape=(≤n, len(FEATURE_NAMES) + 1)]
        As in `Batch.found`; rows without any base feature are left out.
    rejected : int
        Values outside the feature's range, which became NaN.
    """
    values = np.array([[_number(answer.get(name)) for name in FEATURE_NAMES] for answer in answers], dtype=np.float64)
    return feature_frame(np.asarray(rows, dtype=np.int64), values.reshape(len(rows), len(FEATURE_NAMES)), provider)


def feature_frame(rows: np.ndarray, values: FloatArray, provider: str) -> tuple[pd.DataFrame, int]:
    """Return a frame as in `Batch.found`, and how many values were outside their range and became NaN.

    Parameters
    ----------
    rows : np.ndarray [shape=(n,), dtype=int64]
        Positions in the library.
    values : np.ndarray [shape=(n, len(FEATURE_NAMES)), dtype=float64]
        Features in the order of `FEATURE_NAMES`.
    provider : str
        Who gave them.
    """
    with np.errstate(invalid="ignore"):
        outside = (values < LOWS) | (values > HIGHS)
    frame = pd.DataFrame(np.where(outside, np.nan, values), index=pd.Index(rows), columns=list(FEATURE_NAMES))
    # Providers write 0 where no beat was found.
    frame["tempo"] = frame["tempo"].where(frame["tempo"] != 0.0)
    frame["provider"] = provider
    return frame[frame[list(BASE_NAMES)].notna().any(axis=1)], int(outside.sum())


def no_features() -> pd.DataFrame:
    """Return a frame as in `Batch.found` without rows."""
    return clean_features([], [], "")[0]


def positions(column: pd.Series) -> dict[str, list[int]]:
    """Return the library positions of every value of a column of wanted tracks, without the empty text."""
    found: dict[str, list[int]] = {}
    for row, value in zip(column.index.tolist(), column.tolist(), strict=True):
        if value:
            found.setdefault(value, []).append(row)
    return found


def ticker(report: Report, done: int, total: int, text: str) -> Callable[[str], None]:
    """Return what a client calls while it waits: the same progress, with its reason for waiting if it has one."""
    return lambda reason: report(done, total, reason or text)


def in_batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield items in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _number(value: object) -> float:
    """Return a JSON number as a float; NaN for null, text, truth values and numbers beyond a float's range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("nan")
