"""A short way through points: the tour that smooth playlists follow.

Finding the shortest way is the travelling salesman's problem, so this is a good one and not the best: start at a
point, go on to the nearest one left, then improve with 2-opt and Or-opt moves (Croes 1958; Or 1976) until none
helps. On real playlists that stays within a few percent of what long searches find.
"""

from __future__ import annotations

import numpy as np

from core.records import FloatArray, IntArray

#: Times every point may be looked at again on average; the search ends by itself long before on real data.
MAX_LOOKS = 60
#: Longest run of points an Or-opt move takes elsewhere; longer ones hardly ever help (Or 1976 used three).
LONGEST_SEGMENT = 3
#: Part of the mean distance below which a gain counts as rounding.
_ROUNDING = 1e-9


def short_path(distances: FloatArray) -> IntArray:
    """Return an order of points in which neighbours are near each other.

    Parameters
    ----------
    distances : np.ndarray [shape=(n, n), dtype=float64]
        Symmetric, finite, at least 0.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]
        A permutation; both ends are free. The same distances give the same order.
    """
    n = len(distances)
    if n <= 2:
        return np.arange(n)
    # A point at distance 0 from all others turns the way with free ends into a round tour through it.
    closed = np.zeros((n + 1, n + 1))
    closed[:n, :n] = distances
    tour = _Tour(closed, np.append(_nearest_neighbours(distances), n))
    tour.improve()
    cut = int(tour.place[n])
    return np.concatenate([tour.nodes[cut + 1 :], tour.nodes[:cut]])


def _nearest_neighbours(distances: FloatArray) -> IntArray:
    """Return the order of always going on to the nearest point left, from the one farthest from all others."""
    left = distances.copy()
    current = int(distances.sum(axis=1).argmax())
    order = [current]
    for _ in range(len(distances) - 1):
        left[:, current] = np.inf
        current = int(left[current].argmin())
        order.append(current)
    return np.array(order, dtype=np.int64)


class _Tour:
    """A round tour that gets shorter by one move at a time."""

    def __init__(self, distances: FloatArray, nodes: IntArray) -> None:
        self.distances = distances
        self.nodes = nodes
        self.place = np.empty_like(nodes)
        self.enough = -_ROUNDING * float(distances.mean())
        self._renumber(0, len(nodes))

    def improve(self) -> None:
        """Make moves until none helps, looking only where something changed."""
        waiting = np.ones(len(self.nodes), dtype=bool)
        looks = MAX_LOOKS * len(self.nodes)
        while waiting.any() and looks > 0:
            for node in self.nodes[waiting[self.nodes]].tolist():
                waiting[node] = False
                looks -= 1
                changed = self._two_opt(node)
                if changed is None:
                    changed = self._or_opt(node)
                if changed is not None:
                    waiting[changed] = True

    def _two_opt(self, node: int) -> IntArray | None:
        """Reverse the part of the tour that helps most among those beginning or ending at a node's edges."""
        here = self.nodes
        lengths = self.distances[here, np.roll(here, -1)]
        at = int(self.place[node])
        best, move = self.enough, None
        for step in (1, -1):  # the edge to the next node, then the one from the node before
            beside = int(here[(at + step) % len(here)])
            others = np.roll(here, -step)
            gone = lengths if step == 1 else np.roll(lengths, 1)
            change = self.distances[node, here] + self.distances[beside, others] - gone - gone[at]
            change[at] = 0.0
            other = int(change.argmin())
            if change[other] < best:
                first, last = (at, other) if step == 1 else (at - 1, other - 1)
                best, move = float(change[other]), (min(first, last) + 1, max(first, last) + 1)
        if move is None:
            return None
        start, stop = move
        ends: IntArray = here[np.array([start - 1, start, stop - 1, stop % len(here)])]
        self.nodes[start:stop] = self.nodes[start:stop][::-1].copy()
        self._renumber(start, stop)
        return ends

    def _or_opt(self, node: int) -> IntArray | None:
        """Take the node, alone or with the one or two after it, to where that helps most."""
        at = int(self.place[node])
        best, move = self.enough, None
        for length in range(1, LONGEST_SEGMENT + 1):
            if at + length > len(self.nodes) or length > len(self.nodes) - 3:
                break
            segment = self.nodes[at : at + length]
            rest = np.concatenate([self.nodes[:at], self.nodes[at + length :]])
            after = np.roll(rest, -1)
            first, last = self.distances[segment[0]], self.distances[segment[-1]]
            link = self.distances[rest, after]
            saved = first[rest[at - 1]] + last[rest[at % len(rest)]] - link[at - 1]
            for turned, (one, other) in enumerate(((first, last), (last, first))):
                change = one[rest] + other[after] - link - saved
                gap = int(change.argmin())
                if change[gap] < best:
                    best, move = float(change[gap]), (rest, gap + 1, segment[::-1] if turned else segment)
        if move is None:
            return None
        rest, gap, segment = move
        before = self.nodes[[at - 1, (at + len(segment)) % len(self.nodes)]]
        changed = np.concatenate([before, segment, rest[[gap - 1, gap % len(rest)]]])
        self.nodes = np.concatenate([rest[:gap], segment, rest[gap:]])
        self._renumber(0, len(self.nodes))
        return changed

    def _renumber(self, start: int, stop: int) -> None:
        """Note where the nodes of a part of the tour now are."""
        self.place[self.nodes[start:stop]] = np.arange(start, stop)
