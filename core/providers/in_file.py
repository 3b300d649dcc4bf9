"""Audio features that came with the library's own file."""

from __future__ import annotations

from collections.abc import Collection, Generator

import numpy as np
import pandas as pd

from core.features import BASE_NAMES
from core.library import Library
from core.progress import Report
from core.providers.base import FEATURE_NAMES, Batch


class InFile:
    """Gives the values a library was read with, as they are.

    Parameters
    ----------
    library : Library
        The library as it was imported.
    """

    name = "file"
    asks_by: tuple[str, ...] = ()
    remembered = False

    def __init__(self, library: Library) -> None:
        self._library = library

    def fetch(
        self,
        wanted: pd.DataFrame,
        *,
        missed: Collection[str],  # noqa: ARG002 - part of the protocol
        report: Report,  # noqa: ARG002
    ) -> Generator[Batch, None, None]:
        """Look tracks up; see `core.providers.base.Provider.fetch`."""
        rows = wanted.index.to_numpy()
        found = self._library.features.reindex(columns=list(FEATURE_NAMES)).iloc[rows].set_axis(rows)
        given = self._library.providers.iloc[rows].to_numpy(dtype=object)
        found["provider"] = np.where(given == "", self.name, given)
        yield Batch(found[found[list(BASE_NAMES)].notna().any(axis=1)])
