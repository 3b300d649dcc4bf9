from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.genre_tree import genre_parents, inside, normalise
from core.resources import read_text

#: Every top genre of the Free Music Archive; all but Metal are broad genres.
FMA_TOP_GENRES = (
    "Rock", "Electronic", "Folk", "Hip-Hop", "Pop", "Metal", "Old-Time / Historic", "Jazz", "Classical",
    "International", "Experimental", "Instrumental", "Country", "Soul-RnB", "Blues", "Spoken", "Easy Listening",
)  # fmt: skip


def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read_text("genre_tree.csv"))))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Folk", "folk"),
        ("Hip-Hop", "hip hop"),
        ("Hip-Hop", "HIPHOP"),
        ("Drum & Bass", "drum and bass"),
        ("Rock & Roll", "Rock 'n' Roll"),
        ("R&B", "r & b"),
        ("Canción", "cancion"),
        ("Post-Rock", "post‐rock"),
        ("Русский Рок", "русский рок"),
    ],
)
def test_spellings_of_one_genre_share_a_key(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rock", "Pop"), ("R&B", "Blues"), ("フォーク", "ロック"), ("हिन्दी", "हन्द"), ("Funk", "Punk"), ("?", "!")],
)
def test_different_genres_have_different_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_joining_word_at_the_edge_of_a_name_counts() -> None:
    assert normalise("N. Indian Traditional") != normalise("Indian Traditional")
    assert normalise("and") == "and"


@given(st.text())
def test_a_key_is_a_fixed_point_and_empty_only_for_blank_names(name: str) -> None:
    key = normalise(name)
    assert (key == "") == (name.strip() == "")
    assert normalise(key) == key


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("Metal", "Rock"),
        ("death metal", "Metal"),
        ("House", "Electronic"),
        ("TRAP", "Hip-Hop"),
        ("indie rock", "Rock"),
        ("bebop", "Jazz"),
        ("bluegrass", "Country"),
        ("drum and bass", "Electronic"),
    ],
)
def test_well_known_genres_have_their_parent(child: str, parent: str) -> None:
    assert genre_parents([child])[child] == parent


def test_of_the_archive_s_top_genres_only_metal_belongs_to_another() -> None:
    assert genre_parents(FMA_TOP_GENRES) == {"Metal": "Rock"}
    assert inside("Rock", labels=FMA_TOP_GENRES, parents=genre_parents(FMA_TOP_GENRES)) == {"Rock", "Metal"}
    for genre in set(FMA_TOP_GENRES) - {"Rock"}:
        assert inside(genre, labels=FMA_TOP_GENRES, parents=genre_parents(FMA_TOP_GENRES)) == {genre}


def test_unknown_and_broad_genres_have_no_parent() -> None:
    assert genre_parents(["Rock", "Zeuhl from another planet", ""]) == {}


def test_parents_are_spelled_as_the_library_spells_them() -> None:
    assert genre_parents(["ROCK", "metal", "Death Metal"]) == {"metal": "ROCK", "Death Metal": "metal"}


def test_missing_ancestors_are_filled_in_from_the_tree() -> None:
    parents = genre_parents(["Technical Death Metal"])
    assert parents == {"Technical Death Metal": "Death-Metal", "Death-Metal": "Metal", "Metal": "Rock"}
    assert inside("Rock", labels=["Technical Death Metal", "Jazz"], parents=parents) == {"Technical Death Metal"}


def test_two_names_of_one_genre_are_found_under_the_main_one() -> None:
    parents = genre_parents(["Rap", "Hip-Hop", "Trap"])
    assert parents == {"Rap": "Hip-Hop", "Trap": "Hip-Hop"}
    assert inside("hip hop", labels=["Rap", "Hip-Hop", "Trap", "Pop"], parents=parents) == {"Rap", "Hip-Hop", "Trap"}


def test_a_genre_asked_for_by_its_other_name_is_found() -> None:
    labels = ["Hip-Hop", "Trap", "Pop"]
    assert inside("rap", labels=labels, parents=genre_parents(labels)) == {"Hip-Hop", "Trap"}


def test_the_only_name_in_use_stands_for_its_genre() -> None:
    assert genre_parents(["Rap", "Trap"]) == {"Trap": "Rap"}


def test_all_spellings_of_a_label_are_inside() -> None:
    labels = ["hip hop", "Hip-Hop", "folk"]
    assert inside("HipHop", labels=labels, parents={}) == {"hip hop", "Hip-Hop"}


def test_a_hierarchy_in_a_circle_ends() -> None:
    parents = {"A1": "B1", "B1": "C1", "C1": "A1"}
    assert inside("C1", labels=["A1", "B1", "C1", "D1"], parents=parents) == {"A1", "B1", "C1"}
    assert inside("A1", labels=["A1"], parents={"A1": "A1"}) == {"A1"}


def test_a_library_s_own_hierarchy_is_followed() -> None:
    parents = {"Noise-Rock": "Loud-Rock", "Loud-Rock": "Rock"}
    assert inside("Rock", labels=["Noise-Rock", "Rock", "Soul"], parents=parents) == {"Noise-Rock", "Rock"}


def test_every_name_in_the_file_stands_once_and_every_parent_is_in_it() -> None:
    rows = _rows()
    names = [normalise(name) for row in rows for name in (row["genre"], *row["also"].split(";")) if name.strip()]
    assert [key for key, count in Counter(names).items() if count > 1] == []
    assert {row["parent"] for row in rows} - {row["genre"] for row in rows} == {""}


def test_every_genre_leads_to_a_broad_one() -> None:
    broad = {row["genre"] for row in _rows() if not row["parent"]}
    for row in _rows():
        name = row["genre"]
        parents = genre_parents([name])
        for _ in range(10):
            name = parents.get(name, name)
        assert name in broad
