"""The bars that names must clear, on real data and on a library of another kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from core.clustering import cluster
from core.features import BASE_NAMES
from core.library import Library
from core.naming import (
    NamingQuality,
    claim_agreement,
    gather_evidence,
    genre_claims,
    load_lexicon,
    name_clusters,
    naming_quality,
)
from core.naming.wording import stems
from core.options import DEFAULT_SEED, RECIPES, NamingOptions
from core.playlists.lineage import best_matches
from core.preparation import prepare
from core.records import Clustering, ClusterName, Prepared
from core.sources import open_source
from tests.conftest import SHARED

OPTIONS = NamingOptions()


def clustered(library: Library, recipe: str, k: int, *, seed: int = DEFAULT_SEED) -> tuple[Prepared, Clustering]:
    prepared = prepare(library.features, options=RECIPES[recipe].prepare)
    return prepared, cluster(prepared, options=replace(RECIPES[recipe].cluster, k=k, seed=seed))


def named(library: Library, rows: np.ndarray, clusters: Clustering) -> tuple[ClusterName, ...]:
    values, top = library.features[list(BASE_NAMES)].iloc[rows], library.tracks["genre"].iloc[rows]
    claims = genre_claims(top, clusters.labels, k=clusters.k, options=OPTIONS)
    evidence = gather_evidence(values, clusters.labels, k=clusters.k)
    return name_clusters(evidence, lexicon=load_lexicon(), options=OPTIONS, genres=claims)


def measured(library: Library, recipe: str, k: int) -> tuple[NamingQuality, tuple[ClusterName, ...]]:
    prepared, clusters = clustered(library, recipe, k)
    names = named(library, prepared.rows, clusters)
    values = library.features[list(BASE_NAMES)].iloc[prepared.rows]
    return naming_quality(values, clusters.labels, names), names


@pytest.fixture(scope="module")
def archive() -> Library:
    path = SHARED / "fma" / "tracks_cleaned.csv"
    if not path.is_file():
        pytest.skip(f"the shared data is not at {SHARED} (set LEITMOTIF_SHARED)")
    return open_source(str(path))


@pytest.fixture(scope="module")
def demo() -> Library:
    return open_source("demo:")


@pytest.mark.parametrize("k", [5, 7, 9, 12])
def test_names_of_the_article_recipe_clear_the_bars(archive: Library, k: int) -> None:
    quality, names = measured(archive, "article", k)
    assert quality.mean_auc >= (0.93 if k == 9 else 0.90)
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80
    assert quality.distinct == len(names) == k


@pytest.mark.parametrize("k", [5, 7, 9, 12])
def test_names_of_the_balanced_recipe_clear_the_bars(archive: Library, k: int) -> None:
    quality, names = measured(archive, "balanced", k)
    assert quality.mean_auc >= 0.94
    assert quality.worst_auc >= 0.88
    assert quality.top1 >= 0.70
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80
    assert quality.distinct == len(names) == k


@pytest.mark.parametrize("k", [5, 9, 12])
def test_names_of_the_demo_clear_the_bars(demo: Library, k: int) -> None:
    quality, names = measured(demo, "balanced", k)
    assert quality.mean_auc >= 0.94
    assert quality.worst_auc >= 0.88
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80
    assert quality.distinct == len(names) == k


@pytest.mark.parametrize("recipe", ["article", "balanced"])
def test_thirty_names_are_distinct_and_repeat_no_word(archive: Library, recipe: str) -> None:
    quality, names = measured(archive, recipe, 30)
    assert quality.distinct == len(names) == 30
    genres = stems(" ".join(claim.word for name in names for claim in name.claims if claim.feature == "genre"))
    words = [word for name in names for word in stems(name.text) - genres]
    assert len(words) == len(set(words))
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80


@pytest.mark.parametrize("recipe", ["article", "balanced"])
@pytest.mark.parametrize("k", [5, 7, 9, 12])
def test_clusters_and_claims_repeat_on_four_fifths_of_the_library(archive: Library, recipe: str, k: int) -> None:
    prepared, whole = clustered(archive, recipe, k)
    before = named(archive, prepared.rows, whole)
    agreements = []
    for repeat in range(3):
        rows = np.sort(
            np.random.default_rng(repeat).choice(len(archive), size=round(0.8 * len(archive)), replace=False)
        )
        part = replace(archive, tracks=archive.tracks.iloc[rows], features=archive.features.iloc[rows])
        again, refit = clustered(part, recipe, k, seed=repeat)
        assert len(again) == len(rows)
        labels = whole.labels[rows]
        old = {c: frozenset(np.flatnonzero(labels == c).astype(str)) for c in range(k)}
        new = {c: frozenset(np.flatnonzero(refit.labels == c).astype(str)) for c in range(k)}
        pairs = [(b, a) for a, b in best_matches(old, new).items()]
        assert len(pairs) == k
        claims = claim_agreement(before, named(part, again.rows, refit), pairs)
        agreements.append((adjusted_rand_score(labels, refit.labels), claims))
    assert (np.mean(agreements, axis=0) >= 0.90).all()


def test_a_set_of_claims_counts_ranks_not_values(archive: Library) -> None:
    """Squaring a feature changes no rank, so it changes no name."""
    prepared, clusters = clustered(archive, "balanced", 9)
    squared = pd.DataFrame(archive.features)
    squared["energy"] = squared["energy"] ** 2
    other = replace(archive, features=squared)
    assert [n.text for n in named(archive, prepared.rows, clusters)] == [
        n.text for n in named(other, prepared.rows, clusters)
    ]
