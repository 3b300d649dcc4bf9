"""The pipeline remembers what has not changed, can be stopped anywhere, and gives the same for the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from core.analysis import Analysis
from core.document import analysis_document, analysis_json
from core.errors import DataError, LeitmotifError
from core.features import BASE_NAMES
from core.library import Library
from core.options import ARTICLE, BALANCED, AnalysisOptions, PlaylistOptions, Recipe, SizeOptions
from core.pipeline import Pipeline
from core.progress import Cancelled
from core.records import NOISE
from core.sources import open_source
from tests.program import songs, write_csv


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return 60 tracks in four plain groups."""
    return open_source(str(write_csv(tmp_path_factory.mktemp("pipeline") / "library.csv", songs(60))))


#: Ward's tree needs no second start.
WARD = replace(BALANCED.cluster, algorithm="ward")
KMEANS = replace(BALANCED.cluster, n_init=1)


def options(recipe: Recipe = BALANCED, k: int = 4, **more: object) -> AnalysisOptions:
    small = replace(recipe, k=k, cluster=WARD, sweep=replace(recipe.sweep, k_max=5, stability_repeats=1))
    return AnalysisOptions(recipe=replace(small, **more))  # type: ignore[arg-type]


def text(analysis: Analysis) -> str:
    return analysis_json(analysis_document(analysis))


class Steps:
    """A report that remembers what it was told, and stops the work at a step."""

    def __init__(self, stop_at: int = -1) -> None:
        self.texts: list[str] = []
        self.stop_at = stop_at

    def __call__(self, done: int, total: int, text: str) -> None:
        assert 0 <= done <= max(total, done)
        if len(self.texts) == self.stop_at:
            raise Cancelled
        self.texts.append(text)


# --- memory ------------------------------------------------------------------------------------------------------

STAGES = ("prepared", "sweep", "clustering", "suitability", "genres", "table", "projection", "names", "naming")


def same_stages(one: Analysis, other: Analysis) -> set[str]:
    """Return the stages whose result is the very same object."""
    return {name for name in STAGES if getattr(one, name) is getattr(other, name)}


def test_nothing_is_computed_twice_for_the_same_options(library: Library) -> None:
    pipeline, steps, again = Pipeline(), Steps(), Steps()
    first = pipeline.analyze(library, options=options(cluster=KMEANS), report=steps)
    assert first.claim_stability is not None
    second = pipeline.analyze(library, options=options(cluster=KMEANS), report=again)
    assert same_stages(first, second) == set(STAGES)
    assert text(first) == text(second)
    work = {told for told in steps.texts if "Checking names:" in told or "groups" in told}
    assert work
    assert not work & set(again.texts)


def test_another_order_of_the_playlists_keeps_everything_else(library: Library) -> None:
    pipeline = Pipeline()
    first = pipeline.analyze(library, options=options())
    shuffled = replace(options(), playlists=PlaylistOptions(order="shuffle", prefix="My "))
    second = pipeline.analyze(library, options=shuffled)
    assert same_stages(first, second) == set(STAGES)
    assert [p.track_ids for p in first.curated.playlists] != [p.track_ids for p in second.curated.playlists]
    assert all(playlist.name.startswith("My ") for playlist in second.curated.playlists)


def test_another_number_keeps_what_was_prepared_compared_and_projected(library: Library) -> None:
    pipeline = Pipeline()
    first = pipeline.analyze(library, options=options(k=4))
    second = pipeline.analyze(library, options=options(k=5))
    assert same_stages(first, second) == {"prepared", "sweep", "projection"}
    assert (first.clustering.k, second.clustering.k) == (4, 5)


def test_no_playlist_that_comes_out_is_shorter_or_longer_than_asked_for() -> None:
    """Also after duplicates, stray tracks, explicit ones and an artist's fourth track have been left out."""
    bounds = PlaylistOptions(max_per_artist=3, explicit="drop")
    wanted = replace(options(k=8, cluster=KMEANS), sizes=SizeOptions(smallest=40, largest=100), playlists=bounds)
    made = Pipeline().analyze(open_source("demo:"), options=wanted)
    assert set(made.curated.left_out) >= {"duplicate", "fits nowhere", "explicit", "artist limit"}
    lengths = [len(playlist.track_ids) for playlist in made.curated.playlists]
    assert 40 <= min(lengths) <= max(lengths) <= 100


def test_another_size_keeps_the_clusters_found_first(library: Library) -> None:
    pipeline = Pipeline()
    first = pipeline.analyze(library, options=options())
    sized = pipeline.analyze(library, options=replace(options(), sizes=SizeOptions(largest=10)))
    assert same_stages(first, sized) >= {"prepared", "sweep", "projection"}
    assert sized.clustering.sizes.max() <= 10
    again = pipeline.analyze(library, options=options())
    assert again.clustering is first.clustering


def test_a_given_name_keeps_everything_but_the_names(library: Library) -> None:
    pipeline = Pipeline()
    first = pipeline.analyze(library, options=options())
    named = pipeline.analyze(
        library, options=options(), previous=ids_of(first), given_names={first.lineages[2]: "Mine"}
    )
    assert same_stages(first, named) == set(STAGES) - {"names", "naming"}
    assert [name.text for name in named.names][2] == "Mine"
    assert named.names[2].given


@pytest.mark.parametrize(
    "changed",
    [
        options(ARTICLE),
        options(prepare=replace(BALANCED.prepare, features=("energy", "valence"), weights={})),
        options(prepare=replace(BALANCED.prepare, missing="impute")),
        options(genres=replace(BALANCED.genres, inside="Folk"), k=3),
    ],
    ids=["recipe", "features", "missing", "genre"],
)
def test_other_features_or_tracks_are_prepared_anew(library: Library, changed: AnalysisOptions) -> None:
    pipeline = Pipeline()
    first = pipeline.analyze(library, options=options())
    second = pipeline.analyze(library, options=changed)
    assert "prepared" not in same_stages(first, second)


def test_going_back_and_forth_gives_what_a_fresh_start_gives(library: Library) -> None:
    """A stage kept by mistake would show here: every answer is held against one without any memory."""
    pipeline = Pipeline()
    other = library.select(np.arange(40))
    turns = [
        (library, options()),
        (library, options(k=3)),
        (library, options(ARTICLE)),
        (other, options(ARTICLE)),
        (other, options(cluster=KMEANS)),
        (library, options(cluster=KMEANS)),
        (library, options(genres=replace(BALANCED.genres, inside="Jazz"), k=2)),
        (library, options(naming=replace(BALANCED.naming, max_claims=1))),
        (library, replace(options(), sizes=SizeOptions(smallest=8, largest=16))),
        (library, options(genres=replace(BALANCED.genres, minor_at_most=20))),
        (library, options(cluster=replace(KMEANS, seed=5))),
        (library, options()),
    ]
    for tracks, wanted in turns:
        assert text(pipeline.analyze(tracks, options=wanted)) == text(Pipeline().analyze(tracks, options=wanted))


def test_a_library_with_other_features_of_the_same_tracks_is_another_library(library: Library) -> None:
    pipeline = Pipeline()
    first = pipeline.analyze(library, options=options())
    louder = replace(library, features=library.features.assign(energy=1.0 - library.features["energy"]))
    second = pipeline.analyze(louder, options=options())
    assert same_stages(first, second) == set()
    energies = [first.library.features["energy"].mean(), second.library.features["energy"].mean()]
    assert energies[0] == pytest.approx(1.0 - energies[1])


# --- stopping ----------------------------------------------------------------------------------------------------


def test_work_can_be_stopped_at_every_step_and_goes_on_undamaged(library: Library) -> None:
    whole = Steps()
    expected = text(Pipeline().analyze(library, options=options(), report=whole))
    assert len(whole.texts) > 9
    pipeline = Pipeline()
    for step in range(len(whole.texts)):
        # A pipeline that remembers takes fewer steps each time; at last there is none left to be stopped at.
        try:
            analysis = pipeline.analyze(library, options=options(), report=Steps(stop_at=step % 7))
        except Cancelled:
            continue
        assert text(analysis) == expected
    assert text(pipeline.analyze(library, options=options())) == expected


@pytest.fixture(scope="module")
def fresh(library: Library) -> str:
    """Return what a pipeline without any memory gives."""
    return text(Pipeline().analyze(library, options=options(cluster=KMEANS)))


@pytest.mark.parametrize("step", range(0, 16, 3))
def test_fresh_work_stopped_at_a_step_leaves_no_wrong_result_behind(library: Library, fresh: str, step: int) -> None:
    pipeline = Pipeline()
    with pytest.raises(Cancelled):
        pipeline.analyze(library, options=options(cluster=KMEANS), report=Steps(stop_at=step))
    assert text(pipeline.analyze(library, options=options(cluster=KMEANS))) == fresh


def test_the_steps_are_told_in_their_order(library: Library) -> None:
    steps = Steps()
    Pipeline().analyze(library, options=options(), report=steps)
    told = [step for step, _ in groupby(steps.texts) if step in ORDER]
    assert told == list(ORDER)


ORDER = (
    "Preparing features",
    "Comparing numbers of playlists",
    "Sorting tracks",
    "Naming",
    "Checking names",
    "Ordering playlists",
)


def test_an_error_leaves_the_pipeline_usable(library: Library) -> None:
    pipeline = Pipeline()
    with pytest.raises(DataError, match=r"60 tracks cannot fill 61 clusters\. Ask for at most 60"):
        pipeline.analyze(library, options=options(k=61))
    assert pipeline.analyze(library, options=options()).clustering.k == 4


# --- what it gives -----------------------------------------------------------------------------------------------


def ids_of(analysis: Analysis) -> dict[str, list[str]]:
    """Return the track ids of each lineage."""
    ids = analysis.prepared.track_ids
    return {line: ids[analysis.clustering.labels == c].tolist() for c, line in analysis.lineages.items()}


def test_lineages_go_on_and_new_ones_are_fresh(library: Library) -> None:
    first = Pipeline().analyze(library, options=options())
    assert len(set(first.lineages.values())) == 4
    second = Pipeline().analyze(library, options=options(k=5), previous=ids_of(first))
    assert set(first.lineages.values()) < set(second.lineages.values())
    assert [playlist.lineage for playlist in second.curated.playlists] == [second.lineages[c] for c in range(5)]


def test_the_number_of_playlists_asked_for_comes_before_that_of_the_recipe(library: Library) -> None:
    analysis = Pipeline().analyze(library, options=replace(options(k=3), sizes=SizeOptions(playlists=5)))
    assert analysis.clustering.k == 5
    assert analysis.k_reason == "as many playlists as asked for"


def test_every_analysed_track_is_in_one_playlist_or_left_out_once(library: Library) -> None:
    analysis = Pipeline().analyze(
        library, options=replace(options(), playlists=PlaylistOptions(max_per_artist=2, shortest_s=170.0))
    )
    placed = [track for playlist in analysis.curated.playlists for track in playlist.track_ids]
    left_out = [track for ids in analysis.curated.left_out.values() for track in ids]
    assert sorted(placed + left_out) == sorted(library.tracks.index)


def test_tracks_of_the_densest_places_only_are_clustered_by_hdbscan(library: Library) -> None:
    cluster = replace(BALANCED.cluster, algorithm="hdbscan", min_cluster_size=8)
    analysis = Pipeline().analyze(library, options=options(cluster=cluster))
    assert analysis.sweep is None
    noise = analysis.clustering.labels == NOISE
    assert (analysis.suitability.nowhere | ~noise).all()


@pytest.mark.parametrize("prepare", [lambda n: n, lambda n: n[::-1], lambda n: np.random.default_rng(3).permutation(n)])
def test_names_and_sizes_do_not_hang_on_the_order_of_the_tracks(
    library: Library, prepare: Callable[[np.ndarray], np.ndarray]
) -> None:
    first = Pipeline().analyze(library, options=options())
    other = Pipeline().analyze(library.select(prepare(np.arange(60))), options=options())
    assert [name.text for name in first.names] == [name.text for name in other.names]
    assert first.clustering.sizes.tolist() == other.clustering.sizes.tolist()


def test_one_track_or_none_with_features_is_an_error_of_our_own(library: Library, tmp_path: Path) -> None:
    for tracks in (library.select(np.arange(1)), library.select(np.arange(0))):
        with pytest.raises(LeitmotifError):
            Pipeline().analyze(tracks, options=options())


def test_tracks_that_are_nearly_all_alike_are_analysed(tmp_path: Path) -> None:
    """Parts of the library may lack the few that differ: then nothing is said about how names repeat."""
    table = songs(60)
    for feature in BASE_NAMES:
        table[feature] = [table[feature].iloc[0]] * 58 + [0.1, 0.9]
    alike = open_source(str(write_csv(tmp_path / "alike.csv", table)))
    analysis = Pipeline().analyze(alike, options=AnalysisOptions(recipe=BALANCED))
    assert analysis.clustering.sizes.max() == 58
    assert analysis.k_reason


def test_a_doubtful_name_is_told() -> None:
    """One feature has two ends and no name for what lies between them."""
    between = replace(BALANCED.prepare, features=("tempo",), weights={})
    made = Pipeline().analyze(open_source("demo:"), options=options(prepare=between, k=5, cluster=KMEANS))
    told = {notice.kind: notice.text for notice in made.notices}
    assert f"mean AUC of {made.naming.mean_auc:.2f} only" in told["weak-names"]
    mixed = [name.text for name in made.names if not name.claims]
    assert mixed
    assert mixed[-1] in told["mixed"]


def test_words_changed_between_two_analyses_are_used(own_home: Path) -> None:
    pipeline, library = Pipeline(), open_source("demo:")
    asked = AnalysisOptions(replace(BALANCED, k=4))
    before = [name.text for name in pipeline.analyze(library, options=asked).names]
    (own_home / "settings").mkdir(exist_ok=True)
    text = '[meanings."energy low + valence low"]\nplain = ["Lugubrious"]\n'
    (own_home / "settings" / "lexicon.toml").write_text(text, encoding="utf-8")
    after = [name.text for name in pipeline.analyze(library, options=asked).names]
    assert not any("Lugubrious" in name for name in before)
    assert any("Lugubrious" in name for name in after)
