"""The map is a principal component analysis, the same as scikit-learn's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from core.errors import TooFewTracks
from core.options import ARTICLE
from core.preparation import prepare
from core.projection import project
from tests.core.clouds import as_prepared


def test_it_agrees_with_scikit_learn() -> None:
    X = np.random.default_rng(3).normal(size=(300, 6)) @ np.random.default_rng(4).normal(size=(6, 6))
    found = project(as_prepared(X))
    expected = PCA(n_components=2, svd_solver="full").fit(X)
    np.testing.assert_allclose(found.singular_values, expected.singular_values_)
    np.testing.assert_allclose(found.explained_variance_ratio, expected.explained_variance_ratio_)
    signs = np.sign((found.components * expected.components_).sum(axis=1))
    np.testing.assert_allclose(found.components, expected.components_ * signs[:, None], atol=1e-9)
    np.testing.assert_allclose(found.xy, expected.transform(X) * signs, atol=1e-9)


def test_the_largest_loading_of_each_axis_is_positive() -> None:
    X = -np.random.default_rng(5).random((40, 3)) * [1, 5, 2]
    found = project(as_prepared(X))
    largest = np.abs(found.components).argmax(axis=1)
    assert (found.components[[0, 1], largest] > 0).all()


def test_one_feature_gives_a_line() -> None:
    found = project(as_prepared(np.arange(5.0)[:, None]))
    assert found.xy[:, 1].tolist() == [0.0] * 5
    assert found.explained_variance_ratio.tolist() == [1.0, 0.0]


def test_one_track_has_no_map() -> None:
    with pytest.raises(TooFewTracks, match="at least 2 tracks and there is 1"):
        project(as_prepared(np.ones((1, 3))))


def test_the_articles_numbers(shared: object) -> None:
    from tests.conftest import SHARED

    frame = pd.read_csv(SHARED / "fma" / "tracks_cleaned.csv", index_col="track_id")
    found = project(prepare(frame, options=ARTICLE.prepare))
    np.testing.assert_allclose(found.singular_values, [34.6223, 29.5590], atol=5e-5)
    np.testing.assert_allclose(found.explained_variance_ratio, [0.3900, 0.2843], atol=5e-5)
