"""Names of the clusters of an analysis, with genres and names given by hand, or by their features alone."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from core import naming
from core.features import BASE_NAMES
from core.library import Library
from core.options import AnalysisOptions, NamingOptions
from core.pipeline.scope import spelled
from core.records import Clustering, ClusterName, Prepared


def telling_features(library: Library, prepared: Prepared) -> pd.DataFrame:
    """Return the base features of the kept tracks that names may speak of, in original units.

    Of one that is the same for every track as far as it can be heard (`core.features.Feature.resolution`), a name would
    say more than there is.
    """
    names = [name for name in BASE_NAMES if name not in prepared.constant]
    return library.features[names].iloc[prepared.rows]


def name_clusters(
    library: Library,
    prepared: Prepared,
    clustering: Clustering,
    options: AnalysisOptions,
    given: Mapping[int, str],
    lexicon: naming.Lexicon,
    before: Mapping[int, str],
) -> tuple[ClusterName, ...]:
    """Name clusters by features and genres; names of `given` stay, those of `before` as long as they are true."""
    settings = options.recipe.naming
    inside = options.recipe.genres.inside
    top_genres = library.tracks["genre"].iloc[prepared.rows]
    return naming.name_clusters(
        naming.gather_evidence(telling_features(library, prepared), clustering.labels, k=clustering.k),
        lexicon=lexicon,
        options=settings,
        genres=naming.genre_claims(top_genres, clustering.labels, k=clustering.k, options=settings),
        inside=spelled(library, inside) if inside else "",
        given=given,
        before=before,
    )  # fmt: skip


def name_plainly(
    values: pd.DataFrame, clustering: Clustering, options: NamingOptions, lexicon: naming.Lexicon
) -> tuple[ClusterName, ...]:
    """Name clusters by features alone, see `telling_features`."""
    evidence = naming.gather_evidence(values, clustering.labels, k=clustering.k)
    return naming.name_clusters(evidence, lexicon=lexicon, options=options)
