"""Which providers are asked, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import OptionError
from core.library import Library
from core.providers.base import FeatureStore, Provider, StateStore
from core.providers.in_file import InFile
from core.providers.reccobeats import ReccoBeats
from core.providers.spotify_features import SpotifyFeatures
from core.providers.stored import Stored
from core.providers.table_features import TableFeatures

#: What is nearest and surest first: the person's own files, earlier answers, Spotify where it answers, ReccoBeats.
DEFAULT_ORDER: tuple[str, ...] = ("file", "store", "table", "spotify", "reccobeats")


def check_order(order: Sequence[str]) -> None:
    """Refuse an order that makes no sense.

    Raises
    ------
    OptionError
        When a name is unknown or stands twice.
    """
    for place, name in enumerate(order):
        if name not in DEFAULT_ORDER or name in order[:place]:
            what = "is unknown" if name not in DEFAULT_ORDER else "stands twice"
            raise OptionError(f"the provider {name!r} {what}", next_step=f"Providers: {', '.join(DEFAULT_ORDER)}")


def make_providers(
    library: Library,
    *,
    store: FeatureStore | None = None,
    state: StateStore | None = None,
    order: Sequence[str] = DEFAULT_ORDER,
    tables: Sequence[TableFeatures] = (),
    spotify: SpotifyFeatures | None = None,
    reccobeats: ReccoBeats | None = None,
) -> list[Provider]:
    """Return the providers to ask for a library's features, in the person's order.

    Parameters
    ----------
    library : Library
        Gives the values in its own file.
    store : FeatureStore, optional
        Answers of earlier runs; without one, ``"store"`` is passed over.
    state : StateStore, optional
        For ReccoBeats; see there.
    order : sequence of str, default `DEFAULT_ORDER`
        Names from `DEFAULT_ORDER`; a name left out is switched off.
    tables : sequence of TableFeatures
        A person's tables of features, asked where ``"table"`` stands.
    spotify : SpotifyFeatures, optional
        Spotify's own endpoint; without it, ``"spotify"`` is passed over.
    reccobeats : ReccoBeats, optional
        By default the public service, or the one at ``LEITMOTIF_RECCOBEATS_URL``.

    Returns
    -------
    list of Provider
        For `core.providers.fetch.fetch_features`.

    Raises
    ------
    OptionError
        As `check_order`.
    """
    check_order(order)
    choices: dict[str, Sequence[Provider]] = {
        "file": [InFile(library)],
        "store": [Stored(store, preferred=order)] if store is not None else [],
        "table": tables,
        "spotify": [spotify] if spotify is not None else [],
        "reccobeats": [reccobeats or ReccoBeats(state=state)],
    }
    return [provider for name in order for provider in choices[name]]
