"""Guests and films that titles name: when two tracks are one recording all the same, and when not."""

from __future__ import annotations

import pytest

from tests.core.test_playlists import duplicates_of


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Song", "Song (with Guest)"), ("Song", "Song - with Guest"), ("Song", "Song (Duet With Guest)"),
        ("Song", "Song [with GUEST]"), ("Song - Remastered 2011", "Song (with Guest) - Remastered"),
        ("Song - Live", "Song (with Guest) - Live"), ("Song (feat. Guest)", "Song (with Guest)"),
    ],
)  # fmt: skip
def test_a_guest_that_both_tracks_have_makes_no_other_recording(title: str, other: str) -> None:
    rows = [{"title": title, "artist": "Ann; Guest"}, {"title": other, "artist": "Ann; Guest"}]
    assert duplicates_of(*rows) == [("1", "0", "title")]
    assert duplicates_of(*reversed(rows)) == [("1", "0", "title")]


@pytest.mark.parametrize(
    ("row", "other"),
    [
        # Alone and as a duet.
        ({"title": "Song", "artist": "Ann"}, {"title": "Song (with Guest)", "artist": "Ann; Guest"}),
        # "With" is a word of the title.
        ({"title": "Song", "artist": "Ann; Bo"}, {"title": "Song (With Strings)", "artist": "Ann; Bo"}),
        ({"title": "Dance", "artist": "Ann; Me"}, {"title": "Dance With Me", "artist": "Ann; Me"}),
        # A version, whoever is on it.
        ({"title": "Song", "artist": "Ann; Bo"}, {"title": "Song (with Bo) - Acoustic", "artist": "Ann; Bo"}),
        ({"title": "Song (with Bo)", "artist": "Ann; Bo"}, {"title": "Song (with Bo) [Piano]", "artist": "Ann; Bo"}),
        # Two films, and pieces that every film has.
        ({"title": 'Rain (From "One")'}, {"title": 'Rain (From "Two")'}),
        ({"title": "Main Title"}, {"title": 'Main Title (From "Two")'}),
        ({"title": "Theme"}, {"title": 'Theme (From "Two")'}),
        # Performances.
        ({"title": "Song"}, {"title": 'Song (From "MTV Unplugged")'}),
        ({"title": "Song"}, {"title": 'Song (From "Live in Rome")'}),
        ({"title": "Letters"}, {"title": "Letters From Home"}),
    ],
)
def test_other_recordings_are_no_duplicates(row: dict[str, object], other: dict[str, object]) -> None:
    assert duplicates_of(row, other) == []
    assert duplicates_of(other, row) == []


@pytest.mark.parametrize(
    "title",
    ['Rain (From "One")', "Rain - From “One”", 'Rain (from the motion picture "One")', 'Rain [From "One" Soundtrack]'],
)
def test_the_film_that_a_song_is_from_makes_no_other_recording(title: str) -> None:
    assert duplicates_of({"title": "Rain"}, {"title": title}) == [("1", "0", "title")]
    assert duplicates_of({"title": 'Rain (From "One")'}, {"title": title}) == [("1", "0", "title")]


def test_one_that_names_no_guest_is_told_by_its_artists() -> None:
    rows = [
        {"title": "Song", "artist": "Ann", "duration_s": 200.0},
        {"title": "Song (with Guest)", "artist": "Ann; Guest", "duration_s": 201.0},
        {"title": "Song", "artist": "Ann; Guest", "duration_s": 200.0},
    ]
    assert duplicates_of(*rows)[0] == ("2", "0", "title")
    assert duplicates_of(*rows[1:]) == [("1", "0", "title")]
