"""The names of a run and the claims behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.features import FEATURES
from core.naming.evidence import ClaimSet, Evidence, claim_sets
from core.naming.lexicon import Lexicon
from core.naming.selection import choose_claims
from core.naming.wording import Context, Wording, best_wording, sayable, stems
from core.options import NamingOptions
from core.records import Claim, ClusterName, IntArray

#: The second pass lets the first names give way to words that the later ones did not need.
_PASSES = 2
GENRE = "genre"


def name_clusters(
    evidence: Evidence,
    *,
    lexicon: Lexicon,
    options: NamingOptions,
    genres: Sequence[Claim | None] = (),
    inside: str = "",
    given: Mapping[int, str] | None = None,
    before: Mapping[int, str] | None = None,
) -> tuple[ClusterName, ...]:
    """Name all clusters of a run together.

    Parameters
    ----------
    evidence : Evidence
        What the features say about each cluster.
    lexicon : Lexicon
        The words.
    options : NamingOptions
        When a name may claim something.
    genres : sequence of Claim or None, default ()
        The genre claim of each cluster, see `genre_claims`; the genre becomes the name's noun and takes one of
        the places for claims.
    inside : str, default ""
        The genre that the whole analysis is about: the noun of every name. It is true of every track alike, so it
        is no claim and takes no claim's place.
    given : mapping of int to str, optional
        Names a person chose, by cluster; they are kept to the letter.
    before : mapping of int to str, optional
        What clusters were called before; they keep those names where they are still true of them.

    Returns
    -------
    tuple of ClusterName
        One a cluster, all different. A cluster of which nothing is true is called mixed and has no claims.
    """
    by_hand = dict(given or {})
    claimed = [
        genre and replace(genre, word=lexicon.spelled(genre.word))
        for genre in ([] if inside else genres) or [None] * evidence.k
    ]
    nouns = [genre.word if genre else lexicon.spelled(inside) for genre in claimed]
    room = [options.max_claims - (genre is not None) for genre in claimed]
    blank = [Context(evidence, cluster, lexicon, options, noun) for cluster, noun in enumerate(nouns)]
    every = claim_sets(evidence, options=options, room=room)
    candidates = [sayable(sets, context) for sets, context in zip(every, blank, strict=True)]
    chosen = choose_claims(evidence, candidates)
    telling = [{claims: auc for auc, claims in sets} for sets in candidates]
    texts: list[str] = [""] * evidence.k
    said: list[tuple[tuple[str, ClaimSet], ...]] = [()] * evidence.k
    for _ in range(_PASSES):
        # Clusters named by hand are worded too, and their words stay taken: no other name changes for it.
        for cluster in range(evidence.k):
            given_elsewhere = (text for other, text in by_hand.items() if other != cluster)
            others = [*texts[:cluster], *texts[cluster + 1 :], *given_elsewhere]
            context = replace(
                blank[cluster],
                taken_stems=Counter(stem for text in others for stem in stems(text)),
                taken_names=frozenset(text.lower() for text in others),
                before=(before or {}).get(cluster, ""),
            )
            wording = best_wording(chosen[cluster], telling[cluster], context=context) or _mixed(context)
            texts[cluster], said[cluster] = wording.text, wording.said
    for cluster in by_hand:
        said[cluster] = _unworded(evidence, chosen[cluster])
    return tuple(
        ClusterName(
            text=by_hand.get(c, texts[c]),
            claims=(*_claims(evidence, c, said[c]), *(genre for genre in claimed[c : c + 1] if genre)),
            given=c in by_hand,
        )
        for c in range(evidence.k)
    )


def _mixed(context: Context) -> Wording:
    """Return an honest name for a cluster of which nothing is true, different from the other names."""
    of_genre = (f"Mixed {context.genre}",) if context.genre else ()
    free = (*of_genre, *context.lexicon.mixed)
    numbered = (f"{free[0]} {number}" for number in range(2, len(context.taken_names) + 3))
    text = next(text for text in (*free, *numbered) if text.lower() not in context.taken_names)
    return Wording(text=text, said=(), cost=0.0)


def _unworded(evidence: Evidence, claims: ClaimSet) -> tuple[tuple[str, ClaimSet], ...]:
    """Return claims under their plain poles, for a cluster that a person named."""
    return tuple((_pole(evidence.features[column], sign), ((column, sign),)) for column, sign in claims)


def _pole(feature: str, sign: int) -> str:
    known = FEATURES[feature]
    return known.high_pole if sign > 0 else known.low_pole


def _claims(evidence: Evidence, cluster: int, said: Sequence[tuple[str, ClaimSet]]) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            feature=evidence.features[column],
            direction="high" if sign > 0 else "low",
            word=word,
            auc=evidence.auc_of(cluster, (column, sign)),
            share=evidence.share_of(cluster, (column, sign)),
        )
        for word, claims in said
        for column, sign in claims
    )


def genre_claims(genres: pd.Series, labels: IntArray, *, k: int, options: NamingOptions) -> tuple[Claim | None, ...]:
    """Find the genre that each cluster's name may carry.

    Parameters
    ----------
    genres : pandas.Series of str
        Top genre of each track, before minor ones are absorbed; empty text where unknown.
    labels : np.ndarray [shape=(n_tracks,)]
        Cluster of each track.
    k : int
        Number of clusters.
    options : NamingOptions
        ``genre_share`` is the least share of members that carry the genre, and ``min_auc`` the least AUC, as for
        any claim: where most of the library is Rock, "Rock" tells nothing.

    Returns
    -------
    tuple of Claim or None
        One entry a cluster. The AUC is that of a yes-or-no mark: ½ + (share of members − share of the rest) / 2.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    known = (genres != "").to_numpy() & (labels >= 0)
    table = pd.crosstab(labels[known], genres.to_numpy()[known]).reindex(range(k), fill_value=0)
    found: list[Claim | None] = []
    for cluster in range(k):
        row = table.loc[cluster]
        share = float(row.max() / sizes[cluster]) if len(row) and sizes[cluster] else 0.0
        if share < options.genre_share:
            found.append(None)
            continue
        name = str(row.idxmax())
        elsewhere = float((genres == name).sum() - table[name].loc[cluster]) / max(len(labels) - int(sizes[cluster]), 1)
        auc = 0.5 + (share - elsewhere) / 2.0
        found.append(Claim(GENRE, "high", name, auc, share) if auc >= options.min_auc else None)
    return tuple(found)
