"""Whether claims repeat on parts of the library: measured where parts can be sorted as the whole was, else told why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Analysis
from core.document import analysis_document
from core.edits import grouping_of, merge
from core.features import BASE_NAMES
from core.library import Library
from core.options import ALGORITHMS, BALANCED, Algorithm, AnalysisOptions, SizeOptions
from core.pipeline import Pipeline
from core.sources import open_source
from tests import program
from tests.program import done, songs, write_csv


def analyzed(library: Library, *, algorithm: Algorithm = "kmeans", k: int = 4, **sizes: int) -> Analysis:
    cluster = replace(BALANCED.cluster, algorithm=algorithm, n_init=1, min_cluster_size=8 * (algorithm == "hdbscan"))
    sweep = replace(BALANCED.sweep, k_max=4, stability_repeats=0)
    recipe = replace(BALANCED, k=k, cluster=cluster, sweep=sweep)
    return Pipeline().analyze(library, options=AnalysisOptions(recipe=recipe, sizes=SizeOptions(**sizes)))


def quarters(count: int) -> pd.DataFrame:
    """Return tracks that nothing tells apart but energy and valence, a fourth of them at each of four places."""
    draw = np.random.default_rng(5)
    table = songs(count)
    for feature in BASE_NAMES:
        table[feature] = 100.0 if feature == "tempo" else 0.5
    for feature, step in (("energy", 1), ("valence", 2)):
        high = np.arange(count) // step % 2
        table[feature] = np.clip(0.25 + 0.5 * high + draw.normal(0.0, 0.03, size=count), 0.0, 1.0)
    return table


def opened(folder: Path, table: pd.DataFrame) -> Library:
    return open_source(str(write_csv(folder / "songs.csv", table)))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_stands_apart_comes_again_with_every_algorithm(tmp_path: Path, algorithm: Algorithm) -> None:
    analysis = analyzed(opened(tmp_path, quarters(80)), algorithm=algorithm)
    assert analysis.claims_unchecked == ""
    if algorithm in ("bisecting", "mean-shift"):  # the one halves a part another way, the other finds more in it
        assert analysis.claim_stability is not None
        assert 0.0 < analysis.claim_stability < 1.0
    else:
        assert analysis.clustering.k == 4
        assert analysis.claim_stability == 1.0


def test_parts_get_their_share_of_the_sizes_asked_for(tmp_path: Path) -> None:
    """Four groups of a hundred, found as two and split for their size: a part has eighty of each, not a hundred."""
    analysis = analyzed(opened(tmp_path, quarters(400)), k=2, smallest=90, largest=110)
    assert analysis.clustering.sizes.tolist() == [100] * 4
    assert analysis.claim_stability == 1.0


def test_playlists_cut_out_of_one_crowd_do_not_come_again(tmp_path: Path) -> None:
    """What only its size sets apart is cut another way each time, so its claims are others."""
    library = opened(tmp_path, songs(160, groups=1))
    cut, again = (analyzed(library, k=2, largest=12) for _ in range(2))
    assert cut.claim_stability is not None
    assert cut.claim_stability < 0.7
    assert cut.claim_stability == again.claim_stability


def test_what_is_not_measured_says_why(tmp_path: Path) -> None:
    many = opened(tmp_path, quarters(1_300))
    few = many.select(np.arange(12))
    for analysis, why in (
        (analyzed(many, algorithm="mean-shift"), "sorting parts of 1,300 tracks anew takes too long with mean-shift"),
        (analyzed(many.select(np.arange(400)), smallest=3, largest=3), "finding 134 playlists anew takes too long"),
        (analyzed(few, k=5), "12 tracks are too few to leave some out"),
    ):
        naming = analysis_document(analysis)["quality"]["naming"]
        assert naming["claim_stability"] is None
        assert naming["claim_stability_reason"] == why


def test_playlists_changed_by_hand_are_not_found_anew(tmp_path: Path) -> None:
    analysis = analyzed(opened(tmp_path, quarters(80)))
    first, second = (analysis.lineages[cluster] for cluster in range(2))
    changed = Pipeline().regroup(analysis, merge(grouping_of(analysis), [first, second]))
    assert changed.claim_stability is None
    assert changed.claims_unchecked == "playlists changed by hand are not found anew"


def test_the_summary_says_in_the_line_about_names_how_far_claims_repeat_or_why_nobody_knows(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "songs.csv", quarters(80))
    with program.home(tmp_path / "home"):
        known = done("analyze", table, "--k", "2", "--playlist-size", "18..22").out.splitlines()
        unknown = done("analyze", table, "--k", "40", "--algorithm", "ward").out.splitlines()
    (line,) = [line for line in known if "claims" in line]
    assert line.startswith("names: AUC mean ")
    assert line.endswith(" distinct; claims repeat on parts of the library 100%")
    (line,) = [line for line in unknown if "claims" in line]
    assert line.startswith("names: AUC mean ")
    why = "80 tracks are too few to leave some out"
    assert line.endswith(f" distinct; whether claims repeat on parts of the library is not known: {why}")
