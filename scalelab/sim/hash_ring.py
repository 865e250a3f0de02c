"""A consistent hash ring with virtual nodes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim._compiled import can_compile
from scalelab.sim._keys import CHUNK, Owners, UintArray, as_keys, mix, mix_into, node_ids
from scalelab.sim._placement_kernels import _ring


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
    Karger et al., "Consistent hashing and random trees", STOC 1997.

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
