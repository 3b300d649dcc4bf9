"""The bars that names must clear, on real data and on a library of another kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.library import Library
from core.naming.wording import stems
from core.sources import open_source
from tests.benchmarks.bench_names import clustered, measured, named, repeats
from tests.conftest import SHARED


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
    quality = measured(archive, clustered(archive, "article", k))
    assert quality.mean_auc >= (0.93 if k == 9 else 0.90)
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80
    assert quality.distinct == len(quality.aucs) == k


@pytest.mark.parametrize("k", [5, 7, 9, 12])
def test_names_of_the_balanced_recipe_clear_the_bars(archive: Library, k: int) -> None:
    quality = measured(archive, clustered(archive, "balanced", k))
    assert quality.mean_auc >= 0.94
    assert quality.worst_auc >= 0.88
    assert quality.top1 >= 0.70
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80
    assert quality.distinct == len(quality.aucs) == k


@pytest.mark.parametrize("k", [5, 9, 12])
def test_names_of_the_demo_clear_the_bars(demo: Library, k: int) -> None:
    quality = measured(demo, clustered(demo, "balanced", k))
    assert quality.mean_auc >= 0.94
    assert quality.worst_auc >= 0.88
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80
    assert quality.distinct == len(quality.aucs) == k


@pytest.mark.parametrize("recipe", ["article", "balanced"])
def test_thirty_names_are_distinct_and_repeat_no_word(archive: Library, recipe: str) -> None:
    run = clustered(archive, recipe, 30)
    quality, names = measured(archive, run), run[2]
    assert quality.distinct == len(names) == 30
    genres = stems(" ".join(claim.word for name in names for claim in name.claims if claim.feature == "genre"))
    words = [word for name in names for word in stems(name.text) - genres]
    assert len(words) == len(set(words))
    assert quality.mean_precision >= 0.88
    assert quality.worst_precision >= 0.80


@pytest.mark.parametrize("recipe", ["article", "balanced"])
@pytest.mark.parametrize("k", [5, 7, 9, 12])
def test_clusters_and_claims_repeat_on_four_fifths_of_the_library(archive: Library, recipe: str, k: int) -> None:
    clusters, claims = repeats(archive, recipe, k, clustered(archive, recipe, k), refits=10)
    assert clusters >= 0.90
    assert claims >= 0.90


def test_a_set_of_claims_counts_ranks_not_values(archive: Library) -> None:
    """Squaring a feature changes no rank, so it changes no name."""
    prepared, clusters, names = clustered(archive, "balanced", 9)
    other = replace(archive, features=archive.features.assign(energy=archive.features["energy"] ** 2))
    assert [name.text for name in named(other, prepared, clusters)] == [name.text for name in names]
