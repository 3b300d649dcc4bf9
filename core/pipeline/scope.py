"""What an analysis is about: the tracks of a genre, the labels beside the clusters, the number of clusters."""

from __future__ import annotations

import pandas as pd

from core import genre_tree, genres
from core.library import Library
from core.options import AnalysisOptions, GenreOptions
from core.records import Genres, Prepared, Sweep

#: Inside a genre without a chosen K, a subgenre counts when it has more than this many tracks or this share.
_SUBGENRE_SHARE = 0.05


def inside_genre(library: Library, genre: str) -> Library:
    """Return the library, or the part of it whose top genre is `genre` or below it."""
    if not genre:
        return library
    names = genre_tree.inside(genre, labels=_top_genres(library), parents=library.genre_parents)
    return library.select(genres.rows_inside(library.tracks, names, asked_for=genre))


def _top_genres(library: Library) -> list[str]:
    return [str(name) for name in library.tracks["genre"].unique() if name]


def spelled(library: Library, genre: str) -> str:
    """Return the genre asked for as the library spells it."""
    key = genre_tree.normalise(genre)
    return next((name for name in _top_genres(library) if genre_tree.normalise(name) == key), genre)


def genre_labels(library: Library, prepared: Prepared, options: GenreOptions, k: int) -> Genres:
    """Label kept tracks by genre, or by subgenre when the analysis is inside one."""
    tracks = library.tracks.iloc[prepared.rows]
    if not options.inside:
        return genres.absorb_minor(tracks["genre"], prepared, options=options)
    name = spelled(library, options.inside)
    labels = genres.subgenre_labels(tracks["genres"], plain={name}, name=name, k=k).to_numpy(dtype=object)
    return genres.label_genres(labels)


def choose_k(library: Library, prepared: Prepared, options: AnalysisOptions, sweep: Sweep | None) -> tuple[int, str]:
    """Return the number of clusters and why it is that many."""
    recipe = options.recipe
    if sweep is None:
        asked = options.sizes.playlists or (recipe.k if isinstance(recipe.k, int) else 0)
        passed_over = f", so the {asked} asked for are passed over" if asked else ""
        return recipe.cluster.k, f"{recipe.cluster.algorithm} finds the number of clusters itself{passed_over}"
    if options.sizes.playlists:
        return options.sizes.playlists, "as many playlists as asked for"
    if isinstance(recipe.k, int):
        return recipe.k, "as asked for"
    if recipe.k == "genres":
        k = _major_genres(library, prepared, recipe.genres)
        if k >= 2:
            return k, f"one cluster for each of the {k} major genres"
    return sweep.suggested_k, sweep.reason


def _major_genres(library: Library, prepared: Prepared, options: GenreOptions) -> int:
    """Count major genres; inside a genre, the genre itself and its major subgenres."""
    tracks = library.tracks.iloc[prepared.rows]
    if not options.inside:
        return len(genres.absorb_minor(tracks["genre"], prepared, options=options).counts)
    name = spelled(library, options.inside)
    others = pd.Series([label for labels in tracks["genres"] for label in set(labels) - {name}], dtype=object)
    return 1 + int((others.value_counts() > max(options.minor_at_most, _SUBGENRE_SHARE * len(tracks))).sum())
