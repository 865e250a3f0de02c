"""A consistent hash ring with virtual nodes, and with a bound on the load of a node."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import CHUNK, Owners, UintArray, as_keys, mix, mix_into, node_ids
from scalelab.sim._placement_kernels import _bounded_ring, _ring


class HashRing:
    """Nodes and keys on one circle of 2⁶⁴ places; a key belongs to the next point clockwise.

    Parameters
    ----------
    nodes : sequence of int
        Ids of the nodes, one or more, distinct, >= 0.
    virtual_nodes : int
        Points of each node on the ring, >= 1. The more, the more even the shares: their
        standard deviation is about 1/√virtual_nodes of the mean.

    References
    ----------
    Karger et al., "Consistent hashing and random trees", STOC 1997; Mirrokni, Thorup and
    Zadimoghaddam, "Consistent hashing with bounded loads", SODA 2018.

    Examples
    --------
    A fifth node takes about a fifth of the keys, and no key moves between the other four:

    >>> keys = np.arange(100_000)
    >>> before = HashRing(range(4)).place(keys)
    >>> after = HashRing(range(5)).place(keys)
    >>> moved = before != after
    >>> round(float(moved.mean()), 2), set(after[moved].tolist())
    (0.18, {4})
    """

    def __init__(self, nodes: Sequence[int], virtual_nodes: int = 160) -> None:
        self.nodes = node_ids("HashRing", nodes)
        self.virtual_nodes = v.count(
            "HashRing", "virtual_nodes", virtual_nodes, maximum=v.MOST_STEPS
        )
        labels = self.nodes.astype(np.uint64)[:, None] << np.uint64(32)
        # mixed twice: mixed once, the points of node 0 would be the places of keys 0, 1, 2, ...
        points = mix(mix((labels | np.arange(self.virtual_nodes, dtype=np.uint64)).ravel()))
        order = np.argsort(points, kind="stable")
        owners = np.repeat(self.nodes, self.virtual_nodes)[order]
        # the last point stands for the first: whoever is past all others begins anew
        self._points = np.append(points[order], np.uint64(2**64 - 1))
        self._owner_of = np.append(owners, owners[0])
        self._set_guide()

    def _set_guide(self) -> None:
        """For some four patterns of leading bits a point: the first point that may be the one."""
        bits = max(1, math.ceil(math.log2(4 * self._points.size)))
        self._shift = np.uint64(64 - bits)
        patterns = np.arange(1 << bits, dtype=np.uint64) << self._shift
        self._first_point = np.searchsorted(self._points, patterns).astype(np.int32)

    def place(self, keys: ArrayLike) -> Owners:
        """Owner of each key.

        Parameters
        ----------
        keys : array_like of int, shape (n,)
            Keys.

        Returns
        -------
        ndarray of int32, shape (n,)
            Node ids.
        """
        keys = as_keys("HashRing.place", keys)
        owners = np.empty(keys.size, np.int32)
        if can_compile():
            _ring(keys, self._points, self._owner_of, self._first_point, self._shift, owners)
            return owners
        for start in range(0, keys.size, CHUNK):
            chunk = slice(start, start + CHUNK)
            owners[chunk] = self._owner_of.take(self._next_points(keys[chunk]))
        return owners

    def place_bounded(self, keys: ArrayLike, load_factor: float) -> Owners:
        """Owner of each key when no node may have more than its share by a factor.

        Parameters
        ----------
        keys : array_like of int, shape (n,)
            Keys, in order of arrival: the first come has the first choice.
        load_factor : float
            Largest load of a node over the mean load, > 1.

        Returns
        -------
        ndarray of int32, shape (n,)
            Node ids; a key whose node is full goes on clockwise to the next that is not.
        """
        name = "HashRing.place_bounded"
        keys = as_keys(name, keys)
        factor = v.number(name, "load_factor", load_factor)
        if factor <= 1:
            v.refuse(name, "load_factor", "be > 1", load_factor)
        share = factor / self.nodes.size
        limit = keys.size if share >= 1 else math.ceil(factor * keys.size / self.nodes.size)
        load = np.zeros(int(self.nodes.max()) + 1, np.int64)
        owners = np.empty(keys.size, np.int32)
        if can_compile():
            guide = (self._points, self._owner_of, self._first_point, self._shift)
            _bounded_ring(keys, *guide, limit, load, owners)
        else:
            self._place_bounded_by_list(keys, limit, owners)
        return owners

    def _next_points(self, keys: UintArray) -> NDArray[np.int32]:
        """Without numba: the guide's point, and a step further for those that are not there."""
        places = np.empty_like(keys)
        mix_into(keys, places)
        points = self._first_point.take((places >> self._shift).view(np.int64))
        points += self._points.take(points) < places  # one step for all is cheaper than a choice
        behind = np.flatnonzero(self._points.take(points) < places)
        while behind.size:
            points[behind] += 1
            behind = behind[self._points[points[behind]] < places[behind]]
        return points

    def _place_bounded_by_list(self, keys: UintArray, limit: int, owners: Owners) -> None:
        owner_of, load = self._owner_of.tolist(), dict.fromkeys(self.nodes.tolist(), 0)
        for i, start in enumerate(self._next_points(keys).tolist()):
            point = start
            while load[owner_of[point]] >= limit:
                point = (point + 1) % len(owner_of)
            owners[i] = owner_of[point]
            load[owner_of[point]] += 1
