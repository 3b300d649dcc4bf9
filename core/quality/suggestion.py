"""Which number of playlists to take when nobody chose one, and why.

Silhouettes of music libraries are highest for two to four clusters, too few to be of use. So the number is
looked for where a listener can use it, unless the tracks form plainly separate groups.

1. *Groups that stand apart.* A mean silhouette above 0.5 is "a reasonable structure" (Kaufman and Rousseeuw 1990,
   "Finding Groups in Data", table 2.4). When the best K reaches it, stands out from the other K, comes out alike on
   refits and none of its groups is a handful of stray tracks, it is taken; the largest of the K that are nearly as
   good when refits agree on them fully, because merging two near groups always raises the silhouette a little.
2. *The range that suits the library.* 0.9 log2(n) − 1.3 playlists, a quarter less to a quarter more: 3 to 5 for 60
   tracks, 6 to 10 for 1,000, 8 to 14 for 13,000, 10 to 16 for 60,000. Within it, without playlists much smaller or
   larger than the others, the K whose refits agree within 0.05 of the best, and among these the one with the highest
   silhouette.
3. *Nothing stands out.* Uniform noise in eight features gives agreements of 0.2 to 0.55, music 0.65 to 0.98. Below
   0.6 the middle of the range is as good as any other, and the reason says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.records import BoolArray, FloatArray

#: Playlists per doubling of the library, and where that starts.
PER_DOUBLING = 0.9
START = -1.3
#: How far from the middle a number still suits.
LEEWAY = 0.25

#: Mean silhouette from which groups stand apart, and for two groups, which one feature with two humps is enough for.
APART = 0.5
TWO_APART = 0.7
#: How far the best silhouette must be above the worst, and its agreement: values spread evenly along one line have
#: silhouettes above 0.5 for every K.
STANDS_OUT = 0.15
APART_AGREEMENT = 0.95
#: How near to the best silhouette, as a share, and to its agreement a larger K must come to be taken instead.
NEARLY_AS_GOOD = 0.97
SAME_AGREEMENT = 0.01

#: Agreements this close are equal: with four refits the mean varies by about as much.
CLOSE_AGREEMENT = 0.05
#: Below it refits disagree more than they agree.
TRUSTED_AGREEMENT = 0.6

#: A playlist is tiny with fewer tracks than this, or than this part of an even share; huge above so many even shares.
TINY_TRACKS = 3
TINY_SHARE = 0.1
HUGE_SHARES = 3.0


@dataclass(frozen=True, eq=False)
class Candidates:
    """What is known about each number of clusters.

    Attributes
    ----------
    n : int
        Tracks in the library.
    ks : tuple of int
        The numbers that could be fitted, ascending, at least one.
    silhouette, stability : np.ndarray [shape=(len(ks),), dtype=float64]
        Mean silhouette; agreement of refits, NaN where unknown.
    smallest, largest : np.ndarray [shape=(len(ks),), dtype=float64]
        Tracks in the smallest and the largest cluster.
    """

    n: int
    ks: tuple[int, ...]
    silhouette: FloatArray
    stability: FloatArray
    smallest: FloatArray
    largest: FloatArray

    @property
    def without_crumbs(self) -> BoolArray:
        """Whether no cluster is tiny [shape=(len(ks),)]."""
        crumbs: BoolArray = self.smallest < np.maximum(TINY_TRACKS, TINY_SHARE * self.n / np.array(self.ks))
        return ~crumbs


def suggest(candidates: Candidates) -> tuple[int, str]:
    """Choose a number of playlists.

    Parameters
    ----------
    candidates : Candidates
        The numbers compared.

    Returns
    -------
    tuple of int and str
        One of ``candidates.ks``, and why, in one sentence that quotes the numbers.
    """
    if len(candidates.ks) == 1:
        k = candidates.ks[0]
        return k, f"{k} playlists: the only number that could be compared for {candidates.n:,} tracks"
    apart = _groups_apart(candidates)
    if apart is not None:
        return apart
    return _within_range(candidates)


def suitable_range(n: int) -> tuple[int, int]:
    """Return the fewest and most playlists that suit a library.

    Parameters
    ----------
    n : int
        Number of tracks, at least 1.

    Returns
    -------
    tuple of int
        Fewest, at least 2, and most, at least 3.
    """
    middle = PER_DOUBLING * math.log2(n) + START
    return max(2, round(middle * (1 - LEEWAY))), max(3, round(middle * (1 + LEEWAY)))


def _groups_apart(c: Candidates) -> tuple[int, str] | None:
    """Return the number of plainly separate groups, if there are such."""
    if np.isnan(c.silhouette).all():
        return None
    best = int(np.nanargmax(c.silhouette))
    agreement = c.stability[best]
    known = not np.isnan(agreement)
    if c.silhouette[best] < (APART if c.ks[best] > 2 else TWO_APART):
        return None
    if c.silhouette[best] - np.nanmin(c.silhouette) < STANDS_OUT or (known and agreement < APART_AGREEMENT):
        return None
    if not c.without_crumbs[best]:
        return None
    if known:
        as_good = (c.silhouette >= NEARLY_AS_GOOD * c.silhouette[best]) & (c.stability >= agreement - SAME_AGREEMENT)
        best = int(np.flatnonzero(as_good & c.without_crumbs)[-1])
    refits = f", agreement of refits {c.stability[best]:.2f}" if known else ""
    reason = f"{c.ks[best]} playlists: the tracks form {c.ks[best]} groups that stand apart"
    return c.ks[best], f"{reason} (silhouette {c.silhouette[best]:.2f}{refits})"


def _within_range(c: Candidates) -> tuple[int, str]:
    """Return the best number among those that suit the library."""
    low, high = suitable_range(c.n)
    suits = np.array([low <= k <= high for k in c.ks])
    compared = np.flatnonzero(suits) if suits.any() else np.arange(len(c.ks))
    first, last = c.ks[compared[0]], c.ks[compared[-1]]
    among = (
        f"of the {first} to {last} that suit {c.n:,} tracks" if suits.any() else f"of the {first} to {last} compared"
    )
    balanced = c.without_crumbs & (c.largest <= HUGE_SHARES * c.n / np.array(c.ks))
    chosen = compared[balanced[compared]] if balanced[compared].any() else compared
    silhouette = np.nan_to_num(c.silhouette, nan=-1.0)

    if np.isnan(c.stability[chosen]).all():
        best = chosen[silhouette[chosen].argmax()]
        return c.ks[best], f"{c.ks[best]} playlists: {among}, {_clearest(c, best)}"
    top = float(np.nanmax(c.stability[chosen]))
    if top < TRUSTED_AGREEMENT:
        middle = (first + last) / 2
        best = min(chosen, key=lambda i: (abs(c.ks[i] - middle), c.ks[i]))
        reason = f"there is no clear structure, {among} none comes out alike when parts of the library are sorted anew"
        return c.ks[best], f"{c.ks[best]} playlists, a usual number: {reason} (agreement {top:.2f} at best, 1 is full)"
    close = [i for i in chosen if c.stability[i] >= top - CLOSE_AGREEMENT]
    best = max(close, key=lambda i: silhouette[i])
    alike = f"alike when parts of the library are sorted anew (agreement {c.stability[best]:.2f} of 1)"
    if len(close) == 1:
        return c.ks[best], f"{c.ks[best]} playlists: {among}, this number comes out most {alike}"
    reason = f"{among}, {len(close)} numbers come out most {alike}, and {_clearest(c, best)}"
    return c.ks[best], f"{c.ks[best]} playlists: {reason}"


def _clearest(c: Candidates, best: int) -> str:
    return f"with {c.ks[best]} the playlists stand apart most clearly (silhouette {c.silhouette[best]:.2f})"
