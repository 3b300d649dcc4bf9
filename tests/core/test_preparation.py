"""Features become a finite, scaled matrix; what is left out is counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import DataError, NoFeatures, OptionError
from core.features import BASE_NAMES
from core.options import ARTICLE, BALANCED, PrepareOptions
from core.preparation import NO_FEATURES, SOME_MISSING, prepare

SMALL = PrepareOptions(features=("energy", "tempo", "valence"), scaling={"*": "minmax"})


def frame(rows: list[list[float]], columns: tuple[str, ...] = ("energy", "tempo", "valence")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), index=[f"t{i}" for i in range(len(rows))])


def random_features(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.random((n, len(BASE_NAMES)))
    values[:, BASE_NAMES.index("tempo")] = rng.uniform(60, 200, n)
    return pd.DataFrame(values, columns=list(BASE_NAMES), index=[str(i) for i in range(n)])


def test_tracks_without_features_are_left_out_and_counted() -> None:
    rows = [[0.1, 100, 0.2], [np.nan, np.nan, np.nan], [0.5, np.nan, 0.9], [0.9, 140, 0.4]]
    prepared = prepare(frame(rows), options=SMALL)
    assert list(prepared.track_ids) == ["t0", "t3"]
    assert prepared.rows.tolist() == [0, 3]
    assert prepared.dropped == {NO_FEATURES: 1, SOME_MISSING: 1}


def test_gaps_are_filled_with_the_median_when_asked_for() -> None:
    rows = [[0.1, 100, 0.2], [np.nan, np.nan, np.nan], [0.5, np.nan, 0.9], [0.9, 140, 0.4]]
    options = PrepareOptions(features=SMALL.features, scaling={"*": "none"}, missing="impute")
    prepared = prepare(frame(rows), options=options)
    assert list(prepared.track_ids) == ["t0", "t2", "t3"]
    assert prepared.X[1].tolist() == [0.5, 120.0, 0.9]
    assert prepared.imputed == {"tempo": 1}
    assert prepared.dropped == {NO_FEATURES: 1}


def test_infinite_values_count_as_missing() -> None:
    prepared = prepare(frame([[0.1, np.inf, 0.2], [0.3, 90, 0.1], [0.5, 95, 0.9]]), options=SMALL)
    assert len(prepared) == 2
    assert np.isfinite(prepared.X).all()


def test_the_article_brings_tempo_to_the_range_of_shares_and_rows_to_unit_length() -> None:
    features = random_features(50)
    prepared = prepare(features, options=ARTICLE.prepare)
    expected = features.to_numpy().copy()
    tempo = expected[:, BASE_NAMES.index("tempo")]
    expected[:, BASE_NAMES.index("tempo")] = (tempo - tempo.min()) / (tempo.max() - tempo.min())
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(prepared.X, expected)


def test_a_weight_stretches_a_column_and_zero_takes_it_out() -> None:
    rows = frame([[0.0, 100, 0.2], [1.0, 140, 0.4]])
    options = PrepareOptions(features=SMALL.features, scaling={"*": "minmax"}, weights={"energy": 3.0, "valence": 0.0})
    prepared = prepare(rows, options=options)
    assert prepared.columns == ("energy", "tempo")
    assert prepared.X.tolist() == [[0.0, 0.0], [3.0, 1.0]]


@pytest.mark.parametrize("scaling", ["minmax", "zscore", "rank", "robust", "contrast"])
def test_scalings_keep_the_order_of_the_values(scaling: str) -> None:
    features = random_features(200)
    options = PrepareOptions(scaling={"*": scaling})  # type: ignore[dict-item]
    prepared = prepare(features, options=options)
    raw = features["tempo"].to_numpy().round()
    scaled = prepared.X[:, prepared.columns.index("tempo")]
    faster = raw[:, None] > raw[None, :]
    assert (scaled[:, None] > scaled[None, :])[faster].all()


def test_contrast_is_steepest_at_the_median_and_ignores_meaningless_digits() -> None:
    rows = frame([[i / 1000, 60 + i, 0.5] for i in range(1000)])
    prepared = prepare(rows, options=PrepareOptions(features=SMALL.features, scaling={"*": "contrast"}))
    tempo = prepared.X[:, 1]
    assert -0.5 <= tempo.min() < -0.49
    assert 0.49 < tempo.max() <= 0.5
    assert np.diff(tempo)[500] > 3 * np.diff(tempo)[0]
    tiny = frame([[v, 100 + i, 0.1] for i, v in enumerate([0.0001, 0.0004, 0.002, 0.9])])
    energy = prepare(tiny, options=PrepareOptions(features=SMALL.features, scaling={"*": "contrast"})).X[:, 0]
    assert energy[0] == energy[1] == energy[2] < energy[3]


def test_a_subset_is_prepared_afresh() -> None:
    features = random_features(100)
    part = prepare(features.iloc[:40], options=BALANCED.prepare)
    whole = prepare(features, options=BALANCED.prepare)
    assert not np.allclose(part.X, whole.X[:40])


def test_constant_features_are_named() -> None:
    prepared = prepare(frame([[0.1, 120, 0.5], [0.7, 120, 0.5]]), options=SMALL)
    assert prepared.constant == ("tempo", "valence")
    assert np.isfinite(prepared.X).all()


def test_no_features_at_all_is_one_clear_line() -> None:
    with pytest.raises(NoFeatures, match=r"none of the 2 tracks has the features energy, tempo, valence\. Fetch"):
        prepare(frame([[np.nan] * 3, [np.nan] * 3]), options=SMALL)


def test_equal_tracks_are_one_clear_line() -> None:
    with pytest.raises(DataError, match="all 3 tracks have the same audio features"):
        prepare(frame([[0.1, 120, 0.5]] * 3), options=SMALL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"features": ("loudnes",)},
        {"features": ()},
        {"features": ("tempo", "tempo")},
        {"features": ("tempo",), "weights": {"energy": 1.0}},
        {"features": ("tempo",), "weights": {"tempo": -1.0}},
        {"features": ("tempo",), "weights": {"tempo": 0.0}},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        PrepareOptions(**wrong)  # type: ignore[arg-type]


@given(
    arrays(np.float64, (12, 3), elements=st.floats(-1e6, 1e6)), st.sampled_from(["minmax", "zscore", "robust", "rank"])
)
def test_whatever_the_numbers_the_matrix_is_finite(values: np.ndarray, scaling: str) -> None:
    options = PrepareOptions(features=SMALL.features, scaling={"*": scaling})  # type: ignore[dict-item]
    try:
        prepared = prepare(frame(values.tolist()), options=options)
    except DataError:
        assert (values == values[0]).all()
    else:
        assert np.isfinite(prepared.X).all()
        assert prepared.X.shape == (12, 3)
