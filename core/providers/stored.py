"""Audio features that some provider gave in an earlier run."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence

import numpy as np
import pandas as pd

from core.features import BASE_NAMES
from core.progress import Report
from core.providers.base import FEATURE_NAMES, ISRC_PREFIX, Batch, FeatureStore


class Stored:
    """Gives what the store holds, whoever found it.

    Where several providers know a track, the one with the most base features is taken, among those the one that
    stands first in `preferred`, then by name.

    Parameters
    ----------
    store : FeatureStore
        Answers of earlier runs.
    preferred : sequence of str
        Names of providers, the most trusted first.
    """

    name = "store"
    asks_by: tuple[str, ...] = ()
    remembered = False

    def __init__(self, store: FeatureStore, *, preferred: Sequence[str] = ()) -> None:
        self._store = store
        self._preferred = tuple(preferred)

    def fetch(
        self,
        wanted: pd.DataFrame,
        *,
        missed: Collection[str],  # noqa: ARG002 - part of the protocol
        report: Report,  # noqa: ARG002
    ) -> Generator[Batch, None, None]:
        """Look tracks up; see `core.providers.base.Provider.fetch`."""
        yield Batch(stored_features(self._store, wanted, preferred=self._preferred))


def stored_features(
    store: FeatureStore, wanted: pd.DataFrame, *, preferred: Sequence[str] = (), only: str = ""
) -> pd.DataFrame:
    """Return the stored features of wanted tracks.

    Parameters
    ----------
    store : FeatureStore
        Answers of earlier runs.
    wanted : pandas.DataFrame
        As `core.providers.base.wanted_tracks` makes it. A track is looked up by its key, then by its ISRC.
    preferred : sequence of str
        As in `Stored`.
    only : str
        Take only what this provider gave; empty for all.

    Returns
    -------
    pandas.DataFrame
        As `core.providers.base.Batch.found`.
    """
    by_isrc = (ISRC_PREFIX + wanted["isrc"]).where(wanted["isrc"] != "", "")
    keys = pd.concat([wanted["key"], by_isrc])
    kept = store.get(keys[keys != ""].drop_duplicates().tolist(), order=preferred)
    if only:
        kept = kept[kept["provider"] == only]
    most_complete = np.argsort(-kept[list(BASE_NAMES)].notna().sum(axis=1).to_numpy(), kind="stable")
    best = kept.iloc[most_complete]
    best = best[~best.index.duplicated()]
    chosen = wanted["key"].where(wanted["key"].isin(best.index), by_isrc)
    chosen = chosen[chosen.isin(best.index)]
    return best[[*FEATURE_NAMES, "provider"]].loc[chosen.tolist()].set_axis(chosen.index)
