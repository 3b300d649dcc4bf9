"""What stands behind a claim: how many tracks hold it, inside a playlist and outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from desktop import messages
from desktop.plots.arrays import FloatArray
from desktop.shown import FeatureBins, Group, Shown

if TYPE_CHECKING:
    from core.records import Claim


@dataclass(frozen=True, eq=False)
class Evidence:
    """A claim and the numbers behind it.

    Attributes
    ----------
    claim : Claim
        What is claimed.
    title : str
        The feature and what it is, such as "Tempo: slow".
    sentence : str
        What that means, for a listener.
    bins : FeatureBins or None
        The feature's values in the whole library; None for a claim about genres.
    members : np.ndarray [shape=(BINS,), dtype=float64] or None
        Share of the playlist's tracks in each bar.
    """

    claim: Claim
    title: str
    sentence: str
    bins: FeatureBins | None = None
    members: FloatArray | None = None


def evidence(shown: Shown, group: Group, claim: Claim) -> Evidence:
    """Return what stands behind a claim of a playlist's name."""
    bins = shown.bins.get(claim.feature)
    inside = shown.labels == group.number
    share = messages.share(claim.share)
    if bins is None:
        genres = shown.columns["genre"][~inside]
        # A name writes "Old-Time / Historic" as one word.
        same = [genre for genre in set(genres.tolist()) if genre.replace(" / ", "/") == claim.word]
        rest = float(np.isin(genres, same).mean()) if len(genres) else 0.0
        sentence = messages.CLAIM_GENRE(share=share, genre=claim.word, rest=messages.share(rest))
        return Evidence(claim, f"{messages.GENRE_HEAD()}: {messages.claim(claim)}", sentence)
    values = np.asarray(shown.columns[claim.feature], dtype=np.float64)[~inside]
    holds = values > bins.median if claim.direction == "high" else values < bins.median
    rest = float(holds[np.isfinite(values)].mean()) if np.isfinite(values).any() else 0.0
    return Evidence(
        claim,
        f"{messages.feature_name(claim.feature)}: {messages.claim(claim)}",
        messages.CLAIM_LINE(share=share, than=messages.comparison(claim), rest=messages.share(rest)),
        bins,
        bins.shares(np.flatnonzero(inside).astype(np.int64)),
    )
