"""A short way through points: the tour that smooth playlists follow.

Finding the shortest way is the travelling salesman's problem, so this is a good one and not the best: start at a
point, go on to the nearest one left, then improve with 2-opt and Or-opt moves (Croes 1958; Or 1976) until none
helps. On real playlists that stays within a few percent of what long searches find.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.records import FloatArray, IntArray

#: Times every point may be looked at again on average; the search ends by itself long before on real data.
MAX_LOOKS = 60
#: Longest run of points an Or-opt move takes elsewhere; longer ones hardly ever help (Or 1976 used three).
LONGEST_SEGMENT = 3
#: Nearest points a point may be joined to; long searches find nearly all edges of the shortest way among the
#: nearest eight to ten (Johnson and McGeoch 1997).
NEAR = 10
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
    tour = _Tour(closed, np.append(_nearest_neighbours(distances), n), _near(distances))
    tour.improve()
    cut = int(tour.place[n])
    return np.concatenate([tour.nodes[cut + 1 :], tour.nodes[:cut]])


def _near(distances: FloatArray) -> list[IntArray]:
    """Return, for every point and the one at distance 0 from all, the points it may be joined to."""
    n = len(distances)
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    count = min(NEAR, n - 1)
    nearest = np.argpartition(others, count - 1, axis=1)[:, :count]
    return [*np.column_stack([nearest, np.full(n, n)]), np.arange(n)]


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
    """A round tour that gets shorter by one move at a time.

    Moves join a node to one of the nodes near it: only those can make the tour shorter.
    """

    def __init__(self, distances: FloatArray, nodes: IntArray, near: Sequence[IntArray]) -> None:
        self.distances = distances
        self.nodes = nodes
        self.near = near
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
        """Reverse the part of the tour that helps most among those that bring a near node beside this one."""
        here, between, at = self.nodes, self.distances, int(self.place[node])
        places = self.place[self.near[node]]
        best, move = self.enough, None
        for step in (1, -1):  # the edge to the next node, then the one from the node before
            beside = here[(at + step) % len(here)]
            others = here[(places + step) % len(here)]
            change = between[node, here[places]] + between[beside, others]
            change -= between[here[places], others] + between[node, beside]
            chosen = int(change.argmin())
            if change[chosen] < best:
                other = int(places[chosen])
                first, last = (at, other) if step == 1 else (at - 1, other - 1)
                best, move = float(change[chosen]), (min(first, last) + 1, max(first, last) + 1)
        if move is None:
            return None
        start, stop = move
        ends: IntArray = here[np.array([start - 1, start, stop - 1, stop % len(here)])]
        self.nodes[start:stop] = self.nodes[start:stop][::-1].copy()
        self._renumber(start, stop)
        return ends

    def _or_opt(self, node: int) -> IntArray | None:
        """Take the node, alone or with the one or two after it, to where that helps most."""
        here, at = self.nodes, int(self.place[node])
        best, move = self.enough, None
        for length in range(1, min(LONGEST_SEGMENT, len(here) - 3, len(here) - at) + 1):
            segment = here[at : at + length]
            gaps = self._gaps_near(segment, at)
            if not len(gaps):
                continue
            before, after = here[gaps], here[(gaps + 1) % len(here)]
            link = self.distances[before, after]
            ends = self.distances[segment[0]], self.distances[segment[-1]]
            left, right = here[at - 1], here[(at + length) % len(here)]
            saved = ends[0][left] + ends[1][right] - self.distances[left, right]
            for turned, (one, other) in enumerate((ends, ends[::-1])):
                change = one[before] + other[after] - link - saved
                chosen = int(change.argmin())
                if change[chosen] < best:
                    best, move = float(change[chosen]), (int(gaps[chosen]), segment[::-1] if turned else segment)
        return None if move is None else self._carry(at, *move)

    def _gaps_near(self, segment: IntArray, at: int) -> IntArray:
        """Return the places of the nodes after which the segment could go to lie beside a node near its ends."""
        places = self.place[np.concatenate([self.near[segment[0]], self.near[segment[-1]]])]
        gaps = np.concatenate([places, (places - 1) % len(self.nodes)])
        # Gaps that touch the segment are where it is already.
        return gaps[(gaps - at + 1) % len(self.nodes) > len(segment)]

    def _carry(self, at: int, gap: int, segment: IntArray) -> IntArray:
        """Move the segment that begins at a place behind the node at another place; return the nodes it touched."""
        size = len(self.nodes)
        touched = self.nodes[np.array([at - 1, (at + len(segment)) % size, gap, (gap + 1) % size])]
        rest = np.concatenate([self.nodes[:at], self.nodes[at + len(segment) :]])
        behind = gap + 1 if gap < at else gap + 1 - len(segment)
        self.nodes = np.concatenate([rest[:behind], segment, rest[behind:]])
        self._renumber(min(at, behind), size)
        return np.concatenate([touched, segment])

    def _renumber(self, start: int, stop: int) -> None:
        """Note where the nodes of a part of the tour now are."""
        self.place[self.nodes[start:stop]] = np.arange(start, stop)
