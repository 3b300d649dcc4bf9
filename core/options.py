"""Every lever of the analysis: frozen, validated options, one record per stage, and the named recipes.

A recipe is nothing but a set of options; no code asks which recipe it is running.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.errors import OptionError
from core.features import BASE_NAMES, check_names

Scaling = Literal["none", "minmax", "zscore", "rank", "robust", "contrast"]
Missing = Literal["drop", "impute"]
Algorithm = Literal[
    "kmeans", "minibatch", "bisecting", "gaussian-mixture", "ward", "spectral", "mean-shift", "hdbscan"
]  # fmt: skip
Order = Literal["fit", "smooth", "arc", "added", "shuffle"]
ExplicitTracks = Literal["keep", "drop"]

ALGORITHMS: tuple[Algorithm, ...] = (
    "kmeans", "minibatch", "bisecting", "gaussian-mixture", "ward", "spectral", "mean-shift", "hdbscan",
)  # fmt: skip
#: Algorithms that find the number of clusters themselves and ignore ``k``.
FREE_K: frozenset[str] = frozenset({"mean-shift", "hdbscan"})

ORDERS: tuple[Order, ...] = ("fit", "smooth", "arc", "added", "shuffle")

#: The article's seed, its `random_state`.
DEFAULT_SEED = 1986


@dataclass(frozen=True)
class PrepareOptions:
    """How features become the numbers that are clustered.

    Attributes
    ----------
    features : tuple of str
        The features used, in the order of the columns.
    weights : mapping of str to float
        Factor on the scaled column; 1 where a feature is not named. A weight of 0 takes the feature out.
    missing : {"drop", "impute"}
        Leave out tracks that lack a used feature, or fill the gap with the library's median.
    scaling : mapping of str to Scaling
        How each column is scaled; the key ``"*"`` stands for all columns not named.
    unit_rows : bool
        Scale every row to unit Euclidean length afterwards, as the article does.
    """

    features: tuple[str, ...] = BASE_NAMES
    weights: Mapping[str, float] = field(default_factory=dict)
    missing: Missing = "drop"
    scaling: Mapping[str, Scaling] = field(default_factory=lambda: {"*": "zscore"})
    unit_rows: bool = False

    def __post_init__(self) -> None:
        check_names(self.features)
        for name, weight in self.weights.items():
            if name not in self.features:
                used = f"The features used: {', '.join(self.features)}"
                raise OptionError(f"there is a weight for {name!r}, which is not among them", next_step=used)
            if not 0.0 <= weight <= 100.0:
                raise OptionError(f"the weight of {name} is {weight}", next_step="Use a number from 0 to 100")
        if all(self.weights.get(name, 1.0) == 0.0 for name in self.features):
            raise OptionError("every feature has weight 0", next_step="Give at least one feature a weight above 0")


@dataclass(frozen=True)
class ClusterOptions:
    """How prepared tracks fall into clusters.

    Attributes
    ----------
    algorithm : Algorithm
        One of `ALGORITHMS`.
    k : int
        Number of clusters, at least 2; ignored by the algorithms in `FREE_K`.
    seed : int
        Seed of every random choice, 0 ≤ seed < 2³².
    n_init : int
        How many times K-means starts afresh; the best run is kept.
    min_cluster_size : int
        Smallest cluster HDBSCAN reports; 0 lets the library's size decide.
    """

    algorithm: Algorithm = "kmeans"
    k: int = 9
    seed: int = DEFAULT_SEED
    n_init: int = 10
    min_cluster_size: int = 0

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise OptionError(f"unknown algorithm {self.algorithm!r}", next_step=f"Known: {', '.join(ALGORITHMS)}")
        if self.k < 2:
            raise OptionError(f"K is {self.k}", next_step="Ask for at least 2 clusters")
        if not 0 <= self.seed < 2**32:
            raise OptionError(f"the seed is {self.seed}", next_step="Use a whole number from 0 to 4294967295")
        if self.n_init < 1:
            raise OptionError(f"n_init is {self.n_init}", next_step="Use at least 1")
        if self.min_cluster_size < 0:
            raise OptionError(f"the smallest cluster size is {self.min_cluster_size}", next_step="Use 0 or more")


@dataclass(frozen=True)
class SweepOptions:
    """Which numbers of clusters are compared, and how thoroughly.

    Attributes
    ----------
    k_min, k_max : int
        First and last K of the sweep, 2 ≤ k_min ≤ k_max; k_max is lowered for small libraries.
    stability_repeats : int
        Refits on subsamples per K; 0 leaves stability out.
    """

    k_min: int = 2
    k_max: int = 20
    stability_repeats: int = 4

    def __post_init__(self) -> None:
        if not 2 <= self.k_min <= self.k_max:
            compared = f"numbers of clusters from {self.k_min} to {self.k_max} cannot be compared"
            raise OptionError(compared, next_step=f"Let the largest be at least {max(self.k_min, 2)}")
        if self.stability_repeats < 0:
            raise OptionError(f"stability repeats is {self.stability_repeats}", next_step="Use 0 or more")


@dataclass(frozen=True)
class GenreOptions:
    """Which genres stand for themselves.

    Attributes
    ----------
    minor_at_most : int
        A genre with this many tracks or fewer is minor and is absorbed into the nearest major one.
    minor_share : float
        A genre with at most this share of the tracks that have a genre is minor too, 0 ≤ share < 1.
    inside : str
        Analyse only this genre, by its subgenres; empty for the whole library.
    """

    minor_at_most: int = 0
    minor_share: float = 0.01
    inside: str = ""

    def __post_init__(self) -> None:
        if self.minor_at_most < 0:
            least = f"genres of {self.minor_at_most} tracks or fewer cannot be absorbed"
            raise OptionError(least, next_step="Use 0 or more")
        if not 0.0 <= self.minor_share < 1.0:
            raise OptionError(f"the share of a minor genre is {self.minor_share:g}", next_step="Use 0 or more, below 1")


@dataclass(frozen=True)
class NamingOptions:
    """When a name may claim something.

    Attributes
    ----------
    min_auc : float
        Least AUC of a claimed feature, members against the rest.
    min_share : float
        Least share of the members on the claimed side of the library's median.
    good_share : float
        Claims that this share of the members hold are preferred: only where a cluster has none are weaker
        claims used.
    max_claims : int
        Most claims a name makes.
    genre_share : float
        Least share of the members that carry a genre for the genre to be the name's noun.
    strong_share : float
        A strong word needs half of the members in this outer share of the library.
    """

    min_auc: float = 0.65
    min_share: float = 0.70
    good_share: float = 0.80
    max_claims: int = 3
    genre_share: float = 0.60
    strong_share: float = 0.20

    def __post_init__(self) -> None:
        shares = (self.min_share, self.good_share, self.genre_share, self.strong_share)
        if not 0.5 <= self.min_auc <= 1.0 or not all(0.0 <= share <= 1.0 for share in shares):
            raise OptionError("the limits for claims must be shares from 0 to 1, and the AUC at least 0.5")
        if not 1 <= self.max_claims <= 3:
            raise OptionError(f"a name of {self.max_claims} claims is asked for", next_step="Use 1 to 3")


@dataclass(frozen=True)
class PlaylistOptions:
    """What a listener takes away of each cluster, and in which order.

    Attributes
    ----------
    order : Order
        Best fitting tracks first; ``"smooth"``: neighbours sound alike; ``"arc"``: energy rises, then falls; oldest
        like first; or at random.
    deduplicate : bool
        Keep one track, the oldest like, of recordings that stand in the library more than once.
    max_per_artist : int
        Most tracks of one artist in a playlist, the best fitting ones; 0 for no limit.
    shortest_s, longest_s : float
        Leave out tracks shorter or longer than this many seconds; 0 for no limit. Tracks of unknown duration stay.
    explicit : {"keep", "drop"}
        What to do with tracks marked as explicit.
    prefix, suffix : str
        A person's own mark around every name.
    seed : int
        Seed of the shuffle, 0 ≤ seed < 2³².
    """

    order: Order = "fit"
    deduplicate: bool = True
    max_per_artist: int = 0
    shortest_s: float = 0.0
    longest_s: float = 0.0
    explicit: ExplicitTracks = "keep"
    prefix: str = ""
    suffix: str = ""
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise OptionError(f"unknown order {self.order!r}", next_step=f"Known: {', '.join(ORDERS)}")
        if self.explicit not in ("keep", "drop"):
            raise OptionError(f"explicit tracks cannot be {self.explicit!r}", next_step="Use keep or drop")
        for mark in (self.prefix, self.suffix):
            if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in mark):
                raise OptionError(f"the mark {mark!r} holds a line break or the like", next_step="Write it in one line")
        if self.max_per_artist < 0:
            raise OptionError(f"the limit per artist is {self.max_per_artist}", next_step="Use 0 or more")
        for which, seconds in (("shortest", self.shortest_s), ("longest", self.longest_s)):
            if not seconds >= 0.0:
                raise OptionError(f"the {which} duration is {seconds:g} s", next_step="Use 0 or more seconds")
        if 0.0 < self.longest_s < self.shortest_s:
            limits = f"the longest duration ({self.longest_s:g} s) is below the shortest ({self.shortest_s:g} s)"
            raise OptionError(limits, next_step="Swap them")
        if not 0 <= self.seed < 2**32:
            raise OptionError(f"the seed is {self.seed}", next_step="Use a whole number from 0 to 4294967295")


@dataclass(frozen=True)
class Recipe:
    """A named set of options.

    Attributes
    ----------
    name : str
        What it is called on the command line.
    summary : str
        One line that says what it is for.
    k : int or "auto" or "genres"
        The number of clusters, the suggestion of the sweep, or the number of major genres.
    prepare, cluster, sweep, genres, naming
        The options of each stage; ``cluster.k`` is overridden by `k`.
    """

    name: str
    summary: str
    k: int | Literal["auto", "genres"] = "auto"
    prepare: PrepareOptions = field(default_factory=PrepareOptions)
    cluster: ClusterOptions = field(default_factory=ClusterOptions)
    sweep: SweepOptions = field(default_factory=SweepOptions)
    genres: GenreOptions = field(default_factory=GenreOptions)
    naming: NamingOptions = field(default_factory=NamingOptions)


@dataclass(frozen=True)
class SizeOptions:
    """How many playlists a listener wants, and how long.

    Attributes
    ----------
    playlists : int
        Number of playlists aimed at; 0 leaves it to K.
    smallest, largest : int
        Tracks in a playlist. Larger clusters are split, smaller ones join their nearest; 0 for no limit. With a
        largest size alone, what a cluster is split into is at least half full.
    """

    playlists: int = 0
    smallest: int = 0
    largest: int = 0

    def __post_init__(self) -> None:
        if self.playlists < 0 or self.playlists == 1:
            asked = "1 playlist is" if self.playlists == 1 else f"{self.playlists} playlists are"
            raise OptionError(f"{asked} asked for", next_step="Ask for at least 2")
        if self.smallest < 0 or self.largest < 0:
            sizes = f"playlists of {self.smallest} to {self.largest} tracks are asked for"
            raise OptionError(sizes, next_step="Use 0 or more")
        if 0 < self.largest < self.smallest:
            raise OptionError(
                f"the largest size of a playlist ({self.largest}) is below the smallest ({self.smallest})",
                next_step="Swap them",
            )


@dataclass(frozen=True)
class AnalysisOptions:
    """Everything that decides an analysis.

    Attributes
    ----------
    recipe : Recipe
        The options of each stage.
    sizes : SizeOptions
        A listener's wishes.
    playlists : PlaylistOptions
        What each playlist holds, and in which order.
    """

    recipe: Recipe
    sizes: SizeOptions = field(default_factory=SizeOptions)
    playlists: PlaylistOptions = field(default_factory=PlaylistOptions)


#: The article (Ramirez 2018): tempo to 0–1, every row to unit length, K-means started ten times, as many
#: clusters as there are genres with more than 300 tracks.
ARTICLE = Recipe(
    name="article",
    summary="the published method: rows of unit length, as many clusters as major genres",
    k="genres",
    prepare=PrepareOptions(scaling={"*": "none", "tempo": "minmax"}, unit_rows=True),
    genres=GenreOptions(minor_at_most=300, minor_share=0.0),
)

#: The default, chosen by measurement (``tests/benchmarks/bench_recipes.py`` and ``bench_libraries.py``). "contrast"
#: turns each feature into its rank in the library and pulls it away from the median, so that the clusters fall apart
#: where words do: sad or happy, calm or lively. Valence and energy weigh most: they are the two axes of the circumplex
#: of affect (Russell 1980), so the first four clusters are its quarters; voices, then pace, divide these. Acousticness
#: mostly says again what energy says (their ranks correlate by −0.5 to −0.6). No two weights are equal: equal ones
#: leave K-means several equally good answers, and refits disagree.
BALANCED = Recipe(
    name="balanced",
    summary="clusters that words can tell apart, and as many playlists as the library asks for",
    prepare=PrepareOptions(
        scaling={"*": "contrast"},
        weights={
            "valence": 1.3,
            "energy": 1.2,
            "instrumentalness": 1.1,
            "tempo": 0.8,
            "danceability": 0.6,
            "acousticness": 0.5,
            "liveness": 0.3,
            "speechiness": 0.1,
        },
    ),
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (BALANCED, ARTICLE)}


def recipe_named(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises
    ------
    OptionError
        When there is none.
    """
    if name not in RECIPES:
        raise OptionError(f"unknown recipe {name!r}", next_step=f"Known recipes: {', '.join(RECIPES)}")
    return RECIPES[name]
