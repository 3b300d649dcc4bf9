"""Names claim only what the data shows, tell clusters apart, and never repeat."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import OptionError
from core.features import BASE_NAMES
from core.naming import (
    Lexicon,
    claim_agreement,
    gather_evidence,
    genre_claims,
    load_lexicon,
    name_clusters,
    naming_quality,
)
from core.naming.lexicon import Meaning
from core.options import NamingOptions
from core.records import Claim, ClusterName

OPTIONS = NamingOptions()
LEXICON = load_lexicon()


def library(n: int = 2_000, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.random((n, len(BASE_NAMES))), columns=list(BASE_NAMES))
    values["tempo"] = 60 + 140 * values["tempo"]
    return values


def quarters(values: pd.DataFrame) -> np.ndarray:
    """Label tracks by energy and valence: 0 low-low, 1 low-high, 2 high-low, 3 high-high."""
    energy, valence = (values[name] > values[name].median() for name in ("energy", "valence"))
    return (2 * energy.astype(int) + valence.astype(int)).to_numpy(dtype=np.int64)


def name(
    values: pd.DataFrame, labels: np.ndarray, *, lexicon: Lexicon = LEXICON, **options: object
) -> tuple[ClusterName, ...]:
    k = int(labels.max()) + 1
    return name_clusters(gather_evidence(values, labels, k=k), lexicon=lexicon, options=OPTIONS, **options)  # type: ignore[arg-type]


def meaning_of(word: str, lexicon: Lexicon = LEXICON) -> Meaning | None:
    """Return what a word of the lexicon means, None when it is not in it."""
    for meaning, groups in lexicon.meanings.items():
        if any(word in (*group.plain, *group.strong, *group.nouns) for group in groups):
            return meaning
    return None


def brute_force_auc(members: np.ndarray, rest: np.ndarray) -> float:
    wins = (members[:, None] > rest[None, :]).mean()
    return float(wins + (members[:, None] == rest[None, :]).mean() / 2)


def test_the_quarters_of_the_circumplex_have_their_own_words() -> None:
    values = library()
    names = name(values, quarters(values))
    words = [{claim.word for claim in n.claims} for n in names]
    for found, claims in zip(names, [("low", "low"), ("low", "high"), ("high", "low"), ("high", "high")], strict=True):
        assert {(c.feature, c.direction) for c in found.claims} == {("energy", claims[0]), ("valence", claims[1])}
    assert [meaning_of(next(iter(word))) for word in words] == [
        (("energy", e), ("valence", v)) for e in (-1, 1) for v in (-1, 1)
    ]


def test_evidence_is_exact() -> None:
    values = library(300)
    values.loc[::7, "energy"] = values["energy"].iloc[0]
    labels = np.arange(300) % 3
    evidence = gather_evidence(values, labels, k=3)
    for cluster, column in itertools.product(range(3), range(len(BASE_NAMES))):
        members = values[BASE_NAMES[column]][labels == cluster].to_numpy()
        rest = values[BASE_NAMES[column]][labels != cluster].to_numpy()
        assert evidence.auc[cluster, column] == pytest.approx(brute_force_auc(members, rest))
        median = values[BASE_NAMES[column]].median()
        assert evidence.above[cluster, column] == pytest.approx((members > median).mean())
        assert evidence.below[cluster, column] == pytest.approx((members < median).mean())


def test_claims_are_true_of_the_data() -> None:
    values = library()
    labels = quarters(values)
    for cluster, found in enumerate(name(values, labels)):
        assert found.claims
        for claim in found.claims:
            column, median = values[claim.feature], values[claim.feature].median()
            members = column[labels == cluster]
            held = (members > median if claim.direction == "high" else members < median).mean()
            assert claim.share == pytest.approx(held)
            assert claim.share >= 0.70
            assert claim.auc >= 0.65
            assert claim.word in found.text


def test_a_cluster_of_which_nothing_is_true_is_called_mixed_and_says_so() -> None:
    values = library()
    labels = np.random.default_rng(1).integers(0, 3, len(values))
    names = name(values, labels)
    assert all(found.text.startswith("Mixed") and not found.claims for found in names)
    assert len({found.text for found in names}) == 3


def test_more_mixed_clusters_than_words_for_them() -> None:
    values = library(4_000)
    labels = np.random.default_rng(1).integers(0, 30, len(values))
    names = name(values, labels)
    assert len({found.text.lower() for found in names}) == 30


def test_naming_one_by_hand_changes_no_other_name() -> None:
    values = library()
    labels = np.random.default_rng(3).integers(0, 2, len(values)) + 2 * (quarters(values) == 0)
    names = name(values, labels)
    texts = [found.text for found in names]
    for cluster in range(4):
        # A name that has words of the one it takes the place of gives them to no other, and takes none away.
        for called in ("Für Elise", texts[cluster], f"{texts[cluster]} for Elise"):
            again = name(values, labels, given={cluster: called})
            assert [found.text for found in again] == [*texts[:cluster], called, *texts[cluster + 1 :]]


def test_a_given_name_is_kept_to_the_letter_and_its_words_are_taken() -> None:
    values = library()
    word = name(values, quarters(values))[3].text.split()[0]
    names = name(values, quarters(values), given={0: f"{word.lower()} sunday, für Elise!"})
    assert names[0].text == f"{word.lower()} sunday, für Elise!"
    assert names[0].given
    assert names[0].claims
    assert names[3].claims
    assert word not in names[3].text


def test_absolute_words_need_absolute_values() -> None:
    values = library()
    values["instrumentalness"] = 0.6 + 0.4 * values["instrumentalness"]
    values["liveness"] = 0.1 * values["liveness"]
    labels = (values["instrumentalness"] > values["instrumentalness"].median()).astype(int).to_numpy(dtype=np.int64)
    sung, played = name(values, labels)
    assert "Instrumental" in played.text
    absolute = LEXICON.meanings[(("instrumentalness", -1),)][0]
    assert absolute.limits
    assert not {claim.word for claim in sung.claims} & {*absolute.plain, *absolute.strong, *absolute.nouns}
    assert {(c.feature, c.direction) for c in sung.claims} == {("instrumentalness", "low")}


def test_what_is_calm_and_happy_next_to_loud_music_only_is_not_called_carefree() -> None:
    values = library()
    assert name(values, quarters(values))[1].text.startswith("Easygoing")
    # In the calmer half of this library half of the tracks still have an energy above 0.8.
    values["energy"] = 0.75 + 0.25 * values["energy"]
    names = name(values, quarters(values))
    assert {(claim.feature, claim.direction) for claim in names[1].claims} == {("energy", "low"), ("valence", "high")}
    assert names[1].text == "Tempered & Happy Tunes"


@pytest.mark.parametrize(
    ("feature", "squeezed", "pole", "plainly", "held_back"),
    [
        # What lies on one side of the library's median lies on the other side of the scale's middle.
        ("energy", (0.75, 1.0), -1, {"Calm", "Gentle"}, {"Restrained", "Tempered"}),
        ("energy", (0.0, 0.25), 1, {"Energetic", "Powerful"}, {"Wakeful", "Kindled"}),
        ("valence", (0.75, 1.0), -1, {"Sad", "Dark"}, {"Bittersweet", "Serious"}),
        ("valence", (0.0, 0.25), 1, {"Happy", "Cheerful"}, {"Hopeful", "Heartening"}),
        ("tempo", (130.0, 190.0), -1, {"Slow", "Unhurried"}, {"Unrushed", "Mid-Paced"}),
        ("tempo", (60.0, 95.0), 1, {"Fast", "Quick"}, {"Quickened", "Jogging"}),
        ("danceability", (0.75, 1.0), -1, {"Free-Form", "Drifting"}, {"Loose", "Elastic"}),
        ("danceability", (0.0, 0.25), 1, {"Danceable", "Grooves"}, {"Loping", "Bobbing"}),
    ],
)
def test_what_is_so_next_to_this_library_only_is_not_said_outright(
    feature: str, squeezed: tuple[float, float], pole: int, plainly: set[str], held_back: set[str]
) -> None:
    """All tracks of this library are loud: its calmer half is restrained, not calm."""
    values = library()
    labels = ((values[feature].rank(pct=True) > 0.5) == (pole > 0)).to_numpy(dtype=np.int64)
    if feature == "tempo":
        values["tempo"] = 60 + 0.7 * (values["tempo"] - 60)
    words = {claim.word for claim in name(values, labels)[1].claims}
    assert words & plainly
    assert not words & held_back
    low, high = squeezed
    values[feature] = low + (high - low) * values[feature].rank(pct=True)
    named = name(values, labels)[1]
    assert {(claim.feature, claim.direction) for claim in named.claims} == {(feature, "high" if pole > 0 else "low")}
    assert {claim.word for claim in named.claims} & held_back


@pytest.mark.parametrize(("spoken", "sung"), [(0.45, False), (0.35, True)])
def test_songs_are_sung_most_of_them(spoken: float, sung: bool) -> None:
    """Where nearly half of the tracks have no singer, the median alone would call them songs."""
    values = library()
    values["instrumentalness"] = 0.85 + 0.1 * values["instrumentalness"]
    labels = (np.arange(len(values)) % 3 == 0).astype(np.int64)
    rows = np.flatnonzero(labels)
    values.loc[rows[round(spoken * len(rows)) :], "instrumentalness"] *= 0.1
    named = name(values, labels)[1]
    assert [claim.feature for claim in named.claims] == ["instrumentalness"]
    absolute = LEXICON.meanings[(("instrumentalness", -1),)][0]
    assert bool({claim.word for claim in named.claims} & {*absolute.plain, *absolute.nouns}) == sung


def test_electronic_music_is_not_called_unplugged() -> None:
    values = library()
    labels = ((values["valence"] > 0.6) & (values["acousticness"] > 0.7)).to_numpy(dtype=np.int64)
    for genre, unplugged in (("Folk", True), ("Electronic", False)):
        claims = genre_claims(pd.Series(np.where(labels == 1, genre, "Pop")), labels, k=2, options=OPTIONS)
        words = {
            claim.word for claim in name(values, labels, genres=claims)[1].claims if claim.feature == "acousticness"
        }
        assert len(words) == 1
        absolute = LEXICON.meanings[(("acousticness", 1),)][0]
        assert bool(words & {*absolute.plain, *absolute.nouns}) == unplugged


def test_a_word_of_one_sign_is_a_word(tmp_path: Path) -> None:
    """Two names do not share a short word of another writing either."""
    text = '[meanings."valence low"]\nplain = ["暗い", "悲し"]\n[meanings."energy low + valence low"]\nplain = []\n'
    text += '[meanings."energy high + valence low"]\nplain = []\n'
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    names = name(library(), quarters(library()), lexicon=load_lexicon(tmp_path))
    words = [claim.word for found in names for claim in found.claims if claim.feature == "valence"]
    assert {"暗い", "悲し"} <= set(words)


def test_a_limit_may_be_about_any_feature(tmp_path: Path) -> None:
    """Calm and sad is no nocturne where it is lively to dance to."""
    text = '[meanings."energy low + valence low"]\nplain = ["Blue"]\nnouns = ["Nocturnes"]\n'
    limit = "limit = { below = 0.6, valence = { below = 0.6 }, danceability = { below = 0.6 } }\n"
    (tmp_path / "lexicon.toml").write_text(text + limit, encoding="utf-8")
    lexicon = load_lexicon(tmp_path)
    values = library()
    labels = (quarters(values) == 0).astype(np.int64)
    assert {"Blue", "Nocturnes"} & set(name(values, labels, lexicon=lexicon)[1].text.split())
    for feature in ("energy", "valence", "danceability"):
        other = values.assign(**{feature: 0.7 + 0.3 * values[feature]})
        assert not {"Blue", "Nocturnes"} & set(name(other, labels, lexicon=lexicon)[1].text.split())
    unknown = values.assign(danceability=np.nan)
    assert not {"Blue", "Nocturnes"} & set(name(unknown, labels, lexicon=lexicon)[1].text.split())


def test_a_limit_of_a_pair_is_about_the_feature_it_names_first(tmp_path: Path) -> None:
    text = '[meanings."instrumentalness high + energy low"]\nnouns = ["Nocturnes"]\nlimit = { above = 0.5 }\n'
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    lexicon = load_lexicon(tmp_path)
    values = library()
    inside = (values["energy"] < 0.4) & (values["instrumentalness"] > 0.6) & (values["tempo"] > 140)
    labels = inside.astype(int).to_numpy(dtype=np.int64)
    assert name(values, labels, lexicon=lexicon)[1].text.endswith(" Nocturnes")
    values["instrumentalness"] = values["instrumentalness"] ** 5
    assert values["instrumentalness"][labels == 1].median() < 0.5
    assert "Nocturnes" not in name(values, labels, lexicon=lexicon)[1].text


def test_a_word_is_not_used_where_something_true_contradicts_it(tmp_path: Path) -> None:
    """Here every sad and calm track is fast, which no claim of the name has to say."""
    text = '[meanings."energy low + valence low"]\nplain = ["Blue"]\nnouns = ["Elegies"]\nunless = ["tempo high"]\n'
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    lexicon = load_lexicon(tmp_path)
    values = library()
    labels = (quarters(values) == 0).astype(np.int64)
    assert {"Blue", "Elegies"} & set(name(values, labels, lexicon=lexicon)[1].text.split())
    values["tempo"] = np.where(labels == 1, 170 + 20 * values["acousticness"], values["tempo"])
    assert not {"Blue", "Elegies"} & set(name(values, labels, lexicon=lexicon)[1].text.split())


def test_a_name_does_not_sound_like_one_word_twice() -> None:
    """Electronic tracks far from acoustic are plugged in, not "Electric Electronic Tracks"."""
    values = library()
    labels = ((values["valence"] > 0.6) & (values["acousticness"] < 0.3)).to_numpy(dtype=np.int64)
    claims = genre_claims(pd.Series(np.where(labels == 1, "Electronic", "Folk")), labels, k=2, options=OPTIONS)
    named = name(values, labels, genres=claims)[1]
    assert {claim.feature for claim in named.claims} == {"valence", "acousticness", "genre"}
    assert named.text.lower().count("electr") == 1


def test_a_place_given_is_the_place_a_word_has(tmp_path: Path) -> None:
    text = """
[meanings."tempo low"]
later = 4
plain = ["Ambling"]

[[more]]
meaning = "tempo low"
later = 2
plain = ["Dozy"]
"""
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    values = library()
    labels = (values["tempo"] < 100).to_numpy(dtype=np.int64)
    assert name(values, labels, lexicon=load_lexicon(tmp_path))[1].text.startswith("Dozy ")


@pytest.mark.parametrize(
    ("sides", "of", "taken", "never"),
    [
        ({"tempo": -1, "energy": 1}, "tempo", "Slow", {"Unhurried", "Leisurely", "Lingering", "Downtempo"}),
        ({"energy": 1, "danceability": -1}, "danceability", "Free-Form", {"Drifting", "Wandering", "Wanderings"}),
        ({"valence": -1, "danceability": 1}, "danceability", "Grooves", {"Bops", "Bouncy", "Dances"}),
        ({"energy": -1, "tempo": 1}, "tempo", "Fast, Quick, Brisk & Swift", {"Uptempo", "Speedy", "Breakneck"}),
    ],
)
def test_words_do_not_pull_against_what_is_true(sides: dict[str, int], of: str, taken: str, never: set[str]) -> None:
    """The better words are taken by a name given by hand, and even then no name says the contrary of its tracks."""
    values = library()
    inside = np.all([(values[f].rank(pct=True) > 0.6) == (side > 0) for f, side in sides.items()], axis=0)
    labels = inside.astype(np.int64)
    found = name(values, labels, given={0: taken})[1]
    assert of in {claim.feature for claim in found.claims}
    assert not {claim.word for claim in found.claims} & never


def test_two_adjectives_read_better_than_three() -> None:
    """With the best words taken, another word for the pair is better than the two claims one by one."""
    values = library()
    inside = (values["tempo"] > 120) & (values["energy"] < 0.4) & (values["valence"] > 0.6)
    found = name(values, inside.to_numpy(dtype=np.int64), given={0: "Carefree & Breezy"})[1]
    assert {claim.feature for claim in found.claims} == {"tempo", "energy", "valence"}
    assert "," not in found.text


def test_a_trace_of_instrumentalness_is_not_worth_a_word() -> None:
    """Among songs, 0.02 is more than others have, and is still a song."""
    values = library()
    values["instrumentalness"] = 0.02 * values["instrumentalness"]
    labels = ((values["instrumentalness"] > 0.012) & (values["valence"] > 0.5)).to_numpy(dtype=np.int64)
    named = name(values, labels)[1]
    assert [claim.feature for claim in named.claims] == ["valence"]
    values["instrumentalness"] = 40 * values["instrumentalness"]
    assert {claim.feature for claim in name(values, labels)[1].claims} == {"valence", "instrumentalness"}


def test_speech_is_called_spoken_word_only_where_it_is() -> None:
    values = library()
    values["speechiness"] = 0.1 * values["speechiness"]
    labels = np.zeros(len(values), dtype=np.int64)
    labels[values["speechiness"] > values["speechiness"].quantile(0.8)] = 1
    assert "Spoken" not in name(values, labels)[1].text
    values["speechiness"] = values["speechiness"].where(labels == 0, 0.9)
    assert name(values, labels)[1].text.endswith(("Spoken Word", "Talks"))


def test_genre_words_are_claims_too() -> None:
    values = library()
    labels = quarters(values)
    rng = np.random.default_rng(2)
    genres = pd.Series(np.where(rng.random(len(values)) < 0.7, "Rock", "Folk"))
    genres[labels != 3] = rng.choice(["Folk", "Jazz", "Pop"], int((labels != 3).sum()))
    claims = genre_claims(genres, labels, k=4, options=OPTIONS)
    assert claims[:3] == (None, None, None)
    claim = claims[3]
    assert claim is not None
    assert claim.word == "Rock"
    assert claim.share == pytest.approx((genres[labels == 3] == "Rock").mean())
    names = name(values, labels, genres=claims)
    assert names[3].text.endswith(" Rock")
    assert len(names[3].claims) <= 3


@pytest.mark.parametrize(
    ("genre", "written"),
    [
        ("hip-hop", "Hip-Hop"),
        ("edm", "EDM"),
        ("r&b", "R&B"),
        ("drum and bass", "Drum and Bass"),
        ("Old-Time / Historic", "Old-Time/Historic"),
        ("DIY pop", "DIY pop"),
    ],
)
def test_a_genre_is_written_as_a_name(genre: str, written: str) -> None:
    values = library()
    labels = quarters(values)
    claims = genre_claims(pd.Series(np.where(labels == 3, genre, "Folk")), labels, k=4, options=OPTIONS)
    named = name(values, labels, genres=claims)[3]
    assert f" {written} " in f"{named.text} "
    assert [claim.word for claim in named.claims if claim.feature == "genre"] == [written]
    assert f" {written} " in f" {name(values, labels, inside=genre)[0].text} "


def test_a_genre_that_most_of_the_library_has_tells_nothing() -> None:
    labels = quarters(library())
    claims = genre_claims(pd.Series(["Rock"] * 1_900 + ["Folk"] * 100), labels, k=4, options=OPTIONS)
    assert claims == (None, None, None, None)


def test_inside_a_genre_every_name_ends_with_it_and_all_claims_are_left() -> None:
    values = library()
    sides = [(values[name] > values[name].median()).astype(int) for name in ("energy", "valence", "tempo")]
    labels = (4 * sides[0] + 2 * sides[1] + sides[2]).to_numpy(dtype=np.int64)
    names = name(values, labels, inside="Rock")
    assert all(found.text.endswith(" Rock") for found in names)
    assert len({found.text for found in names}) == 8
    assert all({claim.feature for claim in found.claims} == {"energy", "valence", "tempo"} for found in names)


def test_missing_values_are_no_evidence() -> None:
    values = library()
    labels = quarters(values)
    values.loc[labels == 0, "energy"] = np.nan
    names = name(values, labels)
    assert [claim.feature for claim in names[0].claims] == ["valence"]


def test_a_library_with_one_feature_has_names() -> None:
    values = library()
    values[[column for column in BASE_NAMES if column != "tempo"]] = np.nan
    labels = (values["tempo"] > values["tempo"].median()).astype(int).to_numpy(dtype=np.int64)
    slow, fast = name(values, labels)
    assert (slow.claims[0].direction, fast.claims[0].direction) == ("low", "high")


def stems(text: str) -> set[str]:
    from core.naming.wording import stems as content

    return set(content(text))


@settings(max_examples=25)
@given(st.integers(2, 14), st.integers(0, 10_000))
def test_whatever_the_clusters_names_keep_their_promises(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.random((k, len(BASE_NAMES)))
    labels = np.sort(rng.integers(0, k, 600))
    labels[:k] = np.arange(k)
    values = pd.DataFrame(
        np.clip(centres[labels] + rng.normal(scale=0.15, size=(600, len(BASE_NAMES))), 0, 1), columns=list(BASE_NAMES)
    )
    names = name(values, labels.astype(np.int64))
    assert len({found.text.lower() for found in names}) == k
    for found in names:
        assert 5 <= len(found.text) <= 40
        assert 2 <= len(found.text.split()) <= 5
        assert len(found.claims) <= 3
        assert len({claim.feature for claim in found.claims}) == len(found.claims)
        for claim in found.claims:
            meaning = meaning_of(claim.word)
            assert meaning is not None
            assert (claim.feature, 1 if claim.direction == "high" else -1) in meaning
    assert names == name(values, labels.astype(np.int64))


def test_words_do_not_repeat_where_there_are_others() -> None:
    values = library(6_000)
    label = {c: i for i, c in enumerate(itertools.product([0, 1], repeat=3))}
    sides = np.column_stack([(values[f] > values[f].median()) for f in ("energy", "valence", "acousticness")]).astype(
        int
    )
    labels = np.array([label[tuple(row)] for row in sides], dtype=np.int64)
    names = name(values, labels)
    words = [word for found in names for word in stems(found.text)]
    assert len(words) == len(set(words))


def test_where_words_run_out_the_least_used_comes_first(tmp_path: Path) -> None:
    text = '[meanings."liveness high"]\nplain = ["Roomy", "Ringing", "Vaulted"]\n'
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    features = ["acousticness", "danceability", "liveness", "tempo"]
    values = library(8_000)[features]
    labels = (values > values.median()).to_numpy(dtype=np.int64) @ (8, 4, 2, 1)
    names = name(values, labels, lexicon=load_lexicon(tmp_path), inside="Rock")
    used = Counter(claim.word for found in names for claim in found.claims if claim.feature == "liveness")
    times = [used[word] for word in ("Roomy", "Ringing", "Vaulted")]
    assert sum(times) > 3
    assert max(times) - min(times) <= 1, used
    assert len({found.text for found in names}) == 16


def test_quality_is_measured_on_the_claims() -> None:
    values = library()
    labels = quarters(values)
    names = name(values, labels)
    quality = naming_quality(values, labels, names)
    for cluster, found in enumerate(names):
        ranks = [values[c.feature].rank() * (1 if c.direction == "high" else -1) for c in found.claims]
        score = np.sum(ranks, axis=0)
        expected = brute_force_auc(score[labels == cluster], score[labels != cluster])
        assert quality.aucs[cluster] == pytest.approx(expected)
    assert quality.mean_auc == pytest.approx(np.mean(quality.aucs))
    assert quality.worst_precision == min(c.share for found in names for c in found.claims)
    assert quality.top1 > 0.95
    assert quality.distinct == 4


def test_claims_agree_with_themselves() -> None:
    claim = Claim("tempo", "low", "Slow", 0.9, 0.9)
    other = Claim("energy", "low", "Calm", 0.9, 0.9)
    before = (ClusterName("Slow Tracks", (claim,)), ClusterName("Slow & Calm Tracks", (claim, other)))
    assert claim_agreement(before, before, [(0, 0), (1, 1)]) == 1.0
    assert claim_agreement(before, before, [(0, 1), (1, 0)]) == 0.5
    assert claim_agreement(before, before, [(0, 0)]) == 0.5, "a playlist that does not come again keeps no claim"


def test_every_word_has_one_meaning() -> None:
    seen: dict[str, object] = {}
    for meaning, groups in LEXICON.meanings.items():
        for group in groups:
            for word in (*group.plain, *group.strong, *group.nouns):
                assert seen.setdefault(word.lower(), meaning) == meaning
    assert len(seen) > 400


def test_no_part_of_a_word_stands_for_two_meanings() -> None:
    """Two names may share "Acoustic" and "Acoustics", never "Voice-Tinged" and "Electric-Tinged"."""
    seen: dict[str, object] = {}
    for meaning, groups in LEXICON.meanings.items():
        for group in groups:
            for part in stems(" ".join((*group.plain, *group.strong, *group.nouns))):
                assert seen.setdefault(part, meaning) == meaning, part
    for noun in (*LEXICON.neutral_nouns, *LEXICON.mixed):
        assert not stems(noun) & set(seen), noun


def test_a_persons_own_words_are_used(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text('[meanings."tempo low"]\nplain = ["Gemächlich"]\n', encoding="utf-8")
    lexicon = load_lexicon(tmp_path)
    assert meaning_of("Gemächlich", lexicon) == (("tempo", -1),)
    assert meaning_of("Slow", lexicon) is None
    assert meaning_of("Fast", lexicon) == (("tempo", 1),)


def test_a_pair_is_the_same_meaning_in_either_order(tmp_path: Path) -> None:
    text = '[meanings."valence low + energy low"]\nplain = ["Trübsinnig"]\n'
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    (words,) = load_lexicon(tmp_path).meanings[("energy", -1), ("valence", -1)]
    assert words.plain == ("Trübsinnig",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("not toml [", "cannot be read"),
        ('[meanings."tempo slow"]\nplain = ["Slow"]', "is not a meaning"),
        ('[meanings."tempo low"]\nplain = "Slow"', "plain of 'tempo low' must be a list of words"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nmost = {energy = {under = 0.5}}', "most of 'tempo low' must be"),
        ('[meanings."tempo low"]\nplain = ["Fast"]', "stands for two meanings"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nlimit = {over = 3}', "must be"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nlimit = 90', "must be"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nlimit = {below = "90"}', "must be"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nlimit = {enregy = {below = 0.5}}', "must be"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nlimit = {energy = 0.5}', "must be"),
        ("meanings = 3", "must be a table"),
        ('[meanings."tempo low"]\nplain = ["Slow"]\nlater = -1', "whole number"),
        ("version = 99", "version 99 is unknown"),
        ("mixed = []", "need at least one word"),
        ('nuetral_nouns = ["Songs"]', "no place for 'nuetral_nouns'"),
        ('[meanings."tempo low"]\nplian = ["Slow"]', "no place for 'plian'"),
    ],
)
def test_a_wrong_word_list_is_one_clear_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match=complaint) as caught:
        load_lexicon(tmp_path)
    assert str(tmp_path) in caught.value.line()
    assert "\n" not in caught.value.line()
